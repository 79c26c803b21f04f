"""The control words of RTF: characters, destinations, and the code pages of fonts."""

from __future__ import annotations

import codecs
import re

__all__ = [
    "ANSI_CHARSET",
    "BOXES",
    "CHARACTERS",
    "CHARSETS",
    "CODE_PAGES",
    "DESCRIBED",
    "FILE_NAME",
    "INFO",
    "KNOWN",
    "LEFT_OUT",
    "LIST_TEXTS",
    "ORDER",
    "PARTS",
    "STATED",
    "SYMBOLS",
    "SYMBOLS_CHARSET",
    "code_page",
    "stated_time",
]

#: Words that are a character, and signs that are one behind a backslash.
CHARACTERS = {
    "par": "\n",
    "sect": "\n",
    "page": "\n",
    "column": "\n",
    "line": "\n",
    "softline": "\n",
    "row": "\n",
    "nestrow": "\n",
    "tab": "\t",
    "cell": "\t",
    "nestcell": "\t",
    "emdash": "\u2014",
    "endash": "\u2013",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "\u2022",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "zwj": "\u200d",
    "zwnj": "\u200c",
    "zwbo": "\u200b",
}
SYMBOLS = {"~": "\xa0", "-": "\xad", "_": "-", "\n": "\n", "\r": "\n", "\t": "\t"}
#: Destinations that are parts of the text, and which; in the order of those of Word's packages.
PARTS = {
    "footnote": "footnotes",
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
}
ORDER = ("header", "body", "footer", "footnotes")
#: Destinations that a reader who does not know them passes over (``\*``), and that hold text.
KNOWN = frozenset(
    "shpinst shpgrp shptxt do dptxbxtext nesttableprops ud fldinst moMath moMathPara "
    "company".split()
)
#: Destinations in which there is nothing to read.
LEFT_OUT = frozenset(
    "annotation atnid atnauthor atndate atnref atnicn colortbl stylesheet filetbl listtable "
    "listoverridetable revtbl rsidtbl pict objdata objclass objname nonshppict shprslt sp sn sv "
    "datafield private template nextfile xe tc tcn rxe bkmkstart bkmkend pntxta pntxtb "
    "nonesttables shppict themedata colorschememapping latentstyles datastore generator xmlnstbl "
    "mmathPict userprops ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn background fontemb panose "
    "falt ffname ffdeftext ffformat ffhelptext ffstattext ffentrymcr ffexitmcr ffl".split()
)
#: Those of them that may say what a picture or a shape shows, and what is no word for it.
DESCRIBED = frozenset({"pict", "shppict", "sp"})
FILE_NAME = re.compile(r"[^\n]*\.(?:png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|eps|pdf)", re.IGNORECASE)
#: What a document states of itself: what is kept under which key, and what is not.
STATED = {
    "title": "title",
    "author": "author",
    "keywords": "keywords",
    "subject": "subject",
    "doccomm": "description",
    "company": "company",
}
INFO = frozenset(
    "operator manager category comment hlinkbase creatim revtim printim buptim "
    "version vern edmins nofpages nofwords nofchars nofcharsws id".split()
)
#: Code pages of fonts (specification, ``\fcharset``); 2 is a font of symbols.
CHARSETS = {
    77: "mac_roman",
    78: "cp932",
    79: "cp949",
    80: "gb18030",
    81: "cp950",
    85: "mac_greek",
    86: "mac_turkish",
    88: "mac_latin2",
    89: "mac_cyrillic",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
SYMBOLS_CHARSET, ANSI_CHARSET = 2, 0
#: Groups that hold the text of a box that is drawn, and the number or sign before a list's item.
BOXES = ("shptxt", "dptxbxtext")
LIST_TEXTS = ("listtext", "pntext")
#: Code pages by the words that the document begins with, and those that Python names otherwise.
CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
NUMBERED = {932: "cp932", 936: "gb18030", 10000: "mac_roman", 10007: "mac_cyrillic"}


def code_page(number: int | None) -> str | None:
    """Return Python's codec for a code page of Windows, None when there is none.

    Parameters
    ----------
    number
        Its number.
    """
    if number is None:
        return None
    name = NUMBERED.get(number, f"cp{number}")
    try:
        info = codecs.lookup(name)
    except LookupError:
        return None
    return info.name


#: Beyond this no document states when it was written.
_INFORMATION = 1 << 20
_PARTS_OF_TIME = re.compile(rb"\\(yr|mo|dy|hr|min)(\d{1,4})(?!\d)")


def stated_time(data: bytes, word: bytes) -> str:
    """Return a time that a document states, in the form of ISO 8601; empty when it does not.

    Parameters
    ----------
    data
        The document.
    word
        Which time: ``b"creatim"``, ``b"revtim"``.
    """
    at = data.find(b"\\" + word + b"\\", 0, _INFORMATION)
    if at < 0:
        return ""
    stated = data[at : at + 100].partition(b"}")[0]
    parts = {name.decode(): int(value) for name, value in _PARTS_OF_TIME.findall(stated)}
    if parts.get("yr", 0) < 1000 or not parts.get("mo") or not parts.get("dy"):
        return ""
    day = f"{parts['yr']:04}-{parts['mo']:02}-{parts['dy']:02}"
    return f"{day}T{parts['hr']:02}:{parts.get('min', 0):02}" if "hr" in parts else day
