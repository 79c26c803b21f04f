"""Documents that are worth reading again: which, why, and never without being asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from reportlab.pdfgen.canvas import Canvas

from reslib import (
    ExtractionResult,
    ExtractionWorker,
    QueueManager,
    ResearchDatabase,
    available_extractors,
    frames,
    register_extractor,
    unregister_extractor,
)
from reslib.extractors import DataFile, Program, Requirement
from reslib.extractors.registry import Registry
from reslib.testing import wait_until

NAMES = ("plain", "other", "needy")


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for name in NAMES:
        if any(extractor.name == name for extractor in available_extractors()):
            unregister_extractor(name)


def plain(recipe: int, say: str = "") -> None:
    """Register an extractor of this recipe, whose texts begin with a word."""
    register_extractor(
        "plain", lambda path: say + path.read_text(), suffixes=[".txt"], recipe=recipe
    )


def read(worker: ExtractionWorker, ids: list[int]) -> None:
    worker.start()
    worker.enqueue_batch(ids)
    assert worker.wait(60)


@pytest.fixture
def note(db: ResearchDatabase, folder: Path, worker: ExtractionWorker) -> int:
    """A document that `plain` has read with recipe 1."""
    (folder / "note.txt").write_text("tidal range of the estuary")
    plain(1)
    [id] = db.add_folder(folder)
    read(worker, [id])
    return id


def reasons(db: ResearchDatabase) -> list[str]:
    return [str(reason) for reason in db.stale()["reason"]]


# --- a newer recipe -------------------------------------------------------------------------------


def test_a_document_whose_extractor_has_a_newer_recipe_is_offered_to_whoever_asks(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    assert db.stale().empty
    assert db.needs_extraction(stale=True) == []
    plain(2, "better: ")
    assert db.needs_extraction() == [], "nobody has asked"
    assert db.needs_extraction(stale=True) == [note]
    [row] = db.stale().reset_index().to_dict("records")
    extracted_at = row.pop("extracted_at")
    assert extracted_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] == (
        db.get_attachment(note).extracted_at
    )
    assert row == {
        "attachment_id": note,
        "filename": "note.txt",
        "path": db.get_attachment(note).path,
        "reason": "plain has recipe 2 now, the text was made with 1",
        "extractor": "plain",
        "recipe": 1,
        "new_recipe": 2,
        "text_status": "full",
        "task": "text",
    }
    read(worker, db.needs_extraction(stale=True))
    assert db.get_attachment(note).extracted_text == "better: tidal range of the estuary"
    assert [text.extracted_text for text in db.earlier_texts(note)] == [
        "tidal range of the estuary"
    ]
    assert db.stale().empty
    assert db.needs_extraction(stale=True) == []


def test_the_frame_is_that_of_the_frames(db: ResearchDatabase, note: int) -> None:
    plain(2)
    pd.testing.assert_frame_equal(db.stale(), frames.stale(db))
    other = frames.attachments(db)
    for column in ("filename", "extractor", "path", "extracted_at"):
        assert db.stale()[column].dtype == other[column].dtype
    assert db.stale().index.dtype == other.index.dtype


def test_a_result_that_an_extractor_made_itself_has_its_recipe(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker
) -> None:
    register_extractor(
        "plain", lambda path: ExtractionResult(path.read_text()), suffixes=[".txt"], recipe=7
    )
    (folder / "a.txt").write_text("words")
    read(worker, db.add_folder(folder))
    assert db.stale().empty
    plain(8)
    assert reasons(db) == ["plain has recipe 8 now, the text was made with 7"]


def test_a_document_whose_extractor_is_not_here_or_is_an_older_one_is_not_offered(
    db: ResearchDatabase, note: int
) -> None:
    plain(0)
    assert db.stale().empty
    unregister_extractor("plain")
    register_extractor("other", str, suffixes=[".txt"], recipe=9)
    assert db.stale().empty, "another one reads such documents, and has another number"
    assert db.needs_extraction(stale=True) == []


def test_a_document_with_an_open_job_is_not_offered(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    plain(2)
    worker.pause()
    worker.enqueue(note)
    assert db.stale().empty
    assert db.needs_extraction(stale=True) == []


def test_a_document_over_which_the_newer_recipe_fails_keeps_its_text_and_is_not_offered_for_ever(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    def fail(path: Path) -> str:
        raise ValueError("no")

    register_extractor("other", fail, suffixes=[".txt"])
    plain(2)
    worker.extract_again([note], extractor="other")
    assert worker.wait(60)
    assert db.needs_extraction(stale=True) == [note], "that was another extractor"
    register_extractor("plain", fail, suffixes=[".txt"], recipe=2)
    worker.extract_again([note], extractor="plain")
    assert worker.wait(60)
    assert db.needs_extraction(stale=True) == []
    assert db.stale().empty
    assert db.get_attachment(note).extracted_text == "tidal range of the estuary"


@pytest.mark.parametrize("pages", [[], ["a page"]], ids=["nothing", "a-part"])
def test_what_an_older_recipe_failed_over_is_offered_to_the_newer_one(
    db: ResearchDatabase, worker: ExtractionWorker, folder: Path, pages: list[str]
) -> None:
    def fails(path: Path) -> Iterator[str]:
        yield from pages
        raise ValueError("not yet")

    (folder / "note.txt").write_text("tidal range")
    register_extractor("plain", fails, suffixes=[".txt"], recipe=1)
    [id] = db.add_folder(folder)
    worker.max_retries = 0
    read(worker, [id])
    assert db.get_attachment(id).extracted_text == (pages[0] if pages else None)
    assert reasons(db) == []
    assert db.needs_extraction(stale=True) == []
    register_extractor("plain", fails, suffixes=[".txt"], recipe=2)
    assert db.needs_extraction() == [], "nobody has asked"
    assert db.needs_extraction(stale=True) == [id]
    [reason] = reasons(db)
    assert "plain has recipe 2 now" in reason
    read(worker, [id])
    assert db.needs_extraction(stale=True) == [], "it fails with that one as well"
    plain(3)
    read(worker, db.needs_extraction(stale=True))
    assert db.get_attachment(id).extracted_text == "tidal range"
    assert reasons(db) == []


def test_an_extractor_for_another_task_has_nothing_to_do_with_the_text(
    db: ResearchDatabase, note: int
) -> None:
    unregister_extractor("plain")
    register_extractor("plain", lambda path: [], suffixes=[".txt"], recipe=9, task="tables")
    assert db.stale().empty


def test_every_extractor_of_reslib_has_a_recipe_above_that_of_older_libraries() -> None:
    assert all(extractor.recipe > 0 for extractor in Registry().all())


@pytest.mark.parametrize("recipe", [-1, 1.5, "2", None, True])
def test_a_recipe_is_a_whole_number(recipe: object) -> None:
    with pytest.raises((TypeError, ValueError), match="recipe is a whole number"):
        register_extractor("plain", str, suffixes=[".txt"], recipe=recipe)  # type: ignore[call-overload]


# --- other reasons --------------------------------------------------------------------------------


def test_a_file_that_has_changed_is_offered_for_that_alone(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker, note: int
) -> None:
    plain(2)
    (folder / "note.txt").write_text("other words by now")
    db.add_folder(folder)
    assert reasons(db) == ["the file has changed since"]
    assert list(db.stale()["text_status"]) == ["full"], "of the file as it was"
    assert db.needs_extraction() == [note]
    read(worker, [note])
    assert db.stale().empty


def test_an_extraction_that_was_cut_off_is_offered_with_what_is_known_of_it(
    db: ResearchDatabase, note: int
) -> None:
    with db.store.write() as transaction:
        run = transaction._connection.execute
        run("UPDATE text_provenance SET is_cut = 1")
    assert reasons(db) == ["it was cut off"]
    with db.store.write() as transaction:
        run = transaction._connection.execute
        run("UPDATE attachments SET text_status = 'partial', confidence_reason = 'at page 7 of 9'")
    assert reasons(db) == ["it was cut off: at page 7 of 9"]
    plain(3)
    assert reasons(db) == [
        "it was cut off: at page 7 of 9; plain has recipe 3 now, the text was made with 1"
    ]


def test_a_document_that_was_never_read_is_not_one_to_read_again(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "new.txt").write_text("words")
    ids = db.add_folder(folder)
    assert db.needs_extraction(stale=True) == ids
    assert db.stale().empty


def import_it(path: Path) -> str:
    import tides_of_the_estuary

    return str(tides_of_the_estuary.WORDS)


def test_a_package_that_was_missing_and_is_there_now(
    db: ResearchDatabase, folder: Path, installed: Path, worker: ExtractionWorker
) -> None:
    register_extractor("needy", import_it, suffixes=[".need"], recipe=3)
    (folder / "a.need").write_text("words")
    [id] = db.add_folder(folder)
    read(worker, [id])
    assert db.stale().empty
    (installed / "tides_of_the_estuary.py").write_text("WORDS = 'words'")
    [row] = db.stale().to_dict("records")
    assert row["reason"] == ("the package tides_of_the_estuary was missing and is installed now")
    assert (row["extractor"], row["new_recipe"]) == ("needy", 3)
    assert pd.isna(row["recipe"])
    assert pd.isna(row["text_status"])
    assert pd.isna(row["extracted_at"])
    assert db.needs_extraction() == [id]


def test_a_declared_requirement_of_each_kind_that_was_missing_and_is_there_now(
    db: ResearchDatabase,
    folder: Path,
    installed: Path,
    worker: ExtractionWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(installed), prepend=":")
    package, program, file = (
        installed / "scrolls_model.py",
        installed / "reader-of-scrolls",
        installed / "scrolls.bin",
    )
    register_extractor(
        "needy",
        lambda path: path.read_text(),
        suffixes=[".need"],
        requires=[
            Requirement("scrolls_model", "pip install scrolls-model"),
            Program("reader-of-scrolls", "apt install scrolls"),
            DataFile(str(file), "python -m scrolls"),
        ],
    )
    (folder / "a.need").write_text("words")
    [id] = db.add_folder(folder)
    for needed, words in (
        (package, "the package scrolls_model"),
        (program, "the program reader-of-scrolls"),
        (file, f"the file {file}"),
    ):
        read(worker, [id])
        assert db.stale().empty
        needed.write_text("")
        needed.chmod(0o755)
        expected = [] if needed is not file else [f"{words} was missing and is installed now"]
        assert reasons(db) == expected, "when all of them are there"
    read(worker, [id])
    assert db.get_attachment(id).extracted_text == "words"


def test_an_extractor_that_was_missing_and_is_there_now(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker
) -> None:
    path = folder / "a.need"
    path.write_bytes(b"\0\1\2")
    id = db.add_attachment("a.need", path)
    read(worker, [id])
    assert db.stale().empty
    register_extractor("needy", lambda path: "words", suffixes=[".need"])
    assert reasons(db) == ["there was no extractor for it, and needy is here now"]
    path.unlink()
    unregister_extractor("needy")
    register_extractor("needy", lambda path: "words", mime_types=["application/octet-stream"])
    assert db.stale().empty, "nobody can read what is not there"


def test_a_failure_that_only_its_document_can_explain_is_not_offered(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("words")
    [id] = db.add_folder(folder)
    queue = QueueManager(db)
    job = queue.enqueue(id)
    queue.claim("test")
    queue.failed(job or 0, "my own words", "extractor_missing", 0)
    assert db.needs_extraction() == [id]
    assert db.stale().empty, "nobody can tell what was missing"


def test_without_pandas_it_says_what_to_install_and_the_ids_are_there(
    db: ResearchDatabase, note: int
) -> None:
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "from reslib import ResearchDatabase, register_extractor\n"
        "register_extractor('plain', str, suffixes=['.txt'], recipe=2)\n"
        f"db = ResearchDatabase({str(db.path)!r})\n"
        "print(db.needs_extraction(stale=True))\n"
        "db.stale()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"[{note}]\n"
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: db.stale() needs pandas")
    assert "pip install '.[notebook]'" in last


def test_a_pool_that_runs_stores_the_recipe_of_what_was_registered_last(
    db: ResearchDatabase, worker: ExtractionWorker, note: int
) -> None:
    plain(2, "two: ")
    worker.enqueue(note)
    wait_until(lambda: db.get_attachment(note).extracted_text == "two: tidal range of the estuary")
    assert db.stale().empty


# --- the command line -----------------------------------------------------------------------------


def reslib(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "reslib", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def read_by(db: ResearchDatabase) -> list[tuple[str, int]]:
    """Return by whom each document was read last, and how often it was read."""
    metrics = frames.metrics(db)
    reads = metrics.groupby("filename").size()
    latest = frames.attachments(db).set_index("filename")["extractor"]
    return [(latest[name], int(reads[name])) for name in sorted(latest.index)]


def test_extract_stale_reads_again_what_would_be_read_otherwise_now(
    db: ResearchDatabase, folder: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        canvas = Canvas(str(folder / f"{name}.pdf"))
        canvas.drawString(72, 720, f"Paper {name} of the estuary.")
        canvas.save()
    (folder / "page.html").write_text("<html><p>a page</p></html>")
    (folder / "sub").mkdir()
    (folder / "sub" / "zero.txt").write_text("a note")
    extract = ("extract", folder, "--db", db.path)
    assert reslib(*extract)[0] == 0
    asked = ("--again", "--extractor", "pdfplumber", "--db", db.path)
    assert reslib("extract", folder / "two.pdf", *asked)[0] == 0
    code, said = reslib(*extract, "--stale")
    assert (code, "To be read again: 0 documents." in said) == (0, True)
    assert "--stale" not in said
    with db.store.write() as transaction:
        transaction._connection.execute(
            "UPDATE text_provenance SET recipe = 0 WHERE attachment_id IN"
            " (SELECT id FROM attachments WHERE extractor <> 'html')"
        )
    code, said = reslib(*extract)
    assert code == 0
    assert "Already extracted and unchanged: 4 documents." in said
    assert "read by an extractor that gives other texts now: 3 documents" in said
    assert "with --stale they are" in said
    code, said = reslib("extract", folder / "sub", "--stale", "--db", db.path)
    assert code == 0, said
    assert "To be read again: 1 document.\n  1 document: text gives other texts now" in said
    code, said = reslib("extract", "--stale", "--db", db.path)
    assert code == 0, said
    assert "To be read again: 2 documents." in said
    assert "1 document: pdfplumber gives other texts now" in said
    assert read_by(db) == [("pdf", 2), ("html", 1), ("pdfplumber", 3), ("text", 2)]
    assert db.stale().empty
    code, said = reslib("extract", "--stale", "--db", db.path)
    assert (code, "No job is open." in said) == (0, True)


def test_a_text_is_read_again_with_the_options_that_it_was_made_with(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker
) -> None:
    def shout(path: Path, options: dict[str, str]) -> str:
        return path.read_text() + options.get("end", "")

    register_extractor("plain", shout, suffixes=[".txt"])
    (folder / "note.txt").write_text("words")
    [id] = db.add_folder(folder)
    worker.start()
    worker.enqueue(id, options={"end": "!"})
    assert worker.wait(60)
    (folder / "note.txt").write_text("other words")
    db.add_folder(folder)
    worker.enqueue_batch(db.needs_extraction())
    assert worker.wait(60)
    assert db.get_attachment(id).extracted_text == "other words!"
    worker.extract_again([id])
    assert worker.wait(60)
    assert db.get_attachment(id).extracted_text == "other words!"
    worker.enqueue(id, options={})
    assert worker.wait(60)
    assert db.get_attachment(id).extracted_text == "other words"


def test_a_document_with_an_open_job_is_not_offered_nor_one_whose_failure_stands(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "note.txt").write_text("words")
    [id] = db.add_folder(folder)
    queue = QueueManager(db)
    queue.enqueue(id)
    queue.enqueue(id, deduplicate=False)
    first = queue.claim("me")
    assert first is not None
    queue.failed(first.id, "gone", "unknown", 0, error_code="file_not_found")
    assert db.needs_extraction() == [], "the other job is open still"
    job = queue.claim("me")
    assert job is not None
    queue.failed(job.id, "no words in it", "corruption")
    again = queue.enqueue(id)
    assert again is not None
    queue.cancel(again)
    assert db.needs_extraction() == [], "a cancelled job says nothing, the failure stands"
