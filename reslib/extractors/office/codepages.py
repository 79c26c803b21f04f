"""The code pages of old Office files and of Outlook: by their numbers, and by languages."""

from __future__ import annotations

import codecs

__all__ = ["of_language", "of_number"]

#: Of Windows, by the primary language ([MS-LCID]); all others write Western European.
_OF_LANGUAGES = {
    **dict.fromkeys((0x02, 0x19, 0x22, 0x23, 0x2F), "cp1251"),
    **dict.fromkeys((0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C, 0x24), "cp1250"),
    **{0x01: "cp1256", 0x08: "cp1253", 0x0D: "cp1255", 0x1F: "cp1254", 0x2A: "cp1258"},
    **dict.fromkeys((0x25, 0x26, 0x27), "cp1257"),
    **{0x04: "gbk", 0x11: "cp932", 0x12: "cp949", 0x1E: "cp874"},
}
#: Chinese of Taiwan, Hong Kong and Macau.
_TRADITIONAL = {0x0404: "big5", 0x0C04: "big5", 0x1404: "big5"}
#: Numbers of Windows that are not the names of encodings with ``cp`` before them.
_OF_NUMBERS = {
    **{65001: "utf-8", 1200: "utf-16-le", 20127: "ascii", 936: "gbk", 54936: "gb18030"},
    **{20866: "koi8-r", 21866: "koi8-u", 50220: "iso-2022-jp", 50221: "iso-2022-jp"},
    **{50222: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr", 52936: "hz", 10000: "mac-roman"},
    **{28590 + part: f"iso-8859-{part}" for part in (*range(1, 10), 13, 15)},
}


def of_language(number: int) -> str:
    """Return the encoding in which a program of a language writes.

    Parameters
    ----------
    number
        Of the language and the country, as Windows counts them.
    """
    return _TRADITIONAL.get(number) or _OF_LANGUAGES.get(number & 0x3FF, "cp1252")


def of_number(number: int) -> str | None:
    """Return the encoding that a code page of Windows is; None when it is not known.

    Parameters
    ----------
    number
        Of the code page.
    """
    name = _OF_NUMBERS.get(number) or f"cp{number}"
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return name
