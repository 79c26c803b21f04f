"""The heads of tables in documents that state none: by what stands in them, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reslib.items import Table
from reslib.models import ExtractionResult

Read = Callable[[Path], ExtractionResult]
NUMBERS = [["Site", "Depth", "Width"], ["Elbe", "14.2", "300"], ["Ems", "8.4", "120"]]
WORDS = [["Name", "Trade"], ["Ann", "teacher"], ["Bo", "pupil"]]
#: A style that has a look of its own for the first row.
STYLE = (
    f'<w:style {nsdecls("w")} w:type="table" w:styleId="Lined"><w:name w:val="Lined"/>'
    '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>'
)


def word(path: Path, rows: list[list[str]], change: Callable[[Any, Any], None]) -> Path:
    document = docx.Document()
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    change(document, table)
    document.save(str(path))
    return path


def only_table(result: ExtractionResult) -> Table:
    [found] = [item for item in result.items if isinstance(item, Table)]
    return found


def plain(document: Any, table: Any) -> None:
    """Leave the table as python-docx makes it, with the look that Word gives every table."""


def bold(document: Any, table: Any) -> None:
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True


def partly_bold(document: Any, table: Any) -> None:
    table.cell(0, 0).paragraphs[0].runs[0].bold = True


def shaded(document: Any, table: Any) -> None:
    for cell in table.rows[0].cells:
        ground = f'<w:shd {nsdecls("w")} w:val="clear" w:fill="D9D9D9"/>'
        cell._tc.get_or_add_tcPr().append(parse_xml(ground))


def styled(document: Any, table: Any) -> None:
    document.styles.element.append(parse_xml(STYLE))
    table._tbl.tblPr.get_or_add_tblStyle().val = "Lined"


@pytest.mark.parametrize(
    ("rows", "change", "heads"),
    [
        (NUMBERS, plain, 1),
        (NUMBERS[1:], plain, 0),
        (WORDS, plain, 0),
        (WORDS, partly_bold, 0),
        (WORDS, bold, 1),
        (WORDS, shaded, 1),
        (WORDS, styled, 1),
    ],
)
def test_a_table_of_word_has_a_head_where_that_is_sure(
    read: Read,
    tmp_path: Path,
    rows: list[list[str]],
    change: Callable[[Any, Any], None],
    heads: int,
) -> None:
    found = only_table(read(word(tmp_path / "table.docx", rows, change)))
    assert found.header_rows == heads
    assert bool(found.reason) == bool(heads)
    assert found.rows == tuple(map(tuple, rows)), "the cells are those of the file"


def test_a_head_that_word_states_needs_no_reason(read: Read, tmp_path: Path) -> None:
    def repeated(document: Any, table: Any) -> None:
        row = table.rows[0]._tr.get_or_add_trPr()
        row.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))

    found = only_table(read(word(tmp_path / "table.docx", NUMBERS, repeated)))
    assert (found.header_rows, found.reason) == (1, "")


def test_a_web_page_without_head_cells_has_a_head_over_its_numbers(
    read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    rows = "".join(f"<tr><td>{'<td>'.join(row)}" for row in NUMBERS)
    path.write_text(f"<!doctype html><title>Rivers</title><p>Words.</p><table>{rows}</table>")
    found = only_table(read(path))
    assert found.header_rows == 1
    assert found.reason == "no head is stated: the first row is taken for it (words over numbers)"
