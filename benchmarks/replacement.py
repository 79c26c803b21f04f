"""Table of ``make bench``: what it costs a pool to replace children, before and after.

    python benchmarks/replacement.py

5,000 tiny texts go through a pool of two workers. A child used to be replaced after 500 documents,
and its worker stood still meanwhile; now it is replaced when it has grown, and its successor is
started beforehand. So the texts go through twice: as they are, and with an extractor that keeps
half a megabyte of each, so that children grow and are replaced with both versions.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.before_after import BEFORE, NoSuchVersion, both
from benchmarks.measure import QUICK, Report, Table, Target, save, spread
from benchmarks.replacement_sides import KEPT_KB

TEXTS = 600 if QUICK else 5000
ROUNDS = 1 if QUICK else 2
WORKERS = 2
#: Share of the workers' time that may be lost.
TARGET = 0.02
CASES = {"tiny texts": False, f"tiny texts, {KEPT_KB} kB of each kept": True}


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
        with both(Path(__file__).with_name("replacement_sides.py")) as sides:
            rows = []
            for case, grow in CASES.items():
                found: list[list[dict[str, float]]] = [[], []]
                for number in range(ROUNDS):
                    for index in (0, 1) if number % 2 else (1, 0):
                        answer = sides[index].ask("run", texts=TEXTS, workers=WORKERS, grow=grow)
                        found[index].append(answer)
                for side, results in zip(sides, found, strict=True):

                    def column(
                        name: str, form: str, results: list[dict[str, float]] = results
                    ) -> str:
                        return spread([result[name] for result in results], form)

                    rows.append(
                        [
                            f"{case}, {side.name}",
                            column("seconds", ",.1f"),
                            column("children", ",.0f"),
                            column("longest", ".2f"),
                            column("lost", ".2f"),
                            column("share", ".1%"),
                        ]
                    )
                share = statistics.median(result["share"] for result in found[1])
                report.targets.append(
                    Target(
                        f"{case}: time lost to replacing children",
                        f"under {TARGET:.0%}",
                        f"{share:.1%}",
                        share < TARGET,
                    )
                )
    except NoSuchVersion as error:
        print(f"no comparison: {error}")
        return 0
    report.add(
        Table(
            f"{TEXTS:,} tiny texts, before ({BEFORE}) and after",
            ["", "s", "children replaced", "longest stop, s", "lost, s", "lost"],
            rows,
        )
    )
    return save(report)


if __name__ == "__main__":
    raise SystemExit(main())
