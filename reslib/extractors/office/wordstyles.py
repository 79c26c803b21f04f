"""The styles of a Word document, and what they make of its text: hidden, raised, numbered.

Formatting comes from the paragraph's style, then the run's style, then the run itself, and
styles inherit from others (ECMA-376 part 1, §17.7.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reslib.extractors.office.wordxml import attribute, child, children, is_on, key, value

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Format", "Styles"]

#: Styles based on each other are not followed further.
_DEEPEST = 50
#: The name that Word gives the style of prompts in every language.
_PROMPT = "placeholder text"
#: In half points.
_MOVED = 4
_VERTICAL = {"superscript": 1, "subscript": -1}


@dataclass(frozen=True, slots=True)
class Format:
    """The format of a run, as far as its text depends on it.

    Parameters
    ----------
    hidden
        Whether it is not shown.
    height
        1 when it is raised, -1 when it is lowered, 0 otherwise.
    prompt
        Whether it asks to be replaced.
    """

    hidden: bool = False
    height: int = 0
    prompt: bool = False


@dataclass(slots=True)
class _Style:
    """A style by itself, without those it is based on; None where it says nothing."""

    based_on: str | None
    prompt: bool
    hidden: bool | None
    height: int | None
    number: str | None
    level: str | None
    has_first_row: bool


class Styles:
    """The styles of a document.

    Parameters
    ----------
    root
        Of the part that holds them; None when there is none.
    """

    def __init__(self, root: etree._Element | None = None) -> None:
        self._styles: dict[str, _Style] = {}
        self._formats: dict[tuple[str, str], Format] = {}
        self._default: str | None = None
        for element in children(root, "w:style"):
            name = attribute(element, "styleId") or ""
            self._styles[name] = _read(element)
            if attribute(element, "type") == "paragraph" and (
                (attribute(element, "default") or "0") not in ("0", "false")
            ):
                self._default = name

    def format(self, paragraph: str | None, run: etree._Element | None) -> Format:
        """Return the format of a run.

        Parameters
        ----------
        paragraph
            The style of its paragraph.
        run
            Its properties (``w:rPr``), if it has any.
        """
        style = hidden = height = None
        if run is not None:
            style, hidden, height = _own(run)
        names = (paragraph or self._default or "", style or "")
        form = self._formats.get(names)
        if form is None:
            form = self._formats[names] = self._inherited(*names)
        if hidden is None and height is None:
            return form
        return replace(
            form,
            hidden=form.hidden if hidden is None else hidden,
            height=form.height if height is None else height,
        )

    def number_of(self, paragraph: str | None) -> tuple[str | None, str | None]:
        """Return the list and the level that a paragraph's style puts it into."""
        number = level = None
        for style in self._line(paragraph or self._default or ""):
            number = number if number is not None else style.number
            level = level if level is not None else style.level
        return number, level

    def has_first_row(self, table: str | None) -> bool:
        """True when a style of tables has a look of its own for the first row (§17.7.6)."""
        return any(style.has_first_row for style in self._line(table or ""))

    def _inherited(self, paragraph: str, run: str) -> Format:
        lines = (list(self._line(paragraph)), list(self._line(run)))
        hidden = [next((s.hidden for s in line if s.hidden is not None), False) for line in lines]
        heights = [next((s.height for s in line if s.height is not None), None) for line in lines]
        return Format(
            # A switch that both styles set is off again (§17.7.3).
            hidden=hidden[0] != hidden[1],
            height=(heights[0] or 0) if heights[1] is None else heights[1],
            prompt=any(style.prompt for style in lines[1]),
        )

    def _line(self, name: str) -> list[_Style]:
        """Return a style and those that it inherits from, nearest first."""
        line: list[_Style] = []
        style = self._styles.get(name)
        while style is not None and len(line) < _DEEPEST:
            line.append(style)
            style = self._styles.get(style.based_on or "")
        return line


def _read(element: etree._Element) -> _Style:
    run = child(element, "w:rPr")
    numbered = child(child(element, "w:pPr"), "w:numPr")
    _, hidden, height = _own(run) if run is not None else (None, None, None)
    return _Style(
        based_on=value(element, "w:basedOn"),
        prompt=(value(element, "w:name") or "").lower() == _PROMPT,
        hidden=hidden,
        height=height,
        number=value(numbered, "w:numId"),
        level=value(numbered, "w:ilvl"),
        has_first_row=any(
            attribute(part, "type") == "firstRow" and len(part)
            for part in children(element, "w:tblStylePr")
        ),
    )


def _own(run: etree._Element) -> tuple[str | None, bool | None, int | None]:
    """Return the style that properties name, whether they hide and how high they put."""
    style: str | None = None
    hidden: bool | None = None
    height: int | None = None
    for element in run:
        name = key(element.tag)
        if name == "w:rStyle":
            style = attribute(element, "val")
        elif name == "w:vanish":
            hidden = is_on(element)
        elif name == "w:vertAlign":
            height = _VERTICAL.get(attribute(element, "val") or "", 0)
        elif name == "w:position" and height is None:
            height = _height(attribute(element, "val"))
    return style, hidden, height


def _height(half_points: str | None) -> int | None:
    """Return the height of a run that is moved by hand; less than two points are a correction."""
    try:
        moved = int(half_points or "")
    except ValueError:
        return None
    return (moved > 0) - (moved < 0) if abs(moved) >= _MOVED else None
