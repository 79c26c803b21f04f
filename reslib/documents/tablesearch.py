"""The search in tables: those whose caption and cells have every word, and the row that hit."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from reslib.given import shown
from reslib.search.query import parse
from reslib.search.snippet import Finder
from reslib.storage.store import Store

__all__ = ["TableHit", "search_tables"]

#: Documents whose tables are looked through, the best first.
_MOST_DOCUMENTS = 2_000


@dataclass(frozen=True, slots=True)
class TableHit:
    """A table that a search found.

    Parameters
    ----------
    table_id, attachment_id, filename, path
        Which table, of which document.
    page, caption
        Where it stands, and what stands above or below it.
    row
        The number of the row in which most of the words stand, from 0, the head included; None
        when they stand in the caption alone.
    cells
        The cells of that row.
    confidence
        How much of the table was read right; None when the format states it.
    """

    table_id: int
    attachment_id: int
    filename: str
    path: str
    page: int | None
    caption: str
    row: int | None
    cells: tuple[str, ...]
    confidence: float | None


def search_tables(store: Store, query: str, limit: int, min_confidence: float) -> list[TableHit]:
    """Find tables by their words; see :meth:`ResearchDatabase.search_tables`."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit must be a whole number of at least 1, not {shown(limit)}")
    if not isinstance(query, str):
        raise ValueError(f"a query is text, not {shown(query)}")
    asked = parse(query)
    if not asked.match:
        return []
    finder = Finder(asked.phrases)
    found: list[tuple[int, int, TableHit]] = []
    # What is found in a document stands in its text, which has an index.
    every = {"query": asked.match, "least": min_confidence, "limit": _MOST_DOCUMENTS}
    for place, row in enumerate(store.rows("tables_of_matching", every)):
        in_caption = set(finder.phrases_in(row["caption"]))
        rows: list[list[str]] = json.loads(row["rows"])
        by_row = [set(finder.phrases_in("\n".join(cells))) for cells in rows]
        there = in_caption.union(*by_row)
        if not any(there.issuperset(one) for one in asked.alternatives):
            continue
        best = max(range(len(rows)), key=lambda n: (len(by_row[n]), -n), default=None)
        if best is not None and not by_row[best]:
            best = None
        hit = TableHit(
            table_id=row["id"],
            attachment_id=row["attachment_id"],
            filename=row["filename"],
            path=os.fsdecode(row["path"]),
            page=row["page"],
            caption=row["caption"],
            row=best,
            cells=tuple(rows[best]) if best is not None else (),
            confidence=row["confidence"],
        )
        found.append((-len(by_row[best]) if best is not None else 0, place, hit))
    found.sort(key=lambda each: each[:2])
    return [hit for _, _, hit in found[:limit]]
