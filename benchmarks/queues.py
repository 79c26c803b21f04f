"""Table 1 of ``make bench``: the queue beside other queues on SQLite, and beside a bare loop.

    python benchmarks/queues.py

Every figure is of processes of their own, which begin together and go on for a fixed time on a file
that was filled before. Sides take turns in each round. Peers are those of the extra ``bench``; one
that is not installed has no row, and a quick look takes only one of them.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import QUICK, Report, percentile, ratio, save, spread
from benchmarks.queue_sides import SIDES, Reslib, installed
from reslib import ResearchDatabase

ROUNDS = 1 if QUICK else 5
SECONDS = 0.3 if QUICK else 1.0
BATCH = 5_000 if QUICK else 100_000
FILLED = 6_000 if QUICK else 60_000
OPEN, FINISHED = (2_000, 10_000) if QUICK else (100_000, 1_000_000)
#: Jobs that no side puts in a second, one by one.
MOST_PUT = 60_000
CLAIMS = 200 if QUICK else 900
#: Processes and threads that claim and complete.
SHAPES = ((1, 1), (1, 4), (2, 1), (4, 1))
PATIENCE = 300.0
#: Peers that offer acknowledgement, retry and priority.
LIKE_US = ("tinyjobs", "gigq")
#: reslib's own two ways, and the bare loop that does the same.
TWO = "reslib, two calls"
BARE = {"reslib": "bare loop", TWO: "bare loop, two calls"}
#: Sides of a quick look; the other peers are for the run that is kept.
IN_A_LOOK = (*BARE, *BARE.values(), LIKE_US[0])


def work(name: str, mode: str, folder: str, threads: int) -> dict[str, Any]:
    """Be one process of a side: say ready, wait for the word, work, return what was done."""
    side = SIDES[name][1](Path(folder))
    counts = [0] * threads
    slowest: list[list[float]] = [[] for _ in range(threads)]
    begin = threading.Event()
    moments: list[float] = []

    def drain(n: int) -> None:
        begin.wait()
        until = time.monotonic() + SECONDS
        now = time.monotonic()
        job = side.take()
        while now < until and job is not None:
            job = side.finish_and_take(job)
            then, now = now, time.monotonic()
            slowest[n].append(now - then)
            counts[n] += 1
        moments.append(time.monotonic())

    def put(n: int) -> None:
        begin.wait()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            counts[n] += 1
            side.put(counts[n])
        moments.append(time.monotonic())

    def batch(n: int) -> None:
        begin.wait()
        side.put_many(BATCH)
        counts[n] = BATCH
        moments.append(time.monotonic())

    target = {"drain": drain, "put": put, "batch": batch}[mode]
    running = [
        threading.Thread(target=target, args=(n,), name=f"{name}-{time.monotonic_ns()}-{n}")
        for n in range(threads)
    ]
    for thread in running:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    begin.set()
    for thread in running:
        thread.join()
    side.close()
    return {
        "counts": counts,
        "began": began,
        "ended": max(moments),
        "cycles": [cycle for cycles in slowest for cycle in cycles],
    }


def race(
    name: str, mode: str, folder: Path, processes: int = 1, threads: int = 1
) -> list[dict[str, Any]]:
    """Run processes of one side on one folder at once; return what each did."""
    asked = {"name": name, "mode": mode, "folder": str(folder), "threads": threads}
    command = [sys.executable, __file__, json.dumps(asked)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"{name} did not start")
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        done = [json.loads(process.communicate(timeout=PATIENCE)[0]) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    if any(process.returncode for process in running):
        raise RuntimeError(f"{name} failed")
    return done


def rate(done: list[dict[str, Any]]) -> float:
    """Return operations per second of processes that ran at once."""
    seconds = max(d["ended"] for d in done) - min(d["began"] for d in done)
    return sum(sum(d["counts"]) for d in done) / seconds


def fill(name: str, folder: Path, jobs: bool) -> None:
    """Make a side's file, with or without jobs to claim."""
    folder.mkdir()
    side = SIDES[name][1](folder)
    side.prepare(max(FILLED, BATCH, int(SECONDS * MOST_PUT)))
    if jobs and side.batches:
        side.put_many(FILLED)
    elif jobs:
        for number in range(1, FILLED + 1):
            side.put(number)
    side.close()


def compare(folder: Path, names: list[str]) -> dict[str, dict[str, list[Any]]]:
    """Measure every side in every way; return figures by way and side."""
    for name in names:
        fill(name, folder / f"{name}-full", jobs=True)
        fill(name, folder / f"{name}-empty", jobs=False)
    ways: list[tuple[str, str, int, int]] = [("enqueue", "put", 1, 1), ("batch", "batch", 1, 1)]
    ways += [(f"{p} x {t}", "drain", p, t) for p, t in SHAPES]
    found: dict[str, dict[str, list[Any]]] = {way[0]: {n: [] for n in names} for way in ways}
    for number in range(ROUNDS):
        turn = number % len(names)
        for title, mode, processes, threads in ways:
            for name in names[turn:] + names[:turn]:
                kind = SIDES[name][1]
                if (mode == "batch" and not kind.batches) or (processes > 1 and not kind.shared):
                    continue
                place = folder / "run"
                shutil.copytree(folder / f"{name}-{'full' if mode == 'drain' else 'empty'}", place)
                found[title][name].append(race(name, mode, place, processes, threads))
                shutil.rmtree(place)
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
    return found


def claim_times(folder: Path) -> dict[str, list[float]]:
    """Return microseconds of each claim with 1,000 jobs, and with many open and finished ones."""
    sides = {}
    for title, waiting, finished in (("1,000 open", 1_000, 0), ("many", OPEN, FINISHED)):
        place = folder / f"claims-{waiting}"
        place.mkdir()
        side = Reslib(place)
        side.prepare(waiting)
        side.put_many(waiting)
        if finished:
            add_history(side.db, finished)
        sides[title] = side
    times: dict[str, list[float]] = {title: [] for title in sides}
    for _ in range(CLAIMS):
        for title, side in sides.items():
            began = time.perf_counter()
            job = side.take()
            times[title].append((time.perf_counter() - began) * 1e6)
            side.finish(job)
    for side in sides.values():
        side.close()
    return times


def pages_per_cycle(name: str, folder: Path) -> float:
    """Return how many pages one completion and one claim write, on average."""
    folder.mkdir()
    side = SIDES[name][1](folder)
    jobs, cycles = 60, 30  # so few that nothing is checkpointed meanwhile
    side.prepare(jobs)
    for number in range(1, jobs + 1):
        side.put(number)
    before = sum(path.stat().st_size for path in folder.glob("*-wal"))
    job = side.take()
    for _ in range(cycles):
        job = side.finish_and_take(job)
    after = sum(path.stat().st_size for path in folder.glob("*-wal"))
    side.close()
    return (after - before) / cycles / (4096 + 24)  # a page and its header


def add_history(db: ResearchDatabase, count: int) -> None:
    """Add finished jobs and the rows of their attempts."""
    with db.store.write() as transaction:
        run = transaction._connection.execute
        run(
            "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers"
            f" WHERE value < {count}) "
            "INSERT INTO extraction_queue (attachment_id, status, claims, created_at, available_at,"
            " started_at, completed_at, worker_id) SELECT 1 + value % 1000, 'complete', 1,"
            " '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000', '2026-01-01 00:00:01.000',"
            " '2026-01-01 00:00:02.000', 'w' FROM numbers"
        )
        run(
            "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id, outcome,"
            " finished_at) SELECT id, attachment_id, 1, 'w', 'complete', completed_at"
            " FROM extraction_queue WHERE status = 'complete'"
        )


def tables(report: Report, found: dict[str, dict[str, list[Any]]], names: list[str]) -> None:
    """Add the tables of all sides, and whether the targets were met."""
    rates = {
        way: {name: [rate(done) for done in rounds] for name, rounds in by_name.items()}
        for way, by_name in found.items()
    }
    drains = [way for way in rates if way not in ("enqueue", "batch")]
    headings = {"enqueue": "enqueue one", "batch": f"batch of {BATCH:,}"}
    headings |= {f"{p} x {t}": f"claim + complete, {_shape(p, t)}" for p, t in SHAPES}
    rows = []
    for name in names:
        cells = [spread(rates[way][name]) if rates[way][name] else "-" for way in rates]
        rows.append([name, *cells, SIDES[name][1].offers])
    report.table(
        "Operations per second",
        ["queue", *(headings[way] for way in rates), "offers"],
        rows,
        "Median of the rounds, lowest and highest in parentheses. "
        "-: it has no such call, or is not for several processes.",
    )
    rows = []
    for name in names[1:]:
        cells = [
            f"{ratio(rates[way]['reslib'], rates[way][name]):.2f}" if rates[way][name] else "-"
            for way in rates
        ]
        rows.append([name, *cells])
    report.table(
        "reslib by the other, median of the rounds (over 1: reslib is faster)",
        ["queue", *(headings[way] for way in rates)],
        rows,
    )
    for peer in (name for name in LIKE_US if name in names):
        for way, side in [(way, "reslib") for way in rates] + [(way, TWO) for way in drains]:
            if not rates[way][peer]:
                continue
            reached = ratio(rates[way][side], rates[way][peer])
            limit = ratio(rates[way][BARE[side]], rates[way][peer])
            report.expect(
                f"{headings[way]}{side.removeprefix('reslib')}, by {peer}",
                "over 1",
                f"{reached:.2f}",
                reached > 1,
                ""
                if reached > 1
                else f"the bare loop, which writes the same rows in the same transactions, "
                f"reaches {limit:.2f}; the pages that one cycle writes are in the table of "
                "contention",
            )
    for way, side in [(way, "reslib") for way in rates] + [(way, TWO) for way in drains]:
        target = 0.8 if way == "batch" else 0.6
        reached = ratio(rates[way][side], rates[way][BARE[side]])
        report.expect(
            f"{headings[way]}{side.removeprefix('reslib')}, of the same bare loop",
            f"{target}",
            f"{reached:.2f}",
            reached >= target,
        )
    report.figures["enqueue_per_second"] = statistics.median(rates["enqueue"]["reslib"])
    for processes, threads in SHAPES:
        median = statistics.median(rates[f"{processes} x {threads}"]["reslib"])
        report.figures[f"cycles_per_second_{processes}x{threads}"] = median


def contention(
    report: Report, found: dict[str, dict[str, list[Any]]], names: list[str], folder: Path
) -> None:
    """Add how long a cycle takes, and who gets how much, with four at once."""
    rows = []
    for name in names:
        rounds = found["4 x 1"][name]
        if not rounds:
            continue
        late, worst, share = [], [], []
        for done in rounds:
            cycles = [cycle * 1000 for d in done for cycle in d["cycles"]]
            late.append(percentile(cycles, 0.99))
            worst.append(max(cycles))
            counts = [sum(d["counts"]) for d in done]
            share.append(min(counts) * len(counts) / sum(counts))
        threads = [min(d["counts"]) * 4 / sum(d["counts"]) for d, *_ in found["1 x 4"][name]]
        rows.append(
            [
                name,
                spread(late, ".1f"),
                spread(worst, ".1f"),
                f"{statistics.median(share):.2f}",
                f"{statistics.median(threads):.2f}",
                f"{pages_per_cycle(name, folder / f'pages-{name}'):.1f}",
            ]
        )
        if name == "reslib":
            report.expect(
                "slowest 1 % of cycles, 4 processes",
                "below 50 ms",
                f"{statistics.median(late):.1f} ms",
                statistics.median(late) < 50,
            )
            report.expect(
                "no starved process",
                "share over 0.1",
                f"{min(share):.2f} in the worst round",
                min(share) > 0.1,
            )
    columns = ["queue", "slowest 1 % from, ms", "slowest, ms", "least served process"]
    columns += ["least served of 4 threads", "pages written"]
    report.table(
        "Four processes that do nothing but claim and complete",
        columns,
        rows,
        "A cycle is one claim and one completion; pages are those that one cycle writes to the "
        "log. Least served: its jobs by a fair share. reslib's threads take turns of 2 ms; the "
        "others let whoever comes first go on.",
    )


def growth(report: Report, folder: Path) -> None:
    """Add what a claim costs with few and with many jobs."""
    times = claim_times(folder)
    few, many = times.values()
    reached = statistics.median(many) / statistics.median(few)
    report.table(
        "One claim of reslib, microseconds",
        ["jobs in the file", "median", "slowest 1 % from"],
        [
            ["1,000 open", f"{statistics.median(few):.0f}", f"{percentile(few, 0.99):.0f}"],
            [
                f"{OPEN:,} open, {FINISHED:,} finished",
                f"{statistics.median(many):.0f}",
                f"{percentile(many, 0.99):.0f}",
            ],
        ],
        f"{CLAIMS} claims of each, in turn, in one process.",
    )
    report.expect(
        f"claim with {FINISHED:,} finished and {OPEN:,} open by one with 1,000",
        "1.3 at most",
        f"{reached:.2f}",
        reached <= 1.3,
    )
    report.figures["claim_growth"] = reached


def _shape(processes: int, threads: int) -> str:
    if processes > 1:
        return f"{processes} processes"
    return "1 thread" if threads == 1 else f"{threads} threads"


def main() -> int:
    """Measure, or be one of the processes that are measured."""
    if sys.argv[1:]:
        print(json.dumps(work(**json.loads(sys.argv[1]))))
        return 0
    there = installed()
    missing = [name for name in SIDES if name not in there]
    names = [name for name in there if not QUICK or name in IN_A_LOOK]
    report = Report(
        name="queues",
        title="The queue",
        how=(
            f"{ROUNDS} rounds; in each the sides take turns, and each works for {SECONDS:g} s in "
            f"processes of its own, on a copy of a file with {FILLED:,} jobs for claiming, and of "
            "one without jobs for enqueueing. All files are in WAL mode with synchronous=NORMAL, "
            "also those of huey, gigq and persist-queue, which come with FULL and would be about "
            "ten times slower. tinyjobs is called below its coroutines. "
            "reslib ends a job and claims the next in one transaction, as its pool does while "
            "there is more to do and nobody listens to job_completed; rows of their own have the "
            "two calls. The bare loops run the statements of reslib over sqlite3 and nothing "
            "else, in the same transactions; their files have the same schema, triggers and "
            "indexes. honker has no row: it is published as source only, and its crates could "
            "not be had when this was written. litequeue after 0.9 needs Python 3.12."
            + (f" Not installed: {', '.join(missing)}." if missing else "")
        ),
        packages=["tinyjobs", "gigq", "localqueue", "litequeue", "huey", "persist-queue"],
    )
    with tempfile.TemporaryDirectory(prefix="reslib-queues-") as name:
        folder = Path(name)
        found = compare(folder, names)
        tables(report, found, names)
        contention(report, found, names, folder)
        growth(report, folder)
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main())
