"""The words that tesseract found on a page: their text, and how much of the page they cover."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from reslib.extractors.ocr.picture import ink
from reslib.extractors.pdf.hyphens import HYPHEN_MARK

__all__ = ["Words", "pictured", "with_greek_letters", "words_of"]

_COLUMNS = 12
#: A word, among what the table speaks of: pages, blocks, paragraphs, lines.
_WORD = "5"
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\Z")
#: How far around a point ink is looked at, in thousandths of the width, and how much of it is dense
#: (of 255): lines of letters have a third of that.
_NEAR, _DENSE = 12, 130
_MICRO = re.compile(
    "(?<=[\u0370-\u03ff\u1f00-\u1fff])\u00b5|\u00b5(?=[\u0370-\u03ff\u1f00-\u1fff])"
)
#: The edge of the glass and the shadow along it, as a share of a page.
_EDGE = 40


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a page as they were read once.

    Parameters
    ----------
    text
        In the order of lines and blocks, with a mark where a line ended in a hyphen.
    sure
        The mean of the program's confidence over the letters, 0 to 1. It does not see what was left
        out: 0.96 was said of a page of which nine tenths were missing.
    coverage
        The share of the page's ink that lies in words. It sees that.
    ink
        The share of the page that is ink.
    """

    text: str
    sure: float = 0.0
    coverage: float = 0.0
    ink: float = 0.0

    @property
    def worth(self) -> float:
        """One number to choose among several readings of a page."""
        return self.sure * self.coverage


def words_of(table: str, picture: Any) -> Words:
    """Return the words of a table as tesseract prints it, tab between columns.

    Parameters
    ----------
    table
        What it printed; rows that are none are passed over.
    picture
        What it was given.
    """
    import numpy

    dark = ink(picture)
    down, right = dark.shape[0] / picture.height, dark.shape[1] / picture.width
    read = numpy.zeros_like(dark)
    lines: list[str] = []
    line: tuple[str, ...] = ()
    letters = good = 0.0
    for row in table.splitlines():
        values = row.split("\t")
        if len(values) < _COLUMNS or values[0] != _WORD:
            continue
        text = " ".join("\t".join(values[11:]).split())
        try:
            x, y, width, height = (int(value) for value in values[6:10])
            sure = float(values[10])
        except ValueError:
            continue
        if not text or min(x, y, width, height) < 0:
            continue
        paragraph, here = tuple(values[1:4]), tuple(values[1:5])
        if here == line:
            lines[-1] += f" {text}"
        else:
            if line and paragraph != line[:3]:
                lines.append("")
            lines.append(text)
        line = here
        letters += len(text)
        good += len(text) * min(1.0, max(0.0, sure / 100))
        top, left = max(0, int(y * down) - 1), max(0, int(x * right) - 1)
        read[top : int((y + height) * down) + 2, left : int((x + width) * right) + 2] = True
    rows, columns = dark.shape
    inner = (
        slice(rows // _EDGE, rows - rows // _EDGE),
        slice(columns // _EDGE, columns - columns // _EDGE),
    )
    dark &= read | ~pictured(dark)
    there = int(dark[inner].sum())
    covered = int((dark & read)[inner].sum())
    return Words(
        text=with_greek_letters(_joined(lines)),
        sure=good / letters if letters else 0.0,
        coverage=covered / there if there else float(bool(letters)),
        ink=there / max(1, dark[inner].size),
    )


def pictured(dark: Any) -> Any:
    """Return where ink lies so close that it is no writing: photographs, bars, the glass's edge."""
    import numpy
    from PIL import Image, ImageFilter

    near = Image.fromarray(dark.astype(numpy.uint8) * 255).filter(ImageFilter.BoxBlur(_NEAR))
    dense = near.point(lambda value: 255 if value > _DENSE else 0)
    return numpy.asarray(dense.filter(ImageFilter.MaxFilter(2 * _NEAR + 1))) > 0


def with_greek_letters(text: str) -> str:
    """Return *text* with the letter mu for the micro sign beside Greek letters."""
    return _MICRO.sub("\u03bc", text) if "\u00b5" in text else text


def _joined(lines: list[str]) -> str:
    """Return lines as one text, with a mark in place of a hyphen at the end of a line."""
    text = ""
    for line in lines:
        if _HYPHEN.search(text) and line[:1].isalpha():
            text = text[:-1] + HYPHEN_MARK + line
        elif text or line:
            text = f"{text}\n{line}" if text else line
    return text
