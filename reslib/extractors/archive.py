"""Opens the ZIP archive that a document is without believing what it says of its sizes.

Office and OpenDocument files are archives of XML parts. What one of them may unpack to has a
limit, which the documents inside it share, and no part of it may declare a document type: both
formats do without, and attacks need it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from reslib.errors import ErrorCode, ExtractionError, printable

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["AGAIN", "DAMAGE", "MAX_UNPACKED", "Archive", "parse_xml"]

#: The most XML, in bytes, that is unpacked from one document. As a tree it is several times
#: as large; a book of 1,000 pages has about 20 MB.
MAX_UNPACKED = 128 << 20

#: Deflate cannot pack better than 1 : 1032, XML of real documents is rarely packed better
#: than 1 : 50.
_BOMB_RATIO = 100
_CHUNK = 256 << 10
#: What zipfile raises over archives that are damaged in one way or another (found by damaging
#: some at random): also for names that are not UTF-8, unknown methods, entries with a password.
DAMAGE = (
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
#: What helps with a damaged document.
AGAIN = "Save it again in the program that wrote it, or download it again"


@dataclass(slots=True)
class _Unpacked:
    """The number of bytes that a document has unpacked to, with the documents inside it."""

    size: int = 0
    #: Whether a part was left because of the size that it states.
    is_declared: bool = False


class Archive:
    """The parts of a document that is a ZIP archive.

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
        except DAMAGE as error:
            if _is_of_the_disk(error):
                raise
            raise ExtractionError(
                f"the archive that holds the document is damaged or cut short ({error}). {AGAIN}",
                ErrorCode.MALFORMED,
            ) from error
        # The last of two entries of the same name counts, as for every reader. Some programs
        # write folders as Windows does, against ECMA-376 part 2, §6.2.2.
        self._entries = {
            entry.filename.lower().replace("\\", "/"): entry for entry in self._archive.infolist()
        }

    def __enter__(self) -> Self:
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

    @property
    def is_exhausted(self) -> bool:
        """True when it unpacks to more than may be, or one of its parts says so of itself."""
        return self._unpacked.size > self._limit or self._unpacked.is_declared

    def names(self) -> list[str]:
        """Return the names of all parts, as the archive spells them."""
        return [entry.filename for entry in self._entries.values()]

    def stated_size(self, part: str) -> int:
        """Return how many bytes the archive says a part has; 0 when there is none."""
        entry = self._entries.get(part.lower())
        return 0 if entry is None else entry.file_size

    def packed_size(self, part: str) -> int:
        """Return how many bytes of the archive a part takes; 0 when it is missing."""
        entry = self._entries.get(part.lower())
        return entry.compress_size if entry is not None else 0

    def xml(self, part: str) -> etree._Element:
        """Return the root of an XML part.

        Raises
        ------
        ExtractionError
            ``malformed`` when it is missing or damaged, or as :func:`parse_xml` says;
            ``output_limit`` when the document unpacks to more than :data:`MAX_UNPACKED`.
        """
        # Closed at once: an error keeps what it was raised over, and with it the open file.
        with contextlib.closing(self.chunks(part)) as chunks:
            return parse_xml(chunks, f"its part {printable(part)}")

    def content(self, part: str) -> bytes:
        """Return the bytes of a part that is no XML.

        Raises
        ------
        ExtractionError
            ``malformed`` when it is missing or damaged; ``output_limit`` when the document
            unpacks to more than :data:`MAX_UNPACKED`.
        """
        return b"".join(self.chunks(part))

    def inner(self, content: bytes) -> Self:
        """Return the archive that a part is; what it unpacks counts as this one's.

        Parameters
        ----------
        content
            Of the part.

        Raises
        ------
        ExtractionError
            ``malformed`` because it is no archive.
        """
        archive = type(self)(io.BytesIO(content), self._limit)
        archive._unpacked = self._unpacked
        return archive

    def chunks(self, part: str) -> Generator[bytes, None, None]:
        """Yield the bytes of a part, piece by piece; raises what :meth:`content` does."""
        entry = self._entries.get(part.lower())
        if entry is None:
            raise ExtractionError(
                f"its part {printable(part)} is missing. {AGAIN}", ErrorCode.MALFORMED
            )
        unpacked = 0
        if entry.file_size > self._limit:  # its own word for it is enough to leave it
            self._unpacked.is_declared = True
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
        except DAMAGE as error:
            if _is_of_the_disk(error):
                raise
            raise ExtractionError(
                f"its part {printable(part)} is damaged ({printable(str(error))}). {AGAIN}",
                ErrorCode.MALFORMED,
            ) from error


def parse_xml(chunks: Iterable[bytes], what: str) -> etree._Element:
    """Return the root of XML that comes in pieces.

    Parameters
    ----------
    chunks
        Its bytes.
    what
        What people call it: ``"its part word/document.xml"``.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is not well-formed, or declares a document type. Open Packaging
        Conventions forbid that (ECMA-376 part 2, §8.2.5), OpenDocument has no use for it.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        try:
            for chunk in chunks:
                parser.feed(chunk)
        except Exception:
            # A parser that is given up while it is fed never frees its half of a tree.
            with contextlib.suppress(etree.XMLSyntaxError):
                parser.close()
            raise
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise ExtractionError(
            f"{what} is not well-formed XML ({error.msg}). {AGAIN}", ErrorCode.MALFORMED
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ExtractionError(
            f"{what} declares a document type, which such documents may not do. It is damaged or "
            f"made to attack programs that read it. {AGAIN}",
            ErrorCode.MALFORMED,
        )
    return root


def _is_of_the_disk(error: Exception) -> bool:
    """True when the disk failed rather than the archive led to a place that is none."""
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
