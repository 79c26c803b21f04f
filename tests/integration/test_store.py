"""Opening, migrating, refusing; transactions; checkpoints."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from old_schema import TO_SCHEMA_1, TO_SCHEMA_2, TO_SCHEMA_3, TO_SCHEMA_4

import reslib.storage.diskspace
from reslib import (
    DatabaseBusy,
    DatabaseError,
    Job,
    NotADatabase,
    QueueManager,
    ResearchDatabase,
    SchemaTooNew,
    UnsafeFilesystem,
)
from reslib.maintenance.repair import find_problems
from reslib.storage.migration import SCHEMA_VERSION, migrate
from reslib.storage.store import Transaction


def test_a_new_file_gets_wal_the_schema_and_its_version(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "a.db"):
        raw = sqlite3.connect(tmp_path / "a.db")
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
        raw.close()
    assert {
        "attachments",
        "extraction_queue",
        "worker_heartbeat",
        "extraction_metrics",
        "attachments_fts",
        "idx_queue_status_created",
        "idx_queue_status_retry",
    } <= names


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with ResearchDatabase(path) as db:
        kept = db.add_attachment("a.txt", tmp_path / "a.txt")
    with ResearchDatabase(str(path)) as db:
        assert db.get_attachment(kept).filename == "a.txt"


def test_a_job_has_the_columns_of_the_queue_in_their_order(db: ResearchDatabase) -> None:
    with sqlite3.connect(db.path) as raw:
        columns = [row[1] for row in raw.execute("PRAGMA table_info(extraction_queue)")]
    raw.close()
    assert columns == [each.name for each in fields(Job)]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere.*create the folder first"):
        ResearchDatabase(tmp_path / "nowhere" / "a.db")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="folder"):
        ResearchDatabase(tmp_path)


def test_a_text_file_is_no_database_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("my notes " * 200)
    with pytest.raises(NotADatabase, match=r"notes\.db"):
        ResearchDatabase(path)
    assert path.read_text() == "my notes " * 200


def test_another_programs_database_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE bookmarks (url TEXT)")
    raw.commit()
    raw.close()
    before = path.read_bytes()
    with pytest.raises(NotADatabase, match="another program"):
        ResearchDatabase(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    ResearchDatabase(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    with pytest.raises(SchemaTooNew, match="newer reslib"):
        ResearchDatabase(path)


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_is_not_positive_is_refused(tmp_path: Path, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        ResearchDatabase(tmp_path / "a.db", timeout=timeout)


def test_a_database_in_memory_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="outlive"):
        ResearchDatabase(":memory:")


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """Run as another user when this one is root, whom permissions do not stop."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    code = (
        # psutil now: the other user may not be able to read where it is installed.
        "import os, sys, psutil\n"
        "from reslib.errors import DatabaseError\n"
        "from reslib.storage.store import Store\n"
        "if os.geteuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    Store(sys.argv[1])\n"
        "except DatabaseError as error:\n"
        "    print(error)\n"
    )
    if os.geteuid() == 0:
        _open_to_others(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "a.db")],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
    )
    folder.chmod(0o755)
    assert "cannot be" in done.stdout, done.stderr
    assert "may create files" in done.stdout


def _open_to_others(path: Path) -> None:
    for each in (path, *path.parents):
        if each == Path(each.anchor) or each.stat().st_mode & 0o005 == 0o005:
            continue
        each.chmod(each.stat().st_mode | 0o055)


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    db = ResearchDatabase(tmp_path / "a.db")
    db.close()
    db.close()
    with pytest.raises(DatabaseError, match="closed"):
        db.search("x")


#: Closes a database again and again while other threads are in the middle of a call.
CLOSE = """
import sys, threading, time
from reslib import QueueManager, ResearchDatabase, ReslibError
def again_and_again(call):
    go.wait()
    try:
        while True:
            call()
    except ReslibError as error:
        assert "closed" in str(error), error
for number in range(40):
    db = ResearchDatabase(sys.argv[1])
    calls = [QueueManager(db).counts, lambda: db.search("tide"),
             lambda: db.add_attachment("x.txt", "/nowhere/x.txt")]
    go = threading.Barrier(len(calls) + 1)
    threads = [threading.Thread(target=again_and_again, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    go.wait()
    time.sleep(0.005 * (number % 4))
    db.close()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
"""


def test_closing_a_database_that_other_threads_use_ends_their_calls_and_not_the_process(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSE, str(tmp_path / "a.db")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_database_works_from_many_threads(db: ResearchDatabase, folder: Path) -> None:
    errors: list[BaseException] = []

    def use(n: int) -> None:
        try:
            for i in range(20):
                db.add_attachment(f"{n}-{i}.txt", folder / f"{n}-{i}.txt")
                db.search("word")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=use, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert db.add_attachment("one more", folder / "one more") == 8 * 20 + 1


def test_connections_of_ended_threads_are_closed(db: ResearchDatabase) -> None:
    for _ in range(50):
        thread = threading.Thread(target=lambda: db.search("x"))
        thread.start()
        thread.join()
    assert len(db.store._connections) == 1


def test_a_write_that_fails_leaves_nothing_behind(db: ResearchDatabase) -> None:
    def write_and_fail() -> None:
        with db.store.write() as transaction:
            insert(transaction)
            raise RuntimeError("in the middle")

    def insert(transaction: Transaction) -> None:
        row = transaction.row(
            "add_attachment",
            {
                "filename": "a",
                "path": "/a",
                "mime_type": None,
                "file_size": None,
                "file_mtime_ns": None,
                "content_hash": None,
                "now": "2026-01-01 00:00:00.000",
            },
        )
        assert row is not None

    with pytest.raises(RuntimeError, match="in the middle"):
        write_and_fail()
    assert db.store.row("attachment_by_path", {"path": "/a"}) is None


def test_a_log_whose_database_is_gone_is_not_thrown_away(tmp_path: Path) -> None:
    """SQLite drops it when a database of that name is made anew, with all that is only there."""
    code = (
        "import os, signal, sys\n"
        "from reslib import ResearchDatabase\n"
        "db = ResearchDatabase(sys.argv[1])\n"
        "db.add_attachment('a.txt', '/nowhere/a.txt')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path, away = tmp_path / "a.db", tmp_path / "away.db"
    subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False)
    path.rename(away)
    with pytest.raises(DatabaseError, match=r"Put a\.db back beside it"):
        ResearchDatabase(path)
    away.rename(path)
    with ResearchDatabase(path) as db:
        assert db.get_attachment(1).filename == "a.txt"


def test_a_lock_held_by_another_program_becomes_a_clear_error(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "a.db", timeout=0.2) as db:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="longer timeout"):
            db.add_attachment("a.txt", tmp_path / "a.txt")
        other.execute("ROLLBACK")
        other.close()
        assert db.add_attachment("a.txt", tmp_path / "a.txt") == 1


def test_the_log_does_not_grow_without_bound(db: ResearchDatabase, folder: Path) -> None:
    wal = Path(f"{db.path}-wal")
    largest = 0
    for n in range(150):
        attachment = db.add_attachment(f"{n}.txt", folder / f"{n}.txt")
        with db.store.write() as transaction:
            transaction._connection.execute(
                "UPDATE attachments SET extracted_text = ? WHERE id = ?",
                ("word and another word " * 20_000, attachment),
            )
        largest = max(largest, wal.stat().st_size)
    assert largest < 56 * 1024 * 1024


def test_an_old_file_is_migrated_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (1)")
    scripts = {
        2: "ALTER TABLE t ADD COLUMN b DEFAULT 2;",
        3: "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;\n"
        "ALTER TABLE t ADD COLUMN c DEFAULT 3;",
    }
    backup = migrate(connection, path, 1, 3, scripts)
    assert connection.execute("SELECT * FROM t").fetchall() == [(1, 2, 3)]
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()
    old = sqlite3.connect(backup)
    assert old.execute("SELECT * FROM t").fetchall() == [(1,)]
    old.close()


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_file_of_an_older_schema_becomes_like_a_new_one(tmp_path: Path, version: int) -> None:
    path, new = tmp_path / "a.db", tmp_path / "new.db"
    with ResearchDatabase(path) as db:
        (tmp_path / "paper.txt").write_text("words")
        attachment = db.add_attachment("paper.txt", tmp_path / "paper.txt")
        QueueManager(db).enqueue(attachment)
        with db.store.write() as transaction:
            transaction._connection.execute("UPDATE attachments SET extracted_text = 'Erdős 潮汐'")
    with contextlib.closing(sqlite3.connect(path)) as old:
        scripts = (TO_SCHEMA_2 + TO_SCHEMA_1, TO_SCHEMA_2, TO_SCHEMA_3, TO_SCHEMA_4)
        old.executescript(scripts[version - 1])
    ResearchDatabase(new).close()
    assert _definitions(path) != _definitions(new)
    with ResearchDatabase(path) as db:
        assert QueueManager(db).get_pending_count() == 1
        assert db.get_attachment(attachment).filename == "paper.txt"
        assert [hit.snippet for hit in db.search("erdos 汐")] == ["**Erdős** 潮**汐**"]
        with db.store.write() as transaction:
            transaction._connection.execute("UPDATE attachments SET extracted_text = 'other'")
        assert db.search("erdos") == []
    assert (tmp_path / f"a.db.v{version}.backup").exists()
    assert _definitions(path) == _definitions(new)
    assert find_problems(path) == []


def test_time_and_room_are_told_before_a_large_library_is_migrated(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.db"
    with ResearchDatabase(path) as db:
        db.add_attachment("paper.txt", tmp_path / "paper.txt")
        with db.store.write() as transaction:
            transaction._connection.execute(
                "UPDATE attachments SET extracted_text = ?", ("many words " * 4_000_000,)
            )
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(TO_SCHEMA_2)
    ResearchDatabase(path).close()
    [record] = [r for r in caplog.records if r.levelname == "WARNING"]
    assert re.search(
        r"a\.db is brought up to schema 7.*about 0\.\d min, and \d+ MB of the disk.*broken off at "
        r"any moment.*kept in .*a\.db\.v2\.backup",
        record.getMessage(),
    )


def test_without_room_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    ResearchDatabase(path).close()
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(TO_SCHEMA_2)
    before = path.read_bytes()
    monkeypatch.setattr(reslib.storage.diskspace, "RESERVE", shutil.disk_usage(tmp_path).total)
    with pytest.raises(DatabaseError, match=r"bringing .*a\.db up to schema 7.*Make some room"):
        ResearchDatabase(path)
    assert path.read_bytes() == before
    assert not (tmp_path / "a.db.v2.backup").exists()


def _definitions(path: Path) -> dict[str, str]:
    """Return what each table, index and trigger of a file is made of."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        version = raw.execute("PRAGMA user_version").fetchone()[0]
    # SQLite writes the comma of a column that was added behind a blank.
    made = {name: " ".join(sql.split()).replace(" ,", ",").replace(" )", ")") for name, sql in rows}
    return made | {"version": version}


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE t (a)")
    script = "ALTER TABLE t ADD COLUMN b;\nINSERT INTO nowhere VALUES (1);"
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, path, 1, 2, {2: script})
    assert [row[1] for row in connection.execute("PRAGMA table_info(t)")] == ["a"]
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_a_database_on_a_share_is_refused_also_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    mount = SimpleNamespace(mountpoint=str(share.resolve()), fstype="nfs4")
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [mount])
    (tmp_path / "link").symlink_to(share)
    (tmp_path / "link.db").symlink_to(share / "research.db")
    for path in (share / "research.db", tmp_path / "link" / "research.db", tmp_path / "link.db"):
        with pytest.raises(UnsafeFilesystem, match=r"network file system \(nfs4\).*local disk"):
            ResearchDatabase(path)
    assert list(share.iterdir()) == []
    with ResearchDatabase(tmp_path / "research.db") as db:
        assert db.backup(share / "copy.db").exists(), "a copy may lie on a share"


#: A program whose SQLite has lost all its modules, the full-text search among them.
WITHOUT_MODULES = """
import ctypes, sys
sys.path.insert(0, sys.argv[2])
import disk
library = ctypes.CDLL(disk._loaded_library())
try:
    extend, drop = library.sqlite3_auto_extension, library.sqlite3_drop_modules
except AttributeError:
    raise disk.CannotHook("SQLite is built into this Python and hides its names") from None
drop.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
forget = kind(lambda connection, message, api: drop(connection, None))
extend(forget)
from reslib import DatabaseError, ResearchDatabase
from reslib.maintenance.doctor import diagnose
try:
    ResearchDatabase(sys.argv[1])
except DatabaseError as error:
    print(error)
print([each.text for each in diagnose() if each.name == "Full-text search"])
"""


def test_a_sqlite_without_full_text_search_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            WITHOUT_MODULES,
            str(tmp_path / "x.db"),
            str(Path(__file__).parents[1] / "faults"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "CannotHook" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    said, looked = done.stdout.splitlines()
    assert "no FTS5" in said
    assert "conda-forge" in said
    assert "without FTS5" in looked
