"""The settings of a pool: which values are valid."""

from __future__ import annotations

from reslib.extractors.base import Extractor
from reslib.extractors.registry import available_extractors

__all__ = ["check_seconds", "check_whole", "extractor_named"]


def check_whole(name: str, value: object, smallest: int) -> None:
    """Raise :class:`ValueError` unless *value* is a whole number, *smallest* or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be a whole number, at least {smallest}, not {value!r}")


def check_seconds(name: str, value: object) -> None:
    """Raise :class:`ValueError` unless *value* is a positive number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{name} must be a positive number of seconds, not {value!r}")


def extractor_named(name: str) -> Extractor:
    """Return an extractor.

    Raises
    ------
    ValueError
        None has that name.
    """
    known = {extractor.name: extractor for extractor in available_extractors()}
    if name not in known:
        raise ValueError(f"no extractor is called {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]
