"""What is read of papers in TEI XML, as GROBID writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from markupreading import only, stated
from markupreading import read as read_with

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.own import TEI
from reslib.extractors.registry import registry
from reslib.formats.detect import detect
from reslib.items import Reference, Section, Table
from reslib.models import ExtractionResult, TextStatus

Read = Callable[[str], ExtractionResult]

HEADER = """<teiHeader xml:lang="en"><fileDesc><titleStmt>
<title level="a" type="main">On Tides</title>
</titleStmt><publicationStmt><publisher>Sea Press</publisher><availability><licence
target="https://cc.invalid/by"/></availability>
<date when="2021-03-04">March</date></publicationStmt>
<sourceDesc><biblStruct><analytic><author><persName><forename type="first">Ann</forename>
<surname>Reed</surname></persName><affiliation><orgName>Institute of the Sea</orgName><address>
<settlement>Kiel</settlement></address></affiliation></author></analytic>
<monogr><title level="j">Journal of Tides</title><imprint><biblScope unit="volume">7</biblScope>
</imprint></monogr><idno type="DOI">10.1000/182</idno></biblStruct></sourceDesc></fileDesc>
<profileDesc><textClass><keywords><term>tide</term></keywords></textClass>
<abstract><p>We look.</p></abstract></profileDesc></teiHeader>"""
TEXT = """<text xml:lang="en"><body>
<div><head n="1">Introduction</head><p>The sea <ref type="bibr">[1]</ref> rose by
10<hi rend="superscript">5</hi> m, <choice><sic>teh</sic><corr>the</corr></choice> end.</p></div>
<div><head n="1.1">Aims</head><p>None.</p><formula>a = b</formula></div>
<figure type="table"><head>Table 1</head><label>1</label><figDesc>Ranges</figDesc><table>
<row role="label"><cell>where</cell><cell>m</cell></row><row><cell>Kiel</cell><cell>4</cell></row>
</table></figure>
</body><back><div type="references"><listBibl><biblStruct><analytic>
<title level="a">Does it ebb?</title><author>
<persName><forename>J</forename><surname>Hirsch</surname>
</persName></author><idno type="DOI">10.1000/55</idno></analytic><monogr>
<title level="j">J Sea</title>
<imprint><biblScope unit="volume">8</biblScope><biblScope unit="page" from="1" to="9"/>
<date when="1958"/></imprint></monogr></biblStruct></listBibl></div></back></text>"""


def paper(header: str = HEADER, text: str = TEXT) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">'
        f"{header}{text}</TEI>"
    )


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda content: read_with(TEI, tmp_path / "paper.tei.xml", content)


def test_the_header_and_each_division_are_pages(read: Read) -> None:
    result = read(paper())
    assert [(page.label, page.text) for page in result.pages] == [
        (
            "Abstract",
            "On Tides\n\nAnn Reed\n\nInstitute of the Sea, Kiel\n\nAbstract\n\nWe look.\n\n"
            "Keywords: tide",
        ),
        ("Introduction", "1 Introduction\n\nThe sea [1] rose by 10^5 m, the end."),
        (
            "Aims",
            "1.1 Aims\n\nNone.\n\na = b\n\nTable 1\n\nRanges\n\nwhere\tm\nKiel\t4",
        ),
        ("References", "J Hirsch (1958). Does it ebb? J Sea 8:1\u20139. doi:10.1000/55."),
    ]
    assert result.text_status is TextStatus.FULL


def test_what_the_header_states_is_metadata(read: Read) -> None:
    result = read(paper())
    assert result.title == "On Tides"
    assert stated(result) == [
        ("title", "On Tides"),
        ("author", "Ann Reed"),
        ("affiliation", "Institute of the Sea, Kiel"),
        ("doi", "10.1000/182"),
        ("date", "2021-03-04"),
        ("journal", "Journal of Tides"),
        ("publisher", "Sea Press"),
        ("volume", "7"),
        ("keywords", "tide"),
        ("licence", "https://cc.invalid/by"),
        ("language", "en"),
    ]


def test_headings_tables_and_references_are_items(read: Read) -> None:
    result = read(paper())
    assert only(result, Section) == [Section("1 Introduction", 1, 2), Section("1.1 Aims", 2, 3)]
    assert only(result, Table) == [
        Table((("where", "m"), ("Kiel", "4")), 3, "Table 1 1 Ranges", header_rows=1)
    ]
    assert only(result, Reference) == [
        Reference(
            "J Hirsch (1958). Does it ebb? J Sea 8:1\u20139. doi:10.1000/55.",
            "Does it ebb?",
            "10.1000/55",
            1958,
        )
    ]


def test_an_edition_is_read_line_by_line_as_its_editor_corrects_it(read: Read) -> None:
    header = (
        "<teiHeader><fileDesc><titleStmt><title>Hamlet</title><title type='sub'>An Edition</title>"
        "<author>W. Shakespeare</author><editor>Ann Reed</editor></titleStmt></fileDesc>"
        "</teiHeader>"
    )
    text = (
        "<text xml:lang='en'><body><div><head>Act <hi>I</hi></head><sp><speaker>Fran.</speaker>"
        "<l>Nay, <choice><orig>vnfold</orig><reg>unfold</reg></choice> your<lb break='no'/>"
        "self,</l>"
        "<l>and <orig>stand</orig>.</l></sp><pb n='2'/><note>A note.</note></div></body></text>"
    )
    result = read(paper(header, text))
    assert [page.text for page in result.pages] == [
        "Hamlet\n\nW. Shakespeare",
        "Act I\n\nFran.\nNay, unfold yourself,\nand stand.\n\nA note.",
    ]
    assert stated(result) == [
        ("title", "Hamlet"),
        ("subtitle", "An Edition"),
        ("editor", "Ann Reed"),
        ("author", "W. Shakespeare"),
        ("language", "en"),
    ]


def test_it_is_read_by_its_own_extractor(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(paper(), encoding="utf-8")
    assert choose(registry, detect(path), ".xml").name == "tei"


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_paper_that_is_cut_off_is_partial(read: Read, tenth: int) -> None:
    whole = paper()
    result = read(whole[: len(whole) * tenth // 10])
    assert result.text_status in (TextStatus.PARTIAL, TextStatus.EMPTY)
    assert "its XML is damaged" in result.confidence_reason


@pytest.mark.parametrize("content", ["", "words", "<a/>", "<TEI/>"])
def test_what_is_no_tei_is_malformed(read: Read, content: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        read(content)
    assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "body", ["<div>" * 100_000, "<div><head>x</head></div>" * 30_000, "<p/>" * 50_000]
)
def test_papers_made_to_attack_are_read_with_bounds(read: Read, body: str) -> None:
    result = read(paper(text=f"<text><body>{body}"))
    assert "On Tides" in result.text
    assert len(result.items) < 50_000
    assert len(result.pages) <= 2_002
