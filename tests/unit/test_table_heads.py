"""The head of a table whose file states none."""

from __future__ import annotations

import pytest

from reslib.extractors.tables.heads import set_apart, with_head
from reslib.items import Table

Rows = list[list[str]]


def table(rows: Rows, spans: tuple[tuple[int, ...], ...] = ()) -> Table:
    return Table(tuple(map(tuple, rows)), spans=spans)


def heads_of(rows: Rows, spans: tuple[tuple[int, ...], ...] = (), marked: int = 0) -> int:
    return with_head(table(rows, spans), [(marked, "bold")]).header_rows


@pytest.mark.parametrize(
    "rows",
    [
        [["Site", "Depth", "Width"], ["Elbe", "14.2", "300"], ["Ems", "8.4", "120"]],
        [["Date", "Level"], ["2024-03-01", "5.1"], ["2024-03-02", "5.3"]],
        [["Date", "Level"], ["1 March 2024", "5.1"], ["2 March 2024", "5.3"]],
        [["", "Depth", "Width"], ["Elbe", "14", "300"], ["Ems", "n/a", "120"], ["Oder", "9", "4"]],
        [["Site", "Sea", "Depth"], ["Elbe", "NS", "14"], ["Ems", "NS", "8"], ["Oder", "BS", "9"]],
        [["Charge", "Bail", "Day", "Sum", "Charge"], *[["A", "5", "2024-03-01", "6", "B"]] * 3],
        [["No", "Name"], ["1", "Ann"], ["2", "Bo"], ["3", "Cy"]],
        [["Sample", "K", "Na", "Ca"], ["Elbe", "14", "3", "4"], ["Ems", "8", "1", "2"]],
        [["Paid", "Name", "Fee"], ["TRUE", "Ann", "$4.00"], ["FALSE", "Bo", "$3.50"]],
    ],
)  # fmt: skip
def test_a_row_of_words_over_columns_of_numbers_or_dates_is_a_head(rows: Rows) -> None:
    assert heads_of(rows) == 1


def test_a_head_that_no_file_states_says_why_it_is_one() -> None:
    found = with_head(table([["Site", "Depth", "Width"], ["Elbe", "14", "3"], ["Ems", "8", "1"]]))
    assert found.reason == "no head is stated: the first row is taken for it (words over numbers)"
    assert found.confidence is None


@pytest.mark.parametrize(
    "rows",
    [
        [["Elbe", "14.2", "300"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["Elbe", "dry", "dry"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["Elbe", "low", "low", "low"], ["Ems", "8.4", "120", "3"], ["Weser", "9", "80", "2"]],
        [["Elbe", "dry", "300"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["Name", "Elbe"], ["Length", "1094"], ["Basin", "148268"], ["Founded", "1990"]],
        [["Name:", "Elbe", "Ems"], ["Length", "1094", "371"], ["Depth", "14", "8"]],
        [["Elbe", "north", "14"], ["Ems", "north", "8"], ["Oder", "east", "9"], ["U", "east", "3"]],
        [["Ann", "teacher"], ["Bo", "pupil"], ["Cy", "pupil"]],
        [["a", "1,950", "1,800"], ["b", "950", "812"], ["c", "100", "90"]],
        [["Kiel", "1950", "1800"], ["Bonn", "950", "812"], ["Jena", "100", "90"]],
        [["Kiel", "1950", "1960"], ["Bonn", "950", "812"], ["Jena", "100", "90"]],
        [["Ann", "1990", "2001"], ["Bo", "1985", "2003"], ["Cy", "1979", "1999"]],
        [["Elbe", "5 m", "3 m"], ["Ems", "4", "2"], ["Weser", "9", "8"]],
        [["1 March 2024", "calm"], ["2 March 2024", "5.1"], ["3 March 2024", "5.3"]],
        [["Site", "Depth"], ["Elbe", "14"]],
        [["Site"], ["1"], ["2"], ["3"]],
        [["North", "14", "3"], ["", "", ""], ["Elbe", "8", "2"]],
        [["Elbe", "n.d.", "bdl"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["Elbe", "failed", "-"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["Elbe", "below detection limit", "flood"], ["Ems", "8.4", "120"], ["Weser", "9", "80"]],
        [["He", "Nets", "in press"], ["Li", "Trees", "2015"], *[["Wu", "X", "2017"]] * 3],
        [["Kiel", "1812", "1934", "2001"], ["Bonn", "950", "812", "700"], ["Jena", "1", "9", "8"]],
        [["Optimizer", "Adam"], *[["rate", "0.1"], ["batch", "32"], ["drop", "0.2"]] * 4],
    ],
)  # fmt: skip
def test_a_first_row_that_may_be_data_is_no_head(rows: Rows) -> None:
    assert with_head(table(rows)) == table(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [["Site", "2019", "2020", "2021"], ["Elbe", "14", "15", "16"], ["Ems", "8", "9", "7"]],
        [["", "2020", "2021"], ["Elbe", "14", "15"], ["Ems", "8", "9"]],
        [["Site", "2021", "2020"], ["Elbe", "14.5", "15"], ["Ems", "8", "9.1"]],
        [["Site", "1996", "2003", "2011"], ["Elbe", "4", "n/a", "6"], ["Ems", "8", "9", "7"]],
    ],
)
def test_a_row_of_years_over_other_numbers_is_a_head(rows: Rows) -> None:
    found = with_head(table(rows))
    assert found.header_rows == 1
    assert "years over numbers" in found.reason


def test_years_down_the_first_column_are_data() -> None:
    rows = [["Year", "Depth"], ["2019", "14"], ["2020", "15"], ["2021", "16"]]
    assert heads_of(rows) == 1
    assert heads_of(rows[1:]) == 0


def test_a_long_list_of_names_and_numbers_has_a_head_and_a_short_one_may_be_a_record() -> None:
    rows = [["Species", "Count"], *[[f"Carex {n}", str(n)] for n in "abcdefgh"]]
    rows = [rows[0], *[[name, str(number)] for number, (name, _) in enumerate(rows[1:], 4)]]
    assert heads_of(rows) == 1
    assert heads_of(rows[:5]) == 0


@pytest.mark.parametrize(
    ("rows", "spans"),
    [
        ([["Site", "Depth", ""], ["", "low", "high"]], ((0, 0, 2, 1), (0, 1, 1, 2))),
        ([["", "Depth", "", "Width", ""], ["Site", "low", "high", "low", "high"]], ()),
        ([["Rivers of the north", "", ""], ["Site", "low", "high"]], ()),
        ([["Rivers of the north", "", ""], ["Site", "low", "high"]], ((0, 0, 1, 3),)),
    ],
)
def test_groups_and_titles_above_the_names_of_columns_are_of_the_head(
    rows: Rows, spans: tuple[tuple[int, ...], ...]
) -> None:
    wide = len(rows[0]) - 1
    body = [["Elbe", *["14.2"] * wide], ["Ems", *["8.4"] * wide]]
    assert heads_of(rows + body, spans) == 2


def test_a_row_of_units_belongs_to_the_head() -> None:
    body = [["Elbe", "14.2", "300"], ["Ems", "8.4", "120"]]
    assert heads_of([["Site", "Depth", "Flow"], ["", "m", "m³/s"], *body]) == 2
    assert heads_of([["Site", "Depth", "Flow"], ["Oder", "closed", "no data"], *body * 4]) == 1


def test_a_cell_that_reaches_from_the_first_row_into_the_numbers_makes_no_head() -> None:
    rows = [["Site", "Depth", "Width"], ["", "14", "3"], ["Ems", "8", "1"]]
    assert heads_of(rows, ((0, 0, 2, 1),)) == 0


def test_rows_that_a_file_sets_apart_are_a_head_also_over_words() -> None:
    rows = [["Name", "Trade"], ["Ann", "teacher"], ["Bo", "pupil"]]
    assert heads_of(rows, marked=1) == 1
    assert heads_of([["Name", "5 m"], ["Ann", "teacher"], ["Bo", "pupil"]], marked=1) == 1


@pytest.mark.parametrize(
    "first", [["Total", "14.2"], ["Ann", "Ann"], ["Ann", ""], ["1", "2"], ["Kiel", "1,950"]]
)
def test_a_row_that_is_set_apart_and_names_no_columns_is_none(first: list[str]) -> None:
    assert heads_of([first, ["Ann", "teacher"], ["Bo", "pupil"]], marked=1) == 0


def test_all_rows_set_apart_are_none_set_apart() -> None:
    assert set_apart([[True, True], [True, False], [False]]) == 1
    assert set_apart([[True], [], [True], [False]]) == 3
    assert set_apart([[True, True], [True, True]]) == 0
    assert set_apart([[], [False]]) == 0
    assert set_apart([[True, False], [False]]) == 0


def test_a_head_that_is_stated_stays() -> None:
    stated = Table((("Elbe", "14"), ("Ems", "8"), ("Site", "3")), header_rows=2)
    assert with_head(stated, [(1, "bold")]) == stated


def test_a_damaged_table_has_no_head_and_stops_nothing() -> None:
    rows = [["Site", "Depth", "Width"], ["Elbe", "14"], ["Ems", "8", "1"]]
    assert heads_of(rows, marked=1) == 0
    even = [["Site", "Depth"], ["Elbe", "14"], ["Ems", "8"], ["Oder", "9"]]
    assert heads_of(even, spans=((0, 7, 1, 2), (9, 0, 1, 1)), marked=1) == 1
