"""Jobs of other tasks than reading the text: which extractor does them, with which options."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reslib import (
    ExtractionError,
    ExtractionWorker,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    frames,
    register_extractor,
    unregister_extractor,
)
from reslib.extractors.base import Extractor
from reslib.extractors.choice import choose
from reslib.extractors.registry import Registry
from reslib.items import Page, Table
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

Add = Callable[..., int]


def read_tables(path: Path, options: dict[str, Any]) -> str:
    return f"tables with {sorted(options.items())}"


@pytest.fixture
def tables() -> Iterator[None]:
    """An extractor for the task `tables`."""
    register_extractor("ruler", read_tables, suffixes=[".txt"], task="tables")
    yield
    unregister_extractor("ruler")


@pytest.fixture
def add(db: ResearchDatabase, tmp_path: Path) -> Add:
    def add(name: str = "a.txt") -> int:
        (tmp_path / name).write_text(f"the words of {name}")
        return db.add_attachment(name, tmp_path / name)

    return add


# --- the extractor ------------------------------------------------------------------------------


def test_an_extractor_is_chosen_only_for_jobs_of_its_task() -> None:
    registry = Registry()
    ruler = Extractor(name="ruler", function=read_tables, suffixes=(".txt",), task="tables")
    registry.add(ruler)
    assert choose(registry, "text/plain", ".txt").name == "text"
    assert choose(registry, "text/plain", ".txt", task="tables") is ruler
    assert choose(registry, "text/plain", ".txt", ["ruler"]).name == "text"
    with pytest.raises(ExtractionError, match="does the task 'tables', not 'text'"):
        choose(registry, "text/plain", ".txt", only="ruler")
    with pytest.raises(ExtractionError, match="nothing here does the task 'tables' for documents"):
        choose(registry, "text/csv", ".csv", task="tables")
    with pytest.raises(ExtractionError, match="no extractor is called 'rulers'"):
        choose(registry, "text/plain", ".txt", ["rulers"])
    registry.add(replace(ruler, task="measures"))
    assert registry.tasks() == ("text", "measures", "ocr", "tables")
    registry.remove("ruler")
    assert registry.tasks() == ("text", "ocr", "tables")


def test_a_function_is_given_the_options_when_it_has_a_parameter_for_them() -> None:
    def keyword(path: Path, *, options: dict[str, Any]) -> str:
        return str(options)

    def default(path: Path, options: dict[str, Any] | None = None) -> str:
        return str(options)

    def none(path: Path) -> str:
        return "none"

    def gathers(path: Path, **options: Any) -> str:
        return str(options)

    given = {
        function.__name__: Extractor(name="x", function=function).extract(Path(), {"dpi": 300})
        for function in (keyword, default, none, gathers)
    }
    assert given == {
        "keyword": "{'dpi': 300}",
        "default": "{'dpi': 300}",
        "none": "none",
        "gathers": "{}",
    }


def test_an_extractor_needs_the_name_of_a_task() -> None:
    for task in ("", " ", 3):
        with pytest.raises(ValueError, match="a task is a name"):
            register_extractor("ruler", read_tables, suffixes=[".txt"], task=task)  # type: ignore[arg-type]


def test_who_does_another_task_does_not_take_the_place_of_one_that_reads_texts() -> None:
    with pytest.raises(ValueError, match="an extractor 'pdf' is there already"):
        register_extractor("pdf", read_tables, suffixes=[".pdf"], task="tables")


def test_task_and_options_reach_the_child(tables: None, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    with Sandbox() as sandbox:
        request = ExtractionRequest(str(path), task="tables", options={"dpi": 300})
        outcome = sandbox.run(request)
        assert outcome.result is not None, outcome.failure
        assert outcome.result.text == "tables with [('dpi', 300)]"
        assert outcome.result.extractor == "ruler"
        text = sandbox.run(ExtractionRequest(str(path)))
        assert text.result is not None
        assert text.result.text == "words"


def test_who_does_another_task_accepts_no_document_for_its_text(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    register_extractor("ruler", read_tables, suffixes=[".txt", ".chart"], task="tables")
    try:
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers" / "a.txt").write_text("words")
        (tmp_path / "papers" / "b.chart").write_bytes(b"\0\1\2\3")
        [document] = db.add_folder(tmp_path / "papers")
        assert db.get_attachment(document).filename == "a.txt"
        assert QueueManager(db).get_document(document).accepted is None
    finally:
        unregister_extractor("ruler")


# --- the queue ----------------------------------------------------------------------------------


def test_one_document_has_one_open_job_for_each_task(add: Add, queue: QueueManager) -> None:
    document = add()
    text, tables = queue.enqueue(document), queue.enqueue(document, task="tables")
    assert text is not None
    assert tables is not None
    assert queue.enqueue(document) is None
    assert queue.enqueue(document, task="tables", options={"dpi": 1}) is None
    assert queue.enqueue_batch([document], task="figures") != []
    extra = queue.enqueue(document, task="tables", deduplicate=False)
    assert extra is not None
    job = queue.get_job(extra)
    assert job is not None
    assert (job.task, job.is_extra) == ("tables", True)


def test_options_are_stored_as_the_same_json_whenever_they_are_the_same(
    add: Add, queue: QueueManager, db: ResearchDatabase
) -> None:
    document = add()
    jobs = [
        queue.enqueue(document, task="tables", options=options, deduplicate=False)
        for options in (
            {"b": [1, 2], "a": {"y": None, "x": "é"}},
            {"a": {"x": "é", "y": None}, "b": (1, 2)},
            {},
            None,
        )
    ]
    rows = [db.store.row("job", {"job_id": job}) for job in jobs]
    stored = [row["options"] for row in rows if row is not None]
    assert stored[0] == stored[1] == '{"a":{"x":"\\u00e9","y":null},"b":[1,2]}'
    assert stored[2:] == ["{}", "{}"]
    first = queue.get_job(jobs[0] or 0)
    assert first is not None
    assert first.options == {"a": {"x": "é", "y": None}, "b": [1, 2]}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ([1], TypeError),
        ("dpi", TypeError),
        ("", TypeError),
        (0, TypeError),
        ({"a": object()}, TypeError),
        ({1: 2}, TypeError),
        ({"a": [{2: 3}]}, TypeError),
        ({"a": float("nan")}, ValueError),
        ({"a": "x" * (1 << 20)}, ValueError),
    ],
)
def test_options_that_are_no_json_object_are_refused(
    options: Any, error: type[Exception], add: Add, queue: QueueManager
) -> None:
    with pytest.raises(error, match="options"):
        queue.enqueue(add(), options=options)
    assert queue.get_pending_count() == 0


def test_a_task_is_a_name(add: Add, queue: QueueManager) -> None:
    document = add()
    for task, error in ((3, TypeError), ("", ValueError)):
        with pytest.raises(error, match="a task is a name"):
            queue.enqueue(document, task=task)  # type: ignore[arg-type]
    for tasks in ("tables", 3):
        with pytest.raises(TypeError, match="tasks is a list of names"):
            queue.claim("w", tasks=tasks)  # type: ignore[arg-type]


def test_a_claim_tries_the_tasks_in_the_order_given(add: Add, queue: QueueManager) -> None:
    first, second = add("a.txt"), add("b.txt")
    queue.enqueue(first, priority=9, task="tables")
    queue.enqueue(second, priority=1, task="tables")
    queue.enqueue(second, priority=0)
    assert queue.has_claimable(tasks=["figures", "tables"])
    assert not queue.has_claimable(tasks=["figures"])
    assert queue.claim("w", tasks=["figures"]) is None
    job = queue.claim("w", tasks=("text", "tables"))
    assert job is not None
    assert job.task == "text"
    done, following = queue.complete_and_claim(job.id, "w", tasks=("text", "tables"))
    assert done
    assert following is not None
    assert (following.task, following.attachment_id) == ("tables", first)
    assert queue.claim("w") is None, "a claim is for text unless it says otherwise"
    last = queue.claim("v", tasks=("tables",))
    assert last is not None
    assert last.attachment_id == second


def test_a_job_of_another_task_leaves_the_text_alone(
    db: ResearchDatabase, add: Add, tables: None
) -> None:
    document = add()
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue(document)
        assert worker.wait(60)
        before = db.get_attachment(document)
        worker.enqueue(document, task="tables", options={"dpi": 300})
        assert worker.wait(60)
    assert db.get_attachment(document) == before
    assert before.extracted_text == "the words of a.txt"
    jobs, metrics = frames.jobs(db), frames.metrics(db)
    assert list(jobs["status"]) == ["complete", "complete"]
    assert list(jobs["task"]) == ["text", "tables"]
    assert list(metrics["task"]) == ["text", "tables"]
    assert list(metrics["extractor"]) == ["text", "ruler"]
    assert db.earlier_texts(document) == []
    assert not db.search("tables")


def test_what_another_task_finds_is_kept_beside_what_the_reading_of_the_text_found(
    db: ResearchDatabase, add: Add
) -> None:
    def read(path: Path) -> Iterator[Any]:
        yield Page("words")
        yield Table(rows=(("of", "the text"),), page=1)

    def measure(path: Path, options: dict[str, Any]) -> Iterator[Any]:
        yield Page("words that are no text of the document")
        yield Table(rows=(("of", str(options["dpi"])),), page=1)

    document = add()
    register_extractor("reader", read, suffixes=[".txt"])
    register_extractor("measurer", measure, suffixes=[".txt"], task="tables")
    try:
        with ExtractionWorker(db, num_workers=1) as worker:
            worker.enqueue(document)
            for dpi in (1, 2):
                worker.enqueue(document, task="tables", options={"dpi": dpi})
                assert worker.wait(60)
    finally:
        unregister_extractor("reader")
        unregister_extractor("measurer")
    assert {table.rows for table in db.get_items(document, Table)} == {
        (("of", "the text"),),
        (("of", "2"),),
    }
    assert db.get_attachment(document).extracted_text == "words"


def test_a_failure_of_one_task_is_not_hidden_by_the_success_of_another(
    db: ResearchDatabase, add: Add, queue: QueueManager
) -> None:
    document = add()
    tables = queue.enqueue(document, task="tables")
    assert tables is not None
    job = queue.claim("w", tasks=["tables"])
    assert job is not None
    queue.failed(job.id, "no lines", "corruption")
    queue.enqueue(document)
    text = queue.claim("w")
    assert text is not None
    queue.complete(text.id)
    failed = frames.failed_jobs(db)
    assert list(failed.index) == [tables]
    assert list(failed["task"]) == ["tables"]
    assert list(frames.attachments(db)["job_status"]) == ["complete"]
    assert list(frames.summary(db)["failed"]) == [0]
    assert queue.retry_failed() == 1
    again = queue.get_job(tables)
    assert again is not None
    assert again.status is JobStatus.PENDING


def test_a_document_whose_tables_failed_still_needs_its_text(
    db: ResearchDatabase, add: Add, queue: QueueManager
) -> None:
    document = add()
    queue.enqueue(document, task="tables")
    assert db.needs_extraction() == [document]
    job = queue.claim("w", tasks=["tables"])
    assert job is not None
    queue.failed(job.id, "no lines", "corruption")
    assert db.needs_extraction() == [document]


def test_no_retry_meets_the_index_that_allows_one_open_job(add: Add, queue: QueueManager) -> None:
    document = add()
    first = queue.enqueue(document)
    job = queue.claim("w")
    assert job is not None
    queue.failed(job.id, "no", "corruption")
    usual = queue.enqueue(document)
    assert queue.retry_failed(first) == 0, "another one is open"
    assert queue.cancel(usual or 0)
    extra = queue.enqueue(document, deduplicate=False)
    assert queue.retry_failed(first) == 0, "another one is open"
    assert queue.retry_failed() == 0
    assert queue.cancel(extra or 0)
    assert queue.retry_failed(first) == 1
    second = queue.enqueue(document, deduplicate=False)
    for wanted in (first, second):
        taken = queue.claim("w")
        assert taken is not None
        assert taken.id == wanted
        queue.failed(taken.id, "no", "corruption")
    assert queue.retry_failed() == 1, "of several the latest"
    assert queue.retry_failed(first) == 0


#: Enqueues the same documents again and again, fails their jobs, and retries them.
EVERYTHING_AT_ONCE = """
import json, sys
from reslib import QueueManager, ResearchDatabase
path, name, documents = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
made = []
with ResearchDatabase(path) as db:
    queue = QueueManager(db)
    print("ready", flush=True)
    sys.stdin.readline()
    for round in range(15):
        for task in ("text", "tables"):
            made += queue.enqueue_batch(documents, task=task)
            made += queue.enqueue_batch(documents[:1], task=task, deduplicate=round % 2)
        while (job := queue.claim(name, tasks=["tables", "text"])) is not None:
            queue.failed(job.id, "no", "corruption", attempt=job.attempt)
            queue.retry_failed(job.id)
            queue.cancel(job.id)
        queue.retry_failed()
print(json.dumps(made))
"""


def test_processes_that_enqueue_and_retry_the_same_at_once_meet_no_error(
    db: ResearchDatabase, add: Add
) -> None:
    documents = json.dumps([add(f"{number}.txt") for number in range(5)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", EVERYTHING_AT_ONCE, db.path, name, documents],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        said += json.loads(output)
    assert len(said) == len(set(said)), "no job was made by both"
    with closing(sqlite3.connect(db.path)) as raw:
        twice = raw.execute(
            "SELECT count(*) FROM extraction_queue WHERE completed_at IS NULL AND NOT is_extra "
            "GROUP BY attachment_id, task HAVING count(*) > 1"
        ).fetchall()
    assert twice == []


def test_a_killed_attempt_of_another_task_does_not_take_the_place_of_what_is_complete(
    db: ResearchDatabase, add: Add, tmp_path: Path
) -> None:
    """Also where the text is empty, as that of a scan whose pages another task reads."""

    def measure(path: Path, options: dict[str, Any]) -> Iterator[Any]:
        yield Page("words that are no text of the document")
        for number in range(options["n"]):
            yield Table(rows=((str(number),),))
        if options.get("hang"):
            while True:
                time.sleep(0.05)

    document = add("scan.txt")
    register_extractor("measurer", measure, suffixes=[".txt"], task="tables")
    try:
        with ExtractionWorker(
            db, num_workers=1, max_retries=0, extraction_timeout=1, heartbeat_interval=0.1
        ) as worker:
            hanging = {"n": 2, "hang": True}
            worker.enqueue(document, task="tables", options=hanging)
            assert worker.wait(60)
            assert len(db.get_items(document, Table)) == 2, "better than nothing"
            worker.enqueue(document, task="tables", options={"n": 10})
            assert worker.wait(60)
            worker.enqueue(document, task="tables", options=hanging)
            assert worker.wait(60)
            assert len(db.get_items(document, Table)) == 10
            worker.enqueue(document, task="tables")
            assert worker.wait(60)
            assert len(db.get_items(document, Table)) == 10, "with the options of what is there"
    finally:
        unregister_extractor("measurer")


def test_nothing_is_there_before_anything_was_read(db: ResearchDatabase, add: Add) -> None:
    document = add()
    assert db.get_items(document, Page) == []
    assert db.get_items(document, Page, task="tables") == []


def test_a_job_that_failed_is_asked_for_again_with_its_options(
    db: ResearchDatabase, add: Add, queue: QueueManager
) -> None:
    document = add()
    queue.enqueue(document, options={"lang": "deu"})
    job = queue.claim("w")
    assert job is not None
    queue.failed(job.id, "it needs a package", "extractor_missing", 0)
    queue.enqueue(document)
    again = queue.claim("w")
    assert again is not None
    assert again.options == {"lang": "deu"}
