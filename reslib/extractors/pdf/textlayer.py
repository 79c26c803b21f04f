"""The text layer of one PDF page: its characters as PDFium lists them, and where they stand.

PDFium is asked for the range of all characters, not for the text of an area: by area it leaves
out the line ends it has found itself, and words run together (``library1to convert``). One index
counts characters in :attr:`TextLayer.chars`, in :attr:`TextLayer.out` and in PDFium's own list.

A call for one character costs about as much as ten characters of a plain loop, so pages are
looked at by their rectangles (one for each piece that is drawn at once), and characters only
where a rectangle calls for it.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, partial
from itertools import repeat
from typing import Any

from reslib.extractors.pdf.calls import calls, ready
from reslib.extractors.pdf.columns import Box

__all__ = ["TextLayer", "characters", "paired"]

#: In place of a letter that only has a code; such marks are taken out at the end.
_NO_MEANING = "\x03"
#: In place of a character that PDFium's text leaves out; nothing is written for it.
_LEFT_OUT = "\ufdd0"
#: Characters without a meaning whose places are looked for on a page.
_MOST_LEFT_OUT = 200
#: Rectangles of a page that are kept; a map can have a million.
MOST_RECTANGLES = 5000
#: Red, green and blue of what nobody sees on paper, at least.
_WHITE = 250
#: Characters that may be passed on the way to those that are looked for by their place.
_MOST_PASSED = 20_000_000
_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: What PDFium writes: four edges, in the order of a box; a point; left, top, right and bottom.
_EDGES, _POINT, _LOOSE = struct.Struct("=4d"), struct.Struct("=2d"), struct.Struct("=4f")
_as_tuple = tuple.__new__


def paired(text: str) -> str:
    """Return *text* with the two halves of characters above U+FFFF put together."""
    try:
        text.encode()  # quicker than a look at each character
    except UnicodeEncodeError:
        pass
    else:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _by_halves(units: bytes) -> str:
    """Return UTF-16 as text in which a character above U+FFFF is two, as PDFium counts it."""
    wide = bytearray(2 * len(units))
    wide[::4], wide[1::4] = units[::2], units[1::2]
    return wide.decode("utf-32-le", "surrogatepass")


@cache
def _units(bits: int) -> Any:
    """Return the type of a buffer for the characters of a page: one type for many pages."""
    return ctypes.c_ushort * (1 << bits)


# What PDFium writes into is made once: nothing is kept in it from one call to the next.


@cache
def _edges() -> tuple[Any, tuple[Any, ...]]:
    edges = (ctypes.c_double * 4)()
    return edges, tuple(ctypes.byref(edges, 8 * edge) for edge in (0, 2, 1, 3))


@cache
def _loose() -> tuple[Any, Any]:
    import pypdfium2.raw as pdfium

    loose = pdfium.FS_RECTF()
    return loose, ctypes.byref(loose)


@cache
def _matrix() -> tuple[Any, Any]:
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    return matrix, ctypes.byref(matrix)


def characters(text_page: Any) -> str:
    """Return all characters of a page, one for each of PDFium's: above U+FFFF it counts two.

    Parameters
    ----------
    text_page
        PDFium's, as pypdfium2 opens it.
    """
    import pypdfium2.raw as pdfium

    raw = text_page.raw
    count = max(0, pdfium.FPDFText_CountChars(raw))
    if not count:
        return ""
    buffer = _units(count.bit_length())()
    written = max(0, pdfium.FPDFText_GetText(raw, 0, count, buffer) - 1)
    units = ctypes.string_at(buffer, 2 * written)
    text = units.decode("utf-16-le", "surrogatepass")
    if len(text) != written:
        text = _by_halves(units)
    # A hyphen at a line's end is U+FFFE here; U+0002 is the code of a letter without meaning.
    text = text.replace("\x02", _NO_MEANING)
    return text if written == count else _with_those_left_out(raw, text, count)


def _with_those_left_out(raw: Any, text: str, count: int) -> str:
    """Put a mark where PDFium's text leaves out a character: the indexes must agree."""
    import pypdfium2.raw as pdfium

    parts: list[str] = []
    done = missing = 0
    while len(text) + missing < count and missing < _MOST_LEFT_OUT:
        low, high = done + missing, count - 1
        while low < high:
            middle = (low + high) // 2
            index = pdfium.FPDFText_GetTextIndexFromCharIndex(raw, middle)
            low, high = (middle + 1, high) if index == middle - missing else (low, middle)
        parts += (text[done : low - missing], _LEFT_OUT)
        done, missing = low - missing, missing + 1
    parts.append(text[done:])
    return "".join(parts).ljust(count, _LEFT_OUT)[:count]


class TextLayer:
    """The characters of a page and where they stand.

    Parameters
    ----------
    text_page
        PDFium's, as pypdfium2 opens it; it must stay open.

    Attributes
    ----------
    chars
        The characters as PDFium lists them.
    out
        What is written for each of them: itself until a step puts something else in its place.
    """

    def __init__(self, text_page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._raw = text_page.raw
        self._calls = calls()
        self._page = ready(self._raw)
        #: Whether some of the text runs up or down the page.
        self.has_turned = False
        # A character beside a raised piece is asked for several times.
        self._boxes: dict[int, Box] = {}
        self._sizes: dict[int, float] = {}
        self._lines: dict[int, float] = {}
        self._pieces: list[Box] = []
        self._numbers: dict[Box, int] = {}
        self._counted = 0, 0
        self._edges, self._at_edges = _edges()
        self._loose, self._at_loose = _loose()
        self._matrix, self._at_matrix = _matrix()
        # Where the characters stand in PDFium's list, when some of it are not kept.
        self._listed: Sequence[int] = ()
        self._kept: dict[int, int] = {}
        self._is_in_order = True
        self.chars: str = characters(text_page)
        self.count = self._all = len(self.chars)
        self._looks = _MOST_PASSED // max(1, self.count)
        self._reset()

    def _reset(self) -> None:
        self.out: list[str] = list(self.chars)
        if _LEFT_OUT in self.chars:
            self.out = ["" if c == _LEFT_OUT else c for c in self.chars]

    def keep(self, chars: str, indexes: Sequence[int], *, in_order: bool = False) -> None:
        """Keep some of the characters only, and count them anew.

        Parameters
        ----------
        chars
            What they are from now on.
        indexes
            Where they stand among the present ones.
        in_order
            Whether they are in the order of the present ones, each once.
        """
        self._is_in_order = self._is_in_order and in_order
        self._listed = [self._listed[index] for index in indexes] if self._listed else indexes
        self._kept = {}
        self.chars, self.count = chars, len(chars)
        self._boxes, self._sizes, self._lines = {}, {}, {}
        self._reset()

    def _in_list(self, index: int) -> int:
        """Return where a character stands in PDFium's list."""
        return self._listed[index] if self._listed else index

    @cached_property
    def may_run_to_the_left(self) -> bool:
        """True when there are letters of a script that runs to the left, or signs of it."""
        return not self.chars.isascii() and _TO_THE_LEFT.search(self.chars) is not None

    def text(self) -> str:
        """Return what is written for all characters."""
        return paired("".join(self.out))

    # --- places --------------------------------------------------------------------------------

    def rectangles(self) -> list[Box]:
        """Return a box for each piece drawn at once, in drawn order; none for too many."""
        count = self._pdfium.FPDFText_CountRects(self._raw, 0, -1)
        self._pieces = self._rectangles(0, count) if 0 < count <= MOST_RECTANGLES else []
        return self._pieces

    def _rectangles(self, first: int, end: int) -> list[Box]:
        """Return the boxes from number *first* on."""
        ask, page, edges, unpack = self._calls.rectangle, self._page, self._edges, _EDGES.unpack
        left, right, bottom, top = self._at_edges
        boxes = []
        for number in range(first, end):
            ask(page, number, left, top, right, bottom)
            boxes.append(_as_tuple(Box, unpack(edges)))
        return boxes

    def reaches_beyond(self, area: Box) -> bool:
        """True when any piece reaches out of *area*."""
        count = self._pdfium.FPDFText_CountRects(self._raw, 0, -1)
        left, bottom, right, top = area
        return any(
            box.left < left or box.bottom < bottom or box.right > right or box.top > top
            for first in range(0, count, MOST_RECTANGLES)
            for box in self._rectangles(first, min(first + MOST_RECTANGLES, count))
        )

    def box(self, index: int) -> Box:
        """Return the box around the ink of a character."""
        box = self._boxes.get(index)
        if box is None:
            listed = self._listed[index] if self._listed else index
            self._calls.char_box(self._page, listed, *self._at_edges)
            box = self._boxes[index] = _as_tuple(Box, _EDGES.unpack(self._edges))
        return box

    def size(self, index: int) -> float:
        """Return the height of a character's font as drawn."""
        size = self._sizes.get(index)
        if size is None:
            size = self._sizes[index] = self._size(index)
        return size

    def _size(self, index: int) -> float:
        _, top, _, bottom = _LOOSE.unpack(self.loose_box(index))
        return float(abs(top - bottom))

    def loose_box(self, index: int) -> Any:
        """Return the box around a character's height and width; good until the next is asked."""
        listed = self._listed[index] if self._listed else index
        self._calls.loose_box(self._page, listed, self._at_loose)
        return self._loose

    def font_size(self, index: int) -> float:
        """Return the size of a character's font as drawn."""
        return self._calls.font_size(self._page, self._in_list(index)) * self.scale(index)

    def scale(self, index: int) -> float:
        """Return how many points a unit of a character's font size is high."""
        self._calls.matrix(self._page, self._in_list(index), self._at_matrix)
        return math.hypot(self._matrix.c, self._matrix.d)

    def baseline(self, index: int) -> float:
        """Return the height of the line on which a character stands."""
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._line(index)
        return line

    def _line(self, index: int) -> float:
        return self.origin(index)[1]

    def origin(self, index: int) -> tuple[float, float]:
        """Return the point on its line at which a character begins."""
        listed = self._listed[index] if self._listed else index
        x, _, y, _ = self._at_edges
        self._calls.origin(self._page, listed, x, y)
        return _POINT.unpack_from(self._edges)

    def origins(self, indexes: Sequence[int]) -> list[tuple[float, float]]:
        """Return the points at which some characters begin."""
        listed = [self._listed[index] for index in indexes] if self._listed else indexes
        ask, page, edges, unpack = self._calls.origin, self._page, self._edges, _POINT.unpack_from
        x, _, y, _ = self._at_edges
        points = []
        for index in listed:
            ask(page, index, x, y)
            points.append(unpack(edges))
        return points

    def angle(self, index: int) -> float:
        """Return by how much a character is turned, in radians against the clock."""
        return -self._calls.angle(self._page, self._in_list(index))

    def angles(self, indexes: Sequence[int]) -> set[float]:
        """Return by how much any of some characters is turned; nearly all are by the same."""
        listed = [self._listed[index] for index in indexes] if self._listed else indexes
        return {-angle for angle in set(map(self._calls.angle, repeat(self._page), listed))}

    def is_level(self, index: int) -> bool:
        """True when a character stands upright; only asked for where others do not."""
        return not self.has_turned or abs(math.sin(self.angle(index))) < 0.1

    def is_generated(self, index: int) -> bool:
        """True when PDFium has put the character in: a space or a line end that is not drawn."""
        return self._calls.is_generated(self._page, self._in_list(index)) == 1

    def text_object(self, index: int) -> int:
        """Return a number for what a character is drawn with, 0 for none."""
        return self._calls.text_object(self._page, self._in_list(index)) or 0

    def is_invisible(self, index: int) -> bool:
        """True when a character is not seen: drawn without ink, or in white."""
        pdfium = self._pdfium
        found = pdfium.FPDFText_GetTextObject(self._raw, self._in_list(index))
        if not found:
            return False
        mode = pdfium.FPDFTextObj_GetTextRenderMode(found)
        if mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP):
            return True
        color = [ctypes.c_uint() for _ in range(4)]
        if not pdfium.FPDFPageObj_GetFillColor(found, *color):
            return False
        *colors, alpha = (part.value for part in color)
        return alpha == 0 or min(colors) >= _WHITE

    def first_of(self, box: Box, before: Box | None = None) -> int | None:
        """Return the first character of the piece with this box, None when it is not found.

        Each look passes over all characters before it, so a page has so many and no more.

        Parameters
        ----------
        box
            Of the piece.
        before
            Of the piece drawn before it, behind whose last character this one is looked for.
        """
        self._looks -= 1
        if self._looks < 0:
            return None
        index = self._at(box.left + 0.1, (box.bottom + box.top) / 2)
        found = self._begins(box, (index, index - 1, index + 1, index - 2, index + 2))
        if found is None and before is not None:
            index = self._at(before.right - 0.1, (before.bottom + before.top) / 2)
            found = self._begins(box, range(index + 1, index + 6)) if index >= 0 else None
        if found is None and not self.has_turned:  # most pieces that are not found are turned
            found = self._by_number(box)
        if found is None or self.chars[found].isspace() or not self.is_level(found):
            return None
        return found

    def _begins(self, box: Box, indexes: Iterable[int]) -> int | None:
        """Return the one of some characters with which a box begins."""
        for near in indexes:
            if 0 <= near < self.count:
                found = self.box(near)
                if abs(found.left - box.left) < 0.1 and found.top <= box.top + 0.1:
                    return near
        return None

    def _by_number(self, box: Box) -> int | None:
        """Return the first character of a piece by how many pieces are drawn before it."""
        if not self._numbers:
            self._numbers = {piece: n for n, piece in enumerate(self._pieces)}
        number = self._numbers.get(box)
        if number is None:
            return None
        passed, start = self._counted if number >= self._counted[0] else (0, 0)
        # PDFium counts the pieces of the next so many characters: of few, to begin with.
        count = partial(self._pdfium.FPDFText_CountRects, self._raw, start)
        most, reach = self._all - start, 1
        while reach < most and count(reach) <= number - passed:
            reach = min(most, 4 * reach)
        self._looks -= 10 * reach // max(1, self.count)
        listed = start + bisect_right(range(reach), number - passed, key=count) - 1
        self._counted = number, listed
        index = self._place_of(listed)
        if index < 0 or self.chars[index].isspace():
            return None
        left, _, _, top = self.box(index)
        return index if abs(left - box.left) < 0.05 > abs(top - box.top) else None

    def indexes_of(self, box: Box) -> Iterator[int] | None:
        """Return the characters of the piece with this box, None when it is not found."""
        first = self.first_of(box)
        return None if first is None else self._go_on(first, box)

    def _go_on(self, index: int, box: Box) -> Iterator[int]:
        while index < self.count:
            if not self.chars[index].isspace():
                found = self.box(index)
                if (
                    found.left < box.left - 0.1
                    or found.right > box.right + 0.1
                    or found.bottom < box.bottom - 0.1
                    or found.top > box.top + 0.1
                ):
                    return
                yield index
            index += 1

    def _at(self, x: float, y: float) -> int:
        index = self._calls.char_at(self._page, x, y, 0.0, 0.0)
        if index < 0:
            index = self._calls.char_at(self._page, x, y, 2.0, 2.0)
        return self._place_of(index)

    def _place_of(self, index: int) -> int:
        """Return where a character of PDFium's list stands among those that are kept, or -1."""
        if not self._listed:
            return index
        if self._is_in_order:
            place = bisect_left(self._listed, index)
            is_kept = place < self.count and self._listed[place] == index
            return place if is_kept else -1
        if not self._kept:
            self._kept = {listed: place for place, listed in enumerate(self._listed)}
        return self._kept.get(index, -1)

    # --- leaving out ---------------------------------------------------------------------------

    def leave_out(self, dropped: set[int]) -> None:
        """Write nothing for these characters, nor for the spaces that parted them from others."""
        last = "\n"
        after_dropped = False
        for index, character in enumerate(self.chars):
            if index in dropped:
                self.out[index] = ""
                after_dropped = True
            elif character.isspace():
                if after_dropped and last.isspace():
                    self.out[index] = ""
                else:
                    last = character
            else:
                if after_dropped and not last.isspace():
                    self.out[index] = "\n" + self.out[index]
                last, after_dropped = character, False
