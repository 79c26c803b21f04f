"""What is said about errors that SQLite really gives, each made by its cause."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import disk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib import DatabaseBusy, DatabaseError, NotADatabase, ResearchDatabase
from reslib.storage.sqliteerrors import ANSWERS, primary_code, translate

#: sqlite.org/rescode.html, without those that say that all is well (OK, ROW, DONE).
PRIMARY = {
    **{"ERROR": 1, "INTERNAL": 2, "PERM": 3, "ABORT": 4, "BUSY": 5, "LOCKED": 6, "NOMEM": 7},
    **{"READONLY": 8, "INTERRUPT": 9, "IOERR": 10, "CORRUPT": 11, "NOTFOUND": 12, "FULL": 13},
    **{"CANTOPEN": 14, "PROTOCOL": 15, "EMPTY": 16, "SCHEMA": 17, "TOOBIG": 18},
    **{"CONSTRAINT": 19, "MISMATCH": 20, "MISUSE": 21, "NOLFS": 22, "AUTH": 23, "FORMAT": 24},
    **{"RANGE": 25, "NOTADB": 26, "NOTICE": 27, "WARNING": 28},
}
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def opened(path: Path, mode: str = "rwc", timeout: float = 0) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=timeout
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two full tables, one of which has a rule."""
    path = tmp_path / "a.db"
    with closing(opened(path)) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)")
        db.executemany("INSERT INTO t (a) VALUES (?)", ((f"{n}" * 500,) for n in range(100)))
    return path


def error_of(call: Callable[[], object]) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as caught:
        call()
    return caught.value


# --- the table ------------------------------------------------------------------------------------


def test_every_primary_code_of_sqlite_has_an_answer() -> None:
    assert set(PRIMARY.values()) <= ANSWERS.keys()
    for name, code in PRIMARY.items():
        assert getattr(sqlite3, f"SQLITE_{name}") == code


def test_every_code_that_the_library_at_hand_has_words_for_has_an_answer() -> None:
    try:
        words = ctypes.CDLL(disk._loaded_library()).sqlite3_errstr
    except (disk.CannotHook, AttributeError) as error:
        pytest.skip(f"SQLite hides its names here: {error}")
    words.restype, words.argtypes = ctypes.c_char_p, [ctypes.c_int]
    known = {code for code in range(1, 100) if words(code) != b"unknown error"}
    assert {1, 5, 11, 28} <= known
    assert known <= ANSWERS.keys()


def test_an_answer_of_its_own_belongs_to_an_extended_code_of_an_error() -> None:
    assert {code & 0xFF for code in ANSWERS} == set(PRIMARY.values())


def test_every_sentence_names_the_file_and_says_what_to_do(path: Path) -> None:
    for code, answer in ANSWERS.items():
        if answer is None:
            continue
        error = sqlite3.OperationalError("as it says")
        error.sqlite_errorcode = code
        said = str(translate(error, path))
        assert str(path) in said, code
        assert "{" not in said, code


# --- no sentence is read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["fullname", "is_locked", "busyness", "malformed", "readonly", "not a database"]
)
@pytest.mark.parametrize("what", ["column", "table", "function"])
def test_a_name_in_a_statement_is_not_taken_for_the_cause(path: Path, name: str, what: str) -> None:
    statement = {
        "column": f'SELECT t."{name}" FROM t',
        "table": f'SELECT * FROM "{name}"',
        "function": f'SELECT "{name}"(1)',
    }[what]
    with closing(opened(path)) as db:
        found = translate(error_of(lambda: db.execute(statement)), path)
    assert type(found) is DatabaseError
    assert name in str(found)
    assert "could not carry out a statement" in str(found)
    for other in ("the disk is full", "is damaged", "another program keeps", "is not a SQLite"):
        assert other not in str(found)


@given(st.sampled_from([*ANSWERS, None]), st.text(), st.text())
def test_what_an_error_says_changes_nothing_but_what_is_quoted(
    code: int | None, one: str, other: str
) -> None:
    kinds = []
    for text in (one, other):
        error = sqlite3.OperationalError(text)
        if code is not None:
            error.sqlite_errorcode = code
        kinds.append(type(translate(error, Path("a.db"))))
    assert kinds[0] is kinds[1]


def test_a_table_that_another_program_changed_is_said_as_it_is(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "a.db") as db:
        attachment = db.add_attachment("a.txt", tmp_path / "a.txt")
        with closing(opened(tmp_path / "a.db", timeout=5)) as other:
            other.execute("DROP VIEW IF EXISTS folded_texts")
            other.execute("DROP TABLE attachments_fts")
            for (name,) in other.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                other.execute(f"DROP TRIGGER {name}")
            other.execute("ALTER TABLE attachments RENAME COLUMN filename TO fullname")
        with pytest.raises(DatabaseError, match=r"no such column.*filename.*reslib doctor"):
            db.get_attachment(attachment)


# --- by cause ---------------------------------------------------------------------------------


def test_a_full_disk_is_called_full(path: Path) -> None:
    with closing(opened(path)) as db:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
        error = error_of(lambda: db.execute("INSERT INTO t (a) VALUES (zeroblob(100000))"))
    assert "the disk is full" in str(translate(error, path))


def test_a_full_disk_is_called_full_by_the_library(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "a.db") as db:
        connection = db.store._connections.mine().connection
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes as many as there are
        names = (f"{number}.txt" for number in range(2000))
        with pytest.raises(DatabaseError, match="the disk is full"):
            [db.add_attachment(name, tmp_path / name) for name in names]


def test_a_file_that_may_only_be_read_is_said_to_be_so(path: Path) -> None:
    with closing(opened(path, "ro")) as db:
        found = translate(error_of(lambda: db.execute("DELETE FROM t")), path)
    assert type(found) is DatabaseError
    assert "cannot be opened for writing" in str(found)
    assert "SQLITE_READONLY" in str(found)


def test_a_place_where_no_file_can_be_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a.db"
    found = translate(error_of(lambda: opened(path).execute("SELECT 1 FROM t")), path)
    assert "cannot be opened for writing" in str(found)


def test_another_kind_of_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not at all " * 1000)
    with closing(opened(path)) as db:
        found = translate(error_of(lambda: db.execute("SELECT * FROM sqlite_master")), path)
    assert type(found) is NotADatabase


def test_a_lock_of_another_program_is_told_from_one_of_the_same(path: Path) -> None:
    with closing(opened(path)) as one, closing(opened(path)) as other:
        one.execute("BEGIN IMMEDIATE")
        theirs = translate(error_of(lambda: other.execute("DELETE FROM t")), path)
        one.execute("ROLLBACK")
        rows = one.execute("SELECT * FROM t")
        rows.fetchone()
        own = translate(error_of(lambda: one.execute("DROP TABLE t")), path)
        rows.close()
    assert type(theirs) is type(own) is DatabaseBusy
    assert "another program" in str(theirs)
    assert "another statement of this program" in str(own)


def test_a_page_with_other_bytes_is_damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    path.write_bytes(data)
    with closing(opened(path)) as db:
        found = translate(error_of(lambda: db.execute("SELECT * FROM t").fetchall()), path)
    assert type(found) is DatabaseError
    assert "is damaged" in str(found)
    assert "doctor --repair" in str(found)


def test_a_search_index_with_other_bytes_is_damage(tmp_path: Path) -> None:
    with ResearchDatabase(tmp_path / "a.db") as db:
        with closing(opened(tmp_path / "a.db", timeout=5)) as other:
            other.execute("UPDATE attachments_fts_data SET block = randomblob(40)")
        with pytest.raises(DatabaseError, match=r"is damaged .*doctor --repair"):
            db.search("tide")


def test_a_file_that_went_away_is_said_to_be_gone(path: Path) -> None:
    with closing(opened(path)) as db:
        db.execute("SELECT * FROM t").fetchone()
        path.unlink()
        found = translate(error_of(lambda: db.execute("DELETE FROM t")), path)
    assert "was deleted, moved or replaced" in str(found)


#: Takes a file away from under SQLite, as a disk does that is pulled out.
PULLED_OUT = """
import os, sqlite3, sys
from pathlib import Path
from reslib.storage.sqliteerrors import translate
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("SELECT a FROM t").fetchone()
for link in Path("/proc/self/fd").iterdir():
    if link.is_symlink() and os.readlink(link) == sys.argv[1]:
        os.close(int(link.name))
try:
    db.execute("SELECT * FROM t").fetchall()
except sqlite3.Error as error:
    print(translate(error, Path(sys.argv[1])))
sys.stdout.flush()
os._exit(0)
"""


@linux_only
def test_a_disk_that_does_not_answer_is_no_fault_of_the_file(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PULLED_OUT, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "the disk did not read or write" in done.stdout, done.stderr
    assert "SQLITE_IOERR" in done.stdout
    assert "damaged" not in done.stdout


def test_a_statement_that_is_broken_off_is_said_to_be_so(path: Path) -> None:
    with closing(opened(path)) as db:
        db.set_progress_handler(lambda: 1, 1)
        error = error_of(lambda: db.execute("SELECT * FROM t").fetchall())
    assert "broken off" in str(translate(error, path))


def test_a_value_that_is_too_large_is_a_value_error(path: Path) -> None:
    with closing(opened(path)) as db:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1000)
        error = error_of(lambda: db.execute("INSERT INTO t (a) VALUES (?)", ("x" * 2000,)))
    assert type(translate(error, path)) is ValueError


@pytest.fixture
def wrong_calls(path: Path) -> Iterator[list[sqlite3.Error]]:
    with closing(opened(path)) as db:
        yield [
            error_of(lambda: db.execute("INSERT INTO t (a) SELECT a FROM t")),
            error_of(lambda: db.execute("INSERT INTO t (id) VALUES ('x')")),
            error_of(lambda: db.execute("SELECT ?", ())),
            error_of(lambda: db.execute("SELECT 1; SELECT 2")),
        ]


def test_a_wrong_value_or_call_stays_the_error_that_it_is(
    path: Path, wrong_calls: list[sqlite3.Error]
) -> None:
    codes = [primary_code(error) for error in wrong_calls]
    assert codes[:2] == [sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH]
    assert [translate(error, path) for error in wrong_calls] == wrong_calls
