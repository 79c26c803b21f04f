"""The head of a table whose file states none: told where it is sure, by what its cells hold.

A row of words over columns of numbers is a head, and so is one that the file sets apart (bold, on
a ground of its own, frozen, with a filter on it). A first row of data is never taken for one: where
a table could be read both ways, as a list of names and values, it has no head. Years are numbers
that stand in heads: a row of them is one when they go up or down and no years stand below.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reslib.extractors.tables.numbers import begins_with_years, is_number, is_year
from reslib.items import Table

__all__ = ["MOST_HEAD_ROWS", "set_apart", "with_head"]

#: Rows from above that are looked at, and of what lies below them.
MOST_HEAD_ROWS, _MOST_BODY_ROWS = 4, 300
_LONGEST_NAME, _LONGEST_VALUE = 100, 60
#: Of the cells of a column, those that are values when it is one of values.
_MOSTLY = 0.8
#: Cells below that tell when only one column has values: in a wide table, and in one of two
#: columns, which may as well be a list of names and what they are.
_FEWEST_ALONE, _FEWEST_IN_A_LIST = 3, 8
#: Of the names of columns, those that stand there once, and the columns of values that it takes.
_MOSTLY_ONCE, _FEWEST_TO_REPEAT = 2 / 3, 3
_LONGEST_UNIT = 20
#: What stands where a value is missing, beside what no letter is in.
_MISSING = frozenset(
    "na n.a. n/a nan nd n.d. bdl b.d.l. null nil none missing unknown trace dry tbd x".split()
)
#: What stands where a value could not be had, in words.
_NOT_KNOWN = re.compile(
    r"not? (?:available|applicable|measured|detected|determined|known|tested|sampled|reported|data"
    r"|value|sample)|below (?:limit|detection|the limit|the detection).*|in press|forthcoming"
    r"|pending|failed|excluded|submitted|unpublished|censored|lost|closed",
    re.IGNORECASE,
)
#: Years that name columns lie no further from each other, beside a name for the rows.
_WIDEST_STEP = 10
_MONTH = r"[^\W\d_]{3,9}\.?"
_DATE = re.compile(
    rf"\d{{1,2}}\.?[ /-]{_MONTH}(?:[ /-]'?\d{{2,4}})?|{_MONTH}[ /-]'?\d{{2,4}}"
    rf"|{_MONTH} \d{{1,2}}, \d{{4}}|\d{{4}}-\d\d-\d\dT.{{5,20}}"
)
_PLAIN_NUMBER = re.compile(r"(?=\D*\d)[-+−–(]?[$€£¥]?\s*[\d.,'’\s]+\)?\s*[%‰]?")
_DECIMALS = re.compile(r"\d[.,]\d{1,2}(?!\d)|\d\.\d|[eE]-\d")

_Rows = Sequence[Sequence[str]]


def with_head(table: Table, marks: Iterable[tuple[int, str]] = ()) -> Table:
    """Return a table with its head and who says so; as it is where that is not sure.

    Parameters
    ----------
    table
        The table. One that has a head keeps it.
    marks
        How many rows from above the file sets apart from the others, and how: ``(1, "bold")``.
    """
    rows = table.rows
    if table.header_rows or len(rows) < 2 or len(rows[0]) < 2:
        return table
    if any(len(row) != len(rows[0]) for row in rows):  # as no table that is whole
        return table
    for marked, how in marks:
        if 0 < marked < len(rows) and marked <= MOST_HEAD_ROWS and _is_named(table, marked):
            return _headed(table, marked, how)
    for names in range(1, min(MOST_HEAD_ROWS, len(rows) - 1) + 1):
        units = _valued(table, names, names + 1)
        heads = names + bool(units and _is_of_units(rows[names], units))
        if heads > names or _valued(table, names, names):
            on_years = any(map(is_year, rows[names - 1]))
            said = f"{'years' if on_years else 'words'} over numbers"
            return _headed(table, heads, said)
    return table


def set_apart(rows: Sequence[Sequence[bool]]) -> int:
    """Return how many rows from above a file sets apart from the next one.

    Parameters
    ----------
    rows
        Of each row from above, whether each of its cells with words in it is set apart.
    """
    for heads, cells in enumerate(rows):
        if not all(cells) or not (cells or heads):
            return heads
    return 0


def _headed(table: Table, heads: int, why: str) -> Table:
    those = "the first row is" if heads == 1 else f"the first {heads} rows are"
    said = f"no head is stated: {those} taken for it ({why})"
    reason = "; ".join(filter(None, (table.reason, said)))
    return replace(table, header_rows=heads, reason=reason)


# --- rows that the file sets apart ---------------------------------------------------------------


def _is_named(table: Table, heads: int) -> bool:
    """True when rows that are set apart name most columns, and hold no numbers but years."""
    names = _names(table, heads)
    if names is None:
        return False
    used = [at for at, name in enumerate(names) if name or any(row[at] for row in table.rows)]
    named = [names[at] for at in used if names[at]]
    last = table.rows[heads - 1]
    years = [*last], *table.rows[heads : heads + _MOST_BODY_ROWS]
    plain = [cell for row in table.rows[:heads] for cell in row if _PLAIN_NUMBER.fullmatch(cell)]
    return (
        len(named) >= max(2, len(used) / 2)
        and len({name.casefold() for name in named}) == len(named)
        and (not plain or (begins_with_years(years) and all(map(is_year, plain))))
    )


# --- rows of words over columns of values --------------------------------------------------------


def _valued(table: Table, heads: int, first: int) -> list[int]:
    """Return the columns of values from a row on, under so many rows of words.

    None where those are no head.
    """
    top, last = table.rows[: heads - 1], table.rows[heads - 1]
    body = table.rows[first : first + _MOST_BODY_ROWS]
    names = _names(table, heads)
    if names is None or not any(last) or (table.rows[0][0] or last[0]).endswith(":"):
        return []
    if any(_kind(cell) == "value" for row in top for cell in row):
        return []
    if not all(_may_stand_above(row, at, table) for at, row in enumerate(top)):
        return []
    years = _year_columns(last, body)
    if any(_kind(cell) == "value" for at, cell in enumerate(last) if at not in years):
        return []
    below = [[cell for row in body if (cell := row[at])] for at in range(len(last))]
    used = [at for at, cells in enumerate(below) if cells]
    once = len({names[at] for at in used})
    if any(not names[at] for at in used if at) or once < _MOSTLY_ONCE * len(used):
        return []
    if any(last[at] and last[at].casefold() in map(str.casefold, below[at]) for at in used):
        return []
    kinds = {at: [kind for cell in below[at] if (kind := _kind(cell))] for at in used}
    columns = [
        at
        for at, found in kinds.items()
        if last[at] and found.count("value") >= max(2, _MOSTLY * len(found))
    ]
    if any(_is_dash(last[at]) for at in columns):
        return []
    # The first row of data, too, may have words where its numbers are missing.
    if 2 * sum(_says_missing(last[at]) for at in columns) >= max(1, len(columns)):
        return []
    if len(columns) == 1:
        [at] = columns
        fewest = _FEWEST_ALONE if len(used) > 2 or not at else _FEWEST_IN_A_LIST
        if len(kinds[at]) < fewest or "word" in kinds[at]:
            return []
        if len(used) == 2 and at and not _are_alike(below[at]):
            return []
    # Wide tables repeat names; where few columns have values, words that come twice are data.
    return columns if once == len(used) or len(columns) >= _FEWEST_TO_REPEAT else []


def _is_dash(cell: str) -> bool:
    return not cell.strip("-\u2013\u2014\u2212.\u2026 ")


def _says_missing(cell: str) -> bool:
    """True when a cell has what stands for a value that is missing."""
    text = " ".join(cell.split())
    return text.casefold() in _MISSING or _NOT_KNOWN.fullmatch(text) is not None


def _are_alike(cells: Sequence[str]) -> bool:
    """True when values may be of one kind: settings of several have decimals or none in turn."""
    with_decimals = sum(_DECIMALS.search(cell) is not None for cell in cells)
    return not 1 - _MOSTLY < with_decimals / len(cells) < _MOSTLY


def _may_stand_above(row: Sequence[str], at: int, table: Table) -> bool:
    """True for a row above the last one of a head: of groups, a title, or nothing."""
    filled = sum(map(bool, row))
    if filled <= 1:
        return True
    reaches = any(line == at and wide * high > 1 for line, _, high, wide in table.spans)
    return reaches or (not row[0] and filled < len(row) - 1)


def _names(table: Table, heads: int) -> list[str] | None:
    """Return the names that so many rows give the columns; None where they cannot be a head.

    A cell of a group that the file does not merge counts for those to its right that are empty.
    """
    lines = [list(row) for row in table.rows[:heads]]
    for row, column, high, wide in table.spans:
        if row >= heads or column >= len(lines[0]):
            continue
        if row + high > heads:
            return None
        for line in lines[row : row + high]:
            line[column : column + wide] = [table.rows[row][column]] * len(
                line[column : column + wide]
            )
    for line in lines[:-1]:
        for at in range(2, len(line)):
            line[at] = line[at] or (line[at - 1] if line[at - 1] != line[0] else "")
    names = [
        " / ".join(dict.fromkeys(filter(None, (line[at].strip() for line in lines))))
        for at in range(len(lines[0]))
    ]
    return names if all(len(name) <= _LONGEST_NAME * heads for name in names) else None


def _year_columns(last: Sequence[str], body: _Rows) -> list[int]:
    """Return the columns over which a row has years that are their names."""
    years = [at for at, cell in enumerate(last) if is_year(cell)]
    numbers = [int(last[at]) for at in years]
    ordered = sorted(set(numbers))
    if not begins_with_years([last, *body]) or numbers not in (ordered, ordered[::-1]):
        return []
    steps = [after - before for before, after in itertools.pairwise(ordered)]
    if last[0] and any(step > _WIDEST_STEP for step in steps):
        return []
    # Two whole numbers in order may be a first row of counts; others below them make it sure.
    if len(years) == 2 and last[0]:
        below = [cell.strip() for row in body for at in years if (cell := row[at])]
        if not below or all(cell.isdecimal() for cell in below):
            return []
    return years


def _is_of_units(row: Sequence[str], columns: Sequence[int]) -> bool:
    """True when a row has the units of the columns of values, and nothing but."""
    units = [row[at] for at in columns if row[at]]
    others = [cell for at, cell in enumerate(row) if cell and at not in columns]
    return (
        bool(units)
        and all(_kind(unit) == "word" and len(unit) <= _LONGEST_UNIT for unit in units)
        and all(cell[0] in "([" for cell in others)
    )


def _kind(cell: str) -> str:
    """Return ``"value"``, ``"word"``, or nothing for a cell that is empty or says so."""
    if len(cell) > _LONGEST_VALUE:
        return "word"
    text = " ".join(cell.split())
    if not text or text.casefold() in _MISSING or not any(map(str.isalnum, text)):
        return ""
    if is_number(text) or _DATE.fullmatch(text) or text in ("TRUE", "FALSE"):
        return "value"
    return "word"
