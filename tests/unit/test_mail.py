"""What is read of a mail and of a mailbox."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import mail
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import MAIL
from reslib.formats.detect import detect
from reslib.items import Child, Metadata, Warning
from reslib.models import ExtractionResult, TextStatus

Read = Callable[..., ExtractionResult]

HEADERS = (
    b"From: Ann Reed <ann@a.invalid>\r\nTo: bo@b.invalid,\r\n\tCy <cy@c.invalid>\r\n"
    b"Date: Thu, 4 Mar 2021 10:00:00 +0100\r\nSubject: On estuaries\r\n"
    b"Message-ID: <1@a.invalid>\r\nMIME-Version: 1.0\r\nX-Other: no\r\n"
)
SHOWN = (
    "From: Ann Reed <ann@a.invalid>\nTo: bo@b.invalid, Cy <cy@c.invalid>\n"
    "Date: Thu, 4 Mar 2021 10:00:00 +0100\nSubject: On estuaries\nMessage-ID: <1@a.invalid>"
)
FIRST = b"From ann@a.invalid Thu Mar  4 10:00:00 2021\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes | EmailMessage, name: str = "letter.eml") -> ExtractionResult:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
        kind = detect(path)
        assert kind in MAIL.mime_types
        assembler = Assembler(MAIL, kind)
        items = MAIL.function(path)
        assert not isinstance(items, ExtractionResult)
        for item in items:
            assembler.add(item)
        return assembler.result()

    return read


def letter(body: bytes = b"The tide came in.\r\n", more: bytes = b"") -> bytes:
    return HEADERS + more + b"\r\n" + body


def body_of(result: ExtractionResult) -> str:
    return result.text.partition("\n\n")[2]


def multipart(kind: bytes, *parts: bytes) -> bytes:
    inside = b"".join(b"--xx\r\n" + part + b"\r\n" for part in parts)
    return letter(
        b"preamble\r\n" + inside + b"--xx--\r\n",
        b"Content-Type: multipart/" + kind + b"; boundary=xx\r\n",
    )


def part(kind: bytes, body: bytes, more: bytes = b"") -> bytes:
    return b"Content-Type: " + kind + b"\r\n" + more + b"\r\n" + body


PLAIN = part(b"text/plain", b"plain words")
RICH = part(b"text/html", b"<title>no</title><p>rich <b>wor</b>ds</p>")


def test_a_saved_page_states_what_its_meta_elements_say(read: Read) -> None:
    page = (
        b"<html><head><title>Tides</title><meta name='citation_author' content='Ann Reed'>"
        b"<meta name='citation_doi' content='10.1000/182'></head><p>The sea."
    )
    head = b"From: <Saved by Blink>\r\nSubject: Tides\r\nMIME-Version: 1.0\r\n"
    for more, name in (
        (b"Snapshot-Content-Location: https://x.invalid/\r\n", "a.eml"),
        (b"", "a.mht"),
    ):
        result = read(head + more + part(b"text/html", page), name)
        found = {(one.key, one.value) for one in result.items if isinstance(one, Metadata)}
        assert {("author", "Ann Reed"), ("doi", "10.1000/182"), ("title", "Tides")} <= found
        assert [value for key, value in found if key == "author"] == ["Ann Reed"]


def test_headers_are_metadata_and_begin_the_text(read: Read) -> None:
    result = read(letter())
    assert result.text == SHOWN + "\n\nThe tide came in."
    assert (result.title, result.text_status) == ("On estuaries", TextStatus.FULL)
    assert [(one.key, one.value) for one in result.items if isinstance(one, Metadata)] == [
        ("from", "Ann Reed <ann@a.invalid>"),
        ("to", "bo@b.invalid, Cy <cy@c.invalid>"),
        ("date", "Thu, 4 Mar 2021 10:00:00 +0100"),
        ("subject", "On estuaries"),
        ("message-id", "<1@a.invalid>"),
        ("title", "On estuaries"),
        ("author", "Ann Reed <ann@a.invalid>"),
    ]


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?Q?=C3=9Cber_die?= =?utf-8?B?IEViYmU=?=", "Über die Ebbe"),
        (b"=?utf-8?B?w?= =?utf-8?B?nw==?= rest", None),
        (b"=?utf-8?Q?=E6=97?=\r\n =?utf-8?Q?=A5?= x", "日 x"),
        (b"a =?iso-8859-1?q?caf=E9?= b", "a café b"),
        (b"=?utf-8*de?q?caf=C3=A9?=", "café"),
        ("Über".encode(), "Über"),
        ("Прилив и отлив на реке".encode("koi8-r"), "Прилив и отлив на реке"),
        (b"=?nonsense?q?words?=", "words"),
        (b"=?utf-8?b?!!!?= after", "after"),
        (b"\r\n folded", "folded"),
        (b"a\0b =?utf-8?q?c=00d?=", "ab cd"),
    ],
)
def test_headers_are_decoded(read: Read, raw: bytes, subject: str | None) -> None:
    found = read(letter().replace(b"On estuaries", raw)).title or ""
    if subject is not None:
        assert found.endswith(subject)


def test_text_is_read_once_in_the_form_that_says_more(read: Read) -> None:
    assert body_of(read(multipart(b"alternative", PLAIN, RICH))) == "plain words"
    teaser = part(b"text/plain", b"Please see HTML.")
    page = part(b"text/html", b"<p>" + b"many words of the letter " * 5)
    assert body_of(read(multipart(b"alternative", teaser, page))).startswith("many words")
    assert body_of(read(multipart(b"mixed", PLAIN, RICH))) == "plain words\n\nrich words"


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        (b"utf-8", "utf-8"),
        (b"utf-8", "cp1251"),
        (b"us-ascii", "utf-8"),
        (b"nonsense", "utf-8"),
        (b"iso-8859-1", "utf-8"),
        (b"koi8-r", "koi8-r"),
    ],
)
def test_an_encoding_that_is_not_as_stated_is_found_out(
    read: Read, stated: bytes, encoding: str
) -> None:
    words = "Прилив приходит и уходит два раза в день, и река течёт обратно."
    more = b"Content-Type: text/plain; charset=" + stated + b"\r\n"
    for form in (b"8bit", b"base64"):
        body = words.encode(encoding)
        body = base64.encodebytes(body) if form == b"base64" else body
        more_still = more + b"Content-Transfer-Encoding: " + form + b"\r\n"
        assert body_of(read(letter(body, more_still))) == words


def test_attachments_are_documents_of_their_own(read: Read) -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@b.invalid", "s", "<1@b>"
    message.set_content("words")
    message.add_attachment(b"%PDF-1.7", "application", "pdf", filename="../../étude\u200b.pdf")
    message.add_attachment("a,b", subtype="csv", filename="C:\\x\\table.csv")
    message.add_attachment("notes", filename="notes.txt")
    message.add_attachment(b"\x89PNG", "image", "png", disposition="inline")
    message.add_attachment(b"sig", "application", "pgp-signature")
    result = read(message)
    assert body_of(result) == "words"
    found = [one for one in result.items if isinstance(one, Child)]
    assert [(one.name, one.media_type, one.data.strip()) for one in found] == [
        ("étude.pdf", "application/pdf", b"%PDF-1.7"),
        ("table.csv", "text/csv", b"a,b"),
        ("notes.txt", "text/plain", b"notes"),
        ("attachment 4", "image/png", b"\x89PNG"),
    ]


def test_an_attachment_for_which_there_is_no_room_is_said(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MAX_ATTACHED", 1000)
    small = part(b"image/png; name=s.png", b"x" * 400)
    large = part(b"image/png; name=l.png", b"x" * 700)
    result = read(multipart(b"mixed", PLAIN, small, large))
    assert [one.name for one in result.items if isinstance(one, Child)] == ["s.png"]
    warning = next(one for one in result.items if isinstance(one, Warning))
    assert warning.code == "attachment_left_out"
    assert "'l.png'" in warning.message


def test_a_forwarded_message_is_read_where_it_stands(read: Read) -> None:
    inner = letter().replace(b"On estuaries", b"Forwarded")
    for more in (b"", b"Content-Disposition: attachment; filename=f.eml\r\n"):
        result = read(multipart(b"mixed", PLAIN, part(b"message/rfc822", inner, more)))
        assert body_of(result).startswith("plain words\n\nFrom: Ann Reed")
        assert "Subject: Forwarded" in result.text
        assert result.text.endswith("The tide came in.")
    status = b"Reporting-MTA: dns; x\r\n\r\nAction: failed\r\n"
    result = read(multipart(b"report", PLAIN, part(b"message/delivery-status", status)))
    assert "Action: failed" in result.text


@pytest.mark.parametrize(
    "content",
    [
        multipart(b"encrypted", part(b"application/pgp-encrypted", b"Version: 1"), PLAIN),
        letter(b"MIIB", b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"),
        letter(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----\r\n"),
    ],
)
def test_an_encrypted_message_is_encrypted_and_its_headers_are_kept(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(content)
    assembler = Assembler(MAIL, "message/rfc822")

    def read() -> None:
        items = MAIL.function(path)
        assert not isinstance(items, ExtractionResult)
        for item in items:
            assembler.add(item)

    with pytest.raises(ExtractionError, match="encrypted") as caught:
        read()
    assert caught.value.code is ErrorCode.ENCRYPTED
    assert assembler.result().text == SHOWN


def test_a_signature_that_hides_the_text_is_said(read: Read) -> None:
    result = read(
        letter(b"MIIB", b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n")
    )
    assert result.text_status is TextStatus.PARTIAL
    assert "inside a signature" in result.confidence_reason


def test_each_message_of_a_mailbox_is_a_page(read: Read) -> None:
    second = letter(b"From what I know,\n>From the sea\n>>From\n\nFrom here on").replace(
        b"On estuaries", b"=?utf-8?q?Sec=C3=B6nd?="
    )
    content = FIRST + letter() + b"\n" + FIRST.replace(b"ann@a.invalid", b"-") + second + b"\n"
    result = read(content, "Inbox")
    assert result.mime_type == "application/mbox"
    assert [page.label for page in result.pages] == ["On estuaries", "Secönd"]
    assert result.pages[1].text.endswith("From what I know,\nFrom the sea\n>>From\n\nFrom here on")


def test_one_broken_or_encrypted_message_does_not_cost_the_mailbox(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MAX_BYTES", 5_000)
    secret = letter(b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n")
    long = letter(b"word " * 2000)
    result = read(b"\n\n".join(FIRST + one for one in (letter(), secret, long, letter())), "a.mbox")
    assert result.page_count == 4
    assert result.text_status is TextStatus.PARTIAL
    assert "1 of 4 messages are encrypted" in result.confidence_reason
    assert "1 of 4 messages were not read" in result.confidence_reason
    assert result.pages[3].text.endswith("came in.")


def test_each_message_of_a_mailbox_has_room_for_its_attachments(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MAX_ATTACHED", 1000)
    one = multipart(b"mixed", PLAIN, part(b"image/png; name=s.png", b"x" * 700))
    large = multipart(b"mixed", PLAIN, part(b"image/png; name=l.png", b"x" * 1400))
    result = read(FIRST + one + b"\n" + FIRST + one + b"\n" + FIRST + large, "a.mbox")
    assert sum(isinstance(item, Child) for item in result.items) == 2
    assert [item.page for item in result.items if isinstance(item, Warning)] == [3]


def test_a_saved_web_page_is_read_like_a_mail(read: Read) -> None:
    content = (
        b"From: <Saved by Blink>\r\nSubject: Page\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="xx"\r\n\r\n--xx\r\n'
        + part(b"text/html", b"<p>caf=C3=A9", b"Content-Transfer-Encoding: quoted-printable\r\n")
        + b"\r\n--xx--\r\n"
    )
    assert body_of(read(content, "page.mhtml")) == "café"


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_message_that_is_cut_off_is_read_as_far_as_it_goes(read: Read, tenth: int) -> None:
    data = base64.encodebytes(random.Random(1).randbytes(3000)).replace(b"\n", b"\r\n")
    more = b"Content-Transfer-Encoding: base64\r\n"
    whole = multipart(b"mixed", PLAIN, part(b"image/png; name=p.png", data, more))
    result = read(whole[: len(whole) * tenth // 10])
    assert result.text.startswith("From: Ann Reed")
    assert result.text_status is TextStatus.PARTIAL
    assert "may be cut off" in result.confidence_reason


@pytest.mark.parametrize("content", [b"words", b"%PDF-1.7\n", b"{\\rtf1 x}", b"\0\1", b"Note: x"])
def test_something_else_under_this_name_is_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        list(MAIL.function(path))  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.MALFORMED


def test_a_message_without_text_has_its_headers(read: Read) -> None:
    assert read(letter(b"")).text == SHOWN
    assert read(HEADERS).text == SHOWN


def test_deep_nesting_is_read_or_refused(read: Read, tmp_path: Path) -> None:
    def nested(depth: int) -> bytes:
        start = b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
        )
        return HEADERS.replace(b"\r", b"") + start + b"Content-Type: text/plain\n\ndeep\n"

    assert body_of(read(nested(30))) == "deep"
    forwarded = HEADERS + b"Content-Type: message/rfc822\r\n\r\n"
    for content in (nested(5_000), forwarded * 5_000 + letter()):
        with pytest.raises(ExtractionError, match="nested too deep") as caught:
            read(content)
        assert caught.value.code is ErrorCode.MALFORMED


@pytest.mark.parametrize(
    "content",
    [
        HEADERS + b"To: " + b"(" * 300_000,
        HEADERS + b"To: " + b"=?utf-8?q?" * 30_000,
        HEADERS + b"To: " + b"a@b.invalid, " * 30_000,
        HEADERS + b"Content-Type: " + b"a;" * 1_000_000,
        HEADERS + b"Content-Disposition: attachment" + b"; filename*0=x" * 30_000,
        multipart(b"mixed", *[PLAIN] * 5_000),
        multipart(b"mixed", *[part(b"image/png", b"x")] * 5_000),
        FIRST + b"\n\n".join([letter()] * 1) + (b"\n" + FIRST) * 5_000,
        letter(b"\n" * 300_000),
        letter(b"--xx\n" * 50_000, b"Content-Type: multipart/mixed; boundary=xx\n"),
        letter(b"begin 644 x\n" * 20_000, b"Content-Transfer-Encoding: x-uuencode\n"),
    ],
)
def test_the_time_is_bounded(read: Read, content: bytes) -> None:
    started = time.process_time()
    read(content)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("seed", range(5))
def test_damage_anywhere_gives_text_or_an_error_that_says_so(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = multipart(
        b"mixed",
        part(b"text/plain; charset=koi8-r", b"w=F7rds", b"Content-Transfer-Encoding: base64\r\n"),
        part(b"image/png; name*0*=utf-8''a%20; name*1=b", b"x"),
        part(b"message/rfc822", letter()),
        RICH,
    )
    path = tmp_path / "letter.eml"
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 9))):
            content[chance.randrange(len(content))] = chance.choice(b"=?;:-\r\n \xff\0*'%\"(ax")
        path.write_bytes(content)
        try:
            list(MAIL.function(path))  # type: ignore[arg-type]
        except ExtractionError as error:
            assert error.code in (ErrorCode.MALFORMED, ErrorCode.ENCRYPTED)  # noqa: PT017


def test_an_attachment_of_a_type_that_is_none_is_given_without_one(read: Read) -> None:
    kind = b"Content-Type: multip\x01\x00/mixed\nContent-Disposition: attachment; filename=a.bin\n"
    found = [i for i in read(HEADERS + kind + b"\nwords").items if isinstance(i, Child)]
    assert [(one.name, one.media_type) for one in found] == [("a.bin", "application/octet-stream")]


@pytest.mark.parametrize("charset", [b"ko\x00From", b"ko\xa0\x00", b"\x00", b"*0*=a''%00"])
def test_the_name_of_an_encoding_that_is_none_costs_no_words(read: Read, charset: bytes) -> None:
    kind = b"Content-Type: text/plain; charset=" + charset + b"\n"
    assert "words of a letter \u00e9" in read(HEADERS + kind + b"\nwords of a letter \xc3\xa9").text


def test_the_same_header_many_times_is_read_a_hundred_times(read: Read) -> None:
    text = read(HEADERS + b"Subject: tide\x96\n" * 100_000 + b"\nwords").text
    assert text.count("tide") <= 100
    assert text.endswith("words")


def test_a_message_that_is_too_long_says_that_it_is_so_with_its_attachments(
    tmp_path: Path,
) -> None:
    path = tmp_path / "letter.eml"
    with path.open("wb") as file:
        file.write(HEADERS + b"\r\n")
        file.truncate(100_000_001)
    with pytest.raises(ExtractionError, match="with what is attached to it, is longer") as caught:
        list(mail.extract(path))
    assert caught.value.code is ErrorCode.OUTPUT_LIMIT
