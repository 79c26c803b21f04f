"""Greek letters as they are written, in place of those that tesseract confuses them with."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["is_greek", "with_greek_letters"]

_GREEK_WORD = re.compile(r"[\W_]*([\u0370-\u03ff\u00b5]{4,})[\W_]*")
_GREEK_LETTERS = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3,}")
_MICRO = re.compile(
    "(?<=[\u0370-\u03ff\u1f00-\u1fff])\u00b5|\u00b5(?=[\u0370-\u03ff\u1f00-\u1fff])"
)
_TONOS = "\u0301"
#: A breathing, with the accent that it may have.
_BREATHING = re.compile("[\u0313\u0314][\u0300\u0301\u0342]?")
#: Letters of a word of which one may have a breathing: it begins words, also on their second vowel.
_MAY_BREATHE = 2


def is_greek(word: str) -> bool:
    """True when a word is Greek all over: some small letters, one of them with the accent."""
    match = _GREEK_WORD.fullmatch(word)
    if match is None or not match[1][1:].islower():
        return False
    return unicodedata.normalize("NFD", match[1]).count(_TONOS) == 1


def with_greek_letters(text: str) -> str:
    """Return a text with the letter mu for the micro sign beside Greek letters, and with the accent
    where no breathing can be.
    """
    if "\u00b5" in text:
        text = _MICRO.sub("\u03bc", text)
    return _GREEK_LETTERS.sub(lambda match: _with_accent(match[0]), text)


def _with_accent(word: str) -> str:
    head, tail = word[:_MAY_BREATHE], unicodedata.normalize("NFD", word[_MAY_BREATHE:])
    return head + unicodedata.normalize("NFC", _BREATHING.sub(_TONOS, tail))
