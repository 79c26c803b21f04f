"""Workbooks over which their reader gives up, or never ends: mended, or refused before it starts.

calamine refuses a whole workbook when one of its sheets holds macros of Excel 4 or leads nowhere.
Over an OpenDocument file whose XML ends before its elements do it waits for ever.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.archive import AGAIN
from reslib.extractors.office import sheetscan
from reslib.extractors.office.opc import Package

__all__ = ["well_formed", "without_unreadable"]

#: Kinds of sheets that calamine knows ([ECMA-376] part 1, §12.3).
_KNOWN = frozenset({"worksheet", "chartsheet", "dialogsheet"})
_SHEET = re.compile(rb"<(?:\w{1,20}:)?sheet\s[^<>]*>")
_LINK = re.compile(rb"""\s(?:\w{1,20}:)?id=["']([^"']*)["']""")
#: A list of sheets that is longer is left as it is.
_MOST_LISTED = 16 << 20


def well_formed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces of an XML part as they are, as long as it is well-formed.

    Parameters
    ----------
    pieces
        Of the part.

    Raises
    ------
    ExtractionError
        ``malformed`` at the first place where it is not, or at its end.
    """
    from lxml import etree

    # Not expat: before 2.6 it takes the square of the length of a comment that comes in pieces.
    parser = etree.XMLParser(
        target=cast("Any", _Nothing()), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for piece in pieces:
            parser.feed(piece)
            yield piece
        parser.close()
    except etree.XMLSyntaxError as error:
        raise ExtractionError(
            f"its part content.xml is not well-formed XML ({error.msg}). {AGAIN}",
            ErrorCode.MALFORMED,
        ) from error


class _Nothing:
    """Takes what a parser finds and builds nothing of it."""

    def close(self) -> None:
        """Nothing is built."""


def without_unreadable(path: Path, copy: Path, limit: int) -> tuple[Path, int]:
    """Return where a workbook is that can be read, and how many sheets it lacks.

    Parameters
    ----------
    path
        The workbook, in XML.
    copy
        Where to write it anew when it has to be.
    limit
        The most bytes that are unpacked.

    Raises
    ------
    ExtractionError
        It is damaged in another way.
    """
    with Package(path, limit) as package:
        workbook = sheetscan.workbook_part(package)
        known = {r.name for r in package.relationships(workbook) if r.kind in _KNOWN}
        listed = set(sheetscan.sheet_names(package, workbook).values())
        if listed <= known or not listed & known:
            return path, 0
        content = package.content(workbook)
        if len(content) > _MOST_LISTED:
            return path, 0
        removed = 0

        def kept(tag: re.Match[bytes]) -> bytes:
            nonlocal removed
            link = _LINK.search(tag[0])
            if link is not None and link[1].decode("utf-8", "replace") in known:
                return tag[0]
            removed += 1
            return b""

        mended = _SHEET.sub(kept, content)
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in package.names():
                if name.lower() == workbook.lower() or not name.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(name, "w", force_zip64=True) as part:
                    for piece in package.chunks(name):
                        part.write(piece)
            archive.writestr(workbook, mended)
    return copy, removed
