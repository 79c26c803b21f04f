"""CSL-JSON, the bibliographies of Zotero, Pandoc and Crossref: an array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.assemble import clean
from reslib.extractors.bib.bibentry import Entry, doi_in

__all__ = ["csl_entries"]

_MARKUP = re.compile(
    r"</?(?:i|b|sub|sup|span|em|strong|sc)(?:\s[^<>]{0,200})?>|</?jats:[^<>]{0,100}>"
)
_FIELDS = {
    "title": "title", "container-title": "container", "volume": "volume", "issue": "number",
    "page": "pages", "publisher": "publisher", "URL": "url", "type": "kind",
}  # fmt: skip
#: Values inside of values that are still read.
_DEEPEST = 5


def csl_entries(text: str, broken: list[str]) -> Iterator[Entry]:
    """Yield the entries of a file.

    Parameters
    ----------
    text
        The file.
    broken
        Takes the places of what is in it and is no entry.

    Raises
    ------
    ExtractionError
        ``truncated`` or ``malformed`` when it is no sound JSON.
    """
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        is_cut = not text.rstrip().endswith(("]", "}"))
        raise ExtractionError(
            f"the bibliography is {'cut short' if is_cut else 'no sound JSON'} "
            f"({str(error)[:200]}). Export it again from the program that it comes from",
            ErrorCode.TRUNCATED if is_cut else ErrorCode.MALFORMED,
        ) from error
    if isinstance(items, dict):
        inside = items.get("items", items.get("references"))
        items = inside if isinstance(inside, list) else [items]
    for number, item in enumerate(items if isinstance(items, list) else [], 1):
        if isinstance(item, dict):
            yield _entry(item)
        else:
            broken.append(f"number {number}")


def _entry(item: Mapping[str, Any]) -> Entry:
    entry = Entry(key=_said(item.get("citation-key") or item.get("id")))
    entry.authors = _names(item.get("author"))
    entry.editors = _names(item.get("editor"))
    for name, place in _FIELDS.items():
        setattr(entry, place, _said(item.get(name)))
    date = _date(item.get("issued"))
    entry.year = date[:4] if date[:4].isdecimal() else date
    stated = _said(item.get("DOI"))
    entry.doi = doi_in(stated, entry.url) or stated
    known = {"id", "citation-key", "author", "editor", "DOI", *_FIELDS}
    if date == entry.year:
        known.add("issued")
    for name, value in item.items():
        if name not in known:
            said = _date(value) if _is_date(value) else "; ".join(_names(value)) or _said(value)
            entry.rest.append((clean(name), said))
    return entry


def _names(value: Any) -> list[str]:
    """Return names: "family, given", with what stands between them."""
    names = []
    for one in value if isinstance(value, list) else ():
        if not isinstance(one, dict) or not {"family", "given", "literal"} & one.keys():
            return []
        family = " ".join(
            filter(None, [_said(one.get("non-dropping-particle")), _said(one.get("family"))])
        )
        given = " ".join(
            filter(None, [_said(one.get("given")), _said(one.get("dropping-particle"))])
        )
        name = ", ".join(filter(None, [family, given, _said(one.get("suffix"))]))
        names.append(name or _said(one.get("literal")))
    return [name for name in names if name]


def _is_date(value: Any) -> bool:
    return isinstance(value, dict) and bool({"date-parts", "raw"} & value.keys())


def _date(value: Any) -> str:
    if not isinstance(value, dict):
        return _said(value)
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts:
        dates = [
            "-".join(_said(part).zfill(2) for part in one)
            for one in parts[:2]
            if isinstance(one, list)
        ]
        said = "/".join(filter(None, dates))
        if said:
            return said
    return _said(value.get("literal") or value.get("raw"))


def _said(value: Any, depth: int = 0) -> str:
    """Return a value as text, whatever it is."""
    if isinstance(value, str):
        return " ".join(clean(_MARKUP.sub("", value)).split())
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if depth < _DEEPEST and isinstance(value, list | dict):
        values = value.values() if isinstance(value, dict) else value
        return "; ".join(filter(None, (_said(one, depth + 1) for one in values)))
    return ""
