"""Where pieces of a page are raised, found by their boxes and then by their characters."""

from __future__ import annotations

from collections.abc import Sequence

from reslib.extractors.columns import Box
from reslib.extractors.raised import parts_raised, raised_before_word
from reslib.extractors.textlayer import TextLayer

__all__ = ["part_raised_pieces"]

#: How far the lower edge of a piece is above that of its neighbour, in heights of the neighbour,
#: before its characters are looked at: enough for every raised piece, and for few others.
_LIFTED = 0.33
#: How far a baseline is raised, in sizes of the font beside it.
_RAISED, _RAISED_IN_SAME_SIZE = 0.12, 0.24
_SMALLER = 0.92
_LONGEST = 40


def part_raised_pieces(layer: TextLayer, boxes: Sequence[Box]) -> None:
    """Write raised pieces of a page apart from their words where they do not belong to them.

    Parameters
    ----------
    layer
        The characters of the page; what is written for them is changed.
    boxes
        Its rectangles in drawn order.
    """
    done = 0
    for number, box in enumerate(boxes):
        before = boxes[number - 1] if number else None
        after = boxes[number + 1] if number + 1 < len(boxes) else None
        if not (before and _is_lifted(box, before)) and not (after and _is_lifted(box, after, -1)):
            continue
        start = layer.first_of(box)
        if start is None or start < done or not _can_be_raised(layer.chars[start]):
            continue
        done = _part(layer, start)


def _is_lifted(box: Box, other: Box, side: int = 1) -> bool:
    """Whether a box stands raised directly behind another one, or before it (*side* -1)."""
    height = other.top - other.bottom
    gap = box.left - other.right if side > 0 else other.left - box.right
    return (
        box.bottom - other.bottom > _LIFTED * height
        and box.bottom < other.top
        and box.top > other.bottom + 0.7 * height
        and -0.5 * height < gap < height
    )


def _can_be_raised(character: str) -> bool:
    return character.isalnum() or character in "∗*†‡§¶#+-−–±(,[‖"


def _part(layer: TextLayer, start: int) -> int:
    """Part the piece that begins at *start* from its neighbours; return where it ends."""
    chars, out = layer.chars, layer.out
    base = start - 1
    while base >= 0 and chars[base].isspace() and start - base < 4:
        base -= 1
    size, line = layer.size(start), layer.baseline(start)
    end = _end_of_run(layer, start, line)
    follows = end
    while follows < layer.count and chars[follows].isspace() and follows - end < 4:
        follows += 1
    behind = base >= 0 and _is_raised(layer, start, size, line, base)
    ahead = (
        follows < layer.count
        and not chars[follows].isspace()
        and _is_raised(layer, start, size, line, follows)
    )
    if behind and base == start - 1:
        before = "".join(out[max(0, start - 20) : start])
        out[start] = parts_raised(before, chars[start:end], chars[end : end + 4]) + out[start]
    if not behind and not ahead:
        return start + 1
    if ahead:
        if follows == end:
            out[end - 1] += raised_before_word(chars[start:end], chars[end : end + 4])
        elif _is_on_line(layer, end - 1, follows):
            # The line goes on: the end that PDFium has put in is none.
            close = layer.box(follows).left - layer.box(end - 1).right < 0.35 * size
            for index in range(end, follows):
                out[index] = ""
            if not (close and chars[follows] in ".,;:!?)]}’”"):
                out[end] = " "
    return end


def _end_of_run(layer: TextLayer, start: int, line: float) -> int:
    """Return where the characters end that stand on the same raised line."""
    end = start + 1
    right = layer.box(start).right
    while end < layer.count and end - start < _LONGEST and not layer.chars[end].isspace():
        if abs(layer.baseline(end) - line) > 0.5:
            break
        box = layer.box(end)
        if box.left < right - 2 * (box.top - box.bottom) - 2:
            break
        right = box.right
        end += 1
    return end


def _is_raised(layer: TextLayer, index: int, size: float, line: float, other: int) -> bool:
    """Whether a character stands higher than another of the same line, which is larger."""
    other_size = layer.size(other)
    if other_size <= 0:
        return False
    lift = (line - layer.baseline(other)) / other_size
    if lift > 0.9:
        return False
    if size < _SMALLER * other_size:
        return lift > _RAISED
    return size < 1.05 * other_size and lift > _RAISED_IN_SAME_SIZE


def _is_on_line(layer: TextLayer, index: int, other: int) -> bool:
    """Whether a character follows another one to the right at about the same height."""
    one, two = layer.box(index), layer.box(other)
    height = max(one.top - one.bottom, two.top - two.bottom)
    return -0.3 * height < two.left - one.right < 3 * height and two.bottom < one.top
