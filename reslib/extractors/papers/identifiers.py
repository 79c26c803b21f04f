"""The arXiv number and the year of a paper, as its first page prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import MONTH

__all__ = ["arxiv_of", "year_of"]

_ARXIV = re.compile(
    r"arXiv:\s*((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(v\d+)?"
    r"(?:\s*(?:\[[\w.-]+\]\s*)?(\d{1,2}\s+\w{3}\s+((?:19|20)\d\d)))?",
)
_YEAR = r"((?:19|20)\d\d)"
_RANGE = r"\d{1,2}(?:st|nd|rd|th)?(?:\s*[-–—]\s*\d{1,2}(?:st|nd|rd|th)?)?,?\s+"
#: What says the year of a paper, and how well.
_YEARS = (
    # The volume and the pages that are cited: what is put online or copyrighted comes before.
    (re.compile(rf"\bvol(?:ume|\.)?\s*\d+[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.97),
    (re.compile(rf"\b{_YEAR}\s*,\s*vol(?:ume|\.)?\s*\d+", re.IGNORECASE), 0.97),
    (re.compile(rf"\({_YEAR}\)\s*\d+\s*(?:\(\w+\)\s*)?[:,]\s*\w?\d"), 0.97),
    (re.compile(rf"\b{_YEAR}\s*;\s*\d+\s*(?:\(\w+\))?\s*:"), 0.97),
    (re.compile(rf"\b\d+\s*,\s*[\w.–-]+\s*\({_YEAR}\)"), 0.97),
    (re.compile(rf"\b\d+\s*\({_YEAR}\)\s*[\w.:–-]"), 0.97),
    (re.compile(rf"\b\d+\s*,\s*{_YEAR}\s*,\s*\w?\d+\s*[–-]\s*\w?\d+"), 0.97),
    (re.compile(rf"\b{_YEAR}\s*,\s*\d+\s*,\s*\w?\d+\b"), 0.96),
    (re.compile(rf"\bpp?\.\s*\w?\d+\s*[–-]\s*\w?\d+,\s*{_YEAR}\b"), 0.97),
    (re.compile(rf"publi(?:shed|cation date)\b[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.95),
    (
        re.compile(
            rf"(?:©|\(c\)|copyright)\s*(?:the\s+authors?\s*(?:\(s\))?,?\s*)?{_YEAR}\b", re.I
        ),
        0.9,
    ),
    (re.compile(rf"(?:©|copyright)[^\n\d]{{0,60}}\b{_YEAR}\b", re.IGNORECASE), 0.88),
    (re.compile(rf"\({_YEAR}\)\s*\."), 0.85),
    (
        re.compile(
            rf"(?:proceedings|conference|workshop|symposium)\b[^\n]{{0,80}}?\b{_YEAR}\b", re.I
        ),
        0.8,
    ),
    (re.compile(rf"\b{MONTH}\.?\s+(?:{_RANGE})?{_YEAR}\b", re.IGNORECASE), 0.75),
    (re.compile(r"\b(?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])[-/]\d{1,2}\b"), 0.7),
    (re.compile(rf"accepted\b[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.7),
    (re.compile(rf"received\b[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.6),
)
_HAS_YEAR = re.compile(r"(?:19|20)\d\d")
_SURE_ALONE = 0.86
#: A date that goes on in the next line of a narrow column.
_GOES_ON = re.compile(rf"\bpublished\b\W*(?:online\W*)?\d{{0,2}}\W*(?:{MONTH})?\W*$", re.IGNORECASE)
_ALONE = re.compile(rf"\(?{_YEAR}\)?")


def arxiv_of(text: str) -> tuple[str, str | None] | None:
    """Return the arXiv number that stands beside a paper, and its year; None when none does."""
    if "arXiv:" not in text:
        return None
    for match in _ARXIV.finditer(" ".join(text.split())):
        stamp = match[2] or match[3]
        if not stamp:
            continue  # a work that is cited
        number = match[1]
        year = match[4]
        if year is None:
            digits = number.rpartition("/")[2]  # those of before April 2007 begin with a field
            year = f"{19 if digits[:2] > '90' and '/' in number else 20}{digits[:2]}"
        return number, year
    return None


def year_of(lines: Sequence[TypeLine], body: float) -> tuple[int, float] | None:
    """Return the year of a paper that its first page prints, and how sure that is.

    Parameters
    ----------
    lines
        Those of the first page that are no prose: head, foot, what is above the text.
    body
        The size of the text.
    """
    best: tuple[int, float] | None = None
    for number, line in enumerate(lines):
        text = line.text
        after = lines[number + 1] if number + 1 < len(lines) else None
        if after is not None and _GOES_ON.search(text) and not _HAS_YEAR.search(text):
            text = f"{text} {after.text}"
        if len(text) > 400 or not _HAS_YEAR.search(text):
            continue
        for form, sure in _YEARS:
            for match in form.finditer(text):
                year = int(match[1]) if match.groups() else int(match.group()[:4])
                if best is None or sure > best[1]:
                    best = year, sure
        alone = _ALONE.fullmatch(line.text.strip())
        if alone and (best is None or best[1] < _SURE_ALONE):
            best = int(alone[1]), _SURE_ALONE
    return best
