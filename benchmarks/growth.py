"""Table 4 of ``make bench``: what a library costs as it grows to a million documents.

    python benchmarks/growth.py          # all of it
    python benchmarks/growth.py before   # only the comparison with the version before, kept nowhere

One library is filled once, 500 documents a transaction, and looked at on the way: documents and
texts by the statements that reslib itself runs, jobs and attempts as rows that ended at moments of
the last month, whatever its size. The texts are as long as an abstract; their words follow Zipf's
law over 150,000 words that do not exist; some are written with accents, some in Chinese. At the
end, filling and searching side by side with the version before (:mod:`.growth_sides`).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import growth_sides
from benchmarks.growth_library import (
    ACCENTED,
    BATCH,
    CHINESE,
    MIX,
    MONTH,
    QUERIES,
    VOCABULARY,
    WORDS,
    Texts,
    fill,
    megabytes,
    queries_for,
)
from benchmarks.measure import QUICK, Report, percentile, save
from reslib import ExtractionWorker, QueueManager, ResearchDatabase, frames

SIZES = (2_000, 10_000) if QUICK else (10_000, 100_000, 1_000_000)
DAY = 24 * 3600
#: What status calls may cost more at the largest size: in proportion, and in milliseconds.
FACTOR, SLACK = 1.5, 1.0
OPEN = """
import sys, time
from reslib import QueueManager, ResearchDatabase
began = time.perf_counter()
with ResearchDatabase(sys.argv[1]) as db:
    QueueManager(db).counts()
    print(time.perf_counter() - began)
"""


def timed(call: Callable[[], Any], times: int) -> float:
    """Return the median milliseconds of a call."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def look(db: ResearchDatabase, texts: Texts, size: int) -> dict[str, Any]:
    """Measure everything that is asked of a library of this size."""
    by_kind: dict[str, list[float]] = {kind: [] for kind in MIX}
    hits = 0
    asked = queries_for(texts, db, size)
    for _, query in asked[:5]:
        db.search(query)
    for kind, query in asked:
        began = time.perf_counter()
        hits += len(db.search(query))
        by_kind[kind].append((time.perf_counter() - began) * 1000)
    assert hits > len(asked) // 3, "the queries find nothing"
    worker, queue = ExtractionWorker(db, num_workers=1), QueueManager(db)
    calls: dict[str, Callable[[], Any]] = {
        "worker.get_status()": worker.get_status,
        "get_queue_stats()": queue.get_queue_stats,
        "frames.queue_stats": lambda: frames.queue_stats(db),
        "frames.jobs, 100 newest": lambda: frames.jobs(db, limit=100),
        "frames.failed_jobs, 100 newest": lambda: frames.failed_jobs(db, limit=100),
        "frames.metrics, 1,000 newest": lambda: frames.metrics(db, limit=1000),
        "frames.throughput": lambda: frames.throughput(db),
        "claim, nothing to do": lambda: queue.claim("w"),
    }
    opened = []
    for _ in range(3):
        command = [sys.executable, "-c", OPEN, str(db.path)]
        said = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
        opened.append(float(said) * 1000)
    return {
        "search": by_kind,
        "calls": {name: timed(call, 15) for name, call in calls.items()},
        "open": statistics.median(opened),
    }


def tables(report: Report, seen: dict[int, dict[str, Any]]) -> None:
    """Add the tables, and whether the targets were met."""
    sizes = list(seen)
    columns = [f"{size:,}" for size in sizes]
    first, last = seen[sizes[0]], seen[sizes[-1]]

    def row(what: str, form: str, value: Callable[[dict[str, Any]], float]) -> list[str]:
        return [what, *(format(value(seen[size]), form) for size in sizes)]

    report.table(
        "Filling, and the disk",
        ["documents", *columns],
        [
            row("stored a second, since the size before", ",.0f", lambda s: s["rate"]),
            row("text, MB", ",.0f", lambda s: s["text"]),
            row("file, MB", ",.0f", lambda s: s["file"]),
            row("of which search index, MB", ",.0f", lambda s: s["index"]),
            row("file by text", ".2f", lambda s: s["file"] / s["text"]),
            row("opening it and counting, ms", ".1f", lambda s: s["open"]),
        ],
        "A document is stored with its job and the record of its attempt. The page cache of "
        "the system is warm; opening is in a new process.",
    )
    rows = [
        row(f"{kind}, median", ".1f", lambda s, kind=kind: statistics.median(s["search"][kind]))
        for kind in MIX
    ]
    every = {
        size: [v for values in seen[size]["search"].values() for v in values] for size in sizes
    }
    rows.append(["all, p50", *(f"{percentile(every[size], 0.5):.1f}" for size in sizes)])
    rows.append(["all, p99", *(f"{percentile(every[size], 0.99):.1f}" for size in sizes)])
    report.table(
        "Searching, milliseconds for 20 hits with snippet and page",
        ["query", *columns],
        rows,
        f"{QUERIES} queries at each size, each asked once, in random order: "
        + ", ".join(f"{share * 10} % {kind}" for kind, (share, _) in MIX.items())
        + ".",
    )
    report.table(
        "Asking, milliseconds",
        ["call", *columns],
        [row(name, ".2f", lambda s, name=name: s["calls"][name]) for name in first["calls"]],
        "History: one finished job and one attempt a document, at moments of the last 30 days. "
        "What is asked about the last 24 hours (queue stats) or the last 120 minutes "
        "(throughput) grows with what ended in them: of 1,000,000 documents some 33,000 and "
        "2,800.",
    )
    middle = 100_000 if 100_000 in seen else sizes[-1]
    p50, p99 = percentile(every[middle], 0.5), percentile(every[middle], 0.99)
    report.expect(f"search p50 at {middle:,}", "under 20 ms", f"{p50:.1f} ms", p50 < 20)
    report.expect(
        f"search p99 at {middle:,}",
        "under 100 ms",
        f"{p99:.1f} ms",
        p99 < 100,
        "" if p99 < 100 else "FTS5 ranks every document that has the words before it sorts",
    )
    for name, small in first["calls"].items():
        large = last["calls"][name]
        met = large <= small * FACTOR + SLACK
        report.expect(
            f"{name}: independent of history",
            f"at most {FACTOR} times and {SLACK:g} ms",
            f"{small:.2f} to {large:.2f} ms",
            met,
            ""
            if met
            else f"it counts the jobs of the last 24 hours one by one, which are "
            f"{sizes[0] * DAY / MONTH:,.0f} and {sizes[-1] * DAY / MONTH:,.0f} here; what is "
            "older costs nothing",
        )
    for what, value in (
        ("file by text", lambda s: s["file"] / s["text"]),
        ("time to store a document", lambda s: 1 / s["rate"]),
        ("opening", lambda s: s["open"]),
    ):
        grown = value(last) / value(first)
        report.expect(
            f"{what}: grows no faster than the text",
            f"{FACTOR} at most from {sizes[0]:,} to {sizes[-1]:,}",
            f"{grown:.2f}",
            grown <= FACTOR,
        )
    texts = last["text"] / first["text"]
    for what, share in (("p50", 0.5), ("p99", 0.99)):
        grown = percentile(every[sizes[-1]], share) / percentile(every[sizes[0]], share)
        report.expect(
            f"search {what}: grows no faster than the text",
            f"{texts:.0f} at most from {sizes[0]:,} to {sizes[-1]:,}",
            f"{grown:.0f}",
            grown <= texts,
        )
    report.figures["bytes_on_disk_per_byte_of_text"] = last["file"] / last["text"]
    report.figures["bytes_on_disk_per_document"] = last["file"] * 1e6 / sizes[-1]
    for size in sizes:
        report.figures[f"search_p99_ms_{size}"] = percentile(every[size], 0.99)
        report.figures[f"search_p50_ms_{size}"] = percentile(every[size], 0.5)


def main() -> int:
    """Measure, print, keep."""
    texts = Texts(1)
    seen: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="reslib-growth-") as name:
        path = Path(name) / "library.db"
        done, characters = 0, 0
        for size in SIZES:
            with ResearchDatabase(path) as db:
                seconds, more = fill(db, texts, done, size)
            characters += more
            with ResearchDatabase(path) as db:
                seen[size] = {"rate": (size - done) / seconds, "text": characters / 1e6}
                seen[size] |= megabytes(db) | look(db, texts, size)
            done = size
            print(f"{size:,} documents", file=sys.stderr, flush=True)
    report = Report(
        name="growth",
        title="Search and growth",
        how=(
            f"One library of synthetic texts of {WORDS} words ({characters / done:.0f} characters, "
            "as long as an abstract, of two pages) whose words follow Zipf's law over "
            f"{VOCABULARY:,} words; one of {ACCENTED} is written with accents, one of {CHINESE} in "
            "Chinese characters without spaces. Documents and texts are stored by reslib's own "
            "statements, "
            f"their finished jobs and attempts as rows of the last 30 days; {BATCH} documents a "
            "transaction, in WAL mode with synchronous=NORMAL. It is looked at when it has the "
            "sizes of the tables. One process, default settings; the time to make up the texts is "
            "not counted."
        ),
        packages=["numpy", "pandas"],
    )
    tables(report, seen)
    growth_sides.compare(report)
    return save(report)


def only_before() -> int:
    """Compare with the version before and keep nothing; 1 when a bound is passed."""
    report = Report("growth", "Before and after", "", [])
    growth_sides.compare(report)
    save(report, keep=False)
    return int(not all(target.met for target in report.targets))


if __name__ == "__main__":
    raise SystemExit(only_before() if sys.argv[1:] == ["before"] else main())
