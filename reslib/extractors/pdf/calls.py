"""The calls of PDFium that a page takes by the hundred, with plain numbers for addresses.

Most of the time of such a call is spent on the way to it: pypdfium2's prototypes make an object of
each pointer that goes in or comes out. These take and give an address as a number, so that a row of
calls can run in :func:`map`, and they keep the interpreter's lock, because each is done at once.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

__all__ = ["Calls", "address", "calls", "run"]

_INT, _FLOAT, _PLACE = ctypes.c_int, ctypes.c_float, ctypes.c_void_p


class Calls(NamedTuple):
    """The functions, by the names that PDFium has for them without their prefix."""

    char_box: Callable[..., int]
    loose_box: Callable[..., int]
    origin: Callable[..., int]
    matrix: Callable[..., int]
    angle: Callable[..., float]
    font_size: Callable[..., float]
    is_generated: Callable[..., int]
    has_map_error: Callable[..., int]
    rectangle: Callable[..., int]
    page_object: Callable[..., int | None]
    form_object: Callable[..., int | None]
    kind: Callable[..., int]
    render_mode: Callable[..., int]


@cache
def calls() -> Calls:
    """Return the functions of the PDFium that pypdfium2 has loaded."""
    import pypdfium2.raw as pdfium

    def plain(function: Any, gives: Any, *takes: Any) -> Callable[..., Any]:
        return ctypes.PYFUNCTYPE(gives, *takes)(ctypes.cast(function, _PLACE).value or 0)

    of_character = (_PLACE, _INT)
    edges = (_PLACE, _PLACE, _PLACE, _PLACE)
    return Calls(
        char_box=plain(pdfium.FPDFText_GetCharBox, _INT, *of_character, *edges),
        loose_box=plain(pdfium.FPDFText_GetLooseCharBox, _INT, *of_character, _PLACE),
        origin=plain(pdfium.FPDFText_GetCharOrigin, _INT, *of_character, _PLACE, _PLACE),
        matrix=plain(pdfium.FPDFText_GetMatrix, _INT, *of_character, _PLACE),
        angle=plain(pdfium.FPDFText_GetCharAngle, _FLOAT, *of_character),
        font_size=plain(pdfium.FPDFText_GetFontSize, ctypes.c_double, *of_character),
        is_generated=plain(pdfium.FPDFText_IsGenerated, _INT, *of_character),
        has_map_error=plain(pdfium.FPDFText_HasUnicodeMapError, _INT, *of_character),
        rectangle=plain(pdfium.FPDFText_GetRect, _INT, *of_character, *edges),
        page_object=plain(pdfium.FPDFPage_GetObject, _PLACE, _PLACE, _INT),
        form_object=plain(pdfium.FPDFFormObj_GetObject, _PLACE, _PLACE, ctypes.c_ulong),
        kind=plain(pdfium.FPDFPageObj_GetType, _INT, _PLACE),
        render_mode=plain(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _PLACE),
    )


def address(pointer: Any) -> int:
    """Return where a pointer of ctypes leads to, as a number."""
    return ctypes.addressof(pointer.contents)


def run(made: Iterable[Any]) -> None:
    """Make the calls of a :func:`map`, for what they write."""
    deque(made, maxlen=0)
