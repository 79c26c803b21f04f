"""The viewer of tables: what it shows, and what becomes of a table that is cut anew in it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from typesettables import ROWS, compile_pages, paper, table

from reslib import AttachmentNotFound, ExtractionWorker, ResearchDatabase
from reslib_widgets import TableViewer

CROWDED = (
    ("Site", "Depth", "Salinity", "Range"),
    ("Elbe", "14.2", "30.1 4.2", ""),
    ("Ems", "8.4", "28.0", "2.9"),
    ("Weser", "11.0", "29.5", "3.6"),
)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of a paper with three tables, the last sideways, and a web page with one."""
    folder = tmp_path_factory.mktemp("made")
    source = paper(
        table(),
        table(CROWDED, rules="grid", caption="What was measured"),
        f"#rotate(-90deg, reflow: true)[{table()}]",
    )
    cell = HOSTILE.replace("<", "&lt;")
    (folder / "page.html").write_text(
        f"<table><caption>{cell}<tr><th>Site<th>{cell}<tr><td>Elbe<td>{cell}</table>"
    )
    with ResearchDatabase(folder / "made.db") as db, ExtractionWorker(db, num_workers=1) as worker:
        pdf = db.add_attachment("paper.pdf", compile_pages(folder, source))
        web = db.add_attachment(f"{HOSTILE}.html", folder / "page.html")
        worker.enqueue_batch([pdf, web])
        worker.enqueue(pdf, task="tables")
        assert worker.wait(timeout=60)
    return folder / "made.db"


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Iterator[ResearchDatabase]:
    """A library of its own for each test."""
    shutil.copy(made, tmp_path / "research.db")
    with ResearchDatabase(tmp_path / "research.db") as db:
        yield db


@pytest.fixture
def viewer(library: ResearchDatabase) -> Iterator[TableViewer]:
    made = TableViewer(library, 1)
    yield made
    made.close()


def shown(viewer: TableViewer) -> str:
    """Return all that the viewer shows as HTML."""
    return "".join(str(getattr(widget, "value", "")) for widget in viewer._widgets())


def clicked(viewer: TableViewer, name: str) -> None:
    """Click on a button, and wait until what it does is done."""
    [button] = [w for w in viewer._widgets() if getattr(w, "description", None) == name]
    button.click()
    finished(viewer)


def finished(viewer: TableViewer) -> None:
    for thread in threading.enumerate():
        if thread.name == "reslib-TableViewer":
            thread.join(30)


def control(viewer: TableViewer, name: str) -> Any:
    [found] = [w for w in viewer._widgets() if getattr(w, "description", None) == name]
    return found


def test_the_cells_of_a_table_are_drawn_on_the_picture_of_its_page(viewer: TableViewer) -> None:
    assert viewer.frame is not None
    assert viewer.frame["Accuracy"].tolist() == [row[1] for row in ROWS[1:]]
    html = shown(viewer)
    assert html.count('data-mark="cell"') == 20
    assert "data:image/png;base64," in html
    assert "confidence 0." in html
    assert repr(viewer).startswith("<TableViewer 1 paper.pdf (3 tables), 1. page 1: Table 1")


def test_a_cell_that_holds_two_numbers_is_marked_on_the_page_and_in_the_frame(
    viewer: TableViewer,
) -> None:
    clicked(viewer, "Next")
    html = shown(viewer)
    assert html.count('data-mark="crowded"') == 1
    assert html.count('class="rl-crowded"') == 1
    assert 'aria-label="two numbers"' in html
    assert "1 cell holds two numbers" in html


def test_a_table_that_stands_sideways_is_turned_with_its_page(viewer: TableViewer) -> None:
    clicked(viewer, "Next")
    clicked(viewer, "Next")
    html = shown(viewer)
    assert html.count('data-mark="cell"') == 20
    assert "matrix(0 1 -1 0 " in html
    assert control(viewer, "Next").disabled
    lines = [float(at) for at in control(viewer, "Columns").value.split() or [0.0]]
    clicked(viewer, "Cut anew")
    lines = [float(at) for at in control(viewer, "Columns").value.split()]
    viewer.cut(columns=[*lines[:1], *lines[2:]])
    viewer.keep()
    assert viewer.frame is not None
    assert list(viewer.frame.columns) == ["Method Accuracy", "Recall", "Time (s)"]
    assert shown(viewer).count('data-mark="cell"') == 15, "it is kept where it stands on the page"


def test_a_line_that_is_moved_changes_the_frame_at_once_and_what_is_kept_wins(
    viewer: TableViewer, library: ResearchDatabase
) -> None:
    before = library.tables(1)[0]
    clicked(viewer, "Cut anew")
    assert shown(viewer).count('data-line="column"') == 5
    assert shown(viewer).count('data-line="row"') == 6
    control(viewer, "Line").value = ("column", 1)
    finished(viewer)
    slider = control(viewer, "is at")
    slider.value = slider.max  # the second line down goes to the third
    finished(viewer)
    assert viewer.frame is not None
    assert viewer.frame.iloc[0, 0] == "Baseline 0.71"
    assert "not kept yet" in shown(viewer)
    clicked(viewer, "Remove the line")
    assert library.tables(1)[0].equals(before), "nothing is stored before it is kept"
    clicked(viewer, "Keep this table")
    kept = next(f for f in library.tables(1) if f.attrs["task"] == "set by you")
    assert list(kept.columns) == ["Method Accuracy", "Recall", "Time (s)"]
    assert kept.attrs["box"] == pytest.approx(before.attrs["box"], abs=1)
    assert "set by you" in shown(viewer)
    clicked(viewer, "Take back")
    assert [f.attrs["task"] for f in library.tables(1)] == ["tables"] * 3


def test_a_column_that_was_glued_is_parted_by_a_line_that_is_added(viewer: TableViewer) -> None:
    clicked(viewer, "Next")
    clicked(viewer, "Cut anew")
    columns = [float(at) for at in control(viewer, "Columns").value.split()]
    control(viewer, "Line").value = ("column", 2)
    finished(viewer)
    clicked(viewer, "Add a line")
    middle = (columns[2] + columns[3]) / 2 + 4
    control(viewer, "is at").value = middle
    finished(viewer)
    assert viewer.frame is not None
    assert viewer.frame.shape == (3, 5)
    assert viewer.frame.iloc[0, 2:4].tolist() == ["30.1", "4.2"]
    assert shown(viewer).count('data-mark="crowded"') == 0


def test_lines_can_be_typed_and_a_mistake_is_said(viewer: TableViewer) -> None:
    clicked(viewer, "Cut anew")
    columns = control(viewer, "Columns").value
    control(viewer, "Columns").value = "72, one"
    finished(viewer)
    assert "Columns are numbers with blanks between them" in shown(viewer)
    first, *_, last = columns.split()
    control(viewer, "Columns").value = f"{first}; {last}"
    finished(viewer)
    assert viewer.frame is not None
    assert viewer.frame.shape == (4, 1)
    control(viewer, "Head rows").value = 0
    finished(viewer)
    assert viewer.frame.shape == (5, 1)
    clicked(viewer, "Start over")
    assert viewer.frame.shape == (4, 4)


def test_a_table_that_was_not_found_is_cut_on_its_page(
    viewer: TableViewer, library: ResearchDatabase
) -> None:
    left, top, right, _ = library.tables(1)[0].attrs["box"]
    before = len(library.tables(1))
    clicked(viewer, "New table")
    assert "not kept yet" in shown(viewer)
    viewer.cut([left, right], [top - 200, top - 150, top - 100], caption="Prose")
    kept = viewer.keep()
    found = library.tables(1)
    assert len(found) == before + 1
    assert next(f for f in found if f.attrs["table_id"] == kept).attrs["caption"] == "Prose"


def test_a_native_table_is_shown_without_a_page_and_all_of_it_is_escaped(
    library: ResearchDatabase,
) -> None:
    viewer = TableViewer(library, 2)
    html = shown(viewer)
    assert "stated by the document itself" in html
    assert "<svg" not in html
    assert HOSTILE not in html + viewer.snapshot_html()
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;") in html
    with pytest.raises(ValueError, match="only a table that is shown on its page"):
        viewer.cut([0, 1], [0, 1])
    viewer.close()


def test_a_table_is_shown_although_its_page_cannot_be(
    library: ResearchDatabase, made: Path
) -> None:
    paper_of_all = made.with_name("paper.pdf")
    paper_of_all.rename(made.with_name("elsewhere.pdf"))
    try:
        viewer = TableViewer(library, 1)
    finally:
        made.with_name("elsewhere.pdf").rename(paper_of_all)
    assert viewer.frame is not None
    html = shown(viewer)
    assert "Its page cannot be shown. paper.pdf: there is no such file" in html
    assert "<svg" not in html
    viewer.close()


def test_what_is_kept_in_a_notebook_needs_no_kernel(viewer: TableViewer) -> None:
    still = viewer.snapshot_html()
    assert "data:image/svg+xml;base64," in still
    assert "<svg" not in still, "JupyterLab takes it out of a notebook that is not trusted"
    assert "<td" in still
    assert "Gradient boosting" in still


def test_closing_it_ends_the_process_that_draws_pages(library: ResearchDatabase) -> None:
    before = set(psutil.Process().children(recursive=True))
    viewer = TableViewer(library, 1)
    drawing = set(psutil.Process().children(recursive=True)) - before
    assert drawing
    viewer.close()
    assert not psutil.wait_procs(drawing, timeout=10)[1]
    assert repr(viewer) == "<TableViewer closed>"


def test_any_document_can_be_shown_also_one_without_tables(
    library: ResearchDatabase, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("No table.")
    note = library.add_attachment("note.txt", tmp_path / "note.txt")
    viewer = TableViewer(library)
    viewer.show(note)
    assert viewer.frame is None
    assert "No tables were found in this document" in shown(viewer)
    viewer.show(1, library.tables(1)[1].attrs["table_id"])
    assert viewer.frame is not None
    assert viewer.frame.columns[0] == "Site"
    viewer.close()
    with pytest.raises(RuntimeError, match="closed"):
        viewer._reader.read(1, 1)


def test_a_library_without_tables_says_so(db: ResearchDatabase, tmp_path: Path) -> None:
    viewer = TableViewer(db)
    assert "No tables were found yet" in shown(viewer)
    assert viewer.frame is None
    with pytest.raises(AttachmentNotFound):
        TableViewer(db, 77)
    with pytest.raises(TypeError, match="db is a ResearchDatabase"):
        TableViewer("research.db")  # type: ignore[arg-type]
    viewer.close()


def test_of_a_table_of_many_cells_the_beginning_is_shown(
    db: ResearchDatabase, worker: ExtractionWorker, tmp_path: Path
) -> None:
    row = ",".join("7" for _ in range(60))
    (tmp_path / "large.html").write_text(
        "<table>" + f"<tr><td>{row.replace(',', '<td>')}" * 500 + "</table>"
    )
    document = db.add_attachment("large.html", tmp_path / "large.html")
    worker.start()
    worker.enqueue(document)
    assert worker.wait(timeout=60)
    viewer = TableViewer(db, document)
    html = shown(viewer)
    assert html.count("<td") == 200 * 40
    assert "and 300 more rows and 20 more columns" in html
    assert viewer.frame is not None
    assert viewer.frame.shape == (500, 60)
    viewer.close()
