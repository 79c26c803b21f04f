"""Documents whose every sentence is known, typeset here.

The prose is made from a grammar and a vocabulary of our own: sentences of a plausible paper that
mean nothing. Typst sets it justified and hyphenated, in the way of a journal; its PDFs are like
LaTeX's (one column after the other, a hyphen glyph at the end of a line).
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "Truth",
    "compile_typst",
    "draw_lines",
    "interleave",
    "one_column",
    "prose",
    "quick_paper",
    "swap_columns",
    "two_columns",
    "without_spaces",
]

#: Pieces that have an order inside, each a series of sentences, rows or values.
Truth = list[list[str]]

_ADJECTIVES = (
    "seasonal coastal experimental representative quantitative preliminary considerable "
    "independent systematic environmental statistical exceptional comparable intermediate "
    "mountainous agricultural heterogeneous unpublished straightforward conventional "
    "high-resolution long-term well-known small-scale spatial temporal municipal acoustic "
    "microscopic administrative residual cumulative"
).split()
_NOUNS = (
    "measurement observation temperature precipitation instrument calibration distribution "
    "relationship vegetation population uncertainty configuration interpretation laboratory "
    "sediment manuscript questionnaire participant architecture approximation concentration "
    "fluctuation comparison experiment catchment reservoir archive transcription correlation "
    "parameter investigation communication hypothesis microphone settlement inscription "
    "documentation biodiversity evaporation"
).split()
_VERBS = (
    "demonstrates influences characterises approximates underestimates complements accompanies "
    "reproduces contradicts determines illustrates constrains strengthens anticipates"
).split()
_ADVERBS = (
    "consistently approximately independently unexpectedly predominantly systematically "
    "considerably occasionally simultaneously repeatedly"
).split()
_PLACES = (
    "in the northern valleys|across three winters|at every station|under laboratory conditions|"
    "throughout the campaign|between both surveys|near the old harbour|for most participants|"
    "during the second season|along the estuary"
).split("|")
_OPENINGS = (
    "|In this section|As expected|By contrast|Taken together|For comparison|According to the "
    "field notes|In addition|At first sight|Over the whole period|With few exceptions"
).split("|")


def prose(seed: int, count: int) -> list[str]:
    """Return *count* different sentences; the same ones for the same *seed*."""
    draw = random.Random(seed)
    made: list[str] = []
    seen = set()
    while len(made) < count:
        sentence = _sentence(draw)
        if sentence not in seen:
            seen.add(sentence)
            made.append(sentence)
    return made


def _sentence(draw: random.Random) -> str:
    def thing() -> str:
        words = ["the", draw.choice(_ADJECTIVES), draw.choice(_NOUNS)]
        if draw.random() < 0.3:
            words += ["of the", draw.choice(_NOUNS)]
        return " ".join(words)

    body = f"{thing()} {draw.choice(_ADVERBS)} {draw.choice(_VERBS)} {thing()}"
    roll = draw.random()
    if roll < 0.35:
        body += f" {draw.choice(_PLACES)}"
    elif roll < 0.6:
        body += f", and {thing()} {draw.choice(_VERBS)} {thing()}"
    elif roll < 0.75:
        body += f" by {draw.randint(2, 97)}.{draw.randint(0, 9)} percent"
    opening = draw.choice(_OPENINGS)
    text = f"{opening}, {body}" if opening else body
    return text[0].upper() + text[1:] + "."


def one_column(path: Path, seed: int, count: int = 120) -> list[str]:
    """Typeset *count* sentences in one column; return them."""
    return _typst(path, seed, count, columns=1)


def two_columns(path: Path, seed: int, count: int = 160, *, mathematics: bool = True) -> list[str]:
    """Typeset *count* sentences in two columns, with formulas and a table; return them."""
    return _typst(path, seed, count, columns=2, mathematics=mathematics)


def _typst(
    path: Path, seed: int, count: int, *, columns: int, mathematics: bool = True
) -> list[str]:
    truth = prose(seed, count)
    draw = random.Random(seed + 1)
    parts = [
        f'#set page(paper: "a4", margin: 2cm, columns: {columns}, numbering: "1")',
        '#set text(font: "New Computer Modern", size: 10pt, lang: "en", hyphenate: true)',
        "#set par(justify: true, first-line-indent: 1em)",
        f'#place(top, scope: "parent", float: true)[#align(center)[= Study {seed}]]',
    ]
    at = 0
    while at < len(truth):
        size = draw.randint(4, 8)
        parts.append(" ".join(truth[at : at + size]).replace("#", ""))
        at += size
        if mathematics and draw.random() < 0.15:
            parts.append("$ sum_(i=1)^n (x_i - mu)^2 / sigma^2 = integral_0^1 f(t) dif t $")
        if draw.random() < 0.12:
            parts.append(f"== Part {at}")
    compile_typst(parts, path)
    return truth


def compile_typst(parts: list[str], path: Path) -> None:
    """Typeset paragraphs in Typst's language."""
    import typst

    source = "\n\n".join(parts).encode()
    path.write_bytes(typst.compile(source, format="pdf", pdf_tags=False))


def interleave(source: Path, path: Path) -> None:
    """Draw a two-column PDF again, row by row across both columns, as some programs do.

    Same lines at the same places in another typeface; only the order of drawing differs.
    """
    _redraw(source, path, lambda line, _: (-round(line[2] / 6), line[1]))


def swap_columns(source: Path, path: Path) -> None:
    """Draw a two-column PDF again, the right column of each page before the left one."""
    _redraw(source, path, lambda line, width: (line[1] < 0.45 * width, -line[2]))


def _redraw(
    source: Path, path: Path, order: Callable[[tuple[str, float, float, float], float], Any]
) -> None:
    """Draw the lines of a PDF again in an *order* by their place and the width of the page."""
    import pypdfium2
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    document = pypdfium2.PdfDocument(source)
    for page in document:
        canvas.setPageSize(page.get_size())
        width = page.get_size()[0]
        lines = sorted(_lines(page), key=lambda line: order(line, width))
        for text, left, baseline, right in lines:
            size = 10.0
            line = canvas.beginText(left, baseline)
            line.setFont("Times-Roman", size)
            line.setHorizScale(100 * (right - left) / stringWidth(text, "Times-Roman", size))
            line.textOut(text)
            canvas.drawText(line)
        page.close()
        canvas.showPage()
    document.close()
    canvas.save()


def _lines(page: Any) -> list[tuple[str, float, float, float]]:
    """Return text, left edge, baseline and right edge of each line of a page."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    lines: list[tuple[str, float, float, float]] = []
    for index in range(text_page.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text_page.raw, index))
        if character in "\r\n":
            continue
        if character == " ":  # one that PDFium made up stands nowhere
            if lines and not lines[-1][0].endswith(" "):
                lines[-1] = (lines[-1][0] + " ", *lines[-1][1:])
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text_page.raw, index, x, y)
        _, _, right, _ = text_page.get_charbox(index)
        if lines and abs(lines[-1][2] - y.value) < 0.5 and -1 < x.value - lines[-1][3] < 12:
            text, left, baseline, _ = lines[-1]
            lines[-1] = (text + character, left, baseline, max(right, x.value))
        else:
            lines.append((character, x.value, y.value, right))
    text_page.close()
    marks = str.maketrans({"\x02": "-", "\ufffe": "-"})
    return [(text.translate(marks).strip(), *where) for text, *where in lines]


def quick_paper(path: Path, seed: int, pages: int = 4) -> list[str]:
    """Write a plain PDF of about 40 sentences a page, fast; return them."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    truth = prose(seed, 30 * pages)
    lines = simpleSplit(" ".join(truth), "Times-Roman", 10, 450)
    canvas = Canvas(str(path))
    per_page = -(-len(lines) // pages)
    for page in range(pages):
        draw_lines(canvas, lines[page * per_page : (page + 1) * per_page], 70, 780)
        canvas.showPage()
    canvas.save()
    return truth


def draw_lines(canvas: Any, lines: list[str], x: float, y: float) -> None:
    """Draw lines one below the other with reportlab, the first at *x*, *y*."""
    text = canvas.beginText(x, y)
    text.setFont("Times-Roman", 10)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)


def without_spaces(path: Path, truth: list[str], share: float, draw: random.Random) -> None:
    """Write a plain PDF of sentences in which *share* of the spaces are not there."""
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    lines = simpleSplit(" ".join(truth), "Times-Roman", 10, 450)
    canvas = Canvas(str(path))
    for start in range(0, len(lines), 55):
        for row, line in enumerate(lines[start : start + 55]):
            first, *rest = line.split()
            glued = first + "".join(word if draw.random() < share else f" {word}" for word in rest)
            canvas.setFont("Times-Roman", 10)
            canvas.drawString(70, 780 - 13 * row, glued)
        canvas.showPage()
    canvas.save()
