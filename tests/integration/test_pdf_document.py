"""A PDF as a document: opening it, and whether a page without words is blank or damaged."""

from __future__ import annotations

import itertools
import zlib
from pathlib import Path

import pypdf
import pytest
from pages import Fail, Read
from pdf_objects import document, stream
from reportlab.pdfgen.canvas import Canvas
from written import HELVETICA, LABEL, one_page

from reslib import ErrorCode, ErrorType
from reslib.models import TextStatus

# --- opening ----------------------------------------------------------------------------------


def encrypted(tmp_path: Path, password: str = "secret") -> bytes:
    (tmp_path / "plain.pdf").write_bytes(one_page())
    writer = pypdf.PdfWriter(clone_from=tmp_path / "plain.pdf")
    if password:
        writer.encrypt(password)
    else:
        writer.encrypt("", "owner", algorithm="AES-128")
    writer.write(tmp_path / "locked.pdf")
    return (tmp_path / "locked.pdf").read_bytes()


def with_protection(handler: bytes) -> bytes:
    return one_page().replace(b"/Root 1 0 R", b"/Root 1 0 R/ID[<00><00>]/Encrypt<<%s>>" % handler)


def test_a_verdict_does_not_depend_on_the_document_before(tmp_path: Path, fail: Fail) -> None:
    documents = {
        "encrypted": encrypted(tmp_path),
        "no_extractor": with_protection(b"/Filter/FOPN_fLock/V 1/Length 128"),
        "malformed": document(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]
        ),
        "truncated": one_page()[:250],
    }
    for order in itertools.permutations(documents):
        for expected in order:
            assert fail(documents[expected]).error_code == expected, order


def test_an_unknown_cipher_is_named_and_no_password_is_asked_for(fail: Fail) -> None:
    for handler, name in (
        (b"/Filter/Adobe.PubSec/V 4", "Adobe.PubSec"),
        (b"/Filter/FOPN_fLock/V 1", "FOPN_fLock"),
        (b"/Filter/Standard/V 9/R 9/O(x)/U(x)/P -1", "encryption version 9"),
        (
            b"/Filter/Standard/V 5/R 6/EncryptMetadata false/O(x)/U(x)/P -1/StmF/S/StrF/S"
            b"/CF<</S<</CFM/AESV9>>>>",
            "AESV9",
        ),
    ):
        for extractor in ("pdf", "pdfplumber"):
            failure = fail(with_protection(handler), extractor)
            assert failure.error_code is ErrorCode.NO_EXTRACTOR
            assert failure.error_type is ErrorType.UNSUPPORTED
            assert name in failure.message


@pytest.mark.parametrize("cipher", [b"AESX9", b"AESV4", b"X#41"])
@pytest.mark.parametrize("extractor", ["pdf", "pdfplumber"])
def test_an_unknown_cipher_that_asks_for_no_password_is_no_scan(
    tmp_path: Path, fail: Fail, extractor: str, cipher: bytes
) -> None:
    content = encrypted(tmp_path, password="").replace(b"/AESV2", b"/" + cipher)
    failure = fail(content, extractor)
    assert failure.error_code is ErrorCode.NO_EXTRACTOR
    assert "not supported" in failure.message
    assert cipher.decode() in failure.message


def test_a_cipher_that_is_written_in_another_way_or_not_used_is_no_obstacle(
    tmp_path: Path, read: Read
) -> None:
    content = encrypted(tmp_path, password="")
    for other in (
        content.replace(b"/AESV2", b"/AES#562"),
        content.replace(b"/StdCF <<", b"/Odd <</CFM /AESX9>> /StdCF <<"),
    ):
        assert other != content
        assert read(other).text == "Name of the investigator"


@pytest.mark.parametrize("header", [b"%PDF1.4\n", b"%PDF 1.4\n", b"\n\n%PDF\n", b"junk\n%PDF1.7\n"])
def test_a_header_without_its_dash_is_a_pdf(read: Read, header: bytes) -> None:
    assert read(one_page(header=header)).text == "Name of the investigator"


# --- a second look ----------------------------------------------------------------------------

SECOND = b"BT /F1 12 Tf 72 700 Td (The second page is as it should be) Tj ET"


def two_pages(kind: bytes = b"/Type/Page", content: bytes = stream(LABEL), count: int = 2) -> bytes:
    """Return a PDF of two pages; something is wrong with the first."""
    page = (
        b"<<%s/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    )
    return document(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count %d>>" % count,
            page % (kind, 4),
            content,
            HELVETICA,
            page % (b"/Type/Page", 7),
            stream(SECOND),
        ]
    )


@pytest.mark.parametrize(
    "kind", [b"/Type/Foo", b"/Type/Pages", b"/Type/page", b"/Type(Page)", b"/Type/Template", b""]
)
def test_a_page_that_says_it_is_something_else_is_read(read: Read, kind: bytes) -> None:
    result = read(two_pages(kind))
    assert result.text == "Name of the investigator\fThe second page is as it should be"
    assert result.text_status is TextStatus.FULL


def test_pages_that_are_counted_and_not_there_are_no_pages(read: Read) -> None:
    result = read(two_pages(count=40))
    assert result.page_count == 2
    assert result.text_status is TextStatus.FULL


@pytest.mark.parametrize(
    "content",
    [
        stream(zlib.compress(LABEL * 20)[:-30], b"/Filter/FlateDecode"),
        stream(zlib.compress(LABEL)[2:], b"/Filter/FlateDecode"),
        stream(b"no such thing~>", b"/Filter/ASCII85Decode"),
        stream(b"Not really compressed.", b"/Filter/LZWDecode"),
        b"null",
    ],
)
def test_a_page_whose_content_cannot_be_unpacked_is_damaged_and_not_blank(
    read: Read, content: bytes
) -> None:
    result = read(two_pages(content=content))
    assert result.text_status is TextStatus.PARTIAL
    assert "the page is damaged" in result.confidence_reason


def test_a_blank_page_that_pdfium_makes_of_a_broken_file_is_no_document(fail: Fail) -> None:
    whole = one_page()
    broken = [
        whole.replace(b"stream\nBT", b"strXXm\nBT"),
        whole.replace(b"/Contents 4 0 R", b"/Con\x80ents 4 0 R"),
        whole.replace(b"/Contents 4 0 R", b"/Contents 9 0 R"),
        whole.replace(b"/Contents 4 0 R", b"").replace(b"/MediaBox[0 0 595 842]", b""),
        whole[: whole.index(b"4 0 obj")],
    ]
    for content in broken:
        failure = fail(content)
        assert failure.error_code in (ErrorCode.MALFORMED, ErrorCode.TRUNCATED)


def test_a_document_of_blank_pages_is_empty_and_not_damaged(tmp_path: Path, read: Read) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_blank_page(595, 842)
    writer.write(tmp_path / "blank.pdf")
    canvas = Canvas(str(tmp_path / "canvas.pdf"))
    canvas.showPage()
    canvas.save()
    blanks = [
        (tmp_path / "blank.pdf").read_bytes(),
        (tmp_path / "canvas.pdf").read_bytes(),
        one_page(content=b""),
        one_page(content=b"% d\xe9j\xe0 vu\n/OC /\xc9b\xe8ne BDC q 1 0 0 1 0 0 cm Q EMC"),
        one_page(content=b"q Q\n/Artifact <</ActualText(\xfe\xff\x00a)>> BDC EMC"),
    ]
    for content in blanks:
        assert read(content).text_status is TextStatus.EMPTY
