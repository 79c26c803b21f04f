"""The judgement of what OCR read: its confidence, and which of two texts of a page is better."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from reslib.extractors.ocr.words import Words
from reslib.extractors.pdf.confidence import PageSignals, judge_pages, ragged_share

__all__ = ["agreement", "confidence", "worth_of_layer", "worth_of_reading"]

_WORD = re.compile(r"\w+")
#: How sure tesseract was of the letters of pages, and the share of their words that were right.
_MEASURED = ((0.35, 0.0), (0.5, 0.4), (0.64, 0.78), (0.8, 0.9), (0.9, 0.97), (0.96, 1.0))
#: So much of the ink lies in words where none are left out: rules, frames and dust are ink too.
_COVERED = 0.6
#: Never more: what is read from a picture is never sure.
_MOST = 0.98


def confidence(words: Words) -> float:
    """Return how much of a page was probably read right, 0 to 1."""
    covered = _clip(words.coverage / _COVERED)
    return round(min(_MOST, _right(words.sure) * covered * _look_like_words(words.text)), 4)


def _right(sure: float) -> float:
    """Return the share of words that are right where tesseract is so sure of its letters."""
    for (low, few), (high, many) in pairwise(_MEASURED):
        if sure <= high:
            return few + (many - few) * _clip((sure - low) / (high - low))
    return 1.0


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
