r"""RTF (Rich Text Format 1.9.1): the text, its notes, headers, tables and drawings.

Headers come first, then the body, footers and notes. Cells are separated by tabs and rows end
lines. The address of a link follows its words; of pictures their alternative texts are read, in
brackets. What is hidden or deleted, pictures, embedded objects and comments are left out. Nothing
is fetched or started.

Written here because the library for it (striprtf 0.0.35) loses notes, headers, text boxes,
formulas and ``\upr``, reads what is hidden, and takes no raw bytes of another code page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.office.symbolfont import symbol
from reslib.extractors.rtftext import State, Text
from reslib.extractors.rtfwords import (
    ANSI_CHARSET,
    BOXES,
    CHARACTERS,
    CHARSETS,
    CODE_PAGES,
    DESCRIBED,
    FILE_NAME,
    INFO,
    KNOWN,
    LEFT_OUT,
    LIST_TEXTS,
    ORDER,
    PARTS,
    STATED,
    SYMBOLS,
    SYMBOLS_CHARSET,
    code_page,
    stated_time,
)
from reslib.extractors.stated import Stated, names
from reslib.extractors.textfile import read_bytes
from reslib.items import DocumentInfo, Metadata, Page

__all__ = ["extract", "rtf_text"]

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)",
    re.DOTALL,
)
#: What matters in a group that is left out: its braces, and bytes that are none.
_SKIMMED = re.compile(rb"\\bin([0-9]{1,10}) ?|\\.|([{}])", re.DOTALL)
#: The alternative text of a picture or a shape, or the letters that are drawn, among what is said
#: of how it looks.
_DESCRIBED = re.compile(rb"\{\\sn (wzDescription|gtextUNICODE)\}\s*\{\\sv ([^{}]{1,4000})\}")
#: An address on the web; what begins with a switch is a place in the document.
_ADDRESS = re.compile(r'HYPERLINK\s+"?([^\\\s"#][^\s"]{2,2000})', re.IGNORECASE)
#: Deeper groups are an attack: a page of Word has about 10.
_DEEPEST = 10_000


def extract(path: Path) -> Iterator[Page | DocumentInfo | Metadata]:
    """Yield what the document states of itself, then its text as one page.

    Parameters
    ----------
    path
        The document.

    Raises
    ------
    ExtractionError
        ``malformed`` when it is no RTF or nested too deep; ``output_limit`` when it is longer
        than :data:`~reslib.extractors.textfile.MAX_BYTES`.
    """
    instead = "Save it again without its pictures, or as .docx, and add that"
    reader = _read(read_bytes(path, what="the document, with its pictures,", instead=instead))
    stated = reader.stated()
    yield DocumentInfo(title=stated.title(), partial=reader.is_cut, reason=reader.reason())
    yield from stated
    yield Page(reader.text(), reader.confidence())


def rtf_text(data: bytes) -> str:
    """Return the text of RTF that is part of something else; raises what :func:`extract` does."""
    return _read(data).text()


def _read(data: bytes) -> _Reader:
    start = data[:1024].find(b"{\\rtf")
    if start < 0:
        raise ExtractionError(
            "it is no RTF document: it does not begin with {\\rtf. Save it again in the program "
            "that wrote it, or give it its right name",
            ErrorCode.MALFORMED,
        )
    reader = _Reader(data)
    reader.read(start)
    return reader


class _Reader:
    """Reads one document from its first group to the end of it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parts: dict[str, list[Text]] = {"body": [Text()]}
        self._state = State(self._parts["body"][0])
        self._stack: list[State] = []
        #: For each open group that does something at its end: its depth, and what.
        self._endings: list[tuple[int, Callable[[], None]]] = []
        self._encoding = "cp1252"
        #: Of each font its name and its encoding, which symbols have none of.
        self._names: dict[int | None, str] = {}
        self._fonts: dict[int | None, str | None] = {}
        self._default_font: int | None = None
        self._bytes = bytearray()
        self._to_skip = 0
        self._starred = False
        self._address = ""
        self._stated: list[tuple[str, Text]] = []
        self._pictures = self._comments = self._unmapped = self._lost = 0
        self.is_cut = False

    # --- what is found --------------------------------------------------------------------------

    def text(self) -> str:
        blocks = []
        for kind in ORDER:
            texts = (part.text() for part in self._parts.get(kind, ()))
            # Sections repeat their headers.
            found = texts if kind in ("body", "footnotes") else dict.fromkeys(texts)
            blocks.append("\n".join(filter(None, (text.strip(" ") for text in found))))
        return "\n\n".join(filter(None, blocks))

    def confidence(self) -> float:
        written = max(1, len(self.text()))
        wrong = self._lost + self._unmapped
        return round(1.0 - min(1.0, wrong / (written + self._unmapped)), 4)

    def reason(self) -> str:
        reasons = []
        if self.is_cut:
            reasons.append("it ends in the middle: groups are open at its end")
        if self._lost:
            reasons.append(f"{_count(self._lost, 'place')} not valid in the code page")
        if self._unmapped:
            reasons.append(f"{_count(self._unmapped, 'symbol')} without a known meaning")
        if self._pictures:
            reasons.append(f"{_count(self._pictures, 'picture')} not read")
        if self._comments:
            reasons.append("comments left out")
        return "; ".join(reasons)

    def stated(self) -> Stated:
        stated = Stated("document information")
        for key, text in self._stated[:100]:
            for value in names(text.text()) if key == "author" else [text.text()]:
                stated.add(key, value)
        for key, word in (("created", b"creatim"), ("modified", b"revtim")):
            stated.add(key, stated_time(self._data, word))
        return stated

    # --- groups ---------------------------------------------------------------------------------

    def read(self, start: int) -> None:
        """Read the document that starts there."""
        data, position, end = self._data, start, len(self._data)
        last_paragraph = data.rfind(b"\\par")
        while position < end:
            token = _TOKEN.match(data, position)
            if token is None:  # the end of a line, or a last backslash
                position += 1
                continue
            position = token.end()
            word, argument, byte, other, brace, plain = token.groups()
            if plain is not None:
                self._take(plain)
            elif byte is not None:
                self._take(bytes((int(byte, 16),)))
            elif brace is not None:
                self._decode()
                self._to_skip = 0
                if brace == b"{":
                    self._open()
                elif self._close() and position > last_paragraph:
                    return  # a brace too many in the middle, as some programs write it, is no end
            elif word is not None:
                name, number = word.decode(), int(argument) if argument is not None else None
                if name == "bin":
                    position += max(0, number or 0)
                elif self._is_left_out(name):
                    begin, position = position, self._past_group(position)
                    if name in DESCRIBED:
                        self._decode()
                        self._describe(begin, position)
                else:
                    self._word(name, number)
            else:
                self._symbol(other.decode("latin-1"))
            if self._starred and other != b"*" and not (other or b"").isspace():
                self._starred = False
        self._decode()
        self.is_cut = bool(self._stack)

    def _open(self) -> None:
        if len(self._stack) >= _DEEPEST:
            raise ExtractionError(
                f"its groups are nested more than {_DEEPEST:,} deep. It is damaged or made to "
                "attack programs that read it",
                ErrorCode.MALFORMED,
            )
        self._stack.append(self._state)
        self._state = replace(self._state)

    def _close(self) -> bool:
        """End a group; return whether it was the document."""
        while self._endings and self._endings[-1][0] >= len(self._stack):
            self._endings.pop()[1]()
        if self._stack:
            self._state = self._stack.pop()
        return not self._stack

    def _is_left_out(self, name: str) -> bool:
        """True when the group that this word begins holds nothing to read."""
        if name in ("pict", "shppict"):
            self._pictures += 1
        elif name == "annotation":
            self._comments += 1
        of_formula = name.startswith("m") and name.endswith("Pr")  # how it looks
        starred = self._starred and name not in KNOWN
        return bool(self._stack) and (name in LEFT_OUT or of_formula or starred)

    def _past_group(self, position: int) -> int:
        """End the group without reading it; return where it ends."""
        depth = 1
        while depth and (found := _SKIMMED.search(self._data, position)):
            position = found.end()
            if found[1] is not None:
                position += int(found[1])
            elif found[2] is not None:
                depth += 1 if found[2] == b"{" else -1
        self._starred = False
        if depth:
            return len(self._data)
        return position - 1  # the brace is read as any other

    def _describe(self, start: int, end: int) -> None:
        """Write the words among the properties of a picture or a shape."""
        for found in _DESCRIBED.finditer(self._data, start, end):
            reader = _Reader(b"{%b}" % found[2])
            reader._encoding = self._encoding
            reader.read(0)
            text = " ".join(reader.text().split())
            if text and not FILE_NAME.fullmatch(text):
                self._write(f" {text} " if found[1] == b"gtextUNICODE" else f" [{text}] ")

    # --- words ----------------------------------------------------------------------------------

    def _symbol(self, character: str) -> None:
        if character == "*":
            self._starred = True
        elif character in "\\{}":
            self._take(character.encode())
        elif character in SYMBOLS:
            self._character(SYMBOLS[character])

    def _word(self, name: str, number: int | None) -> None:
        if name == "u" and number is not None:
            self._decode()
            if not self._was_skipped():
                code = number % 0x10000
                if 0xF000 <= code <= 0xF0FF:
                    self._write_symbols([code])
                else:
                    self._write(chr(code))
                self._to_skip = self._state.skip
        elif name in CHARACTERS:
            self._decode()
            self._character(CHARACTERS[name], name)
        elif name in PARTS:
            self._begin(self._part(PARTS[name]))
        else:
            self._decode()
            self._formatting(name, number)

    def _character(self, text: str, name: str = "") -> None:
        self._decode()
        if self._was_skipped():
            return
        if name in ("row", "nestrow"):
            parts = self._state.out.parts
            if parts and parts[-1] == "\t":
                parts.pop()
        elif name == "par" and self._state.in_row:
            text = " "
        elif name in ("cell", "nestcell"):
            parts = self._state.out.parts
            if parts and parts[-1] == " ":  # the paragraph that ends with the cell
                parts.pop()
        self._write(text)

    def _formatting(self, name: str, number: int | None) -> None:
        state, on = self._state, number != 0
        match name:
            case "uc":
                state.skip = max(0, number or 0)
            case "f":
                state.font = number
            case "fcharset" if state.kind == "fonttbl":
                self._fonts[state.font] = self._of_charset(number)
            case "cpg" if state.kind == "fonttbl":
                self._fonts[state.font] = code_page(number) or self._encoding
            case "deff":
                self._default_font = number
            case "ansicpg":
                self._encoding = code_page(number) or self._encoding
            case "mac" | "pc" | "pca":
                self._encoding = CODE_PAGES[name]
            case "v":
                state.hidden = on
            case "deleted":
                state.deleted = on
            case "super" | "msup":
                state.raised = on
            case "mden":
                self._write("/")
            case "sub":
                state.lowered = on
            case "up":
                state.raised = (number or 0) > 0
            case "nosupersub":
                state.raised = state.lowered = False
            case "plain":
                state.font = self._default_font
                state.hidden = state.deleted = state.raised = state.lowered = False
            case "intbl":
                state.in_row = True
            case "pard":
                state.in_row = False
            case "fonttbl":
                self._begin(Text(), "fonttbl")
            case "info":
                self._begin(Text(), "info")
            case "fldinst":
                instruction = Text()
                self._begin(instruction, "fldinst")
                self._at_end(lambda: self._instructed(instruction))
            case "fldrslt":
                shown, address = state.out, self._address
                at = len(shown.parts)
                self._address = ""
                self._at_end(lambda: self._linked(shown, at, address))
            case "upr":
                state.doubled = True
            case "ud":
                state.doubled = False
            case _ if name in LIST_TEXTS:
                state.kind = name
            case _ if name in BOXES:
                self._write("\n")
                self._at_end(lambda: self._write("\n"))
            case _ if state.kind == "info" and name in STATED:
                self._stated.append((STATED[name], Text()))
                self._begin(self._stated[-1][1], "stated")
            case _ if state.kind == "info" and name in INFO:
                self._begin(Text(), "stated")

    def _begin(self, out: Text, kind: str = "") -> None:
        """Let what the group holds go somewhere else."""
        self._state.out, self._state.kind = out, kind
        self._state.hidden = self._state.raised = self._state.lowered = False
        self._state.in_row = False

    def _part(self, kind: str) -> Text:
        self._decode()
        texts = self._parts.setdefault(kind, [])
        texts.append(Text())
        return texts[-1]

    def _at_end(self, call: Callable[[], None]) -> None:
        self._endings.append((len(self._stack), call))

    def _instructed(self, instruction: Text) -> None:
        found = _ADDRESS.search(instruction.text())
        self._address = found[1] if found else ""

    def _linked(self, shown: Text, at: int, address: str) -> None:
        """Write where a link leads, when its words do not."""
        shown.flush()
        if address and address.rstrip("/") not in "".join(shown.parts[at:]):
            shown.parts.append(f" ({address})")

    # --- characters -----------------------------------------------------------------------------

    def _font(self) -> int | None:
        return self._state.font if self._state.font is not None else self._default_font

    def _was_skipped(self) -> bool:
        """True when this stands in for a character that was given in Unicode."""
        if self._to_skip:
            self._to_skip -= 1
            return True
        return False

    def _take(self, data: bytes) -> None:
        if self._to_skip:
            left = data[self._to_skip :]
            self._to_skip = max(0, self._to_skip - len(data))
            data = left
        self._bytes += data

    def _decode(self) -> None:
        """Write the bytes that came, which may be halves of characters, in their code page."""
        if not self._bytes:
            return
        data = bytes(self._bytes)
        self._bytes.clear()
        if self._state.kind == "fonttbl":
            self._write(data.decode("latin-1"))
            return
        encoding = self._fonts.get(self._font(), self._encoding)
        if encoding is None:
            self._write_symbols([0xF000 + byte for byte in data])
            return
        text = data.decode(encoding, "replace")
        self._lost += text.count("\ufffd")
        self._write(text)

    def _write_symbols(self, codes: list[int]) -> None:
        font = self._names.get(self._font(), "Symbol").strip()
        for code in codes:
            known = symbol(code, font)
            if known is None and self._state.kind in LIST_TEXTS:
                known = "\u2022"  # whatever it looks like
            self._unmapped += known is None
            self._write(known or "\ufffd")

    def _write(self, text: str) -> None:
        state = self._state
        if state.kind == "fonttbl":
            self._names[state.font] = self._names.get(state.font, "") + text
        elif text and not state.hidden and not state.deleted and not state.doubled:
            state.out.write(text, state)

    def _of_charset(self, number: int | None) -> str | None:
        """Return the encoding of a font; None for one of symbols."""
        if number == SYMBOLS_CHARSET:
            return None
        if number == ANSI_CHARSET:
            return "cp1252"
        return CHARSETS.get(number or 0, self._encoding)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
