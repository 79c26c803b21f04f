"""The XMP packet of a PDF: found without a second reader, parsed without believing it.

PDFium does not give it, and pypdf would cost each child 20 MB and a twentieth of a second. The
packet is the stream that the catalog of the document names, which other packets, of figures for
instance, are not (ISO 32000-2, 14.3.2).
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

__all__ = ["Property", "packet", "properties"]

#: What is looked at: bytes of the file, of one packet, of one stream of objects, and how many.
_MOST_BYTES, _MOST_PACKET, _MOST_OBJECTS, _MOST_STREAMS = 256 << 20, 1 << 20, 4 << 20, 64
#: Of what is there more than once: catalogs, and objects of one number.
_MOST_PLACES = 4
_CHUNK, _OVERLAP, _WINDOW = 1 << 20, 64, 16 << 10
_METADATA = re.compile(rb"/Metadata\s+(\d{1,10})\s+(\d{1,5})\s+R\b")
_FILTER = re.compile(rb"/Filter\s*(?:\[\s*)?/([A-Za-z0-9]+)")
_FIRST = re.compile(rb"/First\s+(\d{1,9})\b")
_STREAM = re.compile(rb"stream\r?\n")
_DEEPEST, _MOST_PROPERTIES, _LONGEST = 32, 1_000, 10_000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


# --- where it is --------------------------------------------------------------------------------


def packet(source: Path | bytes) -> bytes | None:
    """Return the XMP packet of a PDF, None when it names none that can be read.

    Parameters
    ----------
    source
        The document: its file, or the bytes of it.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        if next(_places(file, b"/Metadata"), None) is None:
            return None  # as of most: the stream itself says it too
        for number, generation in dict.fromkeys(islice(_named(file), _MOST_PLACES)):
            for place in islice(_objects(file, number, generation), _MOST_PLACES):
                file.seek(place)
                content = _content(file.read(_MOST_PACKET), _MOST_PACKET)
                if content and b"RDF" in content:
                    return content
    return None


def _objects(file: BinaryIO, number: int, generation: int) -> Iterator[int]:
    """Yield where an object begins; that of another number may end in the same digits."""
    for place in _places(file, b"%d %d obj" % (number, generation)):
        file.seek(max(0, place - 1))
        if place == 0 or not file.read(1).isdigit():
            yield place


def _places(file: BinaryIO, needle: bytes) -> Iterator[int]:
    """Yield where some bytes stand in a file, the last place first: what comes later counts."""
    end = min(file.seek(0, 2), _MOST_BYTES)
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        chunk = file.read(end - start + _OVERLAP)
        at = len(chunk)
        while (at := chunk.rfind(needle, 0, at)) >= 0:
            if start + at < end:
                yield start + at
        end = start


def _named(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the streams that catalogs name, the last catalog first."""
    for place in islice(_places(file, b"/Catalog"), _MOST_PLACES):
        file.seek(max(0, place - _WINDOW))
        window = file.read(2 * _WINDOW)
        at = min(place, _WINDOW)
        start, end = window.rfind(b" obj", 0, at), window.find(b"endobj", at)
        yield from _reference(window[max(0, start) : end if end >= 0 else len(window)])
    for place in islice(_places(file, b"/ObjStm"), _MOST_STREAMS):
        file.seek(max(0, place - 2048))
        window = file.read(_MOST_PACKET // 4)
        start = window.rfind(b" obj", 0, min(place, 2048))
        objects = _content(window[max(0, start) :], _MOST_OBJECTS)
        if objects and b"/Catalog" in objects:
            yield from _reference(_catalog(window[max(0, start) :], objects))


def _reference(catalog: bytes) -> Iterator[tuple[int, int]]:
    found = _METADATA.search(catalog)
    if found:
        yield int(found[1]), int(found[2])


def _catalog(dictionary: bytes, objects: bytes) -> bytes:
    """Return the catalog out of a stream of objects, which begins with where each of them is."""
    first = _FIRST.search(dictionary[:_WINDOW])
    start = int(first[1]) if first else 0
    numbers = [int(word) for word in objects[:start].split()[1::2] if word.isdigit()]
    at = objects.find(b"/Catalog", start) - start
    begins = max((one for one in numbers if one <= at), default=0)
    ends = min((one for one in numbers if one > at), default=len(objects))
    return objects[start + begins : start + ends]


def _content(stream: bytes, most: int) -> bytes | None:
    """Return what a stream holds, unpacked when it is packed in the usual way."""
    begins = _STREAM.search(stream, 0, _WINDOW)
    if begins is None:
        return None
    dictionary, data = stream[: begins.start()], stream[begins.end() :]
    packed = _FILTER.search(dictionary)
    if packed is None:
        return data.partition(b"endstream")[0]
    if packed[1] != b"FlateDecode":
        return None
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return None


# --- what it says -------------------------------------------------------------------------------

#: The namespace and the name of something that is said, and what is said.
Property = tuple[str, str, str]


class _Refused(Exception):
    """The packet is no XMP, or too much of it."""


def properties(content: bytes) -> list[Property]:
    """Return what a packet says, in its order; of damaged ones what stands before the damage.

    Parameters
    ----------
    content
        The packet, or the part of it that is XML.
    """
    from xml.parsers import expat  # not before there is a packet

    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse  # and with it all entities
    start = content.find(b"<?xpacket")
    start = content.find(b"<x:xmpmeta") if start < 0 else start
    try:
        parser.Parse(content[max(0, start) :].strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, _Refused):
        pass  # what was read is kept
    return reader.found


class _Reader:
    """Collects the properties of descriptions; what they are made of in turn is left out."""

    def __init__(self) -> None:
        self.found: list[Property] = []
        self._depth = 0
        #: How deep the description is, and the property in it that is open.
        self._description = 0
        self._property = ("", "")
        self._words: list[str] = []
        self._size = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST or len(self.found) > _MOST_PROPERTIES:
            raise _Refused
        space, _, name = tag.rpartition(" ")
        if space == _RDF:
            if name == "Description" and not self._description:
                self._description = self._depth
                for key, value in attributes.items():
                    self._add(key, value)
            self._words.clear()
            self._size = 0
        elif self._depth == self._description + 1 and self._description:
            self._property = (space, name)
            self._words.clear()
            self._size = 0

    def end(self, tag: str) -> None:
        is_entry = tag == f"{_RDF} li"
        if self._description and (is_entry or self._depth == self._description + 1):
            # An entry of a list of a property, not of what that is made of.
            if not is_entry or self._depth == self._description + 3:
                self._add(" ".join(self._property), "".join(self._words))
            self._words.clear()
            self._size = 0
        if self._depth == self._description:
            self._description = 0
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._description and self._size < _LONGEST:
            self._size += len(text)
            self._words.append(text)

    def refuse(self, *declaration: object) -> None:
        raise _Refused

    def _add(self, key: str, value: str) -> None:
        space, _, name = key.rpartition(" ")
        words = " ".join(value[:_LONGEST].split())
        if words and space not in ("", _RDF):
            self.found.append((space, name, words))
