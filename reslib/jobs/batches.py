"""Batches: jobs that were enqueued together, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reslib.given import whole
from reslib.models import JobStatus
from reslib.storage.store import Store

__all__ = ["Batch", "CompletedBatch", "counts_of_batch", "id_of_batch", "open_batch"]


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
    def of(cls, store: Store, batch_id: int) -> CompletedBatch:
        """Return how the jobs of a batch have ended."""
        [row] = store.rows("batch", {"id": batch_id})
        counts = counts_of_batch(store, batch_id)
        ended = (counts[how] for how in (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED))
        return cls(batch_id, row["jobs"], *ended)


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


def counts_of_batch(store: Store, batch_id: int | None) -> dict[JobStatus, int]:
    """Return the number of a batch's jobs in each state; it takes longer the more there are.

    Raises
    ------
    ValueError
        There is no such batch.
    """
    found = {row["status"]: row["jobs"] for row in store.rows("batch_counts", {"id": batch_id})}
    if not found and batch_id is not None:
        open_batch(store, batch_id)  # its documents may have been deleted, or there never was one
    return {status: found.get(status, 0) for status in JobStatus}


def open_batch(store: Store, batch_id: int) -> str | None:
    """Return the task of a batch of which jobs are open, else None. Costs the same however many.

    Raises
    ------
    ValueError
        There is no such batch.
    """
    row = store.row("batch", {"id": batch_id})
    if row is None:
        raise ValueError(f"there is no batch {batch_id}; enqueue_batch(...).id is the id of one")
    return str(row["task"]) if row["open_jobs"] else None
