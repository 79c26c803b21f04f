"""Scores of tables: which cells stand beside each other, in the truth and in what was found."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Cell", "Score", "Scored", "auc", "cells_of", "match"]

#: First row and column, last row and column, text.
Cell = tuple[int, int, int, int, str]


def cells_of(rows: Sequence[Sequence[str]]) -> list[Cell]:
    """Return rows of texts as cells."""
    return [(r, c, r, c, text or "") for r, row in enumerate(rows) for c, text in enumerate(row)]


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).lower()
    flat = re.sub(r"[\u2010-\u2015\u2212]", "-", flat)
    return re.sub(r"[\s\u0300-\u036f]+", "", flat)


def _relations(cells: Sequence[Cell]) -> Counter[tuple[str, str, str]]:
    """Return the pairs of neighbours, blanks passed over (ICDAR 2013, Göbel et al., §3)."""
    at = {}
    texts = [_plain(cell[4]) for cell in cells]
    rows = max((cell[2] for cell in cells), default=-1) + 1
    columns = max((cell[3] for cell in cells), default=-1) + 1
    for number, (top, left, bottom, right, _) in enumerate(cells):
        if texts[number]:
            for r in range(top, bottom + 1):
                for c in range(left, right + 1):
                    at[r, c] = number
    found: Counter[tuple[str, str, str]] = Counter()
    for number, (top, left, bottom, right, _) in enumerate(cells):
        if not texts[number]:
            continue
        beside, below = set(), set()
        for r in range(top, bottom + 1):
            beside.add(next((at[r, c] for c in range(right + 1, columns) if (r, c) in at), None))
        for c in range(left, right + 1):
            below.add(next((at[r, c] for r in range(bottom + 1, rows) if (r, c) in at), None))
        found.update((texts[number], texts[n], "beside") for n in beside if n is not None)
        found.update((texts[number], texts[n], "below") for n in below if n is not None)
    return found


def _f1(first: Counter, second: Counter) -> float:
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 1.0


def _words(cells: Sequence[Cell]) -> Counter[str]:
    return Counter(_plain(word) for cell in cells for word in cell[4].split() if _plain(word))


@dataclass(slots=True)
class Scored:
    """One table of the truth or one that was found: its F1, and the confidence of the latter."""

    f1: float
    confidence: float | None = None


def match(
    truth: Sequence[Sequence[Cell]], found: Sequence[tuple[Sequence[Cell], float | None]]
) -> tuple[list[Scored], list[float | None]]:
    """Return each table of the truth with its best match, and the confidences of false ones."""
    known = [(_relations(cells), _words(cells)) for cells in truth]
    mine = [(_relations(cells), _words(cells)) for cells, _ in found]
    pairs = sorted(
        (
            (_f1(known[i][0], mine[j][0]) + 0.01 * share, i, j)
            for i in range(len(known))
            for j in range(len(mine))
            if (share := _f1(known[i][1], mine[j][1])) >= 0.5
        ),
        reverse=True,
    )
    scores: dict[int, Scored] = {}
    taken: set[int] = set()
    for _, i, j in pairs:
        if i not in scores and j not in taken:
            scores[i] = Scored(_f1(known[i][0], mine[j][0]), found[j][1])
            taken.add(j)
    false = [found[j][1] for j in range(len(found)) if j not in taken]
    return [scores.get(i, Scored(0.0)) for i in range(len(known))], false


@dataclass(slots=True)
class Score:
    """The score of one reader over many documents."""

    tables: list[Scored] = field(default_factory=list)
    missed: int = 0
    false: list[float | None] = field(default_factory=list)
    false_on_empty: int = 0
    empty_pages: int = 0
    pages: int = 0
    seconds: float = 0.0
    loading: float = 0.0

    def add(self, scores: Sequence[Scored], false: Sequence[float | None]) -> None:
        """Take the tables of one document."""
        self.tables += scores
        self.false += false

    @property
    def f1(self) -> float:
        """The mean over the tables of the truth; 0 for one that was missed."""
        return sum(one.f1 for one in self.tables) / max(1, len(self.tables))

    @property
    def precision(self) -> float:
        """The share of what was found that is a table."""
        right = sum(one.f1 > 0 for one in self.tables)
        return right / max(1, right + len(self.false))


def auc(score: Score) -> float | None:
    """Return how well confidence tells tables of F1 0.8 and more from others."""
    judged = [(one.confidence, one.f1 >= 0.8) for one in score.tables if one.confidence is not None]
    judged += [(confidence, False) for confidence in score.false if confidence is not None]
    good = [confidence for confidence, is_good in judged if is_good]
    bad = [confidence for confidence, is_good in judged if not is_good]
    if not good or not bad:
        return None
    wins = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
    return wins / (len(good) * len(bad))
