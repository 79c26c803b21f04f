"""Cells that are numbers, and cells in which two numbers stand that belong into two."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["begins_with_years", "holds_two_numbers", "is_number", "is_year"]

_NUMBER = re.compile(
    r"[\s(<>≤≥~≈±+\-–−*†‡$€£%]*\d[\d\s.,:/()\[\]%±+\-–−×eE^*†‡§°]*[a-z*†‡§%]{0,3}"
    r"|[–—−-]+|n/?a|\.\.|…|[<>]?\s*[-−–]?\s*\.\d+\**",
    re.IGNORECASE,
)
_TWO = re.compile(r"\d[%)*†]*\s+[-−–(]?(?!\d{3}(?!\d)[^.]?)\d|\d[%)*†]*\s+[-−–(]?\d{3}\.\d")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORD = re.compile(r"[^\W\d_]{4}")


def is_number(text: str) -> bool:
    """True when a cell holds a number, or what stands for one that is missing."""
    return _NUMBER.fullmatch(text) is not None


def holds_two_numbers(text: str) -> bool:
    """True when two numbers stand in a cell, one after the other, and no words."""
    return _TWO.search(text) is not None and _WORD.search(text) is None


def is_year(text: str) -> bool:
    """True when a cell holds a number that may be a year, and nothing else."""
    return _YEAR.fullmatch(text.strip()) is not None


def begins_with_years(rows: Sequence[Sequence[str]]) -> bool:
    """True when the first row of a table has years in it that are the heads of its columns.

    They are numbers, and would be taken for those of the table.
    """
    if len(rows) < 2:
        return False
    years = [at for at, cell in enumerate(rows[0]) if is_year(cell)]
    others = [cell for at, cell in enumerate(rows[0]) if at not in years]
    return (
        len(years) >= 2
        and 0 not in years
        and len({rows[0][at] for at in years}) == len(years)
        and not any(map(is_number, filter(None, others)))
        and not any(is_year(row[at]) for row in rows[1:] for at in years)
    )
