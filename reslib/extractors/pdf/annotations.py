"""The annotations of a PDF page: form fields, text boxes, stamps and notes.

PDF keeps these beside the page, as annotations (ISO 32000-2, 12.5). Two kinds are told apart:

- What every viewer shows (filled-in fields, text boxes, stamps) belongs to the page. PDFium draws
  it into the page before the text is asked for, so that it is read like all the rest. Fields that
  a program filled in without drawing them get their appearance from PDFium.
- What opens when it is clicked (comments, remarks on highlighted words) is no part of the page.
  It is read as a part of its own, under the word "Notes:", at the end of the page.

What nobody sees, annotations that are hidden or only for paper, is left out.
"""

from __future__ import annotations

import ctypes
import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reslib.extractors.pdf.calls import calls, ready

__all__ = ["Beside", "open_page"]

#: Annotations of a page that are looked at, and the characters that are taken from one of them.
_MOST_ANNOTATIONS = 2000
_MOST_CHARACTERS = 2_000_000
#: Objects of a page among which text is looked for.
_MOST_OBJECTS = 300
#: Lines of fields that are looked for in the text of their page.
_MOST_LINES = 2000
#: The heading of the notes of a page.
_HEADING = "Notes:"
_NOWHERE = logging.NullHandler()
#: What stands before the name of a file that is pinned to the page.
_FILE_NOTE = "attached file"

# Types (fpdf_annot.h).
_TEXT, _LINK, _FREE_TEXT, _LINE = 1, 2, 3, 4
_STAMP, _POPUP, _FILE, _SOUND, _MOVIE, _WIDGET, _SCREEN = 13, 16, 17, 18, 19, 20, 21
_PRINTER_MARK, _TRAP_NET, _WATERMARK = 22, 23, 24
#: Never drawn into the page: an icon that stands for something else, or nothing at all.
_ICONS = frozenset({_TEXT, _LINK, _POPUP, _FILE, _SOUND, _MOVIE, _PRINTER_MARK, _TRAP_NET})
#: Drawn with words in them. Highlights, frames and ink have none.
_WORDS = frozenset({0, _FREE_TEXT, _LINE, _STAMP, _WIDGET, _SCREEN, _WATERMARK})
#: Their contents may be the words that they mark, or that are drawn in them.
_MARKS = frozenset({_LINE, 9, 10, 11, 12, _STAMP})
#: Their contents are no note of a reader.
_NO_NOTES = frozenset({_LINK, _SCREEN, _PRINTER_MARK, _TRAP_NET, _WATERMARK})

# Flags (ISO 32000-2, table 167) and flags of fields (tables 228 to 233).
_INVISIBLE, _HIDDEN, _NO_VIEW = 1 << 0, 1 << 1, 1 << 5
_PASSWORD_FIELD, _COMB_FIELD = 1 << 13, 1 << 24
_CHECK_BOX, _RADIO_BUTTON, _COMBO_BOX, _LIST_BOX, _TEXT_FIELD = 2, 3, 4, 5, 6
#: Fields that people fill in; buttons and signatures are none.
_FILLED_IN = frozenset({_CHECK_BOX, _RADIO_BUTTON, _COMBO_BOX, _LIST_BOX, _TEXT_FIELD})


@dataclass(slots=True)
class Beside:
    """The texts beside the content of one page: those of its annotations.

    Parameters
    ----------
    shown
        Texts that are seen on the page. PDFium has drawn nearly all of them.
    undrawn
        Texts that are seen on the page and were kept from being drawn.
    notes
        Texts that only open, each with its author before it.
    marks
        Those of the notes that belong to marked words, and may do no more than repeat them.
    alone
        Whether there is no text in the content of the page, so that all that is read of it was
        put over a picture or over nothing.
    fields
        How many fields are to be filled in.
    """

    shown: list[str] = field(default_factory=list)
    undrawn: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    alone: bool = False
    fields: int = 0

    def complete(self, text: str) -> str:
        """Return the text of the page with what is seen on it and was not drawn into it."""
        missing = list(self.undrawn)
        if self.shown:
            there = _Words(text)
            lines = [line for words in self.shown for line in words.splitlines()]
            missing += [line for line in lines[:_MOST_LINES] if line not in there]
        return "\n".join([text.rstrip(), *missing]).lstrip("\n") if missing else text

    def ending(self, text: str) -> str:
        """Return the notes as they end a page, without those that repeat its text."""
        there = _Words(text if self.marks else "")
        notes = [
            f"{author}: {note}" if author else note
            for author, note in dict.fromkeys(self.notes)
            if note not in self.marks or note not in there
        ]
        return "\n".join([_HEADING, *notes]) if notes else ""


def open_page(document: Any, index: int) -> tuple[Any, Beside | None]:
    """Open a page with all that is seen on it.

    Returns
    -------
    tuple
        The pypdfium2 page, and what stands beside its content; None for a page without such.
    """
    import pypdfium2.raw as pdfium

    page = document[index]
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0 or not _is_worth_a_look(page, count):
        return page, None
    if document.formenv is None and pdfium.FPDF_GetFormType(document.raw):
        # From here on PDFium draws fields that have no appearance of their own.
        page.close()
        logging.getLogger("pypdfium2").addHandler(_NOWHERE)  # it warns of every form in XML
        document.init_forms()
        page = document[index]
    area = page.get_bbox()
    beside = Beside(alone=not _has_text(page))
    drawn = False
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST_ANNOTATIONS)):
        with _annotation(page, number) as annotation:
            if annotation:
                drawn |= _Annotation(annotation, document.formenv).note_in(beside, area)
    if drawn and pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) == (
        pdfium.FLATTEN_SUCCESS
    ):
        page.close()
        page = document[index]
    return page, beside


def _is_worth_a_look(page: Any, count: int) -> bool:
    """True when a page has annotations that are not links, of which papers have hundreds."""
    plain, raw = calls(), ready(page.raw)
    for number in range(min(count, _MOST_ANNOTATIONS)):
        annotation = plain.annotation(raw, number)
        kind = plain.subtype(annotation) if annotation else _LINK
        plain.close_annotation(annotation)
        if kind != _LINK:
            return True
    return False


def _has_text(page: Any) -> bool:
    """True when text is among the first objects that the content of a page draws."""
    import pypdfium2.raw as pdfium

    for number in range(min(pdfium.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page.raw, number)
        inside = 0
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_FORM:
            inside = min(pdfium.FPDFFormObj_CountObjects(item), _MOST_OBJECTS)
        items = [item, *(pdfium.FPDFFormObj_GetObject(item, n) for n in range(inside))]
        if any(pdfium.FPDFPageObj_GetType(i) == pdfium.FPDF_PAGEOBJ_TEXT for i in items):
            return True
    return False


@contextmanager
def _annotation(page: Any, number: int) -> Iterator[Any]:
    import pypdfium2.raw as pdfium

    annotation = pdfium.FPDFPage_GetAnnot(page.raw, number)
    try:
        yield annotation
    finally:
        if annotation:
            pdfium.FPDFPage_CloseAnnot(annotation)


class _Annotation:
    """One annotation of a page."""

    def __init__(self, raw: Any, forms: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._raw = raw
        self._forms = forms
        self._type = pdfium.FPDFAnnot_GetSubtype(raw)
        self._flags = pdfium.FPDFAnnot_GetFlags(raw)

    def note_in(self, beside: Beside, area: tuple[float, float, float, float]) -> bool:
        """Add what it says, and return whether it is to be drawn into the page."""
        if self._flags & (_HIDDEN | _NO_VIEW) or (
            self._type in (_WIDGET, _FREE_TEXT) and not self._is_within(area)
        ):
            self._hide()
            return False
        if self._flags & _INVISIBLE and self._type:
            # It concerns types that a viewer does not know, and PDFium takes it for all.
            self._pdfium.FPDFAnnot_SetFlags(self._raw, self._flags & ~_INVISIBLE)
        if self._type == _WIDGET:
            return self._field(beside)
        if self._type == _FREE_TEXT:
            beside.shown += _nonempty(self._contents())
            return True
        if self._type not in _NO_NOTES:
            self._note(beside)
        if self._type in _ICONS:
            self._hide()
        return self._type in _WORDS

    def _field(self, beside: Beside) -> bool:
        if not self._forms:  # a field of no form: nothing is known of it but what it holds
            beside.shown += _nonempty(self._string("V"))
            return True
        kind = self._pdfium.FPDFAnnot_GetFormFieldType(self._forms.raw, self._raw)
        beside.fields += kind in _FILLED_IN
        if kind not in (_TEXT_FIELD, _COMBO_BOX, _LIST_BOX):
            return True
        flags = self._pdfium.FPDFAnnot_GetFormFieldFlags(self._forms.raw, self._raw)
        if kind == _TEXT_FIELD and flags & _PASSWORD_FIELD:
            self._hide()
            return False
        if kind == _TEXT_FIELD and flags & _COMB_FIELD:
            # Drawn with each letter in a box of its own, which is no word any more.
            beside.undrawn += _nonempty(self._value())
            self._hide()
            return False
        beside.shown += self._chosen() if kind != _TEXT_FIELD else _nonempty(self._value())
        return True

    def _note(self, beside: Beside) -> None:
        if self._pdfium.FPDFAnnot_HasKey(self._raw, b"StateModel"):
            return  # "Accepted set by Ann": what became of another note
        file = self._file_name() if self._type == _FILE else ""
        if file:
            beside.notes.append((_FILE_NOTE, file))
        if self._type == _POPUP and self._pdfium.FPDFAnnot_HasKey(self._raw, b"Parent"):
            return  # the window of a note, which says the same
        contents = self._contents()
        if contents and contents != file:
            author = " ".join(self._string("T").split())
            beside.notes.append((author, contents))
            if self._type in _MARKS:
                beside.marks.add(contents)

    def _contents(self) -> str:
        return self._string("Contents").strip() or _plain(self._string("RC"))

    def _value(self) -> str:
        return self._ask(self._pdfium.FPDFAnnot_GetFormFieldValue, self._forms.raw, self._raw)

    def _chosen(self) -> list[str]:
        """Return what is chosen of a list, as it is shown."""
        pdfium, forms = self._pdfium, self._forms.raw
        options = min(pdfium.FPDFAnnot_GetOptionCount(forms, self._raw), _MOST_ANNOTATIONS)
        chosen = [
            self._ask(pdfium.FPDFAnnot_GetOptionLabel, forms, self._raw, number)
            for number in range(options)
            if pdfium.FPDFAnnot_IsOptionSelected(forms, self._raw, number)
        ]
        return [label for label in chosen if label.strip()] or _nonempty(self._value())

    def _file_name(self) -> str:
        file = self._pdfium.FPDFAnnot_GetFileAttachment(self._raw)
        return self._ask(self._pdfium.FPDFAttachment_GetName, file).strip() if file else ""

    def _string(self, key: str) -> str:
        return self._ask(self._pdfium.FPDFAnnot_GetStringValue, self._raw, key.encode())

    def _ask(self, function: Any, *arguments: Any) -> str:
        """Return a text that PDFium gives as UTF-16, cut at the most that is taken."""
        size = function(*arguments, None, 0)
        if not 2 < size <= 2 * _MOST_CHARACTERS:
            return ""
        buffer = ctypes.create_string_buffer(size)
        function(*arguments, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
        text = buffer.raw[: size - 2].decode("utf-16-le", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").strip("\0")

    def _is_within(self, area: tuple[float, float, float, float]) -> bool:
        """True when it has a size and is on the page: forms keep sums in fields that have none."""
        box = self._pdfium.FS_RECTF()
        if not self._pdfium.FPDFAnnot_GetRect(self._raw, box):
            return False
        left, right = sorted((box.left, box.right))
        bottom, top = sorted((box.bottom, box.top))
        wide = min(right, area[2]) - max(left, area[0])
        high = min(top, area[3]) - max(bottom, area[1])
        return bool(wide >= 1 and high >= 1)

    def _hide(self) -> None:
        self._pdfium.FPDFAnnot_SetFlags(self._raw, self._flags | _HIDDEN)


class _Words:
    """The words of a text, to look whether others are among them, however lines are broken."""

    def __init__(self, text: str) -> None:
        self._text, self._phrase, self._letters = text, _phrase(text), _letters(text)

    def __contains__(self, text: object) -> bool:
        words = str(text)
        letters = _letters(words)
        if not letters:
            return words.strip() in self._text
        if len(letters) >= 12 or letters.isdecimal():  # a number may be drawn with its currency
            return letters in self._letters
        # The letters of a short word are found in the middle of others.
        return _phrase(words) in self._phrase


def _phrase(text: str) -> str:
    return " ".join(["", *re.findall(r"\w+", text.casefold()), ""])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _nonempty(text: str) -> list[str]:
    return [text.strip()] if text.strip() else []


def _plain(rich: str) -> str:
    """Return the words of a note in XHTML (ISO 32000-2, 12.7.4.4)."""
    broken = re.sub(r"<(?:br|/p)\b[^<>]*>", "\n", rich)
    return html.unescape(re.sub(r"<[^<>]*>", "", broken)).strip()
