"""QueueManager: what people and pools call to fill, empty and look at the queue.

Each of its ideas is a file of its own: :mod:`~reslib.jobs.enqueue`, :mod:`~reslib.jobs.claims`,
:mod:`~reslib.jobs.transitions` (the states), :mod:`~reslib.jobs.rescue`,
:mod:`~reslib.jobs.heartbeats`. A finishing call with an older claim of the job than the current
one changes nothing and returns ``False``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from reslib.clock import utc_text
from reslib.database import ResearchDatabase, as_database
from reslib.display import html_table
from reslib.errors import DatabaseError
from reslib.given import whole
from reslib.jobs.batches import Batch, counts_of_batch, id_of_batch
from reslib.jobs.claims import Claims, is_any_due
from reslib.jobs.document import Document, document_of
from reslib.jobs.enqueue import NewJobs, enqueue
from reslib.jobs.heartbeats import beat, forget_old_workers, workers
from reslib.jobs.options import checked_tasks
from reslib.jobs.rescue import release_all_of, rescue_dead, rescue_silent
from reslib.jobs.statistics import counts, queue_stats
from reslib.jobs.transitions import JobError, Transition, execute
from reslib.models import TEXT, AttemptOutcome, Job, JobStatus, Outcome, WorkerStatus
from reslib.storage.store import Store

__all__ = ["QueueManager"]


class QueueManager:
    """The queue of a database. Works alone, from any number of threads and processes.

    Parameters
    ----------
    db
        The database whose queue it is.
    """

    def __init__(self, db: ResearchDatabase) -> None:
        self._db = as_database(db)
        self._store: Store = db.store
        self._claims = Claims(self._store)

    def __repr__(self) -> str:
        return f"QueueManager({self._db!r})"

    def _repr_html_(self) -> str:
        try:
            counts = self.counts()
        except DatabaseError as error:
            return html_table([("problem", error)], caption=repr(self))
        return html_table([tuple(counts.values())], tuple(counts), repr(self))

    # --- filling ------------------------------------------------------------------------------

    def enqueue(
        self,
        attachment_id: int,
        priority: int = 0,
        deduplicate: bool = True,
        *,
        max_retries: int = 3,
        task: str = TEXT,
        options: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Ask for an attachment to be extracted.

        Parameters
        ----------
        attachment_id
            Which one.
        priority
            Higher is sooner.
        deduplicate
            Make no second job of this task while one is open.
        max_retries
            Attempts that may follow the first, should a process die while it works on the job;
            for all other failures whoever calls :meth:`failed` decides.
        task
            What is to be done: ``"text"``, or what some extractor was registered for. The job waits
            for a pool that has one.
        options
            For the extractor, when its function has a parameter of that name: a JSON object. None
            for what it was told when it made what the document has, so that reading again gives the
            same; ``{}`` for nothing.

        Returns
        -------
        int or None
            The id of the job; None when the attachment has an open job of this task already.

        Raises
        ------
        AttachmentNotFound
            There is no such attachment.
        TypeError, ValueError
            *attachment_id* is not a whole number, *task* no name, or *options* no JSON object.
        """
        new = NewJobs(priority, deduplicate, max_retries, task, options)
        made = enqueue(self._store, [attachment_id], new)
        return made[0] if made else None

    def enqueue_batch(
        self,
        attachment_ids: Iterable[int],
        priority: int = 0,
        deduplicate: bool = True,
        *,
        max_retries: int = 3,
        task: str = TEXT,
        options: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Enqueue many attachments in one transaction: all of them, or none.

        While it lasts nobody else writes: about a second for 100,000. See :meth:`enqueue` for what
        the jobs have in common.

        Returns
        -------
        Batch
            A list of the ids of the jobs that were made, in the order of *attachment_ids*;
            attachments with an open job have none. Its ``id`` is that of the batch.

        Raises
        ------
        AttachmentNotFound
            One of them does not exist; then nothing was enqueued.
        TypeError, ValueError
            One of them is not a whole number, *task* no name, or *options* no JSON object.
        """
        new = NewJobs(priority, deduplicate, max_retries, task, options)
        return enqueue(self._store, attachment_ids, new, as_batch=True)

    # --- claiming and finishing ---------------------------------------------------------------

    def claim(
        self, worker_id: str, *, leave: Collection[str] = (), tasks: Sequence[str] = (TEXT,)
    ) -> Job | None:
        """Take the next job that is due: highest priority first, then oldest.

        The name is noted with this process in ``worker_heartbeat``, so that the job is given
        back should the process die.

        Parameters
        ----------
        worker_id
            Who takes it.
        leave
            Extractors whose documents are left to other processes.
        tasks
            Which jobs: the first of these tasks of which one is due.

        Returns
        -------
        Job or None
            The job, now ``processing``; None when nothing is due.
        """
        claimed = self._claims.next(worker_id, leave, checked_tasks(tasks))
        return claimed.job if claimed is not None else None

    def complete(
        self,
        job_id: int,
        extraction_time_ms: float | None = None,
        confidence: float | None = None,
        *,
        attempt: int | None = None,
        outcome: Outcome | None = None,
    ) -> bool:
        """Finish a job: its text, its metrics and its state in one transaction.

        Parameters
        ----------
        job_id
            Which job.
        extraction_time_ms
            How long it took, in milliseconds.
        confidence
            0 to 1.
        attempt
            The number of the claim (:attr:`Job.attempt`); the current one when None.
        outcome
            What a sandbox gave: the text is stored with the attachment. Its time and confidence
            are used where the two parameters above are None.

        Returns
        -------
        bool
            False when the job is not this attempt's any more; then nothing was stored.
        """
        return self._end(
            Transition.completion(job_id, extraction_time_ms, confidence, attempt, outcome)
        )

    def complete_and_claim(
        self,
        job_id: int,
        worker_id: str,
        extraction_time_ms: float | None = None,
        confidence: float | None = None,
        *,
        attempt: int | None = None,
        outcome: Outcome | None = None,
        leave: Collection[str] = (),
        tasks: Sequence[str] = (TEXT,),
    ) -> tuple[bool, Job | None]:
        """Finish a job and take the next one, in one transaction instead of two.

        For who has another job to do at once: 1.3 times as many jobs a second as with two calls.

        Parameters
        ----------
        job_id
            The job that is done.
        worker_id
            Who takes the next one.
        extraction_time_ms, confidence, attempt, outcome
            See :meth:`complete`.
        leave, tasks
            See :meth:`claim`.

        Returns
        -------
        bool
            As :meth:`complete`; when False, nothing was claimed either.
        Job or None
            As :meth:`claim`.
        """
        change = Transition.completion(job_id, extraction_time_ms, confidence, attempt, outcome)
        done, claimed = self._claims.following(change, worker_id, leave, checked_tasks(tasks))
        return done, claimed.job if claimed is not None else None

    def failed(
        self,
        job_id: int,
        error_message: str,
        error_type: str = "unknown",
        max_retries: int = 3,
        *,
        attempt: int | None = None,
        error_code: str | None = None,
        outcome: Outcome | None = None,
    ) -> bool:
        """Record that an attempt failed; the job is tried again later, or fails for good.

        Parameters
        ----------
        job_id
            Which job.
        error_message
            For people: which document, what happened, what to do next.
        error_type
            One of the five of :class:`~reslib.errors.ErrorType`; decides whether and when.
        max_retries
            Attempts that may follow the first.
        attempt
            The number of the claim; the current one when None.
        error_code
            What really happened; the usual one of *error_type* when None.
        outcome
            What a sandbox gave: traceback, signal and the like are kept with the attempt.

        Returns
        -------
        bool
            False when the job is not this attempt's any more.

        Raises
        ------
        ValueError
            No such error type or code, or *max_retries* is negative.
        """
        error = JobError.of(error_message, error_type, error_code)
        if max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {max_retries!r}")
        return self._end(
            Transition(
                job_id=job_id,
                attempt=attempt,
                how=AttemptOutcome.FAILED,
                outcome=outcome,
                error=error,
                max_retries=max_retries,
            )
        )

    def release(
        self, job_id: int, *, attempt: int | None = None, outcome: Outcome | None = None
    ) -> bool:
        """Give a job back as if it had not been claimed: interrupted is not failed. Pages that OCR
        has read by then are kept from *outcome*.

        Returns
        -------
        bool
            False when the job is not this attempt's any more.
        """
        how = AttemptOutcome.INTERRUPTED
        change = Transition(job_id=job_id, attempt=attempt, how=how, outcome=outcome)
        released = self._end(change)
        if released:
            self._store.announce()
        return released

    def cancel(self, job_id: int) -> bool:
        """Cancel a job that is not final yet.

        One that is running in an :class:`~reslib.pool.pool.ExtractionWorker`, in whatever process,
        is killed by it within a second; what it had read is dropped.

        Returns
        -------
        bool
            False when the job is final already, or does not exist.
        """
        job_id = whole("job_id", job_id)
        return self._end(Transition(job_id=job_id, how=AttemptOutcome.CANCELLED))

    def _end(self, change: Transition) -> bool:
        with self._store.write() as transaction:
            return execute(transaction, change, utc_text())

    def retry_failed(self, job_id: int | None = None) -> int:
        """Make failed jobs pending again, with all their attempts.

        Parameters
        ----------
        job_id
            Only this one; every failed job when None, of several of one attachment and task the
            latest.

        Returns
        -------
        int
            How many were reset; jobs whose attachment has an open job of their task are left
            alone.
        """
        job_id = None if job_id is None else whole("job_id", job_id)
        with self._store.write() as transaction:
            count = transaction.run("retry_failed", {"job_id": job_id, "now": utc_text()})
        if count:
            self._store.announce()
        return count

    # --- rescue -------------------------------------------------------------------------------

    def rescue(self) -> int:
        """Give back the jobs of processes that are dead.

        A process on this host is asked for by pid and start time; one on another host is given
        up when its heartbeat has been silent for six intervals. The attempt counts as a crash,
        and a job that has no retries left fails. Pools call this when they start and every few
        seconds. The job waits as after any failed attempt: a document that takes its process down
        must neither do so for ever nor stand first in line each time.

        Returns
        -------
        int
            How many jobs were given back or failed.
        """
        return rescue_dead(self._store)

    def release_all_of(self, worker_ids: Collection[str], *, are_stopped: bool = False) -> int:
        """Give back what workers of this process that store nothing more are at.

        In one transaction, in which it is noted that they have stopped when *are_stopped* is True.

        Returns
        -------
        int
            How many jobs were given back.
        """
        return release_all_of(self._store, worker_ids, are_stopped=are_stopped)

    def cleanup_stale_jobs(self, stale_threshold_minutes: float = 30) -> int:
        """Give back jobs that nobody seems to work on; for people, after trouble.

        Those of :meth:`rescue`, and those claimed longer ago than the threshold whose owner has
        given no sign of life for as long. A job whose pool still ticks is never touched, however
        long it takes. A sign of another host from the future, given before the clock was set
        back, is none.

        Parameters
        ----------
        stale_threshold_minutes
            Minutes of silence.

        Returns
        -------
        int
            How many jobs were given back or failed.
        """
        return rescue_silent(self._store, stale_threshold_minutes)

    # --- heartbeats ---------------------------------------------------------------------------

    def beat(
        self,
        worker_id: str,
        status: WorkerStatus,
        interval: float,
        *,
        job_id: int | None = None,
        page: int | None = None,
        page_count: int | None = None,
    ) -> None:
        """Note that a worker lives, and what it does.

        Parameters
        ----------
        worker_id
            Who.
        status
            What it does.
        interval
            Seconds until it will say so again.
        job_id, page, page_count
            What it is at, and how far.
        """
        beat(self._store, worker_id, status, interval, job_id, page, page_count)

    def forget_old_workers(self) -> None:
        """Drop the heartbeat rows of workers that were last heard of a week ago."""
        forget_old_workers(self._store)

    # --- looking ------------------------------------------------------------------------------

    def get_job(self, job_id: int) -> Job | None:
        """Return a job, None when there is none with that id."""
        row = self._store.row("job", {"job_id": whole("job_id", job_id)})
        return Job.from_row(row) if row is not None else None

    def get_document(self, attachment_id: int) -> Document:
        """Return where the document of a job is.

        Raises
        ------
        AttachmentNotFound
            It was deleted.
        """
        return document_of(self._store, attachment_id)

    def is_current(self, job_id: int, attempt: int) -> bool:
        """True when a job is still being processed under this claim."""
        return bool(self._store.value("still_mine", {"job_id": job_id, "attempt": attempt}))

    def has_claimable(self, *, leave: Collection[str] = (), tasks: Sequence[str] = (TEXT,)) -> bool:
        """True when :meth:`claim` would find something now."""
        return is_any_due(self._store, leave, checked_tasks(tasks))

    def get_pending_count(self) -> int:
        """Return the number of jobs in state ``pending``."""
        return self.counts()[JobStatus.PENDING]

    def counts(self, *, batch: Batch | int | None = None) -> dict[JobStatus, int]:
        """Return the number of jobs in each state; costs the same whatever the history. Those of a
        *batch* are counted one by one; a number that no batch has is a ``ValueError``.
        """
        if batch is None:
            return counts(self._store)
        return counts_of_batch(self._store, id_of_batch(batch))

    def get_failed_jobs(self, limit: int = 100) -> list[Job]:
        """Return jobs in state ``failed``, the latest first, also of documents that have been read
        since; :func:`reslib.frames.failed_jobs` leaves those out.
        """
        wanted = {"limit": whole("limit", limit, 0)}
        return [Job.from_row(row) for row in self._store.rows("failed_jobs", wanted)]

    def get_recent_jobs(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest jobs, one dict a job: the columns of the queue that people look at,
        with the name, text status, confidence and page count of the attachment.
        """
        wanted = {"limit": whole("limit", limit, 0)}
        return [dict(row) for row in self._store.rows("recent_jobs", wanted)]

    def get_workers(self) -> list[dict[str, Any]]:
        """Return every worker known to the database, of whatever process, as dicts; ``alive`` is
        whether its process lives, None on another host; ``silent``, whether six of its heartbeats
        are missing.
        """
        return workers(self._store)

    def get_queue_stats(self) -> dict[str, Any]:
        """Return counts of jobs and how fast they go.

        Returns
        -------
        dict
            ``pending, processing, retry_pending, complete, failed, cancelled``: jobs in each
            state; ``completed_24h``: completed in the last 24 hours, also of documents that were
            deleted since; ``avg_extraction_time_ms``: mean over the latest 1,000 of these at
            most, 0.0 when there are none.
        """
        return queue_stats(self._store)
