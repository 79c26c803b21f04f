"""The incremental update that follows a PDF which was changed (ISO 32000-1, 7.5.6).

pypdf says what has changed. Its own update has a stream of references also where the file has a
table, which the standard does not provide for, and leaves that stream itself out.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

__all__ = ["Tail", "update_of"]

_START = re.compile(rb"startxref\s+(\d+)")
#: So far before the end it stands: behind the last mark of the end, other things may follow.
_TAIL = 4096
_STREAM = re.compile(rb"\s*\d+\s+\d+\s+obj\b")
_KEPT = ("/Root", "/Info")
#: More objects no PDF has.
_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a PDF, which an update goes on from.

    Parameters
    ----------
    length
        Of the file, in bytes.
    table
        Where its last table or stream of references is.
    is_table
        Whether that is a table.
    kept
        What it says that stays: the root of its objects, who made it, its identity.
    size
        One more than the highest number of its objects.
    """

    length: int
    table: int
    is_table: bool
    kept: Mapping[str, Any]
    size: int

    @classmethod
    def of(cls, file: BinaryIO) -> Self:
        """Return that of an open file.

        Raises
        ------
        ValueError
            The references are not where the PDF says: a reader mends that, and what follows would
            be lost.
        """
        from pypdf import PdfReader
        from pypdf.generic import ArrayObject, ByteStringObject

        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - _TAIL))
        starts = _START.findall(file.read())
        table = int(starts[-1]) if starts else length
        file.seek(min(table, length))
        there = file.read(40)
        is_table = there.startswith(b"xref")
        if not (is_table or _STREAM.match(there)):
            raise ValueError("its list of objects is not where it says")
        trailer = PdfReader(file).trailer
        size = max(int(str(trailer.get("/Size", 0))), 1)
        if size > _MOST:
            raise ValueError(f"it says that it has {size:,} objects")
        kept = {key: trailer.raw_get(key) for key in _KEPT if key in trailer}
        identity = trailer.get("/ID")
        if isinstance(identity, list) and len(identity) == 2:
            new = hashlib.sha256(f"{length} {table} {identity[1]}".encode()).digest()
            kept["/ID"] = ArrayObject([identity[0], ByteStringObject(new[:16])])
        return cls(length, table, is_table, kept, size)


def update_of(old: Tail, writer: Any) -> bytes:
    """Return what is to follow a PDF.

    Parameters
    ----------
    old
        Its end.
    writer
        pypdf's, incremental, with the changes made.
    """
    from pypdf.generic import DictionaryObject, NameObject
    from pypdf.generic import NumberObject as Number

    trailer = DictionaryObject({NameObject(key): value for key, value in old.kept.items()})
    trailer[NameObject("/Prev")] = Number(old.table)

    made = io.BytesIO()
    made.write(b"\n")
    places: dict[int, int] = {}
    for reference in writer.list_objects_in_increment():
        places[reference.idnum] = old.length + made.tell()
        made.write(b"%d 0 obj\n" % reference.idnum)
        reference.get_object().write_to_stream(made)
        made.write(b"\nendobj\n")
    table = old.length + made.tell()
    size = max(old.size, *(number + 1 for number in places))
    if old.is_table:
        trailer[NameObject("/Size")] = Number(size)
        made.write(_table(places) + b"trailer\n")
        trailer.write_to_stream(made)
    else:
        places[size] = table
        trailer[NameObject("/Size")] = Number(size + 1)
        made.write(b"%d 0 obj\n" % size)
        _stream(places, trailer).write_to_stream(made)
        made.write(b"\nendobj")
    made.write(b"\nstartxref\n%d\n%%%%EOF\n" % table)
    return made.getvalue()


def _table(places: Mapping[int, int]) -> bytes:
    """Return a table of references (7.5.4)."""
    rows = [b"xref\n"]
    for numbers in _runs(places):
        rows.append(b"%d %d\n" % (numbers[0], len(numbers)))
        rows += [b"%010d 00000 n \n" % places[number] for number in numbers]
    return b"".join(rows)


def _stream(places: Mapping[int, int], trailer: Any) -> Any:
    """Return a stream of references (7.5.8), which is its trailer, too."""
    from pypdf.generic import ArrayObject, NameObject, NumberObject, StreamObject

    stream = StreamObject()
    stream.update(trailer)
    runs = list(_runs(places))
    index = [value for numbers in runs for value in (numbers[0], len(numbers))]
    stream[NameObject("/Type")] = NameObject("/XRef")
    stream[NameObject("/W")] = ArrayObject(map(NumberObject, (1, 5, 1)))
    stream[NameObject("/Index")] = ArrayObject(map(NumberObject, index))
    stream.set_data(
        b"".join(
            b"\1" + places[number].to_bytes(5, "big") + b"\0" for run in runs for number in run
        )
    )
    return stream


def _runs(numbers: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield the numbers of objects in rising order, those that follow each other together."""
    run: list[int] = []
    for number in sorted(numbers):
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
