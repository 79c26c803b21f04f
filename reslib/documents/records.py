"""The bibliographic record of a document: of all that is known of it, the best of each thing.

What a reader has set wins for ever. Else the surest source of each thing counts: what a format of
papers states (JATS, BibTeX), the first page of a PDF, then what a PDF states of itself, which is
often the name of a file or of whoever had the computer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reslib.errors import AttachmentNotFound
from reslib.fold import WORD, fold
from reslib.given import shown, whole
from reslib.storage.store import Store

__all__ = ["FIELDS", "Record", "matching", "records", "set_fields"]

#: Fields of a record, with the keys of Metadata that they come from; those of lists have several.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "authors": ("author",),
    "year": ("year", "date"),
    "doi": ("doi",),
    "arxiv": ("arxiv",),
    "journal": ("journal",),
    "volume": ("volume",),
    "issue": ("issue",),
    "pages": ("pages",),
    "publisher": ("publisher",),
    "abstract": ("description",),
    "keywords": ("keywords",),
    "language": ("language",),
    "key": ("citation key",),
}
_LISTS = frozenset({"authors", "keywords"})
#: How sure what a PDF states is, field by field; of other formats everything is.
_OF_PDF = {"title": 0.6, "authors": 0.45, "year": 0.6, "abstract": 0.5, "keywords": 0.6}
_STATED = 0.97
_EDITED = "set by you"


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a document: what is known of it.

    Parameters
    ----------
    attachment_id, filename, path
        Which document.
    title, year, doi, arxiv, journal, volume, issue, pages, publisher, abstract, language
        Empty, or None for the year, where it is not known.
    authors, keywords
        One each.
    key
        By which it is cited, where it was read from a bibliography.
    sources
        Of each field that is known: who says so.
    confidences
        And how sure that is, 0 to 1.
    """

    attachment_id: int
    filename: str = ""
    path: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str = ""
    arxiv: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    key: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)


def records(store: Store, attachment_ids: Iterable[int] | None = None) -> Iterator[Record]:
    """Yield the records of documents, in the order of their ids.

    Parameters
    ----------
    store
        The database.
    attachment_ids
        Which documents; all when None.
    """
    ids = None
    if attachment_ids is not None:  # those of a DataFrame are NumPy's
        ids = json.dumps([whole("attachment_id", each) for each in attachment_ids])
    said: dict[int, list[Any]] = {}
    for row in store.rows("metadata_of", {"ids": ids}):
        said.setdefault(row["attachment_id"], []).append(row)
    for row in store.rows("documents_of_records", {"ids": ids}):
        path = row["path"] if isinstance(row["path"], str) else repr(row["path"])
        is_pdf = row["mime_type"] == "application/pdf"
        yield _record(row["id"], row["filename"], path, said.get(row["id"], []), is_pdf)


def _record(
    attachment_id: int, filename: str, path: str, said: Sequence[Any], is_pdf: bool
) -> Record:
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    confidences: dict[str, float] = {}
    for name, keys in FIELDS.items():
        by_source: dict[tuple[str, str], list[str]] = {}
        sure: dict[tuple[str, str], float] = {}
        for row in said:
            if row["key"] in keys:
                source = (row["source"], row["key"])
                by_source.setdefault(source, []).append(row["value"])
                stated = _OF_PDF.get(name, _STATED) if is_pdf else _STATED
                if row["is_edited"]:
                    stated = 2.0
                elif row["confidence"] is not None:
                    stated = row["confidence"]
                sure[source] = max(sure.get(source, 0.0), stated)
        for source in sorted(by_source, key=lambda each: -sure[each]):
            value = _value(name, by_source[source], is_edited=sure[source] > 1)
            if value not in ("", (), None):
                values[name], sources[name] = value, source[0]
                confidences[name] = min(1.0, sure[source])
                break
    return Record(attachment_id, filename, path, **values, sources=sources, confidences=confidences)


def _value(name: str, found: Sequence[str], *, is_edited: bool) -> Any:
    if name in _LISTS:
        return tuple(dict.fromkeys(found))
    if name == "year":
        if is_edited and found[0].isdecimal():  # of a manuscript: people know better
            return int(found[0])
        years = [year for text in found if (year := re.search(r"(?:1[5-9]|20)\d\d", text))]
        return int(years[0].group()) if years else None
    return found[0]


def matching(
    store: Store,
    year: int | tuple[int, int] | None,
    author: str | None,
    doi: str | None,
) -> set[int] | None:
    """Return the documents of a year, an author and a DOI; None when none of them is given.

    Raises
    ------
    TypeError, ValueError
        One of them is of another type.
    """
    if year is None and author is None and doi is None:
        return None
    from reslib.extractors.stated import bare_doi  # here: who opens a library may not need it

    first = last = 0
    if year is not None:
        pair = year if isinstance(year, tuple | list) else (year, year)
        if len(pair) != 2 or any(isinstance(y, bool) or not isinstance(y, int) for y in pair):
            raise ValueError(f"year is a number or two, such as (2015, 2019), not {shown(year)}")
        first, last = pair
    for name, text in (("author", author), ("doi", doi)):
        if not isinstance(text, str | None):
            raise TypeError(f"{name} is text, not {shown(text)}")
    names = set(WORD.findall(fold(author or "")))
    wanted = (bare_doi(doi) or doi).lower() if doi else None
    found = set()
    for one in records(store):
        if year is not None and not (one.year is not None and first <= one.year <= last):
            continue
        if wanted is not None and one.doi.lower() != wanted:
            continue
        if author is not None and not any(
            names and names <= set(WORD.findall(fold(each))) for each in one.authors
        ):
            continue
        found.add(one.attachment_id)
    return found


def set_fields(store: Store, attachment_id: int, given: Mapping[str, object], now: str) -> None:
    """Keep what a reader says of a document; see :meth:`ResearchDatabase.set_metadata`.

    Raises
    ------
    AttachmentNotFound
        There is no such document.
    ValueError
        There is no such field, or its value is none.
    """
    rows: list[dict[str, Any]] = []
    for name, value in given.items():
        if name not in FIELDS:
            raise ValueError(f"a record has {', '.join(FIELDS)}, not {name!r}")
        key = FIELDS[name][0]
        for number, text in enumerate(_texts(name, value), 1):
            rows.append({"key": key, "number": number, "value": text})
    with store.write() as transaction:
        if transaction.row("document", {"id": attachment_id}) is None:
            raise AttachmentNotFound(f"there is no attachment {attachment_id}")
        for name in given:
            forget = {"id": attachment_id, "key": FIELDS[name][0]}
            transaction.run("forget_edited", forget)
        whose = {"id": attachment_id, "source": _EDITED, "now": now}
        transaction.run_many("store_edited", [{**row, **whose} for row in rows])


def _texts(name: str, value: object) -> list[str]:
    if value is None:
        return []
    if name in _LISTS:
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise ValueError(f"{name} is a list of texts, not {shown(value)}")
        values = list(value)
    else:
        values = [value]
    if name == "year":
        if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,3}", str(value).strip()):
            raise ValueError(f"a year is a number such as 2019, not {shown(value)}")
    elif not all(isinstance(each, str) for each in values):
        raise ValueError(f"{name} is text, not {shown(value)}")
    texts = [" ".join(str(each).split()) for each in values]
    if not all(texts):
        raise ValueError(f"{name} is empty; None takes back what was set before")
    return [_doi(text) for text in texts] if name == "doi" else texts


def _doi(text: str) -> str:
    from reslib.extractors.stated import bare_doi  # here: who opens a library may not need it

    doi = bare_doi(text)
    if doi is None:
        raise ValueError(f"a DOI is such as 10.1000/182, not {shown(text)}")
    return doi
