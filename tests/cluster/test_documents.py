"""A document goes to the workers by its path where they see it, and by its bytes where not."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from loopback import AddFault, Cluster, MakePool, Watched, ready
from wire_cut import Wire

from reslib import ErrorCode, ExtractionWorker, JobStatus, ResearchDatabase
from reslib.engines import DaskEngine
from reslib.engines.cluster import connection, files, wire
from reslib.engines.cluster.engine import DaskEngine as Engine
from reslib.engines.cluster.exchange import Exchange
from reslib.engines.cluster.files import Places
from reslib.engines.cluster.here import Here
from reslib.engines.cluster.window import Budget, Call, Window
from reslib.models import ExtractionRequest
from reslib.testing import wait_until


class Noting(Watched):
    """Notes how each document went out."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.sent: list[tuple[str, bool]] = []
        self.tasks: list[int] = []

    def work(self, documents: Any, *, whole: bool) -> wire.Work:
        self.tasks.append(len(documents))
        self.sent += [(Path(each.path).name, each.data is not None) for each in documents]
        return super().work(documents, whole=whole)


def read(
    db: ResearchDatabase, engine: DaskEngine, *paths: Path, **settings: Any
) -> ExtractionWorker:
    ids = [db.add_attachment(path.name, path) for path in paths]
    with ExtractionWorker(db, num_workers=1, max_retries=0, engine=engine, **settings) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(timeout=90)
    return worker


def quick(engine: DaskEngine) -> None:
    """Have it think that many short documents were read in no time of late."""
    engine.window._late.extend([True] * 64)
    engine.window._seconds.extend([0.001] * 64)


def text(db: ResearchDatabase, path: Path) -> str | None:
    return db.get_attachment(db.add_attachment(path.name, path)).extracted_text


def test_a_file_that_the_worker_sees_goes_by_its_path(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words of a note")
    engine = Noting(cluster.address)
    read(db, engine, path)
    assert engine.sent == [("a.txt", False)]
    assert text(db, path) == "words of a note"


def test_every_file_goes_by_its_bytes_when_that_is_asked_for(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "ein Übersicht.txt"
    path.write_text("words of a note")
    engine = Noting(cluster.address, documents="bytes")
    read(db, engine, path)
    assert engine.sent == [(path.name, True)]
    assert text(db, path) == "words of a note"


def test_where_the_worker_sees_another_file_its_text_is_not_taken(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    for name in ("a.txt", "b.txt"):
        (here / name).write_text("the right text")
        (there / name).write_text("a wrong text!!")  # of the same size
        when = time.time() - 1000
        os.utime(here / name, (when, when))
        os.utime(there / name, (when, when))  # and time
    engine = Noting(cluster.address, documents={str(here): str(there)})
    read(db, engine, here / "a.txt", here / "b.txt")
    assert engine.sent[:2] == [("a.txt", False), ("a.txt", True)]
    assert engine.sent[2:] == [("b.txt", True)], "of this folder it is known by now"
    assert text(db, here / "a.txt") == text(db, here / "b.txt") == "the right text"
    [warning] = engine.describe()["warnings"]
    assert f"does not see {there / 'a.txt'}" in warning
    assert f"documents of {here} are sent by their bytes" in warning


def test_a_folder_has_another_name_there(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    real = tmp_path / "scratch"
    real.mkdir()
    (real / "a.txt").write_text("words")
    (tmp_path / "papers").symlink_to(real)
    engine = Noting(cluster.address, documents={str(tmp_path / "papers"): str(real)})
    read(db, engine, tmp_path / "papers" / "a.txt")
    assert [by_bytes for _, by_bytes in engine.sent] == [False]


def test_a_file_that_is_missing_everywhere_is_the_documents_fault(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "gone.txt"
    path.write_text("words")
    id = db.add_attachment(path.name, path)
    path.unlink()
    engine = Noting(cluster.address)
    with ExtractionWorker(db, num_workers=1, max_retries=0, engine=engine) as worker:
        worker.enqueue(id)
        assert worker.wait(timeout=60)
        [failed] = worker.queue.get_failed_jobs()
    assert failed.error_code is ErrorCode.FILE_NOT_FOUND
    assert engine.sent == []


def test_what_is_too_large_to_be_sent_is_read_on_this_machine(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST_SENT", 1000)
    path = tmp_path / "large.txt"
    path.write_text("words " * 1000)
    engine = Noting(cluster.address, documents="bytes")
    read(db, engine, path)
    assert engine.sent == []
    assert str(text(db, path)).startswith("words words")


def test_a_file_that_no_worker_sees_is_read_on_this_machine_when_none_may_be_sent(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    engine = Noting(cluster.address, documents="path")
    engine.places.there = lambda path: f"/nowhere{path}"  # type: ignore[method-assign]
    other = tmp_path / "b.txt"
    other.write_text("other words")
    read(db, engine, path, other)
    assert engine.sent == [("a.txt", False), ("b.txt", False)]
    assert (text(db, path), text(db, other)) == ("words", "other words")
    [warning] = engine.describe()["warnings"]
    assert "documents={...}" in warning, "it is said once, whatever it costs each of them"


def test_what_is_read_on_this_machine_is_read_by_one_child_whichever_worker_asks(
    tmp_path: Path,
) -> None:
    here, pids, texts = Here(2048), set(), []

    def ask(number: int) -> None:
        path = tmp_path / f"{number}.txt"
        path.write_text(f"text {number}")
        request = ExtractionRequest(str(path), "text/plain")
        outcome = here.run(object(), request, None, None, lambda: False)
        assert outcome.result is not None
        assert here._sandbox is not None
        texts.append(outcome.result.text)
        pids.add(here._sandbox.pid)

    try:
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(ask, range(9)))
    finally:
        here.close()
    assert sorted(texts) == [f"text {number}" for number in range(9)]
    assert len(pids) == 1


def test_a_document_that_waits_to_be_read_on_this_machine_can_be_given_up(
    add_fault: AddFault, db: ResearchDatabase
) -> None:
    slow = ExtractionRequest(str(db.get_attachment(add_fault("a", "page x", "sleep 600")).path))
    here, is_over = Here(2048), threading.Event()
    reader, other = object(), object()
    try:
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(here.run, reader, slow, None, None, is_over.is_set)
            wait_until(lambda: here._turn is not None and here._turn.reader is reader, 60)
            waits = threads.submit(here.run, other, slow, None, None, lambda: True)
            assert waits.result(60).interrupted
            assert not first.done(), "the one that is read is that of somebody else"
            is_over.set()
            assert first.result(60).interrupted
    finally:
        here.close()


def test_a_document_inside_another_goes_with_the_file_that_it_is_in(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    import zipfile

    box = tmp_path / "box.zip"
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("inside/note.txt", "words of the inner note")
    engine = Noting(cluster.address, documents="bytes")
    read(db, engine, box)
    hits = db.search("inner")
    assert [hit.snippet for hit in hits]
    assert {name for name, _ in engine.sent} <= {"box.zip", "note.txt"}


def test_a_password_crosses_no_network_that_others_can_read(
    db: ResearchDatabase,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    locked = Path(__file__).parents[2] / "samples" / "papers" / "ethics-minutes-locked.pdf"
    monkeypatch.setattr(Engine, "is_private", property(lambda self: False))
    engine = Noting(cluster.address)
    read(db, engine, locked, passwords=["wrong", "secret"])
    # Once without a password, to see that it needs one; with it only on this machine.
    assert engine.sent == [(locked.name, False)]


@pytest.mark.parametrize(
    ("addresses", "is_private"),
    [
        (["tcp://127.0.0.1:1"], True),
        (["tls://far:1", "tls://10.0.0.2:2"], True),
        (["tcp://127.0.0.1:1", "tcp://10.0.0.2:2"], False),
    ],
)
def test_who_can_read_along(addresses: list[str], is_private: bool) -> None:
    from reslib.engines.cluster.engine import _is_private

    assert all(map(_is_private, addresses)) is is_private


# --- batches of short documents -------------------------------------------------------------------


def test_short_documents_go_out_together_and_each_has_its_own_outcome(
    db: ResearchDatabase, pool: MakePool, cluster: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"note number {number}")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nothing more")
    engine = Noting(cluster.address)
    worker = pool(engine, max_retries=0)
    ready(worker, 2)
    ids = db.add_folder(folder)
    worker.enqueue_batch(ids)
    assert worker.wait(timeout=120)
    counts = worker.queue.counts()
    assert (counts[JobStatus.COMPLETE], counts[JobStatus.FAILED]) == (300, 1)
    assert max(engine.tasks) > 4
    assert len(engine.tasks) < 150
    for id in ids:
        attachment = db.get_attachment(id)
        if attachment.filename.endswith(".txt"):
            which = attachment.filename.removesuffix(".txt")
            assert attachment.extracted_text == f"note number {which}"


def test_when_the_worker_of_a_batch_dies_nobody_is_blamed_and_each_is_read_alone(
    db: ResearchDatabase, pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    ids = [add_fault(f"f{n}", f"page words {n}", "sleep 0.5") for n in range(6)]
    engine = Noting(cluster.address)
    worker = pool(engine, num_workers=8)
    ready(worker, 2)
    # As many short ones as make the pool ask for more than there are threads.
    quick(engine)
    worker.enqueue_batch(ids)

    def batch() -> list[Exchange]:
        return [each for each in engine.exchanges() if each.at and len(each._calls) > 1]

    wait_until(lambda: bool(batch()), 30)
    [at] = [each.at for each in batch()][:1]
    pids = {each.address: each.pid for each in engine.connection.fit()}
    seen, together = len(engine.tasks), len(batch()[0]._calls)
    os.kill(pids[at], 9)
    assert worker.wait(timeout=120)
    jobs = worker.queue.get_recent_jobs(10)
    assert {job["status"] for job in jobs} == {"complete"}
    assert sum(job["attempts"] for job in jobs) == 0
    assert engine.tasks[seen:].count(1) >= together


def test_a_document_of_a_batch_that_is_cancelled_leaves_the_others_whole(
    db: ResearchDatabase, pool: MakePool, add_fault: AddFault, cluster: Cluster
) -> None:
    ids = [add_fault(f"f{n}", f"page words {n}", "sleep 0.3") for n in range(8)]
    engine = Noting(cluster.address)
    worker = pool(engine, num_workers=8)
    ready(worker, 2)
    quick(engine)
    jobs = worker.enqueue_batch(ids)
    engine.next_begun()
    worker.cancel(jobs[5])
    assert worker.wait(timeout=90)
    counts = worker.queue.counts()
    assert (counts[JobStatus.COMPLETE], counts[JobStatus.CANCELLED]) == (7, 1)
    states = [worker.queue.get_job(job) for job in jobs]
    assert [each.status is JobStatus.CANCELLED for each in states if each].index(True) == 5
    assert all(each.attempts == 0 for each in states if each)


def test_documents_that_take_long_go_out_alone_however_short_they_are() -> None:
    window = Window(lambda: 2)
    seen = files.Seen(10, (10, 0, ""))

    def sizes(seconds: float, kinds: str = "a") -> list[int]:
        window._seconds.clear()
        window._seconds.extend([seconds] * 10)
        calls = [Call(ExtractionRequest(f"/x.{k}"), seen, True, None, None) for k in kinds * 40]
        window.out = 2
        for call in calls:
            window.enter(call)
        window.out = 0
        window.pump()
        found = [len(call.batch) for call in calls if call.batch]
        window._waiting.clear()
        return found

    assert sizes(1.0) == [1, 1]
    assert sizes(0.1) == [5, 5]
    assert sizes(0.001) == [20, 20]
    assert sizes(0.1, "ab") == [5, 5], "kinds that need different children do not mix"


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("documents", ["everything", {"papers": "/scratch"}, {"/papers": "there"}])
def test_what_says_nothing_about_documents_is_refused(documents: Any) -> None:
    with pytest.raises(ValueError, match="documents is"):
        Places(documents)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((), ValueError, "give the cluster"),
        (("head:8786",), ValueError, "tcp://host:8786"),
        ((3,), TypeError, "cluster is the address of a scheduler"),
        ((dict,), TypeError, "cluster is the address of a scheduler"),
    ],
)
def test_what_is_no_cluster_is_refused(
    arguments: tuple[Any, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        DaskEngine(*arguments)


@pytest.mark.parametrize("scale", [(3, 1), (0, 0), 4, ("a", "b"), (0.5, 2)])
def test_what_is_no_scale_is_refused(scale: Any) -> None:
    with pytest.raises(ValueError, match="scale"):
        DaskEngine("tcp://head:1", scale=scale)


def test_scale_needs_something_that_can_be_asked() -> None:
    with pytest.raises(ValueError, match="scale needs a cluster object"):
        DaskEngine("tcp://head:1", scale=(0, 4))


def test_the_longest_folder_that_fits_is_translated() -> None:
    places = Places({"/home/ada": "/h", "/home/ada/papers": "/scratch/p"})
    assert places.there("/home/ada/papers/a.pdf") == "/scratch/p/a.pdf"
    assert places.there("/home/ada/x.pdf") == "/h/x.pdf"
    assert places.there("/home/adam/x.pdf") == "/home/adam/x.pdf"


def test_a_document_that_a_slow_line_still_carries_is_not_taken_for_lost(
    db: ResearchDatabase, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_RECONCILE", 0.1)  # more looks than the way there takes
    line = Wire(cluster.port)
    path = tmp_path / "large.txt"
    path.write_text("word " * 300_000)
    engine = Noting(line.address, documents="bytes")
    id = db.add_attachment(path.name, path)
    try:
        with ExtractionWorker(db, num_workers=1, max_retries=0, engine=engine) as worker:
            ready(worker, 2)
            line.slow_down(500_000)
            worker.enqueue(id)
            assert worker.wait(timeout=90)
            assert worker.queue.counts()[JobStatus.COMPLETE] == 1
    finally:
        line.close()
    assert engine.sent == [("large.txt", True)], "once"


def test_bytes_on_their_way_are_bounded() -> None:
    budget = Budget()
    assert budget.take(200 << 20, lambda: True)
    assert not budget.take(100 << 20, lambda: True)
    budget.give_back(200 << 20)
    assert budget.take(100 << 20, lambda: True)


def test_a_look_that_hangs_is_given_up(tmp_path: Path) -> None:
    hanging: Callable[[], None] = lambda: time.sleep(5)  # noqa: E731
    began = time.monotonic()
    assert files.aside(hanging, lambda: True, 60) is None
    with pytest.raises(TimeoutError):
        files.aside(hanging, lambda: False, 0.1)
    assert time.monotonic() - began < 3


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no file"):
        files.look(str(tmp_path / "pipe"))
