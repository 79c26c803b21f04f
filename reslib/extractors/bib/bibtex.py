r"""BibTeX and BibLaTeX: entries with their fields, names spelt out, abbreviations resolved.

What is between entries is no text (as BibTeX has it), nor are ``@comment`` and ``@preamble``. A
value that is never ended ends where the next entry begins, so that one forgotten brace costs one
field.

Written here because of the libraries for it (tried on a forgotten brace) pybtex 0.26 gives up the
whole file at the first error, and bibtexparser 1.4 leaves entries out without a word, takes a
second for a thousand of them, and raises ``RecursionError`` on deep braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reslib.extractors.bib.bibentry import Entry, doi_in
from reslib.extractors.invisible import visible
from reslib.extractors.tex.texnames import readable

__all__ = ["entries"]

_START = re.compile(r"@[ \t]*([A-Za-z]{1,60})\s{0,20}([{(])")
#: An entry that begins a line inside of another one: that one was never ended.
_NEXT = r"\n[ \t]*+@[ \t]*[A-Za-z]{1,60}[ \t]*[{(]"
_KEY = re.compile(r"\s*+([^\s,{}()\"=#%]{0,400})\s*+,?")
_FIELD = re.compile(r"[\s,]*+([A-Za-z][^\s=,{}()\"]{0,100})\s*+=\s*+")
_BRACED = re.compile(rf"(?:[^{{}}\n\\]++|\\.|(?!{_NEXT})\n)*+([{{}}]|(?={_NEXT})|\Z)", re.DOTALL)
_QUOTED = re.compile(
    rf"(?:[^{{}}\"\n\\]++|\\.|(?!{_NEXT})\n)*+([{{}}\"]|(?={_NEXT})|\Z)", re.DOTALL
)
_WORD = re.compile(r"[^\s,{}\"#()=@]{1,200}")
_JOIN = re.compile(r"\s*+#\s*+")
_NOT_HERE = re.compile(r"[^@{}(),=]*+")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_PARTS = re.compile(r"(?P<kept>\$[^$\n]{0,200}\$|\\[A-Za-z]{1,40}\s?(?:\{[^{}]{0,400}\})+)|[{}]")
_ADDRESS = re.compile(r"\\(?:url|href|path|nolinkurl|doi)\s?\{([^{}]{0,1000})\}")
_SPACES = re.compile(r"\\[ ,;:]")
_QUOTES = re.compile(r"``|''")
_DASHES = re.compile(r"(?<!-)--?(?!-)")
_MONTHS = {
    name[:3].lower(): name
    for name in (
        "January February March April May June July August September October November December"
    ).split()
}
_LEFT_OUT = frozenset(("comment", "preamble"))
_CONTAINERS = ("journal", "journaltitle", "booktitle", "maintitle", "series")
_PUBLISHERS = ("publisher", "school", "institution", "organization", "howpublished")


@dataclass(slots=True)
class _Abbreviations:
    """The texts that ``@string`` gives names to, months among them.

    Parameters
    ----------
    left
        How many characters may be written for names, in all: what names stand for may have names.
    """

    left: int
    known: dict[str, str] = field(default_factory=lambda: dict(_MONTHS))

    def resolved(self, word: str) -> str:
        """Return what a word stands for; itself when nothing, or too much."""
        value = self.known.get(word.lower(), word)
        self.left -= len(value)
        return value if self.left >= 0 else word


def entries(text: str, damage: list[str] | None = None) -> Iterator[Entry]:
    """Yield the entries of a bibliography.

    Parameters
    ----------
    text
        The source.
    damage
        Takes the keys of those that are broken.
    """
    abbreviations = _Abbreviations(10 * len(text) + 100_000)
    place = 0
    while start := _START.search(text, place):
        kind = start[1].lower()
        place = start.end()
        if kind in _LEFT_OUT:
            place = _skipped(text, place)
            continue
        key = ""
        if kind != "string":
            found = _KEY.match(text, place)
            if found is not None:
                key, place = found[1], found.end()
        fields, place, is_sound = _fields(text, place, abbreviations)
        if kind == "string":
            abbreviations.known |= {name: value for name, value in fields.items() if value}
            continue
        if not is_sound and damage is not None:
            damage.append(key)
        if fields:
            yield _entry(kind, key, fields)


def _skipped(text: str, place: int) -> int:
    """Return the end of something in braces that is not read."""
    _, end, _ = _value_in(_BRACED, text, place)
    return end


def _fields(
    text: str, place: int, abbreviations: _Abbreviations
) -> tuple[dict[str, str], int, bool]:
    """Return the fields from a place on, where they end, and whether all is as it should be."""
    fields: dict[str, str] = {}
    is_sound = True
    while True:
        found = _FIELD.match(text, place)
        if found is None:
            rest = _NOT_HERE.match(text, place)
            end = rest.end() if rest else place
            skipped = text[place:end].strip()
            ends = text[end : end + 1]
            if ends in ("}", ")"):
                return fields, end + 1, is_sound and not skipped
            if ends in ("@", "") or end + 1 >= len(text):
                return fields, end, False
            place, is_sound = end + 1, is_sound and ends == "," and not skipped
            continue
        value, place, is_ended = _value(text, found.end(), abbreviations)
        name = found[1].lower()
        if name in fields and name in ("author", "editor", "keywords"):
            value = (
                f"{fields[name]} and {value}" if name != "keywords" else f"{fields[name]}, {value}"
            )
        fields[name] = value
        if not is_ended:
            return fields, place, False


def _value(text: str, place: int, abbreviations: _Abbreviations) -> tuple[str, int, bool]:
    """Return a value with what it is joined of, where it ends, and whether it does."""
    parts: list[str] = []
    while True:
        sign = text[place : place + 1]
        if sign in ("{", '"') and sign:
            pattern = _BRACED if sign == "{" else _QUOTED
            part, place, is_ended = _value_in(pattern, text, place + 1)
            parts.append(part)
            if not is_ended:
                return "".join(parts), place, False
        else:
            word = _WORD.match(text, place)
            if word is None:
                return "".join(parts), place, bool(parts)
            parts.append(abbreviations.resolved(word[0]))
            place = word.end()
        joined = _JOIN.match(text, place)
        if joined is None:
            return "".join(parts), place, True
        place = joined.end()


def _value_in(pattern: re.Pattern[str], text: str, place: int) -> tuple[str, int, bool]:
    """Return what stands before the brace or quotation mark that ends a value."""
    depth, start = 0, place
    while found := pattern.match(text, place):
        place = found.end()
        if found[1] == "{":
            depth += 1
        elif found[1] == "}" and depth:
            depth -= 1
        elif found[1] == '"' and depth:
            continue
        elif found[1]:
            return text[start : place - 1], place, True
        else:
            break
    return text[start:place], place, False


def _entry(kind: str, key: str, fields: dict[str, str]) -> Entry:
    entry = Entry(key=key, kind=kind)
    entry.authors = _names(fields.pop("author", ""))
    entry.editors = _names(fields.pop("editor", ""))
    said = {name: _plain(value) for name, value in fields.items()}
    title, subtitle = said.pop("title", ""), said.pop("subtitle", "")
    entry.title = f"{title}: {subtitle}" if title and subtitle else title or subtitle
    entry.container = next((said.pop(name) for name in _CONTAINERS if said.get(name)), "")
    entry.publisher = next((said.pop(name) for name in _PUBLISHERS if said.get(name)), "")
    date = said.get("date", "")
    entry.year = said.pop("year", "") or date[:4]
    if date and date == entry.year:
        said.pop("date")
    entry.volume = said.pop("volume", "")
    entry.number = said.pop("number", "") or said.pop("issue", "")
    entry.pages = said.pop("pages", "")
    stated = said.pop("doi", "")
    entry.url = said.pop("url", "")
    entry.doi = doi_in(stated, entry.url) or stated
    entry.rest = [*said.items()]
    return entry


def _names(value: str) -> list[str]:
    """Return the names of a list; one in braces may have the word "and" in it."""
    if not value.strip():
        return []
    names, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]|\s+and\s+", value, re.IGNORECASE):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth = max(0, depth - 1)
        elif not depth:
            names.append(value[start : found.start()])
            start = found.end()
    names.append(value[start:])
    spelt = (_plain(name) for name in names)
    return ["and others" if name == "others" else name for name in spelt if name]


def _plain(value: str) -> str:
    """Return a value as it is read: names spelt out, without braces."""
    value = _ADDRESS.sub(r"\1", value)
    if any(sign in value for sign in "\\{$~-`'"):
        value = readable(value, bibliography=True)
        value = _PARTS.sub(lambda match: match["kept"] or "", _SPACES.sub(" ", value))
        value = _QUOTES.sub(lambda match: "“" if match[0] == "``" else "”", value)
    return " ".join(visible(value).split())
