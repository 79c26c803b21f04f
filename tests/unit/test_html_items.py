"""What an HTML page gives beside its text: what it states of itself, its headings and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from markupreading import only, stated

from reslib.extractors.assemble import Assembler
from reslib.extractors.own import HTML
from reslib.extractors.tablegrid import Cell, grid, span
from reslib.items import Metadata, Section, Table
from reslib.models import ExtractionResult

Read = Callable[[str], ExtractionResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(page: str) -> ExtractionResult:
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        assembler = Assembler(HTML, "text/html")
        for item in HTML.function(path):  # type: ignore[union-attr]
            assembler.add(item)
        return assembler.result()

    return read


def meta(*pairs: tuple[str, str], kind: str = "name") -> str:
    return "".join(f'<meta {kind}="{name}" content="{value}">' for name, value in pairs)


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script><p>words'


def test_what_publishers_tell_indexes_is_kept_with_its_source(read: Read) -> None:
    page = "<html lang=en-GB><title>On Tides | Journal</title>" + meta(
        ("citation_title", "On Tides"),
        ("citation_author", "Reed, Ann"),
        ("citation_author_institution", "University of the Sea"),
        ("citation_author", "Li, Bo"),
        ("citation_journal_title", "Journal of Estuaries"),
        ("citation_publication_date", "2021/03/04"),
        ("citation_volume", "7"),
        ("citation_firstpage", "11"),
        ("citation_lastpage", "19"),
        ("citation_doi", "doi:10.1000/182"),
        ("citation_keywords", "tide; estuary"),
        ("CITATION_ISSN", "1234-5678"),
        ("citation_unheard_of", "x"),
        ("viewport", "width=device-width"),
    )
    result = read(page)
    assert result.title == "On Tides"
    assert stated(result) == [
        ("language", "en-GB"),
        ("title", "On Tides"),
        ("author", "Reed, Ann"),
        ("affiliation", "University of the Sea"),
        ("author", "Li, Bo"),
        ("journal", "Journal of Estuaries"),
        ("date", "2021/03/04"),
        ("volume", "7"),
        ("pages", "11-19"),
        ("doi", "10.1000/182"),
        ("keywords", "tide"),
        ("keywords", "estuary"),
        ("issn", "1234-5678"),
        ("title", "On Tides | Journal"),
    ]
    sources = {one.value: one.source for one in only(result, Metadata)}
    assert sources["Li, Bo"] == "meta citation_author"
    assert sources["On Tides | Journal"] == "title element"


def test_dublin_core_prism_and_open_graph_are_kept(read: Read) -> None:
    page = (
        meta(("DC.Title", "On Tides"), ("DCTERMS.issued", "2021"), ("dc.creator", "Reed, Ann"))
        + meta(("dc.identifier", "https://doi.org/10.1000/182"), ("prism.doi", "10.1000/182"))
        + meta(("og:site_name", "Tide"), ("article:author", "https://x.invalid/a"), kind="property")
        + meta(("article:author", "Bo Li"), ("article:tag", "sea"), kind="property")
        + '<meta http-equiv="Content-Language" content="de"><link rel="license" href="cc-by">'
        + meta(("keywords", "a, b"), ("description", "About tides."), ("author", "Cy"))
    )
    result = read(page)
    assert result.title == "On Tides"
    assert stated(result) == [
        ("title", "On Tides"),
        ("date", "2021"),
        ("author", "Reed, Ann"),
        ("doi", "10.1000/182"),
        ("identifier", "https://doi.org/10.1000/182"),
        ("publisher", "Tide"),
        ("author", "Bo Li"),
        ("keywords", "sea"),
        ("language", "de"),
        ("licence", "cc-by"),
        ("keywords", "a"),
        ("keywords", "b"),
        ("description", "About tides."),
        ("author", "Cy"),
    ]


def test_json_ld_of_a_work_is_kept(read: Read) -> None:
    work = {
        "@type": ["ScholarlyArticle"],
        "headline": "On Tides",
        "name": "a file",
        "author": [{"@type": "Person", "name": "Ann Reed"}, "Bo Li", 3.5, None],
        "datePublished": "2021-03-04",
        "publisher": {"name": "Tide Press"},
        "inLanguage": "en",
        "keywords": ["tide", "sea"],
        "sameAs": "https://doi.org/10.1000/182",
        "isPartOf": {
            "@type": "PublicationIssue",
            "issueNumber": 2,
            "isPartOf": {"@type": "Periodical", "name": "Estuaries", "issn": "1234-5678"},
        },
    }
    result = read(linked({"@graph": [{"@type": "WebSite", "name": "A Site"}, work]}))
    assert set(stated(result)) == {
        ("title", "On Tides"),
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("date", "2021-03-04"),
        ("publisher", "Tide Press"),
        ("language", "en"),
        ("keywords", "tide"),
        ("keywords", "sea"),
        ("doi", "10.1000/182"),
        ("issue", "2"),
        ("journal", "Estuaries"),
        ("issn", "1234-5678"),
    }
    assert result.title == "On Tides"
    assert result.text == "words"


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[" * 100_000,
        '{"@type": "Article", "headline": "x' + "y" * (2 << 20) + '"}',
        '{"@graph": [' + ",".join(['{"@graph": [[[]]]}'] * 5_000) + "]}",
        '{"@type": {"a": 1}, "headline": ["x"]}',
        '{"@type": "Article", "headline": {"name": {"name": "x"}}, "isPartOf": [[]]}',
        "9" * 100_000,
    ],
)
def test_json_ld_that_is_none_or_too_much_costs_nothing(read: Read, data: str) -> None:
    result = read(f"<script type='application/ld+json'>{data}</script><p>words")
    assert (result.text, stated(result)) == ("words", [])


def test_metadata_without_end_has_a_bound(read: Read) -> None:
    page = "".join(meta(("citation_author", f"Author {n}")) for n in range(20_000))
    assert len(only(read(page), Metadata)) == 500


def test_headings_are_sections(read: Read) -> None:
    page = "<h1>On <i>tides</i></h1><h2> </h2><h3>Ebb\n and flow</h3><div hidden><h2>no</h2></div>"
    assert only(read(page), Section) == [
        Section("On tides", 1, 1),
        Section("Ebb and flow", 3, 1),
    ]


def test_tables_of_data_are_given_with_their_captions(read: Read) -> None:
    page = (
        "<table><caption>Table 1. <b>Ranges</b></caption><thead><tr><th>a<th>b</tr></thead>"
        "<tr><td>1<td>2<br>3</tr></table>"
    )
    assert only(read(page), Table) == [
        Table((("a", "b"), ("1", "2 3")), 1, "Table 1. Ranges", header_rows=1)
    ]
    page = f"<table>{'<tr><td>1</td><td>2</td></tr>' * 3}</table>"
    assert only(read(page), Table) == [Table((("1", "2"),) * 3, 1)]


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><th>a<th>b<tr><td>1<td>2</table>",
        "<table><tr><th>a<th>b<tr><td><table></table><td>2</table>",
        "<table><tr><td>a<td>b<tr><td>1<td>2</table>",
        "<table><tr><th>a<tr><td>1<tr><td>2</table>",
        "<table>" + f"<tr><td>{'word ' * 50}<td>{'more ' * 50}" * 3 + "</table>",
        "<nav><table><tr><th>a<th>b<tr><td>1<td>2</table></nav>",
        "<div role=navigation><table><tr><th>a<th>b<tr><td>1<td>2</table></div>",
        "<table><tr><th><th><tr><td><td></table>",
    ],
)
def test_tables_that_arrange_the_page_are_none(read: Read, table: str) -> None:
    assert only(read(table), Table) == []


def test_cells_that_reach_over_others_leave_those_empty() -> None:
    rows = [
        [Cell("a", 2), Cell("b", 1, 2)],
        [Cell("c"), Cell("d")],
        [Cell("e", 1, 5), Cell("f")],
        [Cell("g")],
    ]
    assert grid(rows).rows == (("a", "", "b"), ("c", "d", ""), ("e", "f", ""), ("", "g", ""))
    assert grid([]).rows == ()


@pytest.mark.parametrize(
    ("stated", "number"),
    [("2", 2), ("0", 1), (None, 1), ("-1", 1), ("2x", 1), ("9" * 50, 999_999), ("²", 1)],
)
def test_a_span_is_a_number(stated: str | None, number: int) -> None:
    assert span(stated) == number


def test_spans_without_end_have_a_bound(read: Read) -> None:
    page = "<table>" + "<tr><th rowspan=99999 colspan=99999>x" * 5_000 + "<tr>" * 100_000
    for table in only(read(page), Table):
        assert sum(map(len, table.rows)) <= 1 << 20
    assert len(grid([[Cell("x", 1000, 65_534)]] + [[]] * 50_000).rows) <= 1_049


def test_raised_and_lowered_pieces_become_no_digits_of_the_number_beside_them(read: Read) -> None:
    rows = (
        "<tr><th>Site<th>Area (m<sup>2</sup>)"
        "<tr><td>CO<sub>2</sub><td>10<sup><a href='#a'>5</a></sup>"
        "<tr><td>12<sub>3</sub><td>12.3<sup>a</sup><tr><td><sup>13</sup>C<td>45<sup>1</sup>"
    )
    [found] = only(read(f"<p>Words.</p><table>{rows}</table>"), Table)
    assert found.rows == (
        ("Site", "Area (m^2)"),
        ("CO2", "10^5"),
        ("12_3", "12.3 a"),
        ("13C", "45^1"),
    )
