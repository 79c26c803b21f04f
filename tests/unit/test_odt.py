"""What is read of an OpenDocument text."""

from __future__ import annotations

from odfparts import NAMESPACES, Make, Parts, p, read, root, span, styles

from reslib.items import Metadata, Section, Table
from reslib.models import TextStatus


def test_white_space_is_what_a_reader_sees(odf: Make) -> None:
    body = p("  one\n   word <text:s/>", "<text:s text:c='2'/>x<text:tab/>y<text:line-break/> z ")
    assert read(odf(body + p("two"))).text == "one word    x\ty\nz\ntwo"


def test_spans_links_and_fields_are_one_line(odf: Make) -> None:
    body = p(
        "wo",
        span("rd", "T1"),
        " <text:a>a link</text:a>, page <text:page-number>3",
        "</text:page-number>",
    )
    assert read(odf(body)).text == "word a link, page 3"


def test_headings_are_sections_and_lists_are_lines(odf: Make) -> None:
    items = "".join(f"<text:list-item>{p(t)}</text:list-item>" for t in ("one", "two"))
    nested = f"<text:list>{items}<text:list-item><text:list>{items}</text:list></text:list-item>"
    body = (
        '<text:h text:outline-level="1">Introduction</text:h>'
        '<text:h text:outline-level="2"><text:number>1.1</text:number>Data</text:h>'
        f"{nested}</text:list>"
    )
    result = read(odf(body))
    assert result.text == "Introduction\n1.1 Data\none\ntwo\none\ntwo"
    assert result.items == (Section("Introduction", 1, 1), Section("1.1 Data", 2, 1))


def test_headings_have_the_numbers_that_the_outline_style_says(odf: Make) -> None:
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
    result = read(odf(body, {"styles.xml": root("document-styles", outline)}))
    lines = ["A. Data", "A.1 Tides", "Gauges", "A.2 Winds", "Thanks", "B. Results", "B.1 Surges"]
    assert result.text.split("\n") == [*lines, "I. End"]
    assert result.items[1] == Section("A.1 Tides", 2, 1)


def test_a_table_is_text_and_an_item(odf: Make) -> None:
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
    result = read(odf(p("before") + body + p("after")))
    assert result.text == "before\na\tb\n1 2\t\t3\n\t\t4\nafter"
    assert result.items == (
        Table((("a", "b", ""), ("1 2", "", "3"), ("", "", "4")), page=1, header_rows=1),
    )


def test_a_bold_first_row_is_the_head_of_a_table(odf: Make) -> None:
    def row(*cells: str) -> str:
        inside = "".join(f"<table:table-cell>{cell}</table:table-cell>" for cell in cells)
        return f"<table:table-row>{inside}</table:table-row>"

    bold = 'fo:font-weight="bold"'
    known = styles(("Head", "paragraph", bold), ("T1", "text", bold))
    known += styles(("P1", "paragraph", ""), parent="Head")
    first = (p("Name", style="P1"), p(span("Trade", "T1")))
    rows = row(p("Ann"), p("teacher")) + row(p("Bo"), p("pupil"))

    def heads(*cells: str) -> int:
        found = read(odf(f"<table:table>{row(*cells)}{rows}</table:table>", automatic=known))
        [table] = found.items
        assert isinstance(table, Table)
        return table.header_rows

    assert heads(*first) == 1
    assert heads(first[0], p(span("Trade", "T1"), "s")) == 0


def test_a_table_that_lays_out_others_is_no_item(odf: Make) -> None:
    def table(inside: str) -> str:
        row = f"<table:table-row><table:table-cell>{inside}</table:table-cell></table:table-row>"
        return f"<table:table>{row}</table:table>"

    result = read(odf(table(p("before") + table(p("x")))))
    assert result.text == "before\nx"
    assert result.items == (Table((("x",),), page=1),)


def test_a_table_that_claims_a_billion_cells_is_what_is_written_in_it(odf: Make) -> None:
    many = 'table:number-columns-repeated="1000000000"'
    row = f"<table:table-cell {many}>{p('x')}</table:table-cell><table:table-cell {many}/>"
    end = p('<text:s text:c="1000000000"/>end')
    body = (
        f'<table:table><table:table-row table:number-rows-repeated="1000000000">{row}{row}'
        f"</table:table-row></table:table>{end}"
    )
    text = read(odf(body)).text
    assert text.split() == ["x", "x", "end"]
    assert len(text) < 200


def test_deletions_comments_and_prompts_are_left_out(odf: Make) -> None:
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
    result = read(odf(changes + body))
    assert result.text == "it is now here"
    assert result.confidence_reason == "comments left out"


def test_hidden_text_is_left_out_also_when_a_style_above_hides_it(odf: Make) -> None:
    hidden = styles(("H", "text", 'text:display="none"'), ("H", "paragraph", 'text:display="none"'))
    below = styles(("B", "text", ""), parent="H") + styles(("T", "text", ""), parent="T")
    body = (
        p("a", span("NO", "H"), span("NO", "B"), span("b", "T"))
        + p("NO", style="H")
        + f'<text:section text:display="none">{p("NO")}</text:section>'
        + p('<text:hidden-text text:is-hidden="true">NO</text:hidden-text>c')
    )
    assert read(odf(body, automatic=hidden + below)).text == "ab\nc"


def test_what_is_raised_is_no_part_of_the_word_before_it(odf: Make) -> None:
    raised = styles(
        ("S", "text", 'style:text-position="super 58%"'),
        ("L", "text", 'style:text-position="-33% 58%"'),
    )
    body = p("Smith", span("1,2", "S"), " and 10", span("5", "S"), " CO", span("2", "L"))
    assert read(odf(body, automatic=raised)).text == "Smith 1,2 and 10^5 CO2"


def test_notes_stand_after_the_body_and_leave_the_sentence_whole(odf: Make) -> None:
    def note(kind: str, text: str) -> str:
        return (
            f'<text:note text:note-class="{kind}"><text:note-citation>1</text:note-citation>'
            f"<text:note-body>{p(text)}</text:note-body></text:note>"
        )

    body = p("one", note("endnote", "last"), " sentence", note("footnote", "foot")) + p("end")
    assert read(odf(body)).text == "one sentence\nend\n\nfoot\n\nlast"


def test_text_boxes_follow_their_paragraph_and_pictures_have_their_text(odf: Make) -> None:
    box = f"<draw:frame><draw:text-box>{p('box')}</draw:text-box></draw:frame>"
    shape = f"<draw:g><draw:custom-shape>{p('shape')}</draw:custom-shape></draw:g>"
    map_ = "<draw:frame><draw:image/><svg:desc>A map</svg:desc></draw:frame>"
    file = "<draw:frame><draw:image/><svg:title>map.png</svg:title></draw:frame>"
    map_ = map_.replace("<svg:desc>", "<svg:title>The coast</svg:title><svg:desc>")
    result = read(odf(p("one sen", box, shape, "tence ", map_, file) + p("end")))
    assert result.text == "one sentence [The coast: A map]\nbox\nshape\nend"
    assert result.confidence_reason == "2 pictures not read"


def test_formulas_and_charts_are_read_and_other_objects_said(odf: Make) -> None:
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
    result = read(odf(body, parts))
    assert result.text == "where y = a over b holds\nRainfall\nMay"
    assert result.confidence_reason == "1 embedded document not read"


def test_an_index_has_its_lines_and_not_its_template(odf: Make) -> None:
    source = (
        "<text:table-of-content-source><text:index-title-template>NO</text:index-title-template>"
    )
    index = f"<text:index-body><text:index-title>{p('Contents')}</text:index-title>{p('One 1')}"
    body = f"{source}</text:table-of-content-source>{index}</text:index-body>"
    text = read(odf(f"<text:table-of-content>{body}</text:table-of-content>{p('end')}")).text
    assert text == "Contents\nOne 1\nend"


def test_headers_and_footers_are_read_each_once(odf: Make) -> None:
    page = (
        f"<style:master-page><style:header>{p('head')}</style:header><style:footer>{p('foot')}"
        f'</style:footer><style:header-left style:display="false">{p("NO")}</style:header-left>'
        "</style:master-page>"
    )
    part = root("document-styles", f"<office:master-styles>{page}{page}</office:master-styles>")
    assert read(odf(p("body"), {"styles.xml": part})).text == "head\n\nbody\n\nfoot"


def test_what_it_states_of_itself_is_kept_with_its_source(odf: Make) -> None:
    stated = (
        "<office:meta><dc:title>On Graphs</dc:title><dc:creator>Editor</dc:creator>"
        "<meta:initial-creator>A. B.</meta:initial-creator><dc:language>en-GB</dc:language>"
        "<meta:creation-date>2020-01-02T03:04:05</meta:creation-date><dc:date>2021-01-01</dc:date>"
        "<meta:keyword>graphs</meta:keyword><meta:keyword>trees</meta:keyword></office:meta>"
    )
    result = read(odf(p("a"), {"meta.xml": root("document-meta", stated)}))
    assert result.title == "On Graphs"
    source = "document properties"
    assert result.items == (
        Metadata("title", "On Graphs", source),
        Metadata("author", "A. B.", source),
        Metadata("language", "en-GB", source),
        Metadata("created", "2020-01-02T03:04:05", source),
        Metadata("modified", "2021-01-01", source),
        Metadata("keywords", "graphs", source),
        Metadata("keywords", "trees", source),
    )


def test_a_document_without_text_is_empty(odf: Make) -> None:
    result = read(odf(""))
    assert (result.text_status, result.confidence) == (TextStatus.EMPTY, 0.0)


def test_alternative_texts_of_shapes_and_charts_are_read(odf: Make) -> None:
    said = "<svg:title>Curve</svg:title><svg:desc>of a tide</svg:desc>"
    rectangle = f"<draw:rect>{said}{p('box')}</draw:rect>"
    empty = f'<draw:frame><draw:object xlink:href="none"/>{said}</draw:frame>'
    text = read(odf(p(f"a {rectangle}") + p(f"b {empty}"))).text
    assert text == "a\nbox\n[Curve: of a tide]\nb [Curve: of a tide]"
