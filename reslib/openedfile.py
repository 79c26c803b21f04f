"""Whether the database at a path is still the file that was opened there."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["OpenedFile"]


class OpenedFile:
    """A database file as it was when it was opened.

    The system lets a program write into a file whose name is gone, and into the one that had the
    name before another was put there: everything seems to succeed, and nobody ever sees it again
    (sqlite.org/howtocorrupt.html, section 2.4).

    Parameters
    ----------
    path
        Where it is; it must exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        self._log = f"{self._path}-wal"
        self._identity = _identity(self._path)

    def problem(self) -> str | None:
        """Return what has become of the file, for people; None while it is there."""
        try:
            now = _identity(self._path)
        except FileNotFoundError:
            return (
                f"{self._path} was deleted or moved while it was open. Nothing more is stored. Put "
                "it back, and work goes on by itself; or stop the pool, and save what was in it "
                'with db.backup("rescued.db") before you close it'
            )
        except OSError:
            return None  # the next write says what is wrong
        if now != self._identity:
            return (
                f"{self._path} was replaced by another file while it was open. Nothing more is "
                "stored. Stop the pool, and open the library again"
            )
        return None

    def log_problem(self) -> str | None:
        """Return what has become of its write-ahead log, which is there while anybody has the
        file open; None while it is.
        """
        if os.path.lexists(self._log):
            return None
        return (
            f"the write-ahead log {Path(self._log).name} of {self._path} was deleted while it was "
            "in use. Nothing more is stored. Stop the pool, close the library and open it again"
        )


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116 - before each write: a Path is slower
    return status.st_dev, status.st_ino
