"""The write lock: one writer at a time on a database, fair inside a process.

SQLite's own busy handler polls with sleeps and is not fair: with 4 processes of 8 threads some
workers were measured to get nothing for over a second. So threads of one process queue up here
and are let in in turn, and processes agree by a lock on a small file beside the database.

Checkpoints are made under the same lock. That makes reslib immune to SQLite's WAL-reset bug
(sqlite.org/wal.html#walresetbug; 3.7.0 to 3.51.2), in which one connection commits and resets the
WAL while another one checkpoints: no reslib connection of any process on this host can commit
while one of them checkpoints, whatever mode SQLite falls back to.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from weakref import WeakValueDictionary

from reslib.errors import DatabaseBusy

__all__ = ["WriteLock", "write_lock"]

#: Seconds between looks at the lock of another process. Longer ones cost less and are less fair:
#: with 5 ms, four processes that did nothing but write waited for up to 0.7 s, with 1 ms for 0.3.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.001
#: Seconds for which the threads of a process may go in in any order.
_TURN = 0.002

_locks: WeakValueDictionary[str, WriteLock] = WeakValueDictionary()
_locks_mutex = threading.Lock()


def write_lock(path: Path) -> WriteLock:
    """Return the lock of the database at *path*, the same one for the whole process."""
    key = os.path.realpath(path)
    with _locks_mutex:
        lock = _locks.get(key)
        if lock is None:
            lock = _locks[key] = WriteLock(Path(key + ".lock"))
        return lock


def _forget_after_fork() -> None:
    # A forked child shares its parent's file descriptions and so its locks; it opens its own.
    global _locks_mutex
    _locks_mutex = threading.Lock()
    _locks.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


class WriteLock:
    """A lock between threads, which are let in in turn, and between processes.

    Parameters
    ----------
    lock_file
        Made when it is missing. Empty; left behind, because removing a lock file is a race.
    """

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._threads = _FairLock()
        self._descriptor: int | None = None

    @property
    def owner(self) -> int | None:
        """The thread that is inside, or on its way in past all others; None when there is none."""
        return self._threads.holder

    def acquire(self, timeout: float) -> None:
        """Go in.

        Parameters
        ----------
        timeout
            Seconds to wait at most.

        Raises
        ------
        DatabaseBusy
            Somebody else stayed inside for that long.
        RuntimeError
            This thread is inside already (a signal handler that interrupted a write).
        """
        if self.owner == threading.get_ident():
            raise RuntimeError(
                "this thread is in the middle of a write to the same database; a signal handler "
                "or callback must not write from there"
            )
        deadline = time.monotonic() + timeout
        try:
            if not self._threads.acquire(timeout):
                raise DatabaseBusy(
                    f"another thread of this process has been writing to the database for over "
                    f"{timeout:g} s"
                )
            self._enter_host(deadline, timeout)
        except BaseException:  # also Ctrl-C, at whatever moment
            if self.owner == threading.get_ident():
                self.release()
            raise

    def release(self) -> None:
        """Go out and let the next one in."""
        try:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _enter_host(self, deadline: float, timeout: float) -> None:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._lock_file, flags, 0o666)
        pause = _FIRST_PAUSE
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise DatabaseBusy(
                        f"another process has been writing to the database for over {timeout:g} "
                        f"s (it holds {self._lock_file.name}). Wait for it, or end it, or give "
                        "ResearchDatabase a longer timeout"
                    ) from None
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def locked_by(self, timeout: float) -> _Inside:
        """Return a context manager that is inside the lock."""
        return _Inside(self, timeout)


class _Waiter:
    """A thread that waits for a :class:`_FairLock`."""

    __slots__ = ("bell", "granted", "rung", "thread", "tried")

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.bell = threading.Lock()
        self.bell.acquire()
        #: The lock is its own.
        self.granted = False
        #: It was woken and has not looked yet.
        self.rung = False
        #: It was woken in vain; it looks again by itself when the turn is over.
        self.tried = False


class _FairLock:
    """A lock between threads that goes to them in the order of arrival, but not each time.

    Waking another thread costs as much as a whole short transaction. So for the length of a turn
    the lock is free to whoever comes, which is the thread that just had it; when the turn is over
    it goes to the one that waits longest. Of n threads none waits for longer than n turns, and for
    what is being written at their ends. parking_lot's mutex does so (its "eventual fairness").
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[_Waiter] = deque()
        #: The thread whose it is. One name for both, so that nothing can come between.
        self.holder: int | None = None
        self._turn_ends = 0.0

    def acquire(self, timeout: float) -> bool:
        """Wait *timeout* seconds at most; return whether the lock is this thread's."""
        waiter, got = None, False
        try:
            with self._mutex:
                if self.holder is None:
                    if not self._waiting:
                        self._turn_ends = time.monotonic() + _TURN
                    got = True
                    self.holder = threading.get_ident()
                    return True
                waiter = _Waiter()
                self._waiting.append(waiter)
            got = self._wait(waiter, timeout)
        finally:
            if not got and waiter is not None:
                self._give_up(waiter)
        return got

    def release(self) -> None:
        """Let go, and see to it that somebody who waits comes."""
        with self._mutex:
            self.holder = None
            self._call_next()

    def _wait(self, waiter: _Waiter, timeout: float) -> bool:
        now = time.monotonic()
        deadline = now + timeout
        look_at = deadline
        while now < deadline:
            waiter.bell.acquire(timeout=max(0.0, min(look_at, deadline) - now))
            with self._mutex:
                if not waiter.granted and self.holder is None and self._waiting[0] is waiter:
                    self._grant(waiter)
                if waiter.granted:
                    return True
                waiter.rung, waiter.tried = False, True
                now = time.monotonic()
                look_at = self._turn_ends if now < self._turn_ends else deadline
        return False

    def _give_up(self, waiter: _Waiter) -> None:
        with self._mutex:
            if waiter.granted:  # in the very moment it was given up
                self.holder = None
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            self._call_next()

    def _call_next(self) -> None:
        """Give a free lock to the first in the line, or tell it that it is free."""
        if self.holder is not None or not self._waiting:
            return
        first = self._waiting[0]
        if time.monotonic() >= self._turn_ends:
            self._grant(first)
        elif first.tried:
            return
        if not first.rung:
            first.rung = True
            first.bell.release()

    def _grant(self, waiter: _Waiter) -> None:
        self._waiting.popleft()
        waiter.granted = True
        self.holder = waiter.thread
        self._turn_ends = time.monotonic() + _TURN


class _Inside:
    def __init__(self, lock: WriteLock, timeout: float) -> None:
        self._lock, self._timeout = lock, timeout

    def __enter__(self) -> None:
        try:
            self._lock.acquire(self._timeout)
        except RuntimeError:  # it was inside before, and stays there
            raise
        except BaseException:  # Ctrl-C when acquire() has just returned
            if self._lock.owner == threading.get_ident():
                self._lock.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
