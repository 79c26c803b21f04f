"""The intake of files: looks at them, and stores which document each one is.

All reading of files is done before the transaction, so that others can write meanwhile. When they
have, the database is read again in it; a place that was not looked at by then counts as one that
cannot be told.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from reslib.clock import utc_text
from reslib.documents.acceptances import remember
from reslib.documents.innerplaces import lift, mark_stale, put_back, stored_path
from reslib.documents.places import File, Known, Place, Plan, Presence, decide, storable
from reslib.documents.walk import Pattern, Skipped
from reslib.errors import ExtractionError, printable
from reslib.extractors.registry import available_extractors
from reslib.formats.inner import is_inner, outermost
from reslib.formats.mediatypes import guess_from_name
from reslib.models import TEXT
from reslib.storage.filesystem import expanded
from reslib.storage.store import Parameters, Store, Transaction

__all__ = ["Intake", "absolute", "inspect", "readable", "record_skipped", "settle", "take_in"]

logger = logging.getLogger(__name__)

#: Larger files are told apart by size and time only: reading them at every look takes minutes.
_HASH_AT_MOST = 1 << 30
#: A file that gives less than all of its bytes in this time, in seconds, is told apart likewise.
_HASH_PATIENCE = 60.0
_CHUNK = 1 << 20
_NO_FILE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}
#: Rows of skipped files in one transaction: others write in between.
_BATCH = 2_000


@dataclass(slots=True)
class Intake:
    """What became of the files that were taken in."""

    #: The document of each file, in their order.
    ids: list[int] = field(default_factory=list)
    #: Documents that were found at another place.
    moved: list[int] = field(default_factory=list)
    #: Files that have the bytes of another one that is there.
    copies: list[str] = field(default_factory=list)


class _Reader(Protocol):
    def row(self, name: str, parameters: Parameters) -> Any: ...

    def rows(self, name: str, parameters: Parameters) -> list[Any]: ...


# --- looking at files -----------------------------------------------------------------------------


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return an absolute path, links in it kept.

    Raises
    ------
    ValueError
        It can be no path.
    """
    text = os.fspath(path)
    if "\0" in text:
        raise ValueError(f"a path has no NUL character in it: {printable(text[:200])}")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise ValueError(
            f"a path of characters that no file has: {printable(text[:200])}"
        ) from None
    return Path(os.path.abspath(expanded(text)))


def inspect(filename: str, path: Path, mime_type: str | None = None) -> File:
    """Look at a file without opening what could block, and without failing."""
    from reslib.formats.detect import detect  # here: a process that adds nothing needs none of it

    try:
        info = path.stat()
    except (OSError, ValueError):
        info = None
    regular = info is not None and stat.S_ISREG(info.st_mode)
    read_as = None
    try:
        read_as = detect(path, mime_type if isinstance(mime_type, str) else None)
    except (ExtractionError, OSError):  # its job says what is wrong with it
        mime_type = mime_type or guess_from_name(path.name) or guess_from_name(filename)
    return File(
        path=str(path),
        filename=storable(filename),
        mime_type=mime_type or read_as,
        read_as=read_as,
        file_size=info.st_size if info is not None and regular else None,
        file_mtime_ns=info.st_mtime_ns if info is not None and regular else None,
    )


def readable(*, pictures: bool = False) -> tuple[set[str], set[str]]:
    """Return the types and the suffixes of documents whose text some extractor reads; those of
    *pictures* that reslib itself reads only when they are asked for.
    """
    left = () if pictures else ("picture",)
    extractors = [
        e
        for e in available_extractors()
        if e.task == TEXT and not e.by_name_only and e.name not in left
    ]
    types = {mime_type for e in extractors for mime_type in e.mime_types}
    return types, {suffix for e in extractors for suffix in e.suffixes}


def _content_hash(path: str, size: int, *, every: bool = False) -> str | None:
    """Return ``sha256:`` and the hash of a file's bytes; None when it is not, or cannot be, read.

    Bounded, because a path may be anything: a file of 0 bytes is not opened (those of ``/proc``
    say so, and some of them wait for ever), and of others no more is read than was promised.
    """
    import hashlib  # here, because it loads OpenSSL, which only adding needs

    digest = hashlib.sha256()
    if size == 0:
        return f"sha256:{digest.hexdigest()}"
    if size > _HASH_AT_MOST and not every:
        return None
    deadline = time.monotonic() + max(_HASH_PATIENCE, size / _CHUNK)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                return None
            left = size
            while left:
                chunk = stream.read(min(left, _CHUNK))
                if not chunk or time.monotonic() > deadline:
                    return None
                digest.update(chunk)
                left -= len(chunk)
            after = os.fstat(descriptor)
    except OSError:
        return None
    if (after.st_size, after.st_mtime_ns) != (size, before.st_mtime_ns):
        return None  # somebody writes to it: it is read again at the next look
    return f"sha256:{digest.hexdigest()}"


def _presence(known: Known, size: int | None, place: Place) -> Presence:
    """Tell whether a document is still at a place."""
    try:
        info = Path(place.path).stat()
    except OSError as error:
        return Presence.GONE if error.errno in _NO_FILE else Presence.UNKNOWN
    if not stat.S_ISREG(info.st_mode) or info.st_size != size:
        return Presence.GONE
    if info.st_mtime_ns == place.file_mtime_ns:
        return Presence.THERE
    found = _content_hash(place.path, info.st_size)
    if found is None:
        return Presence.UNKNOWN
    return Presence.THERE if found == known.content_hash else Presence.GONE


# --- which document -------------------------------------------------------------------------------


def take_in(
    store: Store,
    files: Sequence[File],
    *,
    verify: bool = False,
    under: Path | None = None,
    apart: bool = False,
) -> Intake:
    """Store files as documents, in one transaction.

    Parameters
    ----------
    store
        The database.
    files
        What :func:`inspect` gave, each path once.
    verify
        Read also files whose size and time are the same as before.
    under
        A folder that was looked through: what is known to be in it besides *files* is looked for.
    apart
        Whether a copy of a document that is still there becomes a document of its own.

    Returns
    -------
    Intake
        What became of them.
    """
    hashes: dict[str, str | None] = {}
    for file in files:
        if file.file_size is None:
            continue
        row = store.row("attachment_by_path", {"path": stored_path(file.path)})
        if row is None or not _looks_unchanged(row, file):
            hashes[file.path] = _content_hash(file.path, file.file_size)
        elif verify and (found := _content_hash(file.path, file.file_size, every=True)):
            hashes[file.path] = found
    version = store.data_version()
    before = _Library(store, files, hashes, under)
    there = {file.path for file in files if file.file_size is not None}
    presence = {
        place.path: _presence(known, before.sizes[known.id], place)
        for known in before.documents.values()
        for place in known.places.values()
        if place.path not in there
    }
    with store.write() as transaction:
        library = before
        if store.data_version() != version:  # another process or thread has written meanwhile
            library = _Library(transaction, files, hashes, under)
        plan = decide(
            files, library.hashes, library.owners, library.documents, presence, apart=apart
        )
        result = _write(transaction, files, library, plan)
    left: set[Path] = set()
    for id in result.moved:
        old, new = library.documents[id].path, plan.places[id][0].path
        logger.info("attachment %s was moved from %s to %s", id, printable(old), printable(new))
        left.add(Path(old).parent)
    for folder in {_highest_missing(folder) for folder in left if not folder.exists()}:
        record_skipped(store, folder, Pattern("**/*"), [])
    return result


def _highest_missing(folder: Path) -> Path:
    """Return the folder that is gone, and with it all that was in it."""
    while not folder.parent.exists():
        folder = folder.parent
    return folder


def settle(store: Store, attachment_id: int) -> None:
    """Let a document whose file has gone lead to another of its places, when there is one."""
    places = store.rows("places", {"id": attachment_id})
    if len(places) > 1:
        take_in(store, [inspect(row["filename"], Path(os.fsdecode(row["path"]))) for row in places])


class _Library:
    """What the database knows of some files, and of the documents that they may be."""

    def __init__(
        self,
        reader: _Reader,
        files: Sequence[File],
        hashes: Mapping[str, str | None],
        under: Path | None,
    ) -> None:
        self.hashes = dict(hashes)
        self.owners: dict[str, int] = {}
        self.documents: dict[int, Known] = {}
        self.sizes: dict[int, int | None] = {}
        #: Documents whose hash was not known, and that look as they did.
        self.learned: dict[int, File] = {}
        concerned: dict[int, None] = {}
        unknown: set[str] = set()
        for file in files:
            row = reader.row("attachment_by_path", {"path": stored_path(file.path)})
            found = self.hashes.get(file.path)
            if row is not None:
                self.owners[file.path] = row["id"]
                looks_unchanged = _looks_unchanged(row, file)
                if file.path not in self.hashes and file.file_size is not None:
                    if not looks_unchanged:  # since a moment ago, by another process
                        self.hashes[file.path] = None
                elif found and looks_unchanged and row["content_hash"] is None:
                    self.learned[row["id"]] = file
                if file.path in self.hashes or file.file_size is None or not row["is_first"]:
                    concerned[row["id"]] = None
            if found and file.file_size and (row is None or found != row["content_hash"]):
                unknown.add(found)
        for found in sorted(unknown):
            for row in reader.rows("attachments_by_content", {"content_hash": found}):
                concerned[row["id"]] = None
        if under is not None:
            for bounds in _bounds(under):
                for row in reader.rows("attachments_with_places_under", bounds):
                    concerned[row["id"]] = None
        for id in concerned:
            self._load(reader, id)

    def _load(self, reader: _Reader, id: int) -> None:
        rows = reader.rows("places", {"id": id})
        if not rows:
            return
        places = [
            Place(os.fsdecode(row["path"]), row["filename"], row["file_mtime_ns"]) for row in rows
        ]
        first = rows[0]
        self.sizes[id] = first["file_size"]
        learned = self.learned.get(id)
        self.documents[id] = Known(
            id=id,
            mime_type=first["mime_type"],
            content_hash=self.hashes[learned.path] if learned else first["content_hash"],
            has_text=first["text_status"] not in (None, "stale"),
            places={place.path: place for place in places},
        )


def _write(
    transaction: Transaction, files: Sequence[File], library: _Library, plan: Plan
) -> Intake:
    """Carry out a plan."""
    now = utc_text()
    _write_places(transaction, library, plan.places, now)
    for id, file in plan.edited.items():
        transaction.run("touch_attachment", {"id": id, **_columns(file, library.hashes)})
        mark_stale(transaction, id)
    for id, file in plan.retyped.items():
        transaction.run("retype_attachment", {"id": id, "mime_type": file.mime_type})
        mark_stale(transaction, id)
    for id, file in library.learned.items():
        transaction.run("touch_attachment", {"id": id, **_columns(file, library.hashes)})
    document_of = dict(plan.document_of)
    copies = []
    looked_at: dict[int, File] = {}
    for file in files:
        number = document_of.get(file.path)
        if number is None or file.file_size is None:
            continue
        known = library.documents.get(number)
        first = file.path
        if known is not None:
            first = plan.places[known.id][0].path if known.id in plan.places else known.path
        if first == file.path:
            looked_at[number] = file
        else:
            copies.append(file.path)
    for original, *others in plan.new:
        values = {
            "filename": original.filename,
            "path": stored_path(original.path),
            "now": now,
            **_columns(original, library.hashes),
        }
        added = transaction.row("add_attachment", values)
        assert added is not None
        document_of[original.path] = added["id"]
        looked_at[added["id"]] = original
        for other in others:
            document_of[other.path] = added["id"]
            copies.append(other.path)
            place = Place(other.path, other.filename, other.file_mtime_ns)
            transaction.run("add_place", _place_columns(added["id"], place, now))
    remember(transaction, looked_at)
    for file in files:
        transaction.run("forget_skipped", {"path": storable(file.path)})
    return Intake([document_of[file.path] for file in files], sorted(plan.moved), copies)


def _write_places(
    transaction: Transaction, library: _Library, places: Mapping[int, list[Place]], now: str
) -> None:
    """Store where documents are now. A path is never that of two of them, not even in between."""
    before = {id: list(library.documents[id].places.values()) for id in places}
    for id, (_, *others) in before.items():
        staying = set(places[id][1:])
        for place in others:
            if place not in staying:
                transaction.run("delete_place", {"path": stored_path(place.path)})
    taken = {old[0].path for old in before.values()}
    parked = [id for id, new in places.items() if new[0].path != before[id][0].path]
    lifted = lift(transaction, {id: before[id][0].path for id in parked})
    if any(places[id][0].path in taken for id in parked):  # names that changed hands
        for id in parked:
            values = {"id": id, "path": b"\0%d" % id, "file_mtime_ns": None}
            transaction.run("move_attachment", values)
    for id, (first, *_) in places.items():
        if first != before[id][0]:
            values = {"path": stored_path(first.path), "file_mtime_ns": first.file_mtime_ns}
            transaction.run("move_attachment", {"id": id, **values})
        if first.filename != before[id][0].filename:
            name = {"id": id, "filename": first.filename}
            transaction.run("rename_attachment", name)
    put_back(transaction, lifted, {id: places[id][0].path for id in parked})
    for id, (_, *others) in places.items():
        known = set(before[id][1:])
        for place in others:
            if place not in known:
                transaction.run("add_place", _place_columns(id, place, now))


def _columns(file: File, hashes: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "mime_type": file.mime_type,
        "file_size": file.file_size,
        "file_mtime_ns": file.file_mtime_ns,
        "content_hash": hashes.get(file.path),
    }


def _place_columns(id: int, place: Place, now: str) -> dict[str, Any]:
    return {
        "id": id,
        "path": stored_path(place.path),
        "filename": place.filename,
        "file_mtime_ns": place.file_mtime_ns,
        "now": now,
    }


def _looks_unchanged(row: Any, file: File) -> bool:
    known: tuple[Any, Any] = (row["file_size"], row["file_mtime_ns"])
    return known == (file.file_size, file.file_mtime_ns)


# --- what was left out ----------------------------------------------------------------------------


def record_skipped(store: Store, root: Path, pattern: Pattern, skipped: Iterable[Skipped]) -> None:
    """Keep what a look at a folder left out, in place of what an earlier look did.

    Only what has changed is written, a few thousand rows at a time: a folder of a million pictures
    keeps nobody from writing, and looking at it again writes nothing.
    """
    now = {storable(str(item.path)): item for item in skipped}
    prefix = storable(_prefix(root))
    bounds = {"after": prefix, "last": prefix[:-1] + "0", "limit": _BATCH}
    own = storable(str(root))
    gone = [own] if own not in now else []
    while rows := store.rows("skipped_under", bounds):
        for row in rows:
            path = row["path"]
            if is_inner(path) and os.path.lexists(outermost(path)):
                continue  # it is noted when the file around it is read
            item = now.get(path)
            if item is not None:
                if (item.mime_type, item.reason) == (row["mime_type"], row["reason"]):
                    del now[path]
            elif pattern.matches(path.removeprefix(prefix)):
                gone.append(path)
        bounds["after"] = rows[-1]["path"]
    time_now = utc_text()
    for batch in _batches(gone):
        with store.write() as transaction:
            for path in batch:
                transaction.run("forget_skipped", {"path": path})
    for batch in _batches(now):
        with store.write() as transaction:
            for path in batch:
                item = now[path]
                values = {
                    "path": path,
                    "kind": storable(item.kind),
                    "mime_type": item.mime_type,
                    "reason": item.reason,
                    "now": time_now,
                }
                transaction.run("note_skipped", values)


def _batches(paths: Collection[str]) -> Iterable[list[str]]:
    rest = iter(paths)
    while batch := list(islice(rest, _BATCH)):
        yield batch


# --- paths as they are stored ---------------------------------------------------------------------


def _prefix(folder: Path) -> str:
    text = str(folder)
    return text if text.endswith("/") else f"{text}/"


def _bounds(folder: Path) -> list[dict[str, str | bytes]]:
    """Return what lies before and after every path in a folder, as text and as bytes."""
    prefix = _prefix(folder)
    as_bytes = os.fsencode(prefix)
    bounds: list[dict[str, str | bytes]] = [{"first": as_bytes, "last": as_bytes[:-1] + b"0"}]
    if isinstance(stored_path(prefix), str):
        bounds.append({"first": prefix, "last": prefix[:-1] + "0"})
    return bounds
