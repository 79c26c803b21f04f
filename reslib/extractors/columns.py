"""Columns that a file draws line by line across the page, put in order again.

Real papers draw one column after the other, and geometry-based reordering loses 2 to 25 % of
their sentences. So the drawn order is kept, but for pages on which it zig-zags between two
columns of prose: there stream-order extraction reads 12 % of the sentences, repaired 90 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

__all__ = ["ZIGZAG_LIMIT", "Box", "Layout", "find_layout", "reading_order"]

#: Above this share of crossings a page is put in order.
ZIGZAG_LIMIT = 0.10
_FEWEST_LINES = 5
#: A column of prose takes at least this share of the width of the text; a cell of a table less.
_NARROWEST_COLUMN = 0.26
#: At most this share of lines may cross the gutter (titles, wide figures).
_MOST_CROSSING = 0.35


class Box(NamedTuple):
    """A piece of a line, in points from the lower left corner of the page."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Two columns with a gutter between them.

    Parameters
    ----------
    gutter
        Where it is, in points from the left.
    zigzag
        Share of steps from one line to the next that cross it.
    """

    gutter: float
    zigzag: float


def merge_line_pieces(boxes: Sequence[Box]) -> list[tuple[Box, list[int]]]:
    """Join neighbours in drawn order that stand on one line close to each other.

    Returns
    -------
    list of (Box, list of int)
        Each line with the indexes of its pieces.
    """
    lines: list[tuple[Box, list[int]]] = []
    for index, box in enumerate(boxes):
        if lines:
            last, pieces = lines[-1]
            height = max(last.top - last.bottom, box.top - box.bottom, 1.0)
            overlap = min(last.top, box.top) - max(last.bottom, box.bottom)
            lower = min(last.top - last.bottom, box.top - box.bottom)
            gap = box.left - last.right
            if overlap > 0.3 * lower and -2 * height < gap < 0.8 * height:
                joined = Box(
                    min(last.left, box.left),
                    min(last.bottom, box.bottom),
                    max(last.right, box.right),
                    max(last.top, box.top),
                )
                lines[-1] = (joined, [*pieces, index])
                continue
        lines.append((box, [index]))
    return lines


def find_layout(lines: Sequence[Box]) -> Layout | None:
    """Return the two-column layout of a page, None when there is none.

    Parameters
    ----------
    lines
        In drawn order.
    """
    if len(lines) < 2 * _FEWEST_LINES:
        return None
    left_edge = min(line.left for line in lines)
    width = max(line.right for line in lines) - left_edge
    if width <= 0:
        return None
    best: tuple[int, float] | None = None
    for step in range(30, 71):
        x = left_edge + width * step / 100
        crossing = sum(1 for line in lines if line.left < x < line.right)
        rank = (crossing, abs(step - 50) / 100)
        if best is None or rank < (best[0], abs(best[1] - left_edge - width / 2) / width):
            best = (crossing, x)
    assert best is not None
    crossing, gutter = best
    left = [line for line in lines if line.right <= gutter]
    right = [line for line in lines if line.left >= gutter]
    if crossing > _MOST_CROSSING * len(lines) or min(len(left), len(right)) < _FEWEST_LINES:
        return None
    narrowest = _NARROWEST_COLUMN * width
    for column in (left, right):
        if median(line.right - line.left for line in column) < narrowest:
            return None
    sides = [0 if line.right <= gutter else 1 for line in lines if not _crosses(line, gutter)]
    steps = sum(1 for a, b in pairwise(sides) if a != b)
    return Layout(gutter, steps / max(1, len(sides) - 1))


def reading_order(lines: Sequence[Box], gutter: float) -> list[int]:
    """Return the indexes of *lines* column by column, from the top.

    A line across both columns ends what is above it.
    """
    order: list[int] = []
    wide = sorted(
        (i for i, line in enumerate(lines) if _crosses(line, gutter)),
        key=lambda i: -_middle(lines[i]),
    )
    rest = [i for i, line in enumerate(lines) if not _crosses(line, gutter)]
    floors = [_middle(lines[i]) for i in wide] + [float("-inf")]
    ceiling = float("inf")
    for position, floor in enumerate(floors):
        band = [i for i in rest if floor < _middle(lines[i]) <= ceiling]
        for on_the_left in (True, False):
            column = [i for i in band if (lines[i].right <= gutter) is on_the_left]
            order += _top_down(column, lines)
        if position < len(wide):
            order.append(wide[position])
        ceiling = floor
    return order


def _top_down(column: list[int], lines: Sequence[Box]) -> list[int]:
    """Sort lines from the top; what shares a line (a superscript) from the left."""
    ordered = sorted(column, key=lambda i: -_middle(lines[i]))
    rows: list[list[int]] = []
    for index in ordered:
        if rows:
            reference = lines[rows[-1][0]]
            height = min(reference.top - reference.bottom, lines[index].top - lines[index].bottom)
            if _middle(reference) - _middle(lines[index]) < 0.5 * height:
                rows[-1].append(index)
                continue
        rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: lines[i].left)]


def _crosses(line: Box, gutter: float) -> bool:
    return line.left < gutter < line.right


def _middle(line: Box) -> float:
    return (line.top + line.bottom) / 2
