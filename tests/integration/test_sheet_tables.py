"""Tables of workbooks as DataFrames: their heads, and numbers that are shown in another way."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.table import Table as SheetTable
from sheetparts import ods, ods_cell, ods_row, ods_table

from reslib import ExtractionWorker, ResearchDatabase
from reslib.items import Table
from reslib.models import ExtractionResult

Read = Callable[[Path], ExtractionResult]
ROWS = (
    ("Site", "Level", "Share", "Cost", "Since"),
    ("Elbe", 1234.5678, 0.12345, -2.5, datetime.date(2019, 1, 1)),
    ("Ems", 987, 0.5, 0, datetime.date(2020, 1, 1)),
)
FORMATS = ("General", "#,##0.0", "0.0%", "0.00;(0.00);\\-", "yyyy")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook whose numbers are shown rounded, in percent and in parentheses."""
    made = openpyxl.Workbook()
    sheet = made.active
    for values in ROWS:
        sheet.append(values)
    for column, code in enumerate(FORMATS, 1):
        for row in (2, 3):
            sheet.cell(row, column).number_format = code
    made.save(tmp_path / "rivers.xlsx")
    return tmp_path / "rivers.xlsx"


def tables_of(result: ExtractionResult) -> list[Table]:
    return [item for item in result.items if isinstance(item, Table)]


def frames_of(db: ResearchDatabase, worker: ExtractionWorker, path: Path, **how: Any) -> Any:
    document = db.add_attachment(path.name, path)
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    return db.tables(document, **how)


def test_cells_of_a_workbook_read_as_they_are_shown(read: Read, book: Path) -> None:
    result = read(book)
    [found] = tables_of(result)
    assert found.rows[1:] == (
        ("Elbe", "1,234.6", "12.3%", "(2.50)", "2019"),
        ("Ems", "987.0", "50.0%", "-", "2020"),
    )
    assert "Elbe\t1,234.6\t12.3%" in result.text
    assert found.exact == ((1, 1, 1234.5678), (1, 2, 12.345), (1, 3, -2.5), (2, 3, 0))


def test_numbers_of_a_workbook_are_those_that_it_holds(
    db: ResearchDatabase, worker: ExtractionWorker, book: Path
) -> None:
    [found] = frames_of(db, worker, book, numbers=True)
    assert found["Level"].tolist() == [1234.5678, 987.0]
    assert found["Share"].tolist() == [12.345, 50.0]
    assert found.attrs["units"] == {"Share": "%"}
    assert found["Cost"].tolist() == [-2.5, 0.0]
    assert found["Since"].tolist() == [2019, 2020]
    assert found.attrs["reason"].startswith("no head is stated: the first row is taken for it")
    [shown] = db.tables(1)
    assert shown["Level"].tolist() == ["1,234.6", "987.0"]
    [item] = db.get_items(1, Table)
    assert (1, 1, 1234.5678) in item.exact


def test_cells_of_an_ods_read_as_they_are_shown_and_hold_their_numbers(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    value = 'office:value-type="{}" office:value="{}"'
    rows = [
        ods_row(ods_cell("Site"), ods_cell("Level"), ods_cell("Share"), ods_cell("Twice")),
        ods_row(
            ods_cell("Elbe"),
            ods_cell("1.234,6 €", value.format("currency", "1234.5678")),
            ods_cell("12,3 %", value.format("percentage", "0.12345")),
            ods_cell("7.0", value.format("float", "7.04")),
            times=2,
        ),
        ods_row(
            ods_cell("Ems"),
            ods_cell("9,0 €", value.format("currency", "9")),
            ods_cell("50,0 %", value.format("percentage", "0.5")),
            ods_cell("###", value.format("float", "8")),
        ),
    ]
    path = ods(tmp_path / "rivers.ods", ods_table("Rivers", *rows))
    [found] = frames_of(db, worker, path, numbers=True)
    assert found["Level"].tolist() == [1234.5678, 1234.5678, 9.0]
    assert found["Share"].tolist() == [12.345, 12.345, 50.0]
    assert found["Twice"].tolist() == [7.04, 7.04, 8.0]
    [shown] = db.tables(1)
    assert shown["Level"].tolist() == ["1.234,6 €", "1.234,6 €", "9,0 €"]
    assert shown["Twice"].tolist() == ["7.0", "7.0", "8"]


def words_in(sheet: Any) -> None:
    for row in (("Name", "Trade"), ("Ann", "teacher"), ("Bo", "pupil")):
        sheet.append(row)


def bold(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)


def filled(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.fill = PatternFill("solid", fgColor="DDDDDD")


def frozen(sheet: Any) -> None:
    sheet.freeze_panes = "A2"


def filtered(sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:B3"


def as_table(sheet: Any) -> None:
    sheet.add_table(SheetTable(displayName="People", ref="A1:B3"))


@pytest.mark.parametrize("mark", [bold, filled, frozen, filtered, as_table])
def test_a_row_of_words_that_a_workbook_sets_apart_is_a_head(
    read: Read, tmp_path: Path, mark: Callable[[Any], None]
) -> None:
    made = openpyxl.Workbook()
    words_in(made.active)
    mark(made.active)
    made.save(tmp_path / "people.xlsx")
    [found] = tables_of(read(tmp_path / "people.xlsx"))
    assert found.header_rows == 1
    assert found.reason.startswith("no head is stated")


def test_words_that_nothing_sets_apart_have_no_head(read: Read, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    words_in(made.active)
    for row in made.active.iter_rows():
        for cell in row:
            cell.font = Font(bold=True)
    made.active.freeze_panes = "B1"
    made.save(tmp_path / "people.xlsx")
    [found] = tables_of(read(tmp_path / "people.xlsx"))
    assert found.header_rows == 0
    assert found.reason == ""


def test_a_head_further_down_a_sheet_is_found_where_it_is(read: Read, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for place, value in {"B4": "Name", "C4": "Trade", "B5": "Ann", "C5": "pupil"}.items():
        made.active[place] = value
    made.active.auto_filter.ref = "B4:C5"
    made.save(tmp_path / "people.xlsx")
    [found] = tables_of(read(tmp_path / "people.xlsx"))
    assert found.rows[0] == ("Name", "Trade")
    assert found.header_rows == 1


def test_rows_that_an_ods_repeats_on_each_page_are_the_head(read: Read, tmp_path: Path) -> None:
    head = ods_row(ods_cell("Name"), ods_cell("Trade"))
    body = ods_row(ods_cell("Ann"), ods_cell("pupil"))
    rows = f"<table:table-header-rows>{head}</table:table-header-rows>", body
    [found] = tables_of(read(ods(tmp_path / "people.ods", ods_table("People", *rows))))
    assert found.header_rows == 1


def test_a_library_of_schema_6_learns_to_keep_numbers_that_are_not_shown(
    db: ResearchDatabase, worker: ExtractionWorker, book: Path, tmp_path: Path
) -> None:
    frames_of(db, worker, book)
    worker.stop()
    old = tmp_path / "old.db"
    db.backup(old)
    with closing(sqlite3.connect(old)) as raw:
        raw.execute("ALTER TABLE tables DROP COLUMN exact")
        raw.execute("PRAGMA user_version = 6")
        raw.commit()
    with ResearchDatabase(old) as library:
        [found] = library.tables(1, numbers=True)
        assert found["Level"].tolist() == [1234.6, 987.0], "what was shown is all that is known"


def test_numbers_of_several_units_in_one_column_stay_text(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.freeze_panes = "A2"
    sheet.append(("Sample", "Mass", "Length", "Share"))
    for row, (mass, unit) in enumerate(((2, "kg"), (500, "g"), (3.25, "kg")), 2):
        sheet.append((f"s{row}", mass, mass, mass))
        sheet.cell(row, 2).number_format = f'0.0" {unit}"'
        sheet.cell(row, 3).number_format = '0.0" mm"'
        sheet.cell(row, 4).number_format = '0.0"%"'
    made.save(tmp_path / "masses.xlsx")
    [frame] = frames_of(db, worker, tmp_path / "masses.xlsx", numbers=True)
    assert list(frame["Mass"]) == ["2.0 kg", "500.0 g", "3.3 kg"]
    assert list(frame["Length"]) == [2, 500, 3.25]
    assert list(frame["Share"]) == [2, 500, 3.25]
    assert frame.attrs["units"] == {"Share": "%"}


def test_a_number_below_zero_that_is_only_red_has_its_sign(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    def number(value: str, shown: str) -> str:
        return ods_cell(shown, f'office:value-type="float" office:value="{value}"')

    rows = [("-2", "2.0", "-1500", "(1,500)"), ("3", "3.0", "-2.5E-7", "-2.5E-07")]
    body = [ods_row(ods_cell("x"), number(a, b), number(c, d)) for a, b, c, d in rows]
    head = ods_row(ods_cell("Site"), ods_cell("Rise"), ods_cell("Flow"))
    ods(tmp_path / "red.ods", ods_table("A", head, *body))
    [frame] = frames_of(db, worker, tmp_path / "red.ods")
    assert list(frame["Rise"]) == ["-2.0", "3.0"]
    [frame] = db.tables(1, numbers=True)
    assert list(frame["Rise"]) == [-2, 3]
    assert list(frame["Flow"]) == [-1500, -2.5e-7]


def test_numbers_too_small_for_plain_digits_are_numbers(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    made = openpyxl.Workbook()
    for row in (("Gene", "Fold", "P"), ("a", 1.5, 1e-12), ("b", 2.5, 0.25)):
        made.active.append(row)
    made.save(tmp_path / "genes.xlsx")
    [frame] = frames_of(db, worker, tmp_path / "genes.xlsx", numbers=True)
    assert list(frame["P"]) == [1e-12, 0.25]


def test_rows_above_a_table_are_none_of_its_repeated_head(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    head = ods_row(ods_cell("Name"), ods_cell("Trade"))
    repeated = f"<table:table-header-rows>{head}</table:table-header-rows>"
    body = [ods_row(ods_cell(name), ods_cell(f"of {name}")) for name in ("Ann", "Bo", "Cy")]
    empty = ods_row(ods_cell(""), ods_cell(""))
    ods(tmp_path / "low.ods", ods_table("A", empty, repeated, *body))
    [frame] = frames_of(db, worker, tmp_path / "low.ods")
    assert list(frame.columns) == ["Name", "Trade"]
    assert list(frame["Name"]) == ["Ann", "Bo", "Cy"]
