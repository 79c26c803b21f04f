"""What the panel draws, from plain data."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets: pip install '.[notebook]'")

from reslib import JobStatus
from reslib_widgets import view as draw
from reslib_widgets.observe import Doubt, FailureRow, History, View, WorkerRow

HOSTILE = '<script>alert("1")</script>&amp;\n\u202egpj.exe\x1b[31m\ud800'
NONE = {str(status): 0 for status in JobStatus}


def view(**changes: object) -> View:
    still = View(
        state="stopped",
        busy=False,
        counts=NONE,
        num_workers=2,
        workers=(),
        rate=None,
        eta=None,
        history=((0, 0),) * 120,
        failures=(),
        doubts=(),
    )
    return replace(still, **changes)  # type: ignore[arg-type]


def row(**changes: object) -> WorkerRow:
    one = WorkerRow("w-1", "worker 1", "busy", 7, "a.pdf", 3, 9, 12.4, 5, 1, 2.0, False, True)
    return replace(one, **changes)  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_nothing_of_a_document_becomes_markup() -> None:
    shown = view(
        counts=NONE | {"failed": 1},
        workers=(row(document=HOSTILE, label=HOSTILE, worker_id='"><b>'),),
        failures=(FailureRow(1, HOSTILE, HOSTILE, HOSTILE, 1),),
        doubts=(Doubt(HOSTILE, HOSTILE, HOSTILE),),
        left_out=((HOSTILE, 3),),
    )
    made = draw.workers_html(shown) + draw.trouble_html(shown)
    assert set(Tags(made).tags) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "bdi", "b"}
    assert "\u202e" not in made
    assert "\x1b" not in made
    made.encode()


def test_a_header_changes_at_each_refresh_only_while_something_moves() -> None:
    busy = view(busy=True, state="running")
    assert draw.header_html(busy, 1) != draw.header_html(busy, 2)
    assert "rl-stale" in draw.header_html(busy, 1)
    assert draw.header_html(view(), 1) == draw.header_html(view(), 2)
    assert "rl-stale" not in draw.header_html(view(), 1)


def test_a_row_of_an_idle_pool_stays_the_same_while_its_heartbeat_ages() -> None:
    young, old = (
        view(workers=(row(status="idle", job_id=None, document=None, seconds=None, age=age),))
        for age in (1.0, 9.0)
    )
    assert draw.workers_html(young) == draw.workers_html(old)
    assert draw.workers_html(replace(young, busy=True)) != draw.workers_html(
        replace(old, busy=True)
    )


def test_idle_workers_are_counted_and_not_listed() -> None:
    idle = row(status="idle", job_id=None, document=None, seconds=None)
    many = draw.workers_html(view(workers=(row(), *(idle for _ in range(199)))))
    assert many.count("data-worker=") == 1
    assert "and 199 idle" in many
    assert "200 idle" in draw.workers_html(view(workers=tuple(idle for _ in range(200))))


def test_a_silent_worker_is_grey_and_says_for_how_long() -> None:
    made = draw.workers_html(view(workers=(row(stale=True, age=150.0, own=False),)))
    assert 'class="rl-grey"' in made
    assert "silent for 2 min" in made


def test_the_bar_says_its_numbers_to_those_who_do_not_see_it() -> None:
    made = draw.bar_html(view(counts=NONE | {"pending": 1200, "complete": 3, "retry_pending": 2}))
    label = re.search('aria-label="([^"]*)"', made)
    assert label is not None
    assert label[1] == ("1,200 pending, 2 waiting for a retry, 0 processing, 0 failed, 3 complete")
    assert 'role="img"' in made
    assert 'aria-label="no jobs yet"' in draw.bar_html(view())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.9, "1 min"),
        (200, "3 min 20 s"),
        (1830, "30 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (400_000, "4 days"),
    ],
)
def test_a_length_of_time_is_said_in_units_people_use(seconds: float, words: str) -> None:
    assert draw.span_of(seconds) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": 5.25, "eta": 75.0}, "5.2 documents/s, about 1 min 15 s left"),
        ({"rate": 42.3, "eta": 3.0}, "42 documents/s, about 3 s left"),
        ({"rate": 0.05, "eta": None}, "3.0 documents/min"),
        ({"rate": None}, "measuring how fast it goes"),
        ({"busy": False}, "waiting until retries are due"),
        ({"state": "paused"}, "nothing new is taken; 2 still running"),
        ({"state": "stopping"}, "running documents may finish; Stop now gives them back"),
        ({"state": "stopped"}, "another process is at 2 of the documents"),
        ({"counts": NONE}, "nothing to do: add a folder, or enqueue documents"),
    ],
)
def test_beside_the_state_stands_what_goes_on(changes: dict[str, object], words: str) -> None:
    shown = view(busy=True, state="running", counts=NONE | {"pending": 9, "processing": 2})
    assert draw.sentence(replace(shown, **changes)) == words  # type: ignore[arg-type]


def test_an_empty_chart_is_left_out_and_a_full_one_has_a_name() -> None:
    assert draw.chart_svg(view()) == ""
    made = draw.chart_svg(view(history=((0, 0),) * 118 + ((3, 1), (2, 0))))
    assert 'aria-label="Jobs per second in the last 120 seconds, at most 4"' in made
    assert len(made) < 2500


def test_failures_say_document_cause_and_reason_once() -> None:
    failure = FailureRow(3, "a.pdf", "encrypted", "a.pdf: it needs a password", 2)
    made = draw.trouble_html(view(failures=(failure,)))
    assert ">it needs a password<" in made
    assert "encrypted" in made
    assert "2 attempts" in made


# --- history ------------------------------------------------------------------------------------


def test_history_counts_what_ended_in_each_second() -> None:
    history = History()
    for at, done, failed in ((10.0, 4, 1), (10.5, 6, 1), (11.2, 7, 2), (13.0, 7, 2)):
        history.add(at, done, failed)
    assert history.per_second(13.1, 3) == ((2, 0), (1, 1), (0, 0))


def test_a_retry_is_no_negative_throughput() -> None:
    history = History()
    history.add(1.0, 5, 5)
    history.add(1.5, 5, 0)
    history.add(2.0, 6, 0)
    assert sum(done + bad for done, bad in history.per_second(3.5, 3)) == 1


def test_what_happened_while_nobody_looked_is_no_burst() -> None:
    history = History()
    history.add(1.0, 0, 0)
    history.add(100.0, 500, 0)
    history.add(101.0, 501, 0)
    assert sum(done for done, _ in history.per_second(103.0, 60)) == 1


def test_the_rate_is_taken_over_the_time_since_the_pool_began() -> None:
    history = History()
    history.add(1.0, 0, 0)
    assert history.rate(1.0) is None
    history.restart(4.0)
    history.add(5.0, 4, 0)
    history.add(6.0, 10, 0)
    assert history.rate(6.0) == pytest.approx(5.0)
