"""Raised pieces of text (superscripts), written so that the words around them stay words.

A raised piece has no position in plain text. Put as it is behind the word before it, a mark of a
footnote makes ``library1`` of *library* and an exponent makes ``105`` of ten to the fifth. What
the piece is can be told from what stands beside it:

- an exponent is written with ``^``: ``10^5``, ``m^−3``, ``(a + b)^2``;
- a charge, an ordinal, an isotope, a prime or a degree is part of the word: ``Ca2+``, ``1st``,
  ``13C``; the number of a charge is parted from a number of atoms: ``SO4^2−``;
- everything else is a mark of a note or an affiliation and stands apart: ``Smith 1,2``,
  ``1 Department``.

Lowered pieces need no rule: they are part of the word, as people type it (``CO2``, ``log10``).
"""

from __future__ import annotations

import re

__all__ = ["CONTEXT", "join_raised", "line_end"]

#: So many characters before and after a piece are looked at.
CONTEXT = 40
#: A longer piece is a style of whole sentences, not a mark and no exponent.
_LONGEST = 80

_SIGNS = "+\\-−–±"
_SIGNED = re.compile(rf"[{_SIGNS}]\s?\d+(?:[./,]\d+)?|[{_SIGNS}][a-zA-Zα-ω]")
_NUMBER = re.compile(r"\d+(?:[./]\d+)?")
_NUMBERS = re.compile(rf"\d+(?:\s?[,;{_SIGNS}]\s?\d+)+")
_CHARGE = re.compile(rf"\d{{0,2}}[{_SIGNS}]+|[{_SIGNS}]{{1,3}}")
_EXPRESSION = re.compile(rf"(?=.*[{_SIGNS}*/·])[\w{_SIGNS}*/·().\s]*[\w)]")
#: What never stands apart: primes, degrees, registered names.
_JOINED = re.compile(r"[′″‴'’\"°∘◦º®™ª•]+")
_NUMBERED_CHARGE = re.compile(rf"\d{{1,2}}[{_SIGNS}]")
#: A title before a name, whose letters are those of a power elsewhere: Dr, Mr, Pr, St, Me.
_TITLE_LETTERS = {"r": "DMP", "t": "S", "e": "M"}
_NAME = re.compile(r"\.?\s{1,4}[^\W\d_a-z][^\W\d_]")
_TEMPERATURE = re.compile(r"[CFK](?![^\W\d_])")
_ORDINAL = re.compile(r"st|nd|rd|th|ers?|[èe]res?|r?es?|[èeé]mes?|nde?s?|os?|as|do|da|mo|ma|to|ta")
#: Letters that stand for a number in an exponent. The first ones of the alphabet mark notes.
_VARIABLE = re.compile(r"[i-zαβγδνκλµμN-TKM\U0001d400-\U0001d7ff]")

# What stands before a piece is matched backwards, so that only its end is looked at.
_LETTERS = re.compile(r"[^\W\d_]++")
_ROMAN = re.compile(r"[IVXLCDM]+(?![^\W_])")
_RANGE_BASE = re.compile(r"(?:01|2)(?![\d.,])")
_NAMED_DIGITS = re.compile(r"\d+[^\W\d_]{2}")
_YEAR = re.compile(r"\d(?:\d[6-9]1|[0-3]02)(?![\d.,])")
_BRACKETS = re.compile(r"[)\]}|]([^()\[\]{}|]*)[(\[{|]")
_WORD = re.compile(r"[^\W\d_]{3,}")

#: Units that are raised to a power, with the prefixes that occur.
_UNIT = re.compile(
    r"(?:[kcdmµμnpfMGThYZ]?m|[kmµμn]?g|[mµμnpf]?s|[mµμnk]?mol|[mkMG]?Pa|[kMGT]?Hz|[mkMG]?W|[kM]?J"
    r"|[mµμ]?[lL]|[mµμk]?[VANT]|[kMGT]?eV|[kM]?pc|hr?|ha|d|yr?|a|K|sr|rad|deg|min|sec|day|year"
    r"|cal|kcal|ft|mi|yd|cd|lm|lx|Å|AU|arcsec|px|pixels?|Gy|Sv|Bq|dex|mag|erg|dyn|Jy|bar|mbar)\Z"
)
_FUNCTION = re.compile(
    r"(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh|log|ln|exp|det|tr|lim|max|min)\Z"
)
_MATH_WORDS = frozenset(
    "sin cos tan cot sinh cosh tanh log exp det lim max min sup inf mod var cov".split()
)

_ELEMENTS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb "
    "Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm "
    "Bk Cf Es Fm Md No Lr"
).split()
_PROTONS = {symbol: number for number, symbol in enumerate(_ELEMENTS, 1)}
_SYMBOL = "|".join(sorted(_ELEMENTS, key=len, reverse=True))
_FORMULA = re.compile(rf"({_SYMBOL})\d*(?:(?:{_SYMBOL})\d*)*(?:org|inorg|carb|tot)?(?![^\W\d_])")
#: Institutes whose letters happen to be symbols of elements.
_ABBREVIATION = re.compile(r"[A-Z]{3}")


def join_raised(before: str, raised: str, after: str, *, lowered: bool = False) -> str:
    """Return a raised piece with what separates it from the text around it.

    Parameters
    ----------
    before, after
        The text on both sides on the same line; only :data:`CONTEXT` characters count.
    raised
        The piece itself.
    lowered
        Whether *before* ends with a lowered piece: what is raised after that is no mark.

    Returns
    -------
    str
        What stands between *before* and *after* in plain text.

    Examples
    --------
    >>> join_raised("10", "5", " stars")
    '^5'
    >>> join_raised("Smith", "1,2", ", Jones")
    ' 1,2'
    >>> join_raised("Ca", "2+", " ions")
    '2+'
    """
    piece = raised.strip()
    if not piece:
        return raised
    head = raised[: len(raised) - len(raised.lstrip())]
    tail = raised[len(raised.rstrip()) :]
    before = (before[-CONTEXT:] + head)[-CONTEXT:]
    after = (tail + after[:CONTEXT])[:CONTEXT]
    if len(piece) > _LONGEST:
        text = f" {piece} "
    elif before[-1:].isdigit() and _NUMBERED_CHARGE.fullmatch(piece):
        text = f"^{piece}"
    elif _is_joined(before, piece, after):
        text = piece
    elif _is_exponent(before, piece, lowered):
        simple = piece.isalnum() or _SIGNED.fullmatch(piece) or _NUMBER.fullmatch(piece)
        text = f"^{piece}" if simple else f"^({piece})"
    else:
        apart_before = before and not before[-1].isspace() and before[-1] not in "([{«“„/"
        apart_after = after and (after[0].isalnum() or after[0] in "([{«“„$€£")
        text = (
            f"{' ' * bool(apart_before and piece[0] not in ',;.')}{piece}{' ' * bool(apart_after)}"
        )
    return f"{head}{text}{tail}"


def line_end(parts: list[str]) -> str:
    """Return the end of a line that is written in parts, at most :data:`CONTEXT` characters.

    Parameters
    ----------
    parts
        What is written so far.
    """
    ends: list[str] = []
    size = 0
    for part in reversed(parts):
        ends.append(part[-CONTEXT:])
        size += len(part)
        if size >= CONTEXT or "\n" in ends[-1]:
            break
    return "".join(reversed(ends)).rpartition("\n")[2][-CONTEXT:]


def _is_joined(before: str, piece: str, after: str) -> bool:
    """True when the piece is part of the word it stands at."""
    if _JOINED.fullmatch(piece) or _is_isotope(before, piece, after):
        return True
    if piece in ("o", "O") and _TEMPERATURE.match(after):
        return not before or not before[-1].isalpha()  # a degree that is typed so
    if not before or not (before[-1].isalnum() or before[-1] in ")]}"):
        return False
    if _CHARGE.fullmatch(piece):
        return True
    if not piece.isalpha():
        return False
    if before[-1].isdigit():
        return _ORDINAL.fullmatch(piece) is not None
    if _ROMAN.match(before[::-1]) and piece in ("e", "è", "er", "ème", "th"):
        return True  # XIXe siècle
    letters = _LETTERS.match(before[::-1])
    if letters is None or len(letters[0]) > 1:
        return False
    if letters[0] in _TITLE_LETTERS.get(piece, "") and _NAME.match(after):
        return True
    # nth; No, no; Mme, Mlle, Mgr
    return (
        piece in ("th", "st", "nd", "rd")
        or (letters[0] in "Nn" and piece in ("o", "os", "r"))
        or (letters[0].isupper() and len(piece) > 1 and piece.islower())
    )


def _is_isotope(before: str, piece: str, after: str) -> bool:
    """True when the piece is a mass number before the symbol of an element that can have it."""
    number = piece.removesuffix("m")  # 99mTc, which has more energy than 99Tc
    if not number.isdecimal() or len(number) > 3:
        return False
    if before and before[-1].isalnum() and not before.endswith(("δ", "Δ", "ε", "ϵ")):
        return False
    formula = _FORMULA.match(after)
    if formula is None or _ABBREVIATION.match(after):
        return False
    protons = _PROTONS[formula[1]]
    # From the lightest isotopes known to the heaviest: 9C to 22C, 217U to 242U.
    return int(number) == protons == 1 or 1.5 * protons <= int(number) <= 2.7 * protons + 6


def _is_exponent(before: str, piece: str, lowered: bool) -> bool:
    """True when the piece is a power of what stands before it."""
    if not before or not (before[-1].isalnum() or before[-1] in ")]}|⟩"):
        return False
    if _SIGNED.fullmatch(piece):
        return True
    if _NUMBERS.fullmatch(piece):  # marks, but for 10^{5-6}
        return "," not in piece and _RANGE_BASE.match(before[::-1]) is not None
    number = _NUMBER.fullmatch(piece) is not None
    if not number and not _VARIABLE.fullmatch(piece) and not _EXPRESSION.fullmatch(piece):
        return False
    if lowered:
        return True
    if before[-1].isdigit():
        return not (_NAMED_DIGITS.match(before[::-1]) or _YEAR.match(before[::-1]))
    letters = _LETTERS.match(before[::-1])
    if letters is not None:
        word = letters[0]
        if len(word) == 1 or _FUNCTION.fullmatch(word[::-1]):
            return word.isascii() or not _is_ideograph(word)
        return number and piece in "2 3 4 5 6" and _UNIT.fullmatch(word[::-1]) is not None
    inside = _BRACKETS.match(before[::-1])
    content = inside[1] if inside else ""
    words = {word.lower() for word in _WORD.findall(content[::-1])} - _MATH_WORDS
    return not words and not _YEAR.match(content)


def _is_ideograph(letter: str) -> bool:
    return letter >= "\u2e80" and not "\U0001d400" <= letter <= "\U0001d7ff"
