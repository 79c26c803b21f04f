"""The search index of a database file: the SQL function that fills it, its check, its making anew.

The index holds folded words (:mod:`reslib.fold`) and not the text, which is stored once, in
``attachments``. So SQLite cannot compare the two by itself: it asks the view that the index names
as its content, which shows the text as it is. For the check that view shows the folded text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from reslib.storage import sql

if TYPE_CHECKING:
    import sqlite3

__all__ = ["add_functions", "is_in_step", "rebuild"]


#: Bytes of a text that is taken for a name.
_SHORT = 256
#: Bytes of a text that is too large to be kept for a moment.
_KEPT = 4 << 20


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection ``reslib_fold``, without which nothing can be written to documents.

    It takes UTF-8 as a blob, because text that is damaged could not be passed on as text.
    """
    connection.create_function("reslib_fold", 1, _folded, deterministic=True)


def is_in_step(connection: sqlite3.Connection) -> bool:
    """True when the index holds the words of the texts, and nothing else.

    A write as far as SQLite is concerned; nothing is changed.
    """
    import sqlite3

    connection.execute("BEGIN IMMEDIATE")
    try:
        if _has_view(connection):
            connection.execute(sql.queries()["drop_search_view"])
            connection.execute(sql.queries()["show_folded_texts"])
        connection.execute(sql.queries()["check_search_index"])
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.execute("ROLLBACK")
    return True


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the texts."""
    names = ["rebuild_old_search_index"]
    if _has_view(connection):
        names = ["empty_search_index", "fill_search_index"]
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in names:
            connection.execute(sql.queries()[name])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _has_view(connection: sqlite3.Connection) -> bool:
    """True when the file is of schema 3 or later; an older one is repaired as it is."""
    found = connection.execute(sql.queries()["has_search_view"]).fetchone()
    return found is not None


def _folded(text: bytes | None) -> str | None:
    if text is None:
        return None
    if len(text) < _SHORT:
        return _fold_name(text)
    return _fold_again(text) if len(text) < _KEPT else _fold(text)


def _fold(text: bytes) -> str:
    return _fold_function()(text.decode("utf-8", "replace"))


@cache
def _fold_function() -> Callable[[str], str]:
    from reslib.fold import fold  # its tables take longer than most imports; the first text waits

    return fold


class _Last:
    """The text that was folded last, for when it comes again; to compare two is less than to hash
    each, which :func:`functools.lru_cache` does.
    """

    def __init__(self) -> None:
        self._kept = (b"", "")

    def __call__(self, text: bytes) -> str:
        before, folded = self._kept
        if text != before:
            folded = _fold(text)
            self._kept = (text, folded)
        return folded


#: The name of a document is folded three times until its text is stored.
_fold_name = lru_cache(maxsize=256)(_fold)
#: A document that is renamed leaves the index and comes in again with the same text.
_fold_again = _Last()
