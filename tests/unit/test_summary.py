"""Old Office files state their title, authors and dates in their summary information."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from oleparts import drawing, ole, presentation, shape, summary, word, words

from reslib.extractors import spreadsheet
from reslib.extractors.office import doc, ppt
from reslib.extractors.office.ole import Container
from reslib.items import DocumentInfo, Metadata

SUMMARY = "\x05SummaryInformation"
STATED = summary(
    title="Gezeiten für alle".encode("cp1252"),
    author=b"Ann Reed; Bo Lind",
    keywords=b"tide, ebb",
    created=1_000_000_000,
    saved=1_000_086_400,
)
WANTED = {
    ("title", "Gezeiten für alle"),
    ("author", "Ann Reed"),
    ("author", "Bo Lind"),
    ("keywords", "tide, ebb"),
    ("created", "2001-09-09T01:46:40Z"),
    ("modified", "2001-09-10T01:46:40Z"),
}


def workbook() -> bytes:
    """Return the stream of a workbook with one sheet, and the words "ebb" in its first cell."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = struct.pack("<HHHH", 0x0600, 5, 0, 0) + bytes(8)
    name = struct.pack("<BB", 1, 0) + b"A"
    sheet = record(0x809, struct.pack("<HHHH", 0x0600, 0x10, 0, 0) + bytes(8))
    sheet += record(0x204, struct.pack("<HHHHB", 0, 0, 0, 3, 0) + b"ebb") + record(0x0A)
    before = record(0x809, begin)
    place = len(before) + 4 + 6 + len(name) + 4
    return before + record(0x85, struct.pack("<IH", place, 0) + name) + record(0x0A) + sheet


DOCUMENTS = {
    "a.doc": (doc.check_is_readable, word("The ebb. " * 40)),
    "a.ppt": (ppt.extract, presentation(drawing(shape(words("The ebb."))))),
    "a.xls": (spreadsheet.extract, {"Workbook": workbook().ljust(4096, b"\0")}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_the_summary_says_is_metadata_with_its_source(tmp_path: Path, name: str) -> None:
    read, streams = DOCUMENTS[name]
    path = tmp_path / name
    path.write_bytes(ole({**streams, SUMMARY: STATED}))
    items = list(read(path))
    stated = [item for item in items if isinstance(item, Metadata)]
    assert {(item.key, item.value) for item in stated} == WANTED
    assert {item.source for item in stated} == {"summary information"}
    titles = [item.title for item in items if isinstance(item, DocumentInfo) and item.title]
    assert titles == ["Gezeiten für alle"]


@pytest.mark.parametrize("cut", range(0, len(STATED), 7))
def test_a_damaged_summary_costs_nothing_else(cut: int) -> None:
    with Container(ole({SUMMARY: STATED[:cut] or b"x", "Other": b"kept"})) as container:
        assert {(item.key, item.value) for item in container.stated()} <= WANTED | {
            (key, value[:length]) for key, value in WANTED for length in range(len(value))
        }
        assert container.read("Other") == b"kept"
