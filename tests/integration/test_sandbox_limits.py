"""Time, memory, output: what a sandbox does not let pass, and how soon it acts."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from reslib.errors import ErrorCode, ErrorType
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.models import ExtractionRequest, Failure, Outcome
from reslib.sandbox import Sandbox
from reslib.testing import FAULT_EXTRACTOR, wait_until, write_fault

LIMIT_MB = 256


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    with Sandbox(memory_limit_mb=LIMIT_MB, registry=registry) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Callable[..., Outcome]:
    """Run a fault in a warm child, and check that the next document is well."""
    good = ExtractionRequest(str(write_fault(tmp_path, "good.fault", "page fine")))

    def run(*instructions: str, timeout: float = 60.0) -> Outcome:
        assert sandbox.run(good).result is not None
        path = write_fault(tmp_path, "paper.fault", *instructions)
        outcome = sandbox.run(ExtractionRequest(str(path), timeout=timeout))
        assert sandbox.run(good).result is not None
        return outcome

    return run


def failure_of(outcome: Outcome) -> Failure:
    assert outcome.failure is not None
    assert outcome.failure.message.startswith("paper.")
    return outcome.failure


def family() -> set[int]:
    """Everything alive that this process started, however far down."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
        except psutil.NoSuchProcess:
            continue
    return found


# --- time -------------------------------------------------------------------------------------


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
@pytest.mark.parametrize(
    "instructions",
    [
        ["sleep 100"],
        ["spin"],
        ["ignore SIGTERM", "sleep 100"],
        ["fork", "sleep 100"],
        ["daemon", "spin"],
        ["run sleep 100", "sleep 100"],
        ["signal SIGSTOP"],
        ["ignore SIGUSR1", "spin"],
    ],
    ids=lambda instructions: "+".join(instructions),
)
def test_a_timeout_kills_within_a_second_of_the_deadline(
    sandbox: Sandbox, tmp_path: Path, instructions: list[str]
) -> None:
    sandbox.run(ExtractionRequest(str(write_fault(tmp_path, "good.fault", "page fine"))))
    path = write_fault(tmp_path, "paper.fault", *instructions)
    began = time.monotonic()
    outcome = sandbox.run(ExtractionRequest(str(path), timeout=0.8))
    took = time.monotonic() - began
    failure = failure_of(outcome)
    assert 0.8 <= took < 1.8
    assert failure.error_code is ErrorCode.TIMEOUT
    assert failure.error_type is ErrorType.TIMEOUT
    assert ": killed after 0.8 s" in failure.message
    assert "Raise extraction_timeout" in failure.message
    assert outcome.peak_rss_mb is not None
    wait_until(lambda: not family())


def test_a_timeout_tells_where_the_extraction_was(run: Callable[..., Outcome]) -> None:
    failure = failure_of(run("spin", timeout=0.5))
    assert "in read_fault" in str(failure.stderr_tail)
    assert "in _spin" in str(failure.stderr_tail)


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
def test_a_timeout_tells_the_processor_time_used(run: Callable[..., Outcome]) -> None:
    spun, slept = run("spin", timeout=1.0), run("sleep 9", timeout=1.0)
    assert spun.cpu_time_ms is not None
    assert slept.cpu_time_ms is not None
    assert spun.cpu_time_ms > 5 * slept.cpu_time_ms


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
def test_pages_and_then_none_for_most_of_the_time_is_a_stall(run: Callable[..., Outcome]) -> None:
    failure = failure_of(run("total 40", *["page x"] * 12, "sleep 100", timeout=0.8))
    assert failure.error_code is ErrorCode.STALLED
    assert (failure.page, failure.page_count) == (12, 40)
    assert "after page 12 of 40 (extractor fault)" in failure.message


@pytest.mark.parametrize("instructions", [["total 40", "sleep 100"], ["page x", "sleep 0.6"] * 20])
def test_slow_work_and_work_without_pages_is_a_timeout_not_a_stall(
    run: Callable[..., Outcome], instructions: list[str]
) -> None:
    failure = failure_of(run(*instructions, timeout=1.5))
    assert failure.error_code is ErrorCode.TIMEOUT


# --- kill -------------------------------------------------------------------------------------


@pytest.mark.alone(reason="the times in it are those of a machine that does nothing else")
@pytest.mark.parametrize("instruction", ["sleep 100", "spin", "signal SIGSTOP"])
def test_kill_ends_the_running_extraction_at_once(
    sandbox: Sandbox, tmp_path: Path, instruction: str
) -> None:
    path = write_fault(tmp_path, "paper.fault", "page x", instruction)
    killed_at: list[float] = []

    def kill_soon(page: int, total: int | None) -> None:
        def kill() -> None:
            killed_at.append(time.monotonic())
            sandbox.kill()

        threading.Thread(target=kill).start()

    outcome = sandbox.run(ExtractionRequest(str(path)), kill_soon)
    assert outcome.interrupted
    assert time.monotonic() - killed_at[0] < 1.0
    wait_until(lambda: not family())


def test_kill_without_a_running_extraction_changes_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "paper.fault", "page x")))
    for _ in range(3):
        sandbox.kill()
        sandbox.kill()
        assert sandbox.run(attempt).result is not None


def test_kill_at_any_moment_gives_a_text_or_an_interruption(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    attempt = ExtractionRequest(str(write_fault(tmp_path, "paper.fault", "pages 3")))
    done = threading.Event()

    def kill_often() -> None:
        pause = 0.0
        while not done.wait(pause):
            sandbox.kill()
            pause = (pause + 0.0037) % 0.2

    killer = threading.Thread(target=kill_often)
    killer.start()
    try:
        outcomes = [sandbox.run(attempt) for _ in range(60)]
    finally:
        done.set()
        killer.join()
    assert all(outcome.interrupted or outcome.result is not None for outcome in outcomes)
    assert any(outcome.interrupted for outcome in outcomes)
    assert sandbox.run(attempt).result is not None


def test_an_interrupt_in_the_main_thread_kills_the_attempt_and_goes_on(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    # A shell starts what runs in the background with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    path = write_fault(tmp_path, "paper.fault", "page x", "sleep 100")

    def interrupt(page: int, total: int | None) -> None:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        sandbox.run(ExtractionRequest(str(path)), interrupt)
    signal.signal(signal.SIGINT, before)
    assert sandbox.pid is None
    good = write_fault(tmp_path, "good.fault", "page fine")
    assert sandbox.run(ExtractionRequest(str(good))).result is not None


def test_an_error_in_the_callers_callback_is_raised_after_the_kill(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "paper.fault", "page x", "sleep 100")

    def broken(page: int, total: int | None) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        sandbox.run(ExtractionRequest(str(path)), broken)
    assert sandbox.pid is None


# --- memory -----------------------------------------------------------------------------------


@pytest.mark.parametrize("instructions", [["leak"], ["allocate 5000"], ["page x", "leak"]])
def test_too_much_memory_is_stopped_near_the_limit(
    run: Callable[..., Outcome], instructions: list[str]
) -> None:
    outcome = run(*instructions)
    failure = failure_of(outcome)
    assert failure.error_code is ErrorCode.MEMORY_LIMIT
    assert f"the {LIMIT_MB} MB of memory allowed" in failure.message
    assert "memory_limit_mb" in failure.message
    assert outcome.peak_rss_mb is not None
    assert outcome.peak_rss_mb <= LIMIT_MB * 1.1


def test_what_fits_is_not_stopped(run: Callable[..., Outcome]) -> None:
    outcome = run(f"allocate {LIMIT_MB // 2}", "page x")
    assert outcome.result is not None
    assert outcome.peak_rss_mb is not None
    assert outcome.peak_rss_mb > LIMIT_MB * 0.4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can reset the peak")
def test_the_peak_is_each_attempts_own(run: Callable[..., Outcome]) -> None:
    large, small = run("allocate 100", "page x"), run("page x")
    assert large.peak_rss_mb is not None
    assert small.peak_rss_mb is not None
    assert large.peak_rss_mb > 100
    assert small.peak_rss_mb < large.peak_rss_mb / 2


def test_a_library_that_aborts_when_memory_ends_is_a_memory_matter(tmp_path: Path) -> None:
    def greedy(path: Path) -> str:
        taken = []
        try:
            while True:
                taken.append(b"x" * 1_000_000)
        except MemoryError:
            os.abort()

    registry = Registry()
    registry.add(Extractor(name="greedy", function=greedy, suffixes=(".own",)))
    path = tmp_path / "paper.own"
    path.write_text("x", encoding="utf-8")
    with Sandbox(memory_limit_mb=LIMIT_MB, registry=registry) as sandbox:
        failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.error_code is ErrorCode.MEMORY_LIMIT
    assert failure.signal == "SIGABRT"


def write_pdf_bomb(path: Path, megabytes: int) -> None:
    """Write a PDF of a few kilobytes whose one page unpacks to that much."""
    packer = zlib.compressobj(9)
    spaces = b" " * 1_000_000
    packed = b"".join(packer.compress(spaces) for _ in range(megabytes)) + packer.flush()
    packed = zlib.compress(packed, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%b\nendstream"
        % (len(packed), packed),
    ]
    data, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer<</Size 5/Root 1 0 R>>\n"
    path.write_bytes(data + b"startxref\n%d\n%%%%EOF" % data.index(b"xref\n0 5"))


@pytest.mark.parametrize(("unpacked_mb", "limit_mb"), [(150, 200), (800, 256), (800, 1024)])
def test_a_pdf_that_unpacks_beyond_the_limit_is_a_memory_matter(
    tmp_path: Path, unpacked_mb: int, limit_mb: int
) -> None:
    def read(path: Path) -> Iterator[str]:
        import pypdfium2

        yield pypdfium2.PdfDocument(str(path))[0].get_textpage().get_text_bounded()

    registry = Registry()
    registry.add(Extractor(name="own", function=read, suffixes=(".own",)))
    path = tmp_path / "bomb.own"
    write_pdf_bomb(path, unpacked_mb)
    with Sandbox(memory_limit_mb=limit_mb, registry=registry) as sandbox:
        outcome = sandbox.run(ExtractionRequest(str(path)))
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.MEMORY_LIMIT, outcome.failure
    assert outcome.peak_rss_mb is not None
    assert outcome.peak_rss_mb <= limit_mb * 1.1


def test_programs_that_an_extractor_starts_count_too(tmp_path: Path) -> None:
    def outsource(path: Path) -> str:
        import subprocess

        # Each stays under the limit that it inherits; together they do not.
        code = "import time; x = b'x' * 90_000_000; time.sleep(60)"
        programs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(5)]
        return str([program.wait() for program in programs])

    registry = Registry()
    registry.add(Extractor(name="outsource", function=outsource, suffixes=(".own",)))
    path = tmp_path / "paper.own"
    path.write_text("x", encoding="utf-8")
    before = family()
    with Sandbox(memory_limit_mb=LIMIT_MB, registry=registry) as sandbox:
        outcome = sandbox.run(ExtractionRequest(str(path), timeout=50.0))
        assert failure_of(outcome).error_code is ErrorCode.MEMORY_LIMIT, outcome
        wait_until(lambda: family() <= before)


# --- output -----------------------------------------------------------------------------------


def test_a_gigabyte_of_messages_is_stopped(run: Callable[..., Outcome]) -> None:
    failure = failure_of(run("print 1000"))
    assert failure.error_code is ErrorCode.OUTPUT_LIMIT
    assert "printed more than 64 MB" in failure.message
    assert failure.stderr_tail is not None
    assert len(failure.stderr_tail) <= 8192


def test_many_messages_under_the_limit_are_no_matter(run: Callable[..., Outcome]) -> None:
    assert run("print 30", "page x").result is not None


@pytest.mark.parametrize("letter", ["a", "\N{GREEK SMALL LETTER PI}", "\0"])
def test_a_text_over_100_mb_is_refused(tmp_path: Path, letter: str) -> None:
    def endless(path: Path) -> Iterator[str]:
        while True:
            yield letter * 1_000_000

    def whole(path: Path) -> str:
        return letter * 101_000_000

    path = tmp_path / "paper.own"
    path.write_text("x", encoding="utf-8")
    for function in (endless, whole):
        registry = Registry()
        registry.add(Extractor(name="own", function=function, suffixes=(".own",)))
        with Sandbox(registry=registry) as sandbox:
            failure = sandbox.run(ExtractionRequest(str(path))).failure
        assert failure is not None
        assert failure.error_code is ErrorCode.OUTPUT_LIMIT, failure
        assert failure.message.startswith("paper.own: it gives more than 100 MB of text")


def test_a_text_just_under_the_limit_arrives_whole(tmp_path: Path) -> None:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    path = write_fault(tmp_path, "large.fault", "text 99.9")
    with Sandbox(registry=registry) as sandbox:
        result = sandbox.run(ExtractionRequest(str(path))).result
        assert result is not None
        assert len(result.text) == 99_900_000
        assert sandbox.run(ExtractionRequest(str(path))).result == result


def test_fifty_thousand_pages_arrive(tmp_path: Path) -> None:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    path = write_fault(tmp_path, "long.fault", "pages 50000")
    calls = []
    with Sandbox(registry=registry) as sandbox:
        outcome = sandbox.run(ExtractionRequest(str(path)), lambda page, total: calls.append(page))
    assert outcome.result is not None
    assert outcome.result.page_count == 50_000
    assert calls == sorted(set(calls))
    assert calls[-1] == 50_000
    assert len(calls) <= 2 + outcome.extraction_time_ms / 50
