"""The panel in a real kernel: it lives while cells run, and is saved with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ipywidgets", reason="needs ipywidgets: pip install '.[notebook]'")

from reslib import unregister_extractor
from reslib.testing import register_fault_extractor

PAPERS = Path(__file__).parents[2] / "samples" / "papers"


@pytest.fixture(autouse=True)
def _faults() -> Iterator[None]:
    register_fault_extractor()
    yield
    unregister_extractor("fault")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    manager_of = pytest.importorskip(
        "jupyter_client.manager", reason="needs jupyter_client: pip install '.[notebook]'"
    )
    folder = tmp_path_factory.mktemp("kernel")
    manager, client = manager_of.start_new_kernel(kernel_name="python3")
    run(
        client,
        "import time\nfrom pathlib import Path\nfrom IPython.display import display\n"
        "from reslib import ExtractionWorker, ResearchDatabase\n"
        "from reslib.testing import register_fault_extractor, write_fault\n"
        "from reslib_widgets import ControlPanel\nregister_fault_extractor()\n"
        f"folder = Path({str(folder)!r}); db = ResearchDatabase(folder / 'panel.db')\n"
        "worker = ExtractionWorker(db, num_workers=2)\n"
        "panel = ControlPanel(worker); display(panel)\n",
    )
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client: Any, code: str) -> str:
    printed: list[str] = []

    def hook(message: dict[str, Any]) -> None:
        assert message["msg_type"] != "error", "\n".join(message["content"]["traceback"])
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=hook, timeout=60)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed)


def published(client: Any, seconds: float) -> list[dict[str, Any]]:
    """What a kernel publishes in that time."""
    found, until = [], time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if client.iopub_channel.msg_ready() or client.iopub_channel.socket.poll(left * 1000):
            found.append(client.get_iopub_msg(timeout=1))
    return found


def test_an_idle_panel_sends_nothing(kernel: tuple[Any, Any]) -> None:
    _, client = kernel
    run(client, "worker.start(); time.sleep(1)")
    published(client, 0.5)
    before = int(run(client, "print(panel.refreshes)"))
    published(client, 0.5)
    assert published(client, 3) == []
    run(
        client,
        "ids = [db.add_attachment(f'{n}.gone', folder / f'{n}.gone') for n in range(60)]\n"
        "worker.pause()\njobs = worker.enqueue_batch(ids)\n"
        "panel._counts['pending'].click()\n"
        "while len(panel._list._rows) < 50: time.sleep(.01)\ntime.sleep(1)",
    )
    published(client, 1)
    assert published(client, 3) == [], "a list of fifty rows as well"
    run(
        client,
        "panel._counts['pending'].click()\nfor job in jobs: worker.cancel(job)\nworker.resume()",
    )
    assert int(run(client, "print(panel.refreshes)")) > before + 3, "it looks all the same"


def test_a_panel_refreshes_while_a_cell_sleeps(kernel: tuple[Any, Any]) -> None:
    _, client = kernel
    printed = run(
        client,
        "path = write_fault(folder, 'slow.fault', 'pages 1', 'sleep 30')\n"
        "job = worker.enqueue(db.add_attachment('slow.fault', path))\n"
        "while not worker.get_status()['active_workers']: time.sleep(.01)\n"
        "before = panel.refreshes\ntime.sleep(4)\nprint(panel.refreshes - before)",
    )
    assert int(printed) >= 14
    messages = published(client, 2)
    assert messages, "a busy panel is rewritten"
    assert {m["msg_type"] for m in messages} == {"comm_msg"}, "no thread prints into a cell"
    run(client, "worker.cancel(job)")


def test_a_click_acts_while_a_cell_sleeps(kernel: tuple[Any, Any]) -> None:
    _, client = kernel
    create = client.session.msg("create_subshell_request")
    client.control_channel.send(create)
    reply = client.control_channel.get_msg(timeout=30)
    if "subshell_id" not in reply["content"]:
        pytest.skip("this ipykernel has no subshells: a click waits for the end of the cell")
    run(client, "worker.resume(); worker.start()\nwhile panel._pause.disabled: time.sleep(.01)")
    button = run(client, "print(panel._pause.model_id)").strip()
    request = client.execute(
        "until = time.monotonic() + 30\n"
        "while not worker.is_paused() and time.monotonic() < until: time.sleep(.01)\n"
        "acted = worker.is_paused()"
    )
    content = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
    click = client.session.msg("comm_msg", content)  # as JupyterLab sends it
    click["header"]["subshell_id"] = reply["content"]["subshell_id"]
    client.shell_channel.send(click)
    while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != request:
        pass
    assert run(client, "worker.resume(); print(acted)").strip() == "True"


@pytest.mark.alone(reason="the document must still be read when the cell is interrupted")
def test_an_interrupt_ends_the_cell_and_not_the_pool(kernel: tuple[Any, Any]) -> None:
    manager, client = kernel
    run(
        client,
        "path = write_fault(folder, 'two.fault', 'pages 1', 'sleep 2')\n"
        "job = worker.enqueue(db.add_attachment('two.fault', path))\n"
        "while not worker.get_status()['active_workers']: time.sleep(.01)",
    )
    # A cell that fails makes the kernel abort the requests that wait behind it, unless told not to.
    # And an interrupt that comes before the cell itself runs is one of the kernel, which goes on.
    code = "print('it runs', flush=True); time.sleep(60)"
    request = client.execute(code, stop_on_error=False)
    while "it runs" not in client.get_iopub_msg(timeout=30)["content"].get("text", ""):
        pass
    manager.interrupt_kernel()
    while (reply := client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != request:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    printed = run(
        client,
        "worker.wait(timeout=20)\n"
        "job = worker.queue.get_job(job)\nprint(job.status, job.attempts, worker.is_running())",
    )
    assert printed.split() == ["complete", "0", "True"]


def test_a_saved_notebook_shows_the_panel_as_it_was(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient: pip install '.[dev]'")
    nbformat = pytest.importorskip("nbformat")
    cells = [
        "from reslib import ExtractionWorker, ResearchDatabase\n"
        "from reslib_widgets import ControlPanel\n"
        f"worker = ExtractionWorker(ResearchDatabase({str(tmp_path / 'saved.db')!r}), ocr=False)\n"
        f"ids = worker.enqueue_batch(worker.db.add_folder({str(PAPERS)!r}))",
        "ControlPanel(worker)",
        "print('the panel of another cell is still open:', not ControlPanel(worker).closed)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.cells.append(
        nbformat.v4.new_code_cell("worker.start(); await worker.drained(60)\nControlPanel(worker)")
    )
    done = nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    for cell in (1, 3):  # shown again, it brings up to date what stands in the first cell
        kept = done.cells[cell].outputs[1]["data"]
        assert "10 complete, 2 failed" in kept["text/plain"]
        assert '<b data-count="failed">2</b>' in kept["text/html"]
    data = done.cells[1].outputs[0]["data"]
    assert "text/plain" not in data, "it would stay at what was shown first"
    assert data["text/html"] == "", "where a snapshot is shown, the widget leaves nothing"
    kept = done.cells[1].outputs[1]["data"]
    assert "As of " in kept["text/html"]
    assert done.cells[2].outputs[0]["text"].strip().endswith("True")
