"""The tables of one page: grids first, then lines across, then columns without lines."""

from __future__ import annotations

from collections.abc import Sequence

from reslib.extractors.layout.layout import PageLayout, Word
from reslib.extractors.tables.grids import Grid, find_grids
from reslib.extractors.tables.judge import signals_of
from reslib.extractors.tables.numbers import is_number
from reslib.extractors.tables.page import MOST_CURVES, Found, TablePage
from reslib.extractors.tables.plain import find_plain
from reslib.extractors.tables.rows import Cells, build, crowded_share
from reslib.extractors.tables.ruled import find_ruled

__all__ = ["find_tables"]

#: A page of fewer words has no table, one of more is no page that people read.
_FEWEST_WORDS, _MOST_WORDS = 4, 60_000


def find_tables(layout: PageLayout) -> list[Found]:
    """Return the tables of a page, from the top.

    Parameters
    ----------
    layout
        The page.
    """
    if not _FEWEST_WORDS <= len(layout.words) <= _MOST_WORDS:
        return []
    page = TablePage(layout)
    if page.words:
        _find_grids(page)
        find_ruled(page)
        find_plain(page)
        page.settle_captions()
    return sorted(page.found, key=lambda found: (-found.box.top, found.box.left))


def _find_grids(page: TablePage) -> None:
    for grid in find_grids(page.level, page.upright):
        if page.is_found(grid.box, 3.0) or page.curves_in(grid.box) > MOST_CURVES:
            continue
        words = page.words_in(grid.box)
        if len(words) >= 3:
            _keep_grid(page, grid, words)


def _keep_grid(page: TablePage, grid: Grid, words: Sequence[Word]) -> None:
    cells, tall = grid.cells(words)
    if sum(bool(cell) for row in cells.rows for cell in row) < 3:
        return
    cells = _finer(page, grid, cells, tall)
    if len(cells.rows) < 2 or len(cells.rows[0]) < 2:
        return
    signals = signals_of(cells.rows)
    if page.caption_of(grid.box) is None and (
        signals.length > 160
        or signals.filled < 0.25
        or (signals.filled < 0.5 and signals.length > 40 and signals.numeric < 0.1)
    ):
        return
    cells.header_rows = cells.header_rows or _head_of(cells.rows)
    page.keep(cells, grid.box, "grid", signals)


def _finer(page: TablePage, grid: Grid, cells: Cells, tall: float) -> Cells:
    """Return the cells as their lines stand, where several rows are in one of the grid."""
    rows, columns = len(cells.rows), len(cells.rows[0])
    lines = page.lines_in(grid.box)
    crowded = crowded_share(cells.rows)
    if (
        crowded > 0.1
        or ((rows <= 3 or columns <= 1) and len(lines) >= 2 * rows)
        or (rows <= 6 and len(lines) >= 3 * rows and tall > 2.5)
    ):
        finer = build(lines, grid.box, page.em, page.rules)
        if finer is not None and (len(finer.rows) > rows or crowded_share(finer.rows) < crowded):
            return finer
    return cells


def _head_of(rows: Sequence[Sequence[str]]) -> int:
    """Return 1 when the first row has no number and the others have some."""
    numbers = [sum(is_number(cell) for cell in row if cell) for row in rows]
    return int(len(rows) > 1 and not numbers[0] and sum(numbers[1:]) >= 0.2 * (len(rows) - 1))
