"""Other spellings of what a person typed, under which the same word may stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["spellings"]

# ruff: noqa: RUF001 - characters that look alike are the subject

#: A hyphen between letters: a line may have ended there, and the word was put together.
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=[^\W\d_])")
#: So many hyphens are left out one by one; of a longer text all or none.
_FEW = 5
#: An apostrophe between letters that stands for the okina, hamza or ayn, which searches leave
#: out: hawai'i. Not that of "he'll" and "l'air", which would become other words.
_APOSTROPHE = re.compile(
    r"(?<=[^\W\d_])(?<!\b[cdjlmnstCDJLMNST])(?<!\b[qQ]u)['’‘](?=[^\W\d_])(?!(?:s|t|d|m|ll|re|ve)\b)"
)
#: The number of atoms and the charge of an ion, which a text parts: SO42- is SO4^2-.
_ION = re.compile(r"\b((?:[A-Z][A-Za-z\d]{0,20})?[A-Za-z]\d)(\d[-+\u2212\u2013])(?!\w)", re.ASCII)


def spellings(typed: str) -> Iterator[str]:
    """Yield the other spellings of a word or of words in quotes.

    Examples
    --------
    >>> list(spellings("meta-analysis")), list(spellings("hawai'i")), list(spellings("SO42-"))
    (['metaanalysis'], ['hawaii'], ['SO4 2-'])
    """
    hyphens = list(_HYPHEN.finditer(typed))
    if hyphens:
        yield _HYPHEN.sub("", typed)
    if 1 < len(hyphens) <= _FEW:
        for hyphen in hyphens:
            yield typed[: hyphen.start()] + typed[hyphen.end() :]
    if _APOSTROPHE.search(typed):
        yield _APOSTROPHE.sub("", typed)
    if _ION.search(typed):
        yield _ION.sub(r"\1 \2", typed)
