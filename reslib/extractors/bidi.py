"""Words of a right-to-left script inside a line of the other direction, and the other way round.

PDFium turns the letters of each word round, and the words of a whole line, but not the words of a
phrase inside a line of the other direction: a Hebrew phrase in an English sentence comes word by
word from its end. Where the words stand shows it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from reslib.extractors.textlayer import TextLayer

__all__ = ["turn_phrases"]

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
_LINE = re.compile(r"[^\r\n]+")
_WORD = re.compile(r"\S+")
_OPENING, _CLOSING = "([{«“\"'", ")]}»”\"'.,;:!?،؛؟"
_CLOSED = {"(": ")", "[": "]", "{": "}"}


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    kind: str  # R, L, N for a number, or O
    place: float


def turn_phrases(layer: TextLayer) -> None:
    """Write the words of a phrase against the direction of its line in the order of reading."""
    if layer.chars.isascii() or not _RIGHT_TO_LEFT.search(layer.chars):
        return
    for line in _LINE.finditer(layer.chars):
        if _RIGHT_TO_LEFT.search(line[0]):
            _turn_line(layer, line.start(), line.end())


def _turn_line(layer: TextLayer, start: int, end: int) -> None:
    words = [
        _Word(
            match.start(), match.end(), _kind(match[0]), _place(layer, match.start(), match.end())
        )
        for match in _WORD.finditer(layer.chars, start, end)
    ]
    to_the_right = sum(1 if b.place > a.place else -1 for a, b in pairwise(words)) >= 0
    if not to_the_right and _is_left_to_right(layer, words):
        _read_from_the_left(layer, words)
        return
    if to_the_right:
        _close_brackets(layer, words)
    against = "R" if to_the_right else "L"
    phrase: list[_Word] = []
    for word in words:
        goes_on = phrase and (word.place > phrase[-1].place) is to_the_right
        if goes_on and word.kind in (against, "N", "O"):
            phrase.append(word)
        else:
            _turn(layer, phrase, against)
            phrase = [word] if word.kind == against else []
    _turn(layer, phrase, against)


def _is_left_to_right(layer: TextLayer, words: list[_Word]) -> bool:
    """Whether a line that PDFium reads from the right is one of the other direction.

    It counts pieces, not letters: two Hebrew phrases outweigh an English sentence.
    """
    if min(words, key=lambda word: word.place).kind != "L":
        return False
    length = {kind: sum(w.end - w.start for w in words if w.kind == kind) for kind in "LR"}
    return length["L"] > 1.5 * length["R"]


def _read_from_the_left(layer: TextLayer, words: list[_Word]) -> None:
    """Write the words of a line from the left, its phrases in the order of reading."""
    texts: list[str] = []
    phrase: list[str] = []
    for word in sorted(words, key=lambda word: word.place):
        text = "".join(layer.out[word.start : word.end])
        if word.kind == "R":
            phrase.insert(0, text)
            continue
        texts += [*_with_marks_last(phrase), text]
        phrase = []
    texts += _with_marks_last(phrase)
    layer.out[words[0].start] = " ".join(texts)
    for index in range(words[0].start + 1, words[-1].end):
        layer.out[index] = ""


def _with_marks_last(phrase: list[str]) -> list[str]:
    """Put the marks before a phrase, which stand at its right, behind it."""
    if not phrase:
        return phrase
    bare = phrase[0].lstrip(_CLOSING)
    marks = phrase[0][: len(phrase[0]) - len(bare)]
    phrase[0] = bare
    phrase[-1] += marks
    return phrase


def _kind(word: str) -> str:
    if _RIGHT_TO_LEFT.search(word):
        return "R"
    if any(character.isalpha() for character in word):
        return "L"
    return "N" if any(unicodedata.category(character) == "Nd" for character in word) else "O"


def _place(layer: TextLayer, start: int, end: int) -> float:
    return (layer.box(start).left + layer.box(end - 1).left) / 2


def _turn(layer: TextLayer, phrase: list[_Word], against: str) -> None:
    """Write the words of a phrase in reverse order; marks at its ends stay there."""
    if against == "R":
        # Numbers at the edge belong to the line.
        while phrase and phrase[-1].kind != against:
            phrase.pop()
    if len(phrase) < 2:
        return
    out = layer.out
    first, last = phrase[0].start, phrase[-1].end - 1
    texts = ["".join(out[word.start : word.end]) for word in phrase]
    head = texts[0][: len(texts[0]) - len(texts[0].lstrip(_OPENING))]
    tail = texts[-1][len(texts[-1].rstrip(_CLOSING)) :]
    texts[0] = texts[0][len(head) :]
    texts[-1] = texts[-1][: len(texts[-1]) - len(tail)]
    out[first] = head + " ".join(reversed(texts)) + tail
    for index in range(first + 1, last + 1):
        out[index] = ""


def _close_brackets(layer: TextLayer, words: list[_Word]) -> None:
    """Turn a bracket round that PDFium has mirrored behind a phrase in brackets.

    It may have put it before the next word, where it opens what is never closed.
    """
    opened = ""
    before: _Word | None = None
    for word in words:
        first, last = layer.chars[word.start], layer.chars[word.end - 1]
        if word.kind == "R":
            opened = first if first in _CLOSED else opened
            if opened and last == opened and word.end - 1 > word.start:
                layer.out[word.end - 1] = _CLOSED[opened]
                opened = ""
        else:
            if opened and before is not None and first == opened:
                layer.out[before.end - 1] += _CLOSED[opened]
                layer.out[word.start] = ""
            opened = ""
        before = word
