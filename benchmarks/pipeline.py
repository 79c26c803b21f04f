"""What the queue and the sandbox cost: the pipeline beside a bare loop that does the same work.

    python benchmarks/pipeline.py [ROUNDS]

Both sides read the same documents with the same extractors in two processes, and write the same
rows into the same schema: text, page offsets, search index, the job's state, one row of metrics.
The bare loop has no claims, no events, no deadline, no memory limit, and loses everything when it
is killed. Both start from nothing, so starting processes and importing libraries is in the time.
The sides take turns; printed is the ratio of the medians. Exit code 1 when that of the papers is
over 1.1. Short texts show what one job costs when there is nothing to read; they have no target.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from typeset import one_column, quick_paper, two_columns

from reslib import ExtractionWorker, QueueManager, ResearchDatabase
from reslib.clock import utc_text
from reslib.extractors.base import Registry
from reslib.sandbox.attempt import extract

TARGET = 1.1
PAPERS = Path(__file__).parents[1] / "samples" / "papers"
#: Samples that fail on purpose; the bare loop would end there.
BROKEN = ("ethics-minutes-locked.pdf", "tide-gauges-broken-download.pdf")


def make_papers(folder: Path) -> list[Path]:
    """Return 400 papers: copies of the samples, and ones typeset here."""
    paths = []
    for copy in range(12):
        for paper in sorted(PAPERS.iterdir()):
            if paper.suffix == ".pdf" and paper.name not in BROKEN:
                path = folder / f"{copy}-{paper.name}"
                shutil.copy(paper, path)
                paths.append(path)
    makers = (one_column, two_columns, quick_paper)
    for n in range(400 - len(paths)):
        path = folder / f"typeset-{n}.pdf"
        makers[n % len(makers)](path, seed=n)
        paths.append(path)
    return paths


def make_texts(folder: Path) -> list[Path]:
    """Return 2,000 short texts."""
    paths = []
    for n in range(2000):
        path = folder / f"{n}.txt"
        path.write_text(f"Note number {n}.\n" + "Some words about a paper. " * 20, "utf-8")
        paths.append(path)
    return paths


def prepare(paths: list[Path], database: Path) -> None:
    """Fill a database with attachments and jobs; both sides begin with a copy of it."""
    with ResearchDatabase(database) as db:
        QueueManager(db).enqueue_batch([db.add_attachment(p.name, p) for p in paths])


def pipeline(database: str) -> None:
    """Do what people do."""
    with ResearchDatabase(database) as db, ExtractionWorker(db, num_workers=2) as worker:
        assert worker.wait(600)


def bare(database: str, share: int) -> None:
    """Extract every second document of the database, and write the rows."""
    connection = sqlite3.connect(database, timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    registry = Registry()
    rows = connection.execute(
        "SELECT q.id, a.id, a.path, a.mime_type, a.file_size FROM extraction_queue AS q "
        "JOIN attachments AS a ON a.id = q.attachment_id WHERE q.id % 2 = ? ORDER BY q.id",
        (share,),
    ).fetchall()
    for job, attachment, path, mime_type, size in rows:
        started, began = utc_text(), time.perf_counter()
        result = extract(path, mime_type, (), registry, lambda *_: None, lambda *_: None)
        took = (time.perf_counter() - began) * 1000
        now = utc_text()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE attachments SET extracted_text = ?, text_status = ?, title = ?, page_count = ?,"
            " page_offsets = ?, confidence = ?, confidence_reason = ?, extractor = ?,"
            " extractor_version = ?, extracted_at = ?, metadata = ? WHERE id = ?",
            (
                result.text,
                result.text_status,
                result.title,
                result.page_count,
                json.dumps(result.page_offsets, separators=(",", ":")),
                result.confidence,
                result.confidence_reason,
                result.extractor,
                result.extractor_version,
                now,
                json.dumps(dict(result.metadata), ensure_ascii=False, default=str),
                attachment,
            ),
        )
        connection.execute(
            "UPDATE extraction_queue SET status = 'complete', worker_id = ?, started_at = ?,"
            " completed_at = ?, claims = 1 WHERE id = ?",
            (f"bare-{share}", started, now, job),
        )
        connection.execute(
            "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id, extractor,"
            " extractor_version, mime_type, file_size, page_count, char_count, confidence,"
            " text_status, outcome, started_at, finished_at, extraction_time_ms)"
            " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'complete', ?, ?, ?)",
            (
                job,
                attachment,
                f"bare-{share}",
                result.extractor,
                result.extractor_version,
                result.mime_type,
                size,
                result.page_count,
                len(result.text),
                result.confidence,
                result.text_status,
                started,
                now,
                took,
            ),
        )
        connection.execute("COMMIT")
    connection.close()


def run(database: Path, *commands: list[str]) -> float:
    """Run this file with each of the commands at a time; return the seconds."""
    began = time.perf_counter()
    processes = [
        subprocess.Popen([sys.executable, __file__, *command, str(database)])
        for command in commands
    ]
    codes = [process.wait(600) for process in processes]
    seconds = time.perf_counter() - began
    if any(codes):
        raise SystemExit(f"a side ended with exit codes {codes}")
    return seconds


def texts_of(database: Path) -> list[tuple[str, str]]:
    """Return each document's name and text, once every job is complete."""
    connection = sqlite3.connect(database)
    jobs = connection.execute("SELECT DISTINCT status FROM extraction_queue").fetchall()
    assert jobs == [("complete",)], jobs
    found = connection.execute("SELECT filename, extracted_text FROM attachments ORDER BY id")
    rows = found.fetchall()
    connection.close()
    return rows


def compare(name: str, paths: list[Path], folder: Path, rounds: int) -> float:
    """Run both sides in turn, check that they agree, print; return the ratio."""
    template = folder / f"{name}.db"
    prepare(paths, template)
    seconds: dict[str, list[float]] = {"reslib": [], "bare": []}
    for number in range(rounds):
        texts = {}
        for side, commands in (("reslib", [["reslib"]]), ("bare", [["bare0"], ["bare1"]])):
            database = folder / f"{name}-{side}-{number}.db"
            shutil.copy(template, database)
            seconds[side].append(run(database, *commands))
            texts[side] = texts_of(database)
        assert texts["reslib"] == texts["bare"], "the two sides wrote different texts"
    ours, theirs = (statistics.median(seconds[side]) for side in ("reslib", "bare"))
    spread = ", ".join(f"{a / b:.2f}" for a, b in zip(*seconds.values(), strict=True))
    print(
        f"{name:12} {len(paths):6} {ours:9.2f} s {theirs:9.2f} s {ours / theirs:7.3f}   ({spread})",
        flush=True,
    )
    return ours / theirs


def main() -> int:
    """Measure, print, and return the exit code; or be one of the sides."""
    if len(sys.argv) > 2:
        side, database = sys.argv[1:]
        pipeline(database) if side == "reslib" else bare(database, int(side[-1]))
        return 0
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'documents':12} {'number':>6} {'reslib':>11} {'bare':>11} {'ratio':>7}   (each round)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "papers").mkdir()
        (folder / "texts").mkdir()
        ratio = compare("papers", make_papers(folder / "papers"), folder, rounds)
        compare("short texts", make_texts(folder / "texts"), folder, rounds)
    print(f"papers: {ratio:.3f} times the bare loop's time; target {TARGET}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
