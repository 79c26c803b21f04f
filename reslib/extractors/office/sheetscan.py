"""The scan of a workbook's archive before a program trusts it: its extent, and its cell formats.

A reader that keeps a sheet as a rectangle takes memory for every cell between the first and the
last one. Two cells in the corners of a sheet are 17 billion, and three numbers in an OpenDocument
file any number of them. So the cells are counted first, without keeping them. On the way are
found the cells whose look their value does not tell: errors, numbers with a format; and what says
which rows are the head of a table.
"""

from __future__ import annotations

import contextlib
import functools
import html
import mmap
import posixpath
import re
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reslib.errors import ExtractionError
from reslib.extractors.office.ole import Container
from reslib.extractors.office.opc import Package
from reslib.extractors.office.sheetstyles import CellStyles, Look
from reslib.extractors.tables.heads import MOST_HEAD_ROWS, set_apart

__all__ = [
    "MOST_LOOKS",
    "MOST_STYLED",
    "PLACE",
    "TAG",
    "Extent",
    "OdsExtent",
    "beside",
    "column_of",
    "is_protected_xls",
    "marked_rows",
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
#: A tag is never longer; what is left of a piece is looked at with the next one.
_TAIL = 16 << 10
TAG = re.compile(rb"<(?:\w{1,20}:)?(row|c)(?=[\s/>])([^<>]*)>")
_XLSX_TAG = re.compile(rb"<(?:\w{1,20}:)?(row|c|pane|autoFilter)(?=[\s/>])([^<>]*)>")
PLACE = re.compile(rb"""\sr=["']([A-Za-z]{1,3})?(\d{1,10})["']""")
_STYLE = re.compile(rb"""\ss=["'](\d{1,6})["']""")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v>([^<]{1,20})<")
#: More cells than this that look unlike their values are not kept: those with a text of their own,
#: and those with a style, which take less room.
MOST_LOOKS, MOST_STYLED = 1_000_000, 1 << 23
_FROZEN = re.compile(
    rb'\bySplit="(\d{1,4})(?:\.0*)?"(?=.*\bstate="frozen)|'
    rb'(?=.*\bySplit="(\d{1,4})(?:\.0*)?").*\bstate="frozen',
    re.DOTALL,
)
_REFERENCE = re.compile(rb'\bref="\$?[A-Za-z]{1,3}\$?(\d{1,7}):')
#: A string, and the end of all of them.
_STRING = re.compile(rb"<(?:(?:\w{1,20}:)?si(?=[\s/>])|/(?:\w{1,20}:)?sst)[^<>]*>")
#: The record of a sheet's extent ([MS-XLS] 2.4.90); its last two bytes are 0.
_DIMENSIONS = re.compile(rb"\x00\x02\x0e\x00(.{12})\x00\x00", re.DOTALL)
_ODS_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell|table-header-rows)(?=[\s/>])"
    rb"([^<>]*)>"
)
_ODS_NAME = re.compile(rb'\stable:name="([^"]{0,500})"')
_ODS_VALUE = re.compile(rb'\soffice:value="([^"]{1,40})"')
_ODS_SHOWN = re.compile(rb"\s*<text:p(?:\s[^<>]*)?>([^<>]{1,80})</text:p>\s*</")
#: What a number below zero shows without a sign, parentheses or a word.
_LOST_SIGN = re.compile(r"(?=.*[1-9])[\d.,\s%$]+")
#: Cells with the same number beside each other whose look is kept.
_MOST_ALIKE = 1 << 14
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
        By row and column, the text that a cell shows: that of an error, for instance.
    styles
        By row, the columns and the styles of its cells whose style shows numbers in its own way,
        one after the other.
    apart
        Of the first rows, whether the style of each cell with a value sets it apart.
    known
        What the styles of its cells show, by their number.
    frozen, filtered
        How many rows from the top of the sheet are frozen, or above what is filtered.
    heads
        The rows, from the top of the sheet, behind those that are set apart, and how they are.
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
    looks: dict[tuple[int, int], str] = field(default_factory=dict)
    styles: dict[int, array[int]] = field(default_factory=dict)
    styled: int = 0
    apart: dict[int, list[bool]] = field(default_factory=dict)
    known: dict[int, Look] = field(default_factory=dict)
    frozen: int = 0
    filtered: int = 0
    heads: list[tuple[int, str]] = field(default_factory=list)
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
    styles: CellStyles,
    strings: Sequence[int] = (),
    most: int = 1 << 62,
) -> Extent:
    """Return the extent of a sheet in XML.

    Parameters
    ----------
    pieces
        Of its part.
    styles
        Of the cells of the workbook.
    strings
        See :func:`string_sizes`.
    most
        Of how many cells it is known that they are too many, so that no more are looked at.
    """
    extent = Extent(known=styles.looks)
    looks, apart = styles.looks, styles.apart
    row, column = -1, -1
    for text, tag, _ in _tags(_XLSX_TAG, pieces):
        kind, attributes = tag[1], tag[2]
        if kind == b"pane":
            frozen = _FROZEN.search(attributes)
            extent.frozen = int(frozen[1] or frozen[2]) if frozen else 0
            continue
        if kind == b"autoFilter":
            filtered = _REFERENCE.search(attributes)
            extent.filtered = int(filtered[1]) if filtered else 0
            continue
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
        if row <= extent.top + MOST_HEAD_ROWS:
            stated = _STYLE.search(attributes)
            is_apart = (int(stated[1]) if stated else 0) in apart
            extent.apart.setdefault(row, []).append(is_apart)
        if b't="s"' in attributes:
            value = _VALUE.match(text, tag.end()) if strings else None
            number = value[1] if value else b""
            if number.isdigit() and int(number) < len(strings):
                extent.size += strings[int(number)]
        elif b't="e"' in attributes:
            value = _VALUE.search(text, tag.end(), tag.end() + _TAIL)
            if value and len(extent.looks) < MOST_LOOKS:
                extent.looks[row, column] = value[1].decode("ascii", "replace")
        elif looks and (stated := _STYLE.search(attributes)):
            style = int(stated[1])
            if style in looks and extent.styled < MOST_STYLED:
                extent.styled += 1
                extent.styles.setdefault(row, array("l")).extend((column, style))
    return extent


def marked_rows(package: Package, sheet: str, extent: Extent) -> Iterator[tuple[int, str]]:
    """Yield the rows behind those that a sheet of .xlsx sets apart, and how it does.

    Parameters
    ----------
    package, sheet
        The workbook, and the part of the sheet.
    extent
        Of the sheet.
    """
    with contextlib.suppress(ExtractionError):
        for part in [r.target for r in package.relationships(sheet) if r.kind == "table"]:
            root = package.xml(part)
            reference = _REFERENCE.match(b'ref="%b' % (root.get("ref") or "").encode())
            if reference and root.get("headerRowCount", "1") == "1":
                yield int(reference[1]), "a table of the sheet"
    yield extent.filtered, "a filter"
    yield extent.frozen, "frozen"
    rows = range(extent.top, extent.top + len(extent.apart))
    apart = set_apart([extent.apart.get(row, []) for row in rows])
    yield extent.top + apart, "bold, or on a ground of its own"


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


@dataclass(slots=True)
class OdsExtent:
    """The extent of the sheets of an OpenDocument file.

    Parameters
    ----------
    cells
        How many they have between them; what is repeated counts as often as it is.
    size
        Bytes of those with values.
    looks
        By sheet, and in it by row and column: the text that a cell with another number shows.
    heads
        By sheet, the row behind those that are printed on each page.
    """

    cells: int = 0
    size: int = 0
    looks: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)


def scan_ods(pieces: Iterable[bytes]) -> OdsExtent:
    """Return the extent of the sheets of an OpenDocument file, and the looks of their cells.

    Parameters
    ----------
    pieces
        Of the part that holds them.
    """
    extent = OdsExtent()
    rows = bottom = width = used = column = repeated = times = start = kept = 0
    looks: dict[tuple[int, int], str] = {}
    own: dict[int, str] = {}  # of the row that is read
    name = ""
    for text, tag, offset in _tags(_ODS_TAG, pieces):
        closing, kind, attributes = tag[1], tag[2], tag[3]
        extent.size += times * (offset - start)  # of the cell before
        times, start = 0, offset
        if kind == b"table":
            extent.cells += bottom * width
            rows = bottom = width = 0
            if not closing and (named := _ODS_NAME.search(attributes)):
                name = html.unescape(named[1].decode("utf-8", "replace"))
                looks = extent.looks.setdefault(name, {})
        elif kind == b"table-header-rows":
            if closing:
                extent.heads.setdefault(name, rows)
        elif kind == b"table-row":
            if not closing:
                repeated, used, column = _repeated(attributes), 0, 0
                own = {}
            if closing or attributes.endswith(b"/"):
                for row in range(rows, rows + repeated) if own else ():
                    if kept + len(own) > MOST_LOOKS:
                        break
                    kept += len(own)
                    looks.update({(row, at): shown for at, shown in own.items()})
                rows += repeated
                if used:
                    bottom, width = rows, max(width, used)
        elif not closing:
            columns = _repeated(attributes)
            has_number = b"office:value=" in attributes and len(own) < MOST_LOOKS
            if has_number and (shown := _shown(text, tag)):
                own |= dict.fromkeys(range(column, column + min(columns, _MOST_ALIKE)), shown)
            column += columns
            if b"office:" in attributes or b"table:formula" in attributes:
                used, times = column, columns * repeated
    extent.cells += bottom * width
    return extent


def _shown(text: bytes, tag: re.Match[bytes]) -> str:
    """Return what a cell of .ods with a number shows, when that is not the number as it is."""
    value, shown = _ODS_VALUE.search(tag[3]), _ODS_SHOWN.match(text, tag.end())
    if value is None or shown is None or shown[1] == value[1]:
        return ""
    words = " ".join(html.unescape(shown[1].decode("utf-8", "replace")).split())
    if value[1].startswith(b"-") and _LOST_SIGN.fullmatch(words):
        words = f"-{words}"  # only its colour tells it
    return words if "###" not in words and words.encode() != value[1] else ""


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
