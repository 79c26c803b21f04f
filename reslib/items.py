"""The items that an extractor yields: pages, and what else it finds in a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = [
    "Child",
    "DocumentInfo",
    "Figure",
    "Item",
    "Metadata",
    "Page",
    "Progress",
    "Reference",
    "Section",
    "Table",
    "Warning",
]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of text.

    Parameters
    ----------
    text
        The page's text; may be empty.
    confidence
        How much of the page was read right, 0 to 1; None when not measured.
    reason
        Why it is not 1, for people. Empty when there is nothing to say.
    blank
        True for a page on which there is nothing to read. It counts for nothing.
    number
        Which page it is, from 1; None for the one after the highest so far. A page that is yielded
        again under its number takes the place of the one before: an extractor that has to see the
        whole document first yields each page as it reads it, so that it is not lost when the
        extraction is ended, and the final one later.
    label
        What people call it, where that is not its number: ``"iv"``, the name of a sheet.
    origin
        Where its text comes from, when not from the document's own letters: ``"tesseract 5.3"``.
    wants
        The tasks that could read it better: ``("ocr",)``.
    """

    text: str
    confidence: float | None = None
    reason: str = ""
    blank: bool = False
    number: int | None = None
    label: str = ""
    origin: str = ""
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document.

    Parameters
    ----------
    rows
        Its rows from above, each its cells from the left; cells are text.
    page
        The number of the page it is on, from 1.
    caption
        What stands above or below it.
    header_rows
        How many of the rows are its head.
    box
        Left, top, right and bottom on the page, in points.
    confidence
        How much of it was read right, 0 to 1; None when not measured.
    reason
        Why it is not 1, for people.
    spans
        Of each cell that reaches over several: its row and column, from 0, and how many rows and
        columns it reaches over. Its text stands in the first of them, the others are empty.
    exact
        Of each cell that shows less than the number that the file holds: its row and column, from
        0, and the number, in the unit that is shown (12.345 for ``12.3 %``).
    """

    rows: tuple[tuple[str, ...], ...]
    page: int | None = None
    caption: str = ""
    header_rows: int = 0
    box: tuple[float, ...] = ()
    confidence: float | None = None
    reason: str = ""
    spans: tuple[tuple[int, ...], ...] = ()
    exact: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a document.

    Parameters
    ----------
    page, caption, box
        See :class:`Table`.
    media_type, data
        The picture itself, as a file has it; empty when only its place is known.
    """

    page: int | None = None
    caption: str = ""
    box: tuple[float, ...] = ()
    media_type: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Metadata:
    """One thing that is known of a document; there may be several of one key.

    Extractors of reslib use the same key for the same thing in every format:

    - ``title``, ``subtitle``, ``author`` (one each), ``editor``, ``affiliation``, ``description``
      (an abstract too), ``subject``, ``keywords`` (one each where the format has them so);
    - ``date`` and ``year`` (of what it is: when it was published or written), ``created`` and
      ``modified`` (of the file), as the format writes them, ISO 8601 where its own form is another;
    - ``company`` (as Office programs write it: whose copy made the file);
    - ``journal``, ``publisher``, ``volume``, ``issue``, ``pages``, ``series``;
    - ``doi``, ``isbn``, ``issn``, ``pmid``, ``pmcid``, ``arxiv``, ``identifier`` (any other);
    - ``language`` (a tag such as ``en-GB``, or its name), ``licence``;
    - ``from``, ``to``, ``cc``, ``subject``, ``date`` and the like of a mail;
      ``language of code`` of a notebook.

    Parameters
    ----------
    key
        Of what kind: one of those above, or any other word.
    value
        What it is, on one line.
    source
        Who says so: ``"information dictionary"``, ``"first page"``.
    confidence
        How sure that is, 0 to 1; None when not measured.
    page
        The number of the page where it stands, from 1; None when it is of the file as a whole.
    """

    key: str
    value: str
    source: str = ""
    confidence: float | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A work that a document cites.

    Parameters
    ----------
    text
        The entry, as it stands in the list of references.
    title, doi, year
        What was made out of it.
    """

    text: str
    title: str = ""
    doi: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The heading of a section.

    Parameters
    ----------
    title
        The heading.
    level
        1 for a chapter, 2 for what is in it.
    page
        The number of the page it is on, from 1.
    """

    title: str
    level: int = 1
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A document inside a document, such as the attachment of a mail.

    Parameters
    ----------
    name
        Its file name.
    media_type
        Its type, as the document states it.
    data
        Its content. It is not kept: a document inside is read out of the file that it is in, so
        this is empty in what the database gives.
    size
        In bytes; that of *data* where it is given.
    fingerprint
        What changes when its content does; made from *data* where it is given.
    """

    name: str
    media_type: str = ""
    data: bytes = b""
    size: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Warning:
    """Something about a document that people should know and that its text does not show.

    Parameters
    ----------
    code
        Of what kind, for filters: ``"hidden_slide"``.
    message
        What it is, for people.
    page
        The number of the page that it is about, from 1.
    """

    code: str
    message: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Tells how far an extractor is: page *page* (from 1) of *total* is done."""

    page: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """The information on a whole document that an extractor yields, at any time.

    Yielded more than once, the later one adds to the earlier.

    Parameters
    ----------
    title
        The title the document states of itself.
    confidence
        Replaces the mean over the pages, when given.
    reason
        Why it is not 1, or what else is to be said of the document. Replaces the reasons of the
        pages when *confidence* is given, and follows them when it is not.
    metadata
        Anything else worth keeping, as JSON values (``{"encoding": "cp1252"}``).
    partial
        Whether part of the document is known not to be in the text, though each page gave some.
    """

    title: str | None = None
    confidence: float | None = None
    reason: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False


#: What is sent to the parent as it is made, and stored.
Item: TypeAlias = Page | Table | Figure | Metadata | Reference | Section | Child | Warning
