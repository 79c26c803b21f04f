"""Fail when a test that should have run was skipped: ``skips.py REPORT.xml ALLOWED.txt``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree


def unexpected_skips(report: Path, allowed: list[str]) -> tuple[int, list[str]]:
    """Return how many tests the report has, and those skipped for no allowed reason."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    found = []
    for case in cases:
        for skip in case.iter("skipped"):
            reason = skip.get("message") or ""
            # An expected failure is reported as a skip too; xfail_strict looks after those.
            if skip.get("type") == "pytest.xfail":
                continue
            if not any(re.search(pattern, reason) for pattern in allowed):
                found.append(f"{case.get('classname')}::{case.get('name')}: {reason}")
    return len(cases), found


def main(arguments: list[str]) -> int:
    """Print what was skipped; 1 when something was that should have run."""
    report, patterns = Path(arguments[0]), Path(arguments[1])
    allowed = [line for line in patterns.read_text(encoding="utf-8").splitlines() if line]
    if not report.exists():
        print(f"there is no {report}: the tests did not run to their end")
        return 1
    count, skipped = unexpected_skips(report, allowed)
    if not count:
        print("no test ran at all")
        return 1
    if skipped:
        print(f"{len(skipped)} of {count} tests were skipped and should have run:")
        print("\n".join(f"  {line}" for line in skipped))
        return 1
    print(f"nothing that should have run: {count} tests, skips only as allowed ({allowed})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
