"""The traces of fonts in a text: ligatures, loose accents, control characters."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["tidy_glyphs"]

_LIGATURES = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
}  # fmt: skip
#: Accents that TeX's old fonts draw as characters of their own.
_COMBINING = {
    "´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˘": "\u0306",
    "¯": "\u0304", "˙": "\u0307", "˚": "\u030a", "˝": "\u030b", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
_ACCENTS = "".join(_COMBINING)
_LOOSE = re.compile(rf"([^\W\d_])?([{_ACCENTS}])([^\W\d_])?")
_VOWELS = frozenset("aeiouyAEIOUYıȷ")
_DOTLESS = str.maketrans("ıȷ", "ij")
#: The hyphen that some fonts have in place of the common one; at a line's end it may go.
_HYPHEN = re.compile("\u2010(?! ?\n)")
_CONTROL = re.compile(r"[\x00-\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")


def tidy_glyphs(text: str) -> str:
    """Return *text* with ligatures spelled out, loose accents on their letters, no control marks.

    The mark of a line-end hyphen stays; see :mod:`reslib.extractors.pdf.hyphens`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "\x02")
    if not text.isascii():
        text = text.replace("\u2011", "-")
        if "\u2010" in text:
            text = _HYPHEN.sub("-", text)
        for ligature, letters in _LIGATURES.items():
            text = text.replace(ligature, letters)
        if any(accent in text for accent in _ACCENTS):
            text = _LOOSE.sub(_compose, text)
    if text.replace("\n", "").replace("\x02", "").isprintable():
        return text  # as most are
    return _CONTROL.sub("", text)


def _compose(match: re.Match[str]) -> str:
    """Put an accent on the letter it was drawn over.

    TeX draws it before the letter, some publishers' fonts after it. Both letters are at hand:
    the one that takes the accent is a vowel, or the only one that has such a form.
    """
    before, accent, after = match.groups()
    mark = _COMBINING[accent]
    on_before = _with(before, mark)
    on_after = _with(after, mark)
    if on_after and on_before:
        if accent == "¸":  # not a matter of vowels: ç and ş are common, ņ and ŗ are not
            first = before in "cCsStT" and after not in "cCsStT"
            return f"{on_before}{after}" if first else f"{before}{on_after}"
        if before in _VOWELS and after not in _VOWELS:
            return f"{on_before}{after}"
        return f"{before}{on_after}"
    if on_after:
        return f"{before or ''}{on_after}"
    if on_before:
        return f"{on_before}{after or ''}"
    return match.group()


def _with(letter: str | None, mark: str) -> str | None:
    if not letter:
        return None
    composed = unicodedata.normalize("NFC", letter.translate(_DOTLESS) + mark)
    return composed if len(composed) == 1 else None
