"""The errors of reslib: classes, codes, their types, and the advice for each.

::

    ReslibError
    ├── DatabaseError                 the file cannot be opened or used
    │   ├── NotADatabase              it is not a SQLite file, or not a reslib one
    │   ├── SchemaTooNew              written by a newer reslib than this one
    │   ├── DatabaseBusy              another process kept the write lock past the timeout
    │   └── UnsafeFilesystem          SQLite cannot be trusted on this file system
    ├── AttachmentNotFound            no attachment with that id  (also a LookupError)
    ├── TablesNotRead                 nobody has looked for its tables yet  (also a LookupError)
    └── ExtractionError               one document could not be turned into text

Extraction errors carry an :class:`ErrorCode` (what happened; people filter by it), which
decides the :class:`ErrorType` (what the queue does about it). :data:`ERROR_TYPE_OF` joins them.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "ADVICE",
    "ERROR_TYPE_OF",
    "PROTECTED",
    "AttachmentNotFound",
    "DatabaseBusy",
    "DatabaseError",
    "ErrorCode",
    "ErrorType",
    "ExtractionError",
    "NotADatabase",
    "ReslibError",
    "SchemaTooNew",
    "TablesNotRead",
    "UnsafeFilesystem",
    "printable",
]


class ErrorType(StrEnum):
    """The type of a failure, by which the queue decides about a retry."""

    #: The extraction took too long. Retried.
    TIMEOUT = "timeout"
    #: The file is damaged. Permanent.
    CORRUPTION = "corruption"
    #: The extractor, or a package, binary or model of it, is not there. Retried after 30 s or more.
    EXTRACTOR_MISSING = "extractor_missing"
    #: Nothing here can read such a document. Permanent.
    UNSUPPORTED = "unsupported"
    #: Anything else. Retried.
    UNKNOWN = "unknown"


class ErrorCode(StrEnum):
    """The code of a failure: its cause."""

    #: The deadline passed.
    TIMEOUT = "timeout"
    #: Pages had been coming, then none for more than half of the time allowed.
    STALLED = "stalled"
    #: The content is not what its format demands.
    MALFORMED = "malformed"
    #: The content ends too early.
    TRUNCATED = "truncated"
    #: The file has no bytes.
    EMPTY_FILE = "empty_file"
    #: No extractor is registered for this kind of document.
    NO_EXTRACTOR = "no_extractor"
    #: A password is needed.
    ENCRYPTED = "encrypted"
    #: A directory, FIFO, socket or device.
    NOT_A_FILE = "not_a_file"
    #: A package, binary or model that the extractor needs is not installed.
    MISSING_DEPENDENCY = "missing_dependency"
    #: The extractor that is to read the document is not in the process that took the job.
    MISSING_EXTRACTOR = "missing_extractor"
    #: Nothing is at that path (any more); the disk may come back.
    FILE_NOT_FOUND = "file_not_found"
    #: The file may not be read by this user.
    PERMISSION_DENIED = "permission_denied"
    #: The extraction wanted more memory than allowed.
    MEMORY_LIMIT = "memory_limit"
    #: The extraction wrote more text, or printed more, than allowed.
    OUTPUT_LIMIT = "output_limit"
    #: The process that ran the extraction died.
    CRASHED = "crashed"
    #: The extractor raised something that has no better name.
    EXCEPTION = "exception"


ERROR_TYPE_OF: dict[ErrorCode, ErrorType] = {
    ErrorCode.TIMEOUT: ErrorType.TIMEOUT,
    ErrorCode.STALLED: ErrorType.TIMEOUT,
    ErrorCode.MALFORMED: ErrorType.CORRUPTION,
    ErrorCode.TRUNCATED: ErrorType.CORRUPTION,
    ErrorCode.EMPTY_FILE: ErrorType.CORRUPTION,
    ErrorCode.NO_EXTRACTOR: ErrorType.UNSUPPORTED,
    ErrorCode.ENCRYPTED: ErrorType.UNSUPPORTED,
    ErrorCode.NOT_A_FILE: ErrorType.UNSUPPORTED,
    ErrorCode.MISSING_DEPENDENCY: ErrorType.EXTRACTOR_MISSING,
    ErrorCode.MISSING_EXTRACTOR: ErrorType.EXTRACTOR_MISSING,
    ErrorCode.FILE_NOT_FOUND: ErrorType.UNKNOWN,
    ErrorCode.PERMISSION_DENIED: ErrorType.UNKNOWN,
    ErrorCode.MEMORY_LIMIT: ErrorType.UNKNOWN,
    ErrorCode.OUTPUT_LIMIT: ErrorType.UNKNOWN,
    ErrorCode.CRASHED: ErrorType.UNKNOWN,
    ErrorCode.EXCEPTION: ErrorType.UNKNOWN,
}

#: What a person can do about it, once the queue has given up.
ADVICE: dict[ErrorCode, str] = {
    ErrorCode.TIMEOUT: "raise extraction_timeout and retry, or save the file again elsewhere",
    ErrorCode.STALLED: "save the file again in another program and retry",
    ErrorCode.MALFORMED: "get the file again, or save it again in the program it came from",
    ErrorCode.TRUNCATED: "download or copy the file again and retry",
    ErrorCode.EMPTY_FILE: "download or export the file again and retry",
    ErrorCode.NO_EXTRACTOR: "convert the file, or register an extractor for it and retry",
    ErrorCode.ENCRYPTED: "give its password and retry, or save a copy without it and add that",
    ErrorCode.NOT_A_FILE: "give the path of a file and delete this attachment",
    ErrorCode.MISSING_DEPENDENCY: "install the package that the message names and retry",
    ErrorCode.MISSING_EXTRACTOR: "register the extractor that the message names and retry",
    ErrorCode.FILE_NOT_FOUND: "put the file back and retry, or delete the attachment",
    ErrorCode.PERMISSION_DENIED: "make the file readable and retry",
    ErrorCode.MEMORY_LIMIT: "raise memory_limit_mb and retry, or split the document",
    ErrorCode.OUTPUT_LIMIT: "split the document, or leave it out",
    ErrorCode.CRASHED: "save the file again in another program, or try another extractor",
    ErrorCode.EXCEPTION: "read the traceback: the extractor has a bug, or the file is odd",
}


#: What is said of a document that a password opens, and what to do about it.
PROTECTED = (
    "is protected with a password. Give it with `reslib retry --password-file FILE`, or "
    "ExtractionWorker(db, passwords=[...]) and retry_failed_jobs(); or save a copy without it and "
    "add that"
)


def printable(text: str) -> str:
    """Return *text* on one line, safe for a terminal, a log and UTF-8.

    Control characters, line breaks and bytes that are not UTF-8 (as Python keeps them in
    file names) are written as escapes. Everything else, emoji included, stays as it is.
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(
        c
        if c.isprintable() and not "\ud800" <= c <= "\udfff"
        else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in text
    )


class ReslibError(Exception):
    """Base of every error that reslib raises on purpose."""


class DatabaseError(ReslibError):
    """The database file cannot be opened or used."""


class NotADatabase(DatabaseError):
    """The file is not a SQLite database, or belongs to another program."""


class SchemaTooNew(DatabaseError):
    """The file was written by a newer reslib than this one."""


class DatabaseBusy(DatabaseError):
    """Another process kept the write lock for longer than ``timeout``."""


class UnsafeFilesystem(DatabaseError):
    """The file lies on a file system on which SQLite can lose data."""


class AttachmentNotFound(ReslibError, LookupError):
    """No attachment has that id."""


class TablesNotRead(ReslibError, LookupError):
    """Nobody has looked for the tables of a document yet."""


class ExtractionError(ReslibError):
    """A document could not be turned into text.

    Extractors raise it, also those that people write in a notebook cell.

    Parameters
    ----------
    message
        For people: what is wrong with the document and what to do next. The name of the
        document is put in front by whoever reports the failure.
    code
        What happened. Decides whether the job is tried again.
    """

    def __init__(self, message: str, code: ErrorCode | str = ErrorCode.EXCEPTION) -> None:
        super().__init__(message)
        self.code = ErrorCode(code)

    @property
    def error_type(self) -> ErrorType:
        """The :class:`ErrorType` that :attr:`code` belongs to."""
        return ERROR_TYPE_OF[self.code]
