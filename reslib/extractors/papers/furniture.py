"""The furniture of pages: running heads and feet, and the numbers of pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from reslib.extractors.papers.typelines import TypeLine

__all__ = ["furniture_of", "running_line"]

#: Above and below these shares of the height of a page it stands.
_HEAD, _FOOT = 0.86, 0.13
_PAGE_NUMBER = re.compile(
    r"(?:page\s*|seite\s*|s\.\s*|p\.\s*)?[-–—]?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*[-–—]?"
    r"(?:\s*(?:of|/|von)\s*\d+)?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"\b[ivxlc]+\b")


def running_line(text: str) -> str:
    """Return what is the same of a running line on every page: its words, numbers as signs."""
    return re.sub(r"\d+", "#", _ROMAN.sub("#", " ".join(text.lower().split())))[:60]


def furniture_of(pages: Sequence[Sequence[TypeLine]]) -> set[int]:
    """Return the ids (:func:`id`) of lines that are furniture.

    Parameters
    ----------
    pages
        The lines of every page.
    """
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    at_edge: list[list[TypeLine]] = []
    for number, lines in enumerate(pages):
        outer = sorted(lines, key=lambda line: line.baseline)
        those = {id(line) for line in (*outer[:2], *outer[-2:])}
        edge = [
            line
            for line in lines
            if not _FOOT < line.baseline / max(1, line.height) < _HEAD or id(line) in those
        ]
        at_edge.append(edge)
        for line in edge:
            seen[running_line(line.text), round(line.baseline / 6)].add(number)
    found: set[int] = set()
    few = len(pages) <= 4
    for lines, edge in zip(pages, at_edge, strict=True):
        if not edge:
            continue
        top = max(line.baseline for line in lines)
        bottom = min(line.baseline for line in lines)
        for line in edge:
            words, row = running_line(line.text), round(line.baseline / 6)
            on = seen[words, row] | seen.get((words, row - 1), set())
            on = on | seen.get((words, row + 1), set())
            is_outermost = line.baseline >= top - 3 or line.baseline <= bottom + 3
            if (
                len(on) >= 3
                or (few and len(on) >= 2)
                or (is_outermost and _PAGE_NUMBER.fullmatch(line.text))
            ):
                found.add(id(line))
    return found
