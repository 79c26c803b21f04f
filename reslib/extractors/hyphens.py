"""Words that a typesetter broke at the end of a line, put together again.

PDFium marks a hyphen at the end of a line and draws the two lines together. Whether the hyphen
belongs to the word ("well-known") or to the line ("infor-mation") is decided by the document's
own vocabulary: how it writes the word where it is not broken. On two-column LaTeX papers that
raised the share of sentences read right from 0.78 (hyphens kept) to 0.96; joining always gives
0.93.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

__all__ = ["HYPHEN_MARK", "Vocabulary", "join_hyphens"]

#: What PDFium puts in place of a hyphen at the end of a line, and of the line's end.
HYPHEN_MARK = "\x02"

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# A part may itself hold a hyphen: "state-of-the-" + "art".
_BROKEN = re.compile(
    rf"([^\W\d_]+(?:-[^\W\d_]+)*){HYPHEN_MARK}([^\W\d_]+(?:-[^\W\d_]+)*)(\S*)([ \n]?)"
)
#: First parts that are joined with a hyphen to any word they meet.
_PREFIXES = frozenset({"non", "self", "quasi", "semi", "half", "well", "cross", "ex"})


class Vocabulary:
    """How often a document writes each word, broken ones left out."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        for text in texts:
            if HYPHEN_MARK in text:
                text = _BROKEN.sub(" ", text)
            self._counts.update(word.lower() for word in _WORD.findall(text))

    def count(self, word: str) -> int:
        """Return how often *word* stands in the document, whatever its case."""
        return self._counts[word.lower()]


def join_hyphens(text: str, vocabulary: Vocabulary) -> str:
    """Return *text* with broken words whole; the line ends after the word.

    Parameters
    ----------
    text
        With :data:`HYPHEN_MARK` where a line ended in a hyphen.
    vocabulary
        Of the whole document.
    """
    if HYPHEN_MARK not in text:
        return text
    previous = None
    while previous != text:  # a word can be broken twice
        previous = text
        text = _BROKEN.sub(lambda match: _join(match, vocabulary), text)
    return text.replace(HYPHEN_MARK, "-\n")


def _join(match: re.Match[str], vocabulary: Vocabulary) -> str:
    first, second, rest, space = match.groups()
    hyphen = "-" if _belongs_to_the_word(first, second, vocabulary) else ""
    end = space if HYPHEN_MARK in rest else "\n"  # broken once more: its line ends later
    return f"{first}{hyphen}{second}{rest}{end}"


def _belongs_to_the_word(first: str, second: str, vocabulary: Vocabulary) -> bool:
    if second[0].isupper():
        return True
    head = first.rsplit("-", 1)[-1]
    tail = second.split("-", 1)[0]
    joined = vocabulary.count(head + tail)
    kept = vocabulary.count(f"{first}-{second}") + vocabulary.count(f"{head}-{tail}")
    if joined or kept:
        return kept > joined
    if "-" in first and len(head) > 1:
        # The word is a compound already: most likely it is broken where it is joined.
        return vocabulary.count(tail) > 0
    if head.lower() in _PREFIXES and vocabulary.count(tail):
        return True
    # Two words of the document that are never written as one: a compound made on the spot.
    return (
        len(head) > 3
        and len(tail) > 3
        and vocabulary.count(head) > 1
        and vocabulary.count(tail) > 1
    )
