"""Scans: their words are read by a job of their own, put in place, kept, and read once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from living import alive
from reportlab.pdfgen.canvas import Canvas
from scans import LINES, needs_tesseract, numbered, pdf_of, picture, stand_in

from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.documents.freshness import stale_documents
from reslib.extractors.ocr.tesseract import found_at
from reslib.items import Page, Warning
from reslib.models import OCR, ExtractionRequest, TextStatus
from reslib.sandbox import Sandbox
from reslib.storage.sql import migrations

WORDS = " ".join(LINES).split()
Act = Callable[[str], None]


@pytest.fixture
def act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Act]:
    """A program in place of tesseract; what it is given to do it does on each page."""
    monkeypatch.setenv("RESLIB_TESSERACT", str(stand_in(tmp_path)))
    found_at.cache_clear()
    yield lambda code: monkeypatch.setenv("RESLIB_ACT", code)
    found_at.cache_clear()


def added(db: ResearchDatabase, path: Path, content: bytes) -> int:
    path.write_bytes(content)
    return db.add_attachment(path.name, path)


def read(db: ResearchDatabase, *ids: int, **settings: Any) -> None:
    with ExtractionWorker(db, 1, poll_interval=0.05, **settings) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(timeout=120)


def pages(db: ResearchDatabase, id: int) -> list[Page]:
    return db.get_items(id, Page)


def done(db: ResearchDatabase) -> int:
    with closing(sqlite3.connect(db.path)) as connection:
        [count] = connection.execute("SELECT count(*) FROM task_pages WHERE text <> ''").fetchone()
    return int(count)


def has_done(db: ResearchDatabase, count: int) -> bool:
    return done(db) >= count


def eventually(holds: Callable[[], bool], timeout: float = 60.0) -> None:
    until = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def programs() -> list[psutil.Process]:
    """The programs that read a page now."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            found += [each] if "tsv" in each.cmdline() else []
    return found


def tasks(db: ResearchDatabase) -> list[str]:
    rows = db.store.rows("frame_metrics", {"since": None, "limit": -1})
    return [row["task"] for row in reversed(rows)]


# --- with the real program ----------------------------------------------------------------------


@needs_tesseract
def test_the_words_of_a_scan_are_found(db: ResearchDatabase, tmp_path: Path) -> None:
    id = added(db, tmp_path / "scan.pdf", pdf_of([picture()]))
    read(db, id)
    assert tasks(db) == ["text", "ocr"]
    document = db.get_attachment(id)
    assert (document.extracted_text or "").split() == WORDS
    assert document.text_status is TextStatus.FULL
    assert document.confidence is not None
    assert document.confidence > 0.9
    assert document.confidence_reason == "read by OCR"
    [page] = pages(db, id)
    assert page.origin.startswith("tesseract ")
    assert page.origin.endswith(" (eng)")
    assert not page.wants
    [hit] = db.search('"second gauge"')
    assert hit.page == 1


@needs_tesseract
def test_a_page_that_lies_on_its_head_is_read(db: ResearchDatabase, tmp_path: Path) -> None:
    id = added(db, tmp_path / "scan.pdf", pdf_of([picture().rotate(180)]))
    read(db, id)
    assert "the second gauge, which stands" in (db.get_attachment(id).extracted_text or "")


@needs_tesseract
def test_pictures_are_documents_when_asked_for(db: ResearchDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    page = picture()
    page.save(folder / "a.png")
    page.save(folder / "b.jpg", dpi=(150, 150))
    page.save(folder / "c.webp")
    page.save(folder / "d.tiff", save_all=True, append_images=[page], dpi=(150, 150))
    left = db.add_folder(folder)
    assert not left
    assert {item.reason for item in left.skipped} == {
        "a picture, and no document unless asked for: images=True, --images"
    }
    ids = db.add_folder(folder, images=True)
    read(db, *ids)
    texts = [(db.get_attachment(id).extracted_text or "").split() for id in ids]
    assert texts == [WORDS, WORDS, WORDS, WORDS + WORDS]
    assert db.get_attachment(ids[3]).page_count == 2


@needs_tesseract
def test_a_text_layer_that_is_good_is_left_alone(db: ResearchDatabase, tmp_path: Path) -> None:
    path = tmp_path / "layer.pdf"
    canvas = Canvas(str(path), pagesize=(595, 842))
    for _ in range(2):
        canvas.drawInlineImage(picture(), 0, 0, 595, 842)
        text = canvas.beginText(60, 760)
        text.setTextRenderMode(3)
        for line in LINES:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    id = db.add_attachment(path.name, path)
    read(db, id, ocr=False)
    before = db.get_attachment(id).extracted_text
    assert all(page.wants == (OCR,) for page in pages(db, id))
    with ExtractionWorker(db, 1) as worker:
        worker.enqueue(id, task=OCR)
        assert worker.wait(timeout=120)
    assert db.get_attachment(id).extracted_text == before
    assert not any(page.wants or page.origin for page in pages(db, id))


@needs_tesseract
def test_digital_pages_are_not_looked_at(db: ResearchDatabase, tmp_path: Path) -> None:
    path = tmp_path / "digital.pdf"
    canvas = Canvas(str(path))
    canvas.drawInlineImage(picture(), 300, 100, 200, 280)
    canvas.drawString(60, 760, "A short page")
    canvas.showPage()
    canvas.drawString(60, 760, "and one with fifteen words, which is all that there is on it.")
    canvas.save()
    id = db.add_attachment(path.name, path)
    read(db, id)
    assert tasks(db) == ["text"]


# --- which are read, and when -------------------------------------------------------------------


@pytest.mark.usefixtures("act")
def test_what_needs_no_ocr_is_read_before(db: ResearchDatabase, tmp_path: Path) -> None:
    scan = added(db, tmp_path / "scan.pdf", numbered(2))
    note = added(db, tmp_path / "note.txt", b"words of a note")
    read(db, scan, note)
    assert tasks(db) == ["text", "text", "ocr"]


@pytest.mark.usefixtures("act")
def test_a_scan_that_was_not_read_is_offered_once(db: ResearchDatabase, tmp_path: Path) -> None:
    id = added(db, tmp_path / "scan.pdf", numbered(1))
    read(db, id, ocr=False)
    assert db.get_attachment(id).text_status is TextStatus.EMPTY
    [offered] = stale_documents(db.store)
    assert (offered.attachment_id, offered.task) == (id, OCR)
    assert db.needs_extraction() == []
    read(db, *db.needs_extraction(stale=True))
    assert (db.get_attachment(id).extracted_text or "").startswith("page 1 read at")
    assert stale_documents(db.store) == []


@pytest.mark.usefixtures("act")
def test_scans_of_an_older_database_are_offered(db: ResearchDatabase, tmp_path: Path) -> None:
    id = added(db, tmp_path / "scan.pdf", numbered(2))
    note = added(db, tmp_path / "note.txt", b"words")
    read(db, id, note, ocr=False)
    step = migrations()[6]
    with closing(sqlite3.connect(db.path)) as connection:
        connection.execute("UPDATE pages SET wants = '[]'")
        connection.execute(step[step.index("UPDATE pages") :])
        connection.commit()
    assert [offered.attachment_id for offered in stale_documents(db.store)] == [id]
    assert all(page.wants == (OCR,) for page in pages(db, id))


def test_another_language_is_worth_one_more_try(
    act: Act, db: ResearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act("sure = '55'")
    id = added(db, tmp_path / "scan.pdf", numbered(1))
    read(db, id)
    assert pages(db, id)[0].wants == (OCR,)
    assert stale_documents(db.store) == []
    monkeypatch.setenv("RESLIB_LANGS", "eng fin")
    found_at.cache_clear()
    [offered] = stale_documents(db.store)
    assert "languages" in offered.reason
    with ExtractionWorker(db, 1) as worker:
        worker.enqueue(offered.attachment_id, task=OCR)
        assert worker.wait(timeout=60)
    assert stale_documents(db.store) == []


def test_without_a_program_a_scan_stays_empty_and_is_not_failed(
    db: ResearchDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESLIB_TESSERACT", str(tmp_path / "nowhere"))
    id = added(db, tmp_path / "scan.pdf", numbered(1))
    read(db, id)
    assert tasks(db) == ["text"]
    assert db.get_attachment(id).text_status is TextStatus.EMPTY


# --- bad programs, bad pages --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("os.abort()", "the program died (SIG"),
        ("sys.exit('no such data')", "the program failed (no such data)"),
        ("exec('while True: pass')", "it took longer than 2 s of computing"),
        ("time.sleep(600)", "it took longer than 2 s of computing"),
    ],
)
def test_a_page_that_cannot_be_read_costs_itself_and_is_said(
    act: Act, db: ResearchDatabase, tmp_path: Path, does: str, says: str
) -> None:
    act(f"if number == 2: {does}")
    id = added(db, tmp_path / "scan.pdf", numbered(3))
    read(db, id, ocr_page_timeout=2)
    assert [page.text.split(" at")[0] for page in pages(db, id)] == [
        "page 1 read",
        "",
        "page 3 read",
    ]
    document = db.get_attachment(id)
    assert document.text_status is TextStatus.PARTIAL
    assert f"OCR could not read it: {says}" in pages(db, id)[1].reason
    [warning] = db.get_items(id, Warning)
    assert warning.page == 2
    # Alone it is tried again.
    act("")
    kept = pages(db, id)[0].text
    with ExtractionWorker(db, 1) as worker:
        worker.enqueue(id, task=OCR)
        assert worker.wait(timeout=60)
    assert pages(db, id)[0].text == kept
    assert pages(db, id)[1].text.startswith("page 2 read")
    assert db.get_attachment(id).text_status is TextStatus.FULL


def test_a_program_that_is_killed_costs_its_page(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("if number == 2: time.sleep(600)")
    id = added(db, tmp_path / "scan.pdf", numbered(3))
    with ExtractionWorker(db, 1, poll_interval=0.05) as worker:
        worker.enqueue(id)
        eventually(lambda: done(db) >= 1 and bool(programs()))
        for program in programs():
            program.kill()
        assert worker.wait(timeout=60)
    assert [bool(page.text) for page in pages(db, id)] == [True, False, True]
    assert "the program died (SIGKILL)" in pages(db, id)[1].reason


def test_a_program_that_hangs_on_page_after_page_ends_ocr_of_the_document(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("if number >= 2: exec('while True: pass')")
    id = added(db, tmp_path / "scan.pdf", numbered(7))
    other = added(db, tmp_path / "other.pdf", numbered(1))
    read(db, id, other, ocr_page_timeout=2)
    tried = [page.reason for page in pages(db, id)]
    assert all("it took longer than 2 s of computing" in reason for reason in tried[1:4]), tried
    assert all("on 3 pages in a row the program hung" in reason for reason in tried[4:])
    assert all(page.wants == (OCR,) for page in pages(db, id)[4:])
    assert pages(db, id)[0].text.startswith("page 1 read")
    messages = [warning.message for warning in db.get_items(id, Warning)]
    assert len(messages) == 4
    assert any("page 5 and 2 more were not tried" in message for message in messages)
    assert pages(db, other)[0].text.startswith("page 1 read")
    # And when the program works again, what was left out is read.
    act("")
    with ExtractionWorker(db, 1) as worker:
        worker.enqueue(id, task=OCR)
        assert worker.wait(timeout=60)
    assert all(page.text for page in pages(db, id))


@pytest.mark.parametrize("prints", ["print('\\0' * 5000)", "print('5\\t' * 50)", "words = []"])
def test_rubbish_is_no_text(act: Act, db: ResearchDatabase, tmp_path: Path, prints: str) -> None:
    act(f"words = []; {prints}")
    id = added(db, tmp_path / "scan.pdf", numbered(1))
    read(db, id)
    assert db.get_attachment(id).text_status is TextStatus.EMPTY
    assert pages(db, id)[0].reason in ("OCR found no words on it", "a blank page")


def test_a_page_that_takes_the_process_down_is_passed_over(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    # The program ends what started it, as a crash of what decodes the picture would.
    act("if number == 2: print(chr(10) * (70 << 20))")
    id = added(db, tmp_path / "scan.pdf", numbered(3))
    read(db, id)
    assert [bool(page.text) for page in pages(db, id)] == [True, False, True]
    assert "printed without an end" in pages(db, id)[1].reason


def test_a_document_has_as_long_as_its_pages_need(act: Act, tmp_path: Path) -> None:
    act("time.sleep(3)")
    path = tmp_path / "scan.pdf"
    path.write_bytes(numbered(6))
    request = ExtractionRequest(str(path), timeout=14, task=OCR, options={}, by_page=True)
    with Sandbox() as sandbox:
        outcome = sandbox.run(request)
    assert outcome.result is not None, outcome.failure
    assert outcome.extraction_time_ms > 14_000
    assert [bool(page.text) for page in outcome.result.pages] == [True] * 6


def test_pages_of_a_file_that_changed_meanwhile_are_dropped(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("time.sleep(0.5)")
    path = tmp_path / "scan.pdf"
    id = added(db, path, numbered(4))
    with ExtractionWorker(db, 1, poll_interval=0.05) as worker:
        worker.enqueue(id)
        eventually(lambda: done(db) >= 1)
        path.write_bytes(pdf_of([picture()]))
        db.add_attachment(path.name, path)
        worker.stop(timeout=0)
    assert db.get_attachment(id).text_status is TextStatus.STALE
    assert "page 1" not in (db.get_attachment(id).extracted_text or "")


# --- read once ----------------------------------------------------------------------------------


def test_pages_that_are_done_survive_a_stop_and_are_not_read_again(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("time.sleep(0.2)")
    id = added(db, tmp_path / "scan.pdf", numbered(8))
    with ExtractionWorker(db, 1, poll_interval=0.05) as worker:
        worker.enqueue(id)
        eventually(lambda: done(db) >= 3)
        worker.stop(timeout=0)
    kept = [page.text for page in pages(db, id) if page.text]
    assert 3 <= len(kept) < 8
    assert db.get_attachment(id).text_status is TextStatus.PARTIAL
    assert db.search("page")
    with ExtractionWorker(db, 1) as worker:
        assert worker.wait(timeout=60)
    texts = [page.text for page in pages(db, id)]
    assert texts[: len(kept)] == kept
    assert [text.split()[1] for text in texts] == [str(n) for n in range(1, 9)]


_POOL = """
import sys
from reslib import ExtractionWorker, ResearchDatabase
with ResearchDatabase(sys.argv[1]) as db, ExtractionWorker(db, 1, max_retries=1) as worker:
    worker.enqueue_batch(db.needs_extraction())
    worker.wait()
"""


def test_pages_that_are_done_survive_kills_of_the_whole_process(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("time.sleep(0.15)")
    id = added(db, tmp_path / "scan.pdf", numbered(12))
    seen: list[str] = []
    for _ in range(4):  # oftener than the job may fail
        before = done(db)
        pool = subprocess.Popen([sys.executable, "-c", _POOL, str(db.path)])
        eventually(partial(has_done, db, before + 2))
        family = psutil.Process(pool.pid).children(recursive=True)
        os.kill(pool.pid, signal.SIGKILL)
        pool.wait()
        psutil.wait_procs(family, timeout=2)
        assert not [process.pid for process in family if alive(process.pid)]
        seen = [row["text"] for row in db.store.rows("task_pages", {"id": id})]
    subprocess.run([sys.executable, "-c", _POOL, str(db.path)], check=True, timeout=60)
    texts = [page.text for page in pages(db, id)]
    assert texts[: len(seen)] == seen
    assert [text.split()[1] for text in texts] == [str(n) for n in range(1, 13)]


@pytest.mark.usefixtures("act")
def test_reading_the_text_again_does_not_read_the_pictures_again(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    id = added(db, tmp_path / "scan.pdf", numbered(2))
    read(db, id)
    before = db.get_attachment(id).extracted_text
    with ExtractionWorker(db, 1) as worker:
        worker.extract_again([id])
        assert worker.wait(timeout=60)
    assert db.get_attachment(id).extracted_text == before
    assert tasks(db) == ["text", "ocr", "text"]


def test_the_name_of_the_job_and_its_pages_are_in_the_frames(
    act: Act, db: ResearchDatabase, tmp_path: Path
) -> None:
    act("")
    id = added(db, tmp_path / "scan.pdf", numbered(3))
    read(db, id)
    metrics = frames.metrics(db)
    assert metrics[metrics["task"] == OCR]["page_count"].tolist() == [3]
    table = frames.pages(db)
    assert table["origin"].tolist() == ["tesseract 9.9.9 (eng)"] * 3
    assert frames.attachments(db)["ocr_pages"].tolist() == [3]
