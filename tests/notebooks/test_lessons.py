"""The lessons still work: each is run from its first to its last cell, and gives what it shows."""

from __future__ import annotations

import re

import pytest
from lessons import LESSONS, ROOT, problems, run

NAMES = [path.name for path in LESSONS]


def test_the_lessons_are_there():
    assert [name[:2] for name in NAMES] == [f"{n:02}" for n in range(8)]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_gives_what_it_shows(name: str) -> None:
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
