"""Archives of documents: ZIP and TAR, and single files packed with gzip, bzip2 or xz.

The text of an archive is the list of what is in it; what is in it are documents of their own.
Hidden files and those that macOS leaves in archives are passed over. Nothing is unpacked to find
that out, and of a document only itself is, when its turn comes.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from reslib.errors import PROTECTED, ErrorCode, ExtractionError, printable
from reslib.extractors.archive import DAMAGE
from reslib.extractors.unlock import not_opened, package
from reslib.formats.inner import Names
from reslib.items import Child, Page, Warning

__all__ = ["MOST_MEMBERS", "extract", "member"]

#: Documents that are read of one archive; the parent takes no more of them.
MOST_MEMBERS = 10_000
#: What honest archives do not exceed both: bytes in all, and how many times their own size.
_LARGEST, _BEST_RATIO = 4 << 30, 200
_CHUNK = 1 << 20
#: Of an entry, in its flags: it has a password. The method of WinZip's AES.
_HAS_PASSWORD, _AES = 1, 99
_AGAIN = "Unpack it yourself and add the folder, or download it again"
_TAR_DAMAGE = (tarfile.TarError, *DAMAGE)
_ZIP = (b"PK\3\4", b"PK\5\6")


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive: its name as the archive has it, and how to read it there."""

    name: str
    size: int
    fingerprint: str
    entry: zipfile.ZipInfo | tarfile.TarInfo | None = None


def extract(path: Path) -> Iterator[Page | Child | Warning]:
    """Yield each document that lies in an archive, then the list of their names as a page.

    Parameters
    ----------
    path
        The archive.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is damaged, or unpacks to what no honest archive does.
    """
    names: list[str] = []
    given = Names()
    for each in _members(path):
        if len(names) == MOST_MEMBERS:
            yield Warning(
                "more_members",
                f"only the first {MOST_MEMBERS:,} files of the archive were read. Unpack it and "
                "add the folder",
            )
            break
        names.append(given.of(each.name))
        yield Child(each.name, size=each.size, fingerprint=each.fingerprint)
    yield Page("\n".join(names), blank=not names)


def member(path: Path, name: str, passwords: Sequence[str] = ()) -> Iterator[bytes]:
    """Yield the bytes of a file in an archive, in pieces.

    Parameters
    ----------
    path
        The archive.
    name
        That of the document, as :class:`~reslib.formats.inner.Names` makes it.
    passwords
        What to try when it has one.

    Raises
    ------
    ExtractionError
        ``file_not_found`` when there is none of that name (any more); ``encrypted`` when it has a
        password that none of these is; ``missing_dependency`` when a package that opens it is not
        installed; ``malformed`` when the archive is damaged.
    """
    given = Names()
    found = next((each for each in _members(path) if given.of(each.name) == name), None)
    if found is None:
        raise ExtractionError(
            f"{printable(name)} is not in the archive any more. Read the archive again: "
            "`reslib extract --again`, worker.extract_again(ids)",
            ErrorCode.FILE_NOT_FOUND,
        )
    try:
        if isinstance(found.entry, zipfile.ZipInfo) and found.entry.flag_bits & _HAS_PASSWORD:
            yield from _unlocked(path, found.entry, passwords)
        else:
            yield from _pieces(path, found)
    except NotImplementedError as error:
        raise ExtractionError(
            f"{printable(name)} is packed in a way that is not known here ({error}). {_AGAIN}",
            ErrorCode.MALFORMED,
        ) from error
    except _TAR_DAMAGE as error:
        raise _damaged(error) from error


def _members(path: Path) -> Iterator[_Member]:
    """Yield the files of an archive that are not hidden, in their order."""
    try:
        for each in _every_member(path):
            parts = each.name.replace("\\", "/").split("/")
            is_hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
            if not is_hidden and parts[0] != "__MACOSX":
                yield each
    except _TAR_DAMAGE as error:
        raise _damaged(error) from error


def _every_member(path: Path) -> Iterator[_Member]:
    with path.open("rb") as file:
        head = file.read(4)
    if head in _ZIP:
        yield from _zip_members(path)
    elif _is_tar(path):
        with tarfile.open(path) as archive:
            for entry in archive:
                if entry.isreg():
                    kept = f"{entry.mtime}-{entry.size}"
                    yield _Member(entry.name, entry.size, kept, entry)
    elif (packed := _opened(path)) is not None:
        packed.close()
        info = path.stat()
        yield _Member(path.stem, 0, f"{info.st_mtime_ns}-{info.st_size}")
    else:
        raise tarfile.ReadError("it is no archive that is known here")


def _zip_members(path: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    unpacked = sum(entry.file_size for entry in entries)
    packed = path.stat().st_size
    if unpacked > max(_LARGEST, _BEST_RATIO * packed):
        raise ExtractionError(
            f"it is no honest archive: it says that its {packed:,} bytes unpack to {unpacked:,} "
            "(a ZIP bomb)",
            ErrorCode.MALFORMED,
        )
    for entry in entries:
        kept = f"{entry.CRC:08x}-{entry.file_size}"
        yield _Member(_zip_name(entry), entry.file_size, kept, entry)


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry: many programs write UTF-8 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _is_tar(path: Path) -> bool:
    """True for a TAR archive, packed or not."""
    try:
        return tarfile.is_tarfile(path)
    except _TAR_DAMAGE:
        return False


def _opened(path: Path) -> IO[bytes] | None:
    """Return what a packed file unpacks to; None when it is none."""
    with path.open("rb") as file:
        head = file.read(3)
    if head[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path))
    if head == b"BZh":
        return bz2.open(path)
    return lzma.open(path) if head == b"\xfd7z" else None


def _pieces(path: Path, found: _Member) -> Iterator[bytes]:
    if isinstance(found.entry, zipfile.ZipInfo):
        with zipfile.ZipFile(path) as archive, archive.open(found.entry) as stream:
            yield from _chunks(stream)
    elif found.entry is not None:
        with tarfile.open(path) as tape:
            content = tape.extractfile(found.entry)
            assert content is not None  # it is a regular file
            yield from _chunks(content)
    else:
        unpacked = _opened(path)
        assert unpacked is not None  # it was when it was found
        with unpacked:
            yield from _chunks(unpacked)


def _unlocked(path: Path, entry: zipfile.ZipInfo, passwords: Sequence[str]) -> Iterator[bytes]:
    """Yield the bytes of an entry that has a password."""
    if not passwords:
        raise ExtractionError(f"in its archive it {PROTECTED}", ErrorCode.ENCRYPTED)
    kind = zipfile.ZipFile
    if entry.compress_type == _AES:
        kind = package("pyzipper", "zip").AESZipFile
    with kind(path) as archive:
        for password in passwords:
            if _opens(archive, entry.filename, password.encode(), is_only=len(passwords) == 1):
                with archive.open(entry.filename, pwd=password.encode()) as stream:
                    yield from _chunks(stream)
                return
    raise not_opened(len(passwords))


def _opens(archive: zipfile.ZipFile, name: str, password: bytes, *, is_only: bool) -> bool:
    """True when a password is right. One in 256 wrong ones is told by the content alone, which is
    looked at when there is another one to try.
    """
    try:
        with archive.open(name, pwd=password) as stream:
            for _ in () if is_only else _chunks(stream):
                pass
    except (RuntimeError, zlib.error, zipfile.BadZipFile):
        return False
    return True


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _damaged(error: Exception) -> ExtractionError:
    return ExtractionError(
        f"the archive is damaged or cut short ({printable(str(error))}). {_AGAIN}",
        ErrorCode.MALFORMED,
    )
