"""The panel and the plot without a browser: their life, their commands, and a real kernel."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets: pip install '.[notebook]'")

from ipywidgets.widgets import widget as widgets

import reslib_widgets
from reslib import ExtractionWorker, ResearchDatabase, unregister_extractor
from reslib.pool.events import EVENTS
from reslib.testing import register_fault_extractor, wait_until, write_fault
from reslib_widgets import ControlPanel, ThroughputPlot
from reslib_widgets.shown import _before_cell, _by_cell

PAPERS = Path(__file__).parents[2] / "samples" / "papers"


@pytest.fixture(autouse=True)
def _faults() -> Iterator[None]:
    register_fault_extractor()
    yield
    unregister_extractor("fault")


@pytest.fixture
def worker(db: ResearchDatabase) -> Iterator[ExtractionWorker]:
    pool = ExtractionWorker(db, num_workers=2, max_retries=0, ocr=False)
    yield pool
    pool.stop(timeout=0)


@pytest.fixture
def panel(worker: ExtractionWorker) -> Iterator[ControlPanel]:
    made = ControlPanel(worker)
    made.refresh()
    yield made
    made.close()


def threads(kind: str = "ControlPanel") -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == f"reslib-{kind}"]


def says(panel: ControlPanel, words: str) -> Callable[[], bool]:
    return lambda: words in repr(panel) or words in said(panel)


def said(panel: ControlPanel) -> str:
    return panel._question.html + panel._list.question.html


def press_enter(field: Any) -> None:
    """Send what a browser sends."""
    field._handle_custom_msg({"event": "submit"}, [])


# --- life --------------------------------------------------------------------------------------


def test_there_is_one_panel_and_one_plot_for_a_worker(
    worker: ExtractionWorker, panel: ControlPanel
) -> None:
    assert ControlPanel(worker) is panel
    assert ControlPanel(worker, refresh_interval=2.0) is panel
    assert panel.refresh_interval == 2.0
    plot = ThroughputPlot(worker)
    assert ThroughputPlot(worker) is plot
    plot.close()
    panel.close()
    again = ControlPanel(worker)
    assert again is not panel
    again.close()


def test_a_closed_panel_leaves_no_widget_and_no_thread_behind(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    wait_until(lambda: not threads())
    before = len(widgets._instances)
    with ExtractionWorker(db, num_workers=2) as worker:
        panel, plot = ControlPanel(worker), ThroughputPlot(worker)
        for live in (panel, plot):
            live._repr_mimebundle_()
        write_fault(tmp_path, "slow.fault", "pages 1", "sleep 60")
        worker.enqueue(db.add_attachment("slow.fault", tmp_path / "slow.fault"))
        wait_until(lambda: bool(panel._cancel_buttons))
        panel.close()
        plot.close()
        panel.close()
        wait_until(lambda: not threads() and not threads("ThroughputPlot"))
        assert len(widgets._instances) == before
        assert repr(panel) == "<ControlPanel closed>"
        assert worker.is_running(), "the pool goes on"
        worker.stop(timeout=0)


def test_a_panel_does_not_keep_its_worker_alive_and_ends_with_it(db: ResearchDatabase) -> None:
    worker = ExtractionWorker(db)
    panel = ControlPanel(worker)
    panel.refresh()
    wait_until(lambda: len(threads()) == 1)
    del worker  # and no gc.collect(): a circle of references would keep the pool for a while
    wait_until(lambda: not threads())
    assert "gone" in panel._header.value
    assert panel._start.disabled
    panel.close()


def test_a_panel_needs_a_worker_and_says_so(db: ResearchDatabase) -> None:
    with pytest.raises(TypeError, match="ControlPanel needs an ExtractionWorker, not Research"):
        ControlPanel(db)  # type: ignore[arg-type]
    worker = ExtractionWorker(db)
    odd: list[Any] = [0, -1, "x", True, float("nan"), float("inf"), [1]]
    for live, value in itertools.product((ControlPanel, ThroughputPlot), odd):
        words = f"refresh_interval must be a positive number of seconds, not {value!r}"
        with pytest.raises(ValueError, match=re.escape(words)):
            live(worker, refresh_interval=value)


def test_only_the_widgets_are_offered_for_completion() -> None:
    assert dir(reslib_widgets) == sorted(reslib_widgets.__all__)


def test_without_ipywidgets_the_import_says_what_to_install() -> None:
    code = "import sys; sys.modules['ipywidgets'] = None; import reslib_widgets"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: reslib_widgets needs ipywidgets")
    assert "pip install '.[notebook]'" in last


# --- commands ----------------------------------------------------------------------------------


def test_buttons_do_what_they_say(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase
) -> None:
    panel._folder.value = str(PAPERS)
    panel._add.click()
    wait_until(says(panel, "12 documents found, 12 enqueued."))
    panel._start.click()
    wait_until(worker.is_running)
    assert worker.wait(timeout=60)
    wait_until(says(panel, "10 complete, 2 failed"))
    panel._pause.click()
    wait_until(worker.is_paused)
    panel._retry.click()
    wait_until(says(panel, "2 jobs are pending again."))
    assert panel._hopeful.disabled, "neither can be helped by a retry"
    panel._resume.click()
    wait_until(says(panel, "Both jobs that were retried failed again."))
    wait_until(lambda: not worker.is_paused())
    panel._number.value = 3
    wait_until(lambda: worker.num_workers == 3)
    panel._stop.click()
    wait_until(says(panel, "stopped"))


def test_what_is_left_out_of_a_folder_is_counted_by_type(panel: ControlPanel, folder: Path) -> None:
    for name in ("a.png", "b.png", "data.bin"):
        (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "a.txt").write_text("words")
    assert "Left out" not in panel._trouble.value
    panel._folder.value = str(folder)
    panel._add.click()
    wait_until(lambda: "Left out of the folders: 3 (.png 2, .bin 1)" in panel._trouble.value)
    assert "Left out of the folders: 3" in panel.snapshot_html()


def test_words_are_found_with_the_folder_that_tells_documents_of_one_name_apart(
    worker: ExtractionWorker, panel: ControlPanel, folder: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text(f"The tide <b>of</b> {name}.")
    with worker:
        worker.enqueue_batch(worker.db.add_folder(folder))
        assert worker.wait(60)
    panel._words.value = "TIDE"
    press_enter(panel._words)
    wait_until(lambda: "2 documents found" in panel._hits.value)
    for name in ("one/paper.txt", "two/paper.txt"):
        assert f">{name}</a>" in panel._hits.value
    assert "The <b>tide</b> &lt;b&gt;of&lt;/b&gt; one." in panel._hits.value
    panel._words.value = "   "
    panel._find.click()
    wait_until(says(panel, "Type some words first."))


def test_a_command_that_fails_is_said_in_words(panel: ControlPanel) -> None:
    panel._folder.value = "/nowhere/<b>at all</b>"
    panel._add.click()
    wait_until(lambda: "&lt;b&gt;at all&lt;/b&gt; does not exist" in said(panel))
    assert 'data-kind="error"' in said(panel)


def test_a_click_that_comes_late_does_not_cancel_the_next_job(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase, tmp_path: Path
) -> None:
    for n in range(2):
        write_fault(tmp_path, f"{n}.fault", "pages 1", "sleep 60")
    worker.resize(1)
    first, second = worker.enqueue_batch(
        [db.add_attachment(f"{n}.fault", tmp_path / f"{n}.fault") for n in range(2)]
    )
    worker.start()
    wait_until(lambda: first in panel._cancel_buttons)
    button = panel._cancel_buttons[first]
    worker.cancel(first)
    wait_until(lambda: second in panel._cancel_buttons)
    button.click()
    wait_until(says(panel, f"Job {first} had ended already."))
    assert worker.queue.get_job(second).status == "processing"  # type: ignore[union-attr]


def test_a_panel_leaves_the_pool_as_it_is(
    panel: ControlPanel, worker: ExtractionWorker, folder: Path
) -> None:
    assert not any(worker.events.has_listeners(event) for event in EVENTS)
    path = write_fault(folder, "blank.fault", "page ")
    worker.enqueue(worker.db.add_attachment(path.name, path))
    worker.start()
    assert worker.wait(30)
    panel.refresh()
    wait_until(lambda: "blank.fault" in panel._trouble.value)
    assert not any(worker.events.has_listeners(event) for event in EVENTS)


def test_a_panel_shows_why_no_document_is_begun(
    panel: ControlPanel, worker: ExtractionWorker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_fault(folder, "a.fault", "page x")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        worker.enqueue(worker.db.add_attachment(path.name, path))
        worker.start()
        wait_until(lambda: "could not be started" in panel._header.value)
    assert worker.wait(30)


def test_a_database_that_was_closed_is_said_and_the_panel_lives_on(
    worker: ExtractionWorker,
    panel: ControlPanel,
    db: ResearchDatabase,
    caplog: pytest.LogCaptureFixture,
) -> None:
    db.close()
    panel.refresh()
    wait_until(lambda: "could not look at the database" in said(panel))
    assert not [r for r in caplog.records if r.levelname != "INFO"], (
        "in a notebook it would stand in red in the cell that closes"
    )
    assert threads()


# --- the list behind a count -------------------------------------------------------------------


def listed(panel: ControlPanel) -> list[int]:
    return list(panel._list._rows)


def test_a_panel_that_is_shown_in_another_cell_as_well_goes_on(panel: ControlPanel) -> None:
    _by_cell.update({"one": [panel], "two": [panel]})
    _before_cell(SimpleNamespace(cell_id="one"))
    assert not panel.closed
    _before_cell(SimpleNamespace(cell_id="two"))
    assert panel.closed


def test_an_open_list_keeps_its_widgets_and_closes_those_of_jobs_it_does_not_show(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase
) -> None:
    ids = [db.add_attachment(f"{n}.pdf", f"/nowhere/{n}.pdf") for n in range(60)]
    jobs = worker.enqueue_batch(ids)
    wait_until(lambda: panel._counts["pending"].description == "60 pending")
    before = len(widgets._instances)
    panel._counts["pending"].click()
    wait_until(lambda: listed(panel) == jobs[:50])
    first = panel._list._rows[jobs[0]].root

    def look() -> int:
        seen = panel.refreshes
        panel.refresh()
        wait_until(lambda: panel.refreshes > seen + 1)
        return len(widgets._instances)

    full = look()  # with the notice that comes when it has looked at the queue
    assert full - before <= 50 * 4, "layouts and styles are shared"
    look()
    assert panel._list._rows[jobs[0]].root is first
    assert len(widgets._instances) == full
    panel._list._filter.value = "nowhere/5"
    wait_until(lambda: "11 that the filter finds among 60 pending" in panel._list._head.value)
    assert len(listed(panel)) == 11
    panel._counts["pending"].click()
    wait_until(lambda: not listed(panel))
    wait_until(lambda: len(widgets._instances) == before)


def test_a_button_of_a_row_is_never_that_of_another_job(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase
) -> None:
    first, second = worker.enqueue_batch(
        [db.add_attachment(f"{n}.pdf", f"/nowhere/{n}.pdf") for n in range(2)]
    )
    panel._counts["pending"].click()
    wait_until(lambda: listed(panel) == [first, second])
    button = panel._list._rows[first]._actions["cancel"]
    worker.cancel(first)
    panel._list.refresh()
    wait_until(lambda: listed(panel) == [second])
    button.click()  # it was on its way when the list was drawn anew
    panel._list.refresh()
    assert worker.queue.get_job(second).status == "pending"  # type: ignore[union-attr]


def test_a_retry_that_is_followed_survives_the_start_that_it_needs(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase, folder: Path
) -> None:
    path = write_fault(folder, "a.fault", "flaky 1", "pages 1")
    worker.enqueue(db.add_attachment(path.name, path))
    worker.start()
    assert worker.wait(30)
    worker.stop()
    wait_until(says(panel, "1 failed"))
    panel._retry.click()
    wait_until(says(panel, "1 job is pending again. Start begins with what is pending."))
    panel._start.click()
    wait_until(says(panel, "The job that was retried is complete."))


def test_a_panel_says_what_a_run_came_to_and_what_a_child_uses(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase, folder: Path
) -> None:
    for n in range(2):
        path = write_fault(folder, f"{n}.fault", "pages 1", "sleep 1.5", *["quit 1"] * n)
        worker.enqueue(db.add_attachment(path.name, path))
    wait_until(lambda: ": <bdi>0.fault</bdi>" in panel._bar.value)
    assert "oldest waits since 20" in panel._bar.value
    worker.start()
    wait_until(lambda: re.search(r"\d+ %</td>.*\d\d MB</td>", panel._workers.value) is not None)
    assert worker.wait(30)
    wait_until(lambda: "done: 1 complete, 1 failed, in " in panel._header.value)


def test_documents_that_a_dead_process_left_are_called_interrupted(
    panel: ControlPanel, worker: ExtractionWorker, db: ResearchDatabase
) -> None:
    code = (
        "import os, sys; from reslib import ResearchDatabase, QueueManager\n"
        "queue = QueueManager(ResearchDatabase(sys.argv[1])); queue.claim('me')\n"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    worker.enqueue_batch([db.add_attachment("a.pdf", "/nowhere/a.pdf")])
    command = [sys.executable, "-c", code, str(db.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"claimed\n"
        wait_until(lambda: "another process is at 1 of the documents" in panel._header.value)
        other.kill()
    wait_until(lambda: "1 document was interrupted; Start takes it up" in panel._header.value)
    assert "No worker runs." in panel._workers.value


# --- what is shown -----------------------------------------------------------------------------


def test_a_panel_shows_a_snapshot_where_no_kernel_is(
    worker: ExtractionWorker, panel: ControlPanel, db: ResearchDatabase
) -> None:
    worker.enqueue_batch(db.add_folder(PAPERS))
    panel.refresh()
    wait_until(says(panel, "12 pending"))
    data, _ = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == (
        "<ControlPanel stopped: 0 complete, 0 failed, 0 processing, 12 pending>"
    )
    assert '<b data-count="pending">12</b>' in data["text/html"]
    for absent in ("<script", 'class="rl-no-update"', 'class="rl-dead"', "<button"):
        assert absent not in data["text/html"]


def test_the_plot_is_a_png_that_changes_with_what_is_done(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    from PIL import Image

    plot = ThroughputPlot(worker, refresh_interval=0.1)
    plot.refresh()
    empty = plot._image.value
    assert Image.open(io.BytesIO(empty)).size == (640, 200)
    assert "no data yet" in plot._caption.value
    worker.enqueue_batch(db.add_folder(PAPERS))
    worker.start()
    assert worker.wait(timeout=60)
    wait_until(lambda: plot._image.value != empty)
    plot.close()
