"""The watch over batches: which are done, so that callbacks are told, once each time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable

from reslib.jobs.batches import CompletedBatch
from reslib.pool.events import EventBus
from reslib.storage.store import Store

__all__ = ["BatchWatch"]

_EVENT = "batch_completed"
#: Seconds that the end of a pool waits for callbacks that were told beside its workers.
_PATIENCE = 1.0


class BatchWatch:
    """The batches that callbacks of a pool are to be told of, whoever does their jobs.

    Nothing is looked up while nobody listens.

    Parameters
    ----------
    store
        The database.
    events
        Of the pool.
    """

    def __init__(self, store: Store, events: EventBus) -> None:
        self._store, self._events = store, events
        self._lock = threading.Lock()
        #: Those that were open when they were last looked at, and the newest of all.
        self._open: set[int] = set()
        self._newest = 0
        #: When those that were told of were done: a retry opens a batch again.
        self._told: dict[int, str] = {}
        self._teller: threading.Thread | None = None

    def begin(self) -> None:
        """Note which batches are open: from now on somebody listens."""
        if self._events.has_listeners(_EVENT):
            return
        with self._lock:
            ids = [row["id"] for row in self._store.rows("open_batches")]
            self._open, self._newest = set(ids), max(ids, default=0)
            done = self._done()
            self._told.update(done)
            self._open -= done.keys()

    def note(self, batch_id: int) -> None:
        """Note a batch of which a job is begun: it may have been done before."""
        if self._events.has_listeners(_EVENT):
            with self._lock:
                self._open.add(batch_id)

    def done(self) -> list[CompletedBatch]:
        """Return the batches that are done by now; each is given once, until it is done again."""
        if not self._events.has_listeners(_EVENT):
            return []
        with self._lock:
            done = self._done()
            new = [id for id, moment in done.items() if self._told.get(id) != moment]
            told = [CompletedBatch.of(self._store, id) for id in new]
            self._told.update(done)
            self._open -= done.keys()
            return told

    def _done(self) -> dict[int, str]:
        """Return those that are watched and done, and when they were."""
        asked = {"newest": self._newest, "ids": json.dumps(sorted(self._open))}
        done = {}
        for row in self._store.rows("batches_since", asked):
            self._newest = max(self._newest, row["id"])
            if row["open_jobs"]:
                self._open.add(row["id"])
            else:
                done[row["id"]] = row["completed_at"]
        return done

    def tell(self) -> None:
        """Call the callbacks for what is done, in this thread."""
        self._emit(self.done())

    def _emit(self, batches: Iterable[CompletedBatch]) -> None:
        for batch in batches:
            self._events.emit(_EVENT, batch)

    def tell_aside(self) -> None:
        """Call the callbacks for what is done in a thread of its own: this one cannot wait."""
        batches = self.done()
        if batches:
            self._teller = threading.Thread(
                target=self._emit, args=(batches,), name="reslib-batches", daemon=True
            )
            self._teller.start()

    def finish(self) -> None:
        """Wait a moment for callbacks that were told aside."""
        teller = self._teller
        if teller is not None and teller is not threading.current_thread():
            teller.join(_PATIENCE)
