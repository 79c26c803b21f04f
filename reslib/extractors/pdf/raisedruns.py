# ruff: noqa: RUF001 - characters that look alike are the subject
"""The raised pieces of a page, found by their boxes and then by their characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.textlayer import TextLayer, paired
from reslib.extractors.raised import CONTEXT, join_raised

__all__ = ["part_raised_pieces"]

#: How far the lower edge of a piece is above that of its neighbour, in heights of the neighbour,
#: before its characters are looked at: enough for every raised piece, and for few others.
_LIFTED = 0.33
#: The height of a raised piece in heights of its neighbour: a digit beside an "m".
_HIGHEST = 1.4
#: How far a baseline is raised, in sizes of the font beside it.
_RAISED, _RAISED_IN_SAME_SIZE, _FARTHEST = 0.12, 0.24, 0.9
_SMALLEST, _SMALLER = 0.45, 0.92
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
    for number in _lifted(boxes):
        start = layer.first_of(boxes[number], boxes[number - 1] if number else None)
        if start is None or start < done or not layer.out[start]:
            continue
        if _can_be_raised(layer.chars[start]):
            falls = _falls_behind(boxes, number)
            done = _part(layer, _beginning(layer, start, done), falls=falls)


def _beginning(layer: TextLayer, start: int, done: int) -> int:
    """Return where the piece begins that goes on at *start*, as the minus of an exponent."""
    line = layer.baseline(start)
    while start > done and not layer.chars[start - 1].isspace():
        if abs(layer.baseline(start - 1) - line) > 0.5 or not _can_be_raised(
            layer.chars[start - 1]
        ):
            break
        start -= 1
    return start


def _lifted(boxes: Sequence[Box]) -> Iterator[int]:
    """Give the numbers of the boxes that stand raised behind another one, or before it."""
    last = -1
    for number, (one, other) in enumerate(pairwise(boxes)):
        step = other[1] - one[1]
        if step > _LIFTED * (one[3] - one[1]):
            lifted, base, gap, found = other, one, other[0] - one[2], number + 1
        elif -step > _LIFTED * (other[3] - other[1]):
            lifted, base, gap, found = one, other, other[0] - one[2], number
        else:
            continue
        height, top = base[3] - base[1], base[3]
        if height < 0.7 * (lifted[3] - lifted[1]):  # a comma
            height = 1.5 * (lifted[3] - lifted[1])
            top = base[1] + height
        if (
            -0.5 * height < gap < height  # as hardly any, where a new line begins
            and found != last
            and lifted[1] < top + 0.4 * height
            and lifted[3] > base[1] + 0.7 * height
            and lifted[3] - lifted[1] < _HIGHEST * height
        ):
            last = found
            yield found


def _falls_behind(boxes: Sequence[Box], number: int) -> bool:
    """True when the piece behind one stands lower, so that it may be raised before that."""
    if number + 1 == len(boxes):
        return False
    one, other = boxes[number], boxes[number + 1]
    return one[1] - other[1] > 0.1 * (other[3] - other[1])


def _can_be_raised(character: str) -> bool:
    return (
        character.isalnum()
        or character in "∗*†‡§¶#+-−–±(,[‖"
        or "\ud800" <= character <= "\udbff"  # a letter of mathematics, above U+FFFF
    )


def _part(layer: TextLayer, start: int, *, falls: bool) -> int:
    """Part the piece that begins at *start* from its neighbours; return where it ends.

    *falls*: whether what stands behind it may be lower.
    """
    chars, out = layer.chars, layer.out
    base = start - 1
    while base >= 0 and chars[base].isspace() and start - base < 4:
        base -= 1
    size, line = layer.size(start), layer.baseline(start)
    if base >= 0 and _is_initial(layer, base, start, size):
        for index in range(base + 1, start):
            out[index] = ""
        return start + 1
    raised_glyph = _is_raised_glyph(layer, start)
    if raised_glyph:
        # The font has raised digits of its own, which stand on the common line.
        line, size = layer.box(start).bottom, size / 2
    bases = {base, _above_lowered(layer, base)} if base >= 0 else ()
    behind = any(_is_raised(layer, start, size, line, other) for other in bases)
    if not behind and not falls:
        return start + 1
    if raised_glyph:
        end = start + 1
        while (
            end < layer.count
            and end - start < _LONGEST
            and (
                _is_raised_glyph(layer, end)
                or (
                    chars[end] in ",–-"
                    and end + 1 < layer.count
                    and _is_raised_glyph(layer, end + 1)
                )
            )
        ):
            end += 1
    else:
        end = _end_of_run(layer, start, line)
    follows = _after_blanks(layer, end)
    ahead = (
        follows < layer.count
        and not chars[follows].isspace()
        and _is_raised(layer, start, size, line, follows)
    )
    if behind and base < start - 1:
        # A line end between them that PDFium has put in is none.
        gap = range(base + 1, start)
        behind = layer.box(start).left - layer.box(base).right < 0.3 * layer.size(base)
        behind = behind and all(map(layer.is_generated, gap))
        if behind:
            for index in gap:
                out[index] = ""
    if behind:
        ahead = not _put_lowered_first(layer, base, start, end) and ahead
        before = paired("".join(out[max(0, start - CONTEXT) : start]))
        piece, rest = paired(chars[start:end]), paired(chars[end : end + 8])
        out[start] = _parted(before, piece, rest)[0] + out[start]
    elif not ahead:
        return start + 1
    if ahead:
        if follows == end:
            out[end - 1] += _parted("", chars[start:end], chars[end : end + 4])[1]
        elif _is_on_line(layer, end - 1, follows):
            # The line goes on: the end that PDFium has put in is none.
            close = layer.box(follows).left - layer.box(end - 1).right < 0.35 * size
            for index in range(end, follows):
                out[index] = ""
            if not (close and chars[follows] in ".,;:!?)]}’”"):
                out[end] = " "
    return end


def _put_lowered_first(layer: TextLayer, base: int, start: int, end: int) -> bool:
    """Write a lowered number that stands below a raised piece before it.

    TeX draws the upper one first: of a sulfate ion SO, 2- and 4.
    """
    first = _after_blanks(layer, end)
    if first >= layer.count or not layer.chars[first].isdigit():
        return False
    size, line = layer.size(base), layer.baseline(first)
    below = layer.baseline(base) - line
    if not (
        0.08 * size < below < 0.6 * size
        and layer.size(first) < _SMALLER * size
        and abs(layer.box(first).left - layer.box(start).left) < 0.25 * size
    ):
        return False
    last = _end_of_run(layer, first, line)
    if not layer.chars[first:last].isdigit():
        return False
    layer.out[base] += layer.chars[first:last]
    after = _after_blanks(layer, last)
    goes_on = after < layer.count and _is_on_line(layer, last - 1, after)
    for index in range(end, after if goes_on else last):
        layer.out[index] = ""
    if goes_on and after > last and layer.box(after).left - layer.box(last - 1).right > 0.1 * size:
        layer.out[after] = " " + layer.out[after]
    return True


def _after_blanks(layer: TextLayer, index: int) -> int:
    """Return the first of the next characters that is none of a few blanks."""
    end = index
    while end < layer.count and layer.chars[end].isspace() and end - index < 4:
        end += 1
    return end


def _above_lowered(layer: TextLayer, index: int) -> int:
    """Return the character that a lowered digit stands at: of SO4 the O."""
    last, line = index, layer.baseline(index)
    while index > 0 and last - index < 4 and layer.chars[index].isdigit():
        index -= 1
        if abs(layer.baseline(index) - line) > 0.5:
            return index
    return last


def _parted(before: str, piece: str, after: str) -> tuple[str, str]:
    """Return what is written in front of a raised piece, and behind it."""
    piece = piece.strip()
    if not piece:
        return "", ""
    written = join_raised(before, piece, after)
    return written.partition(piece)[0], written.rpartition(piece)[2]


def _is_initial(layer: TextLayer, index: int, start: int, size: float) -> bool:
    """True when a capital of several lines stands before the rest of its word."""
    capital, before = layer.chars[index], layer.chars[index - 1 : index]
    if not capital.isupper() or before.isalnum() or not layer.chars[start].isalpha():
        return False
    if size >= _SMALLEST * layer.size(index):
        return False
    return layer.box(start).left - layer.box(index).right < 0.25 * size


def _is_raised_glyph(layer: TextLayer, index: int) -> bool:
    """True when the ink of a digit or a letter begins well above the line it stands on."""
    if not layer.chars[index].isalnum():
        return False
    lift = layer.box(index).bottom - layer.baseline(index)
    return lift > 1 and lift > 0.22 * layer.size(index)


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
    """True when a character stands higher than another of the same line, which is larger."""
    other_size = layer.size(other)
    if other_size <= 0:
        return False
    lift = (line - layer.baseline(other)) / other_size
    if not _RAISED < lift <= _FARTHEST:
        return False
    if size < _SMALLEST * other_size:
        return False  # beside a capital of several lines
    # Boxes of two fonts do not compare: what is said of their sizes does.
    if size < _SMALLER * other_size or layer.font_size(index) < _SMALLER * layer.font_size(other):
        return True
    return size < 1.05 * other_size and lift > _RAISED_IN_SAME_SIZE


def _is_on_line(layer: TextLayer, index: int, other: int) -> bool:
    """True when a character follows another one to the right at about the same height."""
    one, two = layer.box(index), layer.box(other)
    height = max(one.top - one.bottom, two.top - two.bottom)
    return -0.3 * height < two.left - one.right < 3 * height and two.bottom < one.top
