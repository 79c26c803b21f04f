"""Lines of a page: words on one height, the pieces between wide gaps, captions among them."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reslib.extractors.layout.layout import Rule, Word

__all__ = [
    "Caption",
    "Line",
    "caption_of",
    "figures_of",
    "joined_rules",
    "lines_of",
    "pieces_of",
    "text_of",
    "without_line_numbers",
]

#: Blank between two words, in sizes: less is one word drawn in two steps.
_BLANK = 0.12
#: How far the baselines of one line may be apart, in sizes: raised numbers stand so.
_APART = 0.35
#: How much smaller a raised mark is than what it stands at, and between which heights, in sizes.
_RAISED_SIZE, _RAISED_LEAST, _RAISED_MOST = 0.85, 0.12, 0.65
#: How far it stands from it, in sizes.
_RAISED_GAP = 0.25
#: Lines above that are looked at for the one a word is on.
_LOOKED_AT = 6
#: Numbers of a column of line numbers, at least, and the share that has to grow.
_FEWEST_NUMBERS, _GROWING = 8, 0.8
_STEPS = (1, 5)

_CAPTION = re.compile(
    r"\s*(?:(?:Supplement(?:ary|al)\s+|Annex\s+|Appendix\s+|Extended\s+Data\s+)?"
    r"(?:TABLE|Table|Tab\.|Tabelle|Tableau|Tabla|Tabela|Tabella|Tabel)|table(?=\s*\d+\s*[.:]))"
    r"\s*(?:[A-Z]?\d+(?:[.\-–]\d+)*[a-z]?|[IVXL]+\b|[A-Z][.\-–]?\d+|[A-Z](?=[.:]))(?P<rest>.*)"
)
#: What is in each of its names, and in each of those of figures: few lines have any of it.
_TABLE = re.compile("TAB|[Tt]ab")
_A_FIGURE = re.compile("FIG|Fig|Chart|Graph|Abb|Scheme|Plate|Algorithm|Listing")
#: What follows a number when a sentence speaks of a table.
_IN_SENTENCE = re.compile(r"\s+[a-z]|[,;)]|\s*(?:and|und|et)\b")
_MARKED = re.compile(r"\s*[.:|—–-]")
_FIGURE = re.compile(
    r"\s*(?:FIG|Fig|Figure|Chart|Graph|Abb|Abbildung|Scheme|Plate|Algorithm|Listing)\b\.?\s*[\dIVX]"
)


@dataclass(slots=True, eq=False)
class Line:
    """Words on one height, from the left.

    Parameters
    ----------
    words
        Its words.
    baseline, size
        Those of its largest words.
    """

    words: list[Word]
    baseline: float
    size: float

    @property
    def left(self) -> float:
        """The left end."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """The right end."""
        return max(word.right for word in self.words)

    @property
    def middle(self) -> float:
        """The height of the middle of its letters."""
        return self.baseline + 0.25 * self.size

    def cut(self, words: list[Word]) -> Line:
        """Return the line with some of its words only."""
        return Line(words, self.baseline, self.size)


class Caption(NamedTuple):
    """The first line of a caption of a table."""

    left: float
    right: float
    baseline: float
    size: float
    text: str


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Return words as lines from the top."""
    lines: list[Line] = []
    for word in sorted(words, key=lambda word: -word.baseline):
        baseline, size = word.baseline, word.size
        for line in reversed(lines[-_LOOKED_AT:]):
            apart = abs(line.baseline - baseline)
            small, large = (size, line.size) if size < line.size else (line.size, size)
            if apart <= 0.45 * (small if small > 4.0 else 4.0) and apart < _APART * large:
                line.words.append(word)
                if size > 1.1 * line.size:
                    line.baseline, line.size = baseline, size
                break
        else:
            lines.append(Line([word], baseline, size))
    for line in lines:
        line.words.sort(key=lambda word: word.left)
    return _with_raised(sorted(lines, key=lambda line: -line.baseline))


def _with_raised(lines: list[Line]) -> list[Line]:
    """Return lines with each raised mark in that of the word at which it stands.

    Marks of notes, and exponents, stand higher than words of one line do. As a line of their own
    they would be a row of a table that nobody has written.
    """
    kept: list[Line] = []
    moved: dict[int, list[Word]] = defaultdict(list)
    for at, line in enumerate(lines):
        below = [
            number
            for number in range(at + 1, min(at + 1 + _LOOKED_AT, len(lines)))
            if line.baseline - lines[number].baseline <= _RAISED_MOST * lines[number].size
        ]
        rest = []
        for word in line.words:
            base = next((number for number in below if _stands_at(word, lines[number])), None)
            if base is None:
                rest.append(word)
            else:
                moved[base].append(word)
        if at in moved:
            rest = sorted([*rest, *moved[at]], key=lambda word: word.left)
        if rest:
            line.words = rest
            kept.append(line)
    return kept


def _stands_at(mark: Word, line: Line) -> bool:
    """True when a word is a raised mark at one of a line."""
    if mark.size > _RAISED_SIZE * line.size:
        return False
    at = bisect.bisect_right(line.words, mark.left, key=lambda word: word.left)
    near = _RAISED_GAP * line.size
    before, after = line.words[max(0, at - 1) : at], line.words[at : at + 1]
    return any(
        _is_raised(mark, word) and abs(gap) <= near
        for word, gap in (
            *((word, mark.left - word.right) for word in before),
            *((word, word.left - mark.right) for word in after),
        )
    )


def _is_raised(mark: Word, word: Word) -> bool:
    """True when a word is smaller than another, and stands higher."""
    if mark.size > _RAISED_SIZE * word.size:
        return False
    height = mark.baseline - word.baseline
    return _RAISED_LEAST * word.size <= height <= _RAISED_MOST * word.size


def pieces_of(words: Sequence[Word], gap: float) -> list[list[Word]]:
    """Return the words of a line in pieces, parted where the gap is wider than so many sizes."""
    # Written out: each line of a page is taken to pieces several times.
    pieces: list[list[Word]] = []
    piece: list[Word] = []
    right = before = 0.0
    for word in words:
        size, end = word.size, word.right
        if piece and word.left - right < gap * (size if size > before else before):
            piece.append(word)
            if end > right:
                right = end
        else:
            piece = [word]
            pieces.append(piece)
            right = end
        before = size
    return pieces


def text_of(words: Iterable[Word]) -> str:
    """Return what words say, with a blank where one is seen.

    A raised number behind another one is written ``10^5``: it must not become a digit of it.
    """
    text = ""
    before: Word | None = None
    for word in words:
        if before is not None:
            if (
                word.size < before.size
                and _ends_number(before.text)
                and _begins_number(word.text)
                and _is_raised(word, before)
            ):
                text += "^"
            elif word.left - before.right > _BLANK * max(before.size, word.size) or (
                before.size < word.size
                and before.text[-1:].isdigit()
                and word.text[:1].isdigit()
                and _is_raised(before, word)
            ):
                text += " "
        text += word.text
        before = word
    return text


def _beginnings(words: Sequence[Word]) -> Iterator[tuple[list[Word], bool]]:
    """Yield the pieces of a line in which a caption may begin, and whether a gap tells them apart.

    Columns of text may be as close as words of a loose line are.
    """
    for piece in pieces_of(words, 1.5):
        closer = pieces_of(piece, 1.0)
        names = [_CAPTION.match(text_of(part[:3])) is not None for part in closer]
        starts = [0, *(at for at in range(1, len(closer)) if names[at])]
        for first, end in itertools.pairwise([*starts, len(closer)]):
            yield [word for part in closer[first:end] for word in part], first == 0


def _ends_number(text: str) -> bool:
    return text[-1:].isdigit() or text.endswith((")", "]", "%"))


def _begins_number(text: str) -> bool:
    return text.lstrip("+-\N{MINUS SIGN}\N{EN DASH}(")[:1].isdigit()


def caption_of(line: Line) -> list[Caption]:
    """Return the captions of tables that begin in a line: two columns may have one each."""
    found: list[Caption] = []
    if not _says(line.words, _TABLE):
        return found
    for piece, is_apart in _beginnings(line.words):
        text = text_of(piece)
        named = _CAPTION.match(text)
        if named is None:
            continue
        rest = named["rest"]
        if not is_apart and not _MARKED.match(rest):
            continue
        if _IN_SENTENCE.match(rest) and not _MARKED.match(rest):
            continue
        right = max(word.right for word in piece)
        found.append(Caption(piece[0].left, right, line.baseline, line.size, text))
    return found


def figures_of(line: Line) -> list[list[Word]]:
    """Return the pieces of a line that begin captions of figures."""
    if not _says(line.words, _A_FIGURE):
        return []
    return [piece for piece in pieces_of(line.words, 1.5) if _FIGURE.match(text_of(piece[:4]))]


def _says(words: Iterable[Word], name: re.Pattern[str]) -> bool:
    """True when words have a name among them, which may be drawn in several steps."""
    return name.search("".join([word.text for word in words])) is not None


def joined_rules(rules: Iterable[Rule], *, apart: float = 1.5, gap: float = 2.5) -> list[Rule]:
    """Return drawn lines with those put together that go on where another ends.

    Parameters
    ----------
    rules
        Level lines, or upright ones.
    apart
        How far their heights may differ, in points.
    gap
        What may be between the end of one and the beginning of the next, in points.
    """
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at), rule.start)):
        for index in range(len(joined) - 1, max(-1, len(joined) - 60), -1):
            other = joined[index]
            if (
                abs(other.at - rule.at) <= apart
                and rule.start <= other.end + gap
                and rule.end >= other.start - gap
            ):
                start, end = min(other.start, rule.start), max(other.end, rule.end)
                joined[index] = Rule(start, end, other.at)
                break
        else:
            joined.append(rule)
    return joined


def without_line_numbers(words: list[Word], level: Sequence[Rule] = ()) -> list[Word]:
    """Return the words of a page without the numbers that count its lines in the margin.

    Parameters
    ----------
    words
        Of the page.
    level
        The level lines drawn on it: where they reach over the numbers, those are of a table.
    """
    numbers = [word for word in words if word.text.isdigit() and len(word.text) <= 4]
    if len(numbers) < _FEWEST_NUMBERS:
        return words
    for on_left in (True, False):
        by_edge: dict[int, list[Word]] = defaultdict(list)
        for word in numbers:
            by_edge[round((word.right if on_left else word.left) / 2)].append(word)
        for edge in list(by_edge):
            column = by_edge[edge] + by_edge.get(edge + 1, [])
            if not _counts(column) or _are_ruled(column, level):
                continue
            rest = _outside(words, column, on_left)
            if rest is not None:
                return rest
    return words


def _counts(column: list[Word]) -> bool:
    """True when the numbers of a column count lines from the top."""
    if len(column) < _FEWEST_NUMBERS:
        return False
    values = [int(word.text) for word in sorted(column, key=lambda word: -word.baseline)]
    steps = [after - before for before, after in itertools.pairwise(values)]
    return sum(step in _STEPS for step in steps) >= _GROWING * len(steps)


def _are_ruled(column: list[Word], level: Sequence[Rule]) -> bool:
    """True when level lines are drawn over, between or below numbers that stand in a column."""
    left, right = min(word.left for word in column), max(word.right for word in column)
    size = column[0].size
    top = max(word.baseline for word in column) + 3 * size
    bottom = min(word.baseline for word in column) - 2 * size
    reaching = (rule for rule in level if rule.start <= left + 1 and rule.end >= right - 1)
    return any(bottom <= rule.at <= top for rule in reaching)


def _outside(words: list[Word], column: list[Word], on_left: bool) -> list[Word] | None:
    """Return the other words when next to none of them stands beyond the column."""
    those = {id(word) for word in column}
    rest = [word for word in words if id(word) not in those]
    if on_left:
        edge = max(word.right for word in column)
        beyond = sum(word.left < edge for word in rest)
    else:
        edge = min(word.left for word in column)
        beyond = sum(word.right > edge for word in rest)
    return rest if beyond <= 0.03 * len(rest) else None
