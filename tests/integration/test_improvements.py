"""Documents that could be read better since something was installed: offered to whoever asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import command_in
from oleparts import ole, word
from packedfiles import mail, zipped

from reslib import (
    ExtractionWorker,
    ResearchDatabase,
    available_extractors,
    frames,
    register_extractor,
    unregister_extractor,
)
from reslib.extractors import Requirement
from reslib.items import Warning

OURS = "Antiword reads this.\n"
Program = Callable[[str, str], None]


@pytest.fixture
def scrolls() -> Iterator[Callable[[], object]]:
    """Register an extractor of documents that nothing else reads."""
    yield lambda: register_extractor(
        "scrolls", lambda path: path.read_bytes()[2:].decode(), suffixes=[".scr"]
    )
    if any(extractor.name == "scrolls" for extractor in available_extractors()):
        unregister_extractor("scrolls")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Put a program, in Python, in the only folder on ``PATH``."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, code: str) -> None:
        (folder / name).write_text(f"#!{sys.executable}\n{code}")
        (folder / name).chmod(0o755)

    return put


def read(worker: ExtractionWorker, ids: list[int]) -> None:
    worker.start()
    worker.enqueue_batch(ids)
    assert worker.wait(60)


# --- read by one that stood in for another --------------------------------------------------------

#: LibreOffice, as far as it is needed here: it makes a Word document of any file.
OFFICE = """
import sys, zipfile
from pathlib import Path
folder = Path(sys.argv[sys.argv.index("--outdir") + 1])
words = "<w:p><w:r><w:t>LibreOffice reads this.</w:t></w:r></w:p>"
name = "http://schemas.openxmlformats.org/"
with zipfile.ZipFile(folder / "document.docx", "w") as made:
    made.writestr("[Content_Types].xml", f'<Types xmlns="{name}package/2006/content-types">'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.document.main+xml"/></Types>')
    made.writestr("_rels/.rels", f'<Relationships xmlns="{name}package/2006/relationships">'
        f'<Relationship Id="a" Type="{name}officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>')
    made.writestr("word/document.xml", f'<w:document xmlns:w="{name}wordprocessingml/2006/main">'
        f"<w:body>{words}</w:body></w:document>")
"""


@pytest.fixture
def letter(folder: Path, worker: ExtractionWorker, db: ResearchDatabase, program: Program) -> int:
    """A document that LibreOffice has read, because antiword was not there."""
    program("soffice", OFFICE)
    (folder / "letter.doc").write_bytes(ole(word("The estuary.\r" + "More of it. " * 20 + "\r")))
    [id] = db.add_folder(folder)
    read(worker, [id])
    assert db.get_attachment(id).extractor == "libreoffice"
    return id


def test_what_a_second_choice_read_is_offered_when_the_first_has_what_it_needs(
    db: ResearchDatabase, worker: ExtractionWorker, program: Program, letter: int
) -> None:
    [warning] = db.get_items(letter, Warning)
    assert warning == Warning(
        "stand_in",
        "it was read by libreoffice, because doc, which goes before it, needs the program antiword "
        "or catdoc, which is not installed",
    )
    assert db.stale().empty, "it is not here yet"
    program("antiword", f"print({OURS!r})")
    assert db.needs_extraction() == [], "nobody has asked"
    [row] = db.stale().reset_index().to_dict("records")
    assert row["reason"] == (
        "the program antiword or catdoc was missing and is installed now: doc reads it, which goes "
        "before libreoffice"
    )
    assert (row["attachment_id"], row["task"], row["extractor"]) == (letter, "text", "libreoffice")
    assert (row["text_status"], row["recipe"]) == ("full", 1)
    assert db.needs_extraction(stale=True) == [letter]
    assert db.needs_extraction([letter], stale=True) == [letter]
    read(worker, db.needs_extraction(stale=True))
    assert OURS.strip() in str(db.get_attachment(letter).extracted_text)
    assert db.get_items(letter, Warning) == []
    assert db.stale().empty
    assert [text.extractor for text in db.earlier_texts(letter)] == ["libreoffice"]


def test_two_reasons_to_read_a_document_again_are_one_row(
    db: ResearchDatabase, program: Program, letter: int
) -> None:
    program("catdoc", f"print({OURS!r})")
    with db.store.write() as transaction:
        transaction._connection.execute("UPDATE text_provenance SET recipe = 0")
    [reason] = db.stale()["reason"]
    assert reason.startswith("libreoffice has recipe 1 now, the text was made with 0; the program ")
    assert db.needs_extraction(stale=True) == [letter]


def test_who_was_asked_for_by_name_stood_in_for_nobody(
    db: ResearchDatabase, worker: ExtractionWorker, program: Program, letter: int
) -> None:
    worker.extract_again([letter], extractor="libreoffice")
    assert worker.wait(60)
    program("antiword", f"print({OURS!r})")
    assert db.get_items(letter, Warning) == []
    assert db.stale().empty
    with ExtractionWorker(db, num_workers=1, extractors=["libreoffice"]) as pool:
        pool.extract_again([letter])
        assert pool.wait(60)
    assert db.stale().empty


def test_the_command_line_says_that_a_document_would_be_read_better_and_reads_it_when_asked(
    db: ResearchDatabase, folder: Path, program: Program, letter: int
) -> None:
    program("antiword", f"print({OURS!r})")
    run = command_in(folder.parent)
    done = run("extract", folder, "--db", db.path)
    assert "Of these, read better by now: 1 document (the program antiword or catdoc was " in (
        done.stderr
    )
    assert db.get_attachment(letter).extractor == "libreoffice"
    done = run("extract", folder, "--db", db.path, "--stale")
    assert "To be read again: 1 document.\n  1 document: the program antiword" in done.stderr
    assert db.get_attachment(letter).extractor == "doc"


# --- left out of a document that was read ---------------------------------------------------------


def test_what_lies_in_an_archive_is_offered_with_it_when_an_extractor_reads_it(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker, scrolls: Callable[[], object]
) -> None:
    box = zipped(
        {"a.scr": b"\0\1A dugong.", "b.scr": b"\0\2An eider.", "c.txt": b"A crab.", "d.png": b""}
    )
    (folder / "box.zip").write_bytes(box)
    ids = db.add_folder(folder)
    read(worker, ids)
    assert db.skipped_counts() == {".scr": 2, ".png": 1}
    assert db.stale().empty
    scrolls()
    assert db.needs_extraction() == [], "nobody has asked"
    assert reasons(db) == ["nothing read 'a.scr' and 1 more in it, and scrolls is here now"]
    assert db.stale()["filename"].tolist() == ["box.zip"]
    assert db.needs_extraction(stale=True) == ids
    read(worker, ids)
    assert [hit.filename for hit in db.search("dugong")] == ["a.scr"]
    assert db.stale().empty
    assert frames.metrics(db)["filename"].tolist().count("c.txt") == 1, "which had been read"


def reasons(db: ResearchDatabase) -> list[str]:
    return [str(reason) for reason in db.stale()["reason"]]


def test_so_is_what_lies_deeper_and_a_document_that_waits_is_not_offered(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker, scrolls: Callable[[], object]
) -> None:
    (folder / "letter.eml").write_bytes(mail(("box.zip", zipped({"a.scr": b"\0\1A dugong."}))))
    (folder / "other.txt").write_text("words")
    letter, _ = db.add_folder(folder)
    read(worker, db.needs_extraction())
    scrolls()
    [inner] = db.stale().index
    assert db.get_attachment(inner).filename == "box.zip"
    assert db.get_attachment(inner).parent_id == letter
    assert db.needs_extraction([letter], stale=True) == [inner]
    worker.stop()
    worker.enqueue(inner)
    assert db.stale().empty
    worker.start()
    assert worker.wait(60)
    assert [hit.filename for hit in db.search("dugong")] == ["a.scr"]


def test_what_still_lacks_a_package_is_not_offered(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker, scrolls: Callable[[], object]
) -> None:
    (folder / "box.zip").write_bytes(zipped({"a.scr": b"\0\1A dugong."}))
    read(worker, db.add_folder(folder))
    needed = Requirement("no_such_package_of_scrolls", "")
    register_extractor("scrolls", str, suffixes=[".scr"], requires=[needed])
    assert db.stale().empty
    scrolls()
    assert len(db.stale()) == 1
