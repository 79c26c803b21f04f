"""The folding of words: one function behind the index, the query and the snippet.

:func:`fold` writes a text so that two spellings of a word become the same ASCII and letters, and so
that words are what lies between ASCII characters which are no letters and digits. FTS5's tokenizer
``ascii``, which takes every other character for part of a word, then cuts it as intended.

The rules, and where they are from:

- NFKC, case folding, decimal digits of every script (Unicode Standard Annexes 15 and 44): ``ﬁ``,
  ``𝛼``, ``①``, ``２``, ``ς``, ``µ``.
- Marks off: accents, vowel signs of Hebrew and Arabic, strokes. Those that are letters of their own
  in the scripts of India and South-East Asia stay. Letters with strokes become the letter
  (``ł``, ``đ``), the others what they are written as without them (``ß`` ss, ``æ`` ae, ``þ`` th).
  Arabic letters as in Lucene's ArabicNormalizer and PersianNormalizer.
- Soft hyphens and what has no width are dropped. So are the signs for hamza and ayn.
- Numbers are words: ``CO2``, ``CO₂`` and ``CO_2`` are the same, and so are ``10^5`` and ``10⁵``.
- Scripts without spaces between words (Chinese, Japanese, Korean, Thai, Khmer …): every character
  is a word, so that any word inside a run is found as a phrase. A full stop between such characters
  is a word as well, so that no phrase reaches over it.

``colour`` and ``color`` stay different. The tables are those of the running Python; when a new
Unicode version changes one of them, ``reslib doctor`` finds the index out of step and mends it.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

# ruff: noqa: RUF001, RUF002 - characters that look alike are the subject

__all__ = ["BETWEEN", "FULL_STOP", "WORD", "Folded", "fold", "fold_with_places", "seam"]

#: The characters between the words of folded text, as ranges of a pattern.
BETWEEN = r"\x00-/:-`{-\x7f"
#: A word of folded text.
WORD = re.compile(rf"[^{BETWEEN}]+")
#: The word that stands for every full stop of scripts without spaces.
FULL_STOP = "\u3002"

#: Characters that are folded in one go.
_PART = 1 << 18
#: Runs that are kept folded: an accent, a dash, a sign with its space.
_SHORT, _MOST_KEPT = 3, 20_000

_STOPS = "\u3001\u3002\uff01\uff0c\uff1b\uff1f\uff61\uff64"
#: Patterns that begin with one set of characters are looked for ten times as fast.
_NOT_ASCII = re.compile(r"[^\x00-\x7f][^\x00-\x7f]*+")
_RUNS_APART = re.compile(f"({_NOT_ASCII.pattern})")
_DIGIT_AFTER_LETTER = re.compile(r"[0-9](?<=[^\x00-`{-\x7f][0-9])")
_DIGIT_BEFORE_LETTER = re.compile(r"[0-9](?=[^\x00-`{-\x7f])")
_DIGIT_BESIDE_LETTER = re.compile(r"[0-9](?:(?<=[^\x00-`{-\x7f][0-9])|(?=[^\x00-`{-\x7f]))")

#: Signs of voice and the parts of Korean syllables make one letter with the one before.
_VOICE = "\u3099\u309a\uff9e\uff9f"
_JAMO = "\u1160-\u11ff"
_JOINED = rf"[\u1100-\u115f\uac00-\ud7a3][{_JAMO}]+|[^\x00-\x7f{_VOICE}][{_VOICE}]"
_JOINED_ONES = re.compile(_JOINED)
_NEEDS_JOINING = re.compile(f"[{_VOICE}{_JAMO}]")
#: Raised digits are a number of their own and so are lowered ones, raised letters a word.
_SMALL_DIGITS = "[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+|[\u2080-\u2089]+"
_RAISED = (
    "[\u00aa\u00ba\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d61\u1d78\u1d9b-\u1dbf\u2071\u207f\u2c7d]+"
)
_SMALL = re.compile(f"{_SMALL_DIGITS}|{_RAISED}")
_UNIT = re.compile(rf"{_JOINED}|{_SMALL_DIGITS}|{_RAISED}|.", re.DOTALL)

#: Scripts that are written without spaces between words; each of their characters is a word.
_WITHOUT_SPACES = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul: has spaces, but with particles on its words
    "\u1780-\u17ff"  # Khmer
    "\u1950-\u19df\u1a20-\u1aaf\uaa80-\uaadf"  # Tai
    "\u1b00-\u1b7f\ua980-\ua9df"  # Balinese, Javanese
    "\u3005-\u3007\u3021-\u3029\u3040-\u309a\u309d-\u309f"  # Hiragana
    "\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff"  # Katakana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff"  # Han, Yi
    "\U00016fe0-\U0001b2ff\U00020000-\U0003ffff"
    "]"
)
#: Where a text can be cut: behind ASCII that is no letter or digit, before a character that is a
#: word.
_SEAM = re.compile(
    rf"(?<=[\x00-/:-@\[-`{{-\x7f])|(?={_WITHOUT_SPACES.pattern})(?![{_VOICE}{_JAMO}])"
)
#: Canonical combining classes of the marks of Hebrew, Arabic and Syriac, and of overlays (UAX 44).
_MARK_CLASSES = frozenset({1, *range(10, 37)})
#: From this class on marks are accents, wherever they stand.
_ACCENTS = 200

_STROKE = re.compile(r"(?:LATIN|CYRILLIC) SMALL LETTER (?:DOTLESS )?(\w+)(?: WITH .+)?")
_SAME = {
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŋ": "n",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ە": "ه",
    "\u02bc": " ",  # the apostrophe as a letter
    "\u2061": " ",  # the sign of a function that is applied
}  # fmt: skip
#: Radicals that are not characters of their own in NFKC, and the characters that they are
#: (EquivalentUnifiedIdeograph.txt of Unicode): PDF fonts mix them up.
_RADICALS = dict(
    zip(
        "⺁⺅⺉⺊⺌⺎⺒⺓⺖⺘⺙⺜⺝⺞⺠⺡⺣⺤⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺲⺶⺷⺸⺹⺻⺼⺽⺾⺿⻀⻁⻂⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
        "厂亻刂卜小兀巳幺忄扌攵日月歺民氵灬爫牛犭王疋目示礻竹糹纟罒羊羊羊耂聿肉臼艹艹艹虎衤西见角角讠贝足车辶辶辶阝钅長长门阜阝雨青韦页风飞食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
        strict=True,
    )
)


def fold(text: str) -> str:
    """Return *text* as a searcher would have typed it.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    str
        Its words (:data:`WORD`) in their order, with other ASCII characters between them. Folding
        it again changes nothing about them.

    Examples
    --------
    >>> WORD.findall(fold("Erdős: CO₂ & 𝛼-Helix, 10⁵ Straße"))
    ['erdos', 'co', '2', 'α', 'helix', '10', '5', 'strasse']
    >>> WORD.findall(fold("使用Python"))
    ['使', '用', 'python']
    """
    if len(text) <= _PART:
        return _fold_part(text)
    # Other threads run between two parts: a book must not hold up the heartbeats.
    parts, at = [], 0
    while at < len(text):
        end = seam(text, at + _PART)
        parts.append(_fold_part(text[at:end]))
        at = end
    return "".join(parts)


def _fold_part(text: str) -> str:
    if not text.isascii():
        text = _fold_others(text)
    text = text.lower()
    if not _has_digit_beside_letter(text):
        return text
    return _DIGIT_BEFORE_LETTER.sub(r"\g<0> ", _DIGIT_AFTER_LETTER.sub(r" \g<0>", text))


def _has_digit_beside_letter(text: str) -> bool:
    """True when a digit stands beside a letter that is not ASCII.

    Any digit is looked for first: ten searches for one character take a quarter of the pattern's.
    """
    for digit in "0123456789":
        if digit in text:
            return _DIGIT_BESIDE_LETTER.search(text) is not None
    return False


def _fold_others(text: str) -> str:
    """Return *text* with what is not ASCII folded."""
    with suppress(UnicodeEncodeError):
        # Letters with accents of western languages, a hundred in a short text, all at once.
        text = codecs.charmap_decode(text.encode("latin-1"), "strict", _bare_letters())[0]
    pieces = _RUNS_APART.split(text)
    pieces[1::2] = map(_RUNS.__getitem__, pieces[1::2])
    return "".join(pieces)


@cache
def _bare_letters() -> str:
    """Return the characters of Latin-1, those folded that become one by themselves."""
    folded = [(chr(code), _TABLE[code]) for code in range(0x100)]
    return "".join(
        one if len(one) == 1 and one.isascii() and not _SMALL.match(c) else c for c, one in folded
    )


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where its characters were.

    Parameters
    ----------
    text
        What :func:`fold` returns.
    starts, ends
        For each of its characters, where the character it comes from begins and ends in the text
        that was folded. What was dropped counts to the one before.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold_with_places(text: str) -> Folded:
    """Return the folded text and the places of its characters; slow, for pieces of a text."""
    if text.isascii() and not _has_digit_beside_letter(lower := text.lower()):
        return Folded(lower, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at, last = 0, 0  # where ASCII begins again, and how much the last character was folded to
    for run in _NOT_ASCII.finditer(text):
        pieces.append(text[at : run.start()])
        starts += range(at, run.start())
        ends += range(at + 1, run.start() + 1)
        last = 1 if run.start() > at else last
        for unit in _UNIT.finditer(text, run.start(), run.end()):
            written = _RUNS[unit[0]]
            if written:
                last = len(written)
                pieces.append(written)
                starts += [unit.start()] * last
                ends += [unit.end()] * last
            elif ends:
                ends[-last:] = [unit.end()] * last
        at = run.end()
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    folded = "".join(pieces).lower()
    if not _has_digit_beside_letter(folded):
        return Folded(folded, starts, ends)
    places = [match.start() for match in _DIGIT_AFTER_LETTER.finditer(folded)]
    places += [match.end() for match in _DIGIT_BEFORE_LETTER.finditer(folded)]
    order, at = [], 0  # a space is put there, which has the place of the character before it
    for place in sorted(places):
        order += [*range(at, place), -place]
        at = place
    order += range(at, len(folded))
    return Folded(
        "".join([folded[n] if n >= 0 else " " for n in order]),
        [starts[n if n >= 0 else -n - 1] for n in order],
        [ends[n if n >= 0 else -n - 1] for n in order],
    )


def seam(text: str, position: int) -> int:
    """Return the first place from *position* on where a text can be cut and folded in parts."""
    if position <= 0:
        return position
    found = _SEAM.search(text, position)
    return found.start() if found else len(text)


class _Runs(dict[str, str]):
    """The folded form of each run of other characters than ASCII; short ones come back often."""

    def __missing__(self, run: str) -> str:
        written = _fold_run(run)
        if len(run) <= _SHORT and len(self) < _MOST_KEPT:
            self[run] = written
        return written


_RUNS = _Runs()


def _fold_run(text: str) -> str:
    if _NEEDS_JOINING.search(text):
        text = _JOINED_ONES.sub(_join, text)
    if _SMALL.search(text):
        text = _SMALL.sub(r" \g<0> ", text)
    return text.translate(_TABLE)


def _join(joined: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", joined[0])


class _Table(dict[int, str]):
    """The folded form of each character; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        written = self[code] = _fold_character(chr(code))
        return written


_TABLE = _Table({code: chr(code) for code in range(0x80)})


def _fold_character(c: str) -> str:
    plain = unicodedata.normalize("NFKC", _RADICALS.get(c, c))
    written = "".join(_fold_plain(one) for one in plain)
    return f" {written} " if unicodedata.category(c) == "So" else written


def _fold_plain(c: str) -> str:
    """Return what a character without a compatibility form becomes."""
    if c in _STOPS:
        return f" {FULL_STOP} "
    if (digit := unicodedata.decimal(c, None)) is not None:
        return str(digit)
    if _WITHOUT_SPACES.match(c):
        return f" {c} "
    bare = _without_marks(_without_marks(c).casefold())
    return "".join(map(_letter, bare))


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not _is_mark(c))


def _is_mark(c: str) -> bool:
    kind, place = unicodedata.category(c), unicodedata.combining(c)
    if c == "\u2061":
        return False
    if kind == "Cf" or c in "\u034f\u180b\u180c\u180d\u180f\u0640" or c in _VOICE:
        return True
    if "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef":  # variation selectors
        return True
    return kind == "Me" or (kind == "Mn" and (place >= _ACCENTS or place in _MARK_CLASSES))


def _letter(c: str) -> str:
    if c.isascii():
        return c if c.isalnum() else " "
    if c in _SAME:
        return _SAME[c]
    kind = unicodedata.category(c)
    if kind == "Lm" and "\u02b0" <= c <= "\u02ff":
        return ""  # signs for hamza, ayn, stress
    if kind[0] not in "LNM" and kind not in ("Co", "Cn"):
        return " "
    stroke = _STROKE.fullmatch(unicodedata.name(c, ""))
    if stroke and len(stroke[1]) <= 3:
        return _base(c, stroke[1])
    return c


def _base(c: str, letter: str) -> str:
    """Return a letter without the stroke, hook or tail that its name speaks of."""
    script = unicodedata.name(c).split()[0]
    try:
        return unicodedata.lookup(f"{script} SMALL LETTER {letter}").replace("ı", "i")
    except KeyError:
        return c
