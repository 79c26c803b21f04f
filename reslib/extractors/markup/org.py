"""Org: the text as it was typed, without its comments.

Headings and tables are given beside the text, and what the lines ``#+TITLE:``, ``#+AUTHOR:`` and
the like state. Nothing it asks for is done: no ``#+INCLUDE``, no code is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reslib.extractors.assemble import clean
from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.markup.lines import MOST_ITEMS, TableRows, numbered_lines
from reslib.extractors.stated import Stated, names
from reslib.extractors.text import pages_of
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Metadata, Page, Section, Table

__all__ = ["extract"]

_KEYWORD = re.compile(r"[ \t]*#\+([A-Za-z_]{1,40}):(?:[ \t]+(.*))?")
_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_(\w{1,40})", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*#(?:[ \t].*)?")
_HEADING = re.compile(r"(\*+)[ \t]+(.*)")
_MARKS = re.compile(r"^(?:(?:TODO|DONE|NEXT|WAITING|CANCELED|CANCELLED)\s+)?(?:\[#\w\]\s+)?")
_TAGS = re.compile(r"\s+:[\w@#%:]{1,200}:$")
_LINK = re.compile(r"\[\[[^\[\]]{0,2000}\]\[([^\[\]]{0,500})\]\]")
_DATE = re.compile(r"[<\[](\d{4}-\d\d-\d\d)[^>\]]{0,60}[>\]]")
_KEYS = {
    "title": "title",
    "subtitle": "subtitle",
    "author": "author",
    "date": "date",
    "language": "language",
    "keywords": "keywords",
    "description": "description",
    "filetags": "keywords",
    "doi": "doi",
}
_LONGEST_LINE = 20_000


def extract(path: Path) -> Iterator[Page | Metadata | Section | Table | DocumentInfo]:
    """Yield what the text states of itself, its pages, its headings and tables.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it
        is packed and damaged.
    """
    decoded = decode(read_bytes(path))
    text = _without_comments(visible(clean(decoded.text)))
    outline = _Outline(text)
    stated = outline.stated
    if stated.title() is None and outline.sections:
        first = outline.sections[0]
        stated.add("title", first.title, "first heading", first.page)
    yield DocumentInfo(
        title=stated.title(),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield from stated
    yield from pages_of(text)
    yield from outline.sections
    yield from outline.rows.tables


def _without_comments(text: str) -> str:
    """Return a text without lines and blocks of comment, and headings that are commented out."""
    kept: list[str] = []
    block = ""
    #: The level of a heading that is commented out, with all below it.
    left_out = 0
    for line in text.split("\n"):
        edge = _BLOCK.match(line)
        if edge and not block and edge[1].lower() == "begin":
            block = edge[2].lower()
        elif edge and edge[1].lower() == "end" and edge[2].lower() == block:
            block = ""
            if edge[2].lower() == "comment":
                continue
        heading = None if block else _HEADING.match(line)
        if heading:
            level = len(heading[1])
            if left_out and level <= left_out:
                left_out = 0
            if not left_out and re.match(r"COMMENT\b", heading[2]):
                left_out = level
        if left_out or block == "comment" or (not block and _COMMENT.fullmatch(line)):
            continue
        kept.append(line)
    return "\n".join(kept)


class _Outline:
    """The headings and tables of a text, and what it states of itself."""

    def __init__(self, text: str) -> None:
        self.stated = Stated("keyword lines")
        self.sections: list[Section] = []
        self.rows = TableRows()
        self._table: list[str] = []
        self._head = 0
        self._caption = ""
        block = ""
        titles: list[str] = []
        for page, line in numbered_lines(text):
            line = line[:_LONGEST_LINE]
            edge = _BLOCK.match(line)
            if edge:
                block = edge[2].lower() if edge[1].lower() == "begin" else ""
            if line.lstrip().startswith("|") and not block:
                self._row(line)
                continue
            self._end_table(page)
            keyword = None if block else _KEYWORD.fullmatch(line)
            heading = None if block else _HEADING.fullmatch(line)
            if keyword:
                name, value = keyword[1].lower(), keyword[2] or ""
                if name == "title":
                    titles.append(value)
                elif name == "caption":
                    self._caption = " ".join(value.split())
                else:
                    self._state(name, value)
            elif heading and len(self.sections) < MOST_ITEMS:
                title = _TAGS.sub("", _MARKS.sub("", heading[2].strip()))
                title = " ".join(_LINK.sub(r"\1", title[:2_000]).split())
                if title:
                    self.sections.append(Section(title, len(heading[1]), page))
            if line.strip() and not keyword:
                self._caption = ""
        self._end_table(page)
        self.stated.add("title", " ".join(titles[:10]))

    def _state(self, name: str, value: str) -> None:
        key = _KEYS.get(name)
        values = [_DATE.sub(r"\1", value)]
        if key == "author":
            values = names(value)
        elif name == "filetags":
            values = value.replace(":", " ").split()
        elif key == "keywords":
            values = value.replace(";", ",").split(",")
        for one in values if key else ():
            self.stated.add(key or "", one)

    def _row(self, line: str) -> None:
        if line.lstrip().startswith("|-"):
            self._head = self._head or len(self._table)
        else:
            self._table.append(line)

    def _end_table(self, page: int) -> None:
        if len(self._table) > 1:
            head = self._head if self._head < len(self._table) else 0
            self.rows.add(self._table, head, page, self._caption)
        if self._table:
            self._table, self._head, self._caption = [], 0, ""
