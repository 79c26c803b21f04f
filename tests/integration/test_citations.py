"""Documents as BibTeX, CSL-JSON and RIS, and what a bibliography says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reslib import ExtractionWorker, ResearchDatabase
from reslib.commands.cli import main
from reslib.documents.citations import as_bibtex, as_csl_json, as_ris, parted
from reslib.extractors.bib.bibtex import entries

_PAGE = """<!doctype html><meta name="citation_title" content="{title}">
<meta name="citation_author" content="{author}"><meta name="citation_publication_date"
content="2019"><p>Words.</p>"""


@pytest.fixture
def library(db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path) -> ResearchDatabase:
    titles = {"a": "Waves & tides {of} 50% of_the Ems", "b": "Harbours of the north", "c": "Depths"}
    for name, title in titles.items():
        path = tmp_path / f"{name}.html"
        path.write_text(_PAGE.format(title=title, author="Carla van der Berg"))
        db.add_attachment(path.name, path)
    worker.start()
    worker.enqueue_batch([1, 2, 3])
    assert worker.wait(timeout=60)
    return db


def test_bibtex_is_read_again_as_it_was_meant(library: ResearchDatabase) -> None:
    done = CliRunner().invoke(main, ["--db", str(library.path), "export", "--format", "bibtex"])
    assert done.exit_code == 0, done.output
    found = list(entries(done.output))
    assert [entry.key for entry in found] == [
        "vanderberg2019waves",
        "vanderberg2019harbours",
        "vanderberg2019depths",
    ]
    assert found[1].title == "Harbours of the north"
    assert found[0].title == "Waves & tides (of) 50% of_the Ems"
    assert found[0].authors == ["van der Berg, Carla"]
    assert found[0].year == "2019"


def test_csl_json_and_ris_name_authors_and_year(library: ResearchDatabase) -> None:
    run = CliRunner()
    done = run.invoke(main, ["--db", str(library.path), "export", "--format", "csl-json"])
    first = json.loads(done.output)[0]
    assert first["author"] == [{"family": "van der Berg", "given": "Carla"}]
    assert first["issued"] == {"date-parts": [[2019]]}
    done = run.invoke(main, ["--db", str(library.path), "export", "--format", "ris"])
    assert "AU  - van der Berg, Carla" in done.output
    assert done.output.count("ER  - ") == 3


def test_a_bibliography_is_matched_by_doi_file_and_title(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    library.set_metadata(1, doi="10.1016/j.waves.1")
    library.set_metadata(3, title="Depths, as I call it")
    path = tmp_path / "zotero.bib"
    path.write_text(
        "@article{berg19, title={Anything}, doi={10.1016/J.WAVES.1}, journal={J. Tides}}\n"
        "@article{north, title={Harbours of the {North}}, author={Berg, C. and Li, Bo},\n"
        "year=2020}\n"
        "@article{deep, title={Another title}, file={PDF:/home/me/c.html:text/html}}\n"
        "@book{none, title={A book that nobody has}}\n"
    )
    done = library.import_bibtex(path)
    assert done.matched == {"berg19": 1, "north": 2, "deep": 3}
    assert done.unmatched == ["none"]
    north = library.record(2)
    assert (north.key, north.authors, north.year) == ("north", ("C. Berg", "Bo Li"), 2020)
    assert north.sources["title"] == "zotero.bib"
    assert library.record(3).title == "Depths, as I call it"  # what a reader has set stays
    assert library.record(1).journal == "J. Tides"


def test_a_bibliography_is_read_in_the_encoding_in_which_it_is(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "jabref.bib"
    source = "@book{m, title={Depths}, author={Müller, Jürgen}, file={c.html}}\n"
    path.write_bytes(source.encode("cp1252"))
    library.import_bibtex(path)
    assert library.record(3).authors == ("Jürgen Müller",)


def test_an_entry_is_not_of_a_document_of_another_doi(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    library.set_metadata(3, doi="10.1016/j.depths.3")
    path = tmp_path / "other.bib"
    path.write_text("@article{x, title={Not this}, doi={10.1000/other}, file={storage/c.html}}")
    assert library.import_bibtex(path).unmatched == ["x"]
    assert library.record(3).title == "Depths"


def test_of_two_documents_of_one_doi_the_file_tells_which(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    for id in (1, 3):
        library.set_metadata(id, doi="10.1016/j.depths.3")
    path = tmp_path / "one.bib"
    path.write_text("@article{x, doi={10.1016/j.depths.3}, file={storage/c.html}}")
    assert library.import_bibtex(path).matched == {"x": 3}


def test_two_entries_of_one_document_are_not_mixed(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "two.bib"
    path.write_text(
        "@article{x, title={First}, file={c.html}}\n"
        "@article{y, title={Second}, volume={7}, file={c.html}}\n"
        "@misc{, title={Third of no key}, file={b.html}}\n"
        "@misc{, title={Fourth of no key}, file={a.html}}\n"
    )
    done = library.import_bibtex(path)
    assert done.matched == {"x": 3, "Third of no key": 2, "Fourth of no key": 1}
    assert done.repeated == ["y"]
    assert (library.record(3).title, library.record(3).volume) == ("First", "")


def test_family_names_of_a_bibliography_are_exported_as_they_were(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "names.bib"
    names = "García Márquez, Gabriel and van der Berg, Carla and King, Jr., Martin Luther"
    path.write_text(f"@book{{x, title={{Depths}}, author={{{names}}}, file={{c.html}}}}")
    library.import_bibtex(path)
    done = CliRunner().invoke(main, ["--db", str(library.path), "export", "--format", "csl-json"])
    [*_, last] = json.loads(done.output)
    assert last["author"] == [
        {"family": "García Márquez", "given": "Gabriel"},
        {"family": "van der Berg", "given": "Carla"},
        {"family": "King Jr.", "given": "Martin Luther"},
    ]
    assert len(library.search("words", author="García Márquez")) == 1


def test_a_key_of_a_bibliography_is_not_given_to_another_document(
    library: ResearchDatabase,
) -> None:
    made = "vanderberg2019waves"  # what document 1 would be called
    library.set_metadata(3, key=made)
    done = CliRunner().invoke(main, ["--db", str(library.path), "export", "--format", "csl-json"])
    keys = [item["id"] for item in json.loads(done.output)]
    assert keys == [f"{made}a", "vanderberg2019harbours", made]


@pytest.mark.parametrize(
    "name",
    [
        "World Health Organization",
        "The ATLAS Collaboration",
        "Ministry of Health, Labour and Welfare",
        "United States Geological Survey",
        "World Bank Group",
        "Siemens, Inc.",
        "Deltares GmbH",
    ],
)
def test_an_office_is_one_name_in_every_format(library: ResearchDatabase, name: str) -> None:
    library.set_metadata(1, authors=[name, "Nguyen The Anh"])
    found = list(entries(as_bibtex([library.record(1)])))
    assert found[0].authors == [name, "Anh, Nguyen The"]
    assert f"{{{name}}}" in as_bibtex([library.record(1)])
    [item] = json.loads(as_csl_json([library.record(1)]))
    assert item["author"][0] == {"literal": name}
    assert f"AU  - {name}\n" in as_ris([library.record(1)])


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Ann Bank", "Bank"),
        ("Group, John", "Group"),
        ("Council, John", "Council"),
        ("Carla van der Berg", "van der Berg"),
    ],
)
def test_a_person_of_such_a_name_is_a_person(name: str, family: str) -> None:
    assert parted(name)[0] == family
