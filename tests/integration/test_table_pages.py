"""Pages of tables, drawn in a sandbox: turned, cropped, protected, inside others, hostile."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import RectangleObject
from typesettables import compile_pages, paper, table

from reslib import ExtractionError, ExtractionWorker, ResearchDatabase, tableview
from reslib_widgets import TableViewer

PASSWORD = "heron"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResearchDatabase]:
    """A library of one paper, with a table that stands upright and one sideways, in many forms."""
    folder = tmp_path_factory.mktemp("made")
    source = paper(table(), f"#rotate(-90deg, reflow: true)[{table()}]")
    plain = compile_pages(folder, source)
    for turn in (90, 180, 270):
        for name, crop in ((f"{turn}.pdf", None), (f"{turn}-crop.pdf", (40, 30, 560, 800))):
            writer = pypdf.PdfWriter(clone_from=plain)
            for page in writer.pages:
                page.rotate(turn)
                if crop is not None:
                    page.cropbox = RectangleObject(crop)
            writer.write(folder / name)
    locked = pypdf.PdfWriter(clone_from=plain)
    locked.encrypt(PASSWORD)
    locked.write(folder / "locked.pdf")
    with zipfile.ZipFile(folder / "box.zip", "w") as archive:
        archive.write(plain, "in/inner.pdf")
    with ResearchDatabase(folder / "r.db") as db:
        with ExtractionWorker(db, num_workers=2, passwords=[PASSWORD]) as worker:
            worker.enqueue_batch(db.add_folder(folder))
            assert worker.wait(timeout=120)
            pdfs = [d for d in range(1, 50) if _is_pdf(db, d)]
            worker.enqueue_batch(pdfs, task="tables")
            assert worker.wait(timeout=120)
        yield db


@pytest.fixture(scope="module")
def reader(library: ResearchDatabase) -> Iterator[tableview.PageReader]:
    """What draws the pages of all tests: its process takes longer to start than a page."""
    made = tableview.page_reader(library, [PASSWORD])
    yield made
    made.close()


def _is_pdf(db: ResearchDatabase, document: int) -> bool:
    try:
        return db.get_attachment(document).mime_type == "application/pdf"
    except LookupError:
        return False


@pytest.mark.parametrize(
    "name",
    [
        *(f"{turn}{crop}.pdf" for turn in (90, 180, 270) for crop in ("", "-crop")),
        *("paper.pdf", "inner.pdf", "locked.pdf"),
    ],
)
def test_each_cell_is_found_on_its_page_however_that_is_seen(
    library: ResearchDatabase, reader: tableview.PageReader, name: str
) -> None:
    [document] = [d for d in tableview.documents(library) if d.filename.endswith(name)]
    found = tableview.tables(library, document.attachment_id)
    assert len(found) == 2
    for each in found:
        view = reader.read(document.attachment_id, each.table.page or 0)
        page = tableview.TurnedPage(view, each.table.box)
        places = page.places(each.table)
        assert len(places.cells) == 20
        cut = page.cut(places.columns, places.rows)
        assert cut.rows == each.table.rows
        assert cut.box == pytest.approx(each.table.box, abs=0.1)


def test_a_page_that_needs_a_password_says_how_it_is_given(library: ResearchDatabase) -> None:
    [document] = [d for d in tableview.documents(library) if d.filename == "locked.pdf"]
    viewer = TableViewer(library, document.attachment_id)
    said = viewer._said.value
    assert "locked.pdf: it is protected with a password" in said
    assert "TableViewer(db, passwords=[...])" in said
    assert viewer.frame is not None
    viewer.close()


def test_a_page_that_is_not_there_is_named(
    library: ResearchDatabase, reader: tableview.PageReader
) -> None:
    [document] = [d for d in tableview.documents(library) if d.filename == "paper.pdf"]
    words = r"paper\.pdf: it has \d pages, so there is no page 9"
    with pytest.raises(ExtractionError, match=words):
        reader.read(document.attachment_id, 9)


def test_the_picture_of_a_page_as_large_as_a_field_is_bounded(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(14_400, 14_400)
    writer.write(tmp_path / "field.pdf")
    document = db.add_attachment("field.pdf", tmp_path / "field.pdf")
    reader = tableview.page_reader(db)
    view = reader.read(document, 1)
    assert (view.width, view.height) == (14_400, 14_400)
    assert len(view.picture) < 100_000
    page = tableview.TurnedPage(view)
    assert page.text_box() == (0, 0, 14_400, 14_400)
    reader.close()
