"""The language of a paper, by the function words of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reslib.extractors.pdf.confidence import function_word_shares
from reslib.items import Metadata

__all__ = ["language_of"]

#: In the order of the function words.
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
#: Fewer words name no language; nor do function words that are fewer than this share of them, or
#: hardly more than those of another language.
_FEWEST_WORDS, _LEAST, _AHEAD = 80, 0.18, 1.25
_LOOKED_AT = 4_000


def language_of(texts: Iterable[str]) -> Iterator[Metadata]:
    """Yield the language of a document, nothing when that is not clear.

    Parameters
    ----------
    texts
        Its pages; the first ones are looked at.
    """
    text = ""
    for page in texts:
        text += f"{page}\n"
        if len(text) > _LOOKED_AT:
            break
    shares = function_word_shares(text[:_LOOKED_AT], _FEWEST_WORDS)
    if shares is None:
        return
    best, second = sorted(shares, reverse=True)[:2]
    if best >= _LEAST and best >= _AHEAD * second:
        sure = min(0.95, 0.6 + best)
        yield Metadata("language", _LANGUAGES[shares.index(best)], "words of the text", sure, 1)
