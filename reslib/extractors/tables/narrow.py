"""Columns that stand closer than words do: gaps that go on from line to line.

LNCS and RevTeX leave 2.8 to 4 points between columns, which is less than a blank between words. A
gap that stands at the same place in every line is a bound of columns when what it parts is of two
kinds, or two numbers; not when it parts a number from its unit or from its error.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, pstdev
from typing import NamedTuple

from reslib.extractors.layout.layout import Box, Word
from reslib.extractors.layout.lines import pieces_of, text_of
from reslib.extractors.tables.numbers import is_number

__all__ = ["Bound", "Gap", "narrow_bounds"]

#: Width of a gap, in sizes, and the lines that it has to go through, at least.
_NARROW, _FEWEST = 0.14, 3
#: Nearer to a bound that is known, in sizes, it is the same.
_SAME = 0.5
_OPENS = re.compile(r"[±%°/×(\[~]|(?:[-–−]|to|and|by|x|\+/-)(?:\s|$)")
_ENDS = re.compile(r"(?:^|\s)[±–−<>=≤≥≈~$€£(/+-]$")


@dataclass(frozen=True, slots=True)
class Bound:
    """The end of a column, and the gap that has to be there to part a line, in sizes."""

    at: float
    least: float = 0.36


class Gap(NamedTuple):
    """A gap between two columns: from where to where, and the place in it that is taken."""

    begin: float
    end: float
    at: float


@dataclass(slots=True)
class _Sides:
    """The words on either side of a gap, line by line."""

    lefts: list[list[Word]]
    rights: list[list[Word]]

    @property
    def both(self) -> list[tuple[list[Word], list[Word]]]:
        pairs = zip(self.lefts, self.rights, strict=True)
        return [(left, right) for left, right in pairs if left and right]


def narrow_bounds(
    gaps: Sequence[Gap], lines: Sequence[Sequence[Word]], box: Box, em: float
) -> list[Bound]:
    """Return the bounds of columns with those that are narrow, without those that part no cells.

    Parameters
    ----------
    gaps
        Those that are wide.
    lines
        The words of each line of the table.
    box
        Of the table.
    em
        The size of its letters.
    """
    lines = [line for number, line in enumerate(lines) if number < 2 or not _is_heading(line)]
    places = [gap.at for gap in gaps]
    gaps = [gap for gap in gaps if not _parts_a_cell(gap.at, places, lines, em)]
    channels = _channels(lines, box, em) if len(lines) >= _FEWEST else []
    found = [_placed(gap, channels, em) for gap in gaps]
    edges = sorted(bound.at for bound in found)
    for at in channels:
        if any(abs(at - other) < _SAME * em for other in edges):
            continue
        before = max((other for other in edges if other < at), default=-math.inf)
        after = min((other for other in edges if other > at), default=math.inf)
        if _is_bound(_sides(lines, before, at, after), em):
            edges = sorted([*edges, at])
            found.append(Bound(at, 0.08))
    return sorted(found, key=lambda bound: bound.at)


def _placed(gap: Gap, channels: Sequence[float], em: float) -> Bound:
    """Return the bound of a gap: where nothing at all is written, if there is such a place."""
    inside = [at for at in channels if gap.begin - 0.1 * em <= at <= gap.end + 0.1 * em]
    if len(inside) == 1 and abs(inside[0] - gap.at) > 0.05 * em:
        return Bound(inside[0], 0.2)
    return Bound(gap.at)


def _is_heading(line: Sequence[Word]) -> bool:
    """True when a line is words without a gap: a heading over all columns, or a note."""
    return (
        len(line) >= 3
        and len(pieces_of(line, 0.42)) == 1
        and not any(is_number(word.text) for word in line)
    )


def _channels(lines: Sequence[Sequence[Word]], box: Box, em: float) -> list[float]:
    """Return the middles of gaps that go through every line."""
    spans = sorted((word.left, word.right) for line in lines for word in line)
    found = []
    right = spans[0][1] if spans else box.left
    for left, end in spans[1:]:
        if left - right >= _NARROW * em:
            found.append((left + right) / 2)
        right = max(right, end)
    return found


def _sides(lines: Sequence[Sequence[Word]], before: float, at: float, after: float) -> _Sides:
    lefts = [[w for w in line if before <= w.middle[0] < at] for line in lines]
    rights = [[w for w in line if at <= w.middle[0] < after] for line in lines]
    return _Sides(lefts, rights)


def _is_bound(sides: _Sides, em: float) -> bool:
    """True when a narrow gap parts two columns."""
    both = sides.both
    if len(both) < 2 or _is_one_cell(sides):
        return False
    lefts = [text_of(left) for left in sides.lefts[1:] if left]
    rights = [text_of(right) for right in sides.rights[1:] if right]
    if not lefts or not rights:
        return False
    numbers_left = sum(map(is_number, lefts)) / len(lefts)
    numbers_right = sum(map(is_number, rights)) / len(rights)
    gap = median(right[0].left - left[-1].right for left, right in both)
    if numbers_left >= 0.6 and numbers_right >= 0.6:
        return not _is_grouped(both)
    ragged = pstdev(left[-1].right for left, _ in both) > 0.4 * em
    if numbers_left <= 0.4 and numbers_right >= 0.7 and len(both) >= 3:
        return gap >= 0.4 * em or ragged
    if gap >= 0.5 * em and len(both) >= 3:
        return True
    # Where it begins does not depend on what stands before it: it is a column of its own.
    alone = sum(1 for a, b in zip(sides.lefts, sides.rights, strict=True) if b and not a)
    starts = [right[0].left for right in sides.rights if right]
    return alone >= 0.25 * len(rights) and len(rights) >= 4 and pstdev(starts) < 0.15 * em


def _is_one_cell(sides: _Sides) -> bool:
    """True when what stands on the right belongs to what stands on the left: an error, a unit."""
    both = sides.both
    rest = both[1:] if len(both) > 2 else both
    opened = sum(_OPENS.match(text_of(right)) is not None for _, right in rest)
    ended = sum(_ENDS.search(text_of(left)) is not None for left, _ in rest)
    if max(opened, ended) >= 0.5 * len(rest):
        return True
    units = Counter(text_of(right) for _, right in rest)
    unit, count = units.most_common(1)[0]
    alone = sum(1 for a, b in zip(sides.lefts, sides.rights, strict=True) if b and not a)
    return (
        len(rest) >= 3 and count >= 0.8 * len(rest) and unit.isalpha() and alone < 0.3 * len(rest)
    )


def _is_grouped(both: Sequence[tuple[list[Word], list[Word]]]) -> bool:
    """True when two numbers may be one, written with a blank between thousands."""
    return all(
        left[-1].text.isdigit()
        and len(left[-1].text) <= 3
        and re.fullmatch(r"\d{3}(?:[.,]\d+)?", right[0].text) is not None
        for left, right in both[1:] or both
    )


def _parts_a_cell(
    at: float, bounds: Sequence[float], lines: Sequence[Sequence[Word]], em: float
) -> bool:
    """True when a gap that is taken for a bound parts numbers from their unit or their error."""
    before = max((other for other in bounds if other < at), default=-math.inf)
    after = min((other for other in bounds if other > at), default=math.inf)
    sides = _sides(lines, before, at, after)
    both = sides.both
    if len(both) < 3 or 3 * len(both) < len(lines):
        return False
    gap = median(right[0].left - left[-1].right for left, right in both)
    return gap < 0.8 * em and _is_one_cell(sides)
