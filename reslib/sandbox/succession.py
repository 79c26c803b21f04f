"""The succession of children: the one that takes the next document, and its successor.

A child that has grown is replaced, and a new one takes its time to start. So the successor is
started while the old child still works, one of all workers' at a time, and takes over between two
documents once it has said that it is ready. Nothing waits for it but a document whose child is so
large that the next one might be refused memory it is entitled to.

Children are started by the thread that hands them documents: the system ends a child with the
thread that started it.
"""

from __future__ import annotations

import logging
import select
import threading
import time
from enum import IntEnum

from reslib.sandbox.confinement import Confinement
from reslib.sandbox.process import ChildProcess
from reslib.sandbox.session import read_available

__all__ = ["Succession"]

logger = logging.getLogger(__name__)

#: Shares of the memory limit. A child that has grown by the first since its first document gets a
#: successor; one that has grown by the second, or is in all above the third, is to be replaced
#: before the next document.
_SOON, _GROWN, _FULL = 0.125, 0.25, 0.75
#: Growth in MB below which there is no hurry: importing what one more format needs takes as much.
_IMPORTS_MB = 32.0
#: Seconds between the starts of two successors in this process. All workers' at once, as children
#: of the same age would have it, take the cores from the documents (gunicorn has
#: ``max_requests_jitter`` for that).
_APART = 1.0
#: Seconds before a successor that could not be started is tried again.
_PAUSE = 5.0
#: Seconds that a child has to end by itself.
_PATIENCE = 0.5


class _Size(IntEnum):
    """The size of a child, from no reason for anything to one that may not go on."""

    SMALL = 0
    GROWING = 1
    GROWN = 2
    FULL = 3


class _Turns:
    """The turns of this process's sandboxes to start a successor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self) -> bool:
        """Take the turn; False when it is somebody else's for a while."""
        # Without waiting: in a fork the lock may be held by a thread that is not there.
        if not self._lock.acquire(blocking=False):
            return False
        try:
            now = time.monotonic()
            mine = now >= self._next
            if mine:
                self._next = now + _APART
            return mine
        finally:
            self._lock.release()


_turns = _Turns()


class Succession:
    """The child of a sandbox, and those before and after it. Used by one thread at a time.

    Parameters
    ----------
    memory_limit_mb, max_jobs
        See :class:`~reslib.sandbox.sandbox.Sandbox`.

    Attributes
    ----------
    child
        The one in use; None before the first and after one that was ended.
    """

    def __init__(self, memory_limit_mb: int, max_jobs: int | None) -> None:
        self.child: ChildProcess | None = None
        self._memory_limit_mb, self._max_jobs = memory_limit_mb, max_jobs
        #: Started while *child* goes on.
        self._successor: ChildProcess | None = None
        #: Goes on if *child*, which was to take its place, does not get ready.
        self._predecessor: ChildProcess | None = None
        #: Told to end, with the moment until which they may.
        self._leaving: list[tuple[ChildProcess, float]] = []
        self._not_before = 0.0

    def usable(self, confinement: Confinement) -> ChildProcess:
        """Return the child for the next document; it may still be starting.

        Parameters
        ----------
        confinement
            Of one that has to be started.

        Raises
        ------
        OSError
            There is none, and none could be started.
        """
        self._see_off()
        if self.child is not None and not _is_sound(self.child):
            self.discard()
        if self.child is None and self._predecessor is not None:
            self.child, self._predecessor = self._predecessor, None
            self._note_failure("it did not get ready")
            if _is_sound(self.child):
                return self.child
            self.discard()
        child = self.child
        if child is not None:
            size = self._size(child)
            if size is _Size.FULL or self._is_used_up(child):
                self.retire()
            elif size is not _Size.SMALL or self._successor is not None:
                self._hand_over(child, hurried=size is _Size.GROWN)
        if self.child is None:
            self.child = self._take_successor(confinement)
        if self.child is None:
            self.child = ChildProcess(self._memory_limit_mb, confinement)
        return self.child

    def accept(self) -> None:
        """Let the predecessor of the child end, which has got ready."""
        predecessor, self._predecessor = self._predecessor, None
        if predecessor is not None:
            self._let_go(predecessor)

    def tend(self) -> None:
        """Do what can be done without waiting while there is no document."""
        self._see_off()
        if self.child is not None and self._successor is not None:
            self._hand_over(self.child, hurried=False)

    def settle(self, spare_mb: float) -> None:
        """Look at a child that has read a large document.

        Parameters
        ----------
        spare_mb
            What it may have not given back yet.
        """
        if self.child is None:
            return
        size = self._size(self.child, spare_mb)
        if size is _Size.FULL:
            self.retire()
        elif size is _Size.GROWN:
            self._begin(self.child, hurried=True)

    def discard(self) -> None:
        """Kill the child."""
        child, self.child = self.child, None
        if child is not None:
            child.kill()
            child.close()

    def retire(self) -> None:
        """End the child in good order."""
        child, self.child = self.child, None
        if child is not None:
            child.shut_down()

    def close(self) -> None:
        """End all of them."""
        successor, self._successor = self._successor, None
        if successor is not None:
            successor.close()  # it has done nothing yet that it could leave in disorder
        self.accept()
        self.retire()
        leaving, self._leaving = self._leaving, []
        for child, _ in leaving:
            child.shut_down()

    # --- size ---

    def _size(self, child: ChildProcess, spare_mb: float = 0.0) -> _Size:
        if not child.jobs:
            return _Size.SMALL
        resident = child.resident_mb() - spare_mb
        if child.settled_mb is None and not spare_mb:
            child.settled_mb = resident
        limit = self._memory_limit_mb
        grown_mb = resident - (resident if child.settled_mb is None else child.settled_mb)
        if resident > _FULL * limit:
            return _Size.FULL
        if grown_mb > _GROWN * limit:
            return _Size.GROWN
        if grown_mb > max(_SOON * limit, _IMPORTS_MB):
            return _Size.GROWING
        return _Size.SMALL

    def _is_used_up(self, child: ChildProcess) -> bool:
        return self._max_jobs is not None and child.jobs >= self._max_jobs

    # --- the change ---

    def _hand_over(self, child: ChildProcess, *, hurried: bool) -> None:
        """Start the successor of *child*, or put it in its place."""
        self._begin(child, hurried=hurried)
        if self._successor is None or not (hurried or _has_spoken(self._successor)):
            return
        self.child, self._predecessor = self._take_successor(child.confinement), child
        if self.child is None:
            self.child, self._predecessor = child, None
        elif not hurried:
            self.accept()

    def _begin(self, child: ChildProcess, *, hurried: bool) -> None:
        if self._successor is not None or time.monotonic() < self._not_before:
            return
        if not (hurried or _turns.take()):
            return
        try:
            self._successor = ChildProcess(self._memory_limit_mb, child.confinement)
        except OSError as error:
            self._note_failure(str(error))

    def _take_successor(self, confinement: Confinement) -> ChildProcess | None:
        """Return the successor; None when there is none that can do what is needed."""
        successor, self._successor = self._successor, None
        if successor is None:
            return None
        if not successor.usable():
            self._note_failure("it ended while it started")
        elif successor.confinement == confinement:
            return successor
        successor.close()
        return None

    def _note_failure(self, problem: str) -> None:
        self._not_before = time.monotonic() + _PAUSE
        logger.warning(
            "a process that reads documents has grown, and the one that is to take its place could "
            "not be started (%s). The old one goes on; it is tried again in %g s",
            problem,
            _PAUSE,
        )

    # --- the end ---

    def _let_go(self, child: ChildProcess) -> None:
        child.let_go()
        self._leaving.append((child, time.monotonic() + _PATIENCE))

    def _see_off(self) -> None:
        """Close those that have ended, or have had the time for it."""
        if not self._leaving:
            return
        now, leaving = time.monotonic(), self._leaving
        self._leaving = []
        for child, until in leaving:
            if child.poll() is None and now < until:
                self._leaving.append((child, until))
            else:
                child.close()


def _is_sound(child: ChildProcess) -> bool:
    """True when a child can take a document: it lives, and has said nothing that nobody asked."""
    if not child.usable():
        return False
    return not (child.ready and (child.reader.pending or read_available(child.replies)))


def _has_spoken(child: ChildProcess) -> bool:
    """True when a child that was started has said that it is ready, or has ended."""
    waiter = select.poll()
    waiter.register(child.replies, select.POLLIN)
    return bool(waiter.poll(0))
