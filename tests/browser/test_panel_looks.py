"""How the control panel looks in a real JupyterLab, and how it is read aloud."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import SETUP, Notebook

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
)
expect = sync_api.expect
Open = Callable[..., Notebook]


def test_every_control_and_figure_has_a_name(shown: Open, faults: Callable[..., None]) -> None:
    faults(1, "raise it is broken", name="a")
    faults(1, "pages 3", "sleep 60", name="b")
    panel = shown()
    panel.button("Start").click()
    expect(panel.button("Cancel job 2")).to_be_visible()
    expect(panel.panel.locator(".rl-chart")).to_be_visible()
    snapshot = panel.panel.aria_snapshot()
    for line in (
        '- button "Start" [disabled]',
        '- button "Pause"',
        '- button "Resume" [disabled]',
        '- button "Stop"',
        '- spinbutton "Workers": "2"',
        '- button "0 complete"',
        '- button "1 failed"',
        '- button "1 processing"',
        '- button "0 pending"',
        '- img "0 complete, 1 failed, 1 processing, 0 pending"',
        '- columnheader "Document"',
        '- button "Cancel job 2"',
        '- img "Jobs per second in the last 120 seconds, at most 1"',
        '- columnheader "Cause"',
        '- button "Retry 1 that may help"',
        '- button "Retry all 1"',
        '- textbox "Folder"',
        '- button "Add folder"',
        '- textbox "Words"',
        '- button "Find"',
    ):
        assert line in snapshot, snapshot
    assert "No update" not in snapshot, "what is hidden is not read aloud"
    assert not re.search(r"- (button|img|textbox|spinbutton)( \[|:|$)", snapshot, re.M), "nameless"


def test_the_panel_can_be_worked_by_keyboard(shown: Open, faults: Callable[..., None]) -> None:
    faults(1, "pages 1")
    panel = shown()
    panel.button("Start").focus()
    panel.page.keyboard.press("Enter")
    expect(panel.state).to_have_text("running")
    expect(panel.button("Pause")).to_be_enabled()
    panel.button("Pause").focus()
    panel.page.keyboard.press("Space")
    expect(panel.state).to_have_text("paused")


@pytest.fixture
def themes(page: Any) -> Iterator[None]:
    """Brings the light theme back."""
    yield
    page.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"
    )


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_text_can_be_read_in_both_themes(
    shown: Open, faults: Callable[..., None], theme: str, themes: None
) -> None:
    faults(2, "raise it is broken")
    panel = shown()
    panel.page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    panel.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    panel.button("Start").click()
    expect(panel.count("failed")).to_have_text("2")
    for selector in ("b[data-state]", "[data-sentence]", ".rl-count", "td", ".rl-cause"):
        contrast = panel.panel.locator(selector).first.evaluate(CONTRAST)
        assert contrast >= 4, f"{selector} has a contrast of {contrast:.1f} in {theme}"
    box = panel.panel.bounding_box()
    assert box["height"] < 600
    assert panel.panel.evaluate("e => e.scrollWidth <= e.clientWidth"), "nothing sticks out"


#: Contrast of an element's text with what is behind it, as WCAG 2 defines it.
CONTRAST = """element => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).slice(0, 3).map(c => {
      c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const clear = colour => colour === 'transparent' || /, 0\\)$/.test(colour);
  let behind = element;
  while (behind && clear(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const a = light(getComputedStyle(element).color);
  const b = behind ? light(getComputedStyle(behind).backgroundColor) : 1;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }"""


def test_the_live_plot_is_drawn_and_stands_still_when_nothing_moves(
    notebook: Open, faults: Callable[..., None], tmp_path: Path
) -> None:
    faults(3, "pages 1")
    setup = SETUP.format(folder=str(tmp_path), retries=0)
    plot = notebook(
        setup,
        "from reslib_widgets import ThroughputPlot\nplot = ThroughputPlot(worker)\nplot",
        "worker.start(); print(await worker.drained(timeout=20))",
    )
    for n in range(2):
        plot.run(n)
    image = plot.page.locator(".reslib-plot img")
    expect(plot.page.locator(".reslib-plot")).to_contain_text("no data yet")
    empty = image.get_attribute("src")
    plot.run(2)
    expect(image).not_to_have_attribute("src", empty)
    expect(plot.page.locator(".reslib-plot")).to_contain_text("3 complete")
    assert image.evaluate("e => e.naturalWidth") == 640
    time.sleep(3)  # let the last document's second pass through
    settled = image.get_attribute("src")
    time.sleep(2)
    assert image.get_attribute("src") == settled
