"""The connections of a program to one database file: one for each thread."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
import threading
import weakref
from contextlib import suppress
from pathlib import Path

from reslib.errors import DatabaseError
from reslib.storage.openedfile import OpenedFile
from reslib.storage.searchindex import add_functions

__all__ = ["Connections", "Held", "closed_words"]

#: Seconds that closing waits for a call of another thread before it breaks it off.
_CLOSING_PATIENCE = 1.0
#: KiB of pages that a connection keeps. Of a library of 100,000 documents SQLite's own 2,000 do not
#: hold what a search or a few hundred new texts touch, and pages are read and written twice.
_CACHE = 8_000
#: Where SQLite's readers lock, and how many bytes (sqlite.org/fileformat2.html, section 1.2).
_SHARED_LOCK = (0x40000002, 510)
#: Connections that a fork has of its parent.
_OF_THE_PARENT: list[sqlite3.Connection] = []


class Held:
    """A thread's connection; closed when the thread is gone.

    A :class:`sqlite3.Connection` is part of a reference cycle and would wait for the collector.
    ``with held as connection`` keeps its lock: closing one in the middle of a statement ends the
    process (CPython's module reads the handle again after the statement).
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self._path = connection, path
        self.lock = threading.RLock()
        self._is_closed = False
        self._pid = os.getpid()

    def __enter__(self) -> sqlite3.Connection:
        self.lock.acquire()
        if self._is_closed:
            self.lock.release()
            raise DatabaseError(closed_words(self._path))
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def close(self) -> None:
        """Close the connection when no statement runs."""
        with self.lock:
            self._is_closed = True
            self.connection.close()

    def __del__(self) -> None:
        # A weak reference still finds it here: another thread may take it in this very moment.
        if self._pid == os.getpid():
            self.close()
        else:  # in a fork, where SQLite may be locked for ever: it is never closed
            _OF_THE_PARENT.append(self.connection)


class Connections:
    """The connections to one file, one for each thread, opened when it first needs one.

    Parameters
    ----------
    path
        The file.
    timeout
        Seconds that a statement waits for other programs.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self._timeout = path, timeout
        self._local = threading.local()
        self._every: weakref.WeakSet[Held] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._file: OpenedFile | None = None
        self._hold: int | None = None
        #: Whether :meth:`close` was called.
        self.closed = False

    def __len__(self) -> int:
        return len(self._every)

    def mine(self) -> Held:
        """Return this thread's connection; or when the file was taken away before it had one, that
        of another thread.

        Raises
        ------
        DatabaseError
            They are closed, this process is a fork, or another file is in the place of this one.
        """
        self.check_usable()
        held: Held | None = getattr(self._local, "held", None)
        if held is None:
            # What is gone cannot be opened again, but those who have it open can read it.
            other = self._of_another_thread() if self.file_problem() else None
            if other is not None:
                return other
            held = self._local.held = Held(self._connect(), self.path)
            with self._lock:
                self._every.add(held)
        return held

    def _of_another_thread(self) -> Held | None:
        with self._lock:
            return next(iter(self._every), None)

    def forget_mine(self) -> None:
        """Open this thread's connection anew when it is next needed.

        One that was opened while the disk was read-only stays so when the disk is back.
        """
        # It is closed when nobody has it any more: another thread may be using it, see mine().
        self._local.held = None

    def check_usable(self) -> None:
        """Raise :class:`DatabaseError` when they are closed, or were carried over a fork."""
        if self.closed:
            raise DatabaseError(closed_words(self.path))
        if self._pid != os.getpid():
            raise DatabaseError(
                "a database must not be carried over a fork: open it again in the new process"
            )

    def close(self) -> None:
        """Close them all, each between two calls of its thread.

        A call that does not come to an end within a second is broken off.
        """
        if self._pid != os.getpid():
            self.closed = True
            return  # they are its parent's
        self._leave_the_log_to_others()
        with self._lock:
            self.closed = True
            every = list(self._every)
        for held in every:
            if not held.lock.acquire(timeout=_CLOSING_PATIENCE):
                held.connection.interrupt()
                if not held.lock.acquire(timeout=self._timeout):
                    continue  # it closes its connection itself when it ends
            try:
                held.close()
            finally:
                held.lock.release()

    def _leave_the_log_to_others(self) -> None:
        """Keep SQLite from bringing the log back into the file when the last connection closes,
        if others have another index of it: with the old one it would write over what they wrote.

        It does so only when nobody else has a lock on the file. Not before Python 3.12 could it be
        told (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE).
        """
        if self._hold is not None or self._file is None or not self._file.has_another_index:
            return
        if not hasattr(fcntl, "F_OFD_SETLK"):  # Linux only
            return
        lock = struct.pack("hhqqi", fcntl.F_RDLCK, os.SEEK_SET, *_SHARED_LOCK, 0)
        with suppress(OSError):  # a file that is gone is not written to either
            # It stays open for good: closing it would end every lock of this process on the file.
            self._hold = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.fcntl(self._hold, fcntl.F_OFD_SETLK, lock)

    # --- the file -----------------------------------------------------------------------------

    def keep_to_the_file(self) -> None:
        """Take the file that is there now for the one that is meant; from now on none is made."""
        self._file = OpenedFile(self.path)

    def file_problem(self, *, with_log: bool = False) -> str | None:
        """Return what has become of the file, and with *with_log* of its log; None when all is
        well.
        """
        if self._file is None:
            return None
        problem = self._file.problem() or (self._file.log_problem() if with_log else None)
        if problem is not None:  # also for a connection that nobody closes before the end
            self._leave_the_log_to_others()
        return problem

    def require_the_file(self) -> None:
        """Raise :class:`DatabaseError` when :meth:`file_problem` has something to say."""
        problem = self.file_problem()
        if problem is not None:
            raise DatabaseError(problem)

    def log_of_the_file(self) -> int:
        """Return the bytes of the log, before each write.

        Raises
        ------
        DatabaseError
            When :meth:`file_problem` has something to say of the file or its log.
        """
        assert self._file is not None
        size = self._file.log_size
        if size is None:
            problem = self.file_problem(with_log=True)
            if problem is not None:
                raise DatabaseError(problem)
        return size or 0

    def _connect(self) -> sqlite3.Connection:
        self.require_the_file()  # another one would be opened
        # Made only when the library is opened: not in the moment in which the file goes.
        mode = "rwc" if self._file is None else "rw"
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode={mode}",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,  # close() comes from another thread
        )
        connection.row_factory = sqlite3.Row
        add_functions(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        # Checkpoints are made in one place only; see reslib.storage.lock.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection


def closed_words(path: Path) -> str:
    """Return the message for a call to a database that is closed."""
    return f"the database {path} is closed; open it again"
