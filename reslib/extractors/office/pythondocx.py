"""Word documents, read by python-docx: used only when somebody asks for it by name.

It is what people know. Read as its documentation shows: the paragraphs and tables of the body in
document order, a row a line, its cells separated by tabs. What that leaves out (text boxes, notes,
headers and footers, deletions accepted or not, content controls, equations, the numbers of lists)
is read by the usual extractor. A cell that reaches over several columns is given once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError, printable
from reslib.extractors.stated import Stated, names
from reslib.extractors.tables.heads import with_head
from reslib.items import DocumentInfo, Metadata, Page, Table

__all__ = ["extract"]

#: Names of the properties of python-docx, and the keys they stand for.
_KEYS = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "comments": "description",
    "language": "language",
    "created": "created",
    "modified": "modified",
}
#: Tables inside tables are not followed further.
_DEEPEST = 20


def extract(path: Path) -> Iterator[Page | Metadata | Table | DocumentInfo]:
    """Yield the core properties, the text of the body as one page, and its tables.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``malformed`` when python-docx cannot open or read it.
    """
    import docx

    try:
        # An open file: one whose name has no suffix or another one is read too.
        with path.open("rb") as file:
            document = docx.Document(file)
        stated = _stated(document)
        tables: list[Table] = []
        text = "\n".join(_blocks(document, tables, 0))
    except (OSError, MemoryError, ExtractionError):
        raise
    except Exception as error:  # of whatever class: it promises none
        raise ExtractionError(
            f"python-docx cannot read it ({type(error).__name__}: {printable(str(error))[:200]}). "
            "Have the usual extractor read it: `reslib extract --again PATH`, extract_again(ids)",
            ErrorCode.MALFORMED,
        ) from error
    yield DocumentInfo(title=stated.title())
    yield from stated
    yield Page(text)
    yield from tables


def _stated(document: Any) -> Stated:
    stated = Stated("core properties")
    for name, key in _KEYS.items():
        try:
            value = getattr(document.core_properties, name)
        except (ValueError, TypeError):  # a date that is none
            continue
        if name in ("created", "modified"):
            value = value.isoformat() if value is not None else ""
        for one in names(str(value)) if key == "author" else [value]:
            stated.add(key, one)
    return stated


def _blocks(container: Any, tables: list[Table], depth: int) -> Iterator[str]:
    """Yield the lines of paragraphs and tables in document order."""
    from docx.table import Table as WordTable

    for block in container.iter_inner_content():
        if not isinstance(block, WordTable):
            yield block.text
            continue
        rows = []
        for row in block.rows:
            cells = row.cells  # one that reaches over several columns comes as often
            texts, before = [], None
            for cell in cells:
                is_new = cell._tc is not before and depth < _DEEPEST
                texts.append(_cell(cell, tables, depth) if is_new else "")
                before = cell._tc
            rows.append(tuple(texts))
            yield "\t".join(texts).rstrip("\t")
        if depth == 0:
            width = max(map(len, rows), default=0)
            even = tuple((*row, *[""] * (width - len(row))) for row in rows)
            tables.append(with_head(Table(even, page=1)))


def _cell(cell: Any, tables: list[Table], depth: int) -> str:
    return " ".join(" ".join(_blocks(cell, tables, depth + 1)).split())
