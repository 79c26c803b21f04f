"""The private temporary directory of a child: only this user's, and gone when the child is.

Its parent holds a lock (flock) on it as long as it lives. The system lets go of the lock when the
parent ends, in whatever way, so a directory that can be locked belongs to nobody any more. Process
ids would not tell: they are used again, and containers that share a directory count their own.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PrivateDirectory", "is_full", "orphaned_directories", "remove_orphaned_directories"]

logger = logging.getLogger(__name__)

#: Short: the name of a socket in it has to fit into about a hundred letters.
_PREFIX = "reslib-tmp-"
#: Seconds in which a new one gets its lock.
_GRACE = 10.0

_swept = False


#: Bytes of room without which the folder for temporary files is called full.
_LEAST_ROOM = 1 << 20


def is_full() -> bool:
    """True when there is no room in the system's temporary directory, told by writing there."""
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            return file.write(bytes(_LEAST_ROOM)) < _LEAST_ROOM
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)


class PrivateDirectory:
    """A directory for one child, in the system's temporary directory; mode 0700.

    The first one that a process makes removes what processes that were killed left behind.

    Attributes
    ----------
    path
        Where it is.

    Raises
    ------
    OSError
        It cannot be made.
    """

    def __init__(self) -> None:
        global _swept
        if not _swept:
            _swept = True
            remove_orphaned_directories()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._owner = os.getpid()
        self._lock = -1
        with contextlib.suppress(OSError):  # a file system without locks: then it is left behind
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        """Remove it with all there is in it. Idempotent; not in a fork of its owner."""
        if os.getpid() != self._owner:
            return
        _remove(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def orphaned_directories() -> list[Path]:
    """Return the private directories of processes that have ended without removing them."""
    found = []
    with contextlib.suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError), _locked(path) as mine:
                if mine:
                    found.append(path)
    return found


def remove_orphaned_directories() -> int:
    """Remove what :func:`orphaned_directories` finds.

    Returns
    -------
    int
        How many there were.
    """
    removed = 0
    for path in orphaned_directories():
        with contextlib.suppress(OSError), _locked(path) as mine:
            if mine:
                _remove(path)
                removed += 1
    return removed


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Give whether *path* is this user's and nobody's that lives; while it is looked at, nobody
    else takes it.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        mine = status.st_uid == os.getuid() and time.time() - status.st_mtime > _GRACE
        if mine:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                mine = False
        yield mine
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    # rmtree does not follow links, wherever an extraction put them.
    with contextlib.suppress(RecursionError):
        shutil.rmtree(path, ignore_errors=True)
        if not os.path.lexists(path):
            return
        _give_rights(path)
        shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        logger.warning("%s cannot be removed; remove it by hand", path)


def _give_rights(path: Path) -> None:
    """Let this user into every directory below *path*."""
    for folder, names, _ in os.walk(path):
        for name in names:
            place = Path(folder, name)
            if not place.is_symlink():
                with contextlib.suppress(OSError):
                    place.chmod(0o700)
