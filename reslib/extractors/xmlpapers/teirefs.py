"""People and references in TEI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reslib.extractors.stated import bare_doi
from reslib.extractors.xmlpapers.paperxml import is_element, local, sentences
from reslib.items import Reference

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["person", "reference"]

_NAMES = ("roleName", "forename", "nameLink", "surname", "genName")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


def person(author: etree._Element) -> str:
    """Return a name as it is spoken: given names first.

    Parameters
    ----------
    author
        An ``author`` or ``editor``.
    """
    name = next((one for one in author if is_element(one, "persName", "orgName", "name")), author)
    parts = [one for one in name if local(one) in _NAMES]
    if parts:
        return " ".join(filter(None, map(_text, parts)))
    return _text(name) if name is not author or not len(author) else ""


def reference(entry: etree._Element) -> Reference:
    """Return the work that an entry of the list of references is.

    Parameters
    ----------
    entry
        A ``biblStruct``.
    """
    raw = next((one for one in entry.iter("{*}note") if one.get("type") == "raw_reference"), None)
    article = _title(entry, "a")
    source = next(filter(None, (_title(entry, level) for level in ("j", "m", "s"))), "")
    authors = [person(one) for one in entry.iter("{*}author")]
    date = next(entry.iter("{*}date"), None)
    stated = (date.get("when") or _text(date)) if date is not None else ""
    year = _YEAR.search(stated)
    numbers = [_text(one) for one in entry.iter("{*}idno")]
    doi = next(filter(None, map(bare_doi, numbers)), "")
    if raw is not None and _text(raw):
        text = _text(raw)
    else:
        people = ", ".join(filter(None, authors))
        head = f"{people} ({stated})".strip() if stated else people
        parts = [head, article, " ".join(filter(None, (source, _place(entry))))]
        parts += [_text(one) for one in entry.iter("{*}publisher")][:1]
        parts += [f"doi:{doi}" if doi else ""]
        parts += [_text(one) for one in entry.iter("{*}note")]
        text = sentences(parts)
    return Reference(text, article or source, doi, int(year[0]) if year else None)


def _title(entry: etree._Element, level: str) -> str:
    found = (one for one in entry.iter("{*}title") if one.get("level") == level)
    return next(filter(None, map(_text, found)), "")


def _place(entry: etree._Element) -> str:
    scopes: dict[str, str] = {}
    for scope in entry.iter("{*}biblScope"):
        pages = "–".join(  # noqa: RUF001
            filter(None, (scope.get("from") or "", scope.get("to") or ""))
        )
        scopes.setdefault(scope.get("unit") or "", pages or _text(scope))
    volume, issue = scopes.get("volume", ""), scopes.get("issue", "")
    volume += f"({issue})" if issue else ""
    return ":".join(filter(None, (volume, scopes.get("page", ""))))


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
