"""Documents from bytes: presentations, OpenDocument and workbooks by their parts, notebooks.

The parts are those of the documents of ``evaluation`` that hold one of everything. They stand one
after the other, with two NULs between them, so that a fuzzer changes what is inside of them rather
than the archive.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable

from docx_bytes import package
from properties import check_document, scratch

from evaluation import marked_odf, marked_sheets, marked_slides
from evaluation.marks import Marked

__all__ = [
    "BOOK_WORDS",
    "CELL_WORDS",
    "Packaged",
    "flat",
    "odp",
    "ods",
    "odt",
    "pptx",
    "read_ipynb",
    "read_odf",
    "read_pptx",
    "read_spreadsheet",
    "xlsx",
]

_BETWEEN = b"\0\0"
_XML = (".xml", ".rels")


class Packaged:
    """A kind of document, of which bytes are the parts.

    Parameters
    ----------
    make
        Gives a document of this kind.
    """

    def __init__(self, make: Callable[[], Marked]) -> None:
        self._make = make

    @functools.cached_property
    def _parts(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self._make().content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @functools.cached_property
    def _changed(self) -> list[str]:
        fixed = ("docProps/app.xml", "META-INF/manifest.xml")
        return [name for name in self._parts if name.endswith(_XML) and name not in fixed]

    def seed(self) -> bytes:
        """Return the parts of the document as it is made."""
        return _BETWEEN.join(self._parts[name] for name in self._changed)

    def document(self, data: bytes) -> bytes:
        """Return the document of these parts; those that are not there are left out."""
        changed = dict(zip(self._changed, data.split(_BETWEEN), strict=False))
        others = {n: c for n, c in self._parts.items() if n not in self._changed}
        return package({**others, **changed})


pptx = Packaged(marked_slides.pptx)
xlsx = Packaged(marked_sheets.xlsx)
odt = Packaged(marked_odf.odt)
odp = Packaged(marked_odf.odp)
ods = Packaged(marked_odf.ods)


def flat() -> bytes:
    """Return a text document that is one file of XML."""
    return marked_odf.fodt().content


#: Words of sheets and of notebooks that random bytes hardly ever hit on.
CELL_WORDS = (
    't="s" t="e" t="b" t="d" s="1" r="XFD1048576" r="A0" <v>-1</v> <v>1e999</v> <v>45000.5</v> '
    'state="veryHidden" table:number-rows-repeated="1048576" table:number-columns-repeated="16384" '
    'office:value-type="date" office:date-value="9999-12-31" office:time-value="PT99999H"'
).split(" ")
BOOK_WORDS = (
    '{ [ ] } "cells": "worksheets": "nbformat":3 "nbformat":99 "outputs":[ "text/plain": "source":'
    ' "metadata": "level":7 "cell_type":"heading" null true 1e999 \\ud800 "attachments":{"a":{'
).split(" ")


def _document(name: str, content: bytes) -> None:
    path = scratch(name)
    path.write_bytes(content)
    check_document(path)


def read_pptx(data: bytes) -> None:
    _document("slides.pptx", pptx.document(data))


def read_odf(data: bytes) -> None:
    kind, content = data[:1], data[1:]
    if kind == b"\0":
        _document("text.odt", odt.document(content))
    elif kind == b"\1":
        _document("slides.odp", odp.document(content))
    else:
        _document("text.fodt", content)


def read_spreadsheet(data: bytes) -> None:
    kind, content = data[:1], data[1:]
    if kind == b"\0":
        _document("book.xlsx", xlsx.document(content))
    elif kind == b"\1":
        _document("book.ods", ods.document(content))
    else:
        _document("book.xls", content)


def read_ipynb(data: bytes) -> None:
    _document("book.ipynb", data)
