"""Filling a library and searching in it, with two versions of reslib in turn.

    BEFORE=5f7bfe3 DOCUMENTS=100000 python benchmarks/growth.py before

Each version fills a library of its own with the same texts, a part at a time in turn, and answers
the same queries in turn, so that a machine that is busy with other things hits both alike.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.before_after import BEFORE, NoSuchVersion, both, serve
from benchmarks.growth_library import Texts, fill, megabytes, queries_for
from benchmarks.measure import QUICK, Report, percentile
from reslib import ResearchDatabase

__all__ = ["compare"]

DOCUMENTS = int(os.environ.get("DOCUMENTS") or (4_000 if QUICK else 100_000))
PARTS = 4 if QUICK else 20
ROUNDS = 3 if QUICK else 5
#: Bounds of what is after by what was before.
FILLING, SEARCHING, INDEX = 0.8, 1.5, 1.6


def compare(report: Report) -> None:
    """Measure; add the table and the targets, or say why there are none."""
    try:
        seen = _measure()
    except NoSuchVersion as error:
        print(f"skipped the comparison with the version before: {error}")
        return
    before, after = seen
    rows = [
        ["stored a second", *(f"{s['rate']:,.0f}" for s in seen), _by(before, after, "rate")],
        ["search p50, ms", *(f"{s['p50']:.2f}" for s in seen), _by(before, after, "p50")],
        ["search p99, ms", *(f"{s['p99']:.2f}" for s in seen), _by(before, after, "p99")],
    ]
    rows += [
        [f"{kind}, median ms", *(f"{s['kinds'][kind]:.2f}" for s in seen),
         f"{after['kinds'][kind] / before['kinds'][kind]:.2f}"]
        for kind in before["kinds"]
    ]  # fmt: skip
    rows += [
        ["hits, all queries", *(f"{s['hits']:,}" for s in seen), _by(before, after, "hits")],
        ["search index, MB", *(f"{s['index']:.1f}" for s in seen), _by(before, after, "index")],
        ["file, MB", *(f"{s['file']:.1f}" for s in seen), _by(before, after, "file")],
    ]
    report.table(
        f"Before and after, {DOCUMENTS:,} documents",
        ["", f"before ({BEFORE})", "after", "after by before"],
        rows,
        f"Two libraries of the same texts, filled in {PARTS} parts in turn; each query asked "
        f"{ROUNDS} times of each, in turn, and the median of these counts.",
    )
    for what, name, least, bound in (
        ("filling", "rate", True, FILLING),
        ("search p50", "p50", False, SEARCHING),
        ("search p99", "p99", False, SEARCHING),
        ("size of the index", "index", False, INDEX),
    ):
        ratio = after[name] / before[name]
        met = ratio >= bound if least else ratio <= bound
        report.expect(
            f"{what} at {DOCUMENTS:,}, by before",
            f"{bound} at {'least' if least else 'most'}",
            f"{ratio:.2f}",
            met,
        )


def _by(before: dict[str, Any], after: dict[str, Any], name: str) -> str:
    return f"{after[name] / before[name]:.2f}"


def _measure() -> list[dict[str, Any]]:
    """Return what both versions reached, before and after."""
    with (
        tempfile.TemporaryDirectory(prefix="reslib-growth-") as folder,
        both(Path(__file__)) as sides,
    ):
        found: list[dict[str, Any]] = [{"seconds": 0.0} for _ in sides]
        pairs = list(zip(sides, found, strict=True))
        for number, (side, _) in enumerate(pairs):
            side.ask("begin", path=str(Path(folder) / f"{number}.db"))
        for part in range(PARTS):
            for side, result in pairs[:: 1 if part % 2 else -1]:
                first, last = (DOCUMENTS * n // PARTS for n in (part, part + 1))
                result["seconds"] += side.ask("add", first=first, last=last)
        asked = sides[0].ask("queries", size=DOCUMENTS)
        times: list[list[list[float]]] = [[], []]
        for number in range(-1, ROUNDS):  # the first is to warm up
            for index in (0, 1) if number % 2 else (1, 0):
                answer = sides[index].ask("search", queries=[query for _, query in asked])
                found[index]["hits"] = answer["hits"]
                if number >= 0:
                    times[index].append(answer["ms"])
        for (side, result), rounds in zip(pairs, times, strict=True):
            each = [statistics.median(some) for some in zip(*rounds, strict=True)]
            kinds = dict.fromkeys(kind for kind, _ in asked)
            result |= {
                "rate": DOCUMENTS / result["seconds"],
                "p50": percentile(each, 0.5),
                "p99": percentile(each, 0.99),
                "kinds": {
                    kind: statistics.median(
                        ms for ms, (other, _) in zip(each, asked, strict=True) if other == kind
                    )
                    for kind in kinds
                },
                **side.ask("size"),
            }
    return found


class _Library:
    """What a side does: one library, filled and asked."""

    def begin(self, path: str) -> None:
        """Make an empty one."""
        self._texts = Texts(1)
        self._db = ResearchDatabase(path)

    def add(self, first: int, last: int) -> float:
        """Store documents; return the seconds it took."""
        return fill(self._db, self._texts, first, last)[0]

    def queries(self, size: int) -> list[tuple[str, str]]:
        """Return kinds and queries."""
        return queries_for(self._texts, self._db, size)

    def search(self, queries: list[str]) -> dict[str, Any]:
        """Ask each query once; return milliseconds of each and the number of all hits."""
        times, hits = [], 0
        for query in queries:
            began = time.perf_counter()
            hits += len(self._db.search(query))
            times.append((time.perf_counter() - began) * 1000)
        return {"ms": times, "hits": hits}

    def size(self) -> dict[str, float]:
        """Return megabytes of file and index."""
        return megabytes(self._db)


if __name__ == "__main__":  # as a side, see before_after
    library = _Library()
    names = ("begin", "add", "queries", "search", "size")
    serve({name: getattr(library, name) for name in names})
