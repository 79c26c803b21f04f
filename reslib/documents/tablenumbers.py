"""The numbers of a column of a table: a column is converted as a whole, or not at all.

A plausible wrong number is worse than a text. So what can be read in two ways stays as it is: a
blank between digits (thousands, or two numbers), parentheses (a negative number, or an error), a
limit (``<0.001``), a raised number that came out beside the one it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["NumberColumn", "number_column"]

_MISSING = frozenset({"", "-", "–", "—", "−", "n/a", "na", "n.a.", "nan", "..", "...", "…"})
_MARKS = re.compile(r"[*†‡§¶]+$")
_UNITS = r"(?P<unit>%|‰|°C|°)?"
_CELL = re.compile(
    r"(?P<currency>[$€£¥])?\s*(?P<sign>[-−–+])?\s*(?P<number>\d[\d.,’']*|\.\d+)"
    r"(?:\s*(?:±|\+/-|\+-)\s*(?P<error>\d[\d.,]*|\.\d+))?\s*" + _UNITS
)
_GROUPED = re.compile(r"\d{1,3}(?:[,’']\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d+|\d+|\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column that holds numbers.

    Parameters
    ----------
    values
        Its numbers; None where none stands.
    errors
        What stands behind ``±``, for each of them; empty when nothing does.
    unit
        That of all of them, such as ``%``; empty when they have none.
    """

    values: tuple[float | None, ...]
    errors: tuple[float | None, ...] = ()
    unit: str = ""

    @property
    def are_whole(self) -> bool:
        """True when none of the numbers has decimals."""
        return all(value is None or value.is_integer() for value in self.values)


def number_column(cells: Sequence[str]) -> NumberColumn | None:
    """Return the numbers of a column; None when a cell of it is not a number.

    Parameters
    ----------
    cells
        From above, without the head.

    Examples
    --------
    >>> number_column(["12.3 ± 0.4", "1,234", "−3", ""]).values
    (12.3, 1234.0, -3.0, None)
    >>> number_column(["45 %", "7 %"]).unit
    '%'
    >>> number_column(["10 000", "7"]) is None
    True
    """
    found: list[re.Match[str] | None] = []
    for cell in cells:
        text = _MARKS.sub("", cell.strip()).strip()
        if text.lower() in _MISSING:
            found.append(None)
            continue
        match = _CELL.fullmatch(text)
        if match is None:
            return None
        found.append(match)
    numbers = [match for match in found if match is not None]
    units = {(match["currency"] or "") + (match["unit"] or "") for match in numbers}
    if not numbers or len(units) > 1:
        return None
    written = [text for match in numbers for text in (match["number"], match["error"]) if text]
    if not (_all(written, _PLAIN, _GROUPED) and not _starts_with_zero(written)):
        if not _all(written, _COMMA):
            return None
        return _column(found, lambda text: float(text.replace(".", "").replace(",", ".")), units)
    return _column(found, lambda text: float(re.sub("[,’']", "", text)), units)


def _all(texts: Sequence[str], *forms: re.Pattern[str]) -> bool:
    return all(any(form.fullmatch(text) for form in forms) for text in texts)


def _starts_with_zero(texts: Sequence[str]) -> bool:
    """True when a comma cannot part thousands: ``0,123``."""
    return any(re.match(r"0[,’']", text) for text in texts)


def _column(
    found: Sequence[re.Match[str] | None], read: Callable[[str], float], units: set[str]
) -> NumberColumn:
    values: list[float | None] = []
    errors: list[float | None] = []
    for match in found:
        if match is None:
            values.append(None)
            errors.append(None)
            continue
        value = read(match["number"])
        values.append(-value if match["sign"] in ("-", "−", "–") else value)
        errors.append(read(match["error"]) if match["error"] else None)
    has_errors = any(error is not None for error in errors)
    return NumberColumn(tuple(values), tuple(errors) if has_errors else (), units.pop())
