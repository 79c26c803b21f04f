"""The front matter of a paper on its first two pages, each thing with its source and confidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reslib.extractors.papers.counted import without_counted
from reslib.extractors.papers.identifiers import arxiv_of, year_of
from reslib.extractors.papers.printeddoi import doi_of
from reslib.extractors.papers.titleblock import TitleBlock, body_size, find_authors, find_title
from reslib.extractors.papers.typelines import BROKEN, MARK, TypeLine, read_lines
from reslib.extractors.papers.words import ABSTRACT, INTRODUCTION, KEYWORDS
from reslib.extractors.stated import Stated
from reslib.items import Metadata

__all__ = ["FRONT_PAGES", "FrontPage", "front_matter", "read_front"]

#: Pages that are looked at.
FRONT_PAGES = 2
#: What makes a page behind the first worth a look, what is in all of that, and how
#: far it is looked for.
_WORTH_A_LOOK = re.compile(
    r"abstract|summary|key\s?-?words|index terms|zusammenfassung|r[ée]sum[ée]|resumen",
    re.IGNORECASE,
)
_IN_IT = ("abstract", "summary", "key", "index", "zusammen", "resum", "résum")
_LOOKED_AT = 3_000
#: Fields to be filled in that make a page one of a form.
_FEWEST_FIELDS = 3
_SOURCE = "page 1"
_LONGEST_ABSTRACT = 8_000
#: Lines below a title among which an abstract begins and ends that has no word before it, and the
#: letters of a line of it.
_FARTHEST_ABSTRACT, _PROSE = 70, 45
_SHORTEST_UNNAMED = 200
_DATED = re.compile(r"\(?(?:date[ds]?|received|accepted|published|submitted)\b", re.IGNORECASE)
_MOST_KEYWORD_LINES = 12
_HEADING = re.compile(r"(?:\d{1,2}|[IVX]{1,4})\.?\s+[A-Z]")


class FrontPage:
    """The lines of a page, and all its characters, which those that stand upright are among.

    Parameters
    ----------
    lines
        In drawn order.
    text
        Of the whole page.
    is_form
        Whether it has fields to be filled in.
    """

    __slots__ = ("is_form", "lines", "text")

    def __init__(self, lines: list[TypeLine], text: str, *, is_form: bool = False) -> None:
        self.lines, self.text, self.is_form = lines, text, is_form


def read_front(
    page: Any, text_page: Any, index: int, text: str, fields: int = 0
) -> FrontPage | None:
    """Return what is looked at of a page; None for a page behind the first ones.

    Parameters
    ----------
    page, text_page
        PDFium's, open.
    index
        Of the page, from 0.
    text
        Of the page.
    fields
        How many fields to be filled in are on it.
    """
    if index >= FRONT_PAGES:
        return None
    height = float(page.get_height())
    if index and not _is_worth_a_look(text[:_LOOKED_AT]):
        return None
    lines = read_lines(text_page, index + 1, height)
    return FrontPage(without_counted(lines), text, is_form=fields >= _FEWEST_FIELDS)


def _is_worth_a_look(text: str) -> bool:
    small = text.lower()
    return any(map(small.__contains__, _IN_IT)) and _WORTH_A_LOOK.search(text) is not None


def front_matter(
    pages: Sequence[FrontPage | None], stated: Iterable[Metadata]
) -> Iterator[Metadata]:
    """Yield what a paper says of itself.

    Parameters
    ----------
    pages
        The first ones.
    stated
        What the file states, which confirms it.
    """
    first = pages[0] if pages else None
    if first is None or not first.lines:
        return
    known = list(stated)
    lines = first.lines
    body = body_size(line for page in pages if page is not None for line in page.lines)
    flow = [line for page in pages if page is not None for line in page.lines]
    abstract_at = next((n for n, line in enumerate(flow) if _is_abstract(line.words)), None)
    is_paper = abstract_at is not None or any(INTRODUCTION.fullmatch(x.words) for x in flow)
    # The largest words of a form say what it is for, and the names in it are none of authors.
    title = None
    if is_paper or not first.is_form:
        title = find_title(lines, body, [one.value for one in known if one.key == "title"])
    if title is not None:
        yield _said("title", title.text, title.confidence)
        authors = find_authors(title, lines)
        sure = 0.85 if is_paper else 0.4
        yield from (_said("author", author, sure) for author in authors)
    yield from _identifiers(first, title, flow, abstract_at, known, body)
    abstract = _abstract(flow, abstract_at, body)
    if abstract:
        yield _said("description", abstract, 0.85)
    elif title is not None and (unnamed := _unnamed_abstract(lines, title, body)):
        yield _said("description", unnamed, 0.6)
    keywords = _keywords(flow)
    yield from (_said("keywords", word, 0.85) for word in keywords)


def _identifiers(
    first: FrontPage,
    title: TitleBlock | None,
    flow: Sequence[TypeLine],
    abstract_at: int | None,
    known: Sequence[Metadata],
    body: float,
) -> Iterator[Metadata]:
    doi = doi_of(first.lines, [one.value for one in known if one.key == "doi"], body)
    if doi is not None:
        yield _said("doi", *doi)
    stamp = arxiv_of(first.text)
    if stamp is not None:
        yield _said("arxiv", stamp[0], 0.95)
    until = flow[abstract_at] if abstract_at is not None else None
    head: list[TypeLine] = []
    above = title is not None
    of_title = title.lines[title.first : title.last + 1] if title is not None else []
    for line in first.lines:
        if line in of_title:
            continue  # it may be about a year
        if line is until:
            above = False
        share = line.baseline / max(1.0, line.height)
        small = line.size < 0.93 * body
        if above or share > 0.86 or share < 0.13 or small or _DATED.match(line.text):
            head.append(line)
    year = year_of(head, body)
    if year is not None and year[1] >= 0.72:
        yield _said("year", str(year[0]), year[1])
    elif stamp is not None and stamp[1]:
        yield _said("year", stamp[1], 0.9)
    elif year is not None:
        yield _said("year", str(year[0]), year[1])
    else:
        created = next((one.value for one in known if one.key == "created"), "")
        if re.match(r"(?:19|20)\d\d", created):
            yield Metadata("year", created[:4], "date of the file", 0.3)


def _said(key: str, value: str, confidence: float) -> Metadata:
    kept = Stated(_SOURCE)
    kept.add(key, value)
    words = next((one.value for one in kept), value)
    return Metadata(key, words, _SOURCE, round(confidence, 2), 1)


def _is_abstract(words: str) -> bool:
    found = ABSTRACT.match(words)
    if found is None:
        return False
    rest = words[found.end() :]
    return not rest or rest[:1].isupper() or words[: found.end()].rstrip()[-1:] in ".:—–-"


def _abstract(flow: Sequence[TypeLine], at: int | None, body: float) -> str:
    if at is None:
        return ""
    line = flow[at]
    found = ABSTRACT.match(line.words)
    text = line.words[found.end() :] if found else ""
    size = None
    before = line
    for after in flow[at + 1 : at + 80]:
        words = after.words
        if KEYWORDS.match(words) or INTRODUCTION.fullmatch(words) or _HEADING.match(words):
            break
        if after.is_bold and not before.is_bold and len(words) < 60 and len(text) > 150:
            break
        before = after
        if size is not None and abs(after.size - size) > 0.12 * size:
            if len(text) > 200:
                break
            continue
        if size is None and len(words) > 20:
            size = after.size
        text = _and(text, words)
        if len(text) > _LONGEST_ABSTRACT:
            break
    return text if len(text) >= 40 else ""


def _unnamed_abstract(lines: Sequence[TypeLine], title: TitleBlock, body: float) -> str:
    """Return the prose that stands above the text as some journals have it: in another type than
    that, or between the authors and the keywords.
    """
    begin = lines.index(title.lines[title.last]) + 1
    lowest = title.lines[title.last].baseline
    block: list[TypeLine] = []
    before_keywords = False
    for line in lines[begin : begin + _FARTHEST_ABSTRACT]:
        words = line.words
        follows = block and _is_below(block[-1], line)
        if block and not follows:
            below = block[-1].lowest - line.baseline
            before_keywords = KEYWORDS.match(words) is not None and 0 < below < 4 * line.size
            break
        if INTRODUCTION.fullmatch(words) or KEYWORDS.match(words) or _HEADING.match(words):
            break
        if follows or (len(words) > _PROSE and line.baseline < lowest and _is_sentence(words)):
            block.append(line)
    text = ""
    for line in block:
        text = _and(text, line.words)
    first = block[0] if block else None
    other = first is not None and (abs(first.size - body) > 0.03 * body or first.is_bold)
    other = other or before_keywords
    is_prose = len(text) > _SHORTEST_UNNAMED and text.endswith((".", "!", "?"))
    return text if first is not None and other and is_prose else ""


def _is_below(line: TypeLine, after: TypeLine) -> bool:
    """True when a line is the next one of a paragraph."""
    return (
        0 < line.lowest - after.baseline < 1.8 * line.size
        and abs(line.size - after.size) < 0.06 * line.size
        and line.is_bold == after.is_bold
        and abs(line.left - after.left) < 3 * line.size
    )


def _is_sentence(words: str) -> bool:
    """True when words go on as those of a sentence do, not as those of names and addresses."""
    tokens = words.split()
    small = sum(token[:1].islower() for token in tokens)
    return small >= 0.6 * len(tokens) and not re.search(r"@|https?:", words)


def _keywords(flow: Sequence[TypeLine]) -> list[str]:
    for number, line in enumerate(flow):
        words = line.plain.replace(MARK, ";").replace(BROKEN, "-") if line.plain else line.text
        found = KEYWORDS.match(words)
        if found is None or (found.end() == len(words) and len(words) > 40):
            continue
        if words.lstrip()[:3].lower() == "ccs":
            continue  # of a classification, which stands before them
        text = words[found.end() :]
        below: list[str] = [text] if text else []
        before = line
        for after in flow[number + 1 : number + 1 + _MOST_KEYWORD_LINES]:
            more = after.words
            if (
                ABSTRACT.match(more)
                or INTRODUCTION.fullmatch(more)
                or _HEADING.match(more)
                or (below and abs(after.size - before.size) > 0.7)
                or not 0 < before.lowest - after.baseline < (1.75 if below else 2.8) * before.size
                or (below and after.is_bold and not before.is_bold)
                or (below[-1:] and below[-1].rstrip().endswith("."))
            ):
                break
            below.append(more)
            before = after
        parts = _parts(below)
        kept = [" ".join(part.split()).strip(" .:") for part in parts]
        return [word for word in kept if 1 < len(word) < 80][:20]
    return []


def _parts(lines: Sequence[str]) -> list[str]:
    """Return the parts of keywords, which signs part, or else the lines."""
    text = ""
    for line in lines:
        text = _and(text, line)
    parts = re.split(r"[;·•|]|\s[—–-]\s", text)
    if len(parts) == 1:
        parts = text.split(",")
    if len(parts) == 1 and len(lines) > 1 and all(len(line) < 40 for line in lines):
        return list(lines)
    return parts


def _and(text: str, more: str) -> str:
    broken = text.endswith("-") and more[:1].islower()
    return text[:-1] + more if broken else f"{text} {more}".strip()
