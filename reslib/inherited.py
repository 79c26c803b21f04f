"""What a fork has of its parent and must not close: connections to the database.

The connection of another thread may be in the middle of a write. Closing the fork's copy would
roll that back in the memory that both share (the index of the write-ahead log), under the parent's
hands: sqlite.org/howtocorrupt.html, section 2.6. In a fork, Python drops what belonged to threads
that are not there any more, and what is dropped is closed.
"""

from __future__ import annotations

import os

__all__ = ["keep_open"]

_kept: list[object] = []


def keep_open(thing: object) -> None:
    """Keep *thing*, which is being dropped in a fork, for as long as the process lives."""
    _kept.append(thing)


def _keep_to_the_end() -> None:
    # Not in keep_open(): that is called before imports are possible in a fork.
    if _kept:
        import ctypes

        # At the end of the program, modules and their lists are dropped too.
        for thing in _kept:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_to_the_end)
