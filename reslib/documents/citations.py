"""Records as programs that manage literature read them: BibTeX, CSL-JSON and RIS."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

from reslib.documents.records import Record

__all__ = ["CITATION_FORMATS", "as_bibtex", "as_csl_json", "as_ris", "parted", "with_keys"]

CITATION_FORMATS = ("bibtex", "csl-json", "ris")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces, also those behind a backslash.
    "{": "(",
    "}": ")",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
#: Words in the names of offices, societies and companies that are in none of a person; and others
#: that may be the last name of one.
_CORPORATE = re.compile(
    r"\b(?:of|for|and|und)\b|^The\b|&|\b(?i:organi[sz]ations?|societ(?:y|ies)|associations?|agency"
    r"|ministry|departments?|institut\w*|universit\w*|commission|committee|council|consorti\w+"
    r"|collaboration|initiative|foundation|federation|nations|administration|laborator\w+"
    r"|academ\w+|developers|contributors|gmbh|inc|ltd|llc|corp|corporation|ministerium|bundesamt"
    r"|gesellschaft|verein|verband|stiftung|soci[eé]t[eé]|agence|minist[eè]re)\b"
)
_PERHAPS = re.compile(
    r"\b(?:group|team|network|cent(?:er|re|rum)|offices?|bureau|union|bank|fund|authority|survey"
    r"|services?|college|panel|board|programme|project|company)\b",
    re.IGNORECASE,
)
_STOP = frozenset("a an the on of in for and to with der die das ein eine le la les un une".split())


def with_keys(records: Iterable[Record]) -> list[tuple[str, Record]]:
    """Return records with the key by which each is cited: its own, or one that is made for it."""
    taken: set[str] = set()
    keys: dict[int, str] = {}
    every = [(re.sub(r"[\s,{}()\"=#%\\~]", "", record.key), record) for record in records]
    # Those that have a key are cited by it already: what is made gives way to it.
    for own, record in sorted(every, key=lambda each: not each[0]):
        base = own or _made(record)
        key, number = base, 0
        while key.lower() in taken:
            number += 1
            key = f"{base}{chr(96 + number)}" if number <= 26 else f"{base}{number}"
        taken.add(key.lower())
        keys[record.attachment_id] = key
    return [(keys[record.attachment_id], record) for _, record in every]


def _made(record: Record) -> str:
    last = parted(record.authors[0])[0] if record.authors else ""
    words = [w for w in re.findall(r"\w+", record.title.lower()) if w not in _STOP]
    parts = (last.lower(), str(record.year or ""), words[0] if words else "")
    plain = unicodedata.normalize("NFKD", "".join(parts)).encode("ascii", "ignore").decode()
    return re.sub(r"\W", "", plain) or f"document{record.attachment_id}"


def parted(name: str) -> tuple[str, str]:
    """Return the family name and the given names of a name.

    Parameters
    ----------
    name
        In either order: ``"Carla van der Berg"``, ``"García Márquez, Gabriel"``. The name of an
        office, a society or a company is a family name as a whole.
    """
    if is_corporate(name):
        return " ".join(name.split()), ""
    if "," in name:
        family, _, given = name.partition(",")
        return family.strip(), given.strip()
    words = name.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].islower():
        at -= 1  # van der Berg
    return " ".join(words[at:]), " ".join(words[:at])


def is_corporate(name: str) -> bool:
    """True for the name of an office, a society or a company, by a word of it.

    Parameters
    ----------
    name
        Such as ``"World Health Organization"``.
    """
    words = name.split()
    if len(words) < 2:
        return False
    family, comma, given = name.partition(",")
    if comma and len(family.split()) == 1 and _CORPORATE.search(given) is None:
        return False  # "Council, John": who turns a name around has told its parts
    perhaps = len(words) > 2 and not comma and _PERHAPS.search(name) is not None
    return perhaps or _CORPORATE.search(name) is not None


def as_bibtex(records: Iterable[Record]) -> str:
    """Return records as BibTeX."""
    entries = []
    for key, record in with_keys(records):
        names = [parted(name) for name in record.authors]
        fields = {
            "title": record.title,
            "author": " and ".join(
                f"{_unbraced(family)}, {_unbraced(given)}" if given else f"{{{_unbraced(family)}}}"
                for family, given in names
            ),
            "year": str(record.year or ""),
            "journal": record.journal,
            "volume": record.volume,
            "number": record.issue,
            "pages": record.pages,
            "publisher": record.publisher,
            "doi": record.doi,
            "eprint": record.arxiv,
            "keywords": ", ".join(record.keywords),
            "abstract": record.abstract,
            "file": record.path,
        }
        lines = [f"  {name} = {{{_tex(name, text)}}}" for name, text in fields.items() if text]
        kind = "article" if record.journal else "misc"
        entries.append(f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n")
    return "\n".join(entries)


def _tex(name: str, text: str) -> str:
    line = " ".join(text.split())
    if name in ("doi", "file", "eprint"):
        return re.sub(r"[{}\\]", "", line)
    if name == "author":
        return "".join(_SPECIAL[c] if c in _SPECIAL and c not in "{}" else c for c in line)
    return "".join(_SPECIAL.get(character, character) for character in line)


def _unbraced(name: str) -> str:
    return re.sub(r"[{}\\]", "", name)


def as_csl_json(records: Iterable[Record]) -> str:
    """Return records as CSL-JSON."""
    items = []
    for key, record in with_keys(records):
        item: dict[str, object] = {
            "id": key,
            "type": "article-journal" if record.journal else "document",
            "title": record.title,
            "author": [
                {"family": family, "given": given} if given else {"literal": family}
                for family, given in map(parted, record.authors)
            ],
            "issued": {"date-parts": [[record.year]]} if record.year else None,
            "container-title": record.journal,
            "volume": record.volume,
            "issue": record.issue,
            "page": record.pages,
            "publisher": record.publisher,
            "DOI": record.doi,
            "abstract": record.abstract,
            "keyword": ", ".join(record.keywords),
            "language": record.language,
        }
        items.append({name: value for name, value in item.items() if value})
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def as_ris(records: Iterable[Record]) -> str:
    """Return records as RIS."""
    lines = []
    for key, record in with_keys(records):
        fields = [
            ("TY", "JOUR" if record.journal else "GEN"),
            ("ID", key),
            ("TI", record.title),
            *(("AU", ", ".join(filter(None, parted(name)))) for name in record.authors),
            ("PY", str(record.year or "")),
            ("JO", record.journal),
            ("VL", record.volume),
            ("IS", record.issue),
            ("SP", record.pages),
            ("PB", record.publisher),
            ("DO", record.doi),
            ("AB", record.abstract),
            *(("KW", word) for word in record.keywords),
            ("LA", record.language),
            ("L1", record.path),
        ]
        lines += [f"{tag}  - {' '.join(text.split())}" for tag, text in fields if text]
        lines += ["ER  - ", ""]
    return "\n".join(lines)
