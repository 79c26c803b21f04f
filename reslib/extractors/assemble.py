"""The assembly of what an extractor yields into one result."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from reslib.errors import ErrorCode, ExtractionError
from reslib.extraction import PAGE_BREAK, ExtractionResult, TextStatus
from reslib.extractors.base import Extractor
from reslib.items import (
    Child,
    DocumentInfo,
    Figure,
    Item,
    Metadata,
    Page,
    Progress,
    Reference,
    Section,
    Table,
    Warning,
)

__all__ = ["MAX_PAGES", "Assembler", "clean", "in_order", "join", "judged", "wrong_type"]

#: Most pages of one document.
MAX_PAGES = 3_000_000


@dataclass(slots=True)
class Assembler:
    """Puts what an extractor yields together into one :class:`ExtractionResult`."""

    extractor: Extractor
    mime_type: str
    pages: dict[int, Page] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    info: DocumentInfo | None = None
    _last: int = 0

    def add(self, item: object) -> Item | None:
        """Take one thing that the extractor yielded.

        Returns
        -------
        Item or None
            What is kept of it, a page under its number; None when it is nothing of that kind.

        Raises
        ------
        ExtractionError
            It is nothing an extractor may yield.
        """
        match item:
            case str():
                return self._take(Page(item))
            case Page():
                return self._take(item)
            case DocumentInfo():
                self.info = item if self.info is None else _both(self.info, item)
            case Progress():
                pass
            case Table() | Figure() | Metadata() | Reference() | Section() | Child() | Warning():
                self.items.append(item)
                return item
            case _:
                raise wrong_type(self.extractor.name, item)
        return None

    def _take(self, page: Page) -> Page:
        if not isinstance(page.text, str):
            raise wrong_type(self.extractor.name, page.text)
        number = self._last + 1 if page.number is None else page.number
        number = operator.index(number) if hasattr(number, "__index__") else number
        if not isinstance(number, int) or not 1 <= number <= MAX_PAGES:
            raise ExtractionError(
                f"the extractor {self.extractor.name!r} gave a page the number {number!r}; pages "
                f"have the numbers 1 to {MAX_PAGES:,}"
            )
        # Of the class itself: one that was made from it may be made in another way.
        known = {f.name: getattr(page, f.name) for f in fields(Page)}
        page = Page(**{**known, "text": clean(page.text), "number": number})
        self.pages[number] = page
        self._last = max(self._last, number)
        return page

    def result(self) -> ExtractionResult:
        """Return the document: pages joined, status and confidence derived from them."""
        pages = in_order(self.pages)
        text, offsets = join(pages)
        info = self.info or DocumentInfo()
        status, confidence, reason = judged(pages, info)
        return ExtractionResult(
            text=text,
            page_offsets=offsets,
            text_status=status,
            confidence=confidence,
            confidence_reason=reason,
            extractor=self.extractor.name,
            extractor_version=self.extractor.full_version(),
            recipe=self.extractor.recipe,
            mime_type=self.mime_type,
            title=info.title,
            metadata=dict(info.metadata),
            pages=pages,
            items=tuple(self.items),
        )


def judged(pages: Sequence[Page], info: DocumentInfo) -> tuple[TextStatus, float | None, str]:
    """Return how much of a document its pages cover, their confidence, and why it is not 1."""
    with_text = sum(1 for page in pages if page.text.strip())
    without = sum(1 for page in pages if not page.text.strip() and not page.blank)
    if not with_text:
        reason = "; ".join(filter(None, (_no_text_reason(pages), info.reason)))
        return TextStatus.EMPTY, 0.0, reason
    status = TextStatus.PARTIAL if without or info.partial else TextStatus.FULL
    confidence, reason = _confidence(pages, info)
    if status is TextStatus.PARTIAL and not reason:
        reason = (
            f"no text on {without} of {len(pages)} pages"
            if without
            else "its extractor says that a part of it could not be read"
        )
    return status, confidence, reason


def _both(first: DocumentInfo, second: DocumentInfo) -> DocumentInfo:
    """Return what two of them say: of one thing what was said last."""
    return DocumentInfo(
        title=first.title if second.title is None else second.title,
        confidence=first.confidence if second.confidence is None else second.confidence,
        reason="; ".join(dict.fromkeys(filter(None, (first.reason, second.reason)))),
        metadata={**first.metadata, **second.metadata},
        partial=first.partial or second.partial,
    )


def in_order(pages: Mapping[int, Page]) -> tuple[Page, ...]:
    """Return pages by their numbers; a page that was never given is one without text."""
    return tuple(
        pages.get(number) or Page("", number=number)
        for number in range(1, max(pages, default=0) + 1)
    )


def join(pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
    """Return the text of a document, and where each of its pages starts in it, in characters."""
    offsets, position = [], 0
    for page in pages:
        offsets.append(position)
        position += len(page.text) + len(PAGE_BREAK)
    return PAGE_BREAK.join(page.text for page in pages), tuple(offsets) or (0,)


def clean(text: str) -> str:
    """Return *text* without what SQLite cannot store: NUL and lone surrogates become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def wrong_type(name: str, item: object) -> ExtractionError:
    """Return the error for an extractor that gave something that is no text."""
    return ExtractionError(
        f"the extractor {name!r} gave {type(item).__name__!r}; it must return a string or "
        "yield pages (strings or reslib Page objects) and other items of reslib.items",
        ErrorCode.EXCEPTION,
    )


def _confidence(pages: Sequence[Page], info: DocumentInfo) -> tuple[float | None, str]:
    """Mean over the pages that are not blank, with the reasons counted."""
    if info.confidence is not None:
        return info.confidence, info.reason
    judged = [page for page in pages if not page.blank]
    scores = [page.confidence for page in judged if page.confidence is not None]
    reason = "; ".join(filter(None, (_reasons(judged), info.reason)))
    if not scores or len(scores) < len(judged):
        return None, reason
    return round(sum(scores) / len(scores), 4), reason


def _reasons(pages: Sequence[Page]) -> str:
    counts: dict[str, int] = {}
    for page in pages:
        if page.reason:
            counts[page.reason] = counts.get(page.reason, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return "; ".join(
        f"{reason} ({count} of {len(pages)} pages)" if len(pages) > 1 else reason
        for reason, count in ordered[:3]
    )


def _no_text_reason(pages: Sequence[Page]) -> str:
    return _reasons([page for page in pages if not page.blank]) or "the document has no text"
