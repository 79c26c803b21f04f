"""The viewer of tables in a real JupyterLab: how it looks, and that it is worked by keyboard."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, Notebook
from test_panel_looks import CONTRAST

from reslib import ExtractionWorker, ResearchDatabase

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from typesettables import compile_pages, paper, table

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
)
expect = sync_api.expect
Open = Callable[..., Notebook]

CROWDED = (
    ("Site", "Depth", "Salinity", "Range"),
    ("Elbe", "14.2", "30.1 4.2", ""),
    ("Ems", "8.4", "28.0", "2.9"),
    ("Weser", "11.0", "29.5", "3.6"),
)
SETUP = """
from reslib import ResearchDatabase
from reslib_widgets import TableViewer
db = ResearchDatabase({path!r})
"""
SHOW = "viewer = TableViewer(db)\nviewer"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of a paper with two tables, the second with a cell that holds two numbers."""
    source = paper(table(), table(CROWDED, rules="grid", caption="What was measured"))
    with ResearchDatabase(tmp_path / "r.db") as db, ExtractionWorker(db, num_workers=1) as worker:
        document = db.add_attachment("paper.pdf", compile_pages(tmp_path, source))
        worker.enqueue(document)
        worker.enqueue(document, task="tables")
        assert worker.wait(timeout=120)
    return tmp_path / "r.db"


@pytest.fixture
def viewed(notebook: Open, library: Path) -> Notebook:
    """A notebook with the viewer in its second cell."""
    opened = notebook(SETUP.format(path=str(library)), SHOW)
    opened.run(0)
    opened.run(1)
    expect(viewer(opened).locator(".rl-marks svg")).to_be_visible()
    return opened


@pytest.fixture
def page_as_it_was(page: Any) -> Iterator[None]:
    """Brings back the light theme and the width of the window."""
    size = page.viewport_size
    yield
    page.set_viewport_size(size)
    page.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"
    )


def viewer(opened: Notebook) -> Any:
    return opened.page.locator(".reslib-tables.jupyter-widgets")


def button(opened: Notebook, name: str) -> Any:
    return viewer(opened).get_by_role("button", name=name, exact=True)


def test_the_frame_stands_beside_its_page_and_the_marks_over_their_words(
    viewed: Notebook,
) -> None:
    picture = viewer(viewed).locator(".rl-paper svg").first.bounding_box()
    marks = viewer(viewed).locator(".rl-marks svg").bounding_box()
    assert picture == pytest.approx(marks), "one lies on the other, to the point"
    frame = viewer(viewed).locator(".rl-frame").bounding_box()
    assert frame["x"] >= picture["x"] + picture["width"]
    expect(viewer(viewed).locator("[data-mark]")).to_have_count(20)
    first = viewer(viewed).locator("[data-mark]").first.bounding_box()
    assert picture["x"] < first["x"] < picture["x"] + picture["width"]
    button(viewed, "Next").click()
    expect(viewer(viewed).locator("[data-mark=crowded]")).to_have_count(1)
    expect(viewer(viewed).locator("td.rl-crowded")).to_have_text(re.compile("30.1 4.2"))


def test_every_control_has_a_name(viewed: Notebook) -> None:
    button(viewed, "Cut anew").click()
    expect(button(viewed, "Keep this table")).to_be_visible()
    snapshot = viewer(viewed).aria_snapshot()
    for line in (
        '- combobox "Document"',
        '- combobox "Table"',
        '- button "Previous" [disabled]',
        '- button "Whole page"',
        '- button "Hide lines"',
        '- spinbutton "on page"',
        '- combobox "Line"',
        '- textbox "Columns"',
        '- textbox "Rows"',
        '- textbox "Caption"',
        '- spinbutton "Head rows"',
        '- img "page 1 with 20 cells of the table drawn on it, 5 lines down and 6 across"',
        '- table "4 rows and 4 columns"',
    ):
        assert line in snapshot, snapshot
    assert not re.search(r"- (button|img|textbox|spinbutton|combobox)( \[|:|$)", snapshot, re.M)


def test_a_table_is_cut_anew_and_kept_by_keyboard(viewed: Notebook, library: Path) -> None:
    keyboard = viewed.page.keyboard
    button(viewed, "Cut anew").focus()
    keyboard.press("Enter")
    line = viewer(viewed).get_by_role("combobox", name="Line", exact=True)
    expect(line).to_be_visible()
    expect(line.locator("option:checked")).to_have_count(1)
    before = line.evaluate("e => e.selectedOptions[0].text")
    viewer(viewed).get_by_role("slider").focus()
    keyboard.press("ArrowRight")
    expect(viewer(viewed)).to_contain_text("not kept yet")
    expect(line.locator("option:checked")).not_to_have_text(before)
    button(viewed, "Remove the line").focus()
    keyboard.press("Space")
    frame = viewer(viewed).locator(".rl-frame")
    expect(frame.get_by_role("columnheader", name="Method Accuracy")).to_be_visible()
    expect(frame.get_by_role("cell", name="Baseline 0.71")).to_be_visible()
    button(viewed, "Keep this table").focus()
    keyboard.press("Enter")
    expect(viewer(viewed).get_by_role("status")).to_contain_text("Kept")
    with ResearchDatabase(library) as db:
        kept = [frame for frame in db.tables(1) if frame.attrs["task"] == "set by you"]
    assert [list(frame.columns) for frame in kept] == [["Method Accuracy", "Recall", "Time (s)"]]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("width", [1180, 700])
def test_it_can_be_read_in_both_themes_and_fits_a_narrow_window(
    viewed: Notebook, theme: str, width: int, page_as_it_was: None
) -> None:
    page = viewed.page
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    button(viewed, "Next").click()
    button(viewed, "Cut anew").click()
    expect(viewer(viewed).locator("[data-line]").first).to_be_attached()
    page.set_viewport_size({"width": width, "height": 1000})
    for selector in ("[data-confidence]", ".rl-caption", "th", "td", "td.rl-crowded"):
        contrast = viewer(viewed).locator(selector).first.evaluate(CONTRAST)
        assert contrast >= 4, f"{selector} has a contrast of {contrast:.1f} in {theme}"
    assert viewer(viewed).evaluate("e => e.scrollWidth <= e.clientWidth"), "nothing sticks out"
    picture = viewer(viewed).locator(".rl-paper").bounding_box()
    frame = viewer(viewed).locator(".rl-frame").bounding_box()
    assert (frame["y"] >= picture["y"] + picture["height"] - 1) == (width == 700)


def test_a_saved_notebook_shows_the_table_on_its_page_without_a_kernel(
    viewed: Notebook, context: Any, lab: Lab
) -> None:
    kept = viewed.output(1).locator(".jp-OutputArea-child").last
    expect(kept).to_be_hidden()
    viewed.command("docmanager:save")
    other = f"copy-{viewed.name}"
    shutil.copy(lab.root / viewed.name, lab.root / other)
    page = context.new_page()
    try:
        workspace = other.removesuffix(".ipynb")
        page.goto(f"{lab.url}/lab/workspaces/{workspace}/tree/{other}?token={lab.token}")
        output = page.locator(".jp-CodeCell").nth(1).locator(".jp-Cell-outputArea")
        picture = output.get_by_role("img", name="page 1 with the cells of the table drawn on it")
        expect(picture).to_be_visible()
        assert picture.evaluate("e => e.naturalWidth") > 100, "the picture is one"
        expect(output.get_by_role("cell", name="Gradient boosting")).to_be_visible()
        expect(output).not_to_contain_text("Error displaying widget", use_inner_text=True)
    finally:
        page.close()
