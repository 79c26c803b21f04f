"""The texts of the library, and how good they are, as pandas DataFrames.

People call these from :mod:`reslib.frames`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from reslib.frames.dataframe import (
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    Since,
    checked_limit,
    folder_text,
    frame,
    path_text,
    rows_of,
    window,
)
from reslib.given import shown
from reslib.models import PAGE_BREAK, AttemptOutcome, JobStatus, TextStatus

if TYPE_CHECKING:
    from reslib.database import ResearchDatabase

__all__ = ["doubtful", "summary", "texts"]

#: Characters that become columns in one go: a list of all texts beside the frame would be all of
#: them twice, where pandas keeps texts in Arrow.
_AT_A_TIME = 4_000_000
#: Less confidence than this is worth a look, when nobody says how much is.
_DOUBTFUL = 0.9
#: What :func:`summary` can put documents together by.
_GROUPS = ("extractor", "mime_type", "folder")


def texts(
    db: ResearchDatabase, pages: bool = True, since: Since = None, limit: int | None = None
) -> pd.DataFrame:
    """Return the texts: a row a page, or a row a document.

    Parameters
    ----------
    db
        The database.
    pages
        True for a row a page, False for a row a document.
    since
        Only documents that were added at that time or later; a naive time is UTC.
    limit
        Only the latest so many documents.

    Returns
    -------
    DataFrame
        One row a page of each document that has a text, be it empty; in the order of the
        documents and their pages. Index ``row``, from 1. ``attachment_id`` (Int64), ``filename``,
        ``folder`` it is in (string), ``page``: its number from 1, 1 where the format has no
        pages, as a web page or a note (Int64), ``text`` (string), ``char_count``: its length
        (Int64); of the document: ``extractor``, ``mime_type`` (string), ``text_status`` (category;
        ``stale`` for the text of a file that has changed since), ``confidence`` (Float64, 0 to 1).

        With ``pages=False`` one row a document. Index ``attachment_id``. The same columns, but
        ``page_count`` (Int64) instead of ``page``. Between two pages of a text stands a form feed,
        which ``char_count`` counts, unless there is nothing else.

    Raises
    ------
    ValueError
        *since* is no time, or *limit* is negative.
    TypeError
        *pages* is neither True nor False.
    """
    if not isinstance(pages, bool):
        raise TypeError(
            f"pages is True for a row a page, or False for a row a document, not {shown(pages)}"
        )
    index = "row" if pages else "attachment_id"
    schema: Schema = {
        index: WHOLE,
        "attachment_id": WHOLE,
        "filename": TEXT,
        "folder": TEXT,
        "page" if pages else "page_count": WHOLE,
        "text": TEXT,
        "char_count": WHOLE,
        "extractor": TEXT,
        "mime_type": TEXT,
        "text_status": TextStatus,
        "confidence": NUMBER,
    }
    ids = [row["id"] for row in rows_of(db, "frame_texts", window(since, limit))]
    parts, batch, count, length = [], list[dict[str, Any]](), 0, 0
    for document in _documents(db, ids[::-1]):
        for record in document.pages() if pages else [document.whole()]:
            count += 1
            length += record["char_count"]
            batch.append({"row": count, **record})
        if length >= _AT_A_TIME:
            parts.append(frame(batch, schema, index))
            batch, length = [], 0
    parts.append(frame(batch, schema, index))
    return pd.concat(parts)


def _documents(db: ResearchDatabase, ids: list[int]) -> Iterator[_Document]:
    """Yield documents with their text, one at a time; those deleted meanwhile are passed over."""
    for id in ids:
        for row in rows_of(db, "frame_text", {"id": id}):
            known = dict(row)
            text = known.pop("extracted_text")
            offsets = json.loads(known.pop("page_offsets") or "[0]")
            yield _Document({**known, "folder": folder_text(row["path"])}, text, offsets)


class _Document(NamedTuple):
    """A text, where its pages begin, and what is known of it, which does not hold it."""

    known: dict[str, Any]
    text: str
    offsets: list[int]

    def pages(self) -> Iterator[dict[str, Any]]:
        ends = [*(offset - len(PAGE_BREAK) for offset in self.offsets[1:]), len(self.text)]
        for number, (begin, end) in enumerate(zip(self.offsets, ends, strict=True), 1):
            page = self.text[begin:end]
            yield {**self.known, "page": number, "text": page, "char_count": len(page)}

    def whole(self) -> dict[str, Any]:
        pages = len(self.offsets)
        length = len(self.text) if self.text.strip() else 0
        return {**self.known, "page_count": pages, "text": self.text, "char_count": length}


def doubtful(
    db: ResearchDatabase, below: float = _DOUBTFUL, limit: int | None = None
) -> pd.DataFrame:
    """Return the documents whose text is worth a look before it is trusted, the worst first.

    Parameters
    ----------
    db
        The database.
    below
        Less confidence than this is doubtful, 0 to 1.
    limit
        Only so many.

    Returns
    -------
    DataFrame
        One row a document that was read with less confidence, or of which no page or only some
        gave text. What measures no confidence, as pdfplumber, is here only for the second reason,
        and at the end. Index ``attachment_id``. ``filename`` (string), ``text_status``
        (category), ``confidence`` (Float64, 0 to 1), ``confidence_reason``: why (string),
        ``page_count`` (Int64), ``extractor``, ``mime_type``, ``path`` (string).

    Raises
    ------
    ValueError
        *below* is not between 0 and 1, or *limit* is negative.
    """
    if isinstance(below, bool) or not isinstance(below, Real) or not 0 <= below <= 1:
        raise ValueError(f"below is a confidence, from 0 to 1, not {shown(below)}")
    found = rows_of(db, "frame_doubtful", {"below": float(below), "limit": checked_limit(limit)})
    schema: Schema = {
        "attachment_id": WHOLE,
        "filename": TEXT,
        "text_status": TextStatus,
        "confidence": NUMBER,
        "confidence_reason": TEXT,
        "page_count": WHOLE,
        "extractor": TEXT,
        "mime_type": TEXT,
        "path": TEXT,
    }
    table = [{**dict(row), "path": path_text(row["path"])} for row in found]
    return frame(table, schema, "attachment_id")


def summary(db: ResearchDatabase, by: str = "extractor") -> pd.DataFrame:
    """Return what became of the documents, and what they cost, group by group.

    Parameters
    ----------
    db
        The database.
    by
        What makes a group: ``"extractor"``, ``"mime_type"`` or ``"folder"``.

    Returns
    -------
    DataFrame
        One row a group, the largest first. Index named as *by* says: ``extractor`` (string;
        ``<NA>`` for documents that none has opened), ``mime_type`` or ``folder``.
        ``documents``; of these, by how much of them gave text, ``full``, ``partial``, ``empty``,
        ``stale``, and ``without_text``, which have none yet or failed (Int64, together
        ``documents``); ``failed``: whose latest job failed; ``doubtful``: that
        :func:`doubtful` lists; ``page_count`` and ``char_count``: the sums (Int64);
        ``confidence``: the mean of those that have one (Float64). Of the latest attempts that
        were completed: ``extraction_time_ms`` and ``cpu_time_ms``, the median; ``cpu_ms_per_page``,
        all their CPU time by all their pages; ``peak_rss_mb``, the largest (Float64).

    Raises
    ------
    ValueError
        Documents cannot be put together by that.
    """
    if not isinstance(by, str) or by not in _GROUPS:
        raise ValueError(f"by is one of {', '.join(_GROUPS)}, not {shown(by)}")
    found = [
        {**dict(row), "folder": folder_text(row["path"])} for row in rows_of(db, "frame_summary")
    ]
    documents = frame(
        [{**row, "row": number} for number, row in enumerate(found)],
        {
            "row": WHOLE,
            by: TEXT,
            "text_status": TextStatus,
            "job_status": JobStatus,
            "outcome": TEXT,
            "page_count": WHOLE,
            "char_count": WHOLE,
            "confidence": NUMBER,
            "extraction_time_ms": NUMBER,
            "cpu_time_ms": NUMBER,
            "peak_rss_mb": NUMBER,
        },
        "row",
    )
    status = documents["text_status"].astype("string")
    done = (documents["outcome"] == AttemptOutcome.COMPLETE.value).fillna(False)
    low = (documents["confidence"] < _DOUBTFUL).fillna(False)
    documents = documents.assign(
        documents=1,
        **{kind.value: (status == kind.value).fillna(False) for kind in TextStatus},
        without_text=status.isna(),
        failed=documents["job_status"] == JobStatus.FAILED.value,
        doubtful=low | status.isin([TextStatus.PARTIAL.value, TextStatus.EMPTY.value]),
        pages_read=documents["page_count"].where(done & documents["cpu_time_ms"].notna()),
        **{name: documents[name].where(done) for name in (*_MEDIANS, "peak_rss_mb")},
    )
    groups = documents.groupby(by, dropna=False)
    sums = groups[[*_COUNTS, "pages_read", "cpu_time_ms"]].sum()
    pages = sums["pages_read"].where(sums["pages_read"] > 0)
    columns = {
        **{name: sums[name].astype(WHOLE) for name in _COUNTS},
        "confidence": groups["confidence"].mean(),
        **{name: groups[name].median() for name in _MEDIANS},
        "cpu_ms_per_page": sums["cpu_time_ms"] / pages,
        "peak_rss_mb": groups["peak_rss_mb"].max(),
    }
    table = pd.DataFrame(columns).astype({name: NUMBER for name in columns if name not in _COUNTS})
    # By name where groups are as large: the same library gives the same table.
    return table.sort_index().sort_values("documents", ascending=False, kind="stable")


#: What :func:`summary` counts, and what it takes the median of.
_COUNTS = (
    *("documents", *(kind.value for kind in TextStatus), "without_text", "failed", "doubtful"),
    *("page_count", "char_count"),
)
_MEDIANS = ("extraction_time_ms", "cpu_time_ms")
