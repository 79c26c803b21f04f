"""The batches of the queue as a DataFrame; people call it from :mod:`reslib.frames`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reslib.frames.dataframe import NUMBER, TIME, WHOLE, Schema, Since, frame, rows_of, window

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["batches"]


def batches(db: ResearchDatabase, since: Since = None, limit: int | None = None) -> pd.DataFrame:
    """Return what became of the jobs that were enqueued together.

    Parameters
    ----------
    db
        The database.
    since
        Only batches that were enqueued at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row a call of ``enqueue_batch`` that made jobs, the oldest first. Index ``batch_id``.
        ``created_at``; ``completed_at``: when the last of its open jobs ended, ``NaT`` until then
        and when one of them is tried again on request (UTC); ``jobs``: how many were made; of
        these ``open``, ``complete``, ``failed``, ``cancelled`` (Int64; together fewer than
        ``jobs`` when documents were deleted since); ``seconds`` from ``created_at`` to
        ``completed_at`` (Float64).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    schema: Schema = {
        "batch_id": WHOLE,
        "created_at": TIME,
        "completed_at": TIME,
        "jobs": WHOLE,
        "open": WHOLE,
        "complete": WHOLE,
        "failed": WHOLE,
        "cancelled": WHOLE,
        "seconds": NUMBER,
    }
    return frame(rows_of(db, "frame_batches", window(since, limit)), schema, "batch_id")
