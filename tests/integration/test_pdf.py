"""PDFs made here, through the extractors and their sandbox."""

from __future__ import annotations

import os
from pathlib import Path

import pypdf
import pytest
from pages import Fail, Read
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from reslib import ErrorCode
from reslib.models import TextStatus

LINES = [
    "The tide gauge in the harbour was read every hour of the night and of the day.",
    "All readings were copied by hand and compared with those of the second gauge.",
    "It was found that the two of them differ by less than the width of a finger.",
]


def write_pdf(path: Path, *pages: str, title: str = "") -> Path:
    """Write a PDF: a page each, lines as given; ``scan`` draws a picture, ``blank`` nothing."""
    from PIL import Image

    canvas = Canvas(str(path), pagesize=A4)
    canvas.setTitle(title)
    for page in pages:
        if page == "scan":
            canvas.drawInlineImage(Image.new("L", (200, 280), 220), 0, 0, *A4)
        elif page != "blank":
            text = canvas.beginText(60, 780)
            text.textLines(page)
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def test_pages_come_in_order_with_their_offsets(tmp_path: Path, read: Read) -> None:
    result = read(write_pdf(tmp_path / "a.pdf", *LINES, title="On tides"))
    assert result.text == "\f".join(LINES)
    assert [result.text[o : o + 5] for o in result.page_offsets] == [x[:5] for x in LINES]
    assert result.title == "On tides"
    assert result.text_status is TextStatus.FULL
    assert result.extractor == "pdf"
    assert "pypdfium2" in result.extractor_version


@pytest.mark.parametrize("title", ["paper.dvi", "Microsoft Word - thesis.docx", "untitled", "x"])
def test_the_name_of_a_working_file_is_no_title(tmp_path: Path, read: Read, title: str) -> None:
    assert read(write_pdf(tmp_path / "a.pdf", LINES[0], title=title)).title is None


def test_a_scan_is_empty_and_says_so(tmp_path: Path, read: Read) -> None:
    result = read(write_pdf(tmp_path / "scan.pdf", "scan", "scan"))
    assert (result.text_status, result.confidence) == (TextStatus.EMPTY, 0.0)
    assert result.confidence_reason == "no text layer (a scan) (2 of 2 pages)"
    assert result.page_count == 2


def test_a_paper_of_which_a_page_is_a_scan_is_partial(tmp_path: Path, read: Read) -> None:
    text = "\n".join(LINES * 3)
    result = read(write_pdf(tmp_path / "half.pdf", text, "scan"))
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence == pytest.approx(0.5)
    assert "1 of 2 pages" in result.confidence_reason


def test_blank_pages_count_for_nothing(tmp_path: Path, read: Read) -> None:
    result = read(write_pdf(tmp_path / "a.pdf", "\n".join(LINES * 3), "blank"))
    assert (result.text_status, result.confidence) == (TextStatus.FULL, 1.0)
    assert result.page_count == 2


def test_a_password_is_asked_for(tmp_path: Path, fail: Fail) -> None:
    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "plain.pdf", *LINES))
    writer.encrypt("secret")
    writer.write(tmp_path / "locked.pdf")
    for extractor in ("pdf", "pdfplumber"):
        failure = fail(tmp_path / "locked.pdf", extractor)
        assert failure.error_code is ErrorCode.ENCRYPTED
        assert "password" in failure.message


def test_an_owner_password_alone_does_not_matter(tmp_path: Path, read: Read) -> None:
    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "plain.pdf", *LINES))
    writer.encrypt("", "owner")
    writer.write(tmp_path / "owner.pdf")
    assert read(tmp_path / "owner.pdf").text == "\f".join(LINES)


def test_a_download_that_broke_off_is_truncated(tmp_path: Path, fail: Fail) -> None:
    whole = write_pdf(tmp_path / "whole.pdf", *LINES).read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[:120])
    failure = fail(tmp_path / "cut.pdf")
    assert failure.error_code is ErrorCode.TRUNCATED
    assert "Get it again" in failure.message


def test_what_is_no_pdf_is_malformed(tmp_path: Path, fail: Fail) -> None:
    (tmp_path / "page.pdf").write_text("Sorry, this paper is not available in your country.")
    assert fail(tmp_path / "page.pdf").error_code is ErrorCode.MALFORMED


def test_a_pdf_under_another_name_is_read_as_what_it_is(tmp_path: Path, read: Read) -> None:
    result = read(write_pdf(tmp_path / "paper.docx", *LINES))
    assert result.mime_type == "application/pdf"
    assert result.text == "\f".join(LINES)


def test_a_page_that_cannot_be_read_leaves_the_others(tmp_path: Path, read: Read) -> None:
    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "a.pdf", *(["\n".join(LINES)] * 3)))
    pages = writer.pages[0]["/Parent"]
    assert isinstance(pages, pypdf.generic.DictionaryObject)
    kids = pages["/Kids"]
    assert isinstance(kids, pypdf.generic.ArrayObject)
    kids[1] = pypdf.generic.NumberObject(7)  # a page that is a number
    writer.write(tmp_path / "broken.pdf")
    result = read(tmp_path / "broken.pdf")
    assert result.text.count("tide gauge") == 2
    assert result.confidence is not None
    assert result.text_status is not TextStatus.FULL or result.page_count == 2


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path, read: Read) -> None:
    path = tmp_path / os.fsdecode(b"paper-\xff.pdf")
    path.write_bytes(write_pdf(tmp_path / "a.pdf", *LINES).read_bytes())
    assert read(path).text == "\f".join(LINES)


def test_pdfplumber_reads_when_it_is_asked_for_by_name(tmp_path: Path, read: Read) -> None:
    result = read(write_pdf(tmp_path / "a.pdf", *LINES, "scan"), "pdfplumber")
    assert result.extractor == "pdfplumber"
    assert result.text == "\f".join([*LINES, ""])
    assert result.text_status is TextStatus.PARTIAL
    assert result.confidence is None, "it is not measured there"


def test_columns_drawn_across_each_other_are_read_one_after_the_other(
    tmp_path: Path, read: Read
) -> None:
    canvas = Canvas(str(tmp_path / "mixed.pdf"), pagesize=A4)
    for n in range(30):
        for x, side in ((50, "left"), (310, "right")):
            line = canvas.beginText(x, 780 - 12 * n)
            line.setFont("Times-Roman", 10)
            line.textOut(f"This is line {n:02} of the {side} column of the page, as it is")
            canvas.drawText(line)
    canvas.save()
    result = read(tmp_path / "mixed.pdf")
    numbers = [line for line in result.text.splitlines() if line]
    assert [("left" in line) for line in numbers] == [True] * 30 + [False] * 30
    assert "put in order" in result.confidence_reason
