"""No process outlives its parent: the child's side.

Three steps, each for what the one before cannot do:

1. The system ends the child with its parent (``PR_SET_PDEATHSIG``), even in the middle of a
   spin in C. Linux only.
2. A thread looks at ``getppid()`` twice a second. It needs the GIL, which a spin keeps.
   Copies of the child that an extractor forks get both.
3. A program that an extractor starts knows nothing of this. Before the first one, the child
   forks a guard that waits for its end and then ends everything that carries its mark.
   Linux only; elsewhere such a program may go on until it has done its work.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["arm", "guard_pid"]

_INTERVAL = 0.5
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_STARTS_PROGRAM = frozenset(
    {"subprocess.Popen", "os.posix_spawn", "os.system", "os.spawn", "pty.spawn", "os.forkpty"}
)

_guard: int | None = None
_starting = False


def arm(parent: int, mark: bytes, private: Sequence[int]) -> None:
    """Tie this process, and what will come of it, to its parent.

    Parameters
    ----------
    parent
        Its process id. When that is not the parent any more, this process ends now.
    mark
        ``NAME=value`` in the environment of this process and of all that it starts.
    private
        Descriptors that forked copies must not have.
    """
    child = forking = os.getpid()

    def before_fork() -> None:
        # The copy may find itself with another parent before it has looked once.
        nonlocal forking
        forking = os.getpid()

    def in_fork() -> None:
        for descriptor in private:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        if not _starting:
            _die_with(forking)

    def on_event(event: str, arguments: tuple[object, ...]) -> None:
        if event in _STARTS_PROGRAM and os.getpid() == child:
            _start_guard(mark)

    _die_with(parent)
    os.register_at_fork(before=before_fork, after_in_child=in_fork)
    if sys.platform == "linux":
        # What a double fork detaches stays in the child's family, where its parent finds it.
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        sys.addaudithook(on_event)


def guard_pid() -> int | None:
    """Return the process id of the guard, None before the first program."""
    return _guard


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_INTERVAL)
        os._exit(1)

    if os.getppid() != parent:
        os._exit(1)
    threading.Thread(target=watch, name="reslib-parent-watch", daemon=True).start()


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _start_guard(mark: bytes) -> None:
    global _guard, _starting
    if _guard is not None or _starting:
        return
    child = os.getpid()
    _starting = True
    try:
        pid = os.fork()
    except OSError:
        return  # the program that is about to be started will say so
    finally:
        if os.getpid() == child:
            _starting = False
    if pid == 0:
        _watch_over(child, mark)
    _guard = pid


def _watch_over(child: int, mark: bytes) -> NoReturn:
    try:
        os.closerange(0, 4096)
        while os.getppid() == child:
            time.sleep(_INTERVAL)
        # What is being started while we look is found the second time.
        for _ in range(2):
            for name in os.listdir("/proc"):  # noqa: PTH208
                if name.isdigit() and int(name) != os.getpid() and _carries(name, mark):
                    with contextlib.suppress(OSError):
                        os.kill(int(name), signal.SIGKILL)
    finally:
        os._exit(0)


def _carries(pid: str, mark: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
            return mark in file.read().split(b"\0")
    except OSError:
        return False
