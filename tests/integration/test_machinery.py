"""What is the machinery's own trouble, and is never booked on a document."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import reslib.supervision
from reslib import ExtractionWorker, QueueManager, ResearchDatabase, WorkerStatus
from reslib.control import Control
from reslib.errors import DatabaseError
from reslib.testing import register_fault_extractor, wait_until, write_fault

AddText = Callable[..., int]


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=2, max_retries=0, heartbeat_interval=0.1)
    yield pool
    pool.stop(timeout=0)


@pytest.fixture
def in_the_way(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Something that keeps children from being started; the function takes it away."""
    if request.param == "the folder for temporary files is full":
        mount = request.getfixturevalue("mount_disk")
        place = mount(256 * 1024)
        # A folder takes no block of such a disk, but an inode.
        subprocess.run(["mount", "-o", "remount,nr_inodes=8", str(place)], check=True)
        _fill(place)
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        return lambda: [path.unlink() for path in place.glob("ballast*")].clear()
    if request.param == "the folder for temporary files is gone":
        place = tmp_path / "tmp"
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        return place.mkdir
    before = sys.executable
    if request.param == "the interpreter has moved":
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    elif request.param == "the interpreter ends at once":
        monkeypatch.setattr(sys, "executable", "/bin/false")
    else:
        place = tmp_path / "python"
        place.write_text("#!/bin/sh\necho 'cannot allocate a thread' >&2; exit 3\n")
        place.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(place))
    return lambda: monkeypatch.setattr(sys, "executable", before)


def _fill(place: Path) -> None:
    """Use every block and every inode."""
    for n in range(100_000):
        try:
            (place / f"ballast{n}").write_bytes(bytes(4096) if n % 2 else b"")
        except OSError:
            return


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _wait_until_dead() -> None:
    wait_until(lambda: not [c for c in children() if c.status() != psutil.STATUS_ZOMBIE])


# --- a child cannot be started ----------------------------------------------------------------


@pytest.mark.parametrize(
    "in_the_way",
    [
        "the folder for temporary files is full",
        "the folder for temporary files is gone",
        "the interpreter has moved",
        "the interpreter ends at once",
        "the interpreter says why it cannot start",
    ],
    indirect=True,
)
def test_a_child_that_cannot_be_started_costs_no_document_an_attempt(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    in_the_way: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = [add_text() for _ in range(5)]
    caplog.set_level(logging.WARNING)
    worker.start()
    jobs = worker.enqueue_batch(ids)
    wait_until(lambda: worker.get_status()["problem"] is not None)
    assert "could not be started" in worker.get_status()["problem"]
    assert "could not be started" in worker._repr_html_()
    assert not worker.wait(timeout=1.5)
    found = [worker.queue.get_job(job) for job in jobs]
    assert {(str(job.status), job.attempts) for job in found if job} == {("pending", 0)}
    said = [r for r in caplog.records if "could not be started" in r.getMessage()]
    assert len(said) == 1, "said once, not at each try"
    in_the_way()
    assert worker.wait(timeout=60), "it goes on by itself"
    assert worker.get_status()["problem"] is None
    assert worker.queue.counts()["complete"] == 5
    assert db.needs_extraction() == []


def test_documents_that_could_not_be_read_are_offered_after_their_jobs_were_given_up(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = [add_text() for _ in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        jobs = worker.enqueue_batch(ids)
        worker.start()
        wait_until(lambda: worker.get_status()["problem"] is not None)
        worker.stop(timeout=0)
    assert worker.get_status()["problem"] is None
    for job in jobs:
        worker.queue.cancel(job)
    assert sorted(db.needs_extraction(ids)) == ids
    worker.enqueue_batch(db.needs_extraction(ids))
    worker.start()
    assert worker.wait(60)
    assert worker.queue.counts()["complete"] == 3


def test_a_document_whose_child_cannot_be_started_any_more_goes_back(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The child is there when the job is claimed, and not when it is to read."""
    register_fault_extractor()
    monkeypatch.setattr(reslib.supervision, "_FIRST_PAUSE", 0.05)
    path = write_fault(folder, "a.fault", "page one")
    worker.resize(1)
    before = sys.executable

    def kill_the_child(*_: object) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        for child in children():
            child.kill()
        _wait_until_dead()
        forget()

    forget = worker.on("job_started", kill_the_child)
    released = threading.Event()
    worker.on("job_released", lambda _: released.set())
    worker.start()
    job_id = worker.enqueue(db.add_attachment(path.name, path))
    assert job_id is not None
    assert released.wait(30)
    wait_until(lambda: worker.get_status()["problem"] is not None)
    time.sleep(1)  # what is given back is claimed again
    job = worker.queue.get_job(job_id)
    assert job is not None
    assert (str(job.status), job.attempts) == ("pending", 0)
    assert job.claims < 20, "it does not spin"
    monkeypatch.setattr(sys, "executable", before)
    assert worker.wait(60)
    job = worker.queue.get_job(job_id)
    assert job is not None
    assert (str(job.status), job.attempts) == ("complete", 0)


def test_a_child_that_cannot_be_started_is_tried_at_growing_intervals(
    worker: ExtractionWorker, add_text: AddText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = tmp_path / "tries"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho x >> '{tries}'; exit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    worker.start()
    worker.enqueue(add_text())
    wait_until(tries.exists)
    assert not worker.wait(timeout=3)
    assert len(tries.read_text().split()) < 20


def test_workers_that_have_a_child_go_on_while_another_gets_none(
    worker: ExtractionWorker, add_text: AddText, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.resize(1)
    worker.start()
    worker.enqueue(add_text())
    assert worker.wait(60)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    worker.resize(3)
    worker.enqueue_batch([add_text() for _ in range(30)])
    assert worker.wait(60)
    assert worker.queue.counts()["complete"] == 31


def test_who_could_start_no_child_tries_again_when_another_could() -> None:
    control, done = Control(), threading.Event()

    def rest() -> None:
        control.rest(60, lambda: False)
        done.set()

    control.set_problem("a worker", "it could not be started")
    threading.Thread(target=rest, daemon=True).start()
    while not done.wait(0.05):
        control.child_started()
    assert control.problem is None


# --- callbacks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, ValueError]
)
@pytest.mark.parametrize("event", ["job_started", "job_completed", "job_failed", "worker_stopped"])
def test_whatever_a_callback_raises_is_logged_and_harms_nothing(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    folder: Path,
    event: str,
    error: type[BaseException],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leave(*_: object) -> None:
        raise error("on purpose")

    worker.on(event, leave)
    heard: list[object] = []
    worker.on(event, heard.append if event == "worker_stopped" else lambda *a: heard.append(a))
    bad = folder / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 and no more")
    worker.start()
    worker.enqueue_batch([*(add_text() for _ in range(3)), db.add_attachment("bad.pdf", bad)])
    assert worker.wait(timeout=30)
    assert worker.stop(timeout=20)
    counts = worker.queue.counts()
    assert (counts["complete"], counts["failed"]) == (3, 1)
    assert heard, "the next callback of the same event is called too"
    assert f"a callback of '{event}' raised" in caplog.text
    workers = worker.queue.get_workers()
    assert {row["status"] for row in workers} == {"stopped"}


def test_ctrl_c_in_the_main_thread_is_not_taken_for_a_callbacks(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    worker.on("job_cancelled", interrupted)
    job_id = worker.enqueue(add_text())
    assert job_id is not None
    with pytest.raises(KeyboardInterrupt):
        worker.cancel(job_id)


@pytest.mark.parametrize("event", ["job_started", "job_completed", "job_failed"])
def test_stop_keeps_to_its_time_while_callbacks_do_not_return(
    db: ResearchDatabase, add_text: AddText, folder: Path, event: str
) -> None:
    worker = ExtractionWorker(db, num_workers=2, max_retries=0)
    blocked, free = threading.Semaphore(0), threading.Event()

    def block(*_: object) -> None:
        blocked.release()
        free.wait(60)

    worker.on(event, block)
    if event == "job_failed":
        ids = []
        for n in range(6):
            path = folder / f"{n}.pdf"
            path.write_bytes(b"%%PDF-1.4 and no more %d" % n)
            ids.append(db.add_attachment(path.name, path))
    else:
        ids = [add_text() for _ in range(6)]
    worker.enqueue_batch(ids)
    worker.start()
    for _ in range(2):
        assert blocked.acquire(timeout=30)
    began = time.monotonic()
    assert not worker.stop(timeout=1)
    took = time.monotonic() - began
    try:
        assert took < 5, "it was asked to take one second, and took twenty more before"
        assert worker.queue.counts()["processing"] == 0, "what they had is given back"
        # A pool that starts again meanwhile is one of its own.
        worker.events._callbacks[event].clear()
        began = time.monotonic()
        worker.start()
        assert time.monotonic() - began < 5
        assert worker.wait(60)
        free.set()
        wait_until(lambda: threading.active_count() < 20)
        ended = "failed" if event == "job_failed" else "complete"
        assert worker.queue.counts()[ended] == 6
        rows = db.store.rows("documents", {"ids": None})
        assert {row["attempts"] for row in rows} == {1 if ended == "failed" else 0}
    finally:
        free.set()
        worker.stop(timeout=0)


# --- heartbeats -------------------------------------------------------------------------------


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
            time.sleep(0.1)
        assert worker.wait(60)
    rows = worker.queue.get_workers()
    assert {row["status"] for row in rows} == {"stopped"}
    assert sum(row["jobs_completed"] for row in rows) == 40


# --- the file ---------------------------------------------------------------------------------


def _deleted(path: Path) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def _only_itself_deleted(path: Path) -> None:
    path.unlink()


def _only_its_log_deleted(path: Path) -> None:
    Path(f"{path}-wal").unlink()


def _replaced(path: Path) -> None:
    other = path.with_name("other.db")
    with sqlite3.connect(path) as source:
        copy = sqlite3.connect(other)
        source.backup(copy)
        copy.close()
    source.close()
    os.replace(other, path)  # noqa: PTH105


def _moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def _emptied_by_another_program(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "harm",
    [
        _deleted,
        _only_itself_deleted,
        _only_its_log_deleted,
        _replaced,
        _moved,
        _emptied_by_another_program,
    ],
)
def test_a_file_that_is_taken_from_a_running_pool_is_noticed_and_nothing_completes_in_it(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    harm: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = [add_text() for _ in range(12)]
    worker.start()
    worker.enqueue_batch(ids[:6])
    assert worker.wait(30)
    caplog.set_level(logging.WARNING)
    harm(db.path)
    before = db.path.read_bytes() if db.path.exists() else None
    began = time.monotonic()
    wait_until(lambda: worker.get_status()["problem"] is not None)
    assert time.monotonic() - began < 2
    with pytest.raises(DatabaseError, match=r"(deleted|moved|replaced).* while it was"):
        worker.enqueue_batch(ids[6:])
    assert worker.queue.counts()["complete"] == 6
    assert any("while it was" in record.getMessage() for record in caplog.records)
    assert worker.stop(timeout=5)
    after = db.path.read_bytes() if db.path.exists() else None
    assert after == before, "nothing was written to what is there now, and no file was made"


def test_what_is_being_read_when_the_file_goes_is_stored_when_it_is_back(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    register_fault_extractor()
    path = write_fault(folder, "slow.fault", "page one", "sleep 1", "page two")
    begun = threading.Event()
    worker.on("job_started", lambda *_: begun.set())
    worker.start()
    job_id = worker.enqueue(db.add_attachment(path.name, path))
    assert job_id is not None
    assert begun.wait(30)
    away = db.path.with_name("away.db")
    db.path.rename(away)
    assert not worker.wait(timeout=3)
    assert worker.queue.counts()["processing"] == 1, "it does not say that it is complete"
    away.rename(db.path)
    assert worker.wait(30)
    job = worker.queue.get_job(job_id)
    assert job is not None
    assert (str(job.status), job.attempts, job.claims) == ("complete", 0, 1)
    assert worker.get_status()["problem"] is None


def test_another_thread_does_not_read_the_file_that_came_in_its_place(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    queue.enqueue(add_text())
    _replaced(db.path)
    said: list[object] = []

    def look() -> None:
        try:
            said.append(queue.counts())
        except DatabaseError as error:
            said.append(str(error))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert "was replaced by another file" in str(said[0])


@pytest.mark.parametrize("name", ["a?b#c%41.db", "f\u00fcr 100 %.db"])
def test_a_library_may_be_called_like_an_address(tmp_path: Path, name: str) -> None:
    with ResearchDatabase(tmp_path / name) as db:
        db.store.announce()
    assert (tmp_path / name).exists()
    with ResearchDatabase(tmp_path / name) as db:
        assert db.needs_extraction() == []


def test_what_was_in_a_deleted_file_can_be_saved_as_the_message_says(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    add_text()
    _deleted(db.path)
    problem = db.store.file_problem()
    assert problem is not None
    assert 'db.backup("rescued.db")' in problem
    with ResearchDatabase(db.backup(tmp_path / "rescued.db")) as rescued:
        assert len(rescued.needs_extraction()) == 1


# --- as many processes as there is work -------------------------------------------------------


def test_workers_without_work_have_no_process(
    worker: ExtractionWorker, add_text: AddText, caplog: pytest.LogCaptureFixture
) -> None:
    worker.start()
    wait_until(lambda: len(children()) == 1)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        worker.resize(200)
    assert time.monotonic() - began < 5
    assert "200 workers were asked for on a machine of" in caplog.text
    wait_until(lambda: len(worker.queue.get_workers()) == 200)
    assert len(children()) == 1, "the one for what may come"
    worker.enqueue_batch([add_text() for _ in range(3)])
    assert worker.wait(60)
    assert len(children()) <= 4
    worker.resize(2)
    assert worker.stop(timeout=30)
    assert {row["status"] for row in worker.queue.get_workers()} == {"stopped"}


def test_workers_with_work_have_a_process_each(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    register_fault_extractor()
    paths = [write_fault(folder, f"{n}.fault", "page x", "sleep 2") for n in range(4)]
    worker.resize(4)
    worker.start()
    worker.enqueue_batch([db.add_attachment(path.name, path) for path in paths])
    wait_until(lambda: worker.get_status()["active_workers"] == 4)
    assert worker.wait(60)


def test_a_dead_idle_child_does_not_keep_the_others_from_starting_theirs(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    worker.start()
    worker.enqueue_batch([add_text() for _ in range(10)])
    assert worker.wait(60)
    for child in children():
        child.kill()
    _wait_until_dead()
    worker.enqueue_batch([add_text()])
    assert worker.wait(30)
