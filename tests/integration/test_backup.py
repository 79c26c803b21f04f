"""Backups of databases that are in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reslib import ExtractionWorker, NotADatabase, QueueManager, ResearchDatabase

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


def damage(path: Path) -> None:
    """Write noise over pages in the middle of the file, with the log brought into it."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 8192)
