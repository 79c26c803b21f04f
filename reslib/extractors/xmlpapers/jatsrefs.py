"""The list of references of a paper in JATS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reslib.extractors.stated import bare_doi
from reslib.extractors.xmlpapers.jatstags import TAGS, special
from reslib.extractors.xmlpapers.paperxml import local, one_line, outermost, sentences
from reslib.items import Reference

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["person", "references"]

_CITATIONS = ("mixed-citation", "element-citation", "nlm-citation", "citation")
_TITLES = ("article-title", "chapter-title", "data-title", "part-title", "source", "trans-title")
_PEOPLE = ("name", "string-name", "collab", "name-alternatives", "collab-alternatives")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
#: Inside the entry titles and blocks are words like others.
_INLINE = {name: tag for name, tag in TAGS.items() if tag == "" or tag in ("sup", "sub")}


def references(root: etree._Element) -> Iterator[Reference]:
    """Yield the works in the lists of references of a paper or a part of it.

    Parameters
    ----------
    root
        What the lists are in.
    """
    for entry in outermost(root, "ref"):
        label = " ".join(_words(entry.find("{*}label")).split())
        for shown, parts in _citations(entry):
            reference = _reference(shown, parts, label)
            label = ""
            if reference.text:
                yield reference


def _citations(entry: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Yield the citations of an entry: the form that is printed, and the one with marked parts."""
    found = list(outermost(entry, *_CITATIONS))
    printed = [one for one in found if local(one) == "mixed-citation"]
    marked = [one for one in found if local(one) == "element-citation"]
    if printed and len(printed) == len(marked):
        yield from zip(printed, marked, strict=True)  # two forms of each
    else:
        yield from ((one, one) for one in found or [entry])


def _reference(shown: etree._Element, parts: etree._Element, label: str) -> Reference:
    text = _composed(shown) if _is_bare(shown) else one_line(shown, _INLINE, special)
    title = next((found for name in _TITLES if (found := _first(parts, name))), "")
    year = _YEAR.search(_first(parts, "year"))
    return Reference(
        text=" ".join(f"{label} {text}".split()),
        title=title,
        doi=_doi(parts) or _doi(shown),
        year=int(year[0]) if year else None,
    )


def _is_bare(citation: etree._Element) -> bool:
    """True when nothing but the parts of an entry is there, without what stands between them."""
    between = [child.tail or "" for child in citation]
    return len(citation) > 1 and not any(words.strip() for words in between)


def _first(citation: etree._Element, name: str) -> str:
    return one_line(next(citation.iter(f"{{*}}{name}"), None), _INLINE, special)


def _words(element: etree._Element | None) -> str:
    return "".join(map(str, element.itertext())) if element is not None else ""


def _doi(citation: etree._Element) -> str:
    for name in ("pub-id", "object-id", "ext-link", "uri"):
        for one in citation.iter(f"{{*}}{name}"):
            href = next((str(v) for k, v in one.attrib.items() if str(k).endswith("href")), "")
            found = bare_doi(" ".join(_words(one).split())) or bare_doi(href)
            if found:
                return found
    return ""


def person(element: etree._Element) -> str:
    """Return a name as it is spoken: given names first.

    Parameters
    ----------
    element
        A ``name``, ``string-name``, ``collab`` or what holds forms of one.
    """
    name = local(element)
    if name.endswith("-alternatives"):
        inner = next((one for one in element if local(one) in _PEOPLE), None)
        return person(inner) if inner is not None else ""
    if name == "name":
        parts = [one_line(element.find(f"{{*}}{part}"), _INLINE) for part in _ORDER]
        if element.get("name-style") == "eastern":
            parts[1], parts[2] = parts[2], parts[1]
        return " ".join(filter(None, parts))
    if name == "collab":
        # Its members stand inside it, and are people of their own.
        inside = {**_INLINE, "contrib-group": "", "xref": ""}
        return one_line(element, inside)
    return one_line(element, {**_INLINE, "xref": ""}, special)


_ORDER = ("prefix", "given-names", "surname", "suffix")


def _composed(citation: etree._Element) -> str:
    """Return an entry of which only the parts are given, as a list of references prints it."""
    people: list[str] = []
    pieces: list[str] = []
    parts = {name: _first(citation, name) for name in ("year", "volume", "issue", "fpage", "lpage")}
    done = {*parts, *_PEOPLE, *"etal label person-group month day season date-in-citation".split()}
    for one in citation.iter():
        if local(one) in _PEOPLE and not _is_inside(one, citation):
            surname, given = (one.find(f"{{*}}{part}") for part in ("surname", "given-names"))
            if surname is not None:
                short = [one_line(part, _INLINE) for part in (surname, given) if part is not None]
                people.append(" ".join(short))
            else:
                people.append(person(one))
        elif local(one) == "etal":
            people.append("et al.")
    year = f" ({parts['year']})" if parts["year"] else ""
    pieces.append(f"{', '.join(filter(None, people))}{year}".strip())
    volume = parts["volume"] + (f"({parts['issue']})" if parts["issue"] else "")
    pages = "–".join(filter(None, (parts["fpage"], parts["lpage"])))  # noqa: RUF001
    place = ":".join(filter(None, (volume, pages)))
    for child in citation:
        name = local(child)
        if not name or name in done:
            continue
        words = one_line(child, _INLINE, special)
        if name == "source":
            words, place = " ".join(filter(None, (words, place))), ""
        elif name == "pub-id" and words:
            kind = child.get("pub-id-type") or ""
            words = f"{kind}:{bare_doi(words) or words}" if kind else words
        elif name in ("isbn", "issn"):
            words = f"{name.upper()} {words}"
        pieces.append(words)
    pieces.append(place)
    return sentences(pieces)


def _is_inside(element: etree._Element, citation: etree._Element) -> bool:
    """True when it is a form or a member of a name that is taken as a whole."""
    parent = element.getparent()
    while parent is not None and parent is not citation:
        if local(parent) in _PEOPLE:
            return True
        parent = parent.getparent()
    return False
