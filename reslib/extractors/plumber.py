"""PDF, read by pdfplumber: used only when somebody asks for it by name.

As it comes, pdfplumber reads straight across both columns of a paper (8 to 14 % of the sentences
right). With text flow on and a tolerance that follows the size of the type it reads as well as
PDFium, at about thirty times the cost. Pages are closed: kept open, a book of 117 pages holds
351 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.pdf.pdfopen import protected
from reslib.items import Page, Progress

__all__ = ["extract", "open_plumber"]


def open_plumber(path: Path) -> Any:
    """Open a PDF with pdfplumber.

    Raises
    ------
    ExtractionError
        pdfplumber cannot open it, or it needs a password.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        return pdfplumber.open(path)
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
            known = isinstance(cause, PDFPasswordIncorrect)
            raise protected(path, known=known) from error
        raise ExtractionError(
            f"pdfplumber cannot open it ({type(cause).__name__}). Have the usual extractor "
            "read it: `reslib extract --again PATH`, extract_again(ids)",
            ErrorCode.MALFORMED,
        ) from error


def extract(path: Path) -> Iterator[Page | Progress]:
    """Yield the pages of a PDF."""
    with open_plumber(path) as document:
        total = len(document.pages)
        for number, page in enumerate(document.pages, start=1):
            text = page.extract_text(use_text_flow=True, x_tolerance_ratio=0.15) or ""
            scanned = not text.strip() and bool(page.images)
            drawn = bool(text.strip() or page.images or page.rects or page.curves or page.lines)
            page.close()
            yield Progress(number, total)
            yield Page(text, reason="no text layer (a scan)" if scanned else "", blank=not drawn)
