"""Word documents read by python-docx, when somebody asks for it by name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from markupreading import only, stated
from markupreading import read as read_with

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.choice import choose
from reslib.extractors.own import PYTHON_DOCX
from reslib.extractors.registry import registry
from reslib.formats.mediatypes import DOCX
from reslib.items import Table
from reslib.models import ExtractionResult


def document() -> Any:
    made = docx.Document()
    made.add_heading("On Tides", 0)
    made.add_paragraph("The sea rose.")
    table = made.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "where"
    table.cell(0, 2).text = "m"
    table.cell(1, 0).text = "Kiel\nin"
    table.cell(1, 2).text = "4"
    made.add_paragraph("The end.")
    made.core_properties.title = "Tides"
    made.core_properties.author = "Ann Reed; Bo Li"
    made.core_properties.comments = ""
    return made


def content(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def read(folder: Path, data: bytes) -> ExtractionResult:
    return read_with(PYTHON_DOCX, folder / "paper.docx", data)


def test_it_is_chosen_only_by_name() -> None:
    assert choose(registry, DOCX, ".docx").name == "docx"
    assert choose(registry, DOCX, ".docx", only="python-docx").name == "python-docx"
    assert choose(registry, DOCX, ".docx", ["python-docx"]).name == "python-docx"


def test_without_the_package_it_says_what_installs_it() -> None:
    (requirement,) = PYTHON_DOCX.requires
    assert str(requirement) == "the package docx"
    assert requirement.install == "pip install python-docx"


def test_paragraphs_and_tables_are_read_in_document_order(tmp_path: Path) -> None:
    result = read(tmp_path, content(document()))
    assert result.text == "On Tides\nThe sea rose.\nwhere\t\tm\nKiel in\t\t4\nThe end."
    assert only(result, Table) == [Table((("where", "", "m"), ("Kiel in", "", "4")), page=1)]
    assert result.title == "Tides"
    assert stated(result)[:3] == [("title", "Tides"), ("author", "Ann Reed"), ("author", "Bo Li")]


def test_tables_in_tables_are_read_where_they_stand(tmp_path: Path) -> None:
    made = docx.Document()
    cell = made.add_table(1, 1).cell(0, 0)
    for _ in range(40):
        cell.paragraphs[0].text = "deep"
        cell = cell.add_table(1, 1).cell(0, 0)
    result = read(tmp_path, content(made))
    assert 10 < result.text.split().count("deep") < 40, "not to any depth"


@pytest.mark.parametrize("tenth", range(10))
def test_what_is_cut_off_is_malformed(tmp_path: Path, tenth: int) -> None:
    whole = content(document())
    with pytest.raises(ExtractionError, match="Have the usual extractor read it") as caught:
        read(tmp_path, whole[: len(whole) * tenth // 10])
    assert caught.value.code is ErrorCode.MALFORMED


def test_something_else_under_this_name_is_malformed(tmp_path: Path) -> None:
    for data in (b"words", b"%PDF-1.7", b"PK\3\4"):
        with pytest.raises(ExtractionError) as caught:
            read(tmp_path, data)
        assert caught.value.code is ErrorCode.MALFORMED


def test_a_document_without_text_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path, content(docx.Document())).text == ""
