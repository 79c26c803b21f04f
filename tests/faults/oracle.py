"""What must hold in a database file, whatever happened to the processes that used it.

The oracle opens the file with plain ``sqlite3`` and shares no code with reslib, so that it cannot
share a mistake with it. Each check is a function that yields a sentence for each violation;
``test_oracle.py`` breaks a healthy file once for each of them and sees it found.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reslib.fold import fold

OPEN = frozenset({"pending", "processing", "retry_pending"})
FINAL = frozenset({"complete", "failed", "cancelled"})
PERMANENT = frozenset({"corruption", "unsupported"})


@dataclass
class Truth:
    """What the one who gave the orders knows."""

    #: Of each attachment the pages that its document gives, when it gives any.
    pages: dict[int, tuple[str, ...]] = field(default_factory=dict)
    #: Of each attachment a word that stands in its text and in no other.
    words: dict[int, str] = field(default_factory=dict)
    #: Every job that ``enqueue`` gave back, with its attachment.
    jobs: dict[int, int] = field(default_factory=dict)
    #: Attachments that were deleted, so that their jobs are gone.
    deleted: set[int] = field(default_factory=set)
    #: Jobs whose attempts were set to zero by a retry.
    retried: set[int] = field(default_factory=set)
    #: Jobs whose cancelling was confirmed.
    cancelled: set[int] = field(default_factory=set)


def word_of(number: int) -> str:
    """Return a word that stands in one text only; of letters, because digits beside letters are
    a word of their own for the search.
    """
    return f"word{''.join('abcdefghij'[int(digit)] for digit in str(number))}w"


Check = Callable[[sqlite3.Connection, Truth], Iterator[str]]
CHECKS: list[Check] = []


def _check(function: Check) -> Check:
    CHECKS.append(function)
    return function


def violations(path: Path, truth: Truth) -> list[str]:
    """Return everything that is wrong with the file, as sentences."""
    with closing(_open(path)) as db:
        found: list[str] = []
        for check in CHECKS:
            found.extend(f"{check.__name__}: {text}" for text in check(db, truth))
        return found


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.create_function("folded", 1, lambda text: None if text is None else fold(text))
    return db


def _jobs(db: sqlite3.Connection) -> list[sqlite3.Row]:
    return db.execute("SELECT * FROM extraction_queue ORDER BY id").fetchall()


def _rows_of(db: sqlite3.Connection, job: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM extraction_metrics WHERE job_id = ? ORDER BY attempt", (job,)
    ).fetchall()


# --- the file ---------------------------------------------------------------------------------


@_check
def the_file_is_sound(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for (text,) in db.execute("PRAGMA integrity_check"):
        if text != "ok":
            yield text
    for row in db.execute("PRAGMA foreign_key_check"):
        yield f"row {row[1]} of {row[0]} refers to nothing in {row[2]}"


@_check
def the_search_index_is_sound(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    db.execute("BEGIN IMMEDIATE")
    try:
        # rank 1 compares the index with its content (sqlite.org/fts5.html §6.5), which is folded.
        db.execute("DROP VIEW attachments_text")
        db.execute(
            "CREATE VIEW attachments_text AS SELECT id, folded(filename) AS filename, "
            "folded(extracted_text) AS extracted_text FROM attachments"
        )
        db.execute(
            "INSERT INTO attachments_fts (attachments_fts, rank) VALUES ('integrity-check', 1)"
        )
    except sqlite3.DatabaseError as error:
        yield str(error)
    finally:
        db.execute("ROLLBACK")


@_check
def no_place_is_that_of_two_documents(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    rows = db.execute(
        "SELECT p.path, p.attachment_id, a.id FROM attachment_places AS p "
        "JOIN attachments AS a ON a.path = p.path"
    )
    for path, one, other in rows:
        yield f"{path!r} is a place of the attachments {one} and {other}"


# --- states -----------------------------------------------------------------------------------


@_check
def every_job_is_in_a_legal_state(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for job in _jobs(db):
        status = job["status"]
        if status not in OPEN | FINAL:
            yield f"job {job['id']} is {status!r}"
        if status == "processing" and (job["worker_id"] is None or job["started_at"] is None):
            yield f"job {job['id']} is processing, by nobody or since never"
        if (status == "retry_pending") != (job["next_retry_at"] is not None):
            yield f"job {job['id']} is {status} with next_retry_at {job['next_retry_at']}"
        if (status in FINAL) != (job["completed_at"] is not None):
            yield f"job {job['id']} is {status} with completed_at {job['completed_at']}"
        if (status == "failed") != (job["error_type"] is not None) and status in (
            "failed",
            "complete",
        ):
            yield f"job {job['id']} is {status} with error type {job['error_type']}"


@_check
def no_job_is_lost(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    there = {job["id"] for job in _jobs(db)}
    attachments = {row[0] for row in db.execute("SELECT id FROM attachments")}
    for attachment in set(truth.pages) - truth.deleted - attachments:
        yield f"attachment {attachment} is gone"
    for job, attachment in truth.jobs.items():
        if job not in there and attachment not in truth.deleted:
            yield f"job {job} is gone"


@_check
def no_job_has_two_owners(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    owners: dict[str, int] = {}
    open_jobs: dict[tuple[int, str], int] = {}
    for job in _jobs(db):
        if job["status"] in OPEN:
            other = open_jobs.setdefault((job["attachment_id"], job["task"]), job["id"])
            if other != job["id"]:
                yield f"jobs {other} and {job['id']} of one attachment and task are both open"
        if job["status"] != "processing":
            continue
        other = owners.setdefault(job["worker_id"], job["id"])
        if other != job["id"]:
            yield f"worker {job['worker_id']} has the jobs {other} and {job['id']}"
        known = db.execute(
            "SELECT count(*) FROM worker_heartbeat WHERE worker_id = ?", (job["worker_id"],)
        ).fetchone()[0]
        if not known:
            yield f"job {job['id']} belongs to {job['worker_id']}, of whom nobody ever heard"


@_check
def cancelled_stays_cancelled(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for job in _jobs(db):
        if job["id"] in truth.cancelled and job["status"] != "cancelled":
            yield f"job {job['id']} was cancelled and is {job['status']}"


@_check
def the_counts_are_the_rows(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    rows = dict(db.execute("SELECT status, count(*) FROM extraction_queue GROUP BY status"))
    for status, count in db.execute("SELECT status, jobs FROM queue_counts"):
        if rows.pop(status, 0) != count:
            yield f"{count} jobs are counted as {status}"
    if rows:
        yield f"nothing counts {rows}"


@_check
def the_batches_know_their_jobs(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for batch in db.execute("SELECT * FROM batches").fetchall():
        who = f"batch {batch['id']}"
        rows = db.execute(
            "SELECT completed_at FROM extraction_queue WHERE batch_id = ?", (batch["id"],)
        ).fetchall()
        still_open = sum(row["completed_at"] is None for row in rows)
        if still_open != batch["open_jobs"] or len(rows) > batch["jobs"]:
            yield f"{who} counts {batch['open_jobs']} of {batch['jobs']} jobs as open"
        if (still_open == 0) != (batch["completed_at"] is not None):
            yield f"{who} with {still_open} open jobs was completed at {batch['completed_at']}"


# --- attempts ---------------------------------------------------------------------------------


@_check
def the_attempts_add_up(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for job in _jobs(db):
        rows = _rows_of(db, job["id"])
        ended = [row["attempt"] for row in rows]
        running = [job["claims"]] if job["status"] == "processing" else []
        if ended + running != list(range(1, job["claims"] + 1)):
            yield f"job {job['id']}: {job['claims']} claims, attempts {ended} ended"
        failures = sum(row["outcome"] == "failed" for row in rows)
        if job["attempts"] > failures or (
            job["attempts"] != failures and job["id"] not in truth.retried
        ):
            yield f"job {job['id']}: attempts is {job['attempts']}, {failures} failed"
        completions = sum(row["outcome"] == "complete" for row in rows)
        if completions != (job["status"] == "complete"):
            yield f"job {job['id']} is {job['status']} and was completed {completions} times"
        if job["status"] == "complete" and rows and rows[-1]["outcome"] != "complete":
            yield f"job {job['id']} went on after it was complete"


@_check
def the_workers_count_what_they_completed(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    rows = db.execute(
        "SELECT h.worker_id, h.jobs_completed, (SELECT count(*) FROM extraction_metrics AS m "
        "WHERE m.worker_id = h.worker_id AND m.outcome = 'complete') FROM worker_heartbeat AS h"
    )
    for worker, counted, completed in rows:
        if counted != completed:
            yield f"worker {worker} counts {counted} completed jobs and has {completed}"


@_check
def no_job_fails_early_or_late(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for job in _jobs(db):
        permanent = job["error_type"] in PERMANENT
        if job["status"] == "failed" and not permanent and job["attempts"] <= job["max_retries"]:
            yield f"job {job['id']} gave up after {job['attempts']} attempts"
        if job["status"] in OPEN and job["attempts"] > job["max_retries"]:
            yield f"job {job['id']} goes on after {job['attempts']} attempts"


# --- texts ------------------------------------------------------------------------------------


def _pages(text: str, offsets: list[int]) -> tuple[str, ...]:
    ends = [*offsets[1:], len(text) + 1]
    return tuple(text[a : b - 1] for a, b in zip(offsets, ends, strict=True))


@_check
def a_complete_job_has_everything(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    for job in _jobs(db):
        if job["status"] != "complete" or job["task"] != "text":
            continue
        who = f"job {job['id']} is complete"
        row = db.execute(
            "SELECT * FROM attachments WHERE id = ?", (job["attachment_id"],)
        ).fetchone()
        if row is None:
            yield f"{who} without an attachment"
            continue
        text = row["extracted_text"]
        if text is None or row["page_offsets"] is None or row["text_status"] is None:
            yield f"{who} without text, page offsets or text status"
            continue
        pages = truth.pages.get(row["id"])
        if pages is not None and _pages(text, json.loads(row["page_offsets"])) != pages:
            yield f"{who} with the text {text!r} and the pages {row['page_offsets']}"
        cut = "SELECT 1 FROM text_provenance WHERE is_cut AND attachment_id = ?"
        if db.execute(cut, (row["id"],)).fetchone():
            yield f"{who} and its text is cut off"
        last = _rows_of(db, job["id"])[-1:]
        length = len(text) if text.strip() else 0
        if not last or last[0]["outcome"] != "complete" or last[0]["char_count"] != length:
            yield f"{who} without metrics of its text"
        word = truth.words.get(row["id"])
        if word is not None and row["id"] not in _found(db, word):
            yield f"{who} and the search does not find {word!r}"


@_check
def nothing_else_has_a_text(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    """But for the beginning of a document whose extraction was ended, which says so."""
    rows = db.execute(
        "SELECT id, extracted_text, page_offsets, text_status, confidence_reason, "
        "id IN (SELECT attachment_id FROM text_provenance WHERE is_cut) AS is_cut "
        "FROM attachments WHERE id NOT IN "
        "(SELECT attachment_id FROM extraction_queue WHERE status = 'complete' AND task = 'text')"
    ).fetchall()
    for row in rows:
        word, text = truth.words.get(row["id"]), row["extracted_text"]
        if row["is_cut"]:
            yield from _wrong_beginning(row, truth.pages.get(row["id"]))
        elif any(row[name] is not None for name in ("extracted_text", "page_offsets")):
            yield f"attachment {row['id']} has a text and no completed job"
        if word is not None and (word in (text or "")) != (row["id"] in _found(db, word)):
            yield f"the search is wrong about {word!r} in attachment {row['id']}: {text!r}"


def _wrong_beginning(row: sqlite3.Row, pages: tuple[str, ...] | None) -> Iterator[str]:
    who = f"attachment {row['id']} was cut off"
    if row["extracted_text"] is None or row["page_offsets"] is None:
        yield f"{who} and has no text"
        return
    if row["text_status"] != "partial" or "then " not in (row["confidence_reason"] or ""):
        yield f"{who} and is {row['text_status']}: {row['confidence_reason']}"
    found = _pages(row["extracted_text"], json.loads(row["page_offsets"]))
    if pages is not None and found != pages[: len(found)]:
        yield f"{who} with the pages {found} of {pages}"


@_check
def the_pages_are_those_of_the_text(db: sqlite3.Connection, truth: Truth) -> Iterator[str]:
    rows = db.execute(
        "SELECT id, page_offsets, (SELECT json_group_array(start) FROM (SELECT start FROM pages "
        "WHERE attachment_id = attachments.id ORDER BY number)) AS starts, "
        "(SELECT count(*) FROM text_provenance WHERE attachment_id = attachments.id) AS known "
        "FROM attachments WHERE extracted_text IS NOT NULL"
    ).fetchall()
    for row in rows:
        if json.loads(row["starts"]) != json.loads(row["page_offsets"] or "null"):
            yield f"attachment {row['id']} has pages at {row['starts']}, not {row['page_offsets']}"
        if row["known"] != 1:
            yield f"attachment {row['id']} has a text of which nothing is known"


def _found(db: sqlite3.Connection, word: str) -> set[int]:
    hits = db.execute(
        "SELECT rowid FROM attachments_fts WHERE attachments_fts MATCH ?",
        (f'extracted_text : "{word}"',),
    )
    return {row[0] for row in hits}


# --- over time --------------------------------------------------------------------------------


class Witness:
    """Looks at the file again and again, and knows which changes no state machine allows."""

    def __init__(self, path: Path, truth: Truth) -> None:
        self._db, self._truth = _open(path), truth
        self._before: Mapping[int, dict[str, Any]] = {}

    def close(self) -> None:
        self._db.close()

    def look(self) -> list[str]:
        """Return what has changed that may not."""
        rows = self._db.execute(
            "SELECT q.*, a.extracted_text FROM extraction_queue AS q "
            "JOIN attachments AS a ON a.id = q.attachment_id"
        )
        now = {row["id"]: dict(row) for row in rows}
        found = [
            text
            for job, before in self._before.items()
            if job in now
            for text in self._changes(before, now[job])
        ]
        self._before = now
        return found

    def _changes(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
        who, retried = f"job {after['id']}", after["id"] in self._truth.retried
        if before["status"] in ("complete", "cancelled") and after != before:
            different = [name for name in after if after[name] != before[name]]
            # A later job of the same attachment may have given it a text.
            if before["status"] == "complete" or different != ["extracted_text"]:
                yield f"{who} was {before['status']} and has changed: {different}"
        if before["status"] == "failed" and after["status"] != "failed" and not retried:
            yield f"{who} had failed and is {after['status']}, which nobody asked for"
        if after["claims"] < before["claims"]:
            yield f"{who}: its claims went from {before['claims']} to {after['claims']}"
        if after["attempts"] < before["attempts"] and not retried:
            yield f"{who}: its attempts went from {before['attempts']} to {after['attempts']}"
