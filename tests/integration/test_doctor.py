"""What `diagnose` finds, on this machine and on databases in trouble."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from plugins import plug_in

from reslib import ResearchDatabase, register_extractor, unregister_extractor
from reslib.extractors import DataFile, Program, Requirement
from reslib.maintenance.doctor import Check, Verdict, diagnose, has_wal_reset_bug


def check(name: str, checks: list[Check]) -> Check:
    return next(item for item in checks if item.name == name)


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_the_versions_with_the_wal_reset_bug_are_those_that_sqlite_org_names(version, affected):
    assert has_wal_reset_bug(version) is affected


def test_this_machine_is_judged_in_full(db: ResearchDatabase):
    checks = diagnose(db.path)
    names = [item.name for item in checks]
    for name in ("Python", "SQLite", "Full-text search", "File system", "Free disk"):
        assert name in names
    for name in ("Memory limit", "Leftovers", "Database", "Heartbeats"):
        assert name in names
    assert sqlite3.sqlite_version in check("SQLite", checks).text
    assert all(item.text for item in checks)
    assert all(item.remedy for item in checks if item.verdict is Verdict.FAIL)


def test_every_extractor_is_listed_with_its_version(db: ResearchDatabase):
    found = check("Extractor html", diagnose(db.path))
    assert found.verdict is Verdict.OK
    assert "webencodings" in found.text


def scrolls(folder: Path) -> tuple[Requirement, Program, DataFile]:
    """What an extractor needs, a requirement of each kind; see :func:`bring`."""
    return (
        Requirement("scrolls_package", "pip install scrolls-package"),
        Program("reader-of-scrolls", "apt install scrolls"),
        DataFile(str(folder / "scrolls.bin"), "python -m scrolls.models"),
    )


def bring(folder: Path) -> None:
    """Install what :func:`scrolls` names."""
    (folder / "scrolls_package.py").write_text("")
    program = folder / "reader-of-scrolls"
    program.write_text("#!/bin/sh\necho scrolls 5.3.0\n")
    program.chmod(0o755)
    (folder / "scrolls.bin").write_bytes(b"12345")


MISSING = (
    "the package scrolls_package",
    "the program reader-of-scrolls",
    "scrolls.bin",
    "Install it with: pip install scrolls-package; Install it with: apt install scrolls; "
    "Install it with: python -m scrolls.models",
)
PRESENT = ("scrolls_package", "reader-of-scrolls 5.3.0", "scrolls.bin 5 bytes")


def test_a_requirement_of_each_kind_is_looked_at_for_a_registered_extractor(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed), prepend=":")
    register_extractor("mine", str, suffixes=[".mine"], version="3", requires=scrolls(installed))
    try:
        found = check("Extractor mine", diagnose())
        assert found.verdict is Verdict.WARN
        for words in MISSING:
            assert words in f"{found.text} {found.remedy}"
        bring(installed)
        found = check("Extractor mine", diagnose())
        assert (found.verdict, found.remedy) == (Verdict.OK, "")
        for words in ("(3, ", *PRESENT):
            assert words in found.text
    finally:
        unregister_extractor("mine")


def test_a_requirement_of_each_kind_is_looked_at_for_the_extractor_of_a_plug_in(
    installed: Path,
) -> None:
    plug_in(installed, "scroll-plugin", "scrolls")
    (installed / "scroll_plugin.py").write_text(
        "from reslib.extractors import DataFile, Extractor, Program, Requirement\n"
        "SCROLLS = Extractor(name='scrolls', function=str, suffixes=('.abc',), "
        f"requires={scrolls(installed)!r})\n"
    )

    def doctor() -> str:
        """Return what the command says, in one line."""
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(installed), *sys.path]),
            "PATH": f"{installed}:{os.environ['PATH']}",
            "COLUMNS": "1000",
        }
        done = subprocess.run(
            [sys.executable, "-m", "reslib", "doctor", "--db", str(installed / "none.db")],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = doctor()
    for words in ("Extractor scrolls", *MISSING):
        assert words in said
    bring(installed)
    said = doctor()
    for words in ("Extractor scrolls", *PRESENT):
        assert words in said
    assert "apt install scrolls" not in said


def test_a_database_that_does_not_exist_is_not_made(tmp_path: Path):
    found = check("Database", diagnose(tmp_path / "research.db"))
    assert found.verdict is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_fails_with_its_name(tmp_path: Path):
    found = check("Free disk", diagnose(tmp_path / "missing" / "research.db"))
    assert found.verdict is Verdict.FAIL
    assert "missing" in found.text


def test_a_file_that_is_no_database_fails(tmp_path: Path):
    path = tmp_path / "notes.db"
    path.write_text("These are notes. " * 100)
    found = check("Database", diagnose(path))
    assert found.verdict is Verdict.FAIL
    assert "notes.db" in found.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_database_that_may_not_be_written_fails(db: ResearchDatabase):
    db.close()
    db.path.chmod(0o400)
    assert check("Database", diagnose(db.path)).verdict is Verdict.FAIL


def test_a_worker_that_fell_silent_is_named_and_one_that_stopped_is_not(
    db: ResearchDatabase, sqlite: sqlite3.Connection
):
    add = (
        "INSERT INTO worker_heartbeat (worker_id, hostname, pid, process_started_at, status, "
        "last_heartbeat, started_at) VALUES (?, 'host', 1, 1, ?, datetime('now', ?), "
        "datetime('now', '-1 hour'))"
    )
    sqlite.execute(add, ("stopped-long-ago", "stopped", "-1 hour"))
    sqlite.execute(add, ("alive", "busy", "-5 seconds"))
    assert check("Heartbeats", diagnose(db.path)).verdict is Verdict.OK
    sqlite.execute(add, ("silent", "busy", "-10 minutes"))
    found = check("Heartbeats", diagnose(db.path))
    assert found.verdict is Verdict.WARN
    assert "silent" in found.text
    assert "alive," not in found.text
    assert "stopped-long-ago" not in found.text
