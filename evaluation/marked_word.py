"""A Word document with a marker in each kind of part."""

from __future__ import annotations

from evaluation.marks import Marked, packed

__all__ = [
    "OFFICE",
    "PIXEL",
    "PROPERTY_TYPES",
    "SHOW",
    "SPACES",
    "arrows",
    "chart",
    "diagram",
    "docx",
    "properties",
    "root_arrows",
    "types",
]

_BASE = "http://schemas.openxmlformats.org"
OFFICE = f"{_BASE}/officeDocument/2006"
_MICROSOFT = "http://schemas.microsoft.com"
_A, _C = f"{_BASE}/drawingml/2006/main", f"{_BASE}/drawingml/2006/chart"
_DGM = f"{_BASE}/drawingml/2006/diagram"
SPACES = (
    f'xmlns:w="{_BASE}/wordprocessingml/2006/main" xmlns:r="{OFFICE}/relationships" '
    f'xmlns:m="{OFFICE}/math" xmlns:a="{_A}" xmlns:pic="{_BASE}/drawingml/2006/picture" '
    f'xmlns:mc="{_BASE}/markup-compatibility/2006" xmlns:c="{_C}" xmlns:dgm="{_DGM}" '
    f'xmlns:wp="{_BASE}/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    f'xmlns:wps="{_MICROSOFT}/office/word/2010/wordprocessingShape" '
    f'xmlns:p="{_BASE}/presentationml/2006/main" '
    f'xmlns:a14="{_MICROSOFT}/office/drawing/2010/main"'
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SHOW = "application/vnd.openxmlformats-officedocument.presentationml"
_PARTS = ("styles", "numbering", "footnotes", "endnotes", "comments")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)


def arrows(*items: tuple[str, str, str]) -> str:
    """Return a list of relationships: name, kind, target; a target with ``://`` is outside."""
    made = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/relationships/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for name, kind, target in items
    )
    return f'<Relationships xmlns="{_BASE}/package/2006/relationships">{made}</Relationships>'


def types(**overrides: str) -> str:
    """Return the list of content types; a double underscore in a name is a slash."""
    made = "".join(
        f'<Override PartName="/{name.replace("__", "/")}.xml" ContentType="{kind}"/>'
        for name, kind in overrides.items()
    )
    defaults = "".join(
        f'<Default Extension="{suffix}" ContentType="{kind}"/>'
        for suffix, kind in (
            ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
            ("xml", "application/xml"),
            ("png", "image/png"),
        )
    )
    return f'<Types xmlns="{_BASE}/package/2006/content-types">{defaults}{made}</Types>'


def properties(mark: Marked) -> dict[str, str]:
    """Return what the document states of itself."""
    space = f"{_BASE}/package/2006/metadata/core-properties"
    core = (
        f'<cp:coreProperties xmlns:cp="{space}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{mark('document title')}</dc:title><dc:creator>{mark('author')}</dc:creator>"
        f"<dc:subject>{mark('subject')}</dc:subject><cp:keywords>{mark('keywords')}</cp:keywords>"
        f"<dc:description>{mark('description')}</dc:description></cp:coreProperties>"
    )
    extended = (
        f'<Properties xmlns="{OFFICE}/extended-properties"><Company>{mark("company")}</Company>'
        "</Properties>"
    )
    return {"docProps/core.xml": core, "docProps/app.xml": extended}


PROPERTY_TYPES = {
    "docProps__core": "application/vnd.openxmlformats-package.core-properties+xml",
    "docProps__app": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}
_CORE = f"{_BASE}/package/2006/relationships/metadata/core-properties"


def root_arrows(main: str) -> str:
    """Return the relationships of the package."""
    both = arrows(("r1", "officeDocument", main), ("r3", "extended-properties", "docProps/app.xml"))
    core = f'<Relationship Id="r2" Type="{_CORE}" Target="docProps/core.xml"/>'
    return both.replace("</Relationships>", f"{core}</Relationships>")


def chart(mark: Marked) -> str:
    """Return a bar chart with a title, axes, series and categories."""

    def title(part: str) -> str:
        text = f"<a:p><a:r><a:t>{mark(part)}</a:t></a:r></a:p>"
        return f"<c:title><c:tx><c:rich><a:bodyPr/>{text}</c:rich></c:tx></c:title>"

    def cache(*words: str) -> str:
        points = "".join(f'<c:pt idx="{n}"><c:v>{w}</c:v></c:pt>' for n, w in enumerate(words))
        count = f'<c:ptCount val="{len(words)}"/>'
        return f"<c:strRef><c:f>S!A1</c:f><c:strCache>{count}{points}</c:strCache></c:strRef>"

    categories = cache(mark("chart category"), mark("chart category"))
    series = "".join(
        f'<c:ser><c:idx val="{n}"/><c:order val="{n}"/><c:tx>{cache(mark("chart series"))}</c:tx>'
        f"<c:cat>{categories}</c:cat><c:val><c:numRef><c:f>S!B1</c:f><c:numCache>"
        '<c:ptCount val="2"/><c:pt idx="0"><c:v>1</c:v></c:pt><c:pt idx="1"><c:v>2</c:v></c:pt>'
        "</c:numCache></c:numRef></c:val></c:ser>"
        for n in range(2)
    )
    axes = (
        f'<c:catAx><c:axId val="1"/><c:axPos val="b"/>{title("chart axis")}<c:crossAx val="2"/>'
        f'</c:catAx><c:valAx><c:axId val="2"/><c:axPos val="l"/>{title("chart axis")}'
        '<c:crossAx val="1"/></c:valAx>'
    )
    return (
        f"<c:chartSpace {SPACES}><c:chart>{title('chart title')}<c:plotArea><c:barChart>"
        f'<c:barDir val="col"/>{series}<c:axId val="1"/><c:axId val="2"/></c:barChart>{axes}'
        "</c:plotArea></c:chart></c:chartSpace>"
    )


def diagram(mark: Marked) -> str:
    """Return the data of a SmartArt diagram of two nodes."""
    nodes = "".join(
        f'<dgm:pt modelId="{n}"><dgm:t><a:bodyPr/><a:p><a:r><a:t>{mark("SmartArt")}</a:t></a:r>'
        "</a:p></dgm:t></dgm:pt>"
        for n in range(2)
    )
    return f"<dgm:dataModel {SPACES}><dgm:ptLst>{nodes}</dgm:ptLst></dgm:dataModel>"


def _r(text: str, look: str = "") -> str:
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _p(*runs: str, style: str = "", look: str = "") -> str:
    look = (f'<w:pStyle w:val="{style}"/>' if style else "") + look
    inside = "".join(run if run.startswith("<") else _r(run) for run in runs)
    return f"<w:p>{f'<w:pPr>{look}</w:pPr>' if look else ''}{inside}</w:p>"


def _tc(*paragraphs: str, look: str = "") -> str:
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{''.join(paragraphs)}</w:tc>"


def _tbl(*rows: str, look: str = "") -> str:
    made = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    look = f"<w:tblPr>{look}</w:tblPr>"
    return f"<w:tbl>{look}<w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{made}</w:tbl>"


def _drawing(data: str, kind: str, name: str = "", number: int = 1) -> str:
    return (
        '<w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/>'
        f'<wp:docPr id="{number}" name="n"{f" descr={chr(34)}{name}{chr(34)}" if name else ""}/>'
        f'<a:graphic><a:graphicData uri="{kind}">{data}</a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )


def _word_body(mark: Marked) -> str:
    by = 'w:id="7" w:author="Someone" w:date="2024-01-01T00:00:00Z"'
    picture = (
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="n"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="rPic"/></pic:blipFill><pic:spPr/></pic:pic>'
    )
    box = f"<w:txbxContent>{_p(mark('text box'))}</w:txbxContent>"
    shape = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        f'<wp:extent cx="9" cy="9"/><wp:docPr id="8" name="n"/><a:graphic><a:graphicData uri="x">'
        f"<wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
        f"{box}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    old_box = f"<w:txbxContent>{_p(mark('text box'))}</w:txbxContent>"
    old = f"<w:r><w:pict><v:shape><v:textbox>{old_box}</v:textbox></v:shape></w:pict></w:r>"
    numbered = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr>'
    inner = _tbl(_tc(_p(mark("nested table"))) + _tc(_p(mark("nested table"))))
    relations = (
        '<dgm:relIds r:dm="rDia" r:lo="rDia" r:qs="rDia" r:cs="rDia"/>',
        '<c:chart r:id="rChart"/>',
    )
    return "".join(
        (
            _p(mark("heading"), style="Heading1"),
            _p(mark("heading"), style="Heading2"),
            _p(mark("body"), " and ", mark("body"), f"<w:r><w:br/></w:r>{_r(mark('body'))}"),
            _p(mark("list item"), look=numbered.format(0)),
            _p(mark("list item"), look=numbered.format(1)),
            _tbl(
                _tc(_p(mark("table cell"))) + _tc(_p(mark("table cell")), _p(mark("table cell"))),
                _tc(_p(mark("merged cell")), look='<w:gridSpan w:val="2"/>'),
                _tc(_p(mark("merged cell")), look='<w:vMerge w:val="restart"/>')
                + _tc(_p(mark("table cell"))),
                _tc("<w:p/>", look="<w:vMerge/>") + _tc(inner, "<w:p/>"),
                look=f'<w:tblCaption w:val="{mark("alternative text")}"/>',
            ),
            _p("Noted", '<w:r><w:footnoteReference w:id="2"/></w:r>'),
            _p("Ended", '<w:r><w:endnoteReference w:id="2"/></w:r>'),
            _p(
                '<w:commentRangeStart w:id="0"/>',
                mark("body"),
                '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>',
            ),
            _p(f"<w:ins {by}>{_r(mark('insertion'))}</w:ins>"),
            _p(f"<w:moveTo {by}>{_r(mark('insertion'))}</w:moveTo>"),
            _p(f"<w:del {by}><w:r><w:delText>{mark.out('deletion')}</w:delText></w:r></w:del>"),
            _p(f"<w:moveFrom {by}>{_r(mark.out('deletion'))}</w:moveFrom>"),
            _p(_r(mark.out("hidden text"), "<w:vanish/>"), "."),
            _p(f'<w:hyperlink r:id="rLink">{_r(mark("link"))}</w:hyperlink>'),
            _p(
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>'
                f"{mark.out('field code')}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="
                f'"separate"/></w:r>{_r(mark("field result"))}<w:r><w:fldChar w:fldCharType="end"/>'
                f'</w:r>{_r(" ")}<w:fldSimple w:instr="REF a">{_r(mark("field result"))}'
                "</w:fldSimple>"
            ),
            f"<w:sdt><w:sdtPr/><w:sdtContent>{_p(mark('content control'))}</w:sdtContent></w:sdt>",
            _p(f"<w:sdt><w:sdtContent>{_r(mark('content control'))}</w:sdtContent></w:sdt>"),
            _p(f"<w:smartTag>{_r(mark('smart tag'))}</w:smartTag>"),
            _p(
                f"<w:r><w:ruby><w:rt>{_r('y')}</w:rt><w:rubyBase>{_r(mark('word with reading'))}"
                "</w:rubyBase></w:ruby></w:r>"
            ),
            _p(
                f"<m:oMath><m:r><m:t>{mark('formula')}=</m:t></m:r><m:f><m:num><m:r><m:t>"
                f"{mark('formula')}</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
                "</m:oMath>"
            ),
            _p(_drawing(picture, f"{_BASE}/drawingml/2006/picture", mark("alternative text"), 3)),
            _p(mark("caption"), style="Caption"),
            _p(_drawing(relations[1], _C, number=4)),
            _p(_drawing(relations[0], _DGM, number=5)),
            _p(shape, "beside"),
            _p(old, "beside"),
            '<w:altChunk r:id="rPart"/>',
            '<w:sectPr><w:headerReference w:type="default" r:id="rHead"/>'
            '<w:headerReference w:type="first" r:id="rFirst"/>'
            '<w:footerReference w:type="default" r:id="rFoot"/></w:sectPr>',
        )
    )


def docx() -> Marked:
    """Return a Word document."""
    mark = Marked("word.docx")
    root = "<w:{0} {1}>{2}</w:{0}>".format

    def notes(kind: str) -> str:
        first = f'<w:{kind} w:type="separator" w:id="0"><w:p/></w:{kind}>'
        text = _p(mark(kind)) + _p(mark(kind))
        return root(f"{kind}s", SPACES, f'{first}<w:{kind} w:id="2">{text}</w:{kind}>')

    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:lvlText w:val="%{n + 1}."/></w:lvl>'
        for n in range(2)
    )
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.replace(" ", "").capitalize()}">'
        f'<w:name w:val="{name}"/></w:style>'
        for name in ("Normal", "heading 1", "heading 2", "caption")
    )
    comment = f'<w:comment w:id="0" w:author="Someone">{_p(mark("comment"))}</w:comment>'
    page = f"<html><body><p>{mark('embedded page')}</p></body></html>"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": types(
            **PROPERTY_TYPES,
            word__document=f"{_WORD}.document.main+xml",
            word__chart=f"{SHOW.rpartition('.')[0]}.drawingml.chart+xml",
            word__diagram=f"{SHOW.rpartition('.')[0]}.drawingml.diagramData+xml",
            **{
                f"word__{name}": f"{_WORD}.{name.rstrip('12')}+xml"
                for name in (*_PARTS, "header1", "header2", "footer1")
            },
        ).replace("</Types>", '<Default Extension="html" ContentType="text/html"/></Types>'),
        "_rels/.rels": root_arrows("word/document.xml"),
        "word/_rels/document.xml.rels": arrows(
            *((n, n, f"{n}.xml") for n in _PARTS),
            ("rHead", "header", "header1.xml"),
            ("rFirst", "header", "header2.xml"),
            ("rFoot", "footer", "footer1.xml"),
            ("rLink", "hyperlink", "https://example.org/"),
            ("rPic", "image", "media/a.png"),
            ("rChart", "chart", "chart.xml"),
            ("rDia", "diagramData", "diagram.xml"),
            ("rPart", "aFChunk", "part.html"),
        ),
        "word/document.xml": root("document", SPACES, f"<w:body>{_word_body(mark)}</w:body>"),
        "word/styles.xml": root("styles", SPACES, styles),
        "word/numbering.xml": root("numbering", SPACES, numbering),
        "word/footnotes.xml": notes("footnote"),
        "word/endnotes.xml": notes("endnote"),
        "word/comments.xml": root("comments", SPACES, comment),
        "word/header1.xml": root("hdr", SPACES, _p(mark("header"))),
        "word/header2.xml": root("hdr", SPACES, _p(mark("header"))),
        "word/footer1.xml": root("ftr", SPACES, _p(mark("footer"))),
        "word/chart.xml": chart(mark),
        "word/diagram.xml": diagram(mark),
        "word/part.html": page,
        "word/media/a.png": PIXEL,
        **properties(mark),
    }
    mark.content = packed(parts)
    return mark
