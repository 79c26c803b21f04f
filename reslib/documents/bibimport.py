"""The import of a bibliography: its entries matched to documents by DOI, file and title."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reslib.clock import utc_text
from reslib.documents.citations import parted
from reslib.documents.records import FIELDS, Record, records
from reslib.storage.store import Store

__all__ = ["ImportedBibliography", "import_bibliography"]

_LONGEST_FILE = 200_000_000


@dataclass(slots=True)
class ImportedBibliography:
    """The entries of a bibliography, and the documents that they are of.

    Parameters
    ----------
    matched
        By the key of each entry, or its title when it has none, the document that it is of.
    unmatched
        The keys of those of which no document is in the library, or several are.
    repeated
        The keys of those whose document an entry before them is of: they say nothing more of it.
    damaged
        The keys of those that are broken.
    """

    matched: dict[str, int] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def import_bibliography(store: Store, path: str | os.PathLike[str]) -> ImportedBibliography:
    """Take what a bibliography says; see :meth:`ResearchDatabase.import_bibtex`."""
    from reslib.extractors.bib.bibtex import entries
    from reslib.extractors.encoding import decode

    file = Path(path)
    if file.stat().st_size > _LONGEST_FILE:
        raise ValueError(f"{file} is longer than {_LONGEST_FILE // 1_000_000} MB")
    done = ImportedBibliography()
    known = _Known(store)
    rows: list[dict[str, Any]] = []
    taken: set[tuple[int, str]] = set()
    said_of: set[int] = set()
    for entry in entries(decode(file.read_bytes()).text, done.damaged):
        found = known.document(entry)
        name = entry.key or entry.title
        if found is None:
            done.unmatched.append(name)
            continue
        if found in said_of:  # two editions must not become one
            done.repeated.append(name)
            continue
        said_of.add(found)
        done.matched[name] = found
        for name, values in _said(entry).items():
            key = FIELDS[name][0]
            if (found, key) in known.set_by_reader:
                continue
            taken.add((found, key))
            rows += [
                {"id": found, "key": key, "number": number, "value": value}
                for number, value in enumerate(values, 1)
            ]
    now = utc_text()
    with store.write() as transaction:
        for attachment_id, key in taken:
            transaction.run("forget_edited", {"id": attachment_id, "key": key})
        named = {"source": file.name, "now": now}
        transaction.run_many("store_edited", [{**row, **named} for row in rows])
    return done


class _Known:
    """The documents of the library by DOI, file name and title."""

    def __init__(self, store: Store) -> None:
        self._by_doi: dict[str, set[int]] = {}
        self._by_file: dict[str, set[int]] = {}
        self._by_title: dict[str, set[int]] = {}
        self._dois: dict[int, str] = {}
        for record in records(store):
            self._add(record)
        edited = store.rows("edited_by_reader")
        self.set_by_reader = {(row["attachment_id"], row["key"]) for row in edited}

    def _add(self, record: Record) -> None:
        self._dois[record.attachment_id] = record.doi.lower()
        for known, key in (
            (self._by_doi, record.doi.lower()),
            (self._by_file, record.filename.lower()),
            (self._by_title, _plain(record.title)),
        ):
            if key:
                known.setdefault(key, set()).add(record.attachment_id)

    def document(self, entry: Any) -> int | None:
        """Return the one document that an entry is of."""
        files = [value for name, value in entry.rest if name.lower() in ("file", "local-url")]
        names = [
            name.lower() for value in files for name in re.findall(r"[^/:;\\\\{}]+\.\w+", value)
        ]
        ways = (
            self._by_doi.get(_doi(entry).lower(), set()),
            set[int]().union(*(self._by_file.get(name.strip(), set()) for name in names)),
            self._by_title.get(_plain(entry.title), set()) if len(entry.title) > 10 else set(),
        )
        found = set[int]()
        for way in ways:  # those of one DOI may have names of their own
            those = {each for each in way if self._may_be(each, entry)}
            found = found & those or found or those
        return next(iter(found)) if len(found) == 1 else None

    def _may_be(self, attachment_id: int, entry: Any) -> bool:
        """False for a document of another DOI: many files are called ``main.pdf``."""
        own, stated = self._dois[attachment_id], _doi(entry)
        return not own or not stated or own == stated.lower()


def _said(entry: Any) -> dict[str, list[str]]:
    rest = {name.lower(): value for name, value in entry.rest}
    year = re.search(r"(?:1[5-9]|20)\d\d", entry.year) or re.fullmatch(r"[1-9]\d\d+", entry.year)
    said = {
        "key": [entry.key],
        "title": [entry.title],
        "authors": [_in_order(name) for name in entry.authors if name != "and others"],
        "year": [year.group()] if year else [],
        "journal": [entry.container],
        "volume": [entry.volume],
        "issue": [entry.number],
        "pages": [entry.pages],
        "publisher": [entry.publisher],
        "doi": [_doi(entry)],
        "abstract": [rest.get("abstract", "")],
        "keywords": [
            word.strip() for word in re.split("[,;]", rest.get("keywords", "")) if word.strip()
        ],
    }
    return {name: values for name, values in said.items() if any(values)}


def _doi(entry: Any) -> str:
    from reslib.extractors.stated import bare_doi  # here: who opens a library may not need it

    return bare_doi(entry.doi) or ""


def _in_order(name: str) -> str:
    """Return a name as it is spoken, where its family name can be told from that."""
    family, *between, given = [part.strip() for part in name.split(",")] or [""]
    if not family or not given or not name.count(","):
        return name.strip(" ,")
    family = " ".join((family, *between))  # "King, Jr., Martin Luther"
    spoken = f"{given} {family}"
    return spoken if parted(spoken) == (family, given) else f"{family}, {given}"


def _plain(title: str) -> str:
    flat = unicodedata.normalize("NFKD", title).lower()
    return "".join(character for character in flat if character.isalnum())
