"""Numbers beside the lines of a draft are left out; other numbers in front of lines stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest
from pages import FONT, PROSE, SIZE, WORDS, Read, draw_line, filled, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

#: One line of four begins with a small letter.
GERMAN = (
    "Der Wasserstand wurde mit Drucksensoren unter dem niedrigsten Wasser gemessen und alle zehn "
    "Minuten abgelesen. Windgeschwindigkeit und Luftdruck kamen von einem Mast an jedem Kai, damit "
    "Sturmfluten von Gezeiten zu trennen waren. Die Harmonische Analyse langer Reihen ergab "
    "Konstanten, die mit Arbeiten über Buchten ähnlicher Tiefe Übereinstimmung zeigen. "
)


def manuscript(
    path: Path,
    *,
    pages: int = 3,
    step: int = 1,
    restart: bool = False,
    right: bool = False,
    columns: int = 1,
    last: bool = False,
    both: bool = False,
    per_page: int = 30,
    text: str = PROSE,
) -> list[str]:
    """Write a draft with line numbers; return its sentences."""
    canvas = Canvas(str(path), pagesize=A4)
    width = 400 if columns == 1 else 190
    lines = filled(text * 3 * pages * columns, width)
    number = 0
    for page in range(pages):
        if restart:
            number = 0
        canvas.setFont(FONT, SIZE)
        canvas.drawString(290, 40, str(page + 1))
        for column in range(columns):
            left = 90 + column * 230
            later = []
            for row in range(per_page):
                index = (page * columns + column) * per_page + row
                if index >= len(lines):
                    break
                number += 1
                y = 780 - 22 * row
                shown = str(number) if number % step == 0 else ""
                at = left + width + 15 if right else left - 12 - stringWidth(shown, FONT, 7)
                if shown and not right and not last:
                    draw_line(canvas, at, y, (shown, 0.0, 7.0))
                draw_line(canvas, left, y, lines[index])
                if shown and both:
                    draw_line(canvas, left + width + 15, y, (shown, 0.0, 7.0))
                if shown and last:
                    later.append((at, y, shown))
                elif shown and right:
                    draw_line(canvas, at, y, (shown, 0.0, 7.0))
            for at, y, shown in later:
                draw_line(canvas, at, y, (shown, 0.0, 7.0))
        canvas.showPage()
    canvas.save()
    return lines[: pages * columns * per_page]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"step": 2},
        {"step": 5},
        {"step": 10},
        {"restart": True},
        {"restart": True, "step": 5},
        {"right": True},
        {"right": True, "step": 5},
        {"columns": 2},
        {"columns": 2, "step": 5},
        {"columns": 2, "right": True},
        {"columns": 2, "right": True, "step": 5},
        {"columns": 2, "right": True, "restart": True},
        {"both": True},
        {"both": True, "step": 5},
        {"both": True, "restart": True},
        {"step": 10, "per_page": 24, "pages": 2},
        {"step": 10, "per_page": 24, "pages": 6},
        {"step": 10, "per_page": 24, "restart": True},
        {"step": 10, "per_page": 24, "restart": True, "right": True},
        {"text": GERMAN},
        {"text": GERMAN, "step": 5},
        {"pages": 1},
        {"last": True},
        {"last": True, "right": True},
        {"pages": 8, "step": 5},
    ],
    ids=str,
)
def test_line_numbers_of_a_draft_are_left_out(
    tmp_path: Path, read: Read, how: dict[str, Any]
) -> None:
    lines = manuscript(tmp_path / "a.pdf", **how)
    text = " ".join(
        line
        for page in read(tmp_path / "a.pdf").text.split("\f")
        for line in page.split("\n")
        if not line.strip().isdecimal()
    )
    assert text.split() == " ".join(lines).split()


def table_of(path: Path, rows: list[str], *, x: float = 72) -> str:
    canvas = Canvas(str(path), pagesize=A4)
    for start in range(0, len(rows), 45):
        for n, row in enumerate(rows[start : start + 45]):
            number, _, rest = row.partition(" ")
            draw_line(canvas, x, 790 - 16 * n, number)
            draw_line(canvas, x + 30, 790 - 16 * n, rest)
        canvas.showPage()
    canvas.save()
    return " ".join(" ".join(rows).split())


CODE = [
    "def read(path):", "    with open(path) as file:", "        for line in file:",
    "            value = line.split()", "            if not value:", "                continue",
    "            yield float(value[0])", "", "def mean(values):", "    total = 0.0",
    "    count = 0",
]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [f"{n} {WORDS[n].capitalize()} was read at {WORDS[n + 3]}" for n in range(1, 60)],
        [
            f"{year} {year % 7}.{year % 9} metres at the gauge of the harbour"
            for year in range(1996, 2022)
        ],
        [f"{n} {CODE[n % len(CODE)]}" for n in range(1, 80)],
        [f"{n + 1} {n * 7 % 10}.{n * 3 % 10} {n * 9 % 10}.1" for n in range(60)],
        [f"{n} {' '.join((WORDS * 9)[n * 5 : n * 5 + 8 + n % 4])}".lower() for n in range(1, 90)],
        [f"{n} {' '.join((WORDS * 9)[n * 7 : n * 7 + 3 + n % 3])}".lower() for n in range(1, 90)],
        [f"{n} {' '.join((WORDS * 9)[n * 6 : n * 6 + 7])},".lower() for n in range(1, 90)],
    ],
    ids=[
        "numbered list",
        "table of years",
        "program",
        "table of numbers",
        "list in small letters",
        "index",
        "verses",
    ],
)
def test_numbers_that_are_not_of_lines_stay(tmp_path: Path, read: Read, rows: list[str]) -> None:
    whole = table_of(tmp_path / "a.pdf", rows)
    assert flat(read(tmp_path / "a.pdf")) == whole


@pytest.mark.parametrize("flush_right", [False, True])
def test_statements_with_an_answer_beside_each_keep_their_numbers(
    tmp_path: Path, read: Read, flush_right: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    wanted = []
    for n in range(1, 81):
        y = 790 - 18 * ((n - 1) % 40)
        statement, answer = " ".join((WORDS * 9)[n * 6 : n * 6 + 7]).lower(), ("yes", "no")[n % 2]
        wanted.append(f"{n} {statement} {answer}")
        draw_line(canvas, 88 - stringWidth(str(n), FONT, SIZE), y, str(n))
        draw_line(canvas, 105, y, statement)
        place = 420 - stringWidth(answer, FONT, SIZE) if flush_right else 400
        draw_line(canvas, place, y, answer)
        if n % 40 == 0:
            canvas.showPage()
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == " ".join(wanted)


def test_an_index_keeps_its_page_numbers(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    entries = [f"{WORDS[n]} {WORDS[n + 1]}" for n in range(40)]
    for n, entry in enumerate(entries):
        draw_line(canvas, 72, 790 - 16 * n, entry)
        draw_line(canvas, 300, 790 - 16 * n, str(n + 1))
    canvas.save()
    wanted = " ".join(f"{entry} {n + 1}" for n, entry in enumerate(entries))
    assert flat(read(tmp_path / "a.pdf")) == wanted


def test_a_table_in_a_numbered_draft_keeps_its_years(tmp_path: Path, read: Read) -> None:
    manuscript(tmp_path / "draft.pdf", pages=3)
    table_of(tmp_path / "table.pdf", [f"{year} {year % 7}.5 metres" for year in range(1996, 2022)])
    writer = pypdf.PdfWriter()
    writer.append(tmp_path / "draft.pdf")
    writer.append(tmp_path / "table.pdf")
    writer.write(tmp_path / "a.pdf")
    *draft, table = read(tmp_path / "a.pdf").text.split("\f")
    assert "30" not in draft[0].split()
    assert [word for word in table.split() if len(word) == 4 and word.isdecimal()] == [
        str(year) for year in range(1996, 2022)
    ]
