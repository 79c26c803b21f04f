"""Text that a page holds twice at one place: a layer of recognised text under the real one.

Programs for scans put an invisible layer over a page even when it had text already. What repeats
the visible text at its place is left out; an invisible layer of its own (a scan's) is the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reslib.extractors.pdf.columns import Box
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["leave_out_doubled"]

#: Height of the rows in which the widths of pieces are added up, in points; a row with more than
#: *_FULL* of its room is doubled, a page with so many of them is looked at.
_ROW, _FULL, _FEWEST_ROWS, _MANY = 8.0, 1.3, 2, 0.3
_LONG_LINE = 20
_MOST_LOOKS = 50
#: Edge of the squares in which characters are looked for, in points: a recognised layer is off by
#: some, the same characters drawn again are not, and lines of small type are close.
_SQUARE, _SMALL_SQUARE = 6.0, 3.0
#: How far around an invisible layer the text is looked for that it may repeat, in points, and how
#: many characters in a row are compared: another text shares few of these by chance.
_REGION, _LONG = 30.0, 6
#: Share of a line that repeats what stands at its place.
_MOSTLY = 0.6


def leave_out_doubled(layer: TextLayer, boxes: Sequence[Box], *, hidden: bool) -> None:
    """Leave out the lines of a page that repeat others at the same place.

    Parameters
    ----------
    layer
        The characters of the page.
    boxes
        Its rectangles.
    hidden
        Whether some of its text is drawn invisibly and some is not.
    """
    if hidden or _overlap(boxes):
        _leave_out_hidden(layer)
    if _repeats(layer):
        _leave_out_repeated(layer)


def _overlap(boxes: Sequence[Box]) -> bool:
    """True when the lines of a page have much more text than room: some lies under other text."""
    if not boxes:
        return False
    lefts, bottoms, rights, _ = zip(*boxes, strict=True)
    room = len({bottom // _ROW for bottom in bottoms}) * (max(rights) - min(lefts))
    if not sum(rights) - sum(lefts) > room:
        return False
    rows: dict[float, list[float]] = {}
    for left, bottom, right, _ in boxes:
        row = rows.get(bottom // _ROW)
        if row is None:
            rows[bottom // _ROW] = [left, right, right - left]
            continue
        if left < row[0]:
            row[0] = left
        if right > row[1]:
            row[1] = right
        row[2] += right - left
    full = sum(1 for left, right, width in rows.values() if width > _FULL * (right - left) + _ROW)
    return full >= _FEWEST_ROWS and full > _MANY * len(rows)


def _repeats(layer: TextLayer) -> bool:
    """True when a line of a page stands there twice at one place; a few are looked at."""
    lines = layer.chars.split("\r\n")
    long = [line for line in lines if len(line) >= _LONG_LINE]
    if len(set(long)) == len(long):
        return False
    first: dict[str, int] = {}
    start = looked = 0
    for line in lines:
        if len(line) >= _LONG_LINE:
            before = first.setdefault(line, start)
            if before != start:
                one, other = layer.box(before), layer.box(start)
                near = min(_SMALL_SQUARE, 0.4 * (one.top - one.bottom))
                if abs(one.left - other.left) < near and abs(one.top - other.top) < near:
                    return True
                looked += 1
                if looked == _MOST_LOOKS:
                    return False
        start += len(line) + 2
    return False


def _leave_out_hidden(layer: TextLayer) -> None:
    """Leave out invisible lines where visible characters stand."""
    invisible = [layer.is_invisible(index) for index in range(layer.count)]
    places = {
        place
        for index, character in enumerate(layer.chars)
        if not invisible[index] and not character.isspace()
        for place in _around(*_middle(layer, index))
    }
    dropped: set[int] = set()
    elsewhere: list[list[int]] = []
    for line in _lines(layer):
        hidden = [index for index in line if invisible[index]]
        there = sum(1 for index in hidden if _square(*_middle(layer, index)) in places)
        if hidden and there > _MOSTLY * len(hidden):
            dropped.update(hidden)
        elif hidden:
            elsewhere.append(hidden)
    dropped.update(_said_visibly(layer, elsewhere, invisible))
    if dropped:
        layer.leave_out(dropped)


def _said_visibly(
    layer: TextLayer, hidden: Sequence[Sequence[int]], invisible: Sequence[bool]
) -> set[int]:
    """Return the characters of invisible lines that say what stands visibly in their region.

    Their words may be spread otherwise than the visible ones, so spaces do not count.
    """
    if not hidden:
        return set()
    middles = [_middle(layer, index) for line in hidden for index in line]
    xs, ys = zip(*middles, strict=True)
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    seen = []
    for index, character in enumerate(layer.chars):
        if not (invisible[index] or character.isspace()) and layer.out[index]:
            x, y = _middle(layer, index)
            if left - _REGION < x < right + _REGION and bottom - _REGION < y < top + _REGION:
                seen.append(character)
    visible = set(_sequences("".join(seen)))
    said: set[int] = set()
    for line in hidden:
        sequences = _sequences("".join(layer.chars[index] for index in line))
        there = sum(sequence in visible for sequence in sequences)
        if sequences and there > _MOSTLY * len(sequences):
            said.update(line)
    return said


def _sequences(text: str) -> list[str]:
    """Return all sequences of some characters in a text; a shorter text has none."""
    text = text.casefold()
    return [text[start : start + _LONG] for start in range(len(text) - _LONG + 1)]


def _leave_out_repeated(layer: TextLayer) -> None:
    """Leave out lines whose characters were drawn before at the same place."""
    seen: set[tuple[str, int, int]] = set()
    dropped: set[int] = set()
    for line in _lines(layer):
        middles = [(layer.chars[index], *_middle(layer, index)) for index in line]
        again = sum(
            (character, *_square(x, y, _SMALL_SQUARE)) in seen for character, x, y in middles
        )
        if len(line) > 3 and again > _MOSTLY * len(line):
            dropped.update(line)
        seen.update(
            (character, *place)
            for character, x, y in middles
            for place in _around(x, y, _SMALL_SQUARE)
        )
    if dropped:
        layer.leave_out(dropped)


def _lines(layer: TextLayer) -> Iterator[list[int]]:
    """Give the drawn characters of each line."""
    line: list[int] = []
    for index, character in enumerate(layer.chars):
        if character == "\n":
            yield line
            line = []
        elif not character.isspace() and layer.out[index]:
            line.append(index)
    yield line


def _middle(layer: TextLayer, index: int) -> tuple[float, float]:
    left, bottom, right, top = layer.box(index)
    return (left + right) / 2, (bottom + top) / 2


def _square(x: float, y: float, edge: float = _SQUARE) -> tuple[int, int]:
    return int(x // edge), int(y // edge)


def _around(x: float, y: float, edge: float = _SQUARE) -> Iterator[tuple[int, int]]:
    """Give the squares within half a square of a point."""
    half = edge / 2
    for dx in (-half, half):
        for dy in (-half, half):
            yield _square(x + dx, y + dy, edge)
