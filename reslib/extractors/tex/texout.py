"""The text of a paper as it is written: spaces, lines and paragraphs between its pieces."""

from __future__ import annotations

import re

from reslib.extractors.raised import CONTEXT, join_raised, line_end

# ruff: noqa: RUF001, RUF002 - characters that look alike are meant

__all__ = ["Nowhere", "Out", "flat", "typeset"]

_BETWEEN = ("", " ", "\n", "\n\n")
_SPACE, _LINE, _PARAGRAPH = 1, 2, 3
#: So many pieces are put together at once, so that many small ones do not fill the memory.
_MANY = 4096
_BLANKS = re.compile(r"\s+")
_LIGATURES = re.compile(r"(?<!-)---?(?!-)|``|''|[?!]`|[`']|,,")
_LIGATURE = {
    "--": "–",
    "---": "—",
    "``": "“",
    "''": "”",
    "?`": "¿",
    "!`": "¡",
    "`": "‘",
    "'": "’",
    ",,": "„",
}
#: Shorthands of German.
_GERMAN = re.compile(r'"([aouAOUsSzZ`\'<>=~|-])')
_GERMAN_SIGNS = dict(
    zip("aouAOUsSzZ`'<>=~|-", "ä ö ü Ä Ö Ü ß SS ß SZ „ “ « » - -".split(), strict=False)
)


class Out:
    """Text that is written piece by piece. What is between two pieces is settled by the second."""

    __slots__ = ("_between", "_done", "_parts")

    def __init__(self) -> None:
        self._done: list[str] = []
        self._parts: list[str] = []
        self._between = 0

    def write(self, text: str) -> None:
        """Write a piece, after the space, line or paragraph that was asked for."""
        if not text:
            return
        if self._between:
            if self._parts:
                self._parts.append(_BETWEEN[self._between])
            self._between = 0
        self._parts.append(text)
        if len(self._parts) > _MANY:
            self._done.append("".join(self._parts[:-16]))
            del self._parts[:-16]

    def is_empty(self) -> bool:
        """True when nothing was written."""
        return not self._parts

    def space(self) -> None:
        """Part what comes from what was, in one line."""
        self._between = max(self._between, _SPACE)

    def join(self) -> None:
        """Take back a space that was asked for."""
        if self._between == _SPACE:
            self._between = 0

    def line(self) -> None:
        """Begin a line."""
        self._between = max(self._between, _LINE)

    def paragraph(self) -> None:
        """Begin a paragraph."""
        self._between = _PARAGRAPH

    def tail(self) -> str:
        """Return the end of the line that is being written."""
        if self._between >= _LINE:
            return ""
        return line_end(self._parts) + _BETWEEN[self._between]

    def raise_(self, text: str, after: str) -> None:
        """Write what stands raised, such as a mark or an exponent.

        Parameters
        ----------
        text
            The raised piece.
        after
            What comes next on the line.
        """
        self.write(join_raised(self.tail(), text, after[:CONTEXT]))

    def text(self) -> str:
        """Return what was written."""
        self._done.append("".join(self._parts))
        self._parts = [self._done[-1][-CONTEXT:]] if self._done[-1] else []
        if self._parts:
            self._done[-1] = self._done[-1][:-CONTEXT]
        return "".join(self._done) + "".join(self._parts)


class Nowhere(Out):
    """Text that nobody reads: what stands before the document begins."""

    __slots__ = ()

    def write(self, text: str) -> None:
        """Drop it."""


def flat(text: str) -> str:
    """Return a text as one line."""
    return _BLANKS.sub(" ", text).strip()


def typeset(text: str, german: bool) -> str:
    """Return plain characters of a source with what TeX makes of them: dashes and quotation marks.

    Parameters
    ----------
    text
        The characters.
    german
        Whether a quotation mark and a letter are an umlaut and the like.

    Examples
    --------
    >>> typeset("``pp.'' 1--2", german=False)
    '“pp.” 1–2'
    """
    if german and '"' in text:
        text = _GERMAN.sub(lambda match: _GERMAN_SIGNS.get(match[1], ""), text)
    return _LIGATURES.sub(lambda match: _LIGATURE[match[0]], text)
