"""ControlPanel: see what a pool does, and steer it."""

from __future__ import annotations

import functools
import logging
import queue
import threading
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import ipywidgets

from reslib import ExtractionWorker, ReslibError
from reslib_widgets import view as draw
from reslib_widgets.lifecycle import Live, set_trait
from reslib_widgets.observe import View, observer_of
from reslib_widgets.style import STYLE

__all__ = ["ControlPanel"]

logger = logging.getLogger(__name__)

#: Retrying more failed jobs than this at once is asked back.
CONFIRM_ABOVE = 100
#: A document that runs longer, in seconds, gets a button to cancel it.
CANCEL_AFTER = 1.0
#: The panel waits so long for a command, in seconds, before it goes on refreshing without it.
_COMMAND_PATIENCE = 0.2
_MOST_WORKERS = 256
_SHOWN_HITS = 10

Command = tuple[str, Any]


class ControlPanel(Live):
    """A live panel of a pool of workers, with buttons.

    Shows the state, the jobs in each state, every worker and its document (also those of other
    processes on the same database), throughput and time left, and the last failures. The buttons
    start, pause, resume and stop the pool, retry what failed, cancel a document that runs, change
    the number of workers, add a folder, and find documents by their words. It refreshes while
    cells run, and sends nothing while nothing moves. Show it as the last line of a cell; running
    the cell again replaces it.

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

    def snapshot_html(self) -> str:
        """Return what the panel shows now, as HTML that needs no kernel and no JavaScript."""
        view = self._view
        now = datetime.now(UTC)
        parts = (
            STYLE,
            draw.header_html(view, 0, static=True),
            draw.bar_html(view),
            draw.workers_html(view),
            draw.chart_svg(view),
            draw.trouble_html(view),
            f'<div class="rl-none">As of {now:%Y-%m-%d %H:%M} UTC. '
            "Run the cell for the live panel.</div>",
        )
        return f'<div class="reslib-panel">{"".join(parts)}</div>'

    # --- widgets ------------------------------------------------------------------------------

    def _build(self, worker: ExtractionWorker) -> Any:
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._view: View
        self._notice: tuple[str, str] = ("info", "")
        self._confirming = 0
        self._tick = 0
        self._cancel_buttons: dict[int, Any] = {}
        self._spacers: list[Any] = []

        (
            self._header,
            self._bar,
            self._workers,
            self._chart,
            self._trouble,
            self._said,
            self._hits,
        ) = (ipywidgets.HTML(layout=_layout(width="auto")) for _ in range(7))
        button = self._button
        self._start = button("Start", "start", "Begin to extract what is pending")
        self._pause = button("Pause", "pause", "Finish what runs, take nothing new")
        self._resume = button("Resume", "resume", "Take documents again")
        self._stop = button("Stop", "stop", "Let running documents finish, then end the workers")
        self._retry = button("Retry failed (0)", "retry", "Make failed jobs pending again")
        self._yes = button("Yes", "retry_confirmed", "Make all of them pending again")
        self._no = button("No", "retry_refused", "Leave them as they are")
        self._number = ipywidgets.BoundedIntText(
            value=worker.num_workers,
            min=1,
            max=_MOST_WORKERS,
            description="Workers",
            layout=_layout(width="128px"),
            style={"description_width": "56px"},
        )
        self._folder = _field("Folder", "a folder of papers, e.g. ~/papers")
        self._add = button("Add folder", "add_folder", "Add its documents and enqueue them")
        self._words = _field("Words", 'tidal range, "in this order", photo*, this OR that')
        self._find = button("Find", "find", "Find documents by their words")
        post = _weakly(self._post)
        self._number.observe(lambda change: post("resize", change["new"]), names="value")
        folder = weakref.ref(self._folder)
        self._add.on_click(lambda _: post("add_folder", getattr(folder(), "value", "")))
        words = weakref.ref(self._words)
        self._find.on_click(lambda _: post("find", getattr(words(), "value", "")))
        self._words.continuous_update = False  # Enter finds as well
        self._words.observe(lambda change: post("find", change["new"]), names="value")
        self._cancels = ipywidgets.VBox(layout=_layout(flex="0 0 auto", min_width="112px"))
        self._workers.layout.flex = "1 1 auto"
        root = ipywidgets.VBox(
            [
                ipywidgets.HTML(STYLE, layout=_layout(display="none")),
                self._header,
                ipywidgets.HBox(
                    [self._start, self._pause, self._resume, self._stop, self._number],
                    layout=_layout(flex_flow="row wrap"),
                ),
                self._bar,
                ipywidgets.HBox([self._workers, self._cancels], layout=_layout(overflow="visible")),
                self._chart,
                self._trouble,
                ipywidgets.HBox([self._retry, self._yes, self._no]),
                ipywidgets.HBox([self._folder, self._add]),
                ipywidgets.HBox([self._words, self._find]),
                self._said,
                self._hits,
            ]
        )
        root.add_class("reslib-panel")
        return root

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

    # --- refreshing ---------------------------------------------------------------------------

    def _turn(self) -> float | None:
        worker = self._worker()
        if worker is not None:
            while not self._commands.empty():
                self._obey(worker, *self._commands.get())
        del worker
        return super()._turn()

    def _refresh(self, worker: ExtractionWorker) -> bool:
        view = self._view = observer_of(worker).look(worker)
        self._tick += 1
        set_trait(self._header, "value", draw.header_html(view, self._tick))
        set_trait(self._bar, "value", draw.bar_html(view))
        set_trait(self._workers, "value", draw.workers_html(view))
        set_trait(self._trouble, "value", draw.trouble_html(view))
        # An idle chart stands still, once its last second is drawn.
        if view.moving or not self._chart.value:
            set_trait(self._chart, "value", draw.chart_svg(view))
        self._show_buttons(view)
        self._show_cancels(view)
        self._show_notice()
        return view.busy

    def _show_buttons(self, view: View) -> None:
        stopped, running = view.state == "stopped", view.state in ("running", "paused")
        set_trait(self._start, "disabled", not stopped)
        set_trait(self._pause, "disabled", view.state != "running")
        set_trait(self._resume, "disabled", view.state != "paused")
        set_trait(self._stop, "disabled", stopped)
        set_trait(self._stop, "description", "Stop" if running or stopped else "Stop now")
        failed = view.counts["failed"]
        if not failed:
            self._confirming = 0
        set_trait(self._retry, "description", f"Retry failed ({failed})")
        set_trait(self._retry, "disabled", not failed or bool(self._confirming))
        set_trait(self._yes, "description", f"Yes, retry {self._confirming}")
        for button in (self._yes, self._no):
            set_trait(button.layout, "display", None if self._confirming else "none")

    def _show_cancels(self, view: View) -> None:
        """One button for each document that runs for a while, beside its row.

        A button belongs to one job for good: a click that comes late can not hit the next one.
        """
        shown = draw.shown_workers(view)
        wanted = [
            row.job_id if (row.seconds or 0) >= CANCEL_AFTER or row.stale else None for row in shown
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
            self._spacers.append(ipywidgets.Box(layout=_layout(height="30px", flex="0 0 auto")))
        children = [
            self._cancel_buttons[job_id] if job_id is not None else self._spacers[n + 1]
            for n, job_id in enumerate(wanted)
        ]
        set_trait(self._cancels, "children", (self._spacers[0], *children) if any(wanted) else ())

    def _kept_apart(self) -> list[Any]:
        return [*self._cancel_buttons.values(), *self._spacers]

    def _show_notice(self) -> None:
        kind, words = self._notice
        said = f'<div class="rl-notice" role="status" data-kind="{kind}">{draw.text(words)}</div>'
        set_trait(self._said, "value", said if words else "")

    def _say_trouble(self, error: Exception) -> None:
        self._notice = ("error", f"The panel could not look at the database: {error}")
        self._show_notice()

    def _say_gone(self) -> None:
        buttons = (self._start, self._pause, self._resume, self._stop, self._retry, self._add)
        for button in (*buttons, self._find):
            set_trait(button, "disabled", True)
        gone = "This worker is gone: no variable holds it any more. Run the cell again."
        set_trait(
            self._header,
            "value",
            f'<div class="rl-head"><b data-state="gone">gone</b><span>{gone}</span></div>',
        )

    # --- commands -----------------------------------------------------------------------------

    def _obey(self, worker: ExtractionWorker, command: str, argument: Any) -> None:
        """Carry out a command, in a thread of its own: stopping may take a minute."""
        action = getattr(self, f"_do_{command}")

        def act() -> None:
            self._notice = ("info", "")
            try:
                words = action(worker, argument)
                if words:  # of two clicks on Stop, the one with something to say
                    self._notice = ("info", words)
            except (ReslibError, OSError, ValueError) as error:
                self._notice = ("error", str(error))
            except Exception as error:
                logger.exception("the command %s of the panel failed", command)
                self._notice = ("error", f"{command} failed: {type(error).__name__}: {error}")
            self._wake.set()

        thread = threading.Thread(target=act, name=f"reslib-panel-{command}", daemon=True)
        thread.start()
        # Commands follow each other in order, unless one takes long.
        thread.join(_COMMAND_PATIENCE)

    def _do_start(self, worker: ExtractionWorker, _: Any) -> None:
        worker.start()

    def _do_pause(self, worker: ExtractionWorker, _: Any) -> None:
        worker.pause()

    def _do_resume(self, worker: ExtractionWorker, _: Any) -> None:
        worker.resume()

    def _do_stop(self, worker: ExtractionWorker, _: Any) -> str:
        # A second click, while it is stopping, gives back what runs.
        clean = worker.stop(timeout=60.0 if worker.is_running() else 0.0)
        return "" if clean else "Stopped; what still ran was given back, without a lost attempt."

    def _do_resize(self, worker: ExtractionWorker, number: int) -> str | None:
        if number == worker.num_workers:
            return None
        worker.resize(number)
        return worker.advice

    def _do_cancel(self, worker: ExtractionWorker, job_id: int) -> str:
        if worker.cancel(job_id):
            return f"Job {job_id} is cancelled."
        return f"Job {job_id} had ended already."

    def _do_retry(self, worker: ExtractionWorker, _: Any) -> str | None:
        failed = self._view.counts["failed"]
        if failed > CONFIRM_ABOVE:
            self._confirming = failed
            return f"Retry all {failed} failed jobs?"
        return self._do_retry_confirmed(worker, _)

    def _do_retry_confirmed(self, worker: ExtractionWorker, _: Any) -> str:
        self._confirming = 0
        count = worker.retry_failed_jobs()
        return f"{count} jobs are pending again." if count != 1 else "1 job is pending again."

    def _do_retry_refused(self, worker: ExtractionWorker, _: Any) -> None:
        self._confirming = 0

    def _do_add_folder(self, worker: ExtractionWorker, folder: str) -> str:
        if not folder.strip():
            raise ValueError("Type the name of a folder first.")
        self._notice = ("info", f"Looking through {folder.strip()} …")
        added = worker.db.add_folder(folder.strip())
        observer_of(worker).count_left_out(worker)
        jobs = worker.enqueue_batch(worker.db.needs_extraction(added))
        words = f"{len(added)} documents found, {len(jobs)} enqueued."
        if added.skipped:
            first = added.skipped[0]
            words += f" {len(added.skipped)} files left out: {first.path.name} ({first.reason})"
            words += " and others." if len(added.skipped) > 1 else "."
        return words

    def _do_find(self, worker: ExtractionWorker, words: str) -> None:
        if not words.strip():
            raise ValueError("Type some words first.")
        hits = worker.db.search(words, _SHOWN_HITS)._repr_html_()
        set_trait(self._hits, "value", f'<div class="rl-hits">{hits}</div>')


def _field(name: str, placeholder: str) -> Any:
    return ipywidgets.Text(
        description=name,
        placeholder=placeholder,
        layout=_layout(width="auto", flex="1 1 auto"),
        style={"description_width": "56px"},
    )


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
