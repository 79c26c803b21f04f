"""The check of numbers that people give."""

from __future__ import annotations

import math
import operator
from numbers import Real
from typing import SupportsIndex, cast

from reslib.errors import printable

__all__ = ["is_whole", "seconds_to_wait", "shown", "whole"]


def shown(value: object) -> str:
    """Return a value on one short line, for a message."""
    text = printable(repr(value))
    return text if len(text) <= 100 else f"{text[:99]}…"


def is_whole(value: object) -> bool:
    """True when *value* counts as a whole number (:pep:`357`), as one of NumPy does."""
    try:
        operator.index(cast(SupportsIndex, value))
    except TypeError:
        return False
    return True


def whole(name: str, value: object, smallest: int | None = None) -> int:
    """Return a whole number.

    Parameters
    ----------
    name
        Of the argument, for the message.
    value
        What was given for it. True is not the number 1.
    smallest
        The least that it may be.

    Raises
    ------
    TypeError, ValueError
        It is none, or too small.
    """
    if isinstance(value, bool) or not is_whole(value):
        raise TypeError(f"{name} is a whole number, not {shown(value)} ({type(value).__name__})")
    number = operator.index(cast(SupportsIndex, value))
    if smallest is not None and number < smallest:
        raise ValueError(f"{name} is a whole number, {smallest} or more, not {shown(value)}")
    return number


def seconds_to_wait(value: object) -> float:
    """Return a *timeout*; one longer than any number is infinite.

    Raises
    ------
    TypeError, ValueError
        It is no number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        kind = type(value).__name__
        raise TypeError(f"timeout is a number of seconds, not {shown(value)} ({kind})")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf if value == abs(value) else -math.inf
    if math.isnan(seconds):
        raise ValueError("timeout is a number of seconds, not nan")
    return seconds
