"""The numbers of a queue: how many jobs are in each state, and how fast they go."""

from __future__ import annotations

from typing import Any

from reslib.clock import utc_text
from reslib.models import JobStatus
from reslib.storage.store import Store

__all__ = ["counts", "queue_stats"]


def counts(store: Store) -> dict[JobStatus, int]:
    """Return the number of jobs in each state; see :meth:`QueueManager.counts`."""
    found = {row["status"]: row["jobs"] for row in store.rows("counts")}
    return {status: found.get(status, 0) for status in JobStatus}


def queue_stats(store: Store) -> dict[str, Any]:
    """Return counts of jobs and how fast they go; see :meth:`QueueManager.get_queue_stats`."""
    since = {"since": utc_text(-24 * 3600)}
    average = store.value("average_extraction_time", since)
    return {
        **{str(status): jobs for status, jobs in counts(store).items()},
        "completed_24h": store.value("completed_since", since),
        "avg_extraction_time_ms": round(average or 0.0, 1),
    }
