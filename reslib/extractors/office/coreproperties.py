"""The properties of an Office document in ``docProps/core.xml``: title, author, date."""

from __future__ import annotations

from collections.abc import Iterable

from reslib.errors import ExtractionError
from reslib.extractors.office.opc import Package
from reslib.items import Metadata

__all__ = ["core_properties", "title"]

_SOURCE = "core properties"
#: Local names of the elements that Open Packaging Conventions define (ECMA-376 part 2, §11).
_KEYS = {
    "title": "title",
    "creator": "author",
    "created": "created",
    "language": "language",
}


def core_properties(package: Package) -> tuple[Metadata, ...]:
    """Return what a document states of itself; damaged properties do not matter.

    Parameters
    ----------
    package
        The document.
    """
    try:
        parts = [r.target for r in package.relationships() if r.kind == "core-properties"]
        elements = [element for part in parts[:1] for element in package.xml(part)]
    except ExtractionError:
        return ()
    found = []
    for element in elements:
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        text = " ".join((element.text or "").split())
        if name in _KEYS and text:
            found.append(Metadata(_KEYS[name], text, _SOURCE))
    return tuple(found)


def title(metadata: Iterable[Metadata]) -> str | None:
    """Return the title that is stated, None when there is none."""
    return next((item.value for item in metadata if item.key == "title"), None)
