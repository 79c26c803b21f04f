"""RIS, the exchange format of reference managers: a line a field, two letters before each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reslib.extractors.bib.bibentry import Entry, doi_in

__all__ = ["ris_entries"]

#: A tag and its value; the value may go on in lines without a tag.
_LINE = re.compile(r"[ \t\ufeff]*([A-Z][A-Z0-9]) {1,3}- ?(.*)")
_AUTHORS = frozenset(("AU", "A1"))
_EDITORS = frozenset(("ED", "A2", "A3"))
_ONE = {
    "TI": "title", "T1": "title", "CT": "title", "BT": "container", "T2": "container",
    "JO": "container", "JF": "container", "JA": "container", "J2": "container", "PY": "year",
    "Y1": "year", "DA": "rest", "VL": "volume", "IS": "number", "PB": "publisher", "DO": "doi",
    "UR": "url", "ID": "key", "TY": "kind",
}  # fmt: skip
#: What people call the other tags.
_CALLED = {
    "AB": "abstract", "N2": "abstract", "N1": "note", "KW": "keywords", "SN": "issn or isbn",
    "CY": "place", "DA": "date", "ET": "edition", "LA": "language", "AD": "address",
    "DP": "database",
    "AN": "accession number", "C1": "custom 1", "M3": "type of work", "T3": "series", "L1": "file",
    "M1": "number", "ST": "short title", "J2": "abbreviated title", "JA": "abbreviated title",
}  # fmt: skip


def ris_entries(text: str, broken: list[str]) -> Iterator[Entry]:
    """Yield the entries of a file.

    Parameters
    ----------
    text
        The file.
    broken
        Takes the keys or titles of entries that are not ended by ``ER  -``.
    """
    fields: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        found = _LINE.match(line)
        if found is None:
            if fields and line.strip():
                fields[-1][1].append(line.strip())
            continue
        tag, value = found[1], found[2].strip()
        if tag == "TY" and fields:
            entry = _entry(fields)
            broken.append(entry.key or entry.title)
            yield entry
            fields = []
        if tag == "ER":
            if fields:
                yield _entry(fields)
            fields = []
        else:
            fields.append((tag, [value]))
    if fields:
        entry = _entry(fields)
        broken.append(entry.key or entry.title)
        yield entry


def _entry(fields: list[tuple[str, list[str]]]) -> Entry:
    entry = Entry()
    keywords: list[str] = []
    first, last = "", ""
    for tag, lines in fields:
        value = " ".join(filter(None, lines))
        name = _ONE.get(tag, "")
        if not value:
            continue
        if tag in _AUTHORS:
            entry.authors.append(value)
        elif tag in _EDITORS:
            entry.editors.append(value)
        elif tag == "KW":
            keywords.append(value)
        elif tag == "SP":
            first = value
        elif tag == "EP":
            last = value
        elif name and name != "rest" and not getattr(entry, name):
            setattr(entry, name, value)
        elif not name or value != getattr(entry, name, None):
            entry.rest.append((_CALLED.get(tag, tag), value))
    date = entry.year.strip("/ ")
    entry.year = date.split("/")[0]
    if date != entry.year:
        entry.rest.append(("date", date))
    entry.doi = doi_in(entry.doi, entry.url) or entry.doi
    entry.pages = "–".join(filter(None, [first, last]))  # noqa: RUF001
    if keywords:
        entry.rest.append(("keywords", "; ".join(keywords)))
    return entry
