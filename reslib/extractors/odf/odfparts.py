"""Opens an OpenDocument file, packed or flat, and finds its parts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from reslib.errors import PROTECTED, ErrorCode, ExtractionError
from reslib.extractors.archive import AGAIN, MAX_UNPACKED, Archive, parse_xml
from reslib.extractors.odf.odfxml import child, key
from reslib.extractors.pdf.titles import as_title
from reslib.extractors.stated import Stated

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Parts", "document_properties"]

_CHUNK = 256 << 10
#: Elements of OpenDocument 1.3 part 3 (§4.3), and the keys they stand for. Of the two authors,
#: who began it and who saved it last, the first is the author where both are there.
_KEYS = {
    "dc:title": "title",
    "meta:initial-creator": "author",
    "dc:description": "description",
    "dc:subject": "subject",
    "meta:keyword": "keywords",
    "dc:language": "language",
    "meta:creation-date": "created",
    "dc:date": "modified",
}


class Parts:
    """The parts of one document; those that are damaged are noted when the text goes on without.

    Parameters
    ----------
    path
        The document.
    kind
        The element that holds what is to be read: ``"office:text"``.
    what
        What people call such a document.

    Raises
    ------
    ExtractionError
        ``encrypted``; ``malformed`` when it is no such document; ``output_limit`` when it is, or
        unpacks to, more than :data:`~reslib.extractors.archive.MAX_UNPACKED`.
    """

    def __init__(self, path: Path, kind: str, what: str) -> None:
        self.damaged: list[str] = []
        self._read = self._unread = 0
        self._archive: Archive | None = None
        with path.open("rb") as file:
            packed = file.read(2) == b"PK"
            file.seek(0)
            flat = None if packed else parse_xml(_chunks(file), "it")
        self.styles: etree._Element | None = flat
        self.meta: etree._Element | None = flat
        if flat is not None:
            self.content = flat
            self._read = 1
        else:
            self._archive = Archive(path)
            try:
                self._open(self._archive)
            except BaseException:
                self.close()
                raise
        #: What holds the text.
        body = child(child(self.content, "office:body"), kind)
        if body is None:
            self.close()
            raise ExtractionError(f"it holds no {what}. {AGAIN}", ErrorCode.MALFORMED)
        self.body: etree._Element = body

    def _open(self, archive: Archive) -> None:
        manifest = "META-INF/manifest.xml"
        if manifest in archive and b"encryption-data" in archive.content(manifest):
            raise ExtractionError(f"the document {PROTECTED}", ErrorCode.ENCRYPTED)
        self.content = archive.xml("content.xml")
        self._read += archive.packed_size("content.xml")
        self.styles = self._optional("styles.xml", "styles part")
        self.meta = self._optional("meta.xml", "")

    def __enter__(self) -> Parts:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._archive is not None:
            self._archive.__exit__(None, None, None)

    def object(self, name: str) -> etree._Element | None:
        """Return the root of an object inside the document, such as a formula or a chart."""
        part = posixpath.normpath(posixpath.join(name, "content.xml"))
        return self._optional(part, "formula or chart")

    def _optional(self, part: str, called: str) -> etree._Element | None:
        """Return a part that may be missing; one with a name people know is noted if damaged."""
        if self._archive is None or part not in self._archive:
            return None
        try:
            root = self._archive.xml(part)
        except ExtractionError as error:
            if error.code is not ErrorCode.MALFORMED or self._archive.is_exhausted:
                raise
            if called:
                if f"its {called} is damaged" not in self.damaged:
                    self.damaged.append(f"its {called} is damaged")
                self._unread += self._archive.packed_size(part)
            return None
        self._read += self._archive.packed_size(part)
        return root

    def confidence(self) -> float:
        """Return the share of the parts with text, by their packed size, that could be read."""
        return round(self._read / max(1, self._read + self._unread), 4)

    def metadata(self) -> Stated:
        """Return what the document states of itself."""
        return document_properties(self.meta)


def document_properties(root: etree._Element | None) -> Stated:
    """Return what the metadata of an OpenDocument file state.

    Parameters
    ----------
    root
        Of the part ``meta.xml``, or of a flat document; None when there is none.
    """
    stated = Stated("document properties")
    saved_by = ""
    meta = child(root, "office:meta")
    for item in meta if meta is not None else ():
        name, text = key(item.tag), item.text or ""
        if name == "dc:creator":
            saved_by = saved_by or text
        elif name in _KEYS:
            stated.add(_KEYS[name], as_title(text) or "" if name == "dc:title" else text)
    if stated.first("author") is None:
        stated.add("author", saved_by)
    return stated


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > MAX_UNPACKED:
            raise ExtractionError(
                f"it is more than {MAX_UNPACKED >> 20} MiB of XML, the most that is read. Save it "
                "as a packed document (.odt, .odp)",
                ErrorCode.OUTPUT_LIMIT,
            )
        yield chunk
