"""Jobs that were enqueued together: waited for, told of once, and shown as a frame."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from reslib import (
    Batch,
    CompletedBatch,
    ExtractionWorker,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    frames,
    unregister_extractor,
)
from reslib.pool.batchwatch import BatchWatch
from reslib.pool.events import EventBus
from reslib.testing import register_fault_extractor, wait_until, write_fault

AddText = Callable[..., int]

CANCEL = """
import sys
from reslib import QueueManager, ResearchDatabase
with ResearchDatabase(sys.argv[1]) as db:
    print([QueueManager(db).cancel(int(job)) for job in sys.argv[2:]])
"""


@pytest.fixture
def pool(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    register_fault_extractor()
    with ExtractionWorker(db, num_workers=2, max_retries=0, heartbeat_interval=0.2) as pool:
        yield pool
        pool.stop(timeout=0)
    unregister_extractor("fault")


class Told:
    """The batches that a pool told of."""

    def __init__(self, pool: ExtractionWorker) -> None:
        self.batches: list[CompletedBatch] = []
        self.threads: set[str] = set()
        pool.on("batch_completed", self._note)

    def _note(self, batch: CompletedBatch) -> None:
        self.threads.add(threading.current_thread().name)
        self.batches.append(batch)

    def wait(self, count: int) -> None:
        wait_until(lambda: len(self.batches) >= count)
        time.sleep(0.2)  # nothing comes twice: several looks of the watcher
        assert len(self.batches) == count


def test_a_batch_is_a_list_of_its_jobs_with_an_id(queue: QueueManager, add_text: AddText) -> None:
    documents = [add_text(), add_text()]
    batch = queue.enqueue_batch(documents)
    assert batch == [1, 2]
    assert isinstance(batch, list)
    assert batch.id == 1
    assert queue.enqueue_batch(documents) == []
    assert queue.enqueue_batch(documents).id is None, "no job was made"
    single = queue.enqueue(add_text())
    assert [job.batch_id for job in map(queue.get_job, [*batch, single]) if job] == [1, 1, None]


def test_the_frame_follows_a_batch_from_its_begin_to_its_end_and_back(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    documents = [add_text() for _ in range(4)]
    batch = queue.enqueue_batch(documents)
    job = queue.claim("w")
    assert job is not None
    queue.complete(job.id)
    job = queue.claim("w")
    assert job is not None
    queue.failed(job.id, "no", "corruption")
    queue.cancel(batch[2])
    counts = ["jobs", "open", "complete", "failed", "cancelled"]
    [row] = frames.batches(db)[counts].to_dict("records")
    assert list(row.values()) == [4, 1, 1, 1, 1]
    assert frames.batches(db)["completed_at"].isna().all()
    db.delete_attachment(documents[3])
    after = frames.batches(db).loc[batch.id]
    assert list(after[counts]) == [4, 0, 1, 1, 1]
    assert after["completed_at"] >= after["created_at"]
    assert after["seconds"] == pytest.approx(
        (after["completed_at"] - after["created_at"]).total_seconds()
    )
    assert queue.retry_failed() == 1
    again = frames.batches(db).loc[batch.id]
    assert again["open"] == 1
    assert again["completed_at"] is pd.NaT
    assert frames.batches(db, limit=0).empty
    assert frames.batches(db, since=pd.Timestamp.now(tz="UTC") + pd.Timedelta("1D")).empty


def test_the_jobs_of_a_batch_are_counted_anew_when_some_were_lost_with_a_damaged_page(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    open_one = queue.enqueue_batch([add_text(), add_text()])
    lost = queue.enqueue_batch([add_text()])
    done = queue.enqueue_batch([add_text()])
    queue.cancel(done[0])
    before = frames.batches(db)["completed_at"][done.id]
    with closing(sqlite3.connect(db.path)) as raw, raw:
        raw.execute("DROP TRIGGER batches_delete")
        raw.execute("DELETE FROM extraction_queue WHERE id IN (?, ?)", (open_one[0], lost[0]))
    with db.store.write() as transaction:
        transaction.run("recount_batches", {})
    after = frames.batches(db)
    assert after["open"].to_dict() == {open_one.id: 1, lost.id: 0, done.id: 0}
    assert after["completed_at"].isna().to_list() == [True, False, False]
    assert after["completed_at"][done.id] == before


def test_waiting_for_a_batch_waits_for_its_jobs_only(
    pool: ExtractionWorker, db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    slow = db.add_attachment("slow.fault", write_fault(tmp_path, "slow.fault", "sleep 60"))
    other = pool.enqueue(slow)
    assert other is not None
    batch = pool.enqueue_batch([add_text() for _ in range(5)])
    assert pool.wait(60, progress=True, batch=batch)
    assert pool.wait(60, batch=batch.id)
    assert asyncio.run(pool.drained(60, batch=batch))
    assert pool.queue.counts(batch=batch)[JobStatus.COMPLETE] == 5
    assert not pool.wait(0)
    assert pool.cancel(other)


def test_waiting_for_a_batch_says_what_is_no_batch(pool: ExtractionWorker) -> None:
    assert pool.wait(1, batch=Batch()), "a batch without jobs is done"
    with pytest.raises(ValueError, match="there is no batch 7"):
        pool.wait(1, batch=7)
    with pytest.raises(ValueError, match="there is no batch 7"):
        pool.queue.counts(batch=7)
    assert not any(pool.queue.counts(batch=Batch()).values())
    with pytest.raises(TypeError, match="not a list of jobs"):
        pool.wait(1, batch=[1, 2])  # type: ignore[arg-type]


def test_a_batch_without_jobs_is_done_and_a_warning_says_that_others_are_open(
    db: ResearchDatabase, add_text: AddText, caplog: pytest.LogCaptureFixture
) -> None:
    worker = ExtractionWorker(db)
    documents = [add_text(), add_text()]
    assert worker.wait(1, batch=worker.enqueue_batch([]))
    assert caplog.messages == []
    worker.enqueue_batch(documents)
    again = worker.enqueue_batch(documents)
    assert worker.wait(1, batch=again)
    [said] = caplog.messages
    assert "the batch has no jobs" in said
    assert "wait() without it waits for the 2 jobs that are open" in said
    with pytest.raises(TypeError, match="batch is a whole number, not 'None'"):
        worker.wait(1, batch=str(again.id))  # type: ignore[arg-type]


def test_waiting_for_a_batch_of_a_stopped_pool_is_refused_unless_it_is_done(
    db: ResearchDatabase, add_text: AddText
) -> None:
    worker = ExtractionWorker(db)
    batch = worker.enqueue_batch([add_text()])
    with pytest.raises(RuntimeError, match="call start"):
        worker.wait(1, batch=batch)
    with pytest.raises(RuntimeError, match="call start"):
        asyncio.run(worker.drained(1, batch=batch))
    assert worker.cancel(batch[0])
    assert worker.wait(1, batch=batch)


def test_the_end_of_a_batch_is_told_once_with_how_its_jobs_ended(
    pool: ExtractionWorker, db: ResearchDatabase, add_text: AddText, tmp_path: Path
) -> None:
    told = Told(pool)
    bad = db.add_attachment("bad.fault", write_fault(tmp_path, "bad.fault", "raise no"))
    first = pool.enqueue_batch([bad, *(add_text() for _ in range(8))])
    second = pool.enqueue_batch([add_text() for _ in range(8)])
    pool.enqueue(add_text())
    assert pool.wait(60)
    told.wait(2)
    assert {batch.id: batch for batch in told.batches} == {
        first.id: CompletedBatch(id=first.id or 0, jobs=9, complete=8, failed=1, cancelled=0),
        second.id: CompletedBatch(id=second.id or 0, jobs=8, complete=8, failed=0, cancelled=0),
    }


def test_a_batch_that_somebody_else_cancels_is_told_of_once(
    pool: ExtractionWorker, db: ResearchDatabase, add_text: AddText
) -> None:
    told = Told(pool)
    pool.pause()
    batch = QueueManager(db).enqueue_batch([add_text(), add_text()])
    done = subprocess.run(
        [sys.executable, "-c", CANCEL, db.path, *map(str, batch)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[True, True]\n"
    told.wait(1)
    assert told.batches == [CompletedBatch(batch.id or 0, 2, 0, 0, 2)]
    assert told.threads == {"reslib-batches"}, "the watcher itself cannot wait"


def test_a_batch_whose_last_job_is_cancelled_by_the_pool_or_deleted_is_told_of_once(
    pool: ExtractionWorker, db: ResearchDatabase, add_text: AddText
) -> None:
    told = Told(pool)
    pool.pause()
    batch = pool.enqueue_batch([add_text()])
    assert pool.cancel(batch[0])
    told.wait(1)
    document = add_text()
    pool.enqueue_batch([document])
    db.delete_attachment(document)
    told.wait(2)
    assert [(b.jobs, b.cancelled) for b in told.batches] == [(1, 1), (1, 0)]


def test_a_batch_that_was_tried_again_is_told_of_again(
    pool: ExtractionWorker, db: ResearchDatabase, tmp_path: Path
) -> None:
    told = Told(pool)
    bad = db.add_attachment("bad.fault", write_fault(tmp_path, "bad.fault", "raise no"))
    pool.enqueue_batch([bad])
    told.wait(1)
    assert pool.retry_failed_jobs() == 1
    told.wait(2)
    assert [batch.failed for batch in told.batches] == [1, 1]


def test_a_job_that_begins_when_its_batch_is_done_already_tells_nothing_twice(
    db: ResearchDatabase, queue: QueueManager, add_text: AddText
) -> None:
    events = EventBus()
    watch = BatchWatch(db.store, events)
    watch.begin()
    events.on("batch_completed", print)
    [job] = batch = queue.enqueue_batch([add_text()])
    assert watch.done() == []
    queue.cancel(job)
    assert [done.id for done in watch.done()] == [batch.id]
    watch.note(batch.id or 0)  # its worker is a little late
    assert watch.done() == []


def test_who_listens_later_is_not_told_of_what_was_done_before(
    pool: ExtractionWorker, add_text: AddText
) -> None:
    pool.enqueue_batch([add_text()])
    assert pool.wait(60)
    told = Told(pool)
    batch = pool.enqueue_batch([add_text()])
    assert pool.wait(60)
    told.wait(1)
    assert told.batches[0].id == batch.id


def test_a_pool_that_enqueued_a_batch_hears_of_it_when_another_pool_does_its_jobs(
    pool: ExtractionWorker, db: ResearchDatabase, add_text: AddText
) -> None:
    pool.pause()
    told = Told(pool)
    batch = pool.enqueue_batch([add_text(), add_text()])
    with ResearchDatabase(db.path) as same, ExtractionWorker(same) as other:
        also = Told(other)
        assert other.wait(60, batch=batch.id)
        told.wait(1)
        also.wait(1)
    assert told.batches == also.batches
