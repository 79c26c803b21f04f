"""ThroughputPlot: documents per second as a live matplotlib plot."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, ClassVar

import ipywidgets

from reslib import ExtractionWorker
from reslib_widgets import view as draw
from reslib_widgets.lifecycle import Live
from reslib_widgets.observe import View, observer_of
from reslib_widgets.shown import set_trait
from reslib_widgets.snapshot import COLOURS, chart_html

__all__ = ["ThroughputPlot"]

#: Readable on white (4.5:1) and on the dark theme (4.2:1).
_GREY = "#767676"
_DONE, _BAD = COLOURS["complete"], COLOURS["failed"]
_WIDTH, _HEIGHT = 640, 200


class ThroughputPlot(Live):
    """A live plot of how many documents end per second, complete and failed.

    Drawn with matplotlib once a second, in a thread, without pyplot; shown as an image with its
    numbers in words below. It stands still while nothing moves.

    Parameters
    ----------
    worker
        The pool. The plot does not keep it alive: keep it in a variable.
    refresh_interval
        Seconds between two drawings while something moves; 1.0 when None.

    Attributes
    ----------
    root
        The outermost widget, to place the plot in a layout of your own.
    figure
        The :class:`matplotlib.figure.Figure`.
    """

    _default_interval: ClassVar[float] = 1.0

    def __repr__(self) -> str:
        return f"<ThroughputPlot {'closed' if self.closed else draw.plain(self._view)}>"

    def _still(self) -> str:
        drawn = replace(self._view, history=self._drawn or self._view.history)
        return f"<div>{self._caption.value}<br>{chart_html(draw.chart_svg(drawn))}</div>"

    def _build(self, worker: ExtractionWorker) -> Any:
        # Not pyplot: it keeps every figure, and belongs to the main thread.
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator

        self._view: View
        self.figure = Figure(figsize=(_WIDTH / 100, _HEIGHT / 100), dpi=100)
        FigureCanvasAgg(self.figure)
        self.figure.patch.set_alpha(0)
        # Fixed margins: a constrained layout doubles the time of a drawing.
        self.figure.subplots_adjust(left=0.08, right=0.985, top=0.86, bottom=0.23)
        axes = self._axes = self.figure.add_subplot()
        axes.patch.set_alpha(0)
        axes.set_title("Documents per second", loc="left", fontsize=9, color=_GREY)
        axes.set_xlabel("seconds ago", fontsize=8, color=_GREY)
        axes.set_ylabel("documents/s", fontsize=8, color=_GREY)
        axes.tick_params(colors=_GREY, labelsize=8)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        for side in axes.spines.values():
            side.set_color(_GREY)
            side.set_visible(side.spine_type in ("left", "bottom"))
        self._image = ipywidgets.Image(
            format="png",
            # Else a box stretches and blurs it.
            layout=ipywidgets.Layout(width=f"{_WIDTH}px", height=f"{_HEIGHT}px", flex="0 0 auto"),
        )
        self._caption = ipywidgets.HTML()
        self._drawn: tuple[tuple[int, int], ...] | None = None
        root = ipywidgets.VBox([self._hiding_style(), self._image, self._caption])
        root.add_class("reslib-plot")
        return root

    def _refresh(self, worker: ExtractionWorker) -> bool:
        view = self._view = observer_of(worker).look(worker)
        if self._drawn is None or (view.moving and self._drawn != view.history):
            self._drawn = view.history
            set_trait(self._image, "value", self._png(view))
        words = draw.plain(view) if any(map(any, view.history)) or view.busy else "no data yet"
        set_trait(self._caption, "value", f'<span data-caption="">{draw.text(words)}</span>')
        return view.busy

    def _png(self, view: View) -> bytes:
        axes = self._axes
        for artist in [*axes.collections, *axes.texts]:
            artist.remove()
        seconds = range(len(view.history), 0, -1)
        done = [d for d, _ in view.history]
        total = [d + f for d, f in view.history]
        axes.fill_between(seconds, done, step="mid", color=_DONE, lw=0, label="complete")
        axes.fill_between(seconds, done, total, step="mid", color=_BAD, lw=0, label="failed")
        axes.set_xlim(len(view.history), 0)
        axes.set_ylim(0, max(1, max(total) * 1.15))
        if not any(total):
            axes.text(0.5, 0.5, "no data yet", transform=axes.transAxes, ha="center", color=_GREY)
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 0.97),
            ncols=2,
            frameon=False,
            fontsize=8,
            labelcolor=_GREY,
        )
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png")
        return buffer.getvalue()

    def _say_trouble(self, error: Exception) -> None:
        words = f"The plot could not look at the database: {error}"
        set_trait(self._caption, "value", f"<span>{draw.text(words)}</span>")

    def _say_gone(self) -> None:
        words = "This worker is gone: no variable holds it any more. Run the cell again."
        set_trait(self._caption, "value", f"<span>{words}</span>")
