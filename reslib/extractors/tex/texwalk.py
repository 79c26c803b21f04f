r"""Walks through the source of a paper and writes what its reader reads.

No command is carried out: each is looked up in the tables of :mod:`~reslib.extractors.tex.texwords`
or is read by a function of its own; one that is in neither, a macro of somebody's own, is kept as
it is typed. Nothing here calls itself for what is nested: what is open is a list, so that a source
of a million braces is read as any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reslib.extraction import PAGE_BREAK
from reslib.extractors.bib.bibentry import Entry
from reslib.extractors.tex.texfiles import Files
from reslib.extractors.tex.texlexer import Kind, Lexer
from reslib.extractors.tex.texmath import displayed, inline
from reslib.extractors.tex.texnames import letter_at
from reslib.extractors.tex.texout import Nowhere, Out, typeset
from reslib.extractors.tex.textables import TexTable
from reslib.extractors.tex.texwords import ARGUMENTS, CHARACTERS, LAYOUT
from reslib.items import Figure, Reference, Section, Table

__all__ = ["Float", "Frame", "Handlers", "Walker"]

#: What is open at the same time, beyond which braces are only counted.
_DEEPEST = 10_000
#: Texts inside of texts (a note in a cell in a caption), beyond which they are written as one.
_DEEPEST_TEXT = 20
_MOST_PAGES = 2_000
_ACCENTS = frozenset("\"'`^~=.")
#: Commands that are accents; what letter they are on is looked up in the source.
_LETTERS = frozenset(
    "c v u H k d b r textcommabelow ss ae AE oe OE aa AA o O l L i j dh DH th TH dj DJ ng NG "
    "textendash textemdash textquoteright textquoteleft textquotedblleft textquotedblright "
    "textasciitilde".split()
)
_SLIDES = re.compile(r"[ \t]{0,4}<[^<>\n]{0,60}>")
_ROUND = re.compile(r"[ \t]{0,4}\([^()\n]{0,60}\)")
_COMMAND = re.compile(r"[ \t]{0,9}\\(?:[A-Za-z@]{1,60}|.)")
_NUMBER = r"[-+]?[ \t]?(?:[\d.,]{0,12})[ \t]?(?:true[ \t]?)?"
_UNIT = r"(?:pt|cm|mm|in|em|ex|bp|sp|pc|dd|cc|mu|fil{1,3}|\\[A-Za-z@]{1,40}\d?)"
_LENGTH = re.compile(
    rf"[ \t]{{0,4}}=?[ \t]{{0,4}}{_NUMBER}(?:{_UNIT})?"
    rf"(?:[ \t]{{0,4}}(?:plus|minus)[ \t]{{0,4}}{_NUMBER}{_UNIT}){{0,2}}"
)


@dataclass(slots=True)
class Frame:
    """Something that is open: an argument or an environment.

    Parameters
    ----------
    end
        What ends it: ``"}"``, or the name of an environment.
    done
        Called when it ends.
    short
        Whether it ends with its paragraph at the latest.
    """

    end: str
    done: Callable[[], None] | None = None
    short: bool = False
    #: Braces open in it that mean nothing.
    braces: int = 0


@dataclass(slots=True)
class Float:
    """A figure or a table that is set apart."""

    kind: str
    caption: str = ""
    tables: list[TexTable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Handlers:
    """Functions that read commands, those where environments begin and end among them.

    Parameters
    ----------
    commands
        By name without star; given the walker, the name and whether a star follows.
    unknown
        Reads a command that is in no table, or returns False.
    """

    commands: Mapping[str, Callable[[Walker, str, bool], None]]
    unknown: Callable[[Walker, str], bool]


class Walker:
    """Reads one document, or a piece of one.

    Parameters
    ----------
    source
        The source.
    handlers
        What reads commands.
    files
        The files beside the document; None for a piece of a document that asks for none.
    preamble
        Whether what is before ``\\begin{document}`` is no text.
    """

    def __init__(
        self, source: str, handlers: Handlers, files: Files | None = None, preamble: bool = False
    ) -> None:
        self.handlers, self.files = handlers, files
        self.lexers = [Lexer(source)]
        self.preamble = preamble
        self.out: Out = Nowhere() if preamble else Out()
        self.outs: list[Out] = []
        self.stack: list[Frame] = [Frame("")]
        self.open: dict[str, int] = {}
        self.short = 0
        self.ended = False
        #: What is said before the document begins, each with its kind.
        self.front: list[tuple[str, str]] = []
        self.notes: list[str] = []
        #: What the pages are called, each a chapter; the first may be what is before them.
        self.labels: list[str] = [""]
        self.sections: list[Section] = []
        self.figures: list[Figure] = []
        self.tables: list[Table] = []
        self.references: list[Reference] = []
        self.cells_left = 400_000
        self.floats: list[Float] = []
        self.table: list[TexTable] = []
        self.lists: list[list[int]] = []
        self.theorems: dict[str, str] = {}
        #: Conditions of the document's own, and what they are set to.
        self.conditions: dict[str, bool] = {}
        self.branches: list[bool | None] = []
        self.cited: dict[str, None] = {}
        self.bibliographies: list[str] = []
        self.addresses: list[str] = []
        self.german = False
        #: Entries of the bibliographies beside the document, by their keys.
        self.entries: dict[str, Entry] = {}
        self.has_references = False

    @property
    def lexer(self) -> Lexer:
        """The source that is being read."""
        return self.lexers[-1]

    def run(self) -> None:
        """Read all of it."""
        while not self.ended:
            kind, value = self.lexer.next()
            if kind is Kind.TEXT:
                self.text(value)
            elif kind is Kind.SPACE:
                self.out.space()
            elif kind is Kind.WORD:
                self.word(value)
            elif kind is Kind.OPEN:
                self.stack[-1].braces += 1
            elif kind is Kind.CLOSE:
                self._close_brace()
            elif kind is Kind.SIGN:
                self._sign(value)
            elif kind is Kind.PARAGRAPH:
                self.paragraph()
            elif kind is Kind.SPECIAL:
                self._special(value)
            elif not self._leave_source():
                break
        while len(self.stack) > 1:
            self.pop()

    def piece(self, source: str) -> str:
        """Return what a reader reads of a short piece of source, such as an optional argument."""
        walker = Walker(source, self.handlers)
        walker.german = self.german
        walker.run()
        return walker.out.text().replace("\n", " ").strip()

    # --- text ---------------------------------------------------------------------------------

    def text(self, value: str) -> None:
        """Write plain characters, with what TeX makes of some of them."""
        self.out.write(typeset(value, self.german))

    def paragraph(self) -> None:
        """End a paragraph, and arguments that cannot go on behind one."""
        while self.short:
            self.pop()
        self.out.paragraph()

    def out_paragraph(self) -> None:
        """Begin a paragraph."""
        self.out.paragraph()

    @property
    def page(self) -> int:
        """The number of the page that is being written."""
        return len(self.labels)

    def begin_page(self) -> None:
        """Begin the page of a chapter, behind the notes of the one before."""
        if self.preamble or self.outs or len(self.labels) >= _MOST_PAGES or self.out.is_empty():
            return
        self.write_notes()
        self.out.paragraph()
        self.out.write(PAGE_BREAK)
        self.labels.append("")

    def write_notes(self) -> None:
        """Write the notes that were read since the last page began."""
        for note in self.notes:
            self.out.paragraph()
            self.out.write(note)
        self.notes.clear()

    def leave_preamble(self) -> None:
        """Write from here on."""
        self.preamble = False
        self.out = Out()

    def display(self, source: str) -> None:
        """Write a formula that stands on its own."""
        for line in displayed(source):
            self.out.line()
            self.out.write(line)
        self.out.line()

    def formula(self, source: str) -> None:
        """Write a formula that stands in a sentence."""
        tail = self.out.tail()
        written, joined = inline(source, tail, self.lexer.coming(40))
        self.out.write(written if joined or written else "")

    # --- what is open -------------------------------------------------------------------------

    def push(self, frame: Frame) -> bool:
        """Open something; False when too much is open, and nothing happens."""
        if len(self.stack) >= _DEEPEST:
            return False
        self.stack.append(frame)
        self.short += frame.short
        self.open[frame.end] = self.open.get(frame.end, 0) + 1
        return True

    def pop(self) -> None:
        """End what was opened last."""
        frame = self.stack.pop()
        self.short -= frame.short
        self.open[frame.end] -= 1
        if frame.done is not None:
            frame.done()

    def argument(self, done: Callable[[], None], *, short: bool = False) -> bool:
        """Open the argument in braces that comes next; False when there is none."""
        self.lexer.gap()
        if self.lexer.peek() != "{" or not self.push(Frame("}", done, short)):
            return False
        self.lexer.position += 1
        return True

    def captured(self, done: Callable[[str], None], *, short: bool = False) -> bool:
        """Open the argument that comes next, whose text is not written but given to *done*."""
        if len(self.outs) >= _DEEPEST_TEXT:
            return False
        opened = self.argument(lambda: done(self.release()), short=short)
        if opened:
            self.capture()
        return opened

    def capture(self) -> None:
        """Write to a text of its own from here on."""
        self.outs.append(self.out)
        self.out = Out()

    def release(self) -> str:
        """Write to the text around again, and return what was written to the one of its own."""
        text = self.out.text().strip()
        self.out = self.outs.pop()
        return text

    def _close_brace(self) -> None:
        frame = self.stack[-1]
        if frame.braces:
            frame.braces -= 1
        elif self.open.get("}"):
            self.end_environment("}")  # with what was not ended inside of the argument

    def end_environment(self, name: str) -> None:
        """End what was opened under a name, and what is still open in it."""
        if self.open.get(name):
            while self.stack[-1].end != name:
                self.pop()
            self.pop()

    def enter_source(self, source: str, inside: str) -> None:
        """Read a file before what comes next."""
        folder = inside.rpartition("/")[0]
        self.lexers.append(Lexer(source, folder))

    def _leave_source(self) -> bool:
        if len(self.lexers) == 1:
            return False
        self.lexers.pop()
        if self.files is not None:
            self.files.leave()
        self.out.space()
        return True

    # --- commands -----------------------------------------------------------------------------

    def word(self, value: str) -> None:
        """Read a command of letters."""
        name = value.removesuffix("*")
        lexer = self.lexer
        if name in _LETTERS:
            found = letter_at(lexer.text, lexer.position - len(value) - 1)
            if found is not None:
                self.out.write(found[0])
                lexer.position = found[1]
                return
        handler = self.handlers.commands.get(name)
        if handler is not None:
            handler(self, name, name != value)
        elif name in CHARACTERS:
            if name != value:
                lexer.position -= 1
            self.out.write(CHARACTERS[name])
            lexer.gap()
        elif name in ARGUMENTS:
            lexer.gap()
            self.arguments(ARGUMENTS[name])
        elif name in LAYOUT:
            lexer.ahead(_LENGTH)
        elif not self.handlers.unknown(self, name):
            self.keep(value)

    def arguments(self, signature: str) -> None:
        """Pass and show the arguments of a command; see :mod:`.texwords` for the letters."""
        for place, letter in enumerate(signature):
            if letter == "P":
                self.out.paragraph()
            elif letter == "L":
                self.out.line()
            elif letter == "S":
                self.out.space()
            elif letter == "t":
                self._to_argument()
                rest = signature[place + 1 :]
                if rest and self.argument(lambda rest=rest: self.arguments(rest)):  # type: ignore[misc]
                    return
            else:
                self._pass(letter)

    def _to_argument(self) -> None:
        """Go to the brace that comes next, if one does."""
        lexer = self.lexer
        start = lexer.position
        lexer.gap()
        if lexer.peek() != "{":
            lexer.position = start

    def _pass(self, letter: str) -> None:
        lexer = self.lexer
        if letter == "v":
            lexer.ahead(_SLIDES)
        elif letter == "r":
            lexer.ahead(_ROUND)
        else:
            lexer.gap()
            if letter == "o":
                lexer.option()
            elif letter == "O":
                shown = self.piece(lexer.option() or "")
                self.out.write(shown)
            elif letter == "m" and lexer.group() is None:
                lexer.ahead(_COMMAND)

    def keep(self, value: str) -> None:
        """Write a command that nobody here knows as it is typed, with its arguments."""
        self.out.write(f"\\{value}")
        self._keep_arguments()

    def _keep_arguments(self) -> None:
        lexer = self.lexer
        option = lexer.option() if lexer.peek() == "[" else None
        if option is not None:
            self.out.write(f"[{self.piece(option)}]")
        if lexer.peek() == "{" and self.push(Frame("}", self._end_kept)):
            lexer.position += 1
            self.out.write("{")

    def _end_kept(self) -> None:
        self.out.write("}")
        self._keep_arguments()

    def _sign(self, sign: str) -> None:
        """Read a command of one character that is no letter."""
        lexer = self.lexer
        if sign in _ACCENTS:
            found = letter_at(lexer.text, lexer.position - 2)
            if found is not None:
                self.out.write(found[0])
                lexer.position = found[1]
            elif sign in "~^":
                self.out.write(sign)
        elif sign in "&%$#_{}":
            self.out.write(sign)
        elif sign == "\\":
            self._line_end()
        elif sign in ("(", "["):
            source = lexer.until("\\)" if sign == "(" else "\\]")
            if source is None:
                self.out.write(sign)
            elif sign == "(":
                self.formula(source)
            else:
                self.display(source)
        elif sign == ";" and self.floats and self.floats[-1].kind == "algorithm":
            self.out.line()
        elif sign in " ,;:>\n\t" or not sign:
            self.out.space()

    def _line_end(self) -> None:
        lexer = self.lexer
        if lexer.peek() == "*":
            lexer.position += 1
        if lexer.peek() == "[":
            lexer.option()
        if self.in_table() and self._ends_row():
            self.end_row()
        else:
            self.out.line()

    def _ends_row(self) -> bool:
        """True when a line end stands in no braces of its cell."""
        table, top = self.table[-1], self.stack[-1]
        return table.in_head or (len(self.stack) == table.depth and not top.braces)

    def _special(self, sign: str) -> None:
        lexer = self.lexer
        if sign == "~":
            self.out.space()
        elif sign == "&" and self.in_table():
            self.end_cell()
        elif sign != "$":
            self.out.write(sign)
        elif lexer.peek() == "$":
            lexer.position += 1
            source = lexer.until("$$")
            if source is not None:
                self.display(source)
        else:
            source = lexer.formula()
            if source is None:
                self.out.write("$")
            else:
                self.formula(source)

    # --- tables -------------------------------------------------------------------------------

    def in_table(self) -> bool:
        """True when a cell is being read, and no text inside of it."""
        return bool(self.table) and self.table[-1].level == len(self.outs)

    def end_cell(self) -> None:
        """End the cell that is being read, and begin the next."""
        self.table[-1].end_cell(self.out.text())
        self.out = Out()

    def end_row(self) -> None:
        """End the row that is being read, and write it below the rows before."""
        self.end_cell()
        row = self.table[-1].end_row()
        if row:
            around = self.outs[-1]
            around.line()
            around.write(row)
            around.line()
