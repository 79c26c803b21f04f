"""Pages for tests, drawn as the programs draw that are known for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from pdf_objects import document
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from reslib.models import ExtractionResult, Failure

#: Fixtures: what a document gives, a file or the bytes of one; extractors may be named.
Read: TypeAlias = Callable[..., ExtractionResult]
Fail: TypeAlias = Callable[..., Failure]

#: A piece of a line: text, how far it is raised, size of the font.
Piece: TypeAlias = "str | tuple[str, float, float]"

FONT, SIZE = "Times-Roman", 11.0
PROSE = (
    "The tide gauge in the harbour was read every hour of the night and of the day, and all "
    "readings were copied by hand and compared with those of the second gauge, which stands on "
    "the other side of the river. It was found that the two of them differ by less than the "
    "width of a finger, although nobody had cleaned them for a year, so that a station of this "
    "kind can be left alone for longer than we thought when we began. The largest of the errors "
    "is easy to name, as the staff leans with the pile on which it stands, and what leans reads "
    "too much when the water is high and too little when it is low. "
)
WORDS = [word.strip(",.") for word in PROSE.split()]


def flat(result: ExtractionResult) -> str:
    return " ".join(result.text.split())


def draw_line(canvas: Canvas, x: float, y: float, *pieces: Piece, size: float = SIZE) -> float:
    """Draw pieces one behind the other, each for itself as TeX does; return where they end."""
    for piece in pieces:
        text, rise, height = piece if isinstance(piece, tuple) else (piece, 0.0, size)
        canvas.setFont(FONT, height)
        canvas.drawString(x, y + rise, text)
        x += stringWidth(text, FONT, height)
    return x


def filled(text: str, width: float, size: float = SIZE) -> list[str]:
    """Break a text into lines."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if stringWidth(longer, FONT, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def draw_prose(
    canvas: Canvas, *, mode: int = 0, dx: float = 0.0, width: float = 400, top: float = 780
) -> str:
    lines = filled(PROSE, width)
    for n, line in enumerate(lines):
        text = canvas.beginText(60 + dx, top - 14 * n + dx)
        text.setFont(FONT, SIZE)
        text.setTextRenderMode(mode)
        text.textOut(line)
        canvas.drawText(text)
    return " ".join(lines)


def raw_pdf(path: Path, content: str, names: dict[int, str], unicode: dict[int, str]) -> Path:
    """Write a PDF of one page by hand: its content, and what the codes of its font mean.

    Parameters
    ----------
    content
        Operators; the font is ``/F``.
    names
        Glyphs of Times-Roman by their codes.
    unicode
        What other codes mean, as text.
    """
    differences = " ".join(f"{code} /{name}" for code, name in names.items())
    rows = "\n".join(
        f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for code, text in unicode.items()
    )
    to_unicode = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(unicode)} beginbfchar\n{rows}\nendbfchar endcmap end"
    )
    map_entry = "/ToUnicode 6 0 R" if unicode else ""
    return write_objects(
        path,
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman "
        f"/Encoding << /Type /Encoding /Differences [{differences}] >> {map_entry} >>",
        f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream",
    )


def write_objects(path: Path, *objects: str) -> Path:
    """Write a PDF of one page by hand: its content, its font, and what these refer to.

    The content is object 4, the font object 5.
    """
    every = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        *objects,
    )
    path.write_bytes(document([body.encode("latin-1") for body in every]))
    return path
