"""Archives of documents: ZIP, TAR, 7z and RAR, and single files packed with gzip, bzip2 or xz.

The text of an archive is the list of what is in it; what is in it are documents of their own.
Hidden files and those that macOS leaves in archives are passed over. Nothing is unpacked to find
that out, and of a document only itself is, when its turn comes.
"""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from reslib.errors import PROTECTED, ErrorCode, ExtractionError, printable
from reslib.extractors.archive import DAMAGE
from reslib.extractors.kept import Kept
from reslib.extractors.tapes import (
    AGAIN,
    TAR_DAMAGE,
    check_is_honest,
    is_of_the_disk,
    opened,
    tape,
)
from reslib.extractors.unlock import not_opened, package
from reslib.formats.detect import detect
from reslib.formats.inner import Names
from reslib.formats.mediatypes import guess_from_name
from reslib.items import Child, Page, Warning

__all__ = ["MOST_MEMBERS", "extract", "member"]

#: Documents that are read of one archive; the parent takes no more of them.
MOST_MEMBERS = 10_000
_CHUNK = 1 << 20
#: Of a file whose name does not say what it is, so much is looked at, in bytes.
_LOOKED_AT = 64 << 20
#: Of an entry, in its flags: it has a password. The method of WinZip's AES.
_HAS_PASSWORD, _AES = 1, 99
_ZIP = (b"PK\3\4", b"PK\5\6")


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive: its name as the archive has it, and how to read it there."""

    name: str
    size: int = 0
    fingerprint: str = ""
    entry: zipfile.ZipInfo | tarfile.TarInfo | None = None
    #: Its media type, where its name does not say it.
    kind: str = ""


class _Index:
    """The files of an archive by the names that they have here, as far as it can be read.

    Parameters
    ----------
    path
        The archive.
    """

    def __init__(self, path: Path) -> None:
        given = Names()
        self.members: dict[str, _Member] = {}
        self.problem: ExtractionError | None = None
        try:
            for each in _members(path):
                self.members[given.of(each.name)] = each
        except ExtractionError as error:
            self.problem = error.with_traceback(None)

    def close(self) -> None:
        """Let go of nothing but memory."""
        self.members.clear()


_indexes: Kept[_Index] = Kept()


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
    for each in _members(path, is_listing=True):
        if len(names) == MOST_MEMBERS:
            yield Warning(
                "more_members",
                f"only the first {MOST_MEMBERS:,} files of the archive were read. Unpack it and "
                "add the folder",
            )
            break
        names.append(given.of(each.name))
        yield Child(each.name, each.kind, size=each.size, fingerprint=each.fingerprint)
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
    index = _indexes.of(path, lambda: _Index(path))
    found = index.members.get(name)
    if found is None and index.problem is not None:
        raise index.problem
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
            f"{printable(name)} is packed in a way that is not known here ({error}). {AGAIN}",
            ErrorCode.MALFORMED,
        ) from error
    except TAR_DAMAGE as error:
        if is_of_the_disk(error):
            raise
        raise _damaged(error) from error


def _members(path: Path, *, is_listing: bool = False) -> Iterator[_Member]:
    """Yield the files of an archive that are not hidden, in their order.

    For a list of them also what tells whether one has changed, and what those are whose names do
    not say it.
    """
    try:
        for each in _every_member(path, is_listing):
            parts = each.name.replace("\\", "/").split("/")
            is_hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
            if not is_hidden and parts[0] != "__MACOSX":
                yield each
    except TAR_DAMAGE as error:
        if is_of_the_disk(error):
            raise
        raise _damaged(error) from error


def _every_member(path: Path, is_listing: bool) -> Iterator[_Member]:
    with path.open("rb") as file:
        head = file.read(4)
    if head in _ZIP:
        yield from _zip_members(path, is_listing)
    elif (plain := tape(path)) is not None:
        try:
            yield from _tape_members(plain.file, is_listing)
        except tarfile.TarError:  # over its end; what that comes of says more
            if plain.problem is None:
                raise
        if plain.problem is not None:
            raise plain.problem
    elif (packed := opened(path)) is not None:
        with packed:
            pieces = _honest(_chunks(packed), path.stat().st_size)
            kind, kept = _looked_at(path.stem, pieces) if is_listing else ("", "")
        yield _Member(path.stem, fingerprint=kept, kind=kind)
    else:
        raise tarfile.ReadError("it is no archive that is known here")


def _tape_members(path: Path, is_listing: bool) -> Iterator[_Member]:
    with tarfile.open(path) as archive:
        for entry in archive:
            if entry.isreg():
                kind = kept = ""
                if is_listing:  # the time says nothing: `git archive` gives all the same
                    content = archive.extractfile(entry)
                    assert content is not None  # it is a regular file
                    kind, kept = _looked_at(entry.name, _chunks(content))
                yield _Member(entry.name, entry.size, kept, entry, kind)


def _zip_members(path: Path, is_listing: bool) -> Iterator[_Member]:
    with zipfile.ZipFile(path) as archive:
        # Python stumbles over a name that is empty (zipfile.ZipInfo.is_dir).
        named = [entry for entry in archive.infolist() if entry.filename]
        entries = [entry for entry in named if not entry.is_dir()]
        kinds = _kinds(archive, entries) if is_listing else {}
    unpacked = sum(entry.file_size for entry in entries)
    packed = path.stat().st_size
    check_is_honest(packed, unpacked)
    for entry in entries:
        kept = f"{entry.CRC:08x}-{entry.file_size}"
        if not entry.CRC:  # as AES has it: any change of the archive may be one of this
            kept += f"-{packed}-{path.stat().st_mtime_ns}"
        yield _Member(_zip_name(entry), entry.file_size, kept, entry, kinds.get(entry.filename, ""))


def _kinds(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, str]:
    """Return the media types of entries whose names do not say them; of large ones not."""
    kinds = {}
    for entry in entries[:MOST_MEMBERS]:
        is_open = not entry.flag_bits & _HAS_PASSWORD
        if is_open and entry.file_size <= _LOOKED_AT and not guess_from_name(entry.filename):
            with contextlib.suppress(*DAMAGE), archive.open(entry) as stream:
                kinds[entry.filename] = _looked_at(entry.filename, _chunks(stream))[0]
    return kinds


def _looked_at(name: str, pieces: Iterator[bytes]) -> tuple[str, str]:
    """Return the media type of a file whose name does not say it, and the hash of its bytes."""
    digest = sha256()
    is_unknown = guess_from_name(name) is None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "unnamed")
        with file.open("wb") as stream:
            for piece in pieces:
                digest.update(piece)
                if is_unknown and stream.tell() < _LOOKED_AT:
                    stream.write(piece)
        kind = ""
        if is_unknown:
            with contextlib.suppress(ExtractionError):
                kind = detect(file)
    return kind, digest.hexdigest()


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry: many programs write UTF-8 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _honest(pieces: Iterator[bytes], packed: int) -> Iterator[bytes]:
    """Yield what a file of so many bytes unpacks to, as long as that is credible."""
    size = 0
    for piece in pieces:
        size += len(piece)
        check_is_honest(packed, size)
        yield piece


def _pieces(path: Path, found: _Member) -> Iterator[bytes]:
    if isinstance(found.entry, zipfile.ZipInfo):
        with zipfile.ZipFile(path) as zipped, zipped.open(found.entry) as stream:
            yield from _chunks(stream)
    elif found.entry is not None:
        plain = tape(path)
        assert plain is not None  # it was when it was found
        with tarfile.open(plain.file) as archive:
            content = archive.extractfile(found.entry)
            assert content is not None  # it is a regular file
            yield from _chunks(content)
    else:
        unpacked = opened(path)
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
            for spelling in _spellings(password):
                if _opens(archive, entry.filename, spelling):
                    with archive.open(entry.filename, pwd=spelling) as stream:
                        yield from _chunks(stream)
                    return
    raise not_opened(len(passwords))


def _spellings(password: str) -> Iterator[bytes]:
    """Yield a password as new and as old programs write it."""
    yield password.encode()
    if not password.isascii():
        with contextlib.suppress(UnicodeEncodeError):
            yield password.encode("cp437")


def _opens(archive: zipfile.ZipFile, name: str, password: bytes) -> bool:
    """True when a password is right. One in 256 wrong ones is told by the content alone."""
    try:
        with archive.open(name, pwd=password) as stream:
            for _ in _chunks(stream):
                pass
    except (RuntimeError, zlib.error, zipfile.BadZipFile):
        return False
    return True


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _damaged(error: Exception) -> ExtractionError:
    return ExtractionError(
        f"the archive is damaged or cut short ({printable(str(error))}). {AGAIN}",
        ErrorCode.MALFORMED,
    )
