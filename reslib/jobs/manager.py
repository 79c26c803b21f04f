"""QueueManager: the state machine of jobs, one guarded transaction per transition.

===============  =====================================  ==========================
from             by                                     to
===============  =====================================  ==========================
(nothing)        ``enqueue``                            pending
pending,         ``claim``                              processing
retry_pending
processing       ``complete``                           complete
processing       ``failed``, may be tried again         retry_pending
processing       ``failed``, permanent or none left     failed
processing       ``release`` (attempt given back),      pending
                 ``cleanup_stale_jobs`` (counted)
processing       ``rescue`` (attempt counted)           retry_pending or failed
any open state   ``cancel``                             cancelled
failed           ``retry_failed``                       pending
===============  =====================================  ==========================

Every finishing statement is fenced by the number of the claim: who holds an older claim of the
job changes nothing and is told so by ``False``.
"""

from __future__ import annotations

import json
import logging
import operator
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from reslib.clock import utc_text
from reslib.database import ResearchDatabase, as_database
from reslib.display import html_table
from reslib.documents.acceptances import acceptance_from, custom_extractors
from reslib.documents.earlier import keep_text
from reslib.documents.intake import settle
from reslib.errors import AttachmentNotFound, DatabaseError, ErrorCode, ErrorType, printable
from reslib.given import whole
from reslib.jobs.records import finish_heartbeat, identity_columns, record_attempt, text_columns
from reslib.jobs.retry import LONGEST_DELAY, retry_delay
from reslib.liveness import ProcessIdentity, owner_is_dead, owner_lives_here, process_lives
from reslib.models import Acceptance, AttemptOutcome, Job, JobStatus, Outcome, WorkerStatus
from reslib.storage.store import Store, Transaction

__all__ = ["QueueManager"]

logger = logging.getLogger(__name__)

#: What a short call of ``failed(error_type=...)`` means when it does not say more.
_DEFAULT_CODE = {
    ErrorType.TIMEOUT: ErrorCode.TIMEOUT,
    ErrorType.CORRUPTION: ErrorCode.MALFORMED,
    ErrorType.EXTRACTOR_MISSING: ErrorCode.MISSING_DEPENDENCY,
    ErrorType.UNSUPPORTED: ErrorCode.NO_EXTRACTOR,
    ErrorType.UNKNOWN: ErrorCode.EXCEPTION,
}
#: Times that are further ahead than this were written before the clock was set back, in seconds.
_AHEAD = 120.0
#: A year, in minutes.
_LONGEST_SILENCE = 366 * 24 * 60
#: Rows of workers that stopped long ago are dropped after this many seconds.
_FORGET_AFTER = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Document:
    """What a worker needs to know of the attachment of a job."""

    filename: str
    path: str
    mime_type: str | None
    accepted: Acceptance | None


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
        #: Whether the latest claim found a job: then the next one need not look first.
        self._found_one = False

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
    ) -> int | None:
        """Ask for an attachment to be extracted.

        Parameters
        ----------
        attachment_id
            Which one.
        priority
            Higher is sooner.
        deduplicate
            Make no second job while one is open.
        max_retries
            Attempts that may follow the first, should a process die while it works on the job;
            for all other failures whoever calls :meth:`failed` decides.

        Returns
        -------
        int or None
            The id of the job; None when the attachment has an open job already.

        Raises
        ------
        AttachmentNotFound
            There is no such attachment.
        TypeError
            *attachment_id* is not a whole number.
        """
        made = self._enqueue([attachment_id], priority, deduplicate, max_retries)
        return made[0] if made else None

    def enqueue_batch(
        self,
        attachment_ids: Iterable[int],
        priority: int = 0,
        deduplicate: bool = True,
        *,
        max_retries: int = 3,
    ) -> list[int]:
        """Enqueue many attachments in one transaction: all of them, or none.

        While it lasts nobody else writes: about a second for 100,000.

        Returns
        -------
        list of int
            Ids of the jobs that were made, in the order of *attachment_ids*; attachments with
            an open job have none.

        Raises
        ------
        AttachmentNotFound
            One of them does not exist; then nothing was enqueued.
        TypeError
            One of them is not a whole number.
        """
        return self._enqueue(attachment_ids, priority, deduplicate, max_retries)

    def _enqueue(
        self, attachment_ids: Iterable[int], priority: int, deduplicate: bool, max_retries: int
    ) -> list[int]:
        if max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {max_retries!r}")
        # What counts as a whole number counts as an id, also numpy's.
        wanted = f"[{','.join([f'{operator.index(each):d}' for each in attachment_ids])}]"
        with self._store.write() as transaction:
            now = utc_text()
            accepted = []
            for found in transaction.rows("may_be_enqueued", {"ids": wanted}):
                if not found["known"]:
                    raise AttachmentNotFound(f"there is no attachment {found['id']!r}")
                if not (deduplicate and found["has_open_job"]):
                    accepted.append(found["id"])
            if deduplicate:
                accepted = list(dict.fromkeys(accepted))
            job = {"priority": priority, "max_retries": max_retries, "now": now}
            made = transaction.insert("enqueue", [{**job, "attachment_id": a} for a in accepted])
        if made:
            self._store.announce()
        return list(made)

    # --- claiming and finishing ---------------------------------------------------------------

    def claim(self, worker_id: str, *, leave: Collection[str] = ()) -> Job | None:
        """Take the next job that is due: highest priority first, then oldest.

        The name is noted with this process in ``worker_heartbeat``, so that the job is given
        back should the process die.

        Parameters
        ----------
        worker_id
            Who takes it.
        leave
            Extractors whose documents are left to other processes.

        Returns
        -------
        Job or None
            The job, now ``processing``; None when nothing is due.
        """
        if not self._found_one and not self.has_claimable(leave=leave):
            return None  # an idle worker does not take the write lock
        with self._store.write() as transaction:
            return self._claim(transaction, worker_id, utc_text(), leave)

    def _claim(
        self, transaction: Transaction, worker_id: str, now: str, leave: Collection[str]
    ) -> Job | None:
        claim = {"worker_id": worker_id, "now": now, "horizon": utc_text(LONGEST_DELAY)}
        row = transaction.row(*_but("claim", claim, leave))
        self._found_one = row is not None
        if row is None:
            return None
        transaction.run(
            "heartbeat_claimed",
            {
                **identity_columns(ProcessIdentity.current()),
                "worker_id": worker_id,
                "now": now,
                "job_id": row["id"],
            },
        )
        return _job(row)

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
        with self._store.write() as transaction:
            return self._complete(
                transaction, utc_text(), job_id, attempt, extraction_time_ms, confidence, outcome
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
        leave
            See :meth:`claim`.

        Returns
        -------
        bool
            As :meth:`complete`; when False, nothing was claimed either.
        Job or None
            As :meth:`claim`.
        """
        with self._store.write() as transaction:
            now = utc_text()
            done = self._complete(
                transaction, now, job_id, attempt, extraction_time_ms, confidence, outcome
            )
            return done, self._claim(transaction, worker_id, now, leave) if done else None

    @staticmethod
    def _complete(
        transaction: Transaction,
        now: str,
        job_id: int,
        attempt: int | None,
        extraction_time_ms: float | None,
        confidence: float | None,
        outcome: Outcome | None,
    ) -> bool:
        result = outcome.result if outcome else None
        if outcome is not None:
            if extraction_time_ms is None:
                extraction_time_ms = outcome.extraction_time_ms
            if confidence is None and result is not None:
                confidence = result.confidence
        fence = {"job_id": job_id, "attempt": attempt}
        recorded = record_attempt(
            transaction,
            fence,
            AttemptOutcome.COMPLETE,
            now,
            result=result,
            outcome=outcome,
            extraction_time_ms=extraction_time_ms,
            confidence=confidence,
        )
        if not recorded:
            return False
        keep_text(transaction, job_id, result)
        transaction.run("complete", {**fence, "now": now})
        if result is not None:
            transaction.run("store_text", text_columns(result, job_id, now))
        finish_heartbeat(transaction, job_id, now, completed=1)
        return True

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
        kind = ErrorType(error_type)
        code = ErrorCode(error_code) if error_code is not None else _DEFAULT_CODE[kind]
        if max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {max_retries!r}")
        error = {"error_type": kind, "error_code": code, "error_message": error_message}
        fence = {"job_id": job_id, "attempt": attempt}
        with self._store.write() as transaction:
            now = utc_text()
            so_far = transaction.row("attempts_so_far", fence)
            if so_far is None:
                return False
            record_attempt(
                transaction, fence, AttemptOutcome.FAILED, now, error=error, outcome=outcome
            )
            delay = retry_delay(so_far["attempts"] + 1, kind, max_retries)
            change = {**fence, **error, "max_retries": max_retries}
            if delay is None:
                transaction.run("fail", {**change, "now": now})
            else:
                transaction.run("retry_later", {**change, "due": utc_text(delay)})
            finish_heartbeat(transaction, job_id, now, failed=1)
        return True

    def release(self, job_id: int, *, attempt: int | None = None) -> bool:
        """Give a job back as if it had not been claimed: interrupted is not failed.

        Returns
        -------
        bool
            False when the job is not this attempt's any more.
        """
        fence = {"job_id": job_id, "attempt": attempt}
        with self._store.write() as transaction:
            now = utc_text()
            if not record_attempt(transaction, fence, AttemptOutcome.INTERRUPTED, now):
                return False
            transaction.run("release", {**fence, "now": now})
            finish_heartbeat(transaction, job_id, now)
        self._store.announce()
        return True

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
        with self._store.write() as transaction:
            now = utc_text()
            fence = {"job_id": job_id, "attempt": None}
            record_attempt(transaction, fence, AttemptOutcome.CANCELLED, now)
            row = transaction.row("cancel", {"job_id": job_id, "now": now})
            if row is None:
                return False
            finish_heartbeat(transaction, job_id, now)
        return True

    def retry_failed(self, job_id: int | None = None) -> int:
        """Make failed jobs pending again, with all their attempts.

        Parameters
        ----------
        job_id
            Only this one; every failed job when None, of several of one attachment the latest.

        Returns
        -------
        int
            How many were reset; jobs whose attachment has an open job are left alone.
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
        count = 0
        for row in self._store.rows("processing_jobs"):
            if owner_is_dead(row):
                count += self._give_back(row, "the process that worked on it died", wait=True)
        return count

    def release_all_of(self, worker_ids: Collection[str]) -> int:
        """Give back what workers of this process that have ended were still at.

        They do so themselves, unless the database could not be written when they ended.

        Returns
        -------
        int
            How many jobs were given back.
        """
        return sum(
            self.release(row["job_id"], attempt=row["attempt"])
            for row in self._store.rows("processing_jobs")
            if row["worker_id"] in worker_ids
        )

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
        if not 0 <= stale_threshold_minutes <= _LONGEST_SILENCE:
            raise ValueError(
                f"the threshold must be 0 or more minutes, {_LONGEST_SILENCE} at most, not "
                f"{stale_threshold_minutes!r}"
            )
        count = self.rescue()
        before, ahead = utc_text(-60 * stale_threshold_minutes), utc_text(_AHEAD)
        for row in self._store.rows("processing_jobs"):
            ticks = row["heartbeat_interval"] is not None
            last_sign = row["last_heartbeat"] if ticks else row["started_at"]
            sign = max(last_sign, row["started_at"])
            # A sign from the future was given before the clock was set back: whoever lives has
            # given another one since, unless it never ticks.
            if sign <= before or (sign > ahead and not owner_lives_here(row)):
                count += self._give_back(row, "nothing was heard of its worker", wait=False)
        return count

    def _give_back(self, row: Any, why: str, *, wait: bool) -> int:
        """Count the attempt as a crash; open again, or failed. One job, one transaction."""
        error = {
            "error_type": ErrorType.UNKNOWN,
            "error_code": ErrorCode.CRASHED,
            "error_message": (
                f"{printable(row['filename'])}: {why} before it was done. If this happens again "
                "with this document, look at it apart from the others"
            ),
        }
        fence = {"job_id": row["job_id"], "attempt": row["attempt"]}
        with self._store.write() as transaction:
            now = utc_text()
            so_far = transaction.row("attempts_so_far", fence)
            if so_far is None:
                return 0
            record_attempt(transaction, fence, AttemptOutcome.FAILED, now, error=error)
            delay = retry_delay(so_far["attempts"] + 1, ErrorType.UNKNOWN, so_far["max_retries"])
            change = {**fence, **error, "max_retries": so_far["max_retries"]}
            if delay is None:
                transaction.run("fail", {**change, "now": now})
            elif wait:
                transaction.run("retry_later", {**change, "due": utc_text(delay)})
            else:
                transaction.run("give_back", {**fence, **error, "now": now})
            transaction.run(
                "heartbeat_abandoned",
                {"worker_id": row["worker_id"], "job_id": row["job_id"], "failed": 1},
            )
        logger.warning("%s", error["error_message"])
        self._store.announce()
        return 1

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
        values = {
            **identity_columns(ProcessIdentity.current()),
            "worker_id": worker_id,
            "status": status,
            "interval": interval,
            "now": utc_text(),
            "job_id": job_id,
            "page": page,
            "page_count": page_count,
            "extractors": custom_extractors(),
        }
        with self._store.write() as transaction:
            transaction.run("beat", values)

    def forget_old_workers(self) -> None:
        """Drop the heartbeat rows of workers that were last heard of a week ago."""
        with self._store.write() as transaction:
            transaction.run("forget_workers", {"before": utc_text(-_FORGET_AFTER)})

    # --- looking ------------------------------------------------------------------------------

    def get_job(self, job_id: int) -> Job | None:
        """Return a job, None when there is none with that id."""
        row = self._store.row("job", {"job_id": whole("job_id", job_id)})
        return _job(row) if row is not None else None

    def get_document(self, attachment_id: int) -> Document:
        """Return where the document of a job is.

        Raises
        ------
        AttachmentNotFound
            It was deleted.
        """
        row = self._store.row("document", {"id": attachment_id})
        if row is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        path = os.fsdecode(row["path"])
        return Document(row["filename"], path, row["mime_type"], acceptance_from(row))

    def find_document(self, attachment_id: int) -> Document:
        """Return where a document is whose file has gone: at one of its copies, when there are any.

        From then on that is where it is.

        Raises
        ------
        AttachmentNotFound
            It was deleted.
        """
        settle(self._store, attachment_id)
        return self.get_document(attachment_id)

    def is_current(self, job_id: int, attempt: int) -> bool:
        """Whether a job is still being processed under this claim."""
        return bool(self._store.value("still_mine", {"job_id": job_id, "attempt": attempt}))

    def has_claimable(self, *, leave: Collection[str] = ()) -> bool:
        """Whether :meth:`claim` would find something now."""
        due = {"now": utc_text(), "horizon": utc_text(LONGEST_DELAY)}
        return bool(self._store.value(*_but("claimable", due, leave)))

    def get_pending_count(self) -> int:
        """Return the number of jobs in state ``pending``."""
        return self.counts()[JobStatus.PENDING]

    def counts(self) -> dict[JobStatus, int]:
        """Return the number of jobs in each state. Costs the same whatever the history."""
        found = {row["status"]: row["jobs"] for row in self._store.rows("counts")}
        return {status: found.get(status, 0) for status in JobStatus}

    def get_failed_jobs(self, limit: int = 100) -> list[Job]:
        """Return jobs in state ``failed``, the latest first, also of documents that have been read
        since; :func:`reslib.frames.failed_jobs` leaves those out.
        """
        wanted = {"limit": whole("limit", limit, 0)}
        return [_job(row) for row in self._store.rows("failed_jobs", wanted)]

    def get_recent_jobs(self, limit: int = 20) -> list[dict[str, Any]]:
        """Return the newest jobs, one dict a job: the columns of the queue that people look at,
        with the name, text status, confidence and page count of the attachment.
        """
        wanted = {"limit": whole("limit", limit, 0)}
        return [dict(row) for row in self._store.rows("recent_jobs", wanted)]

    def get_workers(self) -> list[dict[str, Any]]:
        """Return every worker known to the database, of whatever process, as dicts; ``alive`` is
        whether its process lives, None on another host.
        """
        return [{**dict(row), "alive": process_lives(row)} for row in self._store.rows("workers")]

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
        since = {"since": utc_text(-24 * 3600)}
        average = self._store.value("average_extraction_time", since)
        return {
            **{str(status): jobs for status, jobs in self.counts().items()},
            "completed_24h": self._store.value("completed_since", since),
            "avg_extraction_time_ms": round(average or 0.0, 1),
        }


def _but(
    name: str, parameters: dict[str, Any], leave: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Return a statement and its parameters: with *leave*, the one that passes over these."""
    if not leave:
        return name, parameters
    return f"{name}_but", {**parameters, "left": json.dumps(sorted(leave))}


def _job(row: Any) -> Job:
    values = dict(row)
    values["status"] = JobStatus(values["status"])
    kind, code = values["error_type"], values["error_code"]
    values["error_type"] = ErrorType(kind) if kind else None
    values["error_code"] = ErrorCode(code) if code else None
    return Job(**values)
