"""The styles of an OpenDocument file: how high text stands, which is bold, and which is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reslib.extractors.odf.odfxml import attribute, child, full

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Styles"]

#: A style stands on another, and so on; more than this is a circle.
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class _Style:
    parent: str
    #: Empty where the style says nothing.
    position: str
    display: str
    weight: str


class Styles:
    """The styles that a part of a document uses.

    Parameters
    ----------
    roots
        The elements in which they stand; of two of one name the later counts.
    """

    def __init__(self, *roots: etree._Element | None) -> None:
        self._known: dict[tuple[str, str], _Style] = {}
        self._hidden_pages: set[str] = set()
        for root in roots:
            for item in root.iter(full("style:style")) if root is not None else ():
                self._add(item)

    def _add(self, item: etree._Element) -> None:
        name, family = attribute(item, "style:name"), attribute(item, "style:family")
        text = child(item, "style:text-properties")
        position = attribute(text, "style:text-position") if text is not None else ""
        display = attribute(text, "text:display") if text is not None else ""
        weight = attribute(text, "fo:font-weight") if text is not None else ""
        parent = attribute(item, "style:parent-style-name")
        self._known[family, name] = _Style(parent, position, display, weight)
        page = child(item, "style:drawing-page-properties")
        if page is not None and attribute(page, "presentation:visibility") == "hidden":
            self._hidden_pages.add(name)

    def _stated(self, family: str, name: str, what: str) -> str:
        for _ in range(_DEEPEST):
            style = self._known.get((family, name))
            if style is None:
                break
            stated: str = getattr(style, what)
            if stated:
                return stated
            name = style.parent
        return ""

    def height(self, span: str) -> int | None:
        """Return how high text of a style stands: above 0 is raised; None when it says nothing."""
        position = self._stated("text", span, "position").partition(" ")[0]
        if position in ("super", "sub"):
            return 1 if position == "super" else -1
        try:
            number = float(position.rstrip("%"))
        except ValueError:
            return None
        return (number > 0) - (number < 0)

    def hides(self, family: str, name: str) -> bool:
        """True when text of a style is hidden."""
        return self._stated(family, name, "display") == "none"

    def is_bold(self, family: str, name: str) -> bool:
        """True when text of a style is bold."""
        return self._stated(family, name, "weight") in ("bold", "600", "700", "800", "900")

    def hides_page(self, name: str) -> bool:
        """True when slides of a style are left out when the presentation is shown."""
        return name in self._hidden_pages
