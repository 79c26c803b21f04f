"""Presentations and OpenDocument files made to attack whoever reads them, through a real pool."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hostiledocuments import DEADLINE, LIMIT_MB, Bait, Reader, arrow, arrows, laughs

from reslib import ErrorCode

ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODT = (
    f'<office:document-content xmlns:office="{ODF}:office:1.0" xmlns:text="{ODF}:text:1.0" '
    f'xmlns:draw="{ODF}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
    "<office:body><office:text>%s</office:text></office:body></office:document-content>"
)
FLAT = ODT.replace(
    "<office:document-content ",
    '<office:document office:mimetype="application/vnd.oasis.opendocument.text" ',
).replace("document-content>", "document>")
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
SPACES = (
    f'xmlns:p="{SLIDES}" xmlns:a="{DRAWING}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
MAIN_TYPE = "presentationml.presentation.main+xml"


def write(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def odt(path: Path, body: str, doctype: str = "") -> Path:
    kind = "application/vnd.oasis.opendocument.text"
    return write(path, {"mimetype": kind, "content.xml": doctype + ODT % body})


def pptx(path: Path, paragraphs: str, doctype: str = "", slides: int = 1) -> Path:
    body = f"<p:sp><p:txBody>{paragraphs}</p:txBody></p:sp>"
    tree = f"<p:cSld><p:spTree>{body}</p:spTree></p:cSld>"
    link = arrow("slide", "slide1.xml")
    name = link.partition('Id="')[2].partition('"')[0]
    ids = f'<p:sldId r:id="{name}"/>' * slides
    return write(
        path,
        {
            "[Content_Types].xml": f'<Types><Override ContentType="{MAIN_TYPE}"/></Types>',
            "_rels/.rels": arrows(arrow("officeDocument", "ppt/presentation.xml")),
            "ppt/_rels/presentation.xml.rels": arrows(link),
            "ppt/presentation.xml": (
                f"<p:presentation {SPACES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
            ),
            "ppt/slide1.xml": f"{doctype}<p:sld {SPACES}>{tree}</p:sld>",
        },
    )


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def a(text: str) -> str:
    return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"


def test_a_bomb_of_each_kind_is_refused_in_bounded_memory(
    withstand: Reader, tmp_path: Path
) -> None:
    flat = tmp_path / "bomb.fodt"
    flat.write_text(FLAT % (p("A" * 1000) * 150_000), encoding="utf-8")
    for path, code in (
        (odt(tmp_path / "bomb.odt", p("A" * 1000) * 200_000), ErrorCode.MALFORMED),
        (pptx(tmp_path / "bomb.pptx", a("A" * 1000) * 200_000), ErrorCode.MALFORMED),
        (flat, ErrorCode.OUTPUT_LIMIT),
    ):
        ending = withstand(path)
        assert ending.code is code
        assert ending.peak_mb < LIMIT_MB * 1.1
        assert ending.seconds < DEADLINE


def test_a_slide_that_is_shown_a_thousand_times_is_too_much(
    withstand: Reader, tmp_path: Path
) -> None:
    path = pptx(tmp_path / "many.pptx", a("word ") + f"<!--{'x' * 300_000}-->", slides=1000)
    ending = withstand(path)
    assert ending.code in (ErrorCode.MALFORMED, ErrorCode.OUTPUT_LIMIT)
    assert ending.seconds < DEADLINE


def test_entities_are_not_expanded(withstand: Reader, tmp_path: Path) -> None:
    assert withstand(odt(tmp_path / "l.odt", p("&l9;"), laughs("x"))).code is ErrorCode.MALFORMED
    ending = withstand(pptx(tmp_path / "l.pptx", a("&l9;"), laughs("x")))
    assert "laughing" not in ending.text
    assert ending.peak_mb < LIMIT_MB


def test_nothing_outside_the_document_is_turned_to(
    withstand: Reader, bait: Bait, tmp_path: Path
) -> None:
    links = "".join(
        f'<draw:frame><draw:object xlink:href="{target}"/></draw:frame>'
        for target in (bait.address, bait.file.as_uri(), str(bait.file), "../secret.txt")
    )
    assert withstand(odt(tmp_path / "links.odt", p(f"body{links}"))).text == "body"
    doctype = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{bait.address}">]>'
    assert withstand(odt(tmp_path / "dtd.odt", p("&x;"), doctype)).code is ErrorCode.MALFORMED
    assert not bait.was_contacted()
