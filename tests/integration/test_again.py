"""Documents that have a text are read again on request, and the text before stays."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from reslib import (
    AttachmentNotFound,
    ErrorCode,
    ExtractionWorker,
    JobStatus,
    ResearchDatabase,
    TextStatus,
    frames,
    joblist,
    register_extractor,
    unregister_extractor,
)
from reslib.frames.comparison import similarity
from reslib.library import documents
from reslib.maintenance.repair import find_problems, repair
from reslib.testing import wait_until


@pytest.fixture(autouse=True)
def extractors() -> Iterator[None]:
    """Two more that read texts when they are asked for, one that fails, one for `.mine`."""
    register_extractor("shout", lambda path: path.read_text().upper(), suffixes=[".never", ".txt"])
    register_extractor("wrong", _fail, suffixes=[".txt"])
    register_extractor("slowly", _slow, suffixes=[".txt"])
    register_extractor("plain", lambda path: path.read_text(), suffixes=[".txt"])
    yield
    for name in ("shout", "wrong", "slowly", "plain"):
        unregister_extractor(name)


def _fail(path: Path) -> str:
    raise ValueError("no")


def _slow(path: Path) -> str:
    import time

    time.sleep(60)
    return ""


@pytest.fixture
def note(db: ResearchDatabase, tmp_path: Path, worker: ExtractionWorker) -> int:
    """A document that `plain` has read."""
    path = tmp_path / "note.txt"
    path.write_text("tidal range of the estuary")
    id = db.add_attachment("note.txt", path)
    worker.start()
    worker.enqueue(id)
    assert worker.wait(60)
    assert db.get_attachment(id).extractor == "plain"
    return id


def make_pdf(path: Path, text: str) -> None:
    canvas = Canvas(str(path))
    canvas.drawString(72, 720, text)
    canvas.save()


def rows(db: ResearchDatabase, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db.path)) as raw:
        return raw.execute(query).fetchall()


def test_a_document_is_read_again_by_the_extractor_that_is_asked_for(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    before = db.get_attachment(note)
    assert db.needs_extraction() == []
    [job] = worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    found = worker.queue.get_job(job)
    assert found is not None
    assert (found.status, found.extractor) == (JobStatus.COMPLETE, "shout")
    after = db.get_attachment(note)
    assert (after.extractor, after.extracted_text) == ("shout", "TIDAL RANGE OF THE ESTUARY")
    [earlier] = db.earlier_texts(note)
    for name in ("extractor", "extractor_version", "extracted_at", "confidence", "text_status"):
        assert getattr(earlier, name) == getattr(before, name)
    assert (earlier.attachment_id, earlier.extracted_text) == (note, before.extracted_text)
    assert (earlier.page_count, earlier.page_offsets) == (1, (0,))
    assert "plain, 26 characters" in repr(earlier)
    assert rows(db, "SELECT extractor, char_count FROM extraction_metrics ORDER BY id") == [
        ("plain", 26),
        ("shout", 26),
    ]


def test_each_extractor_keeps_one_text_and_the_same_words_are_kept_once(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    def read_by(*names: str | None) -> list[str]:
        for name in names:
            worker.extract_again([note], extractor=name)
            assert worker.wait(60)
        return sorted(text.extractor for text in db.earlier_texts(note))

    assert read_by(None) == [], "it is the same text"
    assert read_by("shout") == ["plain"]
    assert read_by("plain") == ["shout"], "its text is the present one again"
    register_extractor("plain", lambda path: "other words", suffixes=[".txt"], version="2")
    assert read_by("plain") == ["plain", "shout"]
    assert [t.extracted_text for t in db.earlier_texts(note) if t.extractor == "plain"] == [
        "tidal range of the estuary"
    ]


def test_the_text_before_is_found_until_the_new_one_is_there_and_when_it_fails(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.pause()
    [job] = worker.extract_again([note], extractor="wrong")
    assert len(db.search("estuary")) == 1
    worker.resume()
    assert worker.wait(60)
    found = worker.queue.get_job(job)
    assert found is not None
    assert found.status is JobStatus.FAILED
    assert len(db.search("estuary")) == 1
    assert db.get_attachment(note).text_status is TextStatus.FULL
    assert db.earlier_texts(note) == []
    assert db.needs_extraction() == [], "it has a text of the file as it is"


def test_a_cancelled_job_leaves_the_text_as_it_was(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    [job] = worker.extract_again([note], extractor="slowly")
    wait_until(lambda: worker.get_status()["active_workers"] == 1)
    assert worker.cancel(job)
    assert worker.wait(30)
    assert db.get_attachment(note).extractor == "plain"
    assert len(db.search("estuary")) == 1
    assert len(worker.extract_again([note])) == 1


def test_only_the_present_text_is_searched(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    register_extractor("shout", lambda path: "something else", suffixes=[".txt"])
    worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    assert db.search("estuary") == []
    assert len(db.search("something")) == 1


def test_texts_of_an_older_content_are_not_kept(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    path = Path(db.get_attachment(note).path)
    path.write_text("another content, longer than before")
    assert db.add_attachment("note.txt", path) == note
    worker.enqueue_batch(db.needs_extraction())
    assert worker.wait(60)
    assert db.get_attachment(note).extracted_text == "another content, longer than before"
    assert db.earlier_texts(note) == []


# --- asked for what cannot be ---------------------------------------------------------------------


def test_an_unknown_extractor_or_document_is_said_before_anything_is_enqueued(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    with pytest.raises(ValueError, match=r"no extractor is called 'pdfplumbr'; there are: .*pdf"):
        worker.extract_again([note], extractor="pdfplumbr")
    with pytest.raises(AttachmentNotFound, match="999"):
        worker.extract_again([note, 999])
    with pytest.raises(TypeError):
        worker.extract_again(["note.txt"])  # type: ignore[list-item]
    assert rows(db, "SELECT count(*) FROM extraction_queue") == [(1,)]
    assert worker.extract_again([]) == []
    with pytest.raises(AttachmentNotFound, match="999"):
        db.earlier_texts(999)


def test_documents_that_the_extractor_does_not_read_are_left_as_they_are(
    worker: ExtractionWorker, note: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert worker.extract_again([note], extractor="pdfplumber") == []
    assert "'pdfplumber' does not read, which are left as they are: 1" in caplog.text


def test_a_job_that_waits_already_is_given_the_extractor_and_one_that_runs_is_not(
    worker: ExtractionWorker, note: int, caplog: pytest.LogCaptureFixture
) -> None:
    worker.pause()
    waiting = worker.enqueue(note)
    assert worker.extract_again([note, note]) == [], "it is to be read anyway"
    assert worker.extract_again([note, note], extractor="slowly") == [waiting]
    worker.resume()
    wait_until(lambda: worker.get_status()["active_workers"] == 1)
    assert worker.extract_again([note], extractor="slowly") == []
    assert "being read" not in caplog.text, "by the very one that was asked for"
    assert worker.extract_again([note], extractor="shout") == []
    assert "being read just now, and not to be read by the extractor 'shout'" in caplog.text
    assert "ask again then: note.txt" in caplog.text
    job = worker.queue.get_job(waiting or 0)
    assert job is not None
    assert job.extractor == "slowly"


def test_a_job_that_waits_for_one_extractor_is_read_by_the_usual_one_when_that_is_asked_for(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.pause()
    waiting = worker.extract_again([note], extractor="shout")
    assert worker.extract_again([note]) == waiting
    worker.resume()
    assert worker.wait(60)
    assert db.get_attachment(note).extractor == "plain"


def test_a_document_that_became_another_keeps_its_text_rather_than_one_of_another_extractor(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    register_extractor("typed", lambda path: "typed", mime_types=["text/plain"])
    try:
        path = tmp_path / "paper"
        path.write_text("just words")
        id = db.add_attachment("paper", path)
        worker.start()
        worker.enqueue(id)
        assert worker.wait(60)
        worker.pause()
        [job] = worker.extract_again([id], extractor="typed")
        path.write_text("<!DOCTYPE html><html><body><p>a page</p></body></html>")
        worker.resume()
        assert worker.wait(60)
    finally:
        unregister_extractor("typed")
    found = worker.queue.get_job(job)
    assert found is not None
    assert found.error_code is ErrorCode.NO_EXTRACTOR
    assert "'typed', which was asked for, does not read documents of type text/html" in str(
        found.error_message
    )
    assert db.get_attachment(id).extracted_text == "typed"


def test_a_document_that_moved_meanwhile_is_read_at_its_new_place(
    db: ResearchDatabase, worker: ExtractionWorker, note: int, tmp_path: Path
) -> None:
    worker.pause()
    worker.extract_again([note], extractor="shout")
    (tmp_path / "new").mkdir()
    Path(db.get_attachment(note).path).rename(tmp_path / "new" / "moved.txt")
    assert db.add_folder(tmp_path / "new") == [note]
    worker.resume()
    assert worker.wait(60)
    assert db.get_attachment(note).extractor == "shout"
    assert len(db.earlier_texts(note)) == 1


# --- comparing ------------------------------------------------------------------------------------


def test_two_extractors_are_compared_document_by_document(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    make_pdf(tmp_path / "paper.pdf", "Tides of the estuary in one short line.")
    (tmp_path / "note.txt").write_text("a note")
    ids = db.add_folder(tmp_path, "*.[pt][dx][ft]")
    worker.start()
    worker.enqueue_batch(ids)
    assert worker.wait(60)
    assert len(frames.compare(db, "pdf", "pdfplumber")) == 0
    [_] = worker.extract_again(ids, extractor="pdfplumber")
    assert worker.wait(60)
    for first, second in (("pdf", "pdfplumber"), ("pdfplumber", "pdf")):
        table = frames.compare(db, first, second)
        assert list(table["filename"]) == ["paper.pdf"]
        [row] = table.to_dict("records")
        assert row["similarity"] == 1.0
        assert row["words_first"] == row["words_second"] == 8
        assert row["pages_first"] == row["pages_second"] == 1
        assert row["time_ms_first"] > 0
        assert row["time_ms_second"] > 0
    with pytest.raises(ValueError, match="'pdf' with itself"):
        frames.compare(db, "pdf", "pdf")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "", 1.0),
        ("same words here", "same words here", 1.0),
        ("nothing", "common", 0.0),
        ("a b c", "", 0.0),
        ("a b c d", "a b c", 2 * 3 / 9),  # (start, a), (a, b), (b, c)
        ("left column right column", "left right column column", 2 * 3 / 10),
        ("tide tide tide", "tide", 2 * 2 / 6),
    ],
)
def test_the_similarity_of_two_texts(first: str, second: str, expected: float) -> None:
    assert similarity(first.split(), second.split()) == pytest.approx(expected)
    assert similarity(second.split(), first.split()) == pytest.approx(expected)


# --- the command line -----------------------------------------------------------------------------


def reslib(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "reslib", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_extract_again_on_a_finished_library(db: ResearchDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("one", "two"):
        make_pdf(folder / f"{name}.pdf", f"Paper {name} of the estuary.")
    (folder / "page.html").write_text("<html><p>a page</p></html>")
    asked = ("--db", db.path, "--extractor", "pdfplumber")
    assert reslib("extract", folder, "--db", db.path)[0] == 0
    code, said = reslib("extract", folder, *asked)
    assert code == 0
    assert "Already extracted and unchanged: 3 documents." in said
    assert "not read by pdfplumber: 2 documents. Nothing was read again; with --again" in said
    assert "pdfplumber" not in reslib("extract", folder, "--db", db.path)[1]
    code, said = reslib("extract", folder, "--again", *asked)
    assert code == 0, said
    assert "To be read again by pdfplumber: 2 documents." in said
    assert "because pdfplumber does not read them: 1 document." in said
    read_by = "SELECT filename, extractor FROM attachments ORDER BY filename"
    expected = [("one.pdf", "pdfplumber"), ("page.html", "html"), ("two.pdf", "pdfplumber")]
    assert rows(db, read_by) == expected
    assert "--again" not in reslib("extract", folder, *asked)[1], "it has read them"
    code, said = reslib("extract", "--again", "--db", db.path)
    assert code == 0, said
    assert "To be read again: 3 documents." in said
    assert [row[1] for row in rows(db, read_by)] == ["pdf", "html", "pdf"]
    assert len(frames.compare(db, "pdf", "pdfplumber")) == 2
    code, said = reslib("extract", "--again", "--db", db.path, "--extractor", "pdfplumbr")
    assert code == 2
    assert "no extractor is called 'pdfplumbr'" in said


def broken_pdf(folder: Path) -> Path:
    path = folder / "broken.pdf"
    path.write_bytes(b"%PDF-1.4\n" + bytes(200))
    return path


def test_retry_of_an_earlier_job_does_that_job_and_says_what_became_of_it(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    path = broken_pdf(tmp_path)
    assert reslib("extract", path, "--db", db.path)[0] == 1
    again = ("extract", "--again", path, "--extractor", "pdfplumber", "--db", db.path)
    code, said = reslib(*again)
    assert code == 1
    assert "`reslib extract --again PATH`" in said
    code, said = reslib("retry", 1, "--db", db.path)
    assert (code, "broken.pdf" in said) == (1, True)
    assert rows(db, "SELECT id, status, claims FROM extraction_queue") == [
        (1, "failed", 2),
        (2, "failed", 1),
    ]
    [state] = documents(db)
    assert state.job_id == 1, "the one that ended last"
    assert reslib("extract", "--db", db.path) == (0, "No job is open.\n")


def test_an_extractor_that_is_named_with_retry_goes_before_the_one_that_was_asked_for_first(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    path = broken_pdf(tmp_path)
    again = ("extract", "--again", path, "--extractor", "pdfplumber", "--db", db.path)
    assert reslib(*again)[0] == 1
    for arguments, reader in (((), "pdfplumber"), (("--extractor", "pdf"), "pdf")):
        reslib("retry", *arguments, "--db", db.path)
        [(used,)] = rows(db, "SELECT extractor FROM extraction_metrics ORDER BY id DESC LIMIT 1")
        assert used == reader


def test_a_failure_of_a_document_that_was_read_since_is_history_everywhere(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.max_retries = 0

    def failures() -> list[int]:
        """Return how many there are, as each view has it."""
        return [
            len(frames.failed_jobs(db)),
            len(joblist.first_jobs(db, JobStatus.FAILED, 10)),
            len(joblist.matching_jobs(db, JobStatus.FAILED, "note")),
            len(joblist.retriable(db).every),
            sum(state.has_failed for state in documents(db)),
        ]

    [failed] = worker.extract_again([note], extractor="wrong")
    assert worker.wait(60)
    assert failures() == [1] * 5
    worker.pause()
    [later] = worker.extract_again([note], extractor="shout")
    assert failures() == [0] * 5, "it is to be read"
    assert worker.cancel(later)
    assert failures() == [1] * 5
    worker.extract_again([note], extractor="shout")
    worker.resume()
    assert worker.wait(60)
    assert failures() == [0] * 5
    assert worker.retry_failed_jobs() == 0
    assert worker.queue.counts()[JobStatus.FAILED] == 1
    assert worker.retry_failed_jobs([failed]) == 1, "asked for by its number"
    assert worker.wait(60)
    assert failures() == [1] * 5, "it ended last"
    assert worker.retry_failed_jobs() == 1
    assert worker.wait(60)


# --- files that lost something --------------------------------------------------------------------


def test_a_damaged_library_keeps_its_earlier_texts_and_who_accepted_what(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    worker.stop()
    db.close()
    with closing(sqlite3.connect(db.path)) as raw, raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute(
            "INSERT INTO extraction_queue (attachment_id, created_at, available_at)"
            " VALUES (99, '', '')"
        )
    assert [problem.name for problem in find_problems(db.path)] == ["damaged"]
    done = repair(db.path)
    assert find_problems(db.path) == []
    assert "Saved from earlier_texts: 1 rows" in done
    with ResearchDatabase(db.path) as again:
        assert [text.extractor for text in again.earlier_texts(note)] == ["plain"]
        assert again.store.rows("acceptances", {"ids": f"[{note}]"})


def test_an_earlier_text_that_cannot_be_read_is_dropped_by_a_repair(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    with closing(sqlite3.connect(db.path)) as raw, raw:
        raw.execute("UPDATE earlier_texts SET extracted_text = CAST(x'ff41' AS TEXT)")
    assert [problem.name for problem in find_problems(db.path)] == ["texts"]
    repair(db.path)
    assert find_problems(db.path) == []
    assert db.earlier_texts(note) == []
    assert db.get_attachment(note).extractor == "shout"


def test_a_document_that_is_deleted_takes_its_earlier_texts_with_it(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    worker.extract_again([note], extractor="shout")
    assert worker.wait(60)
    db.delete_attachment(note)
    assert rows(db, "SELECT count(*) FROM earlier_texts") == [(0,)]
