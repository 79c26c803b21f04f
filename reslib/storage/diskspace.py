"""The room on the disk for what is going to be stored, asked for before it is full.

A full disk loses nothing here, since every write is a transaction. But other programs do lose
things on a full disk, and an attempt that cannot be stored is waited with.
"""

from __future__ import annotations

import os
from pathlib import Path

from reslib.errors import DatabaseError

__all__ = ["RESERVE", "require_room", "shortage"]

#: Bytes that are left free: with less, no new document is begun.
RESERVE = 64 * 1024**2


def shortage(path: Path) -> str | None:
    """Return why nothing should be begun now, None when there is room.

    Parameters
    ----------
    path
        The database; its file system is looked at.

    Returns
    -------
    str or None
        For people: how little is left, and what to do.
    """
    try:
        free = _free(path.parent)
    except OSError:
        return None  # the next write will say what is wrong
    if free >= RESERVE:
        return None
    return (
        f"the disk of {path} is almost full: {free / 1024**2:,.0f} MB are free. No document is "
        f"begun until there are {RESERVE // 1024**2} MB. Make some room; nothing is lost meanwhile"
    )


def require_room(folder: Path, size: int, what: str) -> None:
    """Refuse to begin what would fill the disk.

    Parameters
    ----------
    folder
        Where it is to be written.
    size
        Its bytes.
    what
        What it is, for the message: ``"a backup of research.db"``.

    Raises
    ------
    DatabaseError
        There is less room than that and :data:`RESERVE`.
    """
    try:
        free = _free(folder)
    except OSError:
        return  # the next write will say what is wrong
    if free < size + RESERVE:
        raise DatabaseError(
            f"{what} takes {size / 1024**2:,.0f} MB, and of the {free / 1024**2:,.0f} MB that are "
            f"free in {folder}, {RESERVE // 1024**2} MB are left alone. Make some room, or choose "
            "another disk"
        )


def _free(folder: Path) -> int:
    """Return the bytes that this user may still write; what shutil tells, without importing it."""
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize
