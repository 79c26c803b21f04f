"""Pages and texts that are turned by a quarter or a half: their lines come in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from pages import FONT, PROSE, SIZE, Read, draw_line, filled, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

QUARTERS = (0, 90, 180, 270)


def prose(canvas: Canvas) -> list[str]:
    lines = filled(PROSE, 350)
    for number, line in enumerate(lines):
        canvas.drawString(-175, 100 - 14 * number, line)
    return lines


def table(canvas: Canvas) -> list[str]:
    lines = ["Table 3. Stations of the survey with their depth, and", "what was found there."]
    for number, line in enumerate(lines):
        canvas.drawString(-200, 100 - 14 * number, line)
    for row in range(10):
        cells = [f"Station {row}", f"{row * 1.5 + 3:.2f}", f"{row * 17 + 100}", "good"]
        for x, cell in zip((-200, -60, 60, 150), cells, strict=True):
            canvas.drawString(x, 60 - 14 * row, cell)
        lines.append(" ".join(cells))
    return lines


def styles(canvas: Canvas) -> list[str]:
    """Each word is a piece of its own, drawn with its space."""
    lines = filled(PROSE, 350)
    for number, line in enumerate(lines):
        draw_line(canvas, -175, 100 - 14 * number, *(f"{word} " for word in line.split()))
    return lines


def glyphs(canvas: Canvas) -> list[str]:
    lines = filled(PROSE, 350)
    for number, line in enumerate(lines):
        draw_line(canvas, -175, 100 - 14 * number, *line)
    return lines


def columns(canvas: Canvas) -> list[str]:
    lines = filled(PROSE, 180)
    half = len(lines) // 2
    for number, line in enumerate(lines):
        x, y = (-190, number) if number < half else (10, number - half)
        canvas.drawString(x, 100 - 14 * y, line)
    return lines


def centred(canvas: Canvas) -> list[str]:
    lines = filled(PROSE, 300)[:6]
    for number, line in enumerate(lines):
        canvas.drawCentredString(0, 100 - 14 * number, line)
    return lines


@pytest.mark.parametrize("rotation", QUARTERS)
@pytest.mark.parametrize("angle", QUARTERS)
@pytest.mark.parametrize("content", [prose, table, styles, glyphs, columns, centred])
def test_a_text_at_any_angle_comes_in_the_order_of_reading(
    tmp_path: Path,
    read: Read,
    content: Callable[[Canvas], list[str]],
    angle: int,
    rotation: int,
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.setFont(FONT, SIZE)
    canvas.translate(297, 421)
    canvas.rotate(angle)
    lines = content(canvas)
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].rotate(rotation)
    writer.write(tmp_path / "b.pdf")
    assert flat(read(tmp_path / "b.pdf")) == " ".join(" ".join(lines).split())


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_text_beside_an_upright_one_leaves_it_as_it_is(
    tmp_path: Path, read: Read, angle: int
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    lines = filled(PROSE, 300)
    canvas.setFont(FONT, SIZE)
    for number, line in enumerate(lines):
        canvas.drawString(60, 780 - 14 * number, line)
    canvas.translate(500, 300)
    canvas.rotate(angle)
    notes = ["A note that is printed on", "the side of the page", "in three lines."]
    for number, line in enumerate(notes):
        canvas.drawString(0, -14 * number, line)
        canvas.drawString(150, -14 * number, f"{number}.5")
    canvas.save()
    wanted = [*lines, *(f"{note} {number}.5" for number, note in enumerate(notes))]
    assert flat(read(tmp_path / "a.pdf")) == " ".join(wanted)


def test_rows_of_a_table_turned_on_its_side_are_lines(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for turn in (90, 270):
        canvas.saveState()
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.setFont(FONT, SIZE)
        for number, row in enumerate(
            (
                ("Northport", "4.1", "western"),
                ("Southbay", "3.9", "eastern"),
                ("Westhaven", "2.7", "old"),
            )
        ):
            for column, cell in enumerate(row):
                canvas.drawString(-150 + 90 * column, -14 * number, cell)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    for page in read(tmp_path / "a.pdf").text.split("\f"):
        assert (
            page.split() == "Northport 4.1 western Southbay 3.9 eastern Westhaven 2.7 old".split()
        )
