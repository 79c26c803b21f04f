"""The numbers that count the lines of a draft, taken off its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reslib.extractors.papers.typelines import TypeLine

__all__ = ["without_counted", "without_counts"]

_NUMBER = re.compile(r"(\d{1,4})(?:\s+|$)")
#: Numbers of a page, at least; of one where the count of the page before goes on; and how many of
#: them may be missing between two.
_FEWEST, _FEWEST_GOING_ON, _MOST_PASSED = 8, 2, 3
#: Numbers at the beginning of a page with which the count may begin.
_STARTS = 4


def without_counted(lines: list[TypeLine]) -> list[TypeLine]:
    """Return the lines of a page without the numbers that count them, where they are counted.

    Parameters
    ----------
    lines
        In drawn order. Lines of which nothing but their number is left are left out.
    """
    return _without(lines, None)[0]


def without_counts(pages: Iterable[list[TypeLine]]) -> list[list[TypeLine]]:
    """Return the lines of all pages without the numbers that count them.

    Parameters
    ----------
    pages
        The lines of each. A page of few lines is known by the count of the page before, which goes
        on there.
    """
    found: list[list[TypeLine]] = []
    last: int | None = None
    for lines in pages:
        kept, last = _without(lines, last)
        found.append(kept)
    return found


def _without(lines: list[TypeLine], before: int | None) -> tuple[list[TypeLine], int | None]:
    """Return the lines of a page without their numbers, and the last of them."""
    numbered = [_NUMBER.match(line.text) for line in lines]
    values = [int(match[1]) for match in numbered if match]
    best = max((_count(values, first) for first in values[:_STARTS]), default=(0, 0))
    goes_on = before is not None and 0 < -best[1] - before <= _MOST_PASSED
    fewest, share = (_FEWEST_GOING_ON, 0.25) if goes_on else (_FEWEST, 0.4)
    if best[0] < max(fewest, share * len(lines)):
        return lines, None
    last = -best[1] - 1
    kept = []
    for line, match in zip(lines, numbered, strict=True):
        if match and 0 < int(match[1]) - last <= _MOST_PASSED:
            last = int(match[1])
            line.text = line.text[match.end() :]
            line.plain = re.sub(r"^\d{1,4}(?:\s+|$)", "", line.plain)
        if line.text:
            kept.append(line)
    return kept, last


def _count(values: list[int], first: int) -> tuple[int, int]:
    """Return how many numbers go on from the first, and that with its sign turned."""
    count, last = 0, first - 1
    for value in values:
        if 0 < value - last <= _MOST_PASSED:
            count, last = count + 1, value
    return count, -first
