"""The tables, headings and references found in documents; people call them from reslib.frames."""

from __future__ import annotations

import json
from numbers import Real
from typing import TYPE_CHECKING, Any

from reslib.documents.records import FIELDS, Record, records
from reslib.extractors.tables.numbers import holds_two_numbers
from reslib.frames.dataframe import NUMBER, TEXT, WHOLE, Schema, frame, rows_of
from reslib.given import shown
from reslib.models import TextStatus

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["documents", "references", "sections", "tables"]


def documents(db: ResearchDatabase) -> pd.DataFrame:
    """Return the documents with what is known of them: who wrote what, when.

    Of each thing the surest source counts, and what ``db.set_metadata`` has set before all.

    Parameters
    ----------
    db
        The database.

    Returns
    -------
    DataFrame
        One row a document, the oldest first. Index ``attachment_id``. ``filename``, ``title``,
        ``authors`` (parted by ``"; "``), (string), ``year`` (Int64), ``doi``, ``arxiv``,
        ``journal``, ``abstract``, ``keywords`` (parted by ``"; "``), ``language``, ``key`` by which
        it is cited (string; empty where it is not known), ``title_confidence``,
        ``authors_confidence``, ``year_confidence`` (Float64, 0 to 1), ``sources``: who says the
        title, the authors, the year and the DOI (string), ``page_count``, ``tables``,
        ``references``: how many there are (Int64), ``text_status`` (category), ``confidence`` of
        its text (Float64).
    """
    schema: Schema = {
        "attachment_id": WHOLE,
        "filename": TEXT,
        "title": TEXT,
        "authors": TEXT,
        "year": WHOLE,
        "doi": TEXT,
        "arxiv": TEXT,
        "journal": TEXT,
        "abstract": TEXT,
        "keywords": TEXT,
        "language": TEXT,
        "key": TEXT,
        "title_confidence": NUMBER,
        "authors_confidence": NUMBER,
        "year_confidence": NUMBER,
        "sources": TEXT,
        "page_count": WHOLE,
        "tables": WHOLE,
        "references": WHOLE,
        "text_status": TextStatus,
        "confidence": NUMBER,
    }
    counts = {row["attachment_id"]: row for row in rows_of(db, "frame_documents")}
    rows = [
        _document(one, counts[one.attachment_id])
        for one in records(db.store)
        if one.attachment_id in counts
    ]
    return frame(rows, schema, "attachment_id")


def _document(one: Record, counts: Any) -> dict[str, Any]:
    said = ("title", "authors", "year", "doi")
    row = {name: getattr(one, name) for name in ("attachment_id", "filename", *FIELDS)}
    return {
        **row,
        "authors": "; ".join(one.authors),
        "keywords": "; ".join(one.keywords),
        **{f"{name}_confidence": one.confidences.get(name) for name in said},
        "sources": "; ".join(f"{n}: {one.sources[n]}" for n in said if n in one.sources),
        **{
            name: counts[name]
            for name in ("page_count", "tables", "references", "text_status", "confidence")
        },
    }


def tables(
    db: ResearchDatabase, attachment_id: int | None = None, *, min_confidence: float = 0.0
) -> pd.DataFrame:
    """Return the tables that were found in documents, without their cells.

    Parameters
    ----------
    db
        The database.
    attachment_id
        Only those of this document.
    min_confidence
        Only those of which so much was probably read right, 0 to 1; those that a format states
        itself are always among them.

    Returns
    -------
    DataFrame
        One row a table, in the order of the documents and pages. Index ``table_id``.
        ``attachment_id`` (Int64), ``filename`` (string), ``page`` (Int64), ``caption`` (string),
        ``rows``, ``columns``, ``header_rows`` (Int64), ``confidence`` (Float64, ``<NA>`` for a
        table that the format states itself), ``crowded``: cells in which two numbers stand, of
        which one may belong into the next column (Int64), ``reason``, ``task`` (string).
        ``db.tables(attachment_id)`` gives the cells.

    Raises
    ------
    ValueError
        *min_confidence* is no number from 0 to 1.
    """
    if not isinstance(min_confidence, Real) or not 0 <= min_confidence <= 1:
        raise ValueError(f"min_confidence is from 0 to 1, not {shown(min_confidence)}")
    schema: Schema = {
        "table_id": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "page": WHOLE,
        "caption": TEXT,
        "rows": WHOLE,
        "columns": WHOLE,
        "header_rows": WHOLE,
        "confidence": NUMBER,
        "crowded": WHOLE,
        "reason": TEXT,
        "task": TEXT,
    }
    asked = {"id": attachment_id, "least": float(min_confidence)}
    found = [_shape(dict(row)) for row in rows_of(db, "frame_tables", asked)]
    return frame(found, schema, "table_id")


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    rows: list[list[str]] = json.loads(row["rows"])
    body = [cell for cells in rows[max(1, row["header_rows"]) :] for cell in cells]
    crowded = 0 if row["confidence"] is None else sum(map(holds_two_numbers, body))
    width = max(map(len, rows), default=0)
    return {**row, "rows": len(rows), "columns": width, "crowded": crowded}


def sections(db: ResearchDatabase, attachment_id: int | None = None) -> pd.DataFrame:
    """Return the headings of documents.

    Parameters
    ----------
    db
        The database.
    attachment_id
        Only those of this document.

    Returns
    -------
    DataFrame
        One row a heading, in the order in which they stand. Index ``section``, from 1.
        ``attachment_id`` (Int64), ``filename`` (string), ``level``: 1 for a chapter (Int64),
        ``title`` (string), ``page`` (Int64), ``task`` that found it (string).
    """
    schema: Schema = {
        "section": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "level": WHOLE,
        "title": TEXT,
        "page": WHOLE,
        "task": TEXT,
    }
    rows = rows_of(db, "frame_sections", {"id": attachment_id})
    return frame([{**row, "section": n} for n, row in enumerate(rows, 1)], schema, "section")


def references(db: ResearchDatabase, attachment_id: int | None = None) -> pd.DataFrame:
    """Return the works that documents cite.

    Parameters
    ----------
    db
        The database.
    attachment_id
        Only those of this document.

    Returns
    -------
    DataFrame
        One row a work, in the order in which they stand. Index ``reference``, from 1.
        ``attachment_id`` (Int64), ``filename``, ``text``: the entry as it stands, ``title``,
        ``doi`` (string; empty where it is not known), ``year`` (Int64), ``task`` that found it
        (string).
    """
    schema: Schema = {
        "reference": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "text": TEXT,
        "title": TEXT,
        "doi": TEXT,
        "year": WHOLE,
        "task": TEXT,
    }
    rows = rows_of(db, "frame_references", {"id": attachment_id})
    return frame([{**row, "reference": n} for n, row in enumerate(rows, 1)], schema, "reference")
