"""The passwords of a pool: which of them are tried for a document.

They are in no database, log, message or ``repr``. A worker asks for them when a document has turned
out to be protected.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from reslib.documents.walk import Pattern
from reslib.errors import printable
from reslib.formats.inner import outermost

__all__ = ["GivenPasswords", "Passwords"]

logger = logging.getLogger(__name__)

_Several: TypeAlias = "str | Iterable[str]"
#: What a pool takes: see :class:`Passwords`.
GivenPasswords: TypeAlias = (
    "_Several | Mapping[str, _Several] | Callable[[Path], _Several | None] | None"
)


class Passwords:
    """The passwords that are tried to open protected documents.

    Parameters
    ----------
    given
        Passwords, tried for every protected document; a mapping of patterns to passwords; or a
        function of the path of a document, which is called by several threads.

    Raises
    ------
    ValueError
        It is nothing of that kind; the message shows no password.
    """

    def __init__(self, given: GivenPasswords = None) -> None:
        self._ask: Callable[[Path], _Several | None] | None = None
        self._of_patterns: list[tuple[Pattern, tuple[str, ...]]] = []
        self._always: tuple[str, ...] = ()
        if given is None:
            return
        if isinstance(given, Mapping):
            for text, passwords in given.items():
                self._of_patterns.append((_pattern(text), _checked(passwords)))
        elif callable(given):
            self._ask = given
        else:
            self._always = _checked(given)

    def __repr__(self) -> str:
        return "<passwords>"

    def of(self, path: str) -> tuple[str, ...]:
        """Return what to try for a document, each once.

        Parameters
        ----------
        path
            Where it is, absolute.
        """
        # Of a document inside another also the file that it is in.
        places = {str(Path(place)).lstrip("/") for place in (path, outermost(path))}
        found = [*self._always]
        for pattern, passwords in self._of_patterns:
            if any(map(pattern.matches, places)):
                found += passwords
        if self._ask is not None:
            try:
                found += _checked(self._ask(Path(path)) or ())
            except Exception as error:  # what it says may hold a password
                logger.warning(
                    "%s: the function that gives passwords raised %s, so none is tried",
                    printable(Path(path).name),
                    type(error).__name__,
                )
        return tuple(dict.fromkeys(found))


def _pattern(text: object) -> Pattern:
    if not isinstance(text, str):
        raise ValueError(
            f"a pattern of passwords is text, such as 'exams/*.pdf', not {type(text).__name__}"
        )
    return Pattern(text[1:] if text.startswith("/") else f"**/{text}")


def _checked(given: object) -> tuple[str, ...]:
    """Return passwords without the empty ones, which are tried in any case."""
    passwords = (given,) if isinstance(given, str) else given
    wrong = "passwords are a list of texts, a dict of patterns and such lists, or a function"
    if isinstance(passwords, bytes) or not isinstance(passwords, Iterable):
        raise ValueError(f"{wrong}; this is {type(passwords).__name__}")
    found = []
    for password in passwords:
        if not isinstance(password, str):
            raise ValueError(f"{wrong}; one of these is {type(password).__name__}")
        if not _is_storable(password):
            raise ValueError("a password holds half a character (a surrogate)")
        found += [password] * bool(password)
    return tuple(found)


def _is_storable(password: str) -> bool:
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True
