"""Title, authors, DOI, year, abstract and keywords of papers, told from their first pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from typesettables import compile_pages

from reslib.items import Metadata
from reslib.models import ExtractionResult

Told = Callable[..., dict[str, list[Metadata]]]

_PROSE = (
    "The seasonal measurement consistently influences the coastal observation across three "
    "winters, and the instrument characterises the uncertainty of the calibration. "
) * 3
_PAPER = """#set page(paper: "a4", columns: {columns}, margin: 2.2cm, footer: [{footer}])
#set text(font: "New Computer Modern", size: 10pt)
#set par(justify: true)
#place(top, scope: "parent", float: true)[#align(center)[
#text(17pt)[The tidal range of long estuaries and \\ what it does to their harbours]

#text(11pt)[Ann B. Reed#super[1], Bo Li#super[2,\\*] and Carla van der Berg#super[1]]

#super[1]Department of Hydrology, University of Somewhere, 12 Long Street

#super[2]Institute of the Coast, bo.li\\@example.org
]]
*Abstract.* {prose}

*Keywords:* tides, estuaries, harbours

= Introduction

{prose}

= Methods

As the DOI of a work that is cited says: doi:10.5555/cited.2011.7 {prose}
"""


@pytest.fixture
def told(read: Callable[[Path], ExtractionResult], tmp_path: Path) -> Told:
    def told(columns: int = 1, footer: str = "", source: str = "") -> dict[str, list[Metadata]]:
        made = source or _PAPER.format(columns=columns, footer=footer, prose=_PROSE)
        found: dict[str, list[Metadata]] = defaultdict(list)
        for item in read(compile_pages(tmp_path, made)).items:
            if isinstance(item, Metadata) and item.page is not None:
                found[item.key].append(item)
        return found

    return told


@pytest.mark.parametrize("columns", [1, 2])
def test_a_paper_says_its_title_and_authors(told: Told, columns: int) -> None:
    found = told(columns)
    [title] = found["title"]
    assert title.value == ("The tidal range of long estuaries and what it does to their harbours")
    assert title.source == "page 1"
    assert title.confidence is not None
    assert title.confidence > 0.5
    assert [one.value for one in found["author"]] == [
        "Ann B. Reed",
        "Bo Li",
        "Carla van der Berg",
    ]


def test_abstract_and_keywords_end_where_the_text_begins(told: Told) -> None:
    found = told()
    [abstract] = found["description"]
    assert abstract.value.startswith("The seasonal measurement consistently")
    assert abstract.value.endswith("calibration.")
    assert [one.value for one in found["keywords"]] == ["tides", "estuaries", "harbours"]


def test_a_doi_is_that_of_the_paper_or_none(told: Told) -> None:
    assert told()["doi"] == []  # that in the text is of a work that is cited
    assert told(footer="https://doi.org/10.1145/nnnnnnn.nnnnnnn")["doi"] == []  # of a template
    [doi] = told(footer="J. Tides 12 (2019) 3--14. https://doi.org/10.1016/j.tides.2019.003")["doi"]
    assert doi.value == "10.1016/j.tides.2019.003"


def test_a_doi_of_an_archive_of_data_is_not_that_of_the_paper(told: Told) -> None:
    assert told(footer="Data: https://doi.org/10.5281/zenodo.1234567")["doi"] == []


@pytest.mark.parametrize(
    ("footer", "year"),
    [
        ("J. Tides 12 (2019) 3--14", "2019"),
        ("© 2017 The Authors", "2017"),
        ("Received 3 May 2015; accepted 7 July 2016; published 2 January 2018", "2018"),
        ("Draft of March 4, 2021", "2021"),
    ],
)
def test_a_year_is_that_of_the_publication(told: Told, footer: str, year: str) -> None:
    [found] = told(footer=footer)["year"]
    assert found.value == year
    assert found.source == "page 1"


def test_a_page_of_prose_has_no_authors(told: Told) -> None:
    found = told(source=f"{_PROSE}\n\n{_PROSE}")
    assert found["author"] == []
    assert found["doi"] == []
