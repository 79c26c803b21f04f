"""Words that ran together, seen without knowing the language.

A document says itself which words follow each other: where ``of the`` stands apart at least twice,
``ofthe`` is two words; and next to a word that it uses all the time, ``theharbour`` is two words
where ``harbour`` is one. A number or a comma between two of its words and a number before one
(``library3to``, ``green,laminated``, ``25.00Campbell``) are glue as well.

Of 506 pages of real PDFs whose words stand apart, none was taken for one whose pairs ran together;
of the 170,000 words on them, four units (``35Myr``) and an index (``RV,rot``) were. Of 1,065 manual
pages in 23 languages, two were: a Hungarian and a Dutch one, with compounds that they also write
apart.

What it cannot see: one pair in fifty in a document of a few hundred words, and words that stand
nowhere else. Identifiers with capitals inside are left alone, and so are scripts without case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Container, Sequence

__all__ = ["glued_shares"]

#: Words of a document that are looked at; later ones are judged by these.
_MOST_WORDS = 100_000
_LONGEST = 30
#: A pair of words says something when it stands apart at least so often.
_FEWEST_PAIRS = 2
#: How many words count as used all the time, and the share of the text that each has at least.
_MOST_COMMON, _COMMON_SHARE, _COMMON_LENGTH = 8, 0.005, 3
_REST_LENGTH = 4
#: Less than this may be compounds and names: kinds of glued words, and their share.
_FEWEST_KINDS, _LEAST_SHARE = 3, 0.004
#: No document has so large a share of compounds that it writes apart as well.
_MUCH = 0.1
#: If more of the kinds than this begin, or end, with one word, they are compounds with it: what is
#: glued to ``the`` stands before it as often as behind it. Of a few kinds it is less.
_MOST_ALIKE, _MOST_ALIKE_OF_FEW, _FEW_KINDS = 2 / 3, 1 / 2, 6
#: Pairs of the whole document that count beside those of a page.
_WEIGHT = 30
_EDGES = ".,;:!?()[]\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"
# Possessive: each piece is looked at once.
_NUMBER_BETWEEN = re.compile(r"([^\W\d_]{2,40}+)(\d[\d,]*+)([^\W\d_]{2,40}+)")
_COMMA_BETWEEN = re.compile(r"([^\W\d_]{3,40}+)[,;]([^\W\d_]{3,40}+)")
#: A mark or an amount, and a word that is no unit: with a capital, or long.
_NUMBER_BEFORE = re.compile(r"(?:\d{1,2}|\d[\d,]*+\.\d\d)(?!\d)([^\W\d_]{3,40}+)")


def glued_shares(texts: Sequence[str]) -> list[float]:
    """Return which share of its words runs into the next, for each page of a document.

    Parameters
    ----------
    texts
        The pages.
    """
    pages: list[list[str]] = []
    total = 0
    for text in texts:
        if total >= _MOST_WORDS:
            break
        pages.append(text.split())
        total += len(pages[-1])
    document = _Document(pages)
    pieces = document.glued_pieces()
    glued = document.glued_words()
    whole = 0.0
    apart: set[tuple[str, str]] = set()
    if len(glued) >= _FEWEST_KINDS:
        # Seldom, so that only a document in which words ran together has all its pairs counted.
        apart, times = document.pairs_apart()
        found = sum(document.counts[word] for word in glued)
        whole = found / (found + times)
    if whole < (_MUCH if _are_compounds(glued.values()) else _LEAST_SHARE):
        glued, whole = {}, 0.0
    shares = [document.share(page, glued, apart, whole, pieces) for page in pages]
    return shares + [whole] * (len(texts) - len(pages))


def _are_compounds(pairs: Collection[tuple[str, str]]) -> bool:
    """True when most of the words that are two words begin or end with the same one."""
    if not pairs:
        return False
    times = Counter(part for pair in pairs for part in enumerate(pair))
    most = _MOST_ALIKE_OF_FEW if len(pairs) < _FEW_KINDS else _MOST_ALIKE
    return max(times.values()) > most * len(pairs)


class _Document:
    """The words of a document, and which of them follow each other.

    Each different piece of text between spaces is looked at once, not each time it stands there.
    """

    def __init__(self, pages: Sequence[Sequence[str]]) -> None:
        self._pages = pages
        pieces: Counter[str] = Counter()
        for page in pages:
            pieces.update(page)
        #: A piece's word in lower case, for those that are words.
        self._words: dict[str, str] = {}
        self._mixed: dict[str, int] = {}
        self._bare: dict[str, str] = {}
        counts: dict[str, int] = {}
        for piece, times in pieces.items():
            bare = piece.strip(_EDGES)
            if bare.isalpha():
                inside = bare[1:]
                if 1 < len(bare) <= _LONGEST and (inside.islower() or bare.isupper()):
                    self._words[piece] = word = bare.lower()
                    counts[word] = counts.get(word, 0) + times
            elif bare and bare[-1].isalpha() and len(bare) <= 2 * _LONGEST:
                self._mixed[bare] = self._mixed.get(bare, 0) + times
                self._bare[piece] = bare
        #: How often each word stands in the document.
        self.counts = Counter(counts)
        self._common = self._common_words()

    def _common_words(self) -> frozenset[str]:
        """Return the few words that the document uses all the time."""
        least = max(4.0, _COMMON_SHARE * self.counts.total())
        often = [word for word, times in self.counts.items() if times >= least]
        often = sorted(often, key=self.counts.__getitem__, reverse=True)[:40]
        return frozenset([word for word in often if len(word) >= _COMMON_LENGTH][:_MOST_COMMON])

    def glued_pieces(self) -> set[str]:
        """Return what stands once and is a number or a comma with words of the document at it."""
        # What stands there more often is the name of something: word2vec.
        once = {bare for bare, times in self._mixed.items() if times == 1}
        return {
            piece for piece, bare in self._bare.items() if bare in once and self._is_glued(bare)
        }

    def _is_glued(self, piece: str) -> bool:
        if match := _NUMBER_BETWEEN.fullmatch(piece):
            first, number, second = match.groups()
            # Names are made with 2 and 4, and symbols of two letters.
            enough = 2 if number in ("2", "4") or len(first) < 3 else 1
        elif match := _COMMA_BETWEEN.fullmatch(piece):
            first, second = match.groups()
            enough = 1
        elif match := _NUMBER_BEFORE.fullmatch(piece):
            word = match[1]
            known = self.counts[word.lower()] > 1
            return known and (word[0].isupper() or len(word) > 4)
        else:
            return False
        return (
            second.islower() and sum(self.counts[w.lower()] > 0 for w in (first, second)) >= enough
        )

    def glued_words(self) -> dict[str, tuple[str, str]]:
        """Return the words that are two words of the document, with these."""
        counts = self.counts
        found: dict[str, tuple[str, str]] = {}
        splits: dict[tuple[str, str], int] = {}
        often = {word: n for word, n in counts.items() if n >= _FEWEST_PAIRS}
        # Of a word that is two of these, both ends are known.
        heads, tails = {word[:2] for word in often}, {word[-2:] for word in often}
        begins = tuple(self._common)
        for word, times in counts.items():
            may_be_two = word[:2] in heads and word[-2:] in tails
            for cut in range(2, len(word) - 1) if may_be_two else ():
                first = word[:cut]
                if often.get(first, 0) > times and often.get(word[cut:], 0) > times:
                    splits[first, word[cut:]] = 0
            if times == 1 and (word.startswith(begins) or word.endswith(begins)):
                for part in self._common:
                    if self._is_rest(rest := word.removeprefix(part), word):
                        found[word] = part, rest
                    elif self._is_rest(rest := word.removesuffix(part), word):
                        found[word] = rest, part
        self._count(splits)
        for (first, second), apart in splits.items():
            if apart >= _FEWEST_PAIRS and apart > counts[first + second]:
                found[first + second] = first, second
        return found

    def _is_rest(self, rest: str, word: str) -> bool:
        return _REST_LENGTH <= len(rest) < len(word) and self.counts[rest] > 1

    def _count(self, pairs: dict[tuple[str, str], int]) -> None:
        """Count how often each of *pairs* stands apart."""
        firsts = {first for first, _ in pairs}
        # Punctuation between two words parts them for good.
        begin = {p: w for p, w in self._words.items() if w in firsts and p[-1].isalpha()}
        for page in self._pages:
            places = [at for at, piece in enumerate(page) if piece in begin]
            for at in places:
                second = self._words.get(page[at + 1], "") if at + 1 < len(page) else ""
                pair = begin[page[at]], second
                if pair in pairs:
                    pairs[pair] += 1

    def pairs_of(self, page: Sequence[str]) -> list[tuple[str, str]]:
        """Return the words of a page that follow each other, punctuation not between them."""
        words = [self._words.get(piece, "") for piece in page]
        return [
            (first, second)
            for piece, first, second in zip(page, words, words[1:], strict=False)
            if first and second and piece[-1].isalpha()
        ]

    def pairs_apart(self) -> tuple[set[tuple[str, str]], int]:
        """Return the pairs that would be noticed if they were glued, and how often they stand."""
        times: Counter[tuple[str, str]] = Counter()
        for page in self._pages:
            times.update(self.pairs_of(page))
        apart = {pair for pair, n in times.items() if n >= _FEWEST_PAIRS or self._is_common(*pair)}
        return apart, sum(times[pair] for pair in apart)

    def _is_common(self, first: str, second: str) -> bool:
        return any(
            one in self._common and len(other) >= _REST_LENGTH and self.counts[other] > 1
            for one, other in ((first, second), (second, first))
        )

    def share(
        self,
        page: Sequence[str],
        glued: Container[str],
        apart: set[tuple[str, str]],
        whole: float,
        pieces: set[str],
    ) -> float:
        """Return which share of the words of a page runs into the next."""
        share = 0.0
        if glued:
            found = sum(self._words.get(piece) in glued for piece in page)
            beside = sum(pair in apart for pair in self.pairs_of(page))
            share = (found + _WEIGHT * whole) / (found + beside + _WEIGHT)
        if pieces:
            share += sum(map(pieces.__contains__, page)) / max(1, len(page))
        return min(1.0, share)
