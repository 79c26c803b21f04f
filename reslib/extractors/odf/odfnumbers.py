"""The numbers of headings in an OpenDocument text, which the file does not hold but its styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reslib.extractors.odf.odfxml import attribute, children, full
from reslib.extractors.office.wordnumbers import written

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["FORMS", "Headings", "number"]

#: How numbers are written (OpenDocument 1.3 part 3, §19.500), in the words of Word.
FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_DEEPEST = 10
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    prefix: str
    suffix: str
    shown: int
    start: int


class Headings:
    """Counts the headings of a document as its outline style says (§16.34, §16.35).

    Parameters
    ----------
    styles
        The element that holds the common styles.
    """

    def __init__(self, styles: etree._Element | None) -> None:
        self._levels: dict[int, _Level] = {}
        self._counts: dict[int, int] = {}
        for outline in children(styles, "text:outline-style"):
            for item in outline.iter(full("text:outline-level-style")):
                self._levels[number(attribute(item, "text:level"), 0)] = _Level(
                    form=attribute(item, "style:num-format"),
                    prefix=attribute(item, "style:num-prefix")[:_LONGEST],
                    suffix=attribute(item, "style:num-suffix")[:_LONGEST],
                    shown=number(attribute(item, "text:display-levels"), 1),
                    start=number(attribute(item, "text:start-value"), 1),
                )

    def label(self, heading: etree._Element) -> str:
        """Return the number of the next heading, empty when it has none."""
        depth = number(attribute(heading, "text:outline-level"), 1)
        level = self._levels.get(depth)
        if level is None or not level.form or attribute(heading, "text:is-list-header") == "true":
            return ""
        begin = number(attribute(heading, "text:start-value"), level.start)
        again = attribute(heading, "text:restart-numbering") == "true"
        self._counts[depth] = begin if again else self._counts.get(depth, level.start - 1) + 1
        for deeper in range(depth + 1, _DEEPEST + 1):
            self._counts.pop(deeper, None)
        numbers = [self._number(n) for n in range(max(1, depth - level.shown + 1), depth + 1)]
        return f"{level.prefix}{'.'.join(filter(None, numbers))}{level.suffix}".strip()

    def _number(self, depth: int) -> str:
        level = self._levels.get(depth)
        if level is None or not level.form:
            return ""
        count = self._counts.setdefault(depth, level.start)
        return written(count, FORMS.get(level.form, "decimal"))


def number(text: str, default: int) -> int:
    """Return what an attribute states, the default where it states no small number."""
    return int(text) if text.isdecimal() and len(text) < 5 else default
