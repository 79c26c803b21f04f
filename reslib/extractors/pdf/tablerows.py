"""Rows of a table that stands over or between columns of prose, and belong together.

Such a row has narrow pieces on either side of a gutter, and so have the rows above and below it.
Beside a small table inside one column stands prose: that is no row over both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reslib.extractors.pdf.columns import Box, column_of

__all__ = ["Piece", "table_rows"]

#: A piece of prose takes this share of its column, a cell less.
_WIDE = 0.6
#: Rows of a table, at least, with three cells and more, and with two.
_FEWEST_ROWS, _FEWEST_ROWS_OF_TWO = 3, 4
#: A row farther from the one above, in heights, begins something else.
_FARTHEST = 4.0


@dataclass(slots=True)
class Piece:
    """A part of a line that does not jump over a gutter, with the parts between wide gaps."""

    box: Box
    text: str
    cells: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    indexes: list[int]
    cells: int
    wide: list[int]
    bottom: float
    top: float


def table_rows(
    pieces: Sequence[Piece],
    gutters: Sequence[float],
    is_filled: Callable[[Sequence[int]], bool],
) -> list[list[int]]:
    """Return the indexes of the pieces of each table that stands over more than one column.

    Parameters
    ----------
    pieces
        In drawn order.
    gutters
        Where the columns end.
    is_filled
        Whether some of the pieces, from the top, are lines that fill their column.
    """
    widths = _widths(pieces, gutters)
    found: list[list[int]] = []
    run: list[_Row] = []
    for row in [*_rows(pieces, gutters, widths), None]:
        if row is not None and _may_go_on(row, run):
            run.append(row)
            continue
        while run and run[-1].cells < 2:
            run.pop()
        if _is_table(run, pieces, gutters, is_filled):
            found.append(sorted(index for row in run for index in row.indexes))
        run = [row] if row is not None and row.cells > 1 else []
    return found


def _may_go_on(row: _Row, run: Sequence[_Row]) -> bool:
    """True when a row of cells, or a line more of one of them, may stand under those above."""
    if not run or not (row.cells > 1 or not row.wide):
        return False
    return run[-1].bottom - row.top < _FARTHEST * (row.top - row.bottom)


def _is_table(
    run: Sequence[_Row],
    pieces: Sequence[Piece],
    gutters: Sequence[float],
    is_filled: Callable[[Sequence[int]], bool],
) -> bool:
    rows = [row for row in run if row.cells > 1]
    of_three = sum(row.cells > 2 for row in rows)
    if len(rows) < (_FEWEST_ROWS if 2 * of_three > len(rows) else _FEWEST_ROWS_OF_TWO):
        return False
    columns: list[list[int]] = [[] for _ in range(len(gutters) + 1)]
    for row in run:
        for index in row.indexes:
            column = column_of(pieces[index].box, gutters)
            if column is not None:
                columns[column].append(index)
    if sum(map(bool, columns)) < 2:
        return False
    wide = {index for row in run for index in row.wide}
    return not any(
        2 * sum(index in wide for index in column) > len(column) and is_filled(column)
        for column in columns
    )


def _widths(pieces: Sequence[Piece], gutters: Sequence[float]) -> list[float]:
    edges: list[list[tuple[float, float]]] = [[] for _ in range(len(gutters) + 1)]
    for piece in pieces:
        column = column_of(piece.box, gutters)
        if column is not None:
            edges[column].append((piece.box.left, piece.box.right))
    widths = []
    for column_edges in edges:
        rights = sorted(right for _, right in column_edges)
        left = min((left for left, _ in column_edges), default=0.0)
        widths.append(rights[int(0.9 * (len(rights) - 1))] - left if rights else 0.0)
    return widths


def _rows(pieces: Sequence[Piece], gutters: Sequence[float], widths: Sequence[float]) -> list[_Row]:
    """Return the rows of a page from the top."""
    rows: list[list[int]] = []
    placed = [i for i, piece in enumerate(pieces) if all(map(math.isfinite, piece.box))]
    middle = 0.0
    for index in sorted(placed, key=lambda i: -_middle(pieces[i].box)):
        box = pieces[index].box
        if rows and middle - _middle(box) < 0.5 * max(box.top - box.bottom, 4.0):
            rows[-1].append(index)
        else:
            rows.append([index])
            middle = _middle(box)
    return [_row(row, pieces, gutters, widths) for row in rows]


def _row(
    indexes: list[int],
    pieces: Sequence[Piece],
    gutters: Sequence[float],
    widths: Sequence[float],
) -> _Row:
    cells, wide = 0, []
    alone = True
    for index in indexes:
        column = column_of(pieces[index].box, gutters)
        width = max(widths) if column is None else widths[column]
        if any(right - left >= _WIDE * width for left, right in pieces[index].cells):
            wide.append(index)
        elif len(pieces[index].cells) > 1:
            alone = False
        cells += len(pieces[index].cells)
    if wide and (alone or len(indexes) == 1):
        cells = 0  # prose on one side, and perhaps the end of a paragraph on the other
    boxes = [pieces[index].box for index in indexes]
    return _Row(
        indexes, cells, wide, min(box.bottom for box in boxes), max(box.top for box in boxes)
    )


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2
