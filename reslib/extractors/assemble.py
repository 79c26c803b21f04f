"""The assembly of what an extractor yields into one result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reslib.errors import ErrorCode, ExtractionError
from reslib.extractors.base import Extractor
from reslib.items import DocumentInfo, Page, Progress
from reslib.models import PAGE_BREAK, ExtractionResult, TextStatus

__all__ = ["Assembler", "wrong_type"]


@dataclass(slots=True)
class Assembler:
    """Puts what an extractor yields together into one :class:`ExtractionResult`."""

    extractor: Extractor
    mime_type: str
    pages: list[Page] = field(default_factory=list)
    info: DocumentInfo | None = None

    def add(self, item: object) -> None:
        """Take one thing that the extractor yielded.

        Raises
        ------
        ExtractionError
            It is nothing an extractor may yield.
        """
        match item:
            case str():
                self.pages.append(Page(item))
            case Page():
                self.pages.append(item)
            case DocumentInfo():
                self.info = item
            case Progress():
                pass
            case _:
                raise wrong_type(self.extractor.name, item)

    def result(self) -> ExtractionResult:
        """Return the document: pages joined, status and confidence derived from them."""
        texts = [clean(page.text) for page in self.pages] or [""]
        offsets, position = [], 0
        for text in texts:
            offsets.append(position)
            position += len(text) + len(PAGE_BREAK)
        with_text = sum(1 for text in texts if text.strip())
        without = sum(
            1
            for page, text in zip(self.pages, texts, strict=False)
            if not text.strip() and not page.blank
        )
        info = self.info or DocumentInfo()
        confidence: float | None
        if not with_text:
            status, confidence = TextStatus.EMPTY, 0.0
            reason = "; ".join(filter(None, (_no_text_reason(self.pages), info.reason)))
        else:
            status = TextStatus.PARTIAL if without or info.partial else TextStatus.FULL
            confidence, reason = _confidence(self.pages, info)
            if status is TextStatus.PARTIAL and not reason:
                reason = (
                    f"no text on {without} of {len(texts)} pages"
                    if without
                    else "its extractor says that a part of it could not be read"
                )
        return ExtractionResult(
            text=PAGE_BREAK.join(texts),
            page_offsets=tuple(offsets),
            text_status=status,
            confidence=confidence,
            confidence_reason=reason,
            extractor=self.extractor.name,
            extractor_version=self.extractor.full_version(),
            recipe=self.extractor.recipe,
            mime_type=self.mime_type,
            title=info.title,
            metadata=dict(info.metadata),
        )


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
        "yield pages (strings or reslib Page objects)",
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
