"""The conversion of rows to DataFrames whose dtypes are always the same."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

from reslib.database import ResearchDatabase, as_database
from reslib.errors import printable
from reslib.given import shown

__all__ = [
    "NUMBER",
    "TEXT",
    "TIME",
    "TRUTH",
    "WHOLE",
    "Schema",
    "Since",
    "checked_limit",
    "folder_text",
    "frame",
    "path_text",
    "rows_of",
    "since_text",
    "window",
]

#: A time, or how long ago: ``timedelta(hours=1)``, ``"-1 day"``.
Since = datetime | date | timedelta | str | None
Schema = Mapping[str, str | type[StrEnum]]

TIME = "datetime64[ms, UTC]"
TEXT, WHOLE, NUMBER, TRUTH = "string", "Int64", "Float64", "boolean"


def rows_of(
    db: ResearchDatabase, name: str, parameters: Mapping[str, Any] | None = None
) -> list[Any]:
    """Return the rows of a statement.

    Raises
    ------
    TypeError
        *db* is no database, but its name, for instance.
    """
    return as_database(db).store.rows(name, parameters)


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


def folder_text(stored: str | bytes) -> str:
    """Return the folder that a path is in, as text."""
    folder = os.path.dirname(stored)  # noqa: PTH120 - a Path takes no bytes
    return path_text(folder)


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
        moment = _moment(since)
        if moment is not pd.NaT:
            moment = moment.tz_localize(UTC) if moment.tzinfo is None else moment.tz_convert(UTC)
            moment = moment.to_pydatetime(warn=False)  # which has the years 1 to 9999
    except (ValueError, OverflowError, NotImplementedError):
        moment = pd.NaT
    if moment is pd.NaT:
        raise ValueError(
            "since is a time, such as '2026-03-01 12:00', or how long ago, such as '-1 day' or "
            f"timedelta(hours=2), not {shown(since)}"
        )
    return str(moment.replace(tzinfo=None).isoformat(" ", "milliseconds"))


def _moment(since: object) -> Any:
    """Return a time, or NaT for what is none."""
    if isinstance(since, str) and since.strip().startswith("-"):
        # Without a unit pandas takes a number for nanoseconds.
        since = pd.Timedelta(since) if re.search("[a-z:]", since, re.IGNORECASE) else None
    if isinstance(since, timedelta):
        return pd.Timestamp.now(tz=UTC) - abs(pd.Timedelta(since))
    if isinstance(since, str):
        # pandas takes "today" for now, and for local time; times here are UTC.
        return pd.Timestamp(since) if any(map(str.isdigit, since)) else pd.NaT
    # A bare number could be seconds, milliseconds or days; nobody should have to guess.
    return pd.Timestamp(since) if isinstance(since, date) else pd.NaT


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
