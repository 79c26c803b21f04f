"""Small documents to start from, all written here."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib

import packaged
from docx_bytes import PARTS, TREE_START, package
from pdf_objects import document, stream

from evaluation.marked_plain import ipynb
from tests.unit import oleparts

_WORDS = "The tide gauge in the harbour was read every hour.\nAll readings were copied by hand."
_FRENCH = "Les données côtières ont été relevées à l'aube, près de l'île; « déjà » écrit là-bas.\n"


def detect_seeds() -> list[bytes]:
    """Return a file of each signature, behind the byte that chooses its name."""
    files = [
        b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
        b"{\\rtf1 text}",
        b"\x89PNG\r\n\x1a\n" + bytes(20),
        b"\xff\xd8\xff\xe0" + bytes(20),
        b"GIF89a" + bytes(20),
        b"<!-- c --><!DOCTYPE html><html><p>x</p></html>",
        b'<?xml version="1.0"?><svg/>',
        _WORDS.encode(),
        _WORDS.encode("utf-16"),
        _WORDS.encode("utf-16-le"),
        gzip.compress(_WORDS.encode(), mtime=0),
        gzip.compress(b"<html>x</html>", mtime=0),
        package(PARTS),
        _odt(),
        ole2("WordDocument"),
        ole2("EncryptedPackage"),
    ]
    return [bytes([number]) + file for number, file in enumerate(files)]


def _odt() -> bytes:
    return package({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"})


def ole2(stream: str) -> bytes:
    """Return an OLE2 container with one named stream ([MS-CFB] 2.2, 2.6)."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", head, 48, 1)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    directory = bytearray(512)
    name = stream.encode("utf-16-le")
    directory[: len(name)] = name
    struct.pack_into("<H", directory, 64, len(name) + 2)
    return bytes(head) + fat + bytes(directory)


def text_seeds() -> list[bytes]:
    """Return texts in several encodings, behind the byte that says how often a part repeats."""
    texts = [
        _WORDS.encode(),
        _FRENCH.encode(),
        _FRENCH.encode("cp1252"),
        _FRENCH.encode("utf-16"),
        "Уровень моря измеряли каждый час.\n".encode("koi8-r"),
        "潮位は毎時に記録された。\n".encode("shift-jis"),
        b"first page\fsecond page\f\flast",
        gzip.compress(_FRENCH.encode(), mtime=0),
        gzip_named(b"notes.txt", _WORDS.encode()),
    ]
    return [b"\0" + text for text in texts] + [b"\x87" + text for text in texts[:3]]


def epub_seeds() -> list[bytes]:
    """Return a small book."""
    container = b"<container><rootfile full-path='b.opf'/></container>"
    book = (
        b"<package xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Tides</dc:title>"
        b"<item id='a' href='a.xhtml' media-type='text/html'/><item id='n' href='n.ncx' "
        b"media-type='application/x-dtbncx+xml'/><itemref idref='a'/></package>"
    )
    ncx = b"<ncx><navPoint><navLabel>One</navLabel><content src='a.xhtml#x'/></navPoint></ncx>"
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container,
        "b.opf": book,
        "n.ncx": ncx,
        "a.xhtml": b"<html><h1>One</h1><p>" + _WORDS.encode() + b"</p></html>",
    }
    return [package(parts)]


def odf_seeds() -> list[bytes]:
    """Return OpenDocument files, behind the byte that says of which kind they are."""
    packs = (packaged.odt, packaged.odp)
    return [*(bytes([n]) + pack.seed() for n, pack in enumerate(packs)), b"\2" + packaged.flat()]


def sheet_seeds() -> list[bytes]:
    """Return workbooks, behind the byte that says of which kind they are."""
    packs = (packaged.xlsx, packaged.ods)
    return [*(bytes([n]) + pack.seed() for n, pack in enumerate(packs)), b"\2" + ole2("Workbook")]


def notebook_seeds() -> list[bytes]:
    """Return notebooks of two versions of the format."""
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Tides"]},
        {"cell_type": "code", "input": "x", "outputs": [{"text": "1", "png": "AAAA"}]},
    ]
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}
    return [ipynb().content, json.dumps(old).encode()]


def rtf_seeds() -> list[bytes]:
    """Return RTF documents, behind the byte that says how often a part repeats."""
    texts = [
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 Arial;}}\f0 \'cf\u1055? words\par}",
        rb"{\rtf1\trowd\intbl a\cell b\cell\row{\footnote note}{\pict\bin3 abc}\v hidden\v0 }",
        rb"{\rtf1{\info{\title T}}{\field{\*\fldinst HYPERLINK x.y}{\fldrslt z}}{\super 2}}",
    ]
    return [b"\0" + text for text in texts] + [b"\x87" + text for text in texts]


def tex_seeds() -> list[bytes]:
    """Return papers in TeX, behind the byte that says how often a part repeats."""
    texts = [
        rb"\documentclass{a}\title{T\thanks{n}}\author{A \and B}\begin{document}\maketitle"
        rb"\section{S} x \cite[p.~2]{k}\footnote{n $x_2$}\end{document}",
        rb"\begin{table}\caption{C}\begin{tabular}{c}a&\multicolumn{2}{c}{b}\\\hline c\end{tabular}"
        rb"\end{table}\begin{itemize}\item[x] y\end{itemize}",
        rb"\newif\ifa\atrue\ifa b\else c\fi\def\x#1{y}\x{\'{e}}\verb|a|$$E=mc^2$$ % c",
        rb"\begin{thebibliography}{9}\bibitem[A(2001)]{k} A.\newblock T.\newblock J, 2001."
        rb"\end{thebibliography}",
    ]
    return [b"\0" + text for text in texts] + [b"\x87" + text for text in texts]


def bibliography_seeds() -> list[bytes]:
    """Return BibTeX, RIS and CSL-JSON, behind the byte that says how often a part repeats."""
    texts = [
        b'@string{j = "J"}\n@article{k, author={A and {\\"U}}, title = "T" # j, year=2001}\n'
        b"@book(b, t={",
        b"TY  - JOUR\nAU  - A, B\nTI  - T\nmore\nPY  - 2001\nDO  - 10.1000/x\nER  -\nTY  - BOOK\n",
        b'[{"id":"a","type":"book","title":"T","author":[{"family":"A"}],'
        b'"issued":{"date-parts":[[1]]}}]',
    ]
    return [b"\0" + text for text in texts] + [b"\x87" + text for text in texts]


def mail_seeds() -> list[bytes]:
    """Return messages and a mailbox, behind the byte that says how often a part repeats."""
    plain = (
        b"From: a@a.invalid\nSubject: =?utf-8?q?caf=C3=A9?=\nMessage-ID: <1@a>\n"
        b"Content-Type: text/plain; charset=koi8-r\n\nwords\n"
    )
    parts = (
        b"From: a@a.invalid\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/html\n\n<p>rich\n--x\nContent-Type: image/png; name=p.png\n"
        b"Content-Transfer-Encoding: base64\n\nAAAA\n--x\nContent-Type: message/rfc822\n\n"
        + plain
        + b"--x--\n"
    )
    mailbox = b"".join(b"From - Sat Jan  1 12:00:00 2022\n" + one + b"\n" for one in (plain, parts))
    texts = [plain, parts, mailbox]
    return [b"\0" + text for text in texts] + [b"\x87" + text for text in texts]


def outlook_seeds() -> list[bytes]:
    """Return Outlook messages: one with a text, one with another in it."""
    body: oleparts.Tree = {
        "__properties_version1.0": bytes(32)
        + struct.pack("<IIQ", 0x00390040, 6, 132_593_000_000_000_000)
        + struct.pack("<IIQ", 0x3FFD0003, 6, 1251),
        "__substg1.0_0037001F": "Sands".encode("utf-16-le"),
        "__substg1.0_1000001E": "жизнь".encode("cp1251"),
        "__recip_version1.0_#00000000": {
            "__properties_version1.0": bytes(8),
            "__substg1.0_3001001F": "Bo".encode("utf-16-le"),
        },
    }
    attached: oleparts.Tree = {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": body}
    page = {"__substg1.0_10130102": b"<p>words"}
    return [
        oleparts.ole(body),
        oleparts.ole({**body, **page, "__attach_version1.0_#00000000": attached}),
    ]


def packed_rtf_seeds() -> list[bytes]:
    """Return formatted texts as Outlook packs them."""
    plain = rb"{\rtf1 words}"
    return [
        bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"),
        struct.pack("<IIII", 26, len(plain), 0x414C454D, 0) + plain,
    ]


def presentation_seeds() -> list[bytes]:
    """Return the main streams of presentations, each behind the place of its last edit."""
    words, shape, drawing = oleparts.words, oleparts.shape, oleparts.drawing
    slides = drawing(shape(words("words")), shape(words("жизнь"), placeholder=13))
    outlined = drawing(shape(oleparts.outlined(0)))
    made = [
        oleparts.presentation(slides),
        oleparts.presentation(
            outlined, slides, outlines={0: words("title")}, notes={1: "noted"}, hidden=1
        ),
    ]
    return [each["Current User"][16:20] + each["PowerPoint Document"] for each in made]


def gzip_named(name: bytes, content: bytes) -> bytes:
    """Return a gzip file that says what its content was called."""
    stream = io.BytesIO()
    with gzip.GzipFile(name.decode("latin-1"), "wb", fileobj=stream, mtime=0) as file:
        file.write(content)
    return stream.getvalue()


def html_seeds() -> list[bytes]:
    """Return pages that use what the collector looks at."""
    pages = [
        b"<!doctype html><html><head><title>Tides</title><meta charset=utf-8></head>"
        b"<body><h1>One</h1><p>a <b>b</b> c<br>d</p><img alt='A picture'></body></html>",
        b"<html><table><tr><td>1<td>2<tr><th>3<td>4</table><pre> kept\n  space </pre></html>",
        b"<html><svg><title>no</title></svg><script>no</script><style>no</style>"
        b"<template>no</template><textarea> t </textarea><ul><li>x</ul>&amp;&#x41;&#0;</html>",
        b'<?xml version="1.0" encoding="iso-8859-1"?><html><p>caf\xe9</p></html>',
        b"<html><meta charset='shift_jis'>" + "潮位".encode("shift-jis") + b"</html>",
        b"<html><meta charset=idna>caf\xe9</html>",
        "<html><p>utf-16 page</p></html>".encode("utf-16"),
        gzip.compress(b"<html><p>packed</p></html>", mtime=0),
    ]
    return [b"\0" + page for page in pages] + [b"\x87" + page for page in pages[:2]]


def paper_seeds() -> list[bytes]:
    """Return papers in JATS and TEI, behind the byte that says how often a part repeats."""
    papers = [
        b'<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "x.dtd"><article article-type="x"><front>'
        b"<article-meta><title-group><article-title>T</article-title></title-group><contrib-group>"
        b"<contrib><name><surname>A</surname><given-names>B</given-names></name></contrib><aff>"
        b"<label>1</label>C</aff></contrib-group><abstract><p>D &alpha;</p></abstract>"
        b"</article-meta></front><body><sec><label>1</label><title>E</title><p>F<sup>2</sup></p>"
        b"<table-wrap><caption><p>G</p></caption><table><tr><td rowspan='2'>H</td></tr></table>"
        b"</table-wrap></sec></body><back><ref-list><ref><label>1</label><element-citation><name>"
        b"<surname>I</surname></name><year>1999</year></element-citation></ref></ref-list></back>"
        b"</article>",
        b'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>T</title>'
        b"</titleStmt></fileDesc></teiHeader><text><body><div><head n='1'>A</head><p>B</p></div>"
        b"<div type='references'><listBibl><biblStruct><analytic><title level='a'>C</title>"
        b"</analytic></biblStruct></listBibl></div></body></text></TEI>",
    ]
    return [b"\0" + paper for paper in papers] + [b"\x87" + paper for paper in papers]


def markup_seeds() -> list[bytes]:
    """Return texts with light markup, behind bytes that choose a format and say what repeats."""
    notes = [
        b"---\ntitle: T\nauthor:\n- name: A\n---\n\n# B\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        b"=====\nTitle\n=====\n\n:Author: A\n\n.. comment\n\nB\n-\n\nwords\n",
        b"#+TITLE: T\n# comment\n* A :tag:\n| a | b |\n|---+---|\n| 1 | 2 |\n",
    ]
    return [bytes([n, repeat]) + note for n, note in enumerate(notes) for repeat in (0, 0x87)]


def xmp_seeds() -> list[bytes]:
    """Return what stands after the catalog of a PDF: XMP, packed and not."""
    packet = (
        b'<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:dc='
        b'"http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b"<rdf:Description dc:format='x'><dc:title><rdf:Alt><rdf:li>T</rdf:li></rdf:Alt></dc:title>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    packed = zlib.compress(packet)
    return [
        packet,
        b"2 0 obj\n" + stream(packet) + b"\nendobj",
        b"2 0 obj\n<</Filter/FlateDecode>>stream\n" + packed + b"\nendstream endobj",
    ]


def zip_seeds() -> list[bytes]:
    """Return Word documents as archives: stored, deflated, in the other methods zipfile knows."""
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return [package(PARTS, method) for method in methods]


def parts_seeds() -> list[bytes]:
    """Return the XML of a Word document, parts between two NULs."""
    return [b"\0\0".join(PARTS.values())]


def tree_seeds() -> list[bytes]:
    """Return programs for :func:`docx_bytes.tree`."""
    return [TREE_START, bytes(range(256)), bytes(range(0, 256, 3)) * 2]


def page_seeds() -> list[bytes]:
    """Return pages as PDFium gives them, behind the byte that says how a part repeats."""
    pages = [
        "A well-\x02known infor\x02mation of the state-of-the-\x02art.\n",
        "See https://example.org/a/b and a@b.org, CamelCase wrtkpl.\0Page 2",
        "na\u00a8\u0131ve fa\u00b8cade \ufb01nd \ufffd (cid:12)\x02next\x02one\x02 end\0\0"
        + _FRENCH * 3,
        "潮位は毎時に記録された。" * 4,
        _WORDS * 4,
    ]
    return [bytes([head]) + page.encode() for page in pages for head in (0, 0x8C)]


def box_seeds() -> list[bytes]:
    """Return boxes of lines: one column, two columns drawn in turn, odd numbers."""
    one = [(50, 700 - 12 * i, 500, 710 - 12 * i) for i in range(15)]
    two = [
        (50 + 260 * side, 700 - 12 * i, 290 + 260 * side, 710 - 12 * i)
        for i in range(12)
        for side in (0, 1)
    ]
    odd = [(float("inf"), 0, float("-inf"), 1), (float("nan"), 1, 2, 3), (3e38, -3e38, 3e38, 3e38)]
    return [b"".join(struct.pack("<4f", *box) for box in boxes) for boxes in (one, two, two + odd)]


def name_seeds() -> list[bytes]:
    """Return names of files."""
    names = [
        "paper.pdf",
        "table.csv.gz",
        ".hidden",
        "a/b/c.TXT",
        "..",
        "x.unknown",
        "\x1b[31mred.pdf",
    ]
    return [name.encode() for name in names]


def search_seeds() -> list[bytes]:
    """Return a query and a text, with 0xFF between them."""
    queries = [
        'tide "water level" photo*',
        "multi-agent C++ NEAR(a b) OR NOT AND * ^x col:y {a b}:c",
        '""" \'; DROP TABLE attachments; --',
        "été naïve e\u0301te\u0301 ﬁnd ½ ² Ⅷ ǅ",
        "\0 a\0b \x1b[31m",
    ]
    return [b"\0" + q.encode() + b"\xff" + _FRENCH.encode() + q.encode() for q in queries] + [
        b"\x8a" + b"tide gauge" + b"\xff" + _WORDS.encode()
    ]


def protocol_seeds() -> list[bytes]:
    """Return replies of a child: whole streams (even), headers alone (odd)."""
    result = {
        "attempt": 1,
        "text_status": "full",
        "confidence": 0.5,
        "confidence_reason": "",
        "extractor": "x",
        "extractor_version": "1",
        "recipe": 1,
        "mime_type": "text/plain",
        "title": "T",
        "metadata": {"a": [1, None, "b"], "c": 1e3},
        "cpu_ms": 1.5,
        "peak_mb": 20,
    }
    failure = {"code": "malformed", "message": "m", "exception_type": "E", "traceback": "t"}
    done, failed = json.dumps(result).encode(), json.dumps(failure).encode()
    page = {
        "item": "page",
        "attempt": 1,
        "number": 2,
        "label": "iv",
        "confidence": 0.5,
        "reason": "",
        "blank": False,
        "origin": "",
        "wants": ["ocr"],
    }
    table = {
        "item": "table",
        "attempt": 1,
        "rows": [["a", "b"], []],
        "page": 1,
        "caption": "",
        "header_rows": 1,
        "box": [0, 1.5],
        "confidence": None,
        "reason": "",
    }
    given = [json.dumps(item).encode() for item in (page, table)]
    stream = struct.pack("!4sBIQ", b"RSB1", 8, len(given[0]), 5) + given[0] + b"words"
    stream += struct.pack("!4sBIQ", b"RSB1", 5, len(done), 0) + done
    stream += struct.pack("!4sBIQ", b"RSB1", 6, len(failed), 0) + failed
    ready = struct.pack("!4sBIQ", b"RSB1", 3, 2, 0) + b"{}"
    return [
        b"\0" + stream,
        b"\2" + ready,
        b"\1" + done,
        b"\3" + failed,
        *(b"\5" + item for item in given),
    ]


def pdf_seeds() -> list[bytes]:
    """Return PDFs: plain ones, and one in which PDFium is asked for everything that we use."""
    return [
        pdf([b"BT /F1 12 Tf 72 700 Td (The tide was read every hour) Tj ET"]),
        pdf([_two_columns(), b"", b"0 0 100 100 re f"], title="A title of its own"),
        pdf([_two_columns()], packed=True),
        pdf([b"q 500 0 0 700 0 0 cm /Im1 Do Q 3 Tr BT /F1 9 Tf 9 9 Td (under) Tj ET /Fm1 Do"]),
        pdf([_two_columns()], to_unicode=True, title="\ufeff\ud83dbroken"),
    ]


def _two_columns() -> bytes:
    lines = [
        b"BT /F1 9 Tf %d %d Td (A line of prose that is about half as wide) Tj ET" % (x, y)
        for y in range(700, 500, -12)
        for x in (40, 310)
    ]
    return b"\n".join(lines)


def pdf(
    pages: list[bytes], *, title: str = "", packed: bool = False, to_unicode: bool = False
) -> bytes:
    """Return a PDF of drawn pages, with one font, one image and one form."""
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (8 + 2 * i) for i in range(len(pages))), len(pages)),
        font + (b"/ToUnicode 7 0 R>>" if to_unicode else b">>"),
        stream(b"\x80" * 16, b"/Type/XObject/Subtype/Image/Width 4/Height 4"
               b"/ColorSpace/DeviceGray/BitsPerComponent 8"),
        stream(b"BT /F1 8 Tf 20 20 Td (in a form) Tj ET", b"/Type/XObject/Subtype/Form"
               b"/BBox[0 0 99 99]/Resources<</Font<</F1 3 0 R>>>>"),
        b"<</Title %s>>" % (_hexadecimal(title) if title else b"()"),
        stream(b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n"
               b"1 begincodespacerange <00> <FF> endcodespacerange\n"
               b"3 beginbfchar <41> <D800> <6C> <00660069> <65> <DBFFDFFF> endbfchar\n"
               b"1 beginbfrange <70> <72> <FFFE> endbfrange\n"
               b"endcmap end end"),
    ]  # fmt: skip
    for number, content in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources"
            b"<</Font<</F1 3 0 R>>/XObject<</Im1 4 0 R/Fm1 5 0 R>>>>>>" % (9 + 2 * number)
        )
        if packed:
            objects.append(stream(zlib.compress(content), b"/Filter/FlateDecode"))
        else:
            objects.append(stream(content))
    return document(objects, trailer=b"/Info 6 0 R")


def _hexadecimal(text: str) -> bytes:
    return b"<FEFF%s>" % text.encode("utf-16-be", "surrogatepass").hex().encode()
