"""PDF, read by PDFium.

PDFium gives the characters in drawn order, which in papers is the reading order. Three steps are
put on top: words broken at line ends are joined (:mod:`~reslib.extractors.hyphens`), columns
drawn across each other are put in order (:mod:`~reslib.extractors.columns`), and each page is
judged (:mod:`~reslib.extractors.confidence`).

PDFium is not thread-safe: one document at a time in a process, which a sandbox guarantees.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reslib.extractors.annotations import open_page
from reslib.extractors.base import Extractor, Requirement
from reslib.extractors.columns import (
    ZIGZAG_LIMIT,
    Box,
    Layout,
    find_layout,
    merge_line_pieces,
    reading_order,
    union,
)
from reslib.extractors.confidence import PageSignals, judge_pages
from reslib.extractors.glyphnames import has_unmapped, read_by_names
from reslib.extractors.glyphs import tidy_glyphs
from reslib.extractors.hyphens import HYPHEN_MARK, Vocabulary, join_hyphens
from reslib.extractors.pdfinfo import about
from reslib.extractors.pdfopen import no_pages, open_pdf, unreadable
from reslib.extractors.secondreader import look_again
from reslib.models import DocumentInfo, Page, Progress

__all__ = ["EXTRACTOR"]

#: Objects of a page that are looked at; a map can have a million.
_MOST_OBJECTS = 3000
#: Pieces of lines of a page whose order is looked at.
_MOST_PIECES = 5000


def extract(path: Path) -> Iterator[Page | Progress | DocumentInfo]:
    """Yield the pages of a PDF.

    All pages are read before the first is given: how a word is written elsewhere decides how a
    broken one is joined.
    """
    import pypdfium2

    document = open_pdf(path)
    try:
        total = len(document)
        if not total:
            raise no_pages()
        pages: list[PageSignals | None] = []
        for index in range(total):
            try:
                pages.append(_read_page(document, index))
            except pypdfium2.PdfiumError:
                pages.append(None)
            yield Progress(index + 1, total)
        pages = look_again(path, read_by_names(path, pages, _read_page), _read_page)
        if all(page is None for page in pages):
            raise unreadable(total)
        info, pages = about(document, path, pages)
        yield info
    finally:
        document.close()
    yield from _finished(pages)


def _finished(pages: list[PageSignals | None]) -> Iterator[Page]:
    readable = [page for page in pages if page is not None]
    judged = iter(judge_pages(readable))
    texts = [tidy_glyphs(page.text) for page in readable]
    vocabulary = Vocabulary(texts)
    joined = iter(texts)
    for page in pages:
        if page is None:
            yield Page("", 0.0, "the page is damaged")
            continue
        confidence, reason = next(judged)
        text = join_hyphens(next(joined), vocabulary).strip()
        if page.notes:
            notes = join_hyphens(tidy_glyphs(page.notes), vocabulary).strip()
            text = f"{text}\n\n{notes}".lstrip()
        if not page.blank:
            yield Page(text, confidence, reason)
        elif page.notes:
            yield Page(text, 1.0)
        else:
            yield Page(text, blank=True)


def _read_page(document: Any, index: int) -> PageSignals:
    page, beside = open_page(document, index)
    try:
        text_page = page.get_textpage()
        try:
            text = text_page.get_text_bounded()
            unmapped = has_unmapped(text_page, text)
            layout = _find_layout(text_page)
            repaired = layout is not None and layout.zigzag > ZIGZAG_LIMIT
            if layout is not None and repaired:
                text = _text_by_column(text_page, layout.gutter)
        finally:
            text_page.close()
        notes = ""
        if beside is not None:
            text, notes = beside.complete(text), beside.ending(text)
        width, height = page.get_size()
        objects = _Objects(page, width * height)
        if beside is not None and beside.alone and objects.image_share > 0.2:
            # A scan on which somebody filled in fields: read are the fields, not the scan.
            text, notes = "", "\n\n".join(filter(None, (text.strip(), notes)))
    finally:
        page.close()
    return PageSignals(
        text=text,
        image_share=objects.image_share,
        image_dpi=objects.image_dpi,
        hidden_share=objects.hidden_share,
        text_objects=objects.texts,
        paths=objects.paths,
        zigzag=layout.zigzag if layout else 0.0,
        repaired=repaired,
        notes=notes,
        unmapped=unmapped,
    )


# --- order ------------------------------------------------------------------------------------


def _find_layout(text_page: Any) -> Layout | None:
    """Return the two-column layout of a page, None when it has none."""
    count = text_page.count_rects()
    if not 10 <= count <= _MOST_PIECES:
        return None
    return find_layout(merge_line_pieces([Box(*text_page.get_rect(i)) for i in range(count)]))


def _text_by_column(text_page: Any, gutter: float) -> str:
    """Read a page column by column; the characters of a line stay as they are drawn."""
    boxes, texts = _pieces(text_page, gutter)
    text = ""
    for index in reading_order(boxes, gutter):
        line = " ".join(texts[index].split())
        if not line:
            continue
        if re.search(rf"[^\W\d_][-\u00ad\ufffe{HYPHEN_MARK}]$", text) and line[0].isalpha():
            text = text[:-1] + HYPHEN_MARK + line
        else:
            text = f"{text}\n{line}" if text else line
    return text


def _pieces(text_page: Any, gutter: float) -> tuple[list[Box], list[str]]:
    """Cut the characters of a page into pieces of lines that do not jump over the gutter."""
    import pypdfium2.raw as pdfium

    boxes: list[Box] = []
    texts: list[str] = []
    last: Box | None = None
    for index in range(text_page.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text_page.raw, index))
        if character in "\r\n":
            last = None
            continue
        if pdfium.FPDFText_IsGenerated(text_page.raw, index) == 1:
            if last is not None:
                texts[-1] += character
            continue
        box = Box(*text_page.get_charbox(index))
        if last is None or _jumps(last, box, gutter):
            boxes.append(box)
            texts.append(character)
        else:
            boxes[-1] = union(boxes[-1], box)
            texts[-1] += character
        # PDFium ends a line with the mark of its hyphen and no more.
        last = None if character in (HYPHEN_MARK, "\ufffe") else box
    return boxes, texts


def _jumps(last: Box, box: Box, gutter: float) -> bool:
    height = max(last.top - last.bottom, box.top - box.bottom, 4.0)
    over = last.right <= gutter <= box.left and box.left - last.right > height
    back = box.right < last.left - height
    away = max(last.bottom, box.bottom) - min(last.top, box.top) > height
    return over or back or away


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
        self._text_objects: list[Any] = []
        count = pdfium.FPDFPage_CountObjects(page.raw)
        self._walk(lambda i: pdfium.FPDFPage_GetObject(page.raw, i), count, 0)
        self.hidden_share = self._hidden() if self.image_share > 0.5 else 0.0

    def _walk(self, get: Any, count: int, depth: int) -> None:
        pdfium = self._pdfium
        for i in range(count):
            if self._left <= 0:
                return
            self._left -= 1
            item = get(i)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                self.texts += 1
                self._text_objects.append(item)
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self.paths += 1
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._note_image(item)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 3:
                inside = pdfium.FPDFFormObj_CountObjects(item)
                self._walk(
                    lambda j, form=item: pdfium.FPDFFormObj_GetObject(form, j), inside, depth + 1
                )

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

    def _hidden(self) -> float:
        invisible = sum(
            1
            for item in self._text_objects
            if self._pdfium.FPDFTextObj_GetTextRenderMode(item)
            == self._pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        )
        return invisible / len(self._text_objects) if self._text_objects else 0.0


EXTRACTOR = Extractor(
    name="pdf",
    function=extract,
    mime_types=("application/pdf",),
    suffixes=(".pdf",),
    requires=(
        Requirement("pypdfium2", "pip install pypdfium2"),
        Requirement("pypdf", "pip install pypdf"),
    ),
    version="2",
    writes=False,
)
