"""Words set with wide spaces between their letters, ``a b s t r a c t``, written as words.

Most are headings. Inside a sentence they are told from single letters that stand for themselves by
what follows: the space behind each letter makes the one behind the word wider.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from statistics import median

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["join_spaced_letters"]

#: At the beginning of a line, maybe behind its number: letters and pairs of letters with spaces
#: between them, up to the end of the line or a mark.
_SPACED = re.compile(
    r"^[ \t]*(?:[\dIVX]{1,3}(?:[ .]+\d)*[ .)]+)??"
    r"((?:[^\W\d_]{1,2} {1,4}){3,120}[^\W\d_]{1,2})(?= ?[:.\u2014\u2013-]| *\r?$)",
    re.MULTILINE,
)
#: The same between other words, letter by letter, and what stands behind it.
_INSIDE = re.compile(
    r"(?<![^\s(\[\u201c\u201e\"\u00ab])((?:[^\W\d_] {1,4}){4,60}[^\W\d_])(?!\w)"
    r" {0,4}(?=[^\s\w]|\w\w)"
)
#: What both have in them, and hardly any other text.
_TWO_LETTERS = re.compile(r" [^\W\d_] {1,4}[^\W\d_](?!\w)")
_VOWEL = re.compile(r"[aeiouàâäáãåæèéêëìíîïòóôöõøœùúûü]", re.IGNORECASE)
#: Letters that stand for themselves: bases of genes.
_BASES = frozenset("ACGTUNacgtun")
#: A longer word is none, nor is one of more letters that are all different.
_LONGEST, _ALL_DIFFERENT = 22, 12
#: Gaps in sizes of the font: the widest between letters of a word, how much wider than that
#: between words, and how much they may differ.
_WIDEST, _WIDER, _DIFFER = 1.3, 0.2, 0.45
#: How much wider the gap behind a word is than those inside, in sizes; and what the gap inside a
#: pair of letters is at least, in usual gaps.
_BEHIND, _PAIRED = 0.12, 0.3


def join_spaced_letters(layer: TextLayer) -> None:
    """Write the letters of a letter-spaced line of a page together."""
    if not _TWO_LETTERS.search(layer.chars):
        return
    for match in _SPACED.finditer(layer.chars):
        _join(layer, *match.span(1))
    for match in _INSIDE.finditer(layer.chars):
        if layer.out[match.start(1) + 1] == " ":  # not joined yet
            _join(layer, *match.span(1), follows=match.end())


def _join(layer: TextLayer, start: int, end: int, follows: int | None = None) -> None:
    tokens = layer.chars[start:end].split()
    if sum(1 for token in tokens if len(token) == 1) < 0.7 * len(tokens):
        return
    letters = [index for index in range(start, end) if layer.chars[index] != " "]
    size = layer.size(letters[0])
    boxes = [layer.box(index) for index in letters]
    gaps = [b.left - a.right for a, b in pairwise(boxes)]
    usual = median(gaps)
    if size <= 0 or not 0.05 * size < usual < _WIDEST * size:
        return
    pairs = zip(gaps, pairwise(letters), strict=True)
    if any(b == a + 1 and gap < _PAIRED * usual for gap, (a, b) in pairs):
        return  # a word beside it, set as usual
    if follows is not None and not _is_spaced_to(layer, boxes[-1], follows, usual, size):
        return
    between_words = usual + max(_WIDER * size, 0.4 * usual)
    inside = [gap for gap in gaps if gap <= between_words]
    if max(inside) - min(inside) > _DIFFER * size:
        return
    words, word = [], layer.chars[letters[0]]
    for gap, index in zip(gaps, letters[1:], strict=True):
        if gap > between_words:
            words.append(word)
            word = ""
        word += layer.chars[index]
    words.append(word)
    if not all(map(_is_word, words)) or max(map(len, words)) < 4:
        return
    for gap, (one, other) in zip(gaps, pairwise(letters), strict=True):
        for index in range(one + 1, other):
            layer.out[index] = ""
        if gap > between_words:
            layer.out[other] = " " + layer.out[other]


def _is_spaced_to(layer: TextLayer, last: Box, follows: int, usual: float, size: float) -> bool:
    """True when what stands behind a word is as far away as after a letter with a gap behind it."""
    gap = layer.box(follows).left - last.right
    if layer.chars[follows].isalnum():
        return usual + _BEHIND * size < gap < 4 * size
    return 0.5 * usual < gap < usual + _WIDER * size


def _is_word(word: str) -> bool:
    """True when letters make a word, and are no list of names or values."""
    if len(word) < 4:
        return True
    if not (word.isupper() or word[1:].islower() or word.lower() == word.upper()):
        return False
    base = unicodedata.normalize("NFD", word.lower())
    letters = [letter for letter in base if letter.isalpha()]
    different = len(set(letters))
    if set(word) <= _BASES or different < 3 or len(letters) > _LONGEST:
        return False
    if different == len(letters) > _ALL_DIFFERENT or all(b > a for a, b in pairwise(letters)):
        return False  # an alphabet
    return max(word) > "\u024f" or bool(_VOWEL.search(word))
