"""The boxes of many characters of a page at once."""

from __future__ import annotations

import ctypes
import struct
from collections import deque
from functools import cache
from itertools import repeat
from typing import Any

from reslib.extractors.pdf.calls import calls, ready

__all__ = ["loose_boxes"]

#: What PDFium writes.
_BOX = struct.Struct("=4f")
#: Boxes that are asked for in one go.
_AT_ONCE = 256


def loose_boxes(raw: Any, first: int, end: int) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of characters, as high and wide as their font has them.

    Parameters
    ----------
    raw
        PDFium's page of text.
    first, end
        Which characters of its list.
    """
    ask, page, (row, places) = calls().loose_box, ready(raw), _row()
    boxes: list[Any] = []
    for begin in range(first, end, _AT_ONCE):
        indexes = range(begin, min(end, begin + _AT_ONCE))
        deque(map(ask, repeat(page), indexes, places), maxlen=0)
        boxes += _BOX.iter_unpack(row[: len(indexes) * _BOX.size])
    return boxes


@cache
def _row() -> tuple[memoryview, list[Any]]:
    """Return room for many boxes, and the place of each: PDFium is asked without a loop."""
    row = (ctypes.c_float * (4 * _AT_ONCE))()
    places = [ctypes.byref(row, number * _BOX.size) for number in range(_AT_ONCE)]
    return memoryview(row).cast("B"), places
