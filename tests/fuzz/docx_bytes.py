"""Word documents from bytes: as they are, by parts, and as a program that opens elements."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "m": f"{_OFFICE}/math",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:of-nobody",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _relationships(*arrows: tuple[str, str]) -> bytes:
    inside = "".join(
        f'<Relationship Id="r{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(arrows)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'.encode()


def _part(root: str, inside: str) -> bytes:
    return f"<{root} {_DECLARED}>{inside}</{root}>".encode()


#: A small document that has one of every part that is read.
PARTS = {
    "[Content_Types].xml": b"<Types><Override ContentType='application/vnd.openxmlformats-"
    b"officedocument.wordprocessingml.document.main+xml'/></Types>",
    "_rels/.rels": _relationships(
        (f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
        (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ),
    "word/document.xml": _part(
        "w:document",
        "<w:body><w:p><w:r><w:t>One</w:t><w:tab/><w:sym w:font='Symbol' w:char='F061'/></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:t>a</w:t></w:p></w:tc><w:tc/></w:tr></w:tbl>"
        "<mc:AlternateContent><mc:Choice/><mc:Fallback><w:t>b</w:t></mc:Fallback>"
        "</mc:AlternateContent><m:oMath><m:f><m:num><m:t>1</m:t></m:num><m:den/></m:f></m:oMath>"
        "</w:body>",
    ),
    "word/_rels/document.xml.rels": _relationships(
        (f"{_OFFICE}/relationships/footnotes", "footnotes.xml"),
        (f"{_OFFICE}/relationships/header", "header1.xml"),
        (f"{_OFFICE}/relationships/chart", "charts/chart1.xml"),
        (f"{_OFFICE}/relationships/aFChunk", "chunk.html"),
    ),
    "word/footnotes.xml": _part(
        "w:footnotes",
        "<w:footnote w:type='separator'/><w:footnote><w:p><w:t>n</w:t></w:p></w:footnote>",
    ),
    "word/header1.xml": _part("w:hdr", "<w:p><w:t>Head</w:t></w:p>"),
    "word/charts/chart1.xml": _part(
        "c:chartSpace", "<c:strCache><c:pt><c:v>v</c:v></c:pt></c:strCache>"
    ),
    "docProps/core.xml": b"<p xmlns:d='http://purl.org/dc/elements/1.1/'><d:title>T</d:title></p>",
}


def package(parts: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive of parts; the time in it is always the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def from_parts(data: bytes) -> bytes:
    """Return a document whose parts are the pieces of *data* between two NULs."""
    pieces = data.split(b"\0\0")
    return package(dict(zip(PARTS, pieces, strict=False)))


# --- a program that opens elements ------------------------------------------------------------

#: Everything that the walk through a document looks at, and something that it does not.
_ELEMENTS = (
    "w:p w:r w:t w:tab w:br w:noBreakHyphen w:tbl w:tr w:tc w:txbxContent w:del w:sym w:rt w:pPr "
    "w:sdt mc:AlternateContent mc:Choice mc:Fallback m:oMath m:oMathPara m:f m:num m:den m:e m:d "
    "m:dPr m:begChr m:endChr m:nary m:naryPr m:chr m:sup m:sub m:mr m:eqArr m:lim m:deg m:rad "
    "m:fName m:t a:t a:p a:br a:pPr pic:pic v:imagedata c:strCache c:pt c:v w:footnote o:t o:p"
).split()
_ROOTS = {
    "word/document.xml": "w:document",
    "word/footnotes.xml": "w:footnotes",
    "word/header1.xml": "w:hdr",
    "word/charts/chart1.xml": "c:chartSpace",
}
_VALUES = ("", "(", "F061", "F0FF", "D800", "110000", "-1", "x" * 20, "separator", "Symbol")

_CLOSE, _TEXT, _ATTRIBUTE, _COMMENT, _SPACES_OF_TEXT, _NEXT_PART = 160, 200, 220, 235, 245, 250

#: A paragraph with a word in it, a cell, alternate content: a program to start from.
TREE_START = bytes(
    [0, 1, 2, 200, 3, 97, 98, 99, 160, 160, 160, 6, 7, 8, 0, 2, 203, 1, 100]
) + bytes([160] * 5 + [15, 16, 2, 200, 1, 101, 160, 160, 17, 160, 250, 49, 0, 2, 200, 1, 102])


def tree(data: bytes) -> bytes:
    """Return a document that is always well-formed: each byte of *data* is an instruction.

    Below 160 it opens an element; then come: close, text, an element with an attribute, a
    comment, a run of spaces, and the next part.
    """
    parts = dict(PARTS)
    names = iter(_ROOTS)
    name = next(names)
    out: list[str] = []
    still_open: list[str] = []
    stream = iter(data)
    for byte in stream:
        if byte < _CLOSE:
            still_open.append(_ELEMENTS[byte % len(_ELEMENTS)])
            out.append(f"<{still_open[-1]}>")
        elif byte < _TEXT:
            if still_open:
                out.append(f"</{still_open.pop()}>")
        elif byte < _ATTRIBUTE:
            raw = bytes(next(stream, 0x20) for _ in range(next(stream, 0) % 16))
            out.append(escape("".join(c for c in raw.decode("utf-8", "ignore") if c >= " ")))
        elif byte < _COMMENT:
            element = _ELEMENTS[next(stream, 0) % len(_ELEMENTS)]
            prefix = element.partition(":")[0]
            value = _VALUES[byte % len(_VALUES)]
            attributes = ("val", "char", "font", "type")
            stated = " ".join(f'{prefix}:{each}="{value}"' for each in attributes)
            out.append(f"<{element} {stated}/>")
        elif byte < _SPACES_OF_TEXT:
            out.append("<!--c-->" if byte % 2 else "<?p i?>")
        elif byte < _NEXT_PART:
            out.append(" " * (1 << (next(stream, 0) % 18)))
        else:
            parts[name] = _closed(name, out, still_open)
            name = next(names, "")
            if not name:
                return package(parts)
    parts[name] = _closed(name, out, still_open)
    return package(parts)


def _closed(name: str, out: list[str], still_open: list[str]) -> bytes:
    while still_open:
        out.append(f"</{still_open.pop()}>")
    content = _part(_ROOTS[name], "".join(out))
    out.clear()
    return content
