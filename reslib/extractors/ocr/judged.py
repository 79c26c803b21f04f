"""The judgement of what OCR read: its confidence, and which of two texts of a page is better."""

from __future__ import annotations

import re
from collections import Counter

from reslib.extractors.ocr.words import Words
from reslib.extractors.pdf.confidence import PageSignals, judge_pages, ragged_share

__all__ = ["agreement", "confidence", "worth_of_layer", "worth_of_reading"]

_WORD = re.compile(r"\w+")
#: Never more: what is read from a picture is never sure.
_MOST = 0.98


def confidence(words: Words) -> float:
    """Return how much of a page was probably read right, 0 to 1."""
    # Tesseract's mean is 0.96 where it makes no mistake, and 0.8 where it reads half of the words.
    sure = _clip((words.sure - 0.55) / 0.35)
    covered = _clip((words.coverage - 0.10) / 0.30)
    return round(min(_MOST, sure * covered * _look_like_words(words.text)), 4)


def worth_of_reading(words: Words) -> float:
    """Return what a reading is worth, on one scale with a text that is there already."""
    return confidence(words) * (1 - ragged_share(words.text))


def worth_of_layer(page: PageSignals) -> float:
    """Return what the text of a page is worth that is there already."""
    return judge_pages([page])[0][0] * (1 - ragged_share(page.text))


def agreement(one: str, other: str) -> float:
    """Return how many words two texts share, of all that they have, 0 to 1."""
    first, second = (Counter(_WORD.findall(text.lower())) for text in (one, other))
    both = sum((first & second).values())
    return 2 * both / max(1, first.total() + second.total())


def _look_like_words(text: str) -> float:
    [(score, reason)] = judge_pages([PageSignals(text, text_objects=1)])
    return 1.0 if reason in ("language not judged", "hardly any text", "no text layer") else score


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
