"""Which extractor reads a document: also in another process, which may not have it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from old_schema import TO_SCHEMA_3
from plugins import plug_in

from reslib import (
    ErrorCode,
    ExtractionWorker,
    Job,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.documents.acceptances import extractors_elsewhere
from reslib.testing import wait_until

#: Works on the queue of a library in a process that registers what its second argument says, and
#: prints the state of each document's latest job.
ELSEWHERE = """
import json, sys
from reslib import ExtractionWorker, ResearchDatabase, register_extractor
for name, settings in json.loads(sys.argv[2]).items():
    register_extractor(name, lambda path, name=name: f"read by {name}", **settings)
options, then = json.loads(sys.argv[3]), sys.argv[4]
with ResearchDatabase(sys.argv[1]) as db:
    with ExtractionWorker(db, max_retries=0, **options) as worker:
        exec(then)
"""
WORK = "assert worker.wait(60)"


def elsewhere(
    db: ResearchDatabase,
    registered: dict[str, dict[str, list[str]]] | None = None,
    then: str = WORK,
    **options: object,
) -> str:
    """Do something with a pool in another process; return what it printed."""
    arguments = [str(db.path), json.dumps(registered or {}), json.dumps(options), then]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def register() -> Iterator[Callable[..., None]]:
    """Register an extractor in this process for the time of a test."""
    names = []

    def add(name: str, mime_types: Iterable[str] = (), suffixes: Iterable[str] = ()) -> None:
        register_extractor(
            name, lambda path: f"read by {name}", mime_types=mime_types, suffixes=suffixes
        )
        names.append(name)

    yield add
    for name in dict.fromkeys(names):
        unregister_extractor(name)


def job_of(db: ResearchDatabase, attachment_id: int) -> Job:
    """Return the latest job of a document."""
    worker = ExtractionWorker(db)
    numbers = [
        job["job_id"]
        for job in worker.queue.get_recent_jobs(1000)
        if job["attachment_id"] == attachment_id
    ]
    job = worker.queue.get_job(max(numbers))
    assert job is not None
    return job


def read_here(db: ResearchDatabase, ids: list[int], **options: Any) -> None:
    with ExtractionWorker(db, num_workers=1, max_retries=0, **options) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(60)


# --- a process without the extractor --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "accepts"),
    [
        ("log.dive", b"12 m, 34 min", {"suffixes": [".dive"]}),  # text, which `text` would read
        ("ping.sonar", bytes(range(256)), {"suffixes": [".sonar"]}),  # which nobody would read
        ("notes.txt", b"words of a note", {"mime_types": ["text/plain"]}),
        ("table.csv", b"a,b\n1,2\n", {"suffixes": [".csv"], "mime_types": ["text/csv"]}),
        ("page.HTML", b"<html><p>words</p></html>", {"suffixes": [".html"]}),
    ],
)
def test_a_process_without_the_extractor_that_accepted_a_document_does_not_read_it(
    db: ResearchDatabase,
    tmp_path: Path,
    register: Callable[..., None],
    name: str,
    content: bytes,
    accepts: dict[str, list[str]],
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / name).write_bytes(content)
    register("dive", **accepts)
    [id] = db.add_folder(folder)
    ExtractionWorker(db).enqueue(id)
    elsewhere(db)
    job = job_of(db, id)
    assert (job.status, job.error_type) == (JobStatus.FAILED, "extractor_missing")
    assert job.error_code is ErrorCode.MISSING_EXTRACTOR
    assert job.error_message is not None
    for part in (name, "'dive'", "register", "extract_again"):
        assert part in job.error_message
    assert db.get_attachment(id).extracted_text is None
    assert db.needs_extraction() == [id], "this process has it"
    assert elsewhere(db, then="print(db.needs_extraction())") == "[]\n", "and that one has not"
    read_here(db, [id])
    assert db.get_attachment(id).extracted_text == "read by dive"


def test_a_missing_extractor_is_waited_for_as_a_missing_package_is(
    db: ResearchDatabase,
    tmp_path: Path,
    register: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    register("dive", suffixes=[".dive"])
    for name in ("log.dive", "more.dive"):
        (tmp_path / name).write_text("12 m")
        id = db.add_attachment(name, tmp_path / name)
        ExtractionWorker(db).enqueue(id)
    unregister_extractor("dive")
    with ExtractionWorker(db, max_retries=3) as worker:
        assert not worker.wait(3)
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    for part in (".dive: ", "'dive'", "is not in this process. Run the cell", "half minute"):
        assert part in said
    register("dive", suffixes=[".dive"])
    job = job_of(db, id)
    assert (job.status, job.attempts) == (JobStatus.RETRY_PENDING, 1)
    with closing(sqlite3.connect(db.path)) as raw:
        [seconds] = raw.execute(
            "SELECT min(julianday(next_retry_at) - julianday(started_at)) * 86400 "
            "FROM extraction_queue"
        ).fetchone()
    assert seconds >= 30


def test_reslib_extract_after_a_kernel_leaves_its_documents_alone(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.dive").write_text(f"{number} m")
    (folder / "note.txt").write_text("a note")
    register("dive", suffixes=[".dive"])
    ids = db.add_folder(folder)
    unregister_extractor("dive")
    command = [sys.executable, "-m", "reslib", "extract", str(folder), "--db", str(db.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        queue = QueueManager(db)
        wait_until(lambda: queue.counts()[JobStatus.RETRY_PENDING] == 3, 60)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
    register("dive", suffixes=[".dive"])
    with closing(sqlite3.connect(db.path)) as raw, raw:  # half a minute later
        raw.execute("UPDATE extraction_queue SET next_retry_at = created_at WHERE next_retry_at")
    with ExtractionWorker(db) as worker:
        assert worker.wait(60)
    read_by = [db.get_attachment(id).extractor for id in ids]
    assert read_by == ["dive", "dive", "dive", "text"]


def test_a_job_is_left_to_a_living_process_that_has_its_extractor(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    """Twelve slow documents: another pool, which has nothing else to do, takes none of them."""
    register_extractor("dive", _slow, suffixes=[".dive"])
    try:
        for number in range(6):
            (tmp_path / f"{number}.dive").write_text(f"{number} m")
        ids = [db.add_attachment(f"{n}.dive", tmp_path / f"{n}.dive") for n in range(6)]
        (tmp_path / "note.txt").write_text("a note")
        ids.append(db.add_attachment("note.txt", tmp_path / "note.txt"))
        with ExtractionWorker(db, num_workers=1, heartbeat_interval=0.2) as worker:
            worker.enqueue_batch(ids)
            elsewhere(db, num_workers=2, heartbeat_interval=0.2)
            assert worker.wait(60)
    finally:
        unregister_extractor("dive")
    assert [db.get_attachment(id).extracted_text for id in ids[:-1]] == ["read slowly"] * 6
    assert {job_of(db, id).status for id in ids} == {JobStatus.COMPLETE}
    with closing(sqlite3.connect(db.path)) as raw:
        failed = raw.execute("SELECT count(*) FROM extraction_metrics WHERE outcome = 'failed'")
        assert failed.fetchone() == (0,), "nobody lost an attempt"


def _slow(path: Path) -> str:
    import time

    time.sleep(0.5)
    return "read slowly"


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "worker.stop()"])
def test_a_pool_that_has_died_or_stopped_keeps_no_job_from_others(
    db: ResearchDatabase, tmp_path: Path, end: str
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    there = {"dive": {"suffixes": [".dive"]}}
    add = f"db.add_attachment('log.dive', {str(tmp_path / 'log.dive')!r})"
    idle = (
        "from reslib.testing import wait_until\n"
        "wait_until(lambda: 'idle' in [w['status'] for w in worker.queue.get_workers()], 60)"
    )
    elsewhere(db, there, f"{add}\n{idle}\n{end}")
    assert db.store.rows("workers") != []
    assert extractors_elsewhere(db.store) == frozenset(), "also before its rows have been looked at"
    ExtractionWorker(db).enqueue(1)
    elsewhere(db)
    assert job_of(db, 1).error_code is ErrorCode.MISSING_EXTRACTOR


# --- what is remembered ---------------------------------------------------------------------------


def remembered(db: ResearchDatabase) -> dict[int, tuple[str, str | None, str | None]]:
    with closing(sqlite3.connect(db.path)) as raw:
        rows = raw.execute("SELECT * FROM attachment_extractors").fetchall()
    return {id: (name, mime_type, suffix) for id, name, mime_type, suffix in rows}


def test_in_a_library_from_before_whoever_reads_such_documents_reads_them(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    """Nothing is known of who accepted them, until they are looked at again."""
    for name in ("old.dive", "older.dive"):
        (tmp_path / name).write_text("12 m")
    register("dive", suffixes=[".dive"])
    ids = [db.add_attachment(name, tmp_path / name) for name in ("old.dive", "older.dive")]
    ExtractionWorker(db).enqueue_batch(ids)
    with closing(sqlite3.connect(db.path)) as raw:
        raw.executescript(TO_SCHEMA_3)
    with ResearchDatabase(db.path) as migrated:
        assert remembered(migrated) == {}
        migrated.add_attachment("older.dive", tmp_path / "older.dive")
        elsewhere(migrated)
        assert migrated.get_attachment(ids[0]).extractor == "text"
        assert job_of(migrated, ids[1]).error_code is ErrorCode.MISSING_EXTRACTOR


def test_a_built_in_extractor_that_accepted_a_document_stops_nobody(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    id = db.add_attachment("log.dive", tmp_path / "log.dive")
    assert remembered(db) == {}
    register("dive", suffixes=[".dive"])
    read_here(db, [id])
    assert db.get_attachment(id).extracted_text == "read by dive"


def test_a_renamed_extractor_is_a_missing_one(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    register("dive", suffixes=[".dive"])
    id = db.add_attachment("log.dive", tmp_path / "log.dive")
    ExtractionWorker(db).enqueue(id)
    elsewhere(db, {"dive_log": {"suffixes": [".dive"]}})
    assert job_of(db, id).error_code is ErrorCode.MISSING_EXTRACTOR


def test_an_extractor_of_reslib_with_the_name_of_a_custom_one_does_not_stand_in_for_it(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "note.txt").write_text("a note")
    register("text", suffixes=[".txt"])
    id = db.add_attachment("note.txt", tmp_path / "note.txt")
    ExtractionWorker(db).enqueue(id)
    elsewhere(db)
    assert job_of(db, id).error_code is ErrorCode.MISSING_EXTRACTOR


def test_what_became_another_document_is_read_by_whoever_reads_that(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    """Accepted for its type, and then there is another file in its place."""
    path = tmp_path / "paper"
    path.write_text("just words")
    register("notes", mime_types=["text/plain"])
    id = db.add_attachment("paper", path)
    assert remembered(db) == {id: ("notes", "text/plain", None)}
    path.write_text("<!DOCTYPE html><html><body><p>words of a page</p></body></html>")
    ExtractionWorker(db).enqueue(id)
    elsewhere(db)
    assert db.get_attachment(id).extractor == "html"


def test_a_changed_file_stays_with_the_extractor_that_accepted_it(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "log.dive").write_text("12 m")
    register("dive", suffixes=[".dive"])
    [id] = db.add_folder(folder)
    read_here(db, [id])
    (folder / "log.dive").write_text("13 meters")
    look = f"worker.enqueue_batch(db.needs_extraction(db.add_folder({str(folder)!r})))\n" + WORK
    elsewhere(db, then=look)
    assert job_of(db, id).error_code is ErrorCode.MISSING_EXTRACTOR
    assert remembered(db) == {id: ("dive", None, ".dive")}
    assert db.needs_extraction() == [id]


def test_a_look_by_a_process_that_has_the_extractor_decides_anew(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    id = db.add_attachment("log.dive", tmp_path / "log.dive")
    register("dive", suffixes=[".dive"])
    assert db.add_attachment("log.dive", tmp_path / "log.dive") == id
    assert remembered(db) == {id: ("dive", None, ".dive")}
    register("dive", suffixes=[".other"])
    db.add_attachment("log.dive", tmp_path / "log.dive")
    assert remembered(db) == {}


def test_a_document_that_is_deleted_is_forgotten(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    register("dive", suffixes=[".dive"])
    db.delete_attachment(db.add_attachment("log.dive", tmp_path / "log.dive"))
    assert remembered(db) == {}


def test_a_document_that_failed_for_want_of_an_extractor_is_offered_once_there_is_one(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "ping.sonar").write_bytes(bytes(range(256)))
    id = db.add_attachment("ping.sonar", tmp_path / "ping.sonar")
    read_here(db, [id])
    assert job_of(db, id).error_code is ErrorCode.NO_EXTRACTOR
    assert db.needs_extraction() == []
    register("sonar", suffixes=[".sonar"])
    assert db.needs_extraction() == [id]
    read_here(db, db.needs_extraction())
    assert db.get_attachment(id).extracted_text == "read by sonar"


def test_a_document_of_another_type_than_was_said_is_not_offered_for_ever(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "data").write_bytes(b"Rar!\x1a\x07" + bytes(18))
    register("sonar", mime_types=["application/x-sonar"])
    id = db.add_attachment("data", tmp_path / "data", mime_type="application/x-sonar")
    read_here(db, [id])
    assert job_of(db, id).status is JobStatus.FAILED
    assert db.needs_extraction() == []


def test_what_a_program_of_its_own_has_called_unsupported_stays_so(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("a note")
    id = db.add_attachment("note.txt", tmp_path / "note.txt")
    queue = QueueManager(db)
    queue.enqueue(id)
    job = queue.claim("mine")
    assert job is not None
    queue.failed(job.id, "not one for me", "unsupported")
    assert db.needs_extraction() == []


@pytest.mark.parametrize(
    ("content", "said", "type"),
    [
        ("words", "text/x-dive; charset=utf-8", "text/x-dive"),
        ("<!DOCTYPE html><html><p>words</p></html>", "text/plain", "text/html"),
    ],
)
def test_what_counts_is_the_type_by_which_it_will_be_read(
    db: ResearchDatabase,
    tmp_path: Path,
    register: Callable[..., None],
    content: str,
    said: str,
    type: str,
) -> None:
    (tmp_path / "log").write_text(content)
    register("dive", mime_types=[type])
    id = db.add_attachment("log", tmp_path / "log", mime_type=said)
    assert db.get_attachment(id).mime_type == said
    assert remembered(db) == {id: ("dive", type, None)}
    ExtractionWorker(db).enqueue(id)
    elsewhere(db)
    assert job_of(db, id).error_code is ErrorCode.MISSING_EXTRACTOR
    read_here(db, [id])
    assert db.get_attachment(id).extracted_text == "read by dive"


def test_a_plug_in_that_one_environment_has_and_the_other_has_not(
    db: ResearchDatabase, tmp_path: Path, installed: Path
) -> None:
    plug_in(installed, "a-plugin", "abc")
    (tmp_path / "letters.abc").write_text("a, b, c")
    code = (
        "import sys; from reslib import ResearchDatabase; db = ResearchDatabase(sys.argv[1]);"
        "db.add_attachment('letters.abc', sys.argv[2])"
    )
    env = os.environ | {"PYTHONPATH": f"{installed}:{os.environ.get('PYTHONPATH', '')}"}
    arguments = [sys.executable, "-c", code, str(db.path), str(tmp_path / "letters.abc")]
    subprocess.run(arguments, env=env, check=True, timeout=60)
    assert remembered(db) == {1: ("abc", "text/plain", ".abc")}
    ExtractionWorker(db).enqueue(1)
    elsewhere(db)
    job = job_of(db, 1)
    assert job.error_code is ErrorCode.MISSING_EXTRACTOR
    assert "'abc'" in str(job.error_message)


def test_who_is_asked_for_by_name_reads_also_what_another_one_accepted(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "note.txt").write_text("a note")
    register("mine", mime_types=["text/plain"])
    id = db.add_attachment("note.txt", tmp_path / "note.txt")
    read_here(db, [id], extractors=["text"])
    assert db.get_attachment(id).extractor == "text"


def test_another_extractor_reads_it_when_somebody_says_so(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    register("dive", suffixes=[".dive"])
    id = db.add_attachment("log.dive", tmp_path / "log.dive")
    elsewhere(db, then=f"print(worker.extract_again([{id}], extractor='text')); {WORK}")
    assert db.get_attachment(id).extracted_text == "12 m"


def test_one_that_was_asked_for_and_is_not_there_is_a_missing_one(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    """Though it has a text already, and another one could read it."""
    (tmp_path / "note.txt").write_text("a note")
    id = db.add_attachment("note.txt", tmp_path / "note.txt")
    read_here(db, [id])
    register("mine", suffixes=[".txt"])
    [job] = ExtractionWorker(db).extract_again([id], extractor="mine")
    elsewhere(db)
    found = QueueManager(db).get_job(job)
    assert found is not None
    assert found.error_code is ErrorCode.MISSING_EXTRACTOR
    assert "'mine', which was asked for" in str(found.error_message)
    assert db.get_attachment(id).extracted_text == "a note"
    assert QueueManager(db).retry_failed(job) == 1, "and here it is there"
    with ExtractionWorker(db) as worker:
        assert worker.wait(60)
    assert db.get_attachment(id).extracted_text == "read by mine"


def test_a_name_that_the_pool_prefers_and_that_does_not_read_it_is_no_way_around(
    db: ResearchDatabase, tmp_path: Path, register: Callable[..., None]
) -> None:
    (tmp_path / "log.dive").write_text("12 m")
    register("dive", suffixes=[".dive"])
    id = db.add_attachment("log.dive", tmp_path / "log.dive")
    ExtractionWorker(db).enqueue(id)
    elsewhere(db, extractors=["pdfplumber"])
    assert job_of(db, id).error_code is ErrorCode.MISSING_EXTRACTOR
