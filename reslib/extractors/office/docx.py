"""Word documents (.docx, .docm, .dotx): everything that is written in them, in document order.

Read are the body, tables (a row is a line, cells are separated by tabs; nested ones too), text
boxes (after the paragraph they are anchored in), links, fields' results, content controls,
insertions, equations (in linear form), footnotes and endnotes (after the body), headers (before
it) and footers (at the end; each distinct one once), the words of charts and diagrams, documents
inside the document (in their place), the numbers of headings and lists, the alternative texts of
pictures (in brackets). Left out are deletions, comments, field codes, phonetic guides, hidden
text and the prompts of controls that nobody has filled in. Pictures are not read; the reason
beside the confidence counts them.

The document is one page: a .docx has no pages until a program lays it out, and the breaks that
Word leaves behind are those of the machine that saved it last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.office.coreproperties import core_properties
from reslib.extractors.office.embedded import read_embedded
from reslib.extractors.office.opc import Package
from reslib.extractors.office.wordnumbers import Numbers
from reslib.extractors.office.wordstyles import Styles
from reslib.extractors.office.wordwalk import Walk
from reslib.extractors.office.wordxml import attribute, key
from reslib.items import DocumentInfo, Metadata, Page, Table

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]

_NO_NOTE = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_DIAGRAMS = frozenset({"diagramData", "chart"})
_ORDER = ("header", "body", *sorted(_DIAGRAMS), "footnotes", "endnotes", "footer")
#: Documents inside documents inside documents are not followed further.
_DEEPEST = 3


def extract(path: Path) -> Iterator[Page | Metadata | Table | DocumentInfo]:
    """Yield what is known of the document, its text as one page, and its tables.

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
        more than :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """
    with Package(path) as package:
        document = _Document(package)
        document.read()
        stated = core_properties(package)
        yield DocumentInfo(title=stated.title())
        yield from stated
        yield Page(document.text(), document.confidence(), document.reason())
        yield from document.tables()


class _Document:
    """The text of one document, by where it stands."""

    def __init__(self, package: Package, depth: int = 0) -> None:
        self._package = package
        self._depth = depth
        self._parts: dict[str, str] = {}
        self._texts: dict[str, list[str]] = {}
        self._read = self._unread = 0
        self._damaged: list[str] = []
        self._comments = False
        self._embedded = 0
        self._inner_tables: list[Table] = []
        self._walk = Walk(Styles(), Numbers(None, Styles()), self._inner)

    def read(self) -> None:
        package = self._package
        main = next(
            (r.target for r in package.relationships() if r.kind == "officeDocument"),
            "word/document.xml",
        )
        root = package.xml(main)
        if key(root.tag) != "w:document":
            raise ExtractionError(
                f"its main part {printable(main)} is no Word document. Save it again in the "
                "program that wrote it, or download it again",
                ErrorCode.MALFORMED,
            )
        relationships = list(package.relationships(main))
        parts = {r.kind: r.target for r in relationships}
        styles = Styles(self._formatting(parts, "styles"))
        numbers = Numbers(self._formatting(parts, "numbering"), styles)
        self._walk = Walk(styles, numbers, self._inner)
        self._parts = {r.name: r.target for r in relationships if r.kind == "aFChunk"}
        self._add("body", main, [self._walk(root)])
        for part in self._parts.values():  # those that no element leads to
            self._left_out(part)
        self._parts = {}  # names are those of the main part only
        for kind, part in dict.fromkeys((r.kind, r.target) for r in relationships):
            if kind in ("header", "footer", *_DIAGRAMS):
                self._optional(kind, part, lambda root: [self._walk(root)])
            elif kind in ("footnotes", "endnotes"):
                self._optional(kind, part, self._notes)
            elif kind == "comments":
                self._comments = True

    def _formatting(self, parts: dict[str, str], kind: str) -> etree._Element | None:
        """Return the root of a part that says how text looks; without it the text is the same."""
        if kind not in parts:
            return None
        try:
            return self._package.xml(parts[kind])
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
            return None

    def _inner(self, name: str) -> str:
        """Return the text of a document inside this one."""
        part = self._parts.pop(name, None)
        if part is None:
            return ""
        text = None
        try:
            content = self._package.content(part)
            if content.startswith(b"PK") and self._depth < _DEEPEST:
                with self._package.inner(content) as package:
                    document = _Document(package, self._depth + 1)
                    document.read()
                    text = document.text(("body", *sorted(_DIAGRAMS), "footnotes", "endnotes"))
                    self._add_counts(document)
            else:
                text = read_embedded(content, part)
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
        if text is None:
            self._left_out(part)
            return ""
        self._read += self._package.packed_size(part)
        return text

    def _left_out(self, part: str) -> None:
        self._embedded += 1
        self._unread += self._package.packed_size(part)

    def _add_counts(self, inner: _Document) -> None:
        self._inner_tables += inner.tables()
        self._walk.pictures += inner._walk.pictures
        self._walk.unmapped += inner._walk.unmapped
        self._embedded += inner._embedded
        self._damaged += inner._damaged

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
            if isinstance(note.tag, str) and attribute(note, "type") not in _NO_NOTE:
                yield self._walk(note)

    def text(self, order: tuple[str, ...] = _ORDER) -> str:
        blocks = ("\n".join(self._texts.get(kind, ())) for kind in order)
        return "\n\n".join(block for block in blocks if block)

    def tables(self) -> list[Table]:
        """Return its tables, those of documents inside it after its own."""
        return self._walk.tables.tables() + self._inner_tables

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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
