"""The tables of a Word document as its XML has them: rows, merged cells, heads, captions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reslib.extractors.invisible import visible
from reslib.extractors.office.wordxml import attribute, child, is_on, value
from reslib.extractors.tables.heads import MOST_HEAD_ROWS, set_apart, with_head
from reslib.items import Table

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["WordTables"]

#: Tables of a document, their cells together, and the columns of one (Word has 63).
_MOST_TABLES, _MOST_CELLS, _MOST_COLUMNS = 10_000, 1_000_000, 1_000
_LONGEST_CAPTION = 2_000
_CAPTION = re.compile(
    r"(?:Table|Tab\.|Tabelle|Tableau|Tabla|Tabela|Tabella)\s*[A-Z]?\d", re.IGNORECASE
)


@dataclass(slots=True, eq=False)
class _Cell:
    """A cell: where it begins, and over how many columns and rows it reaches."""

    row: int
    column: int
    text: str = ""
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class _Open:
    """A table that is being read."""

    place: int
    caption: str
    #: Whether the style of the table has a look of its own for the first row.
    has_first_row: bool = False
    cells: list[_Cell] = field(default_factory=list)
    row: int = -1
    column: int = 0
    width: int = 0
    heads: int = 0
    #: By column, the cell above that is merged downwards.
    merged: dict[int, _Cell] = field(default_factory=dict)
    #: Of the first rows, whether each cell with words is bold or on a ground of its own.
    apart: list[list[bool]] = field(default_factory=list)


class WordTables:
    """Collects the tables of a document; one inside another is a table as well.

    The elements are those of ECMA-376 part 1, §17.4.
    """

    def __init__(self) -> None:
        self._found: list[Table | None] = []
        self._open: list[_Open] = []
        self._left = _MOST_CELLS
        #: The paragraph before a table, when it is a caption, and the table before a paragraph.
        self._caption = ""
        self._wants_caption: int | None = None

    def tables(self) -> list[Table]:
        """Return the tables in the order in which they begin."""
        return [table for table in self._found if table is not None]

    def paragraph(self, text: str, style: str | None) -> None:
        """Take a paragraph outside of tables, which may be the caption of one."""
        if self._open:
            return
        words = " ".join(text.split())
        if not words:
            return
        is_caption = (style or "").lower() == "caption" or _CAPTION.match(words) is not None
        self._caption = words[:_LONGEST_CAPTION] if is_caption else ""
        at = self._wants_caption
        if is_caption and at is not None and (table := self._found[at]) is not None:
            self._found[at] = replace(table, caption=self._caption)
            self._caption = ""
        self._wants_caption = None

    def start_table(self, *, has_first_row: bool = False) -> None:
        """Take the start of a table, and whether its style has a look for the first row."""
        self._found.append(None)
        caption = "" if self._open else self._caption
        self._caption = ""
        self._open.append(_Open(len(self._found) - 1, caption, has_first_row))

    def start_row(self, row: etree._Element) -> None:
        """Take the start of a row."""
        if not self._open:
            return
        table = self._open[-1]
        own = child(row, "w:trPr")
        table.row += 1
        if table.row <= MOST_HEAD_ROWS:
            table.apart.append([])
        table.column = _number(value(own, "w:gridBefore"), 0)
        head = child(own, "w:tblHeader")
        if head is not None and is_on(head) and table.heads == table.row:
            table.heads += 1

    def end_cell(self, cell: etree._Element, text: str) -> None:
        """Take a cell with its text."""
        if not self._open or self._open[-1].row < 0 or self._left <= 0:
            return
        table = self._open[-1]
        own = child(cell, "w:tcPr")
        wide = min(_number(value(own, "w:gridSpan"), 1), max(1, _MOST_COLUMNS - table.column))
        merge = child(own, "w:vMerge")
        state = "" if merge is None else attribute(merge, "val") or "continue"
        above = table.merged.get(table.column)
        if state == "continue" and above is not None:
            above.rows = table.row - above.row + 1
        elif table.column < _MOST_COLUMNS:
            self._left -= 1
            words = " ".join(visible(text).split())
            made = _Cell(table.row, table.column, words, wide)
            table.cells.append(made)
            if words and table.row <= MOST_HEAD_ROWS:
                table.apart[-1].append(_is_set_apart(cell, own))
            table.merged.pop(table.column, None)
            if state == "restart":
                table.merged[table.column] = made
        table.column += wide
        table.width = max(table.width, min(table.column, _MOST_COLUMNS))

    def end_table(self) -> None:
        """Take the end of a table."""
        if not self._open:
            return
        table = self._open.pop()
        height = table.row + 1
        if (
            not any(cell.text for cell in table.cells)
            or height * table.width > _MOST_CELLS
            or len(self._found) > _MOST_TABLES
        ):
            return
        rows = [[""] * table.width for _ in range(height)]
        spans = []
        for cell in table.cells:
            rows[cell.row][cell.column] = cell.text
            if cell.rows > 1 or cell.columns > 1:
                spans.append((cell.row, cell.column, cell.rows, cell.columns))
        found = Table(
            tuple(map(tuple, rows)),
            page=1,
            caption=table.caption,
            header_rows=min(table.heads, height - 1),
            spans=tuple(spans),
        )
        marks = [(set_apart(table.apart), "bold, or on a ground of its own")]
        if table.has_first_row:
            marks.append((1, "the style of the table"))
        self._found[table.place] = with_head(found, marks)
        self._wants_caption = table.place if not self._open and not table.caption else None


def _is_set_apart(cell: etree._Element, own: etree._Element | None) -> bool:
    """True when the words of a cell are bold, or stand on a ground of their own."""
    ground = child(own, "w:shd")
    fill = (attribute(ground, "fill") or "auto") if ground is not None else "auto"
    if fill.lower() not in ("auto", "ffffff"):
        return True
    runs = [run for run in cell.iter("{*}r") if next(run.iter("{*}t"), None) is not None]
    bold = [child(child(run, "w:rPr"), "w:b") for run in runs]
    return bool(bold) and all(each is not None and is_on(each) for each in bold)


def _number(stated: str | None, default: int) -> int:
    digits = (stated or "").strip()[:4]
    return max(default, int(digits)) if digits.isascii() and digits.isdigit() else default
