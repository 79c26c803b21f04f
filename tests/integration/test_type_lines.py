"""Lines of a page keep their wide gaps and raised marks, however they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from reslib.extractors.papers.linemarks import MARK
from reslib.extractors.papers.typelines import TypeLine, read_lines

Drawn = Callable[[PDFTextObject], None]
Lines = Callable[[Drawn], list[TypeLine]]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    def lines(drawn: Drawn) -> list[TypeLine]:
        canvas = Canvas(str(tmp_path / "page.pdf"))
        text = canvas.beginText(72, 700)
        text.setFont("Helvetica", 12)
        drawn(text)
        canvas.drawText(text)
        canvas.save()
        document = pypdfium2.PdfDocument(tmp_path / "page.pdf")
        try:
            return read_lines(document[0].get_textpage(), 1, 842.0)
        finally:
            document.close()

    return lines


def test_a_line_that_is_drawn_at_once_reads_as_it_stands_there(lines: Lines) -> None:
    (line,) = lines(lambda text: text.textOut("Ann B. Reed, Bo Li and Carla Diaz"))
    assert line.plain == line.words == "Ann B. Reed, Bo Li and Carla Diaz"


def test_a_wide_blank_in_a_line_that_is_drawn_at_once_is_a_gap(lines: Lines) -> None:
    def drawn(text: PDFTextObject) -> None:
        text.setWordSpace(20)
        text.textOut("Ann Reed Bo")

    (line,) = lines(drawn)
    assert line.plain == "Ann   Reed   Bo"


def test_letters_that_are_spaced_widely_have_gaps_between_them(lines: Lines) -> None:
    def drawn(text: PDFTextObject) -> None:
        text.setCharSpace(14)
        text.textOut("ABC")

    (line,) = lines(drawn)
    assert line.plain == "A   B   C"


def test_a_raised_number_behind_a_name_is_a_mark(lines: Lines) -> None:
    def drawn(text: PDFTextObject) -> None:
        text.textOut("Ann Reed")
        text.setFont("Helvetica", 7)
        text.setRise(5)
        text.textOut("1,2")
        text.setFont("Helvetica", 12)
        text.setRise(0)
        text.textOut(", Bo Li")

    (line,) = lines(drawn)
    assert line.plain == f"Ann Reed {MARK} , Bo Li"


def test_a_smaller_word_on_the_common_line_is_no_mark(lines: Lines) -> None:
    def drawn(text: PDFTextObject) -> None:
        text.textOut("Ann Reed ")
        text.setFont("Helvetica", 8)
        text.textOut("12 Bo")

    (line,) = lines(drawn)
    assert line.plain == "Ann Reed 12 Bo"
