"""Commands of TeX whose arguments mean something: headings, notes, citations, files, cells."""

from __future__ import annotations

import re
from collections.abc import Callable

from reslib.extractors.encoding import decode
from reslib.extractors.invisible import visible
from reslib.extractors.tex.texout import flat
from reslib.extractors.tex.texwalk import Walker
from reslib.extractors.tex.texwords import (
    CITATIONS,
    FRONT,
    HEADINGS,
    REFERENCES,
    WORDS,
)
from reslib.items import Figure, Section

# ruff: noqa: RUF001 - characters that look alike are meant

__all__ = [
    "AND",
    "COMMANDS",
    "heading",
    "readable_source",
    "said_in_front",
    "without_and",
]

#: Stands between two authors of one ``\author``.
AND = "\x1e"

_Command = Callable[[Walker, str, bool], None]
_SLIDES = re.compile(r"[ \t]{0,4}<[^<>\n]{0,60}>")
#: Of an address in elsarticle.
_ADDRESS_PART = re.compile(
    r"(?:\A|,)\s*(?:organization|addressline|city|postcode|state|country)\s*=\s*"
)
_FILE = re.compile(r"[ \t]{0,9}([^\s{}\\%]{1,200})")
_NAMED = re.compile(r"[^\\{}\n]{0,80}\\endcsname")
_AND = re.compile(rf"\s*{AND}\s*")
_LONGEST_LABEL = 200
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNITS = {
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "milli": "m", "micro": "µ", "nano": "n",
    "pico": "p", "femto": "f", "centi": "c", "hecto": "h", "deci": "d", "meter": "m", "metre": "m",
    "gram": "g", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol", "candela": "cd",
    "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "volt": "V",
    "ohm": "Ω", "tesla": "T", "farad": "F", "coulomb": "C", "weber": "Wb", "henry": "H",
    "siemens": "S", "becquerel": "Bq", "gray": "Gy", "sievert": "Sv", "lumen": "lm", "lux": "lx",
    "minute": "min", "hour": "h", "day": "d", "liter": "L", "litre": "L", "tonne": "t",
    "electronvolt": "eV", "degree": "°", "degreeCelsius": "°C", "celsius": "°C", "percent": "%",
    "bit": "bit", "byte": "B", "decibel": "dB", "angstrom": "Å", "arcsecond": "″",
    "arcminute": "′", "bar": "bar", "per": "/", "squared": "^2", "cubed": "^3", "radian": "rad",
}  # fmt: skip
_UNIT = re.compile(r"\\([A-Za-z]+)[ \t]*")


def readable_source(data: bytes, encoding: str | None) -> str:
    """Return the characters of a file that another one asks for.

    Parameters
    ----------
    data
        Its bytes.
    encoding
        What the other one says of itself.
    """
    return _CONTROLS.sub("", visible(decode(data, encoding).text))


# --- what is said before the document -----------------------------------------------------------


def _front(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    while walker.lexer.option() is not None:
        walker.lexer.gap()

    def done(text: str) -> None:
        said_in_front(walker, FRONT[name], text)
        walker.lexer.gap()
        if name == "icmlauthor":
            walker.lexer.group()
        elif name == "abstract" and walker.lexer.peek() == "{":  # of A&A, in five parts
            walker.captured(done)

    walker.captured(done)


def said_in_front(walker: Walker, key: str, text: str) -> None:
    """Take note of a title, an author or the like, and write it unless it comes before all text."""
    text = text.strip()
    if not text.replace(AND, "").strip():
        return
    if key in ("", "affiliation"):
        text = _ADDRESS_PART.sub(", ", text).strip(", ")
    walker.front.append((key, text))
    if not walker.preamble:
        heading_of = {"abstract": "Abstract", "keywords": "Keywords"}.get(key)
        walker.out.paragraph()
        if heading_of:
            walker.out.write(heading_of)
            walker.out.line()
        walker.out.write(without_and(text))
        walker.out.paragraph()


def without_and(text: str) -> str:
    """Return a text with a line for each author, and no marks between them."""
    return _AND.sub("\n", text).strip()


def _and(walker: Walker, name: str, starred: bool) -> None:
    walker.out.line()
    walker.out.write(AND)


# --- headings, captions, notes ------------------------------------------------------------------


def heading(walker: Walker, level: int) -> None:
    """Read the argument that comes next as a heading."""

    def done(text: str) -> None:
        text = flat(text)
        walker.out.paragraph()
        walker.out.write(text)
        walker.out.paragraph()
        if text and not walker.preamble:
            walker.sections.append(Section(text, level, walker.page))
            if level <= 1 and not walker.labels[-1]:
                walker.labels[-1] = text[:_LONGEST_LABEL]

    if level <= 1:
        walker.begin_page()
    walker.out.paragraph()
    walker.captured(done, short=True)


def _heading(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.ahead(_SLIDES)
    walker.lexer.gap()
    walker.lexer.option()
    heading(walker, HEADINGS[name])


def _note(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    walker.lexer.option()

    def done(text: str) -> None:
        if len(text) <= 3 and walker.lexer.peek() == "{":  # the mark, in plain TeX
            walker.captured(done)
        elif text:
            walker.notes.append(without_and(text))

    walker.captured(done)


def _caption(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    kind = lexer.raw() or "" if name == "captionof" else ""
    lexer.gap()
    lexer.option()

    def done(text: str) -> None:
        text = flat(text)
        in_table = walker.in_table()
        out = walker.outs[-1] if in_table else walker.out
        out.paragraph()
        out.write(text)
        out.paragraph()
        if in_table and walker.table[-1].environment != "subtable":
            walker.table[-1].caption = text
        elif walker.floats:
            current = walker.floats[-1]
            current.caption = f"{current.caption} {text}".strip()
        elif kind == "figure" and text:
            walker.figures.append(Figure(walker.page, text))

    walker.captured(done)


def _raised(walker: Walker, name: str, starred: bool) -> None:
    walker.captured(lambda text: walker.out.raise_(flat(text), walker.lexer.coming(40)), short=True)


def _quoted(walker: Walker, name: str, starred: bool) -> None:
    if walker.argument(lambda: walker.out.write("”"), short=True):
        walker.out.write("“")


def _thanks_heading(walker: Walker, name: str, starred: bool) -> None:
    """Write the heading that classes set for the acknowledgements."""
    walker.lexer.gap()
    walker.out.paragraph()
    walker.out.write("Acknowledgments" if "acknowledgm" in name.lower() else "Acknowledgements")
    walker.out.paragraph()


# --- citations, links ---------------------------------------------------------------------------


def _cite(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    notes: list[str] = []
    while len(notes) < 2 and (option := lexer.option()) is not None:
        notes.append(walker.piece(option))
        lexer.gap()
    keys = [key.strip() for key in (lexer.raw() or "").split(",") if key.strip()]
    walker.cited.update(dict.fromkeys(keys))
    before, after = notes if len(notes) == 2 else ("", "".join(notes))
    said = f"{before} {', '.join([*keys, *filter(None, [after])])}".strip()
    if said and name != "nocite":
        walker.out.write(f"[{said}]")


def _reference(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    key = flat(walker.lexer.raw() or "")
    if key:
        walker.out.write(f"[{', '.join(one.strip() for one in key.split(','))}]")


def _address(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    address = lexer.raw() if lexer.peek() == "{" else lexer.quoted()
    if address:
        address = flat(re.sub(r"\\([%#&_~$])", r"\1", address))
        walker.addresses.append(address)
        walker.out.write(f"doi:{address}" if name == "doi" else address)


def _link(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    lexer.option()
    lexer.gap()
    walker.addresses.append(lexer.raw() or "")
    lexer.gap()


# --- files, formulas, listings ------------------------------------------------------------------


def _input(walker: Walker, name: str, starred: bool) -> None:
    lexer, files = walker.lexer, walker.files
    lexer.gap()
    folder = ""
    if "import" in name or name in ("inputfrom", "includefrom"):
        folder = (lexer.raw() or "").strip("/ ")
        lexer.gap()
    if lexer.peek() == "{":
        wanted = lexer.raw() or ""
    else:
        found = lexer.ahead(_FILE)
        wanted = found[1] if found else ""
    if name == "InputIfFileExists":
        for _ in range(2):
            lexer.gap()
            lexer.group(long=True)
    if files is None or not wanted.strip():
        return
    found_file = files.source(f"{folder}/{wanted.strip()}" if folder else wanted, lexer.folder)
    if found_file is None:
        return
    data, inside = found_file
    if files.enter(inside):
        walker.enter_source(readable_source(data, files.encoding), inside)
    else:
        files.refused[wanted] = "it asks for itself"


def _ensured(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    source = walker.lexer.group()
    if source:
        walker.formula(source)


def _chemical(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    source = walker.lexer.group() or ""
    walker.out.write(flat(re.sub(r"<?=>|<?->", "→", re.sub(r"[{}$]|\\[a-z]+ ?", "", source))))


def _verbatim(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    if name != "verb":
        lexer.option()
    if name == "mintinline":
        lexer.raw()
    content = lexer.group() if lexer.peek() == "{" and name != "verb" else lexer.quoted()
    walker.out.write(content or "")


def _quantity(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    lexer.option()
    if lexer.peek() != "{":  # another package has a command of this name
        walker.keep(name)
        return
    parts = []
    for _ in range({"SI": 2, "qty": 2, "SIrange": 3, "qtyrange": 3}.get(name, 1)):
        lexer.gap()
        lexer.option()
        parts.append(lexer.group() or "")
    said = [flat(_UNIT.sub(lambda match: _UNITS.get(match[1], match[1]), part)) for part in parts]
    if name in ("SIrange", "qtyrange"):
        said = [f"{said[0]} to {said[1]}", said[2]]
    if name == "ang":
        said = [said[0] + "°"]
    walker.out.write(" ".join(filter(None, said)))


def _end_source(walker: Walker, name: str, starred: bool) -> None:
    if name == "bye":
        walker.ended = True
    walker.lexer.position = len(walker.lexer.text)


# --- lists and tables ---------------------------------------------------------------------------


def _item(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.ahead(_SLIDES)
    lexer.gap()
    option = lexer.option()
    lexer.gap()
    walker.out.line()
    if option is None and not walker.lists and lexer.peek() == "{":  # plain TeX
        option = lexer.group()
    if option is not None:
        label = walker.piece(option)
    elif walker.lists and walker.lists[-1][0]:
        depth = sum(1 for kind, _ in walker.lists if kind)
        walker.lists[-1][1] += 1
        label = _numbered(walker.lists[-1][1], depth)
    else:
        label = "•"
    walker.out.write(label)
    walker.out.space()


def _numbered(number: int, depth: int) -> str:
    if depth == 2 and number <= 26:
        return f"({chr(96 + number)})"
    if depth == 3 and number < 10:
        return ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number - 1] + "."
    return f"{number}."


def _columns(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    number = (lexer.raw() or "").strip()
    lexer.gap()
    lexer.group()
    lexer.gap()
    if walker.in_table() and number.isdecimal():
        walker.table[-1].span = max(1, int(number[:4]))


def _rows(walker: Walker, name: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    lexer.option()
    lexer.gap()
    number = (lexer.raw() or "").strip()
    if walker.in_table() and (digits := number.removeprefix("-")).isdecimal():
        rows = max(1, int(digits[:4]))
        walker.table[-1].high = -rows if number.startswith("-") else rows
    walker.arguments("omot")


def _rule(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    walker.lexer.option()
    walker.lexer.gap()
    if walker.in_table():
        walker.table[-1].rule()


def _table_head(walker: Walker, name: str, starred: bool) -> None:
    def done() -> None:
        if walker.in_table():
            walker.end_row()
            walker.table[-1].rule()
            walker.table[-1].in_head = False

    if walker.argument(done) and walker.table:
        walker.table[-1].in_head = True


def _row_end(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    if walker.in_table():
        walker.end_row()
    else:
        walker.out.line()


def _word(walker: Walker, name: str, starred: bool) -> None:
    if name not in ("Until",) or walker.out.tail():
        walker.out.line()
    walker.out.write(WORDS[name])
    walker.out.space()
    walker.lexer.gap()
    if walker.lexer.peek() == "{":
        walker.arguments("tSt" if name in ("Function", "Procedure") else "tLtLt")


def _name(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.ahead(_NAMED)


def _without_gap(walker: Walker, name: str, starred: bool) -> None:
    """Pass a command that keeps the space behind it."""


def _all() -> dict[str, _Command]:
    commands: dict[str, _Command] = {}
    for names, command in (
        (HEADINGS, _heading),
        (FRONT, _front),
        (CITATIONS, _cite),
        (REFERENCES, _reference),
        (WORDS, _word),
    ):
        commands |= dict.fromkeys(names, command)
    for names_of, command in (
        ("nocite", _cite),
        ("and And AND", _and),
        (
            "footnote thanks footnotetext endnote sidenote marginpar tablefootnote authornote "
            "cortext fntext tnotetext titlenote subtitlenote",
            _note,
        ),
        ("caption captionof subcaption tablecaption topcaption bottomcaption", _caption),
        (
            "textsuperscript inst altaffilmark tnote tablenotemark IEEEauthorrefmark affilnum "
            "aff authormark",
            _raised,
        ),
        ("enquote textquote say", _quoted),
        ("url nolinkurl path doi", _address),
        ("href", _link),
        (
            "input include subfile subfileinclude import subimport includefrom inputfrom "
            "InputIfFileExists",
            _input,
        ),
        ("ensuremath", _ensured),
        ("ce cee chemfig", _chemical),
        ("verb lstinline mintinline Verb", _verbatim),
        ("SI qty SIrange qtyrange num si ang", _quantity),
        ("bye endinput", _end_source),
        ("item", _item),
        ("multicolumn", _columns),
        ("multirow", _rows),
        ("hline midrule toprule endhead endfirsthead endfoot endlastfoot", _rule),
        ("tablehead", _table_head),
        ("cr tabularnewline", _row_end),
        ("xspace nobreak", _without_gap),
        ("csname", _name),
        (
            "acknowledgments acknowledgements acknowledgment acknowledgement ack acks",
            _thanks_heading,
        ),
    ):
        commands |= dict.fromkeys(names_of.split(), command)
    return commands


#: Commands by their names without a star.
COMMANDS: dict[str, _Command] = _all()
