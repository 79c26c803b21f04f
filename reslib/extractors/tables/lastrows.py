"""The few rows with which a table ends on the next page: too little to be found as one there."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reslib.extractors.layout.layout import Box, PageLayout, Rule
from reslib.extractors.layout.lines import (
    Line,
    caption_of,
    joined_rules,
    lines_of,
    pieces_of,
    text_of,
)
from reslib.extractors.tables.numbers import is_number
from reslib.extractors.tables.page import Found
from reslib.extractors.tables.rows import Cells

__all__ = ["ends_page", "last_rows"]

#: How far the ends of a line and the sides of the table may be apart, in points.
_SAME_WIDTH = 4.0
#: Lines below a table, or above its last row, with more words are no running lines.
_MOST_RUNNING, _MOST_WORDS = 2, 12
#: How far below the row the line is that ends the table, and a gap between cells, in sizes.
_BELOW, _GAP = 2.5, 0.9
_FEWEST_COLUMNS, _MOST_ROWS = 3, 3
#: How much as sure as the table before they are.
_AS_SURE = 0.9


def ends_page(found: Found, layout: PageLayout) -> bool:
    """True when nothing but running lines stands below a table.

    Parameters
    ----------
    found
        The table.
    layout
        Of its page.
    """
    below = [word for word in layout.words if word.middle[1] < found.box.bottom]
    if found.kind == "text" or len(below) > _MOST_RUNNING * _MOST_WORDS:
        return False
    lines = lines_of(below)
    return len(lines) <= _MOST_RUNNING and all(map(_is_running, lines))


def last_rows(before: Found, layout: PageLayout, found: Sequence[Found]) -> Found | None:
    """Return the rows at the top of a page that are the last of a table; None when there are none.

    Each has all the columns of the table, and numbers where that has numbers; below them is a line
    that is as long as the table is wide.

    Parameters
    ----------
    before
        The table with which the page before ends.
    layout
        Of the page.
    found
        The tables that were found on it.
    """
    if len(before.cells.rows[0]) < _FEWEST_COLUMNS or not layout.words:
        return None
    em = median(word.size for word in layout.words)
    rows: list[list[str]] = []
    heights: list[tuple[float, float]] = []
    running = 0
    for line in lines_of(layout.words):
        words = [w for w in line.words if _is_over(before.box, w.middle[0])]
        row = [text_of(piece) for piece in pieces_of(words, _GAP)]
        if not _is_alike(row, before):
            running += 1
            if rows or running > _MOST_RUNNING or not _is_running(line):
                break
            continue
        rows.append(row)
        heights.append((line.baseline, line.baseline))
        if len(rows) > _MOST_ROWS:
            return None
    if not rows:
        return None
    below = _line_below(before.box, layout, heights[-1][0], _BELOW * em)
    if below is None or any(each.box.top > below.at for each in found):
        return None
    box = Box(before.box.left, below.at, before.box.right, heights[0][0] + em)
    sure = round(_AS_SURE * before.confidence, 3)
    said = "too few rows for a table of their own: they go on from the page before"
    return Found(Cells(rows, heights), box, before.kind, "", sure, said)


def _is_running(line: Line) -> bool:
    return len(line.words) <= _MOST_WORDS and not caption_of(line)


def _is_over(box: Box, x: float) -> bool:
    return box.left - 1 <= x <= box.right + 1


def _line_below(box: Box, layout: PageLayout, baseline: float, far: float) -> Rule | None:
    """Return the line below a row that is as long as a table is wide."""
    for rule in joined_rules(layout.level, gap=8.0):
        as_long = (
            abs(rule.start - box.left) < _SAME_WIDTH and abs(rule.end - box.right) < _SAME_WIDTH
        )
        if as_long and 0 < baseline - rule.at < far:
            return rule
    return None


def _is_alike(row: Sequence[str], before: Found) -> bool:
    """True when a row has numbers where the rows of a table have them, and words where it has."""
    if len(row) != len(before.cells.rows[0]):
        return False
    body = before.cells.rows[before.cells.header_rows :]
    numbers = 0
    for at, cell in enumerate(row):
        share = sum(is_number(line[at]) for line in body) / max(1, len(body))
        if 0.2 < share < 0.8:
            continue
        if is_number(cell) != (share >= 0.8):
            return False
        numbers += is_number(cell)
    return numbers > 0
