"""The scan of a workbook's archive before a program trusts it: its extent, and its cell formats.

A reader that keeps a sheet as a rectangle takes memory for every cell between the first and the
last one. Two cells in the corners of a sheet are 17 billion, and three numbers in an OpenDocument
file any number of them. So the cells are counted first, without keeping them. On the way are
found the cells whose look their value does not tell: percentages, and errors.
"""

from __future__ import annotations

import functools
import mmap
import posixpath
import re
import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.office.ole import Container
from reslib.extractors.office.opc import Package

__all__ = [
    "MOST_LOOKS",
    "PLACE",
    "TAG",
    "Extent",
    "beside",
    "column_of",
    "is_protected_xls",
    "percent_styles",
    "scan_ods",
    "scan_xls",
    "scan_xlsb",
    "scan_xlsx",
    "sheet_names",
    "sheet_parts",
    "string_sizes",
    "workbook_part",
]

_SHEETS = frozenset({"worksheet", "chartsheet", "xlmacrosheet"})
#: The record of an old workbook that has a password, which is one of the first.
_FILE_PASS, _FIRST_RECORDS = 0x002F, 8
#: A format of numbers that shows a percentage, with its decimals.
_PERCENT = re.compile(r"[#,]*0?(?:\.(0{1,15}))?%(?:;.*)?", re.DOTALL)
#: A tag is never longer; what is left of a piece is looked at with the next one.
_TAIL = 16 << 10
TAG = re.compile(rb"<(?:\w{1,20}:)?(row|c)(?=[\s/>])([^<>]*)>")
PLACE = re.compile(rb"""\sr=["']([A-Za-z]{1,3})?(\d{1,10})["']""")
_STYLE = re.compile(rb"""\ss=["'](\d{1,6})["']""")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v>([^<]{1,20})<")
#: More cells than this that look unlike their values are not kept.
MOST_LOOKS = 1_000_000
#: A string, and the end of all of them.
_STRING = re.compile(rb"<(?:(?:\w{1,20}:)?si(?=[\s/>])|/(?:\w{1,20}:)?sst)[^<>]*>")
#: The record of a sheet's extent ([MS-XLS] 2.4.90); its last two bytes are 0.
_DIMENSIONS = re.compile(rb"\x00\x02\x0e\x00(.{12})\x00\x00", re.DOTALL)
_ODS_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>"
)
_REPEATED = re.compile(rb"""table:number-(?:rows|columns)-repeated=["'](\d{1,19})["']""")


@dataclass(slots=True)
class Extent:
    """The rectangle of a sheet that has values, and the cells that look unlike their values.

    Parameters
    ----------
    top, left, bottom, right
        The first and last row and column, from 0.
    size
        Bytes of the words of its cells that several cells share; each cell counts.
    looks
        By row and column: the text of an error, or the number of decimals of a percentage.
    comments
        The comments on its cells: the place of each, and what it says.
    merged
        The first and the last cell of each that reaches over several, where calamine does not tell.
    """

    top: int = 1 << 62
    left: int = 1 << 62
    bottom: int = -1
    right: int = -1
    size: int = 0
    looks: dict[tuple[int, int], str | int] = field(default_factory=dict)
    comments: list[tuple[str, str]] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    @property
    def cells(self) -> int:
        """The number of cells in the rectangle."""
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1)

    def add(self, row: int, column: int) -> None:
        """Count a cell with a value."""
        if row < self.top:
            self.top = row
        if row > self.bottom:
            self.bottom = row
        if column < self.left:
            self.left = column
        if column > self.right:
            self.right = column


def workbook_part(package: Package) -> str:
    """Return the name of the part that lists the sheets."""
    stated = (r.target for r in package.relationships() if r.kind == "officeDocument")
    return next(stated, "xl/workbook.xml")


def beside(workbook: str, name: str) -> str:
    """Return the part of a name where calamine looks for it: in the folder of the workbook."""
    return posixpath.join(posixpath.dirname(workbook), name)


def sheet_parts(package: Package, workbook: str) -> dict[str, str]:
    """Return the parts that hold cells, by the names that the workbook has for them."""
    return {
        relationship.name: relationship.target
        for relationship in package.relationships(workbook)
        if relationship.kind.lower() in _SHEETS and relationship.target in package
    }


def sheet_names(package: Package, workbook: str) -> dict[str, str]:
    """Return the names of the sheets of an XML workbook, each with that of its part."""
    found: dict[str, str] = {}
    for element in package.xml(workbook).iter("{*}sheet"):
        stated = {str(key).rpartition("}")[2]: str(value) for key, value in element.items()}
        found.setdefault(stated.get("name", ""), stated.get("id", ""))
    return found


def percent_styles(package: Package, workbook: str) -> dict[int, int]:
    """Return the styles of cells that show a percentage, each with its number of decimals."""
    part = beside(workbook, "styles.xml")
    if part not in package:
        return {}
    try:
        root = package.xml(part)
    except ExtractionError as error:
        if error.code is not ErrorCode.MALFORMED:
            raise
        return {}
    decimals = {"9": 0, "10": 2}  # ECMA-376 part 1, §18.8.30
    for element in root.iter("{*}numFmt"):
        shown = _PERCENT.fullmatch(element.get("formatCode", ""))
        if shown:
            decimals[element.get("numFmtId", "")] = len(shown[1] or "")
    styles = next(root.iter("{*}cellXfs"), ())
    numbers = (style.get("numFmtId", "") for style in styles)
    return {at: decimals[number] for at, number in enumerate(numbers) if number in decimals}


def string_sizes(pieces: Iterable[bytes]) -> Sequence[int]:
    """Return the sizes in bytes of the words that cells share, with their markup."""
    sizes, start = array("Q"), None
    for _, _, offset in _tags(_STRING, pieces):
        if start is not None:
            sizes.append(offset - start)
        start = offset
    return sizes


def scan_xlsx(
    pieces: Iterable[bytes],
    percents: Mapping[int, int],
    strings: Sequence[int] = (),
    most: int = 1 << 62,
) -> Extent:
    """Return the extent of a sheet in XML.

    Parameters
    ----------
    pieces
        Of its part.
    percents
        See :func:`percent_styles`.
    strings
        See :func:`string_sizes`.
    most
        Of how many cells it is known that they are too many, so that no more are looked at.
    """
    extent = Extent()
    row, column = -1, -1
    for text, tag, _ in _tags(TAG, pieces):
        kind, attributes = tag[1], tag[2]
        place = PLACE.search(attributes)
        if kind == b"row":
            if extent.cells > most:
                break
            row, column = int(place[2]) - 1 if place else row + 1, -1
            continue
        if place and place[1]:
            row, column = int(place[2]) - 1, column_of(place[1])
        else:
            column += 1
        if attributes.endswith(b"/"):
            continue
        extent.add(row, column)
        if strings and b't="s"' in attributes:
            value = _VALUE.match(text, tag.end())
            number = value[1] if value else b""
            if number.isdigit() and int(number) < len(strings):
                extent.size += strings[int(number)]
        elif b't="e"' in attributes:
            value = _VALUE.search(text, tag.end(), tag.end() + _TAIL)
            if value and len(extent.looks) < MOST_LOOKS:
                extent.looks[row, column] = value[1].decode("ascii", "replace")
        elif percents and (style := _STYLE.search(attributes)):
            decimals = percents.get(int(style[1]))
            if decimals is not None and len(extent.looks) < MOST_LOOKS:
                extent.looks[row, column] = decimals
    return extent


def scan_xlsb(pieces: Iterable[bytes]) -> Extent:
    """Return the extent of a sheet in binary form, a chain of records ([MS-XLSB] 2.1.4)."""
    extent = Extent()
    row, position, data = 0, 0, b""
    for piece in pieces:
        data, position = data[position:] + piece, 0
        while (record := _record(data, position)) is not None:
            kind, start, position = record
            if kind == 0:  # BrtRowHdr
                row = int.from_bytes(data[start : start + 4], "little")
            elif 2 <= kind <= 11:  # cells with a value, BrtCellRk to BrtFmlaError
                extent.add(row, int.from_bytes(data[start : start + 4], "little"))
    return extent


def scan_xls(path: Path) -> int:
    """Return how many cells the largest sheet of an old workbook says that it has.

    The records that say it are looked for in the file as it is, not in the streams it is made of:
    one that lies across two places is missed.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return max((_declared(found[1]) for found in _DIMENSIONS.finditer(data)), default=0)


def is_protected_xls(path: Path) -> bool:
    """True when an old workbook has a password: one of its first records says so (2.4.117).

    calamine knows only some of the ways, and calls a workbook damaged that has another one. It also
    follows loops, and makes room for tables of any size.

    Raises
    ------
    ExtractionError
        ``malformed`` when the container is damaged.
    """
    with Container(path) as container:
        container.check_chains()
        content = container.read("Workbook", most=4096) or container.read("Book", most=4096)
    at = 0
    for _ in range(_FIRST_RECORDS):
        if at + 4 > len(content):
            break
        kind, size = struct.unpack_from("<HH", content, at)
        if kind == _FILE_PASS:
            return True
        at += 4 + size
    return False


def _declared(record: bytes) -> int:
    """Return how many cells a reader makes room for; a last row before the first one wraps."""
    top, bottom, left, right = map(int, struct.unpack("<IIHH", record))
    if not bottom or not right:
        return 0
    return (bottom - top & 0xFFFFFFFF) * (right - left if left <= min(255, right) else right)


def scan_ods(pieces: Iterable[bytes]) -> tuple[int, int]:
    """Return how many cells the sheets of an OpenDocument file have between them, and the bytes of
    those with values; what is repeated counts as often as it is.
    """
    total = rows = bottom = width = used = column = repeated = size = times = start = 0
    for _, tag, offset in _tags(_ODS_TAG, pieces):
        closing, kind, attributes = tag[1], tag[2], tag[3]
        size += times * (offset - start)  # of the cell before
        times, start = 0, offset
        if kind == b"table":
            total += bottom * width
            rows = bottom = width = 0
        elif kind == b"table-row":
            if not closing:
                repeated, used, column = _repeated(attributes), 0, 0
            if closing or attributes.endswith(b"/"):
                rows += repeated
                if used:
                    bottom, width = rows, max(width, used)
        elif not closing:
            columns = _repeated(attributes)
            column += columns
            if b"office:" in attributes or b"table:formula" in attributes:
                used, times = column, columns * repeated
    return total + bottom * width, size


def _tags(
    pattern: re.Pattern[bytes], pieces: Iterable[bytes]
) -> Iterator[tuple[bytes, re.Match[bytes], int]]:
    """Yield the tags of a text in pieces, each with its piece and where in the text it starts."""
    rest, before = b"", 0
    for piece in pieces:
        text = rest + piece
        until, last = max(0, len(text) - _TAIL), 0
        for tag in pattern.finditer(text):
            if tag.start() >= until:
                break
            last = tag.end()
            yield text, tag, before + tag.start()
        rest = text[max(last, until) :]
        before += len(text) - len(rest)
    for tag in pattern.finditer(rest):
        yield rest, tag, before + tag.start()


def _record(data: bytes, position: int) -> tuple[int, int, int] | None:
    """Return the type of a record, where its content starts and ends; None when it is cut."""
    kind = length = 0
    for shift in (0, 7):
        if position >= len(data):
            return None
        byte = data[position]
        kind |= (byte & 0x7F if shift else byte) << (8 if shift else 0)
        position += 1
        if byte < 0x80:
            break
    for shift in (0, 7, 14, 21):
        if position >= len(data):
            return None
        byte = data[position]
        length |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            break
    end = position + length
    return (kind, position, end) if end <= len(data) else None


def _repeated(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found[1]) if found else 1


@functools.cache
def column_of(letters: bytes) -> int:
    """Return the number of a column, from 0, by its letters."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number - 1
