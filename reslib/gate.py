"""The write gate: one writer at a time on a database, fair inside a process.

SQLite's own busy handler polls with sleeps and is not fair: with 4 processes of 8 threads some
workers were measured to get nothing for over a second. So threads of one process queue up here,
first come first served, and processes agree by a lock on a small file beside the database.

Checkpoints are made under the same gate. That makes reslib immune to SQLite's WAL-reset bug
(sqlite.org/wal.html#walresetbug; 3.7.0 to 3.51.2), in which one connection commits and resets the
WAL while another one checkpoints: no reslib connection of any process on this host can commit
while one of them checkpoints, whatever mode SQLite falls back to.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from weakref import WeakValueDictionary

from reslib.errors import DatabaseBusy

try:
    import fcntl
except ImportError:  # no file locks of this kind: SQLite's own lock has to do between processes
    fcntl = None  # type: ignore[assignment]

__all__ = ["WriteGate", "write_gate"]

_FIRST_PAUSE = 0.0002
_LONGEST_PAUSE = 0.005

_gates: WeakValueDictionary[str, WriteGate] = WeakValueDictionary()
_gates_lock = threading.Lock()


def write_gate(path: Path) -> WriteGate:
    """Return the gate of the database at *path*, the same one for the whole process."""
    key = os.path.realpath(path)
    with _gates_lock:
        gate = _gates.get(key)
        if gate is None:
            gate = _gates[key] = WriteGate(Path(key + ".lock"))
        return gate


def _forget_after_fork() -> None:
    # A forked child shares its parent's file descriptions and so its locks; it opens its own.
    global _gates_lock
    _gates_lock = threading.Lock()
    _gates.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


class WriteGate:
    """A lock between threads (first come, first served) and between processes.

    Parameters
    ----------
    lock_file
        Made when it is missing. Empty; left behind, because removing a lock file is a race.
    """

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False
        self._descriptor: int | None = None
        #: Thread that is inside, or None.
        self.owner: int | None = None

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
        self._enter_process(timeout)
        try:
            self._enter_host(deadline, timeout)
        except BaseException:
            self._leave_process()
            raise
        self.owner = threading.get_ident()

    def release(self) -> None:
        """Go out and let the next one in."""
        self.owner = None
        if fcntl is not None and self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._leave_process()

    def _enter_process(self, timeout: float) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        granted = False
        try:
            granted = turn.acquire(timeout=timeout)
        finally:
            if not granted:
                self._give_up(turn)
        if not granted:
            raise DatabaseBusy(
                f"another thread of this process has been writing to the database for over "
                f"{timeout:g} s"
            )

    def _give_up(self, turn: threading.Lock) -> None:
        with self._mutex:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._leave_process()  # the turn came in the very moment it was given up

    def _leave_process(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    def _enter_host(self, deadline: float, timeout: float) -> None:
        if fcntl is None:
            return
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
        """Return a context manager that is inside the gate."""
        return _Inside(self, timeout)


class _Inside:
    def __init__(self, gate: WriteGate, timeout: float) -> None:
        self._gate, self._timeout = gate, timeout

    def __enter__(self) -> None:
        self._gate.acquire(self._timeout)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate.release()
