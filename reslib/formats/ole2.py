"""OLE2 containers ([MS-CFB]): which of the older Office formats one holds.

A few sectors of the directory are read, bounded, whatever the container says of itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from reslib.errors import PROTECTED, ErrorCode, ExtractionError

__all__ = ["OLE2", "ole2_type"]

#: What a container begins with.
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: In upper case: names of streams are compared without regard to it ([MS-CFB] 2.6.4).
_STREAMS = (
    ("__PROPERTIES_VERSION1.0", "application/vnd.ms-outlook"),  # [MS-OXMSG] 2.4
    ("WORDDOCUMENT", "application/msword"),
    ("WORKBOOK", "application/vnd.ms-excel"),
    ("BOOK", "application/vnd.ms-excel"),
    ("POWERPOINT DOCUMENT", "application/vnd.ms-powerpoint"),
    ("PP40", "application/vnd.ms-powerpoint"),  # of PowerPoint 4 and 95
)


def ole2_type(file: BinaryIO, head: bytes) -> str:
    """Return the type of the Office file that an OLE2 container is, by the names of its streams.

    Parameters
    ----------
    file
        The container, open for reading.
    head
        Its first bytes, 512 at least.

    Raises
    ------
    ExtractionError
        ``encrypted`` for a newer Office file with a password.
    """
    names = _names(file, head)
    if "ENCRYPTEDPACKAGE" in names:  # [MS-OFFCRYPTO] 2.3.4
        raise ExtractionError(f"the document {PROTECTED}", ErrorCode.ENCRYPTED)
    for stream, media_type in _STREAMS:
        if stream in names:
            return media_type
    return "application/x-ole-storage"


def _names(file: BinaryIO, head: bytes) -> set[str]:
    """Return the names of what lies in the container itself, not in documents inside it."""
    entries = list(_entries(file, head))
    names, seen, ahead = set(), {0}, [entries[0][3]] if entries else []
    while ahead:  # a tree whose nodes are siblings (2.6.4); in a damaged one they may be anything
        place = ahead.pop()
        if place < len(entries) and place not in seen:
            seen.add(place)
            names.add(entries[place][0])
            ahead += entries[place][1:3]
    # Without a tree, or with one that leads beyond what was read: all there are.
    return names or {entry[0] for entry in entries}


def _entries(file: BinaryIO, head: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Yield what the directory has: names, each with its left and right sibling and its child."""
    if len(head) < 512:
        return
    (shift,) = struct.unpack_from("<H", head, 30)
    (sector,) = struct.unpack_from("<I", head, 48)
    fat_sectors = struct.unpack_from("<109I", head, 76)
    if shift not in (9, 12):
        return
    size = 1 << shift
    for _ in range(64):  # a chain may be a loop; no document has so many streams
        if sector >= 0xFFFFFFFA:
            break
        file.seek((sector + 1) * size)
        block = file.read(size)
        for offset in range(0, len(block) - 127, 128):
            length = min(64, int.from_bytes(block[offset + 64 : offset + 66], "little"))
            raw = block[offset : offset + max(0, length - 2)]
            left, right, child = struct.unpack_from("<3I", block, offset + 68)
            yield raw.decode("utf-16-le", "replace").upper(), left, right, child
        index, position = divmod(sector, size // 4)
        if index >= len(fat_sectors) or fat_sectors[index] >= 0xFFFFFFFA:
            break
        file.seek((fat_sectors[index] + 1) * size + 4 * position)
        entry = file.read(4)
        if len(entry) < 4:
            break
        sector = int.from_bytes(entry, "little")
