"""Attachments and search."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reslib import AttachmentNotFound, ExtractionResult, QueueManager, ResearchDatabase
from reslib.errors import ERROR_TYPE_OF, ErrorCode
from reslib.models import Outcome, TextStatus
from reslib.storage.searchindex import add_functions


def store(db: ResearchDatabase, attachment: int, *pages: str) -> None:
    """Give an attachment a text the way a worker does."""
    queue = QueueManager(db)
    job = queue.enqueue(attachment)
    assert job is not None
    assert queue.claim("test") is not None
    offsets, position = [], 0
    for page in pages:
        offsets.append(position)
        position += len(page) + 1
    result = ExtractionResult("\f".join(pages), tuple(offsets), extractor="test")
    assert queue.complete(job, outcome=Outcome(result=result))


def test_the_same_path_gives_the_same_id(db: ResearchDatabase, folder: Path) -> None:
    path = folder / "a.txt"
    path.write_text("one")
    first = db.add_attachment("a.txt", path)
    assert db.add_attachment("a.txt", str(path)) == first
    assert db.add_attachment("a.txt", folder / ".." / "papers" / "a.txt") == first


def test_a_file_that_does_not_exist_can_be_added(db: ResearchDatabase) -> None:
    attachment = db.get_attachment(
        db.add_attachment("paper.pdf", "/no/such/paper.pdf", mime_type="application/pdf")
    )
    assert attachment.mime_type == "application/pdf"
    assert attachment.file_size is None
    assert attachment.text_status is None
    guessed = db.get_attachment(db.add_attachment("b.pdf", "/no/such/b.pdf"))
    assert guessed.mime_type == "application/pdf"


def test_changed_content_makes_the_text_stale(db: ResearchDatabase, folder: Path) -> None:
    path = folder / "a.txt"
    path.write_text("one")
    attachment = db.add_attachment("a.txt", path)
    store(db, attachment, "one")
    before = db.get_attachment(attachment)
    os.utime(path, (1, 1))
    db.add_attachment("a.txt", path)
    assert db.get_attachment(attachment).text_status is TextStatus.FULL, "touched, not changed"
    path.write_text("two two")
    db.add_attachment("a.txt", path)
    after = db.get_attachment(attachment)
    assert after.text_status is TextStatus.STALE
    assert after.content_hash != before.content_hash
    assert after.extracted_text == "one", "nothing is thrown away before there is something new"


def test_what_needs_extraction_is_what_has_no_current_text_and_no_hopeless_or_open_job(
    db: ResearchDatabase, folder: Path
) -> None:
    ids = {}
    for name in ("new", "done", "open", "changed", "hopeless", "away", "mended", "cancelled"):
        (folder / f"{name}.txt").write_text(name)
        os.utime(folder / f"{name}.txt", (1, 1))
        ids[name] = db.add_attachment(f"{name}.txt", folder / f"{name}.txt")
    store(db, ids["done"], "done")
    store(db, ids["changed"], "changed")
    queue = QueueManager(db)
    for name, code in (
        ("hopeless", "malformed"),
        ("away", "file_not_found"),
        ("mended", "malformed"),
    ):
        job = queue.enqueue(ids[name])
        assert job is not None
        queue.claim("test")
        queue.failed(job, "no", ERROR_TYPE_OF[ErrorCode(code)], 0, error_code=code)
    queue.cancel(queue.enqueue(ids["cancelled"]) or 0)
    queue.enqueue(ids["open"])
    for name in ("changed", "mended"):
        (folder / f"{name}.txt").write_text("something else by now")
    db.add_folder(folder)
    names = [db.get_attachment(attachment).filename for attachment in db.needs_extraction()]
    assert names == ["new.txt", "changed.txt", "away.txt", "mended.txt", "cancelled.txt"]
    assert db.needs_extraction([ids["done"], ids["away"]]) == [ids["away"]]


def test_a_file_that_has_gone_keeps_its_text(db: ResearchDatabase, folder: Path) -> None:
    path = folder / "a.txt"
    path.write_text("one")
    attachment = db.add_attachment("a.txt", path)
    store(db, attachment, "one")
    path.unlink()
    db.add_attachment("a.txt", path)
    assert db.get_attachment(attachment).text_status is TextStatus.FULL
    assert db.get_attachment(attachment).file_size == 3


def test_a_folder_gives_what_can_be_read_and_says_what_was_skipped(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "b.txt").write_text("b")
    (folder / "a.md").write_text("# a")
    (folder / "sub").mkdir()
    (folder / "sub" / "c.csv").write_text("x,y\n1,2\n")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 10)
    (folder / ".hidden.txt").write_text("no")
    os.mkfifo(folder / "pipe.txt")
    ids = db.add_folder(folder)
    assert [db.get_attachment(i).filename for i in ids] == ["a.md", "b.txt", "c.csv"]
    assert [item.path.name for item in ids.skipped] == ["noise.bin", "pipe.txt"]
    assert all(item.reason for item in ids.skipped)
    assert db.add_folder(folder) == ids
    flat = db.add_folder(folder, recursive=False)
    assert [db.get_attachment(i).filename for i in flat] == ["a.md", "b.txt"]
    assert db.add_folder(folder, "*.md") == ids[:1]


def test_damaged_documents_of_a_known_kind_are_added_so_that_they_can_fail(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "empty.pdf").touch()
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 cut short")
    assert len(db.add_folder(folder)) == 2


def test_a_missing_folder_and_a_file_are_refused(db: ResearchDatabase, folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        db.add_folder(folder / "nowhere")
    (folder / "a.txt").write_text("a")
    with pytest.raises(NotADirectoryError, match="add_attachment"):
        db.add_folder(folder / "a.txt")


@pytest.mark.parametrize("name", ["new\nline.txt", "📄 paper.txt", b"undecodable-\xff.txt"])
def test_odd_names_survive(db: ResearchDatabase, folder: Path, name: str | bytes) -> None:
    path = folder / os.fsdecode(name)
    path.write_text("odd name")
    [attachment_id] = db.add_folder(folder)
    attachment = db.get_attachment(attachment_id)
    assert Path(attachment.path).read_text() == "odd name"
    attachment.filename.encode()
    assert db.add_folder(folder) == [attachment_id]


def test_what_could_block_is_added_without_being_opened(db: ResearchDatabase, folder: Path) -> None:
    os.mkfifo(folder / "fifo.pdf")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # the name of a socket must be short
        server.bind("socket.pdf")
        os.chdir(here)
        for name in ("fifo.pdf", "socket.pdf", "."):
            assert db.add_attachment(name, folder / name) > 0


def test_deleting_takes_jobs_and_text_but_not_history(
    db: ResearchDatabase, sqlite: sqlite3.Connection, add_text: Callable[..., int]
) -> None:
    attachment = add_text("findable")
    store(db, attachment, "findable")
    assert db.search("findable")
    db.delete_attachment(attachment)
    assert db.search("findable") == []
    assert sqlite.execute("SELECT count(*) FROM extraction_queue").fetchone() == (0,)
    assert sqlite.execute("SELECT attachment_id FROM extraction_metrics").fetchall() == [
        (attachment,)
    ]
    sqlite.execute(
        "INSERT INTO attachments_fts (attachments_fts, rank) VALUES ('integrity-check', 1)"
    )
    with pytest.raises(AttachmentNotFound):
        db.get_attachment(attachment)
    with pytest.raises(AttachmentNotFound):
        db.delete_attachment(attachment)


def test_an_id_is_never_used_twice(db: ResearchDatabase, add_text: Callable[..., int]) -> None:
    first = add_text()
    db.delete_attachment(first)
    assert add_text() > first


def test_a_hit_tells_its_page_and_the_words_around(
    db: ResearchDatabase, add_text: Callable[..., int]
) -> None:
    attachment = add_text(name="tides.txt")
    store(db, attachment, "An introduction.", "The tidal range was\nlarge.", "References")
    [hit] = db.search("tidal")
    assert (hit.attachment_id, hit.filename, hit.page) == (attachment, "tides.txt", 2)
    assert "The **tidal** range was large." in hit.snippet
    assert db.get_attachment(attachment).page_text(2) == "The tidal range was\nlarge."
    assert db.search("references")[0].page == 3
    assert db.search("introduction")[0].page == 1


def test_a_match_in_the_name_alone_has_no_page(
    db: ResearchDatabase, add_text: Callable[..., int]
) -> None:
    store(db, add_text(name="lichens.txt"), "about roofs")
    [hit] = db.search("lichens")
    assert hit.page is None


def test_better_matches_come_first_and_limit_holds(
    db: ResearchDatabase, add_text: Callable[..., int]
) -> None:
    for text in ("gauge " * 20, "gauge and many other words " + "filler " * 200, "gauge gauge"):
        store(db, add_text(text), text)
    hits = db.search("gauge")
    assert [hit.rank for hit in hits] == sorted(hit.rank for hit in hits)
    assert len(hits) == 3
    assert len(db.search("gauge", limit=2)) == 2
    with pytest.raises(ValueError, match="limit"):
        db.search("gauge", limit=0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("multi-agent", True),
        ("C++", True),
        ('O"Brien', True),
        ("(unbalanced", True),
        ("CAFE", True),
        ("café", True),
        ('"agent systems"', True),
        ('"systems agent"', False),
        ("syst*", True),
        ("unbal*", True),
        ("AND OR NOT NEAR", False),
        ("filename:systems", False),
        ("", False),
        ("   ", False),
        ('"', False),
        ("***", False),
        ("-", False),
    ],
)
def test_whatever_a_person_types_is_safe(
    db: ResearchDatabase, add_text: Callable[..., int], typed: str, found: bool
) -> None:
    store(db, add_text(name="x.txt"), 'Multi-agent systems in C++ by O"Brien (unbalanced café')
    assert bool(db.search(typed)) is found


def test_the_index_follows_every_write(
    db: ResearchDatabase, sqlite: sqlite3.Connection, add_text: Callable[..., int]
) -> None:
    attachment = add_text()
    store(db, attachment, "before")
    change = "UPDATE attachments SET extracted_text = 'after' WHERE id = ?"
    with pytest.raises(sqlite3.OperationalError, match="reslib_fold"):
        sqlite.execute(change, (attachment,))
    assert db.search("before"), "a program that cannot keep the index in step changes nothing"
    add_functions(sqlite)
    sqlite.execute(change, (attachment,))
    assert db.search("before") == []
    assert len(db.search("after")) == 1


def test_anybody_can_read_the_index(
    db: ResearchDatabase, sqlite: sqlite3.Connection, add_text: Callable[..., int]
) -> None:
    store(db, add_text(name="Tides.txt"), "Erdős, CO₂ and more")
    asked = (
        "SELECT rowid, filename, extracted_text FROM attachments_fts WHERE attachments_fts MATCH"
    )
    for query in ("erdos", "tides", '"co 2"'):
        assert sqlite.execute(f"{asked} ?", (query,)).fetchall() == [
            (1, "Tides.txt", "Erdős, CO₂ and more")
        ]


def test_three_documents_of_one_name_are_told_apart(db: ResearchDatabase, folder: Path) -> None:
    for name in ("one", "two", "two/three"):
        (folder / name).mkdir()
        (folder / name / "paper.txt").write_text(f"the tide {name}")
        number = db.add_attachment("paper.txt", folder / name / "paper.txt")
        store(db, number, f"the tide {name}")
    hits = db.search("tide")
    assert sorted(hit.path for hit in hits) == sorted(map(str, folder.rglob("paper.txt")))
    assert sorted(hits.names()) == ["one/paper.txt", "two/paper.txt", "two/three/paper.txt"]
    assert {hit.folder for hit in hits} == {str(p.parent) for p in folder.rglob("paper.txt")}
    for name in hits.names():
        assert name in repr(hits)
        assert name in hits._repr_html_()
    assert len(db.search("tide", folder=folder / "two")) == 2
    assert len(db.search("tide", folder=f"{folder}/two/three/")) == 1
    assert db.search("tide", folder=folder / "tw") == []


def test_hits_can_be_of_one_type(db: ResearchDatabase, folder: Path) -> None:
    for name in ("a.txt", "B.TXT", "c.md", "d.html"):
        (folder / name).write_text(f"<p>the tide of {name}</p>")
        store(db, db.add_attachment(name, folder / name), "the tide")
    pdf = db.add_attachment("scan", folder / "scan", mime_type="application/pdf")
    store(db, pdf, "the tide")

    def names(file_type: str) -> list[str]:
        return sorted(hit.filename for hit in db.search("tide", file_type=file_type))

    assert names("txt") == names(".TXT") == ["B.TXT", "a.txt"]
    assert names("text/html") == ["d.html"]
    assert names("pdf") == ["scan"]
    assert names("100%") == []


def test_every_page_with_the_words_can_be_asked_for(
    db: ResearchDatabase, add_text: Callable[..., int]
) -> None:
    filler = "filler " * 40
    pages = (
        f"the tide {filler}",
        f"moon {filler}",
        "tide and moon",
        "",
        "Moon over the TIDE",
        "moon",
    )
    store(db, add_text("one"), *pages)
    store(db, add_text("two"), "tide", "moon")
    store(db, add_text(name="tide of moon.txt"), "nothing")
    hits = db.search("tide moon", all_pages=True)
    found = [(hit.attachment_id, hit.page, hit.snippet) for hit in hits]
    assert [(page, text) for number, page, text in found if number == 1] == [
        (3, "**tide** and **moon**"),
        (5, "**Moon** over the **TIDE**"),
    ]
    assert [page for number, page, _ in found if number == 2] == [1, 2]
    assert [(page, text) for number, page, text in found if number == 3] == [
        (None, "**tide** of **moon**.txt")
    ]
    assert len(db.search("tide moon", limit=1, all_pages=True)) in (1, 2), "one document"
    assert [hit.page for hit in db.search("tide moon") if hit.attachment_id == 1] == [3]


def test_all_pages_of_every_alternative(db: ResearchDatabase, add_text: Callable[..., int]) -> None:
    pages = ("estuary", "", "estuary and lagoon", "lagoon", "estuary", "delta")
    store(db, add_text(), *pages)

    def found(query: str) -> list[int | None]:
        return [hit.page for hit in db.search(query, all_pages=True)]

    assert found("estuary OR lagoon") == [1, 3, 4, 5]
    assert found("estuary lagoon OR delta") == [3, 6]
    assert found("estuary mangrove OR delta") == [6], "the other alternative is not there"
    assert found("estuary NOT mangrove") == [1, 3, 5]


def test_a_document_that_was_added_twice_is_one_hit(db: ResearchDatabase, folder: Path) -> None:
    """A library of an older reslib has a row for each place of a document."""
    for number in range(30):
        path = folder / f"{number}.txt"
        path.write_text(f"the tide {number}")
        text = "the tide" if number < 25 else f"the tide {number}"
        store(db, db.add_attachment(path.name, path), text)
    with db.store.write() as transaction:
        transaction._connection.execute(
            "UPDATE attachments SET content_hash = 'sha256:same' WHERE id <= 25"
        )
    assert len(db.search("tide", limit=100)) == 6
    assert len(db.search("tide", limit=4)) == 4
    for number in range(24):
        (folder / f"{number}.txt").unlink()
    [hit] = [hit for hit in db.search("tide", limit=100) if hit.attachment_id <= 25]
    assert hit.filename == "24.txt", "the one that is there"


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None])
def test_a_limit_is_a_number_of_documents(db: ResearchDatabase, limit: Any) -> None:
    with pytest.raises(ValueError, match="limit must be a whole number of at least 1"):
        db.search("words", limit)


def test_odd_arguments_of_a_search(db: ResearchDatabase, add_text: Callable[..., int]) -> None:
    store(db, add_text(), "words")
    nothing: Any = None
    assert len(db.search("words", limit=10**30)) == 1
    assert db.search("words", folder="~nobody-of-that-name") == []
    with pytest.raises(ValueError, match="a query is text"):
        db.search(nothing)


def test_a_hit_opens_its_document(
    db: ResearchDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = folder / "a paper #1.pdf"
    path.write_bytes(b"%PDF-1.4")
    store(db, db.add_attachment(path.name, path), "one", "the tide")
    [hit] = db.search("tide")
    assert hit.link == f"{folder.as_uri()}/a%20paper%20%231.pdf#page=2"
    program, shown = tmp_path / "browser", tmp_path / "shown"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {shown}\n')
    program.chmod(0o755)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        with pytest.raises(OSError, match="no program on this machine opens"):
            hit.open()
    monkeypatch.setenv("BROWSER", f"{program} %s")
    code = (
        "from reslib import ResearchDatabase; import sys\n"
        "with ResearchDatabase(sys.argv[1]) as db: db.search('tide')[0].open()"
    )
    subprocess.run([sys.executable, "-c", code, str(db.path)], check=True, timeout=60)
    assert shown.read_text() == hit.link
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"add_folder\(\)"):
        hit.open()
