"""Papers in JATS (NLM) XML, as PubMed Central, bioRxiv and publishers give them.

Read are title, authors with their affiliations and notes, abstracts, keywords; sections, lists,
captions, tables (a row is a line, cells are separated by tabs), formulas in linear form; notes,
acknowledgements, appendices and references; reviews and replies that come with the paper. What
stands before the first section is the first page, each section of the highest level one more,
with its heading as label. Nothing is fetched: no DTD, no entity, no picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.htmltext import Collector
from reslib.extractors.xmlpapers.jatsfront import show_front, stated_by
from reslib.extractors.xmlpapers.jatsrefs import references
from reslib.extractors.xmlpapers.jatstags import HEADED, TAGS, join_labels, special
from reslib.extractors.xmlpapers.papertables import PaperTables
from reslib.extractors.xmlpapers.paperxml import is_element, local, one_line, parse_paper, show
from reslib.items import DocumentInfo, Item, Page, Section

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]

#: What a part is called that has no heading.
_CALLED = {
    "ack": "Acknowledgements",
    "ref-list": "References",
    "fn-group": "Notes",
    "app": "Appendix",
    "app-group": "Appendix",
    "glossary": "Glossary",
    "floats-group": "Figures and tables",
}
_ARTICLES = ("article", "sub-article", "response")
#: Fewer than a document may have.
_MOST_ITEMS, _MOST_PAGES = 20_000, 2_000


@dataclass(slots=True)
class _Part:
    """A part of a paper that is a page: the front of an article, or elements of it."""

    label: str
    front: etree._Element | None = None
    elements: tuple[etree._Element, ...] = ()


def extract(path: Path) -> Iterator[Item | DocumentInfo]:
    """Yield what the paper states of itself, its sections as pages, tables and references.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no such paper or declares entities as attacks do;
        ``output_limit`` when it is longer than 24 MB.
    """
    root, decoded, fault = parse_paper(path)
    article = next((one for one in root.iter("{*}article")), None)
    if article is None or (fault and not len(article)):
        raise ExtractionError(
            f"it is XML, but holds no article{f' ({fault})' if fault else ''}. Download it again, "
            "or give it its right name",
            ErrorCode.MALFORMED,
        )
    join_labels(article)
    stated = stated_by(article)
    reasons = [decoded.reason, f"its XML is damaged ({fault})" if fault else ""]
    yield DocumentInfo(
        title=stated.title(),
        confidence=decoded.confidence if decoded.guessed else None,
        reason="; ".join(filter(None, reasons)),
        metadata=decoded.metadata(),
        partial=bool(fault),
    )
    yield from stated
    sections = 0
    tables = PaperTables(TAGS, special)
    for number, part in enumerate(_merged(list(_parts(article))), 1):
        collector = Collector()
        if part.front is not None:
            show_front(collector, part.front)
        for element in part.elements:
            show(collector, element, TAGS, _shown)
        text = collector.close().text()
        yield Page(text, number=number, label=part.label, blank=not text.strip())
        roots = part.elements if part.front is None else (*_abstracts(part.front), *part.elements)
        for element in roots:
            for section in _sections(element, number):
                if sections < _MOST_ITEMS:
                    sections += 1
                    yield section
            yield from tables.of(element, number)
    for count, reference in enumerate(references(article)):
        if count < _MOST_ITEMS:
            yield reference


def _parts(article: etree._Element) -> Iterator[_Part]:
    """Yield the parts of an article, and of those that come with it, in their order."""
    ahead = [article]
    while ahead:
        one = ahead.pop(0)
        loose: list[etree._Element] = []
        sections: list[_Part] = []
        for child in one:
            name = local(child)
            if name == "body":
                for element in filter(local, child):  # what has no name is a comment
                    if local(element) == "sec":
                        sections.append(_Part(_heading(element), elements=(element,)))
                    elif sections:
                        last = sections[-1]
                        last.elements = (*last.elements, element)
                    else:
                        loose.append(element)
            elif name == "back":
                for element in filter(local, child):
                    sections.append(_Part(_heading(element), elements=(element,)))
            elif name == "floats-group":
                sections.append(_Part(_heading(child), elements=(child,)))
            elif name in _ARTICLES:
                ahead.append(child)
        yield _Part(_front_label(one, article), one, tuple(loose))
        yield from sections


def _merged(parts: list[_Part]) -> list[_Part]:
    """Return as many parts as there may be pages; those beyond go into the last one."""
    if len(parts) <= _MOST_PAGES:
        return parts
    kept, rest = parts[:_MOST_PAGES], parts[_MOST_PAGES:]
    kept[-1].elements += tuple(element for part in rest for element in part.elements)
    return kept


def _front_label(one: etree._Element, article: etree._Element) -> str:
    if one is article:
        return "Abstract" if _abstracts(one) else ""
    front = _front(one)
    title = next(front.iter("{*}article-title"), None) if front is not None else None
    return one_line(title, TAGS, special)[:200] or "Reply"


def _front(article: etree._Element) -> etree._Element | None:
    return next((one for one in article if is_element(one, "front", "front-stub")), None)


def _abstracts(article: etree._Element) -> tuple[etree._Element, ...]:
    front = _front(article)
    return () if front is None else tuple(front.iter("{*}abstract", "{*}trans-abstract"))


def _heading(element: etree._Element) -> str:
    title = next((one for one in element if is_element(one, "title")), None)
    return one_line(title, TAGS, special)[:200] or _CALLED.get(local(element), "")


def _sections(root: etree._Element, page: int) -> Iterator[Section]:
    """Yield the headings below an element, one level deeper in each thing that has one."""
    from lxml import etree

    level = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = local(element)
        if name not in HEADED:
            continue
        level += 1 if event == "start" else -1
        if event == "start":
            title = next((one for one in element if is_element(one, "title")), None)
            words = one_line(title, TAGS, special)
            if not words and name == "abstract" and element.get("abstract-type") is None:
                words = "Abstract"
            if words:
                yield Section(words, level, page)


def _shown(collector: Collector, element: etree._Element) -> bool:
    """Show what a name is not enough for, entries of the list of references among them."""
    if local(element) == "ref":
        for reference in references(element):
            collector.start("div", {})
            collector.data(reference.text)
            collector.end("div")
        # What else stands there is a note.
        for note in element.findall("{*}note"):
            show(collector, note, TAGS, special)
        return True
    return special(collector, element)
