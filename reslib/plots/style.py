"""The look of the figures: colours, axes, legends, and numbers in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from reslib.given import shown

__all__ = [
    "COLOURS",
    "GREY",
    "dates",
    "dress",
    "dressed",
    "no_data",
    "short",
    "tail",
    "time_axis",
    "with_legend",
]

#: Legible on white (4.5:1) and on the dark of JupyterLab (4.2:1).
GREY = "#767676"
#: The same a shade lighter, for the numbers of the second axis. Where all numbers are darker than
#: a middle grey, matplotlib-inline asks JupyterLab for a white ground, which glares in the dark.
_LIGHTER = "#808080"
#: Okabe and Ito's colours, which people of every colour vision can tell apart.
COLOURS = {
    "complete": "#009E73",
    "failed": "#D55E00",
    "interrupted": "#E69F00",
    "cancelled": "#8C8C8C",
    "full": "#009E73",
    "partial": "#E69F00",
    "empty": "#D55E00",
    "stale": "#8C8C8C",
    "neutral": "#3B8FC7",
}


def dressed(ax: Axes | None, title: str) -> Axes:
    """Return dressed Axes with a title; in a new figure when there are none."""
    if ax is None:
        from matplotlib import pyplot

        figure, ax = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
        figure.patch.set_alpha(0)
    elif not hasattr(ax, "set_title"):
        raise TypeError(f"ax is what matplotlib draws in (Axes), not {shown(ax)}")
    ax.set_title(title, loc="left", color=GREY, fontsize="large")
    return dress(ax)


def dress(ax: Axes) -> Axes:
    """Give Axes a transparent ground, grey numbers and two spines."""
    ax.patch.set_alpha(0)
    ax.tick_params(colors=GREY, which="both")
    ax.tick_params(axis="y", labelcolor=_LIGHTER, which="both")
    for side, spine in ax.spines.items():
        spine.set_color(GREY)
        spine.set_visible(side in ("left", "bottom"))
    ax.xaxis.label.set_color(GREY)
    ax.yaxis.label.set_color(GREY)
    return ax


def no_data(ax: Axes, words: str = "no data yet") -> Axes:
    """Have Axes say that there is nothing to draw."""
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=GREY)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


def with_legend(ax: Axes) -> Axes:
    """Put the legend between the title and the data, where it hides neither."""
    ax.set_title(ax.get_title("left"), loc="left", color=GREY, fontsize="large", pad=22)
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=4,
        frameon=False,
        labelcolor=GREY,
        fontsize="small",
        borderaxespad=0.2,
        borderpad=0.2,
        handlelength=1.2,
        columnspacing=1.2,
    )
    return ax


def time_axis(ax: Axes) -> None:
    """Write times below Axes, in UTC."""
    locator = AutoDateLocator(tz="UTC", minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz="UTC")  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(formatter)
    ax.xaxis.get_offset_text().set_color(GREY)
    ax.set_xlabel("time (UTC)")


def dates(times: pd.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return days since 1970, as matplotlib counts."""
    mpl_dates: Callable[[Any], Any] = mpl.dates.date2num
    return np.asarray(mpl_dates(times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()), float)


def short(seconds: float) -> str:
    """Return a duration with two digits or more, and its unit."""
    if seconds < 1:
        return f"{_two_digits(seconds * 1000)} ms"
    if seconds < 100:
        return f"{_two_digits(seconds)} s"
    return f"{_two_digits(seconds / 60)} min"


def _two_digits(number: float) -> str:
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def tail(name: str, most: int = 28) -> str:
    """Return the end of a long name, where media types differ."""
    return name if len(name) <= most else "…" + name[-most + 1 :]
