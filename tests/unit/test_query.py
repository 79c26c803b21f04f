"""What people type into a search."""

# ruff: noqa: RUF001 - characters that look alike are the subject

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.fold import fold
from reslib.search.query import Phrase, parse

TEXTS = {
    1: "the tide and the moon",
    2: "the tide and the sun",
    3: "the storm, the sun and the wind",
    4: "tide " + "word " * 8 + "surge",
    5: "潮汐。观测站使用Python",
    6: "a metaanalysis sent by e-mail from Hawaiʻi; sulfate is SO4^2−",
    7: "a meta-analysis sent by email from Hawai'i; SO₄²⁻ is sulfate, a state-of-theart",
}


def found(query: str) -> set[int]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE f USING fts5 (t, tokenize = 'ascii')")
        db.executemany(
            "INSERT INTO f (rowid, t) VALUES (?, ?)", [(n, fold(t)) for n, t in TEXTS.items()]
        )
        match = parse(query).match
        return {row[0] for row in db.execute("SELECT rowid FROM f WHERE f MATCH ?", (match,))}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("tide", {1, 2, 4}),
        ("tide sun", {2}),
        ("tide AND sun", {2}),
        ("tide OR storm", {1, 2, 3, 4}),
        ("tide moon OR storm wind", {1, 3}),
        ("tide NOT moon", {2, 4}),
        ("tide NOT moon sun", {2}),
        ("tide NOT moon NOT surge", {2}),
        ('the NOT "tide and the moon" OR surge', {2, 3, 4}),
        ("tide NEAR surge", {4}),
        ("tide NEAR/7 surge", set()),
        ("surge NEAR/8 tide", {4}),
        ("tide NEAR surge OR wind", {3, 4}),
        ("the NEAR tide NEAR moon", {1}),
        ("ti* NEAR su*", {2, 4}),
        ("潮汐", {5}),
        ("汐观", set()),
        ("潮汐。观测", {5}),
        ("观测站Python", set()),
        ("python", {5}),
        ("使用Python", {5}),
        ("潮汐。", {5}),
        ("meta-analysis", {6, 7}),
        ("meta\u2010anal*", {6, 7}),
        ('"a meta-analysis sent"', {6, 7}),
        ("e-mail", {6, 7}),
        ("sent NEAR e-mail", {6, 7}),
        ("sent NEAR/5 e-mail NEAR meta-analysis", {6, 7}),
        ("sent NOT e-mail", set()),
        ("state-of-the-art", {7}),
        ("hawai'i", {6, 7}),
        ("hawai’i", {6, 7}),
        ("SO42-", {6, 7}),
        ("SO4", {6, 7}),
    ],
)
def test_words_in_capitals_between_others_mean_something(query: str, documents: set[int]) -> None:
    assert found(query) == documents


@pytest.mark.parametrize(
    "query", ["AND", "OR", "NOT", "NEAR", "NOT tide", "OR tide", "tide OR", "NEAR/3"]
)
def test_without_neighbours_they_are_words(query: str) -> None:
    asked = parse(query)
    assert {phrase.words[0] for phrase in asked.phrases} == {
        part.lower() for part in query.replace("/", " ").split() if part.isalpha()
    }


def test_small_letters_mean_words() -> None:
    assert parse("tide or not near").match == '"tide" AND "or" AND "not" AND "near"'


def test_what_is_left_out_is_not_looked_for_in_the_text() -> None:
    assert parse("tide NOT moon OR photo*").phrases == (
        Phrase(("tide",)),
        Phrase(("photo",), is_prefix=True),
    )


def test_a_word_that_is_repeated_is_asked_for_once() -> None:
    assert parse("tide Tide TIDE tidé").match == '"tide"'
    assert parse("tide OR tide OR tide").match == '"tide"'


PIECES = st.sampled_from(
    [
        "OR",
        "NOT",
        "NEAR",
        "NEAR/5",
        "NEAR/999999999",
        '"',
        '"a b"',
        "a",
        "e-mail",
        "state-of-the-art",
        "meta-a*",
        "hawai'i",
        "SO42-",
        "b*",
        "*",
        "C++",
        "x:y",
        "(",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map(" ".join)))
def test_no_query_is_a_syntax_error(typed: str) -> None:
    match = parse(typed).match
    if match:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE VIRTUAL TABLE t USING fts5 (filename, text, tokenize = 'ascii')")
            db.execute("SELECT * FROM t WHERE t MATCH ?", (match,)).fetchall()


@pytest.mark.parametrize("word", ["he'll", "she'd", "we're", "l'air", "don't", "qu'une"])
def test_an_apostrophe_that_parts_words_is_not_left_out(word: str) -> None:
    assert not parse(word).phrases[0].others


def test_a_chain_of_compounds_near_each_other_does_not_grow_without_end() -> None:
    typed = " NEAR ".join(["state-of-the-art"] * 200)
    assert len(parse(typed).match) < 200_000
    compounds = " ".join(f"w{n}x-y{n}z a{'b' * n}-c" for n in range(1000))
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = 'ascii')")
        db.execute("SELECT * FROM t WHERE t MATCH ?", (parse(compounds).match,)).fetchall()


def test_a_pasted_page_of_words_and_operators_is_no_error() -> None:
    for word in ("OR", "NOT", "NEAR", ""):
        typed = f" {word} ".join(f"w{n}x" for n in range(3000))
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = 'ascii')")
            db.execute("SELECT * FROM t WHERE t MATCH ?", (parse(typed).match,)).fetchall()
