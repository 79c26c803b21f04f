"""The output of a cell: a widget that lives, and what is left of it in a saved notebook."""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from datetime import UTC, datetime
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display as _untyped_display

__all__ = ["Shown", "let_answers_choose_their_way", "set_trait"]

display: Any = _untyped_display

_CLOSED = '<div style="color:#767676;font-size:13px">It was closed.</div>'

_by_cell: dict[str, list[Shown]] = {}
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


class Shown:
    """A widget in the output of a cell. Running that cell again closes it.

    Subclasses make their widgets, set :attr:`root`, and say with :meth:`_still` what a saved
    notebook shows.
    """

    root: Any
    closed: bool

    def __init__(self) -> None:
        self.closed = False
        self._lock = threading.RLock()
        #: Of the output that stands for the widget in a saved notebook.
        self._display_id = f"reslib-{secrets.token_hex(6)}"
        self._is_displayed = False
        self._saved = ""
        self._saved_at = 0.0

    # --- for subclasses -----------------------------------------------------------------------

    def _widgets(self) -> list[Any]:
        return _walk([self.root, *self._kept_apart()])

    def _kept_apart(self) -> list[Any]:
        """Return widgets that :attr:`root` does not hold at all times."""
        return []

    def _still(self) -> str:
        """Return what is shown now, as HTML that needs no kernel; the same while nothing moves."""
        raise NotImplementedError

    def _before_display(self) -> None:
        """Do what is to be done before it is shown in one more cell."""

    def _come_alive(self) -> None:
        """Begin with what goes on as long as it is shown."""

    def close(self) -> None:
        """Take the widgets off the page."""
        if self.closed:
            return
        self.closed = True
        for shown in _by_cell.values():
            if self in shown:
                shown.remove(self)
        with self._lock:  # not in the middle of a change
            self._save(self._still() + _CLOSED)
            for widget in self._widgets():
                widget.close()

    # --- showing ------------------------------------------------------------------------------

    def snapshot_html(self) -> str:
        """Return what is shown now, as HTML that needs no kernel and no JavaScript."""
        return _dated(self._still())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.closed:
            return {"text/plain": repr(self), "text/html": self.snapshot_html()}, {}
        _close_with_cell(self)
        self._come_alive()
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
            self._before_display()
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


def let_answers_choose_their_way(widgets: list[Any]) -> None:
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


def _close_with_cell(live: Shown) -> None:
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
