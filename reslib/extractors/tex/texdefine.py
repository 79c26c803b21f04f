r"""Definitions and conditions of TeX, which are no text: passed, noted as far as they matter."""

from __future__ import annotations

import re
from collections.abc import Callable

from reslib.extractors.tex.texwalk import Walker
from reslib.extractors.tex.texwords import CONDITIONS, DEFINITIONS

__all__ = ["COMMANDS", "unknown"]

_NAME = re.compile(r"[ \t]{0,9}\{?[ \t]{0,9}\\(?:[A-Za-z@]{1,60}|.)[ \t]{0,9}\}?")
_DEFINED = re.compile(r"[ \t]{0,9}\\(?:[A-Za-z@]{1,60}|.)[^{}%\n]{0,200}")
_LET = re.compile(
    r"[ \t]{0,9}\\(?:[A-Za-z@]{1,60}|.)[ \t]{0,9}=?[ \t]{0,9}(?:\\(?:[A-Za-z@]{1,60}|.)|\S)?"
)
_NEW_CONDITION = re.compile(r"[ \t]{0,9}\{?\\if([A-Za-z@]{1,60})\}?")
_LINE = re.compile(r"[^\n]{0,200}")
_COMMAND = re.compile(r"[ \t]{0,9}\\(?:csname[^\\{}\n]{0,80}\\endcsname|[A-Za-z@]{1,60}|.)")
_STREAM = re.compile(
    r"[ \t]{0,4}-?(?:\d{1,3}|\\[A-Za-z@]{1,60})[ \t]{0,4}"
    r"(?:=[^\s\\{}]{1,200}|to[ \t]{0,4}\\[A-Za-z@]{1,60})?"
)
_PROGRAM = re.compile(
    r"(?:[^\\]++|\\(?!makeatother|begin|section).){0,300}?\\makeatother", re.DOTALL
)
_EQUALS = re.compile(r"[ \t]{0,4}=?[ \t]{0,4}")
_GERMAN = re.compile(r"\b(?:n?german|n?germanb|austrian|naustrian)\b")
#: How many arguments in braces follow the name that is defined; one where nothing is said.
_BODIES = {
    **dict.fromkeys(
        "newcounter newsavebox newlength newdimen newcount newtoks newskip newbox "
        "AtBeginDocument AtEndDocument AtEndPreamble AfterPreamble AfterEndPreamble "
        "AfterEndDocument".split(),
        0,
    ),
    **dict.fromkeys(
        "newenvironment renewenvironment NewDocumentCommand RenewDocumentCommand newacronym "
        "ProvideDocumentCommand DeclareDocumentCommand DeclarePairedDelimiter acrodef".split(),
        2,
    ),
    **dict.fromkeys("NewDocumentEnvironment titlespacing newfloat newlist".split(), 3),
    "titleformat": 4,
}


def _package(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    options = lexer.option() or ""
    lexer.gap()
    named = lexer.raw() or ""
    lexer.gap()
    lexer.option()
    if _GERMAN.search(options if name != "usepackage" or "babel" in named else named):
        walker.german = True


def _define(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    if name in ("def", "edef", "gdef", "xdef"):
        lexer.ahead(_DEFINED)
        lexer.group(long=True)
    elif name in ("let", "futurelet"):
        lexer.ahead(_LET)
    elif name in ("font", "mathchardef"):
        lexer.ahead(_LINE)
    elif name == "newif":
        found = lexer.ahead(_NEW_CONDITION)
        if found:
            walker.conditions[found[1]] = False
    elif name == "newtheorem":
        _define_theorem(walker)
    else:
        if lexer.ahead(_NAME) is None:
            lexer.group(long=True)
        for _ in range(_BODIES.get(name, 1) + 1):
            lexer.gap()
            while lexer.option() is not None:
                lexer.gap()
            if _ < _BODIES.get(name, 1):
                lexer.group(long=True)


def _define_theorem(walker: Walker) -> None:
    lexer = walker.lexer
    environment = lexer.raw() or ""
    lexer.gap()
    lexer.option()
    lexer.gap()
    walker.theorems[environment.strip()] = walker.piece(lexer.raw() or "")
    lexer.gap()
    lexer.option()


def _condition(walker: Walker, name: str, starred: bool) -> None:
    """Read a condition: of the document's own flags what holds, of others both branches."""
    lexer = walker.lexer
    holds = walker.conditions.get(name[2:]) if len(name) > 2 else None
    if name in ("iftrue", "iffalse"):
        holds = name == "iftrue"
    if name == "if" and lexer.text.startswith(("0", "1"), lexer.position):
        lexer.position += 1
        holds = False  # \if0 and \if1 compare with what comes after, which they are not the same as
    for _ in range(CONDITIONS.get(name, 0)):
        lexer.ahead(_COMMAND)
    if holds is False:
        if lexer.branch() != "else":
            return
        holds = None
    walker.branches.append(holds)


def _else(walker: Walker, name: str, starred: bool) -> None:
    if walker.branches and walker.branches[-1]:
        walker.branches.pop()
        walker.lexer.branch()
    walker.lexer.gap()


def _fi(walker: Walker, name: str, starred: bool) -> None:
    if walker.branches:
        walker.branches.pop()
    walker.lexer.gap()


def unknown(walker: Walker, name: str) -> bool:
    r"""Read a command of a condition of the document's own: ``\ifdraft``, ``\drafttrue``.

    Returns
    -------
    bool
        False when it is none.
    """
    for end, value in (("true", True), ("false", False)):
        if name.endswith(end) and name.removesuffix(end) in walker.conditions:
            walker.conditions[name.removesuffix(end)] = value
            walker.lexer.gap()
            return True
    if name.startswith("if") and name[2:] in walker.conditions:
        _condition(walker, name, False)
        return True
    return False


def _stream(walker: Walker, name: str, starred: bool) -> None:
    r"""Pass what reads and writes files, or starts a program (``\write18``)."""
    walker.lexer.ahead(_STREAM)
    if name == "write":
        walker.lexer.group(long=True)


def _setting(walker: Walker, name: str, starred: bool) -> None:
    """Pass a setting of plain TeX that is a list of tokens, or goes on to the end of the line."""
    if name == "settabs":
        walker.lexer.ahead(_LINE)
        return
    walker.lexer.ahead(_EQUALS)
    walker.lexer.group(long=True)


def _code(walker: Walker, name: str, starred: bool) -> None:
    r"""Pass what stands between ``\makeatletter`` and ``\makeatother``: a program."""
    walker.lexer.ahead(_PROGRAM)


#: Commands that define something or ask for something.
COMMANDS: dict[str, Callable[[Walker, str, bool], None]] = {
    **dict.fromkeys(DEFINITIONS, _define),
    **dict.fromkeys((*CONDITIONS, "iftrue", "iffalse"), _condition),
    **dict.fromkeys(("else", "or"), _else),
    "fi": _fi,
    **dict.fromkeys(("headline", "footline", "output", "everypar", "settabs"), _setting),
    **dict.fromkeys(("makeatletter", "makeatother"), _code),
    **dict.fromkeys(("write", "read", "openin", "openout", "closein", "closeout"), _stream),
    **dict.fromkeys(
        ("usepackage", "documentclass", "documentstyle", "RequirePackage"),
        _package,
    ),
}
