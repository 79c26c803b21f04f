"""What documents state of themselves: the same keys in every format, and no more than is useful."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import sheetparts
import wordparts
from sheetparts import Sheet, cell, row, xlsx
from wordparts import paragraph, word

from reslib.extractors.stated import Stated, bare_doi, names
from reslib.items import Item, Metadata

SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = (
    '<cp xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/">'
    "<dc:title>On\n Tides</dc:title><dc:creator>Ann Reed;Bo Li</dc:creator>"
    "<keywords>a, b</keywords>"
    "<dc:subject>hydrology</dc:subject><dc:description>About tides.</dc:description>"
    "<t:created>2020-01-02T03:04:05Z</t:created><t:modified>2021-01-01</t:modified>"
    "<lastModifiedBy>Cy</lastModifiedBy><dc:language>en-GB</dc:language></cp>"
)
STATED = [
    ("title", "On Tides"),
    ("author", "Ann Reed"),
    ("author", "Bo Li"),
    ("keywords", "a, b"),
    ("subject", "hydrology"),
    ("description", "About tides."),
    ("created", "2020-01-02T03:04:05Z"),
    ("modified", "2021-01-01"),
    ("language", "en-GB"),
]


def with_core(path: Path, core: str = CORE) -> Path:
    """Give a package the properties of its core."""
    return with_part(path, "core", f"{SPACE}/metadata/core-properties", core)


def with_part(path: Path, name: str, kind: str, content: str) -> Path:
    """Give a package one more part."""
    old = path.with_name(f"old-{path.name}")
    path.rename(old)
    arrow = f'<Relationship Id="{name}" Type="{kind}" Target="{name}.xml"/>'
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            if part == "_rels/.rels":
                data = data.replace(b"</Relationships>", f"{arrow}</Relationships>".encode())
            target.writestr(part, data)
        target.writestr(f"{name}.xml", content)
    return path


def stated(items: tuple[Item, ...]) -> list[tuple[str, str]]:
    return [(one.key, one.value) for one in items if isinstance(one, Metadata)]


def make_docx(folder: Path) -> Path:
    path = folder / "a.docx"
    arrow = (
        f'<Relationships xmlns="{SPACE}"><Relationship Id="m" Target="main.xml" '
        f'Type="{wordparts.OFFICE}/relationships/officeDocument"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", arrow)
        archive.writestr("main.xml", word("document", f"<w:body>{paragraph('words')}</w:body>"))
    return path


def test_a_word_document_states_its_core_properties(tmp_path: Path) -> None:
    result = wordparts.read(with_core(make_docx(tmp_path)))
    assert result.title == "On Tides"
    assert stated(result.items) == STATED
    assert {one.source for one in result.items if isinstance(one, Metadata)} == {"core properties"}


def test_the_company_that_office_programs_write_is_kept(tmp_path: Path) -> None:
    kind = f"{wordparts.OFFICE}/relationships/extended-properties"
    more = "<Properties><Application>Word</Application><Company>Tide Office</Company></Properties>"
    result = wordparts.read(with_part(make_docx(tmp_path), "app", kind, more))
    assert [item for item in result.items if isinstance(item, Metadata)] == [
        Metadata("company", "Tide Office", "extended properties")
    ]


@pytest.mark.parametrize("core", ["", "<cp", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a/>"])
def test_core_properties_that_are_damaged_cost_nothing_else(tmp_path: Path, core: str) -> None:
    result = wordparts.read(with_core(make_docx(tmp_path), core))
    assert (result.text, result.title, result.items) == ("words", None, ())


@pytest.mark.parametrize("title", ["PowerPoint Presentation", "Document1", "C:\\x\\thesis.docx"])
def test_what_a_program_leaves_as_title_is_none(tmp_path: Path, title: str) -> None:
    core = CORE.replace("On\n Tides", title)
    result = wordparts.read(with_core(make_docx(tmp_path), core))
    assert result.title is None
    assert stated(result.items) == STATED[1:]


def test_a_workbook_states_its_core_properties(tmp_path: Path) -> None:
    book = xlsx(tmp_path / "a.xlsx", Sheet(row(1, cell("A1", "depth"))))
    result = sheetparts.read(with_core(book))
    assert result.title == "On Tides"
    assert stated(result.items) == STATED


def test_an_opendocument_workbook_states_its_properties(tmp_path: Path) -> None:
    path = sheetparts.ods(
        tmp_path / "a.ods", sheetparts.ods_table("s", sheetparts.ods_row(sheetparts.ods_cell("x")))
    )
    office = "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "meta.xml",
            f'<o:document-meta xmlns:o="{office}:office:1.0" xmlns:m="{office}:meta:1.0" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><o:meta><dc:title>Depths</dc:title>'
            "<dc:creator>Ann Reed</dc:creator><m:keyword>sea</m:keyword></o:meta>"
            "</o:document-meta>",
        )
    result = sheetparts.read(path)
    assert result.title == "Depths"
    assert stated(result.items) == [
        ("title", "Depths"),
        ("keywords", "sea"),
        ("author", "Ann Reed"),
    ]


def test_what_is_stated_is_on_one_line_once_and_not_empty() -> None:
    found = Stated("here")
    for value in (" On\n\ttides ", "On tides", "", " ", "On ti\u00addes"):
        found.add("title", value)
    assert list(found) == [Metadata("title", "On tides", "here")]
    assert found.title() == "On tides"
    assert found.first("author") is None


def test_what_is_stated_has_bounds() -> None:
    found = Stated("here")
    for number in range(5_000):
        found.add(f"key {number % 10}", f"{number} {'a' * 50_000}")
    assert len(list(found)) == 1_000
    assert max(len(one.value) for one in found) == 10_000


@pytest.mark.parametrize(
    "text",
    ["10.1000/182", "doi:10.1000/182", "DOI: 10.1000/182", "https://dx.doi.org/10.1000/182"],
)
def test_a_doi_is_stated_without_its_address(text: str) -> None:
    assert bare_doi(text) == "10.1000/182"


@pytest.mark.parametrize("text", ["", "182", "doi:", "urn:isbn:97", "10.1000/", "a 10.1000/182"])
def test_what_is_no_doi_is_none(text: str) -> None:
    assert bare_doi(text) is None
    found = Stated("here")
    found.add("doi", text)
    assert list(found) == []


def test_authors_are_parted_at_semicolons_only() -> None:
    assert names("Reed, Ann; Li, Bo;") == ["Reed, Ann", "Li, Bo"]
