"""Table 4 of ``make bench``: what a library costs as it grows to a million documents.

    python benchmarks/growth.py

One library is filled once, 500 documents a transaction, and looked at on the way: documents and
texts by the statements that reslib itself runs, jobs and attempts as rows that ended at moments of
the last month, whatever its size. The texts are as long as an abstract; their words follow Zipf's
law over 150,000 words that do not exist.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from measure import QUICK, Report, Table, Target, percentile, save

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, frames, sql
from reslib.clock import utc_text

SIZES = (2_000, 10_000) if QUICK else (10_000, 100_000, 1_000_000)
WORDS = 150
VOCABULARY = 150_000
DAY = 24 * 3600
MONTH = 30 * DAY
BATCH = 500
QUERIES = 40 if QUICK else 300
#: Of how many queries out of ten each kind is, and the ranks its words come from.
MIX = {
    "rare word": (3, (20_000, 120_000)),
    "less common word": (2, (1_000, 10_000)),
    "common word": (1, (40, 120)),
    "two words": (2, (300, 3_000)),
    "phrase": (1, (0, 0)),
    "beginning of a word": (1, (2_000, 20_000)),
}
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


class Texts:
    """Texts of a language that does not exist, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._numbers = np.random.default_rng(seed)
        draw = random.Random(seed)
        syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "ai")]
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            # Common words are short.
            count = 1 if len(words) < 60 else draw.choice((2, 2, 3, 3, 4, 5))
            words["".join(draw.choices(syllables, k=count)) + draw.choice(("", "n", "s"))] = None
        self.words = list(words)
        weights = 1 / (np.arange(1, VOCABULARY + 1) + 2.7)  # Zipf, as Mandelbrot corrected it
        self._cumulative = np.cumsum(weights) / weights.sum()

    def __call__(self, count: int) -> Iterator[str]:
        """Yield that many texts."""
        words = self.words
        for ids in self._cumulative.searchsorted(self._numbers.random((count, WORDS))):
            yield " ".join([words[i] for i in ids])


def fill(db: ResearchDatabase, texts: Texts, first: int, last: int) -> tuple[float, int]:
    """Add documents *first* to *last*; return the seconds that SQLite took, and the characters."""
    seconds, characters = 0.0, 0
    queries, draw = sql.queries(), random.Random(first)
    for start in range(first, last, BATCH):
        some = list(texts(min(BATCH, last - start)))
        characters += sum(map(len, some))
        began = time.perf_counter()
        with db.store.write() as transaction:
            run = transaction._connection.execute
            for number, text in enumerate(some, start):
                name = f"{number}.txt"
                now = utc_text(-draw.random() * MONTH)
                added = {
                    "filename": name,
                    "path": f"/library/{number // 1000}/{name}",
                    "mime_type": "text/plain",
                    "file_size": len(text),
                    "file_mtime_ns": 1,
                    "content_hash": "0",
                    "now": now,
                }
                attachment = transaction.rows("add_attachment", added)[0][0]
                failed = number % 50 == 0
                state = "failed" if failed else "complete"
                error = ("corruption", "malformed", "no") if failed else (None, None, None)
                job = run(
                    "INSERT INTO extraction_queue (attachment_id, status, attempts, claims,"
                    " created_at, available_at, started_at, completed_at, worker_id, error_type,"
                    " error_code, error_message) VALUES (?, ?, 0, 1, ?, ?, ?, ?, 'w', ?, ?, ?)",
                    (attachment, state, now, now, now, now, *error),
                ).lastrowid
                run(
                    "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id,"
                    " extractor, mime_type, file_size, page_count, char_count, confidence,"
                    " text_status, outcome, started_at, finished_at, queue_wait_ms,"
                    " extraction_time_ms) VALUES (?, ?, 1, 'w', 'text', 'text/plain', ?, 2, ?, 0.9,"
                    " 'full', ?, ?, ?, 1, 5)",
                    (job, attachment, len(text), len(text), state, now, now),
                )
                stored = {
                    "job_id": job,
                    "text": text,
                    "text_status": "full",
                    "title": None,
                    "page_count": 2,
                    "page_offsets": json.dumps([0, len(text) // 2]),
                    "confidence": 0.9,
                    "confidence_reason": None,
                    "extractor": "text",
                    "extractor_version": "1",
                    "metadata": "{}",
                    "now": now,
                }
                run(queries["store_text"], stored)
        seconds += time.perf_counter() - began
    return seconds, characters


def queries_for(texts: Texts, db: ResearchDatabase, size: int) -> list[tuple[str, str]]:
    """Return kinds and queries, in random order."""
    draw = random.Random(size)
    made = []
    for kind, (share, (low, high)) in MIX.items():
        for _ in range(QUERIES * share // 10):
            if kind == "phrase":
                row = db.store.row("text", {"id": draw.randrange(1, size)})
                assert row is not None
                words = row[0].split()
                at = draw.randrange(len(words) - 2)
                query = f'"{words[at]} {words[at + 1]}"'
            elif kind == "two words":
                query = " ".join(texts.words[draw.randrange(low, high)] for _ in range(2))
            elif kind == "beginning of a word":
                query = texts.words[draw.randrange(low, high)][:4] + "*"
            else:
                query = texts.words[draw.randrange(low, high)]
            made.append((kind, query))
    draw.shuffle(made)
    return made


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
    opened = [
        float(
            subprocess.run(
                [sys.executable, "-c", OPEN, str(db.path)],
                capture_output=True,
                check=True,
                timeout=120,
            ).stdout
        )
        * 1000
        for _ in range(3)
    ]
    return {
        "search": by_kind,
        "calls": {name: timed(call, 15) for name, call in calls.items()},
        "open": statistics.median(opened),
    }


def pages_of(db: ResearchDatabase) -> dict[str, float]:
    """Return megabytes of the whole file and of the search index."""
    connection = sqlite3.connect(db.path)
    try:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        index = connection.execute(
            "SELECT sum(length(block)) FROM attachments_fts_data"
        ).fetchone()[0]
    finally:
        connection.close()
    return {"file": size * count / 1e6, "index": index / 1e6}


def tables(report: Report, seen: dict[int, dict[str, Any]]) -> None:
    """Add the tables, and whether the targets were met."""
    sizes = list(seen)
    columns = [f"{size:,}" for size in sizes]
    first, last = seen[sizes[0]], seen[sizes[-1]]

    def row(what: str, form: str, value: Callable[[dict[str, Any]], float]) -> list[str]:
        return [what, *(format(value(seen[size]), form) for size in sizes)]

    report.add(
        Table(
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
    report.add(
        Table(
            "Searching, milliseconds for 20 hits with snippet and page",
            ["query", *columns],
            rows,
            f"{QUERIES} queries at each size, each asked once, in random order: "
            + ", ".join(f"{share * 10} % {kind}" for kind, (share, _) in MIX.items())
            + ".",
        )
    )
    report.add(
        Table(
            "Asking, milliseconds",
            ["call", *columns],
            [row(name, ".2f", lambda s, name=name: s["calls"][name]) for name in first["calls"]],
            "History: one finished job and one attempt a document, at moments of the last 30 days. "
            "What is asked about the last 24 hours (queue stats) or the last 120 minutes "
            "(throughput) grows with what ended in them: of 1,000,000 documents some 33,000 and "
            "2,800.",
        )
    )
    middle = 100_000 if 100_000 in seen else sizes[-1]
    p50, p99 = percentile(every[middle], 0.5), percentile(every[middle], 0.99)
    report.targets += [
        Target(f"search p50 at {middle:,}", "under 20 ms", f"{p50:.1f} ms", p50 < 20),
        Target(
            f"search p99 at {middle:,}",
            "under 100 ms",
            f"{p99:.1f} ms",
            p99 < 100,
            "" if p99 < 100 else "FTS5 ranks every document that has the words before it sorts",
        ),
    ]
    for name, small in first["calls"].items():
        large = last["calls"][name]
        met = large <= small * FACTOR + SLACK
        report.targets.append(
            Target(
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
        )
    for what, value in (
        ("file by text", lambda s: s["file"] / s["text"]),
        ("time to store a document", lambda s: 1 / s["rate"]),
        ("opening", lambda s: s["open"]),
    ):
        grown = value(last) / value(first)
        report.targets.append(
            Target(
                f"{what}: grows no faster than the text",
                f"{FACTOR} at most from {sizes[0]:,} to {sizes[-1]:,}",
                f"{grown:.2f}",
                grown <= FACTOR,
            )
        )
    texts = last["text"] / first["text"]
    for what, share in (("p50", 0.5), ("p99", 0.99)):
        grown = percentile(every[sizes[-1]], share) / percentile(every[sizes[0]], share)
        report.targets.append(
            Target(
                f"search {what}: grows no faster than the text",
                f"{texts:.0f} at most from {sizes[0]:,} to {sizes[-1]:,}",
                f"{grown:.0f}",
                grown <= texts,
            )
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
                seen[size] |= pages_of(db) | look(db, texts, size)
            done = size
            print(f"{size:,} documents", file=sys.stderr, flush=True)
    report = Report(
        name="growth",
        title="Search and growth",
        how=(
            f"One library of synthetic texts of {WORDS} words ({characters / done:.0f} characters, "
            "as long as an abstract, of two pages) whose words follow Zipf's law over "
            f"{VOCABULARY:,} words. Documents and texts are stored by reslib's own statements, "
            f"their finished jobs and attempts as rows of the last 30 days; {BATCH} documents a "
            "transaction, in WAL mode with synchronous=NORMAL. It is looked at when it has the "
            "sizes of the tables. One process, default settings; the time to make up the texts is "
            "not counted."
        ),
        packages=["numpy", "pandas"],
    )
    tables(report, seen)
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main())
