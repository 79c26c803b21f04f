"""Small changes to bytes, for the fuzzing that no coverage guides, and what they are read as."""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["Edit", "apply", "inflate", "random_edits", "readable"]

#: What to do, where (0 to 1), how far, and which token.
Edit = tuple[int, float, int, int]
KINDS = 8
_LONGEST = 300_000


def apply(data: bytes, edits: Sequence[Edit], tokens: Sequence[bytes]) -> bytes:
    """Return *data* after all edits."""
    out = bytearray(data)
    for kind, place, length, choice in edits:
        at = int(place * len(out))
        piece = bytes(out[at : at + length])
        match kind % KINDS:
            case 0 if at < len(out):
                out[at] ^= 1 << (choice % 8)
            case 1 if at < len(out):
                out[at] = choice % 256
            case 2:
                del out[at : at + length]
            case 3:
                out[at:at] = piece * (1 + choice % 16)
            case 4 if tokens:
                out[at:at] = tokens[choice % len(tokens)]
            case 5 if tokens:
                token = tokens[choice % len(tokens)]
                out[at : at + len(token)] = token
            case 6:
                del out[at + length * 8 :]
            case 7:
                source = choice * 31 % (len(out) + 1)
                out[at : at + length] = out[source : source + length]
    return bytes(out)


def random_edits(source: random.Random) -> list[Edit]:
    """Return one to eight edits."""
    return [
        (
            source.randrange(KINDS) if source.random() < 0.95 else 6,
            source.random(),
            1 << source.randrange(8),
            source.randrange(1 << 16),
        )
        for _ in range(source.randint(1, 8))
    ]


def inflate(data: bytes) -> bytes:
    """Return the bytes after the first, which says how often their middle third repeats.

    What takes the square of its length shows only in long inputs, which a fuzzer avoids.
    """
    if not data or data[0] < 0x80:
        return data[1:]
    rest = data[1:]
    third = max(1, len(rest) // 3)
    times = min(1 << (data[0] % 16), _LONGEST // third)
    return rest[:third] + rest[third : 2 * third] * times + rest[2 * third :]


def readable(data: bytes) -> str:
    """Return the characters of what is UTF-8, without the rest."""
    return data.decode("utf-8", "ignore")
