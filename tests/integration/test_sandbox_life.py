"""The life of children: they start, serve, are replaced, and never outlive their parent."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from living import alive, linux_only

from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox
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


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# --- replacement ------------------------------------------------------------------------------


def test_a_child_serves_many_attempts_and_is_replaced_in_time(
    registry: Registry, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page x")
    pids = []
    with Sandbox(registry=registry, max_jobs=3) as sandbox:
        for _ in range(7):
            assert sandbox.run(ExtractionRequest(str(path))).result is not None
            pids.append(sandbox.pid)
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6]


def test_a_child_that_grows_is_replaced(tmp_path: Path) -> None:
    def hoard(path: Path) -> str:
        import builtins

        kept = builtins.__dict__.setdefault("hoard", [])
        kept.append(b"x" * 30_000_000)
        return str(len(kept))

    registry = Registry()
    registry.add(Extractor(name="own", function=hoard, suffixes=(".own",)))
    path = tmp_path / "a.own"
    path.write_text("x", encoding="utf-8")
    counts = []
    with Sandbox(memory_limit_mb=256, registry=registry) as sandbox:
        for _ in range(12):
            result = sandbox.run(ExtractionRequest(str(path))).result
            assert result is not None
            counts.append(int(result.text))
    assert counts[:2] == [1, 2]
    assert max(counts) <= 5
    assert counts.count(1) >= 2


def test_a_child_that_was_killed_while_idle_is_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page x")))
    assert sandbox.run(attempt).result is not None
    pid = sandbox.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: sandbox.pid is None)
    assert sandbox.run(attempt).result is not None
    assert sandbox.pid not in (None, pid)


def test_the_end_of_the_thread_that_started_the_child_harms_no_attempt(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page x", "sleep 0.5", "page y")
    warm, may_end = threading.Event(), threading.Event()

    def start() -> None:
        sandbox.warm_up()
        warm.set()
        may_end.wait()

    starter = threading.Thread(target=start)
    starter.start()
    warm.wait()

    def end_starter(page: int, total: int | None) -> None:
        may_end.set()
        starter.join()

    for _ in range(2):
        outcome = sandbox.run(ExtractionRequest(str(path)), end_starter)
        assert outcome.result is not None, outcome.failure


def test_an_uncalled_for_answer_between_attempts_is_not_believed(tmp_path: Path) -> None:
    def late(path: Path) -> str:
        import threading
        import time

        def forge() -> None:
            time.sleep(0.2)
            for descriptor in range(3, 1024):
                try:
                    os.write(descriptor, b"RSB1 forged")
                except OSError:
                    pass

        threading.Thread(target=forge).start()
        return "true"

    registry = Registry()
    registry.add(Extractor(name="own", function=late, suffixes=(".own",)))
    path = tmp_path / "a.own"
    path.write_text("x", encoding="utf-8")
    with Sandbox(registry=registry) as sandbox:
        assert sandbox.run(ExtractionRequest(str(path))).result is not None
        first = sandbox.pid
        assert first is not None
        wait_until(lambda: psutil.Process(first).num_threads() <= 2)
        result = sandbox.run(ExtractionRequest(str(path))).result
        assert result is not None
        assert result.text == "true"
        assert sandbox.pid != first


def test_a_process_forked_from_the_parent_leaves_the_child_alone(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page x")))
    assert sandbox.run(attempt).result is not None
    pid = sandbox.pid
    fork = os.fork()
    if fork == 0:
        try:
            sandbox.close()
        finally:
            os._exit(0)
    os.waitpid(fork, 0)
    assert sandbox.run(attempt).result is not None
    assert sandbox.pid == pid


# --- leaving nothing --------------------------------------------------------------------------


@pytest.mark.alone(reason="it starts two hundred processes in the time that a test has")
@linux_only
def test_two_hundred_restarts_leave_no_descriptor_no_thread_no_process(
    registry: Registry, tmp_path: Path
) -> None:
    good = ExtractionRequest(str(write_fault(tmp_path, "good.fault", "page x")))
    bad = ExtractionRequest(str(write_fault(tmp_path, "bad.fault", "exit 1")))
    others = set(psutil.Process().children(recursive=True))  # such as multiprocessing's own
    with Sandbox(registry=registry, max_jobs=1) as sandbox:
        sandbox.run(good)
        sandbox.run(bad)
        sandbox.run(good)
        gc.collect()
        descriptors = open_descriptors()
        threads = threading.active_count()
        for turn in range(200):
            sandbox.run(bad if turn % 4 == 0 else good)
        sandbox.run(good)
        assert open_descriptors() == descriptors
        assert threading.active_count() == threads
        assert len(set(psutil.Process().children(recursive=True)) - others) == 1
    assert open_descriptors() < descriptors


@linux_only
def test_a_child_sees_no_descriptor_of_its_parent(tmp_path: Path) -> None:
    def listing(path: Path) -> str:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return " ".join(str(link.readlink()) for link in links)

    registry = Registry()
    registry.add(Extractor(name="own", function=listing, suffixes=(".own",)))
    path = tmp_path / "a.own"
    path.write_text("x", encoding="utf-8")
    with (tmp_path / "open_in_parent").open("w") as file, Sandbox(registry=registry) as sandbox:
        os.set_inheritable(file.fileno(), True)
        result = sandbox.run(ExtractionRequest(str(path))).result
    assert result is not None
    assert "open_in_parent" not in result.text


def test_closing_is_final_and_may_be_repeated(registry: Registry, tmp_path: Path) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page x")))
    sandbox = Sandbox(registry=registry)
    sandbox.run(attempt)
    pid = sandbox.pid
    assert pid is not None
    sandbox.close()
    sandbox.close()
    sandbox.kill()
    assert sandbox.pid is None
    assert not alive(pid)
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.run(attempt)


def test_closing_from_another_thread_ends_a_running_attempt(
    registry: Registry, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page x", "spin")
    sandbox = Sandbox(registry=registry)
    closer = threading.Thread(target=sandbox.close)
    outcome = sandbox.run(ExtractionRequest(str(path)), lambda page, total: closer.start())
    closer.join()
    assert outcome.interrupted
    assert sandbox.pid is None


def test_closing_from_the_progress_callback_works(registry: Registry, tmp_path: Path) -> None:
    path = write_fault(tmp_path, "a.fault", "page x", "spin")
    sandbox = Sandbox(registry=registry)
    outcome = sandbox.run(ExtractionRequest(str(path)), lambda page, total: sandbox.close())
    assert outcome.interrupted
    assert sandbox.pid is None


def test_temporary_files_of_a_dismissed_child_are_removed(tmp_path: Path) -> None:
    def litter(path: Path) -> str:
        import atexit
        import shutil
        import tempfile

        folder = tempfile.mkdtemp(dir=path.parent)
        atexit.register(shutil.rmtree, folder)
        return folder

    registry = Registry()
    registry.add(Extractor(name="own", function=litter, suffixes=(".own",)))
    path = tmp_path / "a.own"
    path.write_text("x", encoding="utf-8")
    with Sandbox(registry=registry) as sandbox:
        result = sandbox.run(ExtractionRequest(str(path))).result
        assert result is not None
        assert Path(result.text).is_dir()
    assert not Path(result.text).exists()


def test_sandboxes_in_several_threads_do_not_meet(registry: Registry, tmp_path: Path) -> None:
    problems: list[object] = []

    def work(number: int) -> None:
        good = write_fault(tmp_path, f"good{number}.fault", f"page {number}")
        bad = write_fault(tmp_path, f"bad{number}.fault", "segfault")
        slow = write_fault(tmp_path, f"slow{number}.fault", "spin")
        with Sandbox(registry=registry, max_jobs=5) as sandbox:
            for turn in range(30):
                result = sandbox.run(ExtractionRequest(str(good))).result
                if result is None or result.text != str(number):
                    problems.append((number, turn, result))
                if turn % 6 == 0:
                    failure = sandbox.run(ExtractionRequest(str(bad))).failure
                    if failure is None or failure.signal != "SIGSEGV":
                        problems.append((number, turn, failure))
            failure = sandbox.run(ExtractionRequest(str(slow), timeout=0.3)).failure
            if failure is None or failure.error_code != "timeout":
                problems.append((number, failure))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


@pytest.mark.parametrize("settings", [{"memory_limit_mb": 0}, {"max_jobs": 0}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Sandbox(**settings)  # type: ignore[arg-type]


def test_a_child_that_cannot_start_is_told_and_harms_nothing(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "a.fault", "page x")))
    with Sandbox(registry=registry) as sandbox:
        for executable in ("/nowhere/python", "/bin/false"):
            monkeypatch.setattr(sys, "executable", executable)
            outcome = sandbox.run(attempt)
            assert outcome.unavailable is not None
            assert "could not be started" in outcome.unavailable
            assert outcome.failure is None, "nothing is wrong with the document"
            assert not outcome.interrupted
        monkeypatch.undo()
        assert sandbox.run(attempt).result is not None
