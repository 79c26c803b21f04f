"""Files that somebody or something has damaged, and what can be done about it."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from reslib import (
    DatabaseBusy,
    DatabaseError,
    ExtractionWorker,
    NotADatabase,
    QueueManager,
    ResearchDatabase,
    SchemaTooNew,
)
from reslib.commands.cli import main
from reslib.maintenance.repair import find_problems, repair
from reslib.maintenance.salvage import _SAVED
from reslib.storage import sql


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed library of forty documents, most of them long; the tests damage copies of it."""
    place = tmp_path_factory.mktemp("library")
    papers = place / "papers"
    papers.mkdir()
    for n in range(40):
        text = f"document number{n} " + "sediment tide estuary " * 2_000
        (papers / f"note-{n:02}.txt").write_text(text)
    with ResearchDatabase(place / "research.db") as db:
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue_batch(db.add_folder(papers))
            assert worker.wait(60)
        return db.path


@pytest.fixture
def papers(library: Path) -> Path:
    return library.parent / "papers"


@pytest.fixture
def path(library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(library, tmp_path / "research.db"))


def change(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(statements)


def noise(path: Path) -> None:
    """Write noise over pages in the middle of the file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 16_384)


@contextmanager
def another_program_with(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Have the database open in another process, which does nothing with it."""
    code = (
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1])\n"
        "db.execute('PRAGMA user_version').fetchall()\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.communicate()


def has_dbstat(raw: sqlite3.Connection) -> bool:
    return ("ENABLE_DBSTAT_VTAB",) in raw.execute("PRAGMA compile_options").fetchall()


def a_page_of_a_long_text(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        if not has_dbstat(raw):
            pytest.skip("this SQLite cannot say which page belongs to what")
        found: int = raw.execute(
            "SELECT pageno FROM dbstat WHERE name = 'attachments' AND pagetype = 'overflow' "
            "LIMIT 1 OFFSET 100"
        ).fetchone()[0]
        return found


def counts(path: Path) -> list[int]:
    tables = ("attachments", "extraction_queue", "extraction_metrics")
    with closing(sqlite3.connect(path)) as raw:
        return [raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


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
    assert repair(path)[-1] == "Jobs given back whose process is dead: 1"
    assert find_problems(path) == []


def test_what_can_be_read_of_a_damaged_file_is_saved_and_the_rest_is_open_again(
    path: Path, papers: Path
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
            worker.enqueue_batch(db.needs_extraction(db.add_folder(papers)))
            assert worker.wait(60)
        assert len(db.search("estuary", limit=100)) == 40, "and the lost ones are read again"
    assert repair(path) == []


def test_a_damaged_file_that_is_open_in_another_program_is_left_alone(path: Path) -> None:
    """A reader or a notebook says nothing in the file, and what it wrote would be lost."""
    noise(path)
    before = path.read_bytes()
    with (
        another_program_with(path) as other,
        pytest.raises(DatabaseBusy, match=rf"process {other.pid}\)"),
    ):
        repair(path)
    assert path.read_bytes() == before
    assert copies(path) == []
    assert repair(path), "and it is mended when the other one has closed it"


def test_a_damaged_file_that_is_open_in_this_program_is_left_alone(path: Path) -> None:
    noise(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version").fetchall()
        with pytest.raises(DatabaseBusy, match="this very program"):
            repair(path)
    assert copies(path) == []


def test_a_young_library_whose_process_was_killed_is_known_as_reslibs(tmp_path: Path) -> None:
    """Its first page is still in the log."""
    path = tmp_path / "young.db"
    code = (
        "import os, signal, sys\n"
        "from reslib import ResearchDatabase\n"
        "db = ResearchDatabase(sys.argv[1])\n"
        "db.add_attachment('a.txt', '/nowhere/a.txt')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False)
    assert Path(f"{path}-wal").stat().st_size > 0
    assert repair(path) == []


def test_a_text_that_cannot_be_read_costs_the_text_and_not_the_document(path: Path) -> None:
    """The pages of long texts hold nothing else; queue and history stay whole."""
    page, before = a_page_of_a_long_text(path), counts(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert names(path) == ["damaged"]
    done = repair(path)
    assert "Saved from attachments: 39 rows, 1 without their text" in done
    assert counts(path) == before
    with ResearchDatabase(path) as db:
        lost = db.needs_extraction()
        assert len(lost) == 1
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue_batch(lost)
            assert worker.wait(60)
        assert len(db.search("estuary", limit=100)) == 40
    assert find_problems(path) == []


def test_copies_and_what_was_left_out_are_saved_too(
    path: Path, papers: Path, tmp_path: Path
) -> None:
    shutil.copytree(papers, tmp_path / "copies")
    (tmp_path / "copies" / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with ResearchDatabase(path) as db:
        ids = db.add_folder(tmp_path / "copies")
        before = {id: db.places(id) for id in ids}
    noise(path)
    done = repair(path)
    assert "Saved from attachment_places: 40 rows" in done
    assert "Saved from skipped: 1 rows" in done
    with ResearchDatabase(path) as db:
        saved = [row["attachment_id"] for row in db.store.rows("documents", {"ids": None})]
        assert len(saved) > 30
        assert {id: db.places(id) for id in saved} == {id: before[id] for id in saved}
        assert db.skipped_counts() == {".png": 1}


def test_rows_are_saved_although_the_end_of_the_table_cannot_be_read(path: Path) -> None:
    """Whoever asks a damaged file for its largest id gets no answer, or a wrong one."""
    with closing(sqlite3.connect(path)) as raw:
        last = raw.execute(
            "SELECT max(pageno) FROM dbstat WHERE name = 'extraction_metrics' AND pagetype = 'leaf'"
        ).fetchone()[0] if has_dbstat(raw) else None  # fmt: skip
    if last is None:
        pytest.skip("this SQLite cannot say which page belongs to what")
    with path.open("r+b") as file:
        file.seek((last - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = "\n".join(repair(path))
    saved = int(re.findall(r"extraction_metrics: (\d+) rows", done)[0])
    assert 0 < saved < 40
    assert "Saved from attachments: 40 rows" in done


def test_rows_are_saved_although_their_pages_are_in_the_wrong_place(path: Path) -> None:
    """Looking for the next row by its number then leads past those that lie before it."""
    with closing(sqlite3.connect(path)) as raw:
        if not has_dbstat(raw):
            pytest.skip("this SQLite cannot say which page belongs to what")
        leaves = [row[0] for row in raw.execute(
            "SELECT pageno FROM dbstat WHERE name = 'attachments' AND pagetype = 'leaf' "
            "ORDER BY path"
        )]  # fmt: skip
    assert len(leaves) > 1
    pages = path.read_bytes()
    with path.open("r+b") as file:
        for here, there in ((leaves[0], leaves[-1]), (leaves[-1], leaves[0])):
            file.seek((here - 1) * 4096)
            file.write(pages[(there - 1) * 4096 : there * 4096])
    assert "Saved from attachments: 40 rows" in repair(path)
    assert find_problems(path) == []


def test_an_id_that_was_given_is_not_given_again_after_a_repair(path: Path) -> None:
    """The history of a document that was deleted must not become another one's."""
    with ResearchDatabase(path) as db:
        db.delete_attachment(40)
    noise(path)
    repair(path)
    with ResearchDatabase(path) as db:
        assert db.add_attachment("new.txt", path.parent / "new.txt") == 41
        assert QueueManager(db).enqueue(41) == 41


def test_a_job_that_ran_when_the_file_was_damaged_is_pending_after_the_repair(path: Path) -> None:
    with ResearchDatabase(path) as db:
        queue = QueueManager(db)
        job_id = queue.enqueue(1)
        queue.claim("somebody")
    noise(path)
    repair(path)
    with ResearchDatabase(path) as db:
        assert [str(job["status"]) for job in QueueManager(db).get_recent_jobs(1)] == ["pending"]
        assert QueueManager(db).get_recent_jobs(1)[0]["job_id"] == job_id


def test_an_index_that_misses_rows_is_made_anew_while_the_file_is_open(path: Path) -> None:
    change(path, """
        PRAGMA writable_schema = ON;
        CREATE TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = 'idx_queue_attachment';
        DELETE FROM sqlite_schema WHERE name = 'idx_queue_attachment';
    """)  # fmt: skip
    change(path, """
        INSERT INTO extraction_queue (attachment_id, created_at, available_at)
        VALUES (3, '2026-01-01', '2026-01-01');
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema SELECT * FROM hidden;
    """)  # fmt: skip
    change(path, "DROP TABLE hidden")
    assert names(path) == ["indexes"]
    with ResearchDatabase(path) as db:
        done = repair(path)
        assert done[1:] == ["Made the indexes anew"]
        assert QueueManager(db).get_pending_count() == 1
    assert find_problems(path) == []
    assert repair(path) == []


def test_a_document_that_is_called_extracted_but_has_no_text_is_read_again(path: Path) -> None:
    change(path, "UPDATE attachments SET page_offsets = NULL WHERE id = 5")
    assert names(path) == ["texts"]
    assert "Documents whose text is to be read again: 1" in repair(path)
    with ResearchDatabase(path) as db:
        assert db.needs_extraction() == [5]
    assert find_problems(path) == []


def test_a_text_in_which_a_bit_has_changed_is_read_again_when_it_is_no_text_any_more(
    path: Path,
) -> None:
    whole = path.read_bytes()
    at = whole.index(b"sediment tide estuary", whole.index(b"number7 "))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([whole[at] | 0x80]))
    assert "texts" in names(path)
    repair(path)
    with ResearchDatabase(path) as db:
        assert db.needs_extraction() == [8]
        assert db.get_attachment(8).extracted_text is None
    assert find_problems(path) == []


def test_a_list_of_tables_that_cannot_be_parsed_is_put_right(path: Path) -> None:
    whole = path.read_bytes()
    at = whole.index(b"filename          TEXT NOT NULL")
    with path.open("r+b") as file:
        file.seek(at + len("filename"))
        file.write(b"'")
    assert names(path) == ["damaged"]
    assert "Saved from attachments: 40 rows" in repair(path)
    assert find_problems(path) == []


def test_a_file_of_which_nothing_can_be_saved_stays_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        root = raw.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'attachments'"
        ).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(bytes(4096))
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(DatabaseError, match="Go back to a backup"):
            repair(path)
    assert path.read_bytes() == before
    assert copies(path) == []


def test_a_newer_file_is_not_repaired_with_an_older_idea_of_it(path: Path) -> None:
    change(path, "PRAGMA user_version = 99")
    noise(path)
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match="newer reslib"):
        repair(path)
    assert path.read_bytes() == before
    assert copies(path) == []


def test_tables_of_other_people_are_named_when_they_stay_behind(path: Path) -> None:
    change(path, "CREATE TABLE my_notes (note)")
    noise(path)
    assert "Tables that are not reslib's are only in the copy: my_notes" in repair(path)


def test_looking_makes_no_file_and_a_missing_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be opened"):
        find_problems(tmp_path / "missing.db")
    assert list(tmp_path.iterdir()) == []


def test_a_repaired_file_belongs_to_the_same_people(path: Path) -> None:
    path.chmod(0o640)
    noise(path)
    repair(path)
    for each in (path, *path.parent.glob("research.db.*-*")):
        assert each.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("seed", range(6))
def test_whatever_page_is_lost_the_rest_is_saved_and_the_file_is_sound(
    path: Path, papers: Path, seed: int
) -> None:
    rng = random.Random(seed)
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:
        for page in rng.sample(range(1, pages), 3):  # without the first, nothing can be known
            file.seek(page * 4096)
            file.write(rng.choice((bytes(4096), b"\xff" * 4096, rng.randbytes(4096))))
    done = repair(path)
    assert find_problems(path) == [], done
    with ResearchDatabase(path) as db:
        documents = db.add_folder(papers)
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue_batch(db.needs_extraction(documents))
            assert worker.wait(60)
        assert len(db.search("estuary", limit=100)) == 40, done
    assert repair(path) == []


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


def test_what_is_known_of_pages_is_saved_with_their_text(path: Path) -> None:
    change(path, "UPDATE pages SET label = 'sheet ' || attachment_id, origin = 'hand'")
    with closing(sqlite3.connect(path)) as raw:
        before = raw.execute("SELECT * FROM pages ORDER BY attachment_id, number").fetchall()
        [root] = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'batches'").fetchone()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xaa" * 4096)
    done = repair(path)
    assert f"Saved from pages: {len(before)} rows" in done
    with closing(sqlite3.connect(path)) as raw:
        after = raw.execute("SELECT * FROM pages ORDER BY attachment_id, number").fetchall()
    assert after == before
    assert before


def test_what_readers_have_set_is_saved(path: Path, papers: Path) -> None:
    with ResearchDatabase(path) as db:
        id = db.add_attachment("note-03.txt", papers / "note-03.txt")
        db.set_metadata(
            id, title="Tides of an estuary", authors=["Ada Lovelace", "Émilie du Châtelet"]
        )
        db.set_table(id, [["station", "range"], ["A1", "2.5"]], page=1, box=(50, 90, 300, 200))
        before, table = db.record(id), db.tables(id)[0]
    with closing(sqlite3.connect(path)) as raw:
        [root] = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'batches'").fetchone()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xaa" * 4096)
    repair(path)
    with ResearchDatabase(path) as db:
        assert db.record(id) == before
        assert db.record(id).title == "Tides of an estuary"
        assert db.tables(id)[0].equals(table)


def test_every_table_of_what_people_cannot_have_again_is_saved() -> None:
    """What is left out is made of the others, or speaks of processes."""
    made_anew = {"pages", "queue_counts", "worker_heartbeat", "children"} - set(_SAVED)
    schema = (Path(sql.__file__).parent / "schema.sql").read_text("utf-8")
    assert set(re.findall(r"^CREATE TABLE (\w+)", schema, re.MULTILINE)) == set(_SAVED) | made_anew
