"""The boxes of many characters of a page at once."""

from __future__ import annotations

import ctypes
from itertools import repeat
from typing import Any

from reslib.extractors.pdf.calls import address, calls, run

__all__ = ["loose_boxes"]

_FLOAT = ctypes.sizeof(ctypes.c_float)


def loose_boxes(raw: Any, first: int, end: int) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of characters, as high and wide as their font has them.

    Parameters
    ----------
    raw
        PDFium's page of text.
    first, end
        Which characters of its list.
    """
    count = max(0, end - first)
    values = (ctypes.c_float * (4 * count))()
    begin = ctypes.addressof(values)
    places = range(begin, begin + 4 * _FLOAT * count, 4 * _FLOAT)
    run(map(calls().loose_box, repeat(address(raw)), range(first, end), places))
    flat = iter(values)
    return list(zip(flat, flat, flat, flat, strict=True))
