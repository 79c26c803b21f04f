"""The reading of documents on this machine that cannot go to a cluster, one at a time.

A file that is missing, or is no file; one that is too large to be sent; a password on a way that
everybody can read along.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome
from reslib.sandbox.sandbox import Sandbox

__all__ = ["Here"]

#: How often one that waits is asked whether it still does, in seconds.
_ASK = 0.05


class Here:
    """A sandbox of this machine for all workers of a pool.

    Parameters
    ----------
    memory_limit_mb
        Of each document.
    """

    def __init__(self, memory_limit_mb: int) -> None:
        self._memory_limit_mb = memory_limit_mb
        self._turn = threading.Lock()
        self._sandbox: Sandbox | None = None
        #: Whose document is read.
        self._reader: object = None

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
        while not self._turn.acquire(timeout=_ASK):
            if is_over():
                return Outcome()
        try:
            if self._sandbox is None:
                self._sandbox = Sandbox(memory_limit_mb=self._memory_limit_mb)
            problem = self._sandbox.warm_up(is_over)
            if problem is not None:
                return Outcome(unavailable=problem)
            self._reader = reader
            if is_over():
                return Outcome()
            return self._sandbox.run_keeping(request, on_progress, on_pages)
        finally:
            self._reader = None
            self._turn.release()

    def kill(self, reader: object) -> None:
        """End the document of *reader*, when that is what is read."""
        sandbox = self._sandbox
        if sandbox is not None and self._reader is reader:
            sandbox.kill()

    def close(self) -> None:
        """End the child."""
        with self._turn:
            sandbox, self._sandbox = self._sandbox, None
            if sandbox is not None:
                sandbox.close()
