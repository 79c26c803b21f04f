"""Cells that are numbers, and cells in which two numbers stand that belong into two."""

from __future__ import annotations

import re

__all__ = ["holds_two_numbers", "is_number"]

_NUMBER = re.compile(
    r"[\s(<>≤≥~≈±+\-–−*†‡$€£%]*\d[\d\s.,:/()\[\]%±+\-–−×eE^*†‡§°]*[a-z*†‡§%]{0,3}"
    r"|[–—−-]+|n/?a|\.\.|…|[<>]?\s*[-−–]?\s*\.\d+\**",
    re.IGNORECASE,
)
_TWO = re.compile(r"\d[%)*†]*\s+[-−–(]?(?!\d{3}(?!\d)[^.]?)\d|\d[%)*†]*\s+[-−–(]?\d{3}\.\d")
_WORD = re.compile(r"[^\W\d_]{4}")


def is_number(text: str) -> bool:
    """True when a cell holds a number, or what stands for one that is missing."""
    return _NUMBER.fullmatch(text) is not None


def holds_two_numbers(text: str) -> bool:
    """True when two numbers stand in a cell, one after the other, and no words."""
    return _TWO.search(text) is not None and _WORD.search(text) is None
