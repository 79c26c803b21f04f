"""The numbers that count the lines of a draft, taken off its lines."""

from __future__ import annotations

import re

from reslib.extractors.papers.typelines import TypeLine

__all__ = ["without_counted"]

_NUMBER = re.compile(r"(\d{1,4})(?:\s+|$)")
#: Numbers of a page, at least, and how many of them may be missing between two.
_FEWEST, _MOST_PASSED = 8, 3
#: Numbers at the beginning of a page with which the count may begin.
_STARTS = 4


def without_counted(lines: list[TypeLine]) -> list[TypeLine]:
    """Return the lines of a page without the numbers that count them, where they are counted.

    Parameters
    ----------
    lines
        In drawn order. Lines of which nothing but their number is left are left out.
    """
    numbered = [_NUMBER.match(line.text) for line in lines]
    values = [int(match[1]) for match in numbered if match]
    best = max((_count(values, first) for first in values[:_STARTS]), default=(0, 0))
    if best[0] < _FEWEST or best[0] < 0.4 * len(lines):
        return lines
    last = -best[1] - 1
    kept = []
    for line, match in zip(lines, numbered, strict=True):
        if match and 0 < int(match[1]) - last <= _MOST_PASSED:
            last = int(match[1])
            line.text = line.text[match.end() :]
            line.plain = re.sub(r"^\d{1,4}(?:\s+|$)", "", line.plain)
        if line.text:
            kept.append(line)
    return kept


def _count(values: list[int], first: int) -> tuple[int, int]:
    """Return how many numbers go on from the first, and that with its sign turned."""
    count, last = 0, first - 1
    for value in values:
        if 0 < value - last <= _MOST_PASSED:
            count, last = count + 1, value
    return count, -first
