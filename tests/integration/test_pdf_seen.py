"""What is seen of a page is read, and once: crop boxes, hidden layers, text drawn twice."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from pages import FONT, PROSE, SIZE, Read, draw_line, draw_prose, filled, flat
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

# --- outside the crop box ---------------------------------------------------------------------


def cut(
    path: Path, box: tuple[float, float, float, float], *, turn: int = 0, up: bool = False
) -> Path:
    writer = pypdf.PdfWriter(clone_from=path)
    for page in writer.pages:
        owner = page["/Parent"] if up else page
        assert isinstance(owner, pypdf.generic.DictionaryObject)
        owner[pypdf.generic.NameObject("/CropBox")] = pypdf.generic.RectangleObject(box)
        if turn:
            page.rotate(turn)
    writer.write(path)
    return path


@pytest.mark.parametrize("turn", [0, 90, 180])
@pytest.mark.parametrize("inherited", [False, True])
def test_what_lies_outside_the_crop_box_is_left_out(
    tmp_path: Path, read: Read, turn: int, inherited: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    for n in range(5):
        canvas.drawString(40, 500 - 14 * n, f"Left line {n} about tides")
        canvas.drawString(440, 500 - 14 * n, f"Right line {n} about cores")
    canvas.save()
    result = read(cut(tmp_path / "a.pdf", (400, 0, 800, 600), turn=turn, up=inherited))
    assert flat(result) == " ".join(f"Right line {n} about cores" for n in range(5))


def test_a_word_cut_by_the_edge_does_not_grow_together_with_another(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    canvas.drawString(40, 500, "Words that go on over the edge of the page that is seen")
    canvas.drawString(40, 480, "whole")
    canvas.save()
    width = stringWidth("Words that go on", "Helvetica", 12)
    result = read(cut(tmp_path / "a.pdf", (0, 0, 40 + width, 600)))
    assert flat(result) == "Words that go on whole"


def test_a_crop_box_larger_than_the_page_takes_nothing_away(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(800, 600))
    canvas.drawString(40, 500, "All of this is seen")
    canvas.save()
    assert flat(read(cut(tmp_path / "a.pdf", (-50, -50, 900, 700)))) == "All of this is seen"


# --- drawn twice ------------------------------------------------------------------------------

#: The prose as the recognition of a scan gives it, with its errors.
RECOGNISED = "\n".join(filled(PROSE.replace("m", "rn").replace("l", "1"), 400))


def draw_hidden(canvas: Canvas, x: float, y: float, words: str) -> None:
    text = canvas.beginText(x, y)
    text.setFont("Courier", 9)
    text.setTextRenderMode(3)
    text.textOut(words)
    canvas.drawText(text)


@pytest.mark.parametrize("first", [0, 3])
def test_a_hidden_layer_under_visible_text_is_left_out(
    tmp_path: Path, read: Read, first: int
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_prose(canvas, mode=first, dx=0 if first == 0 else 1.5)
    draw_prose(canvas, mode=3 - first, dx=1.5 if first == 0 else 0)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


def test_a_hidden_layer_with_errors_of_recognition_is_left_out(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_prose(canvas)
    text = canvas.beginText(60, 780)
    text.setTextRenderMode(3)
    text.setFont("Helvetica", 10)
    text.setLeading(14)
    text.textLines(RECOGNISED)
    canvas.drawText(text)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


@pytest.mark.parametrize("spread", [30, 45, 60])
@pytest.mark.parametrize("first", [True, False])
def test_a_hidden_layer_whose_words_are_spread_otherwise_is_left_out(
    tmp_path: Path, read: Read, spread: float, first: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    if not first:
        draw_prose(canvas)
    canvas.saveState()
    for row, line in enumerate(filled(PROSE, 400)):
        for n, word in enumerate(line.split()):
            draw_hidden(canvas, 60 + spread * n, 780 - 14 * row, word)
    canvas.restoreState()
    if first:
        draw_prose(canvas)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


def test_a_hidden_layer_that_says_something_else_stays(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_prose(canvas)
    said = ["Depth of the basin in metres at every", "station from the mouth to the weir"]
    for row, line in enumerate(said):
        draw_hidden(canvas, 60, 560 - 14 * row, line)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join([*PROSE.split(), *said])


@pytest.mark.parametrize("how", ["white", "transparent", "clipped"])
def test_text_that_is_not_seen_under_other_text_is_left_out(
    tmp_path: Path, read: Read, how: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.saveState()
    canvas.setFillGray(1 if how == "white" else 0)
    canvas.setFillAlpha(0 if how == "transparent" else 1)
    text = canvas.beginText(60, 781)
    text.setTextRenderMode(7 if how == "clipped" else 0)
    text.setFont(FONT, SIZE)
    text.setLeading(14)
    text.textLines(RECOGNISED)
    canvas.drawText(text)
    canvas.restoreState()
    draw_prose(canvas)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


def test_white_text_on_a_dark_ground_stays(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.rect(0, 0, *A4, fill=1)
    canvas.setFillGray(1)
    draw_prose(canvas)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


def test_the_hidden_layer_of_a_scan_stays_beside_a_visible_stamp(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.drawInlineImage(Image.new("L", (1240, 1754), 220), 0, 0, *A4)
    draw_prose(canvas, mode=3)
    draw_line(canvas, 60, 30, "Downloaded by a library on a day in May")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")).startswith(" ".join(PROSE.split()))


def test_visible_text_drawn_twice_at_one_place_is_read_once(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.setFillGray(1)
    draw_prose(canvas, dx=1.0)
    canvas.setFillGray(0)
    draw_prose(canvas)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(PROSE.split())


def test_the_same_line_at_two_places_stays(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for n in range(3):
        draw_line(canvas, 60, 700 - 20 * n, "The gauge was read in the morning and again")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")).count("The gauge was read") == 3
