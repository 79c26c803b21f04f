"""Line ends that PDFium puts inside a line, taken out again.

On a page with empty strips from top to bottom (a table, a glossary, an invoice, a form) PDFium
takes the text for vertical, and ends a line before each piece that is a single character. Where
every glyph is drawn for itself, as some programs print, each letter becomes a line, and drawn
spaces are lost. Where the characters stand shows what belongs together: on one baseline, one
behind the other, with or without room for a space.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise

from reslib.extractors.pdf.textlayer import TextLayer

__all__ = ["mend_torn_lines"]

#: What is put at a line's end; the mark of a hyphen stands for it too, with or without it.
_LINE_END, _HYPHEN = "\r\n", "\ufffe"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
#: An end between two lines is one when both have this share of a usual long line, at least, and
#: so many characters.
_FULL, _RUNNING = 0.85, 30
#: Further back than that, in points, no character stands on the line of the one before.
_FAR_BACK = 40
#: How far two baselines are apart at most, in sizes of the font.
_ONE_LINE = 0.3
#: The same for a raised character: one right behind another, or smaller than it.
_RAISED, _CLOSE, _SMALLER = 0.6, 0.3, 0.85
#: How far a character reaches back over the one before it: kerning, and accents.
_OVERLAP = 0.6
#: A wider gap is a space. Spaces of usual fonts have 0.22 to 0.28 of the size, 0.18 when a line
#: is set tight; kerning moves letters apart by 0.05 at most.
_SPACE = 0.14


def mend_torn_lines(layer: TextLayer) -> None:
    """Take the line ends out that PDFium has put between characters of one line.

    Parameters
    ----------
    layer
        The characters of a page, as they are listed; they are counted anew.
    """
    parts: list[str] = []
    kept: list[int] = []
    done = 0
    suspicious = [
        (start if layer.chars[start] == "\ufffe" else start - 1, start, end)
        for start, end in _suspicious(layer.chars)
        if (start > 0 or layer.chars[0] == "\ufffe") and end < layer.count
    ]
    points = layer.origins([index for before, _, end in suspicious for index in (before, end)])
    to_the_right = not layer.may_run_to_the_left
    for (before, start, end), (point, after) in zip(
        suspicious, zip(points[::2], points[1::2], strict=True), strict=True
    ):
        if before < done or (to_the_right and after[0] < point[0] - _FAR_BACK):
            continue  # as at nearly every line's end
        hyphen = before == start
        between = _between(layer, before, end, point, after)
        if between is None or (hyphen and between):
            continue
        parts.append(layer.chars[done:start])
        kept += range(done, start)
        written = "-" if hyphen else between
        if written:
            parts.append(written)
            kept.append(start)
        done = end
    if done:
        parts.append(layer.chars[done:])
        kept += range(done, layer.count)
        layer.keep("".join(parts), kept, in_order=True)


def _suspicious(chars: str) -> list[tuple[int, int]]:
    """Return where line ends begin and end, but for those between two full lines."""
    ends = _line_ends(chars)
    lengths = [
        start - end for (_, end), (start, _) in pairwise([(0, 0), *ends, (len(chars), len(chars))])
    ]
    usual = sorted(lengths)[int(0.8 * (len(lengths) - 1))]
    full = max(_FULL * usual, _RUNNING)
    return [
        end
        for end, before, after in zip(ends, lengths, lengths[1:], strict=False)
        if before < full or after < full
    ]


def _line_ends(chars: str) -> list[tuple[int, int]]:
    """Return where line ends begin and end."""
    ends: list[tuple[int, int]] = []
    start = 0
    for line in chars.split(_LINE_END):
        end = start + len(line)
        hyphen = chars.find(_HYPHEN, start, end)
        while 0 <= hyphen < end - 1:
            ends.append((hyphen, hyphen + 1))
            hyphen = chars.find(_HYPHEN, hyphen + 1, end)
        ends.append((end if hyphen < 0 else hyphen, end + len(_LINE_END)))
        start = end + len(_LINE_END)
    # Behind the last line there is none, but for its hyphen.
    begin, _ = ends.pop()
    return [*ends, (begin, len(chars))] if begin < len(chars) else ends


def _between(
    layer: TextLayer,
    index: int,
    after: int,
    point: tuple[float, float],
    next_point: tuple[float, float],
) -> str | None:
    """Return what stands between two characters of one line, None when they are of two lines.

    *point*, *next_point*: where they begin.
    """
    x, y = point
    next_x, next_y = next_point
    characters = layer.chars[index] + layer.chars[after]
    if next_x < x - _FAR_BACK and (characters.isascii() or not _RIGHT_TO_LEFT.search(characters)):
        return None
    rise = abs(next_y - y)
    if rise > 60 or (rise > 3 and rise > 0.7 * max(layer.size(index), layer.size(after))):
        return None
    smaller, size = sorted((layer.font_size(index), layer.font_size(after)))
    if characters[0].isspace() or characters[1].isspace():
        return "" if rise < _ONE_LINE * size and next_x > x else None
    gap = next_x - _end(layer, index, x)
    if next_x < x - _ONE_LINE * size:
        if not _RIGHT_TO_LEFT.search(characters):
            return None
        gap = layer.loose_box(index).left - layer.loose_box(after).right
    raised = gap < _CLOSE * size or smaller < _SMALLER * size
    if gap < -_OVERLAP * size or rise > (_RAISED if raised else _ONE_LINE) * size:
        return None
    return " " if gap > _SPACE * size else ""


def _end(layer: TextLayer, index: int, x: float) -> float:
    """Return where the next character would stand without a space.

    The box of a slanted letter reaches further. PDFium puts what it adds where the letter ends,
    but does not know the scale of the page there.
    """
    right = layer.loose_box(index).right
    if index + 1 < layer.count and layer.is_generated(index + 1):
        width = (layer.origin(index + 1)[0] - x) * layer.scale(index)
        if 0 < width < right - x:
            return x + width
    return right if math.isfinite(right) else x
