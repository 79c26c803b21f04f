"""Things made of a file in which documents lie, kept for the next of its documents.

To take one paper out of a packed archive or a mailbox, all of it is read. The next paper that the
same process reads lies in the same file, as a rule, so what was made of that is kept until a
document of another file comes: reading all papers of an archive then takes as long as reading the
archive once, and not as many times as it has papers.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from reslib.formats.inner import DEEPEST

__all__ = ["Kept", "Room", "only_of"]

#: Bytes that one thing may take of the private directory, and of what is free there.
_MOST, _SHARE_OF_FREE = 4 << 30, 0.5


class Closable(Protocol):
    """A thing that can be kept: it lets go of what it has when it is closed."""

    def close(self) -> None:
        """Let go of it."""


T = TypeVar("T", bound=Closable)


class Kept(Generic[T]):
    """Things made of files, the last few of them."""

    def __init__(self) -> None:
        self._things: OrderedDict[tuple[object, ...], T] = OrderedDict()
        _all.append(self)

    def of(self, path: Path, make: Callable[[], T], *asked: str) -> T:
        """Return what was made of a file, as long as that is the same file.

        Parameters
        ----------
        path
            The file.
        make
            Makes it.
        asked
            What it was made for, where there can be several.

        Raises
        ------
        OSError
            The file is not there.
        BaseException
            Whatever *make* raises; then nothing is kept.
        """
        info = path.stat()
        key = path, info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, asked
        if key in self._things:
            self._things.move_to_end(key)
            return self._things[key]
        self._things[key] = thing = make()
        while len(self._things) > DEEPEST:  # one for each document around the one that is read
            self._things.popitem(last=False)[1].close()
        return thing

    def forget(self) -> None:
        """Let go of everything."""
        while self._things:
            self._things.popitem()[1].close()


_all: list[Kept[Any]] = []
_outer: Path | None = None


def only_of(outer: Path) -> None:
    """Forget what was made of other files than the one from which a document comes now.

    Parameters
    ----------
    outer
        That file.
    """
    global _outer
    if outer == _outer:
        return
    _outer = outer
    for each in _all:
        each.forget()


class Room:
    """Room in the private directory for the files that one thing is made of."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self._left = min(_MOST, int(shutil.disk_usage(self.folder).free * _SHARE_OF_FREE))

    def takes(self, size: int) -> bool:
        """True when so many bytes more may be written; they count as written."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def close(self) -> None:
        """Remove the files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def or_none(self) -> Iterator[None]:
        """Remove the files when they cannot be finished."""
        try:
            yield
        except BaseException:
            self.close()
            raise
