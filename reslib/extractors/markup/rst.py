"""reStructuredText: the text as it was typed, without its comments.

Headings are given beside the text, and what the fields below the title state (docinfo) or the
directive ``meta``. Nothing it asks for is done: no ``include``, no substitution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reslib.extractors.assemble import clean
from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.markup.lines import MOST_ITEMS, numbered_lines
from reslib.extractors.stated import Stated, names
from reslib.extractors.text import pages_of
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Metadata, Page, Section

__all__ = ["extract"]

_COMMENT = re.compile(r"\.\.(?:[ \t]+(.*))?")
#: What follows two dots and is no comment: targets, footnotes, substitutions, directives.
_EXPLICIT = re.compile(r"_|__|\[[^\]]|\||[\w][\w.:+-]*[ \t]?::")
_FIELD = re.compile(r"[ \t]*:([A-Za-z][\w -]{0,60}):(?:[ \t]+(.*))?")
_ENTRY = re.compile(r"[ \t]*[-*+][ \t]+(.*)")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
#: Beyond this many lines nothing is stated.
_MOST_LINES = 500
_KEYS = {
    "title": "title",
    "subtitle": "subtitle",
    "author": "author",
    "authors": "author",
    "organization": "affiliation",
    "date": "date",
    "copyright": "licence",
    "license": "licence",
    "abstract": "description",
    "description": "description",
    "keywords": "keywords",
    "tags": "keywords",
    "category": "keywords",
    "language": "language",
    "lang": "language",
    "modified": "modified",
    "doi": "doi",
    "isbn": "isbn",
    "publisher": "publisher",
}


def extract(path: Path) -> Iterator[Page | Metadata | Section | DocumentInfo]:
    """Yield what the text states of itself, its pages and its headings.

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
    source = visible(clean(decoded.text))
    text = _without_comments(source)
    sections = list(_sections(text))
    stated = _stated(source)
    if stated.title() is None and sections:
        stated.add("title", sections[0].title, "first heading", sections[0].page)
    yield DocumentInfo(
        title=stated.title(),
        confidence=decoded.confidence,
        reason=decoded.reason,
        metadata=decoded.metadata(),
    )
    yield from stated
    yield from pages_of(text)
    yield from sections


def _without_comments(text: str) -> str:
    """Return a text without its comments; those inside other blocks may be code, and stay."""
    kept: list[str] = []
    in_comment = False
    for line in text.split("\n"):
        if in_comment and (not line.strip() or line[0] in " \t"):
            continue
        in_comment = _is_comment(line)
        if not in_comment:
            kept.append(line)
        elif not line[2:].strip() and kept and not kept[-1].strip():
            in_comment = False  # one that is empty ends a list, and what follows is none
    return "\n".join(kept)


def _is_comment(line: str) -> bool:
    found = _COMMENT.fullmatch(line)
    return found is not None and not _EXPLICIT.match(found[1] or "")


def _sections(text: str) -> Iterator[Section]:
    """Yield the headings: lines with a line of signs below them, or above too.

    The first kind of line is of the highest level, the next of the second
    (reStructuredText specification, "Sections").
    """
    levels: dict[tuple[str, bool], int] = {}
    lines = ["", "", ""]
    count = 0
    for page, line in numbered_lines(text):
        above, title, _ = lines = [lines[1], lines[2], line.rstrip()[:2_000]]
        if count >= MOST_ITEMS or not _is_adornment(lines[2]) or not title.strip():
            continue
        over = above == lines[2]
        if (title[0].isspace() and not over) or _is_adornment(title):
            continue
        if above.strip() and not over:
            continue
        if len(lines[2]) < min(len(title.strip()), 4) or title.startswith(".. "):
            continue
        level = levels.setdefault((lines[2][0], over), len(levels) + 1)
        count += 1
        yield Section(" ".join(title.split()), level, page)


def _is_adornment(line: str) -> bool:
    return len(line) > 1 and line[0] in _PUNCTUATION and line == line[0] * len(line)


def _stated(text: str) -> Stated:
    """Return what the fields say that come first, those below the title or those of ``meta``."""
    stated = Stated("docinfo")
    fields: list[tuple[str, str, list[str]]] = []
    in_meta, is_open, in_field = False, True, False
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        line = line[:10_000]
        if line.startswith(".. meta::"):
            in_meta, in_field = True, False
            continue
        indented = line[:1] in (" ", "\t")
        in_meta = in_meta and (indented or not line.strip())
        field = _FIELD.fullmatch(line) if in_meta or (is_open and not indented) else None
        if field:
            source = "meta directive" if in_meta else "docinfo"
            fields.append((_KEYS.get(field[1].strip().lower(), ""), source, [field[2] or ""]))
            in_field = True
        elif in_field and indented and line.strip():
            fields[-1][2].append(line)
        elif line.strip():
            in_field = False
            # Fields after the first paragraph are of it, not of the document.
            is_open = is_open and len(line) < 200 and not line.endswith((".", ","))
    for key, source, lines in fields:
        for value in _values(key, lines):
            stated.add(key, value, source)
    return stated


def _values(key: str, lines: list[str]) -> list[str]:
    """Return what a field says: the entries of a list, or its lines as one."""
    entries = [entry[1] for line in lines if (entry := _ENTRY.fullmatch(line))]
    joined = " ".join(lines)
    if not key:
        return []
    if entries:
        return entries
    if key == "author":
        return names(joined) if ";" in joined else joined.split(",")
    return joined.replace(";", ",").split(",") if key == "keywords" else [joined]
