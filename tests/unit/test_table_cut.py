"""Tables cut by lines, and where cells are found again: on words made up here."""

from __future__ import annotations

import pytest

from reslib.extractors.layout.layout import Word
from reslib.extractors.layout.lines import caption_of, figures_of, lines_of
from reslib.tableview.cutting import cut_table
from reslib.tableview.pageview import Frame, PageView
from reslib.tableview.places import find_places


def word(text: str, left: float, top: float, wide: float = 20.0) -> Word:
    """Return a word of ten points, its upper left corner on a page."""
    return Word(left, left + wide, -(top + 8), 10.0, text, -(top + 10), -top)


def grid(*rows: str) -> list[Word]:
    """Return words in columns of 50 points and rows of 20, from the upper left corner."""
    return [
        word(text, 50.0 * column, 20.0 * row)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells.split())
    ]


def test_a_word_is_in_the_cell_in_which_its_middle_is() -> None:
    cut = cut_table(grid("site depth", "Elbe 14.2", "Ems 8.4"), [0, 40, 100], [0, 18, 38, 60])
    assert cut.rows == (("site", "depth"), ("Elbe", "14.2"), ("Ems", "8.4"))
    assert cut.header_rows == 1
    moved = cut_table(grid("site depth", "Elbe 14.2", "Ems 8.4"), [0, 75, 100], [0, 18, 60])
    assert moved.rows == (("site depth", ""), ("Elbe 14.2 Ems 8.4", ""))


def test_what_is_outside_the_edges_is_in_no_cell() -> None:
    cut = cut_table(grid("a b c", "d e f"), [40, 95], [15, 40])
    assert cut.rows == (("e",),)


def test_words_broken_at_the_end_of_a_line_of_a_cell_are_joined() -> None:
    words = [
        word("measure-", 0, 0, 40),
        word("ment", 0, 12),
        word("Nord-", 60, 0),
        word("Ost", 60, 12),
    ]
    assert cut_table(words, [0, 50, 100], [0, 30], 0).rows == (("measurement", "Nord- Ost"),)


def test_a_head_that_a_line_strikes_through_reaches_over_the_columns_on_both_sides() -> None:
    words = [word("Training", 55, 0, 60), *grid("- - -", "A 0.1 0.2")[3:]]
    words += [word("name", 0, 0)]
    cut = cut_table(words, [0, 45, 85, 150], [0, 15, 40])
    assert cut.rows[0] == ("name", "Training", "")
    assert cut.spans == ((0, 1, 1, 2),)
    body = cut_table(words, [0, 45, 85, 150], [0, 15, 40], header_rows=0)
    assert body.spans == (), "below the head a line parts what it goes through"


def test_a_head_that_a_line_strikes_through_stays_one_where_the_next_column_has_its_own() -> None:
    words = [word("Tidal", 0, 0, 30), word("range", 33, 0, 30), word("SSC", 80, 0)]
    words += [word("1.79", 20, 20), word("33", 42, 20, 10)]
    cut = cut_table(words, [0, 40, 110], [0, 15, 40])
    assert cut.rows == (("Tidal range", "SSC"), ("1.79", "33"))
    assert cut.spans == ()


@pytest.mark.parametrize("columns", [[1], [1, 1, 2], [3, 2], [*range(2000)]])
def test_lines_that_do_not_follow_each_other_are_refused(columns: list[float]) -> None:
    with pytest.raises(ValueError, match="columns"):
        cut_table(grid("a b"), columns, [0, 10])


def test_cells_are_found_by_their_words_also_where_one_stands_in_several_cells() -> None:
    rows = (("site", "low", "high"), ("Elbe", "0.1", "0.1"), ("Ems", "0.1", "0.2"))
    words = grid(*map(" ".join, rows))
    places = find_places(rows, words, (0, 0, 130, 60))
    for row, cells in enumerate(rows):
        for column, _ in enumerate(cells):
            left, top, _, _ = places.cells[row, column]
            assert (left, top) == (50.0 * column, 20.0 * row)
    assert cut_table(words, places.columns, places.rows).rows == rows


def test_a_cell_whose_words_are_not_there_is_not_drawn() -> None:
    places = find_places((("a", "b"), ("c", "x y")), grid("a b", "c d"), (0, 0, 80, 40))
    assert sorted(places.cells) == [(0, 0), (0, 1), (1, 0)]
    assert len(places.columns) == 3
    assert len(places.rows) == 3


def test_a_column_without_a_word_lies_between_its_neighbours() -> None:
    rows = (("a", "", "b"), ("c", "", "d"))
    words = [word("a", 0, 0), word("b", 100, 0), word("c", 0, 20), word("d", 100, 20)]
    columns = find_places(rows, words, (0, 0, 120, 40)).columns
    assert list(columns) == sorted(set(columns))
    assert cut_table(words, columns, (0, 15, 40), 0).rows == rows


@pytest.mark.parametrize("turns", range(4))
def test_a_turned_box_is_seen_where_it_was(turns: int) -> None:
    frame = Frame(600, 800, turns)
    box = (10.0, 20.0, 110.0, 60.0)
    turned = frame.turned(box)
    assert frame.seen(turned) == box
    assert all(0 <= edge <= max(frame.size) for edge in turned)
    wide = turned[2] - turned[0]
    assert wide == (40 if turns % 2 else 100)


def test_a_page_is_turned_as_the_words_of_a_box_run() -> None:
    # Text that runs upwards, as in the table of a page that is to be held sideways.
    words = tuple(
        (x, 500.0 - 60 * column, x + 10, 540.0 - 60 * column, 10.0, 2.0, 3, text)
        for x, cells in ((100.0, "a b"), (120.0, "c d"))
        for column, text in enumerate(cells.split())
    )
    view = PageView(1, 600, 800, "image/png", b"", (*words, (0, 0, 9, 9, 10.0, 2.0, 0, "head")))
    frame = view.frame((90, 400, 200, 560))
    assert frame.turns == 3
    found = view.words_in(frame)
    left, top = min(w.left for w in found), min(-w.top for w in found)
    cut = cut_table(found, [left, left + 50, left + 110], [top, top + 15, top + 40], 0)
    assert cut.rows == (("a", "b"), ("c", "d"))


def test_a_caption_begins_also_where_another_column_is_close() -> None:
    [line] = lines_of([word("anyhow", 0, 0), word("Table", 32, 0), word("2:", 55, 0, 8)])
    assert [caption.text for caption in caption_of(line)] == ["Table 2:"]
    [line] = lines_of([word("See", 0, 0), word("Table", 32, 0), word("2", 55, 0, 5)])
    assert caption_of(line) == [], "a loose line that speaks of one"


def test_a_caption_whose_name_is_drawn_in_steps_is_found_as_well() -> None:
    # Small capitals: a large first letter, and the others beside it.
    [line] = lines_of([word("T", 0, 0, 6), word("ABLE", 6, 0), word("II", 30, 0, 8)])
    assert [caption.text for caption in caption_of(line)] == ["TABLE II"]
    [line] = lines_of([word("F", 0, 0, 6), word("IG", 6, 0, 10), word("3", 20, 0, 5)])
    assert [[word.text for word in piece] for piece in figures_of(line)] == [["F", "IG", "3"]]
