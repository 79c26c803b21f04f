"""Scans whose every word is known: typeset, printed to pixels and damaged, by seeds."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.scantexts import TEXTS, WITH_GREEK_WORDS, paragraphs
from evaluation.typeset import compile_typst, prose

__all__ = ["CASES", "Case", "Damage", "damaged", "make", "pictures_of", "to_pdf"]

_NOTES = (
    "The instrument was lent by a school that has closed since",
    "A second reading of the same evening was lost with its notebook",
    "Compare the drawing that hangs in the hall of the station",
)


@dataclass(frozen=True, slots=True)
class Damage:
    """What happens to a page between the printer and the file.

    Parameters
    ----------
    skew, turned
        Degrees against and with the clock.
    noise, blur, specks
        Steps of grey, pixels, and the share of pixels that are lost.
    grey, shadow, fax
        Uneven paper, a shadow on the left, black and white only.
    bleed
        How much of the other side shines through.
    """

    skew: float = 0.0
    turned: int = 0
    noise: float = 0.0
    blur: float = 0.0
    specks: float = 0.0
    grey: bool = False
    shadow: bool = False
    fax: bool = False
    bleed: float = 0.0


_HARD = Damage(skew=1.3, noise=16, blur=0.8, grey=True, bleed=0.12)
_USUAL = Damage(skew=0.6, noise=6, blur=0.5, grey=True)


@dataclass(frozen=True, slots=True)
class Case:
    """One document.

    Parameters
    ----------
    name
        What it is about.
    layout
        ``one`` column, ``two``, ``notes`` at the foot, ``greek`` words, or a language.
    dpi
        At which it is scanned.
    damage
        What was done to it.
    kind
        ``pdf``, ``tiff``, ``png``, ``jpeg``, ``webp``; or what is wrong with a PDF that has a text:
        ``map``, ``old layer``, ``good layer``; ``digital`` for one with which nothing is.
    languages
        Those that are named; found out when None.
    limit
        The word recall below which it counts as lost.
    """

    name: str
    layout: str = "one"
    dpi: int = 200
    damage: Damage = field(default_factory=Damage)
    kind: str = "pdf"
    languages: tuple[str, ...] | None = None
    limit: float = 0.95


CASES = (
    Case("clean, 300 dpi", dpi=300),
    Case("usual", damage=_USUAL),
    Case("skew 2 degrees", damage=Damage(skew=2.0, noise=5)),
    Case("skew -3 degrees", damage=Damage(skew=-3.0)),
    Case("hard", damage=_HARD),
    Case("two columns", "two", damage=_USUAL),
    Case("two columns, hard", "two", damage=_HARD),
    Case("footnotes", "notes", damage=_USUAL),
    Case("turned by 90", damage=Damage(turned=90, noise=5)),
    Case("turned by 180", damage=Damage(turned=180, noise=5)),
    Case("turned by 270, two columns", "two", damage=Damage(turned=270, noise=5)),
    Case("110 dpi", dpi=110),
    Case("fax", dpi=200, damage=Damage(fax=True, noise=20)),
    Case("fax of 200 by 100 dpi", kind="fax"),
    Case("shadow", damage=Damage(shadow=True, noise=5)),
    Case("specks", damage=Damage(specks=0.004)),
    *(Case(f"in {name}", name, damage=_USUAL) for name in TEXTS),
    Case("Greek words in English", "greek", damage=_USUAL, languages=("eng", "ell")),
    Case("Greek words, not named", "greek", damage=_USUAL),
    Case("wrong character map", kind="map"),
    Case("old layer, bad", kind="old layer"),
    Case("old layer, good", kind="good layer"),
    Case("digital", kind="digital"),
    Case("TIFF of several pages", "two", kind="tiff", damage=_USUAL),
    Case("PNG without resolution", kind="png", damage=_USUAL),
    Case("JPEG", kind="jpeg", damage=_USUAL, dpi=250),
    Case("WebP", kind="webp", damage=_USUAL),
)
_SUFFIXES = {"tiff": ".tiff", "png": ".png", "jpeg": ".jpg", "webp": ".webp"}


def make(case: Case, seed: int, folder: Path, sentences: int = 28) -> tuple[Path, list[list[str]]]:
    """Make one document; return where it is, and the truth: pieces, each a list of sentences."""
    name = re.sub(r"\W+", "-", case.name).strip("-")
    path = folder / f"{name}-{seed}{_SUFFIXES.get(case.kind, '.pdf')}"
    printed = folder / f"{name}-{seed}.printed.pdf"
    truth = _typeset(case.layout, seed, printed, sentences)
    if case.kind in ("map", "digital"):
        _with_wrong_map(printed, path) if case.kind == "map" else printed.replace(path)
        printed.unlink(missing_ok=True)
        return path, truth
    pages = pictures_of(printed, case.dpi)
    printed.unlink()
    scans = [damaged(page, seed + n, case.damage) for n, page in enumerate(pages)]
    if case.kind == "fax":
        path.write_bytes(_fax(scans, case.dpi))
    elif case.kind in _SUFFIXES:
        _save(scans, path, case)
    elif case.kind.endswith("layer"):
        _with_layer(scans, case, seed, truth, path)
    else:
        path.write_bytes(to_pdf(scans, case.dpi))
    return path, truth


def _typeset(layout: str, seed: int, path: Path, sentences: int) -> list[list[str]]:
    language = {"deu": "de", "fra": "fr", "spa": "es", "ita": "it", "rus": "ru", "ell": "el"}
    if layout == "greek" or layout in TEXTS:
        text = WITH_GREEK_WORDS if layout == "greek" else TEXTS[layout]
        parts = paragraphs(text)
        truth = [[s for part in parts for s in re.split(r"(?<=[.!?])\s+", part)]]
    else:
        truth = [prose(seed, sentences)]
        parts = [" ".join(truth[0][at : at + 6]) for at in range(0, sentences, 6)]
    if layout == "notes":
        for at, note in enumerate(_NOTES):
            parts[at] += f"#footnote[{note}.]"
        truth += [[f"{note}."] for note in _NOTES]
    columns = 2 if layout == "two" else 1
    font = "Libertinus Serif" if layout in TEXTS else "New Computer Modern"
    head = [
        f'#set page(paper: "a4", margin: 2.2cm, columns: {columns}, numbering: "1")',
        f'#set text(font: "{font}", size: 10.5pt, '
        f'lang: "{language.get(layout, "en")}", hyphenate: true)',
        "#set par(justify: true, first-line-indent: 1em)",
    ]
    compile_typst([*head, *parts], path)
    return truth


def pictures_of(pdf: Path, dpi: int) -> list[Any]:
    """Return the pages of a PDF as grey pictures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def damaged(picture: Any, seed: int, damage: Damage) -> Any:
    """Return a picture with the damage that a copier, a scanner and a cellar do."""
    import numpy
    from PIL import Image, ImageFilter

    draw = numpy.random.default_rng(seed)
    if damage.skew:
        picture = picture.rotate(damage.skew, resample=Image.Resampling.BICUBIC, fillcolor=255)
    if damage.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(damage.blur))
    grey: Any = numpy.asarray(picture, dtype=numpy.float32)
    height, width = grey.shape
    if damage.bleed:
        back = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        back = numpy.asarray(back.filter(ImageFilter.GaussianBlur(2)), dtype=numpy.float32)
        grey = numpy.minimum(grey, 255 - (255 - back) * damage.bleed)
    if damage.grey:
        clouds = Image.fromarray(draw.integers(0, 255, (8, 6), dtype=numpy.uint8))
        clouds = clouds.resize((width, height), Image.Resampling.BICUBIC)
        tone = 190 + numpy.asarray(clouds, dtype=numpy.float32) / 255 * 45
        grey = 35 + (grey / 255) * (tone - 35)
    if damage.shadow:
        across = numpy.linspace(0, 1, width, dtype=numpy.float32)
        grey = grey * (1 - 0.55 * numpy.exp(-across * 9))[None, :]
    if damage.noise:
        grey = grey + draw.normal(0, damage.noise, grey.shape)
    if damage.specks:
        lost = draw.random(grey.shape) < damage.specks
        grey = numpy.where(lost, draw.integers(0, 2, grey.shape) * 255, grey)
    picture = Image.fromarray(numpy.clip(grey, 0, 255).astype(numpy.uint8))
    if damage.fax:
        picture = picture.point(lambda value: 255 if value > 150 else 0)
    return picture.rotate(-damage.turned, expand=True) if damage.turned else picture


def to_pdf(pages: Sequence[Any], dpi: int) -> bytes:
    """Return pictures as a PDF that has nothing else."""
    import pypdf

    writer = pypdf.PdfWriter()
    for page in pages:
        one = io.BytesIO()
        quality = {} if page.mode == "1" else {"quality": 70}
        page.save(one, "PDF", resolution=dpi, **quality)
        writer.append(io.BytesIO(one.getvalue()))
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue()


def _fax(pages: Sequence[Any], dpi: int) -> bytes:
    """Return pictures in black and white with every other row lost, as a PDF of their true size."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    whole = io.BytesIO()
    canvas = Canvas(whole)
    for page in pages:
        width, height = (72 * side / dpi for side in page.size)
        canvas.setPageSize((width, height))
        rows = page.resize((page.width, page.height // 2)).point(lambda v: 255 * (v > 150))
        canvas.drawImage(ImageReader(rows.convert("1")), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return whole.getvalue()


def _save(pages: Sequence[Any], path: Path, case: Case) -> None:
    if case.kind == "tiff":
        first, *others = pages
        first.save(path, save_all=True, append_images=others, dpi=(case.dpi, case.dpi))
    elif case.kind == "png":
        pages[0].save(path)
    else:
        pages[0].save(path, quality=75, **({"dpi": (case.dpi,) * 2} if case.kind == "jpeg" else {}))


def _with_layer(
    pages: Sequence[Any], case: Case, seed: int, truth: list[list[str]], path: Path
) -> None:
    """Lay unseen words under pictures: those of the pages, or what an old OCR made of them."""
    import random

    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    draw = random.Random(seed)
    words = " ".join(truth[0]).split()
    if case.kind == "old layer":
        words = [_misread(word, draw) if draw.random() < 0.45 else word for word in words]
    width, height = (72 * side / case.dpi for side in pages[0].size)
    canvas = Canvas(str(path), pagesize=(width, height))
    share = -(-len(words) // len(pages))
    for at, page in enumerate(pages):
        canvas.drawImage(ImageReader(page.convert("L")), 0, 0, width, height)
        text = canvas.beginText(60, height - 70)
        text.setFont("Times-Roman", 9)
        text.setTextRenderMode(3)
        own = words[at * share : (at + 1) * share]
        for first in range(0, len(own), 13):
            text.textLine(" ".join(own[first : first + 13]))
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


def _misread(word: str, draw: Any) -> str:
    changes = {"m": "rn", "l": "1", "e": "c", "t": "f", "a": "o", "n": "ii", "r": "i", "s": "5"}
    return "".join(changes.get(c, c) if draw.random() < 0.6 else c for c in word)


def _with_wrong_map(source: Path, path: Path) -> None:
    """Write a PDF whose letters look right and are copied as others: each as one further on."""
    import pypdf
    from pypdf.generic import NameObject, StreamObject

    writer = pypdf.PdfWriter(clone_from=source)
    for each in list(writer._objects):
        if isinstance(each, dict) and "/ToUnicode" in each:
            table = each["/ToUnicode"].get_data().decode("latin-1")
            wrong = StreamObject()
            wrong.set_data(_shifted(table).encode("latin-1"))
            each[NameObject("/ToUnicode")] = writer._add_object(wrong)
    with path.open("wb") as file:
        writer.write(file)


def _shifted(table: str) -> str:
    def shift(code: str) -> str:
        return f"{(int(code, 16) * 7 + 3) % 58 + 65:04X}"

    pair = re.compile(r"<([0-9A-Fa-f]+)>(\s*)<([0-9A-Fa-f]{4})>(?=\s*(?:\n|\r|<|endbf))")
    return pair.sub(lambda match: f"<{match[1]}>{match[2]}<{shift(match[3])}>", table)
