"""A page of a PDF written by hand, and the fields of a form on it."""

from __future__ import annotations

from collections.abc import Sequence

from pdf_objects import HEADER, document, stream

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
LABEL = b"BT /F1 12 Tf 72 760 Td (Name of the investigator) Tj ET"


def one_page(
    annotations: Sequence[bytes] = (),
    *more: bytes,
    content: bytes = LABEL,
    page: bytes = b"",
    form: bytes = b"",
    catalog: bytes = b"",
    header: bytes = HEADER,
) -> bytes:
    """Return a PDF of one page; its annotations are the objects from 6 on, then comes *more*."""
    numbers = [b"%d 0 R" % (6 + n) for n in range(len(annotations))]
    fields = [n for n, body in zip(numbers, annotations, strict=True) if b"/Widget" in body]
    acroform = b"/AcroForm<</Fields[%s]/DA(/Helv 11 Tf 0 g)/DR<</Font<</Helv 5 0 R>>>>%s>>" % (
        b" ".join(fields),
        form,
    )
    return document(
        [
            b"<</Type/Catalog/Pages 2 0 R%s%s>>" % (acroform if fields or form else b"", catalog),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>/Annots[%s]%s>>" % (b" ".join(numbers), page),
            stream(content),
            HELVETICA,
            *annotations,
            *more,
        ],
        header=header,
    )


def field(row: int, body: bytes, flags: int = 4) -> bytes:
    y = 700 - 30 * row
    return b"<</Type/Annot/Subtype/Widget/Rect[160 %d 360 %d]/F %d/T(t%d)%s>>" % (
        (y, y + 20, flags, row, body)
    )  # fmt: skip
