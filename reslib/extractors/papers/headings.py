"""The headings of a paper, by number, weight and size, on the edge where the text begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import ABSTRACT, INTRODUCTION, REFERENCES

__all__ = ["Heading", "find_headings", "is_of_appendix"]

_NUMBERED = re.compile(
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\S|(?P<roman>[IVX]{1,5})\.\s+\S"
    r"|(?P<letter>[A-H])\.\s+\S|Appendix\s+[A-Z]|§\s*\d+"
)
_OF_APPENDIX = re.compile(
    r"(?:[A-Z](?:\.\d{1,2}){0,3}\.?\s+[A-Z]|append|supplement|supporting|acknowled|author|data\s|fund"
    r"|conflict|declaration|ethic|code\s|competing|limitation)",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    r"(?:acknowled?ge?ments?|conclusions?|discussion|results|methods?|materials and methods"
    r"|related work|summary|abstract|data availability|funding|statement of need"
    r"|author contributions?|references|bibliography|introduction|background|appendix)\s*[.:]?",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:table|tab\.|fig(?:ure|\.)|doi|https?:|www|\[|e-?mail|[•©–—]|key\s?words?|algorithm|listing"
    r"|theorem|lemma|proof|definition|corollary|remark|example|equation|eq\."
    r"|(?:licen[sc]e|software)\s*$"
    r"|submitted|published|received|accepted|editor|copyright|\d{0,2}\s*\S+\.\S+/\S*$)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[\d.,%±\s()–—-]+")
_LONGEST, _MOST_WORDS = 110, 14
#: A longer one that repeats the title is none.
_LONG = 30


@dataclass(slots=True)
class Heading:
    """A heading.

    Parameters
    ----------
    title
        Its words, with its number.
    level
        1 for the highest.
    line
        The line that it begins with.
    """

    title: str
    level: int
    line: TypeLine


def is_of_appendix(title: str) -> bool:
    """Return whether a heading may stand behind the list of references."""
    return _OF_APPENDIX.match(title) is not None


def find_headings(lines: Sequence[TypeLine], body: float, title: str = "") -> list[Heading]:
    """Return the headings among the lines of a document.

    Parameters
    ----------
    lines
        In drawn order, without running lines and what stands in tables.
    body
        The size of the text.
    title
        Of the document, which is none of them.
    """
    edges = _edges(lines, body)
    bold_body = _mostly_bold(lines, body)
    found: list[Heading] = []
    before: TypeLine | None = None
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else None
        if found and before is not None and found[-1].line is before and _wraps(before, line, body):
            found[-1].title += f" {line.words}"
            found[-1].line = before = line
            continue
        if _is_heading(line, before, after, body, bold_body) and _at_edge(line, edges):
            words = line.words
            usual = _KNOWN.fullmatch(words) or INTRODUCTION.fullmatch(words)
            repeats = len(words) > _LONG or (line.page == 1 and not usual)
            if not (title and repeats and words.lower() in title.lower()):
                found.append(Heading(words, 0, line))
        before = line
    _set_levels(found)
    return found


def _is_heading(
    line: TypeLine, before: TypeLine | None, after: TypeLine | None, body: float, bold_body: bool
) -> bool:
    text = line.words
    words = text.split()
    if (
        not words
        or len(text) > _LONGEST
        or len(words) > _MOST_WORDS
        or sum(map(str.isalpha, text)) < 3
        or text.endswith((",", ";", "-"))
        or _NONE.match(text)
        or _DIGITS.fullmatch(text)
    ):
        return False
    numbered = _NUMBERED.match(text) is not None
    if not (text[0].isupper() or numbered):
        return False
    capitals = _is_capitals(text)
    known = len(words) <= 5 and (
        _KNOWN.fullmatch(text) is not None
        or INTRODUCTION.fullmatch(text) is not None
        or REFERENCES.fullmatch(text) is not None
        or (ABSTRACT.fullmatch(text) is not None)
    )
    ends = text.endswith(".") and not known
    large = line.size > 1.08 * body
    apart = (
        before is None
        or before.page != line.page
        or (abs(before.lowest - line.baseline) > 1.4 * line.size)
    )
    if line.is_bold and line.ends_lighter:
        return False  # the text goes on behind it
    if line.is_bold and not bold_body and line.size >= 0.97 * body:
        return not ends or numbered
    if large:
        return len(words) <= 12 and not ends
    if numbered and (capitals or line.has_small_capitals):
        return True
    if numbered and line.is_italic and apart and not ends and line.size >= 0.85 * body:
        return _begins_text(line, after)
    if known and (apart or capitals):
        return True
    if numbered and len(words) <= 10 and line.size >= 0.97 * body and not ends and apart:
        title = re.sub(r"^\S+\s+", "", text)
        return title[:1].isupper() and _begins_text(line, after)
    if capitals or line.has_small_capitals:
        return len(words) <= 8 and len(text) > 6 and line.size >= 0.75 * body and apart and not ends
    return False


def _begins_text(line: TypeLine, after: TypeLine | None) -> bool:
    """True when what follows a line stands apart from it: it is no item of a list."""
    if after is None or after.page != line.page:
        return True
    if after.text[:1].islower():
        return False
    return line.lowest - after.baseline > 1.3 * line.size or after.baseline > line.baseline


def _wraps(before: TypeLine, line: TypeLine, body: float) -> bool:
    """True when a line is the next one of a heading that is longer than its column."""
    return (
        before.page == line.page
        and abs(before.size - line.size) < 0.3
        and before.font == line.font
        and not line.ends_lighter
        and (
            line.is_bold
            or line.size > 1.08 * body
            or line.has_small_capitals
            or (_is_capitals(before.words) and _is_capitals(line.words))
        )
        and 0 < before.lowest - line.baseline < 1.6 * line.size
        and _NUMBERED.match(line.words) is None
        and len(before.words) > 12
        and len(line.words) <= _LONGEST
        and _KNOWN.fullmatch(line.words) is None
    )


def _is_capitals(words: str) -> bool:
    return words.upper() == words and sum(map(str.isalpha, words)) > 4


def _edges(lines: Sequence[TypeLine], body: float) -> list[tuple[int, int]]:
    """Return where lines of the text begin and end, to the point."""
    pairs: Counter[tuple[int, int]] = Counter()
    for line in lines:
        if abs(line.size - body) < 0.06 * body and len(line.text) > 25:
            pairs[round(line.left / 2), round(line.right / 2)] += 1
    most = [pair for pair, count in pairs.most_common(12) if count >= 3]
    return most or [pair for pair, _ in pairs.most_common(4)]


def _at_edge(line: TypeLine, edges: Sequence[tuple[int, int]]) -> bool:
    """True when a line begins where the text does, or stands in its middle."""
    if not edges:
        return True
    left, right = line.left / 2, line.right / 2
    return any(
        begin - 3 <= left <= begin + 22 or abs((left + right) - (begin + end)) < 8
        for begin, end in edges
    )


def _mostly_bold(lines: Sequence[TypeLine], body: float) -> bool:
    of_body = [line for line in lines if abs(line.size - body) < 0.06 * body]
    return 2 * sum(line.is_bold for line in of_body) > len(of_body) > 0


def _set_levels(found: Sequence[Heading]) -> None:
    """Set levels by numbers, and by size where there are none."""
    kinds = sorted({_look(heading) for heading in found}, reverse=True)
    for heading in found:
        match = _NUMBERED.match(heading.title)
        if match and match["number"]:
            heading.level = match["number"].count(".") + 1
        elif match and match["roman"]:
            heading.level = 1
        elif match and match["letter"] and any(_is_roman(each) for each in found):
            heading.level = 2
        elif _KNOWN.fullmatch(heading.title):
            heading.level = 1
        else:
            heading.level = min(6, kinds.index(_look(heading)) + 1)


def _is_roman(heading: Heading) -> bool:
    match = _NUMBERED.match(heading.title)
    return bool(match and match["roman"])


def _look(heading: Heading) -> tuple[float, bool]:
    return round(heading.line.size), heading.line.is_bold
