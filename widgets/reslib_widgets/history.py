"""The speed at which jobs come to an end, and the result of the last run of a pool."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["Done", "History", "Run"]

#: Throughput and time left are taken over this many seconds.
RATE_WINDOW = 30
#: How far back the history goes, in seconds.
HISTORY = 600
#: A gap between two samples that is longer, in seconds, is not drawn as one burst.
_LONGEST_GAP = 5.0
#: Seconds between two looks of a panel while nothing moves, with some to spare.
_LONGEST_IDLE = 1.0


class History:
    """Jobs that came to an end, second by second, from the counts of the whole database.

    Parameters
    ----------
    seconds
        How far it goes back.
    """

    def __init__(self, seconds: int = HISTORY) -> None:
        self._ended: deque[tuple[int, int, int]] = deque()
        self._seconds = seconds
        self._last: tuple[float, int, int] | None = None
        self._began: float | None = None

    def add(self, now: float, completed: int, failed: int) -> None:
        """Note how many jobs are complete and failed at *now* (monotonic seconds)."""
        last, self._last = self._last, (now, completed, failed)
        if last is None or now - last[0] > _LONGEST_GAP:
            self._began = now
            return
        # A count that goes down is a retry, and no negative throughput.
        more = (max(0, completed - last[1]), max(0, failed - last[2]))
        if any(more):
            second = int(now)
            if self._ended and self._ended[-1][0] == second:
                _, done, bad = self._ended.pop()
                more = (done + more[0], bad + more[1])
            self._ended.append((second, *more))
        while self._ended and self._ended[0][0] < now - self._seconds:
            self._ended.popleft()

    def restart(self, now: float) -> None:
        """Begin to measure the rate at *now*: before it nothing ran."""
        self._began = now

    def per_second(self, now: float, seconds: int) -> tuple[tuple[int, int], ...]:
        """Return (completed, failed) of each of the last full *seconds*, the latest last."""
        latest = int(now) - 1
        found = {at: (done, bad) for at, done, bad in self._ended}
        return tuple(found.get(at, (0, 0)) for at in range(latest - seconds + 1, latest + 1))

    def rate(self, now: float, seconds: int = RATE_WINDOW) -> float | None:
        """Return how many jobs ended per second lately; None when none did."""
        if self._began is None:
            return None
        window = min(float(seconds), max(1.0, now - self._began))
        ended = sum(done + bad for at, done, bad in self._ended if at >= now - window)
        return ended / window if ended else None


@dataclass(frozen=True, slots=True)
class Done:
    """The totals of a run."""

    complete: int
    failed: int
    seconds: float


class Run:
    """The work from the first open job to the last: how many jobs it ended, and in what time."""

    def __init__(self) -> None:
        #: What the last run came to; None before its end.
        self.done: Done | None = None
        self._last: tuple[float, int, int] | None = None
        self._start: tuple[float, int, int] | None = None
        self._ended_at = 0.0

    def look(self, now: float, complete: int, failed: int, open_jobs: int, busy: bool) -> None:
        """Take in one look at the counts of the whole database at *now* (monotonic seconds)."""
        last = self._last or (now, complete, failed)
        self._last = (now, complete, failed)
        if (complete, failed) != last[1:]:
            self._ended_at = now
        # It began after the last look, which may be long ago; and may be over by this one.
        if self._start is None and (busy or complete > last[1] or failed > last[2]):
            self._start = (max(last[0], now - _LONGEST_IDLE), last[1], last[2])
            self.done = None
        if self._start is None:
            return
        # Counts that go down were retries or documents that were deleted.
        began, done, bad = self._start
        self._start = began, min(done, complete), min(bad, failed)
        if open_jobs == 0 and not busy:
            ended = Done(complete - self._start[1], failed - self._start[2], self._ended_at - began)
            self.done = ended if ended.complete or ended.failed else None
            self._start = None

    @property
    def has_ended_some(self) -> bool:
        """True when any job of the run that goes on has ended."""
        return (
            self._start is not None
            and self._last is not None
            and (self._last[1:] != self._start[1:])
        )
