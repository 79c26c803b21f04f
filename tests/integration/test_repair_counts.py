"""Texts and their pages, jobs and their counts: what stands twice in a file is put in step."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reslib import ExtractionWorker, JobStatus, Page, ResearchDatabase
from reslib.maintenance.repair import find_problems, repair


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed library of eight documents; the tests change copies of it."""
    place = tmp_path_factory.mktemp("library")
    papers = place / "papers"
    papers.mkdir()
    for n in range(8):
        (papers / f"note-{n}.txt").write_text(f"document number{n}, sediment tide estuary")
    with ResearchDatabase(place / "research.db") as db:
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue_batch(db.add_folder(papers))
            assert worker.wait(60)
        return db.path


@pytest.fixture
def path(library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(library, tmp_path / "research.db"))


def change(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.executescript(statements)


@pytest.mark.parametrize(
    "changed",
    ["open_jobs = 7", "open_jobs = 1, completed_at = NULL", "jobs = 2", "completed_at = NULL"],
)
def test_the_wrong_counts_of_a_batch_are_counted_anew(path: Path, changed: str) -> None:
    change(path, f"UPDATE batches SET {changed}")
    [problem] = find_problems(path)
    assert problem.text == "the numbers of jobs kept beside the queue are wrong (batch 1)"
    repair(path)
    assert find_problems(path) == []
    with ResearchDatabase(path) as db:
        worker = ExtractionWorker(db)
        assert worker.wait(1, batch=1), "nobody would ever do the jobs that are not there"
        assert worker.queue.counts(batch=1)[JobStatus.COMPLETE] == 8


def test_the_counts_of_a_batch_of_which_documents_were_deleted_are_right(path: Path) -> None:
    with ResearchDatabase(path) as db:
        db.delete_attachment(3)
    assert find_problems(path) == []


@pytest.mark.parametrize(
    "changed",
    [
        "DELETE FROM pages WHERE attachment_id = 3",
        "UPDATE pages SET start = 5 WHERE attachment_id = 3",
        "INSERT INTO pages (attachment_id, number, start) VALUES (3, 2, 9)",
        "UPDATE attachments SET page_count = 12 WHERE id = 3",
    ],
)
def test_pages_that_are_not_those_of_their_text_are_noted_anew(path: Path, changed: str) -> None:
    change(path, f"UPDATE pages SET label = 'iv' WHERE attachment_id = 4; {changed}")
    [problem] = find_problems(path)
    assert problem.text == "documents whose pages are not those of their text: 1"
    assert repair(path)[-1] == "Noted the pages of the texts anew"
    assert find_problems(path) == []
    with ResearchDatabase(path) as db:
        [page] = db.get_items(3, Page)
        assert page.text == db.get_attachment(3).extracted_text
        assert db.get_attachment(3).page_count == 1
        assert [page.label for page in db.get_items(4, Page)] == ["iv"], "of others nothing is lost"


@pytest.mark.parametrize("offsets", ["[0,99999999]", "[0,20,10]", "[7]", "[0,null]", "7", "[0,"])
def test_a_text_whose_pages_begin_nowhere_is_read_again(path: Path, offsets: str) -> None:
    change(path, f"UPDATE attachments SET page_offsets = '{offsets}' WHERE id = 3")
    assert "documents whose text is not there or not readable: 1" in find_problems(path)[0].text
    assert "Documents whose text is to be read again: 1" in repair(path)
    assert find_problems(path) == []
    with ResearchDatabase(path) as db:
        assert db.needs_extraction() == [3]
