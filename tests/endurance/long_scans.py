"""A long scan that is killed again and again, alone and on a busy machine; papers beside scans.

    python tests/endurance/long_scans.py [--pages 600] [--kills 20] [--load 20] [--write]

A scan of many pages is read by a pool in a process of its own, which is killed at random moments
with the signal that nobody can catch, and begun again. Each page says when tesseract read it: a
page that was kept before a kill and says another time afterwards was read twice. Two seconds after
each kill it is looked whether any process of it lives. Then the same, with so many processes that
compute for nothing.

The last part is a folder of papers: how long until the last of them is searchable, with long scans
enqueued before them and without, in turn. Exit code 1 when a page was lost or read twice, when
something outlived a kill, or when scans keep papers waiting by more than a fifth.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageDraw, ImageFont

from evaluation.typeset import quick_paper
from reslib import ExtractionWorker, ResearchDatabase

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "scans.md"
#: Seconds after which nothing of a killed pool may live.
OUTLIVE = 2.0
#: By how much scans may keep papers waiting.
MOST_WAIT = 1.2
ROUNDS = 3

#: Tesseract, which says first when it reads a page. It takes the place of the shell, so that the
#: end of what started it ends it, as it does without this test.
_STAMPED = """#!/bin/sh
row='5\\t1\\t999\\t1\\t1\\t1\\t1\\t1\\t9\\t9\\t96\\tat%s\\n'
case "$*" in *tsv*) printf "$row" "$(date +%s%N)" ;; esac
exec {program} "$@"
"""
_POOL = """
import sys
from reslib import ExtractionWorker, ResearchDatabase
with ResearchDatabase(sys.argv[1]) as db:
    with ExtractionWorker(db, 2, max_retries=1, extraction_timeout=float(sys.argv[2])) as worker:
        worker.enqueue_batch(db.needs_extraction())
        worker.wait()
"""


@dataclass(slots=True)
class Killed:
    """What became of a scan that was killed again and again.

    Parameters
    ----------
    pages, kills, load
        How many, and how many processes computed for nothing.
    lost, twice
        Pages without their words at the end, and those that were read again though they were kept.
    outlived
        Processes that lived on after a kill.
    seconds, timeout
        How long it took, and the time that a document without pages of its own has.
    """

    pages: int
    kills: int
    load: int
    timeout: float
    lost: int = 0
    twice: int = 0
    outlived: int = 0
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """True when nothing was lost, read twice or left."""
        return not (self.lost or self.twice or self.outlived)


def long_scan(pages: int, path: Path, seed: int = 0) -> None:
    """Write a PDF of pages that are pictures of a line each."""
    font = ImageFont.load_default(26)
    made = []
    for number in range(1, pages + 1):
        page = Image.new("L", (800, 200), 255)
        words = f"Page {number} of the log of harbour {seed}, read at night"
        ImageDraw.Draw(page).text((60, 80), words, 0, font)
        made.append(page)
    made[0].save(path, "PDF", resolution=100, save_all=True, append_images=made[1:])


def stamped(folder: Path) -> Path:
    """Write a program that reads as tesseract does, and says when."""
    program = shutil.which("tesseract")
    assert program is not None, "tesseract is not installed"
    path = folder / "tesseract"
    path.write_text(_STAMPED.replace("{program}", program))
    path.chmod(0o755)
    return path


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Have so many processes compute for nothing."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def kept(database: Path) -> dict[int, str]:
    """Return the pages that are done, each with the moment at which it was read."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT number, text FROM task_pages WHERE text <> ''").fetchall()
    return {number: text.split()[0] for number, text in rows}


def kill(pool: subprocess.Popen[bytes], program: Path) -> int:
    """Kill a pool; return how many processes of it live on."""
    family = psutil.Process(pool.pid).children(recursive=True)
    os.kill(pool.pid, signal.SIGKILL)
    pool.wait()
    psutil.wait_procs(family, timeout=OUTLIVE)
    left = {process.pid for process in family if _lives(process)}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(program) in process.cmdline():
                left.add(process.pid)
    return len(left)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def killed(folder: Path, asked: Killed, seed: int) -> Killed:
    """Read a long scan, killed so many times at random moments."""
    dice = random.Random(seed)
    document, database = folder / "log.pdf", folder / "research.db"
    long_scan(asked.pages, document)
    program = stamped(folder)
    environment = {**os.environ, "RESLIB_TESSERACT": str(program)}
    command = [sys.executable, "-c", _POOL, str(database), str(asked.timeout)]
    with ResearchDatabase(database) as db:
        id = db.add_attachment(document.name, document)
    seen: dict[int, str] = {}
    kills = 0
    began = time.monotonic()
    with busy(asked.load):
        for number in range(asked.kills):
            pool = subprocess.Popen(command, env=environment)
            try:
                # Somewhere on the way to where it should be after this kill, or a little later.
                until = asked.pages * (number + 1) // (asked.kills + 1)
                while len(kept(database)) < until and pool.poll() is None:
                    time.sleep(0.2)
                with suppress(subprocess.TimeoutExpired):
                    pool.wait(dice.uniform(0.0, 2.0))
            finally:
                if pool.poll() is None:
                    asked.outlived += kill(pool, program)
                    kills += 1
            now = kept(database)
            asked.twice += sum(now.get(page) != moment for page, moment in seen.items())
            seen = now
            print(f"kill {number + 1}: {len(now)} of {asked.pages} pages", flush=True)
        subprocess.run(command, env=environment, check=True)
    asked.seconds, asked.kills = time.monotonic() - began, kills
    now = kept(database)
    asked.twice += sum(now.get(page) != moment for page, moment in seen.items())
    with ResearchDatabase(database) as db:
        text = db.get_attachment(id).extracted_text or ""
    asked.lost = sum(f"Page {n} of the log" not in text for n in range(1, asked.pages + 1))
    return asked


def papers(folder: Path, count: int) -> list[Path]:
    """Write so many papers."""
    made = []
    for number in range(count):
        made.append(folder / f"paper-{number}.pdf")
        quick_paper(made[-1], number)
    return made


def until_the_last(folder: Path, documents: list[Path], scans: list[Path]) -> float:
    """Return the seconds until the last of some papers is searchable, with scans before them."""
    database = folder / f"{time.monotonic_ns()}.db"
    with ResearchDatabase(database) as db:
        first = [db.add_attachment(path.name, path) for path in scans]
        ids = {db.add_attachment(path.name, path) for path in documents}
        left = set(ids)
        done: list[float] = []

        def noted(job: object) -> None:
            left.discard(getattr(job, "attachment_id", None))
            if not left and not done:
                done.append(time.monotonic())

        with ExtractionWorker(db, 2) as worker:
            worker.on("job_completed", lambda job, *_: noted(job))
            began = time.monotonic()
            worker.enqueue_batch([*first, *sorted(ids)])
            while not done:
                time.sleep(0.01)
            worker.stop(timeout=0)
    return done[0] - began


def report(runs: list[Killed], waits: tuple[list[float], list[float]], shape: str) -> str:
    """Return all of it as a page of Markdown."""
    lines = [
        "# Long scans",
        "",
        f"`python tests/endurance/long_scans.py`, Python {platform.python_version()}, "
        f"{platform.system()}, {os.cpu_count()} cores.",
        "",
        "| pages | `extraction_timeout` | kills | busy processes beside it | seconds | lost | read "
        "twice | outlived a kill by 2 s |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        lines.append(
            f"| {run.pages} | {run.timeout:.0f} s | {run.kills} | {run.load} | {run.seconds:.0f} | "
            f"{run.lost} | {run.twice} | {run.outlived} |"
        )
    if waits[0]:
        alone, beside = (statistics.median(each) for each in waits)
        lines += [
            "",
            f"{shape}, 2 workers: the last paper is searchable after {beside:.2f} s, without scans "
            f"after {alone:.2f} s: {beside / alone:.2f} times (medians of {ROUNDS}, in turn; "
            f"each: {_each(waits[1])}; {_each(waits[0])}).",
        ]
    return "\n".join(lines) + "\n"


def _each(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def main(arguments: list[str]) -> int:
    """Print what was measured; 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600, help="of the scan that is killed")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--timeout", type=float, default=300, help="extraction_timeout, seconds")
    parser.add_argument("--load", type=int, default=20, help="busy processes of the second run")
    parser.add_argument("--load-pages", type=int, default=600, help="pages of the second run")
    parser.add_argument("--load-kills", type=int, default=20, help="kills of the second run")
    parser.add_argument("--papers", type=int, default=200)
    parser.add_argument("--scans", type=int, default=4, help="of 50 pages, before the papers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args(arguments)
    plans = [Killed(asked.pages, kills, 0, asked.timeout) for kills in (0, asked.kills)]
    plans += [Killed(asked.load_pages, asked.load_kills, asked.load, asked.timeout)]
    runs = []
    for plan in plans:
        if plan.pages:
            with tempfile.TemporaryDirectory() as name:
                runs.append(killed(Path(name), plan, asked.seed))
            print(runs[-1], flush=True)
    waits: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = papers(folder, asked.papers)
        scans = [folder / f"scan-{number}.pdf" for number in range(asked.scans)]
        for number, path in enumerate(scans):
            long_scan(50, path, number)
        for _ in range(ROUNDS if documents else 0):
            waits[0].append(until_the_last(folder, documents, []))
            waits[1].append(until_the_last(folder, documents, scans))
    shape = f"{asked.papers} papers and {asked.scans} scans of 50 pages before them"
    whole = report(runs, waits, shape)
    print(whole)
    if asked.write:
        RESULTS.write_text(whole, encoding="utf-8")
    waited = statistics.median(waits[1]) / statistics.median(waits[0]) if documents else 0.0
    return int(waited > MOST_WAIT or not all(run.is_well for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
