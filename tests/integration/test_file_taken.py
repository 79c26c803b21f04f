"""A library whose file is deleted, moved or replaced while it is used."""

from __future__ import annotations

import gc
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reslib import ExtractionWorker, JobStatus, QueueManager, ResearchDatabase
from reslib.errors import DatabaseError
from reslib.testing import register_fault_extractor, wait_until, write_fault

AddText = Callable[..., int]


def _deleted(path: Path) -> None:
    path.unlink()  # first: the pool may look in between
    for each in path.parent.glob(f"{path.name}-*"):
        each.unlink()


def _only_itself_deleted(path: Path) -> None:
    path.unlink()


def _only_its_log_deleted(path: Path) -> None:
    Path(f"{path}-wal").unlink()


def _only_its_index_deleted(path: Path) -> None:
    Path(f"{path}-shm").unlink()


def _its_index_deleted_and_opened_by_another_process(path: Path) -> None:
    Path(f"{path}-shm").unlink()
    look = "import reslib, sys; reslib.ResearchDatabase(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", look, path], check=True)


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
    # In one step: in between, the pool may say that it was deleted, and then this as well.
    empty = path.with_name("empty.db")
    empty.write_bytes(b"")
    empty.replace(path)


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
@pytest.mark.parametrize(
    "harm",
    [
        _deleted,
        _only_itself_deleted,
        _only_its_log_deleted,
        _only_its_index_deleted,
        _its_index_deleted_and_opened_by_another_process,
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
    wait_until(lambda: "while it was" in caplog.text)
    assert time.monotonic() - began < 2
    assert caplog.text.count("while it was") == 1
    with pytest.raises(DatabaseError, match=r"(deleted|moved|replaced).* while it was"):
        worker.enqueue_batch(ids[6:])
    assert worker.queue.counts()[JobStatus.COMPLETE] == 6
    assert worker.stop(timeout=5)
    assert "while it was" in worker.get_status()["problem"], "also when it has stopped"
    after = db.path.read_bytes() if db.path.exists() else None
    assert after == before, "nothing was written to what is there now, and no file was made"


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
def test_an_idle_pool_that_writes_nothing_says_soon_that_its_file_was_taken(
    db: ResearchDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    with ExtractionWorker(db, num_workers=1, heartbeat_interval=60) as worker:
        wait_until(lambda: len(worker.queue.get_workers()) == 1)
        _moved(db.path)
        wait_until(lambda: "while it was" in caplog.text, 3)


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
    assert worker.queue.counts()[JobStatus.PROCESSING] == 1, "it does not say that it is complete"
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
    other = db.path.with_name("other.db")
    ResearchDatabase(other).close()
    other.replace(db.path)
    assert _in_a_new_thread(queue.counts)["pending"] == 1


@pytest.mark.parametrize("harm", [_deleted, _only_its_index_deleted, _replaced])
def test_a_new_thread_can_look_at_save_and_stop_a_pool_whose_file_was_taken(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    folder: Path,
    harm: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    register_fault_extractor()
    caplog.set_level(logging.WARNING)
    begun = threading.Event()
    worker.on("job_started", lambda *_: begun.set())
    worker.start()
    path = write_fault(folder, "slow.fault", "page one", "sleep 1", "page two")
    worker.enqueue(db.add_attachment(path.name, path))
    assert begun.wait(30)
    harm(db.path)
    status = _in_a_new_thread(worker.get_status)
    assert "while it was" in status["problem"]
    assert status["processing"] == 1
    rescued = _in_a_new_thread(lambda: db.backup(folder / "rescued.db"))
    assert rescued.exists()
    _in_a_new_thread(lambda: worker.stop(timeout=10))
    assert not worker.is_running()
    assert "while it was" in worker.get_status()["problem"]
    assert caplog.text.count("while it was") == 2, "once, and that the job could not be given back"


def test_a_pool_that_cannot_store_says_so_once_until_it_can(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    ids = [add_text() for _ in range(3)]
    with sqlite3.connect(db.path) as other:
        other.execute(
            "CREATE TRIGGER refuses BEFORE UPDATE ON extraction_queue WHEN new.status = 'complete' "
            "BEGIN SELECT abs(new.id - new.id - 9223372036854775807 - 1); END"
        )
    worker.start()
    worker.enqueue_batch(ids)
    wait_until(lambda: "integer overflow" in (worker.get_status()["problem"] or ""))
    assert not worker.wait(timeout=2)
    assert "integer overflow" in worker.get_status()["problem"]
    assert caplog.text.count("integer overflow") == 1
    with other:
        other.execute("DROP TRIGGER refuses")
    other.close()
    assert worker.wait(30)
    wait_until(lambda: worker.get_status()["problem"] is None)
    assert worker.queue.counts()[JobStatus.COMPLETE] == 3


def _in_a_new_thread(action: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(action).result(60)


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


#: Writes into a library, brings the log back into the file, and writes again.
OTHER = """
import sqlite3, sys
from pathlib import Path
from reslib import ResearchDatabase

path = Path(sys.argv[1])
texts = [path.with_name(f"other {n}.txt") for n in range(330)]
db = ResearchDatabase(path)
for number, text in enumerate(texts):
    text.write_text("of the other " * 40 + str(number))
    db.add_attachment(text.name, text)
    if number == 300:
        again = sqlite3.connect(path)
        again.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        again.close()
db.close()
"""


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_library_whose_index_was_deleted_keeps_what_two_processes_wrote(
    tmp_path: Path, is_closed: bool
) -> None:
    path = tmp_path / "library.db"
    first = f"""
import os, subprocess, sys
from pathlib import Path
from reslib import ResearchDatabase
from reslib.errors import DatabaseError

path = Path(sys.argv[1])
db = ResearchDatabase(path)
for number in range(20):
    text = path.with_name(f"{{number}}.txt")
    text.write_text("mine " * 40 + str(number))
    db.add_attachment(text.name, text)
os.unlink(f"{{path}}-shm")
subprocess.run([sys.executable, "-c", sys.argv[2], path], check=True)
for attempt in (
    lambda: db.add_attachment("0.txt", path.with_name("other 0.txt")),
    lambda: ResearchDatabase(path),
):
    try:
        attempt()
        print("written")
    except DatabaseError as error:
        print("index of the write-ahead log" in str(error))
if {is_closed}:
    db.close()
    with ResearchDatabase(path) as db:
        print(len(db.needs_extraction()))
"""
    done = subprocess.run(
        [sys.executable, "-c", first, path, OTHER], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["True", "True", *(["350"] if is_closed else [])], done.stderr
    with sqlite3.connect(path) as looking:
        assert looking.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert looking.execute("SELECT count(*) FROM attachments").fetchone() == (350,)
    looking.close()


def test_a_library_that_is_a_link_is_written_and_its_log_is_missed(
    tmp_path: Path, folder: Path
) -> None:
    ResearchDatabase(tmp_path / "real.db").close()
    (tmp_path / "link.db").symlink_to("real.db")
    text = folder / "a.txt"
    text.write_text("words")
    with ResearchDatabase(tmp_path / "link.db") as db:
        assert db.store.file_problem() is None
        db.add_attachment("a.txt", text)
        (tmp_path / "real.db-wal").unlink()
        assert "real.db-wal" in (db.store.file_problem() or "")


def test_a_library_that_nobody_had_open_for_a_while_has_a_new_log_and_is_well(
    tmp_path: Path, folder: Path
) -> None:
    text = folder / "a.txt"
    text.write_text("words")
    opened: list[ResearchDatabase] = []
    # The connection of a thread is closed with it, and the last one takes the log away.
    thread = threading.Thread(target=lambda: opened.append(ResearchDatabase(tmp_path / "x.db")))
    thread.start()
    thread.join()
    gc.collect()
    [db] = opened
    assert not (tmp_path / "x.db-shm").exists()
    (tmp_path / "takes the number of the old one").touch()
    with db:
        db.add_attachment("a.txt", text)
        assert db.store.file_problem() is None
