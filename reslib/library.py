"""The state of each document: the view that the command line, export and reports share."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reslib.database import ResearchDatabase
from reslib.errors import ErrorCode, ErrorType
from reslib.models import TEXT, JobStatus, TextStatus

__all__ = [
    "DocumentState",
    "documents",
    "failures_of_other_tasks",
]


#: The columns that are enumerations.
_ENUMS = {
    "text_status": TextStatus,
    "job_status": JobStatus,
    "error_type": ErrorType,
    "error_code": ErrorCode,
}


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document, how its text is, and the latest job for that text: an open one, else the one that
    ended last. Holds no text.
    """

    attachment_id: int
    filename: str
    path: str
    mime_type: str | None
    #: In bytes.
    file_size: int | None
    title: str | None
    text_status: TextStatus | None
    page_count: int | None
    confidence: float | None
    confidence_reason: str | None
    extractor: str | None
    extracted_at: str | None
    job_id: int | None
    job_status: JobStatus | None
    attempts: int | None
    completed_at: str | None
    error_type: ErrorType | None
    error_code: ErrorCode | None
    error_message: str | None
    #: That of the job.
    task: str = TEXT

    @classmethod
    def from_row(cls, row: Any) -> DocumentState:
        """Return a row of the statement ``documents``."""
        values = dict(row)
        values["path"] = os.fsdecode(values["path"])
        for name, kind in _ENUMS.items():
            if values[name] is not None:
                values[name] = kind(values[name])
        return cls(**values)

    @property
    def has_failed(self) -> bool:
        """True when its latest job failed."""
        return self.job_status is JobStatus.FAILED

    @property
    def is_open(self) -> bool:
        """True when a job of it waits or runs."""
        return self.job_status is not None and not self.job_status.is_final

    @property
    def has_current_text(self) -> bool:
        """True when its text, be it empty, is that of the file as it is now."""
        return self.text_status not in (None, TextStatus.STALE)


def documents(
    db: ResearchDatabase, attachment_ids: Iterable[int] | None = None
) -> list[DocumentState]:
    """Return what became of each document.

    Parameters
    ----------
    db
        The database.
    attachment_ids
        Which documents; all when None.

    Returns
    -------
    list of DocumentState
        In the order of their ids.
    """
    ids = None if attachment_ids is None else json.dumps(list(attachment_ids))
    return [DocumentState.from_row(row) for row in db.store.rows("documents", {"ids": ids})]


def failures_of_other_tasks(db: ResearchDatabase) -> list[DocumentState]:
    """Return the documents with a failed job that was not for their text, the latest first.

    Parameters
    ----------
    db
        The database.

    Returns
    -------
    list of DocumentState
        One for each document and task.
    """
    return [DocumentState.from_row(row) for row in db.store.rows("failures_of_other_tasks")]
