"""The form of Unicode of a text: by a mark, or by what its first bytes decode to.

Text in UTF-16 or UTF-32 without a byte order mark is told by decoding it both ways: in the wrong
order of bytes, and in texts that are something else, most characters are unassigned, private,
control characters or rare ideographs.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

__all__ = ["unicode_encoding"]

_BOMS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
#: So many bytes are decoded to tell the order of bytes.
_SAMPLE = 4096
#: Controls that texts have, as bytes: tab, line feed, form feed, carriage return, escape.
_BLANKS = b"\t\n\f\r\x1b"
_CONTROLS = bytes(set(range(32)) - set(_BLANKS))
#: A text in UTF-8 has fewer control characters than this; a text in UTF-16 that happens to be
#: valid UTF-8 has one in every second byte.
_MANY_CONTROLS = 0.1

#: What a character tells of a text: those of alphabets and common ideographs speak for it.
_LETTER, _COMMON, _RARE, _NONE = 2.0, 1.5, -1.0, -5.0
#: The mean over the characters of a text that is taken for one, and how much more that must be
#: than the mean in the other order of bytes.
_ENOUGH, _LEAD = 0.9, 0.5
#: More characters than this share that no text has, and it is none.
_NONSENSE = 0.02
_IDEOGRAPHS = ("gb2312", "big5", "shift_jis", "euc_kr")
_LATIN = b" abcdefghijklmnopqrstuvwxyz"
#: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic; of India to Georgia; Ethiopic; Khmer and
#: Mongolian; accented Latin and Greek; punctuation and syllables of Japanese.
_ALPHABETS = re.compile(
    "[\x20-\u06ff\u0900-\u10ff\u1200-\u137f\u1780-\u18af\u1e00-\u1fff\u3000-\u30ff]"
)
#: Letters of formulas, emoji, more ideographs.
_BEYOND = re.compile("[\U0001d400-\U0001d7ff\U0001f000-\U0001faff\U00020000-\U000323af]")
_KANA = re.compile("[\u3041-\u30fe]")
_HANGUL = re.compile("[\uac00-\ud7a3]")


def unicode_encoding(head: bytes) -> str | None:
    """Return the form of Unicode that the first bytes of a text show.

    Either by a byte order mark or, for UTF-16 and UTF-32 without one, by what they decode to.

    Parameters
    ----------
    head
        The first few kilobytes.

    Returns
    -------
    str or None
        A name for :func:`codecs.lookup`; None when nothing shows. Names that end with ``le``
        or ``be`` were told without a mark.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:_SAMPLE]
    if len(sample) < 4 or (sample.isascii() and not _has_controls(sample, 0)):
        return None
    if not sample[3::4].strip(b"\0") or not sample[0::4].strip(b"\0"):
        shown = _order_of_bytes(sample, "utf-32-le", "utf-32-be", 4)
        if shown is not None:
            return shown
    # A carriage return alone is the half of a letter of Malayalam.
    controls = _has_controls(sample.replace(b"\r\n", b"\n").replace(b"\r", b"\0"), _MANY_CONTROLS)
    if not controls and _is_utf8(sample):
        return None
    shown = _order_of_bytes(sample, "utf-16-le", "utf-16-be", 2)
    if shown is None or controls:
        return shown
    # No blank, no letter of an alphabet: it could as well be an encoding of two bytes for each
    # character. Hangul is left to those, since EUC-KR looks like it.
    return shown if _is_common(sample, shown) else None


def _has_controls(sample: bytes, share: float) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROLS)) > share * len(sample)


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3  # a character cut by the end of the sample
    return True


def _order_of_bytes(sample: bytes, first: str, second: str, width: int) -> str | None:
    """Return which of two orders of bytes gives a text, None when neither does."""
    whole = sample[: len(sample) // width * width]
    if len(whole) < 2 * width:
        return None
    one, other = _score(whole, first), _score(whole, second)
    best, encoding = max((one, first), (other, second))
    return encoding if best >= _ENOUGH and abs(one - other) >= _LEAD else None


def _score(data: bytes, encoding: str) -> float:
    """Return what the characters tell on average when the bytes are read so."""
    try:
        text = data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:  # beyond the last character of Unicode
        return _NONE
    if "\ud800" <= text[-1] <= "\udbff":  # a character cut by the end of the sample
        text = text[:-1]
    counts = Counter(text)
    nonsense = sum(number for char, number in counts.items() if _worth(char) == _NONE)
    if nonsense > len(text) * _NONSENSE:
        return _NONE
    return sum(_worth(char) * number for char, number in counts.items()) / max(1, len(text))


@lru_cache(4096)
def _worth(char: str) -> float:
    if char in "\t\n\f\r\ufeff":
        return _LETTER
    category = unicodedata.category(char)
    if category in ("Cc", "Cn", "Co", "Cs"):
        return _NONE
    if "\u3400" <= char <= "\u9fff":
        return _COMMON if _is_ideograph(char) else _RARE
    if char <= "\uffff" and not ord(char) & 0xFF:
        return _RARE  # a small number in the other order of bytes
    if _ALPHABETS.match(char):
        return _LETTER
    if "\uac00" <= char <= "\ud7a3" or "\uff00" <= char <= "\uff9f" or "\u2010" <= char <= "\u22ff":
        return _COMMON
    return _COMMON if _BEYOND.match(char) else _RARE


def _is_ideograph(char: str) -> bool:
    """True when it is one of the ideographs of the national standards, which texts are made of."""
    for encoding in _IDEOGRAPHS:
        try:
            char.encode(encoding)
        except UnicodeEncodeError:
            continue
        return True
    return False


def _is_common(sample: bytes, encoding: str) -> bool:
    """True when every character is a common one of Chinese or Japanese, and no pair of letters."""
    if len(sample) < 8 or len(sample.translate(None, _LATIN)) < 0.65 * len(sample):
        return False
    japanese = sample.decode("cp932", "replace")
    if len(_KANA.findall(japanese)) > len(japanese) / 5:
        return False
    text = sample[: len(sample) // 2 * 2].decode(encoding, "ignore")
    return not _HANGUL.search(text) and all(_worth(char) > 0 for char in set(text))
