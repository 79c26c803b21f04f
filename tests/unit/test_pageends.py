"""A word that is broken over the end of a page is put together on the first of the two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.pdf.hyphens import HYPHEN_MARK, Vocabulary, join_hyphens
from reslib.extractors.pdf.pageends import mark_page_ends


def joined(*pages: str) -> list[str]:
    marked = mark_page_ends(pages)
    vocabulary = Vocabulary(marked)
    return [join_hyphens(page, vocabulary).strip() for page in marked]


def test_the_rest_of_a_word_moves_to_the_page_on_which_it_begins() -> None:
    assert joined("we had little infor-", "mation, and more") == [
        "we had little information,",
        "and more",
    ]


def test_the_number_of_a_page_and_a_head_stand_between() -> None:
    assert joined("of little infor-\n12", "Tides 13\nmation and more\n13") == [
        "of little information\n12",
        "Tides 13\nand more\n13",
    ]


def test_a_foot_that_looks_like_the_rest_of_the_word_is_none() -> None:
    foot = "Published by nobody"
    pages = [f"one of infor{HYPHEN_MARK}{foot}", f"mation here\n{foot}", f"last\n{foot}"]
    assert joined(*pages)[0] == f"one of information\n{foot}"


def test_what_goes_on_with_a_capital_is_another_word() -> None:
    assert joined("see milli-", "The next page") == ["see milli-", "The next page"]


def test_notes_below_the_text_are_no_furniture() -> None:
    pages = ("of little infor-\nA note that stands on this page only.", "mation and more")
    assert joined(*pages) == list(pages)


PROGRESS = "1 See the report of the observatory, which has infor-\nmation on all of them."


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("The tides 1 are known from infor-", PROGRESS),
        ("The tides,1 are known from infor-", f"{PROGRESS}\n2 Another one.\n12"),
        ("The tides\u2217 are known from infor-", PROGRESS.replace("1", "\u2217")),
        ("The tides\u00b9 are known from infor\u2010", PROGRESS.replace("1", "\u00b9")),
        ("The tides [1] are known from infor-", "[1] http://tides.example"),
        ("The tides.1 They are known from infor-", "1 \u00dcber die Gezeiten"),
    ],
)
def test_notes_with_their_marks_may_stand_below_a_broken_word(text: str, note: str) -> None:
    first, second = joined(f"{text}\n{note}", "mation and more")
    assert first.startswith(text[:-1] + "mation\n" + note[:10])
    assert second == "and more"


@pytest.mark.parametrize("line", ["1 See the report.", "7 apples were counted.", "Table 2"])
def test_lines_without_a_mark_in_the_text_are_no_notes(line: str) -> None:
    pages = (f"The tides are known from infor-\n{line}", "mation and more")
    assert joined(*pages) == list(pages)


@given(st.lists(st.text(alphabet="ab-\n 1A", max_size=40), max_size=6))
def test_no_letter_is_lost_and_none_moves_to_another_place(pages: list[str]) -> None:
    marked = mark_page_ends(pages)
    assert len(marked) == len(pages)
    for kept in ("a", "b", "A", "1"):
        assert "".join(marked).count(kept) == "".join(pages).count(kept)
