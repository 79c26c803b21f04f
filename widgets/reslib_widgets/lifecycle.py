"""The life of a live widget: one thread that refreshes it, and its end.

Handlers of clicks run on the main thread of a kernel or on another one, depending on its version
and on what was sent last, so they only post commands. An asyncio task would stand still while a
cell runs; a thread does not.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from typing import Any, ClassVar, Self

from reslib import ExtractionWorker, ReslibError
from reslib_widgets.shown import Shown, let_answers_choose_their_way

__all__ = ["Live"]

logger = logging.getLogger(__name__)

#: While nothing moves, one look every so many seconds at most.
IDLE_INTERVAL = 0.5
#: After a look that failed, the next comes so many seconds later.
_TROUBLE_INTERVAL = 2.0

#: While something moves, what a saved notebook shows is brought up to date so often, in seconds.
_SNAPSHOT_INTERVAL = 30.0


def _is_wait(value: object) -> bool:
    """Tell whether a thread can wait for so many seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= threading.TIMEOUT_MAX


class Live(Shown):
    """A widget about a worker that refreshes itself. There is one per class and worker.

    Subclasses build their widgets in :meth:`_build`, and bring them up to date in
    :meth:`_refresh`, which only the refreshing thread calls.

    Parameters
    ----------
    worker
        What it is about. It is not kept alive: keep it in a variable.
    refresh_interval
        Seconds between two looks while something moves.

    Raises
    ------
    TypeError
        *worker* is no :class:`~reslib.ExtractionWorker`.
    ValueError
        *refresh_interval* is not a positive number of seconds.
    """

    _open: ClassVar[weakref.WeakKeyDictionary[ExtractionWorker, dict[type, Live]]] = (
        weakref.WeakKeyDictionary()
    )
    _default_interval: ClassVar[float] = 0.25

    refresh_interval: float

    def __new__(cls, worker: ExtractionWorker, refresh_interval: float | None = None) -> Self:
        """Return the one that is open for *worker* already, or a new one."""
        if not isinstance(worker, ExtractionWorker):
            raise TypeError(f"{cls.__name__} needs an ExtractionWorker, not {worker!r}")
        if refresh_interval is not None and not _is_wait(refresh_interval):
            raise ValueError(
                f"refresh_interval must be a positive number of seconds, not {refresh_interval!r}"
            )
        known = Live._open.get(worker, {}).get(cls)
        return known if isinstance(known, cls) and not known.closed else super().__new__(cls)

    def __init__(self, worker: ExtractionWorker, refresh_interval: float | None = None) -> None:
        if hasattr(self, "closed"):  # the one that was there already
            self.refresh_interval = refresh_interval or self.refresh_interval
            return
        super().__init__()
        self.refresh_interval = refresh_interval or self._default_interval
        #: How often it looked, and how long that took altogether (seconds).
        self.refreshes = 0
        self.refresh_seconds = 0.0
        self._worker = weakref.ref(worker)
        self._quit = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.root = self._build(worker)
        self._refresh_now(worker)
        Live._open.setdefault(worker, {})[type(self)] = self

    # --- for subclasses -----------------------------------------------------------------------

    def _build(self, worker: ExtractionWorker) -> Any:
        """Make the widgets; return the outermost."""
        raise NotImplementedError

    def _refresh(self, worker: ExtractionWorker) -> bool:
        """Bring the widgets up to date; return whether something moves."""
        raise NotImplementedError

    def _say_trouble(self, error: Exception) -> None:
        """Show that a refresh failed."""
        raise NotImplementedError

    def _say_gone(self) -> None:
        """Show that the worker does not exist any more."""
        raise NotImplementedError

    # --- life ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at once instead of at the next turn."""
        self._ensure_thread()
        self._wake.set()

    def close(self) -> None:
        """Take the widgets off the page and end the thread. The pool goes on."""
        if self.closed:
            return
        self._quit.set()
        self._wake.set()
        worker = self._worker()
        if worker is not None:
            Live._open.get(worker, {}).pop(type(self), None)
        super().close()

    def _before_display(self) -> None:
        Live._refresh_once(self)  # what is kept is of this moment

    def _come_alive(self) -> None:
        self._ensure_thread()

    def _ensure_thread(self) -> None:
        if self.closed or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(
            target=_loop,
            args=(weakref.ref(self), self._quit, self._wake),
            name=f"reslib-{type(self).__name__}",
            daemon=True,
        )
        self._thread.start()

    def _refresh_once(self) -> float | None:
        """Refresh once; return the seconds until the next time, None to end."""
        worker = self._worker()
        if worker is None:
            self._say_gone()
            return None
        try:
            busy = self._refresh_now(worker)
        except ReslibError as error:
            # A database that was closed, as in the last cell of a notebook, or that is busy. The
            # panel says so; a log would stand in red in the output of that cell.
            logger.info("the panel could not look: %s", error)
            self._say_trouble(error)
            return _TROUBLE_INTERVAL
        except Exception as error:  # whatever it was: the panel says so, and tries again
            logger.warning("a refresh of the panel failed", exc_info=True)
            self._say_trouble(error)
            return _TROUBLE_INTERVAL
        return self.refresh_interval if busy else max(self.refresh_interval, IDLE_INTERVAL)

    def _refresh_now(self, worker: ExtractionWorker) -> bool:
        with self._lock:
            if self.closed:
                return False
            began = time.perf_counter()
            busy = self._refresh(worker)
            self.refreshes += 1
            if not busy or time.monotonic() - self._saved_at > _SNAPSHOT_INTERVAL:
                self._save(self._still())
            let_answers_choose_their_way(self._widgets())
            self.refresh_seconds += time.perf_counter() - began
            return busy


def _loop(ref: weakref.ref[Live], quit_: threading.Event, wake: threading.Event) -> None:
    """Refresh until the end. Holds the widget only while it refreshes, so keeps nothing alive."""
    due = time.monotonic()
    while not quit_.is_set():
        wake.wait(max(0.0, due - time.monotonic()))
        wake.clear()
        live = ref()
        if live is None or quit_.is_set():
            return
        began = time.monotonic()
        pause = live._refresh_once()
        del live
        if pause is None:
            return
        # From the beginning of the turn, so that its length does not slow the rhythm.
        due = max(began + pause, time.monotonic() + 0.02)
