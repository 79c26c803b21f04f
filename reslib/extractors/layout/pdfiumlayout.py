"""The layout of a page, read by PDFium: one pass over its characters, one over what is drawn."""

from __future__ import annotations

import ctypes
import math
from typing import Any

from reslib.extractors.layout.boxes import loose_boxes
from reslib.extractors.layout.drawn import read_drawn
from reslib.extractors.layout.layout import Box, PageLayout, Sheet, Word, turned_box
from reslib.extractors.pdf.textlayer import TextLayer, paired

__all__ = ["read_layouts", "read_words"]

#: Characters of a page that are looked at: a page that people read has a tenth of it.
_MOST_CHARACTERS = 200_000
#: A direction in which fewer words run is that of a stamp or of the scale of a figure.
_FEWEST_WORDS = 12
#: What stands for no letter: generated line ends, marks without a meaning, places left out.
_NOTHING = frozenset(" \t\r\n\xa0\x00\x03\ufdd0")
_HYPHENS = frozenset("\x02\ufffe")
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
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._raw = text_page.raw
        self._chars = TextLayer(text_page).chars[:_MOST_CHARACTERS]
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def read(self) -> dict[int, list[Word]]:
        found: dict[int, list[Word]] = {}
        boxes = loose_boxes(self._raw, 0, len(self._chars))
        word: Word | None = None
        turns, foot = 0, 0.0
        right = high = low = 0.0
        for index, character in enumerate(self._chars):
            if character in _NOTHING:
                word = None
                continue
            left, top, end, bottom = boxes[index]
            if character in _HYPHENS:
                character = "-"
            if word is not None and not turns and bottom == foot:
                # The usual case: one more letter of the same font on the same line.
                gap = left - right
                if low < gap < high:
                    word.text += character
                    if end > right:
                        word.right = right = end
                    continue
            box = Box(left, bottom, end, top)
            if box.right <= box.left and box.top <= box.bottom:
                word = None
                continue
            if word is not None:
                seen = turned_box(box, turns)
                if low < seen.left - right < high and (
                    seen.bottom == foot
                    or abs(self._baseline(index, turns) - word.baseline) < _LEVEL
                ):
                    word.text += character
                    word.right = right = max(right, seen.right)
                    word.top = max(word.top, seen.top)
                    word.bottom = min(word.bottom, seen.bottom)
                    continue
            begun = self._begin(index, character, box)
            if begun is None:
                word = None
                continue
            word, turns = begun
            foot, right = word.bottom, word.right
            low, high = -_OVERLAP * word.size, _GAP * word.size
            found.setdefault(turns, []).append(word)
        for words in found.values():
            for word in words:
                if not word.text.isascii():
                    word.text = paired(word.text)
        return found

    def _baseline(self, index: int, turns: int) -> float:
        self._pdfium.FPDFText_GetCharOrigin(self._raw, index, self._x, self._y)
        x, y = self._x.value, self._y.value
        return turned_box(Box(x, y, x, y), turns).bottom if turns else y

    def _begin(self, index: int, character: str, box: Box) -> tuple[Word, int] | None:
        """Return a word that begins, and its direction; None when it stands askew."""
        pdfium, matrix = self._pdfium, self._matrix
        pdfium.FPDFText_GetMatrix(self._raw, index, matrix)
        turns = 0
        if matrix.b or matrix.a < 0:
            angle = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
            turns = round(angle) % 4
            if abs(angle - round(angle)) > 0.06:
                return None
        seen = turned_box(box, turns) if turns else box
        size = pdfium.FPDFText_GetFontSize(self._raw, index) * math.hypot(matrix.c, matrix.d)
        if not 3 <= size <= 60:
            size = (seen.top - seen.bottom) / 1.15
        if not all(map(math.isfinite, (*seen, size))):
            return None
        pdfium.FPDFText_GetFontInfo(self._raw, index, self._name, 128, self._flags)
        font = self._name.value.decode("latin-1")
        size = min(max(size, 3.0), 40.0)
        baseline = self._baseline(index, turns)
        word = Word(seen.left, seen.right, baseline, size, character, seen.bottom, seen.top, font)
        return word, turns
