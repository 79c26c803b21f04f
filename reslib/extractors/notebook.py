"""Jupyter notebooks (.ipynb): prose and code, cell by cell; what the cells printed on request.

Each cell is a page, labelled "cell 7": a hit then says where in a long notebook it stands, and its
snippet does not run from the end of one thought into the code of another. Read are the sources of
all cells, Markdown as it is written. With the option ``{"outputs": True}`` the texts that cells
printed come after their code, the errors too; without it they are left out, because they are
mostly numbers, progress bars and tracebacks. Pictures are named with their captions, never kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import clean
from reslib.extractors.invisible import visible
from reslib.extractors.stated import Stated
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Figure, Metadata, Page, Section, Warning

__all__ = ["extract"]

#: The most characters that are taken of what one cell printed.
_MOST_OUTPUT = 20_000
#: The newest version whose cells are known (nbformat 5 of the Python package writes 4).
_NEWEST = 4
#: Fewer than a document may have: what is beyond them is nothing that people look for.
_MOST_ITEMS = 5_000
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*")
_CAPTION = re.compile(r"^#\|\s*fig-cap:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE)
#: Pictures by their names before version 4.
_OLD_PICTURES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml"}
_Given = Page | Figure | Section | Metadata | Warning | DocumentInfo


def extract(path: Path, options: Mapping[str, Any] | None = None) -> Iterator[_Given]:
    """Yield what is known of a notebook, and its cells.

    Parameters
    ----------
    path
        The notebook.
    options
        ``outputs``: whether what the cells printed is read too.

    Raises
    ------
    ExtractionError
        ``malformed`` or ``truncated`` when it is no sound notebook; ``output_limit`` when it is
        longer than :data:`~reslib.extractors.textfile.MAX_BYTES`.
    """
    book = _load(path)
    with_outputs = bool((options or {}).get("outputs"))
    if book["nbformat"] > _NEWEST:
        words = f"it is of version {book['nbformat']}, and only versions to {_NEWEST} are known"
        yield Warning("newer_version", words)
    language = _language(book)
    if language:
        yield Metadata("language of code", language, "kernel")
    stated = _stated(book["metadata"] if isinstance(book.get("metadata"), dict) else {})
    yield from stated
    title, items, damaged = stated.title() or "", 0, 0
    if title:
        yield DocumentInfo(title=title)
    for number, cell in enumerate(_cells(book), 1):
        label = f"cell {number}"
        if not isinstance(cell, dict):
            damaged += 1
            yield Page("", number=number, label=label, reason="a cell that is none")
            continue
        source = _joined(cell.get("source", cell.get("input")))
        if cell.get("cell_type") == "heading":  # before version 4
            source = f"{'#' * _level(cell)} {source}"
        texts = [source]
        if with_outputs:
            texts += _printed(cell)
        text = visible("\n\n".join(filter(None, texts)))
        yield Page(text, number=number, label=label, blank=not text.strip())
        sections = list(_sections(cell, source, number))
        if sections and not title:
            title = sections[0].title
            yield Metadata("title", title, "first heading", page=number)
            yield DocumentInfo(title=title)
        found: list[Section | Figure] = [*sections, *_figures(cell, source, number)]
        yield from found[: max(0, _MOST_ITEMS - items)]
        items += len(found)
    if damaged:
        yield Warning("damaged_cells", f"{damaged} of its cells cannot be read")


def _load(path: Path) -> dict[str, Any]:
    """Return a notebook, with what is needed of it known to be there."""
    instead = "Clear its outputs in a copy and add that"
    data = read_bytes(path, what="the notebook, with its outputs,", instead=instead)
    try:
        book = json.loads(data)
    except RecursionError as error:
        raise _malformed("its JSON is nested deeper than any notebook is") from error
    except ValueError as error:
        if data.lstrip()[:1] == b"{" and not data.rstrip().endswith(b"}"):
            raise ExtractionError(
                "the notebook is cut short. Save it again in Jupyter, or download it again",
                ErrorCode.TRUNCATED,
            ) from error
        raise _malformed(f"it is no valid JSON ({str(error)[:200]})") from error
    if not isinstance(book, dict) or type(book.get("nbformat")) is not int:
        raise _malformed("it is JSON, but does not say of which version of the format it is")
    if not isinstance(book.get("cells", book.get("worksheets")), list):
        raise _malformed("it has no list of cells")
    return book


def _cells(book: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the cells in order, as they are."""
    if isinstance(book.get("cells"), list):
        yield from book["cells"]
        return
    for sheet in book["worksheets"]:  # before version 4
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        yield from cells if isinstance(cells, list) else [None]


def _joined(text: Any) -> str:
    """Return a text that a notebook has as one string or as its lines."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return clean(text) if isinstance(text, str) else ""


def _language(book: Mapping[str, Any]) -> str:
    metadata = book.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        known = metadata.get(key) if isinstance(metadata, dict) else None
        value = known.get(name) if isinstance(known, dict) else None
        if isinstance(value, str) and value.strip():
            return clean(value.strip()[:100])
    return ""


def _stated(metadata: Mapping[str, Any]) -> Stated:
    """Return what the notebook states of itself (nbformat 4, `metadata.title`, `.authors`)."""
    stated = Stated("metadata of the notebook")
    authors = metadata.get("authors")
    named = authors if isinstance(authors, list) else []
    named = [one.get("name") for one in named if isinstance(one, dict)]
    for key, value in [("title", metadata.get("title")), *(("author", name) for name in named)]:
        if isinstance(value, str):
            stated.add(key, clean(value))
    return stated


def _level(cell: Mapping[str, Any]) -> int:
    level = cell.get("level")
    return min(max(level, 1), 6) if type(level) is int else 1


def _sections(cell: Mapping[str, Any], source: str, number: int) -> Iterator[Section]:
    """Yield the headings of a cell of prose; a comment in a block of code is none."""
    if cell.get("cell_type") not in ("markdown", "heading"):
        return
    in_code = False
    for line in source.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
        heading = None if in_code else _HEADING.fullmatch(line)
        if heading and heading[2]:
            yield Section(visible(heading[2]), len(heading[1]), number)


def _figures(cell: Mapping[str, Any], source: str, number: int) -> Iterator[Figure]:
    """Yield the pictures that a cell shows and those that are attached to it."""
    caption = _CAPTION.search(source)
    words = visible(caption[1]) if caption else ""
    bundles = [output.get("data", output) for output in _outputs(cell)]
    attached = cell.get("attachments")
    if isinstance(attached, dict):
        bundles += attached.values()
    for bundle in bundles:
        for key in bundle if isinstance(bundle, dict) else ():
            kind = _OLD_PICTURES.get(key, str(key))
            if kind.startswith("image/"):
                yield Figure(number, words, media_type=clean(kind))
                break  # the others are the same picture in other forms


def _outputs(cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    outputs = cell.get("outputs")
    return [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []


def _printed(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a cell printed, as far as it is text and not too long."""
    left = _MOST_OUTPUT
    for output in _outputs(cell):
        data = output.get("data")
        text = _shown(data) if isinstance(data, dict) else _joined(output.get("text"))
        if not text and isinstance(output.get("traceback"), list):
            lines = [line for line in output["traceback"] if isinstance(line, str)]
            text = _joined("\n".join(lines))
        text = _COLOUR.sub("", text).strip("\n")
        yield text[:left]
        left -= len(text)
        if left < 0:
            yield "[more was printed]"
            return


def _shown(data: Mapping[str, Any]) -> str:
    """Return the text of an output that is there in several forms."""
    for kind in ("text/plain", "text/markdown", "text/latex"):
        text = _joined(data.get(kind))
        if text.strip():
            return text
    page = _joined(data.get("text/html"))
    if not page:
        return ""
    from reslib.extractors.html import read_body  # most notebooks never need it

    return read_body(page.encode("utf-8", "replace"), "utf-8")[1]


def _malformed(why: str) -> ExtractionError:
    return ExtractionError(
        f"it is no sound Jupyter notebook: {why}. Save it again in Jupyter, or download it again",
        ErrorCode.MALFORMED,
    )
