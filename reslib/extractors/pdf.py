"""PDF, read by PDFium.

PDFium gives the characters in drawn order, which in papers is the reading order. What is put on
top of that for one page is in :mod:`~reslib.extractors.pagetext`; what needs the whole document
follows here: line numbers go (:mod:`~reslib.extractors.linenumbers`), words broken at the end of
lines and pages are joined (:mod:`~reslib.extractors.hyphens`), and each page is judged
(:mod:`~reslib.extractors.confidence`).

PDFium is not thread-safe: one document at a time in a process, which a sandbox guarantees.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.base import Extractor, Requirement
from reslib.extractors.columns import Box
from reslib.extractors.confidence import PageSignals, judge_pages
from reslib.extractors.glyphs import tidy_glyphs
from reslib.extractors.hyphens import Vocabulary, join_hyphens, mark_line_ends
from reslib.extractors.linenumbers import settle_line_numbers
from reslib.extractors.pageends import mark_page_ends
from reslib.extractors.pagetext import read_text
from reslib.models import DocumentInfo, Page, Progress

__all__ = ["EXTRACTOR"]

#: Objects of a page that are looked at; a map can have a million.
_MOST_OBJECTS = 3000
_PASSWORD, _SECURITY = 4, 5


def extract(path: Path) -> Iterator[Page | Progress | DocumentInfo]:
    """Yield the pages of a PDF.

    All pages are read before the first is given: how a word is written elsewhere decides how a
    broken one is joined.
    """
    import pypdfium2

    document = _open(path)
    try:
        total = len(document)
        if not total:
            raise ExtractionError(
                "the file opens as a PDF but has no pages; get it again from where it came from",
                ErrorCode.MALFORMED,
            )
        pages: list[PageSignals | None] = []
        for index in range(total):
            try:
                pages.append(_read_page(document, index))
            except pypdfium2.PdfiumError:
                pages.append(None)
            yield Progress(index + 1, total)
        if all(page is None for page in pages):
            raise ExtractionError(
                f"none of the {total} pages can be read; get the file again from where it came "
                "from, or open it in a viewer and print it to a new PDF",
                ErrorCode.MALFORMED,
            )
        yield DocumentInfo(title=_title(document))
    finally:
        document.close()
    yield from _finished(pages)


def _finished(pages: list[PageSignals | None]) -> Iterator[Page]:
    readable = [page for page in pages if page is not None]
    settled = settle_line_numbers([page.text for page in readable])
    readable = [replace(page, text=text) for page, text in zip(readable, settled, strict=True)]
    judged = iter(judge_pages(readable))
    texts = mark_page_ends([mark_line_ends(tidy_glyphs(page.text)) for page in readable])
    vocabulary = Vocabulary(texts)
    joined = iter(texts)
    for page in pages:
        if page is None:
            yield Page("", 0.0, "the page is damaged")
            continue
        confidence, reason = next(judged)
        text = join_hyphens(next(joined), vocabulary).strip()
        if page.blank:
            yield Page(text, blank=True)
        else:
            yield Page(text, confidence, reason)


def _open(path: Path) -> Any:
    import pypdfium2

    try:
        # PDFium takes names in UTF-8; a file whose name is not is handed over as bytes.
        name: str | bytes = str(path)
        try:
            str(path).encode()
        except UnicodeEncodeError:
            name = path.read_bytes()
        return pypdfium2.PdfDocument(name)
    except pypdfium2.PdfiumError as error:
        raise _why_not_opened(path, getattr(error, "err_code", None)) from error


def _why_not_opened(path: Path, code: int | None) -> ExtractionError:
    if code == _PASSWORD:
        return ExtractionError(
            "it is protected by a password. Open it with the password and save it without one",
            ErrorCode.ENCRYPTED,
        )
    if code == _SECURITY:
        return ExtractionError(
            "it is encrypted in a way that PDFium does not know. Save it without protection",
            ErrorCode.ENCRYPTED,
        )
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, path.stat().st_size - 2048))
        tail = file.read()
    if b"%PDF-" not in head:
        return ExtractionError("it is not a PDF, whatever its name says", ErrorCode.MALFORMED)
    if b"startxref" not in tail and b"%%EOF" not in tail:
        return ExtractionError(
            "the PDF ends too early, as after a download that broke off. Get it again",
            ErrorCode.TRUNCATED,
        )
    return ExtractionError(
        "the PDF is damaged. Get it again, or open it in a viewer and print it to a new PDF",
        ErrorCode.MALFORMED,
    )


def _title(document: Any) -> str | None:
    """Return the title the file states, unless it is the name of somebody's working file."""
    title = _stated(document, "Title").strip().strip("\ufeff\0")
    title = re.sub(r"^Microsoft Word\s*-\s*", "", title)
    if len(title) < 4 or re.search(r"\.(dvi|docx?|tex|indd|pdf|rtf|qxd)$", title, re.IGNORECASE):
        return None
    return None if title.lower().startswith("untitled") else title


def _stated(document: Any, key: str) -> str:
    """Return an entry of the information dictionary.

    pypdfium2's own way raises over a character that is cut in half, and with it the document
    was lost.
    """
    import pypdfium2.raw as pdfium

    size = pdfium.FPDF_GetMetaText(document.raw, key.encode(), None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document.raw, key.encode(), buffer, size)
    return buffer.raw[: max(0, size - 2)].decode("utf-16-le", "replace")


def _read_page(document: Any, index: int) -> PageSignals:
    page = document[index]
    try:
        width, height = page.get_size()
        objects = _Objects(page, width * height)
        text_page = page.get_textpage()
        try:
            text, zigzag, repaired = read_text(
                text_page, Box(*page.get_bbox()), hidden=0 < objects.invisible < objects.texts
            )
        finally:
            text_page.close()
    finally:
        page.close()
    return PageSignals(
        text=text,
        image_share=objects.image_share,
        image_dpi=objects.image_dpi,
        hidden_share=objects.hidden_share,
        text_objects=objects.texts,
        paths=objects.paths,
        zigzag=zigzag,
        repaired=repaired,
    )


# --- objects ----------------------------------------------------------------------------------


class _Objects:
    """What is drawn on a page besides characters: images, paths, invisible text."""

    def __init__(self, page: Any, area: float) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._area = max(area, 1.0)
        self.image_share = 0.0
        self.image_dpi: float | None = None
        self.paths = 0
        self.texts = 0
        self._left = _MOST_OBJECTS
        self.invisible = 0
        count = pdfium.FPDFPage_CountObjects(page.raw)
        self._walk(pdfium.FPDFPage_GetObject, page.raw, count, 0)
        scanned = self.image_share > 0.5 and self.texts
        self.hidden_share = self.invisible / self.texts if scanned else 0.0

    def _walk(self, get: Any, parent: Any, count: int, depth: int) -> None:
        pdfium = self._pdfium
        kind_of, mode_of = pdfium.FPDFPageObj_GetType, pdfium.FPDFTextObj_GetTextRenderMode
        text, path = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH
        unseen = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
        for i in range(count):
            if self._left <= 0:
                return
            self._left -= 1
            item = get(parent, i)
            kind = kind_of(item)
            if kind == text:
                self.texts += 1
                if mode_of(item) in unseen:
                    self.invisible += 1
            elif kind == path:
                self.paths += 1
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._note_image(item)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 3:
                inside = pdfium.FPDFFormObj_CountObjects(item)
                self._walk(pdfium.FPDFFormObj_GetObject, item, inside, depth + 1)

    def _note_image(self, item: Any) -> None:
        edges = [ctypes.c_float() for _ in range(4)]
        if not self._pdfium.FPDFPageObj_GetBounds(item, *edges):
            return
        left, bottom, right, top = (edge.value for edge in edges)
        width, height = abs(right - left), abs(top - bottom)
        share = min(1.0, width * height / self._area)
        if not math.isfinite(share) or share <= self.image_share:
            return
        self.image_share = share
        columns, rows = ctypes.c_uint(), ctypes.c_uint()
        if self._pdfium.FPDFImageObj_GetImagePixelSize(item, columns, rows) and width > 0:
            # A page turned on its side has its columns along the other edge.
            pixels, points = max(columns.value, rows.value), max(width, height)
            self.image_dpi = 72 * pixels / points


EXTRACTOR = Extractor(
    name="pdf",
    function=extract,
    mime_types=("application/pdf",),
    suffixes=(".pdf",),
    requires=(Requirement("pypdfium2", "pip install pypdfium2"),),
    version="1",
    writes=False,
)
