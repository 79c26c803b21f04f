"""OpenDocument files with a password: which are opened, and what is said of the others."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from odflocked import WAYS, locked
from odfparts import TEXT

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.odf import odt
from reslib.extractors.unlock import unlock
from reslib.formats.detect import detect
from reslib.items import Page

WORDS = "The tide came in at noon."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "paper.odt"


def refused(path: Path, *passwords: str) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        unlock(path, passwords, path.with_name("copy.odt"))
    return caught.value


def changed(document: bytes, old: str, new: str) -> bytes:
    """Return a document whose manifest says something else."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(
                name, content.replace(old.encode(), new.encode()) if "manifest" in name else content
            )
    return made.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_the_first_password_that_fits_opens_it(file: Path, way: str) -> None:
    file.write_bytes(locked(WORDS, "Gezeiten Ü", way))
    with pytest.raises(ExtractionError) as caught:
        list(odt.extract(file))
    assert caught.value.code is ErrorCode.ENCRYPTED
    copy = file.with_name("copy.odt")
    assert unlock(file, ["wrong", "Gezeiten Ü"], copy)
    assert detect(copy) == TEXT
    assert [item.text for item in odt.extract(copy) if isinstance(item, Page)] == [WORDS]


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password_is_told_as_such(file: Path, way: str) -> None:
    file.write_bytes(locked(WORDS, "right", way))
    assert "none of the 2 that were given" in str(refused(file, "wrong", ""))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("aes256-cbc", "kwyjibo", ErrorCode.ENCRYPTED),
        ("PBKDF2", "PGP", ErrorCode.ENCRYPTED),
        ('iteration-count="1000"', 'iteration-count="99999999999"', ErrorCode.MALFORMED),
        ('iteration-count="1000"', 'iteration-count="many"', ErrorCode.MALFORMED),
        ("initialisation-vector", "initialization-vector", ErrorCode.MALFORMED),
        ('key-size="32" m:iteration', 'key-size="31" m:iteration', ErrorCode.MALFORMED),
    ],
)
def test_what_it_says_of_its_encryption_is_not_believed(
    file: Path, old: str, new: str, code: ErrorCode
) -> None:
    file.write_bytes(changed(locked(WORDS, "right"), old, new))
    assert refused(file, "right").code is code


def test_a_derivation_that_asks_for_too_much_memory_is_refused(file: Path) -> None:
    document = changed(locked(WORDS, "right", "argon2"), 'memory="64"', 'memory="99999999"')
    file.write_bytes(document)
    assert refused(file, "right").code is ErrorCode.MALFORMED


def test_what_is_packed_into_it_is_bounded(file: Path) -> None:
    file.write_bytes(locked("A" * (140 << 20), "right"))
    assert refused(file, "right").code is ErrorCode.OUTPUT_LIMIT


def test_an_archive_without_encryption_is_not_opened(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    assert not unlock(file, ["any"], file.with_name("copy"))
