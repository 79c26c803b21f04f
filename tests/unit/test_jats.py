"""What is read of papers in JATS XML, and what damage and attacks get."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from markupreading import only, stated
from markupreading import read as read_with

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.own import JATS
from reslib.extractors.registry import registry
from reslib.extractors.xmlpapers import paperxml
from reslib.formats.detect import detect
from reslib.items import Reference, Section, Table
from reslib.models import ExtractionResult, TextStatus

Read = Callable[[str | bytes], ExtractionResult]

DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) '
    'Journal Archiving and Interchange DTD v1.2 20190208//EN" "JATS-archivearticle1.dtd">\n'
)
FRONT = """<front>
<journal-meta><journal-id journal-id-type="nlm-ta">J Tide</journal-id>
<journal-title-group><journal-title>Journal of Tides</journal-title></journal-title-group>
<issn pub-type="epub">1234-5678</issn>
<publisher><publisher-name>Sea Press</publisher-name></publisher>
</journal-meta>
<article-meta>
<article-id pub-id-type="pmid">12345</article-id><article-id pub-id-type="pmc">678</article-id>
<article-id pub-id-type="doi">10.1000/182</article-id>
<article-categories>
<subj-group><subject>Research Article</subject></subj-group></article-categories>
<title-group><article-title>On <italic>Tides</italic><xref ref-type="fn" rid="n">*</xref>
in the H<sub>2</sub>O</article-title></title-group>
<contrib-group>
<contrib contrib-type="author"><name><surname>Reed</surname><given-names>Ann</given-names></name>
<xref ref-type="aff" rid="a1"><sup>1</sup></xref><xref ref-type="corresp" rid="c">*</xref></contrib>
<contrib contrib-type="author"><name name-style="eastern"><surname>Li</surname>
<given-names>Bo</given-names></name></contrib>
<contrib contrib-type="author"><collab>The Gauge Group<contrib-group><contrib><name>
<surname>Inner</surname><given-names>I</given-names></name></contrib></contrib-group></collab></contrib>
<contrib contrib-type="editor"><name><surname>Day</surname><given-names>Cy</given-names></name>
<role>Reviewing editor</role></contrib>
<aff id="a1"><label>1</label>
<institution>Institute of the Sea</institution>, <city>Kiel</city></aff>
<aff id="a2"><institution>Bo's Lab</institution><country>China</country></aff>
</contrib-group>
<author-notes>
<corresp id="c"><label>*</label>For correspondence: <email>ann@a.invalid</email></corresp>
</author-notes>
<pub-date pub-type="collection"><year>2020</year></pub-date>
<pub-date pub-type="epub"><day>4</day><month>3</month><year>2021</year></pub-date>
<volume>7</volume><issue>2</issue><fpage>11</fpage><lpage>19</lpage>
<permissions><license license-type="open-access" xmlns:x="http://www.w3.org/1999/xlink"
x:href="https://cc.invalid/by"><license-p>Open.</license-p></license></permissions>
<abstract><sec><title>Aim</title><p>We look at the sea.</p></sec></abstract>
<kwd-group><kwd>tide</kwd><kwd>sea</kwd></kwd-group>
</article-meta></front>"""
BODY = """<body>
<p>Loose words.</p>
<sec><label>1</label><title>Introduction</title>
<p>The sea<xref ref-type="bibr" rid="r1"><sup>1</sup></xref> rose by 10<sup>5</sup> m.</p>
<list list-type="bullet"><list-item><p>ebb</p></list-item><list-item><p>flow</p></list-item></list>
<sec><title>Aims</title><p>See <xref ref-type="fig" rid="f">Fig. 1</xref>.</p></sec>
<fig id="f"><label>Fig. 1.</label><caption><title>The gauge.</title><p>It floats.</p></caption>
<graphic href="x.png"/></fig></sec>
<sec><title>Methods</title>
<disp-formula><alternatives><tex-math><![CDATA[\\documentclass{m}\\begin{document}$a & b$
\\end{document}]]></tex-math><mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msup>
<mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></alternatives></disp-formula>
<p>Also <inline-formula><tex-math>$y_1$</tex-math></inline-formula>.</p>
<table-wrap><label>Table 1</label><caption><p>Ranges.</p></caption><table>
<thead><tr><th colspan="2">Where</th><th>m</th></tr></thead>
<tbody> <tr> <td rowspan="2">Kiel</td> <td>in</td> <td>4</td> </tr> <tr> <td>out</td>
<td>5<sup>a</sup></td> </tr></tbody></table>
<table-wrap-foot><fn><label>a</label><p>Roughly.</p></fn></table-wrap-foot></table-wrap>
</sec>
</body>"""
BACK = """<back><ack><p>We thank the moon.</p></ack>
<fn-group><fn id="n"><label>*</label><p>A footnote.</p></fn></fn-group>
<ref-list><title>Literature</title>
<ref id="r1"><label>1.</label><element-citation publication-type="journal"><person-group>
<name><surname>Hirsch</surname><given-names>JG</given-names></name><name><surname>Dubos</surname>
<given-names>R</given-names></name><etal/></person-group><article-title>Does it ebb?</article-title>
<source>J Sea</source><year>1958a</year><volume>8</volume><issue>1</issue><fpage>1</fpage>
<lpage>9</lpage><pub-id pub-id-type="doi">10.1000/55</pub-id></element-citation></ref>
<ref id="r2"><label>2.</label><mixed-citation>Moon, A. and
<name><surname>Sun</surname><given-names>B.</given-names></name>, <source>Both</source>. Sky,
1999. <ext-link href="https://doi.org/10.1000/66">link</ext-link></mixed-citation></ref>
</ref-list></back>"""


def paper(front: str = FRONT, body: str = BODY, back: str = BACK, head: str = DOCTYPE) -> str:
    start = '<article article-type="research-article" xml:lang="en">'
    return f"{head}{start}{front}{body}{back}</article>"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return lambda content: read_with(JATS, tmp_path / "paper.xml", content)


def test_what_stands_before_the_first_section_is_the_first_page(read: Read) -> None:
    page = read(paper()).pages[0]
    assert page.label == "Abstract"
    assert page.text == (
        "On Tides in the H2O\n\nAnn Reed 1,*, Li Bo, The Gauge Group\n\n"
        "Reviewing editor: Cy Day\n1 Institute of the Sea, Kiel\nBo's Lab, China\n"
        "* For correspondence: ann@a.invalid\n\n"
        "Abstract\n\nAim\n\nWe look at the sea.\n\nKeywords: tide; sea\n\nLoose words."
    )


def test_each_section_is_a_page_with_its_heading_as_label(read: Read) -> None:
    result = read(paper())
    assert [page.label for page in result.pages] == [
        *("Abstract", "1 Introduction", "Methods", "Acknowledgements", "Notes", "Literature"),
    ]
    assert result.pages[1].text == (
        "1 Introduction\n\nThe sea 1 rose by 10^5 m.\n\nebb\n\nflow\n\nAims\n\nSee Fig. 1.\n\n"
        "Fig. 1. The gauge.\n\nIt floats."
    )
    assert result.pages[2].text == (
        "Methods\n\nx^2\n\nAlso $y_1$ .\n\nTable 1 Ranges.\n\n"
        "Where\tm\nKiel\tin\t4\nout\t5 a\n\na Roughly."
    )
    assert [page.text for page in result.pages[3:5]] == ["We thank the moon.", "* A footnote."]
    assert (result.text_status, result.confidence) == (TextStatus.FULL, None)
    assert only(result, Section) == [
        Section("Abstract", 1, 1),
        Section("Aim", 2, 1),
        Section("1 Introduction", 1, 2),
        Section("Aims", 2, 2),
        Section("Methods", 1, 3),
        Section("Literature", 1, 6),
    ]


def test_what_the_paper_states_of_itself_is_kept_with_its_source(read: Read) -> None:
    result = read(paper())
    assert result.title == "On Tides in the H2O"
    assert stated(result) == [
        ("title", "On Tides in the H2O"),
        ("author", "Ann Reed"),
        ("author", "Li Bo"),
        ("author", "The Gauge Group"),
        ("editor", "Cy Day"),
        ("affiliation", "Institute of the Sea, Kiel"),
        ("affiliation", "Bo's Lab, China"),
        ("pmid", "12345"),
        ("pmcid", "PMC678"),
        ("doi", "10.1000/182"),
        ("date", "2021-03-04"),
        ("year", "2021"),
        ("journal", "Journal of Tides"),
        ("issn", "1234-5678"),
        ("publisher", "Sea Press"),
        ("volume", "7"),
        ("issue", "2"),
        ("pages", "11-19"),
        ("keywords", "tide"),
        ("keywords", "sea"),
        ("subject", "Research Article"),
        ("description", "Aim We look at the sea."),
        ("licence", "https://cc.invalid/by"),
        ("language", "en"),
    ]


def test_references_and_tables_are_items(read: Read) -> None:
    result = read(paper())
    assert only(result, Reference) == [
        Reference(
            "1. Hirsch JG, Dubos R, et al. (1958a). Does it ebb? J Sea 8(1):1\u20139. "
            "doi:10.1000/55.",
            "Does it ebb?",
            "10.1000/55",
            1958,
        ),
        Reference("2. Moon, A. and Sun B., Both. Sky, 1999. link", "Both", "10.1000/66", None),
    ]
    assert result.pages[5].text == "Literature\n\n" + "\n".join(
        reference.text for reference in only(result, Reference)
    )
    assert only(result, Table) == [
        Table(
            (("Where", "", "m"), ("Kiel", "in", "4"), ("", "out", "5 a")),
            3,
            "Table 1 Ranges.",
            header_rows=1,
            spans=((0, 0, 1, 2), (1, 0, 2, 1)),
        )
    ]


def test_two_forms_of_one_entry_are_one_reference(read: Read) -> None:
    entry = (
        "<ref><label>3</label><mixed-citation>Printed so.</mixed-citation><element-citation>"
        "<article-title>Marked</article-title><year>2001</year></element-citation></ref><ref/>"
    )
    result = read(paper(back=f"<back><ref-list>{entry}</ref-list></back>"))
    assert only(result, Reference) == [Reference("3 Printed so.", "Marked", "", 2001)]


def test_entries_inside_entries_are_read_once(read: Read) -> None:
    deep = "<ref><element-citation><name><surname>Reed</surname></name><year>2001</year>" * 60
    result = read(f"{DOCTYPE}<article>{FRONT}<back><ref-list>{deep}")
    assert len(only(result, Reference)) == 1


def test_a_prefix_that_nobody_declares_is_no_damage(read: Read) -> None:
    result = read(paper("", "<body><p>See <ext-link xlink:href='x'>there</ext-link>.</p></body>"))
    assert result.pages[0].text == "See there."
    assert (result.text_status, result.confidence_reason) == (TextStatus.FULL, "")


def test_what_is_raised_may_be_written_on_a_line_of_its_own(read: Read) -> None:
    body = "<body><p>less than 5\u00d710<sup>\n  \u22128\n</sup> here</p></body>"
    assert read(paper("", body, "")).text == "less than 5\u00d710^\u22128 here"


def test_reviews_and_replies_come_after_the_paper(read: Read) -> None:
    reply = (
        "<sub-article article-type='reply'><front-stub><title-group><article-title>Author response"
        "</article-title></title-group></front-stub><body><p>Thank you.</p></body></sub-article>"
    )
    result = read(paper(back=BACK + reply))
    assert result.pages[-1].label == "Author response"
    assert result.pages[-1].text == "Author response\n\nThank you."


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (DOCTYPE + "<article>", "application/jats+xml"),
        ("<article dtd-version='1.1'>", "application/jats+xml"),
        ("<?xml version='1.0'?>\n<!-- a --><article ><front>", "application/jats+xml"),
        ("<pmc-articleset><article>", "application/jats+xml"),
        (
            "<?xml version='1.0'?><OAI-PMH><GetRecord><article article-type='x'>",
            "application/jats+xml",
        ),
        ("<?xml version='1.0'?><TEI xmlns='http://www.tei-c.org/ns/1.0'>", "application/tei+xml"),
        ("<?xml version='1.0'?><article xmlns='http://docbook.org/ns/docbook'>", "application/xml"),
        ("<?xml version='1.0'?><article><p>", "application/xml"),
        ("<!DOCTYPE html><article article-type='x'>", "text/html"),
        ("<?xml version='1.0'?><TEI>", "application/xml"),
    ],
)
def test_papers_are_told_from_other_xml(tmp_path: Path, start: str, media_type: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(start, encoding="utf-8")
    assert detect(path) == media_type


def test_papers_are_read_by_their_own_extractors_and_other_xml_as_text(tmp_path: Path) -> None:
    for content, name in ((paper(), "jats"), ("<?xml version='1.0'?><a>b</a>", "text")):
        for suffix in (".xml", ".txt", ".nxml"):
            if (name, suffix) != ("text", ".nxml"):
                path = tmp_path / f"a{suffix}"
                path.write_text(content, encoding="utf-8")
                assert choose(registry, detect(path), suffix).name == name
    packed = tmp_path / "a.nxml.gz"
    packed.write_bytes(gzip.compress(paper().encode()))
    assert detect(packed) == "application/jats+xml"


def test_a_wrapped_paper_is_found_in_its_wrap(read: Read) -> None:
    wrapped = f"<pmc-articleset>{paper(head='')}</pmc-articleset>"
    assert read(wrapped).title == "On Tides in the H2O"


@pytest.mark.parametrize("head", ["", DOCTYPE])
def test_letters_that_only_the_dtd_names_are_read(read: Read, head: str) -> None:
    body = "<body><p>&alpha; &lt; &unheard; &#946; & b < c <![CDATA[&d; <]]></p></body>"
    result = read(paper(FRONT, body, "", head))
    assert result.pages[0].text.endswith("\u03b1 < &unheard; β & b < c &d; <")
    assert result.text_status is TextStatus.FULL


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_encoding_is_that_of_the_bytes(read: Read, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    result = read(paper("", "<body><p>Größe der Höhe</p></body>", "", head).encode(encoding))
    assert result.text == "Größe der Höhe"


BAIT = "SECRET"


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY x SYSTEM "secret.txt">',
        '<!ENTITY x SYSTEM "file:///etc/hostname">',
        '<!ENTITY % p SYSTEM "secret.dtd"> %p;',
        '<!ENTITY x "an entity that is not expanded">',
    ],
)
def test_nothing_that_an_entity_leads_to_is_read(read: Read, tmp_path: Path, subset: str) -> None:
    for name in ("secret.txt", "secret.dtd"):
        (tmp_path / name).write_text(f'<!ENTITY x "{BAIT}">', encoding="utf-8")
    head = DOCTYPE.replace('1.dtd">', f'1.dtd" [{subset}]>')
    result = read(paper("", "<body><p t='&x;'>words &x;</p></body>", "", head))
    assert result.text == "words &x;"


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">',
        "<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>",
        '<!ENTITY % a "ha"><!ENTITY % b "%a;%a;">',
    ],
)
def test_entities_made_of_entities_are_refused(read: Read, subset: str) -> None:
    head = DOCTYPE.replace('1.dtd">', f'1.dtd" [{subset}]>')
    with pytest.raises(ExtractionError) as caught:
        read(paper("", "<body><p>&b;</p></body>", "", head))
    assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_paper_that_is_cut_off_is_partial_or_refused(read: Read, tenth: int) -> None:
    whole = paper()
    result = read(whole[: len(whole) * tenth // 10])
    assert result.text_status in (TextStatus.PARTIAL, TextStatus.EMPTY)
    assert "its XML is damaged" in result.confidence_reason


@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"words", b"<a/>", b"<article", b"%PDF-1.7", b"\0" * 100, b"<!DOCTYPE article>"],
)
def test_what_is_no_paper_is_malformed(read: Read, content: bytes) -> None:
    with pytest.raises(ExtractionError) as caught:
        read(content)
    assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "body",
    [
        "<sec>" * 100_000,
        "<p>" + "&x;& " * 100_000,
        "<p>" + "<![CDATA[" * 100_000,
        "</x>" * 100_000,
        "<p>" + "< " * 100_000,
        "<p>" + "<td<td&lt;" + "<td" * 100_000,
        "<table-wrap>" + "<table><tr><td>x</td></tr></table>" * 5_000 + "</table-wrap>",
        "<table>" + "<tr><td colspan='1000' rowspan='65534'>x</td></tr>" * 3_000 + "</table>",
        "<p><alternatives>" + "<tex-math>x</tex-math>" * 20_000 + "</alternatives></p>",
        "<sec>" + "<label>1</label><!-- -->" * 20_000 + "</sec>",
        "<sec><title>x</title></sec>" * 30_000,
    ],
)
def test_papers_made_to_attack_are_read_with_bounds(read: Read, body: str) -> None:
    result = read(f"{DOCTYPE}<article>{FRONT}<body>{body}")
    assert "On Tides" in result.text
    assert len(result.items) < 50_000
    assert len(result.pages) <= 2_001


def test_a_paper_that_is_too_long_is_refused_before_it_is_read(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "long.xml"
    with path.open("wb") as file:
        file.truncate(paperxml.MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(ExtractionError) as caught:
        paperxml.parse_paper(path)
    assert caught.value.code is ErrorCode.OUTPUT_LIMIT


def test_a_paper_without_text_is_empty(read: Read) -> None:
    assert read("<article><front/><body/></article>").text_status is TextStatus.EMPTY
