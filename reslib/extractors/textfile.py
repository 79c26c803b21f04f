"""Reads the bytes of a text file, unpacks gzip, and refuses what is too long for a text."""

from __future__ import annotations

import zlib
from pathlib import Path

from reslib.errors import ErrorCode, ExtractionError

__all__ = ["MAX_BYTES", "original_name", "read_bytes"]

#: Longer texts are refused: they are data, and one row of the database would have to hold them.
MAX_BYTES = 100_000_000

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20


def read_bytes(
    path: Path,
    limit: int = MAX_BYTES,
    *,
    what: str = "the text",
    instead: str = "Split it into parts and add those",
) -> bytes:
    """Return the content of a text file, unpacked when it is packed with gzip.

    Parameters
    ----------
    path
        The file.
    limit
        The most bytes it may have, packed or not.
    what, instead
        What is said to be too long, and what to do with it.

    Raises
    ------
    ExtractionError
        ``output_limit`` when it is longer; ``truncated`` or ``malformed`` when it is packed
        and damaged.
    """
    if path.stat().st_size > limit:
        raise _too_long(limit, what, instead)
    with path.open("rb") as file:
        data = file.read(limit + 1)  # it may have grown since
    if data.startswith(_GZIP):
        data = _gunzip(data, limit)
    if len(data) > limit:
        raise _too_long(limit, what, instead)
    return data


def original_name(path: Path) -> str | None:
    """Return the name that a gzip file says its content had (RFC 1952, §2.3.1).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str or None
        None when it is not packed or does not say.
    """
    with path.open("rb") as file:
        head = file.read(70_000)
    if not head.startswith(_GZIP) or len(head) < 12 or not head[3] & 8:
        return None
    start = 10
    if head[3] & 4:  # an extra field comes first
        start += 2 + int.from_bytes(head[10:12], "little")
    name, ended, _ = head[start:].partition(b"\0")
    return name.decode("latin-1") if ended and name else None


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
            if not data.startswith(_GZIP):
                break  # padding after the last member, as tape tools leave it
    except zlib.error as error:
        raise ExtractionError(
            f"the gzip file is damaged ({error}). Download or copy it again",
            ErrorCode.MALFORMED,
        ) from error
    return b"".join(parts)


def _too_long(limit: int, what: str, instead: str) -> ExtractionError:
    return ExtractionError(
        f"{what} is longer than {limit // 1_000_000} MB, the most that is read into one document. "
        f"{instead}",
        ErrorCode.OUTPUT_LIMIT,
    )
