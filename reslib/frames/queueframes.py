"""The queue and its history as DataFrames; people call them from :mod:`reslib.frames`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from reslib.clock import utc_text
from reslib.errors import ADVICE, ERROR_TYPE_OF, ErrorCode, ErrorType
from reslib.formats.inner import without_name
from reslib.frames.dataframe import (
    NUMBER,
    TEXT,
    TIME,
    TRUTH,
    WHOLE,
    Schema,
    Since,
    checked_limit,
    frame,
    path_text,
    rows_of,
    since_text,
    window,
)
from reslib.frames.reasonframe import ReasonFrame
from reslib.liveness import process_lives
from reslib.models import AttemptOutcome, JobStatus, TextStatus, WorkerStatus

if TYPE_CHECKING:
    from reslib.database import ResearchDatabase

__all__ = ["failed_jobs", "jobs", "metrics", "queue_stats", "throughput", "workers"]

#: Bins of :func:`throughput` when nobody says how many.
_BINS = 120


def queue_stats(db: ResearchDatabase) -> pd.DataFrame:
    """Return how many jobs are in each state.

    Costs the same whatever the history, but for the jobs of the last day.

    Returns
    -------
    DataFrame
        One row a state, in the order of a job's life, also states without jobs. Index
        ``status`` (category). ``jobs`` (Int64); ``share`` of all jobs (Float64, 0 to 1);
        ``last_24h``: jobs that got there in the last 24 hours (Int64, only of final states); of
        completed ones also those whose document was deleted since.
    """
    counts = {
        row["status"]: row
        for row in rows_of(db, "frame_queue_stats", {"since": utc_text(-24 * 3600)})
    }
    total = sum(row["jobs"] for row in counts.values())
    table = [
        {
            "status": status.value,
            "jobs": counts[status]["jobs"],
            "share": counts[status]["jobs"] / total if total else 0.0,
            "last_24h": counts[status]["last_24h"],
        }
        for status in JobStatus
    ]
    schema: Schema = {"status": JobStatus, "jobs": WHOLE, "share": NUMBER, "last_24h": WHOLE}
    return frame(table, schema, "status")


def jobs(
    db: ResearchDatabase,
    status: str | Iterable[str] | None = None,
    since: Since = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Return the jobs of the queue.

    Parameters
    ----------
    db
        The database.
    status
        Only jobs in this state, or in one of these.
    since
        Only jobs that were created at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row a job, the oldest first. Index ``job_id``. ``attachment_id`` (Int64),
        ``filename`` (string), ``status`` (category), ``priority``, ``attempts``: those that
        failed, so 0 for a document that was read the first time (:func:`metrics` counts every
        one from 1), ``max_retries`` (Int64), ``created_at``, ``started_at``, ``next_retry_at``,
        ``completed_at`` (UTC), ``worker_id`` (string), ``error_type``, ``error_code``
        (category), ``error_message``, without the name of the file (string); of the attachment:
        ``text_status`` (category), ``page_count`` (Int64), ``confidence`` (Float64, 0 to 1); and
        ``task``: what is to be done with it (string).

    Raises
    ------
    ValueError
        There is no such state, *since* is no time, or *limit* is negative.
    """
    wanted = None
    if status is not None:
        names = [status] if isinstance(status, str) else list(status)
        for name in names:
            if name not in list(JobStatus):
                raise ValueError(f"there is no state {name!r}; there are: {', '.join(JobStatus)}")
        wanted = json.dumps([str(name) for name in names])
    found = rows_of(db, "frame_jobs", {"statuses": wanted, **window(since, limit)})
    schema: Schema = {
        "job_id": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "status": JobStatus,
        "priority": WHOLE,
        "attempts": WHOLE,
        "max_retries": WHOLE,
        "created_at": TIME,
        "started_at": TIME,
        "next_retry_at": TIME,
        "completed_at": TIME,
        "worker_id": TEXT,
        "error_type": ErrorType,
        "error_code": ErrorCode,
        "error_message": TEXT,
        "text_status": TextStatus,
        "page_count": WHOLE,
        "confidence": NUMBER,
        "task": TEXT,
    }
    return frame(list(map(_without_name, found[::-1])), schema, "job_id")


def failed_jobs(
    db: ResearchDatabase, since: Since = None, limit: int | None = None
) -> pd.DataFrame:
    """Return what failed, why, and what to do now.

    Parameters
    ----------
    db
        The database.
    since
        Only jobs that failed at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row a job in state ``failed``, the latest first; without those whose document has been
        read or enqueued for the same task since, which :func:`jobs` has. Index ``job_id``.
        ``filename`` (string),
        ``error_type``, ``error_code`` (category), ``error_message``: what happened, without the
        name of the file, ``what_now``: what to do about it (string), ``retry_may_help``: False when
        a second try of the same file must end the same way (boolean), ``attempts`` (Int64),
        ``failed_at`` (UTC); of the last attempt: ``page`` that was the last one read (Int64),
        ``extractor`` (string), ``extraction_time_ms`` (Float64), ``exception_type``, ``signal``,
        ``traceback`` (string); ``attachment_id`` (Int64), ``path`` (string); ``task``: what was
        to be done (string).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    found = rows_of(
        db, "frame_failed_jobs", {"since": since_text(since) or "", "limit": checked_limit(limit)}
    )
    table = []
    for row in found:
        code = ErrorCode(row["error_code"])
        permanent = ERROR_TYPE_OF[code] in (ErrorType.CORRUPTION, ErrorType.UNSUPPORTED)
        more = {"what_now": ADVICE[code], "retry_may_help": not permanent}
        table.append({**dict(_without_name(row)), **more, "path": path_text(row["path"])})
    schema: Schema = {
        "job_id": WHOLE,
        "filename": TEXT,
        "error_type": ErrorType,
        "error_code": ErrorCode,
        "error_message": TEXT,
        "what_now": TEXT,
        "retry_may_help": TRUTH,
        "attempts": WHOLE,
        "failed_at": TIME,
        "page": WHOLE,
        "extractor": TEXT,
        "extraction_time_ms": NUMBER,
        "exception_type": TEXT,
        "signal": TEXT,
        "traceback": TEXT,
        "attachment_id": WHOLE,
        "path": TEXT,
        "task": TEXT,
    }
    return ReasonFrame(frame(table, schema, "job_id"))


def metrics(db: ResearchDatabase, since: Since = None, limit: int | None = None) -> pd.DataFrame:
    """Return the history: every attempt that has ended, and what it cost.

    Parameters
    ----------
    db
        The database.
    since
        Only attempts that ended at that time or later; a naive time is UTC.
    limit
        Only the latest so many.

    Returns
    -------
    DataFrame
        One row an attempt, in the order they ended. Index ``metric_id``. ``job_id``,
        ``attempt`` (Int64; together they are unique), ``attachment_id`` (Int64), ``filename``
        (string, ``<NA>`` when the attachment was deleted), ``outcome``, ``error_type``,
        ``error_code`` (category), ``error_message`` without the name of the file, ``extractor``,
        ``extractor_version``,
        ``mime_type`` (string), ``file_size`` in bytes, ``page_count``, ``char_count`` (Int64),
        ``text_status`` (category), ``confidence`` (Float64, 0 to 1), ``worker_id`` (string),
        ``started_at``, ``finished_at`` (UTC), ``queue_wait_ms``, ``extraction_time_ms``,
        ``cpu_time_ms``, ``peak_rss_mb`` (Float64), ``exception_type``, ``signal`` (string),
        ``failed_page`` (Int64), ``task``: what was to be done (string).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    found = rows_of(db, "frame_metrics", window(since, limit))
    schema: Schema = {
        "metric_id": WHOLE,
        "job_id": WHOLE,
        "attempt": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "outcome": AttemptOutcome,
        "error_type": ErrorType,
        "error_code": ErrorCode,
        "error_message": TEXT,
        "extractor": TEXT,
        "extractor_version": TEXT,
        "mime_type": TEXT,
        "file_size": WHOLE,
        "page_count": WHOLE,
        "char_count": WHOLE,
        "text_status": TextStatus,
        "confidence": NUMBER,
        "worker_id": TEXT,
        "started_at": TIME,
        "finished_at": TIME,
        "queue_wait_ms": NUMBER,
        "extraction_time_ms": NUMBER,
        "cpu_time_ms": NUMBER,
        "peak_rss_mb": NUMBER,
        "exception_type": TEXT,
        "signal": TEXT,
        "failed_page": WHOLE,
        "task": TEXT,
    }
    return frame(list(map(_without_name, found[::-1])), schema, "metric_id")


def _without_name(row: Any) -> Any:
    """Return a row whose message does not begin with the name of the file, a column beside it."""
    message, filename = row["error_message"], row["filename"]
    if message is None or filename is None:
        return row
    path = os.fsdecode(row["path"])
    return {**dict(row), "error_message": without_name(message, filename, path)}


def workers(db: ResearchDatabase) -> pd.DataFrame:
    """Return the workers that the database knows, of whatever process.

    Returns
    -------
    DataFrame
        One row a worker, the oldest first. Index ``worker_id``. ``status`` it last told
        (category), ``alive``: whether its process lives (boolean, ``<NA>`` on another host),
        ``hostname`` (string), ``pid`` (Int64), ``started_at``, ``last_heartbeat`` (UTC),
        ``heartbeat_age_s``: seconds since then (Float64), ``current_job_id`` (Int64),
        ``document`` (string), ``page``, ``page_count``, ``jobs_completed``, ``jobs_failed``
        (Int64).
    """
    now = pd.Timestamp.now(tz="UTC")
    table = []
    for row in rows_of(db, "frame_workers"):
        age = (now - pd.Timestamp(row["last_heartbeat"], tz="UTC")).total_seconds()
        more = {"alive": process_lives(row), "heartbeat_age_s": max(0.0, age)}
        table.append({**dict(row), **more})
    schema: Schema = {
        "worker_id": TEXT,
        "status": WorkerStatus,
        "alive": TRUTH,
        "hostname": TEXT,
        "pid": WHOLE,
        "started_at": TIME,
        "last_heartbeat": TIME,
        "heartbeat_age_s": NUMBER,
        "current_job_id": WHOLE,
        "document": TEXT,
        "page": WHOLE,
        "page_count": WHOLE,
        "jobs_completed": WHOLE,
        "jobs_failed": WHOLE,
    }
    return frame(table, schema, "worker_id")


def throughput(
    db: ResearchDatabase,
    freq: str = "1min",
    since: Since = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Return how many attempts ended in each stretch of time.

    Parameters
    ----------
    db
        The database.
    freq
        Length of a stretch as pandas writes it: ``"10s"``, ``"1min"``, ``"1h"``, ``"1D"``.
        A whole number of seconds.
    since
        Only attempts that ended at that time or later; a naive time is UTC.
    limit
        Only the latest so many stretches, up to that of the last attempt. When neither *since*
        nor *limit* is given 120, so that a call in a loop costs the same whatever the history.

    Returns
    -------
    DataFrame
        One row a stretch, the oldest first, without gaps between the first and the last that
        have an attempt. Index ``time``: when it begins (UTC). ``complete``, ``failed``,
        ``interrupted``, ``cancelled``: attempts that ended so (Int64). A failed attempt that is
        tried again counts as failed, and again when it ends.

    Raises
    ------
    ValueError
        *freq* is no whole number of seconds, *since* is no time, or *limit* is negative.
    """
    try:
        step = pd.Timedelta(freq)
    except ValueError:
        step = pd.Timedelta(0)
    if not step >= pd.Timedelta("1s") or step % pd.Timedelta("1s"):
        raise ValueError(f"freq is a whole number of seconds, such as '10s' or '1min': {freq!r}")
    if since is None and limit is None:
        limit = _BINS
    checked_limit(limit)
    start = since_text(since) or ""
    newest = rows_of(db, "newest_attempt")[0][0]
    if newest is not None and limit is not None:
        first = pd.Timestamp(newest).floor(step) - step * max(0, limit - 1)
        start = max(start, first.strftime("%Y-%m-%d %H:%M:%S.000"))
    whole_minutes = not step % pd.Timedelta("1min")
    found = rows_of(db, "frame_throughput", {"since": start, "length": 16 if whole_minutes else 19})
    outcomes = [outcome.value for outcome in AttemptOutcome]
    counts = pd.DataFrame(found, columns=["time", "outcome", "attempts"])
    if limit == 0:
        counts = counts.iloc[:0]
    times = pd.to_datetime(counts["time"], utc=True).astype(TIME).dt.floor(step)
    table = (
        counts.assign(time=times)
        .pivot_table(index="time", columns="outcome", values="attempts", aggfunc="sum")
        .reindex(columns=outcomes)
    )
    if len(table):
        table = table.asfreq(step)
    table.columns = pd.Index(outcomes)
    table.index = pd.DatetimeIndex(table.index, name="time").as_unit("ms")
    return table.fillna(0).astype(WHOLE)
