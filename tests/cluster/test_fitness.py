"""Workers that cannot read documents as this machine would get none, and it is said why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import ROOT, AddFault, Cluster, Watched, ready
from scans import numbered, stand_in

from reslib import (
    ErrorCode,
    ExtractionWorker,
    JobStatus,
    ResearchDatabase,
    __version__,
    register_extractor,
    unregister_extractor,
)
from reslib.engines.cluster import files, fitness
from reslib.engines.cluster.fitness import judged, question
from reslib.engines.cluster.hello import hello
from reslib.extractors import Program
from reslib.extractors.ocr.tesseract import found_at
from reslib.testing import wait_until


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path, 0) as cluster:
        yield cluster


def without_reslib(place: Path) -> str:
    (place / "reslib").mkdir(parents=True)
    (place / "reslib" / "__init__.py").write_text("raise ImportError('no reslib here')\n")
    return str(place)


def with_an_older_one(place: Path) -> str:
    shutil.copytree(ROOT / "reslib", place / "reslib", ignore=shutil.ignore_patterns("__pycache__"))
    first = place / "reslib" / "__init__.py"
    first.write_text(first.read_text().replace(f'"{__version__}"', '"0.0.9"'))
    return str(place)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (without_reslib, "reslib cannot be imported there (ImportError: no reslib here)"),
        (with_an_older_one, f"it has reslib 0.0.9, and here is {__version__}"),
    ],
)
def test_an_unfit_worker_gets_nothing_and_the_others_do_it_all(
    make: object, why: str, bare: Cluster, db: ResearchDatabase, tmp_path: Path
) -> None:
    path = make(tmp_path / "other")  # type: ignore[operator]
    bare.add_worker(PYTHONPATH=f"{path}:{bare.env['PYTHONPATH']}")
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"document {number}")
    engine = Watched(bare.address)
    with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
        worker.enqueue_batch(db.add_folder(folder))
        wait_until(lambda: why in str(worker.get_status()["problem"]), 60)
        assert worker.queue.counts()[JobStatus.PENDING] == 30, "nothing is claimed for nobody"
        bare.add_worker()
        assert worker.wait(timeout=90)
        said = worker.get_status()["cluster"]
        assert worker.queue.counts()[JobStatus.COMPLETE] == 30
    unfit = [each for each in said["workers"] if each["unfit"]]
    assert [each["unfit"] for each in unfit] == [why]
    assert said["threads"] == 1
    assert unfit[0]["address"] not in {begun["at"] for begun in engine.begun}
    assert all(nanny.poll() is None for nanny in bare.nannies), "it was not even disturbed"


def test_a_worker_that_fails_often_pauses_and_it_is_shown(
    bare: Cluster, db: ResearchDatabase
) -> None:
    bare.add_worker()
    engine = Watched(bare.address)
    with ExtractionWorker(db, num_workers=1, engine=engine) as worker:
        ready(worker, 1)
        [one] = engine.connection.fit()
        for _ in range(4):
            engine.connection.note_error(one.address)
        [shown] = worker.get_status()["cluster"]["workers"]
        assert "pauses for a minute" in shown["unfit"]
        assert not engine.connection.fit()


def test_a_worker_that_cannot_begin_with_anything_pauses_and_the_other_reads_it_all(
    bare: Cluster, db: ResearchDatabase, add_fault: AddFault, tmp_path: Path
) -> None:
    bare.add_worker()
    (tmp_path / "gone").mkdir()
    bare.add_worker("--local-directory", str(tmp_path / "gone"))
    long = "word " * (files.SHORT // 4)  # each goes out alone
    ids = [add_fault(f"f{n}", f"page {long}", "sleep 0.5") for n in range(20)]
    engine = Watched(bare.address, documents="bytes")
    with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
        ready(worker, 2)
        # Where documents are written, nothing can be: as on a full disk.
        shutil.rmtree(tmp_path / "gone")
        worker.enqueue_batch(ids)
        wait_until(lambda: len(engine.connection.fit()) == 1, 60)
        [pausing] = [w.unfit for w in engine.connection.workers() if w.unfit]
        assert "No such file" in pausing
        assert "pauses for a minute" in pausing
        assert worker.wait(timeout=90)
        assert worker.queue.counts()[JobStatus.COMPLETE] == 20
    assert sum(job["attempts"] for job in worker.queue.get_recent_jobs(30)) == 0


@pytest.mark.parametrize("lacking", [1, 2])
def test_what_a_worker_lacks_is_not_the_documents_fault(
    lacking: int,
    bare: Cluster,
    db: ResearchDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = str(stand_in(tmp_path))
    monkeypatch.setenv("RESLIB_TESSERACT", program)
    monkeypatch.setenv("RESLIB_ACT", "pass")
    found_at.cache_clear()
    fitness._own.cache_clear()
    for number in range(2):
        has = "/nowhere/tesseract" if number < lacking else program
        bare.add_worker(RESLIB_TESSERACT=has, RESLIB_ACT="pass")
    ids = []
    for number in range(4):
        path = tmp_path / f"scan{number}.pdf"
        path.write_bytes(numbered(number + 1))
        ids.append(db.add_attachment(path.name, path))
    try:
        engine = Watched(bare.address)
        with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
            ready(worker, 2)
            worker.enqueue_batch(ids)
            assert worker.wait(timeout=90)
            said = worker.get_status()["cluster"]
    finally:
        found_at.cache_clear()
        fitness._own.cache_clear()
    assert [job["attempts"] for job in worker.queue.get_recent_jobs(20)] == [0] * 8
    assert worker.queue.counts()[JobStatus.COMPLETE] == 8
    assert "tesseract" in "".join(said["warnings"]) or lacking == 1
    lacks = {each["address"] for each in said["workers"] if "tesseract" in str(each["note"])}
    assert len(lacks) == lacking


def test_an_extractor_of_a_notebook_reads_on_the_cluster_and_its_change_is_followed(
    bare: Cluster, db: ResearchDatabase, tmp_path: Path
) -> None:
    bare.add_worker()
    table = "x" * 5000  # more than goes along with each task
    register_extractor("odd", lambda path: f"first {len(table)}", suffixes=[".odd"])
    try:
        (tmp_path / "a.odd").write_text("?")
        id = db.add_attachment("a.odd", tmp_path / "a.odd")
        engine = Watched(bare.address)
        with ExtractionWorker(db, num_workers=None, engine=engine) as worker:
            worker.enqueue(id)
            assert worker.wait(timeout=60)
            assert db.get_attachment(id).extracted_text == "first 5000"
            register_extractor("odd", lambda path: f"second {len(table)}", suffixes=[".odd"])
            worker.extract_again([id])
            assert worker.wait(timeout=60)
            assert db.get_attachment(id).extracted_text == "second 5000"
    finally:
        unregister_extractor("odd")


def test_what_is_missing_on_a_worker_is_said_with_its_address(
    bare: Cluster, db: ResearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.add_worker()
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)  # of this process, and no worker
    (tmp_path / "a.odd").write_text("?")
    needed = Program("tool", "apt install tool")
    register_extractor("odd", lambda path: "text", suffixes=[".odd"], requires=[needed])
    try:
        engine = Watched(bare.address)
        with ExtractionWorker(db, num_workers=None, max_retries=0, engine=engine) as worker:
            ready(worker, 1)
            worker.enqueue(db.add_attachment("a.odd", tmp_path / "a.odd"))
            assert worker.wait(timeout=60)
            [failed] = worker.queue.get_failed_jobs()
            [one] = engine.connection.workers()
    finally:
        unregister_extractor("odd")
    assert failed.error_code is ErrorCode.MISSING_DEPENDENCY
    assert f"(on the worker {one.address} of the cluster)" in str(failed.error_message)


# --- what is judged, without a cluster ------------------------------------------------------------


def test_the_question_is_one_expression_that_needs_nothing_of_ours() -> None:
    answer = eval(question(), {})
    assert answer["reslib"] == __version__
    assert judged("tcp://a", 1, answer).unfit == ""


def test_what_differs_but_will_do_is_a_note() -> None:
    answer = hello()
    recipe, version, _ = answer["extractors"]["pdf"]
    answer["extractors"]["pdf"] = [recipe, f"{version}1", ["pypdfium2"]]
    worker = judged("tcp://a", 1, answer)
    assert (worker.unfit, worker.note) == ("", "pdf lacks pypdfium2")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"python": "3.99.1"}, "it runs Python 3.99"),
        ({"protocol": 99}, "speaks otherwise"),
        ({"extractors": {}}, "it has no extractor"),
        ({"error": "OSError: no disk"}, "reslib does not work there (OSError: no disk)"),
    ],
)
def test_what_would_give_other_texts_is_unfit(change: dict[str, object], why: str) -> None:
    assert why in judged("tcp://a", 1, {**hello(), **change}).unfit


def test_another_recipe_is_unfit_and_so_is_silence() -> None:
    answer = hello()
    answer["extractors"]["pdf"][0] += 1
    assert "'pdf' gives other texts" in judged("tcp://a", 1, answer).unfit
    assert "does not answer (TimeoutError" in judged("tcp://a", 1, TimeoutError("30 s")).unfit
