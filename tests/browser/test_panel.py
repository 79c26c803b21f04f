"""The control panel in a real JupyterLab, on a real pool, with real documents."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from lab import SETUP, SHOW, Notebook, kernel_of, said, sandboxes_of

from reslib.testing import wait_until, write_fault

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
)
expect = sync_api.expect

PAPERS = Path(__file__).parents[2] / "samples" / "papers"
Open = Callable[..., Notebook]


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


# --- buttons -----------------------------------------------------------------------------------


def test_a_folder_of_papers_is_added_extracted_and_its_failures_are_named(shown: Open) -> None:
    panel = shown()
    panel.panel.get_by_role("textbox", name="Folder").fill(f' "{PAPERS}" ')
    panel.page.keyboard.press("Enter")
    expect(said(panel)).to_contain_text("12 documents found, 12 enqueued.")
    expect(panel.count("pending")).to_have_text("12")
    panel.button("Start").click()
    expect(panel.state).to_have_text("running")
    expect(panel.count("complete")).to_have_text("10", timeout=60_000)
    expect(panel.count("failed")).to_have_text("2")
    table = panel.panel.get_by_role("table").last
    expect(table.get_by_role("row", name="ethics-minutes-locked.pdf")).to_contain_text("encrypted")
    expect(table.get_by_role("row", name="tide-gauges-broken")).to_contain_text("truncated")
    expect(table.get_by_role("row", name="field-report-1974-scan.pdf")).to_contain_text("no text")
    panel.panel.get_by_role("textbox", name="Words").fill("WATER level*")
    panel.page.keyboard.press("Enter")
    hit = panel.panel.get_by_role("table").last.get_by_role("row", name="tide-gauges.pdf")
    expect(hit.first).to_contain_text("water levels")
    expect(hit.first.get_by_role("link")).to_have_attribute("href", re.compile(r"\.pdf#page=\d+$"))


def test_a_folder_that_is_not_there_is_said_in_words(shown: Open) -> None:
    panel = shown()
    panel.button("Add folder").click()
    expect(said(panel)).to_have_text("Type the name of a folder first.")
    panel.panel.get_by_role("textbox", name="Folder").fill("/nowhere/<b>papers</b>")
    panel.button("Add folder").click()
    expect(said(panel)).to_have_text("the folder /nowhere/<b>papers</b> does not exist")
    expect(said(panel)).to_have_attribute("data-kind", "error")


def test_pause_finishes_what_runs_and_resume_goes_on(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(10, "pages 2", "sleep 0.7")
    panel = shown("print(worker.is_paused(), worker.queue.counts()['processing'])")
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("2")
    panel.button("Pause").click()
    expect(panel.state).to_have_text("paused")
    expect(panel.count("processing")).to_have_text("0")
    panel.run(2)
    expect(panel.output(2)).to_have_text("True 0")
    assert int(panel.count("pending").inner_text()) > 0, "nothing new is taken"
    panel.button("Resume").click()
    expect(panel.state).to_have_text("running")
    expect(panel.count("complete")).to_have_text("10")


def test_stop_lets_running_documents_finish_and_a_second_click_gives_them_back(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(1, "pages 1", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("1")
    panel.button("Stop").click()
    expect(panel.state).to_have_text("stopping")
    panel.button("Stop now").click()
    expect(panel.state).to_have_text("stopped")
    expect(panel.count("pending")).to_have_text("1")
    expect(said(panel)).to_contain_text("given back, without a lost attempt")
    assert not sandboxes_of(kernel_of(panel))
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("1")


def test_a_running_document_is_cancelled_by_the_button_in_its_row(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(2, "total 9", "pages 3", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    rows = panel.panel.get_by_role("table").first.get_by_role("row")
    expect(rows.filter(has_text="doc-000.fault")).to_contain_text("3 of 3")
    panel.button("Cancel job 1").click()
    expect(panel.count("cancelled")).to_have_text("1")
    expect(panel.count("processing")).to_have_text("1")
    expect(panel.button("Cancel job 1")).to_have_count(0)
    expect(panel.button("Cancel job 2")).to_be_visible()


def test_the_cancel_button_stands_beside_its_row(shown: Open, faults: Callable[..., None]) -> None:
    faults(2, "pages 3", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    for job, name in ((1, "doc-000"), (2, "doc-001")):
        expect(panel.button(f"Cancel job {job}")).to_be_visible()
        # Both boxes in one look: the panel goes on drawing meanwhile.
        panel.page.wait_for_function(_BESIDE_ITS_ROW, arg=[f"Cancel job {job}", name])


#: Whether the middle of a button lies within the height of the row of its document.
_BESIDE_ITS_ROW = """([words, name]) => {
    const find = (selector, text) => [...document.querySelectorAll(selector)]
        .find(element => element.offsetParent && element.textContent.includes(text));
    const button = find("button", words), row = find("tr", name);
    if (!button || !row) return false;
    const box = button.getBoundingClientRect(), line = row.getBoundingClientRect();
    const middle = box.y + box.height / 2;
    return box.height > 0 && line.y < middle && middle < line.y + line.height;
}"""


def test_retry_makes_failed_jobs_pending_again(shown: Open, faults: Callable[..., None]) -> None:
    faults(3, "flaky 1", "pages 1")
    panel = shown()
    panel.button("Start").click()
    panel.button("Retry all 3").click()
    expect(panel.count("complete")).to_have_text("3")
    expect(panel.button("Retry all 0")).to_be_disabled()
    expect(panel.button("Retry 0 that may help")).to_be_disabled()
    expect(said(panel)).to_have_text("All 3 jobs that were retried are complete.")


def test_what_a_retry_may_help_is_told_from_what_it_may_not(shown: Open, tmp_path: Path) -> None:
    write_fault(tmp_path, "odd.fault", "raise it is broken")
    (tmp_path / "locked.pdf").write_bytes((PAPERS / "ethics-minutes-locked.pdf").read_bytes())
    panel = shown("worker.enqueue(db.add_attachment('locked.pdf', folder / 'locked.pdf'))")
    panel.run(2)
    panel.button("Start").click()
    expect(panel.count("failed")).to_have_text("2")
    expect(panel.panel.locator("[data-sentence]")).to_contain_text("done: 0 complete, 2 failed, in")
    expect(panel.button("Retry all 2")).to_be_enabled()
    panel.button("Retry 1 that may help").click()
    expect(said(panel)).to_have_text("The job that was retried failed again.")
    panel.button("Retry all 2").click()
    expect(said(panel)).to_have_text("Both jobs that were retried failed again.")


def test_retrying_more_than_a_hundred_is_asked_back(shown: Open) -> None:
    panel = shown(
        "ids = [db.add_attachment(f'gone {n}', folder / f'gone-{n}.pdf') for n in range(104)]\n"
        "jobs = worker.enqueue_batch(ids)\n"
        "for job in jobs:\n"
        "    worker.queue.failed(worker.queue.claim('me').id, 'no', 'corruption', 0)"
    )
    panel.run(2)
    panel.button("Retry all 104").click()
    panel.button("No").click()
    expect(panel.button("No")).to_be_hidden()
    expect(panel.count("failed")).to_have_text("104")
    panel.button("Retry all 104").click()
    panel.button("Yes, retry 104").click()
    expect(panel.count("failed")).to_have_text("0")
    expect(panel.count("pending")).to_have_text("104")
    expect(said(panel)).to_have_text(
        "104 jobs are pending again. Start begins with what is pending."
    )


def test_the_number_of_workers_changes_while_they_run(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(4, "pages 1", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("2")
    number = panel.panel.get_by_role("spinbutton", name="Workers")
    number.fill("4")
    number.press("Enter")
    expect(panel.count("processing")).to_have_text("4")


def test_a_number_of_workers_that_is_not_used_is_said(shown: Open) -> None:
    panel = shown("worker.resize(3)")
    number = panel.panel.get_by_role("spinbutton", name="Workers")
    for typed, used in (("999", 256), ("0", 1)):
        number.fill(typed)
        number.press("Enter")
        expect(said(panel)).to_contain_text(
            f"Workers can be 1 to 256: instead of {typed} it is {used} now."
        )
        expect(number).to_have_value(str(used))
    panel.run(2)
    expect(number).to_have_value("3")


def test_names_of_documents_are_shown_and_not_obeyed(shown: Open) -> None:
    name = '<img src=x onerror="document.title=1">&amp;\u202eevil.fault'
    panel = shown(
        f"path = folder / 'x.fault'; path.write_text('sleep 60')\n"
        f"worker.enqueue(db.add_attachment({name!r}, path))\n"
        f"worker.enqueue(db.add_attachment('<script>' + {name!r}, folder / 'missing'))\n"
        "worker.start()"
    )
    panel.run(2)
    expect(panel.count("failed")).to_have_text("1")
    expect(panel.panel).to_contain_text('<script><img src=x onerror="document.title=1">&amp;')
    expect(panel.panel.locator("img, script")).to_have_count(0)


# --- while cells run ---------------------------------------------------------------------------


def test_the_panel_is_live_while_a_cell_sleeps(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(40, "pages 1", "sleep 0.3")
    panel = shown(
        "import time\nworker.start()\n"
        "while not (folder / 'go').exists(): time.sleep(0.05)\nprint('slept')"
    )
    panel.begin(2)
    expect(panel.count("complete")).not_to_have_text("0")
    first = int(panel.count("complete").inner_text())
    expect(panel.count("complete")).not_to_have_text(str(first))
    expect(panel.output(2)).not_to_contain_text("slept")
    (tmp_path / "go").touch()
    expect(panel.output(2)).to_contain_text("slept")


def test_pause_takes_effect_while_an_awaiting_cell_runs(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(8, "pages 1", "sleep 0.5")
    panel = shown("worker.start(); print(await worker.drained(timeout=20))")
    panel.begin(2)
    expect(panel.state).to_have_text("running")
    panel.button("Pause").click()
    expect(panel.state).to_have_text("paused", timeout=3000)
    expect(panel.output(2)).not_to_contain_text("True")
    panel.button("Resume").click()
    expect(panel.output(2)).to_have_text("True")


# --- cells, kernels, pages ---------------------------------------------------------------------


def test_running_the_cell_again_leaves_one_panel_and_one_thread(
    shown: Open, faults: Callable[..., None]
) -> None:
    count = (
        "import threading\n"
        "from ipywidgets.widgets import widget\n"
        "print(len(widget._instances), "
        "sum('ControlPanel' in t.name for t in threading.enumerate()))"
    )
    faults(2, "pages 1")
    panel = shown(count)
    panel.run(2)
    before = panel.output(2).inner_text()
    for _ in range(3):
        panel.run(1)
    expect(panel.panel).to_have_count(1)
    panel.run(2)
    assert panel.output(2).inner_text() == before
    assert before.split()[1] == "1"
    for _ in range(3):  # now with a new worker each time
        panel.run(0)
        panel.run(1)
    expect(panel.panel).to_have_count(1)
    panel.run(2)
    assert panel.output(2).inner_text() == before
    panel.button("Start").click()
    expect(panel.count("complete")).to_have_text("2")


def test_a_page_that_is_loaded_again_shows_the_live_panel(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(2, "pages 1")
    panel = shown()
    panel.command("docmanager:save")
    panel.page.reload()
    panel.wait_until_idle()
    panel.button("Start").click()
    expect(panel.count("complete")).to_have_text("2")


def test_interrupting_the_kernel_leaves_the_pool_at_work(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(1, "pages 1", "sleep 2")
    panel = shown("import time\nworker.start(); time.sleep(60)")
    panel.begin(2)
    expect(panel.count("processing")).to_have_text("1")
    panel.command("notebook:interrupt-kernel")
    expect(panel.output(2)).to_contain_text("KeyboardInterrupt")
    expect(panel.state).to_have_text("running")
    expect(panel.count("complete")).to_have_text("1")
    expect(panel.count("failed")).to_have_text("0")


def test_a_killed_kernel_is_said_by_the_panel_and_leaves_no_extraction_behind(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(2, "pages 1", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("2")
    kernel = kernel_of(panel)
    children = sandboxes_of(kernel)
    assert len(children) == 2
    kernel.kill()
    wait_until(lambda: not any(map(lives, children)), seconds=2)
    expect(panel.panel.locator(".rl-dead")).to_be_visible()
    expect(panel.panel.locator(".rl-dead")).to_contain_text("The kernel was stopped or restarted")


def test_a_kernel_that_hangs_is_said_by_the_panel(shown: Open, faults: Callable[..., None]) -> None:
    faults(1, "pages 1", "sleep 60")
    panel = shown()
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("1")
    no_update = panel.panel.locator(".rl-no-update")
    expect(no_update).to_be_hidden()
    kernel = kernel_of(panel)
    kernel.suspend()
    try:
        expect(no_update).to_be_visible(timeout=9000)
        expect(no_update).to_have_text(re.compile("No update for 5 s"))
    finally:
        kernel.resume()
    expect(no_update).to_be_hidden()


def test_a_restart_keeps_the_jobs_and_the_cells_go_on(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(2, "pages 1", "sleep 60")
    panel = shown(retries=3)
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("2")
    children = sandboxes_of(kernel_of(panel))
    panel.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(panel.panel.locator(".rl-dead")).to_be_visible()
    wait_until(lambda: not any(map(lives, children)), seconds=5)
    faults(2, "pages 1")
    panel.wait_until_idle()
    panel.run(0)
    panel.run(1)
    expect(panel.panel.locator(".rl-dead")).to_be_hidden()
    panel.button("Start").click()
    expect(panel.count("complete")).to_have_text("2")
    with sqlite3.connect(tmp_path / "panel.db") as connection:
        assert connection.execute("SELECT count(*) FROM extraction_queue").fetchone() == (2,)
    connection.close()


def test_two_notebooks_on_one_database_see_each_other(
    notebook: Open, faults: Callable[..., None], context: Any, lab: Any, tmp_path: Path
) -> None:
    faults(1, "pages 3", "sleep 60")
    cells = (SETUP.format(folder=str(tmp_path), retries=0), SHOW)
    first = notebook(*cells)
    other_page = context.new_page()
    second = Notebook.opened(lab, other_page, tmp_path, cells)
    for each in (first, second):
        each.run(0)
        each.run(1)
    first.button("Start").click()
    row = second.panel.get_by_role("row").filter(has_text="doc-000.fault")
    expect(row).to_contain_text(re.compile(r"process \d+"))
    second.button("Cancel job 1").click()
    expect(first.count("cancelled")).to_have_text("1")
    expect(first.count("processing")).to_have_text("0")
    other_page.close()
