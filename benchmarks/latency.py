"""How soon things happen: a job starts, a job is cancelled, a hanging document is killed.

    python benchmarks/latency.py

Prints, for each promise, how often it was tried, the median and the worst, beside the target.
Exit code 1 when the worst is over it. On a machine that is busy with other things, look at the
median.
"""

from __future__ import annotations

import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from reslib import ExtractionWorker, ResearchDatabase, register_extractor
from reslib.testing import register_fault_extractor, write_fault

#: Runs in another process: enqueues an attachment for each line it is sent, and says when.
OTHER_PROCESS = """
import sys, time
from reslib import QueueManager, ResearchDatabase
with ResearchDatabase(sys.argv[1]) as db:
    queue = QueueManager(db)
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.time()
        queue.enqueue(int(line))
        print(began, flush=True)
"""
DEADLINE = 1.0
WAIT = 60.0


class Pool:
    """A pool whose events can be waited for."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.db = ResearchDatabase(folder / "latency.db")
        self.worker = ExtractionWorker(self.db, max_retries=0, **settings)
        self._events: queue.Queue[tuple[str, int, float]] = queue.Queue()
        for event in ("job_started", "job_completed", "job_failed", "job_cancelled"):
            self.worker.on(event, self._note(event))

    def _note(self, event: str) -> Callable[..., None]:
        return lambda job, *_: self._events.put((event, job.id, time.time()))

    def until(self, event: str) -> float:
        """Wait for an event of any job; return when it happened."""
        while True:
            happened, _, at = self._events.get(timeout=WAIT)
            if happened == event:
                return at

    def add(self, name: str, *instructions: str) -> int:
        """Add a document that does as told."""
        return self.db.add_attachment(name, write_fault(self.folder, name, *instructions))

    def warm(self) -> None:
        """Have every worker do a job, so that no process has to start in what is measured."""
        ids = [self.add(f"warm{n}.fault", "page x", "sleep 0.2") for n in range(8)]
        self.worker.enqueue_batch(ids)
        assert self.worker.wait(WAIT)
        while not self._events.empty():
            self._events.get()


def start_here(pool: Pool, times: int) -> list[float]:
    """Seconds from the call of ``enqueue`` to the start, in the process of the pool."""
    pool.warm()
    taken = []
    for n in range(times):
        attachment = pool.add(f"here{n}.fault", "page x")
        time.sleep(0.15)  # the pool is idle, and not in step with us
        began = time.time()
        pool.worker.enqueue(attachment)
        taken.append(pool.until("job_started") - began)
        pool.until("job_completed")
    return taken


def start_elsewhere(pool: Pool, times: int) -> list[float]:
    """The same when another process calls ``enqueue``."""
    pool.warm()
    attachments = [pool.add(f"there{n}.fault", "page x") for n in range(times)]
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(pool.db.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdout.readline()
    taken = []
    for n, attachment in enumerate(attachments):
        time.sleep(0.15 + 0.007 * (n % 10))
        print(attachment, file=other.stdin, flush=True)
        began = float(other.stdout.readline())
        taken.append(pool.until("job_started") - began)
        pool.until("job_completed")
    other.stdin.close()
    other.wait(WAIT)
    return taken


def cancel(pool: Pool, times: int) -> list[float]:
    """Seconds from ``cancel`` of a job that spins in C until its process is gone."""
    pool.warm()
    taken = []
    for n in range(times):
        job = pool.worker.enqueue(pool.add(f"cancel{n}.fault", "spin"))
        assert job is not None
        pool.until("job_started")
        time.sleep(0.2)
        spinning = max(psutil.Process().children(), key=lambda p: p.cpu_percent(0.05))
        began = time.time()
        assert pool.worker.cancel(job)
        spinning.wait(WAIT)
        pool.until("job_cancelled")
        taken.append(time.time() - began)
    return taken


def overshoot(pool: Pool, times: int, name: str, *instructions: str) -> list[float]:
    """Seconds from the deadline until the job has failed and its process is gone."""
    pool.warm()
    taken = []
    for n in range(times):
        pool.worker.enqueue(pool.add(f"late{n}{name}", *instructions))
        began = pool.until("job_started")
        taken.append(pool.until("job_failed") - began - DEADLINE)
    return taken


def read_from_fifo(path: Path) -> str:
    """Wait for a writer who never comes, as a library does that is handed a FIFO."""
    fifo = path.with_suffix(".fifo")
    os.mkfifo(fifo)
    return fifo.read_text()


def main() -> int:
    """Measure, print, and return the exit code."""
    register_fault_extractor()
    register_extractor("fifo", suffixes=[".waits"])(read_from_fifo)
    over = False
    print(f"{'what':44} {'times':>5} {'median':>9} {'worst':>9} {'target':>9}")

    def show(what: str, taken: list[float], target: float) -> None:
        nonlocal over
        over |= max(taken) > target
        print(
            f"{what:44} {len(taken):5} {statistics.median(taken) * 1000:6.1f} ms "
            f"{max(taken) * 1000:6.1f} ms {target * 1000:6.0f} ms"
            f"{'  OVER' if max(taken) > target else ''}",
            flush=True,
        )

    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), num_workers=2, poll_interval=1.0)
        with pool.worker:
            show("start of a job enqueued here", start_here(pool, 50), 0.020)
            show("start of a job enqueued by another process", start_elsewhere(pool, 50), 0.200)
            show("cancel of a running job, process gone", cancel(pool, 10), 1.0)
        pool.db.close()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), num_workers=1, extraction_timeout=DEADLINE)
        with pool.worker:
            for what, name, instructions in (
                ("a Python sleep", ".fault", ["sleep 60"]),
                ("a spin in C", ".fault", ["spin"]),
                ("one that ignores SIGTERM", ".fault", ["ignore SIGTERM", "sleep 60"]),
            ):
                show(
                    f"killed after its deadline: {what}",
                    overshoot(pool, 5, name, *instructions),
                    1.0,
                )
            taken = []
            for n in range(5):
                path = pool.folder / f"{n}.waits"
                path.write_text(path.name)
                pool.worker.enqueue(pool.db.add_attachment(path.name, path))
                began = pool.until("job_started")
                taken.append(pool.until("job_failed") - began - DEADLINE)
            show("killed after its deadline: a FIFO", taken, 1.0)
        pool.db.close()
    return int(over)


if __name__ == "__main__":
    raise SystemExit(main())
