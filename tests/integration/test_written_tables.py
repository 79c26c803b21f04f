"""Tables written for other programs: whatever their cells say, no program obeys it."""

from __future__ import annotations

import csv
import importlib.util
from html import escape
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from reslib import ExtractionWorker, ResearchDatabase
from reslib.commands.cli import main

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\uff1d1+1", '"=1+1"')
NUMBERS = ("-3", "+4.5", "\u22123", "1,234", "-2.5 ± 0.3")
MARKUP = ("<script>alert(1)</script>", "a|b", "[x](javascript:alert(1))", "`x`", "\u202egnp.exe")


@pytest.fixture
def library(db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path) -> ResearchDatabase:
    """A library of a web page with a table of such cells."""
    rows = [
        ("name", "value"),
        *((f"{n}", text) for n, text in enumerate(FORMULAS + NUMBERS + MARKUP)),
    ]
    cells = "".join(f"<tr><td>{a}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    (tmp_path / "page.html").write_text(f"<meta charset=utf-8><table>{cells}</table>", "utf-8")
    document = db.add_attachment("../=evil|<b>.html", tmp_path / "page.html")
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    return db


def run(library: ResearchDatabase, *arguments: str) -> Result:
    done = CliRunner().invoke(main, ["--db", str(library.path), "tables", *arguments])
    assert done.exit_code == 0, done.output
    return done


def test_a_spreadsheet_that_opens_the_csv_finds_no_formula(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    run(library, "--csv", str(tmp_path / "csv"))
    [path] = (tmp_path / "csv").iterdir()
    with path.open(newline="", encoding="utf-8") as stream:
        values = [row[1] for row in csv.reader(stream)][1:]
    assert values[: len(FORMULAS)] == [f"'{text}" for text in FORMULAS]
    assert values[len(FORMULAS) :][: len(NUMBERS)] == list(NUMBERS), "a number stays one"


def test_a_workbook_has_texts_and_no_formula(library: ResearchDatabase, tmp_path: Path) -> None:
    run(library, "--xlsx", str(tmp_path / "tables.xlsx"))
    [sheet] = openpyxl.load_workbook(tmp_path / "tables.xlsx").worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "'=1+1" in [cell.value for cell in cells]


def test_markdown_shows_markup_as_it_stands_in_the_cell(library: ResearchDatabase) -> None:
    shown = run(library, "--markdown").output
    assert r"\<script\>alert(1)\</script\>" in shown
    assert r"a\|b" in shown
    assert r"\[x\](javascript" in shown
    assert r"\`x\`" in shown
    assert "\u202e" not in shown, "nothing turns the direction of what follows"
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert len(table) == 1 + 1 + len(FORMULAS + NUMBERS + MARKUP)
    assert {line.replace(r"\|", "").count("|") for line in table} == {3}


def test_a_notebook_shows_markup_as_text(library: ResearchDatabase) -> None:
    [frame] = library.tables(1)
    html = frame.to_html() + frame._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_parquet_holds_the_frame_or_says_what_installs_it(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    arguments = ["--db", str(library.path), "tables", "--parquet", str(tmp_path / "parquet")]
    done = CliRunner().invoke(main, arguments)
    if importlib.util.find_spec("pyarrow") is None:
        assert done.exit_code == 2
        assert "pip install '.[notebook,parquet]'" in done.output
        return
    assert done.exit_code == 0, done.output
    [path] = (tmp_path / "parquet").iterdir()
    assert path.suffix == ".parquet"
    [frame] = library.tables(1)
    written = pd.read_parquet(path)
    assert written.astype("string").equals(frame), "cells as they are: nothing evaluates them"


def test_a_file_is_named_by_its_document_and_lies_in_the_folder(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    run(library, "--csv", str(tmp_path / "csv"))
    [path] = (tmp_path / "csv").iterdir()
    assert path.name == "00001-_evil_b_-page1-table1.csv"
