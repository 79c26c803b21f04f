"""Many random schedules of faults: ``make test-faults RUNS=500``.

Prints the seed of each schedule that broke something, and what was run in all. Exit code 1 when
the oracle found anything.
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
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from schedule import FAULTS, Report, run_schedule

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "faults.md"


def one(seed: int) -> Report:
    """Run one schedule; whatever goes wrong is a violation of its seed."""
    with tempfile.TemporaryDirectory(prefix="reslib-faults-") as folder:
        try:
            return run_schedule(seed, Path(folder))
        except Exception:
            return Report(seed, violations=[traceback.format_exc()])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many schedules")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; random by default")
    parser.add_argument("--jobs", type=int, default=3, help="how many at a time")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    arguments = parser.parse_args()
    first = random.randrange(10**6) if arguments.seed is None else arguments.seed
    seeds = range(first, first + arguments.runs)
    print(f"{arguments.runs} schedules, seeds {seeds[0]} to {seeds[-1]}", flush=True)

    began = time.monotonic()
    steps: Counter[str] = Counter()
    states: Counter[str] = Counter()
    broken: list[Report] = []
    killed = 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, mp_context=context) as executor:
        for done, future in enumerate(as_completed([executor.submit(one, s) for s in seeds]), 1):
            report = future.result()
            steps.update(report.steps)
            states.update(report.states)
            killed += any(report.steps[f"SIGKILL a {whom}"] for whom in ("pool", "child"))
            if report.violations:
                broken.append(report)
                print(f"seed {report.seed}:")
                for text in report.violations:
                    print(f"    {text[:2000]}", flush=True)
            if done % 25 == 0:
                print(f"… {done} done, {len(broken)} broken", flush=True)
    minutes = (time.monotonic() - began) / 60

    faults = sum(steps[name] for name in FAULTS)
    pools = steps.pop("(pools)")
    lines = [
        f"{arguments.runs} schedules (seeds {seeds[0]} to {seeds[-1]}), {killed} of them with a "
        f"SIGKILL among the steps, and every one ends in killing or stopping all that runs: "
        f"{sum(steps.values()):,} steps, {faults:,} of them faults, on {pools:,} processes with a "
        f"pool, {minutes:.0f} minutes, {arguments.jobs} at a time.",
        "",
        f"Jobs in the end: {', '.join(f'{n:,} {state}' for state, n in states.most_common())}.",
        "",
        f"**Schedules that violated anything: {len(broken)}"
        + (f" (seeds {', '.join(str(r.seed) for r in broken)})" if broken else "")
        + ".**",
        "",
        "| step | times |",
        "|---|---:|",
        *(f"| {name} | {count:,} |" for name, count in steps.most_common()),
    ]
    print("\n".join(["", *lines]))
    if arguments.write:
        title = "# Random schedules of faults\n\n`make test-faults RUNS=…`, last recorded run.\n\n"
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
