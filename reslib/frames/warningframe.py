"""The warnings about documents as a DataFrame; people call it from :mod:`reslib.frames`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reslib.frames.dataframe import TEXT, WHOLE, Schema, Since, frame, path_text, rows_of, window

if TYPE_CHECKING:
    import pandas as pd

    from reslib.database import ResearchDatabase

__all__ = ["warnings"]


def warnings(db: ResearchDatabase, since: Since = None, limit: int | None = None) -> pd.DataFrame:
    """Return what is to be known of documents that were read and that their text does not show.

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
        One row a warning, in the order of the documents. Index ``warning``, from 1.
        ``attachment_id`` (Int64), ``filename``, ``path`` of the document (string), ``code``: of
        what kind, such as ``hidden_slide`` (string), ``message`` for people (string), ``page`` it
        is about (Int64, ``<NA>`` for the whole document), ``task`` that gave it (string).

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    """
    schema: Schema = {
        "warning": WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "path": TEXT,
        "code": TEXT,
        "message": TEXT,
        "page": WHOLE,
        "task": TEXT,
    }
    found = [
        {**row, "warning": number, "path": path_text(row["path"])}
        for number, row in enumerate(rows_of(db, "frame_warnings", window(since, limit)), 1)
    ]
    return frame(found, schema, "warning")
