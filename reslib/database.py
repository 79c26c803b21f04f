"""ResearchDatabase: documents, their text, and search over it."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from reslib.backup import back_up
from reslib.clock import utc_text
from reslib.detect import detect, guess_from_name
from reslib.display import html_table
from reslib.errors import (
    AttachmentNotFound,
    DatabaseError,
    ErrorCode,
    ExtractionError,
    printable,
)
from reslib.extractors.base import available_extractors
from reslib.models import Attachment, JobStatus, SearchHits, TextStatus
from reslib.store import Store

__all__ = ["AddedFolder", "ResearchDatabase", "Skipped"]

logger = logging.getLogger(__name__)

#: Larger files are told apart by size and time only: reading them at every look takes minutes.
_HASH_AT_MOST = 1 << 30
#: Failures that are not the document's: whoever asks again has probably mended the cause.
_OUTSIDE = (ErrorCode.FILE_NOT_FOUND, ErrorCode.PERMISSION_DENIED, ErrorCode.MISSING_DEPENDENCY)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that :meth:`ResearchDatabase.add_folder` left out, and why."""

    path: Path
    reason: str


class AddedFolder(list[int]):
    """Ids of the attachments that a folder gave, and what was left out.

    Attributes
    ----------
    skipped
        One :class:`Skipped` for each file that nothing here can read.
    """

    def __init__(self, ids: Iterable[int], skipped: Iterable[Skipped]) -> None:
        super().__init__(ids)
        self.skipped: tuple[Skipped, ...] = tuple(skipped)

    def __repr__(self) -> str:
        return f"<{len(self)} attachments added, {len(self.skipped)} files skipped>"


@dataclass(frozen=True, slots=True)
class _File:
    """What is known of a file before anybody reads its text."""

    filename: str
    path: str
    mime_type: str | None
    file_size: int | None
    file_mtime_ns: int | None


class ResearchDatabase:
    """One SQLite file with documents, their text, the queue and its history.

    Usable from any thread, and by any number of processes on one machine. The file needs a
    local disk. A context manager; :meth:`close` is called at its end.

    Parameters
    ----------
    path
        The file; made when it is missing. Its folder must exist.
    timeout
        Seconds that a write waits while other processes write.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    NotADatabase
        The file is no SQLite database, or another program's.
    SchemaTooNew
        The file was written by a newer reslib.
    UnsafeFilesystem
        It would be on a network file system.
    DatabaseError
        It cannot be opened for writing.
    ValueError
        *timeout* is not positive, or *path* is not a file name.

    Examples
    --------
    >>> db = ResearchDatabase("research.db")
    >>> ids = db.add_folder("papers")
    >>> hits = db.search("tidal range")
    """

    def __init__(self, path: str | os.PathLike[str], timeout: float = 30.0) -> None:
        self.store = Store(path, timeout)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.store.path

    def __enter__(self) -> ResearchDatabase:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ResearchDatabase({printable(str(self.path))!r})"

    def _repr_html_(self) -> str:
        try:
            documents = self.store.value("count_attachments")
            jobs = [(row["status"], row["jobs"]) for row in self.store.rows("counts")]
        except DatabaseError as error:
            return html_table([("problem", error)], caption=repr(self))
        order = [status.value for status in JobStatus]
        jobs.sort(key=lambda job: order.index(job[0]))
        return html_table(
            [(documents, *(count for _, count in jobs))],
            ("documents", *(f"jobs {status}" for status, _ in jobs)),
            repr(self),
        )

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copy the database to *path*, while others read it and work on it.

        The copy is a database of its own, in one file: open it with ``ResearchDatabase(path)``.
        It holds what was stored when the call began. Jobs that ran at that moment are tried
        again by whoever works on the copy.

        Parameters
        ----------
        path
            Where to. An older backup there is replaced, when the new one is whole.

        Returns
        -------
        pathlib.Path
            The copy.

        Raises
        ------
        FileNotFoundError
            The folder does not exist.
        NotADatabase
            There is another file of that name, which is no database of reslib, or a folder.
        ValueError
            It is the database itself.
        DatabaseError
            The disk is full, or the database is damaged.
        """
        return back_up(self.store, path)

    def close(self) -> None:
        """Close the file in every thread. Calling it again does nothing."""
        self.store.close()

    # --- attachments --------------------------------------------------------------------------

    def add_attachment(
        self,
        filename: str,
        path: str | os.PathLike[str],
        mime_type: str | None = None,
    ) -> int:
        """Add a document, or find it when its path is known already.

        The file itself is read when a job extracts it; one that is missing, damaged or not a
        file at all can be added, and its job says what is wrong.

        Parameters
        ----------
        filename
            What people know it by; found by :meth:`search`.
        path
            Where it is. A relative path is taken from the current folder.
        mime_type
            What it is; guessed from content and name when None. At extraction the content
            decides.

        Returns
        -------
        int
            Its id; the same for the same path. When the file behind a known path has changed,
            its text is marked ``stale`` until it is extracted again.
        """
        if not filename:
            raise ValueError("an attachment needs a filename")
        file = _inspect(filename, Path(os.path.abspath(Path(path).expanduser())), mime_type)
        return self._add([file])[0]

    def add_folder(
        self,
        folder: str | os.PathLike[str],
        pattern: str = "**/*",
        *,
        recursive: bool = True,
    ) -> AddedFolder:
        """Add every document of a folder that some extractor reads.

        Hidden files and folders are passed over. Damaged and encrypted documents are added,
        so that their jobs can say what is wrong with them.

        Parameters
        ----------
        folder
            Where to look.
        pattern
            Which files, as :meth:`pathlib.Path.glob` takes it.
        recursive
            False leaves out what is in folders of the folder.

        Returns
        -------
        AddedFolder
            A list of ids, in the order of the paths; its ``skipped`` names each file that was
            left out and why. The same is logged.

        Raises
        ------
        FileNotFoundError
            The folder does not exist.
        NotADirectoryError
            It is a file.
        """
        root = Path(os.path.abspath(Path(folder).expanduser()))
        if not root.exists():
            raise FileNotFoundError(f"the folder {printable(str(root))} does not exist")
        if not root.is_dir():
            raise NotADirectoryError(
                f"{printable(str(root))} is not a folder; add one file with add_attachment()"
            )
        types, suffixes = _readable()
        files, skipped = [], []
        for path in sorted(root.glob(pattern)):
            relative = path.relative_to(root)
            if any(part.startswith(".") for part in relative.parts) or path.is_dir():
                continue
            if not recursive and len(relative.parts) > 1:
                continue
            if not path.is_file():
                skipped.append(Skipped(path, "not a regular file, or a broken link"))
                continue
            file = _inspect(path.name, path, None)
            if file.mime_type in types or path.suffix.lower() in suffixes:
                files.append(file)
            else:
                kind = file.mime_type or "unknown type"
                skipped.append(Skipped(path, f"no extractor reads {kind}"))
        for item in skipped:
            logger.info("skipped %s: %s", printable(str(item.path)), item.reason)
        return AddedFolder(self._add(files), skipped)

    def get_attachment(self, attachment_id: int) -> Attachment:
        """Return a document with its text.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        """
        row = self.store.row("attachment", {"id": attachment_id})
        if row is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        values = dict(row)
        values["path"] = _path_from_column(values["path"])
        status = values["text_status"]
        values["text_status"] = TextStatus(status) if status else None
        values["page_offsets"] = tuple(json.loads(values["page_offsets"] or "[]"))
        values["metadata"] = json.loads(values["metadata"] or "{}")
        return Attachment(**values)

    def delete_attachment(self, attachment_id: int) -> None:
        """Delete a document with its jobs and its text. The metrics of its attempts stay.

        A job of it that is running is not stored any more.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        """
        with self.store.write() as transaction:
            if not transaction.run("delete_attachment", {"id": attachment_id}):
                raise AttachmentNotFound(f"there is no attachment {attachment_id}")

    def _add(self, files: list[_File]) -> list[int]:
        """Store *files* in one transaction. Hashes are taken before it: no file I/O inside."""
        known = [self.store.row("attachment_by_path", _key(file)) for file in files]
        hashes = [
            row["content_hash"]
            if row is not None and _looks_unchanged(row, file)
            else _content_hash(file)
            for row, file in zip(known, files, strict=True)
        ]
        ids = []
        with self.store.write() as transaction:
            for file, content_hash in zip(files, hashes, strict=True):
                row = transaction.row("attachment_by_path", _key(file))
                values = {
                    "filename": _storable(file.filename),
                    "mime_type": file.mime_type,
                    "file_size": file.file_size,
                    "file_mtime_ns": file.file_mtime_ns,
                    "content_hash": content_hash,
                }
                if row is None:
                    values |= {**_key(file), "now": utc_text()}
                    added = transaction.row("add_attachment", values)
                    assert added is not None
                    ids.append(added["id"])
                    continue
                ids.append(row["id"])
                if file.file_size is None or _looks_unchanged(row, file):
                    continue  # a file that is away keeps what is known of it
                transaction.run("touch_attachment", {**values, "id": row["id"]})
                if content_hash is None or content_hash != row["content_hash"]:
                    transaction.run("mark_stale", {"id": row["id"]})
        return ids

    # --- search -------------------------------------------------------------------------------

    def needs_extraction(self, attachment_ids: Iterable[int] | None = None) -> list[int]:
        """Return the documents that extracting now makes sense for.

        Those without a text of the file as it is now, unless a job is open already, or the last
        one failed over the document itself and the file is still the same. A failure that lies
        outside the document (it was away, a package was missing) is worth another try. So a cell
        that enqueues these can be run again after whatever happened, and nothing is done twice.

        Parameters
        ----------
        attachment_ids
            Which documents to look at; all when None.

        Returns
        -------
        list of int
            Their ids, ascending.
        """
        ids = None if attachment_ids is None else json.dumps(list(attachment_ids))
        outside = json.dumps([code.value for code in _OUTSIDE])
        rows = self.store.rows("needs_extraction", {"ids": ids, "outside": outside})
        return [row["id"] for row in rows]

    def search(
        self,
        query: str,
        limit: int = 20,
        *,
        all_pages: bool = False,
        folder: str | os.PathLike[str] | None = None,
        file_type: str | None = None,
    ) -> SearchHits:
        """Find documents by their words, best first.

        Every word must occur, in whatever form it is written: case, accents, strokes, ligatures
        and letters of formulas make no difference, and any word inside a run of Chinese, Japanese,
        Korean or Thai is found. ``"words in quotes"`` must follow each other, ``photo*`` finds
        every word that starts so. Between words, in capitals: ``OR``; ``NOT``, which leaves out
        the one word or phrase behind it; ``NEAR`` (at most 10 words between its neighbours) and
        ``NEAR/5``. ``a b OR c NOT d`` finds what has a and b, or c without d. Everything else is
        taken as it is typed.

        Parameters
        ----------
        query
            Anything a person types.
        limit
            How many documents at most. One that lies in several places counts once.
        all_pages
            Give a hit for each page on which as many of the words stand as on the best one, in the
            order of the pages, instead of one hit a document.
        folder
            Only documents in this folder, or in one inside it.
        file_type
            Only documents of this type: the end of a name (``"pdf"``) or a media type.

        Returns
        -------
        list of SearchHit
            Empty when nothing matches, also when the query has no letter or digit.

        Raises
        ------
        ValueError
            *limit* is not positive, or an argument is of another type.
        """
        # Here, because most programs that open a library do not search it.
        from reslib.search import search

        return search(
            self.store, query, limit, all_pages=all_pages, folder=folder, file_type=file_type
        )


def _inspect(filename: str, path: Path, mime_type: str | None) -> _File:
    """Look at a file without opening what could block, and without failing."""
    try:
        info = path.stat()
    except (OSError, ValueError):
        info = None
    regular = info is not None and stat.S_ISREG(info.st_mode)
    if mime_type is None:
        try:
            mime_type = detect(path)
        except ExtractionError:
            mime_type = guess_from_name(path.name) or guess_from_name(filename)
    return _File(
        filename=filename,
        path=str(path),
        mime_type=mime_type,
        file_size=info.st_size if info is not None and regular else None,
        file_mtime_ns=info.st_mtime_ns if info is not None and regular else None,
    )


def _content_hash(file: _File) -> str | None:
    """Return ``sha256:`` and the hash of a file's bytes; None when it is not read."""
    import hashlib  # here, because it loads OpenSSL, which only adding needs

    if file.file_size is None or file.file_size > _HASH_AT_MOST:
        return None
    try:
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    except OSError:
        return None
    return f"sha256:{digest.hexdigest()}"


def _looks_unchanged(row: Any, file: _File) -> bool:
    return (row["file_size"], row["file_mtime_ns"]) == (file.file_size, file.file_mtime_ns)


def _readable() -> tuple[set[str], set[str]]:
    """Return the types and the suffixes that some extractor reads."""
    extractors = [e for e in available_extractors() if not e.by_name_only]
    types = {mime_type for e in extractors for mime_type in e.mime_types}
    return types, {suffix for e in extractors for suffix in e.suffixes}


def _key(file: _File) -> dict[str, str | bytes]:
    """Return the path as it is stored: text, or bytes when it is not UTF-8."""
    try:
        file.path.encode()
        return {"path": file.path}
    except UnicodeEncodeError:
        return {"path": os.fsencode(file.path)}


def _path_from_column(value: str | bytes) -> str:
    return os.fsdecode(value)


def _storable(name: str) -> str:
    """Return a name as UTF-8 text: bytes that are not are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()
