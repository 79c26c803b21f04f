"""The metadata that a document states of itself: one key for one thing, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reslib.extractors.assemble import clean
from reslib.extractors.invisible import visible
from reslib.items import Metadata

__all__ = ["Stated", "bare_doi", "names"]

#: More than this of one document is made up, and what is longer is no metadata.
_MOST = 1_000
_MOST_OF_A_KEY = 500
_LONGEST = 10_000
_NOBODY = re.compile(
    r"[(\[]?(?:anonymous|unknown|unspecified|undefined|none|null|n/a|user|author|owner"
    r"|admin(?:istrator)?|microsoft office user|python-docx|openpyxl|apache poi)[)\]]?",
    re.IGNORECASE,
)
_DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi[:\s]\s*)?(10\.\d{4,9}/\S{1,500})", re.IGNORECASE
)


class Stated:
    """Collects what one place of a document states, in its order, each thing once.

    Parameters
    ----------
    source
        What people call the place: ``"core properties"``.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: dict[tuple[str, str], Metadata] = {}
        self._counts: dict[str, int] = {}

    def add(self, key: str, value: object, source: str = "", page: int | None = None) -> None:
        """Take one thing, unless nothing is said by it.

        Parameters
        ----------
        key
            One of the keys that :class:`~reslib.items.Metadata` lists.
        value
            What it is; white space is made one blank, what nobody sees is taken out.
        source
            The place, where it is another than that of the others.
        page
            The number of the page where it stands, from 1.
        """
        words = " ".join(visible(clean(str(value)[: 2 * _LONGEST])).split())[:_LONGEST]
        if key == "doi":
            words = bare_doi(words) or ""
        if not words or (key, words) in self._found or len(self._found) >= _MOST:
            return
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= _MOST_OF_A_KEY:
            self._found[key, words] = Metadata(key, words, source or self._source, page=page)

    def title(self) -> str | None:
        """Return the title that is stated, None when there is none."""
        return self.first("title")

    def first(self, key: str) -> str | None:
        """Return the first thing of a key, None when there is none."""
        return next((one.value for one in self if one.key == key), None)

    def __iter__(self) -> Iterator[Metadata]:
        yield from self._found.values()


def bare_doi(text: str) -> str | None:
    """Return the DOI that a text is, without address or ``doi:``; None when it is none.

    Parameters
    ----------
    text
        Such as ``"https://doi.org/10.1000/182"``.
    """
    found = _DOI.fullmatch(text.strip())
    return found[1] if found else None


def names(text: str) -> list[str]:
    """Return the names in one field, as programs write more than one: with semicolons, or commas.

    Parameters
    ----------
    text
        Such as ``"Ann Reed; Bo Li"``. ``"Reed, Ann"`` is one name: at commas it is parted into
        three names and more, each of several words.
        What programs write when nobody has said who it was is none: ``"(anonymous)"``.
    """
    parts = [part.strip() for part in text.split(";")]
    if len(parts) == 1:
        whole = [part.strip() for part in re.split(r",(?:\s+and\b)?", text)]
        if len(whole) >= 3 and all(1 < len(name.split()) <= 6 for name in whole):
            parts = whole
    return [name for name in parts if name and not _NOBODY.fullmatch(name)]
