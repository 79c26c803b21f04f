"""Half an hour of everything at once, to see whether anything grows or gets slower.

    python tests/endurance/soak.py [--minutes 30] [--write]

In a real kernel: a pool of 4 workers, a control panel, and a thread that reads frames and searches
as a notebook does. It is fed all the time with papers (PDF), texts, slow documents, broken ones,
and hostile ones: crashes, spins, leaks, bombs, processes left behind. This process watches from
outside, every five seconds: memory, threads and open files of the kernel, its children, the
write-ahead log; and inside it times how long a document of high priority waits until it is begun,
and how long the frames and a search take. They are the ones that need not look at all history.

The first tenth is for warming up. Printed is each figure's median in six windows of the rest.
Exit code 1 when the last window is worse than the first by more than the table allows, when a
process, a descriptor or a thread is left at the end, or when the file is not sound.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from evaluation.typeset import quick_paper

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "soak.md"
INTERVAL = 5.0
WINDOWS = 6
WORKERS = 4

SETUP = """
import gzip, random, sys, threading, time
from pathlib import Path
import psutil
from IPython.display import display
from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.testing import register_fault_extractor, write_fault
from reslib_widgets import ControlPanel
register_fault_extractor()
folder, papers = Path({folder!r}), sorted(Path({papers!r}).glob("*.pdf"))
db = ResearchDatabase(folder / "soak.db")
worker = ExtractionWorker(db, num_workers={workers}, max_retries=1, extraction_timeout=3,
                          memory_limit_mb=512, heartbeat_interval=2)
going, dice, made = True, random.Random({seed}), 0
waits, reads, searches, counts = [], [], [], {{}}
begun = {{}}

def started(job, worker_id):
    begun[job.id] = time.monotonic()
worker.on("job_started", started)

def document(kind):
    global made
    made += 1
    counts[kind] = counts.get(kind, 0) + 1
    name = f"{{made:07}}-{{kind}}"
    if kind == "paper":
        path = folder / f"{{name}}.pdf"
        path.write_bytes(dice.choice(papers).read_bytes())
    elif kind == "text":
        path = folder / f"{{name}}.txt"
        path.write_text(f"Note{{made}}. " + "Some words about tides and sediment. " * 400)
    elif kind == "cut":
        path = folder / f"{{name}}.pdf"
        whole = dice.choice(papers).read_bytes()
        path.write_bytes(whole[:dice.randrange(1000, len(whole))])
    elif kind == "bomb":
        path = folder / f"{{name}}.txt.gz"
        path.write_bytes(gzip.compress(bytes(200_000_000), 1) if made % 4 else b"\\x1f\\x8bnoise")
    else:
        lines = {{"slow": ["page a", "sleep 0.4", "page b"], "raises": ["raise no"],
                 "segfault": ["page a", "segfault"], "spins": ["spin"], "leaks": ["leak"],
                 "hangs": ["page a", "sleep 60"], "forks": ["fork", "page a"],
                 "prints": ["print 2", "page a"], "exits": ["exit 3"]}}[kind]
        path = write_fault(folder, f"{{name}}.fault", *lines)
    return path

KINDS = {{"paper": 30, "text": 40, "cut": 6, "slow": 10, "raises": 3, "segfault": 2, "spins": 1,
         "leaks": 1, "hangs": 1, "forks": 2, "prints": 2, "exits": 2, "bomb": 2}}

def feed():
    while going:
        if sum(n for s, n in worker.queue.counts().items() if not s.is_final) < 40:
            paths = [document(k) for k in dice.choices(list(KINDS), KINDS.values(), k=20)]
            worker.enqueue_batch([db.add_attachment(p.name, p) for p in paths])
        probe = folder / f"probe-{{made}}-{{len(waits)}}.txt"
        probe.write_text("a document that is in a hurry")
        attachment = db.add_attachment(probe.name, probe)
        asked = time.monotonic()
        job = worker.enqueue(attachment, priority=100)
        while going and job not in begun:
            time.sleep(0.002)
        if job in begun:
            waits.append((time.monotonic(), begun[job] - asked))
        begun.clear()
        time.sleep(1)

def read():
    while going:
        began = time.perf_counter()
        worker.get_status(); frames.queue_stats(db); frames.workers(db)
        frames.throughput(db, freq="10s"); frames.failed_jobs(db, limit=50)
        between = time.perf_counter()
        db.search(f"note{{dice.randrange(made + 1)}}")
        ended = time.perf_counter()
        reads.append((time.monotonic(), between - began))
        searches.append((time.monotonic(), ended - between))
        time.sleep(1)

panel = ControlPanel(worker)
display(panel)
worker.start()
threads = [threading.Thread(target=f, daemon=True) for f in (feed, read)]
[thread.start() for thread in threads]
print("running")
"""

END = """
going = False
[thread.join(30) for thread in threads]
worker.stop(timeout=10)
panel.close()
time.sleep(1)
me = psutil.Process()
print(repr({
    "children": len(me.children(recursive=True)),
    "threads": sorted(t.name for t in threading.enumerate() if "reslib" in t.name),
    "kinds": counts, "waits": waits, "reads": reads, "searches": searches, "made": made,
}))
"""


@dataclass(frozen=True)
class Figure:
    """One thing that must stay flat."""

    name: str
    unit: str
    #: Of the median in the first window; and what may be added whatever that is.
    factor: float
    slack: float


FIGURES = (
    Figure("memory of the kernel", "MB", 1.10, 8),
    Figure("memory of its children", "MB", 1.25, 100),
    Figure("open files of the kernel", "", 1.0, 12),
    Figure("threads of the kernel", "", 1.0, 3),
    Figure("children", "", 1.0, 4),
    Figure("write-ahead log", "MB", 1.5, 8),
    Figure("a document of high priority waits", "ms", 1.5, 500),
    Figure("status and four frames take", "ms", 1.5, 40),
    Figure("a search for one document takes", "ms", 1.5, 20),
)


class Kernel:
    """A kernel that runs cells."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> str:
        """Run a cell and return what it printed."""
        printed: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))

        self.client.execute_interactive(code, output_hook=hook, timeout=120)
        return "".join(printed)

    def value(self, expression: str) -> Any:
        """Return the value of an expression."""
        return ast.literal_eval(self.run(f"print(repr({expression}))"))


def sample(kernel: psutil.Process, wal: Path) -> dict[str, float]:
    """Look at the kernel from outside."""
    children, resident = 0, 0.0
    for child in kernel.children(recursive=True):
        try:
            resident += child.memory_info().rss / 2**20
            children += 1
        except psutil.NoSuchProcess:
            continue
    return {
        "memory of the kernel": kernel.memory_info().rss / 2**20,
        "memory of its children": resident,
        "open files of the kernel": kernel.num_fds(),
        "threads of the kernel": kernel.num_threads(),
        "children": children,
        "write-ahead log": wal.stat().st_size / 2**20 if wal.exists() else 0.0,
    }


def windows(values: Sequence[tuple[float, float]], begin: float, end: float) -> list[float]:
    """Return the medians of equal parts of the time between *begin* and *end*."""
    length = (end - begin) / WINDOWS
    parts: list[list[float]] = [[] for _ in range(WINDOWS)]
    for moment, value in values:
        if begin <= moment < end:
            parts[min(int((moment - begin) / length), WINDOWS - 1)].append(value)
    return [statistics.median(part) if part else float("nan") for part in parts]


def run(folder: Path, minutes: float, seed: int) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Run the kernel for that long; return samples by figure, and what it said at its end."""
    papers = folder / "papers"
    papers.mkdir()
    for n in range(20):
        quick_paper(papers / f"{n:02}.pdf", seed=n, pages=2 + n % 5)
    work = folder / "work"
    work.mkdir()
    manager, client = start_new_kernel(kernel_name="python3")
    iopub = manager.connect_iopub()
    samples: dict[str, list[Any]] = {figure.name: [] for figure in FIGURES}
    try:
        one = Kernel(client)
        setup = SETUP.format(folder=str(work), papers=str(papers), workers=WORKERS, seed=seed)
        print(one.run(setup), end="", flush=True)
        kernel = psutil.Process(one.value("__import__('os').getpid()"))
        began = time.monotonic()
        while time.monotonic() - began < 60 * minutes:
            time.sleep(INTERVAL)
            now = time.monotonic()
            for name, value in sample(kernel, work / "soak.db-wal").items():
                samples[name].append((now, value))
            while iopub.poll(0):  # a browser would take them
                iopub.recv_multipart()
        said: dict[str, Any] = ast.literal_eval(one.run(END).strip().splitlines()[-1])
    finally:
        iopub.close(linger=0)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    samples["a document of high priority waits"] = [(t, s * 1000) for t, s in said["waits"]]
    samples["status and four frames take"] = [(t, s * 1000) for t, s in said["reads"]]
    samples["a search for one document takes"] = [(t, s * 1000) for t, s in said["searches"]]
    return samples, said


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reslib-soak-") as temporary:
        folder = Path(temporary)
        samples, said = run(folder, arguments.minutes, arguments.seed)
        with closing(sqlite3.connect(folder / "work" / "soak.db")) as db:
            states = dict(db.execute("SELECT status, count(*) FROM extraction_queue GROUP BY 1"))
            attempts = dict(
                db.execute(
                    "SELECT coalesce(error_code, outcome), count(*) FROM extraction_metrics "
                    "GROUP BY 1"
                )
            )
            sound = db.execute("PRAGMA integrity_check").fetchone()[0]
        size = (folder / "work" / "soak.db").stat().st_size / 2**20

    moments = [moment for moment, _ in samples["children"]]
    begin = moments[0] + (moments[-1] - moments[0]) / 10
    end = moments[-1] + INTERVAL
    bad: list[str] = []
    table = [
        "| median in each window | " + " | ".join(str(n + 1) for n in range(WINDOWS))
        + " | largest |",
        "|---|" + "---:|" * (WINDOWS + 1),
    ]  # fmt: skip
    for figure in FIGURES:
        medians = windows(samples[figure.name], begin, end)
        largest = max(value for moment, value in samples[figure.name] if moment >= begin)
        unit = f", {figure.unit}" * bool(figure.unit)
        cells = " | ".join(f"{value:,.0f}" for value in (*medians, largest))
        table.append(f"| {figure.name}{unit} | {cells} |")
        if not medians[-1] <= medians[0] * figure.factor + figure.slack:
            bad.append(f"{figure.name} grew from {medians[0]:.0f} to {medians[-1]:.0f}")
    if said["children"] or said["threads"]:
        bad.append(f"left at the end: {said['children']} processes, threads {said['threads']}")
    if sound != "ok":
        bad.append(f"the file is not sound: {sound}")
    unfinished = {s: n for s, n in states.items() if s in ("processing",)}
    if unfinished:
        bad.append(f"jobs are left {unfinished}")
    lines = [
        f"{arguments.minutes:g} minutes, {WORKERS} workers, {said['made']:,} documents and "
        f"{len(said['waits']):,} in a hurry, {sum(attempts.values()):,} attempts; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}. The database had {size:,.0f} MB in the end.",
        "",
        "Documents: "
        + ", ".join(f"{n:,} {kind}" for kind, n in sorted(said["kinds"].items()))
        + ".",
        "",
        "Attempts: " + ", ".join(f"{n:,} {what}" for what, n in sorted(attempts.items())) + ".",
        "",
        *table,
        "",
        "**"
        + ("Everything stayed flat, and nothing was left." if not bad else "; ".join(bad))
        + "**",
    ]
    print("\n".join(lines))
    if arguments.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(
            "# Soak\n\n`python tests/endurance/soak.py`, last recorded run.\n\n"
            + "\n".join(lines)
            + "\n",
            encoding="utf-8",
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
