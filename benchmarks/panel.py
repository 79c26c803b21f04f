"""What the control panel costs, in a real kernel.

    python benchmarks/panel.py

Prints the cost of a refresh, what goes to the browser at four workers, what an idle panel sends
(must be nothing), the latency of a kernel with and without a panel, how often the panel refreshes
while a cell sleeps, the memory after 1,500 refreshes, and whether a click takes effect while a
cell is busy. Exit code 1 when a promise is broken. Bytes and counts are exact; times depend on
what else the machine does.
"""

from __future__ import annotations

import ast
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

WORKERS = 4
SETUP = """
import gc, os, sys, time
from pathlib import Path
import psutil
from IPython.display import display
from reslib import ExtractionWorker, ResearchDatabase
from reslib.testing import register_fault_extractor, write_fault
from reslib_widgets import ControlPanel, ThroughputPlot
register_fault_extractor()
folder = Path({folder!r})
db = ResearchDatabase(folder / "panel.db")
worker = ExtractionWorker(db, num_workers={workers}, max_retries=0)
def fill(count):
    for n in range(count):
        fault = "raise a broken page" if n % 50 == 49 else "sleep 0.15"
        path = write_fault(folder, f"interview-{{n:04}}.fault", "pages 3", fault)
        worker.enqueue(db.add_attachment(path.name, path))
"""
#: Two refreshes of 16 may be lost to whatever else the machine does.
ENOUGH = 14


class Kernel:
    """A kernel, and what it publishes."""

    def __init__(self, client: BlockingKernelClient, iopub: Any) -> None:
        self.client, self.iopub = client, iopub

    def run(self, code: str) -> str:
        """Run a cell and return what it printed."""
        printed: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))

        self.client.execute_interactive(code, output_hook=hook, timeout=120)
        return "".join(printed)

    def value(self, expression: str) -> Any:
        """Return the value of an expression."""
        return ast.literal_eval(self.run(f"print(repr({expression}))"))

    def drain(self) -> None:
        """Forget what was published so far."""
        time.sleep(0.2)
        while self.iopub.poll(0):
            self.iopub.recv_multipart()

    def listen(self, seconds: float) -> tuple[int, int]:
        """Return how many messages, and how many bytes, are published in that time."""
        self.drain()
        messages = size = 0
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.iopub.poll(left * 1000):
                messages += 1
                size += sum(map(len, self.iopub.recv_multipart()))
        return messages, size

    def latency(self, times: int = 60) -> list[float]:
        """Return how long ``1 + 1`` takes, in milliseconds."""
        took = []
        for _ in range(times):
            began = time.perf_counter()
            self.client.execute_interactive("1 + 1", output_hook=lambda _: None, timeout=60)
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(0.02)
        return took


@contextmanager
def kernel(folder: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    iopub = manager.connect_iopub()
    try:
        one = Kernel(client, iopub)
        one.run(SETUP.format(folder=str(folder), workers=WORKERS))
        yield one
    finally:
        iopub.close(linger=0)
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def say(what: str, value: str, promise: bool = True) -> bool:
    print(f"{what:<58} {value}{'' if promise else '   <- PROMISE BROKEN'}")
    return promise


def milliseconds(values: list[float]) -> str:
    ordered = sorted(values)
    late = ordered[len(ordered) * 19 // 20]
    return f"median {statistics.median(ordered):5.1f} ms, p95 {late:5.1f} ms"


def click_while(one: Kernel, cell: str) -> tuple[float, float]:
    """Return after how many seconds a click on Pause took effect, and when the cell ended.

    Sent as JupyterLab sends it when it uses no subshell: over the shell channel. Browser tests
    see the other way.
    """
    one.run("worker.start(); paused = None")
    one.run(
        "import threading\n"
        "def watch():\n"
        "    global paused\n"
        "    while not worker.is_paused(): time.sleep(.01)\n"
        "    paused = time.time()\n"
        "threading.Thread(target=watch, daemon=True).start()"
    )
    button = one.value("panel._pause.model_id")
    request = one.client.execute(cell)
    time.sleep(1)
    clicked = time.time()
    content = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
    one.client.shell_channel.send(one.client.session.msg("comm_msg", content))
    while one.client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != request:
        pass
    ended = time.time()
    time.sleep(0.3)
    at = one.value("paused")
    one.run("worker.resume(); worker.stop(timeout=0)")
    return at - clicked, ended - clicked


def main() -> int:
    kept = []
    with tempfile.TemporaryDirectory() as folder, kernel(Path(folder)) as one:
        without = one.latency()
        one.run("fill(1000); panel = ControlPanel(worker); display(panel)")
        messages, size = one.listen(6)
        kept.append(
            say("messages of an idle panel, pool stopped, in 6 s", str(messages), not messages)
        )
        one.run("worker.start()")
        time.sleep(1)
        messages, size = one.listen(8)
        say(f"messages per second at {WORKERS} workers", f"{messages / 8:.1f}")
        say(f"bytes per second at {WORKERS} workers", f"{size / 8 / 1000:.1f} kB")
        with_panel = one.latency()
        one.run("before = (panel.refreshes, panel.refresh_seconds); time.sleep(4)")
        refreshes, seconds = one.value(
            "(panel.refreshes - before[0], panel.refresh_seconds - before[1])"
        )
        kept.append(
            say(
                "refreshes in a cell that sleeps 4 s, of 16 at 4 Hz",
                str(refreshes),
                refreshes >= ENOUGH,
            )
        )
        say("cost of a refresh, wall time, in a busy pool", f"{seconds / refreshes * 1000:.2f} ms")
        say("latency of a cell without a panel, pool stopped", milliseconds(without))
        one.run("panel.close()")
        say("latency of a cell without a panel, pool busy", milliseconds(one.latency()))
        say("latency of a cell with the panel, pool busy", milliseconds(with_panel))
        one.run("worker.pause()")
        one.run("while worker.queue.counts()['processing']: time.sleep(.05)")
        one.run("plot = ThroughputPlot(worker); display(plot); time.sleep(3)")
        messages, size = one.listen(4)
        kept.append(say("messages of an idle plot in 4 s", str(messages), not messages))
        one.run("plot.close(); panel = ControlPanel(worker); display(panel); time.sleep(3)")
        messages, size = one.listen(6)
        kept.append(
            say("messages of an idle panel, pool paused, in 6 s", str(messages), not messages)
        )
        one.run("worker.resume(); gc.collect(); rss = psutil.Process().memory_info().rss")
        one.run("for _ in range(1500): panel._refresh_now(worker)")
        grown = one.value("(psutil.Process().memory_info().rss - rss) / 1e6")
        kept.append(say("memory after 1,500 more refreshes", f"{grown:+.1f} MB", grown < 10))
        one.run("worker.stop(timeout=0)")
        for name, cell in (
            ("time.sleep(4)", "time.sleep(4)"),
            ("await asyncio.sleep(4)", "import asyncio; await asyncio.sleep(4)"),
        ):
            after, ended = click_while(one, cell)
            when = "at its end" if after >= ended - 0.2 else f"after {after:.2f} s"
            say(f"a click on Pause during {name} takes effect", when)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
