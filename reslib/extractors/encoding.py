"""Turns the bytes of a text into characters, and says how sure that is.

The order: a byte order mark, then UTF-8 when the bytes are valid UTF-8 (other encodings hardly
ever are by chance), then what the document declares of itself, then a guess by
charset-normalizer.
"""

from __future__ import annotations

import codecs
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reslib.detect import unicode_encoding
from reslib.errors import ErrorCode, ExtractionError

__all__ = ["MAX_BYTES", "Decoded", "decode", "read_bytes"]

#: Longer texts are refused: they are data, and one row of the database would have to hold them.
MAX_BYTES = 100_000_000

#: This much of the lines that are not ASCII is looked at to guess an encoding.
_SAMPLE = 256 << 10
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was read.

    Parameters
    ----------
    text
        The characters, with lines ended by ``\\n`` only.
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


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the content of a text file, unpacked when it is packed with gzip.

    Parameters
    ----------
    path
        The file.
    limit
        The most bytes it may have, packed or not.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer; ``truncated`` or ``malformed`` when it is packed
        and damaged.
    """
    if path.stat().st_size > limit:
        raise _too_long(limit)
    with path.open("rb") as file:
        data = file.read(limit + 1)  # it may have grown since
    if data.startswith(b"\x1f\x8b"):
        data = _gunzip(data, limit)
    if len(data) > limit:
        raise _too_long(limit)
    return data


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

    # Only the lines that tell something: in a long English text with few accents the
    # samples that charset-normalizer takes may hold none of them. Line ends are never part
    # of a character in the encodings that can turn up here.
    lines = [line for line in data.splitlines() if not line.isascii()]
    matches = list(charset_normalizer.from_bytes(b"\n".join(lines)[:_SAMPLE]))
    if not matches:
        return _decoded(data, "cp1252", guessed=True, doubt=0.5)
    best = matches[0]
    # Western European text is as clean in a dozen encodings that nobody uses any more
    # (mac_latin2, cp775). The one that the web falls back on (WHATWG Encoding, §4.2) goes
    # first when it fits about as well.
    for match in matches:
        if (
            "cp1252" in match.could_be_from_charset
            and match.chaos <= best.chaos + 0.02
            and match.coherence >= best.coherence - 0.15
        ):
            return _decoded(data, "cp1252", guessed=True, doubt=_doubt(match, lines))
    return _decoded(data, best.encoding, guessed=True, doubt=_doubt(best, lines))


def _doubt(match: Any, lines: list[bytes]) -> float:
    """Return how likely the characters that are not ASCII are wrong, 0 to 1.

    Falls with the amount of text the guess stands on and with its coherence (likeness to a
    language); rises with its chaos.
    """
    evidence = sum(len(line) - len(_ascii(line)) for line in lines[:2000])
    doubt = 0.02 + 2 * match.chaos + 0.5 / (1 + evidence / 10) + 0.2 * (1 - match.coherence)
    return float(min(1.0, doubt))


def _ascii(line: bytes) -> bytes:
    return line.decode("ascii", "ignore").encode()


def _decoded(data: bytes, encoding: str, *, guessed: bool = False, doubt: float = 0.0) -> Decoded:
    text = data.decode(encoding, "replace")
    already = text.count("\ufffd") if encoding.startswith("utf") else 0
    lost = 0
    if "\ufffd" in text:
        lost = text.count("\ufffd") - (already if _is_valid(data, encoding) else 0)
    written = sum(1 for c in text if not c.isspace()) if guessed or lost else 1
    foreign = sum(1 for c in text if ord(c) > 127) if guessed else 0
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
    good = sum(1 for c in text if ord(c) > 127) - broken
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
    return info.name if info._is_text_encoding else None


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _gunzip(data: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    try:
        while data and left > 0:
            unpacker = zlib.decompressobj(wbits=31)
            while data and not unpacker.eof and left > 0:
                part = unpacker.decompress(data, min(_CHUNK, left))
                parts.append(part)
                left -= len(part)
                data = unpacker.unconsumed_tail
            if left > 0 and not unpacker.eof:
                raise ExtractionError(
                    "the gzip file ends too early. Download or copy it again",
                    ErrorCode.TRUNCATED,
                )
            data = unpacker.unused_data
            if not data.startswith(b"\x1f\x8b"):
                break  # padding after the last member, as tape tools leave it
    except zlib.error as error:
        raise ExtractionError(
            f"the gzip file is damaged ({error}). Download or copy it again",
            ErrorCode.MALFORMED,
        ) from error
    return b"".join(parts)


def _too_long(limit: int) -> ExtractionError:
    return ExtractionError(
        f"the text is longer than {limit // 1_000_000} MB, the most that is read into one "
        "document. Split it into parts and add those",
        ErrorCode.OUTPUT_LIMIT,
    )
