"""A database file seen from outside: whose it is, who has it open, what lies beside it.

SQLite pairs a file with its log by name alone. Whoever puts another file under that name, or takes
the log away, while somebody has the file open, damages it or loses what is written from then on
(sqlite.org/howtocorrupt.html §1.3, §1.4 and §2.2). What replaces whole files goes through here.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from reslib.errors import DatabaseBusy
from reslib.storage.lock import write_lock
from reslib.storage.migration import APPLICATION_ID
from reslib.storage.searchindex import add_functions

__all__ = [
    "SIDE_FILES",
    "checkpoint_idle",
    "create_with_permissions_of",
    "exclusive_access",
    "is_reslib_file",
    "open_existing",
    "remove_side_files",
]

#: What SQLite puts beside a database, by the end of the name.
SIDE_FILES = ("-wal", "-shm", "-journal")
#: Seconds to wait for writers.
PATIENCE = 10.0
#: Every connection in WAL mode holds a read lock in here as long as it is open, and every other
#: one while it reads or writes (sqlite3.c, PENDING_BYTE to the end of SHARED).
_LOCK_BYTES = (0x40000000, 512)


def open_existing(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a database in autocommit; never make one.

    Parameters
    ----------
    path
        The file.
    mode
        ``"rw"`` or ``"ro"``.
    """
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)
    db.row_factory = sqlite3.Row
    add_functions(db)
    if mode == "rw":
        db.execute("PRAGMA wal_autocheckpoint = 0")
    return db


def is_reslib_file(path: Path) -> bool:
    """True when a file says of itself that it is a database of reslib.

    SQLite is asked, because the first page may still be in the log: so it is in every young
    database whose process was killed. The header is looked at when SQLite cannot tell
    (sqlite.org/fileformat.html §1.3).
    """
    if not path.is_file():
        return False
    try:
        with closing(open_existing(path, "ro")) as db:
            return bool(db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except sqlite3.DatabaseError:
        with path.open("rb") as file:
            header = file.read(100)
    magic = header.startswith(b"SQLite format 3\0")
    return magic and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


@contextmanager
def exclusive_access(path: Path) -> Iterator[BinaryIO]:
    """Make sure that nobody has a database open, and keep other processes out of it.

    Until the block ends, or this process closes a connection to the file: POSIX takes every lock
    of a process away when it closes any descriptor of the file.

    Parameters
    ----------
    path
        The database.

    Yields
    ------
    file
        Open for reading the bytes; do not open the file a second time for that.

    Raises
    ------
    DatabaseBusy
        Somebody has it open; the message says which processes.
    """
    if _is_open_here(path):
        raise DatabaseBusy(f"{path} is open in this very program; close() it first")
    with path.open("r+b") as file:
        start, length = _LOCK_BYTES
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except (BlockingIOError, PermissionError):
            pids = ", ".join(map(str, _users_of(path))) or "of another user"
            raise DatabaseBusy(
                f"{path} is open in another program (process {pids}). Close it there, stop pools "
                "and notebooks that use it, and try again"
            ) from None
        yield file


def checkpoint_idle(path: Path) -> None:
    """Bring what is in the log of a file that nobody uses into the file itself.

    A file that is damaged stays as it is.
    """
    if not any(Path(f"{path}{suffix}").exists() for suffix in SIDE_FILES):
        return
    with write_lock(path).locked_by(PATIENCE):
        try:
            with closing(open_existing(path)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.DatabaseError:
            pass


def create_with_permissions_of(path: Path, model: Path) -> None:
    """Make an empty file that the same people may read and write as *model*.

    Raises
    ------
    FileExistsError
        It exists.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        try:
            like = model.stat()
        except FileNotFoundError:
            return  # deleted while it was open; what is in it is being saved
        if (os.geteuid(), os.getegid()) != (like.st_uid, like.st_gid):
            with suppress(OSError):  # only root gives files away
                os.fchown(descriptor, like.st_uid, like.st_gid)
        with suppress(OSError):  # a share may have no such modes
            os.fchmod(descriptor, like.st_mode & 0o777)
    finally:
        os.close(descriptor)


def remove_side_files(path: Path) -> None:
    """Remove the log of a file that is about to be replaced, so that it is not taken for its."""
    for suffix in SIDE_FILES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _is_open_here(path: Path) -> bool:
    wanted = path.stat()
    for entry in Path("/dev/fd").iterdir():
        try:
            if os.path.samestat(os.fstat(int(entry.name)), wanted):
                return True
        except OSError:
            continue  # the descriptor of the listing itself
    return False


def _users_of(path: Path) -> list[int]:
    import psutil  # here: it takes longer to import than most of reslib

    real, found = os.path.realpath(path), []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(
                file.path == real for file in process.open_files()
            ):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found
