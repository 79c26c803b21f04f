"""Tables that a reader sets: they win over what is found in their place, and stay."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typesettables import compile_pages, paper, table

from reslib import AttachmentNotFound, ExtractionWorker, ResearchDatabase, frames, tableview
from reslib.items import Table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of one paper with two tables on its page, which were looked for."""
    folder = tmp_path_factory.mktemp("made")
    path = compile_pages(folder, paper(table(), table(rules="grid", caption="Tides by site")))
    with ResearchDatabase(folder / "made.db") as db, ExtractionWorker(db, num_workers=1) as worker:
        document = db.add_attachment("paper.pdf", path)
        worker.enqueue(document)
        worker.enqueue(document, task="tables")
        assert worker.wait(timeout=60)
    return folder / "made.db"


@pytest.fixture
def library(made: Path, tmp_path: Path) -> Iterator[ResearchDatabase]:
    """A library of its own for each test."""
    shutil.copy(made, tmp_path / "research.db")
    with ResearchDatabase(tmp_path / "research.db") as db:
        yield db


def names(db: ResearchDatabase) -> list[tuple[str, int]]:
    return [(frame.attrs["task"], len(frame.columns)) for frame in db.tables(1)]


def set_first(db: ResearchDatabase, **more: Any) -> int:
    first = db.tables(1)[0].attrs
    rows = [["Method", "Score"], ["Baseline", "0.71 winters"]]
    return db.set_table(1, rows, page=first["page"], box=first["box"], **more)


def test_a_table_that_was_set_stands_in_place_of_the_one_that_was_found(
    library: ResearchDatabase,
) -> None:
    assert names(library) == [("tables", 4), ("tables", 4)]
    kept = set_first(library, caption="Table 1, as it should be")
    assert sorted(names(library)) == [("set by you", 2), ("tables", 4)]
    mine = next(f for f in library.tables(1) if f.attrs["table_id"] == kept)
    assert mine["Score"].tolist() == ["0.71 winters"]
    assert mine.attrs["confidence"] is None
    assert mine.attrs["caption"] == "Table 1, as it should be"
    assert frames.tables(library)["task"].tolist().count("tables") == 1
    assert frames.documents(library)["tables"].tolist() == [2]
    assert len(library.get_items(1, Table)) == 2
    [hit] = library.search_tables("baseline winters")
    assert (hit.table_id, hit.row) == (kept, 1)
    assert tableview.documents(library)[0].tables == 2


def test_a_word_that_stands_only_in_a_table_that_was_set_is_found(
    library: ResearchDatabase,
) -> None:
    first = library.tables(1)[0].attrs
    rows = [["Method", "Score"], ["Flussmündung", "0.71"]]
    kept = library.set_table(1, rows, page=first["page"], box=first["box"])
    assert [hit.table_id for hit in library.search_tables("Flussmündung")] == [kept]
    assert library.search_tables("Flussbett") == []


def test_tables_come_in_the_order_in_which_they_stand_whoever_found_them(
    library: ResearchDatabase,
) -> None:
    second = library.tables(1)[1].attrs
    library.set_table(1, [["a", "b"], ["1", "2"]], page=second["page"], box=second["box"])
    assert names(library) == [("tables", 4), ("set by you", 2)]
    assert frames.tables(library)["task"].tolist() == ["tables", "set by you"]


def test_it_stays_when_the_document_is_read_again(library: ResearchDatabase) -> None:
    kept = set_first(library)
    before = names(library)
    with ExtractionWorker(library, num_workers=1) as worker:
        worker.extract_again([1])
        worker.enqueue(1, task="tables")
        assert worker.wait(timeout=60)
    assert names(library) == before
    assert kept in [frame.attrs["table_id"] for frame in library.tables(1)]
    assert library.stale().empty
    assert library.needs_extraction(stale=True) == []


def test_setting_it_again_replaces_it_and_taking_it_back_brings_back_what_was_found(
    library: ResearchDatabase,
) -> None:
    set_first(library)
    again = set_first(library, header_rows=0)
    assert names(library).count(("set by you", 2)) == 1
    assert library.unset_table(again)
    assert names(library) == [("tables", 4), ("tables", 4)]
    assert not library.unset_table(again)
    found = library.tables(1)[0].attrs["table_id"]
    assert not library.unset_table(found), "what was found is not taken back"
    assert len(names(library)) == 2


def test_a_table_elsewhere_on_the_page_hides_none(library: ResearchDatabase) -> None:
    left, top, right, _ = library.tables(1)[0].attrs["box"]
    library.set_table(1, [["a"]], page=1, box=(left, top - 40, right, top + 5))
    assert sorted(names(library)) == [("set by you", 1), ("tables", 4), ("tables", 4)]
    library.set_table(1, [["b"]], page=2, box=(left, top, right, top + 80))
    assert len(names(library)) == 4


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rows": "text"}, "rows is a list of rows"),
        ({"rows": []}, "at least one row"),
        ({"rows": [["a", 3]]}, "a cell is text, not 3"),
        ({"box": (1, 2, 3)}, "box is left, top, right and bottom"),
        ({"box": (5, 2, 3, 9)}, "box is left, top, right and bottom"),
        ({"box": (0, 0, float("nan"), 9)}, "box is left, top, right and bottom"),
        ({"page": 0}, "page is a whole number, 1 or more"),
        ({"header_rows": 2}, "header_rows is 2, and there are 1 rows"),
        ({"spans": [(0, 0, 1, 9)]}, "a span is row, column, rows and columns inside"),
    ],
)
def test_what_cannot_be_a_table_is_refused(
    library: ResearchDatabase, wrong: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"rows": [["a", "b"]], "page": 1, "box": (0, 0, 9, 9)} | wrong
    with pytest.raises(ValueError, match=words):
        library.set_table(1, given.pop("rows"), **given)
    assert len(names(library)) == 2


def test_a_table_of_no_document_is_refused(library: ResearchDatabase) -> None:
    with pytest.raises(AttachmentNotFound):
        library.set_table(99, [["a"]], page=1, box=(0, 0, 9, 9))
