"""How a pool is paused, resized and stopped, and what becomes of its jobs."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from slowpool import AddText, Heard, add_slow, children, job_of

from reslib import (
    ExtractionResult,
    ExtractionWorker,
    Job,
    QueueManager,
    ResearchDatabase,
)
from reslib.testing import wait_until

pytestmark = pytest.mark.usefixtures("slow")


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=2, poll_interval=1.0, heartbeat_interval=0.2)
    yield pool
    pool.stop(timeout=0)


@pytest.fixture
def heard(worker: ExtractionWorker) -> Heard:
    return Heard(worker)


def test_a_paused_pool_finishes_what_runs_and_takes_nothing_new(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    worker.enqueue(add_slow(add_text, 0.5))
    heard.wait_for("job_started")
    worker.pause()
    assert worker.is_paused()
    assert worker.is_running()
    waiting = worker.enqueue(add_text())
    heard.wait_for("job_completed")
    assert not worker.wait(timeout=0.5)
    assert job_of(worker, waiting).status == "pending"
    worker.resume()
    assert worker.wait(timeout=30)


@pytest.mark.alone(reason="what it waits for takes seconds where others compute")
@pytest.mark.parametrize("how", ["pause", "stop"])
def test_who_is_told_to_pause_or_stop_does_not_go_on_to_the_next_job(
    worker: ExtractionWorker, add_text: AddText, how: str
) -> None:
    """With nobody listening, a worker may claim its next job in the moment it ends one."""
    worker.start()
    # Long enough for the second process to start on a busy machine.
    running = worker.enqueue_batch([add_slow(add_text, 3, f"{n}.slow") for n in range(2)])
    wait_until(lambda: worker.get_status()["active_workers"] == 2)
    waiting = worker.enqueue_batch([add_text() for _ in range(3)])
    if how == "pause":
        worker.pause()
        wait_until(lambda: worker.get_status()["active_workers"] == 0)
    else:
        assert worker.stop()
    assert [job_of(worker, job).status for job in running] == ["complete"] * 2
    assert [job_of(worker, job).status for job in waiting] == ["pending"] * 3
    assert [job_of(worker, job).claims for job in waiting] == [0] * 3


def test_the_next_job_is_not_claimed_before_a_callback_has_heard_of_the_last(
    db: ResearchDatabase, add_text: AddText
) -> None:
    """A callback that takes long, or ends the process, must not cost another job anything."""
    waiting = []
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.on("job_completed", lambda job, result: waiting.append(worker.get_status()))
        worker.enqueue_batch([add_text() for _ in range(3)])
        assert worker.wait(30)
    assert [status["processing"] for status in waiting] == [0, 0, 0]


def test_a_running_pool_can_be_made_larger_and_smaller(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    job_ids = [worker.enqueue(add_slow(add_text, 1.0)) for _ in range(6)]
    worker.resize(4)
    wait_until(lambda: worker.get_status()["active_workers"] == 4)
    worker.resize(1)
    assert worker.num_workers == 1
    wait_until(lambda: len(worker.get_status()["workers"]) == 1)
    assert worker.wait(timeout=30)
    assert {job_of(worker, job_id).status for job_id in job_ids} == {"complete"}
    assert worker.get_status()["stats"]["jobs_completed"] == 6, "also those of workers that left"
    assert heard.names().count("job_started") == 6, "nobody lost a job by leaving"


def test_a_stopped_pool_starts_with_its_new_size(worker: ExtractionWorker) -> None:
    worker.resize(3)
    worker.start()
    assert len(worker.get_status()["workers"]) == 3
    with pytest.raises(ValueError, match="num_workers must be a whole number, at least 1, not 0"):
        worker.resize(0)


def test_stop_lets_running_jobs_finish(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    job_id = worker.enqueue(add_slow(add_text, 0.5))
    heard.wait_for("job_started")
    assert worker.stop()
    assert job_of(worker, job_id).status == "complete"
    assert heard.names().count("worker_stopped") == 2


def test_stop_gives_back_what_does_not_finish_in_time(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    job_id = worker.enqueue(add_slow(add_text, 60))
    heard.wait_for("job_started")
    started = time.monotonic()
    assert not worker.stop(timeout=0.2)
    assert time.monotonic() - started < 5
    job = job_of(worker, job_id)
    assert (job.status, job.attempts) == ("pending", 0), "interrupted is not failed"
    assert "job_released" in heard.names()


def test_stop_leaves_no_process_thread_or_open_file(
    db: ResearchDatabase, add_text: AddText
) -> None:
    def resources() -> tuple[int, int]:
        return threading.active_count(), psutil.Process().num_fds()

    with ExtractionWorker(db, 2) as pool:
        pool.enqueue(add_text())
        pool.wait(timeout=30)
    before = resources()
    for _ in range(3):
        with ExtractionWorker(db, 2) as pool:
            pool.enqueue(add_text())
            pool.wait(timeout=30)
    gc.collect()
    threads, files = resources()
    assert threads == before[0]
    assert files <= before[1]
    assert children() == []


def test_stop_and_start_can_be_repeated(worker: ExtractionWorker, add_text: AddText) -> None:
    assert worker.stop()
    for _ in range(3):
        worker.start()
        worker.start()
        worker.enqueue(add_text())
        assert worker.wait(timeout=30)
        assert worker.stop()
        assert worker.stop()
    rows = worker.queue.get_workers()
    assert {row["status"] for row in rows} == {"stopped"}


def test_stop_may_be_called_from_callbacks_of_several_workers_at_once(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    both = threading.Barrier(2, timeout=30)
    returned = []

    def stop(job: Job, result: ExtractionResult) -> None:
        both.wait()
        began = time.monotonic()
        worker.stop()
        returned.append(time.monotonic() - began)

    worker.on("job_completed", stop)
    worker.enqueue_batch([add_text(), add_text()])
    worker.start()
    heard.wait_for("worker_stopped", count=2)
    assert not worker.is_running()
    # Each would have waited for the other: for a minute, and then for the watcher.
    assert len(returned) == 2
    assert max(returned) < 5
    worker.start()
    assert worker.is_running()


def test_a_pool_that_was_never_stopped_gives_its_jobs_back_at_exit(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    script = tmp_path / "forgets_to_stop.py"
    script.write_text(
        "import sys, threading, time\n"
        "from reslib import ExtractionWorker, ResearchDatabase, register_extractor\n"
        "@register_extractor('slow', suffixes=['.slow'])\n"
        "def slow(path):\n"
        "    time.sleep(60)\n"
        "    return ''\n"
        "started = threading.Event()\n"
        "worker = ExtractionWorker(ResearchDatabase(sys.argv[1]))\n"
        "worker.on('job_started', lambda *_: started.set())\n"
        "worker.start()\n"
        "worker.enqueue(int(sys.argv[2]))\n"
        "assert started.wait(30)\n"
    )
    attachment = add_slow(add_text, 60)
    subprocess.run(
        [sys.executable, str(script), str(db.path), str(attachment)], check=True, timeout=60
    )
    [job] = [QueueManager(db).get_job(1)]
    assert job is not None
    assert (job.status, job.attempts) == ("pending", 0)


SIGNALLED = """
import sys, time
from reslib import ExtractionWorker, ResearchDatabase, register_extractor
from reslib.pool.pool import register_signal_handlers

@register_extractor("slow", suffixes=[".slow"])
def slow(path):
    time.sleep(float(path.read_text().split()[0]))
    return "slept"

worker = ExtractionWorker(ResearchDatabase(sys.argv[1]), num_workers=1)
worker.on("job_started", lambda *_: print("started", flush=True))
register_signal_handlers(worker)
worker.start()
worker.enqueue(int(sys.argv[2]))
try:
    time.sleep(600)
finally:
    print("finally", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_running_job_finish_and_ends_the_program(
    db: ResearchDatabase, add_text: AddText, number: signal.Signals
) -> None:
    attachment = add_slow(add_text, 1.5)
    with subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, str(db.path), str(attachment)],
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "started\n"
        program.send_signal(number)
        rest, _ = program.communicate(timeout=30)
    assert rest == "finally\n"
    assert program.returncode == 128 + number
    job = QueueManager(db).get_job(1)
    assert job is not None
    assert job.status == "complete"


def test_a_second_signal_gives_the_running_job_back_at_once(
    db: ResearchDatabase, add_text: AddText
) -> None:
    attachment = add_slow(add_text, 60)
    with subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, str(db.path), str(attachment)],
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "started\n"
        program.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
    job = QueueManager(db).get_job(1)
    assert job is not None
    assert (job.status, job.attempts) == ("pending", 0)
