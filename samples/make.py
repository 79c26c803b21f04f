"""Typeset the sample papers: ``python samples/make.py`` writes ``samples/papers``.

Sources are in ``samples/src``; the Markdown, TeX and HTML samples are written by hand and lie in
``samples/papers`` itself. Everything here is invented. The files are committed, so this is needed
only after a change; it needs the ``dev`` extra.
"""

from __future__ import annotations

import csv
import datetime
import io
import math
import random
from pathlib import Path

import pypdf
import pypdfium2
import typst
from manuscript import write_manuscript
from PIL import Image, ImageFilter

HERE = Path(__file__).resolve().parent
PAPERS = HERE / "papers"
#: Fixed, so that a second run writes the same files.
WRITTEN = datetime.datetime(2026, 1, 12, 9, 0, tzinfo=datetime.UTC)
PASSWORD = "heron"


def typeset(name: str) -> bytes:
    """Return ``src/<name>.typ`` as a PDF."""
    return typst.compile(HERE / "src" / f"{name}.typ", ignore_system_fonts=True, timestamp=WRITTEN)


def scanned(page: Image.Image, seed: int, dpi: int) -> bytes:
    """Return a page as it comes from a scanner: grey, a little skewed, blurred and noisy."""
    dice = random.Random(seed)
    paper = page.convert("L").rotate(
        dice.uniform(-0.9, 0.9), resample=Image.Resampling.BICUBIC, fillcolor=255
    )
    paper = paper.filter(ImageFilter.GaussianBlur(0.5))
    width, height = paper.size
    grain = Image.frombytes(
        "L", (width // 2, height // 2), dice.randbytes(width // 2 * (height // 2))
    )
    grain = grain.resize(paper.size, Image.Resampling.BILINEAR)
    paper = Image.blend(paper.point(lambda v: int(28 + v * 0.86)), grain, 0.05)
    out = io.BytesIO()
    paper.save(out, "PDF", resolution=dpi, quality=38)
    return out.getvalue()


def scan(pdf: bytes, seed: int, dpi: int = 110) -> list[bytes]:
    """Return every page of *pdf* as a one-page PDF that holds nothing but a picture."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.render(scale=dpi / 72).to_pil() for page in document]
    return [scanned(page, seed + number, dpi) for number, page in enumerate(pages)]


def join(pages: list[pypdf.PageObject]) -> bytes:
    """Return the pages as one PDF."""
    writer = pypdf.PdfWriter()
    for page in pages:
        writer.add_page(page)
    writer.add_metadata({"/Producer": "reslib samples"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def first_page(pdf: bytes) -> pypdf.PageObject:
    """Return the first page of *pdf*."""
    return pypdf.PdfReader(io.BytesIO(pdf)).pages[0]


def locked(pdf: bytes) -> bytes:
    """Return *pdf* behind a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.encrypt(PASSWORD, algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def write_measurements(path: Path) -> None:
    """Write the lichen counts that the manuscript speaks of."""
    dice = random.Random(1848)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(["roof", "aspect", "tile", "age_years", "species", "cover_percent", "note"])
        for roof, age in enumerate((12, 25, 25, 40, 40, 60, 60, 90), start=1):
            for aspect in ("north", "south"):
                for tile in range(1, 6):
                    shade = 1.6 if aspect == "north" else 1.0
                    cover = min(
                        95.0, shade * (10.9 * math.log(age) - 13.1) * dice.uniform(0.7, 1.3)
                    )
                    species = max(1, round(cover / 8 + dice.gauss(0, 1)))
                    note = dice.choice(["", "", "", "", "moss", "cracked", "under gutter"])
                    table.writerow([roof, aspect, tile, age, species, f"{cover:.1f}", note])


def main() -> None:
    """Write every sample that is made from a source."""
    PAPERS.mkdir(exist_ok=True)
    papers = {name: typeset(name) for name in ("tide-gauges", "waiting-lines", "sourdough")}
    for name, pdf in papers.items():
        (PAPERS / f"{name}.pdf").write_bytes(pdf)

    report = scan(typeset("field-report"), seed=74)
    (PAPERS / "field-report-1974-scan.pdf").write_bytes(join([first_page(p) for p in report]))

    typefaces = typeset("typefaces")
    pages = list(pypdf.PdfReader(io.BytesIO(typefaces)).pages)
    pictures = [first_page(page) for page in scan(typefaces, seed=12, dpi=100)]
    half = [*pages[: len(pages) // 2], *pictures[len(pages) // 2 :]]
    (PAPERS / "typefaces-half-scanned.pdf").write_bytes(join(half))

    whole = papers["tide-gauges"]
    (PAPERS / "tide-gauges-broken-download.pdf").write_bytes(whole[: len(whole) * 2 // 5])
    (PAPERS / "ethics-minutes-locked.pdf").write_bytes(locked(typeset("locked-minutes")))
    write_measurements(PAPERS / "lichen-cover.csv")
    write_manuscript(PAPERS / "roof-lichens-manuscript.docx", WRITTEN)


if __name__ == "__main__":
    main()
