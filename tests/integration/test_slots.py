"""Slots: how many workers of a pool do jobs of one task at once, and which tasks it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reslib import (
    ExtractionWorker,
    Job,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.pool.slots import Slot, Slots
from reslib.testing import wait_until

AddText = Callable[..., int]


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    """An extractor for the task `tables`, which takes as long as its options say."""

    def read(path: Path, options: dict[str, Any]) -> str:
        time.sleep(options.get("seconds", 0.1))
        return "tables"

    register_extractor("ruler", read, suffixes=[".txt"], task="tables")
    yield
    unregister_extractor("ruler")


def has_open_jobs(pool: ExtractionWorker) -> bool:
    return JobStatus.count_open(pool.queue.counts()) > 0


class AtOnce:
    """How many jobs of each task a pool does at once, at most, and in which order they began."""

    def __init__(self, pool: ExtractionWorker) -> None:
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.begun: list[str] = []
        pool.on("job_started", lambda job, _: self._add(job, 1))
        for event in ("job_completed", "job_failed"):
            pool.on(event, lambda job, _: self._add(job, -1))

    def _add(self, job: Job, number: int) -> None:
        with self._lock:
            self._now[job.task] += number
            self.most[job.task] = max(self.most[job.task], self._now[job.task])
            if number > 0:
                self.begun.append(job.task)


@pytest.mark.parametrize(
    ("workers", "slots", "most"), [(3, {"tables": 1}, 1), (4, None, 2), (1, None, 1)]
)
def test_no_more_jobs_of_a_task_are_done_at_once_than_it_has_slots(
    workers: int,
    slots: dict[str, int] | None,
    most: int,
    db: ResearchDatabase,
    add_text: AddText,
) -> None:
    documents = [add_text() for _ in range(6)]
    with ExtractionWorker(db, num_workers=workers, slots=slots, poll_interval=60) as pool:
        seen = AtOnce(pool)
        pool.enqueue_batch(documents, task="tables")
        assert pool.wait(60)
    assert seen.begun == ["tables"] * 6
    assert seen.most["tables"] <= most
    assert pool.queue.counts()[JobStatus.COMPLETE] == 6


def test_text_comes_first_and_does_not_wait_for_the_slots_of_others(
    db: ResearchDatabase, add_text: AddText
) -> None:
    with ExtractionWorker(db, num_workers=2, slots={"tables": 1}, poll_interval=60) as pool:
        seen = AtOnce(pool)
        pool.pause()
        for document in (add_text(), add_text()):
            pool.enqueue(document, priority=9, task="tables", options={"seconds": 0.5})
            pool.enqueue(document)
        pool.resume()
        assert pool.wait(60)
    assert seen.begun[:2] == ["text", "text"]
    assert seen.most["tables"] == 1
    assert sorted(seen.begun) == ["tables", "tables", "text", "text"]


def test_a_limit_may_be_set_for_text_too(db: ResearchDatabase, add_text: AddText) -> None:
    with ExtractionWorker(db, num_workers=3, slots={"text": 1}, poll_interval=60) as pool:
        seen = AtOnce(pool)
        pool.enqueue_batch([add_text() for _ in range(12)])
        assert pool.wait(60)
    assert seen.most["text"] == 1


def test_more_workers_have_more_slots(db: ResearchDatabase, add_text: AddText) -> None:
    pool = ExtractionWorker(db, num_workers=2)
    assert Slot(pool.slots)._slots.free() == ("text", "ocr", "tables")
    assert pool.slots.take(None) == ("text", "ocr", "tables")
    assert pool.slots.take(None) == ("text",)
    pool.resize(4)
    assert pool.slots.take(None) == ("text", "ocr", "tables")


def test_who_found_no_slot_is_woken_by_the_end_of_a_job_and_not_by_a_look_in_vain() -> None:
    wakes: list[None] = []
    slots = Slots({"tables": 1, "ocr": 1}, 2, lambda: wakes.append(None))
    one, other = Slot(slots), Slot(slots)
    with one.offered() as tasks:
        assert tasks == ("text", "ocr", "tables")
        with other.offered() as tasks:
            assert tasks == ("text",)
    assert not wakes, "there was nothing to do"
    with one.offered():
        one.task = "text"
    assert len(wakes) == 1, "it holds no slot of tables any more"
    with one.offered():
        one.task = "tables"
    with other.offered() as tasks:
        assert tasks == ("text", "ocr")
    with one.offered() as tasks:
        assert tasks == ("text", "ocr", "tables"), "its own slot is free for its next job"
    one.release()
    assert len(wakes) == 2 or one.task is None
    with other.offered() as tasks:
        assert tasks == ("text", "ocr", "tables")


def test_a_claim_that_could_not_be_made_gives_its_slots_back() -> None:
    slots = Slots({"tables": 1}, 2, lambda: None)
    one = Slot(slots)
    with pytest.raises(OSError, match="full"), one.offered():
        raise OSError("full")
    assert slots.free() == ("text", "ocr", "tables")


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"figures": 1}, "no extractor of this process does the task 'figures'; there are: text"),
        ({"tables": 0}, r"slots\['tables'\] must be a whole number, at least 1"),
        ({"tables": "1"}, r"slots\['tables'\] must be a whole number, at least 1"),
        (["tables"], "slots is a dict of tasks"),
    ],
)
def test_slots_that_make_no_sense_are_refused(slots: Any, words: str, db: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match=words):
        ExtractionWorker(db, slots=slots)


def test_nothing_is_enqueued_for_a_task_that_nobody_here_does(
    db: ResearchDatabase, add_text: AddText
) -> None:
    pool = ExtractionWorker(db)
    for enqueue in (
        lambda: pool.enqueue(add_text(), task="figures"),
        lambda: pool.enqueue_batch([add_text()], task="figures"),
    ):
        with pytest.raises(ValueError, match="there are: text, ocr, tables"):
            enqueue()
    assert pool.queue.get_pending_count() == 0


def test_jobs_of_tasks_that_are_not_done_here_are_not_waited_for(
    db: ResearchDatabase, add_text: AddText, caplog: pytest.LogCaptureFixture
) -> None:
    document = add_text()
    batch = QueueManager(db).enqueue_batch([document], task="figures")
    with ExtractionWorker(db) as pool:
        pool.enqueue(document)
        assert pool.wait(60)
        assert pool.queue.counts()[JobStatus.COMPLETE] == 1
        assert "not waited for" in caplog.text
        assert "1 of the task 'figures'" in caplog.text
        assert not pool.wait(60, batch=batch), "it is not done, and never will be here"
    assert pool.wait(1), "a stopped pool would not do it either"


def test_an_extractor_that_is_registered_later_is_used_by_a_running_pool(
    db: ResearchDatabase, add_text: AddText
) -> None:
    with ExtractionWorker(db, poll_interval=0.05) as pool:
        job = QueueManager(db).enqueue(add_text(), task="figures")
        assert job is not None
        assert pool.wait(60)
        assert has_open_jobs(pool)
        register_extractor("pictures", lambda path: "", suffixes=[".txt"], task="figures")
        try:
            wait_until(lambda: not has_open_jobs(pool))
        finally:
            unregister_extractor("pictures")
