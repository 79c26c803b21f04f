"""Tables of PDFs: what is found, what is not, and that the text is left alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typesettables import ROWS, compile_pages, paper, table

from reslib import ExtractionWorker, ResearchDatabase
from reslib.extractors.own import PDFPLUMBER_TABLES
from reslib.extractors.tables.plumbertables import extract as plumber_tables
from reslib.items import Reference, Section, Table, Warning
from reslib.models import ExtractionRequest, ExtractionResult
from reslib.sandbox import Sandbox

Tables = Callable[[str], list[Table]]


@pytest.fixture(scope="module")
def child() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def result_of(child: Sandbox, path: Path, task: str = "tables") -> ExtractionResult:
    outcome = child.run(ExtractionRequest(os.fspath(path), timeout=60, task=task))
    assert outcome.result is not None, outcome.failure
    return outcome.result


@pytest.fixture
def tables(child: Sandbox, tmp_path: Path) -> Tables:
    def read(source: str) -> list[Table]:
        found = result_of(child, compile_pages(tmp_path, source)).items
        return [item for item in found if isinstance(item, Table)]

    return read


@pytest.mark.parametrize("rules", ["booktabs", "grid", "rows", "none"])
@pytest.mark.parametrize("columns", [1, 2])
def test_a_table_with_a_caption_is_read_whatever_lines_it_has(
    tables: Tables, rules: str, columns: int
) -> None:
    [found] = tables(paper(table(rules=rules), columns=columns))
    assert found.rows == ROWS
    assert found.caption.startswith("Table 1: Results on the test set")
    assert found.page == 1
    assert found.confidence is not None
    assert found.confidence > 0.6
    assert found.reason.startswith("found ")


@pytest.mark.parametrize("rules", ["booktabs", "grid", "none"])
def test_pdfplumber_finds_the_same_table_when_it_is_asked_for_by_name(
    tmp_path: Path, rules: str
) -> None:
    pytest.importorskip("pdfplumber")
    extractor = PDFPLUMBER_TABLES
    assert extractor.by_name_only
    assert extractor.task == "tables"
    path = compile_pages(tmp_path, paper(table(rules=rules), columns=2))
    [found] = [item for item in plumber_tables(path) if isinstance(item, Table)]
    assert found.rows == ROWS
    assert found.caption.startswith("Table 1: Results on the test set")


def test_pdfplumber_reads_a_table_that_stands_upright(tmp_path: Path) -> None:
    pytest.importorskip("pdfplumber")
    source = paper(f"#rotate(-90deg, reflow: true)[{table()}]")
    path = compile_pages(tmp_path, source)
    found = [item for item in plumber_tables(path) if isinstance(item, Table)]
    assert [item.rows for item in found] == [ROWS]


@pytest.mark.parametrize("rules", ["booktabs", "grid"])
@pytest.mark.parametrize("height", ["-0.34em", "-0.5em"])
def test_a_raised_mark_is_neither_a_row_nor_a_digit_of_its_number(
    tables: Tables, rules: str, height: str
) -> None:
    marked = f"#super(typographic: false, size: 0.65em, baseline: {height})"
    rows = (
        ("Site", "Copper", "Zinc"),
        ("North", f"12.3{marked}[1]", "45"),
        ("South", "7.5", f"910{marked}[a]"),
        ("East", "1.2", f"3{marked}[\\*]"),
        ("West", f"45{marked}[2]", "11"),
    )
    [found] = tables(paper(table(rows, rules=rules)))
    assert found.rows == (
        ("Site", "Copper", "Zinc"),
        ("North", "12.3^1", "45"),
        ("South", "7.5", "910a"),
        ("East", "1.2", "3*"),
        ("West", "45^2", "11"),
    )


def test_years_over_columns_are_their_heads(tables: Tables) -> None:
    rows = (("Port", "2001", "2002"), ("Kiel", "4.2", "5.1"), ("Emden", "3.3", "2.2"))
    [found] = tables(paper(table(rows, rules="grid")))
    assert found.rows == rows
    assert found.header_rows == 1


def test_a_page_that_is_all_table_keeps_the_column_that_counts_its_rows(
    child: Sandbox, tmp_path: Path
) -> None:
    rows = [(str(number), f"{number * 1.5:.1f}", str(number * 7)) for number in range(1, 111)]
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    source = f"#set page(height: 14cm)\n#table(columns: 3, {cells})"
    found = result_of(child, compile_pages(tmp_path, source)).items
    pieces = [item for item in found if isinstance(item, Table)]
    assert len(pieces) > 2
    assert [row for piece in pieces for row in piece.rows] == rows


def test_the_rows_above_the_first_line_are_the_head(tables: Tables) -> None:
    [found] = tables(paper(table()))
    assert found.header_rows == 1


def test_prose_has_no_table(tables: Tables) -> None:
    assert tables(paper("= Methods", "= Results")) == []
    assert tables(paper("= Methods", "= Results", columns=2)) == []


def test_two_tables_of_one_page_are_two_with_their_captions(tables: Tables) -> None:
    other = (("Site", "Depth"), ("Elbe", "14.2"), ("Weser", "11.9"), ("Ems", "8.4"))
    first, second = tables(paper(table(), table(other, caption="Depths in metres")))
    assert first.rows == ROWS
    assert second.rows == other
    assert second.caption.startswith("Table 2: Depths in metres")


def test_captions_below_tables_are_each_of_their_own_table(tables: Tables) -> None:
    below = "#show figure.where(kind: table): set figure.caption(position: bottom)\n"
    two = table(caption="Results in winter") + "\n" + table(caption="Results in summer")
    found = tables(paper(below + two))
    assert [item.caption[:26] for item in found] == [
        "Table 1: Results in winter",
        "Table 2: Results in summer",
    ]


def test_a_table_that_is_turned_is_read_from_its_side(tables: Tables) -> None:
    turned = f"#rotate(-90deg, reflow: true)[{table()}]"
    [found] = tables(paper("= Results", turned))
    assert found.rows == ROWS
    left, top, right, bottom = found.box
    assert right - left < bottom - top


def test_the_box_of_a_table_is_counted_from_the_upper_left_corner(tables: Tables) -> None:
    [found] = tables(paper(table()))
    left, top, right, bottom = found.box
    assert 60 < left < right < 540
    assert 0 < top < bottom < 420  # it stands in the upper half


def test_a_head_over_several_columns_says_over_which(tables: Tables) -> None:
    source = """#figure(table(columns: 5, stroke: none,
      table.hline(stroke: 1pt),
      table.cell(rowspan: 1)[Method], table.cell(colspan: 2)[Training set],
      table.cell(colspan: 2)[Test set],
      table.hline(start: 1, end: 3, stroke: .5pt), table.hline(start: 3, end: 5, stroke: .5pt),
      [], [Precision], [Recall], [Precision], [Recall],
      table.hline(stroke: .6pt),
      [Baseline], [0.71], [0.64], [0.70], [0.61],
      [Random forest], [0.83], [0.79], [0.80], [0.75],
      [Ours], [0.91], [0.90], [0.89], [0.88],
      table.hline(stroke: 1pt)), caption: [Two sets])"""
    [found] = tables(paper(source))
    assert found.header_rows == 2
    assert found.rows[0] == ("Method", "Training set", "", "Test set", "")
    assert found.rows[1] == ("", "Precision", "Recall", "Precision", "Recall")
    assert found.spans == ((0, 1, 1, 2), (0, 3, 1, 2))


def test_cells_of_several_lines_are_one_cell_each(tables: Tables) -> None:
    source = """#figure(table(columns: (3cm, 6cm, 2cm), stroke: .5pt, align: left,
      [Site], [Description], [Depth],
      [Elbe], [A long estuary with a deep channel that is dredged every year], [14.2],
      [Ems], [A short one that is shallow and has a bend near its harbour], [8.4]),
      caption: [Sites])"""
    [found] = tables(paper(source))
    assert found.rows[1] == (
        "Elbe",
        "A long estuary with a deep channel that is dredged every year",
        "14.2",
    )


def test_columns_closer_than_words_are_two(tables: Tables) -> None:
    narrow = table().replace("#figure(table(", "#figure(table(inset: (x: 1.3pt, y: 4pt), ")
    [found] = tables(paper(narrow))
    assert found.rows == ROWS


def test_a_number_and_its_error_stay_in_one_cell(tables: Tables) -> None:
    rows = (("Site", "Depth", "Width"), *((f"S{n}", f"1{n}.2 ± 0.{n}", f"{n}.5") for n in range(6)))
    [found] = tables(paper(table(rows)))
    assert found.rows == rows


def test_a_page_without_letters_is_said_to_have_no_tables_read(
    child: Sandbox, tmp_path: Path
) -> None:
    path = compile_pages(tmp_path, "#rect(width: 3cm, height: 2cm, fill: black)")
    found = result_of(child, path)
    [warning] = [item for item in found.items if isinstance(item, Warning)]
    assert warning.code == "no_text_layer"


def test_tables_are_a_task_that_leaves_the_text_alone(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    path = compile_pages(tmp_path, paper(table()))
    document = db.add_attachment("paper.pdf", path)
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    text = db.get_attachment(document)
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    after = db.get_attachment(document)
    assert (after.extracted_text, after.text_status) == (text.extracted_text, text.text_status)
    [found] = db.get_items(document, Table, task="tables")
    assert found.rows == ROWS


def test_headings_and_references_are_found_with_the_tables(child: Sandbox, tmp_path: Path) -> None:
    numbered = '#set heading(numbering: "1.1")\n'
    works = "\n\n".join(
        f"[{n}] A. Reed, B. Li. A work on the tides of the Elbe, J. Tides {n} (201{n}) 3--14. "
        f"doi:10.1016/j.tides.201{n}.3"
        for n in range(1, 5)
    )
    source = (
        numbered
        + paper(
            "= Introduction",
            "= Sites and instruments",
            "== The Elbe",
            table(),
            "#heading(numbering: none)[References]",
        ).rsplit("\n\n", 2)[0]
        + f"\n\n{works}"
    )
    items = result_of(child, compile_pages(tmp_path, source)).items
    sections = [(item.title, item.level) for item in items if isinstance(item, Section)]
    assert sections == [
        ("1 Introduction", 1),
        ("2 Sites and instruments", 1),
        ("2.1 The Elbe", 2),
        ("References", 1),
    ]
    found = [item for item in items if isinstance(item, Reference)]
    assert [one.doi for one in found] == [f"10.1016/j.tides.201{n}.3" for n in range(1, 5)]
    assert [one.year for one in found] == [2011, 2012, 2013, 2014]


def test_running_heads_are_no_headings(child: Sandbox, tmp_path: Path) -> None:
    prose = "The seasonal measurement influences the coastal observation across winters. " * 90
    source = (
        "#set page(header: [#smallcaps[Tides of the Elbe] #h(1fr) "
        "#context counter(page).display()])\n"
        f"= Introduction\n\n{prose}\n\n= Results\n\n{prose}\n\n{prose}"
    )
    items = result_of(child, compile_pages(tmp_path, source)).items
    assert [item.title for item in items if isinstance(item, Section)] == [
        "Introduction",
        "Results",
    ]


def test_what_begins_in_bold_and_goes_on_as_text_is_no_heading(
    child: Sandbox, tmp_path: Path
) -> None:
    prose = "the seasonal measurement influences the coastal observation across winters. " * 12
    items = "\n".join(f"+ The {word} of the water {prose}" for word in ("range", "height", "age"))
    source = (
        '#set page(paper: "a4", columns: 2)\n#set text(font: "New Computer Modern", size: 10pt)\n'
        f"= Introduction\n\n{prose}\n\n*Preparing the input.* We split {prose}\n\n{items}"
        f"\n\n= Results\n\n{prose}"
    )
    found = result_of(child, compile_pages(tmp_path, source)).items
    assert [item.title for item in found if isinstance(item, Section)] == [
        "Introduction",
        "Results",
    ]


def test_headings_of_an_appendix_stand_behind_the_references(
    child: Sandbox, tmp_path: Path
) -> None:
    prose = "The seasonal measurement influences the coastal observation across winters. " * 30
    works = "\n\n".join(f"[{n}] Reed, A. Tides. J. Tides 12, 3 (201{n})." for n in range(1, 6))
    source = (
        '#set page(paper: "a4")\n#set text(font: "New Computer Modern", size: 10pt)\n'
        f"= Introduction\n\n{prose}\n\n= References\n\n{works}\n\n"
        f"= A Details of the gauges\n\n{prose}"
    )
    found = result_of(child, compile_pages(tmp_path, source)).items
    assert [item.title for item in found if isinstance(item, Section)] == [
        "Introduction",
        "References",
        "A Details of the gauges",
    ]
    assert sum(isinstance(item, Reference) for item in found) == 5


@pytest.mark.parametrize(
    "source",
    [
        # Two lines with gaps below a caption.
        "Table 1. What was asked\n\n#table(columns: (1fr, 1fr, 1fr), stroke: none, [Total], [458], "
        "[100.0], [Source], [Survey of 2011], [n])",
        # A list of names between two lines.
        "#line(length: 100%)\n#table(columns: 3, stroke: none, [Greece], [Spain], [Malta], "
        "[Ireland], [Italy], [Cyprus], [Portugal], [Norway], [Latvia])\n#line(length: 100%)",
    ],
)
def test_two_lines_below_a_caption_and_lists_between_lines_are_no_tables(
    tables: Tables, source: str
) -> None:
    prose = "The seasonal measurement influences the coastal observation across winters. " * 9
    assert tables(f"{prose}\n\n{source}\n\n{prose}") == []


def test_two_numbers_in_a_cell_that_has_lines_around_it_are_hardly_a_flaw(tables: Tables) -> None:
    rows = [("Site", "Women", "Men"), *((f"Site {n}", f"{n}2 (3{n})", "14 (7)") for n in range(6))]
    [grid] = tables(paper(table(rows, rules="grid")))
    [ruled] = tables(paper(table(rows, rules="booktabs")))
    assert grid.rows == ruled.rows == tuple(rows)
    assert grid.confidence is not None
    assert ruled.confidence is not None
    assert grid.confidence > ruled.confidence
    assert "hold two numbers" in grid.reason


def test_a_document_whose_tables_cannot_be_read_keeps_its_text(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    path = compile_pages(tmp_path, paper(table()))
    document = db.add_attachment("paper.pdf", path)
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    path.write_bytes(path.read_bytes()[:400])
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    [job] = worker.queue.get_failed_jobs()
    assert "paper.pdf" in (job.error_message or "")
    assert "Baseline" in (db.get_attachment(document).extracted_text or "")
