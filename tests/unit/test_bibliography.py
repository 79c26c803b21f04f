# ruff: noqa: RUF001  (characters that look alike are meant)
"""Bibliographies: every entry as a paragraph and a reference, broken ones as far as they go."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.bib.bibentry import doi_in, year_in
from reslib.extractors.bib.bibliography import extract
from reslib.extractors.bib.bibtex import entries
from reslib.extractors.bib.csl import csl_entries
from reslib.extractors.bib.ris import ris_entries
from reslib.formats.detect import detect
from reslib.items import DocumentInfo, Page, Reference, Warning

BIB = r"""
Words before the first entry are no text.
@comment{neither is this}
@string{jos = "Journal of the Sea"}
@article{mueller2019,
  author = {M{\"u}ller, Ann and {\L}ukasz Li and others},
  title  = "Tidal range in {D}{\"u}sseldorf: the $\alpha$ of {DNA}",
  journal = jos # { B}, volume = 12, number = {3}, pages = {1--20},
  year = 2019, month = mar, doi = {https://doi.org/10.1000/x_y},
  abstract = {Levels rise.}, keywords = {tides; sea},
}
@book(li2001, editor = {Li, Bo}, title = {The {\emph{Whole}} Book}, publisher = {Sea \& Co},
  date = {2001-05-03}, url = {http://a.org/~b})
"""
RIS = """TY  - JOUR
ID  - reed
AU  - Reed, Ann
AU  - Li, Bo
TI  - The tides of
the North Sea
JO  - Journal of the Sea
PY  - 2019/05//
VL  - 12
SP  - 1
EP  - 20
DO  - 10.1000/xyz
KW  - tides
KW  - levels
AB  - Levels rise.
ER  -

TY  - BOOK
TI  - Unended
"""
CSL = [
    {
        "id": "reed",
        "type": "article-journal",
        "title": "The <i>tides</i>",
        "author": [
            {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
            {"literal": "The Team"},
        ],
        "issued": {"date-parts": [[2019, 5, 3]]},
        "container-title": "Journal of the Sea",
        "volume": "12",
        "page": "1-20",
        "DOI": "10.1000/xyz",
        "abstract": "<jats:p>Levels rise.</jats:p>",
        "accessed": {"date-parts": [["2020", "1", "2"]]},
    },
    "no entry",
]


def items_of(folder: Path, content: str, name: str) -> list[Any]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return list(extract(path))


def text_of(items: list[Any]) -> str:
    [page] = [item for item in items if isinstance(item, Page)]
    return page.text


def of(items: list[Any], kind: type[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_an_entry_of_bibtex_is_a_paragraph_with_all_its_fields(tmp_path: Path) -> None:
    items = items_of(tmp_path, BIB, "refs.bib")
    assert text_of(items) == (
        "[mueller2019] Müller, Ann; Łukasz Li; and others (2019). Tidal range in Düsseldorf: the α "
        "of DNA. Journal of the Sea B, 12(3), 1–20. doi:10.1000/x_y\n"
        "month: March\nabstract: Levels rise.\nkeywords: tides; sea\n\n"
        "[li2001] Li, Bo (eds.) (2001). The Whole Book. Sea & Co. http://a.org/~b\n"
        "date: 2001-05-03"
    )
    first, second = of(items, Reference)
    assert (first.title, first.doi, first.year) == (
        "Tidal range in Düsseldorf: the α of DNA",
        "10.1000/x_y",
        2019,
    )
    assert (second.title, second.year) == ("The Whole Book", 2001)
    assert not of(items, Warning)
    assert of(items, DocumentInfo)[0].confidence == 1.0


def test_editors_stand_where_the_work_is(tmp_path: Path) -> None:
    source = (
        "@incollection{a, author={Li, Bo}, editor={Reed, Ann}, title={T}, booktitle={Seas\\ I}}"
    )
    assert (
        text_of(items_of(tmp_path, source, "a.bib"))
        == "[a] Li, Bo. T. Seas I, edited by Reed, Ann."
    )


@pytest.mark.parametrize(
    ("source", "keys", "broken"),
    [
        (
            "@a{a, title={One}, year=2001}\n@a{b, title={Two, year=2}\n\n@a{c, title={T}}",
            "abc",
            "b",
        ),
        ("@a{a, title={One} year=2001}", "a", ""),
        ("@a{a, title={One}, year=2001", "a", "a"),
        ('@a{a, title="One, year=2001}\n@a{b, title={T}}', "ab", "a"),
        ("@a{a, title={One}, ???, year=2001}", "a", "a"),
        ("@a{a, title={A}}@a{a, title={B}}", "aa", ""),
        ("@a{a, title={A}}}\n}\n@a{b, title = T}", "ab", ""),
        ("@a{a,\n title = {An @ in {a} text}, note={x}}", "a", ""),
        ("@a{a, author={A}, author={B}}", "a", ""),
    ],
)
def test_a_broken_entry_costs_no_other_one(source: str, keys: str, broken: str) -> None:
    damage: list[str] = []
    assert "".join(entry.key for entry in entries(source, damage)) == keys
    assert "".join(damage) == broken


def test_what_is_broken_is_said(tmp_path: Path) -> None:
    source = "@a{x1, title={One}}\n@a{x2, title={Two\n@a{x3, title={Three}}"
    [said] = of(items_of(tmp_path, source, "a.bib"), Warning)
    assert said.code == "broken_entries"
    assert "1 of its entries" in said.message
    assert "x2" in said.message


def test_entries_of_ris_are_read_and_one_that_is_not_ended_too(tmp_path: Path) -> None:
    items = items_of(tmp_path, RIS, "a.ris")
    assert text_of(items) == (
        "[reed] Reed, Ann; Li, Bo (2019). The tides of the North Sea. Journal of the Sea, 12, "
        "1–20. doi:10.1000/xyz\nabstract: Levels rise.\ndate: 2019/05\nkeywords: tides; levels\n\n"
        "Unended."
    )
    assert [(one.doi, one.year) for one in of(items, Reference)] == [
        ("10.1000/xyz", 2019),
        ("", None),
    ]
    assert "Unended" in of(items, Warning)[0].message


def test_entries_of_csl_json_are_read(tmp_path: Path) -> None:
    items = items_of(tmp_path, json.dumps(CSL), "a.json")
    assert text_of(items) == (
        "[reed] van Beethoven, Ludwig; The Team (2019). The tides. Journal of the Sea, 12, 1-20. "
        "doi:10.1000/xyz\nissued: 2019-05-03\nabstract: Levels rise.\naccessed: 2020-01-02"
    )
    assert of(items, Reference)[0].year == 2019
    assert "number 2" in of(items, Warning)[0].message


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", RIS, "application/x-research-info-systems"),
        ("a", "\ufeff\n" + RIS, "application/x-research-info-systems"),
        ("a.txt", "TY  - is what RIS begins with", "text/plain"),
        ("a.json", json.dumps(CSL), "application/vnd.citationstyles.csl+json"),
        ("a.json", json.dumps(CSL, indent=2), "application/vnd.citationstyles.csl+json"),
        ("a.json", '[{"type": "Feature", "id": 1, "title": "a"}]', "application/json"),
        ("a.json", '[{"type": "book"}]', "application/json"),
        ("a.txt", "@article{a,\n title={A}}", "text/x-bibtex"),
        ("a", "% Encoding: UTF-8\n\n@book{a,\n title={A}}", "text/x-bibtex"),
        ("a.md", "@article{a, title={A}}", "text/markdown"),
        ("a.txt", "Mail me @article or {so}", "text/plain"),
        ("a.txt", "% note\n\\documentclass[a4]{article}", "text/x-tex"),
        ("a.sty", "\\documentclass{article}", "text/x-tex"),
        ("a.txt", "In \\documentclass one writes", "text/plain"),
        ("a.ltx", "words", "text/x-tex"),
    ],
)
def test_they_are_told_by_what_they_begin_with(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert detect(path) == expected


def test_the_source_is_given_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text("@a{b, title = {A} }\n", encoding="utf-8")
    assert text_of(list(extract(path, {"source": True}))) == "@a{b, title = {A} }\n"


@pytest.mark.parametrize("content", ["", "just words", "an @ and {braces}", "@comment{only}"])
def test_something_else_under_its_name_is_a_text(tmp_path: Path, content: str) -> None:
    assert text_of(items_of(tmp_path, content, "a.bib")) == content


def test_a_cut_or_damaged_file_is_said_or_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for tenth in range(1, 10):
        items_of(tmp_path, BIB[: len(BIB) * tenth // 10], "a.bib")
        items_of(tmp_path, RIS[: len(RIS) * tenth // 10], "a.ris")
    with pytest.raises(ExtractionError) as cut:
        items_of(tmp_path, json.dumps(CSL)[:-30], "a.json")
    assert cut.value.code is ErrorCode.TRUNCATED
    with pytest.raises(ExtractionError) as damaged:
        items_of(tmp_path, json.dumps(CSL).replace(",", ";"), "a.json")
    assert damaged.value.code is ErrorCode.MALFORMED
    packed = tmp_path / "a.bib.gz"
    packed.write_bytes(gzip.compress(BIB.encode())[:100])
    with pytest.raises(ExtractionError) as packed_cut:
        list(extract(packed))
    assert packed_cut.value.code is ErrorCode.TRUNCATED


@pytest.mark.parametrize(
    "piece",
    [
        "@a{", "@a{x,a={", "{", '"', "a={", 'a="', 'a = "x" # ', ",", "@comment{", "\n@a{x,t={\n",
        "@a(", "@a{x, t={{{", "@a{x,t={$_{", "@a{x,t={\\emph{", "@a{x,a=", "=", "#",
        "@string{a = b # a # a}\n@string{b = a # b # b}\n",
    ],
)  # fmt: skip
def test_tens_of_thousands_of_beginnings_are_looked_at_a_few_times(piece: str) -> None:
    for entry in entries("@article{a, title={A}}\n" + piece * 30_000):
        entry.paragraph()


def test_deep_and_strange_json_is_no_trouble() -> None:
    with pytest.raises(ExtractionError):
        list(csl_entries('[{"type":"book","id":' + "[" * 100_000, []))
    strange = [
        {"type": ["book"], "id": {"a": [[[[[[[1]]]]]]]}, "author": [3, None], "issued": "now"}
    ]
    [entry] = csl_entries(json.dumps(strange), [])
    assert entry.year == "now"
    [entry] = ris_entries("AU  - x\n" + "more\n" * 50_000, [])
    assert len(entry.authors[0]) > 50_000


@pytest.mark.parametrize(
    ("text", "doi", "year"),
    [
        ("A. Reed (2019a). Pages 1980–1990.", "", 2019),
        ("J. Sea 12:2001-2010, 1999. https://doi.org/10.1000/a(b)c.", "10.1000/a(b)c", 1999),
        ("nothing 123456", "", None),
    ],
)
def test_years_and_dois_are_found(text: str, doi: str, year: int | None) -> None:
    assert (doi_in(text), year_in(text)) == (doi, year)


@given(st.text(alphabet='@a{}(),="#\\ \n$-', max_size=200))
def test_any_source_gives_entries(source: str) -> None:
    for entry in entries("@a{x, y={" + source):
        entry.paragraph()
        entry.reference()
