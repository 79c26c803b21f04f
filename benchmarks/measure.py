"""What the benchmarks of ``make bench`` share: rounds in turn, medians and spread, kept results.

Each benchmark hands :func:`save` one :class:`Report`; ``performance.py`` makes
``docs/performance.md`` of what was kept. A machine that is busy with other things moves all sides
of a round alike, so sides take turns, and what is compared are ratios within a round.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).parent / "results"
#: Whether a look is enough: fewer rounds, smaller sizes, nothing is kept.
QUICK = bool(os.environ.get("QUICK"))


@dataclass
class Table:
    """A table as it is printed. The first column says what a row is."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""


@dataclass
class Target:
    """What was asked for, and what was reached."""

    what: str
    target: str
    reached: str
    met: bool
    #: What stops it, with a number, when it was missed.
    limit: str = ""


@dataclass
class Report:
    """Everything that one benchmark has to say."""

    name: str
    title: str
    #: How it was measured, in sentences: settings, durability, sizes, rounds.
    how: str
    #: Packages whose versions matter.
    packages: list[str]
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    #: Figures that other reports or the note on growth need, by name.
    figures: dict[str, float] = field(default_factory=dict)

    def table(self, title: str, columns: list[str], rows: list[list[str]], note: str = "") -> None:
        """Print a table and keep it."""
        self.add(Table(title, columns, rows, note))

    def add(self, table: Table) -> None:
        """Print a table and keep it."""
        print(f"\n{markdown(table)}\n", flush=True)
        self.tables.append(table)

    def expect(self, what: str, target: str, reached: str, met: bool, limit: str = "") -> None:
        """Keep a target, see :class:`Target`."""
        self.targets.append(Target(what, target, reached, met, limit))


def markdown(table: Table) -> str:
    """Return a table as Markdown, with its title and note."""
    lines = [f"**{table.title}**", "", "| " + " | ".join(table.columns) + " |"]
    lines.append("|---" + "|---:" * (len(table.columns) - 1) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    if table.note:
        lines += ["", table.note]
    return "\n".join(lines)


def in_turn(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run every side once in each round, another one first each time; return all figures."""
    names = list(sides)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(sides[name]())
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of ours by theirs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Return the median, and the lowest and the highest."""
    middle = format(statistics.median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} ({format(min(values), form)} to {format(max(values), form)})"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> dict[str, Any]:
    """Return what the figures depend on and nobody chose."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "file_system": _file_system(tempfile.gettempdir()),
    }


def _processor() -> str:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line for line in lines if line.startswith("model name")).split(": ")[1]
    return platform.processor() or "unknown processor"


def _file_system(place: str) -> str:
    mounts = psutil.disk_partitions(all=True)
    above = [mount for mount in mounts if Path(place).is_relative_to(mount.mountpoint)]
    return max(above, key=lambda m: len(m.mountpoint)).fstype if above else "unknown"


def _commit() -> str:
    """Return the commit that is checked out; what results change is no change of what is run."""
    git = ["git", "-C", str(RESULTS.parents[1])]
    changed = [*git, "status", "--porcelain", "--", "*.py", "*.sql"]
    try:
        found = [
            subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
            for command in ([*git, "rev-parse", "--short=9", "HEAD"], changed)
        ]
    except (OSError, subprocess.SubprocessError):
        return "an unknown commit"
    return found[0] + (" with changes" if found[1] else "")


def save(report: Report, keep: bool = not QUICK) -> int:
    """Print the targets, keep the report, and return the exit code."""
    for target in report.targets:
        print(f"{'met   ' if target.met else 'MISSED'} {target.what}: {target.reached} "
              f"(target {target.target})")  # fmt: skip
    versions = {}
    for name in report.packages:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    kept = {
        **asdict(report),
        "recorded": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": _commit(),
        "machine": machine(),
        "versions": versions,
    }
    if keep:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{report.name}.json"
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0
