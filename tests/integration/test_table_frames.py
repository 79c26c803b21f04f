"""Tables as DataFrames, in the library and on the command line."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from reportlab.pdfgen.canvas import Canvas
from typesettables import ROWS, compile_pages, paper, table

from reslib import AttachmentNotFound, ExtractionWorker, ResearchDatabase, TablesNotRead, frames
from reslib.commands.cli import main


@pytest.fixture
def library(db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path) -> ResearchDatabase:
    """A library of a PDF and a web page with a table each, both read."""
    rows = (*ROWS[:-1], ("Ours", "0.91", "0.90 ± 0.02", "=cmd()"))
    pdf = db.add_attachment(
        "paper.pdf", compile_pages(tmp_path, paper(table(rows, caption="Results of tides")))
    )
    page = tmp_path / "page.html"
    page.write_text("<table><tr><th>Site<th>Depth<tr><td>Elbe<td>14.2<tr><td>Ems<td>8.4</table>")
    web = db.add_attachment("page.html", page)
    worker.start()
    worker.enqueue_batch([pdf, web])
    worker.enqueue(pdf, task="tables")
    assert worker.wait(timeout=60)
    return db


def test_a_table_is_a_frame_whose_cells_are_text(library: ResearchDatabase) -> None:
    [found] = library.tables(1)
    assert list(found.columns) == list(ROWS[0])
    assert found["Accuracy"].tolist() == ["0.71", "0.83", "0.88", "0.91"]
    assert found.attrs["page"] == 1
    assert found.attrs["caption"].startswith("Table 1: Results of tides")
    assert found.attrs["confidence"] > 0.6
    assert len(found.attrs["box"]) == 4


def test_numbers_are_converted_column_by_column_on_request(library: ResearchDatabase) -> None:
    [found] = library.tables(1, numbers=True)
    assert found["Accuracy"].tolist() == [0.71, 0.83, 0.88, 0.91]
    assert found["Recall ±"].tolist()[-1] == 0.02
    assert found["Time (s)"].tolist()[-1] == "=cmd()"  # one is none, so none is


def test_a_native_table_has_no_confidence_and_is_always_there(library: ResearchDatabase) -> None:
    [found] = library.tables(2, min_confidence=1)
    assert found["Depth"].tolist() == ["14.2", "8.4"]
    assert found.attrs["confidence"] is None


def test_tables_that_could_not_be_looked_for_say_why(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    path = tmp_path / "locked.pdf"
    canvas = Canvas(str(path), encrypt="secret")
    canvas.drawString(72, 720, "We read the gauge.")
    canvas.save()
    document = db.add_attachment(path.name, path)
    worker.start()
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    with pytest.raises(TablesNotRead, match=r"could not be looked for.*password"):
        db.tables(document)


def test_tables_that_nobody_looked_for_are_not_none(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    path = compile_pages(tmp_path, paper("= Nothing", "= Here"))
    document = db.add_attachment("paper.pdf", path)
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    with pytest.raises(TablesNotRead, match=r'paper\.pdf yet: worker\.enqueue\(1, task="tables"\)'):
        db.tables(document)
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    assert db.tables(document) == []
    with pytest.raises(AttachmentNotFound):
        db.tables(77)


def test_a_table_over_two_pages_is_two_and_one_on_request(
    db: ResearchDatabase, worker: ExtractionWorker
) -> None:
    sample = Path(__file__).parents[2] / "samples" / "papers" / "sourdough.pdf"
    document = db.add_attachment(sample.name, sample)
    worker.start()
    worker.enqueue(document)
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    pieces = db.tables(document)
    assert [frame.attrs["page"] for frame in pieces] == [1, 2]
    [whole] = db.tables(document, join=True, numbers=True)
    assert len(whole) == sum(map(len, pieces)) == 40
    assert list(whole.columns) == list(pieces[0].columns)
    assert whole.attrs["pages"] == (1, 2)
    assert whole.attrs["table_ids"] == tuple(frame.attrs["table_id"] for frame in pieces)
    assert whole.attrs["confidence"] == min(frame.attrs["confidence"] for frame in pieces)
    assert str(whole["pH at 8 h"].dtype) == "Float64"


def test_a_table_over_two_pages_is_listed_and_written_as_one_on_request(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    sample = Path(__file__).parents[2] / "samples" / "papers" / "sourdough.pdf"
    document = db.add_attachment(sample.name, sample)
    worker.start()
    worker.enqueue(document, task="tables")
    assert worker.wait(timeout=60)
    last = db.tables(document)[-1].iloc[-1, 0]

    def run(*more: str) -> str:
        done = CliRunner().invoke(main, ["--db", str(db.path), "tables", *more])
        assert done.exit_code == 0, done.output
        return done.stdout

    apart, joined = (" ".join(run(*how).split()) for how in ([], ["--join"]))
    assert [apart.count("sourdough.pdf"), joined.count("sourdough.pdf")] == [2, 1]
    assert "sourdough.pdf, pages 1, 2, 41 x" in joined
    assert run("--join", str(document)) == run("--join") == run("--join", last)
    run("--join", "--csv", str(tmp_path / "csv"))
    [written] = (tmp_path / "csv").iterdir()
    with written.open(encoding="utf-8") as stream:
        assert len(list(csv.reader(stream))) == 41


def test_every_table_of_the_library_is_a_row(library: ResearchDatabase) -> None:
    found = frames.tables(library)
    assert found["rows"].tolist() == [5, 3]
    assert found["columns"].tolist() == [4, 2]
    assert found["confidence"].isna().tolist() == [False, True]
    assert frames.tables(library, 2)["filename"].tolist() == ["page.html"]
    assert frames.sections(library).empty
    assert frames.references(library).empty


def test_a_search_in_tables_gives_the_row(library: ResearchDatabase) -> None:
    [hit] = library.search_tables("elbe")
    assert (hit.attachment_id, hit.row, hit.cells) == (2, 1, ("Elbe", "14.2"))
    [hit] = library.search_tables("tides gradient")
    assert (hit.attachment_id, hit.row) == (1, 3)
    assert library.search_tables("winters") == []  # prose of the same document
    assert library.search_tables("!") == []


def test_tables_are_written_for_other_programs(library: ResearchDatabase, tmp_path: Path) -> None:
    run = CliRunner()
    at = ["--db", str(library.path)]
    done = run.invoke(main, [*at, "tables", "--csv", str(tmp_path / "csv")])
    assert done.exit_code == 0, done.output
    first, second = sorted((tmp_path / "csv").iterdir())
    with first.open(newline="", encoding="utf-8") as stream:
        written = list(csv.reader(stream))
    assert written[0] == list(ROWS[0])
    assert written[-1][-1] == "'=cmd()"  # no formula of a spreadsheet
    assert "page" in second.name
    done = run.invoke(main, [*at, "tables", "elbe", "--xlsx", str(tmp_path / "tables.xlsx")])
    assert done.exit_code == 0, done.output
    [sheet] = openpyxl.load_workbook(tmp_path / "tables.xlsx").worksheets
    assert [cell.value for cell in sheet[5]] == ["Elbe", "14.2"]
    done = run.invoke(main, [*at, "tables", "2", "--markdown"])
    assert "| Elbe | 14.2 |" in done.output
    done = run.invoke(main, [*at, "tables"])
    assert "5 x 4, confidence" in done.output
    done = run.invoke(main, [*at, "tables", "volcano"])
    assert done.exit_code == 2
    assert "no table matches volcano" in done.output


def test_extract_looks_for_tables_when_asked(tmp_path: Path) -> None:
    compile_pages(tmp_path, paper(table()))
    at = ["--db", str(tmp_path / "research.db")]
    run = CliRunner()
    done = run.invoke(main, [*at, "extract", "--tables", str(tmp_path / "paper.pdf")])
    assert done.exit_code == 0, done.output
    assert "Looking for tables in 1 document." in done.output
    again = run.invoke(main, [*at, "extract", "--tables", str(tmp_path / "paper.pdf")])
    assert "Nothing new." in again.output
    with ResearchDatabase(tmp_path / "research.db") as db:
        assert isinstance(db.tables(1)[0], pd.DataFrame)
