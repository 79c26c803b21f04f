"""The metadata that a PDF states of itself: its information dictionary, its XMP, its catalog."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reslib.extractors.pdf.titles import as_title
from reslib.extractors.pdf.xmp import packet, properties
from reslib.extractors.stated import Stated, names
from reslib.items import Metadata

__all__ = ["PdfStated"]

#: Of the information dictionary (ISO 32000-2, table 349), and what publishers add.
_INFORMATION = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "CreationDate": "created",
    "ModDate": "modified",
    "doi": "doi",
    "DOI": "doi",
}
_DUBLIN_CORE, _PDF = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/pdf/1.3/"
_XMP = "http://ns.adobe.com/xap/1.0/"
#: By namespace and name; versions of PRISM differ in the end of theirs.
_PROPERTIES = {
    (_DUBLIN_CORE, "title"): "title",
    (_DUBLIN_CORE, "creator"): "author",
    (_DUBLIN_CORE, "description"): "description",
    (_DUBLIN_CORE, "subject"): "keywords",
    (_DUBLIN_CORE, "publisher"): "publisher",
    (_DUBLIN_CORE, "language"): "language",
    (_DUBLIN_CORE, "date"): "date",
    (_DUBLIN_CORE, "identifier"): "identifier",
    (_DUBLIN_CORE, "rights"): "licence",
    (_PDF, "Keywords"): "keywords",
    (_XMP, "CreateDate"): "created",
    (_XMP, "ModifyDate"): "modified",
    ("http://ns.adobe.com/xap/1.0/rights/", "WebStatement"): "licence",
    ("http://creativecommons.org/ns#", "license"): "licence",
    ("http://ns.adobe.com/pdfx/1.3/", "doi"): "doi",
    ("http://crossref.org/crossmark/1.0/", "DOI"): "doi",
}
_PRISM = re.compile(r"http://prismstandard\.org/namespaces/(?:[\w-]+/)*[\d.]+/?\w*/?")
_OF_PRISM = {
    "publicationName": "journal",
    "publicationDate": "date",
    "coverDate": "date",
    "doi": "doi",
    "issn": "issn",
    "eIssn": "issn",
    "isbn": "isbn",
    "volume": "volume",
    "number": "issue",
    "pageRange": "pages",
    "keyword": "keywords",
}
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([-+])(\d\d)'?(\d\d)?'?|(Z)\S*)?"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
#: What the language of a text is when nobody has said it.
_NO_LANGUAGE = frozenset({"x-unknown", "x-default", "und", "zxx"})
#: The most bytes of an entry that are taken, and of most entries.
_LONGEST, _USUAL = 20_000, 512


class PdfStated:
    """The properties that a PDF states of itself.

    Parameters
    ----------
    document
        The open pypdfium2 document.
    source
        Its file, or the bytes of it.
    """

    def __init__(self, document: Any, source: Path | bytes) -> None:
        self._dictionary = Stated("information dictionary")
        self._xmp = Stated("XMP")
        for name, key in _INFORMATION.items():
            value = _entry(document, name)
            if not value:
                continue
            if key == "title":
                value = as_title(value) or ""
            elif key in ("created", "modified"):
                value = _iso(value)
            for one in names(value) if key == "author" else [value]:
                self._dictionary.add(key, one)
        self._dictionary.add("language", _language(document), "catalog")
        self._read_xmp(source)

    def title(self) -> str | None:
        """Return the title, that of the information dictionary before that of XMP."""
        return self._dictionary.title() or self._xmp.title()

    def __iter__(self) -> Iterator[Metadata]:
        yield from self._dictionary
        yield from self._xmp

    def _read_xmp(self, source: Path | bytes) -> None:
        content = packet(source)
        for space, name, value in properties(content) if content else ():
            key = _PROPERTIES.get((space, name))
            if key is None and _PRISM.fullmatch(space):
                key = _OF_PRISM.get(name)
            if key == "title":
                value = as_title(value) or ""
            elif key == "language" and value.lower() in _NO_LANGUAGE:
                continue
            elif key == "identifier":
                self._xmp.add("doi", value)
                if value.lower().startswith(("uuid:", "urn:uuid:", "doi:")):
                    continue
            if key is not None:
                for one in names(value) if key == "author" else [value]:
                    self._xmp.add(key, one)


def _entry(document: Any, key: str) -> str:
    """Return an entry of the information dictionary.

    pypdfium2's own way raises over a character that is cut in half, and with it the document
    was lost.
    """
    import pypdfium2.raw as pdfium

    name, buffer = key.encode(), ctypes.create_string_buffer(_USUAL)
    size = pdfium.FPDF_GetMetaText(document.raw, name, buffer, _USUAL)
    if size <= 2:
        return ""
    if size > _USUAL:  # then it has written nothing
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDF_GetMetaText(document.raw, name, buffer, size)
    return buffer.raw[: min(_LONGEST, size - 2)].decode("utf-16-le", "replace")


def _language(document: Any) -> str:
    """Return the language of the catalog, where this version of PDFium tells it."""
    import pypdfium2.raw as pdfium

    read = getattr(pdfium, "FPDFCatalog_GetLanguage", None)
    if read is None:
        return ""
    size = int(read(document.raw, None, 0))
    if not 2 < size < 1_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    read(document.raw, buffer, size)
    language = bytes(buffer)[: size - 2].decode("utf-16-le", "replace").strip()
    known = _LANGUAGE.fullmatch(language) and language.lower() not in _NO_LANGUAGE
    return language if known else ""


def _iso(stated: str) -> str:
    """Return a date of PDF (ISO 32000-2, 7.9.4) in the form of ISO 8601; as it is when it is none.

    Examples
    --------
    >>> _iso("D:20210304100500+01'00'")
    '2021-03-04T10:05:00+01:00'
    """
    text = stated.strip()
    found = _DATE.fullmatch(text[:40])
    if found is None:
        return text[:100]
    year, month, day, hour, minute, second, sign, off_hour, off_minute, utc = found.groups()
    date = "-".join(filter(None, (year, month, day)))
    if hour is None:
        return date
    zone = "Z" if utc else f"{sign}{off_hour}:{off_minute or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"
