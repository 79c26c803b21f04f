"""The wait for a pool, until all that it does is done, or one batch of it."""

from __future__ import annotations

import json
import logging
import time
from typing import Protocol

from reslib.extractors.registry import registry
from reslib.given import seconds_to_wait
from reslib.jobs.batches import Batch, id_of_batch, open_batch
from reslib.models import JobStatus
from reslib.pool.others import LeftToOthers
from reslib.pool.progress import ProgressBar
from reslib.pool.thread import Pool

__all__ = ["WAIT_INTERVAL", "Wait"]

logger = logging.getLogger(__name__)

#: How often it is looked, in seconds.
WAIT_INTERVAL = 0.05


class _Pool(Pool, Protocol):
    def is_running(self) -> bool: ...


class Wait:
    """One wait for a pool.

    Parameters
    ----------
    pool
        The pool.
    timeout
        Seconds; None waits as long as the pool runs.
    batch
        Whose jobs are waited for; None for all jobs.
    call
        What was called, for the message.

    Raises
    ------
    RuntimeError
        The pool does not run and jobs are open: nobody would ever do them.
    TypeError, ValueError
        *timeout* is no number, or there is no such batch.
    """

    def __init__(
        self, pool: _Pool, timeout: float | None, batch: Batch | int | None, call: str
    ) -> None:
        self._pool = pool
        self._deadline = None if timeout is None else time.monotonic() + seconds_to_wait(timeout)
        self._is_for_all = batch is None
        self._batch_id = None if batch is None else id_of_batch(batch)
        self._others = LeftToOthers(pool, self._batch_id)
        self._has_warned = False
        if not self._is_for_all and self._batch_id is None:
            self._say_that_it_has_no_jobs(call)
        if not pool.is_running() and self._is_done() is None:
            raise RuntimeError(f"the pool does not run; call start() before {call}()")

    def is_over(self) -> bool | None:
        """Return whether all was done; None while the wait goes on."""
        done = self._is_done()
        if done is not None:
            return done
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return False
        if not self._pool.is_running():
            return False
        self._others.say()
        return None

    def bar(self) -> ProgressBar:
        """Return a bar of the jobs that are waited for."""
        return ProgressBar(self._pool.queue, self._batch_id)

    def _is_done(self) -> bool | None:
        """The answer of the wait, as people get it; None while there is something to wait for."""
        store, tasks = self._pool.db.store, registry.tasks()
        if self._is_for_all:
            if not JobStatus.count_open(self._pool.queue.counts()):
                return True
            if store.value("has_open_jobs", {"tasks": json.dumps(tasks)}):
                return None
            self._say_what_is_not_done_here()
            return True
        task = None if self._batch_id is None else open_batch(store, self._batch_id)
        if task is None:
            return True
        if task in tasks:
            return None
        self._say_what_is_not_done_here()
        return False

    def _say_that_it_has_no_jobs(self, call: str) -> None:
        count = JobStatus.count_open(self._pool.queue.counts())
        if count:
            logger.warning(
                "the batch has no jobs, as when its documents have open ones already, so it is not "
                "waited for; %s() without it waits for %s",
                call,
                f"the {count:,} jobs that are open" if count > 1 else "the job that is open",
            )

    def _say_what_is_not_done_here(self) -> None:
        if self._has_warned:
            return
        self._has_warned = True
        asked = {"left": "[]", "batch": self._batch_id}
        rows = self._pool.db.store.rows("open_jobs_of", asked)
        jobs = " and ".join(f"{row['jobs']:,} of the task {row['task']!r}" for row in rows)
        logger.warning(
            "open jobs that are not waited for, because no extractor of this process does their "
            "task: %s. register_extractor(..., task=...) adds one",
            jobs,
        )
