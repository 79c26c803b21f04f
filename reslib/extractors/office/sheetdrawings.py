"""Words on the drawings of a sheet of .xlsx: text boxes and shapes, and the titles of charts.

The labels of charts are not among them: they stand in the cells.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.archive import parse_xml
from reslib.extractors.invisible import visible
from reslib.extractors.office.opc import Package
from reslib.extractors.office.slidewalk import SlideWalk

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["xlsx_drawings"]

#: The most bytes of one drawing or chart, and drawings and charts of a sheet.
_LARGEST, _MOST = 32 << 20, 500


def xlsx_drawings(package: Package, sheet: str) -> list[str]:
    """Return the words on the drawings of a sheet, each paragraph once; damaged ones are not.

    Parameters
    ----------
    package
        The workbook.
    sheet
        The name of the sheet's part.
    """
    found: list[str] = []
    for drawing in _linked(package, sheet, "drawing"):
        with contextlib.suppress(ExtractionError):
            found += _words(_root(package, drawing))
        for chart in _linked(package, drawing, "chart", "chartEx"):
            with contextlib.suppress(ExtractionError):
                for title in _root(package, chart).iter("{*}title"):
                    found += _words(title)
    return list(dict.fromkeys(found))


def _linked(package: Package, part: str, *kinds: str) -> list[str]:
    with contextlib.suppress(ExtractionError):
        arrows = package.relationships(part)
        return [arrow.target for arrow in arrows if arrow.kind in kinds][:_MOST]
    return []


def _words(element: etree._Element) -> Iterator[str]:
    text = visible(SlideWalk(lambda name: "").part(element))
    yield from filter(None, (" ".join(line.split()) for line in text.split("\n")))


def _root(package: Package, part: str) -> etree._Element:
    def pieces() -> Generator[bytes, None, None]:
        left = _LARGEST
        for piece in package.chunks(part):
            left -= len(piece)
            if left < 0:
                raise ExtractionError("a drawing is too large", ErrorCode.OUTPUT_LIMIT)
            yield piece

    with contextlib.closing(pieces()) as chunks:
        return parse_xml(chunks, "a drawing")
