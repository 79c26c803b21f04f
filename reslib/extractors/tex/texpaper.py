r"""Papers in TeX and LaTeX (.tex, .ltx): what a reader of the paper reads.

Title, authors and what else is said before the document come first, then headings, text, lists,
formulas, captions and tables (cells parted by tabs, rows by lines) in their order, references where
they stand, and footnotes at the end, so that the sentence in which a mark stands stays whole. A
chapter of a book is a page under its name.
Letters that are written as commands are letters, formulas are as they are typed, a citation is its
key in square brackets. Macros of one's own are not carried out but kept as they are typed.
Comments, the preamble and settings are left out.

What ``\input`` and its like ask for is read when it lies in the folder of the document or below it
(:mod:`~reslib.extractors.tex.texfiles`), and so is the list of references beside the paper. With
the option ``{"source": True}`` the source is given as it stands, and nothing is followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from reslib.extraction import PAGE_BREAK
from reslib.extractors.encoding import Decoded, decode
from reslib.extractors.invisible import visible
from reslib.extractors.tex.texcited import BIBLIOGRAPHY, write_cited
from reslib.extractors.tex.texcommands import COMMANDS
from reslib.extractors.tex.texdefine import COMMANDS as DEFINITIONS
from reslib.extractors.tex.texdefine import unknown
from reslib.extractors.tex.texenvironments import ENVIRONMENTS
from reslib.extractors.tex.texfiles import MOST_BYTES, Files
from reslib.extractors.tex.texfront import authors_of, keywords_of
from reslib.extractors.tex.texout import flat
from reslib.extractors.tex.texwalk import Handlers, Walker
from reslib.extractors.tex.texwords import ARGUMENTS, CHARACTERS
from reslib.extractors.text import extract as extract_text
from reslib.extractors.textfile import read_bytes
from reslib.items import (
    DocumentInfo,
    Figure,
    Metadata,
    Page,
    Reference,
    Section,
    Table,
    Warning,
)

__all__ = ["extract"]

_Given = Page | Section | Figure | Table | Reference | Metadata | Warning | DocumentInfo
_HANDLERS = Handlers({**COMMANDS, **DEFINITIONS, **ENVIRONMENTS, **BIBLIOGRAPHY}, unknown)
#: Packages and classes are programs.
_PROGRAMS = frozenset((".sty", ".cls"))
#: Fewer than a document may have of each kind.
_MOST_ITEMS = 20_000
_MOST_NAMED = 100
#: The longest thing that is said of a document, in characters.
_LONGEST = 10_000
#: Keys of other formats for the same.
_KEYS = {"abstract": "description", "note": ""}

_COMMAND = re.compile(r"\\([A-Za-z]+)")
_BEGIN = re.compile(r"^[^%\n]*\\begin[ \t]*\{document\}", re.MULTILINE)
_ENCODING = re.compile(
    rb"^[^%\n]*\\usepackage[ \t]*\[([\w-]{1,20})\][ \t]*\{inputenc\}", re.MULTILINE
)
#: Encodings by the names that inputenc has for them (LaTeX 2e, inputenc.dtx).
_ENCODINGS = {
    "latin1": "iso-8859-1",
    "latin2": "iso-8859-2",
    "latin3": "iso-8859-3",
    "latin4": "iso-8859-4",
    "latin5": "iso-8859-9",
    "latin9": "iso-8859-15",
    "latin10": "iso-8859-16",
    "ansinew": "windows-1252",
    "applemac": "macintosh",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "koi8-r": "koi8-r",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MANY_LINES = re.compile(r"\n{3,}")


def extract(path: Path, options: Mapping[str, Any] | None = None) -> Iterator[_Given]:
    """Yield what is known of a paper, its text, and what else is in it.

    Parameters
    ----------
    path
        The source; may be packed with gzip.
    options
        ``source``: the source is given as it stands.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer than
        :data:`~reslib.extractors.textfile.MAX_BYTES`; ``truncated`` or ``malformed`` when it
        is packed and damaged.
    """
    if (options or {}).get("source") or _suffix(path) in _PROGRAMS:
        yield from extract_text(path)
        return
    data = read_bytes(path)
    if len(data) > MOST_BYTES:
        yield DocumentInfo(
            reason=f"it is longer than {MOST_BYTES // 1_000_000} MB, so its source is given as it "
            "stands"
        )
        yield from extract_text(path)
        return
    stated = _ENCODING.search(data[:100_000])
    encoding = _ENCODINGS.get(stated[1].decode("ascii").lower()) if stated else None
    decoded = decode(data, encoding)
    del data
    text = _CONTROLS.sub("", visible(decoded.text))
    if not _is_tex(text):
        yield from extract_text(path)
        return
    files = Files(path, MOST_BYTES - len(text), encoding)
    walker = Walker(text, _HANDLERS, files, preamble=_BEGIN.search(text) is not None)
    walker.run()
    write_cited(walker)
    yield from _known(walker, decoded)
    yield from _warnings(files)
    yield from _pages(walker)
    yield from _items(walker)


def _suffix(path: Path) -> str:
    return Path(path.stem if path.suffix == ".gz" else path.name).suffix.lower()


def _is_tex(text: str) -> bool:
    """True when a text has a command of TeX in it."""
    for found in islice(_COMMAND.finditer(text), 2_000):
        name = found[1]
        if name in _HANDLERS.commands or name in ARGUMENTS or name in CHARACTERS:
            return True
    return False


def _pages(walker: Walker) -> Iterator[Page]:
    """Yield the pages: of a book its chapters under their names, of a paper one."""
    walker.write_notes()
    pages = walker.out.text().split(PAGE_BREAK)
    for label, page in zip(walker.labels, pages, strict=True):
        text = "\n".join(line.rstrip(" ") for line in page.split("\n"))
        text = _MANY_LINES.sub("\n\n", text).strip("\n")
        blank = not text and len(pages) > 1
        yield Page(text, label=label if len(pages) > 1 else "", blank=blank)


def _known(walker: Walker, decoded: Decoded) -> Iterator[Metadata | DocumentInfo]:
    """Yield what is said of the paper before its text."""
    source = "LaTeX source"
    title = next((flat(text) for key, text in walker.front if key == "title"), None)
    read = list(walker.files.read) if walker.files is not None else []
    known: dict[str, Any] = dict(decoded.metadata())
    if read:
        known["files"] = read[:_MOST_NAMED]
    yield DocumentInfo(
        title=title, confidence=decoded.confidence, reason=decoded.reason, metadata=known
    )
    said: set[tuple[str, str]] = set()
    for key, text in islice(walker.front, _MOST_ITEMS):
        if key == "author":
            values = authors_of(text)
        elif key == "keywords":
            values = keywords_of(text)
        else:
            values = [flat(text)[:_LONGEST]]
        key = _KEYS.get(key, key)
        for value in values:
            if key and value and (key, value) not in said and len(said) < 5_000:
                said.add((key, value))
                yield Metadata(key, value, source, page=1)
    for name in read[:_MOST_NAMED]:
        yield Metadata("file", name, "read into the text with the document")


def _warnings(files: Files) -> Iterator[Warning]:
    """Yield what was asked for and is not in the text, and what follows from what is."""
    for name, why in islice(files.refused.items(), _MOST_NAMED):
        yield Warning("file_not_read", f"{name!r}, which it asks for, is not in the text: {why}")
    if len(files.refused) > _MOST_NAMED:
        more = len(files.refused) - _MOST_NAMED
        yield Warning("file_not_read", f"{more} more files that it asks for are not in the text")
    if files.read:
        names = ", ".join(islice(files.read, 5)) + (" and others" if len(files.read) > 5 else "")
        yield Warning(
            "files_beside",
            f"the text has other files in it ({names}): when one of them changes, the document "
            "does not count as changed. Have it read again then, with extract_again()",
        )


def _items(walker: Walker) -> Iterator[Section | Figure | Table | Reference]:
    """Yield what is in the paper beside its text."""
    top = min((section.level for section in walker.sections), default=0)
    for section in walker.sections[:_MOST_ITEMS]:
        yield Section(section.title, section.level - top + 1, section.page)
    yield from walker.figures[:_MOST_ITEMS]
    yield from walker.tables[:_MOST_ITEMS]
    yield from walker.references[:_MOST_ITEMS]
