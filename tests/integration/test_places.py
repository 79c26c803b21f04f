"""Which document a file is, when it was moved, copied or changed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import oracle
import pytest
from intake import extract

from reslib import ExtractionWorker, QueueManager, ResearchDatabase, frames
from reslib.models import TextStatus


def test_a_copy_is_one_document_with_two_places(db: ResearchDatabase, folder: Path) -> None:
    (folder / "a.txt").write_text("the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    added = db.add_folder(folder)
    assert list(added) == [1]
    assert added.copies == (folder / "b.txt",)
    assert db.places(1) == [str(folder / "a.txt"), str(folder / "b.txt")]
    assert db.add_attachment("b.txt", folder / "b.txt") == 1
    extract(db)
    assert len(db.search("estuary")) == 1
    db.delete_attachment(1)
    assert db.store.row("attachment_by_path", {"path": str(folder / "b.txt")}) is None


def test_a_copy_that_is_added_by_name_is_a_document_of_its_own_and_one_hit(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("the tide")
    ids = [db.add_attachment(name, folder / name) for name in ("a.txt", "b.txt")]
    assert ids == [1, 2]
    assert list(db.add_folder(folder)) == ids
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(ids)
        assert worker.wait(60)
    assert len(db.search("tide")) == 1
    (folder / "new").mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).rename(folder / "new" / name)
        assert db.add_attachment(name, folder / "new" / name) == ids.pop(0), "it was moved"
    assert db.needs_extraction() == []


def test_a_search_in_a_folder_finds_what_has_a_copy_there(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text("the estuary")
    [id] = db.add_folder(folder)
    extract(db)
    for name in ("one", "two"):
        assert [hit.attachment_id for hit in db.search("estuary", folder=folder / name)] == [id]
    assert db.search("estuary", folder=folder / "three") == []


def test_a_hit_leads_to_the_copy_that_is_there_and_in_the_folder_asked_for(
    db: ResearchDatabase, folder: Path
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text("the tide")
    db.add_folder(folder)
    extract(db)
    [hit] = db.search("tide")
    assert set(hit.places) == set(map(str, folder.rglob("paper.txt")))
    for name in ("one", "two"):
        [hit] = db.search("tide", folder=folder / name)
        assert hit.path == hit.places[0] == str(folder / name / "paper.txt")
    assert frames.search(db, "tide")["places"].tolist() == [2]
    assert frames.attachments(db)["places"].tolist() == [2]
    for name, other in (("one", "two"), ("two", "one")):
        (folder / name / "paper.txt").rename(folder / "away")
        [hit] = db.search("tide")
        assert hit.path == str(folder / other / "paper.txt")
        (folder / "away").rename(folder / name / "paper.txt")


def two_copies(db: ResearchDatabase, folder: Path) -> None:
    (folder / "a.txt").write_text("the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    db.add_folder(folder)
    extract(db)


def test_a_copy_that_is_edited_becomes_a_document_of_its_own(
    db: ResearchDatabase, folder: Path
) -> None:
    two_copies(db, folder)
    (folder / "b.txt").write_text("the estuary, second version")
    assert list(db.add_folder(folder)) == [1, 2]
    assert (db.places(1), db.places(2)) == ([str(folder / "a.txt")], [str(folder / "b.txt")])
    assert extract(db) == [2]


def test_when_the_first_of_two_copies_is_edited_the_other_keeps_the_document(
    db: ResearchDatabase, folder: Path
) -> None:
    two_copies(db, folder)
    (folder / "a.txt").write_text("something else")
    assert list(db.add_folder(folder)) == [2, 1]
    assert db.places(1) == [str(folder / "b.txt")]
    assert db.get_attachment(1).filename == "b.txt"
    assert extract(db) == [2]


def test_a_file_that_takes_the_place_of_another_without_trace_is_that_one_edited(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("first version")
    (folder / "b.txt").write_text("second version")
    db.add_folder(folder)
    extract(db)
    (folder / "b.txt").replace(folder / "a.txt")
    assert list(db.add_folder(folder)) == [1]
    assert db.get_attachment(1).text_status is TextStatus.STALE
    assert extract(db) == [1]
    assert db.get_attachment(1).extracted_text == "second version"


def test_the_name_that_people_gave_a_document_moves_with_it(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "scan0001.txt").write_text("the estuary")
    id = db.add_attachment("Smith 2019", folder / "scan0001.txt")
    (folder / "scan0001.txt").rename(folder / "scan0002.txt")
    assert list(db.add_folder(folder)) == [id]
    assert db.get_attachment(id).filename == "Smith 2019"


def test_empty_files_are_not_copies_of_each_other(db: ResearchDatabase, folder: Path) -> None:
    for name in ("a.txt", "b.txt", "c.pdf"):
        (folder / name).touch()
    assert len(db.add_folder(folder)) == 3


def test_the_same_bytes_read_in_another_way_are_another_document(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "page.html").write_text("<p>the estuary</p>")
    shutil.copy(folder / "page.html", folder / "page.txt")
    assert len(db.add_folder(folder)) == 2


def test_a_file_renamed_so_that_it_is_read_in_another_way_is_extracted_again(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "page.txt").write_text("<p>the estuary</p>")
    db.add_folder(folder)
    extract(db)
    (folder / "page.txt").rename(folder / "page.html")
    assert list(db.add_folder(folder)) == [1]
    assert db.get_attachment(1).mime_type == "text/html"
    assert db.needs_extraction() == [1]


def test_what_an_older_library_holds_twice_is_not_merged(
    db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(f"the estuary {name}")
    db.add_folder(folder)
    shutil.copy(folder / "a.txt", folder / "b.txt")
    os.utime(folder / "b.txt", ns=(7, 7))
    sqlite.execute(
        "UPDATE attachments SET file_mtime_ns = 7, content_hash = "
        "(SELECT content_hash FROM attachments WHERE id = 1)"
    )
    assert list(db.add_folder(folder)) == [1, 2]
    folder.rename(folder.with_name("moved"))
    assert list(db.add_folder(folder.with_name("moved"))) == [1, 2]


def test_a_job_that_waits_finds_its_document_where_it_was_moved(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("the estuary")
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.pause()
        worker.enqueue_batch(db.add_folder(folder))
        folder.rename(folder.with_name("moved"))
        assert db.add_folder(folder.with_name("moved")).moved == (1,)
        worker.resume()
        assert worker.wait(60)
    assert len(db.search("estuary")) == 1


def test_programs_that_look_at_a_moved_folder_at_once_agree(
    db: ResearchDatabase, folder: Path
) -> None:
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"estuary {number % 50}")
    ids = db.add_folder(folder)
    new = folder.rename(folder.with_name("moved"))
    code = (
        "import sys\n"
        "from reslib import ResearchDatabase\n"
        "with ResearchDatabase(sys.argv[1]) as db:\n"
        "    print(sorted(db.add_folder(sys.argv[2])))\n"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(db.path), str(new)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for program in programs:
        assert json.loads(program.communicate(timeout=60)[0]) == sorted(ids)
    assert sum(len(db.places(id)) for id in ids) == 60
    assert oracle.violations(db.path, oracle.Truth()) == []


def test_same_size_and_time_but_other_content_is_found_when_asked(
    db: ResearchDatabase, folder: Path
) -> None:
    path = folder / "a.txt"
    path.write_text("the estuary")
    db.add_folder(folder)
    extract(db)
    before = path.stat()
    path.write_text("the harbour")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    db.add_folder(folder)
    assert db.needs_extraction() == []
    db.add_folder(folder, verify=True)
    assert extract(db) == [1]
    assert db.get_attachment(1).extracted_text == "the harbour"
    db.add_folder(folder, verify=True)
    assert db.needs_extraction() == []


def test_a_failure_stands_until_the_content_is_another(db: ResearchDatabase, folder: Path) -> None:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.4 damaged")
    queue = QueueManager(db)
    job = queue.enqueue_batch(db.add_folder(folder))[0]
    queue.claim("test")
    queue.failed(job, "damaged", "corruption")
    new = folder.with_name("moved")
    shutil.copytree(folder, new, copy_function=shutil.copyfile)
    shutil.rmtree(folder)
    db.add_folder(new)
    assert db.needs_extraction() == [], "copied and removed, so written later, but the same"
    before = (new / "a.pdf").stat()
    (new / "a.pdf").write_bytes(b"%PDF-1.4 mended!")
    os.utime(new / "a.pdf", ns=(before.st_atime_ns, before.st_mtime_ns))
    db.add_folder(new)
    assert db.needs_extraction() == []
    db.add_folder(new, verify=True)
    assert db.needs_extraction() == [1]


def test_a_hash_that_was_never_taken_is_learned_and_makes_nothing_stale(
    db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    (folder / "a.txt").write_text("the estuary")
    db.add_folder(folder)
    extract(db)
    known = db.get_attachment(1).content_hash
    sqlite.execute("UPDATE attachments SET content_hash = NULL")
    db.add_folder(folder, verify=True)
    assert db.get_attachment(1).content_hash == known
    assert db.needs_extraction() == []


def test_a_name_that_is_not_utf_8_can_be_moved_and_copied(
    db: ResearchDatabase, folder: Path
) -> None:
    odd = folder / os.fsdecode(b"caf\xe9.txt")
    odd.write_text("the estuary")
    shutil.copy(odd, folder / os.fsdecode(b"th\xe9.txt"))
    [id] = db.add_folder(folder)
    assert len(db.places(id)) == 2
    new = folder.with_name(os.fsdecode(b"d\xe9m\xe9nag\xe9"))
    folder.rename(new)
    assert list(db.add_folder(new)) == [id]
    assert all(Path(path).exists() for path in db.places(id))
    (new / odd.name).unlink()
    db.add_folder(new)
    assert len(db.places(id)) == 1
    [path] = map(Path, db.places(id))
    path.rename(new / "cafe.txt")
    db.add_folder(new)
    assert db.get_attachment(id).filename == "cafe.txt"


def test_a_name_that_begins_with_a_tilde_is_no_user(
    db: ResearchDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("~$paper.txt").write_text("the lock file of a word processor")
    id = db.add_attachment("~$paper.txt", "~$paper.txt")
    assert db.get_attachment(id).path == str(folder / "~$paper.txt")
