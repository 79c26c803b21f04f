"""Take away one protection after the other, and see which test notices: ``make mutants``.

Each mutation removes what stands behind an invariant of the project from a copy of the source; the
named tests must then fail. One that they survive is a promise that nothing checks. Exit code 1
when there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cluster_mutations import CLUSTER_MUTATIONS
from extractor_mutations import EXTRACTOR_MUTATIONS
from mutation import Mutation
from pool_mutations import POOL_MUTATIONS
from sandbox_mutations import SANDBOX_MUTATIONS
from shown_mutations import SHOWN_MUTATIONS
from storage_mutations import STORAGE_MUTATIONS

from reslib.sandbox import orphans

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "mutations.md"

MUTATIONS: tuple[Mutation, ...] = (
    *STORAGE_MUTATIONS,
    *POOL_MUTATIONS,
    *SANDBOX_MUTATIONS,
    *EXTRACTOR_MUTATIONS,
    *SHOWN_MUTATIONS,
    *CLUSTER_MUTATIONS,
)


def try_out(mutation: Mutation, copy: Path) -> tuple[str, float]:
    """Return the first test that fails on the mutated copy, and the seconds it took."""
    path = copy / mutation.file
    source = path.read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        raise SystemExit(f"{mutation.removed}: its text is {source.count(mutation.old)} times in "
                         f"{mutation.file}; bring the mutation up to date")  # fmt: skip
    path.write_text(source.replace(mutation.old, mutation.new), encoding="utf-8")
    began = time.monotonic()
    arguments = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", mutation.tests)]
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'widgets'}"},
            capture_output=True,
            text=True,
            timeout=400,
        )
        failed = re.search(r"^(?:FAILED|ERROR) \S*?([\w/]+\.py::\w+)", run.stdout, re.MULTILINE)
        if failed:
            caught = failed[1].removeprefix("tests/")
        else:
            # A whole run may be ended by pytest-timeout.
            hung = re.search(r"Timeout|timed out", run.stdout + run.stderr)
            caught = "(a test hangs)" if hung and run.returncode else ""
            if run.returncode and not caught:
                caught = "(cannot even start)" if run.returncode != 5 else ""
    except subprocess.TimeoutExpired:
        caught = "(hangs)"
    finally:
        path.write_text(source, encoding="utf-8")
        for left in orphans():  # some protections keep children from being left behind
            with contextlib.suppress(ProcessLookupError):
                os.kill(left.pid, signal.SIGKILL)
    return caught, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutations that mention one of these")
    parser.add_argument("--part", metavar="N/M", help="every M-th mutation, from the N-th")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    arguments = parser.parse_args()
    chosen = [
        mutation
        for mutation in MUTATIONS
        if not arguments.words
        or any(word in mutation.invariant + mutation.removed for word in arguments.words)
    ]
    if arguments.part:
        number, parts = map(int, arguments.part.split("/"))
        chosen = chosen[number - 1 :: parts]
    lines = ["| invariant | what was removed | caught by | s |", "|---|---|---|---:|"]
    survived = 0
    with tempfile.TemporaryDirectory(prefix="reslib-mutants-") as folder:
        copy = Path(folder) / "reslib"
        for part in ("reslib", "widgets", "tests", "notebooks", "samples"):
            shutil.copytree(
                ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        print("\n".join(lines), flush=True)
        for mutation in chosen:
            caught, seconds = try_out(mutation, copy)
            survived += not caught
            shown = f"`{caught}`" if "::" in caught else caught or "**nothing**"
            lines.append(f"| {mutation.invariant} | {mutation.removed} | {shown} | {seconds:.0f} |")
            print(lines[-1], flush=True)
    summary = f"{len(lines) - 2} mutations, {survived} survived."
    print(f"\n{summary}")
    if arguments.write:
        title = "# What was removed, and which test noticed\n\n`make mutants`, last recorded run: "
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(title + summary + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
