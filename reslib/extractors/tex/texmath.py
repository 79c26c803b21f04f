r"""Formulas of TeX as they are typed, with the names of letters and signs as characters.

``E = mc^2`` stays what it is, ``\alpha \leq \beta`` becomes ``α ≤ β``, styles give what they are
laid on, and what has no character (``\frac{a}{b}``) is left as it is typed.
"""

from __future__ import annotations

import re

from reslib.extractors.tex.texsymbols import SIGNS, spelt

# ruff: noqa: RUF001, RUF002 - characters that look alike are meant

__all__ = ["displayed", "inline"]

_MORE_SIGNS = {
    "sum": "∑",
    "prod": "∏",
    "int": "∫",
    "iint": "∬",
    "oint": "∮",
    "in": "∈",
    "notin": "∉",
    "ni": "∋",
    "subset": "⊂",
    "subseteq": "⊆",
    "supset": "⊃",
    "supseteq": "⊇",
    "cup": "∪",
    "cap": "∩",
    "setminus": "∖",
    "emptyset": "∅",
    "varnothing": "∅",
    "forall": "∀",
    "exists": "∃",
    "neg": "¬",
    "land": "∧",
    "wedge": "∧",
    "lor": "∨",
    "vee": "∨",
    "equiv": "≡",
    "cong": "≅",
    "propto": "∝",
    "ne": "≠",
    "lesssim": "≲",
    "gtrsim": "≳",
    "langle": "⟨",
    "rangle": "⟩",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "mid": "|",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "Vert": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "parallel": "∥",
    "perp": "⊥",
    "angle": "∠",
    "triangle": "△",
    "oplus": "⊕",
    "ominus": "⊖",
    "otimes": "⊗",
    "div": "÷",
    "cdots": "⋯",
    "dotsc": "…",
    "dotsb": "⋯",
    "vdots": "⋮",
    "ddots": "⋱",
    "bullet": "•",
    "Rightarrow": "⇒",
    "Leftarrow": "⇐",
    "Leftrightarrow": "⇔",
    "longrightarrow": "⟶",
    "implies": "⇒",
    "iff": "⇔",
    "mapsto": "↦",
    "uparrow": "↑",
    "downarrow": "↓",
    "gets": "←",
    "Re": "ℜ",
    "Im": "ℑ",
    "aleph": "ℵ",
    "imath": "ı",
    "jmath": "ȷ",
    "colon": ":",
    "lbrace": "{",
    "rbrace": "}",
    "ddagger": "‡",
    "dag": "†",
    "models": "⊨",
    "vdash": "⊢",
    "top": "⊤",
    "bot": "⊥",
    "prec": "≺",
    "succ": "≻",
    "doteq": "≐",
    "asymp": "≍",
    "coloneqq": "≔",
    "backslash": "\\",
    "S": "§",
    "lbrack": "[",
    "rbrack": "]",
    "Box": "□",
    "square": "□",
    "lnot": "¬",
    "bigcup": "⋃",
    "bigcap": "⋂",
    "coprod": "∐",
    "bigoplus": "⨁",
    "bigotimes": "⨂",
    "bigwedge": "⋀",
    "bigvee": "⋁",
    "sqcup": "⊔",
    "sqcap": "⊓",
    "subsetneq": "⊊",
    "preceq": "⪯",
    "succeq": "⪰",
    "triangleq": "≜",
    "hookrightarrow": "↪",
    "twoheadrightarrow": "↠",
    "leadsto": "⇝",
    "rightharpoonup": "⇀",
    "rightleftharpoons": "⇌",
    "Longrightarrow": "⟹",
    "longmapsto": "⟼",
    "checkmark": "✓",
    "therefore": "∴",
    "quad": " ",
    "qquad": " ",
}
_SIGNS = SIGNS | _MORE_SIGNS | {"sim": "∼", "circ": "∘", "ast": "∗"}
#: Functions that are set as words.
_FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim "
    "liminf limsup ln log max min Pr sec sin sinh sup tan tanh bmod pmod".split()
)
_STYLES = frozenset(
    "mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathscr mathnormal boldsymbol "
    "bm text textrm textit textbf textsf texttt textsc textup textnormal mbox hbox fbox "
    "operatorname mathop mathbin mathrel mathord mathopen mathclose mathpunct mathstrut "
    "ensuremath pmb emph boxed ce intertext shortintertext mathds mathbbm".split()
)
#: Styles of all that follows in the same braces.
_SWITCHES = frozenset("rm bf it sf tt sl sc cal em mit scriptstyle".split())
#: What only says how large or where something is set.
_DROPPED = frozenset(
    "left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl "
    "Biggr Biggm displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber "
    "notag allowbreak nobreak relax centering hfill hfil small footnotesize normalsize "
    "scriptsize tiny large Large boldmath unboldmath protect strut hline noindent break "
    "allowdisplaybreaks".split()
)
_SPACES = frozenset(",;:> ~")
_PART = re.compile(
    r"\\(?P<word>[A-Za-z]++)\*?|\\(?P<sign>.)|%[^\n]*+(?:\n[ \t]*+)?+|(?P<brace>[{}])"
    r"|(?P<plain>[^\\%{}]++)",
    re.DOTALL,
)
#: Commands whose argument is not shown; ``\begin`` may have a list of columns.
_UNSEEN = re.compile(
    r"\\(?:label|tag\*|phantom|hphantom|vphantom|hspace\*?|vspace\*?|color|setlength\\\w+)"
    r"[ \t]*\{[^{}]{0,300}\}"
    r"|\\begin[ \t]*\{(?:array|alignedat|subarray)\}(?:\[[^\]]{0,9}\])?(?:\{[^{}]{0,200}\})?"
    r"|\\(?:begin|end)[ \t]*\{[A-Za-z]{1,40}\*?\}"
    r"|\\l?eqno(?![A-Za-z])|\\(?:raise|lower|kern|hskip|mkern|mskip)[^\\{}$]{0,12}"
)
#: Signs that mean something to TeX, the dollars of text inside of a formula among them.
_UNSEEN_SIGNS = str.maketrans({"&": " ", "~": " ", "$": None})
_DEGREE = re.compile(r"\^[ \t]*(?:\{[ \t]*\\(circ|prime)[ \t]*\}|\\(circ|prime)(?![A-Za-z]))")
_SMALL = re.compile(r"([_^])\{([+\-−]?\w{1,40})\}(?![^\W_])")
#: The ends of functions, marked while a formula is written, between letters and digits.
_FUNCTION_END = re.compile(r"(?<=[^\W_])\0+(?=[^\W_])")
_BLANKS = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v]*|[ \t\r\f\v]+")
_ROMAN = re.compile(r"\\(?:mathrm|text|textrm|rm)[ \t]*\{([^{}]{1,60})\}")


def inline(source: str, before: str, after: str) -> tuple[str, bool]:
    r"""Return a formula that stands in a sentence.

    Parameters
    ----------
    source
        What stands between the dollars.
    before, after
        The text on both sides on the same line.

    Returns
    -------
    tuple
        The formula, and whether it joins what is before it without a space.

    Examples
    --------
    >>> inline(r"\alpha_{i} \leq mc^{2}", "", "")
    ('α_i ≤ mc^2', False)
    >>> inline("_2", "CO", " is")
    ('2', True)
    """
    source = _DEGREE.sub(_small_sign, source.strip())
    roman = _ROMAN.sub(r"\1", source)
    if roman.lstrip("{}").startswith(("_", "^")):
        read = spelt(roman.lstrip("{}"), before, after)
        if read is not None:
            return read, True
    elif roman != source and _is_chemical(roman):
        read = spelt(roman, "", after)
        if read is not None:
            return read, False
    return " ".join(_typed(source).split()), False


def displayed(source: str) -> list[str]:
    """Return the lines of a formula that stands on its own.

    Parameters
    ----------
    source
        What stands in its environment.
    """
    lines = _typed(_DEGREE.sub(_small_sign, source)).split("\n")
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def _small_sign(match: re.Match[str]) -> str:
    return "°" if "circ" in match[0] else "′"


def _is_chemical(text: str) -> bool:
    """True when a formula has digits below the letters of elements: ``CO_2``."""
    return (
        re.fullmatch(r"(?:[A-Z][a-z]?(?:_\{?\d{1,2}\}?)?){1,8}(?:\^\{?\d?[+-]\}?)?", text)
        is not None
    )


def _typed(source: str) -> str:
    """Return a formula as it is typed; lines are ended where those of the formula are."""
    source = _UNSEEN.sub(" ", source)
    written: list[str] = []
    #: Whether each brace that is open is shown.
    shown: list[bool] = []
    styled = switched = False
    for part in _PART.finditer(source):
        word, sign, brace = part["word"], part["sign"], part["brace"]
        if brace == "{":
            shown.append(not styled)
            written.append("" if styled else "{")
        elif brace:
            written.append("}" if not shown or shown.pop() else "")
        elif word:
            if word in _STYLES:
                styled = True
                continue
            if word in _SWITCHES:
                switched = True
                if shown and shown[-1] and written[-1:] == ["{"]:
                    after = written[-2][-1:] if len(written) > 1 else ""
                    if after not in ("_", "^"):
                        shown[-1] = False
                        written[-1] = ""
                continue
            written.append(_word(word))
        elif sign:
            written.append(_sign(sign))
        elif part["plain"]:
            plain = part["plain"].translate(_UNSEEN_SIGNS)
            if styled and plain.isspace():
                continue
            plain = _BLANKS.sub(" ", plain)
            written.append(plain.lstrip(" ") if switched else plain)
        styled = switched = False
    text = _FUNCTION_END.sub(" ", "".join(written)).replace("\0", "")
    return _SMALL.sub(r"\1\2", text)


def _word(word: str) -> str:
    if word in _SIGNS:
        return _SIGNS[word]
    if word in _DROPPED:
        return ""
    if word == "cr":
        return "\n"
    return f"\0{word}\0" if word in _FUNCTIONS else f"\\{word}"


def _sign(sign: str) -> str:
    if sign in _SPACES:
        return " "
    if sign == "\\":
        return "\n"
    if sign in "!/-":
        return ""
    return "‖" if sign == "|" else sign
