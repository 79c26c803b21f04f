"""Writes the sample manuscript: a DOCX with footnotes, a table and tracked changes."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt
from docx.text.paragraph import Paragraph

NOTES = (
    "A tile counts as colonised when at least one thallus is wider than two millimetres.",
    "One of the owners remembered the year because of the wedding that the new roof had delayed.",
    "The ladder belonged to the parish, which also owns roofs 3 and 4.",
)

#: Paragraphs with an empty line between them; see ``_add_runs`` for the marks in them.
TEXT = Path(__file__).resolve().parent / "src" / "roof-lichens.txt"

TABLE = (
    ("Age (years)", "Tiles", "Cover, north (%)", "Cover, south (%)", "Species per tile"),
    ("12", "10", "22", "14", "2.3"),
    ("25", "20", "34", "21", "3.4"),
    ("40", "20", "41", "26", "4.1"),
    ("60", "20", "52", "33", "5.2"),
    ("90", "10", "58", "36", "5.9"),
)


def write_manuscript(path: Path, written: datetime.datetime) -> None:
    """Write the manuscript to *path*, the same bytes each time."""
    document = docx.Document()
    _describe(document, written)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(11)
    style.paragraph_format.line_spacing = 1.5
    section = document.sections[0]
    section.header.paragraphs[0].text = "Manuscript, second revision. Not for citation."
    section.footer.paragraphs[
        0
    ].text = "Sample of the reslib project: study, authors and data are invented."
    document.add_heading("Can the age of a roof be read from its lichens?", level=0)
    document.add_paragraph("Ysolde Brackwater and Anselm Tully-Roe")
    stamp = written.strftime("%Y-%m-%dT%H:%M:%SZ")
    changes = iter(range(100, 1000))
    for block in TEXT.read_text(encoding="utf-8").strip().split("\n\n"):
        line = " ".join(block.split())
        if line.startswith("# "):
            document.add_heading(line[2:], level=1)
        elif line == "[table]":
            _add_table(document)
        else:
            _add_runs(document.add_paragraph(), line, stamp, changes)
    _add_notes(document)
    document.save(path)
    _freeze(path)


def _describe(document: Document, written: datetime.datetime) -> None:
    about = document.core_properties
    about.title = "Can the age of a roof be read from its lichens?"
    about.author = "Y. Brackwater"
    about.comments = ""
    about.created = about.modified = written.replace(tzinfo=None)


def _add_runs(paragraph: Paragraph, line: str, stamp: str, changes: Iterator[int]) -> None:
    """Add text in which ``{+…+}`` is inserted, ``{-…-}`` deleted and ``[n]`` a footnote."""
    for part in re.split(r"(\{[+-].*?[+-]\}|\[\d\])", line):
        if part.startswith("{"):
            kind, tag = ("ins", "t") if part[1] == "+" else ("del", "delText")
            paragraph._p.append(
                parse_xml(
                    f'<w:{kind} {nsdecls("w")} w:id="{next(changes)}" w:author="A. Tully-Roe" '
                    f'w:date="{stamp}"><w:r><w:{tag} xml:space="preserve">{part[2:-2]}</w:{tag}>'
                    f"</w:r></w:{kind}>"
                )
            )
        elif part.startswith("["):
            paragraph._p.append(
                parse_xml(
                    f'<w:r {nsdecls("w")}><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
                    f'<w:footnoteReference w:id="{int(part[1:-1]) + 1}"/></w:r>'
                )
            )
        elif part:
            paragraph.add_run(part)


def _add_table(document: Document) -> None:
    document.add_paragraph("Table 1. Cover and number of species by age of the tiles.")
    table = document.add_table(rows=0, cols=len(TABLE[0]), style="Light Grid Accent 1")
    for row in TABLE:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    document.add_paragraph()


def _add_notes(document: Document) -> None:
    """Add the footnotes; ids 0 and 1 are the separators that Word expects."""
    separators = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p>'
        "</w:footnote>"
        for number, kind in enumerate(("separator", "continuationSeparator"))
    )
    notes = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        f'<w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {text}</w:t></w:r></w:p>'
        "</w:footnote>"
        for number, text in enumerate(NOTES, start=2)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<w:footnotes {nsdecls('w')}>{separators}{notes}</w:footnotes>"
    )
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        xml.encode(),
        document.part.package,
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _freeze(path: Path) -> None:
    """Write the parts again with a fixed date: a ZIP archive keeps the time of writing."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            info = zipfile.ZipInfo(name, (2026, 1, 12, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
