"""Columns are read one by one and tables row by row, in whatever order they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pages import FONT, PROSE, Read, draw_line, filled, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas


def columns_across(path: Path, count: int, *, flush: bool, rows: int = 40) -> list[list[str]]:
    """Draw columns of prose row by row across the page; return their lines."""
    canvas = Canvas(str(path), pagesize=A4)
    gap = 18.0
    width = (495 - gap * (count - 1)) / count
    lines = filled(PROSE * 12, width, 9)
    columns = [lines[rows * n : rows * (n + 1)] for n in range(count)]
    draw_line(canvas, 50, 810, "A title that stands over all of the columns of the page")
    for row in range(rows):
        for number, column in enumerate(columns):
            text = canvas.beginText(50 + number * (width + gap), 780 - 12 * row)
            text.setFont(FONT, 9)
            line = column[row]
            if flush and " " in line:
                text.setWordSpace((width - stringWidth(line, FONT, 9)) / line.count(" "))
            text.textOut(line)
            text.setWordSpace(0)
            canvas.drawText(text)
    canvas.save()
    return columns


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("flush", [True, False])
def test_columns_of_prose_drawn_across_each_other_are_read_one_by_one(
    tmp_path: Path, read: Read, count: int, flush: bool
) -> None:
    columns = columns_across(tmp_path / "a.pdf", count, flush=flush)
    result = read(tmp_path / "a.pdf")
    wanted = " ".join(line for column in columns for line in column)
    assert flat(result).endswith(wanted)
    assert result.confidence_reason == "columns were drawn across each other and put in order"


def draw_table(path: Path, rows: list[tuple[str, ...]], *, by_line: bool, gap: float = 5.0) -> None:
    """Draw a table of text whose cells have several lines, cell by cell or line by line."""
    canvas = Canvas(str(path), pagesize=A4)
    count = len(rows[0])
    width = (495 - 18 * (count - 1)) / count
    y = 780.0
    for row in rows:
        cells = [filled(cell, width, 9) for cell in row]
        height = max(map(len, cells))
        places = [(n, line) for n in range(count) for line in range(len(cells[n]))]
        if by_line:
            places.sort(key=lambda place: (place[1], place[0]))
        for n, line in places:
            draw_line(canvas, 50 + n * (width + 18), y - 11 * line, cells[n][line], size=9)
        y -= 11 * height + gap
    canvas.save()


SENTENCES = [
    f"{part.strip().capitalize()}." for part in PROSE.replace(".", ",").split(",") if part.strip()
]


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("by_line", [False, True])
def test_a_table_of_text_is_read_row_by_row(
    tmp_path: Path, read: Read, count: int, by_line: bool
) -> None:
    rows = [
        tuple(
            f"[{n}{'abc'[c]}] {SENTENCES[(n * count + c) % len(SENTENCES)]}" for c in range(count)
        )
        for n in range(14)
    ]
    draw_table(tmp_path / "a.pdf", rows, by_line=by_line)
    result = read(tmp_path / "a.pdf")
    marks = [word for word in result.text.split() if word[0] == "[" and word[-1] == "]"]
    assert marks == [f"[{n}{'abc'[c]}]" for n in range(14) for c in range(count)]
    assert "columns" not in result.confidence_reason


def test_a_table_whose_rows_are_single_lines_is_read_row_by_row(tmp_path: Path, read: Read) -> None:
    rows = [
        (
            f"Theme {n}: {SENTENCES[n % 8].lower()[:40]}",
            f"{SENTENCES[(n + 3) % 8].lower()[:38]} ({n})",
        )
        for n in range(12)
    ]
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for n, (left, right) in enumerate(rows):
        draw_line(canvas, 50, 780 - 14 * n, left)
        draw_line(canvas, 310, 780 - 14 * n, right)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(
        " ".join(" ".join(row).split()) for row in rows
    )


def draw_across(canvas: Canvas, lines: list[str], top: float) -> tuple[str, str]:
    """Draw lines in two columns, row by row; return the text of each."""
    half = len(lines) // 2
    left, right = lines[:half], lines[half : 2 * half]
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        draw_line(canvas, 50, top - 12 * row, one, size=9)
        draw_line(canvas, 307, top - 12 * row, other, size=9)
    return " ".join(left), " ".join(right)


@pytest.mark.parametrize(
    "places", [(50, 307), (50, 200, 400), (50, 180, 307, 430), range(50, 451, 100)]
)
@pytest.mark.parametrize("above", [True, False])
def test_a_table_over_both_columns_is_read_row_by_row(
    tmp_path: Path, read: Read, places: Sequence[int], above: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    lines = filled(PROSE * 8, 238, 9)
    before = draw_across(canvas, lines[:40], 800) if above else ()
    rows = [[f"cell{row}{n}" for n in range(len(places))] for row in range(6)]
    for n, row in enumerate(rows):
        for place, cell in zip(places, row, strict=True):
            draw_line(canvas, place, 540 - 12 * n, cell, size=9)
    after = draw_across(canvas, lines[40:90], 440)
    canvas.save()
    result = read(tmp_path / "a.pdf")
    table = " ".join(cell for row in rows for cell in row)
    assert flat(result) == " ".join([*before, table, *after])
    assert "columns" in result.confidence_reason


@pytest.mark.parametrize("cells", [2, 3])
def test_a_small_table_inside_one_of_two_columns_leaves_them_columns(
    tmp_path: Path, read: Read, cells: int
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    lines = filled(PROSE * 8, 238, 9)
    left, right = lines[:40], lines[40:]
    wanted = []
    for row in range(40):
        y = 790 - 12 * row
        draw_line(canvas, 50, y, left[row], size=9)
        if 12 <= row < 28:
            shown = [f"v{row}{n}" for n in range(cells)]
            for n, cell in enumerate(shown):
                draw_line(canvas, 307 + 75 * n, y, cell, size=9)
        else:
            shown = [right.pop(0)]
            draw_line(canvas, 307, y, shown[0], size=9)
        wanted += shown
    canvas.save()
    result = read(tmp_path / "a.pdf")
    assert flat(result) == " ".join([*left, *wanted])
    assert "columns" in result.confidence_reason
