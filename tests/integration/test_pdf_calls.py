"""What PDFium says of many characters at once, beside what pypdfium2 says of each."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.extractor import extract
from reslib.extractors.pdf.textlayer import TextLayer

PAPER = Path(__file__).parents[2] / "samples" / "papers" / "tide-gauges.pdf"


@pytest.fixture
def text_page() -> Iterator[Any]:
    document = pypdfium2.PdfDocument(PAPER)
    page = document[0]
    opened = page.get_textpage()
    yield opened
    opened.close()
    page.close()
    document.close()


def test_the_pieces_of_a_page_are_where_pypdfium2_sees_them(text_page: Any) -> None:
    layer = TextLayer(text_page)
    seen = [Box(*text_page.get_rect(n)) for n in range(text_page.count_rects())]
    assert layer.rectangles() == seen
    assert len(seen) > 20


def test_characters_are_where_pypdfium2_sees_them(text_page: Any) -> None:
    layer = TextLayer(text_page)
    assert [layer.box(n) for n in range(200)] == [text_page.get_charbox(n) for n in range(200)]


def test_beginnings_of_characters_are_the_same_in_a_row_and_one_by_one(text_page: Any) -> None:
    layer = TextLayer(text_page)
    x, y = ctypes.c_double(), ctypes.c_double()
    seen = []
    for index in range(200):
        pdfium.FPDFText_GetCharOrigin(text_page.raw, index, x, y)
        seen.append((x.value, y.value))
    assert layer.origins(range(200)) == [layer.origin(n) for n in range(200)] == seen


def test_characters_that_are_kept_are_asked_for_under_their_new_numbers(text_page: Any) -> None:
    layer = TextLayer(text_page)
    boxes = [layer.box(n) for n in range(10, 60)]
    origins = layer.origins(range(10, 60))
    layer.keep(layer.chars[10:60], range(10, 60), in_order=True)
    assert [layer.box(n) for n in range(50)] == boxes
    assert layer.origins(range(50)) == origins


def test_a_piece_under_a_large_letter_is_found_by_the_pieces_before_it(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    drawn = {"Above": (72, 500, 20), "O": (100, 560, 300), "beside": (72, 300, 12)}
    drawn["inside"] = 180, 650, 12
    for text, (x, y, size) in drawn.items():
        canvas.setFont("Helvetica", size)
        canvas.drawString(x, y, text)
    canvas.save()
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    page = document[0]
    opened = page.get_textpage()
    layer = TextLayer(opened)
    firsts = [layer.first_of(box) for box in layer.rectangles()]
    assert firsts == list(map(layer.chars.index, drawn))
    opened.close()
    page.close()
    document.close()


@pytest.mark.parametrize("looked_for", [True, False])
def test_garbage_is_looked_for_between_pages_as_before(looked_for: bool) -> None:
    if not looked_for:
        gc.disable()
    try:
        assert {gc.isenabled() for _ in extract(PAPER, {})} == {looked_for}
        assert gc.isenabled() is looked_for
    finally:
        gc.enable()
