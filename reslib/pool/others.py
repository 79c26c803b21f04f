"""Jobs that are left to another process, because that one has their extractor."""

from __future__ import annotations

import json
import logging
import time

from reslib.extractors.registry import registry
from reslib.pool.thread import Pool

__all__ = ["LeftToOthers"]

logger = logging.getLogger(__name__)

#: How often it is looked, in seconds.
_INTERVAL = 0.5


class LeftToOthers:
    """The check of a wait that all open jobs are left to other processes.

    Parameters
    ----------
    pool
        The pool.
    batch_id
        Of the batch that is waited for; None for all jobs.
    """

    def __init__(self, pool: Pool, batch_id: int | None = None) -> None:
        self._pool, self._batch_id = pool, batch_id
        self._due = 0.0
        self._words: str | None = None
        self._said: str | None = None

    def words(self) -> str | None:
        """Return how many documents are left to whom; None while there is anything else to do."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _INTERVAL
            self._words = self._look()
        return self._words

    def say(self) -> None:
        """Log it, once: the wait goes on until the other process has done them."""
        words = self.words()
        if words is not None and self._said is None:
            self._said = words
            logger.warning("%s. This waits until they are done", words)

    def _look(self) -> str | None:
        left = self._pool.control.left
        if not left:
            return None
        asked = {"left": json.dumps(sorted(left)), "batch": self._batch_id}
        tasks = registry.tasks()
        rows = [
            row
            for row in self._pool.db.store.rows("open_jobs_of", asked)
            if row["task"] in tasks  # of the others nobody here does anything
        ]
        if not rows or any(row["extractor"] is None for row in rows):
            return None
        count = sum(row["jobs"] for row in rows)
        names = " and ".join(repr(name) for name in dict.fromkeys(r["extractor"] for r in rows))
        return (
            f"{count:,} document{'s are' if count > 1 else ' is'} left to another process that has "
            f"the extractor {names}; if it does nothing, its pool is paused"
        )
