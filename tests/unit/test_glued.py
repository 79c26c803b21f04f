"""Words that ran together are noticed, and words that are long by nature are not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.pdf.confidence import PageSignals, judge_pages
from reslib.extractors.pdf.glued import glued_shares

ENGLISH = (
    "The gauge at the harbour was read in the morning and in the evening, and the level of the "
    "water was written into the book of the station. In the winter the ice at the harbour made "
    "the gauge useless, and the level of the water was taken from the staff at the bridge. "
    "The book of the station shows that the staff at the bridge was read in the evening. "
    "For the harbour the level of the water is known in the morning only. "
) * 3
GERMAN = (
    "Der Pegel am Hafen wurde am Morgen und am Abend gelesen, und der Wasserstand wurde in das "
    "Buch der Station geschrieben. Die Wasserstandsmessung am Hafen ist im Winter unsicher. "
    "Hiervon zeugt das Buch der Station, und davon wiederum handelt die Temperaturmessung. "
    "Die Messung der Temperatur wurde damit und hiermit am Abend wiederholt. "
) * 3


def glue(text: str, share: float, seed: int = 1) -> str:
    draw = random.Random(seed)
    first, *rest = text.split()
    return first + "".join(word if draw.random() < share else f" {word}" for word in rest)


@pytest.mark.parametrize("text", [ENGLISH, GERMAN])
def test_words_that_stand_apart_are_not_glued(text: str) -> None:
    assert glued_shares([text, text]) == [0.0, 0.0]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_the_share_of_glued_words_is_about_right(share: float) -> None:
    (found,) = glued_shares([glue(ENGLISH, share)])
    assert share / 3 < found < share * 3


def test_more_glue_is_worth_less() -> None:
    worth = [
        judge_pages([PageSignals(glue(ENGLISH, share), text_objects=9)])[0][0]
        for share in (0, 0.05, 0.15, 1)
    ]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] == 1
    assert worth[-1] == 0


def test_the_reason_says_that_words_run_together() -> None:
    confidence, reason = judge_pages([PageSignals(glue(ENGLISH, 0.1), text_objects=9)])[0]
    assert confidence < 0.7
    assert reason == "words run together"


def test_a_page_whose_words_stand_apart_is_worth_more_than_the_glued_one_beside_it() -> None:
    apart, glued = glued_shares([ENGLISH, glue(ENGLISH, 0.2)])
    assert apart < glued / 2


@pytest.mark.parametrize(
    "glued", ["harbour7to", "25,499.96STATION", "1The", "12Harbour", "bridge3,4and", "gauge,ice"]
)
def test_a_number_or_a_comma_between_words_of_the_document_is_glue(glued: str) -> None:
    (share,) = glued_shares([ENGLISH + glued])
    assert share > 0
    assert judge_pages([PageSignals(ENGLISH + glued, text_objects=9)])[0][0] < 1


@pytest.mark.parametrize(
    "right",
    [
        "into onto without therefore however another together forward",
        "levelOfWater GaugeAtHarbour theBook",
        "word2vec harbour2vec gauge4python utf8 x86 covid19 H2O CO2 Ca2+",
        "10km 25min 3rd 2nd 1990s Table3 station12",
        "water_level,bridge f(gauge,harbour) gauge,harbour gauge,harbour Smith,J",
        "https://example.org/atthe/ofthe/inthe gauge@inthe.ofthe.org",
        "timeseries",
        "benzylpenicillin acetylsalicylic Donaudampfschifffahrt",
        "water-level book-of-the-station",
    ],
)
def test_words_that_only_look_glued_are_left_alone(right: str) -> None:
    text = ENGLISH + "time series of time series, and of time series. " + right
    assert glued_shares([text]) == [0.0]


def test_a_compound_that_is_also_written_apart_is_no_glue() -> None:
    """Papers write both "data set" and "dataset"."""
    assert glued_shares([ENGLISH + "The data set and the data set are one dataset. "]) == [0.0]


def test_compounds_with_one_word_of_the_document_are_no_glue() -> None:
    words = "waterstand waterlevel watergauge waterbook waterstation harbourwater staffwater"
    apart = "The stand and the stand of the level. The water is water. " * 3
    assert glued_shares([ENGLISH + apart + words]) == [0.0]


def test_scripts_without_spaces_are_not_judged() -> None:
    assert glued_shares(["季節の測定は各観測所で繰り返された。" * 50]) == [0.0]


@pytest.mark.parametrize(
    "bomb",
    [
        "a" * 1_000_000,
        "ab " * 300_000,
        "1a" * 500_000,
        "1," * 500_000,
        "the" * 300_000,
        "a1 " * 300_000,
    ],
)
def test_a_page_of_a_million_characters_is_judged(bomb: str) -> None:
    (share,) = glued_shares([bomb])
    assert 0 <= share <= 1


@given(st.lists(st.text(max_size=200), max_size=5))
def test_there_is_a_share_for_each_page_whatever_stands_on_it(texts: list[str]) -> None:
    shares = glued_shares(texts)
    assert len(shares) == len(texts)
    assert all(0 <= share <= 1 for share in shares)
