"""The SQLite file: opening, reading, writing, checkpoints.

One connection per thread, in autocommit; writes are explicit ``BEGIN IMMEDIATE`` transactions
inside the write lock and do no file I/O of their own. WAL with ``synchronous=NORMAL``: a killed
process loses nothing, a power cut may lose the last commits but never damages the file.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reslib.errors import (
    DatabaseError,
    NotADatabase,
    UnsafeFilesystem,
    printable,
)
from reslib.storage import sql
from reslib.storage.arguments import BINDING_ERRORS, as_plain, kept_types, unfit
from reslib.storage.connections import Connections, closed_words
from reslib.storage.filesystem import expanded, network_filesystem
from reslib.storage.lock import write_lock
from reslib.storage.migration import SCHEMA_VERSION, migrate, run_script, version_of
from reslib.storage.openedfile import lost_index_problem
from reslib.storage.sqliteerrors import primary_code, translate

__all__ = ["Store", "Transaction"]

logger = logging.getLogger(__name__)

#: STRICT tables need 3.37, RETURNING 3.35.
OLDEST_SQLITE = (3, 37, 0)
#: The WAL is brought back into the file when it has grown past this.
_CHECKPOINT_BYTES = 16 * 1024 * 1024
#: Then it is written again from its start and keeps its length, because overwriting is faster than
#: appending. Past this length it is cut off.
_LONGEST_WAL_BYTES = 48 * 1024 * 1024
#: How long a checkpoint waits for readers of old pages before it leaves the rest for later.
_CHECKPOINT_PATIENCE_MS = 50

Parameters = Mapping[str, Any]


class Transaction:
    """A write transaction that has begun; runs statements of ``queries.sql`` by name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, name: str, parameters: Parameters) -> list[sqlite3.Row]:
        """Run a statement and return its rows."""
        return _execute(self._connection, name, parameters).fetchall()

    def row(self, name: str, parameters: Parameters) -> sqlite3.Row | None:
        """Run a statement and return its only row, or None."""
        rows = self.rows(name, parameters)
        return rows[0] if rows else None

    def value(self, name: str, parameters: Parameters) -> Any:
        """Run a statement and return the first value of its only row, or None."""
        row = self.row(name, parameters)
        return row[0] if row is not None else None

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement and return how many rows it changed."""
        return _execute(self._connection, name, parameters).rowcount

    def run_many(self, name: str, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each of *rows*."""
        if len(rows) == 1:  # the usual case, and executemany() is slower for it
            _execute(self._connection, name, rows[0])
        else:
            self._connection.executemany(sql.queries()[name], rows)

    def insert(self, name: str, rows: Sequence[Parameters]) -> range:
        """Run a statement that adds one row for each of *rows*; return their ids.

        They follow each other: in a transaction nobody else adds any.
        """
        if len(rows) == 1:  # nobody has to be asked for the id then
            only = _execute(self._connection, name, rows[0]).lastrowid or 0
            return range(only, only + 1)
        count = max(0, self._connection.executemany(sql.queries()[name], rows).rowcount)
        last: int = self._connection.execute(sql.queries()["last_id"]).fetchone()[0]
        return range(last - count + 1, last + 1)


def _execute(connection: sqlite3.Connection, name: str, parameters: Parameters) -> sqlite3.Cursor:
    """Run a statement; one that a value does not suit says which value."""
    try:
        if not kept_types.issuperset(map(type, parameters.values())):
            parameters = as_plain(parameters)
        return connection.execute(sql.queries()[name], parameters)
    except BINDING_ERRORS as error:
        better = unfit(parameters, error)
        if better is None:
            raise
        raise better from error


class Store:
    """A reslib database file, usable from any thread.

    Parameters
    ----------
    path
        Where it is; made when it is missing. Its folder must exist.
    timeout
        Seconds that a write waits for other writers.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    NotADatabase, SchemaTooNew, UnsafeFilesystem, DatabaseError
        See :mod:`reslib.errors`.
    """

    def __init__(self, path: str | os.PathLike[str], timeout: float = 30.0) -> None:
        self.path = _checked_path(path)
        if not timeout > 0:
            raise ValueError(f"timeout must be a positive number of seconds, not {timeout!r}")
        self.timeout = float(timeout)
        self._connections = Connections(self.path, self.timeout)
        self._write_lock = write_lock(self.path)
        # Each holds nothing of one call, so that no write has to make it anew.
        self._translated = _Translated(self._connections, self.path)
        self._locked = self._write_lock.locked_by(self.timeout)
        self._next_checkpoint = _CHECKPOINT_BYTES
        self._listeners: list[Callable[[], None]] = []
        with self._translated:
            self._prepare()
            self._connections.keep_to_the_file()

    # --- reading ------------------------------------------------------------------------------

    def rows(self, name: str, parameters: Parameters | None = None) -> list[sqlite3.Row]:
        """Run a reading statement of ``queries.sql`` and return its rows."""
        with self._translated, self._connections.mine() as connection:
            return _execute(connection, name, parameters or {}).fetchall()

    def row(self, name: str, parameters: Parameters | None = None) -> sqlite3.Row | None:
        """Run a reading statement and return its only row, or None."""
        rows = self.rows(name, parameters)
        return rows[0] if rows else None

    def value(self, name: str, parameters: Parameters | None = None) -> Any:
        """Run a reading statement and return the first value of its first row, or None."""
        row = self.row(name, parameters)
        return row[0] if row is not None else None

    def data_version(self) -> int:
        """Return a number that changes when another connection has written to the file."""
        with self._translated, self._connections.mine() as connection:
            value: int = connection.execute("PRAGMA data_version").fetchone()[0]
            return value

    # --- writing ------------------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Run the block in one write transaction: all of it is stored, or nothing.

        Raises
        ------
        DatabaseBusy
            Other writers did not let go within ``timeout`` seconds.
        DatabaseError
            The disk is full, the file cannot be written, the database is closed.
        """
        self._connections.check_usable()  # first: in a fork nobody would ever open the lock file
        with self._translated, self._locked, self._connections.mine() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                log_size = self._connections.log_of_the_file()
                yield Transaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._checkpoint_when_due(connection, log_size)

    def copy_to(self, path: Path, now: str) -> None:
        """Copy the database as it is at this moment to a new file, and check the copy.

        Others read and write meanwhile. The copy has no write-ahead log, so it is one file, and
        the jobs that run are given back in it at *now*.

        Raises
        ------
        DatabaseError
            The disk is full, the folder cannot be written, or the copy is not sound.
        """
        with _Translated(self._connections, path), self._connections.mine() as connection:
            found = _copy(connection, path, now)
        if found is not None:
            raise DatabaseError(
                f"{self.path} could not be copied, because it is damaged ({found}). Run `reslib "
                "doctor --repair`"
            )

    def file_problem(self) -> str | None:
        """Return why the file can no longer be written: it was deleted, or another one is in its
        place; None while it is there.
        """
        return None if self._connections.closed else self._connections.file_problem(with_log=True)

    @property
    def held_by_this_thread(self) -> bool:
        """True when this thread is in the middle of a write."""
        return self._write_lock.owner == threading.get_ident()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call *listener* after each :meth:`announce`; returns a function that ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def announce(self) -> None:
        """Tell those who listen that there may be something to claim."""
        for listener in tuple(self._listeners):
            listener()

    def close(self) -> None:
        """Close every connection. Calling it again does nothing.

        Another thread that is in the middle of a call ends that first; one that does not come to
        an end within a second is broken off.
        """
        self._connections.close()

    # --- checkpoints --------------------------------------------------------------------------

    def _checkpoint_when_due(self, connection: sqlite3.Connection, size: int) -> None:
        """Bring the WAL back into the file when it has grown. Called while the lock is held, with
        its size before this write: one write later than it could be, and nobody asks for it twice.

        What was written is stored whether this succeeds or not, so it does not raise: the caller
        would take a write that has been done for one that has failed, and do it again.
        """
        if size < self._next_checkpoint:
            return
        mode = "RESTART" if size < _LONGEST_WAL_BYTES else "TRUNCATE"
        try:
            connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE_MS}")
            try:
                busy = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[0]
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(self.timeout * 1000)}")
        except sqlite3.Error as error:
            logger.warning(
                "the write-ahead log of %s could not be brought back into it (%s). Nothing is "
                "lost; it is tried again later",
                self.path,
                error,
            )
            busy = True
        if busy:  # by a reader of old pages, or the disk is full: try again when it has grown on
            self._next_checkpoint = size + _CHECKPOINT_BYTES
        elif mode == "RESTART":  # it grows again once it has been written over to its end
            self._next_checkpoint = size + 1
        else:
            self._next_checkpoint = _CHECKPOINT_BYTES

    # --- opening ------------------------------------------------------------------------------

    def _prepare(self) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseError(
                f"this Python has SQLite {sqlite3.sqlite_version}; reslib needs 3.37 or newer"
            )
        # The file itself: it may be a link to a share.
        unsafe = network_filesystem(self.path)
        if unsafe:
            raise UnsafeFilesystem(
                f"{self.path} is on a network file system ({unsafe}), where SQLite's locks are "
                "not reliable and the database could be damaged. Keep it on a local disk and "
                "copy it to the share when nothing runs"
            )
        with self._locked:
            lost = lost_index_problem(self.path)
            if lost is not None:
                raise DatabaseError(lost)
            connection = self._connections.mine().connection
            version = version_of(connection, self.path)
            # A backup comes without.
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise UnsafeFilesystem(
                    f"the file system of {self.path} does not allow SQLite's write-ahead log; "
                    "keep the database on a local disk"
                )
            if version == 0:
                run_script(connection, sql.schema(), SCHEMA_VERSION)
            elif version != SCHEMA_VERSION:
                migrate(connection, self.path, version, SCHEMA_VERSION, sql.migrations())


class _Translated:
    """Turns SQLite's errors into ours, with what to do about them.

    A class because :func:`contextlib.contextmanager` takes three times as long, around each call.
    """

    def __init__(self, connections: Connections, path: Path) -> None:
        self._connections, self._path = connections, path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: Any
    ) -> None:
        if error is None:
            return
        if isinstance(error, sqlite3.Error):
            if primary_code(error) == sqlite3.SQLITE_READONLY:
                self._connections.forget_mine()
            if self._connections.closed and _was_broken_off(error):
                raise DatabaseError(closed_words(self._connections.path)) from error
            raise translate(error, self._path) from error
        if isinstance(error, OverflowError):
            raise ValueError(
                "a number is larger than any that a database keeps (more than 63 bits)"
            ) from error
        if isinstance(error, OSError):  # of the lock file beside it, which comes first
            raise DatabaseError(
                f"the database {self._path} cannot be written: {error.strerror}. Choose a "
                "folder in which you may create files"
            ) from error


def _checked_path(path: str | os.PathLike[str]) -> Path:
    text = os.fspath(path)
    if text == ":memory:" or text.startswith("file:"):
        raise ValueError(
            f"{text!r}: reslib needs a file, because jobs must outlive this process; "
            'use a path such as "research.db"'
        )
    full = Path(os.path.abspath(expanded(text)))
    try:
        # What the system makes of it: links that lead back to themselves, names too long.
        full.stat()
    except ValueError:
        raise ValueError(f"the name of a database has no NUL in it: {printable(text)}") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            shown = printable(text if len(text) < 200 else f"{text[:200]}…")
            raise DatabaseError(
                f"{shown} can be no database: {error.strerror}. Give the name of a file, such as "
                "research.db"
            ) from error
    if not full.parent.is_dir():
        raise FileNotFoundError(
            f"the folder {full.parent} does not exist, so no database can be made in it; "
            "create the folder first"
        )
    if full.is_dir():
        raise NotADatabase(f"{full} is a folder; give the name of a file, such as research.db")
    log = Path(f"{full}-wal")
    if not full.exists() and log.exists() and log.stat().st_size > 0:
        # SQLite would drop it, and with it what was stored last.
        raise DatabaseError(
            f"{full} is gone, but its log {log.name} is still there, with what was stored last. "
            f"Put {full.name} back beside it; or delete {log.name}, to begin a new library"
        )
    if full.exists() and not full.is_file():
        raise NotADatabase(f"{full} is not a regular file")
    return full


def _copy(source: sqlite3.Connection, path: Path, now: str) -> str | None:
    """Copy a database and give back its jobs that run; return what is wrong with the copy."""
    # Nobody else knows the new file, so it is written without locks: a share may not have any.
    # Then the log's index is in memory, which SQLite does in exclusive mode only.
    uri = f"{path.absolute().as_uri()}?vfs=unix-none"
    copy = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        copy.execute("PRAGMA locking_mode = EXCLUSIVE")
        # All pages in one step, so in one read transaction: a snapshot, whoever writes.
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        found = _first_damage(copy)
        if found is None:
            # Whoever works on the original does not work on the copy.
            for name in ("interrupt_all", "release_all", "stop_all"):
                copy.execute(sql.queries()[name], {"now": now})
    finally:
        copy.close()
    return found


def _was_broken_off(error: sqlite3.Error) -> bool:
    """True when a statement may have failed because its connection was being closed."""
    # Python's module says itself that a connection is closed, without a code of SQLite.
    return primary_code(error) in (sqlite3.SQLITE_INTERRUPT, None)


def _first_damage(connection: sqlite3.Connection) -> str | None:
    """Return what is wrong with a file, as SQLite says it; None when it is sound."""
    try:
        found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        raise  # the disk, not the file
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else found
