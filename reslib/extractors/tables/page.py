"""One page on which tables are looked for, and those that were found on it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from statistics import median

from reslib.extractors.layout.layout import Box, PageLayout, Rule, Word
from reslib.extractors.layout.lines import (
    Caption,
    Line,
    caption_of,
    figures_of,
    joined_rules,
    lines_of,
    pieces_of,
    without_line_numbers,
)
from reslib.extractors.tables.captions import whole_caption
from reslib.extractors.tables.judge import Signals, judge, signals_of
from reslib.extractors.tables.numbers import begins_with_years
from reslib.extractors.tables.rows import Cells, Rules

__all__ = ["MOST_CURVES", "Found", "TablePage"]

#: How far a caption may be from its table, in sizes, and beside it, in points.
_FAR, _BESIDE = 9.0, 20.0
#: How far above a table, in sizes, a caption is that is not over it, and the lines that begin where
#: it begins, in points, and reach beyond the middle of the table.
_RIGHT_ABOVE, _SAME_EDGE, _FEWEST_LINES = 4.0, 3.0, 3
#: Curves that a table may have.
MOST_CURVES = 6


@dataclass(slots=True)
class Found:
    """A table that was found.

    Parameters
    ----------
    cells
        Its cells.
    box
        Where it is, in its layout.
    kind
        How it was found.
    caption
        What stands above or below it; empty when nothing does.
    confidence, reason
        How much of it was read right, and why it is not 1.
    near
        The captions that may be its own, the nearest first.
    """

    cells: Cells
    box: Box
    kind: str
    caption: str
    confidence: float
    reason: str
    near: list[Caption] = field(default_factory=list)


class TablePage:
    """The words, lines and captions of a page, and its tables as they are found.

    Parameters
    ----------
    layout
        The page.
    """

    def __init__(self, layout: PageLayout) -> None:
        self.words = without_line_numbers(layout.words, layout.level)
        self.em = median(word.size for word in self.words) if self.words else 10.0
        self.lines = lines_of(self.words)
        self._depths = [-line.baseline for line in self.lines]
        self.level = joined_rules(layout.level, gap=8.0)
        self.upright = joined_rules(layout.upright)
        self.rules = Rules(self.level, self.upright, layout.level)
        self.curves = layout.curves
        self.captions: list[Caption] = [c for line in self.lines for c in caption_of(line)]
        self.figures = [
            (line.baseline, piece[0].left, max(word.right for word in piece))
            for line in self.lines
            for piece in figures_of(line)
        ]
        self.found: list[Found] = []

    def keep(self, cells: Cells, box: Box, kind: str, signals: Signals | None = None) -> None:
        """Keep a table."""
        cells.header_rows = cells.header_rows or int(begins_with_years(cells.rows))
        near = self._captions_near(box)
        signals = signals or signals_of(cells.rows)
        confidence, reason = judge(kind, bool(near), signals)
        self.found.append(Found(cells, box, kind, "", confidence, reason, near))

    def settle_captions(self) -> None:
        """Say the caption of each table: of two tables between which one stands, it is of that
        which has no other. Panels of one table share theirs.
        """
        own = [found.near[0] if found.near else None for found in self.found]
        for at, found in enumerate(self.found):
            is_shared = own[at] is not None and own.count(own[at]) > 1
            left = [caption for caption in found.near[1:] if caption not in own]
            if is_shared and left:
                own[at] = left[0]
        for found, caption in zip(self.found, own, strict=True):
            if caption is not None:
                found.caption = whole_caption(caption, found.box, self.lines)

    def lines_between(self, bottom: float, top: float) -> list[Line]:
        """Return the lines whose letters stand between two heights, from the top."""
        first = bisect.bisect_right(self._depths, -top)
        return self.lines[first : bisect.bisect_left(self._depths, -bottom)]

    def words_in(self, box: Box, margin: float = 1.0) -> list[Word]:
        """Return the words in a rectangle."""
        return [word for word in self.words if box.holds(word, margin)]

    def lines_in(self, box: Box, margin: float = 1.0) -> list[Line]:
        """Return the parts of lines in a rectangle."""
        found = []
        for line in self.lines_between(box.bottom - 20, box.top + 20):
            words = [word for word in line.words if box.holds(word, margin)]
            if words:
                found.append(line.cut(words))
        return found

    def caption_of(self, box: Box) -> Caption | None:
        """Return the caption nearest to a table."""
        near = self._captions_near(box)
        return near[0] if near else None

    def _captions_near(self, box: Box) -> list[Caption]:
        near: list[tuple[float, Caption]] = []
        for caption in self.captions:
            if caption.left > box.right + _BESIDE:
                continue
            if caption.right < box.left - _BESIDE and not self._begins_column(caption, box):
                continue
            far = min(abs(caption.baseline - box.top), abs(box.bottom - caption.baseline))
            if box.bottom <= caption.baseline <= box.top:
                far = 0.0
            if far < _FAR * self.em:
                near.append((far, caption))
        return [caption for _, caption in sorted(near, key=lambda each: each[0])]

    def _begins_column(self, caption: Caption, box: Box) -> bool:
        """True when a short caption stands at the left edge of the column in which a table is.

        The table below it is set in the middle, so that the caption is not over it.
        """
        above = caption.baseline - box.top
        if not 0 < above < _RIGHT_ABOVE * self.em:
            return False
        if any(
            word.right > box.left and word.left < box.right
            for line in self.lines_between(box.top, caption.baseline + 0.5 * self.em)
            for word in line.words
        ):
            return False
        middle = (box.left + box.right) / 2
        edges = (
            abs(piece[0].left - caption.left) < _SAME_EDGE
            and max(word.right for word in piece) > middle
            for line in self.lines
            for piece in pieces_of(line.words, 1.5)
        )
        return sum(edges) >= _FEWEST_LINES

    def is_figure(self, box: Box) -> bool:
        """True when the caption of a figure stands below a rectangle."""
        return any(
            right > box.left - 5
            and left < box.right + 5
            and -self.em < box.bottom - at < 6 * self.em
            for at, left, right in self.figures
        )

    def curves_in(self, box: Box) -> int:
        """Return how much is drawn in a rectangle that no table has."""
        return sum(
            box.left - 5 <= x <= box.right + 5 and box.bottom - 5 <= y <= box.top + 5
            for x, y in self.curves
        )

    def is_free(self, rule: Rule) -> bool:
        """True when a level line is in no table that was found."""
        middle = (rule.start + rule.end) / 2
        return not any(
            found.box.left - 2 <= middle <= found.box.right + 2
            and found.box.bottom - 2 <= rule.at <= found.box.top + 2
            for found in self.found
        )

    def is_found(self, box: Box, margin: float = 2.0) -> bool:
        """True when a rectangle is inside a table that was found."""
        return any(found.box.around(box, margin) for found in self.found)
