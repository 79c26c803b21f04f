"""The columns of a table: where nothing is written from its top to its bottom."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from reslib.extractors.layout.layout import Box, Rule, Word
from reslib.extractors.layout.lines import pieces_of, text_of
from reslib.extractors.tables.narrow import Bound, Gap, narrow_bounds

__all__ = ["Cut", "Piece", "column_bounds", "cut_line"]

#: Lines whose pieces may stand in the way of a gap, as a share, where there are enough of them.
_IN_THE_WAY, _FEW = 0.12, 4
#: How far apart two lines of a grid are one, in points.
_SAME_RULE = 3.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The width of gaps, in sizes.

    Parameters
    ----------
    piece
        Between two pieces of a line.
    column
        Between two columns.
    exact
        Whether nothing at all may stand in a gap between columns.
    """

    piece: float = 0.42
    column: float = 0.5
    exact: bool = False


@dataclass(slots=True, eq=False)
class Piece:
    """The words in one line of a cell.

    Parameters
    ----------
    first, last
        The columns that it reaches over.
    words
        Its words.
    """

    first: int
    last: int
    words: list[Word]

    @property
    def text(self) -> str:
        """The text of the words."""
        return text_of(self.words)

    @property
    def left(self) -> float:
        """The left end."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """The right end."""
        return max(word.right for word in self.words)


def column_bounds(
    lines: Sequence[Sequence[Word]], box: Box, em: float, upright: Sequence[Rule], cut: Cut
) -> list[Bound]:
    """Return where one column ends and the next begins.

    Parameters
    ----------
    lines
        The words of each line of the table.
    box
        Of the table.
    em
        The size of its letters.
    upright
        The upright lines of the page: those inside the table part columns for certain.
    cut
        How wide gaps are.
    """
    bounds = narrow_bounds(_gaps(lines, box, em, cut), lines, box, em)
    height = box.top - box.bottom
    drawn: list[float] = []
    for rule in sorted(upright, key=lambda rule: rule.at):
        inside = box.left + 2 < rule.at < box.right - 2
        seen = min(rule.end, box.top) - max(rule.start, box.bottom)
        if inside and seen > 0.5 * height and (not drawn or rule.at - drawn[-1] > _SAME_RULE):
            drawn.append(rule.at)
    if drawn:
        others = [b for b in bounds if all(abs(b.at - at) > 1.2 * em for at in drawn)]
        bounds = sorted([*map(Bound, drawn), *others], key=lambda bound: bound.at)
    return bounds


def _gaps(lines: Sequence[Sequence[Word]], box: Box, em: float, cut: Cut) -> list[Gap]:
    pieces = [
        [(piece[0].left, max(word.right for word in piece)) for piece in pieces_of(line, cut.piece)]
        for line in lines
    ]
    # A line of one piece is a heading over all columns, or a note.
    parted = [line for line in pieces if len(line) >= 2]
    if not parted:
        return []
    step = max(0.5, 0.06 * em)
    count = int((box.right - box.left) / step) + 2
    covered = [0] * (count + 1)
    for line in parted:
        for left, right in line:
            begin = max(0, int((left - box.left) / step))
            end = min(count, math.ceil((right - box.left) / step))
            for at in range(begin, end):
                covered[at] += 1
    allowed = 0
    if not cut.exact and len(parted) >= _FEW:
        allowed = max(1, int(_IN_THE_WAY * len(parted)))
    bounds: list[Gap] = []
    at = 0
    while at < count:
        if covered[at] > allowed:
            at += 1
            continue
        end = at
        while end < count and covered[end] <= allowed:
            end += 1
        if at > 0 and end < count and (end - at) * step >= cut.column * em:
            least = min(covered[at:end])
            empty = [place for place in range(at, end) if covered[place] == least]
            middle = box.left + (empty[0] + empty[-1] + 1) / 2 * step
            bounds.append(Gap(box.left + at * step, box.left + end * step, middle))
        at = end
    return _with_content(bounds, parted, em)


def _with_content(
    bounds: list[Gap], parted: list[list[tuple[float, float]]], em: float
) -> list[Gap]:
    """Return the bounds without those that leave a column in which nothing stands."""
    edges = [edges for line in parted for edges in line]
    kept: list[Gap] = []
    for bound in bounds:
        begin = kept[-1].at if kept else -math.inf
        if any(begin <= (a + b) / 2 < bound.at and b <= bound.at + em for a, b in edges):
            kept.append(bound)
    if kept and not any((a + b) / 2 >= kept[-1].at for a, b in edges):
        kept.pop()
    return kept


def cut_line(words: Sequence[Word], bounds: Sequence[Bound], em: float, cut: Cut) -> list[Piece]:
    """Return the words of a line as pieces, each with the columns that it reaches over.

    Parameters
    ----------
    words
        From the left.
    bounds
        Where columns end.
    em
        The size of the letters.
    cut
        How wide gaps are.
    """
    found: dict[int, Piece] = {}
    for piece in pieces_of(words, cut.piece):
        for part in _parted(piece, bounds, em, cut):
            first = sum(bound.at <= part[0].left + 0.2 * em for bound in bounds)
            right = max(word.right for word in part)
            last = max(first, sum(bound.at < right - 0.2 * em for bound in bounds))
            if first in found:
                found[first].words += part
                found[first].last = max(found[first].last, last)
            else:
                found[first] = Piece(first, last, part)
    return [found[first] for first in sorted(found)]


def _parted(piece: list[Word], bounds: Sequence[Bound], em: float, cut: Cut) -> list[list[Word]]:
    """Return a piece parted at those bounds that fall into one of its own gaps."""
    right = max(word.right for word in piece)
    if not any(piece[0].left + 0.2 * em < bound.at < right - 0.2 * em for bound in bounds):
        return [piece]
    parts = [[piece[0]]]
    for before, word in itertools.pairwise(piece):
        gap = word.left - before.right
        if any(
            before.right - 0.1 * em <= bound.at <= word.left + 0.1 * em
            and gap > min(bound.least, cut.piece) * em
            for bound in bounds
        ):
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts
