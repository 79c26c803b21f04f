"""The layout of a PDF page: line numbers, columns, tables, and layers that repeat the text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
from pages import FONT, PROSE, SIZE, WORDS, Read, draw_line, draw_prose, filled, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

# --- line numbers -----------------------------------------------------------------------------

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
                shown = str(number)
                at = left + width + 15 if right else left - 12 - stringWidth(shown, FONT, 7)
                if number % step == 0 and not right and not last:
                    draw_line(canvas, at, y, (shown, 0.0, 7.0))
                draw_line(canvas, left, y, lines[index])
                if both and number % step == 0:
                    draw_line(canvas, left + width + 15, y, (shown, 0.0, 7.0))
                if number % step == 0 and (right or last):
                    later.append((at, y, shown))
                    if right and not last:
                        draw_line(canvas, at, y, (shown, 0.0, 7.0))
            if last:
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
    tmp_path: Path, read: Read, how: dict[str, int]
) -> None:
    lines = manuscript(tmp_path / "a.pdf", **how)  # type: ignore[arg-type]
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


# --- columns and tables -----------------------------------------------------------------------


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


# --- drawn twice ------------------------------------------------------------------------------


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
    text.textLines("\n".join(filled(PROSE.replace("m", "rn").replace("l", "1"), 400)))
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
            text = canvas.beginText(60 + spread * n, 780 - 14 * row)
            text.setFont("Courier", 9)
            text.setTextRenderMode(3)
            text.textOut(word)
            canvas.drawText(text)
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
        text = canvas.beginText(60, 560 - 14 * row)
        text.setFont("Courier", 9)
        text.setTextRenderMode(3)
        text.textOut(line)
        canvas.drawText(text)
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
    text.textLines("\n".join(filled(PROSE.replace("m", "rn").replace("l", "1"), 400)))
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
    from PIL import Image

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
