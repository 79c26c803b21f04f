"""TAR archives: those that are packed, and those that bsdtar makes of 7z and RAR.

A packed archive is unpacked as a whole into the private directory, as one plain TAR archive, and
kept there while documents of it are read. bsdtar writes no files: what it prints is such a TAR.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import struct
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.archive import DAMAGE
from reslib.extractors.kept import Kept, Room
from reslib.extractors.program import run_program

__all__ = ["AGAIN", "TAR_DAMAGE", "Tape", "check_is_honest", "is_of_the_disk", "opened", "tape"]

#: What helps with a damaged archive.
AGAIN = "Unpack it yourself and add the folder, or download it again"
TAR_DAMAGE = (tarfile.TarError, *DAMAGE)
#: What honest archives do not exceed both: bytes in all, and how many times their own size.
_LARGEST, _BEST_RATIO = 4 << 30, 200
_CHUNK = 1 << 20
_SEVEN, _RAR = b"7z\xbc\xaf", b"Rar!"
#: Of a 7z archive, its list of contents in bytes.
_LONGEST_LIST = 64 << 20
#: Seconds of processor time that bsdtar may take.
_PATIENCE = 600
#: It gives no name that the letters of its locale cannot spell.
_SPELLING = {"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


class _TooLarge(Exception):
    """There is no room for what an archive unpacks to."""


@dataclass(frozen=True, slots=True)
class Tape:
    """A plain TAR archive.

    Parameters
    ----------
    file
        Where it is.
    problem
        Why it is not all that there was; None when it is.
    """

    file: Path
    problem: Exception | None = None


class _Unpacked(Room):
    """An archive as a plain one in the private directory, as far as it can be unpacked.

    Attributes
    ----------
    tape
        It; None when there was no room for it.
    """

    def __init__(self, path: Path, pour: Callable[[Path, Callable[[bytes], None]], None]) -> None:
        super().__init__()
        file, packed, size = self.folder / "tape", path.stat().st_size, 0
        self.tape: Tape | None = None
        with self.or_none(), file.open("wb") as stream:

            def take(piece: bytes) -> None:
                nonlocal size
                size += len(piece)
                check_is_honest(packed, size)
                if not self.takes(len(piece)):
                    raise _TooLarge
                stream.write(piece)

            try:
                pour(path, take)
                self.tape = Tape(file)
            except _TooLarge:
                self.close()
            except (*TAR_DAMAGE, ExtractionError) as error:
                if is_of_the_disk(error):
                    raise
                self.tape = Tape(file, error.with_traceback(None))


_unpacked: Kept[_Unpacked] = Kept()


def tape(path: Path) -> Tape | None:
    """Return a TAR archive from which each of its documents is read at once.

    Parameters
    ----------
    path
        The archive: as it is, packed, or of a kind that bsdtar reads.

    Returns
    -------
    Tape or None
        The archive itself when it is not packed, or when there is no room for it in any other way;
        None when it is no such archive.

    Raises
    ------
    ExtractionError
        ``output_limit`` when there is no room for what bsdtar gives.
    """
    with path.open("rb") as file:
        kind = file.read(4)
    if kind in (_SEVEN, _RAR):
        given = _unpacked.of(path, lambda: _Unpacked(path, _translate)).tape
        if given is None:
            raise ExtractionError(
                "it unpacks to more than there is room for in the folder for temporary files. "
                "Unpack it yourself and add the folder",
                ErrorCode.OUTPUT_LIMIT,
            )
        return given
    if not _is_tape(path):
        return None
    if opened(path) is None:
        return Tape(path)
    return _unpacked.of(path, lambda: _Unpacked(path, _unpack)).tape or Tape(path)


def check_is_honest(packed: int, unpacked: int) -> None:
    """Refuse an archive that unpacks to what no honest one does.

    Parameters
    ----------
    packed, unpacked
        In bytes.

    Raises
    ------
    ExtractionError
        ``malformed``.
    """
    if unpacked > max(_LARGEST, _BEST_RATIO * packed):
        raise ExtractionError(
            f"it is no honest archive: its {packed:,} bytes unpack to {unpacked:,} at least",
            ErrorCode.MALFORMED,
        )


def opened(path: Path) -> IO[bytes] | None:
    """Return what a packed file unpacks to; None when it is none."""
    with path.open("rb") as file:
        head = file.read(3)
    if head[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path))
    if head == b"BZh":
        return bz2.open(path)
    return lzma.open(path) if head == b"\xfd7z" else None


def _is_tape(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except TAR_DAMAGE:
        return False


def _unpack(path: Path, take: Callable[[bytes], None]) -> None:
    unpacked = opened(path)
    assert unpacked is not None  # it was a moment ago
    with unpacked:
        for piece in _chunks(unpacked):
            take(piece)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _check_is_whole(file: IO[bytes], size: int) -> None:
    """Refuse a 7z archive whose list of contents, at its end, is damaged or not there.

    bsdtar has no words for that (version 3.6).
    """
    file.seek(0)
    head = file.read(32)
    after, length, check = struct.unpack_from("<QQI", head.ljust(32, b"\0"), 12)
    if len(head) < 32 or 32 + after + length > size:
        raise ExtractionError(f"the archive ends too early. {AGAIN}", ErrorCode.TRUNCATED)
    file.seek(32 + after)
    if length > _LONGEST_LIST or zlib.crc32(file.read(length)) != check:
        raise ExtractionError(
            f"the archive is damaged: its list of contents is. {AGAIN}", ErrorCode.MALFORMED
        )


def _translate(path: Path, take: Callable[[bytes], None]) -> None:
    """Have bsdtar give the files of an archive as a TAR archive."""
    with path.open("rb") as file:
        if file.read(4) == _SEVEN:
            _check_is_whole(file, path.stat().st_size)
    command = ("bsdtar", "-c", "-f", "-", "--format", "pax", f"@{path.absolute()}")
    is_empty = True

    def pass_on(piece: bytes) -> None:
        nonlocal is_empty
        is_empty = is_empty and not piece.strip(b"\0")
        take(piece)

    printed = run_program(command, _PATIENCE, take=pass_on, environment=_SPELLING)
    if printed.status == 0 and is_empty:  # said of noise that begins like a RAR archive
        raise ExtractionError(
            f"nothing is in it: the archive is damaged or empty. {AGAIN}", ErrorCode.MALFORMED
        )
    if printed.status == 0:
        return
    said = printed.complaints.replace(f"Error reading archive {path.absolute()}: ", "")
    said = said.replace("bsdtar: ", "").removesuffix("Error exit delayed from previous errors.")
    said = printable(said.strip(" .")[:300])
    if printed.status is None:
        raise ExtractionError(
            f"bsdtar took more than {_PATIENCE} seconds to unpack it. {AGAIN}", ErrorCode.TIMEOUT
        )
    # Nor has it words for files with a password in an archive without one.
    if "encrypt" in said or said.startswith("(null)"):
        raise ExtractionError(
            "it is protected with a password, and archives of its kind are opened without one "
            "only. Unpack it yourself and add the folder",
            ErrorCode.ENCRYPTED,
        )
    if "allocate memory" in said:
        raise ExtractionError(
            "to unpack it takes more memory than allowed. Raise memory_limit_mb and retry, or "
            "unpack it yourself and add the folder",
            ErrorCode.MEMORY_LIMIT,
        )
    raise ExtractionError(
        f"the archive is damaged, cut short or packed in a way that bsdtar does not know ({said}). "
        f"{AGAIN}",
        ErrorCode.MALFORMED,
    )


def is_of_the_disk(error: BaseException) -> bool:
    """True when the disk failed, not the archive."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)
