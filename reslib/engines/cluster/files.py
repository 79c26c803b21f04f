"""The files of documents: whether one goes to a worker by its path or by its bytes."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, TypeVar

from reslib.formats.inner import join, split
from reslib.given import shown

__all__ = [
    "LARGEST_SENT",
    "SHORT",
    "Identity",
    "Places",
    "Seen",
    "aside",
    "bytes_of",
    "identity_of",
    "look",
    "placed",
]

#: A document is sent by its bytes when it has no more of them.
LARGEST_SENT = 32 << 20
#: Documents with fewer bytes go to a worker several at a time.
SHORT = 64 << 10
#: Bytes at both ends of a file by which two of one size and time are told apart.
_END = 64 << 10
#: How often a look that takes long is asked whether it is wanted still, in seconds.
_ASK = 0.05

T = TypeVar("T")
#: Size, time of the last change in nanoseconds, and a hash of both ends of a file.
Identity = tuple[int, int, str]
Documents = Literal["auto", "path", "bytes"] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """The file as the coordinator sees it."""

    size: int
    identity: Identity


class Places:
    """The answer to how documents reach the workers.

    Parameters
    ----------
    documents
        ``"auto"``, ``"path"``, ``"bytes"``, or what a folder is called there.

    Raises
    ------
    ValueError
        It is nothing of that.
    """

    def __init__(self, documents: Documents) -> None:
        self._map: list[tuple[PurePosixPath, str]] = []
        if isinstance(documents, Mapping):
            for here, there in documents.items():
                if not (PurePosixPath(here).is_absolute() and PurePosixPath(there).is_absolute()):
                    raise ValueError(
                        "documents is a dict of folders here and what they are called on the "
                        f"workers, each from the root on, not {shown({here: there})}"
                    )
                self._map.append((PurePosixPath(os.path.normpath(here)), str(there)))
            # The folder that is named most exactly counts.
            self._map.sort(key=lambda pair: len(pair[0].parts), reverse=True)
        elif documents not in ("auto", "path", "bytes"):
            raise ValueError(
                "documents is 'auto', 'path', 'bytes' or a dict of folders, such as "
                f"{{'/home/ada/papers': '/scratch/papers'}}, not {shown(documents)}"
            )
        self.never_sent = documents == "path"
        self.always_sent = documents == "bytes"

    def named(self, path: str) -> tuple[PurePosixPath, str] | None:
        """Return the folder of *path* that has another name on the workers, and that name."""
        for folder, other in self._map:
            if PurePosixPath(path).is_relative_to(folder):
                return folder, other
        return None

    def there(self, path: str) -> str:
        """Return what a path is called on the workers."""
        if (named := self.named(path)) is None:
            return path
        folder, other = named
        return str(PurePosixPath(other, PurePosixPath(path).relative_to(folder)))


def look(path: str) -> Seen:
    """Return what is seen of the file that a document is, or is in.

    Raises
    ------
    OSError
        It cannot be read, or is no file.
    """
    identity = identity_of(split(path)[0])
    return Seen(identity[0], identity)


def identity_of(path: str) -> Identity:
    """Return by what a file is told from others of its name.

    Raises
    ------
    OSError
        It cannot be read, or is no file.
    """
    with _opened(path) as descriptor:
        state = os.fstat(descriptor)
        ends = hashlib.blake2b(os.pread(descriptor, _END, 0), digest_size=16)
        if state.st_size > _END:
            ends.update(os.pread(descriptor, _END, max(_END, state.st_size - _END)))
    return state.st_size, state.st_mtime_ns, ends.hexdigest()


def bytes_of(path: str, size: int) -> bytes:
    """Return the bytes of the file that a document is, or is in.

    Raises
    ------
    OSError
        It cannot be read, is no file, or has not the size that was seen of it.
    """
    with _opened(split(path)[0]) as descriptor, open(descriptor, "rb", closefd=False) as file:
        data = file.read(size + 1)
    if len(data) != size:
        raise OSError(f"{path} is being written just now")
    return data


class _opened:  # noqa: N801  # a context manager, called like a function
    """An open file that is a file: no pipe and no device, at which a reader would wait for ever."""

    def __init__(self, path: str) -> None:
        self._path, self._descriptor = path, -1

    def __enter__(self) -> int:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        if not stat.S_ISREG(os.stat(self._path).st_mode):  # noqa: PTH116
            raise OSError(f"{self._path} is no file")
        self._descriptor = os.open(self._path, flags)
        return self._descriptor

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


def placed(path: str, folder: str, data: bytes) -> str:
    """Write a document that was sent into *folder*; return its path there."""
    outer, names = split(path)
    # Its own name: the suffix says what it is, and errors say what it is called.
    place = os.path.join(folder, os.path.basename(outer))  # noqa: PTH118, PTH119
    with open(place, "wb") as file:  # noqa: PTH123
        file.write(data)
    for name in names:
        place = join(place, name)
    return place


def aside(action: Callable[[], T], is_over: Callable[[], bool], seconds: float) -> T | None:
    """Return what *action* gives, in a thread of its own: a look at a share that hangs would keep
    this one for ever.

    Parameters
    ----------
    action
        The look.
    is_over
        Asked meanwhile; True ends the waiting.
    seconds
        How long to wait.

    Returns
    -------
    object or None
        None when it was not waited for.

    Raises
    ------
    Exception
        What *action* raises.
    TimeoutError
        It took longer.
    """
    given: list[T] = []
    raised: list[Exception] = []
    done = threading.Event()

    def run() -> None:
        try:
            given.append(action())
        except Exception as error:
            raised.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="reslib-look", daemon=True).start()
    waited = 0.0
    while not done.wait(_ASK):
        waited += _ASK
        if is_over():
            return None
        if waited > seconds:
            raise TimeoutError("it cannot be looked at")
    if raised:
        raise raised[0]
    return given[0]
