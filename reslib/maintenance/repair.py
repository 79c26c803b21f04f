"""The problems inside a database file and their repair: ``reslib doctor --repair``.

Nothing here is needed after a crash, a kill or a full disk: those leave a sound file. It is for
disks that lose bits, files that were copied while they were written, and people who changed a
table by hand. Each repair is done on a file of which a copy was made before.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from reslib.database import ResearchDatabase
from reslib.errors import NotADatabase, SchemaTooNew
from reslib.jobs.manager import QueueManager
from reslib.liveness import process_lives
from reslib.maintenance.salvage import copy_before_repair, salvage
from reslib.storage import searchindex, sql
from reslib.storage.dbfile import PATIENCE, is_reslib_file, open_existing
from reslib.storage.lock import write_lock
from reslib.storage.migration import SCHEMA_VERSION
from reslib.storage.sqliteerrors import primary_code, translate

__all__ = ["Problem", "find_problems", "repair"]

#: What ``PRAGMA integrity_check`` says when only an index is wrong: those can be made anew from
#: their tables (sqlite.org/pragma.html#pragma_integrity_check).
_INDEX_ONLY = re.compile(
    r"row \d+ missing from index |wrong # of entries in index |non-unique entry in index "
)
_CANNOT_LOOK = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY} | {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a file.

    Parameters
    ----------
    name
        ``"damaged"``, ``"indexes"``, ``"search index"``, ``"counts"``, ``"texts"``, ``"pages"``
        or ``"abandoned jobs"``.
    text
        What was found, for people.
    """

    name: str
    text: str


def find_problems(path: Path) -> list[Problem]:
    """Look into a database, and change nothing.

    Others may read and write meanwhile; writers wait while the search index is looked at (10
    to 20 s for a gigabyte of text).

    Parameters
    ----------
    path
        A database of reslib.

    Returns
    -------
    list of Problem
        Empty when all is well.

    Raises
    ------
    SchemaTooNew
        It was written by a newer reslib, which has to judge it.
    DatabaseBusy
        Somebody has been writing for ten seconds.
    DatabaseError
        It cannot be opened or written.
    """
    try:
        with closing(open_existing(path)) as db:
            _refuse_newer(db, path)
            damage = _damage(db)
            if damage is not None:
                return [damage]
            return list(_problems(db, path))
    except sqlite3.Error as error:
        if primary_code(error) in _CANNOT_LOOK:
            raise translate(error, path) from error
        return [Problem("damaged", str(error))]


def repair(path: Path) -> list[str]:
    """Mend what can be mended.

    Doing it again does nothing. A copy is made before anything is changed: beside the file, with
    the time in its name.

    Parameters
    ----------
    path
        A database of reslib.

    Returns
    -------
    list of str
        What was done, a sentence each; what is still wrong comes last.

    Raises
    ------
    DatabaseBusy
        The file is damaged, and somebody has it open; or somebody has been writing for ten
        seconds.
    NotADatabase
        Not even its header says that it is a database of reslib.
    SchemaTooNew
        It was written by a newer reslib, which has to repair it.
    DatabaseError
        There is no room for the copy, or the file cannot be written.
    """
    if not is_reslib_file(path):
        raise NotADatabase(
            f"{path} is no database of reslib, or its first page is lost; go back to a backup"
        )
    problems = {problem.name: problem for problem in find_problems(path)}
    if not problems:
        return []
    if "damaged" in problems:
        done = salvage(path, problems["damaged"].text)
    else:
        done = _mend(path, set(problems))
    return [*done, *(f"Still wrong: {problem.text}" for problem in find_problems(path))]


def _mend(path: Path, problems: set[str]) -> list[str]:
    with _translated(path), closing(open_existing(path)) as db:
        done = [f"Kept a copy as it was: {copy_before_repair(db, path).name}"]
        if "indexes" in problems:
            try:
                with write_lock(path).locked_by(PATIENCE):
                    db.execute("REINDEX")
            except sqlite3.IntegrityError as error:  # two rows that must differ are the same
                return [*done, f"The indexes could not be made anew: {error}"]
            done.append("Made the indexes anew")
            # What else is wrong could not be seen before.
            problems |= {problem.name for problem in _problems(db, path)}
        has_pages = _has_pages_and_batches(db)
        with write_lock(path).locked_by(PATIENCE):
            if "texts" in problems:
                count = _drop_texts(db)
                problems.add("search index")
                if has_pages:
                    problems.add("pages")  # those of the texts that were dropped
                done.append(f"Documents whose text is to be read again: {count}")
            if "pages" in problems:
                with _transaction(db):
                    for name in ("delete_lost_pages", "fill_pages", "recount_pages"):
                        db.execute(sql.queries()[name])
                done.append("Noted the pages of the texts anew")
            if "search index" in problems:
                searchindex.rebuild(db)
                done.append("Made the search index anew")
            if "counts" in problems:
                db.execute(sql.queries()["recount"])
                if has_pages:
                    db.execute(sql.queries()["recount_batches"])
                done.append("Counted the jobs anew")
    if "abandoned jobs" in problems:
        with ResearchDatabase(path) as database:
            count = QueueManager(database).rescue()
        done.append(f"Jobs given back whose process is dead: {count}")
    return done


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{path} was written by a newer reslib (schema {version}, this one knows "
            f"{SCHEMA_VERSION}); only that one can tell what is wrong with it. Update reslib"
        )


def _damage(db: sqlite3.Connection) -> Problem | None:
    """Return what is wrong with pages, indexes and references."""
    damage = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    # From SQLite 3.44 on the check looks into the search index as well, which is looked at apart.
    damage = [text for text in damage if "attachments_fts" not in text]
    if damage and all(_INDEX_ONLY.match(text) for text in damage):
        return Problem("indexes", _some(damage))
    lost = db.execute("PRAGMA foreign_key_check").fetchall()
    damage += [f"{row[0]} {row[1]} has lost its {row[2]}" for row in lost]
    return Problem("damaged", _some(damage)) if damage else None


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - 5} more" if len(texts) > 5 else ""
    return "; ".join(" ".join(text.split()) for text in texts[:5]) + more


def _problems(db: sqlite3.Connection, path: Path) -> Iterator[Problem]:
    """Look at what reslib itself keeps in step."""
    with write_lock(path).locked_by(PATIENCE):  # SQLite checks the search index by a write
        sound = searchindex.is_in_step(db)
    if not sound:
        yield Problem("search index", "the search index is not in step with the texts")
    wrong = [row["status"] for row in db.execute(sql.queries()["wrong_counts"])]
    has_pages = _has_pages_and_batches(db)
    if has_pages:
        wrong += [f"batch {row['id']}" for row in db.execute(sql.queries()["wrong_batches"])]
    if wrong:
        states = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        yield Problem("counts", f"the numbers of jobs kept beside the queue are wrong ({states})")
    textless = db.execute(sql.queries()["textless"]).fetchone()[0]
    textless += sum(len(_unreadable_texts(db, name)) for name in _texts(db))
    if textless:
        yield Problem("texts", f"documents whose text is not there or not readable: {textless}")
    count = db.execute(sql.queries()["wrong_pages"]).fetchone()[0] if has_pages else 0
    if count:
        yield Problem("pages", f"documents whose pages are not those of their text: {count}")
    owners = db.execute(sql.queries()["processing_jobs"]).fetchall()
    dead = [row for row in owners if row["hostname"] is not None and process_lives(row) is False]
    if dead:
        yield Problem("abandoned jobs", f"jobs whose process is dead: {len(dead)}")


def _has_pages_and_batches(db: sqlite3.Connection) -> bool:
    return db.execute(sql.queries()["has_pages_and_batches"]).fetchone() is not None


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _texts(db: sqlite3.Connection) -> dict[str, str]:
    """Return the statements that give the texts of a file as bytes, each with the one that drops a
    text. One that a document had earlier is lost then; its present one is extracted again.
    """
    found = {"texts_as_bytes": "drop_text"}
    if db.execute(sql.queries()["has_earlier_texts"]).fetchone():
        found["earlier_texts_as_bytes"] = "drop_earlier_text"
    return found


def _unreadable_texts(db: sqlite3.Connection, name: str) -> list[int]:
    """Return the texts that are no UTF-8 any more, which SQLite does not look at, and those whose
    pages do not begin one after the other inside of them.
    """
    rows = db.execute(sql.queries()[name])
    return [number for number, text, offsets in rows if not _is_readable(text, offsets)]


def _is_readable(text: bytes, offsets: str | None) -> bool:
    try:
        end = len(text.decode())
        starts = json.loads(offsets or "")
    except ValueError:  # it is no UTF-8, or no JSON
        return False
    if not isinstance(starts, list) or not all(type(start) is int for start in starts):
        return False
    return all(a <= b for a, b in pairwise([0, *starts, end])) and starts[:1] in ([], [0])


def _drop_texts(db: sqlite3.Connection) -> int:
    """Open again what is extracted without a text, or with one that cannot be read."""
    with _transaction(db):
        for texts, drop in _texts(db).items():
            for number in _unreadable_texts(db, texts):
                db.execute(sql.queries()[drop], {"id": number})
        return db.execute(sql.queries()["reopen_textless"]).rowcount
