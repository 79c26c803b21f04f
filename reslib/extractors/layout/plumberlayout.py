"""The layout of a page, read by pdfplumber: the same words and lines, six times slower or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reslib.extractors.layout.layout import Box, PageLayout, Rule, Sheet, Word, turned_box

__all__ = ["read_plumber_layouts"]

#: Characters of a page that are looked at, and things that are drawn on it.
_MOST_CHARACTERS, _MOST_DRAWN = 200_000, 20_000
#: A direction in which fewer words run is that of a stamp or of the scale of a figure.
_FEWEST_WORDS = 12
#: Thinner than this is a line; shorter is a dot, in points.
_THIN, _SHORT = 3.0, 4.0
#: How far letters of one word may be apart, in sizes.
_GAP = 0.18
#: Where letters stand above the lower edge of their box, in sizes, as in most fonts.
_DESCENT = 0.21


def read_plumber_layouts(page: Any) -> list[PageLayout]:
    """Return the layouts of a page, one for each direction in which its text runs.

    Parameters
    ----------
    page
        As pdfplumber opens it.

    Returns
    -------
    list of PageLayout
        That of most words first.
    """
    width, height = float(page.width), float(page.height)
    by_turns: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for character in page.chars[:_MOST_CHARACTERS]:
        turns = _turns_of(character["matrix"])
        if turns is not None:
            by_turns[turns].append(_seen(character, turns, height))
    words = {turns: _words(characters) for turns, characters in by_turns.items()}
    flat = PageLayout(words.get(0, []), sheet=Sheet(Box(0, 0, width, height)))
    if any(len(each) >= 4 for each in words.values()):
        _draw(flat, page, height)
    most = sorted(words, key=lambda turns: -len(words[turns]))
    return [
        flat.turned(words[turns], turns) if turns else flat
        for turns in most
        if turns == most[0] or len(words[turns]) >= _FEWEST_WORDS
    ]


def _turns_of(matrix: Sequence[float]) -> int | None:
    """Return after how many quarter turns a letter is seen upright; None when it stands askew."""
    a, b = matrix[0], matrix[1]
    if abs(b) <= 0.1 * abs(a):
        return 0 if a > 0 else 2
    if abs(a) <= 0.1 * abs(b):
        return 1 if b > 0 else 3
    return None


def _seen(character: Mapping[str, Any], turns: int, height: float) -> dict[str, Any]:
    """Return a letter as it is seen after quarter turns; its top is counted downwards from 0."""
    box = Box(
        character["x0"], height - character["bottom"], character["x1"], height - character["top"]
    )
    seen = turned_box(box, turns)
    made = dict(character, x0=seen.left, x1=seen.right, top=-seen.top, bottom=-seen.bottom)
    made.update(doctop=-seen.top, upright=True, height=seen.top - seen.bottom)
    made["width"] = seen.right - seen.left
    return made


def _words(characters: list[dict[str, Any]]) -> list[Word]:
    from pdfplumber.utils.text import extract_words

    found = extract_words(
        characters, x_tolerance_ratio=_GAP, use_text_flow=True, extra_attrs=["size", "fontname"]
    )
    words = []
    for each in found:
        bottom, top = -each["bottom"], -each["top"]
        size = min(max(float(each["size"]), 3.0), 40.0)
        baseline = bottom + _DESCENT * (top - bottom)
        left, right, font = each["x0"], each["x1"], str(each["fontname"])
        words.append(Word(left, right, baseline, size, each["text"], bottom, top, font))
    return words


def _draw(layout: PageLayout, page: Any, height: float) -> None:
    """Give a layout the lines that are drawn on the page."""
    drawn: Iterable[Mapping[str, Any]] = [*page.lines, *page.rects][:_MOST_DRAWN]
    for each in drawn:
        left, right = float(each["x0"]), float(each["x1"])
        bottom, top = height - float(each["bottom"]), height - float(each["top"])
        level, upright = top - bottom <= _THIN, right - left <= _THIN
        if level and right - left > _SHORT:
            layout.level.append(Rule(left, right, (bottom + top) / 2))
        elif upright and top - bottom > _SHORT:
            layout.upright.append(Rule(bottom, top, (left + right) / 2))
        elif not level and not upright:
            if each["object_type"] == "line":
                layout.curves.append((left, bottom))
            else:
                layout.level += [Rule(left, right, bottom), Rule(left, right, top)]
                layout.upright += [Rule(bottom, top, left), Rule(bottom, top, right)]
    for curve in page.curves[:_MOST_DRAWN]:
        layout.curves.append((float(curve["x0"]), height - float(curve["bottom"])))
