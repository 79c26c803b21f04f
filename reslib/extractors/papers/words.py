"""The words by which the parts of a paper are known, in several languages."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

__all__ = [
    "ABSTRACT",
    "ADDRESS",
    "INTRODUCTION",
    "KEYWORDS",
    "MONTH",
    "REFERENCES",
    "alike",
    "folded",
]

ABSTRACT = re.compile(
    r"\s*(?:\d\.?\s*)?(?:abstract|summary|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|zusammenfassung"
    r"|kurzfassung|r[ée]sum[ée]|resumen|resumo|riassunto|sommario|samenvatting)\b[\s.:—–-]*",
    re.IGNORECASE,
)
KEYWORDS = re.compile(
    r"\s*(?:(?:additional\s+)?key\s?-?words?(?:\s+and\s+phrases)?|index\s+terms|subject\s+terms"
    r"|schl(?:ü|u¨)sselw(?:ö|o¨)rter|mots[\s-]cl[ée]s|palabras\s+clave|palavras[\s-]chave"
    r"|parole\s+chiave|ccs\s+concepts)\b\s*[.:—–-]?\s*",
    re.IGNORECASE,
)
INTRODUCTION = re.compile(
    r"\s*(?:(?:1|I)\.?\s+)?(?:introduction|background|statement of need|motivation|einleitung"
    r"|einf(?:ü|u¨)hrung|introducci[óo]n|introduzione|introdu[çc][ãa]o|inleiding)\s*\.?",
    re.IGNORECASE,
)
REFERENCES = re.compile(
    r"\s*(?:\d{1,2}\.?\s+|[IVX]+\.\s+)?(?:references?(?:\s+(?:and\s+notes|cited))?|bibliography"
    r"|literature\s+cited|works\s+cited|literatur(?:verzeichnis)?|r[ée]f[ée]rences"
    r"|bibliographie|referencias|bibliograf[íi]a|refer[êe]ncias|riferimenti)\s*:?",
    re.IGNORECASE,
)


class _AnyCase:
    """A long list of words, looked for in whatever case.

    Parameters
    ----------
    pieces
        What may stand anywhere, parted by ``|``: one by one they are found sooner than in an
        expression, which tries each at each letter.
    words
        An expression for what begins a word.
    """

    def __init__(self, pieces: str, words: str) -> None:
        self._pieces = pieces.split("|")
        self._words = re.compile(rf"\b(?:{words})")

    def is_in(self, text: str) -> bool:
        """True when one of the words is in a text."""
        small = text.lower()
        return any(map(small.__contains__, self._pieces)) or bool(self._words.search(small))


#: What stands in an address, or in a line of the journal, and in no name.
ADDRESS = _AnyCase(
    "universi|institut|depart|school of|laborator|hospital|facult|fakult|academ|@|http:|https:"
    "|www.|street|germany|france|united kingdom|united states|netherlands|sweden|norway"
    "|switzerland|austria|canada|australia|research group|research unit|division|ministry|agency"
    "|corporation|corresponding|email|e-mail|received|accepted|revised|published|submitted"
    "|reviewer|licence|license|volume|issn|journal|proceedings|conference|workshop|preprint|draft"
    "|arxiv|copyright|©|observator|orcid|member|fellow|society|dated|open access|article"
    "|available|contents lists",
    r"colleg|cent(?:er|re|rum|ro)\b|gmbh\b|inc\b|ltd\b|road\b|usa\b|italy\b|spain\b|china\b"
    r"|japan\b|u\.?k\.?$|vol\.|editor|doi\b|pages?\b|[a-z]{1,2}\d{1,2}\s?\d[a-z]{2}\b|\d{5}\b",
)
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni"
    r"|juli|oktober|dezember)"
)


@lru_cache(256)  # a title is compared with many lines
def folded(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    flat = unicodedata.normalize("NFKD", text).lower()
    return "".join(filter(str.isalnum, flat))


def alike(first: str, second: str) -> float:
    """Return how much two texts have in common, 0 to 1."""
    a, b = folded(first)[:400], folded(second)[:400]
    if a == b:
        return float(bool(a))
    if not a or not b or not 0.6 < len(a) / len(b) < 1.6:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
