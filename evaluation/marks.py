"""Words that mark the parts of a document, and documents that are made of them.

A marker is a word that stands nowhere else. A document holds one in each kind of part (a footnote,
a merged cell, the speaker's notes): what a tool reads of the part is seen by its marker. Words of
what nobody sees, such as a deletion, must not be read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Marked", "found", "packed"]

_WORD = re.compile(r"[^\W\d_]+")


@dataclass
class Marked:
    """A document in the making, and what its markers stand in.

    Parameters
    ----------
    name
        Of the file; its suffix is that of the format.
    content
        Its bytes.
    parts
        Of each marker that belongs to the text, the kind of part it stands in.
    absent
        The same, of those that must not be read.
    raw
        A word that stands in its source only: a tool that gives it has not read the document but
        given it back.
    """

    name: str
    raw: str = ""
    content: bytes = b""
    parts: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """The format, by the suffix of its name."""
        return self.name.rpartition(".")[2]

    def __call__(self, part: str) -> str:
        """Return a new marker for a kind of part."""
        return self._new(part, self.parts)

    def out(self, part: str) -> str:
        """Return a new marker for a kind of part that nobody sees."""
        return self._new(part, self.absent)

    def _new(self, part: str, where: dict[str, str]) -> str:
        number = len(self.parts) + len(self.absent)
        letters = "".join(filter(str.isalpha, part.lower()))
        word = f"q{letters}{chr(97 + number // 26)}{chr(97 + number % 26)}q"
        where[word] = part
        return word


def found(text: str) -> set[str]:
    """Return the words of a text that may be markers: those that stand as words of their own."""
    return set(_WORD.findall(text))


def packed(parts: Mapping[str, str | bytes], first: str = "") -> bytes:
    """Return an archive of parts.

    Parameters
    ----------
    parts
        Content by name.
    first
        Of a part ``mimetype``, which is stored before all others and not packed.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr("mimetype", first, zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()
