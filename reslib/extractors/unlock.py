"""The opening of documents that a password protects: a copy without it, for their extractor.

Extractors know nothing of passwords. One that meets a protected document says ``encrypted``; then
the passwords that were given are tried here, and the extractor reads the copy. The copy lies in the
temporary directory of the process that reads, and goes when the document is read.
"""

from __future__ import annotations

import contextlib
import importlib
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.pdf.pdfopen import open_pdf

__all__ = ["not_opened", "package", "unlock"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


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
        that opens it is not installed; ``malformed`` when its encryption is damaged.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    opener: Callable[[Path, str, Path], bool]
    if b"%PDF" in head:
        opener = _unlock_pdf
    elif head.startswith(_OLE):
        opener = _unlock_office
    elif head.startswith(b"PK"):
        from reslib.extractors.odf import odfunlock  # here: few documents need it

        if not odfunlock.is_encrypted(path):
            return False
        package("cryptography", "office")
        opener = odfunlock.unlock
    else:
        return False
    for password in passwords:
        if opener(path, password, copy):
            return True
    raise not_opened(len(passwords))


def not_opened(passwords: int) -> ExtractionError:
    """Return the error for a document that none of so many passwords opens."""
    tried = "the one that was given does not open it"
    if passwords != 1:
        tried = f"none of the {passwords} that were given opens it"
    return ExtractionError(
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
    msoffcrypto = package("msoffcrypto", "office")
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


def package(module: str, extra: str) -> Any:
    """Return a package that opens protected documents.

    Raises
    ------
    ExtractionError
        ``missing_dependency`` when it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ExtractionError(
            f"to open it with a password needs the package {module}, which is not installed. "
            f"Install it with: pip install 'reslib-toolkit[{extra}]'",
            ErrorCode.MISSING_DEPENDENCY,
        ) from error
