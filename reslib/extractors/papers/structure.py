"""The structure of a paper: its headings as sections, and the works that it cites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reslib.extractors.layout.layout import Box
from reslib.extractors.papers.citedworks import cited_works
from reslib.extractors.papers.counted import without_counts
from reslib.extractors.papers.furniture import furniture_of
from reslib.extractors.papers.headings import Heading, find_headings, is_of_appendix
from reslib.extractors.papers.titleblock import body_size, find_title
from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import ABSTRACT, INTRODUCTION, REFERENCES
from reslib.items import Reference, Section

__all__ = ["structure"]


def structure(
    pages: Sequence[Sequence[TypeLine]], tables: Sequence[Sequence[Box]]
) -> Iterator[Section | Reference]:
    """Yield the sections of a document, and the works that it cites.

    Parameters
    ----------
    pages
        The lines of every page, in drawn order.
    tables
        Where the tables of every page are: in them stand no headings.
    """
    pages = without_counts(list(lines) for lines in pages)
    running = furniture_of(pages)
    body = body_size(line for lines in pages for line in lines)
    flow = [
        line
        for lines, boxes in zip(pages, tables, strict=True)
        for line in lines
        if id(line) not in running and not any(_is_in(line, box) for box in boxes)
    ]
    first = [line for line in flow if line.page == 1]
    begin = next((n for n, line in enumerate(first) if _begins(line)), None)
    title = find_title(first, body, [])
    flow = flow[begin or 0 :]  # names and addresses are set like headings
    if title is not None and begin is not None and title.first >= begin:
        title = None
    headings = find_headings(flow, body, title.text if title is not None else "")
    works = cited_works(flow)
    yield from _sections(headings, has_works=bool(works))
    yield from works


def _sections(headings: Sequence[Heading], *, has_works: bool) -> Iterator[Section]:
    """Yield headings as sections; behind the list of references only those of an appendix.

    What looks like another heading there is part of an entry.
    """
    looks: set[tuple[str, float]] = set()
    behind = False
    for heading in headings:
        look = heading.line.font, round(heading.line.size, 1)
        if behind and (look not in looks or not is_of_appendix(heading.title)):
            continue
        looks.add(look)
        yield Section(heading.title, heading.level, heading.line.page)
        behind = behind or (has_works and REFERENCES.fullmatch(heading.title) is not None)


def _begins(line: TypeLine) -> bool:
    words = line.words
    return ABSTRACT.match(words) is not None or INTRODUCTION.fullmatch(words) is not None


def _is_in(line: TypeLine, box: Box) -> bool:
    middle = (line.left + line.right) / 2
    return box.left <= middle <= box.right and box.bottom - 1 <= line.baseline <= box.top + 1
