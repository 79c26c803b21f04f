"""Answers that cost something in a large library, asked for no more often than they can be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Sparingly"]

T = TypeVar("T")

#: Asking takes a twenty-first of the time at most.
_REST = 20


class Sparingly(Generic[T]):
    """The last answer to a question, which is asked again when what it depends on has changed.

    Not before asking took less than a twentieth of the time since: an answer about a hundred
    thousand jobs may be some seconds old, and those about a hundred never are.

    Parameters
    ----------
    value
        The answer before the first time.
    """

    def __init__(self, value: T) -> None:
        self._value = value
        self._key: object = object()
        self._not_before = 0.0

    def get(self, key: object, ask: Callable[[], T]) -> T:
        """Return the answer.

        Parameters
        ----------
        key
            What it depends on.
        ask
            Gives it.
        """
        began = time.monotonic()
        if key != self._key and began >= self._not_before:
            self._value, self._key = ask(), key
            ended = time.monotonic()
            self._not_before = ended + _REST * (ended - began)
        return self._value
