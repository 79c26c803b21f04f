"""EPUB: the chapters of a book in the order in which they are read.

The package document names the chapters and their order (its spine), the title and the authors;
the navigation document, or the NCX of older books, says what the chapters are called. A chapter
is a page here and is read like a web page. Written here because the one library for it (EbookLib)
is AGPL; what is needed of the format is the part below.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.html import read_body
from reslib.extractors.htmlparts import HtmlParts
from reslib.extractors.office.opc import Package
from reslib.extractors.stated import Stated
from reslib.items import DocumentInfo, Metadata, Page, Section, Table, Warning

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PACKAGE_TYPE = "application/oebps-package+xml"
#: What books have as chapters (EPUB 3.3 §3.2, OPS 2.0.1 §1.3.7); others name a fallback.
_CHAPTER_TYPES = frozenset(
    "application/xhtml+xml text/html image/svg+xml application/x-dtbook+xml text/x-oeb1-document "
    "text/xml application/xml".split()
)
#: Fonts that are made unreadable to others are no protection of the text (EPUB 3.3 §4.4).
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
#: Where the seller's terms and keys are: Adobe, Apple, Readium LCP.
_RIGHTS = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
_KEYS = {
    "title": "title",
    "creator": "author",
    "language": "language",
    "publisher": "publisher",
    "date": "date",
    "identifier": "identifier",
    "subject": "subject",
    "description": "description",
    "rights": "licence",
}
_ISBN = re.compile(r"(?:urn:)?isbn[:\s]\s*([\dXx -]{10,20})", re.IGNORECASE)
#: Dates of the file rather than of the book (OPF 2.0.1 §2.2.7).
_LATER = ("modification", "conversion")
_SOURCE = "package document"
_MOST_SECTIONS = 50_000
_MOST_WARNINGS = 100
#: Cover, title page, a logo and an advertisement: more pictures are a book of pictures.
_FEW_PICTURES = 4
_MOST_TABLES = 10_000
_AGAIN = "Save it again in the program that wrote it, or download it again"


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata | Section | Table | Warning]:
    """Yield what the book states of itself, its sections, and its chapters with their tables.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no EPUB book or its package document cannot be read;
        ``encrypted`` when its chapters are; ``output_limit`` when it unpacks to more than
        :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """
    with Package(path) as package:
        book = _Book(package)
        if book.is_protected():
            raise _protected()
        stated = book.stated()
        yield DocumentInfo(title=stated.title())
        yield from stated
        yield from book.sections()
        yield from book.pages()


@dataclass(slots=True)
class _Entry:
    """One line of the table of contents: what it is called, how deep, and where it leads."""

    title: str
    level: int
    part: str


@dataclass(slots=True)
class _Chapter:
    """One chapter: its part of the archive, and the name that the book gives it."""

    part: str
    label: str = ""


@dataclass(slots=True)
class _Book:
    """A book, as its package document describes it."""

    package: Package
    root: etree._Element = field(init=False)
    chapters: list[_Chapter] = field(init=False)
    contents: list[_Entry] = field(init=False)

    def __post_init__(self) -> None:
        where = _package_document(self.package)
        self.root = _xml(self.package, where)
        manifest = {
            item.get("id") or "": item
            for item in self.root.iter("{*}item")
            if item.get("href") is not None
        }
        folder = posixpath.dirname(where)
        self.chapters = []
        for reference in self.root.iter("{*}itemref"):
            item = _readable(manifest, reference.get("idref") or "")
            if item is not None:
                self.chapters.append(_Chapter(self._part(folder, item.get("href") or "")))
        # A chapter is read where it comes first (EPUB 3.3 §5.7.2 forbids the second).
        self.chapters = list({chapter.part: chapter for chapter in self.chapters}.values())
        if not self.chapters:
            raise ExtractionError(
                f"its package document {printable(where)} names no chapters. {_AGAIN}",
                ErrorCode.MALFORMED,
            )
        self.contents = self._contents(folder, manifest)
        named: dict[str, str] = {}
        for entry in self.contents:
            named.setdefault(entry.part, entry.title)
        for chapter in self.chapters:
            chapter.label = named.get(chapter.part, "")

    def is_protected(self) -> bool:
        """True when chapters are encrypted, rather than fonts."""
        if self._encrypted() & {chapter.part for chapter in self.chapters}:
            return True
        if any(part in self.package for part in (_ENCRYPTION, *_RIGHTS)):
            return not any(self._is_markup(chapter.part) for chapter in self.chapters)
        return False

    def _encrypted(self) -> set[str]:
        """Return the parts that are said to be encrypted; none when that cannot be read."""
        if _ENCRYPTION not in self.package:
            return set()
        try:
            root = _xml(self.package, _ENCRYPTION)
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
            return set()
        found = set()
        for data in root.iter("{*}EncryptedData"):
            method = data.find("{*}EncryptionMethod")
            if method is None or method.get("Algorithm") not in _FONT_METHODS:
                references = data.iter("{*}CipherReference")
                found |= {self._part("", one.get("URI") or "") for one in references}
        return found

    def _is_markup(self, part: str) -> bool:
        try:
            return b"<" in self.package.content(part)[:4096]
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
            return False

    def stated(self) -> Stated:
        """Return what the package document states (Dublin Core)."""
        stated = Stated(_SOURCE)
        for element in self.root.iter("{*}*"):
            space, _, name = str(element.tag).rpartition("}")
            if name == "meta" and element.get("property") == "dcterms:modified":
                stated.add("modified", _words(element))
            key = _KEYS.get(name.lower()) if "purl.org/dc/elements/" in space else None
            if key is None or _attribute(element, "event") in _LATER:
                continue
            value = _words(element)
            stated.add(key, value)
            if key == "identifier":
                isbn = _ISBN.fullmatch(value)
                stated.add("isbn", isbn[1] if isbn else "")
                stated.add("doi", value)
        return stated

    def sections(self) -> Iterator[Section]:
        """Yield the table of contents."""
        numbers = {chapter.part: number for number, chapter in enumerate(self.chapters, 1)}
        for entry in self.contents[:_MOST_SECTIONS]:
            yield Section(entry.title, entry.level, numbers.get(entry.part))

    def pages(self) -> Iterator[Page | DocumentInfo | Table | Warning]:
        """Yield the chapters, each with its tables."""
        missing = pictures = tables = 0
        for number, chapter in enumerate(self.chapters, 1):
            try:
                data = self.package.content(chapter.part)
            except ExtractionError as error:
                if isinstance(error.__cause__, RuntimeError) and "password" in str(error.__cause__):
                    raise _protected() from error
                bomb = error.__cause__ is None and chapter.part in self.package
                if error.code is not ErrorCode.MALFORMED or bomb:
                    raise
                missing += 1
                if missing <= _MOST_WARNINGS:
                    yield Warning("chapter_unreadable", str(error), number)
                yield Page("", 0.0, "the chapter cannot be read", label=chapter.label)
                continue
            parts = HtmlParts(number)
            decoded, text = read_body(data, parts=parts)
            blank = not text.strip()
            pictures += blank and _has_picture(data)
            yield Page(
                text,
                decoded.confidence,
                decoded.reason,
                blank,
                label=chapter.label or _first_heading(decoded.text) or "",
            )
            yield from parts.tables[: max(0, _MOST_TABLES - tables)]
            tables += len(parts.tables)
        if missing == len(self.chapters):
            raise ExtractionError(
                f"none of the chapters that it names can be read. {_AGAIN}", ErrorCode.MALFORMED
            )
        if missing:
            yield DocumentInfo(
                partial=True, reason=f"{missing} of {len(self.chapters)} chapters cannot be read"
            )
        if pictures > _FEW_PICTURES:
            yield DocumentInfo(
                partial=True,
                reason=f"{pictures} of {len(self.chapters)} chapters are pictures without text",
            )

    # --- the table of contents ------------------------------------------------------------------

    def _contents(self, folder: str, manifest: dict[str, etree._Element]) -> list[_Entry]:
        """Return the table of contents; a book whose own is damaged or missing has none."""
        found: list[tuple[str, Any]] = []
        for item in manifest.values():
            if "nav" in (item.get("properties") or "").split():
                found.insert(0, (item.get("href") or "", self._of_navigation))
            elif item.get("media-type") == "application/x-dtbncx+xml":
                found.append((item.get("href") or "", self._of_ncx))
        for href, read in found:
            part = self._part(folder, href)
            try:
                entries = list(read(_xml(self.package, part), posixpath.dirname(part)))
            except ExtractionError as error:
                if error.code is not ErrorCode.MALFORMED:
                    raise
                continue
            if entries:
                return entries
        return []

    def _of_navigation(self, root: etree._Element, folder: str) -> Iterator[_Entry]:
        navs = list(root.iter("{*}nav"))
        wanted = [nav for nav in navs if "toc" in (_attribute(nav, "type") or "").split()]
        for link in (link for nav in (wanted or navs)[:1] for link in nav.iter("{*}a")):
            # Lists are nested to the depth of the parser at most.
            level = sum(1 for parent in link.iterancestors("{*}ol", "{*}ul"))
            yield from self._entry(_words(link), level, folder, link.get("href"))

    def _of_ncx(self, root: etree._Element, folder: str) -> Iterator[_Entry]:
        for point in root.iter("{*}navPoint"):
            label, content = point.find("{*}navLabel"), point.find("{*}content")
            if label is not None and content is not None:
                level = 1 + sum(1 for _ in point.iterancestors("{*}navPoint"))
                yield from self._entry(_words(label), level, folder, content.get("src"))

    def _entry(self, title: str, level: int, folder: str, href: str | None) -> Iterator[_Entry]:
        if title and href:
            yield _Entry(title, max(1, level), self._part(folder, href))

    def _part(self, folder: str, href: str) -> str:
        """Return the name in the archive, never on the disk, that an address inside it means."""
        plain = href.partition("#")[0]
        decoded = unquote(plain)
        names = [
            posixpath.normpath(posixpath.join("/", folder, name)).lstrip("/")
            for name in (decoded, plain, unicodedata.normalize("NFC", decoded))
        ]
        # Archives that do not say that their names are UTF-8 are read as cp437.
        names += [name.encode().decode("cp437") for name in names[:1]]
        return next((name for name in names if name in self.package), names[0])


def _package_document(package: Package) -> str:
    """Return where the package document is: as the container says, or the only one there is."""
    if _CONTAINER in package:
        try:
            for file in _xml(package, _CONTAINER).iter("{*}rootfile"):
                where = (file.get("full-path") or "").lstrip("/")
                if file.get("media-type", _PACKAGE_TYPE) == _PACKAGE_TYPE and where in package:
                    return where
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED:
                raise
    for name in package.names():
        if name.endswith(".opf"):
            return name
    raise ExtractionError(
        f"it is no EPUB book: there is no package document in it. {_AGAIN}", ErrorCode.MALFORMED
    )


def _readable(manifest: dict[str, etree._Element], name: str) -> etree._Element | None:
    """Return the item of this name, or the one that stands in for it where it is no text."""
    seen: set[str] = set()
    item = manifest.get(name)
    while item is not None and name not in seen:
        if (item.get("media-type") or "text/html").strip().lower() in _CHAPTER_TYPES:
            return item
        seen.add(name)
        name = item.get("fallback") or ""
        item = manifest.get(name)
    return None


def _xml(package: Package, part: str) -> etree._Element:
    """Return the root of an XML part; mended where it is not well-formed, as readers do.

    Books may declare a document type, so it is allowed; its entities are not followed, and
    nothing outside is fetched.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(package.content(part), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise ExtractionError(
            f"its part {printable(part)} is no XML. {_AGAIN}", ErrorCode.MALFORMED
        )
    return root


def _protected() -> ExtractionError:
    return ExtractionError(
        "the book is protected: its chapters are encrypted for the devices of the person who "
        "bought it (DRM). Ask the seller for a copy without protection and add that",
        ErrorCode.ENCRYPTED,
    )


def _attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its name without namespace; mended XML may have lost that."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2].rpartition(":")[2] == name:
            return str(value)
    return None


def _words(element: etree._Element) -> str:
    """Return the text of an element on one line."""
    return " ".join("".join(cast("Iterator[str]", element.itertext())).split())


def _has_picture(data: bytes) -> bool:
    head = data[: 1 << 20].lower()
    return b"<img" in head or b"<image" in head or b":image" in head or b"<object" in head


class _Found(Exception):
    """The heading has been read."""


class _Heading:
    """Reads up to the end of the first heading that has words."""

    def __init__(self) -> None:
        self._inside = False
        self.words = ""

    def start(self, tag: str, attributes: object) -> None:
        self._inside = self._inside or tag in ("h1", "h2", "h3")

    def end(self, tag: str) -> None:
        if self._inside and tag in ("h1", "h2", "h3"):
            self._inside = False
            self.words = " ".join(self.words.split())
            if self.words:
                raise _Found

    def data(self, text: str) -> None:
        if self._inside:
            self.words += text

    def close(self) -> None:
        """Nothing is built."""


def _first_heading(text: str) -> str | None:
    from lxml import etree

    heading = _Heading()
    parser = etree.HTMLParser(target=cast("Any", heading), encoding="utf-8", no_network=True)
    try:
        parser.feed((text or " ").replace("\0", "").encode("utf-8", "replace") or b" ")
        parser.close()
    except _Found:
        return heading.words[:200]
    except etree.XMLSyntaxError:
        pass
    return None
