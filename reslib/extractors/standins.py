"""PDFs whose pages stand in for a document that is elsewhere in the file.

A dynamic form (XFA) has its content in XML, and one page that asks to wait for a viewer which
understands it. A portfolio is a cover over the files in it. Both are told by what they are made
of, in whatever language the page speaks: what is on such pages is never the whole text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reslib.extractors.secondreader import is_portfolio
from reslib.extractors.xfa import form_text

__all__ = ["StandIn", "attached_files", "find_stand_in", "not_read"]

_FORM = (
    "it is a dynamic form (XFA), whose pages are made by the viewer. {read}; open it in Adobe "
    "Reader and print it to PDF to have it as it is seen"
)
_PORTFOLIO = (
    "it is a portfolio: the documents are the files in it, which were not read ({files}). Save "
    "them from a PDF viewer and add them"
)
#: What is thought of the words of a form whose page nobody has made, and of a cover.
_CONFIDENCE = 0.3
#: A page that asks to wait has no more to say than this.
_FEW_CHARACTERS = 1500
_MOST_FILES, _MOST_NAME = 20, 100
_MOST_XFA_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class StandIn:
    """Why the pages are not the document.

    Parameters
    ----------
    reason
        What it is and what to do, for people.
    text
        What was read in the place of the pages; empty when it was not.
    confidence
        What the text is worth.
    """

    reason: str
    text: str = ""
    confidence: float = _CONFIDENCE


def find_stand_in(
    document: Any, path: Path, texts: Sequence[str], files: Sequence[str]
) -> StandIn | None:
    """Return what the pages of a PDF stand in for; None when they are the document.

    Parameters
    ----------
    document
        The open pypdfium2 document.
    path
        Its file.
    texts
        The text of each page.
    files
        The names of the files attached to it.
    """
    if _is_dynamic_form(document, texts):
        text = form_text(_xfa(document))
        if not text:
            return StandIn(_FORM.format(read="Its content was not read"))
        if not _are_short(texts):  # more than a request to wait
            text = f"{texts[0]}\n{text}"
        return StandIn(_FORM.format(read="The words of its XML were read"), text)
    if files and is_portfolio(path):
        return StandIn(_PORTFOLIO.format(files=_enumerated(files)))
    return None


def attached_files(document: Any) -> list[str]:
    """Return the names of the files embedded in a PDF."""
    import pypdfium2.raw as pdfium

    names = []
    for number in range(min(pdfium.FPDFDoc_GetAttachmentCount(document.raw), _MOST_FILES + 1)):
        file = pdfium.FPDFDoc_GetAttachment(document.raw, number)
        size = pdfium.FPDFAttachment_GetName(file, None, 0) if file else 0
        if size > 2:
            buffer = ctypes.create_string_buffer(size)
            pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
            pdfium.FPDFAttachment_GetName(file, pointer, size)
            name = " ".join(buffer.raw[: size - 2].decode("utf-16-le", "replace").split())
            names.append(name[:_MOST_NAME])
    return names


def not_read(files: Sequence[str]) -> str:
    """Return what is said of files attached to a document that is read."""
    return f"files attached to it were not read ({_enumerated(files)})" if files else ""


def _enumerated(files: Sequence[str]) -> str:
    shown = ", ".join(files[:_MOST_FILES])
    return f"{shown} and more" if len(files) > _MOST_FILES else shown


def _is_dynamic_form(document: Any, texts: Sequence[str]) -> bool:
    """Whether a viewer has to make the pages of a form.

    It says so (``NeedsRendering``); older forms do not, and have a single page without fields.
    """
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDF_GetFormType(document.raw)
    if kind not in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        return False
    if kind == pdfium.FORMTYPE_XFA_FULL:
        return True
    # PDFium was told to look after fields when the first was met on a page.
    has_fields = document.formenv is not None
    return len(texts) == 1 and _are_short(texts) and not has_fields


def _are_short(texts: Sequence[str]) -> bool:
    return sum(len(text.strip()) for text in texts) < _FEW_CHARACTERS


def _xfa(document: Any) -> bytes:
    """Return the XML of a form; its packets are pieces of one document."""
    import pypdfium2.raw as pdfium

    content = b""
    for number in range(min(pdfium.FPDF_GetXFAPacketCount(document.raw), 64)):
        size = ctypes.c_ulong()
        pdfium.FPDF_GetXFAPacketContent(document.raw, number, None, 0, size)
        if len(content) + size.value > _MOST_XFA_BYTES:
            return b""
        buffer = ctypes.create_string_buffer(size.value)
        pdfium.FPDF_GetXFAPacketContent(document.raw, number, buffer, size.value, size)
        content += buffer.raw
    return content
