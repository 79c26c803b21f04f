"""From rows of the database to DataFrames whose dtypes are always the same."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from reslib.errors import printable

__all__ = [
    "NUMBER",
    "TEXT",
    "TIME",
    "TRUTH",
    "WHOLE",
    "Schema",
    "Since",
    "checked_limit",
    "frame",
    "path_text",
    "since_text",
    "window",
]

Since = datetime | date | str | None
Schema = Mapping[str, str | type[StrEnum]]

TIME = "datetime64[ms, UTC]"
TEXT, WHOLE, NUMBER, TRUTH = "string", "Int64", "Float64", "boolean"


def frame(rows: Sequence[Any], schema: Schema, index: str) -> pd.DataFrame:
    """Return the columns of *schema*, with its dtypes whatever the rows hold."""
    columns = {name: _column([row[name] for row in rows], kind) for name, kind in schema.items()}
    return pd.DataFrame(columns).set_index(index)


def _column(values: list[Any], kind: str | type[StrEnum]) -> pd.Series:
    if not isinstance(kind, str):
        return pd.Series(pd.Categorical(values, categories=[member.value for member in kind]))
    if kind == TIME:
        # None of all-None columns has to become NaT too, hence the dtype first.
        texts = pd.Series(values, dtype="object")
        return pd.to_datetime(texts, format="ISO8601", utc=True).astype(TIME)
    return pd.Series(values, dtype=kind)


def path_text(stored: str | bytes) -> str:
    """Return a path as text; bytes that are not UTF-8 are written as escapes."""
    return printable(os.fsdecode(stored)) if isinstance(stored, bytes) else stored


def window(since: Since, limit: int | None) -> dict[str, str | int | None]:
    """Return which rows are wanted, as the statements take it."""
    return {"since": since_text(since), "limit": checked_limit(limit)}


def since_text(since: Since) -> str | None:
    """Return a time as the database has it.

    Raises
    ------
    ValueError
        It is no time.
    """
    if since is None:
        return None
    try:
        # A bare number could be seconds, milliseconds or days; nobody should have to guess.
        moment = pd.Timestamp(since) if isinstance(since, str | date) else pd.NaT
    except ValueError:
        moment = pd.NaT
    if moment is pd.NaT:
        raise ValueError(f"since is a time, such as '2026-03-01 12:00', not {since!r}")
    if moment.tzinfo is None:
        moment = moment.tz_localize(UTC)
    moment = moment.tz_convert(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def checked_limit(limit: int | None) -> int:
    """Return a limit as SQLite takes it.

    Raises
    ------
    ValueError
        It is negative, or no whole number.
    """
    if limit is None:
        return -1
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise ValueError(f"limit must be a whole number, 0 or more, not {limit!r}")
    return limit
