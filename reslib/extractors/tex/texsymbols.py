r"""The formulas and styles inside of a bibliography's titles, as text: ``$\alpha$-helix``.

Names and titles are searched for as they are read. Letters, signs and short numbers that are set
as formulas become characters, styles give what they are laid on; longer formulas are left as they
are.
"""

from __future__ import annotations

import re
import unicodedata

from reslib.extractors.raised import join_raised

__all__ = ["SIGNS", "spelt", "without_styles"]

# ruff: noqa: RUF001, RUF002 - characters that look alike are the subject

#: Signs and Greek letters by their names.
SIGNS = {
    "pm": "±",
    "mp": "∓",
    "times": "×",
    "cdot": "·",
    "circ": "°",
    "degree": "°",
    "sim": "~",
    "approx": "≈",
    "simeq": "≃",
    "neq": "≠",
    "le": "≤",
    "leq": "≤",
    "leqslant": "≤",
    "ge": "≥",
    "geq": "≥",
    "geqslant": "≥",
    "lt": "<",
    "gt": ">",
    "ll": "≪",
    "gg": "≫",
    "to": "→",
    "rightarrow": "→",
    "leftarrow": "←",
    "leftrightarrow": "↔",
    "infty": "∞",
    "prime": "′",
    "ell": "ℓ",
    "hbar": "ℏ",
    "partial": "∂",
    "nabla": "∇",
    "odot": "⊙",
    "star": "⋆",
    "ast": "∗",
    "dagger": "†",
    "ldots": "…",
    "dots": "…",
    "varepsilon": "ε",
    "vartheta": "ϑ",
    "varphi": "φ",
    "varsigma": "ς",
    "varrho": "ϱ",
}
for _name in (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma "
    "tau upsilon phi chi psi omega"
).split():
    _unicode_name = _name.upper().replace("LAMBDA", "LAMDA")
    SIGNS[_name] = unicodedata.lookup(f"GREEK SMALL LETTER {_unicode_name}")
    SIGNS[_name.title()] = unicodedata.lookup(f"GREEK CAPITAL LETTER {_unicode_name}")

_NAME = r"\\[A-Za-z]{1,20}+[ \t]*+"
_SMALL = rf"[_^][ \t]?(?:\{{(?:{_NAME}|[\w+\-*,. ]){{1,12}}+\}}|{_NAME}|[\w+\-*])"
#: A formula of names, letters and signs; one without any of TeX's own characters is an amount of
#: dollars.
_FORMULA = re.compile(
    rf"(?<![\\$])\$(?P<inside>(?:{_NAME}|{_SMALL}|[A-Za-z0-9 +\-=<>/,.()']){{1,60}}+)\$(?!\$)"
    rf"|\\ensuremath\{{(?P<ensured>(?:{_NAME}|{_SMALL}|[A-Za-z0-9 +\-=<>/,.()']){{1,60}}+)\}}"
    r"|\\text(?P<place>super|sub)script\{(?P<script>[^{}\\$\n]{1,40})\}"
)
_SHORT = re.compile(rf"(?:{_NAME}|{_SMALL}|[A-Za-z0-9 +\-=<>/,.()']){{1,60}}+")
_PART = re.compile(rf"(?P<name>{_NAME})|(?P<small>{_SMALL})|(?P<other>.)", re.DOTALL)
_STYLED = re.compile(
    r"\\(?:text(?:it|bf|sc|sl|rm|sf|tt|up|md|normal)|emph|mbox|hbox|uline|enquote)\*?"
    r"[ \t]*\{([^{}]*)\}"
    r"|\{\\(?:it|em|bf|sc|sl|rm|sf|tt|itshape|bfseries|scshape|slshape|upshape|sffamily|ttfamily)"
    r"(?![A-Za-z])[ \t\n]*([^{}]*)\}"
)
#: Styles inside of styles.
_DEEPEST = 4


def without_styles(text: str) -> str:
    r"""Return a bibliography in which short formulas are characters and styles are gone.

    Examples
    --------
    >>> without_styles(r"$\alpha$-helix of \emph{E.~coli}, CO$_2$, 25$^\circ$C, $x > \frac12$")
    'α-helix of E.~coli, CO2, 25°C, $x > \\frac12$'
    """
    if "$" in text or "\\" in text:
        text = _FORMULA.sub(_plain, text)
        for _ in range(_DEEPEST):
            text, count = _STYLED.subn(lambda match: match[1] or match[2] or "", text)
            if not count:
                break
    return text


def _plain(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 40) : match.start()]
    after = match.string[match.end() : match.end() + 40]
    if match["script"]:
        if match["place"] == "sub":
            return match["script"]
        return join_raised(before, match["script"], after)
    inside = match["inside"] or match["ensured"]
    if not re.search(r"[\\_^]", inside):
        return match[0]
    written = spelt(inside, before, after)
    return match[0] if written is None else written


def spelt(inside: str, before: str, after: str) -> str | None:
    r"""Return a short formula of names, letters and signs as it is read inside of a sentence.

    Parameters
    ----------
    inside
        What stands between the dollars.
    before, after
        The text on both sides on the same line.

    Returns
    -------
    str or None
        None when it is more than that.

    Examples
    --------
    >>> spelt("_4^{2-}", "SO", " in")
    '4^2-'
    """
    if not _SHORT.fullmatch(inside):
        return None
    written, parts = "", list(_PART.finditer(inside))
    for number, part in enumerate(parts):
        if part["other"]:
            written += part["other"]
            continue
        piece = _signs(part["name"] or part["small"].lstrip("_^ \t").strip("{}"))
        if piece is None:
            return None
        if part["name"] or part["small"][0] == "_":
            written += piece
        else:
            rest = after if number == len(parts) - 1 else inside[part.end() :]
            written += join_raised(before + written, piece, rest)
    return written


def _signs(text: str) -> str | None:
    """Return a text with the names of signs replaced; None when one is not known."""
    written = ""
    for part in _PART.finditer(text):
        if part["name"]:
            sign = SIGNS.get(part["name"][1:].rstrip())
            if sign is None:
                return None
            written += sign
        else:
            written += part[0]
    return written
