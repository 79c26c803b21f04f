"""Children that cannot be started are no document's fault; there are as many as there is work."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from slowpool import children

import reslib.pool.thread
from reslib import ExtractionWorker, JobStatus, ResearchDatabase, ReslibError
from reslib.pool.control import Cause, Control
from reslib.sandbox import Sandbox
from reslib.testing import register_fault_extractor, wait_until, write_fault

AddText = Callable[..., int]


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


def kill_children() -> None:
    """Kill every child and wait until all of each has ended; it is left to be reaped.

    A process of which a thread is still ending is a zombie already, and cannot be reaped.
    """
    for child in children():
        child.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


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
    assert worker.queue.counts()[JobStatus.COMPLETE] == 5
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
    assert worker.queue.counts()[JobStatus.COMPLETE] == 3


def test_a_document_whose_child_cannot_be_started_any_more_goes_back(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The child is there when the job is claimed, and not when it is to read."""
    register_fault_extractor()
    monkeypatch.setattr(reslib.pool.thread, "_FIRST_PAUSE", 0.05)
    path = write_fault(folder, "a.fault", "page one")
    worker.resize(1)
    before = sys.executable

    def kill_the_child(*_: object) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        kill_children()
        forget()

    forget = worker.on("job_started", kill_the_child)
    released = threading.Event()
    worker.on("job_released", lambda _: released.set())
    worker.start()
    job_id = worker.enqueue(db.add_attachment(path.name, path))
    assert job_id is not None
    assert released.wait(30)
    wait_until(lambda: worker.get_status()["problem"] is not None)
    assert not worker.wait(timeout=1), "what is given back is claimed again"
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
    assert worker.queue.counts()[JobStatus.COMPLETE] == 31


def test_who_could_start_no_child_tries_again_when_another_could() -> None:
    control, done = Control(), threading.Event()

    def rest() -> None:
        control.rest(3600, lambda: False)
        done.set()

    def another_could() -> bool:
        control.child_started()
        return done.is_set()

    control.set_problem(Cause.CHILD, "it could not be started", "a worker")
    threading.Thread(target=rest, daemon=True).start()
    wait_until(another_could)
    assert control.problem is None


@pytest.mark.parametrize("host", ["fileserver", "disk7", "storing by hand"])
def test_what_a_host_is_called_says_nothing_of_a_problem(host: str) -> None:
    control = Control()
    control.set_problem(Cause.CHILD, "it could not be started", f"{host}-1234-ab-1")
    assert not control.is_blocked, "the others go on"
    control.set_problem(Cause.DISK, "the disk is almost full")
    assert control.problem == "the disk is almost full"
    control.set_problem(Cause.DISK, None)
    control.child_started()
    assert control.problem is None


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
    assert "200 workers are set on a machine of" in caplog.text
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
    paths = [write_fault(folder, f"{n}.fault", "page x", "sleep 60") for n in range(4)]
    worker.resize(4)
    worker.start()
    jobs = worker.enqueue_batch([db.add_attachment(path.name, path) for path in paths])
    wait_until(lambda: worker.get_status()["active_workers"] == 4, 60)
    for job in jobs:
        worker.cancel(job)
    assert worker.wait(60)


def test_a_dead_idle_child_does_not_keep_the_others_from_starting_theirs(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    worker.start()
    worker.enqueue_batch([add_text() for _ in range(10)])
    assert worker.wait(60)
    kill_children()
    worker.enqueue_batch([add_text()])
    assert worker.wait(30)


# --- more workers than the system allows ------------------------------------------------------


@pytest.fixture
def few_files() -> Iterator[None]:
    """A hundred open files more at most."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (psutil.Process().num_fds() + 100, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("few_files")
def test_a_number_of_workers_that_the_system_does_not_allow_changes_nothing(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    worker.resize(2)
    worker.start()
    worker.enqueue_batch([add_text() for _ in range(4)])
    assert worker.wait(60)
    with pytest.raises(ReslibError, match=r"700 workers are more than .*open files.*ulimit -n"):
        worker.resize(700)
    assert worker.num_workers == 2
    assert len(worker.get_status()["workers"]) == 2
    worker.enqueue_batch([add_text() for _ in range(4)])
    assert worker.wait(60)
    worker.resize(3)
    assert worker.num_workers == 3
    assert worker.stop(timeout=30)


@pytest.mark.usefixtures("few_files")
def test_a_pool_of_more_workers_than_the_system_allows_does_not_start(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    worker.resize(700)
    with pytest.raises(ReslibError, match="700 workers are more than"):
        worker.start()
    assert not worker.is_running()
    worker.resize(1)
    worker.start()
    worker.enqueue(add_text())
    assert worker.wait(60)


def test_threads_that_the_system_does_not_allow_change_nothing(
    worker: ExtractionWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of threads counts those of the whole user, so here their start itself fails."""
    worker.resize(2)
    worker.start()
    wait_until(lambda: len(worker.queue.get_workers()) == 2)
    start, started = threading.Thread.start, []

    def start_three(thread: threading.Thread) -> None:
        started.append(thread)
        if len(started) > 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_three)
        with pytest.raises(ReslibError, match=r"10 workers are more than .*new thread"):
            worker.resize(10)
    assert worker.num_workers == 2
    wait_until(lambda: len(worker.get_status()["workers"]) == 2)
    wait_until(lambda: not any(thread.is_alive() for thread in started))
    worker.resize(3)
    wait_until(lambda: [w["status"] for w in worker.queue.get_workers()].count("idle") == 3)
    assert len({w["worker_id"] for w in worker.queue.get_workers()}) == 6


@pytest.mark.usefixtures("few_files")
def test_a_pool_stops_in_its_time_when_no_file_can_be_opened_any_more(
    worker: ExtractionWorker, add_text: AddText, caplog: pytest.LogCaptureFixture
) -> None:
    worker.start()
    worker.enqueue_batch([add_text() for _ in range(3)])
    assert worker.wait(60)
    family = children()
    assert family
    opened = []
    try:
        with contextlib.suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        with pytest.raises(OSError, match="Too many open files"):
            os.open(os.devnull, os.O_RDONLY)
        assert worker.stop(timeout=20)
    finally:
        for descriptor in opened:
            os.close(descriptor)
    assert "did not stop" not in caplog.text
    assert not any(child.is_running() for child in family)


def test_a_worker_whose_process_cannot_be_closed_has_ended_all_the_same(
    worker: ExtractionWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker.start()
    wait_until(lambda: len(children()) == 1)
    close = Sandbox.close

    def fail(sandbox: Sandbox) -> None:
        close(sandbox)
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(Sandbox, "close", fail)
    assert worker.stop(timeout=20)
    assert "unexpected error at its end" in caplog.text
    assert {row["status"] for row in worker.queue.get_workers()} == {"stopped"}
