"""Workbooks with a marker in each kind of part: one of Excel, one of OpenDocument."""

from __future__ import annotations

from evaluation.marked_word import (
    OFFICE,
    PROPERTY_TYPES,
    SPACES,
    arrows,
    chart,
    properties,
    root_arrows,
    types,
)
from evaluation.marks import Marked, packed

__all__ = ["xlsx"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DRAWING = "application/vnd.openxmlformats-officedocument"
_THREADED = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"


def _sheet(rows: str, more: str = "") -> str:
    before, _, after = more.partition("|")
    space = f'xmlns="{_MAIN}" xmlns:r="{OFFICE}/relationships"'
    return f"<worksheet {space}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def _inline(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _drawn(mark: Marked) -> str:
    """Return a text box, a picture with an alternative text, and a chart."""
    anchor = "<xdr:from><xdr:col>0</xdr:col><xdr:row>0</xdr:row></xdr:from>"
    box = (
        '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="n"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/>'
        f"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{mark('text box')}</a:t></a:r></a:p></xdr:txBody>"
        "</xdr:sp>"
    )
    picture = (
        f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="n" descr="{mark("alternative text")}"/>'
        "<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill/><xdr:spPr/></xdr:pic>"
    )
    frame = (
        '<xdr:graphicFrame><xdr:nvGraphicFramePr><xdr:cNvPr id="4" name="n"/>'
        "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm/><a:graphic><a:graphicData "
        'uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart r:id="rC"/>'
        "</a:graphicData></a:graphic></xdr:graphicFrame>"
    )
    anchors = "".join(
        f"<xdr:oneCellAnchor>{anchor}<xdr:ext cx='9' cy='9'/>{one}<xdr:clientData/>"
        "</xdr:oneCellAnchor>"
        for one in (box, picture, frame)
    )
    return f'<xdr:wsDr xmlns:xdr="{_XDR}" {SPACES}>{anchors}</xdr:wsDr>'


def xlsx() -> Marked:
    """Return a workbook of three sheets, of which the last is hidden."""
    mark = Marked("book.xlsx")
    shared = (
        f"<si><t>{mark('cell')}</t></si>"
        f"<si><r><t>{mark('rich text')}</t></r>"
        f"<r><t xml:space='preserve'> {mark('rich text')}</t></r></si>"
        f"<si><t>{mark('link')}</t></si>"
    )
    rows = (
        f'<row r="1">{_inline("A1", mark("cell"))}<c r="B1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>A1&amp;""</f>'
        f"<v>{mark('value of a formula')}</v></c></row>"
        f'<row r="4" hidden="1">{_inline("A4", mark("hidden row"))}</row>'
        f'<row r="5">{_inline("A5", mark("merged cell"))}<c r="B5"/></row>'
        f'<row r="6">{_inline("C6", mark("hidden column"))}</row>'
    )
    more = (
        '<cols><col min="3" max="3" hidden="1" width="9"/></cols>|'
        '<mergeCells count="1"><mergeCell ref="A5:B5"/></mergeCells>'
        '<hyperlinks><hyperlink ref="B2" r:id="rLink"/></hyperlinks>'
        f"<headerFooter><oddHeader>&amp;C{mark('header')}</oddHeader>"
        f"<oddFooter>&amp;L{mark('footer')}</oddFooter></headerFooter>"
        '<drawing r:id="rD"/><legacyDrawing r:id="rV"/>'
    )
    names = [mark("sheet name"), mark("sheet name"), mark("name of a hidden sheet")]
    states = ("visible", "visible", "hidden")
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
        for n, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    copy = "[Threaded comment]&#10;&#10;Your version of Excel ...&#10;&#10;Comment:&#10;    {}"
    notes = {"A1": mark("comment"), "B1": copy.format(said := mark("comment"))}
    noted = "".join(
        f'<comment ref="{place}" authorId="0"><text><r><t>{note}</t></r></text></comment>'
        for place, note in notes.items()
    )
    comments = (
        f'<comments xmlns="{_MAIN}"><authors><author>Someone</author></authors><commentList>'
        f"{noted}</commentList></comments>"
    )
    threaded = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/'
        'threadedcomments"><threadedComment ref="B1" dT="2024-01-01T00:00:00" id="{1}">'
        f"<text>{said}</text></threadedComment></ThreadedComments>"
    )
    styles = (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill>'
        '<patternFill/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0"/>'
        "</cellXfs></styleSheet>"
    )
    link = f'<Relationship Id="rT" Type="{_THREADED}" Target="../threadedComments/tc1.xml"/>'
    shape = '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:shape id="s"/></xml>'
    mark.content = packed(
        {
            "[Content_Types].xml": types(
                **PROPERTY_TYPES,
                **{f"xl__worksheets__sheet{n}": f"{_KIND}.worksheet+xml" for n in (1, 2, 3)},
                xl__workbook=f"{_KIND}.sheet.main+xml",
                xl__styles=f"{_KIND}.styles+xml",
                xl__sharedStrings=f"{_KIND}.sharedStrings+xml",
                xl__comments1=f"{_KIND}.comments+xml",
                xl__drawings__drawing1=f"{_DRAWING}.drawing+xml",
                xl__charts__chart1=f"{_DRAWING}.drawingml.chart+xml",
            ),
            "_rels/.rels": root_arrows("xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{OFFICE}/relationships">'
            f"<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": arrows(
                *((f"r{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in (1, 2, 3)),
                ("rS", "styles", "styles.xml"),
                ("rW", "sharedStrings", "sharedStrings.xml"),
            ),
            "xl/styles.xml": styles,
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
            "xl/worksheets/sheet1.xml": _sheet(rows, more),
            "xl/worksheets/sheet2.xml": _sheet(f'<row r="1">{_inline("A1", mark("cell"))}</row>'),
            "xl/worksheets/sheet3.xml": _sheet(
                f'<row r="1">{_inline("A1", mark("cell of a hidden sheet"))}</row>'
            ),
            "xl/worksheets/_rels/sheet1.xml.rels": arrows(
                ("rLink", "hyperlink", "https://example.org/"),
                ("rD", "drawing", "../drawings/drawing1.xml"),
                ("rV", "vmlDrawing", "../drawings/vml1.vml"),
                ("rN", "comments", "../comments1.xml"),
            ).replace("</Relationships>", f"{link}</Relationships>"),
            "xl/comments1.xml": comments,
            "xl/threadedComments/tc1.xml": threaded,
            "xl/drawings/vml1.vml": shape,
            "xl/drawings/drawing1.xml": _drawn(mark),
            "xl/drawings/_rels/drawing1.xml.rels": arrows(("rC", "chart", "../charts/chart1.xml")),
            "xl/charts/chart1.xml": chart(mark),
            **properties(mark),
        }
    )
    return mark
