"""The list of jobs behind a count: a filter, at most fifty rows, buttons for each and for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
from ipywidgets.widgets.widget_string import HTMLStyle

from reslib import ExtractionWorker, JobStatus, joblist
from reslib_widgets import rows
from reslib_widgets.observe import View
from reslib_widgets.question import Question
from reslib_widgets.shown import set_trait
from reslib_widgets.sparingly import Sparingly
from reslib_widgets.view import number

__all__ = ["HOPEFUL_HINT", "JobList"]

#: Of a button that retries those that another try may help.
HOPEFUL_HINT = "Leaves out those that a retry of the same file cannot help"
#: So many jobs are shown at most.
MOST_ROWS = 50

Post = Callable[..., None]


class JobList:
    """The jobs of one state, below the counts.

    A row stays where it is, whatever becomes of its job, until the list is asked for anew: nothing
    moves away below a pointer or a keyboard's focus, and no button ever stands for another job
    than the one it was made for. Later jobs come below while there is room.

    Parameters
    ----------
    post
        Hands a command to the panel: its name and an argument.
    wake
        Has the panel drawn anew soon.
    focus
        Gives the keyboard's focus to the count of a state.
    """

    def __init__(
        self, post: Post, wake: Callable[[], None], focus: Callable[[JobStatus], None]
    ) -> None:
        self._post, self._wake, self._focus = post, wake, focus
        #: What handlers of clicks ask for, in whatever thread; drawn by the panel's own.
        self._wanted: JobStatus | None = None
        self._asked = self._answered = 0
        self._open: set[int] = set()

        self._status: JobStatus | None = None
        self._text = ""
        self._ids: list[int] = []
        self._rows: dict[int, _Row] = {}
        self._found: Sparingly[list[int]] = Sparingly([])
        self._look = _Look()

        self._head = ipywidgets.HTML(layout=_layout(flex="1 1 200px", min_width="0"))
        self._filter = ipywidgets.Text(
            description="Filter",
            placeholder="words of a name, folder, cause or message",
            layout=_layout(width="auto", flex="0 0 auto"),
            style={"description_width": "56px"},
        )
        self._refresh = _button("Refresh", "Take out what is not in this state any more, and sort")
        self._close = _button("Close list", "Close this list")
        self._hopeful = _button("Retry 0 that may help", HOPEFUL_HINT)
        self._retry = _button("Retry all 0", "All that the filter finds, also below the list")
        self._cancel = _button("Cancel all 0", "All that the filter finds, also below the list")
        self.question = Question(post)
        self._box = ipywidgets.VBox(layout=_layout(max_height="460px", overflow="hidden auto"))
        self._box.add_class("rl-jobs")
        self.root = ipywidgets.VBox(
            [
                _line(self._head, self._refresh, self._close),
                self._filter,
                _line(self._hopeful, self._retry, self._cancel),
                self.question.root,
                self._box,
            ],
            layout=_layout(display="none"),
        )
        self.root.add_class("rl-list")
        self._filter.observe(lambda _: wake(), names="value")
        self._refresh.on_click(lambda _: self.refresh())
        self._close.on_click(lambda _: self._close_list())
        self._hopeful.on_click(lambda _: self._post_all("retry_found", hopeful=True))
        self._retry.on_click(lambda _: self._post_all("retry_found", hopeful=False))
        self._cancel.on_click(lambda _: self._post_all("cancel_found"))

    # --- asked from handlers of clicks --------------------------------------------------------

    @property
    def status(self) -> JobStatus | None:
        """The state of which it shows the jobs; None while it is closed."""
        return self._wanted

    def toggle(self, status: JobStatus | None) -> None:
        """Show the jobs in a state; close the list when it shows them already, or with None."""
        self._wanted = None if status == self._wanted else status
        self._asked += 1
        self._wake()

    def _close_list(self) -> None:
        status = self._wanted
        self.toggle(None)
        if status is not None:
            self._focus(status)  # the button that had it goes

    def refresh(self) -> None:
        """Read the list anew."""
        self._asked += 1
        self._wake()

    def _toggle_details(self, job_id: int) -> None:
        self._open ^= {job_id}
        self._wake()

    def _post_all(self, command: str, **more: bool) -> None:
        status = self._wanted
        if status is not None:
            self._post(command, {"status": status, "text": self._filter.value, **more})

    # --- drawing ------------------------------------------------------------------------------

    def draw(self, worker: ExtractionWorker, view: View) -> None:
        """Bring the list up to date. Only the panel's thread calls this."""
        asked, status, text = self._asked, self._wanted, self._filter.value.strip()
        if status is None:
            self._empty()
            return
        db, total, mended = worker.db, view.counts[status], 0
        if status is JobStatus.FAILED:
            total = min(total, len(view.retriable.every))
            mended = view.counts[status] - total
        anew = asked != self._answered or (status, text) != (self._status, self._text)
        if status != self._status:
            self._open = set()
        self._answered, self._status, self._text = asked, status, text
        if anew:
            self._found = Sparingly([])
        if text:
            found = self._found.get(view.jobs_key, lambda: joblist.matching_jobs(db, status, text))
        else:
            found = joblist.first_jobs(db, status, MOST_ROWS)
        if anew:
            self._ids = found[:MOST_ROWS]
        else:
            known = set(self._ids)
            later = [job_id for job_id in found[:MOST_ROWS] if job_id not in known]
            self._ids = [*self._ids, *later][: max(MOST_ROWS, len(self._ids))]
        self._draw_rows(worker, anew)
        moved = sum(row.status != status for row in self._rows.values())
        count = len(found) if text else total
        head = rows.head_html(
            status, len(self._rows), max(count, len(self._rows) - moved), total, moved, mended
        )
        set_trait(self._head, "value", head)
        self._draw_buttons(view, set(found) if text else None, count)
        set_trait(self.root.layout, "display", None)

    def _draw_rows(self, worker: ExtractionWorker, anew: bool) -> None:
        jobs = joblist.listed(worker.db, self._ids)
        self._ids = [job.job_id for job in jobs]
        shown = set(self._ids)
        gone = [self._rows.pop(job_id) for job_id in self._rows.keys() - shown]
        for job in jobs:
            row = self._rows.get(job.job_id)
            if row is None:
                row = self._rows[job.job_id] = _Row(
                    job.job_id, self._look, self._post, self._toggle_details
                )
            is_open = job.job_id in self._open
            found = joblist.details(worker.db, job.job_id) if is_open else None
            row.draw(job, rows.details_html(found) if found is not None else "", anew)
        set_trait(self._box, "children", tuple(self._rows[job_id].root for job_id in self._ids))
        for row in gone:
            row.close()

    def _draw_buttons(self, view: View, found: set[int] | None, count: int) -> None:
        is_failed = self._status is JobStatus.FAILED
        every, hopeful = (
            len(ids) if found is None else sum(job_id in found for job_id in ids)
            for ids in (view.retriable.every, view.retriable.hopeful)
        )
        _draw_button(self._hopeful, f"Retry {number(hopeful)} that may help", hopeful, is_failed)
        _draw_button(self._retry, f"Retry all {number(every)}", every, is_failed)
        is_open = self._status is not None and not self._status.is_final
        _draw_button(self._cancel, f"Cancel all {number(count)}", count, is_open)

    def _empty(self) -> None:
        set_trait(self.root.layout, "display", "none")
        self._status, self._ids, self._open = None, [], set()
        gone, self._rows = list(self._rows.values()), {}
        set_trait(self._box, "children", ())
        for row in gone:
            row.close()

    def disable(self) -> None:
        """Have its buttons do nothing any more: the worker is gone."""
        for button in (self._refresh, self._hopeful, self._retry, self._cancel):
            set_trait(button, "disabled", True)
        set_trait(self.root.layout, "display", "none")

    def kept_apart(self) -> list[Any]:
        """Return the widgets that :attr:`root` does not hold."""
        return [part for row in self._rows.values() for part in row.parts] + self._look.parts


class _Look:
    """Layouts and styles that all rows share: a row costs four messages instead of ten."""

    def __init__(self) -> None:
        self.row = _layout(flex_flow="row wrap", align_items="flex-start", flex="0 0 auto")
        self.text = _layout(flex="1 1 280px", width="auto", min_width="0")
        self.button = _layout(width="auto", flex="0 0 auto")
        self.words, self.colours = HTMLStyle(), ipywidgets.ButtonStyle()
        self.parts = [self.row, self.text, self.button, self.words, self.colours]


class _Row:
    """The widgets of one job. Its buttons are those of its state. One of an earlier state is
    hidden, unless it has the focus, and goes when the list is asked for anew.
    """

    def __init__(self, job_id: int, look: _Look, post: Post, toggle: Callable[[int], None]) -> None:
        self._look, self._job_id, self._post = look, job_id, post
        self.status: JobStatus | None = None
        self._html = ipywidgets.HTML(layout=look.text, style=look.words)
        self._details = self._button("Details of", "Message, advice and attempts")
        self._details.on_click(lambda _: toggle(job_id))
        self._actions: dict[str, Any] = {}
        self.root = ipywidgets.HBox([self._html, self._details], layout=look.row)
        self.root.add_class("rl-job")

    def draw(self, job: joblist.ListedJob, details: str, anew: bool) -> None:
        self.status = job.status
        set_trait(self._html, "value", rows.row_html(job, details))
        words = "Hide details of" if details else "Details of"
        set_trait(self._details, "description", f"{words} job {self._job_id}")
        command = None
        if job.status is JobStatus.FAILED:
            command = "retry_job"
            self._offer("Retry", command, "Make it pending again")
        elif not job.status.is_final:
            command = "cancel"
            self._offer("Cancel", command, "Give it up")
        gone = [self._actions.pop(old) for old in list(self._actions) if anew and old != command]
        set_trait(self.root, "children", (self._html, self._details, *self._actions.values()))
        for button in gone:
            button.close()
        for each, button in self._actions.items():
            is_past = each != command
            if is_past != ("rl-past" in button._dom_classes):
                (button.add_class if is_past else button.remove_class)("rl-past")

    def _offer(self, words: str, command: str, tooltip: str) -> None:
        if command not in self._actions:
            button = self._actions[command] = self._button(words, tooltip)
            button.on_click(lambda _: self._post(command, self._job_id))

    def _button(self, words: str, tooltip: str) -> Any:
        button = ipywidgets.Button(
            description=f"{words} job {self._job_id}",
            tooltip=tooltip,
            layout=self._look.button,
            style=self._look.colours,
        )
        button.add_class("rl-small")
        return button

    @property
    def parts(self) -> list[Any]:
        return [self.root, self._html, self._details, *self._actions.values()]

    def close(self) -> None:
        for part in self.parts:
            part.close()


def _line(*children: Any) -> Any:
    return ipywidgets.HBox(children, layout=_layout(flex_flow="row wrap", align_items="center"))


def _button(words: str, tooltip: str) -> Any:
    button = ipywidgets.Button(
        description=words, tooltip=tooltip, layout=_layout(width="auto", flex="0 0 auto")
    )
    button.add_class("rl-small")
    return button


def _draw_button(button: Any, words: str, count: int, is_shown: bool) -> None:
    set_trait(button, "description", words)
    set_trait(button, "disabled", not count)
    set_trait(button.layout, "display", None if is_shown else "none")


def _layout(**settings: Any) -> Any:
    return ipywidgets.Layout(**settings)
