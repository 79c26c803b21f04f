# ruff: noqa: RUF001, RUF002 - characters that look alike are the subject
"""Accents that a page draws as characters of their own, put on the letters they stand over.

TeX's old fonts draw an accent before its letter, some publishers' fonts behind it, and both
letters may have such a form (``Mu˜noz``: ũ and ñ). Where the accent stands decides.
"""

from __future__ import annotations

import re
import unicodedata

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["place_accents"]

#: What is drawn, and the combining character that means the same.
_MARKS = {
    "`": "\u0300", "ˋ": "\u0300", "´": "\u0301", "ˊ": "\u0301", "ˆ": "\u0302", "^": "\u0302",
    "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "ˉ": "\u0304", "˘": "\u0306", "˙": "\u0307",
    "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
    "\u0337": "\u0337", "\u0338": "\u0338",
}  # fmt: skip
_MARKS |= {combining: combining for combining in _MARKS.values()}
#: Letters on each side of a mark among which its own is looked for, and characters on the way.
_MOST_LETTERS, _FARTHEST = 4, 8
#: How far the middles of a mark and of its letter may be apart, in widths of the letter: of the
#: letters next to it, and of others, where a hat over a whole word must not be taken for theirs.
_NEAR, _FAR = 0.75, 0.2
_LOOSE = re.compile("[{}]".format("".join(map(re.escape, _MARKS))))
#: TeX's oldest fonts have the stroke of ł in the place of the space, and draw it before its letter.
_STROKE = re.compile(" (?=[lL])")
_DOTLESS = str.maketrans("ıȷ", "ij")
#: Letters with a stroke have no decomposition in Unicode.
_STROKED = {"l": "ł", "L": "Ł", "o": "ø", "O": "Ø", "d": "đ", "D": "Đ", "h": "ħ", "H": "Ħ"}


def place_accents(layer: TextLayer) -> None:
    """Write each accent of a page with the letter it stands over."""
    if any(map(layer.chars.__contains__, _MARKS)):
        for match in _LOOSE.finditer(layer.chars):
            _place(layer, match.start())
    for match in _STROKE.finditer(layer.chars):
        _place_stroke(layer, match.start())


def _place_stroke(layer: TextLayer, index: int) -> None:
    """Write a space that has ink, over the letter behind it, as the letter's stroke."""
    mark = layer.box(index)
    if min(mark.top - mark.bottom, mark.right - mark.left) < 0.3:
        return
    letter = layer.box(index + 1)
    if mark.left < letter.right and letter.left < mark.right:
        layer.out[index] = ""
        layer.out[index + 1] = _STROKED[layer.chars[index + 1]]


def _place(layer: TextLayer, index: int) -> None:
    mark = layer.box(index)
    before, after = _letters(layer, index, -1), _letters(layer, index, 1)
    best, cover = None, 0.0
    for other in (*after, *before):
        share = _cover(mark, layer.box(other), _NEAR if abs(other - index) == 1 else _FAR)
        if share > cover:
            best, cover = other, share
    if best is None:
        return
    composed = _with(layer.out[best], _MARKS[layer.chars[index]])
    if composed is None:
        return
    layer.out[best] = composed
    layer.out[index] = ""
    if before and after and before[0] + 1 < after[0]:
        _close_gap(layer, before[0], after[0], index)


def _letters(layer: TextLayer, index: int, step: int) -> list[int]:
    """Return the letters next to a mark in a direction, the nearest first."""
    found: list[int] = []
    for distance in range(1, _FARTHEST):
        other = index + step * distance
        if not 0 <= other < layer.count or len(found) == _MOST_LETTERS:
            break
        character = layer.chars[other]
        if character in _MARKS:  # some of them count as letters
            continue
        if character.isalpha():
            found.append(other)
        elif not (character.isspace() and layer.is_generated(other)):
            break
    return found


def _close_gap(layer: TextLayer, before: int, after: int, index: int) -> None:
    """Leave out the spaces around a mark when the letters beside it stand close to each other."""
    one, other = layer.box(before), layer.box(after)
    if -0.5 * layer.size(index) < other.left - one.right < 0.15 * layer.size(index):
        for between in range(before + 1, after):
            if layer.chars[between].isspace():
                layer.out[between] = ""


def _cover(mark: Box, letter: Box, slack: float) -> float:
    """Return how much of a mark's width stands over a letter; below 0 when it stands elsewhere."""
    width = max(mark.right - mark.left, 0.1)
    height = letter.top - letter.bottom
    if mark.bottom > letter.top + 0.8 * height or mark.top < letter.bottom - 0.8 * height:
        return -1.0
    middles = (mark.left + mark.right - letter.left - letter.right) / 2
    if abs(middles) > slack * (letter.right - letter.left):
        return -1.0
    return (min(mark.right, letter.right) - max(mark.left, letter.left)) / width + 0.01


def _with(letter: str, mark: str) -> str | None:
    """Return a letter and a mark as one character, None when there is none."""
    if len(letter) != 1:
        return None
    if mark in "\u0337\u0338":
        return _STROKED.get(letter)
    composed = unicodedata.normalize("NFC", letter.translate(_DOTLESS) + mark)
    return composed if len(composed) == 1 else None
