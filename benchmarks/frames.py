"""What the DataFrames cost, with nothing, a hundred and a million jobs in the database.

    python benchmarks/frames.py [JOBS]

Prints the median of five calls of each. The frames that people put in a loop (queue_stats,
workers, throughput) have a target of 100 ms whatever the history. Exit code 1 when one of them is
over it with the most jobs, or when a dtype depends on how many rows there are.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from reslib import ResearchDatabase, frames
from reslib.storage.searchindex import add_functions

TARGET_MS = 100.0
IN_A_LOOP = ("queue_stats", "workers", "throughput")
#: The history of a busy month: 30 days of attempts, one in twenty failed.
DAYS = 30

FILL = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :jobs),
job (i, at) AS (
    SELECT i, strftime('%Y-%m-%d %H:%M:%f', 'now', printf('-%f seconds', (:jobs - i) * :step))
    FROM n
)
INSERT INTO extraction_queue (attachment_id, status, priority, attempts, claims, created_at,
    available_at, started_at, completed_at, worker_id, error_type, error_code, error_message)
SELECT 1 + i % :documents,
       CASE WHEN i > :jobs * 0.99 THEN 'pending' WHEN i % 20 = 0 THEN 'failed' ELSE 'complete' END,
       0, i % 20 = 0, 1,
       at, at, CASE WHEN i <= :jobs * 0.99 THEN at END, CASE WHEN i <= :jobs * 0.99 THEN at END,
       CASE WHEN i <= :jobs * 0.99 THEN 'host-1-' || i % 4 END,
       CASE WHEN i % 20 = 0 THEN 'corruption' END, CASE WHEN i % 20 = 0 THEN 'truncated' END,
       CASE WHEN i % 20 = 0 THEN 'paper.pdf: the PDF ends too early' END
FROM job
"""
HISTORY = """
INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id, extractor, outcome,
    error_type, error_code, started_at, finished_at, queue_wait_ms, extraction_time_ms)
SELECT id, attachment_id, 1, worker_id, 'pdf', status, error_type, error_code, started_at,
       completed_at, 12.0, 40.0
FROM extraction_queue WHERE status IN ('complete', 'failed')
"""


def fill(path: Path, jobs: int) -> None:
    """Make a database with so many jobs, as a month of work leaves it."""
    ResearchDatabase(path).close()
    if not jobs:
        return
    documents = max(1, jobs // 100)
    raw = sqlite3.connect(path)
    add_functions(raw)
    raw.executemany(
        "INSERT INTO attachments (filename, path, created_at) VALUES (?, ?, '2026-01-01')",
        ((f"{n}.pdf", f"/papers/{n}.pdf") for n in range(documents)),
    )
    raw.execute(FILL, {"jobs": jobs, "documents": documents, "step": DAYS * 86400 / jobs})
    raw.execute(HISTORY)
    raw.execute(
        "INSERT INTO worker_heartbeat (worker_id, hostname, pid, process_started_at, status,"
        " last_heartbeat, started_at)"
        " VALUES ('host-1-1', 'host', 1, 1, 'idle', '2026-01-01 00:00:00.000',"
        " '2026-01-01 00:00:00.000')"
    )
    raw.commit()
    raw.close()


def frame_calls(db: ResearchDatabase) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return each call under its name; the long ones as people make them, with a limit."""
    return {
        "queue_stats": lambda: frames.queue_stats(db),
        "workers": lambda: frames.workers(db),
        "throughput": lambda: frames.throughput(db),
        "throughput freq=1h": lambda: frames.throughput(db, "1h"),
        "jobs limit=1000": lambda: frames.jobs(db, limit=1000),
        "jobs status=pending": lambda: frames.jobs(db, status="pending"),
        "failed_jobs limit=1000": lambda: frames.failed_jobs(db, limit=1000),
        "metrics limit=10000": lambda: frames.metrics(db, limit=10_000),
        "attachments limit=1000": lambda: frames.attachments(db, limit=1000),
        "search": lambda: frames.search(db, "paper"),
    }


def main() -> int:
    """Measure, print, and return the exit code."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    dtypes: dict[str, set[str]] = {}
    slow = []
    with tempfile.TemporaryDirectory() as name:
        sizes = (0, 100, most)
        times: dict[str, list[float]] = {}
        rows: dict[str, int] = {}
        for size in sizes:
            path = Path(name) / f"{size}.db"
            fill(path, size)
            with ResearchDatabase(path) as db:
                for what, call in frame_calls(db).items():
                    taken = []
                    for _ in range(5):
                        began = time.perf_counter()
                        frame = call()
                        taken.append((time.perf_counter() - began) * 1000)
                    times.setdefault(what, []).append(statistics.median(taken))
                    rows[what] = len(frame)
                    kinds = [str(frame.index.dtype), *map(str, frame.dtypes)]
                    dtypes.setdefault(what, set()).add(" ".join(kinds))
    print(f"{'frame':24}" + "".join(f"{size:>14,}" for size in sizes) + "     rows")
    for what, taken in times.items():
        over = what in IN_A_LOOP and taken[-1] > TARGET_MS
        slow += [what] if over else []
        print(
            f"{what:24}" + "".join(f"{ms:11.1f} ms" for ms in taken) + f"{rows[what]:9,}"
            f"{'  OVER' if over else ''}"
        )
    mixed = [what for what, kinds in dtypes.items() if len(kinds) > 1]
    print(f"dtypes that depend on the rows: {mixed or 'none'}")
    print(f"in a loop: {', '.join(IN_A_LOOP)}; at most {TARGET_MS:.0f} ms")
    return int(bool(slow or mixed))


if __name__ == "__main__":
    raise SystemExit(main())
