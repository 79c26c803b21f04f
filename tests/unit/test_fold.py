"""What is the same for a searcher."""

# ruff: noqa: RUF001  (letters that look alike are the subject)

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reslib.fold import WORD, fold, fold_with_places, seam


def words(text: str) -> list[str]:
    return WORD.findall(fold(text))


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Erdős", "erdos"),
        ("Łukasz Wałęsa", "lukasz walesa"),
        ("Søren Ørsted", "Soren Orsted"),
        ("Đặng", "dang"),
        ("Strauß STRAUẞ", "strauss STRAUSS"),
        ("Işık İnönü", "isik inonu"),
        ("Œuvre, Ægir", "oeuvre aegir"),
        ("Þórður Guðmundsson", "Thordur Gudmundsson"),
        ("Ηράκλειτος", "ηρακλειτος"),
        ("ΌΔΥΣΣΕΎΣ", "οδυσσευς"),
        ("Фёдор Достоевский, Їжак", "федор достоевскии іжак"),
        ("5 µm", "5 μm"),
        ("3 Ω", "3 Ω"),
        ("𝛼-helix, 𝑝-value, 𝐾-means", "α-helix p-value K-means"),
        ("eﬃcient ﬂow", "efficient flow"),
        ("CO₂ H₂O", "CO2 H2O"),
        ("SO₄²⁻ x₁² 10²³₁₂", "SO 4 2 x 1 2 10 23 12"),
        ("10⁵ m⁻³ 10⁻¹² log₁₀5", "10^5 m^-3 10^-12 log 10 5"),
        ("¹³C 1ˢᵗ", "13C 1 st"),
        ("sin\u2061θ", "sin θ"),
        ("Smith¹ and Jonesᵃ", "Smith 1 and Jones a"),
        ("⽅法 ⻅", "方法 见"),
        ("豈", "豈"),
        ("ﾃﾞｰﾀ", "データ"),
        ("か\u3099っこう", "がっこう"),
        (unicodedata.normalize("NFD", "한국어 학교"), "한국어 학교"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("كتاب أحمد", "کتاب احمد"),
        ("می\u200cروم", "میروم"),
        ("Grund\u00adwasser in\u200bformation", "Grundwasser information"),
        ("Qurʾān, ʿAbd", "quran abd"),
        ("don\u02bct don’t", "don't don't"),
        ("٣٤ ３４", "34 34"),
        ("Acme™ ㎏ ½", "acme tm kg 1/2"),
        ("Ĳssel ǆ", "ijssel dž"),
    ],
)
def test_these_are_the_same(written: str, typed: str) -> None:
    assert words(written) == words(typed) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("colour", "color"),
        ("かき", "かぎ"),
        ("हिन्दी", "हनद"),
        ("潮汐", "潮夕"),
        ("กา", "กะ"),
        ("Rohöl", "Rohoel"),
        ("תמר", "תמרה"),
    ],
)
def test_these_are_not(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_each_character_is_a_word_where_there_are_no_spaces_and_sentences_end() -> None:
    assert words("使用Python分析。结果") == ["使", "用", "python", "分", "析", "。", "结", "果"]
    assert words("観測\nデータ") == ["観", "測", "デ", "ー", "タ"]
    assert words("ภาษาไทย") == list("ภาษาไทย")
    assert words("학교에서") == list("학교에서")


def test_the_vowel_signs_of_india_are_part_of_the_word() -> None:
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_letters_and_digits_are_words_of_their_own() -> None:
    assert words("p53 Smith1,2 3.14 α2β") == "p 53 smith 1 2 3 14 α 2 β".split()


TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            "aZé\u0301\u00ad\u200b12²³₁ᵃ ½潮汐。がか\u3099ｶﾞ한\u1112\u1161\u11abﬁ℃™µß\n -"
        ),
    ),
    max_size=60,
)


@given(TEXTS)
def test_folding_twice_changes_no_word(text: str) -> None:
    assert words(fold(text)) == words(text)


@given(TEXTS)
def test_only_letters_digits_and_ascii_are_left(text: str) -> None:
    assert not any(c.isascii() and c.isupper() for c in fold(text))
    assert not any(
        not c.isascii() and (c.isspace() or c in "\u00ad\u200b\u0301") for c in fold(text)
    )


@given(TEXTS)
@example("Grund\u00adwasser 12a 潮汐 x²")
def test_every_folded_character_knows_its_place(text: str) -> None:
    folded = fold_with_places(text)
    assert folded.text == fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))


@given(st.text(st.sampled_from("aZ09 _-\n"), max_size=40))
@example("Table 12")
@example("H2O at 10km")
def test_of_plain_english_each_character_is_where_it_was(text: str) -> None:
    folded = fold_with_places(text)
    for character, start, end in zip(folded.text, folded.starts, folded.ends, strict=True):
        assert character in (text[start:end].lower(), " ")
    inserted = len(folded.text) - len(text)
    assert len(set(folded.starts)) == len(text)
    assert inserted == folded.text.count(" ") - text.count(" ")


@given(TEXTS, st.integers(0, 60))
def test_a_text_that_is_cut_at_a_seam_folds_the_same(text: str, position: int) -> None:
    at = seam(text, min(position, len(text)))
    assert words(fold(text[:at]) + fold(text[at:])) == words(text)


def test_a_long_text_is_folded_in_parts_to_the_same() -> None:
    for unit in ("한글 12 words ", "1", "\u1112\u1161\u11ab", "か\u3099", "é"):
        text = unit * (300_000 // len(unit))
        assert words(text) == WORD.findall(fold_with_places(text).text), unit


@pytest.mark.parametrize("code", range(0x80, 0x100))
def test_what_else_stands_in_a_text_does_not_change_how_a_western_letter_is_folded(
    code: int,
) -> None:
    text = f"a{chr(code)}1 {chr(code)}b"
    assert fold(text) == fold(f"{text}\u2014").removesuffix(fold("\u2014"))
