"""A library whose file is deleted, moved or replaced while it is used."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib import ExtractionWorker, QueueManager, ResearchDatabase
from reslib.errors import DatabaseError
from reslib.testing import register_fault_extractor, wait_until, write_fault

AddText = Callable[..., int]


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
    other.replace(path)


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
