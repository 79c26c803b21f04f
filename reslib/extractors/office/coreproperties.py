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


def core_properties(package: Package) -> Stated:
    """Return what a document states of itself; damaged properties do not matter.

    Parameters
    ----------
    package
        The document.
    """
    stated = Stated("core properties")
    try:
        parts = [r.target for r in package.relationships() if r.kind == "core-properties"]
        elements = [element for part in parts[:1] for element in package.xml(part)]
    except ExtractionError:
        return stated
    for element in elements:
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        key, text = _KEYS.get(name), element.text or ""
        if key == "author":
            for author in names(text):
                stated.add(key, author)
        elif key is not None:
            # No title is better than the one that a program leaves: "PowerPoint Presentation".
            stated.add(key, as_title(text) or "" if key == "title" else text)
    return stated
