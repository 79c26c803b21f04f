"""A font without a table of its characters is read by the names of its glyphs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pypdf
import pytest
from pages import Read, flat
from pdf_objects import document, stream
from written import HELVETICA, one_page

LIGATURES = b"""BT /F1 12 Tf 72 760 Td (\001e e\002ect of \003uid dynamics and a\004ion was) Tj
0 -14 Td (di\005cult at \006rst, as all the other studies had shown) Tj ET"""
NAMES = b"[1/T_h/f_f/f_l/c_t/uni006600660069/f_i.alt]"


def named(font: bytes, names: bytes = NAMES, kind: bytes = b"/Type1") -> bytes:
    encoding = b"/Encoding<</Type/Encoding/Differences%s>>" % names
    body = b"<</Type/Font/Subtype%s/BaseFont/Times-Roman%s>>"
    return one_page(content=LIGATURES).replace(font, body % (kind, encoding), 1)


READ_BY_NAMES = (
    "The effect of fluid dynamics and action was difficult at first, as all the other studies "
    "had shown"
)


@pytest.mark.parametrize("kind", [b"/Type1", b"/TrueType"])
def test_ligatures_are_read_by_the_names_of_their_glyphs(read: Read, kind: bytes) -> None:
    assert flat(read(named(HELVETICA, kind=kind))) == READ_BY_NAMES


def test_ligatures_are_read_from_a_font_that_is_packed_with_other_objects(read: Read) -> None:
    assert flat(read(packed(named(HELVETICA)))) == READ_BY_NAMES


def test_ligatures_are_read_where_only_changes_are_forbidden(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.pdf").write_bytes(named(HELVETICA))
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(tmp_path / "b.pdf")
    assert flat(read((tmp_path / "b.pdf").read_bytes())) == READ_BY_NAMES


def test_ligatures_are_read_in_a_form_whose_encoding_stands_apart(read: Read) -> None:
    content = document(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</XObject<</X 6 0 R>>>>>>",
            stream(b"/X Do"),
            b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding 7 0 R>>",
            stream(
                LIGATURES,
                b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>",
            ),
            b"<</Type/Encoding/Differences 8 0 R>>",
            NAMES,
        ]
    )
    assert flat(read(content)) == READ_BY_NAMES


TYPE3 = b"T_h f_f c_t e r s t d i u l a o n c h w m space".split()


def drawn_by_itself(*, apart: bool, mapped: bytes = b"") -> bytes:
    """Return a document whose font draws its glyphs itself; only their names tell what they are."""
    codes = {name.decode(): b"%c" % (65 + n) for n, name in enumerate(TYPE3)}
    words = ["T_h e", "e f_f e c_t", "o f", "t h e", "w i n d"]
    codes |= {"f": codes["f_f"]}
    shown = codes["space"].join(b"".join(codes[glyph] for glyph in w.split()) for w in words)
    names = b"/Differences[65%s]" % b"".join(b"/" + name for name in TYPE3)
    encoding = b"7 0 R" if apart else b"<</Type/Encoding%s>>" % names
    glyphs = b"".join(b"/%s 6 0 R" % name for name in TYPE3)
    widths = b"520 " * len(TYPE3)
    return document(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>",
            stream(b"BT /F1 12 Tf 72 760 Td (%s) Tj ET" % shown),
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 800]/FontMatrix[.001 0 0 .001 0 0]"
            b"/FirstChar 65/LastChar %d/Widths[%s]/CharProcs<<%s>>/Encoding %s%s/Resources<<>>>>"
            % (64 + len(TYPE3), widths, glyphs, encoding, mapped),
            stream(b"520 0 0 0 500 700 d1 0 0 500 700 re f"),
            b"<</Type/Encoding%s>>" % names,
        ]
    )


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_font_that_draws_its_glyphs_itself_is_read_by_all_of_their_names(
    read: Read, apart: bool, is_packed: bool
) -> None:
    content = drawn_by_itself(apart=apart)
    assert flat(read(packed(content) if is_packed else content)) == "The effect off the wind"


def packed(document: bytes) -> bytes:
    """Return a document of :func:`one_page` with all but its content in an object stream."""
    bodies = document.split(b" 0 obj\n")[1:]
    objects = [body[: body.rindex(b"endobj")].strip() for body in bodies]
    content = objects[3]
    objects[3] = b"null"
    numbers, inside = b"", b""
    for number, body in enumerate(objects, start=1):
        numbers += b"%d %d " % (number, len(inside))
        inside += body + b"\n"
    data = zlib.compress(numbers + inside)
    entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(numbers))
    first, second = b"%PDF-1.5\n4 0 obj\n" + content + b"\nendobj\n", len(objects) + 1
    whole = first + b"%d 0 obj\n%s\nendobj\n" % (second, stream(data, entries))
    table = b"\0" * 7
    for number in range(1, len(objects) + 1):
        where = (1, 9, 0) if number == 4 else (2, second, number - 1)
        table += struct.pack(">BIH", *where)
    table += struct.pack(">BIH", 1, len(first), 0) + struct.pack(">BIH", 1, len(whole), 0)
    entries = b"/Type/XRef/Size %d/W[1 4 2]/Root 1 0 R" % (len(objects) + 3)
    end = b"%d 0 obj\n%s\nendobj\n" % (second + 1, stream(table, entries))
    return whole + end + b"startxref\n%d\n%%%%EOF\n" % len(whole)
