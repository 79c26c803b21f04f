"""The library as a file that other programs read: JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any, TextIO

from reslib.database import ResearchDatabase
from reslib.documents.citations import CITATION_FORMATS, as_bibtex, as_csl_json, as_ris
from reslib.documents.records import records
from reslib.errors import printable
from reslib.library import documents

__all__ = ["FORMATS", "write_export"]

#: What :func:`write_export` can write.
FORMATS = ("jsonl", "csv", *CITATION_FORMATS)

_COLUMNS = (
    "id",
    "filename",
    "path",
    "mime_type",
    "title",
    "status",
    "text_status",
    "confidence",
    "confidence_reason",
    "page_count",
    "extractor",
    "extracted_at",
    "error_code",
    "error_message",
    "text",
)
#: A spreadsheet takes a cell that begins so for a formula, and runs it: OWASP, "CSV Injection"; NUL
#: is from its ASVS, 1.2.10. The last four are the full-width forms, for East Asian versions.
_FORMULA = (*"=+-@\t\r\n\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Columns that are numbers and words of reslib's own.
_OURS = frozenset({"id", "status", "text_status", "confidence", "page_count", "error_code"})


def write_export(db: ResearchDatabase, stream: TextIO, kind: str, *, ascii_only: bool) -> int:
    """Write every document with its text, those that failed too.

    Parameters
    ----------
    db
        The database.
    stream
        Open for writing; for CSV with ``newline=""``.
    kind
        ``"jsonl"``: one JSON object a line, with ``pages``, a list of the texts of the pages, and
        ``places``, a list of the paths of the document and its copies.
        ``"csv"``: a heading and one row a document, with the whole text in the last column and a
        form feed between pages. What a spreadsheet would run as a formula has an apostrophe (')
        before it there.
        ``"bibtex"``, ``"csl-json"``, ``"ris"``: what is known of each document, without its text,
        for programs that manage literature.
    ascii_only
        Write everything that is not ASCII, and every control character, as an escape, as a
        terminal needs it.

    Returns
    -------
    int
        Number of documents.

    Raises
    ------
    ValueError
        There is no such format.
    """
    if kind not in FORMATS:
        raise ValueError(f"there is no format {kind!r}; choose one of {', '.join(FORMATS)}")
    if kind in CITATION_FORMATS:
        found = list(records(db.store))
        write = {"bibtex": as_bibtex, "csl-json": as_csl_json, "ris": as_ris}[kind]
        text = write(found)
        stream.write(printable_lines(text) if ascii_only else text)
        return len(found)
    count = 0
    if kind == "jsonl":
        for record, pages in _records(db):
            del record["text"]
            line = json.dumps({**record, "pages": pages}, ensure_ascii=ascii_only)
            stream.write(line + "\n")
            count += 1
        return count
    # All in quotation marks: without, a carriage return in a text would begin a row.
    table = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writerow(_COLUMNS)
    for record, _ in _records(db):
        row = ["" if record[name] is None else _cell(name, str(record[name])) for name in _COLUMNS]
        if ascii_only:
            row = [cell.encode("unicode_escape").decode("ascii") for cell in row]
        table.writerow(row)
        count += 1
    return count


def printable_lines(text: str) -> str:
    """Return a text of several lines so that it is safe for a terminal."""
    return "".join(f"{printable(line)}\n" for line in text.splitlines())


def _cell(column: str, text: str) -> str:
    """Return *text* so that a spreadsheet shows it instead of running it."""
    # After a quotation mark or spaces, some find the formula nevertheless.
    if column not in _OURS and text.lstrip(" \"'").startswith(_FORMULA):
        return "'" + text
    return text


def _records(db: ResearchDatabase) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield each document and its pages. One text at a time is in memory."""
    for state in documents(db):
        document = db.get_attachment(state.attachment_id)
        text = document.extracted_text
        pages = range(1, len(document.page_offsets) + 1) if text is not None else ()
        record = {
            "id": document.id,
            "filename": document.filename,
            "path": document.path,
            "places": db.places(document.id),
            "mime_type": document.mime_type,
            "title": document.title,
            "status": state.job_status,
            "text_status": document.text_status,
            "confidence": document.confidence,
            "confidence_reason": document.confidence_reason or None,
            "page_count": document.page_count,
            "extractor": document.extractor,
            "extracted_at": document.extracted_at,
            "error_code": state.error_code,
            "error_message": state.error_message,
            "text": text,
        }
        yield record, [document.page_text(page) for page in pages]
