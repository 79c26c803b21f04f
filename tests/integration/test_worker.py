"""The pool, with real documents and real child processes."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slowpool import AddText, Heard, add_slow, children, job_of

from reslib import (
    ErrorCode,
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
from reslib.sandbox import Sandbox
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
        assert children()
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
