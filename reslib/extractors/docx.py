"""Word documents (.docx, .docm, .dotx): everything that is written in them, in document order.

Read are the body, tables (a row is a line, cells are separated by tabs; nested ones too), text
boxes (after the paragraph they are anchored in), links, fields' results, content controls,
insertions, equations (in linear form), footnotes and endnotes (after the body), headers (before
it) and footers (at the end; each distinct one once), the words of charts and diagrams. Left out
are deletions, comments, field codes and phonetic guides. Pictures are not read; the reason
beside the confidence counts them.

The document is one page: a .docx has no pages until a program lays it out, and the breaks that
Word leaves behind are those of the machine that saved it last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.base import Extractor, Requirement
from reslib.extractors.opc import Package
from reslib.extractors.symbolfont import symbol
from reslib.models import DocumentInfo, Page

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["EXTRACTOR", "extract"]

#: Namespaces by the prefix that everybody gives them, transitional and strict (ISO 29500-1).
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/picture": "pic",
    "http://purl.oclc.org/ooxml/drawingml/picture": "pic",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
}
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
_NO_NOTE = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_DIAGRAMS = frozenset({"diagramData", "chart"})


def extract(path: Path) -> Iterator[Page | DocumentInfo]:
    """Yield what is known of the document, then its text as one page.

    The confidence is the share of the parts with text (by their packed size) that could be
    read, times the share of characters whose meaning is known.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no sound Word document; ``output_limit`` when it unpacks to
        more than :data:`~reslib.extractors.opc.MAX_UNPACKED`.
    """
    with Package(path) as package:
        document = _Document(package)
        document.read()
        yield DocumentInfo(title=_title(package))
        yield Page(document.text(), document.confidence(), document.reason())


class _Document:
    """The text of one document, by where it stands."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._walk = _Walk()
        self._texts: dict[str, list[str]] = {}
        self._read = self._unread = 0
        self._damaged: list[str] = []
        self._comments = False
        self._embedded = 0

    def read(self) -> None:
        package = self._package
        main = next(
            (r.target for r in package.relationships() if r.kind == "officeDocument"),
            "word/document.xml",
        )
        root = package.xml(main)
        if _key(root.tag) != "w:document":
            raise ExtractionError(
                f"its main part {printable(main)} is no Word document. Save it again in the "
                "program that wrote it, or download it again",
                ErrorCode.MALFORMED,
            )
        self._add("body", main, [self._walk(root)])
        for relationship in dict.fromkeys(package.relationships(main)):
            kind, part = relationship.kind, relationship.target
            if kind in ("header", "footer", *_DIAGRAMS):
                self._optional(kind, part, lambda root: [self._walk(root)])
            elif kind in ("footnotes", "endnotes"):
                self._optional(kind, part, self._notes)
            elif kind == "comments":
                self._comments = True
            elif kind == "aFChunk":
                self._embedded += 1
                self._unread += package.packed_size(part)

    def _optional(
        self, kind: str, part: str, read: Callable[[etree._Element], Iterable[str]]
    ) -> None:
        """Read a part without which the document is still worth having."""
        try:
            root = self._package.xml(part)
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
            self._damaged.append(kind)
            self._unread += self._package.packed_size(part)
        else:
            self._add(kind, part, read(root))

    def _add(self, kind: str, part: str, texts: Iterable[str]) -> None:
        self._read += self._package.packed_size(part)
        known = self._texts.setdefault(kind, [])
        for text in texts:
            # Sections repeat headers and footers; the text of a part is there only once.
            if text and (kind not in ("header", "footer") or text not in known):
                known.append(text)

    def _notes(self, root: etree._Element) -> Iterator[str]:
        for note in root:
            if isinstance(note.tag, str) and _attribute(note, "type") not in _NO_NOTE:
                yield self._walk(note)

    def text(self) -> str:
        order = ("header", "body", *sorted(_DIAGRAMS), "footnotes", "endnotes", "footer")
        blocks = ("\n".join(self._texts.get(kind, ())) for kind in order)
        return "\n\n".join(block for block in blocks if block)

    def confidence(self) -> float:
        written = sum(len(text) for texts in self._texts.values() for text in texts)
        unmapped = self._walk.unmapped
        share = self._read / max(1, self._read + self._unread)
        return round(share * (written / (written + unmapped) if unmapped else 1.0), 4)

    def reason(self) -> str:
        reasons = [f"its {kind} part is damaged" for kind in self._damaged]
        if self._embedded:
            reasons.append(f"{_count(self._embedded, 'embedded document')} not read")
        if self._walk.unmapped:
            reasons.append(f"{_count(self._walk.unmapped, 'symbol')} without a known meaning")
        if self._walk.pictures:
            reasons.append(f"{_count(self._walk.pictures, 'picture')} not read")
        if self._comments:
            reasons.append("comments left out")
        return "; ".join(reasons)


@dataclass(slots=True)
class _Frame:
    """Text that is collected apart before it takes its place."""

    parts: list[str] = field(default_factory=list)
    #: Text boxes of the paragraph that is being read.
    boxes: list[str] = field(default_factory=list)
    has_table: bool = False

    def text(self) -> str:
        return "".join(self.parts + self.boxes)


class _Walk:
    """Walks the XML of a part in document order and counts what it cannot tell.

    The elements are those of ECMA-376 part 1, §17 (text), §22.1 (equations) and part 3, §10
    (alternate content, of which exactly one branch is read).
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.unmapped = 0
        self._frames: list[_Frame] = []

    def __call__(self, root: etree._Element) -> str:
        from lxml import etree

        self._frames = [_Frame()]
        others: set[etree._Element] = set()
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            key = _key(element.tag)
            if key in _SKIPPED or element in others:
                if event == "start":  # lxml still gives the end of what is skipped
                    walker.skip_subtree()
            elif event == "end":
                self._end(key, element)
            elif key == "mc:AlternateContent":
                others.update(_branches_left_out(element))
            else:
                self._start(key, element)
        return _tidy(self._frames[0].text())

    def _write(self, text: str) -> None:
        self._frames[-1].parts.append(text)

    def _start(self, key: str, element: etree._Element) -> None:
        if key in _TEXT:
            # Comments may split the text of an element.
            self._write((element.text or "") + "".join(child.tail or "" for child in element))
        elif key in _FIXED:
            self._write(_FIXED[key])
        elif key in _FRAMES:
            self._frames.append(_Frame())
        elif key == "w:tbl":
            self._frames[-1].has_table = True
        elif key == "w:sym":
            self._symbol(element)
        elif key in ("pic:pic", "v:imagedata"):
            self.pictures += 1
        elif key == "m:nary":
            self._write(_property(element, "chr", "∫"))
        elif key == "m:d":
            self._write(_property(element, "begChr", "("))
        elif key == "c:v" and _key_of_ancestor(element, 2) == "c:strCache":
            self._write(f"{element.text or ''}\n")

    def _end(self, key: str, element: etree._Element) -> None:
        if key in _PARAGRAPHS:
            frame = self._frames[-1]
            frame.parts.append("\n")
            frame.parts += frame.boxes
            frame.boxes.clear()
        elif key in _FRAMES:
            self._close(key, self._frames.pop())
        elif key == "m:fName":
            self._write(" ")
        elif key == "m:d":
            self._write(_property(element, "endChr", ")"))
        elif key == "m:e":
            self._write(_AFTER_ELEMENT.get(_key_of_ancestor(element, 1), ""))
        elif key == "m:oMathPara":
            self._write("\n")

    def _close(self, key: str, frame: _Frame) -> None:
        text = frame.text()
        parent = self._frames[-1]
        if key == "w:txbxContent":
            parent.boxes.append(text)
        elif key == "w:tr":
            parent.parts.append(f"{text[1:]}\n")  # without the tab before the first cell
        elif key == "w:tc":
            text = text.strip("\n")
            parent.parts.append("\t" + (text if frame.has_table else text.replace("\n", " ")))
        elif text:
            simple = len(text) == 1 or text.isalnum()
            parent.parts.append(_GROUPS[key] + (text if simple else f"({text})"))

    def _symbol(self, element: etree._Element) -> None:
        try:
            code = int(_attribute(element, "char") or "", 16)
        except ValueError:
            code = -1
        character = symbol(code, _attribute(element, "font") or "")
        if character is None:
            self.unmapped += 1
        else:
            self._write(character)


#: What separates the elements of a matrix row, of an equation array and of a delimiter.
_AFTER_ELEMENT = {"m:mr": " ", "m:eqArr": " ", "m:d": " "}


def _branches_left_out(element: etree._Element) -> list[etree._Element]:
    """Return the branches of alternate content other than the first that has text."""
    branches = [child for child in element if isinstance(child.tag, str)]
    with_text = (b for b in branches if any(_key(e.tag) in _TEXT for e in b.iter("{*}t")))
    chosen = next(with_text, branches[0] if branches else None)
    return [branch for branch in branches if branch is not chosen]


def _key(tag: object) -> str:
    """Return ``w:p`` for ``{http://...}p``; empty for other namespaces."""
    if not isinstance(tag, str):
        return ""
    namespace, _, name = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{name}" if prefix else ""


def _key_of_ancestor(element: etree._Element, steps: int) -> str:
    ancestor: etree._Element | None = element
    for _ in range(steps):
        ancestor = ancestor.getparent() if ancestor is not None else None
    return _key(ancestor.tag) if ancestor is not None else ""


def _attribute(element: etree._Element, name: str) -> str | None:
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def _property(element: etree._Element, name: str, default: str) -> str:
    """Return a character that an equation's properties state."""
    properties = next((c for c in element if _key(c.tag) in ("m:dPr", "m:naryPr")), None)
    for item in properties if properties is not None else ():
        if _key(item.tag) == f"m:{name}":
            return _attribute(item, "val") or ""
    return default


def _title(package: Package) -> str | None:
    """Return the title in the core properties; damaged ones do not matter."""
    try:
        for relationship in package.relationships():
            if relationship.kind == "core-properties":
                for element in package.xml(relationship.target).iter(
                    "{http://purl.org/dc/elements/1.1/}title"
                ):
                    return (element.text or "").strip() or None
    except ExtractionError:
        pass
    return None


def _tidy(text: str) -> str:
    # Begun only where spaces begin: a million of them are looked at once.
    text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


EXTRACTOR = Extractor(
    name="docx",
    function=extract,
    mime_types=(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.ms-word.document.macroenabled.12",
    ),
    requires=(
        Requirement("lxml", "pip install lxml"),
        Requirement("webencodings", "pip install webencodings"),
    ),
    version="2",
    writes=False,
)
