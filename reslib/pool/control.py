"""The control of a pool: go on, pause, stop, and the problems that are in the way."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from reslib.models import Outcome

__all__ = ["RATE_WINDOW", "Cause", "Control", "too_many_workers"]

logger = logging.getLogger(__name__)

#: Throughput is taken over this many seconds.
RATE_WINDOW = 60.0


class Cause(IntEnum):
    """The cause of a problem, the most important first."""

    #: The database file was deleted, moved or replaced: nothing is claimed.
    FILE = 1
    #: The disk is almost full: nothing is claimed.
    DISK = 2
    #: A thread cannot store something, and tries again.
    STORING = 3
    #: A worker cannot start its child; the others go on.
    CHILD = 4


#: Causes whose words differ from one moment, or worker, to the next: logged once all the same.
_IN_CHANGING_WORDS = (Cause.DISK, Cause.CHILD)


class Control:
    """The state that a pool shares with its workers, and the signal that wakes them."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wakes = 0
        self.stopping = True
        self.paused = False
        #: What is in the way, by its cause and by who met it.
        self._problems: dict[tuple[Cause, str], str] = {}
        #: What extractions can do here although they should not; empty when all is well.
        self.lacking = ""
        #: Extractors whose documents are left to other processes, which have them.
        self.left: frozenset[str] = frozenset()
        #: What extractors were wanting for, as it was logged.
        self._missing: set[str] = set()
        self._starting = self._started = 0
        #: The seconds of the last minute (monotonic) in which attempts ended, with how many ended
        #: and the milliseconds they took: as large after a million attempts as after a hundred.
        self._finished: deque[tuple[int, int, float]] = deque(maxlen=int(RATE_WINDOW))

    def set(self, *, stopping: bool | None = None, paused: bool | None = None) -> None:
        """Change what the workers are to do, and wake them."""
        with self._condition:
            self.stopping = self.stopping if stopping is None else stopping
            self.paused = self.paused if paused is None else paused
        self.wake()

    def note_lacking(self, lacking: str) -> None:
        """Note what the system does not refuse to extractions; it is logged once."""
        if lacking and not self.lacking:
            logger.warning("%s. `reslib doctor` and docs/threat-model.md say more", lacking)
            self.lacking = lacking

    def note_missing(self, message: str) -> None:
        """Note what an extractor is wanting for; the same for another document is not logged."""
        _, _, why = message.partition(": ")
        if why not in self._missing:
            self._missing.add(why)
            logger.warning(
                "%s. Until then it waits, and is tried again every half minute, while it has "
                "retries left; the same goes for others of the kind",
                message,
            )

    def leave(self, extractors: frozenset[str]) -> None:
        """Leave the documents of these extractors to others; wakes the workers when they change."""
        if extractors != self.left:
            self.left = extractors
            self.wake()

    # --- problems -----------------------------------------------------------------------------

    @property
    def problem(self) -> str | None:
        """The problem that keeps the pool from beginning what it should; None when all is well."""
        with self._condition:
            first = min(self._problems, default=None, key=lambda key: key[0])
            return None if first is None else self._problems[first]

    @property
    def is_blocked(self) -> bool:
        """True when there is a problem of the whole pool, so that nobody may claim a job."""
        return any(cause in (Cause.FILE, Cause.DISK) for cause, _ in self._problems)

    def set_problem(self, cause: Cause, problem: str | None, who: str = "") -> None:
        """Note what is in the way, or that it no longer is; wakes the workers then.

        Parameters
        ----------
        cause
            What it comes from.
        problem
            For people; logged once, however often and by however many workers it is noted, and
            when it becomes another one. None when it is over.
        who
            The worker or other thread that met it; empty when it concerns all alike.
        """
        with self._condition:
            if cause in _IN_CHANGING_WORDS:
                is_known = any(known is cause for known, _ in self._problems)
            else:
                is_known = problem in self._problems.values()
            before = self._problems.pop((cause, who), None)
            if problem is not None:
                self._problems[cause, who] = problem
        if problem is not None and not is_known:
            logger.warning("%s. Trying again" if cause is Cause.STORING else "%s", problem)
        if problem is None and before is not None:
            self.wake()

    def forget_problems(self) -> None:
        """Forget every problem: the pool was started again."""
        with self._condition:
            self._problems.clear()
            self._missing.clear()

    @contextmanager
    def starting_a_child(self, ready: int, waiting: int) -> Iterator[bool]:
        """Give whether one more child may be started: not more than there are jobs for.

        One is started ahead of all work, so that the first document of an idle pool begins at
        once.

        Parameters
        ----------
        ready
            Idle workers that have a child.
        waiting
            Jobs that could be claimed.
        """
        with self._condition:
            allowed = ready + self._starting < max(1, waiting)
            self._starting += allowed
        try:
            yield allowed
        finally:
            with self._condition:
                self._starting -= allowed

    def child_started(self) -> None:
        """Note that a child could be started: those that could start none try again at once."""
        with self._condition:
            for key in [key for key in self._problems if key[0] is Cause.CHILD]:
                del self._problems[key]
            self._started += 1
            self._condition.notify_all()

    # --- waiting ------------------------------------------------------------------------------

    def wake(self) -> None:
        """Let every idle worker look at the queue."""
        with self._condition:
            self._wakes += 1
            self._condition.notify_all()

    def token(self) -> int:
        """Return a number to hand to :meth:`wait_for_wake`, taken before looking at the queue."""
        with self._condition:
            return self._wakes

    def wait_for_wake(self, token: int, timeout: float) -> None:
        """Wait for a wake that came after *token*, at most for *timeout* seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.stopping or self._wakes != token, timeout)

    def rest(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Wait *seconds*, whatever is enqueued meanwhile, unless *is_over* becomes true or
        somebody starts a child.
        """
        with self._condition:
            seen = self._started
            self._condition.wait_for(lambda: is_over() or self._started != seen, seconds)

    def wait_for_stop(self, timeout: float) -> bool:
        """Wait until the pool is to stop; return whether it is."""
        with self._condition:
            return self._condition.wait_for(lambda: self.stopping, timeout)

    # --- throughput ---------------------------------------------------------------------------

    def note_finished(self, outcome: Outcome) -> None:
        """Remember that an attempt has ended, for the throughput."""
        second, count, took = int(time.monotonic()), 0, 0.0
        with self._condition:
            if self._finished and self._finished[-1][0] == second:
                _, count, took = self._finished.pop()
            self._finished.append((second, count + 1, took + outcome.extraction_time_ms))

    def forget_finished(self) -> None:
        """Begin a new count: the pool was started again."""
        with self._condition:
            self._finished.clear()

    def lately_finished(self) -> tuple[int, float]:
        """Return how many attempts ended in the last minute, and the milliseconds they took."""
        oldest = time.monotonic() - RATE_WINDOW
        with self._condition:
            recent = [entry for entry in self._finished if entry[0] >= oldest]
        return sum(count for _, count, _ in recent), sum(took for _, _, took in recent)


def too_many_workers(num_workers: int) -> str | None:
    """Return advice when there are more than two workers a core, else None."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    if num_workers <= 2 * cores:
        return None
    return (
        f"{num_workers} workers are set on a machine of {cores} "
        f"{'core' if cores == 1 else 'cores'}. More than {2 * cores} read no faster, and each "
        "one at work takes some 50 MB of memory and more"
    )
