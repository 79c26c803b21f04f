"""Numbers of headings and lists, counted as Word counts them.

Word stores no number: a paragraph names a list and a level, and the lists say how their levels
are counted and written (ECMA-376 part 1, §17.9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reslib.extractors.office.wordxml import attribute, child, children, is_on, key, value

if TYPE_CHECKING:
    from lxml import etree

    from reslib.extractors.office.wordstyles import Styles

__all__ = ["Numbers", "written"]

_LEVELS = 9
#: What stands around a number is no longer.
_LONGEST = 60
_BULLET = "•"
_PLACE = re.compile("%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_HAN = "〇一二三四五六七八九"
_LETTERS = {
    "Letter": "abcdefghijklmnopqrstuvwxyz",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ganada": "가나다라마바사아자차카타파하",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノ",
    "chicago": "*†‡§",
}
_HAN_COUNTING = frozenset(
    {
        *("chineseCounting", "chineseCountingThousand", "taiwaneseCounting"),
        *("taiwaneseCountingThousand", "japaneseCounting", "ideographDigital"),
        *("taiwaneseDigital", "japaneseDigitalTenThousand", "koreanDigital2"),
    }
)


@dataclass(slots=True)
class _Level:
    """One level of a list: how it is counted and written."""

    start: int = 0
    form: str = "decimal"
    text: str = ""
    #: The level after which it starts again; 0 for never, None for the one above.
    restart: int | None = None
    only_arabic: bool = False
    hidden: bool = False
    style: str | None = None


@dataclass(slots=True)
class _List:
    """The levels of a list, and how far each is counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Use:
    """A list as paragraphs name it, with what is different there."""

    of: _List
    levels: dict[int, _Level] = field(default_factory=dict)
    #: Levels that begin with another number here, and those of them that have not begun yet.
    starts: dict[int, int] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)


class Numbers:
    """The lists of a document, counted in the order of its paragraphs.

    Parameters
    ----------
    root
        Of the part that holds them; None when there is none.
    styles
        The document's styles, which may put paragraphs into lists.
    """

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._uses: dict[str, _Use] = {}
        lists: dict[str, _List] = {}
        linked: dict[str, str] = {}
        for element in children(root, "w:abstractNum"):
            name = attribute(element, "abstractNumId") or ""
            lists[name] = _List(_levels(element))
            style = value(element, "w:numStyleLink")
            if style is not None:
                linked[name] = style
        stated: dict[str, str] = {}
        for element in children(root, "w:num"):
            name = attribute(element, "numId") or ""
            stated[name] = value(element, "w:abstractNumId") or ""
            of = lists.get(stated[name])
            if of is not None:
                self._uses[name] = _use(element, of)
        for name, of_name in stated.items():
            # The list stands elsewhere: with the number that the style names.
            number = styles.number_of(linked[of_name])[0] if of_name in linked else None
            other = self._uses.get(number or "")
            if other is not None and name in self._uses:
                self._uses[name].of = other.of

    def label(self, paragraph: etree._Element | None, style: str | None) -> str:
        """Count a paragraph and return its number as Word writes it; empty when it has none.

        Parameters
        ----------
        paragraph
            Its properties (``w:pPr``).
        style
            The name of its style.
        """
        if not self._uses:
            return ""
        own = child(paragraph, "w:numPr")
        number, stated = self._styles.number_of(style)
        if own is not None:
            number = value(own, "w:numId") or number
            stated = value(own, "w:ilvl") or stated
        use = self._uses.get(number or "")
        if use is None:
            return ""
        index = _number(stated, 0)
        if own is None:
            # Its style is linked to a level (§17.9.23).
            linked = (i for i, level in use.of.levels.items() if level.style == style and style)
            index = next(linked, index)
        return self._count(use, index)

    def _count(self, use: _Use, index: int) -> str:
        index = min(index, _LEVELS - 1)
        level = _level(use, index)
        counts = use.of.counts
        if index in use.waiting or index not in counts:
            counts[index] = use.starts.get(index, level.start)
            use.waiting.discard(index)
        else:
            counts[index] += 1
        for below in [other for other in counts if other > index]:
            restart = _level(use, below).restart
            if restart is None or (restart > 0 and index < restart):
                del counts[below]
        if level.hidden or level.form == "none":
            return ""
        if level.form == "bullet":
            return _BULLET

        def place(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = _level(use, at)
            form = "decimal" if level.only_arabic and other.form != "none" else other.form
            return written(counts.get(at, use.starts.get(at, other.start)), form)

        return _PLACE.sub(place, level.text).strip()


def _level(use: _Use, index: int) -> _Level:
    return use.levels.get(index) or use.of.levels.get(index) or _Level()


def _use(element: etree._Element, of: _List) -> _Use:
    use = _Use(of)
    for item in children(element, "w:lvlOverride"):
        index = _number(attribute(item, "ilvl"), 0)
        level = child(item, "w:lvl")
        if level is not None:
            use.levels[index] = _read(level)
        start = value(item, "w:startOverride")
        if start is not None:
            use.starts[index] = _number(start, 1)
            use.waiting.add(index)
    return use


def _levels(element: etree._Element) -> dict[int, _Level]:
    levels = {}
    for item in children(element, "w:lvl"):
        index = _number(attribute(item, "ilvl"), 0)
        if 0 <= index < _LEVELS:
            levels[index] = _read(item)
    return levels


def _read(element: etree._Element) -> _Level:
    forms = (attribute(e, "val") for e in element.iter() if key(e.tag) == "w:numFmt")
    form = next((form for form in forms if form and form != "custom"), "decimal")
    arabic = child(element, "w:isLgl")
    hidden = child(child(element, "w:rPr"), "w:vanish")
    restart = value(element, "w:lvlRestart")
    return _Level(
        start=_number(value(element, "w:start"), 0),
        form=form,
        text=(value(element, "w:lvlText") or "")[:_LONGEST],
        restart=None if restart is None else _number(restart, 0),
        only_arabic=arabic is not None and is_on(arabic),
        hidden=hidden is not None and is_on(hidden),
        style=value(element, "w:pStyle"),
    )


def _number(text: str | None, default: int) -> int:
    try:
        return max(0, min(int(text or ""), 1_000_000))
    except ValueError:
        return default


def written(number: int, form: str) -> str:
    """Return a number as a list writes it; what is not known here in decimal digits."""
    if form in ("none", "bullet"):
        return ""
    if form == "decimalZero":
        return f"{number:02}"
    if form in ("upperRoman", "lowerRoman") and 0 < number < 10_000:
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    if form == "ordinal":
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{'th' if 10 < number % 100 < 14 else ending}"
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x245F + number)
    if form in _HAN_COUNTING and 0 < number < 100:
        return _han(number, by_digits="Digital" in form)
    letters = _LETTERS.get(form.removeprefix("upper").removeprefix("lower"))
    if letters is not None and 0 < number <= 30 * len(letters):
        # After z come aa, bb and so on (§17.18.59).
        text = letters[(number - 1) % len(letters)] * ((number - 1) // len(letters) + 1)
        return text.upper() if form.startswith("upper") else text
    return str(number)


def _roman(number: int) -> str:
    parts = []
    for worth, letters in _ROMAN:
        parts.append(letters * (number // worth))
        number %= worth
    return "".join(parts)


def _han(number: int, *, by_digits: bool) -> str:
    if by_digits:
        return "".join(_HAN[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    return f"{_HAN[tens] if tens > 1 else ''}{'十' if tens else ''}{_HAN[ones] if ones else ''}"
