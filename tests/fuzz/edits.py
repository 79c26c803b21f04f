"""Small changes to bytes, for the fuzzing that no coverage guides."""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["Edit", "apply", "random_edits"]

#: What to do, where (0 to 1), how far, and which token.
Edit = tuple[int, float, int, int]
KINDS = 8


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
