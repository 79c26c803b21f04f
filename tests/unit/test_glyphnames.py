from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.glyphnames import text_of, with_glyph_names


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


@pytest.mark.parametrize("name", [".notdef", "g_23", "g23", "_", "", "uniD800", "u110000", "f_"])
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
        b"/Differences[1/T_h]",
        b"/Differences 7 0 R",
    ],
)
def test_what_is_no_pdf_has_no_names_however_much_it_looks_like_them(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    assert with_glyph_names(tmp_path / "a.pdf") is None
