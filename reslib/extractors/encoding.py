"""Turns the bytes of a text into characters, and says how sure that is.

The order: a byte order mark, then a form of Unicode that the bytes show, then what the document
declares of itself when its bytes do not contradict it, then a guess. A text whose lines are in
two encodings is read line by line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reslib.extractors.guess import Guess, guess, is_contradicted
from reslib.extractors.labels import codec_of
from reslib.formats.utf import unicode_encoding

__all__ = ["Decoded", "decode"]

#: This much of the lines that are not ASCII is looked at to guess an encoding.
_SAMPLE = 256 << 10
#: A guess with more doubt than this is said to be none too sure; one with more than the other is
#: no reason to read stray bytes in a UTF-8 text as characters of another encoding.
_UNSURE, _DAMAGED = 0.15, 0.6
#: A few stray bytes are windows-1252 unless they fit another encoding so much better.
_FAR = 0.4
_HIGH = re.compile(rb"[\x80-\xff]")
#: Bytes that are not UTF-8, as Python's error handler surrogateescape shows them.
_STRAY = re.compile("[\udc80-\udcff]+")
#: The beginning of a character in UTF-8 that was cut off, and an overlong one.
_CUT = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{1,2}|[\xc0\xc1][\x80-\xbf]")
#: A Latin letter and the quotation mark or dash after it in windows-1252 look like that too.
_QUOTED = re.compile(rb"[\xe0-\xf4][\x85\x91-\x97]")


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
    if shown == "utf-8-sig" and not _is_valid(data, shown):
        data, declared, shown = data.removeprefix(codecs.BOM_UTF8), "utf-8", None
    if shown is not None:
        # Without a byte order mark it is a guess, though hardly ever a wrong one.
        without_mark = shown.endswith(("le", "be"))
        return _decoded(data, shown, guessed=without_mark, doubt=0.01 + 0.8 / (1 + len(data)))
    codec = codec_of(declared) if declared else None
    if codec is not None and data.isascii() and _is_valid(data, codec):
        return _decoded(data, codec)  # ISO-2022-JP and HZ look like ASCII
    try:
        return Decoded(_newlines(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        pass
    sample = b"\n".join(_telling_lines(data))
    if codec is not None and codec != "utf-8" and not _is_nearly_utf8(sample):
        best = guess(sample, data)
        if not is_contradicted(codec, best, sample):
            return _decoded(data, codec)
        return _decoded(data, best.encoding, guessed=True, doubt=best.doubt, label=declared)
    mixed = _mixed(data, sample)
    if mixed is not None:
        return mixed
    best = guess(sample, data)
    return _decoded(data, best.encoding, guessed=True, doubt=best.doubt, label=declared)


def _telling_lines(data: bytes) -> Iterator[bytes]:
    """Yield the first lines that are not ASCII.

    Line ends are never part of a character in the encodings that are guessed.
    """
    size = position = 0
    while size < _SAMPLE and (found := _HIGH.search(data, position)):
        start = max(data.rfind(b"\n", position, found.start()) + 1, position)
        start = max(start, found.start() - 1000)  # some logs are one line
        end = data.find(b"\n", found.end(), found.end() + _SAMPLE)
        position = end if end >= 0 else found.end() + _SAMPLE
        yield data[start:position]
        size += position - start


def _foreign(text: str) -> int:
    """Count the characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _decoded(
    data: bytes,
    encoding: str,
    *,
    guessed: bool = False,
    doubt: float = 0.0,
    label: str | None = None,
) -> Decoded:
    text = data.decode(encoding, "replace")
    already = text.count("\ufffd") if encoding.startswith("utf") else 0
    lost = 0
    if "\ufffd" in text:
        lost = text.count("\ufffd") - (already if _is_valid(data, encoding) else 0)
    foreign = _foreign(text) if guessed else 0
    reasons = []
    if guessed:
        unsure = ", which is not sure" if doubt > _UNSURE else ""
        reasons.append(f"encoding guessed as {encoding}{unsure}")
    if label and guessed:
        reasons.append("its bytes contradict the encoding that it states")
    if lost:
        reasons.append(f"{lost} places are not valid {encoding}")
    confidence = _confidence(text, foreign * doubt + lost, guessed=guessed)
    return Decoded(_newlines(text), encoding, guessed, confidence, "; ".join(reasons))


def _confidence(text: str, wrong: float, *, guessed: bool) -> float:
    if not guessed and not wrong:
        return 1.0
    written = len(text) - sum(text.count(blank) for blank in " \n\r\t")
    confidence = 1.0 - min(1.0, wrong / max(1, written))
    return round(min(confidence, 0.999) if guessed else confidence, 4)


def _is_valid(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(sample: bytes, least: float = 2.0) -> bool:
    """True when it is UTF-8 with fewer places that are not, as logs and joined files are."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = _foreign(text) - broken
    return good > 1 and good >= least * broken


# --- two encodings in one text -----------------------------------------------------------------


def _mixed(data: bytes, sample: bytes) -> Decoded | None:
    """Return a text that is UTF-8 in part, None when no part of it is."""
    lines = sample.split(b"\n")
    others = [line for line in lines if not _is_valid(line, "utf-8")]
    in_utf8 = [line for line in lines if not line.isascii() and _is_valid(line, "utf-8")]
    # In encodings of two bytes every eighth character is valid UTF-8 by chance.
    nearly = _is_nearly_utf8(sample) or (
        _is_nearly_utf8(sample, 0.5) and not guess(sample, data).is_multibyte
    )
    if not in_utf8 and not nearly:
        return None
    best = guess(b"\n".join(others), data)
    if nearly and not (best.is_multibyte and best.doubt < _UNSURE):
        best = guess(b"\n".join(map(_stray_only, others)), data)
        western = best.scores["cp1252"]
        if western > 0 and best.scores[best.encoding] - western < _FAR:
            best = Guess("cp1252", min(best.doubt, 0.5), best.scores)
        return _by_parts(data, best)
    if best.is_multibyte and not any(_foreign(line.decode()) > 2 for line in in_utf8):
        return None
    return _by_parts(data, best) if best.doubt <= _DAMAGED else None


def _by_parts(data: bytes, other: Guess) -> Decoded:
    """Read as UTF-8 what is valid UTF-8, and the rest in another encoding."""
    lost = 0
    read = 0

    def stray(match: re.Match[str]) -> str:
        nonlocal lost, read
        raw = match[0].encode("ascii", "surrogateescape")
        text = raw.decode(other.encoding, "replace")
        at_end = match.end() == len(match.string) and not (len(raw) == 1 and text.islower())
        cut = _CUT.search(raw) is not None or (at_end and raw[0] >= 0xC2)
        if other.doubt > _DAMAGED or (cut and not _is_word_end(raw, text)):
            text = "\ufffd"
        lost += text.count("\ufffd")
        read += len(text)
        return text

    if other.is_multibyte and other.doubt <= _DAMAGED:
        parts = []
        for line in data.splitlines(keepends=True):
            if _is_valid(line, "utf-8"):
                parts.append(line.decode())
            else:
                parts.append(line.decode(other.encoding, "replace"))
                read += _foreign(parts[-1])
                lost += parts[-1].count("\ufffd")
        text = "".join(parts)
    else:
        text = _STRAY.sub(stray, data.decode("utf-8", "surrogateescape"))
    reasons = []
    if read > lost:
        reasons.append(
            f"{read - lost} characters read in another encoding, guessed as {other.encoding}"
        )
    if lost:
        reasons.append(f"{lost} places are not valid utf-8")
    wrong = lost + (read - lost) * other.doubt
    confidence = _confidence(text, wrong, guessed=True)
    return Decoded(_newlines(text), "utf-8", True, confidence, "; ".join(reasons))


def _is_word_end(raw: bytes, text: str) -> bool:
    """True when bytes that look like a cut character are letters of a word in another encoding."""
    return _QUOTED.search(raw) is not None or (text.isalpha() and text.islower())


def _stray_only(line: bytes) -> bytes:
    """Return a line with ASCII letters for what is valid UTF-8 in it."""
    text = line.decode("utf-8", "surrogateescape")
    ascii_only = re.sub("[^\x00-\x7f\udc80-\udcff]", lambda m: "a" if m[0].isalpha() else " ", text)
    return ascii_only.encode("ascii", "surrogateescape")


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
