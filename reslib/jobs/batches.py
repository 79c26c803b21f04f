"""Batches: jobs that were enqueued together, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reslib.given import whole
from reslib.models import JobStatus
from reslib.storage.store import Store

__all__ = ["Batch", "CompletedBatch", "counts_of_batch", "id_of_batch", "open_jobs_of_batch"]


class Batch(list[int]):
    """The ids of jobs that were enqueued together, in their order.

    Parameters
    ----------
    job_ids
        The jobs.
    id
        Of the batch; None when no job was made.
    """

    def __init__(self, job_ids: Iterable[int] = (), id: int | None = None) -> None:
        super().__init__(job_ids)
        self.id = id


@dataclass(frozen=True, slots=True)
class CompletedBatch:
    """A batch of which no job is open any more, and how its jobs ended."""

    id: int
    #: How many were enqueued. More than the others together when documents were deleted since.
    jobs: int
    complete: int
    failed: int
    cancelled: int

    @classmethod
    def of(cls, store: Store, batch_id: int, jobs: int) -> CompletedBatch:
        """Return how the jobs of a batch have ended."""
        counts = counts_of_batch(store, batch_id)
        return cls(
            batch_id,
            jobs,
            counts[JobStatus.COMPLETE],
            counts[JobStatus.FAILED],
            counts[JobStatus.CANCELLED],
        )


def id_of_batch(batch: Batch | int) -> int | None:
    """Return the id of a batch that is given as such, or by its id.

    Raises
    ------
    TypeError
        It is neither.
    """
    if isinstance(batch, Batch):
        return batch.id
    if isinstance(batch, list):
        raise TypeError("a batch is what enqueue_batch() returned, or its id, not a list of jobs")
    return whole("batch", batch)


def counts_of_batch(store: Store, batch_id: int) -> dict[JobStatus, int]:
    """Return the number of a batch's jobs in each state; it takes longer the more there are."""
    found = {row["status"]: row["jobs"] for row in store.rows("batch_counts", {"id": batch_id})}
    return {status: found.get(status, 0) for status in JobStatus}


def open_jobs_of_batch(store: Store, batch_id: int) -> int:
    """Return how many of its jobs are open. Costs the same however many it has.

    Raises
    ------
    ValueError
        There is no such batch.
    """
    row = store.row("batch", {"id": batch_id})
    if row is None:
        raise ValueError(f"there is no batch {batch_id}; enqueue_batch(...).id is the id of one")
    open_jobs: int = row["open_jobs"]
    return open_jobs
