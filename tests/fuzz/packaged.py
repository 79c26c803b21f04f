"""Documents that are archives of parts, from bytes: presentations, OpenDocument, workbooks.

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

from evaluation import marked_odf, marked_sheets, marked_slides
from evaluation.marks import Marked

__all__ = ["Packaged", "flat", "odp", "ods", "odt", "pptx", "xlsx"]

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
