"""What a PDF states of itself: its information dictionary, its XMP, its catalog."""

from __future__ import annotations

import zlib
from pathlib import Path

import pypdfium2
import pytest

from reslib.extractors.assemble import Assembler
from reslib.extractors.own import PDF
from reslib.extractors.pdf import xmp
from reslib.extractors.pdf.pdfstated import PdfStated
from reslib.items import Metadata

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SPACES = (
    f'xmlns:rdf="{RDF}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"'
)


def xmp_of(inside: str, attributes: str = "") -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f"<rdf:RDF {SPACES}><rdf:Description rdf:about='' {attributes}>{inside}</rdf:Description>"
        "</rdf:RDF></x:xmpmeta>\n" + " " * 100 + '<?xpacket end="w"?>'
    ).encode()


def entries(name: str, kind: str, *values: str) -> str:
    inside = "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{inside}</rdf:{kind}></{name}>"


PAPER = xmp_of(
    entries("dc:title", "Alt", "On Tides")
    + entries("dc:creator", "Seq", "Ann Reed", "Bo Li")
    + entries("dc:subject", "Bag", "tide", "sea")
    + entries("dc:language", "Bag", "en-GB", "x-unknown")
    + entries("dc:publisher", "Bag", "Sea Press")
    + "<prism:doi>10.1000/182</prism:doi><prism:publicationName>Tides</prism:publicationName>"
    + "<dc:identifier>doi:10.1000/182</dc:identifier><pdf:Producer>x</pdf:Producer>"
    + "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><dc:title>no</dc:title></rdf:li>"
    + "</rdf:Alt></xmp:Thumbnails>",
    'pdf:Keywords="tide; sea" xmp:CreateDate="2021-03-04T10:00:00Z"',
)
STATED = [
    ("keywords", "tide; sea"),
    ("created", "2021-03-04T10:00:00Z"),
    ("title", "On Tides"),
    ("author", "Ann Reed"),
    ("author", "Bo Li"),
    ("keywords", "tide"),
    ("keywords", "sea"),
    ("language", "en-GB"),
    ("publisher", "Sea Press"),
    ("doi", "10.1000/182"),
    ("journal", "Tides"),
]
INFO = (
    b"<</Title(Ebb and Flow)/Author(Ann Reed;Bo Li)/Subject(Sea)/Keywords(tide, sea)"
    b"/CreationDate(D:20210304100500+01'00')/ModDate(D:2022)/Producer(x)/doi(10.1000/7)>>"
)


def stream(content: bytes, more: bytes = b"", *, packed: bool = False) -> bytes:
    if packed:
        content, more = zlib.compress(content), more + b"/Filter/FlateDecode"
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (more, len(content), content)


def pdf(path: Path, *more: bytes, catalog: bytes = b"", info: bytes = b"<<>>") -> Path:
    """Write a PDF with an empty page: objects 1 to 4, then *more* from 5 on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        info,
        *more,
    ]
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R/Info 4 0 R>>\n" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
    )
    path.write_bytes(data + b"startxref\n%d\n%%%%EOF\n" % data.rfind(b"xref\n0 "))
    return path


def stated(path: Path) -> list[Metadata]:
    document = pypdfium2.PdfDocument(path)
    try:
        return list(PdfStated(document, path))
    finally:
        document.close()


def pairs(path: Path) -> list[tuple[str, str]]:
    return [(one.key, one.value) for one in stated(path)]


def test_the_information_dictionary_is_metadata(tmp_path: Path) -> None:
    found = stated(pdf(tmp_path / "a.pdf", info=INFO, catalog=b"/Lang(de-AT)"))
    assert [(one.key, one.value) for one in found] == [
        ("title", "Ebb and Flow"),
        ("author", "Ann Reed"),
        ("author", "Bo Li"),
        ("subject", "Sea"),
        ("keywords", "tide, sea"),
        ("created", "2021-03-04T10:05:00+01:00"),
        ("modified", "2022"),
        ("doi", "10.1000/7"),
        *([("language", "de-AT")] if hasattr(pypdfium2.raw, "FPDFCatalog_GetLanguage") else []),
    ]
    assert {one.source for one in found} <= {"information dictionary", "catalog"}


@pytest.mark.parametrize("packed", [False, True])
def test_the_xmp_that_the_catalog_names_is_metadata(tmp_path: Path, packed: bool) -> None:
    packet = stream(PAPER, b"/Type/Metadata/Subtype/XML", packed=packed)
    path = pdf(tmp_path / "a.pdf", packet, catalog=b"/Metadata 5 0 R")
    assert pairs(path) == STATED
    assert {one.source for one in stated(path)} == {"XMP"}


def test_the_xmp_of_a_figure_is_not_that_of_the_document(tmp_path: Path) -> None:
    figure = stream(xmp_of(entries("dc:title", "Alt", "Figure one of ours")), b"/Type/Metadata")
    packet = stream(PAPER, b"/Type/Metadata/Subtype/XML")
    named = pdf(tmp_path / "a.pdf", figure, packet, figure, catalog=b"/Metadata 6 0 R")
    assert pairs(named) == STATED
    assert pairs(pdf(tmp_path / "b.pdf", figure)) == []


def test_a_catalog_in_a_stream_of_objects_names_it_too(tmp_path: Path) -> None:
    others = b"<</Metadata 6 0 R>>"
    objects = others + b" <</Type/Catalog/Pages 2 0 R/Metadata 7 0 R>>"
    head = b"20 0 21 %d " % (len(others) + 1)
    packed = stream(head + objects, b"/Type/ObjStm/N 2/First %d" % len(head), packed=True)
    figure = stream(xmp_of(entries("dc:title", "Alt", "Figure one of ours")), b"/Type/Metadata")
    path = pdf(tmp_path / "a.pdf", packed, figure, stream(PAPER, b"/Type/Metadata"))
    path.write_bytes(path.read_bytes().replace(b"/Catalog", b"/Katalog"))
    found = xmp.packet(path)
    assert found is not None
    assert b"On Tides" in found


def test_the_title_is_that_of_the_dictionary_and_else_of_xmp(tmp_path: Path) -> None:
    packet = stream(PAPER, b"/Type/Metadata")
    for info, title in (
        (INFO, "Ebb and Flow"),
        (b"<</Title(Microsoft Word - x.doc)>>", "On Tides"),
    ):
        path = pdf(tmp_path / "a.pdf", packet, catalog=b"/Metadata 5 0 R", info=info)
        assembler = Assembler(PDF, "application/pdf")
        for item in PDF.function(path):  # type: ignore[union-attr]
            assembler.add(item)
        result = assembler.result()
        assert result.title == title
        assert Metadata("author", "Bo Li", "XMP") in result.items


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<?xpacket",
        b"<rdf:RDF",
        b"RDF",
        PAPER[: len(PAPER) // 2],
        xmp_of("<dc:title>" * 100_000),
        xmp_of("<dc:creator><rdf:Seq>" + "<rdf:li>a</rdf:li>" * 60_000),
        xmp_of(entries("dc:creator", "Seq", *(f"Author {n}" for n in range(20_000)))),
        xmp_of(entries("dc:title", "Alt", "words " * 150_000)),
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rdf:RDF>&b;</rdf:RDF>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rdf:RDF>&a;</rdf:RDF>',
        PAPER.decode().encode("utf-16"),
        b"\0RDF" * 1000,
    ],
)
def test_packets_that_are_damaged_or_made_to_attack_cost_little(
    tmp_path: Path, packet: bytes
) -> None:
    path = pdf(tmp_path / "a.pdf", stream(packet, b"/Type/Metadata"), catalog=b"/Metadata 5 0 R")
    found = stated(path)
    assert len(found) <= 1_000
    assert sum(len(one.value) for one in found) < 100_000
    assert "passwd" not in str(found)


def test_a_document_of_places_to_look_at_is_looked_at_a_few_times(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", b"<</Type/Metadata>>", catalog=b"/Metadata 9 0 R")
    bomb = stream(bytes(50 << 20), b"/Type/ObjStm/First 10", packed=True)
    with path.open("ab") as file:
        file.write(b"9 0 obj\n<</Type/Catalog/Metadata 9 0 R>>\n" * 50_000)
        for _ in range(200):
            file.write(b"8 0 obj\n" + bomb + b"\nendobj\n")
    assert xmp.packet(path) is None


def test_a_date_that_is_none_is_kept_as_it_is(tmp_path: Path) -> None:
    info = b"<</CreationDate(Thu Mar 4 2021)/ModDate(D:20210304)>>"
    assert pairs(pdf(tmp_path / "a.pdf", info=info)) == [
        ("created", "Thu Mar 4 2021"),
        ("modified", "2021-03-04"),
    ]
