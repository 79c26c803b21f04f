"""One worker: a thread that claims jobs and supervises the sandbox that does them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from reslib.database import ResearchDatabase
from reslib.documents.acceptances import extractors_elsewhere
from reslib.engines import Engine, guard
from reslib.errors import AttachmentNotFound, DatabaseError, ErrorCode, ErrorType, printable
from reslib.extractors.registry import registry
from reslib.jobs.claims import Claimed, Claims
from reslib.jobs.document import Document, find_document
from reslib.jobs.manager import QueueManager
from reslib.jobs.transitions import Transition
from reslib.models import TEXT, Failure, Job, JobStatus, Outcome, WorkerStatus
from reslib.pool.asking import ask, brings_jobs
from reslib.pool.batchwatch import BatchWatch
from reslib.pool.control import RATE_WINDOW, Cause, Control
from reslib.pool.events import EventBus
from reslib.pool.following import Following
from reslib.pool.passwords import Passwords
from reslib.pool.patience import Patience
from reslib.pool.reading import Reading
from reslib.pool.slots import Slot, Slots
from reslib.pool.unstorable import fail_unstorable

__all__ = ["RATE_WINDOW", "Control", "Pool", "WorkerThread"]

logger = logging.getLogger(__name__)

#: Seconds before a child that could not be started is tried again: the first time, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


class Pool(Protocol):
    """A pool, as far as its workers need it."""

    db: ResearchDatabase
    queue: QueueManager
    claims: Claims
    events: EventBus
    control: Control
    slots: Slots
    batches: BatchWatch
    max_retries: int
    extraction_timeout: float
    heartbeat_interval: float
    poll_interval: float
    engine: Engine
    following: Following
    extractors: tuple[str, ...]
    passwords: Passwords
    reading: Reading

    def members(self) -> Sequence[WorkerThread]:
        """Return its workers of this moment."""


class WorkerThread:
    """One supervising thread with what reads its documents.

    Parameters
    ----------
    pool
        Whose worker it is.
    worker_id
        Its name in the database.
    """

    def __init__(self, pool: Pool, worker_id: str) -> None:
        self.pool = pool
        self.worker_id = worker_id
        self.runner = pool.engine.runner()
        self._thread = threading.Thread(target=self._run, name=f"reslib-{worker_id}", daemon=True)
        # Thread.join() is not waited in: on Python 3.11 one that is interrupted by Ctrl-C takes
        # the thread for ended ever after.
        self._ended = threading.Event()
        self._leaving = self._is_cancelled = False
        #: Whether its pool has stopped without it; whether it is in a callback, which nobody can
        #: end; whether its job was given back for it.
        self.abandoned = self.in_callback = self.given_back = False
        self._patience = Patience(pool.control, pool.db.store, worker_id)
        self._slot = Slot(pool.slots)
        #: Seconds before the next try to start a child; whether a document met that it failed.
        self._pause, self._unavailable = _FIRST_PAUSE, False
        self.completed = self.failed = 0
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._document = ""
        self._page: int | None = None
        self._page_count: int | None = None
        self._since = 0.0

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to claim jobs."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """True when it was started and has not ended."""
        return self._thread.ident is not None and not self._ended.is_set()

    @property
    def busy(self) -> bool:
        """True when it is at a document."""
        return self._job is not None

    @property
    def leaving(self) -> bool:
        """True when it was told to :meth:`leave`, and may still be at its last job."""
        return self._leaving

    def leave(self) -> None:
        """Claim nothing more; what runs may finish."""
        self._leaving = True
        self.pool.control.wake()

    def take_back(self) -> None:
        """Undo that it was made, or started, a moment ago."""
        self.leave()
        if self._thread.ident is None:
            self.runner.close()

    @property
    def job(self) -> Job | None:
        """The job that it is at."""
        return self._job

    def abandon(self) -> None:
        """Begin nothing more, not even the job that it has: its pool has stopped without it."""
        self.abandoned = True
        self.leave()

    @property
    def is_ready(self) -> bool:
        """True when it is idle and has a child that waits for a document."""
        return not (self._leaving or self.busy) and self.runner.is_up

    @property
    def is_current_thread(self) -> bool:
        """True when this very thread is the worker's (a callback)."""
        return self._thread is threading.current_thread()

    def wait_until_ended(self, timeout: float) -> bool:
        """Wait *timeout* seconds at most; return whether it has ended."""
        if self._thread.ident is not None:
            if not self._ended.wait(min(max(0.0, timeout), threading.TIMEOUT_MAX)):
                return False
            self._thread.join(1.0)  # all that is left to do is to return
        return True

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
                "child_pid": self.runner.pid,
                "where": getattr(self.runner, "where", None) or None,
            }

    def _status(self) -> WorkerStatus:
        if not self.alive:
            return WorkerStatus.STOPPED
        if self._job is not None:
            return WorkerStatus.BUSY
        return WorkerStatus.PAUSED if self.pool.control.paused else WorkerStatus.IDLE

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
                self.runner.kill()

    def kill_job(self, job_id: int) -> bool:
        """End the running extraction when it is this job's."""
        with self._lock:
            if self._job is None or self._job.id != job_id:
                return False
            self._is_cancelled = True  # perhaps it has not begun
            self.runner.kill()
            return True

    def kill_if_lost(self) -> bool:
        """End the running extraction when its job is no longer this attempt's; return whether.

        Then again a little later: one that was just about to begin goes on.
        """
        job = self._job
        if job is None or self.pool.queue.is_current(job.id, job.attempt):
            return False
        return self.kill_job(job.id)

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        pool = self.pool
        try:
            self._patience.ask(self.beat)
            while not self._is_to_end():
                seen = pool.control.token()
                try:
                    # Before the claim: nobody's job counts a crash that hits while a child starts.
                    if not self._has_child(seen):
                        continue
                    pool.control.note_lacking(self.runner.lacking)
                    claimed = self._claim() if self._may_claim() else None
                    self._patience.note(None)
                    if claimed is None:
                        self._note_machinery(None)
                        pool.control.wait_for_wake(seen, pool.poll_interval)
                    while claimed is not None:
                        claimed = self._work(claimed)
                except DatabaseError as error:
                    self._patience.note(error)
                    pool.control.wait_for_wake(seen, pool.poll_interval)
                except BaseException:
                    # Must not happen; the thread lives on, the fence keeps the job safe.
                    logger.exception("worker %s: unexpected error", self.worker_id)
                    pool.control.wait_for_wake(seen, pool.poll_interval)
        except DatabaseError as error:  # the pool stops before the first heartbeat was taken
            logger.warning("worker %s did not begin: %s", self.worker_id, error)
        finally:
            # Whatever fails of this, such as for want of open files: it has ended.
            for step in (
                self.runner.close,
                lambda: pool.control.set_problem(Cause.CHILD, None, self.worker_id),
                self._say_stopped,
                lambda: self._patience.note(None),
            ):
                try:
                    step()
                except BaseException:
                    logger.exception("worker %s: unexpected error at its end", self.worker_id)
            self._ended.set()

    def _claim(self) -> Claimed | None:
        with self._slot.offered() as tasks:
            claimed = self.pool.claims.next(self.worker_id, self.pool.control.left, tasks)
            self._slot.task = claimed.job.task if claimed is not None else None
        return claimed

    def _is_to_end(self) -> bool:
        return self.pool.control.stopping or self._leaving

    def _may_claim(self) -> bool:
        control = self.pool.control
        return not (self._is_to_end() or control.paused or control.is_blocked)

    def _has_child(self, seen: int) -> bool:
        """Have a child before a job is claimed, when there is a job for one more.

        When there is none, or the child cannot be started, False comes after some waiting.
        """
        control = self.pool.control
        self.runner.tend()
        if not self.runner.is_up:
            ready = sum(worker.is_ready for worker in self.pool.members() if worker is not self)
            with control.starting_a_child(ready, self._waiting_jobs()) as allowed:
                if allowed:
                    problem = guard.warm_up(self.runner, self._is_to_end)
            if not allowed:
                self._note_machinery(None)
                control.wait_for_wake(seen, self.pool.poll_interval)
                return False
            if problem is not None:
                self._note_machinery(problem)
                return False
            if not self._unavailable:
                control.child_started()
        return not self._is_to_end()

    def _waiting_jobs(self) -> int:
        queue, tasks = self.pool.queue, self.pool.slots.free()
        left = self.pool.control.left
        if not (self._may_claim() and queue.has_claimable(leave=left, tasks=tasks)):
            return 0
        counts = queue.counts()
        return counts[JobStatus.PENDING] + counts[JobStatus.RETRY_PENDING]

    def _note_machinery(self, problem: str | None) -> None:
        """Say that no child can be started and wait, longer each time; or that one could be."""
        control = self.pool.control
        control.set_problem(Cause.CHILD, problem, self.worker_id)
        if problem is None:
            self._pause, self._unavailable = _FIRST_PAUSE, False
            return
        control.rest(self._pause, self._is_to_end)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _may_claim_at_once(self, job: Job) -> bool:
        """True when the next job may be claimed in the very transaction that ends this one.

        Not when there is no child to begin it: its start is nobody's job's. And not when a
        callback hears of this one first, which may take long, pause the pool, or end the process.
        """
        return (
            self._may_claim()
            and self.runner.is_up
            and not self.pool.events.has_listeners("job_completed")
            and (job.batch_id is None or not self.pool.events.has_listeners("batch_completed"))
        )

    def _say_stopped(self) -> None:
        pool = self.pool
        try:
            if not self.given_back:
                pool.queue.beat(self.worker_id, WorkerStatus.STOPPED, pool.heartbeat_interval)
        except DatabaseError as error:
            self._patience.note(error)
        self._emit("worker_stopped", self.worker_id)

    def _emit(self, event: str, *arguments: object) -> None:
        self.in_callback = True
        try:
            self.pool.events.emit(event, *arguments)
        finally:
            self.in_callback = False

    def _work(self, claimed: Claimed) -> Claimed | None:
        """Do a job; return the next one when it has been claimed already."""
        job, document = claimed.job, claimed.document
        assert document is not None
        following: Claimed | None = None
        try:
            if self._is_for_others(job, document):
                self._patience.ask(lambda: self.pool.queue.release(job.id, attempt=job.attempt))
                return None
            with self._lock:
                self._job, self._document = job, document.filename
                self._page = self._page_count = None
                self._is_cancelled = False
                self._since = time.monotonic()
            if job.batch_id is not None:
                self.pool.batches.note(job.batch_id)
            self._emit("job_started", job, self.worker_id)
            outcome = self._extract(job, document)
            try:
                following = self._patience.ask(lambda: self._store(job, outcome))
            except DatabaseError:
                raise  # the pool stops, and does not wait any longer for the database
            except Exception as error:
                refused = job, document, error, self.pool.max_retries
                self._patience.ask(lambda: fail_unstorable(self.pool.queue, *refused))
        finally:
            with self._lock:
                self._job = None
            if following is None:
                self._slot.release()
        if job.batch_id is not None:
            self._tell_batches()
        if not outcome.interrupted:
            self._unavailable = outcome.unavailable is not None
            self._note_machinery(outcome.unavailable)
        return following

    def _is_for_others(self, job: Job, document: Document) -> bool:
        """True when only another process has the extractor of a job, and is there to do it."""
        accepted = document.accepted if job.task == TEXT else None
        name = job.extractor or (accepted and accepted.extractor)
        if name is None or name in registry.custom():
            return False
        # What the watcher saw may be a second old.
        self.pool.control.leave(
            self._patience.ask(lambda: extractors_elsewhere(self.pool.db.store))
        )
        return name in self.pool.control.left

    def _extract(self, job: Job, document: Document, passwords: tuple[str, ...] = ()) -> Outcome:
        if self.abandoned or self._is_lost(job):
            return Outcome()
        outcome = ask(self.pool, self.runner, job, document, passwords, self._note_progress)
        code = None if outcome.failure is None else outcome.failure.error_code
        if code is ErrorCode.ENCRYPTED and not passwords:  # what needs none is told none
            passwords = self.pool.passwords.of(document.path)
            return self._extract(job, document, passwords) if passwords else outcome
        if code is not ErrorCode.FILE_NOT_FOUND:
            return outcome
        # Not before: on a share that hangs the child is killed, but this thread would wait.
        try:
            found = self._patience.ask(lambda: find_document(self.pool.db.store, job.attachment_id))
        except AttachmentNotFound:
            return outcome  # deleted meanwhile; nothing of it is stored
        return outcome if found.path == document.path else self._extract(job, found)

    def _is_lost(self, job: Job) -> bool:
        """True when a job was cancelled between its claim and now."""
        if self._is_cancelled or not self.pool.events.has_listeners("job_started"):
            return self._is_cancelled
        # A callback may have taken its time.
        queue = self.pool.queue
        return not self._patience.ask(lambda: queue.is_current(job.id, job.attempt))

    def _note_progress(self, page: int, page_count: int | None) -> None:
        self._page, self._page_count = page, page_count

    def _store(self, job: Job, outcome: Outcome) -> Claimed | None:
        """Commit the outcome, tell the callbacks; return the next job when that was claimed too."""
        queue = self.pool.queue
        if outcome.result is not None:
            following = None
            if self._may_claim_at_once(job):
                done, following = self._complete_and_claim(job, outcome)
            else:
                done = queue.complete(job.id, attempt=job.attempt, outcome=outcome)
            if done:
                if brings_jobs(outcome):
                    self.pool.db.store.announce()
                self.completed += 1
                self.pool.control.note_finished(outcome)
                self._tell("job_completed", job, outcome.result)
                return following
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
                self.pool.control.note_finished(outcome)
                self._tell_failure(job, failure)
                return None
        elif self.given_back or queue.release(job.id, attempt=job.attempt, outcome=outcome):
            self._tell("job_released", job)
            return None
        # The fence held: somebody cancelled the job, or gave it to another attempt.
        after = queue.get_job(job.id)
        if after is not None and after.status is JobStatus.CANCELLED:
            self._emit("job_cancelled", after)
        elif not self.given_back:
            logger.warning("job %s is no longer attempt %s's; dropped", job.id, job.attempt)
        return None

    def _complete_and_claim(self, job: Job, outcome: Outcome) -> tuple[bool, Claimed | None]:
        change = Transition.completion(job.id, None, None, job.attempt, outcome)
        with self._slot.offered() as tasks:
            done, following = self.pool.claims.following(
                change, self.worker_id, self.pool.control.left, tasks
            )
            self._slot.task = following.job.task if following is not None else None
        return done, following

    def _tell_batches(self) -> None:
        with contextlib.suppress(DatabaseError):  # the watcher looks again
            for batch in self.pool.batches.done():
                self._emit("batch_completed", batch)

    def _tell_failure(self, job: Job, failure: Failure) -> None:
        after = self.pool.queue.get_job(job.id) or job
        event = "job_retrying" if after.status is JobStatus.RETRY_PENDING else "job_failed"
        if event == "job_retrying" and failure.error_type is ErrorType.EXTRACTOR_MISSING:
            self.pool.control.note_missing(printable(failure.message))
        logger.info("%s: %s", event, printable(failure.message))
        self._emit(event, after, failure)

    def _tell(self, event: str, job: Job, *more: object) -> None:
        if self.pool.events.has_listeners(event):
            after = None
            with contextlib.suppress(DatabaseError):  # it is stored; what is told is as it was
                after = self.pool.queue.get_job(job.id)
            self._emit(event, after or job, *more)
