"""The items of a document on their way into their tables: one statement for each kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from reslib.items import (
    Child,
    Figure,
    Item,
    Metadata,
    Page,
    Reference,
    Section,
    Table,
    Warning,
)
from reslib.storage.store import Transaction

__all__ = ["forget_items", "item_columns", "store_items", "store_pages"]

#: Each kind of item with the name of its table, which its statements end with.
_TABLES: Mapping[type[Any], str] = {
    Table: "tables",
    Figure: "figures",
    Metadata: "metadata",
    Reference: "bibliography",
    Section: "sections",
    Child: "children",
    Warning: "warnings",
}


def store_pages(
    transaction: Transaction, attachment_id: int, pages: Sequence[Page], offsets: Sequence[int]
) -> None:
    """Store what is known of each page of the text of a document; *pages* may be empty."""
    pages = pages or [Page("") for _ in offsets]
    transaction.run_many(
        "store_page",
        [
            {**item_columns(page), "id": attachment_id, "number": number, "start": start}
            for number, (page, start) in enumerate(zip(pages, offsets, strict=True), 1)
        ],
    )


def store_items(transaction: Transaction, job_id: int, items: Iterable[Item]) -> None:
    """Store what else was found in a job's document, numbered within each kind."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        those = rows.setdefault(_TABLES[type(item)], [])
        those.append({**item_columns(item), "job_id": job_id, "number": len(those) + 1})
    for table, those in rows.items():
        transaction.run_many(f"store_{table}", those)


def forget_items(transaction: Transaction, job_id: int) -> None:
    """Forget what an earlier job of the same task found in a job's document."""
    for table in _TABLES.values():
        transaction.run(f"forget_{table}", {"job_id": job_id})


def item_columns(item: Item) -> dict[str, Any]:
    """Return the fields of an item as a row keeps them: several values as a JSON array."""
    return {f.name: _kept(getattr(item, f.name)) for f in fields(item)}


def _kept(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value
