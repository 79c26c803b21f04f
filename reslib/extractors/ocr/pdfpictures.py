"""The pages of a PDF as pictures, each with the text that it has already."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reslib.extractors.ocr.picture import MOST_DPI, MOST_PIXELS
from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.pdf.extractor import read_page
from reslib.extractors.pdf.pdfopen import no_pages, open_pdf

__all__ = ["PdfPictures"]

_LEAST_DPI = 150


class PdfPictures:
    """The pages of one PDF.

    Parameters
    ----------
    document
        PDFium's, open.
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self.total = len(document)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[PdfPictures]:
        """Open a PDF; it is closed at the end.

        Raises
        ------
        ExtractionError
            It cannot be opened, or has no pages.
        """
        document = open_pdf(path)
        try:
            if not len(document):
                raise no_pages()
            yield cls(document)
        finally:
            document.close()

    def known(self, number: int) -> PageSignals | None:
        """Return what is measured on a page; None when it cannot be read."""
        import pypdfium2

        try:
            return read_page(self._document, number - 1)
        except pypdfium2.PdfiumError:
            return None

    def picture(self, number: int, known: PageSignals) -> tuple[Any, int]:
        """Return the picture of a page and its resolution: its own, within bounds."""
        page = self._document[number - 1]
        try:
            width, height = page.get_size()
            dpi = MOST_DPI
            if known.image_dpi and known.image_share > 0.5:
                dpi = min(MOST_DPI, max(_LEAST_DPI, round(known.image_dpi)))
            most = 72 * math.sqrt(MOST_PIXELS / max(1.0, width * height))
            dpi = max(1, int(min(dpi, most)))
            bitmap = page.render(scale=dpi / 72, grayscale=True, draw_annots=False)
            try:
                return bitmap.to_pil().convert("L"), dpi
            finally:
                bitmap.close()
        finally:
            page.close()
