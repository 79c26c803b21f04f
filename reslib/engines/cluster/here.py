"""The reading of documents on this machine that cannot go to a cluster, one at a time.

A file that is missing, or is no file; one that is too large to be sent; a password on a way that
everybody can read along.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome
from reslib.sandbox.sandbox import Sandbox

__all__ = ["Here"]

#: How often one that waits is asked whether it still does, in seconds.
_ASK = 0.05
#: Seconds that the child may take to end.
_PATIENCE = 5.0


class _Turn:
    """One document, from when it is asked for until it is read."""

    def __init__(
        self,
        reader: object,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
    ) -> None:
        self.reader, self.request = reader, request
        self.on_progress, self.on_pages = on_progress, on_pages
        self._lock = threading.Lock()
        self._is_begun = self._is_withdrawn = False
        #: Whether it is to end although it has begun.
        self.is_over = False
        self.done = threading.Event()
        self.end: Outcome | Exception = Outcome()

    def begin(self) -> bool:
        """Begin with it; return False when nobody waits for it any more."""
        with self._lock:
            self._is_begun = not self._is_withdrawn
            return self._is_begun

    def withdraw(self) -> bool:
        """Take it back; return False when it has begun."""
        with self._lock:
            self._is_withdrawn = not self._is_begun
            return self._is_withdrawn


class Here:
    """A sandbox of this machine for all workers of a pool.

    It is used by a thread of its own: a child ends with the thread that started it, so each worker
    of the pool would have to start another one.

    Parameters
    ----------
    memory_limit_mb
        Of each document.
    """

    def __init__(self, memory_limit_mb: int) -> None:
        self._memory_limit_mb = memory_limit_mb
        self._lock = threading.Lock()
        self._turns: queue.SimpleQueue[_Turn | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sandbox: Sandbox | None = None
        #: What is read.
        self._turn: _Turn | None = None

    def run(
        self,
        reader: object,
        request: ExtractionRequest,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
        is_over: Callable[[], bool],
    ) -> Outcome:
        """Read one document when its turn has come; see :meth:`Sandbox.run`.

        Parameters
        ----------
        reader
            Whose it is; :meth:`kill` is called with the same.
        request, on_progress, on_pages
            What to read.
        is_over
            Asked meanwhile; True ends it.
        """
        turn = _Turn(reader, request, on_progress, on_pages)
        with self._lock:
            if self._thread is None:
                self._turns = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=self._read_all, args=(self._turns,), name="reslib-here", daemon=True
                )
                self._thread.start()
            self._turns.put(turn)
        while not turn.done.wait(_ASK):
            if is_over():
                if turn.withdraw():
                    return Outcome()
                turn.is_over = True
                self.kill(reader)  # again: it may have been about to begin
        if isinstance(turn.end, Exception):
            raise turn.end
        return turn.end

    def kill(self, reader: object) -> None:
        """End the document of *reader*, when that is what is read."""
        turn, sandbox = self._turn, self._sandbox
        if sandbox is not None and turn is not None and turn.reader is reader:
            sandbox.kill()

    def close(self) -> None:
        """End the child."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._turns.put(None)
        if thread is not None:
            thread.join(_PATIENCE)

    # --- its thread ---

    def _read_all(self, turns: queue.SimpleQueue[_Turn | None]) -> None:
        sandbox = self._sandbox = Sandbox(memory_limit_mb=self._memory_limit_mb)
        try:
            while (turn := turns.get()) is not None:
                self._turn = turn
                try:
                    if turn.begin():
                        turn.end = _read(sandbox, turn)
                except Exception as error:
                    turn.end = error
                finally:
                    self._turn = None
                    turn.done.set()
        finally:
            sandbox.close()


def _read(sandbox: Sandbox, turn: _Turn) -> Outcome:
    problem = sandbox.warm_up(lambda: turn.is_over)
    if problem is not None:
        return Outcome(unavailable=problem)
    if turn.is_over:
        return Outcome()
    return sandbox.run_keeping(turn.request, turn.on_progress, turn.on_pages)
