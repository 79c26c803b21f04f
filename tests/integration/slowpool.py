"""What tests of pool and queue share: slow documents, states of jobs, events, children."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

from reslib import ExtractionWorker, Job, QueueManager
from reslib.pool.events import EVENTS

AddText = Callable[..., int]


class Heard:
    """Collects events and lets a test wait for one."""

    def __init__(self, worker: ExtractionWorker) -> None:
        self.events: list[tuple[str, tuple[Any, ...]]] = []
        self._condition = threading.Condition()
        for name in EVENTS:
            worker.on(name, lambda *arguments, name=name: self._note(name, arguments))

    def _note(self, name: str, arguments: tuple[Any, ...]) -> None:
        with self._condition:
            self.events.append((name, arguments))
            self._condition.notify_all()

    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def wait_for(self, name: str, count: int = 1, timeout: float = 30) -> list[tuple[Any, ...]]:
        with self._condition:
            assert self._condition.wait_for(lambda: self.names().count(name) >= count, timeout), (
                f"no {name} within {timeout} s; heard {self.names()}"
            )
        return [arguments for each, arguments in self.events if each == name]


def add_slow(add_text: AddText, seconds: float, name: str = "") -> int:
    name = name or f"{time.monotonic_ns()}.slow"
    return add_text(f"{seconds}\n{name}", name)


def job_of(worker: ExtractionWorker, job_id: int | None) -> Job:
    assert job_id is not None
    job = worker.queue.get_job(job_id)
    assert job is not None
    return job


def status(queue: QueueManager, job_id: int) -> str:
    found = queue.get_job(job_id)
    assert found is not None
    return found.status


def children() -> list[psutil.Process]:
    """Return the children of sandboxes of this process; what other tests have left is none."""
    found = []
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it has ended meanwhile
            if "reslib.sandbox.child" in " ".join(process.cmdline()):
                found.append(process)
    return found
