"""The lists of jobs behind the panel's counts, in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Notebook, kernel_of, said, sandboxes_of

from reslib.testing import write_fault

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
)
expect = sync_api.expect

Open = Callable[..., Notebook]

#: Jobs that have failed, without a process for each.
FAIL = """
ids = [db.add_attachment(name, folder / name) for name in {names!r}]
for job in worker.enqueue_batch(ids):
    worker.queue.failed(worker.queue.claim('me').id, 'no words', {kind!r}, 0, error_code={code!r})
"""


def rows(panel: Notebook) -> Any:
    return panel.panel.locator("[data-list-job]")


def row(panel: Notebook, job: int) -> Any:
    return panel.panel.locator(f"[data-list-job='{job}']")


def head(panel: Notebook) -> Any:
    return panel.panel.locator("[data-listed]")


def focused(panel: Notebook) -> str:
    return str(panel.page.evaluate("document.activeElement.textContent"))


def test_a_click_on_a_count_lists_its_jobs_with_folder_state_since_when_and_cause(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(2, "pages 1", "raise it is odd")
    panel = shown()
    panel.button("Start").click()
    panel.button("2 failed").click()
    expect(head(panel)).to_have_text("2 failed")
    first = row(panel, 1)
    expect(first).to_contain_text("doc-000.fault")
    expect(first).to_contain_text(str(tmp_path))
    expect(first).to_contain_text(re.compile(r"failed at \d\d:\d\d:\d\d"))
    expect(first).to_contain_text("exception")
    panel.button("2 failed, list open").click()
    expect(rows(panel)).to_have_count(0)
    expect(head(panel)).to_be_hidden()


def test_the_details_of_a_job_tell_message_advice_attempts_and_a_folded_traceback(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(1, "pages 1", "raise it is odd")
    panel = shown()
    panel.button("Start").click()
    panel.button("1 failed").click()
    panel.button("Details of job 1").click()
    expect(row(panel, 1)).to_contain_text("raised ValueError: it is odd")
    expect(row(panel, 1)).to_contain_text("What to do: read the traceback")
    expect(row(panel, 1)).to_contain_text(f"File: {tmp_path / 'doc-000.fault'}")
    expect(row(panel, 1).get_by_role("listitem")).to_contain_text(
        re.compile(r"\d\d:\d\d:\d\d to \d\d:\d\d:\d\d: failed, exception, took [\d.]+ s")
    )
    trace = row(panel, 1).locator("pre")
    expect(trace).to_be_hidden()
    row(panel, 1).get_by_text("Traceback", exact=True).click()
    expect(trace).to_contain_text("ValueError: it is odd")
    panel.button("Hide details of job 1").click()
    expect(row(panel, 1)).not_to_contain_text("What to do")


def test_fifty_rows_of_a_long_list_are_shown_and_its_length_is_said(shown: Open) -> None:
    names = [f"paper-{n:03}.pdf" for n in range(1203)]
    panel = shown(
        f"names = {names!r}\n"
        "jobs = worker.enqueue_batch([db.add_attachment(n, folder / n) for n in names])"
    )
    panel.run(2)
    panel.button("1,203 pending").click()
    expect(head(panel)).to_have_text("50 of 1,203 pending")
    expect(rows(panel)).to_have_count(50)
    panel.panel.get_by_role("textbox", name="Filter").fill("paper-1200")
    expect(rows(panel)).to_have_count(1)
    expect(head(panel)).to_have_text("1 that the filter finds among 1,203 pending")
    panel.panel.get_by_role("textbox", name="Filter").fill("no such words")
    expect(rows(panel)).to_have_count(0)
    panel.panel.get_by_role("textbox", name="Filter").fill("")
    expect(rows(panel)).to_have_count(50)


def test_all_that_a_filter_finds_is_retried_or_cancelled_and_nothing_else(shown: Open) -> None:
    thesis, other = [f"thesis-{n}.pdf" for n in range(3)], ["other.pdf"]
    panel = shown(
        FAIL.format(names=[*thesis, *other], kind="timeout", code="timeout"),
        FAIL.format(names=["thesis-locked.pdf"], kind="unsupported", code="encrypted"),
    )
    panel.run(2)
    panel.run(3)
    panel.button("5 failed").click()
    panel.panel.get_by_role("textbox", name="Filter").fill("THESIS")
    expect(rows(panel)).to_have_count(4)
    listed = panel.panel.locator(".rl-list")
    expect(listed.get_by_role("button", name="Retry all 4", exact=True)).to_be_enabled()
    listed.get_by_role("button", name="Retry 3 that may help", exact=True).click()
    expect(said(panel)).to_contain_text("3 jobs are pending again.")
    expect(panel.count("failed")).to_have_text("2")
    panel.button("3 pending").click()
    expect(head(panel)).to_have_text("3 pending")
    panel.panel.get_by_role("textbox", name="Filter").fill("thesis-1 OR")
    expect(rows(panel)).to_have_count(0)
    panel.panel.get_by_role("textbox", name="Filter").fill("thesis-1")
    expect(rows(panel)).to_have_count(1)
    panel.button("Cancel all 1").click()
    expect(said(panel)).to_have_text("1 job is cancelled.")
    expect(panel.count("pending")).to_have_text("2")
    panel.panel.get_by_role("textbox", name="Filter").fill("")
    panel.button("Refresh").click()
    panel.button("Cancel all 2").click()
    expect(said(panel)).to_have_text("Cancel all 2 jobs that are pending?")
    panel.button("No").click()
    expect(said(panel)).to_have_count(0)
    panel.button("Cancel all 2").click()
    panel.button("Yes, cancel 2").click()
    expect(said(panel)).to_have_text("2 jobs are cancelled.")
    expect(panel.count("cancelled")).to_have_text("3")


def test_one_job_is_retried_and_another_cancelled_by_the_buttons_in_their_rows(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(1, "flaky 1", "pages 1", name="a")
    faults(1, "pages 1", "sleep 60", name="b")
    panel = shown()
    panel.button("Start").click()
    panel.button("1 failed").click()
    panel.button("Retry job 1").click()
    expect(said(panel)).to_have_text("The job that was retried is complete.")
    expect(row(panel, 1)).to_have_attribute("data-list-state", "complete")
    expect(head(panel)).to_have_text("0 failed; 1 shown here is not any more")
    panel.button("1 processing").click()
    listed = panel.panel.locator(".rl-list")
    listed.get_by_role("button", name="Cancel job 2", exact=True).click()
    expect(row(panel, 2)).to_have_attribute("data-list-state", "cancelled")
    expect(panel.count("processing")).to_have_text("0")


def test_a_row_offers_what_its_state_allows_in_whatever_list_it_was_before(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(1, "pages 1", "sleep 60")
    panel = shown()
    listed = panel.panel.locator(".rl-list")
    cancel = listed.get_by_role("button", name="Cancel job 1", exact=True)
    panel.button("1 pending").click()
    expect(cancel).to_be_visible()
    panel.button("Start").click()
    panel.button("1 processing").click()
    expect(cancel).to_be_visible()
    next(iter(sandboxes_of(kernel_of(panel)))).kill()
    panel.button("1 failed").click()
    expect(listed.get_by_role("button", name="Retry job 1", exact=True)).to_be_visible()
    expect(cancel).to_have_count(0)
    panel.button("Retry job 1").click()
    expect(row(panel, 1)).to_have_attribute("data-list-state", "processing")
    panel.button("Details of job 1").click()
    expect(listed.get_by_role("button", name="Retry job 1", exact=True)).to_have_count(0)
    expect(cancel).to_be_visible()


@pytest.mark.parametrize("width", [440, 820])
def test_of_a_folder_that_has_no_room_the_end_can_be_read(
    shown: Open, tmp_path: Path, width: int
) -> None:
    folder = tmp_path / "/".join(f"part {n} of a long path" for n in range(9)) / "the-end"
    folder.mkdir(parents=True)
    write_fault(folder, "a-document-with-quite-a-long-name-of-its-own.fault", "pages 1")
    panel = shown("worker.enqueue_batch(db.add_folder(folder))")
    panel.run(2)
    panel.page.evaluate(NARROW, width)
    panel.button("1 pending").click()
    expect(row(panel, 1)).to_contain_text("the-end")
    panel.page.wait_for_function(ENDS_IN_SIGHT)


NARROW = """width => {
    for (const e of document.querySelectorAll('.jp-OutputArea-output'))
        e.style.maxWidth = width + 'px';
}"""
#: Whether a folder is longer than its place, which is wide enough to be read, and ends within it.
ENDS_IN_SIGHT = """() => {
    const place = document.querySelector(".rl-folder"), box = place.getBoundingClientRect();
    const path = place.querySelector("bdi").getBoundingClientRect();
    return box.width > 120 && path.width > box.width && Math.abs(path.right - box.right) < 2;
}"""


def test_a_list_works_while_a_cell_runs(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(2, "raise it is odd")
    panel = shown(
        "import time\nworker.start()\n"
        "while not (folder / 'go').exists(): time.sleep(0.05)\nprint('slept')"
    )
    panel.begin(2)
    panel.button("2 failed").click()
    expect(rows(panel)).to_have_count(2)
    panel.button("Details of job 1").click()
    expect(row(panel, 1)).to_contain_text("it is odd")
    expect(panel.output(2)).not_to_contain_text("slept")
    (tmp_path / "go").touch()
    expect(panel.output(2)).to_contain_text("slept")


def test_a_list_is_worked_by_keyboard_and_the_focus_stays_where_it_was(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(3, "flaky 1", "pages 1", name="a")
    panel = shown()
    panel.button("Start").click()
    panel.button("3 failed").focus()
    panel.page.keyboard.press("Enter")
    expect(rows(panel)).to_have_count(3)
    assert focused(panel) == "3 failed, list open"
    panel.panel.get_by_role("textbox", name="Filter").focus()
    panel.page.keyboard.type("a-0")
    expect(head(panel)).to_have_text("3 failed")
    assert panel.panel.get_by_role("textbox", name="Filter").evaluate(
        "e => e === document.activeElement"
    )
    panel.button("Details of job 2").focus()
    panel.page.keyboard.press("Space")
    expect(row(panel, 2)).to_contain_text("What to do")
    assert focused(panel) == "Hide details of job 2"
    panel.page.keyboard.press("Tab")
    assert focused(panel) == "Retry job 2"
    panel.page.keyboard.press("Enter")
    expect(row(panel, 2)).to_have_attribute("data-list-state", "complete")
    assert focused(panel) == "Retry job 2", "though it is complete by now"
    panel.page.keyboard.press("Tab")
    expect(panel.button("Retry job 2")).to_have_count(0)
    panel.button("Close list").focus()
    panel.page.keyboard.press("Enter")
    expect(head(panel)).to_be_hidden()
    panel.page.wait_for_function("document.activeElement.textContent === '2 failed'")


def test_later_jobs_come_below_the_row_that_has_the_focus(shown: Open, tmp_path: Path) -> None:
    fail = FAIL.format(names=["a.pdf", "b.pdf"], kind="timeout", code="timeout")
    later = FAIL.format(names=["c.pdf"], kind="timeout", code="timeout").replace("\n", "\n    ")
    go = "while not (folder / 'go').exists(): time.sleep(0.05)"
    panel = shown(
        f"import threading, time\n{fail}\ndef fail_later():\n    {go}{later}\n"
        "threading.Thread(target=fail_later, daemon=True).start()"
    )
    panel.run(2)
    panel.button("2 failed").click()
    expect(rows(panel)).to_have_count(2)
    first = rows(panel).first.get_attribute("data-list-job")
    panel.button(f"Retry job {first}").focus()
    (tmp_path / "go").touch()
    expect(rows(panel)).to_have_count(3)
    assert rows(panel).first.get_attribute("data-list-job") == first
    assert focused(panel) == f"Retry job {first}"
    panel.button("Refresh").click()
    expect(rows(panel).first).to_contain_text("c.pdf")


def test_a_list_can_be_read_aloud(shown: Open, faults: Callable[..., None]) -> None:
    faults(1, "raise it is odd")
    panel = shown()
    panel.button("Start").click()
    panel.button("1 failed").click()
    expect(rows(panel)).to_have_count(1)
    snapshot = panel.panel.locator(".rl-list").aria_snapshot()
    for line in (
        "- status: 1 failed",
        '- button "Refresh"',
        '- button "Close list"',
        '- textbox "Filter"',
        '- button "Retry 1 that may help"',
        '- button "Retry all 1"',
        '- group "Job 1"',
        '- button "Details of job 1"',
        '- button "Retry job 1"',
    ):
        assert line in snapshot, snapshot
    assert not re.search(r"- (button|textbox|group)( \[|:|$)", snapshot, re.M), "nameless"


def test_names_messages_and_tracebacks_in_a_list_are_shown_and_not_obeyed(
    shown: Open, tmp_path: Path
) -> None:
    evil = '<img src=x onerror="document.title=1">&amp;\u202e'
    write_fault(tmp_path, "a.fault", f"raise {evil}")
    panel = shown(
        f"from pathlib import Path; name = {evil!r} + '.fault'\n"
        "place = folder / '<b>bold' ; place.mkdir(); path = place / 'x.fault'\n"
        "path.write_bytes((folder / 'a.fault').read_bytes())\n"
        "worker.enqueue(db.add_attachment(name, path))\nworker.start()"
    )
    panel.run(2)
    panel.button("2 failed").click()
    expect(rows(panel)).to_have_count(2)
    for job in (1, 2):
        panel.button(f"Details of job {job}").click()
        expect(row(panel, job)).to_contain_text('raised ValueError: <img src=x onerror="')
        row(panel, job).get_by_text("Traceback", exact=True).click()
    expect(panel.panel).to_contain_text('<img src=x onerror="document.title=1">&amp;')
    expect(panel.panel).to_contain_text("<b>bold")
    expect(panel.panel.locator("img, script")).to_have_count(0)
    assert panel.page.title() != "1"


@pytest.mark.parametrize("width", [440, 590])
def test_nothing_of_a_narrow_panel_is_covered_or_sticks_out(
    shown: Open, faults: Callable[..., None], width: int
) -> None:
    faults(2, "total 9", "pages 3", "sleep 60", name="a-document-with-quite-a-long-name")
    faults(3, "pages 1", name="another-long-name-of-a-document")
    panel = shown()
    panel.page.evaluate(NARROW, width)
    panel.button("Start").click()
    for job in (1, 2):
        expect(panel.button(f"Cancel job {job}")).to_be_visible()
    panel.page.wait_for_function(IS_WHOLE, arg=[width, 100])
    panel.button("3 pending").click()
    expect(rows(panel)).to_have_count(3)
    panel.page.wait_for_function(IS_WHOLE, arg=[width, 100])


#: Whether in a panel of that width nothing sticks out, each Cancel button stands at half the height
#: of its worker's row, right of its last cell and no further right than other buttons, and
#: documents have that much room.
IS_WHOLE = """([width, room]) => {
    const panel = document.querySelector(".reslib-panel.jupyter-widgets");
    const box = panel.getBoundingClientRect();
    if (box.width > width + 1 || panel.scrollWidth > panel.clientWidth) return false;
    const rows = [...panel.querySelectorAll(".rl-workers tbody tr[data-worker]")];
    if (rows.length !== 2) return false;
    const edge = [...panel.querySelectorAll("button")].find(b => b.textContent === "Find")
        .getBoundingClientRect().right;
    for (const row of rows) {
        const line = row.getBoundingClientRect();
        const cell = row.querySelector(".rl-wide").getBoundingClientRect();
        if (cell.width < room) return false;
        const cancel = [...panel.querySelectorAll(".rl-cancel")].find(button => {
            const b = button.getBoundingClientRect();
            return Math.abs(b.top + b.bottom - line.top - line.bottom) <= 3;
        });
        if (!cancel) return false;
        const button = cancel.getBoundingClientRect();
        if (button.left < line.right - 1 || button.right > edge + 0.5) return false;
    }
    return [...panel.querySelectorAll("button, input")].every(element => {
        const b = element.getBoundingClientRect();
        return b.width === 0 || b.right <= box.right + 1;
    });
}"""
