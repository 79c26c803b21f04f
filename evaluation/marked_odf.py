"""OpenDocument files with a marker in each kind of part: a text, a presentation, a workbook."""

from __future__ import annotations

import base64

from evaluation.marked_word import PIXEL
from evaluation.marks import Marked, packed

__all__ = ["fodt", "odp", "ods", "odt"]

_BASE = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(
    [
        *(
            f'xmlns:{name}="{_BASE}:{name}:1.0"'
            for name in "office text table style meta presentation chart".split()
        ),
        f'xmlns:draw="{_BASE}:drawing:1.0" xmlns:svg="{_BASE}:svg-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:math="http://www.w3.org/1998/Math/MathML" office:version="1.3"',
    ]
)
_KIND = "application/vnd.oasis.opendocument"


def _p(text: str, name: str = "p", look: str = "") -> str:
    return f"<text:{name}{look}>{text}</text:{name}>"


def _cell(*words: str, look: str = "") -> str:
    made = "".join(map(_p, words))
    return f'<table:table-cell office:value-type="string"{look}>{made}</table:table-cell>'


def _table(mark: Marked) -> str:
    empty = "<table:covered-table-cell/>"
    spanned = ' table:number-columns-spanned="2"', ' table:number-rows-spanned="2"'
    inner = '<table:table table:name="i"><table:table-column/><table:table-row>{}</table:table-row>'
    inner = inner.format(_cell(mark("nested table"))) + "</table:table>"
    rows = (
        _cell(mark("table cell")) + _cell(mark("table cell"), mark("table cell")),
        _cell(mark("merged cell"), look=spanned[0]) + empty,
        _cell(mark("merged cell"), look=spanned[1]) + _cell(mark("table cell")),
        empty + f"<table:table-cell>{inner}</table:table-cell>",
    )
    head = f"<table:table-header-rows><table:table-row>{_cell(mark('table head'))}{_cell('h')}"
    made = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    column = '<table:table-column table:number-columns-repeated="2"/>'
    return (
        f'<table:table table:name="t">{column}{head}</table:table-row></table:table-header-rows>'
        f"{made}</table:table>"
    )


def _note(mark: Marked, kind: str) -> str:
    body = f"<text:note-body>{_p(mark(kind))}{_p(mark(kind))}</text:note-body>"
    return (
        f'<text:note text:id="{kind}" text:note-class="{kind}"><text:note-citation>1'
        f"</text:note-citation>{body}</text:note>"
    )


def _annotation(mark: Marked) -> str:
    made = _p(mark("comment"))
    return f"<office:annotation><dc:creator>Someone</dc:creator>{made}</office:annotation>"


def _frame(inside: str, said: str = "") -> str:
    said = f"<svg:title>{said}</svg:title><svg:desc>{said}</svg:desc>" if said else ""
    size = 'svg:width="1cm" svg:height="1cm" text:anchor-type="paragraph"'
    return f"<draw:frame {size}>{inside}{said}</draw:frame>"


def _box(*words: str) -> str:
    return _frame(f"<draw:text-box>{''.join(map(_p, words))}</draw:text-box>")


_OBJECT = '<draw:object xlink:href="./{}" xlink:type="simple"/>'
_IMAGE = '<draw:image xlink:href="Pictures/a.png" xlink:type="simple"/>'


def _formula(mark: Marked) -> str:
    word = mark("formula")
    return (
        '<math:math xmlns:math="http://www.w3.org/1998/Math/MathML"><math:semantics><math:mrow>'
        f"<math:mi>{word}</math:mi><math:mo>=</math:mo><math:mn>2</math:mn></math:mrow>"
        f'<math:annotation encoding="StarMath 5.0">{word} = 2</math:annotation></math:semantics>'
        "</math:math>"
    )


def _chart(mark: Marked) -> str:
    def title(part: str, name: str = "title") -> str:
        return f"<chart:{name}>{_p(mark(part))}</chart:{name}>"

    rows = "".join(
        f"<table:table-row>{_cell(mark('chart category'))}<table:table-cell "
        'office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
        "</table:table-row>"
        for _ in range(2)
    )
    head = (
        f"<table:table-header-rows><table:table-row>{_cell('')}{_cell(mark('chart series'))}"
        "</table:table-row></table:table-header-rows>"
    )
    axes = "".join(
        f'<chart:axis chart:dimension="{side}">{title("chart axis")}</chart:axis>' for side in "xy"
    )
    chart = (
        f'<chart:chart chart:class="chart:bar">{title("chart title")}'
        f"{title('chart title', 'subtitle')}"
        f'<chart:plot-area>{axes}</chart:plot-area><table:table table:name="local-table">{head}'
        f"<table:table-rows>{rows}</table:table-rows></table:table></chart:chart>"
    )
    return _content(f"<office:chart>{chart}</office:chart>")


def _content(body: str, styles: str = "") -> str:
    return (
        f"<office:document-content {_SPACES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
    )


def _meta(mark: Marked) -> str:
    return (
        f"<office:meta><dc:title>{mark('document title')}</dc:title>"
        f"<meta:initial-creator>{mark('author')}</meta:initial-creator>"
        f"<dc:subject>{mark('subject')}</dc:subject>"
        f"<meta:keyword>{mark('keywords')}</meta:keyword>"
        f"<dc:description>{mark('description')}</dc:description></office:meta>"
    )


def _packed(kind: str, content: str, mark: Marked, styles: str = "", more: str = "") -> bytes:
    parts: dict[str, str | bytes] = {
        "content.xml": content,
        "styles.xml": f"<office:document-styles {_SPACES}>{styles}</office:document-styles>",
        "meta.xml": f"<office:document-meta {_SPACES}>{_meta(mark)}</office:document-meta>",
        "Object 1/content.xml": _formula(mark),
        "Object 2/content.xml": _chart(mark),
        "Pictures/a.png": PIXEL,
    }
    names = {"/": f"{_KIND}.{kind}", "Object 1/": f"{_KIND}.formula", "Object 2/": f"{_KIND}.chart"}
    names |= {name: "text/xml" for name in parts if name.endswith(".xml")}
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media}"/>'
        for name, media in names.items()
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_BASE}:manifest:1.0" manifest:version="1.3">'
        f"{entries}</manifest:manifest>"
    )
    return packed({**parts, "META-INF/manifest.xml": manifest}, f"{_KIND}.{kind}")


_HIDDEN = (
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/>'
    '</style:style><style:style style:name="S" style:family="drawing-page">'
    '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
)


def _writing(mark: Marked, *, packed: bool) -> str:
    """Return the text of a document."""
    changes = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
        f"<office:change-info/>{_p(mark.out('deletion'))}</text:deletion></text:changed-region>"
        '<text:changed-region text:id="c2"><text:insertion><office:change-info/></text:insertion>'
        "</text:changed-region></text:tracked-changes>"
    )
    inserted = (
        f'<text:change-start text:change-id="c2"/>{mark("insertion")}'
        '<text:change-end text:change-id="c2"/><text:change text:change-id="c1"/>'
    )
    index = (
        '<text:table-of-content text:name="c"><text:table-of-content-source/><text:index-body>'
        f"{_p(mark('table of contents'))}</text:index-body></text:table-of-content>"
    )
    items = "".join(f"<text:list-item>{_p(mark('list item'))}{{}}</text:list-item>".split())
    inner = f"<text:list><text:list-item>{_p(mark('list item'))}</text:list-item></text:list>"
    shape = f"<draw:custom-shape>{_p(mark('shape'))}</draw:custom-shape>"
    binary = f"<office:binary-data>{base64.b64encode(PIXEL).decode()}</office:binary-data>"
    image = _IMAGE if packed else f"<draw:image>{binary}</draw:image>"
    objects = [_OBJECT.format(f"Object {n}") for n in (1, 2)] if packed else []
    return "".join(
        (
            changes,
            _p(mark("heading"), "h", ' text:outline-level="1"'),
            _p(mark("heading"), "h", ' text:outline-level="2"'),
            _p(f"{mark('body')}<text:s text:c='2'/>{mark('body')}<text:tab/>{mark('body')}"),
            _p(f"<text:span>{mark('body')}</text:span><text:line-break/>{mark('body')}"),
            f"<text:list>{items.format(inner)}</text:list>",
            f'<text:section text:name="s">{_p(mark("section"))}</text:section>',
            index,
            _table(mark),
            _p(f"Noted{_note(mark, 'footnote')} and ended{_note(mark, 'endnote')}."),
            _p(f"Remarked{_annotation(mark)}."),
            _p(inserted),
            _p(f'<text:span text:style-name="H">{mark.out("hidden text")}</text:span>.'),
            _p(f'<text:a xlink:href="https://example.org/">{mark("link")}</text:a>'),
            _p(f'<text:user-field-get text:name="f">{mark("field result")}</text:user-field-get>'),
            _p(f'<text:bookmark-ref text:ref-name="f">{mark("field result")}</text:bookmark-ref>'),
            _p(
                f"<text:ruby><text:ruby-base>{mark('word with reading')}</text:ruby-base>"
                "<text:ruby-text>y</text:ruby-text></text:ruby>"
            ),
            _p(_box(mark("text box"), mark("text box"))),
            _p(f"<draw:g>{shape}{_box(mark('group'))}</draw:g>"),
            _p(_frame(image, mark("alternative text"))),
            _p(_box() + "".join(map(_frame, objects))),
            _p(
                _frame(
                    f"<draw:text-box><text:p>{_frame(image)}{mark('caption')}</text:p>"
                    "</draw:text-box>"
                )
            ),
        )
    )


def _running(mark: Marked) -> str:
    made = "".join(
        f"<style:{name}>{_p(mark(part))}</style:{name}>"
        for name, part in (("header", "header"), ("header-first", "header"), ("footer", "footer"))
    )
    return (
        '<office:master-styles><style:master-page style:name="Standard" '
        f'style:page-layout-name="p">{made}</style:master-page></office:master-styles>'
    )


def odt() -> Marked:
    """Return a text document."""
    mark = Marked("text.odt")
    body = f"<office:text>{_writing(mark, packed=True)}</office:text>"
    mark.content = _packed("text", _content(body, _HIDDEN), mark, _running(mark))
    return mark


def fodt() -> Marked:
    """Return a text document as one file of XML."""
    mark = Marked("flat.fodt", raw="xmlns")
    mark.content = (
        f'<office:document {_SPACES} office:mimetype="{_KIND}.text">{_meta(mark)}'
        f"<office:automatic-styles>{_HIDDEN}</office:automatic-styles>{_running(mark)}"
        f"<office:body><office:text>{_writing(mark, packed=False)}</office:text></office:body>"
        "</office:document>"
    ).encode()
    return mark


def odp() -> Marked:
    """Return a presentation of two slides, the second of them hidden."""
    mark = Marked("slides.odp")

    def placed(role: str, *words: str) -> str:
        return _box(*words).replace("<draw:frame ", f'<draw:frame presentation:class="{role}" ')

    notes = (
        f"<presentation:notes>{placed('notes', mark('notes'), mark('notes'))}</presentation:notes>"
    )
    bullet = f"<text:list><text:list-item>{_p(mark('list item'))}</text:list-item></text:list>"
    first = "".join(
        (
            placed("title", mark("slide title")),
            placed("outline", mark("body")),
            _frame(f"<draw:text-box>{bullet}</draw:text-box>"),
            _box(mark("text box")),
            f"<draw:custom-shape>{_p(mark('shape'))}</draw:custom-shape>",
            f"<draw:g>{_box(mark('group'))}",
            f"<draw:g>{_box(mark('group in a group'))}</draw:g></draw:g>",
            _frame(_table(mark)),
            _frame(_OBJECT.format("Object 2")),
            _frame(_OBJECT.format("Object 1")),
            _frame(_IMAGE, mark("alternative text")),
            _annotation(mark),
            notes,
        )
    )
    second = placed("title", mark("slide title")) + _box(mark("hidden slide"))
    slides = (
        f'<draw:page draw:name="a" draw:master-page-name="m">{first}</draw:page>'
        '<draw:page draw:name="b" draw:style-name="S" draw:master-page-name="m">'
        f"{second}</draw:page>"
    )
    slides = slides.replace("<draw:page", '<draw:page presentation:use-footer-name="f"', 1)
    line = '<presentation:footer-decl presentation:name="f">{}</presentation:footer-decl>'
    body = f"<office:presentation>{line.format(mark('footer'))}{slides}</office:presentation>"
    mark.content = _packed("presentation", _content(body, _HIDDEN), mark)
    return mark


def ods() -> Marked:
    """Return a workbook of two sheets, the second of them hidden."""
    mark = Marked("book.ods")
    noted = (
        f'<table:table-cell office:value-type="string">{_annotation(mark)}{_p(mark("cell"))}'
        "</table:table-cell>"
    )
    formula = (
        '<table:table-cell table:formula="of:=[.A1]" office:value-type="string">'
        f"{_p(mark('value of a formula'))}</table:table-cell>"
    )
    linked = f'<text:a xlink:href="https://example.org/">{mark("link")}</text:a>'
    rich = f"<text:span>{mark('rich text')}</text:span> {mark('rich text')}"
    rows = (
        noted + _cell(mark("cell"), mark("cell")),
        formula + _cell(linked) + _cell(rich),
        _cell(mark("merged cell"), look=' table:number-columns-spanned="2"')
        + "<table:covered-table-cell/>",
    )
    made = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    made += (
        f'<table:table-row table:visibility="collapse">{_cell(mark("hidden row"))}'
        "</table:table-row>"
    )
    shapes = _box(mark("text box")) + _frame(_OBJECT.format("Object 2"))
    shapes += _frame(_IMAGE, mark("alternative text")) + _frame(_OBJECT.format("Object 1"))
    hidden = (
        '<style:style style:name="T" style:family="table"><style:table-properties '
        'table:display="false"/></style:style>'
    )
    body = (
        f'<office:spreadsheet><table:table table:name="{mark("sheet name")}"><table:shapes>{shapes}'
        f"</table:shapes><table:table-column/>{made}</table:table>"
        f'<table:table table:style-name="T" table:name="{mark("name of a hidden sheet")}">'
        f"<table:table-column/><table:table-row>{_cell(mark('cell of a hidden sheet'))}"
        "</table:table-row></table:table></office:spreadsheet>"
    )
    mark.content = _packed("spreadsheet", _content(body, hidden), mark, _running(mark))
    return mark
