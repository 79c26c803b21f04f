"""The items that were found in a document, read back from their tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from reslib.errors import AttachmentNotFound
from reslib.items import (
    Child,
    Figure,
    Metadata,
    Page,
    Reference,
    Section,
    Table,
    Warning,
)
from reslib.models import PAGE_BREAK, TEXT
from reslib.storage.store import Store

__all__ = ["found_items", "pages_of"]

T = TypeVar("T")

_STATEMENTS: Mapping[type[Any], str] = {
    Page: "stored_pages",
    Table: "stored_tables",
    Figure: "stored_figures",
    Metadata: "stored_metadata",
    Reference: "stored_bibliography",
    Section: "stored_sections",
    Child: "stored_children",
    Warning: "stored_warnings",
}
#: Fields that are kept as JSON, and what is made of that.
_JSON: Mapping[str, Callable[[Any], Any]] = {
    "rows": lambda rows: tuple(tuple(row) for row in rows),
    "spans": lambda spans: tuple(tuple(span) for span in spans),
    "exact": lambda exact: tuple((int(row), int(column), number) for row, column, number in exact),
    "box": tuple,
    "wants": tuple,
}


def found_items(
    store: Store, attachment_id: int, kind: type[T], task: str | None = None
) -> list[T]:
    """Return the items of one kind, see :meth:`ResearchDatabase.get_items`.

    Raises
    ------
    AttachmentNotFound
        There is no such document.
    TypeError
        There is no such kind.
    """
    statement = _STATEMENTS.get(kind)
    if statement is None:
        names = ", ".join(known.__name__ for known in _STATEMENTS)
        raise TypeError(f"kind is one of the classes {names} of reslib.items, not {kind!r}")
    if store.row("document", {"id": attachment_id}) is None:
        raise AttachmentNotFound(f"there is no attachment {attachment_id}")
    asked = {"id": attachment_id, "task": task}
    rows = [dict(found) for found in store.rows(statement, asked)]
    if kind is Page and task not in (None, TEXT):
        return []  # what another task yields is no text of the document
    if kind is Page:
        rows = [values for row in rows for values in _pages(row)]
    return [_item(kind, values) for values in rows]


def pages_of(row: Any) -> list[Page]:
    """Return the pages of a document from a row of the statement ``stored_pages``."""
    return [] if row is None else [_item(Page, values) for values in _pages(row)]


def _pages(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the fields of each page, with its text."""
    text: str = row["extracted_text"] or ""
    pages = json.loads(row["pages"])
    if not pages:  # nothing has been read yet
        return
    ends = [page["start"] - len(PAGE_BREAK) for page in pages[1:]] + [len(text)]
    for page, end in zip(pages, ends, strict=True):
        yield {**page, "text": text[page["start"] : end], "blank": bool(page["blank"])}


def _item(kind: type[T], values: Mapping[str, Any]) -> T:
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: _read(name, values[name]) for name in names})


def _read(name: str, value: Any) -> Any:
    return _JSON[name](json.loads(value)) if name in _JSON else value
