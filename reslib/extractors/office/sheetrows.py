"""The rows of a sheet as its cells are shown, and the table that they make."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from reslib.extractors.assemble import clean
from reslib.extractors.office.numberformats import hidden_number, may_be_thousands
from reslib.extractors.office.sheetscan import Extent
from reslib.extractors.office.sheetstyles import Look

__all__ = ["MOST_TABLES", "Rows", "shown_rows"]

#: The most bytes of all tables of a workbook: less than a document may give.
MOST_TABLES = 48 << 20
#: Bytes of a number that is kept beside what is shown of it.
_NUMBER_SIZE = 40
#: Merged cells of a sheet that are told of.
_MOST_MERGED = 50_000


class Rows:
    """The rows of a table, as long as there are not too many of them."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._exact: list[dict[int, float]] = []
        #: How many there are up to the last one with a value; their size as JSON.
        self.used = self.size = 0
        self._left, self._right = 1 << 62, 0

    def add(self, row: list[str], exact: dict[int, float]) -> None:
        """Take a row; see :func:`shown_rows`."""
        if self.size <= MOST_TABLES:
            self._rows.append(row)
            self._exact.append(exact)
            self.size += len(json.dumps(row)) + 1 + _NUMBER_SIZE * len(exact)
        else:
            self._rows.clear()
            self._exact.clear()
        filled = [at for at, cell in enumerate(row) if cell]
        if filled:
            self.used = len(self._rows) or 1
            self._left = min(self._left, filled[0])
            self._right = max(self._right, filled[-1] + 1)

    def trimmed(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows without what is empty at the edges."""
        return tuple(tuple(row[self._left : self._right]) for row in self._rows[: self.used])

    def exact(self) -> tuple[tuple[float, ...], ...]:
        """Return the numbers of which more is known than is shown, each after row and column."""
        return tuple(
            (row, column - self._left, number)
            for row, numbers in enumerate(self._exact[: self.used])
            for column, number in numbers.items()
        )

    def spans(
        self, merged: Iterable[tuple[tuple[int, int], tuple[int, int]]], start: tuple[int, int]
    ) -> tuple[tuple[int, int, int, int], ...]:
        """Return the cells of the table that reach over several: row, column, rows and columns.

        Parameters
        ----------
        merged
            The first and the last cell of each that was merged, on the sheet.
        start
            The first row and column of the sheet with a value.
        """
        down, across = start[0], start[1] + self._left
        high, wide = self.used, self._right - self._left
        found = []
        for (top, left), (bottom, right) in islice(merged, _MOST_MERGED):
            row, column = top - down, left - across
            rows = min(bottom - down, high - 1) - row + 1
            columns = min(right - across, wide - 1) - column + 1
            if row >= 0 and column >= 0 and rows >= 1 and columns >= 1 and rows * columns > 1:
                found.append((row, column, rows, columns))
        return tuple(sorted(found))


def shown_rows(
    values: Iterable[list[Any]], start: tuple[int, int] | None, extent: Extent
) -> Iterator[tuple[list[str], dict[int, float]]]:
    """Yield the rows of a sheet as its cells are shown, from the first one with a value.

    With each come the numbers of which more is known than is shown, by their place in the row.

    Parameters
    ----------
    values
        Its rows from the top of the sheet, each the values of its cells.
    start
        The first row and column with a value; None when there is none.
    extent
        The looks of its cells.
    """
    if start is None:
        return
    top, left = start
    looks, styles = extent.looks, extent.styles
    for at, cells in enumerate(values):
        if at < top:
            continue
        shown: dict[int, str] = {}
        for place in range(len(cells)) if looks else ():
            if (stated := looks.get((at, place + left))) is not None:
                shown[place] = clean(stated)
        factors: dict[int, int | None] = {}
        styled = styles.get(at, ())
        for column, style in zip(styled[::2], styled[1::2], strict=True):
            if 0 <= (place := column - left) < len(cells):
                look = extent.known[style]
                text = _styled(cells[place], look)
                if text is not None:
                    shown[place] = text
                    factors[place] = 1 if isinstance(look, int) else look.factor
        row = [
            shown[place]
            if place in shown
            else (clean(value) if type(value) is str else _text(value))
            for place, value in enumerate(cells)
        ]
        exact = {
            place: number
            for place, value in enumerate(cells)
            if type(value) is float
            and (place in shown or may_be_thousands(row[place]) or "e" in row[place])
            and (number := hidden_number(row[place], value, factors.get(place))) is not None
        }
        yield row, exact


def _styled(value: object, look: Look) -> str | None:
    """Return a value as a style shows it; None where it shows it as it is."""
    if isinstance(look, int):
        return value.isoformat()[:look] if isinstance(value, datetime.date) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return look.shown(value)


def _text(value: object) -> str:
    """Return a value as a cell shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return value.isoformat(" ")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        minutes, sign = abs(seconds) // 60, "-" if seconds < 0 else ""
        return f"{sign}{minutes // 60}:{minutes % 60:02}:{abs(seconds) % 60:02}"
    return str(value)


def _number(value: float) -> str:
    """Return a number with the 15 digits that spreadsheets show at most."""
    text = f"{value:.15g}"
    if "e" in text and 1e-10 < abs(value) < 1e21:
        text = f"{Decimal(text):f}"
    return text
