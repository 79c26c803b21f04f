"""The record of a document: who wrote it, when; what a reader sets; searches narrowed by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typesettables import compile_pages

from reslib import AttachmentNotFound, ExtractionWorker, ResearchDatabase, frames

_SOURCE = """#set text(font: "New Computer Modern", size: 10pt)
#align(center)[#text(17pt)[{title}]

{author}

2016]

*Abstract.* The seasonal measurement influences the coastal observation across three winters.

= Introduction

Words about harbours in the introduction, and about tides.

= Methods

Words about instruments.
"""
_HTML = """<!doctype html><meta name="citation_title" content="Waves of the Ems">
<meta name="citation_author" content="Bo Li"><meta name="citation_publication_date" content="2019">
<meta name="citation_doi" content="10.1016/j.waves.2019.1"><h1>Waves</h1><h2>Methods</h2>
<p>Instruments and tides.</p><h2>Results</h2><p>Harbours.</p>"""


@pytest.fixture
def library(db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path) -> ResearchDatabase:
    made = _SOURCE.format(title="The tidal range of long estuaries", author="Ann B. Reed, Bo Li")
    pdf = db.add_attachment("tides.pdf", compile_pages(tmp_path, made))
    page = tmp_path / "waves.html"
    page.write_text(_HTML)
    web = db.add_attachment("waves.html", page)
    worker.start()
    worker.enqueue_batch([pdf, web])
    assert worker.wait(timeout=60)
    return db


def test_a_record_has_the_surest_of_what_is_known(library: ResearchDatabase) -> None:
    tides, waves = library.record(1), library.record(2)
    assert tides.title == "The tidal range of long estuaries"
    assert tides.authors == ("Ann B. Reed", "Bo Li")
    assert tides.year == 2016
    assert tides.doi == ""
    assert tides.sources["title"] == "page 1"
    assert (waves.title, waves.year, waves.doi) == (
        "Waves of the Ems",
        2019,
        "10.1016/j.waves.2019.1",
    )
    with pytest.raises(AttachmentNotFound):
        library.record(77)


def test_what_a_reader_sets_wins_also_when_the_document_is_read_again(
    library: ResearchDatabase, worker: ExtractionWorker
) -> None:
    library.set_metadata(1, title="Tides", authors=["Ann Reed"], doi="10.1016/j.tides.1")
    worker.extract_again([1])
    assert worker.wait(timeout=60)
    found = library.record(1)
    assert (found.title, found.authors, found.doi) == ("Tides", ("Ann Reed",), "10.1016/j.tides.1")
    assert found.sources["title"] == "set by you"
    assert found.year == 2016
    assert library.set_metadata(1, title=None).title == "The tidal range of long estuaries"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("titel", "x"),
        ("title", ""),
        ("title", 7),
        ("authors", "Ann Reed"),
        ("year", "soon"),
        ("year", 99999),
        ("doi", "no DOI"),
    ],
)
def test_a_field_that_is_none_is_refused(
    library: ResearchDatabase, field: str, value: object
) -> None:
    with pytest.raises(ValueError, match=r"not|empty"):
        library.set_metadata(1, **{field: value})


def test_the_year_of_an_old_work_and_a_doi_as_an_address_are_kept(
    library: ResearchDatabase,
) -> None:
    found = library.set_metadata(1, year=1485, doi="https://doi.org/10.1000/182")
    assert (found.year, found.doi) == (1485, "10.1000/182")
    assert [hit.attachment_id for hit in library.search("tides", doi="10.1000/182")] == [1]
    assert [hit.attachment_id for hit in library.search("tides", year=(1400, 1500))] == [1]


def test_the_id_of_a_document_may_come_from_a_frame(library: ResearchDatabase) -> None:
    for id in frames.documents(library).index:
        assert library.record(id).attachment_id == id


def test_documents_are_a_frame_with_their_records(library: ResearchDatabase) -> None:
    found = frames.documents(library)
    assert found["title"].tolist() == ["The tidal range of long estuaries", "Waves of the Ems"]
    assert found["authors"].tolist()[0] == "Ann B. Reed; Bo Li"
    assert found["year"].tolist() == [2016, 2019]
    assert found["page_count"].tolist() == [1, 1]
    assert "title: page 1" in found["sources"].tolist()[0]


def test_a_search_is_narrowed_by_year_author_and_doi(library: ResearchDatabase) -> None:
    def ids(**narrowed: object) -> list[int]:
        return sorted(hit.attachment_id for hit in library.search("tides", **narrowed))  # type: ignore[arg-type]

    assert ids() == [1, 2]
    assert ids(year=2016) == [1]
    assert ids(year=(2017, 2020)) == [2]
    assert ids(author="reed") == [1]
    assert ids(author="Bo Li") == [1, 2]
    assert ids(doi="https://doi.org/10.1016/J.waves.2019.1") == [2]
    assert ids(year=1999) == []
    with pytest.raises(ValueError, match="year is a number"):
        library.search("tides", year="soon")  # type: ignore[arg-type]


def test_a_search_in_a_section_finds_what_stands_in_it(library: ResearchDatabase) -> None:
    assert [hit.attachment_id for hit in library.search("tides", section="methods")] == [2]
    assert library.search("harbours", section="methods") == []
    [hit] = library.search("harbours", section="results")
    assert "Harbours" in hit.snippet
