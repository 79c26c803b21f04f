"""What a sandbox gives back: texts, and why there is none."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reslib.errors import ErrorCode, ErrorType
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.extractors.requirements import Program
from reslib.items import DocumentInfo, Page, Progress
from reslib.models import ExtractionRequest, ExtractionResult, Failure, TextStatus
from reslib.sandbox import Sandbox
from reslib.testing import FAULT_EXTRACTOR, wait_until, write_fault


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


def read_with(function: Callable[[Path], Any], path: Path, **limits: Any) -> Any:
    """Run one function as the extractor of its document's suffix."""
    registry = Registry()
    registry.add(Extractor(name="own", function=function, suffixes=(path.suffix,), version="7"))
    with Sandbox(registry=registry, **limits) as sandbox:
        return sandbox.run(ExtractionRequest(str(path), timeout=30.0))


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "notes.own"
    path.write_text("some words", encoding="utf-8")
    return path


# --- texts ------------------------------------------------------------------------------------


def test_pages_come_back_with_their_offsets_and_what_they_cost(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page first", "page second")
    outcome = sandbox.run(ExtractionRequest(str(path)))
    assert outcome.failure is None
    assert outcome.result is not None
    assert outcome.result.text == "first\fsecond"
    assert outcome.result.page_offsets == (0, 6)
    assert (outcome.result.extractor, outcome.result.extractor_version) == ("fault", "1")
    assert outcome.extraction_time_ms > 0
    assert outcome.cpu_time_ms is not None
    assert outcome.peak_rss_mb is not None
    assert 5 < outcome.peak_rss_mb < 512


def test_a_string_a_result_and_an_iterable_are_all_taken(document: Path) -> None:
    def whole(path: Path) -> str:
        return path.read_text(encoding="utf-8").upper()

    def result(path: Path) -> ExtractionResult:
        return ExtractionResult("abc", title="A title", metadata={"where": path})

    def pages(path: Path) -> Iterator[object]:
        yield DocumentInfo(title="Another")
        yield "one"
        yield Progress(1, 2)
        yield Page("", blank=True)

    text = read_with(whole, document).result
    assert (text.text, text.extractor, text.extractor_version) == ("SOME WORDS", "own", "7")
    given = read_with(result, document).result
    assert (given.text, given.title, given.extractor) == ("abc", "A title", "own")
    assert given.metadata == {"where": str(document)}
    listed = read_with(pages, document).result
    assert (listed.text, listed.title, listed.text_status) == ("one\f", "Another", TextStatus.FULL)


def test_letters_that_are_no_text_are_replaced_and_the_rest_kept(document: Path) -> None:
    def odd(path: Path) -> Iterator[str]:
        yield "nul \0 and lone \ud800 surrogate"
        yield "\N{GREEK SMALL LETTER PI} \N{GRINNING FACE}"

    result = read_with(odd, document).result
    assert result.text == (
        "nul \ufffd and lone \ufffd surrogate\f\N{GREEK SMALL LETTER PI} \N{GRINNING FACE}"
    )
    assert result.text[result.page_offsets[1]] == "\N{GREEK SMALL LETTER PI}"


def test_a_name_that_is_not_utf8_can_be_read(tmp_path: Path, sandbox: Sandbox) -> None:
    name = os.fsdecode(b"caf\xe9 \n\xf0\x9f\x98\x80.fault")
    good = write_fault(tmp_path, "x.fault", "page fine")
    path = good.rename(tmp_path / name)
    outcome = sandbox.run(ExtractionRequest(str(path)))
    assert outcome.result is not None, outcome.failure
    path.unlink()
    failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.message.startswith("caf\\udce9 \\n\N{GRINNING FACE}.fault: ")
    failure.message.encode()


def test_progress_arrives_while_the_document_is_read(sandbox: Sandbox, tmp_path: Path) -> None:
    path = write_fault(tmp_path, "a.fault", "pages 3", "sleep 60")
    seen: list[tuple[int, int | None]] = []

    def on_progress(page: int, total: int | None) -> None:
        seen.append((page, total))
        if page == 3:
            sandbox.kill()

    outcome = sandbox.run(ExtractionRequest(str(path)), on_progress)
    assert outcome.interrupted
    assert seen[-1] == (3, 3)


# --- documents that are none ------------------------------------------------------------------


def test_a_file_that_is_gone_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    failure = sandbox.run(ExtractionRequest(str(tmp_path / "gone.fault"))).failure
    assert failure is not None
    assert failure.error_code is ErrorCode.FILE_NOT_FOUND
    assert failure.message.startswith("gone.fault: there is no such file")
    assert failure.error_type is ErrorType.UNKNOWN


def test_a_file_that_goes_while_it_is_read_says_so(tmp_path: Path, document: Path) -> None:
    def read(path: Path) -> str:
        path.unlink()
        return path.read_text(encoding="utf-8")

    failure = read_with(read, document).failure
    assert failure.error_code is ErrorCode.FILE_NOT_FOUND


@pytest.mark.parametrize("rest", ["yield 'half'", "raise ValueError('cut off')"])
def test_a_file_that_is_written_while_it_is_read_gives_no_half_text(
    tmp_path: Path, rest: str
) -> None:
    path = tmp_path / "x.grows"
    path.write_text("half")
    code = f"def read(path):\n    with path.open('a') as file: file.write('!')\n    {rest}"
    names: dict[str, Any] = {}
    exec(code, names)
    registry = Registry()
    registry.add(Extractor(name="grows", function=names["read"], suffixes=(".grows",)))
    with Sandbox(registry=registry) as sandbox:
        failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.error_code is ErrorCode.EXCEPTION, "which is tried again"
    assert "changed while it was read" in failure.message


def test_another_file_that_is_gone_is_the_extractors_matter(document: Path) -> None:
    def read(path: Path) -> str:
        return path.with_name("dictionary.txt").read_text(encoding="utf-8")

    failure = read_with(read, document).failure
    assert failure.error_code is ErrorCode.EXCEPTION
    assert failure.exception_type == "FileNotFoundError"
    assert "dictionary.txt" in failure.message


def test_a_file_that_may_not_be_read_says_so(document: Path, sandbox: Sandbox) -> None:
    def refuse(path: Path) -> str:  # what a user other than root meets on open()
        raise PermissionError(13, "Permission denied", str(path))

    failures = [read_with(refuse, document).failure]
    if os.getuid() != 0:
        document.chmod(0)
        failures.append(
            sandbox.run(
                ExtractionRequest(str(document.rename(document.with_suffix(".fault"))))
            ).failure
        )
    for failure in failures:
        assert failure is not None
        assert failure.error_code is ErrorCode.PERMISSION_DENIED
        assert failure.error_type is ErrorType.UNKNOWN


@pytest.mark.parametrize("kind", ["directory", "fifo", "socket", "device"])
def test_what_is_not_a_file_is_refused_at_once(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "paper.fault"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            before = Path.cwd()
            os.chdir(tmp_path)  # socket paths are short
            try:
                listener.bind(path.name)
            finally:
                os.chdir(before)
    else:
        path = Path("/dev/zero")
    outcome = sandbox.run(ExtractionRequest(str(path), timeout=20.0))
    assert outcome.failure is not None
    assert outcome.failure.error_code is ErrorCode.NOT_A_FILE
    assert outcome.extraction_time_ms < 5_000


def test_a_document_that_nothing_reads_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "data.zzz"
    path.write_bytes(bytes(range(256)))
    failure = sandbox.run(ExtractionRequest(str(path))).failure
    assert failure is not None
    assert failure.error_code is ErrorCode.NO_EXTRACTOR


# --- extractors that misbehave ----------------------------------------------------------------


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


# --- functions from elsewhere -----------------------------------------------------------------


def saying(text: str) -> Callable[[Path], str]:
    return lambda path: text


def test_a_function_registered_later_is_followed(tmp_path: Path, document: Path) -> None:
    registry = Registry()
    with Sandbox(registry=registry) as sandbox:
        attempt = ExtractionRequest(str(document))
        before = sandbox.run(attempt).result  # None, or what reads any text
        pids = set()
        for text in ("first", "second"):
            registry.add(Extractor(name="own", function=saying(text), suffixes=(".own",)))
            result = sandbox.run(attempt).result
            assert result is not None
            assert result.text == text
            pids.add(sandbox.pid)
        registry.remove("own")
        assert sandbox.run(attempt).result == before
        assert len(pids) == 1  # one child all the time; reslib's own are confined differently


def test_a_function_with_much_around_it_gets_there(document: Path) -> None:
    table = os.urandom(20_000_000)
    result = read_with(lambda path: str(len(table)), document).result
    assert result.text == "20000000"


def test_a_function_that_can_no_longer_be_sent_is_explained(document: Path) -> None:
    lock = threading.Lock()
    failure = read_with(lambda path: str(lock), document).failure
    assert failure.error_code is ErrorCode.EXCEPTION
    assert "cannot be sent to another process" in failure.message


def test_imports_work_as_in_the_parent(
    tmp_path: Path, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> str:
        import helper_of_this_test

        return str(helper_of_this_test.WORD)

    registry = Registry()
    registry.add(Extractor(name="own", function=read, suffixes=(".own",)))
    with Sandbox(registry=registry) as sandbox:
        failure = sandbox.run(ExtractionRequest(str(document))).failure
        assert failure is not None
        assert failure.error_code is ErrorCode.MISSING_DEPENDENCY
        (tmp_path / "helper_of_this_test.py").write_text("WORD = 'found'\n", encoding="utf-8")
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        result = sandbox.run(ExtractionRequest(str(document))).result
        assert result is not None
        assert result.text == "found"


def test_a_relative_path_is_read_from_where_the_parent_is(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fault(tmp_path, "near.fault", "page here")
    sandbox.warm_up()
    monkeypatch.chdir(tmp_path)
    result = sandbox.run(ExtractionRequest("near.fault")).result
    assert result is not None
    assert result.text == "here"


def test_flaky_faults_fail_as_often_as_told(sandbox: Sandbox, tmp_path: Path) -> None:
    path = write_fault(tmp_path, "a.fault", "flaky 2", "page at last")
    outcomes = [sandbox.run(ExtractionRequest(str(path))) for _ in range(3)]
    assert [outcome.result is not None for outcome in outcomes] == [False, False, True]


def test_an_unknown_fault_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are: page"):
        write_fault(tmp_path, "a.fault", "explode")
    with pytest.raises(ValueError, match="ends in"):
        write_fault(tmp_path, "a.txt", "page x")
    with pytest.raises(TimeoutError):
        wait_until(lambda: False, 0.01)
