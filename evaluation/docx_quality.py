"""How much of the text of Word documents reslib finds, by where the text stands.

::

    python evaluation/docx_quality.py [CORPUS]

Makes documents with python-docx and raw XML, each unit of text a random sentence that occurs
once, and looks for every unit in what reslib extracts, beside what ``Document.paragraphs`` of
python-docx gives. With a corpus (a folder that holds .docx files) the truth is counted from the
raw XML of each file with nothing but the standard library: its words by the container they
stand in, a word of the text counting for one unit only.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from reslib.errors import ExtractionError
from reslib.extractors.office import docx
from reslib.items import Page

#: Share of the units that has to be found, by kind; deletions have to be absent.
TARGETS = {"equation": 0.9, "insertion": 0.9, "deletion": 0.0}
DEFAULT_TARGET = 0.99
DOCUMENTS = 60

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:m="{M}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


class Units:
    """Makes sentences that occur once, and remembers of which kind they are."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.known: dict[str, list[str]] = defaultdict(list)

    def _word(self) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4)))

    def new(self, kind: str, words: int = 6) -> str:
        """Return a new sentence of this kind; its first word is a number of its own."""
        text = " ".join(
            [f"{kind[:2]}{self._random.randrange(10**9):09d}"[:11], *self._words(words)]
        )
        self.known[kind].append(text)
        return text

    def _words(self, number: int) -> Iterator[str]:
        return (self._word() for _ in range(number))

    def runs(self, text: str) -> str:
        """Split a text into runs at random places, as editing leaves it."""
        cuts = sorted(self._random.sample(range(1, len(text)), k=min(2, len(text) - 1)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        return "".join(f'<w:r><w:t xml:space="preserve">{p}</w:t></w:r>' for p in pieces)


# --- the pieces of a document, as XML ----------------------------------------------------------


def _paragraph(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def _cell(inside: str) -> str:
    return f"<w:tc><w:tcPr/>{inside}</w:tc>"


def _table(u: Units, kind: str, nested: str = "") -> str:
    rows = "".join(
        "<w:tr>" + "".join(_cell(_paragraph(u.runs(u.new(kind, 2)))) for _ in range(3)) + "</w:tr>"
        for _ in range(2)
    )
    last = f"<w:tr>{_cell(nested + _paragraph(''))}</w:tr>" if nested else ""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}{last}</w:tbl>"


def _text_box(u: Units) -> str:
    content = f"<w:txbxContent>{_paragraph(u.runs(u.new('text box')))}</w:txbxContent>"
    return _paragraph(
        u.runs(u.new("body"))
        + '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>'
        + f"{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape>"
        + f"<v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback>"
        + "</mc:AlternateContent></w:r>"
    )


def _link(u: Units) -> str:
    return _paragraph(f'<w:hyperlink r:id="rId1">{u.runs(u.new("link"))}</w:hyperlink>')


def _content_control(u: Units) -> str:
    inner = _paragraph(u.runs(u.new("content control")))
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def _revision(u: Units) -> str:
    gone = u.new("deletion")
    return _paragraph(
        u.runs(u.new("body"))
        + f'<w:ins w:id="1" w:author="a">{u.runs(" " + u.new("insertion"))}</w:ins>'
        + f'<w:del w:id="2" w:author="a"><w:r><w:delText>{gone}</w:delText></w:r></w:del>'
    )


def _move(u: Units) -> str:
    gone = u.new("deletion")
    return _paragraph(
        f'<w:moveFrom w:id="3" w:author="a">{u.runs(gone)}</w:moveFrom>'
        f'<w:moveTo w:id="4" w:author="a">{u.runs(u.new("insertion"))}</w:moveTo>'
    )


def _equation(u: Units) -> str:
    def run(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    top, bottom, power = (u.new("equation", 0) for _ in range(3))
    return _paragraph(
        f"<m:oMath><m:f><m:num>{run(top)}</m:num><m:den>{run(bottom)}</m:den></m:f>"
        f"<m:sSup><m:e>{run('x')}</m:e><m:sup>{run(power)}</m:sup></m:sSup></m:oMath>"
    )


def _notes(u: Units, kind: str) -> str:
    notes = "".join(
        f'<w:{kind} w:id="{number}">{_paragraph(u.runs(u.new(kind)))}</w:{kind}>'
        for number in range(1, 4)
    )
    rule = f'<w:{kind} w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
    return f"<w:{kind}s {_NAMESPACES}>{rule}{notes}</w:{kind}s>"


def make(path: Path, seed: int) -> Units:
    """Write a document with units of every kind and return them."""
    import docx as python_docx
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    u = Units(seed)
    document = python_docx.Document()
    body = document.element.body
    makers: list[Callable[[], str]] = [
        lambda: _paragraph(u.runs(u.new("body"))),
        lambda: _table(u, "table"),
        lambda: _table(u, "table", nested=_table(u, "nested table")),
        lambda: _text_box(u),
        lambda: _link(u),
        lambda: _content_control(u),
        lambda: _revision(u),
        lambda: _move(u),
        lambda: _equation(u),
    ]
    random.Random(seed).shuffle(makers)
    for maker in makers * 2:
        wrapped: Any = parse_xml(f"<w:body {_NAMESPACES}>{maker()}</w:body>")
        for element in list(wrapped):
            body.insert(len(body) - 1, element)  # the last one is the section's properties
    section = document.sections[0]
    section.header.paragraphs[0].text = u.new("header")
    section.footer.paragraphs[0].text = u.new("footer")
    for kind in ("footnote", "endnote"):
        part = Part(
            PackURI(f"/word/{kind}s.xml"),
            getattr(CONTENT_TYPE, f"WML_{kind.upper()}S"),
            _notes(u, kind).encode(),
            document.part.package,
        )
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, f"{kind.upper()}S"))
    document.save(str(path))
    return u


# --- readers -----------------------------------------------------------------------------------


def by_reslib(path: Path) -> str:
    pages = [item.text for item in docx.extract(path) if isinstance(item, Page)]
    return "\n".join(pages)


def by_paragraphs(path: Path) -> str:
    import docx as python_docx

    return "\n".join(paragraph.text for paragraph in python_docx.Document(str(path)).paragraphs)


READERS: dict[str, Callable[[Path], str]] = {
    "reslib": by_reslib,
    "Document.paragraphs": by_paragraphs,
}


# --- truth of documents that others wrote ------------------------------------------------------

_KINDS = {
    "tbl": "table",
    "txbxContent": "text box",
    "hyperlink": "link",
    "sdt": "content control",
    "ins": "insertion",
    "moveTo": "insertion",
    "oMath": "equation",
}
_GONE = frozenset({"del", "moveFrom", "Fallback", "rt"})


def raw_units(path: Path) -> dict[str, list[str]]:
    """Return the words of a document by container, from its XML alone."""
    found: dict[str, list[str]] = defaultdict(list)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            match = re.fullmatch(
                r"word/(document|footnotes|endnotes|header\d*|footer\d*)\.xml", name
            )
            if match:
                kind = match[1].rstrip("0123456789").removesuffix("s")
                texts: dict[str, list[str]] = defaultdict(list)
                root = ElementTree.fromstring(archive.read(name))
                _collect(root, "body" if kind == "document" else kind, texts)
                for container, pieces in texts.items():
                    found[container] += _words("".join(pieces))
    return found


def _collect(element: ElementTree.Element, kind: str, texts: dict[str, list[str]]) -> None:
    """Put the text runs below *element* into *texts*, by the container they stand in."""
    name = element.tag.rpartition("}")[2]
    if name in _GONE:
        return
    if name == "tbl" and kind in ("table", "nested table"):
        kind = "nested table"
    elif name in _KINDS and (kind == "body" or name in ("txbxContent", "oMath", "ins", "moveTo")):
        kind = _KINDS[name]
        texts[kind].append(" ")
    if name == "t" and element.tag.startswith(("{" + W, "{" + M)) and element.text:
        texts[kind].append(element.text)
    elif name in ("p", "tab", "br", "cr", "num", "den", "e", "sup", "sub", "fName"):
        texts[kind].append(" ")  # here a word ends; a run may end in the middle of one
    for child in element:
        _collect(child, kind, texts)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


# --- the table ---------------------------------------------------------------------------------

Counts = dict[str, dict[str, list[int]]]


def _add(counts: Counts, kind: str, reader: str, found: int, of: int) -> None:
    pair = counts[kind][reader]
    pair[0] += found
    pair[1] += of


def _count_sentences(counts: Counts, reader: str, units: dict[str, list[str]], text: str) -> None:
    squeezed = re.sub(r"\s+", " ", text)
    for kind, known in units.items():
        _add(counts, kind, reader, sum(unit in squeezed for unit in known), len(known))


def _count_words(counts: Counts, reader: str, units: dict[str, list[str]], text: str) -> None:
    """Count each word of the text for one unit only, those of the body first."""
    left = Counter(_words(text))
    for kind in sorted(units, key=lambda kind: kind != "body"):
        wanted = Counter(units[kind])
        got = wanted & left
        left -= got
        _add(counts, kind, reader, got.total(), wanted.total())


def measure_made(number: int = DOCUMENTS) -> Counts:
    """Make *number* documents and count the units that each reader finds."""
    counts: Counts = defaultdict(lambda: {name: [0, 0] for name in READERS})
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(number):
            path = Path(folder) / f"{seed}.docx"
            units = make(path, seed)
            for name, reader in READERS.items():
                _count_sentences(counts, name, units.known, reader(path))
    return counts


def measure_corpus(files: Iterable[Path]) -> tuple[Counts, int]:
    """Count the words of documents that others wrote; also the files that were readable."""
    counts: Counts = defaultdict(lambda: {name: [0, 0] for name in READERS})
    readable = 0
    for path in files:
        try:
            text, units = by_reslib(path), raw_units(path)
        except (ExtractionError, zipfile.BadZipFile):
            continue  # encrypted and broken ones are the business of the corpus benchmark
        readable += 1
        _count_words(counts, "reslib", units, text)
        try:
            other = by_paragraphs(path)
        except Exception:  # python-docx raises whatever the parts below it raise
            other = ""
        _count_words(counts, "Document.paragraphs", units, other)
    return counts, readable


def rows(counts: Counts) -> list[str]:
    """Return one line a kind: shares, number of units, and whether the target is met."""
    lines = [f"{'kind':16} {'units':>6} " + " ".join(f"{name:>20}" for name in READERS)]
    for kind in sorted(counts):
        shares = {name: found / max(1, of) for name, (found, of) in counts[kind].items()}
        lines.append(
            f"{kind:16} {counts[kind]['reslib'][1]:6} "
            + " ".join(f"{shares[name]:20.3f}" for name in READERS)
            + ("" if _met(kind, shares["reslib"]) else "   TARGET MISSED")
        )
    return lines


def _met(kind: str, share: float) -> bool:
    return share == 0 if kind == "deletion" else share >= TARGETS.get(kind, DEFAULT_TARGET)


def table(corpus: Path | None = None, number: int = DOCUMENTS) -> str:
    """Return both tables as text; a line that misses its target says so.

    Parameters
    ----------
    corpus
        Folder with .docx files of others, at any depth; left out when None.
    number
        How many documents to make.
    """
    lines = [f"DOCX: share of text found in {number} documents made here (deletions: 0 is right)"]
    lines += rows(measure_made(number))
    if corpus is not None:
        counts, readable = measure_corpus(sorted(corpus.rglob("*.doc[xm]")))
        lines += ["", f"DOCX: share of words found in {readable} documents of others"]
        lines += rows(counts)
    return "\n".join(lines)


def main() -> int:
    """Print the tables; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path, nargs="?", help="folder with .docx files")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="how many to make")
    arguments = parser.parse_args()
    printed = table(arguments.corpus, arguments.documents)
    print(printed)
    return int("TARGET MISSED" in printed)


if __name__ == "__main__":
    sys.exit(main())
