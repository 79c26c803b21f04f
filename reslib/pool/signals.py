"""Signals that stop a pool: gracefully on the first one, at once on the second."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Protocol

__all__ = ["StopSignals", "register_signal_handlers"]


class _Stoppable(Protocol):
    def stop(self, timeout: float = 60.0) -> bool: ...


class StopSignals:
    """Handlers of signals, which stop a pool in a thread of its own.

    Not in the main thread: that may be in the middle of a write that the workers wait for. And they
    raise nothing there while the pool runs: an exception that arrives inside
    :meth:`threading.Thread.join` makes Python before 3.13 take a running thread for dead, and one
    that arrives while the pool is made ready would leave it half made.

    Parameters
    ----------
    numbers
        The signals.
    stop
        Called with the number of the signal, and whether it is the first one.

    Attributes
    ----------
    threads
        Those that stop the pool, one for each signal that came.
    has_stopped
        Set by *stop* when the program is to end: then the next signal raises ``SystemExit`` in the
        main thread, after the handlers that were there before have come back.
    """

    def __init__(self, numbers: Iterable[int], stop: Callable[[int, bool], None]) -> None:
        self._numbers, self._stop = tuple(numbers), stop
        self._before: dict[int, Any] = {}
        self.threads: list[threading.Thread] = []
        self.has_stopped = False

    def install(self) -> None:
        """Take the place of the handlers that are there.

        Raises
        ------
        ValueError
            Not called from the main thread (Python allows signal handlers there only).
        """
        for number in self._numbers:
            self._before[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Put the handlers that were there before back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.has_stopped:
            self.restore()
            raise SystemExit(128 + number)
        arguments = (number, not self.threads)
        thread = threading.Thread(
            target=self._stop, args=arguments, name="reslib-stop", daemon=True
        )
        self.threads.append(thread)
        thread.start()


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

    def stop(number: int, is_first: bool) -> None:
        worker.stop(60.0 if is_first else 0.0)
        signals.has_stopped = True
        os.kill(os.getpid(), number)  # the main thread ends the program

    numbers = [signal.SIGTERM]
    if "ipykernel" not in sys.modules:
        numbers.append(signal.SIGINT)
    signals = StopSignals(numbers, stop)
    signals.install()
