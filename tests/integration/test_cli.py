"""The command `reslib`, run as people run it: in a process of its own."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from commandline import Run, command_in, rows, write

SAMPLES = Path(__file__).parents[2] / "samples" / "papers"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""
    return command_in(tmp_path)


# --- extract ------------------------------------------------------------------------------------


def test_a_folder_is_extracted_and_can_be_searched(run: Run, folder: Path, tmp_path: Path):
    write(folder, tides="The tidal range was three metres.", bread="Sourdough rises slowly.")
    done = run("extract", folder)
    assert done.returncode == 0, done.stderr
    assert ["text", "extracted", "2"] in [line.split() for line in done.stdout.splitlines()]
    found = run("search", "tidal", "range")
    assert "tides.txt" in found.stdout
    assert "bread.txt" not in found.stdout
    assert "Nothing matches zebra" in run("search", "zebra").stdout


def test_running_it_again_does_not_redo_what_is_complete(run: Run, folder: Path, tmp_path: Path):
    write(folder, one="Words.")
    run("extract", folder)
    again = run("extract", folder)
    assert again.returncode == 0
    assert "Already extracted and unchanged: 1 document." in again.stderr
    assert again.stdout == "Nothing new.\n"
    assert rows(tmp_path / "research.db", "SELECT count(*) FROM extraction_metrics") == [(1,)]


def test_a_run_reports_what_it_did_and_not_what_was_done_before(run: Run, folder: Path):
    write(folder, one="Words.", bad="")
    assert run("extract", folder).returncode == 1
    write(folder, two="More words.")
    done = run("extract", folder)
    assert done.returncode == 0
    assert ["text", "extracted", "1"] in [line.split() for line in done.stdout.splitlines()]
    assert "bad.txt" not in done.stdout
    write(folder, worse="")
    done = run("extract", folder)
    assert done.returncode == 1
    assert "worse.txt  empty_file" in done.stdout
    assert "bad.txt" not in done.stdout


def test_a_folder_without_documents_is_said_and_makes_no_database(run: Run, tmp_path: Path):
    for name in ("empty", "hidden", "empty/deep"):
        (tmp_path / name).mkdir()
    (tmp_path / "hidden" / ".note.txt").write_text("Words.")
    done = run("extract", "empty", "hidden")
    assert done.returncode == 0
    assert "There are no documents in empty.\nThere are no documents in hidden.\n" in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.glob("research.db*"))


def test_a_folder_of_what_nothing_reads_is_remembered(run: Run, tmp_path: Path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    done = run("extract", "pictures")
    assert done.returncode == 0
    assert "There are no documents in pictures." in done.stderr
    assert "Skipped: 1 file (.png 1)" in done.stdout
    assert "Files left out" in run("status").stdout


def test_a_folder_that_is_only_a_link_is_not_empty(run: Run, folder: Path, tmp_path: Path):
    write(folder, one="Words.")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "here").symlink_to(folder)
    assert ["text", "extracted", "1"] in [
        line.split() for line in run("extract", "links").stdout.splitlines()
    ]


def test_an_empty_folder_beside_one_with_documents_is_said_too(run: Run, folder: Path):
    (folder.parent / "empty").mkdir()
    (folder / "no-suffix").write_text("Plain words that only their content tells.")
    done = run("extract", "empty", folder)
    assert done.returncode == 0
    assert "There are no documents in empty." in done.stderr
    assert ["text", "extracted", "1"] in [line.split() for line in done.stdout.splitlines()]


def test_a_damaged_file_alone_in_a_folder_is_a_document(run: Run, folder: Path, tmp_path: Path):
    write(folder, broken="")
    assert run("extract", folder).returncode == 1
    assert (tmp_path / "research.db").exists()


def test_a_run_without_path_says_when_no_job_is_open(run: Run, folder: Path):
    write(folder, one="Words.")
    run("extract", folder)
    done = run("extract")
    assert (done.returncode, done.stdout) == (0, "No job is open.\n")


def test_a_changed_file_is_extracted_again(run: Run, folder: Path, tmp_path: Path):
    write(folder, one="Old words.")
    run("extract", folder)
    write(folder, one="Entirely new words.")
    run("extract", folder)
    text = rows(tmp_path / "research.db", "SELECT extracted_text FROM attachments")[0][0]
    assert "Entirely new" in str(text)


def test_a_folder_that_was_moved_is_not_extracted_again(run: Run, folder: Path, tmp_path: Path):
    write(folder, one="The tidal range.", two="Sourdough rises.")
    run("extract", folder)
    new = folder.rename(tmp_path / "moved")
    write(new, three="The tidal range.")
    done = run("extract", new)
    assert done.returncode == 0
    assert "Found at a new place, with its text: 2 documents." in done.stderr
    assert "The same as another file, and counted with it: 1 file." in done.stderr
    assert "Already extracted and unchanged: 2 documents." in done.stderr
    assert rows(tmp_path / "research.db", "SELECT count(*) FROM extraction_metrics") == [(2,)]


def test_an_export_names_every_place_of_a_document(run: Run, folder: Path):
    write(folder, one="The tidal range.", two="The tidal range.")
    run("extract", folder)
    [line] = run("export").stdout.splitlines()
    assert json.loads(line)["places"] == [str(folder / "one.txt"), str(folder / "two.txt")]


def test_verify_finds_a_file_whose_size_and_time_are_the_same(
    run: Run, folder: Path, tmp_path: Path
):
    write(folder, one="The estuary.")
    run("extract", folder)
    before = (folder / "one.txt").stat()
    write(folder, one="The harbour.")
    os.utime(folder / "one.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    run("extract", folder)
    assert "Nothing matches harbour" in run("search", "harbour").stdout
    assert run("extract", "--verify", folder / "one.txt").returncode == 0
    assert "one.txt" in run("search", "harbour").stdout


def test_a_failure_is_told_with_its_reason_and_gives_exit_code_1(run: Run, folder: Path):
    write(folder, good="Words.", empty="")
    done = run("extract", folder)
    assert done.returncode == 1
    assert "empty.txt  empty_file" in done.stdout
    assert "reslib retry" in done.stdout
    assert "empty.txt  empty_file" in run("failed").stdout


def test_a_long_list_of_failures_is_cut_and_says_where_the_rest_is(run: Run, folder: Path):
    for number in range(53):
        (folder / f"empty-{number}.txt").write_text("")
    done = run("extract", folder)
    assert "Failed: 53 documents" in done.stdout
    assert "and 3 more; `reslib failed` lists them" in done.stdout
    assert run("failed").stdout.count("empty_file") == 53
    first = run("failed", "--limit", "10").stdout
    assert first.count("empty_file") == 10
    assert "Failed: 53 documents" in first
    assert "and 43 more; --limit lists more" in first


def test_the_latest_failures_are_listed_first(run: Run, folder: Path):
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text("")
        run("extract", folder)
    shown = run("failed").stdout
    assert shown.index("three.txt") < shown.index("two.txt") < shown.index("one.txt")


def test_a_failure_is_left_alone_until_its_file_changes(run: Run, folder: Path, tmp_path: Path):
    write(folder, report="")
    assert run("extract", folder).returncode == 1
    again = run("extract", folder)
    assert again.returncode == 0, "nothing failed now"
    assert "Failed earlier and unchanged: 1 document; see `reslib failed`" in again.stderr
    assert "Nothing new." in again.stdout
    assert rows(tmp_path / "research.db", "SELECT count(*) FROM extraction_metrics") == [(1,)]
    write(folder, report="The second download was whole.")
    assert run("extract", folder).returncode == 0
    assert rows(tmp_path / "research.db", "SELECT text_status FROM attachments") == [("full",)]


def test_a_file_that_was_away_is_tried_again_by_itself(run: Run, folder: Path, tmp_path: Path):
    write(folder, one="Words.")
    run("extract", folder)
    db = sqlite3.connect(tmp_path / "research.db", isolation_level=None)
    db.execute("UPDATE attachments SET text_status = NULL")
    db.execute(
        "UPDATE extraction_queue SET status = 'failed', error_type = 'unknown', "
        "error_code = 'file_not_found'"
    )
    db.close()
    assert run("extract", folder).returncode == 0


def test_retry_does_what_failed_once_more(run: Run, folder: Path, tmp_path: Path):
    write(folder, report="")
    run("extract", folder)
    write(folder, report="Mended in place.")
    done = run("retry")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing has failed." in run("failed").stdout
    assert "Nothing has failed." in run("retry").stdout


def test_retry_of_a_job_that_has_not_failed_says_so(run: Run, folder: Path):
    write(folder, one="Words.")
    run("extract", folder)
    assert "has not failed: it is complete" in run("retry", "1").stderr
    assert "there is no job 99" in run("retry", "99").stderr


def test_files_of_the_database_in_the_folder_are_no_documents(run: Run, tmp_path: Path):
    write(tmp_path, one="Words.")
    assert run("extract", ".").returncode == 0
    again = run("extract", ".")
    assert "research.db" not in again.stdout


def test_skipped_files_are_counted_by_reason_and_listed_when_asked(run: Run, folder: Path):
    for number in range(5):
        (folder / f"noise-{number}.bin").write_bytes(bytes(range(256)) * 4)
    (folder / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    done = run("extract", folder)
    assert "Skipped: 6 files (.bin 5, .png 1)" in done.stdout
    assert "noise-4.bin" not in done.stdout
    left_out = run("status").stdout.partition("Files left out")[2].split()
    assert left_out[left_out.index(".bin") :][:4] == [".bin", "5", ".png", "1"]
    assert "noise-4.bin" in run("--verbose", "extract", folder).stdout


def test_the_sample_papers_end_as_their_list_says(run: Run, tmp_path: Path):
    done = run("extract", SAMPLES, "--no-ocr")
    assert done.returncode == 1
    found = dict(
        rows(
            tmp_path / "research.db",
            "SELECT filename, coalesce(error_code, text_status) FROM attachments "
            "JOIN extraction_queue ON attachment_id = attachments.id",
        )
    )
    assert found.pop("tide-gauges-broken-download.pdf") in ("truncated", "malformed")
    assert found.pop("ethics-minutes-locked.pdf") == "encrypted"
    assert found.pop("field-report-1974-scan.pdf") == "empty"
    assert found.pop("typefaces-half-scanned.pdf") == "partial"
    assert len(found) == 8
    assert set(found.values()) == {"full"}
    assert "field-report-1974-scan.pdf  empty" in done.stdout
    hit = run("search", "observation of birds", "standing").stdout
    assert "Nothing matches" in hit
    assert "tide-gauges.pdf" in run("search", '"leaning staff"').stdout


# --- nothing a document contains reaches the terminal -------------------------------------------


def test_names_with_markup_and_escapes_are_printed_as_they_are(run: Run, folder: Path):
    name = "[red]x[bold]\n\x1b[2J.txt"
    (folder / name).write_text("")
    (folder / ("good" + name)).write_text("Words of [bold]a paper[/bold] \x1b[31m**and** tides")
    outputs = [
        run("extract", folder),
        run("failed"),
        run("search", "tides"),
        run("export"),
        run("--verbose", "extract", folder),
    ]
    for output in outputs:
        assert "\x1b" not in output.stdout + output.stderr
        assert "Traceback" not in output.stderr
    assert r"[red]x[bold]\n\x1b[2J.txt" in outputs[0].stdout
    assert "[bold]a paper[/bold]" in outputs[2].stdout


def test_a_name_that_is_not_utf_8_can_be_extracted_listed_and_exported(
    run: Run, folder: Path, tmp_path: Path
):
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("Words.")
    done = run("extract", folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(run("export").stdout)["filename"].startswith("caf")


# --- errors are one line ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "nowhere"], "nowhere does not exist"),
        (["extract", "--db", "no/folder/research.db", "."], "does not exist"),
        (["extract", "--workers", "0", "."], "num_workers"),
        (["extract", "--timeout", "-1", "."], "extraction_timeout"),
        (["extract", "--extractor", "magic", "."], "no extractor is called 'magic'"),
        (["extract"], "there is no database research.db"),
        (["search", "tides"], "there is no database research.db"),
        (["status"], "there is no database"),
        (["status", "--db", "notes.txt"], "not a SQLite database"),
        (["search"], "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(run: Run, tmp_path, arguments, words):
    write(tmp_path, notes="This is no database, however long it may be. " * 20)
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_looking_never_makes_a_database(run: Run, tmp_path: Path):
    for command in (["status"], ["failed"], ["search", "x"], ["export"], ["retry"], ["doctor"]):
        run(*command)
    assert list(tmp_path.iterdir()) == []
