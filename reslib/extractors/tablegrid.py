"""The cells of a table as a grid, where some of them reach over several rows or columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Cell", "Grid", "grid", "span"]

#: As browsers have it (HTML §4.9.11), and what no table that people read has.
_MOST_COLUMNS, _MOST_ROWS = 1000, 65_534
_MOST_CELLS = 1 << 20


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Parameters
    ----------
    text
        What stands in it.
    columns, rows
        How many it reaches over.
    """

    text: str
    columns: int = 1
    rows: int = 1


def span(stated: str | None) -> int:
    """Return the number that an attribute such as ``colspan`` states; 1 when it states none.

    Parameters
    ----------
    stated
        Its value.
    """
    digits = (stated or "").strip()[:6]
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1


class Grid(NamedTuple):
    """The rows of a table, all of one length, and its cells that reach over several.

    The text of a cell that reaches over several stands in the first of them; the others are empty.
    """

    rows: tuple[tuple[str, ...], ...]
    #: Row, column, rows and columns of each.
    spans: tuple[tuple[int, int, int, int], ...]


def grid(rows: Iterable[Sequence[Cell]]) -> Grid:
    """Return the rows of a table as a grid.

    Parameters
    ----------
    rows
        Its rows from above, each its cells from the left. What is beyond a million cells is
        left out.
    """
    lines: list[list[str]] = []
    spans: list[tuple[int, int, int, int]] = []
    #: By column, how many of the rows that come are taken by a cell from above.
    taken: dict[int, int] = {}
    size = 0
    for cells in rows:
        line: list[str] = []
        covered = {column: left - 1 for column, left in taken.items() if left > 1}
        for cell in cells:
            while len(line) in taken:
                line.append("")
            width = min(cell.columns, _MOST_COLUMNS - len(line))
            if width < 1:
                break
            if cell.rows > 1:
                height = min(cell.rows, _MOST_ROWS) - 1
                covered |= dict.fromkeys(range(len(line), len(line) + width), height)
            if cell.rows > 1 or width > 1:
                spans.append((len(lines), len(line), min(cell.rows, _MOST_ROWS), width))
            line += [cell.text, *[""] * (width - 1)]
        taken = covered
        size += max(len(line), len(covered), 1)
        if size > _MOST_CELLS:
            break
        lines.append(line)
    width = max(map(len, lines), default=0)
    if width * len(lines) > _MOST_CELLS:
        lines = lines[: _MOST_CELLS // width]
    height = len(lines)
    return Grid(
        tuple(tuple(line + [""] * (width - len(line))) for line in lines),
        tuple(
            (row, column, min(high, height - row), wide)
            for row, column, high, wide in spans
            if row < height and (wide > 1 or min(high, height - row) > 1)
        ),
    )
