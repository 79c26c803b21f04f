"""A real JupyterLab on loopback and a real Chromium, for the tests of the panel.

Debian, Ubuntu: ``apt install chromium``. RESLIB_CHROMIUM names another program.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# pytest's import mode "importlib" makes no folder of tests importable.
sys.path.insert(0, str(Path(__file__).parent))

from lab import SETUP, SHOW, WAS_RELOADED, Lab, Notebook, close_documents, running_lab

from reslib.testing import write_fault

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = config.getoption("-m") == "browser"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not asked:
                item.add_marker(pytest.mark.skip(reason="needs a browser: `make test-browser`"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install '.[dev]'"
    )
    named = os.environ.get("RESLIB_CHROMIUM")
    program = named or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("needs chromium: apt install chromium")
    # On a busy machine a child alone takes seconds to start; what does not come is waited for once.
    playwright.expect.set_options(timeout=20_000)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=program,
            headless=True,
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, chromium: Any) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def context(chromium: Any) -> Iterator[Any]:
    """One for all tests, so that JupyterLab is read from the browser's cache."""
    context = chromium.new_context(viewport={"width": 1180, "height": 1000})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def tabs(context: Any) -> Iterator[list[Any]]:
    """The tab that the next test may go on with: loading JupyterLab takes longer than a test."""
    tabs: list[Any] = []
    yield tabs
    for tab in tabs:
        tab.close()


@pytest.fixture
def page(context: Any, tabs: list[Any], lab: Lab) -> Iterator[Any]:
    page = tabs.pop() if tabs else context.new_page()
    yield page
    lab.end_kernels()
    # A dialog (a kernel has died) holds up what JupyterLab wants to do next.
    if page.locator(".jp-Dialog").count() == 0:
        try:
            if not page.evaluate(WAS_RELOADED):
                close_documents(page)
                tabs.append(page)
                return
        except Exception:  # whatever state a test has left it in
            pass
    page.close()


@pytest.fixture
def notebook(lab: Lab, page: Any, tmp_path: Path) -> Callable[..., Notebook]:
    """Open a new notebook with these cells."""

    def open_(*cells: str) -> Notebook:
        return Notebook.opened(lab, page, tmp_path, cells)

    return open_


@pytest.fixture
def faults(tmp_path: Path) -> Callable[..., None]:
    """Write documents, each with these instructions."""

    def write(count: int, *instructions: str, name: str = "doc") -> None:
        for n in range(count):
            write_fault(tmp_path, f"{name}-{n:03}.fault", *instructions)

    return write


@pytest.fixture
def shown(notebook: Callable[..., Notebook], tmp_path: Path) -> Callable[..., Notebook]:
    """Open a notebook with the panel in its second cell, and run both."""
    from playwright.sync_api import expect

    def show(*more: str, retries: int = 0) -> Notebook:
        opened = notebook(SETUP.format(folder=str(tmp_path), retries=retries), SHOW, *more)
        opened.run(0)
        opened.run(1)
        expect(opened.state).to_have_text("stopped")
        return opened

    return show
