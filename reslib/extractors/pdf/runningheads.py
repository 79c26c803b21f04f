"""Running heads and feet and the numbers of pages, left out of the text where a job asks for it.

A job asks with the option ``furniture="drop"``. They are told by where they stand and by what is
the same on page after page (:mod:`reslib.extractors.papers.furniture`), and each is taken out of
the text only as a whole line, the one nearest to the edge of its page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reslib.extractors.papers.furniture import furniture_of
from reslib.extractors.papers.typelines import MARK, TypeLine, read_lines
from reslib.extractors.pdf.confidence import PageSignals

__all__ = ["drops_furniture", "without_furniture"]

_LINE_END = re.compile(r"(\r?\n|\r)")
_BLANK = re.compile(rf"[\s{MARK}\x02\ufffe-]+")


def drops_furniture(options: Mapping[str, Any]) -> bool:
    """Return whether a job asks for a text without furniture.

    Raises
    ------
    ValueError
        The option is neither ``"keep"`` nor ``"drop"``.
    """
    asked = options.get("furniture", "keep")
    if asked not in ("keep", "drop"):
        raise ValueError(f"the option furniture is 'keep' or 'drop', not {asked!r}")
    return bool(asked == "drop")


def without_furniture(
    document: Any, pages: Sequence[PageSignals | None]
) -> tuple[list[PageSignals | None], int]:
    """Return the pages of a document without their furniture, and how many lines that was.

    Parameters
    ----------
    document
        PDFium's, open.
    pages
        What was measured on each; None for those that are damaged.
    """
    lines = [
        _lines(document, index) if page is not None and page.text.strip() else []
        for index, page in enumerate(pages)
    ]
    running = furniture_of(lines)
    kept: list[PageSignals | None] = []
    dropped = 0
    for page, of_page in zip(pages, lines, strict=True):
        those = [line.text for line in of_page if id(line) in running]
        if page is not None and those:
            text, count = _without(page.text, those)
            page, dropped = replace(page, text=text), dropped + count
        kept.append(page)
    return kept, dropped


def _lines(document: Any, index: int) -> list[TypeLine]:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            return read_lines(text_page, index + 1, float(page.get_height()))
        finally:
            text_page.close()
    finally:
        page.close()


def _without(text: str, running: Sequence[str]) -> tuple[str, int]:
    """Return a text without some of its lines, and how many of them were found in it."""
    parts = _LINE_END.split(text)
    lines, ends = parts[::2], [*parts[1::2], ""]
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        places.setdefault(_BLANK.sub("", line), []).append(at)
    gone: set[int] = set()
    for words in running:
        there = [at for at in places.get(_BLANK.sub("", words), ()) if at not in gone]
        if there:  # the same words may stand in the text: a heading, a number in a table
            gone.add(min(there, key=lambda at: min(at, len(lines) - 1 - at)))
    whole = [line + end for line, end in zip(lines, ends, strict=True)]
    return "".join(line for at, line in enumerate(whole) if at not in gone), len(gone)
