"""The jobs of workers that died or went silent are given back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from slowpool import AddText, status

from reslib import (
    ErrorCode,
    QueueManager,
    ResearchDatabase,
)
from reslib.models import Job, WorkerStatus

CLAIM_AND_DIE = """
import os, sys
from reslib import QueueManager, ResearchDatabase
job = QueueManager(ResearchDatabase(sys.argv[1])).claim("doomed")
assert job is not None
os.kill(os.getpid(), 9)
"""


def die_with_a_job(db: ResearchDatabase) -> None:
    child = subprocess.Popen([sys.executable, "-c", CLAIM_AND_DIE, str(db.path)])
    assert child.wait(timeout=60) == -9


def test_the_job_of_a_dead_process_is_given_back_at_once(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text(name="poison.txt"))
    assert job_id is not None
    die_with_a_job(db)
    assert status(queue, job_id) == "processing"
    heard = "SELECT last_heartbeat FROM worker_heartbeat"
    last_sign = sqlite.execute(heard).fetchall()
    assert queue.rescue() == 1
    assert sqlite.execute(heard).fetchall() == last_sign, "the dead give no sign of life"
    assert [w["status"] for w in queue.get_workers()] == ["stopped"]
    found = queue.get_job(job_id)
    assert found is not None
    assert (found.status, found.attempts) == ("retry_pending", 1), "a crash counts as an attempt"
    assert found.error_code is ErrorCode.CRASHED
    assert found.error_message is not None
    assert found.error_message.startswith("poison.txt: ")
    assert sqlite.execute("SELECT outcome, error_code FROM extraction_metrics").fetchall() == [
        ("failed", "crashed")
    ]


def test_a_zombie_is_dead(db: ResearchDatabase, queue: QueueManager, add_text: AddText) -> None:
    queue.enqueue(add_text())
    child = subprocess.Popen([sys.executable, "-c", CLAIM_AND_DIE, str(db.path)])
    import os

    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet reaped
    assert queue.rescue() == 1
    child.wait()


def test_a_document_that_kills_its_process_each_time_ends_as_failed(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText, sqlite: sqlite3.Connection
) -> None:
    job_id = queue.enqueue(add_text(), max_retries=1)
    assert job_id is not None
    for _ in range(2):
        sqlite.execute("UPDATE extraction_queue SET next_retry_at = '2000' WHERE next_retry_at > 0")
        die_with_a_job(db)
        queue.rescue()
    assert status(queue, job_id) == "failed"


def test_a_live_owner_keeps_its_job_however_long_it_takes(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.beat("worker-1", WorkerStatus.BUSY, 10, job_id=job.id)
    sqlite.execute("UPDATE extraction_queue SET started_at = datetime('now', '-2 hours')")
    assert queue.rescue() == 0
    assert queue.cleanup_stale_jobs(30) == 0
    assert status(queue, job.id) == "processing"


def test_a_reused_pid_does_not_look_alive(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    sqlite.execute("UPDATE worker_heartbeat SET process_started_at = process_started_at - 1")
    assert queue.rescue() == 1


def test_another_hosts_worker_is_given_up_after_silence_only(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.beat("worker-1", WorkerStatus.BUSY, 10, job_id=job.id)
    sqlite.execute("UPDATE worker_heartbeat SET hostname = 'elsewhere', pid = 999999")
    assert queue.rescue() == 0
    sqlite.execute("UPDATE worker_heartbeat SET last_heartbeat = datetime('now', '-59 seconds')")
    assert queue.rescue() == 0
    sqlite.execute("UPDATE worker_heartbeat SET last_heartbeat = datetime('now', '-62 seconds')")
    assert queue.rescue() == 1


def test_people_can_clean_up_what_nobody_seems_to_work_on(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    assert queue.cleanup_stale_jobs() == 0
    sqlite.execute("UPDATE extraction_queue SET started_at = datetime('now', '-31 minutes')")
    assert queue.cleanup_stale_jobs(stale_threshold_minutes=40) == 0
    assert queue.cleanup_stale_jobs() == 1
    assert status(queue, job.id) == "pending"


def test_a_pool_that_went_silent_is_cleaned_up_after_the_threshold(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection
) -> None:
    queue.beat("worker-1", WorkerStatus.BUSY, 10, job_id=job.id)
    sqlite.execute("UPDATE extraction_queue SET started_at = datetime('now', '-50 minutes')")
    sqlite.execute("UPDATE worker_heartbeat SET last_heartbeat = datetime('now', '-31 minutes')")
    assert queue.rescue() == 0, "the process lives"
    assert queue.cleanup_stale_jobs() == 1


def test_the_guides_query_finds_silent_workers(
    queue: QueueManager, job: Job, sqlite: sqlite3.Connection, tmp_path: Path
) -> None:
    silent = (
        "SELECT * FROM worker_heartbeat WHERE last_heartbeat < datetime('now', '-60 seconds') "
        "AND status != 'stopped'"
    )
    assert sqlite.execute(silent).fetchall() == []
    sqlite.execute("UPDATE worker_heartbeat SET last_heartbeat = datetime('now', '-61 seconds')")
    assert len(sqlite.execute(silent).fetchall()) == 1
