"""Jobs whose worker has died or fallen silent, given back."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import Any

from reslib.clock import utc_text
from reslib.errors import ErrorCode, ErrorType, printable
from reslib.jobs.transitions import JobError, Transition, execute
from reslib.liveness import owner_is_dead, owner_lives_here, process_lives
from reslib.models import AttemptOutcome, WorkerStatus
from reslib.storage.store import Store

__all__ = ["release_all_of", "rescue_dead", "rescue_silent"]

logger = logging.getLogger(__name__)

#: Times that are further ahead than this were written before the clock was set back, in seconds.
_AHEAD = 120.0
#: A year, in minutes.
_LONGEST_SILENCE = 366 * 24 * 60


def rescue_dead(store: Store) -> int:
    """Give back the jobs of processes that are dead; see :meth:`QueueManager.rescue`."""
    count = sum(
        _give_back(store, row, "the process that worked on it died", at_once=False)
        for row in store.rows("processing_jobs")
        if owner_is_dead(row)
    )
    gone = [
        row["worker_id"]
        for row in store.rows("workers")
        if row["status"] != WorkerStatus.STOPPED
        and row["current_job_id"] is None
        and process_lives(row) is False
    ]
    if gone:
        with store.write() as transaction:
            transaction.run("workers_gone", {"ids": json.dumps(gone)})
    return count


def rescue_silent(store: Store, minutes: float) -> int:
    """Give back jobs whose worker has been silent; see :meth:`QueueManager.cleanup_stale_jobs`.

    Raises
    ------
    ValueError
        *minutes* is negative, or more than a year.
    """
    if not 0 <= minutes <= _LONGEST_SILENCE:
        raise ValueError(
            f"the threshold must be 0 or more minutes, {_LONGEST_SILENCE} at most, not {minutes!r}"
        )
    count = rescue_dead(store)
    before, ahead = utc_text(-60 * minutes), utc_text(_AHEAD)
    for row in store.rows("processing_jobs"):
        ticks = row["heartbeat_interval"] is not None
        last_sign = row["last_heartbeat"] if ticks else row["started_at"]
        sign = max(last_sign, row["started_at"])
        # A sign from the future was given before the clock was set back: a living worker has
        # given another one since, unless it never ticks.
        if sign <= before or (sign > ahead and not owner_lives_here(row)):
            count += _give_back(store, row, "nothing was heard of its worker", at_once=True)
    return count


def release_all_of(store: Store, worker_ids: Collection[str], *, are_stopped: bool = False) -> int:
    """Give back what workers of this process are at, in one transaction.

    Parameters
    ----------
    store
        The database.
    worker_ids
        Workers that store nothing more.
    are_stopped
        Whether it is noted that they have stopped.
    """
    if not worker_ids:
        return 0
    count = 0
    rows = [row for row in store.rows("processing_jobs") if row["worker_id"] in worker_ids]
    if rows or are_stopped:
        with store.write() as transaction:
            for row in rows:
                change = Transition(
                    job_id=row["job_id"], attempt=row["attempt"], how=AttemptOutcome.INTERRUPTED
                )
                count += execute(transaction, change, utc_text())
            if are_stopped:
                transaction.run("workers_gone", {"ids": json.dumps(sorted(worker_ids))})
    if count:
        store.announce()
    return count


def _give_back(store: Store, row: Any, why: str, *, at_once: bool) -> int:
    """Count the attempt as a crash; open again, or failed. One job, one transaction."""
    error = JobError(
        ErrorType.UNKNOWN,
        ErrorCode.CRASHED,
        f"{printable(row['filename'])}: {why} before it was done. If this happens again with this "
        "document, look at it apart from the others",
    )
    change = Transition(
        job_id=row["job_id"],
        attempt=row["attempt"],
        how=AttemptOutcome.FAILED,
        error=error,
        at_once=at_once,
        silent_worker=row["worker_id"],
    )
    with store.write() as transaction:
        if not execute(transaction, change, utc_text()):
            return 0
    logger.warning("%s", error.error_message)
    store.announce()
    return 1
