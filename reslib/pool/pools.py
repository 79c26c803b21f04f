"""The pools that run in this process: stopped when it ends, and not carried over a fork."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol

__all__ = ["note_started", "note_stopped"]


class _Pool(Protocol):
    def stop(self, timeout: float) -> bool: ...

    def lose_threads(self) -> None: ...


_running: weakref.WeakSet[_Pool] = weakref.WeakSet()


def note_started(pool: _Pool) -> None:
    """Have *pool* stopped at the end of the program, should nobody else do it."""
    _running.add(pool)


def note_stopped(pool: _Pool) -> None:
    """Undo :func:`note_started`."""
    _running.discard(pool)


@atexit.register
def _stop_all() -> None:
    for pool in list(_running):
        pool.stop(timeout=0)


def _forget_all() -> None:
    # A fork has none of the threads of its parent, and would wait for them in vain.
    for pool in list(_running):
        pool.lose_threads()
    _running.clear()


os.register_at_fork(after_in_child=_forget_all)
