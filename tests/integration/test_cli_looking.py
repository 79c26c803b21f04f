"""The commands that look at a library: its state, its export, its health."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Run, command_in, write

from reslib import (
    ExtractionWorker,
    ResearchDatabase,
    register_extractor,
    unregister_extractor,
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""
    return command_in(tmp_path)


def test_status_counts_jobs_and_documents(run: Run, folder: Path):
    write(folder, good="Words.", empty="")
    run("extract", folder)
    lines = [line.split() for line in run("status").stdout.splitlines()]
    assert ["complete", "1"] in lines
    assert ["failed", "1"] in lines
    assert ["text", "full", "1"] in lines
    assert ["no", "text", "yet", "1"] in lines


def test_export_writes_every_document_with_its_pages_or_its_error(run: Run, folder: Path):
    write(folder, good="Words, with “quotes”\nand lines.", empty="")
    run("extract", folder)
    records = [json.loads(line) for line in run("export").stdout.splitlines()]
    by_name = {record["filename"]: record for record in records}
    assert "“quotes”" in by_name["good.txt"]["pages"][0]
    assert by_name["empty.txt"]["error_code"] == "empty_file"
    assert by_name["empty.txt"]["pages"] == []


def test_export_to_a_csv_file_leaves_no_half_file(run: Run, folder: Path, tmp_path: Path):
    write(folder, good="Words, with commas\nand lines.", other="More.")
    run("extract", folder)
    done = run("export", "--format", "csv", "-o", "library.csv")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "library.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [row["filename"] for row in table] == ["good.txt", "other.txt"]
    assert "with commas\nand lines." in table[0]["text"]
    assert not (tmp_path / "library.csv.part").exists()


def test_export_replaces_a_file_only_when_told_to(run: Run, folder: Path, tmp_path: Path):
    write(folder, good="Words.")
    run("extract", folder)
    (tmp_path / "notes.txt").write_text("years of work")
    (tmp_path / "link.txt").symlink_to("nowhere")
    for name in ("notes.txt", "link.txt"):
        done = run("export", "-o", name)
        assert done.returncode == 2
        assert f"{name} is there already; --force replaces it" in done.stderr
    assert (tmp_path / "notes.txt").read_text() == "years of work"
    assert run("export", "-o", "notes.txt", "--force").returncode == 0
    assert json.loads((tmp_path / "notes.txt").read_text())["filename"] == "good.txt"


def test_export_keeps_links_fifos_and_files_that_are_named_like_its_draft(
    run: Run, folder: Path, tmp_path: Path
):
    write(folder, good="Words.")
    run("extract", folder)
    (tmp_path / "x.jsonl.part").write_text("years of work")
    (tmp_path / "target.jsonl").write_text("old")
    (tmp_path / "link.jsonl").symlink_to("target.jsonl")
    os.mkfifo(tmp_path / "fifo")
    assert run("export", "-o", "x.jsonl").returncode == 0
    assert (tmp_path / "x.jsonl.part").read_text() == "years of work"
    assert run("export", "--force", "-o", "link.jsonl").returncode == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert json.loads((tmp_path / "target.jsonl").read_text())["filename"] == "good.txt"
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("export", "-o", "fifo").returncode == 0
        assert json.loads(os.read(reader, 10_000))["filename"] == "good.txt"
    finally:
        os.close(reader)
    assert (tmp_path / "fifo").is_fifo()


def test_export_into_a_folder_that_is_not_there_says_so(run: Run, folder: Path, tmp_path: Path):
    write(folder, good="Words.")
    run("extract", folder)
    for name in ("no/where/x.csv", "papers/good.txt/x.csv"):
        done = run("export", "--force", "-o", name)
        assert done.returncode == 2
        assert f"the folder {(tmp_path / name).parent} does not exist" in done.stderr
        assert ".part" not in done.stderr


def test_a_reader_that_goes_away_is_no_error(folder: Path, tmp_path: Path, run: Run):
    write(folder, big="many words " * 100_000)
    run("extract", folder)
    export = subprocess.Popen(
        [sys.executable, "-m", "reslib.commands.cli", "export"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert export.stdout is not None
    export.stdout.read(10)
    export.stdout.close()
    _, stderr = export.communicate(timeout=60)
    assert stderr == b""
    assert export.returncode == 0


def test_doctor_is_content_here_and_exits_1_when_the_database_is_none(run: Run, tmp_path: Path):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    for name in ("Python", "SQLite", "Full-text search", "File system", "Extractor text"):
        assert name in done.stdout
    write(tmp_path, notes="This is no database, however long it may be. " * 20)
    broken = run("doctor", "--db", "notes.txt")
    assert broken.returncode == 1
    assert "not a SQLite database" in broken.stdout


def test_failures_of_other_tasks_are_listed_and_tried_again(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    write(folder, good="Words.")
    run("extract", folder)

    def fails(path: Path) -> list[str]:
        raise ValueError("no table")

    register_extractor("ruler", fails, suffixes=[".txt"], task="measures")
    try:
        [path] = tmp_path.glob("*.db")
        with ResearchDatabase(path) as db, ExtractionWorker(db, max_retries=0) as worker:
            worker.enqueue(1, task="measures")
            assert worker.wait(60)
    finally:
        unregister_extractor("ruler")
    said = run("failed").stdout
    assert "good.txt" in said
    assert "measures job 2" in said
    assert json.loads(run("failed", "--json").stdout)["failed"][0]["task"] == "measures"
    retried = run("retry")
    assert "Nothing has failed" not in retried.stdout
    assert "1 of the task 'measures'" in retried.stderr, "nobody here does it"
    assert "Nothing has failed" in run("failed").stdout
