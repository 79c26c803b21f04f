"""The numbers of a column of a table: a column is converted as a whole, or not at all.

A plausible wrong number is worse than a text. So what can be read in two ways stays as it is: a
blank between digits (thousands, or two numbers), parentheses (a negative number, or an error), a
limit (``<0.001``), a raised number that came out beside the one it belongs to, a dot or comma that
may be that of thousands. And so do numbers that are names: with zeros before them, or of more
digits than a float holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

__all__ = ["NumberColumn", "number_column", "number_columns", "written"]

_MISSING = frozenset({"", "-", "–", "—", "−", "n/a", "na", "n.a.", "nan", "..", "...", "…"})
_MARKS = re.compile(r"[*†‡§¶]+$")
_UNITS = r"(?P<unit>%|‰|°C|°)?"
_CELL = re.compile(
    r"(?P<currency>[$€£¥])?\s*(?P<sign>[-−–+])?\s*(?P<number>\d[\d.,’']*|\.\d+)"
    r"(?:\s*(?:±|\+/-|\+-)\s*(?P<error>\d[\d.,]*|\.\d+))?\s*" + _UNITS
)
_GROUPED = re.compile(r"\d{1,3}(?:[,’']\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+")
#: What has the form of thousands parted by dots.
_DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
#: Digits that a float holds.
_MOST_DIGITS = 15
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
    decimal_comma
        Whether a comma parts decimals in it.
    has_other_marks
        Whether a dot parts decimals in it, or a comma thousands.
    """

    values: tuple[float | None, ...]
    errors: tuple[float | None, ...] = ()
    unit: str = ""
    decimal_comma: bool = False
    has_other_marks: bool = False

    @property
    def are_whole(self) -> bool:
        """True when none of the numbers has decimals."""
        return all(value is None or value.is_integer() for value in self.values)


def number_columns(columns: Sequence[Sequence[str]]) -> list[NumberColumn | None]:
    """Return the numbers of each column of a table; None for one that does not hold numbers.

    Where a comma parts decimals in one column, what another one has is no comma of thousands, nor a
    dot of decimals: that column stays text.

    Parameters
    ----------
    columns
        Their cells from above, without the head.

    Examples
    --------
    >>> number_columns([["0,5", "0,25"], ["1,234", "2,345"]])[1] is None
    True
    """
    found = [number_column(cells) for cells in columns]
    if any(column is not None and column.decimal_comma for column in found):
        return [None if column and column.has_other_marks else column for column in found]
    return found


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
    if any(_is_name(text) for text in written):
        return None
    if _all(written, _PLAIN, _GROUPED) and not _starts_with_zero(written):
        dotted = [text for text in written if "." in text]
        if 0 < len(dotted) < len(written) and _all(dotted, _DOTTED):
            return None  # 987 and 1.234: thousands, or decimals
        marks = any("." in text or "," in text for text in written)
        column = _column(found, lambda text: float(re.sub("[,’']", "", text)), units)
        return replace(column, has_other_marks=marks)
    if not _all(written, _COMMA):
        return None
    column = _column(found, lambda text: float(text.replace(".", "").replace(",", ".")), units)
    return replace(column, decimal_comma=any("," in text for text in written))


def written(number: float, shown: str) -> str:
    """Return a number in the way in which it can be read as that one only.

    Parameters
    ----------
    number
        The number that a cell holds.
    shown
        What the cell shows, of which its unit is kept.

    Examples
    --------
    >>> written(-1.234, "$(1.2)")
    '$-1.2340'
    """
    if not math.isfinite(number):
        return shown
    text = f"{Decimal(repr(number)):f}".removesuffix(".0")
    text += "0" * bool(_DOTTED.fullmatch(text.removeprefix("-")))
    currency = next((sign for sign in "$€£¥" if sign in shown), "")
    return f"{currency}{text}{'%' * ('%' in shown)}"


def _is_name(text: str) -> bool:
    """True when digits are a name, as those of a town or a sample are: no number says them."""
    digits = re.sub(r"\D", "", text)
    return bool(re.match(r"0\d", text)) or len(digits.lstrip("0")) > _MOST_DIGITS


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
