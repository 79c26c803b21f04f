"""Scans that the workers of a cluster read: pages are kept as they come, whatever ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Cluster, Watched, ready
from scans import numbered, stand_in

from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.extractors.ocr.tesseract import found_at
from reslib.items import Page
from reslib.models import TextStatus
from reslib.testing import wait_until

COUNT = 8


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster on which a stand-in reads a page in a quarter of a second."""
    act = "time.sleep(0.25)"
    program = {"RESLIB_TESSERACT": str(stand_in(tmp_path)), "RESLIB_ACT": act}
    for name, value in program.items():
        monkeypatch.setenv(name, value)
    found_at.cache_clear()
    folder = tmp_path / "cluster"
    folder.mkdir()
    with Cluster(folder, env=program) as cluster:
        yield cluster
    found_at.cache_clear()


@pytest.fixture
def scan(db: ResearchDatabase, tmp_path: Path) -> int:
    path = tmp_path / "scan.pdf"
    path.write_bytes(numbered(COUNT))
    return db.add_attachment(path.name, path)


def texts(db: ResearchDatabase, id: int) -> list[str]:
    return [page.text for page in db.get_items(id, Page)]


def kept(db: ResearchDatabase, id: int) -> list[str]:
    return [row["text"] for row in db.store.rows("task_pages", {"id": id})]


def numbers(read: list[str]) -> list[str]:
    return [text.split()[1] for text in read]


def test_pages_that_are_done_survive_the_death_of_their_worker_and_are_not_read_again(
    db: ResearchDatabase, reading: Cluster, scan: int
) -> None:
    engine = Watched(reading.address, documents="bytes")
    with ExtractionWorker(db, None, engine=engine) as worker:
        ready(worker, 2)
        worker.enqueue(scan)
        wait_until(lambda: len(kept(db, scan)) >= 3, 60)
        begun = engine.begun[-1]  # after the text came the pages
        os.kill(begun["pid"], signal.SIGKILL)
        wait_until(lambda: "failed" in set(frames.metrics(db)["outcome"]), 30)
        before = kept(db, scan)
        assert 3 <= len(before) < COUNT
        assert worker.wait(timeout=90)
    after = texts(db, scan)
    assert after[: len(before)] == before, "a page tells when it was read"
    assert numbers(after) == [str(n) for n in range(1, COUNT + 1)]
    assert db.get_attachment(scan).text_status is TextStatus.FULL
    ends = frames.metrics(db).sort_values("started_at")
    assert list(zip(ends["task"], ends["outcome"], strict=True)) == [
        ("text", "complete"),
        ("ocr", "failed"),
        ("ocr", "complete"),
    ]


def test_pages_that_are_done_survive_a_stop_of_the_coordinator(
    db: ResearchDatabase, reading: Cluster, scan: int
) -> None:
    with ExtractionWorker(db, None, engine=Watched(reading.address)) as worker:
        ready(worker, 2)
        worker.enqueue(scan)
        wait_until(lambda: len(kept(db, scan)) >= 3, 60)
        worker.stop(timeout=0)
    before = [text for text in texts(db, scan) if text]
    assert 3 <= len(before) < COUNT
    assert db.get_attachment(scan).text_status is TextStatus.PARTIAL
    assert db.search("page"), "what was read is found"
    with ExtractionWorker(db, None, engine=Watched(reading.address)) as worker:
        assert worker.wait(timeout=90)
    after = texts(db, scan)
    assert after[: len(before)] == before
    assert numbers(after) == [str(n) for n in range(1, COUNT + 1)]


def test_a_scan_has_as_long_as_its_pages_need(
    db: ResearchDatabase, reading: Cluster, scan: int
) -> None:
    began = time.monotonic()
    engine = Watched(reading.address)
    with ExtractionWorker(db, None, engine=engine, extraction_timeout=1.5, max_retries=0) as worker:
        ready(worker, 2)
        began = time.monotonic()
        worker.enqueue(scan)
        assert worker.wait(timeout=90)
    assert time.monotonic() - began > 1.5
    assert numbers(texts(db, scan)) == [str(n) for n in range(1, COUNT + 1)]
