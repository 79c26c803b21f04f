"""The boxes of many characters of a page at once."""

from __future__ import annotations

import ctypes
import struct
from typing import Any

from reslib.extractors.pdf.calls import calls, ready

__all__ = ["loose_boxes"]

#: What PDFium writes.
_BOX = struct.Struct("=4f")


def loose_boxes(raw: Any, first: int, end: int) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of characters, as high and wide as their font has them.

    Parameters
    ----------
    raw
        PDFium's page of text.
    first, end
        Which characters of its list.
    """
    box = (ctypes.c_float * 4)()
    ask, page, place, unpack = calls().loose_box, ready(raw), ctypes.byref(box), _BOX.unpack
    boxes = []
    for index in range(first, end):
        ask(page, index, place)
        boxes.append(unpack(box))
    return boxes
