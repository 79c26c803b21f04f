"""Guesses the encoding of a text that does not say it, from the letters of its language.

Each encoding is read with, and what comes out is held against the alphabets that are written in
it: letters in the order of their frequency, capitals where a word begins, signs between words.
Common words, which are ASCII in every encoding, tell the language apart from that. A few accents
are enough then; statistics over pairs of letters need some hundred.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache

__all__ = ["Guess", "guess"]

_WINDOWS_1 = "cp1252 mac_roman cp850"
_WINDOWS_2 = "cp1250 iso8859_2 cp852 mac_latin2"
_CYRILLIC = "cp1251 koi8_r cp866 mac_cyrillic iso8859_5"


@dataclass(frozen=True, slots=True)
class _Language:
    """Letters beyond ASCII, the most frequent first; common words in ASCII; encodings."""

    letters: str
    words: frozenset[bytes]
    encodings: tuple[str, ...]

    @classmethod
    def of(cls, letters: str, words: str, encodings: str) -> _Language:
        return cls(letters, frozenset(words.encode().split()), tuple(encodings.split()))


_LANGUAGES = tuple(
    _Language.of(*row)
    for row in (
        ("éïöüèçñáó", "the of and to in is that for with was were are by on at", _WINDOWS_1),
        ("üäöß", "der die das und ist nicht ein eine des mit von den im zu auf wurde", _WINDOWS_1),
        (
            "éèàêçôâûîùïœëüæÿ",
            "le la les de des et un une est dans que du en par pour sur",
            _WINDOWS_1,
        ),
        ("óíáéñúü¿¡ªº", "el la los las de y en que un una se por con del al", _WINDOWS_1),
        ("ãçáéíóêõâôúàªº", "o a os as de do da e em que um uma se por com", _WINDOWS_1),
        ("àèùòéì", "il la di e che un una in per con del della sono non", _WINDOWS_1),
        ("óàéíèçòú·ïü", "el la els les de i que un una en per amb del", _WINDOWS_1),
        ("ëéïèöü", "de het een en van in is dat met op te voor", _WINDOWS_1),
        ("äåöé", "och att det en som av den med vid till", _WINDOWS_1),
        ("øåæé", "og det en som af av den med ved blev er til", "cp1252 cp850"),
        ("áðíéóþúæýö", "og er var sem um eru voru til", "cp1252"),
        ("äöå", "ja on ei oli joka se ovat", _WINDOWS_1),
        ("ıüşğçöâîû", "ve bir bu da de ile olarak su", "cp1254 mac_turkish cp857"),
        ("łęąóżśćńź", "i w na z do nie jest po od przy oraz", _WINDOWS_2),
        ("áíéěřčžýšůúťňďó", "a v na se je z do byla bylo jako jsou", _WINDOWS_2),
        ("áíéčžýšľúťňôóäďĺŕ", "a v na sa je z do bol bola ako", _WINDOWS_2),
        ("áéöóőíüúű", "a az egy hogy nem is volt pedig", _WINDOWS_2),
        ("ăîâşţ", "a de la cu pe nu din sunt fost", _WINDOWS_2),
        ("čšžćđ", "i u na je se za da su od v", _WINDOWS_2),
        ("ėšžųįąčūę", "ir buvo kad yra su", "cp1257"),
        ("āīēšūņļžčģķ", "un ir bija kas par no", "cp1257"),
        ("äõüöšž", "ja on ei oli et see ning", "cp1257 cp1252"),
        ("\u0301\u0300ôđưêâơ\u0303\u0323\u0309ăéàáìíóòúùýãèõ", "cho trong", "cp1258"),
        ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "", _CYRILLIC),
        ("оаниетврсклудпмяьзбгйіхчцюєжшїщфґ", "", "cp1251 koi8_u cp1125"),
        ("аеионтрсвлкдпмзугябъчцйжщхюшфь", "", "cp1251 cp866"),
        ("аиоенсртјвкудпмлзгбчјшњцхжљћђџф", "", "cp1251 iso8859_5"),
        ("αοιετσνηυρπκμλςωγδήίάόέχφβύθώξζψϊΐ", "", "cp1253 iso8859_7"),
        ("יוהלאמרשתבנדעחקפגסטזכםןצךףץ", "", "cp1255"),
        ("اليمنرتوهعبدسفكحقجشصةخطضأىذثغزظءئؤإآ،؟گپچژ", "", "cp1256"),
        ("านรอกเง่มยลว้ีทสตัปะิดคไหแบ็ุโชึ์ขูื", "", "cp874"),
    )
)
#: Signs, by where they stand: before a word, after one, between words or in one, beside a number.
_OPENING, _CLOSING = frozenset("“‘«„‚¿¡‹§†"), frozenset("”’»“›®™©†‡")
_BETWEEN, _MEASURES = frozenset("–—…•·’‘\xa0"), frozenset("°±×€£µ½¼¾²³¹§№‰")
_SIGNS = _OPENING | _CLOSING | _BETWEEN | _MEASURES | frozenset("¶ªº")

#: What one character tells, by what it is and how it stands.
_LETTER, _CAPITAL, _SIGN, _FOREIGN, _WRONG, _UNDEFINED = 1.0, 0.88, 0.8, -1.0, -1.2, -3.0
#: Encodings of today's systems come before those of the old ones when both fit as well.
_PRIOR = {"cp1252": 0.06} | {f"cp125{n}": 0.04 for n in (0, 1, 3, 4, 5, 6, 7)} | {"koi8_r": 0.01}

#: Encodings of two bytes for a character: what a character of the first level of its standard and
#: any character look like (JIS X 0208, GB 2312, Big5, KS X 1001), and the most frequent ones.
_PAIRS = {
    "cp932": (
        rb"\x81[\x40-\xac]|\x82[\x4f-\xf1]|\x83[\x40-\x96]|[\x88-\x97][\x40-\xfc]",
        rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]",
        "のにはをたがでてとしれさいるこな。、",
    ),
    "euc_jp": (
        rb"[\xa1\xa3][\xa1-\xfe]|\xa4[\xa1-\xf3]|\xa5[\xa1-\xf6]|[\xb0-\xcf][\xa1-\xfe]",
        rb"[\xa1-\xfe][\xa1-\xfe]|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}",
        "のにはをたがでてとしれさいるこな。、",
    ),
    "gb18030": (
        rb"[\xa1\xa3][\xa1-\xfe]|[\xb0-\xd7][\xa1-\xfe]",
        rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x81-\xfe][0-9][\x81-\xfe][0-9]",
        "的了是在一不有和人中这为国大上本研究，。、",
    ),
    "big5": (
        rb"\xa1[\x40-\x7e\xa1-\xfe]|[\xa4-\xc6][\x40-\x7e\xa1-\xfe]",
        rb"[\x87-\xfe][\x40-\x7e\xa1-\xfe]",
        "的了是在一不有和人中這為國大上本研究，。、",
    ),
    "cp949": (
        rb"[\xb0-\xc8][\xa1-\xfe]",
        rb"[\x81-\xfe][A-Za-z\x81-\xfe]",
        "이다는을를가에의은고하한지로사서도기",
    ),
}
#: So many characters that are not ASCII, and common words, are looked at.
_ENOUGH, _WORDS = 800, 3000
#: A label is not believed when, from so many bytes on, it fits worse than this and another
#: encoding so much better.
_CONTRADICTED = ((8, 0.75, 0.5), (40, 0.7, 0.2))
_TOKEN = re.compile(rb"(?<![\w\x80-\xff])[A-Za-z]{1,8}(?![\w\x80-\xff])")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SPACED = re.compile(rb"[\x80-\xff] (?=[\x80-\xff])")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding and how likely a character that is not ASCII is wrong, 0 to 1."""

    encoding: str
    doubt: float
    #: How well each encoding fits, 1 or more when very well.
    scores: dict[str, float] = field(default_factory=dict, repr=False)

    @property
    def is_multibyte(self) -> bool:
        """True when its characters take more than one byte."""
        return self.encoding in _PAIRS


def is_contradicted(codec: str, best: Guess, sample: bytes) -> bool:
    """True when the bytes cannot be what a document says of itself.

    Parameters
    ----------
    codec
        What it says.
    best
        What is guessed from its bytes.
    sample
        The lines of it that are not ASCII.
    """
    lost = sample.decode(codec, "replace").count("\ufffd")
    high = len(_HIGH.findall(sample))
    if lost > 1 + high / 20:
        return True
    stated = best.scores.get(codec.replace("-", "_"), 1.0)
    lead = best.scores[best.encoding] - stated
    return any(high >= few and stated < most and lead > least for few, most, least in _CONTRADICTED)


def guess(sample: bytes, context: bytes = b"") -> Guess:
    """Return the most likely encoding of a text.

    Parameters
    ----------
    sample
        The lines of it that are not ASCII.
    context
        The beginning of the text, for the common words of its language.
    """
    evidence = len(_HIGH.findall(sample[: 64 * _ENOUGH]))
    spelled = Counter(word.lower() for word in _TOKEN.findall(context[: 8 * _WORDS] + sample))
    number = max(8, sum(spelled.values()))
    scores: dict[str, float] = {}
    readings: dict[str, str] = {}
    for encoding in _single_byte_encodings():
        text = sample[: 16 * _ENOUGH].decode(encoding, "replace")
        readings[encoding] = text
        kinds = _kinds(text)
        for language in _LANGUAGES:
            if encoding in language.encodings:
                common = sum(spelled[word] for word in language.words) / number
                score = _fit(kinds, language) + min(0.5, 1.5 * common) + _PRIOR.get(encoding, 0)
                scores[encoding] = max(score, scores.get(encoding, -9.0))
    for encoding in _PAIRS:
        readings[encoding] = sample[: 16 * _ENOUGH].decode(encoding, "replace")
        scores[encoding] = _pairs_fit(sample[: 16 * _ENOUGH], encoding)
    best = max(scores, key=scores.__getitem__)
    others = [scores[name] for name in scores if readings[name] != readings[best]]
    lead = scores[best] - max(others, default=0.0)
    # The less evidence and lead, the more doubt.
    doubt = 0.02 + 0.6 / (1 + evidence / 6) * max(0.4, 1 - 1.5 * lead)
    doubt += max(0.0, 0.9 - scores[best])
    return Guess(best, min(1.0, doubt), scores)


@cache
def _single_byte_encodings() -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in _LANGUAGES for name in one.encodings))


def _kinds(text: str) -> Counter[tuple[str, str]]:
    """Count the characters that are not ASCII, each with how it stands: well or wrong."""
    counts: Counter[tuple[str, str]] = Counter()
    for match in itertools.islice(_NOT_ASCII.finditer(text), _ENOUGH):
        position = match.start()
        before = text[position - 1] if position else " "
        after = text[position + 1] if position + 1 < len(text) else " "
        counts[match[0], _standing(before, match[0], after)] += 1
    return counts


@lru_cache(1 << 14)
def _standing(before: str, char: str, after: str) -> str:
    if unicodedata.category(char)[0] == "M":
        return "well" if before.isalpha() and (not before.isascii() or char < "\u0370") else "wrong"
    if char.isalpha():
        if char.isupper() and (before.islower() or (before.isupper() and after.islower())):
            return "wrong"  # a capital inside a word
        if char.islower() and after.isupper() and (before.islower() or not before.isalpha()):
            return "wrong"
        beside = next((c for c in (before, after) if c.isalpha()), "")
        if not beside:
            return "so"  # a word of one letter; a sign alone is as likely
        return "well" if _script(beside) == _script(char) else "wrong"
    opens = not before.isalnum() and after.isalnum()
    closes = not before.isspace() and not after.isalnum()
    if (
        (char in _OPENING and opens)
        or (char in _CLOSING and closes)
        or (char in _BETWEEN and before.isspace() == after.isspace())
        or (char in _MEASURES and not before.isalpha() and (not after.isalpha() or char == "°"))
    ):
        return "well"
    inside = before.isalpha() and (after.isalpha() or char in _MEASURES)
    return "wrong" if inside or (after.isalpha() and char in _MEASURES | {"¶"}) else "so"


def _script(char: str) -> int:
    """Return a number for the alphabet of a letter; Latin is 0."""
    return sum(char >= first for first in ("\u0370", "\u0400", "\u0590", "\u0600", "\u0e00"))


def _fit(kinds: Counter[tuple[str, str]], language: _Language) -> float:
    total = sum(kinds.values())
    score = 0.0
    for (char, standing), number in kinds.items():
        small = char.lower()
        rank = language.letters.find(small)
        if char == "\ufffd" or "\x80" <= char <= "\x9f":
            worth = _UNDEFINED
        elif standing == "wrong":
            worth = _WRONG
        elif rank >= 0:
            worth = _LETTER if char == small else _CAPITAL
            worth -= (0.25 if standing == "so" else 0.0) + 0.5 * rank / max(
                16, len(language.letters)
            )
        elif char in _SIGNS:
            worth = _SIGN if standing == "well" else 0.3
        else:
            worth = _FOREIGN if char.isalpha() else _WRONG
        score += worth * number
    return score / max(1, total)


def _pairs_fit(sample: bytes, encoding: str) -> float:
    """Return what the characters of two bytes tell on average."""
    first_level, whole, common = _PAIRS[encoding]
    first = others = wrong = known = 0
    frequent = {char.encode(encoding) for char in common}
    for match in re.finditer(rb"(%s)|(%s)|[\x80-\xff]" % (first_level, whole), sample):
        if match[1]:
            first += 1
            known += match[1] in frequent
        elif match[2]:
            others += 1
            known += match[2] in frequent
        else:
            wrong += 1
    total = max(1, first + others + wrong)
    score = (0.7 * first - 0.5 * others - 3 * wrong) / total + min(0.5, 2.5 * known / total)
    if encoding != "cp949":  # only Korean has spaces between its words
        score -= 2 * len(_SPACED.findall(sample)) / total
    return score
