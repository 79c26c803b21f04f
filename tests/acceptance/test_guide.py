"""Everything that the guide shows runs as it is shown there."""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reslib import ExtractionWorker, Job, ResearchDatabase


def run(code: str, **names: Any) -> str:
    """Run lines of code as a notebook cell would, and return what they printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(textwrap.dedent(code), "<snippet>", "exec"), names)
    return printed.getvalue()


@pytest.fixture
def attachment_ids(db: ResearchDatabase, folder: Path) -> list[int]:
    for n in range(5):
        (folder / f"{n}.txt").write_text(f"text number {n}")
    return db.add_folder(folder)


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=1, poll_interval=0.1)
    pool.start()
    yield pool
    pool.stop(timeout=0)


QUICK_START = """
from reslib import ResearchDatabase, ExtractionWorker

db = ResearchDatabase("research.db")

worker = ExtractionWorker(db, num_workers=2)

worker.start()

attachment_id = db.add_attachment(
    filename="paper.pdf",
    path="/path/to/paper.pdf",
    mime_type="application/pdf"
)
job_id = worker.enqueue(attachment_id)

status = worker.get_status()
print(f"Queue depth: {status['queue_depth']}")
print(f"Processing: {status['processing']}")

worker.stop()
"""


def test_the_quick_start_runs_as_a_plain_script(tmp_path: Path) -> None:
    script = tmp_path / "quick_start.py"
    script.write_text(QUICK_START)
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"Queue depth: \d\nProcessing: \d\n", done.stdout)
    assert done.stderr == ""
    rows = sqlite3.connect(tmp_path / "research.db").execute(
        "SELECT status, error_code FROM extraction_queue"
    )
    assert rows.fetchall() in ([("pending", None)], [("retry_pending", "file_not_found")])


def test_the_defaults_are_the_documented_ones(db: ResearchDatabase) -> None:
    pool = ExtractionWorker(db)
    assert (pool.num_workers, pool.max_retries, pool.extraction_timeout) == (2, 3, 300)
    assert (pool.heartbeat_interval, pool.poll_interval) == (10, 1.0)


@pytest.mark.parametrize(
    "settings",
    [
        "num_workers=4, max_retries=5, extraction_timeout=600, heartbeat_interval=5, "
        "poll_interval=0.5",
        "num_workers=8, max_retries=3, poll_interval=0.1",
        "num_workers=1, extraction_timeout=180",
        "max_retries=5, extraction_timeout=600",
    ],
)
def test_each_recommended_setting_works(db: ResearchDatabase, settings: str) -> None:
    run(
        f"worker = ExtractionWorker(db, {settings})\nworker.start()\nassert worker.stop()",
        ExtractionWorker=ExtractionWorker,
        db=db,
    )


def test_priorities_and_batches(worker: ExtractionWorker, attachment_ids: list[int]) -> None:
    worker.pause()
    run(
        """
        worker.enqueue(attachment_id, priority=10)
        worker.enqueue(attachment_id, priority=0)
        worker.enqueue(attachment_id, priority=-5)
        """,
        worker=worker,
        attachment_id=attachment_ids[0],
    )
    assert worker.queue.get_pending_count() == 1
    printed = run(
        """
        attachment_ids = [1, 2, 3, 4, 5]
        job_ids = worker.enqueue_batch(attachment_ids, priority=5)
        print(len(job_ids))
        """,
        worker=worker,
    )
    assert printed == "4\n"


def test_failed_jobs_are_listed_and_retried(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    worker.enqueue(db.add_folder(folder)[0])
    assert worker.wait(timeout=30)
    worker.pause()
    printed = run(
        """
        failed = worker.queue.get_failed_jobs()
        for job in failed:
            print(f"Job {job.id} failed: {job.error_message}")

        worker.queue.retry_failed(job_id=123)

        count = worker.queue.retry_failed()
        print(f"Reset {count} jobs for retry")
        """,
        worker=worker,
    )
    assert re.match(r"Job 1 failed: broken\.pdf.+\nReset 1 jobs for retry\n", printed)
    worker.resume()
    assert worker.wait(timeout=30)
    printed = run(
        """
        failed = worker.queue.get_failed_jobs(limit=10)
        for job in failed:
            print(f"Job {job.id}: {job.error_message}")
        """,
        worker=worker,
    )
    assert printed.startswith("Job 1: broken.pdf")


def test_stopping_says_whether_it_was_clean(worker: ExtractionWorker) -> None:
    printed = run(
        """
        success = worker.stop(timeout=60)

        if success:
            print("All workers stopped cleanly")
        else:
            print("Timeout: some jobs may be released")
        """,
        worker=worker,
    )
    assert printed == "All workers stopped cleanly\n"


def test_status_has_every_documented_key(
    worker: ExtractionWorker, attachment_ids: list[int]
) -> None:
    worker.enqueue_batch(attachment_ids)
    assert worker.wait(timeout=30)
    printed = run(
        """
        status = worker.get_status()

        print(f"Running: {status['running']}")
        print(f"Queue depth: {status['queue_depth']}")
        print(f"Processing: {status['processing']}")
        print(f"Workers: {status['num_workers']}")

        for w in status['workers']:
            print(f"  {w['worker_id']}: {w['status']}, "
                  f"completed={w['jobs_completed']}, failed={w['jobs_failed']}")

        stats = status['stats']
        print(f"Throughput: {stats['throughput_per_second']:.2f} jobs/sec")
        print(f"Avg extraction: {stats['avg_extraction_time_ms']}ms")

        status = worker.get_status()
        print(f"Running: {status['running']}")
        print(f"Paused: {status['paused']}")
        print(f"Active workers: {status['active_workers']}")
        """,
        worker=worker,
    )
    assert "Running: True\nQueue depth: 0\nProcessing: 0\nWorkers: 1\n" in printed
    assert "completed=5, failed=0" in printed
    assert re.search(r"Throughput: \d+\.\d\d jobs/sec\nAvg extraction: \d+\.\d+ms\n", printed)
    assert printed.endswith("Paused: False\nActive workers: 0\n")


def test_queue_statistics_have_every_documented_key(
    worker: ExtractionWorker, attachment_ids: list[int]
) -> None:
    worker.enqueue_batch(attachment_ids)
    assert worker.wait(timeout=30)
    printed = run(
        """
        queue_stats = worker.queue.get_queue_stats()

        print(f"Pending: {queue_stats['pending']}")
        print(f"Processing: {queue_stats['processing']}")
        print(f"Retry pending: {queue_stats['retry_pending']}")
        print(f"Completed (24h): {queue_stats['completed_24h']}")
        print(f"Avg time: {queue_stats['avg_extraction_time_ms']}ms")
        """,
        worker=worker,
    )
    assert printed.startswith("Pending: 0\nProcessing: 0\nRetry pending: 0\nCompleted (24h): 5\n")


def test_silent_workers_are_found_by_the_documented_query(
    worker: ExtractionWorker, sqlite: sqlite3.Connection
) -> None:
    rows = sqlite.execute(
        """
        SELECT * FROM worker_heartbeat
        WHERE last_heartbeat < datetime('now', '-60 seconds')
        AND status != 'stopped';
        """
    )
    assert rows.fetchall() == []


def test_callbacks_are_called(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, attachment_ids: list[int]
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    printed: list[str] = []

    def on_started(job: Job, worker_id: str) -> None:
        printed.append(f"[{worker_id}] Started job {job.id}")

    def on_completed(job: Job, result: Any) -> None:
        printed.append(f"Job {job.id} done: {len(result.text)} chars")

    def on_failed(job: Job, error: Any) -> None:
        printed.append(f"Job {job.id} failed: {error}")

    worker.on("job_started", on_started)
    worker.on("job_completed", on_completed)
    worker.on("job_failed", on_failed)
    worker.enqueue_batch(db.add_folder(folder))
    assert worker.wait(timeout=30)
    worker.stop()
    text = "\n".join(printed)
    assert text.count("Started job") == 6
    assert text.count("done: 13 chars") == 5
    assert re.search(r"Job \d failed: broken\.pdf", text)


def test_troubleshooting_calls_work(
    worker: ExtractionWorker, db: ResearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = run(
        """
        count = worker.queue.cleanup_stale_jobs(stale_threshold_minutes=30)
        print(f"Cleaned up {count} stale jobs")
        worker.start()
        worker.resume()
        db = ResearchDatabase("research.db", timeout=60.0)
        db.close()
        """,
        worker=worker,
        ResearchDatabase=ResearchDatabase,
    )
    assert printed == "Cleaned up 0 stale jobs\n"


def test_every_documented_signature_is_there(worker: ExtractionWorker) -> None:
    from inspect import Parameter, signature

    expected: dict[Callable[..., Any], list[tuple[str, Any]]] = {
        worker.stop: [("timeout", 60.0)],
        worker.enqueue: [("attachment_id", Parameter.empty), ("priority", 0)],
        worker.enqueue_batch: [("attachment_ids", Parameter.empty), ("priority", 0)],
        worker.get_recent_jobs: [("limit", 20)],
        worker.retry_failed_jobs: [("job_ids", None)],
        worker.on: [("event", Parameter.empty), ("callback", Parameter.empty)],
        worker.queue.enqueue: [
            ("attachment_id", Parameter.empty),
            ("priority", 0),
            ("deduplicate", True),
        ],
        worker.queue.claim: [("worker_id", Parameter.empty)],
        worker.queue.complete: [
            ("job_id", Parameter.empty),
            ("extraction_time_ms", None),
            ("confidence", None),
        ],
        worker.queue.failed: [
            ("job_id", Parameter.empty),
            ("error_message", Parameter.empty),
            ("error_type", "unknown"),
            ("max_retries", 3),
        ],
        worker.queue.release: [("job_id", Parameter.empty)],
        worker.queue.cancel: [("job_id", Parameter.empty)],
        worker.queue.get_job: [("job_id", Parameter.empty)],
        worker.queue.get_pending_count: [],
        worker.queue.get_failed_jobs: [("limit", 100)],
        worker.queue.retry_failed: [("job_id", None)],
        worker.queue.cleanup_stale_jobs: [("stale_threshold_minutes", 30)],
        worker.queue.get_queue_stats: [],
    }
    for method, parameters in expected.items():
        positional = [
            (p.name, p.default)
            for p in signature(method).parameters.values()
            if p.kind is Parameter.POSITIONAL_OR_KEYWORD
        ]
        assert positional == parameters, method
