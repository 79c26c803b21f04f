"""The window of an engine: how many of its tasks are out at once, and what goes into each.

As many as the workers have threads, and no more: a document that waits behind another on a worker
waits although a third may be idle. The others wait here, the oldest first; short ones that wait go
out together, because to send one costs more than to read it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from reslib.engines.cluster import files
from reslib.items import Page
from reslib.models import ExtractionRequest, Outcome

__all__ = ["LARGEST_BATCH", "Budget", "Call", "Window"]

#: Short documents that go out together at most.
LARGEST_BATCH = 32
#: Seconds that the documents of a task may take together, as those of late did.
_TOGETHER = 0.5
#: So many documents of late decide whether many are short, and how long they take.
_LATE = 64
#: Documents that are taken for each thread when they are short, and how many in all beyond one.
_AHEAD, _MOST_AHEAD = 16, 512
#: Bytes of documents that are on their way at once.
_MOST_BYTES = 256 << 20


class Call:
    """One document that a worker of a pool waits for.

    Parameters
    ----------
    request
        What is asked.
    seen
        What the coordinator sees of its file.
    is_short
        Whether it may go out with others.
    on_progress, on_pages
        See :meth:`KeepingRunner.run_keeping <reslib.engines.base.KeepingRunner.run_keeping>`.
    wanted
        The extractors that may read it.

    Attributes
    ----------
    batch
        Those to send with it, itself included; None while it waits, and when another one sends it.
    outcome
        How it ended; None before.
    """

    def __init__(
        self,
        request: ExtractionRequest,
        seen: files.Seen,
        is_short: bool,
        on_progress: Callable[[int, int | None], None] | None,
        on_pages: Callable[[Sequence[Page]], None] | None,
        wanted: frozenset[str] = frozenset(),
    ) -> None:
        self.request, self.seen, self.is_short = request, seen, is_short
        self.on_progress, self.on_pages, self.wanted = on_progress, on_pages, wanted
        self.woken = threading.Event()
        self.batch: Sequence[Call] | None = None
        self.outcome: Outcome | None = None
        self.is_killed = False
        #: Ends what is under way for it.
        self.on_kill: Callable[[], None] | None = None

    def end(self, outcome: Outcome) -> None:
        """Give it its outcome, and wake whoever waits for it."""
        self.outcome = outcome
        self.woken.set()

    def kill(self) -> None:
        """Have it end: from any thread."""
        self.is_killed = True
        if (on_kill := self.on_kill) is not None:
            on_kill()
        self.woken.set()


class Window:
    """The calls that wait, and those that are out.

    Parameters
    ----------
    threads
        Gives how many tasks may be out at once.
    """

    def __init__(self, threads: Callable[[], int]) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._waiting: deque[Call] = deque()
        self._late: deque[bool] = deque(maxlen=_LATE)
        self._seconds: deque[float] = deque(maxlen=_LATE)
        #: Tasks that are out.
        self.out = 0

    def took(self, seconds: float) -> None:
        """Note how long a short document was read."""
        with self._lock:
            self._seconds.append(seconds)

    @property
    def has_room(self) -> bool:
        """True when one more document would be taken at once, or soon with others."""
        with self._lock:
            return self.out + len(self._waiting) < self._slots()

    @property
    def slots(self) -> int:
        """The documents to ask for at once: more than there are threads when they are short."""
        with self._lock:
            return self._slots()

    def _slots(self) -> int:
        threads = self._threads()
        many = len(self._late) >= _LATE // 4 and sum(self._late) >= 0.9 * len(self._late)
        ahead = min(_AHEAD, self._quick()) if many else 1
        return min(threads * ahead, threads + _MOST_AHEAD)

    def _quick(self) -> int:
        """Return how many short documents one thread reads in the time of a task."""
        if not self._seconds:
            return 1  # nothing is known of them yet
        mean = sum(self._seconds) / len(self._seconds)
        return max(1, min(LARGEST_BATCH, int(_TOGETHER / max(mean, 1e-4))))

    def enter(self, call: Call) -> None:
        """Have a call wait for its turn."""
        with self._lock:
            self._late.append(call.is_short)
            self._waiting.append(call)
        self.pump()

    def withdraw(self, call: Call) -> bool:
        """Take a call back; return False when its turn has come already."""
        with self._lock:
            try:
                self._waiting.remove(call)
            except ValueError:
                return False
            return True

    def leave(self) -> None:
        """Note that a task is back."""
        with self._lock:
            self.out -= 1
        self.pump()

    def pump(self) -> None:
        """Give their turn to those that wait, as far as there is room."""
        with self._lock:
            while self._waiting and self.out < self._threads():
                batch = self._next()
                self.out += 1
                batch[0].batch = batch
                batch[0].woken.set()

    def _next(self) -> list[Call]:
        first = self._waiting.popleft()
        if not first.is_short:
            return [first]
        # Of one kind: two kinds by turns may need another child each time.
        kind = _kind(first)
        short = [call for call in self._waiting if call.is_short and _kind(call) == kind]
        # All threads get their share: one is not to read what two would have read sooner.
        free = max(1, self._threads() - self.out)
        size = min(self._quick(), -(-(len(short) + 1) // free))
        others = short[: size - 1]
        for call in others:
            self._waiting.remove(call)
        return [first, *others]


def _kind(call: Call) -> str:
    return PurePosixPath(call.request.path).suffix.lower()


class Budget:
    """The bytes of documents that are on their way: they all lie in the memory of a scheduler."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._taken = 0

    @property
    def taken(self) -> int:
        """The bytes that are on their way."""
        return self._taken

    def take(self, size: int, is_over: Callable[[], bool]) -> bool:
        """Wait until *size* more bytes may go; return False when that was given up."""
        with self._condition:
            while self._taken and self._taken + size > _MOST_BYTES:
                if is_over():
                    return False
                self._condition.wait(0.1)
            self._taken += size
            return True

    def give_back(self, size: int) -> None:
        """Note that they have come, or will not."""
        with self._condition:
            self._taken -= size
            self._condition.notify_all()
