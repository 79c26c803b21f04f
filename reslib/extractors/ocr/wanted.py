"""The pages of a PDF that want OCR: a picture without words, wrong words, or an old OCR's words.

Never for being short, and never because there is a picture on a page: of 436 pages of ordinary and
of weird PDFs the first alone sent 63 digital ones to OCR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reslib.extraction import OCR
from reslib.extractors.pdf.confidence import PageSignals, ragged_share, says_nothing

__all__ = ["has_old_layer", "wants_ocr", "wishes"]

#: What was not read right is read worse than this.
_DOUBTFUL = 0.5
#: A picture of so much of a page may be the page; of a page without any words, so much.
_LARGE, _SMALL = 0.2, 0.02
#: A picture of more is the page.
_PAGE = 0.5
#: Fewer letters on a picture are no text of its page: a number, a stamp.
_FEW_CHARACTERS = 25
#: What is said of words that are not those that one sees.
_UNMAPPED = "characters without a meaning"
_WRONG = ("the words look wrong", _UNMAPPED)
#: A wrong character map makes nearly all pieces such as nobody writes; 0.3 of them are in a page
#: of identifiers.
_GARBLED = 0.5
#: So much of a text in words with characters that say nothing is worth a look at the page. Signs
#: around words and formulas, such as brackets in several pieces, leave these what they are.
_LOST = 0.1
#: What has more such characters and nothing else is a word, not a sign.
_A_SIGN = 2
_PIECE = re.compile(r"[^ \t\r\n]+")
_UNKNOWN = "\ufffd"
_NUMBERED = re.compile(r"\(cid:\d+\)")
#: Pieces of brackets in fonts of symbols (Adobe's corporate use of Unicode).
_BRACKETS = frozenset(map(chr, range(0xF8E5, 0xF8FF)))


def wishes(
    page: PageSignals, confidence: float, reason: str, options: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the tasks that could read a page better.

    Parameters
    ----------
    page
        What was measured on it.
    confidence, reason
        How it is judged.
    options
        Those of the job: ``ocr`` is True where every page with a picture is to be read.
    """
    if page.blank:
        return ()
    if options.get("ocr") is True and page.image_share > _SMALL:
        return (OCR,)
    return (OCR,) if wants_ocr(page, confidence, reason) or has_old_layer(page) else ()


def wants_ocr(page: PageSignals, confidence: float, reason: str) -> bool:
    """True when the words of a page are none, or not those that one sees."""
    text = page.text.strip()
    if len(text) < _FEW_CHARACTERS:
        return page.image_share > (_SMALL if not text else _LARGE)
    if confidence >= _DOUBTFUL or reason not in _WRONG:
        return False
    if reason == _UNMAPPED:
        return page.image_share > _PAGE or lost_share(text) > _LOST
    # Names of a program's parts are no words either, and are what one sees.
    return page.image_share > _LARGE or ragged_share(text) > _GARBLED


def lost_share(text: str) -> float:
    """Return the share of the characters of a text that are in words of which some say nothing."""
    lost = there = 0
    for piece in _PIECE.findall(_NUMBERED.sub(_UNKNOWN, text)):
        there += len(piece)
        silent = [c for c in piece if says_nothing(c) and c not in _BRACKETS]
        if not silent:
            continue
        inside = set(piece.strip("".join(silent))).intersection(silent)
        is_word = 2 * len(silent) > len(piece) and len(silent) > _A_SIGN
        is_drawn = len(set(silent)) == 1 and _UNKNOWN not in silent  # a line of one sign
        lost += len(piece) if inside or (is_word and not is_drawn) else 0
    return lost / there if there else 0.0


def has_old_layer(page: PageSignals) -> bool:
    """True when the words of a page lie unseen under its picture: an older OCR read them."""
    return page.hidden_share > 0.5 and page.image_share > _PAGE
