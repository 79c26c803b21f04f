"""The errors of SQLite in words for people: by their codes, never by English sentences.

A sentence holds names of columns and files, and is worded anew from one SQLite to the next; the
codes are part of its interface (sqlite.org/rescode.html).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from reslib.errors import DatabaseBusy, DatabaseError, NotADatabase

__all__ = ["ANSWERS", "has_full_text_search", "primary_code", "translate"]

_MISTAKE = (
    "SQLite could not carry out a statement on {path} ({said}). Another program may have changed "
    "its tables: run `reslib doctor`, or go back to a backup"
)
_LOCKED = (
    "another program keeps the database {path} locked. Close it there, or give ResearchDatabase a "
    "longer timeout"
)
_IN_USE = (
    "another statement of this program is at the same table of {path} ({said}). Try again when it "
    "has ended"
)
_DAMAGED = (
    "{path} is damaged ({said}). Run `reslib doctor --repair`, which keeps a copy and saves what "
    "can be read, or go back to a backup"
)
_NOT_WRITABLE = (
    "the database {path} cannot be opened for writing ({said}). Choose a folder in which you may "
    "create files"
)
_FULL = "the disk is full: {path} could not be written. Free some space"
_MEMORY = (
    "there is not enough memory for what was asked of {path}. Close other programs, or use fewer "
    "workers"
)
_DISK = (
    "the disk did not read or write {path} as it should ({said}). See that it is connected and "
    "sound; what was stored before is kept"
)
_MOVED = "{path} was deleted, moved or replaced while it was open. Put it back and open it again"
_BROKEN_OFF = "a statement on {path} was broken off, because the database was closed meanwhile"
_LOCKS = (
    "the locks of SQLite do not work where {path} is ({said}). Keep the database on a local disk"
)
_NO_SUCH = "this Python's SQLite cannot do what {path} needs ({said}). Use another Python"
_TOO_BIG = "a text or a number of values is larger than SQLite stores in {path} ({said})"
_NO_FTS5 = (
    "this Python's SQLite has no FTS5, which the search needs; use the Python of conda-forge or "
    "python.org"
)

#: By the code of an error: what is raised in its place, and the sentence. None: the error itself,
#: since a value or a call is wrong, not the database. Every primary code has a row; an extended
#: one (primary code in its low byte) only where it means something else.
ANSWERS: dict[int, tuple[Callable[[str], Exception], str] | None] = {
    sqlite3.SQLITE_ERROR: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_INTERNAL: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_PERM: (DatabaseError, _NOT_WRITABLE),
    sqlite3.SQLITE_ABORT: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_BUSY: (DatabaseBusy, _LOCKED),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, _IN_USE),
    sqlite3.SQLITE_NOMEM: (DatabaseError, _MEMORY),
    sqlite3.SQLITE_READONLY: (DatabaseError, _NOT_WRITABLE),
    sqlite3.SQLITE_READONLY_DBMOVED: (DatabaseError, _MOVED),
    sqlite3.SQLITE_INTERRUPT: (DatabaseError, _BROKEN_OFF),
    sqlite3.SQLITE_IOERR: (DatabaseError, _DISK),
    sqlite3.SQLITE_IOERR_NOMEM: (DatabaseError, _MEMORY),
    sqlite3.SQLITE_CORRUPT: (DatabaseError, _DAMAGED),
    sqlite3.SQLITE_NOTFOUND: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_FULL: (DatabaseError, _FULL),
    sqlite3.SQLITE_CANTOPEN: (DatabaseError, _NOT_WRITABLE),
    sqlite3.SQLITE_PROTOCOL: (DatabaseError, _LOCKS),
    sqlite3.SQLITE_EMPTY: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_SCHEMA: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_TOOBIG: (ValueError, _TOO_BIG),
    sqlite3.SQLITE_CONSTRAINT: None,
    sqlite3.SQLITE_MISMATCH: None,
    sqlite3.SQLITE_MISUSE: None,
    sqlite3.SQLITE_NOLFS: (DatabaseError, _NO_SUCH),
    sqlite3.SQLITE_AUTH: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_FORMAT: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_RANGE: None,
    sqlite3.SQLITE_NOTADB: (
        NotADatabase,
        "{path} is not a SQLite database; give another name",
    ),
    sqlite3.SQLITE_NOTICE: (DatabaseError, _MISTAKE),
    sqlite3.SQLITE_WARNING: (DatabaseError, _MISTAKE),
}


def primary_code(error: sqlite3.Error) -> int | None:
    """Return the primary code of an error; None for one that Python's module raises itself."""
    code = _code(error)
    return None if code is None else code & 0xFF


def translate(error: sqlite3.Error, path: Path) -> Exception:
    """Return what is raised instead of an error of SQLite: for people, with what to do.

    Parameters
    ----------
    error
        What SQLite, or Python's module for it, raised.
    path
        The database.

    Returns
    -------
    Exception
        The error itself when a value or a call is wrong, not the database.
    """
    code = _code(error)
    if code is None:
        # The module raises it: wrong arguments, or a connection that is closed.
        wrong_call = isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError)
        return error if wrong_call else DatabaseError(f"{path}: {error}")
    answer = ANSWERS.get(code, ANSWERS.get(code & 0xFF, ANSWERS[sqlite3.SQLITE_ERROR]))
    if answer is None:
        return error
    kind, sentence = answer
    if code & 0xFF == sqlite3.SQLITE_ERROR and not has_full_text_search():
        sentence = _NO_FTS5
    said = f"{error}, {name}" if (name := getattr(error, "sqlite_errorname", "")) else str(error)
    return kind(sentence.format(path=path, said=said))


def has_full_text_search() -> bool:
    """True when SQLite was built with FTS5."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (words)")
        except sqlite3.OperationalError:
            return False
    return True


def _code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code
