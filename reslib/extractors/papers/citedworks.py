"""The list of references of a paper: its entries, each with its DOI and year."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reslib.extractors.papers.printeddoi import doi_in
from reslib.extractors.papers.typelines import TypeLine
from reslib.extractors.papers.words import REFERENCES
from reslib.items import Reference

__all__ = ["cited_works"]

_LABEL = re.compile(
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\.\s|\d{1,3}\s+(?=[A-Z])"
    r"|\[[A-Z][A-Za-z+]{0,8}\d{2,4}[a-z]?\])"
)
_FIRST = re.compile(r"\s*\[1\]\s+\S")
_END = re.compile(
    r"(?:[A-Z]\.?\s+)?(?:appendix|appendices|supplement|acknowled?ge?ments?|author\s+contributions?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_SHORTEST, _LONGEST, _MOST = 20, 2_000, 5_000


def cited_works(lines: Sequence[TypeLine]) -> list[Reference]:
    """Return the works that a paper cites, as its list of references has them.

    Parameters
    ----------
    lines
        Of the document in drawn order, without running lines.
    """
    begins = [number + 1 for number, line in enumerate(lines) if REFERENCES.fullmatch(line.words)]
    if not begins:
        # Journals of physics have a line in place of the heading.
        begins = [n for n, line in enumerate(lines) if _FIRST.match(line.text)]
        if (
            not begins
            or sum(_LABEL.match(line.text) is not None for line in lines[begins[-1] :]) < 3
        ):
            return []
    entries: list[TypeLine] = []
    for line in lines[begins[-1] :]:
        if _END.match(line.words) and len(line.words) < 60:
            break
        entries.append(line)
    starts = _starts(entries)
    found: list[str] = []
    for number, line in enumerate(entries):
        if number in starts or not found:
            if len(found) >= _MOST:
                break
            found.append(line.text)
        elif len(found[-1]) < _LONGEST:
            before = found[-1]
            broken = before.endswith("-") and line.text[:1].islower()
            address = re.search(r"(?:doi\.org/|https?:)\S*$|10\.\d{4,9}/\S*[./_-]$", before)
            if broken and not address:
                found[-1] = before[:-1] + line.text
            else:
                found[-1] = before + ("" if address else " ") + line.text
    return [_work(text) for text in found if len(text) > _SHORTEST]


def _work(text: str) -> Reference:
    years = _YEAR.findall(re.sub(r"10\.\d{4,9}/\S+", " ", text))
    return Reference(text, doi=doi_in(text) or "", year=int(years[-1]) if years else None)


def _starts(lines: Sequence[TypeLine]) -> set[int]:
    """Return which lines begin an entry."""
    labelled = {n for n, line in enumerate(lines) if _LABEL.match(line.text)}
    if len(labelled) >= 3:
        return labelled
    starts = set()
    for number, line in enumerate(lines):
        near = [
            other.left
            for other in lines[max(0, number - 40) : number + 40]
            if other.page == line.page and abs(other.left - line.left) < 45
        ]
        if max(near) > min(near) + 5:
            # A hanging indent: entries begin farther to the left than they go on.
            if line.left <= min(near) + 2:
                starts.add(number)
        elif _begins_entry(lines[number - 1] if number else None, line):
            starts.add(number)
    return starts


def _begins_entry(before: TypeLine | None, line: TypeLine) -> bool:
    """True when a line begins an entry of a list without labels and indents."""
    return (
        before is None
        or before.page != line.page
        or before.lowest - line.baseline > 1.35 * line.size
        or (
            re.match(r"[^\W\d_a-z][\w'’-]+,\s", line.text) is not None and before.text[-1:] in "./)"
        )
    )
