"""Results of other tasks than the text that are worth making again: which, and why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reslib import (
    ExtractionWorker,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)
from reslib.extractors import DataFile
from reslib.items import Table


@pytest.fixture
def measure(db: ResearchDatabase, folder: Path, worker: ExtractionWorker) -> Iterator[int]:
    """A document in which the task `measures` has found one, with a resolution of 300."""

    def rule(path: Path, options: dict[str, int]) -> Iterator[Table]:
        yield Table(rows=((path.read_text(), str(options.get("dpi"))),))

    def register(recipe: int) -> None:
        register_extractor("ruler", rule, suffixes=[".txt"], task="measures", recipe=recipe)

    register(1)
    (folder / "note.txt").write_text("tidal range")
    [id] = db.add_folder(folder)
    worker.start()
    worker.enqueue(id)
    worker.enqueue(id, task="measures", options={"dpi": 300})
    assert worker.wait(60)
    register(2)
    yield id
    unregister_extractor("ruler")


def test_what_another_task_found_is_stale_when_its_extractor_has_a_newer_recipe(
    db: ResearchDatabase, worker: ExtractionWorker, measure: int
) -> None:
    [row] = db.stale().reset_index().to_dict("records")
    assert (row["attachment_id"], row["task"], row["extractor"]) == (measure, "measures", "ruler")
    assert row["reason"] == "ruler has recipe 2 now, this was made with 1"
    assert db.needs_extraction(stale=True) == [], "the text is as it should be"
    worker.enqueue_batch([measure], task="measures")
    assert worker.wait(60)
    assert db.stale().empty
    [table] = db.get_items(measure, Table, task="measures")
    assert table.rows == (("tidal range", "300"),), "with the options of before"
    assert db.get_items(measure, Table, task="text") == []
    worker.enqueue_batch([measure], task="measures", options={})
    assert worker.wait(60)
    assert db.get_items(measure, Table)[0].rows == (("tidal range", "None"),), "or with none"


def test_what_another_task_found_in_a_file_that_has_changed_is_said_to_be_stale(
    db: ResearchDatabase, folder: Path, measure: int
) -> None:
    (folder / "note.txt").write_text("another text, and a longer one")
    db.add_folder(folder)
    stale = db.stale()
    assert list(stale["task"]) == ["text", "measures"]
    assert set(stale["reason"]) == {"the file has changed since"}
    command = [sys.executable, "-m", "reslib", "extract", "--stale", "--db", str(db.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # What the other task found is for a process that does that task.
    assert "To be read again: 1 document." in done.stderr, done.stderr


def test_what_another_task_failed_over_is_offered_when_the_cause_is_gone(
    db: ResearchDatabase, folder: Path, worker: ExtractionWorker, tmp_path: Path
) -> None:
    model = tmp_path / "model.bin"

    def rule(path: Path) -> Iterator[Table]:
        if path.read_text() == "broken":
            raise ValueError("no lines")
        yield Table(rows=((path.read_text(),),))

    def register(recipe: int) -> None:
        register_extractor(
            "ruler",
            rule,
            suffixes=[".txt"],
            task="measures",
            recipe=recipe,
            requires=[DataFile(str(model), "get the model")],
        )

    register(1)
    try:
        (folder / "note.txt").write_text("words")
        [id] = db.add_folder(folder)
        worker.start()
        worker.enqueue(id)
        worker.enqueue(id, task="measures")
        assert worker.wait(60)
        assert db.stale().empty, "the model is not here yet"
        model.write_bytes(b"weights")
        assert list(db.stale()["task"]) == ["measures"]
        assert db.stale()["reason"].item().endswith("was missing and is installed now")
        (folder / "note.txt").write_text("broken")
        db.add_folder(folder)
        worker.enqueue_batch(db.needs_extraction())
        worker.enqueue(id, task="measures")
        assert worker.wait(60)
        assert db.stale().empty
        register(2)
        assert db.stale()["reason"].item() == "ruler has recipe 2 now, and failed with 1"
        register(1)
        (folder / "note.txt").write_text("mended words")
        db.add_folder(folder)
        assert set(db.stale()["reason"]) == {"the file has changed since"}
        assert list(db.stale()["task"]) == ["text", "measures"]
    finally:
        unregister_extractor("ruler")
