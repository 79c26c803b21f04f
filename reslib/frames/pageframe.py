"""The pages of documents as a DataFrame; people call it from :mod:`reslib.frames`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reslib.frames.dataframe import (
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    Schema,
    Since,
    frame,
    path_text,
    rows_of,
    window,
)

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["pages"]


def pages(db: ResearchDatabase, since: Since = None, limit: int | None = None) -> pd.DataFrame:
    """Return what is known of each page that was read, without its text.

    Parameters
    ----------
    db
        The database.
    since
        Only documents that were added at that time or later; a naive time is UTC.
    limit
        Only the latest so many documents.

    Returns
    -------
    DataFrame
        One row a page, in the order of the documents. Index ``row``, from 1. ``attachment_id``
        (Int64), ``filename``, ``path`` of the document (string), ``page`` from 1 (Int64), ``label``
        (string), ``confidence`` (Float64, 0 to 1, ``<NA>`` when not measured), ``reason`` why it is
        not 1 (string), ``blank`` (boolean), ``origin`` of its text where that is not the document's
        own letters, such as ``tesseract 5.3.0 (eng)`` (string), ``wants``: the tasks that could
        read it better (string, space between).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    schema: Schema = {
        "row": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "path": TEXT,
        "page": WHOLE,
        "label": TEXT,
        "confidence": NUMBER,
        "reason": TEXT,
        "blank": TRUTH,
        "origin": TEXT,
        "wants": TEXT,
    }
    found = [
        {
            **row,
            "row": number,
            "path": path_text(row["path"]),
            "blank": bool(row["blank"]),
            "wants": " ".join(json.loads(row["wants"])),
        }
        for number, row in enumerate(rows_of(db, "frame_pages", window(since, limit)), 1)
    ]
    return frame(found, schema, "row")
