"""No child outlives its parent, and nothing that a document started outlives its attempt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from living import alive, linux_only

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Orphan, Sandbox, orphans
from reslib.testing import FAULT_EXTRACTOR, wait_until, write_fault


@pytest.fixture(scope="module")
def registry() -> Registry:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    return registry


@pytest.fixture
def sandbox(registry: Registry) -> Iterator[Sandbox]:
    with Sandbox(memory_limit_mb=512, registry=registry) as sandbox:
        yield sandbox


def start_script(folder: Path, text: str) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text(text, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([root, *sys.path])},
    )


# --- no orphans -------------------------------------------------------------------------------

RUN_FAULT = """
import sys
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox
from reslib.testing import register_fault_extractor

register_fault_extractor()
sandbox = Sandbox()
print("loaded", flush=True)  # a second time, if anything imported this script again
def tell(page, total):
    print("child", sandbox.pid, flush=True)
sandbox.run(ExtractionRequest({path!r}), tell)
print("done", flush=True)
"""


@pytest.mark.parametrize(
    "instructions",
    [
        ["spin"],
        ["sleep 100"],
        ["ignore SIGTERM", "spin"],
        ["fork", "spin"],
        ["fork", "sleep 100"],
        pytest.param(["run sleep 100", "spin"], marks=linux_only),
        pytest.param(["daemon", "sleep 100"], marks=linux_only),
    ],
    ids="+".join,
)
def test_no_child_outlives_a_killed_parent(tmp_path: Path, instructions: list[str]) -> None:
    path = write_fault(tmp_path, "a.fault", *instructions[:-1], "page x", instructions[-1])
    with start_script(tmp_path, RUN_FAULT.format(path=str(path))) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "loaded\n"
        word, pid = script.stdout.readline().split()
        assert word == "child"
        family = psutil.Process(script.pid).children(recursive=True)
        assert int(pid) in {process.pid for process in family}
        script.kill()
        script.wait()
        wait_until(lambda: not any(alive(process.pid) for process in family), 2.0)


@linux_only
def test_a_program_that_ran_and_ended_does_not_cost_the_child(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    def outsource(path: Path) -> str:
        return subprocess.run(["echo", "done"], capture_output=True, text=True, check=True).stdout

    registry = Registry()
    registry.add(Extractor(name="own", function=outsource, suffixes=(".own",)))
    path = tmp_path / "a.own"
    path.write_text("x", encoding="utf-8")
    with Sandbox(registry=registry) as sandbox:
        pids = set()
        for _ in range(3):
            result = sandbox.run(ExtractionRequest(str(path))).result
            assert result is not None
            assert result.text == "done\n"
            pids.add(sandbox.pid)
        family = psutil.Process(pids.pop()).children(recursive=True)
        assert not pids
    wait_until(lambda: not any(alive(process.pid) for process in family))


def test_an_idle_child_ends_when_its_parent_just_exits(tmp_path: Path) -> None:
    path = write_fault(tmp_path, "a.fault", "page x")
    with start_script(tmp_path, RUN_FAULT.format(path=str(path))) as script:
        output, _ = script.communicate(timeout=30)
    words = output.split()
    assert (words[0], words[-1]) == ("loaded", "done")
    wait_until(lambda: not alive(int(words[2])), 2.0)
    assert script.returncode == 0


def test_a_function_of_a_script_without_a_main_guard_works(tmp_path: Path) -> None:
    (tmp_path / "doc.own").write_text("words", encoding="utf-8")
    script_text = """
from reslib.extractors import register_extractor
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox

print("loaded")
SUFFIX = "!"

def shout(text):
    return text.upper() + SUFFIX

@register_extractor("own", suffixes=[".own"])
def read(path):
    yield shout(path.read_text())

print(Sandbox().run(ExtractionRequest("doc.own")).result.text)
"""
    with start_script(tmp_path, script_text) as script:
        output, _ = script.communicate(timeout=30)
    assert output == "loaded\nWORDS!\n"


def test_what_is_sent_to_the_group_does_not_reach_the_child_and_would_not_end_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page x", "sleep 0.3", "page y")
    sent: list[int] = []

    def interrupt(page: int, total: int | None) -> None:
        if not sent and sandbox.pid is not None:
            sent.append(sandbox.pid)
            assert os.getpgid(sandbox.pid) == sandbox.pid
            os.kill(sandbox.pid, signal.SIGINT)
            os.kill(sandbox.pid, signal.SIGTERM)

    outcome = sandbox.run(ExtractionRequest(str(path)), interrupt)
    assert sent
    assert outcome.result is not None, outcome.failure


@linux_only
def test_an_interrupt_while_the_child_starts_does_not_end_it(registry: Registry) -> None:
    with Sandbox(registry=registry) as sandbox:
        sandbox.warm_up()
        pid = sandbox.pid
        assert pid is not None
        for _ in range(200):
            os.kill(pid, signal.SIGINT)
        assert sandbox.run(ExtractionRequest("/nowhere/x.fault")).failure is not None
        assert sandbox.pid == pid


def test_a_process_left_behind_by_an_attempt_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    def ended(pids: set[int]) -> bool:
        return not any(alive(pid) for pid in pids - {sandbox.pid})

    for instruction in ("fork", "daemon", "run sleep 100"):
        path = write_fault(tmp_path, "a.fault", instruction, "page fine")
        before = {process.pid for process in psutil.process_iter()}
        outcome = sandbox.run(ExtractionRequest(str(path)))
        assert outcome.result is not None
        new = {process.pid for process in psutil.Process().children(recursive=True)} - before
        wait_until(partial(ended, new))


@linux_only
def test_what_a_crashed_child_had_started_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    path = write_fault(tmp_path, "a.fault", "run sleep 1234", "daemon", "fork", "segfault")
    failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.signal == "SIGSEGV"

    def sleepers() -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if process.info["cmdline"] == ["sleep", "1234"] and alive(process.pid)
        ]

    wait_until(lambda: not sleepers())


@linux_only
def test_leftovers_finds_what_lost_its_parent_and_nothing_else(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sandbox.warm_up()
    gone = subprocess.Popen(["true"])
    gone.wait()
    orphan = subprocess.Popen(["sleep", "100"], env={**os.environ, "RESLIB_SANDBOX": str(gone.pid)})

    def found() -> dict[int, Orphan]:  # others may run tests on this machine
        return {leftover.pid: leftover for leftover in orphans()}

    try:
        wait_until(lambda: orphan.pid in found())
        assert found()[orphan.pid].parent_pid == gone.pid
        assert 0 <= found()[orphan.pid].age < 60
        assert sandbox.pid is not None
        assert sandbox.pid not in found()
    finally:
        orphan.kill()
        orphan.wait()
    assert orphan.pid not in found()


# --- leaving nothing --------------------------------------------------------------------------

HASTY = """
import os, time
os.register_at_fork(after_in_child=lambda: time.sleep(0.3))  # a busy machine
from reslib.sandbox import guard
guard.arm(os.getppid(), b"X=1", ())
pid = os.fork()
if pid == 0:
    time.sleep(60)
print(pid, flush=True)
os._exit(0)
"""


def test_a_fork_whose_parent_dies_before_it_has_begun_does_not_live_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HASTY], stdout=subprocess.PIPE, check=True, text=True, timeout=30
    )
    wait_until(lambda: not alive(int(done.stdout)))
