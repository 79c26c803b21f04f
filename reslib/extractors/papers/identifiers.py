"""The DOI, arXiv number and year of a paper, as its first page prints them.

No DOI is better than a wrong one: those of data sets, of cited works and of templates are left out,
and one that may go on in the next line is given only when it stands somewhere else as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import MONTH, REFERENCES

__all__ = ["arxiv_of", "doi_in", "doi_of", "year_of"]

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^\[\]`‖]+", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:doi\.org/|\bdoi\b\s*(?:\(\w+\))?\s*[:.]?\s*(?:https?://)?(?:dx\.)?(?:doi\.org/)?)\s*$",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"(doi\.org/|\bdoi:?)\s+(?=10\.)", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(?:https?://|dx\.|doi|article doi|digital object identifier)", re.I)
#: Of archives of data and programs: the paper beside them is another thing.
_ARCHIVES = re.compile(
    r"10\.(?:5281/zenodo|6084/m9|5061/dryad|17605/osf|7910/dvn|1594/pangaea|17632)", re.IGNORECASE
)
#: What templates of publishers leave in its place.
_PLACEHOLDER = re.compile(
    r"nnn|xxx|10\.1145/1122445\.1122456|10\.1000/|10\.1234/|/0+(?:\.0+)*$", re.IGNORECASE
)
_CITING = re.compile(r"^\s*(?:\[\d+\]|\(?\d{1,3}[.)]\s)|\bet al\b|\bpp?\.\s*\d", re.IGNORECASE)
_ARXIV = re.compile(
    r"arXiv:\s*((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(v\d+)?"
    r"(?:\s*\[[\w.-]+\]\s*(\d{1,2}\s+\w{3}\s+((?:19|20)\d\d)))?",
)
_YEAR = r"((?:19|20)\d\d)"
_RANGE = r"\d{1,2}(?:st|nd|rd|th)?(?:\s*[-–—]\s*\d{1,2}(?:st|nd|rd|th)?)?,?\s+"
#: What says the year of a paper, and how well.
_YEARS = (
    (re.compile(rf"published\b[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.95),
    (
        re.compile(
            rf"(?:©|\(c\)|copyright)\s*(?:the\s+authors?\s*(?:\(s\))?,?\s*)?{_YEAR}\b", re.I
        ),
        0.9,
    ),
    (re.compile(rf"\b\d+\s*,\s*[\w.–-]+\s*\({_YEAR}\)"), 0.9),
    (re.compile(rf"\b\d+\s*\({_YEAR}\)\s*[\w.:–-]"), 0.9),
    (re.compile(rf"\bvol(?:ume|\.)?\s*\d+[^\n]{{0,40}}?\b{_YEAR}\b", re.IGNORECASE), 0.9),
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
_ALONE = re.compile(rf"\(?{_YEAR}\)?")


def doi_in(text: str) -> str | None:
    """Return the first DOI in a text, without what ends the sentence; None when there is none."""
    found = _DOI.search(_AFTER_LABEL.sub(r"\1", text))
    return _clean(found.group()) if found else None


def _clean(doi: str) -> str:
    doi = doi.rstrip(".,;:'\"’”*†‡")
    while doi[-1:] in ")]" and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;:")
    return doi


def doi_of(lines: Sequence[TypeLine], stated: Iterable[str]) -> tuple[str, float] | None:
    """Return the DOI that a first page prints for the paper itself, and how sure that is.

    Parameters
    ----------
    lines
        Of the first page.
    stated
        Those that the file states.
    """
    known = {doi.lower() for doi in stated}
    found: dict[str, tuple[str, float]] = {}
    for number, line in enumerate(lines):
        if REFERENCES.fullmatch(line.text):
            break
        text = _AFTER_LABEL.sub(r"\1", line.text)
        before = lines[number - 1].text if number else ""
        for match in _DOI.finditer(text):
            doi = _clean(match.group())
            rank = _rank(line, text, match, before)
            if match.end() == len(text) and number + 1 < len(lines):
                ended = _ended(doi, match.group(), lines[number + 1].text, line)
                rank = rank if ended else 0.0
            if doi.lower() in known:
                rank = 1.0
            if _ARCHIVES.match(doi) or _PLACEHOLDER.search(doi):
                rank = 0.0
            if rank and (doi.lower() not in found or found[doi.lower()][1] < rank):
                found[doi.lower()] = doi, rank
    if not found:
        return None
    best = max(rank for _, rank in found.values())
    first = [(doi, rank) for doi, rank in found.values() if rank == best]
    return first[0] if len(first) == 1 else None


def _rank(line: TypeLine, text: str, match: re.Match[str], before: str) -> float:
    """Return how sure it is that a DOI is that of the paper; 0 when it is not at all."""
    labelled = _LABEL.search(text[: match.start()]) is not None
    if not labelled and match.start() == 0:
        labelled = _LABEL.search(before) is not None
    share = line.baseline / max(1.0, line.height)
    at_edge = share > 0.84 or share < 0.14
    if _CITING.search(text[: match.start()]) and not at_edge:
        return 0.0
    alone = _BEGINS.match(text) is not None and len(text) - len(match.group()) < 40
    if labelled:
        # In a sentence stands that of a work that is cited.
        return 0.95 if at_edge or alone else 0.0
    return 0.8 if at_edge else 0.0


def _ended(doi: str, written: str, after: str, line: TypeLine) -> bool:
    """True when a DOI at the end of a line is whole."""
    if written[-1:] in "./-_(":
        return written[-1:] == "." and after[:1].isupper()
    return not re.match(r"[\d._/()-]", after) or len(line.text) < 40


def arxiv_of(text: str) -> tuple[str, str | None] | None:
    """Return the arXiv number that stands beside a paper, and its year; None when none does."""
    for match in _ARXIV.finditer(text):
        stamp = match[2] or match[3]
        if not stamp:
            continue  # a work that is cited
        number = match[1]
        year = match[4]
        if year is None and number[:2].isdigit() and "." in number:
            year = f"20{number[:2]}"
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
    for line in lines:
        if len(line.text) > 400 or not _HAS_YEAR.search(line.text):
            continue
        for form, sure in _YEARS:
            for match in form.finditer(line.text):
                year = int(match[1]) if match.groups() else int(match.group()[:4])
                if best is None or sure > best[1]:
                    best = year, sure
        alone = _ALONE.fullmatch(line.text.strip())
        if alone and (best is None or best[1] < _SURE_ALONE):
            best = int(alone[1]), _SURE_ALONE
    return best
