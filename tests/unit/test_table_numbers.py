"""Columns of tables as numbers: the whole column, or none of it."""

from __future__ import annotations

import pytest

from reslib.documents.tableframes import column_names
from reslib.documents.tablenumbers import number_column, number_columns


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["12.3", "4", ".5"], (12.3, 4.0, 0.5)),
        (["1,234", "12,345,678", "7"], (1234.0, 12_345_678.0, 7.0)),
        (["1,234.5", "2.25"], (1234.5, 2.25)),
        (["−3", "-4.5", "–1", "+2"], (-3.0, -4.5, -1.0, 2.0)),
        (["0,123", "12,5"], (0.123, 12.5)),
        (["1.234.567,8", "2,5"], (1_234_567.8, 2.5)),
        (["45 %", "7%", "–"], (45.0, 7.0, None)),
        (["0.83**", "0.91†", ""], (0.83, 0.91, None)),
        (["n/a", "3"], (None, 3.0)),
    ],
)
def test_a_column_of_numbers_is_converted(
    cells: list[str], values: tuple[float | None, ...]
) -> None:
    found = number_column(cells)
    assert found is not None
    assert found.values == values


@pytest.mark.parametrize(
    "cells",
    [
        ["12.3", "high"],
        ["10 000", "7"],  # thousands, or two numbers
        ["0.71 0.64", "0.83"],
        ["(3)", "4"],
        ["<0.001", "0.02"],
        ["3 %", "4 °C"],
        ["3 %", "4"],
        ["1-2", "3"],
        ["1.2.3", "4"],
        ["12.3^1", "45"],  # a mark of a note, or an exponent
        ["1.234", "987", "12.345"],  # thousands, or decimals
        ["01067", "20095"],  # a name: the zero would be gone
        ["2019012345678901", "7"],  # more digits than a float has
        ["9" * 400, "1"],
        ["", "–"],
        [],
    ],
)
def test_a_column_that_can_be_read_in_two_ways_stays_text(cells: list[str]) -> None:
    assert number_column(cells) is None


def test_a_comma_means_the_same_in_all_columns_of_a_table() -> None:
    shares, weights, lengths, counts = number_columns(
        [["0,5", "12,25"], ["1,234", "2,345"], ["1.234", "2.345"], ["3", "4"]]
    )
    assert shares is not None
    assert shares.values == (0.5, 12.25)
    assert weights is None  # 1.234, or 1234
    assert lengths is None
    assert counts is not None
    assert number_columns([["1,234", "2,345"], ["0.5", "1.25"]])[0] is not None


def test_errors_are_apart_from_the_numbers() -> None:
    found = number_column(["12.3 ± 0.4", "9.1±1.2", "8"])
    assert found is not None
    assert found.values == (12.3, 9.1, 8.0)
    assert found.errors == (0.4, 1.2, None)


def test_heads_of_two_levels_are_joined_and_each_name_is_there_once() -> None:
    head = [["Site", "Depth", "", "Depth"], ["", "low", "high", ""]]
    spans = [(0, 0, 2, 1), (0, 1, 1, 2)]
    assert column_names(head, spans, 4) == ["Site", "Depth / low", "Depth / high", "Depth"]
    assert column_names([["a", "a", ""]], [], 3) == ["a", "a (2)", "column 3"]
    assert column_names([], [], 2) == ["column 1", "column 2"]
