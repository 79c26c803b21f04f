"""What the panel draws, from plain data."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets: pip install '.[notebook]'")

from reslib import ErrorCode, JobStatus
from reslib.joblist import JobDetails, ListedJob, PastAttempt, Retriable
from reslib.models import AttemptOutcome
from reslib.testing import wait_until
from reslib_widgets import rows
from reslib_widgets import view as draw
from reslib_widgets.commands import folder_of
from reslib_widgets.history import Done, History, Run
from reslib_widgets.observe import FailureRow, IncompleteText, View, WorkerRow
from reslib_widgets.snapshot import panel_html
from reslib_widgets.sparingly import Sparingly

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
        doubts=(IncompleteText(HOSTILE, HOSTILE, HOSTILE),),
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
    assert "rl-no-update" in draw.header_html(busy, 1)
    assert draw.header_html(view(), 1) == draw.header_html(view(), 2)
    assert "rl-no-update" not in draw.header_html(view(), 1)


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
    made = draw.workers_html(view(workers=(row(silent=True, age=150.0, own=False),)))
    assert 'class="rl-grey"' in made
    assert "silent for 2 min" in made


def test_the_bar_says_its_numbers_to_those_who_do_not_see_it() -> None:
    made = draw.bar_html(view(counts=NONE | {"pending": 1200, "complete": 3, "retry_pending": 2}))
    label = re.search('aria-label="([^"]*)"', made)
    assert label is not None
    assert label[1] == ("3 complete, 0 failed, 0 processing, 2 waiting for a retry, 1,200 pending")
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
        ({"rate": 5.2, "eta": 0.2, "counts": NONE | {"processing": 1}}, "the last one runs"),
        ({"rate": 5.2, "eta": 0.4, "counts": NONE | {"processing": 3}}, "the last 3 run"),
        ({"rate": None}, "measuring how fast it goes"),
        ({"busy": False}, "waiting until retries are due"),
        ({"state": "paused"}, "nothing new is taken; 2 still running"),
        ({"state": "stopping"}, "running documents may finish; Stop now gives them back"),
        ({"state": "stopped"}, "another process is at 2 of the documents"),
        ({"state": "stopped", "problem": "x.db was deleted"}, "x.db was deleted"),
        (
            {"state": "stopped", "interrupted": 2},
            "2 documents were interrupted; Start takes them up again",
        ),
        (
            {"state": "stopped", "interrupted": 1},
            "another process is at 1 of the documents; "
            "1 document was interrupted; Start takes it up again",
        ),
        ({"rate": None, "starting": True}, "starting workers"),
        ({"counts": NONE}, "nothing to do: add a folder, or enqueue documents"),
        (
            {"counts": NONE | {"complete": 25, "failed": 6}, "done": Done(25, 6, 3.2)},
            "done: 25 complete, 6 failed, in 3 s",
        ),
        (
            {"counts": NONE | {"complete": 70, "failed": 138}, "done": Done(0, 10, 3.2)},
            "done; last run: 0 complete, 10 failed, in 3 s",
        ),
        (
            {"counts": NONE | {"complete": 1}, "state": "stopped", "done": Done(1, 0, 4000.0)},
            "done: 1 complete, 0 failed, in 1 h 6 min",
        ),
        (
            {"counts": NONE | {"complete": 1}, "done": Done(1, 0, 0.1)},
            "done: 1 complete, 0 failed, in less than a second",
        ),
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
    assert "more" not in made


def test_failures_that_are_not_shown_are_counted() -> None:
    failure = FailureRow(3, "a.pdf", "encrypted", "it needs a password", 1)
    # Of 1,400 that failed, the list of failures leaves some out: they were read since.
    shown = view(
        failures=(failure,) * 3,
        counts=NONE | {"failed": 1400},
        retriable=Retriable(tuple(range(1206))),
    )
    assert "and 1,203 more failed" in draw.trouble_html(shown)
    assert "and 1,203 more failed" in panel_html(shown, "")
    assert "more failed" not in draw.trouble_html(replace(shown, retriable=Retriable((1, 2, 3))))
    doubt = IncompleteText("b.pdf", "empty", "no text layer")
    made = draw.trouble_html(view(doubts=(doubt,), more_doubts=True))
    assert "and more with missing text: frames.doubtful(db) has all" in made


def test_a_worker_says_what_its_child_uses() -> None:
    made = draw.workers_html(view(workers=(row(cpu=96.6, memory=142.7),)))
    assert '<td class="rl-extra">97 %</td>' in made
    assert "143 MB" in made
    assert "worker 1, 97 %, 143 MB" in made, "in a narrow panel, below the document"
    assert "MB" not in draw.workers_html(view(workers=(row(),)))


def test_the_document_that_waits_for_longest_grows_older_only_while_something_moves() -> None:
    since = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    early = view(oldest=("a <b>.pdf", since), at=since + timedelta(seconds=30))
    late = replace(early, at=since + timedelta(seconds=200))
    assert "a &lt;b&gt;.pdf" in draw.bar_html(early)
    assert "waits since 2026-03-01 12:00 UTC" in draw.bar_html(early)
    assert draw.bar_html(early) == draw.bar_html(late)
    assert "waits for 3 min 20 s" in draw.bar_html(replace(late, busy=True))


def test_the_chart_of_an_idle_pool_ends_with_the_last_activity() -> None:
    history = ((0, 0),) * 100 + ((3, 1), (2, 0))
    idle = draw.chart_svg(view(history=history + ((0, 0),) * 18))
    assert idle == draw.chart_svg(view(history=((0, 0),) * 18 + history))
    busy = draw.chart_svg(view(history=history + ((0, 0),) * 18, busy=True))
    assert busy.partition("<path")[2] != idle.partition("<path")[2]


# --- what is left where no kernel is ------------------------------------------------------------


def test_a_snapshot_needs_no_style_sheet_no_variables_and_no_svg() -> None:
    busy = view(
        busy=True,
        counts=NONE | {"failed": 6, "complete": 2, "processing": 1},
        retriable=Retriable((1, 2, 3, 4, 5, 6)),
        workers=(row(document=HOSTILE),),
        failures=(FailureRow(1, HOSTILE, HOSTILE, HOSTILE, 1),),
        doubts=(IncompleteText(HOSTILE, "empty", HOSTILE),),
        left_out=((HOSTILE, 3),),
        history=((0, 0),) * 118 + ((3, 1), (2, 0)),
    )
    made = panel_html(busy, draw.chart_svg(busy))
    assert set(Tags(made).tags) <= {
        *("div", "b", "span", "img", "table", "thead", "tbody", "tr", "th", "td")
    }
    assert "var(" not in made
    assert "and 5 more failed" in made
    assert "3 of 9" in made
    image = base64.b64decode(re.search('base64,([^"]*)', made)[1])  # type: ignore[index]
    assert ElementTree.fromstring(image).tag == "{http://www.w3.org/2000/svg}svg"


# --- the list -----------------------------------------------------------------------------------


def listed(**changes: object) -> ListedJob:
    job = ListedJob(
        12,
        "a.pdf",
        "/library/thesis/a.pdf",
        JobStatus.FAILED,
        "2026-03-01 12:00:00.000",
        4,
        None,
        ErrorCode.TIMEOUT,
        "a.pdf: it took too long",
        True,
    )
    return replace(job, **changes)  # type: ignore[arg-type]


def test_a_row_of_the_list_says_document_folder_state_since_when_cause_and_next_try() -> None:
    made = rows.row_html(listed())
    for words in ("a.pdf", "/library/thesis<", "failed at 2026-03-01 12:00:00", "timeout", "4 att"):
        assert words in made
    assert "cannot help" not in made
    made = rows.row_html(listed(retry_may_help=False, error_code=ErrorCode.ENCRYPTED))
    assert "a retry of the same file cannot help" in made, "the advice may be to mend it and retry"
    made = rows.row_html(
        listed(status=JobStatus.RETRY_PENDING, next_retry_at="2026-03-01 12:00:10.500")
    )
    assert "next try at 2026-03-01 12:00:10" in made


def test_a_row_says_what_is_done_with_a_document_when_that_is_not_to_read_it() -> None:
    assert ">job 12 in <" in rows.row_html(listed())
    assert ">tables job 12 in <" in rows.row_html(listed(task="tables"))
    assert "&lt;b&gt; job 12" in rows.row_html(listed(task="<b>"))


def test_nothing_of_a_job_becomes_markup() -> None:
    attempt = PastAttempt(
        1,
        AttemptOutcome.FAILED,
        "2026-03-01 12:00:00.000",
        "2026-03-01 12:00:02.500",
        2500.0,
        HOSTILE,
        ErrorCode.EXCEPTION,
        HOSTILE,
        3,
        HOSTILE,
        HOSTILE,
        HOSTILE,
    )
    job = listed(filename=HOSTILE, path=f"/{HOSTILE}/{HOSTILE}", error_message=HOSTILE)
    details = rows.details_html(JobDetails(job, HOSTILE, (attempt,)))
    made = rows.row_html(job, details)
    assert set(Tags(made).tags) <= {
        *("div", "bdi", "span", "i", "b", "ol", "li", "details", "summary", "pre")
    }
    assert "\u202e" not in made
    assert "\x1b" not in made
    made.encode()


def test_details_keep_the_lines_of_a_traceback_and_fold_it() -> None:
    attempt = PastAttempt(
        2,
        AttemptOutcome.FAILED,
        None,
        "2026-03-01 12:00:02.500",
        None,
        None,
        ErrorCode.EXCEPTION,
        None,
        None,
        None,
        "Traceback:\n  File x\nValueError: <no>",
        None,
    )
    made = rows.details_html(JobDetails(listed(), "read the traceback", (attempt,)))
    assert "<pre>Traceback:\n  File x\nValueError: &lt;no&gt;</pre>" in made
    assert "<details><summary>Traceback</summary>" in made
    assert "What to do: read the traceback." in made
    assert ">it took too long<" in made


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((50, 1203, 1203, 0), "50 of 1,203 failed"),
        ((6, 6, 6, 0), "6 failed"),
        ((2, 2, 6, 0), "2 that the filter finds among 6 failed"),
        ((50, 300, 1203, 0), "50 of 300 that the filter finds among 1,203 failed"),
        ((6, 4, 4, 2), "4 failed; 2 shown here are not any more"),
        ((1, 1, 1, 0, 2), "1 failed; 2 more whose document was read or enqueued since"),
    ],
)
def test_the_head_of_a_list_says_how_much_of_it_is_shown(
    numbers: tuple[int, ...], words: str
) -> None:
    assert f">{words}<" in rows.head_html(JobStatus.FAILED, *numbers)


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  /papers ", "/papers"),
        ('"/my papers"', "/my papers"),
        ("'/papers'", "/papers"),
        ("\u201c/papers\u201d", "/papers"),
        ("\u00ab/papers\u00bb", "/papers"),
        ('"/papers', '"/papers'),
        ('"', '"'),
        ('""', ""),
        ("/it's", "/it's"),
        ("  ", ""),
    ],
)
def test_a_pasted_path_is_meant_without_the_quotation_marks_around_it(
    typed: str, meant: str
) -> None:
    assert folder_of(typed) == meant


def test_a_folder_that_has_quotation_marks_in_its_name_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "'quoted'").mkdir()
    monkeypatch.chdir(tmp_path)
    assert folder_of("'quoted'") == "'quoted'"


def test_an_answer_is_asked_for_again_only_when_what_it_depends_on_has_changed() -> None:
    asked: list[str] = []

    def ask(words: str) -> Callable[[], str]:
        return lambda: asked.append(words) or words  # type: ignore[func-returns-value]

    answer = Sparingly("none yet")
    assert answer.get(1, ask("one")) == "one"
    assert answer.get(1, ask("again")) == "one"
    wait_until(lambda: answer.get(2, ask("two")) == "two")
    assert asked == ["one", "two"]


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


def test_a_run_is_from_the_first_open_job_to_the_end_of_the_last() -> None:
    run = Run()
    run.look(100.0, 4, 1, 0, busy=False)
    assert run.done is None, "nothing was done since somebody looked"
    run.look(100.5, 4, 1, 9, busy=True)
    assert not run.has_ended_some
    run.look(101.5, 8, 1, 5, busy=True)
    assert run.has_ended_some
    run.look(102.5, 8, 3, 3, busy=False)  # waits for retries
    assert run.done is None
    run.look(103.5, 11, 3, 0, busy=False)
    run.look(110.0, 11, 3, 0, busy=False)
    assert run.done == Done(complete=7, failed=2, seconds=3.5)


def test_a_run_that_is_over_between_two_looks_is_one() -> None:
    run = Run()
    run.look(10.0, 0, 0, 2, busy=False)
    run.look(500.0, 0, 0, 2, busy=False)
    run.look(500.5, 1, 1, 0, busy=False)
    assert run.done == Done(complete=1, failed=1, seconds=0.5)


def test_failures_that_are_retried_count_once_in_a_run() -> None:
    run = Run()
    run.look(1.0, 3, 6, 0, busy=False)
    run.look(2.0, 3, 0, 6, busy=True)
    run.look(3.0, 5, 4, 0, busy=False)
    assert run.done == Done(complete=2, failed=4, seconds=2.0)
