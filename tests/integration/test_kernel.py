"""A pool in a real Jupyter kernel: what interrupting and restarting the kernel does to jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

from reslib.testing import wait_until

CELL = """
from pathlib import Path
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor, write_fault
register_fault_extractor()
folder = Path({folder!r})
db = ResearchDatabase(folder / "kernel.db")
worker = ExtractionWorker(db, num_workers=2, max_retries=0)
worker.start()
for n in range(4):
    path = write_fault(folder, f"slow{{n}}.fault", "page x", "sleep 60")
    worker.enqueue(db.add_attachment(path.name, path))
"""


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[tuple[KernelManager, Any]]:
    """A kernel with a pool at work on the first two of four documents."""
    manager, client = start_new_kernel()
    try:
        reply = client.execute_interactive(CELL.format(folder=str(tmp_path)), timeout=60)
        assert reply["content"]["status"] == "ok"
        wait_until(lambda: statuses(tmp_path).count("processing") == 2, 30)
        wait_until(lambda: len(sandboxes(manager)) == 2, 30)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def rows(folder: Path, query: str) -> list[Any]:
    raw = sqlite3.connect(folder / "kernel.db", timeout=30)
    try:
        return raw.execute(query).fetchall()
    finally:
        raw.close()


def statuses(folder: Path) -> list[str]:
    return [status for (status,) in rows(folder, "SELECT status FROM extraction_queue ORDER BY id")]


def sandboxes(manager: KernelManager) -> list[psutil.Process]:
    return psutil.Process(manager.provisioner.pid).children(recursive=True)  # type: ignore[union-attr]


@pytest.mark.alone(reason="its processes have two seconds to end")
@pytest.mark.parametrize("how", ["restart", "shutdown"])
def test_the_end_of_a_kernel_gives_running_jobs_back_without_a_lost_attempt(
    how: str, kernel: tuple[KernelManager, Any], tmp_path: Path
) -> None:
    manager, _ = kernel
    children = sandboxes(manager)
    if how == "restart":
        manager.restart_kernel()
    else:
        manager.shutdown_kernel()
    assert statuses(tmp_path) == ["pending"] * 4
    jobs = rows(tmp_path, "SELECT attempts, error_code FROM extraction_queue")
    assert jobs == [(0, None)] * 4, "with max_retries=0 a counted attempt would be the last"
    ends = rows(tmp_path, "SELECT outcome FROM extraction_metrics")
    assert ends == [("interrupted",)] * 2
    _, alive = psutil.wait_procs(children, timeout=2)
    assert not alive


def test_interrupting_a_kernel_leaves_the_pool_at_work(
    kernel: tuple[KernelManager, Any], tmp_path: Path
) -> None:
    manager, client = kernel
    children = {process.pid for process in sandboxes(manager)}
    # A cell that fails makes the kernel abort the requests that wait behind it, unless told not to.
    # And an interrupt that comes before the cell itself runs is one of the kernel, which goes on.
    code = "import time; print('it runs', flush=True); time.sleep(60)"
    client.execute(code, stop_on_error=False)
    wait_until(lambda: "it runs" in client.get_iopub_msg(timeout=30)["content"].get("text", ""))
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
    reply = client.execute_interactive("assert worker.is_running()", timeout=60)
    assert reply["content"]["status"] == "ok"
    assert {process.pid for process in sandboxes(manager)} == children
    assert statuses(tmp_path).count("processing") == 2
