"""Files that somebody or something has damaged, and what can be done about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from reslib import DatabaseBusy, ExtractionWorker, NotADatabase, QueueManager, ResearchDatabase
from reslib.cli import main
from reslib.repair import find_problems, repair

AddText = Callable[..., int]


@pytest.fixture
def path(db: ResearchDatabase, add_text: AddText) -> Path:
    """A closed library of forty documents, most of them long."""
    for n in range(40):
        add_text(f"document number{n} " + "sediment tide estuary " * 2_000)
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(db.needs_extraction())
        assert worker.wait(60)
    db.close()
    return db.path


def change(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(statements)


def names(path: Path) -> list[str]:
    return [problem.name for problem in find_problems(path)]


def copies(path: Path) -> list[str]:
    return [p.name for p in path.parent.glob(path.name + ".*-*")]


def test_a_sound_file_has_no_problem_and_repairing_it_does_nothing(path: Path) -> None:
    before = path.read_bytes()
    assert find_problems(path) == []
    assert repair(path) == []
    assert path.read_bytes() == before
    assert copies(path) == []


def test_a_search_index_out_of_step_is_made_anew(path: Path) -> None:
    change(path, "INSERT INTO attachments_fts (attachments_fts) VALUES ('delete-all')")
    with ResearchDatabase(path) as db:
        assert db.search("number7") == []
    assert names(path) == ["search index"]
    assert copies(path) == [], "looking changes nothing"
    done = repair(path)
    assert "search index" in done[-1]
    assert len(copies(path)) == 1
    with ResearchDatabase(path) as db:
        assert [hit.attachment_id for hit in db.search("number7")] == [8]
    assert repair(path) == []


def test_wrong_counts_are_counted_anew(path: Path) -> None:
    change(path, "UPDATE queue_counts SET jobs = 7 WHERE status = 'pending'")
    assert names(path) == ["counts"]
    repair(path)
    with ResearchDatabase(path) as db:
        assert QueueManager(db).get_pending_count() == 0
    assert find_problems(path) == []


def test_jobs_of_dead_processes_are_given_back(path: Path) -> None:
    with ResearchDatabase(path) as db:
        queue = QueueManager(db)
        queue.enqueue(1)
        queue.claim("dead")
    change(path, "UPDATE worker_heartbeat SET process_started_at = process_started_at + 1")
    assert names(path) == ["abandoned jobs"]
    assert "1 jobs" in repair(path)[-1]
    assert find_problems(path) == []


def test_what_can_be_read_of_a_damaged_file_is_saved_and_the_rest_is_open_again(
    path: Path,
) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 16_384)
    damaged = path.read_bytes()
    assert names(path) == ["damaged"]
    done = repair(path)
    print("\n".join(done))  # noqa: T201 - shown when the test fails
    kept = next(p for p in path.parent.glob("*.damaged-*") if not p.name.endswith("-wal"))
    assert kept.read_bytes() == damaged, "the damaged file is still there"
    assert find_problems(path) == []
    with ResearchDatabase(path) as db:
        rows = db.store.rows("documents", {"ids": None})
        texts = [row for row in rows if row["text_status"] is not None]
        assert 20 <= len(texts) < 40, "most texts are saved"
        lost = db.needs_extraction()
        assert len(rows) == len(texts) + len(lost)
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue_batch(db.needs_extraction(db.add_folder(path.parent / "papers")))
            assert worker.wait(60)
        assert len(db.search("estuary", limit=100)) == 40, "and the lost ones are read again"
    assert repair(path) == []


def test_a_damaged_file_that_is_in_use_is_left_alone(path: Path) -> None:
    change(path, "UPDATE worker_heartbeat SET status = 'idle', pid = 1, process_started_at = "
           f"{Path('/proc/1/stat').read_text().rsplit(')', 1)[1].split()[19]}")  # fmt: skip
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 16_384)
    before = path.read_bytes()
    with pytest.raises(DatabaseBusy, match="processes 1 work on it"):
        repair(path)
    assert path.read_bytes() == before


def test_what_is_no_database_of_reslib_is_not_touched(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.db"
    thesis.write_text("three years of work")
    with pytest.raises(NotADatabase, match="go back to a backup"):
        repair(thesis)
    assert thesis.read_text() == "three years of work"


def test_the_doctor_says_what_is_wrong_and_mends_it_when_asked(path: Path) -> None:
    change(path, "INSERT INTO attachments_fts (attachments_fts) VALUES ('delete-all')")
    runner = CliRunner()
    seen = runner.invoke(main, ["doctor", "--db", str(path)]).output
    assert "not in step with the texts" in " ".join(seen.split())
    assert "--repair" in seen
    mended = runner.invoke(main, ["doctor", "--repair", "--db", str(path)])
    assert "Made the search index anew" in mended.output
    again = runner.invoke(main, ["doctor", "--repair", "--db", str(path)])
    assert "nothing to repair" in again.output


def test_the_command_line_makes_backups(path: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["backup", str(tmp_path / "b.db"), "--db", str(path)])
    assert done.exit_code == 0, done.output
    assert "b.db" in done.output.replace("\n", "")
    with ResearchDatabase(tmp_path / "b.db") as db:
        assert db.search("number7")
