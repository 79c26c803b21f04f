"""The front matter of a paper in JATS: its metadata, and the lines above its first section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reslib.extractors.htmltext import Collector
from reslib.extractors.stated import Stated
from reslib.extractors.xmlpapers.jatsrefs import person
from reslib.extractors.xmlpapers.jatstags import TAGS, special
from reslib.extractors.xmlpapers.paperxml import is_element, local, one_line, outermost, show

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["show_front", "stated_by"]

_IDS = {
    "doi": "doi",
    "pmid": "pmid",
    "pmc": "pmcid",
    "pmcid": "pmcid",
    "arxiv": "arxiv",
    "publisher-id": "identifier",
}
_PEOPLE = ("name", "string-name", "collab", "name-alternatives", "collab-alternatives")
_AUTHORS = frozenset({"author", "", "collab"})
#: Dates of publication, the first of which there is one counts.
_DATES = ("pub", "epub", "ppub", "epub-ppub", "collection", "")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_BEFORE_COMMA = re.compile(r"\s+(?=[,;])")
#: Inside a line a title is no heading.
_IN_LINE = {**TAGS, **dict.fromkeys(("article-title", "title", "subtitle"), "span")}


def stated_by(article: etree._Element) -> Stated:
    """Return what a paper states of itself.

    Parameters
    ----------
    article
        Its outermost element.
    """
    stated = Stated("front matter")
    front = _front(article)
    if front is None:
        return stated
    journal, meta = front.find("{*}journal-meta"), _meta(front)
    stated.add("title", _line(meta, "title-group/{*}article-title"))
    stated.add("subtitle", _line(meta, "title-group/{*}subtitle"))
    for contributor in _contributors(meta):
        kind = _kind(contributor)
        key = "author" if kind in _AUTHORS else "editor" if "editor" in kind else ""
        name = _name(contributor)
        if key and name:
            stated.add(key, name)
    for affiliation in outermost(meta, "aff"):
        stated.add("affiliation", _affiliation(affiliation, labelled=False))
    for number in meta.findall("{*}article-id"):
        key = _IDS.get(number.get("pub-id-type") or "", "")
        value = _text(number)
        if key == "pmcid" and value.isdigit():
            value = f"PMC{value}"
        if key:
            stated.add(key, value)
    _add_date(stated, meta)
    if journal is not None:
        titles = ("journal-title-group/{*}journal-title", "journal-title", "journal-id")
        stated.add("journal", next(filter(None, (_line(journal, one) for one in titles)), ""))
        for issn in journal.findall("{*}issn"):
            stated.add("issn", _text(issn))
        stated.add("publisher", _line(journal, "publisher/{*}publisher-name"))
    for name in ("volume", "issue"):
        stated.add(name, _line(meta, name))
    pages = [_line(meta, name) for name in ("fpage", "lpage")]
    stated.add("pages", "-".join(filter(None, pages)) or _line(meta, "elocation-id"))
    for keyword in outermost(meta, "kwd"):
        stated.add("keywords", one_line(keyword, TAGS, special))
    for subject in outermost(meta, "subject"):
        stated.add("subject", one_line(subject, TAGS, special))
    abstract = meta.find("{*}abstract")
    if abstract is not None:
        stated.add("description", one_line(abstract, TAGS, special))
    stated.add("licence", _licence(meta))
    stated.add("language", article.get(_LANGUAGE) or "")
    return stated


def show_front(collector: Collector, article: etree._Element) -> bool:
    """Show title, authors and what else stands above the first section; return whether any does.

    Parameters
    ----------
    collector
        What takes the text.
    article
        The outermost element of the paper, or of a part that has a front of its own.
    """
    front = _front(article)
    if front is None:
        return False
    meta = _meta(front)
    for title in meta.iterfind("{*}title-group//*"):
        if is_element(title, "article-title", "subtitle", "trans-title", "trans-subtitle"):
            show(collector, title, {**TAGS, "xref": "", "fn": ""}, special)
    _block(collector, ", ".join(_authors(meta)))
    for editor in _others(meta):
        _block(collector, editor, tag="div")
    institutes = (_affiliation(one, labelled=True) for one in outermost(meta, "aff"))
    for institute in dict.fromkeys(institutes):
        _block(collector, institute, tag="div")
    for notes in meta.findall("{*}author-notes"):
        show(collector, notes, TAGS, special)
    for abstract in meta:
        if is_element(abstract, "abstract", "trans-abstract"):
            if abstract.find("{*}title") is None and abstract.get("abstract-type") is None:
                _block(collector, "Abstract", tag="h2")
            show(collector, abstract, TAGS, special)
    for group in meta.findall("{*}kwd-group"):
        words = [one_line(one, TAGS, special) for one in group.iter("{*}kwd", "{*}compound-kwd")]
        called = one_line(group.find("{*}title"), _IN_LINE, special) or "Keywords"
        listed = "; ".join(filter(None, words))
        _block(collector, f"{called.rstrip(':')}: {listed}" if listed else "")
    for statement in meta.iterfind("{*}funding-group/{*}funding-statement"):
        _block(collector, one_line(statement, TAGS, special))
    return True


def _front(article: etree._Element) -> etree._Element | None:
    return next((one for one in article if is_element(one, "front", "front-stub")), None)


def _meta(front: etree._Element) -> etree._Element:
    meta = front.find("{*}article-meta")
    return front if meta is None else meta


def _block(collector: Collector, words: str, tag: str = "p") -> None:
    if words:
        collector.start(tag, {})
        collector.data(words)
        collector.end(tag)


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _line(parent: etree._Element, path: str) -> str:
    return one_line(parent.find(f"{{*}}{path}"), {**_IN_LINE, "xref": "", "fn": ""}, special)


def _contributors(meta: etree._Element) -> Iterator[etree._Element]:
    """Yield the people of the paper; those that make up a group are of the group."""
    for group in meta.findall("{*}contrib-group"):
        yield from group.findall("{*}contrib")


def _name(contributor: etree._Element) -> str:
    found = next((one for one in contributor if is_element(one, *_PEOPLE)), None)
    if found is not None:
        return person(found)
    anonymous = contributor.find("{*}anonymous")
    return "Anonymous" if anonymous is not None else ""


def _others(meta: etree._Element) -> Iterator[str]:
    """Yield those who are no authors with what they did: ``Reviewing editor: Cy Day``."""
    for contributor in _contributors(meta):
        name, kind = _name(contributor), _kind(contributor)
        if name and kind not in _AUTHORS:
            role = _line(contributor, "role") or kind.capitalize()
            yield f"{role}: {name}"


def _kind(contributor: etree._Element) -> str:
    return (contributor.get("contrib-type") or "").strip().lower()


def _authors(meta: etree._Element) -> Iterator[str]:
    """Yield the names with the marks behind them: ``Ann Reed 1,*``."""
    for contributor in _contributors(meta):
        name = _name(contributor)
        if not name or _kind(contributor) not in _AUTHORS:
            continue
        marks = [_text(one) for one in contributor if is_element(one, "xref", "sup")]
        marks = [mark for mark in marks if mark and len(mark) <= 5]
        yield " ".join(filter(None, (name, ",".join(dict.fromkeys(marks)))))


def _affiliation(element: etree._Element, *, labelled: bool) -> str:
    """Return an institute and its address, with commas where the paper leaves them to programs."""
    parts = [one for one in element if local(one) not in ("label", "sup", "")]
    label = next((_text(one) for one in element if is_element(one, "label", "sup")), "")
    written = "".join([element.text or "", *(one.tail or "" for one in element)])
    if parts and not any(character.isalnum() or character == "," for character in written):
        leaves = [leaf for part in parts for leaf in _pieces(part)]
        words = ", ".join(dict.fromkeys(filter(None, leaves)))
    else:
        words = one_line(element, {**TAGS, "label": "", "sup": "", "institution-id": ""})
    words = _BEFORE_COMMA.sub("", words)
    return f"{label} {words}".strip() if labelled else words.strip(" ,;")


def _pieces(element: etree._Element) -> Iterator[str]:
    """Yield the institutes of a wrap of them, or the element itself."""
    if is_element(element, "institution-wrap"):
        for one in element:
            if not is_element(one, "institution-id"):
                yield _text(one)
    else:
        yield _text(element)


def _add_date(stated: Stated, meta: etree._Element) -> None:
    dates = [one for one in meta if is_element(one, "pub-date")]
    dates.sort(key=lambda one: _rank(one.get("date-type") or one.get("pub-type") or ""))
    for date in dates[:1]:
        parts = [_line(date, name) for name in ("year", "month", "day")]
        if not parts[0].isdigit():
            continue
        shown = parts[0]
        for number in parts[1:]:
            if not number.isdigit():
                break
            shown += f"-{int(number[:4]):02}"
        stated.add("date", shown)
        stated.add("year", parts[0])


def _rank(kind: str) -> int:
    return _DATES.index(kind) if kind in _DATES else len(_DATES)


def _licence(meta: etree._Element) -> str:
    for licence in meta.iterfind("{*}permissions/{*}license"):
        reference = next(licence.iter("{*}license_ref"), None)
        if reference is not None:
            return _text(reference)
        for key, value in licence.attrib.items():
            if str(key).endswith("}href") or key == "href":
                return str(value)
        return one_line(licence, TAGS, special)[:1_000]
    return ""
