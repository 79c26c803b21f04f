"""Walks the shapes of a slide, its notes or its charts and writes out their text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from reslib.extractors.office.wordnumbers import Numbers
from reslib.extractors.office.wordstyles import Styles
from reslib.extractors.office.wordwalk import Walk, alternative_text
from reslib.extractors.office.wordxml import child, children, key, key_of_ancestor, reference
from reslib.extractors.tablegrid import span
from reslib.extractors.tables.heads import with_head
from reslib.items import Table

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["SlideWalk"]

#: Where texts stand in the charts of Office 2016 ([MS-ODRAWXML] 2.24.3): labels and names.
_CHART_TEXTS = {"cx:pt": ("cx:strDim",), "cx:v": ("cx:tx",)}
_TITLES = frozenset({"title", "ctrTitle"})
#: Placeholders that hold no text: the number of the slide, and its small picture on the notes.
_NO_TEXT = frozenset({"sldNum", "sldImg"})
#: Those of lines that many slides share.
_RUNNING = frozenset({"dt", "ftr", "hdr"})


class SlideWalk:
    """Yields the texts of shapes in their order and keeps what it finds beside them.

    The elements are those of ECMA-376 part 1, §19.3 (slides), §20.1 (drawing), §21.1.3 (tables).

    Parameters
    ----------
    linked
        Takes the name of a relationship and returns the text of the chart or diagram there.
    """

    def __init__(self, linked: Callable[[str], str]) -> None:
        self.pictures = 0
        self.embedded = 0
        self.tables: list[Table] = []
        #: Headers, footers and dates, which are apart from the text.
        self.running: list[str] = []
        self._linked = linked
        self._walk = _RunWalk(Styles(), Numbers(None, Styles()), lambda _: "")

    def slide(self, root: etree._Element) -> str:
        """Return the text of a slide, its title first."""
        shapes = list(self._shapes(child(child(root, "p:cSld"), "p:spTree")))
        shapes.sort(key=lambda shape: _placeholder(shape) not in _TITLES)
        texts = []
        for shape in shapes:
            text = self._shape(shape)
            if text and _placeholder(shape) in _RUNNING:
                self.running.append(text)
            elif text:
                texts.append(text)
        return "\n".join(texts)

    def part(self, root: etree._Element) -> str:
        """Return the text of a chart or a diagram, each line once."""
        lines = self._walk(root).split("\n")
        return "\n".join(dict.fromkeys(line for line in lines if line.strip()))

    def _shapes(self, parent: etree._Element | None) -> Iterator[etree._Element]:
        """Yield shapes, those of a group before it."""
        for shape in parent if parent is not None else ():
            name = key(shape.tag)
            if name == "p:grpSp":
                yield from self._shapes(shape)
                yield shape
            elif name == "mc:AlternateContent":
                yield from self._shapes(_branch(shape))
            elif name in ("p:sp", "p:cxnSp", "p:pic", "p:graphicFrame"):
                yield shape

    def _shape(self, shape: etree._Element) -> str:
        name = key(shape.tag)
        if name == "p:pic":
            return self._picture(shape)
        if name == "p:graphicFrame":
            return self._frame(shape)
        if _placeholder(shape) in _NO_TEXT:
            return ""
        body = child(shape, "p:txBody")
        text = self._walk(body) if body is not None else ""
        return "\n".join(filter(None, (text, _alternative(_own(shape)))))

    def _picture(self, shape: etree._Element) -> str:
        self.pictures += 1
        return _alternative(_own(shape))

    def _frame(self, shape: etree._Element) -> str:
        """Return the text of a table, a chart or a diagram."""
        data = child(child(shape, "a:graphic"), "a:graphicData")
        texts = []
        for item in data if data is not None else ():
            name = key(item.tag)
            if name == "a:tbl":
                texts.append(self._table(item))
            elif name in ("c:chart", "cx:chart"):
                texts.append(self._linked(reference(item, "id")))
            elif name == "dgm:relIds":
                texts.append(self._linked(reference(item, "dm")))
            elif isinstance(item.tag, str):
                self.embedded += 1
        texts.append(_alternative(_own(shape)))
        return "\n".join(filter(None, texts))

    def _table(self, table: etree._Element) -> str:
        rows: list[tuple[str, ...]] = []
        spans = []
        for row in children(table, "a:tr"):
            texts: list[str] = []
            for cell in children(row, "a:tc"):
                high, wide = span(cell.get("rowSpan")), span(cell.get("gridSpan"))
                if high > 1 or wide > 1:
                    spans.append((len(rows), len(texts), high, wide))
                texts.append(" ".join(self._walk(cell).split("\n")))
            rows.append(tuple(texts))
        if not any(cell for row in rows for cell in row):
            return ""
        properties = child(table, "a:tblPr")
        headed = properties is not None and properties.get("firstRow") in ("1", "true")
        found = Table(tuple(rows), header_rows=int(headed), spans=tuple(spans))
        self.tables.append(with_head(found))
        return "\n".join("\t".join(row).rstrip() for row in rows)


class _RunWalk(Walk):
    """The walk over a Word document's text, with the raised runs of a slide."""

    def _start(self, name: str, element: etree._Element) -> None:
        if name in ("a:r", "a:fld"):
            self._frames[-1].height = _height(child(element, "a:rPr"))
        elif name in _CHART_TEXTS and key_of_ancestor(element, 2) in _CHART_TEXTS[name]:
            self._write(f"{element.text or ''}\n")
        else:
            super()._start(name, element)

    def _end(self, name: str, element: etree._Element) -> None:
        if name in ("a:r", "a:fld"):
            self._frames[-1].height = 0
        else:
            super()._end(name, element)


def _height(properties: etree._Element | None) -> int:
    """Return how high a run stands, in thousandths of its size (§21.1.2.3.9)."""
    try:
        return int((properties.get("baseline") or "0").rstrip("%")) if properties is not None else 0
    except ValueError:
        return 0


def _own(shape: etree._Element) -> etree._Element | None:
    """Return what a shape says of itself, whatever kind it is of."""
    return next((item for item in shape if key(item.tag).startswith("p:nv")), None)


def _alternative(own: etree._Element | None) -> str:
    """Return what stands for a picture or a chart, in brackets."""
    properties = child(own, "p:cNvPr")
    text = alternative_text(properties) if properties is not None else ""
    return f"[{text}]" if text else ""


def _placeholder(shape: etree._Element) -> str:
    """Return what the shape holds a place for; empty when it is none, or one for any content."""
    found = child(child(_own(shape), "p:nvPr"), "p:ph")
    return (found.get("type") or "") if found is not None else ""


def _branch(alternate: etree._Element) -> etree._Element | None:
    """Return the first branch that holds what can be read (part 3, §10)."""
    branches = [item for item in alternate if isinstance(item.tag, str)]
    for branch in branches:
        for item in branch.iter("{*}t", "{*}graphicFrame"):
            if key(item.tag) in ("a:t", "p:graphicFrame"):
                return branch
    return branches[0] if branches else None
