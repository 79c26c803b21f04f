"""A sheet whose cells lie far apart, written anew without the rows and columns between them.

One stray cell in the last row makes a sheet of thirty columns larger than the memory of a reader
that keeps it as a rectangle. Its cells are few: moved together they are read as any others.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from reslib.extractors.office.opc import Package
from reslib.extractors.office.sheetscan import PLACE, TAG, column_of

__all__ = ["write_compact"]


def write_compact(
    package: Package, sheet: str, others: Iterable[str], path: Path, most: int
) -> bool:
    """Write a workbook with one sheet, whose cells are moved together.

    Parameters
    ----------
    package
        The workbook.
    sheet
        The part that holds the sheet.
    others
        The parts without which it cannot be read.
    path
        Where to; must not be there.
    most
        How many cells the sheet may have then.

    Returns
    -------
    bool
        Whether it has no more than that; else nothing is written.
    """
    walk = _Walk()
    _rewritten(package.chunks(sheet), walk.look, lambda piece: None)
    if len(walk.rows) * len(walk.columns) > most:
        return False
    walk.number()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in others:
            if part in package:
                with archive.open(part, "w", force_zip64=True) as copy:
                    for piece in package.chunks(part):
                        copy.write(piece)
        with archive.open(sheet, "w", force_zip64=True) as copy:
            _rewritten(package.chunks(sheet), walk.move, copy.write)
    return True


def _rewritten(
    pieces: Iterable[bytes],
    change: Callable[[re.Match[bytes]], bytes],
    write: Callable[[bytes], object],
) -> None:
    rest = b""
    for piece in pieces:
        text = rest + piece
        until = text.rfind(b"<")  # no tag holds another
        write(TAG.sub(change, text[:until]))
        rest = text[until:]
    write(TAG.sub(change, rest))


class _Walk:
    """A walk over the tags of a sheet that knows where each cell is."""

    def __init__(self) -> None:
        #: Those with cells, and later each with its new number.
        self.rows: dict[int, int] = {}
        self.columns: dict[int, int] = {}
        self._row = self._column = -1

    def number(self) -> None:
        """Give the rows and columns that were found new numbers, and begin anew."""
        self.rows = {old: new for new, old in enumerate(sorted(self.rows), 1)}
        self.columns = {old: new for new, old in enumerate(sorted(self.columns))}
        self._row = self._column = -1

    def look(self, tag: re.Match[bytes]) -> bytes:
        """Take note of a cell."""
        if self._has_value(tag):
            self.rows[self._row] = self.columns[self._column] = 0
        return b""

    def move(self, tag: re.Match[bytes]) -> bytes:
        """Return the tag of a cell in its new place, and no place for a row: its cells have one."""
        has_value = self._has_value(tag)
        if tag[2].endswith(b"/"):
            return b""
        bare = PLACE.sub(b"", tag[0])
        if not has_value:
            return bare
        letters, number = b"", self.columns[self._column] + 1
        while number:
            number, letter = divmod(number - 1, 26)
            letters = bytes([65 + letter]) + letters
        return bare[:-1] + b' r="%b%d">' % (letters, self.rows[self._row])

    def _has_value(self, tag: re.Match[bytes]) -> bool:
        place = PLACE.search(tag[2])
        if tag[1] == b"row":
            self._row, self._column = int(place[2]) - 1 if place else self._row + 1, -1
            return False
        if place and place[1]:
            self._row, self._column = int(place[2]) - 1, column_of(place[1])
        else:
            self._column += 1
        return not tag[2].endswith(b"/")
