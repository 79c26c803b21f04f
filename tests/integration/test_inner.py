"""What lies in an archive or a mail is a document of its own, found with where it comes from."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packedfiles import PAPERS, PDF, add_and_read, failures, found, mail, paths, taped, zipped

from reslib import (
    ExtractionWorker,
    JobStatus,
    QueueManager,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.formats.inner import DEEPEST
from reslib.items import Child, Warning
from reslib.models import ExtractionResult, Outcome


def test_a_pdf_in_a_mail_is_found_with_the_mail_that_it_comes_from(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "draft.eml").write_bytes(mail(("paper.pdf", PDF)))
    add_and_read(worker, folder)
    [hit] = db.search("narwhal")
    assert hit.path == f"{folder}/draft.eml//paper.pdf"
    assert (hit.filename, hit.folder, hit.page) == ("paper.pdf", f"{folder}/draft.eml", 1)
    assert hit.file == f"{folder}/draft.eml"
    assert hit.link == (folder / "draft.eml").as_uri(), "no program opens what is in a mail"
    assert found(db, "narwhal") == ["draft.eml/paper.pdf, page 1"]
    inner = db.get_attachment(hit.attachment_id)
    assert inner.parent_id is not None
    assert db.get_attachment(inner.parent_id).filename == "draft.eml"
    assert [hit.filename for hit in db.search("narwhal", folder=folder / "draft.eml")] == [
        "paper.pdf"
    ]
    [child] = db.get_items(inner.parent_id, Child)
    assert (child.name, child.size, child.data) == ("paper.pdf", len(PDF), b"")


def test_a_zip_of_papers_goes_in_with_its_folders_and_what_is_hidden_stays_out(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    hidden = {"__MACOSX/notes.txt": b"no", "a/.cache/notes.txt": b"no", ".notes.txt": b"no"}
    (folder / "box.zip").write_bytes(zipped(PAPERS | hidden))
    add_and_read(worker, folder)
    assert paths(db, folder) == {"box.zip", "box.zip//2024/narwhal.pdf", "box.zip//notes.txt"}
    assert found(db, "narwhal estuary") == ["box.zip/2024/narwhal.pdf, page 1"]
    archive = db.get_attachment(1)
    assert archive.extracted_text == "2024/narwhal.pdf\nnotes.txt\npicture.png"
    assert [child.name for child in db.get_items(1, Child)] == archive.extracted_text.split("\n")
    assert db.needs_extraction() == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("box.tar", taped(PAPERS)),
        ("box.tar.gz", taped(PAPERS, "w:gz")),
        ("box.tgz", taped(PAPERS, "w:gz")),
        ("box.tar.bz2", taped(PAPERS, "w:bz2")),
        ("box.tar.xz", taped(PAPERS, "w:xz")),
        ("no-suffix", taped(PAPERS)),
        ("tape-with-a-zip-at-its-end.tar", taped({**PAPERS, "b.zip": zipped({"a.txt": b"a"})})),
    ],
)
def test_every_kind_of_tape_is_taken_in(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    add_and_read(worker, folder)
    assert found(db, "narwhal estuary") == [f"{name}/2024/narwhal.pdf, page 1"]
    assert found(db, "quokka") == [f"{name}/notes.txt, page 1"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_paper_that_is_packed_by_itself_is_read(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, pack
) -> None:
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    (folder / f"paper.pdf.{suffix}").write_bytes(pack(PDF))
    add_and_read(worker, folder)
    assert found(db, "narwhal") == [f"paper.pdf.{suffix}/paper.pdf, page 1"]


def test_a_paper_in_a_mail_in_an_archive_is_found_and_what_lies_deeper_is_said(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    letter = mail(("papers.zip", zipped({"paper.pdf": PDF})))
    data = zipped({"mail/letter.eml": letter})
    (folder / "box.zip").write_bytes(data)
    deep = zipped({"words.txt": b"platypus"})
    for _ in range(DEEPEST):
        deep = zipped({"next.zip": deep})
    (folder / "deep.zip").write_bytes(deep)
    add_and_read(worker, folder)
    assert found(db, "narwhal") == ["box.zip/mail/letter.eml/papers.zip/paper.pdf, page 1"]
    assert found(db, "platypus") == []
    rows = db.store.rows("documents", {"ids": None})
    [row] = [row for row in rows if str(row["path"]).endswith("//next.zip" * DEEPEST)]
    [warning] = db.get_items(row["attachment_id"], Warning)
    assert warning.code == "nested_too_deep"
    assert warning.message.startswith("words.txt was not read")


def test_only_what_has_changed_in_an_archive_is_read_again(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.zip").write_bytes(zipped(PAPERS))
    add_and_read(worker, folder)
    before = {hit.path: hit.attachment_id for hit in db.search("narwhal OR quokka", all_pages=True)}
    (folder / "box.zip").write_bytes(zipped({**PAPERS, "notes.txt": b"A kiwi.", "new.txt": b"Emu"}))
    done = worker.queue.counts()[JobStatus.COMPLETE]
    add_and_read(worker, folder)
    assert worker.queue.counts()[JobStatus.COMPLETE] == done + 3, "the archive, a change, a new one"
    assert found(db, "quokka") == []
    assert found(db, "emu") == ["box.zip/new.txt, page 1"]
    [kiwi] = db.search("kiwi")
    assert kiwi.attachment_id == before[kiwi.path], "it is the same document, edited"
    worker.extract_again([1])
    assert worker.wait(60)
    assert worker.queue.counts()[JobStatus.COMPLETE] == done + 4, "the archive alone"


def test_what_lies_in_archives_goes_with_them_when_they_change_places(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    one, two = folder / "one.zip", folder / "two.zip"
    one.write_bytes(zipped({"a.zip": zipped({"same.txt": b"An ibis."})}))
    two.write_bytes(zipped({"a.zip": zipped({"same.txt": b"A heron."})}))
    add_and_read(worker, folder)
    assert found(db, "ibis") == ["one.zip/a.zip/same.txt, page 1"]
    done = worker.queue.counts()[JobStatus.COMPLETE]
    one.rename(folder / "other.zip")
    two.rename(one)
    (folder / "other.zip").rename(two)
    add_and_read(worker, folder)
    assert found(db, "ibis") == ["two.zip/a.zip/same.txt, page 1"]
    assert found(db, "heron") == ["one.zip/a.zip/same.txt, page 1"]
    assert worker.queue.counts()[JobStatus.COMPLETE] == done, "nothing was read again"
    (folder / "ärchive").mkdir()
    one.rename(folder / "ärchive" / "moved.zip")
    add_and_read(worker, folder)
    assert found(db, "heron") == ["moved.zip/a.zip/same.txt, page 1"]


def test_an_archive_whose_file_has_gone_is_read_at_its_copy_or_says_what_is_missing(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.zip").write_bytes(zipped(PAPERS))
    shutil.copy(folder / "box.zip", folder / "copy.zip")
    add_and_read(worker, folder)
    [hit] = db.search("quokka")
    (folder / "box.zip").unlink()
    worker.extract_again([hit.attachment_id])
    assert worker.wait(60)
    assert failures(worker) == {}
    assert found(db, "quokka") == ["copy.zip/notes.txt, page 1"]
    (folder / "copy.zip").unlink()
    worker.extract_again([hit.attachment_id])
    assert worker.wait(60)
    assert failures(worker) == {"notes.txt": "file_not_found"}
    assert found(db, "quokka") == ["copy.zip/notes.txt, page 1"], "its text stays"
    with pytest.raises(FileNotFoundError, match=r"copy\.zip is not there"):
        db.search("quokka")[0].open()


def test_what_is_deleted_takes_what_lies_in_it_along(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    (folder / "box.zip").write_bytes(zipped({"letter.eml": mail(("paper.pdf", PDF))}))
    add_and_read(worker, folder)
    assert len(paths(db, folder)) == 3
    db.delete_attachment(1)
    assert paths(db, folder) == set()
    assert found(db, "narwhal") == []


def test_a_batch_is_done_when_what_lies_in_its_documents_is_read(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    (folder / "box.zip").write_bytes(zipped({"letter.eml": mail(("paper.pdf", PDF))}))
    batch = worker.enqueue_batch(db.add_folder(folder))
    worker.start()
    assert worker.wait(60, batch=batch)
    assert found(db, "narwhal") == ["box.zip/letter.eml/paper.pdf, page 1"]
    [(jobs, open_jobs)] = sqlite.execute("SELECT jobs, open_jobs FROM batches").fetchall()
    assert (jobs, open_jobs) == (3, 0)


def test_names_in_an_archive_lead_nowhere_and_two_of_one_name_are_told_apart(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    members = {
        "../../etc/passwd.txt": b"okapi one",
        "/home/.ssh/../key.txt": b"hidden",
        "C:\\temp\\a.txt": b"okapi two",
        "a//b/./c.txt": b"okapi three",
        "new\nline\x1b[31m.txt": b"okapi four",
        "letter.eml": mail(("a.txt", b"ibex one"), ("a.txt", b"ibex two"), ("..", b"ibex")),
        "x" * 5_000 + ".txt": b"okapi five",
    }
    (folder / "box.zip").write_bytes(zipped(members))
    add_and_read(worker, folder)
    names = {path.removeprefix("box.zip//") for path in paths(db, folder)}
    assert names == {
        "box.zip",
        "etc/passwd.txt",
        "temp/a.txt",
        "a/b/c.txt",
        "new_line_[31m.txt",
        "letter.eml",
        "letter.eml//a.txt",
        "letter.eml//a (2).txt",
        "letter.eml//unnamed",
        "x" * 296 + ".txt",
    }
    assert len(db.search("okapi")) == 5
    assert {hit.filename for hit in db.search("ibex")} == {"a.txt", "a (2).txt", "unnamed"}
    assert failures(worker) == {}


def test_what_is_hostile_or_damaged_in_an_archive_costs_itself_alone(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    data = bytearray(zipped({"secret.txt": b"w" * 99, "damaged.txt": b"x" * 99, "good.txt": b"ok"}))
    for marker, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):  # a password on the first
        data[data.index(marker) + at] |= 1
    content = data.index(b"damaged.txt") + len("damaged.txt")
    data[content : content + 4] = b"\xff\xff\xff\xff"
    (folder / "box.zip").write_bytes(data)
    bomb = bytearray(zipped({f"{n}.txt": b"" for n in range(9)}))
    for n in range(9):  # each says of itself that it has 4 GB
        at = [i for i in range(len(bomb)) if bomb[i : i + 4] == b"PK\1\2"][n]
        struct.pack_into("<I", bomb, at + 24, 0xFFFFFFF0)
    (folder / "bomb.zip").write_bytes(bomb)
    for tenth in range(1, 10):
        whole = taped(PAPERS, "w:gz")
        (folder / f"cut-{tenth}.tar.gz").write_bytes(whole[: len(whole) * tenth // 10])
    (folder / "no.lha").write_bytes(b"\x1f\x00-lh5-" + bytes(range(99)))
    add_and_read(worker, folder)
    codes = failures(worker)
    assert codes.pop("bomb.zip") == "malformed"
    assert codes.pop("secret.txt") == "encrypted"
    assert codes.pop("damaged.txt") == "malformed"
    cut = {name.removesuffix(".gz") for name in codes if name.startswith("cut-")}
    assert cut == {f"cut-{tenth}.tar" for tenth in range(1, 10)}
    assert set(codes.values()) <= {"malformed", "truncated", "file_not_found"}
    assert found(db, "ok") == ["box.zip/good.txt, page 1"]
    assert db.skipped_counts() == {".lha": 1}


def test_an_extractor_of_ones_own_gives_documents_that_are_read_like_others(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, boxes: None
) -> None:
    (folder / "things.box").write_text("a.txt=A dugong.\nb.unknown=no\n")
    add_and_read(worker, folder)
    assert found(db, "dugong") == ["things.box/a.txt, page 1"]
    assert {child.name for child in db.get_items(1, Child)} == {"a.txt", "b.unknown"}


@pytest.fixture
def boxes() -> Iterator[None]:
    def read_box(path: Path):
        for line in path.read_text().splitlines():
            name, _, words = line.partition("=")
            yield Child(name, data=words.encode())
        yield "a box"

    register_extractor("box", read_box, suffixes=[".box"])
    yield
    unregister_extractor("box")


def test_what_documents_lie_in_is_read_once_for_all_of_them(
    db: ResearchDatabase, folder: Path
) -> None:
    def read_chest(path: Path):
        calls = Path(tempfile.gettempdir(), "calls")  # of the process that reads
        with calls.open("ab") as stream:
            stream.write(b".")
        for number in range(20):
            yield Child(f"{number}.txt", data=f"Dugong of call {calls.stat().st_size}.".encode())
        yield "a chest"

    register_extractor("chest", read_chest, suffixes=[".chest"])
    try:
        (folder / "things.chest").write_text("twenty")
        with ExtractionWorker(db, num_workers=1) as worker:
            add_and_read(worker, folder)
            assert failures(worker) == {}
    finally:
        unregister_extractor("chest")
    texts = [db.get_attachment(hit.attachment_id).extracted_text for hit in db.search("dugong")]
    assert len(texts) == 20
    assert len(set(texts)) == 1


def test_what_was_asked_for_an_archive_is_asked_for_what_is_in_it(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path
) -> None:
    paper = rb"\documentclass{article}\begin{document}The \emph{ebb}.\end{document}"
    (folder / "box.zip").write_bytes(zipped({"paper.tex": paper}))
    worker.start()
    worker.enqueue_batch(db.add_folder(folder), options={"source": True})
    assert worker.wait(60)
    [hit] = db.search("documentclass")
    assert hit.path.endswith("box.zip//paper.tex")


def test_an_archive_whose_row_was_lost_takes_its_documents_back(
    worker: ExtractionWorker, db: ResearchDatabase, folder: Path, sqlite: sqlite3.Connection
) -> None:
    (folder / "box.zip").write_bytes(zipped(PAPERS))
    add_and_read(worker, folder)
    [before] = db.search("quokka")
    sqlite.execute("UPDATE attachments SET parent_id = NULL")  # as repair does
    db.delete_attachment(1)
    add_and_read(worker, folder)
    assert failures(worker) == {}
    [hit] = db.search("quokka")
    assert hit.attachment_id == before.attachment_id
    assert db.get_attachment(hit.attachment_id).parent_id is not None


def test_names_that_a_child_gives_are_not_believed(
    db: ResearchDatabase, tmp_path: Path, folder: Path
) -> None:
    (folder / "a.zip").write_bytes(zipped({}))
    queue = QueueManager(db)
    job = queue.enqueue(db.add_folder(folder)[0])
    claimed = queue.claim("me")
    assert job is not None
    assert claimed is not None
    names = ("../../etc/passwd.txt", "", "in.zip//deep.txt", "x" * 5_000 + ".txt", "a.txt", "a.txt")
    items = tuple(Child(name, "text/plain", fingerprint=name) for name in names)
    result = ExtractionResult(text="", page_offsets=(0,), items=items)
    assert queue.complete(job, outcome=Outcome(result=result))
    assert {path.removeprefix("a.zip//") for path in paths(db, folder)} == {
        "a.zip",
        "etc/passwd.txt",
        "unnamed",
        "in.zip/deep.txt",
        "x" * 296 + ".txt",
        "a.txt",
        "a (2).txt",
    }
