"""The calls of PDFium that a page takes by the hundred, without a prototype of their arguments.

Most of the time of such a call is spent on the way to it: a prototype makes an object of each
argument that goes in. These take pointers that were made ready once (:func:`ready`,
:func:`ctypes.byref`) and plain numbers, which is two to three times as quick, and they keep the
interpreter's lock, because each is done at once. Nothing checks what they are given.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

__all__ = ["Calls", "address", "calls", "ready"]

_INT, _FLOAT, _DOUBLE, _PLACE = ctypes.c_int, ctypes.c_float, ctypes.c_double, ctypes.c_void_p


class Calls(NamedTuple):
    """The functions, by the names that PDFium has for them without their prefix.

    Those that find an object take and give its address as a number.
    """

    char_box: Callable[..., int]
    loose_box: Callable[..., int]
    origin: Callable[..., int]
    matrix: Callable[..., int]
    angle: Callable[..., float]
    font_size: Callable[..., float]
    font_info: Callable[..., int]
    is_generated: Callable[..., int]
    has_map_error: Callable[..., int]
    char_at: Callable[..., int]
    count_rectangles: Callable[..., int]
    rectangle: Callable[..., int]
    page_object: Callable[..., int | None]
    form_object: Callable[..., int | None]
    text_object: Callable[..., int | None]
    kind: Callable[..., int]
    render_mode: Callable[..., int]
    annotation: Callable[..., int | None]
    subtype: Callable[..., int]
    close_annotation: Callable[..., None]


@cache
def calls() -> Calls:
    """Return the functions of the PDFium that pypdfium2 has loaded."""
    import pypdfium2.raw as pdfium

    def plain(function: Any, gives: Any, *takes: Any) -> Callable[..., Any]:
        return ctypes.PYFUNCTYPE(gives, *takes)(ctypes.cast(function, _PLACE).value or 0)

    return Calls(
        char_box=plain(pdfium.FPDFText_GetCharBox, _INT),
        loose_box=plain(pdfium.FPDFText_GetLooseCharBox, _INT),
        origin=plain(pdfium.FPDFText_GetCharOrigin, _INT),
        matrix=plain(pdfium.FPDFText_GetMatrix, _INT),
        angle=plain(pdfium.FPDFText_GetCharAngle, _FLOAT),
        font_size=plain(pdfium.FPDFText_GetFontSize, _DOUBLE),
        font_info=plain(pdfium.FPDFText_GetFontInfo, ctypes.c_ulong),
        is_generated=plain(pdfium.FPDFText_IsGenerated, _INT),
        has_map_error=plain(pdfium.FPDFText_HasUnicodeMapError, _INT),
        # Numbers that are no int need a prototype; it leaves what is ready as it is.
        char_at=plain(pdfium.FPDFText_GetCharIndexAtPos, _INT, _PLACE, *[_DOUBLE] * 4),
        count_rectangles=plain(pdfium.FPDFText_CountRects, _INT),
        rectangle=plain(pdfium.FPDFText_GetRect, _INT),
        page_object=plain(pdfium.FPDFPage_GetObject, _PLACE),
        form_object=plain(pdfium.FPDFFormObj_GetObject, _PLACE, _PLACE, ctypes.c_ulong),
        text_object=plain(pdfium.FPDFText_GetTextObject, _PLACE),
        kind=plain(pdfium.FPDFPageObj_GetType, _INT, _PLACE),
        render_mode=plain(pdfium.FPDFTextObj_GetTextRenderMode, _INT, _PLACE),
        annotation=plain(pdfium.FPDFPage_GetAnnot, _PLACE),
        subtype=plain(pdfium.FPDFAnnot_GetSubtype, _INT, _PLACE),
        close_annotation=plain(pdfium.FPDFPage_CloseAnnot, None, _PLACE),
    )


def address(pointer: Any) -> int:
    """Return where a pointer of ctypes leads to, as a number."""
    return ctypes.addressof(pointer.contents)


def ready(pointer: Any) -> Any:
    """Return a pointer of ctypes as an argument for these calls."""
    return _PLACE.from_param(address(pointer))
