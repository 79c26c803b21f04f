"""The summary information of old Office files ([MS-OLEPS], [MS-OSHARED] 2.3.3.2).

Written here because olefile believes what it says of its lengths: 500 bytes that promise four
billion values keep it busy for minutes (found by fuzzing).
"""

from __future__ import annotations

import datetime
import struct

from reslib.extractors.office.codepages import of_number
from reslib.extractors.pdf.titles import as_title
from reslib.extractors.stated import Stated, names

__all__ = ["MOST_READ", "stated_by"]

#: Bytes of the stream that are read, and properties; there are 19.
MOST_READ, _MOST = 1 << 20, 100
#: Where the stream says at which place its properties begin.
_BEGINS = 44
#: The numbers of properties.
_CODE_PAGE = 1
_KEYS = {
    2: "title",
    3: "subject",
    4: "author",
    5: "keywords",
    6: "description",
    12: "created",
    13: "modified",
}
#: Types of values: a small number, text in the code page, text in UTF-16, a moment.
_NUMBER, _BYTES, _TEXT, _MOMENT = 2, 30, 31, 64
_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)


def stated_by(stream: bytes) -> Stated:
    """Return what summary information states; of what is damaged, what can be read.

    Parameters
    ----------
    stream
        Its bytes.
    """
    stated = Stated("summary information")
    places = _places(stream)
    encoding = _encoding(stream, places)
    for number, at in places.items():
        key = _KEYS.get(number)
        text = "" if key is None else _value(stream, at, encoding)
        if key == "title":  # no title is better than the one that a program leaves
            text = as_title(text) or ""
        for each in names(text) if key == "author" else (text,):
            stated.add(key or "", each)
    return stated


def _places(stream: bytes) -> dict[int, int]:
    """Return where each property stands, by its number."""
    places: dict[int, int] = {}
    try:
        (begin,) = struct.unpack_from("<I", stream, _BEGINS)
        (count,) = struct.unpack_from("<I", stream, begin + 4)
        for index in range(min(count, _MOST)):
            number, at = struct.unpack_from("<II", stream, begin + 8 + 8 * index)
            places.setdefault(number, begin + at)
    except struct.error:  # it ends too early
        pass
    return places


def _encoding(stream: bytes, places: dict[int, int]) -> str:
    at = places.get(_CODE_PAGE, len(stream))
    if at + 6 <= len(stream):
        kind, page = struct.unpack_from("<IH", stream, at)
        if kind & 0xFFFF == _NUMBER:
            return of_number(page) or "cp1252"
    return "cp1252"


def _value(stream: bytes, at: int, encoding: str) -> str:
    try:
        kind, length = struct.unpack_from("<II", stream, at)
        kind &= 0xFFFF
        if kind == _BYTES:
            return stream[at + 8 : at + 8 + length].decode(encoding, "replace").replace("\0", "")
        if kind == _TEXT:
            units = stream[at + 8 : at + 8 + 2 * length]
            return units.decode("utf-16-le", "replace").replace("\0", "")
        if kind == _MOMENT:
            (ticks,) = struct.unpack_from("<Q", stream, at + 4)
            moment = _EPOCH + datetime.timedelta(microseconds=ticks // 10)
            # A time of zero is none.
            return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment.year > _EPOCH.year else ""
    except (struct.error, OverflowError):
        pass
    return ""
