"""The taking out of a document that lies in another, inside the child.

Its bytes are nowhere in the database: they are read again from the file that it is in, by the
extractor of that file, into the private temporary directory, where what else that file holds stays
until a document of another one comes. What was allowed for the document
inside holds for that, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.base import Extractor, Member
from reslib.extractors.choice import choose
from reslib.extractors.kept import Kept, Room
from reslib.extractors.registry import Registry
from reslib.formats.detect import detect
from reslib.formats.inner import DEEPEST, Names
from reslib.formats.mediatypes import guess_from_name
from reslib.items import Child, Item, Warning

__all__ = ["MAX_BYTES", "Inside", "take_out"]

#: Largest document that is taken out of another, in bytes.
MAX_BYTES = 1 << 30
#: Of a paper in TeX in an archive: what it may ask for, how many files, in bytes each.
_HAS_OTHERS, _SOURCES = frozenset({".tex", ".ltx"}), frozenset({".tex", ".ltx", ".bbl", ".bib"})
_MOST_BESIDE, _LARGEST_BESIDE = 50, 10 << 20
_MOST_WARNINGS = 100
_LONGEST_FILE_NAME = 200


class Inside:
    """The documents inside one, on their way to the parent: named, and without their bytes.

    Parameters
    ----------
    depth
        In how many documents it lies itself.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._names = Names()
        self._warnings = 0

    def named(self, child: Child) -> Item | None:
        """Return what the parent is told of a document inside; None when there is no more to say.

        One that lies too deep is named in a warning.
        """
        from hashlib import sha256  # here: it loads OpenSSL, which a child that reads PDFs spares

        name = self._names.of(child.name)
        if self._depth < DEEPEST:
            data = bytes(child.data)
            return Child(
                name,
                _kind(name, data) or child.media_type,
                size=len(data) or child.size,
                fingerprint=sha256(data).hexdigest() if data else child.fingerprint,
            )
        self._warnings += 1
        if self._warnings > _MOST_WARNINGS:
            return None
        return Warning(
            "nested_too_deep",
            f"{printable(name)} was not read: it lies in more than {DEEPEST} documents, one inside "
            "the other. Unpack the outermost and add what comes out",
        )


def _kind(name: str, data: bytes) -> str:
    """Return the media type of a document whose name does not say it; empty when nothing does."""
    if not data or guess_from_name(name) is not None:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "unnamed")
        file.write_bytes(data)
        try:
            return detect(file)
        except ExtractionError:
            return ""


def take_out(
    document: Path,
    names: Sequence[str],
    registry: Registry,
    folder: Path,
    passwords: Sequence[str] = (),
) -> Path:
    """Write a document that lies in another to a file.

    Parameters
    ----------
    document
        The file that it is in.
    names
        The names that lead to it.
    registry
        Who can read what it is in.
    folder
        Where to.
    passwords
        For archives that have one.

    Returns
    -------
    pathlib.Path
        The file, with the name that the document has inside.

    Raises
    ------
    ExtractionError
        ``file_not_found`` when it is not in there any more; ``output_limit`` when it is larger than
        :data:`MAX_BYTES`; and what the extractor of the outer document raises.
    """
    *around, name = names
    for each in around:
        take = partial(_Taken, document, each, registry, passwords)
        document = _taken.of(document, take, each).file
    return _take_from(document, name, registry, folder, passwords)


def _take_from(
    document: Path, name: str, registry: Registry, folder: Path, passwords: Sequence[str]
) -> Path:
    reader = choose(registry, detect(document), document.suffix.lower())
    file = folder / _file_name(name)
    _write(file, name, _pieces(reader, document, name, passwords))
    if file.suffix.lower() in _HAS_OTHERS and reader.member is not None:
        for other, pieces in _beside(reader, reader.member, document, name, passwords):
            target = folder / other
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(target, str(other), pieces)
    return file


class _Taken(Room):
    """A document that was taken out of another, and in which others lie."""

    def __init__(
        self, document: Path, name: str, registry: Registry, passwords: Sequence[str]
    ) -> None:
        super().__init__()
        with self.or_none():
            self.file = _take_from(document, name, registry, self.folder, passwords)


class _Sources:
    """The sources of papers in TeX that lie in a document with a way to each of its members."""

    def __init__(self, reader: Extractor, document: Path) -> None:
        self.paths: list[PurePosixPath] = []
        names, extracted = Names(), reader.extract(document, {})
        for item in extracted if isinstance(extracted, Iterable) else ():
            if isinstance(item, Child):
                path = PurePosixPath(names.of(item.name))
                if path.suffix.lower() in _SOURCES and item.size <= _LARGEST_BESIDE:
                    self.paths.append(path)

    def close(self) -> None:
        """Let go of nothing but memory."""
        self.paths.clear()


class _Given(Room):
    """The documents that an extractor gives all at once, each in a file, as far as there is room.

    Attributes
    ----------
    files
        By their names.
    is_complete
        Whether there was room for all of them.
    problem
        What ended the reading, if anything did.
    """

    def __init__(self, reader: Extractor, document: Path) -> None:
        super().__init__()
        self.files: dict[str, Path] = {}
        self.is_complete = True
        self.problem: ExtractionError | None = None
        with self.or_none():
            try:
                for name, data in _given_by(reader, document):
                    if self.takes(len(data)):
                        self.files[name] = self.folder / str(len(self.files))
                        self.files[name].write_bytes(data)
                    else:
                        self.is_complete = False
            except ExtractionError as error:  # of a mail that is encrypted, after its attachments
                self.problem = error


_taken: Kept[_Taken] = Kept()
_given: Kept[_Given] = Kept()
_sources: Kept[_Sources] = Kept()


def _beside(
    reader: Extractor, member: Member, document: Path, name: str, passwords: Sequence[str]
) -> Iterator[tuple[PurePosixPath, Iterable[bytes]]]:
    """Yield what a paper in TeX may ask for: sources in its folder of the archive and below."""
    folder, left = PurePosixPath(name).parent, _MOST_BESIDE
    for other in _sources.of(document, lambda: _Sources(reader, document)).paths:
        if str(other) != name and other.is_relative_to(folder) and left:
            left -= 1
            yield other.relative_to(folder), member(document, str(other), passwords)


def _pieces(
    reader: Extractor, document: Path, name: str, passwords: Sequence[str]
) -> Iterable[bytes]:
    if reader.member is not None:
        return reader.member(document, name, passwords)
    given = _given.of(document, lambda: _Given(reader, document), reader.name)
    if name in given.files:
        return (given.files[name].read_bytes(),)  # the parent takes none that is large
    if given.problem is not None:
        raise given.problem.with_traceback(None)
    for other, data in () if given.is_complete else _given_by(reader, document):
        if other == name:
            return (data,)
    raise ExtractionError(
        f"{printable(name)} is not in it any more. Read the outer document again: "
        "`reslib extract --again`, worker.extract_again(ids)",
        ErrorCode.FILE_NOT_FOUND,
    )


def _given_by(reader: Extractor, document: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the documents that an extractor gives with their bytes, by their names."""
    names, extracted = Names(), reader.extract(document, {})
    if isinstance(extracted, Iterable) and not isinstance(extracted, str):
        for item in extracted:
            if isinstance(item, Child):
                yield names.of(item.name), bytes(item.data)


def _write(file: Path, name: str, pieces: Iterable[bytes]) -> None:
    size = 0
    with file.open("xb") as stream:
        for piece in pieces:
            size += len(piece)
            if size > MAX_BYTES:
                raise ExtractionError(
                    f"{printable(name)} is larger than {MAX_BYTES >> 30} GiB. Take it out and add "
                    "the file itself",
                    ErrorCode.OUTPUT_LIMIT,
                )
            stream.write(piece)


def _file_name(name: str) -> str:
    """Return a name that every file system takes; extractors look at its end."""
    last = PurePosixPath(name)
    if len(last.name.encode()) <= _LONGEST_FILE_NAME:
        return last.name
    suffix = last.suffix if len(last.suffix) <= 20 else ""
    return f"document{suffix}"
