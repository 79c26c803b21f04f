"""The tables of PDFs, their headings and references: the task ``tables``, which looks at layout.

The text of the document is another task, and is not touched by what is found here. Tables that go
on over pages are one for each page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reslib.extractors.layout.layout import Box, PageLayout
from reslib.extractors.layout.pdfiumlayout import read_layouts
from reslib.extractors.papers.structure import structure
from reslib.extractors.papers.typelines import TypeLine, read_lines
from reslib.extractors.pdf.pdfopen import content_of, no_pages, open_pdf, unreadable
from reslib.extractors.tables.heads import with_head
from reslib.extractors.tables.lastrows import ends_page, last_rows
from reslib.extractors.tables.page import Found
from reslib.extractors.tables.pagetables import find_tables
from reslib.items import Progress, Reference, Section, Table, Warning

__all__ = ["PagesOfTables", "extract"]

#: Less sure than this, what was found is nothing; of text that runs aside, than this.
_LEAST, _LEAST_ASIDE = 0.1, 0.6


def extract(path: Path) -> Iterator[Table | Section | Reference | Progress | Warning]:
    """Yield the tables of a PDF, page by page, then its sections and the works that it cites.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        It is no PDF that can be opened, or none of its pages can be read.
    """
    import pypdfium2

    document = open_pdf(path, content=content_of(path))
    try:
        total = len(document)
        if not total:
            raise no_pages()
        damaged, without_text = [], []
        lines: list[list[TypeLine]] = []
        boxes: list[list[Box]] = []
        pages = PagesOfTables()
        for index in range(total):
            try:
                layouts, of_page = _read(document, index)
            except pypdfium2.PdfiumError:
                damaged.append(index + 1)
                layouts, of_page = [], []
            else:
                if not any(layout.words for layout in layouts):
                    without_text.append(index + 1)
            found = pages.found(layouts)
            yield from (_item(each, layout, index + 1) for each, layout in found)
            lines.append(of_page)
            boxes.append([each.box for each, layout in found if not layout.turns])
            yield Progress(index + 1, total)
        if len(damaged) == total:
            raise unreadable(total)
    finally:
        document.close()
    yield from structure(lines, boxes)
    yield from _warnings(damaged, without_text, total)


class PagesOfTables:
    """Finds the tables of the pages of a document, one after the other."""

    def __init__(self) -> None:
        #: The table with which the page before ends.
        self._before: Found | None = None

    def items(self, layouts: Sequence[PageLayout], number: int) -> Iterator[Table]:
        """Yield the tables of the next page.

        Parameters
        ----------
        layouts
            Of the page, that of most words first.
        number
            That of the page, from 1.
        """
        yield from (_item(found, layout, number) for found, layout in self.found(layouts))

    def found(self, layouts: Sequence[PageLayout]) -> list[tuple[Found, PageLayout]]:
        """Return what was found on the next page, each with the layout that it is in.

        Parameters
        ----------
        layouts
            Of the page, that of most words first.
        """
        found = list(_found(layouts))
        first = layouts[0] if layouts and not layouts[0].turns else None
        upright = [each for each, layout in found if layout is first]
        if first is not None and self._before is not None:
            rows = last_rows(self._before, first, upright)
            if rows is not None:
                found.insert(0, (rows, first))
        lowest = min(upright, key=lambda each: each.box.bottom, default=None)
        goes_on = lowest is not None and first is not None and ends_page(lowest, first)
        self._before = lowest if goes_on else None
        return found


def _found(layouts: Iterable[PageLayout]) -> Iterator[tuple[Found, PageLayout]]:
    for place, layout in enumerate(layouts):
        for found in find_tables(layout):
            if found.confidence >= (_LEAST_ASIDE if place else _LEAST):
                yield found, layout


def _item(found: Found, layout: PageLayout, number: int) -> Table:
    made = Table(
        rows=tuple(map(tuple, found.cells.rows)),
        page=number,
        caption=found.caption,
        header_rows=found.cells.header_rows,
        box=layout.shown_box(found.box),
        confidence=found.confidence,
        reason=found.reason,
        spans=tuple(found.cells.spans),
    )
    return with_head(made)


def _read(document: Any, index: int) -> tuple[list[PageLayout], list[TypeLine]]:
    """Return the layouts of a page, and its lines in drawn order."""
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            height = float(page.get_height())
            lines = read_lines(text_page, index + 1, height)
            return read_layouts(page, text_page), lines
        finally:
            text_page.close()
    finally:
        page.close()


def _warnings(damaged: list[int], without_text: list[int], total: int) -> Iterator[Warning]:
    if damaged:
        yield Warning(
            "damaged_page",
            f"{len(damaged)} of {total} pages are damaged, and their tables are not read",
            page=damaged[0],
        )
    if without_text:
        yield Warning(
            "no_text_layer",
            f"{len(without_text)} of {total} pages have no text layer (scans, pictures): tables on "
            "them are not read",
            page=without_text[0],
        )
