"""Python's garbage collector, paused for as long as a page takes.

A page makes thousands of boxes and words, each of which is freed when the last who holds it lets
go. The collector looks through all of them again and again for circles that hold each other, finds
none, and takes a twelfth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collector"]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Look for no garbage inside of this ``with``, unless nobody looks for it anyway."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
