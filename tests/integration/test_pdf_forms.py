"""What is put on a page of a PDF after it was made: fields of forms, notes, text boxes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import Read
from pdf_objects import stream
from reportlab.pdfgen.canvas import Canvas
from written import field, one_page

from reslib.models import TextStatus


def appearance(words: bytes) -> bytes:
    return stream(
        b"BT /F1 12 Tf 2 2 Td (%s) Tj ET" % words,
        b"/Type/XObject/Subtype/Form/BBox[0 0 128 20]/Resources<</Font<</F1 5 0 R>>>>",
    )


def note(kind: bytes, body: bytes) -> bytes:
    return b"<</Type/Annot/Subtype/%s/Rect[72 400 200 420]%s>>" % (kind, body)


# --- forms ------------------------------------------------------------------------------------


def test_what_was_typed_into_a_form_is_read(tmp_path: Path, read: Read) -> None:
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
def test_fields_that_nobody_has_drawn_yet_are_read(read: Read, form: bytes, rotate: int) -> None:
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


def test_a_field_with_a_box_for_each_letter_is_one_word(read: Read) -> None:
    assert (
        "DE44500105"
        in read(one_page([field(0, b"/FT/Tx/Ff 16777216/MaxLen 10/V(DE44500105)")])).text
    )


def test_a_field_of_no_form_is_read(read: Read) -> None:
    orphan = field(0, b"/FT/Tx/V(left behind)").replace(b"/Widget", b"/#57idget")
    assert "left behind" in read(one_page([orphan])).text


@pytest.mark.parametrize("flag", [2, 32])
def test_what_nobody_sees_on_the_page_is_not_read(read: Read, flag: int) -> None:
    annotations = [
        field(0, b"/FT/Tx/V(concealed value)", flags=flag),
        note(b"Stamp", b"/F %d/AP<</N 9 0 R>>" % flag),
        note(b"Text", b"/F %d/Contents(concealed remark)" % flag),
    ]
    text = read(one_page(annotations, appearance(b"concealed stamp"))).text
    assert text == "Name of the investigator"


@pytest.mark.parametrize("place", [b"[160 700 160 700]", b"[1160 700 1360 720]"])
def test_a_field_without_a_size_or_beside_the_page_is_not_read(read: Read, place: bytes) -> None:
    sums = field(0, b"/FT/Tx/V(concealed sum)").replace(b"[160 700 360 720]", place)
    assert read(one_page([sums])).text == "Name of the investigator"


def test_a_password_in_a_form_is_not_read(read: Read) -> None:
    assert (
        read(one_page([field(0, b"/FT/Tx/Ff 8192/V(secret)")])).text == "Name of the investigator"
    )


def test_a_form_that_is_all_fields_is_not_empty(read: Read) -> None:
    result = read(
        one_page([field(0, b"/FT/Tx/V(Piezoresistive transducer of the gauge)")], content=b"")
    )
    assert result.text == "Piezoresistive transducer of the gauge"
    assert result.text_status is TextStatus.FULL


# --- notes ------------------------------------------------------------------------------------


def test_text_boxes_and_stamps_are_read_as_part_of_the_page(read: Read) -> None:
    boxes = [
        note(b"FreeText", b"/Contents(written on the page)/DA(/Helv 11 Tf)"),
        note(b"Stamp", b"/AP<</N 8 0 R>>"),
    ]
    text = read(one_page(boxes, appearance(b"APPROVED"))).text
    assert "written on the page" in text
    assert "APPROVED" in text
    assert "Notes:" not in text


def test_notes_that_only_open_are_a_part_of_their_own_at_the_end_of_the_page(read: Read) -> None:
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


def test_a_note_that_repeats_the_words_it_marks_is_left_out(read: Read) -> None:
    marked = note(
        b"Highlight", b"/QuadPoints[72 770 200 770 72 750 200 750]/Contents(the investigator)"
    )
    assert read(one_page([marked])).text == "Name of the investigator"


def test_a_short_note_is_read_though_its_letters_are_on_the_page(read: Read) -> None:
    marked = b"/QuadPoints[72 770 200 770 72 750 200 750]/Contents(gato)"
    notes = [note(b"Text", b"/Contents(of the)"), note(b"Highlight", marked)]
    text = read(one_page(notes)).text
    assert text == "Name of the investigator\n\nNotes:\nof the\ngato"


def test_a_short_field_is_read_though_its_letters_are_on_the_page(read: Read) -> None:
    comb = field(0, b"/FT/Tx/Ff 16777216/MaxLen 2/V(of)")
    assert read(one_page([comb])).text == "Name of the investigator\nof"


def test_a_file_pinned_to_a_page_is_named(read: Read) -> None:
    pinned = note(b"FileAttachment", b"/FS<</Type/Filespec/F(levels.csv)/EF<</F 4 0 R>>>>")
    assert "attached file: levels.csv" in read(one_page([pinned])).text
