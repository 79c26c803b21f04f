"""All tables of ``make bench``, one after the other; then ``docs/performance.md``.

    python benchmarks/bench.py [NAME …]

QUICK=1 takes a look at each and keeps nothing.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from measure import QUICK
from performance import REPORTS

HERE = Path(__file__).parent
#: Seconds after which a benchmark hangs. Together they stay under what `make bench` promises.
LIMIT = 180 if QUICK else 1200


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
        try:
            code = subprocess.run([sys.executable, HERE / f"{name}.py"], timeout=LIMIT).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - start:.0f} s, exit code {code}", flush=True)
    print(f"== {time.monotonic() - began:.0f} s in all; failed: {', '.join(failed) or 'none'}")
    if not QUICK:
        subprocess.run([sys.executable, HERE / "performance.py"], check=True)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
