"""A document is its bytes: moved, renamed, copied and linked, nothing is read again or lost."""

from __future__ import annotations

import hashlib
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import oracle
import pytest

from reslib import ExtractionWorker, ResearchDatabase
from reslib.models import ExtractionResult, Outcome
from reslib.queue import QueueManager

Change = Callable[[Path], list[Path]]


def write_papers(folder: Path, count: int) -> None:
    """Papers in a few folders, each with words that all share and a word of its own."""
    for number in range(count):
        place = folder / f"year {2000 + number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        text = f"The estuary in winter. Paper number{number}.\n" + "Tides and sediment. " * 20
        (place / f"{number:04}.txt").write_text(text)


def extract(db: ResearchDatabase) -> None:
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(db.needs_extraction())
        assert worker.wait(120)


def pretend_to_extract(db: ResearchDatabase) -> None:
    """Give every document its text and history as a worker does, without the time it takes."""
    queue = QueueManager(db)
    queue.enqueue_batch(db.needs_extraction())
    while (job := queue.claim("test")) is not None:
        text = Path(db.get_attachment(job.attachment_id).path).read_text()
        queue.complete(job.id, outcome=Outcome(result=ExtractionResult(text, extractor="test")))


def history(db: ResearchDatabase) -> list[tuple[object, ...]]:
    with sqlite3.connect(db.path) as raw:
        return raw.execute("SELECT id, job_id, attachment_id FROM extraction_metrics").fetchall()


def bytes_of(db: ResearchDatabase, attachment_id: int) -> str:
    path = db.get_attachment(attachment_id).path
    return f"sha256:{hashlib.sha256(Path(path).read_bytes()).hexdigest()}"


def move_the_folder(papers: Path) -> list[Path]:
    new = papers.parent / "library" / "of 2024"
    new.parent.mkdir()
    papers.rename(new)
    return [new]


def move_it_to_another_disk(papers: Path) -> list[Path]:
    """As a copy with new times, and the old one removed."""
    new = papers.parent / "disk"
    shutil.copytree(papers, new, copy_function=shutil.copyfile)
    shutil.rmtree(papers)
    return [new]


def rename_every_file(papers: Path) -> list[Path]:
    for path in sorted(papers.rglob("*.txt")):
        path.rename(path.with_name(f"Author {path.stem} - A title.txt"))
    return [papers]


def rename_each_to_the_name_of_the_next(papers: Path) -> list[Path]:
    """As a numbered series is, when a paper comes in before the first."""
    for folder in papers.iterdir():
        paths = sorted(folder.iterdir())
        last = paths[-1].rename(folder / "9999.txt")
        for old, new in reversed(list(pairwise(paths))):
            old.rename(new)
        assert last.exists()
        assert not paths[0].exists()
    return [papers]


def exchange_names(papers: Path) -> list[Path]:
    for folder in papers.iterdir():
        first, second = sorted(folder.iterdir())[:2]
        first.rename(folder / "between")
        second.rename(first)
        (folder / "between").rename(second)
    return [papers]


def copy_the_folder(papers: Path) -> list[Path]:
    shutil.copytree(papers, papers.parent / "backup of papers")
    return [papers, papers.parent / "backup of papers"]


def copy_every_file_beside_itself(papers: Path) -> list[Path]:
    for path in sorted(papers.rglob("*.txt")):
        shutil.copy(path, path.with_name(f"{path.stem} (1).txt"))
    return [papers]


def link_the_folder(papers: Path) -> list[Path]:
    linked = papers.parent / "linked"
    linked.mkdir()
    (linked / "group").symlink_to(papers)
    return [linked]


def link_every_file(papers: Path) -> list[Path]:
    linked = papers.parent / "linked"
    linked.mkdir()
    for path in papers.rglob("*.txt"):
        (linked / path.name).symlink_to(path)
    return [linked]


def hang_the_folder_into_itself(papers: Path) -> list[Path]:
    (papers / "again").symlink_to(papers)
    (papers / "up").symlink_to("..")
    (papers / "year").symlink_to(next(path for path in papers.iterdir() if path.is_dir()))
    return [papers]


def move_half_and_copy_half_deeper(papers: Path) -> list[Path]:
    new = papers.parent / "sorted" / "by hand"
    for number, path in enumerate(sorted(papers.rglob("*.txt"))):
        place = new / str(number % 5) / "nested" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place) if number % 2 else path.rename(place)
    return [papers.parent]


CHANGES: list[Change] = [
    move_the_folder,
    move_it_to_another_disk,
    rename_every_file,
    rename_each_to_the_name_of_the_next,
    exchange_names,
    copy_the_folder,
    copy_every_file_beside_itself,
    link_the_folder,
    link_every_file,
    hang_the_folder_into_itself,
    move_half_and_copy_half_deeper,
]


#: Those that are shown with a library of 2,000 documents too.
LARGE = [move_the_folder, rename_every_file, copy_the_folder, link_the_folder]


@pytest.mark.parametrize(
    ("change", "count"),
    [(change, 30) for change in CHANGES] + [(change, 2_000) for change in LARGE],
    ids=lambda value: value if isinstance(value, int) else value.__name__,
)
def test_the_same_bytes_are_the_same_document_wherever_they_lie(
    db: ResearchDatabase, folder: Path, change: Change, count: int
) -> None:
    write_papers(folder, count)
    ids = db.add_folder(folder)
    assert len(ids) == count
    extract(db) if count < 100 else pretend_to_extract(db)
    words = {id: db.get_attachment(id).extracted_text for id in ids}
    before = history(db)
    for place in change(folder):
        added = db.add_folder(place)
        assert set(added) <= set(ids)
        assert added.skipped == () or change is hang_the_folder_into_itself
    assert db.needs_extraction() == []
    assert history(db) == before
    hits = db.search("estuary", limit=3 * count)
    assert sorted(hit.attachment_id for hit in hits) == sorted(ids)
    for id in ids:
        attachment = db.get_attachment(id)
        assert attachment.extracted_text == words[id]
        for path in db.places(id):
            assert Path(path).exists()
        assert bytes_of(db, id) == attachment.content_hash, "and it is the file it is said to be"
    assert [hit.attachment_id for hit in db.search("number7")] == [
        next(id for id, text in words.items() if "number7.\n" in (text or ""))
    ]
    assert oracle.violations(db.path, oracle.Truth()) == []


def test_a_kill_in_the_middle_leaves_nothing_half(tmp_path: Path, folder: Path) -> None:
    """The process ends itself with SIGKILL at one statement after the other of one look."""
    write_papers(folder, 12)
    (folder / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    path = tmp_path / "research.db"
    with ResearchDatabase(path) as db:
        ids = sorted(db.add_folder(folder))
        pretend_to_extract(db)
        before = history(db)
    code = (
        "import os, signal, sys\n"
        "from reslib import ResearchDatabase\n"
        "from reslib.storage.store import Transaction\n"
        "left, run = int(sys.argv[3]), Transaction.run\n"
        "def counted(self, *arguments):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return run(self, *arguments)\n"
        "Transaction.run = counted\n"
        "ResearchDatabase(sys.argv[1]).add_folder(sys.argv[2])\n"
    )
    new = tmp_path / "renamed"
    folder.rename(new)
    rename_every_file(new)
    statement, killed = 0, True
    while killed:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), str(new), str(statement)],
            timeout=60,
            check=False,
        )
        killed = done.returncode == -signal.SIGKILL
        assert killed or done.returncode == 0
        with ResearchDatabase(path) as db:
            places = {db.get_attachment(id).path.startswith(str(folder)) for id in ids}
            assert len(places) == 1, "all of them have moved, or none"
            assert db.needs_extraction() == []
        statement += 7
    assert statement > 20
    with ResearchDatabase(path) as db:
        assert sorted(db.add_folder(new)) == ids
        assert history(db) == before
        assert db.skipped_counts() == {".png": 1}
        assert all(Path(db.get_attachment(id).path).exists() for id in ids)
    assert oracle.violations(path, oracle.Truth()) == []


def test_a_document_with_a_copy_is_read_from_it_when_its_own_file_has_gone(
    db: ResearchDatabase, folder: Path
) -> None:
    (folder / "a.txt").write_text("words of the estuary")
    shutil.copy(folder / "a.txt", folder / "b.txt")
    [id] = db.add_folder(folder)
    assert db.places(id) == [str(folder / "a.txt"), str(folder / "b.txt")]
    (folder / "a.txt").unlink()
    extract(db)
    [hit] = db.search("estuary")
    assert hit.attachment_id == id
    assert len(history(db)) == 1, "in the same attempt"
    assert db.places(id) == [str(folder / "b.txt")]
    assert Path(db.get_attachment(id).path).exists()
