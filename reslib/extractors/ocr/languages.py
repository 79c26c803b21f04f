"""The language of a document that is read by OCR: named by people, or found on its first page.

The model of another language gets most words and hardly a sentence right; all models at once get
fewer than the right one. Function words survive a wrong model: they name the language (0.34 to 0.42
of the words of a page against 0.19 at most for the next one).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reslib.extractors.ocr.greekwords import GREEK
from reslib.extractors.pdf.confidence import function_word_shares
from reslib.extractors.pdf.hyphens import HYPHEN_MARK

__all__ = ["NAMES", "Languages", "spoken"]

#: The languages whose function words are known, in their order, by tesseract's names.
_KNOWN = ("eng", "deu", "fra", "spa", "ita", "por", "nld")
#: What people call them.
NAMES = {
    **{"eng": "English", "deu": "German", "fra": "French", "spa": "Spanish", "ita": "Italian"},
    **{"por": "Portuguese", "nld": "Dutch", "rus": "Russian", "ell": "Greek", "ukr": "Ukrainian"},
    **{"bul": "Bulgarian", "heb": "Hebrew", "ara": "Arabic", "jpn": "Japanese", "kor": "Korean"},
    **{"chi_sim": "Chinese", "tha": "Thai", "hin": "Hindi"},
}
#: The languages of a script as tesseract names it, those that are most written first.
_SCRIPTS = {
    "Cyrillic": ("rus", "ukr", "bul", "srp", "bel", "mkd"),
    "Greek": ("ell", "grc"),
    "Hebrew": ("heb", "yid"),
    "Arabic": ("ara", "fas", "urd"),
    "Japanese": ("jpn",),
    "Hangul": ("kor",),
    "Korean": ("kor",),
    "Han": ("chi_sim", "chi_tra", "jpn"),
    "Thai": ("tha",),
    "Devanagari": ("hin", "mar", "nep"),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Fraktur": ("deu_latf", "frk", "Fraktur"),
}
_LATIN = ("eng", "deu", "fra", "spa", "ita", "por", "nld")
#: Fewer words name no language; nor do function words that are fewer than this share of them.
_FEW_WORDS, _FEW = 30, 0.15


def spoken(text: str) -> str | None:
    """Return the language that the function words of a text are of; None when that is not clear."""
    shares = function_word_shares(text.replace(HYPHEN_MARK, ""), _FEW_WORDS)
    if shares is None:
        return None
    best = Counter(dict(zip(_KNOWN, shares, strict=True))).most_common(1)[0]
    return best[0] if best[1] > _FEW else None


class Languages:
    """The languages with which the pages of one document are read.

    Parameters
    ----------
    installed
        Those that there are.
    asked
        Those that people named, None when they left it to be found out.

    Attributes
    ----------
    settled
        What the document is read with, once that is known.
    missing
        Languages that it needs and that are not installed.
    """

    def __init__(self, installed: Sequence[str], asked: Sequence[str] | None) -> None:
        self._installed = tuple(installed)
        self.missing: list[str] = []
        self.settled: str | None = None
        if asked is not None:
            there = [each for each in asked if each in self._installed]
            self.missing = [each for each in asked if each not in self._installed]
            if there:
                self.settled = "+".join(there)
        #: Whether it is worth a try to look for Greek words where none were asked for.
        self.may_have_greek_words = asked is None and GREEK in self._installed

    @property
    def has_greek_words(self) -> bool:
        """True when Greek is one of several languages that the pages are read with."""
        named = (self.settled or "").split("+")
        return len(named) > 1 and GREEK in named

    @property
    def current(self) -> str:
        """The languages that the next page is read with, as tesseract takes them."""
        if self.settled is not None:
            return self.settled
        return next((each for each in _LATIN if each in self._installed), self._installed[0])

    def other(self, text: str) -> str | None:
        """Return the language that a page which was read with :attr:`current` seems to be in, when
        that is another one; note it as missing when it is not there.
        """
        if self.settled is not None:
            return None
        found = spoken(text)
        if found is None or found == self.current:
            return None
        if found not in self._installed:
            if found not in self.missing:
                self.missing.append(found)
            return None
        return found

    def of_script(self, script: str) -> list[str]:
        """Return the installed languages of a script, the likeliest two; note what is missing."""
        named = _SCRIPTS.get(script, ())
        there = [each for each in named if each in self._installed]
        if named and not there and named[0] not in self.missing:
            self.missing.append(named[0])
        return there[:2]

    def of_other_scripts(self) -> list[str]:
        """Return one installed language of each script but Latin."""
        firsts = (
            next((each for each in named if each in self._installed), None)
            for named in _SCRIPTS.values()
        )
        return list(dict.fromkeys(each for each in firsts if each is not None))
