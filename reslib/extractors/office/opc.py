"""Opens an Office document's package and follows its relationships.

Only what Open Packaging Conventions (ECMA-376 part 2) demand to find the parts of a text.
python-docx opens packages too, but refuses those with a missing picture, of the strict or the
macro kind, unpacks every picture, and has no limit on what an archive unpacks to.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from reslib.extractors.archive import Archive

__all__ = ["Package", "Relationship"]

_TYPE_ROOTS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/",
    "http://schemas.microsoft.com/office/2007/relationships/",
    "http://schemas.microsoft.com/office/2014/relationships/",
    "http://schemas.microsoft.com/office/2018/10/relationships/",
)


@dataclass(frozen=True, slots=True)
class Relationship:
    """One arrow from a part to another.

    Parameters
    ----------
    kind
        The last word of its type: ``"footnotes"``.
    target
        Name of the part it leads to.
    name
        What the part calls it.
    """

    kind: str
    target: str
    name: str = ""


class Package(Archive):
    """The parts of an Office document, and how they hang together."""

    def relationships(self, part: str = "") -> Iterator[Relationship]:
        """Yield where *part* leads to inside the package; the package itself when empty.

        Raises
        ------
        ExtractionError
            The list is there but cannot be read.
        """
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if listing not in self:
            return
        for item in self.xml(listing):
            if not isinstance(item.tag, str) or item.get("TargetMode") == "External":
                continue
            stated = item.get("Type") or ""
            root = next((root for root in _TYPE_ROOTS if stated.startswith(root)), None)
            target = (item.get("Target") or "").partition("#")[0]
            if root is None or not target:
                continue
            # A name in the archive, never a path on the disk.
            absolute = posixpath.normpath(posixpath.join("/", folder, target))
            kind, name = stated.removeprefix(root), item.get("Id") or ""
            yield Relationship(kind, absolute.lstrip("/"), name)
