"""Where the lessons are, and the two ways they are checked: by running, and by looking."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
#: Seconds for a lesson. One takes under half a minute; this is for machines with much other work.
LONGEST = 840
#: By name: notebooks that a reader has put beside them are theirs.
NAMES = (
    "00_start.ipynb",
    "01_first_library.ipynb",
    "02_the_queue.ipynb",
    "03_what_went_wrong.ipynb",
    "04_exploring_metrics.ipynb",
    "05_control_panel.ipynb",
    "06_your_own_extractor.ipynb",
    "07_pulling_the_plug.ipynb",
    "08_your_own_folder.ipynb",
    "09_scans.ipynb",
    "10_more_than_one_machine.ipynb",
    "11_one_data_set.ipynb",
)
LESSONS = [ROOT / "notebooks" / name for name in NAMES]

#: Cells whose output differs from run to run, and why.
MAY_DIFFER = {
    "05_control_panel.ipynb": {
        "ControlPanel(worker)": "it is live",
        "ThroughputPlot(worker)": "it is live",
    },
    "11_one_data_set.ipynb": {"TableViewer(db": "it says when it was shown"},
}


def run(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook in a kernel of this Python and compare everything with what it shows."""
    return subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "-p", "nbval_figures", "-p", "no:cacheprovider"),
            *("--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"),
            f"--nbval-sanitize-with={HERE / 'sanitize.cfg'}",
            *("--rootdir", str(notebook.parent), "-c", os.devnull),
            str(notebook),
        ],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def problems(path: Path) -> Iterator[str]:
    """Look at a notebook as it is stored. nbval passes one without outputs: nothing to compare."""
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "its kernel is not python3"
    if "widgets" in notebook["metadata"]:
        yield "it keeps the state of widgets, which is large and goes stale"
    if len(text) >= 500_000:
        yield "it is larger than 500 kB"
    if len(notebook["cells"]) >= 25:
        yield "it has 25 cells or more"
    if found := re.search(r"/(home|Users|root|tmp|work)/", text):
        yield f"it shows a path of somebody's machine: {found.group()}"
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if [cell["execution_count"] for cell in cells] != list(range(1, len(cells) + 1)):
        yield "it was not run from a fresh kernel, in order"
    reasons = MAY_DIFFER.get(path.name, {})
    needed = set()
    for cell in cells:
        source, tags = "".join(cell["source"]), set(cell["metadata"].get("tags", []))
        yield from (f"{problem}: {source}" for problem in _problems_of_outputs(cell, tags))
        if "nbval-ignore-output" in tags:
            known = {words for words in reasons if words in source}
            needed |= known
            if not known:
                yield f"its output is not compared, and nobody said why: {source}"
    for words in reasons.keys() - needed:
        yield f"no cell needs the exception for {words!r} any more"


def _problems_of_outputs(cell: dict[str, Any], tags: set[str]) -> Iterator[str]:
    if tags - {"nbval-ignore-output", "raises-exception"}:
        yield f"a tag that is not allowed, of {sorted(tags)}"
    outputs = cell["outputs"]
    raised = any(output["output_type"] == "error" for output in outputs)
    if raised != ("raises-exception" in tags):
        yield "it shows an error, or expects one, but not both"
    if any(output.get("name") == "stderr" for output in outputs):
        yield "it shows warnings"
    if any(len(output.get("data", {}).get("image/png", "")) > 200_000 for output in outputs):
        yield "a figure is larger than 150 kB"


if __name__ == "__main__":
    # For `make notebooks`.
    sys.stdout.write(" ".join(f"notebooks/{name}" for name in NAMES) + "\n")
