"""Heads of two levels, captions that are not over their table, and tables that end overleaf."""

from __future__ import annotations

from pathlib import Path

import pytest
from typesettables import ROWS, compile_pages, paper, table

from reslib import ExtractionWorker, ResearchDatabase
from reslib.extractors.tables.pdftables import extract
from reslib.items import Table

FULL = "table.hline(stroke: .6pt),"


def tables_of(path: Path) -> list[Table]:
    return [item for item in extract(path) if isinstance(item, Table)]


def of_two_levels(names: tuple[str, str], between_rows: str = "") -> str:
    """Return the source of a table with a line of full width below each level of its head."""
    return f"""#figure(table(columns: 5, stroke: none, table.hline(stroke: 1pt),
      [Method], table.cell(colspan: 2)[#align(center)[Training set]],
      table.cell(colspan: 2)[#align(center)[Test set]], {FULL}
      [], [{names[0]}], [{names[1]}], [{names[0]}], [{names[1]}], {FULL}
      [Baseline], [0.71], [0.64], [0.70], [0.61], {between_rows}
      [Random forest], [0.83], [0.79], [0.80], [0.75], {between_rows}
      [Ours], [0.91], [0.90], [0.89], [0.88], table.hline(stroke: 1pt)), caption: [Two sets])"""


@pytest.mark.parametrize("between_rows", ["", FULL])
@pytest.mark.parametrize(
    "names", [("P", "R"), ("Precision", "Recall"), ("Precision (weighted)", "Recall")]
)
def test_a_head_of_two_levels_with_full_lines_below_both_is_one_head(
    tmp_path: Path, names: tuple[str, str], between_rows: str
) -> None:
    [found] = tables_of(compile_pages(tmp_path, paper(of_two_levels(names, between_rows))))
    assert found.header_rows == 2
    assert found.rows[:2] == (
        ("Method", "Training set", "", "Test set", ""),
        ("", *names, *names),
    )
    assert found.spans == ((0, 1, 1, 2), (0, 3, 1, 2))


def test_a_line_below_each_row_makes_no_second_level(tmp_path: Path) -> None:
    rows = (("Site", "Kind", "Depth"), ("Elbe", "river", "n/a"), ("Ems", "river", "8.4"))
    [found] = tables_of(compile_pages(tmp_path, paper(table(rows, rules="rows"))))
    assert found.header_rows == 1


def test_a_table_without_lines_has_a_head_where_that_is_sure(tmp_path: Path) -> None:
    [found] = tables_of(compile_pages(tmp_path, paper(table(rules="none"))))
    assert found.header_rows == 1
    assert found.reason.startswith("found without lines; no head is stated: the first row is")


@pytest.mark.parametrize("rules", ["booktabs", "none"])
@pytest.mark.parametrize("caption", ["Table 4.", "Table 4. Sites"])
def test_a_short_caption_at_the_edge_is_that_of_the_table_set_in_the_middle(
    tmp_path: Path, rules: str, caption: str
) -> None:
    source = paper(f"{caption}\n{table(rules=rules, caption=None)}")
    [found] = tables_of(compile_pages(tmp_path, source))
    assert found.rows == ROWS
    assert found.caption == caption


def test_a_caption_in_the_other_column_is_not_that_of_a_table(tmp_path: Path) -> None:
    small = table(tuple(row[:2] for row in ROWS), caption=None)
    prose = "The seasonal measurement consistently influences the coastal observation. " * 12
    source = f"""#set page(paper: "a4", columns: 2, margin: 2.2cm)
      Table 4. Sites

      {prose}
      #colbreak()
      #v(2em)
      {small}

      {prose}"""
    [found] = tables_of(compile_pages(tmp_path, source))
    assert found.caption == ""


def long_table(rows: int, rules: str) -> str:
    """Return the source of a table that goes on over pages, its head on the first one only."""
    cells = ", ".join(
        f"[{cell}]"
        for n in range(1, rows + 1)
        for cell in (f"Site {n}", f"{n * 1.5:.1f}", str(n * 7), f"{n}.25")
    )
    head = "table.hline(stroke: 1pt), [Name], [Depth], [Flow], [Rate], table.hline(stroke: .6pt)"
    stroke = "none" if rules == "booktabs" else ".5pt"
    return f"""#set page(height: 14cm, margin: 2cm, numbering: "1")
      #set text(font: "New Computer Modern", size: 10pt)
      #show figure: set block(breakable: true)
      #show figure.where(kind: table): set figure.caption(position: top)
      #figure(table(columns: 4, stroke: {stroke}, table.header(repeat: false, {head}), {cells},
      table.hline(stroke: 1pt)), caption: [Depths])

      The seasonal measurement influences the coastal observation across three long winters, and
      the instrument characterises the uncertainty of the calibration in each of them."""


@pytest.mark.parametrize("rules", ["booktabs", "grid"])
@pytest.mark.parametrize("left", [1, 2])
def test_the_last_rows_of_a_table_overleaf_are_joined_to_it(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path, rules: str, left: int
) -> None:
    fit = len(tables_of(compile_pages(tmp_path, long_table(40, rules)))[0].rows) - 1
    path = compile_pages(tmp_path, long_table(fit + left, rules), "long.pdf")
    document = db.add_attachment(path.name, path)
    worker.start()
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    [whole] = db.tables(document, join=True, numbers=True)
    assert whole["Flow"].tolist() == [7 * n for n in range(1, fit + left + 1)]
    assert whole.attrs["pages"] == (1, 2)


def test_a_row_of_other_columns_overleaf_is_none_of_the_table(tmp_path: Path) -> None:
    fit = len(tables_of(compile_pages(tmp_path, long_table(40, "booktabs")))[0].rows) - 1
    source = long_table(fit, "booktabs").replace("The seasonal", "#line(length: 70%)\nThe seasonal")
    found = tables_of(compile_pages(tmp_path, source, "fits.pdf"))
    assert [item.page for item in found] == [1]
