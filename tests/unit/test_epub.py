"""What is read of an EPUB book."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors import archive
from reslib.extractors.assemble import Assembler
from reslib.extractors.own import EPUB
from reslib.formats.detect import detect
from reslib.items import Metadata, Section, Warning
from reslib.models import ExtractionResult, TextStatus

Make = Callable[..., Path]

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
METADATA = (
    "<dc:title>On Estuaries</dc:title><dc:title>A Subtitle</dc:title>"
    "<dc:creator>Ann Reed</dc:creator><dc:creator>Bo Li</dc:creator><dc:language>en</dc:language>"
    "<dc:publisher>Tide</dc:publisher><dc:date>2021-03-04</dc:date>"
    '<dc:date opf:event="modification">2024</dc:date>'
    "<dc:identifier>urn:isbn:9780000000002</dc:identifier>"
)
NCX_TYPE = "application/x-dtbncx+xml"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"'


def page(body: str, title: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>{title}</title></head><body>{body}</body></html>"
    )


def book(items: str, spine: str, metadata: str = METADATA) -> str:
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf" {DC}><metadata>{metadata}</metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )


def item(name: str, href: str, kind: str = "application/xhtml+xml", more: str = "") -> str:
    return f'<item id="{name}" href="{href}" media-type="{kind}" {more}/>'


def spine(*names: str) -> str:
    return "".join(f'<itemref idref="{name}"/>' for name in names)


ONE = item("a", "a.xhtml") + item("b", "b.xhtml")
PARTS: dict[str, str | bytes | None] = {
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": book(ONE, spine("b", "a")),
    "OPS/a.xhtml": page("<h1>Last words</h1><p>The tide went out.</p>"),
    "OPS/b.xhtml": page("<p>The tide came in.</p>", "On Estuaries"),
}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(parts: Mapping[str, str | bytes | None] = {}) -> Path:
        path = tmp_path / "book.epub"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            for name, content in {**PARTS, **parts}.items():
                if content is not None:
                    archive.writestr(name, content)
        return path

    return make


def read(path: Path) -> ExtractionResult:
    assert detect(path) == "application/epub+zip"
    assembler = Assembler(EPUB, "application/epub+zip")
    items = EPUB.function(path)
    assert not isinstance(items, ExtractionResult)
    for one in items:
        assembler.add(one)
    return assembler.result()


def code_of(path: Path) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        read(path)
    return caught.value.code


def labels(result: ExtractionResult) -> list[str]:
    return [page.label for page in result.pages]


def test_chapters_are_pages_in_the_order_of_the_spine(make: Make) -> None:
    result = read(make())
    assert [page.text for page in result.pages] == [
        "The tide came in.",
        "Last words\n\nThe tide went out.",
    ]
    assert (result.text_status, result.confidence) == (TextStatus.FULL, 1.0)


def test_what_the_book_states_of_itself_is_kept_with_its_source(make: Make) -> None:
    result = read(make())
    assert result.title == "On Estuaries"
    assert result.items == tuple(
        Metadata(key, value, "package document")
        for key, value in [
            ("title", "On Estuaries"),
            ("title", "A Subtitle"),
            ("author", "Ann Reed"),
            ("author", "Bo Li"),
            ("language", "en"),
            ("publisher", "Tide"),
            ("date", "2021-03-04"),
            ("identifier", "urn:isbn:9780000000002"),
            ("isbn", "9780000000002"),
        ]
    )


def test_a_chapter_is_called_what_the_navigation_calls_it(make: Make) -> None:
    nav = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        '<nav epub:type="landmarks"><ol><li><a href="../a.xhtml">no</a></li></ol></nav>'
        '<nav epub:type="toc"><ol><li><a href="../b.xhtml">The  <i>flood</i></a><ol>'
        '<li><a href="../b.xhtml#x">Noon</a></li></ol></li></ol></nav></html>'
    )
    opf = book(ONE + item("n", "nav/n.xhtml", more='properties="nav"'), spine("b", "a"))
    result = read(make({"OPS/book.opf": opf, "OPS/nav/n.xhtml": nav}))
    assert labels(result) == ["The flood", "Last words"], "the second has only its own heading"
    sections = [one for one in result.items if isinstance(one, Section)]
    assert sections == [Section("The flood", 1, 1), Section("Noon", 2, 1)]


def test_older_books_name_their_chapters_in_an_ncx(make: Make) -> None:
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://x.invalid/ncx.dtd">'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Ebb'
        '</text></navLabel><content src="a.xhtml#top"/><navPoint><navLabel><text>Mud&nbsp;flats'
        '</text></navLabel><content src="a.xhtml#mud"/></navPoint></navPoint></navMap></ncx>'
    )
    opf = book(ONE + item("n", "toc.ncx", NCX_TYPE), spine("a"))
    result = read(make({"OPS/book.opf": opf, "OPS/toc.ncx": ncx}))
    assert labels(result) == ["Ebb"]
    assert [one.level for one in result.items if isinstance(one, Section)] == [1, 2]


@pytest.mark.parametrize("ncx", [None, "", "<ncx", "words", b"\xff\xfe\0"])
def test_a_broken_table_of_contents_costs_only_the_names(make: Make, ncx: bytes | None) -> None:
    opf = book(ONE + item("n", "toc.ncx", NCX_TYPE), spine("a"))
    assert labels(read(make({"OPS/book.opf": opf, "OPS/toc.ncx": ncx}))) == ["Last words"]


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("b%20c.xhtml", "OPS/b c.xhtml"),
        ("./x/../d.xhtml", "OPS/d.xhtml"),
        ("D.XHTML", "OPS/d.xhtml"),
        ("100%25.xhtml", "OPS/100%.xhtml"),
        ("u\u0308.xhtml", "OPS/\u00fc.xhtml"),
        ("\u00fc.xhtml", "OPS/" + "\u00fc".encode().decode("cp437") + ".xhtml"),
    ],
)
def test_names_of_chapters_are_found_however_they_are_written(
    make: Make, href: str, name: str
) -> None:
    opf = book(item("c", href), spine("c"))
    assert read(make({"OPS/book.opf": opf, name: page("found")})).text == "found"


def test_names_that_climb_out_of_the_archive_lead_nowhere(make: Make, tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text(page("SECRET"))
    items = item("s", "../../../secret.xhtml") + item("t", f"file://{tmp_path}/secret.xhtml") + ONE
    result = read(make({"OPS/book.opf": book(items, spine("s", "t", "a"))}))
    assert "SECRET" not in result.text
    assert result.text_status is TextStatus.PARTIAL


def test_a_chapter_that_is_missing_is_said(make: Make) -> None:
    result = read(make({"OPS/a.xhtml": None}))
    assert result.text_status is TextStatus.PARTIAL
    assert "1 of 2 chapters cannot be read" in result.confidence_reason
    warning = next(one for one in result.items if isinstance(one, Warning))
    assert (warning.code, warning.page) == ("chapter_unreadable", 2)
    assert code_of(make({"OPS/a.xhtml": None, "OPS/b.xhtml": None})) is ErrorCode.MALFORMED


def test_a_cover_is_blank_and_a_book_of_pictures_is_no_full_text(make: Make) -> None:
    picture = page('<img src="x.jpg"/>')
    cover = make({"OPS/book.opf": book(ONE, spine("b", "a")), "OPS/b.xhtml": picture})
    assert read(cover).text_status is TextStatus.FULL
    names = [f"p{n}" for n in range(6)]
    items = "".join(item(name, f"{name}.xhtml") for name in names)
    parts = {f"OPS/{name}.xhtml": picture for name in names}
    result = read(make({"OPS/book.opf": book(ONE + items, spine("a", *names)), **parts}))
    assert result.text_status is TextStatus.PARTIAL
    assert "6 of 7 chapters are pictures without text" in result.confidence_reason


def test_a_chapter_that_is_no_page_is_read_in_its_stead(make: Make) -> None:
    items = (
        item("p", "p.pdf", "application/pdf", 'fallback="q"')
        + item("q", "q.bin", "application/x", 'fallback="a"')
        + item("l", "l.bin", "application/x", 'fallback="l"')
    )
    result = read(make({"OPS/book.opf": book(ONE + items, spine("p", "l"))}))
    assert result.page_count == 1
    assert "went out" in result.text


def test_a_package_document_is_found_without_a_container_and_mended(make: Make) -> None:
    broken = book(ONE, spine("b", "a")).replace("</metadata>", "&nbsp;<b></metadata>")
    for container in (None, "", "<container>"):
        assert read(make({"META-INF/container.xml": container})).page_count == 2
    assert "came in" in read(make({"OPS/book.opf": broken})).text


@pytest.mark.parametrize("opf", [None, "", "words", book(ONE, "")])
def test_a_book_without_a_package_document_or_chapters_is_malformed(
    make: Make, opf: str | None
) -> None:
    assert code_of(make({"OPS/book.opf": opf})) is ErrorCode.MALFORMED


def encryption(method: str, uri: str) -> str:
    return (
        '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        f'<enc:EncryptionMethod Algorithm="{method}"/><enc:CipherData>'
        f'<enc:CipherReference URI="{uri}"/></enc:CipherData></enc:EncryptedData></encryption>'
    )


AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"


def test_a_protected_book_is_encrypted_and_obfuscated_fonts_are_not(make: Make) -> None:
    drm = make({"META-INF/encryption.xml": encryption(AES, "OPS/a.xhtml")})
    with pytest.raises(ExtractionError, match="encrypted for the devices") as caught:
        read(drm)
    assert caught.value.code is ErrorCode.ENCRYPTED
    fonts = encryption("http://www.idpf.org/2008/embedding", "OPS/font.otf")
    assert read(make({"META-INF/encryption.xml": fonts})).page_count == 2
    assert read(make({"META-INF/encryption.xml": ""})).page_count == 2


def test_rights_protect_a_book_when_its_chapters_are_noise(make: Make) -> None:
    assert read(make({"META-INF/rights.xml": "<rights/>"})).page_count == 2
    noise = {"OPS/a.xhtml": b"\x81\x02" * 99, "OPS/b.xhtml": b"\x91\x03" * 99}
    assert code_of(make({"META-INF/rights.xml": "<rights/>", **noise})) is ErrorCode.ENCRYPTED


def test_an_archive_with_a_password_is_encrypted(make: Make) -> None:
    path = make()
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("OPS/b.xhtml")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 6] |= 1  # in front of the part, and in the directory
    content[content.index(b"OPS/b.xhtml", content.index(b"PK\1\2")) - 38] |= 1
    path.write_bytes(content)
    assert code_of(path) is ErrorCode.ENCRYPTED


def test_bombs_are_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    assert code_of(make({"OPS/b.xhtml": page("a" * (2 << 20))})) is ErrorCode.MALFORMED
    assert code_of(make({"OPS/book.opf": " " * (2 << 20)})) is ErrorCode.MALFORMED
    again = book(ONE, spine("a") * 100_000)
    monkeypatch.undo()
    assert read(make({"OPS/book.opf": again})).page_count == 1


@pytest.mark.parametrize(
    "doctype",
    [
        '[<!ENTITY x SYSTEM "secret.txt">]',
        '[<!ENTITY % p SYSTEM "secret.txt"> %p;]',
        '[<!ENTITY a "SECRET"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;&b;">]',
    ],
)
def test_entities_are_neither_followed_nor_expanded(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, doctype: str
) -> None:
    (tmp_path / "secret.txt").write_text("SECRET", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    opf = book(ONE, spine("a"), "<dc:title>t &x;</dc:title>")
    chapter = f"<!DOCTYPE html {doctype}>{page('<p>words &x;</p>')}".replace("encoding", "e")
    result = read(make({"OPS/book.opf": f"<!DOCTYPE p {doctype}>{opf}", "OPS/a.xhtml": chapter}))
    assert "SECRETSECRET" not in result.text + str(result.items)
    assert (tmp_path / "secret.txt").exists()
    assert "words" in result.text


def test_a_deeply_nested_chapter_or_contents_is_no_obstacle(make: Make) -> None:
    deep = "<navPoint>" * 5000
    ncx = f"<ncx><navMap>{deep}</navMap></ncx>"
    opf = book(ONE + item("n", "toc.ncx", NCX_TYPE), spine("a"))
    chapter = page("<div>" * 20_000 + "<h1>deep</h1>")
    result = read(make({"OPS/book.opf": opf, "OPS/toc.ncx": ncx, "OPS/a.xhtml": chapter}))
    assert (result.text, labels(result)) == ("deep", ["deep"])


def test_an_empty_book_says_so(make: Make) -> None:
    result = read(make({"OPS/a.xhtml": page(""), "OPS/b.xhtml": b""}))
    assert (result.text_status, result.confidence) == (TextStatus.EMPTY, 0.0)


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_book_that_is_cut_off_is_truncated(make: Make, tenth: int) -> None:
    path = make({"OPS/picture.jpg": bytes(range(256)) * 4})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    assert code_of(path) is ErrorCode.TRUNCATED


@pytest.mark.parametrize("content", [b"words", b"%PDF-1.7\n", b"{\\rtf1 x}", b"PK\3\4 damaged"])
def test_something_else_under_this_name_is_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.epub"
    path.write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        list(EPUB.function(path))  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.MALFORMED
