"""Papers and editions in TEI XML, as GROBID and publishers of texts write them.

Read are title, authors, affiliations, abstract and keywords of the header; the text with its
headings, notes, figures' captions, tables (a row is a line, cells are separated by tabs) and
references. What the header states is the first page, each division of the highest level one more,
with its heading as label. Of what an editor has corrected the correction is read. Nothing is
fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.htmltext import Collector
from reslib.extractors.stated import Stated
from reslib.extractors.xmlpapers.papertables import PaperTables
from reslib.extractors.xmlpapers.paperxml import (
    is_element,
    local,
    one_line,
    outermost,
    parse_paper,
    show,
)
from reslib.extractors.xmlpapers.teirefs import person, reference
from reslib.items import DocumentInfo, Item, Page, Section

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["extract"]

_TAGS = {
    **dict.fromkeys("div div1 div2 div3 div4 div5 div6 lg sp titlePage front".split(), "section"),
    **dict.fromkeys("l speaker stage note bibl byline docAuthor docDate trailer".split(), "div"),
    **dict.fromkeys("p ab formula opener closer".split(), "p"),
    **dict.fromkeys(
        "graphic pb fw gap del orig sic abbr teiHeader facsimile anchor milestone cb".split(), ""
    ),
    "head": "h2",
    "figure": "figure",
    "figDesc": "figcaption",
    "table": "table",
    "row": "tr",
    "cell": "td",
    "list": "ul",
    "listBibl": "section",
    "item": "li",
    "cit": "blockquote",
    "lb": "br",
}
_DIVISIONS = frozenset(f"div{level}" for level in ("", *range(1, 8)))
_IDS = {"DOI": "doi", "PMID": "pmid", "PMCID": "pmcid", "arXiv": "arxiv", "ISBN": "isbn"}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_MOST_ITEMS, _MOST_PAGES = 20_000, 2_000
_RAISED, _LOWERED = ("superscript", "sup", "super"), ("subscript", "sub")


def extract(path: Path) -> Iterator[Item | DocumentInfo]:
    """Yield what the header states, the divisions as pages, tables and references.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no TEI or declares entities as attacks do; ``output_limit``
        when it is longer than 24 MB.
    """
    root, decoded, fault = parse_paper(path)
    text = next((one for one in root.iter("{*}text")), None)
    header = next((one for one in root.iter("{*}teiHeader")), None)
    if text is None and header is None:
        raise ExtractionError(
            f"it is XML, but no text of TEI{f' ({fault})' if fault else ''}. Download it again, "
            "or give it its right name",
            ErrorCode.MALFORMED,
        )
    stated = _stated(header, text)
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
    tables = PaperTables(_TAGS, _shown)
    abstract = next(header.iter("{*}abstract"), None) if header is not None else None
    yield Page(_front(stated, abstract), number=1, label="Abstract" if abstract is not None else "")
    for number, part in enumerate(_parts(root), 2):
        collector = Collector()
        for element in part:
            show(collector, element, _TAGS, _shown)
        words = collector.close().text()
        yield Page(words, number=number, label=_heading(part[0]), blank=not words.strip())
        for element in part:
            for section in _sections(element, number):
                if sections < _MOST_ITEMS:
                    sections += 1
                    yield section
            yield from tables.of(element, number)
    for count, entry in enumerate(outermost(root, "biblStruct")):
        if count < _MOST_ITEMS and next(entry.iterancestors("{*}listBibl"), None) is not None:
            yield reference(entry)


def _stated(header: etree._Element | None, text: etree._Element | None) -> Stated:
    stated = Stated("TEI header")
    if header is None:
        return stated
    source = next(header.iter("{*}sourceDesc"), None)
    statement = next(header.iter("{*}titleStmt"), None)
    for one in statement if statement is not None else ():
        if is_element(one, "title"):
            stated.add("subtitle" if one.get("type") == "sub" else "title", one_line(one, _TAGS))
        elif is_element(one, "editor"):
            stated.add("editor", person(one))
    for place in (source, statement):
        people = list(place.iter("{*}author")) if place is not None else []
        for author in people:
            stated.add("author", person(author))
            for one in author.iter("{*}affiliation"):
                stated.add("affiliation", _affiliation(one))
        if people:
            break
    for number in header.iter("{*}idno"):
        key = _IDS.get(number.get("type") or "", "")
        if key:
            stated.add(key, one_line(number, _TAGS))
    for date in header.iter("{*}date"):
        if is_element(_above(date), "publicationStmt", "imprint"):
            value = date.get("when") or one_line(date, _TAGS)
            stated.add("date", value)
            break
    for one in source.iter("{*}title") if source is not None else ():
        if one.get("level") == "j":
            stated.add("journal", one_line(one, _TAGS))
            break
    stated.add("publisher", one_line(next(header.iter("{*}publisher"), None), _TAGS))
    for unit in ("volume", "issue"):
        scope = next((s for s in header.iter("{*}biblScope") if s.get("unit") == unit), None)
        stated.add(unit, one_line(scope, _TAGS))
    for keywords in header.iter("{*}keywords"):
        for term in keywords.iter("{*}term", "{*}item"):
            stated.add("keywords", one_line(term, _TAGS))
    licence = next(header.iter("{*}licence"), None)
    if licence is not None:
        stated.add("licence", licence.get("target") or one_line(licence, _TAGS)[:1_000])
    root = header.getroottree().getroot()
    languages = [one.get(_LANGUAGE) or "" for one in (text, header, root) if one is not None]
    stated.add("language", next(filter(None, languages), ""))
    return stated


def _affiliation(element: etree._Element) -> str:
    parts = element.iter("{*}orgName", "{*}addrLine", "{*}settlement", "{*}region", "{*}country")
    words = [one_line(part, _TAGS) for part in parts]
    return ", ".join(dict.fromkeys(filter(None, words))) or one_line(element, _TAGS)


def _front(stated: Stated, abstract: etree._Element | None) -> str:
    by_key: dict[str, list[str]] = {}
    for one in stated:
        by_key.setdefault(one.key, []).append(one.value)
    blocks = [*by_key.get("title", []), ", ".join(by_key.get("author", []))]
    blocks.append("\n".join(by_key.get("affiliation", [])))
    if abstract is not None:
        collector = Collector()
        show(collector, abstract, _TAGS, _shown)
        blocks += ["Abstract", collector.close().text()]
    keywords = "; ".join(by_key.get("keywords", []))
    blocks.append(f"Keywords: {keywords}" if keywords else "")
    return "\n\n".join(filter(None, blocks))


def _parts(root: etree._Element) -> Iterator[list[etree._Element]]:
    """Yield what is a page each: divisions of the highest level, and what stands between them."""
    part: list[etree._Element] = []
    count = 0
    for text in root.iter("{*}text"):
        if next(text.iterancestors("{*}text"), None) is not None:
            continue
        for place in text:
            for element in filter(local, place):
                if part and local(element) in _DIVISIONS and count < _MOST_PAGES:
                    count += 1
                    yield part
                    part = []
                part.append(element)
            if part and count < _MOST_PAGES:
                count += 1
                yield part
                part = []
    if part:
        yield part


def _heading(element: etree._Element) -> str:
    if local(element) not in _DIVISIONS:
        return ""
    head = next(element.iter("{*}head"), None)
    words = one_line(head, _TAGS)[:200]
    return words or ("References" if element.get("type") == "references" else "")


def _sections(root: etree._Element, page: int) -> Iterator[Section]:
    from lxml import etree

    level = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if local(element) not in _DIVISIONS:
            continue
        level += 1 if event == "start" else -1
        head = next((one for one in element if is_element(one, "head")), None)
        if event == "start" and head is not None:
            number = head.get("n") or ""
            words = f"{number} {one_line(head, _TAGS)}".strip()
            if words:
                yield Section(words, max(level, number.strip(".").count(".") + 1), page)


def _shown(collector: Collector, element: etree._Element) -> bool:
    """Show what a name is not enough for: raised letters, numbers of headings, references."""
    name = local(element)
    if name == "biblStruct":
        collector.start("div", {})
        collector.data(reference(element).text)
        collector.end("div")
        return True
    if name == "lb" and element.get("break") == "no":
        return True  # inside a word
    if name == "label" and is_element(_above(element), "figure"):
        return True  # GROBID repeats the number that the heading has
    if name in ("orig", "sic", "abbr") and not is_element(_above(element), "choice"):
        show(collector, element, {**_TAGS, name: "span"})
        return True
    if name == "head" and element.get("n"):
        collector.start("h2", {})
        collector.data(f"{element.get('n')} {one_line(element, _TAGS)}")
        collector.end("h2")
        return True
    rend = (element.get("rend") or "").lower()
    if name == "hi" and (rend in _RAISED or rend in _LOWERED):
        tag = "sup" if rend in _RAISED else "sub"
        collector.start(tag, {})
        collector.data("".join(map(str, element.itertext())))
        collector.end(tag)
        return True
    return False


def _above(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    return element if parent is None else parent
