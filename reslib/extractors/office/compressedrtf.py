"""The compressed RTF that Outlook keeps texts in ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

from reslib.errors import ErrorCode, ExtractionError

__all__ = ["decompress"]

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_HEADER = struct.Struct("<IIII")
#: What the window holds before the first byte (2.1.2.1), which is longer than any text between.
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern "
    rb"\fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    rb"{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
#: The most bytes that are unpacked: a message of a million words has about 10 MB.
_MOST = 32 << 20


def decompress(data: bytes) -> bytes:
    """Return the RTF; what is damaged ends it.

    Parameters
    ----------
    data
        The stream.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is of no known kind.
    """
    if len(data) < _HEADER.size:
        raise _unknown()
    _, size, kind, _ = _HEADER.unpack_from(data)
    content = data[_HEADER.size :]
    if kind == _PLAIN:
        return content[:size]
    if kind != _COMPRESSED:
        raise _unknown()
    return _unpack(content, min(size, _MOST))


def _unpack(content: bytes, size: int) -> bytes:
    # All of it is kept, behind what is known before; the window is where a reference leads.
    out = bytearray(_KNOWN)
    end, position, last = len(_KNOWN) + size, 0, len(content)
    while position < last and len(out) < end:
        control = content[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                if position >= last:
                    break
                out.append(content[position])
                position += 1
                continue
            if position + 2 > last:
                return bytes(out[len(_KNOWN) : end])
            reference = int.from_bytes(content[position : position + 2], "big")
            position += 2
            place, length = reference >> 4, (reference & 15) + 2
            back = (len(out) - place) % _WINDOW
            if back == 0:  # where the next byte is to go: that is the end (2.2.2.3)
                return bytes(out[len(_KNOWN) : end])
            start = len(out) - back
            if start < 0:
                return bytes(out[len(_KNOWN) : end])
            for at in range(start, start + length):  # it may reach into what it makes
                out.append(out[at])
    return bytes(out[len(_KNOWN) : end])


def _unknown() -> ExtractionError:
    return ExtractionError("its formatted text is of no known kind", ErrorCode.MALFORMED)
