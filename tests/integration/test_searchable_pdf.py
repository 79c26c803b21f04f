"""Scanned PDFs exported with the words that OCR read, for programs that know nothing of reslib."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy
import pdfplumber
import pypdf
import pypdfium2
import pytest
from commandline import Run, command_in
from PIL import Image
from pypdf.generic import ArrayObject, NameObject, NumberObject, RectangleObject, StreamObject
from reportlab.pdfgen.canvas import Canvas
from scans import LINES, needs_tesseract, pdf_of, picture, stand_in

from reslib.extractors.ocr.wayback import Frame
from reslib.extractors.ocr.wordlayer import PlacedWord, WordLayer

#: Where the first letters of the lines are drawn, in points: so far from the left, and from the top
#: for the first line, and so far from line to line.
LEFT, TOP, STEP = 57.6, 67.2, 24.0


@pytest.fixture
def reslib(tmp_path: Path) -> Run:
    return command_in(tmp_path)


def exported(reslib: Run, folder: Path, *arguments: str) -> Path:
    """Read the documents of a folder, and return the folder with the copies."""
    assert reslib("extract", folder / "in", *arguments).returncode == 0
    done = reslib("export", "--searchable-pdf", "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def shown(document: bytes) -> Any:
    """The pixels of its first page."""
    with pypdfium2.PdfDocument(document) as opened:
        return numpy.array(opened[0].render(scale=1.5).to_numpy())


def with_stream_of_references(document: bytes) -> bytes:
    """The same PDF with a stream in place of its table, as programs write it since PDF 1.5."""
    start = int(re.findall(rb"startxref\s+(\d+)", document)[-1])
    rows = re.findall(rb"(\d{10}) \d{5} ([nf])", document[start:])
    kinds = [(kind == b"n", int(at)) for at, kind in rows] + [(True, start)]
    stream = StreamObject()
    stream.update(pypdf.PdfReader(io.BytesIO(document)).trailer)
    stream[NameObject("/Type")] = NameObject("/XRef")
    stream[NameObject("/Size")] = NumberObject(len(kinds))
    stream[NameObject("/W")] = ArrayObject(map(NumberObject, (1, 4, 2)))
    stream.set_data(b"".join(bytes([used]) + at.to_bytes(4, "big") + b"\0\0" for used, at in kinds))
    made = io.BytesIO(document[:start])
    made.seek(start)
    made.write(b"%d 0 obj\n" % (len(kinds) - 1))
    stream.write_to_stream(made)
    made.write(b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)
    return made.getvalue()


def with_words(folder: Path, words: list[PlacedWord]) -> Path:
    """Return an empty page with a layer of words."""
    path = folder / "page.pdf"
    path.write_bytes(pdf_of([Image.new("L", (1240, 1754), 255)]))
    layer = WordLayer(path)
    layer.add(1, words)
    path.write_bytes(path.read_bytes() + layer.made())
    return path


@needs_tesseract
@pytest.mark.parametrize("has_stream", [False, True])
def test_the_words_of_a_scan_are_where_they_are_seen(
    has_stream: bool, tmp_path: Path, reslib: Run
) -> None:
    scan = pdf_of([picture()])
    scan = with_stream_of_references(scan) if has_stream else scan
    written(tmp_path, "scan.pdf", scan)
    copy = (exported(reslib, tmp_path) / "scan.pdf").read_bytes()
    assert copy.startswith(scan)
    assert numpy.array_equal(shown(copy), shown(scan))
    with pdfplumber.open(io.BytesIO(copy)) as opened:
        words = opened.pages[0].extract_words()
    assert [word["text"] for word in words] == " ".join(LINES).split()
    firsts = {line.split()[0]: number for number, line in enumerate(LINES)}
    for word in words:
        if word["x0"] < LEFT + 5:
            assert word["x0"] == pytest.approx(LEFT, abs=2)
            assert word["top"] == pytest.approx(TOP + STEP * firsts.pop(word["text"]), abs=8)
    assert not firsts


@needs_tesseract
@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("by", ["the scanner", "the page"])
def test_words_that_stand_on_their_side_are_where_they_are_seen(
    turned: int, by: str, tmp_path: Path, reslib: Run
) -> None:
    page = picture()
    if by == "the scanner":
        scan = pdf_of([page.rotate(-turned, expand=True)])
    else:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of([page.rotate(turned, expand=True)])))
        writer.pages[0].rotate(turned)
        whole = io.BytesIO()
        writer.write(whole)
        scan = whole.getvalue()
    written(tmp_path, "scan.pdf", scan)
    copy = (exported(reslib, tmp_path) / "scan.pdf").read_bytes()
    ink = shown(copy)[:, :, 0] < 128
    with pypdfium2.PdfDocument(copy) as opened:
        page_text = opened[0].get_textpage()
        high = opened[0].get_mediabox()[3]
        wide = opened[0].get_mediabox()[2]
        turn = opened[0].get_rotation()
        dark = total = 0
        for index in range(page_text.count_chars()):
            left, bottom, right, top = page_text.get_charbox(index)
            if page_text.get_text_range(index, 1).strip():
                area = {
                    0: (left, high - top, right, high - bottom),
                    90: (bottom, left, top, right),
                    180: (wide - right, bottom, wide - left, top),
                    270: (high - top, wide - right, high - bottom, wide - left),
                }[turn]
                x0, y0, x1, y1 = (round(1.5 * value) for value in area)
                dark += bool(ink[y0 : y1 + 1, x0 : x1 + 1].any())
                total += 1
        text = page_text.get_text_range()
    assert sorted(text.split()) == sorted(" ".join(LINES).split())
    assert dark > 0.97 * total > 0


@needs_tesseract
def test_lines_that_rise_and_pages_that_are_cut_keep_their_words_in_place(
    tmp_path: Path, reslib: Run
) -> None:
    askew = picture().rotate(2.0, Image.Resampling.BILINEAR, fillcolor=255)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of([askew])))
    writer.pages[0].cropbox = RectangleObject((30, 400, 560, 841))
    whole = io.BytesIO()
    writer.write(whole)
    written(tmp_path, "scan.pdf", whole.getvalue())
    copy = exported(reslib, tmp_path) / "scan.pdf"
    with pdfplumber.open(copy) as opened:
        words = {word["text"]: word for word in opened.pages[0].extract_words()}
    assert set(" ".join(LINES).split()) <= set(words)
    # The first and the last word of a line: it rises by two degrees.
    first, last = words["The"], words["hour"]
    rise = (first["bottom"] - last["bottom"]) / (last["x0"] - first["x0"])
    assert rise == pytest.approx(0.035, abs=0.012)


@needs_tesseract
def test_words_of_lines_that_stand_steep_stay_whole(tmp_path: Path, reslib: Run) -> None:
    steep = picture().rotate(10.0, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    written(tmp_path, "scan.pdf", pdf_of([steep]))
    with pdfplumber.open(exported(reslib, tmp_path) / "scan.pdf") as opened:
        words = {word["text"] for word in opened.pages[0].extract_words()}
    assert set(" ".join(LINES).split()) <= words


@needs_tesseract
def test_lines_on_their_side_are_lines_for_others_too(tmp_path: Path, reslib: Run) -> None:
    page = Image.new("L", (1240, 1754), 255)
    page.paste(picture().crop((100, 120, 1140, 260)).rotate(90, expand=True), (300, 350))
    written(tmp_path, "scan.pdf", pdf_of([page]))
    with pypdfium2.PdfDocument(exported(reslib, tmp_path) / "scan.pdf") as opened:
        text = opened[0].get_textpage()
        letters = text.get_text_range()
        assert "tide gauge" in letters
        boxes = [text.get_charbox(letters.index("tide") + number) for number in range(4)]
    # It runs up the page.
    assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)
    assert max(box[0] for box in boxes) - min(box[0] for box in boxes) < 3


@needs_tesseract
def test_pages_of_text_stay_as_they_are(tmp_path: Path, reslib: Run) -> None:
    own = io.BytesIO()
    canvas = Canvas(own, pagesize=(595, 842))
    for number in range(25):
        canvas.drawString(72, 740 - 20 * number, f"Line {number} was typed, and needs no reading.")
    canvas.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(own.getvalue()))
    writer.append(io.BytesIO(pdf_of([picture()])))
    whole = io.BytesIO()
    writer.write(whole)
    written(tmp_path, "half.pdf", whole.getvalue())
    copy = exported(reslib, tmp_path) / "half.pdf"
    before, after = pypdf.PdfReader(whole), pypdf.PdfReader(copy)
    assert after.pages[0].extract_text() == before.pages[0].extract_text()
    assert after.pages[0].get_contents() == before.pages[0].get_contents()
    assert after.pages[1].extract_text().split() == " ".join(LINES).split()


@needs_tesseract
def test_a_copy_is_a_text_for_reslib_too(tmp_path: Path, reslib: Run) -> None:
    written(tmp_path, "scan.pdf", pdf_of([picture()]))
    out = exported(reslib, tmp_path)
    assert reslib("extract", out, "--db", "again.db", "--no-ocr").returncode == 0
    found = reslib("search", "tide gauge", "--db", "again.db")
    assert "scan.pdf" in found.stdout


@needs_tesseract
def test_two_documents_of_one_name_get_a_copy_each_and_copies_that_are_there_stay(
    tmp_path: Path, reslib: Run
) -> None:
    written(tmp_path, "scan.pdf", pdf_of([picture()]))
    other = tmp_path / "in" / "more" / "scan.pdf"
    other.parent.mkdir()
    other.write_bytes(pdf_of([picture(LINES[:3])]))
    # It has the name that one of the others would get.
    written(tmp_path, "scan-1.pdf", pdf_of([picture(LINES[1:4])]))
    out = exported(reslib, tmp_path)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["scan-1-1.pdf", "scan-1.pdf", "scan-3.pdf"]
    (out / names[0]).write_bytes(b"mine")
    again = reslib("export", "--searchable-pdf", "out")
    assert "0 PDFs written" in again.stderr
    assert "3 there already" in again.stderr
    assert (out / names[0]).read_bytes() == b"mine"
    assert reslib("export", "--searchable-pdf", "out", "--force").returncode == 0
    assert (out / names[0]).read_bytes() != b"mine"


@needs_tesseract
def test_no_copy_takes_the_place_of_its_document(tmp_path: Path, reslib: Run) -> None:
    path = written(tmp_path, "scan.pdf", pdf_of([picture()]))
    other = tmp_path / "in" / "more" / "scan.pdf"
    other.parent.mkdir()
    canvas = Canvas(str(other))
    canvas.drawString(72, 720, "This one was typed, and is of the same name.")
    canvas.save()
    before = path.read_bytes(), other.read_bytes()
    assert reslib("extract", "in").returncode == 0
    (tmp_path / "link").symlink_to("in/more", target_is_directory=True)
    for folder in ("in", "in/more", "link"):
        done = reslib("export", "--searchable-pdf", folder, "--force")
        assert done.returncode == 1
        assert "would take the place of a document of this library" in " ".join(done.stderr.split())
    assert (path.read_bytes(), other.read_bytes()) == before


@needs_tesseract
def test_what_cannot_be_added_to_is_named_and_costs_no_other_document(
    tmp_path: Path, reslib: Run
) -> None:
    scan = pdf_of([picture()])
    broken = re.sub(rb"startxref\s+\d+", b"startxref\n7", scan)
    written(tmp_path, "broken.pdf", broken)
    written(tmp_path, "gone.pdf", pdf_of([picture(LINES[1:])]))
    written(tmp_path, "good.pdf", scan)
    written(tmp_path, "other.pdf", pdf_of([picture(LINES[2:])]))
    locked = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of([picture(LINES[3:])])))
    locked.encrypt("", "secret")
    locked.write(tmp_path / "in" / "locked.pdf")
    assert reslib("extract", "in").returncode == 0
    (tmp_path / "in" / "gone.pdf").unlink()
    written(tmp_path, "other.pdf", pdf_of([picture(LINES[:2])]))
    done = reslib("export", "--searchable-pdf", "out")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "its list of objects is not where it says" in said
    assert "gone.pdf: it is not there any more" in said
    assert "other.pdf: it has changed since it was read" in said
    assert "locked.pdf: it is encrypted" in said
    assert "4 could not be written" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.pdf"]


def test_a_library_without_scans_says_so(tmp_path: Path, reslib: Run) -> None:
    (tmp_path / "note.txt").write_text("nothing was scanned here")
    assert reslib("extract", "note.txt").returncode == 0
    done = reslib("export", "--searchable-pdf", "out")
    assert done.returncode == 2
    assert "no PDF here has pages that were read by OCR" in done.stderr
    assert not (tmp_path / "out").exists()


def test_pages_that_ocr_gives_up_are_said(
    tmp_path: Path, reslib: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESLIB_TESSERACT", str(stand_in(tmp_path)))
    written(tmp_path, "scan.pdf", pdf_of([picture(), picture(LINES[2:])]))
    assert reslib("extract", "in").returncode == 0
    monkeypatch.setenv("RESLIB_ACT", "sys.exit('no ink left')")
    done = reslib("export", "--searchable-pdf", "out")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "OCR read no words on its pages (page 1: OCR could not read it" in said
    assert "no ink left" in said


def test_a_language_that_has_gone_is_named(
    tmp_path: Path, reslib: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESLIB_TESSERACT", str(stand_in(tmp_path)))
    monkeypatch.setenv("RESLIB_LANGS", "deu")
    written(tmp_path, "scan.pdf", pdf_of([picture()]))
    assert reslib("extract", "in").returncode == 0
    monkeypatch.setenv("RESLIB_LANGS", "eng")
    done = reslib("export", "--searchable-pdf", "out")
    assert done.returncode == 1
    assert "it was read in German" in " ".join(done.stderr.split())
    assert "apt install tesseract-ocr-deu" in " ".join(done.stderr.split())


def test_more_letters_than_one_font_has_keep_their_meaning(tmp_path: Path) -> None:
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 600)))
    words = [
        PlacedWord(letters[first : first + 20], (72, y), (472, y), (72, y + 10))
        for first, y in zip(range(0, 600, 20), range(60, 800, 15), strict=False)
    ]
    text = pypdf.PdfReader(with_words(tmp_path, words)).pages[0].extract_text()
    assert sorted("".join(text.split())) == sorted(letters)


def test_a_second_layer_leaves_the_first_one_its_words(tmp_path: Path) -> None:
    path = with_words(tmp_path, [PlacedWord("first", (72, 60), (172, 60), (72, 80))])
    layer = WordLayer(path)
    layer.add(1, [PlacedWord("second", (72, 110), (172, 110), (72, 130))])
    path.write_bytes(path.read_bytes() + layer.made())
    text = pypdf.PdfReader(path).pages[0].extract_text()
    assert sorted(text.split()) == ["first", "second"]


@pytest.mark.parametrize("word", ["שלום", "مرحبا", "naïve", "12.5", "ﬁnd"])
def test_a_word_is_read_as_it_is_written(word: str, tmp_path: Path) -> None:
    path = with_words(tmp_path, [PlacedWord(word, (72, 60), (172, 60), (72, 80))])
    with pypdfium2.PdfDocument(path) as opened:
        text = opened[0].get_textpage().get_text_range().strip()
    assert unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", word)


def test_what_a_page_does_to_its_measures_does_not_move_its_words(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream.set_data(b"q q 0.24 0 0 0.24 100 100 cm")
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(tmp_path / "page.pdf")
    layer = WordLayer(tmp_path / "page.pdf")
    layer.add(1, [PlacedWord("here", (72, 60), (172, 60), (72, 80))])
    whole = (tmp_path / "page.pdf").read_bytes() + layer.made()
    with pdfplumber.open(io.BytesIO(whole)) as opened:
        [word] = opened.pages[0].extract_words()
    assert (word["text"], word["x0"], word["x1"]) == ("here", 72, pytest.approx(172))


@pytest.mark.parametrize("after", [b"", b"\n", b"\0" * 300, b"\x1a", b"<!-- sent by a server -->"])
def test_what_follows_the_end_of_a_file_is_no_hindrance(after: bytes, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf_of([Image.new("L", (1240, 1754), 255)]) + after)
    layer = WordLayer(path)
    layer.add(1, [PlacedWord("here", (72, 60), (172, 60), (72, 80))])
    path.write_bytes(path.read_bytes() + layer.made())
    with pypdfium2.PdfDocument(path) as opened:
        assert opened[0].get_textpage().get_text_range().strip() == "here"


@pytest.mark.parametrize(
    ("turned", "corner"), [(0, (10, 120)), (90, (10, 20)), (180, (110, 20)), (270, (110, 120))]
)
def test_the_corner_of_a_picture_is_where_a_turned_page_has_it(
    turned: int, corner: tuple[float, float]
) -> None:
    frame = Frame.shown((10, 20, 110, 120), turned)
    assert frame.at((0, 0)) == corner
    assert frame.at((0.5, 0.5)) == (60, 70)
