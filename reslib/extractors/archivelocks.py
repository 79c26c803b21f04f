"""The passwords of 7z and RAR archives, told by their own headers.

bsdtar (version 3.6) has no words for files with a password in an archive without one, says the same
of what is damaged, and gives the noise of a RAR archive as the text of its files.
"""

from __future__ import annotations

import lzma
import os
import struct
from typing import IO

__all__ = ["has_password"]

_RAR5, _RAR4 = b"Rar!\x1a\x07\x01\0", b"Rar!\x1a\x07\0"
#: Blocks of a RAR archive that are looked at, and bytes of the head of one.
_MOST_BLOCKS, _LONGEST_HEAD = 100_000, 2 << 20
#: Of a 7z archive, its list of contents in bytes.
_LONGEST_LIST = 64 << 20
#: A coder of a 7z archive, with the length of its number: encryption by AES, and LZMA with its
#: five bytes of properties (7zFormat.txt).
_AES, _LZMA = b"\x24\x06\xf1\x07\x01", b"\x23\x03\x01\x01\x05"
_PACKED_LIST = 0x17


def has_password(file: IO[bytes]) -> bool:
    """True when files in an archive have a password, or their names; of others, what is damaged
    included, False.

    Parameters
    ----------
    file
        The archive.
    """
    file.seek(0)
    head = file.read(8)
    try:
        if head.startswith(_RAR5):
            return _is_locked_rar5(file)
        if head.startswith(_RAR4):
            return _is_locked_rar4(file)
        listed = _list_of_7z(file)
        is_packed = listed[0] == _PACKED_LIST
        return _AES in listed or (is_packed and _AES in _unpacked(file, listed))
    except (struct.error, IndexError, lzma.LZMAError):  # it is damaged or cut off
        return False


def _list_of_7z(file: IO[bytes]) -> bytes:
    """Return the list of contents of a 7z archive, packed or not, as far as it is there."""
    file.seek(0)
    after, length = struct.unpack_from("<QQ", file.read(32), 12)
    if after > 1 << 62:
        return b""
    file.seek(32 + after)
    return file.read(min(length, _LONGEST_LIST))


def _unpacked(file: IO[bytes], listed: bytes) -> bytes:
    """Return a list of contents that is packed by LZMA alone; any other as it is."""
    # 0x17, where the packed one lies; 6, how many pieces; 9, how many bytes.
    begin, at = _number_of_7z(listed, 2)
    size, _ = _number_of_7z(listed, at + 2)
    found = listed.find(_LZMA)
    if found < 0:
        return listed
    first, dictionary = struct.unpack_from("<BI", listed, found + len(_LZMA))
    unpacked, _ = _number_of_7z(listed, found + len(_LZMA) + 6)
    if begin > 1 << 62 or max(size, unpacked) > _LONGEST_LIST or first >= 9 * 5 * 5:
        return listed
    file.seek(32 + begin)
    settings = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": min(max(dictionary, 4096), _LONGEST_LIST),
        "lc": first % 9,
        "lp": first // 9 % 5,
        "pb": first // 45,
    }
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[settings]).decompress(
            file.read(size), unpacked
        )
    except ValueError:  # settings that are none
        return listed


def _number_of_7z(data: bytes, at: int) -> tuple[int, int]:
    """Return a number, and where the next thing stands: its first byte says how many follow."""
    first, value = data[at], 0
    at += 1
    for index in range(8):
        mask = 0x80 >> index
        if not first & mask:
            return value | (first & (mask - 1)) << 8 * index, at
        value |= data[at] << 8 * index
        at += 1
    return value, at


def _is_locked_rar5(file: IO[bytes]) -> bool:
    """Walk over the blocks (RAR 5.0 archive format): heads, and files with their records."""
    at = len(_RAR5)
    for _ in range(_MOST_BLOCKS):
        file.seek(at)
        start = file.read(7)
        size, begin = _number_of_rar(start, 4)
        if size > _LONGEST_HEAD:
            return False
        file.seek(at + begin)
        head = file.read(size)
        kind, here = _number_of_rar(head, 0)
        flags, here = _number_of_rar(head, here)
        extra, here = _number_of_rar(head, here) if flags & 1 else (0, here)
        data, _ = _number_of_rar(head, here) if flags & 2 else (0, here)
        if kind == 4 or (kind in (2, 3) and _has_lock(head[max(0, len(head) - extra) :])):
            return True
        at += begin + size + data
        if kind == 5 or at > 1 << 62:
            break
    return False


def _has_lock(records: bytes) -> bool:
    at = 0
    while at < len(records):
        size, begin = _number_of_rar(records, at)
        if _number_of_rar(records, begin)[0] == 1:
            return True
        at = begin + size
    return False


def _number_of_rar(data: bytes, at: int) -> tuple[int, int]:
    """Return a number, seven bits in each byte, and where the next thing stands."""
    value = 0
    for shift in range(0, 70, 7):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at


def _is_locked_rar4(file: IO[bytes]) -> bool:
    """Walk over the blocks of versions before 5: the archive's, and those of its files."""
    at, end = len(_RAR4), file.seek(0, os.SEEK_END)
    for _ in range(_MOST_BLOCKS):
        if at >= end:
            break
        file.seek(at)
        head = file.read(36)
        kind, flags, size = struct.unpack_from("<BHH", head, 2)
        if (kind == 0x73 and flags & 0x80) or (kind == 0x74 and flags & 4):
            return True
        if size < 7 or kind == 0x7B:
            break
        at += size
        if kind in (0x74, 0x7A) or flags & 0x8000:
            at += struct.unpack_from("<I", head, 7)[0]
            at += struct.unpack_from("<I", head, 32)[0] << 32 if flags & 0x100 else 0
    return False
