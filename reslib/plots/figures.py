"""The figures; people call them from :mod:`reslib.plots`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from reslib import frames
from reslib.clock import utc_text
from reslib.frames.dataframe import rows_of
from reslib.given import shown
from reslib.models import AttemptOutcome, TextStatus
from reslib.plots.style import (
    COLOURS,
    GREY,
    dates,
    dress,
    dressed,
    no_data,
    short,
    tail,
    time_axis,
    with_legend,
)

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

#: Widths of a bin that are tried, until at most so many bins are left.
_FREQUENCIES = ("1s", "5s", "15s", "1min", "5min", "15min", "1h", "6h", "1D", "7D")
_MOST_BINS = 60
#: Points drawn at most, the latest: a figure of a million is slow and says no more.
_MOST_POINTS = 5_000
#: Groups drawn at most; the rest are the rarest.
_MOST_GROUPS = 8
#: Of fewer values nobody can tell what 95 % of them are below.
_FEWEST_FOR_TAIL = 20
#: What :func:`durations` can measure: the column, its name on the axis, the title.
_MEASURES = {
    "wall": ("extraction_time_ms", "time", "How long extractions took"),
    "cpu": ("cpu_time_ms", "CPU time", "How much CPU time extractions took"),
}


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
    ax = dressed(ax, "Throughput")
    if freq is None:
        freq = _suitable(frames.throughput(db, "1s", limit=3600).index)
    counts = frames.throughput(db, freq)
    if counts.empty:
        return no_data(ax)
    width = pd.Timedelta(freq) / pd.Timedelta("1D")
    left = dates(counts.index.to_series())
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
    time_axis(ax)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_ylabel(f"attempts in {_in_words(freq)}")
    return with_legend(ax)


def durations(
    db: ResearchDatabase, by: str = "extractor", ax: Axes | None = None, *, measure: str = "wall"
) -> Axes:
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
    measure
        ``"wall"``: the time that passed, waiting for a processor included, which grows with what
        else runs. ``"cpu"``: the time that a processor was at it, which says what a document
        costs.

    Returns
    -------
    matplotlib.axes.Axes
        A row of points a group, one point an attempt, over seconds on a logarithmic axis, with
        the median and, of twenty attempts or more, the 95th percentile marked and written at the
        right. The latest 5,000 attempts, the eight largest groups; below the axis stands how many
        attempts that leaves out.

    Raises
    ------
    ValueError
        There is no such column or measure.
    """
    if not isinstance(measure, str) or measure not in _MEASURES:
        raise ValueError(f"measure is 'wall' or 'cpu', not {shown(measure)}")
    column, words, title = _MEASURES[measure]
    ax = dressed(ax, title)
    attempts = frames.metrics(db, limit=_MOST_POINTS)
    if by not in attempts.columns:
        raise ValueError(f"there is no column {by!r}; there are: {', '.join(attempts.columns)}")
    attempts = attempts.assign(seconds=attempts[column] / 1000)
    known = attempts.dropna(subset=["seconds", by])
    if known.empty:
        return no_data(ax)
    groups = known.groupby(known[by].astype(str))["seconds"]
    # Not get_group(): pandas 3.1 finds no group in a series of one row.
    seconds = {name: group.to_numpy(dtype=float) for name, group in groups}
    names = groups.size().sort_values(kind="stable").index[-_MOST_GROUPS:]
    for row, name in enumerate(names):
        _draw_group(ax, row, seconds[name].clip(1e-4))
    counts = groups.size()[names]
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    rows = [f"{tail(name)}\n({counts[name]})" for name in names]
    ax.set_yticks(range(len(names)), rows, fontsize="small")
    ax.set_ylim(-0.6, len(names) - 0.4)
    left_out = _left_out(
        {
            f"without {by.replace('_', ' ')}": attempts[by].isna().sum(),
            f"without {words}": (attempts["seconds"].isna() & attempts[by].notna()).sum(),
            "in smaller groups": len(known) - counts.sum(),
        },
    )
    ax.set_xlabel(f"{words} of one extraction (logarithmic){left_out}")
    ax.set_ylabel(by.replace("_", " "))
    ax.plot([], [], color=COLOURS["complete"], lw=2.5, label="median")
    if counts.max() >= _FEWEST_FOR_TAIL:
        ax.plot([], [], color=COLOURS["failed"], lw=2.5, label="95 % are faster")
    right = ax.secondary_yaxis("right")
    labels = [_in_numbers(seconds[name]) for name in names]
    right.set_yticks(range(len(names)), labels)
    right.tick_params(length=0, labelcolor=GREY, labelsize="small")
    right.spines["right"].set_visible(False)
    ax.text(
        1.02, 1.02, "median · 95 % · longest", transform=ax.transAxes, color=GREY, fontsize="small"
    )
    return with_legend(ax)


def _draw_group(ax: Axes, row: int, values: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    # By the row, so that the same attempts give the same figure.
    scatter = np.random.default_rng(row).uniform(-0.25, 0.25, len(values))
    colour = COLOURS["neutral"]
    ax.scatter(values, row + scatter, s=12, alpha=0.6, linewidths=0, color=colour)
    marks = [(_middle(values), COLOURS["complete"])]
    if len(values) >= _FEWEST_FOR_TAIL:
        marks.append((_end(values), COLOURS["failed"]))
    for value, colour in marks:
        ax.plot([value] * 2, [row - 0.36, row + 0.36], color=colour, lw=2.5)


def _in_numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    few = f"of {len(values)}" if len(values) < _FEWEST_FOR_TAIL else short(_end(values))
    return f"{short(_middle(values))} · {few} · {short(values.max())}"


def _middle(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    return float(np.median(values))


def _end(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return the value that 95 % do not pass, one of them and none between two."""
    return float(np.percentile(values, 95, method="inverted_cdf"))


def _left_out(counts: dict[str, int]) -> str:
    """Return the line below an axis that says what is not drawn; empty when all is."""
    words = ", ".join(f"{count:,} {why}" for why, count in counts.items() if count)
    return f"\nattempts not shown: {words}" if words else ""


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
        A bar for each ``error_code`` of what :func:`reslib.frames.failed_jobs` has, and the share
        of all of them that this cause and those before it explain.
    """
    ax = dressed(ax, "Failed jobs by cause")
    failed = frames.failed_jobs(db)["error_code"].astype("string").dropna()
    if failed.empty:
        anything = frames.queue_stats(db)["jobs"].sum()
        return no_data(ax, "no failed jobs" if anything else "no data yet")
    # By name where counts are equal: the same failures give the same figure.
    counts = failed.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    shares = counts.cumsum() / counts.sum()
    places = range(len(counts))
    ax.bar(places, counts.to_numpy(dtype=float), color=COLOURS["failed"], width=0.7)
    names = [f"{cause.replace('_', ' ')}\n({count:,})" for cause, count in counts.items()]
    ax.set_xticks(places, names)
    ax.set_ylim(0, counts.max() * 1.08)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_ylabel("failed jobs")
    share = ax.twinx()
    dress(share)
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
    ax = dressed(ax, "Open jobs")
    first, last = (pd.Timestamp(text) for text in tuple(rows_of(db, "queue_span")[0]))
    if pd.isna(first):
        return no_data(ax)
    # A figure is some hundred points wide: over days minutes are fine enough.
    exact, minutes = 23, 16
    length = exact if last - first < pd.Timedelta("2h") else minutes
    changes = rows_of(db, "queue_changes", {"length": length})
    moments = [row["time"] for row in changes]
    depth = np.cumsum([row["change"] for row in changes], dtype=float)
    if depth[-1]:
        moments.append(max(moments[-1], utc_text()))
        depth = np.append(depth, depth[-1])
    times = dates(pd.to_datetime(pd.Series(moments), format="ISO8601", utc=True))
    ax.fill_between(times, depth, step="post", alpha=0.25, color=COLOURS["neutral"], lw=0)
    ax.step(times, depth, where="post", color=COLOURS["neutral"], lw=1.6)
    ax.set_ylim(0, max(1.0, depth.max() * 1.08))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    time_axis(ax)
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
    ax = dressed(ax, "Confidence")
    documents = frames.attachments(db).dropna(subset=["confidence"])
    if documents.empty:
        return no_data(ax)
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
    return with_legend(ax)


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
    ax = dressed(ax, "What the workers did")
    attempts = frames.metrics(db, limit=_MOST_POINTS).dropna(
        subset=["worker_id", "started_at", "finished_at"]
    )
    if attempts.empty:
        return no_data(ax)
    first = attempts.groupby(attempts["worker_id"].str.rsplit("-", n=1).str[0])["started_at"].min()
    names = sorted(set(attempts["worker_id"]), key=lambda name: _pool_and_number(name, first))
    begin = dates(attempts["started_at"])
    length = dates(attempts["finished_at"]) - begin
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
    if (end := (begin + length).max()) > begin.min():
        ax.set_xlim(begin.min(), end)
    ax.set_yticks(range(len(names)), _worker_names(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    time_axis(ax)
    ax.set_ylabel("worker")
    return with_legend(ax)


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


def _pool_and_number(name: str, first: pd.Series) -> tuple[Any, int, str]:
    """Sort workers by when their pool began, then by their number in it."""
    pool, _, number = name.rpartition("-")
    return first.get(pool, first.max()), int(number) if number.isdecimal() else 0, name


def _worker_names(names: list[str]) -> list[str]:
    """Return what to write beside the rows of workers: their numbers, and which pool when several.

    A pool is called after its process and a random number, which says nothing to anybody.
    """
    parts = [name.rpartition("-") for name in names]
    pools = list(dict.fromkeys(pool for pool, _, _ in parts))
    if len(pools) == 1:
        return [number for _, _, number in parts]
    return [f"pool {pools.index(pool) + 1}, {number}" for pool, _, number in parts]
