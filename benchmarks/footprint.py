"""Table 5 of ``make bench``: how soon things happen, and what a pool costs that waits or goes on.

    python benchmarks/footprint.py

What a person waits for, what an idle pool takes, what importing reslib takes, and whether the
parent grows while 100,000 jobs pass.
"""

from __future__ import annotations

import json
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

from benchmarks.measure import QUICK, Report, save
from evaluation.readers import read_pypdfium2
from evaluation.typeset import quick_paper
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor, write_fault

TIMES = 10 if QUICK else 50
KILLS = 2 if QUICK else 5
IMPORTS = 3 if QUICK else 15
PAPERS = 5 if QUICK else 30
JOBS = 3_000 if QUICK else 100_000
IDLE_SECONDS = 3 if QUICK else 20
WORKERS = 2
PATIENCE = 1200.0
#: Modules that must not come with ``import reslib``.
HEAVY = {"pandas", "numpy", "matplotlib", "IPython", "ipywidgets"}
HEAVY |= {"pypdfium2", "pdfplumber", "pdfminer", "pypdf", "docx", "lxml"}
IMPORT = """
import json, sys, time
began = time.perf_counter()
{}
took = time.perf_counter() - began
print(json.dumps([took, sorted({{m.split(".")[0] for m in sys.modules}})]))
"""
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
        children, spinning = psutil.Process().children(), []
        while not spinning:  # which gets its turn late on a busy machine
            spinning = [child for child in children if child.cpu_percent(0.2) > 10]
        began = time.time()
        assert pool.worker.cancel(job)
        spinning[0].wait(WAIT)
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


def family_cpu(me: psutil.Process) -> float:
    """Return the processor seconds of this process and its children."""
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(t.user + t.system for t in times)


def milliseconds(values: list[float]) -> list[str]:
    """Return how often, the median and the worst."""
    worst = max(values) * 1000
    return [str(len(values)), f"{statistics.median(values) * 1000:.1f}", f"{worst:.1f}"]


def latencies(report: Report) -> None:
    """Add how soon a job starts, and how soon one is gone that must end."""
    found: list[tuple[str, list[float], float]] = []
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), num_workers=WORKERS, poll_interval=1.0)
        with pool.worker:
            found.append(("from enqueue to start, same process", start_here(pool, TIMES), 0.020))
            found.append(
                ("from enqueue to start, another process", start_elsewhere(pool, TIMES), 0.200)
            )
            found.append(("from cancel until its process is gone", cancel(pool, KILLS), 1.0))
        pool.db.close()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), num_workers=1, extraction_timeout=DEADLINE)
        with pool.worker:
            for what, name, instructions in (
                ("a Python sleep", ".fault", ["sleep 60"]),
                ("a spin in C", "-c.fault", ["spin"]),
                ("one that ignores SIGTERM", "-i.fault", ["ignore SIGTERM", "sleep 60"]),
            ):
                late = overshoot(pool, KILLS, name, *instructions)
                found.append((f"from deadline until {what} is gone", late, 1.0))
        pool.db.close()
    report.table(
        "Milliseconds until something happens",
        ["what", "times", "median", "worst"],
        [[what, *milliseconds(values)] for what, values, _ in found],
    )
    for what, values, target in found:
        median = statistics.median(values)
        report.expect(
            what,
            f"median under {target * 1000:.0f} ms",
            f"{median * 1000:.1f} ms, worst {max(values) * 1000:.1f} ms",
            median < target,
        )


def ten_pages(report: Report) -> None:
    """Add what a person waits for a paper in a warm pool, beside PDFium called directly."""

    def direct(path: Path) -> float:
        began = time.perf_counter()
        read_pypdfium2(str(path))
        return time.perf_counter() - began

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        papers = [folder / f"{n}.pdf" for n in range(PAPERS + 4)]
        for n, path in enumerate(papers):
            quick_paper(path, seed=n, pages=10)
        through, alone, extractor = [], [], []
        stored: queue.Queue[float] = queue.Queue()
        with ResearchDatabase(folder / "papers.db") as db:
            with ExtractionWorker(db, num_workers=WORKERS) as worker:
                worker.enqueue_batch([db.add_attachment(p.name, p) for p in papers[PAPERS:]])
                assert worker.wait(60)
                worker.on("job_completed", lambda *_: stored.put(time.perf_counter()))
                direct(papers[-1])
                for path in papers[:PAPERS]:
                    attachment = db.add_attachment(path.name, path)
                    began = time.perf_counter()
                    worker.enqueue(attachment)
                    through.append(stored.get(timeout=60) - began)
                    alone.append(direct(path))
            rows = db.store.rows("frame_metrics", {"since": "", "limit": PAPERS})
            extractor = [row["extraction_time_ms"] / 1000 for row in rows]
    report.table(
        "A paper of 10 pages, milliseconds",
        ["way", "times", "median", "worst"],
        [
            ["from enqueue until the text is stored, warm pool", *milliseconds(through)],
            ["of which in the child", *milliseconds(extractor)],
            ["pypdfium2 called directly, its text thrown away", *milliseconds(alone)],
        ],
        "reslib's extractor also reads columns, joins hyphens and judges its text; "
        "the rest is the way into the child and back, the transaction and the search index.",
    )
    report.figures["ten_pages_ms"] = statistics.median(through) * 1000


def idle(report: Report) -> None:
    """Add what a pool takes that has nothing to do."""
    me = psutil.Process()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ResearchDatabase(folder / "idle.db") as db:
            alone = me.memory_info().rss / 2**20
            with ExtractionWorker(db, num_workers=WORKERS) as worker:
                for n in range(4):
                    path = folder / f"{n}.pdf"
                    quick_paper(path, seed=n, pages=3)
                    worker.enqueue(db.add_attachment(path.name, path))
                assert worker.wait(60)
                began, cpu = time.perf_counter(), family_cpu(me)
                time.sleep(IDLE_SECONDS)
                share = (family_cpu(me) - cpu) / (time.perf_counter() - began)
                parent = me.memory_info().rss / 2**20
                children = [c.memory_info() for c in me.children(recursive=True)]
                resident = sum(c.rss for c in children) / 2**20
    report.table(
        f"A pool of {WORKERS} workers that waits",
        ["what", "figure"],
        [
            ["processor, parent and children", f"{share:.2%} of a core"],
            ["parent before the pool", f"{alone:.0f} MB"],
            ["parent with the pool", f"{parent:.0f} MB"],
            [f"{len(children)} children", f"{resident:.0f} MB"],
        ],
        "Resident memory; what children share with each other is counted for each.",
    )
    report.expect("idle pool", "under 1 % of a core", f"{share:.2%}", share < 0.01)


def imports(report: Report) -> None:
    """Add what ``import reslib`` takes, in processes of their own."""
    times: dict[str, list[float]] = {"import reslib": [], "import sqlite3, psutil": []}
    modules: set[str] = set()
    with tempfile.TemporaryDirectory() as compiled:
        # As an installation leaves it, whatever this environment says of compiled modules.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(IMPORTS + 1):
            for statement, found in times.items():
                answer = subprocess.run(
                    [sys.executable, "-c", IMPORT.format(statement)],
                    capture_output=True,
                    check=True,
                    timeout=60,
                    env=environment,
                )
                took, loaded = json.loads(answer.stdout)
                if number:  # the first one compiles
                    found.append(took)
                if statement == "import reslib":
                    modules |= set(loaded)
    heavy = sorted(HEAVY & modules)
    report.table(
        "Importing, milliseconds",
        ["statement", "times", "median", "worst"],
        [[f"`{name}`", *milliseconds(values)] for name, values in times.items()],
        "A new interpreter each time, without its own start; modules are compiled, as after an "
        "installation.",
    )
    median = statistics.median(times["import reslib"])
    report.expect("import reslib", "under 100 ms", f"{median * 1000:.0f} ms", median < 0.1)
    report.expect(
        "what it brings along",
        "no pandas, matplotlib or PDF library",
        ", ".join(heavy) or "none of them",
        not heavy,
    )


def long_run(report: Report) -> None:
    """Add the memory of the parent while many jobs pass."""
    me = psutil.Process()
    marks = {JOBS * part // 10 for part in range(1, 11)}
    sizes: dict[int, float] = {}
    done = 0

    def note(*_: object) -> None:
        nonlocal done
        done += 1
        if done in marks:
            sizes[done] = me.memory_info().rss / 2**20

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ResearchDatabase(folder / "long.db") as db:
            ids = []
            for n in range(JOBS):
                path = folder / f"{n}.txt"
                path.write_text(f"Note {n} says that the tide was high.\n")
                ids.append(db.add_attachment(path.name, path))
            worker = ExtractionWorker(db, num_workers=WORKERS)
            worker.on("job_completed", note)
            worker.enqueue_batch(ids)
            began = time.perf_counter()
            with worker:
                assert worker.wait(PATIENCE)
            seconds = time.perf_counter() - began
            wal = Path(f"{db.path}-wal")
            log = wal.stat().st_size / 2**20 if wal.exists() else 0.0
    assert done == JOBS, done
    first, last = sizes[JOBS // 10], sizes[JOBS]
    report.table(
        f"The parent while {JOBS:,} short texts pass, MB resident",
        ["after jobs", *(f"{mark:,}" for mark in sorted(sizes))],
        [["memory", *(f"{sizes[mark]:.0f}" for mark in sorted(sizes))]],
        f"{JOBS / seconds:,.0f} documents a second with {WORKERS} workers; "
        f"the write-ahead log had {log:.0f} MB in the end.",
    )
    report.expect(
        f"parent after {JOBS:,} jobs by after {JOBS // 10:,}",
        "1.1 at most",
        f"{last / first:.2f}",
        last / first <= 1.1,
    )
    report.figures["short_texts_per_second"] = JOBS / seconds


def main() -> int:
    """Measure, print, keep."""
    register_fault_extractor()
    report = Report(
        name="footprint",
        title="Latency and footprint",
        how=(
            f"A pool of {WORKERS} workers, its children started before anything is measured. "
            "Documents of reslib.testing that sleep, spin or ignore signals stand for those that "
            f"must be ended; their deadline is {DEADLINE:g} s. What is over target on a busy "
            "machine is the worst case; the median decides."
        ),
        packages=["pypdfium2"],
    )
    imports(report)
    idle(report)
    latencies(report)
    ten_pages(report)
    long_run(report)
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main())
