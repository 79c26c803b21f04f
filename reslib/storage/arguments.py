"""The errors for arguments that a database does not keep."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from reslib.given import is_whole, shown

__all__ = ["BINDING_ERRORS", "as_plain", "kept_types", "unfit"]

#: What sqlite3 raises over a value before it has run a statement; some of them also otherwise.
BINDING_ERRORS = (
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.IntegrityError,
    OverflowError,
    UnicodeEncodeError,
)
#: Rules of a table that a single value breaks; the last is SQLITE_CONSTRAINT_DATATYPE.
_RULES = (sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_CHECK, 3091)
_KEPT = (int, float, str, bytes, bytearray, memoryview, type(None))
#: Types that are kept as they are; enumerations and the like join when one is first seen. Nearly
#: always all values are of these, which is asked before each statement.
kept_types: set[type] = {int, float, str, bytes, bool, type(None)}
_LARGEST = 2**63


def as_plain(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *parameters* with whole numbers of NumPy and the like as Python's.

    SQLite would store them as the bytes that they are made of, and find nothing by them.
    """
    odd = {}
    for name, value in parameters.items():
        if isinstance(value, _KEPT):
            kept_types.add(type(value))
        elif is_whole(value):
            odd[name] = value.__index__()
    return {**parameters, **odd} if odd else parameters


def unfit(parameters: Mapping[str, Any], error: Exception) -> Exception | None:
    """Return what to raise over *parameters* after *error*; None when they are not its cause."""
    for name, value in parameters.items():
        if not isinstance(value, _KEPT):
            kind = type(value).__name__
            return TypeError(f"{name} is a number or text, not {shown(value)} ({kind})")
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            return ValueError(
                f"{name} is {shown(value)}; a number is larger than any that a database keeps "
                "(more than 63 bits)"
            )
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                return ValueError(f"{name} is {shown(value)}, which has half a character in it")
    given = ", ".join(f"{name}={shown(value)}" for name, value in parameters.items())
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_MISMATCH:
        return TypeError(f"a whole number is needed, not {given}")
    if getattr(error, "sqlite_errorcode", None) in _RULES:
        return ValueError(f"the database does not take {given} ({error})")
    return None
