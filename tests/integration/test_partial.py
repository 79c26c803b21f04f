"""What an extraction gave before it was ended is kept: partial, searchable, and said."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import psutil
import pytest
from reportlab.pdfgen.canvas import Canvas

from reslib import (
    ExtractionResult,
    ExtractionWorker,
    JobStatus,
    Page,
    ResearchDatabase,
    TextStatus,
    register_extractor,
    unregister_extractor,
)
from reslib.items import Metadata, Progress, Reference, Section, Table, Warning
from reslib.models import ExtractionRequest, Outcome
from reslib.sandbox import Sandbox
from reslib.testing import register_fault_extractor, wait_until, write_fault

PAGES = 500
Do: TypeAlias = Callable[..., tuple[int, ExtractionWorker]]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ResearchDatabase]:
    register_fault_extractor()
    with ResearchDatabase(tmp_path / "research.db") as database:
        yield database
    unregister_extractor("fault")


@pytest.fixture
def finish(db: ResearchDatabase, tmp_path: Path) -> Callable[..., int]:
    """Let a pool come to an end with a document, and return its id."""

    def run(*instructions: str, timeout: float = 1.0, retries: int = 0) -> int:
        path = write_fault(tmp_path, "paper.fault", *instructions)
        attachment = db.add_attachment(path.name, path)
        with ExtractionWorker(
            db,
            num_workers=1,
            extraction_timeout=30.0 if "leak" in instructions else timeout,
            max_retries=retries,
            memory_limit_mb=128,
        ) as worker:
            worker.enqueue(attachment)
            assert worker.wait(60)
        return attachment

    return run


def told(number: int) -> str:
    """Return a word that stands on one page only."""
    return "page" + "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")


# --- killed at page k of 500 -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ("sleep 60", "killed at the deadline"),
        ("spin", "killed at the deadline"),
        ("ignore SIGTERM\nsleep 60", "killed at the deadline"),
        ("segfault", "its process crashed (SIGSEGV)"),
        ("leak", "out of memory"),
        ("raise no", "an error (ValueError)"),
        ("exit 3", "its process crashed"),
    ],
)
def test_the_pages_before_the_end_are_stored_found_and_counted(
    ends: str, why: str, db: ResearchDatabase, finish: Callable[..., int]
) -> None:
    k = random.randrange(1, PAGES)
    print(f"ended at page {k}")  # noqa: T201 - shown when the test fails
    attachment = finish(f"total {PAGES}", *(f"page {told(n)}" for n in range(1, k + 1)), ends)
    document = db.get_attachment(attachment)
    assert document.text_status is TextStatus.PARTIAL
    assert len(document.page_offsets) == k, "every page that was made, up to the last"
    assert [document.page_text(n) for n in (1, k)] == [told(1), told(k)]
    assert document.confidence_reason == f"{k} of {PAGES} pages, then {why}"
    [hit] = db.search(told(k))
    assert (hit.attachment_id, hit.page) == (attachment, k if k > 1 else None)
    assert db.search(told(k + 1)) == []


def test_a_pdf_that_is_killed_keeps_the_pages_that_were_read(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    canvas = Canvas(str(path))
    for number in range(1, PAGES + 1):
        for line in range(40):
            canvas.drawString(72, 780 - 18 * line, f"{told(number)} is line {line} of a page")
        canvas.showPage()
    canvas.save()
    k = random.randrange(300, 450)
    print(f"killed at page {k}")  # noqa: T201 - shown when the test fails
    with Sandbox() as sandbox:
        killed_at: list[int] = []

        def kill(page: int, total: int | None) -> None:
            assert total == PAGES
            if page >= k and not killed_at:
                killed_at.append(page)
                psutil.Process(sandbox.pid).send_signal(signal.SIGKILL)

        kept = sandbox.run(ExtractionRequest(str(path)), kill).partial
    assert kept is not None
    assert kept.page_count >= killed_at[0]
    assert [told(n) in page.text for n, page in enumerate(kept.pages, 1)].count(False) == 0
    assert f"of {PAGES} pages, then its process crashed (SIGKILL)" in kept.confidence_reason


def test_a_child_that_somebody_kills_leaves_its_pages(tmp_path: Path) -> None:
    from reslib.extractors.registry import Registry
    from reslib.testing import FAULT_EXTRACTOR

    registry = Registry()
    registry.add(FAULT_EXTRACTOR)
    path = write_fault(tmp_path, "a.fault", "page one", "page two", "sleep 60")
    with Sandbox(registry=registry) as sandbox:

        def kill(page: int, total: int | None) -> None:
            if page == 2:
                psutil.Process(sandbox.pid).send_signal(signal.SIGKILL)

        outcome = sandbox.run(ExtractionRequest(str(path)), kill)
    assert outcome.failure is not None
    assert outcome.partial is not None
    assert outcome.partial.text == "one\ftwo"


# --- what is kept, and what is not ----------------------------------------------------------------


def test_a_later_attempt_that_ends_well_takes_its_place(
    db: ResearchDatabase, finish: Callable[..., int]
) -> None:
    attachment = finish("page one", "flaky 1", "page two", timeout=30, retries=2)
    document = db.get_attachment(attachment)
    assert (document.text_status, document.extracted_text) == (TextStatus.FULL, "one\ftwo")
    assert document.confidence_reason == ""
    assert db.earlier_texts(attachment) == [], "the beginning of a text is none of its own"


def test_a_whole_text_is_not_given_up_for_a_part(
    db: ResearchDatabase, finish: Callable[..., int]
) -> None:
    attachment = finish("flaky 0", "page one", "page two")

    def second(path: Path) -> Iterator[Page]:
        yield Page("other")
        time.sleep(60)

    register_extractor("second", second, suffixes=[".fault"])
    try:
        with ExtractionWorker(db, num_workers=1, extraction_timeout=0.5, max_retries=0) as worker:
            worker.extract_again([attachment], extractor="second")
            assert worker.wait(60)
            assert worker.queue.counts()[JobStatus.FAILED] == 1
    finally:
        unregister_extractor("second")
    document = db.get_attachment(attachment)
    assert (document.text_status, document.extracted_text) == (TextStatus.FULL, "one\ftwo")


def test_of_two_parts_the_longer_is_kept(db: ResearchDatabase, tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def shorter_each_time(path: Path) -> Iterator[Page]:
        with tries.open("a") as file:
            file.write("x")
        for number in range(4 - len(tries.read_text())):
            yield Page(f"page {number}")
        raise ValueError("no")

    (tmp_path / "a.shorter").write_text("x")
    register_extractor("shorter", shorter_each_time, suffixes=[".shorter"])
    try:
        attachment = db.add_attachment("a.shorter", tmp_path / "a.shorter")
        with ExtractionWorker(db, num_workers=1, max_retries=1) as worker:
            worker.enqueue(attachment)
            assert worker.wait(60)
    finally:
        unregister_extractor("shorter")
    assert tries.read_text() == "xx"
    document = db.get_attachment(attachment)
    assert document.extracted_text == "page 0\fpage 1\fpage 2"


def test_a_page_out_of_order_is_one_page_and_no_better_than_many(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    tries = tmp_path / "tries"

    def last_page_only_next_time(path: Path) -> Iterator[Page]:
        if tries.exists():
            yield Page("last", number=500)
        else:
            tries.touch()
            yield from (Page(f"the page {number}") for number in range(10))
        raise ValueError("no")

    (tmp_path / "a.odd").write_text("x")
    register_extractor("odd", last_page_only_next_time, suffixes=[".odd"])
    try:
        attachment = db.add_attachment("a.odd", tmp_path / "a.odd")
        with ExtractionWorker(db, num_workers=1, max_retries=1) as worker:
            worker.enqueue(attachment)
            assert worker.wait(60)
        document = db.get_attachment(attachment)
        assert document.confidence_reason == "10 pages, then an error (ValueError)"
        assert len(db.search("page 9")) == 1
        other = db.add_attachment("b.odd", write_other(tmp_path))
        with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
            worker.enqueue(other)
            assert worker.wait(60)
        reason = db.get_attachment(other).confidence_reason
        assert reason == "1 page, then an error (ValueError)", "and not 500"
    finally:
        unregister_extractor("odd")


def write_other(folder: Path) -> Path:
    path = folder / "b.odd"
    path.write_text("y")
    return path


def test_a_scan_that_gave_no_words_gives_way_to_a_part(
    db: ResearchDatabase, finish: Callable[..., int]
) -> None:
    attachment = finish("page  ")
    assert db.get_attachment(attachment).text_status is TextStatus.EMPTY
    register_extractor("second", _some_words, suffixes=[".fault"])
    try:
        with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
            worker.extract_again([attachment], extractor="second")
            assert worker.wait(60)
    finally:
        unregister_extractor("second")
    assert db.get_attachment(attachment).extracted_text == "words"


def _some_words(path: Path) -> Iterator[Page]:
    yield Page("words")
    raise ValueError("no")


def test_what_was_read_of_a_cancelled_document_is_dropped(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    path = write_fault(tmp_path, "a.fault", "page one", "sleep 60")
    attachment = db.add_attachment(path.name, path)
    with ExtractionWorker(db, num_workers=1) as worker:
        job = worker.enqueue(attachment)
        assert job is not None
        wait_until(lambda: worker.get_status()["workers"][0]["page"] == 1)
        worker.cancel(job)
        assert worker.wait(30)
    assert db.get_attachment(attachment).extracted_text is None


def test_what_was_read_of_a_file_that_was_written_to_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")

    def read(path: Path) -> Iterator[Page]:
        yield Page("half a download")
        path.write_text("xx")
        raise ValueError("torn")

    outcome = read_with(read, path)
    assert outcome.failure is not None
    assert "changed while it was read" in outcome.failure.message
    assert outcome.partial is None


def test_a_document_that_gave_nothing_has_nothing(
    db: ResearchDatabase, finish: Callable[..., int]
) -> None:
    attachment = finish("page  ", "raise no")
    assert db.get_attachment(attachment).text_status is None


def test_a_failed_document_with_a_part_is_not_offered_by_itself_and_can_be_retried(
    db: ResearchDatabase, finish: Callable[..., int], tmp_path: Path
) -> None:
    attachment = finish("page one", "raise no")
    assert db.needs_extraction() == []
    path = write_fault(tmp_path, "paper.fault", "page one", "page two", "page three")
    assert db.add_attachment(path.name, path) == attachment
    assert db.needs_extraction() == [attachment]


# --- items -------------------------------------------------------------------------------------


def read_with(function: Callable[[Path], Any], path: Path, **limits: Any) -> Outcome:
    from reslib.extractors.base import Extractor
    from reslib.extractors.registry import Registry

    registry = Registry()
    registry.add(Extractor(name="own", function=function, suffixes=(path.suffix,)))
    with Sandbox(registry=registry) as sandbox:
        return sandbox.run(ExtractionRequest(str(path), **limits))


def test_a_page_that_is_given_again_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")

    def read(path: Path) -> Iterator[object]:
        yield Page("raw one", number=1)
        yield Progress(1, 2)
        yield Page("raw two", number=2)
        yield Metadata("year", "1911")
        yield Page("one", 1.0, number=1, label="i")
        yield Page("two", 0.5, "worn", number=2, origin="tesseract")
        yield Table((("a", "b"),), page=2)

    result = read_with(read, path).result
    assert result is not None
    assert (result.text, result.page_offsets, result.confidence) == ("one\ftwo", (0, 4), 0.75)
    assert [page.label for page in result.pages] == ["i", ""]
    assert result.items == (Metadata("year", "1911"), Table((("a", "b"),), page=2))


@pytest.mark.parametrize("offsets", [(0, 2), (0, 3), (0, 1, 2)])
def test_a_text_whose_pages_begin_elsewhere_than_at_page_breaks_gets_some(
    tmp_path: Path, offsets: tuple[int, ...]
) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")
    result = read_with(lambda path: ExtractionResult("ab cd", offsets), path).result
    assert result is not None
    assert result.text.replace("\f", "") == "ab cd"
    assert len(result.page_offsets) == len(offsets)


@pytest.mark.parametrize("given", [ExtractionResult("a\fb", (0, 2)), ["a", "b"], "a\fb"])
def test_functions_that_know_nothing_of_items_go_on_as_before(
    tmp_path: Path, given: object
) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")
    result = read_with(lambda path: given, path).result
    assert result is not None
    assert result.text == "a\fb"


def _given(item: object, path: Path) -> list[object]:
    return [item]


def test_an_item_that_cannot_be_is_put_into_words(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")
    for wrong in (
        Metadata("year", 1911),  # type: ignore[arg-type]
        Table([["a", 1]]),  # type: ignore[arg-type]
        Page("a", number=0),
        Page("a", label=None),  # type: ignore[arg-type]
    ):
        failure = read_with(partial(_given, wrong), path).failure
        assert failure is not None
        assert "the extractor 'own' gave" in failure.message, failure.message


def test_more_items_than_a_document_may_have_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")
    failure = read_with(lambda path: (Metadata("k", "v") for _ in range(20_000)), path).failure
    assert failure is not None
    assert failure.error_code == "output_limit"
    assert "10,000 items of the kind metadata" in failure.message


def test_a_number_that_nobody_can_mean_is_left_out_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")

    def read(path: Path) -> Iterator[object]:
        yield Page("words")
        yield from (Reference("A. Author", year=year) for year in (1911, 20199, 20200))
        yield Section("Methods", level=0, page=-5)

    result = read_with(read, path).result
    assert result is not None
    assert result.text == "words"
    assert [item for item in result.items if not isinstance(item, Warning)] == [
        *(Reference("A. Author", year=year) for year in (1911, None, None)),
        Section("Methods"),
    ]
    assert [item for item in result.items if isinstance(item, Warning)] == [
        Warning("out_of_range", "the year of a reference is 20199, and was left out"),
        Warning("out_of_range", "the page of a section is -5, and was left out"),
        Warning("out_of_range", "the level of a section is 0, and was left out"),
    ]


@pytest.mark.alone(reason="it fills memory and both cores")
def test_a_flood_of_items_is_ended_at_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "a.own"
    path.write_text("x")

    def flood(path: Path) -> Iterator[Page]:
        while True:
            yield Page("again", number=1)

    began = time.monotonic()
    outcome = read_with(flood, path, timeout=1.0)
    assert outcome.failure is not None
    assert time.monotonic() - began < 30
