"""The documents with a marker in each kind of part: what reslib reads of them, and the counting."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evaluation.completeness import (
    Row,
    Tool,
    behind,
    made,
    parts,
    read_with,
    report,
    words_of_corpus,
)
from evaluation.marks import Marked, found

#: What reslib leaves out, and says in the reason beside the text or in what the format is told of.
LEFT_OUT = {
    "word.docx": {"comment"},
    "slides.pptx": {"comment"},
    "text.odt": {"comment"},
    "flat.fodt": {"comment"},
    "slides.odp": {"comment"},
    "text.rtf": {"comment"},
    "book.xlsx": {"header", "footer"},
    "book.ods": {"header", "footer"},
}
#: Whom a copy of a program is registered to says nothing of the document.
STATED = {"company"}
DOCUMENTS = {document.name: document for document in made()}


@pytest.fixture(scope="module")
def reslib(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    folder = tmp_path_factory.mktemp("marked")
    paths = {}
    for name, document in DOCUMENTS.items():
        paths[name] = folder / name
        paths[name].write_bytes(document.content)
    return read_with("reslib", sys.executable, paths, {})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_part_of_a_document_is_read_but_what_is_left_out_on_purpose(
    reslib: Tool, name: str
) -> None:
    lost = {
        part
        for _, part, (count,), whole in parts([DOCUMENTS[name]], [reslib])
        if count is None or count < whole
    }
    assert lost - STATED <= LEFT_OUT.get(name, set())


@pytest.mark.parametrize("name", [n for n, d in DOCUMENTS.items() if d.absent])
def test_what_nobody_sees_is_not_read(reslib: Tool, name: str) -> None:
    read = parts([DOCUMENTS[name]], [reslib], absent=True)
    assert [row for row in read if row[2] != [0]] == []


def tool(name: str, **words: set[str]) -> Tool:
    return Tool(name, "1", {f"{name}.x": of for name, of in words.items()})


def test_a_marker_counts_where_it_stands_as_a_word_of_its_own() -> None:
    mark = Marked("a.x")
    one, two = mark("footnote"), mark("footnote")
    ours, theirs = tool("ours", a=found(f"*{one}*. {two}")), tool("theirs", a=found(one + two))
    assert parts([mark], [ours, theirs]) == [("a.x", "footnote", [2, 0], 2)]


def test_less_than_the_best_by_more_than_a_point_is_behind() -> None:
    rows: list[Row] = [
        ("a.x", "body", [99, 100, None], 100),
        ("a.x", "heading", [98, 100, None], 100),
        ("a.x", "table cell", [None, 0, 1], 1),
        ("a.x", "header", [1, 0, 0], 1),
    ]
    assert [part for _, part, *_ in behind(rows)] == ["heading", "table cell"]


def test_words_of_a_corpus_are_counted_by_format() -> None:
    rows = [{"file": f"{n}.x", "format": "x", "expected_words": "tide gauge"} for n in "ab"]
    ours, theirs = tool("ours", a={"tide", "gauge"}, b={"tide"}), tool("theirs")
    assert words_of_corpus(rows, [ours, theirs]) == [("2 files", "x", [3, None], 4)]


def test_a_tool_that_is_absent_is_said_and_not_counted(tmp_path: Path) -> None:
    mark = Marked("a.x")
    ours = tool("ours", a={mark("body")})
    absent = read_with("no such tool", sys.executable, {"a.x": tmp_path / "a.x"}, {})
    text, wrong = report([mark], [ours, absent], [])
    assert "absent: no such tool" in text
    assert "| a.x | body | 1/1 |" in text
    assert not wrong


def test_a_tool_that_gives_back_the_source_has_not_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("source of words", encoding="utf-8")
    paths = {"a.txt": path}
    assert "words" in read_with("reslib", sys.executable, paths, {}).words["a.txt"]
    given_back = read_with("reslib", sys.executable, paths, {"a.txt": "source"})
    assert (given_back.words, given_back.errors) == ({}, {"a.txt": "gave back the source"})
