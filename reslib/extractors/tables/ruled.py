"""Tables with lines across only, as papers have them: lines of one width, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reslib.extractors.layout.layout import Box, Rule
from reslib.extractors.layout.lines import Line, pieces_of
from reslib.extractors.tables.judge import Signals, signals_of
from reslib.extractors.tables.rows import build

if TYPE_CHECKING:
    from reslib.extractors.tables.page import TablePage

__all__ = ["find_ruled"]

#: Shorter lines, in sizes, part heads of columns or belong to formulas.
_SHORTEST = 6.0
#: How far the ends of lines of one table may be apart, in points.
_SAME_WIDTH = 4.0
#: Higher, in sizes, than what stands between two lines of a table is without gaps.
_HIGHEST = 40.0
_MOST_CURVES = 6
#: Lines that are tried as the first of a table.
_MOST_RULES = 400
#: Times that all of a page was looked at for nothing, after which it has no table of this kind.
_MOST_IN_VAIN = 4


def find_ruled(page: TablePage) -> None:
    """Find the tables of a page that have lines across.

    Parameters
    ----------
    page
        The page; what is found is kept there.
    """
    rules = [r for r in page.level if r.length > _SHORTEST * page.em and page.is_free(r)]
    rules.sort(key=lambda rule: -rule.at)
    rules = rules[:_MOST_RULES]
    taken: set[int] = set()
    vain = 0
    for first in range(len(rules)):
        if first in taken:
            continue
        group = _group(page, rules, first)
        if len(group) < 2:
            continue
        if _keep(page, [rules[index] for index in group]):
            taken.update(group)
        else:
            top, bottom = rules[group[0]].at, rules[group[-1]].at
            vain += len(page.lines_between(bottom, top))
            if vain > _MOST_IN_VAIN * (len(page.lines) + 20):
                return


def _group(page: TablePage, rules: Sequence[Rule], first: int) -> list[int]:
    """Return the lines below one that are of the same table."""
    top = rules[first]
    group = [first]
    for index in range(first + 1, len(rules)):
        rule = rules[index]
        if abs(rule.start - top.start) >= _SAME_WIDTH or abs(rule.end - top.end) >= _SAME_WIDTH:
            continue
        if not _may_be_between(page, rules[group[-1]], rule):
            break
        group.append(index)
    return group


def _may_be_between(page: TablePage, above: Rule, below: Rule) -> bool:
    """True when what stands between two lines is no prose of the page, and no caption."""
    between = []
    for line in page.lines_between(below.at, above.at):
        words = [w for w in line.words if above.start - 2 <= w.middle[0] <= above.end + 2]
        if words:
            between.append(words)
    pieces = [pieces_of(words, 0.9) for words in between]
    if above.at - below.at > _HIGHEST * page.em and not any(len(each) > 1 for each in pieces):
        return False
    width = above.end - above.start
    prose = sum(
        len(each) == 1
        and len(each[0]) >= 6
        and max(word.right for word in each[0]) - each[0][0].left > 0.86 * width
        for each in pieces
    )
    if prose >= 3 and prose > 0.5 * len(between):
        return False
    return not any(
        below.at < caption.baseline < above.at
        and above.start - 2 <= (caption.left + caption.right) / 2 <= above.end + 2
        for caption in page.captions
    )


def _keep(page: TablePage, rules: Sequence[Rule]) -> bool:
    """Keep the table of some lines, if it is one."""
    box = Box(rules[0].start, rules[-1].at, rules[0].end, rules[0].at)
    if box.top - box.bottom < 1.5 * page.em or page.curves_in(box) > _MOST_CURVES:
        return False
    lines = [
        line for line in page.lines_in(box, 0.5) if box.bottom - 0.5 < line.middle < box.top + 0.5
    ]
    if len(lines) < 2:
        return False
    cells = build(lines, box, page.em, page.rules)
    if cells is None or len(cells.rows) < 2 or len(cells.rows[0]) < 2:
        return False
    signals = signals_of(cells.rows)
    captioned = page.caption_of(box) is not None
    if not _is_table(signals, captioned, len(rules)) or page.is_found(box):
        return False
    if not captioned and (
        len(rules) > 1.3 * len(lines) + 2 or page.is_figure(box) or _prose_share(lines, box) > 0.45
    ):
        return False
    page.keep(cells, box, f"rules{min(len(rules), 4)}", signals)
    return True


def _is_table(signals: Signals, captioned: bool, rules: int) -> bool:
    if signals.of_two < 0.3:
        return False
    if rules == 2 and signals.rows < 3 and signals.numeric < 0.5:
        return False  # a running head between two lines
    if captioned:
        return True
    if rules == 2 and (signals.filled < 0.45 or (signals.numeric < 0.1 and signals.rows < 4)):
        return False  # a list or bars between two lines
    return not (
        signals.of_two < 0.5
        or signals.filled < 0.35
        or (signals.length > 60 and rules < 3)
        or (signals.columns == 2 and signals.length > 45)
        or (signals.rows < 3 and (signals.numeric < 0.3 or rules < 3))
    )


def _prose_share(lines: Sequence[Line], box: Box) -> float:
    """Return the share of lines in which a piece goes on for half of the width."""
    width = box.right - box.left
    prose = sum(
        any(
            len(piece) >= 7 and max(word.right for word in piece) - piece[0].left > 0.45 * width
            for piece in pieces_of(line.words, 0.7)
        )
        for line in lines
    )
    return prose / len(lines)
