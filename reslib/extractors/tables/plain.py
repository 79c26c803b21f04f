"""Tables without lines: one line below the other in which wide gaps are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from reslib.extractors.layout.layout import Box, Word
from reslib.extractors.layout.lines import Line, caption_of, pieces_of
from reslib.extractors.tables.judge import Signals, signals_of
from reslib.extractors.tables.rows import build

if TYPE_CHECKING:
    from reslib.extractors.tables.page import TablePage

__all__ = ["find_plain"]

#: A gap between cells, in sizes.
_GAP = 0.85
#: A line farther from the one above, in sizes, is of something else.
_FARTHEST = 3.2
#: Lines of one piece that may stand between two with gaps.
_MOST_BETWEEN = 2
_MOST_CURVES = 3


@dataclass(slots=True)
class _Row:
    line: Line
    pieces: list[list[Word]]
    has_gaps: bool
    is_prose: bool


@dataclass(frozen=True, slots=True)
class _Zone:
    """A part of the page in which text runs from its left to its right."""

    left: float
    right: float
    #: Where the columns of the page part, of the zone that reaches over both.
    gutter: float | None = None


def find_plain(page: TablePage) -> None:
    """Find the tables of a page that have no lines.

    Parameters
    ----------
    page
        The page; what is found is kept there.
    """
    for zone in _zones(page):
        for run in _runs(page, _rows(page, zone), zone):
            _keep(page, run)


def _zones(page: TablePage) -> list[_Zone]:
    """Return the columns of the page, and the whole of it."""
    left = min(word.left for word in page.words)
    right = max(word.right for word in page.words)
    width = right - left
    long = [
        (piece[0].left, max(word.right for word in piece))
        for line in page.lines
        for piece in pieces_of(line.words, 0.9)
        if len(piece) >= 5
    ]
    on_left = [(a, b) for a, b in long if b < left + 0.53 * width and a < left + 0.25 * width]
    on_right = [(a, b) for a, b in long if a > left + 0.47 * width and b > left + 0.75 * width]
    over_both = [(a, b) for a, b in long if a < left + 0.45 * width and b > left + 0.55 * width]
    whole = (left - 1, right + 1)
    if (
        len(on_left) < 6
        or len(on_right) < 6
        or len(on_left) + len(on_right) <= 1.2 * len(over_both)
    ):
        return [_Zone(*whole)]
    gutter = (median(b for _, b in on_left) + median(a for a, _ in on_right)) / 2
    return [_Zone(*whole, gutter), _Zone(whole[0], gutter), _Zone(gutter, whole[1])]


def _rows(page: TablePage, zone: _Zone) -> list[_Row]:
    wide = (0.5 if zone.gutter is None else 0.36) * (zone.right - zone.left)
    rows = []
    for line in page.lines:
        words = [w for w in line.words if zone.left <= (w.left + w.right) / 2 <= zone.right]
        if not words or _is_taken(page, line, words):
            continue
        pieces = pieces_of(words, _GAP)
        part = line.cut(words)
        prose = bool(caption_of(part)) or any(
            len(piece) >= 6 and max(word.right for word in piece) - piece[0].left > wide
            for piece in pieces
        )
        rows.append(_Row(part, pieces, len(pieces) >= 2 and not prose, prose))
    return rows


def _is_taken(page: TablePage, line: Line, words: Sequence[Word]) -> bool:
    middle = (words[0].left + words[-1].right) / 2
    return any(
        found.box.left - 2 <= middle <= found.box.right + 2
        and found.box.bottom - 2 <= line.baseline <= found.box.top + 2
        for found in page.found
    )


def _runs(page: TablePage, rows: Sequence[_Row], zone: _Zone) -> Iterator[Sequence[_Row]]:
    """Yield what may be tables: from a line with gaps to the last one below it."""
    first = 0
    while first < len(rows):
        if not rows[first].has_gaps:
            first += 1
            continue
        last, at, between = first, first, 0
        while at + 1 < len(rows):
            if rows[at].line.baseline - rows[at + 1].line.baseline > _FARTHEST * page.em:
                break
            at += 1
            if rows[at].has_gaps:
                between, last = 0, at
            elif rows[at].is_prose:
                break
            else:
                between += 1
                if between > _MOST_BETWEEN:
                    break
        run = rows[first : last + 1]
        first = last + 1
        if sum(row.has_gaps for row in run) >= 2 and (
            zone.gutter is None or _reaches_over(page, run, zone.gutter)
        ):
            yield run


def _reaches_over(page: TablePage, run: Sequence[_Row], gutter: float) -> bool:
    """True when something of a run stands in both columns, or its caption does."""
    em = page.em
    caption = page.caption_of(_box_of(run))
    if caption is not None and caption.left < gutter - em and caption.right > gutter + em:
        return True
    return any(
        piece[0].left < gutter - em and max(word.right for word in piece) > gutter + em
        for row in run
        for piece in row.pieces
    )


def _box_of(run: Sequence[_Row]) -> Box:
    words = [word for row in run for word in row.line.words]
    return Box(
        min(word.left for word in words),
        min(word.bottom for word in words) - 1,
        max(word.right for word in words),
        max(word.top for word in words) + 1,
    )


def _keep(page: TablePage, run: Sequence[_Row]) -> None:
    box = _box_of(run)
    captioned = page.caption_of(box) is not None
    curves = page.curves_in(box)
    if curves > _MOST_CURVES and not captioned:
        return
    cells = build([row.line for row in run], box, page.em, page.rules)
    if cells is None or len(cells.rows) < 2 or len(cells.rows[0]) < 2:
        return
    signals = signals_of(cells.rows)
    if _prose_share(run, box) > 0.4 or (not captioned and page.is_figure(box)):
        return
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    if any(f.box.left < x < f.box.right and f.box.bottom < y < f.box.top for f in page.found):
        return
    with_gaps = sum(row.has_gaps for row in run)
    if _is_table(signals, captioned, with_gaps, curves):
        page.keep(cells, box, "text", signals)


def _is_table(signals: Signals, captioned: bool, with_gaps: int, curves: int) -> bool:
    if (
        captioned
        and signals.rows >= 3
        and signals.of_two >= 0.5
        and signals.filled >= 0.3
        and signals.length < (70 if signals.numeric >= 0.1 else 40)
    ):
        return True
    if curves:
        return False
    if signals.columns >= 3:
        return (
            with_gaps >= 4
            and signals.of_two >= 0.7
            and signals.filled >= 0.5
            and signals.numeric >= 0.4
            and signals.length < 30
        )
    return (
        with_gaps >= 5
        and signals.of_two >= 0.8
        and signals.numeric >= 0.42
        and signals.length < 40
        and signals.consistent > 0.85
    )


def _prose_share(run: Sequence[_Row], box: Box) -> float:
    width = box.right - box.left
    prose = sum(
        any(
            len(piece) >= 6 and max(word.right for word in piece) - piece[0].left > 0.35 * width
            for piece in pieces_of(row.line.words, 0.6)
        )
        for row in run
    )
    return prose / len(run)
