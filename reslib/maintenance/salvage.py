"""The salvage of a damaged file: what can still be read is moved into a new one.

Row by row, so that a page that cannot be read costs its rows and no more. A document is kept even
when its text cannot be read: the text is in the document itself, and is extracted again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from reslib.clock import utc_text
from reslib.errors import DatabaseError
from reslib.storage import sql
from reslib.storage.dbfile import (
    PATIENCE,
    SIDE_FILES,
    create_with_permissions_of,
    exclusive_access,
    open_existing,
    remove_side_files,
)
from reslib.storage.diskspace import require_room
from reslib.storage.lock import write_lock
from reslib.storage.migration import SCHEMA_VERSION, run_script
from reslib.storage.sqliteerrors import translate

__all__ = ["copy_before_repair", "salvage"]

#: Tables that are saved row by row, as pages are apart; the others are made of them, or speak of
#: processes that are gone.
_SAVED = (
    *("attachments", "attachment_places", "extraction_queue", "extraction_metrics", "skipped"),
    *(
        _PARTS := (
            *("attachment_extractors", "earlier_texts", "text_provenance", "tables", "figures"),
            *("metadata", "bibliography", "sections", "warnings", "children"),
            *("task_provenance", "task_pages", "task_means", "edited_metadata"),
        )
    ),
    "batches",  # after the jobs, which would be counted in it again
)
#: Those that files of older schemas do not have.
_LATER = ("attachment_places", "skipped", *_SAVED[5:])
#: What a document is without its text.
_ESSENCE = (
    "id, filename, path, mime_type, file_size, file_mtime_ns, content_hash, created_at".split(", ")
)
_LARGEST_ID = 2**63 - 1
#: So many ids are tried one by one when the file does not say how many were given.
_STEP_BY_STEP = 20_000


def copy_before_repair(db: sqlite3.Connection, path: Path) -> Path:
    """Copy a sound database as it is, while others use it.

    Parameters
    ----------
    db
        A connection to it.
    path
        Where it is; the copy is put beside it.

    Returns
    -------
    pathlib.Path
        The copy.
    """
    require_room(path.parent, _size(path), f"a copy of {path}")
    kept = _name_for_copy(path, "before-repair")
    create_with_permissions_of(kept, path)
    try:
        with closing(sqlite3.connect(kept)) as copy:
            db.backup(copy)
    except BaseException:
        kept.unlink()
        raise
    return kept


def salvage(path: Path, what: str) -> list[str]:
    """Save what can be read of a damaged file, and put that in its place.

    Parameters
    ----------
    path
        The file.
    what
        What is wrong with it.

    Returns
    -------
    list of str
        What was done, a sentence each.

    Raises
    ------
    DatabaseBusy
        Somebody has the file open.
    DatabaseError
        There is no room for the copy and the new file, or they cannot be written.
    """
    require_room(path.parent, 2 * _size(path), f"a copy of {path} and what is saved from it")
    # Nobody can open it as long as the lock is held; a file that is open somewhere must not be
    # replaced: what is written there would be lost.
    with write_lock(path).locked_by(PATIENCE), exclusive_access(path) as file:
        kept = _keep_damaged(file, path)
        done = [f"It was damaged: {what}", f"Kept it as it was: {kept.name}"]
        new = _name_for_copy(path, "repaired")
        create_with_permissions_of(new, path)
        try:
            with closing(open_existing(new)) as db:
                db.execute("PRAGMA foreign_keys = OFF")
                run_script(db, sql.schema(), SCHEMA_VERSION)
                with closing(_open_damaged(path, db)) as old:
                    done += _move_rows(old, db)
                if not db.execute(sql.queries()["count_attachments"]).fetchone()[0]:
                    raise DatabaseError(
                        f"no document could be saved from {path}, so it is left as it was. Go "
                        "back to a backup, or begin a new library and extract the documents again"
                    )
            with new.open("rb+") as finished:
                os.fsync(finished.fileno())
            remove_side_files(path)
            new.replace(path)
        except BaseException as error:
            new.unlink(missing_ok=True)
            _put_back(kept, path)
            if isinstance(error, sqlite3.Error):
                raise translate(error, new) from error
            raise
    return done


def _move_rows(old: sqlite3.Connection, db: sqlite3.Connection) -> list[str]:
    done = []
    for table in _SAVED:
        saved, partly, lost = _save_rows(old, db, table)
        if not _columns(old, table):
            if table not in _LATER:
                done.append(f"Nothing of {table} could be found")
            continue
        loss = f", {partly} without their text" if partly else ""
        if lost:
            known = _highest_id(old, table)
            loss += f", {lost if known else 'others'} could not be read"
        done.append(f"Saved from {table}: {saved} rows{loss}")
    now = {"now": utc_text()}
    orphans = db.execute(sql.queries()["delete_orphans"]).rowcount
    if orphans:
        done.append(f"Left out jobs of documents that are lost: {orphans}")
    for table in _PARTS:
        db.execute(f"DELETE FROM {table} WHERE attachment_id NOT IN (SELECT id FROM attachments)")
    for name in ("delete_orphaned_places", "forget_lost_batches", "forget_lost_parents"):
        db.execute(sql.queries()[name])
    for name in ("interrupt_all", "release_all"):  # nobody has the file open
        db.execute(sql.queries()[name], now)
    pages = _save_pages(old, db)
    if pages is not None:
        done.append(f"Saved from pages: {pages} rows")
    for name in ("reopen_textless", "delete_lost_pages", "fill_pages"):
        db.execute(sql.queries()[name])
    again = db.execute(sql.queries()["textless_documents"]).fetchone()[0]
    if again:
        done.append(f"Texts that are lost: {again}. `reslib extract` reads those documents again")
    for name in ("recount", "recount_batches"):
        db.execute(sql.queries()[name])
    _keep_ids_unique(old, db)
    strangers = _other_tables(old, db)
    if strangers:
        done.append(f"Tables that are not reslib's are only in the copy: {', '.join(strangers)}")
    return done


def _open_damaged(path: Path, new: sqlite3.Connection) -> sqlite3.Connection:
    """Open a file whose list of tables may be damaged as well.

    SQLite reads no table at all when the text of one entry cannot be parsed. What the text should
    be is known, so it is written there.
    """
    old = open_existing(path)
    try:
        old.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return old
    except sqlite3.DatabaseError:
        pass
    # Passes over entries that cannot be parsed, and lets them be changed.
    old.execute("PRAGMA writable_schema = ON")
    tables = "SELECT sql, name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"
    try:
        old.executemany(
            "UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND name = ?2 AND sql <> ?1",
            [tuple(row) for row in new.execute(tables)],
        )
        old.execute("PRAGMA writable_schema = RESET")  # reads the list anew
        old.execute("PRAGMA writable_schema = ON")
    except sqlite3.DatabaseError:
        pass  # what cannot be read then is counted as lost
    return old


def _save_rows(
    old: sqlite3.Connection, new: sqlite3.Connection, table: str
) -> tuple[int, int, int]:
    """Copy every row that can be read; return how many are whole, without text, and lost."""
    columns = _columns(new, table)
    there = _columns(old, table)
    wanted = [column for column in columns if column in there]
    if not wanted:
        return 0, 0, 0  # the file does not even say where the table is
    limit = _highest_id(old, table) or _STEP_BY_STEP
    new.execute("BEGIN")
    # First as they lie there, from both ends, which finds what a page in the wrong place hides.
    seen = _save_run(old, new, table, wanted, "ASC")
    seen |= _save_run(old, new, table, wanted, "DESC")
    saved, partly, lost, at, step = len(seen), 0, 0, 0, 1
    while at < _LARGEST_ID:
        try:
            row = _next_row(old, table, wanted, at)
        except sqlite3.DatabaseError:
            # Up to the largest id that was given one by one, beyond it in growing steps: a damaged
            # file may speak of row 2**62.
            step = 1 if at < limit else step * 2
            at += step
            if step > 1:
                continue
            if at in seen:
                continue
            if table == "attachments" and _save_without_text(old, new, at):
                partly += 1
            elif at <= limit and not _is_absent(old, table, at):
                lost += 1
            continue
        if row is None:
            break
        at, step = row[0], 1
        if at in seen:
            continue
        if _insert(new, table, wanted, row[1]):
            saved += 1
        elif table == "attachments" and _save_without_text(old, new, at):
            partly += 1
        else:
            lost += 1
    new.execute("COMMIT")
    return saved, partly, lost


def _save_pages(old: sqlite3.Connection, new: sqlite3.Connection) -> int | None:
    """Copy what is known of pages, from both ends up to where it cannot be read; return how many.

    None when the file has no such table. Where the pages begin stands in the documents as well, so
    no page is lost with it.
    """
    columns = [column for column in _columns(new, "pages") if column in _columns(old, "pages")]
    if not columns:
        return None
    saved = 0
    for order in ("", "DESC"):
        query = f"SELECT {', '.join(columns)} FROM pages ORDER BY attachment_id {order}, number"
        places = ", ".join("?" * len(columns))
        with suppress(sqlite3.DatabaseError):
            for row in old.execute(query):
                insert = f"INSERT OR IGNORE INTO pages ({', '.join(columns)}) VALUES ({places})"
                with suppress(sqlite3.IntegrityError):
                    saved += new.execute(insert, tuple(row)).rowcount
    return saved


def _save_run(
    old: sqlite3.Connection, new: sqlite3.Connection, table: str, columns: Sequence[str], order: str
) -> set[int]:
    """Copy rows in one go up to the first that cannot be read; return their numbers."""
    saved: set[int] = set()
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY rowid {order}"
    try:
        for row in old.execute(query):
            number, *values = row
            if number not in saved and _insert(new, table, columns, values):
                saved.add(number)
    except sqlite3.DatabaseError:
        pass  # the others are tried one by one
    return saved


def _next_row(
    db: sqlite3.Connection, table: str, columns: Sequence[str], after: int
) -> tuple[int, Sequence[object]] | None:
    """Return the number of the next row, and its values; None after the last."""
    # Only names of this module and of the schema are put into the statement.
    found: list[sqlite3.Row] = db.execute(
        f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED WHERE rowid > ? "
        "ORDER BY rowid LIMIT 1",
        (after,),
    ).fetchall()
    if found and found[0][0] <= after:
        raise sqlite3.DatabaseError("a page that is in the wrong place")  # it would never end
    return (found[0][0], tuple(found[0])[1:]) if found else None


def _highest_id(db: sqlite3.Connection, table: str) -> int:
    """Return the largest id that was ever given in a table; 0 when that cannot be told."""
    try:
        found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchall()
        highest = max((row[0] for row in found), default=0)
    except (sqlite3.DatabaseError, TypeError):
        return 0
    return highest if isinstance(highest, int) and 0 < highest < 2**40 else 0


def _is_absent(db: sqlite3.Connection, table: str, number: int) -> bool:
    """True when there certainly is no such row."""
    try:
        return not db.execute(f"SELECT 1 FROM {table} WHERE rowid = ?", (number,)).fetchall()
    except sqlite3.DatabaseError:
        return False


def _insert(
    db: sqlite3.Connection, table: str, columns: Sequence[str], values: Sequence[object]
) -> bool:
    marks = ", ".join("?" * len(columns))
    try:
        db.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
    except sqlite3.IntegrityError:  # what was read breaks a rule of the table: bits have changed
        return False
    return True


def _save_without_text(
    old: sqlite3.Connection, new: sqlite3.Connection, attachment_id: int
) -> bool:
    """Copy a document without its text; False when not even that can be read."""
    try:
        row = _next_row(old, "attachments", _ESSENCE, attachment_id - 1)
    except sqlite3.DatabaseError:
        return False
    if row is None or row[0] != attachment_id:
        return False
    return _insert(new, "attachments", _ESSENCE, row[1])


def _keep_ids_unique(old: sqlite3.Connection, db: sqlite3.Connection) -> None:
    """Let no id that was ever given be given again: the history keeps ids by value."""
    for table in ("attachments", "extraction_queue"):
        highest = _highest_id(old, table)
        highest = max(highest, db.execute(sql.queries()[f"highest_id_{table}"]).fetchone()[0])
        db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, highest))


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    try:
        return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    except sqlite3.DatabaseError:
        return []


def _other_tables(old: sqlite3.Connection, new: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    try:
        there = {row[0] for row in old.execute(query)}
    except sqlite3.DatabaseError:
        return []
    return sorted(there - {row[0] for row in new.execute(query)})


def _keep_damaged(file: BinaryIO, path: Path) -> Path:
    """Copy a damaged file with its log, byte for byte."""
    kept = _name_for_copy(path, "damaged")
    made = []
    try:
        for suffix in ("", *SIDE_FILES):
            source = Path(f"{path}{suffix}")
            if suffix == "-shm" or not source.exists():  # -shm is made of the log
                continue
            copy = Path(f"{kept}{suffix}")
            create_with_permissions_of(copy, path)
            made.append(copy)
            with copy.open("rb+") as target:
                if suffix:
                    with source.open("rb") as beside:
                        shutil.copyfileobj(beside, target)
                else:
                    shutil.copyfileobj(file, target)
                target.flush()
                os.fsync(target.fileno())
    except BaseException:
        for copy in made:
            copy.unlink()
        raise
    return kept


def _put_back(kept: Path, path: Path) -> None:
    """Let a damaged file be what it was; the log first, which changes nothing when it is there."""
    for suffix in ("-wal", "-journal", ""):
        if Path(f"{kept}{suffix}").exists():
            Path(f"{kept}{suffix}").replace(f"{path}{suffix}")


def _size(path: Path) -> int:
    parts = (path, Path(f"{path}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _name_for_copy(path: Path, what: str) -> Path:
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return path.with_name(f"{path.name}.{what}-{now}")
