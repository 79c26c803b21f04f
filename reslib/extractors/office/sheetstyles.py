"""The styles of the cells of a workbook: how their numbers are shown, and which stand out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.office.numberformats import (
    BUILT_IN,
    NumberFormat,
    date_length,
    number_format,
)
from reslib.extractors.office.opc import Package

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["CellStyles", "Look", "cell_styles"]

#: How numbers are shown, or how much of the dates in ISO 8601 is.
Look: TypeAlias = NumberFormat | int
_NO_FILL = frozenset({"none", "gray125"})


@dataclass(frozen=True, slots=True)
class CellStyles:
    """The styles of the cells of a workbook, by their numbers.

    Parameters
    ----------
    looks
        How those show a number that do not show it as it is.
    apart
        Those that are bold, or have a ground of their own.
    """

    looks: dict[int, Look] = field(default_factory=dict)
    apart: frozenset[int] = frozenset()


def cell_styles(package: Package, part: str) -> CellStyles:
    """Return the styles that a part states; none where it is missing or damaged.

    Parameters
    ----------
    package, part
        The workbook, and the name of the part.
    """
    if part not in package:
        return CellStyles()
    try:
        root = package.xml(part)
    except ExtractionError as error:
        if error.code is not ErrorCode.MALFORMED:
            raise
        return CellStyles()
    codes = dict(BUILT_IN)
    for element in root.iter("{*}numFmt"):
        codes[element.get("numFmtId", "")] = element.get("formatCode", "")
    known = {number: look for number, code in codes.items() if (look := _look(code))}
    bold = {str(at) for at, font in enumerate(_children(root, "fonts")) if _is_bold(font)}
    filled = {str(at) for at, fill in enumerate(_children(root, "fills")) if _is_filled(fill)}
    looks, apart = {}, set()
    for at, style in enumerate(_children(root, "cellXfs")):
        look = known.get(style.get("numFmtId", ""))
        if look is not None:
            looks[at] = look
        if style.get("fontId") in bold or style.get("fillId") in filled:
            apart.add(at)
    return CellStyles(looks, frozenset(apart))


def _look(code: str) -> Look | None:
    return date_length(code) or number_format(code)


def _children(root: etree._Element, name: str) -> Iterator[etree._Element]:
    for parent in root.iterchildren(f"{{*}}{name}"):
        yield from parent.iterchildren("{*}*")


def _is_bold(font: etree._Element) -> bool:
    stated = next(font.iterchildren("{*}b"), None)
    return stated is not None and stated.get("val", "1") not in ("0", "false")


def _is_filled(fill: etree._Element) -> bool:
    pattern = next(fill.iterchildren("{*}patternFill"), None)
    return pattern is None or pattern.get("patternType", "none") not in _NO_FILL
