"""A layer of words that nobody sees, added to the pages of a PDF at its end.

The file stays as it is to the byte, and what is new follows it (an incremental update, ISO 32000-1,
7.5.6), so nothing of it can be lost. The letters are of a font that has no shapes (Type 3, 9.6.5),
so what is seen stays as well; each has a meaning (``ToUnicode``, 9.10.3), by which programs find
the words.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.ocr.pdfupdate import Tail, update_of

__all__ = ["PlacedWord", "WordLayer"]

#: Width and height of a letter, in thousandths of the size of the font.
_WIDE, _HIGH = 500, 1000
#: Letters that one font has.
_MOST_LETTERS = 255
_MAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CMapName /reslib def
/CMapType 2 def
1 begincodespacerange
<00> <FF>
endcodespacerange
{lines}
endcmap
end
end
"""
#: Lines of one part of a map.
_PART = 100
#: What stays in its order in a word that runs to the left: numbers, and marks after their letter.
_LETTER = re.compile(r"\d+(?:[.,:/]\d+)*|.[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]*")


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word and its place on a page, in points of the page's user space.

    Parameters
    ----------
    text
        The word, and the space after it.
    foot, end, head
        The left lower, the right lower and the left upper corner of its box.
    """

    text: str
    foot: tuple[float, float]
    end: tuple[float, float]
    head: tuple[float, float]


class WordLayer:
    """The words that are added to the pages of one PDF.

    Parameters
    ----------
    path
        Of the PDF.

    Raises
    ------
    ExtractionError
        It is encrypted.
    ValueError
        Nothing can be added to it.
    Exception
        Whatever pypdf raises that cannot read it.
    """

    def __init__(self, path: Path) -> None:
        from pypdf import PdfReader, PdfWriter

        with path.open("rb") as file:
            if PdfReader(file).is_encrypted:
                raise ExtractionError(
                    "it is encrypted, and what is added to it would have to be, too. Save a copy "
                    "without a password",
                    ErrorCode.ENCRYPTED,
                )
            self._old = Tail.of(file)
        self._writer = PdfWriter(path, incremental=True)
        # Numbers below its size may be taken by what no table lists.
        self._writer._objects += [None] * (self._old.size - 1 - len(self._writer._objects))
        self._fonts: list[_Font] = []
        self._code_of: dict[str, tuple[_Font, int]] = {}

    def add(self, number: int, words: Sequence[PlacedWord]) -> None:
        """Add words to a page, by its number from 1."""
        from pypdf.generic import ArrayObject, DictionaryObject, NameObject

        page = self._writer.pages[number - 1]
        drawn, used = self._drawn(words)
        there = page.get("/Contents")
        held = there.get_object() if there is not None else None
        if isinstance(held, ArrayObject):
            parts = list(held)
        else:
            parts = [] if held is None else [page.raw_get("/Contents")]
        # Before all that is drawn: whatever that does, it does not move the words.
        page[NameObject("/Contents")] = ArrayObject([self._stream(drawn), *parts])
        # A page may have its resources in common with others, or from the pages above it.
        resources = DictionaryObject(_dictionary(page.get("/Resources")))
        fonts = DictionaryObject(_dictionary(resources.get("/Font")))
        for font in used:
            fonts[NameObject(font.name)] = font.reference
        resources[NameObject("/Font")] = fonts
        page[NameObject("/Resources")] = resources

    def made(self) -> bytes:
        """Return what follows the PDF.

        Raises
        ------
        ValueError
            Nothing can be added to it.
        """
        for font in self._fonts:
            self._complete(font)
        return update_of(self._old, self._writer)

    def _drawn(self, words: Iterable[PlacedWord]) -> tuple[bytes, list[_Font]]:
        """Return the operators that draw words, and the fonts they are of."""
        lines, used = ["q BT 3 Tr"], {}
        for word in words:
            width, height = math.dist(word.foot, word.end), math.dist(word.foot, word.head)
            text = _as_seen(word.text)
            letters = len(text.rstrip())
            if not (letters and width and height):
                continue
            right, foot = _straight(word)
            stretch = width / (letters * height * _WIDE / _HIGH)
            matrix = [right[0] * stretch, right[1] * stretch, -right[1], right[0], *foot]
            lines.append(" ".join(f"{value:.4f}" for value in matrix) + " Tm")
            for font, codes in self._coded(text):
                used[font.name] = font
                lines.append(f"{font.name} {height:.2f} Tf <{codes.hex()}> Tj")
        return "\n".join([*lines, "ET Q", ""]).encode("ascii"), list(used.values())

    def _coded(self, text: str) -> list[tuple[_Font, bytes]]:
        """Return a text as codes of the fonts that have its letters, piece by piece."""
        pieces: list[tuple[_Font, bytearray]] = []
        for letter in text:
            if letter not in self._code_of:
                if not self._fonts or len(self._fonts[-1].letters) == _MOST_LETTERS:
                    self._fonts.append(self._font())
                font = self._fonts[-1]
                font.letters.append(letter)
                self._code_of[letter] = font, len(font.letters)
            font, code = self._code_of[letter]
            if not pieces or pieces[-1][0] is not font:
                pieces.append((font, bytearray()))
            pieces[-1][1].append(code)
        return [(font, bytes(codes)) for font, codes in pieces]

    def _font(self) -> _Font:
        from pypdf.generic import DictionaryObject

        described = DictionaryObject()
        reference = self._writer._add_object(described)
        # No other layer, of an earlier export, has a font of that name.
        name = f"/reslib{self._old.length}-{len(self._fonts) + 1}"
        return _Font(name, described, reference, [])

    def _complete(self, font: _Font) -> None:
        """Write down what a font has."""
        from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

        def name(word: str) -> Any:
            return NameObject(f"/{word}")

        def numbers(*values: int) -> Any:
            return ArrayObject(map(NumberObject, values))

        count = len(font.letters)
        shape = self._stream(f"{_WIDE} 0 0 0 {_WIDE} {_HIGH} d1".encode())
        differences = ArrayObject([NumberObject(1), *[name("none")] * count])
        encoding = {name("Type"): name("Encoding"), name("Differences"): differences}
        font.described.update(
            {
                name("Type"): name("Font"),
                name("Subtype"): name("Type3"),
                name("FontBBox"): numbers(0, 0, _WIDE, _HIGH),
                name("FontMatrix"): _decimals(1 / _HIGH, 0, 0, 1 / _HIGH, 0, 0),
                name("CharProcs"): DictionaryObject({name("none"): shape}),
                name("Encoding"): DictionaryObject(encoding),
                name("FirstChar"): NumberObject(1),
                name("LastChar"): NumberObject(count),
                name("Widths"): numbers(*[_WIDE] * count),
                name("Resources"): DictionaryObject(),
                name("ToUnicode"): self._stream(_map(font.letters).encode("ascii")),
            }
        )

    def _stream(self, data: bytes) -> Any:
        from pypdf.generic import StreamObject

        stream = StreamObject()
        stream.set_data(data)
        return self._writer._add_object(stream.flate_encode())


@dataclass(frozen=True, slots=True)
class _Font:
    """A font without shapes: the letters that its codes from 1 on mean."""

    name: str
    described: Any
    reference: Any
    letters: list[str]


def _map(letters: Sequence[str]) -> str:
    """Return what the codes of a font mean."""
    lines = []
    for first in range(0, len(letters), _PART):
        part = list(enumerate(letters[first : first + _PART], first + 1))
        lines.append(f"{len(part)} beginbfchar")
        lines += [f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for code, letter in part]
        lines.append("endbfchar")
    return _MAP.format(lines="\n".join(lines))


def _decimals(*values: float) -> Any:
    from pypdf.generic import ArrayObject, FloatObject

    return ArrayObject(map(FloatObject, values))


def _dictionary(value: Any) -> dict[Any, Any]:
    held = value.get_object() if value is not None else {}
    return held if isinstance(held, dict) else {}


def _straight(word: PlacedWord) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return in which direction a word runs, and where its foot is: along the edges of the page,
    since many programs take letters that rise for parts of several lines.
    """
    across, along = word.end[0] - word.foot[0], word.end[1] - word.foot[1]
    middle, half = (
        (word.foot[0] + across / 2, word.foot[1] + along / 2),
        math.hypot(across, along) / 2,
    )
    is_level = abs(across) >= abs(along)
    right = (math.copysign(1, across), 0.0) if is_level else (0.0, math.copysign(1, along))
    return right, (middle[0] - right[0] * half, middle[1] - right[1] * half)


def _as_seen(text: str) -> str:
    """Return a word in the order in which its letters are seen from left to right: readers of PDFs
    turn what is Hebrew or Arabic around. There no space follows it, which would be to the right.
    """
    kinds = {unicodedata.bidirectional(letter) for letter in text}
    if not kinds & {"R", "AL"} or "L" in kinds:
        return text
    return "".join(reversed(_LETTER.findall(text.strip())))
