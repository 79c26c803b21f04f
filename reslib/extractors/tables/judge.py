"""The confidence of a table, and its reason: what tables of its kind were worth, less its flaws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reslib.extractors.tables.numbers import holds_two_numbers, is_number

__all__ = ["Signals", "judge", "signals_of"]

#: Of each kind, how well such tables were read in documents whose tables are known, with a
#: caption and without one (`evaluation/tables.py`).
_PRIORS = {
    "grid": (0.97, 0.80),
    "rules4": (0.96, 0.85),
    "rules3": (0.97, 0.82),
    "rules2": (0.60, 0.50),
    "text": (0.78, 0.70),
}
_KINDS = {
    "grid": "lines around its cells",
    "rules4": "lines across",
    "rules3": "lines across",
    "rules2": "two lines across only",
    "text": "no lines",
}


_SIGNS = frozenset({"±", "+/-"})


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals that tell well-read tables from others.

    Parameters
    ----------
    filled
        The share of cells in which something stands.
    of_two
        The share of rows in which two cells are filled.
    consistent
        How far each column holds either numbers or words.
    numeric
        The share of cells below the first row that are numbers.
    length
        Letters of a cell, on average.
    rows, columns
        How many there are.
    crowded
        How many cells hold two numbers.
    crowded_share
        Their share of the cells below the first row.
    torn
        How many cells hold nothing but the sign between a number and its error.
    """

    filled: float
    of_two: float
    consistent: float
    numeric: float
    length: float
    rows: int
    columns: int
    crowded: int
    crowded_share: float
    torn: int = 0


def signals_of(rows: Sequence[Sequence[str]]) -> Signals:
    """Return the signals of a table, which has a row and a column at least."""
    cells = [cell for row in rows for cell in row]
    body = [cell for row in rows[1:] for cell in row if cell]
    shares = []
    for column in zip(*rows[1:], strict=True):
        values = [cell for cell in column if cell]
        if values:
            share = sum(map(is_number, values)) / len(values)
            shares.append(max(share, 1 - share))
    crowded = sum(map(holds_two_numbers, body))
    lengths = [len(cell) for cell in cells if cell]
    return Signals(
        filled=sum(map(bool, cells)) / len(cells),
        of_two=sum(sum(map(bool, row)) >= 2 for row in rows) / len(rows),
        consistent=sum(shares) / len(shares) if shares else 0.0,
        numeric=sum(map(is_number, body)) / max(1, len(body)),
        length=sum(lengths) / max(1, len(lengths)),
        rows=len(rows),
        columns=len(rows[0]),
        crowded=crowded,
        crowded_share=crowded / max(1, len(body)),
        torn=sum(cell in _SIGNS for cell in body),
    )


def judge(kind: str, captioned: bool, signals: Signals) -> tuple[float, str]:
    """Return the confidence of a table and why it is not 1.

    Parameters
    ----------
    kind
        How it was found: ``grid``, ``rules2`` to ``rules4``, ``text``.
    captioned
        Whether a caption stands beside it.
    signals
        Of its cells.
    """
    confidence = _PRIORS[kind][0 if captioned else 1]
    reasons = [f"found by {_KINDS[kind]}" if kind != "text" else "found without lines"]
    reasons += [] if captioned else ["no caption"]
    confidence *= 0.55 + 0.45 * min(1.0, signals.filled / 0.7)
    if signals.filled < 0.5:
        reasons.append(f"{1 - signals.filled:.0%} of its cells are empty")
    confidence *= (0.6 + 0.4 * signals.of_two) * (0.6 + 0.4 * signals.consistent)
    if signals.consistent < 0.75:
        reasons.append("numbers and words in one column")
    # Where lines are drawn around cells, these are what somebody meant to be one.
    drawn = kind == "grid"
    confidence *= 1 - min(0.7, (0.6 if drawn else 2.5) * signals.crowded_share)
    if signals.crowded:
        cells = "1 cell holds" if signals.crowded == 1 else f"{signals.crowded} cells hold"
        reasons.append(f"{cells} two numbers")
    if signals.torn:
        confidence *= 0.4
        reasons.append("numbers and their errors in different cells")
    long = min(1.0, max(0.0, (signals.length - 18) / 60))
    confidence *= 1 - (0.15 if drawn else 0.35) * long
    if long > 0.2:
        reasons.append("cells of several lines")
    if signals.rows < 3 or signals.columns < 2:
        confidence *= 0.8
        reasons.append("very small")
    if signals.columns == 2 and signals.numeric < 0.2 and not drawn:
        confidence *= 0.85
        reasons.append("two columns of words")
    return round(confidence, 3), "; ".join(reasons)
