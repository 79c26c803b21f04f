r"""Names out of what a paper says of its authors, in the ways of the usual classes."""

from __future__ import annotations

import re

from reslib.extractors.tex.texcommands import AND
from reslib.extractors.tex.texout import flat

# ruff: noqa: RUF001 - characters that look alike are meant

__all__ = ["authors_of", "keywords_of"]

_MARKS = re.compile(r"(?:[\s,;]*(?:\d{1,3}|[*†‡§¶∗∥#‖]|\[[^\[\]]{0,60}\]|(?<=[\s,])[a-z]))+\Z")
_LEADING = re.compile(r"\A(?:\d{1,3}(?:st|nd|rd|th)?|[*†‡§¶∗])+\s*|\A(?:and|by)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[,;]\s*(?:(?:and|und|et|y|&)\s+)?|\s+(?:and|und|&)\s+")
#: Between names that have marks between them: ``Ann Reed 1,2 and Bo Li 2``.
_MARKED = re.compile(r"(?<=[^\W\d_.])\s*[\d*†‡§¶∗][\d*†‡§¶∗,\s]*(?=[,;]|\s+and\s|\Z|\s+[^\W\d_])")
_NO_NAME = re.compile(
    r"@|\bhttps?:|\b(?:university|universit\w+|department|dept|institut\w*|school|college|laborator\w+"
    r"|faculty|center|centre|inc|street|road|hospital|observatory|academy|team|e-?mail|orcid)\b",
    re.IGNORECASE,
)
#: A macro of somebody's own, which stands for a mark or an address.
_MACRO = re.compile(r"\\[A-Za-z]+(?:\{[^{}]{0,100}\})?")
_JUNIOR = re.compile(r"(?:Jr|Sr|II|III|IV|Ph\.?D|M\.?D)\.?", re.IGNORECASE)
_KEYWORDS = re.compile(r"\s*(?:[;,·•]|\s—\s|\s–\s|\n)\s*")
#: More words than a name has.
_MOST_WORDS = 7


def authors_of(text: str) -> list[str]:
    r"""Return the names in the argument of an ``\author``, as a reader reads it.

    Parameters
    ----------
    text
        With lines, and :data:`~reslib.extractors.tex.texcommands.AND` between authors.

    Examples
    --------
    >>> authors_of("Ann Reed 1 and Bo Li 2\nUniversity of the Sea")
    ['Ann Reed', 'Bo Li']
    """
    names: list[str] = []
    for block in text[:100_000].split(AND):
        lines = [line for line in (flat(line) for line in block.split("\n")) if line]
        # An address stands below the names; names may go on in a second line.
        for number, line in enumerate(lines):
            if number and not lines[number - 1].endswith((",", ";", " and", "&")):
                break
            names += _names_of(line)
    return [name for name in dict.fromkeys(names) if name]


def _names_of(line: str) -> list[str]:
    line = _MARKED.sub(", ", _MACRO.sub(" ", line))
    pieces: list[str] = []
    for piece in _BETWEEN.split(line):
        piece = _MARKS.sub("", _LEADING.sub("", piece.strip())).strip(" ,;.:~")
        if piece and _JUNIOR.fullmatch(piece) and pieces:
            pieces[-1] = f"{pieces[-1]}, {piece}"
        elif _is_name(piece):
            pieces.append(piece)
    return pieces


def _is_name(piece: str) -> bool:
    has_letters = re.search(r"[^\W\d_]", piece) is not None
    return has_letters and len(piece.split()) <= _MOST_WORDS and not _NO_NAME.search(piece)


def keywords_of(text: str) -> list[str]:
    """Return the keywords of a list of them."""
    words = (flat(word).strip(" .") for word in _KEYWORDS.split(text[:20_000]))
    return [word for word in dict.fromkeys(words) if word and len(word) <= 200]
