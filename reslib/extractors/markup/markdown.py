"""Markdown, R Markdown and Quarto: the text as it was typed, without its front matter.

People search for what they typed, so the marks stay. Of the front matter (YAML or TOML above the
first line) what people read stands above the text: title, authors, keywords, abstract; settings
of programs are left out. Headings and pipe tables are given beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reslib.extractors.assemble import clean
from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.markup.frontmatter import split_front_matter
from reslib.extractors.markup.lines import MOST_ITEMS, TableRows, numbered_lines
from reslib.extractors.stated import Stated
from reslib.extractors.text import pages_of
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Metadata, Page, Section, Table

__all__ = ["extract"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
#: What a line begins with that is no line of a paragraph.
_NO_PARAGRAPH = re.compile(r"\s*(?:[#>|<+*-]|\d+[.)]|```|~~~|:|\s*$)")
_CAPTION = re.compile(r"(?:[Tt]able)?:[ \t]+(.*)")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()]{0,2000}\)|\[[^\[\]]{0,200}\])")
_ATTRIBUTES = re.compile(r"\s*\{[^{}]{0,500}\}\s*$")
_MARKS = re.compile(r"\*{1,3}|`+|(?<!\w)_{1,3}|_{1,3}(?!\w)")
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
    front, body = split_front_matter(visible(clean(decoded.text)))
    stated = front.stated() if front is not None else _title_block(body)
    structure = _Structure(body)
    if stated.title() is None:
        heading = structure.title()
        if heading is not None:
            stated.add("title", heading.title, "first heading", heading.page)
    yield DocumentInfo(
        title=stated.title(),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield from stated
    head = front.text() if front is not None else ""
    yield from pages_of(f"{head}\n\n{body}" if head else body)
    yield from structure.sections
    yield from structure.rows.tables


def _title_block(text: str) -> Stated:
    """Return what Pandoc's title block states: lines after a percent sign, in a fixed order."""
    stated = Stated("title block")
    lines = text[:10_000].split("\n")[:3]
    for line, key in zip(lines, ("title", "author", "date"), strict=False):
        if not line.startswith("% ") or not lines[0].startswith("% "):
            break
        for value in line[2:].split(";") if key == "author" else [line[2:]]:
            stated.add(key, value)
    return stated


class _Structure:
    """The headings and tables of a text."""

    def __init__(self, text: str) -> None:
        self.sections: list[Section] = []
        self.rows = TableRows()
        self._fence = ""
        self._in_comment = False
        self._table: list[str] = []
        self._table_page = 1
        self._in_table = self._after_table = False
        self._before = ["", ""]
        for page, line in numbered_lines(text):
            self._line(line[:_LONGEST_LINE], page)
        self._end_table()

    def title(self) -> Section | None:
        """Return the first heading of the highest level, when it comes before any other."""
        first = self.sections[0] if self.sections else None
        return first if first is not None and first.level == 1 else None

    def _line(self, line: str, page: int) -> None:
        if self._in_code(line):
            self._end_table()
            self._before = ["", ""]
            return
        if self._in_table:
            if "|" in line and line.strip():
                self._table.append(line)
                return
            self._end_table()
        if "|" in self._before[-1] and _is_delimiter(line):
            self._in_table, self._table, self._table_page = True, [self._before[-1]], page
            return
        heading = _HEADING.fullmatch(line)
        underline = _UNDERLINE.fullmatch(line)
        if heading:
            self._add(_without_end(heading[2] or ""), len(heading[1]), page)
        elif underline and not self._before[0].strip() and self._is_paragraph(self._before[-1]):
            self._add(self._before[-1], 1 if underline[1][0] == "=" else 2, page)
        elif (caption := _CAPTION.fullmatch(line)) and self.rows.tables and self._after_table:
            last = self.rows.tables.pop()
            self.rows.tables.append(replace(last, caption=_plain(caption[1])))
        if line.strip():
            self._after_table = False
        self._before = [self._before[-1], line]

    def _in_code(self, line: str) -> bool:
        """True when a line is of a block of code or a comment, where nothing is a heading."""
        if self._in_comment:
            self._in_comment = "-->" not in line
            return True
        fence = _FENCE.fullmatch(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2].strip():
                self._fence = ""
            return True
        if fence and not (fence[1][0] == "`" and "`" in fence[2]):
            self._fence = fence[1]
            return True
        if line.lstrip().startswith("<!--"):
            self._in_comment = "-->" not in line
            return True
        return False

    @staticmethod
    def _is_paragraph(line: str) -> bool:
        return not _NO_PARAGRAPH.match(line)

    def _add(self, title: str, level: int, page: int) -> None:
        title = _plain(title)
        if title and len(self.sections) < MOST_ITEMS:
            self.sections.append(Section(title, level, page))

    def _end_table(self) -> None:
        if self._in_table:
            self.rows.add(self._table, 1, self._table_page)
            self._in_table, self._table, self._after_table = False, [], True


def _is_delimiter(line: str) -> bool:
    """True when a line parts the head of a table from its body: ``|---|:-:|``."""
    return "|" in line and "-" in line and not line.strip("|:- \t")


def _without_end(heading: str) -> str:
    """Return a heading without the number signs that close it."""
    words = heading.rstrip()
    rest = words.rstrip("#")
    return rest if not rest or rest[-1] in " \t" else words


def _plain(words: str) -> str:
    """Return a heading without its marks."""
    words = _ATTRIBUTES.sub("", words[:2_000])
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", words)).split())
