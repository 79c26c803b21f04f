"""The end of a claim: the transition as a value, and the one function that carries it out.

===============  =====================================  ==========================
from             by                                     to
===============  =====================================  ==========================
(nothing)        ``enqueue``                            pending
pending,         ``claim``                              processing
retry_pending
failed           ``retry_failed``                       pending
processing       ``COMPLETE``                           complete
processing       ``FAILED``, may be tried again         retry_pending
processing       ``FAILED``, permanent or none left     failed
processing       ``FAILED``, *at_once*                  pending (attempt counted)
processing       ``INTERRUPTED``                        pending (attempt given back)
any open state   ``CANCELLED``                          cancelled
===============  =====================================  ==========================

The ends of a claim are values here, each fenced by the number of the claim. Its row in the history,
the state of the job, the text and the worker's counters are written in the transaction that it is
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from reslib.clock import utc_text
from reslib.documents.earlier import keep_text
from reslib.documents.wanting import means_of
from reslib.errors import ErrorCode, ErrorType
from reslib.jobs.innerdocuments import take_in_inner
from reslib.jobs.itemstore import forget_items, store_items, store_pages
from reslib.jobs.records import attempt_columns, failure_columns, text_columns
from reslib.jobs.retry import retry_delay
from reslib.jobs.taskpages import MEANS, finished, follow_up, given, keep_pages, merge_pages
from reslib.models import OCR, PAGE_BREAK, TEXT, AttemptOutcome, ExtractionResult, Outcome
from reslib.storage.store import Transaction

__all__ = ["JobError", "Transition", "execute"]

#: What a short call of ``failed(error_type=...)`` means when it does not say more.
_DEFAULT_CODE = {
    ErrorType.TIMEOUT: ErrorCode.TIMEOUT,
    ErrorType.CORRUPTION: ErrorCode.MALFORMED,
    ErrorType.EXTRACTOR_MISSING: ErrorCode.MISSING_DEPENDENCY,
    ErrorType.UNSUPPORTED: ErrorCode.NO_EXTRACTOR,
    ErrorType.UNKNOWN: ErrorCode.EXCEPTION,
}


@dataclass(frozen=True, slots=True)
class JobError:
    """The error of a job, as the queue and its history keep it."""

    error_type: ErrorType
    error_code: ErrorCode
    #: For people: which document, what happened, what to do next.
    error_message: str

    @classmethod
    def of(cls, message: str, error_type: str, error_code: str | None) -> JobError:
        """Return an error of a type; of the usual code of that type when none is given.

        Raises
        ------
        ValueError
            There is no such type or code.
        """
        kind = ErrorType(error_type)
        code = ErrorCode(error_code) if error_code is not None else _DEFAULT_CODE[kind]
        return cls(kind, code, message)

    def columns(self) -> dict[str, Any]:
        """Return the columns of it."""
        return {
            "error_type": self.error_type,
            "error_code": self.error_code,
            "error_message": self.error_message,
        }


class Transition(NamedTuple):
    """The end of a claim. A tuple, because one is made for each: in a third of the time.

    Parameters
    ----------
    job_id
        The job.
    attempt
        The number of the claim; the current one when None.
    how
        How the attempt ended.
    outcome
        What a sandbox gave: its text is stored with the document, its cost in the history.
    error
        What went wrong, of one that failed.
    extraction_time_ms, confidence
        In place of those of *outcome*.
    max_retries
        Attempts that may follow the first, of one that failed; those of the job when None.
    at_once
        Of one that failed: claimable at once, unless it was the last attempt.
    silent_worker
        The worker that was given up: its last sign of life stays what it was.
    """

    job_id: int
    how: AttemptOutcome
    attempt: int | None = None
    outcome: Outcome | None = None
    error: JobError | None = None
    extraction_time_ms: float | None = None
    confidence: float | None = None
    max_retries: int | None = None
    at_once: bool = False
    silent_worker: str | None = None

    @property
    def fence(self) -> dict[str, Any]:
        """The fence, as each statement takes it."""
        return {"job_id": self.job_id, "attempt": self.attempt}

    @classmethod
    def completion(
        cls,
        job_id: int,
        extraction_time_ms: float | None,
        confidence: float | None,
        attempt: int | None,
        outcome: Outcome | None,
    ) -> Transition:
        """Return the end of a claim whose job is done; see :meth:`QueueManager.complete`."""
        return cls(
            job_id=job_id,
            attempt=attempt,
            how=AttemptOutcome.COMPLETE,
            outcome=outcome,
            extraction_time_ms=extraction_time_ms,
            confidence=confidence,
        )


def execute(transaction: Transaction, change: Transition, now: str) -> bool:
    """Carry out a transition.

    Returns
    -------
    bool
        False when the job is not this attempt's any more (of a cancellation: when it is final, or
        does not exist); then nothing was written.
    """
    recorded = _record(transaction, change, now)
    if not recorded and change.how is not AttemptOutcome.CANCELLED:
        return False
    if not _CHANGES[change.how](transaction, change, now):
        return False
    if change.silent_worker is not None:
        worker = {"worker_id": change.silent_worker, "job_id": change.job_id, "failed": 1}
        transaction.run("heartbeat_abandoned", worker)
    elif recorded:
        counts = {
            "completed": int(change.how is AttemptOutcome.COMPLETE),
            "failed": int(change.how is AttemptOutcome.FAILED),
        }
        transaction.run("heartbeat_finished", {"job_id": change.job_id, "now": now, **counts})
    return True


def _record(transaction: Transaction, change: Transition, now: str) -> bool:
    """Write the row of an attempt that ends; False when the fence holds it off."""
    values = attempt_columns(change.outcome, change.extraction_time_ms, change.confidence)
    row = {**change.fence, "now": now, "outcome": change.how, **values}
    if transaction.run("record_attempt", row) != 1:
        return False
    if change.error is not None:
        failure = {**change.error.columns(), **failure_columns(change.outcome)}
        transaction.run("record_failure", failure)
    return True


def _complete(transaction: Transaction, change: Transition, now: str) -> bool:
    result = change.outcome.result if change.outcome else None
    if result is not None:
        _store(transaction, change, result, now)
    transaction.run("complete", {**change.fence, "now": now})
    return True


def _store(
    transaction: Transaction,
    change: Transition,
    result: ExtractionResult,
    now: str,
    *,
    is_cut: bool = False,
) -> None:
    """Store the text of a job's document and what else was found in it; of a job of another task
    the latter, and the pages that it read.
    """
    job_id, outcome = change.job_id, change.outcome
    row = transaction.row("job", {"job_id": job_id})
    assert row is not None
    attachment_id, task = row["attachment_id"], row["task"]
    if task != TEXT:
        forget_items(transaction, job_id)
        store_items(transaction, job_id, result.items)
        made_by = {"extractor": result.extractor, "recipe": result.recipe, "is_cut": is_cut}
        transaction.run("store_task_provenance", {"job_id": job_id, **made_by})
        if task == OCR:
            _put_in_place(transaction, change, attachment_id, result, is_cut=is_cut)
        return
    had_text = keep_text(transaction, job_id, result)
    transaction.run("store_text", text_columns(result, job_id, now))
    provenance = {"job_id": job_id, "recipe": result.recipe, "is_cut": is_cut}
    transaction.run("store_provenance", provenance)
    if had_text:
        transaction.run("forget_pages", {"id": attachment_id})
        forget_items(transaction, job_id)
    store_pages(transaction, attachment_id, result.pages, result.page_offsets)
    store_items(transaction, job_id, result.items)
    take_in_inner(transaction, job_id, result.items, now)
    if had_text:
        merge_pages(transaction, attachment_id)
    if outcome is not None and any(page.wants for page in result.pages):
        follow_up(transaction, job_id, attachment_id, outcome.follow_ups, now)


def _put_in_place(
    transaction: Transaction,
    change: Transition,
    attachment_id: int,
    result: ExtractionResult,
    *,
    is_cut: bool,
) -> None:
    """Keep the pages that were read by another task, and put them in place of those of the text."""
    content_hash = change.outcome.content_hash if change.outcome else None
    keep_pages(transaction, change.fence, given(result.pages), content_hash)
    means = result.metadata.get(MEANS) or means_of(result.extractor, result.recipe)
    if not is_cut:
        transaction.run("remember_means", {"job_id": change.job_id, "means": str(means)})
    merge_pages(transaction, attachment_id)


def _fail(transaction: Transaction, change: Transition, now: str) -> bool:
    assert change.error is not None
    so_far = transaction.row("attempts_so_far", change.fence)
    assert so_far is not None  # the attempt has just been recorded
    allowed = so_far["max_retries"] if change.max_retries is None else change.max_retries
    partial = change.outcome.partial if change.outcome else None
    if partial is not None and _may_keep(transaction, change.job_id, partial):
        _store(transaction, change, partial, now, is_cut=True)
    # One that got further is not counted: the next one goes on behind what made it fail.
    counted = not transaction.value("has_given_pages", {"job_id": change.job_id})
    if not counted:
        merge_pages(transaction, so_far["attachment_id"])
        allowed = max(allowed, so_far["attempts"] + 1)
    attempts = max(1, so_far["attempts"] + counted)
    delay = retry_delay(attempts, change.error.error_type, allowed)
    values = {**change.fence, **change.error.columns(), "counted": counted}
    if delay is None:
        transaction.run("fail", {**values, "max_retries": allowed, "now": now})
    elif change.at_once:
        transaction.run("give_back", {**values, "now": now})
    else:
        transaction.run("retry_later", {**values, "max_retries": allowed, "due": utc_text(delay)})
    return True


def _may_keep(transaction: Transaction, job_id: int, partial: ExtractionResult) -> bool:
    """True when a part is better than what the document has of the task of a job."""
    task = transaction.value("task_of_job", {"job_id": job_id})
    if task != TEXT:  # of pages each is kept, whatever became of the others
        return task == OCR or bool(transaction.value("may_keep_cut_items", {"job_id": job_id}))
    characters = len(partial.text.replace(PAGE_BREAK, ""))
    cut = {"job_id": job_id, "characters": characters}
    return bool(transaction.value("may_keep_cut_text", cut))


def _release(transaction: Transaction, change: Transition, now: str) -> bool:
    partial = change.outcome.partial if change.outcome else None
    row = transaction.row("job", {"job_id": change.job_id})
    if row is not None and row["task"] == OCR:
        pages = [] if partial is None else finished(partial.pages)
        content_hash = change.outcome.content_hash if change.outcome else None
        keep_pages(transaction, change.fence, pages, content_hash)
        merge_pages(transaction, row["attachment_id"])
    transaction.run("release", {**change.fence, "now": now})
    return True


def _cancel(transaction: Transaction, change: Transition, now: str) -> bool:
    return transaction.row("cancel", {"job_id": change.job_id, "now": now}) is not None


_CHANGES = {
    AttemptOutcome.COMPLETE: _complete,
    AttemptOutcome.FAILED: _fail,
    AttemptOutcome.INTERRUPTED: _release,
    AttemptOutcome.CANCELLED: _cancel,
}
