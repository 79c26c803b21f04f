from reslib.extractors.pdf.columns import (
    ZIGZAG_LIMIT,
    Box,
    find_layout,
    merge_line_pieces,
    reading_order,
)


def row(y: float, left: float, right: float) -> Box:
    return Box(left, y, right, y + 10)


LEFT = [row(700 - 12 * n, 50, 280) for n in range(20)]
RIGHT = [row(700 - 12 * n, 310, 540) for n in range(20)]
MIXED = [box for pair in zip(LEFT, RIGHT, strict=True) for box in pair]


def test_columns_drawn_one_after_the_other_are_left_alone() -> None:
    layout = find_layout(LEFT + RIGHT)
    assert layout is not None
    assert layout.zigzag < ZIGZAG_LIMIT


def test_columns_drawn_across_each_other_are_noticed_and_put_in_order() -> None:
    layout = find_layout(MIXED)
    assert layout is not None
    assert layout.zigzag == 1.0
    assert len(layout.gutters) == 1
    assert 280 <= layout.gutters[0] <= 310
    assert [MIXED[i] for i in reading_order(MIXED, layout.gutters)] == LEFT + RIGHT


def test_a_title_over_both_columns_comes_first_and_a_figure_divides_them() -> None:
    title, figure = row(750, 100, 500), row(590, 60, 530)
    lines = [*MIXED, title, figure]
    above = [b for b in LEFT if b.bottom > 590] + [b for b in RIGHT if b.bottom > 590]
    below = [b for b in LEFT if b.bottom < 590] + [b for b in RIGHT if b.bottom < 590]
    ordered = [lines[i] for i in reading_order(lines, (295.0,))]
    # A line exactly beside the figure may go either way; there is none here.
    assert ordered == [title, *above, figure, *below]


def test_one_column_has_no_layout() -> None:
    assert find_layout([row(700 - 12 * n, 50, 540) for n in range(40)]) is None


def test_a_table_is_not_taken_for_columns() -> None:
    cells = [row(700 - 12 * n, x, x + 40) for n in range(20) for x in (50, 200, 350, 500)]
    assert find_layout(cells) is None


def test_short_pages_and_empty_ones_have_no_layout() -> None:
    assert find_layout([]) is None
    assert find_layout(MIXED[:8]) is None
    assert merge_line_pieces([]) == []


def test_pieces_of_one_line_are_joined_and_text_on_its_side_is_left_out() -> None:
    pieces = [row(700, 50, 90), row(700, 92, 140), row(688, 50, 140), Box(10, 100, 20, 600)]
    assert merge_line_pieces(pieces) == [row(700, 50, 140), row(688, 50, 140)]
