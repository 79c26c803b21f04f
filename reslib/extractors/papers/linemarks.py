"""The text of a line with a mark for what is raised, and blanks for its wide gaps."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from itertools import compress, pairwise
from operator import not_, sub

from reslib.extractors.pdf.textlayer import paired

__all__ = ["MARK", "marked_text", "parted_text"]

#: In place of a raised mark, such as the number of an address behind a name.
MARK = "\x01"
_MARKS = re.compile(f"{MARK}+")
_WORD = re.compile(r"[^\W\d_]{3}")
_HYPHENS = "-\u2010\u2011\u2013\ufffe"
#: What is raised is less high than this share of the others.
_SMALLER = 0.87


def marked_text(characters: Sequence[str], places: Iterable[tuple[float, ...]], wide: float) -> str:
    """Return the text of a line with :data:`MARK` for raised pieces, three blanks for wide gaps.

    Parameters
    ----------
    characters
        What is written for each character of the line; nothing for some.
    places
        Left, top, right and bottom of each.
    wide
        How wide a gap is.
    """
    if "" in characters:
        places = compress(places, characters)
    text = "".join(characters)
    is_solid = list(map(not_, map(str.isspace, text)))
    at = list(compress(range(len(text)), is_solid))
    if not at:
        return ""
    lefts, tops, rights, bottoms = zip(*compress(places, is_solid), strict=True)
    ends = enumerate(zip(lefts[1:], rights, strict=False), start=1)
    gaps = [number for number, (begin, reached) in ends if begin - reached > wide]
    raised = _raised(list(map(sub, tops, bottoms)), bottoms)
    if raised:
        return _tidy(_with_marks(text, at, raised, gaps))
    return parted_text(text, [at[number] for number in gaps])


def parted_text(text: str, gaps: Sequence[int]) -> str:
    """Return the text of a line in which nothing is raised, with three blanks for wide gaps.

    Parameters
    ----------
    text
        What stands there.
    gaps
        Before which of its characters they are.
    """
    cuts = pairwise([0, *gaps, len(text)])
    return _tidy("   ".join([" ".join(text[begin:end].split()) for begin, end in cuts]))


def _tidy(text: str) -> str:
    """Return the text of a line with marks apart, and without what has no meaning."""
    text = paired(text)
    text = _MARKS.sub(f" {MARK} ", text) if MARK in text else text
    return text.replace("\x03", "").replace("\ufdd0", "").strip()


def _raised(heights: Sequence[float], bottoms: Sequence[float]) -> set[int]:
    """Return which characters of a line are smaller than the others and stand higher."""
    if min(heights) >= _SMALLER * max(heights) >= 0:
        return set()  # as in most lines
    # Of a line with many marks, such as the numbers of people, most letters may be raised.
    tall = sorted(heights)[(4 * len(heights)) // 5]
    feet = sorted([foot for foot, high in zip(bottoms, heights, strict=True) if high > 0.9 * tall])
    if not feet:
        return set()
    # The foot of a smaller font is nearer to the line: what is above that is raised.
    least = feet[len(feet) // 2] + 0.22 * tall + 0.1 * tall
    return {
        number
        for number, (foot, high) in enumerate(zip(bottoms, heights, strict=True))
        if high < _SMALLER * tall and foot + 0.22 * high > least
    }


def _with_marks(text: str, at: Sequence[int], raised: Container[int], gaps: Container[int]) -> str:
    """Return the text of a line with marks in place of what is raised, and blanks in wide gaps.

    Parameters
    ----------
    text
        What stands there.
    at
        Where its letters and signs are.
    raised, gaps
        Which of these are raised, and before which of them is a wide gap.
    """
    parts: list[str] = []
    run = ""
    before = -1
    for number, place in enumerate(at):
        character = text[place]
        is_raised = number in raised and (run != "" or character not in _HYPHENS)
        if number in gaps:
            parts += (_mark(run), "   ")
            run = ""
        elif place > before + 1:
            if run and is_raised:
                run += " "
            else:
                parts += (_mark(run), " ")
                run = ""
        before = place
        if is_raised:
            run += character
            continue
        if run:
            parts.append(_mark(run))
            run = ""
        parts.append(character)
    return "".join([*parts, _mark(run)])


def _mark(run: str) -> str:
    """Return a mark for raised letters; words are another font that stands higher, no mark."""
    return run if not run or _WORD.search(run) else MARK
