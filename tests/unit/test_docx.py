"""What is read of a Word document."""

from __future__ import annotations

from pathlib import Path

import pytest
from wordparts import (
    NAMESPACES,
    Make,
    Parts,
    code_of,
    paragraph,
    read,
    relationships,
    row,
    run,
    word,
)

from reslib.errors import ErrorCode
from reslib.extractors import archive
from reslib.extractors.office.symbolfont import symbol
from reslib.models import TextStatus


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
    parts: Parts = {
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
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(("comments", "comments.xml")),
        "word/comments.xml": word("comments", f"<w:comment>{paragraph('doubt')}</w:comment>"),
    }
    result = read(make(paragraph("words", "<w:r><w:drawing><pic:pic/></w:drawing></w:r>"), parts))
    assert result.text == "words"
    assert result.confidence == 1.0
    assert result.confidence_reason == "1 picture not read; comments left out"


def formatted(text: str, properties: str) -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def styles(inside: str) -> Parts:
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
        (("10", formatted("−", '<w:vertAlign w:val="superscript"/>')), "10−"),  # noqa: RUF001 - a minus
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
    parts: Parts = {
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
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(
            ("numbering", "numbering.xml"), ("styles", "gone.xml")
        ),
        "word/numbering.xml": "<w",
    }
    assert read(make(numbered(0, "words"), parts)).text == "words"


def with_chunk(make: Make, name: str, content: bytes | str) -> Path:
    body = f'{paragraph("before")}<w:altChunk r:id="r0"/>{paragraph("after")}'
    parts: Parts = {
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
    monkeypatch.setattr(archive, "MAX_UNPACKED", 4000)
    assert code_of(with_chunk(make, "c.docx", big)) in (
        ErrorCode.MALFORMED,
        ErrorCode.OUTPUT_LIMIT,
    )


def test_words_of_diagrams_are_read(make: Make) -> None:
    parts: Parts = {
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


def test_a_document_without_text_is_empty(make: Make) -> None:
    result = read(make())
    assert result.text_status is TextStatus.EMPTY
    assert result.confidence == 0.0


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


def test_what_a_table_is_said_to_show_stands_before_it(make: Make) -> None:
    own = '<w:tblPr><w:tblCaption w:val="Gauges"/><w:tblDescription w:val="by  site"/></w:tblPr>'
    text = read(make(f"{paragraph('before')}<w:tbl>{own}{row(paragraph('a'))}</w:tbl>")).text
    assert text == "before\n[Gauges: by site]\na"


@pytest.mark.parametrize(
    ("stated", "chosen"),
    [('<w:result w:val="1"/>', "high"), ("", "low"), ('<w:result w:val="99999"/>', "low")],
)
def test_the_choice_in_a_form_is_read_and_not_what_was_not_chosen(
    make: Make, stated: str, chosen: str
) -> None:
    entries = '<w:listEntry w:val="low"/><w:listEntry w:val="high"/>'
    data = f"<w:ffData><w:ddList>{stated}{entries}</w:ddList></w:ffData>"
    form = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
    code = "<w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>"
    assert read(make(paragraph("tide: ", form, code))).text == f"tide: {chosen}"


def test_drawn_letters_are_read(make: Make) -> None:
    drawn = '<w:r><w:pict><v:shape><v:textpath string="Tide tables"/></v:shape></w:pict></w:r>'
    assert read(make(paragraph(drawn))).text == "Tide tables"
