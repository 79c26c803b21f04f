# ruff: noqa: RUF001 - characters that look alike are the subject
"""The characters that the letters of the font Symbol stand for.

Word stores such a character as its place in the font. The table is that of the font's own
encoding (Adobe, "Symbol" AFM; the mapping is published by Unicode as VENDORS/ADOBE/symbol.txt).
"""

from __future__ import annotations

__all__ = ["symbol"]

_ROWS = {
    0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?",
    0x40: "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_",
    0x61: "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    0xA1: "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…",
    0xC0: "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓",
    0xE0: "◊〈®©™∑",
    0xF1: "〉∫",
}
_SYMBOL = {
    start + offset: character
    for start, row in _ROWS.items()
    for offset, character in enumerate(row)
}


def symbol(code: int, font: str) -> str | None:
    """Return the character at a place of a symbol font.

    Parameters
    ----------
    code
        Its place; fonts without Unicode are put at U+F000 (ECMA-376 part 1, §17.3.3.30).
    font
        The font's name.

    Returns
    -------
    str or None
        None when nobody says what the font draws there.
    """
    if not 0xF000 <= code <= 0xF0FF:
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF else None
    if font.lower().startswith("symbol"):
        return _SYMBOL.get(code - 0xF000)
    return None
