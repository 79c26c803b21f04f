"""What a raised piece of text is, told from what stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.raised import join_raised


def written(line: str) -> str:
    """Write out a line in which ⟨…⟩ is raised, piece by piece, as an extractor does."""
    before, _, rest = line.partition("⟨")
    while rest:
        piece, _, rest = rest.partition("⟩")
        after, _, rest = rest.partition("⟨")
        before += join_raised(before, piece, after) + after
    return before


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("10⟨5⟩ light curves", "10^5 light curves"),
        ("of 10⟨−3⟩ m", "of 10^−3 m"),
        ("3 × 10⟨-12⟩", "3 × 10^-12"),
        ("2⟨n⟩ states", "2^n states"),
        ("x⟨2⟩ + y⟨2⟩", "x^2 + y^2"),
        ("e⟨−kt⟩", "e^(−kt)"),
        ("x⟨n+1⟩", "x^(n+1)"),
        ("5 km⟨2⟩", "5 km^2"),
        ("m⟨−3⟩", "m^−3"),
        ("W m⟨−2⟩ sr⟨−1⟩", "W m^−2 sr^−1"),
        ("mol L⟨−1⟩", "mol L^−1"),
        ("kg·day⟨−1⟩", "kg·day^−1"),
        ("(x + 1)⟨2⟩", "(x + 1)^2"),
        ("sin⟨2⟩ θ", "sin^2 θ"),
        ("R⟨2⟩ = 0.9", "R^2 = 0.9"),
        ("150⟨2⟩ pixels", "150^2 pixels"),
        ("χ⟨2⟩ test", "χ^2 test"),
        ("10⟨5–6⟩ cells", "10^(5–6) cells"),
    ],
)
def test_an_exponent_is_written_with_a_caret(line: str, text: str):
    assert written(line) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Ca⟨2+⟩ ions", "Ca2+ ions"),
        ("Na⟨+⟩ and Cl⟨−⟩", "Na+ and Cl−"),
        ("SO4⟨2−⟩", "SO42−"),
        ("CD4⟨+⟩ cells", "CD4+ cells"),
        ("1⟨st⟩ and 22⟨nd⟩, 3⟨rd⟩, 19⟨th⟩ century", "1st and 22nd, 3rd, 19th century"),
        ("XIX⟨e⟩ siècle", "XIXe siècle"),
        ("the n⟨th⟩ term", "the nth term"),
        ("M⟨me⟩ Curie", "Mme Curie"),
        ("N⟨o⟩ 5", "No 5"),
        ("25⟨∘⟩C", "25∘C"),
        ("f⟨′⟩(x)", "f′(x)"),
        ("Word⟨®⟩ 2016", "Word® 2016"),
    ],
)
def test_a_charge_an_ordinal_and_a_prime_are_part_of_the_word(line: str, text: str):
    assert written(line) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("⟨13⟩C and ⟨15⟩N", "13C and 15N"),
        ("δ⟨13⟩C", "δ13C"),
        ("⟨87⟩Sr/⟨86⟩Sr", "87Sr/86Sr"),
        ("⟨14⟩CO2 (⟨238⟩U)", "14CO2 (238U)"),
        ("⟨1⟩H NMR", "1H NMR"),
        ("δ⟨13⟩Corg and ⟨14⟩C-dated", "δ13Corg and 14C-dated"),
    ],
)
def test_a_mass_number_is_part_of_the_name_of_an_isotope(line: str, text: str):
    assert written(line) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Anna Smith⟨1,2⟩, Bo Li⟨3⟩", "Anna Smith 1,2, Bo Li 3"),
        ("library⟨1⟩ to convert", "library 1 to convert"),
        ("cells⟨12⟩.", "cells 12."),
        ("the end.⟨3⟩ Then", "the end. 3 Then"),
        ("Müller⟨a,b,∗⟩ and", "Müller a,b,∗ and"),
        ("Jones⟨†⟩", "Jones †"),
        ("⟨1⟩Department of Physics", "1 Department of Physics"),
        ("⟨1⟩In this paper", "1 In this paper"),
        ("⟨2⟩He found", "2 He found"),
        ("⟨12⟩CNRS, Paris", "12 CNRS, Paris"),
        ("⟨12⟩NIH, Bethesda", "12 NIH, Bethesda"),
        ("⟨27⟩SETI Institute", "27 SETI Institute"),
        ("⟨a⟩University", "a University"),
        ("12.3⟨a⟩", "12.3 a"),
        ("in 1998⟨4⟩", "in 1998 4"),
        ("(see the text)⟨7⟩", "(see the text) 7"),
        ("(Smith, 2019)⟨7⟩", "(Smith, 2019) 7"),
        ("GPT4⟨3⟩ models", "GPT4 3 models"),
        ("research⟨[5]⟩ shows", "research [5] shows"),
        ("研究⟨1⟩は", "研究 1 は"),
        ("works⟨1–3⟩and", "works 1–3 and"),
        ("Beta⟨TM⟩ 2", "Beta TM 2"),
    ],
)
def test_a_mark_of_a_note_or_an_affiliation_stands_apart(line: str, text: str):
    assert written(line) == text


@given(st.text(), st.text(), st.text())
def test_no_character_is_lost_and_only_separators_are_added(before: str, piece: str, after: str):
    text = join_raised(before, piece, after)
    assert piece.strip() in text
    assert set(text.replace(piece.strip(), "", 1)) <= set(piece) | set(" ^()")


def test_a_long_line_costs_no_more_than_a_short_one():
    line = "a1(" * 1_000_000
    for _ in range(1000):
        join_raised(line, "12", line)


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
    assert join_raised(before, piece, after).partition(piece)[0] == between


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
    assert join_raised("", piece, after).rpartition(piece)[2] == between
