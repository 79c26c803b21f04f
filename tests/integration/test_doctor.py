"""What `diagnose` finds, on this machine and on databases in trouble."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from reslib import ResearchDatabase
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
