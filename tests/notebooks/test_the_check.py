"""The check of the lessons can fail: eight ways to break one, each seen."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lessons import problems, run
from PIL import Image

Notebook = Any


def cell(source: str, outputs: list[Any], count: int, *tags: str) -> Any:
    made = nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=count)
    made.metadata["tags"] = list(tags)
    return made


def result(count: int, **data: str) -> Any:
    kinds = {name.replace("_", "/"): value for name, value in data.items()}
    return nbformat.v4.new_output("execute_result", data=kinds, execution_count=count)


def picture(colour: str) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


DRAW = """
from PIL import Image
Image.new("RGB", (40, 30), "teal")
"""
REPR = "<PIL.Image.Image image mode=RGB size=40x30>"


@pytest.fixture
def notebook() -> Notebook:
    """A small lesson that is right: a number, a figure, an expected error."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    made.cells = [
        cell("6 * 7", [result(1, text_plain="42")], 1),
        cell(DRAW, [result(2, text_plain=REPR, image_png=picture("teal"))], 2),
        cell(
            "1 / 0",
            [nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="division by zero")],
            3,
            "raises-exception",
        ),
    ]
    return made


def number_changes(notebook: Notebook) -> None:
    notebook.cells[0].source = "6 * 8"


def code_raises(notebook: Notebook) -> None:
    notebook.cells[0].source = "undefined"


def figure_changes(notebook: Notebook) -> None:
    notebook.cells[1].source = DRAW.replace("teal", "olive")


def figure_is_gone(notebook: Notebook) -> None:
    notebook.cells[1].source = "None"


def expected_error_is_not_raised(notebook: Notebook) -> None:
    notebook.cells[2].source = "1 / 1"


def outputs_are_stripped(notebook: Notebook) -> None:
    for made in notebook.cells:
        made.outputs, made.execution_count = [], None


def run_out_of_order(notebook: Notebook) -> None:
    notebook.cells[0].execution_count, notebook.cells[1].execution_count = 2, 1


def output_is_ignored(notebook: Notebook) -> None:
    notebook.cells[0].source = "6 * 8"
    notebook.cells[0].metadata["tags"] = ["nbval-ignore-output"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lesson.ipynb"


def test_a_lesson_that_is_right_passes(notebook: Notebook, path: Path) -> None:
    nbformat.write(notebook, path)
    done = run(path)
    assert done.returncode == 0, done.stdout
    assert list(problems(path)) == []


@pytest.mark.parametrize(
    "break_it",
    [
        number_changes,
        code_raises,
        figure_changes,
        figure_is_gone,
        expected_error_is_not_raised,
    ],
)
def test_running_a_lesson_catches_that(
    break_it: Callable[[Notebook], None], notebook: Notebook, path: Path
) -> None:
    break_it(notebook)
    nbformat.write(notebook, path)
    done = run(path)
    assert done.returncode == 1, done.stdout
    assert "1 failed, 2 passed" in done.stdout


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (outputs_are_stripped, "not run from a fresh kernel"),
        (run_out_of_order, "not run from a fresh kernel"),
        (output_is_ignored, "nobody said why"),
    ],
)
def test_looking_at_a_lesson_catches_what_running_it_does_not(
    break_it: Callable[[Notebook], None], words: str, notebook: Notebook, path: Path
) -> None:
    break_it(notebook)
    nbformat.write(notebook, path)
    assert run(path).returncode == 0, "nbval alone would let it pass"
    assert any(words in problem for problem in problems(path))
