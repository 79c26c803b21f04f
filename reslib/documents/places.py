"""The places of documents: which file is which document, decided from what is known of both.

A document is its bytes, and has places. A file whose bytes are known is that document: it was moved
or renamed when the document is nowhere else any more, and is a copy (or a link) when it is. A file
whose bytes have changed is what it was, edited, as long as the document has no other place; else it
has become a document of its own. So nothing is read again because of its name, and renaming a whole
series by one (01 becomes 02, 02 becomes 03) changes no document.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath

__all__ = ["File", "Known", "Place", "Plan", "Presence", "decide", "storable"]


@dataclass(frozen=True, slots=True)
class File:
    """A file that was looked at."""

    path: str
    filename: str
    mime_type: str | None
    #: None when there is no such file, or it is no regular one.
    file_size: int | None
    file_mtime_ns: int | None
    #: What extractors are told it is, where its content decides otherwise than what people said.
    read_as: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a document: the file that it was when it was last looked at."""

    path: str
    filename: str
    file_mtime_ns: int | None


class Presence(Enum):
    """The presence of a document at a place that it had."""

    THERE = "there"
    #: There is no file, or another one.
    GONE = "gone"
    #: It cannot be told: the disk does not answer, the folder may not be entered.
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Known:
    """A document as the database has it; its first place is the one that people are sent to."""

    id: int
    mime_type: str | None
    content_hash: str | None
    has_text: bool
    places: dict[str, Place]

    @property
    def path(self) -> str:
        """Its first place."""
        return next(iter(self.places))


@dataclass(slots=True)
class Plan:
    """A plan of what is to be written about documents and their places."""

    #: Of each file the document that it is; those that are missing become new ones.
    document_of: dict[str, int] = field(default_factory=dict)
    #: Files that become new documents: the first of each group, with those that are its copies.
    new: list[list[File]] = field(default_factory=list)
    #: Documents whose places are others now: the first place, and the rest.
    places: dict[int, list[Place]] = field(default_factory=dict)
    #: Documents that are at none of their old places any more.
    moved: list[int] = field(default_factory=list)
    #: Documents whose file was edited in place, and the file.
    edited: dict[int, File] = field(default_factory=dict)
    #: Documents that were renamed so that they are read in another way, and the file.
    retyped: dict[int, File] = field(default_factory=dict)


def decide(
    files: Sequence[File],
    hashes: Mapping[str, str | None],
    owners: Mapping[str, int],
    documents: Mapping[int, Known],
    presence: Mapping[str, Presence],
    *,
    apart: bool = False,
) -> Plan:
    """Decide which file is which document.

    Parameters
    ----------
    files
        The files that were looked at, in their order, each path once.
    hashes
        Of each file that was read the hash of its bytes, None when it could not be read. One that
        is not in here is what its place is known for.
    owners
        Of each path that is known the id of its document.
    documents
        Every document that may be concerned, by its id. Of other ids in *owners* nothing changes.
    presence
        Of each place of them that is not among *files*, whether the document is still there.
    apart
        Whether a copy of a document that is still there becomes a document of its own.

    Returns
    -------
    Plan
        What is to be written.
    """
    return _Decision(files, hashes, owners, documents, presence, apart).plan()


class _Decision:
    def __init__(
        self,
        files: Sequence[File],
        hashes: Mapping[str, str | None],
        owners: Mapping[str, int],
        documents: Mapping[int, Known],
        presence: Mapping[str, Presence],
        apart: bool,
    ) -> None:
        self.apart = apart
        self.all, self.hashes, self.owners = files, hashes, owners
        self.documents, self.presence = documents, presence
        #: Those that are there.
        self.files = {file.path: file for file in files if file.file_size is not None}
        self.target: dict[str, int] = {}
        #: Files of a document, by its id, in their order.
        self.staying: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self.elsewhere = {id: self._is_elsewhere(known) for id, known in documents.items()}
        self.by_hash: defaultdict[str, list[Known]] = defaultdict(list)
        for known in documents.values():
            if known.content_hash is not None:
                self.by_hash[known.content_hash].append(known)

    def _is_elsewhere(self, known: Known) -> bool:
        """True when a document has a place that is not among the files."""
        return any(
            path not in self.files and self._presence(path) is not Presence.GONE
            for path in known.places
        )

    def _presence(self, path: str) -> Presence:
        return self.presence.get(path, Presence.UNKNOWN)

    def plan(self) -> Plan:
        plan = Plan()
        for file in self.files.values():
            self._choose(file)
        self._leave_no_document_without_a_place()
        new: dict[object, list[File]] = {}
        for file in self.all:
            id = self.target.get(file.path)
            if file.file_size is None:
                id = self.owners.get(file.path)  # one that is away keeps what is known of it
            if id is not None:
                plan.document_of[file.path] = id
                continue
            found = self.hashes.get(file.path) if file.file_size else None
            new.setdefault((found, file.mime_type) if found else file.path, []).append(file)
        plan.new = list(new.values())
        for known in self.documents.values():
            self._settle(known, plan)
        return plan

    # --- which document ---------------------------------------------------------------------------

    def _choose(self, file: File) -> None:
        owner = self.owners.get(file.path)
        found = self.hashes.get(file.path)
        if owner is not None and (file.path not in self.hashes or self._is_same(owner, found)):
            self._assign(file.path, owner)
        elif found is not None and file.file_size:  # empty files are all alike, and yet not copies
            match = self._match(file, found)
            if match is not None:
                self._assign(file.path, match.id)

    def _is_same(self, owner: int, found: str | None) -> bool:
        return found is not None and self.documents[owner].content_hash == found

    def _assign(self, path: str, id: int) -> None:
        self.target[path] = id
        self.staying[id][path] = None

    def _match(self, file: File, found: str) -> Known | None:
        """Return the document that has these bytes: first one that has lost its place."""
        alike = self.by_hash[found]
        if self.apart:
            alike = [known for known in alike if not self._is_held(known)]
        candidates = [known for known in alike if _is_read_alike(known, file)]
        candidates = candidates or [known for known in alike if not self._is_held(known)]
        return min(
            candidates,
            key=lambda known: (
                not known.has_text,
                self._is_held(known),
                known.places[known.path].filename != file.filename,
                known.id,
            ),
            default=None,
        )

    def _is_held(self, known: Known) -> bool:
        """True when a document has a place."""
        return bool(
            self.elsewhere[known.id]
            or self.staying[known.id]
            or any(self._still_has(known, path) for path in known.places)
        )

    def _still_has(self, known: Known, path: str) -> bool:
        """True when one of the files, at a place of the document, has its bytes."""
        return path in self.files and (
            path not in self.hashes or self._is_same(known.id, self.hashes[path])
        )

    def _leave_no_document_without_a_place(self) -> None:
        """Let a document that would be nowhere be the edited file at a place that it had."""
        leaving: defaultdict[int, deque[str]] = defaultdict(deque)
        for path in self.files:
            owner = self.owners.get(path)
            if owner is not None and self.target.get(path) != owner:
                if path == self.documents[owner].path:
                    leaving[owner].appendleft(path)
                else:
                    leaving[owner].append(path)
        waiting = deque(leaving)
        while waiting:
            owner = waiting.popleft()
            if self.elsewhere[owner] or self.staying[owner] or not leaving[owner]:
                continue
            path = leaving[owner].popleft()
            other = self.target.get(path)
            self._assign(path, owner)
            if other is not None:
                del self.staying[other][path]
                waiting.append(other)

    # --- which places -----------------------------------------------------------------------------

    def _settle(self, known: Known, plan: Plan) -> None:
        """Decide where a document is, from its old places and from the files that are it."""
        mine = self.staying[known.id]
        files = {path: self.files[path] for path in mine}
        kept = {
            path: place
            for path, place in known.places.items()
            if path in mine
            or (path not in self.files and self._presence(path) is not Presence.GONE)
        }
        now = kept | {path: _place_of(file, known) for path, file in files.items()}
        if not now:
            return  # nobody knows where it is
        sure = [path for path in now if path in mine or self._presence(path) is Presence.THERE]
        first = _first(known, sure or list(now), now)
        order = [first, *(path for path in now if path != first)]
        if [now[path] for path in order] != list(known.places.values()):
            plan.places[known.id] = [now[path] for path in order]
        if first != known.path and not kept:
            plan.moved.append(known.id)
        if first not in files:
            return
        if first in self.hashes and not self._is_same(known.id, self.hashes[first]):
            plan.edited[known.id] = files[first]
        elif first != known.path and not _is_read_alike(known, files[first]):
            plan.retyped[known.id] = files[first]


def _place_of(file: File, known: Known) -> Place:
    old, name = known.places.get(file.path), file.filename
    if old is not None:
        name = old.filename
    elif name == _name(file.path) and known.places[known.path].filename != _name(known.path):
        name = known.places[known.path].filename  # the one that people gave it
    return Place(file.path, name, file.file_mtime_ns)


def _first(known: Known, candidates: Iterable[str], places: Mapping[str, Place]) -> str:
    """Return the place to send people to: the old one, else one with the same name."""
    name = known.places[known.path].filename
    return min(candidates, key=lambda path: (path != known.path, places[path].filename != name))


def _is_read_alike(known: Known, file: File) -> bool:
    """True when a file gives the same text: what is text in a .txt may be markup in a .html."""
    return known.mime_type == file.mime_type or _suffix(known.path) == _suffix(file.path)


def storable(name: str) -> str:
    """Return a name as UTF-8 text: bytes that are not are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _name(path: str) -> str:
    return storable(PurePosixPath(path).name)


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
