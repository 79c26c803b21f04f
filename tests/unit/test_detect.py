"""What a document is said to be, and that asking never blocks."""

import bz2
import gzip
import io
import lzma
import os
import socket
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reslib.errors import ErrorCode, ExtractionError
from reslib.formats.detect import TEXT_TYPES, detect, guess_from_name
from reslib.formats.utf import unicode_encoding

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def archive(entries: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def content_types(main: str) -> str:
    return f'<Types><Override PartName="/x.xml" ContentType="application/vnd.{main}"/></Types>'


DOCX_BYTES = archive(
    {
        "[Content_Types].xml": content_types(
            "openxmlformats-officedocument.wordprocessingml.document.main+xml"
        ),
        "word/document.xml": "<w/>",
    }
)


def ole(*streams: str) -> bytes:
    """An OLE2 container whose directory takes two sectors that do not lie side by side."""
    entries = b""
    for name in ("Root Entry", "a", "b", "c", *streams):
        raw = name.encode("utf-16-le") + b"\0\0"
        entries += raw.ljust(64, b"\0") + struct.pack("<H", len(raw)) + bytes(62)
    entries = entries.ljust(1024, b"\0")
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<4I", 0xFFFFFFFD, 3, 0xFFFFFFFF, 0xFFFFFFFE).ljust(512, b"\xff")
    return bytes(header) + table + entries[:512] + bytes(512) + entries[512:]


def stored(name: str, content: bytes) -> bytes:
    """Return a ZIP archive in which the bytes of the file stand as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made:
        made.writestr(name, content)
    return buffer.getvalue()


def tar(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content))
    return zipped(buffer.getvalue())


def zipped(content: bytes) -> bytes:
    """The same bytes at any time: they are in the names of tests, the same in every process."""
    return gzip.compress(content, mtime=0)


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def code_of(path: Path, hint: str | None = None) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        detect(path, hint)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("paper.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("paper.docx", b"%PDF-1.7\n", "application/pdf"),
        ("paper", b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n", "application/pdf"),
        ("paper.docx", DOCX_BYTES, DOCX),
        ("paper.pdf", DOCX_BYTES, DOCX),
        ("paper", DOCX_BYTES, DOCX),
        ("a.rtf", b"{\\rtf1 x}", "application/rtf"),
        ("a.doc", b"{\\rtf1 x}", "application/rtf"),
        ("a.txt", b"\xef\xbb\xbf\r\n{\\rtf1 x}", "application/rtf"),
        ("a.txt", b"A file starts with {\\rtf1", "text/plain"),
        ("a.png", b"\x89PNG\r\n\x1a\n123", "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.tif", b"II*\0", "image/tiff"),
        ("a.gif", b"GIF89a", "image/gif"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        ("a.jpg", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "image/heic"),
        ("a.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "image/avif"),
        ("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "video/mp4"),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "image/jp2"),
        ("a.html", b"plain words", "text/html"),
        ("a.txt", b"\xef\xbb\xbf <!-- x --> <!DOCTYPE HTML><p>", "text/html"),
        ("a.pdf", b"<html><body>please log in", "text/html"),
        ("a.xml", b"<?xml version='1.0'?><article/>", "application/xml"),
        ("a", b"<?xml version='1.0'?><html xmlns='x'>", "application/xhtml+xml"),
        ("a.md", b"# Title\n", "text/markdown"),
        ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("A.CSV ", b"a,b\n1,2\n", "text/csv"),
        ("a.tex", "\\section{caf\xe9}".encode("latin-1"), "text/x-tex"),
        ("README", b"words", "text/plain"),
        ("a.unheardof", b"words", "text/plain"),
        ("a.ipynb", b"{}", "application/x-ipynb+json"),
        ("a.txt", "words".encode("utf-16"), "text/plain"),
        ("a.txt", "plain words".encode("utf-16-le"), "text/plain"),
        ("a.csv", b"a,\0b\n", "text/csv"),
        ("a.txt", bytes(range(256)) * 8, "application/octet-stream"),
        ("a", bytes(range(256)) * 8, "application/octet-stream"),
        ("a.csv.gz", zipped(b"a,b\n"), "text/csv"),
        ("a.csv", zipped(b"a,b\n"), "text/csv"),
        ("a.tar.gz", tar("a.txt", b"words"), "application/gzip"),
        ("a.csv", tar("a.csv", b"1,2"), "application/gzip"),
        ("a.zip", archive({"hello.txt": "hello"}), "application/zip"),
        ("a.zip", stored("a.pdf", b"%PDF-1.7 and so on"), "application/zip"),
        ("a", stored("a.pdf", b"%PDF-1.7 and so on"), "application/zip"),
        ("a.tar", gzip.decompress(tar("a.pdf", b"%PDF-1.7 and so on")), "application/x-tar"),
        ("a.tar.bz2", bz2.compress(b"words"), "application/x-bzip2"),
        ("a.xz", lzma.compress(b"words"), "application/x-xz"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c and %PDF-1.7", "application/x-7z-compressed"),
        ("a.rar", b"Rar!\x1a\x07\x01\0 and %PDF-1.7", "application/vnd.rar"),
    ],
)
def test_content_decides_then_the_name(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    assert detect(put(tmp_path, name, content)) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, None),
        ({"mimetype": "application/epub+zip\n"}, "application/epub+zip"),
        (
            {
                "[Content_Types].xml": content_types(
                    "openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                )
            },
            XLSX,
        ),
        (
            {
                "[Content_Types].xml": content_types(
                    "ms-word.document.macroEnabled.main+xml",
                )
            },
            "application/vnd.ms-word.document.macroenabled.12",
        ),
        (
            {"[Content_Types].xml": content_types("ms-excel.sheet.binary.macroEnabled.main")},
            "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        ),
        (
            {"[Content_Types].xml": content_types("ms-excel.template.macroEnabled.main+xml")},
            "application/vnd.ms-excel.sheet.macroenabled.12",
        ),
        ({"word/document.xml": "<w/>"}, DOCX),
        (
            {"META-INF/container.xml": '<rootfile media-type="application/oebps-package+xml"/>'},
            "application/epub+zip",
        ),
        (
            {"META-INF/container.xml": '<rootfile media-type="application/vnd.recordare.x"/>'},
            "application/zip",
        ),
    ],
)
def test_an_archive_is_what_its_parts_make_it(
    tmp_path: Path, entries: dict[str, str], expected: str | None
) -> None:
    path = put(tmp_path, "unnamed", archive(entries))
    assert detect(path) == (expected or entries["mimetype"])


LETTER = b"From: Ann <a@a.invalid>\nSubject: tides\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a", LETTER + b"Message-ID: <1@a>\n\nwords", "message/rfc822"),
        ("a.txt", LETTER + b"MIME-Version: 1.0\nX-Long: " + b"x" * 20_000, "message/rfc822"),
        ("a.eml", LETTER + b"\nwords", "message/rfc822"),
        ("a.eml", b"\r\nReceived: by b\n\tfor c\n" + LETTER + b"\nwords", "message/rfc822"),
        ("a.eml", b"From a@a.invalid\nReceived: by b\nno header\n", "message/rfc822"),
        ("a.mht", b"MIME-Version: 1.0\nFrom: <Saved>\n\n", "message/rfc822"),
        ("a.eml", LETTER.replace(b"\n", b"\r\n") + b"\r\n<html>", "message/rfc822"),
        ("Inbox", b"From - Sat Jan  1 12:00:00 2022\n" + LETTER, "application/mbox"),
        ("a.mbox", b"From a@b Sat Jan  1 12:00 CET 2022\nX: y\n", "application/mbox"),
        ("a", LETTER + b"Message-ID: <1@a>\n\n%PDF-1.7", "message/rfc822"),
        # What looks like one.
        ("a.pdf", LETTER + b"Message-ID: <1@a>\n\n%PDF-1.7", "application/pdf"),
        ("a.txt", LETTER + b"\nA letter that somebody typed.", "text/plain"),
        ("a.txt", b"From: here to there\n\nA note.", "text/plain"),
        ("a.txt", LETTER + b"Message-ID: <1@a>\nand then no empty line\n", "text/plain"),
        ("a.txt", b"From the sea at 12:00 in 2022\nwe went on.", "text/plain"),
        ("a.md", b"From Sat Jan  1 12:00:00 2022 on\nDate: x\n", "text/markdown"),
        ("a.yaml", b"from: a\nsubject: b\ndate: c\n", "application/yaml"),
        ("METADATA", b"Metadata-Version: 2.1\nName: x\nVersion: 1\n\nwords", "text/plain"),
        ("a.eml", b"just words", "text/plain"),
        ("a.eml", b"Note: words", "text/plain"),
        ("a.mbox", b"just words", "text/plain"),
    ],
)
def test_a_mail_is_told_by_headers_that_only_programs_write(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    assert detect(put(tmp_path, name, content)) == expected


def test_the_hint_counts_where_content_and_name_say_nothing(tmp_path: Path) -> None:
    assert detect(put(tmp_path, "notes", b"words"), "text/markdown") == "text/markdown"
    assert detect(put(tmp_path, "data.csv", b"1,2"), "text/markdown") == "text/csv"
    assert detect(put(tmp_path, "x", b"\0\1\2\3"), "application/x-mine") == "application/x-mine"
    assert detect(put(tmp_path, "y", b"words"), "text/plain; charset=utf-8") == "text/plain"


@pytest.mark.parametrize(
    "name", ["a.pdf", "a.docx", "a.xlsx", "a.pptx", "a.odp", "a.fodt", "a.png", "a.epub"]
)
@pytest.mark.parametrize("content", [b"just words\n", b"\n", bytes(65536)])
def test_a_promised_format_without_its_signature_is_damaged(
    tmp_path: Path, name: str, content: bytes
) -> None:
    assert code_of(put(tmp_path, name, content)) is ErrorCode.MALFORMED


def test_a_hint_can_promise_a_format_too(tmp_path: Path) -> None:
    assert code_of(put(tmp_path, "paper", b"words"), "application/pdf") is ErrorCode.MALFORMED


def test_an_archive_without_a_document_is_no_docx(tmp_path: Path) -> None:
    path = put(tmp_path, "a.docx", archive({"hello.txt": "hello"}))
    assert code_of(path) is ErrorCode.MALFORMED


@pytest.mark.parametrize("length", [4, 30, len(DOCX_BYTES) // 2, len(DOCX_BYTES) - 21])
def test_a_cut_archive_is_truncated(tmp_path: Path, length: int) -> None:
    assert code_of(put(tmp_path, "a.docx", DOCX_BYTES[:length])) is ErrorCode.TRUNCATED


def test_an_archive_with_an_enormous_directory_is_not_opened(tmp_path: Path) -> None:
    content = bytearray(DOCX_BYTES)
    struct.pack_into("<I", content, content.rindex(b"PK\5\6") + 12, 1 << 30)
    assert detect(put(tmp_path, "a.zip", bytes(content))) == "application/zip"


def test_an_encrypted_office_file_is_told_from_a_legacy_one(tmp_path: Path) -> None:
    assert code_of(put(tmp_path, "a.docx", ole("EncryptedPackage"))) is ErrorCode.ENCRYPTED
    assert code_of(put(tmp_path, "a.xlsx", ole("EncryptedPackage"))) is ErrorCode.ENCRYPTED
    assert code_of(put(tmp_path, "a.pptx", ole("EncryptedPackage"))) is ErrorCode.ENCRYPTED
    assert detect(put(tmp_path, "a.doc", ole("WordDocument"))) == "application/msword"
    assert detect(put(tmp_path, "a.xls", ole("Workbook"))) == "application/vnd.ms-excel"


def with_tree(content: bytes, *links: tuple[int, int, int]) -> bytes:
    """Give the entries of the directory that :func:`ole` makes their siblings and children."""
    made = bytearray(content)
    for number, link in enumerate(links):
        start = 1024 if number < 4 else 1024 + 512  # its sectors do not lie side by side
        struct.pack_into("<3I", made, start + 128 * number + 68, *link)
    return bytes(made)


@pytest.mark.parametrize(
    ("own", "inner", "expected"),
    [
        ("Workbook", "WordDocument", "application/vnd.ms-excel"),
        ("Book", "PowerPoint Document", "application/vnd.ms-excel"),
        ("WordDocument", "Workbook", "application/msword"),
        ("PowerPoint Document", "Workbook", "application/vnd.ms-powerpoint"),
        ("__properties_version1.0", "Workbook", "application/vnd.ms-outlook"),
        ("Contents", "Workbook", "application/x-ole-storage"),
    ],
)
def test_a_document_inside_an_office_file_does_not_make_it_another(
    tmp_path: Path, own: str, inner: str, expected: str
) -> None:
    none = 0xFFFFFFFF
    leads_to = [(none, none, 1), (4, none, 5), *[(none, none, none)] * 4]
    for name in ("a", "a.xls", "a.doc"):
        path = put(tmp_path, name, with_tree(ole(own, inner), *leads_to))
        assert detect(path) == expected


def test_an_ole_tree_that_is_a_loop_ends(tmp_path: Path) -> None:
    content = with_tree(ole("Workbook"), (1, 1, 1), (1, 0, 0))
    assert detect(put(tmp_path, "a.xls", content)) == "application/x-ole-storage"


def test_an_ole_directory_that_is_a_loop_ends(tmp_path: Path) -> None:
    content = bytearray(ole("x"))
    struct.pack_into("<I", content, 512 + 4, 1)  # the directory's first sector leads to itself
    assert detect(put(tmp_path, "a.doc", bytes(content))) == "application/x-ole-storage"


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.pdf")
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "loop.pdf").symlink_to("loop.pdf")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(tmp_path / "s"))
        for name in ("fifo.pdf", "folder.pdf", "loop.pdf", "zero.txt", "s"):
            assert code_of(tmp_path / name) is ErrorCode.NOT_A_FILE


def test_a_missing_an_empty_and_an_unreadable_file_are_told_apart(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.pdf") is ErrorCode.FILE_NOT_FOUND
    assert code_of(put(tmp_path, "f", b"words") / "under.pdf") is ErrorCode.FILE_NOT_FOUND
    assert code_of(put(tmp_path, "empty.txt", b"")) is ErrorCode.EMPTY_FILE
    locked = put(tmp_path, "locked.txt", b"words")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    assert code_of(locked) is ErrorCode.PERMISSION_DENIED


def test_a_name_that_is_not_utf8_is_no_obstacle(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff\n.csv"))
    path.write_bytes(b"a,b\n")
    assert detect(path) == "text/csv"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/path/to/paper.pdf", "application/pdf"),
        ("PAPER.PDF", "application/pdf"),
        ("a.md", "text/markdown"),
        ("table.csv.gz", "text/csv"),
        ("data.tar.gz", "application/gzip"),
        ("film.mp4", "video/mp4"),
        ("README", None),
        (".hidden", None),
        ("", None),
    ],
)
def test_the_name_of_a_file_that_is_not_there_says_what_it_would_be(
    name: str, expected: str | None
) -> None:
    assert guess_from_name(name) == expected


def test_every_kind_of_text_has_one_name() -> None:
    assert len(set(TEXT_TYPES)) == len(TEXT_TYPES)
    assert {"text/plain", "text/markdown", "text/csv", "text/x-tex"} <= set(TEXT_TYPES)


@pytest.mark.parametrize("form", [str, str.upper, str.lower])
def test_streams_of_an_office_file_are_told_in_upper_and_lower_case(
    tmp_path: Path, form: Callable[[str], str]
) -> None:
    assert detect(put(tmp_path, "a.doc", ole(form("WordDocument")))) == "application/msword"
    with pytest.raises(ExtractionError) as caught:
        detect(put(tmp_path, "a.docx", ole(form("EncryptionInfo"), form("EncryptedPackage"))))
    assert caught.value.code is ErrorCode.ENCRYPTED


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize(
    "page", ["<html><p>\U0001d400\U0001f600", "<!DOCTYPE html><p>𠮷野家", "<html><p>Уровень"]
)
def test_a_page_in_utf16_without_a_mark_is_a_page(tmp_path: Path, page: str, order: str) -> None:
    assert detect(put(tmp_path, "saved", page.encode(order))) == "text/html"


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 8,
        struct.pack("<500H", *range(500)),
        struct.pack(">500H", *range(500)),
        struct.pack("<200i", *range(200)),
        struct.pack("<100d", *range(100)),
        b"\x00\x01\x00\x02" * 20,
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0\x01\0\0\0" * 40,
    ],
)
def test_numbers_in_binary_form_are_no_text(tmp_path: Path, content: bytes) -> None:
    assert detect(put(tmp_path, "saved", content)) == "application/octet-stream"


def test_unicode_shows_by_its_mark_or_its_nuls() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert unicode_encoding("words".encode(encoding)) == encoding
    assert unicode_encoding("some words".encode("utf-16-be")) == "utf-16-be"
    assert unicode_encoding(b"some words") is None
    assert unicode_encoding(b"") is None


def test_a_text_about_pdf_is_a_text(tmp_path: Path):
    words = b"A file starts with %PDF and then has objects such as\n1 0 obj\n<<>>\nendobj\n"
    assert detect(put(tmp_path, "about.txt", words)) == "text/plain"
    assert detect(put(tmp_path, "old.pdf", b"\xef\xbb\xbf%PDF1.4\n1 0 obj\n")) == "application/pdf"
