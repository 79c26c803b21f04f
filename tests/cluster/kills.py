"""One random schedule of kills: a cluster, a coordinator, forty documents, and who dies when.

What is right in the end the oracle of tests/faults says, which knows the file alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from loopback import Cluster, lives
from oracle import Truth, violations, word_of
from wire_cut import Wire

from reslib import QueueManager, ResearchDatabase
from reslib.errors import DatabaseError
from reslib.testing import register_fault_extractor, write_fault

__all__ = ["DOCUMENTS", "KINDS", "Report", "run_schedule"]

DOCUMENTS = 40
#: Seconds for a schedule to come to its end.
_PATIENCE = 150.0
#: Who is killed, and how often of a hundred.
KINDS = {
    "worker": 18,
    "nanny": 12,
    "scheduler": 12,
    "coordinator": 14,
    "child": 14,
    "SIGTERM of a worker": 10,
    "SIGSTOP of a worker": 8,
    "cut wire": 7,
    "silent wire": 5,
}
_COORDINATOR = """
import sys
from reslib import ExtractionWorker, ResearchDatabase
from reslib.engines import DaskEngine
from reslib.testing import register_fault_extractor
if __name__ == "__main__":
    register_fault_extractor()
    with ResearchDatabase(sys.argv[1]) as db:
        engine = DaskEngine(sys.argv[2], documents=sys.argv[3])
        worker = ExtractionWorker(db, num_workers=None, max_retries=20, engine=engine)
        with worker:
            worker.wait()
"""


@dataclass
class Report:
    """What was done in a schedule, and what it broke."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0
    attempts: int = 0


class _Schedule:
    def __init__(self, seed: int, cluster: Cluster, folder: Path) -> None:
        self.random = random.Random(seed)
        self.report = Report(seed)
        self.cluster, self.folder = cluster, folder
        self.wire = Wire(cluster.port)
        self.path = folder / "research.db"
        self.script = folder / "coordinator.py"
        self.script.write_text(_COORDINATOR)
        self.documents = self.random.choice(["auto", "auto", "bytes"])
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.coordinator: subprocess.Popen[bytes] | None = None

    def start_coordinator(self) -> None:
        with (self.folder / "coordinator.log").open("ab") as log:
            self.coordinator = subprocess.Popen(
                [sys.executable, self.script, self.path, self.wire.address, self.documents],
                env=self.cluster.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def fill(self, db: ResearchDatabase) -> Truth:
        """Write the documents and enqueue them."""
        truth, place = Truth(), self.folder / "papers"
        place.mkdir()
        for number in range(DOCUMENTS):
            word = word_of(number)
            name = f"{number}"
            text = f"{word} of schedule {self.report.seed}"
            # Some are too long to go out with others.
            text += " and so on" * (7000 if number % 3 == 0 else 0)
            sleep = self.random.choice([0, 0, 0.05, 0.2, 0.5, 1.0])
            path = write_fault(place, f"{name}.fault", f"page {text}", f"sleep {sleep}")
            id = db.add_attachment(path.name, path)
            truth.pages[id], truth.words[id] = (text,), word
        queue = QueueManager(db)
        for id in truth.pages:
            job = queue.enqueue(id, max_retries=20)
            assert job is not None
            truth.jobs[job] = id
        return truth

    # --- kills ---

    def kill(self) -> None:
        kind = self.random.choices([*KINDS], [*KINDS.values()])[0]
        with contextlib.suppress(psutil.Error, ProcessLookupError, IndexError, StopIteration):
            self._kill(kind)
            self.report.kills[kind] += 1

    def _kill(self, kind: str) -> None:
        cluster, choice = self.cluster, self.random.choice
        if kind == "worker":
            os.kill(choice(cluster.worker_pids()), signal.SIGKILL)
        elif kind == "nanny":
            choice([n for n in cluster.nannies if n.poll() is None]).kill()
            self.soon(0.2, cluster.heal)
        elif kind == "scheduler":
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            self.soon(self.random.uniform(0.1, 1.0), cluster.heal)
        elif kind == "coordinator":
            assert self.coordinator is not None
            self.coordinator.kill()
            self.coordinator.wait()
            self.start_coordinator()
        elif kind == "child":
            os.kill(choice(sorted(cluster.children())), signal.SIGKILL)
        elif kind == "SIGTERM of a worker":
            choice([n for n in cluster.nannies if n.poll() is None]).terminate()
            self.soon(3.0, cluster.heal)
        elif kind == "SIGSTOP of a worker":
            pid = choice(cluster.worker_pids())
            os.kill(pid, signal.SIGSTOP)
            self.soon(self.random.uniform(0.2, 3.0), lambda: _wake(pid))
        elif kind == "cut wire":
            self.wire.cut()
            self.soon(self.random.uniform(0.1, 2.0), self.wire.mend)
        else:
            self.wire.silence()
            self.soon(self.random.uniform(0.1, 4.0), self.wire.mend)

    def soon(self, seconds: float, action: Callable[[], None]) -> None:
        self.later.append((time.monotonic() + seconds, action))

    def mend(self, *, all_of_it: bool = False) -> None:
        now = time.monotonic()
        due = [entry for entry in self.later if all_of_it or entry[0] <= now]
        self.later = [entry for entry in self.later if entry not in due]
        for _, action in due:
            action()

    # --- the whole ---

    def run(self) -> Report:
        began = time.monotonic()
        register_fault_extractor()
        with ResearchDatabase(self.path) as db:
            truth = self.fill(db)
            queue = QueueManager(db)
            self.start_coordinator()
            left = self.random.randint(2, 4)
            due = time.monotonic() + self.random.uniform(1.5, 5.0)
            deadline = time.monotonic() + _PATIENCE
            while time.monotonic() < deadline:
                self.mend()
                if left and time.monotonic() >= due:
                    left -= 1
                    due = time.monotonic() + self.random.uniform(0.2, 2.0)
                    self.kill()
                counts = _counts(queue)
                if not any(counts.get(s) for s in ("pending", "processing", "retry_pending")):
                    break
                self.check_coordinator(queue)
                time.sleep(0.03)
            else:
                self.report.violations.append(f"not finished: {_counts(queue)}\n{self.log()}")
            self.mend(all_of_it=True)
            self.end_coordinator()
            rows = db.store.rows("processing_jobs")
            if rows:
                self.report.violations.append(f"{len(rows)} jobs are being read by nobody")
            counts = _counts(queue)
            if counts.get("complete") != DOCUMENTS:
                self.report.violations.append(f"in the end: {counts}\n{self.log()}")
            self.report.attempts = sum(job["attempts"] for job in queue.get_recent_jobs(100))
        self.report.violations += violations(self.path, truth)
        self.wire.close()
        self.report.seconds = time.monotonic() - began
        return self.report

    def check_coordinator(self, queue: QueueManager) -> None:
        """Note a coordinator that has ended although not all is done, and start another one."""
        coordinator = self.coordinator
        if coordinator is None or coordinator.poll() is None:
            return
        if any(_counts(queue).get(state) for state in ("pending", "processing", "retry_pending")):
            self.report.violations.append(f"the coordinator ended with {coordinator.returncode}")
            self.start_coordinator()

    def end_coordinator(self) -> None:
        coordinator = self.coordinator
        assert coordinator is not None
        family = []
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(coordinator.pid).children(recursive=True)
        try:
            coordinator.wait(20)
        except subprocess.TimeoutExpired:
            self.report.violations.append(f"the coordinator does not end\n{self.log()}")
            coordinator.kill()
            coordinator.wait()
        until = time.monotonic() + 5
        while time.monotonic() < until and any(lives(each.pid) for each in family):
            time.sleep(0.02)
        orphans = [each.pid for each in family if lives(each.pid)]
        if orphans:
            self.report.violations.append(f"processes of the coordinator are left: {orphans}")

    def log(self) -> str:
        return (self.folder / "coordinator.log").read_text(errors="replace")[-3000:]


def _wake(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _counts(queue: QueueManager) -> dict[str, int]:
    try:
        return {str(state): count for state, count in queue.counts().items() if count}
    except DatabaseError:
        return {"pending": 1}


def run_schedule(seed: int, cluster: Cluster, folder: Path) -> Report:
    """Run one schedule on a cluster that is healed first."""
    cluster.heal()
    return _Schedule(seed, cluster, folder).run()
