"""The contents of a panel as plain data: one look at a pool and its database.

An :class:`Observer` belongs to a worker and outlives its panels, so that the history of a chart
is still there when a cell is run again.
"""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reslib import AttachmentNotFound, ExtractionWorker, JobStatus, joblist
from reslib.joblist import Retriable
from reslib.models import OCR
from reslib_widgets.history import Done, History, Run
from reslib_widgets.sparingly import Sparingly
from reslib_widgets.usage import Usage

__all__ = ["FailureRow", "IncompleteText", "Observer", "View", "WorkerRow", "observer_of"]

#: Heartbeats of other processes that are older, in seconds, are not shown: no ghosts.
GHOST_AFTER = 600.0
_SHOWN_FAILURES = 3
_SHOWN_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker, of this pool or of another process."""

    worker_id: str
    label: str
    status: str
    job_id: int | None
    document: str | None
    page: int | None
    page_count: int | None
    #: Seconds on the document.
    seconds: float | None
    completed: int
    failed: int
    #: Age of its heartbeat in seconds; None before its first.
    age: float | None
    #: Nothing was heard of it for several heartbeats.
    silent: bool
    #: Whether it belongs to the pool of the panel.
    own: bool
    #: Percent of a core that its child used since the last look; None when it is not known.
    cpu: float | None = None
    #: Memory of its child in MB; None when it is not known.
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A job that failed for good."""

    job_id: int
    document: str
    cause: str
    message: str
    attempts: int


@dataclass(frozen=True, slots=True)
class IncompleteText:
    """A document that was extracted, and of which text is missing."""

    document: str
    text_status: str
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything a panel shows at one moment."""

    state: str
    #: Whether anything moves: only then are messages sent.
    busy: bool
    counts: dict[str, int]
    num_workers: int
    workers: tuple[WorkerRow, ...]
    #: Documents that came to an end per second; None when nothing has been seen yet.
    rate: float | None
    #: Seconds until the queue is empty at that rate; None when it cannot be said.
    eta: float | None
    #: (completed, failed) in each full second, the latest last.
    history: tuple[tuple[int, int], ...]
    failures: tuple[FailureRow, ...]
    doubts: tuple[IncompleteText, ...]
    #: Another one whenever a job has changed, also where the counts are the same again.
    jobs_key: object = None
    #: Whether there are more of these.
    more_doubts: bool = False
    #: How many files the looks at folders left out, by suffix or type, the most first.
    left_out: tuple[tuple[str, int], ...] = ()
    #: The failed jobs that a retry of all would reset.
    retriable: Retriable = field(default_factory=Retriable)
    #: The document that has been pending for longest, and since when.
    oldest: tuple[str, datetime] | None = None
    #: How many jobs dead processes left behind; known of a stopped pool only.
    interrupted: int = 0
    #: Whether children start, and no document has begun yet.
    starting: bool = False
    #: What the last run came to; None before its end.
    done: Done | None = None
    #: When it was seen.
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    #: Why a running pool begins nothing new; None when all is well.
    problem: str | None = None
    #: What this system lets extractions do although it should not; None when all is well.
    lacking: str | None = None
    #: What is known of the cluster that reads, as ``get_status()`` gives it; None without one.
    cluster: dict[str, Any] | None = None
    #: Scans that wait for OCR, which comes after the texts.
    scans: int = 0

    @property
    def open_jobs(self) -> int:
        """Jobs that are not final."""
        return JobStatus.count_open({status: self.counts[status] for status in JobStatus})

    @property
    def more_failures(self) -> int:
        """The number of failed jobs beyond those that the list of failures shows."""
        return max(0, len(self.retriable.every) - len(self.failures))

    @property
    def moving(self) -> bool:
        """True when a chart changes: something runs, or ended in the last seconds."""
        return self.busy or any(map(any, self.history[-3:]))


class Observer:
    """Looks at a worker's pool and its database. Usable from any thread.

    Parameters
    ----------
    worker
        Which one. It is not kept alive.
    """

    def __init__(self, worker: ExtractionWorker) -> None:
        self.history = History()
        self._run = Run()
        self._usage = Usage()
        self._failed: Sparingly[tuple[Retriable, tuple[FailureRow, ...]]] = Sparingly(
            (Retriable(), ())
        )
        self._doubts: Sparingly[tuple[IncompleteText, ...]] = Sparingly(())
        self._left_out: Sparingly[tuple[tuple[str, int], ...]] = Sparingly(())
        self._oldest: Sparingly[tuple[str, datetime] | None] = Sparingly(None)
        self._scans: Sparingly[int] = Sparingly(0)
        self._lock = threading.Lock()
        self._names: dict[int, str] = {}
        self._started: dict[int, tuple[str, datetime | None]] = {}
        self._was_busy = False

    def look(self, worker: ExtractionWorker) -> View:
        """Return what is to be seen now."""
        with self._lock:
            return self._look(worker)

    def _look(self, worker: ExtractionWorker) -> View:
        now, clock = time.monotonic(), datetime.now(UTC)
        status = worker.get_status()
        counts = worker.queue.counts()
        self.history.add(now, counts[JobStatus.COMPLETE], counts[JobStatus.FAILED])
        key = (counts, joblist.newest(worker.db))
        retriable, failures = self._failed.get(key, lambda: _failed(worker))
        doubts = self._doubts.get(key, lambda: _latest_doubts(worker))
        workers = self._workers(worker, status, clock)
        active = any(row.job_id is not None and not row.silent for row in workers)
        waiting = counts[JobStatus.PENDING]
        busy = active or (status["running"] and not status["paused"] and waiting > 0)
        if busy and not self._was_busy:
            self.history.restart(now)
        self._was_busy = busy
        state = _state(status, any(row.own and row.job_id is not None for row in workers))
        rate = self.history.rate(now) if busy else None
        open_jobs = JobStatus.count_open(counts)
        processing = counts[JobStatus.PROCESSING]
        done, bad = counts[JobStatus.COMPLETE], counts[JobStatus.FAILED]
        self._run.look(now, done, bad, open_jobs, busy)
        return View(
            state=state,
            busy=busy,
            counts={str(s): jobs for s, jobs in counts.items()},
            num_workers=status["num_workers"],
            workers=workers,
            rate=rate,
            eta=open_jobs / rate if rate and state == "running" else None,
            history=self.history.per_second(now, 120),
            failures=failures,
            doubts=doubts[:_SHOWN_DOUBTS],
            jobs_key=key,
            more_doubts=len(doubts) > _SHOWN_DOUBTS,
            # Folders are added in cells too, and files that are left out make no job.
            left_out=self._left_out.get(object(), lambda: _left_out(worker)),
            retriable=retriable,
            oldest=self._oldest.get(key, lambda: _oldest(worker)),
            interrupted=joblist.interrupted(worker.db) if state == "stopped" and processing else 0,
            starting=busy and not (processing or self._run.has_ended_some),
            done=self._run.done,
            at=clock,
            problem=status["problem"],
            lacking=status["lacking"],
            cluster=status["cluster"],
            scans=self._scans.get(key, lambda: joblist.waiting(worker.db, OCR)),
        )

    # --- workers ------------------------------------------------------------------------------

    def _workers(
        self, worker: ExtractionWorker, status: dict[str, Any], clock: datetime
    ) -> tuple[WorkerRow, ...]:
        beats = {row["worker_id"]: row for row in worker.queue.get_workers()}
        pids = {mine["child_pid"] for mine in status["workers"] if mine["document"] is not None}
        self._usage.forget_all_but(pids)
        rows = []
        for mine in status["workers"]:
            beat = beats.pop(mine["worker_id"], None)
            if mine["status"] == "stopped":
                continue
            pid = mine["child_pid"] if mine["document"] is not None else None
            cpu, memory = self._usage.of(pid) if pid is not None else (None, None)
            rows.append(
                WorkerRow(
                    worker_id=mine["worker_id"],
                    label=_label(mine),
                    status=mine["status"],
                    job_id=mine["current_job_id"],
                    document=mine["document"],
                    page=mine["page"],
                    page_count=mine["page_count"],
                    seconds=mine["seconds"],
                    completed=mine["jobs_completed"],
                    failed=mine["jobs_failed"],
                    age=_age(beat["last_heartbeat"], clock) if beat else None,
                    silent=False,
                    own=True,
                    cpu=cpu,
                    memory=memory,
                )
            )
        for beat in beats.values():
            age = _age(beat["last_heartbeat"], clock)
            # Of other hosts only silence tells whether a process lives.
            if beat["status"] == "stopped" or age > GHOST_AFTER or beat["alive"] is False:
                continue
            rows.append(self._other(worker, beat, age, clock))
        self._forget_jobs({row.job_id for row in rows})
        return tuple(rows)

    def _other(
        self,
        worker: ExtractionWorker,
        beat: dict[str, Any],
        age: float,
        clock: datetime,
    ) -> WorkerRow:
        job_id, document, seconds = beat["current_job_id"], None, None
        if job_id is not None:
            document, since = self._job_of_other(worker, job_id)
            seconds = (clock - since).total_seconds() if since else None
        return WorkerRow(
            worker_id=beat["worker_id"],
            label=f"{beat['hostname']}, process {beat['pid']}",
            status=beat["status"],
            job_id=job_id,
            document=document,
            page=beat["current_page"],
            page_count=beat["current_page_count"],
            seconds=seconds,
            completed=beat["jobs_completed"],
            failed=beat["jobs_failed"],
            age=age,
            silent=beat["silent"],
            own=False,
        )

    def _job_of_other(
        self, worker: ExtractionWorker, job_id: int
    ) -> tuple[str | None, datetime | None]:
        if job_id not in self._started:
            job = worker.queue.get_job(job_id)
            if job is None:
                return None, None
            since = _time(job.started_at) if job.started_at else None
            self._started[job_id] = (self._name(worker, job.attachment_id), since)
        return self._started[job_id]

    def _forget_jobs(self, running: set[int | None]) -> None:
        for job_id in self._started.keys() - running:
            del self._started[job_id]

    def _name(self, worker: ExtractionWorker, attachment_id: int) -> str:
        if attachment_id not in self._names:
            if len(self._names) > 1000:
                self._names.clear()
            try:
                document = worker.queue.get_document(attachment_id)
                self._names[attachment_id] = joblist.name_of(document.path, document.filename)
            except AttachmentNotFound:
                return f"attachment {attachment_id}"
        return self._names[attachment_id]


# --- what went wrong --------------------------------------------------------------------------


def _failed(worker: ExtractionWorker) -> tuple[Retriable, tuple[FailureRow, ...]]:
    """Return the failed jobs that can be tried again, and the latest of them: those that the list
    of failures shows too, without documents that were read or enqueued since.
    """
    found = joblist.retriable(worker.db)
    latest = joblist.listed(worker.db, found.every[:_SHOWN_FAILURES])
    return found, tuple(
        FailureRow(
            job_id=job.job_id,
            document=job.name,
            cause=str(job.error_code or "unknown"),
            message=job.error_message or "",
            attempts=job.attempts,
        )
        for job in latest
        if job.status is JobStatus.FAILED
    )


def _latest_doubts(worker: ExtractionWorker) -> tuple[IncompleteText, ...]:
    # Not heard from a callback: the pool would wait for it, and looking changes nothing.
    return tuple(
        IncompleteText(row["filename"], row["text_status"], row["confidence_reason"] or "")
        for row in worker.db.latest_doubts(_SHOWN_DOUBTS + 1)
    )


def _left_out(worker: ExtractionWorker) -> tuple[tuple[str, int], ...]:
    return tuple(worker.db.skipped_counts().items())


def _state(status: dict[str, Any], own_busy: bool) -> str:
    if status["running"]:
        return "paused" if status["paused"] else "running"
    return "stopping" if own_busy else "stopped"


def _oldest(worker: ExtractionWorker) -> tuple[str, datetime] | None:
    found = joblist.oldest_waiting(worker.db)
    return (found[0], _time(found[1])) if found is not None else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _label(mine: dict[str, Any]) -> str:
    """Return the name of a worker of this pool, and where its document is read."""
    label = f"worker {mine['worker_id'].rpartition('-')[2]}"
    return f"{label} at {mine['where'].rpartition('/')[2]}" if mine["where"] else label


def _age(text: str, clock: datetime) -> float:
    return max(0.0, (clock - _time(text)).total_seconds())


_observers: weakref.WeakKeyDictionary[ExtractionWorker, Observer] = weakref.WeakKeyDictionary()
_observers_lock = threading.Lock()


def observer_of(worker: ExtractionWorker) -> Observer:
    """Return the observer of a worker: the same one each time."""
    with _observers_lock:
        observer = _observers.get(worker)
        if observer is None:
            observer = _observers[worker] = Observer(worker)
        return observer
