"""Characters that are not seen: taken out where they only cut words in two.

Web pages put soft hyphens into long words, Word joins words with zero-width characters, and both
leave marks of the direction of writing. None of them is typed in a search. Kept are those that
change what is read: joiners in the scripts of Arabia and India and in emoji, and the zero-width
space that separates words in Thai, Khmer, Lao and Burmese (Unicode 16, §23.2).
"""

from __future__ import annotations

import re

__all__ = ["visible"]

_SOUTHEAST = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"
    "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff\U0001e900-\U0001e95f\U00011000-\U000119ff"
)
_ANY = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
#: The text that a reading is printed above, and the reading (Unicode 16, §23.8).
_ANNOTATED = re.compile("\ufff9([^\ufff9-\ufffb]*)\ufffa[^\ufff9-\ufffb]*\ufffb")
_RULES = (
    # Numbers are not broken: an old page means a hyphen.
    (re.compile("(?<=\\d)\u00ad(?=\\d)"), "-"),
    # A word that is broken there goes on in the next line.
    (re.compile("(?<=[^\\W\\d_])\u00ad++[ \\t\xa0]*+(?:\r?\n[ \\t]*+)?(?=[^\\W\\dA-ZÀ-Þ_])"), ""),
    # The sign of a function that is applied: sin θ.
    (re.compile("(?<=[^\\W_])\u2061(?=[^\\W_])"), " "),
    (re.compile(f"(?<![{_SOUTHEAST}])\u200b|\u200b(?![{_SOUTHEAST}])"), ""),
    (re.compile(f"(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])"), ""),
    (
        re.compile(
            "[\u00ad\u034f\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
            "\ufff9-\ufffb]"
        ),
        "",
    ),
)


def visible(text: str) -> str:
    """Return a text without the characters that are not seen and mean nothing.

    Parameters
    ----------
    text
        Any text. A word that a soft hyphen breaks at the end of a line is joined with the rest
        of it.
    """
    if text.isascii() or not _ANY.search(text):
        return text
    text = _ANNOTATED.sub(r"\1", text)
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
