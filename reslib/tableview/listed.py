"""The tables of documents, and the documents that have some, as a list shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reslib.database import ResearchDatabase, as_database
from reslib.documents.tableedits import SET_BY_READER
from reslib.documents.tableframes import DataFrame, table_frame
from reslib.errors import AttachmentNotFound
from reslib.extractors.tables.numbers import holds_two_numbers
from reslib.given import whole
from reslib.items import Table

__all__ = ["ListedDocument", "ListedTable", "documents", "tables"]


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document in which tables were found.

    Parameters
    ----------
    attachment_id, filename
        Which document.
    tables
        How many.
    """

    attachment_id: int
    filename: str
    tables: int


@dataclass(frozen=True, slots=True)
class ListedTable:
    """A table of a document.

    Parameters
    ----------
    table_id, attachment_id
        Which one; None for one that is not stored.
    table
        Its cells, and where it stands.
    task
        What found it.
    """

    table_id: int | None
    attachment_id: int
    table: Table
    task: str = ""

    @property
    def is_set(self) -> bool:
        """True when a reader has set it."""
        return self.task == SET_BY_READER

    @property
    def has_place(self) -> bool:
        """True when it is known where on its page it stands."""
        return self.table.page is not None and len(self.table.box) == 4

    @property
    def frame(self) -> DataFrame:
        """The table as :meth:`ResearchDatabase.tables` gives it.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        table = self.table
        row = {
            "id": self.table_id,
            "attachment_id": self.attachment_id,
            "page": table.page,
            "caption": table.caption,
            "rows": json.dumps(table.rows),
            "header_rows": table.header_rows,
            "box": json.dumps(table.box),
            "confidence": table.confidence,
            "reason": table.reason,
            "spans": json.dumps(table.spans),
            "exact": json.dumps(table.exact),
            "task": self.task,
        }
        return table_frame(row, numbers=False)

    @property
    def crowded(self) -> frozenset[tuple[int, int]]:
        """Row and column of each cell below the head in which two numbers stand, where cells were
        found by their place: one of the two may belong into the next column.
        """
        if not self.has_place:
            return frozenset()
        first = max(1, self.table.header_rows)
        return frozenset(
            (row, column)
            for row, cells in enumerate(self.table.rows)
            for column, cell in enumerate(cells)
            if row >= first and holds_two_numbers(cell)
        )


def documents(
    db: ResearchDatabase, attachment_id: int | None = None, *, limit: int = 500
) -> list[ListedDocument]:
    """Return the documents in which tables were found, by name.

    Parameters
    ----------
    db
        The database.
    attachment_id
        One that is to be among them, when it has tables.
    limit
        How many, at most.
    """
    asked = {"id": attachment_id, "limit": whole("limit", limit, 1)}
    rows = as_database(db).store.rows("documents_with_tables", asked)
    found = [ListedDocument(row["id"], row["filename"], row["tables"]) for row in rows]
    return sorted(found, key=lambda each: (each.filename, each.attachment_id))


def tables(
    db: ResearchDatabase, attachment_id: int, *, min_confidence: float = 0.0
) -> list[ListedTable]:
    """Return the tables of a document, in the order in which they stand.

    Parameters
    ----------
    db
        The database.
    attachment_id
        Which document.
    min_confidence
        Only those of which so much was probably read right; see :meth:`ResearchDatabase.tables`.

    Raises
    ------
    AttachmentNotFound
        There is none with that id.
    """
    store = as_database(db).store
    asked = {"id": attachment_id, "task": None, "least": float(min_confidence)}
    rows = store.rows("tables_of", asked)
    if not rows and store.row("document", asked) is None:
        raise AttachmentNotFound(f"there is no attachment {attachment_id}")
    return [_listed(dict(row)) for row in rows]


def _listed(row: Mapping[str, Any]) -> ListedTable:
    table = Table(
        rows=tuple(map(tuple, json.loads(row["rows"]))),
        page=row["page"],
        caption=row["caption"],
        header_rows=row["header_rows"],
        box=tuple(json.loads(row["box"])),
        confidence=row["confidence"],
        reason=row["reason"],
        spans=tuple(map(tuple, json.loads(row["spans"]))),
        exact=tuple(map(tuple, json.loads(row["exact"]))),
    )
    return ListedTable(row["id"], row["attachment_id"], table, row["task"])
