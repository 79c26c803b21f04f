"""Table 5 of ``make bench``: how soon things happen, and what a pool costs that waits or goes on.

    python benchmarks/footprint.py

What a person waits for (``latency.py`` has the same promises one by one), what an idle pool takes,
what importing reslib takes, and whether the parent grows while 100,000 jobs pass.
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
from pathlib import Path

import psutil

from benchmarks.latency import DEADLINE, Pool, cancel, overshoot, start_elsewhere, start_here
from benchmarks.measure import QUICK, Report, Table, Target, save
from benchmarks.memory import family_cpu
from evaluation.typeset import quick_paper
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor

TIMES = 10 if QUICK else 50
KILLS = 2 if QUICK else 5
IMPORTS = 3 if QUICK else 15
PAPERS = 5 if QUICK else 30
JOBS = 3_000 if QUICK else 100_000
IDLE_SECONDS = 3 if QUICK else 20
WORKERS = 2
PATIENCE = 1200.0
#: Modules that must not come with ``import reslib``.
HEAVY = (
    "pandas",
    "numpy",
    "matplotlib",
    "pypdfium2",
    "pdfplumber",
    "pdfminer",
    "pypdf",
    "docx",
    "lxml",
    "IPython",
    "ipywidgets",
)
IMPORT = """
import json, sys, time
began = time.perf_counter()
{}
took = time.perf_counter() - began
print(json.dumps([took, sorted({{m.split(".")[0] for m in sys.modules}})]))
"""


def milliseconds(values: list[float]) -> list[str]:
    """Return how often, the median and the worst."""
    return [
        str(len(values)),
        f"{statistics.median(values) * 1000:.1f}",
        f"{max(values) * 1000:.1f}",
    ]


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
    report.add(
        Table(
            "Milliseconds until something happens",
            ["what", "times", "median", "worst"],
            [[what, *milliseconds(values)] for what, values, _ in found],
        )
    )
    for what, values, target in found:
        median = statistics.median(values)
        report.targets.append(
            Target(
                what,
                f"median under {target * 1000:.0f} ms",
                f"{median * 1000:.1f} ms, worst {max(values) * 1000:.1f} ms",
                median < target,
            )
        )


def ten_pages(report: Report) -> None:
    """Add what a person waits for a paper in a warm pool, beside PDFium called directly."""
    import pypdfium2

    def direct(path: Path) -> float:
        began = time.perf_counter()
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text_page = page.get_textpage()
            text_page.get_text_bounded()
            text_page.close()
            page.close()
        document.close()
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
    report.add(
        Table(
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
    report.add(
        Table(
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
    )
    report.targets.append(Target("idle pool", "under 1 % of a core", f"{share:.2%}", share < 0.01))


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
    heavy = sorted(set(HEAVY) & modules)
    report.add(
        Table(
            "Importing, milliseconds",
            ["statement", "times", "median", "worst"],
            [[f"`{name}`", *milliseconds(values)] for name, values in times.items()],
            "A new interpreter each time, without its own start; modules are compiled, as after an "
            "installation.",
        )
    )
    median = statistics.median(times["import reslib"])
    report.targets.append(
        Target("import reslib", "under 100 ms", f"{median * 1000:.0f} ms", median < 0.1)
    )
    report.targets.append(
        Target(
            "what it brings along",
            "no pandas, matplotlib or PDF library",
            ", ".join(heavy) or "none of them",
            not heavy,
        )
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
    report.add(
        Table(
            f"The parent while {JOBS:,} short texts pass, MB resident",
            ["after jobs", *(f"{mark:,}" for mark in sorted(sizes))],
            [["memory", *(f"{sizes[mark]:.0f}" for mark in sorted(sizes))]],
            f"{JOBS / seconds:,.0f} documents a second with {WORKERS} workers; "
            f"the write-ahead log had {log:.0f} MB in the end.",
        )
    )
    report.targets.append(
        Target(
            f"parent after {JOBS:,} jobs by after {JOBS // 10:,}",
            "1.1 at most",
            f"{last / first:.2f}",
            last / first <= 1.1,
        )
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
