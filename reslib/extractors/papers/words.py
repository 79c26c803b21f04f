"""The words by which the parts of a paper are known, in several languages."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

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

    In small letters: with ``re.IGNORECASE`` each word is tried at each letter, without it only
    those that begin with it.
    """

    def __init__(self, words: str) -> None:
        self._words = re.compile(words)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first of the words in a text, None when none is there."""
        return self._words.search(text.lower())


#: What stands in an address, or in a line of the journal, and in no name.
ADDRESS = _AnyCase(
    r"universi|institut|depart|school of|\bcolleg|laborator|hospital|\bcent(?:er|re|rum|ro)\b"
    r"|facult|fakult|\bgmbh\b|\binc\b|\bltd\b|academ|@|https?:|www\.|street|\broad\b|\busa\b"
    r"|germany|france|\bitaly\b|\bspain\b|\bchina\b|\bjapan\b|united (?:kingdom|states)|\bu\.?k\.?$"
    r"|netherlands|sweden|norway|switzerland|austria|canada|australia|research (?:group|unit)"
    r"|division|ministry|agency|corporation|corresponding|e-?mail|received|accepted|revised"
    r"|published|submitted|\beditor|reviewers?|licen[sc]e|volume|\bvol\.|issn|\bdoi\b|journal"
    r"|proceedings|conference|workshop|preprint|draft|arxiv|copyright|©|observator|orcid"
    r"|member|fellow|society|dated|open access|article|\bpages?\b|available|contents lists"
    r"|\b[a-z]{1,2}\d{1,2}\s?\d[a-z]{2}\b|\b\d{5}\b"
)
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni"
    r"|juli|oktober|dezember)"
)


def folded(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    flat = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in flat if c.isalnum())


def alike(first: str, second: str) -> float:
    """Return how much two texts have in common, 0 to 1."""
    a, b = folded(first)[:400], folded(second)[:400]
    if a == b:
        return float(bool(a))
    if not a or not b or not 0.6 < len(a) / len(b) < 1.6:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
