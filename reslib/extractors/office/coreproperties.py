"""The properties that an Office document states of itself: title, authors, dates, keywords."""

from __future__ import annotations

from reslib.errors import ExtractionError
from reslib.extractors.office.opc import Package
from reslib.extractors.pdf.titles import as_title
from reslib.extractors.stated import Stated, names

__all__ = ["core_properties"]

#: Local names of the elements that Open Packaging Conventions define (ECMA-376 part 2, §11).
_KEYS = {
    "title": "title",
    "creator": "author",
    "created": "created",
    "modified": "modified",
    "language": "language",
    "subject": "subject",
    "keywords": "keywords",
    "description": "description",
    "identifier": "identifier",
}
#: The same of those that programs of Office add (ECMA-376 part 1, §22.2).
_MORE = {"Company": "company"}


def core_properties(package: Package) -> Stated:
    """Return what a document states of itself; damaged properties do not matter.

    Parameters
    ----------
    package
        The document.
    """
    stated = Stated("core properties")
    for name, text in _fields(package, "core-properties"):
        key = _KEYS.get(name)
        if key == "author":
            for author in names(text):
                stated.add(key, author)
        elif key is not None:
            # No title is better than the one that a program leaves: "PowerPoint Presentation".
            stated.add(key, as_title(text) or "" if key == "title" else text)
    for name, text in _fields(package, "extended-properties"):
        if name in _MORE:
            stated.add(_MORE[name], text, "extended properties")
    return stated


def _fields(package: Package, kind: str) -> list[tuple[str, str]]:
    """Return local name and text of each element of the first part of a kind."""
    try:
        parts = [r.target for r in package.relationships() if r.kind == kind]
        elements = [element for part in parts[:1] for element in package.xml(part)]
    except ExtractionError:
        return []
    return [
        (element.tag.rpartition("}")[2], element.text or "")
        for element in elements
        if isinstance(element.tag, str)
    ]
