"""The state machine, alone: no worker runs here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

import pytest
from slowpool import AddText, status

from reslib import (
    AttachmentNotFound,
    ErrorCode,
    ErrorType,
    ExtractionResult,
    JobStatus,
    QueueManager,
    ResearchDatabase,
)
from reslib.models import Job, Outcome


def test_a_new_job_is_pending(queue: QueueManager, add_text: AddText) -> None:
    job_id = queue.enqueue(add_text(), priority=3)
    assert job_id is not None
    found = queue.get_job(job_id)
    assert found is not None
    assert found.status == "pending"
    assert (found.priority, found.attempts, found.max_retries) == (3, 0, 3)
    assert queue.get_pending_count() == 1
    assert queue.get_job(12345) is None


def test_an_open_job_is_not_made_twice(queue: QueueManager, add_text: AddText) -> None:
    attachment = add_text()
    first = queue.enqueue(attachment)
    assert first is not None
    assert queue.enqueue(attachment) is None
    assert queue.enqueue(attachment, deduplicate=False) is not None
    assert queue.claim("w") is not None
    assert queue.enqueue(attachment) is None, "also while one is being processed"
    queue.complete(first)
    assert queue.enqueue_batch([attachment]) == [], "the other one is still open"


def test_a_finished_job_does_not_stand_in_the_way(queue: QueueManager, job: Job) -> None:
    queue.complete(job.id)
    assert queue.enqueue(job.attachment_id) is not None


def test_an_unknown_attachment_is_refused(queue: QueueManager, add_text: AddText) -> None:
    with pytest.raises(AttachmentNotFound, match="77"):
        queue.enqueue(77)
    with pytest.raises(AttachmentNotFound):
        queue.enqueue_batch([add_text(), 77])
    assert queue.get_pending_count() == 0, "all or none"


def test_a_batch_gives_ids_in_order_and_leaves_out_open_ones(
    queue: QueueManager, add_text: AddText
) -> None:
    a, b, c = add_text(), add_text(), add_text()
    queue.enqueue(b)
    made = queue.enqueue_batch([a, b, c, a], priority=5)
    assert made == sorted(made)
    attachments = [job.attachment_id for job in map(queue.get_job, made) if job is not None]
    assert attachments == [a, c]


def test_priority_comes_before_age(queue: QueueManager, add_text: AddText) -> None:
    low = queue.enqueue(add_text(), priority=-5)
    first = queue.enqueue(add_text())
    second = queue.enqueue(add_text())
    high = queue.enqueue(add_text(), priority=10)
    claimed = [queue.claim("w") for _ in range(5)]
    assert [job.id if job else None for job in claimed] == [high, first, second, low, None]


def test_a_due_retry_takes_its_place_among_the_pending(
    queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    older = queue.enqueue(add_text())
    assert older is not None
    queue.claim("w")
    queue.failed(older, "no", "timeout")
    newer = queue.enqueue(add_text())
    assert status(queue, older) == "retry_pending"
    sqlite.execute(
        "UPDATE extraction_queue SET next_retry_at = datetime('now', '+60 seconds') WHERE id = ?",
        (older,),
    )
    job = queue.claim("w")
    assert job is not None
    assert job.id == newer, "a retry that is not due is passed over"
    assert not queue.has_claimable()
    sqlite.execute(
        "UPDATE extraction_queue SET next_retry_at = '2000-01-01' WHERE id = ?", (older,)
    )
    third = queue.enqueue(add_text())
    job = queue.claim("w")
    assert job is not None
    assert job.id == older
    job = queue.claim("w")
    assert job is not None
    assert job.id == third


def test_a_retry_is_due_when_the_clock_was_set_back_since_it_was_written(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.failed(job.id, "no", "timeout")
    sqlite.execute("UPDATE extraction_queue SET next_retry_at = datetime('now', '+1 day')")
    assert queue.has_claimable()
    again = queue.claim("w")
    assert again is not None
    assert again.id == job.id


def test_claiming_says_who_and_when(queue: QueueManager, job: Job) -> None:
    assert job.status is JobStatus.PROCESSING
    assert job.worker_id == "worker-1"
    assert job.started_at is not None
    assert job.attempt == 1
    with pytest.raises(AttributeError):
        job.status = JobStatus.COMPLETE  # type: ignore[misc]


def test_completion_stores_text_metrics_and_state_together(
    db: ResearchDatabase, queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    result = ExtractionResult("hello\fworld", (0, 6), confidence=0.75, extractor="x")
    outcome = Outcome(result=result, extraction_time_ms=12.5, cpu_time_ms=3.0, peak_rss_mb=40.0)
    assert queue.complete(job.id, attempt=job.attempt, outcome=outcome)
    attachment = db.get_attachment(job.attachment_id)
    assert attachment.extracted_text == "hello\fworld"
    assert attachment.page_count == 2
    assert attachment.page_text(2) == "world"
    row = sqlite.execute(
        "SELECT outcome, attempt, char_count, page_count, confidence, extraction_time_ms, "
        "cpu_time_ms, peak_rss_mb, worker_id FROM extraction_metrics"
    ).fetchone()
    assert row == ("complete", 1, 11, 2, 0.75, 12.5, 3.0, 40.0, "worker-1")
    assert status(queue, job.id) == "complete"


def test_the_short_call_of_complete_acts_on_the_current_attempt(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    assert queue.complete(job.id, 150, 0.9)
    row = sqlite.execute("SELECT extraction_time_ms, confidence FROM extraction_metrics").fetchone()
    assert row == (150, 0.9)
    assert not queue.complete(job.id), "final is final"
    assert not queue.failed(job.id, "late")
    assert not queue.release(job.id)
    assert not queue.cancel(job.id)


def test_finishing_a_job_and_taking_the_next_are_one_step(
    db: ResearchDatabase,
    queue: QueueManager,
    job: Job,
    add_text: AddText,
    sqlite: sqlite3.Connection,
) -> None:
    low, high = queue.enqueue(add_text()), queue.enqueue(add_text(), priority=1)
    outcome = Outcome(result=ExtractionResult("words", extractor="x"))
    done, following = queue.complete_and_claim(
        job.id, "worker-1", attempt=job.attempt, outcome=outcome
    )
    assert done
    assert following is not None
    assert (following.id, following.status, following.attempt) == (high, "processing", 1)
    assert status(queue, job.id) == "complete"
    assert db.get_attachment(job.attachment_id).extracted_text == "words"
    beats = "SELECT worker_id, status, current_job_id, jobs_completed FROM worker_heartbeat"
    assert sqlite.execute(beats).fetchall() == [("worker-1", "busy", high, 1)]
    assert queue.cancel(following.id)
    assert low is not None
    assert queue.cancel(low)
    assert queue.complete_and_claim(job.id, "worker-1") == (False, None), "final is final"


def test_the_last_job_of_a_queue_is_finished_without_a_next(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    assert queue.complete_and_claim(job.id, "worker-1", 150, 0.9) == (True, None)
    row = sqlite.execute("SELECT extraction_time_ms, confidence FROM extraction_metrics").fetchone()
    assert row == (150, 0.9)
    beats = "SELECT status, current_job_id, jobs_completed FROM worker_heartbeat"
    assert sqlite.execute(beats).fetchall() == [("idle", None, 1)]


def test_who_finishes_too_late_takes_nothing_either(
    queue: QueueManager, job: Job, add_text: AddText
) -> None:
    waiting = queue.enqueue(add_text())
    assert waiting is not None
    queue.release(job.id)
    newer = queue.claim("worker-2")
    assert newer is not None
    assert queue.complete_and_claim(job.id, "worker-1", attempt=job.attempt) == (False, None)
    assert status(queue, job.id) == "processing"
    assert status(queue, waiting) == "pending"


def test_a_late_worker_cannot_touch_a_newer_attempt(queue: QueueManager, job: Job) -> None:
    queue.release(job.id)
    newer = queue.claim("worker-2")
    assert newer is not None
    assert newer.id == job.id
    assert newer.attempt != job.attempt
    assert not queue.complete(job.id, attempt=job.attempt)
    assert not queue.failed(job.id, "late", attempt=job.attempt)
    assert not queue.release(job.id, attempt=job.attempt)
    assert status(queue, job.id) == "processing"
    assert queue.complete(job.id, attempt=newer.attempt)


def test_a_released_job_gets_its_attempt_back(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    assert queue.release(job.id)
    found = queue.get_job(job.id)
    assert found is not None
    assert (found.status, found.attempts, found.worker_id) == ("pending", 0, None)
    assert sqlite.execute("SELECT outcome FROM extraction_metrics").fetchall() == [("interrupted",)]


def test_the_fourth_failure_is_final(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    for n in range(1, 5):
        assert queue.failed(job.id, f"failure {n}", "timeout")
        found = queue.get_job(job.id)
        assert found is not None
        assert found.attempts == n
        if n < 4:
            assert found.status == "retry_pending"
            assert found.next_retry_at is not None
            sqlite.execute("UPDATE extraction_queue SET next_retry_at = '2000-01-01'")
            assert queue.claim("w") is not None
    assert found is not None
    assert found.status == "failed"
    assert found.error_message == "failure 4"
    assert (found.error_type, found.error_code) == (ErrorType.TIMEOUT, ErrorCode.TIMEOUT)
    assert [j.id for j in queue.get_failed_jobs()] == [job.id]
    assert sqlite.execute("SELECT count(*) FROM extraction_metrics").fetchone() == (4,)


@pytest.mark.parametrize("kind", ["corruption", "unsupported"])
def test_a_permanent_error_fails_at_once(queue: QueueManager, job: Job, kind: str) -> None:
    queue.failed(job.id, "broken", kind)
    assert status(queue, job.id) == "failed"


def test_without_retries_the_first_failure_is_final(queue: QueueManager, job: Job) -> None:
    queue.failed(job.id, "no", "unknown", 0)
    assert status(queue, job.id) == "failed"


def test_a_missing_package_waits_half_a_minute(queue: QueueManager, job: Job) -> None:
    queue.failed(job.id, "install x", "extractor_missing")
    found = queue.get_job(job.id)
    assert found is not None
    assert found.error_code is ErrorCode.MISSING_DEPENDENCY
    assert found.next_retry_at is not None
    assert found.next_retry_at > found.created_at
    assert queue.claim("w") is None


def test_unknown_error_types_and_codes_are_refused(queue: QueueManager, job: Job) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        queue.failed(job.id, "x", "nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        queue.failed(job.id, "x", error_code="nonsense")
    assert status(queue, job.id) == "processing"


def test_any_open_job_can_be_cancelled(queue: QueueManager, add_text: AddText, job: Job) -> None:
    waiting = queue.enqueue(add_text())
    assert waiting is not None
    assert queue.cancel(waiting)
    assert queue.cancel(job.id)
    assert not queue.cancel(job.id)
    assert not queue.cancel(999)
    assert not queue.complete(job.id, attempt=job.attempt), "cancelled stays cancelled"
    assert status(queue, job.id) == status(queue, waiting) == "cancelled"


def test_retrying_gives_a_failed_job_all_its_attempts_again(
    queue: QueueManager, job: Job, add_text: AddText
) -> None:
    queue.failed(job.id, "broken", "corruption")
    assert queue.retry_failed(job_id=123) == 0
    assert queue.retry_failed(job_id=job.id) == 1
    found = queue.get_job(job.id)
    assert found is not None
    assert (found.status, found.attempts, found.error_message) == ("pending", 0, None)
    assert queue.retry_failed() == 0


def test_retrying_all_counts_them(queue: QueueManager, add_text: AddText) -> None:
    for _ in range(3):
        queue.enqueue(add_text())
    for _ in range(3):
        claimed = queue.claim("w")
        assert claimed is not None
        queue.failed(claimed.id, "x", "corruption")
    assert queue.retry_failed() == 3
    assert queue.get_pending_count() == 3


def test_retrying_makes_no_second_open_job(queue: QueueManager, job: Job) -> None:
    queue.failed(job.id, "x", "corruption")
    again = queue.enqueue(job.attachment_id)
    assert again is not None
    assert queue.retry_failed() == 0


def test_statistics_count_every_state(
    queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    assert queue.get_queue_stats()["avg_extraction_time_ms"] == 0.0
    done = [queue.enqueue(add_text()) for _ in range(4)]
    for _ in done[:3]:
        queue.claim("w")
    assert done[0] is not None
    assert done[1] is not None
    queue.complete(done[0], 100)
    queue.failed(done[1], "x", "timeout")
    stats = queue.get_queue_stats()
    assert stats == {
        "pending": 1,
        "processing": 1,
        "retry_pending": 1,
        "complete": 1,
        "failed": 0,
        "cancelled": 0,
        "completed_24h": 1,
        "avg_extraction_time_ms": 100.0,
    }
    counted = dict(sqlite.execute("SELECT status, count(*) FROM extraction_queue GROUP BY status"))
    assert {k: v for k, v in stats.items() if k in counted} == counted


def test_a_status_that_does_not_exist_is_refused_by_the_table(sqlite: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        sqlite.execute(
            "INSERT INTO extraction_queue (attachment_id, status, created_at, available_at) "
            "VALUES (1, 'done', 'x', 'x')"
        )


def test_claiming_uses_the_indexes(sqlite: sqlite3.Connection) -> None:
    from reslib.storage.sql import queries

    plan = sqlite.execute(
        "EXPLAIN QUERY PLAN " + queries()["claim"],
        {"worker_id": "w", "now": "2026", "horizon": "2027", "task": "text"},
    ).fetchall()
    text = "\n".join(row[3] for row in plan)
    assert "idx_queue_status_created" in text
    assert "idx_queue_status_retry" in text
    assert "SCAN extraction_queue\n" not in text + "\n"


def test_many_threads_claim_each_job_once(queue: QueueManager, add_text: AddText) -> None:
    jobs = queue.enqueue_batch([add_text() for _ in range(60)])
    claimed: list[int] = []

    def claim_all(name: str) -> None:
        while (job := queue.claim(name)) is not None:
            claimed.append(job.id)
            queue.complete(job.id, attempt=job.attempt)

    threads = [threading.Thread(target=claim_all, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == jobs


def test_ids_may_be_of_any_type_of_whole_number(queue: QueueManager, add_text: AddText) -> None:
    numpy = pytest.importorskip("numpy", reason="comes with reslib[notebook]")
    ids = [add_text(), add_text()]
    assert len(queue.enqueue_batch(numpy.array(ids))) == 2
    with pytest.raises(TypeError, match="str"):
        queue.enqueue_batch([ids[0], "2"])  # type: ignore[list-item]
    with pytest.raises(AttachmentNotFound, match="no attachment 99"):
        queue.enqueue_batch([ids[0], 99], deduplicate=False)
    assert queue.get_pending_count() == 2


def add_history(db: ResearchDatabase, count: int) -> None:
    """Add jobs that failed and jobs that are complete, of long ago."""
    numbers = (
        "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers "
        f"WHERE value < {count}) "
    )
    with db.store.write() as transaction:
        for state in ("failed", "complete"):
            transaction._connection.execute(
                "INSERT INTO extraction_queue (attachment_id, status, attempts, claims, created_at,"
                f" available_at, completed_at) {numbers} SELECT 1, '{state}', 1, 1,"
                " '2020-01-01 00:00:00.000', '2020-01-01 00:00:00.000', '2020-01-01 00:00:01.000'"
                " FROM numbers"
            )


def test_what_is_done_all_the_time_takes_no_longer_after_much_history(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    """Counted in steps of SQLite's virtual machine, which do not depend on the machine's load."""
    attachments = [add_text() for _ in range(8)]
    connection = db.store._connections.mine().connection
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def claim_and_fail() -> None:
        job = queue.claim("w")
        assert job is not None
        queue.failed(job.id, "no", "corruption", attempt=job.attempt)

    calls: dict[str, Callable[[], object]] = {
        "enqueue": lambda: queue.enqueue(attachments.pop()),
        "has_claimable": queue.has_claimable,
        "claim and failed": claim_and_fail,
        "nothing to claim": lambda: queue.claim("w"),
        "rescue": queue.rescue,
        "counts": queue.counts,
        "get_queue_stats": queue.get_queue_stats,
        "get_failed_jobs": lambda: queue.get_failed_jobs(5),
        "get_recent_jobs": lambda: queue.get_recent_jobs(5),
    }

    def cost() -> dict[str, int]:
        nonlocal steps
        found = {}
        for name, call in calls.items():
            steps = 0
            connection.set_progress_handler(step, 1)
            call()
            connection.set_progress_handler(None, 1)
            found[name] = steps
        return found

    add_history(db, 20)
    cost()
    before = cost()
    add_history(db, 5000)
    after = cost()
    assert all(before.values())
    grown = {name: (before[name], after[name]) for name in calls if after[name] > before[name] + 60}
    assert not grown
