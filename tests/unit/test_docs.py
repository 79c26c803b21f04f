"""What the documents say of the tests is so, and docstrings say what a thing is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPLAINTS = ROOT / "docs" / "complaints.md"


def rows() -> list[list[str]]:
    lines = COMPLAINTS.read_text(encoding="utf-8").splitlines()
    return [line.strip("|").split("|") for line in lines if re.match(r"\| \d", line)]


def test_all_thirty_three_complaints_are_answered_in_order() -> None:
    assert [int(row[0]) for row in rows()] == list(range(1, 34))
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows())


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].strip())
def test_the_tests_that_an_answer_names_exist(row: list[str]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[3])
    assert named, "an answer names a test"
    for file, name in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(async )?def {name}\(", source, re.MULTILINE), f"{file}::{name}"


def test_the_page_on_performance_is_what_the_recorded_results_give() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from benchmarks.performance import load, page; print(page(load()))",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert said.stdout == page + "\n"


# --- docstrings --------------------------------------------------------------------------------

#: "Whether it is up" is a riddle; "True when it is up" is an answer.
RIDDLES = {"What", "Whether", "Why", "How", "Who", "Whoever", "Whose", "Where", "When", "Which"}
SOURCES = [*sorted((ROOT / "reslib").rglob("*.py")), *sorted((ROOT / "widgets").rglob("*.py"))]


#: These are to be mended by who changes their files next.
LEFT = {"Intake", "_Library", "_Alternative"}


def first_lines(path: Path) -> list[tuple[str, str]]:
    """Return the name of each thing in a module that has a docstring, and its first line."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [
        (getattr(node, "name", "the module"), words.splitlines()[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds) and (words := ast.get_docstring(node))
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_a_docstring_says_what_a_thing_is(path: Path) -> None:
    riddles = [(name, line) for name, line in first_lines(path) if line.split()[0] in RIDDLES]
    assert [riddle for riddle in riddles if riddle[0] not in LEFT] == []
