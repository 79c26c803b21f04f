"""The long form: ``make fuzz MINUTES=60``. Every target in turn, on one processor.

A finding ends the fuzzer, is kept under ``build/fuzz/TARGET/``, and the next seed goes on for the
rest of the target's time. The exit code is 1 when there was one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pdf_process
from targets import TARGETS

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "fuzz"
#: Resident megabytes, and seconds before libFuzzer ends it: behind the limit of processor time
#: that the targets have themselves.
_OPTIONS = ("-rss_limit_mb=1500", "-timeout=60", "-print_final_stats=1")
#: Bytes of the longest input, unless seeds are longer.
_LONGEST = 8192
_MOST_FINDINGS = 25


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join([*TARGETS, 'pdf'])}")
    given = parser.parse_args()
    names = given.targets or [*TARGETS, "pdf"]
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}, {given.minutes:g} minutes, targets: {', '.join(names)}", flush=True)
    rows = []
    for name in names:
        seconds = 60 * given.minutes / len(names)
        row = _pdf(seconds, seed) if name == "pdf" else _guided(name, seconds, seed)
        rows.append(row)
        print(_line(row), flush=True)
        for words in row["findings"]:
            print(f"  FINDING {words}", flush=True)
    (BUILD / f"report-{seed}.json").write_text(json.dumps(rows, indent=1))
    return int(any(row["findings"] for row in rows))


def _line(row: dict[str, Any]) -> str:
    return (
        f"| {row['target']} | {row['seconds']:.0f} | {row['executions']:,} | "
        f"{row['executions'] / max(row['seconds'], 0.1):,.0f} | "
        f"{row['coverage'][0]} → {row['coverage'][1]} | {row['corpus']} | "
        f"{len(row['findings'])} | {row['seeds'][0]}…{row['seeds'][-1]} |"
    )


def _pdf(seconds: float, seed: int) -> dict[str, Any]:
    folder = BUILD / "pdf"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    figures = pdf_process.main(seconds, seed, folder)
    taken = time.monotonic() - began
    return {"target": "pdf", "seconds": taken, "coverage": ("", ""), "seeds": [seed], **figures}


def _guided(name: str, seconds: float, seed: int) -> dict[str, Any]:
    folder = BUILD / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(TARGETS[name].seeds()):
        (corpus / f"seed-{number:02}").write_bytes(data)
    longest = max(_LONGEST, *(2 * len(data) for data in TARGETS[name].seeds()))
    words = folder / "tokens.dict"
    tokens = TARGETS[name].tokens or (b"\0",)  # an empty dictionary is an error
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in tokens))
    row: dict[str, Any] = {"target": name, "executions": 0, "findings": [], "seeds": []}
    first = last = 0
    began = time.monotonic()
    while (left := seconds - (time.monotonic() - began)) > 3 and (
        len(row["findings"]) < _MOST_FINDINGS
    ):
        # Zero would have libFuzzer choose one.
        row["seeds"].append(seed + len(row["seeds"]) + 1)
        log = folder / f"log-{row['seeds'][-1]}.txt"
        with log.open("wb") as stream:
            subprocess.run(
                [
                    *(sys.executable, os.fspath(HERE / "harness.py"), name, *_OPTIONS),
                    f"-max_len={longest}",
                    *(f"-seed={row['seeds'][-1]}", f"-max_total_time={int(left)}"),
                    *(f"-artifact_prefix={folder}/", f"-dict={words}", os.fspath(corpus)),
                ],
                stdout=stream,
                stderr=subprocess.STDOUT,
                timeout=left + 180,
                check=False,
            )
        said = log.read_text("utf-8", "replace")
        row["executions"] += max([0, *(int(n) for n in re.findall(r"^#(\d+)\s", said, re.M))])
        coverage = [int(n) for n in re.findall(r"cov: (\d+)", said)]
        first, last = first or (coverage or [0])[0], max([last, *coverage])
        finding = _finding(said)
        if finding:
            row["findings"].append(finding)
    row |= {
        "seconds": time.monotonic() - began,
        "coverage": (first, last),
        "corpus": sum(1 for _ in corpus.iterdir()),
    }
    return row


def _escaped(token: bytes) -> str:
    plain = b'\\"'
    return "".join(chr(b) if 32 <= b < 127 and b not in plain else f"\\x{b:02x}" for b in token)


def _finding(said: str) -> str:
    """Return what ended the fuzzer before its time, empty when nothing did."""
    place = re.search(r"Test unit written to (\S+)", said)
    if place is None and "Done " in said:
        return ""
    error = re.search(r"Uncaught Python exception: ===\s*\n(.*)", said)
    frames = re.findall(r'File "[^"]*/((?:reslib|zipfile|tests)\b[^"]*)", line (\d+)', said)
    where = ":".join(frames[-1]) if frames else ""
    words = error[1] if error else (re.findall(r"^.*(?:ERROR|SUMMARY).*$", said, re.M) or ["?"])[-1]
    return f"{words[:200]} at {where} ({Path(place[1]).name if place else 'no input kept'})"


if __name__ == "__main__":
    sys.exit(main())
