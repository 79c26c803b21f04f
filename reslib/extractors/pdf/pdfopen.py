"""Opening a PDF with PDFium, and what to say when it cannot be opened.

The verdict is about this document alone. PDFium keeps its last error and does not clear it when a
call succeeds, and a file without pages opens: its error was that of the document before, and a
damaged PDF read after an encrypted one was called encrypted.
"""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path
from typing import Any

from reslib.errors import PROTECTED, ErrorCode, ExtractionError

__all__ = [
    "content_of",
    "is_whole",
    "no_pages",
    "open_pdf",
    "open_pdf_bytes",
    "protected",
    "unreadable",
]

_PASSWORD, _SECURITY = 4, 5
#: A larger file is not held in memory, in bytes.
_READ_AT_ONCE = 16 << 20
#: Of a file that cannot be opened, what is looked at for its protection, from either end.
_MOST_BYTES = 4 << 20
_ENCRYPT = re.compile(rb"/Encrypt(?![A-Za-z])\s*(?:(\d{1,9})\s+(\d{1,5})\s+R)?")
_FILTER = re.compile(rb"/Filter\s*/(?!Standard\b)([A-Za-z][\w.#-]{1,40})", re.ASCII)
_VERSION = re.compile(rb"/V\s+(-?\d{1,6})\b")
_START = re.compile(rb"startxref\s+(\d{1,12})")
_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_CIPHER = re.compile(rb"/CFM\s*/([^\s/<>\[\]()%]{1,40})")
#: The names of the filters that are used; others may stand beside them.
_USED = re.compile(rb"/(?:StmF|StrF)\s*/([^\s/<>\[\]()%]{1,40})")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_KNOWN_VERSIONS = frozenset({1, 2, 4, 5})
_KNOWN_CIPHERS = frozenset({b"None", b"V2", b"AESV2", b"AESV3"})


def content_of(path: Path) -> bytes | None:
    """Return the bytes of a PDF, None of a large one: from a file PDFium reads them in hundreds of
    small pieces, and others look into the same bytes.

    Parameters
    ----------
    path
        The document.
    """
    with path.open("rb", buffering=0) as file:
        return file.readall() if os.fstat(file.fileno()).st_size <= _READ_AT_ONCE else None


def open_pdf(path: Path, password: str | None = None, content: bytes | None = None) -> Any:
    """Open a PDF.

    Parameters
    ----------
    path
        The document.
    password
        What opens it, where it is protected.
    content
        Its bytes, where they are at hand.

    Returns
    -------
    pypdfium2.PdfDocument

    Raises
    ------
    ExtractionError
        ``encrypted`` when a password is needed, or another one, ``no_extractor`` when it is
        protected in a way that PDFium does not know, ``truncated`` or ``malformed`` when it is
        damaged.
    """
    import pypdfium2

    try:
        # PDFium takes names in UTF-8; a file whose name is not is handed over as bytes.
        source: str | bytes | None = content
        if source is None:
            try:
                source = str(path)
                source.encode()
            except UnicodeEncodeError:
                source = path.read_bytes()
        _forget_last_error()
        document = pypdfium2.PdfDocument(source, password)
    except pypdfium2.PdfiumError as error:
        raise _why_not_opened(path, getattr(error, "err_code", None)) from error
    # PDFium reads a cipher that it does not know as RC4, and finds no text.
    if _is_encrypted(document) and (strange := _strange_cipher(_encryption(path))):
        document.close()
        raise _not_supported(strange)
    return document


def open_pdf_bytes(content: bytes) -> Any:
    """Open a PDF that was made here."""
    import pypdfium2

    return pypdfium2.PdfDocument(content)


def is_whole(path: Path) -> bool:
    """True when the end of a PDF leads to its table of objects, as in one that nobody damaged."""
    with path.open("rb") as file:
        header = max(0, file.read(1024).find(b"%PDF"))
        file.seek(max(0, path.stat().st_size - 2048))
        start = _last(_START, file.read())
        if start is None:
            return False
        file.seek(int(start[1]))
        at = file.read(1024 + 64)
    return any(_TABLE.match(at, offset) for offset in {0, header})


def no_pages() -> ExtractionError:
    """Return the error for a PDF without pages."""
    return ExtractionError(
        "the file opens as a PDF but has no pages; get it again from where it came from",
        ErrorCode.MALFORMED,
    )


def unreadable(total: int) -> ExtractionError:
    """Return the error for a PDF of which no page can be read."""
    return ExtractionError(
        f"none of the {total} pages can be read; get the file again from where it came "
        "from, or open it in a viewer and print it to a new PDF",
        ErrorCode.MALFORMED,
    )


def protected(path: Path, *, known: bool) -> ExtractionError:
    """Return the error for a PDF that is encrypted.

    Parameters
    ----------
    path
        The document.
    known
        Whether the reader took it for something that a password opens.
    """
    strange = _strange_protection(path)
    if strange is None and known:
        return ExtractionError(
            f"it {PROTECTED}",
            ErrorCode.ENCRYPTED,
        )
    return _not_supported(strange or "unknown encryption")


def _not_supported(protection: str) -> ExtractionError:
    return ExtractionError(
        f"it is protected in a way that is not supported ({protection}); no "
        "password helps here. Open it in the program it was made for and print it to a new PDF",
        ErrorCode.NO_EXTRACTOR,
    )


def _is_encrypted(document: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0)


def _forget_last_error() -> None:
    """Make PDFium's last error that of a file which is no PDF, the one code that says least."""
    import pypdfium2.raw as pdfium

    pdfium.FPDF_LoadMemDocument(b"", 0, None)


def _why_not_opened(path: Path, code: int | None) -> ExtractionError:
    if code in (_PASSWORD, _SECURITY):
        return protected(path, known=code == _PASSWORD)
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, path.stat().st_size - 2048))
        tail = file.read()
    if b"%PDF" not in head:
        return ExtractionError("it is not a PDF, whatever its name says", ErrorCode.MALFORMED)
    if b"startxref" not in tail and b"%%EOF" not in tail:
        return ExtractionError(
            "the PDF ends too early, as after a download that broke off. Get it again",
            ErrorCode.TRUNCATED,
        )
    return ExtractionError(
        "the PDF is damaged. Get it again, or open it in a viewer and print it to a new PDF",
        ErrorCode.MALFORMED,
    )


def _strange_protection(path: Path) -> str | None:
    """Name the security handler or cipher when it is none of the standard (ISO 32000-2, 7.6).

    PDFium says that a password is wrong also where it knows the handler and not the cipher.
    """
    entry = _encryption(path)
    if handler := _FILTER.search(entry):
        return f"security handler {handler[1].decode('latin-1')!r}"
    if (version := _VERSION.search(entry)) and int(version[1]) not in _KNOWN_VERSIONS:
        return f"encryption version {int(version[1])}"
    return _strange_cipher(entry)


def _encryption(path: Path) -> bytes:
    """Return the dictionary that says how a PDF is encrypted, and maybe more behind it."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES)
        file.seek(max(len(content), path.stat().st_size - _MOST_BYTES))
        content += file.read(_MOST_BYTES)
    if found := _last(_ENCRYPT, content):
        at = found.end()
        if found[1]:
            number = rb"\b%d\s+%d\s+obj" % (int(found[1]), int(found[2]))
            place = _last(re.compile(number), content)
            at = place.end() if place else len(content)
        return content[at : at + 2000].partition(b"endobj")[0]
    return b""


def _strange_cipher(entry: bytes) -> str | None:
    for used in _USED.finditer(entry):
        # Its definition, which a name that only begins so is not.
        place = re.search(rb"/" + re.escape(used[1]) + rb"\s*<<([^>]*)>>", entry)
        cipher = _CIPHER.search(place[1]) if place else None
        if cipher and _ESCAPED.sub(_unescaped, cipher[1]) not in _KNOWN_CIPHERS:
            return f"cipher {cipher[1].decode('latin-1')!r}"
    return None


def _unescaped(code: re.Match[bytes]) -> bytes:
    return bytes.fromhex(code[1].decode())


def _last(pattern: re.Pattern[bytes], content: bytes) -> re.Match[bytes] | None:
    """Return the last place of a pattern: of what a PDF says twice, the later one counts."""
    last = deque(pattern.finditer(content), maxlen=1)
    return last[0] if last else None
