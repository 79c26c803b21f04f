"""What is read of old Word documents, and of what only looks like one."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from oleparts import ole, word

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import own
from reslib.extractors.assemble import Assembler
from reslib.extractors.choice import choose
from reslib.extractors.office import doc, libreoffice
from reslib.extractors.registry import Registry
from reslib.formats.detect import detect
from reslib.models import ExtractionResult, TextStatus

TYPE = "application/msword"
TEXT = (
    "The tide came in at noon.\rЖизнь идёт дальше.\rGrün \u2013 “ok”\r" + "More of it. " * 20 + "\r"
)
SHOWN = "The tide came in at noon.\nЖизнь идёт дальше.\nGrün \u2013 “ok”\n" + "More of it. " * 19
SHOWN += "More of it."
HEADERS, COMMENTS, BOXES = 0x54, 0x5C, 0x64

Read = Callable[..., ExtractionResult]

needs_antiword = pytest.mark.skipif(not shutil.which("antiword"), reason="needs antiword")
needs_catdoc = pytest.mark.skipif(not shutil.which("catdoc"), reason="needs catdoc")


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes, name: str = "letter.doc") -> ExtractionResult:
        path = tmp_path / name
        path.write_bytes(content)
        assert detect(path) == TYPE
        assembler = Assembler(own.DOC, TYPE)
        for item in doc.extract(path):
            assembler.add(item)
        return assembler.result()

    return read


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Leave only programs of these names on ``PATH``; of some the whole script is given."""

    def leave(*names: str, **scripts: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in names:
            found = shutil.which(name)
            assert found is not None
            (folder / name).symlink_to(found)
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return folder

    return leave


def code_of(read: Read, content: bytes) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(content)
    return caught.value.code


@needs_antiword
def test_antiword_gives_the_text(read: Read) -> None:
    result = read(ole(word(TEXT)))
    assert result.text == SHOWN
    assert result.metadata == {"program": "antiword"}
    assert (result.confidence, result.text_status) == (None, TextStatus.FULL)


@needs_catdoc
def test_catdoc_is_asked_where_antiword_is_not_installed(read: Read, programs: Callable) -> None:
    programs("catdoc")
    result = read(ole(word(TEXT)))
    assert result.text == SHOWN
    assert result.metadata == {"program": "catdoc"}


@needs_catdoc
@pytest.mark.parametrize(
    "script", ["exit 1", "kill -SEGV $$", "echo nothing much", "printf '[pic]\\n'"]
)
def test_catdoc_is_asked_where_antiword_fails_or_gives_next_to_nothing(
    read: Read, programs: Callable, script: str
) -> None:
    programs("catdoc", antiword=script)
    assert read(ole(word(TEXT))).text == SHOWN


@needs_antiword
def test_what_antiword_does_not_read_is_said(read: Read) -> None:
    result = read(ole(word(TEXT, parts={HEADERS: 90, COMMENTS: 3})))
    assert result.confidence_reason == "headers and footers not read by antiword"
    assert result.text_status is TextStatus.FULL
    result = read(ole(word(TEXT, parts={BOXES: 90})))
    assert result.text_status is TextStatus.PARTIAL


@needs_antiword
def test_a_document_of_word_2_is_read(read: Read) -> None:
    text = "The tide came in.\rGrün.\r".encode("cp1252")
    fib = bytearray(1024)
    struct.pack_into("<HH", fib, 0, 0xA5DB, 45)
    struct.pack_into("<II", fib, 0x18, 1024, 1024 + len(text))
    struct.pack_into("<I", fib, 0x34, len(text))
    assert read(bytes(fib) + text + bytes(2000)).text == "The tide came in.\nGrün."


CYRILLIC = "Компания предлагает жизнь, и жизнь идёт дальше, каждый день."


def word_6(*charsets: int, language: int = 0x409) -> bytes:
    """Return a container with the header of a document of Word 6, and its fonts."""
    stream = bytearray(8192)
    struct.pack_into("<HHHH", stream, 0, 0xA5DC, 0x65, 0, language)
    fonts = b"".join(bytes((12, 0, 0, 0, charset, 0)) + b"Arial\0\0" for charset in charsets)
    table = struct.pack("<H", len(fonts) + 2) + fonts
    stream[4096 : 4096 + len(table)] = table
    struct.pack_into("<II", stream, 0xD0, 4096, len(table))
    return ole({"WordDocument": bytes(stream)})


@pytest.mark.parametrize(
    ("text", "encoding", "charsets", "language"),
    [
        (CYRILLIC, "cp1251", (0, 204), 0x409),
        (CYRILLIC, "cp1251", (0,), 0x419),
        ("Příliš žlučový kůň úpěl ďábelské ódy.", "cp1250", (0, 238), 0x409),
        ("4 skóre a před 7 lety", "cp1250", (0, 2, 238), 0x409),
        ("Élève à l\u2019école, déjà", "cp1252", (0, 204), 0x40C),
        ("Grüße aus Köln, schöne", "cp1252", (0,), 0x419),
        ("παλίρροια και ανέβηκε το μεσημέρι.", "cp1253", (161,), 0x409),
    ],
)
def test_bytes_are_read_in_the_code_page_of_their_fonts(
    read: Read,
    programs: Callable,
    tmp_path: Path,
    text: str,
    encoding: str,
    charsets: tuple[int, ...],
    language: int,
) -> None:
    taken = text.encode(encoding).decode("cp1252")
    (tmp_path / "taken.txt").write_text(f"{taken}\n\u4e00 {taken}", encoding="utf-8")
    programs("cat", antiword=f"cat {tmp_path}/taken.txt")
    assert read(word_6(*charsets, language=language)).text == f"{text}\n\u4e00 {text}"


def test_letters_that_a_program_does_not_know_are_counted(read: Read, programs: Callable) -> None:
    taken = "Příliš žlu?oučký kůň. Je to on?".encode("cp1250").decode("cp1252")
    programs(antiword=f"echo '{taken}'")
    assert read(word_6(238)).confidence_reason == "1 character could not be read"


def test_rows_of_a_table_are_lines_and_pictures_are_counted(read: Read, programs: Callable) -> None:
    programs(antiword="printf '\\n|a   |b  |\\n|c   |d  |\\n[pic][pic] end\\033[0m\\n'")
    result = read(ole(word("a b c d end")))
    assert result.text == "a\tb\nc\td\n end[0m"
    assert result.confidence_reason == "2 pictures not read"


def test_what_fields_are_made_of_is_left_out(read: Read, programs: Callable) -> None:
    programs(catdoc="echo 'See  HYPERLINK \"http://a.invalid\" \\\\h the page  PAGE  2 of it'")
    assert "HYPERLINK" not in read(ole(word("See the page"))).text
    assert read(ole(word("See the page"))).text.split() == "See the page 2 of it".split()


def test_an_empty_document_is_empty(read: Read, programs: Callable) -> None:
    programs(antiword="echo", catdoc="echo")
    assert read(ole(word("\r"))).text_status is TextStatus.EMPTY


def test_a_password_is_said_before_any_program_is_started(read: Read, programs: Callable) -> None:
    folder = programs(antiword='touch "$0.started"')
    assert code_of(read, ole(word(TEXT, flags=0x100))) is ErrorCode.ENCRYPTED
    assert not (folder / "antiword.started").exists()


def test_when_all_fail_the_document_is_damaged_and_they_say_why(
    read: Read, programs: Callable
) -> None:
    programs(antiword="echo 'a broken piece' >&2; exit 3", catdoc="exit 69")
    with pytest.raises(ExtractionError) as caught:
        read(ole(word(TEXT)))
    assert caught.value.code is ErrorCode.MALFORMED
    assert "antiword says: a broken piece; catdoc ended with the code 69" in str(caught.value)


def test_a_program_that_takes_too_long_is_ended(
    read: Read, programs: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doc, "_PATIENCE", 1)
    programs(antiword="while :; do :; done")
    assert code_of(read, ole(word(TEXT))) is ErrorCode.TIMEOUT


def test_a_program_that_prints_for_ever_is_ended(read: Read, programs: Callable) -> None:
    programs(antiword="while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done")
    from reslib.extractors import program

    with pytest.raises(ExtractionError) as caught:
        program.run_program(("antiword",), 60, most=1 << 16)
    assert caught.value.code is ErrorCode.OUTPUT_LIMIT


def test_without_a_program_people_are_told_which(programs: Callable) -> None:
    programs()
    registry = Registry()
    for extractor in (own.LIBREOFFICE, own.DOC):
        registry.add(extractor)
    with pytest.raises(ExtractionError) as caught:
        choose(registry, TYPE, ".doc")
    assert caught.value.code is ErrorCode.MISSING_DEPENDENCY
    assert "needs the program antiword or catdoc, which is not installed" in str(caught.value)
    assert "apt install antiword catdoc" in str(caught.value)


@pytest.mark.parametrize("content", [{"Workbook": bytes(5000)}, {"WordDocument": b"short"}])
def test_no_program_is_started_on_what_is_no_word_document(
    tmp_path: Path, programs: Callable, content: dict[str, bytes]
) -> None:
    folder = programs(antiword='touch "$0.started"')
    path = tmp_path / "a.doc"
    path.write_bytes(ole(content))
    with pytest.raises(ExtractionError) as caught:
        list(doc.extract(path))
    assert caught.value.code is ErrorCode.MALFORMED
    assert not (folder / "antiword.started").exists()


@needs_antiword
@needs_catdoc
def test_one_that_is_cut_off_is_read_or_refused_in_words(tmp_path: Path) -> None:
    whole = ole(word(TEXT))
    path = tmp_path / "cut.doc"
    for tenth in range(1, 10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            for item in doc.extract(path):
                assert "Word" not in str(item)
        except ExtractionError as error:
            assert error.code is ErrorCode.MALFORMED  # noqa: PT017


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_libreoffice_gives_the_text(tmp_path: Path) -> None:
    path = tmp_path / "-hostile name;$(touch x).doc"
    path.write_bytes(ole(word(TEXT)))
    assembler = Assembler(own.LIBREOFFICE, TYPE)
    for item in libreoffice.extract(path):
        assembler.add(item)
    assert assembler.result().text == SHOWN


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (rb"{\rtf1 words}", "application/rtf"),
        (b"<html><body>words", "text/html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\nSubject: a\r\n\r\nx", None),
        (b"\xffWPC\x10\0\0\0", "application/vnd.wordperfect"),
        (b"1\xbe\0\0\0\xab" + bytes(200), TYPE),
        (b"%PDF-1.7\n", "application/pdf"),
    ],
)
def test_what_is_only_called_doc_is_what_its_content_says(
    tmp_path: Path, content: bytes, kind: str | None
) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(content)
    assert detect(path) == (kind or "message/rfc822")
