"""Comments on the cells of spreadsheets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from sheetparts import (
    MAIN,
    OFFICE,
    PACKAGE,
    Sheet,
    cell,
    ods,
    ods_cell,
    ods_row,
    ods_table,
    read,
    row,
    xlsx,
)

from reslib.extractors.office import sheetcomments
from reslib.models import TextStatus

THREADED = (
    "[Threaded comment]&#10;&#10;Your version of Excel allows you to read this&#10;&#10;"
    "Comment:&#10;    Is it so?&#10;Reply:&#10;    It is."
)


def commented(path: Path, comments: str, sheet: str = "") -> Path:
    xlsx(path, Sheet([sheet or row(1, cell("A1", "tide"))]), Sheet([], "Other"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "xl/sheets/_rels/1.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="c" '
            f'Type="{OFFICE}/comments" Target="../comments1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/comments1.xml",
            f'<comments xmlns="{MAIN}"><authors><author>Ann</author></authors>'
            f"<commentList>{comments}</commentList></comments>",
        )
    return path


def comment(place: str, *runs: str) -> str:
    inside = "".join(f'<r><t xml:space="preserve">{text}</t></r>' for text in runs)
    return f'<comment ref="{place}" authorId="0"><text>{inside}</text></comment>'


def test_comments_stand_below_the_sheet_after_the_places_of_their_cells(tmp_path: Path) -> None:
    said = comment("A1", "Ann:", "&#10;measured  ", "twice") + comment("C7", THREADED)
    result = read(commented(tmp_path / "a.xlsx", said))
    assert result.pages[0].text == (
        "Sheet1\ntide\n\nComments:\nA1: Ann: measured twice\nC7: Is it so? It is."
    )
    assert result.pages[1].blank


def test_a_sheet_of_comments_alone_is_not_blank(tmp_path: Path) -> None:
    result = read(commented(tmp_path / "a.xlsx", comment("B2", "alone"), row(1)))
    assert result.pages[0].text == "Sheet1\n\nComments:\nB2: alone"


@pytest.mark.parametrize(
    "damaged", ["<comment", "<!--", "&undeclared;", "<comment ref='A1'>" * 5_000]
)
def test_damaged_comments_cost_only_themselves(tmp_path: Path, damaged: str) -> None:
    result = read(commented(tmp_path / "a.xlsx", comment("A1", "whole") + damaged))
    assert result.pages[0].text.startswith("Sheet1\ntide")
    assert result.text_status is TextStatus.FULL


def test_too_many_comments_are_not_all_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheetcomments, "_MOST", 10)
    monkeypatch.setattr(sheetcomments, "_LONGEST", 50)
    result = read(commented(tmp_path / "a.xlsx", comment("A1", "word " * 100) * 30))
    assert result.pages[0].text.count("A1: ") == 10
    assert len(result.pages[0].text) < 700


def annotated(text: str, said: str, times: int = 1) -> str:
    note = (
        '<office:annotation><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ann'
        f"</dc:creator><text:p>{said}</text:p><text:p>and more</text:p></office:annotation>"
    )
    return ods_cell(text, times=times).replace("><text:p>", f">{note}<text:p>", 1)


def test_annotations_of_opendocument_are_comments_and_no_part_of_the_cell(tmp_path: Path) -> None:
    first = ods_row(ods_cell("", times=2), annotated("ebb", "at noon"))
    later = ods_row(ods_cell("x"), annotated("flood", "at <text:s/>night"))
    path = ods(
        tmp_path / "a.ods",
        ods_table("Tides", first, ods_row(ods_cell(""), times=5), later),
        ods_table("Other", ods_row(ods_cell("y"))),
    )
    result = read(path)
    assert result.pages[0].text.partition("\n\nComments:\n")[2] == (
        "C1: at noon and more\nB7: at night and more"
    )
    assert "Ann" not in result.text
    assert "noon" not in result.pages[0].text.partition("Comments:")[0]
    assert "Comments:" not in result.pages[1].text
