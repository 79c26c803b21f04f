"""Line numbers in the margins of a draft, which stand in the text between its lines.

Two looks: a page notes what may be numbers of its lines (a column of them that grows by one step,
with nothing but prose beside it), and the document decides: they begin with the first and go on
from page to page, or begin again on each. A column of years or the axis of a figure does neither.

Until the document has decided, such numbers stand in the text between two marks, so that nothing
else of a page has to be kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import sub
from statistics import median

from reslib.extractors.pdf.columns import Box, merge_line_pieces
from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["mark_line_numbers", "settle_line_numbers"]

#: Around a number; the second opens it where the page alone would not say that it is one, the
#: third where it has too few of them.
_OPEN, _MAYBE, _FEW, _CLOSE = "\x0e", "\x10", "\x11", "\x0f"
#: A hyphen that is marked ends its line too.
_AT_FIRST = re.compile("(\\d{1,5})(?=[ \t\r\n\ufffe]|\\Z)")
_AT_END = re.compile("[ \t](\\d{1,5})\\Z")
#: What may stand behind a number that ends a line; one of it.
_BEHIND = " \t\r"
_MARKED = re.compile(rf"[{_OPEN}{_MAYBE}{_FEW}](\d+){_CLOSE}")
_NUMBER = re.compile(rf"[{_OPEN}{_MAYBE}{_FEW}]\d+{_CLOSE}")
_MARKS = re.compile(f"[{_OPEN}{_MAYBE}{_FEW}{_CLOSE}]")
_HYPHENS = frozenset("-\u2010\u00ad\ufffe")

_STEPS = (1, 2, 5, 10)
_BEGINS = frozenset({0, *_STEPS})
#: Numbers of a page, at least; so few are sure only where they count by five or ten. Of such
#: a double-spaced page has two: those are sure when the document has so many that follow exactly.
_FEWEST, _FEWEST_OF_EACH_LINE, _FEWEST_IN_ALL = 3, 4, 4
_RARE = 5
#: Numbers that may be missing between two pages, as where a figure stands.
_FARTHEST = 60
#: How far the edges of numbers of one column may differ, in points.
_FLUSH = 2.5
_MOST_COLUMNS = 8
#: Share of steps between numbers that must be the usual one.
_REGULAR = 0.8
#: Share of the width of all other pieces that may stand on the outer side of the numbers.
#: Numbers smaller than the text are no cells of a table, so a side bar may stand there.
_OUTSIDE, _OUTSIDE_OF_SMALL, _SMALL = 0.04, 0.4, 0.85
#: Prose: share of lines that begin with a small letter. In German, where nouns have capitals, few
#: do; there the lines before must end within a sentence.
_SMALL_LETTERS, _FEW_SMALL_LETTERS, _WITHIN = 0.3, 0.12, 0.6
_STOPS = tuple(".!?:;。")
#: Share of lines which go on in the next that its first word would not fit in: the fewer words a
#: line has, the more are so by chance. How far beginnings of lines of one column differ, in points.
_FILLED, _BY_CHANCE, _INDENT = 0.6, 0.04, 60.0
#: A cell of a table takes less of the width; a table has them in so many of its rows.
_CELL, _ROWS_WITH_CELLS = 0.2, 0.3
#: A line of text, in characters.
_LINE = 15
#: Program code: few words in a line, many signs.
_WORDS, _SIGNS, _MOST_SIGNS = 3.5, "(){}[]=;<>_\\", 0.06
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
    values = [int(chars[a:b]) for a, b in spans]
    has_chain = len(spans) >= _FEWEST and _has_chain(values)
    if not has_chain:  # of a double-spaced draft that counts by five or ten
        few = [n for n, value in enumerate(values) if value and value % _RARE == 0]
        spans, values = [spans[n] for n in few], [values[n] for n in few]
    if not spans:
        return list(boxes)
    numbers = []
    for (start, end), value in zip(spans, values, strict=True):
        first, last = layer.box(start), layer.box(end - 1)
        box = Box(first.left, first.bottom, last.right, max(first.top, last.top))
        numbers.append(_Number(start, end, value, box))
    chosen = _numbering(numbers, boxes) if has_chain else []
    mark = _MAYBE
    if chosen:
        text_lines = sum(1 for line in chars.splitlines() if len(line) > _LINE)
        step = _usual_step(chosen)
        sure = step * len(chosen) >= 0.6 * text_lines and (
            step > 2 or len(chosen) >= _FEWEST_OF_EACH_LINE
        )
        if sure and _is_prose(layer, chosen, boxes):
            mark = _OPEN
    else:
        chosen = _few(numbers, boxes)
        mark = _FEW
        if not chosen or not _is_prose(layer, chosen, boxes):
            return list(boxes)
    for number in chosen:
        if layer.out[number.start] and layer.out[number.end - 1]:
            layer.out[number.start] = mark + layer.out[number.start]
            layer.out[number.end - 1] += _CLOSE
    taken = {_place(number.box) for number in chosen}
    return [box for box in boxes if _place(box) not in taken]


def _at_edges(chars: str) -> list[tuple[int, int]]:
    """Return where numbers stand at the beginning of a line or at its end."""
    spans = []
    start = 0
    for line in chars.replace("\ufffe", "\n").split("\n"):
        if line[:1].isdecimal() and (first := _AT_FIRST.match(chars, start)):
            spans.append(first.span(1))
        # In both margins, it stands at either end.
        end = len(line) - (line[-1:] in _BEHIND)
        if line[end - 1 : end].isdecimal() and (last := _AT_END.search(line, max(0, end - 6), end)):
            spans.append((start + last.start(1), start + end))
        start += len(line) + 1
    return spans


def _place(box: Box) -> tuple[int, int, int]:
    return round(box.left), round(box.bottom), round(box.right)


def _has_chain(values: list[int]) -> bool:
    """True when enough of the values grow by one of the steps, in drawn order."""
    for step in _STEPS:
        length: dict[int, int] = {}
        for value in values:
            length[value] = max(length.get(value, 0), length.get(value - step, 0) + 1)
        if max(length.values(), default=0) >= (_FEWEST if step > 2 else _FEWEST_OF_EACH_LINE):
            return True
    return False


def _is_prose(layer: TextLayer, chosen: Sequence[_Number], boxes: Sequence[Box]) -> bool:
    """True when the lines of a page go on from one to the next and fill a column.

    Lists, tables, verses, an index and program code do not.
    """
    chars = layer.chars
    lines = _lines_beside(layer, chosen)
    if len(lines) < _FEWEST - 1:
        return False
    texts = [text for text, _, _ in lines]
    words = sum(text.count(" ") + 1 for text in texts)
    if texts[0].isascii() and words < _WORDS * len(texts):
        return False
    signs = sum(map(chars.count, _SIGNS))
    if signs > _MOST_SIGNS * sum(map(len, texts)):
        return False
    small = sum(1 for text in texts if text[0].isalpha() and not text[0].isupper()) / len(texts)
    within = sum(1 for text in texts if not text.endswith(_STOPS)) / len(texts)
    if small < _SMALL_LETTERS and (small < _FEW_SMALL_LETTERS or within < _WITHIN):
        return False
    return _are_filled(lines) and not _have_cells(_without(list(chosen), boxes))


def _lines_beside(layer: TextLayer, numbers: Sequence[_Number]) -> list[tuple[str, float, float]]:
    """Return the lines of text without their numbers, and where they begin and end."""
    chars = list(layer.chars.replace("\ufffe", "\n").replace("\r\n", " \n"))
    for number in numbers:
        chars[number.start : number.end] = " " * (number.end - number.start)
    found = []
    start = 0
    for line in "".join(chars).split("\n"):
        text = line.strip()
        if len(text) >= _LINE:
            first = start + len(line) - len(line.lstrip())
            left, right = layer.box(first).left, layer.box(first + len(text) - 1).right
            found.append((text, left, right))
        start += len(line) + 1
    return found


def _are_filled(lines: Sequence[tuple[str, float, float]]) -> bool:
    """True when most lines that go on in the next have no room for its first word."""
    columns: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda index: lines[index][1]):
        if not columns or lines[index][1] - lines[columns[-1][0]][1] > _INDENT:
            columns.append([])
        columns[-1].append(index)
    filled = pairs = 0
    for column in columns:
        rights = sorted(lines[index][2] for index in column)
        edge = rights[int(0.9 * (len(rights) - 1))]
        for index, after in pairwise(sorted(column)):
            text, left, right = lines[after]
            if not text[0].isalpha() or text[0].isupper() or lines[index][0].endswith(_STOPS):
                continue
            word = (right - left) * len(text.split(" ", 1)[0]) / len(text)
            filled += edge - lines[index][2] < word + 2
            pairs += 1
    words = sum(text.count(" ") + 1 for text, _, _ in lines) / len(lines)
    return filled > 0 and filled >= max(_FILLED, 1 - _BY_CHANCE * words) * pairs


def _have_cells(boxes: Sequence[Box]) -> bool:
    """True when narrow pieces stand flush below each other, beside other text: cells of a table."""
    pieces = [box for box in merge_line_pieces(boxes) if all(map(math.isfinite, box))]
    if not pieces:
        return False
    width = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    rows = 0
    beside: list[Box] = []
    top = math.inf
    reach = 0.0
    for piece in sorted(pieces, key=lambda piece: (-round(piece.bottom), piece.left)):
        if top - piece.bottom > 3:
            rows, top = rows + 1, piece.bottom
        elif piece.right - piece.left < _CELL * width and piece.left > reach:
            beside.append(piece)
        reach = piece.right
    most = max(
        max(Counter(round(box.left / 4) for box in beside).values(), default=0),
        max(Counter(round(box.right / 4) for box in beside).values(), default=0),
        max(Counter(round((box.left + box.right) / 8) for box in beside).values(), default=0),
    )
    return most >= max(_FEWEST, _ROWS_WITH_CELLS * rows)


def _few(numbers: Sequence[_Number], boxes: Sequence[Box]) -> list[_Number]:
    """Return the numbers of a page that has one or two of them in a margin."""
    found = [number for number in numbers if number.value and number.value % _RARE == 0]
    if not found or len(boxes) < _FEWEST:
        return []
    left, right = min([box[0] for box in boxes]), max([box[2] for box in boxes])
    found = [
        number
        for number in found
        if number.box.left - left < _INDENT or right - number.box.right < _INDENT
    ]
    if not found:
        return []
    rest = _Rest(_without(found, boxes))
    found = [number for number in found if rest.is_inside_of([number])]
    values = sorted({number.value for number in found})
    return found if 0 < len(values) < _FEWEST_OF_EACH_LINE else []


def _numbering(numbers: list[_Number], boxes: Sequence[Box]) -> list[_Number]:
    """Return the numbers that stand in a margin, and those in a gutter that go with them."""
    rest = _Rest(_without(numbers, boxes))
    margins: list[list[_Number]] = []
    gutters: list[list[_Number]] = []
    for column in _columns(numbers):
        if not _is_regular(column):
            continue
        (margins if rest.is_inside_of(column) else gutters).append(column)
    chosen = {number.start: number for column in margins for number in column}
    values = {number.value for number in chosen.values()}
    for column in gutters:
        own = {number.value for number in column}
        # The outer numbers are those of the first column, or those of the last.
        follows = values and (
            min(own) in range(max(values) + 1, max(values) + 12)
            or min(values) in range(max(own) + 1, max(own) + 12)
        )
        if values and (follows or len(own & values) >= 0.8 * len(own)):
            chosen.update((number.start, number) for number in column)
    return [chosen[start] for start in sorted(chosen)]


def _without(numbers: list[_Number], boxes: Sequence[Box]) -> list[Box]:
    """Return the boxes with the numbers cut off."""
    at = {(round(n.box.left), round(n.box.bottom)): n.box for n in numbers}
    heights = {bottom for _, bottom in at}
    rest: list[Box] = []
    for box in boxes:
        bottom = round(box[1])
        number = at.get((round(box[0]), bottom)) if bottom in heights else None
        if number is None:
            rest.append(box)
        elif box.right > number.right + 2:
            rest.append(box._replace(left=number.right + 2))
    return rest


def _columns(numbers: list[_Number]) -> list[list[_Number]]:
    """Return the numbers that stand flush below each other, each in one column at most."""
    found: list[list[_Number]] = []
    left = list(numbers)
    while left and len(found) < _MOST_COLUMNS:
        # Flush right in a left margin, flush left in a right one: whichever takes in more.
        groups = [group for edge in (2, 0) for group in _flush(left, edge) if _is_regular(group)]
        if not groups:
            break
        found.append(max(groups, key=len))
        taken = {number.start for number in found[-1]}
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


class _Rest:
    """The pieces of a page besides its numbers.

    Parameters
    ----------
    boxes
        Theirs.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._is_empty = not boxes
        if boxes:
            self._lefts, bottoms, self._rights, tops = zip(*boxes, strict=True)
            self._widths = list(map(sub, self._rights, self._lefts))
            self._width = sum(self._widths)
            self._usual = median(map(sub, tops, bottoms))

    def is_inside_of(self, column: list[_Number]) -> bool:
        """True when hardly anything stands on the outer side of a column of numbers."""
        if self._is_empty:
            return False
        left = min(number.box.left for number in column)
        right = max(number.box.right for number in column)
        before = sum([w for edge, w in zip(self._lefts, self._widths, strict=True) if edge < right])
        after = sum([w for edge, w in zip(self._rights, self._widths, strict=True) if edge > left])
        height = median(number.box.top - number.box.bottom for number in column)
        # The ink of a line with its descenders is about 1.4 times as high as that of a digit.
        small = height < _SMALL * self._usual / 1.4
        return bool(min(before, after) <= (_OUTSIDE_OF_SMALL if small else _OUTSIDE) * self._width)


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
        sure = [
            numbers if _OPEN in text or _FEW in text else []
            for numbers, text in zip(pages, texts, strict=True)
        ]
        if not (_follow_exactly(sure) and _are_line_numbers(sure)):
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
    """True when the numbers of a document's pages are those of its lines."""
    numbered = [page for page in pages if page]
    if len(numbered) < max(1, min(2, len(pages)), _NUMBERED * len(pages)):
        return False
    if numbered[0][0] not in _BEGINS and len(numbered) < 3:
        return False
    follow = sum(1 for before, page in pairwise(numbered) if _follows(page[0], max(before)))
    return follow >= _FOLLOW * (len(numbered) - 1)


def _follow_exactly(pages: Sequence[Sequence[int]]) -> bool:
    """True when few numbers on each page go on by one step over all, or begin again on each."""
    numbered = [page for page in pages if page]
    step = next((page[0] for page in numbered), 0)
    if step not in _STEPS or sum(map(len, numbered)) < _FEWEST_IN_ALL or len(numbered) < 2:
        return False
    last = 0
    for page in numbered:
        values = sorted(set(page))
        if any(b - a != step for a, b in pairwise(values)) or values[0] not in (step, last + step):
            return False
        last = values[-1]
    return True


def _follows(first: int, last: int) -> bool:
    """True when a page that begins with *first* may come behind one that ends with *last*."""
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
    return _MARKS.sub("", text)


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
