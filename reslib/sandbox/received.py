"""The items of an attempt as they come from the child, each checked and all of them bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reslib.extractors.assemble import in_order, join
from reslib.items import Item, Page
from reslib.models import ExtractionResult, TextStatus
from reslib.sandbox.itemwire import Tally, unpack
from reslib.sandbox.protocol import (
    ITEM_LIMITS,
    MessageReader,
    ProtocolError,
    read_result,
)

__all__ = ["Received"]


class Received:
    """The pages and other items that a child has given of a document.

    Parameters
    ----------
    attempt
        The number of the attempt.
    read
        Reads on in the shared file; gives nothing at its end.

    Raises
    ------
    ProtocolError
        There is something that is no item of this attempt, or more than a document may have.
    """

    def __init__(self, attempt: int, read: Callable[[], bytes]) -> None:
        self._attempt = attempt
        self._pages: dict[int, Page] = {}
        self._items: list[Item] = []
        self._reader, self._tally = MessageReader(ITEM_LIMITS), Tally()
        self._new: list[Page] = []
        #: Bytes that have been read.
        self.size = 0
        self.read_on(read)

    @property
    def is_torn(self) -> bool:
        """True when the last item is cut in half."""
        return self._reader.pending

    def read_on(self, read: Callable[[], bytes]) -> None:
        """Take what has come since.

        Parameters
        ----------
        read
            Reads on behind the first :attr:`size` bytes; gives nothing at their end.

        Raises
        ------
        ProtocolError
            See above.
        """
        while data := read():
            self.size += len(data)
            for message in self._reader.feed(data):
                if message.header.get("attempt") != self._attempt:
                    raise ProtocolError("an item of another document")
                item = unpack(message.header, message.body)
                excess = self._tally.add(item, message.header, message.body)
                if excess is not None:
                    raise ProtocolError(f"more than {excess}")
                if isinstance(item, Page):
                    self._pages[item.number or 0] = item
                    self._new.append(item)
                else:
                    self._items.append(item)

    def new_pages(self) -> list[Page]:
        """Return the pages that have come since this was last asked."""
        new, self._new = self._new, []
        return new

    def result(self, header: Mapping[str, Any]) -> ExtractionResult:
        """Return the document, when all of it has come.

        Raises
        ------
        ProtocolError
            The header of the DONE message is not what it should be, or the last item is torn.
        """
        if self.is_torn:
            raise ProtocolError("half an item")
        return read_result(header, in_order(self._pages), self._items)

    def cut_off(
        self, why: str, page_count: int | None, extractor: str, extractor_version: str
    ) -> ExtractionResult | None:
        """Return what there is of a document whose extraction was ended; None without any text.

        Parameters
        ----------
        why
            How it was ended, as the end of a sentence.
        page_count
            How many pages the document has, when that is known.
        extractor, extractor_version
            Who was reading.
        """
        pages = in_order(self._pages)
        if not any(page.text.strip() or page.wants for page in pages):
            return None
        scores = [page.confidence for page in self._pages.values() if not page.blank]
        known = [score for score in scores if score is not None]
        text, offsets = join(pages)
        given = len(self._pages)
        of = f"of {page_count} " if page_count else ""
        noun = "page" if (page_count or given) == 1 else "pages"
        return ExtractionResult(
            text=text,
            page_offsets=offsets,
            text_status=TextStatus.PARTIAL,
            confidence=round(sum(known) / len(known), 4) if len(known) == len(scores) > 0 else None,
            confidence_reason=f"{given} {of}{noun}, then {why}",
            extractor=extractor,
            extractor_version=extractor_version,
            pages=pages,
            items=tuple(self._items),
        )
