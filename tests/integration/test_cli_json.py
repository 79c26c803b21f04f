"""The command for programs: what ``--json`` prints, and options before and after a command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
import typing
from pathlib import Path
from typing import Any

import pytest

from reslib import ExtractionWorker, JobStatus, QueueManager, ResearchDatabase
from reslib.commands import jsonoutput
from reslib.storage import diskspace
from reslib.testing import register_fault_extractor, write_fault

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HOSTILE = "<b>[red]\x1b[2J\x7f\u202e\n'\"\\ ¤ 文 é.txt"
NOT_UTF_8 = b"caf\xe9.txt"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database: found, hostile, not UTF-8, failed twice and at once, left out."""
    folder = tmp_path_factory.mktemp("json")
    papers = folder / "papers"
    papers.mkdir()
    register_fault_extractor()
    (papers / "tides.txt").write_text("Zebras at the tidal range.")
    (papers / HOSTILE.replace("/", "")).write_text("Zebras " + HOSTILE)
    Path(os.fsdecode(os.fsencode(papers) + b"/" + NOT_UTF_8)).write_text("Zebras in a café")
    Path(os.fsdecode(os.fsencode(papers) + b"/empty-" + NOT_UTF_8)).write_text("")
    (papers / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    write_fault(papers, "crash.fault", "segfault")
    with ResearchDatabase(folder / "research.db") as db:
        db.add_folder(papers)
        with ExtractionWorker(db, num_workers=1, max_retries=1) as worker:
            worker.enqueue_batch(db.needs_extraction())
            assert worker.wait(60)
        waiting = papers / "waiting.txt"
        waiting.write_text("Not read yet.")
        QueueManager(db).enqueue(db.add_attachment("waiting.txt", waiting))
    return folder


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if k not in ("RESLIB_DB", "PYTHONUTF8")}
    return subprocess.run(
        [sys.executable, "-m", "reslib", *map(os.fsencode, arguments)],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        timeout=120,
        check=False,
    )


def output(folder: Path, *arguments: str, **variables: str) -> Any:
    done = run(folder, *arguments, **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert all(byte == 10 or 32 <= byte < 127 for byte in done.stdout), "nothing steers a terminal"
    return json.loads(done.stdout)


def assert_is(value: object, kind: Any, where: str) -> None:
    """Fail unless *value* is what a type says, all the way down, and is text that can be stored."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if typing.is_typeddict(kind):
        fields = typing.get_type_hints(kind)
        assert isinstance(value, dict), where
        assert list(value) == list(fields), where
        for name, field in fields.items():
            assert_is(value[name], field, f"{where}.{name}")
    elif origin is list:
        assert isinstance(value, list), where
        for item in value:
            assert_is(item, inside[0], f"{where}[]")
    elif origin is dict:
        assert isinstance(value, dict), where
        for key, item in value.items():
            assert_is(key, inside[0], f"{where} key")
            assert_is(item, inside[1], f"{where}.{key}")
    elif origin is types.UnionType:
        assert any(type(value) is one for one in inside), f"{where}: {value!r}"
    else:
        assert type(value) is kind, f"{where}: {value!r} is no {kind}"
    if isinstance(value, str):
        value.encode("utf-8")
    if where.endswith(("_at", "_heartbeat")):
        assert UTC.fullmatch(str(value)), f"{where}: {value!r}"


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        (["status"], jsonoutput.Status),
        (["failed"], jsonoutput.Failed),
        (["failed", "--limit", "1"], jsonoutput.Failed),
        (["search", "zebras"], jsonoutput.Found),
        (["search", "zebras", "--all-pages"], jsonoutput.Found),
        (["search", "café OR \x1b[2J NOT ¤"], jsonoutput.Found),
        (["search", "nothing-like-it"], jsonoutput.Found),
        (["search", "..."], jsonoutput.Found),
    ],
)
@pytest.mark.parametrize(
    "surroundings",
    [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"COLUMNS": "20"}],
)
def test_json_has_the_documented_shape_in_every_locale(
    library: Path, arguments: list[str], shape: Any, surroundings: dict[str, str]
) -> None:
    assert_is(output(library, *arguments, "--json", **surroundings), shape, arguments[0])


def test_the_status_counts_jobs_documents_and_what_was_left_out(library: Path) -> None:
    status = output(library, "status", "--json")
    assert status["database"] == str(library / "research.db")
    assert set(status["jobs"]) == {state.value for state in JobStatus}
    assert status["jobs"]["complete"] == 3
    assert status["jobs"]["failed"] == 2
    assert status["jobs"]["pending"] == 1
    assert status["documents"] == {"full": 3, "partial": 0, "empty": 0, "stale": 0, "none": 3}
    assert status["left_out"] == {".png": 1}
    assert status["workers"] == []


def test_jobs_of_a_process_that_was_killed_are_in_the_status(tmp_path: Path) -> None:
    claim = """
import os, signal, sys
from reslib import QueueManager, ResearchDatabase

db = ResearchDatabase("research.db")
open("a.txt", "w").write("words")
queue = QueueManager(db)
queue.enqueue(db.add_attachment("a.txt", "a.txt"))
queue.beat("one", "busy", 10.0)
queue.claim("one")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", claim], cwd=tmp_path, check=False)
    status = output(tmp_path, "status", "--json")
    assert (status["jobs"]["processing"], status["interrupted"]) == (1, 1)
    assert status["problem"] is None
    assert status["workers"] == [], "its process is dead"
    shown = run(tmp_path, "status").stdout.decode()
    assert "1 document was interrupted; `reslib extract` takes it up again." in shown
    assert "No worker runs." in shown


def test_a_disk_that_is_almost_full_is_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diskspace, "RESERVE", 2**62)
    with ResearchDatabase(tmp_path / "research.db") as db:
        assert "almost full" in (jsonoutput.status(db)["problem"] or "")


def test_a_worker_that_runs_is_in_the_status(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "research.db") as db, ExtractionWorker(db, num_workers=2):
        status = output(tmp_path, "status", "--json")
    assert_is(status, jsonoutput.Status, "status")
    assert [worker["pid"] for worker in status["workers"]] == [os.getpid()] * 2


def test_a_failure_has_its_reason_once_and_what_to_do(library: Path) -> None:
    answer = output(library, "failed", "--json")
    assert answer["total"] == 2
    by_code = {document["error_code"]: document for document in answer["failed"]}
    empty = by_code["empty_file"]
    assert empty["filename"].endswith(r"caf\udce9.txt")
    assert empty["error_message"].startswith("the file is empty")
    assert empty["retry_may_help"] is False
    assert by_code["crashed"]["attempts"] == 2
    assert by_code["crashed"]["retry_may_help"] is True
    cut = output(library, "failed", "--json", "--limit", "1")
    assert (cut["total"], len(cut["failed"])) == (2, 1)


def test_a_hit_has_its_place_and_its_page(library: Path) -> None:
    answer = output(library, "search", "tidal", "range", "--json")
    assert answer["query"] == "tidal range"
    [hit] = answer["hits"]
    assert hit["path"] == str(library / "papers" / "tides.txt")
    assert hit["places"] == [hit["path"]]
    assert hit["page"] == 1
    assert hit["snippet"] == "Zebras at the **tidal** **range**."
    assert hit["link"] == (library / "papers" / "tides.txt").as_uri()


def test_names_are_in_json_as_they_are_but_for_what_no_json_can_hold(library: Path) -> None:
    hits = output(library, "search", "zebras", "--json")["hits"]
    assert sorted(hit["filename"] for hit in hits) == sorted(
        [HOSTILE.replace("/", ""), r"caf\udce9.txt", "tides.txt"]
    )


# --- options before and after the name of a command -------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--db", "one.db", "status", "--json"], "one.db"),
        (["status", "--db", "one.db", "--json"], "one.db"),
        (["-v", "--db", "one.db", "status", "--json"], "one.db"),
        (["--db", "two.db", "status", "--db", "one.db", "--json"], "one.db"),
        (["status", "--json"], "two.db"),
    ],
)
def test_the_database_is_named_before_or_after_the_command(
    tmp_path: Path, arguments: list[str], wanted: str
) -> None:
    for name in ("one.db", "two.db"):
        ResearchDatabase(tmp_path / name).close()
    status = output(tmp_path, *arguments, RESLIB_DB="two.db")
    assert status["database"] == str(tmp_path / wanted)


@pytest.mark.parametrize("command", ["extract", "retry", "search", "export", "backup", "doctor"])
def test_every_command_takes_a_database_before_its_name(tmp_path: Path, command: str) -> None:
    more = {"search": ["x"], "backup": ["copy.db"]}.get(command, [])
    done = run(tmp_path, "--db", "nowhere/research.db", command, *more)
    assert b"nowhere" in done.stdout + done.stderr
    assert b"No such option" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["-v", "extract", "papers"], ["extract", "papers", "-v"], ["extract", "-v", "."]]
)
def test_verbose_may_stand_before_or_after_the_command(
    tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (tmp_path / "papers" / "note.txt").write_text("Words.")
    done = run(tmp_path, *arguments, COLUMNS="300")
    assert done.returncode == 0
    assert b"map.png: a picture, and no document unless asked for" in done.stdout
    assert b"info: skipped" in done.stderr


def test_the_help_wraps_on_a_narrow_terminal(tmp_path: Path) -> None:
    lines = run(tmp_path, "extract", "--help", COLUMNS="60").stdout.decode().splitlines()
    assert max(map(len, lines)) <= 60
