"""A PDF as a document: opening it, forms and notes, what stands in for it. Through the sandbox."""

from __future__ import annotations

import itertools
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pypdf
import pypdf.annotations
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from reslib import ErrorCode, ErrorType
from reslib.models import Attempt, ExtractionResult, Failure, Outcome, TextStatus
from reslib.sandbox import Sandbox

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
LABEL = b"BT /F1 12 Tf 72 760 Td (Name of the investigator) Tj ET"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Callable[..., Outcome]:
    numbers = itertools.count()

    def one(content: bytes, *extractors: str) -> Outcome:
        path = tmp_path / f"document-{next(numbers)}.pdf"
        path.write_bytes(content)
        return sandbox.run(Attempt(os.fspath(path), timeout=60, extractors=extractors))

    return one


@pytest.fixture
def read(run: Callable[[bytes], Outcome]) -> Callable[[bytes], ExtractionResult]:
    def one(content: bytes) -> ExtractionResult:
        outcome = run(content)
        assert outcome.result is not None, outcome.failure
        return outcome.result

    return one


@pytest.fixture
def fail(run: Callable[..., Outcome]) -> Callable[..., Failure]:
    def one(content: bytes, *extractors: str) -> Failure:
        outcome = run(content, *extractors)
        assert outcome.failure is not None, outcome.result
        return outcome.failure

    return one


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def write(objects: Sequence[bytes], header: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects; the first is its catalog."""
    out, places = header, []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(places) + 1, table, len(places) + 1, trailer, len(out))
    )


def one_page(
    annotations: Sequence[bytes] = (),
    *more: bytes,
    content: bytes = LABEL,
    page: bytes = b"",
    form: bytes = b"",
    catalog: bytes = b"",
    kind: bytes = b"/Page",
    header: bytes = b"%PDF-1.7\n",
) -> bytes:
    """Return a PDF of one page; its annotations are the objects from 6 on, then comes *more*."""
    numbers = [b"%d 0 R" % (6 + n) for n in range(len(annotations))]
    fields = [n for n, body in zip(numbers, annotations, strict=True) if b"/Widget" in body]
    acroform = b"/AcroForm<</Fields[%s]/DA(/Helv 11 Tf 0 g)/DR<</Font<</Helv 5 0 R>>>>%s>>" % (
        b" ".join(fields),
        form,
    )
    return write(
        [
            b"<</Type/Catalog/Pages 2 0 R%s%s>>" % (acroform if fields or form else b"", catalog),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type%s/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>/Annots[%s]%s>>" % (kind, b" ".join(numbers), page),
            stream(content),
            HELVETICA,
            *annotations,
            *more,
        ],
        header=header,
    )


def field(row: int, body: bytes, flags: int = 4) -> bytes:
    y = 700 - 30 * row
    return b"<</Type/Annot/Subtype/Widget/Rect[160 %d 360 %d]/F %d/T(t%d)%s>>" % (
        (y, y + 20, flags, row, body)
    )  # fmt: skip


def appearance(words: bytes) -> bytes:
    return stream(
        b"BT /F1 12 Tf 2 2 Td (%s) Tj ET" % words,
        b"/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</F1 5 0 R>>>>",
    )


def note(kind: bytes, body: bytes) -> bytes:
    return b"<</Type/Annot/Subtype/%s/Rect[72 400 200 420]%s>>" % (kind, body)


# --- forms ------------------------------------------------------------------------------------


def test_what_was_typed_into_a_form_is_read(
    tmp_path: Path, read: Callable[[bytes], ExtractionResult]
) -> None:
    canvas = Canvas(str(tmp_path / "form.pdf"))
    canvas.drawString(72, 730, "Investigator")
    canvas.acroForm.textfield(name="who", value="Jane Example", x=160, y=722, width=200, height=20)
    canvas.acroForm.choice(
        name="what", value="barometer", options=["barometer", "gauge"], x=160, y=690, height=20
    )
    canvas.save()
    result = read((tmp_path / "form.pdf").read_bytes())
    assert "Jane Example" in result.text
    assert "barometer" in result.text
    assert result.text_status is TextStatus.FULL


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("form", [b"", b"/NeedAppearances true"])
def test_fields_that_nobody_has_drawn_yet_are_read(
    read: Callable[[bytes], ExtractionResult], form: bytes, rotate: int
) -> None:
    fields = [
        field(0, b"/FT/Tx/V(Piezoresistive transducer)"),
        field(1, b"/FT/Tx/Ff 4096/V(first line\nsecond line)"),
        field(2, b"/FT/Ch/Ff 131072/Opt[(red)(green)]/V(green)"),
        field(3, b"/FT/Ch/Opt[[(a)(alpha)][(b)(beta)]]/V(b)"),
    ]
    text = read(one_page(fields, form=form, page=b"/Rotate %d" % rotate)).text
    for words in ("Piezoresistive transducer", "first line", "second line", "green", "beta"):
        assert words in text
    assert text.count("Piezoresistive") == 1


def test_a_field_with_a_box_for_each_letter_is_one_word(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    assert (
        "DE44500105"
        in read(one_page([field(0, b"/FT/Tx/Ff 16777216/MaxLen 10/V(DE44500105)")])).text
    )


def test_a_field_of_no_form_is_read(read: Callable[[bytes], ExtractionResult]) -> None:
    orphan = field(0, b"/FT/Tx/V(left behind)").replace(b"/Widget", b"/#57idget")
    assert "left behind" in read(one_page([orphan])).text


@pytest.mark.parametrize("flag", [2, 32])
def test_what_nobody_sees_on_the_page_is_not_read(
    read: Callable[[bytes], ExtractionResult], flag: int
) -> None:
    annotations = [
        field(0, b"/FT/Tx/V(concealed value)", flags=flag),
        note(b"Stamp", b"/F %d/AP<</N 9 0 R>>" % flag),
        note(b"Text", b"/F %d/Contents(concealed remark)" % flag),
    ]
    text = read(one_page(annotations, appearance(b"concealed stamp"))).text
    assert text == "Name of the investigator"


@pytest.mark.parametrize("place", [b"[160 700 160 700]", b"[1160 700 1360 720]"])
def test_a_field_without_a_size_or_beside_the_page_is_not_read(
    read: Callable[[bytes], ExtractionResult], place: bytes
) -> None:
    sums = field(0, b"/FT/Tx/V(concealed sum)").replace(b"[160 700 360 720]", place)
    assert read(one_page([sums])).text == "Name of the investigator"


def test_a_password_in_a_form_is_not_read(read: Callable[[bytes], ExtractionResult]) -> None:
    assert (
        read(one_page([field(0, b"/FT/Tx/Ff 8192/V(secret)")])).text == "Name of the investigator"
    )


def test_a_form_that_is_all_fields_is_not_empty(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    result = read(
        one_page([field(0, b"/FT/Tx/V(Piezoresistive transducer of the gauge)")], content=b"")
    )
    assert result.text == "Piezoresistive transducer of the gauge"
    assert result.text_status is TextStatus.FULL


# --- notes ------------------------------------------------------------------------------------


def test_text_boxes_and_stamps_are_read_as_part_of_the_page(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    boxes = [
        note(b"FreeText", b"/Contents(written on the page)/DA(/Helv 11 Tf)"),
        note(b"Stamp", b"/AP<</N 8 0 R>>"),
    ]
    text = read(one_page(boxes, appearance(b"APPROVED"))).text
    assert "written on the page" in text
    assert "APPROVED" in text
    assert "Notes:" not in text


def test_notes_that_only_open_are_a_part_of_their_own_at_the_end_of_the_page(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    notes = [
        note(b"Popup", b"/Contents(Check the datum)/Parent 7 0 R"),
        note(b"Text", b"/Contents(Check the datum)/T(Ann)"),
        note(b"Highlight", b"/QuadPoints[72 770 200 770 72 750 200 750]/Contents(who is it?)"),
        note(b"Text", b"/RC(<body><p>rich &amp; <b>bold</b></p></body>)"),
        note(b"Text", b"/Contents(Accepted set by Ann)/StateModel(Review)/IRT 7 0 R"),
    ]
    text = read(one_page(notes)).text
    assert text == (
        "Name of the investigator\n\nNotes:\nAnn: Check the datum\nwho is it?\nrich & bold"
    )


def test_a_note_that_repeats_the_words_it_marks_is_left_out(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    marked = note(
        b"Highlight", b"/QuadPoints[72 770 200 770 72 750 200 750]/Contents(the investigator)"
    )
    assert read(one_page([marked])).text == "Name of the investigator"


def test_a_short_note_is_read_though_its_letters_are_on_the_page(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    marked = b"/QuadPoints[72 770 200 770 72 750 200 750]/Contents(gato)"
    notes = [note(b"Text", b"/Contents(of the)"), note(b"Highlight", marked)]
    text = read(one_page(notes)).text
    assert text == "Name of the investigator\n\nNotes:\nof the\ngato"


def test_a_short_field_is_read_though_its_letters_are_on_the_page(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    comb = field(0, b"/FT/Tx/Ff 16777216/MaxLen 2/V(of)")
    assert read(one_page([comb])).text == "Name of the investigator\nof"


def test_a_file_pinned_to_a_page_is_named(read: Callable[[bytes], ExtractionResult]) -> None:
    pinned = note(b"FileAttachment", b"/FS<</Type/Filespec/F(levels.csv)/EF<</F 4 0 R>>>>")
    assert "attached file: levels.csv" in read(one_page([pinned])).text


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


def test_a_verdict_does_not_depend_on_the_document_before(
    tmp_path: Path, run: Callable[[bytes], Outcome]
) -> None:
    documents = {
        "encrypted": encrypted(tmp_path),
        "no_extractor": with_protection(b"/Filter/FOPN_fLock/V 1/Length 128"),
        "malformed": write([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "truncated": one_page()[:250],
    }
    for order in itertools.permutations(documents):
        for expected in order:
            failure = run(documents[expected]).failure
            assert failure is not None
            assert failure.error_code == expected, order


def test_an_unknown_cipher_is_named_and_no_password_is_asked_for(
    fail: Callable[..., Failure],
) -> None:
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
    tmp_path: Path, fail: Callable[..., Failure], extractor: str, cipher: bytes
) -> None:
    content = encrypted(tmp_path, password="").replace(b"/AESV2", b"/" + cipher)
    failure = fail(content, extractor)
    assert failure.error_code is ErrorCode.NO_EXTRACTOR
    assert "not supported" in failure.message
    assert cipher.decode() in failure.message


def test_a_cipher_that_is_written_in_another_way_or_not_used_is_no_obstacle(
    tmp_path: Path, read: Callable[[bytes], ExtractionResult]
) -> None:
    content = encrypted(tmp_path, password="")
    for other in (
        content.replace(b"/AESV2", b"/AES#562"),
        content.replace(b"/StdCF <<", b"/Odd <</CFM /AESX9>> /StdCF <<"),
    ):
        assert other != content
        assert read(other).text == "Name of the investigator"


@pytest.mark.parametrize("header", [b"%PDF1.4\n", b"%PDF 1.4\n", b"\n\n%PDF\n", b"junk\n%PDF1.7\n"])
def test_a_header_without_its_dash_is_a_pdf(
    read: Callable[[bytes], ExtractionResult], header: bytes
) -> None:
    assert read(one_page(header=header)).text == "Name of the investigator"


# --- a second look ----------------------------------------------------------------------------

SECOND = b"BT /F1 12 Tf 72 700 Td (The second page is as it should be) Tj ET"


def two_pages(kind: bytes = b"/Type/Page", content: bytes = stream(LABEL), count: int = 2) -> bytes:
    """Return a PDF of two pages; something is wrong with the first."""
    page = (
        b"<<%s/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    )
    return write(
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
def test_a_page_that_says_it_is_something_else_is_read(
    read: Callable[[bytes], ExtractionResult], kind: bytes
) -> None:
    result = read(two_pages(kind))
    assert result.text == "Name of the investigator\fThe second page is as it should be"
    assert result.text_status is TextStatus.FULL


def test_pages_that_are_counted_and_not_there_are_no_pages(
    read: Callable[[bytes], ExtractionResult],
) -> None:
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
    read: Callable[[bytes], ExtractionResult], content: bytes
) -> None:
    result = read(two_pages(content=content))
    assert result.text_status is TextStatus.PARTIAL
    assert "the page is damaged" in result.confidence_reason


def test_a_blank_page_that_pdfium_makes_of_a_broken_file_is_no_document(
    fail: Callable[[bytes], Failure],
) -> None:
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


def test_a_document_of_blank_pages_is_empty_and_not_damaged(
    tmp_path: Path, read: Callable[[bytes], ExtractionResult]
) -> None:
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


# --- stand-ins --------------------------------------------------------------------------------

TEMPLATE = b"""<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="form1">
<draw><value><text>Proposal for a survey</text></value></draw>
<field name="Title"><caption><value><text>Title of the project</text></value></caption></field>
<field name="Colour"><items><text>unchosen</text></items><value><text>grey</text></value></field>
<draw presence="hidden"><value><text>concealed</text></value></draw>
<event><script>app.alert("no words")</script></event></subform></template>"""
DATASETS = b"""<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1>
<Title>Piezoresistive \xc3\xbcbersicht</Title><Remark>left over</Remark></form1></xfa:data>
</xfa:datasets>"""


def dynamic_form(
    *packets: bytes, catalog: bytes = b"/NeedsRendering true", content: bytes = LABEL
) -> bytes:
    """Return a dynamic form; its packets are pieces of one XML document."""
    pieces = [
        b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">',
        *packets,
        b"</xdp:xdp>",
    ]
    entries = b" ".join(b"(%d) %d 0 R" % (n, 6 + n) for n in range(len(pieces)))
    return one_page(
        (),
        *(stream(piece) for piece in pieces),
        content=content,
        form=b"/XFA[%s]" % entries,
        catalog=catalog,
    )


def embedding(*names: bytes) -> bytes:
    """Return the entry of a catalog that embeds files of these names, all with one content."""
    files = b"".join(b"(%s)<</Type/Filespec/F(%s)/EF<</F 4 0 R>>>>" % (n, n) for n in names)
    return b"/Names<</EmbeddedFiles<</Names[%s]>>>>" % files


WAIT = b"BT /F1 12 Tf 72 760 Td (Bitte warten Sie, bis der Inhalt dieses Dokuments erscheint) Tj ET"


@pytest.mark.parametrize("catalog", [b"/NeedsRendering true", b""])
def test_a_dynamic_form_is_read_from_its_xml_and_is_not_all_of_it(
    read: Callable[[bytes], ExtractionResult], catalog: bytes
) -> None:
    result = read(dynamic_form(TEMPLATE, DATASETS, catalog=catalog, content=WAIT))
    assert result.text == (
        "Proposal for a survey\nTitle of the project\nPiezoresistive übersicht\ngrey\nleft over"
    )
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is not None
    assert result.confidence <= 0.3
    assert "print it to PDF" in result.confidence_reason


@pytest.mark.parametrize("packet", [b"", b"<config/>", b"\x00not <xml", b"<a>" * 2000])
def test_a_request_to_wait_is_never_a_full_text(
    read: Callable[[bytes], ExtractionResult], packet: bytes
) -> None:
    result = read(dynamic_form(packet, content=WAIT))
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is not None
    assert result.confidence <= 0.3
    assert "print it to PDF" in result.confidence_reason


def test_a_form_that_has_xml_beside_its_drawn_pages_is_read_as_it_is_drawn(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    fields = [field(0, b"/FT/Tx/V(Piezoresistive transducer)")]
    result = read(one_page(fields, stream(DATASETS), form=b"/XFA 7 0 R"))
    assert result.text == "Name of the investigator\nPiezoresistive transducer"
    assert result.text_status is TextStatus.FULL


def drawn(*lines: str) -> bytes:
    """Return the content of a page with these lines."""
    pieces = [f"BT /F1 12 Tf 72 {760 - 20 * n} Td ({line}) Tj ET" for n, line in enumerate(lines)]
    return "\n".join(pieces).encode("latin-1")


@pytest.mark.parametrize(
    "packets",
    [(TEMPLATE, DATASETS), (b"<config><dynamicRender>forbidden</dynamicRender></config>",)],
)
def test_a_static_form_is_read_as_it_is_drawn(
    read: Callable[[bytes], ExtractionResult], packets: tuple[bytes, ...]
) -> None:
    page = drawn(
        "Proposal for a survey", "Title of the project", "Piezoresistive \xfcbersicht", "grey"
    )
    result = read(dynamic_form(*packets, catalog=b"", content=page))
    assert result.text_status is TextStatus.FULL
    assert result.text.startswith("Proposal for a survey\nTitle")


ASKING = (
    ("Please wait...", "If this message is not eventually replaced by the proper contents of the",
     "document, your PDF viewer may not be able to display this type of document."),
    ("Bitte warten...", "Wenn diese Meldung nicht durch den richtigen Inhalt des Dokuments"),
    ("Veuillez patienter...", "Si ce message n'est finalement pas remplac\xe9 par le contenu"),
    ("Vent venligst", "http://www.adobe.com/go/reader_download", "http://www.adobe.com/go/acrreader"),
    ("Espere...", "Si este mensaje no se reemplaza por el contenido correcto del documento"),
    ("Attendere...", "Se questo messaggio non viene sostituito dal contenuto del documento"),
)  # fmt: skip


@pytest.mark.parametrize("lines", ASKING)
def test_a_request_to_wait_without_its_form_is_not_the_document(
    read: Callable[[bytes], ExtractionResult], lines: tuple[str, ...]
) -> None:
    result = read(one_page(content=drawn(*lines)))
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is not None
    assert result.confidence <= 0.3
    assert "Get it again" in result.confidence_reason


def test_a_form_that_says_it_is_dynamic_is_read_from_its_xml(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    setting = b"<config><dynamicRender>required</dynamicRender></config>"
    content = drawn("Proposal for a survey", "Title of the project")
    result = read(dynamic_form(setting, TEMPLATE, DATASETS, catalog=b"", content=content))
    assert result.text_status is TextStatus.PARTIAL
    assert "left over" in result.text


def test_a_portfolio_names_the_files_that_are_the_document(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    catalog = embedding(b"report.pdf", b"levels.csv") + b"/Collection<</View/T>>"
    result = read(one_page(catalog=catalog))
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is not None
    assert result.confidence <= 0.3
    assert "report.pdf, levels.csv" in result.confidence_reason


def test_a_document_that_carries_a_file_is_full_and_names_it(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    result = read(one_page(catalog=embedding(b"supplement.pdf")))
    assert result.text == "Name of the investigator"
    assert result.text_status is TextStatus.FULL
    assert result.confidence_reason.endswith("not read (supplement.pdf)")
    assert result.metadata["attached_files"] == ["supplement.pdf"]


def test_notes_and_text_boxes_on_a_scan_do_not_make_it_a_text(
    tmp_path: Path, read: Callable[[bytes], ExtractionResult]
) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.drawInlineImage(Image.new("L", (200, 280), 220), 0, 0, 595, 842)
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=tmp_path / "scan.pdf")
    remark = pypdf.annotations.Text(rect=(50, 550, 200, 650), text="A remark of some length here")
    writer.add_annotation(0, remark)
    typed = pypdf.annotations.FreeText(rect=(50, 250, 400, 350), text="Typed words over the scan")
    writer.add_annotation(0, typed)
    writer.write(tmp_path / "noted.pdf")
    result = read((tmp_path / "noted.pdf").read_bytes())
    assert "A remark" in result.text
    assert "Typed words over the scan" in result.text
    assert "no text layer" in result.confidence_reason
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence == 0


# --- names of glyphs --------------------------------------------------------------------------

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
def test_ligatures_are_read_by_the_names_of_their_glyphs(
    read: Callable[[bytes], ExtractionResult], kind: bytes
) -> None:
    assert " ".join(read(named(HELVETICA, kind=kind)).text.split()) == READ_BY_NAMES


def test_ligatures_are_read_from_a_font_that_is_packed_with_other_objects(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    assert " ".join(read(packed(named(HELVETICA))).text.split()) == READ_BY_NAMES


def test_ligatures_are_read_where_only_changes_are_forbidden(
    tmp_path: Path, read: Callable[[bytes], ExtractionResult]
) -> None:
    (tmp_path / "a.pdf").write_bytes(named(HELVETICA))
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.encrypt("", "owner", algorithm="RC4-128")
    writer.write(tmp_path / "b.pdf")
    assert " ".join(read((tmp_path / "b.pdf").read_bytes()).text.split()) == READ_BY_NAMES


def test_ligatures_are_read_in_a_form_whose_encoding_stands_apart(
    read: Callable[[bytes], ExtractionResult],
) -> None:
    content = write(
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
    assert " ".join(read(content).text.split()) == READ_BY_NAMES


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
    return write(
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
    read: Callable[[bytes], ExtractionResult], apart: bool, is_packed: bool
) -> None:
    content = drawn_by_itself(apart=apart)
    text = read(packed(content) if is_packed else content).text
    assert " ".join(text.split()) == "The effect off the wind"


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
