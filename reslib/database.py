"""ResearchDatabase: documents, their text, and search over it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from reslib.display import html_table
from reslib.documents.earlier import EarlierText
from reslib.documents.findings import Findings
from reslib.documents.folder import AddedFolder, take_in_folder
from reslib.documents.founditems import found_items
from reslib.documents.freshness import needing_extraction, stale_documents
from reslib.documents.intake import absolute, inspect, take_in
from reslib.documents.staleframe import DataFrame, stale_frame
from reslib.documents.walk import Pattern, Skipped
from reslib.errors import AttachmentNotFound, DatabaseError, printable
from reslib.given import shown
from reslib.models import Attachment, JobStatus
from reslib.storage.backup import back_up
from reslib.storage.store import Store

__all__ = ["AddedFolder", "ResearchDatabase", "Skipped", "as_database"]

T = TypeVar("T")


class ResearchDatabase(Findings):
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
        """The path of the file."""
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

    def __dir__(self) -> Iterable[str]:
        # Completes to what people call; the store is for the other parts of reslib.
        return {*super().__dir__()} - {"store"}

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
        *,
        verify: bool = False,
    ) -> int:
        """Add a document, or find it when its path or its bytes are known already.

        The file itself is read when a job extracts it; one that is missing, damaged or not a
        file at all can be added, and its job says what is wrong.

        A document is its bytes. A file with the bytes of one that is nowhere any more is that one,
        moved or renamed: it keeps its id, its text and its history. A copy of one that is still
        there is asked for by name here, and becomes a document of its own; :meth:`add_folder`
        counts it as one more of the places of the first. A search shows either as one hit.

        Parameters
        ----------
        filename
            What people know it by; found by :meth:`search`.
        path
            Where it is. A relative path is taken from the current folder.
        mime_type
            What it is; guessed from content and name when None. At extraction the content
            decides.
        verify
            Read the file also when its size and time are those of before.

        Returns
        -------
        int
            Its id; the same for the same path. When the file behind a known path has changed, its
            text is marked ``stale`` until it is extracted again.

        Raises
        ------
        ValueError
            *filename* is empty, or *path* can be no path.
        """
        if not filename:
            raise ValueError("an attachment needs a filename")
        if not isinstance(filename, str):
            raise TypeError(f"a filename is text, not {shown(filename)}")
        if not isinstance(mime_type, str | None):
            raise TypeError(f"mime_type is text such as 'text/plain', not {shown(mime_type)}")
        file = inspect(filename, absolute(path), mime_type)
        return take_in(self.store, [file], verify=verify, apart=True).ids[0]

    def add_folder(
        self,
        folder: str | os.PathLike[str],
        pattern: str = "**/*",
        *,
        recursive: bool = True,
        verify: bool = False,
        images: bool = False,
    ) -> AddedFolder:
        """Add every document of a folder that some extractor reads.

        Hidden files and folders are passed over. Damaged and encrypted documents are added,
        so that their jobs can say what is wrong with them. Links are followed, to each folder
        once. Which file is which document is told by its bytes, see :meth:`add_attachment`.

        Parameters
        ----------
        folder
            Where to look.
        pattern
            Which files, as :meth:`pathlib.Path.glob` takes it.
        recursive
            False leaves out what is in folders of the folder.
        verify
            Read every file, also when its size and time are those of before.
        images
            Take pictures in (PNG, JPEG, TIFF, WebP, GIF), whose words OCR reads. A folder of papers
            has many that are no documents.

        Returns
        -------
        AddedFolder
            A list of ids, in the order of the paths; its ``skipped`` names each file that was
            left out and why. The same is logged, and kept for :func:`reslib.frames.skipped`.

        Raises
        ------
        FileNotFoundError
            The folder does not exist.
        NotADirectoryError
            It is a file.
        ValueError
            *folder* can be no path, or *pattern* no pattern.
        """
        return take_in_folder(self.store, folder, Pattern(pattern, recursive), verify, images)

    def skipped_counts(self) -> dict[str, int]:
        """Return how many files the latest looks at folders left out, by suffix or type.

        Returns
        -------
        dict
            For instance ``{".zip": 7, ".png": 5, "folder": 1}``, the most first.
        """
        return {row["kind"]: row["files"] for row in self.store.rows("skipped_counts")}

    def latest_doubts(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return documents that were extracted lately and of which text is missing.

        Parameters
        ----------
        limit
            How many, at most.

        Returns
        -------
        list of dict
            With ``filename, text_status, confidence_reason``, the latest first.
        """
        return [dict(row) for row in self.store.rows("latest_doubts", {"limit": limit})]

    def places(self, attachment_id: int) -> list[str]:
        """Return every path at which a document was when it was last looked at.

        Parameters
        ----------
        attachment_id
            Which document.

        Returns
        -------
        list of str
            First that of :meth:`get_attachment`, then those of its copies and links.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        """
        rows = self.store.rows("places", {"id": attachment_id})
        if not rows:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        return [os.fsdecode(row["path"]) for row in rows]

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
        return Attachment.from_row(row)

    def get_items(self, attachment_id: int, kind: type[T], *, task: str | None = None) -> list[T]:
        """Return what was found in a document, of one kind.

        Parameters
        ----------
        attachment_id
            Which document.
        kind
            One of the classes of :mod:`reslib.items`: ``Page``, ``Table``, ``Figure``,
            ``Metadata``, ``Reference``, ``Section``, ``Child``, ``Warning``.
        task
            Only what was found with the text (``"text"``), or by this other task; all when None.

        Returns
        -------
        list
            Objects of that class, in the order in which its extractor gave them, one task after the
            other; pages by number.
            Empty when nothing of the kind was found, or nothing has been read yet.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        TypeError
            *kind* is no such class.
        """
        return found_items(self.store, attachment_id, kind, task)

    def earlier_texts(self, attachment_id: int) -> list[EarlierText]:
        """Return the texts that a document had before it was read again.

        Of each extractor the latest, of the same content as the text of :meth:`get_attachment`.
        They are not searched.

        Parameters
        ----------
        attachment_id
            Which document.

        Returns
        -------
        list of EarlierText
            The latest first; empty when it was read once.

        Raises
        ------
        AttachmentNotFound
            There is none with that id.
        """
        if self.store.row("document", {"id": attachment_id}) is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        rows = self.store.rows("earlier_texts", {"id": attachment_id})
        return [EarlierText.from_row(row) for row in rows]

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

    # --- what is to be read -------------------------------------------------------------------

    def needs_extraction(
        self, attachment_ids: Iterable[int] | None = None, *, stale: bool = False
    ) -> list[int]:
        """Return the documents that extracting now makes sense for.

        Those without a text of the whole file as it is now, unless a job is open already, or the
        last one failed over the document itself and the file is still the same. A failure that lies
        outside the document (it was away, a package was missing) is worth another try, and one for
        want of an extractor once this process has one for it. So a cell that enqueues these can
        be run again after whatever happened, and nothing is done twice.

        Parameters
        ----------
        attachment_ids
            Which documents to look at; all when None.
        stale
            Also those whose extractor has a newer recipe in this process than their text was made
            with, and those that could be read better or more fully now, see :meth:`stale`. When
            they are enqueued, the usual extractor of each reads them: of texts by one that is used
            only by name, ``worker.extract_again(ids, extractor=...)`` keeps to it.

        Returns
        -------
        list of int
            Their ids, ascending.
        """
        return needing_extraction(self.store, attachment_ids, stale)

    def stale(self) -> DataFrame:
        """Return the documents that are worth reading again, and why.

        A row for each text, and for what each other task found. Those whose file has changed, whose
        extractor has a newer recipe in this process (its output has changed since their text was
        made, or since it failed over them), and those that failed for want of a package or an
        extractor that is here now. Likewise those that an extractor read in place of one that goes
        before it and lacked something (the warning ``stand_in`` says so), and those in which a
        document lies that nothing read then. Not those with an open job, nor others whose last job
        failed, also where it left a part of the text. Nothing is read again unless somebody asks:
        ``worker.enqueue_batch(db.needs_extraction(stale=True))``, or ``reslib extract --stale``. A
        text stays until the new one is there, and afterwards as one of :meth:`earlier_texts`.

        Returns
        -------
        DataFrame
            See :func:`reslib.frames.stale`, which is the same.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        return stale_frame(stale_documents(self.store))


def as_database(db: object) -> ResearchDatabase:
    """Return *db*, which has to be a database.

    Raises
    ------
    TypeError
        It is something else, such as the name of its file.
    """
    if isinstance(db, ResearchDatabase):
        return db
    remedy = "; open a file with ResearchDatabase(path)" if isinstance(db, str | Path) else ""
    raise TypeError(f"db is a ResearchDatabase, not {shown(db)}{remedy}")
