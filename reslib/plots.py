"""Figures of an extraction, one call each, on matplotlib.

Every function takes the database first and draws into *ax*, or into a new figure when there is
none, and returns the Axes, so that a title or a limit can be changed afterwards. Own figures have a
transparent ground and grey letters, which are legible in a light and in a dark notebook. When there
is nothing to draw the Axes says so instead of raising.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

try:
    import matplotlib as mpl
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
except ImportError as error:  # pragma: no cover - the tests have it
    raise ImportError(
        "reslib.plots needs matplotlib and pandas. From a clone of reslib: "
        "pip install '.[notebook]'"
    ) from error

from reslib import frames
from reslib.arguments import shown
from reslib.clock import utc_text
from reslib.dataframe import rows_of
from reslib.models import AttemptOutcome, TextStatus

if TYPE_CHECKING:
    from reslib.database import ResearchDatabase

__all__ = [
    "confidence",
    "durations",
    "failures",
    "queue_depth",
    "throughput",
    "worker_timeline",
]

#: Legible on white (4.5:1) and on the dark of JupyterLab (4.2:1).
GREY = "#767676"
#: Okabe and Ito's colours, which people of every colour vision can tell apart.
COLOURS = {
    "complete": "#009E73",
    "failed": "#D55E00",
    "interrupted": "#E69F00",
    "cancelled": "#999999",
    "full": "#009E73",
    "partial": "#E69F00",
    "empty": "#D55E00",
    "stale": "#999999",
    "neutral": "#3B8FC7",
}
#: Widths of a bin that are tried, until at most so many bins are left.
_FREQUENCIES = ("1s", "5s", "15s", "1min", "5min", "15min", "1h", "6h", "1D", "7D")
_MOST_BINS = 60
#: Points drawn at most, the latest: a figure of a million is slow and says no more.
_MOST_POINTS = 5_000
#: Groups drawn at most; the rest are the rarest.
_MOST_GROUPS = 8


def throughput(db: ResearchDatabase, freq: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many attempts ended when, by outcome.

    Parameters
    ----------
    db
        The database.
    freq
        Width of a bar as pandas writes it (``"10s"``, ``"1min"``); when None one that gives at
        most 60 bars for the last hour of work.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        Stacked bars of attempts a bin over time (UTC).

    Raises
    ------
    ValueError
        *freq* is no whole number of seconds.
    """
    ax = _axes(ax, "Throughput")
    if freq is None:
        freq = _suitable(frames.throughput(db, "1s", limit=3600).index)
    counts = frames.throughput(db, freq)
    if counts.empty:
        return _no_data(ax)
    width = pd.Timedelta(freq) / pd.Timedelta("1D")
    left = _dates(counts.index.to_series())
    floor = np.zeros(len(counts))
    for outcome in AttemptOutcome:
        height = counts[outcome.value].to_numpy(dtype=float)
        if height.any():
            ax.bar(
                left,
                height,
                width * 0.92,
                floor,
                align="edge",
                color=COLOURS[outcome.value],
                label=outcome.value,
            )
            floor += height
    ax.set_xlim(left[0], left[-1] + width)
    _time_axis(ax)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_ylabel(f"attempts in {_in_words(freq)}")
    return _with_legend(ax)


def durations(db: ResearchDatabase, by: str = "extractor", ax: Axes | None = None) -> Axes:
    """Draw how long attempts took, with the tails that means hide.

    Parameters
    ----------
    db
        The database.
    by
        What makes a group: ``"extractor"``, ``"mime_type"``, ``"outcome"`` or another column of
        :func:`reslib.frames.metrics`.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        A row of points a group, one point an attempt, over seconds on a logarithmic axis, with
        the median and the 95th percentile marked and written at the right. The latest 5,000
        attempts, the eight largest groups.

    Raises
    ------
    ValueError
        There is no such column.
    """
    ax = _axes(ax, "How long extractions took")
    attempts = frames.metrics(db, limit=_MOST_POINTS)
    if by not in attempts.columns:
        raise ValueError(f"there is no column {by!r}; there are: {', '.join(attempts.columns)}")
    seconds = attempts["extraction_time_ms"] / 1000
    known = attempts.assign(seconds=seconds)[seconds.notna() & attempts[by].notna()]
    if known.empty:
        return _no_data(ax)
    groups = known.groupby(known[by].astype(str))["seconds"]
    names = groups.size().sort_values().index[-_MOST_GROUPS:]
    scatter = np.random.default_rng(0)
    labels = []
    for row, name in enumerate(names):
        values = groups.get_group(name).to_numpy(dtype=float).clip(1e-4)
        ax.scatter(
            values,
            row + scatter.uniform(-0.25, 0.25, len(values)),
            s=12,
            alpha=0.6,
            linewidths=0,
            color=COLOURS["neutral"],
        )
        middle, tail = np.percentile(values, [50, 95])
        ax.plot([middle] * 2, [row - 0.36, row + 0.36], color=COLOURS["complete"], lw=2.5)
        ax.plot([tail] * 2, [row - 0.36, row + 0.36], color=COLOURS["failed"], lw=2.5)
        labels.append(f"{_short(middle)} · {_short(tail)} · {_short(values.max())}")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    rows = [f"{_tail(name)}\n({len(groups.get_group(name))})" for name in names]
    ax.set_yticks(range(len(names)), rows, fontsize="small")
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.set_xlabel("time of one extraction (logarithmic)")
    ax.set_ylabel(by.replace("_", " "))
    ax.plot([], [], color=COLOURS["complete"], lw=2.5, label="median")
    ax.plot([], [], color=COLOURS["failed"], lw=2.5, label="95 % are faster")
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(names)), labels)
    right.tick_params(length=0, labelcolor=GREY, labelsize="small")
    right.spines["right"].set_visible(False)
    ax.text(
        1.02, 1.02, "median · 95 % · longest", transform=ax.transAxes, color=GREY, fontsize="small"
    )
    return _with_legend(ax)


def failures(db: ResearchDatabase, ax: Axes | None = None) -> Axes:
    """Draw which causes make up the failed jobs, the most frequent first (a Pareto chart).

    Parameters
    ----------
    db
        The database.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        A bar for each ``error_code`` of jobs in state ``failed``, and the share of all of them
        that this cause and those before it explain.
    """
    ax = _axes(ax, "Failed jobs by cause")
    failed = frames.jobs(db, status="failed")["error_code"].astype("string").dropna()
    if failed.empty:
        anything = frames.queue_stats(db)["jobs"].sum()
        return _no_data(ax, "no failed jobs" if anything else "no data yet")
    # By name where counts are equal: the same failures give the same figure.
    counts = failed.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    shares = counts.cumsum() / counts.sum()
    places = range(len(counts))
    ax.bar(places, counts.to_numpy(dtype=float), color=COLOURS["failed"], width=0.7)
    for place, count in zip(places, counts, strict=True):
        ax.annotate(
            str(count), (place, count), (0, 2), textcoords="offset points", ha="center", color=GREY
        )
    names = [name.replace("_", "\n") for name in counts.index]
    ax.set_xticks(places, names)
    ax.set_ylim(0, counts.max() * 1.18)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_ylabel("failed jobs")
    share = ax.twinx()
    _dress(share)
    share.plot(places, shares.to_numpy(dtype=float), color=GREY, marker="o", ms=4, lw=1.2)
    share.set_ylim(0, 1.08)
    share.yaxis.set_major_formatter(PercentFormatter(1.0))
    share.set_ylabel("explained so far")
    share.spines["right"].set_visible(True)
    return ax


def queue_depth(db: ResearchDatabase, ax: Axes | None = None) -> Axes:
    """Draw how many jobs were open over time: created, and not yet final.

    Parameters
    ----------
    db
        The database.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        Jobs that were pending, processing or waiting for a retry, over time (UTC). A failed job
        that was reset counts as open since it was created.
    """
    ax = _axes(ax, "Open jobs")
    first, last = (pd.Timestamp(text) for text in tuple(rows_of(db, "queue_span")[0]))
    if pd.isna(first):
        return _no_data(ax)
    # A figure is some hundred points wide: over days minutes are fine enough.
    exact, minutes = 23, 16
    length = exact if last - first < pd.Timedelta("2h") else minutes
    changes = rows_of(db, "queue_changes", {"length": length})
    moments = [row["time"] for row in changes]
    depth = np.cumsum([row["change"] for row in changes], dtype=float)
    if depth[-1]:
        moments.append(max(moments[-1], utc_text()))
        depth = np.append(depth, depth[-1])
    times = _dates(pd.to_datetime(pd.Series(moments), format="ISO8601", utc=True))
    ax.fill_between(times, depth, step="post", alpha=0.25, color=COLOURS["neutral"], lw=0)
    ax.step(times, depth, where="post", color=COLOURS["neutral"], lw=1.6)
    ax.set_ylim(0, max(1.0, depth.max() * 1.08))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    _time_axis(ax)
    ax.set_ylabel("open jobs")
    return ax


def confidence(db: ResearchDatabase, ax: Axes | None = None) -> Axes:
    """Draw how sure the extractions are, document by document.

    Parameters
    ----------
    db
        The database.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        A histogram of the documents' confidence (0 to 1), by how much of each gave text.
    """
    ax = _axes(ax, "Confidence")
    documents = frames.attachments(db).dropna(subset=["confidence"])
    if documents.empty:
        return _no_data(ax)
    kinds = [kind.value for kind in TextStatus if (documents["text_status"] == kind.value).any()]
    values = [
        documents.loc[documents["text_status"] == kind, "confidence"].to_numpy(dtype=float)
        for kind in kinds
    ]
    ax.hist(
        values,
        bins=[n / 20 for n in range(21)],
        stacked=True,
        rwidth=0.92,
        color=[COLOURS[kind] for kind in kinds],
        label=kinds,
    )
    ax.set_xlim(0, 1)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlabel("confidence: the share of the text that was probably read right")
    ax.set_ylabel("documents")
    return _with_legend(ax)


def worker_timeline(db: ResearchDatabase, ax: Axes | None = None) -> Axes:
    """Draw what each worker did when.

    Parameters
    ----------
    db
        The database.
    ax
        Where to draw; a new figure when None.

    Returns
    -------
    matplotlib.axes.Axes
        A row a worker, a bar an attempt from its start to its end (UTC), by outcome. The latest
        5,000 attempts.
    """
    ax = _axes(ax, "What the workers did")
    attempts = frames.metrics(db, limit=_MOST_POINTS).dropna(
        subset=["worker_id", "started_at", "finished_at"]
    )
    if attempts.empty:
        return _no_data(ax)
    first = attempts.groupby(attempts["worker_id"].str.rsplit("-", n=1).str[0])["started_at"].min()
    names = sorted(set(attempts["worker_id"]), key=lambda name: _pool_and_number(name, first))
    begin = _dates(attempts["started_at"])
    length = _dates(attempts["finished_at"]) - begin
    row = attempts["worker_id"].map({name: n for n, name in enumerate(names)}).to_numpy(dtype=float)
    for outcome in AttemptOutcome:
        is_it = (attempts["outcome"] == outcome.value).to_numpy(dtype=bool)
        for number in np.unique(row[is_it]):
            chosen = is_it & (row == number)
            ax.broken_barh(
                list(zip(begin[chosen], length[chosen], strict=True)),
                (number - 0.31, 0.62),
                color=COLOURS[outcome.value],
                lw=0.6,
                alpha=0.85,
            )
        if is_it.any():
            ax.bar(0, 0, color=COLOURS[outcome.value], alpha=0.85, label=outcome.value)
    ax.set_xlim(begin.min(), (begin + length).max())
    ax.set_yticks(range(len(names)), [_worker_name(name, names) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    _time_axis(ax)
    ax.set_ylabel("worker")
    return _with_legend(ax)


# --- how they look -------------------------------------------------------------------------------


def _axes(ax: Axes | None, title: str) -> Axes:
    """Return dressed Axes with a title; in a new figure when there are none."""
    if ax is None:
        from matplotlib import pyplot

        figure, ax = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
        figure.patch.set_alpha(0)
    elif not hasattr(ax, "set_title"):
        raise TypeError(f"ax is what matplotlib draws in (Axes), not {shown(ax)}")
    ax.set_title(title, loc="left", color=GREY, fontsize="large")
    return _dress(ax)


def _dress(ax: Axes) -> Axes:
    ax.patch.set_alpha(0)
    ax.tick_params(colors=GREY, which="both")
    for side, spine in ax.spines.items():
        spine.set_color(GREY)
        spine.set_visible(side in ("left", "bottom"))
    ax.xaxis.label.set_color(GREY)
    ax.yaxis.label.set_color(GREY)
    return ax


def _no_data(ax: Axes, words: str = "no data yet") -> Axes:
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=GREY)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


def _with_legend(ax: Axes) -> Axes:
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


def _time_axis(ax: Axes) -> None:
    locator = AutoDateLocator(tz="UTC", minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz="UTC")  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(formatter)
    ax.xaxis.get_offset_text().set_color(GREY)
    ax.set_xlabel("time (UTC)")


def _dates(times: pd.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return days since 1970, as matplotlib counts."""
    mpl_dates: Callable[[Any], Any] = mpl.dates.date2num
    return np.asarray(mpl_dates(times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()), float)


def _suitable(times: pd.DatetimeIndex) -> str:
    span = times[-1] - times[0] if len(times) else pd.Timedelta(0)
    return next((f for f in _FREQUENCIES if span <= pd.Timedelta(f) * _MOST_BINS), "7D")


def _in_words(freq: str) -> str:
    seconds = int(pd.Timedelta(freq).total_seconds())
    for length, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % length == 0:
            number = seconds // length
            return f"one {word}" if number == 1 else f"{number} {word}s"
    return freq


def _short(seconds: float) -> str:
    """Return a duration with two digits or more, and its unit."""
    if seconds < 1:
        return f"{_two_digits(seconds * 1000)} ms"
    if seconds < 100:
        return f"{_two_digits(seconds)} s"
    return f"{_two_digits(seconds / 60)} min"


def _two_digits(number: float) -> str:
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def _tail(name: str, most: int = 28) -> str:
    """Return the end of a long name, where media types differ."""
    return name if len(name) <= most else "…" + name[-most + 1 :]


def _pool_and_number(name: str, first: pd.Series) -> tuple[Any, int, str]:
    """Sort workers by when their pool began, then by their number in it."""
    pool, _, number = name.rpartition("-")
    return first.get(pool, first.max()), int(number) if number.isdecimal() else 0, name


def _worker_name(name: str, names: list[str]) -> str:
    """Return the end of a worker's name that tells it from the others."""
    ends = [other.rsplit("-", 1)[-1] for other in names]
    end = name.rsplit("-", 1)[-1]
    return end if ends.count(end) == 1 else "-".join(name.rsplit("-", 3)[-3:])
