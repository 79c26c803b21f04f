"""Tables cut by lines that a reader draws: which word stands in which cell."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from reslib.extractors.layout.layout import Word
from reslib.extractors.layout.lines import lines_of, pieces_of, text_of
from reslib.items import Table

__all__ = ["MOST_LINES", "cut_table"]

#: Lines of a table, across or down.
MOST_LINES = 1_000
#: A word that a line strikes through so far from its ends, as a share of its width, is struck.
_STRUCK = 0.15
#: A gap between two heads, in sizes.
_GAP = 0.6


def cut_table(
    words: Sequence[Word],
    columns: Sequence[float],
    rows: Sequence[float],
    header_rows: int = 1,
) -> Table:
    """Return the table that lines cut out of the words of a page.

    A word is in the cell in which its middle is. A head through which a line goes reaches over
    the columns on both sides of it, unless one of them has a head of its own.

    Parameters
    ----------
    words
        Of the page, at negative heights: see
        :meth:`PageView.words_in <reslib.tableview.pageview.PageView.words_in>`.
    columns
        Where the lines down are, from the left edge to the right one.
    rows
        Where the lines across are, from the upper edge to the lower one.
    header_rows
        How many of the rows are its head.

    Raises
    ------
    ValueError
        There are less than two lines of a kind, or more than a thousand, or they do not follow each
        other.
    """
    for name, lines in (("columns", columns), ("rows", rows)):
        if not 2 <= len(lines) <= MOST_LINES:
            raise ValueError(f"{name} needs 2 to {MOST_LINES:,} lines, edges included")
        if any(after <= before for before, after in itertools.pairwise(lines)):
            raise ValueError(f"the lines of {name} must follow each other, each once")
    high, wide = len(rows) - 1, len(columns) - 1
    inside: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        x, y = word.middle
        if columns[0] <= x < columns[-1] and rows[0] <= -y < rows[-1]:
            inside[bisect.bisect_right(rows, -y) - 1].append(word)
    header_rows = min(max(header_rows, 0), high)
    texts = [[""] * wide for _ in range(high)]
    spans: list[tuple[int, ...]] = []
    for row, those in inside.items():
        placed = _by_word(those, columns)
        group = [*range(wide)]
        if row < header_rows:
            placed, group = _as_head(placed, those, columns)
        cells: dict[int, list[Word]] = defaultdict(list)
        for word, column in placed:
            cells[group[column]].append(word)
        for first, own in cells.items():
            texts[row][first] = _text(own)
            reach = sum(each == first for each in group)
            if reach > 1:
                spans.append((row, first, 1, reach))
    return Table(rows=tuple(map(tuple, texts)), header_rows=header_rows, spans=tuple(sorted(spans)))


def _by_word(words: Iterable[Word], columns: Sequence[float]) -> list[tuple[Word, int]]:
    """Return words with the columns in which their middles are."""
    return [(word, bisect.bisect_right(columns, word.middle[0]) - 1) for word in words]


def _as_head(
    placed: Sequence[tuple[Word, int]], words: Sequence[Word], columns: Sequence[float]
) -> tuple[list[tuple[Word, int]], list[int]]:
    """Return the words of a row of the head with their columns, and of each column the first one
    that its cell begins in.

    A head that a line goes through reaches over the columns on both sides, or, where one of them
    has a head of its own, stands in that of its middle.
    """
    pieces = [piece for line in lines_of(words) for piece in pieces_of(line.words, _GAP)]
    struck = [piece for piece in pieces if _lines_through(piece, columns)]
    apart = {id(word) for piece in struck for word in piece}
    kept = [(word, column) for word, column in placed if id(word) not in apart]
    taken = {column for _, column in kept}
    joined: set[int] = set()
    for piece in struck:
        lines = _lines_through(piece, columns)
        left, right = piece[0].left, max(word.right for word in piece)
        column = bisect.bisect_right(columns, (left + right) / 2) - 1
        column = min(max(column, 0), len(columns) - 2)
        kept += [(word, column) for word in piece]
        if not taken.intersection({*lines, *(line - 1 for line in lines)}):
            joined.update(lines)
    group = [0]
    for column in range(1, len(columns) - 1):
        group.append(group[-1] if column in joined else column)
    return kept, group


def _lines_through(piece: Sequence[Word], columns: Sequence[float]) -> range:
    """Return the lines inside a piece, when one of them goes through a word of it."""
    left, right = piece[0].left, max(word.right for word in piece)
    lines = range(bisect.bisect_right(columns, left), bisect.bisect_left(columns, right))
    is_struck = any(_strikes(columns[at], word) for at in lines for word in piece)
    return lines if is_struck else range(0)


def _strikes(at: float, word: Word) -> bool:
    """True when a line goes through a word, and not past it."""
    margin = _STRUCK * (word.right - word.left)
    return word.left + margin < at < word.right - margin


def _text(words: Sequence[Word]) -> str:
    """Return what a cell says; words that are broken at the end of its lines are joined."""
    text = ""
    for line in lines_of(words):
        more = text_of(line.words)
        is_broken = text.endswith("-") and more[:1].islower()
        text = text[:-1] + more if is_broken else f"{text} {more}".strip()
    return text
