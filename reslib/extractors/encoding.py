"""Turns the bytes of a text into characters, and says how sure that is.

The order: a byte order mark, then UTF-8 when the bytes are valid UTF-8 (other encodings hardly
ever are by chance), then what the document declares of itself, then a guess by
charset-normalizer.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from reslib.detect import unicode_encoding

__all__ = ["Decoded", "decode"]

#: What files are found in: the encodings of the web (WHATWG Encoding, §4.2) that are more than
#: names for the same, and those of DOS and the old Macintosh. Left to choose among all that
#: Python knows, a guess falls on encodings that nobody ever used for documents.
_CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("cp874", "iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u"),
    *("cp866", "cp850", "cp852", "mac_roman", "mac_cyrillic"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
#: This much of the lines that are not ASCII is looked at to guess an encoding.
_SAMPLE = 256 << 10
#: Fewer bytes than this tell nothing of an encoding.
_LITTLE = 4
#: Encodings of Python that are not of documents: for names of hosts and for source code, one that
#: always raises, and those of Windows' own settings.
_NOT_OF_DOCUMENTS = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""A text and how it was read.

    Parameters
    ----------
    text
        The characters, with lines ended by ``\n`` only.
    encoding
        What the bytes were read as, as Python names it.
    guessed
        Whether nothing in the document said so.
    confidence
        Share of the characters that are right, 0 to 1; estimated when guessed.
    reason
        Why it is not 1, for people.
    """

    text: str
    encoding: str
    guessed: bool = False
    confidence: float = 1.0
    reason: str = ""

    def metadata(self) -> dict[str, Any]:
        """Return what is kept with the document."""
        return {"encoding": self.encoding, "encoding_guessed": self.guessed}


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Return the characters of a text.

    Parameters
    ----------
    data
        Its bytes.
    declared
        The encoding that the document states of itself, if it does.
    """
    shown = unicode_encoding(data[:8192])
    if shown is not None:
        # Without a byte order mark it is a guess, though hardly ever a wrong one.
        return _decoded(data, shown, guessed=shown.endswith(("le", "be")), doubt=0.01)
    declared = _known(declared)
    if declared is not None and data.isascii():
        return _decoded(data, declared)  # ISO-2022-JP and HZ look like ASCII
    try:
        return Decoded(_newlines(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        pass
    if declared is not None and declared != "utf-8":
        return _decoded(data, declared)
    if _is_nearly_utf8(data):
        return _decoded(data, "utf-8", guessed=declared is None)
    return _guess(data)


def _guess(data: bytes) -> Decoded:
    import charset_normalizer

    sample = _telling_lines(data)
    evidence = _foreign(sample.decode("latin-1"))
    if evidence < _LITTLE:
        return _decoded(data, "cp1252", guessed=True, doubt=0.5)
    matches = list(charset_normalizer.from_bytes(sample, cp_isolation=list(_CANDIDATES)))
    if not matches:
        return _decoded(data, "cp1252", guessed=True, doubt=0.5)
    best = matches[0]
    # What the web falls back on (WHATWG Encoding, §4.2) goes first when it fits as well: short
    # Western European text is as clean in several encodings.
    for match in matches:
        if (
            "cp1252" in match.could_be_from_charset
            and match.chaos <= best.chaos + 0.02
            and match.coherence >= best.coherence - 0.05
        ):
            return _decoded(data, "cp1252", guessed=True, doubt=_doubt(match, evidence))
    return _decoded(data, best.encoding, guessed=True, doubt=_doubt(best, evidence))


def _telling_lines(data: bytes) -> bytes:
    """Return the first lines that are not ASCII.

    In a long English text with few accents the samples that charset-normalizer takes may hold
    none of them. Line ends are never part of a character in the encodings it chooses from.
    """
    lines: list[bytes] = []
    size = position = 0
    while size < _SAMPLE and (found := _HIGH.search(data, position)):
        start = max(data.rfind(b"\n", position, found.start()) + 1, position)
        start = max(start, found.start() - 1000)  # some logs are one line
        end = data.find(b"\n", found.end(), found.end() + _SAMPLE)
        position = end if end >= 0 else found.end() + _SAMPLE
        lines.append(data[start:position])
        size += position - start
    return b"\n".join(lines)


def _doubt(match: Any, evidence: int) -> float:
    """Return how likely a character that is not ASCII is wrong, 0 to 1.

    Falls with the number of bytes that the guess stands on and with its coherence (likeness to
    a language); rises with its chaos. The weights were set on texts in 17 languages and 38
    pairs of language and encoding, from 3 to 200 words: at every length the mean confidence was
    0.06 to 0.11 below the share of characters that were right.
    """
    doubt = 0.02 + 2 * match.chaos + 0.5 / (1 + evidence / 10) + 0.2 * (1 - match.coherence)
    return float(min(1.0, doubt))


def _foreign(text: str) -> int:
    """Count the characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _decoded(data: bytes, encoding: str, *, guessed: bool = False, doubt: float = 0.0) -> Decoded:
    text = data.decode(encoding, "replace")
    already = text.count("\ufffd") if encoding.startswith("utf") else 0
    lost = 0
    if "\ufffd" in text:
        lost = text.count("\ufffd") - (already if _is_valid(data, encoding) else 0)
    written = len(text) - sum(text.count(blank) for blank in " \n\r\t") if guessed or lost else 1
    foreign = _foreign(text) if guessed else 0
    confidence = 1.0 - min(1.0, (foreign * doubt + lost) / max(1, written))
    reasons = []
    if guessed:
        reasons.append(f"encoding guessed as {encoding}")
        confidence = min(confidence, 0.999)
    if lost:
        reasons.append(f"{lost} places are not valid {encoding}")
    return Decoded(_newlines(text), encoding, guessed, round(confidence, 4), "; ".join(reasons))


def _is_valid(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 with a few damaged places, as logs and joined files are."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = _foreign(text) - broken
    return good > 10 * broken


def _known(encoding: str | None) -> str | None:
    if not encoding:
        return None
    label = encoding.strip().lower()
    # Browsers read these labels as cp1252, and so are the pages meant (WHATWG Encoding, §4.2).
    if label in ("iso-8859-1", "latin1", "latin-1", "iso8859-1", "us-ascii", "ascii"):
        return "cp1252"
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding or info.name.replace("_", "-") in _NOT_OF_DOCUMENTS:
        return None
    return info.name


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
