"""The oracle itself: it is content with a healthy file, and finds each way to break it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import oracle
import pytest
from oracle import CHECKS, Truth, Witness, violations

from reslib import ExtractionWorker, QueueManager, ResearchDatabase
from reslib.storage.searchindex import add_functions
from reslib.testing import register_fault_extractor, write_fault


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Truth]:
    """A file with a job in each state, and what is true of it."""
    register_fault_extractor()
    folder = tmp_path_factory.mktemp("oracle")
    truth = Truth()
    documents = {
        "first": ["page one", "page with wordaw"],
        "second": ["page two", "page with wordbw"],
        "broken": ["raise no"],
        "waiting": ["raise later", "page wordcw"],
        "unwanted": ["page never"],
        "claimed": ["page claimed wordew"],
        "fresh": ["page fresh wordfw"],
    }
    with ResearchDatabase(folder / "research.db") as db:
        queue = QueueManager(db)
        ids = {
            name: db.add_attachment(f"{name}.fault", write_fault(folder, f"{name}.fault", *lines))
            for name, lines in documents.items()
        }
        truth.pages = {
            ids["first"]: ("one", "with wordaw"),
            ids["second"]: ("two", "with wordbw"),
            ids["fresh"]: ("fresh wordfw",),
        }
        truth.words = {ids["first"]: "wordaw", ids["second"]: "wordbw", ids["fresh"]: "wordfw"}
        for name in ("first", "second", "broken"):
            job = queue.enqueue(ids[name], max_retries=0)
            assert job is not None
            truth.jobs[job] = ids[name]
        with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
            assert worker.wait(60)
        for name in ("unwanted", "waiting", "claimed", "fresh"):
            job = queue.enqueue(ids[name])
            assert job is not None
            truth.jobs[job] = ids[name]
            if name == "unwanted":
                queue.cancel(job)
                truth.cancelled.add(job)
            elif name != "fresh":
                claimed = queue.claim(f"owner-of-{name}")
                assert claimed is not None
                if name == "waiting":
                    queue.failed(job, "later", "timeout")
        truth.jobs |= dict.fromkeys(
            queue.enqueue_batch([ids["fresh"]], task="tables"), ids["fresh"]
        )  # beside its open job for the text
        with (
            closing(sqlite3.connect(db.path)) as source,
            closing(sqlite3.connect(folder / "copy.db")) as copy,
        ):
            source.backup(copy)
    return (folder / "copy.db").read_bytes(), truth


@pytest.fixture
def path(healthy: tuple[bytes, Truth], tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    path.write_bytes(healthy[0])
    return path


@pytest.fixture
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        add_functions(connection)
        yield connection


def test_the_oracle_has_nothing_against_a_healthy_file(
    path: Path, healthy: tuple[bytes, Truth]
) -> None:
    assert violations(path, healthy[1]) == []


FIRST = "(SELECT id FROM attachments WHERE filename = 'first.fault')"
FRESH = "(SELECT id FROM attachments WHERE filename = 'fresh.fault')"
JOB = "id = (SELECT min(id) FROM extraction_queue WHERE status = '{}')"

BREAKAGES: list[tuple[Callable[..., Iterator[str]], str]] = [
    (oracle.the_file_is_sound, "UPDATE extraction_queue SET attachment_id = 999 + id"),
    (
        oracle.the_file_is_sound,
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = "
        "(SELECT rootpage FROM sqlite_schema WHERE name = 'idx_metrics_finished') "
        "WHERE name = 'idx_queue_finished'",
    ),
    (
        oracle.no_place_is_that_of_two_documents,
        "INSERT INTO attachment_places (path, attachment_id, filename, added_at) "
        "SELECT path, 2, filename, created_at FROM attachments WHERE id = 1",
    ),
    (
        oracle.the_search_index_is_sound,
        "DROP TRIGGER attachments_fts_update; UPDATE attachments SET extracted_text = 'other'",
    ),
    (
        oracle.every_job_is_in_a_legal_state,
        f"UPDATE extraction_queue SET status = 'lost' WHERE {JOB.format('pending')}",
    ),
    (
        oracle.every_job_is_in_a_legal_state,
        f"UPDATE extraction_queue SET worker_id = NULL WHERE {JOB.format('processing')}",
    ),
    (
        oracle.every_job_is_in_a_legal_state,
        f"UPDATE extraction_queue SET next_retry_at = NULL WHERE {JOB.format('retry_pending')}",
    ),
    (
        oracle.every_job_is_in_a_legal_state,
        f"UPDATE extraction_queue SET completed_at = NULL WHERE {JOB.format('complete')}",
    ),
    (
        oracle.every_job_is_in_a_legal_state,
        f"UPDATE extraction_queue SET error_type = NULL WHERE {JOB.format('failed')}",
    ),
    (oracle.no_job_is_lost, f"DELETE FROM extraction_queue WHERE {JOB.format('pending')}"),
    (oracle.no_job_is_lost, "DELETE FROM attachments WHERE filename = 'second.fault'"),
    (
        oracle.no_job_has_two_owners,
        "INSERT INTO extraction_queue (attachment_id, created_at, available_at, is_extra) "
        f"VALUES ({FRESH}, '2026', '2026', 1)",
    ),
    (
        oracle.no_job_has_two_owners,
        "UPDATE extraction_queue SET status = 'processing', claims = 1, started_at = '2026', "
        "worker_id = (SELECT worker_id FROM extraction_queue WHERE status = 'processing') "
        f"WHERE {JOB.format('pending')}",
    ),
    (
        oracle.no_job_has_two_owners,
        f"UPDATE extraction_queue SET worker_id = 'nobody' WHERE {JOB.format('processing')}",
    ),
    (
        oracle.cancelled_stays_cancelled,
        "UPDATE extraction_queue SET status = 'pending', completed_at = NULL "
        f"WHERE {JOB.format('cancelled')}",
    ),
    (oracle.the_counts_are_the_rows, "UPDATE queue_counts SET jobs = jobs + 1"),
    (oracle.the_batches_know_their_jobs, "UPDATE batches SET open_jobs = 0"),
    (oracle.the_batches_know_their_jobs, "UPDATE batches SET jobs = 0"),
    (oracle.the_batches_know_their_jobs, "UPDATE batches SET completed_at = '2026'"),
    (oracle.the_counts_are_the_rows, "DELETE FROM queue_counts WHERE status = 'complete'"),
    (
        oracle.the_attempts_add_up,
        f"UPDATE extraction_queue SET claims = claims + 1 WHERE {JOB.format('complete')}",
    ),
    (
        oracle.the_attempts_add_up,
        f"UPDATE extraction_queue SET attempts = 0 WHERE {JOB.format('failed')}",
    ),
    (
        oracle.the_attempts_add_up,
        "UPDATE extraction_metrics SET outcome = 'interrupted' WHERE outcome = 'complete'",
    ),
    (
        oracle.the_workers_count_what_they_completed,
        "UPDATE worker_heartbeat SET jobs_completed = jobs_completed + 1",
    ),
    (
        oracle.no_job_fails_early_or_late,
        f"UPDATE extraction_queue SET max_retries = 3 WHERE {JOB.format('failed')}",
    ),
    (
        oracle.no_job_fails_early_or_late,
        f"UPDATE extraction_queue SET attempts = 4 WHERE {JOB.format('retry_pending')}",
    ),
    (
        oracle.a_complete_job_has_everything,
        f"UPDATE attachments SET page_offsets = NULL WHERE id = {FIRST}",
    ),
    (
        oracle.a_complete_job_has_everything,
        f"UPDATE attachments SET page_offsets = '[0,5]' WHERE id = {FIRST}",
    ),
    (
        oracle.a_complete_job_has_everything,
        f"UPDATE attachments SET extracted_text = extracted_text || ' twice' WHERE id = {FIRST}",
    ),
    (
        oracle.a_complete_job_has_everything,
        "UPDATE extraction_metrics SET char_count = 0 WHERE outcome = 'complete'",
    ),
    (
        oracle.a_complete_job_has_everything,
        "INSERT INTO attachments_fts (attachments_fts) VALUES ('delete-all')",
    ),
    (
        oracle.nothing_else_has_a_text,
        f"UPDATE attachments SET extracted_text = 'early' WHERE id = {FRESH}",
    ),
    (
        oracle.nothing_else_has_a_text,
        "INSERT INTO attachments_fts (rowid, filename, extracted_text) "
        f"VALUES ({FRESH}, 'fresh', 'wordfw')",
    ),
    (
        oracle.nothing_else_has_a_text,
        f"INSERT INTO text_provenance (attachment_id, is_cut) VALUES ({FRESH}, 1)",
    ),
    (
        oracle.nothing_else_has_a_text,
        f"UPDATE attachments SET extracted_text = 'other', page_offsets = '[0]', "
        f"text_status = 'partial', confidence_reason = '1 page, then an error' WHERE id = {FRESH};"
        f"INSERT INTO text_provenance (attachment_id, is_cut) VALUES ({FRESH}, 1)",
    ),
    (
        oracle.nothing_else_has_a_text,
        f"UPDATE attachments SET extracted_text = 'x', page_offsets = '[0]', "
        f"text_status = 'full' WHERE id = {FRESH};"
        f"INSERT INTO text_provenance (attachment_id, is_cut) VALUES ({FRESH}, 1)",
    ),
    (
        oracle.a_complete_job_has_everything,
        f"UPDATE text_provenance SET is_cut = 1 WHERE attachment_id = {FIRST}",
    ),
    (
        oracle.the_pages_are_those_of_the_text,
        f"DELETE FROM pages WHERE attachment_id = {FIRST} AND number = 2",
    ),
    (
        oracle.the_pages_are_those_of_the_text,
        f"UPDATE pages SET start = start + 1 WHERE attachment_id = {FIRST} AND number = 2",
    ),
    (
        oracle.the_pages_are_those_of_the_text,
        f"DELETE FROM text_provenance WHERE attachment_id = {FIRST}",
    ),
]


@pytest.mark.parametrize(
    ("check", "statement"),
    BREAKAGES,
    ids=[f"{check.__name__}-{n}" for n, (check, _) in enumerate(BREAKAGES)],
)
def test_the_oracle_finds_what_is_broken(
    check: Callable[..., Iterator[str]],
    statement: str,
    path: Path,
    raw: sqlite3.Connection,
    healthy: tuple[bytes, Truth],
) -> None:
    raw.executescript(statement)
    raw.close()
    assert any(text.startswith(check.__name__ + ":") for text in violations(path, healthy[1]))


def test_every_check_has_a_breakage() -> None:
    assert {check for check, _ in BREAKAGES} == set(CHECKS)


CHANGES = {
    "complete and has changed": "UPDATE extraction_queue SET priority = 9 WHERE {complete}",
    "cancelled and has changed": "UPDATE extraction_queue SET status = 'pending', "
    "completed_at = NULL WHERE {cancelled}",
    "nobody asked for": "UPDATE extraction_queue SET status = 'pending', completed_at = NULL "
    "WHERE {failed}",
    "claims went": "UPDATE extraction_queue SET claims = 0, attempts = 0 WHERE {failed}",
    "attempts went": "UPDATE extraction_queue SET attempts = 0 WHERE {failed}",
}


@pytest.mark.parametrize("words", CHANGES)
def test_the_witness_finds_changes_that_no_state_machine_allows(
    words: str, path: Path, raw: sqlite3.Connection
) -> None:
    witness = Witness(path, Truth())
    assert witness.look() == []
    assert witness.look() == []
    states = {state: JOB.format(state) for state in ("complete", "cancelled", "failed")}
    raw.execute(CHANGES[words].format(**states))
    found = witness.look()
    witness.close()
    assert any(words in text for text in found), found
