"""Tables that go on over pages: which pieces are put together, and which are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reslib.documents.tablejoin import join_pages

HEAD = ["Site", "Depth"]


def piece(page: int | None, *rows: list[str], **more: Any) -> dict[str, Any]:
    """Return a table as the database gives it: on top of its page, 200 points wide."""
    row = {
        "id": (page or 0) * 10,
        "page": page,
        "caption": "",
        "rows": json.dumps(rows),
        "header_rows": int(rows[0] == HEAD),
        "box": "[100, 50, 300, 700]",
        "spans": "[]",
        "confidence": 0.9,
        "reason": "found",
    }
    return {**row, **more}


def joined(*rows: dict[str, Any]) -> list[int]:
    """Return how many rows each table has that comes of some pieces."""
    return [len(json.loads(row["rows"])) for row in join_pages(rows)]


FIRST = piece(1, HEAD, ["Elbe", "14"], caption="Table 2: Depths")


@pytest.mark.parametrize(
    ("second", "rows"),
    [
        (piece(2, HEAD, ["Ems", "8"]), 3),
        (piece(2, HEAD, ["Ems", "8"], caption="Table 2: Depths (continued)"), 3),
        (piece(2, HEAD, ["Ems", "8"], caption="Table 2"), 3),
        (piece(2, ["Ems", "8"], caption="Table 2 (cont.)"), 3),
        (piece(2, ["SITE", " depth"], ["Ems", "8"]), 3),
        (piece(2, ["Ems", "8"]), 3),
        (piece(2, ["10", "20"], ["Ems", "8"], header_rows=1, caption="Table 2, continued"), 4),
    ],
)
def test_a_table_that_goes_on_becomes_one(second: dict[str, Any], rows: int) -> None:
    [table] = join_pages([FIRST, second])
    assert len(json.loads(table["rows"])) == rows, "its head once, and no row is lost"
    assert json.loads(table["rows"])[-1] == ["Ems", "8"]
    assert table["caption"] == "Table 2: Depths"
    assert table["joined"] == {"table_ids": (10, 20), "pages": (1, 2)}
    assert table["reason"].startswith("joined from pages 1, 2; ")


@pytest.mark.parametrize(
    "second",
    [
        piece(2, HEAD, ["Ems", "8"], caption="Table 3: Other depths"),
        piece(2, ["Ems", "8"], caption="Table 3: Other depths"),
        piece(2, ["Ems", "8"], caption="Table 3 (continued)"),
        piece(3, HEAD, ["Ems", "8"]),
        piece(2, ["Ems", "8", "x"]),
        piece(2, ["River", "Width"], ["Ems", "8"], header_rows=1),
        piece(2, ["Ems", "8"], box="[100, 50, 420, 700]"),
        piece(None, HEAD, ["Ems", "8"]),
        piece(2, HEAD, ["Ems", "8"], box="[]"),
    ],
)
def test_two_tables_stay_two(second: dict[str, Any]) -> None:
    assert sorted(joined(FIRST, second)) == sorted(joined(FIRST) + joined(second))


def test_only_the_last_of_a_page_goes_on_in_the_first_of_the_next() -> None:
    above = piece(1, HEAD, ["a", "1"], box="[100, 20, 300, 40]", caption="Table 1")
    below = piece(2, HEAD, ["z", "9"], box="[100, 720, 300, 760]", caption="Table 3")
    assert joined(above, FIRST, piece(2, HEAD, ["Ems", "8"]), below) == [2, 3, 2]


def test_it_may_go_on_over_many_pages_with_its_spans_and_the_least_confidence() -> None:
    pieces = [
        piece(2, HEAD, ["", "8"], spans="[[1, 0, 1, 2]]", confidence=0.6, reason="doubtful"),
        piece(3, HEAD, ["Oste", "3"], confidence=None),
    ]
    [table] = join_pages([FIRST, *pieces])
    assert json.loads(table["rows"]) == [HEAD, ["Elbe", "14"], ["", "8"], ["Oste", "3"]]
    assert json.loads(table["spans"]) == [[2, 0, 1, 2]]
    assert table["confidence"] == 0.6
    assert table["reason"] == "joined from pages 1, 2, 3; doubtful"


def test_a_piece_that_is_less_sure_than_asked_is_left_out_and_that_is_said() -> None:
    weak = piece(2, ["Ems", "8"], confidence=0.3)
    last = piece(3, ["Weser", "11"])
    [first, third] = join_pages([FIRST, weak, last], 0.5)
    assert json.loads(first["rows"]) == [HEAD, ["Elbe", "14"]]
    assert "what is on page 2 is left out" in first["reason"]
    assert "0.30" in first["reason"]
    assert json.loads(third["rows"]) == [["Weser", "11"]]
    assert joined(FIRST, weak, last) == [4], "nothing is asked for"


def test_a_weak_table_that_nothing_goes_on_in_is_left_out() -> None:
    assert join_pages([piece(1, HEAD, ["Elbe", "14"], confidence=0.2)], 0.5) == []
    assert join_pages([piece(None, HEAD, ["Elbe", "14"], confidence=None)], 0.5)
