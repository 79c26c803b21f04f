"""Pages that stand in for the document: a request to wait, the cover of a portfolio, a scan."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pypdf.annotations
import pytest
from pages import Read
from pdf_objects import stream
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from written import LABEL, field, one_page

from reslib.models import ExtractionResult, TextStatus

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


def assert_stand_in(result: ExtractionResult, reason: str) -> None:
    """What was read is not all of the document, and the reason says what to do."""
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is not None
    assert result.confidence <= 0.3
    assert reason in result.confidence_reason


@pytest.mark.parametrize("catalog", [b"/NeedsRendering true", b""])
def test_a_dynamic_form_is_read_from_its_xml_and_is_not_all_of_it(
    read: Read, catalog: bytes
) -> None:
    result = read(dynamic_form(TEMPLATE, DATASETS, catalog=catalog, content=WAIT))
    assert result.text == (
        "Proposal for a survey\nTitle of the project\nPiezoresistive übersicht\ngrey\nleft over"
    )
    assert_stand_in(result, "print it to PDF")


@pytest.mark.parametrize("packet", [b"", b"<config/>", b"\x00not <xml", b"<a>" * 2000])
def test_a_request_to_wait_is_never_a_full_text(read: Read, packet: bytes) -> None:
    result = read(dynamic_form(packet, content=WAIT))
    assert_stand_in(result, "print it to PDF")


def test_a_form_that_has_xml_beside_its_drawn_pages_is_read_as_it_is_drawn(read: Read) -> None:
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
def test_a_static_form_is_read_as_it_is_drawn(read: Read, packets: tuple[bytes, ...]) -> None:
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
    read: Read, lines: tuple[str, ...]
) -> None:
    result = read(one_page(content=drawn(*lines)))
    assert_stand_in(result, "Get it again")


def test_a_form_that_says_it_is_dynamic_is_read_from_its_xml(read: Read) -> None:
    setting = b"<config><dynamicRender>required</dynamicRender></config>"
    content = drawn("Proposal for a survey", "Title of the project")
    result = read(dynamic_form(setting, TEMPLATE, DATASETS, catalog=b"", content=content))
    assert result.text_status is TextStatus.PARTIAL
    assert "left over" in result.text


def test_a_portfolio_names_the_files_that_are_the_document(read: Read) -> None:
    catalog = embedding(b"report.pdf", b"levels.csv") + b"/Collection<</View/T>>"
    result = read(one_page(catalog=catalog))
    assert_stand_in(result, "report.pdf, levels.csv")


def test_a_document_that_carries_a_file_is_full_and_names_it(read: Read) -> None:
    result = read(one_page(catalog=embedding(b"supplement.pdf")))
    assert result.text == "Name of the investigator"
    assert result.text_status is TextStatus.FULL
    assert result.confidence_reason.endswith("not read (supplement.pdf)")
    assert result.metadata["attached_files"] == ["supplement.pdf"]


def test_notes_and_text_boxes_on_a_scan_do_not_make_it_a_text(tmp_path: Path, read: Read) -> None:
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
