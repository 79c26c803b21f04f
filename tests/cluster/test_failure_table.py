"""Each row of what can go wrong with a cluster: what becomes of the document, and of its child.

Beside the rows stand their controls: the same without what protects, which shows that a test would
notice.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from loopback import (
    AddFault,
    Cluster,
    MakePool,
    Watched,
    forget_cancelled,
    free_port,
    gone_within,
    lives,
    ready,
)

from reslib import ErrorCode, ExtractionWorker, JobStatus, QueueManager, ResearchDatabase
from reslib.engines.cluster import connection, exchange, window
from reslib.models import Job
from reslib.testing import wait_until


def watched(worker: ExtractionWorker) -> Watched:
    assert isinstance(worker.engine, Watched)
    return worker.engine


def job_of(worker: ExtractionWorker, attachment_id: int) -> int:
    job_id = worker.enqueue(attachment_id)
    assert job_id is not None
    return job_id


def state(worker: ExtractionWorker, job_id: int) -> Job:
    job = worker.queue.get_job(job_id)
    assert job is not None
    return job


def until(worker: ExtractionWorker, job_id: int, *statuses: JobStatus) -> Job:
    wait_until(lambda: state(worker, job_id).status in statuses, 90)
    return state(worker, job_id)


# --- cancel and limits ---------------------------------------------------------------------------


def test_cancelling_ends_the_child_at_once(pool: MakePool, add_fault: AddFault) -> None:
    worker = pool()
    job = job_of(worker, add_fault("slow", "page x", "sleep 600"))
    begun = watched(worker).next_begun()
    assert lives(begun["child"])
    worker.cancel(job)
    assert gone_within(begun["child"]) < 5
    assert until(worker, job, JobStatus.CANCELLED).attempts == 0


def test_control_without_the_plug_in_the_child_reads_on(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    worker = pool()
    job = job_of(worker, add_fault("slow", "page x", "sleep 600"))
    begun = watched(worker).next_begun()
    watched(worker).connection.client.run(forget_cancelled, workers=[begun["at"]])
    worker.cancel(job)
    until(worker, job, JobStatus.CANCELLED)
    time.sleep(1)
    assert lives(begun["child"])
    os.kill(begun["pid"], signal.SIGKILL)  # the nanny makes one that has its plug-in
    gone_within(begun["child"])


@pytest.mark.parametrize(
    ("instructions", "code"),
    [
        (("page x", "sleep 600"), ErrorCode.STALLED),
        (("spin",), ErrorCode.TIMEOUT),
        (("signal SIGSTOP",), ErrorCode.TIMEOUT),
        (("segfault",), ErrorCode.CRASHED),
        (("leak",), ErrorCode.MEMORY_LIMIT),
        (("raise no",), ErrorCode.EXCEPTION),
    ],
)
def test_an_extraction_ends_as_on_this_machine(
    instructions: tuple[str, ...],
    code: ErrorCode,
    pool: MakePool,
    add_fault: AddFault,
    cluster: Cluster,
) -> None:
    engine = Watched(cluster.address, memory_limit_mb=200)
    worker = pool(engine, extraction_timeout=2, max_retries=0)
    job = job_of(worker, add_fault("bad", *instructions))
    failed = until(worker, job, JobStatus.FAILED)
    assert failed.error_code is code
    assert str(failed.error_message).startswith("bad.fault: ")
    workers = watched(worker).describe()["workers"]
    assert len(workers) == 2, "the worker of the cluster has no part in it"


# --- workers and nannies -------------------------------------------------------------------------


def test_a_worker_that_is_killed_counts_as_an_attempt_and_the_document_is_read_again(
    pool: MakePool, add_fault: AddFault
) -> None:
    worker = pool()
    told: list[float] = []
    worker.on("job_retrying", lambda job, error: told.append(time.monotonic()))
    job = job_of(worker, add_fault("slow", "page words", "sleep 2"))
    begun = watched(worker).next_begun()
    killed = time.monotonic()
    os.kill(begun["pid"], signal.SIGKILL)
    gone_within(begun["child"], 5)
    wait_until(lambda: bool(told), 10)
    assert told[0] - killed < 5
    assert worker.wait(timeout=90)
    done = state(worker, job)
    assert (done.status, done.attempts) == (JobStatus.COMPLETE, 1)


def test_a_nanny_that_is_killed_takes_its_worker_and_the_child_with_it(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    worker = pool()
    job = job_of(worker, add_fault("slow", "page words", "sleep 2"))
    begun = watched(worker).next_begun()
    cluster.nanny_of(begun["pid"]).kill()
    gone_within(begun["pid"])
    gone_within(begun["child"], 5)
    assert worker.wait(timeout=90)
    assert state(worker, job).status is JobStatus.COMPLETE


def test_a_worker_that_says_that_it_leaves_costs_no_attempt(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    worker = pool()
    job = job_of(worker, add_fault("slow", "page words", "sleep 2"))
    begun = watched(worker).next_begun()
    cluster.nanny_of(begun["pid"]).terminate()  # as a walltime of Slurm does, and scancel
    gone_within(begun["child"])
    assert worker.wait(timeout=90)
    done = state(worker, job)
    assert (done.status, done.attempts) == (JobStatus.COMPLETE, 0)


def test_a_worker_whose_lifetime_ends_hands_its_document_on(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    for nanny in cluster.nannies:
        nanny.kill()
    cluster.heal(0)
    cluster.add_worker("--lifetime", "8s", "--no-nanny")
    worker = pool()
    ready(worker, 1)
    job = job_of(worker, add_fault("slow", "page words", "sleep 12"))
    first = watched(worker).next_begun()
    cluster.add_worker()
    second = watched(worker).next_begun()
    assert first["at"] != second["at"]
    gone_within(first["child"])
    assert worker.wait(timeout=90)
    done = state(worker, job)
    assert (done.status, done.attempts) == (JobStatus.COMPLETE, 0)


def test_a_worker_that_is_frozen_is_given_up_and_gets_nothing_until_it_answers(
    pool: MakePool, add_fault: AddFault, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_SPARE", 1.0)
    monkeypatch.setattr(connection, "_SILENT_PATIENCE", 1.0)
    monkeypatch.setattr(connection, "_ASK_SILENT", 1.0)
    worker = pool(extraction_timeout=4)
    ready(worker, 2)
    job = job_of(worker, add_fault("slow", "page words", "sleep 2"))
    begun = watched(worker).next_begun()
    os.kill(begun["pid"], signal.SIGSTOP)
    try:
        assert worker.wait(timeout=90)
        done = state(worker, job)
        assert (done.status, done.attempts) == (JobStatus.COMPLETE, 0)
        assert watched(worker).next_begun()["at"] != begun["at"]
        assert begun["at"] not in [each.address for each in watched(worker).connection.fit()]
    finally:
        os.kill(begun["pid"], signal.SIGCONT)
    ready(worker, 2)  # it answers, so it gets some again


# --- the scheduler and the coordinator -----------------------------------------------------------


def test_a_scheduler_that_dies_costs_no_attempt_and_work_goes_on_with_the_next(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    worker = pool()
    job = job_of(worker, add_fault("slow", "page words", "sleep 3"))
    begun = watched(worker).next_begun()
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    given_back = until(worker, job, JobStatus.PENDING)
    assert given_back.attempts == 0
    gone_within(begun["child"])
    wait_until(lambda: worker.get_status()["problem"] is not None, 30)
    assert "cluster" in worker.get_status()["problem"]
    cluster.heal()
    assert worker.wait(timeout=120)
    done = state(worker, job)
    assert (done.status, done.attempts) == (JobStatus.COMPLETE, 0)


def test_a_pool_waits_for_a_cluster_that_is_not_there_yet(
    db: ResearchDatabase, add_fault: AddFault, tmp_path: Path
) -> None:
    port = free_port()
    engine = Watched(f"tcp://127.0.0.1:{port}")
    with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
        job = job_of(worker, add_fault("quick", "page words"))
        wait_until(lambda: "cannot be reached" in str(worker.get_status()["problem"]), 60)
        assert state(worker, job).status is JobStatus.PENDING
        with Cluster(tmp_path, 1, port=port):
            assert worker.wait(timeout=120)


def test_waiting_for_a_cluster_keeps_neither_threads_nor_files_of_its_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "_CONNECT", 0.2)
    monkeypatch.setattr(connection, "_LOOK_OUT", 0.01)
    tries: list[bool] = []
    engine = Watched(f"tcp://127.0.0.1:{free_port()}")
    engine.start()
    make = engine.connection._make
    me = psutil.Process()

    def counted(seconds: float) -> tuple[object, bool]:
        tries.append(True)
        return make(seconds)

    engine.connection._make = counted
    try:
        wait_until(lambda: len(tries) > 1, 60)
        threads, files = me.num_threads(), me.num_fds()
        wait_until(lambda: len(tries) > 16, 120)
        assert me.num_threads() < threads + 5
        assert me.num_fds() < files + 15
    finally:
        engine.stop()


def test_a_pool_waits_for_the_file_of_a_scheduler_and_can_be_stopped_meanwhile(
    db: ResearchDatabase, add_fault: AddFault, cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "scheduler.json"
    worker = ExtractionWorker(db, num_workers=None, engine=Watched(scheduler_file=file))
    worker.enqueue(add_fault("quick", "page words"))
    worker.start()
    wait_until(lambda: "has written this file" in str(worker.get_status()["problem"]), 30)
    worker.stop(timeout=0)
    assert "reslib-cluster" not in [thread.name for thread in threading.enumerate()]
    file.write_text("{}")
    worker.start()
    wait_until(lambda: "no scheduler wrote this" in str(worker.get_status()["problem"]), 30)
    file.write_text(json.dumps({"address": cluster.address}))
    assert worker.wait(timeout=60)
    worker.stop()


COORDINATOR = """
import sys
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase
from reslib.engines import DaskEngine
from reslib.testing import register_fault_extractor
if __name__ == "__main__":
    register_fault_extractor()
    db = ResearchDatabase(sys.argv[1])
    with ExtractionWorker(db, num_workers=None, engine=DaskEngine(sys.argv[2])) as worker:
        worker.wait()
"""


def test_what_a_coordinator_read_when_it_was_killed_ends_and_the_next_one_goes_on(
    pool: MakePool, add_fault: AddFault, db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    job = QueueManager(db).enqueue(add_fault("slow", "page words", "sleep 4"))
    assert job is not None
    script = tmp_path / "coordinator.py"
    script.write_text(COORDINATOR)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, str(script), str(db.path), cluster.address]
    first = subprocess.Popen(command, env=environment)
    before = cluster.children()

    def busy() -> set[int]:
        return {pid for pid in cluster.children() - before if psutil.Process(pid).cpu_times()}

    wait_until(lambda: bool(busy()), 60)
    wait_until(lambda: QueueManager(db).counts()[JobStatus.PROCESSING] == 1, 60)
    time.sleep(1)
    children = busy()
    first.kill()
    first.wait()
    wait_until(lambda: not all(lives(pid) for pid in children), 10)
    worker = pool()
    assert worker.wait(timeout=90)
    done = state(worker, job)
    assert (done.status, done.attempts) == (JobStatus.COMPLETE, 1)


def test_two_coordinators_on_one_cluster_get_their_own_texts(
    pool: MakePool, db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    assert wrong_texts(db, cluster, tmp_path, same_name=False) == 0


def test_control_two_engines_of_one_name_get_each_others_texts(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    assert wrong_texts(db, cluster, tmp_path, same_name=True) > 0


def wrong_texts(db: ResearchDatabase, cluster: Cluster, place: Path, *, same_name: bool) -> int:
    engines = [Watched(cluster.address), Watched(cluster.address)]
    if same_name:
        engines[0].id = engines[1].id = "same"
    bases = [db, ResearchDatabase(place / "other.db")]
    pools, ids = [], []
    for name, base, engine in zip("ab", bases, engines, strict=True):
        folder = place / name
        folder.mkdir()
        for number in range(20):
            # Too long to travel with others: each a task of its own.
            padding = "word " * (window.files.SHORT // 4)
            (folder / f"{number}.txt").write_text(f"library {name} document {number} {padding}")
        worker = ExtractionWorker(base, num_workers=2, engine=engine)
        ids.append(base.add_folder(folder))
        worker.enqueue_batch(ids[-1])
        pools.append(worker)
    try:
        for worker in pools:
            worker.start()
        for worker in pools:
            assert worker.wait(timeout=90)
    finally:
        for worker in pools:
            worker.stop(timeout=0)
    texts = [
        (name, base.get_attachment(id).extracted_text)
        for name, base, all_of_it in zip("ab", bases, ids, strict=True)
        for id in all_of_it
    ]
    assert len(texts) == 40
    return sum(not str(text).startswith(f"library {name} ") for name, text in texts)


def test_a_worker_that_dies_before_it_begins_is_not_the_documents_fault_twice() -> None:
    losses = exchange.Losses()
    assert [losses.unbegun("/a.pdf") for _ in range(4)] == [False, False, True, False]
    losses.read("/a.pdf")
    assert not losses.unbegun("/a.pdf")
    assert not losses.unbegun("/b.pdf")


# --- a poison ------------------------------------------------------------------------------------


class Poisoned(Watched):
    """Kills each worker that begins with a document: as one that takes its worker down would."""

    deaths = 0

    def _hear(self, event: object) -> None:
        super()._hear(event)  # type: ignore[arg-type]
        if self.begun:
            os.kill(self.begun.pop(0)["pid"], signal.SIGKILL)
            self.deaths += 1


def test_a_poison_ends_as_many_workers_as_it_has_attempts(
    pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    engine = Poisoned(cluster.address)
    worker = pool(engine, max_retries=1)
    job = job_of(worker, add_fault("poison", "page x", "sleep 60"))
    failed = until(worker, job, JobStatus.FAILED)
    assert (failed.attempts, engine.deaths) == (2, 2)
    assert failed.error_code is ErrorCode.CRASHED
    assert "poison.fault: the worker of the cluster that read it" in str(failed.error_message)


def test_a_scheduler_that_tries_again_by_itself_is_named_and_kept_from_it(
    db: ResearchDatabase, add_fault: AddFault, tmp_path: Path
) -> None:
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
    with Cluster(tmp_path, 2, allowed) as cluster:
        engine = Poisoned(cluster.address)
        with ExtractionWorker(db, num_workers=None, max_retries=1, engine=engine) as worker:
            job = job_of(worker, add_fault("poison", "page x", "sleep 60"))
            failed = until(worker, job, JobStatus.FAILED)
            assert failed.attempts == 2
            assert engine.deaths < 8, "by itself Dask gives it to four workers in each attempt"
            [warning] = worker.get_status()["cluster"]["warnings"]
            assert "ALLOWED_FAILURES=0" in warning
