"""The HTML of the list behind a count: its head, a job in it, the details of a job."""

from __future__ import annotations

from datetime import UTC, datetime

from reslib import JobStatus
from reslib.joblist import JobDetails, ListedJob, PastAttempt
from reslib_widgets.view import STATES, number, span_of, text

__all__ = ["details_html", "head_html", "row_html"]

_SINCE = {
    JobStatus.PENDING: "pending since",
    JobStatus.PROCESSING: "processing since",
    JobStatus.RETRY_PENDING: "waiting for a retry since",
    JobStatus.COMPLETE: "complete since",
    JobStatus.FAILED: "failed at",
    JobStatus.CANCELLED: "cancelled at",
}


def head_html(
    status: JobStatus, shown: int, found: int, total: int, moved: int, mended: int = 0
) -> str:
    """Return what a list holds: ``50 of 1,203 failed``.

    Parameters
    ----------
    status
        Of which state it is.
    shown
        How many rows it has.
    found
        How many jobs the filter matches.
    total
        How many jobs are in the state.
    moved
        How many rows are in another state by now.
    mended
        How many more failed of documents that were read or enqueued since; they are not listed.
    """
    here = shown - moved
    words = f"{number(here)} of {number(found)}" if here != found else number(found)
    if found != total:
        words += f" that the filter finds among {number(total)}"
    words += f" {STATES[status]}"
    if moved:
        words += f"; {number(moved)} shown here {'is' if moved == 1 else 'are'} not any more"
    if mended:
        words += f"; {number(mended)} more whose document was read or enqueued since"
    return f'<div role="status" data-listed="{shown}" data-found="{found}">{words}</div>'


def row_html(job: ListedJob, details: str = "") -> str:
    """Return one job: its document and folder, and below what became of it and when.

    Times are UTC and do not grow older by themselves, so that an idle list sends nothing.
    """
    said = [f"{_SINCE[job.status]} {_time(job.since)}"]
    if job.error_code is not None:
        tries = "" if job.attempts <= 1 else f" ({job.attempts} attempts)"
        said.append(f'<b class="rl-cause">{text(job.error_code)}</b>{tries}')
    if job.next_retry_at is not None:
        said.append(f"next try at {_time(job.next_retry_at)}")
    if job.status is JobStatus.FAILED and not job.retry_may_help:
        said.append("a retry of the same file cannot help")
    what = f"{text(job.task)} " if job.task != "text" else ""
    return (
        f'<div role="group" aria-label="Job {job.job_id}" data-list-job="{job.job_id}" '
        f'data-list-state="{job.status}"><div class="rl-where"><bdi class="rl-name" '
        f'title="{text(job.name)}">{text(job.name)}</bdi> '
        f'<span class="rl-none">{what}job {job.job_id} in </span>'
        f'<span class="rl-none rl-folder" title="{text(job.place)}">'
        f'<bdi dir="ltr">{text(job.folder)}</bdi></span></div>'
        f'<div><i class="rl-{job.status}"></i>{", ".join(said)}</div>'
        f"{details}</div>"
    )


def details_html(found: JobDetails) -> str:
    """Return message, path, advice and attempts of a job; tracebacks are folded."""
    job = found.job
    parts = [f"<div>{text(job.message)}</div>"] if job.message else []
    parts.append(f'<div class="rl-none">File: <bdi dir="ltr">{text(job.place)}</bdi></div>')
    if found.advice:
        parts.append(f"<div>What to do: {text(found.advice)}.</div>")
    if found.attempts:
        rows = "".join(map(_attempt_row, found.attempts))
        parts.append(f"<ol reversed start={found.attempts[0].number}>{rows}</ol>")
    else:
        parts.append('<div class="rl-none">No attempt has ended yet.</div>')
    return f'<div class="rl-details" data-details>{"".join(parts)}</div>'


def _attempt_row(attempt: PastAttempt) -> str:
    said = [str(attempt.outcome)]
    if attempt.error_code is not None:
        said.append(text(attempt.error_code))
    if attempt.extraction_time_ms is not None:
        said.append(f"took {_took(attempt.extraction_time_ms / 1000)}")
    if attempt.extractor:
        said.append(f"read by {text(attempt.extractor)}")
    if attempt.page is not None:
        said.append(f"as far as page {attempt.page}")
    if attempt.signal:
        said.append(text(attempt.signal))
    when = f"{_time(attempt.started_at)} to " if attempt.started_at else "ended "
    folded = "".join(
        f"<details><summary>{name}</summary><pre>{_lines(value)}</pre></details>"
        for name, value in (("Traceback", attempt.traceback), ("Printed", attempt.stderr_tail))
        if value
    )
    return f"<li>{when}{_time(attempt.finished_at)}: {', '.join(said)}{folded}</li>"


def _took(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else span_of(seconds)


def _lines(value: str) -> str:
    return "\n".join(text(line) for line in value.splitlines())


def _time(stored: str) -> str:
    """Return a time of the database in UTC, with its day unless that is today."""
    moment = datetime.fromisoformat(stored).replace(tzinfo=UTC)
    day = "" if moment.date() == datetime.now(UTC).date() else f"{moment:%Y-%m-%d} "
    return f"{day}{moment:%H:%M:%S}"
