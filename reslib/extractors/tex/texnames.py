r"""Letters in the notation of TeX, as people read and type them: ``M{\"u}ller`` is *Müller*.

Only what stands for characters is replaced: accents, letters that have a name, ties, dashes and
escaped signs, and in bibliographies the braces that protect capitals inside a word, short formulas
and styles (:mod:`~reslib.extractors.tex.texsymbols`). Other formulas, listings, addresses and all
other commands are left as they are.
"""

from __future__ import annotations

import re
import unicodedata

from reslib.extractors.tex.texsymbols import without_styles

__all__ = ["letter_at", "readable"]

#: Accents by their command (The TeXbook, chapter 9; LaTeX 2e, §3.3.1), as combining characters.
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "textcommabelow": "\u0326",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_NAMED = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textasciitilde": "~",
}
_LISTINGS = (
    "verbatim|Verbatim|lstlisting|minted|alltt|comment|tabbing|tikzpicture|filecontents|equation"
    "|align|alignat|flalign|gather|multline|eqnarray|displaymath|math"
)
#: What is left as it is, after its first character. One that is never ended goes on to the end,
#: or to the next paragraph, so that each place is looked at once.
_KEPT_COMMANDS = (
    r"\\"
    rf"|begin\{{(?P<listing>(?:{_LISTINGS})\*?)\}}.*?(?:\\end\{{(?P=listing)\}}|\Z)"
    r"|(?:verb|lstinline)\*?(?P<bar>[^\w\s*{])[^\n]*?(?:(?P=bar)|$)"
    r"|(?:url|href|path|nolinkurl|input|include|includegraphics|label|ref|cite\w*)\*?"
    r"(?:\[[^\]\n]*\])?\{[^{}\n]*\}"
    r"|\(.*?(?:\\\)|\n[ \t]*+\n|\Z)|\[.*?(?:\\\]|\n[ \t]*+\n|\Z)"
)
_DOLLARS = r"\$.*?(?:\$\$|\n[ \t]*+\n|\Z)|.*?(?:\$|\n[ \t]*+\n|\Z)"
_LETTER = r"[^\W\d_]|\\[ij](?![A-Za-z])"
_SPACE = r"[ \t]{0,4}"
#: What stands behind the backslash of a letter that is written as a command.
_SPELT = (
    r"(?:(?P<accent>[\"'`^~=.])|(?P<command>[cvuHkdbr]|textcommabelow)(?![A-Za-z]))"
    rf"{_SPACE}(?:\{{{_SPACE}(?P<braced>{_LETTER}){_SPACE}\}}"
    rf"|(?P<bare>{_LETTER})(?:(?<=\\[ij])[ \t]+|\{{\}})?)"
    rf"|(?P<named>{'|'.join(sorted(_NAMED, key=len, reverse=True))})(?![A-Za-z@])"
    r"(?:\{\}|[ \t]+(?=[^\W\d_]))?"
)
_TOKEN = re.compile(
    # A set of first characters, which the engine skips to; what follows depends on which it is.
    r"[\\{$~:\-](?:"
    rf"(?<=\\)(?P<kept>{_KEPT_COMMANDS})"
    r"|(?:(?P<open>(?<=\{)\\)|(?<=\\))"
    rf"(?:{_SPELT})(?(open){_SPACE}\}})"
    r"|(?<=\\)(?P<escaped>[&%_#$])"
    r"|(?<=\\)(?P<nothing>[-/])"
    rf"|(?<=\$)(?:{_DOLLARS})"
    r"|(?<=:)//[^\s{}]*"
    r"|(?<=~)(?<!\\~)(?P<tie>)"
    r"|(?<=-)(?<!--)(?P<dash>--?)(?!-)"
    r")",
    re.DOTALL | re.MULTILINE,
)
_AT = re.compile(rf"\\(?:{_SPELT})")
#: An accent on a letter with an accent.
_NESTED_AT = re.compile(
    r"\\(?:[\"'`^~=.]|[cvuHkdbr](?![A-Za-z])) {0,4}"
    r"\{[^{}\n]{1,12}(?:\{[^{}\n]{1,4}\})?[^{}\n]{0,4}\}"
)
_NESTED = re.compile(rf"\\[\"'`^~=.]{_SPACE}\{{?[^\x00-\x7f]")
#: Braces inside a word, which keep BibTeX from changing its case; what such braces are not part of.
_PROTECTED = re.compile(r"\{([^\W_]+)\}")
_COMMAND = re.compile(r"(?:\\[A-Za-z]+\*?|@\w+)\Z")


def readable(text: str, *, bibliography: bool = False) -> str:
    r"""Return a text in which what TeX writes as commands for letters is letters.

    Parameters
    ----------
    text
        The source of a document or of a bibliography.
    bibliography
        Whether braces inside words only protect their case, and formulas are parts of titles.

    Examples
    --------
    >>> readable(r"M{\"u}ller and {\L}ukasz, p.~12, $\o = 1$")
    'Müller and Łukasz, p. 12, $\\o = 1$'
    """
    if bibliography:
        text = without_styles(text)
    if "\\" in text or "~" in text or "--" in text:
        text = _TOKEN.sub(_character, text)
        if _NESTED.search(text):
            text = _TOKEN.sub(_character, text)  # an accent on a letter with an accent
    if bibliography:
        text = _PROTECTED.sub(_unprotected, text)
    return text


def letter_at(text: str, start: int) -> tuple[str, int] | None:
    r"""Return the letter that a command at *start* stands for, and where the command ends.

    Parameters
    ----------
    text
        The source.
    start
        The place of the backslash.

    Returns
    -------
    tuple or None
        None when the command stands for no letter.

    Examples
    --------
    >>> letter_at(r"{\'{\i}}", 1)
    ('í', 7)
    """
    match = _AT.match(text, start)
    if match:
        return _character(match), match.end()
    match = _NESTED_AT.match(text, start)
    if match:
        letter = readable(match[0])
        if not set(letter) & set("\\{"):
            return letter, match.end()
    return None


def _character(match: re.Match[str]) -> str:
    accent = match["accent"] or match["command"]
    if accent:
        letter = (match["braced"] or match["bare"]).removeprefix("\\")
        return unicodedata.normalize("NFC", letter + _ACCENTS[accent])
    if match["named"]:
        return _NAMED[match["named"]]
    found = match.groupdict()
    if found["dash"]:
        return "–" if found["dash"] == "-" else "—"
    if found["tie"] is not None:
        return " "
    if found["nothing"]:
        return ""
    return found["escaped"] or match[0]


def _unprotected(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if not (before.isalpha() or after.isalpha() or before == "}" or after == "{"):
        return match[0]
    if _COMMAND.search(text[max(0, start - 30) : start]):
        return match[0]  # the argument of a command
    return match[1]
