"""The lines of a text with light markup: which page each is on, and the tables they make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reslib.extractors.tables.heads import with_head
from reslib.extractors.written import Written, start_height
from reslib.items import Table
from reslib.models import PAGE_BREAK

__all__ = ["MOST_ITEMS", "TableRows", "numbered_lines"]

#: Fewer than a document may have: what is beyond them is nothing that people look for.
MOST_ITEMS = 20_000
_MOST_CHARACTERS = 16 << 20
_RAISED = re.compile(r"<(sup|sub)>([^<>]{1,80})</\1>", re.IGNORECASE)
_BAR = re.compile(r"(?<!\\)\|")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text, each after the number of its page.

    Parameters
    ----------
    text
        The text; a form feed starts a page.
    """
    page = 1
    for line in text.split("\n"):
        page += line.count(PAGE_BREAK)
        yield page, line.replace(PAGE_BREAK, "")


class TableRows:
    """Makes tables of lines whose cells are parted by bars, as long as there is room."""

    def __init__(self) -> None:
        self.tables: list[Table] = []
        self._left = _MOST_CHARACTERS

    def cells(self, line: str) -> tuple[str, ...]:
        """Return the cells of a line."""
        inside = line.strip().removeprefix("|")
        if inside.endswith("|") and not inside.endswith("\\|"):
            inside = inside[:-1]
        cells = (cell.strip().replace("\\|", "|") for cell in _BAR.split(inside))
        return tuple(_as_read(cell) if "</su" in cell.lower() else cell for cell in cells)

    def add(self, lines: list[str], head: int, page: int, caption: str = "") -> None:
        """Take the lines of a table, those between its rows left out.

        Parameters
        ----------
        lines
            Its rows.
        head
            How many of them are its head.
        page
            The number of the page it is on.
        caption
            What stands above or below it.
        """
        self._left -= sum(map(len, lines)) + 8 * sum(line.count("|") for line in lines)
        if self._left < 0 or len(self.tables) >= MOST_ITEMS or len(lines) < 2:
            return
        rows = [self.cells(line) for line in lines]
        width = min(max(map(len, rows)), 1000)
        if width * len(rows) > 1 << 20:
            return
        even = tuple((row + ("",) * (width - len(row)))[:width] for row in rows)
        self.tables.append(with_head(Table(even, page, caption, header_rows=head)))


def _as_read(cell: str) -> str:
    """Return a cell with its raised and lowered pieces as they are read: ``10^5``, ``CO2``."""
    written, place = Written(), 0
    for piece in _RAISED.finditer(cell):
        written.write(cell[place : piece.start()])
        start_height(written, 1 if piece[1].lower() == "sup" else -1)
        written.write(piece[2])
        written.height, place = 0, piece.end()
    written.write(cell[place:])
    return "".join(written.parts)
