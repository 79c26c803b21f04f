"""Tables that a reader has set: they win over what is found in their place, and stay.

They are rows of ``tables`` like any other, of a task that no extractor does; so no extraction ever
touches them. Whoever asks for the tables of a document gets them instead of those that were found
where they are, see the statement ``covered``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from numbers import Real

from reslib.errors import AttachmentNotFound
from reslib.given import shown, whole
from reslib.storage.store import Store

__all__ = ["SET_BY_READER", "forget_table", "keep_table"]

#: In place of the task that found a table.
SET_BY_READER = "set by you"


def keep_table(
    store: Store,
    attachment_id: int,
    rows: Sequence[Sequence[str]],
    page: int,
    box: Sequence[float],
    header_rows: int,
    caption: str,
    spans: Sequence[Sequence[int]],
) -> int:
    """Keep a table that a reader says is there; see :meth:`ResearchDatabase.set_table`."""
    kept = _rows(rows)
    high, wide = len(kept), max(map(len, kept))
    header_rows = whole("header_rows", header_rows, 0)
    if header_rows > high:
        raise ValueError(f"header_rows is {header_rows}, and there are {high} rows")
    reaching = [[whole("a number of a span", number, 0) for number in span] for span in spans]
    for span in reaching:
        if len(span) != 4 or not _is_inside(span, high, wide):
            raise ValueError(f"a span is row, column, rows and columns inside, not {shown(span)}")
    columns = {
        "id": attachment_id,
        "task": SET_BY_READER,
        "page": whole("page", page, 1),
        "caption": _text("caption", caption),
        "rows": json.dumps(kept, ensure_ascii=False),
        "header_rows": header_rows,
        "box": json.dumps(_box(box)),
        "reason": SET_BY_READER,
        "spans": json.dumps(reaching),
    }
    with store.write() as transaction:
        if transaction.row("document", {"id": attachment_id}) is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        transaction.run("forget_set_table_at", columns)
        [row] = transaction.rows("set_table", columns)
        return int(row["id"])


def forget_table(store: Store, table_id: int) -> bool:
    """Take back a table that a reader has set; see :meth:`ResearchDatabase.unset_table`."""
    asked = {"id": whole("table_id", table_id), "task": SET_BY_READER}
    with store.write() as transaction:
        return bool(transaction.run("forget_set_table", asked))


def _rows(rows: object) -> list[list[str]]:
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise ValueError(f"rows is a list of rows, each a list of texts, not {shown(rows)}")
    found: list[list[str]] = []
    for cells in rows:
        if isinstance(cells, str) or not isinstance(cells, Sequence):
            raise ValueError(f"a row is a list of texts, not {shown(cells)}")
        found.append([_text("a cell", cell) for cell in cells])
    if not any(found):
        raise ValueError("a table has at least one row of one cell")
    return found


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is text, not {shown(value)}")
    return value.encode("utf-8", "replace").decode().replace("\0", "")


def _box(box: object) -> list[float]:
    wrong = f"box is left, top, right and bottom in points, not {shown(box)}"
    if isinstance(box, str) or not isinstance(box, Sequence) or len(box) != 4:
        raise ValueError(wrong)
    if not all(isinstance(edge, Real) and math.isfinite(edge) for edge in box):
        raise ValueError(wrong)
    left, top, right, bottom = (round(float(edge), 1) for edge in box)
    if right <= left or bottom <= top:
        raise ValueError(wrong)
    return [left, top, right, bottom]


def _is_inside(span: Sequence[int], high: int, wide: int) -> bool:
    row, column, rows, columns = span
    return rows >= 1 and columns >= 1 and row + rows <= high and column + columns <= wide
