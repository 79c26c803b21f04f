"""A copy of a database that is in use: whole, consistent, and one file."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from reslib.clock import utc_text
from reslib.errors import DatabaseError, NotADatabase
from reslib.given import shown
from reslib.storage.dbfile import (
    SIDE_FILES,
    checkpoint_idle,
    create_with_permissions_of,
    exclusive_access,
    is_reslib_file,
    remove_side_files,
)
from reslib.storage.diskspace import require_room
from reslib.storage.filesystem import expanded
from reslib.storage.store import Store

__all__ = ["back_up"]

#: Seconds after which nobody writes to an unfinished copy any more.
_ABANDONED = 3600.0


def back_up(store: Store, target: str | os.PathLike[str]) -> Path:
    """Write a copy of *store* to *target*; what :meth:`ResearchDatabase.backup` does.

    The copy is written under another name in the same folder, checked, and given its name only
    then: a file called *target* is never half a backup.
    """
    path = _checked_target(store, target)
    _remove_abandoned_parts(path)
    size = sum(
        part.stat().st_size for part in (store.path, Path(f"{store.path}-wal")) if part.exists()
    )
    require_room(path.parent, size, f"a backup of {store.path}")
    part = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        create_with_permissions_of(part, store.path)
        store.copy_to(part, utc_text())
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        _give_name(part, path)
    finally:
        for leftover in (part, *(Path(f"{part}{suffix}") for suffix in SIDE_FILES)):
            with contextlib.suppress(OSError):
                leftover.unlink()
    return path


def _checked_target(store: Store, target: str | os.PathLike[str]) -> Path:
    try:
        given = expanded(os.fspath(target)).absolute()
        path = Path(os.path.realpath(given))  # the file behind a link is replaced, not the link
        given.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        # Too long, half a character or a NUL in it, somebody's home whom nobody knows.
        raise ValueError(f"{shown(target)} can be no backup: {error}") from error
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"the folder {path.parent} does not exist, so no backup can be made in it; create it "
            "first"
        )
    if path.is_dir():
        raise NotADatabase(f"{given} is a folder; give the name of a file, such as backup.db")
    own = os.path.realpath(store.path)
    if str(path) in [own, f"{own}.lock", *(own + suffix for suffix in SIDE_FILES)] or (
        path.exists() and path.samefile(store.path)
    ):
        raise ValueError(f"{given} is the database itself; give the backup another name")
    if path.exists():
        if not is_reslib_file(path):
            raise NotADatabase(
                f"{given} exists and is no backup of reslib, so it is not replaced; give another "
                "name"
            )
    elif any(_has_bytes(Path(f"{path}{suffix}")) for suffix in ("-wal", "-journal")):
        raise DatabaseError(
            f"beside {given} lies the log of another database of that name, which SQLite would "
            "take for the copy's. Move it away, or give another name"
        )
    return path


def _give_name(part: Path, path: Path) -> None:
    """Put the finished copy in its place; an older one, and what lies beside it, goes."""
    if path.exists():
        # First what was done in the older copy, so that it is whole until the moment it goes.
        checkpoint_idle(path)
        with exclusive_access(path):
            remove_side_files(path)
            part.replace(path)
    else:
        part.replace(path)
    with contextlib.suppress(OSError):  # not every file system lets folders be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove_abandoned_parts(path: Path) -> None:
    """Remove what backups to the same name left behind when their process was killed."""
    import psutil  # here: it takes longer to import than most of reslib

    for part in path.parent.iterdir():
        name = part.name.removeprefix(f"{path.name}.")
        pid, dash, _ = name.partition("-")
        if name == part.name or not dash or not name.endswith(".part") or not pid.isdecimal():
            continue
        with contextlib.suppress(OSError):
            # On a share the number may be of another host, whose backup is at work on it.
            if not psutil.pid_exists(int(pid)) and time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
