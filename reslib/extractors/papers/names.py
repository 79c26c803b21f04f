"""The names of authors in a line of a paper."""

from __future__ import annotations

import re
from functools import lru_cache

from reslib.extractors.papers.typelines import BROKEN, MARK

__all__ = ["names_in", "without_numbers", "without_ranks"]

_NAME = re.compile(
    r"[^\W\d_][\w'’`.\-]*(?:[ \-][^\W\d_][\w'’`.\-]*){1,6}",
)
_SUFFIX = re.compile(r",\s*(Jr\.?|Sr\.?|II|III|IV)\b")
_TITLE = re.compile(
    r"\b(?:(?:Dr|Prof|Mr|Mrs|Ms|Dipl\.?-?Ing)\.(?:\s+(?:Dr|rer|nat)\.)*|Ph\.?\s?D\.?|M\.?\s?Sc\.?|MD|M\.D\.)"
    r"(?=\s|,|$)\s*"
)
#: What the IEEE prints behind names.
_RANKS = re.compile(
    r",?\s*\b(?:(?:Senior |Student |Graduate (?:Student )?|Life )?Member|(?:Life )?Fellow),?\s+"
    r"(?:IEEE|ACM)\b",
    re.IGNORECASE,
)
#: Numbers of people, and addresses for letters, behind a name.
_NUMBERS = re.compile(r"\[?\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b\]?|\S+@\S+")
_MARKS = re.compile(r"[\d∗*†‡§¶‖#✉⇤⋆★☆♠♣◦∥]+|\(\s*\)|\[\s*\]|\\?envelope")
_PARTED = re.compile(
    rf"\s*(?:{MARK}\s*)*[,;·•|]\s*(?:{MARK}\s*)*|\s+(?:and|AND|und|et|y|e)\s+(?=[^\W\d_])|\s*&\s*"
    rf"|\s*{MARK}\s*|\s{{3,}}"
)
_SMALL = frozenset(
    "de da di van von der den la le el del dos du bin ten ter af y e st zu zur zum ibn al della "
    "do das dal degli i und van't't".split()
)
#: Words of titles, headings and addresses that look like names.
_NO_NAME = re.compile(
    r"\b(?:abstract|introduction|keywords?|index|terms|university|department|institute|school"
    r"|review|letters?|physical|physics|report|technical|open|access|article|research|original"
    r"|contents|data|analysis|the|of|for|with|from|using|towards?|software|summary|group|author"
    r"|authors|editor|equal|contribution|version|draft|et al)\b"
    # Of institutions, in the languages of their addresses.
    r"|\b(?:universi\w*|instit\w*|depart\w*|d[ée]part\w*|colleges?|schools?|laborato\w*|hospital\w*"
    r"|cent(?:er|re|rum|ro)|facul\w*|fakult\w*|acad[eé]m\w*|agency|ministry|division|corporation"
    r"|observator\w*|polytechni\w*|politecnico|hochschule|e?scuela|[eé]cole|museum|council"
    r"|administration|commission|compan(?:y|ies)|docket|directives?|cfr"
    r"|technolog\w*|sciences?|ciencias|gmbh|inc|ltd|llc|cnrs|nasa)\b",
    re.IGNORECASE,
)


def without_ranks(text: str) -> str:
    """Return a line of names without what the IEEE prints behind them.

    Parameters
    ----------
    text
        The line.
    """
    capitals = text.upper()
    return _RANKS.sub(" ", text) if "IEEE" in capitals or "ACM" in capitals else text


def without_numbers(text: str, instead: str) -> str:
    """Return a line of names without the numbers of people and the addresses for letters.

    Parameters
    ----------
    text
        The line.
    instead
        What is put in their place.
    """
    return _NUMBERS.sub(instead, text) if "@" in text or text.count("-") > 2 else text


def names_in(text: str) -> list[str]:
    """Return the names in a line, in their order; what is no name is left out.

    Parameters
    ----------
    text
        A line, with :data:`~reslib.extractors.papers.typelines.MARK` in place of raised marks.

    Examples
    --------
    >>> names_in("Ann B. Reed, Bo Li and Carla van der Berg")
    ['Ann B. Reed', 'Bo Li', 'Carla van der Berg']
    >>> names_in("Department of Physics, Uppsala University")
    []
    """
    return list(_names_in(text))


@lru_cache(512)
def _names_in(text: str) -> tuple[str, ...]:
    """Return the names in a line: the same lines are looked at several times."""
    text = re.sub(f"{BROKEN}(?=[^\\W\\d_A-Z])", "", text).replace(BROKEN, "-")
    text = without_numbers(without_ranks(text), " , ")
    text = _MARKS.sub(" , ", _TITLE.sub(" ", text))
    text = _SUFFIX.sub(r" \1", text)
    found = []
    for part in _PARTED.split(text):
        name = re.sub(r"^(?:and|by|und)\s+", "", part.strip(" .,;:()[]{}–—|-"), flags=re.IGNORECASE)
        name = " ".join(name.split())
        if name and _is_name(name):
            found.append(name)
    return tuple(found)


def _is_name(name: str) -> bool:
    parts = name.split()
    if not 4 <= len(name) <= 50 or not 2 <= len(parts) <= 6 or _NO_NAME.search(name):
        return False
    if not _NAME.fullmatch(name):
        return False
    if sum(part[0].isupper() for part in parts) < 2:
        return False
    # One of its words is more than an initial.
    if not any(len(part.strip(".")) > 1 and part[0].isupper() for part in parts):
        return False
    return all(not part.islower() or part.strip(".") in _SMALL for part in parts)
