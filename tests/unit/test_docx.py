"""What is read of a Word document, and what an attack gets."""

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.detect import detect
from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import opc
from reslib.extractors.assemble import Assembler
from reslib.extractors.docx import EXTRACTOR
from reslib.extractors.symbolfont import symbol
from reslib.models import ExtractionResult, TextStatus

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
STRICT = "http://purl.oclc.org/ooxml/officeDocument"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}/relationships" xmlns:m="{OFFICE}/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative"'
)

Make = Callable[..., Path]


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*texts: str) -> str:
    inside = (text if text.startswith("<") else run(text) for text in texts)
    return f"<w:p>{''.join(inside)}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def word(root: str, inside: str) -> str:
    return f"<w:{root} {NAMESPACES}>{inside}</w:{root}>"


def relationships(*items: tuple[str, str], base: str = OFFICE) -> str:
    arrows = "".join(
        f'<Relationship Id="r{number}" Type="{base}/relationships/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(items)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{arrows}</Relationships>'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a document from its body and further parts; a part of None is left out."""

    def make(body: str = "", parts: dict[str, str | bytes | None] | None = None) -> Path:
        every: dict[str, str | bytes | None] = {
            "_rels/.rels": relationships(("officeDocument", "word/document.xml")),
            "word/document.xml": word("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        }
        every.update(parts or {})
        path = tmp_path / "paper.docx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in every.items():
                if content is not None:
                    archive.writestr(name, content)
        return path

    return make


def read(path: Path) -> ExtractionResult:
    assembler = Assembler(EXTRACTOR, "docx")
    for item in EXTRACTOR.function(path):
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code


def test_paragraphs_are_lines_and_runs_are_joined(make: Make) -> None:
    result = read(make(paragraph("one wo", "rd") + paragraph("two")))
    assert result.text == "one word\ntwo"
    assert (result.confidence, result.confidence_reason) == (1.0, "")
    assert result.page_count == 1


def test_a_table_has_a_line_for_each_row_and_tabs_between_cells(make: Make) -> None:
    nested = f"<w:tbl>{row(paragraph('x'), paragraph('y'))}</w:tbl>"
    rows = row(paragraph("a"), paragraph("b") + paragraph("c")) + row(
        paragraph(""), nested + paragraph("")
    )
    text = read(make(f"{paragraph('before')}<w:tbl>{rows}</w:tbl>{paragraph('after')}")).text
    assert text == "before\na\tb c\n\tx\ty\nafter"


def test_insertions_are_read_and_deletions_are_not(make: Make) -> None:
    body = paragraph(
        "it is ",
        f"<w:ins>{run('now')}</w:ins>",
        "<w:del><w:r><w:delText>once</w:delText></w:r></w:del>",
        "<w:del><m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath></w:del>",
        f"<w:moveFrom>{run('away')}</w:moveFrom><w:moveTo>{run(' here')}</w:moveTo>",
    )
    assert read(make(body)).text == "it is now here"


def test_links_controls_tags_and_fields_are_read_without_their_codes(make: Make) -> None:
    body = paragraph(
        f"<w:hyperlink>{run('link')}</w:hyperlink>",
        f"<w:sdt><w:sdtPr/><w:sdtContent>{run(' control')}</w:sdtContent></w:sdt>",
        f"<w:smartTag>{run(' tag')}</w:smartTag>",
        "<w:r><w:instrText> PAGEREF x </w:instrText></w:r>",
        f'<w:fldSimple w:instr="DATE">{run(" result")}</w:fldSimple>',
    )
    control = f"<w:sdt><w:sdtContent>{paragraph('block')}</w:sdtContent></w:sdt>"
    assert read(make(body + control)).text == "link control tag result\nblock"


def test_tabs_breaks_hyphens_and_symbols_are_characters(make: Make) -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:pos="1"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/>'
        "<w:t>b</w:t><w:br/><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t>"
        '<w:sym w:font="Symbol" w:char="F057"/></w:r></w:p>'
    )
    assert read(make(body)).text == "a\tb\nnon-stopΩ"


def test_a_symbol_nobody_can_tell_lowers_the_confidence(make: Make) -> None:
    result = read(make(paragraph("words", '<w:r><w:sym w:font="Webdings" w:char="F021"/></w:r>')))
    assert result.text == "words"
    assert result.confidence is not None
    assert 0.5 < result.confidence < 1
    assert "1 symbol without a known meaning" in result.confidence_reason


def test_a_text_box_is_read_once_and_after_its_paragraph(make: Make) -> None:
    box = f"<w:txbxContent>{paragraph('box')}</w:txbxContent>"
    alternate = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert read(make(paragraph("one sen", alternate, "tence") + paragraph("end"))).text == (
        "one sentence\nbox\nend"
    )


def test_the_fallback_is_read_when_only_it_has_text(make: Make) -> None:
    alternate = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="x"><w:drawing/></mc:Choice>'
        f"<mc:Fallback>{run('old')}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert read(make(paragraph(alternate))).text == "old"


def test_equations_are_read_in_linear_form(make: Make) -> None:
    def m(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    body = paragraph(
        "where ",
        f"<m:oMath>{m('y=')}<m:f><m:num>{m('a+b')}</m:num><m:den>{m('c')}</m:den></m:f>"
        f"<m:sSup><m:e>{m('x')}</m:e><m:sup>{m('2')}</m:sup></m:sSup>"
        f"<m:func><m:fName>{m('sin')}</m:fName><m:e>{m('t')}</m:e></m:func>"
        f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{m('i=1')}</m:sub>"
        f"<m:sup>{m('n')}</m:sup><m:e>{m('k')}</m:e></m:nary></m:oMath>",
    )
    assert read(make(body)).text == "where y=(a+b)/cx^2sin t∑_(i=1)^nk"


def test_notes_headers_and_footers_are_read_each_once(make: Make) -> None:
    header = word("hdr", paragraph("running head"))
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(
            ("header", "header1.xml"),
            ("header", "header2.xml"),
            ("footer", "/word/footer1.xml"),
            ("footnotes", "footnotes.xml"),
            ("endnotes", "endnotes.xml"),
        ),
        "word/header1.xml": header,
        "word/header2.xml": header,
        "word/footer1.xml": word("ftr", paragraph("page foot")),
        "word/footnotes.xml": word(
            "footnotes",
            f'<w:footnote w:type="separator">{paragraph("rule")}</w:footnote>'
            f"<w:footnote>{paragraph('first note')}</w:footnote>"
            f"<w:footnote>{paragraph('first note')}</w:footnote>",
        ),
        "word/endnotes.xml": word("endnotes", f"<w:endnote>{paragraph('end note')}</w:endnote>"),
    }
    text = read(make(paragraph("body"), parts)).text
    assert text.split("\n\n") == [
        "running head",
        "body",
        "first note\nfirst note",
        "end note",
        "page foot",
    ]


def test_what_is_left_out_is_said(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("comments", "comments.xml")),
        "word/comments.xml": word("comments", f"<w:comment>{paragraph('doubt')}</w:comment>"),
    }
    result = read(make(paragraph("words", "<w:r><w:drawing><pic:pic/></w:drawing></w:r>"), parts))
    assert result.text == "words"
    assert result.confidence == 1.0
    assert result.confidence_reason == "1 picture not read; comments left out"


def formatted(text: str, properties: str) -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def styles(inside: str) -> dict[str, str | bytes | None]:
    return {
        "word/_rels/document.xml.rels": relationships(("styles", "styles.xml")),
        "word/styles.xml": word("styles", inside),
    }


STYLES = (
    '<w:style w:type="character" w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Remark"><w:basedOn w:val="Base"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Platzhaltertext"><w:name w:val="Placeholder Text"/>'
    "</w:style>"
    '<w:style w:type="character" w:styleId="Mark"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    "</w:style>"
)


def test_hidden_text_is_left_out_also_when_a_style_hides_it(make: Make) -> None:
    body = (
        paragraph("a", formatted("NO", "<w:vanish/>"), formatted("b", '<w:vanish w:val="0"/>'))
        + paragraph("c", formatted("NO", '<w:rStyle w:val="Remark"/>'))
        + paragraph(formatted("d", '<w:rStyle w:val="Remark"/><w:vanish w:val="false"/>'))
        + f'<w:p><w:pPr><w:pStyle w:val="Secret"/></w:pPr>{run("NO")}'
        + formatted("e", '<w:vanish w:val="off"/>')
        + "</w:p>"
        + paragraph(formatted("f", "<w:webHidden/>"))
    )
    assert read(make(body, styles(STYLES))).text == "ab\nc\nd\ne\nf"


def test_a_hidden_row_is_left_out(make: Make) -> None:
    hidden = f"<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{paragraph('NO')}</w:tc></w:tr>"
    assert read(make(f"<w:tbl>{row(paragraph('a'))}{hidden}</w:tbl>")).text == "a"


def test_prompts_that_nobody_filled_in_are_left_out(make: Make) -> None:
    def control(properties: str, content: str) -> str:
        inside = f"<w:sdtContent>{content}</w:sdtContent>"
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr>{inside}</w:sdt>"

    prompt = control("<w:showingPlcHdr/>", run("Click here"))
    filled = control('<w:showingPlcHdr w:val="0"/>', run("a name"))
    styled = formatted("Tap here", '<w:rStyle w:val="Platzhaltertext"/>')
    body = (
        paragraph("Author: ", prompt, filled)
        + control("<w:showingPlcHdr/>", paragraph("Enter text"))
        + paragraph("Date: ", control("", styled), "today")
    )
    assert read(make(body, styles(STYLES))).text == "Author: a name\nDate: today"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (
            ("Smith", formatted("1,2", '<w:vertAlign w:val="superscript"/>'), ", Li"),
            "Smith 1,2, Li",
        ),
        (("library", formatted("1", '<w:rStyle w:val="Mark"/>'), "to"), "library 1 to"),
        (("a", formatted("b", '<w:rStyle w:val="Mark"/><w:vertAlign w:val="baseline"/>')), "ab"),
        (("10", formatted("−", '<w:vertAlign w:val="superscript"/>')), "10−"),  # noqa: RUF001
        (("word", formatted("3", '<w:position w:val="8"/>'), " end"), "word 3 end"),
        (("CO", formatted("2", '<w:vertAlign w:val="subscript"/>'), " is"), "CO2 is"),
    ],
)
def test_what_is_raised_is_no_part_of_the_word_before_it(
    make: Make, runs: tuple[str, ...], text: str
) -> None:
    assert read(make(paragraph(*runs), styles(STYLES))).text == text


def test_a_raised_piece_may_be_split_over_runs(make: Make) -> None:
    raised = [formatted(c, '<w:vertAlign w:val="superscript"/>') for c in ("1", ",", "2")]
    assert read(make(paragraph("Smith", *raised, "and"))).text == "Smith 1,2 and"
    raised = [formatted(c, '<w:vertAlign w:val="superscript"/>') for c in ("-", "1", "2")]
    assert read(make(paragraph("10", *raised) + paragraph("m"))).text == "10^-12\nm"


def picture(properties: str, inside: str = "") -> str:
    docpr = f"<wp:docPr {properties}>{inside}</wp:docPr>"
    return f"<w:r><w:drawing><wp:inline>{docpr}<pic:pic/></wp:inline></w:drawing></w:r>"


def test_the_alternative_text_of_a_picture_stands_in_its_place(make: Make) -> None:
    body = paragraph("see", picture('descr="A map of\nthe coast"'), "below")
    assert read(make(body)).text == "see [A map of the coast] below"
    old = '<w:r><w:pict><v:shape alt="An old map"><v:imagedata/></v:shape></w:pict></w:r>'
    assert read(make(paragraph(old))).text == "[An old map]"


def test_pictures_that_mean_nothing_are_not_named(make: Make) -> None:
    decorative = "<a:ext><adec:decorative val='1'/></a:ext>"
    body = paragraph(
        "words",
        picture('descr="a line"', decorative),
        picture(r'descr="C:\\Users\\me\\image 1.PNG"'),
        picture('name="Picture 1"'),
        picture('descr="unseen" hidden="1"'),
    )
    assert read(make(body)).text == "words"


def test_an_alternative_text_that_is_the_caption_is_read_once(make: Make) -> None:
    body = paragraph(picture('descr="The coast in 1950."')) + paragraph(
        "Figure 1: The coast in 1950."
    )
    assert read(make(body)).text == "Figure 1: The coast in 1950."


NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt '
    'w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)


def numbered(level: int, text: str, mark: str = "") -> str:
    number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    inside = text if text.startswith("<") else run(text)
    return f"<w:p><w:pPr>{number}{mark}</w:pPr>{inside}</w:p>"


def test_headings_and_lists_have_their_numbers(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("numbering", "numbering.xml")),
        "word/numbering.xml": word("numbering", NUMBERING),
    }
    body = (
        numbered(0, "Introduction")
        + paragraph("words")
        + numbered(1, "Methods")
        + numbered(
            1, "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>", "<w:rPr><w:del/></w:rPr>"
        )
        + numbered(1, "Results")
        + f"<w:tbl>{row(numbered(0, 'cell'))}</w:tbl>"
    )
    text = read(make(body, parts)).text
    assert [line for line in text.split("\n") if line] == [
        "1 Introduction",
        "words",
        "1.1 Methods",
        "1.2 Results",
        "2 cell",
    ]


def test_damaged_styles_and_lists_leave_the_text(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(
            ("numbering", "numbering.xml"), ("styles", "gone.xml")
        ),
        "word/numbering.xml": "<w",
    }
    assert read(make(numbered(0, "words"), parts)).text == "words"


def with_chunk(make: Make, name: str, content: bytes | str) -> Path:
    body = f'{paragraph("before")}<w:altChunk r:id="r0"/>{paragraph("after")}'
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("aFChunk", name)),
        f"word/{name}": content,
    }
    return make(body, parts)


MHTML = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n"
    b"Content-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: "
    b"quoted-printable\r\n\r\n<p>d=E9j=E0 v=\r\nu</p>\r\n--B\r\nContent-Type: image/png\r\n\r\nx"
    b"\r\n--B--\r\n"
)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("c.html", "<h1>Title</h1><p>déjà vu".encode(), "Title\n\ndéjà vu"),
        ("c.xhtml", "<p>déjà vu</p>".encode("utf-16"), "déjà vu"),
        ("c.htm", b"<meta charset=latin1><p>d\xe9j\xe0 vu", "déjà vu"),
        ("c.html", b"<i>only</i> a piece", "only a piece"),
        ("c.txt", "déjà < vu".encode(), "déjà < vu"),
        ("c.mht", MHTML, "déjà vu"),
    ],
)
def test_a_document_inside_the_document_is_read_in_its_place(
    make: Make, name: str, content: bytes, text: str
) -> None:
    result = read(with_chunk(make, name, content))
    assert result.text == f"before\n{text}\nafter"
    assert (result.confidence, result.confidence_reason) == (1.0, "")


def test_a_word_document_inside_one_is_read_in_its_place(make: Make) -> None:
    inner = make(paragraph("inside") + paragraph(picture(""))).read_bytes()
    result = read(with_chunk(make, "c.docx", inner))
    assert result.text == "before\ninside\nafter"
    assert result.confidence_reason == "1 picture not read"


@pytest.mark.parametrize("content", [b"{\\rtf1 words}", b"PK\3\4 damaged", b"\xd0\xcf\x11\xe0"])
def test_an_inner_document_that_cannot_be_read_is_said(make: Make, content: bytes) -> None:
    result = read(with_chunk(make, "c.bin", content))
    assert result.text == "before\nafter"
    assert result.confidence_reason == "1 embedded document not read"
    assert result.confidence is not None
    assert result.confidence < 1


def test_documents_inside_documents_end_and_share_one_limit(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make(paragraph("innermost")).read_bytes()
    for _ in range(6):
        content = with_chunk(make, "c.docx", content).read_bytes()
    result = read(with_chunk(make, "c.docx", content))
    assert result.text.count("before") == 4
    assert result.confidence_reason == "1 embedded document not read"
    big = make(paragraph("x" * 3000)).read_bytes()
    monkeypatch.setattr(opc, "MAX_UNPACKED", 4000)
    assert code_of(with_chunk(make, "c.docx", big)) in (
        ErrorCode.MALFORMED,
        ErrorCode.OUTPUT_LIMIT,
    )


def test_words_of_diagrams_are_read(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("diagramData", "diagrams/data1.xml")),
        "word/diagrams/data1.xml": f"<d {NAMESPACES}><a:p><a:r><a:t>step</a:t></a:r></a:p></d>",
    }
    assert read(make(paragraph("words"), parts)).text == "words\n\nstep"


def test_the_title_is_that_of_the_properties(make: Make) -> None:
    core = '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>On Graphs</dc:title></p>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    arrows = relationships(("officeDocument", "word/document.xml")).replace(
        "</Relationships>",
        f'<Relationship Id="c" Type="{space}/metadata/core-properties" Target="core.xml"/>'
        "</Relationships>",
    )
    assert read(make("", {"_rels/.rels": arrows, "core.xml": core})).title == "On Graphs"
    assert read(make("", {"_rels/.rels": arrows, "core.xml": "<broken"})).title is None
    assert read(make("", {"_rels/.rels": arrows})).title is None


def test_the_strict_kind_is_read_too(make: Make) -> None:
    space = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = "<w:body><w:p><w:r><w:t>strict</w:t></w:r></w:p></w:body>"
    parts: dict[str, str | bytes | None] = {
        "_rels/.rels": relationships(("officeDocument", "main.xml"), base=STRICT),
        "main.xml": f'<w:document xmlns:w="{space}">{body}</w:document>',
    }
    assert read(make("", parts)).text == "strict"


def test_the_main_part_is_where_the_package_says(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "_rels/.rels": relationships(("officeDocument", "/custom/main.xml")),
        "custom/main.xml": word("document", paragraph("elsewhere")),
    }
    assert read(make(paragraph("not here"), parts)).text == "elsewhere"


def test_a_missing_picture_or_relationship_list_does_not_matter(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("image", "media/none.gif")),
    }
    assert read(make(paragraph("words"), parts)).text == "words"
    assert read(make(paragraph("words"), {"_rels/.rels": None})).text == "words"


def test_a_damaged_side_part_lowers_the_confidence_and_is_named(make: Make) -> None:
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("footnotes", "footnotes.xml")),
        "word/footnotes.xml": "<w:footnotes",
    }
    result = read(make(paragraph("words"), parts))
    assert result.text == "words"
    assert result.confidence is not None
    assert result.confidence < 1
    assert result.confidence_reason == "its footnotes part is damaged"


def test_a_document_without_text_is_empty(make: Make) -> None:
    result = read(make())
    assert result.text_status is TextStatus.EMPTY
    assert result.confidence == 0.0


@pytest.mark.parametrize(
    "document",
    [
        None,
        "",
        "<w:document",
        "<other/>",
        word("document", "<w:ins>" * 5000 + "</w:ins>" * 5000),
    ],
    ids=["missing", "empty", "cut", "other", "deep"],
)
def test_a_main_part_that_is_none_is_malformed(make: Make, document: str | None) -> None:
    assert code_of(make("", {"word/document.xml": document})) is ErrorCode.MALFORMED


def test_a_name_in_the_archive_that_is_not_what_it_says_is_damage(make: Make) -> None:
    path = make(paragraph("words"), {"_rels/.rels": None, "word/é.xml": "x"})
    content = bytearray(path.read_bytes())
    # The name in front of the part, not the one in the directory; flagged as UTF-8.
    start = content.index(b"PK\3\4")
    content[start + 6 : start + 8] = b"\0\x08"
    content[start + 30] = 0xFF
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.MALFORMED


def test_a_flipped_byte_in_the_main_part_is_noticed(make: Make) -> None:
    path = make(paragraph("words that take some room " * 20))
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("word/document.xml")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + 40] ^= 0xFF
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.MALFORMED


@pytest.mark.parametrize("keep", [0, 4, 100, -30])
def test_a_file_that_is_no_archive_is_malformed(make: Make, keep: int) -> None:
    path = make(paragraph("words"))
    path.write_bytes(path.read_bytes()[:keep])
    assert code_of(path) is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "doctype",
    [
        '[<!ENTITY x SYSTEM "secret.txt">]',
        '[<!ENTITY % p SYSTEM "secret.txt"> %p;]',
        'SYSTEM "secret.txt"',
        '[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;">]',
    ],
)
def test_entities_are_neither_followed_nor_expanded(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doctype: str
) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    document = f"<!DOCTYPE d {doctype}>" + word("document", "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")
    assert code_of(make("", {"word/document.xml": document})) is ErrorCode.MALFORMED


def test_names_that_climb_out_of_the_archive_lead_nowhere(make: Make, tmp_path: Path) -> None:
    (tmp_path / "evil.xml").write_text(word("hdr", paragraph("SECRET")), encoding="utf-8")
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(
            ("header", "../../evil.xml"), ("header", f"file://{tmp_path}/evil.xml")
        ),
    }
    assert "SECRET" not in read(make(paragraph("words"), parts)).text


def test_an_archive_that_unpacks_to_too_much_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opc, "MAX_UNPACKED", 1 << 20)
    assert code_of(make(paragraph("a" * 200) * 10_000)) is ErrorCode.MALFORMED  # a bomb
    honest = "".join(paragraph(f"{i * i * 7919 % 1_000_003:x}") for i in range(30_000))
    assert code_of(make(honest)) is ErrorCode.OUTPUT_LIMIT


def test_pictures_are_not_unpacked(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc, "MAX_UNPACKED", 1 << 20)
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("image", "media/big.png")),
        "word/media/big.png": bytes(8 << 20),
    }
    assert read(make(paragraph("words"), parts)).text == "words"


@pytest.mark.parametrize(
    ("code", "character"),
    [(0xF062, "β"), (0xF057, "Ω"), (0xF0B3, "≥"), (0xF0A5, "∞"), (0xF0CE, "∈"), (0xF0F2, "∫")],
)
def test_the_symbol_font_is_known(code: int, character: str) -> None:
    assert symbol(code, "Symbol") == character


def test_other_symbols_are_themselves_or_unknown() -> None:
    assert symbol(0x2022, "Arial") == "•"
    assert symbol(0xF041, "Wingdings") is None
    assert symbol(-1, "Symbol") is None
    assert symbol(0xD800, "Symbol") is None


@pytest.mark.parametrize("seed", range(20))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(make: Make, seed: int) -> None:
    """Any other exception would be taken for a fault of reslib and tried again."""
    chance = random.Random(seed)
    parts: dict[str, str | bytes | None] = {
        "word/_rels/document.xml.rels": relationships(("footnotes", "footnotes.xml")),
        "word/footnotes.xml": word("footnotes", f"<w:footnote>{paragraph('note')}</w:footnote>"),
    }
    path = make(paragraph("words") * 20, parts)
    whole = path.read_bytes()
    for _ in range(100):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.2:
            start = chance.randrange(len(content))
            del content[start : start + chance.randrange(1, 100)]
        path.write_bytes(content)
        try:
            detect(path)
            read(path)
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)  # noqa: PT017
