"""One small document of each kind that a folder of research has, for the lesson on your own folder.

Every one of them mentions the curlew, so a search shows what people call the place in each. Run it
to write them again: ``python samples/one_of_each.py``.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "one-of-each"
#: Files that are made again have the same bytes: entries of archives have this time.
WRITTEN = (2026, 3, 1, 12, 0, 0)
OFFICE = "http://schemas.openxmlformats.org"
MAIN = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
ODF = "urn:oasis:names:tc:opendocument:xmlns"

Parts = Mapping[str, str | bytes]


def packed(parts: Parts) -> bytes:
    """Return a ZIP archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WRITTEN), content)
    return buffer.getvalue()


def taped(parts: Parts) -> bytes:
    """Return a TAR archive of these parts."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in parts.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def office(types: Mapping[str, str], links: Parts, parts: Parts, main: str) -> bytes:
    """Return an Office document: its parts, their types, and what leads to them."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{MAIN}.{kind}+xml"/>'
        for name, kind in types.items()
    )
    return packed(
        {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{OFFICE}/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f"{overrides}"
            "</Types>",
            "_rels/.rels": relations({"officeDocument": main}),
            **links,
            **parts,
        }
    )


def relations(targets: Mapping[str, str]) -> str:
    """Return the part that leads to others; a name is its kind, and may end in a number."""
    kind = f"{OFFICE}/officeDocument/2006/relationships"
    entries = "".join(
        f'<Relationship Id="{name}" Type="{kind}/{name.rstrip("0123456789")}" Target="{target}"/>'
        for name, target in targets.items()
    )
    space = f"{OFFICE}/package/2006/relationships"
    return f'{HEAD}<Relationships xmlns="{space}">{entries}</Relationships>'


def word() -> bytes:
    """Return a Word document."""
    text = "".join(
        f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>"
        for line in (
            "Field report",
            "At low water a curlew fed on the mudflat below the lock.",
            "It left when the tide reached the marsh.",
        )
    )
    body = (
        f'{HEAD}<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main"><w:body>{text}</w:body>'
    )
    return office(
        {"word/document.xml": "wordprocessingml.document.main"},
        {},
        {"word/document.xml": f"{body}</w:document>"},
        "word/document.xml",
    )


def slides() -> bytes:
    """Return a presentation of two slides."""
    spaces = (
        f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:p="{OFFICE}/presentationml/2006/main" '
        f'xmlns:r="{OFFICE}/officeDocument/2006/relationships"'
    )
    texts = (
        ("Birds of the estuary", "A talk for the first year"),
        ("Waders", "The curlew counts double in March"),
    )
    parts: dict[str, str | bytes] = {
        f"ppt/slides/slide{number}.xml": f"{HEAD}<p:sld {spaces}><p:cSld><p:spTree>"
        + "".join(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{place}" name="{place}"/><p:cNvSpPr/><p:nvPr>'
            f'<p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{words}</a:t></a:r>'
            "</a:p></p:txBody></p:sp>"
            for place, (kind, words) in enumerate(zip(("title", "body"), text, strict=True), 2)
        )
        + "</p:spTree></p:cSld></p:sld>"
        for number, text in enumerate(texts, 1)
    }
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="slide{n}"/>' for n in (1, 2))
    parts["ppt/presentation.xml"] = (
        f"{HEAD}<p:presentation {spaces}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    )
    links = {"slide1": "slides/slide1.xml", "slide2": "slides/slide2.xml"}
    types = {f"ppt/slides/slide{n}.xml": "presentationml.slide" for n in (1, 2)}
    return office(
        {"ppt/presentation.xml": "presentationml.presentation.main", **types},
        {"ppt/_rels/presentation.xml.rels": relations(links)},
        parts,
        "ppt/presentation.xml",
    )


def workbook() -> bytes:
    """Return a workbook of two sheets."""
    sheets = {
        "Stations": [["station", "mouth_km"], ["Lock", 12], ["Marsh", 4.5]],
        "Counts": [["species", "March", "April"], ["curlew", 41, 22], ["dunlin", 310, 280]],
    }
    space = f'xmlns="{OFFICE}/spreadsheetml/2006/main"'
    parts: dict[str, str | bytes] = {}
    for number, rows in enumerate(sheets.values(), 1):
        cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"{HEAD}<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
        )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="worksheet{n}"/>'
        for n, name in enumerate(sheets, 1)
    )
    parts["xl/workbook.xml"] = (
        f'{HEAD}<workbook {space} xmlns:r="{OFFICE}/officeDocument/2006/relationships"><sheets>'
        f"{listed}</sheets></workbook>"
    )
    links = {f"worksheet{n}": f"worksheets/sheet{n}.xml" for n in (1, 2)}
    types = {f"xl/worksheets/sheet{n}.xml": "spreadsheetml.worksheet" for n in (1, 2)}
    return office(
        {"xl/workbook.xml": "spreadsheetml.sheet.main", **types},
        {"xl/_rels/workbook.xml.rels": relations(links)},
        parts,
        "xl/workbook.xml",
    )


def cell(value: str | float) -> str:
    """Return a cell of a sheet."""
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def writer() -> bytes:
    """Return an OpenDocument text."""
    spaces = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text"))
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"{HEAD}<office:document-content {spaces}><office:body><office:text>"
            '<text:h text:outline-level="1">Interview</text:h>'
            "<text:p>The keeper of the lock hears the curlew before he sees it.</text:p>"
            "</office:text></office:body></office:document-content>",
        }
    )


def book() -> bytes:
    """Return an e-book of two chapters."""
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
            'container"><rootfiles><rootfile full-path="book.opf" media-type="application/'
            'oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Tides</dc:title>'
            "<dc:creator>Ada Reed</dc:creator><dc:language>en</dc:language></metadata><manifest>"
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>'
            '<item id="n" href="n.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
            '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
            "a.xhtml": "<html><body><p>The moon pulls, and the water comes.</p></body></html>",
            "b.xhtml": "<html><body><p>On the mud the curlew finds its worms.</p></body></html>",
            "n.xhtml": '<html><body><nav><ol><li><a href="a.xhtml">The moon</a></li>'
            '<li><a href="b.xhtml">The mudflat</a></li></ol></nav></body></html>',
        }
    )


def letter(*attached: tuple[str, bytes]) -> bytes:
    """Return a mail, with files attached."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ada Reed <ada@example.org>", "Bo Li <bo@example.org>"
    mail["Subject"], mail["Date"] = "Counts of March", "Sun, 1 Mar 2026 12:00:00 +0000"
    mail["Message-ID"] = "<counts@example.org>"
    mail.set_content("The curlew counts are in the workbook, the method is in the paper attached.")
    for name, data in attached:
        mail.add_attachment(data, "application", "octet-stream", filename=name)
    if mail.is_multipart():
        mail.set_boundary("one-of-each")
    return mail.as_bytes()


def notebook() -> str:
    """Return a Jupyter notebook."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Counting\nThe curlew is the index."},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [],
            "source": "counts = {'curlew': 41}",
        },
    ]
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


TEXTS = {
    "abstract.rtf": r"{\rtf1\ansi{\info{\title Abstract}}The curlew\rquote s year begins.\par}",
    "article.html": "<!doctype html><title>The curlew in winter</title>"
    '<meta name="citation_author" content="Reed, Ada"><p>In winter the curlew stays on the coast.',
    "article.xml": '<?xml version="1.0"?><article><front><article-meta><title-group><article-title>'
    "Bills and mud</article-title></title-group><contrib-group><contrib contrib-type='author'>"
    "<name><surname>Li</surname><given-names>Bo</given-names></name></contrib></contrib-group>"
    "</article-meta></front><body><sec><title>Methods</title><p>We measured the bill of the curlew."
    "</p></sec></body></article>",
    "draft/draft.tex": "\\documentclass{article}\n\\title{Waders and tides}\n\\author{Ada Reed}\n"
    "\\begin{document}\n\\maketitle\n\\input{methods}\n\\end{document}\n",
    "draft/methods.tex": "\\section{Methods}\nEach curlew was counted at low water. % twice\n",
    "notes.md": "---\ntitle: Notes from the hide\n---\n# March\n\nTwo curlew calls at dawn.\n",
    "readings.csv": "time,level_m,remark\n06:00,0.4,curlew\n12:00,3.1,\n",
    "references.bib": "@article{reed2025,\n  author = {Reed, Ada},\n"
    "  title = {The curlew and the tide},\n  year = {2025},\n  journal = {Estuary Letters}\n}\n",
}


def write(folder: Path) -> None:
    """Write every document into a folder."""
    paper = (HERE / "papers" / "tide-gauges.pdf").read_bytes()
    documents: dict[str, str | bytes] = {
        **TEXTS,
        "book.epub": book(),
        "counting.ipynb": notebook(),
        "counts.xlsx": workbook(),
        "interview.odt": writer(),
        "letter.eml": letter(("method.pdf", paper)),
        "report.docx": word(),
        "talk.pptx": slides(),
        "from-bo.zip": packed(
            {"read me.txt": "The curlew pictures are not in here.", "paper/method.pdf": paper}
        ),
        "old.tar": taped({"1998/log.txt": "1998-03-01: no curlew yet."}),
    }
    for name, content in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    write(FOLDER)
