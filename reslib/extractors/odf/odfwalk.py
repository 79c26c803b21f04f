"""Walks the XML of an OpenDocument file in document order and writes out its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reslib.extractors.invisible import visible
from reslib.extractors.odf.odflists import Lists
from reslib.extractors.odf.odfnumbers import Headings, number
from reslib.extractors.odf.odfstyles import Styles
from reslib.extractors.odf.odfxml import attribute, child, full, key
from reslib.extractors.tables.heads import MOST_HEAD_ROWS, set_apart, with_head
from reslib.extractors.written import Written
from reslib.items import Section, Table

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Walk"]

#: A few letters of a file may ask for any number of them.
_MOST_SPACES = 100
_MOST_EMPTY_CELLS = 16
#: Rows or columns that one cell reaches over.
_MOST_SPANNED = 1000
_SPACE = re.compile(r"[ \t\r\n]+")
_SKIPPED = frozenset(
    {
        "text:tracked-changes",  # what was deleted is kept there, outside the text
        "text:ruby-text",
        "text:script",
        "text:placeholder",  # a prompt that nobody has filled in
        "text:note-citation",
        "office:event-listeners",
        "office:forms",
        "svg:title",
        "svg:desc",
    }
)
_ROWS = frozenset({"table:table-header-rows", "table:table-rows", "table:table-row-group"})
#: A picture with the name of its file for an alternative text has none.
_FILE_NAME = re.compile(r"[^\n]*\.(?:png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|eps|pdf)", re.IGNORECASE)


@dataclass(slots=True)
class _Frame(Written):
    """Text that is collected apart before it takes its place."""

    #: Text boxes of the paragraph that is being read.
    boxes: list[str] = field(default_factory=list)
    #: Whether white space that comes next is left out: at the start of a line, after another.
    open: bool = True

    def characters(self, text: str | None) -> None:
        """Write text of which runs of white space are one space (§6.1.2)."""
        if not text:
            return
        text = _SPACE.sub(" ", text)
        if self.open:
            text = text.lstrip(" ")
        if text:
            self.write(text)
            self.open = text.endswith(" ")

    def mark(self, text: str) -> None:
        """Write what stands for an element."""
        self.write(text)
        self.open = text == "\n"

    def text(self) -> str:
        self.flush()
        return "".join(self.parts)


class Walk:
    """Writes out text and keeps what it finds beside it.

    The elements are those of OpenDocument 1.3 part 3, §5 and §6 (text), §9 (tables), §10
    (drawings).

    Parameters
    ----------
    styles
        Of the part that is walked.
    inner
        Takes the name of an object inside the document and returns the root of its content.
    headings, lists
        Number them; without that they have those numbers that the document holds.
    """

    def __init__(
        self,
        styles: Styles,
        inner: Callable[[str], etree._Element | None],
        headings: Headings | None = None,
        lists: Lists | None = None,
    ) -> None:
        self.pictures = 0
        self.embedded = 0
        self.comments = False
        self.sections: list[Section] = []
        self.tables: list[Table] = []
        #: Texts of footnotes and endnotes.
        self.notes: dict[str, list[str]] = {"footnote": [], "endnote": []}
        self._styles = styles
        self._inner = inner
        self._headings = headings
        self._lists = lists
        self._frame = _Frame()

    def __call__(self, root: etree._Element) -> str:
        """Return the text of the paragraphs, lists, tables and shapes in an element."""
        return _tidy(visible(self._apart(self._blocks, root)))

    def shape(self, element: etree._Element) -> str:
        """Return the text of a shape, a frame or a group of them."""
        text, _ = self._shape(element)
        return _tidy(visible(text))

    def _apart(self, write: Callable[[etree._Element], None], element: etree._Element) -> str:
        """Return what is written of an element, none of it in the text around."""
        outer, self._frame = self._frame, _Frame()
        try:
            with self._lists.aside() if self._lists is not None else nullcontext():
                write(element)
            return self._frame.text()
        finally:
            self._frame = outer

    def left_out(self) -> Iterator[str]:
        """Yield what is in the document and not in its text."""
        if self.embedded:
            yield f"{_count(self.embedded, 'embedded document')} not read"
        if self.pictures:
            yield f"{_count(self.pictures, 'picture')} not read"
        if self.comments:
            yield "comments left out"

    # --- blocks ------------------------------------------------------------------------------

    def _blocks(self, parent: etree._Element) -> None:
        for element in parent:
            name = key(element.tag)
            if name in ("text:p", "text:h"):
                self._paragraph(name, element)
            elif name == "table:table":
                self._frame.parts.append(self._table(element))
            elif _is_drawing(element):
                text, _ = self._shape(element)
                self._frame.parts.append(f"{text}\n" if text else "")
            elif name == "text:number":
                self._frame.label = (element.text or "").strip()
            elif name == "office:annotation":
                self.comments = True
            elif name == "text:list" and self._lists is not None:
                self._list(element, self._lists)
            elif (
                name.startswith("text:")
                and name not in _SKIPPED
                and not name.endswith("-source")  # how an index is made, with sample words
                and attribute(element, "text:display") != "none"
            ):
                self._blocks(element)

    def _list(self, element: etree._Element, lists: Lists) -> None:
        with lists.inside(element):
            for item in element:
                name = key(item.tag)
                if name == "text:list-item":
                    self._frame.label = lists.label(item)
                    self._blocks(item)
                    self._frame.label = ""
                elif name == "text:list-header":
                    self._blocks(item)

    def _paragraph(self, name: str, element: etree._Element) -> None:
        if self._styles.hides("paragraph", attribute(element, "text:style-name")):
            return
        frame = self._frame
        begin = len(frame.parts)
        frame.open = True
        if name == "text:h" and self._headings is not None:
            frame.label = self._headings.label(element) or frame.label
        self._inline(element)
        frame.height = 0
        frame.flush()
        frame.label = ""
        if name == "text:h":
            title = " ".join("".join(frame.parts[begin:]).split())
            level = number(attribute(element, "text:outline-level"), 1)
            if title:
                self.sections.append(Section(title, max(1, level)))
        frame.parts.append("\n")
        frame.parts += frame.boxes
        frame.boxes.clear()

    def _table(self, table: etree._Element) -> str:
        rows: list[tuple[str, ...]] = []
        heads = 0
        spans: list[tuple[int, int, int, int]] = []
        apart: list[list[bool]] = []
        for row, is_head in _table_rows(table, is_head=False):
            cells, merged = self._cells(row)
            if len(rows) <= MOST_HEAD_ROWS:
                apart.append(list(self._bold(row)))
            spans += [(len(rows), *each) for each in merged]
            rows.append(tuple(cells))
            heads += is_head
        if not any(cell for row in rows for cell in row):
            return ""
        # One that holds tables lays out a page.
        nested = next(table.iterdescendants(full("table:table")), None) is not None
        if not nested:
            width = max([len(row) for row in rows] + [c + w for _, c, _, w in spans])
            flat = tuple(
                tuple(" ".join(cell.split("\n")) for cell in row) + ("",) * (width - len(row))
                for row in rows
            )
            found = Table(flat, header_rows=heads, spans=tuple(spans))
            self.tables.append(with_head(found, [(set_apart(apart), "bold")]))
        return "".join("\t".join(row).rstrip() + "\n" for row in rows)

    def _bold(self, row: etree._Element) -> Iterator[bool]:
        """Yield of each paragraph with words in a row whether it is bold."""
        for paragraph in row.iter(full("text:p")):
            if not "".join(map(str, paragraph.itertext())).strip():
                continue
            style = attribute(paragraph, "text:style-name")
            spans = [each for each in paragraph if key(each.tag) == "text:span"]
            yield self._styles.is_bold("paragraph", style) or (
                bool(spans)
                and not (paragraph.text or "").strip()
                and all(self._is_bold_span(span) for span in spans)
            )

    def _is_bold_span(self, span: etree._Element) -> bool:
        style = attribute(span, "text:style-name")
        return not (span.tail or "").strip() and self._styles.is_bold("text", style)

    def _cells(self, row: etree._Element) -> tuple[list[str], list[tuple[int, int, int]]]:
        """Return the texts of a row, and which cells reach over several: column, rows, columns."""
        cells: list[str] = []
        merged: list[tuple[int, int, int]] = []
        for cell in row:
            name = key(cell.tag)
            if name not in ("table:table-cell", "table:covered-table-cell"):
                continue
            high = min(number(attribute(cell, "table:number-rows-spanned"), 1), _MOST_SPANNED)
            wide = min(number(attribute(cell, "table:number-columns-spanned"), 1), _MOST_SPANNED)
            if high > 1 or wide > 1:
                merged.append((len(cells), high, wide))
            text = self._apart(self._blocks, cell).strip("\n") if len(cell) else ""
            if next(cell.iter(full("table:table")), None) is None:
                text = text.replace("\n", " ")
            cells.append(text)
            if not text:
                # What is written is read once, however often it is said to be repeated.
                times = number(attribute(cell, "table:number-columns-repeated"), 1)
                cells += [""] * min(times - 1, _MOST_EMPTY_CELLS - len(cells))
        while cells and not cells[-1]:
            cells.pop()
        return cells, merged

    # --- text --------------------------------------------------------------------------------

    def _inline(self, parent: etree._Element) -> None:
        self._frame.characters(parent.text)
        for element in parent:
            name = key(element.tag)
            if name and name not in _SKIPPED:
                self._element(name, element)
            self._frame.characters(element.tail)

    def _element(self, name: str, element: etree._Element) -> None:
        frame = self._frame
        if name == "text:s":
            spaces = number(attribute(element, "text:c"), 1)
            frame.mark(" " * min(spaces, _MOST_SPACES))
        elif name == "text:tab":
            frame.mark("\t")
        elif name == "text:line-break":
            frame.mark("\n")
        elif name == "text:number":
            frame.label = (element.text or "").strip()
        elif name == "text:note":
            self._note(element)
        elif name == "office:annotation":
            self.comments = True
        elif name == "text:span":
            self._span(element)
        elif _is_drawing(element) and name != "draw:a":
            self._anchored(element)
        elif attribute(element, "text:is-hidden") != "true":
            self._inline(element)

    def _span(self, element: etree._Element) -> None:
        style = attribute(element, "text:style-name")
        if self._styles.hides("text", style):
            return
        frame = self._frame
        before, height = frame.height, self._styles.height(style)
        frame.height = before if height is None else height
        self._inline(element)
        frame.height = before

    def _note(self, note: etree._Element) -> None:
        """Keep a note for the end, so that the sentence in which its mark stands stays whole."""
        body = child(note, "text:note-body")
        if body is not None:
            text = self._apart(self._blocks, body).strip("\n")
            kind = attribute(note, "text:note-class")
            self.notes["endnote" if kind == "endnote" else "footnote"].append(text)

    def _anchored(self, element: etree._Element) -> None:
        """Write a formula or a picture's text in its line, and a text box after the paragraph."""
        text, in_line = self._shape(element)
        if not text:
            return
        if in_line:
            self._frame.mark(text)
        else:
            self._frame.boxes.append(f"{text}\n")

    # --- drawings ----------------------------------------------------------------------------

    def _shape(self, element: etree._Element) -> tuple[str, bool]:
        """Return the text of a shape, and whether it stands in the line."""
        name = key(element.tag)
        if name == "draw:frame":
            return self._content(element)
        if name in ("draw:g", "draw:a", "dr3d:scene"):
            texts = [self._shape(item)[0] for item in element if _is_drawing(item)]
            texts.append(_alternative_text(element))
            return "\n".join(filter(None, texts)), False
        text = self._apart(self._blocks, element).strip("\n")
        return "\n".join(filter(None, (text, _alternative_text(element)))), False

    def _content(self, frame: etree._Element) -> tuple[str, bool]:
        """Return the text of the first content of a frame; the others stand for it (§10.4.2)."""
        for item in frame:
            name = key(item.tag)
            if name == "draw:text-box":
                return self._apart(self._blocks, item).strip("\n"), False
            if name == "table:table":
                return self._table(item).strip("\n"), False
            if name == "draw:object":
                text, in_line = self._object(item)
                said = _alternative_text(frame)
                return f"{text}{' ' * bool(text and said)}{said}", in_line
            if name == "draw:object-ole":
                self.embedded += 1
                return _alternative_text(frame), True
            if name == "draw:image":
                self.pictures += 1
                text = self._apart(self._blocks, item).strip("\n")
                return (text, False) if text else (_alternative_text(frame), True)
        return "", True

    def _object(self, element: etree._Element) -> tuple[str, bool]:
        """Return the words of a formula or a chart."""
        root = next((item for item in element if isinstance(item.tag, str)), None)
        if root is None:
            root = self._inner(attribute(element, "xlink:href"))
        if root is None:
            return "", True
        formula = root if key(root.tag) == "math:math" else next(root.iter(full("math:math")), None)
        if formula is not None:
            return _formula(formula), True
        chart = next(root.iter(full("office:chart")), None)
        if chart is None:
            self.embedded += 1
            return "", True
        lines = (self._apart(self._inline, line).strip() for line in _chart_lines(chart))
        return "\n".join(dict.fromkeys(line for line in lines if line)), False


def _is_drawing(element: etree._Element) -> bool:
    return key(element.tag).startswith(("draw:", "dr3d:"))


def _table_rows(parent: etree._Element, *, is_head: bool) -> Iterator[tuple[etree._Element, bool]]:
    """Yield the rows that are shown, and whether each is part of the table's head."""
    for item in parent:
        name = key(item.tag)
        if name in _ROWS:
            head = is_head or name == "table:table-header-rows"
            yield from _table_rows(item, is_head=head)
        elif name == "table:table-row" and attribute(item, "table:visibility") in ("", "visible"):
            yield item, is_head


def _alternative_text(frame: etree._Element) -> str:
    """Return what stands for a picture for those who do not see it, in brackets."""
    said = [child(frame, "svg:title"), child(frame, "svg:desc")]
    texts = [" ".join((item.text or "").split()) for item in said if item is not None]
    kept = dict.fromkeys(text for text in texts if text and not _FILE_NAME.fullmatch(text))
    return f"[{': '.join(kept)}]" if kept else ""


def _formula(formula: etree._Element) -> str:
    """Return a formula as its author typed it, or else its symbols."""
    for item in formula.iter(full("math:annotation")):
        if (item.get("encoding") or "").startswith("StarMath") and item.text:
            return " ".join(item.text.split())
    symbols = formula.iter(*map(full, ("math:mi", "math:mn", "math:mo", "math:mtext")))
    return "".join((item.text or "").strip() for item in symbols)


def _chart_lines(chart: etree._Element) -> Iterator[etree._Element]:
    """Yield the titles and labels of a chart, without its numbers."""
    for line in chart.iter(full("text:p")):
        cell = line.getparent()
        if cell is None or attribute(cell, "office:value-type") in ("", "string"):
            yield line


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _tidy(text: str) -> str:
    # Begun only where spaces begin: a million of them are looked at once.
    text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
