"""Whatever callbacks do costs no document and no worker."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib import ExtractionWorker, JobStatus, ResearchDatabase
from reslib.testing import wait_until

AddText = Callable[..., int]


@pytest.mark.parametrize(
    "error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit, ValueError]
)
@pytest.mark.parametrize("event", ["job_started", "job_completed", "job_failed", "worker_stopped"])
def test_whatever_a_callback_raises_is_logged_and_harms_nothing(
    worker: ExtractionWorker,
    db: ResearchDatabase,
    add_text: AddText,
    folder: Path,
    event: str,
    error: type[BaseException],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leave(*_: object) -> None:
        raise error("on purpose")

    worker.on(event, leave)
    heard: list[object] = []
    worker.on(event, heard.append if event == "worker_stopped" else lambda *a: heard.append(a))
    bad = folder / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 and no more")
    worker.start()
    worker.enqueue_batch([*(add_text() for _ in range(3)), db.add_attachment("bad.pdf", bad)])
    assert worker.wait(timeout=30)
    assert worker.stop(timeout=20)
    counts = worker.queue.counts()
    assert (counts[JobStatus.COMPLETE], counts[JobStatus.FAILED]) == (3, 1)
    assert heard, "the next callback of the same event is called too"
    assert f"a callback of '{event}' raised" in caplog.text
    workers = worker.queue.get_workers()
    assert {row["status"] for row in workers} == {"stopped"}


def test_ctrl_c_in_the_main_thread_is_not_taken_for_a_callbacks(
    worker: ExtractionWorker, add_text: AddText
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    worker.on("job_cancelled", interrupted)
    job_id = worker.enqueue(add_text())
    assert job_id is not None
    with pytest.raises(KeyboardInterrupt):
        worker.cancel(job_id)


@pytest.mark.parametrize("event", ["job_started", "job_completed", "job_failed"])
def test_stop_keeps_to_its_time_while_callbacks_do_not_return(
    db: ResearchDatabase, add_text: AddText, folder: Path, event: str
) -> None:
    worker = ExtractionWorker(db, num_workers=2, max_retries=0)
    blocked, free = threading.Semaphore(0), threading.Event()

    def block(*_: object) -> None:
        blocked.release()
        free.wait(60)

    forget = worker.on(event, block)
    if event == "job_failed":
        ids = []
        for n in range(6):
            path = folder / f"{n}.pdf"
            path.write_bytes(b"%%PDF-1.4 and no more %d" % n)
            ids.append(db.add_attachment(path.name, path))
    else:
        ids = [add_text() for _ in range(6)]
    worker.enqueue_batch(ids)
    worker.start()
    for _ in range(2):
        assert blocked.acquire(timeout=30)
    began = time.monotonic()
    assert not worker.stop(timeout=1)
    took = time.monotonic() - began
    try:
        assert took < 5, "it was asked to take one second, and took twenty more before"
        assert worker.queue.counts()[JobStatus.PROCESSING] == 0, "what they had is given back"
        # A pool that starts again meanwhile is one of its own.
        forget()
        began = time.monotonic()
        worker.start()
        assert time.monotonic() - began < 5
        assert worker.wait(60)
        free.set()
        wait_until(lambda: threading.active_count() < 20)
        ended = JobStatus.FAILED if event == "job_failed" else JobStatus.COMPLETE
        assert worker.queue.counts()[ended] == 6
        rows = db.store.rows("documents", {"ids": None})
        assert {row["attempts"] for row in rows} == {1 if ended is JobStatus.FAILED else 0}
    finally:
        free.set()
        worker.stop(timeout=0)
