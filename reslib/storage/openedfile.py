"""The check that the database at a path is still the file that was opened there."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["OpenedFile", "lost_index_problem"]

_stat = os.stat  # a Path is slower, and this is before each write
#: The logs and indexes that this process has, by name. SQLite shares an index among all
#: connections of a process: a library that is opened a second time has the one of the first.
_noted: dict[str, tuple[int, int]] = {}


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
        # SQLite has them beside the file itself when the path is a link.
        real = os.path.realpath(path)
        self._log, self._index = f"{real}-wal", f"{real}-shm"
        self._identity = _identity(self._path)
        for name in (self._log, self._index):
            self._is_the_same(name)

    @property
    def log_size(self) -> int | None:
        """The bytes of its log, when all three are the same: what :meth:`problem` and
        :meth:`log_problem` would say None of, asked at once before each write. None otherwise.
        """
        try:
            file, log, index = _stat(self._path), _stat(self._log), _stat(self._index)
        except OSError:
            return None
        is_the_same = (
            (file.st_dev, file.st_ino) == self._identity
            and (log.st_dev, log.st_ino) == _noted.get(self._log)
            and (index.st_dev, index.st_ino) == _noted.get(self._index)
        )
        return log.st_size if is_the_same else None

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
        """Return what has become of its write-ahead log and of the index of that, which are there
        while anybody has the file open; None while they are the same.

        A program that has lost the index does not see what others write, nor they what it writes:
        they overwrite each other (sqlite.org/walformat.html, section 2).
        """
        if not self._is_the_same(self._log):
            return self._was_deleted("the write-ahead log", self._log)
        if not self._is_the_same(self._index):
            return self._was_deleted("the index of the write-ahead log,", self._index)
        return None

    def _was_deleted(self, what: str, name: str) -> str:
        return (
            f"{what} {Path(name).name} of {self._path} was deleted while it was in use. Nothing "
            "more is stored. Stop the pool, close the library and open it again"
        )

    @property
    def has_another_index(self) -> bool:
        """True when others use an index of the log that this program does not have."""
        return _identity_or_none(self._index) is not None and not self._is_the_same(self._index)

    def _is_the_same(self, name: str) -> bool:
        now, noted = _identity_or_none(name), _noted.get(name)
        if now == noted or now is None:
            return now is not None
        if noted is not None and _is_open_though_deleted(noted):
            return False
        # Every connection was closed meanwhile, and SQLite took both files away and made new ones.
        _noted[name] = now
        return True


def lost_index_problem(path: Path) -> str | None:
    """Return why a file cannot be opened once more by this program, for people: its index was
    deleted while it was open, and SQLite would use the deleted one. None when it can.
    """
    name = f"{os.path.realpath(path)}-shm"
    noted = _noted.get(name)
    if noted in (None, _identity_or_none(name)) or not _is_open_though_deleted(noted):
        return None
    return (
        f"the index of the write-ahead log, {Path(name).name} of {path} was deleted while this "
        "program had it open. Close the library everywhere in this program, and open it again"
    )


def _identity(path: str) -> tuple[int, int]:
    status = _stat(path)
    return status.st_dev, status.st_ino


def _identity_or_none(path: str) -> tuple[int, int] | None:
    try:
        return _identity(path)
    except OSError:
        return None


def _is_open_though_deleted(identity: tuple[int, int] | None) -> bool:
    """True when this process has a file open that no longer has a name."""
    try:
        descriptors = [int(each.name) for each in Path("/dev/fd").iterdir()]
    except OSError:
        return True
    for descriptor in descriptors:
        try:
            status = os.fstat(descriptor)
        except OSError:  # closed meanwhile, such as that of the listing itself
            continue
        if (status.st_dev, status.st_ino) == identity and status.st_nlink == 0:
            return True
    return False
