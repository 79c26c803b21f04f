"""The formats of numbers in workbooks, and what a cell shows by them of the number it holds.

The codes are those of ECMA-376 part 1, §18.8.31, as Excel shows them in English: a comma between
thousands, a dot before decimals. Understood are digits, thousands, decimals, percentages, powers of
ten, words and signs around the number, and sections for what is below zero or zero. A cell with any
other format (fractions, conditions, digits parted by signs) is shown as its number is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

__all__ = [
    "BUILT_IN",
    "NumberFormat",
    "date_length",
    "hidden_number",
    "may_be_thousands",
    "number_format",
]

#: The formats that files name by their number alone (§18.8.30), as far as they are the same in all
#: languages.
BUILT_IN = {
    "1": "0",
    "2": "0.00",
    "3": "#,##0",
    "4": "#,##0.00",
    "9": "0%",
    "10": "0.00%",
    "11": "0.00E+00",
    "17": "mmm-yy",
    "37": "#,##0 ;(#,##0)",
    "38": "#,##0 ;(#,##0)",
    "39": "#,##0.00;(#,##0.00)",
    "40": "#,##0.00;(#,##0.00)",
}
_LONGEST_CODE, _MOST_SECTIONS = 255, 4
#: Numbers that are larger are shown as they are.
_LARGEST = 1e21
_TOKEN = re.compile(
    r"""(?P<words>"[^"]*"?|\\.|[$€£¥+():!^&'~{}<>= °‰±µΩ/-])"""
    r"|(?P<space>_.|\*.)"
    r"|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]"
    r"|(?P<colour>\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d{1,2})\])"
    r"|(?P<power>E[+-]0{1,3})"
    r"|(?P<number>[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+,*)"
    r"|(?P<percent>%)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[$€£¥]?(-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?) ?%?")
_DIGITS = re.compile(r"[.,]?\d(?:[\d.,'\u2019\s]*\d)?")
#: What says more of a number than how much it is.
_MORE = re.compile(r"[<>≤≥≲≳~≈±]")
#: A dot between three digits may be one of thousands.
_LIKE_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}|-?")
_NAMED = re.compile(r"general", re.IGNORECASE)


@dataclass(frozen=True)
class _Section:
    """The look of one kind of numbers: those above zero, below it, zero itself."""

    before: str = ""
    after: str = ""
    #: The digits that are written at least; None in a section of words alone.
    whole: int | None = None
    #: Decimals that are always written, and at most.
    fewest: int = 0
    most: int = 0
    has_point: bool = False
    grouped: bool = False
    #: By which power of ten the number is divided.
    scale: int = 0
    percents: int = 0
    #: Digits of the power of ten that is written behind; 0 for none.
    power: int = 0
    plus: bool = False

    def looks_like(self, other: _Section) -> bool:
        """True when nothing is written beside the digits but what another section writes, too."""
        return (self.before.strip(), self.after.strip()) == (
            other.before.strip(),
            other.after.strip(),
        )

    @cached_property
    def spec(self) -> str:
        """The format of Python that shows the same, but for halves; empty where none does."""
        plain = self.whole == 1 and self.fewest == self.most and self.has_point == bool(self.most)
        if not plain or self.power or self.scale > 0:
            return ""
        return f"{',' * self.grouped}.{self.most}f"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format of numbers.

    Parameters
    ----------
    sections
        For numbers above zero, below it and zero, as far as there are some.
    """

    sections: tuple[_Section, ...]

    @property
    def factor(self) -> int | None:
        """By how much numbers are multiplied to be shown; None where that is not the same for all.

        A sign of percent may also be a word beside the number.
        """
        factors = {100**each.percents for each in self.sections if each.whole is not None}
        return factors.pop() if len(factors) == 1 else None

    def shown(self, value: float) -> str | None:
        """Return a number as a cell of this format shows it; None where that is not known.

        Parameters
        ----------
        value
            The number.

        Examples
        --------
        >>> number_format("#,##0.00").shown(1234.5)
        '1,234.50'
        """
        if not abs(value) < _LARGEST:
            return None
        section, sign = self.sections[0], "-" if value < 0 else ""
        if value < 0 and len(self.sections) > 1:
            section, sign = self.sections[1], ""
        elif not value and len(self.sections) > 2:
            section = self.sections[2]
        if section.whole is None:
            return (sign + section.before).strip() or None
        digits = _quickly(section, abs(value)) or _digits(section, Decimal(f"{abs(value):.15g}"))
        if not any(digit in "123456789" for digit in digits):
            sign = ""  # -0.001 as 0.00
        elif value < 0 and section.looks_like(self.sections[0]):
            sign = "-"  # only its colour tells it
        return f"{sign}{section.before}{digits}{section.after}".strip() or None


def number_format(code: str) -> NumberFormat | None:
    """Return the format that a code states; None where it is not understood, or says nothing.

    Parameters
    ----------
    code
        Such as ``"#,##0.00;[Red](#,##0.00)"``.
    """
    if len(code) > _LONGEST_CODE or _NAMED.match(code):
        return None
    parts = re.findall(r"""((?:"[^"]*"?|\\.|[_*].|\[[^\]]*\]|[^;])*);?""", code, re.DOTALL)
    sections = [_section(part) for part in parts[:-1] if parts][: _MOST_SECTIONS - 1]
    known = [section for section in sections if section is not None]
    if not known or len(known) < len(sections) or known[0].whole is None:
        return None
    return NumberFormat(tuple(known))


def date_length(code: str) -> int:
    """Return how much of a date in ISO 8601 a format shows: 4 for years, 7 for months, 0 for all.

    Parameters
    ----------
    code
        Such as ``"mmm yyyy"``.
    """
    bare = re.sub(
        r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]', "", code[:_LONGEST_CODE].partition(";")[0].lower()
    )
    letters = {letter for letter in bare if letter.isalpha()}
    return {"y": 4, "my": 7}.get("".join(sorted(letters)), 0)


def hidden_number(shown: str, value: float, factor: int | None = None) -> float | None:
    """Return the number that a cell holds, in the unit in which it is shown.

    Parameters
    ----------
    shown
        What the cell shows: ``"12.3%"``, ``"$(4.00)"``.
    value
        The number that it holds: 0.12345.
    factor
        That of the format, where that is known; else it is told by what is shown.

    Returns
    -------
    float or None
        12.345. None when what is shown says it all, and can be read in one way only; and when it
        says what a number alone does not: a limit, an error, a word.
    """
    plain = _PLAIN.fullmatch(shown)
    if plain is None and (_MORE.search(shown) or not _is_of_a_number(shown)):
        return None
    if factor is None:
        factor = 1
        if value and "%" in shown:
            factors = [each for each in (100, 1) if _may_show(shown, each * value)]
            if not factors:
                return None
            factor = factors[0]
    number = float(f"{factor * value:.15g}")
    if plain is None or may_be_thousands(plain[1]):
        return number
    return None if float(plain[1].replace(",", "")) == number else number


def _is_of_a_number(shown: str) -> bool:
    """True for digits, or a sign alone; a word says something else."""
    return _DIGITS.search(shown) is not None or not any(map(str.isalpha, shown))


def _may_show(shown: str, number: float) -> bool:
    """True when a number is what is shown, rounded, in any way of writing decimals."""
    found = _DIGITS.search(shown)
    if found is None:
        return not number
    bare, last = re.sub(r"\D", "", found[0]), re.split(r"\D", found[0])
    decimals = {len(last[-1])} if len(last) > 1 else {0}
    if len(last) > 1 and len(last[-1]) == 3:
        decimals.add(0)
    exact = abs(Decimal(f"{number:.15g}"))
    return any(
        abs(exact - Decimal(bare).scaleb(-places)) * 2 <= Decimal(1).scaleb(-places)
        for places in decimals
    )


def may_be_thousands(shown: str) -> bool:
    """True for what has the form of thousands parted by a dot, or no digits.

    Parameters
    ----------
    shown
        A number.
    """
    return len(shown) < 9 and _LIKE_THOUSANDS.fullmatch(shown) is not None


def _section(code: str) -> _Section | None:
    """Return what a section states; None where it has what is not understood."""
    words: list[str] = ["", ""]
    number = power = None
    percents, at = 0, 0
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            return None
        at = token.end()
        kind, text = token.lastgroup, token[0]
        if kind == "number":
            if number is not None:
                return None
            number = text
        elif kind == "power":
            if number is None or power is not None:
                return None
            power = text
        elif kind == "words":
            words[number is not None] += text[1:].removesuffix('"') if text[0] in '"\\' else text
        elif kind == "space":
            words[number is not None] += " " if text[0] == "_" and text[1] == " " else ""
        elif kind == "currency":
            words[number is not None] += token["currency"]
        elif kind == "percent":
            percents += 1
            words[number is not None] += "%"
    if number is None:
        return None if percents else _Section("".join(words))
    digits = number.rstrip(",")
    whole, _, decimals = digits.partition(".")
    places = whole.replace(",", "")
    # Digits in front of a power of ten are more than one in technical notation, which is left.
    if power is not None and (len(places) != 1 or "," in number or percents):
        return None
    if "0" in places and "#" in places[places.index("0") :]:
        return None
    return _Section(
        before=words[0],
        after=words[1],
        whole=places.count("0"),
        fewest=len(decimals.rstrip("#?")),
        most=len(decimals),
        has_point="." in digits,
        grouped="," in whole,
        scale=3 * (len(number) - len(digits)) - 2 * percents,
        percents=percents,
        power=len(power) - 2 if power else 0,
        plus=power is not None and power[1] == "+",
    )


def _quickly(section: _Section, value: float) -> str:
    """Return the digits of a number as Python writes them; nothing where that may be wrong."""
    if not section.spec or not 1e-4 < value < 1e15:
        return ""
    number = value * 10.0**-section.scale
    decimals = f"{number:.15g}".partition(".")[2]
    # Python knows the number in binary digits, in which a half may be a little less than that.
    is_half = len(decimals) == section.most + 1 and decimals[-1] == "5"
    return "" if is_half or "e" in decimals else format(number, section.spec)


def _digits(section: _Section, number: Decimal) -> str:
    """Return the digits of a number that is not below zero."""
    if section.power:
        exponent = number.adjusted() if number else 0
        rounded = _rounded(number.scaleb(-exponent), section.most)
        if rounded >= 10:
            exponent, rounded = exponent + 1, _rounded(number.scaleb(-exponent - 1), section.most)
        sign = "-" if exponent < 0 else "+" * section.plus
        return f"{_fixed(section, rounded)}E{sign}{abs(exponent):0{section.power}}"
    return _fixed(section, _rounded(number.scaleb(-section.scale), section.most))


def _rounded(number: Decimal, decimals: int) -> Decimal:
    """Return a number with so many decimals at most, halves away from zero as in Excel."""
    exponent = number.as_tuple().exponent
    # One with fewer stays: quantize would fill it up, beyond the digits that a Decimal may have.
    if not isinstance(exponent, int) or exponent >= -decimals:
        return number
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _fixed(section: _Section, number: Decimal) -> str:
    whole, _, decimals = f"{number:f}".partition(".")
    whole = whole.lstrip("0").rjust(section.whole or 0, "0")
    if section.grouped:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    decimals = decimals.rstrip("0").ljust(section.fewest, "0")
    return f"{whole}.{decimals}" if section.has_point else whole
