"""PDF, read by PDFium.

PDFium gives the characters in drawn order, which in papers is the reading order. What is put on
top of that for one page is in :mod:`~reslib.extractors.pdf.pagetext`; what needs the whole
document follows here: line numbers go (:mod:`~reslib.extractors.pdf.linenumbers`), words broken at
the end of lines and pages are joined (:mod:`~reslib.extractors.pdf.hyphens`), and each page is
judged (:mod:`~reslib.extractors.pdf.confidence`).

PDFium is not thread-safe: one document at a time in a process, which a sandbox guarantees.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress, repeat
from pathlib import Path
from typing import Any

from reslib.extractors.ocr.wanted import wishes
from reslib.extractors.papers.frontmatter import FRONT_PAGES, front_matter, read_front
from reslib.extractors.papers.language import language_of
from reslib.extractors.pdf.annotations import open_page
from reslib.extractors.pdf.calls import calls, ready
from reslib.extractors.pdf.collector import paused_collector
from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.confidence import PageSignals, judge_pages
from reslib.extractors.pdf.glyphnames import has_unmapped, read_by_names
from reslib.extractors.pdf.glyphs import tidy_glyphs
from reslib.extractors.pdf.hyphens import Vocabulary, join_hyphens, mark_line_ends
from reslib.extractors.pdf.linenumbers import settle_line_numbers
from reslib.extractors.pdf.pageends import mark_page_ends
from reslib.extractors.pdf.pagetext import read_text
from reslib.extractors.pdf.pdfinfo import about
from reslib.extractors.pdf.pdfopen import content_of, no_pages, open_pdf, unreadable
from reslib.extractors.pdf.pdfstated import PdfStated
from reslib.extractors.pdf.runningheads import drops_furniture, without_furniture
from reslib.extractors.pdf.secondreader import look_again
from reslib.items import DocumentInfo, Metadata, Page, Progress, Warning

__all__ = ["extract", "read_page"]

#: Objects of a page that are looked at; a map can have a million.
_MOST_OBJECTS = 3000
#: Seconds after which what was read is worth keeping before it is finished.
_WORTH_KEEPING = 0.2


def extract(
    path: Path, options: Mapping[str, Any]
) -> Iterator[Page | Progress | Metadata | DocumentInfo | Warning]:
    """Yield the pages of a PDF.

    All pages are read before the first is given: how a word is written elsewhere decides how a
    broken one is joined. Of a document that takes long each is given as it was read as well, so
    that it is not lost should the extraction be ended.

    Of the options, ``ocr`` says which pages are to be read by OCR (see
    :class:`~reslib.ExtractionWorker`), and ``furniture="drop"`` leaves running heads and the
    numbers of pages out of the text.
    """
    import pypdfium2

    drops, dropped = drops_furniture(options), 0
    worth_keeping = time.monotonic() + _WORTH_KEEPING
    content = content_of(path)
    document = open_pdf(path, content=content)
    try:
        total = len(document)
        if not total:
            raise no_pages()
        pages: list[PageSignals | None] = []
        drafted = 0
        for index in range(total):
            try:
                with paused_collector():
                    pages.append(read_page(document, index))
            except pypdfium2.PdfiumError:
                pages.append(None)
            if time.monotonic() > worth_keeping:
                yield from _drafts(pages, drafted)
                drafted = len(pages)
            yield Progress(index + 1, total)
        pages = look_again(path, read_by_names(path, pages, read_page), read_page)
        if all(page is None for page in pages):
            raise unreadable(total)
        stated = PdfStated(document, path if content is None else content)
        info, pages = about(document, path, pages, stated.title())
        yield info
        yield from stated
        front = [page.front if page else None for page in pages[:FRONT_PAGES]]
        with paused_collector():
            said = list(front_matter(front, stated))
        yield from said
        yield from language_of(page.text for page in pages if page)
        if drops:
            pages, dropped = without_furniture(document, pages)
    finally:
        document.close()
    if dropped:
        lines = "1 line was" if dropped == 1 else f"{dropped:,} lines were"
        words = f"{lines} left out as asked: running heads, running feet and numbers of pages"
        yield Warning("furniture_left_out", words)
    yield from _finished(pages, options)


def _drafts(pages: Sequence[PageSignals | None], first: int) -> Iterator[Page]:
    """Yield the pages from number *first*, counted from 0, as they were read."""
    for number, page in enumerate(pages[first:], first + 1):
        if page is not None:
            yield Page(tidy_glyphs(page.text).strip(), blank=page.blank, number=number)


def _finished(pages: list[PageSignals | None], options: Mapping[str, Any]) -> Iterator[Page]:
    with paused_collector():
        readable = [page for page in pages if page is not None]
        settled = settle_line_numbers([page.text for page in readable])
        readable = [
            page if page.text == text else replace(page, text=text)
            for page, text in zip(readable, settled, strict=True)
        ]
        judged = iter(judge_pages(readable))
        texts = mark_page_ends([mark_line_ends(tidy_glyphs(page.text)) for page in readable])
        vocabulary = Vocabulary(texts)
        joined = iter([join_hyphens(text, vocabulary).strip() for text in texts])
    for number, page in enumerate(pages, 1):
        if page is None:
            yield Page("", 0.0, "the page is damaged", number=number)
            continue
        confidence, reason = next(judged)
        text = next(joined)
        if page.notes:
            notes = join_hyphens(tidy_glyphs(page.notes), vocabulary).strip()
            text = f"{text}\n\n{notes}".lstrip()
        if not page.blank:
            wants = wishes(page, confidence, reason, options)
            yield Page(text, confidence, reason, number=number, wants=wants)
        elif page.notes:
            yield Page(text, 1.0, number=number)
        else:
            yield Page(text, blank=True, number=number)


def read_page(document: Any, index: int) -> PageSignals:
    """Return what is measured on a page, and its text as PDFium gives it."""
    page, beside = open_page(document, index)
    try:
        width, height = page.get_size()
        objects = _Objects(page, width * height)
        text_page = page.get_textpage()
        try:
            text, zigzag, repaired = read_text(
                text_page,
                Box(*page.get_bbox()),
                rotation=page.get_rotation(),
                hidden=0 < objects.invisible < objects.texts,
            )
            unmapped = has_unmapped(text_page, text)
            fields = beside.fields if beside is not None else 0
            front = read_front(page, text_page, index, text, fields)
        finally:
            text_page.close()
        notes = ""
        if beside is not None:
            text, notes = beside.complete(text), beside.ending(text)
            if beside.alone and objects.image_share > 0.2:
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
        zigzag=zigzag,
        repaired=repaired,
        notes=notes,
        unmapped=unmapped,
        front=front,
    )


# --- objects ----------------------------------------------------------------------------------


class _Objects:
    """The objects drawn on a page besides characters: images, paths, invisible text."""

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
        self._calls = calls()
        count = pdfium.FPDFPage_CountObjects(page.raw)
        self._walk(self._calls.page_object, ready(page.raw), count, 0)
        scanned = self.image_share > 0.5 and self.texts
        self.hidden_share = self.invisible / self.texts if scanned else 0.0

    def _walk(self, get: Callable[..., int | None], parent: Any, count: int, depth: int) -> None:
        """Look at the objects of a page, or of a form on it, in drawn order."""
        items = list(map(get, repeat(parent), range(min(count, self._left))))
        kinds = list(map(self._calls.kind, items))
        form = self._pdfium.FPDF_PAGEOBJ_FORM
        done = 0
        for number in [n for n, kind in enumerate(kinds) if kind == form] if form in kinds else []:
            self._note(items[done:number], kinds[done:number])
            if self._left <= 0:
                return
            self._left -= 1
            done = number + 1
            place = items[number]
            if place and depth < 3:
                inside = self._pdfium.FPDFFormObj_CountObjects(_as_object(place))
                self._walk(self._calls.form_object, place, inside, depth + 1)
        self._note(items[done:], kinds[done:])

    def _note(self, items: list[int | None], kinds: list[int]) -> None:
        """Count objects that are no forms, as many as are left to be looked at."""
        if not items:
            return
        items, kinds = items[: self._left], kinds[: self._left]
        self._left -= len(items)
        pdfium = self._pdfium
        text, image = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE
        self.paths += kinds.count(pdfium.FPDF_PAGEOBJ_PATH)
        if text in kinds:
            texts = compress(items, map(text.__eq__, kinds))
            modes = list(map(self._calls.render_mode, texts))
            self.texts += len(modes)
            self.invisible += modes.count(pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
            self.invisible += modes.count(pdfium.FPDF_TEXTRENDERMODE_CLIP)
        if image in kinds:
            for item in compress(items, map(image.__eq__, kinds)):
                self._note_image(_as_object(item))

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


def _as_object(place: int | None) -> Any:
    """Return an object of a page as pypdfium2's prototypes take it."""
    import pypdfium2.raw as pdfium

    return ctypes.cast(ctypes.c_void_p(place), pdfium.FPDF_PAGEOBJECT)
