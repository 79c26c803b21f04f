"""What is read of a presentation, and what damage and attacks get."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from wordparts import OFFICE, relationships

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import archive
from reslib.extractors.assemble import Assembler
from reslib.extractors.office.pptx import extract
from reslib.extractors.own import PPTX
from reslib.formats.detect import detect
from reslib.items import Metadata, Table, Warning
from reslib.models import ExtractionResult, TextStatus

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
NAMESPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:r="{OFFICE}/relationships" xmlns:m="{OFFICE}/math" xmlns:a="{DRAWING}/main" '
    f'xmlns:c="{DRAWING}/chart" xmlns:dgm="{DRAWING}/diagram" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"'
)
MAIN = "presentationml.presentation.main+xml"

Parts: TypeAlias = "dict[str, str | bytes | None]"
Make: TypeAlias = Callable[..., Path]


def element(name: str, inside: str, attributes: str = "") -> str:
    return f"<{name} {NAMESPACES} {attributes}>{inside}</{name}>"


def run(text: str, properties: str = "") -> str:
    return f"<a:r><a:rPr {properties}/><a:t>{text}</a:t></a:r>"


def body(*paragraphs: str, name: str = "p:txBody") -> str:
    inside = (text if text.startswith("<") else run(text) for text in paragraphs)
    return f"<{name}><a:bodyPr/>{''.join(f'<a:p>{p}</a:p>' for p in inside)}</{name}>"


def shape(*paragraphs: str, placeholder: str = "") -> str:
    ph = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    own = f'<p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>{ph}</p:nvPr></p:nvSpPr>'
    return f"<p:sp>{own}<p:spPr/>{body(*paragraphs)}</p:sp>"


def frame(inside: str) -> str:
    graphic = f"<a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{graphic}</p:graphicFrame>"


def picture(text: str) -> str:
    return f'<p:pic><p:nvPicPr><p:cNvPr id="3" name="x" descr="{text}"/></p:nvPicPr></p:pic>'


def slide(shapes: str, attributes: str = "", name: str = "p:sld") -> str:
    inside = f"<p:cSld><p:spTree><p:nvGrpSpPr/>{shapes}</p:spTree></p:cSld>"
    return element(name, inside, attributes)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a presentation from its slides and further parts; a part of None is left out."""

    def make(*slides: str, parts: Parts | None = None, kind: str = MAIN) -> Path:
        # The last slide was made first: their order is that of the presentation.
        names = [f"slides/slide{len(slides) - number}.xml" for number in range(len(slides))]
        ids = "".join(
            f'<p:sldId id="{256 + number}" r:id="r{number}"/>' for number in range(len(slides))
        )
        types = f'<Types><Override ContentType="application/vnd.x.{kind}"/></Types>'
        every: Parts = {
            "[Content_Types].xml": types,
            "_rels/.rels": relationships(("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": element("p:presentation", f"<p:sldIdLst>{ids}</p:sldIdLst>"),
            "ppt/_rels/presentation.xml.rels": relationships(*(("slide", n) for n in names)),
        }
        for name, text in zip(names, slides, strict=True):
            every[f"ppt/{name}"] = text if text.startswith("<p:sld ") else slide(text)
        every.update(parts or {})
        path = tmp_path / "talk.pptx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in every.items():
                if content is not None:
                    file.writestr(name, content)
        return path

    return make


def read(path: Path) -> ExtractionResult:
    assembler = Assembler(PPTX, "pptx")
    for item in extract(path):
        assembler.add(item)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code


def linked(*items: tuple[str, str], **contents: str) -> Parts:
    """The parts that the only slide leads to."""
    parts: Parts = {"ppt/slides/_rels/slide1.xml.rels": relationships(*items)}
    parts.update({f"ppt/slides/{name}.xml": content for name, content in contents.items()})
    return parts


def test_slides_are_pages_in_the_order_of_the_presentation(make: Make) -> None:
    result = read(make(shape("first"), shape("second"), shape("third")))
    assert [(p.number, p.label, p.text) for p in result.pages] == [
        (1, "slide 1", "first"),
        (2, "slide 2", "second"),
        (3, "slide 3", "third"),
    ]
    assert (result.confidence, result.confidence_reason) == (1.0, "")


def test_the_title_comes_first_and_shapes_in_their_order(make: Make) -> None:
    group = f"<p:grpSp><p:grpSp>{shape('inner')}</p:grpSp>{shape('outer')}</p:grpSp>"
    text = read(make(shape("a") + group + shape("b") + shape("Title", placeholder="title"))).text
    assert text == "Title\na\ninner\nouter\nb"


def test_runs_are_joined_breaks_are_lines_and_raised_pieces_stand_apart(make: Make) -> None:
    paragraphs = (
        run("wo") + run("rd") + "<a:br/>" + run("next"),
        run("Smith") + run("1,2", 'baseline="30000"') + run(" and"),
        run("10") + run("5", 'baseline="30000"') + run(" m"),
        run("CO") + run("2", 'baseline="-25000"'),
    )
    assert read(make(shape(*paragraphs))).text == "word\nnext\nSmith 1,2 and\n10^5 m\nCO2"


def test_numbers_of_slides_and_empty_placeholders_are_left_out(make: Make) -> None:
    noise = shape("NO", placeholder="sldNum") + shape("", placeholder="body")
    assert read(make(shape("words") + noise)).text == "words"


def test_running_lines_stand_at_the_end_of_the_first_slide_that_has_them(make: Make) -> None:
    footer, date = shape("Institute", placeholder="ftr"), shape("1 May", placeholder="dt")
    later = shape("2 May", placeholder="dt")
    pages = read(make(footer + date + shape("a"), footer + later + shape("b"), footer)).pages
    assert [page.text for page in pages] == ["a\n\nInstitute\n1 May", "b\n\n2 May", ""]
    assert pages[2].blank


def test_the_alternative_text_of_a_chart_is_read(make: Make) -> None:
    own = '<p:nvGraphicFramePr><p:cNvPr id="4" name="x" descr="A curve"/></p:nvGraphicFramePr>'
    described = frame("<c:chart/>").replace("<a:graphic>", f"{own}<a:graphic>", 1)
    assert read(make(described)).text == "[A curve]"


def test_a_table_is_text_and_an_item_of_its_slide(make: Make) -> None:
    def cell(text: str) -> str:
        return f"<a:tc>{body(*text.split('|'), name='a:txBody')}</a:tc>"

    rows = f"<a:tr>{cell('a')}{cell('b')}</a:tr><a:tr>{cell('1|2')}{cell('')}</a:tr>"
    table = frame(f'<a:tbl><a:tblPr firstRow="1"/>{rows}</a:tbl>')
    empty = frame(f"<a:tbl><a:tr>{cell('')}{cell('')}</a:tr></a:tbl>")
    result = read(make(shape("before"), table, empty))
    assert result.pages[2].blank
    assert result.pages[1].text == "a\tb\n1 2"
    assert [i for i in result.items if isinstance(i, Table)] == [
        Table((("a", "b"), ("1 2", "")), page=2, header_rows=1)
    ]


def test_a_chart_has_its_titles_and_labels_each_once(make: Make) -> None:
    def labels(*texts: str) -> str:
        points = "".join(f"<c:pt><c:v>{text}</c:v></c:pt>" for text in texts)
        return f"<c:cat><c:strRef><c:strCache>{points}</c:strCache></c:strRef></c:cat>"

    title = f"<c:title><c:tx>{body('Rainfall', name='c:rich')}</c:tx></c:title>"
    numbers = "<c:val><c:numRef><c:numCache><c:pt><c:v>17</c:v></c:pt></c:numCache></c:numRef>"
    chart = element(
        "c:chartSpace", f"{title}{labels('May', 'June')}{labels('May')}{numbers}</c:val>"
    )
    path = make(frame('<c:chart r:id="r0"/>'), parts=linked(("chart", "c.xml"), c=chart))
    assert read(path).text == "Rainfall\nMay\nJune"


def test_a_chart_of_the_newer_kind_is_read_and_its_substitute_is_not(make: Make) -> None:
    labels = "<cx:data><cx:strDim><cx:lvl><cx:pt>May</cx:pt></cx:lvl></cx:strDim></cx:data>"
    name = "<cx:tx><cx:txData><cx:f>A1</cx:f><cx:v>Rain</cx:v></cx:txData></cx:tx>"
    space = 'xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex"'
    arrow = relationships(("chartEx", "c.xml"), base="http://schemas.microsoft.com/office/2014")
    chart = frame(f"<cx:chart {space} r:id='r0'/>")
    shapes = (
        f'<mc:AlternateContent><mc:Choice Requires="cx1">{chart}'
        f"</mc:Choice><mc:Fallback>{shape('NO')}</mc:Fallback></mc:AlternateContent>"
    )
    parts: Parts = {
        "ppt/slides/_rels/slide1.xml.rels": arrow,
        "ppt/slides/c.xml": element("cx:chartSpace", labels + name, space),
    }
    assert read(make(shapes, parts=parts)).text == "May\nRain"


def test_the_words_of_a_diagram_are_read(make: Make) -> None:
    points = "".join(f"<dgm:pt>{body(text, name='dgm:t')}</dgm:pt>" for text in ("Plan", "Do"))
    data = element("dgm:dataModel", f"<dgm:ptLst>{points}</dgm:ptLst>")
    ids = '<dgm:relIds r:lo="r8" r:dm="r0"/>'
    path = make(frame(ids), parts=linked(("diagramData", "d.xml"), d=data))
    assert read(path).text == "Plan\nDo"


def test_notes_stand_at_the_end_of_their_slide(make: Make) -> None:
    notes = shape("3", placeholder="sldNum") + shape("say this", placeholder="body")
    parts = linked(("notesSlide", "n.xml"), n=slide(notes, name="p:notes"))
    assert read(make(shape("words"), parts=parts)).text == "words\n\nNotes:\nsay this"


def test_equations_are_read_once_and_in_linear_form(make: Make) -> None:
    formula = "<a14:m><m:oMath><m:r><m:t>y=x</m:t></m:r></m:oMath></a14:m>"
    choice = f'<mc:Choice Requires="a14">{shape(run("so ") + formula)}</mc:Choice>'
    alternate = f"<mc:AlternateContent>{choice}<mc:Fallback>{shape('NO')}</mc:Fallback>"
    assert read(make(f"{alternate}</mc:AlternateContent>")).text == "so y=x"


def test_a_hidden_slide_is_read_and_said(make: Make) -> None:
    result = read(make(shape("a"), slide(shape("b"), 'show="0"')))
    assert result.pages[1].text == "b"
    (warning,) = (i for i in result.items if isinstance(i, Warning))
    assert (warning.code, warning.page) == ("hidden_slide", 2)


def test_a_picture_has_its_alternative_text_and_is_said_not_to_be_read(make: Make) -> None:
    result = read(make(shape("a") + picture("A map") + picture("image1.png")))
    assert result.text == "a\n[A map]"
    assert result.confidence_reason == "2 pictures not read"


def test_slides_without_text_are_told_apart(make: Make) -> None:
    result = read(make(shape("a"), picture(""), shape("")))
    assert [page.blank for page in result.pages] == [False, False, True]
    assert result.text_status is TextStatus.PARTIAL
    assert read(make(shape(""))).text_status is TextStatus.EMPTY
    assert read(make()).text_status is TextStatus.EMPTY


def test_comments_and_documents_inside_are_said(make: Make) -> None:
    path = make(shape("a") + frame("<p:oleObj/>"), parts=linked(("comments", "c.xml")))
    assert read(path).confidence_reason == "1 embedded document not read; comments left out"


def test_what_it_states_of_itself_is_kept_with_its_source(make: Make) -> None:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    arrows = relationships(("officeDocument", "ppt/presentation.xml")).replace(
        "</Relationships>",
        f'<Relationship Id="c" Type="{space}/metadata/core-properties" Target="core.xml"/>'
        "</Relationships>",
    )
    core = (
        '<x xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/">'
        "<dc:title>On Graphs</dc:title><dc:creator>A. B.; C. D.</dc:creator>"
        "<dc:subject>s</dc:subject><x:keywords xmlns:x='y'>k</x:keywords>"
        "<t:created>2020-01-02T03:04:05Z</t:created><dc:language>en</dc:language></x>"
    )
    result = read(make(shape("a"), parts={"_rels/.rels": arrows, "core.xml": core}))
    assert result.title == "On Graphs"
    assert [(i.key, i.value) for i in result.items if isinstance(i, Metadata)] == [
        ("title", "On Graphs"),
        ("author", "A. B."),
        ("author", "C. D."),
        ("subject", "s"),
        ("keywords", "k"),
        ("created", "2020-01-02T03:04:05Z"),
        ("language", "en"),
    ]
    assert {i.source for i in result.items if isinstance(i, Metadata)} == {"core properties"}


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (MAIN, "presentation"),
        ("presentationml.slideshow.main+xml", "slideshow"),
        ("presentationml.template.main+xml", "template"),
        ("ms-powerpoint.presentation.macroEnabled.main+xml", "presentation.macroenabled.12"),
        ("ms-powerpoint.slideshow.macroEnabled.main+xml", "slideshow.macroenabled.12"),
        ("ms-powerpoint.template.macroEnabled.main+xml", "template.macroenabled.12"),
    ],
)
def test_every_kind_of_presentation_is_told_by_its_content(
    make: Make, kind: str, ending: str
) -> None:
    path = make(shape("a"), kind=kind)
    found = detect(path.rename(path.with_suffix(".docx")))
    assert found.endswith(ending)
    assert found in PPTX.mime_types


# --- damage and attacks ------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, "<p:sld", "", slide(shape("x"))[:200]])
def test_a_damaged_slide_leaves_the_others(make: Make, content: str | None) -> None:
    result = read(make(shape("a"), shape("b"), parts={"ppt/slides/slide1.xml": content}))
    assert [page.text for page in result.pages] == ["a", ""]
    assert result.pages[1].reason == "its slide is damaged"
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence == 0.5


def test_damaged_side_parts_lower_the_confidence_and_are_named(make: Make) -> None:
    parts = linked(("notesSlide", "n.xml"), ("chart", "c.xml"), n="<p:notes", c="")
    result = read(make(shape("a") + frame('<c:chart r:id="r1"/>'), parts=parts))
    assert result.text == "a"
    assert result.confidence is not None
    assert result.confidence < 1
    assert result.confidence_reason == "its chart or diagram is damaged; its notes is damaged"


@pytest.mark.parametrize(
    "main",
    [
        None,
        "",
        "<p:presentation",
        "<other/>",
        element("p:presentation", "<p:x>" * 5000 + "</p:x>" * 5000),
    ],
    ids=["missing", "empty", "cut", "other", "deep"],
)
def test_a_main_part_that_is_none_is_malformed(make: Make, main: str | None) -> None:
    assert code_of(make(parts={"ppt/presentation.xml": main})) is ErrorCode.MALFORMED


def test_groups_as_deep_as_a_parser_takes_are_read_or_refused(make: Make) -> None:
    for depth in (100, 240):
        path = make(shape("a"), "<p:grpSp>" * depth + shape("deep") + "</p:grpSp>" * depth)
        assert read(path).pages[0].text == "a"
    path = make("<p:grpSp>" * 100 + shape("deep") + "</p:grpSp>" * 100)
    assert read(path).text == "deep"


@pytest.mark.parametrize("tenth", range(1, 10))
def test_one_that_is_cut_off_is_malformed(make: Make, tenth: int) -> None:
    path = make(shape("words"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * tenth // 10])
    assert code_of(path) is ErrorCode.MALFORMED


def test_entities_are_neither_followed_nor_expanded(make: Make, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    for doctype in (
        f'[<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]',
        '[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]',
    ):
        main = f"<!DOCTYPE d {doctype}>" + element("p:presentation", "&x;")
        assert code_of(make(parts={"ppt/presentation.xml": main})) is ErrorCode.MALFORMED


def test_names_that_climb_out_of_the_archive_lead_nowhere(make: Make, tmp_path: Path) -> None:
    (tmp_path / "evil.xml").write_text(slide(shape("SECRET")), encoding="utf-8")
    arrows = relationships(("notesSlide", "../../../evil.xml"), ("chart", "/etc/passwd"))
    parts: Parts = {"ppt/slides/_rels/slide1.xml.rels": arrows}
    result = read(make(shape("words") + frame('<c:chart r:id="r1"/>'), parts=parts))
    assert result.text == "words"


def test_one_that_unpacks_to_too_much_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    assert code_of(make(shape("a" * 200) * 10_000)) is ErrorCode.MALFORMED  # a bomb
    honest = [
        shape(*(f"{i * i * 7919 % 1_000_003:x}" for i in range(k, 30_000, 9))) for k in range(9)
    ]
    assert code_of(make(*honest)) is ErrorCode.OUTPUT_LIMIT
    # Parts that are no text are not unpacked.
    media: Parts = {"ppt/media/film.mp4": bytes(8 << 20)}
    assert read(make(shape("words"), parts=media)).text == "words"


@pytest.mark.parametrize("seed", range(10))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(make: Make, seed: int) -> None:
    """Any other exception would be taken for a fault of reslib and tried again."""
    chance = random.Random(seed)
    parts = linked(("notesSlide", "n.xml"), n=slide(shape("note"), name="p:notes"))
    path = make(shape("words") * 5 + frame('<c:chart r:id="r1"/>'), parts=parts)
    whole = path.read_bytes()
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            detect(path)
            read(path)
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)  # noqa: PT017 - none is right, too


def test_alternative_texts_of_shapes_and_groups_are_read_and_titles_of_pictures(make: Make) -> None:
    described = shape("a").replace('name="x"', 'name="x" descr="An arrow"')
    own = '<p:nvGrpSpPr><p:cNvPr id="5" name="g" descr="A map"/></p:nvGrpSpPr>'
    titled = picture("").replace('descr=""', 'title="A gauge"')
    text = read(make(f"{described}<p:grpSp>{own}{shape('b')}</p:grpSp>{titled}")).text
    assert text == "a\n[An arrow]\nb\n[A map]\n[A gauge]"


def test_names_of_a_chart_that_lie_in_levels_or_stand_alone_are_read(make: Make) -> None:
    level = "<c:lvl><c:pt><c:v>{}</c:v></c:pt></c:lvl>".format
    levels = f"<c:multiLvlStrCache>{level('spring')}{level('2024')}</c:multiLvlStrCache>"
    series = "<c:ser><c:tx><c:v>tide</c:v></c:tx><c:val><c:numCache><c:pt><c:v>3</c:v></c:pt>"
    written = "<c:cat><c:strLit><c:pt><c:v>neap</c:v></c:pt></c:strLit></c:cat>"
    inside = f"{series}</c:numCache></c:val>{written}<c:cat>{levels}</c:cat></c:ser>"
    parts = linked(("chart", "chart.xml"), chart=element("c:chartSpace", inside))
    text = read(make(frame('<c:chart r:id="r0"/>'), parts=parts)).text
    assert text == "tide\nneap\nspring\n2024"
