"""Elements of Office documents by their usual prefix, in both kinds of the format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

__all__ = [
    "attribute",
    "child",
    "children",
    "is_on",
    "key",
    "key_of_ancestor",
    "properties",
    "reference",
    "value",
]

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_STRICT_DRAWING = "http://purl.oclc.org/ooxml/drawingml"
#: Namespaces by the prefix that everybody gives them, transitional and strict (ISO 29500-1).
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    f"{_DRAWING}/main": "a",
    f"{_STRICT_DRAWING}/main": "a",
    f"{_DRAWING}/picture": "pic",
    f"{_STRICT_DRAWING}/picture": "pic",
    f"{_DRAWING}/diagram": "dgm",
    f"{_STRICT_DRAWING}/diagram": "dgm",
    f"{_DRAWING}/chart": "c",
    f"{_STRICT_DRAWING}/chart": "c",
    f"{_DRAWING}/wordprocessingDrawing": "wp",
    f"{_STRICT_DRAWING}/wordprocessingDrawing": "wp",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/drawing/2014/chartex": "cx",
    "http://schemas.openxmlformats.org/presentationml/2006/main": "p",
    "http://purl.oclc.org/ooxml/presentationml/main": "p",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
}


@lru_cache(4096)  # a document has a few dozen different ones
def key(tag: object) -> str:
    """Return ``w:p`` for ``{http://...}p``; empty for other namespaces and for comments."""
    if not isinstance(tag, str):
        return ""
    namespace, _, name = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{name}" if prefix else ""


def key_of_ancestor(element: etree._Element, steps: int) -> str:
    """Return the key of an element so many steps above; empty when there is none."""
    ancestor: etree._Element | None = element
    for _ in range(steps):
        ancestor = ancestor.getparent() if ancestor is not None else None
    return key(ancestor.tag) if ancestor is not None else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute in whatever namespace it is."""
    for full, text in element.attrib.items():
        if str(full).rpartition("}")[2] == name:
            return str(text)
    return None


def reference(element: etree._Element, name: str) -> str:
    """Return an attribute that names a relationship, apart from one of its own (``r:id``)."""
    for full, text in element.attrib.items():
        if str(full).endswith(f"/relationships}}{name}"):
            return str(text)
    return ""


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children of a name such as ``w:lvl``."""
    for item in element if element is not None else ():
        if key(item.tag) == name:
            yield item


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child of a name."""
    return next(children(element, name), None)


def properties(element: etree._Element, name: str) -> etree._Element | None:
    """Return the properties of a paragraph or a run, which stand first in it (§17.3)."""
    first = element[0] if len(element) else None
    return first if first is not None and key(first.tag) == name else None


def value(element: etree._Element | None, name: str) -> str | None:
    """Return the attribute ``val`` of the first child of a name."""
    found = child(element, name)
    return attribute(found, "val") if found is not None else None


def is_on(element: etree._Element) -> bool:
    """True when a switch is on: it is when it is there and does not say otherwise (§17.17.4)."""
    return (attribute(element, "val") or "true").lower() not in ("0", "false", "off")
