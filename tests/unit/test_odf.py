"""What is read of OpenDocument texts and presentations, and what damage and attacks get."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import archive
from reslib.extractors.assemble import Assembler
from reslib.extractors.choice import choose
from reslib.extractors.odf import odp, odt
from reslib.extractors.registry import Registry
from reslib.formats.detect import detect
from reslib.items import Metadata, Section, Table, Warning
from reslib.models import ExtractionResult, TextStatus

ODF = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{ODF}:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "presentation": "presentation",
        "style": "style",
        "svg": "svg-compatible",
        "chart": "chart",
        "meta": "meta",
    }.items()
) + (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:math="http://www.w3.org/1998/Math/MathML"'
)
TEXT = "application/vnd.oasis.opendocument.text"
SLIDES = "application/vnd.oasis.opendocument.presentation"

Parts: TypeAlias = "dict[str, str | bytes | None]"
Make: TypeAlias = Callable[..., Path]


def root(name: str, inside: str, attributes: str = "") -> str:
    return f"<office:{name} {NAMESPACES} {attributes}>{inside}</office:{name}>"


def p(*texts: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{"".join(texts)}</text:p>'


def span(text: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def styles(*items: tuple[str, str, str], parent: str = "") -> str:
    return "".join(
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name='
        f'"{parent}"><style:text-properties {said}/></style:style>'
        for name, family, said in items
    )


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a document from its body and further parts; a part of None is left out."""

    def make(
        body: str, parts: Parts | None = None, *, automatic: str = "", kind: str = TEXT
    ) -> Path:
        holder = "presentation" if kind.startswith(SLIDES) else "text"
        every: Parts = {
            "mimetype": kind,
            "content.xml": root(
                "document-content",
                f"<office:automatic-styles>{automatic}</office:automatic-styles>"
                f"<office:body><office:{holder}>{body}</office:{holder}></office:body>",
            ),
        }
        every.update(parts or {})
        path = tmp_path / "paper.odt"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in every.items():
                if content is not None:
                    file.writestr(name, content)
        return path

    return make


@pytest.fixture
def flat(tmp_path: Path) -> Make:
    """Write a document that is one XML file."""

    def flat(body: str, kind: str = TEXT, suffix: str = "fodt") -> Path:
        holder = "presentation" if kind == SLIDES else "text"
        inside = f"<office:body><office:{holder}>{body}</office:{holder}></office:body>"
        path = tmp_path / f"paper.{suffix}"
        document = root("document", inside, f'office:mimetype="{kind}"')
        path.write_text(f'<?xml version="1.0"?>{document}', encoding="utf-8")
        return path

    return flat


def read(path: Path) -> ExtractionResult:
    kind = detect(path)
    module = odp if kind in odp.EXTRACTOR.mime_types else odt
    assembler = Assembler(module.EXTRACTOR, kind)
    for item in module.extract(path):
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code


# --- texts -------------------------------------------------------------------------------------


def test_white_space_is_what_a_reader_sees(make: Make) -> None:
    body = p("  one\n   word <text:s/>", "<text:s text:c='2'/>x<text:tab/>y<text:line-break/> z ")
    assert read(make(body + p("two"))).text == "one word    x\ty\nz\ntwo"


def test_spans_links_and_fields_are_one_line(make: Make) -> None:
    body = p(
        "wo",
        span("rd", "T1"),
        " <text:a>a link</text:a>, page <text:page-number>3",
        "</text:page-number>",
    )
    assert read(make(body)).text == "word a link, page 3"


def test_headings_are_sections_and_lists_are_lines(make: Make) -> None:
    items = "".join(f"<text:list-item>{p(t)}</text:list-item>" for t in ("one", "two"))
    nested = f"<text:list>{items}<text:list-item><text:list>{items}</text:list></text:list-item>"
    body = (
        '<text:h text:outline-level="1">Introduction</text:h>'
        '<text:h text:outline-level="2"><text:number>1.1</text:number>Data</text:h>'
        f"{nested}</text:list>"
    )
    result = read(make(body))
    assert result.text == "Introduction\n1.1 Data\none\ntwo\none\ntwo"
    assert result.items == (Section("Introduction", 1, 1), Section("1.1 Data", 2, 1))


def test_headings_have_the_numbers_that_the_outline_style_says(make: Make) -> None:
    def level(number: int, form: str, more: str = "") -> str:
        own = f'text:level="{number}" style:num-format="{form}"'
        return f"<text:outline-level-style {own} {more}/>"

    def heading(depth: int, text: str, more: str = "") -> str:
        return f'<text:h text:outline-level="{depth}" {more}>{text}</text:h>'

    levels = (
        level(1, "A", 'style:num-suffix="."')
        + level(2, "1", 'text:display-levels="2"')
        + level(3, "")
    )
    outline = f"<office:styles><text:outline-style>{levels}</text:outline-style></office:styles>"
    body = (
        heading(1, "Data")
        + heading(2, "Tides")
        + heading(3, "Gauges")
        + heading(2, "Winds")
        + heading(1, "Thanks", 'text:is-list-header="true"')
        + heading(1, "Results")
        + heading(2, "Surges")
        + heading(1, "End", 'text:restart-numbering="true" text:start-value="9"')
    )
    result = read(make(body, {"styles.xml": root("document-styles", outline)}))
    lines = ["A. Data", "A.1 Tides", "Gauges", "A.2 Winds", "Thanks", "B. Results", "B.1 Surges"]
    assert result.text.split("\n") == [*lines, "I. End"]
    assert result.items[1] == Section("A.1 Tides", 2, 1)


def test_a_table_is_text_and_an_item(make: Make) -> None:
    def cell(inside: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}>{inside}</table:table-cell>"

    head = f"<table:table-header-rows><table:table-row>{cell(p('a'))}{cell(p('b'))}"
    empty = cell("", 'table:number-columns-repeated="2"')
    rows = (
        f"<table:table-row>{cell(p('1') + p('2'))}<table:covered-table-cell/>{cell(p('3'))}"
        f"</table:table-row><table:table-row>{empty}{cell(p('4'))}</table:table-row>"
        f'<table:table-row table:visibility="collapse">{cell(p("NO"))}</table:table-row>'
    )
    body = f"<table:table>{head}</table:table-row></table:table-header-rows>{rows}</table:table>"
    result = read(make(p("before") + body + p("after")))
    assert result.text == "before\na\tb\n1 2\t\t3\n\t\t4\nafter"
    assert result.items == (
        Table((("a", "b"), ("1 2", "", "3"), ("", "", "4")), page=1, header_rows=1),
    )


def test_a_table_that_lays_out_others_is_no_item(make: Make) -> None:
    def table(inside: str) -> str:
        row = f"<table:table-row><table:table-cell>{inside}</table:table-cell></table:table-row>"
        return f"<table:table>{row}</table:table>"

    result = read(make(table(p("before") + table(p("x")))))
    assert result.text == "before\nx"
    assert result.items == (Table((("x",),), page=1),)


def test_a_table_that_claims_a_billion_cells_is_what_is_written_in_it(make: Make) -> None:
    many = 'table:number-columns-repeated="1000000000"'
    row = f"<table:table-cell {many}>{p('x')}</table:table-cell><table:table-cell {many}/>"
    end = p('<text:s text:c="1000000000"/>end')
    body = (
        f'<table:table><table:table-row table:number-rows-repeated="1000000000">{row}{row}'
        f"</table:table-row></table:table>{end}"
    )
    text = read(make(body)).text
    assert text.split() == ["x", "x", "end"]
    assert len(text) < 200


def test_deletions_comments_and_prompts_are_left_out(make: Make) -> None:
    changes = (
        f"<text:tracked-changes><text:changed-region><text:deletion>{p('NO')}</text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    remark = f"<office:annotation><dc:creator>NO</dc:creator>{p('NO')}</office:annotation>"
    body = p(
        "it is <text:change-start/>now<text:change-end/><text:change/> ",
        remark,
        "here<office:annotation-end/><text:placeholder>NO</text:placeholder>",
    )
    result = read(make(changes + body))
    assert result.text == "it is now here"
    assert result.confidence_reason == "comments left out"


def test_hidden_text_is_left_out_also_when_a_style_above_hides_it(make: Make) -> None:
    hidden = styles(("H", "text", 'text:display="none"'), ("H", "paragraph", 'text:display="none"'))
    below = styles(("B", "text", ""), parent="H") + styles(("T", "text", ""), parent="T")
    body = (
        p("a", span("NO", "H"), span("NO", "B"), span("b", "T"))
        + p("NO", style="H")
        + f'<text:section text:display="none">{p("NO")}</text:section>'
        + p('<text:hidden-text text:is-hidden="true">NO</text:hidden-text>c')
    )
    assert read(make(body, automatic=hidden + below)).text == "ab\nc"


def test_what_is_raised_is_no_part_of_the_word_before_it(make: Make) -> None:
    raised = styles(
        ("S", "text", 'style:text-position="super 58%"'),
        ("L", "text", 'style:text-position="-33% 58%"'),
    )
    body = p("Smith", span("1,2", "S"), " and 10", span("5", "S"), " CO", span("2", "L"))
    assert read(make(body, automatic=raised)).text == "Smith 1,2 and 10^5 CO2"


def test_notes_stand_after_the_body_and_leave_the_sentence_whole(make: Make) -> None:
    def note(kind: str, text: str) -> str:
        return (
            f'<text:note text:note-class="{kind}"><text:note-citation>1</text:note-citation>'
            f"<text:note-body>{p(text)}</text:note-body></text:note>"
        )

    body = p("one", note("endnote", "last"), " sentence", note("footnote", "foot")) + p("end")
    assert read(make(body)).text == "one sentence\nend\n\nfoot\n\nlast"


def test_text_boxes_follow_their_paragraph_and_pictures_have_their_text(make: Make) -> None:
    box = f"<draw:frame><draw:text-box>{p('box')}</draw:text-box></draw:frame>"
    shape = f"<draw:g><draw:custom-shape>{p('shape')}</draw:custom-shape></draw:g>"
    map_ = "<draw:frame><draw:image/><svg:desc>A map</svg:desc></draw:frame>"
    file = "<draw:frame><draw:image/><svg:title>map.png</svg:title></draw:frame>"
    map_ = map_.replace("<svg:desc>", "<svg:title>The coast</svg:title><svg:desc>")
    result = read(make(p("one sen", box, shape, "tence ", map_, file) + p("end")))
    assert result.text == "one sentence [The coast: A map]\nbox\nshape\nend"
    assert result.confidence_reason == "2 pictures not read"


def test_formulas_and_charts_are_read_and_other_objects_said(make: Make) -> None:
    def frame(name: str) -> str:
        return f'<draw:frame><draw:object xlink:href="./{name}"/><draw:image/></draw:frame>'

    formula = (
        "<math:math><math:semantics><math:mi>y</math:mi><math:annotation encoding='StarMath 5.0'>"
        "y = a over b</math:annotation></math:semantics></math:math>"
    )
    numbers = f'<table:table-cell office:value-type="float">{p("17")}</table:table-cell>'
    labels = f'<table:table-cell office:value-type="string">{p("May")}</table:table-cell>'
    chart = (
        f"<office:body><office:chart><chart:chart><chart:title>{p('Rainfall')}</chart:title>"
        f"<table:table><table:table-row>{numbers}{labels}</table:table-row></table:table>"
        "</chart:chart></office:chart></office:body>"
    )
    parts: Parts = {
        "F/content.xml": formula.replace("<math:math", f"<math:math {NAMESPACES}", 1),
        "C/content.xml": root("document-content", chart),
        "T/content.xml": root("document-content", "<office:body/>"),
    }
    body = p("where ", frame("F"), " holds", frame("C"), frame("T"), frame("../../gone"))
    result = read(make(body, parts))
    assert result.text == "where y = a over b holds\nRainfall\nMay"
    assert result.confidence_reason == "1 embedded document not read"


def test_an_index_has_its_lines_and_not_its_template(make: Make) -> None:
    source = (
        "<text:table-of-content-source><text:index-title-template>NO</text:index-title-template>"
    )
    index = f"<text:index-body><text:index-title>{p('Contents')}</text:index-title>{p('One 1')}"
    body = f"{source}</text:table-of-content-source>{index}</text:index-body>"
    text = read(make(f"<text:table-of-content>{body}</text:table-of-content>{p('end')}")).text
    assert text == "Contents\nOne 1\nend"


def test_headers_and_footers_are_read_each_once(make: Make) -> None:
    page = (
        f"<style:master-page><style:header>{p('head')}</style:header><style:footer>{p('foot')}"
        f'</style:footer><style:header-left style:display="false">{p("NO")}</style:header-left>'
        "</style:master-page>"
    )
    part = root("document-styles", f"<office:master-styles>{page}{page}</office:master-styles>")
    assert read(make(p("body"), {"styles.xml": part})).text == "head\n\nbody\n\nfoot"


def test_what_it_states_of_itself_is_kept_with_its_source(make: Make) -> None:
    stated = (
        "<office:meta><dc:title>On Graphs</dc:title><dc:creator>Editor</dc:creator>"
        "<meta:initial-creator>A. B.</meta:initial-creator><dc:language>en-GB</dc:language>"
        "<meta:creation-date>2020-01-02T03:04:05</meta:creation-date></office:meta>"
    )
    result = read(make(p("a"), {"meta.xml": root("document-meta", stated)}))
    assert result.title == "On Graphs"
    source = "document properties"
    assert result.items == (
        Metadata("title", "On Graphs", source),
        Metadata("author", "A. B.", source),
        Metadata("created", "2020-01-02T03:04:05", source),
        Metadata("language", "en-GB", source),
    )


def test_a_document_without_text_is_empty(make: Make) -> None:
    result = read(make(""))
    assert (result.text_status, result.confidence) == (TextStatus.EMPTY, 0.0)


# --- presentations -----------------------------------------------------------------------------


def page(inside: str, style: str = "") -> str:
    return f'<draw:page draw:style-name="{style}">{inside}</draw:page>'


def box(text: str, role: str = "", more: str = "") -> str:
    return (
        f'<draw:frame presentation:class="{role}" {more}><draw:text-box>{p(text)}</draw:text-box>'
        "</draw:frame>"
    )


def test_running_lines_of_slides_stand_once_at_the_end_of_the_first_that_has_them(
    make: Make,
) -> None:
    stated = '<presentation:footer-decl presentation:name="f">Institute</presentation:footer-decl>'
    uses = page(box("a")).replace("<draw:page", '<draw:page presentation:use-footer-name="f"', 1)
    own = page(box("b") + box("1 May", "date-time") + box("Institute", "footer"))
    result = read(make(stated + uses + own + own, kind=SLIDES))
    assert [p.text for p in result.pages] == ["a\n\nInstitute", "b\n\n1 May", "b"]


def test_slides_are_pages_with_their_titles_first_and_notes_last(make: Make) -> None:
    notes = f"<presentation:notes>{box('3', 'page-number')}{box('say this', 'notes')}"
    slide = (
        f"{box('a')}<draw:g>{box('b')}</draw:g>{box('Title', 'title')}{box('NO', 'page-number')}"
    )
    body = page(f"{slide}{notes}</presentation:notes>") + page(box("second"))
    result = read(make(body, kind=SLIDES))
    assert [(s.number, s.label, s.text) for s in result.pages] == [
        (1, "slide 1", "Title\na\nb\n\nNotes:\nsay this"),
        (2, "slide 2", "second"),
    ]


def test_a_hidden_slide_is_read_and_prompts_are_not(make: Make) -> None:
    hidden = (
        '<style:style style:name="H" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    prompt = box("NO", "outline", 'presentation:placeholder="true"')
    body = page(box("a") + prompt) + page(box("b"), "H") + page("")
    result = read(make(body, automatic=hidden, kind=SLIDES))
    assert [s.text for s in result.pages] == ["a", "b", ""]
    assert result.pages[2].blank
    (warning,) = (i for i in result.items if isinstance(i, Warning))
    assert (warning.code, warning.page) == ("hidden_slide", 2)


def test_a_table_belongs_to_its_slide(make: Make) -> None:
    cells = f"<table:table-cell>{p('x')}</table:table-cell>"
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    body = page(box("a")) + page(f"<draw:frame>{table}<draw:image/></draw:frame>")
    result = read(make(body, kind=SLIDES))
    assert result.items == (Table((("x",),), page=2),)
    assert result.pages[1].text == "x"


# --- kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, SLIDES])
def test_templates_and_flat_files_are_told_by_their_content(
    make: Make, flat: Make, kind: str
) -> None:
    body = p("words") if kind == TEXT else page(box("words"))
    template = make(body, kind=f"{kind}-template")
    assert detect(template) == f"{kind}-template"
    assert read(template).text == "words"
    single = flat(body, kind, "xml")
    assert detect(single) == f"{kind}-flat-xml"
    assert read(single).text == "words"
    unnamed = make(body, {"mimetype": None, "META-INF/manifest.xml": f'<m t="{kind}"/>'}, kind=kind)
    assert detect(unnamed) == kind


def test_a_text_named_as_a_presentation_is_read_as_a_text(make: Make) -> None:
    path = make(p("words"))
    assert read(path.rename(path.with_suffix(".odp"))).text == "words"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/vnd.oasis.opendocument.graphics", "an OpenDocument drawing"),
        ("application/vnd.oasis.opendocument.formula", "an OpenDocument formula"),
        ("application/vnd.sun.xml.writer", "a text of OpenOffice.org 1"),
    ],
)
def test_relatives_that_are_not_read_are_named(make: Make, kind: str, name: str) -> None:
    found = detect(make(p("words"), kind=kind))
    assert found == kind
    with pytest.raises(ExtractionError, match=name):
        choose(Registry(), found, ".odt")


# --- damage and attacks ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, SLIDES])
def test_one_with_a_password_is_encrypted(make: Make, kind: str) -> None:
    manifest = (
        '<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "M.dtd">'
        f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    parts: Parts = {"META-INF/manifest.xml": manifest, "content.xml": b"\x93\x17\0noise"}
    assert code_of(make("", parts, kind=kind)) is ErrorCode.ENCRYPTED


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "<office:document-content",
        "<other/>",
        root("document-content", "<office:body><office:spreadsheet/></office:body>"),
        root("document-content", "<text:section>" * 5000 + "</text:section>" * 5000),
    ],
    ids=["missing", "empty", "cut", "other", "spreadsheet", "deep"],
)
def test_content_that_is_none_is_malformed(make: Make, content: str | None) -> None:
    assert code_of(make("", {"content.xml": content})) is ErrorCode.MALFORMED


@pytest.mark.parametrize("tenth", range(1, 10))
def test_one_that_is_cut_off_is_said_to_be(make: Make, flat: Make, tenth: int) -> None:
    for path in (make(p("words")), flat(p("words") * 100)):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ExtractionError) as caught:
            list(odt.extract(path))
        assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize("element", ["draw:g", "draw:custom-shape", "text:section", "text:span"])
def test_elements_as_deep_as_a_parser_takes_are_read(make: Make, element: str) -> None:
    shape = f"<draw:rect>{p('deep')}</draw:rect>"
    inside = {"text:span": "deep", "draw:g": shape}.get(element, p("deep"))
    deep = f"<{element}>" * 240 + inside + f"</{element}>" * 240
    assert read(make(p(deep) if element == "text:span" else deep)).text == "deep"


def test_damaged_side_parts_lower_the_confidence_and_are_named(make: Make) -> None:
    result = read(make(p("words"), {"styles.xml": "<office", "meta.xml": "<office"}))
    assert result.text == "words"
    assert result.confidence is not None
    assert result.confidence < 1
    assert result.confidence_reason == "its styles part is damaged"


def test_entities_are_neither_followed_nor_expanded(make: Make, flat: Make, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    for doctype in (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]>',
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;">]>',
    ):
        content = doctype + root("document-content", "&x;")
        assert code_of(make("", {"content.xml": content})) is ErrorCode.MALFORMED
        path = flat(p("&x;"))
        path.write_text(doctype + path.read_text(encoding="utf-8").partition("?>")[2])
        with pytest.raises(ExtractionError, match="document type"):
            list(odt.extract(path))


def test_objects_that_climb_out_of_the_archive_lead_nowhere(make: Make, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "content.xml").write_text(root("chart", p("SECRET")), encoding="utf-8")
    frames = (
        f'<draw:frame><draw:object xlink:href="{href}"/></draw:frame>'
        for href in ("../x", "./", "/etc", f"file://{tmp_path}/x", "x" * 5000)
    )
    assert read(make(p("words", *frames))).text == "words"


def test_one_that_unpacks_to_too_much_is_refused(
    make: Make, flat: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    bomb = p("a" * 200) * 10_000
    assert code_of(make(bomb)) is ErrorCode.MALFORMED
    assert code_of(make(p("words"), {"styles.xml": root("styles", bomb)})) is ErrorCode.MALFORMED
    honest = "".join(p(f"{i * i * 7919 % 1_000_003:x}") for i in range(30_000))
    assert code_of(make(honest)) is ErrorCode.OUTPUT_LIMIT
    assert read(make(p("words"), {"Pictures/a.png": bytes(8 << 20)})).text == "words"


def test_a_flat_file_that_is_too_long_is_refused(
    flat: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reslib.extractors.odf.odfparts.MAX_UNPACKED", 1 << 20)
    assert code_of(flat(p("words") * 100_000)) is ErrorCode.OUTPUT_LIMIT


@pytest.mark.parametrize("seed", range(10))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(make: Make, seed: int) -> None:
    """Any other exception would be taken for a fault of reslib and tried again."""
    chance = random.Random(seed)
    part = root("document-styles", "<office:master-styles/>")
    whole = make(p("words") * 20, {"styles.xml": part, "meta.xml": part}).read_bytes()
    path = make("")
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            read(path)
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)  # noqa: PT017 - none is right, too


def test_alternative_texts_of_shapes_and_charts_are_read(make: Make) -> None:
    said = "<svg:title>Curve</svg:title><svg:desc>of a tide</svg:desc>"
    rectangle = f"<draw:rect>{said}{p('box')}</draw:rect>"
    empty = f'<draw:frame><draw:object xlink:href="none"/>{said}</draw:frame>'
    text = read(make(p(f"a {rectangle}") + p(f"b {empty}"))).text
    assert text == "a\nbox\n[Curve: of a tide]\nb [Curve: of a tide]"
