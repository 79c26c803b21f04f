"""Pages that are drawn glyph by glyph, or in pieces: their words and lines come out whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pages import FONT, PROSE, SIZE, Read, filled, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

#: Where a text is cut into pieces.
Cuts: TypeAlias = Callable[[str], Sequence[int]]


def glyphs(text: str) -> Sequence[int]:
    return range(1, len(text))


def after_two(text: str) -> Sequence[int]:
    return (2,)


def before_last(text: str) -> Sequence[int]:
    return (len(text) - 1,)


def words(text: str) -> Sequence[int]:
    """Each space is a piece of its own."""
    return [n for n in range(1, len(text)) if " " in (text[n], text[n - 1])]


def draw(
    canvas: Canvas,
    text: str,
    x: float,
    y: float,
    cuts: Cuts = glyphs,
    *,
    font: str = FONT,
    size: float = SIZE,
    spacing: float = 0.0,
) -> float:
    """Draw a text in pieces that touch each other; return where it ends."""
    canvas.setFont(font, size)
    start = 0
    for end in [*cuts(text), len(text)]:
        canvas.drawString(x, y, text[start:end])
        x += stringWidth(text[start:end], font, size) + spacing * (end - start)
        start = end
    return x


def draw_table(canvas: Canvas, rows: Sequence[Sequence[str]], cuts: Cuts, **how: Any) -> None:
    for number, row in enumerate(rows):
        for x, cell in zip((72, 250, 350, 480), row, strict=False):
            draw(canvas, cell, x, 795 - 14 * number, cuts, **how)


STATIONS = [
    (f"Station {row}", f"{row * 1.7:.1f}", f"{row * 37}", "half of it") for row in range(50)
]
INVOICE = [(f"Felt, well-known ({row})", f"{row}", f"1,{row:03}.50", "7 %") for row in range(3, 40)]
GLOSSARY = [("AVL tree", "WAVE To. Ta of offal"), ("x", "f"), ("e.g.", "3"), ("it", "a")] * 12


@pytest.mark.parametrize("cuts", [glyphs, after_two, before_last, words])
@pytest.mark.parametrize("font", ["Times-Roman", "Helvetica-Oblique", "Times-Italic", "Courier"])
@pytest.mark.parametrize("rows", [STATIONS, INVOICE, GLOSSARY])
def test_a_table_drawn_in_pieces_has_its_words_and_rows(
    tmp_path: Path, read: Read, rows: list[tuple[str, ...]], font: str, cuts: Cuts
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_table(canvas, rows, cuts, font=font, size=9)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(" ".join(row) for row in rows)


@pytest.mark.parametrize("scale", [0.24, 0.75, 1.0, 3.0])
def test_a_scaled_page_drawn_glyph_by_glyph_has_its_words(
    tmp_path: Path, read: Read, scale: float
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.scale(scale, scale)
    for number, row in enumerate(STATIONS):
        for x, cell in zip((72, 250, 350, 480), row, strict=True):
            size = SIZE / scale
            draw(canvas, cell, x / scale, (795 - 14 * number) / scale, size=size)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(" ".join(row) for row in STATIONS)


def test_prose_drawn_glyph_by_glyph_has_its_words(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    lines = filled(PROSE * 2, 380)
    for number, line in enumerate(lines):
        draw(canvas, line, 60, 780 - 14 * number)
        draw(canvas, "a" * (1 + number % 3), 500, 780 - 14 * number)
    canvas.save()
    wanted = " ".join(f"{line} {'a' * (1 + number % 3)}" for number, line in enumerate(lines))
    assert flat(read(tmp_path / "a.pdf")) == wanted


def test_raised_and_lowered_glyphs_belong_to_their_line(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for number in range(40):
        y = 780 - 14 * number
        draw(canvas, "CO", 60, y)
        draw(canvas, "2", 76, y - 2, size=7)
        draw(canvas, "in", 84, y)
        x = draw(canvas, "10 m", 250, y)
        draw(canvas, "2", x, y + 4, size=7)
        draw(canvas, "x", 400, y)
    canvas.save()
    rows = read(tmp_path / "a.pdf").text.splitlines()
    assert rows == ["CO2 in 10 m^2 x"] * 40


def test_cells_of_one_character_stay_in_their_row(tmp_path: Path, read: Read) -> None:
    rows = [("A", "1", "B", "+"), ("C", "3", "x", "-"), ("6", "7", "y", "0")] * 10
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_table(canvas, rows, glyphs)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.splitlines() == [" ".join(row) for row in rows]


def test_lines_below_each_other_stay_apart(tmp_path: Path, read: Read) -> None:
    """A column of single characters, indented step by step."""
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for number in range(30):
        draw(canvas, "abc"[number % 3], 60 + 12 * number, 780 - 13 * number)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.split("\n") == list("abc") * 10


@pytest.mark.parametrize("spacing", [0.5, 1.0, 1.4])
def test_letters_set_apart_a_little_are_words(tmp_path: Path, read: Read, spacing: float) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_table(canvas, STATIONS, glyphs, spacing=spacing)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.splitlines() == [" ".join(row) for row in STATIONS]
