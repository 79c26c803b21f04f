"""A library of an older schema is brought up to date in one go that may end at any moment."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from old_schema import TO_SCHEMA_2

from reslib import QueueManager, ResearchDatabase
from reslib.maintenance.repair import find_problems
from reslib.storage.migration import SCHEMA_VERSION

DOCUMENTS = 60
#: Opens a library, and ends after the n-th call of SQLite or of the fold (``call``), some time
#: after it began (``moment``), or with a disk that takes no more than so many bytes (``disk``).
OPEN = """
import itertools, os, resource, signal, sys
from reslib import ResearchDatabase
from reslib.errors import DatabaseError
how, number = sys.argv[2], float(sys.argv[3])
calls = itertools.count(1)
def count(frame, event, argument):
    name = getattr(argument, "__name__", "") if event == "c_call" else frame.f_code.co_name
    if event in ("call", "c_call") and name in ("execute", "backup", "_folded", "close"):
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
if how == "call":
    sys.setprofile(count)
elif how == "moment":
    signal.setitimer(signal.ITIMER_REAL, number)
elif how == "disk":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), resource.RLIM_INFINITY))
try:
    ResearchDatabase(sys.argv[1]).close()
except DatabaseError as error:
    print(error)
sys.setprofile(None)
print("calls", next(calls) - 1)
"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of schema 2 with texts, and with a job that waits."""
    path = tmp_path_factory.mktemp("old") / "library.db"
    with ResearchDatabase(path) as db:
        ids = [db.add_attachment(f"{n}.txt", f"/papers/{n}.txt") for n in range(DOCUMENTS)]
        with db.store.write() as transaction:
            for number in ids[1:]:
                transaction._connection.execute(
                    "UPDATE attachments SET extracted_text = ? WHERE id = ?",
                    (f"Erdős said number{number}. " + f"潮汐 words{number} " * 3000, number),
                )
        QueueManager(db).enqueue(ids[0])
    with closing(sqlite3.connect(path)) as db:
        db.executescript(TO_SCHEMA_2)
    return path


@pytest.fixture
def path(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(old, tmp_path / "library.db"))


def texts(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT id, filename, extracted_text FROM attachments").fetchall()


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
        return found


def open_it(path: Path, how: str = "never", number: float = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", OPEN, str(path), how, str(number)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check(path: Path, old: Path) -> None:
    """What a migration that ended somewhere left, and what opening it again makes of that."""
    left = version(path)
    assert left in (2, SCHEMA_VERSION), "all steps, or none"
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = db.execute("SELECT count(*) FROM attachments_fts('said')").fetchone()
        assert found == (DOCUMENTS - 1,), "it can be searched as it is"
        folded = db.execute("SELECT count(*) FROM attachments_fts('汐')").fetchone()[0]
        assert folded == (0 if left == 2 else DOCUMENTS - 1)
    assert texts(path) == texts(old)
    with ResearchDatabase(path) as library:
        assert len(library.search("erdos 汐", limit=100)) == DOCUMENTS - 1
        assert QueueManager(library).get_pending_count() == 1
    assert version(path) == SCHEMA_VERSION
    assert texts(path) == texts(old)
    assert find_problems(path) == []
    assert texts(path.with_name("library.db.v2.backup")) == texts(old)
    assert version(path.with_name("library.db.v2.backup")) == 2


@pytest.mark.parametrize("how", ["call"] * 10 + ["moment"] * 6)
def test_a_migration_may_be_killed_at_any_moment(
    how: str, path: Path, old: Path, tmp_path: Path
) -> None:
    share = random.random()
    print(f"{how} {share}")  # noqa: T201 - shown when the test fails
    calls, seconds = whole_migration(old, tmp_path)
    number = 1 + int(share * calls) if how == "call" else share * seconds
    done = open_it(path, how, number)
    assert done.returncode in (0, -signal.SIGKILL, -signal.SIGALRM), done.stderr
    if how == "call":
        assert done.returncode == -signal.SIGKILL
    check(path, old)


def whole_migration(old: Path, tmp_path: Path) -> tuple[int, float]:
    """Return how many calls it takes, and about how many seconds the program runs."""
    kept = old.with_name("whole.json")
    if not kept.exists():
        copy = Path(shutil.copy(old, tmp_path / "whole.db"))
        done = open_it(copy, "call", -1)
        assert done.returncode == 0, done.stderr
        assert version(copy) == SCHEMA_VERSION
        kept.write_text(json.dumps([int(done.stdout.split()[-1]), 1.0]))
    calls, seconds = json.loads(kept.read_text())
    assert calls > DOCUMENTS
    return calls, seconds


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 1.1, 1.5])
def test_a_disk_that_is_full_on_the_way_leaves_the_file_as_it_was(
    share: float, path: Path, old: Path
) -> None:
    done = open_it(path, "disk", share * old.stat().st_size)
    assert done.returncode == 0, done.stderr
    check(path, old)
