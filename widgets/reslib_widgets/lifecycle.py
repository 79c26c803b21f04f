"""The life of a live widget: one thread that refreshes it, and its end.

Handlers of clicks run on the main thread of a kernel or on another one, depending on its version
and on what was sent last, so they only post commands. An asyncio task would stand still while a
cell runs; a thread does not.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
import weakref
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display as _untyped_display

from reslib import ExtractionWorker, ReslibError

__all__ = ["Live", "set_trait"]

logger = logging.getLogger(__name__)

display: Any = _untyped_display

#: While nothing moves, one look every so many seconds at most.
IDLE_INTERVAL = 0.5
#: After a look that failed, the next comes so many seconds later.
_TROUBLE_INTERVAL = 2.0

#: While something moves, what a saved notebook shows is brought up to date so often, in seconds.
_SNAPSHOT_INTERVAL = 30.0
_CLOSED = '<div style="color:#767676;font-size:13px">It was closed.</div>'

_by_cell: dict[str, list[Live]] = {}
_hooked: weakref.WeakSet[Any] = weakref.WeakSet()


def set_trait(widget: Any, trait: str, value: Any) -> bool:
    """Set a trait when it differs: an equal value would be sent to the browser as well.

    Returns
    -------
    bool
        Whether it was set.
    """
    if getattr(widget, trait) == value:
        return False
    setattr(widget, trait, value)
    return True


def _is_wait(value: object) -> bool:
    """Tell whether a thread can wait for so many seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= threading.TIMEOUT_MAX


class Live:
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

    root: Any
    closed: bool
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
        self.refresh_interval = refresh_interval or self._default_interval
        self.closed = False
        #: How often it looked, and how long that took altogether (seconds).
        self.refreshes = 0
        self.refresh_seconds = 0.0
        self._worker = weakref.ref(worker)
        self._quit = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        #: Of the output that stands for the widget in a saved notebook.
        self._display_id = f"reslib-{secrets.token_hex(6)}"
        self._is_displayed = False
        self._saved = ""
        self._saved_at = 0.0
        self.root = self._build(worker)
        self._refresh_now(worker)
        Live._open.setdefault(worker, {})[type(self)] = self

    # --- for subclasses -----------------------------------------------------------------------

    def _build(self, worker: ExtractionWorker) -> Any:
        """Make the widgets; return the outermost."""
        raise NotImplementedError

    def _widgets(self) -> list[Any]:
        return _walk([self.root, *self._kept_apart()])

    def _kept_apart(self) -> list[Any]:
        """Return widgets that :attr:`root` does not hold at all times."""
        return []

    def _refresh(self, worker: ExtractionWorker) -> bool:
        """Bring the widgets up to date; return whether something moves."""
        raise NotImplementedError

    def _say_trouble(self, error: Exception) -> None:
        """Show that a refresh failed."""
        raise NotImplementedError

    def _say_gone(self) -> None:
        """Show that the worker does not exist any more."""
        raise NotImplementedError

    def _still(self) -> str:
        """Return what is shown now, as HTML that needs no kernel; the same while nothing moves."""
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
        self.closed = True
        self._quit.set()
        self._wake.set()
        worker = self._worker()
        if worker is not None:
            Live._open.get(worker, {}).pop(type(self), None)
        for shown in _by_cell.values():
            if self in shown:
                shown.remove(self)
        with self._lock:  # not in the middle of a refresh
            self._save(self._still() + _CLOSED)
            for widget in self._widgets():
                widget.close()

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
            _let_answers_choose_their_way(self._widgets())
            self.refresh_seconds += time.perf_counter() - began
            return busy

    # --- showing ------------------------------------------------------------------------------

    def snapshot_html(self) -> str:
        """Return what is shown now, as HTML that needs no kernel and no JavaScript."""
        return _dated(self._still())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.closed:
            return {"text/plain": repr(self), "text/html": self.snapshot_html()}, {}
        _close_with_cell(self)
        self._ensure_thread()
        bundle = self.root._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self.snapshot_html(), "text/plain": repr(self)}, metadata

    def _ipython_display_(self) -> None:
        """Show the live widget, and below it what is left of it where no kernel is.

        JupyterLab prefers a widget to any other form of an output, also in a notebook that was
        saved and whose widget is gone: there it says only that it has no model. So the snapshot
        is an output of its own. While the widget lives, a style within it hides the snapshot.
        """
        if not self.closed:
            Live._refresh_once(self)  # what is kept is of this moment
        data, metadata = self._repr_mimebundle_()
        if self.closed:
            display(data, raw=True)
            return
        # Nor does it say in plain text what it showed first: the snapshot does, and changes.
        del data["text/plain"]
        display({**data, "text/html": ""}, metadata=metadata, raw=True)
        with self._lock:
            self._is_displayed = True
            self._saved, self._saved_at = self._still(), time.monotonic()
            display(self._saved_output(), raw=True, display_id=self._display_id)

    def _hiding_style(self) -> Any:
        """Return a widget that hides the snapshot of this one as long as it is on the page."""
        name = self._display_id
        style = (
            f"<style>.{name},.jp-OutputArea-child:has(.{name}){{display:none!important}}</style>"
        )
        return ipywidgets.HTML(style, layout=ipywidgets.Layout(display="none"))

    def _save(self, html: str) -> None:
        """Bring the snapshot up to date; an equal one would change the notebook as well."""
        if self._is_displayed and html != self._saved:
            self._saved, self._saved_at = html, time.monotonic()
            display(self._saved_output(), raw=True, display_id=self._display_id, update=True)

    def _saved_output(self) -> dict[str, str]:
        name = self._display_id
        # A widget that is gone leaves a line that says so, in a notebook that is trusted.
        style = (
            "<style>.jp-OutputArea-child:not(:has(.widget-box)):has(+ .jp-OutputArea-child "
            f".{name}){{display:none}}</style>"
        )
        return {
            "text/html": f'<div class="{name}">{style}{_dated(self._saved)}</div>',
            "text/plain": repr(self),
        }


def _dated(html: str) -> str:
    return (
        f'{html}<div style="color:#767676;font-size:13px">As of {datetime.now(UTC):%Y-%m-%d %H:%M} '
        "UTC. Run the cell for a live one.</div>"
    )


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


def _walk(widgets: list[Any]) -> list[Any]:
    """Return widgets and all they hold, layouts and styles too: ipywidgets keeps every widget
    in a global dict until its ``close()``.
    """
    found: dict[int, Any] = {}
    todo = list(widgets)
    while todo:
        each = todo.pop()
        if not isinstance(each, ipywidgets.Widget) or id(each) in found:
            continue
        found[id(each)] = each
        todo += list(getattr(each, "children", ()))
        todo += [getattr(each, "layout", None), getattr(each, "style", None)]
    return list(found.values())


def _let_answers_choose_their_way(widgets: list[Any]) -> None:
    """Have clicks handled while a cell runs.

    JupyterLab sends them to a subshell, a thread of the kernel beside the one that runs cells. But
    ipykernel 7.4 sends what answers a widget to the thread that spoke for it last
    (``Comm._reply_subshell_for``), which for a panel is as good as by chance, and mostly the one
    that runs cells. Nobody here waits for an answer in a certain thread.
    """
    for widget in widgets:
        if widget.comm is not None:
            vars(widget.comm).pop("_reply_subshell_id", None)


# --- running a cell again ---------------------------------------------------------------------


def _cell_id(shell: Any) -> str | None:
    """Return the id of the cell that runs; None where there is none (Voila, nbclient, a script)."""
    if shell is None or not hasattr(shell, "get_parent"):
        return None
    found = ((shell.get_parent() or {}).get("metadata") or {}).get("cellId")
    return str(found) if found else None


def _close_with_cell(live: Live) -> None:
    """Close *live* when the cell that shows it is run again."""
    shell = get_ipython()
    cell = _cell_id(shell)
    if shell is None or cell is None:
        return
    if shell not in _hooked:
        shell.events.register("pre_run_cell", _before_cell)
        _hooked.add(shell)
    shown = _by_cell.setdefault(cell, [])
    if live not in shown:
        shown.append(live)


def _before_cell(info: Any) -> None:
    # Voila, nbclient and nbval send no id: there nothing is closed by itself.
    cell = getattr(info, "cell_id", None)
    if cell is None:
        return
    gone = _by_cell.pop(cell, [])
    for live in gone:
        # It may be shown in another cell as well, and goes on there.
        if not any(live in shown for shown in _by_cell.values()):
            live.close()
