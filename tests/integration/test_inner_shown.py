"""How documents inside others are told apart, found and shown."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import command_in
from packedfiles import PAPERS, PDF, add_and_read, failures, found, mail, taped, zipped

from reslib import (
    ExtractionWorker,
    ResearchDatabase,
    frames,
)
from reslib.formats.inner import DEEPEST, Names


def test_an_archive_on_the_command_line_is_reported_with_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "box.zip").write_bytes(zipped({**PAPERS, "bad.pdf": b"%PDF-1.7 no more"}))
    run = command_in(tmp_path)
    done = run("extract", "box.zip")
    assert done.returncode == 1
    assert "text extracted" in done.stdout
    assert "box.zip/bad.pdf" in done.stdout
    searched = run("search", "narwhal")
    assert "box.zip/2024/narwhal.pdf" in searched.stdout.replace("\n", "")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("talk.pptx", "slide 2"),
        ("counts.xlsx", "sheet Counts"),
        ("book.epub", "chapter The mudflat"),
        ("article.xml", "section Methods"),
        ("counting.ipynb", "cell 1"),
        ("report.docx", "page 1"),
    ],
)
def test_a_hit_says_what_people_call_the_place_and_its_snippet_stays_there(
    samples: ResearchDatabase, name: str, part: str
) -> None:
    [hit] = [hit for hit in samples.search("curlew", limit=50) if hit.filename == name]
    assert hit.part == part
    assert "first year" not in hit.snippet, "which stands on the slide before"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResearchDatabase]:
    """The library of lesson 8."""
    one_of_each = Path(__file__).parents[2] / "samples" / "one-of-each"
    path = tmp_path_factory.mktemp("library") / "samples.db"
    with ResearchDatabase(path) as db, ExtractionWorker(db, num_workers=2) as worker:
        worker.enqueue_batch(db.add_folder(one_of_each))
        assert worker.wait(120)
        assert worker.queue.get_failed_jobs() == []
        yield db


def test_members_of_one_time_and_size_are_told_apart_and_seen_to_change(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    box = folder / "box.tar"
    box.write_bytes(taped({"kiel.txt": b"walrus in Kiel", "bonn.txt": b"walrus in Bonn"}))
    add_and_read(worker, folder)
    assert {hit.filename for hit in db.search("walrus")} == {"kiel.txt", "bonn.txt"}
    box.write_bytes(taped({"kiel.txt": b"ostric in Kiel", "bonn.txt": b"walrus in Bonn"}))
    add_and_read(worker, folder)
    assert [hit.filename for hit in db.search("walrus")] == ["bonn.txt"]
    assert [hit.filename for hit in db.search("ostric")] == ["kiel.txt"]


def test_content_decides_what_a_member_without_a_telling_name_is_and_the_rest_is_named(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "2401.00001.gz").write_bytes(gzip.compress(PDF))
    picture = b"\x89PNG\r\n\x1a\n"
    members = {"2401.00002": PDF, "LICENSE": b"A numbat may be copied.", "a.png": picture}
    (folder / "box.zip").write_bytes(zipped(members))
    (folder / "m.eml").write_bytes(mail(("attachment", PDF)))
    (folder / "broken.gz").write_bytes(gzip.compress(b"x" * 9_999)[:-20])
    add_and_read(worker, folder)
    assert sorted(found(db, "narwhal")) == [
        "2401.00001.gz/2401.00001, page 1",
        "box.zip/2401.00002, page 1",
        "m.eml/attachment, page 1",
    ]
    assert found(db, "numbat") == ["box.zip/LICENSE, page 1"]
    assert db.skipped_counts() == {".png": 1}
    db.add_folder(folder)
    assert db.skipped_counts() == {".png": 1}, "also when the folder is looked at again"
    assert failures(worker) == {"broken.gz": "truncated"}


def test_what_failed_from_outside_in_an_archive_is_offered_with_its_folder(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.zip").write_bytes(zipped(PAPERS))
    add_and_read(worker, folder)
    [hit] = db.search("quokka")
    (folder / "box.zip").rename(folder.parent / "away.zip")
    with sqlite3.connect(db.path) as raw:
        raw.execute("UPDATE text_provenance SET is_stale = 1")
    worker.extract_again([hit.attachment_id])
    assert worker.wait(60)
    assert failures(worker) == {"notes.txt": "file_not_found"}
    (folder.parent / "away.zip").rename(folder / "box.zip")
    assert hit.attachment_id in db.needs_extraction(db.add_folder(folder))


def test_a_paper_in_tex_in_an_archive_is_read_with_what_it_asks_for(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    main = rb"\documentclass{article}\begin{document}\input{parts/one}\end{document}"
    sources = {
        "paper/main.tex": main,
        "paper/parts/one.tex": rb"The wolverine section.",
        "other/one.tex": rb"Another.",
    }
    for name, data in (("a.zip", zipped(sources)), ("b.tar.gz", taped(sources, "w:gz"))):
        (folder / name).write_bytes(data)
    add_and_read(worker, folder)
    texts = [hit for hit in db.search("wolverine") if hit.filename == "main.tex"]
    assert sorted(Path(hit.file).name for hit in texts) == ["a.zip", "b.tar.gz"]


def test_a_presentation_that_is_named_pdf_is_read_as_what_it_is(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    one_of_each = Path(__file__).parents[2] / "samples" / "one-of-each"
    for name in ("talk.pptx", "counts.xlsx", "abstract.rtf", "book.epub"):
        shutil.copy(one_of_each / name, (folder / name).with_suffix(".pdf"))
    add_and_read(worker, folder)
    assert failures(worker) == {}
    assert {hit.part for hit in db.search("curlew")} >= {"slide 2", "sheet Counts"}


def test_a_folder_inside_an_archive_is_a_folder_to_search_in(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.zip").write_bytes(zipped({"a/b/deep.txt": b"A tapir.", "c.txt": b"A tapir."}))
    add_and_read(worker, folder)
    [hit] = [hit for hit in db.search("tapir") if hit.filename == "deep.txt"]
    assert [other.filename for other in db.search("tapir", folder=hit.folder)] == ["deep.txt"]
    assert len(db.search("tapir", folder=folder / "box.zip")) == 2


def test_thousands_of_members_of_one_name_take_no_time_that_grows_with_their_square() -> None:
    names = Names()
    given = {names.of("image001.png") for _ in range(20_000)}
    assert len(given) == 20_000


def test_warnings_about_documents_are_a_frame_and_said_on_the_command_line(
    tmp_path: Path, folder: Path
) -> None:
    deep = zipped({"words.txt": b"platypus"})
    for _ in range(DEEPEST):
        deep = zipped({"next.zip": deep})
    (folder / "deep.zip").write_bytes(deep)
    done = command_in(folder)("extract", "deep.zip", "--db", tmp_path / "r.db")
    assert "Worth knowing: 1 warning" in done.stdout, done.stderr
    assert "words.txt was not read" in done.stdout
    with ResearchDatabase(tmp_path / "r.db") as db:
        [row] = frames.warnings(db).reset_index().to_dict("records")
    assert (row["warning"], row["code"], row["task"]) == (1, "nested_too_deep", "text")
    assert row["message"].startswith("words.txt was not read")
