# ruff: noqa: RUF001  (signs of mathematics are the subject here)
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.raised import parts_raised, raised_before_word


@pytest.mark.parametrize(
    ("before", "piece", "after", "between"),
    [
        ("Jane Smith", "1,2", ", Wei", " "),
        ("Ana Lopes", "∗", " and", " "),
        ("cells", "12", ".", " "),
        ("TESS", "8", " is", " "),
        ("6 × 10", "5", " light", "^"),
        ("at 10", "−3", " of", "^"),
        ("in m", "−2", " s", "^"),
        ("per year", "−1", " and", "^"),
        ("25 km", "2", " of", "^"),
        ("(x + 1)", "2", " is", "^"),
        ("(Smith and Lee)", "2", " is", " "),
        ("over (0.5 m)", "2", " is", "^"),
        ("free Ca", "2+", " ions", ""),
        ("NH4", "+", " ions", ""),
        ("SO4", "2−", " ions", ""),
        ("the 19", "th", " century", ""),
        ("le XIX", "e", " siècle", ""),
        ("M", "me", " Curie", ""),
        ("δ", "13", "C of", ""),
        ("of ", "14", "C in", ""),
        ("at 25", "◦", "C in", ""),
        ("y", "′", " = 0", ""),
        ("42.1", "a", " and", " "),
        ("the word", "TM", " is", " "),
    ],
)
def test_what_stands_between_a_word_and_what_is_raised_behind_it(
    before: str, piece: str, after: str, between: str
) -> None:
    assert parts_raised(before, piece, after) == between


@pytest.mark.parametrize(
    ("piece", "after", "between"),
    [
        ("1", "Department", " "),
        ("1", "Institute", " "),
        ("2", "B. Smith", " "),
        ("14", "C-dated", ""),
        ("87", "Sr/", ""),
        ("27", "SETI Institute", " "),
        ("12", "NIH, ", " "),
        ("13", "CO2 ", ""),
        ("13", "Corg", ""),
        ("2", ", then", ""),
        ("∗", "Equal", " "),
        ("◦", "C", ""),
    ],
)
def test_what_stands_between_a_raised_piece_and_the_word_behind_it(
    piece: str, after: str, between: str
) -> None:
    assert raised_before_word(piece, after) == between


@given(st.text(max_size=30), st.text(min_size=1, max_size=8), st.text(max_size=4))
def test_nothing_but_a_sign_or_a_space_is_ever_put_in(before: str, piece: str, after: str) -> None:
    assert parts_raised(before, piece, after) in ("", " ", "^")
    assert raised_before_word(piece, after) in ("", " ")
