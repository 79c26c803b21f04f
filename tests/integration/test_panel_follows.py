"""A panel follows what is done in cells and by other processes, also where no count tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets: pip install '.[notebook]'")

from reslib import ExtractionWorker, JobStatus, QueueManager, ResearchDatabase, joblist
from reslib.database import AddedFolder
from reslib.testing import wait_until
from reslib_widgets import ControlPanel
from reslib_widgets.commands import Commands
from reslib_widgets.observe import observer_of


@pytest.fixture
def worker(db: ResearchDatabase) -> ExtractionWorker:
    return ExtractionWorker(db, num_workers=1)


@pytest.fixture
def panel(worker: ExtractionWorker) -> Iterator[ControlPanel]:
    made = ControlPanel(worker)
    made.refresh()
    yield made
    made.close()


def fail(queue: QueueManager, kind: str, message: str) -> None:
    job = queue.claim("me")
    assert job is not None
    queue.failed(job.id, message, kind, 0)


def test_what_changes_while_the_counts_come_out_equal_is_seen(
    worker: ExtractionWorker, db: ResearchDatabase
) -> None:
    observer, queue = observer_of(worker), worker.queue
    job, first, second = worker.enqueue_batch(
        [db.add_attachment(f"{n}.pdf", f"/nowhere/{n}.pdf") for n in range(3)]
    )
    fail(queue, "timeout", "alpha")
    before = observer.look(worker)
    assert [row.message for row in before.failures] == ["alpha"]
    assert before.retriable.hopeful == (job,)
    assert before.oldest is not None
    assert before.oldest[0] == "1.pdf"
    for given_back in (first, second):
        assert queue.claim("me").id == given_back  # type: ignore[union-attr]
    joblist.retry(db, [job])
    fail(queue, "corruption", "beta")
    queue.release(second)
    time.sleep(0.01)
    queue.release(first)

    def is_seen() -> bool:
        now = observer.look(worker)
        assert now.counts == before.counts
        causes = [row.message for row in now.failures]
        oldest = now.oldest[0] if now.oldest else None
        return (causes, now.retriable.hopeful, oldest) == (["beta"], (), "2.pdf")

    wait_until(is_seen)


def test_a_filter_finds_what_changes_while_the_counts_come_out_equal(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase
) -> None:
    [job] = worker.enqueue_batch([db.add_attachment("a.pdf", "/nowhere/a.pdf")])
    fail(worker.queue, "timeout", "alpha")
    panel._counts["failed"].click()
    panel._list._filter.value = "beta"
    wait_until(lambda: "0 that the filter finds among 1 failed" in panel._list._head.value)
    with panel._lock:  # between two looks
        joblist.retry(db, [job])
        fail(worker.queue, "timeout", "beta")
    wait_until(lambda: list(panel._list._rows) == [job])


def test_what_a_folder_that_was_added_in_a_cell_left_out_is_counted(
    panel: ControlPanel, db: ResearchDatabase, folder: Path
) -> None:
    picture = folder / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    db.add_folder(folder)
    wait_until(lambda: "Left out of the folders: 1 (.png 1)" in panel._trouble.value)
    picture.unlink()
    db.add_folder(folder)
    wait_until(lambda: "Left out" not in panel._trouble.value)


def test_failures_of_documents_that_were_read_since_are_history_in_a_panel_as_in_its_list(
    worker: ExtractionWorker, db: ResearchDatabase
) -> None:
    observer, queue = observer_of(worker), worker.queue
    documents = [db.add_attachment(f"{n}.pdf", f"/nowhere/{n}.pdf") for n in range(5)]
    jobs = worker.enqueue_batch(documents)
    for n in range(5):
        fail(queue, "timeout", f"failure {n}")
    [again, _] = worker.enqueue_batch(documents[3:])  # one is read, one waits
    assert queue.claim("me").id == again  # type: ignore[union-attr]
    queue.complete(again)
    seen = observer.look(worker)
    assert seen.counts["failed"] == 5
    assert [row.job_id for row in seen.failures] == [jobs[2], jobs[1], jobs[0]]
    assert [row.job_id for row in seen.failures] == joblist.first_jobs(db, JobStatus.FAILED, 50)
    assert seen.more_failures == 0
    queue.enqueue(documents[0])
    wait_until(lambda: len(observer.look(worker).failures) == 2)


# --- the notice of a retry ---------------------------------------------------------------------


def test_the_notice_of_a_retry_is_never_that_of_an_earlier_one(
    worker: ExtractionWorker, db: ResearchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*asked: Any) -> dict[JobStatus, int]:
        time.sleep(0.2)  # so that it is not asked again soon
        return states(*asked)

    states = joblist.states
    monkeypatch.setattr(joblist, "states", slowly)
    commands = Commands(lambda: None)
    [job] = worker.enqueue_batch([db.add_attachment("a.pdf", "/nowhere/a.pdf")])
    fail(worker.queue, "timeout", "alpha")
    commands.obey(worker, "retry_job", job)
    wait_until(lambda: "is pending again" in commands.notice.words)
    fail(worker.queue, "timeout", "beta")
    commands.follow(worker, True)
    assert commands.notice.words == "The job that was retried failed again."
    commands.obey(worker, "retry", False)
    wait_until(lambda: "is pending again" in commands.notice.words)
    worker.queue.complete(worker.queue.claim("me").id)  # type: ignore[union-attr]
    commands.follow(worker, True)
    assert commands.notice.words == "The job that was retried is complete."


def test_what_a_slow_command_says_at_its_end_stays_although_a_retry_came_between(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*asked: Any) -> AddedFolder:
        assert may_end.wait(30)
        return add_folder(*asked)

    may_end, add_folder = threading.Event(), ResearchDatabase.add_folder
    monkeypatch.setattr(ResearchDatabase, "add_folder", late)
    commands = Commands(lambda: None)
    worker.enqueue(db.add_attachment("a.pdf", "/nowhere/a.pdf"))
    fail(worker.queue, "timeout", "alpha")
    commands.obey(worker, "add_folder", str(folder))
    commands.obey(worker, "retry", False)
    commands.follow(worker, True)
    assert commands.notice.words == "1 job is pending again."
    may_end.set()
    wait_until(lambda: "0 documents found" in commands.notice.words)
    commands.follow(worker, True)
    assert "0 documents found" in commands.notice.words


def test_what_is_left_out_of_a_hopeful_retry_is_called_as_in_the_rows(panel: ControlPanel) -> None:
    for button in (panel._hopeful, panel._list._hopeful):
        assert "a retry of the same file cannot help" in button.tooltip
