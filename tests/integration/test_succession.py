"""A child that has grown is replaced without anybody waiting for its successor."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from slowpool import children

from reslib import ExtractionWorker, ResearchDatabase, register_extractor, unregister_extractor
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest
from reslib.sandbox import Sandbox, succession
from reslib.testing import wait_until

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def hoard(path: Path) -> str:
    """Keep as many megabytes as the document says, for good; say how many are kept in all."""
    import builtins
    from pathlib import Path

    kept = builtins.__dict__.setdefault("hoard", [])
    kept.append(b"x" * (int(Path(path).read_text()) << 20))
    return str(sum(map(len, kept)) >> 20)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(Extractor(name="own", function=hoard, suffixes=(".own",)))
    return registry


@pytest.fixture(autouse=True)
def _everybody_may_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "_turns", succession._Turns())


class Reader:
    """A sandbox, and documents that make its child larger."""

    def __init__(self, folder: Path, registry: Registry, memory_limit_mb: int = 512) -> None:
        self.folder = folder
        self.sandbox = Sandbox(memory_limit_mb=memory_limit_mb, registry=registry)

    def read(self, megabytes: int) -> int:
        """Have a document read; return how many megabytes its child has kept by then."""
        path = self.folder / f"{megabytes}.own"
        path.write_text(str(megabytes), encoding="utf-8")
        outcome = self.sandbox.run(ExtractionRequest(str(path)))
        assert outcome.result is not None, outcome
        return int(outcome.result.text)

    @property
    def pid(self) -> int:
        pid = self.sandbox.pid
        assert pid is not None
        return pid

    def wait_tending(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Wait as an idle worker does: with an eye on the sandbox."""

        def tended() -> bool:
            self.sandbox.tend()
            return condition()

        wait_until(tended, seconds)

    def others(self) -> list[psutil.Process]:
        """Return the living children of this process that are not in use."""
        return [p for p in children() if p.pid != self.sandbox.pid]

    def grow(self) -> psutil.Process:
        """Let the child grow until there is a successor; return that, stopped before it is ready.

        After this it has grown by less than a quarter of the limit.
        """
        before = {p.pid for p in children()}
        for megabytes in (0, 90, 0):
            self.read(megabytes)
        [successor] = [p for p in children() if p.pid not in {*before, self.pid}]
        successor.send_signal(signal.SIGSTOP)
        return successor


@pytest.fixture
def reader(tmp_path: Path, registry: Registry) -> Iterator[Reader]:
    reader = Reader(tmp_path, registry)
    with reader.sandbox:
        yield reader


@linux_only
def test_the_old_child_works_until_its_successor_is_ready(reader: Reader) -> None:
    successor = reader.grow()
    old = reader.pid
    assert old != successor.pid
    assert [reader.read(1) for _ in range(5)] == [91, 92, 93, 94, 95], "by the old one"
    assert reader.pid == old
    successor.send_signal(signal.SIGCONT)
    wait_until(lambda: reader.read(0) == 0)
    assert reader.pid == successor.pid
    reader.wait_tending(lambda: not reader.others())


@linux_only
def test_an_idle_child_is_replaced_without_a_document(reader: Reader) -> None:
    successor = reader.grow()
    old = reader.pid
    reader.sandbox.tend()
    assert reader.pid == old
    successor.send_signal(signal.SIGCONT)
    reader.wait_tending(lambda: reader.pid == successor.pid)
    reader.wait_tending(lambda: not psutil.pid_exists(old))
    assert reader.read(3) == 3


def test_a_child_that_has_grown_much_reads_no_other_document(reader: Reader) -> None:
    assert reader.read(0) == 0
    assert reader.read(200) == 200
    old = reader.pid
    assert reader.read(1) == 1
    assert reader.pid != old
    reader.wait_tending(lambda: not psutil.pid_exists(old))


@pytest.mark.parametrize("megabytes", [90, 200])
def test_a_successor_that_cannot_be_started_leaves_the_old_child_at_work(
    reader: Reader,
    megabytes: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(succession, "_PAUSE", 0.0)
    assert reader.read(0) == 0
    old = reader.pid
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", "/nowhere/python")
        said = [reader.read(n) for n in (megabytes, 1, 1, 1)]
        assert said == [megabytes + n for n in range(4)]
        assert reader.pid == old
    assert "/nowhere/python" in caplog.text
    assert "The old one goes on" in caplog.text
    wait_until(lambda: reader.read(0) == 0)
    assert reader.pid != old


@linux_only
@pytest.mark.parametrize("how", ["", "sleep 1; echo no room >&2; "], ids=["at once", "later"])
@pytest.mark.parametrize("megabytes", [90, 200])
def test_a_successor_that_ends_while_it_starts_leaves_the_old_child_at_work(
    tmp_path: Path, reader: Reader, megabytes: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(succession, "_PAUSE", 0.0)
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\n{how}exit 3\n")
    broken.chmod(0o755)
    assert reader.read(0) == 0
    old = reader.pid
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", str(broken))
        said = [reader.read(n) for n in (megabytes, 1, 1, 1)]
        assert said == [megabytes + n for n in range(4)]
        assert reader.pid == old
    wait_until(lambda: reader.read(0) == 0)


def test_a_child_that_is_full_is_never_used_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.read(0) == 0
    assert reader.read(400) == 400
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", "/nowhere/python")
        outcome = reader.sandbox.run(ExtractionRequest(str(reader.folder / "0.own")))
        assert outcome.failure is None
        assert outcome.unavailable is not None, "the machinery, not the document"
    assert reader.read(2) == 2


@linux_only
def test_one_successor_at_a_time_is_started(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(succession, "_APART", 600.0)
    readers = [Reader(tmp_path, registry) for _ in range(3)]
    with readers[0].sandbox, readers[1].sandbox, readers[2].sandbox:
        before = {process.pid for process in children()}
        for megabytes in (0, 90, 0):
            for reader in readers:
                reader.read(megabytes)
        started = {process.pid for process in children()} - before
        assert len(started) == len(readers) + 1
        monkeypatch.setattr(succession, "_turns", succession._Turns())
        readers[2].read(0)
        started = {process.pid for process in children()} - before
        assert len(started) == len(readers) + 2


@linux_only
def test_a_crash_is_followed_by_the_successor_that_is_there(reader: Reader) -> None:
    successor = reader.grow()
    os.kill(reader.pid, signal.SIGKILL)
    successor.send_signal(signal.SIGCONT)
    assert reader.read(4) == 4
    assert reader.pid == successor.pid


@linux_only
def test_closing_ends_a_successor_that_is_starting(reader: Reader) -> None:
    reader.read(0)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    successor = reader.grow()
    old = reader.pid
    reader.sandbox.close()
    assert not psutil.pid_exists(successor.pid)
    assert not psutil.pid_exists(old)
    assert len(list(Path("/proc/self/fd").iterdir())) < descriptors


@linux_only
def test_many_changes_leave_no_descriptor_and_no_process(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(succession, "_APART", 0.0)

    def change() -> None:
        old = reader.pid
        wait_until(lambda: reader.read(40) == 40 and reader.pid != old, 60)
        reader.wait_tending(lambda: not reader.others(), 60)

    reader.read(0)
    change()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(6):
        change()
    # Fewer, where those of an earlier test went meanwhile.
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


@linux_only
def test_a_successor_that_may_not_do_what_a_document_needs_is_not_used(
    reader: Reader, registry: Registry
) -> None:
    successor = reader.grow()
    registry.add(
        Extractor(
            name="env", function=lambda path: "net", suffixes=(".net",), environment=("PATH",)
        )
    )
    path = reader.folder / "a.net"
    path.write_text("x", encoding="utf-8")
    successor.send_signal(signal.SIGCONT)
    outcome = reader.sandbox.run(ExtractionRequest(str(path)))
    assert outcome.result is not None, outcome
    assert reader.pid != successor.pid
    assert reader.read(0) == 0


@linux_only
def test_a_pool_whose_children_grow_reads_everything_and_keeps_one_each(tmp_path: Path) -> None:
    register_extractor("own", hoard, suffixes=[".own"])
    try:
        with ResearchDatabase(tmp_path / "r.db") as db:
            ids = []
            for number in range(60):
                path = tmp_path / f"{number}.own"
                path.write_text("10", encoding="utf-8")
                ids.append(db.add_attachment(path.name, path))
            worker = ExtractionWorker(db, num_workers=2, memory_limit_mb=512, poll_interval=0.1)
            worker.start()
            worker.enqueue_batch(ids)
            assert worker.wait(240)
            assert worker.get_status()["problem"] is None
            texts = [int(db.get_attachment(id).extracted_text or "") for id in ids]
            wait_until(lambda: len(children()) <= 2, 30)
            worker.stop()
            assert children() == []
    finally:
        unregister_extractor("own")
    assert texts.count(10) >= 4, "each child begins with nothing, and some have been replaced"
    assert max(texts) <= 512


@linux_only
def test_a_pool_without_work_goes_over_to_the_successor_that_was_begun(tmp_path: Path) -> None:
    register_extractor("own", hoard, suffixes=[".own"])
    try:
        with (
            ResearchDatabase(tmp_path / "r.db") as db,
            ExtractionWorker(db, num_workers=1, memory_limit_mb=512, poll_interval=0.1) as pool,
        ):
            before: set[int] = set()
            # The last finds a child that has grown, and lets the next one begin.
            for number, megabytes in enumerate((0, 90, 1)):
                path = tmp_path / f"{number}.own"
                path.write_text(str(megabytes), encoding="utf-8")
                pool.enqueue(db.add_attachment(path.name, path))
                assert pool.wait(60)
                before = before or {p.pid for p in children()}
            wait_until(lambda: len(children()) == 1 and children()[0].pid not in before, 30)
    finally:
        unregister_extractor("own")
