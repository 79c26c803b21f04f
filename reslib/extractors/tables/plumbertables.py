"""The tables of PDFs on pdfplumber's words and lines: used only when somebody asks for it by name.

The rules are those of :mod:`~reslib.extractors.tables.pdftables`; whoever doubts a table sees by
this whether it is the reader or the rules that went wrong. It takes some seven times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reslib.extractors.layout.plumberlayout import read_plumber_layouts
from reslib.extractors.plumber import open_plumber
from reslib.extractors.tables.pdftables import PagesOfTables
from reslib.items import Progress, Table, Warning

__all__ = ["extract"]


def extract(path: Path) -> Iterator[Table | Progress | Warning]:
    """Yield the tables of a PDF, page by page.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        pdfplumber cannot open it.
    """
    with open_plumber(path) as document:
        total = len(document.pages)
        without_text = []
        pages = PagesOfTables()
        for number, page in enumerate(document.pages, start=1):
            layouts = read_plumber_layouts(page)
            if not any(layout.words for layout in layouts):
                without_text.append(number)
            yield from pages.items(layouts, number)
            page.close()
            yield Progress(number, total)
    if without_text:
        yield Warning(
            "no_text_layer",
            f"{len(without_text)} of {total} pages have no text layer (scans, pictures): tables on "
            "them are not read",
            page=without_text[0],
        )
