"""The opening of documents that a password protects: a copy without it, for their extractor.

Extractors know nothing of passwords. One that meets a protected document says ``encrypted``; then
the passwords that were given are tried here, and the extractor reads the copy. The copy lies in the
temporary directory of the process that reads, and goes when the document is read.
"""

from __future__ import annotations

import contextlib
import importlib
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.pdf.pdfopen import open_pdf

__all__ = ["unlock"]

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\3\4"
#: The most bytes that the parts of an archive may have without their password, all together.
_MOST_UNPACKED = 512 << 20
#: Of entries of an archive, in their flags: it has a password. The method of WinZip's AES.
_HAS_PASSWORD, _AES = 1, 99
_CHUNK = 1 << 20


def unlock(path: Path, passwords: Sequence[str], copy: Path) -> bool:
    """Write a copy of a document that needs no password.

    Parameters
    ----------
    path
        The document.
    passwords
        What to try, in this order.
    copy
        Where to write it.

    Returns
    -------
    bool
        False when it is of a kind that no password given here opens (a message that was encrypted
        for somebody, a book with a copy protection).

    Raises
    ------
    ExtractionError
        ``encrypted`` when none of the passwords opens it; ``missing_dependency`` when a package
        that opens it is not installed; ``malformed`` when its encryption is damaged;
        ``output_limit`` when an archive is too large without it.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    opener: Callable[[Path, str, Path], bool]
    if b"%PDF" in head:
        opener = _unlock_pdf
    elif head.startswith(_OLE):
        opener = _unlock_office
    elif head.startswith(_ZIP) and _is_protected(path):
        opener = _unlock_archive
    else:
        return False
    for password in passwords:
        if opener(path, password, copy):
            return True
    tried = "the one that was given does not open it"
    if len(passwords) != 1:
        tried = f"none of the {len(passwords)} that were given opens it"
    raise ExtractionError(
        f"it is protected with a password, and {tried}. Give the right one and retry, or save a "
        "copy without a password and add that",
        ErrorCode.ENCRYPTED,
    )


def _unlock_pdf(path: Path, password: str, copy: Path) -> bool:
    import pypdfium2.raw as pdfium

    # Newer ones are encrypted with the normal form of a password (ISO 32000-2, 7.6.4.3.3).
    for spelling in dict.fromkeys((password, unicodedata.normalize("NFKC", password))):
        try:
            document = open_pdf(path, spelling)
        except ExtractionError as error:
            if error.code is ErrorCode.ENCRYPTED:
                continue
            raise
        with contextlib.closing(document):
            document.save(str(copy), flags=pdfium.FPDF_REMOVE_SECURITY)
        return True
    return False


def _unlock_office(path: Path, password: str, copy: Path) -> bool:
    """Unlock an Office file of any age: [MS-OFFCRYPTO], and what was before it."""
    msoffcrypto = _package("msoffcrypto", "office")
    with path.open("rb") as file, copy.open("wb") as opened:
        try:
            office = msoffcrypto.OfficeFile(file)
            if office.format == "ooxml":
                office.load_key(password=password, verify_password=True)
            else:  # the old ones are verified in any case
                office.load_key(password=password)
            office.decrypt(opened)
        except msoffcrypto.exceptions.InvalidKeyError:
            return False
        except Exception as error:  # whatever its parsers meet in a damaged file
            if isinstance(error, MemoryError) or getattr(error, "errno", None) is not None:
                raise
            raise ExtractionError(
                "it is protected with a password, and what says how is damaged or of an unknown "
                f"kind ({type(error).__name__}). Save a copy without the password and add that",
                ErrorCode.ENCRYPTED,
            ) from error
    return True


def _is_protected(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(entry.flag_bits & _HAS_PASSWORD for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _unlock_archive(path: Path, password: str, copy: Path) -> bool:
    """Copy all of an archive, as long as it is not too large; packed again, but quickly."""
    with zipfile.ZipFile(path) as archive:
        is_aes = any(entry.compress_type == _AES for entry in archive.infolist())
    kind = _package("pyzipper", "zip").AESZipFile if is_aes else zipfile.ZipFile
    left = _MOST_UNPACKED
    with (
        warnings.catch_warnings(action="ignore"),  # of two entries of the same name
        kind(path) as archive,
        zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened,
    ):
        for entry in archive.infolist():
            try:
                with archive.open(entry, pwd=password.encode()) as stream:
                    named = zipfile.ZipInfo(entry.filename, entry.date_time)
                    named.compress_type = zipfile.ZIP_DEFLATED
                    with opened.open(named, "w") as target:
                        while piece := stream.read(min(_CHUNK, left + 1)):
                            left -= len(piece)
                            if left < 0:
                                raise _too_large()
                            target.write(piece)
            except (RuntimeError, zlib.error, zipfile.BadZipFile):
                # One in 256 wrong passwords is found wrong only by what comes out.
                if entry.flag_bits & _HAS_PASSWORD:
                    return False
                raise
    return True


def _too_large() -> ExtractionError:
    return ExtractionError(
        f"without its password the archive has more than {_MOST_UNPACKED >> 20} MB, the most that "
        "is unpacked. Unpack it, and add what is in it",
        ErrorCode.OUTPUT_LIMIT,
    )


def _package(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ExtractionError(
            f"to open it with a password needs the package {module}, which is not installed. "
            f"Install it with: pip install 'reslib-toolkit[{extra}]'",
            ErrorCode.MISSING_DEPENDENCY,
        ) from error
