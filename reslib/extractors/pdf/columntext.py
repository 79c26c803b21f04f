# ruff: noqa: RUF001 - characters that look alike are the subject
"""The text of a page whose drawn order goes to and fro between columns.

Columns of prose are read one after the other. A table of text looks the same from afar, and its
rows belong together: it is left as it is drawn. What tells them apart is the text: a line of prose
goes on in the next line of its column and is filled as far as the next word allows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from reslib.extractors.pdf.columns import Box, bands, column_of, in_columns, union
from reslib.extractors.pdf.hyphens import HYPHEN_MARK
from reslib.extractors.pdf.tablerows import Piece, table_rows
from reslib.extractors.pdf.textlayer import TextLayer, paired

__all__ = ["text_by_column"]

_HYPHENS = f"-\u00ad\u2010\ufffe{HYPHEN_MARK}"
_BROKEN = re.compile(rf"[^\W\d_][{_HYPHENS}]$")
_ENDS = tuple('.!?:;)]”"。！？؟')
#: Share of lines that prose goes on over, and of lines that it fills.
_GO_ON, _FILLED = 0.3, 0.6
#: Share of lines that end at the very edge of their column: set flush, whatever they say.
_FLUSH = 0.6
#: A gap above a line that begins a row, in distances between lines, and the fewest of them.
_ROW_GAP, _FEWEST_ROWS = 1.2, 3
#: Share of the rows of one column at which the others begin one too.
_TOGETHER = 0.7
#: A gap between two cells, in points; it is also wider than their letters are high.
_CELL_GAP = 6.0
#: Lines of a column below which a band is judged by the whole page.
_FEWEST_LINES = 4


def text_by_column(layer: TextLayer, gutters: Sequence[float]) -> tuple[str | None, bool]:
    """Read a page column by column where its columns are prose, and row by row where they are not.

    Parameters
    ----------
    layer
        The characters of the page; those of a line stay as they are drawn.
    gutters
        Where the columns end.

    Returns
    -------
    str or None
        The text; None when all of the columns are those of a table.
    bool
        Whether some of what was left as it is drawn may be prose.
    """
    pieces = _pieces(layer, gutters)
    boxes = [piece.box for piece in pieces]
    texts = [" ".join(piece.text.split()) for piece in pieces]
    found = _regions(pieces, boxes, texts, gutters)
    whole = _is_prose([i for band, rows in found if not rows for i in band], boxes, texts, gutters)
    order: list[int] = []
    repaired = doubtful = False
    for band, are_rows in found:
        if are_rows:
            order += band
            continue
        columns = in_columns(band, boxes, gutters)
        enough = sum(len(column) >= _FEWEST_LINES for column in columns) > 1
        prose = _is_prose(band, boxes, texts, gutters) if enough else whole
        if prose:
            repaired = repaired or sum(map(bool, columns)) > 1
            order += [index for column in columns for index in column]
        else:
            doubtful = doubtful or (prose is None and enough)
            order += band
    if not repaired:
        return None, doubtful
    text = ""
    last: Box | None = None
    parts: list[str] = []
    for index in order:
        line = texts[index]
        if not line:
            continue
        if last is not None and _BROKEN.search(text[-2:]) and line[0].isalpha():
            parts[-1] = parts[-1][:-1] + HYPHEN_MARK
        elif last is not None:
            parts.append(" " if _is_beside(last, boxes[index]) else "\n")
        parts.append(line)
        text, last = line, boxes[index]
    return paired("".join(parts)), doubtful


def _regions(
    pieces: Sequence[Piece], boxes: Sequence[Box], texts: Sequence[str], gutters: Sequence[float]
) -> list[tuple[list[int], bool]]:
    """Return the bands of a page, and whether they are a table over more than one column."""

    def is_filled(column: Sequence[int]) -> bool:
        column = [index for index in column if texts[index]]
        return len(column) > 1 and _reads_on(column, boxes, texts).is_filled

    tables = table_rows(pieces, gutters, is_filled)
    inside = {index for table in tables for index in table}
    groups = tables + [[index] for index in range(len(boxes)) if index not in inside]
    around = [reduce(union, (boxes[index] for index in group)) for group in groups]
    return [
        (sorted(i for group in band for i in groups[group]), band[0] < len(tables))
        for band in bands(around, gutters)
    ]


def _is_beside(last: Box, box: Box) -> bool:
    height = min(last.top - last.bottom, box.top - box.bottom)
    overlap = min(last.top, box.top) - max(last.bottom, box.bottom)
    return overlap > 0.6 * height and box.left > last.right


# --- prose or table ---------------------------------------------------------------------------


class _Lines(NamedTuple):
    """Shares of a column's lines, by how the next one follows."""

    go_on: float
    filled: float
    flush: float

    @property
    def is_filled(self) -> bool:
        return self.flush >= _FLUSH or self.filled >= _FILLED

    @property
    def is_prose(self) -> bool:
        return self.flush >= _FLUSH or (self.go_on >= _GO_ON and self.filled >= _FILLED)


def _is_prose(
    band: Sequence[int], boxes: Sequence[Box], texts: Sequence[str], gutters: Sequence[float]
) -> bool | None:
    """True when the columns of a band are read one after the other; None when one may be prose."""
    columns = [
        [index for index in column if texts[index]]
        for column in in_columns(
            [i for i in band if column_of(boxes[i], gutters) is not None], boxes, gutters
        )
    ]
    columns = [column for column in columns if len(column) > 1]
    if len(columns) < 2 or _are_rows(columns, boxes) or _is_drawn_by_cells(band, boxes, gutters):
        return False
    lines = [_reads_on(column, boxes, texts) for column in columns]
    mean = _Lines(*(sum(shares) / len(lines) for shares in zip(*lines, strict=True)))
    if mean.is_prose:
        return True
    return None if any(one.is_prose for one in lines) else False


def _reads_on(column: Sequence[int], boxes: Sequence[Box], texts: Sequence[str]) -> _Lines:
    edges = sorted(boxes[index].right for index in column)
    edge = edges[int(0.9 * (len(edges) - 1))]
    width = edge - min(boxes[index].left for index in column)
    pairs = list(pairwise(column))
    return _Lines(
        sum(_goes_on(texts[a], texts[b]) for a, b in pairs) / len(pairs),
        sum(_is_filled(a, b, boxes, texts, edge) for a, b in pairs) / len(pairs),
        sum(boxes[a].right > edge - 0.012 * width for a in column) / len(column),
    )


def _goes_on(line: str, after: str) -> bool:
    """True when a sentence goes on from one line to the next, as far as one sees."""
    if _BROKEN.search(line[-2:]):
        return True
    return not line.endswith(_ENDS) and after[0].isalpha() and not after[0].isupper()


def _is_filled(
    index: int, after: int, boxes: Sequence[Box], texts: Sequence[str], edge: float
) -> bool:
    """True when the first word of the next line has no room in a line."""
    if _BROKEN.search(texts[index][-2:]):
        return True
    box, text = boxes[after], texts[after]
    word = (box.right - box.left) * len(text.split(" ", 1)[0]) / len(text)
    return edge - boxes[index].right < word + 0.25 * (box.top - box.bottom)


def _are_rows(columns: Sequence[Sequence[int]], boxes: Sequence[Box]) -> bool:
    """True when the columns have gaps, and go on below at the same heights: rows of a table."""
    starts: list[list[float]] = []
    for column in columns:
        tops = [(boxes[index].top + boxes[index].bottom) / 2 for index in column]
        steps = [a - b for a, b in pairwise(tops)]
        usual = median(step for step in steps if step > 1) if any(s > 1 for s in steps) else 0.0
        starts.append(
            [b for step, b in zip(steps, tops[1:], strict=True) if step > _ROW_GAP * usual]
        )
    if min(map(len, starts)) < _FEWEST_ROWS:
        return False
    rows = min(starts, key=len)
    together = sum(
        all(any(abs(row - other) < 3 for other in column) for column in starts) for row in rows
    )
    return together >= _TOGETHER * len(rows)


def _is_drawn_by_cells(band: Sequence[int], boxes: Sequence[Box], gutters: Sequence[float]) -> bool:
    """True when several lines of one column are drawn, then those beside them, as cells are."""
    runs: list[list[int]] = []
    before: int | None = None
    for index in sorted(band):
        column = column_of(boxes[index], gutters)
        if column is None:
            continue
        if runs and column == before:
            runs[-1].append(index)
        else:
            runs.append([index])
        before = column
    if len(runs) < 2 * _FEWEST_ROWS or sum(map(len, runs)) < 1.5 * len(runs):
        return False
    beside = sum(
        abs(boxes[one[0]].top - boxes[other[0]].top) < 3
        for one, other in pairwise(runs)
        if boxes[one[0]].left < boxes[other[0]].left
    )
    forward = sum(boxes[one[0]].left < boxes[other[0]].left for one, other in pairwise(runs))
    return beside >= _TOGETHER * forward


# --- pieces -----------------------------------------------------------------------------------


def _pieces(layer: TextLayer, gutters: Sequence[float]) -> list[Piece]:
    """Cut the characters of a page into pieces of lines that do not jump over a gutter."""
    pieces: list[Piece] = []
    last: Box | None = None
    for index, character in enumerate(layer.chars):
        written = layer.out[index]
        if not written:
            continue
        if character in "\r\n":
            last = None
            continue
        if character.isspace() and layer.is_generated(index):
            if last is not None:
                pieces[-1].text += written
            continue
        box = layer.box(index)
        if last is None or _jumps(last, box, gutters):
            pieces.append(Piece(box, written, [(box.left, box.right)]))
        else:
            piece = pieces[-1]
            piece.box = union(piece.box, box)
            piece.text += written
            gap = box.left - last.right
            if gap > _CELL_GAP and gap > layer.size(index):
                piece.cells.append((box.left, box.right))
            else:
                left, right = piece.cells[-1]
                piece.cells[-1] = left, max(right, box.right)
        # PDFium ends a line with the mark of its hyphen and no more.
        last = None if character == "\ufffe" else box
    return pieces


def _jumps(last: Box, box: Box, gutters: Sequence[float]) -> bool:
    height = max(last.top - last.bottom, box.top - box.bottom, 4.0)
    over = box.left - last.right > height and any(
        last.right <= gutter <= box.left for gutter in gutters
    )
    back = box.right < last.left - height
    away = max(last.bottom, box.bottom) - min(last.top, box.top) > height
    return over or back or away
