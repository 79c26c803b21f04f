"""Spreadsheets and notebooks through a real pool: found, bounded, and by their options."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostiledocuments import DEADLINE, LIMIT_MB, Reader
from sheetparts import Sheet, cell, ods, ods_cell, ods_row, ods_table, row, xlsx

from reslib import ErrorCode, ExtractionWorker, ResearchDatabase
from reslib.items import Table


def notebook(path: Path, *sources: str) -> Path:
    printed = [{"output_type": "stream", "text": "printed"}]
    cells = [{"cell_type": "code", "source": text, "outputs": printed} for text in sources]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("hostile"))
    yield reader
    good = xlsx(tmp_path_factory.mktemp("good") / "good.xlsx", Sheet(row(1, cell("A1", "well"))))
    assert reader(good).text == "Sheet1\nwell"
    reader.close()


def test_a_folder_of_them_goes_in_and_is_found(db: ResearchDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    for hidden in ("", ".ipynb_checkpoints", ".cache"):
        (folder / hidden).mkdir(exist_ok=True)
        notebook(folder / hidden / "tides.ipynb", "import tides", f"estuary{len(hidden)}")
    xlsx(folder / "data.xlsx", Sheet(row(1, cell("A1", "halocline")), "Profile"))
    ods(folder / "data.ods", ods_table("Säule", ods_row(ods_cell("thermocline"))))
    added = db.add_folder(folder)
    assert (len(added), added.skipped) == (3, ())
    with ExtractionWorker(db, num_workers=1) as worker:
        worker.enqueue_batch(added)
        assert worker.wait(60)
    for word, name, page in [
        ("estuary0", "tides.ipynb", 2),
        ("halocline", "data.xlsx", 1),
        ("profile", "data.xlsx", 1),
        ("säule thermocline", "data.ods", 1),
    ]:
        [hit] = db.search(word)
        assert (hit.filename, hit.page) == (name, page)
    assert not db.search("estuary18")
    [book] = [id for id in added if db.get_attachment(id).filename == "data.xlsx"]
    assert db.get_items(book, Table) == [Table((("halocline",),), page=1, caption="Profile")]


def test_what_a_notebook_printed_is_an_option_of_its_job(
    db: ResearchDatabase, tmp_path: Path
) -> None:
    id = db.add_attachment("a.ipynb", notebook(tmp_path / "a.ipynb", "run()"))
    with ExtractionWorker(db, num_workers=1) as worker:
        for options, text in (({}, "run()"), ({"outputs": True}, "run()\n\nprinted")):
            worker.enqueue(id, options=options)
            assert worker.wait(60)
            assert db.get_attachment(id).extracted_text == text


def test_a_bomb_takes_neither_memory_nor_time(read: Reader, tmp_path: Path) -> None:
    corners = row(1, cell("A1", "a")) + row(1_048_576, cell("XFD1048576", "b"))
    line = "<row><c><v>1</v></c></row>" * 10_000
    repeated = ods_row(ods_cell("x", times=1_000_000_000), times=1_000_000_000)
    deep = tmp_path / "deep.ipynb"
    deep.write_text('{"cells":[{"cell_type":"code","x":' + "[" * 10**6, encoding="utf-8")
    for path, code in [
        (xlsx(tmp_path / "a.xlsx", Sheet(corners)), None),
        (xlsx(tmp_path / "b.xlsx", Sheet([line] * 4200)), ErrorCode.MALFORMED),  # 1.1 GB
        (
            xlsx(
                tmp_path / "c.xlsx", Sheet("<row/>"), strings=["<si><t>ab</t></si>" * 9999] * 1700
            ),
            ErrorCode.OUTPUT_LIMIT,
        ),
        (ods(tmp_path / "d.ods", ods_table("A", repeated)), ErrorCode.OUTPUT_LIMIT),
        (deep, ErrorCode.MALFORMED),
    ]:
        ending = read(path)
        assert ending.code is code, path
        assert ending.peak_mb < LIMIT_MB / 2, path
        assert ending.seconds < DEADLINE, path


def test_something_else_under_their_names_is_said(read: Reader, tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.xls", "a.ods", "a.xlsb", "a.ipynb"):
        path = tmp_path / name
        path.write_text("just words", encoding="utf-8")
        ending = read(path)
        assert ending.code is ErrorCode.MALFORMED
        assert ending.job.error_message
        path.write_bytes(b"%PDF-1.4\n")
        assert read(path).job.error_message != ending.job.error_message
