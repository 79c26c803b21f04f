"""Elements of OpenDocument files by their usual prefix."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["attribute", "child", "children", "full", "key"]

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
#: Namespaces by the prefix that OpenDocument 1.3 part 3 (§2.2) gives them.
_NAMESPACES = {
    "office": f"{_ODF}:office:1.0",
    "text": f"{_ODF}:text:1.0",
    "table": f"{_ODF}:table:1.0",
    "draw": f"{_ODF}:drawing:1.0",
    "dr3d": f"{_ODF}:dr3d:1.0",
    "presentation": f"{_ODF}:presentation:1.0",
    "style": f"{_ODF}:style:1.0",
    "fo": f"{_ODF}:xsl-fo-compatible:1.0",
    "svg": f"{_ODF}:svg-compatible:1.0",
    "chart": f"{_ODF}:chart:1.0",
    "meta": f"{_ODF}:meta:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "math": "http://www.w3.org/1998/Math/MathML",
    "xlink": "http://www.w3.org/1999/xlink",
}
_PREFIXES = {namespace: prefix for prefix, namespace in _NAMESPACES.items()}


@lru_cache(4096)  # a document has a few dozen different ones
def key(tag: object) -> str:
    """Return ``text:p`` for ``{urn:...}p``; empty for other namespaces and for comments."""
    if not isinstance(tag, str):
        return ""
    namespace, _, name = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{name}" if prefix else ""


@lru_cache(256)
def full(name: str) -> str:
    """Return ``{urn:...}p`` for ``text:p``."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def attribute(element: etree._Element, name: str) -> str:
    """Return an attribute such as ``text:style-name``, empty when it is not there."""
    return str(element.get(full(name)) or "")


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the children of a name."""
    for item in element if element is not None else ():
        if key(item.tag) == name:
            yield item


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child of a name."""
    return next(children(element, name), None)
