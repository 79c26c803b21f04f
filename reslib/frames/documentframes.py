"""The documents of the library as pandas DataFrames; people call them from :mod:`reslib.frames`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reslib.database import as_database
from reslib.errors import printable
from reslib.frames.dataframe import (
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    Since,
    frame,
    path_text,
    rows_of,
    window,
)
from reslib.frames.reasonframe import ReasonFrame
from reslib.models import JobStatus, TextStatus

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["attachments", "search", "skipped", "stale"]


def attachments(
    db: ResearchDatabase, since: Since = None, limit: int | None = None
) -> pd.DataFrame:
    """Return the documents of the library, without their text.

    Parameters
    ----------
    db
        The database.
    since
        Only documents that were added at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row a document, the oldest first. Index ``attachment_id``. ``filename``,
        ``mime_type`` (string), ``file_size`` in bytes (Int64), ``title`` (string),
        ``text_status`` (category, ``<NA>`` before the first extraction), ``page_count``
        (Int64), ``confidence`` (Float64, 0 to 1), ``confidence_reason``, ``extractor``
        (string), ``created_at``, ``extracted_at`` (UTC), ``job_status`` of its latest job
        (category), ``path`` (string; bytes that are not UTF-8 are written as escapes),
        ``places`` at which it is, copies and links included (Int64; ``db.places(id)`` lists
        them), ``ocr_pages`` of which OCR read the text (Int64; :func:`pages` has each).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    found = rows_of(db, "frame_attachments", window(since, limit))
    table = [{**dict(row), "path": path_text(row["path"])} for row in reversed(found)]
    schema: Schema = {
        "attachment_id": WHOLE,
        "filename": TEXT,
        "mime_type": TEXT,
        "file_size": WHOLE,
        "title": TEXT,
        "text_status": TextStatus,
        "page_count": WHOLE,
        "confidence": NUMBER,
        "confidence_reason": TEXT,
        "extractor": TEXT,
        "created_at": TIME,
        "extracted_at": TIME,
        "job_status": JobStatus,
        "path": TEXT,
        "places": WHOLE,
        "ocr_pages": WHOLE,
    }
    return frame(table, schema, "attachment_id")


def skipped(db: ResearchDatabase, since: Since = None, limit: int | None = None) -> pd.DataFrame:
    """Return what ``add_folder`` left out, and why: what the latest look at each folder found.

    A file that was added or has gone since is not there any more once its folder, or the file
    itself, has been looked at again.

    Parameters
    ----------
    db
        The database.
    since
        Only what was first left out for this reason at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row a file or folder, the oldest first. Index ``path`` (string; bytes that are not
        UTF-8 are written as escapes). ``kind``: its suffix or type (string), ``mime_type``
        (string, ``<NA>`` for what could not be looked at), ``reason`` for people (string),
        ``seen_at``: when it was first left out for this reason (UTC).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    found = rows_of(db, "frame_skipped", window(since, limit))
    schema: Schema = {
        "path": TEXT,
        "kind": TEXT,
        "mime_type": TEXT,
        "reason": TEXT,
        "seen_at": TIME,
    }
    return ReasonFrame(frame(found[::-1], schema, "path"))


def search(
    db: ResearchDatabase,
    query: str,
    limit: int = 20,
    *,
    all_pages: bool = False,
    folder: str | os.PathLike[str] | None = None,
    file_type: str | None = None,
) -> pd.DataFrame:
    """Return the documents that have the words of *query*; see ``ResearchDatabase.search``.

    Returns
    -------
    DataFrame
        One row a hit, the best first: a document, or with *all_pages* a page of one. Index
        ``hit``, from 1. ``attachment_id`` (Int64), ``filename`` (string), ``page`` of the snippet
        (Int64, 1 in a document without pages, ``<NA>`` when only the name matched), ``snippet``
        with the words between ``**`` (string), ``part``: what people call that page, such as
        ``slide 7`` (string), ``rank`` (Float64, the lower the better), ``path``
        of the document (string), ``places`` at which it is (Int64).
    """
    hits = as_database(db).search(
        query, limit, all_pages=all_pages, folder=folder, file_type=file_type
    )
    table = [
        {
            "hit": number,
            "attachment_id": hit.attachment_id,
            "filename": hit.filename,
            "page": hit.page,
            "snippet": hit.snippet,
            "part": hit.part,
            "rank": hit.rank,
            "path": printable(hit.path),
            "places": len(hit.places),
        }
        for number, hit in enumerate(hits, 1)
    ]
    schema: Schema = {
        "hit": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "page": WHOLE,
        "snippet": TEXT,
        "part": TEXT,
        "rank": NUMBER,
        "path": TEXT,
        "places": WHOLE,
    }
    return frame(table, schema, "hit")


def stale(db: ResearchDatabase) -> pd.DataFrame:
    """Return the documents that are worth reading again, and why; the same as ``db.stale()``.

    Parameters
    ----------
    db
        The database.

    Returns
    -------
    DataFrame
        One row a document and task, in the order in which they were added. Index ``attachment_id``.
        ``filename``, ``path`` (string; bytes that are not UTF-8 are written as escapes), ``reason``
        for people (string): the file has changed, its extractor has a newer recipe (and whether its
        extraction was cut off before), or what it failed for want of, or was read less well or less
        completely for, is here now. ``extractor`` that made its text, or that can read it now when
        it has none (string), ``recipe`` that its text was made with, ``new_recipe`` of that
        extractor in this process (Int64), ``text_status``: how much of the document its text covers
        (category: full, partial, empty), ``extracted_at`` (UTC; of other tasks than the text
        ``NaT``), ``task``: ``text``, or the other task whose result it is about
        (string): ``worker.enqueue_batch(ids, task=...)`` does that again.
    """
    return as_database(db).stale()
