"""A copy of a database that is in use: whole, consistent, and one file."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from reslib.clock import utc_text
from reslib.errors import NotADatabase
from reslib.store import Store, is_reslib_file

__all__ = ["back_up"]


def back_up(store: Store, target: str | os.PathLike[str]) -> Path:
    """Write a copy of *store* to *target*; what :meth:`ResearchDatabase.backup` does.

    The copy is written under another name in the same folder, checked, and given its name only
    then: a file called *target* is never half a backup.
    """
    path = Path(target).expanduser().absolute()
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"the folder {path.parent} does not exist, so no backup can be made in it; create it "
            "first"
        )
    if path.is_dir():
        raise NotADatabase(f"{path} is a folder; give the name of a file, such as backup.db")
    if path.exists():
        if path.samefile(store.path):
            raise ValueError(f"{path} is the database itself; give the backup another name")
        if not is_reslib_file(path):
            raise NotADatabase(
                f"{path} exists and is no backup of reslib, so it is not replaced; give another "
                "name"
            )
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        store.copy_to(part, utc_text())
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return path
