"""What the benchmarks measure with is right itself: recall of words, glued words, two versions."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.before_after import NoSuchVersion, Side, checkout
from evaluation.glued_words import Word, glued
from evaluation.recall import common_words, sentence_recall, word_forms, word_recall

ROOT = Path(__file__).parents[2]

WORDS = st.lists(st.sampled_from("abcde"), max_size=30)


def longest_common(one: list[str], other: list[str]) -> int:
    """The textbook's table."""
    above = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for at, match in enumerate(other):
            row.append(above[at] + 1 if word == match else max(row[at], above[at + 1]))
        above = row
    return above[-1]


# --- words --------------------------------------------------------------------------------------


@given(WORDS, WORDS)
def test_common_words_are_the_longest_common_subsequence(one: list[str], other: list[str]) -> None:
    assert common_words(one, other) == longest_common(one, other)


@given(WORDS.filter(bool), st.integers(0, 29))
def test_each_word_that_is_not_there_costs_one(words: list[str], at: int) -> None:
    distinct = [f"{word}{number}" for number, word in enumerate(words)]
    left = distinct[:at] + distinct[at + 1 :]
    expected = len(left) / len(distinct)
    assert word_recall([[" ".join(distinct)]], " ".join(left)) == pytest.approx(expected)


def test_two_words_that_ran_together_are_both_lost() -> None:
    truth = [["We used the library 1 to convert the files."]]
    assert word_recall(truth, "We used the library 1 to convert the files.") == 1
    assert word_recall(truth, "We used the library1 to convert the files.") == pytest.approx(7 / 9)
    assert word_recall(truth, "We used the library1to convert the files.") == pytest.approx(6 / 9)


def test_words_in_the_wrong_order_are_lost() -> None:
    assert word_recall([["one two three four"]], "three four one two") == 0.5


def test_where_a_piece_stands_among_the_others_is_not_asked() -> None:
    truth = [["one two three"], ["a note"]]
    assert word_recall(truth, "a note one two three") == 1
    assert word_recall(truth, "one two a note three") == 1


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ("10^5", "10^5"),
        ("m^\u22123,", "m^-3"),
        ("\U0001d465^2", "x^2"),
        ("(CO2)", "CO2"),
        ("Ca2+.", "Ca2+"),
        ("Smith 1,2,", "Smith 1,2"),
        ("\u201cword\u201d", "word"),
    ],
)
def test_a_word_is_the_same_however_it_is_drawn(drawn: str, told: str) -> None:
    assert word_forms(drawn) == word_forms(told) == told.split()


def test_an_exponent_that_sank_into_its_number_is_another_word() -> None:
    assert word_recall([["10^5 light curves"]], "105 light curves") == pytest.approx(2 / 3)
    assert word_recall([["10^5 light curves"]], "105light curves") == pytest.approx(1 / 3)


def test_sentences_do_not_say_how_near_a_miss_came() -> None:
    truth = ["We used the library 1 to convert the files."]
    assert sentence_recall(truth, "We used the library1 to convert the files.") == 0


# --- glued words ---------------------------------------------------------------------------------


def apart(text: str, lowered: str = "") -> list[Word]:
    return [Word(word, word in lowered.split()) for word in text.split()]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("the library1to convert", "the library 1 to convert", ["library1to"]),
        ("06ENGLERT, Ann", "06 ENGLERT, Ann", ["06ENGLERT,"]),
        ("westernSouth bay", "western South bay", ["westernSouth"]),
        ("the ofthe", "the of the", ["ofthe"]),
        ("10^5light curves", "10 5 light curves", ["10^5light"]),
        ("to day into", "to day into", []),
        ("all is well", "all is well", []),
    ],
)
def test_a_word_that_is_several_of_pdfiums_is_glued(
    ours: str, theirs: str, found: list[str]
) -> None:
    assert glued(ours.split(), apart(theirs)) == found


@pytest.mark.parametrize(
    ("ours", "theirs", "lowered"),
    [
        ("information", "infor- mation", ""),
        ("information", "infor\u2010 mation", ""),
        ("information", "infor\x02 mation", ""),
        ("well-known", "well- known", ""),
        ("CO2 and H2O", "CO 2 and H 2 O", "2"),
        ("Ca2+", "Ca 2+", ""),
        ("INTRODUCTION", "I N T R O D U C T I O N", ""),
        ("季節の測定は", "季節の 測定は", ""),
        ("10^5 light m^-3", "10 5 light m -3", ""),
        ("word.", "word .", ""),
        ("efficient", "e\ufb03cient", ""),
    ],
)
def test_what_is_joined_on_purpose_is_not_glued(ours: str, theirs: str, lowered: str) -> None:
    assert glued(ours.split(), apart(theirs, lowered)) == []


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=2, max_size=30))
def test_words_as_pdfium_gives_them_are_never_glued(words: list[str]) -> None:
    assert glued(words, [Word(word) for word in words]) == []


# --- two versions --------------------------------------------------------------------------------

SIDE = """
from benchmarks.before_after import serve

def fail():
    raise ValueError("no")

serve({"add": lambda a, b: a + b, "noise": lambda: print("more"), "fail": fail})
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "side.py"
    path.write_text(SIDE)
    return path


def test_a_side_imports_its_own_tree_and_answers(script: Path) -> None:
    side = Side("here", ROOT, script)
    try:
        assert side.ask("add", a=1, b=2) == 3
        assert side.ask("noise") is None, "what is printed does not get between the answers"
        with pytest.raises(RuntimeError, match="here: ValueError: no"):
            side.ask("fail")
        assert side.ask("add", a="x", b="y") == "xy", "it lives on"
    finally:
        side.close()


def test_a_side_that_imported_another_tree_is_refused(script: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="which is not in"):
        Side("elsewhere", tmp_path, script)


def test_a_version_that_is_not_there_is_told() -> None:
    with pytest.raises(NoSuchVersion, match="no-such-version"), checkout("no-such-version"):
        pass


def test_a_version_is_unpacked_and_removed(tmp_path: Path) -> None:
    git = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    if subprocess.run(git, capture_output=True).returncode:
        pytest.skip("needs the repository")
    with checkout("HEAD") as tree:
        assert (tree / "reslib" / "__init__.py").exists()
    assert not tree.exists()
