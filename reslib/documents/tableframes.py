"""The tables of a document as pandas DataFrames."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from reslib.documents.tablenumbers import NumberColumn, number_columns, written

if TYPE_CHECKING:
    import pandas

__all__ = ["DataFrame", "column_names", "table_frame"]

#: What of a cell is its number, with the signs that :mod:`tablenumbers` knows.
_IN_NUMBERS = re.compile(r"\d[Ee][+-]?\d+|[\d\s.,'()+\u2019\u2212\u2013±%‰$€£¥*†‡§¶-]")
#: A name for whoever may not know pandas.
DataFrame: TypeAlias = "pandas.DataFrame"


def table_frame(row: Mapping[str, Any], numbers: bool) -> DataFrame:
    """Return a table as a DataFrame; see :meth:`ResearchDatabase.tables`.

    Parameters
    ----------
    row
        Of the statement ``tables_of``; ``joined`` has what becomes attributes besides.
    numbers
        Whether columns of numbers are converted.

    Raises
    ------
    ImportError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "db.tables() needs pandas. From a clone of reslib: pip install '.[notebook]'. Without "
            "it, db.get_items(id, Table) gives the cells"
        ) from error
    rows: list[list[str]] = json.loads(row["rows"])
    spans: list[list[int]] = json.loads(row["spans"])
    width = max(map(len, rows), default=0)
    rows = [[*cells, *[""] * (width - len(cells))] for cells in rows]
    head = min(row["header_rows"], len(rows))
    names = column_names(rows[:head], spans, width)
    body = rows[head:]
    columns: dict[str, Any] = {}
    units: dict[str, str] = {}
    by_column = [[cells[at] for cells in body] for at in range(width)]
    converted: Sequence[NumberColumn | None] = [None for _ in names]
    if numbers:
        converted = number_columns(_in_full(by_column, json.loads(row["exact"]), head))
    for name, cells, found in zip(names, by_column, converted, strict=True):
        if found is None:
            columns[name] = pd.Series(cells, dtype="string")
            continue
        kind = "Int64" if found.are_whole else "Float64"
        columns[name] = pd.Series(found.values, dtype="Float64").astype(kind)
        if found.errors:
            columns[_unique(f"{name} ±", [*names, *columns])] = pd.Series(
                found.errors, dtype="Float64"
            )
        if found.unit:
            units[name] = found.unit
    frame = pd.DataFrame(columns)
    frame.attrs = {
        "table_id": row["id"],
        "attachment_id": row["attachment_id"],
        "page": row["page"],
        "caption": row["caption"],
        "box": tuple(json.loads(row["box"])),
        "confidence": row["confidence"],
        "reason": row["reason"],
        "header_rows": head,
        "spans": tuple(map(tuple, spans)),
        "task": row["task"],
    }
    frame.attrs |= row.get("joined", {})
    if units:
        frame.attrs["units"] = units
    return frame


def _in_full(
    columns: Sequence[Sequence[str]], exact: Sequence[Sequence[float]], head: int
) -> list[list[str]]:
    """Return the columns of a table with the numbers that its cells hold and do not show."""
    found = [list(cells) for cells in columns]
    for row, column, number in exact:
        at, below = int(column), int(row) - head
        if 0 <= at < len(found) and 0 <= below < len(found[at]):
            found[at][below] = written(number, found[at][below])
    return [
        list(shown) if full != list(shown) and _are_of_several_units(shown) else full
        for shown, full in zip(columns, found, strict=True)
    ]


def _are_of_several_units(shown: Sequence[str]) -> bool:
    """True when the numbers of a column stand beside different words: 2 kg and 500 g."""
    beside = {_IN_NUMBERS.sub("", text) for text in shown if any(map(str.isdecimal, text))}
    return len(beside) > 1


def column_names(
    head: Sequence[Sequence[str]], spans: Sequence[Sequence[int]], width: int
) -> list[str]:
    """Return the names of the columns of a table, each once.

    Parameters
    ----------
    head
        The rows of its head; heads of several levels are joined (``Depth / low``).
    spans
        The cells that reach over several: row, column, rows, columns.
    width
        How many columns there are.
    """
    levels = [list(cells) for cells in head]
    for row, column, high, wide in spans:
        if row >= len(levels) or column >= width:
            continue
        for line in levels[row : row + high]:
            for at in range(column, min(column + wide, width)):
                line[at] = line[at] or levels[row][column]
    names: list[str] = []
    for at in range(width):
        parts = [" ".join(level[at].split()) for level in levels]
        name = " / ".join(dict.fromkeys(part for part in parts if part))
        names.append(_unique(name or f"column {at + 1}", names))
    return names


def _unique(name: str, taken: Sequence[str]) -> str:
    """Return a name, with a number behind it when it is taken."""
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name} ({number})"
    return made
