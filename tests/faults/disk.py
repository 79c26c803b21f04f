"""A disk that is full, read-only, broken or slow, for one process, at any moment.

SQLite lets a program replace the system calls of its unix VFS (sqlite.org/c3ref/vfs.html,
xSetSystemCall; its own tests use it for this). So SQLite itself sees the error that the system
would give, in the middle of whatever it does; no privilege is needed, and no file system is
harmed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import sqlite3  # noqa: F401 - loads the library that is to be found below
import time
from collections.abc import Callable
from pathlib import Path

_POINTERS = "pNext zName pAppData xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym"
_LATER = "xDlClose xRandomness xSleep xCurrentTime xGetLastError xCurrentTimeInt64"
_SET = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_GET = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
_PWRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int64,
    use_errno=True,
)
_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, use_errno=True
)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int64, use_errno=True)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int, use_errno=True)

#: What a control file may say, and the error that every write then meets.
ERRORS = {"full": errno.ENOSPC, "readonly": errno.EROFS, "broken": errno.EIO}
OK, SLOW = "ok", "slow"


class _Vfs(ctypes.Structure):
    _fields_ = (
        [("iVersion", ctypes.c_int), ("szOsFile", ctypes.c_int), ("mxPathname", ctypes.c_int)]
        + [(name, ctypes.c_void_p) for name in f"{_POINTERS} {_LATER}".split()]
        + [("xSetSystemCall", _SET), ("xGetSystemCall", _GET)]
    )


class CannotHook(Exception):
    """This Python's SQLite is linked in such a way that its calls cannot be replaced."""


def install(control: Path) -> None:
    """Let every write of SQLite in this process obey what *control* says at that moment.

    Raises
    ------
    CannotHook
        SQLite is part of the interpreter here, and does not export its names.
    """
    vfs = _default_vfs()
    descriptor = os.open(control, os.O_RDONLY)

    def obey() -> int:
        """Return the error to give, 0 for none."""
        word = os.pread(descriptor, 16, 0).decode().strip()
        if word == SLOW:
            time.sleep(random.uniform(0, 0.02))
        return ERRORS.get(word, 0)

    def pwrite(real: Callable[..., int], fd: int, data: int, size: int, at: int) -> int:
        if code := obey():
            if code == errno.ENOSPC and size > 1 and random.random() < 0.3:
                return real(fd, data, size // 2, at)  # a disk fills up in the middle of a page
            ctypes.set_errno(code)
            return -1
        return real(fd, data, size, at)

    def write(real: Callable[..., int], fd: int, data: int, size: int) -> int:
        if code := obey():
            ctypes.set_errno(code)
            return -1
        return real(fd, data, size)

    def truncate(real: Callable[..., int], fd: int, size: int) -> int:
        if code := obey():
            ctypes.set_errno(code)
            return -1
        return real(fd, size)

    def open_(real: Callable[..., int], path: bytes, flags: int, mode: int) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY) and obey() == errno.EROFS:
            ctypes.set_errno(errno.EROFS)
            return -1
        return real(path, flags, mode)

    for name, kind, function in (
        (b"pwrite", _PWRITE, pwrite),
        (b"pwrite64", _PWRITE, pwrite),
        (b"write", _WRITE, write),
        (b"ftruncate", _TRUNCATE, truncate),
        (b"open", _OPEN, open_),
    ):
        _replace(vfs, name, kind, function)


#: SQLite keeps only the address.
_kept: list[object] = []


def _replace(vfs: _Vfs, name: bytes, kind: type, function: Callable[..., int]) -> None:
    address = vfs.xGetSystemCall(ctypes.addressof(vfs), name)
    if not address:
        return  # pwrite or pwrite64: one of them is there
    real = kind(address)

    def call(*arguments: int) -> int:
        return function(real, *arguments)

    callback = kind(call)
    _kept.extend((real, callback))
    vfs.xSetSystemCall(ctypes.addressof(vfs), name, ctypes.cast(callback, ctypes.c_void_p))


def _default_vfs() -> _Vfs:
    library = ctypes.CDLL(_loaded_library())
    try:
        find = library.sqlite3_vfs_find
    except AttributeError:
        raise CannotHook("SQLite is built into this Python and hides its names") from None
    find.restype, find.argtypes = ctypes.POINTER(_Vfs), [ctypes.c_char_p]
    vfs = find(None).contents
    assert vfs.iVersion >= 3
    return vfs


def _loaded_library() -> str | None:
    """Return the SQLite that this process has loaded already; a second one would be no use."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        raise CannotHook("only Linux tells which library is loaded")
    for line in maps.read_text().splitlines():
        path = line.partition("/")
        if "libsqlite3" in path[2]:
            return "/" + path[2]
    for line in maps.read_text().splitlines():
        path = line.partition("/")
        if "_sqlite3" in path[2]:
            return "/" + path[2]
    return None
