"""The status of a pool: what it and its workers do right now."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from reslib.errors import DatabaseError
from reslib.models import JobStatus, WorkerStatus
from reslib.pool.control import RATE_WINDOW
from reslib.pool.thread import Pool, WorkerThread

__all__ = ["status_of"]


class _Pool(Pool, Protocol):
    num_workers: int

    def is_running(self) -> bool: ...
    def is_paused(self) -> bool: ...


def status_of(pool: _Pool, members: Sequence[WorkerThread], started_at: float) -> dict[str, Any]:
    """Return the status; see :meth:`ExtractionWorker.get_status`.

    Parameters
    ----------
    pool
        Whose status it is.
    members
        Its workers of this moment.
    started_at
        When it was started, of the monotonic clock; 0.0 when it was not.
    """
    gone = pool.db.store.file_problem()
    try:
        counts = pool.queue.counts()
    except DatabaseError:
        if gone is None:
            raise
        counts = dict.fromkeys(JobStatus, 0)
    workers = [w.describe() for w in members if w.alive or not w.leaving]
    uptime = time.monotonic() - started_at if started_at else 0.0
    finished, took = pool.control.lately_finished()
    return {
        "running": pool.is_running(),
        "paused": pool.is_paused(),
        "problem": gone or (pool.control.problem if pool.is_running() else None),
        "lacking": pool.control.lacking or None,
        "queue_depth": counts[JobStatus.PENDING] + counts[JobStatus.RETRY_PENDING],
        "processing": counts[JobStatus.PROCESSING],
        "num_workers": pool.num_workers,
        "active_workers": sum(1 for w in workers if w["status"] == WorkerStatus.BUSY),
        "workers": workers,
        "cluster": pool.following.describe(),
        "stats": {
            "throughput_per_second": finished / max(min(uptime, RATE_WINDOW), 1e-3),
            "avg_extraction_time_ms": round(took / finished, 1) if finished else 0.0,
            "jobs_completed": sum(w.completed for w in members),
            "jobs_failed": sum(w.failed for w in members),
            "uptime_seconds": round(uptime, 1),
        },
    }
