"""The DOI that a paper prints for itself on its first page, and none of another work.

No DOI is better than a wrong one. That of the paper stands in its head or foot, beside what tells
of the journal, or where the paper says how it is to be cited. Those of data sets, of cited works,
of footnotes and of templates are left out, and one that may go on in the next line is given only
where it is certain how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import REFERENCES

__all__ = ["doi_in", "doi_of"]

#: Every one begins so.
_BEGIN = "10."
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^\[\]`‖]*", re.IGNORECASE)
#: One that is broken before what may be looked for.
_UNFINISHED = re.compile(r"\b10\.(?:\d{1,9})?$|doi\.org/$")
_LABEL = re.compile(
    r"(?:doi\.org/|\bdoi\b\s*(?:\(\w+\))?\s*[:.]?\s*(?:https?://)?(?:dx\.)?(?:doi\.org/)?"
    r"|digital object identifier\s*:?)\s*$",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"(doi\.org/|\bdoi:)\s+(?=10\.)", re.IGNORECASE)
_ALONE = re.compile(
    r"\W*(?:article\s+)?(?:doi|digital object identifier|https?://|dx\.|10\.\d)", re.IGNORECASE
)
#: Of archives of data and programs: the paper beside them is another thing.
_ARCHIVES = re.compile(
    r"10\.(?:5281/zenodo|6084/m9|5061/dryad|17605/osf|7910/dvn|1594/pangaea|17632|4121|5067)",
    re.IGNORECASE,
)
#: What templates of publishers leave in its place.
_PLACEHOLDER = re.compile(
    r"nnn|xxx|10\.1145/1122445\.1122456|10\.1000/|10\.1234/|/0+(?:\.0+)*$", re.IGNORECASE
)
_CITING = re.compile(r"^\s*(?:\[\d+\]|\(?\d{1,3}[.)]\s)|\bet al\b|\bpp?\.\s*\d", re.IGNORECASE)
#: The number or sign of a footnote, at the line of what it says.
_FOOTNOTE = re.compile(r"\s*(?:\d{1,2}|[*∗†‡§¶]|[a-h])\s?(?=https?:|doi|10\.\d)", re.IGNORECASE)
_MARK = re.compile(r"\d{1,2}|[*∗†‡§¶]|[a-h]")
#: What a sentence says of another thing that has a DOI.
_OF_OTHERS = re.compile(
    r"\b(?:data(?:\s?sets?)?|datasets?|code|software|supplement\w*|supporting information|material"
    r"|archived|deposited|repositor\w+|correction|erratum|corrigendum|comment on|reply|replies"
    r"|original (?:article|paper|publication)|companion|see(?: also)?|version of record)\b",
    re.IGNORECASE,
)
#: What stands on lines that tell of the journal, and in no sentence of a paper.
_ABOUT = re.compile(
    r"©|\(c\)\s*(?:19|20)\d\d|copyright|\bISSN\b|\bISBN\b|\be-?mail"
    r"|\b(?:received|accepted|published|publication)\b[^.]{0,30}\d{4}"
    r"|\bvol(?:ume|\.)?\s*\d|\bno\.\s*\d|\(\d{4}\)\s*\d+\s*[:,(]|\d+\s*,[^,]{1,20}\(\d{4}\)"
    r"|\d\s*\(\d{4}\)|\d{4};\d+|\bjournal\b|\bproceedings\b|\bwww\.|preprint"
    r"|article (?:info|number|no)|\bLNCS\b|\beds?\.\)",
    re.IGNORECASE,
)
#: Where a paper says how it is to be cited.
_CITE_THIS = re.compile(
    r"\W*(?:(?:article\s+|recommended\s+|suggested\s+)?citation\b|(?:how\s+to\s+|to\s+|please\s+)?cite"
    r"\s+(?:this|as)\b|how to cite|acm reference format|reference format)",
    re.IGNORECASE,
)
_MOST_CITE_LINES = 12
#: A longer line is none that people print.
_LONGEST = 1_000
#: Above and below these shares of the height of a page are its head and foot.
_HEAD, _FOOT = 0.84, 0.14


class _Printed(NamedTuple):
    """A DOI in a line, as it is written there, and where it begins."""

    doi: str
    begin: int
    is_whole: bool


def doi_in(text: str) -> str | None:
    """Return the first DOI in a text, without what ends the sentence; None when there is none."""
    found = _DOI.search(_AFTER_LABEL.sub(r"\1", text))
    doi = _clean(found.group()) if found else ""
    return doi if not doi.endswith("/") and doi else None


def _clean(doi: str) -> str:
    doi = doi.rstrip(".,;:'\"’”*†‡")
    while doi[-1:] in ")]" and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;:")
    return doi


def doi_of(
    lines: Sequence[TypeLine], stated: Iterable[str], body: float
) -> tuple[str, float] | None:
    """Return the DOI that a first page prints for the paper itself, and how sure that is.

    Parameters
    ----------
    lines
        Of the first page.
    stated
        Those that the file states.
    body
        The size of the text.
    """
    if not any(_BEGIN in line.text for line in lines):
        return None
    known = {doi.lower() for doi in stated}
    end = next((n for n, line in enumerate(lines) if REFERENCES.fullmatch(line.text)), len(lines))
    lines = lines[:end]
    texts = [
        _AFTER_LABEL.sub(r"\1", line.text) if len(line.text) < _LONGEST else "" for line in lines
    ]
    joined: set[int] = set()
    for number, text in enumerate(texts[:-1]):
        if _UNFINISHED.search(text) and _is_next(lines[number], lines[number + 1]):
            texts[number] = text + lines[number + 1].text.partition(" ")[0]
            joined.add(number)
    citing, whole = _cite_this(lines), _whole(texts)
    found: dict[str, tuple[str, float]] = {}
    for number in [number for number, text in enumerate(texts) if _BEGIN in text]:
        for printed in _printed(lines, texts, number, joined):
            doi = printed.doi
            if _ARCHIVES.match(doi) or _PLACEHOLDER.search(doi) or doi.endswith("/"):
                continue
            rank = 0.97 if number in citing else _rank(lines, texts, number, printed, body)
            if doi.lower() in known:
                rank = 1.0
            elif not printed.is_whole and not whole.get(doi.lower(), set()) - {number}:
                rank = 0.0
            if rank and (doi.lower() not in found or found[doi.lower()][1] < rank):
                found[doi.lower()] = doi, rank
    if not found:
        return None
    best = max(rank for _, rank in found.values())
    first = [(doi, rank) for doi, rank in found.values() if rank == best]
    return first[0] if len(first) == 1 else None


def _printed(
    lines: Sequence[TypeLine], texts: Sequence[str], number: int, joined: set[int]
) -> Iterator[_Printed]:
    """Yield the DOIs of a line; one that goes on in the next line is joined."""
    text = texts[number]
    for match in _DOI.finditer(text):
        written = match.group()
        if number in joined:
            if match.end() < len(text) or written[-1] not in "/-_(.":
                yield _Printed(_clean(written), match.start(), is_whole=True)
            continue
        after = lines[number + 1] if number + 1 < len(lines) else None
        if match.end() < len(text) or after is None or not _is_next(lines[number], after):
            yield _Printed(_clean(written), match.start(), is_whole=True)
            continue
        rest = texts[number + 1].split(maxsplit=1)
        tail = rest[0] if rest else ""
        goes_on = re.fullmatch(r"[\w./()-]*\d[\w./()-]*[.,;)]?", tail) is not None
        if written[-1] in "/-_(" or (written[-1] == "." and goes_on and len(rest) == 1):
            yield _Printed(_clean(written + tail), match.start(), is_whole=goes_on)
        elif written[-1] == "." and not tail[:1].isupper():
            yield _Printed(_clean(written + tail), match.start(), is_whole=False)
        else:
            may_go_on = re.match(r"[./_()-]?\d|[._/-]\w", tail) is not None and len(tail) > 2
            narrow = len(text) < 40 and tail[:1].isdigit() and len(rest) > 1
            yield _Printed(_clean(written), match.start(), is_whole=not may_go_on or narrow)


def _is_next(line: TypeLine, after: TypeLine) -> bool:
    """True when a line goes on in another."""
    return (
        0 < line.lowest - after.baseline < 1.7 * line.size
        and abs(after.size - line.size) < 0.12 * line.size
    )


def _whole(texts: Sequence[str]) -> dict[str, set[int]]:
    """Return the DOIs that do not stand at the end of a line, with the numbers of their lines."""
    found: dict[str, set[int]] = {}
    for number, text in enumerate(texts):
        for match in _DOI.finditer(text):
            if match.end() < len(text):
                found.setdefault(_clean(match.group()).lower(), set()).add(number)
    return found


def _cite_this(lines: Sequence[TypeLine]) -> set[int]:
    """Return the lines in which a paper says how it is to be cited."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if not _CITE_THIS.match(line.text) or number in found:
            continue
        before = line
        for n in range(number, min(len(lines), number + _MOST_CITE_LINES)):
            if n > number and (not _is_next(before, lines[n]) or lines[n].left > line.left + 60):
                break
            found.add(n)
            before = lines[n]
            if _DOI.search(lines[n].text) or lines[n].text.endswith("10."):
                break
    return found


def _rank(
    lines: Sequence[TypeLine], texts: Sequence[str], number: int, printed: _Printed, body: float
) -> float:
    """Return how sure it is that a DOI is that of the paper; 0 when it is not at all."""
    line, text = lines[number], texts[number]
    before = lines[number - 1] if number else None
    if before is not None and _is_mark_of(before, line):
        return 0.0  # of a footnote
    said = text[: printed.begin]
    share = line.baseline / max(1.0, line.height)
    at_head, at_foot = share > _HEAD, share < _FOOT
    if before is not None and not _is_next(before, line):
        before = None
    labelled = _LABEL.search(said) is not None
    if not labelled and not said.strip() and before is not None:
        labelled = _LABEL.search(before.text) is not None
    if _FOOTNOTE.match(text) or _OF_OTHERS.search(said) or (not at_head and _is_sentence(said)):
        return 0.0
    if _CITING.search(said) and not (at_head or at_foot):
        return 0.0
    alone = _ALONE.match(text) is not None and len(text) - len(printed.doi) - printed.begin < 40
    of_journal = _is_about(text)
    if not alone and not of_journal and not (at_head or at_foot):
        return 0.0
    if before is not None and not at_head and not _is_about(before.text):
        goes_on = before.text[-1:] not in ".!?" or line.size < 0.95 * body
        if _OF_OTHERS.search(before.text) or (goes_on and not of_journal):
            return 0.0
    if at_foot and not alone and not of_journal and _is_prose(line, body):
        return 0.0
    if labelled:
        return 0.95 if of_journal or alone or at_head or at_foot else 0.0
    return 0.8 if at_head or at_foot else 0.0


def _is_mark_of(mark: TypeLine, line: TypeLine) -> bool:
    """True when a line is nothing but the raised number or sign of a footnote before another."""
    return (
        _MARK.fullmatch(mark.text) is not None
        and abs(mark.baseline - line.baseline) < line.size
        and mark.right <= line.left + 0.5 * line.size
    )


def _is_about(text: str) -> bool:
    """True when a line tells of the journal, of dates, of rights."""
    return _ABOUT.search(text) is not None


def _is_sentence(words: str) -> bool:
    """True when words go on as those of a sentence do."""
    tokens = words.split()
    return len(tokens) >= 6 and sum(each[:1].islower() for each in tokens) >= 0.65 * len(tokens)


def _is_prose(line: TypeLine, body: float) -> bool:
    return abs(line.size - body) < 0.04 * body and len(line.text) > 50
