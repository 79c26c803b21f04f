"""ControlPanel: see what a pool does, and steer it."""

from __future__ import annotations

import functools
import queue
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets

from reslib import ExtractionWorker, JobStatus
from reslib_widgets import view as draw
from reslib_widgets.commands import Commands
from reslib_widgets.joblist import HOPEFUL_HINT, JobList
from reslib_widgets.lifecycle import Live
from reslib_widgets.observe import View, observer_of
from reslib_widgets.question import Notice, Question
from reslib_widgets.shown import set_trait
from reslib_widgets.snapshot import panel_html
from reslib_widgets.style import STYLE

__all__ = ["ControlPanel"]

#: A document that runs longer, in seconds, gets a button to cancel it.
CANCEL_AFTER = 1.0

Command = tuple[str, Any]


class ControlPanel(Live):
    """A live panel of a pool of workers, with buttons.

    Shows the state, the jobs in each state, every worker and its document (also those of other
    processes on the same database), throughput and time left, and the last failures. The buttons
    start, pause, resume and stop the pool, retry what failed, cancel a document that runs, change
    the number of workers, add a folder, and find documents by their words. A click on a count
    lists its jobs. It refreshes and acts while cells run, and sends nothing while nothing moves.
    Show it as the last line of a cell; running the cell again replaces it. Where no kernel is, a
    saved notebook shows how it was.

    Parameters
    ----------
    worker
        The pool. The panel does not keep it alive: keep it in a variable.
    refresh_interval
        Seconds between two refreshes while something moves; 0.25 when None.

    Attributes
    ----------
    root
        The outermost widget, to place the panel in a layout of your own.

    Examples
    --------
    >>> worker = ExtractionWorker(db)
    >>> ControlPanel(worker)
    """

    def __repr__(self) -> str:
        return f"<ControlPanel {'closed' if self.closed else draw.plain(self._view)}>"

    def _still(self) -> str:
        return panel_html(self._view, self._chart.value)

    # --- widgets ------------------------------------------------------------------------------

    def _build(self, worker: ExtractionWorker) -> Any:
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._view: View
        self._tick = 0
        self._has_moved = False
        self._drawn_number = (worker.num_workers, 0)
        self._cancel_buttons: dict[int, Any] = {}
        self._spacers: list[Any] = []

        (
            self._header,
            self._bar,
            self._workers,
            self._chart,
            self._trouble,
            self._hits,
        ) = (ipywidgets.HTML(layout=_layout(width="auto")) for _ in range(6))
        post, wake = _weakly(self._post), _weakly(self.refresh)
        self._do = Commands(wake)
        self._list = JobList(post, wake, _weakly(self._focus_count))
        self._question = Question(post)
        button = self._button
        self._start = button("Start", "start", "Begin to extract what is pending")
        self._pause = button("Pause", "pause", "Finish what runs, take nothing new")
        self._resume = button("Resume", "resume", "Take documents again")
        self._stop = button("Stop", "stop", "Let running documents finish, then end the workers")
        self._hopeful = button("Retry 0 that may help", "retry", HOPEFUL_HINT, argument=True)
        self._retry = button(
            "Retry all 0", "retry", "Make all failed jobs pending again", argument=False
        )
        self._counts = {status: self._count_button(status) for status in draw.STATES}
        # Not a bounded one: that would change what is typed without a word.
        self._number = ipywidgets.IntText(
            value=worker.num_workers,
            description="Workers",
            layout=_layout(width="128px"),
            style={"description_width": "56px"},
        )
        self._folder = _field("Folder", "a folder of papers, e.g. ~/papers")
        self._add = button("Add folder", "add_folder", "Add its documents and enqueue them")
        self._words = _field("Words", 'tidal range, "in this order", photo*, this OR that')
        self._find = button("Find", "find", "Find documents by their words")
        resize = _weakly(self._resize)
        self._number.observe(lambda change: resize(change["new"]), names="value")
        _on_enter(self._folder, self._add, lambda typed: post("add_folder", typed))
        _on_enter(self._words, self._find, lambda typed: post("find", typed))
        self._cancels = ipywidgets.VBox(layout=_layout(flex="0 0 auto", min_width="112px"))
        self._cancels.add_class("rl-cancels")
        self._workers.layout.flex = "1 1 auto"
        counts = ipywidgets.HBox([*self._counts.values()], layout=_layout(flex_flow="row wrap"))
        root = ipywidgets.VBox(
            [
                ipywidgets.HTML(STYLE, layout=_layout(display="none")),
                self._hiding_style(),
                self._header,
                ipywidgets.HBox(
                    [self._start, self._pause, self._resume, self._stop, self._number],
                    layout=_layout(flex_flow="row wrap"),
                ),
                counts,
                self._bar,
                self._list.root,
                ipywidgets.HBox([self._workers, self._cancels], layout=_layout(overflow="visible")),
                self._chart,
                self._trouble,
                ipywidgets.HBox([self._hopeful, self._retry], layout=_layout(flex_flow="row wrap")),
                ipywidgets.HBox([self._folder, self._add]),
                ipywidgets.HBox([self._words, self._find]),
                self._question.root,
                self._hits,
            ]
        )
        root.add_class("reslib-panel")
        return root

    def _count_button(self, status: str) -> Any:
        button = ipywidgets.Button(
            tooltip=f"List the jobs that are {draw.STATES[status]}", layout=_layout(width="auto")
        )
        button.add_class("rl-count")
        button.add_class(f"rl-count-{status}")
        toggle = _weakly(self._list.toggle)
        button.on_click(lambda _: toggle(JobStatus(status)))
        return button

    def _button(self, words: str, command: str, tooltip: str, argument: Any = None) -> Any:
        button = ipywidgets.Button(
            description=words, tooltip=tooltip, layout=_layout(width="auto", min_width="72px")
        )
        post = _weakly(self._post)
        if command not in ("add_folder", "find"):  # those read a field when they are clicked
            button.on_click(lambda _: post(command, argument))
        return button

    def _post(self, command: str, argument: Any = None) -> None:
        """Hand a command to the panel's thread. All that a handler of a click does."""
        self._commands.put((command, argument))
        self.refresh()

    def _resize(self, number: int) -> None:
        worker = self._worker()
        if worker is not None and number != worker.num_workers:  # not what the panel shows itself
            self._post("resize", number)

    # --- refreshing ---------------------------------------------------------------------------

    def _refresh_once(self) -> float | None:
        worker = self._worker()
        if worker is not None:
            while not self._commands.empty():
                self._do.obey(worker, *self._commands.get())
        del worker
        return super()._refresh_once()

    def _refresh(self, worker: ExtractionWorker) -> bool:
        view = self._view = observer_of(worker).look(worker)
        self._tick += 1
        set_trait(self._header, "value", draw.header_html(view, self._tick))
        set_trait(self._bar, "value", draw.bar_html(view))
        set_trait(self._workers, "value", draw.workers_html(view))
        set_trait(self._trouble, "value", draw.trouble_html(view))
        # An idle chart stands still, once it is drawn as such.
        if view.moving or self._has_moved or not self._chart.value:
            set_trait(self._chart, "value", draw.chart_svg(view))
        self._has_moved = view.moving
        self._show_buttons(view)
        self._show_cancels(view)
        self._list.draw(worker, view)
        self._do.follow(worker, view.state == "running")
        self._show_notice()
        set_trait(self._hits, "value", self._do.hits)
        return view.busy

    def _show_buttons(self, view: View) -> None:
        stopped, running = view.state == "stopped", view.state in ("running", "paused")
        set_trait(self._start, "disabled", not stopped)
        set_trait(self._pause, "disabled", view.state != "running")
        set_trait(self._resume, "disabled", view.state != "paused")
        set_trait(self._stop, "disabled", stopped)
        set_trait(self._stop, "description", "Stop" if running or stopped else "Stop now")
        # It was changed in a cell, or what was typed is not what is used.
        number = (view.num_workers, self._do.resized)
        if number != self._drawn_number:
            self._drawn_number = number
            set_trait(self._number, "value", view.num_workers)
        every, hopeful = len(view.retriable.every), len(view.retriable.hopeful)
        set_trait(self._hopeful, "description", f"Retry {draw.number(hopeful)} that may help")
        set_trait(self._hopeful, "disabled", not hopeful)
        set_trait(self._retry, "description", f"Retry all {draw.number(every)}")
        set_trait(self._retry, "disabled", not every)
        for status, button in self._counts.items():
            is_open = status == self._list.status
            # In words, because ipywidgets has no aria-expanded.
            words = draw.count_text(view, status) + (", list open" if is_open else "")
            set_trait(button, "description", words)
            is_shown = draw.is_shown(view, status) or is_open
            set_trait(button.layout, "display", None if is_shown else "none")
            if is_open != ("rl-open" in button._dom_classes):
                (button.add_class if is_open else button.remove_class)("rl-open")

    def _focus_count(self, status: JobStatus) -> None:
        # A rare count without jobs goes with its list.
        self._counts[status if draw.is_shown(self._view, status) else JobStatus.PENDING].focus()

    def _show_cancels(self, view: View) -> None:
        """One button for each document that runs for a while, beside its row.

        A button belongs to one job for good: a click that comes late can not hit the next one.
        """
        shown = draw.shown_workers(view)
        wanted = [
            row.job_id if (row.seconds or 0) >= CANCEL_AFTER or row.silent else None
            for row in shown
        ]
        for ended in self._cancel_buttons.keys() - set(wanted):
            button = self._cancel_buttons.pop(ended)
            button.layout.close()
            button.style.close()
            button.close()
        for row, job_id in zip(shown, wanted, strict=True):
            if job_id is not None and job_id not in self._cancel_buttons:
                words = f"Cancel job {job_id}"
                button = self._button(words, "cancel", f"Give up {row.document}", job_id)
                button.add_class("rl-cancel")
                self._cancel_buttons[job_id] = button
        while len(self._spacers) < len(wanted) + 1:
            self._spacers.append(ipywidgets.Box(layout=_layout(flex="0 0 auto")))
            self._spacers[-1].add_class("rl-slot")
        children = [
            self._cancel_buttons[job_id] if job_id is not None else self._spacers[n + 1]
            for n, job_id in enumerate(wanted)
        ]
        set_trait(self._cancels, "children", (self._spacers[0], *children) if any(wanted) else ())

    def _kept_apart(self) -> list[Any]:
        return [*self._cancel_buttons.values(), *self._spacers, *self._list.kept_apart()]

    def _show_notice(self) -> None:
        # Where it was clicked: below the fields at the bottom, or above the rows of the list.
        notice, is_listed = self._do.notice, self._list.status is not None
        self._question.draw(Notice() if is_listed else notice)
        self._list.question.draw(notice if is_listed else Notice())

    def _say_trouble(self, error: Exception) -> None:
        words = f"The panel could not look at the database: {error}"
        self._do.notice = Notice(words, "error")
        self._show_notice()

    def _say_gone(self) -> None:
        buttons = (self._start, self._pause, self._resume, self._stop, self._hopeful, self._retry)
        for button in (*buttons, self._add, self._find, *self._counts.values()):
            set_trait(button, "disabled", True)
        self._list.disable()
        gone = "This worker is gone: no variable holds it any more. Run the cell again."
        set_trait(
            self._header,
            "value",
            f'<div class="rl-head"><b data-state="gone">gone</b><span>{gone}</span></div>',
        )


def _field(name: str, placeholder: str) -> Any:
    return ipywidgets.Text(
        description=name,
        placeholder=placeholder,
        layout=_layout(width="auto", flex="1 1 auto"),
        style={"description_width": "56px"},
    )


def _on_enter(field: Any, button: Any, act: Callable[[str], None]) -> None:
    """Act on what a field holds when Enter is pressed in it or *button* is clicked; not when the
    focus leaves it, as ``observe`` would.
    """
    ref = weakref.ref(field)

    def act_on_field(*_: Any) -> None:
        act(getattr(ref(), "value", ""))

    def on_message(_: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("event") == "submit":
            act_on_field()

    field.on_msg(on_message)
    button.on_click(act_on_field)


def _layout(**settings: Any) -> Any:
    return ipywidgets.Layout(**settings)


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """Return a function that calls a bound method and does not keep its object alive."""
    ref = weakref.WeakMethod(method)

    @functools.wraps(method)
    def call(*args: Any) -> None:
        bound = ref()
        if bound is not None:
            bound(*args)

    return call
