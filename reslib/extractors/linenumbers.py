"""Line numbers in the margins of a draft, which stand in the text between its lines.

Two looks: a page notes what may be numbers of its lines (a column of them that grows by one step,
with nothing but prose beside it), and the document decides: they begin with the first and go on
from page to page, or begin again on each. A column of years or the axis of a figure does neither.

Until the document has decided, such numbers stand in the text between two marks, so that nothing
else of a page has to be kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from reslib.extractors.columns import Box
from reslib.extractors.textlayer import TextLayer

__all__ = ["mark_line_numbers", "settle_line_numbers"]

#: Around a number; the second opens it where the page alone would not say that it is one.
_OPEN, _MAYBE, _CLOSE = "\x0e", "\x10", "\x0f"
_AT_BEGINNING = re.compile(r"(\d{1,5})(?=[ \t]|$)")
_AT_END = re.compile(r"(?<=[ \t])(\d{1,5})$")
_MARKED = re.compile(rf"[{_OPEN}{_MAYBE}](\d+){_CLOSE}")
_NUMBER = re.compile(rf"[{_OPEN}{_MAYBE}]\d+{_CLOSE}")
_HYPHENS = frozenset("-\u2010\u00ad\ufffe")

_STEPS = (1, 2, 5, 10)
_BEGINS = frozenset({0, *_STEPS})
#: Numbers of a page, at least; so few are sure only where they count by five or ten.
_FEWEST, _FEWEST_OF_EACH_LINE = 3, 4
#: Numbers that may be missing between two pages, as where a figure stands.
_FARTHEST = 60
#: How far the edges of numbers of one column may differ, in points.
_FLUSH = 2.5
#: Share of steps between numbers that must be the usual one.
_REGULAR = 0.8
#: Share of the width of all other pieces that may stand on the outer side of the numbers.
#: Numbers smaller than the text are no cells of a table, so a side bar may stand there.
_OUTSIDE, _OUTSIDE_OF_SMALL, _SMALL = 0.04, 0.4, 0.85
#: Prose: share of lines that go on in the middle of a sentence, and that fill their column.
_GO_ON, _FULL = 0.3, 0.4
#: A line of text, in characters.
_LINE = 15
#: Program code: few words in a line, many signs.
_WORDS, _SIGNS, _MOST_SIGNS = 4.5, "(){}[]=;<>_\\", 0.06
_EDGES = "0123456789 \t"
#: Pages of a document that are numbered, at least, and that follow on the one before.
_NUMBERED, _FOLLOW = 1 / 3, 0.8


@dataclass(slots=True)
class _Number:
    start: int
    end: int
    value: int
    box: Box


# --- a page -----------------------------------------------------------------------------------


def mark_line_numbers(layer: TextLayer, boxes: Sequence[Box]) -> list[Box]:
    """Put marks around what may be the numbers of a page's lines; return the other rectangles.

    Parameters
    ----------
    layer
        The characters of the page; what is written for them is changed.
    boxes
        Its rectangles.
    """
    chars = layer.chars
    spans = _at_edges(chars)
    if len(spans) < _FEWEST or not _has_chain([int(chars[a:b]) for a, b in spans]):
        return list(boxes)
    numbers = []
    for start, end in spans:
        first, last = layer.box(start), layer.box(end - 1)
        box = Box(first.left, first.bottom, last.right, max(first.top, last.top))
        numbers.append(_Number(start, end, int(chars[start:end]), box))
    chosen = _numbering(numbers, boxes)
    if not chosen:
        return list(boxes)
    text_lines = sum(1 for line in chars.splitlines() if len(line) > _LINE)
    step = _usual_step(chosen)
    sure = step * len(chosen) >= 0.6 * text_lines and (
        step > 2 or len(chosen) >= _FEWEST_OF_EACH_LINE
    )
    mark = _OPEN if sure and _is_prose(chars) else _MAYBE
    for number in chosen:
        if layer.out[number.start] and layer.out[number.end - 1]:
            layer.out[number.start] = mark + layer.out[number.start]
            layer.out[number.end - 1] += _CLOSE
    taken = {_place(number.box) for number in chosen}
    return [box for box in boxes if _place(box) not in taken]


def _at_edges(chars: str) -> list[tuple[int, int]]:
    """Return where numbers stand at the beginning of a line or at its end."""
    spans: list[tuple[int, int]] = []
    start = 0
    # A hyphen that is marked ends its line too; lines keep their places.
    for line in chars.replace("\ufffe", "\n").replace("\r\n", " \n").split("\n"):
        match = None
        if line[:1].isdigit():
            match = _AT_BEGINNING.match(line)
        if match is None and line[-2:].strip().isdigit():
            match = _AT_END.search(line.rstrip(), max(0, len(line) - 8))
        if match is not None:
            spans.append((start + match.start(1), start + match.end(1)))
        start += len(line) + 1
    return spans


def _place(box: Box) -> tuple[int, int, int]:
    return round(box.left), round(box.bottom), round(box.right)


def _has_chain(values: list[int]) -> bool:
    """Whether enough of the values grow by one of the steps, in drawn order."""
    for step in _STEPS:
        length: dict[int, int] = {}
        for value in values:
            length[value] = max(length.get(value, 0), length.get(value - step, 0) + 1)
        if max(length.values(), default=0) >= (_FEWEST if step > 2 else _FEWEST_OF_EACH_LINE):
            return True
    return False


def _is_prose(chars: str) -> bool:
    """Whether the lines of a page go on from one to the next and fill a column.

    Lists, tables, an index and program code do not.
    """
    lines = [line.strip(_EDGES) for line in chars.replace("\ufffe", "\r\n").split("\r\n")]
    lines = [line for line in lines if len(line) >= _LINE]
    if len(lines) < _FEWEST - 1:
        return False
    go_on = sum(1 for line in lines if line[0].isalpha() and not line[0].isupper())
    usual = sorted(map(len, lines))[int(0.75 * len(lines))]
    full = sum(1 for line in lines if len(line) >= 0.75 * usual)
    words = sum(line.count(" ") + 1 for line in lines)
    if lines[0].isascii() and words < _WORDS * len(lines):
        return False
    signs = sum(map(chars.count, _SIGNS))
    if signs > _MOST_SIGNS * sum(map(len, lines)):
        return False
    return go_on >= _GO_ON * len(lines) and full >= _FULL * len(lines)


def _numbering(numbers: list[_Number], boxes: Sequence[Box]) -> list[_Number]:
    """Return the numbers that stand in a margin, and those in a gutter that go with them."""
    rest = _without(numbers, boxes)
    margins: list[list[_Number]] = []
    gutters: list[list[_Number]] = []
    for column in _columns(numbers):
        if not _is_regular(column):
            continue
        (margins if _is_outside(column, rest) else gutters).append(column)
    chosen = {number.start: number for column in margins for number in column}
    values = {number.value for number in chosen.values()}
    for column in gutters:
        own = {number.value for number in column}
        follows = values and min(own) in range(max(values) + 1, max(values) + 12)
        if values and (follows or len(own & values) >= 0.8 * len(own)):
            chosen.update((number.start, number) for number in column)
    return [chosen[start] for start in sorted(chosen)]


def _without(numbers: list[_Number], boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes with the numbers cut off."""
    at = {(round(n.box.left), round(n.box.bottom)): n.box for n in numbers}
    rest: list[Box] = []
    for box in boxes:
        number = at.get((round(box.left), round(box.bottom)))
        if number is None:
            rest.append(box)
        elif box.right > number.right + 2:
            rest.append(box._replace(left=number.right + 2))
    return rest


def _columns(numbers: list[_Number]) -> list[list[_Number]]:
    """Return the numbers that stand flush below each other, each in one column at most."""
    found: list[list[_Number]] = []
    left = list(numbers)
    edges = sorted((2, 0), key=lambda edge: -max(map(len, _flush(left, edge)), default=0))
    for edge in edges:  # flush right in a left margin, flush left in a right one
        good = [group for group in _flush(left, edge) if _is_regular(group)]
        found += good
        taken = {number.start for group in good for number in group}
        left = [number for number in left if number.start not in taken]
    return found


def _flush(numbers: list[_Number], edge: int) -> list[list[_Number]]:
    """Return the groups of numbers with this edge at about one place."""
    groups: list[list[_Number]] = [[]]
    for number in sorted(numbers, key=lambda number: number.box[edge]):
        if groups[-1] and number.box[edge] - groups[-1][0].box[edge] > _FLUSH:
            groups.append([])
        groups[-1].append(number)
    return [group for group in groups if len(group) >= _FEWEST]


def _top_down(column: list[_Number]) -> list[int]:
    return [number.value for number in sorted(column, key=lambda number: -number.box.bottom)]


def _usual_step(column: list[_Number]) -> int:
    return _usual_step_of([[number.value for number in column]])


def _usual_step_of(pages: Sequence[Sequence[int]]) -> int:
    steps = Counter(b - a for page in pages for a, b in pairwise(page))
    return max(_STEPS, key=lambda step: steps[step])


def _is_regular(column: list[_Number]) -> bool:
    values = _top_down(column)
    steps = Counter(b - a for a, b in pairwise(values))
    return max(steps[step] for step in _STEPS) >= _REGULAR * (len(values) - 1)


def _is_outside(column: list[_Number], rest: Sequence[Box]) -> bool:
    if not rest:
        return False
    left = min(number.box.left for number in column)
    right = max(number.box.right for number in column)
    before = after = total = 0.0
    for box in rest:
        width = box.right - box.left
        total += width
        before += width if box.left < right else 0.0
        after += width if box.right > left else 0.0
    height = median(number.box.top - number.box.bottom for number in column)
    usual = median(box.top - box.bottom for box in rest)
    # The ink of a line with its descenders is about 1.4 times as high as that of a digit.
    small = height < _SMALL * usual / 1.4
    return min(before, after) <= (_OUTSIDE_OF_SMALL if small else _OUTSIDE) * total


# --- a document -------------------------------------------------------------------------------


def settle_line_numbers(texts: Sequence[str]) -> list[str]:
    """Return the texts of a document's pages without marks, and without its line numbers.

    Parameters
    ----------
    texts
        As :func:`mark_line_numbers` has left them.
    """
    if not any(_CLOSE in text for text in texts):
        return list(texts)
    pages = [[int(match[1]) for match in _MARKED.finditer(text)] for text in texts]
    sure = [numbers if _OPEN in text else [] for numbers, text in zip(pages, texts, strict=True)]
    if not _are_line_numbers(sure):
        return [_without_marks(text) for text in texts]
    settled = []
    last = 0
    step = _usual_step_of(sure)
    numbered = [numbers for numbers in sure if numbers]
    on_each_page = sum(page[0] in _BEGINS for page in numbered) > len(numbered) / 2 > 0.5
    for text, numbers in zip(texts, pages, strict=True):
        begins = numbers and (numbers[0] in _BEGINS if on_each_page or not last else False)
        if numbers and (_OPEN in text or begins or 0 < numbers[0] - last <= _FARTHEST):
            settled.append(_without_numbers(text))
            last = max(numbers)
        else:
            text = _without_marks(text)
            if last and not on_each_page:
                text, last = _without_those_that_follow(text, last, step)
            settled.append(text)
    return settled


def _are_line_numbers(pages: Sequence[Sequence[int]]) -> bool:
    """Whether the numbers of a document's pages are those of its lines."""
    numbered = [page for page in pages if page]
    if len(numbered) < max(1, min(2, len(pages)), _NUMBERED * len(pages)):
        return False
    if numbered[0][0] not in _BEGINS and len(numbered) < 3:
        return False
    follow = sum(1 for before, page in pairwise(numbered) if _follows(page[0], max(before)))
    return follow >= _FOLLOW * (len(numbered) - 1)


def _follows(first: int, last: int) -> bool:
    """Whether a page that begins with *first* may come behind one that ends with *last*."""
    return first in _BEGINS or 0 < first - last <= _FARTHEST


def _without_those_that_follow(text: str, last: int, step: int) -> tuple[str, int]:
    """Return a page with too few numbers to tell without those that go on exactly, and the last."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        number = str(last + step)
        bare = line.rstrip("\r")
        if bare.startswith(number + " "):
            lines[index] = line[len(number) + 1 :]
        elif bare.endswith(" " + number) and len(bare) > _LINE:
            lines[index] = bare[: -len(number) - 1] + line[len(bare) :]
        else:
            continue
        last += step
    return "\n".join(lines), last


def _without_marks(text: str) -> str:
    if _CLOSE not in text:
        return text
    return text.replace(_CLOSE, "").replace(_OPEN, "").replace(_MAYBE, "")


def _without_numbers(text: str) -> str:
    """Return *text* without its marked numbers and the white space that goes with them."""
    first, *rest = _NUMBER.split(text)
    parts = [first]
    for after in rest:
        before, after_it = parts[-1], after.lstrip(" \t")
        stripped = before.rstrip(" \t\r\n")
        if stripped[-1:] in _HYPHENS and stripped[-2:-1].isalpha() and after.lstrip()[:1].isalpha():
            # It stands inside a broken word.
            parts[-1] = stripped[:-1] + "\ufffe"
            parts.append(after.lstrip())
        elif not after_it or after_it[0] in "\r\n":
            if not before or before[-1] == "\n":  # it has a line of its own
                after_it = after_it.removeprefix("\r").removeprefix("\n")
            else:
                parts[-1] = before.rstrip(" \t")
            parts.append(after_it)
        else:
            parts.append(after_it)
    return "".join(parts)
