"""PDFs whose pages stand in for a document that is elsewhere in the file.

A dynamic form (XFA) has its content in XML, and one page that asks to wait for a viewer which
understands it. A portfolio is a cover over the files in it. Both are told by what they are made
of, in whatever language the page speaks: what is on such pages is never the whole text. Where
a program has taken the XML away, the request to wait is told by its words.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reslib.extractors.pdf.secondreader import is_portfolio
from reslib.extractors.pdf.xfa import form_text

__all__ = ["StandIn", "attached_files", "find_stand_in", "not_read"]

_FORM = (
    "it is a dynamic form (XFA), whose pages are made by the viewer. {read}; open it in Adobe "
    "Reader and print it to PDF to have it as it is seen"
)
_WAIT_ALONE = (
    "its page only asks to wait for a dynamic form (XFA), whose content is not in the file any "
    "more. Get it again from where it came from"
)
#: What the page that asks to wait says, in the languages in which Adobe Designer writes it.
_WAIT = re.compile(
    r"if this message is not eventually replaced by the proper contents of the document"
    r"|wenn diese (?:meldung|nachricht) (?:nach einiger zeit |schlie(?:ß|ss)lich )?nicht"
    r" (?:durch|mit) (?:den|dem) (?:richtigen |korrekten |eigentlichen )?inhalt"
    r"|si ce message n['\u2019]est (?:finalement )?pas remplac"
    r"|si (?:este|el) mensaje no (?:se reemplaza|se sustituye|es reemplazado|es sustituido)"
    r"|se (?:questo|il) messaggio non viene sostituito"
    r"|se esta mensagem n[ãa]o for (?:eventualmente )?substitu[íi]da"
    r"|als dit bericht (?:uiteindelijk )?niet (?:wordt vervangen|door)"
    r"|the document you are trying to load requires adobe reader",
    re.IGNORECASE,
)
#: A word of each of these sentences.
_IN_WAIT = "message meldung nachricht mensaje messaggio mensagem bericht reader".split()
#: The addresses on it, which are the same in every language.
_ADDRESSES = (
    re.compile(r"adobe\.com/go/reader_?download|adobe\.com/products/acrobat/readstep"),
    re.compile(r"adobe\.com/go/acrreader|adobe\.com/support/products/acrreader"),
)
#: Where the sentence begins at the latest: a letter about such a page has words before it.
_WAIT_BEGINS = 150
_WORD = re.compile(r"\w+")
_DYNAMIC = re.compile(rb"dynamicRender\s*>\s*(required|forbidden)")
#: A form whose words stand on its page up to this share is drawn there.
_DRAWN = 0.5
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
    """The reason why the pages of a PDF are not the document.

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
    if _asks_to_wait(texts):
        return StandIn(_WAIT_ALONE)
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
    """True when a viewer has to make the pages of a form.

    It says so (``NeedsRendering``, or ``dynamicRender`` in its settings); older forms do not, and
    have a single page without fields, on which the words of the form are not.
    """
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDF_GetFormType(document.raw)
    if kind not in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        return False
    if kind == pdfium.FORMTYPE_XFA_FULL:
        return True
    # PDFium was told to look after fields when the first was met on a page.
    has_fields = document.formenv is not None
    if len(texts) != 1 or not _are_short(texts) or has_fields:
        return False
    if _asks_to_wait(texts):
        return True
    content = _xfa(document)
    if setting := _DYNAMIC.search(content):
        return setting[1] == b"required"
    words = set(_WORD.findall(form_text(content).lower()))
    drawn = words & set(_WORD.findall(texts[0].lower()))
    return len(drawn) <= _DRAWN * len(words)


def _asks_to_wait(texts: Sequence[str]) -> bool:
    if not _are_short(texts):
        return False
    text = " ".join(" ".join(texts).split())
    small = text.lower()
    said = _WAIT.search(text) if any(map(small.__contains__, _IN_WAIT)) else None
    if said is not None:
        return said.start() <= _WAIT_BEGINS
    return len(texts) == 1 and all(address.search(text) for address in _ADDRESSES)


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
