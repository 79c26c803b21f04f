"""The file that a child and its parent share: how far it is, and behind that the items it gave.

What is written there costs a few microseconds, wakes nobody, and is still there after a crash.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable

__all__ = ["PROGRESS", "clear", "items", "make", "progress"]

#: How far the extractor is: pages done, pages in all (0: unknown).
PROGRESS = struct.Struct("<QQ")
#: More pages than that no document has: a child may have written anything.
_MOST_PAGES = 1 << 32
#: Bytes of items that are read at once.
_CHUNK = 1 << 20


def make() -> int:
    """Return the descriptor of a new one."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("reslib-progress")
    descriptor, name = tempfile.mkstemp()
    os.unlink(name)  # noqa: PTH108
    return descriptor


def clear(note: int) -> None:
    """Forget what the last attempt has written."""
    os.ftruncate(note, 0)


def progress(note: int) -> tuple[int, int] | None:
    """Return the pages done and the pages in all; None before the first word about them."""
    said = os.pread(note, PROGRESS.size, 0)
    if len(said) != PROGRESS.size:
        return None
    page, total = PROGRESS.unpack(said)
    return min(page, _MOST_PAGES), min(total, _MOST_PAGES)


def items(note: int, after: int = 0) -> Callable[[], bytes]:
    """Return what reads on in the items that are there by now; it gives nothing at their end.

    Parameters
    ----------
    note
        The file.
    after
        Bytes of items that are passed over: they were read before.
    """
    position, end = PROGRESS.size + after, os.fstat(note).st_size

    def read() -> bytes:
        nonlocal position
        # A buffer of the size asked for is made each time, so not more than there is.
        size = min(_CHUNK, end - position)
        data = os.pread(note, size, position) if size > 0 else b""
        position += len(data)
        return data

    return read
