"""All tables of ``make bench``, one after the other; then ``docs/performance.md``.

    python benchmarks/bench.py [NAME …]

QUICK=1 takes a look at each and keeps nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import QUICK
from benchmarks.performance import REPORTS

ROOT = Path(__file__).parents[1]
#: Seconds for all together, which is what `make bench` promises.
LIMIT = 300 if QUICK else 2400


def run(name: str, seconds: float) -> int:
    """Run one benchmark; end it and all its processes when it takes too long."""
    process = subprocess.Popen([sys.executable, ROOT / REPORTS[name]], start_new_session=True)
    try:
        return process.wait(max(1.0, seconds))
    except subprocess.TimeoutExpired:
        print(f"{name} took too long", flush=True)
        return -1
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> int:
    """Run what the command line names, or all; return 1 when one of them failed."""
    names = sys.argv[1:] or list(REPORTS)
    if unknown := [name for name in names if name not in REPORTS]:
        print(f"no such table: {', '.join(unknown)}; there are {', '.join(REPORTS)}")
        return 2
    began, failed = time.monotonic(), []
    for name in names:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        code = run(name, LIMIT - (start - began))
        if code:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - start:.0f} s, exit code {code}", flush=True)
    print(f"== {time.monotonic() - began:.0f} s in all; failed: {', '.join(failed) or 'none'}")
    if not QUICK and not failed:
        subprocess.run([sys.executable, ROOT / "benchmarks" / "performance.py"], check=True)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
