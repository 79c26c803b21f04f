# ruff: noqa: RUF001  (characters that look alike are the subject here)
"""Raised pieces of a line: marks of footnotes and affiliations, exponents, charges, isotopes.

A mark is no part of the word before it: ``Smith1,2`` is found as "Smith", and ``library3 to`` is
read "library 3 to". What belongs to a word stays with it (``Ca2+``, ``13C``, ``1st``), and an
exponent is written with its sign, ``10^5``. Lowered pieces always belong to their word: ``CO2``.
"""

from __future__ import annotations

import re

__all__ = ["parts_raised", "raised_before_word"]

_ELEMENTS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy "
    "Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf "
    "Es Fm Md No Lr"
).split()
_NUMBER_OF = {symbol: number for number, symbol in enumerate(_ELEMENTS, start=1)}
_SYMBOL = "|".join(sorted(_ELEMENTS, key=len, reverse=True))
#: A formula of chemistry up to its end, with brackets: SO4, NH4, Fe(CN)6.
_FORMULA = re.compile(rf"(?<![^\W\d_])\(?(?:(?:{_SYMBOL})\d*[()\]]*\d*)+\Z")
#: An element, maybe one more and then no word: C, Sr, CO2, Corg; not SETI or Sweden.
_ISOTOPE_OF = re.compile(rf"({_SYMBOL})(?:org|car|(?:[A-Z](?![^\W\d_]))?(?![^\W\d_]))")
_MINUS = r"\-−–‐‑"
_SIGNED = re.compile(rf"[+±{_MINUS}]\s?\d+(?:[.,/]\d+)?\Z")
_NUMBER = re.compile(r"\d+(?:[./]\d+)?\Z")
_CHARGE = re.compile(rf"\d*[+{_MINUS}]\Z")
#: Raised signs that belong to what stands before them.
_JOINED_SIGNS = frozenset("'′″‴°◦∘ºª’‘“”\"´`®")
#: Units of two letters or more that are written with an exponent.
_UNITS = frozenset(
    "cm mm km dm nm hm µm μm pm fm kpc Mpc Gpc pc ft kg mg mol eV keV MeV GeV TeV Hz sr rad deg "
    "arcsec arcmin ms Pa hPa kPa".split()
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|ère|ème|eme|o|a|º|ª)\Z")
_ABBREVIATIONS = frozenset({"Mme", "Mlle", "Mr", "Dr", "No", "no", "Nr", "nr", "Mgr", "Ste", "Sr"})
_ROMAN = re.compile(r"(?<![^\W\d_])[IVXLC]+\Z")
_LAST_TOKEN = re.compile(r"[^\W\d_]+\Z")
_WORD_AHEAD = re.compile(r"[^\W\d_]{3}")


def parts_raised(before: str, piece: str, after: str) -> str:
    """Return what is written between a word and the piece raised behind it.

    Parameters
    ----------
    before
        The line up to the piece; its last twenty characters are enough.
    piece
        What is raised.
    after
        What follows it directly.

    Returns
    -------
    str
        A space for a mark, ``^`` for an exponent, nothing for what belongs to the word.
    """
    piece = piece.strip()
    last = before[-1:]
    if not piece or not last or last.isspace() or piece[0] in _JOINED_SIGNS or last in "([{/^":
        return ""
    if _is_isotope(piece, after):
        return "" if not last.isalpha() or len(_token(before)) == 1 else " "
    if _CHARGE.match(piece) and (_FORMULA.search(before[-20:]) or len(_token(before)) == 1):
        return ""
    if last.isdigit() and _ORDINAL.match(piece) and piece != "a":
        return ""
    if piece.isalpha():
        token = _token(before)
        if token + piece in _ABBREVIATIONS or (_ROMAN.search(token) and piece in ("e", "er")):
            return ""
        return " "
    if _SIGNED.match(piece):
        return "^"
    if _NUMBER.match(piece) and _takes_exponent(before):
        return "^"
    return " "


def raised_before_word(piece: str, after: str) -> str:
    """Return what is written between a piece raised before a word and this word.

    Parameters
    ----------
    piece
        What is raised.
    after
        The word behind it.
    """
    piece = piece.strip()
    if not after[:1].isalnum() or _is_isotope(piece, after):
        return ""
    if piece in "o°◦∘" and after[:1] in "CFK" and not after[1:2].isalpha():
        return ""  # a degree
    return " "


def _token(before: str) -> str:
    match = _LAST_TOKEN.search(before[-40:])
    return match[0] if match else ""


def _takes_exponent(before: str) -> bool:
    last = before[-1]
    if last.isdigit():
        return True
    if last in ")]}|":
        opened = before.rfind({")": "(", "]": "[", "}": "{", "|": "|"}[last], 0, len(before) - 1)
        # Words in the brackets: a remark with a mark behind it.
        return not _WORD_AHEAD.search(before[max(0, opened) : -1])
    token = _token(before)
    return len(token) == 1 or token in _UNITS


def _is_isotope(piece: str, after: str) -> bool:
    """Whether a raised number is the mass of the element behind it: 1 to 3 times its number."""
    match = _ISOTOPE_OF.match(after)
    if not match or not piece.isdecimal() or len(piece) > 3:
        return False
    number = _NUMBER_OF[match[1]]
    return number <= int(piece) <= 3 * number
