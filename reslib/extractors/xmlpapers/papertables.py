"""The tables of papers in XML, with their captions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from reslib.extractors.tablegrid import Cell, grid, span
from reslib.extractors.tables.heads import with_head
from reslib.extractors.xmlpapers.paperxml import Show, is_element, one_line, outermost
from reslib.items import Table

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["PaperTables"]

_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")
_MOST_TABLES, _MOST_CHARACTERS = 10_000, 24_000_000
_CAPTIONS = ("label", "caption", "head", "figDesc")
_LONGEST_CAPTION = 2_000


class PaperTables:
    """Makes tables of elements, as long as there is room for them.

    Parameters
    ----------
    tags, special
        How the text of a cell is shown; see :func:`~reslib.extractors.xmlpapers.paperxml.show`.
    """

    def __init__(self, tags: Mapping[str, str], special: Show | None = None) -> None:
        self._tags, self._special = tags, special
        self._left, self._count = _MOST_CHARACTERS, 0

    def of(self, root: etree._Element, page: int) -> Iterator[Table]:
        """Yield the tables below an element; one inside another is part of that.

        Parameters
        ----------
        root
            The element.
        page
            The number of the page that it is on, from 1.
        """
        for table in outermost(root, "table"):
            if self._left <= 0 or self._count >= _MOST_TABLES:
                return
            rows: list[list[Cell]] = []
            head = 0
            for row in table.iter(*(f"{{*}}{name}" for name in _ROWS)):
                cells = [self._cell(cell) for cell in row if is_element(cell, *_CELLS)]
                self._left -= sum(len(cell.text) + 8 for cell in cells)
                if self._left <= 0:
                    break
                head += len(rows) == head and _is_head(row)
                rows.append(cells)
            even, spans = grid(rows)
            if any(any(row) for row in even):
                self._count += 1
                head = min(head, len(even))
                yield with_head(Table(even, page, self._caption(table), head, spans=spans))

    def _cell(self, cell: etree._Element) -> Cell:
        text = one_line(cell, self._tags, self._special)
        columns, rows = cell.get("colspan", cell.get("cols")), cell.get("rowspan", cell.get("rows"))
        return Cell(text, span(columns), span(rows))

    def _caption(self, table: etree._Element) -> str:
        wrap = next(table.iterancestors("{*}table-wrap", "{*}figure"), None)
        if wrap is None:
            return ""
        parts = [one for one in islice(wrap, 20) if is_element(one, *_CAPTIONS)]
        words = [one_line(one, self._tags, self._special) for one in parts]
        return " ".join(dict.fromkeys(filter(None, words)))[:_LONGEST_CAPTION]


def _is_head(row: etree._Element) -> bool:
    parent = row.getparent()
    return row.get("role") == "label" or (parent is not None and is_element(parent, "thead"))
