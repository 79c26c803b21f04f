"""The incremental update that follows a PDF which was changed (ISO 32000-1, 7.5.6).

pypdf says what has changed. Its own update has a stream of references also where the file has a
table, which the standard does not provide for, and leaves that stream itself out.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["update_of"]

_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
#: Behind the last mark of its end, other things may follow.
_TAIL = 2048
_KEPT = ("/Root", "/Info", "/ID")


def update_of(document: bytes, writer: Any) -> bytes:
    """Return what is to follow a PDF.

    Parameters
    ----------
    document
        The PDF.
    writer
        pypdf's, incremental, with the changes made.

    Raises
    ------
    ValueError
        The table of the PDF is not where the PDF says: a reader mends that, and what follows it
        would be lost.
    """
    from pypdf import PdfReader
    from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, NameObject
    from pypdf.generic import NumberObject as Number

    start = _START.search(document[-_TAIL:])
    before = int(start[1]) if start is not None else len(document)
    is_table = document[before : before + 4] == b"xref"
    if not (is_table or re.match(rb"\s*\d+\s+\d+\s+obj\b", document[before : before + 40])):
        raise ValueError("its table of objects is damaged")
    old = PdfReader(io.BytesIO(document)).trailer
    trailer = DictionaryObject({NameObject(key): old.raw_get(key) for key in _KEPT if key in old})
    trailer[NameObject("/Prev")] = Number(before)
    identity = old.get("/ID")
    if identity is not None:
        new = hashlib.sha256(document).digest()[:16]
        trailer[NameObject("/ID")] = ArrayObject([identity[0], ByteStringObject(new)])

    made = io.BytesIO()
    made.write(b"\n")
    places: dict[int, int] = {}
    for reference in writer.list_objects_in_increment():
        places[reference.idnum] = len(document) + made.tell()
        made.write(b"%d 0 obj\n" % reference.idnum)
        reference.get_object().write_to_stream(made)
        made.write(b"\nendobj\n")
    table = len(document) + made.tell()
    size = max(int(str(old["/Size"])), *(number + 1 for number in places))
    if is_table:
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
