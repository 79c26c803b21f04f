"""Greek words among words of another script, which a model of that one reads as what they are not.

With the models of both scripts tesseract takes for each word that of which it is surer. Where it is
sure of neither, a word that is Greek all over, accent included, was not made up by the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reslib.extractors.ocr.greekletters import is_greek
from reslib.extractors.ocr.words import Word

__all__ = ["GREEK", "doubtful", "greek_words", "with_greek_words"]

#: By tesseract's name.
GREEK = "ell"
#: A word read less surely is doubtful; of a clean page none is.
_DOUBTFUL = 0.5
#: Shorter ones are formulas and numbers, too.
_FEW_LETTERS = 4
#: So much of the width of two words is that of both.
_SAME_PLACE = 0.8


def doubtful(words: Sequence[Word]) -> list[Word]:
    """Return the words of some length that are not Greek, and were not read surely: as are those of
    another script.
    """
    return [
        word
        for word in words
        if word.sure < _DOUBTFUL
        and sum(map(str.isalpha, word.text)) >= _FEW_LETTERS
        and not is_greek(word.text)
    ]


def greek_words(words: Sequence[Word]) -> int:
    """Return how many words are Greek as it is written: small letters, one of them with accent."""
    return sum(is_greek(word.text) for word in words)


def with_greek_words(words: Sequence[Word], greek: Sequence[Word]) -> list[Word]:
    """Return the words of a page, the doubtful ones as the Greek model reads them, where that is a
    Greek word.
    """
    unsure = {id(word) for word in doubtful(words)}
    better = [word for word in greek if is_greek(word.text)]
    made = []
    for word in words:
        here = [each for each in better if each.overlap(word) > _SAME_PLACE]
        is_better = here and id(word) in unsure
        made.append(replace(word, text=here[0].text) if is_better else word)
    return made
