"""Ctrl-C and ``kill`` as a graceful stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Protocol

__all__ = ["register_signal_handlers"]


class _Stoppable(Protocol):
    def stop(self, timeout: float = 60.0) -> bool: ...


def register_signal_handlers(worker: _Stoppable) -> None:
    """Stop *worker* gracefully on SIGTERM and SIGINT (Ctrl-C), then end the program.

    The first signal lets running extractions finish, a second one gives them back at once. When
    the pool has stopped, the handlers that were there before come back and
    ``SystemExit(128 + signal)`` is raised in the main thread, so that ``finally`` blocks run.

    In a Jupyter kernel SIGINT is left alone: the Interrupt button stops the running cell and
    must not stop the pool.

    Raises
    ------
    ValueError
        Not called from the main thread (Python allows signal handlers there only).
    """
    signals = [signal.SIGTERM]
    if "ipykernel" not in sys.modules:
        signals.append(signal.SIGINT)
    before: dict[int, Any] = {}
    state = {"signals": 0, "stopped": False}

    def stop(number: int, timeout: float) -> None:
        worker.stop(timeout)
        state["stopped"] = True
        os.kill(os.getpid(), number)  # the main thread ends the program

    def handle(number: int, _frame: FrameType | None) -> None:
        if state["stopped"]:
            for each, handler in before.items():
                signal.signal(each, handler)
            raise SystemExit(128 + number)
        state["signals"] += 1
        # Not in this thread: it may be in the middle of a write that the workers wait for.
        timeout = 60.0 if state["signals"] == 1 else 0.0
        threading.Thread(
            target=stop, args=(number, timeout), name="reslib-stop", daemon=True
        ).start()

    for number in signals:
        before[number] = signal.signal(number, handle)
