"""Which kinds of OpenDocument file are told apart, and what damage and attacks get."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from odfparts import ODF, SLIDES, TEXT, Make, Parts, box, code_of, p, page, read, root

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import archive
from reslib.extractors.choice import choose
from reslib.extractors.odf import odt
from reslib.extractors.registry import Registry
from reslib.formats.detect import detect

# --- kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, SLIDES])
def test_templates_and_flat_files_are_told_by_their_content(
    odf: Make, flat_odf: Make, kind: str
) -> None:
    body = p("words") if kind == TEXT else page(box("words"))
    template = odf(body, kind=f"{kind}-template")
    assert detect(template) == f"{kind}-template"
    assert read(template).text == "words"
    single = flat_odf(body, kind, "xml")
    assert detect(single) == f"{kind}-flat-xml"
    assert read(single).text == "words"
    unnamed = odf(body, {"mimetype": None, "META-INF/manifest.xml": f'<m t="{kind}"/>'}, kind=kind)
    assert detect(unnamed) == kind


def test_a_text_named_as_a_presentation_is_read_as_a_text(odf: Make) -> None:
    path = odf(p("words"))
    assert read(path.rename(path.with_suffix(".odp"))).text == "words"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/vnd.oasis.opendocument.graphics", "an OpenDocument drawing"),
        ("application/vnd.oasis.opendocument.formula", "an OpenDocument formula"),
        ("application/vnd.sun.xml.writer", "a text of OpenOffice.org 1"),
    ],
)
def test_relatives_that_are_not_read_are_named(odf: Make, kind: str, name: str) -> None:
    found = detect(odf(p("words"), kind=kind))
    assert found == kind
    with pytest.raises(ExtractionError, match=name):
        choose(Registry(), found, ".odt")


# --- damage and attacks ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TEXT, SLIDES])
def test_one_with_a_password_is_encrypted(odf: Make, kind: str) -> None:
    manifest = (
        '<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "M.dtd">'
        f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    parts: Parts = {"META-INF/manifest.xml": manifest, "content.xml": b"\x93\x17\0noise"}
    assert code_of(odf("", parts, kind=kind)) is ErrorCode.ENCRYPTED


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
def test_content_that_is_none_is_malformed(odf: Make, content: str | None) -> None:
    assert code_of(odf("", {"content.xml": content})) is ErrorCode.MALFORMED


@pytest.mark.parametrize("tenth", range(1, 10))
def test_one_that_is_cut_off_is_said_to_be(odf: Make, flat_odf: Make, tenth: int) -> None:
    for path in (odf(p("words")), flat_odf(p("words") * 100)):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ExtractionError) as caught:
            list(odt.extract(path))
        assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize("element", ["draw:g", "draw:custom-shape", "text:section", "text:span"])
def test_elements_as_deep_as_a_parser_takes_are_read(odf: Make, element: str) -> None:
    shape = f"<draw:rect>{p('deep')}</draw:rect>"
    inside = {"text:span": "deep", "draw:g": shape}.get(element, p("deep"))
    deep = f"<{element}>" * 240 + inside + f"</{element}>" * 240
    assert read(odf(p(deep) if element == "text:span" else deep)).text == "deep"


def test_damaged_side_parts_lower_the_confidence_and_are_named(odf: Make) -> None:
    result = read(odf(p("words"), {"styles.xml": "<office", "meta.xml": "<office"}))
    assert result.text == "words"
    assert result.confidence is not None
    assert result.confidence < 1
    assert result.confidence_reason == "its styles part is damaged"


def test_entities_are_neither_followed_nor_expanded(
    odf: Make, flat_odf: Make, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    for doctype in (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]>',
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;">]>',
    ):
        content = doctype + root("document-content", "&x;")
        assert code_of(odf("", {"content.xml": content})) is ErrorCode.MALFORMED
        path = flat_odf(p("&x;"))
        path.write_text(doctype + path.read_text(encoding="utf-8").partition("?>")[2])
        with pytest.raises(ExtractionError, match="document type"):
            list(odt.extract(path))


def test_objects_that_climb_out_of_the_archive_lead_nowhere(odf: Make, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "content.xml").write_text(root("chart", p("SECRET")), encoding="utf-8")
    frames = (
        f'<draw:frame><draw:object xlink:href="{href}"/></draw:frame>'
        for href in ("../x", "./", "/etc", f"file://{tmp_path}/x", "x" * 5000)
    )
    assert read(odf(p("words", *frames))).text == "words"


def test_one_that_unpacks_to_too_much_is_refused(
    odf: Make, flat_odf: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    bomb = p("a" * 200) * 10_000
    assert code_of(odf(bomb)) is ErrorCode.MALFORMED
    assert code_of(odf(p("words"), {"styles.xml": root("styles", bomb)})) is ErrorCode.MALFORMED
    honest = "".join(p(f"{i * i * 7919 % 1_000_003:x}") for i in range(30_000))
    assert code_of(odf(honest)) is ErrorCode.OUTPUT_LIMIT
    assert read(odf(p("words"), {"Pictures/a.png": bytes(8 << 20)})).text == "words"


def test_a_flat_file_that_is_too_long_is_refused(
    flat_odf: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reslib.extractors.odf.odfparts.MAX_UNPACKED", 1 << 20)
    assert code_of(flat_odf(p("words") * 100_000)) is ErrorCode.OUTPUT_LIMIT


@pytest.mark.parametrize("seed", range(10))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(odf: Make, seed: int) -> None:
    """Any other exception would be taken for a fault of reslib and tried again."""
    chance = random.Random(seed)
    part = root("document-styles", "<office:master-styles/>")
    whole = odf(p("words") * 20, {"styles.xml": part, "meta.xml": part}).read_bytes()
    path = odf("")
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            read(path)
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)  # noqa: PT017 - none is right, too
