"""Documents that a password protects, and what is only said to be one of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.unlock import unlock


def plain() -> io.BytesIO:
    made, document = io.BytesIO(), docx.Document()
    document.add_paragraph("The tide. " * 500)
    document.save(made)
    return made


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    path = tmp_path / "locked.docx"
    with path.open("wb") as file:
        OOXMLFile(plain()).encrypt("right", file)
    return path


def code_of(path: Path, *passwords: str) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        unlock(path, passwords, path.with_name("copy"))
    return caught.value.code


def test_the_first_that_fits_opens_it(tmp_path: Path, locked: Path) -> None:
    assert unlock(locked, ["wrong", "right"], tmp_path / "copy")
    with zipfile.ZipFile(tmp_path / "copy") as opened:
        assert b"The tide." in opened.read("word/document.xml")
    assert code_of(locked, "wrong") is ErrorCode.ENCRYPTED


@pytest.mark.parametrize("content", [b"", b"words", b"PK\3\4 no archive", b"{\\rtf1 words}"])
def test_what_no_password_opens_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(content)
    assert not unlock(path, ["right"], tmp_path / "copy")


@pytest.mark.parametrize("content", [b"%PDF-1.7 no more", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_document_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(content)
    assert code_of(path, "right") in (ErrorCode.ENCRYPTED, ErrorCode.MALFORMED, ErrorCode.TRUNCATED)


def test_one_that_is_cut_off_anywhere_is_refused_in_words(tmp_path: Path, locked: Path) -> None:
    whole = locked.read_bytes()
    for tenth in range(1, 10):
        cut = tmp_path / "cut.docx"
        cut.write_bytes(whole[: len(whole) * tenth // 10])
        assert code_of(cut, "right") in (ErrorCode.ENCRYPTED, ErrorCode.MALFORMED)
