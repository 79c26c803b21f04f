"""What a file of schema 4 says of its texts and jobs is still so in schema 5."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from old_schema import TO_SCHEMA_4

from reslib import QueueManager, ResearchDatabase
from reslib.maintenance.repair import find_problems


def test_a_file_of_schema_4_keeps_what_it_says_of_its_texts(tmp_path: Path) -> None:
    """A stale text stays so and tells again what it covers; pages come from their offsets."""
    path = tmp_path / "a.db"
    names = ("read", "scan", "unknown", "new")
    with ResearchDatabase(path) as db:
        for name in names:
            db.add_attachment(name, tmp_path / name)
    with closing(sqlite3.connect(path)) as old:
        old.executescript(TO_SCHEMA_4)
        text = (
            "UPDATE attachments SET text_status = ?, extracted_text = 'a\fbc', page_count = 2, "
            "page_offsets = ?, extractor = 'pdf' WHERE filename = ?"
        )
        # Written as schema 4 had it, past the search index, which is not looked at here.
        old.execute("DROP TRIGGER attachments_fts_update")
        old.executemany(
            text, [("full", "[0,2]", "read"), ("stale", "[0,2]", "scan"), ("stale", "", "unknown")]
        )
        attempt = (
            "INSERT INTO extraction_metrics (job_id, attempt, attachment_id, outcome, text_status, "
            "finished_at) VALUES (?, 1, 2, ?, ?, '')"
        )
        old.executemany(
            attempt,
            [(1, "complete", "full"), (2, "complete", "partial"), (3, "failed", None)],
        )
        old.commit()
    with ResearchDatabase(path) as db:
        shown = [db.get_attachment(id).text_status for id in (1, 2, 3, 4)]
        assert shown == ["full", "stale", "stale", None]
        assert db.needs_extraction() == [2, 3, 4]
        coverage = db.stale()["text_status"]
        assert coverage.to_dict() == {1: "full", 2: "partial", 3: "full"}, "the last one read"
        assert list(db.stale()["reason"]) == [
            "pdf has recipe 1 now, the text was made with 0",
            "the file has changed since",
            "the file has changed since",
        ]
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT attachment_id, is_stale, is_cut FROM text_provenance")
        assert rows.fetchall() == [(1, 0, 0), (2, 1, 0), (3, 1, 0)]
        rows = raw.execute("SELECT attachment_id, number, start FROM pages")
        assert rows.fetchall() == [(1, 1, 0), (1, 2, 2), (2, 1, 0), (2, 2, 2)]


def test_of_two_open_jobs_of_a_document_in_an_old_file_one_counts_as_extra(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with ResearchDatabase(path) as db:
        queue = QueueManager(db)
        for name in ("one", "two"):
            queue.enqueue(db.add_attachment(name, tmp_path / name))
        queue.cancel(2)
        jobs = [1, *(queue.enqueue(1, deduplicate=False) for _ in range(2)), queue.enqueue(2)]
    with closing(sqlite3.connect(path)) as old:
        old.executescript(TO_SCHEMA_4)
    with ResearchDatabase(path) as db:
        queue = QueueManager(db)
        found = [queue.get_job(job or 0) for job in jobs]
        assert [job.is_extra for job in found if job] == [False, True, True, False]
        assert [queue.get_pending_count(), queue.enqueue(1), queue.enqueue(2)] == [4, None, None]
    again = (
        "INSERT INTO extraction_queue (attachment_id, created_at, available_at) VALUES (1,'','')"
    )
    with closing(sqlite3.connect(path)) as raw:
        with pytest.raises(sqlite3.IntegrityError, match=r"extraction_queue\.attachment_id"):
            raw.execute(again)
        raw.execute(
            again.replace("(attachment_id,", "(is_extra, attachment_id,").replace("(1,", "(1,1,")
        )
    assert find_problems(path) == []
