"""The sandbox: one killable child process per worker, in which extractors run.

::

    sandbox.py      Sandbox: run, kill, close; what the worker sees          parent
    succession.py   which child takes the next document, and who follows it  parent
    session.py      one attempt at one child: the loop that waits            parent
    process.py      start, measure and end the child with all it started     parent
    environment.py  what it gets of the parent's environment                 parent
    scratch.py      its private temporary directory                          parent
    diagnosis.py    what was seen of an attempt -> a sentence for people     parent
    protocol.py     messages, and the checks on what comes back                both
    codec.py        dataclasses as JSON and back, each field checked         both
    memory.py       how much a process has used, as the kernel tells it      both
    child.py        set-up of the process, loop over requests                child
    guard.py        no process outlives its parent                           child
    confinement.py  how much it may do, for which extractor                  both
    seccomp.py      no network, no calls that act on other processes         child
    syscalls.py     which calls these are                                    child
    landlock.py     no writing, no looking into other processes              child
    pickled.py      a function of the parent, loaded at its first call       child
    run.py          one attempt: type, extractor, pages, exceptions          child

The modules of the child are imported there before any document is opened, so they import
nothing that a format needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reslib.sandbox.process import Orphan, orphans
    from reslib.sandbox.sandbox import Sandbox
    from reslib.sandbox.scratch import orphaned_directories, remove_orphaned_directories

__all__ = [
    "Orphan",
    "Sandbox",
    "orphaned_directories",
    "orphans",
    "remove_orphaned_directories",
]


def __getattr__(name: str) -> Any:
    # The child imports this package too, and starts in half the time without these.
    if name == "Sandbox":
        from reslib.sandbox.sandbox import Sandbox

        return Sandbox
    if name in ("Orphan", "orphans"):
        from reslib.sandbox import process

        return getattr(process, name)
    if name in ("remove_orphaned_directories", "orphaned_directories"):
        from reslib.sandbox import scratch

        return getattr(scratch, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
