r"""Environments of LaTeX: what a reader sees between ``\begin`` and ``\end``."""

from __future__ import annotations

import re
from collections.abc import Callable

from reslib.extractors.tables.heads import with_head
from reslib.extractors.tex.texcited import begin_bibliography
from reslib.extractors.tex.texcommands import heading, said_in_front
from reslib.extractors.tex.textables import TexTable
from reslib.extractors.tex.texwalk import Float, Frame, Walker
from reslib.extractors.tex.texwords import FORMULAS, LISTINGS, LISTS, PICTURES, TABLES, THEOREMS
from reslib.items import Figure, Table

__all__ = ["ENVIRONMENTS"]

_SLIDES = re.compile(r"[ \t]{0,4}<[^<>\n]{0,60}>")
#: What is set apart, by the kind of item that it becomes.
_FLOATS = {
    **dict.fromkeys(
        "figure wrapfigure SCfigure sidewaysfigure marginfigure floatingfigure subfigure "
        "teaserfigure scheme chart".split(),
        "figure",
    ),
    **dict.fromkeys(
        "table wraptable sidewaystable margintable subtable threeparttable SCtable rotatetable "
        "planotable".split(),
        "table",
    ),
    **dict.fromkeys("algorithm algorithm2e listing".split(), "algorithm"),
}
#: Arguments of environments that are otherwise only what is in them.
_ARGUMENTS = {
    **dict.fromkeys(
        "figure table sidewaysfigure sidewaystable algorithm algorithm2e SCtable SCfigure".split(),
        "o",
    ),
    **dict.fromkeys("wrapfigure wraptable".split(), "omom"),
    **dict.fromkeys("subfigure subtable floatingfigure column".split(), "vom"),
    **dict.fromkeys(
        "columns tcolorbox mdframed threeparttable tablenotes algorithmic figwindow".split(), "o"
    ),
    **dict.fromkeys("multicols spacing otherlanguage onlyenv overprint textblock".split(), "vm"),
    **dict.fromkeys("uncoverenv alertenv actionenv visibleenv invisibleenv".split(), "v"),
    **dict.fromkeys("adjustwidth CJK addmargin".split(), "omm"),
    "CJK*": "mm",
    "minipage": "ooom",
    "adjustbox": "m",
    "appendices": "",
    "list": "mm",
    "resizebox": "mm",
    "turn": "m",
    "rotate": "m",
    "savenotes": "",
    "altenv": "vmmmm",
}
_KEYWORDS = frozenset("keywords keyword IEEEkeywords".split())
_THANKS = frozenset("acks ack acknowledgments acknowledgements acknowledgment".split())
_BLOCKS = frozenset("block alertblock exampleblock".split())
_HIDDEN = frozenset("comment filecontents CCSXML".split())
#: Words in pictures: of nodes, axes and legends.
_LABEL = re.compile(
    r"(?:\bnode\b[^{};]{0,200}|\\(?:put|uput|rput)[^{};]{0,60}|\\addlegendentry"
    r"|\b(?:[xyz]label|title)[ \t]?=[ \t]?)\{((?:[^{}]|\{[^{}]{0,100}\}){1,300})\}"
)
_LISTED_CAPTION = re.compile(r"caption[ \t]?=[ \t]?(?:\{([^{}]{1,300})\}|([^,{}]{1,300}))")
_WIDTH = re.compile(
    r"[ \t]{0,4}(?:to|spread)?[ \t]{0,4}(?:\\[A-Za-z]{1,40}|[\d.]{1,9}[a-z]{2})?[ \t\n]{0,4}"
)
_MOST_LABELS = 500


def _begin(walker: Walker, command: str, starred: bool) -> None:
    lexer = walker.lexer
    lexer.gap()
    name = (lexer.raw() or "").strip()
    base = name.rstrip("*")
    if base == "document":
        _begin_document(walker)
    elif base in _HIDDEN:
        lexer.until(f"\\end{{{name}}}")
    elif base in LISTINGS:
        _listing(walker, name)
    elif base in PICTURES:
        _picture(walker, name)
    elif base in FORMULAS:
        _formula(walker, name)
    elif base in TABLES:
        _table(walker, name, TABLES[base])
    else:
        _begin_text(walker, name, base)


def _begin_text(walker: Walker, name: str, base: str) -> None:
    lexer = walker.lexer
    if base in LISTS:
        _list(walker, name)
    elif base in _FLOATS:
        lexer.ahead(_SLIDES)
        walker.arguments(_ARGUMENTS.get(base, ""))
        _float(walker, name, _FLOATS[base])
    elif base == "abstract" or base in _KEYWORDS:
        _part_of_front(walker, name, "abstract" if base == "abstract" else "keywords")
    elif base in walker.theorems or base in THEOREMS:
        _theorem(walker, name, walker.theorems.get(base) or THEOREMS.get(base, ""))
    elif base.lower() in _THANKS:
        walker.out.paragraph()
        walker.out.write("Acknowledgments")
        walker.out.paragraph()
        _open(walker, name)
    elif base in ("thebibliography", "references"):
        begin_bibliography(walker, name)
    elif base == "frame" or base in _BLOCKS:
        walker.out.paragraph()
        _open(walker, name)
        for _ in range(2):
            lexer.ahead(_SLIDES)
            lexer.gap()
            lexer.option()
        if lexer.peek() == "{":
            heading(walker, 5 if base == "frame" else 6)
    else:
        walker.out.paragraph()
        if base in _ARGUMENTS:
            walker.arguments(_ARGUMENTS[base])
        else:
            lexer.ahead(_SLIDES)
            option = lexer.option()
            if option and "=" not in option:  # a title, not settings
                walker.out.write(walker.piece(option))
                walker.out.line()
        _open(walker, name)


def _end(walker: Walker, command: str, starred: bool) -> None:
    walker.lexer.gap()
    name = walker.lexer.raw()
    if name is None:  # plain TeX
        walker.ended = len(walker.lexers) == 1
        walker.lexer.position = len(walker.lexer.text)
        return
    name = name.strip()
    if name == "document":
        walker.lexer.position = len(walker.lexer.text)
        walker.ended = len(walker.lexers) == 1
        return
    walker.end_environment(name)


def _open(walker: Walker, name: str, done: Callable[[], None] | None = None) -> None:
    walker.push(Frame(name, done or walker.out_paragraph))


def _begin_document(walker: Walker) -> None:
    """Write what was said before the document, title first."""
    if not walker.preamble:
        return
    while len(walker.stack) > 1:
        walker.pop()
    walker.stack[0].braces = 0
    said, walker.front = walker.front, []
    walker.preamble = False
    walker.leave_preamble()
    for key, text in sorted(said, key=lambda one: one[0] != "title"):
        said_in_front(walker, key, text)


# --- what is shown as it is typed ---------------------------------------------------------------


def _listing(walker: Walker, name: str) -> None:
    lexer = walker.lexer
    option = lexer.option() or ""
    if name.startswith("minted"):
        lexer.raw()
    caption = _LISTED_CAPTION.search(option)
    walker.out.paragraph()
    if caption:
        walker.out.write(walker.piece(caption[1] or caption[2]))
        walker.out.line()
    content = lexer.until(f"\\end{{{name}}}")
    if content is not None:
        walker.out.write(content.strip("\n").rstrip())
    walker.out.paragraph()


def _picture(walker: Walker, name: str) -> None:
    content = walker.lexer.until(f"\\end{{{name}}}") or ""
    walker.out.paragraph()
    for number, label in enumerate(_LABEL.finditer(content)):
        if number == _MOST_LABELS:
            break
        walker.out.write(walker.piece(label[1]))
        walker.out.line()
    walker.out.paragraph()


def _formula(walker: Walker, name: str) -> None:
    if name.startswith(("alignat", "xalignat", "IEEEeqnarray", "empheq")):
        walker.lexer.option()
        walker.lexer.group()
    content = walker.lexer.until(f"\\end{{{name}}}")
    if content is not None and name == "math":
        walker.formula(content)
    elif content is not None:
        walker.display(content)


# --- tables and what is set apart ---------------------------------------------------------------


def _table(walker: Walker, name: str, signature: str) -> None:
    base = name.rstrip("*")
    if name == "tabular*":
        signature = "mom"
    walker.arguments(signature)
    if len(walker.outs) >= 20:
        _open(walker, name)
        return
    table = TexTable(len(walker.outs) + 1, base, walker.cells_left)

    def done() -> None:
        end_table(walker, table)

    if walker.push(Frame(name, done)):
        table.depth = len(walker.stack)
        walker.out.line()
        walker.capture()
        walker.table.append(table)


def _aligned(walker: Walker, name: str, starred: bool) -> None:
    """Read a table of plain TeX, whose first row says how the columns are set."""
    lexer = walker.lexer
    lexer.ahead(_WIDTH)
    if lexer.peek() != "{" or len(walker.outs) >= 20:
        return
    table = TexTable(len(walker.outs) + 1, name, walker.cells_left)
    if walker.argument(lambda: end_table(walker, table)):
        lexer.until("\\cr")
        table.depth = len(walker.stack)
        walker.out.line()
        walker.capture()
        walker.table.append(table)


def end_table(walker: Walker, table: TexTable) -> None:
    """End a table unless that was done: its last row, and its item."""
    if table not in walker.table:
        return
    while walker.table[-1] is not table:
        walker.table.pop()
    while len(walker.outs) > table.level:
        text = walker.release()
        walker.out.write(text)
    walker.end_row()
    walker.table.pop()
    walker.release()
    walker.out.line()
    walker.cells_left = max(0, table.left)
    if walker.table or not table.rows:
        return
    if table.header_rows == len(table.rows):
        table.header_rows = 0
    if walker.floats and not table.caption:
        walker.floats[-1].tables.append(table)
    else:
        _give(walker, table, table.caption)


def _end_data(walker: Walker, name: str, starred: bool) -> None:
    walker.lexer.gap()
    if walker.in_table():
        end_table(walker, walker.table[-1])


def _give(walker: Walker, table: TexTable, caption: str) -> None:
    rows = table.body()
    spans = table.reaching(len(rows))
    found = Table(rows, walker.page, caption, table.header_rows, spans=spans)
    walker.tables.append(with_head(found))


def _float(walker: Walker, name: str, kind: str) -> None:
    current = Float(kind)

    def done() -> None:
        walker.out.paragraph()
        if current not in walker.floats:
            return
        walker.floats.remove(current)
        if kind == "figure" and current.caption:
            walker.figures.append(Figure(walker.page, current.caption))
        for table in current.tables:
            _give(walker, table, current.caption)

    walker.out.paragraph()
    if len(walker.floats) < 20 and walker.push(Frame(name, done)):
        walker.floats.append(current)


# --- text ---------------------------------------------------------------------------------------


def _list(walker: Walker, name: str) -> None:
    lexer = walker.lexer
    lexer.ahead(_SLIDES)
    lexer.option()
    if name in _ARGUMENTS:
        walker.arguments(_ARGUMENTS[name])

    def done() -> None:
        walker.lists.pop()
        if walker.lists:
            walker.out.line()
        else:
            walker.out.paragraph()

    if walker.push(Frame(name, done)):
        walker.lists.append([int("enum" in name), 0])
        walker.out.line()


def _theorem(walker: Walker, name: str, said: str) -> None:
    lexer = walker.lexer
    lexer.ahead(_SLIDES)
    option = lexer.option()
    title = walker.piece(option) if option else ""
    walker.out.paragraph()
    if name == "proof":
        walker.out.write(f"{title or said}.")
    else:
        walker.out.write(f"{said} ({title})." if title else f"{said}.")
    walker.out.space()
    _open(walker, name)


def _part_of_front(walker: Walker, name: str, key: str) -> None:
    walker.lexer.option()
    if len(walker.outs) >= 20:
        return

    def done() -> None:
        said_in_front(walker, key, walker.release())

    if walker.push(Frame(name, done)):
        walker.capture()


def _separator(walker: Walker, name: str, starred: bool) -> None:
    """Part two keywords (elsarticle)."""
    walker.lexer.gap()
    walker.out.join()
    walker.out.write(",")
    walker.out.space()


#: Commands that begin and end environments, and parts of them.
ENVIRONMENTS: dict[str, Callable[[Walker, str, bool], None]] = {
    "begin": _begin,
    "end": _end,
    "enddata": _end_data,
    "sep": _separator,
    "halign": _aligned,
}
