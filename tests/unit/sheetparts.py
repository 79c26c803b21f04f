"""Workbooks made by hand, and what is read of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import SPREADSHEET
from reslib.models import ExtractionResult

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#: Style 1 is a date, 2 and 3 are percentages without and with decimals, 4 is one of one's own.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="#,##0.0%"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="10"/>'
    '<xf numFmtId="170"/></cellXfs></styleSheet>'
)
ODS = "application/vnd.oasis.opendocument.spreadsheet"


@dataclass
class Sheet:
    """A sheet: its rows as XML, and what the list of sheets says of it."""

    rows: str | Iterable[str] = ""
    name: str = "Sheet1"
    state: str = "visible"


def cell(place: str, value: object, *, style: int = 0, kind: str = "") -> str:
    if isinstance(value, str) and not kind:
        inside = f'<is><t xml:space="preserve">{value}</t></is>'
        return f'<c r="{place}" t="inlineStr">{inside}</c>'
    kind = f' t="{kind}"' if kind else ""
    return f'<c r="{place}" s="{style}"{kind}><v>{value}</v></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def xlsx(path: Path, *sheets: Sheet, strings: Iterable[str] = (), kind: str = TYPE) -> Path:
    listed = "".join(
        f'<sheet name="{sheet.name}" sheetId="{n}" state="{sheet.state}" r:id="r{n}"/>'
        for n, sheet in enumerate(sheets, 1)
    )
    arrows = [(f"r{n}", "worksheet", f"sheets/{n}.xml") for n in range(1, len(sheets) + 1)]
    arrows += [("s", "styles", "styles.xml"), ("w", "sharedStrings", "sharedStrings.xml")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        override = f'<Override PartName="/xl/workbook.xml" ContentType="{kind}"/>'
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types">'
            f'<Default Extension="xml" ContentType="application/xml"/>{override}</Types>',
        )
        archive.writestr("_rels/.rels", _arrows([("r", "officeDocument", "xl/workbook.xml")]))
        archive.writestr("xl/_rels/workbook.xml.rels", _arrows(arrows))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr("xl/styles.xml", STYLES)
        _write(archive, "xl/sharedStrings.xml", "sst", strings)
        for number, sheet in enumerate(sheets, 1):
            rows = ("<sheetData>", *sheet.rows, "</sheetData>")
            _write(archive, f"xl/sheets/{number}.xml", "worksheet", rows)
    return path


def _arrows(items: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in items
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def _write(archive: zipfile.ZipFile, name: str, root: str, pieces: Iterable[str]) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        part.write(f'<{root} xmlns="{MAIN}">'.encode())
        for piece in pieces:
            part.write(piece.encode())
        part.write(f"</{root}>".encode())


def ods(path: Path, *tables: str, manifest: str = "") -> Path:
    base = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{n}="{base}:{n}:1.0"' for n in ("office", "table", "text", "style"))
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr(
            "content.xml", f"<office:document-content {names}>{body}</office:document-content>"
        )
    return path


def ods_table(name: str, *rows: str) -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def ods_row(*cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"'
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str, stated: str = 'office:value-type="string"', times: int = 1) -> str:
    repeated = f' table:number-columns-repeated="{times}"'
    inside = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell {stated if text else ''}{repeated}>{inside}</table:table-cell>"


def read(path: Path) -> ExtractionResult:
    assembler = Assembler(SPREADSHEET, "spreadsheet")
    given = SPREADSHEET.function(path)
    assert not isinstance(given, str | ExtractionResult)
    for item in given:
        assembler.add(item)
    return assembler.result()


def refused(path: Path) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value


def code_of(path: Path) -> ErrorCode:
    return refused(path).code
