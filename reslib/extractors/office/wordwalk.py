"""Walks the XML of a Word document in document order and writes out its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reslib.extractors.invisible import visible
from reslib.extractors.office.symbolfont import symbol
from reslib.extractors.office.wordnumbers import Numbers
from reslib.extractors.office.wordstyles import Styles
from reslib.extractors.office.wordtables import WordTables
from reslib.extractors.office.wordxml import (
    attribute,
    child,
    children,
    is_on,
    key,
    key_of_ancestor,
    properties,
    value,
)
from reslib.extractors.written import Written

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Walk", "alternative_text"]

_TEXT = frozenset({"w:t", "m:t", "a:t"})
_SKIPPED = frozenset(
    {
        "w:del",
        "w:moveFrom",
        "w:delText",
        "w:instrText",
        "w:delInstrText",
        "w:rt",
        "w:pPr",
        "w:rPr",
        "w:rubyPr",
        "w:sectPr",
        "w:tblPr",
        "w:tblGrid",
        "w:trPr",
        "w:tcPr",
        "w:sdtPr",
        "w:sdtEndPr",
        "m:rPr",
        "m:ctrlPr",
        "a:pPr",
        "a:rPr",
        "a:bodyPr",
    }
)
_FIXED = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "a:br": "\n",
    "w:noBreakHyphen": "-",
    "m:rad": "√",
}
_PARAGRAPHS = frozenset({"w:p", "a:p"})
#: Parts of an equation that are put in parentheses when longer than a symbol, and what
#: stands before them in the linear form.
_GROUPS = {"m:num": "", "m:den": "/", "m:sup": "^", "m:sub": "_", "m:lim": "_", "m:deg": ""}
_FRAMES = frozenset({"w:txbxContent", "w:tc", "w:tr", *_GROUPS})
#: What a reader calls a picture that has no other name.
_FILE_NAME = re.compile(r"[^\n]*\.(?:png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|eps|pdf)", re.IGNORECASE)
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


@dataclass(slots=True)
class _Frame(Written):
    """Text that is collected apart before it takes its place."""

    #: Text boxes of the paragraph that is being read.
    boxes: list[str] = field(default_factory=list)
    has_table: bool = False
    #: Style of the paragraph that is being read.
    style: str | None = None
    #: Where the paragraph begins, and where the last alternative text stands.
    begin: int = 0
    alternative: int | None = None

    def end_paragraph(self) -> None:
        """End a line; drop an alternative text that only repeats the caption below it."""
        self.height = 0
        self.flush()
        self.label = ""
        at = self.alternative
        if at is not None and at < self.begin:
            line = " ".join("".join(self.parts[self.begin :]).split())
            if line:
                if self.parts[at].strip(" []") in line:
                    self.parts[at] = ""
                self.alternative = None
        self.parts.append("\n")
        self.parts += self.boxes
        self.boxes.clear()

    def text(self) -> str:
        self.flush()
        return "".join(self.parts + self.boxes)


class Walk:
    """Walks the XML of a part in document order and counts what it cannot tell.

    The elements are those of ECMA-376 part 1, §17 (text), §22.1 (equations) and part 3, §10
    (alternate content, of which exactly one branch is read).

    Parameters
    ----------
    styles, numbers
        Of the document.
    embedded
        Takes the relationship of a document inside the document and returns its text.
    """

    def __init__(self, styles: Styles, numbers: Numbers, embedded: Callable[[str], str]) -> None:
        self.pictures = 0
        self.unmapped = 0
        #: The tables of all that was walked through.
        self.tables = WordTables()
        self._styles = styles
        self._numbers = numbers
        self._embedded = embedded
        self._frames: list[_Frame] = []
        self._alternative_text = ""

    def __call__(self, root: etree._Element) -> str:
        """Return the text of an element and of what is in it."""
        from lxml import etree

        self._frames = [_Frame()]
        others: set[etree._Element] = set()
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            name = key(element.tag)
            if name in _SKIPPED or element in others:
                if event == "start":  # lxml still gives the end of what is skipped
                    walker.skip_subtree()
            elif event == "end":
                self._end(name, element)
            elif name == "mc:AlternateContent":
                others.update(_branches_left_out(element))
            elif (name == "w:r" and not self._is_shown(element)) or (
                name in ("w:tr", "w:sdt") and _is_left_out(name, element)
            ):
                others.add(element)
                walker.skip_subtree()
            else:
                self._start(name, element)
        return _tidy(visible(self._frames[0].text()))

    def _write(self, text: str) -> None:
        self._frames[-1].write(text)

    def _is_shown(self, run: etree._Element) -> bool:
        """True when a run is seen on the page; keep how high it stands."""
        frame = self._frames[-1]
        form = self._styles.format(frame.style, properties(run, "w:rPr"))
        is_shown = not (form.hidden or form.prompt)
        frame.height = form.height if is_shown else 0
        return is_shown

    def _start(self, name: str, element: etree._Element) -> None:
        if name in _TEXT:
            # Comments may split the text of an element.
            self._write((element.text or "") + "".join(child.tail or "" for child in element))
        elif name in _FIXED:
            self._write(_FIXED[name])
        elif name == "w:p":
            self._start_paragraph(element)
        elif name in _FRAMES:
            self._frames.append(_Frame())
            if name == "w:tr":
                self.tables.start_row(element)
        elif name == "w:tbl":
            self._start_table(element)
        elif name == "w:sym":
            self._symbol(element)
        elif name in ("pic:pic", "v:imagedata"):
            self.pictures += 1
        elif name in _NAMED:
            self._alternative(element)
        elif name == "w:altChunk":
            text = self._embedded(attribute(element, "id") or "")
            self._write(f"{text}\n" if text else "")
        elif name == "m:nary":
            self._write(_property(element, "chr", "∫"))
        elif name == "m:d":
            self._write(_property(element, "begChr", "("))
        elif name == "c:v" and _is_label(element):
            self._write(f"{element.text or ''}\n")
        elif name == "v:textpath":
            self._write(element.get("string") or "")
        elif name == "w:ddList":
            self._write(_chosen(element))

    def _start_table(self, element: etree._Element) -> None:
        """Write what stands for a table for those who do not see it."""
        self._frames[-1].has_table = True
        own = child(element, "w:tblPr")
        look = child(own, "w:tblLook")
        has_look = look is not None and _is_of_first_row(look)
        style = value(own, "w:tblStyle")
        self.tables.start_table(has_first_row=has_look and self._styles.has_first_row(style))
        said = (value(own, "w:tblCaption"), value(own, "w:tblDescription"))
        text = ": ".join(filter(None, (" ".join((one or "").split()) for one in said)))
        if text:
            self._frames[-1].parts.append(f"[{text}]\n")

    def _start_paragraph(self, element: etree._Element) -> None:
        frame = self._frames[-1]
        own = properties(element, "w:pPr")
        frame.style = value(own, "w:pStyle")
        frame.begin = len(frame.parts)
        frame.label = ""
        if not _is_gone(element, own):
            frame.label = self._numbers.label(own, frame.style)

    def _end(self, name: str, element: etree._Element) -> None:
        if name in _PARAGRAPHS:
            frame = self._frames[-1]
            begin = frame.begin
            frame.end_paragraph()
            if len(self._frames) == 1:
                self.tables.paragraph("".join(frame.parts[begin:]), frame.style)
        elif name == "w:tbl":
            self.tables.end_table()
        elif name == "w:r":
            self._frames[-1].height = 0
        elif name in _FRAMES:
            frame = self._frames.pop()
            if name == "w:tc":
                self.tables.end_cell(element, frame.text())
            self._close(name, frame)
        elif name == "m:fName":
            self._write(" ")
        elif name == "m:d":
            self._write(_property(element, "endChr", ")"))
        elif name == "m:e":
            self._write(_AFTER_ELEMENT.get(key_of_ancestor(element, 1), ""))
        elif name == "m:oMathPara":
            self._write("\n")

    def _close(self, name: str, frame: _Frame) -> None:
        text = frame.text()
        parent = self._frames[-1]
        if name == "w:txbxContent":
            parent.boxes.append(text)
        elif name == "w:tr":
            parent.parts.append(f"{text[1:]}\n")  # without the tab before the first cell
        elif name == "w:tc":
            text = text.strip("\n")
            parent.parts.append("\t" + (text if frame.has_table else text.replace("\n", " ")))
        elif text:
            simple = len(text) == 1 or text.isalnum()
            parent.write(_GROUPS[name] + (text if simple else f"({text})"))

    def _symbol(self, element: etree._Element) -> None:
        try:
            code = int(attribute(element, "char") or "", 16)
        except ValueError:
            code = -1
        character = symbol(code, attribute(element, "font") or "")
        if character is None:
            self.unmapped += 1
        else:
            self._write(character)

    def _alternative(self, element: etree._Element) -> None:
        """Write what stands for a picture for those who do not see it."""
        text = alternative_text(element)
        if not text or text == self._alternative_text:
            return
        self._alternative_text = text  # the picture inside a drawing repeats that of the drawing
        frame = self._frames[-1]
        space = "" if not frame.parts or frame.parts[-1][-1:].isspace() else " "
        frame.write(f"{space}[{text}] ")
        frame.alternative = len(frame.parts) - 1


def _is_of_first_row(look: etree._Element) -> bool:
    """True when a table has what its style says of the first row (§17.4.55)."""
    stated = attribute(look, "firstRow")
    if stated is not None:
        return stated in ("1", "true", "on")
    try:
        return bool(int(attribute(look, "val") or "0", 16) & 0x20)
    except ValueError:
        return False


def alternative_text(element: etree._Element) -> str:
    """Return what stands for a picture for those who do not see it; empty when it says nothing."""
    said = element.get("descr") or element.get("alt") or element.get("title") or ""
    text = " ".join(said.split())
    if _FILE_NAME.fullmatch(text) or element.get("hidden") in ("1", "true"):
        return ""
    return "" if any(map(is_on, element.iter(_DECORATIVE))) else text


def _is_label(element: etree._Element) -> bool:
    """True when a value of a chart is the name of something (§21.2.2.201), not a number."""
    return key_of_ancestor(element, 2) in _LABELS or key_of_ancestor(element, 1) == "c:tx"


def _chosen(choices: etree._Element) -> str:
    """Return the choice in a field of a form (§17.16.9); the first when nobody has chosen."""
    stated = value(choices, "w:result") or "0"
    entries = [attribute(item, "val") or "" for item in children(choices, "w:listEntry")]
    number = int(stated) if stated.isdecimal() and len(stated) < 5 else 0
    return entries[number] if number < len(entries) else ""


#: Where the names of series and categories stand.
_LABELS = frozenset({"c:strCache", "c:strLit", "c:lvl"})
#: What separates the elements of a matrix row, of an equation array and of a delimiter.
_AFTER_ELEMENT = {"m:mr": " ", "m:eqArr": " ", "m:d": " "}
#: Where the alternative text of a picture stands: of all of a drawing, and of an old shape.
_NAMED = frozenset({"wp:docPr", "pic:cNvPr", "wps:cNvPr", "v:shape", "v:rect"})


def _is_left_out(name: str, element: etree._Element) -> bool:
    """True when it is a row that is hidden, or a content control that nobody has filled in."""
    if name == "w:tr":
        hidden = child(child(element, "w:trPr"), "w:hidden")
        return hidden is not None and is_on(hidden)
    if name == "w:sdt":
        shown = child(child(element, "w:sdtPr"), "w:showingPlcHdr")
        # One around cells stays: without them the others would stand in the wrong columns.
        return shown is not None and is_on(shown) and next(element.iter("{*}tc"), None) is None
    return False


def _is_gone(element: etree._Element, own: etree._Element | None) -> bool:
    """True when a paragraph is not there, and not counted: its end is deleted or hidden."""
    mark = child(own, "w:rPr")
    for item in mark if mark is not None else ():
        name = key(item.tag)
        if name == "w:moveFrom" or (name == "w:del" and next(element.iter("{*}t"), None) is None):
            return True
        # A heading that goes on in the next paragraph has a hidden end as well (§17.3.2.36).
        if name == "w:vanish" and is_on(item) and child(mark, "w:specVanish") is None:
            return True
    return False


def _branches_left_out(element: etree._Element) -> list[etree._Element]:
    """Return the branches of alternate content other than the first that has text."""
    branches = [child for child in element if isinstance(child.tag, str)]
    with_text = (b for b in branches if any(key(e.tag) in _TEXT for e in b.iter("{*}t")))
    chosen = next(with_text, branches[0] if branches else None)
    return [branch for branch in branches if branch is not chosen]


def _property(element: etree._Element, name: str, default: str) -> str:
    """Return a character that an equation's properties state."""
    properties = next((c for c in element if key(c.tag) in ("m:dPr", "m:naryPr")), None)
    for item in properties if properties is not None else ():
        if key(item.tag) == f"m:{name}":
            return attribute(item, "val") or ""
    return default


def _tidy(text: str) -> str:
    # Begun only where spaces begin: a million of them are looked at once.
    text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
