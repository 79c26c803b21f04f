"""What PDFium says of many characters at once, beside what pypdfium2 says of each."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from reslib.extractors.pdf.columns import Box
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
