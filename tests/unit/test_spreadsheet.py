"""A spreadsheet as pages and tables, and what damage and attacks get."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from markupreading import only
from oleparts import ole
from sheetparts import (
    Sheet,
    cell,
    code_of,
    ods,
    ods_cell,
    ods_row,
    ods_table,
    read,
    refused,
    row,
    xlsx,
)

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import own, spreadsheet
from reslib.extractors.office import sheetrows, sheetscan
from reslib.extractors.office.sheetstyles import CellStyles
from reslib.formats.detect import detect
from reslib.items import Table, Warning
from reslib.models import TextStatus

LONG = f"<si><t>{'b' * 30_000}</t></si>"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def test_a_sheet_is_a_page_and_a_table_with_its_name(book: Path) -> None:
    first = Sheet(row(1, cell("A1", "depth"), cell("B1", 12)), "Profile A")
    result = read(xlsx(book, first, Sheet(row(1, cell("A1", "salinity")), "Profile B")))
    assert [page.label for page in result.pages] == ["Profile A", "Profile B"]
    assert [page.text for page in result.pages] == ["Profile A\ndepth\t12", "Profile B\nsalinity"]
    assert only(result, Table) == [
        Table((("depth", "12"),), page=1, caption="Profile A"),
        Table((("salinity",),), page=2, caption="Profile B"),
    ]
    assert result.text_status is TextStatus.FULL
    assert result.confidence is None, "nothing is measured"


def test_cells_are_given_as_they_are_shown(book: Path) -> None:
    cells = [
        cell("A1", 45000, style=1),
        cell("B1", 45000.5, style=1),
        cell("C1", 0.125, style=2),
        cell("D1", 0.045, style=3),
        cell("E1", -0.25, style=4),
        cell("F1", 1, kind="b"),
        cell("G1", "#DIV/0!", kind="e"),
        cell("H1", 0.30000000000000004),
        cell("I1", 1e15),
        cell("J1", 0.0000125),
        cell("K1", "two\nlines"),
        '<c r="L1" t="str"><f>A1&amp;"x"</f><v>result</v></c>',
    ]
    result = read(xlsx(book, Sheet(row(1, *cells))))
    assert result.text.split("\n")[1].split("\t") == [
        "2023-03-15",
        "2023-03-15 12:00:00",
        "13%",
        "4.50%",
        "-25.0%",
        "TRUE",
        "#DIV/0!",
        "0.3",
        "1000000000000000",
        "0.0000125",
        "two lines",
        "result",
    ]
    assert only(result, Table)[0].rows[0][10] == "two\nlines"


def test_words_that_cells_share_are_found(book: Path) -> None:
    rows = row(1, cell("A1", 1, kind="s"), cell("B1", 0, kind="s"))
    strings = ["<si><t>mesopelagic</t></si>", "<si><r><t>bathy</t></r><r><t>metry</t></r></si>"]
    assert read(xlsx(book, Sheet(rows), strings=strings)).pages[0].text == (
        "Sheet1\nbathymetry\tmesopelagic"
    )


def test_what_is_empty_at_the_edges_is_left_out(book: Path) -> None:
    rows = [
        row(3, '<c r="B3" s="1"/>', cell("C3", "a"), cell("E3", "b")),
        row(6, cell("C6", "c")),
        row(900, '<c r="XFD900" s="1"/>'),
    ]
    result = read(xlsx(book, Sheet(rows)))
    assert result.text == "Sheet1\na\t\tb\n\nc"
    [table] = only(result, Table)
    assert isinstance(table, Table)
    assert table.rows == (("a", "", "b"), ("", "", ""), ("", "", ""), ("c", "", ""))


def test_cells_without_their_places_follow_each_other(book: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert read(xlsx(book, Sheet(rows))).text == "Sheet1\n1\t2\n3"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_and_named(book: Path, state: str) -> None:
    sheets = (Sheet(row(1, cell("A1", "seen"))), Sheet(row(1, cell("A1", "kept")), "Raw", state))
    result = read(xlsx(book, *sheets))
    assert "kept" in result.text
    assert only(result, Warning) == [
        Warning("hidden_sheet", "the sheet 'Raw' is hidden in the document", 2)
    ]


def test_a_workbook_without_a_word_is_empty_not_broken(book: Path) -> None:
    result = read(xlsx(book, Sheet(), Sheet(name="Sheet2")))
    assert result.text_status is TextStatus.EMPTY
    assert [page.blank for page in result.pages] == [True, True]
    assert not result.items


def test_an_opendocument_sheet_is_read_too(tmp_path: Path) -> None:
    rows = [
        ods_row(
            ods_cell("12.5.24", 'office:value-type="date" office:date-value="2024-05-12"'),
            ods_cell("0,3", 'office:value-type="float" office:value="0.30000000000000004"'),
            ods_cell("x", times=2),
        ),
        ods_row(ods_cell("", times=16384), times=1_048_575),
    ]
    result = read(ods(tmp_path / "a.ods", ods_table("Säule", *rows)))
    assert result.text == "Säule\n2024-05-12\t0,3\tx\tx"
    assert detect(tmp_path / "a.ods") in own.SPREADSHEET.mime_types


# --- what is wrong with it --------------------------------------------------------------------


@pytest.mark.parametrize("tenth", range(1, 10))
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_file_that_is_cut_short_says_so(tmp_path: Path, kind: str, tenth: int) -> None:
    if kind == "ods":
        path = ods(tmp_path / "a.ods", ods_table("A", ods_row(ods_cell("word"))))
    else:
        path = xlsx(tmp_path / "a.xlsx", Sheet(row(1, cell("A1", "word"))))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    assert code_of(path) is ErrorCode.MALFORMED
    with pytest.raises(ExtractionError) as caught:
        detect(path)
    assert caught.value.code is ErrorCode.TRUNCATED


def test_an_old_workbook_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    for content in (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xd0\xcf\x11\xe0" + bytes(4096)):
        path.write_bytes(content)
        assert code_of(path) is ErrorCode.MALFORMED
        assert "Save it again" in str(refused(path))


def test_one_damaged_sheet_costs_itself(book: Path) -> None:
    result = read(xlsx(book, Sheet(row(1, cell("A1", "word"))), Sheet("<row><c></row", "Torn")))
    assert result.text_status is TextStatus.PARTIAL
    assert "word" in result.text
    assert result.confidence_reason == "the sheet 'Torn' could not be read (1 of 2 pages)"
    assert [item.code for item in only(result, Warning)] == ["unread_sheet"]


def test_damage_that_only_the_reader_meets_is_damage_too(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", ods_table("A", ods_row(ods_cell("word"))))
    content = bytearray(path.read_bytes())
    content[30 + len("mimetype")] ^= 0xFF  # the first byte of what is packed
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.MALFORMED


def test_a_workbook_with_a_password_says_so(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", ods_table("A"), manifest="<manifest:encryption-data/>")
    assert code_of(path) is ErrorCode.ENCRYPTED
    assert "protected with a password" in str(refused(path))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_is_no_xml_is_damage(book: Path, tmp_path: Path, part: str) -> None:
    xlsx(book, Sheet(row(1, cell("A1", "word"))))
    for inside in ("<a" * 30_000, "<a>" * 30_000, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        path = tmp_path / "copy.xlsx"
        with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                new.writestr(name, inside if name == part else old.read(name))
        assert code_of(path) is ErrorCode.MALFORMED


def test_a_name_full_of_orders_is_text(book: Path) -> None:
    name = "\x1b&amp;&lt;img src=x&gt;\u202e../../etc".replace("\x1b", "")
    result = read(xlsx(book, Sheet(row(1, cell("A1", "word")), name, "hidden")))
    assert result.pages[0].label == "&<img src=x>\u202e../../etc"
    [warning] = only(result, Warning)
    assert "\u202e" not in warning.message


def test_an_old_workbook_that_says_it_is_enormous_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    for first, last, words in (
        (0, 1_000_000_000, "more cells than"),
        (9, 1, "more cells than"),
        (0, 65_536, "Save it again"),
    ):
        record = struct.pack("<HHIIHHH", 0x200, 14, first, last, 0, 256, 0)
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + record + bytes(600))
        assert code_of(path) is ErrorCode.MALFORMED
        assert words in str(refused(path))
    assert sheetscan.scan_xls(path) == 1 << 24


# --- what is too much -------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["XFD1048576", "B1000000000"])
def test_cells_far_apart_are_moved_together(book: Path, last: str) -> None:
    far = "".join(character for character in last if character.isdigit())
    rows = row(2, cell("B2", "first"), "<c/>", "<c><v>5</v></c>", '<c r="Z2" s="1"/>')
    rows += "<row/><row/>" + row(int(far), cell(last, 0.5, style=2))
    result = read(xlsx(book, Sheet(rows, "Far"), Sheet(row(1, cell("A1", "near")))))
    [far_table, near_table] = only(result, Table)
    assert isinstance(far_table, Table)
    assert {"first", "5", "50%"} <= {text for line in far_table.rows for text in line}
    assert len(far_table.rows) == 2
    assert near_table == Table((("near",),), page=2, caption="Sheet1")
    assert result.text_status is TextStatus.FULL
    assert [item.code for item in only(result, Warning)] == ["cells_far_apart"]


def test_more_cells_than_fit_into_memory_are_refused_before(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "_MOST_CELLS", 99)
    rows = [row(n, *(cell(f"{c}{n}", n) for c in "ABCDEFGHIJ")) for n in range(1, 11)]
    assert code_of(xlsx(book, Sheet(rows))) is ErrorCode.OUTPUT_LIMIT
    result = read(xlsx(book, Sheet(rows, "Large"), Sheet(row(1, cell("A1", "near")))))
    assert result.pages[1].text == "Sheet1\nnear"
    assert result.text_status is TextStatus.PARTIAL


@pytest.mark.parametrize(
    ("rows", "columns"), [(1_000_000_000, 1), (1, 1_000_000_000), (9999, 9999)]
)
def test_repeated_cells_are_counted_before_memory_is_taken(
    tmp_path: Path, rows: int, columns: int
) -> None:
    table = ods_table("A", ods_row(ods_cell("x", times=columns), times=rows))
    assert code_of(ods(tmp_path / "a.ods", table)) is ErrorCode.OUTPUT_LIMIT
    long = ods_table("A", ods_row(ods_cell("x" * 20_000, times=100), times=1000))
    assert code_of(ods(tmp_path / "a.ods", long)) is ErrorCode.OUTPUT_LIMIT
    empty = ods_table("A", ods_row(ods_cell("", times=columns), times=rows))
    assert read(ods(tmp_path / "b.ods", empty)).text_status is TextStatus.EMPTY


def test_words_that_unpack_to_too_much_are_refused(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    xlsx(book, Sheet(row(1, cell("A1", 0, kind="s"))), strings=["<si><t>ab</t></si>"] * 90_000)
    assert read(book).text == "Sheet1\nab"
    many = (row(n, cell(f"A{n}", 0, kind="s")) for n in range(1, 20_001))
    bomb = xlsx(book.with_name("bomb.xlsx"), Sheet(many), strings=["<si><t>a</t></si>" * 9, LONG])
    assert read(bomb).text.count("\na") == 20_000
    many = (row(n, cell(f"A{n}", 9, kind="s")) for n in range(1, 20_001))
    xlsx(bomb, Sheet(many), strings=["<si><t>a</t></si>" * 9, LONG])
    assert code_of(bomb) is ErrorCode.OUTPUT_LIMIT
    monkeypatch.setattr(spreadsheet, "_MOST_STRINGS", 1 << 20)
    assert code_of(book) is ErrorCode.OUTPUT_LIMIT
    monkeypatch.setattr(spreadsheet, "_MOST_STRINGS", 1 << 30)
    monkeypatch.setattr(spreadsheet, "_MOST_UNPACKED", 1 << 20)
    assert code_of(book) is ErrorCode.MALFORMED
    assert "ZIP bomb" in str(refused(book))


def test_a_sheet_too_large_for_a_table_keeps_its_text(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = (row(n, cell(f"A{n}", f"word{n}")) for n in range(1, 1001))
    xlsx(book, Sheet(many, "Many"), Sheet(row(1, cell("A1", "few")), "Few"))
    monkeypatch.setattr(sheetrows, "MOST_TABLES", 4000)
    result = read(book)
    assert result.text.count("word") == 1000
    assert [table.caption for table in only(result, Table)] == ["Few"]
    assert [item.code for item in only(result, Warning)] == ["table_left_out"]
    assert result.text_status is TextStatus.FULL
    monkeypatch.setattr(spreadsheet, "_MOST_TEXT", 3000)
    cut = read(book)
    assert cut.text_status is TextStatus.PARTIAL
    assert "only the first 388 rows of the sheet 'Many' are kept" in cut.confidence_reason


def test_more_formats_than_are_kept_are_said(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetscan, "MOST_STYLED", 1)
    result = read(xlsx(book, Sheet(row(1, cell("A1", 0.5, style=2), cell("B1", 0.5, style=2)))))
    assert result.text == "Sheet1\n50%\t0.5"
    assert [item.code for item in only(result, Warning)] == ["number_without_format"]


def test_the_extent_is_found_wherever_the_pieces_end(book: Path) -> None:
    rows = "".join(row(n, cell(f"C{n}", n), cell(f"AB{n}", n, style=2)) for n in range(5, 900))
    text = f"<sheetData>{rows}</sheetData>".encode()
    for size in (7, 1000, len(text)):
        pieces = (text[start : start + size] for start in range(0, len(text), size))
        extent = sheetscan.scan_xlsx(pieces, CellStyles({2: 4}))
        assert (extent.top, extent.left, extent.bottom, extent.right) == (4, 2, 898, 27)
        assert (extent.styled, len(extent.styles)) == (895, 895)


def test_the_extent_of_a_binary_sheet_is_found_in_its_records() -> None:
    def record(kind: int, content: bytes) -> bytes:
        return bytes([kind, len(content)]) + content

    data = record(0, struct.pack("<II", 3, 0)) + record(2, struct.pack("<III", 5, 0, 0))
    data += b"\x91\x01\x00" + record(0, struct.pack("<II", 1_048_575, 0))
    data += record(1, struct.pack("<II", 16_383, 0)) + record(4, struct.pack("<IIB", 9, 0, 1))
    for size in (1, 5, len(data)):
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        extent = sheetscan.scan_xlsb(pieces)
        assert (extent.top, extent.left, extent.bottom, extent.right) == (3, 5, 1_048_575, 9)


@pytest.mark.parametrize("stream", ["Workbook", "Book"])
def test_an_old_workbook_with_a_password_is_encrypted(tmp_path: Path, stream: str) -> None:
    begin = struct.pack("<HHHHHHHI", 0x0809, 14, 0x0600, 5, 0x0DBB, 0x07CC, 0, 0)
    obfuscated = struct.pack("<HHHHH", 0x002F, 6, 0, 0x3B8A, 0x9AD2)
    path = tmp_path / "old.xls"
    path.write_bytes(ole({stream: begin + obfuscated + bytes(5000)}))
    assert code_of(path) is ErrorCode.ENCRYPTED
