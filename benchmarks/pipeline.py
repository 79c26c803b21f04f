"""Table 2 of ``make bench``: from documents to searchable text, beside other ways of doing it.

    python benchmarks/pipeline.py

500 documents: papers typeset here in one and two columns, the samples, and Word documents. What
matters most is the bare pool: as many processes that read with the same extractors and write the
same rows, and do nothing else. Its texts must be the same, byte for byte.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import QUICK, Report, Table, in_turn, ratio, save, spread
from evaluation.docx_quality import make as make_docx
from evaluation.typeset import one_column, quick_paper, two_columns
from reslib import ExtractionResult, QueueManager, ResearchDatabase
from reslib.extractors.registry import Registry
from reslib.models import Outcome
from reslib.sandbox.run import extract

DOCUMENTS = 24 if QUICK else 500
ROUNDS = 1 if QUICK else 3
#: Slow ways read this many of the documents, chosen at random.
PART = 8 if QUICK else 40
TEXTS = 200 if QUICK else 2000
WORKERS = (1, 2, 4)
SAMPLES = Path(__file__).parents[1] / "samples" / "papers"
#: Samples that fail on purpose; the bare pool would end there.
BROKEN = ("ethics-minutes-locked.pdf", "tide-gauges-broken-download.pdf")
SIDES = Path(__file__).parent / "pipeline_sides.py"
PATIENCE = 900


def make_documents(folder: Path, count: int) -> list[Path]:
    """Write papers and Word documents, and copy the samples."""
    paths = []
    makers = (one_column, two_columns, quick_paper, quick_paper)
    samples = [p for p in sorted(SAMPLES.iterdir()) if p.suffix == ".pdf" and p.name not in BROKEN]
    for n in range(count):
        if n % 5 == 4:
            path = folder / f"{n:04}.docx"
            make_docx(path, seed=n)
        elif n % 5 == 3:
            path = folder / f"{n:04}-{samples[n // 5 % len(samples)].name}"
            shutil.copy(samples[n // 5 % len(samples)], path)
        else:
            path = folder / f"{n:04}.pdf"
            makers[n % len(makers)](path, seed=n % 60)  # typesetting takes longer than reading
        paths.append(path)
    random.Random(1).shuffle(paths)
    return paths


def make_texts(folder: Path, count: int) -> list[Path]:
    """Write texts so short that there is nothing to read."""
    paths = []
    for n in range(count):
        path = folder / f"{n}.txt"
        path.write_text(f"Note number {n}.\n" + "Some words about a paper. " * 20, "utf-8")
        paths.append(path)
    return paths


class Course:
    """Documents that every way is sent over, each time with a new database."""

    def __init__(self, folder: Path, paths: list[Path]) -> None:
        self.folder, self.paths = folder, paths
        #: Wall seconds of whole processes, start and imports included, by way and workers.
        self.cold: dict[tuple[str, int], list[float]] = {}
        #: Processor seconds of the process and of its children while it reads, by the same.
        self.cpu: dict[tuple[str, int], list[tuple[float, float]]] = {}
        self.texts: dict[str, list[tuple[str, str]]] = {}

    def run(self, way: str, workers: int, paths: list[Path] | None = None) -> float:
        """Send a way over the documents; return the warm seconds."""
        database = self.folder / "run.db"
        for left in self.folder.glob("run.db*"):
            left.unlink()
        said = {
            "way": way,
            "workers": workers,
            "database": str(database),
            "paths": [str(path) for path in paths or self.paths],
        }
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, SIDES],
            input=json.dumps(said),
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        self.cold.setdefault((way, workers), []).append(time.monotonic() - began)
        if way in ("reslib", "bare"):
            with sqlite3.connect(database) as connection:
                texts = connection.execute(
                    "SELECT path, extracted_text FROM attachments ORDER BY path"
                ).fetchall()
            connection.close()
            if self.texts.setdefault("all", texts) != texts:
                raise SystemExit(f"{way} wrote other texts than the way before it")
        found = json.loads(done.stdout)
        self.cpu.setdefault((way, workers), []).append((found["own_cpu"], found["children_cpu"]))
        return float(found["seconds"])


def main_table(report: Report, course: Course) -> dict[tuple[str, int], list[float]]:
    """Compare the ways that read all documents."""
    ways = [(way, n) for n in WORKERS for way in ("reslib", "bare", "executor pypdfium2")]
    ways.append(("loop pypdfium2", 1))
    sides = {f"{way}|{n}": lambda way=way, n=n: course.run(way, n) for way, n in ways}
    found = in_turn(sides, ROUNDS)
    seconds = {(way, n): found[f"{way}|{n}"] for way, n in ways}
    count = len(course.paths)
    rows = []
    names = {
        "reslib": "reslib",
        "bare": "bare pool: the same extractors and rows",
        "executor pypdfium2": "ProcessPoolExecutor, pypdfium2, plain text",
        "loop pypdfium2": "loop, pypdfium2, plain text",
    }
    for way, n in ways:
        rows.append(
            [
                names[way],
                str(n),
                spread([count / s for s in seconds[way, n]], ",.1f"),
                f"{statistics.median(seconds[way, n]):.2f}",
                f"{statistics.median(course.cold[way, n]):.2f}",
                f"{ratio(seconds['reslib', n], seconds[way, n]):.2f}",
            ]
        )
    report.table(
        f"{count} documents",
        ["way", "workers", "documents/s, warm", "s, warm", "s, cold", "reslib's time by its"],
        rows,
        "Warm: processes are up and have imported what they need. Cold: the whole run, with "
        "the start of the interpreter, adding the documents, and the end. The last column is "
        "of warm seconds with as many workers.",
    )
    report.add(processor_table(course))
    for n in WORKERS:
        reached = ratio(seconds["reslib", n], seconds["bare", n])
        ours, bare = (sum(processor_ms(course, way, n)) for way in ("reslib", "bare"))
        report.expect(
            f"{n} worker{'s' * (n > 1)}, time by the bare pool's, warm",
            "1.10 at most",
            f"{reached:.3f}",
            reached <= 1.10,
            f"processor time alone is {ours / bare:.2f} times the bare pool's: {ours:.1f} ms "
            f"a document to its {bare:.1f}"
            if reached > 1.10
            else "",
        )
    gained = ratio(seconds["reslib", 1], seconds["reslib", 2])
    limit = ratio(seconds["bare", 1], seconds["bare", 2])
    report.expect(
        "from 1 to 2 workers",
        "1.9 times as fast",
        f"{gained:.2f}",
        gained >= 1.9,
        f"the bare pool, which has nothing but two processes, gains {limit:.2f} on the same "
        f"{os.cpu_count()} cores"
        if gained < 1.9
        else "",
    )
    for n in WORKERS:
        median = statistics.median(seconds["reslib", n])
        report.figures[f"papers_per_second_{n}"] = count / median
    return seconds


def processor_ms(course: Course, way: str, workers: int) -> tuple[float, float]:
    """Return the milliseconds a document of the process and of its children, medians."""
    own, children = zip(*course.cpu[way, workers], strict=True)
    count = len(course.paths)
    return statistics.median(own) * 1000 / count, statistics.median(children) * 1000 / count


def processor_table(course: Course) -> Table:
    """Return what each process of the two pools works."""
    rows = []
    for n in WORKERS:
        for way, name in (("reslib", "reslib"), ("bare", "bare pool")):
            own, children = processor_ms(course, way, n)
            rows.append([name, str(n), f"{own:.2f}", f"{children:.2f}", f"{own + children:.2f}"])
    return Table(
        "Processor, milliseconds a document",
        ["way", "workers", "parent", "children", "sum"],
        rows,
        "From the first document to the end. reslib's parent claims, watches the deadline and the "
        "memory, and writes text and search index; the children of the bare pool write these "
        "themselves. With as many workers as cores the parent takes its part from them.",
    )


def stored_per_second(folder: Path, texts: list[tuple[str, str]]) -> float:
    """Return how many of the documents one writer ends and claims a second, text and index
    included: what the queue passes when reading takes no time.
    """
    outcomes = [Outcome(result=ExtractionResult(text, (0,), extractor="x")) for _, text in texts]
    with ResearchDatabase(folder / "stored.db") as db:
        queue = QueueManager(db)
        queue.enqueue_batch([db.add_attachment(Path(path).name, path) for path, _ in texts])
        job = queue.claim("w")
        began = time.perf_counter()
        for outcome in outcomes:
            assert job is not None
            _, job = queue.complete_and_claim(job.id, "w", attempt=job.attempt, outcome=outcome)
        return len(outcomes) / (time.perf_counter() - began)


def slow_table(report: Report, course: Course) -> None:
    """Compare the ways that take so long that they read a part."""
    part = random.Random(2).sample(course.paths, min(PART, len(course.paths)))
    ways = ["reslib", "loop pypdfium2", "loop pdfplumber", "loop markitdown"]
    ways = [way for way in ways if way == "reslib" or find_spec(way.split()[1])]
    missing = "" if "loop markitdown" in ways else " markitdown is not installed."
    rounds = 1 if QUICK else 2
    course.texts.clear()  # of all documents, not of this part
    found = in_turn({way: lambda way=way: course.run(way, 1, part) for way in ways}, rounds)
    rows = [
        [
            "reslib, 1 worker" if way == "reslib" else way.replace("loop ", "loop, "),
            spread([len(part) / s for s in found[way]], ",.1f"),
            f"{ratio(found[way], found['reslib']):.2f}",
        ]
        for way in ways
    ]
    report.table(
        f"{len(part)} of them, chosen at random",
        ["way", "documents/s, warm", "its time by reslib's"],
        rows,
        f"One process each.{missing}",
    )


def overhead(report: Report, folder: Path) -> None:
    """Add what one document costs when there is nothing to read."""
    (folder / "texts").mkdir()
    course = Course(folder, make_texts(folder / "texts", TEXTS))
    found = in_turn(
        {way: lambda way=way: course.run(way, 1) for way in ("reslib", "bare")}, 1 if QUICK else 3
    )
    ours = statistics.median(found["reslib"]) / TEXTS * 1000
    theirs = statistics.median(found["bare"]) / TEXTS * 1000
    reading = read_only_ms(course.paths)
    report.table(
        f"{TEXTS:,} short texts, one worker, milliseconds a document",
        ["way", "ms a document"],
        [
            ["reslib", f"{ours:.2f}"],
            ["bare pool", f"{theirs:.2f}"],
            ["reading alone, with reslib's extractor", f"{reading:.2f}"],
        ],
        "Wall time. What is left without reading is what claims, the process boundary, limits, "
        "events, and storing the text and its place in the index cost.",
    )
    report.expect(
        "overhead a document, reading taken out",
        "under 2 ms",
        f"{ours - reading:.2f} ms",
        ours - reading < 2,
    )
    report.figures["overhead_ms"] = ours - reading


def read_only_ms(paths: list[Path]) -> float:
    """Return the milliseconds that reading one of the documents takes, with nothing else."""
    registry = Registry()
    registry.installed()
    began = time.perf_counter()
    for path in paths:
        extract(str(path), None, (), registry, *[lambda *_: None] * 3)
    return (time.perf_counter() - began) * 1000 / len(paths)


def main() -> int:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory(prefix="reslib-pipeline-") as name:
        folder = Path(name)
        (folder / "papers").mkdir()
        paths = make_documents(folder / "papers", DOCUMENTS)
        for path in paths:  # what is read from the disk is in its cache for every side
            path.read_bytes()
        report = Report(
            name="pipeline",
            title="From documents to searchable text",
            how=(
                f"{len(paths)} documents made for it: three fifths papers typeset in one and two "
                f"columns, a fifth the samples, a fifth Word documents. {ROUNDS} rounds, the ways "
                "take turns. All store in WAL mode with synchronous=NORMAL, one transaction a "
                "document, with an FTS5 index. The documents are in the page cache for all. Ways "
                "that cannot read .docx use python-docx for its paragraphs. The plain ways store "
                "name and text only; the bare pool stores what reslib stores."
            ),
            packages=["pypdfium2", "pdfplumber", "markitdown", "python-docx"],
        )
        course = Course(folder, paths)
        main_table(report, course)
        report.figures["papers_stored_per_second"] = stored_per_second(folder, course.texts["all"])
        slow_table(report, course)
        overhead(report, folder)
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main())
