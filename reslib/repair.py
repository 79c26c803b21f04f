"""What is wrong inside a database file, and how it is mended: ``reslib doctor --repair``.

Nothing here is needed after a crash, a kill or a full disk: those leave a sound file. It is for
disks that lose bits, files that were copied while they were written, and people who changed a
table by hand. Each repair is done on a file of which a copy was made before.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reslib import sql
from reslib.database import ResearchDatabase
from reslib.errors import DatabaseBusy, NotADatabase
from reslib.gate import write_gate
from reslib.liveness import ProcessIdentity, is_alive
from reslib.queue import QueueManager
from reslib.store import SCHEMA_VERSION, is_reslib_file, run_script

__all__ = ["Problem", "find_problems", "repair"]

#: Seconds to wait for writers before looking.
_PATIENCE = 10.0
#: Tables that are saved from a damaged file; the others are made of them.
_SAVED = ("attachments", "extraction_queue", "extraction_metrics")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a file.

    Parameters
    ----------
    name
        ``"damaged"``, ``"search index"``, ``"counts"`` or ``"abandoned jobs"``.
    text
        What was found, for people.
    """

    name: str
    text: str


def find_problems(path: Path) -> list[Problem]:
    """Look into a database, and change nothing.

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
    DatabaseBusy
        Somebody has been writing for ten seconds.
    """
    with write_gate(path).locked_by(_PATIENCE), closing(_open(path)) as db:
        try:
            return list(_problems(db))
        except sqlite3.OperationalError as error:
            raise DatabaseBusy(f"{path} could not be looked at: {error}. Try again") from error
        except sqlite3.DatabaseError as error:
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
        What was done, a sentence each.

    Raises
    ------
    DatabaseBusy
        The file is damaged, and a process is at work on it: it has to stop first.
    NotADatabase
        Not even its header says that it is a database of reslib.
    """
    if not is_reslib_file(path):
        raise NotADatabase(
            f"{path} is no database of reslib, or its first page is lost; go back to a backup"
        )
    problems = {problem.name: problem for problem in find_problems(path)}
    if not problems:
        return []
    if "damaged" in problems:
        return _save(path, problems["damaged"])
    with write_gate(path).locked_by(_PATIENCE), closing(_open(path)) as db:
        done = [f"Kept a copy as it was: {_keep(path, 'before-repair').name}"]
        if "search index" in problems:
            db.execute(sql.queries()["rebuild_search_index"])
            done.append("Made the search index anew")
        if "counts" in problems:
            db.execute(sql.queries()["recount"])
            done.append("Counted the jobs anew")
    if "abandoned jobs" in problems:
        with ResearchDatabase(path) as database:
            count = QueueManager(database).rescue()
        done.append(f"Gave back {count} jobs of processes that are dead")
    return done


def _problems(db: sqlite3.Connection) -> Iterator[Problem]:
    damage = [row[0] for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
    damage += [f"{row[0]} {row[1]} has lost its {row[2]}" for row in
               db.execute("PRAGMA foreign_key_check").fetchmany(5)]  # fmt: skip
    # From SQLite 3.44 on the check looks into the search index as well, which can be made anew.
    damage = [text for text in damage if "attachments_fts" not in text]
    if damage:
        yield Problem("damaged", "; ".join(damage))
        return
    if not _search_index_is_sound(db):
        yield Problem("search index", "the search index is not in step with the texts")
    wrong = db.execute(sql.queries()["wrong_counts"]).fetchall()
    if wrong:
        states = ", ".join(row["status"] for row in wrong)
        yield Problem("counts", f"the numbers of jobs kept beside the queue are wrong ({states})")
    owners = db.execute(sql.queries()["processing_jobs"]).fetchall()
    dead = [row for row in owners if row["hostname"] is not None and is_alive(_owner(row)) is False]
    if dead:
        yield Problem("abandoned jobs", f"{len(dead)} jobs belong to processes that are dead")


def _search_index_is_sound(db: sqlite3.Connection) -> bool:
    db.execute("BEGIN")
    try:
        db.execute(sql.queries()["check_search_index"])
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    finally:
        db.execute("ROLLBACK")
    return True


def _owner(row: sqlite3.Row) -> ProcessIdentity:
    return ProcessIdentity(row["hostname"], row["pid"], row["process_started_at"])


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA wal_autocheckpoint = 0")
    return db


def _name_for_copy(path: Path, what: str) -> Path:
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return path.with_name(f"{path.name}.{what}-{now}")


def _keep(path: Path, what: str) -> Path:
    """Copy the file with its log. Called inside the write gate, so that they fit together."""
    kept = _name_for_copy(path, what)
    for suffix in ("", "-wal"):  # -shm is made of the log
        part = Path(f"{path}{suffix}")
        if part.exists():
            shutil.copy2(part, f"{kept}{suffix}")
    return kept


# --- a damaged file ---------------------------------------------------------------------------


def _save(path: Path, problem: Problem) -> list[str]:
    """Move what can be read into a new file, and that into the place of the old one."""
    with write_gate(path).locked_by(_PATIENCE):
        _refuse_if_used(path)
        kept = _keep(path, "damaged")
        done = [f"It was damaged: {problem.text}", f"Kept it as it was: {kept.name}"]
        new = _name_for_copy(path, "repaired")
        with closing(_open(path)) as old, closing(_open(new)) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            run_script(db, sql.schema(), SCHEMA_VERSION)
            for table in _SAVED:
                saved, lost = _save_rows(old, db, table)
                loss = f", {lost} could not be read" if lost else ""
                done.append(f"Saved {saved} rows of {table}{loss}")
            orphans = db.execute(sql.queries()["delete_orphans"]).rowcount
            if orphans:
                done.append(f"Left out {orphans} jobs of documents that are lost")
            untold = db.execute(sql.queries()["reopen_textless"]).rowcount
            if untold:
                done.append(f"{untold} texts are lost; `reslib extract` reads those files again")
            db.execute(sql.queries()["recount"])
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        new.replace(path)
    remaining = find_problems(path)
    done.extend(f"Still wrong: {left.text}" for left in remaining if left.name == "damaged")
    return done


def _refuse_if_used(path: Path) -> None:
    """Raise when a living process has said that it works on this file."""
    try:
        with closing(_open(path)) as db:
            rows = db.execute("SELECT * FROM worker_heartbeat WHERE status <> 'stopped'").fetchall()
    except sqlite3.DatabaseError:
        return  # nobody can tell
    pids = sorted(
        {row["pid"] for row in rows if is_alive(_owner(row)) and row["pid"] != os.getpid()}
    )
    if pids:
        raise DatabaseBusy(
            f"{path} is damaged, and the processes {', '.join(map(str, pids))} work on it. Stop "
            "them, then repair"
        )


def _save_rows(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> tuple[int, int]:
    """Copy every row that can be read; return how many, and how many could not."""
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    try:
        last = old.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    except sqlite3.DatabaseError:
        last = 0
    saved = lost = 0
    at = 0
    new.execute("BEGIN")
    while at < last:
        try:
            rows = old.execute(
                f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1", (at,)
            ).fetchall()
        except sqlite3.DatabaseError:
            at, lost = at + 1, lost + 1
            continue
        if not rows:
            break
        at = rows[0][0]
        try:
            new.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(rows[0])[1:])
            saved += 1
        except sqlite3.IntegrityError:
            lost += 1
    new.execute("COMMIT")
    return saved, lost
