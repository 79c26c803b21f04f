"""What a panel shows, as plain data: one look at a pool and its database.

An :class:`Observer` belongs to a worker and outlives its panels, so that the history of a chart
is still there when a cell is run again.
"""

from __future__ import annotations

import socket
import threading
import time
import weakref
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psutil

from reslib import (
    AttachmentNotFound,
    ExtractionWorker,
    JobStatus,
)

__all__ = ["Doubt", "FailureRow", "History", "Observer", "View", "WorkerRow", "observer_of"]

#: Heartbeats of other processes that are older, in seconds, are not shown: no ghosts.
GHOST_AFTER = 600.0
#: Throughput and time left are taken over this many seconds.
RATE_WINDOW = 30
#: How far back the history goes, in seconds.
HISTORY = 600
#: A gap between two samples that is longer, in seconds, is not drawn as one burst.
_LONGEST_GAP = 5.0
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
    stale: bool
    #: Whether it belongs to the pool of the panel.
    own: bool


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A job that failed for good."""

    job_id: int
    document: str
    cause: str
    message: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Doubt:
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
    doubts: tuple[Doubt, ...]
    #: How many files the looks at folders left out, by suffix or type, the most first.
    left_out: tuple[tuple[str, int], ...] = ()
    #: Why a running pool begins nothing new; None when all is well.
    problem: str | None = None
    #: What this system lets extractions do although it should not; None when all is well.
    lacking: str | None = None

    @property
    def open_jobs(self) -> int:
        """Jobs that are not final."""
        return sum(self.counts[s] for s in JobStatus if not s.is_final)

    @property
    def moving(self) -> bool:
        """Whether a chart changes: something runs, or ended in the last seconds."""
        return self.busy or any(map(any, self.history[-3:]))


class History:
    """Jobs that came to an end, second by second, from the counts of the whole database.

    Parameters
    ----------
    seconds
        How far it goes back.
    """

    def __init__(self, seconds: int = HISTORY) -> None:
        self._ended: deque[tuple[int, int, int]] = deque()
        self._seconds = seconds
        self._last: tuple[float, int, int] | None = None
        self._began: float | None = None

    def add(self, now: float, completed: int, failed: int) -> None:
        """Note how many jobs are complete and failed at *now* (monotonic seconds)."""
        last, self._last = self._last, (now, completed, failed)
        if last is None or now - last[0] > _LONGEST_GAP:
            self._began = now
            return
        # A count that goes down is a retry, and no negative throughput.
        more = (max(0, completed - last[1]), max(0, failed - last[2]))
        if any(more):
            second = int(now)
            if self._ended and self._ended[-1][0] == second:
                _, done, bad = self._ended.pop()
                more = (done + more[0], bad + more[1])
            self._ended.append((second, *more))
        while self._ended and self._ended[0][0] < now - self._seconds:
            self._ended.popleft()

    def restart(self, now: float) -> None:
        """Begin to measure the rate at *now*: before it nothing ran."""
        self._began = now

    def per_second(self, now: float, seconds: int) -> tuple[tuple[int, int], ...]:
        """Return (completed, failed) of each of the last full *seconds*, the latest last."""
        latest = int(now) - 1
        found = {at: (done, bad) for at, done, bad in self._ended}
        return tuple(found.get(at, (0, 0)) for at in range(latest - seconds + 1, latest + 1))

    def rate(self, now: float, seconds: int = RATE_WINDOW) -> float | None:
        """Return how many jobs ended per second lately; None when none did."""
        if self._began is None:
            return None
        window = min(float(seconds), max(1.0, now - self._began))
        ended = sum(done + bad for at, done, bad in self._ended if at >= now - window)
        return ended / window if ended else None


class Observer:
    """Looks at a worker's pool and its database. Usable from any thread.

    Parameters
    ----------
    worker
        Which one. It is not kept alive.
    """

    def __init__(self, worker: ExtractionWorker) -> None:
        self.history = History()
        self._lock = threading.Lock()
        self._names: dict[int, str] = {}
        self._started: dict[int, tuple[str, datetime | None]] = {}
        self._doubts: tuple[Doubt, ...] = ()
        self._failures: tuple[FailureRow, ...] = ()
        self._counts: dict[JobStatus, int] = {}
        self._was_busy = False
        self.count_left_out(worker)

    def count_left_out(self, worker: ExtractionWorker) -> None:
        """Count what was left out: when a folder was added, not at each look."""
        self._left_out = tuple(worker.db.skipped_counts().items())

    def look(self, worker: ExtractionWorker) -> View:
        """Return what is to be seen now."""
        with self._lock:
            return self._look(worker)

    def _look(self, worker: ExtractionWorker) -> View:
        now, clock = time.monotonic(), datetime.now(UTC)
        status = worker.get_status()
        counts = worker.queue.counts()
        self.history.add(now, counts[JobStatus.COMPLETE], counts[JobStatus.FAILED])
        if counts != self._counts:
            self._failures = self._latest_failures(worker) if counts[JobStatus.FAILED] else ()
            self._doubts = _latest_doubts(worker)
            self._counts = counts
        workers = self._workers(worker, status, clock)
        active = any(row.job_id is not None and not row.stale for row in workers)
        waiting = counts[JobStatus.PENDING]
        busy = active or (status["running"] and not status["paused"] and waiting > 0)
        if busy and not self._was_busy:
            self.history.restart(now)
        self._was_busy = busy
        state = _state(status, any(row.own and row.job_id is not None for row in workers))
        rate = self.history.rate(now) if busy else None
        open_jobs = sum(jobs for s, jobs in counts.items() if not s.is_final)
        return View(
            state=state,
            busy=busy,
            counts={str(s): jobs for s, jobs in counts.items()},
            num_workers=status["num_workers"],
            workers=workers,
            rate=rate,
            eta=open_jobs / rate if rate and state == "running" else None,
            history=self.history.per_second(now, 120),
            failures=self._failures,
            doubts=self._doubts,
            left_out=self._left_out,
            problem=status["problem"],
            lacking=status["lacking"],
        )

    # --- workers ------------------------------------------------------------------------------

    def _workers(
        self, worker: ExtractionWorker, status: dict[str, Any], clock: datetime
    ) -> tuple[WorkerRow, ...]:
        beats = {row["worker_id"]: row for row in worker.queue.get_workers()}
        stale_after = max(30.0, 3 * worker.heartbeat_interval)
        rows = []
        for mine in status["workers"]:
            beat = beats.pop(mine["worker_id"], None)
            if mine["status"] == "stopped":
                continue
            rows.append(
                WorkerRow(
                    worker_id=mine["worker_id"],
                    label=f"worker {mine['worker_id'].rpartition('-')[2]}",
                    status=mine["status"],
                    job_id=mine["current_job_id"],
                    document=mine["document"],
                    page=mine["page"],
                    page_count=mine["page_count"],
                    seconds=mine["seconds"],
                    completed=mine["jobs_completed"],
                    failed=mine["jobs_failed"],
                    age=_age(beat["last_heartbeat"], clock) if beat else None,
                    stale=False,
                    own=True,
                )
            )
        for beat in beats.values():
            age = _age(beat["last_heartbeat"], clock)
            if beat["status"] == "stopped" or age > GHOST_AFTER or _is_dead(beat):
                continue
            rows.append(self._other(worker, beat, age, stale_after, clock))
        self._forget_jobs({row.job_id for row in rows})
        return tuple(rows)

    def _other(
        self,
        worker: ExtractionWorker,
        beat: dict[str, Any],
        age: float,
        stale_after: float,
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
            stale=age > stale_after,
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

    # --- what went wrong ----------------------------------------------------------------------

    def _latest_failures(self, worker: ExtractionWorker) -> tuple[FailureRow, ...]:
        jobs = worker.queue.get_failed_jobs(_SHOWN_FAILURES)
        rows = tuple(
            FailureRow(
                job_id=job.id,
                document=self._name(worker, job.attachment_id),
                cause=str(job.error_code or job.error_type or "unknown"),
                message=job.error_message or "",
                attempts=job.attempts,
            )
            for job in jobs
        )
        if len(self._names) > 1000:
            self._names.clear()
        return rows

    def _name(self, worker: ExtractionWorker, attachment_id: int) -> str:
        if attachment_id not in self._names:
            try:
                self._names[attachment_id] = worker.queue.get_document(attachment_id).filename
            except AttachmentNotFound:
                return f"attachment {attachment_id}"
        return self._names[attachment_id]


def _latest_doubts(worker: ExtractionWorker) -> tuple[Doubt, ...]:
    # Not heard from a callback: the pool would wait for it, and looking changes nothing.
    return tuple(
        Doubt(row["filename"], row["text_status"], row["confidence_reason"] or "")
        for row in worker.db.latest_doubts(_SHOWN_DOUBTS)
    )


def _state(status: dict[str, Any], own_busy: bool) -> str:
    if status["running"]:
        return "paused" if status["paused"] else "running"
    return "stopping" if own_busy else "stopped"


def _is_dead(beat: dict[str, Any]) -> bool:
    """Whether a worker's process is gone for sure; of other hosts only silence tells."""
    return beat["hostname"] == socket.gethostname() and not psutil.pid_exists(beat["pid"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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
