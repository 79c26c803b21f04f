"""Take the pictures that the README shows, of the panel and of the viewer, in a real JupyterLab.

    python tests/browser/screenshot.py panel|viewer [light.png [dark.png]]

Writes ``docs/panel.png`` or ``docs/viewer.png`` when no name is given. Needs playwright and
chromium, as the browser tests do. For the panel the sample papers are extracted, and some made-up
documents that take their time; the viewer shows a table of one of the papers about tides.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lab import Lab, Notebook, running_lab
from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CELL = """
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor, write_fault
from reslib_widgets import ControlPanel
register_fault_extractor()
folder = Path({folder!r})
for n in range(160):
    write_fault(folder, f"interview-{{n:03}}.fault", "pages 12", f"sleep {{0.1 + 0.1 * (n % 6)}}")
write_fault(folder, "field-diary-1911.fault", "pages 40", "sleep 60")
db = ResearchDatabase(folder / "library.db")
worker = ExtractionWorker(db, num_workers=4, max_retries=0)
diary = db.add_attachment("field-diary-1911.fault", folder / "field-diary-1911.fault")
worker.enqueue(diary, priority=1)
papers = worker.enqueue_batch(db.add_folder({papers!r}))
interviews = worker.enqueue_batch(db.add_folder(folder))
"""
TABLE = """
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib_widgets import TableViewer
db = ResearchDatabase(Path({folder!r}) / "tides.db")
paper = db.add_attachment("curlew-2004.pdf", Path({papers!r}) / "curlew-2004.pdf")
with ExtractionWorker(db, num_workers=1) as worker:
    worker.enqueue(paper)
    worker.enqueue(paper, task="tables")
    worker.wait()
"""
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"


def panel(lab: Lab, page: Page, folder: Path) -> Locator:
    """Return the panel of a pool at work."""
    cell = CELL.format(folder=str(folder), papers=str(ROOT / "samples" / "papers"))
    notebook = Notebook.opened(lab, page, folder, [cell, "ControlPanel(worker)"])
    notebook.run(0)
    notebook.run(1)
    notebook.button("Start").click()
    expect(notebook.panel.locator(".rl-chart")).to_be_visible()
    page.wait_for_timeout(14_000)  # so that the chart has something to show
    return notebook.panel


def viewer(lab: Lab, page: Page, folder: Path) -> Locator:
    """Return the viewer of a table in which one cell holds two numbers."""
    cell = TABLE.format(folder=str(folder), papers=str(ROOT / "samples" / "tide-papers"))
    notebook = Notebook.opened(lab, page, folder, [cell, "TableViewer(db)"])
    notebook.run(0)
    notebook.run(1)
    shown = page.locator(".reslib-tables.jupyter-widgets")
    expect(shown.locator(".rl-marks svg")).to_be_visible()
    return shown


SUBJECTS = {"panel": panel, "viewer": viewer}


def main() -> int:
    subject = sys.argv[1] if len(sys.argv) > 1 else "panel"
    names = [Path(name) for name in sys.argv[2:]] or [ROOT / "docs" / f"{subject}.png"]
    program = os.environ.get("RESLIB_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        folder = Path(temporary) / "documents"
        folder.mkdir()
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        with running_lab(Path(temporary) / "lab") as lab:
            page = browser.new_page(viewport={"width": 1180, "height": 1000})
            shown = SUBJECTS[subject](lab, page, folder)
            for name, theme in zip(names, ("JupyterLab Light", "JupyterLab Dark"), strict=False):
                page.evaluate(THEME, theme)
                page.wait_for_function("t => document.body.dataset.jpThemeName === t", arg=theme)
                page.wait_for_timeout(1000)
                name.parent.mkdir(parents=True, exist_ok=True)
                shown.screenshot(path=name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
