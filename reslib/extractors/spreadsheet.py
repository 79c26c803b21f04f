"""Spreadsheets (.xlsx, .xlsm, .xlsb, .xls, .ods): each sheet is a page and a table.

A page begins with the name of its sheet, because people look for it; each row is a line, its
cells are separated by tabs. Cells are given as they are shown, as far as that is known: the values
of formulas, dates as ISO 8601 writes them, numbers without the noise of binary fractions, and in
.xlsx, .xlsm and .ods errors and the formats of numbers (in .xlsx as Excel shows them in English);
a table has the numbers in full beside that. Rows and columns without a value at the edges are left
out. Hidden sheets are read and named. In .xlsx and .ods follows what lies over the cells: text
boxes, the words of charts, alternative texts in brackets; and below the line ``Comments:`` the
comments on cells, each after the place of its cell. Not read are headers and footers of the printed
sheet, and sheets of macros.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reslib.errors import PROTECTED, ErrorCode, ExtractionError, printable
from reslib.extractors.assemble import clean
from reslib.extractors.odf.odfparts import document_properties
from reslib.extractors.office import sheetrows, sheetscan
from reslib.extractors.office.coreproperties import core_properties
from reslib.extractors.office.ole import Container
from reslib.extractors.office.opc import Package
from reslib.extractors.office.sheetcomments import OdsMarks, ods_marks, xlsx_comments
from reslib.extractors.office.sheetcompact import write_compact
from reslib.extractors.office.sheetmend import well_formed, without_unreadable
from reslib.extractors.office.sheetrows import Rows, shown_rows
from reslib.extractors.office.sheetscan import Extent
from reslib.extractors.office.sheetstyles import cell_styles
from reslib.extractors.sheetbeside import Beside
from reslib.extractors.stated import Stated
from reslib.extractors.tables.heads import with_head
from reslib.items import DocumentInfo, Metadata, Page, Progress, Table, Warning

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["extract"]

#: The most cells of one sheet, those without a value between the others included: calamine keeps
#: a rectangle, at 75 bytes a cell. A sheet of .xls has no more.
_MOST_CELLS = 1 << 24
#: The most bytes that are unpacked: all of it, and words that cells share, which are all kept.
_MOST_UNPACKED, _MOST_STRINGS = 1 << 30, 256 << 20
#: The most characters of all sheets: less than a document may give.
_MOST_TEXT = 95_000_000
_OLE = b"\xd0\xcf\x11\xe0"
_MANIFEST = "META-INF/manifest.xml"
#: What would end a line or a cell.
_SPACE = re.compile(r"[\t\n\v\f\r]+")
_END = re.compile(r"[\n\v\f\r]")


def extract(path: Path) -> Iterator[Page | Table | Metadata | Warning | Progress | DocumentInfo]:
    """Yield what the workbook states of itself, and each sheet as a page and as a table.

    Parameters
    ----------
    path
        The workbook.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it has a password; ``malformed`` when it is damaged; ``output_limit``
        when no sheet of it is small enough to be read.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _examined(path, folder) as (kind, examine, stated):
            yield DocumentInfo(title=stated.title())
            yield from stated
            # Under a name that says what it is: without one calamine does not say what is wrong.
            link = folder / f"workbook.{kind}"
            source, unread = path, 0
            if kind == "xlsx":
                source, unread = without_unreadable(path, folder / "mended.xlsx", _MOST_UNPACKED)
            link.symlink_to(source.absolute())
            with Beside(path, kind) as beside:
                yield from _Reading(link, examine, beside).read()
            if unread:
                words = f"{unread} of its sheets hold macros or lead nowhere, and are not read"
                yield Warning("unread_sheet", words)


#: Tells the extent of a sheet by its name, and the workbook to read it from when that is a copy.
_Examine = Callable[[str], tuple[Extent, Path | None]]


@contextlib.contextmanager
def _examined(path: Path, folder: Path) -> Iterator[tuple[str, _Examine, Stated]]:
    """Give the kind of a workbook, what examines a sheet before it is read, what it states."""
    with path.open("rb") as file:
        is_old = file.read(4) == _OLE
    if is_old:
        if sheetscan.scan_xls(path) > _MOST_CELLS:
            raise _damaged("a sheet says that it has more cells than a sheet can have")
        if sheetscan.is_protected_xls(path):
            raise ExtractionError(f"the workbook {PROTECTED}", ErrorCode.ENCRYPTED)
        yield "xls", _unknown, _stated_by_xls(path)
        return
    with Package(path, _MOST_UNPACKED) as package:
        if _MANIFEST in package:
            if any(b"encryption-data" in piece for piece in package.chunks(_MANIFEST)):
                raise ExtractionError(f"the workbook {PROTECTED}", ErrorCode.ENCRYPTED)
            with contextlib.closing(package.chunks("content.xml")) as pieces:
                sheets = sheetscan.scan_ods(well_formed(pieces))
            if sheets.cells > _MOST_CELLS or sheets.size > _MOST_UNPACKED:
                raise _too_large("it has", "cells")
            yield "ods", _examine_ods(sheets, ods_marks(package)), _stated_by_ods(package)
            return
        workbook = sheetscan.workbook_part(package)
        if workbook.endswith(".bin"):
            for _ in _strings(package, workbook, "sharedStrings.bin"):
                pass
            for part in sheetscan.sheet_parts(
                package, workbook
            ).values():  # which name belongs to which is not known here
                if sheetscan.scan_xlsb(package.chunks(part)).cells > _MOST_CELLS:
                    raise _too_large("a sheet of it has", "cells")
            yield "xlsb", _unknown, core_properties(package)
            return
        yield "xlsx", _examine_xlsx(package, workbook, folder), core_properties(package)


def _stated_by_xls(path: Path) -> Stated:
    try:
        with Container(path) as container:
            return container.stated()
    except ExtractionError:  # calamine may read it all the same
        return Stated("")


def _stated_by_ods(package: Package) -> Stated:
    try:
        return document_properties(package.xml("meta.xml"))
    except ExtractionError:  # missing or damaged: the sheets are read all the same
        return Stated("")


def _examine_ods(sheets: sheetscan.OdsExtent, marks: dict[str, OdsMarks]) -> _Examine:
    def examine(name: str) -> tuple[Extent, Path | None]:
        comments, merged = marks.get(name, ([], []))
        looks, head = sheets.looks.get(name, {}), sheets.heads.get(name, 0)
        heads = [(head, "repeated on each page")]
        return Extent(comments=comments, merged=merged, looks=looks, heads=heads), None

    return examine


def _examine_xlsx(package: Package, workbook: str, folder: Path) -> _Examine:
    names = sheetscan.sheet_names(package, workbook)
    parts = sheetscan.sheet_parts(package, workbook)
    styles = cell_styles(package, sheetscan.beside(workbook, "styles.xml"))
    strings = sheetscan.string_sizes(_strings(package, workbook, "sharedStrings.xml"))
    shared = ["[Content_Types].xml", "_rels/.rels", workbook]
    beside = ("_rels/workbook.xml.rels", "styles.xml", "sharedStrings.xml")
    shared += [sheetscan.beside(workbook, name) for name in beside]
    copy = folder / "together.xlsx"

    def examine(name: str) -> tuple[Extent, Path | None]:
        part = parts.get(names.get(name, ""))
        if part is None:
            return Extent(), None
        extent = sheetscan.scan_xlsx(package.chunks(part), styles, strings, _MOST_CELLS)
        extent.comments = xlsx_comments(package, part)
        extent.heads = list(sheetscan.marked_rows(package, part, extent))
        copy.unlink(missing_ok=True)
        if extent.cells <= _MOST_CELLS or not write_compact(
            package, part, shared, copy, _MOST_CELLS
        ):
            return extent, None
        with Package(copy, _MOST_UNPACKED) as moved:
            compact = sheetscan.scan_xlsx(moved.chunks(part), styles, strings)
        compact.comments = extent.comments
        return compact, copy

    return examine


def _unknown(name: str) -> tuple[Extent, Path | None]:
    return Extent(), None


def _strings(package: Package, workbook: str, name: str) -> Iterator[bytes]:
    """Yield the words that cells share, as long as they fit into memory: calamine keeps them all.

    Raises
    ------
    ExtractionError
        ``output_limit`` when there are more.
    """
    part, size = sheetscan.beside(workbook, name), 0
    if package.stated_size(part) > _MOST_STRINGS:  # its own word for it is enough to leave it
        raise _too_large("its cells share", "words")
    for piece in package.chunks(part) if part in package else ():
        size += len(piece)
        if size > _MOST_STRINGS:
            raise _too_large("its cells share", "words")
        yield piece


class _Reading:
    """One reading of a workbook, with what it has given so far."""

    def __init__(self, path: Path, examine: _Examine, beside: Beside) -> None:
        with _in_words():
            self._book = _open(path)
        self._beside = beside
        self._examine = examine
        self._text = self._tables = 0

    def read(self) -> Iterator[Page | Table | Warning | Progress | DocumentInfo]:
        """Yield what the sheets give; one that cannot be read costs itself."""
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        chart = SheetTypeEnum.ChartSheet
        kinds = (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet, chart)
        known = [sheet for sheet in self._book.sheets_metadata if sheet.typ in kinds]
        unread: list[ExtractionError] = []
        for number, sheet in enumerate(known, 1):
            yield Progress(number - 1, len(known))
            label = clean(sheet.name)
            try:
                read = self._chart if sheet.typ == chart else self._sheet
                yield from read(sheet.name, label, number)
            except ExtractionError as error:
                unread.append(error)
                words = f"the sheet {printable(label)!r} could not be read"
                yield Page("", number=number, label=label, reason=words)
                yield Warning("unread_sheet", f"{words}: {error}", number)
            if sheet.visible != SheetVisibleEnum.Visible:
                words = f"the sheet {printable(label)!r} is hidden in the document"
                yield Warning("hidden_sheet", words, number)
        if unread and len(unread) == len(known):
            raise unread[0]

    def _chart(self, name: str, label: str, number: int) -> Iterator[Page]:
        """Yield a sheet that is one chart."""
        text = clean(self._beside.of(name))
        self._text += len(text.encode())
        if self._text > _MOST_TEXT:
            raise _too_large("it has", "words")
        yield Page(f"{label}\n\n{text}" if text else "", number=number, label=label, blank=not text)

    def _sheet(
        self, name: str, label: str, number: int
    ) -> Iterator[Page | Table | Warning | DocumentInfo]:
        extent, copy = self._examine(name)
        if extent.cells > _MOST_CELLS or extent.size > _MOST_STRINGS:
            raise _too_large("it has", "cells" if extent.cells > _MOST_CELLS else "words")
        with _in_words():
            book = self._book if copy is None else _open(copy)
            sheet = book.get_sheet_by_name(name)
        lines, rows, size, is_cut = [label], Rows(), 0, False
        for row, exact in shown_rows(_values(sheet), sheet.start, extent):
            line = _line(row)
            if not line and not lines[-1]:
                rows.add(row, exact)
                continue
            size += len(line.encode()) + 1
            if self._text + size > _MOST_TEXT:
                is_cut = True
                break
            lines.append(line)
            rows.add(row, exact)
        text = "\n".join(lines).rstrip("\n") if rows.used else ""
        self._text += size
        for beside in (clean(self._beside.of(name)), _comments(extent)):
            room = _MOST_TEXT - self._text
            kept = "\n".join(_within(room, beside.split("\n"))) if beside else ""
            if kept:
                text = f"{text or label}\n\n{kept}"
                self._text += len(kept.encode())
        yield Page(text, number=number, label=label, blank=not text)
        shown = printable(label)
        if self._beside.is_damaged:
            words = f"drawings of the sheet {shown!r} could not be read"
            yield Warning("beside_left_out", words, number)
        if copy is not None:
            words = f"the sheet {shown!r} is given without the empty rows and columns in it"
            yield Warning("cells_far_apart", words, number)
        if is_cut:
            words = f"only the first {len(lines) - 1:,} rows of the sheet {shown!r} are kept"
            yield Warning("cut_sheet", words, number)
            yield DocumentInfo(partial=True, reason=words)
        if len(extent.looks) >= sheetscan.MOST_LOOKS or extent.styled >= sheetscan.MOST_STYLED:
            words = (
                f"the sheet {shown!r} has so many formats that some numbers are given as they are"
            )
            yield Warning("number_without_format", words, number)
        if rows.size + self._tables > sheetrows.MOST_TABLES:
            words = f"the sheet {shown!r} is too large for a table: only its text is kept"
            yield Warning("table_left_out", words, number)
        elif rows.used:
            self._tables += rows.size
            merged = [] if copy is not None else extent.merged or sheet.merged_cell_ranges or []
            spans = rows.spans(merged, sheet.start or (0, 0))
            found = Table(rows.trimmed(), number, label, spans=spans, exact=rows.exact())
            top = sheet.start[0] if sheet.start else 0
            yield with_head(found, [(row - top, how) for row, how in extent.heads])


def _comments(extent: Extent) -> str:
    """Return the comments on the cells of a sheet, each after its place."""
    if not extent.comments:
        return ""
    said = (f"{place}: {words}" if place else words for place, words in extent.comments)
    return "\n".join(("Comments:", *said))


def _within(room: int, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines as long as there is room for them, in bytes."""
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            return
        yield line


def _values(sheet: CalamineSheet) -> Iterator[list[Any]]:
    with _in_words():  # a date that Python does not have is found only now
        yield from sheet.iter_rows()


def _line(row: list[str]) -> str:
    """Return a row as a line."""
    line = "\t".join(row)
    if line.count("\t") >= len(row) or _END.search(line):
        line = "\t".join(_SPACE.sub(" ", cell) for cell in row)
    return line.rstrip("\t ")


def _open(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(path)


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Put what calamine raises into words."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise ExtractionError(f"the workbook {PROTECTED}", ErrorCode.ENCRYPTED) from error
    except CalamineError as error:
        raise _damaged(error) from error
    except OSError as error:
        if error.errno is not None:
            raise  # the disk failed, not the archive
        raise _damaged(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's own, which no module exports
            raise
        raise _damaged(error) from error


def _damaged(why: object) -> ExtractionError:
    return ExtractionError(
        f"the workbook is damaged or cut short ({printable(str(why))}). Save it again in the "
        "program that wrote it, or download it again",
        ErrorCode.MALFORMED,
    )


def _too_large(has: str, what: str) -> ExtractionError:
    return ExtractionError(
        f"{has} more {what} than fit into memory (a sheet may have {_MOST_CELLS:,} cells, the "
        "empty ones between the others included). Delete what is far from the rest, or save its "
        "sheets as files of their own, as CSV for instance",
        ErrorCode.OUTPUT_LIMIT,
    )
