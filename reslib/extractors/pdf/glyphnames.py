"""Characters of a PDF that only the names of their glyphs tell.

A font without a map to Unicode names its ligatures by their letters: ``T_h``, ``f_f_i``,
``uni00660069``. PDFium looks a name up as a whole and has nothing for these, and in fonts whose
glyphs the document draws itself (Type 3) it looks up none. Here such fonts get the map that they
lack, by the rules of the Adobe Glyph List Specification (section 2), and the pages are read
again. It costs ordinary documents a look at some characters of each page.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

from reslib.extractors.pdf.calls import calls, ready
from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.pdf.pdfopen import open_pdf_bytes
from reslib.extractors.pdf.secondreader import (
    open_bytes,
    open_to_change,
    page_dictionaries,
    resolved,
)

__all__ = ["has_unmapped", "read_by_names", "text_of", "with_glyph_names"]

#: Characters of a page that are asked whether their font knows them.
_SAMPLE = 50
#: Pages whose fonts are looked at, and how deep forms are in forms.
_MOST_PAGES, _MOST_LEVELS = 2000, 3
#: What PDFium gives for such a character is its code.
_CODES = re.compile("[\x01\x03-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_SIMPLE_FONTS = ("/Type1", "/MMType1", "/TrueType", "/Type3")
#: Names that are more than one word of the list: composed, or of several code points.
_COMPOSED = re.compile(
    r"[^._]*[^._\s]_[^._\s].*|(?:uni(?:[0-9A-F]{4}){2,}|u[0-9A-F]{5,6})(?:\..*)?"
)
_UNI = re.compile(r"uni((?:[0-9A-F]{4})+)")
_U = re.compile(r"u([0-9A-F]{4,6})")
#: The same in the bytes of a file: the names of an encoding, and one of these names.
_ENCODING = re.compile(rb"/Differences\s{0,9}(?:\[([^\[\]]*)\]|\d)")
_NAME = re.compile(rb"/(?:[A-Za-z0-9]+_[A-Za-z0-9]|uni[0-9A-F]{8}|u[0-9A-F]{5})")
#: Objects that are packed together (ISO 32000-2, 7.5.7).
_PACKED = re.compile(rb"/ObjStm\b[^<>]{0,300}>>\s{0,9}stream\r?\n")
#: A name alone, or a number in front of names.
_ITEM = re.compile(rb"(\d{1,9})|/([^\s/\[\]<>()%]{1,100})")
#: Where an encoding stands inside of its font, where a font refers to one, and where one begins.
_INLINE = re.compile(rb"/Encoding\s{0,9}<<[^<>]*$")
_REFERENCE = re.compile(rb"/Encoding\s{1,9}(\d{1,9})\s{1,9}\d{1,5}\s{1,9}R")
_OBJECT = re.compile(rb"\b(\d{1,9})\s{1,9}\d{1,5}\s{1,9}obj\b")
_HEADER = re.compile(rb"(?:\d{1,10}\s{1,9}){1,10000}")
#: How far the ends of a dictionary are looked for, and how long a list of names may be, in bytes.
_NEAR, _MOST_NAMES = 2000, 8000
_MOST_ENCODINGS = 200
#: A larger file is let be; no more than this is unpacked, in pieces of such a size.
_MOST_BYTES, _PIECE = 64 << 20, 16 << 10


def has_unmapped(text_page: Any, text: str) -> bool:
    """True when a page has characters that their font does not know.

    Parameters
    ----------
    text_page
        The pypdfium2 text page.
    text
        Its text.
    """
    if _CODES.search(text):
        return True
    count = text_page.count_chars()
    looked_at = range(0, count, max(1, count // _SAMPLE))
    return 1 in map(calls().has_map_error, repeat(ready(text_page.raw)), looked_at)


def read_by_names(
    path: Path, pages: list[PageSignals | None], read: Callable[[Any, int], PageSignals]
) -> list[PageSignals | None]:
    """Return the pages of a document, with the characters that the names of glyphs tell.

    Parameters
    ----------
    path
        The document.
    pages
        What PDFium read; None for a page that it could not read.
    read
        Reads a page of a document opened by PDFium.
    """
    import pypdfium2

    unmapped = [n for n, page in enumerate(pages) if page is not None and page.unmapped]
    content = with_glyph_names(path) if unmapped else None
    if content is None:
        return pages
    again = list(pages)
    try:
        document = open_pdf_bytes(content)
        try:
            if len(document) == len(pages):
                for number in unmapped:
                    again[number] = read(document, number)
        finally:
            document.close()
    except pypdfium2.PdfiumError:
        return pages
    return again


def with_glyph_names(path: Path) -> bytes | None:
    """Return a PDF whose fonts have the characters that the names of their glyphs tell.

    Returns
    -------
    bytes or None
        The document with an update at its end; None when no font in it needs one.
    """
    if path.stat().st_size > _MOST_BYTES:
        return None
    content = path.read_bytes()
    if not _may_have_names(content):
        return None
    try:
        reader = open_bytes(content)
        if not any(_named_fonts(reader)):
            return None
        writer = open_to_change(reader)
        for font, texts in list(_named_fonts(writer)):
            _give_map(writer, font, texts)
        buffer = io.BytesIO()
        writer.write(buffer)
    except MemoryError:
        raise
    except Exception:  # pypdf raises whatever comes of a damaged file
        return None
    return buffer.getvalue()


def _may_have_names(content: bytes) -> bool:
    """True when a font without a map may have names that tell: pypdf would be long in telling."""
    sources = list(_sources(content))
    drawn = any(b"/Type3" in objects for objects, _ in sources)
    encodings: dict[int, bool] = {}
    looked = 0
    for objects, is_packed in sources:
        for encoding in _ENCODING.finditer(objects):
            composed = encoding[1] is None or bool(_NAME.search(encoding[1]))
            if not composed and not (drawn and _tells(encoding[1])):
                continue
            start = max(0, encoding.start() - _NEAR)
            if inline := _INLINE.search(objects[start : encoding.start()]):
                end = objects.find(b">>", encoding.end(), encoding.end() + _NEAR) + 2
                font = _around(objects, start + inline.start(), max(end, encoding.end()))
                if _needs_map(font, composed):
                    return True
                continue
            looked += 1
            number = _number_at(objects, encoding.start(), is_packed)
            if number is None or looked > _MOST_ENCODINGS:
                return True
            encodings[number] = composed or encodings.get(number, False)
    if not encodings:
        return False
    referred = set()
    for objects, _ in sources:
        for reference in _REFERENCE.finditer(objects):
            number = int(reference[1])
            if number in encodings:
                if _needs_map(_around(objects, *reference.span()), encodings[number]):
                    return True
                referred.add(number)
    # An encoding that no font seen here refers to may be that of any.
    return len(referred) < len(encodings)


def _sources(content: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the bytes in which objects stand, and whether they are packed together."""
    yield content, False
    left = _MOST_BYTES
    for packed in _PACKED.finditer(content):
        objects = _unpacked(content, packed.end(), left)
        yield objects, True
        left -= len(objects) + 1000
        if left <= 0:
            return


def _number_at(objects: bytes, place: int, is_packed: bool) -> int | None:
    """Return the number of the object at a place, None when it cannot be told."""
    if not is_packed:
        found = list(_OBJECT.finditer(objects, max(0, place - _NEAR), place))
        return int(found[-1][1]) if found else None
    # Pairs of a number and a place, counted from behind them (ISO 32000-2, 7.5.7).
    header = _HEADER.match(objects)
    pairs = [int(part) for part in header[0].split()] if header else []
    starts = zip(pairs[1::2], pairs[::2], strict=False)
    before = [pair for pair in starts if pair[0] <= place - (header.end() if header else 0)]
    return max(before)[1] if before else None


def _around(objects: bytes, start: int, end: int) -> bytes:
    """Return the dictionary around a place, as far as it is near and has no other inside."""
    opened = objects.rfind(b"<<", max(0, start - _NEAR), start)
    closed = objects.find(b">>", end, end + _NEAR)
    return objects[opened:closed] if 0 <= opened < closed else b""


def _needs_map(font: bytes, composed: bool) -> bool:
    if b"/ToUnicode" in font:
        return False
    return composed or not (b"/Type1" in font or b"/TrueType" in font)


def _tells(names: bytes) -> bool:
    """True when a list of names has one that is not the character of its code."""
    code = 0
    for item in _ITEM.finditer(names, 0, _MOST_NAMES):
        if item[1] is not None:
            code = int(item[1])
            continue
        text = text_of(item[2].decode("latin-1"))
        if text and text != chr(code):
            return True
        code += 1
    return False


def _unpacked(content: bytes, start: int, most: int) -> bytes:
    unpacker, objects = zlib.decompressobj(), b""
    # In pieces: what follows a stream is copied by zlib.
    while not unpacker.eof and start < len(content) and len(objects) < most:
        piece = content[start : start + _PIECE]
        try:
            objects += unpacker.decompress(piece, most - len(objects))
        except zlib.error:
            break
        start += _PIECE
    return objects


def text_of(name: str) -> str:
    """Return the text that the name of a glyph stands for; empty when it is no such name.

    Stricter than the specification, where a part that is unknown counts for nothing: ``g_23`` is
    a number that a program gave to a glyph, and no letter g.

    Examples
    --------
    >>> text_of("f_f_i.alt"), text_of("uni00660069"), text_of("g_23")
    ('ffi', 'fi', '')
    """
    parts = [_component(part) for part in name.partition(".")[0].split("_")]
    return "".join(parts) if all(parts) else ""


def _component(name: str) -> str:
    from pypdf._codecs import adobe_glyphs

    # Names like a12 are numbers of glyphs too, though they have control characters in pypdf's list.
    found: str = adobe_glyphs.get(f"/{name}", "")
    if found < " ":
        found = ""
    if not found and (match := _UNI.fullmatch(name)):
        codes = [int(match[1][i : i + 4], 16) for i in range(0, len(match[1]), 4)]
        found = "".join(map(chr, codes)) if all(map(_is_scalar, codes)) else ""
    if not found and (match := _U.fullmatch(name)) and _is_scalar(int(match[1], 16)):
        found = chr(int(match[1], 16))
    return found


def _is_scalar(code: int) -> bool:
    return code <= 0xD7FF or 0xE000 <= code <= 0x10FFFF


def _named_fonts(document: Any) -> Iterator[tuple[Any, dict[int, str]]]:
    """Yield the fonts without a map whose names tell more than PDFium sees, with the texts."""
    seen: set[int] = set()
    for number, page in enumerate(page_dictionaries(document)):
        if number >= _MOST_PAGES:
            return
        if page is not None:
            for font in _fonts(page.get("/Resources"), seen, 0):
                texts = _texts(font)
                if texts:
                    yield font, texts


def _fonts(resources: Any, seen: set[int], level: int) -> Iterator[Any]:
    resources = resolved(resources)
    if not isinstance(resources, dict) or id(resources) in seen or level > _MOST_LEVELS:
        return
    seen.add(id(resources))
    for font in _entries(resources, "/Font"):
        if id(font) not in seen:
            seen.add(id(font))
            yield font
            yield from _fonts(font.get("/Resources"), seen, level + 1)
    for form in _entries(resources, "/XObject"):
        yield from _fonts(form.get("/Resources"), seen, level + 1)


def _entries(resources: Any, key: str) -> Iterator[Any]:
    entries = resolved(resources.get(key))
    if isinstance(entries, dict):
        for name in entries:
            entry = resolved(entries[name])
            if isinstance(entry, dict):
                yield entry


def _texts(font: Any) -> dict[int, str]:
    encoding = resolved(font.get("/Encoding"))
    if font.get("/Subtype") not in _SIMPLE_FONTS or "/ToUnicode" in font:
        return {}
    if not isinstance(encoding, dict):
        return {}
    # PDFium knows no names of glyphs that a document draws itself.
    drawn = font.get("/Subtype") == "/Type3"
    texts, code = {}, 0
    for item in resolved(encoding.get("/Differences")) or ():
        item = resolved(item)
        if isinstance(item, int):
            code = item
            continue
        name = str(item).removeprefix("/")
        if 0 <= code <= 255 and len(name) < 100 and (drawn or _COMPOSED.fullmatch(name)):
            texts[code] = text_of(name)
        code += 1
    return {code: text for code, text in texts.items() if text and text != chr(code)}


def _give_map(writer: Any, font: Any, texts: dict[int, str]) -> None:
    """Give a font a map to Unicode of these characters (ISO 32000-2, 9.10.3)."""
    from pypdf.generic import NameObject, StreamObject

    pairs = [f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for code, text in texts.items()]
    lines = ["1 begincodespacerange", "<00> <ff>", "endcodespacerange"]
    for start in range(0, len(pairs), 100):
        some = pairs[start : start + 100]
        lines += [f"{len(some)} beginbfchar", *some, "endbfchar"]
    stream = StreamObject()
    stream.set_data(
        "\n".join(
            [
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
                "/CMapType 2 def",
                *lines,
                "endcmap end end",
            ]
        ).encode()
    )
    font[NameObject("/ToUnicode")] = writer._add_object(stream)
