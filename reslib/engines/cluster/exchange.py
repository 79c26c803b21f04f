"""One task: sent, watched and ended; and whose fault it is when there is no answer.

===================================================  ============================================
what is seen                                          how the documents of the task end
===================================================  ============================================
an answer                                             as it says
killed by us                                          interrupted
its worker fell silent after it had begun             failed, counted: it may be the document
the same, several documents in the task               interrupted; each is then read alone
its worker said that it leaves                        interrupted
its worker fell silent before it had begun            interrupted; the third time counted
its scheduler died, or forgot it                      interrupted
it takes longer than a child may                      interrupted; its worker is asked how it is
it raises, or answers nonsense                        unavailable; its worker may have to pause
===================================================  ============================================
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from reslib.engines.cluster import wire
from reslib.engines.cluster.window import Call
from reslib.errors import ErrorCode, printable
from reslib.items import Page
from reslib.models import Failure, Outcome
from reslib.sandbox.codec import ProtocolError

if TYPE_CHECKING:
    from reslib.engines.cluster.connection import Connection

__all__ = ["Exchange", "Losses"]

logger = logging.getLogger(__name__)

#: Seconds beyond the time of its documents that a task may take, once it has begun.
_SPARE = 30.0
#: Seconds until a task that has not begun is sent anew: it may wait behind one of other people.
_UNBEGUN = 300.0
#: Bytes a second of a slow line to the scheduler: what is still on its way there is not lost.
_SLOWEST = 100_000
#: Seconds that a sign may be late: that a worker leaves, and that the one before it has left.
_LATE_SIGN, _SECOND = 0.2, 1.0
#: Seconds that the answer of a task that is done may take to come.
_ANSWER = 60.0
#: So often a document may meet a worker that dies before it says that it has begun.
_MOST_UNBEGUN = 3
#: A task that two looks in a row found nowhere is lost.
_MOST_MISSING = 2


class _Order:
    """A task as Dask gets it: bytes, whose unpickling reads the documents.

    So neither the scheduler nor the log of a worker knows what is in them.
    """

    def __init__(self, work: wire.Work) -> None:
        self._work = work

    def __reduce__(self) -> tuple[Any, tuple[wire.Work]]:
        from reslib.engines.cluster.remote import read

        return read, (self._work,)


class Losses:
    """The memory of an engine for documents whose workers died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unbegun: Counter[str] = Counter()
        self._alone: set[str] = set()

    def unbegun(self, path: str) -> bool:
        """Note a worker that died before it began; True when that happens too often."""
        with self._lock:
            self._unbegun[path] += 1
            if self._unbegun[path] < _MOST_UNBEGUN:
                return False
            del self._unbegun[path]
            return True

    def read(self, path: str) -> None:
        """Note that there is an answer about a document."""
        with self._lock:
            self._unbegun.pop(path, None)
            self._alone.discard(path)

    def set_apart(self, path: str) -> None:
        """Have a document be read alone: with others nobody knows whose fault it is."""
        with self._lock:
            self._alone.add(path)

    def is_apart(self, path: str) -> bool:
        """True when a document is to be read alone."""
        with self._lock:
            return path in self._alone


class Exchange:
    """One task.

    Parameters
    ----------
    connection
        To the cluster.
    losses
        Of its engine.
    calls
        Whose documents are in it.
    work
        What is sent.
    wanted
        The extractors that may read the documents.
    bytes_ahead
        Of documents that are on their way to the scheduler, with those of this one.
    """

    def __init__(
        self,
        connection: Connection,
        losses: Losses,
        calls: Sequence[Call],
        work: wire.Work,
        *,
        wanted: Collection[str] = (),
        bytes_ahead: int = 0,
    ) -> None:
        self._connection, self._losses, self._calls, self._work = connection, losses, calls, work
        self.key = work.key
        self._woken = threading.Event()
        self._future: Any = None
        self._wanted = wanted
        self._sent_at = time.monotonic()
        #: Seconds that it may take to reach the scheduler.
        self._on_way = bytes_ahead / _SLOWEST
        self._begun_at = self._second_at = 0.0
        #: When the last page of a document came whose time begins anew with each.
        self._page_at = 0.0
        self._pages: list[Page] = []
        self._missing = 0
        self._is_killed = self._is_forgotten = self._is_leaving = False
        #: The worker that reads it, and its process; empty before that is known.
        self.at = ""
        #: Called with that, once it is.
        self.on_begin: Callable[[str], None] = lambda at: None

    # --- what is told from outside ---

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take what a worker tells of it."""
        what, now = event.get("what"), time.monotonic()
        if what == "started" and not self._begun_at:
            self._begun_at, self.at = now, str(event.get("at", ""))
            self._connection.note(self.at, 1)
            self.on_begin(self.at)
            self._woken.set()
        elif what == "started":
            self._begin_again(str(event.get("at", "")), now)
        elif what == "leaving":
            self._is_leaving, self._second_at = True, 0.0
            self._woken.set()
        elif what == "page" and self._calls[0].on_progress is not None:
            page, count = event.get("page"), event.get("page_count")
            if isinstance(page, int):
                self._calls[0].on_progress(page, count if isinstance(count, int) else None)
        elif what == "pages" and self._calls[0].on_pages is not None:
            self._hear_pages(event, now)

    def _hear_pages(self, event: Mapping[str, Any], now: float) -> None:
        try:
            self._pages += wire.pages_of(event.get("pages"))
        except ProtocolError as error:
            logger.warning("a worker of the cluster sent pages that are none: %s", error)
            return
        self._page_at = now
        self._woken.set()

    def _give_pages(self) -> None:
        """Give on what has come, in the thread of the worker: that of the client has to listen."""
        given, self._pages = self._pages, []
        if given and (on_pages := self._calls[0].on_pages) is not None:
            on_pages(given)

    def _begin_again(self, at: str, now: float) -> None:
        """Dask reads it anew elsewhere: its worker has left, or died and nobody said so."""
        if not self._is_leaving:
            self._second_at = now
        self._is_leaving = False
        self._connection.note(self.at, -1)
        self.at, self._begun_at = at, now
        self._connection.note(at, 1)
        self._woken.set()

    def kill(self) -> None:
        """End it; from any thread."""
        self._is_killed = True
        if (future := self._future) is not None:
            self._connection.cancel(future)
        self._woken.set()

    def look_for(self, known: Collection[str]) -> None:
        """Compare with the tasks that the scheduler has; one that is nowhere is lost."""
        future = self._future
        if future is None or self.key in known or future.status != "pending":
            self._missing = 0
            return
        if time.monotonic() < self._sent_at + self._on_way:
            return
        self._missing += 1
        if self._missing >= _MOST_MISSING:
            self._is_forgotten = True
            self._woken.set()

    # --- the exchange ---

    def run(self) -> list[Outcome | str]:
        """Send it and wait; return an outcome for each document, or what is wanted for it."""
        try:
            self._send()
            self._wait()
            self._give_pages()
            return self._end()
        finally:
            if self.at:
                self._connection.note(self.at, -1)
            if self._future is not None and self._future.status == "pending":
                self._connection.cancel(self._future)
            self._future = None  # its answer need not be kept there

    def _send(self) -> None:
        workers = self._connection.choice(self._wanted)
        client = self._connection.client
        if client is None or not workers:
            raise ConnectionError("there is no worker to send it to")
        order = pickle.dumps(_Order(self._work))
        self._future = client.submit(
            pickle.loads, order, key=self.key, pure=False, retries=0, workers=workers
        )
        self._future.add_done_callback(lambda _future: self._woken.set())

    def _wait(self) -> None:
        seconds = sum(call.request.timeout for call in self._calls) + _SPARE
        while not (self._is_killed or self._is_forgotten):
            if self._future.status != "pending":
                return
            self._give_pages()
            now = time.monotonic()
            since = max(self._begun_at, self._page_at)
            due = since + seconds if self._begun_at else self._sent_at + self._on_way + _UNBEGUN
            if self._second_at:
                due = min(due, self._second_at + _SECOND)
            if now >= due:
                return
            self._woken.wait(due - now)
            self._woken.clear()

    def _end(self) -> list[Outcome | str]:
        future = self._future
        if self._is_killed or self._is_forgotten:
            return self._all(Outcome())
        if future.status == "pending":
            if self._second_at:
                return self._lost("")
            if self._begun_at:
                logger.warning(
                    "the worker %s of the cluster does not answer; what it read is read again",
                    self.at,
                )
                self._connection.ask_again(self.at)
            return self._all(Outcome())
        try:
            answer = future.result(timeout=_ANSWER)
        except Exception as error:
            return self._without_answer(error)
        return self._answered(answer)

    def _without_answer(self, error: Exception) -> list[Outcome | str]:
        kind = type(error).__name__  # classes of Dask, that have been in several modules
        if kind == "KilledWorker":
            return self._lost(getattr(getattr(error, "last_worker", None), "address", ""))
        if "Cancelled" in kind or self._is_killed:
            return self._all(Outcome())
        self._connection.note_error(self.at or None)
        if isinstance(error, TimeoutError | OSError):
            return self._all(Outcome())
        return self._all(Outcome(unavailable=self._failed(f"{kind}: {error}")))

    def _lost(self, address: str) -> list[Outcome | str]:
        """Its worker is dead."""
        if self._begun_at and not self._is_leaving:
            self._woken.clear()
            self._woken.wait(_LATE_SIGN)
        if self._is_leaving:
            return self._all(Outcome())
        paths = [call.request.path for call in self._calls]
        if len(paths) > 1:
            for path in paths:
                self._losses.set_apart(path)
            return self._all(Outcome())
        if not self._begun_at and not self._losses.unbegun(paths[0]):
            return self._all(Outcome())
        took = (time.monotonic() - (self._begun_at or self._sent_at)) * 1000
        failure = Failure(
            f"{_name(paths[0])}: the worker of the cluster that read it "
            f"({printable(self.at or address or 'unknown')}) ended without a word. If this happens "
            "again with this document, look at it apart from the others; if it happens with "
            "many, give the workers more memory",
            ErrorCode.CRASHED,
        )
        return self._all(Outcome(failure=failure, extraction_time_ms=took))

    def _answered(self, answer: object) -> list[Outcome | str]:
        try:
            if not isinstance(answer, list) or len(answer) != len(self._calls):
                raise ProtocolError("it is no list of replies")
            return [self._taken(call, each) for call, each in zip(self._calls, answer, strict=True)]
        except ProtocolError as error:
            self._connection.note_error(self.at or None)
            return self._all(Outcome(unavailable=self._failed(f"it answers nonsense: {error}")))

    def _taken(self, call: Call, answer: object) -> Outcome | str:
        header, body = wire.said(answer)
        kind = header.get("kind")
        if kind in (wire.NEED_BYTES, wire.NEED_EXTRACTORS):
            return str(kind)
        if kind == wire.UNFIT:
            # It may not have begun: an error before that is the very one that comes quickly.
            at = self.at or str(header.get("at") or "")
            why = printable(str(header.get("why")))
            self._connection.note_error(at or None, why)
            return Outcome(unavailable=self._failed(why, at))
        if kind != wire.READ:
            raise ProtocolError("it is no reply")
        self._losses.read(call.request.path)
        if lacking := header.get("lacking"):
            self._connection.lacking = printable(str(lacking))
        return self._placed(wire.outcome_of(header, body))

    def _placed(self, outcome: Outcome) -> Outcome:
        """Say on which machine something is missing: here it may be installed."""
        failure = outcome.failure
        if failure is None or failure.error_code is not ErrorCode.MISSING_DEPENDENCY or not self.at:
            return outcome
        message = f"{failure.message} (on the worker {printable(self.at)} of the cluster)"
        return replace(outcome, failure=replace(failure, message=message))

    def _failed(self, why: str, at: str = "") -> str:
        at = printable(at or self.at)
        return (
            f"a worker of the cluster{f' ({at})' if at else ''} could not begin with a document "
            f"({printable(why)}). No document lost an attempt"
        )

    def _all(self, outcome: Outcome) -> list[Outcome | str]:
        return [outcome] * len(self._calls)


def _name(path: str) -> str:
    return printable(PurePosixPath(path).name)
