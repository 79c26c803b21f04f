"""Tables of TeX: cells into rows, with what spans columns and what is the head."""

from __future__ import annotations

from dataclasses import dataclass, field

from reslib.extractors.tex.texout import flat

__all__ = ["MOST_SPANNED", "TexTable"]

#: The most columns that one cell spans.
MOST_SPANNED = 60


@dataclass(slots=True)
class TexTable:
    """One table as it is read.

    Parameters
    ----------
    level
        How many texts were being written when it began: its cells end on that level only.
    environment
        The name of its environment.
    left
        How many cells are kept.
    """

    level: int
    environment: str
    left: int
    rows: list[tuple[str, ...]] = field(default_factory=list)
    #: Row, column, rows and columns of each cell that reaches over several.
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    caption: str = ""
    header_rows: int = 0
    #: How much was open when it began: a line end ends a row only there, or in the head of a
    #: table of astronomers.
    depth: int = 0
    in_head: bool = False
    #: How many columns the cell that is being read spans.
    span: int = 1
    #: And how many rows; below 0 when its text stands in the last of them.
    high: int = 1
    _row: list[str] = field(default_factory=list)

    def end_cell(self, text: str) -> None:
        """Take the text of a cell."""
        row, column, wide = len(self.rows), len(self._row), min(self.span, MOST_SPANNED)
        high, text = min(abs(self.high), MOST_SPANNED), flat(text)
        if self.high < 0:
            high = min(high, row + 1)
            row -= high - 1
            if self._raise(row, column, text):
                text = ""
            else:
                row, high = len(self.rows), 1
        if wide > 1 or high > 1:
            self.spans.append((row, column, high, wide))
        self._row += [text, *[""] * (wide - 1)]
        self.span = self.high = 1

    def _raise(self, row: int, column: int, text: str) -> bool:
        """Put a text into a cell of a row above; False when another stands there."""
        if row >= len(self.rows):
            return False
        cells = [*self.rows[row], *[""] * (column + 1 - len(self.rows[row]))]
        if cells[column]:
            return False
        cells[column] = text
        self.rows[row] = tuple(cells)
        return True

    def reaching(self, height: int) -> tuple[tuple[int, int, int, int], ...]:
        """Return the cells that reach over several, in a table of so many rows."""
        found = (
            (row, column, min(high, height - row), wide) for row, column, high, wide in self.spans
        )
        return tuple(sorted(span for span in found if span[2] >= 1 and span[2] * span[3] > 1))

    def end_row(self) -> str:
        """End a row and return its text; empty when there is nothing in it."""
        row, self._row = self._row, []
        while row and not row[-1]:
            row.pop()
        if not row:
            self.spans = [span for span in self.spans if span[0] < len(self.rows)]
            return ""
        self.left -= len(row)
        if self.left >= 0:
            self.rows.append(tuple(row))
        return "\t".join(row)

    def rule(self) -> None:
        """Take note of a line across: the rows above the first one below a row are the head."""
        if not self.header_rows:
            self.header_rows = len(self.rows)

    def body(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows, filled up to the same length where that makes them little longer."""
        width = max(map(len, self.rows), default=0)
        if width * len(self.rows) > 4 * sum(map(len, self.rows)) + 1_000:
            return tuple(self.rows)
        return tuple(row + ("",) * (width - len(row)) for row in self.rows)
