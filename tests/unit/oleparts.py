"""OLE containers made by hand: old Word documents, presentations and Outlook messages."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import TypeAlias

#: Streams and storages by their names.
Tree: TypeAlias = "Mapping[str, bytes | Tree]"

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALL, _CUTOFF = 512, 64, 4096


def ole(tree: Tree) -> bytes:
    """Return a container of version 3 with what is in *tree*."""
    entries = list(_entries(tree))
    small, small_table = bytearray(), []
    sectors: list[bytes] = []
    table: list[int] = []

    def store(data: bytes) -> int:
        first = len(sectors)
        pieces = [data[at : at + _SECTOR] for at in range(0, len(data), _SECTOR)]
        sectors.extend(piece.ljust(_SECTOR, b"\0") for piece in pieces)
        table.extend((*range(first + 1, first + len(pieces)), _END))
        return first

    places = []
    for _, data, *_ in entries:
        if data is None or not data:
            places.append(_END)
        elif len(data) >= _CUTOFF:
            places.append(store(data))
        else:
            first, count = len(small) // _SMALL, -(-len(data) // _SMALL)
            small += data.ljust(count * _SMALL, b"\0")
            small_table += [*range(first + 1, first + count), _END]
            places.append(first)
    places[0] = store(bytes(small)) if small else _END
    listed = b"".join(
        _entry(entry, place, len(small) if number == 0 else len(entry[1] or b""))
        for number, (entry, place) in enumerate(zip(entries, places, strict=True))
    )
    directory = store(listed.ljust(-(-len(listed) // _SECTOR) * _SECTOR, b"\0"))
    small_fat, small_count = _END, 0
    if small_table:
        small_count = -(-4 * len(small_table) // _SECTOR)
        packed = struct.pack(f"<{len(small_table)}I", *small_table)
        small_fat = store(packed.ljust(-(-len(packed) // _SECTOR) * _SECTOR, b"\xff"))
    count = 1
    while (len(table) + count) * 4 > count * _SECTOR:
        count += 1
    fats = [len(sectors) + number for number in range(count)]
    table += [_FAT] * count
    packed = struct.pack(f"<{len(table)}I", *table).ljust(count * _SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack(
        "<IIIIIIIII", 0, count, directory, 0, _CUTOFF, small_fat, small_count, _END, 0
    )
    head += struct.pack("<109I", *(fats + [_FREE] * (109 - count)))
    return head + b"".join(sectors) + packed


def _entries(tree: Tree) -> Iterator[tuple[str, bytes | None, int, int, int, int]]:
    """Yield name, content, kind, left, right and child of each; siblings are a chain."""
    made: list[list[object]] = [["Root Entry", None, 5, _FREE, _FREE, _FREE]]

    def add(inside: Tree, parent: int) -> None:
        before = None
        for name in sorted(inside, key=lambda name: (len(name), name.upper())):
            content = inside[name]
            is_stream = isinstance(content, bytes)
            made.append([name, content if is_stream else None, 2 if is_stream else 1])
            made[-1] += [_FREE, _FREE, _FREE]
            number = len(made) - 1
            if before is None:
                made[parent][5] = number
            else:
                made[before][4] = number
            before = number
            if not is_stream:
                add(content, number)  # type: ignore[arg-type]

    add(tree, 0)
    yield from (tuple(entry) for entry in made)  # type: ignore[misc]


def _entry(entry: tuple[str, bytes | None, int, int, int, int], place: int, size: int) -> bytes:
    name, _, kind, left, right, child = entry
    raw = name.encode("utf-16-le")
    packed = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
    packed += struct.pack("<III", left, right, child) + bytes(36)
    return packed + struct.pack("<IQ", place if kind != 1 else 0, size if kind != 1 else 0)


def word(text: str, *, flags: int = 0, parts: Mapping[int, int] | None = None) -> dict[str, bytes]:
    """Return the streams of a Word 97 document of one piece.

    Parameters
    ----------
    text
        Its body; paragraphs end with a carriage return.
    flags
        More of the flags of its header.
    parts
        How many characters it says that other parts have, by their place in the header.
    """
    start = 0x600
    raw = text.encode("utf-16-le")
    fib = bytearray(start)
    struct.pack_into("<HHHHHH", fib, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0x200 | 0x1000 | flags)
    struct.pack_into("<H", fib, 0x0C, 0xBF)
    struct.pack_into("<II", fib, 0x18, start, start + len(raw))
    struct.pack_into("<H", fib, 0x20, 14)
    struct.pack_into("<H", fib, 0x3E, 22)
    struct.pack_into("<i", fib, 0x4C, len(text))
    for place, size in (parts or {}).items():
        struct.pack_into("<i", fib, place, size)
    struct.pack_into("<H", fib, 0x98, 93)
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, start, 0)
    clx = b"\2" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", fib, 0x1A2, 0, len(clx))
    styles = struct.pack("<10H", 18, 0, 10, 1, 91, 15, 0, 0, 0, 0)  # antiword needs some
    struct.pack_into("<II", fib, 0xA2, 1024, len(styles))
    content = bytes(fib) + raw
    table = (clx.ljust(1024, b"\0") + styles).ljust(4096, b"\0")
    return {"WordDocument": content.ljust(8192, b"\0"), "1Table": table}


def record(kind: int, *inside: bytes, holds: bool = True, instance: int = 0) -> bytes:
    """Return a record of a presentation."""
    body = b"".join(inside)
    return struct.pack("<HHI", instance << 4 | (15 if holds else 0), kind, len(body)) + body


def atom(kind: int, body: bytes = b"", instance: int = 0) -> bytes:
    return record(kind, body, holds=False, instance=instance)


def words(text: str) -> bytes:
    """Return a text as a presentation keeps it: in bytes where it can."""
    head = atom(0x0F9F, bytes(4))
    try:
        return head + atom(0x0FA8, text.encode("latin-1"))
    except UnicodeEncodeError:
        return head + atom(0x0FA0, text.encode("utf-16-le"))


def shape(*texts: bytes, placeholder: int | None = None) -> bytes:
    data = b""
    if placeholder is not None:
        data = record(0xF011, atom(0x0BC3, struct.pack("<IBBH", 0, placeholder, 0, 0)))
    return record(0xF004, data, *(record(0xF00D, text) for text in texts))


def outlined(number: int) -> bytes:
    """Return the text of a shape that is kept in the list of slides."""
    return atom(0x0F9E, struct.pack("<I", number))


def drawing(*shapes: bytes) -> bytes:
    return record(0x040C, record(0xF002, record(0xF003, *shapes)))


def presentation(
    *slides: bytes,
    outlines: Mapping[int, bytes] | None = None,
    notes: Mapping[int, str] | None = None,
    hidden: int | None = None,
    token: int = 0xE391C05F,
) -> dict[str, bytes]:
    """Return the streams of a presentation; slides have the numbers 256, 257 and so on.

    Parameters
    ----------
    slides
        What is on each: drawings.
    outlines
        The texts that are kept in the list of slides, by the index of the slide.
    notes
        What was noted, by the index of the slide.
    hidden
        The index of one that is not shown.
    token
        What says whether there is a password.
    """
    content = b""
    places: list[int] = []

    def keep(made: bytes) -> int:
        nonlocal content
        places.append(len(content))
        content += made
        return len(places) + 1  # the document itself is 1

    listed, noted = b"", b""
    for index, inside in enumerate(slides):
        info = atom(0x03F9, struct.pack("<IIBBHI", 0, 0, 0, 0, 4 * (index == hidden), 0))
        reference = keep(record(0x03EE, atom(0x03EF, bytes(24)), info, inside))
        listed += atom(0x03F3, struct.pack("<IIiII", reference, 0, 0, 256 + index, 0))
        listed += (outlines or {}).get(index, b"")
    for index, text in (notes or {}).items():
        about = atom(0x03F1, struct.pack("<II", 256 + index, 0))
        reference = keep(record(0x03F0, about, drawing(shape(words(text)))))
        noted += atom(0x03F3, struct.pack("<IIiII", reference, 0, 0, 300 + index, 0))
    document = len(content)
    content += record(
        0x03E8, record(0x0FF0, listed), record(0x0FF0, noted, instance=2), atom(0x03EA)
    )
    directory = len(content)
    all_places = [document, *places]
    head = struct.pack("<I", len(all_places) << 20 | 1)
    content += atom(0x1772, head + struct.pack(f"<{len(all_places)}I", *all_places))
    edit = len(content)
    content += atom(0x0FF5, struct.pack("<IIIIIII", 256, 0, 0, directory, 1, 9, 0))
    current = atom(0x0FF6, struct.pack("<IIIHHBBH", 20, token, edit, 0, 1012, 3, 0, 0))
    return {"PowerPoint Document": content, "Current User": current}


def summary(**stated: bytes | int) -> bytes:
    """Return the summary information of a document ([MS-OLEPS]) in the code page 1252.

    Parameters
    ----------
    stated
        ``title``, ``subject``, ``author``, ``keywords``, ``comments`` as bytes; ``created`` and
        ``saved`` as seconds since 1970.
    """
    numbers = {"title": 2, "subject": 3, "author": 4, "keywords": 5, "comments": 6}
    values = {1: struct.pack("<IhH", 2, 1252, 0)}
    for name, value in stated.items():
        if isinstance(value, bytes):
            length = len(value) + 1
            values[numbers[name]] = struct.pack("<II", 30, length) + value.ljust(
                length + -length % 4, b"\0"
            )
        else:
            ticks = (value + 11_644_473_600) * 10_000_000
            values[{"created": 12, "saved": 13}[name]] = struct.pack("<IQ", 64, ticks)
    places, at = b"", 8 + 8 * len(values)
    for number, packed in values.items():
        places += struct.pack("<II", number, at)
        at += len(packed)
    section = struct.pack("<II", at, len(values)) + places + b"".join(values.values())
    kind = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    return struct.pack("<HHI16xI", 0xFFFE, 0, 2, 1) + kind + struct.pack("<I", 48) + section
