"""A Dask cluster of real processes on the loopback, each of which can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import psutil

from reslib import ExtractionWorker
from reslib.engines import DaskEngine
from reslib.engines.cluster.exchange import Exchange
from reslib.testing import wait_until

MakePool: TypeAlias = Callable[..., ExtractionWorker]
AddFault: TypeAlias = Callable[..., int]

ROOT = Path(__file__).parents[2]
#: What the workers, the scheduler and this process need: a poison costs one worker an attempt.
SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "warning",
    "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s",
}
_GO = "import sys; from distributed.cli.{0} import main; sys.exit(main())"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Cluster:
    """A scheduler and its workers.

    Parameters
    ----------
    folder
        Where they write.
    workers
        How many are started.
    env
        More of their environment.
    port
        Of the scheduler; a free one when None.
    protocol, host
        How they speak, and where the scheduler is.
    """

    def __init__(
        self,
        folder: Path,
        workers: int = 2,
        env: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        protocol: str = "tcp",
        host: str = "127.0.0.1",
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.protocol, self.host = protocol, host
        self.address = f"{protocol}://{host}:{self.port}"
        self.env = {**os.environ, **SETTINGS, "RESLIB_TEST_CLUSTER": self.address, **(env or {})}
        self.env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        self.nannies: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()
        for _ in range(workers):
            self.add_worker()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _start(
        self, name: str, *options: str, command: Sequence[str] = (), **env: str
    ) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            return subprocess.Popen(
                [*command, sys.executable, "-c", _GO.format(f"dask_{name}"), *options],
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def start_scheduler(self) -> None:
        place = ["--host", self.host, "--port", str(self.port), "--protocol", self.protocol]
        self.scheduler = self._start("scheduler", *place, "--no-dashboard")

    def add_worker(
        self, *options: str, command: Sequence[str] = (), **env: str
    ) -> subprocess.Popen[bytes]:
        """Start one more, under its nanny; *command* stands before it."""
        started = self._start(
            "worker",
            self.address,
            *("--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--nanny"),
            *("--protocol", self.protocol),
            *("--local-directory", str(self.folder)),
            *options,
            command=command,
            **env,
        )
        self.nannies.append(started)
        return started

    def worker_pids(self) -> list[int]:
        """Return the processes of the workers that live."""
        found = []
        for nanny in self.nannies:
            with contextlib.suppress(psutil.Error):
                for child in psutil.Process(nanny.pid).children():
                    if "spawn_main" in " ".join(child.cmdline()):
                        found.append(child.pid)
        return found

    def nanny_of(self, worker_pid: int) -> subprocess.Popen[bytes]:
        parent = psutil.Process(worker_pid).ppid()
        return next(nanny for nanny in self.nannies if nanny.pid == parent)

    def children(self) -> set[int]:
        """Return the processes that read documents for it."""
        found = set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = " ".join(process.cmdline())
                if "reslib.sandbox.child" not in command:
                    continue
                if process.environ().get("RESLIB_TEST_CLUSTER") == self.address:
                    found.add(process.pid)
        return found

    def heal(self, workers: int = 2) -> None:
        """Have a scheduler and so many workers again, whatever was killed."""
        if self.scheduler.poll() is not None:
            self._end(self.nannies)
            self.start_scheduler()
        self._end([nanny for nanny in self.nannies if nanny.poll() is not None])
        self.nannies = [nanny for nanny in self.nannies if nanny.poll() is None]
        while len(self.nannies) < workers:
            self.add_worker()

    def close(self) -> None:
        self._end([self.scheduler, *self.nannies])

    @staticmethod
    def _end(processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


class Watched(DaskEngine):
    """The engine, and what was seen of it on the way."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.begun: list[dict[str, Any]] = []

    def _hear(self, event: Mapping[str, Any]) -> None:
        super()._hear(event)
        if event.get("what") == "started":
            self.begun.append(dict(event))

    def next_begun(self, seconds: float = 60.0) -> dict[str, Any]:
        """Return what begins next: address, worker process, child process."""
        wait_until(lambda: bool(self.begun), seconds)
        return self.begun.pop(0)

    def exchanges(self) -> list[Exchange]:
        return list(self._exchanges.values())


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone_within(pid: int, seconds: float = 30.0) -> float:
    """Return after how many seconds a process had gone."""
    began = time.monotonic()
    wait_until(lambda: not lives(pid), seconds)
    return time.monotonic() - began


def ready(worker: ExtractionWorker, threads: int) -> None:
    """Wait until the cluster of a pool can read so many documents at once."""

    def enough() -> bool:
        cluster = worker.get_status()["cluster"]
        return cluster is not None and cluster["threads"] >= threads

    wait_until(enough, 60)


def after(action: Callable[[], object], condition: Callable[[], bool], seconds: float) -> float:
    """Return the seconds from an action to what comes of it."""
    action()
    began = time.monotonic()
    wait_until(condition, seconds)
    return time.monotonic() - began


def forget_cancelled(dask_worker: Any) -> None:
    """Have the plug-in of a worker hear nothing. Sent to workers as it stands here."""
    dask_worker.plugins["reslib"].transition = lambda *_arguments, **_more: None
