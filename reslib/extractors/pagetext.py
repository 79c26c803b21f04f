"""One PDFium text page turned into text: what is outside left out, marks parted, columns ordered."""

from __future__ import annotations

import re
from typing import Any

from reslib.extractors.columns import (
    ZIGZAG_LIMIT,
    Box,
    Layout,
    find_layout,
    merge_line_pieces,
    reading_order,
    union,
)
from reslib.extractors.hyphens import HYPHEN_MARK
from reslib.extractors.raisedruns import part_raised_pieces
from reslib.extractors.textlayer import TextLayer

__all__ = ["read_text"]

#: How far a piece may reach over the edge of the page before its characters are looked at, in
#: points: boxes of ink are rounded.
_EDGE = 1.0


def read_text(text_page: Any, area: Box) -> tuple[str, Layout | None, bool]:
    """Return the text of a page, its layout of two columns and whether its order was repaired.

    Parameters
    ----------
    text_page
        PDFium's, open.
    area
        What is seen of the page: its crop box.
    """
    layer = TextLayer(text_page)
    boxes = layer.rectangles()
    _leave_out_what_is_outside(layer, boxes, area)
    part_raised_pieces(layer, boxes)
    layout = find_layout(merge_line_pieces(boxes)) if len(boxes) >= 10 else None
    if layout is not None and layout.zigzag > ZIGZAG_LIMIT:
        return _text_by_column(layer, layout.gutter), layout, True
    return layer.text(), layout, False


def _leave_out_what_is_outside(layer: TextLayer, boxes: list[Box], area: Box) -> None:
    """Leave out the characters whose middle is outside of *area*."""
    left, bottom, right, top = (
        area.left - _EDGE,
        area.bottom - _EDGE,
        area.right + _EDGE,
        area.top + _EDGE,
    )
    if boxes:
        if not any(b.left < left or b.bottom < bottom or b.right > right or b.top > top for b in boxes):
            return
    elif not layer.reaches_beyond(Box(left, bottom, right, top)):
        return
    outside = set()
    for index, character in enumerate(layer.chars):
        if character.isspace():
            continue
        box = layer.box(index)
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if not (area.left <= x <= area.right and area.bottom <= y <= area.top):
            outside.add(index)
    layer.leave_out(outside)


# --- order ------------------------------------------------------------------------------------


def _text_by_column(layer: TextLayer, gutter: float) -> str:
    """Read a page column by column; the characters of a line stay as they are drawn."""
    boxes, texts = _pieces(layer, gutter)
    text = ""
    for index in reading_order(boxes, gutter):
        line = " ".join(texts[index].split())
        if not line:
            continue
        if re.search(rf"[^\W\d_][-\u00ad\ufffe{HYPHEN_MARK}]$", text) and line[0].isalpha():
            text = text[:-1] + HYPHEN_MARK + line
        else:
            text = f"{text}\n{line}" if text else line
    return text


def _pieces(layer: TextLayer, gutter: float) -> tuple[list[Box], list[str]]:
    """Cut the characters of a page into pieces of lines that do not jump over the gutter."""
    boxes: list[Box] = []
    texts: list[str] = []
    last: Box | None = None
    for index, character in enumerate(layer.chars):
        written = layer.out[index]
        if not written:
            continue
        if character in "\r\n":
            last = None
            continue
        if layer.is_generated(index):
            if last is not None:
                texts[-1] += written
            continue
        box = layer.box(index)
        if last is None or _jumps(last, box, gutter):
            boxes.append(box)
            texts.append(written)
        else:
            boxes[-1] = union(boxes[-1], box)
            texts[-1] += written
        # PDFium ends a line with the mark of its hyphen and no more.
        last = None if character in (HYPHEN_MARK, "\ufffe") else box
    return boxes, texts


def _jumps(last: Box, box: Box, gutter: float) -> bool:
    height = max(last.top - last.bottom, box.top - box.bottom, 4.0)
    over = last.right <= gutter <= box.left and box.left - last.right > height
    back = box.right < last.left - height
    away = max(last.bottom, box.bottom) - min(last.top, box.top) > height
    return over or back or away
