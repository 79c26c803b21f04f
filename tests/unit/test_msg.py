"""What is read of messages that Outlook saved."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from oleparts import Tree, ole

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import msg
from reslib.extractors.assemble import Assembler
from reslib.extractors.office import ole as container
from reslib.extractors.office.compressedrtf import decompress
from reslib.extractors.own import MSG
from reslib.formats.detect import detect
from reslib.items import Child, Metadata, Warning
from reslib.models import ExtractionResult, TextStatus

Read = Callable[..., ExtractionResult]

SUBJECT, SENDER, ADDRESS, BODY, HTML, RTF = 0x0037, 0x0042, 0x5D02, 0x1000, 0x1013, 0x1009
HEADERS, CLASS, TO, SENT, PAGE, LANGUAGE = 0x007D, 0x001A, 0x0E04, 0x0039, 0x3FFD, 0x3FF1
DATA, NAME, KIND, METHOD = 0x3701, 0x3707, 0x370E, 0x3705
#: 4 March 2021, 09:00 UTC.
MOMENT = (1614848400 + 11644473600) * 10_000_000
USUAL = {
    SUBJECT: "On estuaries",
    SENDER: "Ann Reed",
    ADDRESS: "ann@a.invalid",
    TO: "Bo",
    SENT: MOMENT,
    BODY: "The tide came in.\r\n",
}
SHOWN = (
    "From: Ann Reed <ann@a.invalid>\nTo: Bo\nDate: Thu, 04 Mar 2021 09:00:00 +0000\n"
    "Subject: On estuaries"
)
#: The example of the specification ([MS-OXRTFCP] 3.1.1), and one whose references overlap (3.2.1).
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c0900206277 05b06c647d0a800fa0"
)


def properties(given: dict[int, Any], before: int) -> dict[str, bytes]:
    """Return the streams of properties: text, bytes (in a code page or as they are), numbers."""
    streams: dict[str, bytes] = {}
    fixed = bytes(before)
    for number, value in given.items():
        if isinstance(value, str):
            kind, streams[f"__substg1.0_{number:04X}001F"] = 0x001F, value.encode("utf-16-le")
        elif isinstance(value, bytes):
            kind = 0x0102 if number in (DATA, RTF, HTML) else 0x001E
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = value
        else:
            kind = 0x0040 if value > 1 << 32 else 0x0003
            fixed += struct.pack("<IIQ", number << 16 | kind, 6, value)
            continue
        fixed += struct.pack("<IIII", number << 16 | kind, 6, 0, 0)
    return {"__properties_version1.0": fixed, **streams}


def message(*attached: Tree, inside: bool = False, **_: Any) -> Callable[[dict[int, Any]], Tree]:
    def make(given: dict[int, Any]) -> Tree:
        tree: dict[str, Any] = dict(properties(given, 24 if inside else 32))
        for number, one in enumerate(attached):
            tree[f"__attach_version1.0_#{number:08X}"] = one
        return tree

    return make


def outlook(given: dict[int, Any] | None = None, *attached: Tree, recipients: Any = ()) -> bytes:
    tree: dict[str, Any] = dict(message(*attached)(USUAL if given is None else given))
    for number, one in enumerate(recipients):
        tree[f"__recip_version1.0_#{number:08X}"] = properties(one, 8)
    return ole(tree)


def file(name: str, data: bytes, kind: str = "") -> Tree:
    return properties({DATA: data, NAME: name, METHOD: 1, **({KIND: kind} if kind else {})}, 8)


def inner(given: dict[int, Any], *attached: Tree) -> Tree:
    tree: dict[str, Any] = dict(properties({METHOD: 5}, 8))
    tree["__substg1.0_3701000D"] = message(*attached, inside=True)(given)
    return tree


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes) -> ExtractionResult:
        path = tmp_path / "letter.msg"
        path.write_bytes(content)
        assert detect(path) in MSG.mime_types
        assembler = Assembler(MSG, MSG.mime_types[0])
        for item in MSG.function(path):  # type: ignore[union-attr]
            assembler.add(item)
        return assembler.result()

    return read


def children(result: ExtractionResult) -> list[Child]:
    return [item for item in result.items if isinstance(item, Child)]


def body_of(result: ExtractionResult) -> str:
    return result.text.partition("\n\n")[2]


def code_of(read: Read, content: bytes) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(content)
    return caught.value.code


def test_it_is_read_as_the_mail_it_was(read: Read) -> None:
    result = read(outlook())
    assert result.text == SHOWN + "\n\nThe tide came in."
    assert (result.title, result.text_status) == ("On estuaries", TextStatus.FULL)
    stated = {item.key: item.value for item in result.items if isinstance(item, Metadata)}
    assert stated["from"] == "Ann Reed <ann@a.invalid>"
    assert stated["subject"] == "On estuaries"


def test_the_headers_it_came_with_come_first(read: Read) -> None:
    came = (
        "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from x\r\n"
        "From: =?utf-8?q?J=C3=BCrgen?= <j@j.invalid>\r\nMessage-ID: <1@j.invalid>\r\n"
    )
    result = read(outlook({**USUAL, HEADERS: came}))
    assert "From: Jürgen <j@j.invalid>\nTo: Bo\n" in result.text
    assert "Message-ID: <1@j.invalid>" in result.text


def test_recipients_are_given_with_their_addresses(read: Read) -> None:
    people = [
        {0x0C15: 1, 0x3001: "Bo", 0x39FE: "bo@b.invalid"},
        {0x0C15: 2, 0x3001: "'cy@c.invalid'", 0x3003: "cy@c.invalid"},
        {0x0C15: 1, 0x3001: "Di", 0x3003: "/O=HOUSE/CN=DI"},
        {0x0C15: 3, 0x3001: "Hidden", 0x39FE: "h@h.invalid"},
    ]
    result = read(outlook(recipients=people))
    assert "To: Bo <bo@b.invalid>, Di\nCc: cy@c.invalid\n" in result.text
    assert "Hidden" not in result.text


def test_without_a_plain_text_the_html_is_read(read: Read) -> None:
    page = "<html><p>Gr\xfcn <b>wor</b>ds</p></html>".encode("cp1252")
    result = read(outlook({SUBJECT: "a", BODY: "\r\n", HTML: page}))
    assert body_of(result) == "Grün words"
    page = "<meta charset=utf-8><p>\u0436\u0438\u0437\u043d\u044c</p>".encode()
    assert body_of(read(outlook({SUBJECT: "a", HTML: page, 0x3FDE: 1251}))) == "жизнь"


def test_without_either_the_formatted_text_is_read(read: Read) -> None:
    rtf = rb"{\rtf1\ansi\ansicpg1251 \'e6\'e8\'e7\'ed\'fc\par words}"
    plain = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    assert body_of(read(outlook({SUBJECT: "a", RTF: plain}))) == "жизнь\nwords"
    assert body_of(read(outlook({SUBJECT: "a", RTF: PACKED}))) == "hello world"


def test_compressed_text_is_unpacked_and_what_is_damaged_ends_it() -> None:
    assert decompress(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    overlapping = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress(overlapping) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    for end in range(16, len(PACKED)):
        assert decompress(PACKED)[: len(decompress(PACKED[:end]))] == decompress(PACKED[:end])
    huge = struct.pack("<IIII", 9, 0xFFFFFFFF, 0x75465A4C, 0) + bytes(range(256)) * 100
    assert len(decompress(huge)) < 1 << 20
    for wrong in (b"", b"LZFu", bytes(40)):
        with pytest.raises(ExtractionError):
            decompress(wrong)


@pytest.mark.parametrize(
    "stated", [{PAGE: 1251}, {LANGUAGE: 1049}, {PAGE: 65001}, {PAGE: 99999, LANGUAGE: 1049}]
)
def test_text_in_a_code_page_is_read_also_where_it_is_labelled_wrong(
    read: Read, stated: dict[int, int]
) -> None:
    text = "Жизнь идёт дальше, и приливы тоже."
    encoding = "utf-8" if stated.get(PAGE) == 65001 else "cp1251"
    result = read(outlook({SUBJECT: "a", BODY: text.encode(encoding), **stated}))
    assert body_of(result) == text
    result = read(outlook({SUBJECT: "a", BODY: text.encode(), PAGE: 1252}))
    assert body_of(result) == text


def test_attachments_are_documents_of_their_own(read: Read) -> None:
    result = read(
        outlook(
            None,
            file("paper.pdf", b"%PDF-1.7"),
            file("..\\..\\über\x07.txt", b"words", "text/plain"),
            file("odd", b"x", "no type\r\nX-Header: y"),
            file("", b"y"),
        )
    )
    assert result.text.endswith("The tide came in.")
    assert [(child.name, child.media_type, child.data) for child in children(result)] == [
        ("paper.pdf", "application/pdf", b"%PDF-1.7"),
        ("über.txt", "text/plain", b"words"),
        ("odd", "application/octet-stream", b"x"),
        ("attachment 4", "application/octet-stream", b"y"),
    ]


def test_an_attached_message_follows_in_place(read: Read) -> None:
    answered = inner({SUBJECT: "Before", BODY: "What came before."}, file("old.txt", b"old"))
    result = read(outlook(None, answered, file("new.txt", b"new")))
    assert body_of(result) == "The tide came in.\n\nSubject: Before\n\nWhat came before."
    assert [child.name for child in children(result)] == ["old.txt", "new.txt"]


def test_an_object_of_a_program_is_no_message(read: Read) -> None:
    picture: Tree = {**properties({METHOD: 6}, 8), "__substg1.0_3701000D": {"CONTENTS": bytes(20)}}
    assert read(outlook(None, picture)).text.endswith("The tide came in.")


def test_a_signed_message_has_its_text_once(read: Read) -> None:
    signed = (
        b'Content-Type: multipart/signed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n'
        b"\r\nThe signed words.\r\n--x\r\nContent-Type: application/pkcs7-signature\r\n\r\nMII\r\n"
        b"--x--\r\n"
    )
    given = {**USUAL, CLASS: "IPM.Note.SMIME.MultipartSigned", BODY: "The signed words."}
    result = read(outlook(given, file("smime.p7m", signed, "multipart/signed")))
    assert body_of(result) == "The signed words."
    assert children(result) == []


def test_an_encrypted_message_is_said_to_be(read: Read, tmp_path: Path) -> None:
    given = {**USUAL, CLASS: "IPM.Note.SMIME", BODY: ""}
    assert code_of(read, outlook(given, file("smime.p7m", bytes(90)))) is ErrorCode.ENCRYPTED
    opaque = bytes.fromhex("3080 06092a864886f70d010702") + bytes(90)
    result = read(outlook(given, file("smime.p7m", opaque)))
    assert "inside a signature" in result.confidence_reason
    assert result.text_status is TextStatus.PARTIAL


def test_messages_inside_each_other_without_end_are_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    one: Tree = inner(USUAL)
    for _ in range(30):
        one = inner({SUBJECT: "a"}, one)
    assert code_of(read, outlook(None, one)) is ErrorCode.MALFORMED


def test_streams_that_are_named_often_are_not_read_for_ever(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_MOST_READ", 100_000)
    given = {**USUAL, HTML: bytes(60_000), BODY: bytes(60_000)}
    assert code_of(read, outlook(given)) is ErrorCode.OUTPUT_LIMIT


def test_attachments_that_are_too_many_are_said(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msg, "MAX_ATTACHED", 10)
    result = read(outlook(None, file("a.txt", bytes(8)), file("b.txt", bytes(8))))
    assert [child.name for child in children(result)] == ["a.txt"]
    (warning,) = [item for item in result.items if isinstance(item, Warning)]
    assert "'b.txt'" in warning.message


def test_one_of_which_streams_are_cut_short_is_partial(read: Read) -> None:
    content = bytearray(outlook(None, file("a.txt", bytes(20_000))))
    (table,) = struct.unpack_from("<I", content, 76)
    struct.pack_into("<I", content, (table + 1) * 512 + 4 * 10, 0xFFFFFFFE)  # a chain ends early
    result = read(bytes(content))
    assert result.text_status is TextStatus.PARTIAL
    assert "damaged or cut short" in result.confidence_reason
    assert result.text.startswith(SHOWN)


def test_names_that_are_a_list_and_no_tree_are_followed_to_an_end(read: Read) -> None:
    people = [{0x0C15: 1, 0x3001: f"Person {number}"} for number in range(2_000)]
    assert "Person 1999" in read(outlook(recipients=people)).text
    people = [{} for number in range(21_000)]
    assert code_of(read, outlook(recipients=people)) is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    ("place", "value"),
    [(30, b"\xff\xff"), (32, b"\xff\xff"), (44, b"\xff\xff\xff\x7f"), (64, b"\xff\xff\xff\x7f")],
)
def test_sizes_that_a_header_only_states_are_not_believed(
    read: Read, place: int, value: bytes, tmp_path: Path
) -> None:
    content = bytearray(outlook())
    content[place : place + len(value)] = value
    path = tmp_path / "a.msg"
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        list(msg.extract(path))
    assert caught.value.code is ErrorCode.MALFORMED


def test_one_that_is_cut_off_or_damaged_is_read_or_refused_in_words(tmp_path: Path) -> None:
    whole = outlook(None, file("a.txt", b"words" * 2000), inner(USUAL))
    chance = random.Random(5)
    path = tmp_path / "a.msg"
    for number in range(300):
        content = bytearray(whole)
        if number < 10:
            del content[len(whole) * number // 10 :]
        else:
            for _ in range(chance.randrange(1, 80)):
                content[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            list(msg.extract(path))
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.OUTPUT_LIMIT)  # noqa: PT017
