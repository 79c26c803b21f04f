"""The detection of a document's type: by its content, then its name, then what is said of it.

The signature of a format wins over the name, because people rename files and servers mislabel
them. Only a few kilobytes are read, and the directory of a ZIP archive, so it is quick and safe
to ask about any path, a FIFO or a device included.

Written here because the libraries for it (tried: filetype 1.2, puremagic 1.30) look a signature
up and stop: they tell neither an encrypted Office file from a legacy one, nor a truncated archive
from a whole one, nor text from noise, and filetype waits for ever on a FIFO.
"""

from __future__ import annotations

import errno
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from reslib.errors import ErrorCode, ExtractionError
from reslib.formats.bibforms import is_bibtex, is_csl, is_latex, is_ris
from reslib.formats.mailforms import is_mailbox, is_message
from reslib.formats.mediatypes import (
    CSL,
    DOCX,
    JATS,
    MARKUP_SUFFIXES,
    PPTX,
    SIGNED_SUFFIXES,
    SIGNED_TYPES,
    TEI,
    TEXT_SUFFIXES,
    TEXT_TYPES,
    TEXTUAL_TYPES,
    XLSX,
    guess_from_name,
)
from reslib.formats.ole2 import OLE2, ole2_type
from reslib.formats.utf import unicode_encoding

__all__ = ["TEXT_TYPES", "detect", "guess_from_name"]

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xdb\xa5\x2d\0", SIGNED_SUFFIXES[".doc"]),  # Word 2
    (b"1\xbe\0\0\0\xab", SIGNED_SUFFIXES[".doc"]),  # Word for DOS
    (b"\xffWPC", "application/vnd.wordperfect"),
)
#: Pictures in the container of films (ISO/IEC 23008-12), by the first of their brands.
_PICTURE_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
}

#: Markers of ``[Content_Types].xml`` (ECMA-376 part 1, and part 4 for the macro ones).
_OOXML_MAIN_PARTS = (
    (b"wordprocessingml.document.main+xml", DOCX),
    (b"wordprocessingml.template.main+xml", SIGNED_SUFFIXES[".dotx"]),
    (b"ms-word.document.macroenabled.main+xml", SIGNED_SUFFIXES[".docm"]),
    (b"ms-word.template.macroenabledtemplate.main+xml", SIGNED_SUFFIXES[".docm"]),
    (b"spreadsheetml.sheet.main+xml", XLSX),
    (b"spreadsheetml.template.main+xml", XLSX),
    (b"ms-excel.sheet.macroenabled.main+xml", SIGNED_SUFFIXES[".xlsm"]),
    (b"ms-excel.template.macroenabled.main+xml", SIGNED_SUFFIXES[".xlsm"]),
    (b"ms-excel.sheet.binary.macroenabled.main", SIGNED_SUFFIXES[".xlsb"]),
    (b"presentationml.presentation.main+xml", PPTX),
    (b"presentationml.template.main+xml", SIGNED_SUFFIXES[".potx"]),
    (b"presentationml.slideshow.main+xml", SIGNED_SUFFIXES[".ppsx"]),
    (b"ms-powerpoint.presentation.macroenabled.main+xml", SIGNED_SUFFIXES[".pptm"]),
    (b"ms-powerpoint.slideshow.macroenabled.main+xml", SIGNED_SUFFIXES[".ppsm"]),
    (b"ms-powerpoint.template.macroenabled.main+xml", SIGNED_SUFFIXES[".potm"]),
)
_OOXML_FOLDERS = (("word/document.xml", DOCX), ("xl/workbook", XLSX), ("ppt/presentation", PPTX))

#: Of compressed music (MXL) too, which names another type in it.
_BOOK_CONTAINER = "META-INF/container.xml"
#: What an archive may say of itself in its entry ``mimetype``.
_STATED = re.compile(
    r"application/(?:vnd\.(?:oasis\.opendocument|sun\.xml)\.[a-z-]{1,40}|epub\+zip)", re.ASCII
)
#: What an archive without that entry may say in its list of parts, first of the document itself.
_MANIFEST = "META-INF/manifest.xml"
_LISTED = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]{1,40}(?=[\"'])")
#: What OpenDocument as one XML file says of itself at its first tag.
_FLAT = re.compile(
    r"<office:document\s[^<>]*\boffice:mimetype\s*=\s*[\"']"
    r"(application/vnd\.oasis\.opendocument\.[a-z]{1,40})[\"']",
    re.ASCII,
)

#: JATS and the DTDs of the NLM before it, by their names; without one by attributes or the front
#: that nothing else has: DocBook and HTML have elements of the name ``article`` too.
_JATS = re.compile(
    r"<!DOCTYPE\s+(?:article|pmc-articleset)\b[^>\[]{0,400}(?:NLM|JATS|archivearticle|"
    r"journalpublishing|articleauthoring)|<pmc-articleset\b"
    r"|<article\b[^<>]{0,2000}\b(?:dtd-version|article-type)\s*="
    r"|<article\b[^<>]{0,2000}>\s*(?:<!--[^<>]{0,500}-->\s*)?<(?:front|front-stub|processing-meta)\b"
)
_JATS_INSIDE = re.compile(r"<article\b[^<>]{0,2000}\b(?:dtd-version|article-type)\s*=")
_TEI = re.compile(r"<(?:TEI|teiCorpus)\b[^<>]{0,1000}tei-c\.org|<TEI\.2\b|<!DOCTYPE\s+TEI")


#: What zipfile raises over a damaged archive, in one way or another.
_ZIP_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    struct.error,
)

#: Cells are the first thing in a notebook, and nothing else has both words (nbformat 4 and 3).
_NOTEBOOK = re.compile(rb"""(?:\xef\xbb\xbf)?\s*\{[^\0]*?"cell_type"\s*:""")

_HEAD = 8192
#: A directory longer than this (about 100,000 entries) is no document's.
_MAX_ZIP_DIRECTORY = 8 << 20
_MAX_CONTENT_TYPES = 256 << 10

#: Control characters that texts do not contain (those that file(1) counts against a text).
_CONTROL = bytes({*range(32), 127} - {7, 8, 9, 10, 11, 12, 13, 27})


def detect(path: Path, hint: str | None = None) -> str:
    """Return the media type of the document at *path*.

    Parameters
    ----------
    path
        The document. It is opened without waiting and only when it is a regular file.
    hint
        The type somebody gave for it; counts where content and name say nothing.

    Returns
    -------
    str
        ``application/octet-stream`` when nothing is known. A text packed with gzip has the
        type of the text, as in HTTP, where packing is not part of the type.

    Raises
    ------
    ExtractionError
        ``file_not_found``, ``permission_denied``, ``not_a_file``, ``empty_file``;
        ``encrypted`` for an Office file with a password; ``truncated`` for an archive that
        ends too early; ``malformed`` when name or hint promise a format that has a signature
        and the content is nothing known.
    """
    hint = hint.partition(";")[0].strip().lower() if hint else None
    named = guess_from_name(path.name)
    with _open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(_HEAD) if size else b""
        if not head:
            raise ExtractionError(
                "the file is empty (0 bytes). Download or export it again", ErrorCode.EMPTY_FILE
            )
        found = _by_signature(file, head, named or hint)
    if found == "application/zip" and "application/zip" not in (named, hint):
        _check_promise(path, named, hint, "it is a ZIP archive without such a document")
    if found is not None:
        return found
    if _is_text(head, named=(named or hint) in TEXTUAL_TYPES):
        _check_promise(path, named, hint, "it is plain text")
        for said in (named, hint):
            if said in TEXTUAL_TYPES or (said == hint and said is not None):
                return said
        return "text/plain"
    _check_promise(path, named, hint, "its content is no format known here")
    said = named or hint
    # A name that promises text does not make noise readable.
    return "application/octet-stream" if said is None or said in TEXTUAL_TYPES else said


def _open_regular(path: Path) -> BinaryIO:
    """Open *path* for reading when it is a regular file. Never blocks."""
    try:
        # Looked at before opening, because opening a device can have effects; and again
        # after, because the path may have changed hands in between.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _not_a_file(mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExtractionError(
            "there is no such file (any more). Put it back, or delete the attachment",
            ErrorCode.FILE_NOT_FOUND,
        ) from error
    except PermissionError as error:
        raise ExtractionError(
            "the file may not be read by this user. Change its permissions, then retry",
            ErrorCode.PERMISSION_DENIED,
        ) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ExtractionError(
                "the path is longer than that of any file can be", ErrorCode.NOT_A_FILE
            ) from error
        if error.errno != errno.ELOOP:
            raise
        raise ExtractionError(
            "the path is a symbolic link that leads back to itself", ErrorCode.NOT_A_FILE
        ) from error
    file = os.fdopen(descriptor, "rb")
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        file.close()
        raise _not_a_file(mode)
    return file


def _not_a_file(mode: int) -> ExtractionError:
    kinds = (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a named pipe (FIFO)"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    kind = next((name for test, name in kinds if test(mode)), "no regular file")
    return ExtractionError(
        f"the path is {kind}, not a document. Give the path of a file", ErrorCode.NOT_A_FILE
    )


def _check_promise(path: Path, named: str | None, hint: str | None, found: str) -> None:
    """Raise when name or hint promise a format that has a signature, which was not found."""
    if named in SIGNED_TYPES:
        promise = f"is named {path.suffix.strip()} but is not such a file"
    elif named is None and hint in SIGNED_TYPES:
        promise = f"is said to be {hint} but is not"
    else:
        return
    raise ExtractionError(
        f"{promise}: {found}. Download or export it again, or give it its right name",
        ErrorCode.MALFORMED,
    )


def _by_signature(file: BinaryIO, head: bytes, named: str | None) -> str | None:
    """Return the type that the content states, None when it states none."""
    # What holds other files comes before what the first of them begins with.
    packed = _packed_type(file, head, named)
    if packed is not None:
        return packed
    if named != "application/pdf":  # mail servers leave headers in front of those
        if is_mailbox(head):
            return "application/mbox"
        if is_message(head, named == "message/rfc822"):
            return "message/rfc822"
    # Before PDF: the first thing in it may be one.
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_type(file)
    if head.startswith(OLE2):
        return ole2_type(file, head)
    # Readers accept the header anywhere in the first 1024 bytes (PDF Reference 1.7, appendix
    # H, note 13), and so do mail and web servers' leftovers in front of it.
    if b"%PDF-" in head[:1024] or _is_pdf_without_dash(head):
        return "application/pdf"
    if head.lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"{\\rtf"):
        return "application/rtf"
    if _NOTEBOOK.match(head) and (b'"cells"' in head or b'"worksheets"' in head):
        return MARKUP_SUFFIXES[".ipynb"]
    return _markup_type(head, named) or _source_type(head, named)


def _packed_type(file: BinaryIO, head: bytes, named: str | None) -> str | None:
    """Return the type of an archive, a document that is one, or a picture."""
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_type(file)
    if head.startswith(OLE2):
        return ole2_type(file, head)
    if head.startswith(b"\x1f\x8b"):
        return _gzip_type(head, named)
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":  # its first block
        return "application/x-bzip2"
    if _is_tar(head):
        return "application/x-tar"
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return _PICTURE_BRANDS.get(head[8:12]) if head[4:8] == b"ftyp" else None


def _source_type(head: bytes, named: str | None) -> str | None:
    """Tell bibliographies, and papers in LaTeX whose names do not say what they are."""
    if is_ris(head):
        return TEXT_SUFFIXES[".ris"]
    if is_csl(head):
        return CSL
    if named not in (None, "text/plain"):
        return None
    if is_latex(head):
        return TEXT_SUFFIXES[".tex"]
    return TEXT_SUFFIXES[".bib"] if is_bibtex(head) else None


def _is_pdf_without_dash(head: bytes) -> bool:
    """True when its header is like ``%PDF1.4``, which readers accept, and objects follow."""
    header = re.search(rb"(?:^|[^\x20-\x7e])%PDF", head[:1024])
    return header is not None and re.search(rb"\b\d+ \d+ obj\b", head) is not None


def _markup_type(head: bytes, named: str | None) -> str | None:
    """Tell HTML, flat OpenDocument and XML by their first tag."""
    encoding = unicode_encoding(head)
    start = head[: _HEAD // 2].decode(encoding or "latin-1", "ignore").lstrip()
    declared = start.startswith("<?xml")
    while start.startswith(("<!--", "<?")):
        end = "-->" if start.startswith("<!--") else ">"
        _, closed, start = start.partition(end)
        if not closed:
            break
        start = start.lstrip()
    if start.startswith("<office:document"):
        flat = _FLAT.search(head.decode(encoding or "latin-1", "ignore"))
        if flat is not None:
            return f"{flat[1]}-flat-xml"
    paper = _paper_type(start)
    if paper is not None:
        return paper
    start = start[:64].lower()
    if start.startswith(("<!doctype html", "<html", "<head")):
        return "application/xhtml+xml" if declared else "text/html"
    if declared:
        return named if named in MARKUP_SUFFIXES.values() else "application/xml"
    return None


def _paper_type(start: str) -> str | None:
    """Tell papers in XML by their document type, or by the first tags."""
    if _JATS.match(start) or (start.startswith("<OAI-PMH") and _JATS_INSIDE.search(start)):
        return JATS
    return TEI if _TEI.match(start) else None


def _gzip_type(head: bytes, named: str | None) -> str:
    try:
        inside = zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error:
        return "application/gzip"
    if inside.startswith((b"%PDF", b"{\\rtf")):  # documents that may look like text
        return "application/gzip"
    markup = _markup_type(inside, named)
    if markup is not None:
        return markup
    if inside and _is_text(inside, named=named in TEXTUAL_TYPES) and not _is_tar(inside):
        return named if named is not None and named in TEXTUAL_TYPES else "text/plain"
    return "application/gzip"


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _zip_type(file: BinaryIO) -> str:
    """Tell which document a ZIP archive is.

    Only the directory is read, when it has a credible size, and a bounded piece of one entry:
    what an archive claims of itself is not believed.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))  # the end record and the longest comment (APPNOTE 4.3.16)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) - end < 22:
        raise ExtractionError(
            "the file is cut short: it is a ZIP-based document (such as .docx) without its "
            "directory, which stands at the end. Download or copy it again",
            ErrorCode.TRUNCATED,
        )
    (directory_size,) = struct.unpack_from("<I", tail, end + 12)
    if directory_size > _MAX_ZIP_DIRECTORY:
        return "application/zip"
    try:
        with zipfile.ZipFile(file) as archive:
            return _zip_document(archive)
    except _ZIP_DAMAGE as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk failed, not the archive
        raise ExtractionError(
            f"the ZIP archive that the document is stored in is damaged ({error}). "
            "Download or copy it again",
            ErrorCode.MALFORMED,
        ) from error
    except (NotImplementedError, RuntimeError):  # a strange compression, a password on an entry
        return "application/zip"


def _zip_document(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "mimetype" in names:  # OpenDocument 1.3 part 2 §3.3, EPUB OCF 3.3 §4.3
        with archive.open("mimetype") as entry:
            stated = entry.read(128).decode("ascii", "replace").strip().lower()
        # All of it: what a document says must not stand in a message or a table as it is.
        if _STATED.fullmatch(stated):
            return stated
    if "[Content_Types].xml" in names:
        with archive.open("[Content_Types].xml") as entry:
            types = entry.read(_MAX_CONTENT_TYPES).replace(b"\0", b"").lower()
        for marker, media_type in _OOXML_MAIN_PARTS:
            if marker in types:
                return media_type
    if "content.xml" in names and _MANIFEST in names:
        with archive.open(_MANIFEST) as entry:
            listed = _LISTED.search(entry.read(_MAX_CONTENT_TYPES))
        if listed is not None:
            return listed[0].decode("ascii")
    if _BOOK_CONTAINER in names:  # of books that do not begin with their type, as they should
        with archive.open(_BOOK_CONTAINER) as entry:
            if b"application/oebps-package+xml" in entry.read(_HEAD):
                return SIGNED_SUFFIXES[".epub"]
    for start, media_type in _OOXML_FOLDERS:
        if any(name.startswith(start) for name in names):
            return media_type
    return "application/zip"


def _is_text(head: bytes, *, named: bool) -> bool:
    """True when the first bytes are plausibly text.

    Without NUL it is (Git's rule, ``buffer_is_binary``), if few bytes are control characters
    or the name promises text. With NUL only when the name promises text and it is UTF-8.
    """
    encoding = unicode_encoding(head)
    if encoding is not None and encoding != "utf-8-sig":
        return True
    if 0 in head:
        return named and _is_utf8(head)
    return named or len(head) - len(head.translate(None, _CONTROL)) <= 0.01 * len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character cut by the end of what was read
    return True
