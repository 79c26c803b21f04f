"""A Word document as a package: where its parts are, damage, and what an attack gets."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from wordparts import STRICT, Make, Parts, code_of, paragraph, read, relationships, word

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import archive
from reslib.formats.detect import detect


def test_the_strict_kind_is_read_too(make: Make) -> None:
    space = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = "<w:body><w:p><w:r><w:t>strict</w:t></w:r></w:p></w:body>"
    parts: Parts = {
        "_rels/.rels": relationships(("officeDocument", "main.xml"), base=STRICT),
        "main.xml": f'<w:document xmlns:w="{space}">{body}</w:document>',
    }
    assert read(make("", parts)).text == "strict"


def test_the_main_part_is_where_the_package_says(make: Make) -> None:
    parts: Parts = {
        "_rels/.rels": relationships(("officeDocument", "/custom/main.xml")),
        "custom/main.xml": word("document", paragraph("elsewhere")),
    }
    assert read(make(paragraph("not here"), parts)).text == "elsewhere"


def test_a_missing_picture_or_relationship_list_does_not_matter(make: Make) -> None:
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(("image", "media/none.gif")),
    }
    assert read(make(paragraph("words"), parts)).text == "words"
    assert read(make(paragraph("words"), {"_rels/.rels": None})).text == "words"


def test_a_damaged_side_part_lowers_the_confidence_and_is_named(make: Make) -> None:
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(("footnotes", "footnotes.xml")),
        "word/footnotes.xml": "<w:footnotes",
    }
    result = read(make(paragraph("words"), parts))
    assert result.text == "words"
    assert result.confidence is not None
    assert result.confidence < 1
    assert result.confidence_reason == "its footnotes part is damaged"


@pytest.mark.parametrize(
    "document",
    [
        None,
        "",
        "<w:document",
        "<other/>",
        word("document", "<w:ins>" * 5000 + "</w:ins>" * 5000),
    ],
    ids=["missing", "empty", "cut", "other", "deep"],
)
def test_a_main_part_that_is_none_is_malformed(make: Make, document: str | None) -> None:
    assert code_of(make("", {"word/document.xml": document})) is ErrorCode.MALFORMED


def test_a_name_in_the_archive_that_is_not_what_it_says_is_damage(make: Make) -> None:
    path = make(paragraph("words"), {"_rels/.rels": None, "word/é.xml": "x"})
    content = bytearray(path.read_bytes())
    # The name in front of the part, not the one in the directory; flagged as UTF-8.
    start = content.index(b"PK\3\4")
    content[start + 6 : start + 8] = b"\0\x08"
    content[start + 30] = 0xFF
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.MALFORMED


def test_a_flipped_byte_in_the_main_part_is_noticed(make: Make) -> None:
    path = make(paragraph("words that take some room " * 20))
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("word/document.xml")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + 40] ^= 0xFF
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.MALFORMED


@pytest.mark.parametrize("keep", [0, 4, 100, -30])
def test_a_file_that_is_no_archive_is_malformed(make: Make, keep: int) -> None:
    path = make(paragraph("words"))
    path.write_bytes(path.read_bytes()[:keep])
    assert code_of(path) is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "doctype",
    [
        '[<!ENTITY x SYSTEM "secret.txt">]',
        '[<!ENTITY % p SYSTEM "secret.txt"> %p;]',
        'SYSTEM "secret.txt"',
        '[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;">]',
    ],
)
def test_entities_are_neither_followed_nor_expanded(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doctype: str
) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    document = f"<!DOCTYPE d {doctype}>" + word("document", "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")
    assert code_of(make("", {"word/document.xml": document})) is ErrorCode.MALFORMED


def test_names_that_climb_out_of_the_archive_lead_nowhere(make: Make, tmp_path: Path) -> None:
    (tmp_path / "evil.xml").write_text(word("hdr", paragraph("SECRET")), encoding="utf-8")
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(
            ("header", "../../evil.xml"), ("header", f"file://{tmp_path}/evil.xml")
        ),
    }
    assert "SECRET" not in read(make(paragraph("words"), parts)).text


def test_an_archive_that_unpacks_to_too_much_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    assert code_of(make(paragraph("a" * 200) * 10_000)) is ErrorCode.MALFORMED  # a bomb
    honest = "".join(paragraph(f"{i * i * 7919 % 1_000_003:x}") for i in range(30_000))
    assert code_of(make(honest)) is ErrorCode.OUTPUT_LIMIT


def test_pictures_are_not_unpacked(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(("image", "media/big.png")),
        "word/media/big.png": bytes(8 << 20),
    }
    assert read(make(paragraph("words"), parts)).text == "words"


@pytest.mark.parametrize("seed", range(20))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(make: Make, seed: int) -> None:
    """Any other exception would be taken for a fault of reslib and tried again."""
    chance = random.Random(seed)
    parts: Parts = {
        "word/_rels/document.xml.rels": relationships(("footnotes", "footnotes.xml")),
        "word/footnotes.xml": word("footnotes", f"<w:footnote>{paragraph('note')}</w:footnote>"),
    }
    path = make(paragraph("words") * 20, parts)
    whole = path.read_bytes()
    for _ in range(100):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.2:
            start = chance.randrange(len(content))
            del content[start : start + chance.randrange(1, 100)]
        path.write_bytes(content)
        try:
            detect(path)
            read(path)
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)  # noqa: PT017 - none is right, too
