"""The files of a folder: those to look at, and those that were left out, and why.

Symbolic links are followed, because papers lie on group disks, in Dropbox and in git-annex behind
them. A folder is known by its device and inode, so each one that is reached by links is looked
through once, and no chain of links is without end (as ``find -L`` and ``fd --follow`` do it).
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from reslib.storage.filesystem import is_view_of_the_kernel

__all__ = ["Pattern", "Skipped", "walk"]


#: What programs leave beside documents: Office while one is open, Windows in every folder.
_LEFT_BY_PROGRAMS = {
    "thumbs.db": "small pictures that Windows keeps of a folder",
    "ehthumbs.db": "small pictures that Windows keeps of a folder",
    "desktop.ini": "the settings of a folder, which Windows keeps",
}
_LOCK = "the mark of a document that is open in an office program"

#: Types that are no documents', as shared-mime-info and file(1) name them.
_FOLDER, _LINK = "inode/directory", "inode/symlink"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that :meth:`ResearchDatabase.add_folder` left out, and why."""

    path: Path
    reason: str
    #: None for what could not be looked at; ``inode/directory`` for a folder.
    mime_type: str | None = None

    @property
    def kind(self) -> str:
        """The kind that it is counted as: its suffix, or its type when it has none."""
        if self.mime_type == _FOLDER:
            return "folder"
        return self.path.suffix.lower() or self.mime_type or "unknown"


class Pattern:
    """A pattern of the paths in a folder that are meant, as :meth:`pathlib.Path.glob` takes it.

    Not by that method: it gives up the whole folder over one part of it that may not be entered,
    and does not follow links.

    Parameters
    ----------
    text
        For instance ``"**/*.pdf"``.
    recursive
        False leaves out what is in folders of the folder.

    Raises
    ------
    ValueError
        It is empty, absolute, or ``**`` is only a piece of a part.
    """

    def __init__(self, text: str, recursive: bool = True) -> None:
        parts = PurePosixPath(text).parts
        if not parts or parts[0] == "/":
            raise ValueError(
                f"a pattern is relative to the folder, such as '**/*.pdf', not {text!r}"
            )
        if any("**" in part and part != "**" for part in parts):
            raise ValueError(f"'**' stands for folders and is a part of its own: {text!r}")
        if parts[-1] == "**":
            parts = (*parts, "*")
        self._every = parts == ("**", "*")
        self._parts: list[Callable[[str], object] | None] = [
            None if part == "**" else re.compile(fnmatch.translate(part)).match for part in parts
        ]
        #: How many levels down there is anything to look for; None when there is no end.
        self.depth = None if "**" in parts else len(parts)
        if not recursive:
            self.depth = 1

    def matches(self, relative: str) -> bool:
        """True when a path, relative to the folder, is meant."""
        names = relative.split("/")
        if self.depth is not None and len(names) > self.depth:
            return False
        if self._every:
            return True
        last = len(self._parts)
        at = self._reach({0})
        for name in names:
            step = set()
            for position in at:
                if position < last:
                    part = self._parts[position]
                    if part is None:
                        step.add(position)
                    elif part(name):
                        step.add(position + 1)
            at = self._reach(step)
        return last in at

    def _reach(self, positions: set[int]) -> set[int]:
        """Add what is reached without a name: ``**`` also stands for no folder at all."""
        for position in sorted(positions):
            while position < len(self._parts) and self._parts[position] is None:
                position += 1
                positions.add(position)
        return positions


def walk(root: Path, pattern: Pattern) -> tuple[list[Path], list[Skipped]]:
    """Look through a folder.

    Parameters
    ----------
    root
        The folder, absolute.
    pattern
        Which files.

    Returns
    -------
    tuple
        The regular files that *pattern* means, and what was left out, each in the order of their
        paths. Hidden files and folders are passed over. What cannot be looked at (no permission, a
        path that is too long, a disk that has gone) costs itself and is named.
    """
    look = _Look(root, pattern)
    look.run()
    return sorted(look.files), sorted(look.skipped, key=lambda item: item.path)


class _Look:
    """One look through a folder."""

    def __init__(self, root: Path, pattern: Pattern) -> None:
        self.files: list[Path] = []
        self.skipped: list[Skipped] = []
        self._root, self._pattern = str(root), pattern
        self._prefix = self._root if self._root.endswith("/") else f"{self._root}/"
        self._seen: set[tuple[int, int]] = set()
        # Real folders before links: a document that is in both is known by its own place.
        self._folders: deque[tuple[str, int, int | None]] = deque([(self._root, 1, None)])
        self._links: deque[tuple[str, int, int | None]] = deque()

    def run(self) -> None:
        linked = False
        while self._folders or self._links:
            if self._folders:
                path, level, device = self._folders.popleft()
                self._enter(path, level, device, linked)
                continue
            path, level, device = self._links.popleft()
            linked = True
            if self._leads_back(path):
                self._skip(path, "a link back to a folder that it is in", _FOLDER)
                continue
            self._enter(path, level, device, linked)

    def _enter(self, path: str, level: int, device: int | None, linked: bool) -> None:
        try:
            # With the dot, because a folder may be listed and yet not be entered.
            info = os.stat(f"{path}/.")  # noqa: PTH116 - a Path drops the dot
            identity = (info.st_dev, info.st_ino)
            if linked and identity in self._seen:
                return
            self._seen.add(identity)
            if info.st_dev != device and is_view_of_the_kernel(path):
                self._skip(path, "a view of the running system, not of a disk", _FOLDER)
                return
            with os.scandir(path) as listing:
                # Also when the disk goes away in the middle: what came before it counts.
                for entry in listing:
                    if not entry.name.startswith("."):
                        self._sort_in(entry, level, info.st_dev)
        except OSError as error:
            reason = f"the folder cannot be looked through: {error.strerror}"
            self._skip(path, reason, _FOLDER)

    def _sort_in(self, entry: os.DirEntry[str], level: int, device: int) -> None:
        path, deepest = entry.path, self._pattern.depth
        try:
            if entry.is_dir():
                if deepest is None or level < deepest:
                    to = self._links if entry.is_symlink() else self._folders
                    to.append((path, level + 1, device))
                return
            if not self._pattern.matches(path.removeprefix(self._prefix)):
                return
            name = entry.name.lower()
            reason = _LOCK if name.startswith("~$") else _LEFT_BY_PROGRAMS.get(name)
            if reason:
                self._skip(path, f"not a document: {reason}")
            elif stat.S_ISREG(entry.stat().st_mode):
                self.files.append(Path(path))
            else:
                self._skip(path, "not a regular file")
        except FileNotFoundError:
            if entry.is_symlink():  # else it was removed while this looked
                self._skip(path, "a broken link", _LINK)
        except OSError as error:
            self._skip(path, f"it cannot be looked at: {error.strerror}")

    def _leads_back(self, path: str) -> bool:
        """True when a link leads to a folder that holds it, or to the one looked through."""
        target = PurePosixPath(os.path.realpath(path))
        return any(
            PurePosixPath(os.path.realpath(inside)).is_relative_to(target)
            for inside in (PurePosixPath(path).parent, self._root)
        )

    def _skip(self, path: str, reason: str, mime_type: str | None = None) -> None:
        self.skipped.append(Skipped(Path(path), reason, mime_type))
