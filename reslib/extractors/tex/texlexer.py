r"""The source of TeX as tokens, one after the other; every place is looked at a bounded number of
times, whatever the source is.

Comments are no tokens. A blank line is one, a paragraph. What has to be found further on (the end
of an argument, of a formula, of a listing) is searched for within :class:`Lexer`'s patience: the
characters that may be looked at in vain, in all.
"""

from __future__ import annotations

import re
from enum import Enum, auto

__all__ = ["Kind", "Lexer"]


class Kind(Enum):
    """The kinds of tokens."""

    TEXT = auto()
    SPACE = auto()
    PARAGRAPH = auto()
    #: A backslash and letters; the value is the letters, with a star where one follows.
    WORD = auto()
    #: A backslash and one other character.
    SIGN = auto()
    OPEN = auto()
    CLOSE = auto()
    #: One of ``[ ] $ & ~``.
    SPECIAL = auto()
    END = auto()


_KINDS = {
    "space": Kind.SPACE,
    "word": Kind.WORD,
    "sign": Kind.SIGN,
    "open": Kind.OPEN,
    "close": Kind.CLOSE,
    "special": Kind.SPECIAL,
    "text": Kind.TEXT,
}
_BLANK = r" \t\n\r\f\v"
_TOKEN = re.compile(
    rf"(?P<text>[^\\%{{}}\[\]$&~{_BLANK}]++(?: [^\\%{{}}\[\]$&~{_BLANK}]++)*+)"
    rf"|(?P<space>[{_BLANK}]++)"
    r"|\\(?P<word>[A-Za-z]++\*?)"
    r"|\\(?P<sign>.?)"
    r"|(?P<open>\{)|(?P<close>\})|(?P<special>[\[\]$&~])"
    r"|(?P<comment>%[^\n]*+(?:\n[ \t]*+)?+)",
    re.DOTALL,
)
#: What may stand between a command and its argument.
_GAP = re.compile(r"(?:[ \t\r\f\v]++|%[^\n]*+(?:\n|\Z)|\n(?![ \t\r]*+(?:\n|\Z)))*+")
_BRACES = re.compile(r"(?:[^\\%{}\n]++|\\.|%[^\n]*+(?:\n[ \t]*+)?+)*+([{}\n]|\Z)", re.DOTALL)
_BLANK_LINE = re.compile(r"\n[ \t\r]*+\n")
_OPTION = re.compile(r"\[((?:[^\[\]\n]|\n(?![ \t\r]*+\n)){0,2000}+)\]")
_RAW = re.compile(r"\{([^{}\n]{0,2000}+)\}")
_CONDITION = re.compile(r"(?:[^\\%]++|%[^\n]*+|\\(?!if[a-z@]|else|fi).)*+(?:\\([a-z@]++)|\Z)", re.S)
#: Of inline formulas, which end with their paragraph.
_DOLLAR = re.compile(r"(?:[^\\$\n%]++|\\.|%[^\n]*+|\n(?![ \t\r]*+\n))*+\$", re.DOTALL)
_LEAST_PATIENCE = 1_000_000
#: A command in one line, such as ``\verb``, is not longer.
_LONGEST_LINE = 10_000


class Lexer:
    """Gives the tokens of one source.

    Parameters
    ----------
    text
        The source, with lines ended by a line feed only.
    folder
        Where the file of the source lies, below the folder of the document.
    """

    __slots__ = ("_missing", "_patience", "folder", "position", "text")

    def __init__(self, text: str, folder: str = "") -> None:
        self.text, self.folder = text, folder
        self.position = 0
        self._patience = 10 * len(text) + _LEAST_PATIENCE
        self._missing: set[str] = set()

    def next(self) -> tuple[Kind, str]:
        """Return the next token: its kind, and its characters without the backslash."""
        after_comment = False
        while match := _TOKEN.match(self.text, self.position):
            self.position = match.end()
            name = match.lastgroup or ""
            if name == "comment":
                after_comment = True
                continue
            value = match[name]
            if name == "space" and value.count("\n") > (0 if after_comment else 1):
                return Kind.PARAGRAPH, value
            return _KINDS[name], value
        return Kind.END, ""

    def peek(self) -> str:
        """Return the next character; empty at the end."""
        return self.text[self.position : self.position + 1]

    def ahead(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what a bounded pattern matches here, and go behind it."""
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def gap(self) -> None:
        """Go to the argument of a command: behind blanks, one line end and comments."""
        match = _GAP.match(self.text, self.position)
        if match:
            self.position = match.end()

    def option(self) -> str | None:
        """Return what stands in square brackets here; None when nothing does."""
        match = self.ahead(_OPTION)
        if match:
            return match[1]
        start = self.position
        if self.text.startswith("[{", start):  # in braces, because it has brackets in it
            self.position += 1
            content = self.group()
            if content is not None and self.peek() == "]":
                self.position += 1
                return content
            self.position = start
        return None

    def raw(self) -> str | None:
        """Return a short argument as it is written: a name, a key, an address."""
        match = self.ahead(_RAW)
        return match[1] if match else self.group()

    def group(self, *, long: bool = False) -> str | None:
        """Return what stands between the brace here and its other one.

        Parameters
        ----------
        long
            Whether it may have blank lines in it.

        Returns
        -------
        str or None
            None, and nothing is passed, when there is no brace or no other one.
        """
        if self.peek() != "{" or self._patience <= 0:
            return None
        depth, place, end = 0, self.position, len(self.text)
        while match := _BRACES.match(self.text, place):
            place = match.end()
            if match[1] == "{":
                depth += 1
            elif match[1] == "}":
                depth -= 1
                if not depth:
                    content = self.text[self.position + 1 : place - 1]
                    self.position = place
                    return content
            elif place >= end or (not long and _BLANK_LINE.match(self.text, place - 1)):
                break
        self._patience -= place - self.position
        return None

    def until(self, mark: str) -> str | None:
        """Return what stands before the next *mark*, and go behind that; None without one."""
        end = -1 if mark in self._missing else self.text.find(mark, self.position)
        if end < 0:
            self._missing.add(mark)
            return None
        content = self.text[self.position : end]
        self.position = end + len(mark)
        return content

    def formula(self) -> str | None:
        """Return what stands before the dollar that ends a formula; None when none does."""
        if self._patience <= 0:
            return None
        match = _DOLLAR.match(self.text, self.position)
        if match is None:
            blank = _BLANK_LINE.search(self.text, self.position)
            end = blank.start() if blank else len(self.text)
            self._patience -= end - self.position
            return None
        self.position = match.end()
        return match[0][:-1]

    def quoted(self) -> str | None:
        """Return what stands between two of the same character, as after ``\\verb``."""
        mark, start = self.peek(), self.position + 1
        if not mark or mark.isalnum() or mark in " \t\n*":
            return None
        end = self.text.find(mark, start, start + _LONGEST_LINE)
        content = self.text[start:end] if end >= 0 else "\n"
        if "\n" in content:
            return None
        self.position = end + 1
        return content

    def branch(self) -> str:
        r"""Go behind the ``\else`` or ``\fi`` that ends what does not count.

        Returns
        -------
        str
            ``"else"``, ``"fi"``, or nothing, and nothing is passed, when neither is there.
        """
        depth, place = 0, self.position
        while self._patience > 0 and (match := _CONDITION.match(self.text, place)):
            place = match.end()
            name = match[1]
            if name is None:
                self._patience -= place - self.position
                break
            if name == "fi" or (name == "else" and not depth):
                if not depth:
                    self.position = place
                    return name
                depth -= 1
            elif name.startswith("if") and name != "iff":
                depth += 1
        return ""

    def coming(self, most: int) -> str:
        """Return the plain characters that come next on the line, at most so many."""
        return re.split(
            r"[\\{}$&%\n]", self.text[self.position : self.position + most], maxsplit=1
        )[0].replace("~", " ")
