"""The ranges of the numbers in items: pages, years, levels and boxes that can be meant.

Their types are checked by :mod:`reslib.sandbox.codec`, and a confidence too. What is out of its
range is left out by the child, with a warning: a year that nobody can mean costs no document its
text. The parent refuses it, as it refuses all that a child would not send.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from reslib.extractors.assemble import MAX_PAGES

__all__ = ["leave_out", "out_of_range"]

#: The least and the most that a field of this name may be.
_RANGES = {
    "page": (1, MAX_PAGES),
    "year": (1, 9999),
    "level": (1, 1000),
    "header_rows": (0, MAX_PAGES),
    "size": (0, 2**63 - 1),
}
#: What a field has that is left out, where that is not None.
_NOTHING: dict[str, Any] = {"level": 1, "header_rows": 0, "size": 0, "box": []}
_CORNERS = 4


def out_of_range(header: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of an item whose numbers nobody can mean.

    Parameters
    ----------
    header
        The wire form of the item. Fields of a wrong type are none of these.
    """
    for name, (least, most) in _RANGES.items():
        value = header.get(name)
        if type(value) is int and not least <= value <= most:
            yield name
    if not _is_box(header.get("box")):
        yield "box"
    rows, heads = header.get("rows"), header.get("header_rows")
    if type(rows) is list and type(heads) is int and len(rows) < heads <= MAX_PAGES:
        yield "header_rows"


def _is_box(value: Any) -> bool:
    if type(value) is not list or not value:
        return True
    numbers = [each for each in value if type(each) in (int, float)]
    if len(numbers) < len(value):
        return True  # which is of a wrong type
    return len(value) == _CORNERS and all(map(_is_finite, numbers))


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def leave_out(header: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Take what is out of its range out of an item; yield the fields, and for people what they had.

    Parameters
    ----------
    header
        The wire form of the item, which is changed.
    """
    for name in list(out_of_range(header)):
        words = f"the {name} of a {header['item']} is {_short(header[name])}, and was left out"
        header[name] = _NOTHING.get(name)
        yield name, words


def _short(value: object) -> str:
    try:
        return repr(value)[:100]
    except ValueError:  # Python turns no number of more than 4,300 digits into text
        return "a number of thousands of digits"
