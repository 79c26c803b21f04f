"""A presentation with a marker in each kind of part."""

from __future__ import annotations

from evaluation.marked_word import (
    PIXEL,
    PROPERTY_TYPES,
    SHOW,
    SPACES,
    arrows,
    chart,
    diagram,
    properties,
    root_arrows,
    types,
)
from evaluation.marks import Marked, packed

__all__ = ["pptx"]

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def _text(*paragraphs: str) -> str:
    made = "".join(
        p if p.startswith("<") else f"<a:p><a:r><a:t>{p}</a:t></a:r></a:p>" for p in paragraphs
    )
    return f"<a:bodyPr/><a:lstStyle/>{made}"


class _Shapes:
    """Shapes of one slide, each with a number of its own."""

    def __init__(self) -> None:
        self._number = 1

    def _named(self, kind: str, holds: str = "", said: str = "") -> str:
        self._number += 1
        place = f"<p:nvPr>{holds}</p:nvPr>"
        said = f' descr="{said}"' if said else ""
        properties = f'<p:cNvPr id="{self._number}" name="n{self._number}"{said}/>'
        return f"<p:nv{kind}Pr>{properties}<p:cNv{kind}Pr/>{place}</p:nv{kind}Pr>"

    def shape(self, *paragraphs: str, holds: str = "", kind: str = "Sp") -> str:
        place = f'<p:ph type="{holds}"/>' if holds else ""
        body = f"<p:txBody>{_text(*paragraphs)}</p:txBody>"
        off = '<p:spPr><a:xfrm><a:off x="1" y="1"/><a:ext cx="9" cy="9"/></a:xfrm>'
        off += '<a:prstGeom prst="rect"/></p:spPr>'
        return f"<p:sp>{self._named(kind, place)}{off}{body}</p:sp>"

    def group(self, *shapes: str) -> str:
        return f"<p:grpSp>{self._named('GrpSp')}<p:grpSpPr/>{''.join(shapes)}</p:grpSp>"

    def picture(self, said: str) -> str:
        fill = '<p:blipFill><a:blip r:embed="rPic"/><a:stretch/></p:blipFill>'
        return f"<p:pic>{self._named('Pic', said=said)}{fill}<p:spPr/></p:pic>"

    def frame(self, kind: str, data: str, said: str = "") -> str:
        place = '<p:xfrm><a:off x="1" y="1"/><a:ext cx="9" cy="9"/></p:xfrm>'
        data = f'<a:graphic><a:graphicData uri="{_DRAWING}/{kind}">{data}</a:graphicData>'
        named = self._named("GraphicFrame", said=said)
        return f"<p:graphicFrame>{named}{place}{data}</a:graphic></p:graphicFrame>"


def _tree(root: str, *shapes: str, look: str = "") -> str:
    own = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    tree = f"<p:cSld><p:spTree>{own}{''.join(shapes)}</p:spTree></p:cSld>"
    return f"<p:{root} {SPACES}{look}>{tree}</p:{root}>"


def _table(mark: Marked) -> str:
    def cell(word: str, look: str = "") -> str:
        return f"<a:tc{look}><a:txBody>{_text(word)}</a:txBody><a:tcPr/></a:tc>"

    rows = (
        cell(mark("table cell")) + cell(mark("table cell")),
        cell(mark("merged cell"), ' gridSpan="2"') + cell("", ' hMerge="1"'),
        cell(mark("merged cell"), ' rowSpan="2"') + cell(mark("table cell")),
        cell("", ' vMerge="1"') + cell(mark("table cell")),
    )
    made = "".join(f'<a:tr h="9">{row}</a:tr>' for row in rows)
    grid = '<a:tblGrid><a:gridCol w="9"/><a:gridCol w="9"/></a:tblGrid>'
    return f"<a:tbl><a:tblPr/>{grid}{made}</a:tbl>"


def _first(mark: Marked) -> str:
    has = _Shapes()
    link = (
        '<a:p><a:r><a:rPr><a:hlinkClick r:id="rLink"/></a:rPr>'
        f"<a:t>{mark('link')}</a:t></a:r></a:p>"
    )
    item = f'<a:p><a:pPr lvl="1"/><a:r><a:t>{mark("list item")}</a:t></a:r></a:p>'
    formula = (
        '<a:p><mc:AlternateContent><mc:Choice Requires="a14"><a14:m><m:oMathPara><m:oMath><m:r>'
        f"<m:t>{mark('formula')}</m:t></m:r></m:oMath></m:oMathPara></a14:m></mc:Choice>"
        "<mc:Fallback/></mc:AlternateContent></a:p>"
    )
    shapes = (
        has.shape(mark("slide title"), holds="title"),
        has.shape(mark("body"), item, holds="body"),
        has.shape(mark("text box"), link, formula),
        has.group(
            has.shape(mark("group")), has.group(has.shape(mark("group in a group"))), has.shape("x")
        ),
        has.frame("table", _table(mark)),
        has.frame("chart", '<c:chart r:id="rChart"/>', mark("alternative text")),
        has.frame("diagram", '<dgm:relIds r:dm="rDia" r:lo="rDia" r:qs="rDia" r:cs="rDia"/>'),
        has.shape(mark("footer"), holds="ftr"),
        has.picture(mark("alternative text")),
    )
    return _tree("sld", *shapes)


def pptx() -> Marked:
    """Return a presentation of two slides, the second of them hidden."""
    mark = Marked("slides.pptx")
    has = _Shapes()
    second = _tree(
        "sld",
        has.shape(mark("slide title"), holds="ctrTitle"),
        has.shape(mark("hidden slide")),
        look=' show="0"',
    )
    notes = [
        _tree("notes", has.shape(mark("notes"), mark("notes"), holds="body")) for _ in range(2)
    ]
    comment = (
        f'<p:cmLst {SPACES}><p:cm authorId="0" idx="1"><p:pos x="1" y="1"/>'
        f"<p:text>{mark('comment')}</p:text></p:cm></p:cmLst>"
    )
    authors = (
        f'<p:cmAuthorLst {SPACES}><p:cmAuthor id="0" name="Someone" initials="S" lastIdx="1" '
        'clrIdx="0"/></p:cmAuthorLst>'
    )
    main = (
        f'<p:presentation {SPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rM"/>'
        '</p:sldMasterIdLst><p:sldIdLst><p:sldId id="256" r:id="r1"/><p:sldId id="257" r:id="r2"/>'
        '</p:sldIdLst><p:sldSz cx="9" cy="9"/><p:notesSz cx="9" cy="9"/></p:presentation>'
    )
    mapped = (
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" '
        'accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" '
        'folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rL"/>'
        "</p:sldLayoutIdLst></p:sldMaster>"
    )
    master = _tree("sldMaster").replace("</p:sldMaster>", mapped)
    layout = _tree("sldLayout", has.shape(mark.out("prompt of the layout"), holds="title"))
    own = ("rL", "slideLayout", "../slideLayouts/slideLayout1.xml")
    beside = [
        own,
        ("rChart", "chart", "../charts/chart1.xml"),
        ("rDia", "diagramData", "../diagrams/data1.xml"),
        ("rPic", "image", "../media/a.png"),
        ("rLink", "hyperlink", "https://example.org/"),
        ("rN", "notesSlide", "../notesSlides/notesSlide1.xml"),
        ("rC", "comments", "../comments/comment1.xml"),
    ]
    kinds = {f"ppt__slides__slide{n}": f"{SHOW}.slide+xml" for n in (1, 2)}
    kinds |= {f"ppt__notesSlides__notesSlide{n}": f"{SHOW}.notesSlide+xml" for n in (1, 2)}
    drawing = "application/vnd.openxmlformats-officedocument.drawingml"
    mark.content = packed(
        {
            "[Content_Types].xml": types(
                **PROPERTY_TYPES,
                **kinds,
                ppt__presentation=f"{SHOW}.presentation.main+xml",
                ppt__slideMasters__slideMaster1=f"{SHOW}.slideMaster+xml",
                ppt__slideLayouts__slideLayout1=f"{SHOW}.slideLayout+xml",
                ppt__comments__comment1=f"{SHOW}.comments+xml",
                ppt__commentAuthors=f"{SHOW}.commentAuthors+xml",
                ppt__charts__chart1=f"{drawing}.chart+xml",
                ppt__diagrams__data1=f"{drawing}.diagramData+xml",
            ),
            "_rels/.rels": root_arrows("ppt/presentation.xml"),
            "ppt/presentation.xml": main,
            "ppt/_rels/presentation.xml.rels": arrows(
                ("r1", "slide", "slides/slide1.xml"),
                ("r2", "slide", "slides/slide2.xml"),
                ("rM", "slideMaster", "slideMasters/slideMaster1.xml"),
                ("rA", "commentAuthors", "commentAuthors.xml"),
            ),
            "ppt/slides/slide1.xml": _first(mark),
            "ppt/slides/_rels/slide1.xml.rels": arrows(*beside),
            "ppt/slides/slide2.xml": second,
            "ppt/slides/_rels/slide2.xml.rels": arrows(
                own, ("rN", "notesSlide", "../notesSlides/notesSlide2.xml")
            ),
            **{f"ppt/notesSlides/notesSlide{n}.xml": note for n, note in enumerate(notes, 1)},
            **{
                f"ppt/notesSlides/_rels/notesSlide{n}.xml.rels": arrows(
                    ("r1", "slide", f"../slides/slide{n}.xml")
                )
                for n in (1, 2)
            },
            "ppt/slideMasters/slideMaster1.xml": master,
            "ppt/slideMasters/_rels/slideMaster1.xml.rels": arrows(own),
            "ppt/slideLayouts/slideLayout1.xml": layout,
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels": arrows(
                ("rM", "slideMaster", "../slideMasters/slideMaster1.xml")
            ),
            "ppt/comments/comment1.xml": comment,
            "ppt/commentAuthors.xml": authors,
            "ppt/charts/chart1.xml": chart(mark),
            "ppt/diagrams/data1.xml": diagram(mark),
            "ppt/media/a.png": PIXEL,
            **properties(mark),
        }
    )
    return mark
