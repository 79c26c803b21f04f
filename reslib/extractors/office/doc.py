"""Old Word documents (.doc), as antiword or catdoc give them.

antiword is asked first: it numbers lists, draws tables and leaves out what is hidden or deleted.
catdoc also reads short documents, which antiword refuses, headers, footers and text boxes, but
gives what fields are made of as well. What the one that was asked does not read is said. They are
started on Word documents and on nothing else: of other files they give raw bytes as text.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reslib.errors import PROTECTED, ErrorCode, ExtractionError, printable
from reslib.extractors.invisible import visible
from reslib.extractors.office.codepages import of_language
from reslib.extractors.office.ole import AGAIN, Container
from reslib.extractors.office.recoded import font_encodings, recoded
from reslib.extractors.own import WORD_PROGRAMS
from reslib.extractors.program import Printed, run_program
from reslib.items import DocumentInfo, Metadata, Page

__all__ = ["check_is_readable", "extract"]

#: Seconds that a program may take before the next one is asked.
_PATIENCE = 100
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAM, _WORD_2 = "WordDocument", b"\xdb\xa5"
#: At its beginning ([MS-DOC] 2.5.2): version, language, and the flag of a password.
_VERSION, _LANGUAGE, _FLAGS, _ENCRYPTED = 2, 6, 10, 0x100
#: From this version on (Word 97) it says how many characters each part has (2.5.4).
_WITH_PARTS = 0xC1
_PARTS = {0x54: "headers and footers", 0x5C: "comments", 0x64: "text boxes"}
_BODY = 0x4C
#: A part of so few characters holds what stands between texts, and no text.
_NOTHING = 20
#: The next program is asked as well when one gives less than this share of the characters.
_ENOUGH = 0.4
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
_UNKNOWN = re.compile(r"(?<=\w)\?(?=\w)")
_PICTURE = re.compile(r"\[pic\]")
#: What fields are made of ([MS-OI29500] has all of them), as catdoc gives it.
_FIELD = re.compile(
    r"(?<!\S)(?:HYPERLINK|PAGEREF|NUMPAGES|PAGE|TOC|REF|FORMTEXT|SEQ|DATE|TIME)(?!\w)"
    r'(?:[ ]+(?:\\[a-zA-Z*@]+|"[^"\n]{0,2000}"|MERGEFORMAT|_\w+))*[ ]*'
)


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata]:
    """Yield what the document states of itself, then its text as one page.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it has a password; ``malformed`` when it is damaged, or none of the
        programs reads it; ``timeout`` when they take too long; ``output_limit`` when its text is
        longer than one document may have.
    """
    known = _look(path)
    yield from _stated(known)
    best: _Text | None = None
    failures: list[str] = []
    is_late = False
    for program in WORD_PROGRAMS.installed():
        printed, text = _READ[program.name](path, known)
        if printed.status != 0:
            is_late |= printed.status is None
            failures.append(f"{program.name} {_how_it_failed(printed)}")
        elif best is None or len(text.text) > len(best.text):
            best = text
            if len(text.text) >= _ENOUGH * known.body:
                break
    if best is None:
        raise ExtractionError(
            f"it cannot be read: {'; '.join(failures)}. {AGAIN}, or as .docx",
            ErrorCode.TIMEOUT if is_late else ErrorCode.MALFORMED,
        )
    yield DocumentInfo(
        partial=best.is_partial, reason="; ".join(best.reasons), metadata={"program": best.program}
    )
    yield Page(best.text)


def check_is_readable(path: Path) -> Iterator[DocumentInfo | Metadata]:
    """Yield what a document states of itself.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``encrypted`` when it has a password; ``malformed`` when it is no Word document.
    """
    return _stated(_look(path))


def _stated(known: _Known) -> Iterator[DocumentInfo | Metadata]:
    titles = (each.value for each in known.stated if each.key == "title")
    yield DocumentInfo(title=next(titles, None))
    yield from known.stated


@dataclass(frozen=True, slots=True)
class _Known:
    """A document as it describes itself, before it is read."""

    stated: tuple[Metadata, ...] = ()
    #: Characters of its body; 1 when it does not say.
    body: int = 1
    #: What else it has.
    parts: tuple[str, ...] = ()
    #: Those that its bytes may be in; none for a document that keeps Unicode.
    encodings: tuple[str, ...] = ()


def _look(path: Path) -> _Known:
    with path.open("rb") as file:
        head = file.read(32)
    if not head.startswith(_OLE):  # older than the container: Word 2, and Word for DOS
        is_word_2 = head.startswith(_WORD_2) and len(head) == 32
        (language,) = struct.unpack_from("<H", head, _LANGUAGE) if is_word_2 else (0,)
        return _Known(encodings=(of_language(language),))
    with Container(path) as container:
        stream = container.read(_STREAM)
        start = stream[:1024]
        if len(start) < 32:
            raise ExtractionError(
                f"it is no Word document, whatever its name says. {AGAIN}", ErrorCode.MALFORMED
            )
        version, flags = (struct.unpack_from("<H", start, at)[0] for at in (_VERSION, _FLAGS))
        if flags & _ENCRYPTED:
            raise ExtractionError(f"the document {PROTECTED}", ErrorCode.ENCRYPTED)
        stated = tuple(container.stated())
    if version < _WITH_PARTS or len(start) < 0x68:
        (language,) = struct.unpack_from("<H", start, _LANGUAGE)
        return _Known(stated, encodings=(*font_encodings(stream), of_language(language)))
    sizes = {at: struct.unpack_from("<i", start, at)[0] for at in (_BODY, *_PARTS)}
    parts = tuple(name for at, name in _PARTS.items() if sizes[at] > _NOTHING)
    return _Known(stated, max(0, sizes[_BODY] - 1), parts)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text that a program gave, and what is to be said of it."""

    program: str
    text: str
    reasons: list[str]
    #: Whether some of the text is known to be missing.
    is_partial: bool


def _by_antiword(path: Path, known: _Known) -> tuple[Printed, _Text]:
    # Lines as long as they are, no pictures, and what its own table calls UTF-8.
    command = ("antiword", "-w", "0", "-i", "1", "-m", "UTF-8.txt", path)
    printed = run_program(command, _PATIENCE)
    text, lost = _decoded(printed, known)
    pictures = len(_PICTURE.findall(text))
    text = _ROW.sub(lambda row: "\t".join(map(str.strip, row[1].split("|"))), text)
    reasons = [f"{' and '.join(known.parts)} not read by antiword"] if known.parts else []
    if pictures:
        reasons.append(f"{pictures} {'picture' if pictures == 1 else 'pictures'} not read")
    text = _tidy(_PICTURE.sub("", text))
    return printed, _Text("antiword", text, reasons + lost, "text boxes" in known.parts)


def _by_catdoc(path: Path, known: _Known) -> tuple[Printed, _Text]:
    command = ("catdoc", "-w", "-s", "cp1252", "-d", "utf-8", path)
    printed = run_program(command, _PATIENCE)
    text, lost = _decoded(printed, known)
    was_fast = "fast-saved" in printed.complaints
    if was_fast:
        lost.append("it was saved in pieces, of which catdoc loses some")
    return printed, _Text("catdoc", _tidy(_FIELD.sub("", text)), lost, was_fast)


def _decoded(printed: Printed, known: _Known) -> tuple[str, list[str]]:
    given = printed.output.decode("utf-8", "replace")
    text = recoded(given, known.encodings)
    lost = text.count("\ufffd")
    if text != given:  # letters that the other code page does not have were lost before
        lost += len(_UNKNOWN.findall(text))
    shown = visible(_CONTROLS.sub("", text.replace("\f", "\n")))
    return shown, [f"{lost} character{'s' * (lost > 1)} could not be read"] if lost else []


def _tidy(text: str) -> str:
    lines = (line.rstrip(" \t\xa0") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _how_it_failed(printed: Printed) -> str:
    if printed.status is None:
        return f"took more than {_PATIENCE} seconds"
    said = printable(printed.complaints[:200]) or f"ended with the code {printed.status}"
    return f"says: {said}" if printed.complaints else said


_READ: dict[str, Callable[[Path, _Known], tuple[Printed, _Text]]] = {
    "antiword": _by_antiword,
    "catdoc": _by_catdoc,
}
