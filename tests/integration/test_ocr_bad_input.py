"""Pictures made to break OCR, and surroundings in which it cannot work: each costs its own page."""

from __future__ import annotations

import contextlib
import io
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy
import pypdf
import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject
from scans import LINES, needs_tesseract, numbered, picture, stand_in

from reslib.errors import ErrorCode
from reslib.extractors.ocr.tesseract import found_at
from reslib.items import Page
from reslib.models import OCR, ExtractionRequest, Outcome
from reslib.sandbox import Sandbox

#: A thousand million of them, in a file of some hundred bytes.
WIDE, HIGH = 40_000, 25_000
LIMIT_MB = 1024
JUNK = numpy.random.default_rng(1).integers(0, 256, 3000, dtype=numpy.uint8).tobytes()


def read(path: Path, **options: object) -> Outcome:
    request = ExtractionRequest(str(path), timeout=60, task=OCR, options=options, by_page=True)
    with Sandbox(memory_limit_mb=LIMIT_MB) as sandbox:
        return sandbox.run(request)


def pages_of(outcome: Outcome) -> list[Page]:
    assert outcome.result is not None, outcome.failure
    return list(outcome.result.pages)


def png(width: int, height: int) -> bytes:
    """A picture that says how large it is, and has nothing of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def pdf(filter: str, data: bytes, width: int = 1240, height: int = 1754, bits: int = 8) -> bytes:
    """A page whose picture is what is given, and then one that a stand-in reads as page 2."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(595, 842)
    image = StreamObject()
    image.set_data(data)
    image[NameObject("/Type")] = NameObject("/XObject")
    image[NameObject("/Subtype")] = NameObject("/Image")
    image[NameObject("/ColorSpace")] = NameObject("/DeviceGray")
    image[NameObject("/Filter")] = NameObject(filter)
    sizes = {"/Width": width, "/Height": height, "/BitsPerComponent": bits}
    image.update({NameObject(name): NumberObject(size) for name, size in sizes.items()})
    shown = DictionaryObject({NameObject("/Im0"): writer._add_object(image)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): shown})
    content = StreamObject()
    content.set_data(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    page[NameObject("/Contents")] = writer._add_object(content)
    writer.append(pypdf.PdfReader(io.BytesIO(numbered(2))), pages=(1, 2))
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in, which is quicker than tesseract."""
    monkeypatch.setenv("RESLIB_TESSERACT", str(stand_in(tmp_path)))
    found_at.cache_clear()


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (pdf("/JBIG2Decode", JUNK, bits=1), "its picture is damaged"),
        (pdf("/JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + JUNK), "its picture is damaged"),
        (pdf("/DCTDecode", b"\xff\xd8\xff\xe0" + JUNK), "its picture is damaged"),
        (
            pdf("/FlateDecode", zlib.compress(bytes(1000)), WIDE, HIGH),
            f"{WIDE:,} by {HIGH:,} pixels",
        ),
    ],
    ids=["JBIG2", "JPEG 2000", "JPEG", "pixels"],
)
def test_a_picture_that_cannot_be_decoded_is_no_blank_page_and_costs_its_page(
    tmp_path: Path, bad: bytes, says: str
) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(bad)
    outcome = read(path)
    first, second = pages_of(outcome)
    assert says in first.reason
    assert not first.blank
    assert not first.wants, "it will not get better"
    assert second.text.startswith("page 2 read")
    assert (outcome.peak_rss_mb or 0) < LIMIT_MB / 2


@pytest.mark.usefixtures("program")
def test_a_picture_of_a_thousand_million_pixels_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(png(WIDE, HIGH))
    outcome = read(path)
    [page] = pages_of(outcome)
    assert f"{WIDE:,} by {HIGH:,} pixels" in page.reason
    assert (outcome.peak_rss_mb or 0) < LIMIT_MB / 2


@needs_tesseract
def test_a_damaged_language_fails_with_what_the_program_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = tmp_path / "tessdata"
    languages.mkdir()
    (languages / "eng.traineddata").write_bytes(JUNK * 100)
    monkeypatch.setenv("TESSDATA_PREFIX", str(languages))
    found_at.cache_clear()
    path = tmp_path / "scan.png"
    picture().save(path)
    failure = read(path).failure
    assert failure is not None
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "eng.traineddata" in str(failure)
    found_at.cache_clear()


@needs_tesseract
def test_a_full_folder_for_temporary_files_is_not_needed(
    tmp_path: Path, mount_disk: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scan.png"
    picture().save(path)
    small = mount_disk(1 << 20)
    monkeypatch.setenv("TMPDIR", str(small))
    monkeypatch.setattr(tempfile, "tempdir", None)
    request = ExtractionRequest(str(path), timeout=60, task=OCR, options={}, by_page=True)
    with Sandbox() as sandbox, (small / "filler").open("wb", buffering=0) as filler:
        with contextlib.suppress(OSError):
            while filler.write(bytes(4096)):
                pass
        [page] = pages_of(sandbox.run(request))
    assert page.text.split() == " ".join(LINES).split()


def noise() -> Image.Image:
    draw = numpy.random.default_rng(1)
    return Image.fromarray(draw.integers(0, 256, (1100, 850), dtype=numpy.uint8))


def blank() -> Image.Image:
    draw = numpy.random.default_rng(1)
    grain = 250 - numpy.abs(draw.normal(0, 4, (1100, 850)))
    return Image.fromarray(grain.astype(numpy.uint8))


def photograph() -> Image.Image:
    draw = numpy.random.default_rng(1)
    bicubic = Image.Resampling.BICUBIC
    shapes, details = (
        Image.fromarray(draw.integers(0, 256, size, dtype=numpy.uint8)).resize((850, 1100), bicubic)
        for size in ((14, 11), (110, 85))
    )
    return Image.blend(shapes, details, 0.3)


@needs_tesseract
@pytest.mark.parametrize(
    ("page", "says", "is_blank"),
    [
        (noise(), "OCR found no words on it", False),
        (blank(), "a blank page", True),
        (photograph(), "OCR found no words on it", False),
    ],
    ids=["noise", "blank", "photograph"],
)
def test_a_page_without_words_gives_none(
    tmp_path: Path, page: Image.Image, says: str, is_blank: bool
) -> None:
    path = tmp_path / "page.png"
    page.save(path, dpi=(100, 100))
    [read_page] = pages_of(read(path))
    assert (read_page.text, read_page.reason, read_page.blank) == ("", says, is_blank)
