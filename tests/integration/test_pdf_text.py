"""Words of a PDF page that are drawn in pieces: letter by letter, or on two pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import WORDS, Read, draw_line, draw_prose, raw_pdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

# --- letters with spaces between them ---------------------------------------------------------


def spaced(
    canvas: Canvas, y: float, words: str, gap: float, size: float = 9.0, left: float = 72.0
) -> None:
    """Draw each letter for itself with *gap* behind it; a space is drawn too."""
    x = left
    canvas.setFont("Helvetica", size)
    for letter in words:
        if letter != " ":
            canvas.drawString(x, y, letter)
        x += stringWidth(letter, "Helvetica", size) + gap


@pytest.mark.parametrize("gap", [2.5, 4.0, 6.0])
@pytest.mark.parametrize(
    "words", ["INTRODUCTION", "abstract", "Materials and Methods", "ARTICLE INFO"]
)
def test_a_letter_spaced_heading_is_words(
    tmp_path: Path, read: Read, words: str, gap: float
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    spaced(canvas, 760, words, gap)
    draw_prose(canvas, top=730)
    canvas.save()
    assert read(tmp_path / "a.pdf").text.startswith(f"{words}\n")


@pytest.mark.parametrize("gap", [2.5, 4.0, 6.0])
@pytest.mark.parametrize("behind", [" drawn", ", drawn", ". It"])
def test_a_letter_spaced_word_in_a_sentence_is_a_word(
    tmp_path: Path, read: Read, gap: float, behind: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for y, before in ((760, "It is "), (740, "The word is not ")):
        x = draw_line(canvas, 72, y, before, size=9)
        spaced(canvas, y, "emphasis", gap, left=x)
        x += stringWidth("emphasis", "Helvetica", 9) + 8 * gap
        draw_line(canvas, x, y, f"{behind} as such", size=9)
    canvas.save()
    lines = read(tmp_path / "a.pdf").text.replace(" ,", ",").replace(" .", ".").split("\n")
    assert lines == [f"It is emphasis{behind} as such", f"The word is not emphasis{behind} as such"]


def test_two_letter_spaced_headings_beside_each_other_are_words(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    spaced(canvas, 760, "article info", 3.0)
    spaced(canvas, 760, "abstract", 3.0, left=260)
    draw_prose(canvas, top=730)
    canvas.save()
    assert " ".join(read(tmp_path / "a.pdf").text.split()[:3]) == "article info abstract"


def test_a_letter_spaced_heading_in_another_script_is_a_word(tmp_path: Path, read: Read) -> None:
    letters = {ord("a") + n: chr(0x430 + n) for n in range(26)}
    content = "BT /F 11 Tf 7 Tc 60 700 Td (cdeanmf) Tj 0 Tc 0 -20 Td (cde abc nmf) Tj ET"
    result = read(raw_pdf(tmp_path / "a.pdf", content, {}, letters))
    assert result.text == "вгданме\nвгд абв нме"  # noqa: RUF001 - Cyrillic


def test_letters_with_spaces_typed_between_them_are_words(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 72, 760, "1. A B S T R A C T")
    draw_line(canvas, 72, 740, "K E Y W O R D S: tides, gauges")
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "1. ABSTRACT\nKEYWORDS: tides, gauges"


@pytest.mark.parametrize(
    "line",
    [
        "A B C D E F",
        "A C G T T G A C",
        "Y N Y Y N Y",
        "plan B or plan C d e f were kept",
        "x y z t",
        "the grades V A L U E are typed",
        "all of G I V E N, as typed",
    ],
)
def test_single_letters_that_make_no_word_stay_apart(tmp_path: Path, read: Read, line: str) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 72, 760, line)
    canvas.save()
    assert read(tmp_path / "a.pdf").text == line


# --- words over two pages ---------------------------------------------------------------------


def two_pages(
    path: Path, *, head: str = "", foot: str = "", number: bool = False, pages: int = 4
) -> None:
    """Write pages each of which ends in a broken word."""
    canvas = Canvas(str(path), pagesize=A4)
    for page in range(1, pages + 1):
        if head:
            draw_line(canvas, 60, 810, head.format(page))
        begin = "mation that we had. " if page > 1 else ""
        draw_line(canvas, 60, 780, begin + f"The {WORDS[page]} were read in the night")
        draw_line(canvas, 60, 766, f"and this {WORDS[page + 9]} is small by the {WORDS[page + 20]}")
        draw_line(
            canvas,
            60,
            752,
            f"while {WORDS[page + 30]} gave little infor-" if page < pages else "and no more.",
        )
        if foot:
            draw_line(canvas, 60, 60, foot.format(page))
        if number:
            draw_line(canvas, 300, 40, str(page))
        canvas.showPage()
    canvas.save()


@pytest.mark.parametrize(
    "around",
    [
        {},
        {"number": True},
        {"head": "Orrowby and others: a cheap gauge"},
        {"head": "{} Journal of Tides", "foot": "Published by nobody", "number": True},
    ],
    ids=str,
)
def test_a_word_broken_over_the_end_of_a_page_is_whole(
    tmp_path: Path, read: Read, around: dict[str, Any]
) -> None:
    two_pages(tmp_path / "a.pdf", **around)
    pages = read(tmp_path / "a.pdf").text.split("\f")
    for page in pages[:-1]:
        assert "little information" in page
    for page in pages[1:]:
        assert "that we had" in page
        assert "mation that" not in page


def test_a_hyphen_at_the_end_of_a_page_with_a_capital_behind_it_stays(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 780, "a list of units: milli-")
    canvas.showPage()
    draw_line(canvas, 60, 780, "The next chapter begins here")
    canvas.save()
    assert read(tmp_path / "a.pdf").text == "a list of units: milli-\fThe next chapter begins here"
