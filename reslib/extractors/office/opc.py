"""Opens an Office document's package without believing what it says of its sizes.

Only what Open Packaging Conventions (ECMA-376 part 2) demand to find the parts of a text:
the ZIP archive, its relationships, and XML parts. python-docx opens packages too, but refuses
those with a missing picture, of the strict or the macro kind, unpacks every picture, and has no
limit on what an archive unpacks to.
"""

from __future__ import annotations

import contextlib
import errno
import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO

from reslib.errors import ErrorCode, ExtractionError, printable

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["MAX_UNPACKED", "Package", "Relationship"]

#: The most XML, in bytes, that is unpacked from one document. As a tree it is several times
#: as large; a book of 1,000 pages has about 20 MB.
MAX_UNPACKED = 128 << 20

#: Deflate cannot pack better than 1 : 1032, XML of real documents is rarely packed better
#: than 1 : 50.
_BOMB_RATIO = 100
_CHUNK = 256 << 10
_TYPE_ROOTS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/",
    "http://schemas.microsoft.com/office/2007/relationships/",
)
#: What zipfile raises over archives that are damaged in one way or another (found by damaging
#: some at random): also for names that are not UTF-8, unknown methods, entries with a password.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)
_AGAIN = "Save it again in the program that wrote it, or download it again"


@dataclass(frozen=True, slots=True)
class Relationship:
    """One arrow from a part to another.

    Parameters
    ----------
    kind
        The last word of its type: ``"footnotes"``.
    target
        Name of the part it leads to.
    name
        What the part calls it.
    """

    kind: str
    target: str
    name: str = ""


@dataclass(slots=True)
class _Unpacked:
    """How many bytes a document has unpacked to, with the documents inside it."""

    size: int = 0


class Package:
    """The parts of an Office document, and how they hang together.

    Parameters
    ----------
    path
        The document, or a file that is open for reading.
    limit
        The most bytes that are unpacked from it; :data:`MAX_UNPACKED` by default.

    Raises
    ------
    ExtractionError
        ``malformed`` or ``truncated`` when it is no sound archive.
    """

    def __init__(self, path: Path | BinaryIO, limit: int | None = None) -> None:
        self._limit = MAX_UNPACKED if limit is None else limit
        self._unpacked = _Unpacked()
        try:
            self._archive = zipfile.ZipFile(path)
        except _DAMAGE as error:
            if _is_of_the_disk(error):
                raise
            raise ExtractionError(
                f"the archive that holds the document is damaged or cut short ({error}). {_AGAIN}",
                ErrorCode.MALFORMED,
            ) from error
        # The last of two entries of the same name counts, as for every reader. Some programs
        # write folders as Windows does, against part 2, §6.2.2.
        self._entries = {
            entry.filename.lower().replace("\\", "/"): entry for entry in self._archive.infolist()
        }

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._entries

    def packed_size(self, part: str) -> int:
        """Return how many bytes of the archive a part takes; 0 when it is missing."""
        entry = self._entries.get(part.lower())
        return entry.compress_size if entry is not None else 0

    def relationships(self, part: str = "") -> Iterator[Relationship]:
        """Yield where *part* leads to inside the package; the package itself when empty.

        Raises
        ------
        ExtractionError
            The list is there but cannot be read.
        """
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if listing not in self:
            return
        for item in self.xml(listing):
            if not isinstance(item.tag, str) or item.get("TargetMode") == "External":
                continue
            stated = item.get("Type") or ""
            root = next((root for root in _TYPE_ROOTS if stated.startswith(root)), None)
            target = (item.get("Target") or "").partition("#")[0]
            if root is None or not target:
                continue
            # A name in the archive, never a path on the disk.
            absolute = posixpath.normpath(posixpath.join("/", folder, target))
            kind, name = stated.removeprefix(root), item.get("Id") or ""
            yield Relationship(kind, absolute.lstrip("/"), name)

    def xml(self, part: str) -> etree._Element:
        """Return the root of an XML part.

        Raises
        ------
        ExtractionError
            ``malformed`` when it is missing, damaged, not well-formed, or declares a document
            type, which the format forbids (part 2, §8.2.5) and attacks need; ``output_limit``
            when the document unpacks to more than :data:`MAX_UNPACKED`.
        """
        from lxml import etree

        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            try:
                for chunk in self.chunks(part):
                    parser.feed(chunk)
            except Exception:
                # A parser that is given up while it is fed never frees its half of a tree.
                with contextlib.suppress(etree.XMLSyntaxError):
                    parser.close()
                raise
            root = parser.close()
        except etree.XMLSyntaxError as error:
            raise ExtractionError(
                f"its part {printable(part)} is not well-formed XML ({error.msg}). {_AGAIN}",
                ErrorCode.MALFORMED,
            ) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise ExtractionError(
                f"its part {printable(part)} declares a document type, which Office documents "
                f"may not do. It is damaged or made to attack programs that read it. {_AGAIN}",
                ErrorCode.MALFORMED,
            )
        return root

    def content(self, part: str) -> bytes:
        """Return the bytes of a part that is no XML.

        Raises
        ------
        ExtractionError
            ``malformed`` when it is missing or damaged; ``output_limit`` when the document
            unpacks to more than :data:`MAX_UNPACKED`.
        """
        return b"".join(self.chunks(part))

    def inner(self, content: bytes) -> Package:
        """Return the package that a part is; what it unpacks counts as this one's.

        Parameters
        ----------
        content
            Of the part.

        Raises
        ------
        ExtractionError
            ``malformed`` because it is no package.
        """
        package = Package(io.BytesIO(content), self._limit)
        package._unpacked = self._unpacked
        return package

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part, piece by piece; raises what :meth:`content` does."""
        entry = self._entries.get(part.lower())
        if entry is None:
            raise ExtractionError(
                f"its part {printable(part)} is missing. {_AGAIN}", ErrorCode.MALFORMED
            )
        unpacked = 0
        if entry.file_size > self._limit:  # its own word for it is enough to leave it
            raise _too_large(self._limit, entry.file_size, entry.compress_size)
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    unpacked += len(chunk)
                    self._unpacked.size += len(chunk)
                    if self._unpacked.size > self._limit:
                        size = max(unpacked, entry.file_size)
                        raise _too_large(self._limit, size, entry.compress_size)
                    yield chunk
        except _DAMAGE as error:
            if _is_of_the_disk(error):
                raise
            raise ExtractionError(
                f"its part {printable(part)} is damaged ({printable(str(error))}). {_AGAIN}",
                ErrorCode.MALFORMED,
            ) from error


def _is_of_the_disk(error: Exception) -> bool:
    """Whether the disk failed rather than the archive led to a place that is none."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def _too_large(most: int, unpacked: int, packed: int) -> ExtractionError:
    limit = f"unpacks to more than {most >> 20} MiB of XML"
    if unpacked > _BOMB_RATIO * packed:
        return ExtractionError(
            f"it is no honest document: it {limit} from {packed} bytes (a ZIP bomb)",
            ErrorCode.MALFORMED,
        )
    return ExtractionError(
        f"it {limit}, the most that is read. Split the document and add its parts",
        ErrorCode.OUTPUT_LIMIT,
    )
