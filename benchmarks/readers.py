"""Readers of PDFs that more than one benchmark compares with, as their first pages show them."""

from __future__ import annotations

from typing import Any

__all__ = ["read_pdfplumber", "read_pypdfium2"]


def read_pypdfium2(path: str) -> str:
    """Return what PDFium reads, page after page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
        return "\n".join(texts)
    finally:
        document.close()


def read_pdfplumber(path: str, **options: Any) -> str:
    """Return what pdfplumber reads when it is called as its first page shows."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        texts = []
        for page in document.pages:
            texts.append(page.extract_text(**options))
            page.close()
        return "\n".join(texts)
