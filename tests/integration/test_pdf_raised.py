"""Raised and lowered pieces of a line: what belongs to the word before, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import FONT, Piece, Read, draw_line, flat
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def up(text: str, size: float = 7.5) -> Piece:
    return text, 4.0, size


def down(text: str) -> Piece:
    return text, -1.6, 7.5


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("the open library", up("1"), " to convert it"), "the open library 1 to convert it"),
        (("Smith", up("1,2"), ", Wei Zhang", up("3,*"), " and"), "Smith 1,2, Wei Zhang 3,* and"),
        (("Ana Lopes", up("a"), " and Jo", up("b")), "Ana Lopes a and Jo b"),
        ((up("1"), "Department of Physics"), "1 Department of Physics"),
        (("after storms.", up("12"), " Then it falls"), "after storms. 12 Then it falls"),
        (("said (Smith and Lee)", up("7"), " in a year"), "said (Smith and Lee) 7 in a year"),
        (("about 6 x 10", up("5"), " light curves"), "about 6 x 10^5 light curves"),
        (("at 10", up("-3"), " m", up("2"), "."), "at 10^-3 m^2."),
        (("in kg m", up("-2"), " s", up("-1"), " here"), "in kg m^-2 s^-1 here"),
        (("over 25 km", up("2"), " of ground"), "over 25 km^2 of ground"),
        (("per year", up("-1"), " and"), "per year^-1 and"),
        (("where x", up("2"), " is small"), "where x^2 is small"),
        (("as (x + 1)", up("2"), " grows"), "as (x + 1)^2 grows"),
        (("free Ca", up("2+"), " and Na", up("+"), " ions"), "free Ca2+ and Na+ ions"),
        (("dissolved SO", down("4"), up("2-"), " is"), "dissolved SO4^2- is"),
        (("CO", ("3", -3, 8), ("2-", 5, 6), " and NO", down("3"), up("-")), "CO3^2- and NO3-"),
        (("seen by D", up("r"), " Martin with ", up("99m"), "Tc"), "seen by Dr Martin with 99mTc"),
        (("the 1", up("st"), " and the 19", up("th"), " century"), "the 1st and the 19th century"),
        (("dated by ", up("14"), "C and ", up("87"), "Sr"), "dated by 14C and 87Sr"),
        (("CO", down("2"), " and H", down("2"), "O at"), "CO2 and H2O at"),
        (("state s", down("t"), " is known"), "state st is known"),
        (("at 25 ", up("o"), "C in"), "at 25 oC in"),
    ],
)  # fmt: skip
def test_a_raised_mark_is_parted_from_its_word_and_what_belongs_to_it_is_not(
    tmp_path: Path, read: Read, pieces: tuple[Piece, ...], expected: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 700, "A line before this one.")
    draw_line(canvas, 60, 680, *pieces)
    draw_line(canvas, 60, 660, "A line behind this one.")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == (
        f"A line before this one. {expected} A line behind this one."
    )


def test_a_number_of_atoms_that_tex_sets_below_a_charge_comes_before_it(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for y, behind in ((700, " ions are"), (680, ", which"), (660, "")):
        x = draw_line(canvas, 60, y, "dissolved SO")
        draw_line(canvas, x, y, up("2-"))
        end = draw_line(canvas, x, y - 2.6, ("4", 0.0, 7.5))
        draw_line(canvas, end + 3, y, behind)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")).replace(" ,", ",") == (
        "dissolved SO4^2- ions are dissolved SO4^2-, which dissolved SO4^2-"
    )


def test_text_raised_by_the_text_rise_of_word_processors_is_raised_too(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    text = canvas.beginText(60, 700)
    text.setFont(FONT, 11)
    text.textOut("A remark on tides")
    text.setRise(4)
    text.setFont(FONT, 7)
    text.textOut("12")
    text.setRise(0)
    text.setFont(FONT, 11)
    text.textOut(" and on storms")
    canvas.drawText(text)
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == "A remark on tides 12 and on storms"


def test_small_capitals_and_quotation_marks_are_not_raised(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    draw_line(canvas, 60, 700, "I", ("NTRODUCTION", 0.0, 8.5), ' of the "', "tides", '" here')
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == 'INTRODUCTION of the "tides" here'


def test_a_capital_of_several_lines_belongs_to_its_word(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    x = draw_line(canvas, 60, 686, "T", size=34)
    draw_line(canvas, x + 1, 700, "he tide gauge in the harbour was read")
    draw_line(canvas, x + 1, 686, "every hour of the night")
    canvas.save()
    assert "The tide gauge" in flat(read(tmp_path / "a.pdf"))


@pytest.mark.parametrize("turn", [90, 270])
def test_marks_are_parted_in_text_that_is_turned(tmp_path: Path, read: Read, turn: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.translate(300, 400)
    canvas.rotate(turn)
    draw_line(canvas, -150, 0, "Northport", up("a"), " with 4.1 m", up("2"), " and")
    draw_line(canvas, -150, -14, "about 10", up("5"), " cells of CO", down("2"), " in it")
    draw_line(canvas, -150, -28, "and another line of the table")
    canvas.save()
    assert flat(read(tmp_path / "a.pdf")) == (
        "Northport a with 4.1 m^2 and about 10^5 cells of CO2 in it and another line of the table"
    )
