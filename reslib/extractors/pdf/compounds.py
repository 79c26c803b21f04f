"""Compounds that keep their hyphen when a line ends in it, whatever the document writes elsewhere.

A document seldom writes a compound twice, so that its vocabulary says nothing of most of them. Kept
is only what cannot be a word that was cut: a word joined by mistake is still found by a query that
has the hyphen (:mod:`reslib.search.query`), a hyphen kept by mistake hides the word.
"""

from __future__ import annotations

import re

__all__ = ["follows_a_hanging_hyphen", "is_compound"]

#: Words behind the first part of a compound whose second part comes later, "pre- and post-war".
_JOINING = frozenset("and und oder y o e u i ou och og".split())
#: Those that are also ends of words (super-or, po-et, giv-en, there-of), with their evidence.
_MAYBE_JOINING = frozenset("or et en of".split())
_NEXT_HAS_HYPHEN = re.compile(r"\s*+[^\W\d_]{2,30}-[^\W\d_]")
#: First parts that stand before such a word, and in no word that ends in one.
_OPEN_PREFIXES = frozenset(
    "pre post intra inter extra sub super micro macro multi mono poly hypo hyper anti non semi "
    "short long high low vor nach ein aus sur sous".split()
)
#: Adjectives that begin compounds, and the ends that make other words of them: well-ington,
#: high-lands, low-ering, short-ening, long-itude.
_FIRST = {
    "self": r"ish\w*|less\w*|hood|ies?|same",
    "well": r"ness|ing\w*|heads?|spring\w*|s|ed|to\w*",
    "long": r"itud\w*|ev\w*|est|ing\w*|er\w*|hand|horn\w*|boats?|bows?|shore\w*",
    "short": r"en\w*|er|est|age\w*|bread\w*|cake\w*|com\w*|cuts?|fall\w*|hand\w*|list\w*|ly|ness"
    r"|stops?|wave",
    "high": r"er|est|ness|land\w*|light\w*|ways?|ways?men|brows?|chairs?|jack\w*|lif\w*",
    "low": r"er\w*|est|ly|land\w*|brows?|down|liness|li\w*|ness",
}
#: Second parts of compounds, and first ones with which they make one word: de-based.
_SECOND = frozenset(
    "driven based dependent related specific term known oriented induced averaged weighted "
    "mediated resolved scale shaped sized dimensional".split()
)
_PREFIX = re.compile(
    r"(?:un|re|de|in|dis|mis|non|over|under|inter|multi|anti|semi|super|cor|trans|hyper|micro"
    r"|macro|bi|tri|fore|up|down|pre|deter|mid|times?|inde|a|out|sub|ground|grey|gray|equi)\Z"
)
#: A prefix before its own vowel, where English keeps the hyphen: meta-analysis, anti-inflammatory.
_SAME_VOWEL = re.compile(r"(?:meta|ultra|intra|infra|extra|supra)-a|(?:anti|semi|multi)-i")


def is_compound(first: str, second: str) -> bool:
    """True when two parts of a word have a hyphen between them in any document.

    Parameters
    ----------
    first, second
        What stands before the end of the line, without its hyphen, and after it.

    Examples
    --------
    >>> is_compound("X", "ray"), is_compound("wind", "driven"), is_compound("con", "sider")
    (True, True, False)
    """
    first, second = first.lower(), second.lower()
    if len(first) == 1:
        return True  # nobody breaks a word after one letter
    if second in _SECOND and len(first) > 2 and not _PREFIX.match(first):
        return True
    if _SAME_VOWEL.match(f"{first}-{second[:1]}"):
        return True
    ends = _FIRST.get(first)
    return ends is not None and len(second) > 2 and re.fullmatch(ends, second) is None


def follows_a_hanging_hyphen(first: str, second: str, after: str, *, first_is_word: bool) -> bool:
    """True when a word joins two compounds that share their second part.

    Parameters
    ----------
    first, second
        What stands before the end of the line, without its hyphen, and after it.
    after
        The text that follows; only its beginning counts.
    first_is_word
        Whether the document has *first* as a word of its own.
    """
    if second in _JOINING:
        return True
    return second in _MAYBE_JOINING and (
        first_is_word
        or first.lower() in _OPEN_PREFIXES
        or _NEXT_HAS_HYPHEN.match(after[:80]) is not None
    )
