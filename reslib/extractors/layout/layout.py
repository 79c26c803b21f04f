"""The layout of a page: its words and drawn lines, seen so that the text runs to the right.

All of it is in points, upwards from the lower left corner, as in the file. A page on which text
runs in two directions has two layouts; :meth:`PageLayout.shown_box` leads back to the page as it
is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Box", "PageLayout", "Rule", "Sheet", "Word", "turned_box"]


class Box(NamedTuple):
    """A rectangle, upwards from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, word: Word, margin: float = 1.0) -> bool:
        """True when the middle of a word is inside."""
        x, y = word.middle
        return (
            self.left - margin <= x <= self.right + margin
            and self.bottom - margin <= y <= self.top + margin
        )

    def around(self, other: Box, margin: float = 2.0) -> bool:
        """True when another rectangle is inside."""
        return (
            self.left - margin <= other.left
            and self.bottom - margin <= other.bottom
            and other.right <= self.right + margin
            and other.top <= self.top + margin
        )


class Rule(NamedTuple):
    """A drawn line, level or upright: from *start* to *end*, at *at* on the other axis."""

    start: float
    end: float
    at: float

    @property
    def length(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(slots=True, eq=False)
class Word:
    """A word: what stands between two blanks, on one baseline.

    Parameters
    ----------
    left, right
        Where it begins and ends.
    baseline
        Where its letters stand.
    size
        Of its letters.
    text
        What it says.
    bottom, top
        Of the letters' font, not of their ink.
    font
        The name of the font.
    """

    left: float
    right: float
    baseline: float
    size: float
    text: str
    bottom: float
    top: float
    font: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its small letters."""
        return (self.left + self.right) / 2, self.baseline + 0.25 * self.size


@dataclass(frozen=True, slots=True)
class Sheet:
    """The part of a page that is seen.

    Parameters
    ----------
    box
        The part that is seen (its crop box).
    rotation
        By how many degrees it is shown turned with the clock.
    """

    box: Box
    rotation: int = 0

    def shown(self, box: Box) -> tuple[float, float, float, float]:
        """Return a rectangle of the page as it is seen: left, top, right, bottom from the top."""
        x0, x1 = box.left - self.box.left, box.right - self.box.left
        y0, y1 = box.bottom - self.box.bottom, box.top - self.box.bottom
        width, height = self.box.right - self.box.left, self.box.top - self.box.bottom
        edges = {
            0: (x0, height - y1, x1, height - y0),
            90: (y0, x0, y1, x1),
            180: (width - x1, y0, width - x0, y1),
            270: (height - y1, width - x1, height - y0, width - x0),
        }[self.rotation % 360 // 90 * 90]
        left, top, right, bottom = (round(edge, 1) for edge in edges)
        return left, top, right, bottom


def turned_box(box: Box, turns: int) -> Box:
    """Return a rectangle as it is seen after so many quarter turns with the clock."""
    left, bottom, right, top = box
    turns %= 4
    if turns == 1:
        return Box(bottom, -right, top, -left)
    if turns == 2:
        return Box(-right, -top, -left, -bottom)
    if turns == 3:
        return Box(-top, left, -bottom, right)
    return box


@dataclass(slots=True)
class PageLayout:
    """The words of one direction on a page, and the lines drawn on it.

    Parameters
    ----------
    words
        In drawn order.
    level, upright
        The drawn lines.
    curves
        Where something bent or slanting is drawn: of tables nothing is.
    turns
        By how many quarter turns with the clock the page is seen here.
    sheet
        What is seen of the page.
    """

    words: list[Word]
    level: list[Rule] = field(default_factory=list)
    upright: list[Rule] = field(default_factory=list)
    curves: list[tuple[float, float]] = field(default_factory=list)
    turns: int = 0
    sheet: Sheet = field(default_factory=lambda: Sheet(Box(0, 0, 612, 792)))

    def shown_box(self, box: Box) -> tuple[float, float, float, float]:
        """Return a rectangle as left, top, right, bottom on the page as it is seen."""
        return self.sheet.shown(turned_box(box, -self.turns))

    def turned(self, words: list[Word], turns: int) -> PageLayout:
        """Return the layout of other words on the same page, seen after quarter turns."""
        boxes = [turned_box(Box(r.start, r.at, r.end, r.at), turns) for r in self.level]
        boxes += [turned_box(Box(r.at, r.start, r.at, r.end), turns) for r in self.upright]
        level = [Rule(b.left, b.right, b.top) for b in boxes if b.right - b.left > b.top - b.bottom]
        upright = [
            Rule(b.bottom, b.top, b.left) for b in boxes if b.right - b.left <= b.top - b.bottom
        ]
        points = [turned_box(Box(x, y, x, y), turns) for x, y in self.curves]
        curves = [(point.left, point.bottom) for point in points]
        return PageLayout(words, level, upright, curves, turns, self.sheet)
