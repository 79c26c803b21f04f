"""Table of ``make bench``: what it costs a pool to replace children, before and after.

    python benchmarks/replacement.py

5,000 tiny texts go through a pool of two workers. A child used to be replaced after 500 documents,
and its worker stood still meanwhile; now it is replaced when it has grown, and its successor is
started beforehand. So the texts go through twice: as they are, and with an extractor that keeps
half a megabyte of each, so that children grow and are replaced with both versions. What starts and
ends children is timed from outside.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from benchmarks.before_after import BEFORE, NoSuchVersion, both, serve
from benchmarks.measure import QUICK, Report, save, spread

#: A child keeps so many kilobytes of each document that grows it.
KEPT_KB = 512

TEXTS = 600 if QUICK else 5000
ROUNDS = 1 if QUICK else 2
WORKERS = 2
#: Share of the workers' time that may be lost.
TARGET = 0.02
CASES = {"tiny texts": False, f"tiny texts, {KEPT_KB} kB of each kept": True}
#: The columns of the table, by what a side calls them, and their format.
COLUMNS = {
    "seconds": ("s", ",.1f"),
    "children": ("children replaced", ",.0f"),
    "longest": ("longest stop, s", ".2f"),
    "lost": ("lost, s", ".2f"),
    "share": ("lost", ".1%"),
}


def keep(path: Path) -> str:
    """Read a text, and lose memory."""
    import builtins
    from pathlib import Path

    kept = builtins.__dict__.setdefault("kept", [])
    kept.append(b"x" * (512 << 10))
    return Path(path).read_text(encoding="utf-8")


class _Clock:
    """Adds up the seconds that workers spend in some functions, each thread's first start apart."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self.seconds = 0.0
        self.longest = 0.0
        self.children = 0

    def time(self, function: Callable[..., Any], *, counts: bool = False) -> Callable[..., Any]:
        """Return *function* as one that is timed in the threads of workers."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            if not threading.current_thread().name.startswith("reslib-"):
                return function(*arguments, **named)
            if getattr(self._local, "inside", False):  # it is timed with what calls it
                return function(*arguments, **named)
            started = self._local.started = getattr(self._local, "started", 0) + counts
            self._local.inside = True
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                took = time.perf_counter() - began
                self._local.inside = False
                if started > 1:  # the first child is no replacement: its start, the wait for it
                    with self._lock:
                        self.seconds += took
                        self.longest = max(self.longest, took)
                        self.children += counts

        return timed


def run(texts: int, workers: int, grow: bool) -> dict[str, float]:
    """Send so many tiny texts through a pool; return what it took."""
    from reslib import ExtractionWorker, ResearchDatabase, register_extractor, unregister_extractor
    from reslib.sandbox.process import ChildProcess
    from reslib.sandbox.session import Session

    clock = _Clock()
    parts = [(ChildProcess, "__init__"), (Session, "wait_until_ready")]
    endings = ("let_go", "shut_down", "dismiss")  # versions have two of them, or one
    parts += [(ChildProcess, name) for name in endings if hasattr(ChildProcess, name)]
    real = [getattr(owner, name) for owner, name in parts]
    for (owner, name), function in zip(parts, real, strict=True):
        setattr(owner, name, clock.time(function, counts=name == "__init__"))
    if grow:
        register_extractor("keep", keep, suffixes=[".txt"])
    try:
        with tempfile.TemporaryDirectory(prefix="reslib-bench-") as folder:
            paths = [Path(folder) / f"{number}.txt" for number in range(texts)]
            for number, path in enumerate(paths):  # the same bytes twice would be one document
                path.write_text(f"Note {number}. " + "Some words about a paper. " * 20, "utf-8")
            with ResearchDatabase(Path(folder) / "r.db") as db:
                ids = [db.add_attachment(path.name, path) for path in paths]
                worker = ExtractionWorker(
                    db,
                    num_workers=workers,
                    memory_limit_mb=1024,
                    extractors=["keep"] if grow else (),
                )
                worker.start()
                began = time.perf_counter()
                worker.enqueue_batch(ids)
                assert worker.wait(900)
                took = time.perf_counter() - began
                found = clock.seconds, clock.longest, clock.children
                worker.stop()
    finally:
        for (owner, name), function in zip(parts, real, strict=True):
            setattr(owner, name, function)
        if grow:
            unregister_extractor("keep")
    lost, longest, children = found
    return {
        "seconds": took,
        "lost": lost,
        "share": lost / (took * workers),
        "longest": longest,
        "children": children,
    }


def main() -> int:
    """Measure and keep."""
    report = Report(
        name="replacement",
        title="Replacing children",
        how=f"{TEXTS:,} texts of 520 characters, {WORKERS} workers, a limit of 1,024 MB; "
        f"{ROUNDS} rounds, the two versions in turn. Lost is the time in which workers start "
        "children, wait for them to get ready, or wait for them to end, as a share of the time of "
        "all workers; the first child of each worker is left out, because it replaces none.",
        packages=[],
    )
    try:
        with both(Path(__file__)) as sides:
            rows = []
            for case, grow in CASES.items():
                found: list[list[dict[str, float]]] = [[], []]
                for number in range(ROUNDS):
                    for index in (0, 1) if number % 2 else (1, 0):
                        answer = sides[index].ask("run", texts=TEXTS, workers=WORKERS, grow=grow)
                        found[index].append(answer)
                for side, results in zip(sides, found, strict=True):
                    cells = [
                        spread([result[name] for result in results], form)
                        for name, (_, form) in COLUMNS.items()
                    ]
                    rows.append([f"{case}, {side.name}", *cells])
                share = statistics.median(result["share"] for result in found[1])
                report.expect(
                    f"{case}: time lost to replacing children",
                    f"under {TARGET:.0%}",
                    f"{share:.1%}",
                    share < TARGET,
                )
    except NoSuchVersion as error:
        print(f"no comparison: {error}")
        return 0
    report.table(
        f"{TEXTS:,} tiny texts, before ({BEFORE}) and after",
        ["", *(title for title, _ in COLUMNS.values())],
        rows,
    )
    return save(report)


if __name__ == "__main__":
    if sys.argv[1:] == ["side"]:
        serve({"run": run})
    else:
        raise SystemExit(main())
