"""The rows of the database as objects: documents and jobs, and the states that they are in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reslib.display import from_here, html_table
from reslib.errors import ErrorCode, ErrorType, printable
from reslib.extraction import (
    OCR,
    PAGE_BREAK,
    TEXT,
    Acceptance,
    ExtractionRequest,
    ExtractionResult,
    Failure,
    Outcome,
    TextStatus,
)
from reslib.formats.inner import in_words
from reslib.given import whole

if TYPE_CHECKING:
    from reslib.search.reader import Reader

__all__ = [
    "OCR",
    "PAGE_BREAK",
    "TEXT",
    "Acceptance",
    "Attachment",
    "AttemptOutcome",
    "ExtractionRequest",
    "ExtractionResult",
    "Failure",
    "Job",
    "JobStatus",
    "Outcome",
    "TextStatus",
    "WorkerStatus",
    "has_pages",
]

_PDF = "application/pdf"


def has_pages(mime_type: str | None, pages: int) -> bool:
    """True when a document has pages that one can turn to: several, or the only one of a PDF.

    The text of a web page, a Word document or a note comes in one piece, which is not page 1.
    """
    return pages > 1 or mime_type == _PDF


class JobStatus(StrEnum):
    """The status of a job."""

    #: Waits to be claimed.
    PENDING = "pending"
    #: Claimed by a worker.
    PROCESSING = "processing"
    #: Failed, and waits for ``next_retry_at``.
    RETRY_PENDING = "retry_pending"
    #: Final: the text is stored.
    COMPLETE = "complete"
    #: Final: a permanent error, or no retries left. ``retry_failed()`` reopens it.
    FAILED = "failed"
    #: Final: somebody called ``cancel()``.
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """True when a job in this state has ended: nothing more happens to it by itself."""
        return self in (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED)

    @staticmethod
    def count_open(counts: Mapping[JobStatus, int]) -> int:
        """Return how many jobs of *counts*, jobs by state, are in a state that is not final."""
        return sum(jobs for status, jobs in counts.items() if not status.is_final)


class WorkerStatus(StrEnum):
    """The status of a worker."""

    IDLE = "idle"
    BUSY = "busy"
    PAUSED = "paused"
    STOPPED = "stopped"


class AttemptOutcome(StrEnum):
    """The outcome of one attempt, as the history keeps it."""

    COMPLETE = "complete"
    FAILED = "failed"
    #: Given back by a shutdown or ``release()``; does not count as a try.
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


# --- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """A document and, once extracted, its text. Times are UTC text."""

    id: int
    filename: str
    #: As :func:`os.fsdecode` gives it: ``open()`` takes it also when it is not UTF-8.
    path: str
    mime_type: str | None
    file_size: int | None
    content_hash: str | None
    created_at: str
    title: str | None
    extracted_text: str | None
    text_status: TextStatus | None
    page_count: int | None
    page_offsets: tuple[int, ...]
    confidence: float | None
    confidence_reason: str | None
    extractor: str | None
    extractor_version: str | None
    extracted_at: str | None
    metadata: Mapping[str, Any]
    #: Of a document inside another, such as the attachment of a mail: that one.
    parent_id: int | None = None

    @classmethod
    def from_row(cls, row: Any) -> Attachment:
        """Return a row of ``attachments``."""
        values = dict(row)
        status = values["text_status"]
        values["path"] = os.fsdecode(values["path"])
        values["text_status"] = TextStatus(status) if status else None
        values["page_offsets"] = tuple(json.loads(values["page_offsets"] or "[]"))
        values["metadata"] = json.loads(values["metadata"] or "{}")
        return cls(**values)

    def page_text(self, page: int | None) -> str:
        """Return the text of one page.

        Parameters
        ----------
        page
            Its number, from 1, as a hit of a search names it. None, as for a hit in a document that
            has no pages, gives the text that came in one piece.

        Raises
        ------
        IndexError
            There is no such page, or no text yet.
        TypeError
            *page* is no whole number.
        """
        page = None if page is None else whole("page", page)
        if page is None and len(self.page_offsets) == 1:
            page = 1
        if self.extracted_text is None or page is None or not 1 <= page <= len(self.page_offsets):
            raise IndexError(
                f"{self.filename} has {len(self.page_offsets)} extracted pages; "
                f"there is no page {page}"
            )
        start = self.page_offsets[page - 1]
        if page == len(self.page_offsets):
            return self.extracted_text[start:]
        return self.extracted_text[start : self.page_offsets[page] - len(PAGE_BREAK)]

    def read(self, query: str = "", page: int | None = None) -> Reader:
        """Return the text for reading in a notebook: its pages, to be opened and closed.

        Parameters
        ----------
        query
            What to mark, as :meth:`ResearchDatabase.search` takes it. The pages that have it are
            open.
        page
            The page to begin with; the first one when None. Of a long document not all pages are
            shown at once.

        Raises
        ------
        IndexError
            There is no such page.
        TypeError
            *query* is no text, or *page* no whole number.
        """
        from reslib.search.reader import Reader  # here, because a child that extracts shows nothing

        if not isinstance(query, str):
            raise TypeError(f"query is text to mark, not {query!r}")
        first = 1 if page is None else whole("page", page)
        if self.extracted_text is None:
            pages = []
        else:
            self.page_text(first)
            pages = [self.page_text(number) for number in range(1, len(self.page_offsets) + 1)]
        is_paged = has_pages(self.mime_type, len(pages))
        return Reader(self.filename, self._known(), pages, is_paged, query, first)

    def _known(self) -> list[tuple[str, object]]:
        """The lines worth showing above the text."""
        known = {
            "title": self.title,
            "path": in_words(self.path, from_here),
            "text": self.text_status and str(self.text_status),
            "confidence": None if self.confidence is None else f"{self.confidence:.2f}",
            "why not more": self.confidence_reason,
            "extractor": self.extractor,
        }
        return [(name, value) for name, value in known.items() if value]

    def __repr__(self) -> str:
        return f"<Attachment {self.id} {printable(self.filename)!r}: {self._size()}>"

    def _size(self) -> str:
        if self.extracted_text is None:
            return "no text yet"
        pages = len(self.page_offsets)
        characters = len(self.extracted_text) - (pages - 1) * len(PAGE_BREAK)
        words = f"{characters:,} characters, {self.text_status}"
        if has_pages(self.mime_type, pages):
            words = f"{pages:,} page{'' if pages == 1 else 's'}, {words}"
        return words if self.confidence is None else f"{words}, confidence {self.confidence:.2f}"

    def _repr_html_(self) -> str:
        return self.read()._repr_html_()


@dataclass(frozen=True, slots=True, repr=False)
class Job:
    """A persistent request to extract one attachment. Times are UTC text."""

    id: int
    attachment_id: int
    status: JobStatus
    priority: int
    #: Tries that ended in an error or a crash. Interrupted ones are given back.
    attempts: int
    #: Claims ever made, interrupted ones included; never goes back.
    claims: int
    max_retries: int
    created_at: str
    #: When it last became claimable: created, given back, or due again.
    available_at: str
    started_at: str | None
    next_retry_at: str | None
    completed_at: str | None
    worker_id: str | None
    error_type: ErrorType | None
    error_code: ErrorCode | None
    error_message: str | None
    #: The one that was asked for by name; None when whichever reads such documents may.
    extractor: str | None = None
    #: What is to be done with the document.
    task: str = TEXT
    #: For the extractor.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: The batch that it was enqueued in.
    batch_id: int | None = None
    #: Whether it was asked for although the document had an open job of this task.
    is_extra: bool = False

    @classmethod
    def from_row(cls, row: Any) -> Job:
        """Return a row of ``extraction_queue``, whose columns are the fields in their order."""
        values = list(row)  # each by its name takes three times as long
        for place, read in _READ:
            values[place] = read(values[place])
        return cls(*values)

    @property
    def attempt(self) -> int:
        """Number of this claim. With the id it is the fence: a finished claim's number is
        never used again, so a late worker cannot touch a newer one's.
        """
        return self.claims

    def __repr__(self) -> str:
        known = ", ".join(f"{name}={value!r}" for name, value in self._known())
        return f"Job({known})"

    def _repr_html_(self) -> str:
        return html_table(self._known(), caption=f"Job {self.id}: {self.status}")

    def _known(self) -> list[tuple[str, object]]:
        """Every field that says something, enumerations as their plain words."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return [
            (name, str(value) if isinstance(value, StrEnum) else value)
            for name, value in values
            if value is not None
        ]


_NOT_AS_KEPT: dict[str, Callable[[Any], Any]] = {
    "status": JobStatus,
    "error_type": lambda text: ErrorType(text) if text else None,
    "error_code": lambda text: ErrorCode(text) if text else None,
    "options": lambda text: {} if text == "{}" else json.loads(text),
    "is_extra": bool,
}
#: The same by the place of the column.
_READ = tuple(
    (place, _NOT_AS_KEPT[column.name])
    for place, column in enumerate(fields(Job))
    if column.name in _NOT_AS_KEPT
)
