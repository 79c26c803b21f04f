"""Many random schedules of kills on clusters of this machine: ``make test-cluster RUNS=100``.

Prints the seed of each schedule that broke something. Exit code 1 when the oracle found anything.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "faults"))

from kills import DOCUMENTS, Report, run_schedule
from loopback import Cluster, lives

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "cluster-kills.md"


def some(seeds: list[int]) -> list[Report]:
    """Run schedules one after the other on one cluster; see what is left of it."""
    reports = []
    with tempfile.TemporaryDirectory(prefix="reslib-cluster-") as folder:
        with Cluster(Path(folder)) as cluster:
            for seed in seeds:
                place = Path(folder, str(seed))
                place.mkdir()
                try:
                    reports.append(run_schedule(seed, cluster, place))
                except Exception:
                    reports.append(Report(seed, violations=[traceback.format_exc()]))
                last = reports[-1]
                state = "broken" if last.violations else "ok"
                print(f"seed {seed}: {state}, {last.seconds:.0f} s, {dict(last.kills)}", flush=True)
        until = time.monotonic() + 5
        while time.monotonic() < until and any(map(lives, cluster.children())):
            time.sleep(0.05)
        if left := [pid for pid in cluster.children() if lives(pid)]:
            reports[-1].violations.append(f"children outlive the cluster: {left}")
    return reports


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many schedules")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; random by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many clusters at a time")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    arguments = parser.parse_args()
    first = random.randrange(10**6) if arguments.seed is None else arguments.seed
    seeds = range(first, first + arguments.runs)
    print(f"{arguments.runs} schedules, seeds {seeds[0]} to {seeds[-1]}", flush=True)

    began = time.monotonic()
    shares = [list(seeds[start :: arguments.jobs]) for start in range(arguments.jobs)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, mp_context=context) as executor:
        reports = [r for share in executor.map(some, filter(None, shares)) for r in share]
    minutes = (time.monotonic() - began) / 60

    kills: Counter[str] = Counter()
    for report in reports:
        kills.update(report.kills)
    broken = [report for report in reports if report.violations]
    for report in broken:
        print(f"seed {report.seed}:")
        for text in report.violations:
            print(f"    {text[:4000]}", flush=True)
    lines = [
        f"{len(reports)} schedules (seeds {seeds[0]} to {seeds[-1]}) of {DOCUMENTS} documents on "
        f"two workers each: {sum(kills.values()):,} kills, "
        f"{sum(report.attempts for report in reports):,} attempts that counted, {minutes:.0f} "
        "minutes.",
        "",
        f"**Schedules that violated anything: {len(broken)}"
        + (f" (seeds {', '.join(str(r.seed) for r in broken)})" if broken else "")
        + ".** Each document was read to its end and stored once, with its own text; no process "
        "was left." * (not broken),
        "",
        "| killed | times |",
        "|---|---:|",
        *(f"| {name} | {count:,} |" for name, count in kills.most_common()),
    ]
    print("\n".join(["", *lines]))
    if arguments.write:
        title = "# Random kills on a cluster\n\n`make test-cluster RUNS=…`, last recorded run.\n\n"
        RESULTS.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
