"""The numbers of lists in an OpenDocument text, counted as programs show them.

The file holds none: a list names a style, which says how each of its levels is counted and written
(OpenDocument 1.3 part 3, §5.3, §16.30 to 16.33).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reslib.extractors.odf.odfnumbers import FORMS, number
from reslib.extractors.odf.odfxml import attribute, children, key
from reslib.extractors.office.wordnumbers import written

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Lists"]

_BULLET = "•"
_DEEPEST = 10
#: What stands around a number is no longer.
_LONGEST = 20
_NUMBERED = "text:list-level-style-number"


@dataclass(frozen=True, slots=True)
class _Level:
    form: str = ""
    prefix: str = ""
    suffix: str = ""
    shown: int = 1
    start: int = 1
    is_bullet: bool = False


@dataclass(slots=True)
class _List:
    """A list that is being read, with the lists in it: its style, and how far each level is."""

    style: str
    counts: dict[int, int] = field(default_factory=dict)


class Lists:
    """Counts the items of lists.

    Parameters
    ----------
    holders
        The elements that hold styles of lists; of two of the same name the later one counts.
    """

    def __init__(self, *holders: etree._Element | None) -> None:
        self._styles: dict[str, dict[int, _Level]] = {}
        for holder in holders:
            for style in children(holder, "text:list-style"):
                self._styles[attribute(style, "style:name")] = dict(_levels(style))
        self._open: list[_List] = []
        #: The last list of each style, and those that others go on with, by their names.
        self._last: dict[str, dict[int, int]] = {}
        self._named: dict[str, dict[int, int]] = {}

    @contextmanager
    def inside(self, element: etree._Element) -> Iterator[None]:
        """Count what is between as items of a list.

        Parameters
        ----------
        element
            The list.
        """
        outer = self._open[-1] if self._open else None
        style = attribute(element, "text:style-name") or (outer.style if outer else "")
        goes_on = attribute(element, "text:continue-numbering") == "true"
        if outer is not None:
            counts = outer.counts
            if not goes_on:
                counts.pop(len(self._open) + 1, None)
        else:
            before = self._named.get(attribute(element, "text:continue-list"))
            if before is None and goes_on:
                before = self._last.get(style)
            counts = {} if before is None else before
            self._last[style] = counts
            name = element.get("{http://www.w3.org/XML/1998/namespace}id")
            if name:
                self._named[name] = counts
        self._open.append(_List(style, counts))
        try:
            yield
        finally:
            self._open.pop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave the open lists for what is between: a note, a text box, a cell."""
        outer, self._open = self._open, []
        try:
            yield
        finally:
            self._open = outer

    def label(self, item: etree._Element) -> str:
        """Return what is shown before the next item, empty when that is nothing.

        Parameters
        ----------
        item
            The item.
        """
        depth = len(self._open)
        if not depth or depth > _DEEPEST:
            return ""
        style, counts = self._open[-1].style, self._open[-1].counts
        levels = self._styles.get(attribute(item, "text:style-override") or style, {})
        level = levels.get(depth)
        start = attribute(item, "text:start-value")
        first = level.start if level is not None else 1
        counts[depth] = number(start, first) if start else counts.get(depth, first - 1) + 1
        for deeper in range(depth + 1, _DEEPEST + 1):
            counts.pop(deeper, None)
        if level is None:
            return ""
        if level.is_bullet:
            return _BULLET
        if not level.form:
            return ""
        numbers = (
            _number(levels.get(each), counts.get(each))
            for each in range(max(1, depth - level.shown + 1), depth + 1)
        )
        return f"{level.prefix}{'.'.join(filter(None, numbers))}{level.suffix}".strip()


def _levels(style: etree._Element) -> Iterator[tuple[int, _Level]]:
    for item in style:
        kind = key(item.tag)
        depth = number(attribute(item, "text:level"), 0)
        if kind == _NUMBERED:
            yield (
                depth,
                _Level(
                    form=attribute(item, "style:num-format"),
                    prefix=attribute(item, "style:num-prefix")[:_LONGEST],
                    suffix=attribute(item, "style:num-suffix")[:_LONGEST],
                    shown=number(attribute(item, "text:display-levels"), 1),
                    start=number(attribute(item, "text:start-value"), 1),
                ),
            )
        elif kind.startswith("text:list-level-style-"):
            yield depth, _Level(is_bullet=True)


def _number(level: _Level | None, count: int | None) -> str:
    if level is None or not level.form:
        return ""
    return written(level.start if count is None else count, FORMS.get(level.form, "decimal"))
