"""Write twenty pages to read: ``python samples/twenty_pages.py`` writes ``samples/twenty-pages``.

Pages on which to learn what a confidence means (lesson 4): each holds twelve sentences of the
sample papers, and twelve of the pages are spoilt as pages are: scanned, with a missing or a wrong
map from glyphs to characters, with columns drawn across each other, with words that run together.
What stands on each is in ``truth.json``, a list of sentences for each of its pages. Needs the
``dev`` extra; the files are committed.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from make import first_page, join, scan
from reportlab.lib.pagesizes import A5
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from evaluation.confidence import change_maps, remove_map, shuffle_map
from evaluation.recall import plain_sentences
from evaluation.typeset import compile_typst, interleave

SOURCES = Path(__file__).resolve().parent / "src"
PAGES = SOURCES.parent / "twenty-pages"
_SENTENCES = 12
#: Points between two words that are read as one.
_CLOSE = 1.0
#: A page is spoilt in place.
Spoil = Callable[[Path, list[str], random.Random], None]


def _as_it_is(path: Path, truth: list[str], draw: random.Random) -> None:
    return None


def _scanned(path: Path, truth: list[str], draw: random.Random) -> None:
    pages = scan(path.read_bytes(), seed=draw.randrange(1000))
    path.write_bytes(join([first_page(page) for page in pages]))


def _no_map(path: Path, truth: list[str], draw: random.Random) -> None:
    change_maps(path, path, remove_map)


def _wrong_map(share: float) -> Spoil:
    def spoil(path: Path, truth: list[str], draw: random.Random) -> None:
        change_maps(path, path, shuffle_map(draw, share))

    return spoil


def _wrong_digits(path: Path, truth: list[str], draw: random.Random) -> None:
    """Move every digit of the map on by one: the page shows 41 and says 52."""

    def change(font: Any) -> None:
        stream = font["/ToUnicode"].get_object()
        text = stream.get_data().decode("latin-1")
        moved = re.sub(
            r"(<[0-9A-Fa-f]{4}> )<003([0-9])>",
            lambda match: f"{match[1]}<003{(int(match[2]) + 1) % 10}>",
            text,
        )
        stream.set_data(moved.encode("latin-1"))

    change_maps(path, path, change)


def _mixed_columns(path: Path, truth: list[str], draw: random.Random) -> None:
    other = path.with_suffix(".tmp")
    path.rename(other)
    interleave(other, path)
    other.unlink()


def _glued(share: float) -> Spoil:
    """Set *share* of the words so close that no space is read between them."""

    def spoil(path: Path, truth: list[str], draw: random.Random) -> None:
        width, _ = A5
        canvas = Canvas(str(path), pagesize=A5, invariant=True)
        for page in _in_pages(truth):
            for row, line in enumerate(simpleSplit(" ".join(page), "Times-Roman", 10, width - 90)):
                x, y = 45.0, 540 - 13 * row
                for word in line.split():
                    close = draw.random() < share
                    canvas.setFont("Times-Roman", 10)
                    canvas.drawString(x, y, word if close else f"{word} ")
                    x += stringWidth(word, "Times-Roman", 10) + (_CLOSE if close else 2.5)
            canvas.showPage()
        canvas.save()

    return spoil


#: Columns, pages, and what is done to them. Whether words ran together is judged by a whole
#: document, and of one page it cannot be told.
KINDS: list[tuple[int, int, Spoil]] = [
    *[(1, 1, _as_it_is)] * 5,
    *[(2, 1, _as_it_is)] * 3,
    *[(1, 1, _scanned)] * 2,
    (1, 1, _no_map),
    (1, 1, _wrong_map(0.1)),
    (1, 1, _wrong_map(1.0)),
    (1, 1, _wrong_digits),
    *[(2, 1, _mixed_columns)] * 2,
    (1, 6, _glued(0.02)),
    (1, 6, _glued(0.1)),
    (1, 6, _glued(0.3)),
    (1, 6, _glued(0.6)),
]


def _in_pages(truth: list[str]) -> list[list[str]]:
    return [truth[at : at + _SENTENCES] for at in range(0, len(truth), _SENTENCES)]


def _written() -> list[str]:
    """Return the sentences of the sample papers; comments in their sources are none."""
    sources = "\n\n".join(p.read_text("utf-8") for p in sorted(SOURCES.glob("*.typ")))
    printed = re.sub(r"(?s)/\*.*?\*/|(?<!:)//[^\n]*", "", sources)
    return plain_sentences(*re.split(r"\n\s*\n", printed))


def typeset(path: Path, truth: list[str], columns: int = 1) -> None:
    """Write a page as it is before it is spoilt."""
    parts = [
        f'#set page(paper: "a5", margin: 1.5cm, columns: {columns})',
        '#set text(font: "New Computer Modern", size: 10pt, lang: "en", hyphenate: false)',
        "#set par(justify: true)",
        *[" ".join(truth[at : at + 4]) for at in range(0, len(truth), 4)],
    ]
    compile_typst(parts, path)


def pages(folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Write the documents into *folder*; yield the name of each and its sentences, by page."""
    written = _written()
    draw = random.Random(20)
    kinds = draw.sample(KINDS, len(KINDS))
    for number, (columns, count, spoil) in enumerate(kinds, 1):
        path = folder / f"page-{number:02}.pdf"
        truth = draw.sample(written, count * _SENTENCES)
        typeset(path, truth, columns)
        spoil(path, truth, draw)
        yield path.name, _in_pages(truth)


def main() -> None:
    """Write the pages and what stands on them."""
    PAGES.mkdir(exist_ok=True)
    truth = json.dumps(dict(pages(PAGES)), indent=1, ensure_ascii=False)
    (PAGES / "truth.json").write_text(truth + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
