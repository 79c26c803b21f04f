"""The places of the cells of a table on its page, found by their words.

What is stored of a table are its texts and one box. So that people can compare it with the page,
each word of a cell is looked for in that box: a word that stands there once settles where its row
and its column are, and those decide between words that stand there more than once. A cell whose
words are not found is not drawn.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple, TypeAlias

from reslib.extractors.layout.layout import Word

__all__ = ["Places", "find_places", "lines_between"]

#: Left, top, right and bottom on the turned page.
Edges: TypeAlias = tuple[float, float, float, float]
#: More pairs of a word of a cell and one on the page that may be the same are not compared.
_MOST_PAIRS = 300_000


class Places(NamedTuple):
    """The places of the cells of a table.

    Parameters
    ----------
    cells
        Of each cell that was found, by row and column: its box.
    columns, rows
        Lines between them, edges included: see :func:`~reslib.tableview.cutting.cut_table`.
    """

    cells: Mapping[tuple[int, int], Edges]
    columns: tuple[float, ...]
    rows: tuple[float, ...]


class _Token(NamedTuple):
    """A word of a cell."""

    row: int
    column: int
    text: str


def find_places(rows: Sequence[Sequence[str]], words: Iterable[Word], box: Edges) -> Places:
    """Return where the cells of a table stand.

    Parameters
    ----------
    rows
        Its texts.
    words
        Of the page, as :meth:`PageView.words_in <reslib.tableview.pageview.PageView.words_in>`
        gives them.
    box
        Where the table is, on the turned page.
    """
    left, top, right, bottom = box
    inside = [
        word
        for word in words
        if left - 2 <= word.middle[0] <= right + 2 and top - 2 <= -word.middle[1] <= bottom + 2
    ]
    wide = max(map(len, rows), default=0)
    tokens = [
        _Token(row, column, text)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        for text in cell.split()
    ]
    found = _settled(tokens, inside)
    for _ in range(2):
        across = _centres(((t.column, w.middle[0]) for t, w in found), wide, left, right)
        down = _centres(((t.row, -w.middle[1]) for t, w in found), len(rows), top, bottom)
        found = _matched(tokens, inside, across, down)
    boxes: dict[tuple[int, int], Edges] = {}
    for token, word in found:
        place = token.row, token.column
        seen = word.left, -word.top, word.right, -word.bottom
        before = boxes.get(place, seen)
        boxes[place] = (
            min(before[0], seen[0]),
            min(before[1], seen[1]),
            max(before[2], seen[2]),
            max(before[3], seen[3]),
        )
    return Places(
        boxes,
        lines_between([(p[1], b[0], b[2]) for p, b in boxes.items()], wide, left, right),
        lines_between([(p[0], b[1], b[3]) for p, b in boxes.items()], len(rows), top, bottom),
    )


def lines_between(
    cells: Iterable[tuple[int, float, float]], count: int, low: float, high: float
) -> tuple[float, ...]:
    """Return the lines that part columns, or rows, with the edges on both sides.

    Parameters
    ----------
    cells
        Of cells: which column, where it begins and where it ends.
    count
        How many columns there are.
    low, high
        Where the first begins and the last ends.
    """
    begins: dict[int, list[float]] = defaultdict(list)
    ends: dict[int, list[float]] = defaultdict(list)
    for column, begin, end in cells:
        begins[column].append(begin)
        ends[column].append(end)
    lines: list[float | None] = [low]
    for column in range(1, count):
        before, after = ends.get(column - 1), begins.get(column)
        if not before or not after:
            lines.append(None)
        elif max(before) <= min(after):
            lines.append((max(before) + min(after)) / 2)
        else:  # heads that reach over several, or lines that are not straight
            lines.append(_least_struck(before, after))
    lines.append(high)
    return _rising(lines)


def _least_struck(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the place beyond which fewest cells end that should end before it, and so on."""
    places = sorted({*before, *after})
    middles = [(a + b) / 2 for a, b in itertools.pairwise(places)] or places
    return min(
        middles, key=lambda at: sum(end > at for end in before) + sum(begin < at for begin in after)
    )


def _rising(lines: Sequence[float | None]) -> tuple[float, ...]:
    """Return lines of which each is beyond the one before; those not known in between."""
    known = [(at, value) for at, value in enumerate(lines) if value is not None]
    filled: list[float] = []
    for (at, value), (then, following) in itertools.pairwise(known):
        step = (following - value) / (then - at)
        filled += [value + step * n for n in range(then - at)]
    filled.append(known[-1][1])
    for at in range(1, len(filled)):
        filled[at] = max(filled[at], filled[at - 1] + 0.5)
    return tuple(round(value, 1) for value in filled)


def _settled(tokens: Sequence[_Token], words: Sequence[Word]) -> list[tuple[_Token, Word]]:
    """Return the words that stand once in the table and once in its box."""
    by_text = {word.text: word for word in words}
    on_page = Counter(word.text for word in words)
    in_cells = Counter(token.text for token in tokens)
    return [
        (token, by_text[token.text])
        for token in tokens
        if on_page[token.text] == 1 and in_cells[token.text] == 1
    ]


def _centres(
    found: Iterable[tuple[int, float]], count: int, low: float, high: float
) -> list[float]:
    """Return the middle of each column, or row; those not known in between."""
    seen: dict[int, list[float]] = defaultdict(list)
    for at, value in found:
        seen[at].append(value)
    step = (high - low) / max(1, count)
    known = [(-0.5, low), *((at, median(seen[at])) for at in sorted(seen)), (count - 0.5, high)]
    centres: list[float] = []
    for at in range(count):
        if at in seen:
            centres.append(median(seen[at]))
            continue
        before = max((each for each in known if each[0] < at), key=lambda each: each[0])
        after = min((each for each in known if each[0] > at), key=lambda each: each[0])
        share = (at - before[0]) / (after[0] - before[0])
        centres.append(before[1] + share * (after[1] - before[1]))
    return centres or [low + step / 2]


def _matched(
    tokens: Sequence[_Token], words: Sequence[Word], across: list[float], down: list[float]
) -> list[tuple[_Token, Word]]:
    """Return for the words of cells those on the page, the nearest first."""
    wide, high = _steps(across), _steps(down)
    by_text: dict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        by_text[word.text].append(number)
    pairs: list[tuple[float, int, int]] = []
    for at, token in enumerate(tokens):
        for number in by_text.get(token.text, ()):
            x, y = words[number].middle
            far = abs(x - across[token.column]) / wide + abs(-y - down[token.row]) / high
            pairs.append((far, at, number))
            if len(pairs) > _MOST_PAIRS:
                return []
    found: list[tuple[_Token, Word]] = []
    taken: set[int] = set()
    done: set[int] = set()
    for _, at, number in sorted(pairs):
        if at not in done and number not in taken:
            done.add(at)
            taken.add(number)
            found.append((tokens[at], words[number]))
    return found


def _steps(centres: Sequence[float]) -> float:
    """Return how far two columns, or rows, are from each other."""
    steps = [abs(after - before) for before, after in itertools.pairwise(centres)]
    return max(1.0, median(steps)) if steps else 20.0
