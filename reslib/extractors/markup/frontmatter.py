"""The front matter of Markdown: what a text states of itself in YAML or TOML above its first line.

It is read as words: no value is made into a number or a date, and nothing it asks for is built.
Front matter that is no valid YAML, as of a title with a colon in it, is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from reslib.extractors.stated import Stated, names

if TYPE_CHECKING:
    from yaml import Node

__all__ = ["FrontMatter", "split_front_matter"]

#: Texts, lists and mappings of texts.
_Value: TypeAlias = Any

#: What is longer is no front matter.
_LONGEST = 64 << 10
_YAML = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"([A-Za-z_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(.*))?")
_ENTRY = re.compile(r"[ \t]*-[ \t]+(.*)")
#: An alias may stand for much: what all of them stand for has a bound.
_MOST_NODES, _DEEPEST = 5_000, 20
_KEYS = {
    "title": "title",
    "subtitle": "subtitle",
    "author": "author",
    "authors": "author",
    "creator": "author",
    "by": "author",
    "editor": "editor",
    "editors": "editor",
    "institute": "affiliation",
    "institution": "affiliation",
    "affiliation": "affiliation",
    "affiliations": "affiliation",
    "date": "date",
    "published": "date",
    "created": "created",
    "modified": "modified",
    "updated": "modified",
    "lastmod": "modified",
    "year": "year",
    "keywords": "keywords",
    "keyword": "keywords",
    "tags": "keywords",
    "categories": "keywords",
    "category": "keywords",
    "subject": "subject",
    "abstract": "description",
    "summary": "description",
    "description": "description",
    "lang": "language",
    "language": "language",
    "journal": "journal",
    "publisher": "publisher",
    "volume": "volume",
    "issue": "issue",
    "doi": "doi",
    "isbn": "isbn",
    "issn": "issn",
    "license": "licence",
    "licence": "licence",
    "copyright": "licence",
}
#: Those that need no word before them to be understood.
_BARE = frozenset({"title", "subtitle", "author", "description"})
_PEOPLE = frozenset({"author", "editor"})
#: In the order in which they are spoken.
_PARTS_OF_NAMES = "given given-names first firstname particle family surname last lastname".split()
_PROSE = re.compile(r"[^\W\d_]{2,}\s+\S*[^\W\d_]{2,}")


class FrontMatter:
    """The properties that a text states of itself above its first line.

    Parameters
    ----------
    values
        By name, as they were written.
    """

    def __init__(self, values: dict[str, _Value]) -> None:
        self._values = values

    def stated(self) -> Stated:
        """Return it as metadata."""
        stated = Stated("front matter")
        for name, value in self._values.items():
            key = _KEYS.get(name.lower())
            if key in _PEOPLE:
                for person in _people(value):
                    for one in names(person):
                        stated.add(key, one)
            elif key == "keywords":
                for words in _leaves(value):
                    for word in words.replace(";", ",").split(","):
                        stated.add(key, word)
            elif key is not None:
                for words in _people(value) if key == "affiliation" else _leaves(value):
                    stated.add(key, _unmarked(words) if key == "title" else words)
        return stated

    def text(self) -> str:
        """Return what of it people read, a line for each; settings of programs are left out."""
        lines = []
        for name, value in self._values.items():
            key = _KEYS.get(name.lower())
            if key in _PEOPLE or key == "affiliation":
                words = list(_people(value))
            else:
                words = [w for w in _leaves(value) if key is not None or _is_prose(w)]
            if words:
                # Names of institutes have commas in them.
                shown = ("; " if key == "affiliation" else ", ").join(w.strip() for w in words)
                lines.append(shown if key in _BARE else f"{name}: {shown}")
        return "\n".join(lines)


def split_front_matter(text: str) -> tuple[FrontMatter | None, str]:
    """Return the front matter of a text, and the rest.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    FrontMatter or None, str
        None, and all of the text, when it has none.
    """
    head = text[:_LONGEST]
    for pattern, read in ((_YAML, _read_yaml), (_TOML, _read_toml)):
        found = pattern.match(head)
        values = read(found[1] or "") if found else None
        if found and values is not None:
            return FrontMatter(values), text[found.end() :].lstrip("\n")
    return None, text


def _read_toml(source: str) -> dict[str, _Value] | None:
    import tomllib  # not before there is front matter

    try:
        return {str(name): value for name, value in tomllib.loads(source).items()}
    except (ValueError, RecursionError):
        return _read_lines(source.replace("=", ":"))


def _read_yaml(source: str) -> dict[str, _Value] | None:
    """Return the values of YAML; None when it holds none, and a line above is but a line."""
    import yaml  # not before there is front matter

    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return _read_lines(source)
    if node is None:
        return {}
    value = _Plain(_MOST_NODES).of(node)
    return value if isinstance(value, dict) else None


class _Plain:
    """Makes texts, lists and mappings of the nodes of YAML, as many as it may."""

    def __init__(self, most: int) -> None:
        self._left = most

    def of(self, node: Node, depth: int = 0) -> _Value:
        """Return what a node says; aliases are followed as long as there is room."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return ""
        if node.id == "scalar":
            is_null = str(node.tag).endswith(":null")
            return "" if is_null else str(node.value)
        if node.id == "sequence":
            return [self.of(one, depth + 1) for one in node.value[: self._left]]
        pairs = node.value[: self._left]
        return {str(self.of(k, depth + 1)): self.of(v, depth + 1) for k, v in pairs}


def _read_lines(source: str) -> dict[str, _Value] | None:
    """Return what stands in lines like ``title: On Tides: a Study``; None when there are others."""
    values: dict[str, _Value] = {}
    last = ""
    for line in source.split("\n"):
        found = _LINE.fullmatch(line[:4_000].rstrip())
        entry = _ENTRY.fullmatch(line[:4_000])
        if found:
            last = found[1]
            values[last] = _unquoted(found[2] or "")
        elif entry and last:
            if not isinstance(values[last], list):
                values[last] = [values[last]] if values[last] else []
            values[last].append(_unquoted(entry[1]))
        elif line[:1] in " \t" and last and isinstance(values[last], str) and len(line) < 4_000:
            values[last] = f"{values[last]} {line.strip()}".strip()
        elif line.strip() and not line.startswith(("#", " ", "\t")):
            return None
    return values or None


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return "" if text in ("|", ">", "|-", ">-") else text


def _unmarked(title: str) -> str:
    """Return a title without the marks of bold type or the quotes that all of it stands in."""
    words = title.strip()
    for mark in ("***", "**", "*", "'", '"'):
        inside = words.removeprefix(mark).removesuffix(mark)
        if len(inside) == len(words) - 2 * len(mark) and mark not in inside:
            words = inside.strip()
    return words


def _leaves(value: _Value, depth: int = 0) -> Iterator[str]:
    """Yield the texts in a value."""
    if isinstance(value, dict | list):
        if depth < _DEEPEST:
            for one in value.values() if isinstance(value, dict) else value:
                yield from _leaves(one, depth + 1)
    elif not isinstance(value, bool) and str(value).strip():
        yield str(value)


def _people(value: _Value, depth: int = 0) -> Iterator[str]:
    """Yield the names of people or institutes, in any of the ways in which they are written.

    A text, a list of texts; mappings with ``name``, with ``given`` and ``family``, and such whose
    one key is the name itself.
    """
    if depth > 4:
        return
    if isinstance(value, list):
        for one in value:
            yield from _people(one, depth + 1)
    elif isinstance(value, dict):
        lowered = {str(name).lower(): one for name, one in value.items()}
        for name in ("name", "literal", "author"):
            if name in lowered:
                yield from _people(lowered[name], depth + 1)
                return
        parts = [lowered.get(name) for name in _PARTS_OF_NAMES]
        words = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
        if words:
            yield " ".join(words)
        elif value and all(isinstance(one, dict | list) for one in value.values()):
            yield from map(str, value)
    elif not isinstance(value, bool) and str(value).strip():
        yield str(value).strip()


def _is_prose(words: str) -> bool:
    """True when a value of a setting that is not known reads as words of a language."""
    return not words.lstrip().startswith(("\\", "<", "{")) and bool(_PROSE.search(words[:2_000]))
