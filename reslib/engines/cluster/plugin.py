"""The plug-in of a Dask worker that ends a child when its task is cancelled.

Dask does not end a task that runs. It tells its plug-ins that it is to be forgotten, though, also
when the coordinator has died, the scheduler has, or the worker has to go.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from distributed import WorkerPlugin
from tornado.ioloop import PeriodicCallback

__all__ = ["NAME", "KillOnCancel", "plugin_of"]

#: What it is called there; one for all coordinators.
NAME = "reslib"
#: A child that was about to begin when it was to end is told so again, in seconds.
_AGAIN = 0.02
#: Sandboxes that nobody has used for so long are closed, in seconds; looked at each so many.
_IDLE, _LOOK = 300.0, 30.0
#: Seconds until the plug-in of a worker is there.
_PATIENCE = 30.0
#: States of a task on a worker.
_RUNNING = ("executing", "long-running")
_GIVEN_UP = ("cancelled", "resumed", "released", "forgotten")

_adding = threading.Lock()


class _Reading(Protocol):
    """The task that a thread of the worker is at."""

    topic: str

    def kill(self) -> None: ...


class _Box(Protocol):
    """A sandbox of a thread."""

    used_at: float

    def close_if_idle(self) -> bool: ...


class KillOnCancel(WorkerPlugin):
    """Knows what the threads of a worker read, and ends it.

    Attributes
    ----------
    boxes
        The sandboxes, by thread and by engine.
    is_over
        True when the worker goes: a sandbox that is in use is then closed by its thread.
    """

    name = NAME
    idempotent = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[str, _Reading] = {}
        self.boxes: dict[tuple[int, str], Any] = {}
        self._look: PeriodicCallback | None = None
        self.worker: Any = None
        self.is_over = False

    def setup(self, worker: Any) -> None:
        """Begin to look after the sandboxes of *worker*."""
        self.worker = worker
        self._look = PeriodicCallback(self._close_idle, _LOOK * 1000)
        self._look.start()

    def begin(self, key: str, reading: _Reading) -> None:
        """Note what is read now."""
        with self._lock:
            self._readings[key] = reading

    def end(self, key: str) -> None:
        """Note that it is read no more."""
        with self._lock:
            self._readings.pop(key, None)

    def transition(self, key: Any, start: str, finish: str, **_more: Any) -> None:
        """End what is read for a task that is not wanted any more."""
        if start in _RUNNING and finish in _GIVEN_UP:
            self._kill(str(key))

    def _kill(self, key: str) -> None:
        with self._lock:
            reading = self._readings.get(key)
        if reading is not None:
            reading.kill()
            self._tell(reading, key)
            self.worker.loop.call_later(_AGAIN, self._kill_again, key)

    def _kill_again(self, key: str) -> None:
        with self._lock:
            reading = self._readings.get(key)
        if reading is not None:
            reading.kill()
            self.worker.loop.call_later(_AGAIN, self._kill_again, key)

    def teardown(self, worker: Any) -> None:
        """Say what is given up, and end it: the worker goes."""
        self.is_over = True
        if self._look is not None:
            self._look.stop()
        with self._lock:
            readings = dict(self._readings)
        for key, reading in readings.items():
            self._tell(reading, key)
            reading.kill()
        for box in list(self.boxes.values()):
            box.close_if_idle()

    def _tell(self, reading: _Reading, key: str) -> None:
        if reading.topic:
            self.worker.log_event(reading.topic, {"key": key, "what": "leaving"})

    def _close_idle(self) -> None:
        now = time.monotonic()
        for place, box in list(self.boxes.items()):
            if now - box.used_at > _IDLE and box.close_if_idle():
                self.boxes.pop(place, None)


def plugin_of(worker: Any, make: Callable[[], KillOnCancel] = KillOnCancel) -> KillOnCancel:
    """Return the plug-in of a worker, from one of its threads; it is added when it is not there.

    So it need not be given to the scheduler, which would hand it to workers that cannot load it.
    """
    with _adding:
        plugin = worker.plugins.get(NAME)
        if plugin is None:
            plugin = make()
            adding = worker.plugin_add(plugin=plugin, name=NAME)
            loop = worker.loop.asyncio_loop
            asyncio.run_coroutine_threadsafe(adding, loop).result(_PATIENCE)
        found: KillOnCancel = plugin
        return found
