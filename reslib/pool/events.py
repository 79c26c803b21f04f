"""Events: what happened to a job, told to callbacks after it is stored.

====================  =========================  ==============================================
event                 callback gets              when
====================  =========================  ==============================================
``job_started``       ``(job, worker_id)``       a worker has claimed the job
``job_completed``     ``(job, result)``          text and completion are stored
``job_retrying``      ``(job, error)``           an attempt failed; ``job.next_retry_at`` is set
``job_failed``        ``(job, error)``           the job failed for good
``job_released``      ``(job,)``                 the job was given back (a shutdown, no process)
``job_cancelled``     ``(job,)``                 somebody cancelled the job
``batch_completed``   ``(batch,)``               no job of a batch is open any more, whoever ended
                                                 the last one
``worker_stopped``    ``(worker_id,)``           a worker has ended
====================  =========================  ==============================================

``result`` is an :class:`~reslib.models.ExtractionResult`, ``error`` a
:class:`~reslib.models.Failure` that prints as its message, ``batch`` a
:class:`~reslib.jobs.batches.CompletedBatch`. Callbacks run in the worker's thread, one at a time
for each worker; a slow one holds up that worker only. Whatever one raises in there is logged, also
SystemExit, KeyboardInterrupt and :class:`asyncio.CancelledError`. They are for watching, the
database is the truth: another process's events are not heard here.

But for the end of a batch: every pool that runs and has a callback for it tells it once, whoever
ended the last job, and once more when a job of it was tried again on request. When that job was
none of the pool's own, the callback runs in a thread of its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["EVENTS", "EventBus"]

logger = logging.getLogger(__name__)

EVENTS = (
    "job_started",
    "job_completed",
    "job_retrying",
    "job_failed",
    "job_released",
    "job_cancelled",
    "batch_completed",
    "worker_stopped",
)


class EventBus:
    """Callbacks by event. Usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: dict[str, list[Callable[..., Any]]] = {name: [] for name in EVENTS}

    def on(self, event: str, callback: Callable[..., Any]) -> Callable[[], None]:
        """Call *callback* whenever *event* happens; returns a function that ends that.

        Raises
        ------
        ValueError
            There is no such event.
        TypeError
            *callback* cannot be called.
        """
        if event not in self._callbacks:
            raise ValueError(f"there is no event {event!r}; there are: {', '.join(EVENTS)}")
        if not callable(callback):
            raise TypeError(f"a callback is a function, not {callback!r}")
        with self._lock:
            self._callbacks[event].append(callback)

        def unsubscribe() -> None:
            with self._lock:
                if callback in self._callbacks[event]:
                    self._callbacks[event].remove(callback)

        return unsubscribe

    def has_listeners(self, event: str) -> bool:
        """True when anybody would be called."""
        return bool(self._callbacks[event])

    def emit(self, event: str, *arguments: Any) -> None:
        """Call every callback of *event*. One that raises is logged and harms nothing.

        Only in the main thread do KeyboardInterrupt and SystemExit go through: Ctrl-C and signal
        handlers raise them there, in the middle of whatever runs.
        """
        with self._lock:
            callbacks = tuple(self._callbacks[event])
        for callback in callbacks:
            try:
                callback(*arguments)
            except BaseException as error:
                if _is_a_signals(error):
                    raise
                logger.exception("a callback of %r raised", event)


def _is_a_signals(error: BaseException) -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and isinstance(error, KeyboardInterrupt | SystemExit)
