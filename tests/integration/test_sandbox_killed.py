"""A child that somebody else kills: which document that counts for, and what is said of its end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reslib.errors import ErrorCode
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest, Outcome
from reslib.sandbox import Sandbox
from reslib.sandbox.confinement import Confinement
from reslib.sandbox.process import ChildProcess
from reslib.testing import FAULT_EXTRACTOR, wait_until, write_fault

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def many_threads(path: Path) -> str:
    """Leave as many threads behind as the document says."""
    import threading
    from pathlib import Path

    for _ in range(int(Path(path).read_text())):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    return "read"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    registry.add(Extractor(name="own", function=many_threads, suffixes=(".own",)))
    # Each thread has a stack of some megabytes, of which it uses nothing.
    with Sandbox(memory_limit_mb=8000, registry=registry) as sandbox:
        yield sandbox


def pid_of(sandbox: Sandbox) -> int:
    assert sandbox.pid is not None
    return sandbox.pid


@pytest.mark.parametrize("threads", [0, 1, 300])
def test_the_next_document_is_not_blamed_for_a_child_that_was_just_killed(
    sandbox: Sandbox, tmp_path: Path, threads: int
) -> None:
    path = tmp_path / "a.own"
    path.write_text(str(threads), encoding="utf-8")
    assert sandbox.run(ExtractionRequest(str(path))).result is not None
    for _ in range(5):
        killed = pid_of(sandbox)
        os.kill(killed, signal.SIGKILL)
        outcome = sandbox.run(ExtractionRequest(str(path)))
        assert outcome.result is not None, outcome.failure
        assert sandbox.pid != killed


def run_in_thread(
    sandbox: Sandbox, attempt: ExtractionRequest, found: list[Outcome]
) -> threading.Thread:
    thread = threading.Thread(target=lambda: found.append(sandbox.run(attempt)))
    thread.start()
    return thread


def test_a_child_killed_before_it_began_with_a_document_costs_it_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page words")))
    sandbox.run(attempt)
    frozen = pid_of(sandbox)
    os.kill(frozen, signal.SIGSTOP)
    found: list[Outcome] = []
    thread = run_in_thread(sandbox, attempt, found)
    wait_until(lambda: sandbox._attempts == 2)  # the child has been chosen
    os.kill(frozen, signal.SIGKILL)
    thread.join(30)
    assert found[0].result is not None, found[0].failure
    assert found[0].result.text == "words"


def test_a_child_killed_in_the_middle_of_a_document_is_a_crash(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page words", "sleep 60")
    outcome = sandbox.run(
        ExtractionRequest(str(path)), lambda page, total: os.kill(pid_of(sandbox), signal.SIGKILL)
    )
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.CRASHED
    assert outcome.failure.signal == "SIGKILL"


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
def test_a_frozen_child_is_killed_at_the_deadline_and_that_is_a_timeout(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page words")), timeout=1)
    sandbox.run(attempt)
    os.kill(pid_of(sandbox), signal.SIGSTOP)
    outcome = sandbox.run(attempt)
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.TIMEOUT


def test_a_frozen_child_that_is_cancelled_is_interrupted(sandbox: Sandbox, tmp_path: Path) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page words")), timeout=60)
    sandbox.run(attempt)
    os.kill(pid_of(sandbox), signal.SIGSTOP)
    found: list[Outcome] = []
    thread = run_in_thread(sandbox, attempt, found)
    wait_until(lambda: sandbox._running)
    sandbox.kill()
    thread.join(30)
    assert found[0].interrupted


def test_a_child_that_has_sigkill_before_it_does_not_count_as_alive(tmp_path: Path) -> None:
    child = ChildProcess(256, Confinement())
    try:
        assert child.is_alive()
        os.kill(child.pid, signal.SIGKILL)
        assert not child.is_alive()
    finally:
        child.close()
    assert not child.is_alive()


def test_a_signal_for_a_child_that_has_ended_does_not_take_away_how_it_ended() -> None:
    child = ChildProcess(256, Confinement())
    try:
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        child.dump_stacks()
        assert child.wait(10)
        assert child.returncode == -signal.SIGKILL
        assert child.last_usage() is not None
    finally:
        child.close()
