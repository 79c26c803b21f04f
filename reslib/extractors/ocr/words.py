"""The words that tesseract found on a page: their text, and how much of the page they cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reslib.extractors.ocr.greekletters import with_greek_letters
from reslib.extractors.ocr.leveled import Leveled
from reslib.extractors.pdf.hyphens import HYPHEN_MARK

__all__ = ["Word", "Words", "read_table", "words_of"]

_COLUMNS = 12
#: A word, among what the table speaks of: pages, blocks, paragraphs, lines.
_WORD = "5"
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\Z")
#: The edge of the glass and the shadow along it, as a share of a page.
_EDGE = 40


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and where it was found.

    Parameters
    ----------
    text
        The word.
    sure
        The program's confidence in it, 0 to 1.
    line
        The numbers of its block, paragraph and line, by which words are put together.
    left, top, right, bottom
        Of its box, in pixels.
    """

    text: str
    sure: float
    line: tuple[str, ...]
    left: int
    top: int
    right: int
    bottom: int

    def overlap(self, other: Word) -> float:
        """Return the share of the larger of two boxes' widths that is common; 0 on other lines."""
        if min(self.bottom, other.bottom) <= max(self.top, other.top):
            return 0.0
        common = min(self.right, other.right) - max(self.left, other.left)
        return common / max(1, self.right - self.left, other.right - other.left)


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
    found
        The words one by one.
    """

    text: str
    sure: float = 0.0
    coverage: float = 0.0
    ink: float = 0.0
    found: tuple[Word, ...] = ()

    @property
    def letters(self) -> int:
        """The number of letters, digits and marks that the words have."""
        return sum(len(word.text) for word in self.found)

    @property
    def worth(self) -> float:
        """One number to choose among several readings of a page."""
        return self.sure * self.coverage


def read_table(table: str) -> list[Word]:
    """Return the words of a table as tesseract prints it, tab between columns.

    Rows that are none are passed over.
    """
    words = []
    for row in table.splitlines():
        values = row.split("\t")
        if len(values) < _COLUMNS or values[0] != _WORD:
            continue
        text = " ".join("\t".join(values[11:]).split())
        try:
            left, top, width, height = (int(value) for value in values[6:10])
            sure = min(1.0, max(0.0, float(values[10]) / 100))
        except ValueError:
            continue
        if text and min(left, top, width, height) >= 0:
            line = tuple(values[1:5])
            words.append(Word(text, sure, line, left, top, left + width, top + height))
    return words


def words_of(found: Sequence[Word], page: Leveled) -> Words:
    """Return the words of a page as one text, and how much of its picture they cover.

    Parameters
    ----------
    found
        The words, in the order of lines and blocks.
    page
        On which they were found.
    """
    import numpy

    dark = page.ink
    down, right = dark.shape[0] / page.picture.height, dark.shape[1] / page.picture.width
    read = numpy.zeros_like(dark)
    lines: list[str] = []
    line: tuple[str, ...] = ()
    letters = good = 0.0
    for word in found:
        if word.line == line:
            lines[-1] += f" {word.text}"
        else:
            if line and word.line[:3] != line[:3]:
                lines.append("")
            lines.append(word.text)
        line = word.line
        letters += len(word.text)
        good += len(word.text) * word.sure
        top, left = max(0, int(word.top * down) - 1), max(0, int(word.left * right) - 1)
        read[top : int(word.bottom * down) + 2, left : int(word.right * right) + 2] = True
    rows, columns = dark.shape
    inner = (
        slice(rows // _EDGE, rows - rows // _EDGE),
        slice(columns // _EDGE, columns - columns // _EDGE),
    )
    dark = dark & (read | ~page.pictured)
    there = int(dark[inner].sum())
    covered = int((dark & read)[inner].sum())
    return Words(
        text=with_greek_letters(_joined(lines)),
        sure=good / letters if letters else 0.0,
        coverage=covered / there if there else float(bool(letters)),
        ink=there / max(1, dark[inner].size),
        found=tuple(found),
    )


def _joined(lines: list[str]) -> str:
    """Return lines as one text, with a mark in place of a hyphen at the end of a line."""
    text = ""
    for line in lines:
        if _HYPHEN.search(text) and line[:1].isalpha():
            text = text[:-1] + HYPHEN_MARK + line
        elif text or line:
            text = f"{text}\n{line}" if text else line
    return text
