"""What the browser tests do with JupyterLab: a server of its own, notebooks, cells, kernels."""

from __future__ import annotations

import contextlib
import html
import json
import logging
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil

#: No news, no reminders, no virtual cells, nothing saved behind the test's back.
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
#: Returns nothing: what the command returns is a widget, too large to be handed over.
OPEN = "async name => { await jupyterapp.commands.execute('docmanager:open', {path: name}); }"
CLOSE = """async () => {
  for (const widget of [...jupyterapp.shell.widgets('main')]) widget.dispose();
}"""
#: The notebook is in front, alone, and its kernel has nothing to do. A document that an earlier
#: test had opened, and that came back from a workspace or late, is closed, even when it came
#: to the front: a page that was loaded again does that to the next document.
READY = """name => {
  const shell = window.jupyterapp?.shell, current = shell?.currentWidget;
  const asked = shell && [...shell.widgets('main')].find(w => w.context?.path === name);
  if (asked && asked !== current) shell.activateById(asked.id);
  if (!current?.isVisible || asked !== current) return false;
  for (const widget of [...shell.widgets('main')]) if (widget !== current) widget.dispose();
  return current.sessionContext?.session?.kernel?.status === 'idle'
    && document.querySelectorAll('.jp-Notebook').length === 1;
}"""
#: What JupyterLab shows, for the message of a test that waited in vain.
SHOWN = """() => {
  const current = window.jupyterapp?.shell?.currentWidget;
  return {
    document: current?.context?.path, visible: current?.isVisible,
    kernel: current?.sessionContext?.session?.kernel?.status,
    connection: current?.sessionContext?.session?.kernel?.connectionStatus,
    notebooks: document.querySelectorAll('.jp-Notebook').length,
    dialog: document.querySelector('.jp-Dialog')?.innerText,
  };
}"""
#: Cells: two workers on a database beside the documents of the test, and their panel.
SETUP = """
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor
from reslib_widgets import ControlPanel
register_fault_extractor()
folder = Path({folder!r})
db = ResearchDatabase(folder / "panel.db")
worker = ExtractionWorker(db, num_workers=2, max_retries={retries})
for path in sorted(folder.glob("*.fault")):
    worker.enqueue(db.add_attachment(path.name, path))
"""
SHOW = "ControlPanel(worker)"
#: The notebook by its name: another document may have come to the front.
RUN_CELL = """async ([name, index]) => {
  const app = window.jupyterapp;
  const asked = [...app.shell.widgets('main')].find(w => w.context?.path === name);
  app.shell.activateById(asked.id);
  asked.content.activeCellIndex = index; asked.content.deselectAll();
  await app.commands.execute('notebook:run-cell');
}"""
#: A page that was loaded again opens what was open before, now or a few seconds later.
WAS_RELOADED = "performance.getEntriesByType('navigation')[0].type === 'reload'"


@dataclass(frozen=True)
class Lab:
    """A running server."""

    url: str
    token: str
    root: Path
    runtime: Path

    @property
    def first_page(self) -> str:
        """The address that the server opens in the browser of its user."""
        page = next(self.runtime.glob("jpserver-*-open.html")).read_text(encoding="utf-8")
        found = re.search(r'href="([^"]+)"', page)
        assert found, page
        return html.unescape(found[1])

    def call(self, method: str, path: str) -> Any:
        """Call the server's REST interface."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.loads(answer.read() or b"null")

    def end_kernels(self) -> None:
        """End every kernel, and do not wait: one with a busy pool takes seconds."""
        for session in self.call("GET", "sessions"):
            ending = (self.call, "DELETE", f"sessions/{session['id']}")
            threading.Thread(target=_try, args=ending, daemon=True).start()


@contextlib.contextmanager
def running_lab(folder: Path, clone: Path | None = None) -> Iterator[Lab]:
    """Run a JupyterLab into which nothing of the user's settings leaks.

    With *clone*, a copy of this repository, it is the one that ``make lab`` starts there.
    """
    root, home = clone or folder / "notebooks", folder / "home"
    root.mkdir(parents=True, exist_ok=True)
    for key, values in SETTINGS.items():
        path = home / "settings" / f"{key}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    places = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
    }
    env = {**os.environ, **{name: str(home / place) for name, place in places.items()}}
    options = [
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *("--ServerApp.terminals_enabled=False", "--LabApp.expose_app_in_browser=True"),
    ]
    command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={root}", *options]
    if clone:
        command = [
            *("make", "-C", str(clone), "lab", "--old-file=.venv/.ready-for-lab"),
            *(f"BIN={Path(sys.executable).parent}", f"LAB_ARGS={' '.join(options)}"),
        ]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    lab = Lab(f"http://127.0.0.1:{port}", token, root, home / "runtime")
    try:
        _wait_for_server(lab, server, folder / "server.log")
        yield lab
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(5)


def kernel_of(notebook: Notebook) -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        if any(notebook.kernel_id in part for part in process.info["cmdline"] or []):
            return process
    raise AssertionError("the kernel is not there")


def sandboxes_of(kernel: psutil.Process) -> list[psutil.Process]:
    return [
        child
        for child in kernel.children(recursive=True)
        if any("reslib.sandbox.child" in part for part in child.cmdline())
    ]


def said(notebook: Notebook) -> Any:
    """Return what became of the last command."""
    return notebook.panel.locator(".rl-notice")


def _try(call: Any, *arguments: str) -> None:
    with contextlib.suppress(OSError):
        call(*arguments)


def close_documents(page: Any) -> None:
    """Close every notebook, whether saved or not."""
    page.evaluate(CLOSE)
    page.wait_for_function("document.querySelectorAll('.jp-Notebook').length === 0")


def _wait_for_server(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            lab.call("GET", "status")
            return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}") from None
            time.sleep(0.1)


class Notebook:
    """A notebook that is open in a browser."""

    def __init__(self, lab: Lab, page: Any, name: str) -> None:
        self.lab, self.page, self.name = lab, page, name

    @classmethod
    def opened(cls, lab: Lab, page: Any, folder: Path, cells: Sequence[str]) -> Notebook:
        """Write a notebook whose cells know *folder*, open it, and wait for its kernel."""
        name = f"n{secrets.token_hex(4)}.ipynb"
        document = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            # Without it JupyterLab asks which kernel to use, and waits.
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(document, lab.root / name)
        notebook = cls(lab, page, name)
        if "/lab" in page.url:
            page.evaluate(OPEN, name)
            try:
                notebook.wait_until_idle(seconds=20)
                return notebook
            except AssertionError as error:
                # The tab is the one of the test before; what that left may be in the way.
                logging.getLogger(__name__).warning("JupyterLab is loaded anew: %s", error)
        # A workspace of its own, or JupyterLab opens what another tab had open.
        workspace = name.removesuffix(".ipynb")
        page.goto(f"{lab.url}/lab/workspaces/{workspace}/tree/{name}?token={lab.token}")
        notebook.wait_until_idle()
        return notebook

    def wait_until_idle(self, seconds: float = 60) -> None:
        """Wait until the notebook is in front and its kernel has nothing to do."""
        from playwright.sync_api import TimeoutError as WaitedInVain

        try:
            self.page.wait_for_function(READY, arg=self.name, timeout=seconds * 1000)
        except WaitedInVain as error:
            shown = self.page.evaluate(SHOWN)
            raise AssertionError(f"{self.name} is not ready: JupyterLab shows {shown}") from error

    def run(self, index: int) -> None:
        """Run a cell and wait for its end."""
        self.page.evaluate(RUN_CELL, [self.name, index])

    def begin(self, index: int) -> None:
        """Run a cell and do not wait."""
        self.page.evaluate(f"cell => {{ ({RUN_CELL})(cell); }}", [self.name, index])

    def output(self, index: int) -> Any:
        """Return the output of a cell."""
        return self.page.locator(".jp-CodeCell").nth(index).locator(".jp-Cell-outputArea")

    def command(self, name: str) -> None:
        """Carry out a command of JupyterLab and wait for it."""
        self.page.evaluate("async name => { await jupyterapp.commands.execute(name); }", name)

    @property
    def kernel_id(self) -> str:
        """The id of the kernel."""
        sessions = self.lab.call("GET", "sessions")
        return next(s["kernel"]["id"] for s in sessions if s["path"] == self.name)

    @property
    def panel(self) -> Any:
        """The panel, by its class."""
        return self.page.locator(".reslib-panel.jupyter-widgets")

    def button(self, name: str) -> Any:
        """Return a button of the panel."""
        return self.panel.get_by_role("button", name=name, exact=True)

    @property
    def state(self) -> Any:
        """The word for the state."""
        return self.panel.locator("b[data-state]")

    def count(self, state: str) -> Any:
        """Return the number of jobs in a state."""
        return self.panel.locator(f"b[data-count={state}]")
