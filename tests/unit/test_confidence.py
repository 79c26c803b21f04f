from dataclasses import replace

import pytest

from reslib.extractors.pdf.confidence import PageSignals, judge_pages

PROSE = (
    "The seasonal measurement of the temperature was repeated at every station, and the "
    "results were compared with those that had been published by others in the same year. "
) * 5
GERMAN = (
    "Die Messung der Temperatur wurde an jeder Station wiederholt, und die Ergebnisse wurden mit "
    "denen verglichen, die von anderen im gleichen Jahr veröffentlicht worden waren. "
) * 5


def judge(text: str, **signals: float) -> tuple[float, str]:
    values = {"text_objects": 50, **signals}
    return judge_pages([PageSignals(text=text, **values)])[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [PROSE, GERMAN])
def test_plain_prose_is_trusted(text: str) -> None:
    assert judge(text) == (1.0, "")


def test_a_scan_is_worth_nothing_and_called_a_scan() -> None:
    assert judge("", image_share=0.9, text_objects=0) == (0.0, "no text layer (a scan)")


def test_words_that_are_no_words_are_noticed() -> None:
    table = str.maketrans("abcdefghijklmnopqrstuvwxyz", "qxzvbkjhgfdspwrtycnmlaeiou")
    confidence, reason = judge(PROSE.translate(table))
    assert confidence < 0.3
    assert reason == "the words look wrong"


def test_characters_without_a_meaning_are_noticed() -> None:
    confidence, reason = judge(PROSE + "\ufffd" * 60)
    assert confidence < 0.6
    assert reason == "characters without a meaning"


def test_identifiers_in_camel_case_are_words() -> None:
    assert judge(PROSE + "LevelPriority ManMadeStatus GeoBaseModel " * 10)[0] == 1.0


def test_mixed_columns_cost_and_repaired_ones_cost_little() -> None:
    assert judge(PROSE, zigzag=0.5)[0] == 0.0
    assert judge(PROSE, zigzag=0.04)[0] == 1.0
    page = PageSignals(PROSE, text_objects=50, zigzag=0.9)
    assert judge_pages([replace(page, repaired=True)])[0][0] == 0.9


@pytest.mark.parametrize(("dpi", "confidence"), [(300, 0.9), (150, 0.6), (75, 0.2)])
def test_a_recognised_text_is_worth_what_its_picture_allows(dpi: float, confidence: float) -> None:
    assert judge(PROSE, image_share=1.0, hidden_share=1.0, image_dpi=dpi)[0] == confidence


def test_a_page_with_few_words_is_judged_by_the_others() -> None:
    pages = [PageSignals(t, text_objects=9) for t in (PROSE, "Figure 3: the stations in winter.")]
    assert judge_pages(pages) == [(1.0, ""), (1.0, "")]


def test_other_scripts_are_not_judged_and_said_so() -> None:
    assert judge("季節の測定は各観測所で繰り返された。" * 20) == (0.8, "language not judged")


def test_an_empty_page_is_blank_and_one_with_a_picture_is_not() -> None:
    assert PageSignals("").blank
    assert not PageSignals("", image_share=0.5).blank
    assert not PageSignals("7").blank


def test_words_torn_into_letters_are_noticed() -> None:
    torn = "\n".join(PROSE.replace(" ", ""))
    assert judge(torn) == (0.0, "words are torn into letters")
    assert judge(PROSE * 3 + "\n" + torn[: len(PROSE)])[0] < 0.9
    assert judge(PROSE + "\n" + "\n".join("ABCDEFGHIJ"))[0] == 1.0  # the names of rows
