"""The connection to a cluster: made, greeted and looked after by a thread of its own.

Never by a constructor, and never by a thread that has something else to do: the scheduler may be
away for hours, and comes back as another one that knows nothing of what was before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from reslib.engines.cluster.client import ClosedByOwner
from reslib.engines.cluster.fitness import ClusterWorker, judged, question
from reslib.errors import printable

__all__ = ["Connection"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: How often the workers are looked at, while there are none, and what the scheduler knows of our
#: tasks, in seconds. That a worker has died is told at once; a look costs the scheduler a ms.
_LOOK, _LOOK_OUT, _RECONCILE = 1.0, 0.25, 5.0
#: Seconds that the scheduler, and a worker that is greeted, may take to answer.
_PATIENCE, _HELLO_PATIENCE = 15.0, 30.0
#: The same for one that was silent before, and how often it is asked, in seconds.
_SILENT_PATIENCE, _ASK_SILENT = 5.0, 10.0
#: Seconds that a client may take to find its scheduler.
_CONNECT = 10.0
#: A worker that made so many errors in a minute gets no work for so many seconds.
_MOST_ERRORS, _MINUTE, _PAUSE = 3, 60.0, 60.0
#: Workers that are named for a task: idle ones, so that the scheduler has a choice.
_CHOICE = 8


class Connection:
    """A client, the workers that are fit, and what is out.

    Parameters
    ----------
    make
        Makes the client, and says whether it is to be closed; called again and again while that
        fails.
    place
        What is connected to, for people.
    topic
        Where workers tell how their tasks go.
    on_event
        Takes what they tell, in the thread of the client.
    on_change
        Called when there are other workers than before.
    reconcile
        Called every few seconds with the keys of the tasks that the scheduler knows.
    """

    def __init__(
        self,
        make: Callable[[float], tuple[Any, bool]],
        place: str,
        topic: str,
        on_event: Callable[[Mapping[str, Any]], None],
        on_change: Callable[[], None],
        reconcile: Callable[[Collection[str]], None],
    ) -> None:
        self._make, self.place, self._topic = make, place, topic
        self._on_event, self._on_change, self._reconcile = on_event, on_change, reconcile
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._is_over = False
        self._thread: threading.Thread | None = None
        self._scheduler = ""
        self._workers: dict[str, ClusterWorker] = {}
        #: Those that get documents; asked for all the time, so it is not made anew each time.
        self._fit: list[ClusterWorker] = []
        self._threads = 0
        self._running: Counter[str] = Counter()
        self._errors: dict[str, list[float]] = {}
        #: What the last of these errors was, by worker.
        self._last_error: dict[str, str] = {}
        self._to_cancel: list[Any] = []
        self._reconcile_due = self._silent_due = 0.0
        self.client: Any = None
        self._is_own = False
        #: Whether the first try to connect is not over yet.
        self.is_connecting = True
        #: Why there is nobody to read a document; None when there is somebody.
        self.problem: str | None = f"connecting to the cluster at {place}"
        #: What should be otherwise at the scheduler, for people.
        self.warnings: list[str] = []
        self.dashboard = ""
        #: What extractions may do on its workers although they should not; empty when all is well.
        self.lacking = ""
        #: Called in each round of the thread.
        self.on_look: Callable[[], None] = lambda: None

    # --- life ---

    def start(self) -> None:
        """Begin to look after it."""
        self._thread = threading.Thread(target=self._run, name="reslib-cluster", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Let go of the client; wait *seconds* at most."""
        self._is_over = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def look_soon(self) -> None:
        """Look at once, instead of in a moment."""
        self._wake.set()

    def _run(self) -> None:
        said = None
        while not self._is_over:
            try:
                self._look()
                self.on_look()
            except Exception as error:
                self._lose(error)
            self.is_connecting = False
            if self.problem != said:
                said = self.problem
                logger.info("%s", said or f"the cluster at {self.place} is ready")
            self._wake.wait(_LOOK if self.problem is None else _LOOK_OUT)
            self._wake.clear()
        self._let_go()

    def _look(self) -> None:
        if self.client is None or self.client.status in ("closed", "closing"):
            self._forget()
            self.client, self._is_own = self._make(_CONNECT)
        if self.client.status != "running":
            self._forget()
            raise ConnectionError("the scheduler is away")
        known = self._ask(lambda: self.client.scheduler.identity(n_workers=0))
        if known["id"] != self._scheduler:
            self._forget()
            self._renew(known)
        threads = self._ask(lambda: self.client.scheduler.ncores(workers=None))
        self._follow(threads)
        if time.monotonic() >= self._reconcile_due:
            self._reconcile_due = time.monotonic() + _RECONCILE
            processing = self._ask(lambda: self.client.scheduler.processing(workers=None))
            self._reconcile({str(key) for keys in processing.values() for key in keys})

    def _lose(self, error: Exception) -> None:
        self._forget()
        why = printable(str(error) or type(error).__name__)
        if self.place.startswith("tls://") and not isinstance(error, TimeoutError):
            why += "; perhaps it does not speak TLS, or does not trust these keys"
        if isinstance(error, ClosedByOwner):
            self.problem = (
                f"{why}: nothing is read any more. No document lost an attempt; stop this pool, "
                "and make a new client or cluster, and an engine and a pool with it"
            )
            return
        self.problem = (
            f"the cluster at {self.place} cannot be reached ({why}). No document lost an attempt; "
            "work goes on by itself when it can be. Look whether its scheduler runs"
        )

    def _forget(self) -> None:
        """Forget who was there: the scheduler is another one, or none."""
        with self._lock:
            gone = bool(self._workers)
            self._workers, self._scheduler = {}, ""
            self._fit, self._threads = [], 0
            self._running.clear()
        if gone:
            self._on_change()

    def _renew(self, known: Mapping[str, Any]) -> None:
        """Make a scheduler ready that is a new one for us."""
        client = self.client
        client.subscribe_topic(self._topic, self._hear)
        setting = "distributed.scheduler.allowed-failures"
        allowed: Any = None
        with contextlib.suppress(Exception):
            import dask.config

            allowed = self._ask(lambda: client.run_on_scheduler(dask.config.get, setting))
        self.warnings = []
        if allowed:
            self.warnings.append(
                f"its scheduler gives a task that ended its worker to {allowed} others as well "
                "(allowed-failures). Start it with DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0"
            )
            logger.warning("the cluster at %s: %s", self.place, self.warnings[-1])
        self.dashboard = client.dashboard_link if known.get("services", {}).get("dashboard") else ""
        self._scheduler = known["id"]

    def _let_go(self) -> None:
        client, self.client = self.client, None
        if client is None:
            return
        with contextlib.suppress(Exception):
            if client.status == "running":
                client.unsubscribe_topic(self._topic)
        if self._is_own:
            with contextlib.suppress(Exception):
                client.close(timeout=2)

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        self._on_event(event[1])

    def _ask(self, make: Callable[[], Awaitable[T]], seconds: float = _PATIENCE) -> T:
        """Return what the scheduler answers; never without an end."""

        async def asked() -> T:
            return await make()

        answer: T = self.client.sync(asked, callback_timeout=seconds)
        return answer

    # --- workers ---

    def _follow(self, threads: Mapping[str, int]) -> None:
        """Greet who is new, forget who is gone."""
        with self._lock:
            before = self._workers
        new = [address for address in threads if address not in before]
        answers: dict[str, Any] = {}
        if new:
            answers = self._greet(new)
        if time.monotonic() >= self._silent_due:
            self._silent_due = time.monotonic() + _ASK_SILENT
            silent = [a for a in threads if a in before and before[a].is_silent]
            answers |= self._greet_each(silent)
        after = {
            address: judged(address, number, answers.get(address))
            if address in answers or address not in before
            else before[address]
            for address, number in threads.items()
        }
        for address in new:
            if after[address].unfit:
                logger.warning(
                    "the worker %s of the cluster gets no documents: %s",
                    address,
                    after[address].unfit,
                )
        if after != before:
            with self._lock:
                self._workers = after
                for address in before.keys() - after.keys():
                    del self._running[address]
        self._judge()
        if after != before:
            self._on_change()

    def _greet(self, addresses: list[str]) -> dict[str, Any]:
        try:
            return self._ask(
                lambda: self.client.run(eval, question(), workers=addresses, on_error="return"),
                _HELLO_PATIENCE,
            )
        except TimeoutError:
            # Some of them are silent: the others are not to wait for them, who answer at once.
            return self._greet_each(addresses)

    def _greet_each(self, addresses: list[str]) -> dict[str, Any]:
        async def greet(address: str) -> Any:
            asked = self.client.run(
                eval, question(), workers=[address], on_error="return", asynchronous=True
            )
            try:
                return (await asyncio.wait_for(asked, _SILENT_PATIENCE)).get(address)
            except Exception as error:
                return error

        async def greet_all() -> list[Any]:
            return await asyncio.gather(*map(greet, addresses))

        if not addresses:
            return {}
        answers = self._ask(greet_all, _SILENT_PATIENCE + _PATIENCE)
        return dict(zip(addresses, answers, strict=True))

    def _judge(self) -> None:
        workers = self.workers()
        self._fit = [worker for worker in workers if not worker.unfit]
        self._threads = sum(worker.threads for worker in self._fit)
        if not workers:
            self.problem = f"the cluster at {self.place} has no workers yet"
        elif not self._fit:
            why = Counter(worker.unfit for worker in workers).most_common(1)[0][0]
            self.problem = (
                f"none of the {len(workers)} workers of the cluster at {self.place} can be given a "
                f"document: {why}"
            )
        else:
            self.problem = None

    def workers(self) -> list[ClusterWorker]:
        """Return the workers of this moment, those that pause for their errors as unfit."""
        now = time.monotonic()
        with self._lock:
            found = list(self._workers.values())
            paused = {a for a, times in self._errors.items() if self._pauses(times, now)}
            reasons = {address: self._last_error.get(address, "") for address in paused}
        return [
            replace(worker, unfit=_pausing(reasons[worker.address]))
            if worker.address in paused and not worker.unfit
            else worker
            for worker in found
        ]

    @staticmethod
    def _pauses(times: list[float], now: float) -> bool:
        late = [each for each in times if now - each < _PAUSE]
        return len(late) > _MOST_ERRORS

    def fit(self) -> list[ClusterWorker]:
        """Return those that may be given documents."""
        return list(self._fit)

    @property
    def threads(self) -> int:
        """The documents that they can read at once."""
        return 0 if self.problem is not None else self._threads

    def running(self) -> Mapping[str, int]:
        """Return how many of our documents each is at."""
        with self._lock:
            return dict(self._running)

    def note(self, address: str, change: int) -> None:
        """Note that a worker has begun a task of ours, or ended one."""
        with self._lock:
            if address in self._workers:
                self._running[address] += change

    def note_error(self, address: str | None, why: str = "") -> None:
        """Note that a worker failed us; one that does so often gets nothing for a while."""
        now = time.monotonic()
        with self._lock:
            if address is not None and address in self._workers:
                times = [t for t in self._errors.get(address, ()) if now - t < _MINUTE]
                self._errors[address] = [*times, now]
                self._last_error[address] = why
        self._judge()

    def ask_again(self, address: str) -> None:
        """Greet a worker anew before it gets work."""
        with self._lock:
            if (worker := self._workers.get(address)) is not None:
                why = worker.unfit or "it does not answer"
                self._workers[address] = replace(worker, unfit=why, is_silent=True)
        self._silent_due = 0.0
        self._judge()
        self._wake.set()

    def lacking_for(self, wanted: Collection[str]) -> str:
        """Return what all workers lack for some extractors, as their notes have it; or empty."""
        fit = self.fit()
        if not fit or any(worker.lacks.isdisjoint(wanted) for worker in fit):
            return ""
        return fit[0].note

    def choice(self, wanted: Collection[str] = ()) -> list[str]:
        """Return the workers that a task may go to: some that are idle as far as is known.

        Parameters
        ----------
        wanted
            The extractors that may read its documents.
        """
        running = self.running()
        fit = [worker for worker in self.fit() if worker.lacks.isdisjoint(wanted)]
        fit.sort(key=lambda worker: running.get(worker.address, 0) / max(1, worker.threads))
        idle = [w for w in fit if running.get(w.address, 0) < w.threads]
        # What was sent and has not begun may be at any of the idle ones.
        return [worker.address for worker in (idle or fit)[: max(_CHOICE, len(fit) // 8)]]

    # --- tasks ---

    def cancel(self, future: Any) -> None:
        """Give a task up. Does not wait; many at once are one message."""
        client = self.client
        if client is None:
            return
        with self._lock:
            self._to_cancel.append(future)
            first = len(self._to_cancel) == 1
        if first:
            with contextlib.suppress(RuntimeError):  # its loop has ended, and all tasks with it
                client.loop.add_callback(self._cancel_all, client)

    async def _cancel_all(self, client: Any) -> None:
        with self._lock:
            futures: Iterable[Any] = self._to_cancel
            self._to_cancel = []
        with contextlib.suppress(Exception):
            await client.cancel(list(futures), asynchronous=True, force=True)


def _pausing(why: str) -> str:
    because = f" ({why})" if why else ""
    return f"its last tasks ended with errors{because}: it pauses for a minute"
