"""The query of a search: phrases, and a query of FTS5, from what a person typed.

Every word must occur. Besides words there are: ``"words in quotes"``, which follow each other;
``photo*``, a word that starts so; and words in capitals, which mean something only between others:
``AND``, ``OR``, ``NOT`` and ``NEAR`` or ``NEAR/5``. Whatever else is typed is text: FTS5 reads
``multi-agent`` as a column filter and ``C++`` as an error (datasette#651, sqlite-utils#296).

A word is found in each of its spellings (:func:`spellings`): ``e-mail`` also finds *email*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, product

from reslib.fold import FULL_STOP, WORD, fold
from reslib.search.spellings import spellings

__all__ = ["Phrase", "Query", "parse"]

#: Words between two that are near each other when the query names no number; FTS5's own.
_NEAR = 10
_LARGEST_NEAR = 1000
#: Ways of spelling a chain of phrases near each other that are looked for.
_MOST_WAYS = 16
_PIECE = re.compile(r'"([^"]*)"|([^\s"]+)')
_NEAR_WORD = re.compile(r"NEAR(?:/([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other.

    Parameters
    ----------
    words
        Folded.
    is_prefix
        Whether the last word may go on.
    others
        The same in other spellings, each as words.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    others: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        written = self.written()
        return f"({' OR '.join(written)})" if self.others else written[0]

    def written(self) -> list[str]:
        """Return each spelling as a phrase of FTS5."""
        star = "*" * self.is_prefix
        return [f'"{" ".join(words)}"{star}' for words in (self.words, *self.others)]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be run.

    Parameters
    ----------
    match
        For ``MATCH`` of FTS5; empty when there is no letter or digit in what was typed.
    alternatives
        For what stands between two ``OR`` the phrases that a hit may show: all but what ``NOT``
        leaves out, each once.
    """

    match: str
    alternatives: tuple[tuple[Phrase, ...], ...]

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The phrases of all alternatives, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(self.alternatives)))


@dataclass(slots=True)
class _Alternative:
    """What stands between two ``OR``: chains of phrases near each other, and what must not occur.

    Each once: ranking takes the square of how often a word is repeated, and 200 times the same
    word over one long text took 8 s.
    """

    wanted: dict[str, None] = field(default_factory=dict)
    unwanted: dict[str, None] = field(default_factory=dict)
    shown: dict[Phrase, None] = field(default_factory=dict)

    def match(self) -> str:
        wanted = " AND ".join(self.wanted)
        if not self.unwanted:
            return wanted
        return f"({wanted}) NOT ({' OR '.join(self.unwanted)})"


def parse(text: str) -> Query:
    """Return what a person typed as a query.

    ``a b OR c NOT d`` finds what has both a and b, or c without d. ``NOT`` leaves out the one word
    or phrase behind it; ``NEAR`` asks for at most 10 words between its neighbours, ``NEAR/5`` for
    at most 5. Where these words have no neighbour to work on, they are ordinary words.
    """
    pieces = _PIECE.findall(text.replace("\0", " "))
    alternatives = [_Alternative()]
    number = 0
    while number < len(pieces):
        quoted, word = pieces[number]
        current = alternatives[-1]
        after = _phrases(*pieces[number + 1]) if number + 1 < len(pieces) else []
        if word == "AND" and current.wanted and after:
            pass  # as it is without
        elif word == "OR" and current.wanted and after:
            alternatives.append(_Alternative())
        elif word == "NOT" and current.wanted and after:
            current.unwanted |= dict.fromkeys(map(str, after))
            number += 1
        else:
            near = _phrases(quoted, word)
            number, distance = _chain(pieces, number, near)
            current.shown |= dict.fromkeys(near)
            if distance is None:
                current.wanted |= dict.fromkeys(map(str, near))
            else:
                current.wanted[_near(near, distance)] = None
        number += 1
    matches = list(dict.fromkeys(one.match() for one in alternatives if one.wanted))
    if len(matches) > 1:
        matches = [f"({match})" for match in matches]
    shown = tuple(tuple(one.shown) for one in alternatives if one.wanted)
    return Query(" OR ".join(matches), shown)


def _chain(
    pieces: Sequence[tuple[str, str]], number: int, near: list[Phrase]
) -> tuple[int, int | None]:
    """Add to *near* what ``NEAR`` ties to it; return the last piece used, and the distance."""
    distance = None
    while near and number + 2 < len(pieces):
        word = _NEAR_WORD.fullmatch(pieces[number + 1][1])
        after = _phrases(*pieces[number + 2])
        if word is None or not after:
            break
        words = min(int(word[1] or _NEAR), _LARGEST_NEAR)
        distance = words if distance is None else max(distance, words)
        near += after
        number += 2
    return number, distance


def _near(near: Sequence[Phrase], distance: int) -> str:
    """Return what asks for phrases near each other; FTS5 takes no alternatives inside of it."""
    ways = islice(product(*(phrase.written() for phrase in near)), _MOST_WAYS)
    nears = [f"NEAR({' '.join(way)}, {distance})" for way in ways]
    return f"({' OR '.join(nears)})" if len(nears) > 1 else nears[0]


def _phrases(quoted: str, word: str) -> list[Phrase]:
    """Return a piece as phrases: words without spaces are cut where a sentence ends."""
    words = _words(quoted or word)
    if not words:
        return []
    others = dict.fromkeys(map(_words, spellings(quoted or word)))
    others.pop(words, None)
    is_prefix = not quoted and word.endswith("*") and word[-2:-1].isalnum()
    if quoted or FULL_STOP not in words:
        return [Phrase(words, is_prefix, tuple(others))]
    phrases = [Phrase(tuple(part)) for part in _split(words)]
    phrases[-1] = replace(phrases[-1], is_prefix=is_prefix)
    return phrases


def _words(text: str) -> tuple[str, ...]:
    words = WORD.findall(fold(text))
    while words and words[-1] == FULL_STOP:
        words.pop()
    while words and words[0] == FULL_STOP:
        words.pop(0)
    return tuple(words)


def _split(words: Iterable[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word != FULL_STOP:
            parts[-1].append(word)
        elif parts[-1]:
            parts.append([])
    return parts
