"""Opens the OLE container that an old Office file or an Outlook message is: a file of files.

Nothing that it says of its sizes is believed ([MS-CFB]): tables that are larger than the file,
chains that are loops and trees that lead nowhere end the reading, or are read as far as they go.
"""

from __future__ import annotations

import contextlib
import io
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.office.summary import MOST_READ, stated_by
from reslib.extractors.stated import Stated

__all__ = ["AGAIN", "CUT_SHORT", "Container"]

#: What helps with a damaged document.
AGAIN = "Save it again in the program that wrote it, or download it again"
#: What is said of one that is read as far as it goes.
CUT_SHORT = "it is damaged or cut short: some of what it holds could not be read"
#: The most bytes of all streams that are read, those that are read twice included.
_MOST_READ = 512 << 20
#: The most names that may follow each other without a tree.
_DEEPEST = 20_000
#: Sizes of sectors, and of small ones, as powers of two ([MS-CFB] 2.2).
_SHIFTS, _SMALL_SHIFT = (9, 12), 6
_SUMMARY = "\x05SummaryInformation"


class Container:
    """The streams of an OLE container.

    Parameters
    ----------
    source
        The file, or its bytes.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is none, or damaged.
    """

    def __init__(self, source: Path | bytes) -> None:
        import olefile

        self._left = _MOST_READ
        #: Whether a stream that was read is shorter than it should be.
        self.is_damaged = False
        file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        try:
            _check_header(file)
            with _deep_recursion():
                self._ole: Any = olefile.OleFileIO(file)
        except Exception as error:
            file.close()
            raise _in_words(error) from error
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def names(self, *storage: str) -> list[str]:
        """Return the names of what lies in a storage, or in the container itself."""
        entry = self._entry(storage)
        return [] if entry is None else [kid.name for kid in entry.kids]

    def is_storage(self, *path: str) -> bool:
        """True when there is a storage of that name: what a folder is to files."""
        entry = self._entry(path)
        return entry is not None and entry.entry_type == 1

    def __contains__(self, name: str) -> bool:
        return self._entry((name,)) is not None

    def read(self, *path: str, most: int = _MOST_READ) -> bytes:
        """Return the bytes of a stream; none when it is not there.

        Parameters
        ----------
        path
            Its name, after those of the storages that it is in.
        most
            What is behind so many bytes is left out.

        Raises
        ------
        ExtractionError
            ``malformed`` when it is damaged; ``output_limit`` when the streams of the document
            are read to more than a container may give.
        """
        entry = self._entry(path)
        if entry is None or entry.entry_type != 2:
            return b""
        self._left -= min(entry.size, self._file_size())
        if self._left < 0:
            raise ExtractionError(
                f"it unpacks to more than {_MOST_READ >> 20} MiB, the most that is read. Split the "
                "document and add its parts",
                ErrorCode.OUTPUT_LIMIT,
            )
        before = len(self._ole.parsing_issues)
        try:
            with self._ole.openstream(list(path)) as stream:
                content: bytes = stream.read(most)
        except Exception as error:
            raise _in_words(error) from error
        self.is_damaged |= len(self._ole.parsing_issues) > before
        return content

    def size(self, *path: str) -> int:
        """Return how many bytes a stream says that it has; 0 when it is not there."""
        entry = self._entry(path)
        return int(entry.size) if entry is not None and entry.entry_type == 2 else 0

    def check_chains(self) -> None:
        """Refuse a container in which a chain of sectors is a loop, for readers that follow it.

        Raises
        ------
        ExtractionError
            ``malformed``.
        """
        ole = self._ole
        starts = [ole.first_dir_sector, ole.first_mini_fat_sector, ole.root.isectStart]
        starts += [
            kid.isectStart for kid in ole.root.kids if kid.size >= ole.mini_stream_cutoff_size
        ]
        ended: set[int] = set()
        for start in starts:
            passed: set[int] = set()
            at = start
            while at < len(ole.fat) and at not in ended:
                if at in passed:
                    raise _in_words(ValueError("a chain of its sectors is a loop"))
                passed.add(at)
                at = ole.fat[at]
            ended |= passed

    def stated(self) -> Stated:
        """Return what the document states of itself; nothing when that is damaged."""
        try:
            return stated_by(self.read(_SUMMARY, most=MOST_READ))
        except ExtractionError:  # the text does not need it
            return Stated("summary information")

    def _file_size(self) -> int:
        self._file.seek(0, io.SEEK_END)
        return self._file.tell()

    def _entry(self, path: Sequence[str]) -> Any:
        entry = self._ole.root
        for name in path:
            entry = None if entry is None else entry.kids_dict.get(name.lower())
        return entry


@contextlib.contextmanager
def _deep_recursion() -> Iterator[None]:
    """Let olefile follow names that are a list and no tree, as some programs write them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _check_header(file: Any) -> None:
    """Refuse what would be read for long, or into more memory than the file has bytes."""
    head = file.read(512)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if len(head) < 512:
        raise ValueError("it is shorter than its header")
    shift, small = struct.unpack_from("<HH", head, 30)
    (tables,) = struct.unpack_from("<I", head, 44)
    (small_tables,) = struct.unpack_from("<I", head, 64)
    if shift not in _SHIFTS or small != _SMALL_SHIFT:
        raise ValueError("its sectors have an unknown size")
    if max(tables, small_tables) > (size >> shift) + 1:
        raise ValueError("its tables are larger than the file")


def _in_words(error: Exception) -> Exception:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) is not None:
        return error  # not the document's
    if isinstance(error, RecursionError):
        error = ValueError("its tree is too deep")
    return ExtractionError(
        f"it is damaged or cut short ({printable(str(error)[:200])}). {AGAIN}",
        ErrorCode.MALFORMED,
    )
