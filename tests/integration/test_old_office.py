"""Old Office files and Outlook messages in a folder: read in the sandbox, found by search."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from commandline import command_in
from oleparts import drawing, ole, presentation, shape, word, words
from test_msg import USUAL, file, outlook

from reslib import ExtractionWorker, ResearchDatabase
from reslib.items import Child, Metadata

WORD = "The estuary at noon.\r" + "More of it. " * 20 + "\r"


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on ``PATH``."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_all(folder: Path) -> None:
    (folder / "paper.doc").write_bytes(ole(word(WORD)))
    slides = [drawing(shape(words(text))) for text in ("The ebb.", "The estuary at noon.")]
    (folder / "talk.ppt").write_bytes(ole(presentation(*slides)))
    letter = outlook({**USUAL, 0x1000: "The estuary paper."}, file("paper.pdf", b"%PDF-1.7"))
    (folder / "letter.msg").write_bytes(letter)
    (folder / "pose.msg").write_text("geometry_msgs/Point position\n")  # of the robot system ROS


@pytest.mark.skipif(
    not (shutil.which("antiword") or shutil.which("catdoc")), reason="needs antiword or catdoc"
)
def test_a_folder_of_old_files_goes_in_whole(db: ResearchDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    write_all(folder)
    ids = {db.get_attachment(id).filename: id for id in db.add_folder(folder)}
    assert len(ids) == 4
    assert db.skipped_counts() == {}
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(list(ids.values()))
        assert worker.wait(timeout=60)
    read = {name: db.get_attachment(id).extractor for name, id in ids.items()}
    assert read == dict(zip(sorted(ids), ("msg", "doc", "text", "ppt"), strict=True))
    hits = {(hit.filename, hit.page) for hit in db.search("estuary", all_pages=True)}
    assert hits == {("paper.doc", 1), ("talk.ppt", 2), ("letter.msg", 1)}
    (child,) = db.get_items(ids["letter.msg"], Child)
    assert (child.name, child.media_type) == ("paper.pdf", "application/pdf")
    stated = {item.value for item in db.get_items(ids["letter.msg"], Metadata)}
    assert "Ann Reed <ann@a.invalid>" in stated


def test_without_a_program_a_word_document_waits_for_one(
    db: ResearchDatabase, tmp_path: Path, no_programs: Path
) -> None:
    path = tmp_path / "paper.doc"
    path.write_bytes(ole(word(WORD)))
    id = db.add_attachment(path.name, path)
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue(id)
        assert worker.wait(timeout=60)
        (failed,) = worker.queue.get_failed_jobs()
    assert failed.error_type == "extractor_missing"
    assert "the program antiword or catdoc, which is not installed" in str(failed.error_message)
    assert "apt install antiword catdoc" in str(failed.error_message)
    assert db.stale().empty
    (no_programs / "catdoc").write_text("#!/bin/sh\necho The estuary at noon.\n")
    (no_programs / "catdoc").chmod(0o755)
    [row] = db.stale().to_dict("records")
    assert row["reason"] == "the program antiword or catdoc was missing and is installed now"
    with ExtractionWorker(db, num_workers=1, max_retries=0) as worker:
        worker.enqueue_batch(db.needs_extraction([id]))
        assert worker.wait(timeout=60)
    assert db.get_attachment(id).extracted_text == "The estuary at noon."


def test_doctor_says_which_program_is_wanting(tmp_path: Path, no_programs: Path) -> None:
    done = command_in(tmp_path)("doctor")
    said = " ".join(done.stdout.split())
    assert "Extractor doc" in said
    assert "needs the program antiword or catdoc" in said
    assert "apt install antiword catdoc" in said


def test_a_program_that_hangs_ends_with_the_extraction(
    db: ResearchDatabase, tmp_path: Path, no_programs: Path
) -> None:
    (no_programs / "antiword").write_text("#!/bin/sh\nwhile :; do :; done\n")
    (no_programs / "antiword").chmod(0o755)
    path = tmp_path / "paper.doc"
    path.write_bytes(ole(word(WORD)))
    with ExtractionWorker(db, num_workers=1, max_retries=0, extraction_timeout=2) as worker:
        worker.enqueue(db.add_attachment(path.name, path))
        assert worker.wait(timeout=60)
        (failed,) = worker.queue.get_failed_jobs()
    assert failed.error_code == "timeout"
    mark = f"RESLIB_SANDBOX={os.getpid()}".encode()
    assert [each for each in Path("/proc").glob("[0-9]*") if mark in _environment(each)] == []


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
