"""Documents inside documents: the names and the paths that they have.

What lies in an archive or a mail has a path like ``/papers/box.zip//2024/paper.pdf``: that of the
file, two slashes, the name inside; and so on, when that is an archive again. The absolute path of a
file never has two slashes in it, so neither is taken for the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import PurePosixPath

from reslib.errors import printable

__all__ = [
    "DEEPEST",
    "Names",
    "called",
    "in_words",
    "is_inner",
    "join",
    "outer_of",
    "outermost",
    "split",
]

_SEPARATOR = "//"
#: How many documents a document may lie in: a paper in an archive attached to a mail in a mailbox.
DEEPEST = 4
#: In characters. What is longer keeps its end.
_LONGEST_NAME = 300


def join(path: str, name: str) -> str:
    """Return the path of what is called *name* in the document at *path*."""
    return f"{path}{_SEPARATOR}{name}"


def split(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the path of the file, and the names that lead from it to the document."""
    # POSIX lets an absolute path begin with two slashes.
    outer, *names = path[1:].split(_SEPARATOR)
    return path[:1] + outer, tuple(names)


def outer_of(path: str) -> tuple[str, str]:
    """Return the path of the document that another is in, and the name that it has there."""
    outer, _, name = path.rpartition(_SEPARATOR)
    return outer, name


def outermost(path: str) -> str:
    """Return the path of the file that a document is, or is in."""
    return split(path)[0]


def is_inner(path: str) -> bool:
    """True for the path of a document inside another."""
    return _SEPARATOR in path[1:]


def called(path: str, filename: str) -> str:
    """Return a name for people: of a document inside another, with that before its own."""
    outer, names = split(path)
    return "/".join((PurePosixPath(outer).name, *names)) if names else filename


def in_words(path: str, shorten: Callable[[str], str] = str) -> str:
    """Return a path for people, such as ``/papers/box.zip, in it 2024/paper.pdf``.

    Parameters
    ----------
    path
        As it is stored.
    shorten
        Makes the path of the file shorter.
    """
    outer, names = split(path)
    return ", in it ".join((shorten(outer), *names))


def without_name(message: str, filename: str, path: str) -> str:
    """Return a message about a document without the name that it begins with.

    Parameters
    ----------
    message
        As the queue keeps it.
    filename, path
        Of the document, which stands beside the message already.
    """
    base = os.path.basename(path)  # noqa: PTH119 - as it is, whatever it is
    whole = called(path, filename)
    for name in (*map(printable, (path, whole, base, filename)), path, base, filename):
        if message.startswith(f"{name}: "):
            return message[len(name) + 2 :]
    return message


class Names:
    """The names of the documents inside one, each made harmless and given once."""

    def __init__(self) -> None:
        #: Of each name that was given, the number that the next of it tries.
        self._next: dict[str, int] = {}

    def of(self, name: str) -> str:
        """Return the name of the next one.

        Parameters
        ----------
        name
            What the document calls it. It never leads out: ``..`` and a beginning that is that of a
            file system are left out.
        """
        text = name.replace("\\", "/").encode("utf-8", "replace").decode()
        parts = [part for part in text.split("/") if part not in ("", ".", "..")]
        if parts and parts[0].endswith(":"):
            del parts[0]
        text = "/".join("".join(c if c.isprintable() else "_" for c in part) for part in parts)
        text = text[-_LONGEST_NAME:].lstrip("/") or "unnamed"
        wanted = PurePosixPath(text)
        number = self._next.get(text, 2)
        given = text
        while given in self._next:
            given = str(wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}"))
            number += 1
        self._next[text] = number
        self._next.setdefault(given, 2)
        return given
