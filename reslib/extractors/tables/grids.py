"""Tables with lines around their cells: the grids that level and upright lines make."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Sequence

from reslib.extractors.layout.layout import Box, Rule, Word
from reslib.extractors.layout.lines import lines_of, pieces_of, text_of
from reslib.extractors.tables.rows import Cells

__all__ = ["Grid", "find_grids"]

#: How far lines may miss each other and be of one grid, in points; lines nearer are one.
_MISSED, _SAME, _EDGE = 3.0, 3.0, 4.0
#: A gap, in sizes, that is wider than a blank between words.
_GAP = 0.6
_MOST_COLUMNS, _MOST_ROWS, _MOST_CELLS = 60, 400, 20_000
#: Lines that are compared, each level one with each upright one.
_MOST_PAIRS = 200_000


class Grid:
    """A grid: where its lines are, and between which cells there is none.

    Parameters
    ----------
    level, upright
        Its lines.
    """

    def __init__(self, level: Sequence[Rule], upright: Sequence[Rule]) -> None:
        self._level, self._upright = level, upright
        ys, xs = _apart(rule.at for rule in level), _apart(rule.at for rule in upright)
        left = min(min(rule.start for rule in level), xs[0])
        right = max(max(rule.end for rule in level), xs[-1])
        bottom = min(min(rule.start for rule in upright), ys[0])
        top = max(max(rule.end for rule in upright), ys[-1])
        self.xs = _with_edges(xs, left, right)
        self.ys = _with_edges(ys, bottom, top)
        self.box = Box(left, self.ys[0], right, self.ys[-1])

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return len(self.ys) - 1, len(self.xs) - 1

    def is_table(self) -> bool:
        """True when there are cells, and not more than a table has."""
        rows, columns = self.shape
        return (
            rows * columns >= 2
            and columns <= _MOST_COLUMNS
            and rows <= _MOST_ROWS
            and rows * columns <= _MOST_CELLS
        )

    def cells(self, words: Iterable[Word]) -> tuple[Cells, float]:
        """Return the cells with what stands in them, and how many lines a filled one has."""
        rows, columns = self.shape
        owner = self._owners()
        inside: dict[tuple[int, int], list[Word]] = defaultdict(list)
        for word in words:
            x, y = word.middle
            if self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]:
                inside[owner[self._place(word)]].append(word)
        members: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for place, root in owner.items():
            members[root].append(place)
        texts = [[""] * columns for _ in range(rows)]
        spans: list[tuple[int, int, int, int]] = []
        lines = filled = 0
        for root, places in members.items():
            if len(places) > 1 and self._is_several(inside.get(root, [])):
                by_place: dict[tuple[int, int], list[Word]] = defaultdict(list)
                for word in inside[root]:
                    by_place[self._place(word)].append(word)
                for (r, c), words_there in by_place.items():
                    texts[rows - 1 - r][c], count = _text(words_there)
                    lines, filled = lines + count, filled + 1
                continue
            row = rows - 1 - max(place[0] for place in places)
            column = min(place[1] for place in places)
            high = len({place[0] for place in places})
            wide = len({place[1] for place in places})
            text, count = _text(inside.get(root, []))
            texts[row][column] = text
            lines, filled = lines + count, filled + bool(count)
            if high > 1 or wide > 1:
                spans.append((row, column, high, wide))
        heights = [(self.ys[-1 - row], self.ys[-2 - row]) for row in range(rows)]
        cells = _without_split_columns(_compact(Cells(texts, heights, sorted(spans))))
        return cells, lines / max(1, filled)

    def _place(self, word: Word) -> tuple[int, int]:
        """Return the row, from the bottom, and the column in which a word stands."""
        rows, columns = self.shape
        x, y = word.middle
        column = min(max(bisect.bisect_right(self.xs, x) - 1, 0), columns - 1)
        return min(max(bisect.bisect_right(self.ys, y) - 1, 0), rows - 1), column

    def _is_several(self, words: list[Word]) -> bool:
        """True when words stand in several columns between which no line is drawn here."""
        parted = False
        for line in lines_of(words):
            pieces = pieces_of(line.words, _GAP)
            for piece in pieces:
                right = max(word.right for word in piece)
                if any(piece[0].left + 1 < x < right - 1 for x in self.xs):
                    return False
            columns = {bisect.bisect_right(self.xs, piece[0].middle[0]) for piece in pieces}
            parted = parted or len(columns) > 1
        return parted

    def _owners(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Return for each place of the grid that of the cell that it belongs to."""
        rows, columns = self.shape
        by_x = _by_place(self._upright, self.xs)
        by_y = _by_place(self._level, self.ys)
        owner = {(r, c): (r, c) for r in range(rows) for c in range(columns)}

        def root(place: tuple[int, int]) -> tuple[int, int]:
            while owner[place] != place:
                owner[place] = owner[owner[place]]
                place = owner[place]
            return place

        for r in range(rows):
            for c in range(columns):
                middle_y = (self.ys[r] + self.ys[r + 1]) / 2
                middle_x = (self.xs[c] + self.xs[c + 1]) / 2
                if c + 1 < columns and not _passes(by_x[c + 1], middle_y):
                    owner[root((r, c + 1))] = root((r, c))
                if r + 1 < rows and not _passes(by_y[r + 1], middle_x):
                    owner[root((r + 1, c))] = root((r, c))
        return {place: root(place) for place in owner}


def find_grids(level: Sequence[Rule], upright: Sequence[Rule]) -> list[Grid]:
    """Return the grids of a page, the largest first.

    Parameters
    ----------
    level, upright
        Its lines, joined.
    """
    if len(level) < 2 or len(upright) < 2 or len(level) * len(upright) > _MOST_PAIRS:
        return []
    parent = list(range(len(level) + len(upright)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, across in enumerate(level):
        for j, down in enumerate(upright):
            if (
                across.start - _MISSED <= down.at <= across.end + _MISSED
                and down.start - _MISSED <= across.at <= down.end + _MISSED
            ):
                parent[root(i)] = root(len(level) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for i, across in enumerate(level):
        groups[root(i)][0].append(across)
    for j, down in enumerate(upright):
        groups[root(len(level) + j)][1].append(down)
    grids = []
    for across_lines, down_lines in groups.values():
        heights = _apart(rule.at for rule in across_lines)
        places = _apart(rule.at for rule in down_lines)
        if len(heights) >= 2 and len(places) >= 2:
            grids.append(Grid(across_lines, down_lines))
    grids.sort(key=lambda g: -(g.box.right - g.box.left) * (g.box.top - g.box.bottom))
    return [grid for grid in grids if grid.is_table()]


def _apart(values: Iterable[float]) -> list[float]:
    """Return values in their order, of those near each other the first."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SAME:
            kept.append(value)
    return kept


def _with_edges(places: list[float], low: float, high: float) -> list[float]:
    """Return where the lines are, with the ends of those across where no line is."""
    before = [low] if low < places[0] - _EDGE else []
    after = [high] if high > places[-1] + _EDGE else []
    return before + places + after


def _by_place(rules: Sequence[Rule], places: Sequence[float]) -> list[list[Rule]]:
    """Return the lines at each of some places."""
    found: list[list[Rule]] = [[] for _ in places]
    for rule in rules:
        at = bisect.bisect_left(places, rule.at - _SAME)
        while at < len(places) and places[at] <= rule.at + _SAME:
            found[at].append(rule)
            at += 1
    return found


def _passes(rules: Sequence[Rule], at: float) -> bool:
    return any(rule.start - 2 <= at <= rule.end + 2 for rule in rules)


def _text(words: list[Word]) -> tuple[str, int]:
    """Return what stands in a cell, and in how many lines."""
    text = ""
    lines = lines_of(words)
    for line in lines:
        more = text_of(line.words)
        if text.endswith("-") and more[:1].islower():
            text = text[:-1] + more
        else:
            text = f"{text} {more}".strip()
    return text, len(lines)


def _compact(cells: Cells) -> Cells:
    """Return the cells without rows and columns in which nothing stands."""
    rows = [number for number, row in enumerate(cells.rows) if any(row)]
    width = len(cells.rows[0]) if cells.rows else 0
    columns = [k for k in range(width) if any(cells.rows[number][k] for number in rows)]
    spans = []
    for row, column, high, wide in cells.spans:
        those = [number for number in rows if row <= number < row + high]
        them = [k for k in columns if column <= k < column + wide]
        if row in rows and column in columns and (len(those) > 1 or len(them) > 1):
            spans.append((rows.index(row), columns.index(column), len(those), len(them)))
    texts = [[cells.rows[number][k] for k in columns] for number in rows]
    return Cells(texts, [cells.heights[number] for number in rows], spans)


def _without_split_columns(cells: Cells) -> Cells:
    """Return the cells with columns put together of which each row has one filled at most.

    Where the lines of a head and of what is below it do not meet, one column becomes two.
    """
    at = 0
    while len(cells.rows) >= 3 and at + 1 < len(cells.rows[0]):
        left, right = ([row[k] for row in cells.rows] for k in (at, at + 1))
        over = any(c <= at < c + w - 1 and cells.rows[r][c] for r, c, _, w in cells.spans)
        if (
            over
            or sum(map(bool, right)) < 2
            or any(a and b for a, b in zip(left, right, strict=True))
        ):
            at += 1
            continue
        rows = [[*row[:at], row[at] or row[at + 1], *row[at + 2 :]] for row in cells.rows]
        spans = [(r, c - (c > at), h, w - (c <= at < c + w - 1)) for r, c, h, w in cells.spans]
        kept = [span for span in spans if span[2] > 1 or span[3] > 1]
        cells = Cells(rows, cells.heights, kept, cells.header_rows)
    return cells
