"""The text of one page, step by step from what PDFium lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from reslib.extractors.pdf.accents import place_accents
from reslib.extractors.pdf.bidi import turn_phrases
from reslib.extractors.pdf.columns import ZIGZAG_LIMIT, Box, find_layout, merge_line_pieces
from reslib.extractors.pdf.columntext import text_by_column
from reslib.extractors.pdf.doubled import leave_out_doubled
from reslib.extractors.pdf.drawnorder import order_turned_text
from reslib.extractors.pdf.letterspaced import join_spaced_letters
from reslib.extractors.pdf.linenumbers import mark_line_numbers
from reslib.extractors.pdf.raisedruns import part_raised_pieces
from reslib.extractors.pdf.textlayer import TextLayer
from reslib.extractors.pdf.tornlines import mend_torn_lines
from reslib.extractors.pdf.turned import tall_ones, turned_layer

__all__ = ["read_text"]

#: How far a piece may reach over the edge of the page before its characters are looked at, in
#: points: boxes of ink are rounded.
_EDGE = 1.0
#: Pieces that reach over the edge and are looked at one by one; of more the whole page is.
_FEW = 20
#: What is said of columns that were left as they are drawn, and may be prose.
_DOUBTFUL = 0.125
_SOFT_HYPHEN = re.compile(r"\u00ad(?!\s)")


def read_text(
    text_page: Any, area: Box, *, rotation: int = 0, hidden: bool = False
) -> tuple[str, float, bool]:
    """Return the text of a page, how much it zig-zags between columns, and whether it is repaired.

    Parameters
    ----------
    text_page
        PDFium's, open.
    area
        What is seen of the page: its crop box.
    rotation
        By how many degrees it is shown turned with the clock.
    hidden
        Whether some of its text is drawn invisibly and some is not.
    """
    layer = TextLayer(text_page)
    mend_torn_lines(layer)
    drawn = layer.rectangles()
    tall = tall_ones(drawn)
    boxes = order_turned_text(layer, drawn, rotation, has_tall=bool(tall))
    if boxes is not drawn:
        tall = tall_ones(boxes)
    _leave_out_what_is_outside(layer, boxes, area)
    leave_out_doubled(layer, boxes, hidden=hidden)
    _settle_soft_hyphens(layer)
    place_accents(layer)
    join_spaced_letters(layer)
    view = turned_layer(layer, tall, len(boxes))
    if view is not None:
        part_raised_pieces(view, [view.turn(box) for box in boxes])
    part_raised_pieces(layer, boxes)
    turn_phrases(layer)
    boxes = mark_line_numbers(layer, boxes)
    layout = find_layout(merge_line_pieces(boxes)) if len(boxes) >= 10 else None
    if layout is None or layout.zigzag <= ZIGZAG_LIMIT:
        return layer.text(), layout.zigzag if layout else 0.0, False
    ordered, doubtful = text_by_column(layer, layout.gutters)
    if doubtful:
        return ordered or layer.text(), min(layout.zigzag, _DOUBTFUL), False
    if ordered is None:  # a table, which is read row by row as it is drawn
        return layer.text(), 0.0, False
    return ordered, layout.zigzag, True


def _leave_out_what_is_outside(layer: TextLayer, boxes: Sequence[Box], area: Box) -> None:
    """Leave out the characters whose middle is outside of *area*."""
    left, bottom, right, top = (
        area.left - _EDGE,
        area.bottom - _EDGE,
        area.right + _EDGE,
        area.top + _EDGE,
    )
    indexes: Iterable[int] | None = None
    if boxes:
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        within = min(lefts) >= left and min(bottoms) >= bottom
        if within and max(rights) <= right and max(tops) <= top:
            return
        indexes = _those_of(
            layer,
            [b for b in boxes if b[0] < left or b[1] < bottom or b[2] > right or b[3] > top],
        )
    elif not layer.reaches_beyond(Box(left, bottom, right, top)):
        return
    outside = set()
    for index in indexes if indexes is not None else range(layer.count):
        if layer.chars[index].isspace():
            continue
        box = layer.box(index)
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if not (area.left <= x <= area.right and area.bottom <= y <= area.top):
            outside.add(index)
    if outside:
        layer.leave_out(outside)


def _those_of(layer: TextLayer, boxes: list[Box]) -> list[int] | None:
    """Return the characters of a few pieces, None when they are many or one is not found."""
    if len(boxes) > _FEW:
        return None
    found: list[int] = []
    for box in boxes:
        indexes = layer.indexes_of(box)
        if indexes is None:
            return None
        found += indexes
    return found


def _settle_soft_hyphens(layer: TextLayer) -> None:
    """Write a soft hyphen inside a line as a hyphen when it is seen, else not at all."""
    for match in _SOFT_HYPHEN.finditer(layer.chars):
        box = layer.box(match.start())
        layer.out[match.start()] = "-" if box.right - box.left > 0.1 else ""
