"""Comments on cells of .xlsx and .ods, and merged cells of .ods: the reader of cells has none.

They are read piece by piece, so that a million cells take no room, and as long as they are not too
many.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from reslib.errors import ExtractionError
from reslib.extractors.archive import AGAIN
from reslib.extractors.invisible import visible
from reslib.extractors.office.opc import Package

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["OdsMarks", "ods_marks", "xlsx_comments"]

#: The most comments, or merged cells, of a sheet, and characters of a comment: Excel writes 32,767
#: at most.
_MOST, _LONGEST = 20_000, 40_000
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_CELLS = (f"{{{_TABLE}}}table-cell", f"{{{_TABLE}}}covered-table-cell")
_SIGN = re.compile(rb"office:annotation|-spanned=")
_LONGEST_SIGN = 17
#: What Excel writes for programs that do not know that comments may be answered.
_THREADED, _SAID = "[Threaded comment]", re.compile(r"(?:^|\n)(?:Comment|Reply):\n")
_SPANNED = ("columns", "rows")
#: Rows and columns are not more than a sheet can have.
_MOST_REPEATED = 1 << 20


def xlsx_comments(package: Package, sheet: str) -> list[tuple[str, str]]:
    """Return the comments on a sheet: the place of each, and what it says.

    Parameters
    ----------
    package
        The workbook.
    sheet
        The name of the sheet's part.

    Returns
    -------
    list of (str, str)
        Damaged ones are left out.
    """
    found: list[tuple[str, str]] = []
    with contextlib.suppress(ExtractionError):
        for part in [r.target for r in package.relationships(sheet) if r.kind == "comments"]:
            for event, element in _elements(package.chunks(part), ("end",)):
                if event == "end" and _local(element) == "comment":
                    said = "".join(each.text or "" for each in element.iter("{*}t"))
                    _add(found, element.get("ref") or "", _unthreaded(said))
                    element.clear()
    return found


class OdsMarks(NamedTuple):
    """The marks on the cells of a sheet.

    Parameters
    ----------
    comments
        The place of each, and what it says.
    merged
        The first and the last cell of each that reaches over several, each its row and column.
    """

    comments: list[tuple[str, str]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def ods_marks(package: Package) -> dict[str, OdsMarks]:
    """Return the comments and merged cells of each sheet of an .ods that has some, by its name."""
    found: dict[str, OdsMarks] = {}
    with contextlib.suppress(ExtractionError):
        if not _has_some(package.chunks("content.xml")):
            return found
        walk = _Sheets(found)
        for event, element in _elements(package.chunks("content.xml"), ("start", "end")):
            walk.take(event, element)
    return found


def _has_some(chunks: Iterable[bytes]) -> bool:
    tail = b""
    for chunk in chunks:
        if _SIGN.search(tail + chunk):
            return True
        tail = chunk[-_LONGEST_SIGN:]
    return False


class _Sheets:
    """The place in a sheet that is being read, as its rows and cells come."""

    def __init__(self, found: dict[str, OdsMarks]) -> None:
        self._found = found
        self._name = ""
        self._row = self._column = 0
        self._inside = 0

    def take(self, event: str, element: etree._Element) -> None:
        name = element.tag
        if name == f"{{{_OFFICE}}}annotation":
            self._inside += 1 if event == "start" else -1
            if event == "end":
                lines = (
                    "".join(map(str, line.itertext())) for line in element.iter(f"{{{_TEXT}}}p")
                )
                place = f"{_letters(self._column)}{self._row + 1}"
                _add(self._marks().comments, place, "\n".join(lines))
                element.clear()
        elif self._inside:
            return
        elif name == f"{{{_TABLE}}}table" and event == "start":
            self._name, self._row = element.get(f"{{{_TABLE}}}name") or "", 0
        elif name == f"{{{_TABLE}}}table-row":
            if event == "start":
                self._column = 0
            else:
                self._row += _stated(element, "rows-repeated")
                _let_go(element)
        elif event == "end" and name in _CELLS:
            wide, high = (_stated(element, f"{what}-spanned") for what in _SPANNED)
            if wide * high > 1 and len(merged := self._marks().merged) < _MOST:
                last = self._row + high - 1, self._column + wide - 1
                merged.append(((self._row, self._column), last))
            self._column += _stated(element, "columns-repeated")
            _let_go(element)

    def _marks(self) -> OdsMarks:
        return self._found.setdefault(self._name, OdsMarks([], []))


def _elements(
    chunks: Iterable[bytes], events: tuple[Literal["start", "end"], ...]
) -> Iterator[tuple[str, etree._Element]]:
    from lxml import etree

    parser = etree.XMLPullParser(
        events, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for chunk in chunks:
            parser.feed(chunk)
            given: Iterator[tuple[str, Any]] = parser.read_events()  # of the kinds asked for
            for event, element in given:
                if isinstance(element.tag, str):
                    yield event, element
        parser.close()
    except etree.XMLSyntaxError as error:
        with contextlib.suppress(etree.XMLSyntaxError):
            parser.close()
        raise ExtractionError(f"its comments are damaged ({error.msg}). {AGAIN}") from error


def _let_go(element: etree._Element) -> None:
    """Empty an element that has been read, and take those before it out of the tree."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _add(found: list[tuple[str, str]], place: str, said: str) -> None:
    text = " ".join(visible(said[:_LONGEST]).split())
    if text and len(found) < _MOST:
        found.append((place[:20], text))


def _unthreaded(said: str) -> str:
    if not said.startswith(_THREADED):
        return said
    return "\n".join(_SAID.split(said)[1:]) or said


def _stated(element: etree._Element, what: str) -> int:
    """Return a number of rows or columns that an element states; 1 when it states none."""
    stated = element.get(f"{{{_TABLE}}}number-{what}") or ""
    return max(1, min(int(stated), _MOST_REPEATED)) if stated.isdecimal() and len(stated) < 9 else 1


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _letters(column: int) -> str:
    """Return what a column is called."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name
