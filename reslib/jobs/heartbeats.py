"""Signs of life: each worker has a row that says when it last lived, and what it is at."""

from __future__ import annotations

from typing import Any

from reslib.clock import utc_text
from reslib.documents.acceptances import custom_extractors
from reslib.jobs.records import identity_columns
from reslib.liveness import ProcessIdentity, is_silent, process_lives
from reslib.models import WorkerStatus
from reslib.storage.store import Store

__all__ = ["beat", "forget_old_workers", "workers"]

#: A worker is not called silent before so many seconds.
_LEAST_SILENCE = 30.0
#: Rows of workers that stopped long ago are dropped after this many seconds.
_FORGET_AFTER = 7 * 24 * 3600


def beat(
    store: Store,
    worker_id: str,
    status: WorkerStatus,
    interval: float,
    job_id: int | None,
    page: int | None,
    page_count: int | None,
) -> None:
    """Note that a worker lives, and what it does; see :meth:`QueueManager.beat`."""
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
    with store.write() as transaction:
        transaction.run("beat", values)


def forget_old_workers(store: Store) -> None:
    """Drop the rows of workers that were last heard of a week ago."""
    with store.write() as transaction:
        transaction.run("forget_workers", {"before": utc_text(-_FORGET_AFTER)})


def workers(store: Store) -> list[dict[str, Any]]:
    """Return every worker, of whatever process; see :meth:`QueueManager.get_workers`."""
    return [
        {
            **dict(row),
            "alive": process_lives(row),
            "silent": is_silent(row, at_least=_LEAST_SILENCE),
        }
        for row in store.rows("workers")
    ]
