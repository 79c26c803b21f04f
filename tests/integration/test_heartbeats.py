"""A heartbeat that comes late says nothing that is no longer so."""

from __future__ import annotations

import time
from collections.abc import Callable

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, WorkerStatus

AddText = Callable[..., int]


def test_a_heartbeat_that_comes_late_takes_no_completion_from_the_count(
    queue: QueueManager, add_text: AddText
) -> None:
    for _ in range(3):
        queue.enqueue(add_text())
    job = queue.claim("w")
    while job is not None:
        ended = job
        _, job = queue.complete_and_claim(job.id, "w", attempt=job.attempt)
        # What the watcher saw before it got the write lock.
        queue.beat("w", WorkerStatus.BUSY, 10, job_id=ended.id, page=7)
        if job is not None:
            [row] = queue.get_workers()
            assert (row["current_job_id"], row["current_page"]) == (job.id, None)
    [row] = queue.get_workers()
    assert row["jobs_completed"] == 3
    assert (row["status"], row["current_job_id"]) == ("idle", None)


def test_a_heartbeat_that_comes_late_does_not_bring_a_stopped_worker_back(
    queue: QueueManager,
) -> None:
    queue.beat("w", WorkerStatus.IDLE, 10)
    queue.beat("w", WorkerStatus.STOPPED, 10)
    for late in (WorkerStatus.IDLE, WorkerStatus.BUSY, WorkerStatus.PAUSED):
        queue.beat("w", late, 10, job_id=None)
    [row] = queue.get_workers()
    assert row["status"] == "stopped"


def test_a_heartbeat_notes_the_page_of_the_job_that_is_running(
    queue: QueueManager, add_text: AddText
) -> None:
    queue.enqueue(add_text())
    job = queue.claim("w")
    assert job is not None
    queue.beat("w", WorkerStatus.BUSY, 10, job_id=job.id, page=3, page_count=9)
    [row] = queue.get_workers()
    assert (row["current_page"], row["current_page_count"], row["status"]) == (3, 9, "busy")


def test_a_worker_that_ends_another_way_while_a_beat_waits_stays_stopped(
    db: ResearchDatabase, add_text: AddText
) -> None:
    """Resized down and stopped while the write lock is busy: nobody is left idle."""
    worker = ExtractionWorker(db, num_workers=6, heartbeat_interval=0.01)
    with worker:
        worker.enqueue_batch([add_text() for _ in range(40)])
        for number in (2, 5, 1, 4, 1):
            worker.resize(number)
            time.sleep(0.1)  # beats fall before, into and behind the change
        assert worker.wait(60)
    rows = worker.queue.get_workers()
    assert {row["status"] for row in rows} == {"stopped"}
    assert sum(row["jobs_completed"] for row in rows) == 40
