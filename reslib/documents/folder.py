"""A folder whose documents are added: which files they are, and what is left out."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from reslib.documents.intake import absolute, inspect, readable, record_skipped, take_in
from reslib.documents.walk import Pattern, Skipped, walk
from reslib.errors import printable
from reslib.formats.mediatypes import PICTURE_TYPES, called
from reslib.storage.filesystem import where_it_is_instead
from reslib.storage.store import Store

__all__ = ["AddedFolder", "take_in_folder"]

logger = logging.getLogger(__name__)

_PICTURE = "a picture, and no document unless asked for: images=True, --images"


class AddedFolder(list[int]):
    """Ids of the documents that a folder gave, each once, and what was left out.

    Attributes
    ----------
    skipped
        One :class:`Skipped` for each file that nothing here can read, and for each folder that
        could not be looked through.
    moved
        Ids of documents that were known from another place, and are here now.
    copies
        Files that have the same bytes as another one that is there: each is one more place of a
        document, see :meth:`ResearchDatabase.places`.
    """

    def __init__(
        self,
        ids: Iterable[int],
        skipped: Iterable[Skipped] = (),
        moved: Iterable[int] = (),
        copies: Iterable[Path] = (),
    ) -> None:
        super().__init__(dict.fromkeys(ids))
        self.skipped: tuple[Skipped, ...] = tuple(skipped)
        self.moved: tuple[int, ...] = tuple(moved)
        self.copies: tuple[Path, ...] = tuple(copies)

    def __repr__(self) -> str:
        return f"<{len(self)} attachments added, {len(self.skipped)} files skipped>"


def take_in_folder(
    store: Store,
    folder: str | os.PathLike[str],
    pattern: Pattern,
    verify: bool,
    images: bool = False,
) -> AddedFolder:
    """Add the documents of a folder; see :meth:`ResearchDatabase.add_folder`.

    Parameters
    ----------
    store
        The database.
    folder
        Where to look.
    pattern
        Which files.
    verify
        Read every file, also when its size and time are those of before.
    images
        Whether pictures are documents.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        The folder does not exist, or is a file.
    ValueError
        *folder* can be no path.
    """
    root = absolute(folder)
    if not os.path.exists(root):  # noqa: PTH110 - a Path raises over a name too long
        raise FileNotFoundError(
            f"the folder {printable(str(root))} does not exist"
            f"{where_it_is_instead(os.fspath(folder))}"
        )
    if not root.is_dir():
        raise NotADirectoryError(
            f"{printable(str(root))} is not a folder; add one file with add_attachment()"
        )
    paths, skipped = walk(root, pattern)
    types, suffixes = readable(pictures=images)
    files = []
    for path in paths:
        # Not even looked into: closing any descriptor of the database takes this process's
        # locks away, and the next program that closes it removes the log
        # (sqlite.org/howtocorrupt.html §2.2).
        if _is_part_of(store, path):
            continue
        file = inspect(path.name, path)
        if file.mime_type in types or path.suffix.lower() in suffixes:
            files.append(file)
        else:
            kind = file.mime_type or "unknown type"
            reason = _PICTURE if kind in PICTURE_TYPES else f"no extractor reads {called(kind)}"
            skipped.append(Skipped(path, reason, file.mime_type))
    skipped.sort(key=lambda item: item.path)
    for item in skipped:
        logger.info("skipped %s: %s", printable(str(item.path)), item.reason)
    taken = take_in(store, files, verify=verify, under=root)
    record_skipped(store, root, pattern, skipped)
    return AddedFolder(taken.ids, skipped, taken.moved, map(Path, taken.copies))


def _is_part_of(store: Store, path: Path) -> bool:
    """True when a file is the database, its log or a backup of it."""
    return path.parent == store.path.parent and path.name.startswith(store.path.name)
