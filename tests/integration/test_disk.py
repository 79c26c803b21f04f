"""A disk that is almost full, and one that is."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

import reslib.storage.diskspace
from reslib import ExtractionWorker, ResearchDatabase
from reslib.storage.diskspace import RESERVE


@pytest.fixture
def small_disk(mount_disk: Callable[[int], Path]) -> Path:
    """A file system of its own, a little larger than what is to be left free."""
    return mount_disk(RESERVE + 16 * 1024**2)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def test_nothing_is_begun_while_the_disk_is_almost_full_and_all_is_done_when_there_is_room(
    small_disk: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    document = folder / "a.txt"
    document.write_text("some words")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(32 * 1024**2))
    with (
        ResearchDatabase(small_disk / "research.db") as db,
        caplog.at_level(logging.WARNING),
        ExtractionWorker(db, num_workers=1) as worker,
    ):
        job_id = worker.enqueue(db.add_attachment("a.txt", document))
        assert job_id is not None
        assert "almost full" in worker.get_status()["problem"]
        assert "almost full" in worker._repr_html_()
        assert not worker.wait(timeout=1.5)
        job = worker.queue.get_job(job_id)
        assert job is not None
        assert (str(job.status), job.claims) == ("pending", 0), "it was not even begun"
        ballast.unlink()
        assert worker.wait(30), "it goes on by itself"
        assert worker.get_status()["problem"] is None
    said = [record for record in caplog.records if "almost full" in record.getMessage()]
    assert len(said) == 1, "said once, not every second"


def test_a_disk_that_is_full_to_the_last_byte_loses_nothing(
    small_disk: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reslib.storage.diskspace, "RESERVE", 0)
    ids, ballast = [], small_disk / "ballast"
    with ResearchDatabase(small_disk / "research.db") as db:
        for n in range(20):
            document = folder / f"{n}.txt"
            document.write_text(f"document number{n} " + "words " * 20_000)
            ids.append(db.add_attachment(document.name, document))
        with ExtractionWorker(db, num_workers=2) as worker:
            worker.pause()
            worker.enqueue_batch(ids)
            fill(ballast)
            worker.resume()
            assert not worker.wait(timeout=1)
            ballast.unlink()
            assert worker.wait(60)
        rows = db.store.rows("documents", {"ids": None})
        assert [row["text_status"] for row in rows] == ["full"] * 20
        assert {row["attempts"] for row in rows} == {0}, "no attempt was lost to the disk"
        assert len(db.search("words", limit=50)) == 20
