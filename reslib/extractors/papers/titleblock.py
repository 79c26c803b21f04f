"""The title and the authors on the first page of a paper, by size, weight and place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reslib.extractors.papers.names import names_in, without_numbers, without_ranks
from reslib.extractors.papers.typelines import MARK, TypeLine
from reslib.extractors.papers.words import (
    ABSTRACT,
    ADDRESS,
    INTRODUCTION,
    KEYWORDS,
    MONTH,
    alike,
)

__all__ = ["TitleBlock", "body_size", "find_authors", "find_title"]

#: Lower on the page than this share of its height stands no title.
_LOWEST = 0.3
#: Lines of a page among which the name of its journal stands, and those of its foot.
_AMONG_THE_FIRST, _IN_THE_FOOT = 40, 8
#: Lines below a title among which its authors are.
_MOST_LINES = 90
#: Lines of an address below a name, after which no other name is looked for.
_MOST_IDLE = 5
_NO_TITLE = re.compile(
    r"(?:the\s+)?(?:journal of|proceedings|transactions|annals|letters|volume|vol\.|draft|software"
    r"|licen[sc]e|abstract|introduction|contents|arxiv|preprint|submitted|published|received"
    r"|doi|https?:|www\.|fig(?:ure|\.)|table|editor|nature|science|physical review|article"
    r"|original|research|review|technical report|open access|paper|\d+$)\b",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"\W*contents\s+(?:lists?|of)\b", re.IGNORECASE)
_OF_JOURNAL = re.compile(
    r"\W*(?:journal home\s?page|www\.|https?://www\.|an? (?:open access "
    r"|international |peer[- ]reviewed )*journal\b|e?-?ISSN)",
    re.IGNORECASE,
)
_DATE = re.compile(rf"\b{MONTH}\b.*\d{{4}}|\(?\d{{4}}\)?", re.IGNORECASE)


@dataclass(slots=True)
class TitleBlock:
    """The title of a paper: its lines, and how sure it is.

    Parameters
    ----------
    text
        The title.
    lines
        Of the first page, in drawn order.
    first, last
        Which of them it takes.
    confidence
        How sure it is, 0 to 1.
    """

    text: str
    lines: Sequence[TypeLine]
    first: int
    last: int
    confidence: float


def body_size(lines: Iterable[TypeLine]) -> float:
    """Return the size in which most letters are set."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    sizes: Counter[float] = Counter()
    for size, count in letters.items():
        sizes[round(2 * size) / 2] += count
    return sizes.most_common(1)[0][0] if sizes else 10.0


def find_title(lines: Sequence[TypeLine], body: float, stated: Sequence[str]) -> TitleBlock | None:
    """Return the title of a paper, None when nothing stands out.

    Parameters
    ----------
    lines
        Of the first page.
    body
        The size of its text.
    stated
        Titles that the file states.
    """
    found: list[tuple[float, int, TitleBlock]] = []
    heads = (
        line.baseline
        for line in lines
        if ABSTRACT.fullmatch(line.text) or INTRODUCTION.fullmatch(line.text)
    )
    parts = max(heads, default=None)
    first = 0
    while first < len(lines):
        last = first
        while last + 1 < len(lines) and _goes_on(lines[last], lines[last + 1]):
            last += 1
        top = lines[first]
        stands_out = top.size >= 0.98 * body and top.baseline > _LOWEST * top.height
        text = _joined(lines[first : last + 1]) if stands_out else ""
        letters = sum(map(str.isalpha, text))
        count = len(text.split())
        if letters >= 8 and count >= 2 and len(text) < 320:
            score = top.size / body + 0.25 * top.is_bold + 0.05 * min(count, 6)
            score -= 0.25 * (last - first > 4)
            if count < 8 and _NO_TITLE.match(text):
                score -= 1.2
            if count < 6 and ADDRESS.is_in(text):
                score -= 0.4
            if first < _AMONG_THE_FIRST and count <= 8 and _is_journal(text, lines, first, last):
                score -= 3.0
            score -= 0.5 * (letters < 0.6 * len(text))
            score -= 0.8 * (parts is not None and top.baseline < parts)
            if count <= 5 and len(names_in(text)) >= 1 and top.size < 1.3 * body:
                score -= 0.3
            confirmed = max((alike(text, one) for one in stated), default=0.0) > 0.8
            score += 2.0 * confirmed
            sure = min(0.98, 0.55 + 0.4 * min(1.0, score - 1.2)) if score > 1.2 else 0.4
            block = TitleBlock(text, lines, first, last, 0.99 if confirmed else round(sure, 2))
            found.append((score, -first, block))
        first = last + 1
    return max(found, key=lambda each: each[:2])[2] if found else None


def _is_journal(text: str, lines: Sequence[TypeLine], first: int, last: int) -> bool:
    """True when large letters name the journal: its volume is cited so, or its address is below."""
    below = lines[last + 1].text if last + 1 < len(lines) else ""
    if _OF_JOURNAL.match(below) or (first and _CONTENTS.match(lines[first - 1].text)):
        return True
    others = [*lines[:first], *lines[last + 1 : 2 * _AMONG_THE_FIRST], *lines[-_IN_THE_FOOT:]]
    word = text.split()[0].casefold()
    naming = [
        line.words
        for line in others
        if line.size < lines[first].size and word in line.words.casefold()
    ]
    if not naming:  # as of nearly all; an expression for one text takes its time
        return False
    cited = re.compile(
        re.escape(text) + r"\W*(?:vol(?:ume|\.)?\W*)?(?:\d+\b|\((?:19|20)\d\d\))", re.IGNORECASE
    )
    return any(map(cited.search, naming))


def _goes_on(line: TypeLine, after: TypeLine) -> bool:
    return (
        abs(after.size - line.size) < 0.6
        and after.is_bold == line.is_bold
        and 0 < line.lowest - after.baseline < 2.2 * max(line.size, 6)
        and not (ABSTRACT.match(after.text) or INTRODUCTION.fullmatch(after.text))
    )


def _joined(lines: Iterable[TypeLine]) -> str:
    text = ""
    for line in lines:
        words = line.words
        if text.endswith("-") and words[:1].islower():
            text += words  # a compound keeps its hyphen, a broken word is rare in a title
        else:
            text = f"{text} {words}".strip()
    return text.strip(" *∗†‡")


def find_authors(title: TitleBlock, everything: Sequence[TypeLine]) -> list[str]:
    """Return the authors between the title of a paper and its abstract.

    Parameters
    ----------
    title
        The title.
    everything
        The lines of the first page, in drawn order.
    """
    begin = everything.index(title.lines[title.last]) + 1
    lowest = title.lines[title.last].baseline
    block: list[TypeLine] = []
    for line in everything[begin : begin + _MOST_LINES]:
        text = line.words
        if ABSTRACT.match(text) or KEYWORDS.match(text) or INTRODUCTION.fullmatch(text):
            break
        if line.baseline <= lowest + 2:
            block.append(line)
    rows = _rows(block)
    found = _lines_of_names(rows)
    if not found:
        return _before_institutions(rows)
    return list(dict.fromkeys(names_in(_one_list(found)))) if found else []


def _rows(block: Sequence[TypeLine]) -> list[TypeLine]:
    """Return lines with those put together that stand on one height: raised marks part them."""
    rows: list[list[TypeLine]] = []
    for line in block:
        for row in reversed(rows[-3:]):
            size = max(line.size, *(each.size for each in row))
            beside = line.left >= row[-1].left or (line.plain or line.text)[:1] == ","
            if abs(row[0].baseline - line.baseline) < 0.5 * size and beside:
                row.append(line)
                break
        else:
            rows.append([line])
    return [_joined_row(row) if len(row) > 1 else row[0] for row in rows]


def _joined_row(row: Sequence[TypeLine]) -> TypeLine:
    largest = max(row, key=lambda line: line.size)
    plain = ""
    right: float | None = None
    for line in row:
        text = line.plain or line.text
        raised = line.size < 0.83 * largest.size and line.baseline > largest.baseline + 1
        if raised and not re.search(r"[^\W\d_]{3}", text):
            text = MARK
        if right is not None and line.left - right > 0.9 * largest.size and text[:1] not in ",;":
            plain += "   "
        elif plain:
            plain += " "
        plain += text
        right = line.right
    return replace(largest, text=plain.replace(MARK, " "), plain=plain, left=row[0].left)


def _lines_of_names(block: Sequence[TypeLine]) -> list[TypeLine]:
    found: list[TypeLine] = []
    idle = 0
    for line in block:
        text = line.plain or line.text
        words = text.replace(MARK, " ")
        if found and line.size > 1.25 * found[0].size:
            continue  # words of a picture
        aside = found and line.is_italic and not found[0].is_italic and len(names_in(text)) < 2
        if aside or _is_address(text, words):
            idle += bool(found)
            if idle > _MOST_IDLE:
                break
            continue
        if _DATE.fullmatch(words.strip()) or _DATE.match(words.strip()):
            continue
        if _is_list_of_names(text):
            if found and line.size < 0.88 * found[0].size:
                continue
            found.append(line)
            idle = 0
        elif found and _ends_a_name(found[-1], line):
            found.append(line)
        elif found and len(words.split()) > 12:
            break
    return found


def _before_institutions(rows: Sequence[TypeLine]) -> list[str]:
    """Return the names that lines begin with which go on with an institution."""
    found: list[str] = []
    for line in rows:
        name, _, rest = (line.plain or line.text).partition(",")
        names = names_in(name)
        if len(names) == 1 and ADDRESS.is_in(rest) and line.size >= 0.9 * rows[0].size:
            found += names
        elif found and line.baseline < rows[0].baseline - 60 * line.size:
            break
    return list(dict.fromkeys(found))


def _is_address(text: str, words: str) -> bool:
    """True when a line tells where somebody works; names may be on it all the same."""
    if not ADDRESS.is_in(without_ranks(words)):
        return False
    return len(names_in(text)) < 2 or not _is_list_of_names(text)


def _ends_a_name(upper: TypeLine, line: TypeLine) -> bool:
    """True when a line begins with the last word of a name that begins in the line above."""
    above, text = upper.plain or upper.text, line.plain or line.text
    first = re.split(rf"[,;{MARK}\d]|\band\b", text)[0].strip()
    return (
        abs(upper.size - line.size) < 0.1 * upper.size
        and 0 < upper.lowest - line.baseline < 2.3 * upper.size
        and not above.rstrip().endswith((",", ";", MARK, "and"))
        and len(first.split()) == 1
        and first[:1].isupper()
        and first[1:].replace("-", "").replace("’", "").isalpha()
    )


def _is_list_of_names(text: str) -> bool:
    names = names_in(text)
    plain = re.sub(rf"[{MARK}\d]", " ", without_numbers(without_ranks(text), " "))
    words = [
        word
        for word in plain.split()
        if word.lower() not in ("and", "und", "by") and any(map(str.isalpha, word))
    ]
    return bool(names) and sum(len(name.split()) for name in names) >= 0.5 * len(words)


def _one_list(lines: Sequence[TypeLine]) -> str:
    """Return lines of names as one: a name may be broken at the end of a line of a long list."""
    text = ""
    before: TypeLine | None = None
    for line in lines:
        plain = line.plain or line.text
        if before is not None:
            beside = line.baseline > before.baseline - 0.5 * line.size
            goes_on = text.rstrip().endswith((",", " and", MARK, ";", "&")) or re.match(
                r"\s*(?:and\b|&|,)", plain
            )
            wraps = (
                text.count(",") >= 1
                and not beside
                and len(names_in(text)) >= 1
                and before.lowest - line.baseline < 2 * line.size
                and _is_broken(before.plain or before.text, plain)
            )
            text += " " if goes_on or wraps else " , "
        text += plain
        before = line
    return text


def _is_broken(upper: str, lower: str) -> bool:
    """True when a name begins at the end of one line and ends at the beginning of the next."""
    last = re.split(r",|\band\b|&", upper.replace(MARK, " "))[-1].strip()
    first = re.split(r",|\band\b|&", lower.replace(MARK, " "))[0].strip()
    return len(last.split()) == 1 or len(first.split()) == 1
