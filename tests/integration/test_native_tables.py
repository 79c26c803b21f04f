"""Tables that a file states itself, with the cells that reach over several."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from reslib.items import Table
from reslib.models import ExtractionResult

Read = Callable[[Path], ExtractionResult]


def tables_of(result: ExtractionResult) -> list[Table]:
    return [item for item in result.items if isinstance(item, Table)]


@pytest.fixture
def word(tmp_path: Path) -> Path:
    """A Word document with a table whose cells are merged both ways, and one inside a cell."""
    document = docx.Document()
    document.add_paragraph("Some words.")
    document.add_paragraph("Table 1: Depths", style="Caption")
    table = document.add_table(rows=4, cols=3)
    words = [
        ["Site", "Depth", "Depth"],
        ["Site", "low", "high"],
        ["Elbe", "14.2", "16.0"],
        ["Ems", "8.4", ""],
    ]
    for row, texts in enumerate(words):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).text = "Depth"
    table.cell(0, 2).text = ""
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).text = ""
    table.cell(0, 0).merge(table.cell(1, 0))
    inner = table.cell(3, 2).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "9.1", "(flood)"
    path = tmp_path / "depths.docx"
    document.save(str(path))
    return path


def test_tables_of_word_have_their_merged_cells_and_those_inside_them(
    read: Read, word: Path
) -> None:
    outer, inner = tables_of(read(word))
    assert [[cell.strip() for cell in row] for row in outer.rows[:3]] == [
        ["Site", "Depth", ""],
        ["", "low", "high"],
        ["Elbe", "14.2", "16.0"],
    ]
    assert outer.spans == ((0, 0, 2, 1), (0, 1, 1, 2))
    assert outer.caption == "Table 1: Depths"
    assert inner.rows == (("9.1", "(flood)"),)
    assert outer.confidence is None


def test_a_caption_below_a_table_of_word_is_that_of_the_table(read: Read, tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b"
    document.add_paragraph("Table 2. Letters")
    path = tmp_path / "letters.docx"
    document.save(str(path))
    [found] = tables_of(read(path))
    assert found.caption == "Table 2. Letters"


def test_tables_of_web_pages_say_which_cells_reach_over_several(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><title>Depths</title><p>Words.</p><table><caption>Depths</caption>"
        "<tr><th rowspan=2>Site<th colspan=2>Depth<tr><th>low<th>high<tr><td>Elbe<td>14<td>16"
        "</table>"
    )
    [found] = tables_of(read(path))
    assert found.rows == (("Site", "Depth", ""), ("", "low", "high"), ("Elbe", "14", "16"))
    assert found.spans == ((0, 0, 2, 1), (0, 1, 1, 2))


def test_tables_of_a_book_are_on_the_page_of_their_chapter(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    chapter = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{0}</h1><p>Words.</p>{1}</body></html>'
    table = "<table><tr><th>Site</th><th>Depth</th></tr><tr><td>Elbe</td><td>14</td></tr></table>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        archive.writestr("a.xhtml", chapter.format("One", ""))
        archive.writestr("b.xhtml", chapter.format("Two", table))
    [found] = tables_of(read(path))
    assert found.page == 2
    assert found.rows == (("Site", "Depth"), ("Elbe", "14"))


def test_a_table_of_tex_says_over_which_columns_a_cell_reaches(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "paper.tex"
    path.write_text(
        r"""\documentclass{article}\begin{document}
        \begin{table}\caption{Depths}\begin{tabular}{lrr}\toprule
        & \multicolumn{2}{c}{Depth} \\ Site & low & high \\ \midrule
        Elbe & 14 & 16 \\ \bottomrule\end{tabular}\end{table}\end{document}"""
    )
    [found] = tables_of(read(path))
    assert found.rows == (("", "Depth", ""), ("Site", "low", "high"), ("Elbe", "14", "16"))
    assert found.spans == ((0, 1, 1, 2),)


def test_a_table_of_tex_says_over_which_rows_a_cell_reaches(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "paper.tex"
    path.write_text(
        r"""\documentclass{article}\usepackage{multirow}\begin{document}
        \begin{tabular}{lrr}\hline
        \multirow{2}{*}{Site} & \multicolumn{2}{c}{Depth} \\ \cline{2-3} & low & high \\ \hline
        Elbe & 14 & \multirow[t]{9}{2cm}{16} \\ & 15 & \\ \multirow{-2}{*}{Ems} & 8 & \\
        \hline\end{tabular}\end{document}"""
    )
    [found] = tables_of(read(path))
    assert found.rows == (
        ("Site", "Depth", ""),
        ("", "low", "high"),
        ("Elbe", "14", "16"),
        ("Ems", "15", ""),
        ("", "8", ""),
    )
    assert found.spans == ((0, 0, 2, 1), (0, 1, 1, 2), (2, 2, 3, 1), (3, 0, 2, 1))
    assert found.header_rows == 2


def test_a_table_of_a_workbook_has_its_merged_cells(read: Read, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for place, value in {"C3": "Site", "D3": "Depth", "D4": "low", "E4": "high"}.items():
        sheet[place] = value
    sheet["C5"], sheet["D5"], sheet["E5"] = "Elbe", 14, 16
    for cells in ("C3:C4", "D3:E3", "D5:D40", "A1:B1", "H1:J9"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "depths.xlsx")
    [found] = tables_of(read(tmp_path / "depths.xlsx"))
    assert found.rows == (("Site", "Depth", ""), ("", "low", "high"), ("Elbe", "14", "16"))
    assert found.spans == ((0, 0, 2, 1), (0, 1, 1, 2)), "only what reaches over cells of the table"


def test_a_table_of_an_ods_has_its_merged_cells(read: Read, tmp_path: Path) -> None:
    name = "urn:oasis:names:tc:opendocument:xmlns"

    def cell(text: str = "", more: str = "") -> str:
        said = f'office:value-type="string"><text:p>{text}</text:p>'
        return f"<table:table-cell {more} {said}</table:table-cell>"

    wide, high = 'table:number-columns-spanned="2"', 'table:number-rows-spanned="2"'
    covered = "<table:covered-table-cell/>"
    rows = (
        '<table:table-cell table:number-columns-repeated="4"/>',
        f"<table:table-cell/>{cell('Site', high)}{cell('Depth', wide)}{covered}",
        f"<table:table-cell/>{covered}{cell('low')}{cell('high')}",
        f"<table:table-cell/>{cell('Elbe')}{cell('14')}{cell('16')}",
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{name}:office:1.0" xmlns:table="{name}:table:1.0" '
        f'xmlns:text="{name}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Depths">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "depths.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    [found] = tables_of(read(tmp_path / "depths.ods"))
    assert found.rows == (("Site", "Depth", ""), ("", "low", "high"), ("Elbe", "14", "16"))
    assert found.spans == ((0, 0, 2, 1), (0, 1, 1, 2))
