"""Places in texts: the same as the search index has them, and found without squares."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reslib.fold import fold
from reslib.search.query import parse
from reslib.search.snippet import Finder, Snippet

LETTERS = "aAbé\u0301Éß\u0131\u0130J9½²文字。が\u3099 .-_'\"*\n\f\u00ad"


def snippet(text: str, query: str) -> Snippet:
    return Finder(parse(query).phrases).snippet(text)


def matches(text: str, query: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE f USING fts5 (t, tokenize = 'ascii')")
        db.execute("INSERT INTO f VALUES (?)", (fold(text),))
        found = db.execute("SELECT count(*) FROM f WHERE f MATCH ?", (parse(query).match,))
        return bool(found.fetchone()[0])


@given(st.text(LETTERS, max_size=30), st.text(LETTERS, min_size=1, max_size=6))
@example("cafe\u0301 au lait", "café")
@example("CAFÉ", "cafe")
@example("snake_case", "case")
@example("abc", "ab*")
@example("a b", '"a b"')
@example("文字列", "文字")
@example("文字。列", "字列")
@example("Grund\u00adwasser", "grundwasser")
def test_a_phrase_is_found_where_the_search_index_finds_it(text: str, query: str) -> None:
    if len(parse(query).phrases) != 1:
        return
    assert (snippet(text, query).position is not None) == matches(text, query)


def test_the_place_with_most_of_the_words_is_shown() -> None:
    text = "tide. " + "filler words " * 50 + "the tide in the estuary of the river " + "x " * 200
    found = snippet(text, "tide estuary")
    assert "the **tide** in the **estuary** of the river" in found.text
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert found.position == text.index("tide in")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("photo*", "a **photograph** of"),
        ('"tidal range"', "The **tidal\u00a0range** was"),
        ("C++", "in **C**++ and"),
        ("e-mail", "an **email** and"),
        ("multi-agent", "a **multi-agent** system"),
        ("naive", "a **naïve** idea"),
    ],
)
def test_matches_are_marked_as_they_stand(query: str, shown: str) -> None:
    text = (
        "The tidal\u00a0range was large; a photograph of it, in C++ and with a multi-agent system, "
        "a naïve idea, sent by an email and a letter."
    )
    assert shown.replace("\u00a0", " ") in snippet(text, query).text


def test_without_a_match_in_the_text_its_beginning_is_shown() -> None:
    found = snippet("A long text " * 100, "name.pdf")
    assert found.position is None
    assert found.text.startswith("A long text A long")
    assert found.text.endswith("…")
    assert snippet("", "x").text == ""


def test_a_word_at_the_seam_of_two_parts_is_found_once_and_whole() -> None:
    for shift in range(-8, 3):
        text = "x " * ((1 << 19) + shift // 2) + "y" * (shift % 2) + " needle in hay"
        found = snippet(text, "needle")
        assert found.position == text.index("needle"), shift
        assert "**needle** in hay" in found.text
        assert snippet(text, "eedle").position is None


def test_a_text_that_says_the_word_all_the_time_takes_no_time() -> None:
    """Quadratic, this would take days."""
    found = snippet("words " * 5_000_000, "words words")
    assert found.text.startswith("**words** **words** ")


def test_a_phrase_that_is_longer_than_a_page_is_found_by_its_beginning() -> None:
    page = "the tide was high and the sediment lay still " * 200
    found = snippet(f"Before it. {page}", f'"{page}"')
    assert found.position == 11
    assert "**the tide was high" in found.text
