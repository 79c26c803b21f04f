"""Take the picture of the panel that the README shows, in a real JupyterLab.

    python tests/browser/screenshot.py [light.png [dark.png]]

Writes ``docs/panel.png`` when no name is given. Needs playwright and chromium, as the browser
tests do. The sample papers are extracted, and some made-up documents that take their time.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lab import Notebook, running_lab
from playwright.sync_api import expect, sync_playwright

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
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"


def main() -> int:
    names = [Path(name) for name in sys.argv[1:]] or [ROOT / "docs" / "panel.png"]
    program = os.environ.get("RESLIB_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        folder = Path(temporary) / "documents"
        folder.mkdir()
        browser = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        with running_lab(Path(temporary) / "lab") as lab:
            page = browser.new_page(viewport={"width": 1180, "height": 1000})
            cell = CELL.format(folder=str(folder), papers=str(ROOT / "samples" / "papers"))
            notebook = Notebook.opened(lab, page, folder, [cell, "ControlPanel(worker)"])
            notebook.run(0)
            notebook.run(1)
            notebook.button("Start").click()
            expect(notebook.panel.locator(".rl-chart")).to_be_visible()
            page.wait_for_timeout(14_000)  # so that the chart has something to show
            for name, theme in zip(names, ("JupyterLab Light", "JupyterLab Dark"), strict=False):
                page.evaluate(THEME, theme)
                page.wait_for_function("t => document.body.dataset.jpThemeName === t", arg=theme)
                page.wait_for_timeout(1000)
                name.parent.mkdir(parents=True, exist_ok=True)
                notebook.panel.screenshot(path=name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
