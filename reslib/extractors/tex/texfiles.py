r"""The files that a paper asks for beside itself, read within its folder and nowhere else.

``\input`` and its like may name a file of the document's folder or of one below it, with an ending
that sources of papers have. An absolute path, ``..``, a hidden file or folder, a link that leads
out and what is no regular file are refused. How deep files ask for files, how many there are and
how long they are together is bounded.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from reslib.extractors.assemble import clean

__all__ = ["MOST_BYTES", "Files"]

#: More source than this is data that is written as TeX, no paper.
MOST_BYTES = 10_000_000
_MOST_FILES = 2_000
#: Files inside of files; a cycle is cut where it closes.
_DEEPEST = 20
_SUFFIXES = frozenset((".tex", ".ltx", ".latex", ".bbl", ".bib", ".txt", ".inc", ".tab"))
#: Pictures that are written as TeX: they are no text, and nothing is missing without them.
_PICTURES = frozenset((".pgf", ".tikz", ".eps_tex", ".pdf_tex", ".pdftex_t", ".pstex_t"))


@dataclass(slots=True)
class Files:
    """The files beside one document.

    Parameters
    ----------
    document
        The document.
    left
        How many bytes may still be read.
    encoding
        What the document says that it is written in.
    """

    document: Path
    left: int = MOST_BYTES
    encoding: str | None = None
    #: Names of those that went into the text, in their order, and of those that did not with the
    #: reason.
    read: dict[str, None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _count: int = 0
    _asked: set[tuple[str, str]] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open.append(self.document.name)

    def source(
        self, name: str, folder: str = "", suffix: str = ".tex", *, quiet: bool = False
    ) -> tuple[bytes, str] | None:
        r"""Return the content of a file that is asked for.

        Parameters
        ----------
        name
            As the source writes it, with or without its ending.
        folder
            The folder of the file that asks, seen from the document's: ``\import`` and files that
            are compiled on their own start from there.
        suffix
            The ending of a name that has none.
        quiet
            It is looked for, and nobody asks for it.

        Returns
        -------
        tuple or None
            The bytes, and the path of the file as seen from the document's folder; None when it
            cannot be had, which is noted in :attr:`refused`.
        """
        name = clean(name.strip().strip('"').strip())[:300]
        if not name or Path(name).suffix.lower() in _PICTURES:
            return None
        asked = (folder, name + suffix)
        if asked in self._asked:
            return None
        if len(self._open) > _DEEPEST or self._count >= _MOST_FILES:
            if len(self.refused) < _MOST_FILES:
                self.refused[name] = "too many files ask for files"
            return None
        self._count += 1
        why = "it is not there"
        for start in dict.fromkeys((folder, "")):
            for ending in ("", suffix):
                if not ending and not Path(name).suffix:
                    continue
                inside = os.path.normpath(os.path.join(start, name + ending))  # noqa: PTH118
                if name.startswith(("/", "~", "|", "\\")) or ".." in Path(name).parts:
                    why = "it is not in the folder of the document"
                    continue
                found = self._content(inside)
                if isinstance(found, bytes):
                    return found, inside
                why = found or why
        self._asked.add(asked)
        if len(self.refused) < _MOST_FILES and not quiet:
            self.refused[name] = why
        return None

    def enter(self, inside: str) -> bool:
        """Say that a file's source is read from here on; False when it is being read already."""
        if inside in self._open:
            return False
        self.read[inside] = None
        self._open.append(inside)
        return True

    def leave(self) -> None:
        """Say that the source entered last is at its end."""
        self._open.pop()

    def _content(self, inside: str) -> bytes | str:
        """Return the content of a file below the folder, or why it is not read."""
        path = Path(inside)
        if any(part.startswith(".") for part in path.parts):
            return "hidden files are not read"
        if path.suffix.lower() not in _SUFFIXES:
            return ""
        root = self.document.parent
        try:
            resolved = (root / path).resolve(strict=True)
            if not resolved.is_relative_to(root.resolve()):
                return "it is a link to another folder"
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(resolved, flags)
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, ValueError, RuntimeError):  # a link to itself, a name too long
            return "it cannot be opened"
        with os.fdopen(descriptor, "rb") as file:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                return "it is no file"
            if info.st_size > self.left:
                return "the document would be too long with it"
            data = file.read(self.left + 1)
        self.left = max(0, self.left - len(data))
        return data
