"""A file that a command writes: whole in the place of what was there, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

__all__ = ["is_stream", "whole_file"]

#: Names in these folders lead to what a program has open, whatever it is.
_OPEN_FILES = ("/dev/", "/proc/")


def is_stream(path: Path) -> bool:
    """True when a path leads on to a reader: a FIFO, a terminal, ``/dev/null``."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a file to be written from its beginning; nobody ever finds half of it.

    It is written under a name of its own in the same folder and renamed at the end. Links are
    followed, and what is not a regular file (a FIFO, a device, ``/dev/stdout``) is written into:
    a rename would put a file in its place.

    Parameters
    ----------
    path
        Where it is to be; what is there is replaced.
    """
    try:
        is_regular = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:  # also a link to what is not there yet
        is_regular = True
    if not is_regular or os.fspath(path).startswith(_OPEN_FILES):
        with _text(os.open(path, os.O_WRONLY | os.O_TRUNC)) as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    # 0o666, so that the umask decides who may read it, as of every other file.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with _text(descriptor) as stream:
            yield stream
        draft.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            draft.unlink()
        raise


def _text(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")
