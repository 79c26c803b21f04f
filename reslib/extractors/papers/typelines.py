"""The lines of a page with the size, weight and place of their letters.

PDFium is asked for a few characters of each line only: a call for one costs as much as ten of a
plain loop, and the text is read anyway.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reslib.extractors.layout.boxes import loose_boxes
from reslib.extractors.papers.linemarks import MARK, marked_text, parted_text
from reslib.extractors.pdf.accents import place_accents
from reslib.extractors.pdf.calls import calls, ready
from reslib.extractors.pdf.textlayer import TextLayer, paired

__all__ = ["BROKEN", "MARK", "TypeLine", "read_lines"]

#: A hyphen at the end of a line, as PDFium gives it.
BROKEN = "\ufffe"
#: Lines and characters of a page that are looked at.
_MOST_LINES, _MOST_CHARACTERS = 1_500, 60_000
#: Characters of lines that are looked at one by one.
_MOST_DETAILED, _MOST_ABOVE, _LONGEST = 2_500, 90, 400
#: What the text below the title begins with.
_TEXT_BEGINS = re.compile(
    r"\s*(?:\d\.?\s*|I\.\s*)?(?:abstract|summary|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|introduction|background"
    r"|zusammenfassung|einleitung|r[ée]sum[ée]|resumen)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(
    r"bold|black|demi|medi(?!um?it)|heavy|semib|CMBX|CMSSBX|SFBX|ECBX|[-,]B\b|-BdC|Bd$|\.B\+",
    re.IGNORECASE,
)
_ITALIC = re.compile(r"ital|obliq|slanted|CM(?:TI|SL)|[-,]It?\b|medi(?:um)?it", re.IGNORECASE)
_SMALL_CAPITALS = re.compile(r"smcp|SC\d|CMCSC|Caps", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]+")
_WORD_OR_SIGN, _TWO_SIGNS = re.compile(r"\S+"), re.compile(r"\S\S")
#: Letters further apart, in sizes, are spaced; letters of one font are about as high as this.
_SPACED, _EVEN = 0.2, 0.9
#: The first numbers of a matrix, as PDFium writes them.
_FOUR = struct.Struct("=4f")


@dataclass(slots=True, eq=False)
class TypeLine:
    """A line of a page.

    Parameters
    ----------
    text
        What it says.
    left, right, baseline
        Where it stands, in points from the lower left corner of the page.
    size
        Of most of its letters, in points.
    font
        The name of their font.
    page, height
        The number of its page, from 1, and how high that is.
    first, end
        Its characters in the list of the page.
    plain
        What it says with :data:`MARK` in place of raised marks, and three blanks in place of a wide
        gap; a hyphen at which PDFium joined two lines is U+FFFE. Empty until somebody asked for it.
    foot
        Where its last letters stand, when that is lower; else it is no number.
    ends_lighter
        Whether it is bold, and its end is not.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str
    page: int
    height: float
    first: int
    end: int
    plain: str = ""
    foot: float = math.nan
    ends_lighter: bool = False

    @property
    def lowest(self) -> float:
        """The height of its last letters: a word broken at the end of a line makes one of two."""
        return self.baseline if math.isnan(self.foot) else self.foot

    @property
    def is_bold(self) -> bool:
        """True when its font is a heavy one."""
        return _is_bold(self.font)

    @property
    def is_italic(self) -> bool:
        """True when its font is a slanting one."""
        return _ITALIC.search(self.font) is not None

    @property
    def has_small_capitals(self) -> bool:
        """True when its font has small capitals."""
        return _SMALL_CAPITALS.search(self.font) is not None

    @property
    def words(self) -> str:
        """The text without raised marks."""
        if not self.plain and MARK not in self.text:
            return self.text
        text = (self.plain or self.text).replace(MARK, " ").replace(BROKEN, "-")
        return " ".join(text.split())


@lru_cache(1024)
def _is_bold(font: str) -> bool:
    return _BOLD.search(font) is not None


def read_lines(text_page: Any, page: int, height: float) -> list[TypeLine]:
    """Return the lines of a page in drawn order, those that stand level.

    Of the lines above the text (:data:`~reslib.extractors.papers.words.ABSTRACT`) the raised marks
    are told.

    Parameters
    ----------
    text_page
        PDFium's, open.
    page, height
        The number of the page, and how high it is.
    """
    reader = _Reader(text_page, page, height)
    lines = reader.lines()
    if page == 1:
        reader.tell_marks(lines)
    return lines


class _Reader:
    """Asks PDFium for what is needed of one page."""

    def __init__(self, text_page: Any, page: int, height: float) -> None:
        self._raw, self._characters, self._calls = text_page.raw, ready(text_page.raw), calls()
        self._page, self._height = page, height
        layer = TextLayer(text_page)
        place_accents(layer)
        self._chars = layer.chars[:_MOST_CHARACTERS]
        #: Each of them with the accent that is drawn over it; nothing for the accent itself.
        self._out = layer.out[:_MOST_CHARACTERS]
        box, matrix, point = (ctypes.c_float * 4)(), (ctypes.c_float * 6)(), (ctypes.c_double * 2)()
        name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self._box = box, ctypes.byref(box)
        self._matrix = matrix, ctypes.byref(matrix)
        self._point = point, ctypes.byref(point), ctypes.byref(point, 8)
        self._name = name, ctypes.byref(name), ctypes.c_ulong(128), ctypes.byref(flags)
        #: A page has few fonts and sizes: each is worked out once.
        self._fonts: dict[bytes, str] = {}
        self._sizes: dict[tuple[float, float, float], float] = {}
        #: Where lines begin that are drawn in one piece.
        self._whole: set[int] = set()

    def lines(self) -> list[TypeLine]:
        found: list[TypeLine] = []
        above = self._page == 1
        for match in _LINE.finditer(self._chars):
            if len(found) >= _MOST_LINES:
                break
            above = above and not _TEXT_BEGINS.match(match.group())
            line = self._line(match.start(), match.end(), closely=above)
            if line is not None:
                found.append(line)
        return found

    def _line(self, first: int, end: int, *, closely: bool) -> TypeLine | None:
        chars = self._chars
        while (first < end and not chars[first].isprintable()) or chars[
            first : first + 1
        ].isspace():
            first += 1
        while end > first and chars[end - 1].isspace():
            end -= 1
        if first >= end:
            return None
        broken = BROKEN in chars[first:end]
        samples = []
        middle = self._solid((first + end) // 2, end)
        indexes = (first, middle, end - 1) if closely else (middle,)
        if closely and not broken and self._is_one_piece(first, end):
            self._whole.add(first)
            indexes = (middle,)  # it is of one font and size
        for index in dict.fromkeys(indexes):
            sample = self._sample(index)
            if sample is None:
                return None  # it stands askew or upright
            samples.append(sample)
        # Marks are smaller than what they stand at.
        size, font, baseline = max(samples)
        foot, lighter = math.nan, False
        bold = _is_bold(font)
        if broken or (bold and end - first > 8):
            last = samples[-1] if len(indexes) > 1 else self._sample(end - 1)
            if last is not None and abs(last[0] - size) < 0.2 * size:
                foot = min(baseline, last[2]) if broken else foot
                lighter = bold and not _is_bold(last[1])
        box, at_box = self._box
        self._calls.loose_box(self._characters, first, at_box)
        left = box[0]
        self._calls.loose_box(self._characters, end - 1, at_box)
        right = box[2]
        if not all(map(math.isfinite, (left, right, baseline, size))):
            return None
        text = paired("".join(self._out[first:end])).replace(BROKEN, "-").replace("\x03", "")
        text = " ".join(text.replace("\ufdd0", "").split())
        where = (left, right, baseline, size, font, self._page, self._height, first, end)
        return TypeLine(text, *where, foot=foot, ends_lighter=lighter)

    def _is_one_piece(self, first: int, end: int) -> bool:
        """True when some characters are drawn at once, level and on one line."""
        matrix, at_matrix = self._matrix
        if self._calls.count_rectangles(self._characters, first, end - first) != 1:
            return False
        self._calls.matrix(self._characters, first, at_matrix)
        return bool(matrix[1] == 0)

    def _solid(self, index: int, end: int) -> int:
        while index < end - 1 and self._chars[index].isspace():
            index += 1
        return index

    def _sample(self, index: int) -> tuple[float, str, float] | None:
        calls, page = self._calls, self._characters
        matrix, at_matrix = self._matrix
        calls.matrix(page, index, at_matrix)
        a, b, c, d = _FOUR.unpack_from(matrix)
        if abs(b) > 0.05 * abs(a) or a < 0:
            return None
        stated = calls.font_size(page, index), c, d
        size = self._sizes.get(stated)
        if size is None:
            size = self._sizes[stated] = round(stated[0] * math.hypot(c, d), 1)
        buffer, at_name, most, at_flags = self._name
        calls.font_info(page, index, at_name, most, at_flags)
        name = buffer.value
        font = self._fonts.get(name)
        if font is None:
            font = self._fonts[name] = name.decode("latin-1")
        point, at_x, at_y = self._point
        calls.origin(page, index, at_x, at_y)
        return size, font, point[1]

    def tell_marks(self, lines: Sequence[TypeLine]) -> None:
        """Tell which characters are raised marks, and where wide gaps are, above the text."""
        left = _MOST_DETAILED
        for line in lines[:_MOST_ABOVE]:
            if _TEXT_BEGINS.match(line.text):
                return
            left -= line.end - line.first
            if left < 0:
                return
            if line.end - line.first <= _LONGEST:
                whole = self._plain_whole(line) if line.first in self._whole else None
                line.plain = self._plain(line) if whole is None else whole

    def _plain_whole(self, line: TypeLine) -> str | None:
        """Return the text of a line that is drawn in one piece, None when that is not enough.

        All of it has one font and stands on one line, so that nothing is raised, and PDFium puts a
        blank into a wide gap, unless all its letters are spaced.
        """
        text = "".join(self._out[line.first : line.end])
        two = _TWO_SIGNS.search(text)
        if two is None or len(text) < line.end - line.first:
            return None
        words = [word.span() for word in _WORD_OR_SIGN.finditer(text)]
        begins, ends = [begin for begin, _ in words], [end - 1 for _, end in words]
        boxes = self._loose_boxes(line.first, [two.start(), two.start() + 1, *begins, *ends])
        heights = [top - bottom for _, top, _, bottom in boxes]
        if boxes[1][0] - boxes[0][2] > _SPACED * line.size or min(heights) < _EVEN * max(heights):
            return None
        lefts, rights = boxes[3 : 2 + len(words)], boxes[2 + len(words) : -1]
        places = zip(begins[1:], lefts, rights, strict=True)
        wide = 0.9 * line.size
        return parted_text(text, [at for at, one, other in places if one[0] - other[2] > wide])

    def _plain(self, line: TypeLine) -> str:
        characters = self._out[line.first : line.end]
        places = loose_boxes(self._raw, line.first, line.end)
        return marked_text(characters, places, 0.9 * line.size)

    def _loose_boxes(
        self, first: int, indexes: Sequence[int]
    ) -> list[tuple[float, float, float, float]]:
        """Return left, top, right and bottom of some of the characters behind the first."""
        box, at_box = self._box
        ask, page = self._calls.loose_box, self._characters
        boxes = []
        for index in indexes:
            ask(page, first + index, at_box)
            boxes.append(_FOUR.unpack(box))
        return boxes
