"""ExtractionWorker: the pool of workers that empties the queue.

Data flow::

    enqueue ──► queue ──claim──► worker thread ──run──► sandbox (child process)
                  ▲                   │
                  └── complete / failed / release, one transaction, fenced

A **worker** is a thread that claims a job, has its sandbox extract the document, and stores the
outcome. No document is ever opened in this process. One more thread, the **watcher**, writes the
heartbeats, notices what other processes enqueue or cancel, and rescues jobs of dead processes.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import FrameType, TracebackType
from typing import Any

from reslib.database import ResearchDatabase
from reslib.errors import AttachmentNotFound, DatabaseError, printable
from reslib.events import EventBus
from reslib.extractors.base import available_extractors
from reslib.models import Attempt, Failure, Job, JobStatus, Outcome, WorkerStatus
from reslib.queue import QueueManager
from reslib.sandbox import Sandbox

__all__ = ["ExtractionWorker", "register_signal_handlers"]

logger = logging.getLogger(__name__)

#: How often the watcher looks whether another process has written, in seconds. The look is a
#: few microseconds (``PRAGMA data_version``).
_WATCH_INTERVAL = 0.05
#: How often jobs of dead processes are looked for, in seconds.
_RESCUE_INTERVAL = 5.0
#: How often ``wait`` looks, in seconds.
_WAIT_INTERVAL = 0.05
#: Throughput is taken over this many seconds.
_RATE_WINDOW = 60.0
#: How long a killed sandbox may take until its worker has given the job back, in seconds.
_KILL_PATIENCE = 10.0

_pools: weakref.WeakSet[ExtractionWorker] = weakref.WeakSet()


@atexit.register
def _stop_at_exit() -> None:
    """Give running jobs back when the program ends without having called ``stop()``."""
    for pool in list(_pools):
        pool.stop(timeout=0)


class ExtractionWorker:
    """A pool of workers on the queue of a database.

    Parameters
    ----------
    db
        The database.
    num_workers
        How many documents are extracted at a time.
    max_retries
        Attempts that may follow a job's first; 0 fails at once.
    extraction_timeout
        Seconds until an extraction is killed.
    heartbeat_interval
        Seconds between two heartbeats of a worker.
    poll_interval
        Seconds until an idle worker looks at the queue by itself. Jobs start sooner: what this
        process enqueues wakes a worker at once, what another one enqueues within 0.1 s.
    memory_limit_mb
        Memory one extraction may use, in MB.
    extractors
        Names of extractors to prefer, e.g. ``["pdfplumber"]``.

    Raises
    ------
    ValueError
        A setting is out of its range; the message says which and what is valid.

    Examples
    --------
    >>> with ExtractionWorker(db, num_workers=2) as worker:
    ...     worker.enqueue_batch(db.add_folder("papers"))
    ...     worker.wait()
    """

    def __init__(
        self,
        db: ResearchDatabase,
        num_workers: int = 2,
        max_retries: int = 3,
        extraction_timeout: float = 300,
        heartbeat_interval: float = 10,
        poll_interval: float = 1.0,
        *,
        memory_limit_mb: int = 2048,
        extractors: Sequence[str] | None = None,
    ) -> None:
        _check_whole("num_workers", num_workers, 1)
        _check_whole("max_retries", max_retries, 0)
        _check_whole("memory_limit_mb", memory_limit_mb, 64)
        for name, value in (
            ("extraction_timeout", extraction_timeout),
            ("heartbeat_interval", heartbeat_interval),
            ("poll_interval", poll_interval),
        ):
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"{name} must be a positive number of seconds, not {value!r}")
        if isinstance(extractors, str):
            raise ValueError(f"extractors is a list of names: [{extractors!r}]")
        self.db = db
        self.queue = QueueManager(db)
        self.num_workers = num_workers
        self.max_retries = max_retries
        self.extraction_timeout = float(extraction_timeout)
        self.heartbeat_interval = float(heartbeat_interval)
        self.poll_interval = float(poll_interval)
        self.memory_limit_mb = memory_limit_mb
        self.extractors = tuple(extractors or ())
        if self.extractors:
            _check_names(self.extractors)
        self.events = EventBus()
        self._condition = threading.Condition()
        self._wakes = 0
        self._stopping = True
        self._paused = False
        self._lifecycle = threading.Lock()
        self._workers: list[_Worker] = []
        self._watcher: threading.Thread | None = None
        self._forget_listener: Callable[[], None] | None = None
        self._finished: deque[tuple[float, float]] = deque(maxlen=100_000)
        self._started_at = 0.0
        self._starts = 0

    def __repr__(self) -> str:
        state = "paused" if self._paused else "running" if self.is_running() else "stopped"
        return f"<ExtractionWorker {state}, {self.num_workers} workers, {self.db!r}>"

    def __enter__(self) -> ExtractionWorker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an error nobody waits for what runs: it is given back at once.
        self.stop() if error is None else self.stop(timeout=0)

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers. Does nothing when they run; works again after :meth:`stop`.

        Jobs that dead processes left behind are given back first.
        """
        with self._lifecycle:
            if self.is_running():
                return
            self._join(self._workers, time.monotonic() + _KILL_PATIENCE)
            self.queue.rescue()
            self.queue.forget_old_workers()
            self._stopping, self._paused = False, False
            self._finished.clear()
            self._started_at = time.monotonic()
            self._starts += 1
            prefix = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
            self._workers = [_Worker(self, f"{prefix}-{n + 1}") for n in range(self.num_workers)]
            self._forget_listener = self.db.store.listen(self._wake)
            self._watcher = threading.Thread(
                target=self._watch, args=(self._starts,), name="reslib-watcher", daemon=True
            )
            _pools.add(self)
            for worker in self._workers:
                worker.thread.start()
            self._watcher.start()

    def stop(self, timeout: float = 60.0) -> bool:
        """Stop the workers; every job is kept.

        Running extractions may finish for *timeout* seconds. What still runs then is killed and
        its job given back, without a lost attempt. May be called again, from a callback and
        from a signal handler; leaves no process, thread or open file of the pool behind.

        Parameters
        ----------
        timeout
            Seconds to wait; 0 gives everything back at once.

        Returns
        -------
        bool
            True when every worker stopped by itself, False when some job had to be given back.
        """
        if timeout < 0:
            raise ValueError(f"timeout must be 0 or more seconds, not {timeout!r}")
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self.db.store.held_by_this_thread:
            # A signal came in the middle of a write of this very thread: workers cannot finish
            # before it returns, so waiting here would be for nothing.
            threading.Thread(target=self.stop, args=(timeout,), name="reslib-stop").start()
            return False
        workers = [w for w in self._workers if w.thread is not threading.current_thread()]
        clean = self._join(workers, time.monotonic() + timeout)
        if not clean:
            deadline = time.monotonic() + _KILL_PATIENCE
            while time.monotonic() < deadline:
                for worker in workers:
                    worker.kill()  # again and again: one may just be about to begin
                if self._join(workers, time.monotonic() + _WATCH_INTERVAL):
                    break
            else:
                logger.error("some workers did not stop; the next start gives their jobs back")
        watcher = self._watcher
        if watcher is not None and watcher is not threading.current_thread():
            watcher.join(_KILL_PATIENCE)
        if self._forget_listener is not None:
            self._forget_listener()
        _pools.discard(self)
        return clean

    def pause(self) -> None:
        """Take no new jobs; what runs goes on."""
        with self._condition:
            self._paused = True
            self._condition.notify_all()

    def resume(self) -> None:
        """Take jobs again after :meth:`pause`."""
        with self._condition:
            self._paused = False
        self._wake()

    def is_running(self) -> bool:
        """Whether the pool was started and not told to stop; also True while it is paused."""
        return not self._stopping

    def is_paused(self) -> bool:
        """Whether the pool takes no new jobs for now."""
        return self._paused

    @staticmethod
    def _join(workers: Iterable[_Worker], deadline: float) -> bool:
        done = True
        for worker in workers:
            if worker.thread.ident is not None:
                worker.thread.join(max(0.0, deadline - time.monotonic()))
                done = done and not worker.thread.is_alive()
        return done

    # --- work ---------------------------------------------------------------------------------

    def enqueue(self, attachment_id: int, priority: int = 0) -> int | None:
        """Ask for an attachment to be extracted; see :meth:`QueueManager.enqueue`."""
        return self.queue.enqueue(attachment_id, priority, max_retries=self.max_retries)

    def enqueue_batch(self, attachment_ids: Iterable[int], priority: int = 0) -> list[int]:
        """Enqueue many attachments at once; see :meth:`QueueManager.enqueue_batch`."""
        return self.queue.enqueue_batch(attachment_ids, priority, max_retries=self.max_retries)

    def cancel(self, job_id: int) -> bool:
        """Cancel a job; one that is running is killed.

        Returns
        -------
        bool
            False when the job is final already, or does not exist.
        """
        if not self.queue.cancel(job_id):
            return False
        running = [w for w in self._workers if w.kill_job(job_id)]
        if not running:
            job = self.queue.get_job(job_id)
            if job is not None:
                self.events.emit("job_cancelled", job)
        return True

    def retry_failed_jobs(self, job_ids: Iterable[int] | None = None) -> int:
        """Make failed jobs pending again: these, or all when None. Returns how many."""
        if job_ids is None:
            return self.queue.retry_failed()
        return sum(self.queue.retry_failed(job_id) for job_id in job_ids)

    def on(self, event: str, callback: Callable[..., Any]) -> Callable[[], None]:
        """Call *callback* whenever *event* happens; :mod:`reslib.events` lists them.

        Returns
        -------
        callable
            Ends it.

        Raises
        ------
        ValueError
            There is no such event.
        """
        return self.events.on(event, callback)

    # --- waiting ------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None, progress: bool = False) -> bool:
        """Wait until no job is pending, processing or waiting for a retry.

        Interrupting it (Ctrl-C, Jupyter's stop button) ends the waiting, not the pool.

        Parameters
        ----------
        timeout
            Seconds; None waits as long as the pool runs.
        progress
            Show a bar with the time left.

        Returns
        -------
        bool
            True when the queue is empty; False when the time was up or the pool was stopped.

        Raises
        ------
        RuntimeError
            The pool does not run and jobs are open: nobody would ever do them.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self.is_running() and self._open_jobs():
            raise RuntimeError("the pool does not run; call start() before wait()")
        bar = _Progress(self.queue) if progress else None
        try:
            while self._open_jobs():
                if not self.is_running():
                    return False
                if deadline is not None and time.monotonic() >= deadline:
                    return False
                if bar is not None:
                    bar.update()
                time.sleep(_WAIT_INTERVAL)
            return True
        finally:
            if bar is not None:
                bar.close()

    async def drained(self, timeout: float | None = None) -> bool:
        """Do as :meth:`wait` without blocking the event loop of a notebook."""
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self.is_running() and self._open_jobs():
            raise RuntimeError("the pool does not run; call start() before drained()")
        while self._open_jobs():
            if not self.is_running():
                return False
            if deadline is not None and time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_WAIT_INTERVAL)
        return True

    def _open_jobs(self) -> int:
        return sum(jobs for status, jobs in self.queue.counts().items() if not status.is_final)

    # --- looking ------------------------------------------------------------------------------

    def get_status(self) -> dict[str, Any]:
        """Return what the pool does right now.

        Returns
        -------
        dict
            ``running, paused``: the pool's state; ``queue_depth``: jobs that wait, now or for a
            retry; ``processing``: jobs that run, in any process; ``num_workers``;
            ``active_workers``: workers of this pool at a document; ``workers``: a dict for each
            with ``worker_id, status, jobs_completed, jobs_failed, current_job_id, document,
            page, page_count, seconds``; ``stats``: ``throughput_per_second`` (attempts that
            ended in the last minute), ``avg_extraction_time_ms`` (their mean, 0.0 when there
            are none), ``jobs_completed, jobs_failed, uptime_seconds``.
        """
        counts = self.queue.counts()
        workers = [worker.describe() for worker in self._workers]
        now = time.monotonic()
        uptime = now - self._started_at if self._started_at else 0.0
        recent = [ms for at, ms in tuple(self._finished) if now - at <= _RATE_WINDOW]
        return {
            "running": self.is_running(),
            "paused": self.is_paused(),
            "queue_depth": counts[JobStatus.PENDING] + counts[JobStatus.RETRY_PENDING],
            "processing": counts[JobStatus.PROCESSING],
            "num_workers": self.num_workers,
            "active_workers": sum(1 for w in workers if w["status"] == WorkerStatus.BUSY),
            "workers": workers,
            "stats": {
                "throughput_per_second": len(recent) / max(min(uptime, _RATE_WINDOW), 1e-3),
                "avg_extraction_time_ms": round(sum(recent) / len(recent), 1) if recent else 0.0,
                "jobs_completed": sum(w["jobs_completed"] for w in workers),
                "jobs_failed": sum(w["jobs_failed"] for w in workers),
                "uptime_seconds": round(uptime, 1),
            },
        }

    def get_recent_jobs(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest jobs; see :meth:`QueueManager.get_recent_jobs`."""
        return self.queue.get_recent_jobs(limit)

    # --- inside -------------------------------------------------------------------------------

    def _wake(self) -> None:
        with self._condition:
            self._wakes += 1
            self._condition.notify_all()

    def _next_wake(self) -> int:
        with self._condition:
            return self._wakes

    def _idle(self, seen: int) -> None:
        """Wait for something to do since *seen*, at most for ``poll_interval``."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._stopping or self._wakes != seen, self.poll_interval
            )

    def _note_finished(self, outcome: Outcome) -> None:
        self._finished.append((time.monotonic(), outcome.extraction_time_ms))

    def _watch(self, start: int) -> None:
        """Heartbeats, wake-ups from other processes, cancelled jobs, rescue."""
        version, beat_due, rescue_due = -1, 0.0, time.monotonic() + _RESCUE_INTERVAL
        retry_due = False
        while start == self._starts and any(w.thread.is_alive() for w in self._workers):
            try:
                now = time.monotonic()
                if now >= beat_due:
                    beat_due = now + self.heartbeat_interval
                    for worker in self._workers:
                        worker.beat()
                if now >= rescue_due:
                    rescue_due = now + _RESCUE_INTERVAL
                    self.queue.rescue()
                for worker in self._workers:
                    worker.kill_if_lost()
                latest = self.db.store.data_version()
                if latest != version:
                    version = latest
                    retry_due = self.queue.counts()[JobStatus.RETRY_PENDING] > 0
                    self._wake()
                elif retry_due and self.queue.has_claimable():
                    self._wake()
            except DatabaseError as error:
                logger.warning("the watcher could not use the database: %s", error)
            with self._condition:
                # Stopping ends the pool only when its workers have: until then they tick.
                self._condition.wait_for(
                    lambda: not any(w.thread.is_alive() for w in self._workers), _WATCH_INTERVAL
                )


class _Worker:
    """One supervising thread with its sandbox."""

    def __init__(self, pool: ExtractionWorker, worker_id: str) -> None:
        self.pool = pool
        self.worker_id = worker_id
        self.sandbox = Sandbox(memory_limit_mb=pool.memory_limit_mb)
        self.thread = threading.Thread(target=self._run, name=f"reslib-{worker_id}", daemon=True)
        self.completed = 0
        self.failed = 0
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._document = ""
        self._page: int | None = None
        self._page_count: int | None = None
        self._since = 0.0

    # --- asked from other threads -------------------------------------------------------------

    def describe(self) -> dict[str, Any]:
        """Return what :meth:`ExtractionWorker.get_status` says of this worker."""
        with self._lock:
            job = self._job
            return {
                "worker_id": self.worker_id,
                "status": str(self._status()),
                "jobs_completed": self.completed,
                "jobs_failed": self.failed,
                "current_job_id": job.id if job else None,
                "document": self._document if job else None,
                "page": self._page if job else None,
                "page_count": self._page_count if job else None,
                "seconds": round(time.monotonic() - self._since, 2) if job else None,
            }

    def _status(self) -> WorkerStatus:
        if not self.thread.is_alive():
            return WorkerStatus.STOPPED
        if self._job is not None:
            return WorkerStatus.BUSY
        return WorkerStatus.PAUSED if self.pool.is_paused() else WorkerStatus.IDLE

    def beat(self) -> None:
        """Write the heartbeat."""
        with self._lock:
            status, job = self._status(), self._job
            page, page_count = self._page, self._page_count
        if status is WorkerStatus.STOPPED:
            return
        self.pool.queue.beat(
            self.worker_id,
            status,
            self.pool.heartbeat_interval,
            job_id=job.id if job else None,
            page=page if job else None,
            page_count=page_count if job else None,
        )

    def kill(self) -> None:
        """End the running extraction; its job is given back."""
        with self._lock:
            if self._job is not None:
                self.sandbox.kill()

    def kill_job(self, job_id: int) -> bool:
        """End the running extraction when it is this job's."""
        with self._lock:
            if self._job is None or self._job.id != job_id:
                return False
            self.sandbox.kill()
            return True

    def kill_if_lost(self) -> None:
        """End the running extraction when its job is no longer this attempt's."""
        with self._lock:
            job = self._job
        if job is not None and not self.pool.queue.is_current(job.id, job.attempt):
            self.kill_job(job.id)

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        pool = self.pool
        try:
            self._persist(self.beat)
            # Before the first claim: a job must not count a crash that hits while a child starts.
            self.sandbox.warm_up()
            while not pool._stopping:
                seen = pool._next_wake()
                try:
                    job = None if pool._paused else pool.queue.claim(self.worker_id)
                    if job is None:
                        pool._idle(seen)
                        continue
                    self._work(job)
                except DatabaseError as error:
                    logger.warning("worker %s: %s", self.worker_id, error)
                    pool._idle(seen)
                except Exception:
                    # Must not happen; the thread lives on, the fence keeps the job safe.
                    logger.exception("worker %s: unexpected error", self.worker_id)
                    pool._idle(seen)
        finally:
            self.sandbox.close()
            self._say_stopped()

    def _say_stopped(self) -> None:
        try:
            self.pool.queue.beat(self.worker_id, WorkerStatus.STOPPED, self.pool.heartbeat_interval)
        except DatabaseError as error:
            logger.warning("worker %s could not say that it stopped: %s", self.worker_id, error)
        self.pool.events.emit("worker_stopped", self.worker_id)

    def _work(self, job: Job) -> None:
        pool = self.pool
        try:
            document = pool.queue.get_document(job.attachment_id)
        except AttachmentNotFound:
            return  # deleted since the claim, and its jobs with it
        with self._lock:
            self._job, self._document = job, document.filename
            self._page = self._page_count = None
            self._since = time.monotonic()
        try:
            pool.events.emit("job_started", job, self.worker_id)
            outcome = self._extract(job, document.path, document.mime_type)
            self._persist(lambda: self._store(job, outcome))
        finally:
            with self._lock:
                self._job = None

    def _extract(self, job: Job, path: str, mime_type: str | None) -> Outcome:
        if not self.pool.queue.is_current(job.id, job.attempt):
            return Outcome()  # cancelled between claim and now
        attempt = Attempt(
            path=path,
            mime_type=mime_type,
            timeout=self.pool.extraction_timeout,
            extractors=self.pool.extractors,
        )
        return self.sandbox.run(attempt, self._note_progress)

    def _note_progress(self, page: int, page_count: int | None) -> None:
        self._page, self._page_count = page, page_count

    def _store(self, job: Job, outcome: Outcome) -> None:
        """Commit the outcome, then tell the callbacks what became of the job."""
        queue, events = self.pool.queue, self.pool.events
        if outcome.result is not None:
            if queue.complete(job.id, attempt=job.attempt, outcome=outcome):
                self.completed += 1
                self.pool._note_finished(outcome)
                self._tell("job_completed", job, outcome.result)
                return
        elif outcome.failure is not None:
            failure = outcome.failure
            if queue.failed(
                job.id,
                failure.message,
                failure.error_type,
                self.pool.max_retries,
                attempt=job.attempt,
                error_code=failure.error_code,
                outcome=outcome,
            ):
                self.failed += 1
                self.pool._note_finished(outcome)
                self._tell_failure(job, failure)
                return
        elif queue.release(job.id, attempt=job.attempt):
            self._tell("job_released", job)
            return
        # The fence held: somebody cancelled the job, or gave it to another attempt.
        after = queue.get_job(job.id)
        if after is not None and after.status is JobStatus.CANCELLED:
            events.emit("job_cancelled", after)
        else:
            logger.warning("job %s is no longer attempt %s's; dropped", job.id, job.attempt)

    def _tell_failure(self, job: Job, failure: Failure) -> None:
        after = self.pool.queue.get_job(job.id) or job
        event = "job_retrying" if after.status is JobStatus.RETRY_PENDING else "job_failed"
        logger.info("%s: %s", event, printable(failure.message))
        self.pool.events.emit(event, after, failure)

    def _tell(self, event: str, job: Job, *more: object) -> None:
        self.pool.events.emit(event, self.pool.queue.get_job(job.id) or job, *more)

    def _persist(self, action: Callable[[], None]) -> None:
        """Do a write, again and again while the database cannot take it (a full disk).

        The extraction is done and must not be lost to that; the pool's stop ends the trying.
        """
        pause = 0.1
        while True:
            try:
                action()
                return
            except DatabaseError as error:
                logger.error("worker %s: %s. Trying again", self.worker_id, error)
                with self.pool._condition:
                    if self.pool._condition.wait_for(lambda: self.pool._stopping, pause):
                        raise
                pause = min(pause * 2, 5.0)


class _Progress:
    """The bar of ``wait(progress=True)``: jobs done since it began, of those that are known."""

    def __init__(self, queue: QueueManager) -> None:
        from tqdm.auto import tqdm

        self._queue = queue
        self._before = self._final(queue.counts())
        self._bar = tqdm(total=0, unit="doc", desc="extracting", dynamic_ncols=True)
        self.update()

    @staticmethod
    def _final(counts: dict[JobStatus, int]) -> int:
        return sum(jobs for status, jobs in counts.items() if status.is_final)

    def update(self) -> None:
        counts = self._queue.counts()
        done = max(0, self._final(counts) - self._before)
        open_jobs = sum(jobs for status, jobs in counts.items() if not status.is_final)
        changed = (done, done + open_jobs) != (self._bar.n, self._bar.total)
        self._bar.total, self._bar.n = done + open_jobs, done
        waiting = counts[JobStatus.RETRY_PENDING]
        if waiting:
            self._bar.set_postfix_str(f"{waiting} wait for a retry", refresh=False)
        if changed:
            self._bar.refresh()

    def close(self) -> None:
        self.update()
        self._bar.set_postfix_str("", refresh=True)
        self._bar.close()


def register_signal_handlers(worker: ExtractionWorker) -> None:
    """Stop *worker* gracefully on SIGTERM and SIGINT (Ctrl-C), then end the program.

    The first signal lets running extractions finish, a second one gives them back at once. When
    the pool has stopped, the handlers that were there before come back and
    ``SystemExit(128 + signal)`` is raised in the main thread, so that ``finally`` blocks run.

    In a Jupyter kernel SIGINT is left alone: the Interrupt button stops the running cell and
    must not stop the pool.

    Raises
    ------
    ValueError
        Not called from the main thread (Python allows signal handlers there only).
    """
    signals = [signal.SIGTERM]
    if "ipykernel" not in sys.modules:
        signals.append(signal.SIGINT)
    before: dict[int, Any] = {}
    state = {"signals": 0, "stopped": False}

    def stop(number: int, timeout: float) -> None:
        worker.stop(timeout)
        state["stopped"] = True
        os.kill(os.getpid(), number)  # the main thread ends the program

    def handle(number: int, _frame: FrameType | None) -> None:
        if state["stopped"]:
            for each, handler in before.items():
                signal.signal(each, handler)
            raise SystemExit(128 + number)
        state["signals"] += 1
        # Not in this thread: it may be in the middle of a write that the workers wait for.
        timeout = 60.0 if state["signals"] == 1 else 0.0
        threading.Thread(
            target=stop, args=(number, timeout), name="reslib-stop", daemon=True
        ).start()

    for number in signals:
        before[number] = signal.signal(number, handle)


def _check_whole(name: str, value: object, smallest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be a whole number, at least {smallest}, not {value!r}")


def _check_names(names: Sequence[str]) -> None:
    known = {extractor.name for extractor in available_extractors()}
    for name in names:
        if name not in known:
            raise ValueError(
                f"no extractor is called {name!r}; there are: {', '.join(sorted(known))}"
            )
