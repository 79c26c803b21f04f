"""One extraction: what is asked of it, what it gives, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reslib.errors import ERROR_TYPE_OF, ErrorCode, ErrorType
from reslib.items import Item, Page

__all__ = [
    "OCR",
    "PAGE_BREAK",
    "STAND_IN",
    "TEXT",
    "Acceptance",
    "ExtractionRequest",
    "ExtractionResult",
    "Failure",
    "Outcome",
    "TextStatus",
]

#: Stands between two pages of an extracted text (form feed, as pdftotext writes it).
PAGE_BREAK = "\f"
#: The task of a job that nobody gave another: to read the text.
TEXT = "text"
#: The task whose pages take the place of pages of the text: to read the pictures of pages.
OCR = "ocr"
#: The code of the warning that an extractor read in place of one that lacked something.
STAND_IN = "stand_in"


class TextStatus(StrEnum):
    """The status of a text: how much of its document it covers."""

    #: Every page that is not blank gave text.
    FULL = "full"
    #: Some pages gave none (scanned pages, damaged ones).
    PARTIAL = "partial"
    #: The document opened well and has no text at all (a scan).
    EMPTY = "empty"
    #: The file has changed since its text was extracted.
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """The text of one document and what is known of it.

    Parameters
    ----------
    text
        All pages, with :data:`PAGE_BREAK` between them.
    page_offsets
        Where each page starts in *text*, in characters; one entry a page.
    text_status
        Whether every page gave text, some, or none.
    confidence
        0 to 1; None when the extractor does not measure it.
    confidence_reason
        Why it is not 1, for people.
    extractor, extractor_version, recipe
        Who read it; see :class:`~reslib.extractors.Extractor`.
    mime_type
        What the content turned out to be.
    title, metadata
        See :class:`~reslib.items.DocumentInfo`.
    pages
        The pages one by one, with what is known of each; empty when that is not known.
    items
        What else was found: tables, metadata and the like, see :mod:`reslib.items`.
    """

    text: str
    page_offsets: tuple[int, ...] = (0,)
    text_status: TextStatus = TextStatus.FULL
    confidence: float | None = None
    confidence_reason: str = ""
    extractor: str = ""
    extractor_version: str = ""
    recipe: int = 0
    mime_type: str | None = None
    title: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def page_count(self) -> int:
        """Number of pages."""
        return len(self.page_offsets)

    @property
    def char_count(self) -> int:
        """Length of the text; 0 when there is nothing but what stands between pages."""
        return len(self.text) if self.text.strip() else 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The acceptance of a document by an extractor when it was added.

    Parameters
    ----------
    extractor
        Its name.
    mime_type, suffix
        The type and the suffix of the document, each None when the extractor does not claim it.
    """

    extractor: str
    mime_type: str | None = None
    suffix: str | None = None

    def holds(self, mime_type: str | None, suffix: str) -> bool:
        """True when a document is still what was accepted: of this type, or with this suffix."""
        return suffix == self.suffix or (mime_type is not None and mime_type == self.mime_type)


@dataclass(frozen=True, slots=True)
class ExtractionRequest:
    """The request to a sandbox: all it needs to know to run one attempt.

    Parameters
    ----------
    path
        The document, as :func:`os.fsdecode` gives it.
    mime_type
        What the document is said to be; its content decides.
    timeout
        Seconds until the extraction is killed.
    extractors
        Names of extractors to prefer over the default ones.
    only
        The name of the extractor that was asked for; no other will do.
    accepted
        Which extractor accepted the document when it was added.
    task, options
        What is to be done with it, and what the extractor is told.
    passwords
        What may open it. They are secrets: an engine keeps them in memory and hands them to what
        reads the document by a pipe of its own, never in a file, a command line or a log.
    by_page
        Whether each page that is done begins the time allowed anew.
    """

    path: str
    mime_type: str | None = None
    timeout: float = 300.0
    extractors: tuple[str, ...] = ()
    only: str | None = None
    accepted: Acceptance | None = None
    task: str = TEXT
    options: Mapping[str, Any] = field(default_factory=dict)
    passwords: tuple[str, ...] = field(default=(), repr=False)
    by_page: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """The failure of an attempt. ``str(failure)`` is the sentence for people.

    Parameters
    ----------
    message
        Which document, what happened, what to do next.
    error_code
        What happened; decides :attr:`error_type`.
    exception_type, traceback
        What the extractor raised, when it raised.
    signal
        Name of the signal that ended the process (``"SIGSEGV"``).
    stderr_tail
        The last that the extractor printed.
    page, page_count
        How far it had come.
    extractor, extractor_version, recipe
        Who was reading.
    """

    message: str
    error_code: ErrorCode = ErrorCode.EXCEPTION
    exception_type: str | None = None
    traceback: str | None = None
    signal: str | None = None
    stderr_tail: str | None = None
    page: int | None = None
    page_count: int | None = None
    extractor: str | None = None
    extractor_version: str | None = None
    recipe: int | None = None

    @property
    def error_type(self) -> ErrorType:
        """The :class:`ErrorType` that :attr:`error_code` belongs to."""
        return ERROR_TYPE_OF[self.error_code]

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt: a result or a failure, and its cost.

    Exactly one of *result*, *failure* and *unavailable* is set, or none when the attempt was
    killed on request (a cancelled job, a shutdown).

    Parameters
    ----------
    partial
        The pages that had been read when the attempt failed, or was killed on request; None when
        there are none.
    unavailable
        Why nobody could read the document: no process could be started for it. That says nothing
        of the document, so it is no attempt.
    follow_ups
        Tasks that are to follow where pages want them; put in by the pool.
    content_hash
        Of the content that was to be read; put in by the pool. None for that of the moment.
    extraction_time_ms
        Wall time from the request to its end.
    cpu_time_ms, peak_rss_mb
        Processor time and the largest resident memory of the process that read it; None
        when it could not be measured.
    """

    result: ExtractionResult | None = None
    failure: Failure | None = None
    extraction_time_ms: float = 0.0
    cpu_time_ms: float | None = None
    peak_rss_mb: float | None = None
    unavailable: str | None = None
    partial: ExtractionResult | None = None
    follow_ups: tuple[str, ...] = ()
    content_hash: str | None = None

    @property
    def interrupted(self) -> bool:
        """True when the attempt was killed on request."""
        return self.result is None and self.failure is None and self.unavailable is None
