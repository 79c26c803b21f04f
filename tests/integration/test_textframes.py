"""DataFrames of texts: their pages, what they are worth, and what reading them cost."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, frames
from reslib.models import PAGE_BREAK, ExtractionResult, Failure, Outcome, TextStatus

PAGES = ("first page", "", "third, with Ω and 文", "last")


def store(
    db: ResearchDatabase,
    path: Path,
    pages: tuple[str, ...] = ("words",),
    mime_type: str = "application/pdf",
    cpu_time_ms: float | None = 30.0,
    **more: Any,
) -> int:
    """Add a document and store its text, as a worker does."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(path.name)
    id = db.add_attachment(path.name, path, mime_type)
    queue = QueueManager(db)
    queue.enqueue(id)
    job = queue.claim("somebody")
    assert job is not None
    starts = [0]
    for page in pages[:-1]:
        starts.append(starts[-1] + len(page) + len(PAGE_BREAK))
    result = ExtractionResult(
        PAGE_BREAK.join(pages), tuple(starts), mime_type=mime_type, **{"extractor": "pdf"} | more
    )
    outcome = Outcome(
        result=result, extraction_time_ms=90.0, cpu_time_ms=cpu_time_ms, peak_rss_mb=50
    )
    assert queue.complete(job.id, outcome=outcome, attempt=job.attempt)
    return id


@pytest.fixture
def library(db: ResearchDatabase, tmp_path: Path) -> ResearchDatabase:
    """A PDF of four pages, two notes of which one is doubtful, a scan, and what failed."""
    store(db, tmp_path / "a" / "paper.pdf", PAGES, confidence=0.97)
    note: dict[str, Any] = {"mime_type": "text/plain", "extractor": "text"}
    store(db, tmp_path / "a" / "note.txt", ("a note",), confidence=1.0, **note)
    store(db, tmp_path / "b" / "odd.txt", ("¤¤¤",), confidence=0.4, cpu_time_ms=None, **note)
    store(
        db,
        tmp_path / "b" / "scan.pdf",
        ("",),
        text_status=TextStatus.EMPTY,
        confidence=0.0,
        confidence_reason="no text layer (a scan)",
    )
    queue = QueueManager(db)
    broken = tmp_path / "b" / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4")
    queue.enqueue(db.add_attachment("broken.pdf", broken))
    job = queue.claim("somebody")
    assert job is not None
    queue.failed(
        job.id, "broken.pdf: it ends", "corruption", outcome=Outcome(failure=Failure("it ends"))
    )
    waits = tmp_path / "b" / "waits.txt"
    waits.write_text("not read yet")
    db.add_attachment("waits.txt", waits)
    return db


# --- texts ----------------------------------------------------------------------------------------


def test_each_page_is_a_row_with_its_number_and_its_text(library: ResearchDatabase) -> None:
    texts = frames.texts(library)
    paper = texts[texts["filename"] == "paper.pdf"]
    assert paper["text"].tolist() == list(PAGES)
    assert paper["page"].tolist() == [1, 2, 3, 4]
    assert paper["char_count"].tolist() == list(map(len, PAGES))
    assert paper["confidence"].unique().tolist() == [0.97]
    assert texts.index.tolist() == list(range(1, 8))
    assert paper["folder"].iloc[0].endswith("/a")


def test_what_has_no_pages_is_page_one(library: ResearchDatabase) -> None:
    page = frames.texts(library).set_index("filename")["page"]
    assert page["note.txt"] == 1
    assert page["scan.pdf"] == 1


def test_a_row_a_document_has_the_whole_text(library: ResearchDatabase) -> None:
    texts = frames.texts(library, pages=False)
    assert texts.index.tolist() == [1, 2, 3, 4], "what has no text has no row"
    assert texts.loc[1, "text"] == PAGE_BREAK.join(PAGES)
    assert texts.loc[1, "page_count"] == 4
    assert texts.loc[1, "char_count"] == len("\f".join(PAGES))
    assert texts.loc[4, "char_count"] == 0


def test_pages_of_the_frame_are_those_of_the_document(library: ResearchDatabase) -> None:
    for row in frames.texts(library).dropna(subset="page").itertuples():
        assert library.get_attachment(row.attachment_id).page_text(row.page) == row.text


def test_only_the_latest_documents_with_all_their_pages(library: ResearchDatabase) -> None:
    assert frames.texts(library, limit=2)["filename"].tolist() == ["odd.txt", "scan.pdf"]
    assert frames.texts(library, since="-1 hour")["attachment_id"].nunique() == 4
    assert frames.texts(library, since="2100-01-01").empty


@pytest.mark.parametrize("pages", [True, False])
def test_texts_are_in_memory_once(db: ResearchDatabase, tmp_path: Path, pages: bool) -> None:
    count, length = 60, 400_000
    for number in range(count):
        # Not ASCII, and 1 byte a character in memory.
        text = f"{number:06}" + "é" * (length // 2)
        store(db, tmp_path / "many" / f"{number}.pdf", (text, text))
    tracemalloc.start()
    try:
        texts = frames.texts(db, pages=pages)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert texts["char_count"].sum() >= count * length
    assert peak < 1.5 * count * length


def test_pages_that_are_no_truth_value_are_refused(db: ResearchDatabase) -> None:
    with pytest.raises(TypeError, match=r"pages is True for a row a page.*not 3"):
        frames.texts(db, 3)  # type: ignore[arg-type]  # that is refused


# --- doubtful -------------------------------------------------------------------------------------


def test_doubtful_texts_come_with_the_reason_and_the_worst_first(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    odd = store(
        library, tmp_path / "c.pdf", ("", "x"), text_status=TextStatus.PARTIAL, extractor="odd"
    )
    doubts = frames.doubtful(library)
    assert doubts["filename"].tolist() == ["scan.pdf", "odd.txt", "c.pdf"]
    assert doubts.loc[4, "confidence_reason"] == "no text layer (a scan)"
    assert doubts.loc[odd, "confidence"] is pd.NA, "partial, though nothing was measured"
    assert frames.doubtful(library, below=0.98)["filename"].tolist()[2] == "paper.pdf"
    assert frames.doubtful(library, below=0, limit=1)["filename"].tolist() == ["scan.pdf"]


@pytest.mark.parametrize("below", [90, -0.1, "0.9", True, None, float("nan")])
def test_what_is_no_confidence_is_refused(db: ResearchDatabase, below: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 1, not"):
        frames.doubtful(db, below=below)  # type: ignore[arg-type]  # that is refused


def test_a_number_of_numpy_is_a_confidence(library: ResearchDatabase) -> None:
    half: Any = np.float32(0.5)  # no float, yet a number
    assert len(frames.doubtful(library, half)) == 2


# --- summary --------------------------------------------------------------------------------------


def test_a_summary_counts_every_document_once(library: ResearchDatabase) -> None:
    for by in ("extractor", "mime_type", "folder"):
        table = frames.summary(library, by=by)
        assert table.index.name == by
        assert table["documents"].sum() == 6
        parts = table[["full", "partial", "empty", "stale", "without_text"]]
        assert (parts.sum(axis=1) == table["documents"]).all()
        assert table["failed"].sum() == 1
        assert table["doubtful"].sum() == len(frames.doubtful(library))


def test_a_summary_says_what_reading_cost(library: ResearchDatabase) -> None:
    table = frames.summary(library)
    assert table.loc["pdf", "page_count"] == 5
    assert table.loc["pdf", "cpu_ms_per_page"] == pytest.approx(60 / 5)
    assert table.loc["pdf", "extraction_time_ms"] == 90
    assert table.loc["text", "cpu_time_ms"] == 30, "of those of which it is known"
    assert table.loc["text", "confidence"] == pytest.approx(0.7)


def test_what_nothing_has_opened_is_a_group_of_its_own(library: ResearchDatabase) -> None:
    table = frames.summary(library)
    nobody = table[table.index.isna()].iloc[0]
    assert (nobody["documents"], nobody["without_text"], nobody["failed"]) == (2, 2, 1)
    assert nobody["confidence"] is pd.NA


def test_a_summary_by_anything_else_is_refused(db: ResearchDatabase) -> None:
    with pytest.raises(ValueError, match="by is one of extractor, mime_type, folder, not 'colour'"):
        frames.summary(db, by="colour")


def test_a_summary_of_a_real_run_agrees_with_its_documents(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("Some words.")
    (folder / "b.html").write_text("<p>Some other words.</p>")
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(db.add_folder(folder))
        assert worker.wait(60)
    table = frames.summary(db)
    assert set(table.index) == {"text", "html"}
    assert table["full"].tolist() == [1, 1]
    assert (table["cpu_time_ms"] > 0).all()
    assert table["char_count"].sum() == frames.texts(db, pages=False)["char_count"].sum()
