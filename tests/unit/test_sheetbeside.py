"""What is read beside the cells of a workbook, and workbooks with sheets that nobody reads."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from sheetparts import (
    OFFICE,
    PACKAGE,
    Sheet,
    cell,
    ods,
    ods_row,
    ods_table,
    read,
    refused,
    row,
    xlsx,
)

from evaluation import marked_sheets
from evaluation.marked_odf import ods as marked_ods
from reslib.errors import ErrorCode
from reslib.extractors.sheetbeside import _MOST_PART
from reslib.items import Warning
from reslib.models import ExtractionResult

SHEET = Sheet(row(1, cell("A1", "tide")), name="Gauge")


def beside(path: Path, *parts: tuple[str, str, str]) -> Path:
    """Add what the first sheet leads to: kind, name, content."""
    arrows = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{name}"/>'
        for n, (kind, name, _) in enumerate(parts)
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "xl/sheets/_rels/1.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{arrows}</Relationships>',
        )
        for _, name, content in parts:
            archive.writestr(f"xl/sheets/{name}", content)
    return path


def warned(result: ExtractionResult) -> list[str]:
    return [item.code for item in result.items if isinstance(item, Warning)]


def test_a_sheet_with_nothing_but_a_drawing_is_not_blank(tmp_path: Path) -> None:
    shape = '<x><sp><txBody xmlns:a="%s"><a:p><a:r><a:t>drawn</a:t></a:r></a:p></txBody></sp></x>'
    drawing = shape % "http://schemas.openxmlformats.org/drawingml/2006/main"
    path = beside(xlsx(tmp_path / "a.xlsx", Sheet(name="S")), ("drawing", "d.xml", drawing))
    (page,) = read(path).pages
    assert (page.text, page.blank) == ("S\n\ndrawn", False)


@pytest.mark.parametrize(
    "damage", ["<xdr", "", "<!DOCTYPE x><x/>", f"<x>{' ' * (_MOST_PART + 1)}</x>"], ids=len
)
def test_damage_beside_the_cells_costs_no_cell_and_is_said(tmp_path: Path, damage: str) -> None:
    path = beside(xlsx(tmp_path / "a.xlsx", SHEET), ("drawing", "d.xml", damage))
    result = read(path)
    assert result.text == "Gauge\ntide"
    assert warned(result) == ["beside_left_out"]


def test_a_part_that_is_missing_costs_no_cell(tmp_path: Path) -> None:
    path = beside(xlsx(tmp_path / "a.xlsx", SHEET), ("drawing", "../none.xml", ""))
    assert read(path).text == "Gauge\ntide"


def test_text_boxes_charts_and_alternative_texts_of_opendocument_are_read(tmp_path: Path) -> None:
    mark = marked_ods()
    path = tmp_path / mark.name
    path.write_bytes(mark.content)
    text = read(path).pages[0].text
    for part in ("text box", "alternative text", "chart title", "chart axis", "formula"):
        assert [w for w, p in mark.parts.items() if p == part and w not in text] == []


def test_a_sheet_of_macros_or_one_that_leads_nowhere_costs_only_itself(tmp_path: Path) -> None:
    mark = marked_sheets.xlsx()
    path = tmp_path / mark.name
    path.write_bytes(mark.content)
    listed = '<sheet name="Macro1" sheetId="8" r:id="rM"/><sheet name="Lost" sheetId="9" r:id=""/>'
    macro = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    target = f'<Relationship Id="rM" Type="{macro}" Target="macrosheets/sheet1.xml"/>'
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    book, arrows = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    parts[book] = parts[book].replace("</sheets>", f"{listed}</sheets>")
    parts[arrows] = parts[arrows].replace("</Relationships>", f"{target}</Relationships>")
    parts["xl/macrosheets/sheet1.xml"] = "<xm:macrosheet/>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.encode("latin-1"))
    result = read(path)
    assert len(result.pages) == 3
    assert all(word in result.text for word, part in mark.parts.items() if part == "cell")
    assert warned(result) == ["hidden_sheet", "unread_sheet"]


@pytest.mark.parametrize(
    "lost", ["</office:annotation>", "</table:table>", "</text:p>", "<text:p>"]
)
def test_opendocument_that_is_not_well_formed_is_refused_before_its_reader_hangs(
    tmp_path: Path, lost: str
) -> None:
    note = "<office:annotation><text:p>wrong</text:p></office:annotation><text:p>tide</text:p>"
    noted = f'<table:table-cell office:value-type="string">{note}</table:table-cell>'
    table = ods_table("One", ods_row(noted)).replace(lost, "", 1)
    refusal = refused(ods(tmp_path / "a.ods", table))
    assert refusal.code is ErrorCode.MALFORMED
    assert "content.xml is not well-formed XML" in str(refusal)


def test_a_sheet_that_is_one_chart_is_a_page_with_its_words(tmp_path: Path) -> None:
    mark = marked_sheets.xlsx()
    with zipfile.ZipFile(io.BytesIO(mark.content)) as archive:
        parts = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    arrows, sheet = "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"
    parts["xl/chartsheets/sheet1.xml"] = "<chartsheet/>"
    parts["xl/chartsheets/_rels/sheet1.xml.rels"] = parts["xl/worksheets/_rels/sheet1.xml.rels"]
    parts[arrows] = parts[arrows].replace("worksheets/sheet1.xml", "chartsheets/sheet1.xml")
    parts[arrows] = parts[arrows].replace("/worksheet", "/chartsheet", 1)
    del parts[sheet]
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.encode("latin-1"))
    first, *others = read(path).pages
    assert [w for w, p in mark.parts.items() if p == "chart title" and w not in first.text] == []
    assert first.text.startswith(first.label)
    assert len(others) == 2
