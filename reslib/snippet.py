"""What a person typed as a query of FTS5, where its words stand in a text, and a line around them.

FTS5 has ``snippet()``, whose cost grows with the square of the number of matches in a document: a
word that occurs 20,000 times took six seconds, and a text of 50 MB that says it all the time would
never end. This is linear, and stops at the first part of the text that has a match.

Words are what FTS5's tokenizer ``unicode61 remove_diacritics 2`` takes for words: runs of letters
and digits, whatever their case and accents (sqlite.org/fts5.html §4.3.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

__all__ = ["Phrase", "Snippet", "fts_query", "phrases_of", "snippet"]

#: Characters that are looked at in one go, and how far a match may reach into the next part.
_PART, _OVERLAP = 1 << 20, 1 << 10
#: Matches that are weighed against each other, and the characters around the best.
_WEIGHED, _BEFORE, _AFTER = 200, 50, 130
#: Stands for accents that are characters of their own and belong to the letter before them.
_MARK = "\ue000"
_MARKS = re.compile("(?<=[^\\W_])[\u0300-\u036f]+")
_WORD = re.compile(rf"[^\W_](?:[^\W_]|{_MARK})*")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other.

    Parameters
    ----------
    text
        As it was typed.
    is_prefix
        Whether the last word may go on.
    """

    text: str
    is_prefix: bool = False


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


def phrases_of(query: str) -> list[Phrase]:
    """Return what a person typed as phrases: ``"words in quotes"``, ``photo*``, single words.

    Each once: ranking takes the square of how often a word is repeated, and 200 times the same
    word over one long text took 8 s.
    """
    phrases: dict[tuple[str, bool], Phrase] = {}
    for quoted, word in re.findall(r'"([^"]*)"|([^\s"]+)', query):
        text = quoted or word
        if any(c.isalnum() for c in text):
            is_prefix = word.endswith("*") and word[-2:-1].isalnum()
            phrases.setdefault((text.casefold(), is_prefix), Phrase(text, is_prefix))
    return list(phrases.values())


def fts_query(text: str) -> str:
    """Return what a person typed as an FTS5 query in which every word is quoted.

    FTS5 reads ``multi-agent`` as a column filter and ``C++`` as an error (datasette#651,
    sqlite-utils#296); inside quotes all of it is just text.
    """
    terms = []
    for phrase in phrases_of(text):
        quoted = '"' + phrase.text.replace('"', '""').replace("\0", " ") + '"'
        terms.append(quoted + "*" * phrase.is_prefix)
    return " ".join(terms).encode("utf-8", "replace").decode()


def snippet(text: str, phrases: Sequence[Phrase]) -> Snippet:
    """Return the line around the place where most of the phrases stand together."""
    patterns = [pattern for phrase in phrases if (pattern := _pattern(phrase)) is not None]
    for start in range(0, max(len(text), 1), _PART):
        found = _matches(text, start, patterns)
        if found:
            return _around(text, found)
    end = _word_end(text, _BEFORE + _AFTER)
    return Snippet(_one_line(text[:end]) + "…" * (end < len(text)), None)


#: Where a match begins and ends, and which phrase it is of.
_Match = tuple[int, int, int]


def _matches(text: str, start: int, patterns: Sequence[re.Pattern[str]]) -> list[_Match]:
    """Return the first matches that begin in one part of the text, in order."""
    # One character before and some after, so that words at the seams are whole.
    begin = max(start - 1, 0)
    folded = _fold(text[begin : start + _PART + _OVERLAP])
    found = [
        (begin + match.start(), begin + match.end(), number)
        for number, pattern in enumerate(patterns)
        for match in islice(pattern.finditer(folded, start - begin), _WEIGHED)
        if begin + match.start() < start + _PART
    ]
    return sorted(found)


def _around(text: str, found: Sequence[_Match]) -> Snippet:
    first = max(range(len(found)), key=lambda n: (len(_in_window(found, n)), -n))
    position, end, _ = found[first]
    begin = _word_start(text, max(position - _BEFORE, 0))
    end = _word_end(text, max(end, min(position + _AFTER, len(text))))
    pieces, at = [], begin
    for a, b, _ in found[first:]:
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


# --- words as the search index has them -------------------------------------------------------


def _pattern(phrase: Phrase) -> re.Pattern[str] | None:
    # Of a page that was pasted into the query the beginning is enough: a pattern of 300,000
    # characters takes five seconds to make.
    words = [_marks_between(word) for word in _words(phrase.text[:_OVERLAP])]
    if not words:
        return None
    goes_on = phrase.is_prefix or len(phrase.text) > _OVERLAP
    after = rf"(?:[^\W_]|{_MARK})*" if goes_on else r"(?![^\W_])"
    between = rf"(?:(?!{_MARK})[\W_])+"
    return re.compile(rf"(?<![^\W_])(?<!{_MARK})" + between.join(words) + after)


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(_fold(text)):
        yield match[0].replace(_MARK, "")


def _marks_between(word: str) -> str:
    # Possessive: a word does not end before its last accent.
    return "".join(f"{re.escape(c)}{_MARK}*+" for c in word)


def _fold(text: str) -> str:
    """Return *text* without case and accents, each character still in its place."""
    text = text.translate({ord(c): _folded(c) for c in set(text) if c.isupper() or c > "\x7f"})
    return _MARKS.sub(lambda found: _MARK * len(found[0]), text)


def _folded(c: str) -> str:
    base = " " if c == _MARK else unicodedata.normalize("NFD", c)[0].lower()
    return base if len(base) == 1 else c
