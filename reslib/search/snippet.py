"""The places in a text where the words of a query stand, and a line around them.

FTS5 has ``snippet()``, whose cost grows with the square of the number of matches in a document: a
word that occurs 20,000 times took six seconds, and a text of 50 MB that says it all the time would
never end. This is linear, and stops at the first part of the text that has a match. Words are
those of :mod:`reslib.fold`, as in the search index.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from reslib.fold import BETWEEN, Folded, fold, fold_with_places, seam
from reslib.search.query import Phrase

__all__ = ["Finder", "Snippet"]

#: Characters that are looked at in one go, and how far a match may reach into the next part.
_PART, _OVERLAP = 1 << 20, 1 << 10
#: Characters whose places are worked out in one go when a match stands among them.
_PIECE = 1 << 8
#: Matches that are weighed against each other, and the characters around the best.
_WEIGHED, _BEFORE, _AFTER = 200, 50, 130
#: Words of a phrase that are looked for: of a page that was pasted into the query the beginning is
#: enough, because a pattern of 300,000 characters takes five seconds to make.
_LONGEST_PHRASE = 200
#: What words of folded text are made of, and what is between them.
_LETTER, _BETWEEN = f"[^{BETWEEN}]", f"[{BETWEEN}]+"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A place in a text.

    Parameters
    ----------
    text
        On one line, the matches between ``**``, with … where it was cut.
    position
        Where the first match in it stands, in characters; None when nothing in the text matches.
    """

    text: str
    position: int | None


class Finder:
    """Finds the phrases of one query in texts.

    Parameters
    ----------
    phrases
        What is looked for.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._phrases = tuple(phrases)
        self._patterns = [_pattern(phrase) for phrase in phrases]

    def snippet(self, text: str) -> Snippet:
        """Return the line around the place where most of the phrases stand together."""
        start = 0
        while start < len(text):
            end = seam(text, start + _PART)
            part = _Part(text, start, end)
            found = self._matches(part)
            if found:
                return _around(text, part, found)
            start = end
        end = _word_end(text, _BEFORE + _AFTER)
        return Snippet(_one_line(text[:end]) + "…" * (end < len(text)), None)

    def phrases_in(self, text: str) -> set[Phrase]:
        """Return those of the phrases that stand in a text."""
        folded = fold(text)
        return {
            phrase
            for phrase, pattern in zip(self._phrases, self._patterns, strict=True)
            if pattern.search(folded)
        }

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where each match begins and ends in a text, in order; none overlaps another."""
        start = at = 0
        while start < len(text):
            part = _Part(text, start, seam(text, start + _PART))
            for match in self._matches(part, None):
                begin, end = part.place(match)
                if begin >= at:
                    yield begin, end
                    at = end
            start = part.end

    def _matches(self, part: _Part, most: int | None = _WEIGHED) -> list[_Match]:
        """Return the first matches that begin in one part of a text, in order."""
        found = [
            (match.start(), match.end(), number)
            for number, pattern in enumerate(self._patterns)
            for match in islice(pattern.finditer(part.folded, part.first), most)
            if match.start() < part.last
        ]
        return sorted(found)


#: Where a match begins and ends in folded text, and which phrase it is of.
_Match = tuple[int, int, int]


@dataclass(slots=True)
class _Part:
    """A part of a text, folded, with some of the text before and after it.

    Parameters
    ----------
    text
        The whole.
    start, end
        Where the part begins and ends.
    """

    text: str
    start: int
    end: int
    folded: str = ""
    #: Where matches may begin, in folded text.
    first: int = 0
    last: int = 0
    #: Where each piece begins, in the text and folded.
    _seams: list[int] = field(default_factory=list)
    _folded_seams: list[int] = field(default_factory=list)
    _places: dict[int, Folded] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Some characters before, so that a word which began there is not taken for whole.
        at, limit = max(self.start - 64, 0), min(self.end + _OVERLAP, len(self.text))
        pieces, length = [], 0
        while at < limit:
            after = self.start if at < self.start else seam(self.text, at + _PIECE)
            if at < self.end < after:
                after = self.end
            if at == self.start:
                self.first = length
            if at == self.end:
                self.last = length
            pieces.append(fold(self.text[at:after]))
            self._seams.append(at)
            self._folded_seams.append(length)
            length += len(pieces[-1])
            at = after
        self.folded = "".join(pieces)
        if at == self.end:
            self.last = length
        self._seams.append(at)

    def place(self, match: _Match) -> tuple[int, int]:
        """Return where a match begins and ends in the text."""
        piece, at = self._locate(match[0])
        begin = self._seams[piece] + self._folded(piece).starts[at]
        piece, at = self._locate(match[1] - 1)
        return begin, self._seams[piece] + self._folded(piece).ends[at]

    def _locate(self, position: int) -> tuple[int, int]:
        piece = bisect_right(self._folded_seams, position) - 1
        return piece, position - self._folded_seams[piece]

    def _folded(self, piece: int) -> Folded:
        if piece not in self._places:
            text = self.text[self._seams[piece] : self._seams[piece + 1]]
            self._places[piece] = fold_with_places(text)
        return self._places[piece]


def _around(text: str, part: _Part, found: Sequence[_Match]) -> Snippet:
    first = max(range(len(found)), key=lambda n: (len(_in_window(found, n)), -n))
    position, end = part.place(found[first])
    begin = _word_start(text, max(position - _BEFORE, 0))
    end = _word_end(text, max(end, min(position + _AFTER, len(text))))
    pieces, at = [], begin
    for match in found[first:]:
        a, b = part.place(match)
        if a >= end:
            break
        if at <= a and b <= end:
            pieces += [text[at:a], "**", text[a:b], "**"]
            at = b
    pieces.append(text[at:end])
    line = _one_line("".join(pieces))
    return Snippet("…" * (begin > 0) + line + "…" * (end < len(text)), position)


def _in_window(found: Sequence[_Match], first: int) -> set[int]:
    """Return the phrases that stand in the window that begins with a match."""
    limit = found[first][0] + _AFTER
    return {number for begin, _, number in islice(found, first, first + 50) if begin < limit}


def _word_start(text: str, position: int) -> int:
    """Return the beginning of a word at or after *position*, unless it is far."""
    if position == 0:
        return 0
    space = re.compile(r"\s").search(text, position, position + _BEFORE // 2)
    return space.end() if space else position


def _word_end(text: str, position: int) -> int:
    space = re.compile(r"\s").search(text, position, position + _BEFORE // 2)
    return space.start() if space else min(position, len(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    ways = [_one_way(words, phrase.is_prefix) for words in (phrase.words, *phrase.others)]
    return re.compile(rf"(?<!{_LETTER})" + (f"(?:{'|'.join(ways)})" if len(ways) > 1 else ways[0]))


def _one_way(words: Sequence[str], is_prefix: bool) -> str:
    written = [re.escape(word[:_OVERLAP]) for word in words[:_LONGEST_PHRASE]]
    goes_on = is_prefix or len(words) > _LONGEST_PHRASE or len(words[-1]) > _OVERLAP
    return _BETWEEN.join(written) + (rf"{_LETTER}*" if goes_on else rf"(?!{_LETTER})")
