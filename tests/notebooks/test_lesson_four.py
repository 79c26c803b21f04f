"""What running lesson 4 does not show: its folded solutions are right, its figures transparent."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from lessons import LESSONS
from PIL import Image

LESSON = next(path for path in LESSONS if path.name == "04_exploring_metrics.ipynb")
_FOLD = re.compile(r"<details><summary>.*?</details>", re.DOTALL)
#: A block of code, and what it gives when that stands below it.
_BLOCK = re.compile(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", re.DOTALL)
#: Run each cell of standard input and write what the last expression of each gives.
_RUN = """
import json, sys
from contextlib import redirect_stdout
from IPython.core.interactiveshell import InteractiveShell
shell, given = InteractiveShell.instance(), []
with redirect_stdout(sys.stderr):
    for source in json.load(sys.stdin):
        done = shell.run_cell(source)
        done.raise_error()
        given.append(str(done.result))
json.dump(given, sys.stdout)
"""


def cells(kind: str) -> list[str]:
    notebook = json.loads(LESSON.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def folded() -> Iterator[tuple[str, str]]:
    for fold in _FOLD.findall("\n".join(cells("markdown"))):
        yield from _BLOCK.findall(fold)


def given(sources: list[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(sources),
        cwd=LESSON.parent,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(360)
def test_the_folded_solutions_run_and_give_what_stands_below_them():
    *lesson, close = cells("code")
    assert "cleanup()" in close
    blocks = list(folded())
    results = given([*lesson, *(code for code, _ in blocks)])[len(lesson) :]
    shown = [(text, result) for (_, text), result in zip(blocks, results, strict=True) if text]
    assert len(shown) == 2
    for text, result in shown:
        assert [line.rstrip() for line in result.splitlines()] == text.splitlines()


def test_no_cell_shows_the_solution_before_the_reader_opens_it():
    notebook = json.loads(LESSON.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert "collapsed" not in cell["metadata"], "not kept by JupyterLab when all cells are run"
    assert not any("truth.json" in code for code in cells("code"))


def test_each_figure_leaves_the_ground_to_the_theme():
    notebook = json.loads(LESSON.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) == 4
    for figure in figures:
        assert "needs_background" not in figure["metadata"].get("image/png", figure["metadata"])
        image = Image.open(io.BytesIO(base64.b64decode(figure["data"]["image/png"])))
        assert image.convert("RGBA").getchannel("A").getpixel((0, 0)) == 0
