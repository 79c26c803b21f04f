"""Which characters that are not seen are taken out, and which mean something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslib.extractors.invisible import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Sozial\u00adwissen\u00adschaften", "Sozialwissenschaften"),
        ("Sozial\u00ad\nwissen", "Sozialwissen"),
        ("Sozial\u00ad \r\n   wissen", "Sozialwissen"),
        ("Größe\u00ad und", "Größeund"),
        ("zero\u200bwidth\u200cjoin\u200der\u2060s\ufeff", "zerowidthjoiners"),
        ("\u202aleft\u202c \u2067right\u2069\u200e", "left right"),
        ("f\u2061(x)\u2062y", "f(x)y"),
        ("1914\u00ad1918", "1914-1918"),
        ("end\u00ad\nNext", "end\nNext"),
    ],
)
def test_what_only_cuts_words_is_taken_out(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cشود",
        "क\u094d\u200dष",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f\u200d\U0001f525",
        "สถานี\u200bวัด",
        "plain text “as it is”",
        "well-known, well\u2010known, well\u2011known",
    ],
)
def test_what_means_something_stays(text: str) -> None:
    assert visible(text) == text


@given(st.text(alphabet="aB1 \n\u00ad\u200b\u200c\u200d\ufeff\u2060م\u0e01"))
def test_nothing_that_is_seen_is_lost(text: str) -> None:
    def seen(text: str) -> str:
        return "".join(char for char in text if char in "aB1م\u0e01")

    assert seen(visible(text)) == seen(text)
    assert visible(visible(text)) == visible(text)


def test_a_million_of_them_are_looked_at_once() -> None:
    assert visible("a" + "\u00ad" * 1_000_000) == "a"
    assert visible("a\u00ad" + " " * 1_000_000 + "B").strip("aB ") == ""


def test_a_function_and_what_it_is_of_are_two_words() -> None:
    assert visible("sin\u2061θ + ln(x)") == "sin θ + ln(x)"
