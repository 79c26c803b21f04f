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
from ownextractor import read_with

from reslib.errors import ErrorCode, ErrorType
from reslib.extractors.base import Extractor
from reslib.extractors.registry import Registry
from reslib.items import DocumentInfo, Page, Progress
from reslib.models import ExtractionRequest, ExtractionResult, TextStatus
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
