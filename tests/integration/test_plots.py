"""Figures: what they say, that they are legible, and that emptiness is no error."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.typing import ColorType

from reslib import ExtractionResult, QueueManager, ResearchDatabase, plots
from reslib.models import Outcome
from reslib.plots.style import COLOURS
from reslib.storage.searchindex import add_functions

mpl.use("agg")
from matplotlib import pyplot

Plot = Callable[..., Axes]
ALL = [getattr(plots, name) for name in plots.__all__]


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.fixture
def history(db: ResearchDatabase, sqlite: sqlite3.Connection) -> ResearchDatabase:
    """A hundred attempts by two workers; ten failed, one of them took very long."""
    add_functions(sqlite)
    sqlite.executemany(
        "INSERT INTO attachments (filename, path, created_at, confidence, text_status)"
        " VALUES (?, ?, '2026-03-01 10:00:00.000', ?, 'full')",
        [(f"{n}.pdf", f"/{n}.pdf", n / 100) for n in range(100)],
    )
    sqlite.executemany(
        "INSERT INTO extraction_queue (attachment_id, status, claims, created_at, available_at,"
        " started_at, completed_at, worker_id, error_type, error_code) VALUES (?, ?, 1,"
        " '2026-03-01 10:00:00.000', '2026-03-01 10:00:00.000', ?, ?, ?, ?, ?)",
        [
            (
                n + 1,
                "failed" if n % 10 == 0 else "complete",
                f"2026-03-01 10:{n // 60:02}:{n % 60:02}.000",
                f"2026-03-01 10:{n // 60:02}:{n % 60:02}.500",
                f"host-1-{n % 2 + 1}",
                "corruption" if n % 10 == 0 else None,
                ("truncated" if n % 20 else "empty_file") if n % 10 == 0 else None,
            )
            for n in range(100)
        ],
    )
    sqlite.execute(
        "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, worker_id, extractor,"
        " outcome, started_at, finished_at, extraction_time_ms) SELECT id, attachment_id, 1,"
        " worker_id, 'pdf', status, started_at, completed_at,"
        " CASE id WHEN 100 THEN 60000 ELSE 500 END FROM extraction_queue"
    )
    return db


def texts(ax: Axes) -> set[str]:
    return {text.get_text() for text in ax.texts}


@pytest.mark.parametrize("plot", ALL)
def test_an_empty_database_says_no_data_yet(plot: Plot, db: ResearchDatabase) -> None:
    ax = plot(db)
    assert isinstance(ax, Axes)
    assert "no data yet" in texts(ax)
    ax.figure.canvas.draw()


@pytest.mark.parametrize("plot", ALL)
def test_a_figure_has_a_title_and_labels_with_units(plot: Plot, history: ResearchDatabase) -> None:
    ax = plot(history)
    assert ax.get_title("left")
    assert ax.get_ylabel()
    if plot is not plots.failures:  # its bars are labelled one by one
        assert ax.get_xlabel()
    ax.figure.canvas.draw()


@pytest.mark.parametrize("plot", ALL)
def test_it_draws_into_the_axes_it_is_given(plot: Plot, history: ResearchDatabase) -> None:
    figure, ax = pyplot.subplots()
    assert plot(history, ax=ax) is ax
    assert pyplot.get_fignums() == [figure.number]


@pytest.mark.parametrize("plot", ALL)
def test_letters_can_be_read_on_white_and_on_dark(plot: Plot, history: ResearchDatabase) -> None:
    ax = plot(history)
    assert ax.figure.patch.get_alpha() == 0
    figure_texts = ax.figure.findobj(mpl.text.Text)
    written = [text for text in figure_texts if text.get_text() and text.get_visible()]
    assert written
    for text in written:
        for ground in ("white", "#111111"):
            assert contrast(text.get_color(), ground) >= 3.9, text.get_text()


def contrast(one: ColorType, other: ColorType) -> float:
    """Contrast ratio of two colours (WCAG 2.1)."""

    def luminance(colour: ColorType) -> float:
        linear = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in mpl.colors.to_rgb(colour)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("plot", ALL)
def test_no_figure_asks_jupyterlab_for_a_white_ground(
    plot: Plot, history: ResearchDatabase, db: ResearchDatabase
) -> None:
    # The function that decides it has no public name.
    from matplotlib_inline.backend_inline import _fetch_figure_metadata

    figure = plot(history).figure
    figure.canvas.draw()
    assert _fetch_figure_metadata(figure) is None


def test_the_live_plot_has_the_colours_of_the_others() -> None:
    from reslib_widgets import throughput

    assert mpl.colors.same_color(COLOURS["complete"], throughput._DONE)
    assert mpl.colors.same_color(COLOURS["failed"], throughput._BAD)


@pytest.mark.parametrize("state", ["complete", "failed", "cancelled", "neutral"])
def test_what_is_drawn_can_be_seen_on_white_and_on_dark(state: str) -> None:
    for ground in ("white", "#111111"):
        assert contrast(COLOURS[state], ground) >= 3


def test_completion_offers_the_figures_and_nothing_else() -> None:
    assert dir(plots) == sorted(plots.__all__)


def test_throughput_shows_every_attempt(history: ResearchDatabase) -> None:
    ax = plots.throughput(history, "10s")
    heights = {bars.get_label(): sum(bar.get_height() for bar in bars) for bars in ax.containers}
    assert heights == {"complete": 90, "failed": 10}
    assert ax.get_ylabel() == "attempts in 10 seconds"


@pytest.mark.parametrize("plot", ALL)
@pytest.mark.parametrize("outcome", ["complete", "failed"])
def test_a_library_of_one_document_can_be_drawn(
    plot: Plot, outcome: str, db: ResearchDatabase, tmp_path: Path
) -> None:
    (tmp_path / "only.txt").write_text("the only one")
    queue = QueueManager(db)
    queue.enqueue(db.add_attachment("only.txt", tmp_path / "only.txt"))
    job = queue.claim("somebody")
    assert job is not None
    if outcome == "complete":
        result = ExtractionResult("the only one", extractor="text", confidence=1.0)
        queue.complete(job.id, outcome=Outcome(result, extraction_time_ms=3.0, cpu_time_ms=2.0))
    else:
        queue.failed(job.id, "only.txt: no", "corruption", outcome=Outcome(extraction_time_ms=3.0))
    assert plot(db).get_title(loc="left")


def test_failures_of_a_document_that_has_been_read_since_are_not_drawn(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    (tmp_path / "only.txt").write_text("the only one")
    queue, document = QueueManager(db), db.add_attachment("only.txt", tmp_path / "only.txt")
    for end in (lambda id: queue.failed(id, "no", "corruption"), queue.complete):
        queue.enqueue(document)
        job = queue.claim("somebody")
        assert job is not None
        end(job.id)
    assert "no failed jobs" in texts(plots.failures(db))


def test_a_heavy_tail_is_visible(history: ResearchDatabase) -> None:
    ax = plots.durations(history)
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[1] > 60, "the longest is inside"
    right = ax.child_axes[0]
    assert [label.get_text() for label in right.get_yticklabels()] == ["500 ms · 500 ms · 60 s"]


def add_attempts(sqlite: sqlite3.Connection, extractor: str | None, *ms: float | None) -> None:
    sqlite.executemany(
        "INSERT INTO extraction_metrics (job_id, attachment_id, attempt, extractor, outcome,"
        " finished_at, extraction_time_ms, cpu_time_ms) VALUES (999, 1, (SELECT count(*) FROM"
        " extraction_metrics), ?, 'complete', '2026-03-01 10:00:00.000', ?, ?)",
        [(extractor, time, None if time is None else time / 10) for time in ms],
    )


def rows_of(ax: Axes) -> dict[str, str]:
    right = [label.get_text() for label in ax.child_axes[0].get_yticklabels()]
    names = [label.get_text().partition("\n")[0] for label in ax.get_yticklabels()]
    return dict(zip(names, right, strict=True))


def test_of_few_attempts_there_is_no_95_per_cent(
    db: ResearchDatabase, sqlite: sqlite3.Connection
) -> None:
    add_attempts(sqlite, "few", *[1000.0] * 18, 90_000)
    ax = plots.durations(db)
    assert rows_of(ax) == {"few": "1 s · of 19 · 90 s"}
    assert [line.get_label() for line in ax.lines if str(line.get_label())[0] != "_"] == ["median"]
    assert len([line for line in ax.lines if np.size(line.get_xdata())]) == 1
    add_attempts(sqlite, "few", 1000)
    ax = plots.durations(db)
    assert rows_of(ax) == {"few": "1 s · 1 s · 90 s"}, "a value that was measured"
    assert "95 % are faster" in [line.get_label() for line in ax.lines]


def test_attempts_that_are_not_drawn_are_counted(
    db: ResearchDatabase, sqlite: sqlite3.Connection
) -> None:
    add_attempts(sqlite, "pdf", 100, 200, None)
    assert plots.durations(db).get_xlabel().endswith("\nattempts not shown: 1 without time")
    add_attempts(sqlite, None, 5, None)
    for number in range(8):
        add_attempts(sqlite, f"other-{number}", 1, 1, 1)
    said = plots.durations(db).get_xlabel()
    assert said.endswith(
        "attempts not shown: 2 without extractor, 1 without time, 2 in smaller groups"
    )
    assert "not shown" not in plots.durations(db, by="outcome", measure="wall").get_title("left")


def test_cpu_time_is_told_from_the_time_that_passed(
    db: ResearchDatabase, sqlite: sqlite3.Connection
) -> None:
    add_attempts(sqlite, "pdf", 1000, 2000, 3000)
    assert rows_of(plots.durations(db)) == {"pdf": "2 s · of 3 · 3 s"}
    ax = plots.durations(db, measure="cpu")
    assert rows_of(ax) == {"pdf": "200 ms · of 3 · 300 ms"}
    assert "CPU time" in ax.get_title("left")
    assert ax.get_xlabel() == "CPU time of one extraction (logarithmic)"


@pytest.mark.parametrize("measure", ["cpu_time_ms", "", None, 1, ["cpu"]])
def test_a_measure_that_there_is_not_is_refused(db: ResearchDatabase, measure: object) -> None:
    with pytest.raises(ValueError, match="measure is 'wall' or 'cpu', not"):
        plots.durations(db, measure=measure)  # type: ignore[arg-type]  # that is refused


def test_durations_by_an_unknown_column_are_refused(history: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match="no column 'colour'; there are: job_id"):
        plots.durations(history, by="colour")


def test_failures_are_sorted_and_add_up(history: ResearchDatabase) -> None:
    ax = plots.failures(history)
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "empty file\n(5)",
        "truncated\n(5)",
    ]
    assert [bar.get_height() for bar in ax.containers[0]] == [5, 5]
    (share,) = (axes for axes in ax.figure.axes if axes is not ax)
    assert np.asarray(share.lines[0].get_ydata()).tolist() == [0.5, 1.0]


def test_no_failure_is_not_no_data(db: ResearchDatabase, sqlite: sqlite3.Connection) -> None:
    add_functions(sqlite)
    sqlite.execute("INSERT INTO attachments (filename, path, created_at) VALUES ('a', 'b', 'c')")
    sqlite.execute(
        "INSERT INTO extraction_queue (attachment_id, created_at, available_at)"
        " VALUES (1, datetime('now'), datetime('now'))"
    )
    assert texts(plots.failures(db)) == {"no failed jobs"}


def test_the_queue_drains_to_zero(history: ResearchDatabase) -> None:
    ax = plots.queue_depth(history)
    levels = np.asarray(ax.lines[0].get_ydata())
    assert max(levels) == 100
    assert levels[-1] == 0


def test_confidence_counts_every_document(history: ResearchDatabase) -> None:
    ax = plots.confidence(history)
    bars = cast("list[Rectangle]", list(ax.patches))
    assert sum(bar.get_height() for bar in bars) == 100
    assert ax.get_xlim() == (0, 1)


def test_a_timeline_has_a_row_for_each_worker(history: ResearchDatabase) -> None:
    ax = plots.worker_timeline(history)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]
    assert sum(len(bars.get_paths()) for bars in ax.collections) == 100


def test_workers_of_several_pools_are_told_apart_by_the_order_of_their_pools(
    history: ResearchDatabase, sqlite: sqlite3.Connection
) -> None:
    sqlite.execute(
        "UPDATE extraction_metrics SET worker_id = 'abc-77-x-1'"
        " WHERE finished_at > '2026-03-01 10:01'"
    )
    ax = plots.worker_timeline(history)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "pool 1, 1",
        "pool 1, 2",
        "pool 2, 1",
    ]
