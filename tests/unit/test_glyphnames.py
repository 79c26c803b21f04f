"""Letters of a font by the names of its glyphs, and when a document is opened again for them."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.pdf.glyphnames import text_of, with_glyph_names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("T_h", "Th"),
        ("f_f_i", "ffi"),
        ("Q_u.swash", "Qu"),
        ("longs_t", "\u017ft"),
        ("eacute_s_t", "ést"),
        ("f_f.alt2", "ff"),
        ("uni00660069", "fi"),
        ("uni0041.sc", "A"),
        ("u1D400", "\U0001d400"),
        ("one.oldstyle", "1"),
        ("ampersand", "&"),
    ],
)
def test_a_name_tells_its_letters_by_the_rules_of_the_adobe_glyph_list(
    name: str, text: str
) -> None:
    assert text_of(name) == text


@pytest.mark.parametrize(
    "name", [".notdef", "g_23", "g23", "a12", "_", "", "uniD800", "u110000", "f_"]
)
def test_the_number_of_a_glyph_is_no_letter(name: str) -> None:
    assert text_of(name) == ""


@given(st.text(max_size=40))
def test_any_name_gives_text_that_can_be_stored(name: str) -> None:
    text_of(name).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"/Differences[" * 200_000,
        b"/Differences" + b" " * 2_000_000,
        b"/ObjStm" * 300_000,
        b"/ObjStm>>stream\n" * 100_000,
        (b"/ObjStm>>stream\n" + zlib.compress(b"a")) * 50_000,
        b"/ObjStm>>stream\n".join([zlib.compress(b"a" * 30_000_000)] * 20),
        b"/Type3 1 0 obj<</Differences[1/T_h]>>" + b"/Encoding 1 0 R" * 300_000,
        b"/Type3" + b"".join(b"%d 0 obj<</Differences[1/b]>>" % n for n in range(100_000)),
        b"/ObjStm>>stream\n" + zlib.compress(b"1 0 " * 100_000 + b"<</Differences[1/T_h]>>" * 9999),
        b"/Differences[1/T_h]",
        b"/Differences 7 0 R",
    ],
)
def test_what_is_no_pdf_has_no_names_however_much_it_looks_like_them(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    assert with_glyph_names(tmp_path / "a.pdf") is None


WITH_A_MAP = b"""1 0 obj<</Type/Encoding/Differences[1/T_h]>>endobj
2 0 obj<</Type/Font/Subtype/Type1/Encoding 1 0 R/ToUnicode 4 0 R>>endobj
3 0 obj<</Type/Font/Subtype/Type1/Encoding<</Differences[1/f_i]>>/ToUnicode 4 0 R>>endobj
"""
_PACKED = zlib.compress(
    b"1 0 2 33 <</Type/Encoding/Differences[1/T_h]>><</Type/Font/Encoding 1 0 R/ToUnicode 4 0 R>>"
)
LOOK = """
import sys
from pathlib import Path
from reslib.extractors.pdf.glyphnames import with_glyph_names
with_glyph_names(Path(sys.argv[1]))
sys.exit("pypdf" in sys.modules)
"""


@pytest.mark.parametrize(
    ("content", "opened"),
    [
        (WITH_A_MAP, False),
        (b"/ObjStm>>stream\n" + _PACKED, False),
        (WITH_A_MAP.replace(b"/ToUnicode", b"/Widths", 1), True),
        (WITH_A_MAP.replace(b"]>>/ToUnicode", b"]>>/Widths"), True),
        (b"/ObjStm>>stream\n" + zlib.compress(b"1 0 <</Differences[1/T_h]>>"), True),
    ],
)
def test_a_document_is_opened_again_only_where_a_font_with_such_names_has_no_map(
    tmp_path: Path, content: bytes, opened: bool
) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    look = subprocess.run([sys.executable, "-c", LOOK, tmp_path / "a.pdf"], check=False)
    assert look.returncode == opened
