"""The items that an extractor yields: pages, progress, and what is known of a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DocumentInfo", "Page", "Progress"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of text, as an extractor yields it.

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
    """

    text: str
    confidence: float | None = None
    reason: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Tells how far an extractor is: page *page* (from 1) of *total* is done."""

    page: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What an extractor knows of the whole document; yielded once, at any time.

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
