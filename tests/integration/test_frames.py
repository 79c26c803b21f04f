"""DataFrames: what each row is, the same dtypes whatever the rows, filters in SQL."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from reslib import ErrorCode, ExtractionWorker, JobStatus, QueueManager, ResearchDatabase, frames
from reslib.errors import ADVICE
from reslib.testing import register_fault_extractor, write_fault

AddText = Callable[..., int]
Call = Callable[[ResearchDatabase], pd.DataFrame]

CALLS: dict[str, Call] = {
    "queue_stats": frames.queue_stats,
    "jobs": frames.jobs,
    "failed_jobs": frames.failed_jobs,
    "metrics": frames.metrics,
    "workers": frames.workers,
    "throughput": frames.throughput,
    "attachments": frames.attachments,
    "batches": frames.batches,
    "skipped": frames.skipped,
    "stale": frames.stale,
    "warnings": frames.warnings,
    "documents": frames.documents,
    "pages": frames.pages,
    "search": lambda db: frames.search(db, "words"),
    "texts": frames.texts,
    "texts, a row a document": lambda db: frames.texts(db, pages=False),
    "summary": frames.summary,
    "summary by folder": lambda db: frames.summary(db, by="folder"),
    "summary by mime_type": lambda db: frames.summary(db, "mime_type"),
    "doubtful": lambda db: frames.doubtful(db, below=1),
    "compare": lambda db: frames.compare(db, "text", "plain"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResearchDatabase]:
    """A database after a run: a text, a paper that fails at once, a crash that was retried."""
    folder = tmp_path_factory.mktemp("library")
    register_fault_extractor()
    # As Windows of old wrote it: its encoding has to be guessed, so it is doubtful.
    (folder / "note.txt").write_bytes("Some words of a paper in a café.".encode("cp1252"))
    (folder / "empty.pdf").write_bytes(b"")
    write_fault(folder, "crash.fault", "page one", "segfault")
    with ResearchDatabase(folder / "library.db") as db:
        worker = ExtractionWorker(db, num_workers=1, max_retries=1)
        with worker:
            names = ("note.txt", "empty.pdf", "crash.fault")
            worker.enqueue_batch([db.add_attachment(name, folder / name) for name in names])
            assert worker.wait(60)
        (folder / "figures").mkdir()
        (folder / "figures" / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
        db.add_folder(folder / "figures")
        with sqlite3.connect(db.path) as raw:  # as after extract_again()
            raw.execute(
                "INSERT INTO earlier_texts (attachment_id, extractor, text_status, extracted_text)"
                " VALUES (1, 'plain', 'full', 'Some other words')"
            )
            raw.execute("UPDATE text_provenance SET recipe = 0")  # as in a library of before
            raw.execute(
                "INSERT INTO warnings (attachment_id, task, number, code, message, page)"
                " VALUES (1, 'text', 1, 'odd', 'an odd note', 1)"
            )
        raw.close()
        yield db


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {frame.index.name: str(frame.index.dtype), **frame.dtypes.astype(str).to_dict()}


def function_of(name: str) -> str:
    return re.split(r"\W", name)[0]


def test_every_public_frame_is_tested_here():
    # What needs tables and headings is in test_table_frames.py, a cluster in tests/cluster.
    elsewhere = {"tables", "sections", "references", "cluster"}
    assert {function_of(name) for name in CALLS} | elsewhere == set(frames.__all__)


@pytest.mark.parametrize("name", CALLS)
def test_dtypes_do_not_depend_on_the_rows(
    name: str, db: ResearchDatabase, library: ResearchDatabase
) -> None:
    empty, full = CALLS[name](db), CALLS[name](library)
    assert len(full) > 0
    assert kinds(empty) == kinds(full)
    assert list(empty.columns) == list(full.columns)
    for column in full.select_dtypes("category"):
        assert list(empty[column].cat.categories) == list(full[column].cat.categories)


@pytest.mark.parametrize("name", CALLS)
def test_the_docstring_names_every_column(name: str, library: ResearchDatabase) -> None:
    words = getattr(frames, function_of(name)).__doc__
    frame = CALLS[name](library)
    for column in [frame.index.name, *frame.columns]:
        assert f"``{column}``" in words, f"{column} of {name} is not documented"


@pytest.mark.parametrize("name", CALLS)
def test_an_index_is_unique_and_times_are_utc(name: str, library: ResearchDatabase) -> None:
    frame = CALLS[name](library)
    assert frame.index.is_unique
    for column in frame.columns:
        if column.endswith("_at") or column == "last_heartbeat":
            assert str(frame[column].dtype) == "datetime64[ms, UTC]"
    assert "object" not in kinds(frame).values()


def test_queue_stats_has_every_state_in_order(library: ResearchDatabase) -> None:
    stats = frames.queue_stats(library)
    assert list(stats.index) == [status.value for status in JobStatus]
    assert stats["jobs"].to_dict() == {
        **dict.fromkeys([s.value for s in JobStatus], 0),
        "complete": 1,
        "failed": 2,
    }
    assert stats["share"].sum() == pytest.approx(1)
    assert stats.loc["failed", "last_24h"] == 2
    assert stats.loc["pending", "last_24h"] is pd.NA


def test_failed_jobs_say_what_why_and_what_now(library: ResearchDatabase) -> None:
    failed = frames.failed_jobs(library).set_index("filename")
    assert list(failed.index) == ["crash.fault", "empty.pdf"], "the latest first"
    assert failed["error_code"].to_dict() == {"crash.fault": "crashed", "empty.pdf": "empty_file"}
    assert failed["retry_may_help"].to_dict() == {"crash.fault": True, "empty.pdf": False}
    assert failed.loc["crash.fault", "signal"] == "SIGSEGV"
    assert failed.loc["crash.fault", "attempts"] == 2
    assert failed.loc["empty.pdf", "what_now"] == ADVICE[ErrorCode.EMPTY_FILE]
    assert failed.loc["empty.pdf", "error_message"].startswith("the file is empty")


def test_there_is_advice_for_every_error_code():
    assert set(ADVICE) == set(ErrorCode)


def test_metrics_have_one_row_for_each_attempt(library: ResearchDatabase) -> None:
    attempts = frames.metrics(library)
    assert not attempts.duplicated(["job_id", "attempt"]).any()
    assert attempts["filename"].value_counts().to_dict() == {
        "crash.fault": 2,
        "note.txt": 1,
        "empty.pdf": 1,
    }
    assert attempts["finished_at"].is_monotonic_increasing


def test_workers_tell_how_old_their_heartbeat_is(library: ResearchDatabase) -> None:
    workers = frames.workers(library)
    assert workers["status"].tolist() == ["stopped"]
    assert workers["alive"].tolist() == [True]
    assert 0 <= workers["heartbeat_age_s"].iloc[0] < 600
    assert workers["jobs_completed"].tolist() == [1]


def test_search_gives_documents_with_their_page(library: ResearchDatabase) -> None:
    hits = frames.search(library, "words")
    assert hits["filename"].tolist() == ["note.txt"]
    assert hits.index.tolist() == [1]
    assert "**words**" in hits["snippet"].iloc[0]


def test_filters_are_those_of_the_database(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    job_ids = queue.enqueue_batch([add_text() for _ in range(5)])
    queue.cancel(job_ids[0])
    assert frames.jobs(db, status="cancelled").index.tolist() == job_ids[:1]
    assert frames.jobs(db, status=["pending", "cancelled"]).index.tolist() == job_ids
    assert frames.jobs(db, limit=2).index.tolist() == job_ids[-2:], "the latest, oldest first"
    assert frames.jobs(db, limit=0).empty
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert frames.jobs(db, since=tomorrow).empty
    assert len(frames.jobs(db, since=tomorrow - timedelta(days=2))) == 5
    assert len(frames.attachments(db, limit=3)) == 3


def test_a_time_in_another_zone_is_understood(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    queue.enqueue(add_text())
    now = pd.Timestamp.now(tz="Asia/Tokyo")
    assert len(frames.jobs(db, since=now - pd.Timedelta("1min"))) == 1
    assert frames.jobs(db, since=now + pd.Timedelta("1min")).empty
    naive_utc = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    assert len(frames.jobs(db, since=naive_utc)) == 1


@pytest.mark.parametrize(
    "hour", [timedelta(hours=1), timedelta(hours=-1), "-1 hour", "-60min", pd.Timedelta("1h")]
)
def test_since_may_say_how_long_ago(
    db: ResearchDatabase, sqlite: sqlite3.Connection, queue: QueueManager, add_text: AddText, hour
) -> None:
    queue.enqueue_batch([add_text(), add_text()])
    sqlite.execute(
        "UPDATE extraction_queue SET created_at = datetime('now', '-61 minutes') WHERE id = 1"
    )
    assert frames.jobs(db, since=hour).index.tolist() == [2]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("odd", ["research.db", Path("research.db"), None, {}])
def test_what_is_no_database_is_named(name: str, odd: object) -> None:
    with pytest.raises(TypeError, match="db is a ResearchDatabase, not") as said:
        CALLS[name](odd)  # type: ignore[arg-type]
    assert repr(odd) in str(said.value)
    assert ("ResearchDatabase(path)" in str(said.value)) is isinstance(odd, str | Path)


def test_a_pool_and_a_queue_of_a_file_name_say_what_they_need() -> None:
    for kind in (ExtractionWorker, QueueManager):
        with pytest.raises(TypeError, match=r"not 'research\.db'; open a file with Research"):
            kind("research.db")  # type: ignore[arg-type]


def test_completion_offers_the_frames_and_nothing_else() -> None:
    assert dir(frames) == sorted(frames.__all__)


def test_a_message_beside_a_name_does_not_begin_with_it(library: ResearchDatabase) -> None:
    for frame in (frames.failed_jobs(library), frames.jobs(library), frames.metrics(library)):
        for row in frame.dropna(subset="error_message").itertuples():
            assert row.filename not in row.error_message[:30]
            assert len(row.error_message) > 20


def test_attempts_of_a_job_are_those_that_failed(library: ResearchDatabase) -> None:
    jobs = frames.jobs(library).set_index("filename")
    attempts = frames.metrics(library).groupby("filename")["attempt"].max()
    assert jobs["attempts"].to_dict() == {"note.txt": 0, "empty.pdf": 1, "crash.fault": 2}
    assert attempts.to_dict() == {"note.txt": 1, "empty.pdf": 1, "crash.fault": 2}


def test_what_cannot_be_meant_is_refused(db: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match="no state 'finished'; there are: pending, processing"):
        frames.jobs(db, status="finished")
    for since in (
        "the day before",
        5,
        pd.NaT,
        "today",
        "-1 fortnight",
        "-",
        "-5",
        "1 day",
        "-3e9 days",
    ):
        with pytest.raises(ValueError, match=r"since is a time, such as .*, or how long ago"):
            frames.metrics(db, since=since)  # type: ignore[arg-type]  # what cannot be meant
    with pytest.raises(ValueError, match="since is a time"):
        frames.metrics(db, since=timedelta.max)
    for limit in (-1, 1.5, "5", True):
        with pytest.raises(ValueError, match="limit must be a whole number, 0 or more, not"):
            frames.failed_jobs(db, limit=limit)  # type: ignore[arg-type]  # nor can this
    for freq in ("1ms", "1500ms", "-1min", "0s", "often", "M", None):
        with pytest.raises(ValueError, match="freq is a whole number of seconds"):
            frames.throughput(db, freq)  # type: ignore[arg-type]  # nor this


def add_attempts(sqlite: sqlite3.Connection, *attempts: tuple[str, str]) -> None:
    sqlite.executemany(
        "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, outcome, finished_at)"
        " VALUES (1, 1, (SELECT count(*) FROM extraction_metrics), ?, ?)",
        attempts,
    )


def test_throughput_fills_gaps_and_keeps_outcomes_apart(
    db: ResearchDatabase, sqlite: sqlite3.Connection
) -> None:
    add_attempts(
        sqlite,
        ("complete", "2026-03-01 10:00:59.999"),
        ("complete", "2026-03-01 10:00:01.000"),
        ("failed", "2026-03-01 10:00:01.500"),
        ("complete", "2026-03-01 10:03:00.000"),
    )
    counts = frames.throughput(db)
    assert [f"{time:%H:%M}" for time in counts.index] == ["10:00", "10:01", "10:02", "10:03"]
    assert counts["complete"].tolist() == [2, 0, 0, 1]
    assert counts["failed"].tolist() == [1, 0, 0, 0]
    assert str(counts.index.tz) == "UTC"
    assert len(frames.throughput(db, "1s")) == 1, "of the latest 120 stretches"
    assert len(frames.throughput(db, "1s", since="2026-03-01")) == 180
    assert frames.throughput(db, "1D")["complete"].tolist() == [3]
    assert frames.throughput(db, limit=1)["complete"].tolist() == [1]
    assert frames.throughput(db, since="2026-03-01 10:02").index[0].minute == 3
    assert frames.throughput(db, limit=0).empty


def test_times_that_people_wrote_by_hand_are_read(
    db: ResearchDatabase, sqlite: sqlite3.Connection, queue: QueueManager, add_text: AddText
) -> None:
    queue.enqueue(add_text())
    sqlite.execute("UPDATE extraction_queue SET created_at = datetime('now')")
    assert frames.jobs(db)["created_at"].notna().all()


def test_a_name_that_is_not_utf8_is_written_with_escapes(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "w") as file:  # noqa: PTH123 - the name is no str
        file.write("x")
    db.add_attachment("cafe", os.fsdecode(path))
    assert frames.attachments(db)["path"].iloc[0].endswith("caf\\udce9.txt")
