"""The rows of a table: which of its lines belong together, and what stands in which column."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from reslib.extractors.layout.layout import Box, Rule, Word
from reslib.extractors.layout.lines import Line
from reslib.extractors.tables.columns import Cut, Piece, column_bounds, cut_line
from reslib.extractors.tables.narrow import Bound
from reslib.extractors.tables.numbers import holds_two_numbers, is_number

__all__ = ["Cells", "Rules", "build", "crowded_share"]

#: Crowded cells, as a share, above which narrower gaps are tried, and what they must gain.
_CROWDED, _GAIN = 0.15, 0.1
_FINE = Cut(piece=0.27, column=0.27, exact=True)
_MOST_COLUMNS = 60
_GOES_ON = re.compile(r"\b(?:the|of|and|to|in|for|a|with|or)$")


class Rules(NamedTuple):
    """The lines of a page: level and upright ones, joined, and the level ones as they are drawn."""

    level: Sequence[Rule]
    upright: Sequence[Rule]
    drawn: Sequence[Rule]


@dataclass(slots=True)
class Cells:
    """The cells of a table.

    Parameters
    ----------
    rows
        Their texts, all rows of one length.
    heights
        Where each row stands: the baseline of its first line and that of its last.
    spans
        Cells that reach over several: row, column, rows, columns.
    header_rows
        How many of the rows are its head.
    """

    rows: list[list[str]]
    heights: list[tuple[float, float]] = field(default_factory=list)
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    header_rows: int = 0


def crowded_share(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of the cells below the first row in which two numbers stand."""
    body = [cell for row in rows[1:] for cell in row if cell]
    return sum(map(holds_two_numbers, body)) / max(1, len(body))


def build(
    lines: Sequence[Line],
    box: Box,
    em: float,
    rules: Rules,
) -> Cells | None:
    """Return the cells of a table, None when it has one column.

    Parameters
    ----------
    lines
        Its lines from the top, with its own words only.
    box
        Where it is.
    em
        The size of its letters.
    rules
        The drawn lines of the page.
    """
    cells = _build(lines, box, em, rules, Cut())
    crowded = crowded_share(cells.rows) if cells is not None else 1.0
    if crowded > _CROWDED:
        finer = _build(lines, box, em, rules, _FINE)
        if (
            finer is not None
            and len(finer.rows[0]) < 40
            and (cells is None or crowded_share(finer.rows) < crowded - _GAIN)
        ):
            return finer
    return cells


def _build(
    lines: Sequence[Line],
    box: Box,
    em: float,
    rules: Rules,
    cut: Cut,
) -> Cells | None:
    bounds = column_bounds([line.words for line in lines], box, em, rules.upright, cut)
    if not bounds or len(bounds) >= _MOST_COLUMNS:
        return None
    heights = sorted(
        {
            round(rule.at, 1)
            for rule in rules.level
            if box.bottom - 1 <= rule.at <= box.top + 1
            and rule.length > 0.55 * (box.right - box.left)
        },
        reverse=True,
    )
    cut_lines = [_Cut(line, cut_line(line.words, bounds, em, cut), heights) for line in lines]
    short = [
        rule
        for rule in rules.drawn
        if box.bottom <= rule.at <= box.top
        and box.left - 2 <= rule.start
        and rule.end <= box.right + 2
        and rule.length <= 0.85 * (box.right - box.left)
    ]
    edge = 0.1 * (box.right - box.left)
    full = [
        rule.at
        for rule in rules.level
        if box.bottom - 1 <= rule.at <= box.top + 1
        and rule.start < box.left + edge
        and rule.end > box.right - edge
    ]
    made = _Rows(cut_lines, box, bounds, em, heights, full, short)
    return made.cells()


class _Cut:
    """One line of a table, cut into pieces; *band* counts the drawn lines above it."""

    def __init__(self, line: Line, pieces: list[Piece], heights: Sequence[float]) -> None:
        self.baseline = line.baseline
        self.pieces = {piece.first: piece for piece in pieces}
        self.texts = {piece.first: piece.text for piece in pieces}
        self.band = sum(height > line.baseline for height in heights)


class _Over(NamedTuple):
    """The pieces of one head, and the columns over which it stands."""

    pieces: list[Piece]
    first: int
    last: int


class _Rows:
    """Puts lines together to rows."""

    def __init__(
        self,
        lines: list[_Cut],
        box: Box,
        bounds: list[Bound],
        em: float,
        heights: list[float],
        full: list[float],
        short: list[Rule],
    ) -> None:
        self._lines, self._heights, self._em = lines, heights, em
        self._full, self._short = full, short
        self._count = len(bounds) + 1
        edges = [box.left, *(bound.at for bound in bounds), box.right]
        words: list[Word] = [w for line in lines for p in line.pieces.values() for w in p.words]
        self._rights = [
            max((w.right for w in words if left <= w.middle[0] < right), default=left)
            for left, right in itertools.pairwise(edges)
        ]
        self._lefts = [
            min((w.left for w in words if left <= w.middle[0] < right), default=left)
            for left, right in itertools.pairwise(edges)
        ]
        pairs = list(itertools.pairwise(lines))
        self._typical = median([a.baseline - b.baseline for a, b in pairs] or [1.2 * em])
        # Beside a drawn line there is more room, whatever the rows are.
        gaps = [a.baseline - b.baseline for a, b in pairs if a.band == b.band]
        self._small = sorted(gaps)[len(gaps) // 5] if gaps else 0.0
        wide = sum(gap > 1.25 * self._small for gap in gaps)
        #: Lines of one cell are closer to each other than rows are.
        self._two_gaps = (
            len(gaps) >= 4
            and 0.15 * len(gaps) <= wide <= 0.75 * len(gaps)
            and self._small > 0.6 * em
        )

    def cells(self) -> Cells | None:
        bands = {line.band for line in self._lines}
        ruled = (
            len(bands) >= 3
            and len(self._heights) >= 4
            and len(self._heights) >= 0.6 * len(self._lines) ** 0.9
            and len(bands) >= 0.5 * len(self._lines)
            and not self._crowds()
        )
        groups: list[list[_Cut]] = []
        for line in self._lines:
            if not line.pieces:
                continue
            if groups and (
                line.band == groups[-1][0].band if ruled else self._goes_on(line, groups[-1])
            ):
                groups[-1].append(line)
            else:
                groups.append([line])
        groups, halves = self._without_halves(groups)
        rows = [self._row(group) for group in groups]
        head = self._lower_head(rows, groups, self._head(groups))
        spans = [(row, column, 2, 1) for row, column in halves]
        spans += self._heads_of_columns(rows, groups, head)
        kept = [k for k in range(self._count) if any(row[k] for row in rows)]
        if not rows or not kept:
            return None
        heights = [(group[0].baseline, group[-1].baseline) for group in groups]
        texts = [[row[k] for k in kept] for row in rows]
        return Cells(texts, heights, _spans_left(spans, kept), head)

    def _crowds(self) -> bool:
        """True when two numbers of one column stand between two drawn lines."""
        seen: set[tuple[int, int]] = set()
        for line in self._lines:
            for column, text in line.texts.items():
                if text[:1].isdigit() and is_number(text):
                    if (line.band, column) in seen:
                        return True
                    seen.add((line.band, column))
        return False

    def _without_halves(
        self, groups: list[list[_Cut]]
    ) -> tuple[list[list[_Cut]], list[tuple[int, int]]]:
        """Put what stands between two rows, as one cell of both does, into the upper one."""
        kept: list[list[_Cut]] = []
        spans = []
        for number, group in enumerate(groups):
            below = groups[number + 1] if number + 1 < len(groups) else None
            if kept and below is not None and self._is_half(kept[-1], group, below):
                line = group[0]
                kept[-1] = [*kept[-1], line]
                spans += [(len(kept) - 1, column) for column in line.pieces]
            else:
                kept.append(group)
        return kept, spans

    def _is_half(self, above: list[_Cut], group: list[_Cut], below: list[_Cut]) -> bool:
        if len(group) > 1 or len(group[0].pieces) == self._count:
            return False
        line, upper, lower = group[0], above[-1], below[0]
        if upper.band != line.band or lower.band != line.band:
            return False
        over, under = upper.baseline - line.baseline, line.baseline - lower.baseline
        if max(over, under) > 0.75 * max(self._typical, self._em) or over + under < self._em:
            return False
        return not any(k in each.pieces for each in (*above, *below) for k in line.pieces)

    def _heads_of_columns(
        self, rows: list[list[str]], groups: list[list[_Cut]], head: int
    ) -> list[tuple[int, int, int, int]]:
        """Return the cells of the head that stand over several columns, moved to the first."""
        spans = []
        for number, group in enumerate(groups[:head]):
            row = rows[number]
            for line in group:
                pieces = [line.pieces[first] for first in sorted(line.pieces)]
                heads = list(self._over_one_rule(pieces, line, groups[number + 1 :]))
                if number + 1 < head and len(heads) == len(pieces):
                    heads = self._without_rules(pieces)
                for run in heads:
                    first, last = run.first, min(run.last, self._count - 1)
                    texts = [row[k] for k in range(first, last + 1) if row[k]]
                    if last > first and len(texts) == len(run.pieces):
                        row[first : last + 1] = [" ".join(texts), *[""] * (last - first)]
                        spans.append((number, first, 1, last - first + 1))
        return spans

    def _over_one_rule(
        self, pieces: list[Piece], line: _Cut, below: list[list[_Cut]]
    ) -> Iterator[_Over]:
        """Yield the heads of a line, with the columns under the short line below each."""
        lowest = below[0][0].baseline if below else line.baseline
        rules = [rule for rule in self._short if lowest <= rule.at < line.baseline]
        middles = [(a + b) / 2 for a, b in zip(self._lefts, self._rights, strict=True)]
        left = list(pieces)
        for rule in rules:
            run = [p for p in left if rule.start - 2 <= p.left and p.right <= rule.end + 2]
            left = [p for p in left if p not in run]
            heads: list[list[Piece]] = []
            for piece in run:
                if heads and piece.left - heads[-1][-1].right < 0.5 * self._em:
                    heads[-1].append(piece)
                else:
                    heads.append([piece])
            over = [k for k, middle in enumerate(middles) if rule.start < middle < rule.end]
            for head in heads:
                columns = [k for p in head for k in (p.first, p.last)]
                columns += over if len(heads) == 1 else []
                yield _Over(head, min(columns), max(columns))
        for piece in left:
            yield _Over([piece], piece.first, piece.last)

    def _without_rules(self, pieces: list[Piece]) -> list[_Over]:
        """Return the heads of a row above another of the head, each over what it is centred on."""
        runs: list[list[Piece]] = []
        for piece in pieces:
            if runs and piece.left - runs[-1][-1].right < 0.5 * self._em:
                runs[-1].append(piece)
            else:
                runs.append([piece])
        heads = []
        ends = [run[0].first for run in runs[1:]] + [self._count]
        for run, end in zip(runs, ends, strict=True):
            first, last = run[0].first, run[-1].last
            middle = (run[0].left + run[-1].right) / 2
            for further in range(last + 1, end) if first else ():
                if abs((self._lefts[first] + self._rights[further]) / 2 - middle) < self._em:
                    last = further
            heads.append(_Over(run, first, last))
        return heads

    def _row(self, group: list[_Cut]) -> list[str]:
        row = [""] * self._count
        for line in group:
            for first, text in line.texts.items():
                at = min(first, self._count - 1)
                before = row[at]
                if before.endswith("-") and text[:1].islower():
                    row[at] = before[:-1] + text
                else:
                    row[at] = f"{before} {text}".strip()
        return row

    def _head(self, groups: list[list[_Cut]]) -> int:
        """Return how many rows stand above the first line drawn below the first."""
        full = [height for height in self._full if height < groups[0][0].baseline]
        first = max(full, default=None)
        below = (n for n, group in enumerate(groups) if first and group[0].baseline < first)
        head = next(below, 0)
        return head if head < len(groups) and head <= 4 else 0

    def _lower_head(self, rows: list[list[str]], groups: list[list[_Cut]], head: int) -> int:
        """Return how many rows the head has when a line is drawn below each of its two levels.

        The upper level has groups, or leaves columns to the lower one; that has words over the
        numbers below, and no numbers.
        """
        full = sorted((at for at in self._full if at < groups[0][0].baseline), reverse=True)
        if len(full) < 2 or not head:
            return head
        below = (n for n, group in enumerate(groups) if group[0].baseline < full[1])
        body = rows[head + 1 :]
        if next(below, 0) != head + 1 or len(body) < 2:
            return head
        names = rows[head]
        if any(is_number(cell) for row in rows[: head + 1] for cell in row if cell):
            return head
        above = [any(row[k] for row in rows[:head]) for k in range(self._count)]
        has_gaps = any(names[k] and not above[k] for k in range(1, self._count))
        pieces = (piece for line in groups[0] for piece in line.pieces.values())
        if not has_gaps and not any(piece.last > piece.first for piece in pieces):
            return head
        numbers = [
            k for k in range(self._count) if sum(is_number(row[k]) for row in body) > len(body) / 2
        ]
        is_named = all(names[k] or above[k] for k in numbers) and sum(map(bool, names)) >= 2
        return head + 1 if len(numbers) >= 2 and is_named else head

    def _goes_on(self, line: _Cut, group: list[_Cut]) -> bool:
        """True when a line is the next line of the cells of the row above it."""
        above = group[-1]
        if self._heights and above.band != line.band:
            return False
        gap = above.baseline - line.baseline
        filled = list(line.texts)
        upper: dict[int, Piece] = {}
        for each in group:
            upper.update(each.pieces)
        texts = {k: piece.text for k, piece in upper.items()}
        words = [not is_number(line.texts[k]) for k in filled]
        nearly = [k in upper and self._is_full(line.pieces[k], upper[k], k) for k in filled]
        lower = line.texts.get(0, "A")[:1]
        if filled == [0] and len(upper) > 1 and 0 in upper and (lower.islower() or lower in "()"):
            width = self._rights[0] - self._lefts[0]
            if upper[0].right - upper[0].left > 0.5 * width and gap < 1.2 * self._typical:
                return True
        if list(upper) == [0] and lower.islower() and gap < 1.2 * self._typical and len(group) < 4:
            return True
        if 0 not in filled and all(words) and all(nearly) and self._count > 1:
            return True
        if (
            filled == [0]
            and 0 in upper
            and nearly[0]
            and (line.texts[0][:1].islower() or (len(upper) > 1 and gap < 0.93 * self._typical))
        ):
            return True
        if (
            all(words)
            and all(nearly)
            and any(
                line.texts[k][:1].islower()
                or texts[k].endswith(("-", ","))
                or _GOES_ON.search(texts[k])
                for k in filled
            )
        ):
            return True
        if (
            self._two_gaps
            and gap < 1.12 * self._small
            and len(filled) < min(self._count, len(upper))
            and all(words)
            and all(k in upper for k in filled)
        ):
            return True
        return gap < 0.8 * self._typical and len(filled) < self._count and all(words)

    def _is_full(self, piece: Piece, above: Piece, column: int) -> bool:
        """True when the first word of a piece would not have gone into the line above it."""
        first = piece.words[0]
        text = above.text
        return (
            above.right + 0.25 * self._em + first.right - first.left
            > self._rights[min(column, self._count - 1)] - 0.05 * self._em
            and len(text) > 3
            and not is_number(text)
        )


def _spans_left(
    spans: list[tuple[int, int, int, int]], kept: list[int]
) -> list[tuple[int, int, int, int]]:
    """Return spans as they are counted in the columns that are kept."""
    found = []
    for row, column, high, wide in spans:
        those = [k for k in kept if column <= k < column + wide]
        if column in kept and (high > 1 or len(those) > 1):
            found.append((row, kept.index(column), high, len(those)))
    return sorted(set(found))
