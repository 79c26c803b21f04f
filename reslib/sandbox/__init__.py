"""The sandbox: one killable child process per worker, in which extractors run.

::

    supervisor.py   Sandbox: run, kill, close; what the worker sees          parent
    session.py      one attempt at one child: the loop that waits            parent
    process.py      start, measure and end the child with all it started     parent
    verdict.py      what was seen of an attempt -> a sentence for people     parent
    protocol.py     frames, and the checks on what comes back                both
    child.py        set-up of the process, loop over requests                child
    guard.py        no process outlives its parent                           child
    attempt.py      one attempt: type, extractor, pages, exceptions          child

The modules of the child are imported there before any document is opened, so they import
nothing that a format needs.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if sys.platform == "win32":
    raise NotImplementedError(
        "reslib runs on Linux and macOS. On Windows, use it in WSL (Windows Subsystem for Linux)"
    )

if TYPE_CHECKING:
    from reslib.sandbox.process import Leftover, leftovers
    from reslib.sandbox.supervisor import Sandbox

__all__ = ["Leftover", "Sandbox", "leftovers"]


def __getattr__(name: str) -> Any:
    # The child imports this package too, and starts in half the time without these.
    if name == "Sandbox":
        from reslib.sandbox.supervisor import Sandbox

        return Sandbox
    if name in ("Leftover", "leftovers"):
        from reslib.sandbox import process

        return getattr(process, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
