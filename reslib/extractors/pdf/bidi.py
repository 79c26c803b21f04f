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

from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["turn_phrases"]

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
_LETTERS = re.compile(f"{_RIGHT_TO_LEFT.pattern}{{2,}}")
#: What keeps its order in a phrase that is turned round: a number, a letter with its marks.
_UNIT = re.compile(r"\d+(?:[.,:/]\d+)*|\w[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]*|.", re.DOTALL)
_BRACKETS = "()[]{}"
_BRACKET = re.compile(r"[()\[\]{}]")
_STOPS = ".,;:!?،؛؟"
#: A wider gap is a space, in sizes of the font.
_SPACE = 0.14
_LINE = re.compile(r"[^\r\n]+")
_WORD = re.compile(r"\S+")
_OPENING, _CLOSING = "([{«“\"'", ")]}»”\"'.,;:!?،؛؟"
_CLOSED = {"(": ")", "[": "]", "{": "}"}
_CLOSED_BY = {closing: opening for opening, closing in _CLOSED.items()}


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    kind: str  # R, L, N for a number, or O
    place: float


def turn_phrases(layer: TextLayer) -> None:
    """Write the words of a phrase against the direction of its line in the order of reading."""
    if not layer.may_run_to_the_left:
        return
    for letters in _LETTERS.finditer(layer.chars):
        _turn_letters(layer, *letters.span())
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
    """True when a line that PDFium reads from the right is one of the other direction.

    How the line begins and ends where it is drawn tells, then how much of it is Latin: PDFium
    counts pieces, and two Hebrew phrases outweigh an English sentence.
    """
    placed = sorted(words, key=lambda word: word.place)
    if placed[0].kind != "L":
        return False
    shown = [i for word in words for i in range(word.start, word.end)]
    first = min(shown, key=lambda i: layer.box(i).left)
    last = max(shown, key=lambda i: layer.box(i).right)
    if layer.chars[first] in _STOPS:
        return False
    if layer.chars[last] in _STOPS or placed[-1].kind == "L":
        return True
    length = {kind: sum(w.end - w.start for w in words if w.kind == kind) for kind in "LR"}
    return length["L"] > 1.5 * length["R"]


def _read_from_the_left(layer: TextLayer, words: list[_Word]) -> None:
    """Write the words of a line from the left, its phrases in the order of reading."""
    texts: list[str] = []
    phrase: list[str] = []
    pending: list[str] = []  # numbers and marks, which belong to a phrase when it goes on
    for word in _seen_from_the_left(layer, words[0].start, words[-1].end):
        kind = _kind(word)
        if kind == "R":
            phrase += [*pending, word]
            pending = []
            if phrase[0][0] in _BRACKETS and word.rstrip(_STOPS)[-1] in _BRACKETS:
                texts += _turned(phrase)  # the line goes on in its own direction behind it
                phrase = []
        elif kind != "L" and phrase:
            pending.append(word)
        else:
            texts += [*_turned(phrase), *pending, word]
            phrase, pending = [], []
    texts += [*_turned(phrase), *pending]
    layer.out[words[0].start] = _with_brackets(" ".join(texts))
    for index in range(words[0].start + 1, words[-1].end):
        layer.out[index] = ""


def _seen_from_the_left(layer: TextLayer, start: int, end: int) -> list[str]:
    """Return the words of a line as they are seen, each from the left."""
    placed: list[tuple[float, float, str]] = []
    for index in range(start, end):
        written = layer.out[index].strip()
        if not written:
            continue
        if placed and all(map(unicodedata.combining, written)):
            left, right, text = placed[-1]
            placed[-1] = (left, right, text + written)
            continue
        box = layer.loose_box(index)
        placed.append((float(box.left), float(box.right), written))
    placed.sort(key=lambda item: item[0])
    words: list[list[str]] = []
    edge = 0.0
    room = _SPACE * max(map(layer.font_size, range(start, end)))
    for left, right, text in placed:
        if words and left - edge <= room:
            words[-1].append(text)
        else:
            words.append([text])
        edge = right
    return ["".join(word) for word in words]


def _turned(phrase: list[str]) -> list[str]:
    """Return a phrase, seen from the left, in the order of reading; marks at its ends stay."""
    if not phrase:
        return []
    text = " ".join(phrase)
    letters = [match.start() for match in _RIGHT_TO_LEFT.finditer(text)]
    first, last = letters[0], letters[-1] + 1
    inside = "".join(reversed(_UNIT.findall(text[first:last])))
    return [text[:first] + inside + text[last:]]


def _with_brackets(text: str) -> str:
    """Turn the brackets round that PDFium has mirrored, as what stands beside them shows."""

    def turned(match: re.Match[str]) -> str:
        start, end = match.span()
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        if not before or before.isspace() or before in _OPENING:
            return _CLOSED_BY.get(match[0], match[0])
        if not after or after.isspace() or after in _CLOSING:
            return _CLOSED.get(match[0], match[0])
        return match[0]

    return _BRACKET.sub(turned, text)


def _turn_letters(layer: TextLayer, start: int, end: int) -> None:
    """Write the letters of a word from its right end when they are listed from the left.

    PDFium turns Hebrew letters round; Arabic ones often not. What one glyph stands for (a
    ligature) has one place and keeps its order.
    """
    groups: list[list[int]] = []
    places: list[float] = []
    for index in range(start, end):
        place = layer.origin(index)[0]
        if places and place == places[-1]:
            groups[-1].append(index)
        else:
            groups.append([index])
            places.append(place)
    rising = sum(b > a for a, b in pairwise(places))
    if rising <= (len(places) - 1) / 2:
        return
    written = [layer.out[index] for group in reversed(groups) for index in group]
    layer.out[start:end] = written


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
