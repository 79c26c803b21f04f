"""The headings and the tables of an HTML page, as items beside its text."""

from __future__ import annotations

from dataclasses import dataclass, field

from reslib.extractors.invisible import visible
from reslib.extractors.tablegrid import Cell, grid, span
from reslib.extractors.tables.heads import with_head
from reslib.extractors.written import Written, start_height
from reslib.items import Section, Table

__all__ = ["HtmlParts"]

#: How high what these elements hold stands.
_HEIGHTS = {"sup": 1, "sub": -1}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
#: What stands in the cells of a table that only arranges the page.
_OF_LAYOUT = frozenset(
    "table form input button select textarea iframe h1 h2 h3 nav header footer article section "
    "aside main".split()
)
#: Cells of a table that says nothing of itself are no longer than this on the average.
_LONG = 80
_MOST_SECTIONS, _MOST_TABLES, _MOST_CHARACTERS = 20_000, 10_000, 16 << 20
_LONGEST = 1_000


@dataclass(slots=True)
class _Table:
    """A table whose end has not come yet."""

    rows: list[list[Cell]] = field(default_factory=list)
    #: Of each row, whether it is one of the head.
    heads: list[bool] = field(default_factory=list)
    caption: list[str] = field(default_factory=list)
    cell: Written | None = None
    attributes: dict[str, str | None] = field(default_factory=dict)
    is_head_cell: bool = True
    in_head: bool = False
    in_caption: bool = False
    #: Whether it says that it holds data; whether it arranges the page.
    stated: bool = False
    layout: bool = False


class HtmlParts:
    """Collects headings and tables from the events of a page's elements.

    Parameters
    ----------
    page
        The number of the page that they are on, from 1.
    """

    def __init__(self, page: int = 1) -> None:
        self.page = page
        self.sections: list[Section] = []
        self.tables: list[Table] = []
        self._heading: list[str] | None = None
        self._open: list[_Table] = []
        self._left = _MOST_CHARACTERS
        #: How many elements are open from the outermost one on that leads about the site.
        self._in_menu = 0

    def start(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Take the start of an element."""
        role = (attributes.get("role") or "").lower()
        if self._in_menu or tag == "nav" or role == "navigation":
            self._in_menu += 1
            return
        if tag in _HEADINGS:
            self._heading = []
        if self._open and tag in _OF_LAYOUT:
            self._open[-1].layout = True
        if tag == "table":
            self._open.append(_Table(layout=role in ("presentation", "none")))
        elif self._open:
            self._in_table(self._open[-1], tag, attributes)
        if tag == "br":
            self.data(" ")

    def _in_table(self, table: _Table, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "tr":
            self._end_cell(table)
            table.rows.append([])
            table.heads.append(table.in_head)
            table.is_head_cell = True
        elif tag in ("td", "th"):
            self._end_cell(table)
            if not table.rows:
                table.rows.append([])
                table.heads.append(False)
            table.cell, table.attributes = Written(), attributes
            table.is_head_cell &= tag == "th"
            table.stated |= tag == "th"
        elif tag == "thead":
            table.in_head = table.stated = True
        elif tag in ("tbody", "tfoot"):
            table.in_head = False
        elif tag == "caption":
            table.in_caption = table.stated = True
        elif table.cell is not None and tag in _HEIGHTS:
            start_height(table.cell, _HEIGHTS[tag])
        elif table.cell is not None and not table.cell.height:
            table.cell.write(" ")

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._in_menu:
            self._in_menu -= 1
            return
        if tag in _HEADINGS and self._heading is not None:
            title = _one_line(self._heading)
            if title and len(self.sections) < _MOST_SECTIONS:
                self.sections.append(Section(title, _HEADINGS[tag], self.page))
            self._heading = None
        if not self._open:
            return
        table = self._open[-1]
        if tag in _HEIGHTS and table.cell is not None:
            table.cell.height = 0
        elif tag in ("td", "th"):
            self._end_cell(table)
        elif tag == "tr":
            self._end_row(table)
        elif tag == "thead":
            table.in_head = False
        elif tag == "caption":
            table.in_caption = False
        elif tag == "table":
            self._end_cell(table)
            self._end_row(table)
            self._finish(self._open.pop())

    def data(self, text: str) -> None:
        """Take text that is seen."""
        if self._in_menu:
            return
        if self._heading is not None:
            self._heading.append(text[:_LONGEST])
        if self._open and self._left > 0:
            table = self._open[-1]
            if table.in_caption or table.cell is not None:
                self._left -= len(text) + 1
            if table.in_caption:
                table.caption.append(text)
            elif table.cell is not None:
                table.cell.write(text)

    def _end_cell(self, table: _Table) -> None:
        if table.cell is not None and self._left > 0:
            self._left -= 8
            table.cell.flush()
            words = " ".join(visible("".join(table.cell.parts)).split())
            columns, rows = (span(table.attributes.get(name)) for name in ("colspan", "rowspan"))
            table.rows[-1].append(Cell(words, columns, rows))
        table.cell = None

    def _end_row(self, table: _Table) -> None:
        if table.rows and table.rows[-1] and table.is_head_cell and len(table.rows[-1]) > 1:
            table.heads[-1] = True
        table.is_head_cell = False

    def _finish(self, table: _Table) -> None:
        if self._left <= 0 or len(self.tables) >= _MOST_TABLES or not _is_data(table):
            return
        rows, spans = grid(table.rows)
        heads = next((n for n, head in enumerate(table.heads) if not head), len(table.heads))
        caption = _one_line(table.caption)
        heads = min(heads, len(rows))
        self.tables.append(with_head(Table(rows, self.page, caption, heads, spans=spans)))


def _one_line(parts: list[str]) -> str:
    return " ".join(visible("".join(parts)[: 2 * _LONGEST]).split())[:_LONGEST]


def _is_data(table: _Table) -> bool:
    """True when a table holds data rather than arranges the page."""
    lengths = [len(row) for row in table.rows if row]
    if table.layout or len(lengths) < 2 or max(lengths) < 2:
        return False
    texts = [cell.text for row in table.rows for cell in row]
    if not any(texts):
        return False
    alike = len(lengths) > 2 and min(lengths) == max(lengths)
    return table.stated or (alike and sum(map(len, texts)) <= _LONG * len(texts))
