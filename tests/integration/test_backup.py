"""Backups of databases that are in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import reslib.storage.diskspace
from reslib import (
    DatabaseBusy,
    DatabaseError,
    ExtractionWorker,
    NotADatabase,
    QueueManager,
    ResearchDatabase,
)

AddText = Callable[..., int]


def test_a_backup_is_one_file_that_opens_like_any_other_and_finds_the_same(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue(add_text("tidal range of estuaries"))
        assert worker.wait(30)
    copy = db.backup(tmp_path / "copies.db")
    assert copy == tmp_path / "copies.db"
    assert [path.name for path in tmp_path.glob("copies.db*")] == ["copies.db"]
    with ResearchDatabase(copy) as again:
        assert [hit.filename for hit in again.search("estuaries")] == ["note-0.txt"]
        with closing(sqlite3.connect(copy)) as raw:
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_backup_can_be_made_while_a_pool_works_and_is_consistent(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    ids = [add_text(f"document number{n}") for n in range(200)]
    with ExtractionWorker(db, num_workers=2) as worker:
        worker.enqueue_batch(ids)
        copies = [db.backup(tmp_path / f"copy{n}.db") for n in range(5)]
        assert worker.wait(60)
    seen = []
    for copy in copies:
        with closing(sqlite3.connect(copy)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            states = dict(raw.execute("SELECT status, count(*) FROM extraction_queue GROUP BY 1"))
            texts = raw.execute("SELECT count(extracted_text) FROM attachments").fetchone()[0]
            assert sum(states.values()) == 200
            assert texts == states.get("complete", 0)
            assert "processing" not in states, "nobody works on a copy"
            seen.append(texts)
    assert seen == sorted(seen)


def test_a_job_that_ran_is_open_in_the_copy_and_its_attempt_is_given_back(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText, tmp_path: Path
) -> None:
    job_id = queue.enqueue(add_text())
    assert job_id is not None
    queue.claim("somebody")
    with ResearchDatabase(db.backup(tmp_path / "copy.db")) as copy:
        job = QueueManager(copy).get_job(job_id)
        assert job is not None
        assert (str(job.status), job.attempts, job.claims) == ("pending", 0, 1)
        assert QueueManager(copy).claim("another") is not None
    original = queue.get_job(job_id)
    assert original is not None
    assert original.worker_id == "somebody"


def test_an_older_backup_is_replaced_and_nothing_else_ever_is(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    target = db.backup(tmp_path / "copy.db")
    add_text()
    db.backup(target)
    with closing(sqlite3.connect(target)) as raw:
        assert raw.execute("SELECT count(*) FROM attachments").fetchone() == (1,)
    thesis = tmp_path / "thesis.docx"
    thesis.write_bytes(b"three years of work")
    with pytest.raises(NotADatabase, match="not replaced"):
        db.backup(thesis)
    assert thesis.read_bytes() == b"three years of work"
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE mine (x)")
    with pytest.raises(NotADatabase):
        db.backup(other)


def test_a_backup_onto_itself_a_folder_or_into_nowhere_is_refused(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(db.path)
    for target in (db.path, link):
        with pytest.raises(ValueError, match="itself"):
            db.backup(target)
    with pytest.raises(NotADatabase):
        db.backup(tmp_path)
    with pytest.raises(FileNotFoundError, match="create it"):
        db.backup(tmp_path / "nowhere" / "copy.db")


def test_a_backup_that_fails_leaves_the_older_one_and_no_part(
    db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    target = db.backup(tmp_path / "copy.db")
    before = target.read_bytes()
    for n in range(30):
        add_text("words " * 5_000 + str(n))
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(db.needs_extraction())
        assert worker.wait(60)
        damage(db.path)
    with pytest.raises(Exception, match=r"damaged|malformed"):
        ResearchDatabase(db.path).backup(target)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_what_was_left_beside_an_older_backup_is_not_taken_for_the_new_ones(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    """Somebody worked on the older copy and was killed: its log is still there."""
    target = db.backup(tmp_path / "copy.db")
    work_on_and_die(target)
    assert Path(f"{target}-wal").stat().st_size > 0
    for n in range(10):
        db.add_attachment(f"{n}.txt", tmp_path / f"{n}.txt")
    db.backup(target)
    with closing(sqlite3.connect(target)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("SELECT count(*) FROM attachments").fetchone() == (10,)


def test_an_older_backup_that_is_open_is_not_replaced_under_whoever_has_it_open(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    target = db.backup(tmp_path / "copy.db")
    with ResearchDatabase(target) as copy:
        with pytest.raises(DatabaseBusy, match="close\\(\\) it first"):
            db.backup(target)
        copy.add_attachment("new.txt", tmp_path / "new.txt")
    db.backup(target)
    assert [path.name for path in tmp_path.glob("*.part*")] == []


def test_a_log_without_its_database_is_not_given_to_a_backup(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    Path(f"{target}-wal").write_bytes(b"the last hours of somebody's library")
    with pytest.raises(DatabaseError, match="Move it away"):
        db.backup(target)
    assert not target.exists()


def test_a_backup_goes_where_a_link_leads(db: ResearchDatabase, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    link = tmp_path / "latest.db"
    link.symlink_to(disk / "copy.db")
    for _ in range(2):
        assert db.backup(link) == disk / "copy.db"
        assert link.is_symlink()
        assert [path.name for path in disk.iterdir()] == ["copy.db"]


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal", ".lock"])
def test_a_backup_takes_no_name_that_belongs_to_the_database(
    db: ResearchDatabase, suffix: str
) -> None:
    with pytest.raises(ValueError, match="the database itself"):
        db.backup(f"{db.path}{suffix}")


def test_a_pipe_or_a_device_is_neither_waited_for_nor_replaced(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(NotADatabase, match="not replaced"):
            db.backup(target)
        assert not target.is_file()


def test_a_backup_is_as_private_as_the_database(db: ResearchDatabase, tmp_path: Path) -> None:
    db.path.chmod(0o600)
    assert db.backup(tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_backup_that_would_fill_the_disk_is_not_begun(
    db: ResearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reslib.storage.diskspace, "RESERVE", shutil.disk_usage(tmp_path).total)
    with pytest.raises(DatabaseError, match="Make some room"):
        db.backup(tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


def test_what_a_killed_backup_left_is_removed_by_the_next_one(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, other = tmp_path / f"copy.db.{ended.pid}-00c0ffee.part", tmp_path / "copy.db.mine.part"
    running = tmp_path / f"copy.db.{os.getpid()}-00c0ffee.part"
    for path in (left, other, running):
        path.write_bytes(b"half a copy")
        os.utime(path, (0, 0))
    db.backup(tmp_path / "copy.db")
    assert not left.exists()
    assert other.exists()
    assert running.exists()


def work_on_and_die(path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from reslib import ResearchDatabase\n"
        "db = ResearchDatabase(sys.argv[1])\n"
        "for n in range(400):\n"
        "    db.add_attachment(f'k{n}.txt', f'/nowhere/k{n}.txt')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False)


def damage(path: Path) -> None:
    """Write noise over pages in the middle of the file, with the log brought into it."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 8192)
