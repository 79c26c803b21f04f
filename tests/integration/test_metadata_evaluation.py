"""The evaluation of title, authors, DOI, year and headings: what it counts, and what it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.metadata import Score, Told, Truth, told_of
from evaluation.paperlayouts import HELD, SEEN, UNSEEN, typeset_first_pages


@pytest.fixture
def truth() -> Truth:
    return Truth("Tides of the Elbe", ["Ann Reed", "Bo Li"], 2019, "10.1/a", ["1 Range", "2 Age"])


def test_what_is_told_right_counts_as_one(truth: Truth) -> None:
    score = Score()
    headings = ["Abstract", "1. RANGE", "2 Age"]  # numbers, case and an abstract count for nothing
    told = Told("Tides of the Elbe", ["Ann Reed", "Bo Li"], 2019, "10.1/A", headings)
    score.add("paper", truth, told)
    assert set(score.means().values()) == {1.0}
    assert score.misses_targets() == []


def test_what_is_told_wrong_is_named(truth: Truth) -> None:
    score = Score()
    score.add("paper", truth, Told("Tides", ["Ann Reed", "Fram Centre"], 2018, "10.1/b", ["3 Age"]))
    means = score.means()
    assert means["title"] == means["year"] == means["DOI found"] == 0.0
    assert means["authors"] == means["recall"] == 0.5
    assert score.wrong_dois == ["paper: 10.1/b, not 10.1/a"]
    missed = ["title", "authors", "year", "recall", "paper: 10.1/b, not 10.1/a"]
    assert score.misses_targets() == missed


def test_a_doi_is_wrong_where_the_paper_has_none_and_may_be_missed(truth: Truth) -> None:
    score = Score()
    score.add("one", Truth(None, None, None), Told(doi="10.1/b"))
    score.add("two", truth, Told("Tides of the Elbe", ["Ann Reed", "Bo Li"], 2019))
    assert score.wrong_dois == ["one: 10.1/b, not any"]
    assert "DOI found" not in score.misses_targets()


@pytest.mark.parametrize("layout", [*SEEN, *UNSEEN, *HELD])
def test_a_paper_in_the_manner_of_a_publisher_is_told(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "paper.pdf"
    facts = typeset_first_pages(path, layout, 1001)
    told = told_of(path)
    score = Score()
    names = [author.name for author in facts.authors]
    truth = Truth(facts.title, names, facts.year, facts.doi, facts.headings)
    score.add(layout, truth, told)
    assert score.misses_targets() == []
