"""What is fuzzed: one function of bytes each, its seeds, and the words of its format."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import containers
import docx_bytes
import packaged
import properties
import replies
import seeds
from edits import inflate, readable
from properties import Finding, check_classed, check_document, check_result, scratch

from reslib.errors import printable
from reslib.extractors.assemble import Assembler
from reslib.extractors.encoding import decode
from reslib.extractors.own import PDF
from reslib.extractors.pdf import extractor as pdf
from reslib.extractors.pdf import xmp
from reslib.extractors.pdf.columns import Box, find_layout, merge_line_pieces, reading_order
from reslib.extractors.pdf.confidence import PageSignals
from reslib.extractors.textfile import original_name
from reslib.formats.detect import detect
from tests.unit import oleparts
from tests.unit.oleparts import ole

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """One entry that takes what a document, a child or a person says.

    Parameters
    ----------
    run
        Takes bytes; raises when a promise is broken.
    seeds
        Gives inputs to start from.
    tokens
        Words that random bytes hardly ever hit on.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    tokens: tuple[bytes, ...] = ()

    def __call__(self, data: bytes) -> None:
        """Run once, under the limit of processor time."""
        with properties.bounded():
            self.run(data)


# --- documents --------------------------------------------------------------------------------

_SUFFIXES = (
    *("", ".pdf", ".docx", ".txt", ".html", ".csv.gz", ".doc", ".odt", ".zip", ".svg", ".md"),
    *(".xhtml", ".gz", ".epub", ".unknown"),
)
_HINTS = (None, "text/plain", "application/pdf", "text/html; charset=x", "nonsense", "")


def _detect(data: bytes) -> None:
    choice, content = data[:1] or b"\0", data[1:]
    path = scratch("detect" + _SUFFIXES[choice[0] % len(_SUFFIXES)])
    path.write_bytes(content)
    hint = _HINTS[choice[0] // len(_SUFFIXES) % len(_HINTS)]
    found = check_classed(lambda: detect(path, hint))
    if found is not None and not (isinstance(found, str) and found and printable(found) == found):
        raise Finding(f"{found!r} is no media type")


def _document(name: str, content: bytes, hint: str | None = None) -> None:
    path = scratch(name)
    path.write_bytes(content)
    check_document(path, hint)


def _text_file(data: bytes) -> None:
    content = inflate(data)
    _document("text.txt", content)
    original_name(scratch("text.txt"))


def _html(data: bytes) -> None:
    # What is named so and has no signature is HTML; that is what reaches the extractor.
    _document("page.html", inflate(data))


def _paper(data: bytes) -> None:
    # Named so, XML that is not known reaches the extractor too.
    content = inflate(data)
    _document("paper.nxml" if b"<TEI" not in content[:200] else "paper.tei", content)


_NOTES = ("note.md", "note.rst", "note.org")


def _markup(data: bytes) -> None:
    choice, content = data[:1] or b"\0", inflate(data[1:])
    _document(_NOTES[choice[0] % len(_NOTES)], content)


def _xmp(data: bytes) -> None:
    found = xmp.properties(data)
    if sum(len(value) for _, _, value in found) > 2 * len(data) + 100:
        raise Finding("more was said than stands there")
    path = scratch("stated.pdf")
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 2 0 R>>\nendobj\n" + data)
    xmp.packet(path)


def _epub(data: bytes) -> None:
    _document("book.epub", data)


def _rtf(data: bytes) -> None:
    _document("paper.rtf", inflate(data))


def _tex(data: bytes) -> None:
    _document("paper.tex", inflate(data))


def _bibliography(data: bytes) -> None:
    content = inflate(data)
    # RIS and CSL-JSON are told by their content.
    _document("refs.bib", content)


def _mail(data: bytes) -> None:
    _document("letter.eml", inflate(data))


def _outlook(data: bytes) -> None:
    _document("letter.msg", data)


def _packed_rtf(data: bytes) -> None:
    streams = {"__properties_version1.0": bytes(32), "__substg1.0_10090102": data or b"\0"}
    _document("packed.msg", ole(streams))


def _presentation(data: bytes) -> None:
    current = bytearray(oleparts.presentation()["Current User"])
    current[16:20] = data[:4].ljust(4, b"\0")
    streams = {"PowerPoint Document": data[4:] or b"\0", "Current User": bytes(current)}
    _document("talk.ppt", ole(streams))


def _docx_zip(data: bytes) -> None:
    _document("archive.docx", data)


def _docx_parts(data: bytes) -> None:
    _document("parts.docx", docx_bytes.from_parts(data))


def _docx_tree(data: bytes) -> None:
    _document("tree.docx", docx_bytes.tree(data))


_LABELS = tuple(
    "utf-8 utf-16 utf-7 idna punycode undefined unicode_escape raw_unicode_escape hz big5hkscs "
    "iso2022_jp_2 cp932 gb18030 latin-1 charmap mbcs base64 rot13 x-user-defined zlib".split()
)


def _decode(data: bytes) -> None:
    first = data[1:2] or b"\0"
    declared = (None, *_LABELS)[first[0] % (len(_LABELS) + 1)]
    if first[0] > 200:
        declared = data[2:20].decode("latin-1")
    decoded = decode(inflate(data[:1] + data[2:]), declared)
    if not 0 <= decoded.confidence <= 1 or "\r" in decoded.text:
        raise Finding(f"decoded with a confidence of {decoded.confidence}")
    "x".encode(decoded.encoding)
    json.dumps(decoded.metadata())


# --- the Python around PDFium ------------------------------------------------------------------


def _pdf_pages(data: bytes) -> None:
    signals: list[PageSignals | None] = []
    flags = data[0] if data else 0
    for number, page in enumerate(readable(inflate(data)).split("\0")[:50]):
        signals.append(
            PageSignals(
                text=page,
                image_share=(flags + number) % 5 / 4,
                image_dpi=[None, 20.0, 100.0, 300.0][(flags + number) % 4],
                hidden_share=number % 2,
                text_objects=number % 3,
                paths=flags,
                zigzag=flags / 255,
                repaired=number % 7 == 3,
            )
        )
        if number % 8 == 7:
            signals.append(None)
    assembler = Assembler(PDF, "application/pdf")
    for finished in pdf._finished(signals, {}):
        assembler.add(finished)
    result = assembler.result()
    if result.page_count != len(signals):
        raise Finding(f"{len(signals)} pages became {result.page_count}")
    check_result(replace(result, title=None))


def _columns(data: bytes) -> None:
    whole = data[: len(data) // 16 * 16]
    boxes = [Box(*box) for box in struct.iter_unpack("<4f", whole)][:3000]
    lines = merge_line_pieces(boxes)
    layout = find_layout(lines)
    if layout is not None and not 0 <= layout.zigzag <= 1:
        raise Finding(f"a zigzag of {layout.zigzag}")
    gutters = layout.gutters if layout is not None else (300.0,)
    order = reading_order(boxes, gutters)
    if len(set(order)) != len(order):
        raise Finding("a line is read twice")
    if all(math.isfinite(edge) for box in boxes for edge in box) and len(order) < len(boxes):
        raise Finding("a line is lost")


# --- all of them ------------------------------------------------------------------------------

_MARKUP = (
    "<?xml encoding='hz'",
    "<!DOCTYPE html",
    *(
        "<html> <title> </title> <script> <style> <template> <svg> <pre> <textarea> <table> <tr> "
        "<td> <br> <p> <img alt=x> <!-- --> <![CDATA[ ]]> <?xml &amp; &#0; &#xD800; charset=idna "
        "charset=utf-7 charset=punycode charset=undefined charset=unicode_escape "
        '<meta encoding="'.split()
    ),
)
_XML = tuple(
    "<w:p> </w:p> <w:t> </w:t> <w:tc> </w:tc> <w:tr> </w:tr> <w:tbl> <w:del> <w:sym/> <m:f> <m:e> "
    "<m:num> <m:d> <mc:AlternateContent> <mc:Choice> <w:txbxContent> </w:txbxContent> <!DOCTYPE "
    "<!ENTITY &x; SYSTEM encoding='utf-7' encoding='ebcdic' TargetMode='External' ../../ #".split()
)
_CONTROL_WORDS = (
    r"{\* \'e9 \u-10179? \uc9 \bin9 \fcharset2 \cpg932 \ansicpg65001 {\fonttbl {\upr {\*\ud "
    r"\cell \row \super \v {\footnote {\header {\field{\*\fldinst HYPERLINK {\fldrslt "
    r"{\shptxt {\info{\title }"
).split()
_TEX = (
    r"\begin{document} \begin{tabular}{c} \end{tabular} & \\ \section{ \footnote{ \caption{ \item "
    r"\'{ \cite{a} \title{ \author{ \and \input{x} \iffalse \else \fi \def\x{ \verb| $$ \[ "
    r"\bibitem{a} \begin{abstract} \multicolumn{2}{c} \begin{deluxetable}{c} \enddata "
    r"\textsuperscript{ %"
).split(" ")
_BIBLIOGRAPHY = (
    '@article{a, author={ } and title=" # @string{b= @comment{ {\\"u} $_{ \\emph{ doi=10.1/ '
    '"type":"book" "date-parts":[[ "family": null'
).split(" ")
_MAIL = (
    "\nFrom \nSubject: =?utf-8?q? =?big5?b? ?= \nContent-Type: multipart/alternative;boundary=x "
    "\n--x \n--x-- message/rfc822 text/html;charset=utf-7 \nContent-Transfer-Encoding:base64 "
    "filename*0*=utf-8'' application/pkcs7-mime message/delivery-status"
).split(" ")
#: Kinds of records of a presentation, before their lengths.
_RECORDS = tuple(
    struct.pack("<HHI", 15, kind, 64) for kind in (0x3E8, 0x3EE, 0xFF0, 0x40C, 0xF004, 0xF00D)
) + tuple(struct.pack("<HHI", 0, kind, 16) for kind in (0x1772, 0xFF5, 0x3F3, 0xFA0, 0xF9E))
_ZIP = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"\xff\xff\xff\xff", b"\x63\0")


def _tokens(*words: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in words)


_PAPER = (
    *("<!DOCTYPE article [<!ENTITY a 'b'>]>", "&a;", "&alpha;", "<![CDATA[", "]]>", "<!--", "-->"),
    *(
        "<article> <front> <body> <back> <sec> <title> <label> <p> <ref-list> <ref> <name> <table> "
        "<mixed-citation> <element-citation> <table-wrap> <tr> <td colspan='99'> <sup> <tex-math> "
        "<sub-article> <contrib> <aff> <abstract> </ />"
    ).split(),
)
_LIGHT = (
    *("---\n", "+++\n", "&a ", "*a", "[", "{", "title: ", "author:\n- ", "| a |\n|---|\n", "```\n"),
    *("====\n", ".. ", ":Author: ", "#+TITLE: ", "#+BEGIN_COMMENT\n", "* COMMENT ", "# ", "\f"),
)
_XMP = (
    *("<rdf:Description ", "<rdf:Alt><rdf:li>", "</rdf:li>", "<dc:title>", "<!DOCTYPE x [", "&a;"),
    *("2 0 obj", "stream\n", "endstream", "/Filter/FlateDecode", "/ObjStm", "/First 9", "/Catalog"),
)

TARGETS: dict[str, Target] = {
    "detect": Target(_detect, seeds.detect_seeds, (*_ZIP, b"%PDF-", b"\x1f\x8b", b"ustar")),
    "text": Target(_text_file, seeds.text_seeds, (b"\f", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef")),
    "html": Target(_html, seeds.html_seeds, _tokens(*_MARKUP)),
    "paper": Target(_paper, seeds.paper_seeds, _tokens(*_PAPER)),
    "markup": Target(_markup, seeds.markup_seeds, _tokens(*_LIGHT)),
    "xmp": Target(_xmp, seeds.xmp_seeds, _tokens(*_XMP)),
    "epub": Target(_epub, seeds.epub_seeds, (*_ZIP, b"<itemref ", b"fallback=", b"<!DOCTYPE")),
    "rtf": Target(_rtf, seeds.rtf_seeds, _tokens(*_CONTROL_WORDS)),
    "tex": Target(_tex, seeds.tex_seeds, _tokens(*_TEX)),
    "bibliography": Target(_bibliography, seeds.bibliography_seeds, _tokens(*_BIBLIOGRAPHY)),
    "mail": Target(_mail, seeds.mail_seeds, _tokens(*_MAIL)),
    "outlook": Target(_outlook, seeds.outlook_seeds),
    "packed_rtf": Target(_packed_rtf, seeds.packed_rtf_seeds, (b"LZFu", b"MELA")),
    "presentation": Target(_presentation, seeds.presentation_seeds, _RECORDS),
    "docx_zip": Target(_docx_zip, seeds.zip_seeds, _ZIP),
    "docx_parts": Target(_docx_parts, seeds.parts_seeds, _tokens(*_XML)),
    "docx_tree": Target(_docx_tree, seeds.tree_seeds),
    "decode": Target(_decode, lambda: [b"\0" + s for s in seeds.text_seeds()], _tokens(*_LABELS)),
    "pdf_pages": Target(
        _pdf_pages, seeds.page_seeds, (b"\x02", b"-", b"\0", "\u00b4".encode(), b"(cid:")
    ),
    "columns": Target(_columns, seeds.box_seeds, (b"\0\0\x80\x7f", b"\0\0\xc0\x7f")),
    "names": Target(replies.names, seeds.name_seeds, _tokens(".gz", "/", "..", ".docx", "\x1b[")),
    "search": Target(
        replies.search,
        seeds.search_seeds,
        (*_tokens('"', "*", " NEAR(", " AND ", " OR ", "^", ":", "\u0301", "½"), b"\xff", b"\0"),
    ),
    "protocol": Target(
        replies.protocol,
        seeds.protocol_seeds,
        (
            *_tokens("RSB1", "1e999", "NaN", "null", "true", "[", "{", "\\ud800", "\\u0000", "-1"),
            *_tokens('"page_offsets":', '"confidence":', '"metadata":{"a":', '"title":'),
        ),
    ),
    "pptx": Target(packaged.read_pptx, lambda: [packaged.pptx.seed()], _tokens(*_XML)),
    "odf": Target(packaged.read_odf, seeds.odf_seeds, _tokens(*_XML)),
    "spreadsheet": Target(
        packaged.read_spreadsheet, seeds.sheet_seeds, _tokens(*packaged.CELL_WORDS)
    ),
    "ipynb": Target(packaged.read_ipynb, seeds.notebook_seeds, _tokens(*packaged.BOOK_WORDS)),
    "archive": Target(containers.read_archive, containers.archive_seeds, (*_ZIP, b"ustar")),
    "locked": Target(containers.read_locked, containers.locked_seeds, containers.LOCK_WORDS),
    "word": Target(containers.read_word, containers.word_seeds),
}
