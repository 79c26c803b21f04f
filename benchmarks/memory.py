"""What a pool costs that runs for a long time: memory of the parent, its children, an idle pool.

    python benchmarks/memory.py [DOCUMENTS]

One pool extracts 2,000 documents, half of them PDFs. Printed is the resident memory of this
process on the way, and how many child processes there were: they are replaced, so that what a
library leaks goes with them. Then the idle pool is watched for 20 seconds. Exit code 1 when the
parent has grown by more than 10 % since document 200, when no child was replaced, or when the
idle pool, children included, took 1 % of a core.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

import psutil

from evaluation.typeset import quick_paper
from reslib import ExtractionWorker, ResearchDatabase
from reslib.models import ExtractionResult, Job

FIRST = 200
GROWTH = 1.10
IDLE_SECONDS = 20
IDLE_SHARE = 0.01
WORKERS = 2


def make_documents(folder: Path, count: int) -> list[Path]:
    """Write PDFs of three pages and texts, in turn."""
    paths = []
    for n in range(count):
        path = folder / f"{n:05}{'.pdf' if n % 2 else '.txt'}"
        if n % 2:
            quick_paper(path, seed=n, pages=3)
        else:
            path.write_text(f"Note {n}. " + "Some words about a paper. " * 400, "utf-8")
        paths.append(path)
    return paths


def family_cpu(me: psutil.Process) -> float:
    """Return the processor seconds of this process and its children."""
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def main() -> int:
    """Measure, print, and return the exit code."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    me = psutil.Process()
    sizes: dict[int, float] = {}
    children: set[int] = set()
    number = itertools.count(1)

    def note(job: Job, result: ExtractionResult) -> None:
        children.update(child.pid for child in me.children())
        done = next(number)
        sizes[done] = me.memory_info().rss / (1 << 20)
        if done == FIRST or done % 400 == 0:
            print(f"{done:10} {sizes[done]:12.1f} MB {len(children):9}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "papers").mkdir()
        documents = make_documents(folder / "papers", count)
        with ResearchDatabase(folder / "memory.db") as db:
            ids = [db.add_attachment(path.name, path) for path in documents]
            print(f"{'documents':>10} {'parent':>15} {'children':>9}")
            with ExtractionWorker(db, num_workers=WORKERS) as worker:
                worker.on("job_completed", note)
                worker.enqueue_batch(ids)
                assert worker.wait(1800)
                before, began = family_cpu(me), time.monotonic()
                time.sleep(IDLE_SECONDS)
                idle = (family_cpu(me) - before) / (time.monotonic() - began)
    growth = sizes[len(sizes)] / sizes[FIRST]
    print(f"parent at the end: {growth:.3f} times its size after {FIRST}; at most {GROWTH}")
    print(f"children: {len(children)} for {WORKERS} workers")
    print(f"idle pool of {WORKERS}: {idle:.2%} of a core; below {IDLE_SHARE:.0%}")
    return int(growth > GROWTH or len(children) <= WORKERS or idle >= IDLE_SHARE)


if __name__ == "__main__":
    raise SystemExit(main())
