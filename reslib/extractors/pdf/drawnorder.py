"""Text that runs down a page or stands upside down, in the order in which it is read.

PDFium sorts what begins at one height from the left, as the page is shown. That is the order of
reading for text that runs to the right or up; lines of text that runs down come in reverse, and so
do the pieces of a line that stands upside down. A page that is shown turned (``/Rotate``) has such
text too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from reslib.extractors.pdf.columns import Box, union
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["order_turned_text"]

_LINE = re.compile(r"[^\r\n]+")
#: One line in so many of an upright page is asked for its direction.
_LOOKED_AT = 3
#: How far beginnings at one height are apart, in sizes of the font.
_ONE_HEIGHT = 0.6
#: How far pieces of one line are apart across it, and what is a space along it.
_ONE_LINE, _SPACE = 0.6, 0.14


class _Point(NamedTuple):
    x: float
    y: float


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    angle: float
    size: float
    seen: _Point  # where it begins, as the page is shown
    box: Box


def order_turned_text(
    layer: TextLayer, boxes: Sequence[Box], rotation: int, *, has_tall: bool
) -> Sequence[Box]:
    """Order what runs down a page or stands upside down on it.

    Parameters
    ----------
    layer
        The characters of a page; they are counted anew when their order changes.
    boxes
        Its rectangles.
    rotation
        By how many degrees the page is shown turned with the clock.
    has_tall
        Whether some of them are so high that they run up or down the page.

    Returns
    -------
    sequence of Box
        A box for each piece that is drawn at once, in the new order; *boxes* when it is as it was.
    """
    turn = math.radians(rotation)
    begins = _begins(layer.chars)
    if not rotation and not has_tall:
        # Nothing runs down; of text that stands upside down there are some lines.
        begins = begins[::_LOOKED_AT]
    if not any(_is_against(angle - turn) for angle in layer.angles(begins)):
        return boxes
    runs = _runs(layer, turn)
    turned = {run: _pieces(layer, run, turn) for run, against in runs if against}
    if all(_order(pieces, turn) == list(range(len(pieces))) for pieces in turned.values()):
        return boxes
    pieces = [piece for run, _ in runs for piece in turned.get(run) or _pieces(layer, run, turn)]
    order = _order(pieces, turn)
    generated = next((i for i in range(layer.count) if layer.is_generated(i)), 0)
    parts: list[str] = []
    kept: list[int] = []
    for before, after in pairwise([None, *order]):
        assert after is not None
        piece = pieces[after]
        if before is not None and before + 1 == after:  # with what stands between them
            between = range(pieces[before].end, piece.start)
            parts.append(layer.chars[between.start : between.stop])
            kept += between
        elif before is not None:
            parts.append(_between(layer, pieces[before], piece))
            kept += [generated] * len(parts[-1])
        parts.append(layer.chars[piece.start : piece.end])
        kept += range(piece.start, piece.end)
    layer.keep("".join(parts), kept)
    return [pieces[number].box for number in order]


def _begins(chars: str) -> list[int]:
    """Return where lines begin, the empty ones left out."""
    found: list[int] = []
    start = 0
    for line in chars.replace("\r", "\n").split("\n"):
        if line:
            found.append(start)
        start += len(line) + 1
    return found


def _is_against(angle: float) -> bool:
    """True when text at this angle is read against the order from the left."""
    return math.sin(angle) < -0.9 or math.cos(angle) < -0.9


def _runs(layer: TextLayer, turn: float) -> list[tuple[range, bool]]:
    """Return the characters of lines behind each other, and whether those are read against the
    order.
    """
    runs: list[tuple[range, bool]] = []
    for line in _LINE.finditer(layer.chars):
        against = _is_against(layer.angle(line.start()) - turn)
        if runs and runs[-1][1] == against:
            runs[-1] = range(runs[-1][0].start, line.end()), against
        else:
            runs.append((range(line.start(), line.end()), against))
    return runs


def _pieces(layer: TextLayer, characters: range, turn: float) -> list[_Piece]:
    pieces: list[_Piece] = []
    cos, sin = math.cos(turn), math.sin(turn)
    last: int | None = None
    for index in characters:
        character = layer.chars[index]
        if character in "\r\n" or (character.isspace() and layer.is_generated(index)):
            continue
        drawn = layer.text_object(index)
        box = layer.box(index)
        if pieces and drawn == last and pieces[-1].end == index:
            pieces[-1].end = index + 1
            if not character.isspace():
                pieces[-1].box = union(pieces[-1].box, box)
            continue
        x, y = layer.origin(index)
        seen = _Point(x * cos + y * sin, y * cos - x * sin)
        size, angle = layer.font_size(index), layer.angle(index)
        pieces.append(_Piece(index, index + 1, angle, size, seen, box))
        last = drawn
    return pieces


def _order(pieces: Sequence[_Piece], turn: float) -> list[int]:
    """Return the numbers of the pieces in the order of reading."""
    order: list[int] = []
    run: list[int] = []
    for number, piece in enumerate(pieces):
        against = _is_against(piece.angle - turn)
        if run and not (against and _goes_on(pieces[run[-1]], piece)):
            order += _sorted(run, pieces, turn)
            run = []
        if against:
            run.append(number)
        else:
            order.append(number)
    return order + _sorted(run, pieces, turn)


def _goes_on(piece: _Piece, after: _Piece) -> bool:
    """True when two pieces begin at one height, the second not further left, as PDFium sorts."""
    size = max(piece.size, after.size)
    return (
        abs(after.seen.y - piece.seen.y) <= _ONE_HEIGHT * size
        and after.seen.x >= piece.seen.x - 0.1
        and abs(math.sin(after.angle - piece.angle)) < 0.1
    )


def _sorted(run: Sequence[int], pieces: Sequence[_Piece], turn: float) -> list[int]:
    """Sort pieces that begin at one height from the right; of a line that runs down, from above."""
    ordered = sorted(run, key=lambda n: -pieces[n].seen.x)
    if not ordered or math.sin(pieces[ordered[0]].angle - turn) > -0.9:
        return ordered
    lines: list[list[int]] = []
    for number in ordered:
        piece = pieces[number]
        if lines and pieces[lines[-1][0]].seen.x - piece.seen.x < _ONE_LINE * piece.size:
            lines[-1].append(number)
        else:
            lines.append([number])
    return [n for line in lines for n in sorted(line, key=lambda n: -pieces[n].seen.y)]


def _between(layer: TextLayer, piece: _Piece, after: _Piece) -> str:
    """Return what parts two pieces: a line end, a space or nothing."""
    cos, sin = math.cos(after.angle), math.sin(after.angle)
    x, y = layer.origin(piece.start)
    next_x, next_y = layer.origin(after.start)
    size = max(piece.size, after.size)
    if abs((next_y - y) * cos - (next_x - x) * sin) > _ONE_LINE * size:
        return "\r\n"
    box = layer.loose_box(piece.end - 1)
    ends = ((a - next_x) * cos + (b - next_y) * sin for a in (box.left, box.right)
            for b in (box.bottom, box.top))  # fmt: skip
    return " " if -max(ends) > _SPACE * size else ""
