"""What lesson 4 explores: it is what its scripts make, and nothing of a machine is in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from library_documents import KINDS
from record_library import POOLS, TROUBLE, keep_the_numbers
from twenty_pages import KINDS as PAGES
from twenty_pages import typeset

from reslib import ExtractionWorker, ResearchDatabase, frames
from reslib.maintenance.doctor import Verdict, diagnose
from reslib.storage.migration import SCHEMA_VERSION

SAMPLES = Path(__file__).parents[2] / "samples"
RECORDED = SAMPLES / "recorded.db"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return Path(shutil.copy(RECORDED, tmp_path))


def first_of(name: str) -> str:
    return name.rpartition("-")[0]


def test_it_holds_the_documents_that_its_script_makes(recorded: Path) -> None:
    with ResearchDatabase(recorded) as db:
        paths = [Path(path) for path in frames.attachments(db)["path"]]
    wanted = {kind: count for kind, (count, _) in KINDS.items()} | {"trouble": len(TROUBLE)}
    assert Counter(path.parent.name for path in paths) == wanted
    assert {path.parent.parent for path in paths} == {Path("library")}


def test_every_pool_of_its_script_has_worked(recorded: Path) -> None:
    with ResearchDatabase(recorded) as db:
        attempts = frames.metrics(db)
        assert set(frames.jobs(db)["status"]) == {"complete", "failed"}
    assert list(dict.fromkeys(map(first_of, attempts["worker_id"]))) == list(POOLS)
    assert 1400 <= len(attempts) <= 1800
    assert attempts["cpu_time_ms"].notna().mean() > 0.9


def test_the_retries_of_a_folder_that_was_away_are_in_it(recorded: Path) -> None:
    with ResearchDatabase(recorded) as db:
        attempts = frames.metrics(db)
    away = attempts[attempts["error_code"] == "file_not_found"]
    assert {first_of(name) for name in away["filename"]} == {"server"}
    assert len(away) >= 2 * KINDS["server"][0]


def test_it_opens_with_the_present_schema_and_nothing_is_lost(recorded: Path) -> None:
    def rows() -> list[int]:
        connection = sqlite3.connect(recorded)
        tables = ("attachments", "extraction_queue", "extraction_metrics")
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables]
        connection.close()
        return counts

    before = rows()
    ResearchDatabase(recorded).close()
    assert rows() == before
    connection = sqlite3.connect(recorded)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    connection.close()
    assert [c for c in diagnose(recorded) if c.name == "Database" and c.verdict != Verdict.OK] == []


def test_it_is_small_and_holds_neither_texts_nor_traces_of_a_machine(recorded: Path) -> None:
    assert RECORDED.stat().st_size < 1_000_000
    with ResearchDatabase(recorded) as db:
        assert db.search("the") == []
        assert frames.workers(db).empty
    content = RECORDED.read_bytes()
    for trace in (rb"/(tmp|home|Users|root|work|var)/", rb"Traceback", rb"hostname-\d"):
        assert not re.search(trace, content), trace


def test_nothing_but_the_numbers_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "notes").mkdir(parents=True)
    (folder / "notes" / "notes-1.txt").write_text("a heron stood by the sluice")
    (folder / "notes" / "broken-1.pdf").write_bytes(b"%PDF-1.7 and no more")
    path = tmp_path / "made.db"
    with ResearchDatabase(path) as db:
        for _ in range(2):
            with ExtractionWorker(db, num_workers=1) as worker:
                worker.enqueue_batch(db.add_folder(folder))
                assert worker.wait(60)
        before = frames.metrics(db)["extraction_time_ms"].tolist()
    keep_the_numbers(path, folder, ["one", "other"])
    content = path.read_bytes()
    for trace in ("heron", str(tmp_path), f"{socket.gethostname()}-{os.getpid()}"):
        assert trace.encode() not in content
    with ResearchDatabase(path) as db:
        attempts = frames.metrics(db)
        assert attempts["extraction_time_ms"].tolist() == before
        assert attempts["worker_id"].tolist() == ["one-1", "one-1", "other-1", "other-1"]
        assert db.get_attachment(2).path == "library/notes/notes-1.txt"
        assert db.search("heron") == []


@pytest.mark.parametrize(
    ("is_it", "count"),
    [(lambda share: share == 1, 9), (lambda share: share == 0, 6)],
    ids=["flawless", "worthless"],
)
def test_the_twenty_pages_hold_what_is_said_of_them(
    is_it: Callable[[float], bool], count: int, tmp_path: Path
) -> None:
    truth = json.loads((SAMPLES / "twenty-pages" / "truth.json").read_text(encoding="utf-8"))
    assert len(truth) == len(PAGES) == 20
    with ResearchDatabase(tmp_path / "pages.db") as db:
        ids = db.add_folder(SAMPLES / "twenty-pages", pattern="*.pdf")
        with ExtractionWorker(db, ocr=False) as worker:
            worker.enqueue_batch(ids)
            assert worker.wait(120)
        shares = []
        for number in ids:
            page = db.get_attachment(number)
            text = " ".join(page.page_text(1).split())
            sentences = truth[page.filename][0]
            assert len(sentences) == 12
            shares.append(sum(sentence in text for sentence in sentences) / len(sentences))
    assert sum(map(is_it, shares)) == count


def test_each_sentence_of_the_twenty_pages_is_printed_on_its_page(tmp_path: Path) -> None:
    # As they were before they were spoilt, read by other means than reslib.
    truth = json.loads((SAMPLES / "twenty-pages" / "truth.json").read_text(encoding="utf-8"))
    for name, pages in truth.items():
        with pypdfium2.PdfDocument(SAMPLES / "twenty-pages" / name) as document:
            assert len(document) == len(pages)
        for sentences in pages:
            typeset(tmp_path / name, sentences)
            with pypdfium2.PdfDocument(tmp_path / name) as document:
                text = " ".join(document[0].get_textpage().get_text_bounded().split())
            assert [sentence for sentence in sentences if sentence not in text] == [], name
