"""The output of ``--json``: one JSON object, for programs.

The classes are its documentation: what is in the object, and of which type. Keys are only ever
added. Times are UTC as RFC 3339 writes them. What is not UTF-8 in a name (bytes that no JSON can
hold) is written as an escape, ``\\udce9`` for the byte E9, and everything that is not ASCII by
JSON's own escapes, so that the output is the same in every locale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from reslib.database import ResearchDatabase
from reslib.errors import ADVICE, ERROR_TYPE_OF, ErrorCode
from reslib.formats.inner import without_name
from reslib.joblist import interrupted
from reslib.jobs.manager import QueueManager
from reslib.jobs.retry import PERMANENT
from reslib.library import DocumentState, documents
from reslib.models import TextStatus
from reslib.search.hits import SearchHit
from reslib.storage.diskspace import shortage

__all__ = ["Failed", "Found", "Status", "as_json", "failed", "found", "status"]


class RunningWorker(TypedDict):
    """A worker that has not stopped."""

    worker_id: str
    hostname: str
    pid: int
    status: str
    current_job_id: int | None
    jobs_completed: int
    jobs_failed: int
    started_at: str
    last_heartbeat: str


class Status(TypedDict):
    """``reslib status --json``."""

    database: str
    #: How many jobs are in each state; every state is there.
    jobs: dict[str, int]
    #: How many of ``jobs["processing"]`` belong to processes that have ended; the next
    #: ``reslib extract`` takes them up again.
    interrupted: int
    #: Why no pool would begin anything now (the disk is almost full), or null. What only the
    #: process of a pool can see (it cannot start a child) is in its ``get_status()``.
    problem: str | None
    #: How many documents have a text that is full, partial, empty or stale, or ``none`` yet.
    documents: dict[str, int]
    #: How many files were left out, by suffix or type.
    left_out: dict[str, int]
    workers: list[RunningWorker]


class FailedDocument(TypedDict):
    """A document whose latest job failed."""

    job_id: int
    attachment_id: int
    filename: str
    path: str
    error_type: str
    error_code: str
    #: What happened, without the name of the file.
    error_message: str
    what_now: str
    #: False when a second try of the same file must end the same way.
    retry_may_help: bool
    attempts: int
    failed_at: str
    #: What was to be done with the document.
    task: str


class Failed(TypedDict):
    """``reslib failed --json``."""

    #: How many documents failed; *failed* may be cut off by ``--limit``.
    total: int
    failed: list[FailedDocument]


class Hit(TypedDict):
    """A document, or with ``--all-pages`` a page of one."""

    attachment_id: int
    filename: str
    path: str
    #: Every path at which it is, *path* first.
    places: list[str]
    #: 1 in a document without pages; null when only its name matched.
    page: int | None
    #: What people call it: ``page 3``, ``slide 7``, ``sheet Results``.
    part: str
    #: The words that were found stand between ``**``.
    snippet: str
    #: The lower the better.
    rank: float
    link: str


class Found(TypedDict):
    """``reslib search --json``."""

    query: str
    hits: list[Hit]


def status(db: ResearchDatabase) -> Status:
    """Return the queue, the documents and the workers."""
    queue = QueueManager(db)
    texts = [state.text_status for state in documents(db)]
    return Status(
        database=str(db.path),
        jobs={name.value: count for name, count in queue.counts().items()},
        interrupted=interrupted(db),
        problem=shortage(db.path),
        documents={
            **{name.value: texts.count(name) for name in TextStatus},
            "none": texts.count(None),
        },
        left_out=db.skipped_counts(),
        workers=[
            RunningWorker(
                worker_id=worker["worker_id"],
                hostname=worker["hostname"],
                pid=worker["pid"],
                status=worker["status"],
                current_job_id=worker["current_job_id"],
                jobs_completed=worker["jobs_completed"],
                jobs_failed=worker["jobs_failed"],
                started_at=_time(worker["started_at"]),
                last_heartbeat=_time(worker["last_heartbeat"]),
            )
            for worker in queue.get_workers()
            if worker["status"] != "stopped" and worker["alive"] is not False
        ],
    )


def failed(states: Sequence[DocumentState], limit: int) -> Failed:
    """Return what failed, *limit* documents at most."""
    every = [state for state in states if state.has_failed]
    return Failed(total=len(every), failed=[_failed(state) for state in every[:limit]])


def _failed(state: DocumentState) -> FailedDocument:
    assert state.job_id is not None  # it has failed
    code = state.error_code or ErrorCode.EXCEPTION
    return FailedDocument(
        job_id=state.job_id,
        attachment_id=state.attachment_id,
        filename=state.filename,
        path=state.path,
        error_type=ERROR_TYPE_OF[code].value,
        error_code=code.value,
        error_message=without_name(state.error_message or "", state.filename, state.path),
        what_now=ADVICE[code],
        retry_may_help=ERROR_TYPE_OF[code] not in PERMANENT,
        attempts=state.attempts or 0,
        failed_at=_time(state.completed_at or ""),
        task=state.task,
    )


def found(query: str, hits: Iterable[SearchHit]) -> Found:
    """Return what a search found, best first."""
    return Found(
        query=query,
        hits=[
            Hit(
                attachment_id=hit.attachment_id,
                filename=hit.filename,
                path=hit.path,
                places=list(hit.places),
                page=hit.page,
                part=hit.part,
                snippet=hit.snippet,
                rank=hit.rank,
                link=hit.link,
            )
            for hit in hits
        ],
    )


def as_json(output: Status | Failed | Found) -> str:
    """Return an object as text that is JSON everywhere, and steers no terminal."""
    text = json.dumps(_storable(output), indent=2, allow_nan=False)
    return text.replace("\x7f", "\\u007f")


def _storable(value: Any) -> Any:
    """Return *value* with halves of characters as escapes: readers differ there (RFC 8259 §8.2)."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value


def _time(stored: str) -> str:
    return f"{stored.replace(' ', 'T')}Z"
