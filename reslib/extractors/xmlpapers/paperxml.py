"""Parses the XML of papers without believing it, and gives its text as if it were HTML.

Papers may declare a document type, and refer to letters by names that only its DTD explains. No
DTD is loaded and no entity is expanded: a name that HTML knows is the letter it stands for, any
other stays as it was typed. What is damaged is read as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.encoding import Decoded, decode
from reslib.extractors.htmltext import Collector
from reslib.extractors.labels import label_of_markup
from reslib.extractors.textfile import read_bytes

if TYPE_CHECKING:
    from lxml import etree

__all__ = [
    "MAX_BYTES",
    "Show",
    "is_element",
    "local",
    "one_line",
    "outermost",
    "parse_paper",
    "sentences",
    "show",
    "text_of",
]

#: The most bytes: as a tree they are up to forty times as many. Long articles have 5 MB.
MAX_BYTES = 24_000_000
#: What libxml2 says of a prefix that nobody has declared; nothing is lost by that.
_UNKNOWN_PREFIX = 201
_REFERENCE = re.compile(r"&(?:([A-Za-z][\w.-]{0,60});|(?!#(?:\d{1,7}|[xX][0-9A-Fa-f]{1,6});))")
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: A sign that is smaller than something, and no tag.
_BARE = re.compile(r"<(?=[\s\d=<])")
#: Between the parts of which white space is none of the text.
_SPACED = frozenset("table thead tbody tfoot tr list row".split())
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: Where the prolog ends at the latest, and an entity in it that is made of others.
_PROLOG = 1 << 16
_NESTED = re.compile(
    r"<!ENTITY\s+(?:%\s+)?[\w.:-]+\s+(?:\"[^\"]*[&%][\w.:-]+;|'[^']*[&%][\w.:-]+;)", re.ASCII
)
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]*\[", re.IGNORECASE)


def parse_paper(path: Path) -> tuple[etree._Element, Decoded, str]:
    """Return the root of a paper, how it was decoded, and what is wrong with its XML.

    Parameters
    ----------
    path
        The document; may be packed with gzip.

    Raises
    ------
    ExtractionError
        ``malformed`` when there is no element in it, or entities are made of entities;
        ``output_limit`` when it is too long; ``truncated`` when it is packed and cut off.
    """
    data = read_bytes(path, MAX_BYTES)
    decoded = decode(data, label_of_markup(data))
    _refuse_bombs(decoded.text)
    root, fault = _parse("".join(_plain(_ILLEGAL.sub("\ufffd", decoded.text).lstrip())))
    if root is None:
        raise ExtractionError(
            f"it is no XML: {fault}. Download it again, or give it its right name",
            ErrorCode.MALFORMED,
        )
    return root, decoded, fault


def _refuse_bombs(text: str) -> None:
    prolog = text[:_PROLOG]
    if _DOCTYPE.search(prolog) and _NESTED.search(prolog):
        raise ExtractionError(
            "it declares entities that are made of other entities, as attacks do and papers do "
            "not. Get the paper from its publisher",
            ErrorCode.MALFORMED,
        )


def _plain(text: str) -> Iterator[str]:
    """Yield the pieces of a text without references; in CDATA there are none."""
    at = 0
    while at < len(text):
        start = text.find("<![CDATA[", at)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            start = end = len(text)
        yield _BARE.sub("&lt;", _REFERENCE.sub(_letter, text[at:start]))
        yield text[start : end + 3]
        at = end + 3


def _letter(reference: re.Match[str]) -> str:
    name = reference[1]
    if name is None:
        return "&amp;"
    if name in _PREDEFINED:
        return reference[0]
    from html.entities import html5  # a quarter of a megabyte: not before a name is met

    letter = html5.get(f"{name};")
    return f"&amp;{name};" if letter is None else "".join(f"&#{ord(c)};" for c in letter)


def _parse(text: str) -> tuple[etree._Element | None, str]:
    """Return the root and what is wrong; of damaged XML the part up to the damage and around."""
    from lxml import etree

    data = text.encode("utf-8", "replace")
    fault = "it has no element"
    for recover in (False, True):
        parser = etree.XMLParser(
            encoding="utf-8",  # it has been decoded already
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            recover=recover,
        )
        try:
            # All at once: fed in pieces, libxml2 looks for the end of each tag again and again.
            root = cast("etree._Element | None", etree.fromstring(data, parser))
        except etree.XMLSyntaxError as error:
            if not recover:
                fault = _words(error)
            continue
        faults = {entry.type for entry in parser.error_log}  # the last of them, at most a hundred
        return root, fault if root is None or faults - {_UNKNOWN_PREFIX} else ""
    return None, fault


def _words(error: etree.XMLSyntaxError) -> str:
    line = f"at line {error.lineno}: " if error.lineno else ""
    return f"{line}{' '.join(str(error.msg).partition(', line ')[0].split())[:200]}"


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace; empty for a comment and the like."""
    tag = element.tag
    return _local(tag) if type(tag) is str else ""


@lru_cache(4096)  # a paper has a hundred different ones
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def outermost(root: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of these names, the root among them, that are in none of these names."""
    wanted = tuple(f"{{*}}{name}" for name in names)
    for element in root.iter(*wanted):
        if element is root or next(element.iterancestors(*wanted), None) is None:
            yield element


def is_element(element: etree._Element, *names: str) -> bool:
    """True when an element has one of these names, in whichever namespace."""
    return local(element) in names


#: Shows an element in a way of its own; returns whether it did.
Show = Callable[[Collector, "etree._Element"], bool]


def show(
    collector: Collector,
    root: etree._Element,
    tags: Mapping[str, str],
    special: Show | None = None,
) -> None:
    """Give an element to a collector, each element under the name that HTML has for it.

    Parameters
    ----------
    collector
        What takes the text.
    root
        The element; what follows it is not taken.
    tags
        Names of HTML by those of the paper. An empty one leaves the element out; names that are
        not there are those of something inside a line.
    special
        Is asked first for each element but the outermost.
    """
    from lxml import etree

    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    left_out: etree._Element | None = None
    for event, element in walk:
        if event == "start":
            name = local(element)
            tag = tags.get(name, name if _is_formula(element) else "span")
            done = special is not None and element is not root and special(collector, element)
            if done or not tag:
                left_out = element
                walk.skip_subtree()
                continue
            collector.start(tag, {})
            text = element.text
            if tag in ("sup", "sub") and text and "\n" in text:
                text = text.lstrip() if len(element) else text.strip()  # written on its own line
            _data(collector, element, text)
            continue
        if event == "end":
            if element is left_out:
                left_out = None
            else:
                name = local(element)
                collector.end(tags.get(name, name if _is_formula(element) else "span"))
        if element is not root:
            _data(collector, element.getparent(), element.tail)


def _data(collector: Collector, inside: etree._Element | None, text: str | None) -> None:
    if text and not (inside is not None and local(inside) in _SPACED and text.isspace()):
        collector.data(text)


def _is_formula(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and "/Math/MathML}" in element.tag


def text_of(element: etree._Element, tags: Mapping[str, str], special: Show | None = None) -> str:
    """Return the text of an element, as :func:`show` gives it."""
    collector = Collector()
    show(collector, element, tags, special)
    return collector.close().text()


def one_line(
    element: etree._Element | None, tags: Mapping[str, str], special: Show | None = None
) -> str:
    """Return the text of an element on one line; empty when there is none."""
    return " ".join(text_of(element, tags, special).split()) if element is not None else ""


def sentences(parts: Iterable[str]) -> str:
    """Return the parts of an entry as sentences, each with one sign at its end."""
    found = (part.strip().rstrip(".") for part in parts)
    return " ".join(part if part[-1] in "?!" else f"{part}." for part in found if part)
