"""A pool of hundreds of workers, as a cluster has them, stops as fast as one of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from reslib import ExtractionWorker, JobStatus, ResearchDatabase
from reslib.engines import Runner
from reslib.models import ExtractionRequest, Outcome
from reslib.testing import wait_until

SLOTS = 400


class Waiting:
    """An engine that reads each document until it is told to end it."""

    def __init__(self) -> None:
        self.is_up, self.pid, self.lacking = True, None, ""
        self._over = threading.Event()

    def runner(self) -> Runner:
        return Waiting()

    def tend(self) -> None:
        pass

    def warm_up(self, give_up: Callable[[], bool]) -> str | None:
        return None

    def run(
        self,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None = None,
    ) -> Outcome:
        self._over.clear()
        self._over.wait(120)
        return Outcome()

    def kill(self) -> None:
        self._over.set()

    def close(self) -> None:
        self._over.set()


def test_four_hundred_documents_are_given_back_at_once(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(SLOTS):
        (folder / f"{number}.txt").write_text(f"note {number}")
    worker = ExtractionWorker(db, num_workers=SLOTS, engine=Waiting())
    released: list[int] = []
    worker.on("job_released", lambda job: released.append(job.id))
    jobs = worker.enqueue_batch(db.add_folder(folder))
    worker.start()
    wait_until(lambda: worker.queue.counts()[JobStatus.PROCESSING] == SLOTS, 120)
    began = time.monotonic()
    assert worker.stop(timeout=0) is False
    took = time.monotonic() - began
    assert took < 3
    assert sorted(released) == sorted(jobs)
    assert worker.queue.counts()[JobStatus.PENDING] == SLOTS
    assert {row["status"] for row in worker.queue.get_workers()} == {"stopped"}
    attempts = {job["attempts"] for job in worker.queue.get_recent_jobs(SLOTS)}
    assert attempts == {0}
