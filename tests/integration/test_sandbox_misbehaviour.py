"""What a sandbox says of extractors that raise, crash, print and fork."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ownextractor import read_with

from reslib.errors import ErrorCode, ErrorType
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import Program
from reslib.items import Page
from reslib.models import ExtractionRequest, ExtractionResult, Failure
from reslib.sandbox import Sandbox
from reslib.testing import FAULT_EXTRACTOR, write_fault


@pytest.fixture(scope="module")
def registry() -> Registry:
    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    return registry


@pytest.fixture(scope="module")
def sandbox(registry: Registry) -> Iterator[Sandbox]:
    with Sandbox(memory_limit_mb=512, registry=registry) as sandbox:
        yield sandbox


@pytest.fixture
def fail(sandbox: Sandbox, tmp_path: Path) -> Callable[..., Failure]:
    """Run a fault that must fail, and check what holds for every failure."""

    def run(*instructions: str, timeout: float = 30.0) -> Failure:
        path = write_fault(tmp_path, "paper.fault", *instructions)
        outcome = sandbox.run(ExtractionRequest(str(path), timeout=timeout))
        assert outcome.result is None
        assert outcome.failure is not None
        assert outcome.failure.message.startswith("paper.fault")
        good = write_fault(tmp_path, "good.fault", "page fine")
        after = sandbox.run(ExtractionRequest(str(good)))
        assert after.result is not None, f"the sandbox was harmed: {after.failure}"
        assert after.result.text == "fine"
        return outcome.failure

    return run


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "notes.own"
    path.write_text("some words", encoding="utf-8")
    return path


def test_an_exception_keeps_its_type_and_traceback(fail: Callable[..., Failure]) -> None:
    failure = fail("pages 2", "raise the moon is full")
    assert failure.error_code is ErrorCode.EXCEPTION
    assert failure.exception_type == "ValueError"
    assert "the moon is full" in failure.message
    assert failure.traceback is not None
    assert "in read_fault" in failure.traceback
    assert "ValueError: the moon is full" in failure.traceback
    assert (failure.page, failure.page_count, failure.extractor) == (2, 2, "fault")


def test_an_exception_that_cannot_be_pickled_is_told_like_any_other(
    fail: Callable[..., Failure],
) -> None:
    failure = fail("unpicklable")
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "LocalError" in str(failure.exception_type)
    assert "it holds a lock" in failure.message


def test_an_exception_that_cannot_speak_is_told_by_its_type(fail: Callable[..., Failure]) -> None:
    failure = fail("speechless")
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "SpeechlessError" in failure.message
    assert "in read_fault" in str(failure.traceback)


@pytest.mark.parametrize(
    ("instruction", "name"), [("quit", "SystemExit"), ("interrupt", "KeyboardInterrupt")]
)
def test_leaving_by_exception_does_not_end_the_child(
    sandbox: Sandbox, fail: Callable[..., Failure], instruction: str, name: str
) -> None:
    before = fail("raise first") and sandbox.pid
    failure = fail(instruction)
    assert failure.exception_type == name
    assert sandbox.pid == before


def test_what_is_missing_of_an_extractor_that_was_registered_is_named(tmp_path: Path) -> None:
    needed = Program("no-such-program", "apt install it")
    registry = Registry()
    registry.add(
        Extractor(name="own", function=Path.read_text, suffixes=(".own",), requires=(needed,))
    )
    path = tmp_path / "paper.own"
    path.write_text("words")
    with Sandbox(memory_limit_mb=512, registry=registry) as sandbox:
        failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.error_type is ErrorType.EXTRACTOR_MISSING
    assert "needs the program no-such-program, which is not installed" in failure.message
    assert "apt install it" in failure.message


def test_a_missing_package_is_named(fail: Callable[..., Failure]) -> None:
    failure = fail("import tesseract_of_tomorrow.reader")
    assert failure.error_code is ErrorCode.MISSING_DEPENDENCY
    assert "package tesseract_of_tomorrow, which is not installed" in failure.message


@pytest.mark.parametrize("given", [3, None, b"bytes", {"a": 1}, ["a", 3], [Page(3)]])  # type: ignore[arg-type]
def test_the_wrong_type_is_explained(document: Path, given: object) -> None:
    failure = read_with(lambda path: given, document).failure
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "must return a string or yield pages" in failure.message


@pytest.mark.parametrize(
    "given",
    [
        ExtractionResult("abc", page_offsets=(0, 7)),
        ExtractionResult("abc", confidence=17.0),
        ExtractionResult("abc", confidence=float("nan")),
        ExtractionResult("abc", metadata={(1, 2): 3}),  # type: ignore[dict-item]  # no JSON
        [Page("abc", confidence=2.0)],
    ],
)
def test_a_result_that_cannot_be_is_explained(document: Path, given: object) -> None:
    failure = read_with(lambda path: given, document).failure
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "gave a result that cannot be stored" in failure.message


def test_leaving_the_process_says_the_exit_code(fail: Callable[..., Failure]) -> None:
    failure = fail("page x", "exit 7")
    assert failure.error_code is ErrorCode.CRASHED
    assert "ended by itself with exit code 7" in failure.message
    assert (failure.page, failure.signal) == (1, None)


@pytest.mark.parametrize(
    ("instruction", "name"), [("segfault", "SIGSEGV"), ("signal SIGABRT", "SIGABRT")]
)
def test_a_crash_says_the_signal_and_the_page(
    fail: Callable[..., Failure], instruction: str, name: str
) -> None:
    failure = fail("pages 12", "total 40", instruction)
    assert failure.error_code is ErrorCode.CRASHED
    assert failure.signal == name
    assert name in failure.message
    assert "in read_fault" in str(failure.stderr_tail)


def test_the_page_of_a_crash_is_exact(fail: Callable[..., Failure]) -> None:
    failure = fail("total 40", *["page x"] * 12, "signal SIGKILL")
    assert "after page 12 of 40" in failure.message
    assert (failure.page, failure.page_count) == (12, 40)


def test_printing_also_from_c_cannot_break_the_protocol(document: Path) -> None:
    def chatty(path: Path) -> str:
        import ctypes

        print("from python")  # noqa: T201
        os.write(1, b"from the system\n")
        ctypes.CDLL(None).puts(b"from c")
        raise ValueError("so that the tail is kept")

    tail = read_with(chatty, document).failure.stderr_tail
    for who in ("from python", "from the system", "from c"):
        assert who in tail


def test_what_one_attempt_printed_is_not_told_of_the_next(
    fail: Callable[..., Failure],
) -> None:
    assert "xxxx" in str(fail("print 0.02", "raise a").stderr_tail)
    assert len(str(fail("print 0.02", "raise a").stderr_tail)) <= 8192
    assert fail("raise b").stderr_tail is None


@pytest.mark.parametrize("garbage", [b"garbage", b"RSB1\x05\xff\xff\xff\xff" + b"\xff" * 8])
def test_an_extractor_that_writes_into_every_descriptor_harms_only_itself(
    document: Path, garbage: bytes
) -> None:
    def vandal(path: Path) -> str:
        for descriptor in range(3, 1024):
            try:
                os.write(descriptor, garbage)
            except OSError:
                pass
        return "done"

    failure = read_with(vandal, document).failure
    assert failure.error_code is ErrorCode.CRASHED
    assert failure.message.startswith("notes.own: ")
    assert "no reply" in failure.message


def test_an_extractor_that_closes_every_descriptor_harms_only_itself(document: Path) -> None:
    def vandal(path: Path) -> str:
        os.closerange(0, 256)
        return "done"

    assert read_with(vandal, document).failure.error_code is ErrorCode.CRASHED


def test_a_fork_that_comes_back_is_not_listened_to(document: Path) -> None:
    def double(path: Path) -> str:
        import time

        original = os.getpid()
        os.fork()
        if os.getpid() != original:
            return "the copy"
        time.sleep(0.3)
        return "the original"

    assert read_with(double, document).result.text == "the original"
