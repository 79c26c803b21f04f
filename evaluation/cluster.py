"""The price of a cluster: side by side with the local pool, and how far one coordinator goes.

    python evaluation/cluster.py [--rounds N] [--write]

Measures both pools in turns on the same documents, with a scheduler and two workers of one thread
on this machine; takes from that what a document costs the coordinator and the scheduler, and has a
simulation say how many documents a second that makes with many workers.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import os
import random
import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from evaluation.typeset import quick_paper
from reslib import ExtractionWorker, ResearchDatabase
from reslib.engines import DaskEngine, Engine, LocalEngine
from reslib.testing import register_fault_extractor, wait_until, write_fault

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "cluster.md"
WORKERS = 2
#: Seconds in which nothing is read.
IDLE = 2.0
_GO = "import sys; from distributed.cli.dask_{0} import main; sys.exit(main())"


class Cluster:
    """A scheduler and two workers, each a process whose time can be read."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address, self._folder = f"tcp://127.0.0.1:{port}", folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(port))
        options = ["--nthreads", "1", "--memory-limit", "0", "--local-directory", str(folder)]
        self._all = [self.scheduler]
        self._all += [self._start("worker", self.address, *options) for _ in range(WORKERS)]

    def _start(self, kind: str, *options: str) -> psutil.Popen:
        settings = {
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        }
        with (self._folder / f"{kind}.log").open("ab") as log:
            return psutil.Popen(
                [sys.executable, "-c", _GO.format(kind), *options, "--no-dashboard"],
                env={
                    **os.environ,
                    **settings,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                },
                stdout=log,
                stderr=log,
            )

    def scheduler_seconds(self) -> float:
        """Return the processor time that the scheduler has used."""
        times = self.scheduler.cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        for process in reversed(self._all):
            with contextlib.suppress(psutil.Error):
                for child in process.children(recursive=True):
                    child.kill()
                process.kill()
            process.wait()


# --- documents ------------------------------------------------------------------------------------


def papers(folder: Path, count: int) -> None:
    """Write papers of ten pages."""
    for number in range(count):
        quick_paper(folder / f"{number}.pdf", number, pages=10)


def notes(folder: Path, count: int) -> None:
    """Write texts of 500 bytes."""
    for number in range(count):
        (folder / f"{number}.txt").write_text(f"note {number}: " + "some words of it " * 29)


def seconds(folder: Path, count: int) -> None:
    """Write documents that take a second."""
    for number in range(count):
        write_fault(folder, f"{number}.fault", f"page number {number}", "sleep 1")


KINDS: Mapping[str, tuple[Callable[[Path, int], None], int]] = {
    "documents of 1 s": (seconds, 24),
    "papers of 10 pages": (papers, 80),
    "texts of 500 bytes": (notes, 800),
}


# --- measuring ------------------------------------------------------------------------------------


@dataclass
class Spent:
    """What one run took: by the clock, of the coordinator, and of the scheduler."""

    wall: list[float] = field(default_factory=list)
    coordinator: list[float] = field(default_factory=list)
    scheduler: list[float] = field(default_factory=list)


def own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def pool(db: ResearchDatabase, engine: Engine) -> Iterator[ExtractionWorker]:
    """Give a pool that is warm: a document has been read by each of its workers."""
    number = WORKERS if isinstance(engine, LocalEngine) else None
    with ExtractionWorker(db, num_workers=number, engine=engine) as worker:
        if number is None:
            wait_until(lambda: (worker.get_status()["cluster"] or {}).get("threads") == WORKERS, 60)
        yield worker


def run(engine: Engine, folder: Path, place: Path, cluster: Cluster | None, into: Spent) -> None:
    """Read a folder once; the first documents warm the pool and are not counted."""
    with ResearchDatabase(place) as db, pool(db, engine) as worker:
        ids = db.add_folder(folder)
        warm = max(2 * WORKERS, len(ids) // 10)
        worker.enqueue_batch(ids[:warm])
        assert worker.wait(timeout=600)

        def theirs() -> float:
            return cluster.scheduler_seconds() if cluster else 0.0

        # What both use without any document is not what a document costs.
        own, far = own_seconds(), theirs()
        time.sleep(IDLE)
        idle_own, idle_far = (own_seconds() - own) / IDLE, (theirs() - far) / IDLE
        own, far, began = own_seconds(), theirs(), time.perf_counter()
        worker.enqueue_batch(ids[warm:])
        assert worker.wait(timeout=600)
        count, took = len(ids) - warm, time.perf_counter() - began
        into.wall.append(took / count)
        into.coordinator.append(max(0.0, own_seconds() - own - idle_own * took) / count)
        into.scheduler.append(max(0.0, theirs() - far - idle_far * took) / count)
        assert worker.queue.counts()["complete"] == len(ids)


def ends(cluster: Cluster, place: Path) -> dict[str, list[float]]:
    """Return the seconds from a cancel to the end of the child, and from the death of a worker
    until that is known.
    """
    found: dict[str, list[float]] = {"cancelled": [], "dead": [], "gone": []}
    begun: list[Mapping[str, Any]] = []

    class Listening(DaskEngine):
        def _hear(self, event: Mapping[str, Any]) -> None:
            super()._hear(event)
            if event.get("what") == "started":
                begun.append(event)

    engine = Listening(cluster.address)
    with ResearchDatabase(place / "ends.db") as db, pool(db, engine) as worker:
        heard = threading.Event()
        worker.on("job_retrying", lambda job, error: heard.set())
        for number in range(10):
            path = write_fault(place, f"slow{number}.fault", "page x", "sleep 600")
            job = worker.enqueue(db.add_attachment(path.name, path))
            assert job is not None
            wait_until(lambda: bool(begun), 60)
            event = begun.pop()
            child, began = psutil.Process(event["child"]), time.perf_counter()
            if number < 7:
                worker.cancel(job)
                child.wait(30)
                found["cancelled"].append(time.perf_counter() - began)
                continue
            heard.clear()
            psutil.Process(event["pid"]).kill()
            began = time.perf_counter()
            assert heard.wait(30)
            found["dead"].append(time.perf_counter() - began)
            child.wait(30)
            found["gone"].append(time.perf_counter() - began)
            worker.cancel(job)
            assert worker.wait(timeout=60)
            begun.clear()  # it may have been begun again before it was cancelled
            wait_until(lambda: worker.get_status()["cluster"]["threads"] == WORKERS, 60)
    return found


def memory(cluster: Cluster, place: Path) -> tuple[float, float]:
    """Return the memory of a coordinator before and with ten thousand jobs, in MB."""
    folder = place / "many"
    folder.mkdir()
    notes(folder, 10_000)
    process = psutil.Process()
    with ResearchDatabase(place / "many.db") as db:
        ids = db.add_folder(folder)
        with pool(db, DaskEngine(cluster.address)) as worker:
            before = process.memory_info().rss
            worker.enqueue_batch(ids)
            most = 0
            until = time.monotonic() + 20
            while time.monotonic() < until and not worker.wait(timeout=0.2):
                most = max(most, process.memory_info().rss)
    return before / 2**20, most / 2**20


# --- the simulation -------------------------------------------------------------------------------


def simulate(workers: int, document: float, own: float, scheduler: float, batch: int = 1) -> float:
    """Return documents a second, of a closed network of queues.

    Each worker reads a task; then the scheduler passes its answer on, the coordinator stores it and
    sends the next, and the scheduler passes that on. The two serve one after the other.
    """
    chance = random.Random(1)
    task, lasts = document * batch, max(60.0, 30 * document * batch)
    events: list[tuple[float, int, str]] = []
    free = {"scheduler": 0.0, "coordinator": 0.0}
    done = number = 0

    def push(when: float, what: str) -> None:
        nonlocal number
        number += 1
        heapq.heappush(events, (when, number, what))

    def serve(who: str, now: float, takes: float) -> float:
        free[who] = max(free[who], now) + takes
        return free[who]

    for _ in range(workers):
        push(chance.random() * task, "read")
    while events:
        now, _, what = heapq.heappop(events)
        if now > lasts:
            break
        if what == "read":
            push(serve("scheduler", now, scheduler * batch / 2), "answered")
        elif what == "answered":
            push(serve("coordinator", now, own * batch), "stored")
        elif what == "stored":
            if now > 0.3 * lasts:
                done += batch
            push(serve("scheduler", now, scheduler * batch / 2), "sent")
        else:
            push(now + task * chance.uniform(0.7, 1.3), "read")
        if number > 400_000:
            lasts = now
    return done / (0.7 * lasts)


def saturation(costs: Mapping[str, tuple[float, float, int]]) -> list[str]:
    """Return a table: workers, and documents a second with its share of the ideal."""
    columns = [(10.0, "single"), (1.0, "single"), (0.1, "single"), (0.1, "batch")]
    heads = [f"{document:g} s, {costs[kind][2]} a task" for document, kind in columns]
    lines = [f"| threads | {' | '.join(heads)} |", "|---:|" + "---:|" * len(columns)]
    for workers in (8, 32, 100, 200, 300, 1000, 2000, 3000):
        cells = []
        for document, kind in columns:
            rate = simulate(workers, document, *costs[kind])
            cells.append(f"{rate:,.1f} ({min(1.0, rate * document / workers):.0%})")
        lines.append(f"| {workers:,} | {' | '.join(cells)} |")
    return lines


# --- the report -----------------------------------------------------------------------------------


def middle(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def measure(rounds: int) -> list[str]:
    """Return the lines of the report."""
    spent = {(kind, where): Spent() for kind in KINDS for where in ("local", "cluster")}
    with tempfile.TemporaryDirectory(prefix="reslib-price-") as name:
        place = Path(name)
        for kind, (write, count) in KINDS.items():
            (place / kind).mkdir()
            write(place / kind, count)
        cluster = Cluster(place)
        try:
            for turn in range(rounds):
                for kind in KINDS:
                    engine = DaskEngine(cluster.address)
                    run(
                        LocalEngine(),
                        place / kind,
                        place / f"{kind}{turn}l.db",
                        None,
                        spent[kind, "local"],
                    )
                    run(
                        engine,
                        place / kind,
                        place / f"{kind}{turn}c.db",
                        cluster,
                        spent[kind, "cluster"],
                    )
                    pair = [middle(spent[kind, where].wall) for where in ("local", "cluster")]
                    print(f"{kind}: {pair[0] * 1000:.1f} and {pair[1] * 1000:.1f} ms", flush=True)
            times = ends(cluster, place)
            before, most = memory(cluster, place)
        finally:
            cluster.close()
    lines = [
        f"Two workers each, {rounds} rounds by turns, medians; {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} at the end. Milliseconds a document; of coordinator and "
        "scheduler processor time, less what they use without documents.",
        "",
        "| | local | cluster | cluster / local | coordinator, local | coordinator | scheduler |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in KINDS:
        local, far = spent[kind, "local"], spent[kind, "cluster"]
        ratio = middle([f / n for f, n in zip(far.wall, local.wall, strict=True)])
        cells = [middle(each) * 1000 for each in (local.wall, far.wall)]
        more = [middle(each) * 1000 for each in (local.coordinator, far.coordinator, far.scheduler)]
        lines.append(
            f"| {kind} | {cells[0]:.1f} | {cells[1]:.1f} | {ratio:.2f} | "
            + " | ".join(f"{each:.2f}" for each in more)
            + " |"
        )
    paper, note = (spent[kind, "cluster"] for kind in ("papers of 10 pages", "texts of 500 bytes"))
    costs = {
        "single": (middle(paper.coordinator), middle(paper.scheduler), 1),
        "batch": (middle(note.coordinator), middle(note.scheduler), 16),
    }
    return [
        *lines,
        "",
        f"From a cancel to the end of the child: {middle(times['cancelled']) * 1000:.0f} ms, at "
        f"most {max(times['cancelled']) * 1000:.0f} of {len(times['cancelled'])}. From the death "
        f"of a worker until the coordinator has it stored: at most "
        f"{max(times['dead']) * 1000:.0f} ms of {len(times['dead'])}. Memory of the coordinator: "
        f"{before:.0f} MB, with 10,000 jobs while they are done {most:.0f} MB at most.",
        "",
        "## How far one coordinator goes",
        "",
        "Simulated with what a document costs the coordinator and the scheduler above: documents a "
        "second, and the share of what as many threads could read.",
        "",
        *saturation(costs),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"keep it in {RESULTS.name}")
    arguments = parser.parse_args()
    register_fault_extractor()
    lines = measure(arguments.rounds)
    print("\n".join(lines))
    if arguments.write:
        title = "# The price of a cluster\n\n`python evaluation/cluster.py --write`\n\n"
        RESULTS.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
