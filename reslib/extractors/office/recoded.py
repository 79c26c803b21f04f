"""The code page of Word documents before Word 97, which keep bytes, and which letters those are.

antiword and catdoc take them for Western European; but the fonts say it: ``Arial Cyr``, with the
charset 204. What a program gave is put back into bytes and read again, when the letters that come
out then are those of a language.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

from reslib.extractors.encoding import decode
from reslib.extractors.rtfwords import CHARSETS

__all__ = ["font_encodings", "recoded"]

#: Where the table of fonts is, and how long ([MS-DOC] does not have it: Word 6's own header).
_FONTS = 0xD0
#: In the entry of a font: its length, and its charset.
_LENGTH, _CHARSET, _SHORTEST = 0, 4, 6
_MOST_FONTS = 1_000
#: The letters of windows-1252 as they are bytes; those that it has none for stand for themselves.
_BYTES = {ord(bytes((byte,)).decode("cp1252", "replace")): byte for byte in range(128, 256)}
_BYTES.pop(0xFFFD, None)
_BYTES.update({byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)})
_RUN = re.compile("[\0-\x7f" + "".join(map(re.escape, map(chr, _BYTES))) + "]+")
_WESTERN = "cp1252"


def font_encodings(stream: bytes) -> tuple[str, ...]:
    """Return the encodings of the fonts of a document, each once.

    Parameters
    ----------
    stream
        Its stream of text.
    """
    if len(stream) < _FONTS + 8:
        return ()
    start, size = struct.unpack_from("<II", stream, _FONTS)
    table = stream[start : start + size]
    found: dict[str, None] = {}
    at = 2
    for _ in range(_MOST_FONTS):
        if at + _SHORTEST > len(table):
            break
        encoding = CHARSETS.get(table[at + _CHARSET])
        if encoding is not None:
            found[encoding] = None
        at += table[at + _LENGTH] + 1
    return tuple(found)


def recoded(text: str, encodings: Iterable[str]) -> str:
    """Return a text in the encoding that it is in, as far as that can be told.

    Parameters
    ----------
    text
        As a program gave it that took its bytes for windows-1252.
    encodings
        Those that it may be in instead.
    """
    others = [encoding for encoding in encodings if encoding != _WESTERN]
    if not others or text.isascii():
        return text
    raw = b"\n".join(_bytes_of(run[0]) for run in _RUN.finditer(text))
    encoding = decode(raw).encoding
    if encoding not in others:
        if len(others) > 1 or not encoding.startswith("cp125"):
            return text
        # Of a few words nobody can tell; but then the fonts say enough.
        (encoding,) = others
        if decode(raw, encoding).encoding != encoding:
            return text
    return _RUN.sub(lambda run: _bytes_of(run[0]).decode(encoding, "replace"), text)


def _bytes_of(run: str) -> bytes:
    return run.translate(_BYTES).encode("latin-1")
