"""What a saved notebook shows of the panel, and what other cells and kernels do to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab import SETUP, SHOW, Lab, Notebook, kernel_of, said

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
)
expect = sync_api.expect

Open = Callable[..., Notebook]
TRUSTED = "jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.trusted)"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_saved_notebook_shows_panel_and_plot_as_they_were_without_their_kernel(
    shown: Open,
    faults: Callable[..., None],
    context: Any,
    lab: Lab,
    trusted: bool,
) -> None:
    faults(2, "pages 1")
    panel = shown("from reslib_widgets import ThroughputPlot\nThroughputPlot(worker)")
    panel.run(2)
    kept = [panel.output(n).locator(".jp-OutputArea-child").last for n in (1, 2)]
    for each in kept:
        expect(each).to_be_hidden()
        expect(each).to_contain_text("As of ", use_inner_text=False)
    panel.button("Start").click()
    expect(panel.count("complete")).to_have_text("2")
    for each in kept:
        expect(each).to_contain_text("2 complete", use_inner_text=False)
        expect(each.locator("img")).to_have_count(1)
    panel.command("docmanager:save")
    other = f"copy-{panel.name}"
    if trusted:
        shutil.copy(lab.root / panel.name, lab.root / other)
    else:
        document = nbformat.read(lab.root / panel.name, 4)
        document.cells[0].source += "\n# somebody else has changed it"
        nbformat.write(document, lab.root / other)
    page = context.new_page()
    try:
        workspace = other.removesuffix(".ipynb")
        page.goto(f"{lab.url}/lab/workspaces/{workspace}/tree/{other}?token={lab.token}")
        page.wait_for_selector(".jp-OutputArea-output", state="attached")
        assert page.evaluate(TRUSTED) == trusted
        for cell in (1, 2):
            output = page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")
            expect(output).to_contain_text("2 complete", use_inner_text=True)
            expect(output).to_contain_text("As of ", use_inner_text=True)
            expect(output.get_by_role("img").last).to_be_visible()
            expect(output).not_to_contain_text("Error displaying widget", use_inner_text=True)
            expect(output).not_to_contain_text("Loading widget", use_inner_text=True)
        bar = page.locator(".jp-CodeCell").nth(1).locator("span[style*='#009e73']").first
        assert bar.evaluate("e => e.getBoundingClientRect().width") > 100, "its styles are kept"
    finally:
        page.close()


def test_a_second_cell_with_the_same_panel_goes_on_when_the_first_is_run_again(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(1, "pages 1")
    panel = shown("ControlPanel(worker)")
    panel.run(2)
    expect(panel.panel).to_have_count(2)
    panel.run(1)
    expect(panel.panel).to_have_count(2)
    both = [panel.output(n).locator(".reslib-panel.jupyter-widgets") for n in (1, 2)]
    both[1].get_by_role("button", name="Start", exact=True).click()
    for each in both:
        expect(each.locator("b[data-count=complete]")).to_have_text("1")


def test_a_panel_that_is_closed_leaves_what_it_showed_and_says_so(
    shown: Open, faults: Callable[..., None]
) -> None:
    faults(1, "pages 1")
    panel = shown("ControlPanel(worker).close()")
    panel.run(2)
    expect(panel.panel).to_have_count(0)
    expect(panel.output(1)).to_contain_text("1 pending", use_inner_text=True)
    expect(panel.output(1)).to_contain_text("It was closed.", use_inner_text=True)


def test_after_a_kill_the_panel_says_that_documents_were_interrupted(
    shown: Open, faults: Callable[..., None], context: Any, lab: Lab, tmp_path: Path
) -> None:
    faults(2, "pages 1", "sleep 60")
    panel = shown(retries=3)
    panel.button("Start").click()
    expect(panel.count("processing")).to_have_text("2")
    kernel = kernel_of(panel)
    kernel.kill()
    expect(panel.panel.locator(".rl-dead")).to_be_visible()
    page = context.new_page()
    try:
        cells = (SETUP.format(folder=str(tmp_path), retries=3), SHOW)
        after = Notebook.opened(lab, page, tmp_path, cells)
        after.run(0)
        after.run(1)
        said_now = after.panel.locator("[data-sentence]")
        expect(said_now).to_have_text("2 documents were interrupted; Start takes them up again")
        after.button("Start").click()
        expect(after.state).to_have_text("running")
        expect(said_now).not_to_contain_text("interrupted")
    finally:
        page.close()


@pytest.mark.parametrize("busy", [False, True])
def test_a_kernel_that_is_shut_down_is_said_by_the_panel(
    shown: Open, faults: Callable[..., None], busy: bool
) -> None:
    faults(1, "pages 1", "sleep 60") if busy else faults(1, "pages 1")
    panel = shown()
    gone = panel.panel.locator(".rl-dead")
    panel.button("Start").click()
    expect(panel.count("processing" if busy else "complete")).to_have_text("1")
    expect(gone).to_be_hidden()
    panel.command("kernelmenu:shutdown")
    expect(gone).to_be_visible()
    expect(gone).to_contain_text("The kernel was stopped or restarted")
    expect(panel.button("Stop")).to_have_css("pointer-events", "none")
    panel.page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.sessionContext"
        ".changeKernel({name: 'python3'}); }"
    )
    panel.wait_until_idle()
    expect(gone).to_be_visible()


def test_pause_takes_effect_while_a_cell_computes(
    shown: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(12, "pages 1", "sleep 0.5")
    panel = shown("worker.start()\nwhile not (folder / 'go').exists(): pass\nprint('computed')")
    panel.begin(2)
    expect(panel.state).to_have_text("running")
    panel.button("Pause").click()
    expect(panel.state).to_have_text("paused")
    expect(panel.output(2)).not_to_contain_text("computed")
    (tmp_path / "go").touch()
    expect(panel.output(2)).to_contain_text("computed")


def test_a_folder_field_that_loses_the_focus_adds_nothing(shown: Open, tmp_path: Path) -> None:
    panel = shown()
    folder = panel.panel.get_by_role("textbox", name="Folder")
    folder.fill(str(tmp_path / "nowhere"))
    panel.panel.get_by_role("textbox", name="Words").focus()
    panel.page.keyboard.press("Enter")
    expect(said(panel)).to_have_text("Type some words first.")
    folder.focus()
    panel.page.keyboard.press("Enter")
    expect(said(panel)).to_contain_text("does not exist")
