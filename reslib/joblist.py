"""The jobs of one state as a list to look through: a window, a filter, details of a job.

What the control panel shows behind its counts. Reads only, but for :func:`retry`.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reslib.clock import utc_text
from reslib.database import ResearchDatabase
from reslib.errors import ADVICE, ErrorCode, ErrorType
from reslib.formats.inner import called, in_words, outermost, without_name
from reslib.jobs.retry import PERMANENT
from reslib.liveness import owner_is_dead
from reslib.models import TEXT, AttemptOutcome, JobStatus

__all__ = [
    "JobDetails",
    "ListedJob",
    "PastAttempt",
    "Retriable",
    "details",
    "first_jobs",
    "interrupted",
    "listed",
    "matching_jobs",
    "name_of",
    "newest",
    "oldest_waiting",
    "retriable",
    "retry",
    "states",
    "waiting",
]

#: Of a job that was tried again and again, so many attempts are told.
_MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job as a list shows it. Times are UTC text."""

    job_id: int
    filename: str
    #: As :func:`os.fsdecode` gives it.
    path: str
    status: JobStatus
    #: When it got into its state.
    since: str
    #: Tries that ended in an error or a crash.
    attempts: int
    next_retry_at: str | None
    error_code: ErrorCode | None
    error_message: str | None
    #: Whether it failed of something that another try of the same file may not meet again.
    retry_may_help: bool
    #: What is to be done with the document.
    task: str = TEXT

    @property
    def name(self) -> str:
        """The name of the document; of one inside another that before its own."""
        return name_of(self.path, self.filename)

    @property
    def folder(self) -> str:
        """The folder of the file that the document is, or is in."""
        return os.path.dirname(outermost(self.path))  # noqa: PTH120 - a Path would change it

    @property
    def place(self) -> str:
        """The path for people: the file, and where in it the document is."""
        return in_words(self.path)

    @property
    def message(self) -> str:
        """The message of its failure, without the name that it begins with."""
        return without_name(self.error_message or "", self.filename, self.path)


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One try at a job. Times are UTC text."""

    number: int
    outcome: AttemptOutcome
    started_at: str | None
    finished_at: str
    extraction_time_ms: float | None
    extractor: str | None
    error_code: ErrorCode | None
    error_message: str | None
    #: The last page that was read.
    page: int | None
    signal: str | None
    traceback: str | None
    #: The last that the extractor printed.
    stderr_tail: str | None


@dataclass(frozen=True, slots=True)
class JobDetails:
    """A job with what can be done about it and its attempts, the latest first."""

    job: ListedJob
    #: None unless it failed.
    advice: str | None
    attempts: tuple[PastAttempt, ...]


@dataclass(frozen=True, slots=True)
class Retriable:
    """The failed jobs that :meth:`QueueManager.retry_failed` would reset, the latest first."""

    #: All of them.
    every: tuple[int, ...] = ()
    #: Those that another try of the same file may help.
    hopeful: tuple[int, ...] = ()


def name_of(path: str, filename: str) -> str:
    """Return the name of a document for people; of one inside another that before its own.

    Parameters
    ----------
    path, filename
        Of the document.
    """
    return called(path, filename)


def first_jobs(db: ResearchDatabase, status: JobStatus, limit: int) -> list[int]:
    """Return the ids of the first jobs in a state.

    Parameters
    ----------
    db
        The database.
    status
        The state.
    limit
        How many at most.

    Returns
    -------
    list of int
        Of those that wait in the order in which a worker takes them (texts, then task by task, the
        highest priority first), of those that ended the latest first.
    """
    rows = db.store.rows("first_jobs", {"status": status.value, "limit": limit})
    return [row["id"] for row in rows[:limit]]


def matching_jobs(db: ResearchDatabase, status: JobStatus, text: str) -> list[int]:
    """Return the ids of all jobs in a state that a text is found in, ordered as in a list.

    Parameters
    ----------
    db
        The database.
    status
        The state.
    text
        Each of its words has to occur in the document's name or path, the cause or the message,
        in whatever case.
    """
    words = json.dumps([_spellings(word) for word in text.split()])
    rows = db.store.rows("matching_jobs", {"status": status.value, "words": words})
    return [row["id"] for row in rows]


def listed(db: ResearchDatabase, job_ids: Sequence[int]) -> list[ListedJob]:
    """Return these jobs in this order; those that were deleted are left out."""
    rows = db.store.rows("listed_jobs", {"ids": json.dumps(list(job_ids))})
    return [_listed(row) for row in rows]


def details(db: ResearchDatabase, job_id: int) -> JobDetails | None:
    """Return a job with its attempts, None when it was deleted."""
    found = listed(db, [job_id])
    if not found:
        return None
    code = found[0].error_code if found[0].status is JobStatus.FAILED else None
    rows = db.store.rows("attempts_of_job", {"job_id": job_id, "limit": _MOST_ATTEMPTS})
    return JobDetails(found[0], ADVICE[code] if code else None, tuple(map(_attempt, rows)))


def states(db: ResearchDatabase, job_ids: Iterable[int]) -> dict[JobStatus, int]:
    """Return how many of these jobs are in which state."""
    rows = db.store.rows("states_of_jobs", {"ids": json.dumps(list(job_ids))})
    return {JobStatus(row["status"]): row["jobs"] for row in rows}


def retriable(db: ResearchDatabase) -> Retriable:
    """Return the failed jobs that can be tried again, and those of them that it may help."""
    rows = db.store.rows("retriable_jobs")
    return Retriable(
        tuple(row["id"] for row in rows),
        tuple(row["id"] for row in rows if _may_help(row["error_type"])),
    )


def retry(db: ResearchDatabase, job_ids: Iterable[int]) -> list[int]:
    """Make failed jobs pending again, in one transaction; those of a document that waits or runs
    already are left alone.

    Returns
    -------
    list of int
        The ids of those that were reset.
    """
    now = utc_text()
    with db.store.write() as transaction:
        reset = [
            job_id
            for job_id in job_ids
            if transaction.run("retry_failed", {"job_id": job_id, "now": now})
        ]
    if reset:
        db.store.announce()
    return reset


def oldest_waiting(db: ResearchDatabase) -> tuple[str, str] | None:
    """Return the document that has been pending for longest, and since when (UTC text)."""
    row = db.store.row("oldest_waiting")
    return (row["filename"], row["available_at"]) if row is not None else None


def newest(db: ResearchDatabase) -> tuple[int, int]:
    """Return the ids of the newest job and of the newest attempt that ended; 0 where none is.

    A job gets from one state into another and back only by an attempt that ends. So a list of
    jobs is what it was while this and the counts of the states are.
    """
    row = db.store.row("newest")
    return (row["job"] or 0, row["attempt"] or 0) if row is not None else (0, 0)


def waiting(db: ResearchDatabase, task: str) -> int:
    """Return how many jobs of a task wait to be taken."""
    return int(db.store.value("waiting_for_task", {"task": task}))


def interrupted(db: ResearchDatabase) -> int:
    """Return how many jobs belong to processes that are dead; the next start gives them back."""
    return sum(owner_is_dead(row) for row in db.store.rows("processing_jobs"))


def _listed(row: Any) -> ListedJob:
    status = JobStatus(row["status"])
    since = {
        JobStatus.PENDING: row["available_at"],
        JobStatus.PROCESSING: row["started_at"],
        JobStatus.RETRY_PENDING: row["last_ended_at"],
    }.get(status, row["completed_at"])
    code = row["error_code"]
    return ListedJob(
        job_id=row["job_id"],
        filename=row["filename"],
        path=os.fsdecode(row["path"]),
        status=status,
        since=since or row["created_at"],
        attempts=row["attempts"],
        next_retry_at=row["next_retry_at"],
        error_code=ErrorCode(code) if code else None,
        error_message=row["error_message"],
        retry_may_help=_may_help(row["error_type"]),
        task=row["task"],
    )


def _attempt(row: Any) -> PastAttempt:
    code = row["error_code"]
    return PastAttempt(
        number=row["attempt"],
        outcome=AttemptOutcome(row["outcome"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        extraction_time_ms=row["extraction_time_ms"],
        extractor=row["extractor"],
        error_code=ErrorCode(code) if code else None,
        error_message=row["error_message"],
        page=row["failed_page"],
        signal=row["signal"],
        traceback=row["traceback"],
        stderr_tail=row["stderr_tail"],
    )


def _may_help(error_type: str | None) -> bool:
    return error_type is not None and ErrorType(error_type) not in PERMANENT


def _spellings(word: str) -> list[str]:
    """Return the patterns of LIKE for a word. LIKE itself takes only A to Z for a to z, and macOS
    keeps an accent in a name apart from its letter.
    """
    found = {
        unicodedata.normalize(form, cased)
        for form in ("NFC", "NFD")
        for cased in (word, word.lower(), word.upper())
    }
    return sorted("%" + _escaped(spelling) + "%" for spelling in found)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
