"""The pool, with real documents and real child processes."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from reslib import (
    ErrorCode,
    ExtractionResult,
    ExtractionWorker,
    Job,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.engines import LocalEngine
from reslib.models import Outcome
from reslib.pool.events import EVENTS
from reslib.sandbox import Sandbox
from reslib.testing import wait_until

AddText = Callable[..., int]


@pytest.fixture(autouse=True)
def slow() -> Iterator[None]:
    """An extractor that takes as many seconds as its document says."""

    def read_slowly(path: Path) -> str:
        seconds = float(path.read_text().split()[0])
        time.sleep(seconds)
        return f"slept {seconds}"

    register_extractor("slow", read_slowly, suffixes=[".slow"])
    yield
    unregister_extractor("slow")


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=2, poll_interval=1.0, heartbeat_interval=0.2)
    yield pool
    pool.stop(timeout=0)


class Heard:
    """Collects events and lets a test wait for one."""

    def __init__(self, worker: ExtractionWorker) -> None:
        self.events: list[tuple[str, tuple[Any, ...]]] = []
        self._condition = threading.Condition()
        for name in EVENTS:
            worker.on(name, lambda *arguments, name=name: self._note(name, arguments))

    def _note(self, name: str, arguments: tuple[Any, ...]) -> None:
        with self._condition:
            self.events.append((name, arguments))
            self._condition.notify_all()

    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def wait_for(self, name: str, count: int = 1, timeout: float = 30) -> list[tuple[Any, ...]]:
        with self._condition:
            assert self._condition.wait_for(lambda: self.names().count(name) >= count, timeout), (
                f"no {name} within {timeout} s; heard {self.names()}"
            )
        return [arguments for each, arguments in self.events if each == name]


@pytest.fixture
def heard(worker: ExtractionWorker) -> Heard:
    return Heard(worker)


def add_slow(add_text: AddText, seconds: float, name: str = "") -> int:
    name = name or f"{time.monotonic_ns()}.slow"
    return add_text(f"{seconds}\n{name}", name)


def job_of(worker: ExtractionWorker, job_id: int | None) -> Job:
    assert job_id is not None
    job = worker.queue.get_job(job_id)
    assert job is not None
    return job


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "reslib.sandbox.child" in p.cmdline()]


# --- extraction -------------------------------------------------------------------------------


def test_documents_become_text_that_can_be_searched(
    worker: ExtractionWorker, db: ResearchDatabase, add_text: AddText, heard: Heard
) -> None:
    ids = [add_text(f"The tide gauge number {n} stood firm.") for n in range(10)]
    worker.start()
    assert len(worker.enqueue_batch(ids)) == 10
    assert worker.wait(timeout=60)
    assert len(db.search("tide gauge")) == 10
    assert heard.names().count("job_completed") == 10
    assert [job.status for _, (job, *_) in heard.events if isinstance(job, Job)].count(
        JobStatus.COMPLETE
    ) == 10


def test_a_pool_is_a_context_manager(db: ResearchDatabase, add_text: AddText) -> None:
    with ExtractionWorker(db) as pool:
        pool.enqueue(add_text())
        assert pool.wait(timeout=30)
        assert pool.is_running()
    assert not pool.is_running()
    assert children() == []


def test_two_pools_share_the_work(db: ResearchDatabase, add_text: AddText) -> None:
    ids = [add_text() for _ in range(40)]
    with ExtractionWorker(db, 2) as one, ExtractionWorker(db, 2) as two:
        one.enqueue_batch(ids)
        assert two.wait(timeout=60)
        done = [p.get_status()["stats"]["jobs_completed"] for p in (one, two)]
    assert sum(done) == 40


# --- waking up --------------------------------------------------------------------------------


def test_an_idle_pool_starts_a_job_at_once(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    """Far sooner than poll_interval; benchmarks/footprint.py has the figures."""
    worker.poll_interval = 60
    worker.start()
    time.sleep(0.5)  # idle now
    worker.enqueue(add_text())
    heard.wait_for("job_started", timeout=5)


def test_a_job_of_another_process_starts_without_waiting_for_the_poll(
    worker: ExtractionWorker, db: ResearchDatabase, add_text: AddText, heard: Heard
) -> None:
    worker.poll_interval = 60
    worker.start()
    attachment = add_text()
    code = (
        "import sys; from reslib import QueueManager, ResearchDatabase\n"
        "assert QueueManager(ResearchDatabase(sys.argv[1])).enqueue(int(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", code, str(db.path), str(attachment)], check=True)
    heard.wait_for("job_started", timeout=5)


def test_a_retry_starts_when_it_is_due_without_waiting_for_the_poll(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, heard: Heard
) -> None:
    worker.poll_interval = 60
    worker.start()
    worker.enqueue(db.add_attachment("later.txt", folder / "later.txt"))
    [(job, error)] = heard.wait_for("job_retrying")
    assert error.error_code is ErrorCode.FILE_NOT_FOUND
    assert job.next_retry_at is not None
    assert "later.txt" in str(error)
    (folder / "later.txt").write_text("there it is")
    heard.wait_for("job_completed", timeout=10)
    assert job_of(worker, job.id).attempts == 1


# --- failing ----------------------------------------------------------------------------------


def test_an_extraction_that_takes_too_long_is_killed_and_named(
    db: ResearchDatabase, add_text: AddText
) -> None:
    with ExtractionWorker(db, 1, max_retries=0, extraction_timeout=1) as pool:
        started = time.monotonic()
        job_id = pool.enqueue(add_slow(add_text, 60, "endless.slow"))
        assert pool.wait(timeout=30)
        assert time.monotonic() - started < 5
        job = job_of(pool, job_id)
    assert job.status == "failed"
    assert job.error_type == "timeout"
    assert job.error_message is not None
    assert job.error_message.startswith("endless.slow")


def test_one_bad_document_costs_one_attempt_and_the_pool_goes_on(
    db: ResearchDatabase, add_text: AddText
) -> None:
    def crash(path: Path) -> str:
        os._exit(3)

    register_extractor("crash", crash, suffixes=[".crash"])
    try:
        with ExtractionWorker(db, 1, max_retries=0) as pool:
            bad = pool.enqueue(add_text("x", "bad.crash"))
            good = pool.enqueue(add_text("good words"))
            assert pool.wait(timeout=30)
            assert job_of(pool, bad).error_code is ErrorCode.CRASHED
            assert job_of(pool, good).status == "complete"
    finally:
        unregister_extractor("crash")


def test_a_deleted_attachment_is_no_trouble(
    worker: ExtractionWorker, db: ResearchDatabase, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    attachment = add_slow(add_text, 30)
    worker.enqueue(attachment)
    heard.wait_for("job_started")
    db.delete_attachment(attachment)
    worker.enqueue(add_text())
    assert worker.wait(timeout=10)
    heard.wait_for("job_completed")


# --- cancelling -------------------------------------------------------------------------------


def test_a_running_job_is_cancelled_at_once(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    job_id = worker.enqueue(add_slow(add_text, 60))
    assert job_id is not None
    heard.wait_for("job_started")
    assert worker.cancel(job_id)
    [(job,)] = heard.wait_for("job_cancelled", timeout=5)
    assert job.id == job_id
    assert job_of(worker, job_id).status == "cancelled"
    assert not worker.cancel(job_id)
    worker.enqueue(add_text())
    heard.wait_for("job_completed")


def test_a_waiting_job_can_be_cancelled(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    job_id = worker.enqueue(add_text())
    assert job_id is not None
    assert worker.cancel(job_id)
    assert heard.names() == ["job_cancelled"]


@pytest.mark.parametrize("by", ["the pool", "its queue", "another connection"])
def test_a_job_that_is_cancelled_between_its_claim_and_its_extraction_is_not_begun(
    by: str, db: ResearchDatabase, add_text: AddText
) -> None:
    runs: list[object] = []

    class Counted(LocalEngine):
        def runner(self) -> Sandbox:
            sandbox = super().runner()
            run = sandbox.run

            def counted(*arguments: Any) -> Outcome:
                runs.append(arguments)
                return run(*arguments)

            sandbox.run = counted  # type: ignore[method-assign, assignment]
            return sandbox

    with (
        ResearchDatabase(db.path) as same,
        ExtractionWorker(db, num_workers=1, engine=Counted()) as pool,
    ):
        cancel = {
            "the pool": pool.cancel,
            "its queue": pool.queue.cancel,
            "another connection": QueueManager(same).cancel,
        }[by]
        heard = Heard(pool)
        pool.on("job_started", lambda job, _: cancel(job.id))
        job_id = pool.enqueue(add_text())
        heard.wait_for("job_cancelled")
        assert job_of(pool, job_id).status == "cancelled"
    assert runs == []


def test_a_job_cancelled_by_somebody_else_is_killed_too(
    worker: ExtractionWorker, db: ResearchDatabase, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    job_id = worker.enqueue(add_slow(add_text, 60))
    assert job_id is not None
    heard.wait_for("job_started")
    with ResearchDatabase(db.path) as other:
        assert QueueManager(other).cancel(job_id)
    heard.wait_for("job_cancelled", timeout=5)


# --- pausing and stopping ---------------------------------------------------------------------


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


# --- watching ---------------------------------------------------------------------------------


def test_heartbeats_tick_while_a_document_is_being_extracted(
    worker: ExtractionWorker, add_text: AddText, heard: Heard, sqlite: sqlite3.Connection
) -> None:
    worker.start()
    job_id = worker.enqueue(add_slow(add_text, 60))
    heard.wait_for("job_started")

    def beats() -> list[tuple[Any, ...]]:
        return sqlite.execute(
            "SELECT status, current_job_id, last_heartbeat FROM worker_heartbeat "
            "WHERE current_job_id IS NOT NULL"
        ).fetchall()

    seen: set[tuple[Any, ...]] = set()
    deadline = time.monotonic() + 10
    while len(seen) < 4 and time.monotonic() < deadline:
        seen.update(beats())
        time.sleep(0.05)
    assert len(seen) >= 4
    assert {row[:2] for row in seen} == {("busy", job_id)}


def test_status_says_which_document_is_being_read(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    worker.enqueue(add_slow(add_text, 60, "thesis.slow"))
    heard.wait_for("job_started")
    status = worker.get_status()
    assert status["active_workers"] == status["processing"] == 1
    [busy] = [w for w in status["workers"] if w["status"] == "busy"]
    assert busy["document"] == "thesis.slow"
    assert busy["seconds"] >= 0


def test_recent_jobs_are_listed_newest_first(worker: ExtractionWorker, add_text: AddText) -> None:
    jobs = worker.enqueue_batch([add_text() for _ in range(3)])
    recent = worker.get_recent_jobs(limit=2)
    assert [row["job_id"] for row in recent] == jobs[:0:-1]
    assert recent[0]["status"] == "pending"


def test_a_callback_that_raises_is_logged_and_harms_nothing(
    worker: ExtractionWorker, add_text: AddText, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(job: Job, result: object) -> None:
        raise RuntimeError("my callback is broken")

    worker.on("job_completed", broken)
    worker.start()
    worker.enqueue(add_text())
    with caplog.at_level(logging.ERROR):
        assert worker.wait(timeout=30)
        worker.stop()
    assert "my callback is broken" in caplog.text


def test_a_callback_can_be_taken_back(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    calls: list[object] = []
    forget = worker.on("job_started", lambda *arguments: calls.append(arguments))
    forget()
    forget()
    worker.start()
    worker.enqueue(add_text())
    heard.wait_for("job_completed")
    assert calls == []


def test_an_unknown_event_is_refused_with_the_valid_ones(worker: ExtractionWorker) -> None:
    with pytest.raises(ValueError, match="job_completed"):
        worker.on("job_done", print)


def test_waiting_for_a_pool_that_does_not_run_is_refused(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    assert worker.wait(timeout=1), "nothing is open"
    worker.enqueue(add_text())
    with pytest.raises(RuntimeError, match="start"):
        worker.wait()


def test_waiting_ends_when_the_pool_is_stopped(
    worker: ExtractionWorker, add_text: AddText, heard: Heard
) -> None:
    worker.start()
    worker.enqueue(add_slow(add_text, 60))
    heard.wait_for("job_started")
    threading.Timer(0.3, worker.stop, kwargs={"timeout": 0}).start()
    assert not worker.wait(timeout=30)


def test_waiting_does_not_block_an_event_loop(worker: ExtractionWorker, add_text: AddText) -> None:
    async def go() -> int:
        ticks = 0
        task = asyncio.ensure_future(worker.drained(timeout=30))
        while not task.done():
            ticks += 1
            await asyncio.sleep(0.01)
        assert await task
        return ticks

    worker.start()
    worker.enqueue(add_slow(add_text, 0.5))
    assert asyncio.run(go()) > 10


def test_waiting_can_show_a_progress_bar(
    worker: ExtractionWorker, add_text: AddText, capsys: pytest.CaptureFixture[str]
) -> None:
    worker.start()
    worker.enqueue_batch([add_text() for _ in range(3)])
    assert worker.wait(timeout=30, progress=True)
    assert "3/3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("num_workers", 0),
        ("num_workers", 1.5),
        ("max_retries", -1),
        ("extraction_timeout", 0),
        ("extraction_timeout", -5),
        ("heartbeat_interval", 0),
        ("poll_interval", -1),
        ("poll_interval", "fast"),
        ("memory_limit_mb", 1),
        ("extractors", ["no such extractor"]),
        ("extractors", "pdf"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(
    db: ResearchDatabase, setting: str, value: Any
) -> None:
    with pytest.raises(ValueError, match=setting.rstrip("s").split("_")[0]):
        ExtractionWorker(db, **{setting: value})


def test_completion_offers_what_people_call(worker: ExtractionWorker, db: ResearchDatabase) -> None:
    inside = {"control", "events", "lose_threads", "members", "store"}
    assert not inside & {*dir(worker), *dir(db)}
    assert {"resize", "stop", "num_workers", "queue"} <= {*dir(worker)}
    assert {"search", "path", "add_folder"} <= {*dir(db)}


def test_a_stop_that_comes_while_the_pool_starts_is_not_lost(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db, num_workers=1)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with db.store.write():
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    starter = threading.Thread(target=worker.start)
    starter.start()  # waits for the write lock
    wait_until(lambda: bool(db.store._write_lock._threads._waiting))
    assert worker.stop(timeout=5)
    release.set()
    starter.join(30)
    holder.join(30)
    assert not worker.is_running()
    worker.start()
    assert worker.is_running()
    assert worker.stop(timeout=30)
