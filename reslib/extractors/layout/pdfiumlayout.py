"""The layout of a page, read by PDFium: one pass over its characters, one over what is drawn."""

from __future__ import annotations

import ctypes
import math
import re
import struct
from collections.abc import Iterator
from typing import Any

from reslib.extractors.layout.drawn import read_drawn
from reslib.extractors.layout.layout import Box, PageLayout, Sheet, Word, turned_box
from reslib.extractors.pdf.calls import calls, ready
from reslib.extractors.pdf.textlayer import characters, paired

__all__ = ["read_layouts", "read_words"]

#: Characters of a page that are looked at: a page that people read has a tenth of it.
_MOST_CHARACTERS = 200_000
#: A direction in which fewer words run is that of a stamp or of the scale of a figure.
_FEWEST_WORDS = 12
#: Between what stands for no letter: generated line ends, marks without a meaning, places left out.
_SOLID = re.compile("[^ \t\r\n\xa0\x00\x03\ufdd0]+")
#: A hyphen at the end of a line, as PDFium gives it.
_HYPHEN = "\ufffe"
#: What PDFium writes: a box, a matrix, a point.
_BOX, _MATRIX, _POINT = struct.Struct("=4f"), struct.Struct("=6f"), struct.Struct("=2d")
#: A gap in the letters of a word, and how far they may overlap, in sizes.
_GAP, _OVERLAP = 0.18, 0.5
#: How far letters of one word may stand above each other, in points.
_LEVEL = 0.6


def read_layouts(page: Any, text_page: Any, *, drawn: bool = True) -> list[PageLayout]:
    """Return the layouts of a page, one for each direction in which its text runs.

    Parameters
    ----------
    page, text_page
        As pypdfium2 opens them.
    drawn
        Whether the drawn lines are read as well.

    Returns
    -------
    list of PageLayout
        That of most words first.
    """
    by_turns = read_words(text_page)
    sheet = Sheet(Box(*page.get_bbox()), page.get_rotation())
    flat = PageLayout(by_turns.get(0, []), sheet=sheet)
    if drawn and any(len(words) >= 4 for words in by_turns.values()):
        flat.level, flat.upright, flat.curves = read_drawn(page)
    most = sorted(by_turns, key=lambda turns: -len(by_turns[turns]))
    return [
        flat.turned(by_turns[turns], turns) if turns else flat
        for turns in most
        if turns == most[0] or len(by_turns[turns]) >= _FEWEST_WORDS
    ]


def read_words(text_page: Any) -> dict[int, list[Word]]:
    """Return the words of a page, by the quarter turns after which they are seen upright."""
    return _Words(text_page).read()


class _Words:
    """Puts characters together to words."""

    def __init__(self, text_page: Any) -> None:
        self._calls, self._page = calls(), ready(text_page.raw)
        self._chars = characters(text_page)[:_MOST_CHARACTERS].replace(_HYPHEN, "-")
        self._point, self._matrix = (ctypes.c_double * 2)(), (ctypes.c_float * 6)()
        self._at_point = ctypes.byref(self._point), ctypes.byref(self._point, 8)
        self._at_matrix = ctypes.byref(self._matrix)
        self._name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self._at_name = ctypes.byref(self._name), ctypes.c_ulong(128), ctypes.byref(flags)

    def read(self) -> dict[int, list[Word]]:
        found: dict[int, list[Word]] = {}
        for run in _SOLID.finditer(self._chars):
            for word, turns in self._words_of(*run.span()):
                if not word.text.isascii():
                    word.text = paired(word.text)
                found.setdefault(turns, []).append(word)
        return found

    def _words_of(self, first: int, end: int) -> Iterator[tuple[Word, int]]:
        """Yield the words of characters without a blank, and their directions."""
        ask, page, edges = self._calls.loose_box, self._page, (ctypes.c_float * 4)()
        at_edges, unpack = ctypes.byref(edges), _BOX.unpack
        word: Word | None = None
        start = turns = 0
        foot = right = high = low = 0.0
        for index in range(first, end):
            ask(page, index, at_edges)
            box_left, box_top, box_right, box_bottom = unpack(edges)
            if (
                word is not None
                and box_bottom == foot
                and low < box_left - right < high
                and not turns
            ):
                # The usual case: one more letter of the same font on the same line.
                if box_right > right:
                    right = box_right
                continue
            box = Box(box_left, box_bottom, box_right, box_top)
            is_flat = box_right <= box_left and box_top <= box_bottom
            if word is not None:
                seen = turned_box(box, turns)
                if (
                    not is_flat
                    and low < seen.left - right < high
                    and (
                        seen.bottom == foot
                        or abs(self._baseline(index, turns) - word.baseline) < _LEVEL
                    )
                ):
                    right = max(right, seen.right)
                    word.top = max(word.top, seen.top)
                    word.bottom = min(word.bottom, seen.bottom)
                    continue
                word.text, word.right = self._chars[start:index], right
                yield word, turns
                word = None
            begun = None if is_flat else self._begin(index, box)
            if begun is not None:
                word, turns = begun
                start, foot, right = index, word.bottom, word.right
                low, high = -_OVERLAP * word.size, _GAP * word.size
        if word is not None:
            word.text, word.right = self._chars[start:end], right
            yield word, turns

    def _baseline(self, index: int, turns: int) -> float:
        self._calls.origin(self._page, index, *self._at_point)
        x, y = _POINT.unpack(self._point)
        return turned_box(Box(x, y, x, y), turns).bottom if turns else float(y)

    def _begin(self, index: int, box: Box) -> tuple[Word, int] | None:
        """Return a word that begins, and its direction; None when it stands askew."""
        calls, page = self._calls, self._page
        calls.matrix(page, index, self._at_matrix)
        a, b, c, d, _, _ = _MATRIX.unpack(self._matrix)
        turns = 0
        if b or a < 0:
            angle = math.atan2(b, a) / (math.pi / 2)
            turns = round(angle) % 4
            if abs(angle - round(angle)) > 0.06:
                return None
        seen = turned_box(box, turns) if turns else box
        size = calls.font_size(page, index) * math.hypot(c, d)
        if not 3 <= size <= 60:
            size = (seen.top - seen.bottom) / 1.15
        if not math.isfinite(sum(seen) + size):
            return None
        calls.font_info(page, index, *self._at_name)
        font = self._name.value.decode("latin-1")
        size = min(max(size, 3.0), 40.0)
        baseline = self._baseline(index, turns)
        word = Word(seen.left, seen.right, baseline, size, "", seen.bottom, seen.top, font)
        return word, turns
